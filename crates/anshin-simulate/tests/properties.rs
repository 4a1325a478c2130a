//! What holds for every portfolio.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests with known numbers")]

use anshin_simulate::{Case, Change, Part, Policy, Scenario, in_bad_years, simulate};
use anshin_simulate::{Distribution, Losses, Money, Percentile, Portfolio, Probability, Run};
use proptest::prelude::*;

fn distribution() -> impl Strategy<Value = Distribution> {
    let three = (0.0..1e6, 0.0..1e6, 0.0..1e6).prop_map(|(a, b, c): (f64, f64, f64)| {
        let mut three = [a, b, c];
        three.sort_by(f64::total_cmp);
        three
    });
    prop_oneof![
        (0.0..1e6).prop_map(|v: f64| Distribution::fixed(v).unwrap()),
        (0.0..1e6, 0.0..1e6)
            .prop_map(|(a, b): (f64, f64)| Distribution::uniform(a.min(b), a.max(b)).unwrap()),
        three.clone().prop_map(|[a, m, b]| Distribution::triangular(a, m, b).unwrap()),
        three.prop_map(|[a, m, b]| Distribution::pert(a, m, b).unwrap()),
        (1.0..1e6, 1.0..1e3).prop_map(|(a, times): (f64, f64)| Distribution::interval(a, a * times).unwrap()),
    ]
}

fn frequency() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (0.0..3.0).prop_map(|v: f64| Distribution::fixed(v).unwrap()),
        (0.01..1.0, 1.0..10.0)
            .prop_map(|(a, times): (f64, f64)| Distribution::interval(a, a * times).unwrap()),
    ]
}

fn probability() -> impl Strategy<Value = Probability> {
    prop_oneof![Just(Probability::ONE), (0.0..=1.0).prop_map(|v: f64| Probability::new(v).unwrap())]
}

fn scenarios() -> impl Strategy<Value = Vec<Scenario>> {
    let part = (distribution(), probability()).prop_map(|(amount, chance)| Part { amount, chance });
    let scenario = (frequency(), prop::collection::vec(part, 1..4));
    prop::collection::vec(scenario, 1..4).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (frequency, parts))| Scenario { stream: format!("s{n}"), frequency, parts })
            .collect()
    })
}

fn money() -> impl Strategy<Value = Money> {
    (0.0..1e6).prop_map(|v: f64| Money::new(v).unwrap())
}

fn policy(scenarios: &[Scenario]) -> impl Strategy<Value = Policy> + use<> {
    let covers: Vec<_> =
        scenarios.iter().map(|s| prop::collection::vec(any::<bool>(), s.parts.len())).collect();
    (covers, money(), probability(), prop::option::of(money()), prop::option::of(money())).prop_map(
        |(covers, deductible, share, per_event, per_year)| Policy {
            covers,
            deductible,
            share,
            per_event,
            per_year,
        },
    )
}

fn with_policies() -> impl Strategy<Value = (Vec<Scenario>, Vec<Policy>)> {
    scenarios().prop_flat_map(|scenarios| {
        let policies = prop::collection::vec(policy(&scenarios), 1..3);
        (Just(scenarios), policies)
    })
}

