//! The chosen plan of a system as one plain value: reports, pages and other programs read it and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::{Scenario, Terrain};
use anshin_catalog::{Consequence, Matrix};
use anshin_choose::{
    Binding, Choice, EFFORT, Goal, Limits, MeasureNumber, Plan, Point, Proof, Standing, choose, roadmap,
};
use anshin_model::Id;

use crate::conflict::Conflict;
use crate::of_system::{Posed, Wishes, Wrong};
use crate::stuck::Stuck;

/// How a plan is made.
#[derive(Debug, Clone)]
pub struct Options {
    /// What is wanted.
    pub goal: Goal,
    /// What is to be considered.
    pub wishes: Wishes,
    /// Person-days of each stakeholder in a quarter, for the roadmap.
    pub pace: u32,
    /// How many budgets the curve tries.
    pub curve: u64,
    /// How many linear programs may be solved for each question.
    pub effort: u64,
}

/// Years over which costs count, if not asked otherwise.
pub const YEARS: u32 = 3;

/// Person-days of each stakeholder in a quarter, if not asked otherwise.
pub const PACE: u32 = 20;

/// Budgets that the curve tries, if not asked otherwise.
pub const CURVE: u64 = 8;

impl Default for Options {
    fn default() -> Self {
        Self {
            goal: Goal::Inside,
            wishes: Wishes { years: YEARS, ..Wishes::default() },
            pace: PACE,
            curve: CURVE,
            effort: EFFORT,
        }
    }
}

/// The chosen plan of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemPlan {
    /// The system.
    pub system: Id,
    /// What was wanted.
    pub goal: Goal,
    /// Over how many years costs count.
    pub years: u32,
    /// The limits, stakeholders by number in the document.
    pub limits: Limits,
    /// Whether there is a plan, and how sure it is.
    pub verdict: Verdict,
    /// How things are.
    pub now: State,
    /// How things are with the plan.
    pub after: State,
    /// Money over all years.
    pub cost: u64,
    /// Person-days.
    pub days: u32,
    /// The measures in the order in which they are begun; those in place are not among them.
    pub measures: Vec<Chosen>,
    /// How many measures there were to choose from.
    pub choices: usize,
    /// Every scenario, greatest risk as things are first.
    pub scenarios: Vec<Before>,
    /// Stakeholders that are outside the target with the plan.
    pub outside: Vec<Id>,
    /// What would have to give to get nearer to the target.
    pub bindings: Vec<Binding>,
    /// Measures that have to be done anyway and do not go together.
    pub conflicts: Vec<Conflict>,
    /// What it counts in comparisons, as money, that chosen measures can weaken availability or
    /// safety; no money changes hands for it.
    pub impairs: u64,
    /// Scenarios that somebody has accepted: none of them is a reason for a measure.
    pub accepted: Vec<Accepted>,
    /// The set nearest to the target that takes less money.
    pub cheaper: Option<Cheaper>,
    /// If that set leaves no more outside the target, because it weakens more instead: the nearest
    /// one that takes less money and is cheaper with what it weakens counted. It leaves something.
    pub leaving: Option<Cheaper>,
    /// Whether the search for such a set ended without an answer.
    pub cheaper_unknown: bool,
    /// Scenarios that stay outside the target whatever is done of what is on offer.
    pub stuck: Vec<Stuck>,
    /// The best that more and more money buys.
    pub curve: Vec<OnCurve>,
    /// Person-days of each stakeholder in a quarter.
    pub pace: u32,
    /// How things are after each quarter in which something is finished, from quarter 0.
    pub quarters: Vec<(u32, State)>,
}

/// A scenario that somebody has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The scenario.
    pub scenario: Id,
    /// Who has accepted it.
    pub by: String,
    /// The last day on which that holds, `YYYY-MM-DD`.
    pub until: String,
}

/// Whether there is a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is one.
    Planned(Proof),
    /// What is fixed cannot be done within the limits.
    Impossible,
    /// None was found with the effort allowed.
    Unknown,
}

/// How much risk there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// Points of risk over all scenarios.
    pub points: u32,
    /// Scenarios that are outside the target.
    pub outside: usize,
}

