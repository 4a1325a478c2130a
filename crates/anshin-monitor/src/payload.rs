//! Messages of a broker or of HTTP: from bytes to named values.

use std::borrow::Cow;

use anshin_model::Text;
use serde_json::Value;

use crate::config::{Payload, Source, TimeColumn};
use crate::number::{self, Decimal};
use crate::recording;
use crate::time::Time;

/// Longest message that is read, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// Most moments in one message.
const MOST_MOMENTS: usize = 10_000;

/// A message that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is longer than [`MOST_BYTES`].
    #[error("the message is too long")]
    TooLong,
    /// It is not written as the configuration says.
    #[error("the message is not in the form that the configuration says")]
    Form,
    /// The time is missing, or no time.
    #[error("the time of the message cannot be read")]
    Time,
    /// What tells of which machine it is is missing.
    #[error("the message does not tell of which machine it is")]
    Topic,
    /// There is no list where the configuration says.
    #[error("the message has no list where the configuration says")]
    List,
}

impl Unread {
    /// What a person is told.
    pub fn text(self) -> Text {
        match self {
            Unread::TooLong => Text::new("メッセージが長すぎます", "the message is too long"),
            Unread::Form => Text::new(
                "メッセージが設定の`payload`の形ではありません",
                "the message is not in the form that `payload` of the configuration says",
            ),
            Unread::Time => Text::new(
                "メッセージの時刻を読めません。設定の`time`の名前と書き方を確かめてください",
                "the time of the message cannot be read; check the name and the form in `time` of the configuration",
            ),
            Unread::Topic => Text::new(
                "どの機械のものかを示す値がメッセージにありません。入力元の`topic`に書いた名前を確かめてください",
                "the message does not tell of which machine it is; check the name in `topic` of the source",
            ),
            Unread::List => Text::new(
                "設定の`list`の経路に並びがありません。経路を確かめてください",
                "the message has no list at the path in `list` of the configuration; check the path",
            ),
        }
    }
}

/// What a message says of a moment.
#[derive(Debug)]
pub struct Moment<'m> {
    /// When it was so, as it says; else when it came.
    pub time: Time,
    said: Said<'m>,
    source: &'m Source,
}

/// How it is said.
#[derive(Debug, Clone, Copy)]
enum Said<'m> {
    /// A moment, and the message in which it stands, where it is an element of a list inside.
    Json(&'m Value, Option<&'m Value>),
    Row(&'m [String]),
    Plain(&'m str),
}

impl Said<'_> {
    fn value(&self, source: &Source, name: &str) -> Option<Cow<'_, str>> {
        match self {
            Said::Json(moment, _) => text(at(moment, name)?, source.decimal),
            Said::Row(cells) => {
                let place = source.columns.iter().position(|column| column == name)?;
                cells.get(place).map(|cell| Cow::Borrowed(cell.as_str()))
            }
            Said::Plain(text) => (name == "value").then_some(Cow::Borrowed(*text)),
        }
    }

    /// A part of its time, which may stand once beside a list for all of its elements.
    fn of_time(&self, source: &Source, place: &str) -> Option<Cow<'_, str>> {
        let beside = || match self {
            Said::Json(_, message) => text(at((*message)?, place)?, source.decimal),
            Said::Row(_) | Said::Plain(_) => None,
        };
        self.value(source, place).or_else(beside)
    }

    /// When it was so; without a time of its own, at `now`.
    fn time(&self, source: &Source, now: Time) -> Option<Time> {
        match (self, &source.time) {
            (Said::Plain(_), _) | (_, TimeColumn::Pace { .. } | TimeColumn::Arrival) => Some(now),
            (_, TimeColumn::Column(places, _) | TimeColumn::Since { columns: places, .. }) => {
                let written = joined(places, |place| self.of_time(source, place))?;
                source.read_time(&written, Some(now))
            }
        }
    }
}

