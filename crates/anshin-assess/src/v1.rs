//! The published format of an assessment, version 1: what `anshin assess --format json` prints.
//!
//! Keys may be added; none is taken away, renamed or given another meaning within the version. Every
//! text is `{ "ja": …, "en": … }`. `evidence` and `risk` are rounded to three decimals. A test
//! holds the format.

#![expect(clippy::struct_field_names, reason = "the names of fields are the published keys")]

pub mod paths;

use anshin_catalog::{Axis, Catalog};
use anshin_model::document::{Status, Verdict};
use anshin_model::{Id, Lang, Text as Words};
use serde::Serialize;

use crate::assessment::{self, Assessment, Candidate};
use crate::scenario::Scenarios;
use crate::terrain::Terrain;

/// An assessment.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Version of the format.
    anshin: u8,
    system: &'a Id,
    ratings: Vec<Rating<'a>>,
    threats: Vec<Threat<'a>>,
    candidates: Vec<CandidateRow<'a>>,
    policies: Vec<Policy<'a>>,
    priority_assets: Vec<PriorityAsset<'a>>,
    plan: Vec<PlanItem<'a>>,
    stale_decisions: Vec<Stale<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scenarios: Option<Vec<paths::ScenarioRow<'a>>>,
}

/// A text in both languages.
#[derive(Debug, Serialize)]
pub struct Text<'a> {
    ja: &'a str,
    en: &'a str,
}

impl<'a> From<&'a Words> for Text<'a> {
    fn from(words: &'a Words) -> Self {
        Self { ja: words.get(Lang::Ja), en: words.get(Lang::En) }
    }
}

#[derive(Debug, Serialize)]
struct Rating<'a> {
    stakeholder: &'a Id,
    system: &'a Id,
    recovery: &'static str,
    economic: &'static str,
    within_target: Within,
    why: Axes<Vec<RatingReason<'a>>>,
    decided: Axes<Option<Decided<'a>>>,
}

#[derive(Debug, Serialize)]
struct Within {
    recovery: bool,
    economic: bool,
}

#[derive(Debug, Serialize)]
struct Axes<T> {
    recovery: T,
    economic: T,
}

#[derive(Debug, Serialize)]
struct RatingReason<'a> {
    rule: &'a Id,
    factor: &'static str,
    level: &'a str,
    decisive: bool,
    facts: &'a [Id],
    text: Text<'a>,
    source: &'a [String],
    basis: &'static str,
}

#[derive(Debug, Serialize)]
struct Reason<'a> {
    rule: &'a Id,
    facts: &'a [Id],
    text: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Threat<'a> {
    asset: &'a Id,
    threat: &'a Id,
    rank: u32,
    evidence: f64,
    risk: f64,
    above_cut: bool,
    incident: Text<'a>,
    rule: &'a Id,
    facts: &'a [Id],
    why: Vec<Reason<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided<'a>>,
}

#[derive(Debug, Serialize)]
struct CandidateRow<'a> {
    requirement: &'a Id,
    viewpoint: u8,
    target: &'static str,
    /// Ids of threats, or `["general"]`.
    threats: Vec<&'a str>,
    implementer: &'a Id,
    also: &'a [Id],
    assets: &'a [Id],
    stand_ins: Vec<StandIn<'a>>,
    priority: bool,
    why: Vec<Reason<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<Decided<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    implementer_decided: Option<Decided<'a>>,
}

#[derive(Debug, Serialize)]
struct StandIn<'a> {
    asset: &'a Id,
    by: &'a Id,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    id: &'a Id,
    stakeholder: &'a Id,
    axis: &'static str,
    policy: Text<'a>,
    requirements: &'a [Id],
    why: Vec<Reason<'a>>,
}

#[derive(Debug, Serialize)]
struct PriorityAsset<'a> {
    asset: &'a Id,
    because: &'static str,
    why: Vec<Reason<'a>>,
}