/// A measure of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// `MEASURE@STAKEHOLDER`, or the id of the measure in the document.
    pub id: Id,
    /// The requirement that it meets.
    pub requirement: Id,
    /// The measure of the catalog, if it is one.
    pub measure: Option<Id>,
    /// Number of the measure in the document, if it is written there.
    pub written: Option<usize>,
    /// Who does it.
    pub by: Id,
    /// On which assets; on all if empty.
    pub on: Vec<Id>,
    /// Assets too small to protect themselves, each with the asset that stands in.
    pub stand_ins: Vec<(Id, Id)>,
    /// Money once.
    pub once: u64,
    /// Money in each year.
    pub per_year: u64,
    /// Money over all years.
    pub cost: u64,
    /// What it counts, as money, that it can weaken availability or safety.
    pub impairs: u64,
    /// Person-days.
    pub days: u32,
    /// What had been decided about it.
    pub standing: Standing,
    /// Whether a figure is a default of the catalog.
    pub is_default: bool,
    /// The quarter in which it is begun, from 0.
    pub from: u32,
    /// The quarter in which it is finished.
    pub to: u32,
    /// Whether it is a quick win.
    pub quick_win: bool,
    /// Scenarios that would be worse without it, each with the points that it keeps away.
    pub helps: Vec<(Id, u32)>,
    /// Measures of the plan that need it.
    pub for_others: Vec<Id>,
}

/// A scenario before and with the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its id.
    pub id: Id,
    /// The asset.
    pub asset: Id,
    /// What it leads to.
    pub consequence: Consequence,
    /// Whom it befalls.
    pub stakeholder: Id,
    /// As things are.
    pub now: Classes,
    /// With the plan.
    pub after: Classes,
}

/// Classes of a scenario in the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classes {
    /// Class of likelihood.
    pub likelihood: usize,
    /// Class of effect.
    pub effect: usize,
    /// Class of risk.
    pub risk: usize,
    /// Whether it is outside the target.
    pub outside: bool,
    /// Whether it is looked at further: outside the target, or at a risk that reaches the cut.
    pub above_cut: bool,
}

impl SystemPlan {
    /// Scenarios inside the target whose risk reaches the cut with the plan all the same, and that
    /// nobody has accepted: somebody has to accept them or to lower them further.
    pub fn to_accept(&self) -> impl Iterator<Item = &Before> {
        let is_accepted = |scenario: &Before| self.accepted.iter().any(|a| a.scenario == scenario.id);
        let stays = |scenario: &&Before| scenario.after.above_cut && !scenario.after.outside;
        self.scenarios.iter().filter(stays).filter(move |scenario| !is_accepted(scenario))
    }
}

/// A set that takes less money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cheaper {
    /// What it costs.
    pub cost: u64,
    /// Whether it is proven that no other set that takes less money comes nearer to the target.
    pub proven: bool,
    /// How things are with it.
    pub state: State,
    /// Scenarios that are outside the target with it, and are not with the plan.
    pub leaves: Vec<Id>,
    /// Measures of the plan that it goes without.
    pub without: Vec<Id>,
    /// Measures that it takes in their place.
    pub instead: Vec<Id>,
    /// Whether more points of risk are outside the target with it than with the plan.
    pub further: bool,
    /// Whether it can weaken availability or safety more than the plan.
    pub weakens_more: bool,
    /// What that counts in comparisons, as money.
    pub impairs: u64,
    /// Measures of it that the plan has not, and what each can weaken: ids of impairments.
    pub weakens: Vec<(Id, Vec<Id>)>,
}

/// A point of the curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCurve {
    /// Money over all years.
    pub cost: u64,
    /// How things are for that.
    pub state: State,
    /// Whether it is proven that nothing better is to be had.
    pub proven: bool,
    /// Whether it can weaken availability or safety more than the plan.
    pub weakens_more: bool,
    /// The measures that are open to choice.
    pub measures: Vec<Id>,
}

/// Makes the plan of a system.
///
/// # Errors
///
/// Wishes about measures that nobody can choose, or figures that are too large.
pub fn plan(terrain: &Terrain<'_>, matrix: &Matrix, options: &Options) -> Result<SystemPlan, Wrong> {
    plan_telling(terrain, matrix, options, &|_| ())
}

/// Makes the plan of a system, and tells how far it has got.
///
/// # Errors
///
/// Wishes about measures that nobody can choose, or figures that are too large.
pub fn plan_telling(
    terrain: &Terrain<'_>,
    matrix: &Matrix,
    options: &Options,
    tell: &dyn Fn(Progress),
) -> Result<SystemPlan, Wrong> {
    let mut posed = Posed::new(terrain, matrix, &options.wishes)?;
    tell(Progress::Choosing);
    let choice = choose(&mut posed, options.goal, options.effort);
    let curve = posed.curve(options.curve, options.effort, &|n| {
        tell(Progress::Curve { point: n, of: options.curve });
    });
    Ok(Making { posed: &posed, options }.plan(choice, &curve))
}

/// How far a plan has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The measures are being chosen.
    Choosing,
    /// A point of the curve is being looked for.
    Curve {
        /// Which one, from 1.
        point: u64,
        /// Of how many.
        of: u64,
    },
}

struct Making<'a> {
    posed: &'a Posed<'a>,
    options: &'a Options,
}

