//! A problem as equations over 0 and 1, for a solver of mixed integer programs.
//!
//! - For each measure that is open, `x = 1` if it is done.
//! - For each part of a step, `z <= sum x` over the measures that bring a gain, one `z` for each
//!   gain, and the `z` of a part add up to 1 at most: the strongest counts.
//! - For each set of paths and class of likelihood, `y = 1` only if every path of the set is
//!   difficult enough: `sum min(gain, need) z >= need y`. A gain larger than what is needed counts
//!   as much as is needed; that loses no solution and makes the bounds of the solver tighter.
//! - A scenario that measures can make rarer or milder as well takes exactly one of its outcomes
//!   (`sum u = 1`), and only one whose conditions hold.
//!
//! Money is divided by the greatest common divisor of all amounts, so that the solver sees small
//! numbers.

use std::collections::{BTreeMap, BTreeSet};

use good_lp::solvers::microlp::microlp;
use good_lp::{Expression, ProblemVariables, SolverModel as _, Variable, constraint, variable};
use microlp::{SolveOptions, TerminationReason};

use crate::problem::{Amount, MeasureNumber, Part, Problem, Rule, Scenario, Standing};

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
    /// The most person-days of anybody in any year.
    YearDays,
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
    /// How many branches the solver may look at.
    pub(crate) effort: u64,
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

    fn holds(&self, found: &Found) -> bool {
        let problem = self.problem;
        problem.keeps_rules(&found.set)
            && problem.keeps_limits(&found.set)
            && (!self.inside || problem.outcome(&found.set).outside() == 0)
            && self.at_most.iter().all(|(aim, most)| self.value(*aim, found) <= *most)
            && (found.years.is_empty() || problem.keeps_years(&found.years))
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
            Aim::YearDays => problem.busiest_year(&found.years),
        }
    }
}

/// One more measure weighs more than any choice among equally many.
fn rank(problem: &Problem, m: MeasureNumber) -> u64 {
    (problem.measures.len() + m) as u64
}

/// A sum of variables and a constant, in whole numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Sum {
    terms: BTreeMap<usize, i64>,
    constant: i64,
}

impl Sum {
    fn of(constant: i64) -> Self {
        Self { constant, ..Self::default() }
    }

    fn add(&mut self, factor: i64, variable: usize) {
        *self.terms.entry(variable).or_insert(0) += factor;
    }

    fn plus(&mut self, factor: i64, other: &Sum) {
        for (variable, f) in &other.terms {
            self.add(factor * f, *variable);
        }
        self.constant += factor * other.constant;
    }
}

/// What switches a part on, by gain: variables of measures.
type PartKey = Vec<(u32, Vec<usize>)>;

/// Variables, each with what it adds.
type Gains = Vec<(usize, u32)>;

/// A way for a scenario to become smaller: its class, classes less, levels less, and what it then
/// amounts to.
type Way = (usize, usize, usize, Amount);

/// Whether every path of a set can be made difficult enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Always,
    Never,
    If(usize),
}

/// What becomes of a scenario, as sums.
#[derive(Debug, Clone)]
struct Becomes {
    points: Sum,
    /// Points above what is accepted.
    excess: Sum,
    /// 1 if it is accepted.
    accepted: Sum,
}

impl Becomes {
    fn of(amount: Amount) -> Self {
        Becomes {
            points: Sum::of(i64::from(amount.points)),
            excess: Sum::of(i64::from(amount.excess())),
            accepted: Sum::of(i64::from(!amount.outside)),
        }
    }
}

/// The equations.
struct Model<'p> {
    problem: &'p Problem,
    variables: ProblemVariables,
    /// By number, as the solver knows them.
    handles: Vec<Variable>,
    /// The highest value of each.
    highest: Vec<u32>,
    /// `sum >= 0`.
    rows: BTreeSet<Sum>,
    /// The variable of each measure that is open and of use.
    x: Vec<Option<usize>>,
    /// Measures that are done whatever is chosen.
    done: BTreeSet<MeasureNumber>,
    /// The variables of a part by what it holds: its gains, each with what switches it on.
    parts: BTreeMap<PartKey, Gains>,
    /// Base difficulty of each step, and what can be added.
    steps: Vec<(u32, Vec<(usize, u32)>)>,
    /// The class that each set of paths must come down to.
    must: BTreeMap<Vec<usize>, usize>,
    reach: BTreeMap<(Vec<usize>, usize), Reach>,
    outcomes: BTreeMap<usize, Becomes>,
    /// When each measure is done, if a limit depends on it: one variable for each year.
    when: BTreeMap<MeasureNumber, Vec<usize>>,
    /// Set if something cannot hold whatever is chosen.
    impossible: bool,
    objective: Sum,
    scale: i64,
}

