//! Step 5 and 6: requirements that the threats and the framework call for, policies for those
//! outside the target, and the assets to begin with.

use std::collections::BTreeSet;

use anshin_catalog::Implementer;
use anshin_model::document::{Duty, Role, Verdict};
use anshin_model::{Id, Text};

use crate::assessment::{Candidate, Policy, PriorityAsset, Reason, Threat};
use crate::decide::Decisions;
use crate::engine::Engine;
use crate::facts::Facts;
use crate::set::FactSet;
use crate::system::System;

/// Policies for each stakeholder, in the order of the document and the catalog.
pub(crate) fn policies(engine: &Engine<'_>, system: &System<'_>, rated: &[FactSet]) -> Vec<Policy> {
    let mut out = Vec::new();
    for (stakeholder, facts) in system.document.stakeholders.iter().zip(rated) {
        for ((id, policy), condition) in engine.catalog.policies.iter().zip(&engine.policies) {
            if condition.holds(facts) {
                out.push(Policy {
                    policy: id.clone(),
                    stakeholder: stakeholder.id.clone(),
                    axis: policy.axis,
                    text: policy.policy.clone(),
                    requirements: policy.requirements.clone(),
                    why: Reason {
                        rule: id.clone(),
                        facts: condition.reasons(facts, &engine.rubric_facts),
                        text: policy.why.clone(),
                    },
                });
            }
        }
    }
    out
}

/// Requirements that are called for, in the order of the catalog.
pub(crate) fn candidates(
    engine: &Engine<'_>,
    system: &System<'_>,
    facts: &Facts,
    threats: &[Threat],
    policies: &[Policy],
    decisions: &mut Decisions<'_>,
) -> Vec<Candidate> {
    let catalog = engine.catalog;
    let above: BTreeSet<&Id> = threats.iter().filter(|t| t.above_cut).map(|t| &t.threat).collect();
    let called_for: BTreeSet<&Id> = policies.iter().flat_map(|p| &p.requirements).collect();
    let mut out = Vec::new();
    for (requirement, described) in &catalog.requirements {
        let mut why = Vec::new();
        let mut of_threats: BTreeSet<&Id> = BTreeSet::new();
        let mut general = false;
        let mut implementer = None;
        let mut also = Vec::new();
        let mut concerned: Vec<usize> = Vec::new();
        let mut stand_in = false;
        let mut asked = Vec::new();
        for ((id, rule), condition) in catalog.requirement_rules.iter().zip(&engine.requirement_rules) {
            if rule.requires != *requirement || !condition.holds(&facts.system) {
                continue;
            }
            let present: Vec<&Id> = rule.threats.iter().filter(|t| above.contains(t)).collect();
            if !rule.threats.is_empty() && present.is_empty() {
                continue;
            }
            general |= rule.threats.is_empty();
            stand_in |= rule.stand_in;
            of_threats.extend(&present);
            let mut reasons = condition.reasons(&facts.system, &engine.rule_facts);
            reasons.extend(present.iter().map(|t| Id::from(format!("threat:{t}"))));
            why.push(Reason { rule: id.clone(), facts: reasons, text: rule.why.clone() });
            asked.push((rule, condition, present.into_iter().collect::<BTreeSet<_>>()));
        }
        // A policy may call for a requirement that no rule finds.
        if asked.is_empty() && called_for.contains(requirement) {
            general = true;
            for policy in policies.iter().filter(|p| p.requirements.contains(requirement)) {
                why.push(policy.why.clone());
            }
        } else if asked.is_empty() {
            continue;
        }
        for (rule, condition, present) in &asked {
            concerned.extend(assets_concerned(system, facts, threats, rule, condition, present));
        }
        concerned.sort_unstable();
        concerned.dedup();
        for (rule, ..) in &asked {
            let who = rule.by.iter().find_map(|by| find(system, *by, &concerned));
            implementer = implementer.or(who);
            for n in rule.also.iter().filter_map(|by| find(system, *by, &concerned)) {
                if !also.contains(&n) {
                    also.push(n);
                }
            }
        }
        // Called for by a policy alone: whom the policy is about, if it can do anything about it.
        let by_policy = || {
            let of = policies.iter().filter(|policy| policy.requirements.contains(requirement));
            of.filter_map(|policy| system.stakeholders.get(policy.stakeholder.as_str()).copied())
                .find(|&n| matches!(system.stakeholder(n).role, Role::Developer | Role::Provider))
        };
        let implementer = implementer.or_else(by_policy).unwrap_or(system.lead);
        also.retain(|&n| n != implementer);
        let mut candidate = Candidate {
            requirement: requirement.clone(),
            viewpoint: described.viewpoint,
            target: described.target,
            threats: if general { Vec::new() } else { of_threats.into_iter().cloned().collect() },
            implementer: system.stakeholder(implementer).id.clone(),
            also: also.into_iter().map(|n| system.stakeholder(n).id.clone()).collect(),
            stand_ins: if stand_in { stand_ins(system, &concerned) } else { Vec::new() },
            assets: concerned.into_iter().map(|n| system.document.assets[n].id.clone()).collect(),
            priority: called_for.contains(requirement),
            why,
            decided: None,
            implementer_decided: None,
        };
        decide(system, &mut candidate, decisions);
        out.push(candidate);
    }
    out
}

