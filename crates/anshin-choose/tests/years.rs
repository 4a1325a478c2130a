//! Limits by year and quarter, and the roadmap.

use std::collections::{BTreeMap, BTreeSet};

use anshin_choose::generate::{self, Numbers};
use anshin_choose::{
    Amount, Choice, Goal, Kind, Limits, Measure, Part, Plan, Problem, Rule, Scenario, Standing, Step, choose,
    roadmap,
};
use proptest::prelude::*;

/// Two measures of ten person-days that are both needed; the second needs the first.
fn problem(limits: Limits) -> Problem {
    let measure = Measure { once: 100, per_year: 10, days: 10, ..Measure::default() };
    let part = |m: usize| Part { gains: vec![(m, 5)] };
    let outside = Amount { points: 9, outside: true };
    Problem {
        years: 3,
        stakeholders: 1,
        measures: vec![measure.clone(), measure],
        rules: vec![Rule::Needs(1, vec![0])],
        steps: vec![Step { base: 2, most: None, parts: vec![part(0), part(1)] }],
        paths: vec![vec![0]],
        scenarios: vec![Scenario {
            paths: vec![0],
            amounts: vec![vec![Amount::default(), outside]],
            ..Scenario::default()
        }],
        classes: vec![12, 0],
        limits,
    }
}

