//! A problem as equations over 0 and 1.
//!
//! For each measure that is open, `x = 1` if it is done. What measures bring about stands in
//! [`reach`](crate::reach); here are the rules, the limits and what is made small.
//!
//! Money is divided by the greatest common divisor of all amounts, so that the solver sees small
//! numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{MeasureNumber, Problem, Rule, Standing};
use crate::program::{Leaning, Program, Range, Sum};
use crate::question::{Aim, Answer, Found, Question, rank};
use crate::reach::{Becomes, Gains, PartKey, PathSet};

/// Measures of which the solver wants at least this much are tried when its values are rounded.
const FAVOURED: f64 = 0.1;

fn is_money(aim: Aim) -> bool {
    matches!(aim, Aim::Cost | Aim::Total | Aim::Stakeholder(_) | Aim::Year)
}

/// The equations.
pub(crate) struct Model<'p> {
    pub(crate) problem: &'p Problem,
    pub(crate) program: Program,
    /// The variable of each measure that is open and of use.
    pub(crate) x: Vec<Option<usize>>,
    /// Measures that are done whatever is chosen.
    pub(crate) done: BTreeSet<MeasureNumber>,
    /// The variables of a part by what it holds: its gains, each with what switches it on.
    pub(crate) parts: BTreeMap<PartKey, Gains>,
    /// Base difficulty of each step, and what can be added.
    pub(crate) steps: Vec<(u32, Vec<(usize, u32)>)>,
    /// What is known of each set of paths.
    pub(crate) sets: Vec<PathSet>,
    /// What becomes of each scenario, as far as it has been worked out.
    pub(crate) outcomes: Vec<Option<Becomes>>,
    /// When each measure is done, if a limit depends on it: one variable for each year.
    when: BTreeMap<MeasureNumber, Vec<usize>>,
    /// Set if something cannot hold whatever is chosen.
    pub(crate) impossible: bool,
    scale: i64,
}

impl<'p> Model<'p> {
    /// Makes the equations; `None` if they cannot hold.
    pub(crate) fn new(question: &Question<'p>, ruled_out: &[BTreeSet<MeasureNumber>]) -> Option<Self> {
        let problem = question.problem;
        let done = problem.with_fixed(&BTreeSet::new());
        let mut model = Model {
            problem,
            program: Program::default(),
            x: vec![None; problem.measures.len()],
            done,
            parts: BTreeMap::new(),
            steps: Vec::new(),
            sets: Vec::new(),
            outcomes: vec![None; problem.scenarios.len()],
            when: BTreeMap::new(),
            impossible: false,
            scale: problem.money_divisor(),
        };
        let aims = || question.at_most.iter().map(|(aim, _)| *aim).chain([question.aim]);
        let limits = &problem.limits;
        let apart = !limits.stakeholder.is_empty()
            || limits.days_per_quarter.is_some()
            || aims().any(|aim| matches!(aim, Aim::Stakeholder(_) | Aim::Pace));
        for m in problem.of_use(apart) {
            model.x[m] = Some(model.program.binary());
        }
        model.steps();
        model.rules();
        if question.inside {
            model.inside();
        }
        model.limits(aims().any(|aim| aim == Aim::Year));
        for (aim, most) in &question.at_most {
            let mut row = model.sum(*aim);
            model.at_most(&mut row, *aim, *most);
        }
        model.program.objective = model.sum(question.aim);
        // Where measures cost nothing of what is made small, the solver has nothing else to go by.
        if !matches!(question.aim, Aim::Cost | Aim::Total | Aim::Fewest | Aim::Waiting) {
            model.lean_on_cost(question);
        }
        let floor = i64::try_from(question.floor).unwrap_or(0);
        let floor = if is_money(question.aim) { floor.div_euclid(model.scale) } else { floor };
        model.program.floor = floor - model.program.objective.constant;
        for set in ruled_out {
            model.rule_out(set);
        }
        (!model.impossible).then_some(model)
    }

