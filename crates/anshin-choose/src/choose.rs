//! The choice itself: the cheapest set inside the target, or the best for a budget.
//!
//! Goals are taken one after the other. What the first leaves open the next decides, so that the
//! same problem always has the same answer:
//!
//! - *cheapest inside the target*: least risk above what is accepted (none, if that is possible),
//!   then least cost, then least risk, then fewest measures;
//! - *best for the budget*: least risk, then least cost, then fewest measures.
//!
//! Of equally many measures those that stand first in the problem are taken.

use std::collections::{BTreeMap, BTreeSet};

use crate::outcome::Outcome;
use crate::problem::{Limits, MeasureNumber, Problem, Standing};
use crate::question::{Aim, Answer, Found, Question};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Every scenario accepted, for the least cost.
    Inside,
    /// The least risk within the limits.
    Best,
}

/// What came of a choice.
#[derive(Debug, Clone)]
pub enum Choice {
    /// A plan; it may leave scenarios that are not accepted.
    Plan(Box<Plan>),
    /// Not even what is fixed can be done within the limits and rules.
    Impossible(Vec<Binding>),
    /// The solver did not get to any plan with the effort allowed.
    Unknown,
}

/// A chosen set of measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What was wanted.
    pub goal: Goal,
    /// The measures, those in place among them.
    pub set: BTreeSet<MeasureNumber>,
    /// The year in which each measure is begun, from 0, as far as limits by year depend on it.
    pub begun: BTreeMap<MeasureNumber, u32>,
    /// What the set costs and leaves.
    pub outcome: Outcome,
    /// How sure it is that there is nothing better.
    pub proof: Proof,
    /// Why each open measure is in the set.
    pub needs: Vec<Need>,
    /// If scenarios remain that are not accepted: what would have to give.
    pub bindings: Vec<Binding>,
    /// The set nearest to the target that takes less money.
    pub cheaper: Cheaper,
}

/// The set nearest to the target that takes less money than a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cheaper {
    /// Nothing takes less money, or it was not asked for.
    Nothing,
    /// None was found with the effort allowed; there may be one.
    Unknown,
    /// This one.
    Set {
        /// The measures.
        set: BTreeSet<MeasureNumber>,
        /// What they cost and leave.
        outcome: Outcome,
        /// How sure it is that no other set that takes less money comes nearer.
        proof: Proof,
    },
}

/// How sure it is that there is no better set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// There is none.
    Optimal,
    /// The solver gave up: the set has this value, and none has less than the bound.
    Gap {
        /// Value of the set found: cost, or points of risk.
        value: u64,
        /// What no set can go below.
        bound: u64,
    },
}

/// Why a measure is in the set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The measure.
    pub measure: MeasureNumber,
    /// Scenarios that would be worse without it, each with the points that it would then have.
    pub without: Vec<(usize, u32)>,
    /// Measures of the set that need it.
    pub for_others: Vec<MeasureNumber>,
}

/// Something that keeps a plan from being inside the target, or from being possible at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What it is.
    pub kind: Kind,
    /// Excess points that would remain if it gave way; all else unchanged. None if there still
    /// would be no plan.
    pub then: u32,
    /// How far it would have to give way for that: the amount needed.
    pub needed: Option<u64>,
}

/// What can be binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The budget.
    Total,
    /// The money for a year.
    PerYear,
    /// The money of a stakeholder, by number.
    Stakeholder(usize),
    /// Person-days in all.
    Days,
    /// Person-days in a quarter.
    DaysPerQuarter,
    /// Measures that are refused.
    Refusals,
    /// All limits together; none alone.
    Limits,
    /// Limits and refusals together; neither alone.
    Everything,
    /// No known measure brings these scenarios inside: the number of them.
    Measures(usize),
}

/// A point of the curve: the best that a sum of money buys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The measures.
    pub set: BTreeSet<MeasureNumber>,
    /// What they cost and leave.
    pub outcome: Outcome,
    /// How sure that is.
    pub proof: Proof,
}

/// Chooses measures.
///
/// `effort` is the number of linear programs that may be solved for each question.
pub fn choose(problem: &Problem, goal: Goal, effort: u64) -> Choice {
    let solver = Solver { problem, effort };
    let chosen = match goal {
        Goal::Inside => solver.inside(),
        Goal::Best => solver.best(),
    };
    let (found, proof) = match chosen {
        Solved::Done(found, proof) => (found, proof),
        Solved::Unknown => return Choice::Unknown,
        Solved::Impossible => return Choice::Impossible(solver.bindings(None)),
    };
    let outcome = problem.outcome(&found.set);
    let cheaper = match goal {
        Goal::Inside => solver.cheaper(&outcome),
        Goal::Best => Cheaper::Nothing,
    };
    Choice::Plan(Box::new(Plan {
        goal,
        needs: solver.needs(&found.set, &outcome),
        bindings: if outcome.excess() > 0 { solver.bindings(Some(&outcome)) } else { Vec::new() },
        cheaper,
        set: found.set,
        begun: found.years,
        outcome,
        proof,
    }))
}

