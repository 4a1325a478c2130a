//! What a set of measures costs, and what it leaves.
//!
//! This is the meaning of a [`Problem`], written down as plainly as can be. The solver works on
//! equations made from the same problem; what it finds is looked at again here, in whole numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{Amount, Measure, MeasureNumber, Part, Problem, Rule, Scenario, Standing};

/// What a set of measures costs, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Money over all years, if everything is done in the first.
    pub cost: u64,
    /// Person-days.
    pub days: u32,
    /// What the measures impair, as money.
    pub penalty: u64,
    /// What the measures impair, as points of risk.
    pub harm: u32,
    /// Points of risk that remain over all scenarios.
    pub points: u32,
    /// What remains of each scenario.
    pub scenarios: Vec<Remains>,
}

/// What remains of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remains {
    /// Levels that its effect has been lowered by.
    pub lowered: usize,
    /// Class of its likelihood.
    pub likelihood: usize,
    /// What it amounts to.
    pub amount: Amount,
    /// Difficulty of the easiest path; none if it has no path.
    pub difficulty: Option<u32>,
}

impl Outcome {
    /// Scenarios that their stakeholder does not accept.
    pub fn outside(&self) -> usize {
        self.scenarios.iter().filter(|remains| remains.amount.outside).count()
    }

    /// Points of risk that are not accepted.
    pub fn excess(&self) -> u32 {
        self.scenarios.iter().map(|remains| remains.amount.excess()).sum()
    }
}

impl Problem {
    /// What a set of measures costs and leaves. Measures in place count whether or not they are in
    /// the set.
    pub fn outcome(&self, set: &BTreeSet<MeasureNumber>) -> Outcome {
        self.reckon(&self.with_fixed(set))
    }

    fn reckon(&self, done: &BTreeSet<MeasureNumber>) -> Outcome {
        let difficulty = self.difficulties(done);
        let scenarios: Vec<Remains> =
            self.scenarios.iter().map(|scenario| self.remains(scenario, done, &difficulty)).collect();
        let chosen = || done.iter().map(|m| &self.measures[*m]);
        Outcome {
            cost: chosen().map(|m| m.cost(self.years)).sum(),
            days: chosen().map(Measure::days_left).sum(),
            penalty: self.open(done).map(|m| m.penalty).sum(),
            harm: self.open(done).map(|m| m.harm).sum(),
            points: scenarios.iter().map(|remains| remains.amount.points).sum(),
            scenarios,
        }
    }

    /// What remains when only some measures are done yet, besides those in place.
    pub fn outcome_so_far(&self, finished: impl Iterator<Item = MeasureNumber>) -> Outcome {
        let in_place = |m: &MeasureNumber| self.measures[*m].standing == Standing::InPlace;
        let mut done: BTreeSet<MeasureNumber> = (0..self.measures.len()).filter(in_place).collect();
        done.extend(finished);
        self.reckon(&done)
    }

    fn open<'s>(&'s self, done: &'s BTreeSet<MeasureNumber>) -> impl Iterator<Item = &'s Measure> {
        done.iter().map(|m| &self.measures[*m]).filter(|m| m.standing.fixed().is_none())
    }

    /// The set with what is fixed: measures that are done anyway are in, refused ones out.
    pub fn with_fixed(&self, set: &BTreeSet<MeasureNumber>) -> BTreeSet<MeasureNumber> {
        let in_it = |(m, measure): (usize, &Measure)| {
            measure.standing.fixed().unwrap_or(set.contains(&m)).then_some(m)
        };
        self.measures.iter().enumerate().filter_map(in_it).collect()
    }

    fn difficulties(&self, done: &BTreeSet<MeasureNumber>) -> Vec<u32> {
        let steps: Vec<u32> = self
            .steps
            .iter()
            .map(|step| {
                let raised = step.base + step.parts.iter().map(|part| part.gain(done)).sum::<u32>();
                let raised = raised.max(1);
                // What is there already is never taken away.
                step.most.map_or(raised, |most| raised.min(most.max(step.base)))
            })
            .collect();
        self.paths.iter().map(|path| path.iter().map(|step| steps[*step]).sum()).collect()
    }

    fn remains(&self, scenario: &Scenario, done: &BTreeSet<MeasureNumber>, difficulty: &[u32]) -> Remains {
        let fewer = |parts: &[Part]| -> usize { parts.iter().map(|part| part.gain(done) as usize).sum() };
        let easiest = scenario.paths.iter().map(|path| difficulty[*path]).min();
        let class = easiest.map_or(0, |difficulty| self.class(difficulty));
        let likelihood = class.saturating_sub(fewer(&scenario.rarer));
        let lowered = fewer(&scenario.milder).min(scenario.amounts.len() - 1);
        // Without a way in nothing happens.
        let amount = easiest.map_or(Amount::default(), |_| scenario.amounts[lowered][likelihood]);
        Remains { lowered, likelihood, amount, difficulty: easiest }
    }

