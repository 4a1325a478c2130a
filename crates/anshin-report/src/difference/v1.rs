//! The published format of a difference, version 1: what `anshin diff --format json` prints.
//!
//! Keys may be added; none is taken away, renamed or given another meaning within the version. Every
//! text is `{ "ja": …, "en": … }`. Every row has a `change`: `added`, `removed` or `changed`; `old`
//! and `new` are `null` where a version does not have the thing. `risk` is rounded to three decimals.
//! Values of facts are the words of the document, whichever way they were written: strings, texts,
//! lists (sorted, if their order means nothing) and maps.

#![expect(clippy::struct_field_names, reason = "the names of fields are the published keys")]

use anshin_assess::v1::Text;
use anshin_model::{Id, Lang, Text as Words};
use serde::Serialize;
use serde_json::Value as Json;

use super::show::status_word;
use super::{self as plain, Difference, Pair, Value};

/// A difference.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Version of the format.
    anshin: u8,
    /// Whether anything changed.
    changed: bool,
    /// Whether `--fail-on worse` finds something.
    worse: bool,
    facts: Vec<Item<'a>>,
    ratings: Vec<Rating<'a>>,
    threats: Vec<Threat<'a>>,
    scenarios: Vec<Scenario<'a>>,
    requirements: Vec<Requirement<'a>>,
    policies: Vec<Policy<'a>>,
    priority_assets: Vec<PriorityAsset<'a>>,
    plan: Vec<Plan<'a>>,
    stale_decisions: Vec<Stale<'a>>,
}

#[derive(Debug, Serialize)]
struct Item<'a> {
    list: &'static str,
    /// `null` for the system and its targets, of which there is one.
    id: Option<&'a Id>,
    name: Text<'a>,
    change: &'static str,
    facts: Vec<Fact<'a>>,
}

#[derive(Debug, Serialize)]
struct Fact<'a> {
    key: &'a Id,
    old: Option<Json>,
    new: Option<Json>,
}

#[derive(Debug, Serialize)]
struct Rating<'a> {
    stakeholder: &'a Id,
    name: Text<'a>,
    /// `null` for the whole system.
    subsystem: Option<&'a Id>,
    change: &'static str,
    worse: bool,
    old: Option<Standing>,
    new: Option<Standing>,
    because: Vec<Because<'a>>,
}

#[derive(Debug, Serialize)]
struct Because<'a> {
    axis: &'static str,
    text: Text<'a>,
}

#[derive(Debug, Serialize)]
struct Standing {
    recovery: &'static str,
    economic: &'static str,
    within_target: Within,
}

#[derive(Debug, Serialize)]
struct Within {
    recovery: bool,
    economic: bool,
}

#[derive(Debug, Serialize)]
struct Threat<'a> {
    asset: &'a Id,
    threat: &'a Id,
    change: &'static str,
    incident: Text<'a>,
    old: Option<Place>,
    new: Option<Place>,
}

#[derive(Debug, Serialize)]
struct Place {
    rank: u32,
    risk: f64,
}

#[derive(Debug, Serialize)]
struct Scenario<'a> {
    scenario: &'a Id,
    name: Text<'a>,
    change: &'static str,
    worse: bool,
    incident: Text<'a>,
    old: Option<Classes<'a>>,
    new: Option<Classes<'a>>,
}

#[derive(Debug, Serialize)]
struct Classes<'a> {
    risk: &'a Id,
    likelihood: &'a Id,
    effect: &'a Id,
}

#[derive(Debug, Serialize)]
struct Requirement<'a> {
    requirement: &'a Id,
    name: Text<'a>,
    change: &'static str,
    old: Option<Call<'a>>,
    new: Option<Call<'a>>,
}

#[derive(Debug, Serialize)]
struct Call<'a> {
    implementer: &'a Id,
    also: Vec<&'a Id>,
    priority: bool,
    rejected: bool,
}

#[derive(Debug, Serialize)]
struct Policy<'a> {
    id: &'a Id,
    stakeholder: &'a Id,
    axis: &'static str,
    policy: Text<'a>,
    change: &'static str,
}

#[derive(Debug, Serialize)]
struct PriorityAsset<'a> {
    asset: &'a Id,
    because: &'static str,
    change: &'static str,
}

#[derive(Debug, Serialize)]
struct Plan<'a> {
    requirement: &'a Id,
    implementer: &'a Id,
    change: &'static str,
    old: Option<Row<'a>>,
    new: Option<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    measures: Vec<&'a Id>,
    taken: Vec<Taken<'a>>,
}

#[derive(Debug, Serialize)]
struct Taken<'a> {
    measure: &'a Id,
    status: &'static str,
}

#[derive(Debug, Serialize)]
struct Stale<'a> {
    subject: &'a Id,
    change: &'static str,
    /// Why it was, or is, stale.
    why: Option<Text<'a>>,
}

