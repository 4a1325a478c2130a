//! Several machines in one table or on one topic: which of them a column is of, by its name, and which column, or
//! value of a message, tells of which machine a row or a moment is.

use std::ops::Range;

use super::guess::{places, words};

/// What stands behind the number or the letter of a machine.
const NUMBERED: [&str; 4] = ["号機", "号炉", "番機", "号車"];

/// Kinds of machines, which may have a number behind them.
const KINDS: [&str; 36] = [
    "プレス",
    "旋盤",
    "フライス",
    "マシニング",
    "加工機",
    "研削盤",
    "研磨機",
    "溶接機",
    "ロボット",
    "成形機",
    "射出機",
    "切断機",
    "コンプレッサ",
    "乾燥機",
    "印刷機",
    "包装機",
    "洗浄機",
    "ボール盤",
    "組立機",
    "充填機",
    "検査機",
    "加熱炉",
    "電気炉",
    "press",
    "lathe",
    "mill",
    "robot",
    "welder",
    "oven",
    "furnace",
    "compressor",
    "grinder",
    "molder",
    "dryer",
    "cutter",
    "printer",
];

/// Words that name a machine only with a number behind them.
const KINDS_WITH_NUMBER: [&str; 12] =
    ["ライン", "設備", "機械", "装置", "マシン", "machine", "mc", "cnc", "nc", "ch", "no", "station"];

/// Whole names of columns that tell of which machine a row is, but for what is behind them.
const OF_ROWS: [&str; 12] = [
    "設備",
    "機器",
    "機械",
    "装置",
    "号機",
    "マシン",
    "machine",
    "device",
    "equipment",
    "asset",
    "設備機器",
    "機台",
];
const BEHIND: [&str; 9] = ["名称", "名", "番号", "コード", "id", "no", "name", "number", "code"];

/// What stands behind the name of a machine in that of a list of them.
const MANY: [&str; 4] = ["s", "list", "一覧", "リスト"];

/// The machine that a column is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Of {
    /// As it is written.
    pub(super) name: String,
    /// The same for each column of it.
    pub(super) key: String,
    /// The column is called as the machine, and nothing else.
    pub(super) is_bare: bool,
}

/// The machine that a column with a name is of, if the name tells one.
pub(super) fn of(label: &str) -> Option<Of> {
    let all = places(label);
    let counted = counted(label, &all);
    let kind = kind(&all, counted.is_some());
    let place = match (kind, counted) {
        (Some(kind), Some(counted)) => kind.start.min(counted.start)..kind.end.max(counted.end),
        (kind, counted) => kind.or(counted)?,
    };
    let name = label.get(place.clone())?.to_owned();
    let rest = [label.get(..place.start)?, label.get(place.end..)?];
    let is_bare = !rest.iter().any(|rest| rest.chars().any(char::is_alphanumeric));
    Some(Of { key: words(&name).concat(), name, is_bare })
}

fn is_number(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_digit())
}

/// The place of a number or a letter with the word behind it that makes it one of a machine: `1号機`, `A号機`.
fn counted(label: &str, all: &[(String, Range<usize>)]) -> Option<Range<usize>> {
    all.windows(2).find_map(|pair| {
        let [(before, number), (word, place)] = pair else { return None };
        let known = NUMBERED.iter().find(|known| word.starts_with(**known))?;
        let is_short = before.len() <= 2 && before.is_ascii();
        let is_beside = number.end == place.start;
        let end = place.start + known.len();
        let fits = (is_number(before) || is_short) && is_beside && label.is_char_boundary(end);
        fits.then_some(number.start..end)
    })
}

/// The place of a kind of machine with the number behind it, if there is one.
fn kind(all: &[(String, Range<usize>)], is_counted: bool) -> Option<Range<usize>> {
    all.iter().enumerate().find_map(|(n, (word, place))| {
        let known = |kinds: &[&'static str]| {
            kinds.iter().copied().find_map(|kind| {
                let at = if kind.is_ascii() {
                    let rest = word.strip_prefix(kind)?;
                    is_number(rest).then_some(0)?
                } else {
                    word.find(kind)?
                };
                Some((at, kind))
            })
        };
        let (found, needs_number) = match known(&KINDS) {
            Some(found) => (found, false),
            None => (known(&KINDS_WITH_NUMBER)?, true),
        };
        let (at, kind) = found;
        let start = place.start + at;
        let own_end = if kind.is_ascii() { place.end } else { start + kind.len() };
        let has_own_number = kind.is_ascii() && word.len() > kind.len();
        let is_at_end = own_end == place.end;
        let behind = all.get(n + 1).filter(|(word, next)| {
            let is_short = is_number(word) || word.len() == 1 && word.is_ascii() && next.start == place.end;
            is_at_end && !has_own_number && is_short && next.start <= place.end + 1
        });
        // `1号機` behind it has a number of its own.
        if needs_number && !has_own_number && behind.is_none() || needs_number && is_counted {
            return None;
        }
        Some(start..behind.map_or(own_end, |(_, behind)| behind.end))
    })
}

