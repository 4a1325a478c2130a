//! Step 7: what each stakeholder does for each requirement, and what that works against.

use std::collections::BTreeSet;

use anshin_model::Id;

use crate::assessment::{Candidate, PlanItem, Policy, Threat};
use crate::engine::Engine;
use crate::facts::role_word;
use crate::system::{Profile, System};

/// A row for each candidate and each of its implementers.
pub(crate) fn plan(
    engine: &Engine<'_>,
    system: &System<'_>,
    candidates: &[Candidate],
    threats: &[Threat],
    policies: &[Policy],
) -> Vec<PlanItem> {
    let by_threat: Vec<Vec<u32>> = engine
        .catalog
        .threats
        .keys()
        .map(|id| {
            let numbers = (0u32..).zip(threats).filter(|(_, t)| t.above_cut && t.threat == *id);
            numbers.map(|(n, _)| n).collect()
        })
        .collect();
    let present = present(system);
    let mut out = Vec::new();
    for candidate in candidates.iter().filter(|candidate| !candidate.rejected()) {
        let described = &engine.catalog.requirements[&candidate.requirement];
        let mut covers: Vec<u32> = described
            .counters
            .iter()
            .filter_map(|id| engine.catalog.threats.get_index_of(id))
            .flat_map(|n| by_threat[n].iter().copied())
            .collect();
        covers.sort_unstable();
        let policies: Vec<usize> = policies
            .iter()
            .enumerate()
            .filter(|(_, policy)| policy.requirements.contains(&candidate.requirement))
            .map(|(n, _)| n)
            .collect();
        for who in std::iter::once(&candidate.implementer).chain(&candidate.also) {
            out.push(PlanItem {
                requirement: candidate.requirement.clone(),
                implementer: who.clone(),
                priority: candidate.priority,
                policies: policies.clone(),
                measures: measures(engine, system, &present, candidate, who),
                taken: taken(system, &candidate.requirement, who),
                covers: covers.clone(),
            });
        }
    }
    let unasked = unasked(system, &out);
    out.extend(unasked);
    out
}

/// Rows for measures that somebody takes without being asked to: nothing a user wrote gets lost.
fn unasked(system: &System<'_>, out: &[PlanItem]) -> Vec<PlanItem> {
    let mut rows: Vec<PlanItem> = Vec::new();
    for measure in &system.document.measures {
        let is_its_row =
            |item: &PlanItem| item.requirement == measure.requirement && item.implementer == measure.by;
        if out.iter().chain(&rows).any(is_its_row) {
            continue;
        }
        rows.push(PlanItem {
            requirement: measure.requirement.clone(),
            implementer: measure.by.clone(),
            priority: false,
            policies: Vec::new(),
            measures: Vec::new(),
            taken: taken(system, &measure.requirement, &measure.by),
            covers: Vec::new(),
        });
    }
    rows
}

/// Kinds, with those above them, and traits of the assets in scope.
fn present<'s>(system: &'s System<'_>) -> BTreeSet<&'s str> {
    let mut present: BTreeSet<&str> = BTreeSet::from(["system"]);
    let in_scope = |(_, profile): &(_, &Profile<'_>)| profile.in_scope;
    for (asset, profile) in system.document.assets.iter().zip(&system.profiles).filter(in_scope) {
        present.extend(profile.traits.iter().map(Id::as_str));
        if present.insert(asset.kind.as_str()) {
            present.extend(system.catalog.kind_and_above(&asset.kind).map(|(id, _)| id.as_str()));
        }
    }
    present
}

/// Measures of the catalog that fit the implementer's role and the assets concerned.
fn measures(
    engine: &Engine<'_>,
    system: &System<'_>,
    present: &BTreeSet<&str>,
    candidate: &Candidate,
    who: &Id,
) -> Vec<Id> {
    let Some(&n) = system.stakeholders.get(who.as_str()) else { return Vec::new() };
    let role = role_word(system.stakeholder(n).role);
    let mut fitting: Vec<(_, &Id)> = engine
        .catalog
        .measures
        .iter()
        .filter(|(_, measure)| measure.requirement == candidate.requirement)
        .filter(|(_, measure)| measure.by.iter().any(|by| by == role))
        .filter(|(_, measure)| measure.on.iter().any(|on| present.contains(on.as_str())))
        .map(|(id, measure)| (measure.effort, id))
        .collect();
    fitting.sort_by_key(|(effort, _)| *effort);
    fitting.into_iter().map(|(_, id)| id.clone()).collect()
}

fn taken(system: &System<'_>, requirement: &Id, who: &Id) -> Vec<(Id, anshin_model::document::Status)> {
    system
        .document
        .measures
        .iter()
        .filter(|measure| measure.requirement == *requirement && measure.by == *who)
        .map(|measure| (measure.id.clone(), measure.status))
        .collect()
}
