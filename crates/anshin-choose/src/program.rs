//! Whole numbers under linear conditions: a small program, and its best solution.
//!
//! The linear parts are solved by microlp, put into words by `good_lp`. On top of it stand two things
//! that it lacks:
//!
//! - *Cuts* at the root ([`Cover`](crate::cuts::Cover)): conditions that hold for all whole solutions
//!   and that the linear one breaks.
//! - A *search* that tries out what a branch brings before it takes it (reliability branching),
//!   depth first, and knows that the value of a solution is a whole number: a branch whose bound is
//!   above the best value less one is closed. Of many solutions of the same value a [`Leaning`]
//!   shows it the way.

use std::collections::{BTreeMap, BTreeSet};

use good_lp::solvers::microlp::microlp;
use good_lp::{Expression, ProblemVariables, SolverModel as _, constraint, variable};
use microlp::{ComparisonOp, Error, LinearExpr, Solution, SolveOutcome, Variable};

use crate::cuts::covers;

/// A sum of variables and a constant, in whole numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sum {
    pub(crate) terms: BTreeMap<usize, i64>,
    pub(crate) constant: i64,
}

impl Sum {
    pub(crate) fn of(constant: i64) -> Self {
        Self { constant, ..Self::default() }
    }

    pub(crate) fn add(&mut self, factor: i64, variable: usize) {
        *self.terms.entry(variable).or_insert(0) += factor;
    }

    /// Its value for values of the variables.
    fn value(&self, values: &[f64]) -> f64 {
        let sum: f64 = self.terms.iter().map(|(v, f)| number(*f) * values[*v]).sum();
        sum + number(self.constant)
    }

    pub(crate) fn plus(&mut self, factor: i64, other: &Sum) {
        for (variable, f) in &other.terms {
            self.add(factor * f, *variable);
        }
        self.constant += factor * other.constant;
    }
}

/// A variable, from 0 on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    /// The highest value; none if there is no limit.
    pub(crate) most: Option<u32>,
    /// Whether the search has to see to it that it is whole. The others are whole of themselves in
    /// a best solution.
    pub(crate) whole: bool,
}

/// What is made as small as can be, and under which conditions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub(crate) variables: Vec<Range>,
    /// `sum >= 0`.
    pub(crate) rows: BTreeSet<Sum>,
    pub(crate) objective: Sum,
    /// No solution has a smaller value, the constant of the objective left out: a search that gets
    /// there is done.
    pub(crate) floor: i64,
    /// What draws the search to one of many solutions of the same value: it counts so little that
    /// all of it is less than one.
    pub(crate) leaning: Leaning,
    /// Variables of which one at most is 1, by the first of them.
    pub(crate) groups: BTreeMap<usize, usize>,
}

/// A second thing to make small, for what little it counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaning {
    pub(crate) sum: Sum,
    /// No solution has more of it; 0 if there is nothing to lean on.
    pub(crate) most: i64,
}

impl Leaning {
    /// What one of it counts.
    fn weight(&self) -> f64 {
        if self.most > 0 { LEANING / number(self.most) } else { 0.0 }
    }

    /// What all of it counts at most.
    fn all(&self) -> f64 {
        if self.most > 0 { LEANING } else { 0.0 }
    }
}

/// What all of a leaning counts at most.
const LEANING: f64 = 0.25;

/// How a search ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ended {
    /// The best solution found: the value of each variable.
    pub(crate) best: Option<Vec<f64>>,
    /// No solution has a smaller value; none if there is no solution at all besides the best.
    pub(crate) bound: Option<i64>,
}

/// How often cuts are looked for.
const ROUNDS: u64 = 12;

/// Linear programs that a search may solve for each time that cuts are looked for: what may take
/// little shall not begin with much.
const SEARCH_FOR_A_ROUND: u64 = 10;

/// What a round of cuts has to bring for another one, as a part of the value.
const LITTLE: f64 = 1e-3;