    /// Whether a set keeps the rules between measures. What is in place is there, whatever the rules
    /// say of it.
    pub fn keeps_rules(&self, set: &BTreeSet<MeasureNumber>) -> bool {
        let done = self.with_fixed(set);
        let in_place = |m: &MeasureNumber| self.measures[*m].standing == Standing::InPlace;
        self.rules.iter().all(|rule| match rule {
            Rule::Needs(measure, others) => {
                !done.contains(measure)
                    || in_place(measure)
                    || others.iter().any(|other| done.contains(other))
            }
            Rule::AtMostOne(measures) => {
                let done: Vec<_> = measures.iter().filter(|m| done.contains(m)).collect();
                done.len() <= 1 || done.iter().all(|m| in_place(m))
            }
        })
    }

    /// Whether a set keeps the limits that do not depend on when measures are done.
    pub fn keeps_limits(&self, set: &BTreeSet<MeasureNumber>) -> bool {
        let done = self.with_fixed(set);
        let cost_of = |by: Option<usize>| -> u64 {
            done.iter()
                .map(|m| &self.measures[*m])
                .filter(|m| by.is_none_or(|by| m.by == by))
                .map(|m| m.cost(self.years))
                .sum()
        };
        let days: u32 = done.iter().map(|m| self.measures[*m].days_left()).sum();
        let at_once = || done.iter().map(|m| (*m, 0)).collect();
        self.limits.total.is_none_or(|most| cost_of(None) <= most)
            && self.limits.stakeholder.iter().all(|(by, most)| cost_of(Some(*by)) <= *most)
            && self.limits.days.is_none_or(|most| days <= most)
            && self.limits.days_per_quarter.is_none_or(|most| self.pace(&at_once()) <= u64::from(most))
    }
}

impl Problem {
    /// Money that is spent in each year, if each measure is begun in the year given.
    pub fn money_by_year(&self, begun: &BTreeMap<MeasureNumber, u32>) -> Vec<u64> {
        let in_year = |year: u32| -> u64 {
            let of = |(m, start): (&MeasureNumber, &u32)| {
                let measure = &self.measures[*m];
                let once = if *start == year { measure.once } else { 0 };
                let running = if *start <= year { measure.per_year } else { 0 };
                if measure.standing == Standing::InPlace { 0 } else { once + running }
            };
            begun.iter().map(of).sum()
        };
        (0..self.years).map(in_year).collect()
    }

    /// The person-days that every stakeholder has to have in a quarter so that all work is done by the
    /// end of the last year, if no measure is begun before the year given.
    ///
    /// What is begun in a year or later has all quarters from that year on. Whoever works through it in
    /// the order of years, without a break, is done in time just if that suffices for every year.
    pub fn pace(&self, begun: &BTreeMap<MeasureNumber, u32>) -> u64 {
        let mut days: BTreeMap<(usize, u32), u64> = BTreeMap::new();
        for (m, year) in begun {
            let measure = &self.measures[*m];
            for from in 0..=*year {
                *days.entry((measure.by, from)).or_default() += u64::from(measure.days_left());
            }
        }
        days.into_iter().map(|((_, from), days)| days.div_ceil(self.quarters_from(from))).max().unwrap_or(0)
    }

    /// The quarters from the beginning of a year to the end of the last one.
    pub(crate) fn quarters_from(&self, year: u32) -> u64 {
        4 * u64::from(self.years.saturating_sub(year).max(1))
    }

    /// Whether the years in which measures are begun keep the limits and the order.
    pub fn keeps_years(&self, begun: &BTreeMap<MeasureNumber, u32>) -> bool {
        let in_place = |m: &MeasureNumber| self.measures[*m].standing == Standing::InPlace;
        let no_later = |other: &MeasureNumber, year: &u32| {
            in_place(other) || begun.get(other).is_some_and(|other| other <= year)
        };
        let limits = &self.limits;
        limits.per_year.is_none_or(|most| self.money_by_year(begun).iter().all(|money| *money <= most))
            && limits.days_per_quarter.is_none_or(|most| self.pace(begun) <= u64::from(most))
            && self.rules.iter().all(|rule| match rule {
                Rule::Needs(measure, others) => {
                    begun.get(measure).is_none_or(|year| others.iter().any(|other| no_later(other, year)))
                }
                Rule::AtMostOne(_) => true,
            })
    }
}