impl<'p> Model<'p> {
    /// Makes the equations; `None` if they cannot hold.
    fn new(question: &Question<'p>, ruled_out: &[BTreeSet<MeasureNumber>]) -> Option<Self> {
        let problem = question.problem;
        let done = problem.with_fixed(&BTreeSet::new());
        let mut model = Model {
            problem,
            variables: ProblemVariables::new(),
            handles: Vec::new(),
            highest: Vec::new(),
            rows: BTreeSet::new(),
            x: vec![None; problem.measures.len()],
            done,
            parts: BTreeMap::new(),
            steps: Vec::new(),
            must: BTreeMap::new(),
            reach: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            when: BTreeMap::new(),
            impossible: false,
            objective: Sum::default(),
            scale: problem.money_divisor(),
        };
        for m in problem.of_use() {
            model.x[m] = Some(model.binary());
        }
        model.steps();
        model.rules();
        if question.inside {
            model.inside();
        }
        let aims = question.at_most.iter().map(|(aim, _)| *aim).chain([question.aim]);
        model.limits(aims.into_iter().any(|aim| matches!(aim, Aim::Year | Aim::YearDays)));
        for (aim, most) in &question.at_most {
            let mut row = model.sum(*aim);
            model.at_most(&mut row, *aim, *most);
        }
        model.objective = model.sum(question.aim);
        for set in ruled_out {
            model.rule_out(set);
        }
        (!model.impossible).then_some(model)
    }

    fn binary(&mut self) -> usize {
        self.handles.push(self.variables.add(variable().binary()));
        self.highest.push(1);
        self.handles.len() - 1
    }

    fn fraction(&mut self, most: u32) -> usize {
        self.handles.push(self.variables.add(variable().min(0).max(most)));
        self.highest.push(most);
        self.handles.len() - 1
    }

    /// `sum >= 0`.
    fn at_least_nothing(&mut self, sum: Sum) {
        let best: i64 = sum.constant + sum.terms.values().filter(|f| **f > 0).sum::<i64>();
        if sum.terms.is_empty() || sum.terms.values().all(|f| *f > 0) && best < 0 {
            self.impossible |= best < 0;
            return;
        }
        self.rows.insert(sum);
    }

    fn measure(&self, m: MeasureNumber) -> Sum {
        let mut sum = Sum::of(i64::from(self.done.contains(&m)));
        if let Some(x) = self.x[m] {
            sum.add(1, x);
        }
        sum
    }

    /// Rules between measures.
    fn rules(&mut self) {
        let in_place = |m: &MeasureNumber| self.problem.measures[*m].standing == Standing::InPlace;
        for rule in &self.problem.rules {
            match rule {
                Rule::Needs(measure, others) if !in_place(measure) => {
                    let mut row = Sum::default();
                    for other in others {
                        row.plus(1, &self.measure(*other));
                    }
                    row.plus(-1, &self.measure(*measure));
                    if row.constant < 1 {
                        self.at_least_nothing(row);
                    }
                }
                Rule::Needs(..) => {}
                Rule::AtMostOne(measures) => {
                    let there = measures.iter().any(in_place);
                    let mut row = Sum::of(i64::from(!there));
                    for m in measures.iter().filter(|m| !in_place(m)) {
                        row.plus(-1, &self.measure(*m));
                    }
                    self.at_least_nothing(row);
                }
            }
        }
    }

    /// What each step can gain.
    fn steps(&mut self) {
        for step in &self.problem.steps {
            let mut base = step.base;
            let mut gains = Vec::new();
            for part in &step.parts {
                base += part.gain(&self.done);
                gains.extend(self.part(part));
            }
            if base == 0 {
                base = 1;
                gains = self.beyond_the_first(gains);
            }
            if let Some(most) = step.most {
                let most = most.max(step.base);
                let best = base + self.best(&gains);
                if base >= most {
                    (base, gains) = (most, Vec::new());
                } else if best > most {
                    gains = self.capped(&gains, most - base);
                }
            }
            self.steps.push((base, gains));
        }
    }

