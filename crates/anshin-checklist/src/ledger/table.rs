//! The ledger as a table, out and in.

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::tree::Sources;
use anshin_model::{Lang, Text};

use super::{Asset, Ledger, LoadedLedger, Personal, Scale, Value};
use crate::csv::{Cell, date, decode, half_width, rows};
use crate::read::{File, LIMITS};

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the headings tell")]
pub enum Column {
    Number,
    Business,
    Name,
    Note,
    Users,
    Department,
    Medium,
    Personal,
    Sensitive,
    MyNumber,
    Confidentiality,
    Integrity,
    Availability,
    Importance,
    KeptUntil,
    Registered,
    Threat,
    Measures,
    Likelihood,
    Risk,
}

/// The columns in the order of the handbook: the heading in Japanese and English, and other
/// headings that are understood.
const COLUMNS: &[(Column, &str, &str, &[&str])] = &[
    (Column::Number, "No", "No", &["番号", "#"]),
    (Column::Business, "業務分類", "Business", &["業務"]),
    (Column::Name, "情報資産名称", "Information", &["情報資産名", "名称", "Name"]),
    (Column::Note, "備考", "Note", &["Remarks"]),
    (Column::Users, "利用者範囲", "Users", &["利用者"]),
    (Column::Department, "管理部署", "Department", &["管理部門"]),
    (Column::Medium, "媒体・保存先", "Medium", &["媒体", "保存先", "媒体保存先"]),
    (Column::Personal, "個人情報", "Personal data", &[]),
    (Column::Sensitive, "要配慮個人情報", "Sensitive personal data", &[]),
    (Column::MyNumber, "マイナンバー", "Individual numbers", &["特定個人情報"]),
    (Column::Confidentiality, "機密性", "Confidentiality", &["C"]),
    (Column::Integrity, "完全性", "Integrity", &["I"]),
    (Column::Availability, "可用性", "Availability", &["A"]),
    (Column::Importance, "重要度", "Importance", &[]),
    (Column::KeptUntil, "保存期限", "Kept until", &["保存期間"]),
    (Column::Registered, "登録日", "Registered", &[]),
    (Column::Threat, "脅威の発生頻度", "Threat", &["脅威"]),
    (Column::Measures, "脆弱性", "Measures", &["対策状況", "脆弱性への対応状況"]),
    (Column::Likelihood, "被害発生可能性", "Likelihood", &[]),
    (Column::Risk, "リスク値", "Risk value", &[]),
];

/// The table of a ledger: the headings, and a row of cells for each asset.
pub fn table(ledger: &Ledger, scale: &Scale, lang: Lang) -> Vec<Vec<String>> {
    let heading = |(_, ja, en, _): &(Column, &str, &str, &[&str])| {
        if lang == Lang::Ja { (*ja).to_owned() } else { (*en).to_owned() }
    };
    let mut out = vec![COLUMNS.iter().map(heading).collect::<Vec<_>>()];
    for (n, asset) in ledger.assets.iter().enumerate() {
        let risk = ledger.risk(asset, scale);
        let named = |number: f64, values| match Scale::name_of(values, number) {
            Some(name) => format!("{number} {}", name.get(lang)),
            None => number.to_string(),
        };
        let mark = |class| {
            let yes = if lang == Lang::Ja { "有" } else { "yes" };
            if asset.personal == class { yes.to_owned() } else { String::new() }
        };
        let cell = |(column, ..): &(Column, &str, &str, &[&str])| match column {
            Column::Number => (n + 1).to_string(),
            Column::Business => asset.business.get(lang).to_owned(),
            Column::Name => asset.name.get(lang).to_owned(),
            Column::Note => asset.note.get(lang).to_owned(),
            Column::Users => asset.users.get(lang).to_owned(),
            Column::Department => asset.department.get(lang).to_owned(),
            Column::Medium => match scale.medium(&asset.medium) {
                Some(medium) => medium.name.get(lang).to_owned(),
                None => asset.medium.clone(),
            },
            Column::Personal => mark(Personal::Personal),
            Column::Sensitive => mark(Personal::Sensitive),
            Column::MyNumber => mark(Personal::MyNumber),
            Column::Confidentiality => asset.confidentiality.to_string(),
            Column::Integrity => asset.integrity.to_string(),
            Column::Availability => asset.availability.to_string(),
            Column::Importance => risk.importance.to_string(),
            Column::KeptUntil => asset.kept_until.clone().unwrap_or_default(),
            Column::Registered => asset.registered.clone().unwrap_or_default(),
            Column::Threat => named(risk.threat, &scale.threats),
            Column::Measures => named(risk.measures, &scale.measures),
            Column::Likelihood => named(risk.likelihood, &scale.likelihoods),
            Column::Risk => {
                let band = risk.band.map(|band| format!(" {}", band.name.get(lang))).unwrap_or_default();
                format!("{}{band}", risk.value)
            }
        };
        out.push(COLUMNS.iter().map(cell).collect());
    }
    out
}

