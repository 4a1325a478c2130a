//! How many scenario-years a second: `cargo bench -p anshin-simulate`.

use anshin_simulate::{Case, Change, Part, Portfolio, Run, Scenario, simulate};
use anshin_simulate::{Distribution, Losses, Probability};
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

/// Scenarios with a lognormal loss and a fixed frequency, in one case.
fn portfolio(scenarios: usize, frequency: f64) -> Portfolio {
    let scenario = |n: usize| Scenario {
        stream: format!("scenario-{n}"),
        frequency: Distribution::Fixed(frequency),
        parts: vec![Part {
            amount: Distribution::Lognormal { mu: 16.0, sigma: 1.0 },
            chance: Probability::ONE,
        }],
    };
    Portfolio {
        scenarios: (0..scenarios).map(scenario).collect(),
        cases: vec![Case { changes: vec![Change::NONE; scenarios], policies: Vec::new() }],
        ..Portfolio::default()
    }
}

/// Everything from the seed to mean, percentiles and curve with their errors.
#[divan::bench(args = [(1, 2.0), (1, 0.1), (20, 0.1)], sample_count = 10, sample_size = 1)]
fn compound_poisson_lognormal(bencher: divan::Bencher<'_, '_>, (scenarios, frequency): (usize, f64)) {
    let portfolio = portfolio(scenarios, frequency);
    let run = Run { years: 4_000_000 / scenarios.min(4), seed: 1 };
    bencher
        .counter(ItemsCount::new(run.years * scenarios))
        .bench(|| Losses::new(&simulate(&portfolio, run)[0].years));
}