    /// Gains of a step that counts 1 without any: the first point of them is there already.
    fn beyond_the_first(&mut self, gains: Vec<(usize, u32)>) -> Vec<(usize, u32)> {
        if let [(z, gain)] = gains[..] {
            return if gain > 1 { vec![(z, gain - 1)] } else { Vec::new() };
        }
        if gains.is_empty() {
            return gains;
        }
        // sum - 1 if anything is gained, as a variable of its own.
        let most = self.best(&gains);
        let raised = self.fraction(most - 1);
        let any = self.fraction(1);
        let mut row = Sum::default();
        for (z, gain) in &gains {
            row.add(i64::from(*gain), *z);
            let mut on = Sum::default();
            on.add(1, any);
            on.add(-1, *z);
            self.rows.insert(on);
        }
        row.add(-1, any);
        row.add(-1, raised);
        self.rows.insert(row);
        vec![(raised, 1)]
    }

    /// The most that gains can add up to. Gains of one part exclude each other, which this leaves
    /// out of account: it is an upper bound.
    fn best(&self, gains: &[(usize, u32)]) -> u32 {
        gains.iter().map(|(z, gain)| gain * self.highest[*z]).sum()
    }

    /// Gains that add up to a certain amount at most.
    fn capped(&mut self, gains: &[(usize, u32)], most: u32) -> Vec<(usize, u32)> {
        let raised = self.fraction(most);
        let mut row = Sum::default();
        for (z, gain) in gains {
            row.add(i64::from((*gain).min(most)), *z);
        }
        row.add(-1, raised);
        self.at_least_nothing(row);
        vec![(raised, 1)]
    }

    /// The variables of a part, each with what it adds to what is done already.
    fn part(&mut self, part: &Part) -> Vec<(usize, u32)> {
        let already = part.gain(&self.done);
        let mut levels: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
        for (m, gain) in &part.gains {
            if let Some(x) = self.x[*m]
                && *gain > already
            {
                levels.entry(gain - already).or_default().insert(x);
            }
        }
        let key: Vec<(u32, Vec<usize>)> =
            levels.into_iter().rev().map(|(gain, xs)| (gain, xs.into_iter().collect())).collect();
        if let Some(known) = self.parts.get(&key) {
            return known.clone();
        }
        let alone = key.len() == 1;
        let mut out = Vec::new();
        let mut together = Sum::of(1);
        for (gain, xs) in &key {
            if alone && xs.len() == 1 {
                out.push((xs[0], *gain));
                continue;
            }
            let z = self.fraction(1);
            let mut row = Sum::default();
            for x in xs {
                row.add(1, *x);
            }
            row.add(-1, z);
            self.at_least_nothing(row);
            together.add(-1, z);
            out.push((z, *gain));
        }
        if out.len() > 1 {
            self.at_least_nothing(together);
        }
        self.parts.insert(key, out.clone());
        out
    }

    /// `y`: whether every path of a set belongs to a class of likelihood, or to one below it.
    fn reach(&mut self, paths: &[usize], class: usize) -> Reach {
        let key = (paths.to_vec(), class);
        if let Some(known) = self.reach.get(&key) {
            return *known;
        }
        let from = self.problem.classes[class];
        let must = self.must.get(paths).is_some_and(|must| class >= *must);
        let mut rows = Vec::new();
        let mut never = false;
        for path in paths {
            let base: u32 = self.problem.paths[*path].iter().map(|step| self.steps[*step].0).sum();
            if base >= from {
                continue;
            }
            let need = i64::from(from - base);
            let mut row = Sum::default();
            for step in &self.problem.paths[*path] {
                for (z, gain) in &self.steps[*step].1 {
                    row.add(i64::from(*gain), *z);
                }
            }
            let best: i64 = row.terms.iter().map(|(v, factor)| factor * i64::from(self.highest[*v])).sum();
            never |= best < need;
            for factor in row.terms.values_mut() {
                *factor = (*factor).min(need);
            }
            rows.push((row, need));
        }
        let reach = match (never, rows.is_empty(), must) {
            (true, ..) => {
                self.impossible |= must;
                Reach::Never
            }
            (_, true, _) | (_, _, true) => Reach::Always,
            _ => Reach::If(self.binary()),
        };
        // What must come down to a lower class needs no row for this one.
        let implied = self.must.get(paths).is_some_and(|must| class > *must);
        if !never && !implied {
            for (mut row, need) in rows {
                match reach {
                    Reach::If(y) => row.add(-need, y),
                    _ => row.constant -= need,
                }
                self.rows.insert(row);
            }
        }
        self.reach.insert(key, reach);
        if let Reach::If(y) = reach
            && class + 1 < self.problem.classes.len()
            && let Reach::If(above) = self.reach(paths, class + 1)
        {
            // What belongs to a class or one below also belongs to the class above or one below it.
            let mut row = Sum::default();
            row.add(1, above);
            row.add(-1, y);
            self.at_least_nothing(row);
        }
        reach
    }

