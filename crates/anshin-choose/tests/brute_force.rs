//! The choice against every set there is, on small problems.

use std::collections::BTreeSet;

use anshin_choose::generate::{self, Numbers};
use anshin_choose::{Cheaper, Choice, Goal, Kind, Limits, Plan, Poses, Problem, Proof, Standing, choose};
use proptest::prelude::*;

const EFFORT: u64 = 100_000;

/// A small problem with limits that may or may not bind.
fn small(seed: u64) -> Problem {
    let mut numbers = Numbers::new(seed ^ 0xA5A5);
    let measures = 6 + numbers.below(5);
    let mut problem = generate::problem(measures, 3 + numbers.below(4), seed);
    if numbers.below(2) == 0 {
        problem.limits = Limits {
            total: Some(100_000 * (1 + numbers.below(40) as u64)),
            stakeholder: vec![(numbers.below(4), 100_000 * numbers.below(20) as u64)],
            days: Some(10 + u32::try_from(numbers.below(120)).unwrap_or(0)),
            ..Limits::default()
        };
    }
    problem
}

/// What a goal makes small, one after the other.
fn worth(problem: &Problem, goal: Goal, set: &BTreeSet<usize>) -> Vec<u64> {
    let outcome = problem.outcome(set);
    let open = |m: &&usize| problem.measures[**m].standing == Standing::Open;
    let fewest: u64 = set.iter().filter(open).map(|m| (problem.measures.len() + m) as u64).sum();
    let cost = outcome.cost + outcome.penalty;
    let points = u64::from(outcome.points + outcome.harm);
    match goal {
        Goal::Inside => vec![u64::from(outcome.excess()), cost, points, fewest],
        Goal::Best => vec![points, cost, fewest],
    }
}

/// The best of all sets.
fn brute_force(problem: &Problem, goal: Goal) -> Option<Vec<u64>> {
    let is_open = |m: &usize| problem.measures[*m].standing == Standing::Open;
    let open: Vec<usize> = (0..problem.measures.len()).filter(is_open).collect();
    (0_u32..1 << open.len())
        .map(|bits| {
            let chosen = open.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, m)| *m);
            problem.with_fixed(&chosen.collect())
        })
        .filter(|set| problem.keeps_rules(set) && problem.keeps_limits(set))
        .map(|set| worth(problem, goal, &set))
        .min()
}

/// A problem of which only the paths are known that somebody has come upon: at first one for each
/// scenario, then those that are the easiest under a set that is looked at.
struct Hidden<'p> {
    whole: &'p Problem,
    known: Problem,
    learnt: usize,
}

impl<'p> Hidden<'p> {
    fn new(whole: &'p Problem) -> Self {
        let mut known = whole.clone();
        known.scenarios.iter_mut().for_each(|scenario| scenario.paths.truncate(1));
        Self { whole, known, learnt: 0 }
    }
}

impl Poses for Hidden<'_> {
    fn problem(&self) -> &Problem {
        &self.known
    }

    fn learn(&mut self, set: &BTreeSet<usize>) -> bool {
        let before = self.learnt;
        for (s, scenario) in self.whole.scenarios.iter().enumerate() {
            for path in &scenario.paths {
                let easiest = self.known.outcome(set).scenarios[s].difficulty;
                let mut alone = self.whole.clone();
                alone.scenarios[s].paths = vec![*path];
                if alone.outcome(set).scenarios[s].difficulty < easiest {
                    self.known.scenarios[s].paths.push(*path);
                    self.learnt += 1;
                }
            }
        }
        self.learnt > before
    }
}

