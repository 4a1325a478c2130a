//! One passage of a document in words, for people who do not read its notation.

use anshin_model::shape::{self, Object, Shape};
use anshin_model::tree::Node;
use anshin_model::{Lang, Text, format};

use super::Value;
use super::facts::{known, map, value};
use super::show::shown;
use crate::names::item_name;
use crate::subject::Subject;
use crate::words;

/// The key of a decision that tells programs whether its facts still hold.
const FINGERPRINT: &str = "seen";

/// A place of a document in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is: the thing that it belongs to, and which of its facts.
    pub name: Text,
    /// What the document says there; nothing where it says nothing.
    pub value: Option<Text>,
}

/// A place of a document, by the keys and the names of items that lead to it, joined by slashes;
/// nothing if the format has no such place, or the document no such item.
pub fn passage(subject: &Subject<'_>, tree: &Node, path: &str) -> Option<Passage> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let field = format::DOCUMENT.fields.iter().find(|field| field.name == first)?;
    let names = vec![words::list(first)];
    let mut walk = Walk { subject, names, key: first, list: first };
    let found = walk.on(tree.get(first), &field.shape, rest)?;
    let both = |words: &Value| {
        let [ja, en] = Lang::ALL.map(|lang| shown(words, lang));
        Text::new(ja, en)
    };
    let name =
        |lang: Lang, mark: &str| walk.names.iter().map(|name| name.get(lang)).collect::<Vec<_>>().join(mark);
    Some(Passage {
        name: Text::new(name(Lang::Ja, "・"), name(Lang::En, ": ")),
        value: found.as_ref().map(both),
    })
}

struct Walk<'a, 'b> {
    subject: &'a Subject<'b>,
    /// What was passed on the way.
    names: Vec<Text>,
    /// The key that led here.
    key: &'a str,
    /// The list of the document in which the place is.
    list: &'a str,
}

impl<'a> Walk<'a, '_> {
    /// Goes on from a node along what is left of a path. The outer nothing is for no such place, the
    /// inner one for a place where nothing is said.
    #[expect(clippy::option_option, reason = "no such place is not the same as nothing said there")]
    fn on(&mut self, node: Option<&Node>, shape: &'static Shape, path: &'a str) -> Option<Option<Value>> {
        if path.is_empty() {
            return Some(node.map(|node| value(self.subject, node, shape, self.key)));
        }
        match shape {
            Shape::Object(object) | Shape::Short(object) => self.inside(node, object, path),
            Shape::Items(object) | Shape::List(Shape::Object(object) | Shape::Short(object)) => {
                let (item, rest) = self.item(node?, path)?;
                if rest.is_empty() {
                    Some(Some(self.whole(item, object)))
                } else {
                    self.inside(Some(item), object, rest)
                }
            }
            Shape::Text => {
                let lang = Lang::ALL.into_iter().find(|lang| lang.code() == path)?;
                self.names.push(match lang {
                    Lang::Ja => Text::new("日本語", "in Japanese"),
                    Lang::En => Text::new("英語", "in English"),
                });
                let words = node.and_then(|node| node.get(path)).and_then(Node::scalar);
                Some(words.map(|words| Value::Text(Text::same(words))))
            }
            Shape::List(inner) | Shape::OneOrMore(inner) => {
                self.names.push(known(self.subject, path, inner, self.key).name);
                let there = node?.items().iter().any(|item| item.scalar() == Some(path));
                Some(there.then(|| Value::Word(known(self.subject, path, inner, self.key))))
            }
            _ => None,
        }
    }

    /// Goes on into a map.
    #[expect(clippy::option_option, reason = "no such place is not the same as nothing said there")]
    fn inside(
        &mut self,
        node: Option<&Node>,
        object: &'static Object,
        path: &'a str,
    ) -> Option<Option<Value>> {
        let (key, rest) = path.split_once('/').unwrap_or((path, ""));
        let field = object.fields.iter().find(|field| field.name == key)?;
        self.names.push(words::key(object.name, key));
        self.key = key;
        self.on(node.and_then(|node| node.get(key)), &field.shape, rest)
    }

    /// What an item says, besides what it is known by.
    fn whole(&self, item: &Node, object: &'static Object) -> Value {
        let mut value = map(self.subject, item, object);
        if let Value::Map(entries) = &mut value {
            entries.retain(|(key, _)| !["id", "subject", "scenario", FINGERPRINT].contains(&key.id.as_str()));
        }
        value
    }

    /// The item of a list that a path names first, and the rest of the path. What a decision is about
    /// may have slashes in it.
    fn item<'n>(&mut self, list: &'n Node, path: &'a str) -> Option<(&'n Node, &'a str)> {
        let about = |item: &Node| {
            let word = ["subject", "scenario"].into_iter().find_map(|key| item.get(key)?.scalar());
            let own = shape::item_id(item).map(|(id, _)| id);
            own.or_else(|| item.scalar().or(word).map(str::to_owned))
        };
        let (item, name, rest) = list.items().iter().find_map(|item| {
            let name = about(item)?;
            let rest = path.strip_prefix(name.as_str())?;
            let rest = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
            Some((item, name, rest))
        })?;
        self.names.push(item_name(self.subject, self.list, &name));
        Some((item, rest))
    }
}