/// What can be chosen in the columns of the table, by their places. The other columns take words of
/// one's own, or follow from the rest.
pub fn choices(scale: &Scale, lang: Lang) -> Vec<(usize, Vec<String>)> {
    let named =
        |values: &[Value]| values.iter().map(|own| format!("{} {}", own.value, own.name.get(lang))).collect();
    let yes = if lang == Lang::Ja { "有" } else { "yes" };
    let list = |column: Column| -> Vec<String> {
        match column {
            Column::Medium => scale.media.iter().map(|medium| medium.name.get(lang).to_owned()).collect(),
            Column::Personal | Column::Sensitive | Column::MyNumber => vec![yes.to_owned()],
            Column::Confidentiality | Column::Integrity | Column::Availability => {
                scale.values.iter().map(|own| own.value.to_string()).collect()
            }
            Column::Threat => named(&scale.threats),
            Column::Measures => named(&scale.measures),
            _ => Vec::new(),
        }
    };
    let all = COLUMNS.iter().enumerate().map(|(n, (column, ..))| (n, list(*column)));
    all.filter(|(_, list)| !list.is_empty()).collect()
}

fn column_of(heading: &str) -> Option<Column> {
    let plain = |text: &str| half_width(text).replace([' ', '\u{3000}', '\n'], "").to_lowercase();
    let heading = plain(heading);
    // Numbers in circles stand before the headings of the handbook, remarks in brackets after them.
    let heading = heading.trim_start_matches(|c| ('①'..='⑳').contains(&c));
    let heading = heading.split(['(', '[', '<']).next().unwrap_or_default();
    let (column, ..) = COLUMNS.iter().find(|(_, ja, en, other)| {
        std::iter::once(ja).chain([en]).chain(other.iter()).any(|name| plain(name) == heading)
    })?;
    Some(*column)
}

/// Reads a ledger from a CSV file. The columns are found by their headings, in any order.
pub fn from_csv(file: File, scale: &Scale) -> LoadedLedger {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let fail = |sources, code, message: Text, hint: Text| LoadedLedger {
        ledger: None,
        sources,
        diagnostics: vec![Diagnostic::error(code, message).hint(hint)],
        lacks: Vec::new(),
    };
    if file.bytes.len() > LIMITS.bytes {
        let (code, message, _) = anshin_model::tree::too_large(LIMITS);
        return fail(
            sources,
            code,
            message,
            Text::new("行を分けてください", "split its rows over several files"),
        );
    }
    let text = match decode(&file.bytes) {
        Ok(text) => text,
        Err(message) => {
            let hint = Text::new(
                "表計算ソフトで「CSV UTF-8」として保存し直してください",
                "save it as \u{201c}CSV UTF-8\u{201d}",
            );
            return fail(sources, Code::Encoding, message, hint);
        }
    };
    let id = sources.add(file.name, text);
    let rows = rows(sources.text(id), id);
    // Titles and explanations may stand above the headings.
    let known = |row: &Vec<Cell>| row.iter().filter(|cell| column_of(&cell.text).is_some()).count();
    let head = rows.iter().take(30).position(|row| {
        known(row) >= 4 && row.iter().any(|cell| column_of(&cell.text) == Some(Column::Name))
    });
    let Some(head) = head else {
        let hint = Text::new(
            "1行目に業務分類、情報資産名称、媒体・保存先、機密性、完全性、可用性などの見出しを書いてください",
            "write headings such as Business, Information, Medium, Confidentiality, Integrity, Availability",
        );
        let best = rows.iter().take(30).max_by_key(|row| known(row)).filter(|row| known(row) > 1);
        let message = best.map_or_else(
            || Text::new("見出しの行が見つかりません", "there is no row of headings"),
            |row| without(row),
        );
        return fail(sources, Code::MissingKey, message, hint);
    };
    let columns: Vec<Option<Column>> = rows[head].iter().map(|cell| column_of(&cell.text)).collect();
    for needed in [Column::Medium, Column::Confidentiality, Column::Integrity, Column::Availability] {
        if !columns.contains(&Some(needed))
            && let Some((_, ja, en, _)) = COLUMNS.iter().find(|(column, ..)| *column == needed)
        {
            found.push(
                Diagnostic::error(
                    Code::MissingKey,
                    Text::new(format!("列「{ja}」がありません"), format!("there is no column `{en}`")),
                )
                .at(rows[head][0].span)
                .hint(Text::new(
                    format!("見出し「{ja}」の列を加えてください"),
                    format!("add a column with the heading `{en}`"),
                )),
            );
        }
    }
    let mut assets = Vec::new();
    if found.is_empty() {
        for row in &rows[head + 1..] {
            assets.extend(asset(row, &columns, scale, &mut found));
        }
    }
    diagnostic::sort(&mut found);
    // A table of another scale has many such cells; the way out is told once.
    if let Some(first) = found.iter_mut().find(|one| one.code == Code::OutOfRange) {
        let id = &scale.id;
        first.hints.push(Text::new(
            format!("この表を尺度`{id}`として読みました。別の尺度の表なら`--scale`で指定し、`anshin ledger convert`で変換してください（一覧は`anshin ledger scales`）"),
            format!("the table was read on the scale `{id}`; name another with `--scale`, and convert it with `anshin ledger convert` (`anshin ledger scales` lists them)"),
        ));
    }
    let ledger = (!diagnostic::has_errors(&found)).then(|| Ledger {
        scale: Some(scale.id.clone()),
        assets,
        ..Ledger::default()
    });
    let lacks = COLUMNS.iter().map(|(column, ..)| *column).filter(|own| !columns.contains(&Some(*own)));
    LoadedLedger { ledger, sources, diagnostics: found, lacks: lacks.collect() }
}