impl Moment<'_> {
    /// Hands on those of its values that are wanted.
    pub fn with<T>(&self, wanted: &[String], take: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let value = |name: &'_ String| self.said.value(self.source, name);
        let texts: Vec<(&str, Cow<'_, str>)> =
            wanted.iter().filter_map(|name| Some((name.as_str(), value(name)?))).collect();
        let values: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
        take(&values)
    }

    /// What it is of, where its source names the value that tells; `None` if nothing stands there.
    pub fn topic(&self) -> Option<Cow<'_, str>> {
        let topic = match self.said.value(self.source, self.source.topic.as_deref()?)? {
            Cow::Borrowed(text) => Cow::Borrowed(number::own(text.trim())),
            Cow::Owned(text) => Cow::Owned(number::own(text.trim()).to_owned()),
        };
        (!topic.is_empty()).then_some(topic)
    }
}

/// Reads a message that came at `now`; `take` gets one moment after the other. Where a part cannot be read, the
/// others are taken.
///
/// Sparkplug B has a state of its own and is not read here.
///
/// # Errors
/// If the message, or a part of it, cannot be read.
pub fn read(
    source: &Source,
    bytes: &[u8],
    now: Time,
    mut take: impl FnMut(&Moment<'_>),
) -> Result<(), Unread> {
    if bytes.len() > MOST_BYTES {
        return Err(Unread::TooLong);
    }
    let mut read = Ok(());
    let mut one = |said: Said<'_>| match said.time(source, now) {
        Some(time) => take(&Moment { time, said, source }),
        None => read = Err(Unread::Time),
    };
    match source.payload {
        Payload::Json => {
            let message: Value = serde_json::from_slice(bytes).map_err(|_| Unread::Form)?;
            let moments = match &message {
                Value::Array(moments) => moments.as_slice(),
                one => std::slice::from_ref(one),
            };
            let Some(list) = &source.list else {
                moments.iter().take(MOST_MOMENTS).for_each(|moment| one(Said::Json(moment, None)));
                return read;
            };
            let mut has_list = true;
            let elements = moments.iter().flat_map(|message| {
                let elements = at(message, list).and_then(Value::as_array);
                has_list &= elements.is_some();
                elements.into_iter().flatten().map(move |element| Said::Json(element, Some(message)))
            });
            elements.take(MOST_MOMENTS).for_each(&mut one);
            if !has_list {
                return read.and(Err(Unread::List));
            }
        }
        Payload::Csv => {
            let text = std::str::from_utf8(bytes).map_err(|_| Unread::Form)?;
            let delimiter = source.delimiter.map_or(',', char::from);
            let rows = text.lines().filter(|row| !row.trim().is_empty()).take(MOST_MOMENTS);
            rows.for_each(|row| one(Said::Row(&recording::cells(row, delimiter))));
        }
        Payload::Plain => {
            let text = std::str::from_utf8(bytes).map_err(|_| Unread::Form)?;
            one(Said::Plain(text.trim()));
        }
        Payload::Sparkplug => return Err(Unread::Form),
    }
    read
}

/// A time that stands in one place, or in several, such as its date and its time of day.
fn joined<'a>(places: &[String], get: impl Fn(&str) -> Option<Cow<'a, str>>) -> Option<Cow<'a, str>> {
    if let [place] = places {
        return get(place);
    }
    let parts = places.iter().map(|place| get(place)).collect::<Option<Vec<_>>>()?;
    Some(Cow::Owned(parts.join(" ")))
}

