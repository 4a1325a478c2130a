//! The published JSON format of a plan, version 1. `docs/plan-json.md` describes it.
//!
//! Keys may be added; none is taken away, renamed or given another meaning without a new version.

use anshin_assess::{System, Way};
use anshin_catalog::Matrix;
use anshin_choose::{Binding, Goal, Kind, Proof, Standing};
use anshin_model::Id;
use serde::Serialize;
use serde_json::{Value, json};

use crate::conflict::{Clash, Conflict};
use crate::stuck::{Help, Stuck};
use crate::system_plan::{Before, Cheaper, Chosen, Classes, State, SystemPlan, Verdict};

/// A plan in the published format.
pub fn plan(plan: &SystemPlan, system: &System<'_>, matrix: &Matrix) -> Value {
    let stakeholder = |n: usize| system.document.stakeholders[n].id.as_str();
    let limits = &plan.limits;
    let per_stakeholder: serde_json::Map<String, Value> =
        limits.stakeholder.iter().map(|(n, most)| (stakeholder(*n).to_owned(), json!(most))).collect();
    let (verdict, proof) = match plan.verdict {
        Verdict::Planned(Proof::Optimal) => ("planned", json!({ "optimal": true, "among-equals": true })),
        Verdict::Planned(Proof::AmongEquals) => {
            ("planned", json!({ "optimal": true, "among-equals": false }))
        }
        Verdict::Planned(Proof::Gap { value, bound }) => {
            ("planned", json!({ "optimal": false, "value": value, "bound": bound }))
        }
        Verdict::Impossible => ("impossible", Value::Null),
        Verdict::Unknown => ("unknown", Value::Null),
    };
    json!({
        "anshin-plan": 1,
        "system": plan.system.as_str(),
        "goal": match plan.goal { Goal::Inside => "target", Goal::Best => "effect" },
        "years": plan.years,
        "limits": {
            "budget": limits.total,
            "budget-per-year": limits.per_year,
            "stakeholders": per_stakeholder,
            "days": limits.days,
            "days-per-quarter": limits.days_per_quarter,
        },
        "verdict": verdict,
        "proof": proof,
        "cost": plan.cost,
        "impairs": plan.impairs,
        "days": plan.days,
        "choices": plan.choices,
        "now": state(plan.now),
        "after": state(plan.after),
        "outside": ids(&plan.outside),
        "measures": plan.measures.iter().map(chosen).collect::<Vec<_>>(),
        "scenarios": plan.scenarios.iter().map(|s| scenario(s, matrix)).collect::<Vec<_>>(),
        "to-accept": plan.to_accept().map(|scenario| scenario.id.as_str()).collect::<Vec<_>>(),
        "accepted": plan.accepted.iter().map(|accepted| json!({
            "scenario": accepted.scenario,
            "by": accepted.by,
            "until": accepted.until,
        })).collect::<Vec<_>>(),
        "bindings": plan.conflicts.iter().map(conflict)
            .chain(plan.bindings.iter().map(|b| binding(b, &stakeholder))).collect::<Vec<_>>(),
        "cheaper-unknown": plan.cheaper_unknown,
        "stuck": plan.stuck.iter().map(stuck).collect::<Vec<_>>(),
        "cheaper": plan.cheaper.as_ref().map(cheaper),
        "cheaper-leaving": plan.leaving.as_ref().map(cheaper),
        "curve": plan.curve.iter().map(|point| json!({
            "cost": point.cost,
            "state": state(point.state),
            "proven": point.proven,
            "weakens-more": point.weakens_more,
            "measures": ids(&point.measures),
        })).collect::<Vec<_>>(),
        "roadmap": {
            "days-per-quarter": plan.pace,
            "quarters": plan.quarters.iter().map(|(quarter, after)| json!({
                "quarter": quarter + 1,
                "state": state(*after),
            })).collect::<Vec<_>>(),
        },
    })
}

fn cheaper(cheaper: &Cheaper) -> Value {
    json!({
        "cost": cheaper.cost,
        "state": state(cheaper.state),
        "leaves": ids(&cheaper.leaves),
        "without": ids(&cheaper.without),
        "instead": ids(&cheaper.instead),
        "weakens-more": cheaper.weakens_more,
        "impairs": cheaper.impairs,
        "weakens": cheaper.weakens.iter().map(|(measure, what)| json!({
            "measure": measure,
            "what": what,
        })).collect::<Vec<_>>(),
        "proven": cheaper.proven,
    })
}

fn ids(list: &[Id]) -> Vec<&str> {
    list.iter().map(Id::as_str).collect()
}

