//! The simulation against results that are known without one.

#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests with known numbers"
)]

use anshin_simulate::maths::normal_cdf;
use anshin_simulate::{Case, Change, Part, Played, Scenario, simulate};
use anshin_simulate::{Distribution, Estimate, Losses, Percentile, Portfolio, Probability, Run};
use anshin_simulate::{Money, Policy, difference};

fn scenario(name: &str, frequency: Distribution, amount: Distribution) -> Scenario {
    let part = Part { amount, chance: Probability::ONE };
    Scenario { stream: name.to_owned(), frequency, parts: vec![part] }
}

fn play(scenarios: Vec<Scenario>, run: Run) -> Played {
    let changes = vec![Change::NONE; scenarios.len()];
    let cases = vec![Case { changes, policies: Vec::new() }];
    simulate(&Portfolio { scenarios, cases, ..Portfolio::default() }, run).remove(0)
}

/// Four standard errors: a sound estimate is further off once in 16,000 times.
fn agrees(what: &str, estimate: Estimate, exact: f64, bias: f64) {
    let off = (estimate.value - exact).abs();
    assert!(off < 4.0 * estimate.error + bias, "{what}: {estimate:?}, exact {exact}");
}

#[test]
fn mean_of_poisson_sums_of_every_distribution() {
    let run = Run { years: 400_000, seed: 1 };
    let amounts = [
        Distribution::fixed(5.0).unwrap(),
        Distribution::uniform(1.0, 4.0).unwrap(),
        Distribution::triangular(1.0, 2.0, 9.0).unwrap(),
        Distribution::pert(1.0, 2.0, 9.0).unwrap(),
        Distribution::interval(1.0, 30.0).unwrap(),
    ];
    let frequencies = [
        Distribution::fixed(0.3).unwrap(),
        Distribution::interval(0.1, 2.0).unwrap(),
        Distribution::pert(0.0, 1.0, 5.0).unwrap(),
    ];
    for amount in &amounts {
        for frequency in &frequencies {
            let exact = frequency.mean() * amount.mean();
            let losses =
                Losses::new(&play(vec![scenario("s", frequency.clone(), amount.clone())], run).years);
            agrees(&format!("{frequency:?} times {amount:?}"), losses.mean, exact, 0.0);
            // The variance of the sum gives the standard error as well.
            let (m, v) = (amount.mean(), amount.variance());
            let variance = frequency.mean() * (v + m * m) + frequency.variance() * m * m;
            let error = (variance / 400_000.0).sqrt();
            assert!((losses.mean.error / error - 1.0).abs() < 0.6, "{} {error}", losses.mean.error);
        }
    }
}

#[test]
fn percentiles_of_one_lognormal_loss_each_year() {
    // A frequency so low that two events in a year do not matter; among years with a loss it is
    // lognormal.
    let amount = Distribution::interval(1e6, 20e6).unwrap();
    let losses = Losses::new(
        &play(
            vec![scenario("s", Distribution::fixed(0.0).unwrap(), amount.clone())],
            Run { years: 10_000, seed: 3 },
        )
        .years,
    );
    assert!(losses.mean.value == 0.0 && losses.any == 0.0 && losses.worst.value == 0.0);

    let frequency = 0.02;
    let losses = Losses::new(
        &play(
            vec![scenario("s", Distribution::fixed(frequency).unwrap(), amount.clone())],
            Run { years: 4_000_000, seed: 3 },
        )
        .years,
    );
    let any = 1.0 - (-frequency).exp();
    assert!((losses.any - any).abs() < 4.0 * (any / 4e6).sqrt());
    for (p, estimate) in losses.percentiles.iter().filter(|(p, _)| p.beyond() < 0.011) {
        let exact = amount.quantile(1.0 - p.beyond() / any);
        // Two events in one year: one of a hundred years with a loss.
        agrees(&format!("{p:?}"), *estimate, exact, 0.015 * exact);
    }
}

