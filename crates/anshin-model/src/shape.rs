//! The shape of a file: which keys exist where, and what they hold.
//!
//! One description serves three readers: [`check`] finds every deviation of a tree in one go,
//! [`json_schema`] tells editors, and the documentation is written from the same sentences.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::diagnostic::{Code, Diagnostic};
use crate::id;
use crate::text::Text;
use crate::tree::{Key, Node, Span, Value};
use crate::wrong::Wrong;

/// What a place in a file holds.
#[derive(Debug)]
pub enum Shape {
    /// A text for people: a string, or a map of `ja` and `en`.
    Text,
    /// A plain string.
    Line,
    /// An identifier of the user's own: lowercase words joined by hyphens.
    Id,
    /// `true` or `false`.
    Bool,
    /// A number in a closed range.
    Number(f64, f64),
    /// A number in a closed range, or a word instead.
    NumberOr(f64, f64, &'static str),
    /// A whole number in a closed range.
    Whole(u32, u32),
    /// A date, `YYYY-MM-DD`.
    Date,
    /// One of a few words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A word of the catalog; the name of the vocabulary, such as `asset-kinds`.
    Known(&'static str),
    /// The id of an item of this document; the name of its list, such as `assets`.
    Ref(&'static str),
    /// A list.
    List(&'static Shape),
    /// One value, or a list of them.
    OneOrMore(&'static Shape),
    /// A list of things with ids of their own.
    Items(&'static Object),
    /// A map with known keys.
    Object(&'static Object),
    /// A word in place of a map, or a list where it may be one: the value of the map's first field.
    Short(&'static Object),
}

/// A map with known keys.
#[derive(Debug)]
pub struct Object {
    /// Name of the object in the JSON Schema.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// The keys.
    pub fields: &'static [Field],
}

/// A key of an [`Object`].
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// One sentence.
    pub about: &'static str,
}

impl Field {
    /// A key that must be there.
    pub const fn required(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, required: true, about }
    }

    /// A key that may be left out.
    pub const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, required: false, about }
    }
}

/// [`Field::required`] for files that describe many keys.
pub const fn required(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field::required(name, shape, about)
}

/// [`Field::optional`] for files that describe many keys.
pub const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Field {
    Field::optional(name, shape, about)
}

/// The words that a document may use from the catalog: vocabulary name to words.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Vocabulary {
    /// Adds words to a vocabulary.
    pub fn add(&mut self, vocabulary: &str, words: impl IntoIterator<Item = String>) {
        self.words.entry(vocabulary.to_owned()).or_default().extend(words);
    }

    /// The words of a vocabulary, `None` when it is not known at all.
    pub fn words(&self, vocabulary: &str) -> Option<&BTreeSet<String>> {
        self.words.get(vocabulary)
    }
}

/// Checks a tree against a shape; returns everything that deviates. A hint names what shows the shape: a
/// command, such as `anshin schema`, or a page.
pub fn check(
    root: &Node,
    object: &'static Object,
    vocabulary: &Vocabulary,
    shown_by: &'static str,
) -> Vec<Diagnostic> {
    let (ids, found) = (BTreeMap::new(), Vec::new());
    let mut checker = Checker { nearest_left: MOST_NEAREST, vocabulary, shown_by, ids, found };
    for field in object.fields {
        if let (Shape::Items(_), Some(list)) = (&field.shape, root.get(field.name)) {
            checker.collect_ids(field.name, list);
        }
    }
    checker.object(root, object);
    checker.found
}

/// The id of an item: written, or for a link made of its ends.
pub fn item_id(item: &Node) -> Option<(String, Span)> {
    if let Some(id) = item.get("id") {
        return id.scalar().map(|text| (text.to_owned(), id.span));
    }
    let (from, to) = (item.get("from")?, item.get("to")?);
    Some((format!("{}--{}", from.scalar()?, to.scalar()?), from.span))
}

/// Most nearest names that are looked for in one document: each search reads all names.
const MOST_NEAREST: usize = 50;

struct Checker<'a> {
    nearest_left: usize,
    vocabulary: &'a Vocabulary,
    shown_by: &'static str,
    ids: BTreeMap<&'static str, BTreeMap<String, Span>>,
    found: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn collect_ids(&mut self, list: &'static str, node: &Node) {
        let ids = self.ids.entry(list).or_default();
        for item in node.items() {
            let Some((id, span)) = item_id(item) else { continue };
            if let Some(&first) = ids.get(&id) {
                self.found.push(Wrong::Twice { id, first }.at(span));
            } else {
                ids.insert(id, span);
            }
        }
    }

    fn wrong(&mut self, node: &Node, ja: &str, en: &str) {
        let (is_ja, is_en) = match &node.value {
            Value::Null => ("何も書かれていません", "nothing is written"),
            Value::Scalar { .. } => ("語が書かれています", "there is a word"),
            Value::List(_) => ("リストが書かれています", "there is a list"),
            Value::Map(_) => ("マップが書かれています", "there is a map"),
        };
        self.found.push(
            Diagnostic::error(
                Code::WrongType,
                Text::new(
                    format!("ここには{ja}が必要ですが、{is_ja}"),
                    format!("{en} is expected here, but {is_en}"),
                ),
            )
            .at(node.span)
            .hint(Text::new(
                format!("`{}`がすべてのキーと値の形を示します", self.shown_by),
                format!("`{}` shows every key and the form of its value", self.shown_by),
            )),
        );
    }

    fn control_character(&mut self, node: &Node) {
        self.found.push(Wrong::Control.at(node.span));
    }

    fn object(&mut self, node: &Node, object: &'static Object) {
        let Value::Map(entries) = &node.value else {
            self.wrong(node, "キーと値のマップ", "a map of keys and values");
            return;
        };
        for (key, value) in entries {
            match object.fields.iter().find(|field| field.name == &*key.text) {
                Some(field) => self.value(value, &field.shape, field.required),
                None => self.unknown_key(key, object),
            }
        }
        for field in object.fields.iter().filter(|field| field.required) {
            if node.get(field.name).is_none() {
                self.found.push(Wrong::Missing { object, field }.at(node.span));
            }
        }
    }

    fn unknown_key(&mut self, key: &Key, object: &'static Object) {
        let names = object.fields.iter().map(|field| field.name);
        let hint = nearest(&key.text, names.clone()).map_or_else(
            || {
                let all = names.collect::<Vec<_>>().join(", ");
                Text::new(format!("使えるキー: {all}"), format!("keys that exist here: {all}"))
            },
            did_you_mean,
        );
        self.found.push(
            Diagnostic::error(
                Code::UnknownKey,
                Text::new(
                    format!("`{}`というキーはここにはありません", key.text),
                    format!("there is no key `{}` here", key.text),
                ),
            )
            .at(key.span)
            .hint(hint),
        );
    }

    fn value(&mut self, node: &Node, shape: &'static Shape, required: bool) {
        if matches!(node.value, Value::Null) && !required {
            return;
        }
        if node.scalar().is_some_and(has_control) {
            self.control_character(node);
            return;
        }
        match shape {
            Shape::Text => self.text(node),
            Shape::Line => {
                if node.scalar().is_none() {
                    self.wrong(node, "文字列", "a string");
                }
            }
            Shape::Id => self.id(node),
            Shape::Bool => match node.scalar() {
                Some("true" | "false") => {}
                Some(word) => self.found.push(Wrong::Bool { word: word.to_owned() }.at(node.span)),
                None => self.wrong(node, "`true`か`false`", "`true` or `false`"),
            },
            Shape::NumberOr(.., word) if node.scalar() == Some(*word) => {}
            Shape::NumberOr(low, high, word) => self.number(node, (*low, *high), Some(word)),
            Shape::Number(low, high) => self.number(node, (*low, *high), None),
            Shape::Whole(low, high) => self.whole(node, *low, *high),
            Shape::Date => match node.scalar() {
                Some(word) if is_date(word) => {}
                Some(word) => self.found.push(Wrong::Date { word: word.to_owned() }.at(node.span)),
                None => self.wrong(node, "日付", "a date"),
            },
            Shape::Choice(words) => self.word(node, words),
            Shape::Known(vocabulary) => self.known(node, vocabulary),
            Shape::Ref(list) => self.reference(node, list),
            Shape::List(inner) => match &node.value {
                Value::List(items) => items.iter().for_each(|item| self.value(item, inner, true)),
                _ => self.wrong(node, "リスト（`[ … ]`または`- …`）", "a list (`[ … ]` or `- …`)"),
            },
            Shape::OneOrMore(inner) => match &node.value {
                Value::List(items) => items.iter().for_each(|item| self.value(item, inner, true)),
                _ => self.value(node, inner, true),
            },
            Shape::Items(object) => match &node.value {
                Value::List(items) => items.iter().for_each(|item| self.object(item, object)),
                _ => self.wrong(node, "リスト（`- id: …`）", "a list (`- id: …`)"),
            },
            Shape::Object(object) => self.object(node, object),
            Shape::Short(object) => match (&node.value, &object.fields[0].shape) {
                (Value::Scalar { .. }, first) | (Value::List(_), first @ Shape::OneOrMore(_)) => {
                    self.value(node, first, true);
                }
                _ => self.object(node, object),
            },
        }
    }

    fn text(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar { text, .. } if text.trim().is_empty() => {
                self.wrong(node, "空でない文", "a text that is not empty");
            }
            Value::Scalar { .. } => {}
            Value::Map(entries) if entries.is_empty() => {
                self.wrong(node, "空でない文", "a text that is not empty");
            }
            Value::Map(entries) => {
                for (key, value) in entries {
                    if !matches!(&*key.text, "ja" | "en") {
                        self.found.push(
                            Diagnostic::error(
                                Code::UnknownKey,
                                Text::new(
                                    format!("文の言語は`ja`と`en`だけです（`{}`）", key.text),
                                    format!(
                                        "a text has the languages `ja` and `en` only, not `{}`",
                                        key.text
                                    ),
                                ),
                            )
                            .at(key.span)
                            .hint(Text::new(
                                "文に`,`や`:`があるときは引用符で囲んでください",
                                "put the text in quotes if it contains `,` or `:`",
                            )),
                        );
                    }
                    match value.scalar() {
                        None => self.wrong(value, "文字列", "a string"),
                        Some(text) if has_control(text) => self.control_character(value),
                        Some(_) => {}
                    }
                }
            }
            _ => self.wrong(node, "文（文字列、または`ja`と`en`）", "a text (a string, or `ja` and `en`)"),
        }
    }

    fn id(&mut self, node: &Node) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "識別子", "an id");
            return;
        };
        if id::is_path(word) {
            return;
        }
        self.found.push(Wrong::Id { word: word.to_owned() }.at(node.span));
    }

    fn number(&mut self, node: &Node, (low, high): (f64, f64), or: Option<&'static str>) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "数", "a number");
            return;
        };
        if word.parse::<f64>().is_ok_and(|number| number >= low && number <= high) {
            return;
        }
        self.found.push(Wrong::Number { word: word.to_owned(), low, high, whole: false, or }.at(node.span));
    }

    fn whole(&mut self, node: &Node, low: u32, high: u32) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "数", "a number");
            return;
        };
        if word.parse().is_ok_and(|n: u32| (low..=high).contains(&n)) {
            return;
        }
        let (word, low, high) = (word.to_owned(), f64::from(low), f64::from(high));
        self.found.push(Wrong::Number { word, low, high, whole: true, or: None }.at(node.span));
    }

    fn word(&mut self, node: &Node, words: &'static [(&'static str, &'static str)]) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "選択肢の語", "one of a few words");
            return;
        };
        if words.iter().all(|(own, _)| *own != word) {
            self.found.push(Wrong::Choice { word: word.to_owned(), words }.at(node.span));
        }
    }

    fn known(&mut self, node: &Node, vocabulary: &'static str) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "カタログの語", "a word of the catalog");
            return;
        };
        let Some(words) = self.vocabulary.words(vocabulary) else { return };
        if words.contains(word) {
            return;
        }
        let search = self.nearest_left > 0;
        self.nearest_left = self.nearest_left.saturating_sub(1);
        let near = if search { nearest(word, words.iter().map(String::as_str)) } else { None };
        let near = near.map(str::to_owned);
        self.found.push(Wrong::Known { word: word.to_owned(), section: vocabulary, near }.at(node.span));
    }

    fn reference(&mut self, node: &Node, list: &'static str) {
        let Some(word) = node.scalar() else {
            self.wrong(node, "識別子", "an id");
            return;
        };
        let ids = self.ids.get(list);
        if ids.is_some_and(|ids| ids.contains_key(word)) {
            return;
        }
        let repaired = id::suggest(word).filter(|better| ids.is_some_and(|ids| ids.contains_key(better)));
        let search = ids.filter(|_| self.nearest_left > 0);
        self.nearest_left = self.nearest_left.saturating_sub(1);
        let near = search.and_then(|ids| nearest(word, ids.keys().map(String::as_str)));
        let near = repaired.or_else(|| near.map(str::to_owned));
        self.found.push(Wrong::Reference { word: word.to_owned(), list, near }.at(node.span));
    }
}

