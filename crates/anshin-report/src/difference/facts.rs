//! What two documents state, compared item by item and key by key.
//!
//! The shape of the format tells what a place holds, and with it what two notations have in common:
//! a text given once or in both languages, one id or a list of one, a step with or without a map.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::shape::{self, Object, Shape};
use anshin_model::tree::{Node, Value as Written};
use anshin_model::{Id, Lang, Text, format};
use anshin_quantify::amount::grouped;
use serde::Deserialize as _;

use super::{Change, FactChange, ItemChange, Named, Pair, Value, Version, pair};
use crate::names::{catalog_name, decided_name, item_name};
use crate::subject::Subject;
use crate::words;

/// Lists whose order means something.
const ORDERED: &[&str] = &["steps", "through"];

/// What an empty list says that a missing one does not: the asset does not have its kind's hazards.
const EMPTY_MEANS_NONE: &str = "hazards";

/// What holds if a key is left out: object and key of the format, and the word.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("system", "criticality", "ordinary"),
    ("system", "stage", "planning"),
    ("stakeholder", "lead", "false"),
    ("stakeholder", "person", "false"),
    ("stakeholder", "reach", "one"),
    ("dependence", "substitute", "partly"),
    ("dependence", "restore", "days"),
    ("dependence", "outside", "none"),
    ("hazard", "unlikely", "false"),
    ("targets", "recovery", "limited"),
    ("targets", "economic", "limited"),
];

/// A fact as one version states it.
struct Stated {
    key: Named,
    value: Value,
    /// It would hold without being written.
    default: bool,
}

pub(super) fn compare(old: &Version<'_>, new: &Version<'_>) -> Vec<ItemChange> {
    let mut out = Vec::new();
    for field in format::DOCUMENT.fields {
        match &field.shape {
            Shape::Object(object) => {
                let empty = Node { value: Written::Map(Vec::new()), span: old.tree.span };
                let item = |version: &Version<'_>| {
                    let node = version.tree.get(field.name).unwrap_or(&empty);
                    state(&version.subject, node, object, "")
                };
                let facts = changes(item(old), item(new), false);
                if !facts.is_empty() {
                    let name = new.subject.system.document.system.name.clone();
                    let item = Named { id: Id::from(""), name };
                    out.push(ItemChange { list: field.name, item, change: Change::Changed, facts });
                }
            }
            Shape::Items(object) | Shape::List(Shape::Object(object)) => {
                out.extend(compare_lists(field.name, object, old, new));
            }
            // The version of the format, and how the document is cut into files.
            _ => {}
        }
    }
    out
}

/// Compares the items of a list, matched by their ids.
fn compare_lists(
    list: &'static str,
    object: &'static Object,
    old: &Version<'_>,
    new: &Version<'_>,
) -> Vec<ItemChange> {
    // What is about something else is known by that.
    let identity = match list {
        "decisions" => "subject",
        "acceptances" => "scenario",
        _ => "id",
    };
    let items = |version: &Version<'_>| -> Vec<(String, (String, Vec<Stated>))> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let nodes = version.tree.get(list).map_or(&[][..], Node::items);
        let id = |node: &Node| {
            if identity == "id" {
                return shape::item_id(node).map(|(id, _)| id);
            }
            let subject = node.get(identity)?.scalar()?;
            // There may be several decisions about one proposal, and acceptances of one scenario.
            let nth = seen.entry(subject.to_owned()).and_modify(|n| *n += 1).or_insert(1);
            Some(if *nth == 1 { subject.to_owned() } else { format!("{subject}#{nth}") })
        };
        let ids: Vec<Option<String>> = nodes.iter().map(id).collect();
        let stated = ids.into_iter().zip(nodes).filter_map(|(id, node)| {
            let id = id?;
            Some((id.clone(), (id, state(&version.subject, node, object, identity))))
        });
        stated.collect()
    };
    let mut out: Vec<ItemChange> = pair(items(old), items(new))
        .into_iter()
        .filter_map(|both| {
            let change = both.change();
            let id = both.latest()?.0.clone();
            let facts = changes(
                both.old.map_or_else(Vec::new, |(_, facts)| facts),
                both.new.map_or_else(Vec::new, |(_, facts)| facts),
                change != Change::Changed,
            );
            if change == Change::Changed && facts.is_empty() {
                return None;
            }
            let version = if change == Change::Removed { old } else { new };
            let name = item_name(&version.subject, list, &id);
            Some(ItemChange { list, item: Named { id: Id::from(id), name }, change, facts })
        })
        .collect();
    tell_apart(&mut out);
    out
}

