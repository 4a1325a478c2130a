//! Scenarios alike, for scripts: prints what comes out and how long it took.
//!
//! Each with a Poisson frequency and a lognormal loss by its 90 % interval, or with PERT for both:
//!
//! `cargo run --release -p anshin-simulate --example compound -- SCENARIOS YEARS FREQUENCY LOW HIGH`
//! `cargo run --release -p anshin-simulate --example compound -- SCENARIOS YEARS LEAST LIKELY MOST LEAST LIKELY MOST`

use std::time::Instant;

use anshin_simulate::{Case, Change, Part, Portfolio, Scenario, simulate};
use anshin_simulate::{Distribution, Losses, Probability, Run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<f64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let (scenarios, years, frequency, loss) = match arguments[..] {
        [scenarios, years, frequency, low, high] => {
            (scenarios, years, Distribution::fixed(frequency)?, Distribution::interval(low, high)?)
        }
        [scenarios, years, least, likely, most, least_loss, likely_loss, most_loss] => {
            let loss = Distribution::pert(least_loss, likely_loss, most_loss)?;
            (scenarios, years, Distribution::pert(least, likely, most)?, loss)
        }
        _ => {
            let usage = "give SCENARIOS YEARS, then FREQUENCY LOW HIGH or three points of frequency and loss";
            return Err(usage.into());
        }
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
    let (scenarios, years) = (scenarios as usize, years as usize);
    let portfolio = portfolio(scenarios, &frequency, &loss);
    let run = Run { years, seed: 1 };
    let start = Instant::now();
    let played = simulate(&portfolio, run);
    let seconds_playing = start.elapsed().as_secs_f64();
    let losses = Losses::new(&played[0].years);
    let seconds = start.elapsed().as_secs_f64();
    let percentiles: Vec<_> = losses
        .percentiles
        .iter()
        .map(|(p, loss)| serde_json::json!([p.probability(), loss.value, loss.error]))
        .collect();
    let json = serde_json::json!({
        "seconds": seconds,
        "seconds_playing": seconds_playing,
        "mean": [losses.mean.value, losses.mean.error],
        "percentiles": percentiles,
    });
    #[expect(clippy::print_stdout, reason = "the output of a program")]
    {
        println!("{json}");
    }
    Ok(())
}

fn portfolio(scenarios: usize, frequency: &Distribution, loss: &Distribution) -> Portfolio {
    let scenario = |n| Scenario {
        stream: format!("compound {n}"),
        frequency: frequency.clone(),
        parts: vec![Part { amount: loss.clone(), chance: Probability::ONE }],
    };
    Portfolio {
        scenarios: (0..scenarios).map(scenario).collect(),
        cases: vec![Case { changes: vec![Change::NONE; scenarios], policies: Vec::new() }],
        ..Portfolio::default()
    }
}