/// Whether a text holds characters that steer a terminal or spoil a file. No document may have them.
#[must_use]
pub fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The hint that offers a nearby name.
pub fn did_you_mean(name: &str) -> Text {
    Text::new(format!("`{name}`のことですか"), format!("did you mean `{name}`?"))
}

/// The name nearest to a word, if one is near enough to be a slip of the pen.
pub fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A hostile word must not make the comparison slow.
    if word.len() > 200 {
        return None;
    }
    names
        .map(|name| {
            let last = name.rsplit('.').next().unwrap_or(name);
            let score = strsim::jaro_winkler(word, name).max(if word == last { 0.99 } else { 0.0 });
            (score, name)
        })
        .filter(|(score, _)| *score >= 0.84)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

/// Whether a word is a date of the calendar, written `YYYY-MM-DD`.
pub fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>())
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// What is said of an object, of a key (`Object.key`) and of a choice (`Object.key=word`), in another language
/// than that of the shape; `None` leaves it as it is.
pub type Sentences<'a> = &'a dyn Fn(&str) -> Option<&'static str>;

/// The JSON Schema (2020-12) of a shape; known words become lists to choose from.
pub fn json_schema(object: &'static Object, title: &str, vocabulary: &Vocabulary) -> Json {
    json_schema_in(object, title, vocabulary, &|_| None)
}