    /// Every scenario must be accepted.
    fn inside(&mut self) {
        let problem = self.problem;
        for scenario in &problem.scenarios {
            if self.helped(&scenario.rarer) || self.helped(&scenario.milder) || scenario.paths.is_empty() {
                continue;
            }
            let Some(class) = self.amounts(scenario).iter().rposition(|amount| !amount.outside) else {
                self.impossible = true;
                return;
            };
            let must = self.must.entry(scenario.paths.clone()).or_insert(class);
            *must = class.min(*must);
        }
        for s in 0..problem.scenarios.len() {
            let mut accepted = self.scenario(s).accepted;
            accepted.constant -= 1;
            if !(accepted.terms.is_empty() && accepted.constant >= 0) {
                self.at_least_nothing(accepted);
            }
        }
    }

    fn helped(&self, parts: &[Part]) -> bool {
        let already = |part: &Part| part.gain(&self.done);
        parts
            .iter()
            .any(|part| part.gains.iter().any(|(m, gain)| self.x[*m].is_some() && *gain > already(part)))
    }

    /// What a scenario amounts to by class of likelihood, after what is done already.
    fn amounts(&self, scenario: &Scenario) -> Vec<Amount> {
        let (rarer, milder) = self.already(scenario);
        let row = &scenario.amounts[milder.min(scenario.amounts.len() - 1)];
        (0..row.len()).map(|class| row[class.saturating_sub(rarer)]).collect()
    }

    fn already(&self, scenario: &Scenario) -> (usize, usize) {
        let gain = |parts: &[Part]| parts.iter().map(|part| part.gain(&self.done) as usize).sum();
        (gain(&scenario.rarer), gain(&scenario.milder))
    }

    /// What becomes of a scenario.
    fn scenario(&mut self, s: usize) -> Becomes {
        if let Some(known) = self.outcomes.get(&s) {
            return known.clone();
        }
        let problem = self.problem;
        let scenario = &problem.scenarios[s];
        let sums = if scenario.paths.is_empty() {
            Becomes::of(Amount::default())
        } else if self.helped(&scenario.rarer) || self.helped(&scenario.milder) {
            self.many_ways(scenario)
        } else {
            self.by_paths_alone(scenario)
        };
        self.outcomes.insert(s, sums.clone());
        sums
    }

    /// A scenario that only its paths can change: each class that it comes down saves points.
    fn by_paths_alone(&mut self, scenario: &Scenario) -> Becomes {
        let amounts = self.amounts(scenario);
        let top = amounts.len() - 1;
        let mut out = Becomes::of(amounts[top]);
        for class in (0..top).rev() {
            let (above, here) = (amounts[class + 1], amounts[class]);
            if above == here {
                continue;
            }
            let mut y = Sum::default();
            match self.reach(&scenario.paths, class) {
                Reach::Always => y.constant = 1,
                Reach::If(variable) => y.add(1, variable),
                Reach::Never => break,
            }
            out.points.plus(i64::from(here.points) - i64::from(above.points), &y);
            out.excess.plus(i64::from(here.excess()) - i64::from(above.excess()), &y);
            out.accepted.plus(i64::from(above.outside && !here.outside), &y);
        }
        out
    }

