//! What a value seems to say, by its name and by what it was.
//!
//! Names are English or Japanese words, and paths of such: `ENERGY.Power` is a power, `aenergy.total` an
//! energy, `電力W` a power in watts. The last part of a path says what a value is, unless it says nothing by
//! itself, such as `total` or `value`.

use std::ops::Range;

use super::execution;
use super::found::{Seen, Span};
use super::head::form_since_1970;
use super::several;
use crate::config::TimeForm;
use crate::lamp::Light;
use crate::number::narrow;
use crate::time::Time;

/// What a value seems to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Guess {
    /// Power, and what makes watts of it.
    Power(f64),
    /// Energy, and what makes watt-hours of it.
    Counter(f64),
    /// A current, and what makes amperes of it.
    Current(f64),
    /// The current of one of several axes, which may flow both ways, and what makes amperes of it.
    Axis(f64),
    Running,
    /// How the controller executes a program, in the words of `MTConnect`.
    Execution,
    State,
    /// How the machine stands, in the colours of its lamp.
    Colours,
    SetUp,
    /// The program is held, in the words of `MTConnect`.
    Hold,
    Number,
    /// A light of the lamp on the machine.
    Lamp(Light),
    Key,
    /// The time of the message, and how it is written.
    Time(&'static str),
}

/// The words of a name: `activePower_W` is active, power, w; `電力kW` is 電力, kw.
pub(super) fn words(name: &str) -> Vec<String> {
    places(name).into_iter().map(|(word, _)| word).collect()
}

