//! Step 1 and 2: the levels of every stakeholder on both axes, against the target.

use std::collections::BTreeSet;

use anshin_catalog::Axis;
use anshin_model::Id;
use anshin_model::document::{Economic, Recovery, Targets};

use crate::assessment::{Rating, RatingReason, Reason};
use crate::decide::Decisions;
use crate::engine::Engine;
use crate::facts;
use crate::set::FactSet;
use crate::system::System;

/// The ratings, and the facts of each stakeholder with its levels among them.
///
/// Where parts of the system are rated apart, a stakeholder that rates a part is rated there; its
/// facts for policies are those of all its ratings together.
pub(crate) fn rate(
    engine: &Engine<'_>,
    system: &System<'_>,
    stakeholder_facts: &[FactSet],
    decisions: &mut Decisions<'_>,
) -> (Vec<Rating>, Vec<FactSet>) {
    let document = system.document;
    let parts: Vec<(&Id, Vec<FactSet>)> = document
        .subsystems
        .iter()
        .map(|part| {
            let members: BTreeSet<&Id> = part.assets.iter().collect();
            let inside = |asset: usize| members.contains(&document.assets[asset].id);
            (&part.id, facts::of_stakeholders(system, &engine.rubric_facts, &inside))
        })
        .collect();
    let mut ratings = Vec::new();
    let mut all = Vec::with_capacity(document.stakeholders.len());
    for (n, stakeholder) in document.stakeholders.iter().enumerate() {
        let mut rated: Vec<(&Id, &FactSet)> = document
            .subsystems
            .iter()
            .zip(&parts)
            .filter(|(part, _)| part.rated_by.contains(&stakeholder.id))
            .map(|(_, (id, facts))| (*id, &facts[n]))
            .collect();
        if rated.is_empty() {
            rated.push((&document.system.id, &stakeholder_facts[n]));
        }
        let mut facts = FactSet::default();
        for (part, own) in rated {
            let is_whole = *part == document.system.id;
            let subject = if is_whole { String::new() } else { format!("/{part}") };
            let rating = one(engine, &stakeholder.id, (part, &subject), own, document.targets, decisions);
            facts.extend(own);
            add_levels(engine, &rating, &mut facts);
            ratings.push(rating);
        }
        all.push(facts);
    }
    (ratings, all)
}

/// Both levels that the rubric gives to facts, and why.
#[derive(Debug, Clone)]
pub(crate) struct Levels {
    pub(crate) recovery: Recovery,
    pub(crate) economic: Economic,
    /// Every entry of the rubric that holds, grave ones first.
    pub(crate) why: Vec<RatingReason>,
}

/// What the rubric says about facts of a stakeholder.
pub(crate) fn levels(engine: &Engine<'_>, facts: &FactSet) -> Levels {
    let mut why: Vec<RatingReason> = Vec::new();
    let (mut recovery, mut economic) = (Recovery::Limited, Economic::Limited);
    for ((id, entry), condition) in engine.catalog.rubric.iter().zip(&engine.rubric) {
        if !condition.holds(facts) {
            continue;
        }
        recovery = recovery.max(entry.recovery().unwrap_or_default());
        economic = economic.max(entry.economic().unwrap_or_default());
        why.push(RatingReason {
            axis: entry.axis,
            level: entry.level.clone(),
            factor: entry.factor,
            decisive: false,
            reason: Reason {
                rule: id.clone(),
                facts: condition.reasons(facts, &engine.rubric_facts),
                text: entry.why.clone(),
            },
        });
    }
    for reason in &mut why {
        reason.decisive = match reason.axis {
            Axis::Recovery => reason.level == recovery.as_str(),
            Axis::Economic => reason.level == economic.as_str(),
        };
    }
    why.sort_by_key(|reason| (reason.axis, !reason.decisive, reason.factor));
    Levels { recovery, economic, why }
}

fn one(
    engine: &Engine<'_>,
    stakeholder: &Id,
    (part, subject): (&Id, &str),
    facts: &FactSet,
    targets: Targets,
    decisions: &mut Decisions<'_>,
) -> Rating {
    let Levels { mut recovery, mut economic, why } = levels(engine, facts);
    let decisive = |axis: Axis| -> Vec<&Reason> {
        why.iter().filter(|r| r.axis == axis && r.decisive).map(|r| &r.reason).collect()
    };
    let mut decide = |axis: Axis, proposed: &str| {
        let subject = format!("rating/{stakeholder}/{}{subject}", axis.as_str());
        decisions.about(&subject, proposed, &decisive(axis))
    };
    let recovery_decision = decide(Axis::Recovery, recovery.as_str());
    let economic_decision = decide(Axis::Economic, economic.as_str());
    if let Some((decided, Some(value))) = &recovery_decision {
        match Recovery::ALL.into_iter().find(|level| *value == level.as_str()) {
            Some(level) => recovery = level,
            None => decisions.bad_value(decided, value.as_str()),
        }
    }
    if let Some((decided, Some(value))) = &economic_decision {
        match Economic::ALL.into_iter().find(|level| *value == level.as_str()) {
            Some(level) => economic = level,
            None => decisions.bad_value(decided, value.as_str()),
        }
    }
    Rating {
        stakeholder: stakeholder.clone(),
        system: part.clone(),
        recovery,
        economic,
        recovery_within: recovery <= targets.recovery,
        economic_within: economic <= targets.economic,
        why,
        recovery_decided: recovery_decision.map(|(decided, _)| decided),
        economic_decided: economic_decision.map(|(decided, _)| decided),
    }
}

fn add_levels(engine: &Engine<'_>, rating: &Rating, facts: &mut FactSet) {
    let universe = &engine.rubric_facts;
    facts.insert(universe.member("rated-recovery", rating.recovery.as_str()));
    facts.insert(universe.member("rated-economic", rating.economic.as_str()));
    if !rating.recovery_within {
        facts.insert(universe.member("over-target", "recovery"));
    }
    if !rating.economic_within {
        facts.insert(universe.member("over-target", "economic"));
    }
}