/// How far from a whole number a value may be.
const WHOLE: f64 = 1e-6;

/// How often branches are tried out before their average is believed.
const TRIALS: u32 = 2;

/// What a branch counts that costs nothing.
const SLIGHT: f64 = 1e-6;

/// How many variables in a row are tried out without finding a better one to branch on.
const LOOK_AHEAD: usize = 8;

#[expect(clippy::cast_precision_loss, reason = "amounts are kept below 2^53")]
fn number(n: i64) -> f64 {
    n as f64
}

/// The smallest whole number that is no less.
#[expect(clippy::cast_possible_truncation, reason = "amounts are kept below 2^53")]
fn whole_from(value: f64) -> i64 {
    (value - 1e-5).ceil() as i64
}

/// The solution of a linear program with one more condition.
fn keeping(solution: Solution, cut: &Sum) -> Result<Solution, Error> {
    let handles: Vec<Variable> = solution.iter().map(|(handle, _)| handle).collect();
    let mut sum = LinearExpr::empty();
    for (variable, factor) in &cut.terms {
        sum.add(handles[*variable], number(*factor));
    }
    solved(solution.add_constraint(sum, ComparisonOp::Ge, -number(cut.constant))?)
}

/// What a solver came to that nobody interrupts.
fn solved(outcome: SolveOutcome) -> Result<Solution, Error> {
    outcome.into_solution().map_err(|_| Error::InternalError("interrupted".to_owned()))
}

impl Program {
    /// Adds a variable that is 0 or 1.
    pub(crate) fn binary(&mut self) -> usize {
        self.variable(Range { most: Some(1), whole: true })
    }

    /// Adds a variable that need not be looked after.
    pub(crate) fn fraction(&mut self, most: u32) -> usize {
        self.variable(Range { most: Some(most), whole: false })
    }

    pub(crate) fn variable(&mut self, range: Range) -> usize {
        self.variables.push(range);
        self.variables.len() - 1
    }

    /// Looks for the best solution; solves so many linear programs at most. `round` may make a
    /// solution out of values that are not whole: its value and what stands for it.
    pub(crate) fn minimise(&self, effort: u64, round: Round<'_>) -> Ended {
        let root = match self.root(effort) {
            Ok(root) => root,
            Err(Error::Infeasible) => return Ended { best: None, bound: None },
            Err(_) => {
                return Ended { best: None, bound: Some(self.floor.saturating_add(self.objective.constant)) };
            }
        };
        let handles: Vec<Variable> = root.iter().map(|(handle, _)| handle).collect();
        let size = self.variables.len();
        let mut search = Search {
            program: self,
            round,
            handles,
            effort,
            best: None,
            lost: None,
            costs: [vec![Average::default(); size], vec![Average::default(); size]],
        };
        search.run(root);
        let bound = match (&search.best, search.lost) {
            (Some((value, _)), Some(lost)) => Some(lost.min(*value)),
            (Some((value, _)), None) => Some(*value),
            (None, lost) => lost,
        };
        let constant = self.objective.constant;
        Ended { best: search.best.map(|(_, values)| values), bound: bound.map(|bound| bound + constant) }
    }

    /// The linear program with cuts.
    ///
    /// Each cut mends the solution that there is: to begin anew with all of them takes longer. A
    /// solver that loses its way over them goes on without.
    fn root(&self, effort: u64) -> Result<Solution, Error> {
        let covers = covers(self);
        let mut cuts: BTreeSet<Sum> = BTreeSet::new();
        let mut solution = self.linear()?;
        for _ in 0..effort.div_ceil(SEARCH_FOR_A_ROUND).min(ROUNDS) {
            let values: Vec<f64> = solution.iter().map(|(_, value)| value).collect();
            if self.fractional(&values).next().is_none() {
                break;
            }
            let broken: BTreeSet<Sum> = covers.iter().filter_map(|cover| cover.cut(&values)).collect();
            let before = solution.objective();
            for cut in broken {
                if !cuts.contains(&cut) {
                    solution = match keeping(solution, &cut) {
                        Ok(solution) => solution,
                        Err(Error::Infeasible) => return Err(Error::Infeasible),
                        Err(_) => return self.linear(),
                    };
                    cuts.insert(cut);
                }
            }
            if solution.objective() <= before + LITTLE * before.abs().max(1.0) {
                break;
            }
        }
        Ok(solution)
    }

