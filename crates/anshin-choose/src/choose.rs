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
    /// If that set leaves no more outside the target, since it impairs more instead: the set nearest
    /// to the target that takes less money and is cheaper with what is impaired counted.
    pub leaving: Cheaper,
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
    /// There is none, and none that is as good comes first in the order among equals.
    Optimal,
    /// There is none, but another that is as good may come first in the order among equals.
    AmongEquals,
    /// The solver gave up: the set has this value, and none has less than the bound.
    Gap {
        /// Value of the set found: cost, or points of risk.
        value: u64,
        /// What no set can go below.
        bound: u64,
    },
}

impl Proof {
    /// Whether no set has a better value.
    pub fn is_complete(self) -> bool {
        !matches!(self, Proof::Gap { .. })
    }
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
    /// How far it would have to give way for that: the amount needed; of all limits together, the money.
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
    /// All limits together: none alone brings as much.
    Limits,
    /// Limits and refusals together: neither alone brings as much.
    Everything,
    /// The goal: another set within the same limits comes nearer to the target, but leaves more risk
    /// in all.
    Goal,
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

/// A problem whose paths are known only as far as somebody has looked.
///
/// A set of measures can make a path the easiest that the problem does not have yet. So every set
/// that a search comes to is looked at, and where a path turns up the same question is asked again.
/// More paths never make a set better: what no set could go below before stays out of reach.
pub trait Poses {
    /// The problem with the paths known so far.
    fn problem(&self) -> &Problem;

    /// Looks at a set; tells whether paths turned up under it that the problem did not have.
    fn learn(&mut self, set: &BTreeSet<MeasureNumber>) -> bool;
}

/// A problem that has all its paths.
impl Poses for &Problem {
    fn problem(&self) -> &Problem {
        self
    }

    fn learn(&mut self, _: &BTreeSet<MeasureNumber>) -> bool {
        false
    }
}

impl<P: Poses> Poses for &mut P {
    fn problem(&self) -> &Problem {
        (**self).problem()
    }

    fn learn(&mut self, set: &BTreeSet<MeasureNumber>) -> bool {
        (**self).learn(set)
    }
}

/// Chooses measures.
///
/// `effort` is the number of linear programs that may be solved for each question.
pub fn choose(poses: impl Poses, goal: Goal, effort: u64) -> Choice {
    let mut solver = Solver { poses, effort, ties: effort.div_ceil(TIES) };
    let chosen = match goal {
        Goal::Inside => solver.inside(),
        Goal::Best => solver.best(),
    };
    let (found, proof) = match chosen {
        Solved::Done(found, proof) => (found, proof),
        Solved::Unknown => return Choice::Unknown,
        Solved::Impossible => return Choice::Impossible(solver.bindings(None)),
    };
    let outcome = solver.poses.problem().outcome(&found.set);
    let (cheaper, leaving) = match goal {
        Goal::Inside => solver.cheaper(&outcome),
        Goal::Best => (Cheaper::Nothing, Cheaper::Nothing),
    };
    let bindings = if outcome.excess() > 0 { solver.in_the_way(goal, &outcome) } else { Vec::new() };
    Choice::Plan(Box::new(Plan {
        goal,
        needs: solver.needs(&found.set, &outcome),
        bindings,
        cheaper,
        leaving,
        begun: solver.poses.problem().earliest(&found.set, &found.years, solver.ties),
        set: found.set,
        outcome,
        proof,
    }))
}

/// The best that a budget buys, given a set that is known to keep to it; `None` if nothing is
/// better than that. Of the limits of the problem the budget alone is left out.
pub fn buys(poses: impl Poses, budget: Option<u64>, known: Option<&Point>, effort: u64) -> Option<Point> {
    let mut solver = Solver { poses, effort, ties: effort };
    let found = known.map(|point| Found::known(point.set.clone()));
    let limited = |problem: &mut Problem| problem.limits.total = budget;
    let aims = [Aim::Points, Aim::Cost];
    let Solved::Done(found, proof) = solver.one_after_the_other(&limited, (&aims, 2), false, &[], found)
    else {
        return None;
    };
    let outcome = solver.poses.problem().outcome(&found.set);
    let point = Point { set: found.set, outcome, proof };
    let worth = |point: &Point| (point.outcome.points + point.outcome.harm, point.outcome.cost);
    known.is_none_or(|known| worth(&point) < worth(known)).then_some(point)
}

/// Linear programs that the solver may solve for each question, if not asked otherwise.
pub const EFFORT: u64 = 10_000;

/// Which part of the effort goes into a choice among equals.
const TIES: u64 = 100;

/// Which part of the effort goes into the next cheaper set.
const CHEAPER: u64 = 50;

/// A question answered in several steps.
enum Solved {
    Done(Found, Proof),
    Impossible,
    Unknown,
}

/// What is changed in a problem before a question is asked about it.
type Change<'c> = &'c dyn Fn(&mut Problem);

fn unchanged(_: &mut Problem) {}

/// A question about a problem that may get to know more paths.
struct Asked<'c> {
    change: Change<'c>,
    aim: Aim,
    inside: bool,
    at_most: Vec<(Aim, u64)>,
    effort: u64,
}

