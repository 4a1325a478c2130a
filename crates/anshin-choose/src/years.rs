//! In which year each measure of a set is begun, where money for a year decides that.
//!
//! The set is chosen, and the solver has found some years in which it keeps the limits. Of all such
//! years those are taken in which the law is met the soonest; then those in which measures wait the
//! least, the more urgent one counting for more. How urgent a measure is, the
//! [`roadmap`](crate::roadmap) says: quick wins first, then what takes the most risk away.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::{Limits, MeasureNumber, Problem, Rule, Standing};
use crate::question::{Aim, Answer, Found, Question};
use crate::roadmap::order;

impl Problem {
    /// The earliest years for the measures of a set, from years in which they keep the limits.
    pub(crate) fn earliest(
        &self,
        set: &BTreeSet<MeasureNumber>,
        begun: &BTreeMap<MeasureNumber, u32>,
        effort: u64,
    ) -> BTreeMap<MeasureNumber, u32> {
        if begun.is_empty() {
            return BTreeMap::new();
        }
        let order: Vec<MeasureNumber> =
            order(self, set, &BTreeMap::new()).into_iter().map(|(m, _)| m).collect();
        let waiting = self.in_this_order(&order);
        let known: BTreeMap<MeasureNumber, u32> =
            order.iter().enumerate().filter_map(|(n, m)| Some((n, *begun.get(m)?))).collect();
        let known = Found { years: waiting.moved_forward(known), ..Found::known((0..order.len()).collect()) };
        let aim = Aim::Waiting;
        let question =
            Question { problem: &waiting, aim, inside: false, at_most: Vec::new(), effort, floor: 0 };
        let years = match question.better_than(Some(question.value(aim, &known))) {
            Answer::Found(found) => waiting.moved_forward(found.years),
            Answer::Impossible | Answer::Unknown(_) => known.years,
        };
        years.into_iter().map(|(n, year)| (order[n], year)).collect()
    }

    /// Only these measures, numbered in this order; all of them are done, only when is open.
    fn in_this_order(&self, order: &[MeasureNumber]) -> Problem {
        let numbers: BTreeMap<MeasureNumber, usize> = order.iter().copied().zip(0..).collect();
        let mut measures: Vec<_> = order.iter().map(|m| self.measures[*m].clone()).collect();
        for measure in measures.iter_mut().filter(|measure| measure.standing == Standing::Open) {
            measure.standing = Standing::Decided;
        }
        let rule = |rule: &Rule| match rule {
            Rule::Needs(m, others) if !others.iter().any(|other| self.is_in_place(*other)) => {
                let others = others.iter().filter_map(|other| numbers.get(other)).copied().collect();
                Some(Rule::Needs(*numbers.get(m)?, others))
            }
            Rule::Needs(..) | Rule::AtMostOne(_) => None,
        };
        let Limits { per_year, days_per_quarter, .. } = self.limits;
        Problem {
            years: self.years,
            stakeholders: self.stakeholders,
            rules: self.rules.iter().filter_map(rule).collect(),
            measures,
            limits: Limits { per_year, days_per_quarter, ..Limits::default() },
            ..Problem::default()
        }
    }

    /// How much it counts that a measure waits for a year: the first of all measures for the most,
    /// and what the law demands for more than all others together.
    pub(crate) fn urgency(&self, m: MeasureNumber) -> u64 {
        let all = self.measures.len() as u64;
        let by_law = self.measures[m].standing == Standing::ByLaw;
        all - m as u64 + if by_law { u64::from(self.years) * all * all } else { 0 }
    }

    /// The years in which measures are begun, each moved forward as far as limits and order allow.
    fn moved_forward(&self, mut begun: BTreeMap<MeasureNumber, u32>) -> BTreeMap<MeasureNumber, u32> {
        let numbers: Vec<MeasureNumber> = begun.keys().copied().collect();
        loop {
            let before = begun.clone();
            for m in &numbers {
                let earlier = (0..begun[m]).map(|year| {
                    let mut tried = begun.clone();
                    tried.insert(*m, year);
                    tried
                });
                let kept = earlier.into_iter().find(|tried| self.keeps_years(tried));
                begun = kept.unwrap_or(begun);
            }
            if begun == before {
                return begun;
            }
        }
    }
}