    /// A scenario that has several ways to become smaller: exactly one outcome of all combinations.
    fn many_ways(&mut self, scenario: &Scenario) -> Becomes {
        let problem = self.problem;
        let (rarer, milder) = self.already(scenario);
        let top = problem.classes.len() - 1;
        let classes: Vec<(usize, Reach)> =
            (0..=top).map(|class| (class, self.reach_or_top(&scenario.paths, class, top))).collect();
        let rarer_by = self.steps_down(&scenario.rarer, top.saturating_sub(rarer));
        let levels = scenario.amounts.len() - 1;
        let milder_by = self.steps_down(&scenario.milder, levels.saturating_sub(milder));
        // Outcomes by what they take, the least first, and only those that save something.
        let mut outcomes: Vec<Way> = Vec::new();
        for (class, reach) in classes.iter().rev() {
            if *reach == Reach::Never {
                continue;
            }
            for lower in 0..=rarer_by.len() {
                for less in 0..=milder_by.len() {
                    let likelihood = class.saturating_sub(rarer + lower);
                    let amount = scenario.amounts[(milder + less).min(levels)][likelihood];
                    let no_better = |o: &Way| o.0 >= *class && o.1 <= lower && o.2 <= less && o.3 <= amount;
                    if !outcomes.iter().any(no_better) {
                        outcomes.push((*class, lower, less, amount));
                    }
                }
            }
        }
        let us: Vec<usize> = outcomes.iter().map(|_| self.fraction(1)).collect();
        let all = |wanted: &dyn Fn(&Way) -> bool, factor: i64| {
            let mut sum = Sum::default();
            for (u, _) in us.iter().zip(&outcomes).filter(|(_, o)| wanted(o)) {
                sum.add(factor, *u);
            }
            sum
        };
        let mut exactly = all(&|_| true, 1);
        exactly.constant = -1;
        self.rows.insert(exactly);
        let mut exactly = all(&|_| true, -1);
        exactly.constant = 1;
        self.rows.insert(exactly);
        for (class, reach) in &classes {
            if let Reach::If(y) = reach {
                let mut row = all(&|o| o.0 <= *class, -1);
                row.add(1, *y);
                self.rows.insert(row);
            }
        }
        for (n, step) in rarer_by.iter().enumerate() {
            let mut row = all(&|o| o.1 > n, -1);
            row.add(1, *step);
            self.rows.insert(row);
        }
        for (n, step) in milder_by.iter().enumerate() {
            let mut row = all(&|o| o.2 > n, -1);
            row.add(1, *step);
            self.rows.insert(row);
        }
        let (mut points, mut excess) = (Sum::default(), Sum::default());
        for (u, (.., amount)) in us.iter().zip(&outcomes) {
            points.add(i64::from(amount.points), *u);
            excess.add(i64::from(amount.excess()), *u);
        }
        Becomes { points, excess, accepted: all(&|o| !o.3.outside, 1) }
    }

    fn reach_or_top(&mut self, paths: &[usize], class: usize, top: usize) -> Reach {
        if class == top { Reach::Always } else { self.reach(paths, class) }
    }

    /// Variables of which the first `n` may be 1 only if the parts bring at least `n`.
    fn steps_down(&mut self, parts: &[Part], most: usize) -> Vec<usize> {
        let gains: Vec<(usize, u32)> = parts.iter().flat_map(|part| self.part(part)).collect();
        let most = most.min(self.best(&gains) as usize);
        let mut out: Vec<usize> = Vec::new();
        for n in 1..=most {
            let need = i64::try_from(n).unwrap_or(i64::MAX);
            let step = self.binary();
            let mut row = Sum::default();
            for (z, gain) in &gains {
                row.add(i64::from(*gain), *z);
            }
            for factor in row.terms.values_mut() {
                *factor = (*factor).min(need);
            }
            row.add(-need, step);
            self.rows.insert(row);
            if let Some(before) = out.last() {
                let mut row = Sum::default();
                row.add(1, *before);
                row.add(-1, step);
                self.rows.insert(row);
            }
            out.push(step);
        }
        out
    }

    /// The limits of the problem.
    fn limits(&mut self, by_year: bool) {
        let limits = &self.problem.limits;
        if let Some(most) = limits.total {
            let mut row = self.sum(Aim::Total);
            self.at_most(&mut row, Aim::Total, most);
        }
        for (by, most) in &limits.stakeholder {
            let mut row = self.sum(Aim::Stakeholder(*by));
            self.at_most(&mut row, Aim::Stakeholder(*by), *most);
        }
        if let Some(most) = limits.days {
            let mut row = self.sum(Aim::Days);
            self.at_most(&mut row, Aim::Days, u64::from(most));
        }
        if by_year || limits.per_year.is_some() || limits.days_per_quarter.is_some() {
            self.years();
        }
        for year in 0..self.problem.years {
            if let Some(most) = limits.per_year {
                let mut row = self.money_in(year);
                self.at_most(&mut row, Aim::Total, most);
            }
            if let Some(most) = limits.days_per_quarter {
                for by in 0..self.problem.stakeholders {
                    let mut row = self.days_in(year, by);
                    self.at_most(&mut row, Aim::Days, 4 * u64::from(most));
                }
            }
        }
    }