/// Adds the id to the names of different items that are called the same in a language.
fn tell_apart(items: &mut [ItemChange]) {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for (item, lang) in items.iter().flat_map(|item| Lang::ALL.map(|lang| (item, lang))) {
        let name = (lang, item.item.name.get(lang).to_owned());
        if !seen.insert(name.clone()) {
            twice.insert(name);
        }
    }
    for item in items {
        let name = |lang: Lang, (open, close)| {
            let name = item.item.name.get(lang);
            let told = twice.contains(&(lang, name.to_owned()));
            if told { format!("{name}{open}{}{close}", item.item.id) } else { name.to_owned() }
        };
        item.item.name = Text::new(name(Lang::Ja, ("（", "）")), name(Lang::En, (" (", ")")));
    }
}

/// The facts in which two statements differ. Of a thing that came or went, defaults are not told.
fn changes(old: Vec<Stated>, new: Vec<Stated>, whole: bool) -> Vec<FactChange> {
    let keyed = |facts: Vec<Stated>| {
        facts.into_iter().map(|stated| (stated.key.id.clone(), stated)).collect::<Vec<_>>()
    };
    let differs = |both: &Pair<Stated>| match (&both.old, &both.new) {
        (Some(old), Some(new)) => old.value != new.value,
        (Some(one), None) | (None, Some(one)) => !one.default,
        (None, None) => false,
    };
    let mut pairs = pair(keyed(old), keyed(new));
    pairs.retain(|both| if whole { both.latest().is_some_and(|one| !one.default) } else { differs(both) });
    pairs
        .into_iter()
        .filter_map(|both| {
            let key = both.latest()?.key.clone();
            let value = |stated: Stated| stated.value;
            Some(FactChange { key, value: Pair { old: both.old.map(value), new: both.new.map(value) } })
        })
        .collect()
}

/// What a map states, in the order of the format; maps in it are opened up.
fn state(subject: &Subject<'_>, node: &Node, object: &'static Object, identity: &str) -> Vec<Stated> {
    let mut out = Vec::new();
    for field in object.fields.iter().filter(|field| field.name != identity) {
        let own = Named { id: Id::from(field.name), name: words::key(object.name, field.name) };
        let default =
            DEFAULTS.iter().find(|(of, key, _)| *of == object.name && *key == field.name).map(|d| d.2);
        let written = node.get(field.name).filter(|node| !matches!(node.value, Written::Null));
        match (written, &field.shape) {
            (Some(node), Shape::Object(inner)) => {
                out.extend(
                    state(subject, node, inner, "")
                        .into_iter()
                        .map(|stated| Stated { key: join(&own, &stated.key), ..stated }),
                );
            }
            (Some(node), shape) => {
                let value = value(subject, node, shape, field.name);
                let empty = matches!(&value, Value::List(items) if items.is_empty());
                if !empty || field.name == EMPTY_MEANS_NONE {
                    let default = default.is_some() && node.scalar() == default;
                    out.push(Stated { key: own, value, default });
                }
            }
            (None, shape) => {
                if let Some(word) = default {
                    let value = Value::Word(known(subject, word, shape, field.name));
                    out.push(Stated { key: own, value, default: true });
                }
            }
        }
    }
    out
}

fn join(outer: &Named, inner: &Named) -> Named {
    let both = |lang: Lang, mark: &str| format!("{}{mark}{}", outer.name.get(lang), inner.name.get(lang));
    Named {
        id: Id::from(format!("{}.{}", outer.id, inner.id)),
        name: Text::new(both(Lang::Ja, "・"), both(Lang::En, ": ")),
    }
}