impl Asked<'_> {
    fn of<'p>(&self, problem: &'p Problem, floor: u64) -> Question<'p> {
        let Self { aim, inside, effort, .. } = *self;
        Question { problem, aim, inside, at_most: self.at_most.clone(), effort, floor }
    }
}

struct Solver<P> {
    poses: P,
    /// Linear programs for each question that counts.
    effort: u64,
    /// Linear programs for each choice among equals.
    ties: u64,
}

impl<P: Poses> Solver<P> {
    /// The problem as it is known, changed.
    fn changed(&self, change: Change<'_>) -> Problem {
        let mut problem = self.poses.problem().clone();
        change(&mut problem);
        problem
    }

    /// Asks for a set that is better than one that is known, until no path turns up under the
    /// answer any more. Gives the answer, and the value of the known set.
    fn ask(&mut self, asked: &Asked<'_>, known: Option<&Found>) -> (Answer, Option<u64>) {
        let mut floor = 0;
        let mut rounds: Vec<Found> = Vec::new();
        loop {
            let problem = self.changed(asked.change);
            let question = asked.of(&problem, floor);
            let value = |found: &Found| question.value(asked.aim, found);
            let known = known.map(value);
            // What earlier rounds found is worse than it looked, and may do all the same.
            let still = rounds.iter().filter(|found| question.holds(found));
            let still = still.filter(|found| known.is_none_or(|known| value(found) < known));
            let best = still.min_by_key(|found| value(found));
            let answer = match best.map(value) {
                Some(least) if least <= floor => Answer::Impossible,
                least => question.better_than(least.or(known)),
            };
            let bound = match answer {
                Answer::Found(found) => {
                    if !self.poses.learn(&found.set) {
                        return (Answer::Found(found), known);
                    }
                    floor = floor.max(found.bound);
                    rounds.push(found);
                    continue;
                }
                Answer::Impossible => None,
                Answer::Unknown(bound) => Some(bound.max(floor)),
            };
            let answer = match (best, bound) {
                (Some(found), bound) => {
                    let value = value(found);
                    let bound = bound.map_or(value, |bound| bound.min(value));
                    Answer::Found(Found { value, bound, ..found.clone() })
                }
                (None, Some(bound)) => Answer::Unknown(bound),
                (None, None) => Answer::Impossible,
            };
            return (answer, known);
        }
    }

    /// Takes aims one after the other, each as a bound on the next.
    ///
    /// The value is proven by the aims that count, the first `counting`; the others only choose among
    /// equals, with less effort.
    fn one_after_the_other(
        &mut self,
        change: Change<'_>,
        (aims, counting): (&[Aim], usize),
        inside: bool,
        at_most: &[(Aim, u64)],
        known: Option<Found>,
    ) -> Solved {
        let mut best = known;
        let mut proof = Proof::Optimal;
        let mut asked =
            Asked { change, aim: Aim::Cost, inside, at_most: at_most.to_vec(), effort: self.effort };
        for (n, aim) in aims.iter().enumerate() {
            asked.aim = *aim;
            asked.effort = if n < counting { self.effort } else { self.ties };
            let (value, bound) = match self.ask(&asked, best.as_ref()) {
                (Answer::Found(found), _) => {
                    let values = (found.value, found.bound);
                    best = Some(found);
                    values
                }
                (Answer::Impossible, Some(value)) => (value, value),
                (Answer::Impossible, None) => return Solved::Impossible,
                (Answer::Unknown(bound), Some(value)) => (value, bound.min(value)),
                (Answer::Unknown(_), None) => return Solved::Unknown,
            };
            if bound < value && proof == Proof::Optimal {
                proof = if n < counting { Proof::Gap { value, bound } } else { Proof::AmongEquals };
            }
            asked.at_most.push((*aim, value));
        }
        best.map_or(Solved::Unknown, |found| Solved::Done(found, proof))
    }

