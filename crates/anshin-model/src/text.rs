//! Sentences shown to a person, in both languages.

use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// A language of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Both languages, Japanese first.
    pub const ALL: [Lang; 2] = [Lang::Ja, Lang::En];

    /// The code of the language as in ISO 639-1: `ja` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::Ja => "ja",
            Lang::En => "en",
        }
    }
}

/// A text in Japanese and English.
///
/// A document may give one language only, or a plain string that serves as both: what is missing
/// is filled with the other language, so that a reader always sees something. A text ends every change
/// of writing direction that it begins, so that it cannot turn the words around that follow it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text {
    ja: Arc<str>,
    en: Arc<str>,
}

impl Text {
    /// A text in both languages.
    pub fn new(ja: impl Into<Arc<str>>, en: impl Into<Arc<str>>) -> Self {
        Self { ja: closed(ja.into()), en: closed(en.into()) }
    }

    /// The same words in both languages: an id, a number, a proper name.
    pub fn same(both: impl Into<Arc<str>>) -> Self {
        let both = closed(both.into());
        Self { ja: Arc::clone(&both), en: both }
    }

    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }

    /// Whether there is no text in either language.
    pub fn is_empty(&self) -> bool {
        self.ja.is_empty() && self.en.is_empty()
    }

    /// Replaces `{name}` in each language by the text of the same language.
    ///
    /// Placeholders without a value stay as they are.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &Text)]) -> Text {
        let fill = |lang: Lang| {
            let template = self.get(lang);
            if !template.contains('{') {
                return None;
            }
            let mut out = String::with_capacity(template.len() + 32);
            let mut rest = template;
            while let Some(open) = rest.find('{') {
                out.push_str(&rest[..open]);
                rest = &rest[open..];
                let value = rest.find('}').and_then(|close| {
                    let name = &rest[1..close];
                    values.iter().find(|(key, _)| *key == name).map(|(_, text)| (close, *text))
                });
                if let Some((close, text)) = value {
                    out.push_str(text.get(lang));
                    rest = &rest[close + 1..];
                } else {
                    out.push('{');
                    rest = &rest[1..];
                }
            }
            out.push_str(rest);
            Some(Arc::from(out))
        };
        Text {
            ja: fill(Lang::Ja).unwrap_or_else(|| Arc::clone(&self.ja)),
            en: fill(Lang::En).unwrap_or_else(|| Arc::clone(&self.en)),
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} / {:?}", self.ja, self.en)
    }
}

/// The text with an end for every change of writing direction that it leaves open. See: Unicode standard
/// annex 9, section 2.
fn closed(text: Arc<str>) -> Arc<str> {
    // All these signs begin with this byte.
    if !text.as_bytes().contains(&0xE2) {
        return text;
    }
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}' => open.push('\u{202C}'),
            '\u{2066}'..='\u{2068}' => open.push('\u{2069}'),
            '\u{202C}' if open.last() == Some(&c) => drop(open.pop()),
            // The end of an isolate ends what was begun within it.
            '\u{2069}' => {
                if let Some(isolate) = open.iter().rposition(|end| *end == c) {
                    open.truncate(isolate);
                }
            }
            _ => {}
        }
    }
    if open.is_empty() { text } else { text.chars().chain(open.into_iter().rev()).collect::<String>().into() }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a map of `ja` and `en`")
            }
            fn visit_str<E: de::Error>(self, both: &str) -> Result<Text, E> {
                Ok(Text::same(both))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                let (mut ja, mut en) = (None::<String>, None::<String>);
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    match key.as_str() {
                        "ja" => ja = Some(value),
                        "en" => en = Some(value),
                        other => return Err(de::Error::unknown_field(other, &["ja", "en"])),
                    }
                }
                match (ja, en) {
                    (Some(ja), Some(en)) => Ok(Text::new(ja, en)),
                    (Some(both), None) | (None, Some(both)) => Ok(Text::same(both)),
                    (None, None) => Ok(Text::default()),
                }
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_direction_ends_with_its_text() {
        for (written, shown) in [
            ("plain", "plain"),
            ("עברית", "עברית"),
            ("\u{202E}evil", "\u{202E}evil\u{202C}"),
            ("\u{202E}even\u{202C}", "\u{202E}even\u{202C}"),
            ("\u{202C}\u{2069}", "\u{202C}\u{2069}"),
            ("\u{2067}a\u{202B}b", "\u{2067}a\u{202B}b\u{202C}\u{2069}"),
            ("\u{2067}a\u{202B}b\u{2069}", "\u{2067}a\u{202B}b\u{2069}"),
        ] {
            assert_eq!(Text::same(written).get(Lang::Ja), shown, "{written:?}");
        }
    }

    #[test]
    fn placeholders_are_filled_in_each_language() {
        let text = Text::new("{asset}の{x}が漏れる", "{x} of {asset} leaks {");
        let asset = Text::new("雲", "cloud");
        let filled = text.fill(&[("asset", &asset)]);
        assert_eq!(filled.get(Lang::Ja), "雲の{x}が漏れる");
        assert_eq!(filled.get(Lang::En), "{x} of cloud leaks {");
    }
}
