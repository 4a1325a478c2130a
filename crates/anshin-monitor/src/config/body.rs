//! What a web server that takes messages of another form is sent, such as a chat.

use anshin_model::Text;
use serde_json::Value;

/// What may be filled in.
const WORDS: [&str; 2] = ["title", "text"];

/// JSON in whose texts `{title}` and `{text}` stand for what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(Value);

impl Body {
    /// # Errors
    /// What is wrong with it: it is no JSON, names something else, or tells nothing.
    pub fn new(text: &str) -> Result<Self, Text> {
        let body: Value = serde_json::from_str(text).map_err(|error| {
            Text::new(format!("`body`がJSONではありません: {error}"), format!("`body` is no JSON: {error}"))
        })?;
        let (mut other, mut tells) = (None, false);
        walk(&body, &mut |text| {
            pieces(text, |piece| {
                if let Piece::Word(word) = piece {
                    let is_known = WORDS.contains(&word);
                    tells |= is_known;
                    other = other.take().or_else(|| (!is_known).then(|| word.to_owned()));
                }
            });
        });
        match other {
            Some(word) => Err(Text::new(
                format!("`body`の`{{{word}}}`は使えません"),
                format!("`body` has `{{{word}}}`, which stands for nothing"),
            )),
            None if !tells => {
                Err(Text::new("`body`が警報のことを何も伝えません", "`body` tells nothing of an alert"))
            }
            None => Ok(Self(body)),
        }
    }

    /// The body that tells of an alert: one line, and all that people are told of it.
    #[must_use]
    pub fn fill(&self, title: &str, text: &str) -> String {
        filled(&self.0, &|word| if word == "title" { title } else { text }).to_string()
    }
}

/// A part of a text.
enum Piece<'t> {
    Plain(&'t str),
    /// A word in braces. Other braces are plain.
    Word(&'t str),
}

fn pieces<'t>(mut text: &'t str, mut take: impl FnMut(Piece<'t>)) {
    while let Some(open) = text.find('{') {
        let (before, rest) = text.split_at(open + 1);
        let word = rest.split_once('}').map(|(word, _)| word);
        let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if let Some(word) = word.filter(is_word) {
            take(Piece::Plain(&before[..open]));
            take(Piece::Word(word));
            text = &rest[word.len() + 1..];
        } else {
            take(Piece::Plain(before));
            text = rest;
        }
    }
    take(Piece::Plain(text));
}

/// Looks at all texts of a value.
fn walk<'v>(value: &'v Value, see: &mut impl FnMut(&'v str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(all) => all.iter().for_each(|one| walk(one, see)),
        Value::Object(all) => all.values().for_each(|one| walk(one, see)),
        _ => {}
    }
}

fn filled<'w>(value: &Value, word: &impl Fn(&str) -> &'w str) -> Value {
    match value {
        Value::String(text) => {
            let mut full = String::new();
            pieces(text, |piece| {
                full.push_str(match piece {
                    Piece::Plain(plain) => plain,
                    Piece::Word(of) => word(of),
                });
            });
            Value::String(full)
        }
        Value::Array(all) => all.iter().map(|one| filled(one, word)).collect(),
        Value::Object(all) => all.iter().map(|(key, one)| (key.clone(), filled(one, word))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_told_stands_in_the_texts_of_a_body_whatever_signs_it_has() {
        let body = Body::new(
            r#"{"to":"U1","n":2,"messages":[{"type":"text","text":"【{title}】\n{text} {}{ {x"}]}"#,
        );
        let filled: Value =
            serde_json::from_str(&body.unwrap().fill("press \"A\"", "slow\n{title}")).unwrap();
        let text = "【press \"A\"】\nslow\n{title} {}{ {x";
        assert_eq!(filled, json!({"to": "U1", "n": 2, "messages": [{"type": "text", "text": text}]}));
    }

    #[test]
    fn a_body_that_cannot_tell_is_refused() {
        for (text, why) in [
            ("{title}", "`body` is no JSON: key must be a string at line 1 column 2"),
            (r#"{"text":"{titel}"}"#, "`body` has `{titel}`, which stands for nothing"),
            (r#"{"{title}":"alarm"}"#, "`body` tells nothing of an alert"),
        ] {
            assert_eq!(Body::new(text).unwrap_err().get(Lang::En), why);
        }
    }
}
