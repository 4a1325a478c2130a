//! How long a choice takes on made-up problems. Run with `cargo bench -p anshin-choose`.

fn main() {
    divan::main();
}

mod made_up {
    use anshin_choose::{Choice, EFFORT, Goal, Problem, choose, generate};

    /// With limits that leave about a third of what everything costs.
    fn limited(measures: usize, scenarios: usize, seed: u64) -> Problem {
        let mut problem = generate::problem(measures, scenarios, seed);
        let fixed = problem.outcome(&std::collections::BTreeSet::new());
        problem.limits.total = Some(fixed.cost + 6_000_000);
        problem.limits.stakeholder = vec![(0, fixed.cost + 2_000_000)];
        problem.limits.days = Some(fixed.days + 200);
        problem
    }

    fn is_proven(choice: &Choice) -> bool {
        matches!(choice, Choice::Plan(plan) if plan.proof.is_complete())
    }

    #[divan::bench(args = [0, 1, 2, 3, 7], sample_count = 3, sample_size = 1)]
    fn cheapest_of_200_for_50_scenarios(bencher: divan::Bencher<'_, '_>, seed: u64) {
        let problem = generate::problem(200, 50, seed);
        bencher.bench_local(|| assert!(is_proven(&choose(&problem, Goal::Inside, EFFORT))));
    }

    #[divan::bench(args = [0, 1, 2, 3, 7], sample_count = 3, sample_size = 1)]
    fn best_of_200_for_50_scenarios_within_limits(bencher: divan::Bencher<'_, '_>, seed: u64) {
        let problem = limited(200, 50, seed);
        bencher.bench_local(|| assert!(is_proven(&choose(&problem, Goal::Best, EFFORT))));
    }
}