/// The same, each with its place in the name.
pub(super) fn places(name: &str) -> Vec<(String, Range<usize>)> {
    let mut words = vec![(String::new(), 0..0)];
    let mut before = ' ';
    for (at, written) in name.char_indices() {
        let c = narrow(written);
        // kW, kWh and mA are one word each.
        let is_unit = (before, c) == ('k', 'W')
            || (before, c) == ('m', 'A') && words.last().is_some_and(|(word, _)| word == "m");
        let rises = c.is_uppercase() && before.is_lowercase() && !is_unit;
        let changes_script = before.is_alphanumeric() && c.is_ascii() != before.is_ascii();
        if !c.is_alphanumeric() || rises || changes_script {
            words.push((String::new(), at..at));
        }
        if let (true, Some((word, place))) = (c.is_alphanumeric(), words.last_mut()) {
            place.start = if word.is_empty() { at } else { place.start };
            place.end = at + written.len_utf8();
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|(word, _)| !word.is_empty());
    words
}

/// Words of a name, of which English ones count as a whole and Japanese ones where they stand in a longer one.
struct Name(Vec<String>);

impl Name {
    fn has(&self, any: &[&str]) -> bool {
        let is = |word: &String, known: &&str| {
            if known.is_ascii() { word == known } else { word.contains(known) }
        };
        self.0.iter().any(|word| any.iter().any(|known| is(word, known)))
    }
}

/// Last parts of a path that say nothing without what stands before them.
const SAYS_NOTHING: [&str; 7] = ["total", "value", "val", "now", "sum", "actual", "数値"];

/// The name that says what a value is: the last part of its path that says something.
fn telling(path: &str) -> Name {
    let mut told = Vec::new();
    for part in path.rsplit('.') {
        let words = words(part);
        let says_nothing = words
            .iter()
            .all(|word| SAYS_NOTHING.contains(&word.as_str()) || word.chars().all(|c| c.is_ascii_digit()));
        told.extend(words);
        if !says_nothing {
            break;
        }
    }
    Name(told)
}

/// Words of a switch and of a connection: they do not tell whether a machine works.
const OF_A_SWITCH: [&str; 9] =
    ["on", "off", "online", "offline", "connected", "disconnected", "available", "ok", "open"];

/// Words in the name of a value that tells whether a program runs, and of one that tells how the machine stands.
const OF_A_RUN: [&str; 9] =
    ["run", "running", "execution", "exec", "busy", "運転", "稼働", "加工中", "実行中"];
const OF_A_STATE: [&str; 3] = ["state", "status", "状態"];

/// Words in the name of a value that tells of a piece of the machine, or of what is beside it.
const OF_A_PIECE: [&str; 41] = [
    "update",
    "time",
    "hours",
    "spindle",
    "coolant",
    "pump",
    "fan",
    "heater",
    "conveyor",
    "door",
    "chuck",
    "axis",
    "servo",
    "motor",
    "valve",
    "compressor",
    "alarm",
    "network",
    "link",
    "connection",
    "server",
    "logger",
    "sensor",
    "主軸",
    "クーラント",
    "ポンプ",
    "ファン",
    "ヒータ",
    "コンベア",
    "扉",
    "ドア",
    "チャック",
    "サーボ",
    "モータ",
    "バルブ",
    "コンプレッサ",
    "アラーム",
    "通信",
    "接続",
    "時間",
    "センサ",
];

/// What a value seems to say; `None` if it is nothing that matters, or nobody can tell.
pub(super) fn guess(path: &str, span: &Span) -> Option<Guess> {
    let mut name = telling(path);
    let number = span.most;
    // Numbers with a unit are read in the plain one.
    name.0.extend(span.unit.into_iter().flat_map(words));
    let is_moment =
        name.has(&["ts", "time", "timestamp", "datetime", "at", "t", "時刻", "日時", "タイムスタンプ"])
            && !name.has(&["minute", "start", "begin", "last", "end", "up", "開始", "終了"]);
    if is_moment {
        let form = match number {
            _ if Time::is_compact(&span.last) => Some("rfc3339"),
            Some(number) => form_since_1970(number).map(TimeForm::id),
            None if Time::parse(&span.last).is_ok() => Some("rfc3339"),
            _ => None,
        };
        if let Some(form) = form {
            return Some(Guess::Time(form));
        }
    }
    if let Some(light) = light(path).filter(|_| span.says_light()) {
        return Some(Guess::Lamp(light));
    }
    if number.is_some() {
        let kilo = span.unit.is_none() && name.has(&["kw", "kwh", "kilowatts"]);
        let factor = if kilo { 1_000.0 } else { 1.0 };
        let is_energy = name.has(&["wh", "kwh", "energy", "aenergy", "energie", "電力量", "積算電力"]);
        if is_energy && !name.has(&["reactive", "apparent", "returned", "無効"]) {
            return Some(Guess::Counter(factor));
        }
        if is_power(&name) {
            return Some(Guess::Power(factor));
        }
        let factor = if span.unit.is_none() && name.has(&["ma"]) { 1e-3 } else { 1.0 };
        // What flows both ways is no current of a supply.
        if is_current(&name) && span.least.is_some_and(|least| least >= 0.0) {
            return Some(Guess::Current(factor));
        }
        if is_current_of_axis(&name) {
            return Some(Guess::Axis(factor));
        }
        if counts_parts(&name) {
            return Some(Guess::Number);
        }
    }
    let is_told = name.has(&OF_A_RUN);
    let is_state = name.has(&OF_A_STATE) && !path.starts_with("update.") && !span.says_only(&OF_A_SWITCH);
    // Anything may have a colour; that of a lamp changes.
    let is_colour = name.has(&["color", "colour", "色"]) && span.words.len() > 1;
    if (is_told || is_state || is_colour || name.has(&OF_A_LAMP)) && says_colours(span) {
        return Some(Guess::Colours);
    }
    let is_other =
        name.has(&["時間", "率", "回数", "モード", "通信", "接続", "安全", "異常", "警報", "非常"])
            || name.has(&["time", "hours", "safety", "protective", "emergency", "alarm", "error"]);
    // Numbers of states are known to their maker only.
    let is_readable = number.is_none_or(|number| number <= 1.0);
    if (is_told || is_state) && !is_other && is_readable {
        return Some(Guess::Running);
    }
    if number.is_none() && !name.has(&OF_A_PIECE) && execution::is_told_by(&span.words) {
        return Some(Guess::Running);
    }
    is_job(&name).then_some(Guess::Key)
}

/// Whether a name says that a value tells whether a program runs.
pub(super) fn names_running(path: &str) -> bool {
    let name = telling(path);
    name.has(&OF_A_RUN) || name.has(&OF_A_STATE)
}

/// Whether a name is that of a value that tells jobs apart.
pub(super) fn names_job(path: &str) -> bool {
    is_job(&telling(path))
}

fn is_job(name: &Name) -> bool {
    let is = ["program", "recipe", "job", "product", "part", "batch"];
    let is_in_japanese =
        ["プログラム", "品番", "品名", "品種", "型番", "機種", "レシピ", "工程", "ジョブ", "図番", "製品"];
    name.has(&is) && !name.has(&["count"]) || name.has(&is_in_japanese) && !name.has(&["数", "時間", "率"])
}

/// Whether a name is that of a power which machines draw.
fn is_power(name: &Name) -> bool {
    let is = ["w", "kw", "watt", "watts", "wattage", "kilowatts", "power", "apower", "leistung", "電力"];
    let others = [
        "factor",
        "reactive",
        "apparent",
        "aprt",
        "supply",
        "blindleistung",
        "scheinleistung",
        "outage",
        "limit",
        "max",
        "min",
        "rated",
        "target",
        "threshold",
        "無効",
        "皮相",
        "電力量",
        "積算",
        "定格",
        "上限",
        "契約",
        "最大",
        "最小",
    ];
    name.has(&is) && !name.has(&others)
}

/// Whether a name is that of a current which machines draw.
fn is_current(name: &Name) -> bool {
    let others = [
        "program",
        "state",
        "status",
        "job",
        "part",
        "tool",
        "time",
        "temp",
        "temperature",
        "position",
        "speed",
        "feed",
        "feedrate",
        "sequence",
        "number",
        "leak",
        "leakage",
        "limit",
        "max",
        "min",
        "rated",
        "target",
        "threshold",
        "step",
        "line",
        "shift",
        "user",
        "mode",
        "n",
        "定格",
        "上限",
        "最大",
        "最小",
        "漏れ",
        "漏洩",
    ];
    let is_last = |unit: &str| {
        name.0.len() > 1
            && name.0.last().is_some_and(|word| word == unit)
            && !name.has(&["phase", "相", "voltage", "電圧", "v"])
    };
    (name.has(&["current", "currents", "amp", "amps", "ampere", "amperes", "strom", "電流"])
        || is_last("a")
        || is_last("ma"))
        && !name.has(&others)
}

/// Words of what a motor of its own moves.
const AXES: [&str; 14] = [
    "j",
    "joint",
    "joints",
    "axis",
    "axes",
    "ax",
    "servo",
    "motor",
    "軸",
    "関節",
    "ジョイント",
    "サーボ",
    "モータ",
    "モーター",
];

/// Axes that have a letter.
const LETTERS: [&str; 3] = ["x", "y", "z"];

/// The place of the word of a name that tells which of several axes it is of, and what is left of the word without
/// its number.
fn number_of_axis(words: &[String]) -> Option<(usize, &str)> {
    let numbered = |word: &String| word.ends_with(|c: char| c.is_ascii_digit());
    let at = words.iter().rposition(numbered);
    let at = at.or_else(|| words.iter().rposition(|word| LETTERS.contains(&word.as_str())))?;
    let word = words[at].trim_end_matches(|c: char| c.is_ascii_digit());
    Some((at, if LETTERS.contains(&word) { "" } else { word }))
}

/// Whether a name says that it is of an axis, beside its number.
fn names_axis(words: &[String]) -> bool {
    let is_letter = |word: &String| LETTERS.contains(&word.as_str());
    let Some((at, kind)) = number_of_axis(words) else { return false };
    let name = Name(words.iter().cloned().chain([kind.to_owned()]).collect());
    name.has(&AXES) || is_letter(&words[at])
}

/// Whether a name is that of the current of one of several axes.
fn is_current_of_axis(name: &Name) -> bool {
    number_of_axis(&name.0).is_some() && (is_current(name) || name.has(&["i"]) && names_axis(&name.0))
}

/// The name that the current of one of several axes has but for which it is, and whether something tells that it is
/// of an axis: that it flows both ways, or its name.
pub(super) fn axis(path: &str, guess: &Guess) -> Option<(Vec<String>, bool)> {
    let mut words = words(path);
    let (at, kind) = number_of_axis(&words)?;
    let is_told = match guess {
        Guess::Axis(_) => true,
        Guess::Current(_) => names_axis(&words),
        _ => return None,
    };
    let rest = format!("{kind}*");
    words[at] = rest;
    Some((words, is_told))
}

/// Whether a name is that of a count of what has been made.
fn counts_parts(name: &Name) -> bool {
    let counts =
        ["cycle", "cycles", "zyklus", "zyklen", "shot", "shots", "partcount", "parts", "count", "counter"];
    let counts_in_japanese = [
        "生産数",
        "生産個数",
        "加工数",
        "出来高",
        "良品数",
        "ショット",
        "サイクル数",
        "サイクル番号",
        "個数",
        "カウント",
    ];
    let others = ["time", "outage", "target", "plan", "planned", "hour", "error"];
    let others_in_japanese = ["計画", "目標", "予定", "不良", "残", "時間", "率", "電力"];
    name.has(&counts) && !name.has(&others) || name.has(&counts_in_japanese) && !name.has(&others_in_japanese)
}

/// Colours of lights.
const COLOURS: [(Light, &[&str]); 3] = [
    (Light::Green, &["green", "緑色", "緑", "グリーン"]),
    (Light::Amber, &["yellow", "amber", "orange", "黄色", "黄", "橙", "オレンジ", "イエロー"]),
    (Light::Red, &["red", "赤色", "赤", "レッド"]),
];

/// What else stands in the name of a light.
const OF_A_LAMP: [&str; 28] = [
    "lamp",
    "light",
    "lights",
    "lux",
    "lx",
    "on",
    "state",
    "status",
    "signal",
    "tower",
    "stack",
    "patlite",
    "andon",
    "led",
    "value",
    "パトライト",
    "シグナルタワー",
    "アンドン",
    "積層信号灯",
    "信号灯",
    "表示灯",
    "ランプ",
    "ルクス",
    "照度",
    "点灯",
    "状態",
    "灯",
    "信号",
];

/// Words for a lamp that is dark.
const DARK: [&str; 7] = ["off", "dark", "none", "消灯", "無灯", "全消灯", "なし"];

/// What else stands in the word for a light that is lit.
const LIT: [&str; 6] = ["lit", "flashing", "blinking", "点灯", "点滅", "灯"];

/// What a lamp shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Lit(Light),
    Dark,
}

