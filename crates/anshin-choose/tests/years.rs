//! Limits by year and quarter, and the roadmap.

use std::collections::{BTreeMap, BTreeSet};

use anshin_choose::{
    Amount, Choice, Goal, Kind, Limits, Measure, Part, Plan, Problem, Rule, Scenario, Step, choose, roadmap,
};

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
    let problem = problem(Limits { days_per_quarter: Some(2), ..Limits::default() });
    let plan = plan(&problem);
    assert_eq!(plan.outcome.outside(), 1);
    let binding = &plan.bindings[0];
    assert_eq!((binding.kind, binding.then, binding.needed), (Kind::DaysPerQuarter, 0, Some(3)));
}

#[test]
fn what_is_needed_comes_first_and_long_work_takes_several_quarters() {
    let problem = problem(Limits::default());
    let map = roadmap(&problem, &BTreeSet::from([0, 1]), &BTreeMap::new(), 4);
    let times: Vec<(usize, u32, u32)> = map.tasks.iter().map(|t| (t.measure, t.from, t.to)).collect();
    assert_eq!(times, [(0, 0, 2), (1, 2, 4)]);
    assert_eq!(map.after, [(2, 9, 1), (4, 0, 0)]);
}