/// The best that a budget buys, given a set that is known to keep to it; `None` if nothing is
/// better than that. Of the limits of the problem the budget alone is left out.
pub fn buys(problem: &Problem, budget: Option<u64>, known: Option<&Point>, effort: u64) -> Option<Point> {
    let mut free = problem.clone();
    free.limits.total = budget;
    let solver = Solver { problem: &free, effort };
    let Solved::Done(found, proof) = solver.best_after(known) else { return None };
    let outcome = free.outcome(&found.set);
    let point = Point { set: found.set, outcome, proof };
    let worth = |point: &Point| (point.outcome.points + point.outcome.harm, point.outcome.cost);
    known.is_none_or(|known| worth(&point) < worth(known)).then_some(point)
}

/// Linear programs that the solver may solve for each question, if not asked otherwise.
pub const EFFORT: u64 = 10_000;

/// Which part of the effort goes into a choice among equals, and into the next cheaper set.
const TIES: u64 = 50;

/// A question answered in several steps.
enum Solved {
    Done(Found, Proof),
    Impossible,
    Unknown,
}

struct Solver<'p> {
    problem: &'p Problem,
    effort: u64,
}

impl Solver<'_> {
    fn question(&self, aim: Aim, inside: bool, at_most: &[(Aim, u64)]) -> Question<'_> {
        let at_most = at_most.to_vec();
        Question { problem: self.problem, aim, inside, at_most, effort: self.effort }
    }

    /// Takes aims one after the other, each as a bound on the next.
    ///
    /// The proof is that of the aims that count, the first `counting`; the others only choose among
    /// equals.
    fn one_after_the_other(
        &self,
        aims: &[Aim],
        counting: usize,
        inside: bool,
        at_most: &[(Aim, u64)],
        known: Option<Found>,
    ) -> Solved {
        let mut at_most = at_most.to_vec();
        let mut best = known;
        let mut proof = Proof::Optimal;
        for (n, aim) in aims.iter().enumerate() {
            let mut question = self.question(*aim, inside, &at_most);
            if n >= counting {
                question.effort = question.effort.div_ceil(TIES);
            }
            let known = best.as_ref().map(|found| question.value(*aim, found));
            let (value, bound) = match question.better_than(known) {
                Answer::Found(found) => {
                    let values = (found.value, found.bound);
                    best = Some(found);
                    values
                }
                Answer::Impossible => match known {
                    Some(value) => (value, value),
                    None => return Solved::Impossible,
                },
                Answer::Unknown(bound) => match known {
                    Some(value) => (value, bound.min(value)),
                    None => return Solved::Unknown,
                },
            };
            if n < counting && bound < value && proof == Proof::Optimal {
                proof = Proof::Gap { value, bound };
            }
            at_most.push((*aim, value));
        }
        best.map_or(Solved::Unknown, |found| Solved::Done(found, proof))
    }

    fn inside(&self) -> Solved {
        let aims = [Aim::Cost, Aim::Points, Aim::Fewest];
        match self.one_after_the_other(&aims, 1, true, &[], None) {
            Solved::Impossible => {
                let aims = [Aim::Excess, Aim::Cost, Aim::Points, Aim::Fewest];
                self.one_after_the_other(&aims, 2, false, &[], None)
            }
            other => other,
        }
    }

    fn best(&self) -> Solved {
        self.one_after_the_other(&[Aim::Points, Aim::Cost, Aim::Fewest], 2, false, &[], None)
    }

    fn best_after(&self, known: Option<&Point>) -> Solved {
        let known = known.map(|point| Found::known(point.set.clone()));
        self.one_after_the_other(&[Aim::Points, Aim::Cost], 1, false, &[], known)
    }

    /// The set nearest to the target that takes less money.
    fn cheaper(&self, outcome: &Outcome) -> Cheaper {
        let Some(below) = outcome.cost.checked_sub(1) else { return Cheaper::Nothing };
        let brief = Solver { effort: self.effort.div_ceil(TIES), ..*self };
        match brief.one_after_the_other(&[Aim::Excess, Aim::Cost], 2, false, &[(Aim::Total, below)], None) {
            Solved::Done(found, proof) => {
                let outcome = self.problem.outcome(&found.set);
                Cheaper::Set { set: found.set, outcome, proof }
            }
            Solved::Impossible => Cheaper::Nothing,
            Solved::Unknown => Cheaper::Unknown,
        }
    }

    /// What each open measure of a set is good for.
    fn needs(&self, set: &BTreeSet<MeasureNumber>, outcome: &Outcome) -> Vec<Need> {
        let problem = self.problem;
        let open = |m: &&MeasureNumber| problem.measures[**m].standing == Standing::Open;
        let need = |m: &MeasureNumber| {
            let mut without = set.clone();
            without.remove(m);
            let for_others = problem.left_alone(&mut without);
            let then = problem.outcome(&without);
            let worse = |(s, (now, then)): (usize, (&crate::Remains, &crate::Remains))| {
                (then.amount > now.amount).then_some((s, then.amount.points))
            };
            let scenarios = outcome.scenarios.iter().zip(&then.scenarios).enumerate();
            Need { measure: *m, without: scenarios.filter_map(worse).collect(), for_others }
        };
        set.iter().filter(open).map(need).collect()
    }

    /// What would have to give for less excess than there is; without `now`, for a plan at all.
    fn bindings(&self, now: Option<&Outcome>) -> Vec<Binding> {
        let below = now.map(Outcome::excess);
        let mut free = self.problem.clone();
        free.limits = Limits::default();
        let without_limits = self.least_excess(&free, below);
        free.open_refused();
        let at_best = self.least_excess(&free, below);
        let mut out = Vec::new();
        // What does not help together with all others does not help alone.
        if at_best.is_some() {
            for (kind, relaxed, usage) in self.relaxations() {
                if (kind == Kind::Refusals || without_limits.is_some())
                    && let Some(outcome) = self.least_excess(&relaxed, below)
                {
                    let then = outcome.excess();
                    let needed = usage.and_then(|aim| needed(&relaxed, aim, then, self.effort));
                    out.push(Binding { kind, then, needed });
                }
            }
            let (all, best) = match &without_limits {
                Some(outcome) => (Kind::Limits, Some(outcome)),
                None => (Kind::Everything, at_best.as_ref()),
            };
            if out.is_empty()
                && let Some(outcome) = best
            {
                out.push(Binding { kind: all, then: outcome.excess(), needed: None });
            }
        }
        if let Some(left) = at_best.as_ref().or(now).filter(|left| left.excess() > 0) {
            out.push(Binding { kind: Kind::Measures(left.outside()), then: left.excess(), needed: None });
        }
        out
    }

    /// What the set with the least excess leaves, if there is one with less than this.
    fn least_excess(&self, problem: &Problem, below: Option<u32>) -> Option<Outcome> {
        let effort = self.effort;
        let question = Question { problem, aim: Aim::Excess, inside: false, at_most: Vec::new(), effort };
        match question.better_than(below.map(u64::from)) {
            Answer::Found(found) => Some(problem.outcome(&found.set)),
            Answer::Impossible | Answer::Unknown(_) => None,
        }
    }

    /// The problem with one limit lifted, for each limit that it has, and what the limit is on.
    fn relaxations(&self) -> Vec<(Kind, Problem, Option<Aim>)> {
        let limits = &self.problem.limits;
        let mut out = Vec::new();
        let mut relax = |kind, aim, change: &dyn Fn(&mut Problem)| {
            let mut relaxed = self.problem.clone();
            change(&mut relaxed);
            out.push((kind, relaxed, aim));
        };
        if limits.total.is_some() {
            relax(Kind::Total, Some(Aim::Total), &|p| p.limits.total = None);
        }
        if limits.per_year.is_some() {
            relax(Kind::PerYear, Some(Aim::Year), &|p| p.limits.per_year = None);
        }
        for (n, (by, _)) in limits.stakeholder.iter().enumerate() {
            relax(Kind::Stakeholder(*by), Some(Aim::Stakeholder(*by)), &|p| {
                p.limits.stakeholder.remove(n);
            });
        }
        if limits.days.is_some() {
            relax(Kind::Days, Some(Aim::Days), &|p| p.limits.days = None);
        }
        if limits.days_per_quarter.is_some() {
            relax(Kind::DaysPerQuarter, Some(Aim::YearDays), &|p| p.limits.days_per_quarter = None);
        }
        if self.problem.measures.iter().any(|m| m.standing == Standing::Refused) {
            relax(Kind::Refusals, None, &Problem::open_refused);
        }
        out
    }
}