/// What the lamp shows where a word says nothing but the colour of its light, or that it is dark.
pub(super) fn shown(word: &str) -> Option<Shown> {
    let word = word.trim().to_lowercase();
    if DARK.contains(&word.as_str()) {
        return Some(Shown::Dark);
    }
    let is_rest = |rest: &str| {
        let rest = rest.trim_matches(|c: char| !c.is_alphanumeric());
        rest.is_empty() || LIT.contains(&rest)
    };
    let says = |(light, names): &(Light, &[&str])| {
        let is_there = names.iter().any(|name| word.strip_prefix(name).is_some_and(is_rest));
        is_there.then_some(Shown::Lit(*light))
    };
    COLOURS.iter().find_map(says)
}

/// Whether a value was nothing but colours of a lamp, among them that of a machine that works.
fn says_colours(span: &Span) -> bool {
    let shown: Vec<Option<Shown>> = span.words.iter().map(|word| shown(word)).collect();
    span.most.is_none() && shown.contains(&Some(Shown::Lit(Light::Green))) && !shown.contains(&None)
}

/// The light that a name is of, if it says nothing but a colour and what a lamp is called.
fn light(path: &str) -> Option<Light> {
    let path = match several::of(path) {
        Some(of) => path.replacen(&of.name, " ", 1),
        None => path.to_owned(),
    };
    let mut found = None;
    for word in words(&path) {
        let mut word = word;
        for (light, names) in COLOURS {
            let name = names
                .iter()
                .find(|name| if name.is_ascii() { word == **name } else { word.contains(**name) });
            if let Some(name) = name {
                if found.is_some() {
                    return None;
                }
                found = Some(light);
                word = word.replacen(name, "", 1);
            }
        }
        let is_of_a_lamp = |word: &str| {
            let rest = OF_A_LAMP
                .iter()
                .filter(|known| !known.is_ascii())
                .fold(word.to_owned(), |word, known| word.replace(known, ""));
            rest.is_empty()
        };
        let is_known = OF_A_LAMP.contains(&word.as_str()) || word.chars().all(|c| c.is_ascii_digit());
        if !(is_known || is_of_a_lamp(&word)) {
            return None;
        }
    }
    found
}