    /// `sum <= most`.
    fn at_most(&mut self, row: &mut Sum, aim: Aim, most: u64) {
        let money = matches!(aim, Aim::Cost | Aim::Total | Aim::Stakeholder(_) | Aim::Year);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let most = if money { most.div_euclid(self.scale) } else { most };
        let mut out = Sum::of(most);
        out.plus(-1, row);
        if out.constant < 0 && out.terms.values().all(|f| *f <= 0) {
            self.impossible = true;
        } else if !out.terms.is_empty() {
            self.rows.insert(out);
        }
    }

    /// In which year each measure is done.
    fn years(&mut self) {
        let years = self.problem.years as usize;
        let costs = |m: &MeasureNumber| self.problem.measures[*m].standing != Standing::InPlace;
        let measures: Vec<MeasureNumber> = (0..self.x.len())
            .filter(|m| self.x[*m].is_some() || self.done.contains(m))
            .filter(costs)
            .collect();
        for m in measures {
            let when: Vec<usize> = (0..years).map(|_| self.binary()).collect();
            for sign in [1, -1] {
                let mut row = Sum::default();
                for w in &when {
                    row.add(sign, *w);
                }
                row.plus(-sign, &self.measure(m));
                self.rows.insert(row);
            }
            self.when.insert(m, when);
        }
        for rule in &self.problem.rules {
            let Rule::Needs(measure, others) = rule else { continue };
            let in_place = |m: &MeasureNumber| self.problem.measures[*m].standing == Standing::InPlace;
            let Some(when) = self.when.get(measure).cloned() else { continue };
            if others.iter().any(in_place) {
                continue;
            }
            for year in 0..years {
                let mut row = Sum::default();
                for other in others.iter().filter_map(|other| self.when.get(other)) {
                    for w in &other[..=year] {
                        row.add(1, *w);
                    }
                }
                for w in &when[..=year] {
                    row.add(-1, *w);
                }
                self.rows.insert(row);
            }
        }
    }

    fn money_in(&self, year: u32) -> Sum {
        let mut sum = Sum::default();
        for (m, when) in &self.when {
            let measure = &self.problem.measures[*m];
            for (start, w) in (0u32..).zip(when) {
                let amount = match start.cmp(&year) {
                    std::cmp::Ordering::Less => measure.per_year,
                    std::cmp::Ordering::Equal => measure.once + measure.per_year,
                    std::cmp::Ordering::Greater => 0,
                };
                if amount > 0 {
                    sum.add(self.scaled(amount), *w);
                }
            }
        }
        sum
    }

    fn days_in(&self, year: u32, by: usize) -> Sum {
        let mut sum = Sum::default();
        for (m, when) in &self.when {
            let measure = &self.problem.measures[*m];
            if measure.by == by && measure.days > 0 {
                sum.add(i64::from(measure.days), when[year as usize]);
            }
        }
        sum
    }

    fn scaled(&self, money: u64) -> i64 {
        i64::try_from(money).unwrap_or(i64::MAX) / self.scale
    }

    /// An aim as a sum, money divided.
    fn sum(&mut self, aim: Aim) -> Sum {
        let problem = self.problem;
        let years = problem.years;
        match aim {
            Aim::Cost => {
                self.weigh(|m| self.scaled(problem.measures[m].cost(years) + problem.open_penalty(m)))
            }
            Aim::Total => self.weigh(|m| self.scaled(problem.measures[m].cost(years))),
            Aim::Stakeholder(by) => self.weigh(|m| {
                let measure = &problem.measures[m];
                if measure.by == by { self.scaled(measure.cost(years)) } else { 0 }
            }),
            Aim::Days => self.weigh(|m| i64::from(problem.measures[m].days_left())),
            Aim::Fewest => {
                let open = |m: usize| problem.measures[m].standing.fixed().is_none();
                self.weigh(|m| if open(m) { i64::try_from(rank(problem, m)).unwrap_or(i64::MAX) } else { 0 })
            }
            Aim::Points => {
                let mut sum = self.weigh(|m| i64::from(problem.open_harm(m)));
                for s in 0..problem.scenarios.len() {
                    let points = self.scenario(s).points;
                    sum.plus(1, &points);
                }
                sum
            }
            Aim::Excess => {
                let mut sum = Sum::default();
                for s in 0..problem.scenarios.len() {
                    let excess = self.scenario(s).excess;
                    sum.plus(1, &excess);
                }
                sum
            }
            Aim::Year => {
                let rows: Vec<Sum> = (0..years).map(|year| self.money_in(year)).collect();
                self.largest(&rows)
            }
            Aim::YearDays => {
                let mut rows = Vec::new();
                for year in 0..years {
                    rows.extend((0..problem.stakeholders).map(|by| self.days_in(year, by)));
                }
                self.largest(&rows)
            }
        }
    }