fn decide(system: &System<'_>, candidate: &mut Candidate, decisions: &mut Decisions<'_>) {
    let reasons: Vec<&Reason> = candidate.why.iter().collect();
    let requirement = &candidate.requirement;
    let about_it = decisions.about(&format!("requirement/{requirement}"), "candidate", &reasons);
    let subject = format!("implementer/{requirement}");
    let about_who = decisions.about(&subject, candidate.implementer.as_str(), &reasons);
    candidate.decided = about_it.map(|(decided, _)| decided);
    if let Some((decided, value)) = about_who {
        match value {
            Some(value) if system.stakeholders.contains_key(value.as_str()) => {
                candidate.also.retain(|own| own != value);
                candidate.implementer = value.clone();
            }
            Some(value) => decisions.bad_value(&decided, value.as_str()),
            None if decided.verdict == Verdict::Reject => {
                candidate.implementer = system.stakeholder(system.lead).id.clone();
            }
            None => {}
        }
        candidate.implementer_decided = Some(decided);
    }
}

/// Assets that a rule is about: those under its threats, or those whose own facts it names.
fn assets_concerned(
    system: &System<'_>,
    facts: &Facts,
    threats: &[Threat],
    rule: &anshin_catalog::RequirementRule,
    condition: &crate::set::Compiled,
    present: &BTreeSet<&Id>,
) -> Vec<usize> {
    if !present.is_empty() {
        let mut last = None;
        return threats
            .iter()
            .filter(|t| t.above_cut && present.contains(&t.threat))
            .filter_map(|t| system.assets.get(t.asset.as_str()).copied())
            .filter(|&n| last.replace(n) != Some(n))
            .collect();
    }
    if rule.when.facts().next().is_none() {
        return Vec::new();
    }
    (0..system.document.assets.len())
        .filter(|&n| system.profiles[n].in_scope && condition.holds(&facts.assets[n]))
        .collect()
}

/// For each asset too small to protect itself, the neighbour that can do it in its place.
fn stand_ins(system: &System<'_>, concerned: &[usize]) -> Vec<(Id, Id)> {
    let able = |n: usize| {
        let profile = &system.profiles[n];
        profile.in_scope
            && !profile.has("constrained")
            && (profile.has("forwards-traffic") || profile.has("general-purpose"))
    };
    let id = |n: usize| system.document.assets[n].id.clone();
    concerned
        .iter()
        .filter(|&&n| system.profiles[n].has("constrained"))
        .filter_map(|&n| {
            let above =
                system.neighbours(n).iter().map(|(other, _)| *other as usize).find(|&other| able(other))?;
            Some((id(n), id(above)))
        })
        .collect()
}