    fn linear(&self) -> Result<Solution, Error> {
        let mut variables = ProblemVariables::new();
        let handles: Vec<good_lp::Variable> = self
            .variables
            .iter()
            .map(|range| {
                let from_nothing = variable().min(0);
                variables.add(range.most.map_or(from_nothing.clone(), |most| from_nothing.max(most)))
            })
            .collect();
        let weight = self.leaning.weight();
        let expression = |sum: &Sum, constant: i64| -> Expression {
            let mut out = Expression::from(number(constant));
            for (variable, factor) in &sum.terms {
                out.add_mul(number(*factor), handles[*variable]);
            }
            out
        };
        let mut objective = expression(&self.objective, 0);
        for (variable, factor) in &self.leaning.sum.terms {
            objective.add_mul(weight * number(*factor), handles[*variable]);
        }
        let mut solver = variables.minimise(objective).using(microlp);
        for row in &self.rows {
            solver.add_constraint(constraint!(expression(row, row.constant) >= 0));
        }
        solved(solver.as_inner().solve()?)
    }

    /// Variables that should be whole and are not.
    fn fractional<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = usize> + 'a {
        let is_off = |v: &usize| self.variables[*v].whole && (values[*v] - values[*v].round()).abs() > WHOLE;
        (0..values.len()).filter(is_off)
    }
}

/// How much worse the objective got for each unit that a variable was moved, on average.
#[derive(Debug, Clone, Copy, Default)]
struct Average {
    sum: f64,
    count: u32,
}

impl Average {
    fn record(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn mean(self) -> f64 {
        if self.count == 0 { 1.0 } else { self.sum / f64::from(self.count) }
    }
}

/// Makes a solution out of values that are not whole, if that is easy: its value without the constant
/// of the objective, and its values.
pub(crate) type Round<'r> = &'r dyn Fn(&[f64]) -> Option<(i64, Vec<f64>)>;

/// The branches over a variable: it is moved down, and up. None if that is not good enough.
type Branches = [Option<Solution>; 2];

struct Search<'p> {
    program: &'p Program,
    round: Round<'p>,
    handles: Vec<Variable>,
    /// How many linear programs may still be solved.
    effort: u64,
    best: Option<(i64, Vec<f64>)>,
    /// The least bound of branches that were given up.
    lost: Option<i64>,
    /// For each variable, what it costs to move it down and up.
    costs: [Vec<Average>; 2],
}