    fn inside(&mut self) -> Solved {
        let aims = [Aim::Cost, Aim::Points, Aim::Fewest];
        match self.one_after_the_other(&unchanged, (&aims, 1), true, &[], None) {
            Solved::Impossible => {
                let aims = [Aim::Excess, Aim::Cost, Aim::Points, Aim::Fewest];
                self.one_after_the_other(&unchanged, (&aims, 2), false, &[], None)
            }
            other => other,
        }
    }

    fn best(&mut self) -> Solved {
        let aims = [Aim::Points, Aim::Cost, Aim::Fewest];
        self.one_after_the_other(&unchanged, (&aims, 2), false, &[], None)
    }

    /// The set nearest to the target that takes less money; and if that leaves no more outside the
    /// target than the plan, which then impairs less, the nearest one that impairs no more.
    fn cheaper(&mut self, outcome: &Outcome) -> (Cheaper, Cheaper) {
        let Some(below) = outcome.cost.checked_sub(1) else { return (Cheaper::Nothing, Cheaper::Nothing) };
        let cheaper = self.nearest(&[(Aim::Total, below)]);
        let leaving = match &cheaper {
            Cheaper::Set { outcome: then, .. } if then.excess() <= outcome.excess() => {
                self.nearest(&[(Aim::Total, below), (Aim::Cost, below + outcome.penalty)])
            }
            _ => Cheaper::Nothing,
        };
        (cheaper, leaving)
    }

    /// The set nearest to the target within bounds, and the cheapest of them.
    fn nearest(&mut self, at_most: &[(Aim, u64)]) -> Cheaper {
        let effort = self.effort;
        self.effort = effort.div_ceil(CHEAPER);
        let solved =
            self.one_after_the_other(&unchanged, (&[Aim::Excess, Aim::Cost], 2), false, at_most, None);
        self.effort = effort;
        match solved {
            Solved::Done(found, proof) => {
                let outcome = self.poses.problem().outcome(&found.set);
                Cheaper::Set { set: found.set, outcome, proof }
            }
            Solved::Impossible => Cheaper::Nothing,
            Solved::Unknown => Cheaper::Unknown,
        }
    }