    /// The largest of several sums, in an objective that is made small.
    fn largest(&mut self, rows: &[Sum]) -> Sum {
        self.handles.push(self.variables.add(variable().min(0)));
        self.highest.push(u32::MAX);
        let largest = self.handles.len() - 1;
        for row in rows {
            let mut out = Sum::default();
            out.add(1, largest);
            out.plus(-1, row);
            self.rows.insert(out);
        }
        let mut sum = Sum::default();
        sum.add(1, largest);
        sum
    }

    fn weigh(&self, weight: impl Fn(MeasureNumber) -> i64) -> Sum {
        let mut sum = Sum::default();
        for m in 0..self.x.len() {
            let weight = weight(m);
            if weight != 0 {
                sum.plus(weight, &self.measure(m));
            }
        }
        sum
    }

    fn rule_out(&mut self, set: &BTreeSet<MeasureNumber>) {
        let mut row = Sum::of(-1);
        for (m, x) in self.x.iter().enumerate() {
            let Some(x) = x else { continue };
            if set.contains(&m) {
                row.constant += 1;
                row.add(-1, *x);
            } else {
                row.add(1, *x);
            }
        }
        self.at_least_nothing(row);
    }

    fn solve(&self, question: &Question<'_>) -> Answer {
        let expression = |sum: &Sum| -> Expression {
            #[expect(clippy::cast_precision_loss, reason = "amounts are kept below 2^53")]
            let number = |n: i64| n as f64;
            let mut out = Expression::from(number(sum.constant));
            for (variable, factor) in &sum.terms {
                out.add_mul(number(*factor), self.handles[*variable]);
            }
            out
        };
        let objective = expression(&self.objective);
        let mut solver = self.variables.clone().minimise(objective).using(microlp);
        for row in &self.rows {
            solver.add_constraint(constraint!(expression(row) >= 0));
        }
        let mut options = SolveOptions::default();
        options.node_limit = Some(question.effort);
        let Ok(outcome) = solver.as_inner().solve_with(options) else { return Answer::Impossible };
        let reason = outcome.termination_reason();
        let bound = self.bound(question.aim, outcome.stats().best_bound);
        let Some(solution) = outcome.solution() else { return Answer::Unknown(bound) };
        let values: Vec<f64> = solution.iter().map(|(_, value)| value).collect();
        let is_one = |variable: usize| values[variable] > 0.5;
        let mut set = self.done.clone();
        set.extend(self.x.iter().enumerate().filter(|(_, x)| x.is_some_and(is_one)).map(|(m, _)| m));
        let year = |when: &Vec<usize>| (0u32..).zip(when).find(|(_, w)| is_one(**w)).map(|(year, _)| year);
        let years = self.when.iter().filter_map(|(m, when)| Some((*m, year(when)?))).collect();
        let mut found = Found { set, years, value: 0, bound: 0 };
        found.value = question.value(question.aim, &found);
        found.bound =
            if reason == TerminationReason::ProvenOptimal { found.value } else { bound.min(found.value) };
        Answer::Found(found)
    }

    /// A bound of the solver as a value of the aim: its constant added, rounded up to a whole
    /// number, money multiplied again.
    fn bound(&self, aim: Aim, solver: Option<f64>) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "amounts are kept below 2^53")]
        let best = solver.map_or(0.0, |bound| bound + self.objective.constant as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
        let best = (best - 1e-6).ceil().max(0.0) as u64;
        let is_money = matches!(aim, Aim::Cost | Aim::Total | Aim::Stakeholder(_) | Aim::Year);
        if is_money { best * self.scale.unsigned_abs() } else { best }
    }
}