/// Whether a name is that of a light of a lamp.
pub(super) fn names_a_light(path: &str) -> bool {
    light(path).is_some()
}

/// Whether it matters when a value at a path was what: it may be a power or a current, a count or a light, as far as
/// is known of it.
pub(super) fn matters_when(path: &str, span: &Span) -> bool {
    let mut name = telling(path);
    name.0.extend(span.unit.into_iter().flat_map(words));
    is_power(&name)
        || is_current(&name)
        || is_current_of_axis(&name)
        || counts_parts(&name)
        || light(path).is_some()
}

/// Words of a time, in the name of a column.
const OF_A_TIME: [&str; 10] =
    ["ts", "time", "timestamp", "datetime", "date", "t", "時刻", "日時", "日付", "タイムスタンプ"];

/// Whether a name is that of a time.
pub(super) fn names_a_time(name: &str) -> bool {
    let name = Name(words(name));
    name.has(&OF_A_TIME) || name.has(&["年月日", "時間"])
}

/// Whether a name is that of a time by the clock.
pub(super) fn names_a_time_of_day(name: &str) -> bool {
    Name(words(name)).has(&["時刻", "clock"])
}

/// Whether a name is that of a time that has passed.
pub(super) fn names_a_span(name: &str) -> bool {
    Name(words(name)).has(&["elapsed", "duration", "経過", "運転", "稼働", "加工", "サイクル"])
}

