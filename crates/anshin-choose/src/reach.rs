//! Steps, paths and scenarios as equations: what measures bring about, in a [`Model`].
//!
//! - For each part of a step, `z <= sum x` over the measures that bring a gain, one `z` for each
//!   gain, and the `z` of a part add up to 1 at most: the strongest counts.
//! - For each set of paths and class of likelihood, `y = 1` only if every path of the set is
//!   difficult enough: `sum min(gain, need) z >= need y`. A gain larger than what is needed counts
//!   as much as is needed; that loses no solution and makes the bounds of the solver tighter.
//! - A scenario that measures can make rarer or milder as well takes exactly one of its outcomes
//!   (`sum u = 1`), and only one whose conditions hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;
use crate::problem::{Amount, Part, Scenario};
use crate::program::Sum;

/// What switches a part on, by gain: variables of measures.
pub(crate) type PartKey = Vec<(u32, Vec<usize>)>;

/// Variables, each with what it adds.
pub(crate) type Gains = Vec<(usize, u32)>;

/// A way for a scenario to become smaller: its class, classes less, levels less, and what it then
/// amounts to.
type Way = (usize, usize, usize, Amount);

/// Whether every path of a set can be made difficult enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Always,
    Never,
    If(usize),
}

/// A set of paths, and how far it has to come down and can.
#[derive(Debug)]
pub(crate) struct PathSet {
    paths: Vec<usize>,
    /// The class that it must come down to.
    must: Option<usize>,
    /// Whether it can reach each class, as far as that has been worked out.
    reach: Vec<Option<Reach>>,
}

