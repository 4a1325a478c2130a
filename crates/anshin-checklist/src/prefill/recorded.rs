//! What the measures that a document records say about items.

use std::collections::BTreeSet;

use anshin_assess::System;
use anshin_model::document::{Measure, Status};
use anshin_model::{Id, Text};

use super::{STRONG, with_means, with_state};
use crate::answers::{Evidence, Given};
use crate::checklist::{Checklist, Item, Means, Relation, ToRequirement};

/// Whether a measure of the catalog is recorded as in place.
pub(super) fn is_in_place(system: &System<'_>, measure: &Id) -> bool {
    let taken = &system.document.measures;
    taken.iter().any(|own| own.measure.as_ref() == Some(measure) && own.status == Status::InPlace)
}

/// Whether anything is recorded about a measure of the catalog.
pub(super) fn is_recorded(system: &System<'_>, measure: &Id) -> bool {
    system.document.measures.iter().any(|own| own.measure.as_ref() == Some(measure))
}

/// The requirements that an item asks for, as a whole or in part.
pub(super) fn asked_for(item: &Item) -> impl Iterator<Item = &Id> {
    let whole = [Relation::Equal, Relation::Part, Relation::Superset];
    let strong = move |to: &&ToRequirement| whole.contains(&to.relation) && to.strength >= STRONG;
    item.requirements.iter().filter(strong).map(|to| &to.requirement)
}

/// An answer from the document's measures for the requirements that the item is about.
pub(super) fn answer(list: &Checklist, item: &Item, system: &System<'_>) -> Option<Given> {
    let about: BTreeSet<&Id> = asked_for(item).collect();
    // A measure of the catalog says something about the items that name it, and about those that ask for
    // the whole requirement and name none.
    let is_whole = |own: &Measure| {
        let mut all = item.requirements.iter().filter(|to| to.relation == Relation::Equal);
        item.measures.is_empty() && all.any(|to| to.requirement == own.requirement)
    };
    let concerns = |own: &&Measure| match &own.measure {
        Some(measure) => item.measures.contains(measure) || is_whole(own),
        None => about.contains(&own.requirement),
    };
    let own: Vec<_> = system.document.measures.iter().filter(concerns).collect();
    let named = strongest(own.iter().copied())?;
    let status = named.status;
    // One measure of an item says that something is done, as does a measure for a requirement of which
    // the item is only a part. That one of several is not done says nothing about the others, which may
    // meet the item as well; only that none of them is done does.
    let all_named = !item.measures.is_empty() && item.measures.iter().all(|id| is_recorded(system, id));
    let equal = item.requirements.iter().any(|to| to.relation == Relation::Equal);
    let means = match status {
        Status::InPlace if equal => Some(Means::Met),
        Status::InPlace => Some(Means::Partly),
        Status::Planned | Status::Refused if equal || all_named => Some(Means::Unmet),
        Status::Planned | Status::Refused => None,
    };
    // On a scale that tells what is decided apart, a plan is an answer; on one without "in part" people
    // decide whether what is done is enough.
    let of_state = || with_state(list, item, status).filter(|_| status == Status::Planned || means.is_some());
    let mut given = of_state().or_else(|| with_means(list, item, means?))?;
    let name = name(named, system);
    let state = state(status);
    let because = if status == Status::InPlace && means == Some(Means::Partly) {
        Text::new(
            "システム文書の対策「{name}」が{state}のため。ほかに要るものがないかは確認が必要です",
            "the measure \u{201c}{name}\u{201d} of the system document is {state}; whether something else is needed remains to be checked",
        )
    } else {
        Text::new(
            "システム文書の対策「{name}」が{state}のため",
            "the measure \u{201c}{name}\u{201d} of the system document is {state}",
        )
    };
    let because = because.fill(&[("name", &name), ("state", &state)]);
    if let Some(evidence) = &named.evidence {
        given.evidence.push(Evidence { what: evidence.clone(), at: None, date: None });
    }
    given.because = Some(because);
    Some(given)
}

/// That a measure which the item names is planned or refused, where that alone does not answer the item.
pub(super) fn undecided(item: &Item, system: &System<'_>) -> Option<Text> {
    let names_it = |own: &&Measure| own.measure.as_ref().is_some_and(|id| item.measures.contains(id));
    let own = system.document.measures.iter().filter(names_it);
    let named = strongest(own).filter(|named| named.status != Status::InPlace)?;
    Some(
        Text::new(
            "システム文書の対策「{name}」は「{state}」ですが、ほかの方法で満たしているかもしれません",
            "the measure \u{201c}{name}\u{201d} of the system document is {state}; the item may be met in another way",
        )
        .fill(&[("name", &name(named, system)), ("state", &state(named.status))]),
    )
}

/// The measure whose status says the most about what is done.
fn strongest<'m>(measures: impl Iterator<Item = &'m Measure>) -> Option<&'m Measure> {
    measures.min_by_key(|own| match own.status {
        Status::InPlace => 0,
        Status::Planned => 1,
        Status::Refused => 2,
    })
}

/// What a recorded measure is called.
fn name(own: &Measure, system: &System<'_>) -> Text {
    let of_catalog = || Some(system.catalog.measures.get(own.measure.as_ref()?)?.name.clone());
    own.name.clone().or_else(of_catalog).unwrap_or_else(|| Text::same(own.id.as_str()))
}

/// A status in words.
fn state(status: Status) -> Text {
    match status {
        Status::InPlace => Text::new("実施済み", "in place"),
        Status::Planned => Text::new("計画", "planned"),
        Status::Refused => Text::new("実施しない", "refused"),
    }
}