    /// `sum >= 0`.
    pub(crate) fn at_least_nothing(&mut self, sum: Sum) {
        let best: i64 = sum.constant + sum.terms.values().filter(|f| **f > 0).sum::<i64>();
        if sum.terms.is_empty() || sum.terms.values().all(|f| *f > 0) && best < 0 {
            self.impossible |= best < 0;
            return;
        }
        self.program.rows.insert(sum);
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
        // Work alone is done at once, as fast as it goes: only money has to wait for a year.
        if by_year || limits.per_year.is_some() {
            self.years();
        }
        if let Some(most) = limits.per_year {
            for year in 0..self.problem.years {
                let mut row = self.money_in(year);
                self.at_most(&mut row, Aim::Total, most);
            }
        }
        if let Some(most) = limits.days_per_quarter {
            for (quarters, mut row) in self.work() {
                self.at_most(&mut row, Aim::Days, quarters * u64::from(most));
            }
        }
    }

    /// `sum <= most`.
    fn at_most(&mut self, row: &mut Sum, aim: Aim, most: u64) {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let most = if is_money(aim) { most.div_euclid(self.scale) } else { most };
        let mut out = Sum::of(most);
        out.plus(-1, row);
        if out.constant < 0 && out.terms.values().all(|f| *f <= 0) {
            self.impossible = true;
        } else if !out.terms.is_empty() {
            self.program.rows.insert(out);
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
            let when: Vec<usize> = (0..years).map(|_| self.program.binary()).collect();
            for sign in [1, -1] {
                let mut row = Sum::default();
                for w in &when {
                    row.add(sign, *w);
                }
                row.plus(-sign, &self.measure(m));
                self.program.rows.insert(row);
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
                self.program.rows.insert(row);
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

    /// The person-days of each stakeholder in what is begun in each year or later, with the quarters
    /// that are left for them.
    fn work(&self) -> Vec<(u64, Sum)> {
        let problem = self.problem;
        let mut out = Vec::new();
        for by in 0..problem.stakeholders {
            let days =
                |m: usize| if problem.measures[m].by == by { problem.measures[m].days_left() } else { 0 };
            out.push((problem.quarters_from(0), self.weigh(|m| i64::from(days(m)))));
            for year in 1..if self.when.is_empty() { 1 } else { problem.years } {
                let mut sum = Sum::default();
                for (m, when) in self.when.iter().filter(|(m, _)| days(**m) > 0) {
                    when[year as usize..].iter().for_each(|w| sum.add(i64::from(days(*m)), *w));
                }
                out.push((problem.quarters_from(year), sum));
            }
        }
        out
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
                let rows: Vec<(u64, Sum)> = (0..years).map(|year| (1, self.money_in(year))).collect();
                self.largest(&rows)
            }
            Aim::Pace => {
                let rows = self.work();
                self.largest(&rows)
            }
            Aim::Waiting => {
                let mut sum = Sum::default();
                for (m, when) in &self.when {
                    let urgency = i64::try_from(problem.urgency(*m)).unwrap_or(i64::MAX);
                    for (year, w) in (0..).zip(when).filter(|(year, _)| *year > 0) {
                        sum.add(urgency * year, *w);
                    }
                }
                sum
            }
        }
    }

    /// The largest of several sums, each divided by a number, in an objective that is made small.
    fn largest(&mut self, rows: &[(u64, Sum)]) -> Sum {
        let largest = self.program.variable(Range { most: None, whole: false });
        for (parts, row) in rows {
            let mut out = Sum::default();
            out.add(i64::try_from(*parts).unwrap_or(i64::MAX), largest);
            out.plus(-1, row);
            self.program.rows.insert(out);
        }
        let mut sum = Sum::default();
        sum.add(1, largest);
        sum
    }

    /// Of sets of the same value the cheaper ones are looked at first.
    fn lean_on_cost(&mut self, question: &Question<'_>) {
        let sum = self.sum(Aim::Cost);
        let all: i64 = sum.terms.values().sum();
        let bounds = question.at_most.iter().filter(|(aim, _)| *aim == Aim::Cost);
        let bounds = bounds.map(|(_, most)| self.scaled(*most) - sum.constant);
        let most = bounds.min().map_or(all, |most| most.min(all));
        self.program.leaning = Leaning { sum, most };
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

    /// Solves the equations.
    pub(crate) fn solve(&self, question: &Question<'_>) -> Answer {
        let ended = self.program.minimise(question.effort, &|values| self.round(question, values));
        let bound = ended.bound.map(|bound| self.in_full(question.aim, bound));
        let Some(values) = ended.best else {
            return bound.map_or(Answer::Impossible, Answer::Unknown);
        };
        let is_one = |variable: usize| values[variable] > 0.5;
        let mut set = self.done.clone();
        set.extend(self.x.iter().enumerate().filter(|(_, x)| x.is_some_and(is_one)).map(|(m, _)| m));
        let year = |when: &Vec<usize>| (0u32..).zip(when).find(|(_, w)| is_one(**w)).map(|(year, _)| year);
        let years = self.when.iter().filter_map(|(m, when)| Some((*m, year(when)?))).collect();
        let mut found = Found { set, years, value: 0, bound: 0 };
        found.value = question.value(question.aim, &found);
        found.bound = bound.unwrap_or(0).min(found.value);
        Answer::Found(found)
    }

    /// A set of what the values are most in favour of, as far as rules and limits allow.
    fn round(&self, question: &Question<'_>, values: &[f64]) -> Option<(i64, Vec<f64>)> {
        let problem = self.problem;
        let mut favoured: Vec<(MeasureNumber, f64)> =
            self.x.iter().enumerate().filter_map(|(m, x)| Some((m, values[(*x)?]))).collect();
        favoured.retain(|(_, value)| *value > FAVOURED);
        favoured.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut set = self.done.clone();
        for (m, _) in favoured {
            set.insert(m);
            let keeps_limits = problem.keeps_limits(&set) && question.spends_no_more(&set);
            if !keeps_limits || !problem.keeps_rules(&set) {
                set.remove(&m);
            }
        }
        let mut found = Found::known(set);
        if !self.when.is_empty() {
            found.years = self.first_years(&found.set, values);
        }
        if !question.holds(&found) {
            return None;
        }
        let mut rounded = vec![0.0; values.len()];
        for (m, year) in &found.years {
            rounded[self.when[m][*year as usize]] = 1.0;
        }
        for x in found.set.iter().filter_map(|m| self.x[*m]) {
            rounded[x] = 1.0;
        }
        let value = i64::try_from(question.value(question.aim, &found)).ok()?;
        let value = if is_money(question.aim) { value / self.scale } else { value };
        Some((value - self.program.objective.constant, rounded))
    }

    /// A year for each measure of a set: of those in which money and people suffice the one that
    /// the values are most in favour of.
    fn first_years(&self, set: &BTreeSet<MeasureNumber>, values: &[f64]) -> BTreeMap<MeasureNumber, u32> {
        let problem = self.problem;
        let limits = &problem.limits;
        let mut measures: Vec<MeasureNumber> =
            self.when.keys().copied().filter(|m| set.contains(m)).collect();
        measures.sort_by_key(|m| std::cmp::Reverse(problem.measures[*m].once));
        let mut begun = BTreeMap::new();
        for m in measures {
            let mut years: Vec<(u32, f64)> = (0..).zip(self.when[&m].iter().map(|w| values[*w])).collect();
            years.sort_by(|a, b| b.1.total_cmp(&a.1));
            let suffices = |begun: &BTreeMap<MeasureNumber, u32>| {
                limits.per_year.is_none_or(|most| problem.money_by_year(begun).iter().all(|m| *m <= most))
                    && limits.days_per_quarter.is_none_or(|most| problem.pace(begun) <= u64::from(most))
            };
            for (year, _) in years {
                begun.insert(m, year);
                if suffices(&begun) {
                    break;
                }
            }
        }
        begun
    }

    /// A value of the solver as a value of the aim: money multiplied again.
    fn in_full(&self, aim: Aim, value: i64) -> u64 {
        let value = u64::try_from(value).unwrap_or(0);
        if is_money(aim) { value * self.scale.unsigned_abs() } else { value }
    }
}