/// The stakeholder that an implementer word means, for the assets concerned.
fn find(system: &System<'_>, word: Implementer, concerned: &[usize]) -> Option<usize> {
    let lead = system.stakeholder(system.lead).role;
    let lead_if = |roles: &[Role]| roles.contains(&lead).then_some(system.lead);
    match word {
        Implementer::Lead => Some(system.lead),
        Implementer::LeadIfDeveloper => lead_if(&[Role::Developer, Role::Provider]),
        Implementer::LeadIfUser => lead_if(&[Role::User]),
        Implementer::User => system.user(),
        Implementer::Developer => lead_if(&[Role::Developer])
            .or_else(|| most(system, concerned, |n| system.profiles[n].maker))
            .or_else(|| first_with(system, Role::Developer)),
        Implementer::Operator => lead_if(&[Role::User])
            .or_else(|| most(system, concerned, |n| system.profiles[n].operator))
            .or_else(|| system.user()),
        Implementer::Installer => (0..system.document.stakeholders.len())
            .find(|&n| system.stakeholder(n).duties.contains(&Duty::Installs))
            .or_else(|| find(system, Implementer::Developer, concerned)),
        Implementer::Maintainer => lead_if(&[Role::User])
            .or_else(|| most(system, concerned, |n| system.profiles[n].maintainer))
            .or_else(|| system.user()),
        Implementer::ServiceProvider => most(system, concerned, |n| {
            system.profiles[n].maintainer.filter(|&who| who != system.lead && Some(who) != system.user())
        }),
        Implementer::Updater => most(system, concerned, |n| {
            system.profiles[n].updater.filter(|&updater| Some(updater) != system.profiles[n].operator)
        }),
    }
}

/// Who does something for most of the assets concerned; of all in scope if none is named.
fn most(system: &System<'_>, concerned: &[usize], who: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    let count = |assets: &mut dyn Iterator<Item = usize>| {
        let mut counts = vec![0usize; system.document.stakeholders.len()];
        assets.filter(|&n| system.profiles[n].in_scope).filter_map(&who).for_each(|n| counts[n] += 1);
        let best = counts.iter().copied().max().filter(|&best| best > 0)?;
        counts.iter().position(|&count| count == best)
    };
    count(&mut concerned.iter().copied()).or_else(|| count(&mut (0..system.profiles.len())))
}

fn first_with(system: &System<'_>, role: Role) -> Option<usize> {
    system.document.stakeholders.iter().position(|s| s.role == role)
}

/// The assets to begin with, those with a large harm before those with a high likelihood.
pub(crate) fn priority_assets(engine: &Engine<'_>, system: &System<'_>, facts: &Facts) -> Vec<PriorityAsset> {
    let mut out: Vec<PriorityAsset> = Vec::new();
    for (n, asset) in system.document.assets.iter().enumerate().filter(|(n, _)| system.profiles[*n].in_scope)
    {
        let first = out.len();
        for ((id, rule), condition) in engine.catalog.priority_rules.iter().zip(&engine.priority_rules) {
            if !condition.holds(&facts.assets[n]) {
                continue;
            }
            let reason = Reason {
                rule: id.clone(),
                facts: condition.reasons(&facts.assets[n], &engine.rule_facts),
                text: rule.why.fill(&[("asset", &asset.name as &Text)]),
            };
            match out[first..].iter_mut().find(|entry| entry.because == rule.because) {
                Some(entry) => entry.why.push(reason),
                None => {
                    out.push(PriorityAsset {
                        asset: asset.id.clone(),
                        because: rule.because,
                        why: vec![reason],
                    });
                }
            }
        }
    }
    out.sort_by_key(|entry| entry.because);
    out
}
