//! How a proposal is written: lines, texts and ids of YAML.

use std::collections::BTreeSet;

use serde_json::Value;

use super::guess::words;

/// Adds a line.
pub(super) fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// A text in YAML: JSON strings are such.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Words that YAML takes for something else than a text.
pub(super) const NO_TEXT: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// Ids that have been given away.
#[derive(Default)]
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    /// An id that nobody has yet, made of some words.
    pub(super) fn new_id(&mut self, name: &str) -> String {
        let ascii: String = name.chars().filter(|c| c.is_ascii() || !c.is_alphanumeric()).collect();
        let mut id = words(&ascii).join("-");
        id.truncate(40);
        let id = id.trim_matches('-');
        let id = if id.starts_with(|c: char| c.is_ascii_lowercase()) && !NO_TEXT.contains(&id) {
            id.to_owned()
        } else {
            format!("machine-{id}")
        };
        let base = id.trim_end_matches('-').to_owned();
        let numbered = (2_u32..).map(|n| format!("{base}-{n}"));
        let mut ids = std::iter::once(base.clone()).chain(numbered);
        // There are more numbers than ids that have been given away.
        ids.find(|id| self.0.insert(id.clone())).unwrap_or(base)
    }
}

/// A text without line breaks.
pub(super) fn in_line(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// What stands behind a `#`: no line breaks, and not more than a line of it.
pub(super) fn in_remark(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_apart_however_long_their_names_are() {
        let mut ids = Ids::default();
        let long = "a".repeat(60);
        let given: Vec<String> = (0..3).map(|_| ids.new_id(&long)).collect();
        let short = "a".repeat(40);
        assert_eq!(given, [short.clone(), format!("{short}-2"), format!("{short}-3")]);
    }
}
