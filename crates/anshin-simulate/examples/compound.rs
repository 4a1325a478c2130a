//! One scenario, for scripts: prints what comes out and how long it took.
//!
//! A Poisson frequency and a lognormal loss by its 90 % interval, or PERT for both:
//!
//! `cargo run --release -p anshin-simulate --example compound -- YEARS FREQUENCY LOW HIGH`
//! `cargo run --release -p anshin-simulate --example compound -- YEARS LEAST LIKELY MOST LEAST LIKELY MOST`

use std::time::Instant;

use anshin_simulate::{Case, Change, Part, Portfolio, Scenario, simulate};
use anshin_simulate::{Distribution, Losses, Probability, Run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<f64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let (years, scenario) = match arguments[..] {
        [years, frequency, low, high] => {
            (years, (Distribution::fixed(frequency)?, Distribution::interval(low, high)?))
        }
        [years, least, likely, most, least_loss, likely_loss, most_loss] => {
            let loss = Distribution::pert(least_loss, likely_loss, most_loss)?;
            (years, (Distribution::pert(least, likely, most)?, loss))
        }
        _ => return Err("give YEARS, then FREQUENCY LOW HIGH or three points of frequency and loss".into()),
    };
    let portfolio = portfolio(scenario);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of years")]
    let run = Run { years: years as usize, seed: 1 };
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

fn portfolio((frequency, amount): (Distribution, Distribution)) -> Portfolio {
    let part = Part { amount, chance: Probability::ONE };
    Portfolio {
        scenarios: vec![Scenario { stream: "compound".to_owned(), frequency, parts: vec![part] }],
        policies: Vec::new(),
        cases: vec![Case { changes: vec![Change::NONE], policies: Vec::new() }],
    }
}