/// Whether a name is that of a number of milliseconds or, else, of seconds; `None` if it is of neither.
pub(super) fn counts_time(name: &str) -> Option<bool> {
    let name = Name(words(name));
    let milliseconds = name.has(&["ms", "msec", "millis", "milliseconds", "ミリ秒"]);
    let seconds = name.has(&OF_A_TIME)
        || name.has(&["s", "sec", "secs", "second", "seconds", "us", "ns", "elapsed", "経過", "時間", "秒"]);
    // How long something ran or takes is no time of a row.
    let is_other = name.has(&[
        "cycle",
        "run",
        "running",
        "on",
        "up",
        "運転",
        "稼働",
        "加工",
        "サイクル",
        "タクト",
        "通電",
    ]);
    ((milliseconds || seconds) && !is_other).then_some(milliseconds)
}

/// Words of the phases of a supply, which go together.
const PHASES: [[&str; 3]; 5] =
    [["l1", "l2", "l3"], ["r", "s", "t"], ["u", "v", "w"], ["a", "b", "c"], ["1", "2", "3"]];

/// The names that a value has but for its phase, with each phase that it may be of: the kind of phases, and which.
pub(super) fn phases(name: &str) -> Vec<(Vec<String>, usize, usize)> {
    let all = words(name);
    let mut found = Vec::new();
    for (place, word) in all.iter().enumerate() {
        let before = place.checked_sub(1).map_or("", |before| all[before].as_str());
        for (kind, set) in PHASES.iter().enumerate() {
            // A number alone may be that of a machine.
            let is_phase = kind < 4 || ["phase", "l", "相"].contains(&before);
            if let Some(which) = set.iter().position(|known| known == word).filter(|_| is_phase) {
                let mut rest = all.clone();
                "*".clone_into(&mut rest[place]);
                found.push((rest, kind, which));
            }
        }
    }
    found
}

/// Whether a value is named as the sum of others.
pub(super) fn is_sum(path: &str) -> bool {
    Name(words(path)).has(&["total", "sum", "合計", "総"])
}

