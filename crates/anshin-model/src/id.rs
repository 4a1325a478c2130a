//! Identifiers: lowercase words joined by hyphens, as the user or the catalog wrote them.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An identifier. Cheap to copy about.
///
/// Ids of documents are slugs such as `gas-heater`; ids of kinds in the catalog are paths of
/// slugs such as `machine.appliance.water-heater`; ids of links may join two slugs as `a--b`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id(Arc<str>);

impl Id {
    /// The words of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id and all its parents, itself first: `a.b.c`, `a.b`, `a`.
    pub fn with_parents(&self) -> impl Iterator<Item = &str> {
        let mut next = Some(self.as_str());
        std::iter::from_fn(move || {
            let current = next?;
            next = current.rsplit_once('.').map(|(parent, _)| parent);
            Some(current)
        })
    }
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Borrow<str> for Id {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Id {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Id {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Id {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Longest id, in characters.
pub const MAX_LENGTH: usize = 120;

/// The form of an id as a regular expression.
pub const PATTERN: &str = "^[a-z0-9]+(-{1,2}[a-z0-9]+)*([.][a-z0-9]+(-{1,2}[a-z0-9]+)*)*$";

/// Whether a word has the form of an id: slugs joined by dots.
pub fn is_path(word: &str) -> bool {
    word.len() <= MAX_LENGTH && word.split('.').all(is_slug)
}

/// Whether a word is lowercase words joined by hyphens.
fn is_slug(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with('-')
        && !word.ends_with('-')
        && !word.contains("---")
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// A well-formed id near to a word, if one can be made of it: full-width letters, capitals,
/// spaces and underscores are put right.
pub fn suggest(word: &str) -> Option<String> {
    let mut out = String::new();
    for c in word.chars().take(MAX_LENGTH) {
        let c = match c {
            // Full-width forms stand 0xFEE0 above their ASCII twins.
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            '\u{3000}' | '_' => '-',
            c => c,
        };
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            c if c.is_whitespace() || c == '-' || c == '/' => out.push('-'),
            '.' => out.push('.'),
            _ => return None,
        }
    }
    while out.contains("--") {
        out = out.replace("--", "-");
    }
    let out = out.trim_matches(|c| c == '-' || c == '.').to_owned();
    is_path(&out).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_form_and_slips_are_put_right() {
        for good in ["a", "gas-heater", "a1--b2", "machine.vehicle.agv"] {
            assert!(is_path(good), "{good}");
        }
        for (bad, better) in [
            ("Gas Heater", Some("gas-heater")),
            ("ｇａｓ", Some("gas")),
            ("gas_heater", Some("gas-heater")),
            ("-a-", Some("a")),
            ("給湯器", None),
            ("", None),
        ] {
            assert!(!is_path(bad), "{bad}");
            assert_eq!(suggest(bad).as_deref(), better, "{bad}");
        }
    }

    #[test]
    fn parents_end_at_the_root() {
        let id = Id::from("a.b-c.d");
        assert_eq!(id.with_parents().collect::<Vec<_>>(), ["a.b-c.d", "a.b-c", "a"]);
    }
}