/// How much of something is needed for so little excess.
fn needed(problem: &Problem, aim: Aim, excess: u32, effort: u64) -> Option<u64> {
    let at_most = vec![(Aim::Excess, u64::from(excess))];
    let question = Question { problem, aim, inside: false, at_most, effort };
    match question.ask() {
        Answer::Found(found) if aim == Aim::YearDays => Some(found.value.div_ceil(4)),
        Answer::Found(found) => Some(found.value),
        Answer::Impossible | Answer::Unknown(_) => None,
    }
}

impl Problem {
    /// Lifts all refusals.
    pub(crate) fn open_refused(&mut self) {
        for measure in self.measures.iter_mut().filter(|m| m.standing == Standing::Refused) {
            measure.standing = Standing::Open;
        }
    }

    /// Takes out of a set the open measures that lack what they need, and tells which.
    pub(crate) fn left_alone(&self, set: &mut BTreeSet<MeasureNumber>) -> Vec<MeasureNumber> {
        let mut out = Vec::new();
        loop {
            let lonely = self.rules.iter().find_map(|rule| match rule {
                crate::Rule::Needs(m, others)
                    if set.contains(m)
                        && self.measures[*m].standing == Standing::Open
                        && !others.iter().any(|other| set.contains(other)) =>
                {
                    Some(*m)
                }
                _ => None,
            });
            let Some(m) = lonely else { return out };
            set.remove(&m);
            out.push(m);
        }
    }
}