fn plan(problem: impl Poses, goal: Goal) -> Option<Plan> {
    match choose(problem, goal, EFFORT) {
        Choice::Plan(plan) => Some(*plan),
        Choice::Impossible(_) => None,
        Choice::Unknown => panic!("small problems are solved"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_better_than_what_is_chosen(seed in any::<u64>(), best in any::<bool>()) {
        let problem = small(seed);
        let goal = if best { Goal::Best } else { Goal::Inside };
        match (plan(&problem, goal), brute_force(&problem, goal)) {
            (Some(plan), Some(value)) => {
                prop_assert_eq!(plan.proof, Proof::Optimal);
                prop_assert!(problem.keeps_rules(&plan.set) && problem.keeps_limits(&plan.set));
                prop_assert_eq!(worth(&problem, goal, &plan.set), value);
            }
            (None, None) => {}
            (plan, brute) => prop_assert!(false, "{:?} against {:?}", plan.map(|p| p.set), brute),
        }
    }

    /// Paths that turn up only under the sets that are looked at make the choice no other than if
    /// all had been known from the start.
    #[test]
    fn paths_that_turn_up_count_as_if_they_had_been_known(seed in any::<u64>(), best in any::<bool>()) {
        let problem = small(seed);
        let goal = if best { Goal::Best } else { Goal::Inside };
        let mut hidden = Hidden::new(&problem);
        let found = plan(&mut hidden, goal);
        let value = |plan: &Plan| worth(&problem, goal, &plan.set);
        prop_assert_eq!(found.as_ref().map(value), brute_force(&problem, goal));
        if let Some(plan) = found {
            prop_assert_eq!(&plan.outcome, &problem.outcome(&plan.set), "nothing is left to come upon");
        }
    }

    #[test]
    fn a_cheaper_set_is_cheaper_and_every_measure_is_needed(seed in any::<u64>()) {
        let problem = small(seed);
        let Some(plan) = plan(&problem, Goal::Inside) else { return Ok(()) };
        if let Cheaper::Set { set, outcome, .. } = &plan.cheaper {
            prop_assert!(outcome.cost < plan.outcome.cost);
            prop_assert!(problem.keeps_rules(set) && problem.keeps_limits(set));
        }
        for need in &plan.needs {
            let mut without = plan.set.clone();
            without.remove(&need.measure);
            // Something that is fixed may need it.
            let is_bound = !need.for_others.is_empty() || !problem.keeps_rules(&without);
            prop_assert!(is_bound || !need.without.is_empty());
        }
    }

    #[test]
    fn what_binds_would_help_if_it_gave_way(seed in any::<u64>()) {
        let problem = small(seed);
        let Some(plan) = plan(&problem, Goal::Inside) else { return Ok(()) };
        let excess = plan.outcome.excess();
        for binding in plan.bindings.iter().filter(|b| !matches!(b.kind, Kind::Measures(_))) {
            prop_assert!(binding.then < excess);
        }
        let lifted = Problem { limits: Limits::default(), ..problem.clone() };
        let value = brute_force(&lifted, Goal::Inside).map_or(0, |value| value[0]);
        if value < u64::from(excess) {
            prop_assert!(!plan.bindings.is_empty(), "limits are in the way, and nothing says so");
        }
    }

    /// No limit is blamed that leaves room for what is said to be needed. If the limits allow to come
    /// nearer to the target than the least risk does, the goal is named, and how near.
    #[test]
    fn a_limit_that_leaves_room_does_not_bind(seed in any::<u64>(), best in any::<bool>()) {
        let problem = small(seed);
        let goal = if best { Goal::Best } else { Goal::Inside };
        let Some(plan) = plan(&problem, goal) else { return Ok(()) };
        for binding in &plan.bindings {
            if let (Some(limit), Some(needed)) = (problem.limits.of(binding.kind), binding.needed) {
                prop_assert!(needed > limit, "{:?} of {}", binding, limit);
            }
        }
        let nearest = brute_force(&problem, Goal::Inside).map(|value| value[0]);
        let nearer = nearest.filter(|nearest| *nearest < u64::from(plan.outcome.excess()));
        let named = plan.bindings.iter().find(|binding| binding.kind == Kind::Goal);
        prop_assert_eq!(named.map(|binding| u64::from(binding.then)), nearer);
    }
}