#[derive(Serialize)]
struct StateForm {
    points: u32,
    outside: usize,
}

fn state(state: State) -> StateForm {
    StateForm { points: state.points, outside: state.outside }
}

fn chosen(chosen: &Chosen) -> Value {
    json!({
        "id": chosen.id.as_str(),
        "requirement": chosen.requirement.as_str(),
        "measure": chosen.measure.as_ref().map(Id::as_str),
        "by": chosen.by.as_str(),
        "on": ids(&chosen.on),
        "stand-ins": chosen.stand_ins.iter().map(|(asset, helper)| json!({
            "asset": asset.as_str(),
            "stands-in": helper.as_str(),
        })).collect::<Vec<_>>(),
        "cost-once": chosen.once,
        "cost-per-year": chosen.per_year,
        "cost": chosen.cost,
        "impairs": chosen.impairs,
        "days": chosen.days,
        "default-figures": chosen.is_default,
        "standing": standing(chosen.standing),
        "from-quarter": chosen.from + 1,
        "to-quarter": chosen.to + 1,
        "quick-win": chosen.quick_win,
        "helps": chosen.helps.iter().map(|(scenario, points)| json!({
            "scenario": scenario.as_str(),
            "points": points,
        })).collect::<Vec<_>>(),
        "needed-by": ids(&chosen.for_others),
    })
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "chosen",
        Standing::InPlace => "in-place",
        Standing::Decided => "decided",
        Standing::ByLaw => "by-law",
        Standing::Refused => "refused",
    }
}

fn conflict(conflict: &Conflict) -> Value {
    json!({
        "what": match conflict.how {
            Clash::Excludes => "excludes",
            Clash::Lacks => "lacks",
            Clash::Missing => "missing",
        },
        "missing": conflict.missing,
        "dependency": conflict.dependency,
        "measures": conflict.measures.iter().map(|party| json!({
            "id": party.id,
            "standing": standing(party.standing),
            "by-option": party.wished,
        })).collect::<Vec<_>>(),
    })
}

fn scenario(before: &Before, matrix: &Matrix) -> Value {
    let classes = |classes: Classes| {
        json!({
            "likelihood": matrix.likelihood[classes.likelihood].id.as_str(),
            "effect": matrix.effect[classes.effect].id.as_str(),
            "risk": matrix.risk[classes.risk].id.as_str(),
            "outside": classes.outside,
            "above-cut": classes.above_cut,
        })
    };
    json!({
        "id": before.id.as_str(),
        "now": classes(before.now),
        "after": classes(before.after),
    })
}

fn binding<'s>(binding: &Binding, stakeholder: &dyn Fn(usize) -> &'s str) -> Value {
    let (kind, whose, scenarios) = match binding.kind {
        Kind::Total => ("budget", None, None),
        Kind::PerYear => ("budget-per-year", None, None),
        Kind::Stakeholder(n) => ("stakeholder", Some(stakeholder(n)), None),
        Kind::Days => ("days", None, None),
        Kind::DaysPerQuarter => ("days-per-quarter", None, None),
        Kind::Refusals => ("refusals", None, None),
        Kind::Limits => ("all-limits", None, None),
        Kind::Everything => ("limits-and-refusals", None, None),
        Kind::Goal => ("goal", None, None),
        Kind::Measures(scenarios) => ("no-measure", None, Some(scenarios)),
    };
    json!({
        "what": kind,
        "stakeholder": whose,
        "needed": binding.needed,
        "points-outside-then": binding.then,
        "scenarios": scenarios,
    })
}

fn stuck(stuck: &Stuck) -> Value {
    let measures = |which: &dyn Fn(&Help) -> bool| -> Vec<&Id> {
        stuck.would_help.iter().filter(|help| which(help)).map(|help| &help.measure).collect()
    };
    json!({
        "scenario": stuck.scenario,
        "points": stuck.path.difficulty,
        "needed": stuck.needed,
        "entry": stuck.path.entry,
        "through": stuck.path.steps.iter().filter(|step| !matches!(step.way, Way::Impact(_)))
            .map(|step| &step.to).collect::<Vec<_>>(),
        "would-help": measures(&|_| true),
        "not-called-for": measures(&|help| !help.asked),
        "chosen-elsewhere": stuck.would_help.iter().filter(|help| !help.chosen_at.is_empty())
            .map(|help| json!({ "measure": help.measure, "on": help.chosen_at })).collect::<Vec<_>>(),
        "enough": stuck.enough,
    })
}