impl Search<'_> {
    fn run(&mut self, root: Solution) {
        let mut stack = vec![root];
        while let Some(solution) = stack.pop() {
            if self.is_closed(&solution) {
                continue;
            }
            if self.is_spent() {
                self.give_up(&solution);
                continue;
            }
            self.branch(solution, &mut stack);
        }
    }

    /// Whether the effort no longer suffices for two branches.
    fn is_spent(&self) -> bool {
        self.effort < 2
    }

    /// The smallest value that a whole solution under this one can have.
    fn bound(&self, solution: &Solution) -> i64 {
        whole_from(solution.objective() - self.program.leaning.all()).max(self.program.floor)
    }

    fn is_closed(&self, solution: &Solution) -> bool {
        self.best.as_ref().is_some_and(|(best, _)| self.bound(solution) >= *best)
    }

    fn give_up(&mut self, solution: &Solution) {
        let bound = self.bound(solution);
        self.lost = Some(self.lost.map_or(bound, |lost| lost.min(bound)));
    }

    /// Takes a solution apart until there are two branches, or none.
    fn branch(&mut self, mut solution: Solution, stack: &mut Vec<Solution>) {
        while !self.is_closed(&solution) {
            let values: Vec<f64> = solution.iter().map(|(_, value)| value).collect();
            let open: Vec<usize> = self.program.fractional(&values).collect();
            if open.is_empty() {
                let value = self.program.objective.value(&values).round_ties_even();
                let value = whole_from(value) - self.program.objective.constant;
                if self.best.as_ref().is_none_or(|(best, _)| value < *best) {
                    self.best = Some((value, values));
                }
                return;
            }
            if let Some((value, rounded)) = (self.round)(&values)
                && self.best.as_ref().is_none_or(|(best, _)| value < *best)
            {
                self.best = Some((value, rounded));
                continue;
            }
            match self.promising(&solution, &values, open) {
                [Some(one), Some(other)] => {
                    let (first, second) =
                        if one.objective() <= other.objective() { (one, other) } else { (other, one) };
                    stack.push(second);
                    stack.push(first);
                    return;
                }
                [Some(only), None] | [None, Some(only)] => solution = only,
                [None, None] => return,
            }
        }
    }

    /// The branches over the variable that promises most: those that are not closed. Variables of
    /// which little is known are tried out; one that closes a branch is taken at once.
    fn promising(&mut self, solution: &Solution, values: &[f64], open: Vec<usize>) -> Branches {
        let mut order: Vec<(f64, usize)> = open.into_iter().map(|v| (self.score(v, values[v]), v)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut most = 0.0;
        let mut chosen = (order[0].1, None);
        let mut in_a_row = 0;
        for (expected, v) in order {
            let is_known = self.costs.iter().all(|costs| costs[v].count >= TRIALS);
            let (score, tried) = if is_known || self.is_spent() {
                (expected, None)
            } else {
                let branches = self.branches(solution, v, values[v]);
                let [Some(down), Some(up)] = &branches else { return branches };
                let worse = |branch: &Solution| (branch.objective() - solution.objective()).max(SLIGHT);
                (worse(down) * worse(up), Some(branches))
            };
            if score > most {
                (most, chosen, in_a_row) = (score, (v, tried), 0);
            } else {
                in_a_row += 1;
            }
            if in_a_row >= LOOK_AHEAD {
                break;
            }
        }
        let (v, tried) = chosen;
        tried.unwrap_or_else(|| self.branches(solution, v, values[v]))
    }

    /// What branching on a variable promises.
    fn score(&self, v: usize, value: f64) -> f64 {
        let down = value - value.floor();
        let [costs_down, costs_up] = &self.costs;
        (costs_down[v].mean() * down).max(SLIGHT) * (costs_up[v].mean() * (1.0 - down)).max(SLIGHT)
    }

    /// The two branches over a variable. They know nothing of each other and are solved at the same
    /// time; which is done first makes no difference.
    fn branches(&mut self, solution: &Solution, v: usize, value: f64) -> Branches {
        if self.is_spent() {
            self.give_up(solution);
            return [None, None];
        }
        self.effort -= 2;
        let handle = self.handles[v];
        let ends = [value.floor(), value.ceil()];
        let [down, up] = ends.map(|to| move || solution.clone().fix_var(handle, to));
        let solved = std::thread::scope(|scope| {
            match std::thread::Builder::new().spawn_scoped(scope, up) {
                Ok(up) => [down(), up.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))],
                // A system that gives no thread: one after the other.
                Err(_) => [down(), up()],
            }
        });
        let [down, up] = solved;
        [
            self.moved(solution, v, down, (0, value - ends[0])),
            self.moved(solution, v, up, (1, ends[1] - value)),
        ]
    }

    /// What came of moving a variable in a direction so far; none if that is not good enough.
    fn moved(
        &mut self,
        solution: &Solution,
        v: usize,
        outcome: Result<SolveOutcome, Error>,
        (direction, distance): (usize, f64),
    ) -> Option<Solution> {
        match outcome {
            Ok(SolveOutcome::Solution(moved)) => {
                let worse = (moved.objective() - solution.objective()).max(0.0);
                self.costs[direction][v].record(worse / distance.max(WHOLE));
                (!self.is_closed(&moved)).then_some(moved)
            }
            Err(Error::Infeasible) => None,
            Ok(SolveOutcome::Interrupted(_)) | Err(_) => {
                self.give_up(solution);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Numbers;

    /// A small program: a few conditions over variables that are 0 or 1.
    fn made_up(numbers: &mut Numbers) -> Program {
        let mut program = Program::default();
        let size = 4 + numbers.below(6);
        let mut factor = |most: i64| {
            let drawn = numbers.below(usize::try_from(2 * most + 1).unwrap());
            i64::try_from(drawn).unwrap() - most
        };
        for _ in 0..size {
            program.binary();
        }
        let mut sum = |most: i64| {
            let mut sum = Sum::of(factor(most));
            (0..size).for_each(|v| sum.add(factor(most), v));
            sum.terms.retain(|_, factor| *factor != 0);
            sum
        };
        program.rows = (0..5).map(|_| sum(6)).filter(|row| !row.terms.is_empty()).collect();
        program.objective = sum(9);
        program.floor = i64::MIN;
        if numbers.below(2) == 0 {
            let mut weight = || i64::try_from(numbers.below(50)).unwrap();
            let weights: Vec<i64> = (0..size).map(|_| weight()).collect();
            let mut leaning = Sum::default();
            weights.iter().enumerate().for_each(|(v, weight)| leaning.add(*weight, v));
            program.leaning = Leaning { sum: leaning, most: weights.iter().sum() };
        }
        program
    }

    fn value(sum: &Sum, ones: u32) -> i64 {
        sum.constant + sum.terms.iter().map(|(v, factor)| factor * i64::from(ones >> v & 1)).sum::<i64>()
    }

    #[test]
    fn what_is_found_is_the_best_of_all() {
        let mut numbers = Numbers::new(7);
        let (mut solved, mut impossible) = (0, 0);
        for _ in 0..1500 {
            let program = made_up(&mut numbers);
            let all = 0..1_u32 << program.variables.len();
            let keeps = |ones: &u32| program.rows.iter().all(|row| value(row, *ones) >= 0);
            let best = all.filter(keeps).map(|ones| value(&program.objective, ones)).min();
            let ended = program.minimise(10_000, &|_| None);
            assert_eq!(ended.bound, best);
            let found = ended.best.map(|values| {
                let is_one = |(v, value): (usize, &f64)| if *value > 0.5 { 1_u32 << v } else { 0 };
                values.iter().enumerate().map(is_one).sum::<u32>()
            });
            assert_eq!(found.map(|ones| value(&program.objective, ones)), best);
            assert!(found.as_ref().is_none_or(keeps));
            if best.is_some() { solved += 1 } else { impossible += 1 }
        }
        assert!(solved > 300 && impossible > 100, "{solved} {impossible}");
    }

    #[test]
    fn a_search_that_gives_up_tells_a_bound() {
        let mut numbers = Numbers::new(11);
        let mut gave_up = 0;
        for _ in 0..1500 {
            let program = made_up(&mut numbers);
            let best = program.minimise(10_000, &|_| None);
            let early = program.minimise(2, &|_| None);
            match (best.bound, early.bound) {
                (Some(best), Some(bound)) => assert!(bound <= best),
                (None, _) => assert_eq!(early.best, None),
                (Some(_), None) => panic!("a solution that a search gave up on is not impossible"),
            }
            gave_up += usize::from(early.best.is_none() && best.best.is_some());
        }
        assert!(gave_up > 10, "{gave_up}");
    }
}