impl Making<'_> {
    fn plan(&self, choice: Choice, curve: &[Point]) -> SystemPlan {
        let problem = &self.posed.problem;
        let nothing = problem.outcome_so_far(std::iter::empty());
        let now = State { points: nothing.points, outside: nothing.outside() };
        let is_open = |m: &&anshin_choose::Measure| m.standing == Standing::Open;
        let mut out = SystemPlan {
            system: self.posed.terrain().system().document.system.id.clone(),
            goal: self.options.goal,
            years: problem.years,
            limits: problem.limits.clone(),
            verdict: Verdict::Unknown,
            now,
            after: now,
            cost: 0,
            days: 0,
            measures: Vec::new(),
            choices: problem.measures.iter().filter(is_open).count(),
            scenarios: self.scenarios(&self.in_place()),
            outside: self.outside(&self.in_place()),
            bindings: Vec::new(),
            conflicts: Vec::new(),
            impairs: 0,
            accepted: self.accepted(),
            cheaper: None,
            leaving: None,
            cheaper_unknown: false,
            stuck: Vec::new(),
            curve: self.curve(curve, &choice),
            pace: self.options.pace,
            quarters: Vec::new(),
        };
        match choice {
            Choice::Unknown => {}
            Choice::Impossible(bindings) => {
                out.verdict = Verdict::Impossible;
                out.conflicts = self.posed.conflicts();
                // Where measures do not go together, no limit is to blame.
                out.bindings = if out.conflicts.is_empty() { bindings } else { Vec::new() };
            }
            Choice::Plan(plan) => self.fill(&mut out, &plan),
        }
        out
    }

    fn fill(&self, out: &mut SystemPlan, plan: &Plan) {
        let problem = &self.posed.problem;
        out.verdict = Verdict::Planned(plan.proof);
        out.after = State { points: plan.outcome.points, outside: plan.outcome.outside() };
        out.cost = plan.outcome.cost;
        out.impairs = plan.outcome.penalty;
        out.days = plan.outcome.days;
        out.scenarios = self.scenarios(&plan.set);
        out.outside = self.outside(&plan.set);
        out.bindings.clone_from(&plan.bindings);
        if plan.outcome.outside() > 0 {
            out.stuck = self.posed.stuck(&plan.set);
        }
        let needs: BTreeMap<MeasureNumber, &anshin_choose::Need> =
            plan.needs.iter().map(|n| (n.measure, n)).collect();
        let map = roadmap(problem, &plan.set, &plan.begun, self.options.pace);
        let state = |(quarter, points, outside): &(u32, u32, usize)| {
            (*quarter, State { points: *points, outside: *outside })
        };
        out.quarters = map.after.iter().map(state).collect();
        for task in &map.tasks {
            let offer = &self.posed.offers[task.measure];
            let measure = &problem.measures[task.measure];
            let need = needs.get(&task.measure);
            let helps = need.map_or(&[][..], |need| &need.without).iter().map(|(s, points)| {
                let kept = points.saturating_sub(plan.outcome.scenarios[*s].amount.points);
                (self.posed.scenarios[*s].clone(), kept)
            });
            let mut helps: Vec<(Id, u32)> = helps.collect();
            helps.sort_by_key(|(_, kept)| std::cmp::Reverse(*kept));
            let others = need.map_or(&[][..], |need| &need.for_others);
            out.measures.push(Chosen {
                id: offer.id.clone(),
                requirement: offer.taken.requirement.clone(),
                measure: offer.taken.measure.clone(),
                written: offer.written,
                by: self.stakeholder(offer.by),
                on: offer.taken.on.clone(),
                stand_ins: offer.stand_ins.clone(),
                once: measure.once,
                per_year: measure.per_year,
                cost: measure.cost(problem.years),
                impairs: if measure.standing == Standing::Open { measure.penalty } else { 0 },
                days: measure.days_left(),
                standing: measure.standing,
                is_default: offer.is_default,
                from: task.from,
                to: task.to,
                quick_win: task.quick_win,
                helps,
                for_others: others.iter().map(|m| self.posed.offers[*m].id.clone()).collect(),
            });
        }
        out.cheaper_unknown = plan.cheaper == anshin_choose::Cheaper::Unknown;
        out.cheaper = self.cheaper(plan, &plan.cheaper);
        out.leaving = self.cheaper(plan, &plan.leaving);
    }

    /// A set that takes less money, beside the plan.
    fn cheaper(&self, plan: &Plan, cheaper: &anshin_choose::Cheaper) -> Option<Cheaper> {
        let anshin_choose::Cheaper::Set { set, outcome, proof } = cheaper else { return None };
        let leaves = outcome.scenarios.iter().zip(&plan.outcome.scenarios).enumerate();
        let leaves = leaves.filter(|(_, (then, now))| then.amount.outside && !now.amount.outside);
        let weakens = set.difference(&plan.set).filter_map(|m| {
            let offer = &self.posed.offers[*m];
            let known = self.posed.terrain().system().catalog.measures.get(offer.taken.measure.as_ref()?)?;
            let what: Vec<Id> = known.impairs.iter().map(|what| Id::from(what.as_str())).collect();
            (self.posed.problem.measures[*m].penalty > 0).then(|| (offer.id.clone(), what))
        });
        Some(Cheaper {
            cost: outcome.cost,
            proven: proof.is_complete(),
            state: State { points: outcome.points, outside: outcome.outside() },
            leaves: leaves.map(|(s, _)| self.posed.scenarios[s].clone()).collect(),
            without: self.names(plan.set.difference(set)),
            instead: self.names(set.difference(&plan.set)),
            further: outcome.excess() > plan.outcome.excess(),
            weakens_more: outcome.penalty > plan.outcome.penalty,
            impairs: outcome.penalty,
            weakens: weakens.collect(),
        })
    }

    fn accepted(&self) -> Vec<Accepted> {
        let acceptances = &self.posed.terrain().system().document.acceptances;
        let one = |scenario: &Id| {
            let acceptance = &acceptances[*self.posed.accepted.get(scenario)?];
            let (by, until) = (acceptance.by.clone(), acceptance.until.clone());
            Some(Accepted { scenario: scenario.clone(), by, until })
        };
        self.posed.scenarios.iter().filter_map(one).collect()
    }

    fn in_place(&self) -> BTreeSet<MeasureNumber> {
        let measures = self.posed.problem.measures.iter().enumerate();
        measures.filter(|(_, m)| m.standing == Standing::InPlace).map(|(m, _)| m).collect()
    }

    fn names<'m>(&self, set: impl Iterator<Item = &'m MeasureNumber>) -> Vec<Id> {
        set.map(|m| self.posed.offers[*m].id.clone()).collect()
    }

    fn stakeholder(&self, n: usize) -> Id {
        self.posed.terrain().system().document.stakeholders[n].id.clone()
    }

    /// Every scenario before and with a set, looked at on the whole terrain.
    fn scenarios(&self, set: &BTreeSet<MeasureNumber>) -> Vec<Before> {
        let (terrain, matrix) = (self.posed.terrain(), self.posed.matrix());
        let now = terrain.scenarios(matrix, &self.posed.state(&self.in_place()));
        let after = terrain.scenarios(matrix, &self.posed.state(set));
        let classes = |scenario: &Scenario| Classes {
            likelihood: scenario.likelihood,
            effect: scenario.effect,
            risk: scenario.risk,
            outside: self.posed.is_outside(scenario),
            above_cut: scenario.above_cut(),
        };
        let pair = |scenario: &Scenario| {
            Some(Before {
                id: scenario.id.clone(),
                asset: scenario.asset.clone(),
                consequence: scenario.consequence,
                stakeholder: scenario.stakeholder.clone(),
                now: classes(scenario),
                after: classes(after.get(scenario.id.as_str())?),
            })
        };
        now.all.iter().filter_map(pair).collect()
    }

    /// Stakeholders outside the target under a set.
    fn outside(&self, set: &BTreeSet<MeasureNumber>) -> Vec<Id> {
        let terrain = self.posed.terrain();
        let mut seen = terrain.scenarios(self.posed.matrix(), &self.posed.state(set));
        // What is accepted holds up no level.
        for scenario in seen.all.iter_mut().filter(|s| self.posed.accepted.contains_key(&s.id)) {
            scenario.likelihood = 0;
        }
        let mut out: Vec<Id> = Vec::new();
        for level in terrain.levels_after(&seen) {
            if !level.within && !out.contains(&level.stakeholder) {
                out.push(level.stakeholder);
            }
        }
        out
    }

    fn curve(&self, curve: &[Point], choice: &Choice) -> Vec<OnCurve> {
        let problem = &self.posed.problem;
        let impairs = match choice {
            Choice::Plan(plan) => plan.outcome.penalty,
            Choice::Impossible(_) | Choice::Unknown => u64::MAX,
        };
        let open = |m: &&MeasureNumber| problem.measures[**m].standing == Standing::Open;
        let point = |point: &Point| OnCurve {
            cost: point.outcome.cost,
            state: State { points: point.outcome.points, outside: point.outcome.outside() },
            proven: point.proof.is_complete(),
            weakens_more: point.outcome.penalty > impairs,
            measures: self.names(point.set.iter().filter(open)),
        };
        let mut out: Vec<OnCurve> = Vec::new();
        for on_curve in curve.iter().map(point) {
            // What impairs less but leaves as much risk is no step on the curve.
            if out.last().is_none_or(|last| on_curve.state.points < last.state.points) {
                out.push(on_curve);
            }
        }
        out
    }
}