/// [`json_schema`] with sentences in another language.
pub fn json_schema_in(
    object: &'static Object,
    title: &str,
    vocabulary: &Vocabulary,
    sentences: Sentences<'_>,
) -> Json {
    let say = |about: &str, own: &'static str| sentences(about).unwrap_or(own);
    let mut definitions = serde_json::Map::new();
    definitions.insert(
        "text".into(),
        json!({ "description": say("text", "A text for people: one string for both languages, or `ja` and `en`."),
            "oneOf": [ { "type": "string" }, { "type": "object", "additionalProperties": false, "minProperties": 1,
                "properties": { "ja": { "type": "string" }, "en": { "type": "string" } } } ] }),
    );
    definitions.insert(
        "id".into(),
        json!({ "description": say("id", "Lowercase words joined by hyphens."), "type": "string", "pattern": id::PATTERN }),
    );
    Schema { vocabulary, sentences, definitions: &mut definitions }.define(object);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$ref": format!("#/$defs/{}", object.name),
        "$defs": definitions,
    })
}

/// A schema that is being made.
struct Schema<'a> {
    vocabulary: &'a Vocabulary,
    sentences: Sentences<'a>,
    definitions: &'a mut serde_json::Map<String, Json>,
}

impl Schema<'_> {
    fn say(&self, about: &str, own: &'static str) -> &'static str {
        (self.sentences)(about).unwrap_or(own)
    }

    fn define(&mut self, object: &'static Object) {
        if self.definitions.contains_key(object.name) {
            return;
        }
        self.definitions.insert(object.name.into(), Json::Null);
        let mut properties = serde_json::Map::new();
        for field in object.fields {
            let path = format!("{}.{}", object.name, field.name);
            let about = self.say(&path, field.about);
            let mut schema = self.of(&field.shape, &path);
            if let Some(map) = schema.as_object_mut() {
                map.insert("description".into(), about.into());
            }
            // An optional key may stand there without a value.
            if !field.required {
                schema = json!({ "description": about, "anyOf": [schema, { "type": "null" }] });
            }
            properties.insert(field.name.into(), schema);
        }
        let required: Vec<_> = object.fields.iter().filter(|f| f.required).map(|f| f.name).collect();
        self.definitions.insert(
            object.name.into(),
            json!({ "description": self.say(object.name, object.about), "type": "object", "properties": properties,
                "required": required, "additionalProperties": false }),
        );
    }

    fn of(&mut self, shape: &'static Shape, path: &str) -> Json {
        match shape {
            Shape::Text => json!({ "$ref": "#/$defs/text" }),
            Shape::Line => json!({ "type": ["string", "number", "boolean"] }),
            Shape::Id | Shape::Ref(_) => json!({ "$ref": "#/$defs/id" }),
            Shape::Bool => json!({ "type": "boolean" }),
            Shape::Number(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
            Shape::NumberOr(low, high, word) => {
                json!({ "anyOf": [{ "type": "number", "minimum": low, "maximum": high }, { "const": word }] })
            }
            Shape::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
            Shape::Date => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
            Shape::Choice(words) => json!({ "oneOf": words.iter().map(|(word, about)| {
                let about = self.say(&format!("{path}={word}"), about);
                match word.parse::<u64>() {
                    // A version may be written as a number or as a word.
                    Ok(number) => json!({ "enum": [word, number], "description": about }),
                    Err(_) => json!({ "const": word, "description": about }),
                }
            }).collect::<Vec<_>>() }),
            Shape::Known(name) => match self.vocabulary.words(name) {
                Some(words) => json!({ "enum": words }),
                None => json!({ "type": "string" }),
            },
            Shape::List(inner) => json!({ "type": "array", "items": self.of(inner, path) }),
            Shape::OneOrMore(inner) => {
                let one = self.of(inner, path);
                json!({ "anyOf": [one, { "type": "array", "items": one }] })
            }
            Shape::Items(object) => {
                self.define(object);
                json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", object.name) } })
            }
            Shape::Object(object) => {
                self.define(object);
                json!({ "$ref": format!("#/$defs/{}", object.name) })
            }
            Shape::Short(object) => {
                self.define(object);
                let first = &object.fields[0];
                let short = self.of(&first.shape, &format!("{}.{}", object.name, first.name));
                json!({ "anyOf": [short, { "$ref": format!("#/$defs/{}", object.name) }] })
            }
        }
    }
}