#[derive(Debug, Serialize)]
struct PlanItem<'a> {
    requirement: &'a Id,
    implementer: &'a Id,
    priority: bool,
    policies: Vec<PolicyRef<'a>>,
    measures: &'a [Id],
    taken: Vec<Taken<'a>>,
    covers: Vec<Cover<'a>>,
}

#[derive(Debug, Serialize)]
struct PolicyRef<'a> {
    id: &'a Id,
    stakeholder: &'a Id,
}

#[derive(Debug, Serialize)]
struct Taken<'a> {
    measure: &'a Id,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct Cover<'a> {
    asset: &'a Id,
    threat: &'a Id,
}

#[derive(Debug, Serialize)]
struct Decided<'a> {
    verdict: &'static str,
    proposed: &'a str,
    reason: Text<'a>,
    by: &'a str,
    stale: bool,
}

#[derive(Debug, Serialize)]
struct Stale<'a> {
    decision: usize,
    why: Text<'a>,
}

impl<'a> Report<'a> {
    /// The published form of an assessment that was made with a catalog.
    pub fn new(assessment: &'a Assessment, catalog: &'a Catalog) -> Self {
        Self {
            anshin: 1,
            system: &assessment.system,
            ratings: assessment.ratings.iter().map(|rating| rating_row(rating, catalog)).collect(),
            threats: assessment.threats.iter().map(|threat| threat_row(threat, catalog)).collect(),
            candidates: assessment.candidates.iter().map(|c| candidate_row(c, catalog)).collect(),
            policies: assessment
                .policies
                .iter()
                .map(|policy| Policy {
                    id: &policy.policy,
                    stakeholder: &policy.stakeholder,
                    axis: policy.axis.as_str(),
                    policy: text(&policy.text),
                    requirements: &policy.requirements,
                    why: vec![reason(&policy.why, catalog)],
                })
                .collect(),
            priority_assets: assessment
                .priority_assets
                .iter()
                .map(|entry| PriorityAsset {
                    asset: &entry.asset,
                    because: entry.because.as_str(),
                    why: reasons(&entry.why, catalog),
                })
                .collect(),
            plan: assessment.plan.iter().map(|item| plan_row(item, assessment)).collect(),
            stale_decisions: assessment
                .stale
                .iter()
                .map(|stale| Stale { decision: stale.decision, why: text(&stale.why) })
                .collect(),
            scenarios: None,
        }
    }

    /// With the scenarios that follow from the assessment, each with its easiest path.
    #[must_use]
    pub fn with_scenarios(self, terrain: &'a Terrain<'a>, scenarios: &'a Scenarios) -> Self {
        Self { scenarios: Some(paths::rows(terrain, scenarios, 1)), ..self }
    }
}

fn text(words: &Words) -> Text<'_> {
    words.into()
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn decided(decided: &assessment::Decided) -> Decided<'_> {
    Decided {
        verdict: verdict_word(decided.verdict),
        proposed: &decided.proposed,
        reason: text(&decided.reason),
        by: &decided.by,
        stale: decided.stale,
    }
}

fn reason<'a>(reason: &'a assessment::Reason, catalog: &'a Catalog) -> Reason<'a> {
    let id = reason.rule.as_str();
    let origin = catalog
        .threat_rules
        .get(id)
        .map(|rule| &rule.origin)
        .or_else(|| catalog.requirement_rules.get(id).map(|rule| &rule.origin))
        .or_else(|| catalog.priority_rules.get(id).map(|rule| &rule.origin))
        .or_else(|| catalog.policies.get(id).map(|policy| &policy.origin));
    Reason {
        rule: &reason.rule,
        facts: &reason.facts,
        text: text(&reason.text),
        source: origin.map(|origin| origin.source.as_slice()),
        basis: origin.map(|origin| origin.basis.as_str()),
    }
}

