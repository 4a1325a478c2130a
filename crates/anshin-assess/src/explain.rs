//! Why a cell is proposed, and why one is not.

use anshin_catalog::Condition;
use anshin_model::{Id, Text};

use crate::assessment::{Assessment, Rating, Reason};
use crate::decide::fingerprint;
use crate::engine::Engine;
use crate::facts;
use crate::set::{FactSet, Gap, Universe};
use crate::system::System;

/// The answer to "why?" or "why not?" about one proposal.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The subject, as a decision names it.
    pub subject: String,
    /// Whether it is proposed, and as what.
    pub proposed: Option<String>,
    /// Fingerprint to put into a decision as `seen`.
    pub seen: Option<String>,
    /// Rules that hold.
    pub because: Vec<Reason>,
    /// Rules that would propose it and do not hold, nearest first, each with what it lacks.
    pub not: Vec<(Id, Text, Gap)>,
    /// The facts of the asset, stakeholder or system, as far as rules ask for them.
    pub facts: Vec<Id>,
}

/// A subject that the system does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownSubject {
    /// The form is none of those that decisions use.
    Form,
    /// A part of it is not known; the section or list, and the word.
    Part(&'static str, String),
}

impl Engine<'_> {
    /// Explains a subject: `threat/ASSET/THREAT`, `rating/STAKEHOLDER/AXIS` or `requirement/ID`.
    ///
    /// # Errors
    /// If the subject names something that the system or the catalog does not have.
    pub fn explain(
        &self,
        system: &System<'_>,
        assessment: &Assessment,
        subject: &str,
    ) -> Result<Explanation, UnknownSubject> {
        let facts = facts::derive(system, &self.rule_facts, &self.rubric_facts);
        let parts: Vec<&str> = subject.split('/').collect();
        match parts.as_slice() {
            ["threat", asset, threat] => {
                let n = *system.assets.get(asset).ok_or_else(|| unknown("assets", asset))?;
                if !self.catalog.threats.contains_key(*threat) {
                    return Err(unknown("threats", threat));
                }
                let found = assessment.threats.iter().find(|t| t.asset == *asset && t.threat == *threat);
                let rules = self.catalog.threat_rules.iter().filter(|(_, rule)| rule.proposes == *threat);
                let because = found.map(|t| t.rules.clone()).unwrap_or_default();
                let proposed = found.map(|t| match &t.decided {
                    Some(decided) => decided.proposed.clone(),
                    None => if t.above_cut { "above-cut" } else { "below-cut" }.to_owned(),
                });
                let not =
                    gaps(rules.map(|(id, r)| (id, &r.why, &r.when)), &facts.assets[n], &self.rule_facts);
                Ok(explanation(subject, proposed, because, not, self.rule_facts.names(&facts.assets[n])))
            }
            ["rating", stakeholder, axis, part @ ..] => {
                let n = *system
                    .stakeholders
                    .get(stakeholder)
                    .ok_or_else(|| unknown("stakeholders", stakeholder))?;
                let is_part = |r: &&Rating| part.first().is_none_or(|part| r.system == **part);
                let rating =
                    assessment.ratings.iter().filter(|r| r.stakeholder == *stakeholder).find(is_part);
                if rating.is_none() || part.len() > 1 {
                    return Err(unknown("subsystems", part.first().copied().unwrap_or_default()));
                }
                let level = rating.map(|r| match *axis {
                    "recovery" => Ok((r.recovery.as_str(), &r.recovery_decided)),
                    "economic" => Ok((r.economic.as_str(), &r.economic_decided)),
                    other => Err(unknown("axes", other)),
                });
                let level = level.transpose()?.map(|(level, decided)| match decided {
                    Some(decided) => decided.proposed.clone(),
                    None => level.to_owned(),
                });
                let because: Vec<Reason> = rating
                    .map(|r| r.why.iter().filter(|why| why.axis.as_str() == *axis && why.decisive))
                    .into_iter()
                    .flatten()
                    .map(|why| why.reason.clone())
                    .collect();
                let set = &facts.stakeholders[n];
                let rules = self.catalog.rubric.iter().filter(|(_, entry)| entry.axis.as_str() == *axis);
                let not = gaps(rules.map(|(id, e)| (id, &e.why, &e.when)), set, &self.rubric_facts);
                Ok(explanation(subject, level, because, not, self.rubric_facts.names(set)))
            }
            ["requirement" | "implementer", requirement] => {
                if !self.catalog.requirements.contains_key(*requirement) {
                    return Err(unknown("requirements", requirement));
                }
                let found = assessment.candidates.iter().find(|c| c.requirement == *requirement);
                let because = found.map(|c| c.why.clone()).unwrap_or_default();
                let proposed = found.map(|c| match parts[0] {
                    "implementer" => match &c.implementer_decided {
                        Some(decided) => decided.proposed.clone(),
                        None => c.implementer.to_string(),
                    },
                    _ => "candidate".to_owned(),
                });
                let rules =
                    self.catalog.requirement_rules.iter().filter(|(_, rule)| rule.requires == *requirement);
                let not = rules
                    .filter(|(id, _)| !because.iter().any(|own| own.rule == **id))
                    .map(|(id, rule)| {
                        let mut gap = Gap::between(&rule.when, &facts.system, &self.rule_facts);
                        let under = assessment
                            .threats
                            .iter()
                            .any(|t| t.above_cut && rule.threats.contains(&t.threat));
                        if !rule.threats.is_empty() && !under {
                            gap.missing_any =
                                rule.threats.iter().map(|t| Id::from(format!("threat:{t}"))).collect();
                        }
                        (id.clone(), rule.why.clone(), gap)
                    })
                    .collect();
                Ok(explanation(subject, proposed, because, sorted(not), self.rule_facts.names(&facts.system)))
            }
            _ => Err(UnknownSubject::Form),
        }
    }

    /// The facts of an asset that rules ask for, by name.
    pub fn asset_facts(&self, system: &System<'_>) -> Vec<Vec<Id>> {
        let facts = facts::derive(system, &self.rule_facts, &self.rubric_facts);
        facts.assets.iter().map(|set| self.rule_facts.names(set)).collect()
    }
}

fn unknown(section: &'static str, word: &str) -> UnknownSubject {
    UnknownSubject::Part(section, word.to_owned())
}

fn explanation(
    subject: &str,
    proposed: Option<String>,
    because: Vec<Reason>,
    not: Vec<(Id, Text, Gap)>,
    facts: Vec<Id>,
) -> Explanation {
    let seen = proposed.as_ref().map(|proposed| fingerprint(proposed, &because.iter().collect::<Vec<_>>()));
    Explanation { subject: subject.to_owned(), proposed, seen, because, not, facts }
}

/// The rules that do not hold, with what they lack.
fn gaps<'r>(
    rules: impl Iterator<Item = (&'r Id, &'r Text, &'r Condition)>,
    facts: &FactSet,
    universe: &Universe,
) -> Vec<(Id, Text, Gap)> {
    let all = rules.map(|(id, why, when)| (id.clone(), why.clone(), Gap::between(when, facts, universe)));
    sorted(all.filter(|(_, _, gap)| gap.distance() > 0).collect())
}

fn sorted(mut gaps: Vec<(Id, Text, Gap)>) -> Vec<(Id, Text, Gap)> {
    gaps.sort_by_key(|(_, _, gap)| gap.distance());
    gaps
}