    /// What each open measure of a set is good for.
    fn needs(&self, set: &BTreeSet<MeasureNumber>, outcome: &Outcome) -> Vec<Need> {
        let problem = self.poses.problem();
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

    /// What keeps a plan from being inside the target: the goal, if the limits allow to come nearer,
    /// and what else would have to give to come nearer than they allow.
    fn in_the_way(&mut self, goal: Goal, outcome: &Outcome) -> Vec<Binding> {
        let nearer = match goal {
            Goal::Inside => None,
            Goal::Best => self.least_excess(&unchanged, Some(outcome.excess())),
        };
        let Some(nearer) = nearer else { return self.bindings(Some(outcome)) };
        let mut out = vec![Binding { kind: Kind::Goal, then: nearer.excess(), needed: None }];
        if nearer.excess() > 0 {
            out.extend(self.bindings(Some(&nearer)));
        }
        out
    }

    /// What would have to give for less excess than there is; without `now`, for a plan at all.
    fn bindings(&mut self, now: Option<&Outcome>) -> Vec<Binding> {
        let below = now.map(Outcome::excess);
        let no_limits = |problem: &mut Problem| problem.limits = Limits::default();
        let nothing_fixed = |problem: &mut Problem| {
            problem.limits = Limits::default();
            problem.open_refused();
        };
        let without_limits = self.least_excess(&no_limits, below);
        let at_best = self.least_excess(&nothing_fixed, below);
        let mut out = Vec::new();
        // What does not help together with all others does not help alone.
        if at_best.is_some() {
            for kind in self.limiting() {
                let lift = |problem: &mut Problem| problem.lift(kind);
                if (kind == Kind::Refusals || without_limits.is_some())
                    && let Some(outcome) = self.least_excess(&lift, below)
                {
                    let then = outcome.excess();
                    let needed = kind.aim().and_then(|aim| self.needed(&lift, aim, then));
                    // Where the effort did not suffice for the nearest set, a limit may leave room.
                    let has_room = needed.is_some_and(|needed| {
                        self.poses.problem().limits.of(kind).is_some_and(|limit| needed <= limit)
                    });
                    if !has_room {
                        out.push(Binding { kind, then, needed });
                    }
                }
            }
            let (all, best) = match &without_limits {
                Some(outcome) => (Kind::Limits, Some(outcome)),
                None => (Kind::Everything, at_best.as_ref()),
            };
            let nearest = out.iter().map(|binding| binding.then).min();
            if let Some(then) = best.map(Outcome::excess)
                && nearest.is_none_or(|nearest| then < nearest)
            {
                let is_limits = all == Kind::Limits;
                let needed = if is_limits { self.needed(&no_limits, Aim::Total, then) } else { None };
                out.push(Binding { kind: all, then, needed });
            }
        }
        if let Some(left) = at_best.as_ref().or(now).filter(|left| left.excess() > 0) {
            out.push(Binding { kind: Kind::Measures(left.outside()), then: left.excess(), needed: None });
        }
        out
    }

    /// What the set with the least excess leaves, if there is one with less than this.
    fn least_excess(&mut self, change: Change<'_>, below: Option<u32>) -> Option<Outcome> {
        let mut at_most = Vec::new();
        if let Some(below) = below {
            at_most.push((Aim::Excess, u64::from(below.checked_sub(1)?)));
        }
        let asked = Asked { change, aim: Aim::Excess, inside: false, at_most, effort: self.effort };
        match self.ask(&asked, None).0 {
            Answer::Found(found) => Some(self.changed(change).outcome(&found.set)),
            Answer::Impossible | Answer::Unknown(_) => None,
        }
    }

    /// How much of something is needed for so little excess.
    fn needed(&mut self, change: Change<'_>, aim: Aim, excess: u32) -> Option<u64> {
        let at_most = vec![(Aim::Excess, u64::from(excess))];
        match self.ask(&Asked { change, aim, inside: false, at_most, effort: self.effort }, None).0 {
            Answer::Found(found) => Some(found.value),
            Answer::Impossible | Answer::Unknown(_) => None,
        }
    }

    /// The limits that the problem has, and refusals.
    fn limiting(&self) -> Vec<Kind> {
        let problem = self.poses.problem();
        let limits = &problem.limits;
        let refuses = problem.measures.iter().any(|m| m.standing == Standing::Refused);
        let one = |is_there: bool, kind: Kind| is_there.then_some(kind);
        let alone = [one(limits.total.is_some(), Kind::Total), one(limits.per_year.is_some(), Kind::PerYear)];
        let each = limits.stakeholder.iter().map(|(by, _)| Some(Kind::Stakeholder(*by)));
        let work = [
            one(limits.days.is_some(), Kind::Days),
            one(limits.days_per_quarter.is_some(), Kind::DaysPerQuarter),
            one(refuses, Kind::Refusals),
        ];
        alone.into_iter().chain(each).chain(work).flatten().collect()
    }
}

impl Kind {
    /// What a limit is on.
    fn aim(self) -> Option<Aim> {
        match self {
            Kind::Total => Some(Aim::Total),
            Kind::PerYear => Some(Aim::Year),
            Kind::Stakeholder(by) => Some(Aim::Stakeholder(by)),
            Kind::Days => Some(Aim::Days),
            Kind::DaysPerQuarter => Some(Aim::Pace),
            Kind::Refusals | Kind::Limits | Kind::Everything | Kind::Goal | Kind::Measures(_) => None,
        }
    }
}

impl Limits {
    /// What may not be exceeded of something, if there is a limit on it.
    pub fn of(&self, kind: Kind) -> Option<u64> {
        match kind {
            Kind::Total => self.total,
            Kind::PerYear => self.per_year,
            Kind::Stakeholder(who) => {
                self.stakeholder.iter().filter(|(by, _)| *by == who).map(|(_, most)| *most).min()
            }
            Kind::Days => self.days.map(u64::from),
            Kind::DaysPerQuarter => self.days_per_quarter.map(u64::from),
            Kind::Refusals | Kind::Limits | Kind::Everything | Kind::Goal | Kind::Measures(_) => None,
        }
    }
}

impl Problem {
    /// Lifts one limit, or all refusals.
    fn lift(&mut self, kind: Kind) {
        match kind {
            Kind::Total => self.limits.total = None,
            Kind::PerYear => self.limits.per_year = None,
            Kind::Stakeholder(who) => self.limits.stakeholder.retain(|(by, _)| *by != who),
            Kind::Days => self.limits.days = None,
            Kind::DaysPerQuarter => self.limits.days_per_quarter = None,
            Kind::Refusals => self.open_refused(),
            Kind::Limits | Kind::Everything | Kind::Goal | Kind::Measures(_) => {}
        }
    }

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