fn reasons<'a>(why: &'a [assessment::Reason], catalog: &'a Catalog) -> Vec<Reason<'a>> {
    why.iter().map(|own| reason(own, catalog)).collect()
}

fn rating_row<'a>(rating: &'a assessment::Rating, catalog: &'a Catalog) -> Rating<'a> {
    let why = |axis: Axis| {
        rating
            .why
            .iter()
            .filter(|own| own.axis == axis)
            .filter_map(|own| {
                let origin = &catalog.rubric.get(&own.reason.rule)?.origin;
                Some(RatingReason {
                    rule: &own.reason.rule,
                    factor: own.factor.as_str(),
                    level: &own.level,
                    decisive: own.decisive,
                    facts: &own.reason.facts,
                    text: text(&own.reason.text),
                    source: &origin.source,
                    basis: origin.basis.as_str(),
                })
            })
            .collect()
    };
    Rating {
        stakeholder: &rating.stakeholder,
        system: &rating.system,
        recovery: rating.recovery.as_str(),
        economic: rating.economic.as_str(),
        within_target: Within { recovery: rating.recovery_within, economic: rating.economic_within },
        why: Axes { recovery: why(Axis::Recovery), economic: why(Axis::Economic) },
        decided: Axes {
            recovery: rating.recovery_decided.as_ref().map(decided),
            economic: rating.economic_decided.as_ref().map(decided),
        },
    }
}

fn threat_row<'a>(threat: &'a assessment::Threat, catalog: &'a Catalog) -> Threat<'a> {
    let strongest = &threat.rules[0];
    Threat {
        asset: &threat.asset,
        threat: &threat.threat,
        rank: threat.rank,
        evidence: rounded(threat.evidence),
        risk: rounded(threat.risk),
        above_cut: threat.above_cut,
        incident: text(&threat.incident),
        rule: &strongest.rule,
        facts: &strongest.facts,
        why: reasons(&threat.rules, catalog),
        decided: threat.decided.as_ref().map(decided),
    }
}

fn candidate_row<'a>(candidate: &'a Candidate, catalog: &'a Catalog) -> CandidateRow<'a> {
    let threats = if candidate.threats.is_empty() {
        vec!["general"]
    } else {
        candidate.threats.iter().map(Id::as_str).collect()
    };
    CandidateRow {
        requirement: &candidate.requirement,
        viewpoint: candidate.viewpoint,
        target: candidate.target.as_str(),
        threats,
        implementer: &candidate.implementer,
        also: &candidate.also,
        assets: &candidate.assets,
        stand_ins: candidate.stand_ins.iter().map(|(asset, by)| StandIn { asset, by }).collect(),
        priority: candidate.priority,
        why: reasons(&candidate.why, catalog),
        decided: candidate.decided.as_ref().map(decided),
        implementer_decided: candidate.implementer_decided.as_ref().map(decided),
    }
}

fn plan_row<'a>(item: &'a assessment::PlanItem, assessment: &'a Assessment) -> PlanItem<'a> {
    PlanItem {
        requirement: &item.requirement,
        implementer: &item.implementer,
        priority: item.priority,
        policies: item
            .policies
            .iter()
            .map(|&n| &assessment.policies[n])
            .map(|policy| PolicyRef { id: &policy.policy, stakeholder: &policy.stakeholder })
            .collect(),
        measures: &item.measures,
        taken: item
            .taken
            .iter()
            .map(|(measure, status)| Taken { measure, status: status_word(*status) })
            .collect(),
        covers: item
            .covers
            .iter()
            .map(|&n| &assessment.threats[n as usize])
            .map(|threat| Cover { asset: &threat.asset, threat: &threat.threat })
            .collect(),
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "accept",
        Verdict::Reject => "reject",
        Verdict::Override => "override",
    }
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::InPlace => "in-place",
        Status::Planned => "planned",
        Status::Refused => "refused",
    }
}