const RUN: Run = Run { years: 3000, seed: 11 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any number of threads plays the same years to the bit.
    #[test]
    fn threads_make_no_difference((scenarios, policies) in with_policies()) {
        let changes = vec![Change::NONE; scenarios.len()];
        let all = (0..policies.len()).collect();
        let portfolio = Portfolio {
            cases: vec![
                Case { changes: changes.clone(), policies: Vec::new() },
                Case { changes, policies: all },
            ],
            scenarios,
            policies,
            ..Portfolio::default()
        };
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let played = simulate(&portfolio, RUN);
                let losses: Vec<_> = played.iter().map(|p| Losses::new(&p.years)).collect();
                let threshold = losses[1].percentile(Percentile::P99).value;
                let bad = in_bad_years(&portfolio, RUN, 1, &played[1], threshold);
                (played, losses, bad)
            })
        };
        let one = with(1);
        for threads in [2, 4, 7] {
            prop_assert!(with(threads) == one);
        }
    }

    /// Insurance never takes more than it gives: what is retained is at most the loss, year by year.
    #[test]
    fn insurance_never_raises_what_is_retained((scenarios, policies) in with_policies()) {
        let changes = vec![Change::NONE; scenarios.len()];
        let cases = (0..=policies.len())
            .map(|n| Case { changes: changes.clone(), policies: (0..n).collect() })
            .collect();
        let most: Vec<_> = policies.iter().map(|p| p.per_year).collect();
        let played = simulate(&Portfolio { scenarios, policies, cases, ..Portfolio::default() }, RUN);
        for n in 1..played.len() {
            for (with, without) in played[n].years.iter().zip(&played[n - 1].years) {
                prop_assert!(*with >= 0.0 && *with <= without * (1.0 + 1e-12) + 1e-6);
                if let Some(most) = most[n - 1] {
                    prop_assert!(without - with <= most.amount() * (1.0 + 1e-9) + 1e-6);
                }
            }
        }
    }

    /// More events or dearer events never make a year cheaper; measures never make it dearer.
    #[test]
    fn more_never_costs_less(scenarios in scenarios(), frequency in 0.0..1.0, loss in 0.0..1.0) {
        let n = scenarios.len();
        let case = |frequency, loss| Case { changes: vec![Change { frequency, loss }; n], policies: Vec::new() };
        let portfolio = Portfolio {
            scenarios,
            cases: vec![case(1.0, 1.0), case(frequency, 1.0), case(frequency, loss)],
            ..Portfolio::default()
        };
        let played = simulate(&portfolio, RUN);
        for pair in played.windows(2) {
            for (more, less) in pair[0].years.iter().zip(&pair[1].years) {
                prop_assert!(more + 1e-9 >= *less);
            }
        }
    }

    /// The scenarios together are the whole, over all years and over the bad ones.
    #[test]
    fn scenarios_add_up((scenarios, policies) in with_policies()) {
        let changes = vec![Change::NONE; scenarios.len()];
        let cases = vec![Case { changes, policies: (0..policies.len()).collect() }];
        let portfolio = Portfolio { scenarios, policies, cases, ..Portfolio::default() };
        let played = simulate(&portfolio, RUN).remove(0);
        let losses = Losses::new(&played.years);
        let sum: f64 = played.scenarios.iter().sum();
        prop_assert!((sum - losses.mean.value).abs() <= 1e-9 * sum.max(1.0));
        let threshold = losses.percentile(Percentile::P90).value;
        let bad = in_bad_years(&portfolio, RUN, 0, &played, threshold);
        let dear: Vec<f64> = played.years.iter().copied().filter(|&y| y >= threshold).collect();
        let mean = dear.iter().sum::<f64>() / dear.len() as f64;
        prop_assert!((bad.iter().sum::<f64>() - mean).abs() <= 1e-9 * mean.max(1.0));
    }

    /// A case of which only the means are asked for sees the same fate, and changes nothing for others.
    #[test]
    fn means_are_those_of_the_whole_case(
        (scenarios, policies) in with_policies(),
        frequency in 0.0..1.0,
        loss in 0.0..1.0,
    ) {
        let n = scenarios.len();
        let all: Vec<usize> = (0..policies.len()).collect();
        let case = |frequency, loss| {
            Case { changes: vec![Change { frequency, loss }; n], policies: all.clone() }
        };
        let cases = vec![case(1.0, 1.0), case(frequency, loss)];
        let whole = simulate(
            &Portfolio {
                scenarios: scenarios.clone(),
                policies: policies.clone(),
                cases: cases.clone(),
                ..Portfolio::default()
            },
            RUN,
        );
        let (cases, only_means) = (cases[..1].to_vec(), cases[1..].to_vec());
        let means = simulate(&Portfolio { scenarios, policies, cases, only_means }, RUN);
        prop_assert_eq!(&means[0], &whole[0]);
        prop_assert!(means[1].years.is_empty());
        prop_assert_eq!(&means[1].scenarios, &whole[1].scenarios);
    }

    /// A scenario has the same fate whatever stands beside it.
    #[test]
    fn other_scenarios_change_nothing(scenarios in scenarios()) {
        let alone = |scenarios: Vec<Scenario>| {
            let cases = vec![Case { changes: vec![Change::NONE; scenarios.len()], policies: Vec::new() }];
            simulate(&Portfolio { scenarios, cases, ..Portfolio::default() }, RUN).remove(0).scenarios
        };
        let together = alone(scenarios.clone());
        for (scenario, mean) in scenarios.into_iter().zip(together) {
            prop_assert_eq!(alone(vec![scenario])[0].to_bits(), mean.to_bits());
        }
    }
}
