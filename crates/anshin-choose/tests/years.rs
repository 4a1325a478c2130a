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

/// Measures that are each all there is against a scenario of so many points, with money for one of them
/// in a year.
fn one_a_year(points: &[u32]) -> Problem {
    let measure = Measure { once: 100, days: 10, ..Measure::default() };
    let step = |m: usize| Step { base: 2, most: None, parts: vec![Part { gains: vec![(m, 5)] }] };
    let scenario = |(m, points): (usize, &u32)| Scenario {
        paths: vec![m],
        amounts: vec![vec![Amount::default(), Amount { points: *points, outside: true }]],
        ..Scenario::default()
    };
    Problem {
        years: u32::try_from(points.len()).expect("few"),
        stakeholders: 1,
        measures: vec![measure; points.len()],
        steps: (0..points.len()).map(step).collect(),
        paths: (0..points.len()).map(|m| vec![m]).collect(),
        scenarios: points.iter().enumerate().map(scenario).collect(),
        classes: vec![5, 0],
        limits: Limits { per_year: Some(100), ..Limits::default() },
        ..Problem::default()
    }
}

#[test]
fn what_takes_away_the_most_risk_is_begun_first() {
    let begun = plan(&one_a_year(&[1, 3, 9])).begun;
    assert_eq!(begun, BTreeMap::from([(2, 0), (1, 1), (0, 2)]));
}

#[test]
fn a_quick_win_is_begun_before_longer_work() {
    let mut problem = one_a_year(&[1, 3, 9]);
    problem.measures[1].days = 5;
    assert_eq!(plan(&problem).begun, BTreeMap::from([(1, 0), (2, 1), (0, 2)]));
}

#[test]
fn what_the_law_demands_is_begun_first_with_what_it_needs() {
    let mut problem = one_a_year(&[9, 3, 1]);
    problem.measures[2].standing = Standing::ByLaw;
    assert_eq!(plan(&problem).begun, BTreeMap::from([(2, 0), (0, 1), (1, 2)]));
    problem.rules = vec![Rule::Needs(2, vec![1])];
    let begun = plan(&problem).begun;
    assert_eq!(begun, BTreeMap::from([(1, 0), (2, 1), (0, 2)]));
    // All in one year: the law comes first all the same.
    let map = roadmap(&problem, &BTreeSet::from([0, 1, 2]), &BTreeMap::new(), 10);
    assert_eq!(map.tasks.iter().map(|task| task.measure).collect::<Vec<_>>(), [1, 2, 0]);
}

/// Moving one forward alone breaks the rule.
#[test]
fn measures_that_need_each_other_are_begun_together_as_early_as_money_allows() {
    let mut problem = one_a_year(&[9, 3, 3]);
    problem.limits.per_year = Some(200);
    problem.rules = vec![Rule::Needs(1, vec![2]), Rule::Needs(2, vec![1])];
    problem.measures[1].standing = Standing::ByLaw;
    assert_eq!(plan(&problem).begun, BTreeMap::from([(1, 0), (2, 0), (0, 1)]));
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

    /// With the measures chosen, no years that keep the limits meet the law sooner.
    #[test]
    fn nothing_meets_the_law_sooner(seed in any::<u64>(), law in proptest::collection::vec(0..5_usize, 1..3)) {
        let mut problem = small(seed);
        for m in law {
            problem.measures[m].standing = Standing::ByLaw;
        }
        problem.limits.per_year = problem.limits.per_year.or(Some(1_000_000));
        let Choice::Plan(plan) = choose(&problem, Goal::Inside, 100_000) else { return Ok(()) };
        let demanded = |m: &usize| problem.measures[*m].standing == Standing::ByLaw;
        let waits = |begun: &BTreeMap<usize, u32>| -> u32 {
            begun.iter().filter(|(m, _)| demanded(m)).map(|(_, year)| year).sum()
        };
        let others = in_years(&problem).into_iter().filter(|(set, begun)| {
            *set == plan.set && problem.keeps_years(begun)
        });
        prop_assert_eq!(Some(waits(&plan.begun)), others.map(|(_, begun)| waits(&begun)).min());
    }
}