/// That a row of headings lacks columns without which there is no ledger.
fn without(row: &[Cell]) -> Text {
    let needed =
        [Column::Name, Column::Medium, Column::Confidentiality, Column::Integrity, Column::Availability];
    let has = |column: Column| row.iter().any(|cell| column_of(&cell.text) == Some(column));
    let missing: Vec<_> = COLUMNS.iter().filter(|(own, ..)| needed.contains(own) && !has(*own)).collect();
    let ja: Vec<String> = missing.iter().map(|(_, ja, ..)| format!("「{ja}」")).collect();
    let en: Vec<String> = missing.iter().map(|(_, _, en, _)| format!("`{en}`")).collect();
    Text::new(
        format!("見出しの行に{}の列がありません", ja.concat()),
        format!("the row of headings has no column {}", en.join(", ")),
    )
}

fn asset(
    row: &[Cell],
    columns: &[Option<Column>],
    scale: &Scale,
    found: &mut Vec<Diagnostic>,
) -> Option<Asset> {
    let cell = |column| {
        let n = columns.iter().position(|own| *own == Some(column))?;
        row.get(n).filter(|cell| !cell.text.is_empty())
    };
    let text = |column| cell(column).map(|cell| Text::same(cell.text.as_str())).unwrap_or_default();
    let name = cell(Column::Name)?;
    let mut value = |column, key: &str, needed: bool| -> Option<f64> {
        let Some(cell) = cell(column) else {
            if needed {
                let (ja, en) = COLUMNS
                    .iter()
                    .find(|(own, ..)| *own == column)
                    .map_or(("", ""), |(_, ja, en, _)| (*ja, *en));
                found.push(
                    Diagnostic::error(
                        Code::MissingKey,
                        Text::new(
                            format!("「{}」の{ja}が書かれていません", name.text),
                            format!("`{}` has nothing under `{en}`", name.text),
                        ),
                    )
                    .at(name.span)
                    .hint(scale.allows(key, -1.0).err().unwrap_or_default()),
                );
            }
            return None;
        };
        // `2特定の状況で…` begins with the value.
        let digits: String = half_width(&cell.text).chars().take_while(char::is_ascii_digit).collect();
        let number = digits.parse::<f64>().ok();
        match number.map(|number| scale.allows(key, number).map(|()| number)) {
            Some(Ok(number)) => Some(number),
            other => {
                let hint = match other {
                    Some(Err(hint)) => hint,
                    _ => scale.allows(key, -1.0).err().unwrap_or_default(),
                };
                found.push(
                    Diagnostic::error(
                        Code::OutOfRange,
                        Text::new(
                            format!("「{}」はこの尺度の値ではありません", cell.text),
                            format!("`{}` is not a value of the scale", cell.text),
                        ),
                    )
                    .at(cell.span)
                    .hint(hint),
                );
                None
            }
        }
    };
    let confidentiality = value(Column::Confidentiality, "confidentiality", true);
    let integrity = value(Column::Integrity, "integrity", true);
    let availability = value(Column::Availability, "availability", true);
    let threat = value(Column::Threat, "threat", false);
    let measures = value(Column::Measures, "measures", false);
    let registered = cell(Column::Registered).and_then(|cell| {
        let date = date(&cell.text);
        if date.is_none() {
            found.push(
                Diagnostic::error(
                    Code::OutOfRange,
                    Text::new(
                        format!("「{}」は日付ではありません", cell.text),
                        format!("`{}` is not a date", cell.text),
                    ),
                )
                .at(cell.span)
                .hint(Text::new("例: 2026/4/1", "write it as 2026/4/1 or 2026-04-01")),
            );
        }
        date
    });
    let marked = |column| {
        cell(column)
            .is_some_and(|cell| !matches!(cell.text.as_str(), "無" | "なし" | "no" | "No" | "-" | "×" | "0"))
    };
    let personal = match () {
        () if marked(Column::MyNumber) => Personal::MyNumber,
        () if marked(Column::Sensitive) => Personal::Sensitive,
        () if marked(Column::Personal) => Personal::Personal,
        () => Personal::None,
    };
    let medium = cell(Column::Medium).map(|cell| cell.text.clone()).unwrap_or_default();
    Some(Asset {
        id: None,
        business: text(Column::Business),
        name: text(Column::Name),
        note: text(Column::Note),
        users: text(Column::Users),
        department: text(Column::Department),
        medium: scale.medium(&medium).map_or(medium, |medium| medium.id.to_string()),
        personal,
        confidentiality: confidentiality?,
        integrity: integrity?,
        availability: availability?,
        kept_until: cell(Column::KeptUntil).map(|cell| cell.text.clone()),
        registered,
        threat,
        measures,
    })
}