/// The value at a path such as `data.0.watts`; a name that itself has dots is found as well.
fn at<'a>(message: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(value) = message.get(path) {
        return Some(value);
    }
    let mut value = message;
    for step in path.split('.') {
        value = match value {
            Value::Object(object) => object.get(step)?,
            Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

fn text(value: &Value, decimal: Decimal) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number::told(number, decimal))),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null => Some(Cow::Borrowed("")),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::input::Mapper;
    use crate::reading::What;

    fn source(more: &str) -> Source {
        let take = if more.contains("plain") { "value" } else { "w" };
        let text = format!(
            "anshin-monitor: 1\nsources: [ {{ id: s, kind: mqtt, {more} }} ]\nmachines:\n  - id: m\n    \
             cycle: {{ by: events }}\n    input: [ {{ from: s, take: {take}, is: power }} ]\n"
        );
        let loaded = config::load("test.yaml", &text);
        loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)).sources.remove(0)
    }

    fn taken(source: &Source, wanted: &[&str], message: &str) -> (Vec<String>, Result<(), Unread>) {
        let mut all = Vec::new();
        let now = Time::from_seconds(0.0);
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let result = read(source, message.as_bytes(), now, |moment| {
            moment.with(&wanted, |values| all.push(format!("{} {values:?}", moment.time.since(now))));
        });
        (all, result)
    }

    #[test]
    fn values_of_json_are_found_by_their_paths() {
        let source = source("time: { column: at.ms, form: milliseconds }");
        let message = r#"[{"at":{"ms":1500},"d":[{"w":3.5}],"on":true,"a.b":"x"},{"at":{"ms":"soon"}}]"#;
        let (all, result) = taken(&source, &["d.0.w", "on", "a.b", "none", "d"], message);
        assert_eq!(all, [r#"1.5 [("d.0.w", "3.5"), ("on", "true"), ("a.b", "x")]"#]);
        assert_eq!(result, Err(Unread::Time));
        assert_eq!(taken(&source, &[], "{").1, Err(Unread::Form));
    }

    #[test]
    fn a_moment_tells_of_which_machine_it_is_and_one_that_cannot_be_read_hides_no_other() {
        let topics = |source: &Source, message: &str| {
            let mut all = Vec::new();
            let result = read(source, message.as_bytes(), Time::from_seconds(0.0), |moment| {
                all.push(moment.topic().map(Cow::into_owned));
            });
            (all, result)
        };
        let some = |topic: &str| Some(topic.to_owned());
        let json = source("time: { column: t, form: seconds }, topic: from.id, decimal: comma");
        let message = r#"[{"t":1,"from":{"id":" press-1 "}},{"t":1,"from":{"id":2.125}},{"t":"soon","from":{"id":"x"}},
                          {"t":1},{"t":1,"from":{"id":""}},{"t":1,"from":{"id":null}},{"t":1,"from":{"id":3}}]"#;
        let expected = [some("press-1"), some("2.125"), None, None, None, some("3")];
        assert_eq!(topics(&json, message), (expected.to_vec(), Err(Unread::Time)));
        let rows = source("payload: csv, columns: [id, w], topic: id");
        assert_eq!(topics(&rows, "P-1,3\n\nP-2,4\n"), (vec![some("P-1"), some("P-2")], Ok(())));
        assert_eq!(topics(&source(""), "{}"), (vec![None], Ok(())));
    }

    #[test]
    fn elements_of_a_list_inside_a_message_are_moments_each() {
        let source = source("list: data.machines, topic: id, time: { column: ts, form: seconds }");
        let of = |message: &str| {
            let mut all = Vec::new();
            let result = read(&source, message.as_bytes(), Time::from_seconds(0.0), |moment| {
                let power = moment.with(&["power".to_owned()], |values| {
                    values.first().map(|(_, watts)| (*watts).to_owned())
                });
                let seconds = moment.time.since(Time::from_seconds(0.0));
                all.push((moment.topic().map(Cow::into_owned), seconds, power));
            });
            (all, result)
        };
        let some = |text: &str| Some(text.to_owned());
        // What stands beside the list is the time of all of them, and nothing else.
        let message = r#"{"ts":5,"id":"gateway","power":7,"data":{"machines":[
            {"id":"press","power":1200},{"id":2,"power":30,"ts":4},{"id":"mill"},{"power":1},3]}}"#;
        let expected = [
            (some("press"), 5.0, some("1200")),
            (some("2"), 4.0, some("30")),
            (some("mill"), 5.0, None),
            (None, 5.0, some("1")),
            (None, 5.0, None),
        ];
        assert_eq!(of(message), (expected.to_vec(), Ok(())));
        let one = r#"[{"ts":1,"data":{"machines":[{"id":"press","power":2}]}},{"ts":2,"data":{}}]"#;
        assert_eq!(of(one), (vec![(some("press"), 1.0, some("2"))], Err(Unread::List)));
        assert_eq!(of(r#"{"ts":1,"data":{"machines":{}}}"#), (Vec::new(), Err(Unread::List)));
        assert_eq!(of(r#"{"ts":1,"data":{"machines":[]}}"#), (Vec::new(), Ok(())));
        let untimed = r#"{"data":{"machines":[{"id":"press","power":2},{"id":"mill","ts":3,"power":2}]}}"#;
        assert_eq!(of(untimed), (vec![(some("mill"), 3.0, some("2"))], Err(Unread::Time)));
    }

    #[test]
    fn a_number_of_json_is_what_json_says_whatever_people_write() {
        let read = |message: &str, more: &str| {
            let source = source(&format!("time: {{ column: s, form: seconds }}{more}"));
            let mut read = Vec::new();
            super::read(&source, message.as_bytes(), Time::from_seconds(0.0), |moment| {
                let seconds = moment.time.since(Time::from_seconds(0.0));
                let number = |values: &[(&str, &str)]| number::read(values[0].1, source.decimal);
                read.push((seconds, moment.with(&["w".to_owned()], number)));
            })
            .unwrap();
            read
        };
        let numbers = r#"{"s":2.125,"w":12.125}"#;
        let expected = [(2.125, Some(12.125))];
        assert_eq!(read(numbers, ""), expected);
        assert_eq!(read(numbers, ", decimal: comma"), expected);
        assert_eq!(read(r#"{"s":"2,125","w":"12,125"}"#, ", decimal: comma"), expected);
        assert_eq!(read(r#"{"s":"2","w":"12.125"}"#, ", decimal: comma"), [(2.0, Some(12_125.0))]);
    }

    #[test]
    fn a_number_of_json_that_is_a_key_or_a_word_keeps_its_own_writing() {
        let text = "anshin-monitor: 1\nsources: [ { id: s, kind: mqtt, decimal: comma } ]\nmachines:\n  - id: m\n    \
             cycle: { by: running }\n    key: [ { id: feed } ]\n    input:\n      \
             - { from: s, take: feed, is: key, part: feed }\n      \
             - { from: s, take: runs, is: running, when: [ \"1.5\", \"2.125\" ] }\n";
        let loaded = config::load("test.yaml", text);
        let configuration = loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let source = &configuration.sources[0];
        let mut mapper = Mapper::new(&configuration.machines[0], source).unwrap();
        let mut said = |message: &str| {
            let mut said = Vec::new();
            let wanted = ["feed", "runs"].map(str::to_owned);
            read(source, message.as_bytes(), Time::from_seconds(0.0), |moment| {
                moment.with(&wanted, |values| {
                    mapper.map(moment.time, values, |reading| said.push(reading.what));
                });
            })
            .unwrap();
            said
        };
        let key = |text: &str| What::Key(0, text.into());
        assert_eq!(said(r#"{"feed":12.5,"runs":1.5}"#), [key("12.5"), What::Running(Some(true))]);
        assert_eq!(said(r#"{"feed":0.125,"runs":2.125}"#), [key("0.125"), What::Running(Some(true))]);
        assert_eq!(said(r#"{"feed":1.125,"runs":2}"#), [key("1.125"), What::Running(Some(false))]);
        assert_eq!(said(r#"{"feed":"1,125"}"#), [key("1,125")]);
    }

    #[test]
    fn rows_and_plain_values() {
        let rows =
            source("payload: csv, columns: [t, w], delimiter: \";\", time: { column: t, form: seconds }");
        let (all, result) = taken(&rows, &["w"], "1;10,5\r\n\n2;11\n");
        assert_eq!(all, [r#"1 [("w", "10,5")]"#, r#"2 [("w", "11")]"#]);
        assert_eq!(result, Ok(()));
        assert_eq!(taken(&source("payload: plain"), &["value"], " 42 ").0, [r#"0 [("value", "42")]"#]);
    }
}