/// What becomes of a scenario, as sums.
#[derive(Debug, Clone)]
pub(crate) struct Becomes {
    pub(crate) points: Sum,
    /// Points above what is accepted.
    pub(crate) excess: Sum,
    /// 1 if it is accepted.
    pub(crate) accepted: Sum,
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

impl Model<'_> {
    /// What each step can gain.
    pub(crate) fn steps(&mut self) {
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
                if most >= self.problem.classes.iter().copied().max().unwrap_or(0) {
                    // A path over a step this hard is in the least class, however much harder it is.
                } else if base >= most {
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
        let raised = self.program.fraction(most - 1);
        let any = self.program.fraction(1);
        let mut row = Sum::default();
        for (z, gain) in &gains {
            row.add(i64::from(*gain), *z);
            let mut on = Sum::default();
            on.add(1, any);
            on.add(-1, *z);
            self.program.rows.insert(on);
        }
        row.add(-1, any);
        row.add(-1, raised);
        self.program.rows.insert(row);
        vec![(raised, 1)]
    }

    /// The most that gains can add up to; of those of one part the largest.
    fn best(&self, gains: &[(usize, u32)]) -> u32 {
        let mut each: BTreeMap<usize, u32> = BTreeMap::new();
        for (z, gain) in gains {
            *each.entry(*z).or_default() += gain * self.program.variables[*z].most.unwrap_or(1);
        }
        let mut most: BTreeMap<usize, u32> = BTreeMap::new();
        for (z, gain) in each {
            let known = most.entry(*self.program.groups.get(&z).unwrap_or(&z)).or_default();
            *known = gain.max(*known);
        }
        most.into_values().sum()
    }

    /// Gains that add up to a certain amount at most.
    fn capped(&mut self, gains: &[(usize, u32)], most: u32) -> Vec<(usize, u32)> {
        let raised = self.program.fraction(most);
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
            let z = self.program.fraction(1);
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
        if let [(first, _), _, ..] = out[..] {
            self.program.groups.extend(out.iter().map(|(z, _)| (*z, first)));
        }
        self.parts.insert(key, out.clone());
        out
    }

    /// The number of a set of paths.
    fn set(&mut self, paths: &[usize]) -> usize {
        let known = self.sets.iter().position(|set| set.paths == paths);
        known.unwrap_or_else(|| {
            let reach = vec![None; self.problem.classes.len()];
            self.sets.push(PathSet { paths: paths.to_vec(), must: None, reach });
            self.sets.len() - 1
        })
    }

    /// `y`: whether every path of a set belongs to a class of likelihood, or to one below it.
    fn reach(&mut self, paths: &[usize], class: usize) -> Reach {
        let set = self.set(paths);
        if let Some(known) = self.sets[set].reach[class] {
            return known;
        }
        let from = self.problem.classes[class];
        let must = self.sets[set].must.is_some_and(|must| class >= must);
        let mut rows = Vec::new();
        let mut never = false;
        for path in paths {
            let base: u32 = self.problem.paths[*path].iter().map(|step| self.steps[*step].0).sum();
            if base >= from {
                continue;
            }
            let need = i64::from(from - base);
            let gains: Gains =
                self.problem.paths[*path].iter().flat_map(|step| self.steps[*step].1.clone()).collect();
            never |= i64::from(self.best(&gains)) < need;
            let mut row = Sum::default();
            for (z, gain) in &gains {
                row.add(i64::from(*gain), *z);
            }
            rows.push((row, need));
        }
        let mut rows = strictest(rows);
        for (row, need) in &mut rows {
            for factor in row.terms.values_mut() {
                *factor = (*factor).min(*need);
            }
        }
        let reach = match (never, rows.is_empty(), must) {
            (true, ..) => {
                self.impossible |= must;
                Reach::Never
            }
            (_, true, _) | (_, _, true) => Reach::Always,
            _ => Reach::If(self.program.binary()),
        };
        // What must come down to a lower class needs no row for this one.
        let implied = self.sets[set].must.is_some_and(|must| class > must);
        if !never && !implied {
            for (mut row, need) in rows {
                match reach {
                    Reach::If(y) => row.add(-need, y),
                    _ => row.constant -= need,
                }
                self.program.rows.insert(row);
            }
        }
        self.sets[set].reach[class] = Some(reach);
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
    pub(crate) fn inside(&mut self) {
        let problem = self.problem;
        for scenario in &problem.scenarios {
            if self.helped(&scenario.rarer) || self.helped(&scenario.milder) || scenario.paths.is_empty() {
                continue;
            }
            let Some(class) = self.amounts(scenario).iter().rposition(|amount| !amount.outside) else {
                self.impossible = true;
                return;
            };
            let set = self.set(&scenario.paths);
            let must = &mut self.sets[set].must;
            *must = Some(must.map_or(class, |must| class.min(must)));
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
    pub(crate) fn scenario(&mut self, s: usize) -> Becomes {
        if let Some(known) = &self.outcomes[s] {
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
        self.outcomes[s] = Some(sums.clone());
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
        let us: Vec<usize> = outcomes.iter().map(|_| self.program.fraction(1)).collect();
        let all = |wanted: &dyn Fn(&Way) -> bool, factor: i64| {
            let mut sum = Sum::default();
            for (u, _) in us.iter().zip(&outcomes).filter(|(_, o)| wanted(o)) {
                sum.add(factor, *u);
            }
            sum
        };
        let mut exactly = all(&|_| true, 1);
        exactly.constant = -1;
        self.program.rows.insert(exactly);
        let mut exactly = all(&|_| true, -1);
        exactly.constant = 1;
        self.program.rows.insert(exactly);
        for (class, reach) in &classes {
            if let Reach::If(y) = reach {
                let mut row = all(&|o| o.0 <= *class, -1);
                row.add(1, *y);
                self.program.rows.insert(row);
            }
        }
        for (n, step) in rarer_by.iter().enumerate() {
            let mut row = all(&|o| o.1 > n, -1);
            row.add(1, *step);
            self.program.rows.insert(row);
        }
        for (n, step) in milder_by.iter().enumerate() {
            let mut row = all(&|o| o.2 > n, -1);
            row.add(1, *step);
            self.program.rows.insert(row);
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
            let step = self.program.binary();
            let mut row = Sum::default();
            for (z, gain) in &gains {
                row.add(i64::from(*gain), *z);
            }
            for factor in row.terms.values_mut() {
                *factor = (*factor).min(need);
            }
            row.add(-need, step);
            self.program.rows.insert(row);
            if let Some(before) = out.last() {
                let mut row = Sum::default();
                row.add(1, *before);
                row.add(-1, step);
                self.program.rows.insert(row);
            }
            out.push(step);
        }
        out
    }
}

/// Of rows that all have to hold, those that no other one implies: `sum >= need` with nothing in the
/// sum that the other lacks, and no less to reach.
fn strictest(rows: Vec<(Sum, i64)>) -> Vec<(Sum, i64)> {
    let implies = |(strict, more): &(Sum, i64), (row, need): &(Sum, i64)| {
        more >= need && strict.terms.iter().all(|(z, gain)| row.terms.get(z).is_some_and(|g| g >= gain))
    };
    let mut out: Vec<(Sum, i64)> = Vec::new();
    for row in rows {
        if !out.iter().any(|kept| implies(kept, &row)) {
            out.retain(|kept| !implies(&row, kept));
            out.push(row);
        }
    }
    out
}