/// Whether a message counts energy in kWh where its name tells no unit: as Tasmota writes `ENERGY.Total`, and
/// `Zigbee2MQTT`, which tells `linkquality` of its devices, `energy`.
///
/// See: <https://tasmota.github.io/docs/JSON-Status-Responses/>, <https://www.zigbee2mqtt.io/devices/>
fn counts_kilowatt_hours(seen: &Seen) -> bool {
    is_of_tasmota(seen) || seen.values.contains_key("linkquality")
}

/// Whether a message is one of Tasmota: its time is that of a clock whose zone nobody knows.
fn is_of_tasmota(seen: &Seen) -> bool {
    seen.values.contains_key("ENERGY.Power")
}

/// What a value of a message seems to say, for which the other values are looked at as well.
pub(super) fn of_message(path: &str, span: &Span, seen: &Seen) -> Option<Guess> {
    match guess(path, span)? {
        Guess::Counter(1.0)
            if !words(path).iter().any(|word| word == "wh") && counts_kilowatt_hours(seen) =>
        {
            Some(Guess::Counter(1_000.0))
        }
        Guess::Time(_) if is_of_tasmota(seen) => None,
        guess => Some(guess),
    }
}

/// Levels of topics that do not name a device, as those of Tasmota, Shelly and others.
const OF_NO_DEVICE: [&str; 29] = [
    "tele",
    "stat",
    "sensor",
    "state",
    "status",
    "telemetry",
    "data",
    "values",
    "value",
    "json",
    "events",
    "rpc",
    "attributes",
    "measurements",
    "power",
    "energy",
    "info",
    "result",
    "message",
    "zigbee2mqtt",
    "shellies",
    "lamp",
    "patlite",
    "signal-tower",
    "パトライト",
    "ランプ",
    "計測値",
    "データ",
    "状態",
];

/// Levels that tell which part of the device before them it is.
const OF_A_PART: [&str; 6] = ["relay", "switch", "emeter", "channel", "ch", "phase"];

/// The levels of a topic that name a device, the last one last.
pub(super) fn levels(topic: &str, between: char) -> Vec<&str> {
    let is_said =
        |level: &&str| !level.trim().is_empty() && !OF_NO_DEVICE.contains(&level.to_lowercase().as_str());
    let levels: Vec<&str> = topic.split(between).filter(is_said).collect();
    if levels.is_empty() { vec![topic] } else { levels }
}

