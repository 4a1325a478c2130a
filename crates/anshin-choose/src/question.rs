//! Questions about a problem: which set makes something smallest, and how sure that is.
//!
//! The equations ([`Model`](crate::model)) go to the solver; what it finds is looked at again in whole
//! numbers, by what a problem means ([`outcome`](crate::outcome)).

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::problem::{MeasureNumber, Problem};

/// What is made as small as can be, or kept within a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Money, with what is impaired counted as money.
    Cost,
    /// Points of risk that remain, with what is impaired counted as points.
    Points,
    /// Points of risk above what is accepted, over all scenarios.
    Excess,
    /// The number of measures; of equal ones those that stand first in the problem.
    Fewest,
    /// Money in all, without what is impaired.
    Total,
    /// Money of one stakeholder.
    Stakeholder(usize),
    /// Person-days.
    Days,
    /// The largest sum of money in any year.
    Year,
    /// The person-days that everybody has to have in a quarter.
    Pace,
    /// The years that measures wait until they are begun, urgent ones counting for more.
    Waiting,
}

/// A question to the solver.
#[derive(Debug, Clone)]
pub(crate) struct Question<'p> {
    pub(crate) problem: &'p Problem,
    /// Made as small as can be.
    pub(crate) aim: Aim,
    /// Whether every scenario must be accepted.
    pub(crate) inside: bool,
    /// What must not be exceeded, besides the limits of the problem.
    pub(crate) at_most: Vec<(Aim, u64)>,
    /// How many linear programs may be solved.
    pub(crate) effort: u64,
    /// What no set is known to go below: a search that gets there is done.
    pub(crate) floor: u64,
}

/// What the solver says.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A set of measures.
    Found(Found),
    /// There is none.
    Impossible,
    /// None was found with the effort allowed; the value of any is at least this.
    Unknown(u64),
}

/// A set of measures that the solver found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The measures, fixed ones among them.
    pub(crate) set: BTreeSet<MeasureNumber>,
    /// In which year each of them is done, from 0; empty if no limit depends on it.
    pub(crate) years: BTreeMap<MeasureNumber, u32>,
    /// The value of the aim.
    pub(crate) value: u64,
    /// No set has a smaller value than this.
    pub(crate) bound: u64,
}

impl Found {
    /// A set that is known beforehand.
    pub(crate) fn known(set: BTreeSet<MeasureNumber>) -> Self {
        Self { set, years: BTreeMap::new(), value: 0, bound: 0 }
    }
}

/// How often a set that is wrong by rounding is ruled out before giving up.
const RETRIES: usize = 8;

impl Question<'_> {
    /// Asks the solver, and looks at its answer again in whole numbers.
    pub(crate) fn ask(&self) -> Answer {
        let mut ruled_out = Vec::new();
        for _ in 0..RETRIES {
            let Some(model) = Model::new(self, &ruled_out) else { return Answer::Impossible };
            match model.solve(self) {
                Answer::Found(found) if self.holds(&found) => return Answer::Found(found),
                Answer::Found(found) => ruled_out.push(found.set),
                other => return other,
            }
        }
        Answer::Unknown(0)
    }

    /// Asks for a set that is better than one that is known: without such a set, the known one is
    /// the best.
    pub(crate) fn better_than(&self, known: Option<u64>) -> Answer {
        let Some(known) = known else { return self.ask() };
        let Some(less) = known.checked_sub(1) else { return Answer::Impossible };
        let mut question = self.clone();
        question.at_most.push((self.aim, less));
        question.ask()
    }

    pub(crate) fn holds(&self, found: &Found) -> bool {
        let problem = self.problem;
        problem.keeps_rules(&found.set)
            && problem.keeps_limits(&found.set)
            && (!self.inside || problem.outcome(&found.set).outside() == 0)
            && self.at_most.iter().all(|(aim, most)| self.value(*aim, found) <= *most)
            && (found.years.is_empty() || problem.keeps_years(&found.years))
    }

    /// Whether a set keeps the bounds on what only grows with every measure.
    pub(crate) fn spends_no_more(&self, set: &BTreeSet<MeasureNumber>) -> bool {
        let grows =
            |aim: &Aim| matches!(aim, Aim::Cost | Aim::Total | Aim::Stakeholder(_) | Aim::Days | Aim::Fewest);
        let spending = self.at_most.iter().filter(|(aim, _)| grows(aim));
        let found = Found::known(set.clone());
        spending.into_iter().all(|(aim, most)| self.value(*aim, &found) <= *most)
    }

    /// The value of an aim for a set, in whole numbers.
    pub(crate) fn value(&self, aim: Aim, found: &Found) -> u64 {
        let problem = self.problem;
        let set = &found.set;
        let outcome = problem.outcome(set);
        match aim {
            Aim::Cost => outcome.cost + outcome.penalty,
            Aim::Points => u64::from(outcome.points) + u64::from(outcome.harm),
            Aim::Excess => u64::from(outcome.excess()),
            Aim::Fewest => set
                .iter()
                .filter(|m| problem.measures[**m].standing.fixed().is_none())
                .map(|m| rank(problem, *m))
                .sum(),
            Aim::Total => outcome.cost,
            Aim::Stakeholder(by) => {
                let of = |m: &&MeasureNumber| problem.measures[**m].by == by;
                set.iter().filter(of).map(|m| problem.measures[*m].cost(problem.years)).sum()
            }
            Aim::Days => u64::from(outcome.days),
            Aim::Year => problem.money_by_year(&found.years).into_iter().max().unwrap_or(0),
            Aim::Pace if found.years.is_empty() => problem.pace(&set.iter().map(|m| (*m, 0)).collect()),
            Aim::Pace => problem.pace(&found.years),
            Aim::Waiting => found.years.iter().map(|(m, year)| problem.urgency(*m) * u64::from(*year)).sum(),
        }
    }
}

/// One more measure weighs more than any choice among equally many.
pub(crate) fn rank(problem: &Problem, m: MeasureNumber) -> u64 {
    (problem.measures.len() + m) as u64
}
