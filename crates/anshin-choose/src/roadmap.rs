//! When the measures of a plan are carried out: quick wins first, quarter by quarter.
//!
//! Each stakeholder works through its own list, so many person-days a quarter, and a measure begins
//! when what it needs is done. Next on the list is what takes the most risk away for each day of
//! work, small pieces of work first; what the law demands comes before that, and what money for a
//! year puts off comes last.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{MeasureNumber, Problem, Standing};

/// A plan in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roadmap {
    /// Person-days of a stakeholder in a quarter.
    pub pace: u32,
    /// The measures, in the order in which they are begun.
    pub tasks: Vec<Task>,
    /// What remains after each quarter in which something is finished: number of the quarter,
    /// points of risk, scenarios that are not accepted.
    pub after: Vec<(u32, u32, usize)>,
}

/// A measure in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// The measure.
    pub measure: MeasureNumber,
    /// The quarter in which it is begun, from 0.
    pub from: u32,
    /// The quarter in which it is finished.
    pub to: u32,
    /// Whether it takes few days and takes risk away by itself.
    pub quick_win: bool,
}

/// The most person-days that a quick win takes.
const QUICK: u32 = 5;

/// Puts the measures of a set in time.
///
/// `begun` holds the years in which measures may begin at the earliest, as far as limits by year
/// have decided that.
pub fn roadmap(
    problem: &Problem,
    set: &BTreeSet<MeasureNumber>,
    begun: &BTreeMap<MeasureNumber, u32>,
    pace: u32,
) -> Roadmap {
    let pace = pace.max(1);
    let mut clocks: BTreeMap<usize, u32> = BTreeMap::new();
    let mut ends: BTreeMap<MeasureNumber, u32> = BTreeMap::new();
    let mut tasks = Vec::new();
    for (m, gain) in order(problem, set, begun) {
        let measure = &problem.measures[m];
        let clock = clocks.entry(measure.by).or_default();
        // What it needs is finished in an earlier quarter, or in the same one.
        let needed = prerequisites(problem, m, &ends).map_or(0, |quarter| quarter * pace);
        let year = begun.get(&m).map_or(0, |year| year * 4 * pace);
        let start = (*clock).max(needed).max(year);
        let end = start + measure.days;
        *clock = end;
        let last = end.saturating_sub(1).max(start) / pace;
        ends.insert(m, last);
        tasks.push(Task {
            measure: m,
            from: start / pace,
            to: last,
            quick_win: measure.days <= QUICK && gain > 0 && start / pace == 0,
        });
    }
    let by_law = |task: &Task| problem.measures[task.measure].standing == Standing::ByLaw;
    tasks.sort_by_key(|task| (task.from, !by_law(task), task.to));
    let quarters: BTreeSet<u32> = tasks.iter().map(|task| task.to).collect();
    let after = quarters.into_iter().map(|quarter| {
        let finished = problem.outcome_so_far(tasks.iter().filter(|t| t.to <= quarter).map(|t| t.measure));
        (quarter, finished.points, finished.outside())
    });
    Roadmap { pace, after: after.collect(), tasks }
}

/// The measures of a set that are still to be done, the most urgent first, each with the points that
/// it takes away by itself at its turn.
pub(crate) fn order(
    problem: &Problem,
    set: &BTreeSet<MeasureNumber>,
    begun: &BTreeMap<MeasureNumber, u32>,
) -> Vec<(MeasureNumber, u32)> {
    let mut left: BTreeSet<MeasureNumber> =
        set.iter().copied().filter(|m| !problem.is_in_place(*m)).collect();
    let by_law = by_law(problem, &left);
    let mut done: BTreeSet<MeasureNumber> = BTreeSet::new();
    let mut out = Vec::new();
    while let Some((m, gain)) = next(problem, &left, &done, &by_law, begun) {
        left.remove(&m);
        done.insert(m);
        out.push((m, gain));
    }
    out
}

/// The measures that the law demands, and those that they need.
fn by_law(problem: &Problem, left: &BTreeSet<MeasureNumber>) -> BTreeSet<MeasureNumber> {
    let demanded = |m: &MeasureNumber| problem.measures[*m].standing == Standing::ByLaw;
    let mut out: BTreeSet<MeasureNumber> = left.iter().copied().filter(demanded).collect();
    let mut ahead: Vec<MeasureNumber> = out.iter().copied().collect();
    while let Some(m) = ahead.pop() {
        for others in problem.rules.iter().filter_map(|rule| rule.needs_of(m)) {
            if others.iter().any(|other| out.contains(other) || problem.is_in_place(*other)) {
                continue;
            }
            ahead.extend(others.iter().copied().filter(|other| left.contains(other)));
            out.extend(&ahead);
        }
    }
    out
}

/// How urgent a measure is (year, demanded by law, few days, risk for each day), which one, and the
/// points that it takes away.
type Candidate = ((u32, bool, bool, u128), MeasureNumber, u32);

/// The measure to take next, and the points that it takes away by itself.
fn next(
    problem: &Problem,
    left: &BTreeSet<MeasureNumber>,
    done: &BTreeSet<MeasureNumber>,
    by_law: &BTreeSet<MeasureNumber>,
    begun: &BTreeMap<MeasureNumber, u32>,
) -> Option<(MeasureNumber, u32)> {
    let now = problem.outcome_so_far(done.iter().copied());
    let difficulty = |outcome: &crate::Outcome| -> u64 {
        outcome.scenarios.iter().map(|remains| u64::from(remains.difficulty.unwrap_or(0))).sum()
    };
    let mut best: Option<Candidate> = None;
    for &m in left {
        if lacks(problem, m, left, done) {
            continue;
        }
        let then = problem.outcome_so_far(done.iter().copied().chain([m]));
        let gain = now.points.saturating_sub(then.points);
        // Points first; where none fall yet, what makes paths harder.
        let worth = u128::from(gain) * 1000 + u128::from(difficulty(&then).saturating_sub(difficulty(&now)));
        let year = u32::MAX - begun.get(&m).copied().unwrap_or(0);
        let quick = problem.measures[m].days <= QUICK;
        let worth_a_day = worth * 1_000_000 / u128::from(problem.measures[m].days.max(1));
        let score = (year, by_law.contains(&m), quick, worth_a_day);
        if best.as_ref().is_none_or(|(known, ..)| score > *known) {
            best = Some((score, m, gain));
        }
    }
    // Needs that go round in circles never come free: then the first one is as good as any.
    best.map(|(_, m, gain)| (m, gain)).or_else(|| left.first().map(|m| (*m, 0)))
}

/// The quarter in which everything is finished that a measure needs; `None` if something is not.
fn prerequisites(problem: &Problem, m: MeasureNumber, ends: &BTreeMap<MeasureNumber, u32>) -> Option<u32> {
    let mut latest = 0;
    for others in problem.rules.iter().filter_map(|rule| rule.needs_of(m)) {
        if !others.iter().any(|other| problem.is_in_place(*other)) {
            latest = latest.max(others.iter().filter_map(|other| ends.get(other)).copied().min()?);
        }
    }
    Some(latest)
}

/// Whether a measure needs one of several, of which none is done and one is still to be.
fn lacks(
    problem: &Problem,
    m: MeasureNumber,
    left: &BTreeSet<MeasureNumber>,
    done: &BTreeSet<MeasureNumber>,
) -> bool {
    let is_there = |other: &MeasureNumber| done.contains(other) || problem.is_in_place(*other);
    let mut needs = problem.rules.iter().filter_map(|rule| rule.needs_of(m));
    needs.any(|others| !others.iter().any(is_there) && others.iter().any(|other| left.contains(other)))
}
