//! Pieces of a document laid over each other, and what hangs in the air taken away.

use std::collections::BTreeSet;

use anshin_catalog::Condition;
use anshin_model::id;
use serde_json::{Map, Value};

use crate::answers::Answers;
use crate::guide::Guide;

type Document = Map<String, Value>;

/// The document that follows from answers.
pub(crate) fn assemble(guide: &Guide, answers: &Answers) -> Document {
    let mut document = Document::new();
    for part in guide.parts.iter().filter(|part| holds(&part.when, answers)) {
        for (key, value) in &part.adds {
            lay_over(document.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
    let name = answers.given("system").and_then(|words| words.first());
    if let Some(Value::Object(system)) = document.get_mut("system") {
        // Replaced here rather than in texts: a person's words are never read for placeholders.
        let name = name.map_or("IoT", String::as_str);
        if let Some(own) = id::suggest(name).filter(|own| !own.contains('.')) {
            system.insert("id".to_owned(), own.into());
        }
        system.insert("name".to_owned(), name.into());
    }
    depend(&mut document);
    prune(&mut document);
    document
}

fn holds(when: &Condition, answers: &Answers) -> bool {
    when.all.iter().all(|word| answers.has(word))
        && (when.any.is_empty() || when.any.iter().any(|word| answers.has(word)))
        && !when.none.iter().any(|word| answers.has(word))
}

/// Lays a piece over what is there: maps key by key, things of a list by their id, words once.
fn lay_over(base: &mut Value, piece: &Value) {
    match (base, piece) {
        (Value::Object(base), Value::Object(piece)) => {
            for (key, value) in piece {
                lay_over(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(base), Value::Array(piece)) => {
            for item in piece {
                let own = item.get("id");
                let found = base.iter().position(|b| own.is_some() && b.get("id") == own);
                match found {
                    Some(found) => lay_over(&mut base[found], item),
                    None if own.is_none() && base.contains(item) => {}
                    None => base.push(item.clone()),
                }
            }
        }
        (base, piece) => *base = piece.clone(),
    }
}

/// Gives the stakeholder that depends on the system its `depends-on`.
fn depend(document: &mut Document) {
    let Some(Value::Object(mut dependence)) = document.remove("dependence") else { return };
    let who = dependence.remove("of");
    if !dependence.contains_key("service") {
        return;
    }
    let all = document.get_mut("stakeholders").and_then(Value::as_array_mut);
    let found = all.and_then(|all| all.iter_mut().find(|one| who.is_some() && one.get("id") == who.as_ref()));
    if let Some(Value::Object(found)) = found {
        found.insert("depends-on".to_owned(), Value::Object(dependence));
    }
}

/// What a thing needs to be one, list by list.
const NEEDS: &[(&str, &[&str])] = &[
    ("stakeholders", &["name", "role"]),
    ("zones", &["kind"]),
    ("assets", &["name", "kind"]),
    ("data", &["kind"]),
    ("links", &["from", "to"]),
];

/// What names a thing of another list.
const REFERENCES: &[(&str, &str, &str)] = &[
    ("assets", "zone", "zones"),
    ("assets", "stores", "data"),
    ("assets", "made-by", "stakeholders"),
    ("assets", "operated-by", "stakeholders"),
    ("assets", "maintained-by", "stakeholders"),
    ("assets", "updated-by", "stakeholders"),
    ("data", "subject", "stakeholders"),
    ("data", "owner", "stakeholders"),
    ("links", "from", "assets"),
    ("links", "to", "assets"),
    ("links", "through", "assets"),
    ("links", "carries", "data"),
];

/// Takes away what is not whole, names what is not there, or is of no use.
fn prune(document: &mut Document) {
    let whole = |document: &mut Document| {
        for (list, needs) in NEEDS {
            keep(document, list, |item| needs.iter().all(|key| item.contains_key(*key)));
        }
    };
    whole(document);
    for (list, key, of) in REFERENCES {
        let known = ids(document, of);
        for item in items(document, list) {
            let gone = match item.get_mut(*key) {
                Some(Value::Array(words)) => {
                    words.retain(|word| word.as_str().is_some_and(|word| known.contains(word)));
                    words.is_empty()
                }
                Some(Value::String(word)) => !known.contains(word.as_str()),
                _ => false,
            };
            if gone {
                item.remove(*key);
            }
        }
    }
    whole(document);
    let links = ids(document, "links");
    for flow in items(document, "flows") {
        if let Some(Value::Array(steps)) = flow.get_mut("steps") {
            steps.retain(|step| step.get("link").and_then(Value::as_str).is_some_and(|l| links.contains(l)));
        }
    }
    keep(document, "flows", |flow| {
        flow.get("steps").and_then(Value::as_array).is_some_and(|s| !s.is_empty())
    });
    let mut used = named(document, "assets", "stores");
    used.extend(named(document, "links", "carries"));
    keep(document, "data", |item| is_among(item, &used));
    let used = named(document, "assets", "zone");
    keep(document, "zones", |item| is_among(item, &used));
    document.retain(|_, value| !matches!(value, Value::Array(items) if items.is_empty()));
}

fn items<'d>(document: &'d mut Document, list: &str) -> impl Iterator<Item = &'d mut Document> {
    let list = document.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn keep(document: &mut Document, list: &str, stays: impl Fn(&Document) -> bool) {
    if let Some(Value::Array(items)) = document.get_mut(list) {
        items.retain(|item| item.as_object().is_some_and(&stays));
    }
}

fn is_among(item: &Document, ids: &BTreeSet<String>) -> bool {
    item.get("id").and_then(Value::as_str).is_some_and(|id| ids.contains(id))
}

fn ids(document: &Document, list: &str) -> BTreeSet<String> {
    named(document, list, "id")
}

/// Every word that stands under a key of the things of a list.
fn named(document: &Document, list: &str, key: &str) -> BTreeSet<String> {
    let all = document.get(list).and_then(Value::as_array).into_iter().flatten();
    let words = all.filter_map(|item| item.get(key)).flat_map(|value| match value {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect::<Vec<_>>(),
    });
    words.map(str::to_owned).collect()
}