/// Whether a column tells of which machine a row is, as its name says.
pub(super) fn tells_machine(name: &str) -> bool {
    let whole = words(name).concat();
    let mut name = whole.as_str();
    loop {
        if OF_ROWS.contains(&name) {
            return true;
        }
        match BEHIND.iter().find_map(|behind| name.strip_suffix(behind)) {
            Some(rest) => name = rest,
            None => return false,
        }
    }
}

/// Whether a list is one of machines, as the last part of its path says.
pub(super) fn lists_machines(path: &str) -> bool {
    let name = words(path.rsplit('.').next().unwrap_or_default()).concat();
    let name = MANY.iter().find_map(|many| name.strip_suffix(many)).unwrap_or(&name);
    OF_ROWS.contains(&name)
}

/// Whether a value says which it is of several, as its name says, and not what they are.
pub(super) fn tells_which(name: &str) -> bool {
    let whole = words(name).concat();
    let mut name = whole.as_str();
    while let Some(rest) = BEHIND.iter().find_map(|behind| name.strip_suffix(behind)) {
        name = rest;
    }
    name.is_empty() && !whole.is_empty()
}

/// Whole names of columns with the name of a value, and with the value, of tables with one value in each row.
const OF_ITEMS: [&str; 20] = [
    "item",
    "name",
    "key",
    "tag",
    "tagname",
    "variable",
    "signal",
    "dataitem",
    "dataitemid",
    "itemname",
    "metric",
    "parameter",
    "type",
    "項目",
    "項目名",
    "信号",
    "信号名",
    "タグ",
    "タグ名",
    "データ名",
];
const OF_VALUES: [&str; 7] = ["value", "val", "値", "数値", "データ値", "計測値", "測定値"];

/// The columns of the name and of the value, if each row of a table has one value.
pub(super) fn items(columns: &[String]) -> Option<(String, String)> {
    let of = |names: &[&str]| columns.iter().find(|column| names.contains(&words(column).concat().as_str()));
    // The name that says most.
    let name = OF_ITEMS.iter().find_map(|name| of(&[name]));
    name.cloned().zip(of(&OF_VALUES).cloned())
}

/// What people call a machine that a column, or a value of messages, names: a number alone is no name.
pub(super) fn called(column: &str, name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_digit()) { format!("{column} {name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_tell_their_machines() {
        for (label, name, is_bare) in [
            ("1号機", "1号機", true),
            ("１号機", "１号機", true),
            ("電力(1号機)", "1号機", false),
            ("A号機_運転中", "A号機", false),
            ("1号機電力", "1号機", false),
            ("第2号機 電力[kW]", "2号機", false),
            ("プレス1号機 電力", "プレス1号機", false),
            ("プレス電力", "プレス", false),
            ("プレス1電力", "プレス1", false),
            ("旋盤-2 電力(W)", "旋盤-2", false),
            ("ライン3 生産数", "ライン3", false),
            ("press1_power", "press1", false),
            ("press_1_power", "press_1", false),
            ("Lathe power", "Lathe", false),
            ("machine2.watts", "machine2", false),
            ("CH1 電力(kW)", "CH1", false),
            ("No.3 電力", "No.3", false),
        ] {
            let found = of(label).map(|of| (of.name, of.is_bare));
            assert_eq!(found, Some((name.to_owned(), is_bare)), "{label}");
        }
        for label in [
            "電力R相",
            "I1[A]",
            "P1[kW]",
            "主軸電力",
            "機械電力",
            "machine_power",
            "炉内温度",
            "L1 current",
            "pressure",
            "rpm",
        ] {
            assert_eq!(of(label), None, "{label}");
        }
        for name in [
            "設備",
            "設備名",
            "設備ID",
            "機器_ID",
            "machine",
            "Machine Name",
            "machineId",
            "号機",
            "機械番号",
        ] {
            assert!(tells_machine(name), "{name}");
        }
        for list in ["machines", "data.devices", "deviceList", "設備", "機器一覧", "装置リスト"] {
            assert!(lists_machines(list), "{list}");
        }
        for list in ["machines.data", "samples", "emeters", ""] {
            assert!(!lists_machines(list), "{list}");
        }
        for name in ["id", "name", "番号", "名称", "ID No"] {
            assert!(tells_which(name), "{name}");
        }
        for name in ["", "valid", "power", "品番"] {
            assert!(!tells_which(name), "{name}");
        }
        for name in ["機種", "設備状態", "設備電力", "machine_state", "名", "id", "稼働", "1号機"]
        {
            assert!(!tells_machine(name), "{name}");
        }
    }
}
