//! The names of facts that rules may use.
//!
//! A fact is a plain word (`isolated`) or a family and a word (`reachable-from:internet`). Traits
//! are facts by their own names; the derived facts and families are entries of the catalog's
//! section `facts`, so that every one has a sentence of its own.

use anshin_model::shape::nearest;
use anshin_model::{Id, Lang, Text};
use serde::Deserialize;

use crate::catalog::Catalog;
use crate::entry::{Origin, entry};
use crate::kind::Mark;

entry! {
    /// A fact that the program derives.
    Fact {
        /// Its name.
        name: Text,
        /// What it means.
        about: Text,
        /// What it is a fact about.
        of: FactOf,
        /// The words that the family takes, where they are no ids of entries.
        #[serde(default)]
        words: Vec<FactWord>,
    }
}

/// A word of a family of facts.
#[derive(Debug, Clone, Deserialize)]
pub struct FactWord {
    /// The word in rules.
    pub id: Id,
    /// The word for people.
    pub name: Text,
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactOf {
    /// An asset.
    Asset,
    /// A stakeholder.
    Stakeholder,
    /// The whole system.
    System,
    /// A step of an attack path.
    Step,
}

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
        _ => match fixed(head, catalog) {
            Some(words) => words.iter().any(|fixed| fixed.id == *word),
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
        _ => fixed(head, catalog).map(|words| words.iter().map(|word| word.id.to_string()).collect()),
    }
}

/// The words that stand with the family itself.
fn fixed<'c>(head: &str, catalog: &'c Catalog) -> Option<&'c [FactWord]> {
    catalog.facts.get(head).map(|fact| fact.words.as_slice()).filter(|words| !words.is_empty())
}

/// A fact in the words of people, such as "Harm: serious injury".
pub fn name(fact: &Id, catalog: &Catalog) -> Text {
    let (head, word) = fact.as_str().split_once(':').unwrap_or((fact.as_str(), ""));
    let family = catalog.facts.get(head).map(|fact| &fact.name);
    let Some(family) = family.or_else(|| catalog.traits.get(head).map(|entry| &entry.name)) else {
        return catalog
            .threats
            .get(word)
            .map_or_else(|| Text::same(fact.as_str()), |threat| threat.name.clone());
    };
    if word.is_empty() {
        return family.clone();
    }
    let word = word_name(head, word, catalog).unwrap_or_else(|| Text::same(word));
    Text::new(
        format!("{}：{}", family.get(Lang::Ja), word.get(Lang::Ja)),
        format!("{}: {}", family.get(Lang::En), word.get(Lang::En)),
    )
}

fn word_name(head: &str, word: &str, catalog: &Catalog) -> Option<Text> {
    let entry_point = || match catalog.entry_points.get(word) {
        Some(entry) => Some(entry.name.clone()),
        None => (word == OUTSIDE).then(|| Text::new("誰でも使える侵入口", "open to anybody")),
    };
    let name = match head {
        "kind" => &catalog.asset_kinds.get(word)?.name,
        "zone" => &catalog.zone_kinds.get(word)?.name,
        "protocol" => &catalog.protocols.get(word)?.name,
        "over" => &catalog.media.get(word)?.name,
        "via" | "exposed-to" | "reachable-from" | "open-to" => return entry_point(),
        "stores" | "carries" | "handles" => match catalog.data_kinds.get(word) {
            Some(kind) => &kind.name,
            None => return Mark::ALL.iter().find(|mark| mark.as_str() == word).map(|mark| mark.name()),
        },
        _ => &fixed(head, catalog)?.iter().find(|fixed| fixed.id == *word)?.name,
    };
    Some(name.clone())
}