/// The name of the device at a topic, of its [`levels`].
pub(super) fn device(levels: &[&str]) -> String {
    let is_part = |level: &str| {
        level.contains(':')
            || level.chars().all(|c| c.is_ascii_digit())
            || OF_A_PART.contains(&level.to_lowercase().as_str())
    };
    let first = levels.iter().rposition(|level| !is_part(level)).unwrap_or(0);
    levels[first..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(last: &str) -> Span {
        let mut span = Span::default();
        span.take(last);
        span
    }

    #[test]
    fn names_tell_what_values_are() {
        for (name, last, expected) in [
            ("activePower_kW", "1.5", Some(Guess::Power(1_000.0))),
            ("data.0.watts", "230", Some(Guess::Power(1.0))),
            ("power.0", "230", Some(Guess::Power(1.0))),
            ("power.value", "230", Some(Guess::Power(1.0))),
            ("power_factor", "0.9", None),
            ("energy.kWh", "12.5", Some(Guess::Counter(1_000.0))),
            ("ts", "1775000000000", Some(Guess::Time("milliseconds"))),
            ("ts", "1775000000000000000", Some(Guess::Time("nanoseconds"))),
            ("time", "2026-04-01T08:00:00Z", Some(Guess::Time("rfc3339"))),
            ("time", "12.5", None),
            ("time", "20260511103000", Some(Guess::Time("rfc3339"))),
            ("execution", "READY", Some(Guess::Running)),
            ("program", "O1234", Some(Guess::Key)),
            ("PartCount", "7", Some(Guess::Number)),
            ("temperature", "21", None),
            // Tasmota.
            ("ENERGY.Power", "12.3", Some(Guess::Power(1.0))),
            ("ENERGY.Total", "1.2", Some(Guess::Counter(1.0))),
            ("ENERGY.Voltage", "101", None),
            ("ENERGY.ApparentPower", "20", None),
            ("ENERGY.TotalStartTime", "2026-01-01T00:00:00", None),
            ("POWER", "ON", None),
            // Shelly.
            ("apower", "8.9", Some(Guess::Power(1.0))),
            ("aenergy.total", "6.532", Some(Guess::Counter(1.0))),
            ("aenergy.by_minute.0", "45.199", None),
            ("aenergy.minute_ts", "1775000000", None),
            ("a_aprt_power", "20", None),
            ("total_act_power", "20", Some(Guess::Power(1.0))),
            // Zigbee2MQTT.
            ("state", "ON", None),
            ("power_outage_count", "3", None),
            ("update.state", "idle", None),
            ("state", "RUN", Some(Guess::Running)),
            ("safety_status", "1", None),
            ("異常状態", "0", None),
            // Japanese.
            ("運転中", "true", Some(Guess::Running)),
            ("運転時間", "1200", None),
            ("稼働状態", "停止", Some(Guess::Running)),
            ("通信状態", "正常", None),
            ("運転周波数", "50.0", None),
            ("電力W", "1200", Some(Guess::Power(1.0))),
            ("主軸電力_kW", "1.2", Some(Guess::Power(1_000.0))),
            ("無効電力", "10", None),
            ("積算電力量kWh", "1200", Some(Guess::Counter(1_000.0))),
            ("データ.消費電力", "12", Some(Guess::Power(1.0))),
            ("品番", "A-100", Some(Guess::Key)),
            ("加工プログラム", "O1234", Some(Guess::Key)),
            ("ショット数", "12", Some(Guess::Number)),
            ("工程数", "3", None),
            ("有効電力", "1.8 kW", Some(Guess::Power(1.0))),
            ("電力(ｋＷ)", "1.8", Some(Guess::Power(1_000.0))),
            // Currents.
            ("電流(A)", "12.5", Some(Guess::Current(1.0))),
            ("CT1_mA", "125", Some(Guess::Current(1e-3))),
            ("CH2 A", "12.5", Some(Guess::Current(1.0))),
            ("a_current", "12.5", Some(Guess::Current(1.0))),
            ("漏れ電流(mA)", "12.5", None),
            ("Current_J0", "-0.5", Some(Guess::Axis(1.0))),
            ("Current_J0", "0.5", Some(Guess::Current(1.0))),
            ("I_axis1", "0.5", Some(Guess::Axis(1.0))),
            ("軸1電流(mA)", "-500", Some(Guess::Axis(1e-3))),
            ("X軸電流", "-0.5", Some(Guess::Axis(1.0))),
            ("actual_current_5", "-0.5", Some(Guess::Axis(1.0))),
            ("target_current_5", "-0.5", None),
            ("battery_current", "-0.5", None),
            ("Temperature_J1", "29", None),
            ("current_program", "7", Some(Guess::Key)),
            ("電圧A", "200", None),
            ("日時", "2026/4/1 8:00:00", Some(Guess::Time("rfc3339"))),
        ] {
            assert_eq!(guess(name, &span(last)), expected, "{name}");
        }
    }

    #[test]
    fn a_topic_tells_the_name_of_its_device() {
        for (topic, expected) in [
            ("tele/plug1/SENSOR", "plug1"),
            ("shellyplus1pm-a8/status/switch:0", "shellyplus1pm-a8 switch:0"),
            ("shellies/shelly1pm-b4/relay/0", "shelly1pm-b4 relay 0"),
            ("zigbee2mqtt/プレス1のプラグ", "プレス1のプラグ"),
            ("plant/line1/press", "press"),
            ("工場/プレス1/状態", "プレス1"),
            ("state", "state"),
            ("0", "0"),
        ] {
            assert_eq!(device(&levels(topic, '/')), expected, "{topic}");
        }
    }
}