/// Panjer's recursion: the distribution of a Poisson sum of losses that are multiples of a step.
fn panjer(frequency: f64, losses: &[f64], up_to: usize) -> Vec<f64> {
    let mut total = vec![0.0; up_to];
    total[0] = (frequency * (losses[0] - 1.0)).exp();
    for n in 1..up_to {
        let sum: f64 = (1..=n.min(losses.len() - 1)).map(|k| k as f64 * losses[k] * total[n - k]).sum();
        total[n] = frequency / n as f64 * sum;
    }
    total
}

#[test]
fn tails_of_poisson_sums_agree_with_panjers_recursion() {
    let (mu, sigma, frequency) = (0.0_f64, 1.0, 2.0);
    let (step, up_to) = (0.02, 6000);
    // Rounded to the nearest multiple of the step.
    let cdf = |x: f64| if x <= 0.0 { 0.0 } else { normal_cdf((x.ln() - mu) / sigma) };
    let losses: Vec<f64> =
        (0..up_to).map(|k| cdf((k as f64 + 0.5) * step) - cdf((k as f64 - 0.5) * step)).collect();
    let total = panjer(frequency, &losses, up_to);
    let mut below = Vec::with_capacity(up_to);
    let mut sum = 0.0;
    for p in &total {
        sum += p;
        below.push(sum);
    }
    let amount = Distribution::Lognormal { mu, sigma };
    let years = play(
        vec![scenario("s", Distribution::fixed(frequency).unwrap(), amount)],
        Run { years: 4_000_000, seed: 7 },
    )
    .years;
    let losses = Losses::new(&years);
    for &(p, estimate) in &losses.percentiles {
        let exact = below.iter().position(|&b| b >= p.probability()).unwrap() as f64 * step;
        agrees(&format!("{p:?}"), estimate, exact, step);
    }
    // The whole curve: the chance of a loss beyond a point, within four standard errors of a share.
    for &(chance, loss) in losses.curve.iter().filter(|(_, loss)| *loss > 0.0) {
        let at = (loss / step).round() as usize;
        let exact = 1.0 - below[at];
        let error = 4.0 * (exact * (1.0 - exact) / 4e6).sqrt() + total[at];
        assert!((chance - exact).abs() < error, "{loss}: {chance} {exact}");
    }
    assert!((Percentile::P99.one_in() - 100.0).abs() < 1e-9);
}

#[test]
fn insurance_pays_what_its_terms_say() {
    // Every event costs ten: of the nine above the deductible four fifths are paid, 7.2, but five at
    // most for an event and six in a year. The other scenario is excluded.
    let rate = 0.8;
    let fixed = |value| Distribution::fixed(value).unwrap();
    let money = |amount| Money::new(amount).unwrap();
    let scenarios =
        vec![scenario("covered", fixed(rate), fixed(10.0)), scenario("excluded", fixed(0.5), fixed(10.0))];
    let policy = Policy {
        covers: vec![vec![true], vec![false]],
        deductible: money(1.0),
        share: Probability::new(0.8).unwrap(),
        per_event: Some(money(5.0)),
        per_year: Some(money(6.0)),
    };
    let without_limits = Policy { per_event: None, per_year: None, ..policy.clone() };
    let case = |policies: Vec<usize>| Case { changes: vec![Change::NONE; 2], policies };
    let portfolio = Portfolio {
        scenarios,
        policies: vec![policy, without_limits],
        cases: vec![case(vec![]), case(vec![0]), case(vec![1])],
        ..Portfolio::default()
    };
    let played = simulate(&portfolio, Run { years: 400_000, seed: 5 });
    let none = (-rate).exp();
    let one = rate * none;
    let two_or_more = 1.0 - none - one;
    let paid = |case: usize| difference(&played[0].years, &played[case].years);
    agrees("with limits", paid(1), 5.0 * one + 6.0 * two_or_more, 0.0);
    agrees("without limits", paid(2), 7.2 * rate, 0.0);
    for (year, insured) in played[0].years.iter().zip(&played[1].years) {
        let paid = year - insured;
        assert!([0.0, 5.0, 6.0].iter().any(|expected| (paid - expected).abs() < 1e-9), "{paid}");
    }
    assert!(
        (played[0].scenarios[1] - played[1].scenarios[1]).abs() < 1e-9,
        "nothing is paid for what is excluded"
    );
}