/// The value of a place that holds something.
pub(super) fn value(subject: &Subject<'_>, node: &Node, shape: &'static Shape, key: &str) -> Value {
    match shape {
        Shape::Text => Value::Text(Text::deserialize(node).unwrap_or_default()),
        Shape::List(inner) | Shape::OneOrMore(inner) => {
            let items = match &node.value {
                Written::List(items) => items.as_slice(),
                _ => std::slice::from_ref(node),
            };
            let mut values: Vec<Value> = items.iter().map(|item| value(subject, item, inner, key)).collect();
            if !ORDERED.contains(&key) {
                values.sort();
                values.dedup();
            }
            Value::List(values)
        }
        Shape::Items(object) | Shape::Object(object) => map(subject, node, object),
        Shape::Short(object) => match &node.value {
            Written::Scalar { .. } => {
                let first = &object.fields[0];
                let own = Named { id: Id::from(first.name), name: words::key(object.name, first.name) };
                Value::Map(vec![(own, value(subject, node, &first.shape, first.name))])
            }
            _ => map(subject, node, object),
        },
        _ => Value::Word(known(subject, node.scalar().unwrap_or_default(), shape, key)),
    }
}

pub(super) fn map(subject: &Subject<'_>, node: &Node, object: &'static Object) -> Value {
    let stated = state(subject, node, object, "");
    let told = stated.into_iter().filter(|stated| !stated.default);
    Value::Map(told.map(|stated| (stated.key, stated.value)).collect())
}

/// A word with the name that people know it by.
pub(super) fn known(subject: &Subject<'_>, word: &str, shape: &'static Shape, key: &str) -> Named {
    let id = match shape {
        // 1000 and 1000.0 are the same number.
        Shape::Number(..) | Shape::Whole(..) => {
            word.parse::<f64>().map_or_else(|_| Id::from(word), |n| Id::from(n.to_string()))
        }
        _ => Id::from(word),
    };
    let name = match shape {
        Shape::Known(section) => catalog_name(subject.system.catalog, section, word),
        Shape::Ref(list) => item_name(subject, list, word),
        Shape::Choice(_) => words::choice(key, word),
        Shape::Bool => words::choice("", word),
        // An override names a level or a stakeholder.
        Shape::Line if key == "value" => decided_name(subject, word),
        Shape::Number(..) | Shape::Whole(..) => Text::same(number(id.as_str())),
        _ => Text::same(id.as_str()),
    };
    Named { id, name }
}

/// A number with its digits in groups, as amounts are written everywhere.
fn number(plain: &str) -> String {
    let (whole, part) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    whole.parse().map_or_else(|_| plain.to_owned(), |whole| grouped(whole) + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(object: &'static Object, check: &mut impl FnMut(&Object, &str, &Shape)) {
        for field in object.fields {
            check(object, field.name, &field.shape);
            let mut shape = &field.shape;
            while let Shape::List(inner) | Shape::OneOrMore(inner) = shape {
                shape = inner;
            }
            check(object, field.name, shape);
            if let Shape::Items(inner) | Shape::Object(inner) | Shape::Short(inner) = shape {
                visit(inner, check);
            }
        }
    }

    #[test]
    fn every_default_is_a_choice_of_its_place() {
        let mut found = Vec::new();
        visit(&format::DOCUMENT, &mut |object, key, shape| {
            for (of, own, word) in DEFAULTS.iter().filter(|d| d.0 == object.name && d.1 == key) {
                let fits = match shape {
                    Shape::Choice(words) => words.iter().any(|(known, _)| known == word),
                    Shape::Bool => *word == "false",
                    _ => false,
                };
                assert!(fits, "{of} {own} {word}");
                found.push((*of, *own));
            }
        });
        found.dedup();
        assert_eq!(found.len(), DEFAULTS.len(), "{found:?}");
    }

    #[test]
    fn every_key_and_word_of_the_format_is_named_in_both_languages() {
        let mut missing = Vec::new();
        visit(&format::DOCUMENT, &mut |object, key, shape| {
            if object.name == "document" && !matches!(key, "anshin" | "from" | "include") {
                missing.extend((!words::has_list(key)).then(|| key.to_owned()));
            } else if object.name != "document" {
                let named = words::has_key(object.name, key);
                missing.extend((!named).then(|| format!("{}.{key}", object.name)));
                if let Shape::Choice(choices) = shape {
                    let unnamed = choices.iter().filter(|(word, _)| !words::has_choice(key, word));
                    missing.extend(unnamed.map(|(word, _)| format!("{key} {word}")));
                }
            }
        });
        assert_eq!(missing, Vec::<String>::new());
    }
}