impl<'a> From<&'a Difference> for Report<'a> {
    fn from(difference: &'a Difference) -> Self {
        Self {
            anshin: 1,
            changed: !difference.is_empty(),
            worse: difference.is_worse(),
            facts: difference.facts.iter().map(item).collect(),
            ratings: difference.ratings.iter().map(rating).collect(),
            threats: difference.threats.iter().map(threat).collect(),
            scenarios: difference.scenarios.iter().map(scenario).collect(),
            requirements: difference.requirements.iter().map(requirement).collect(),
            policies: difference
                .policies
                .iter()
                .map(|policy| Policy {
                    id: &policy.policy,
                    stakeholder: &policy.stakeholder.id,
                    axis: policy.axis.as_str(),
                    policy: text(&policy.text),
                    change: policy.change.as_str(),
                })
                .collect(),
            priority_assets: difference
                .priority_assets
                .iter()
                .map(|row| PriorityAsset {
                    asset: &row.asset.id,
                    because: row.because.as_str(),
                    change: row.change.as_str(),
                })
                .collect(),
            plan: difference.plan.iter().map(plan).collect(),
            stale_decisions: difference
                .stale
                .iter()
                .map(|stale| Stale {
                    subject: &stale.subject.id,
                    change: stale.why.change().as_str(),
                    why: stale.why.latest().map(text),
                })
                .collect(),
        }
    }
}

fn text(words: &Words) -> Text<'_> {
    words.into()
}

fn both<'a, T, U>(pair: &'a Pair<T>, form: impl Fn(&'a T) -> U) -> (Option<U>, Option<U>) {
    (pair.old.as_ref().map(&form), pair.new.as_ref().map(&form))
}

fn item(item: &plain::ItemChange) -> Item<'_> {
    Item {
        list: item.list,
        id: Some(&item.item.id).filter(|id| !id.as_str().is_empty()),
        name: text(&item.item.name),
        change: item.change.as_str(),
        facts: item
            .facts
            .iter()
            .map(|fact| {
                let (old, new) = both(&fact.value, json);
                Fact { key: &fact.key.id, old, new }
            })
            .collect(),
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Word(named) => Json::from(named.id.as_str()),
        Value::Text(words) => serde_json::json!({ "ja": words.get(Lang::Ja), "en": words.get(Lang::En) }),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.id.to_string(), json(value))).collect(),
    }
}

fn rating(rating: &plain::RatingChange) -> Rating<'_> {
    let (old, new) = both(&rating.standing, |standing| Standing {
        recovery: standing.recovery.as_str(),
        economic: standing.economic.as_str(),
        within_target: Within { recovery: standing.recovery_within, economic: standing.economic_within },
    });
    Rating {
        stakeholder: &rating.stakeholder.id,
        name: text(&rating.stakeholder.name),
        subsystem: rating.part.as_ref().map(|part| &part.id),
        change: rating.standing.change().as_str(),
        worse: rating.is_worse(),
        old,
        new,
        because: rating
            .because
            .iter()
            .map(|(axis, why)| Because { axis: axis.as_str(), text: text(why) })
            .collect(),
    }
}

fn threat(threat: &plain::ThreatChange) -> Threat<'_> {
    let (old, new) =
        both(&threat.place, |place| Place { rank: place.rank, risk: (place.risk * 1000.0).round() / 1000.0 });
    Threat {
        asset: &threat.asset.id,
        threat: &threat.threat.id,
        change: threat.place.change().as_str(),
        incident: text(&threat.incident),
        old,
        new,
    }
}

fn scenario(scenario: &plain::ScenarioChange) -> Scenario<'_> {
    let (old, new) = both(&scenario.classes, |classes| Classes {
        risk: &classes.risk.id,
        likelihood: &classes.likelihood.id,
        effect: &classes.effect.id,
    });
    Scenario {
        scenario: &scenario.scenario.id,
        name: text(&scenario.scenario.name),
        change: scenario.classes.change().as_str(),
        worse: scenario.is_worse(),
        incident: text(&scenario.incident),
        old,
        new,
    }
}

fn requirement(requirement: &plain::RequirementChange) -> Requirement<'_> {
    let (old, new) = both(&requirement.call, |call| Call {
        implementer: &call.implementer.id,
        also: call.also.iter().map(|named| &named.id).collect(),
        priority: call.priority,
        rejected: call.rejected,
    });
    Requirement {
        requirement: &requirement.requirement.id,
        name: text(&requirement.requirement.name),
        change: requirement.call.change().as_str(),
        old,
        new,
    }
}

fn plan(plan: &plain::PlanChange) -> Plan<'_> {
    let (old, new) = both(&plan.row, |row| Row {
        measures: row.measures.iter().map(|named| &named.id).collect(),
        taken: row
            .taken
            .iter()
            .map(|(named, status)| Taken { measure: &named.id, status: status_word(*status) })
            .collect(),
    });
    Plan {
        requirement: &plan.requirement.id,
        implementer: &plan.implementer.id,
        change: plan.row.change().as_str(),
        old,
        new,
    }
}
