//! Alerts as lines of a system log.
//!
//! See: <https://www.rfc-editor.org/rfc/rfc5424#section-6>

use std::fmt::Write as _;

use anshin_model::Lang;
use serde_json::Value;

use super::News;

/// Facility 16: local 0.
const FACILITY: u8 = 16;

/// Longest name of a computer.
const LONGEST_NAME: usize = 255;

/// What machines read of an alert, as far as it tells it: the keys are those of its JSON.
const KEYS: [&str; 8] = ["machine", "source", "device", "group", "alert", "change", "since", "asset"];

/// The line about an alert: structured for machines, under the number of an enterprise, and words for people.
pub(super) fn line(news: &News, lang: Lang, enterprise: u32) -> String {
    // Warning when it begins, notice when it is over.
    let priority = FACILITY * 8 + if news.raised { 4 } else { 5 };
    let (host, title) = (host(), news.title.get(lang));
    let data = structured(&news.json, enterprise);
    format!("<{priority}>1 {} {host} anshin - alert {data} \u{feff}{title}", news.at)
}

fn structured(json: &str, enterprise: u32) -> String {
    let alert: Value = serde_json::from_str(json).unwrap_or_default();
    let mut data = format!("[anshin@{enterprise}");
    for (key, text) in KEYS.iter().filter_map(|key| Some((key, alert[key].as_str()?))) {
        // Writing to a string cannot fail.
        let _ = write!(data, " {key}=\"{}\"", escaped(text));
    }
    data + "]"
}

/// A text as a value. What would begin another line is a space: it may come from a device.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for sign in text.chars() {
        if matches!(sign, '"' | '\\' | ']') {
            value.push('\\');
        }
        value.push(if sign.is_control() { ' ' } else { sign });
    }
    value
}

/// The name of this computer, where the system tells it; else the sign for nothing.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let is_name =
        (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    if is_name { name } else { "-" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_alert_is_about_is_escaped_and_what_it_does_not_tell_is_left_out() {
        let json = r#"{"source":"line","device":"a\"b\\c]d\n<1>e","alert":"unknown-device","change":"raised","asset":null}"#;
        assert_eq!(
            structured(json, 32_473),
            r#"[anshin@32473 source="line" device="a\"b\\c\]d <1>e" alert="unknown-device" change="raised"]"#
        );
        assert!(!host().contains(' ') && !host().is_empty());
    }
}
