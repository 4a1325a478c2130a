//! The names of facts that rules may use.
//!
//! A fact is a plain word (`isolated`) or a family and a word (`reachable-from:internet`). Traits
//! are facts by their own names; the derived facts and families are entries of the catalog's
//! section `facts`, so that every one has a sentence of its own.

use anshin_model::Id;
use anshin_model::shape::nearest;

use crate::catalog::{Catalog, FactOf, Mark};

/// What the facts of a rule are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// An asset, in its system.
    Asset,
    /// The whole system: what holds for one of its assets holds for it.
    System,
    /// A stakeholder, in its system.
    Stakeholder,
    /// A step of an attack path, with the facts of the asset that it leads to.
    Step,
}

/// The ways in that are open to anybody, together.
const OUTSIDE: &str = "outside";

/// Levels, settings and other words that the families of facts take, in the words of documents.
const WORDS: &[(&str, &[&str])] = &[
    ("setting", &["household", "business", "public"]),
    ("criticality", &["ordinary", "supply-chain", "critical-infrastructure"]),
    ("stage", &["planning", "development", "operation"]),
    ("lead", &["developer", "provider", "user", "third-party"]),
    ("role", &["developer", "provider", "user", "third-party"]),
    ("operator", &["lay", "organization"]),
    ("zone-setting", &["household", "business", "public", "cloud"]),
    ("harm", &["minor-injury", "serious-injury", "death", "death-if-unlikely"]),
    ("answers-for", &["minor-injury", "serious-injury", "death", "death-if-unlikely"]),
    ("depends", &["daily-life", "side-business", "core-business", "livelihood"]),
    ("substitute", &["yes", "partly", "no"]),
    ("restore", &["hours", "days", "weeks", "months", "years"]),
    ("hits", &["none", "customers", "supply-chain", "area", "society"]),
    ("rated-recovery", &["limited", "serious", "critical"]),
    ("rated-economic", &["limited", "serious", "catastrophic"]),
    ("over-target", &["recovery", "economic"]),
    ("reach", &["one", "several", "many"]),
    ("step", &["entry", "link", "update", "maintenance", "account", "impact"]),
    ("medium", &["wired", "wireless", "internet", "removable", "local"]),
    ("link", &["encrypted", "authenticated", "allow-listed", "commands", "cleartext"]),
    ("zones", &["same", "other"]),
    ("consequence", &["harm", "stop", "leak", "recall"]),
];

/// Checks the name of a fact.
///
/// # Errors
/// The nearest name that exists, if one is near.
pub fn check(name: &str, family: Family, catalog: &Catalog) -> Result<(), Option<String>> {
    let (head, word) = name.split_once(':').map_or((name, None), |(head, word)| (head, Some(word)));
    let fits = |of: FactOf| match family {
        Family::Asset => matches!(of, FactOf::Asset | FactOf::System),
        Family::System => matches!(of, FactOf::Asset | FactOf::System),
        Family::Stakeholder => matches!(of, FactOf::Stakeholder | FactOf::System),
        Family::Step => matches!(of, FactOf::Asset | FactOf::System | FactOf::Step),
    };
    if word.is_none() && family != Family::Stakeholder && catalog.traits.contains_key(head) {
        return Ok(());
    }
    let known = catalog.facts.get(head).is_some_and(|fact| fits(fact.of));
    if !known {
        let names = catalog.facts.iter().filter(|(_, fact)| fits(fact.of)).map(|(id, _)| id.as_str());
        let near = nearest(head, names.chain(catalog.traits.keys().map(Id::as_str)));
        return Err(near.map(|head| word.map_or(head.to_owned(), |word| format!("{head}:{word}"))));
    }
    match (word, takes(head, word.unwrap_or_default(), catalog)) {
        (None, Takes::NoWord) | (Some(_), Takes::ThisWord) => Ok(()),
        (None, _) => Err(None),
        (Some(_), Takes::NoWord) => Err(Some(head.to_owned())),
        (Some(word), Takes::OtherWords) => {
            let words = words(head, catalog).unwrap_or_default();
            Err(nearest(word, words.iter().map(String::as_str)).map(|near| format!("{head}:{near}")))
        }
    }
}

/// What a family of facts takes.
enum Takes {
    /// No word at all.
    NoWord,
    /// The word in question.
    ThisWord,
    /// Words, but not this one.
    OtherWords,
}

fn takes(head: &str, word: &str, catalog: &Catalog) -> Takes {
    let has = match head {
        "kind" => catalog.asset_kinds.contains_key(word),
        "zone" => catalog.zone_kinds.contains_key(word),
        "protocol" => catalog.protocols.contains_key(word),
        "over" => catalog.media.contains_key(word),
        "via" => catalog.entry_points.contains_key(word),
        "exposed-to" | "reachable-from" | "open-to" => {
            word == OUTSIDE || catalog.entry_points.contains_key(word)
        }
        "stores" | "carries" | "handles" => {
            catalog.data_kinds.contains_key(word) || Mark::ALL.iter().any(|mark| mark.as_str() == word)
        }
        _ => match WORDS.iter().find(|(family, _)| *family == head) {
            Some((_, words)) => words.contains(&word),
            None => return Takes::NoWord,
        },
    };
    if has { Takes::ThisWord } else { Takes::OtherWords }
}

/// The words that a family of facts takes; `None` for a fact that takes none.
pub fn words(head: &str, catalog: &Catalog) -> Option<Vec<String>> {
    let ids = |section: &str| {
        catalog.ids(section).unwrap_or_default().into_iter().map(Id::to_string).collect::<Vec<_>>()
    };
    match head {
        "kind" => Some(ids("asset-kinds")),
        "zone" => Some(ids("zone-kinds")),
        "protocol" => Some(ids("protocols")),
        "over" => Some(ids("media")),
        "via" => Some(ids("entry-points")),
        "exposed-to" | "reachable-from" | "open-to" => {
            let mut words = ids("entry-points");
            words.push(OUTSIDE.to_owned());
            Some(words)
        }
        "stores" | "carries" | "handles" => {
            let marks = Mark::ALL.iter().map(|mark| mark.as_str().to_owned());
            Some(marks.chain(ids("data-kinds")).collect())
        }
        _ => WORDS
            .iter()
            .find(|(family, _)| *family == head)
            .map(|(_, words)| words.iter().map(|word| (*word).to_owned()).collect()),
    }
}