fn plan(problem: &Problem) -> Plan {
    match choose(problem, Goal::Inside, 1000) {
        Choice::Plan(plan) => *plan,
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_for_a_year_spreads_measures_over_years() {
    let problem = problem(Limits { per_year: Some(120), ..Limits::default() });
    let plan = plan(&problem);
    assert_eq!(plan.outcome.excess(), 0);
    assert!(plan.begun[&1] > plan.begun[&0], "both in one year cost 220: {:?}", plan.begun);
    let map = roadmap(&problem, &plan.set, &plan.begun, 20);
    let starts: Vec<(usize, u32)> = map.tasks.iter().map(|task| (task.measure, task.from)).collect();
    assert_eq!(starts, [(0, plan.begun[&0] * 4), (1, plan.begun[&1] * 4)]);
}

#[test]
fn too_little_money_for_a_year_is_what_binds() {
    let problem = problem(Limits { per_year: Some(90), ..Limits::default() });
    let plan = plan(&problem);
    assert_eq!(plan.outcome.outside(), 1);
    let binding = &plan.bindings[0];
    // In the year of the second measure the first one runs on: 110 and 10.
    assert_eq!((binding.kind, binding.then, binding.needed), (Kind::PerYear, 0, Some(120)));
}

#[test]
fn days_in_a_quarter_bind_as_well() {
    let problem = problem(Limits { days_per_quarter: Some(1), ..Limits::default() });
    let plan = plan(&problem);
    assert_eq!(plan.outcome.outside(), 1);
    let binding = &plan.bindings[0];
    assert_eq!((binding.kind, binding.then, binding.needed), (Kind::DaysPerQuarter, 0, Some(2)));
}

/// Twenty days in twelve quarters: two a quarter suffice, and nobody waits for a year to begin.
#[test]
fn work_runs_on_from_one_year_into_the_next() {
    let problem = problem(Limits { days_per_quarter: Some(2), ..Limits::default() });
    let plan = plan(&problem);
    assert_eq!(plan.outcome.excess(), 0);
    let map = roadmap(&problem, &plan.set, &plan.begun, 2);
    let times: Vec<(usize, u32, u32)> = map.tasks.iter().map(|t| (t.measure, t.from, t.to)).collect();
    assert_eq!(times, [(0, 0, 4), (1, 5, 9)]);
}

/// Money for one measure a year, and a day a quarter for each: what money puts off has to be done in
/// the quarters that are left.
#[test]
fn what_money_puts_off_is_done_in_the_quarters_that_are_left() {
    let limits = |days| Limits { per_year: Some(120), days_per_quarter: Some(days), ..Limits::default() };
    let twice = problem(limits(2));
    let begun = plan(&twice).begun;
    assert_eq!(begun, BTreeMap::from([(0, 0), (1, 1)]));
    let map = roadmap(&twice, &BTreeSet::from([0, 1]), &begun, 2);
    let times: Vec<(usize, u32, u32)> = map.tasks.iter().map(|t| (t.measure, t.from, t.to)).collect();
    assert_eq!(times, [(0, 0, 4), (1, 5, 9)]);
    let binding = plan(&problem(limits(1))).bindings[0].clone();
    assert_eq!((binding.kind, binding.then, binding.needed), (Kind::DaysPerQuarter, 0, Some(2)));
}

#[test]
fn what_is_needed_comes_first_and_long_work_takes_several_quarters() {
    let problem = problem(Limits::default());
    let map = roadmap(&problem, &BTreeSet::from([0, 1]), &BTreeMap::new(), 4);
    let times: Vec<(usize, u32, u32)> = map.tasks.iter().map(|t| (t.measure, t.from, t.to)).collect();
    assert_eq!(times, [(0, 0, 2), (1, 2, 4)]);
    assert_eq!(map.after, [(2, 9, 1), (4, 0, 0)]);
}

/// A small problem with little money for a year and few days in a quarter.
fn small(seed: u64) -> Problem {
    let mut numbers = Numbers::new(seed ^ 0x5A5A);
    let mut problem = generate::problem(5, 3, seed);
    problem.limits = Limits {
        per_year: (numbers.below(3) > 0).then(|| 100_000 * (1 + numbers.below(12) as u64)),
        days_per_quarter: Some(1 + u32::try_from(numbers.below(7)).unwrap_or(0)),
        ..Limits::default()
    };
    problem
}

/// Every set of the open measures, with every way to put it into years.
fn in_years(problem: &Problem) -> Vec<(BTreeSet<usize>, BTreeMap<usize, u32>)> {
    let fixed = problem.with_fixed(&BTreeSet::new());
    let mut all = vec![(BTreeSet::new(), BTreeMap::new())];
    for m in 0..problem.measures.len() {
        let standing = problem.measures[m].standing;
        let mut next = Vec::new();
        for (set, begun) in &all {
            if standing.fixed() != Some(true) {
                next.push((set.clone(), begun.clone()));
            }
            if standing.fixed() == Some(false) {
                continue;
            }
            for year in 0..problem.years {
                let (mut set, mut begun) = (set.clone(), begun.clone());
                set.insert(m);
                if standing != Standing::InPlace {
                    begun.insert(m, year);
                }
                next.push((set, begun));
                if standing == Standing::InPlace {
                    break;
                }
            }
        }
        all = next;
    }
    assert!(all.iter().all(|(set, _)| fixed.is_subset(set)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// No set with any years comes nearer to the target, or as near for less; and whoever works as
    /// many days a quarter as the limit says is done by the end of the last year.
    #[test]
    fn nothing_in_any_years_is_better_than_what_is_chosen(seed in any::<u64>()) {
        let problem = small(seed);
        let worth = |set: &BTreeSet<usize>| {
            let outcome = problem.outcome(set);
            (outcome.excess(), outcome.cost + outcome.penalty)
        };
        let keeps = |(set, begun): &(BTreeSet<usize>, BTreeMap<usize, u32>)| {
            problem.keeps_rules(set) && problem.keeps_limits(set) && problem.keeps_years(begun)
        };
        let best = in_years(&problem).iter().filter(|one| keeps(one)).map(|(set, _)| worth(set)).min();
        let plan = match choose(&problem, Goal::Inside, 100_000) {
            Choice::Plan(plan) => Some(plan),
            Choice::Impossible(_) => None,
            Choice::Unknown => panic!("small problems are solved"),
        };
        prop_assert_eq!(plan.as_ref().map(|plan| worth(&plan.set)), best);
        if let Some(plan) = plan {
            prop_assert!(problem.keeps_years(&plan.begun));
            let free = Problem { rules: Vec::new(), ..problem.clone() };
            let days = problem.limits.days_per_quarter.unwrap_or(1);
            let map = roadmap(&free, &plan.set, &plan.begun, days);
            prop_assert!(map.tasks.iter().all(|task| task.to < 4 * problem.years), "{:?}", map.tasks);
        }
    }
}
