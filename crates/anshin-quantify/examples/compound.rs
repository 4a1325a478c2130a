//! One lognormal loss at a Poisson frequency, for scripts: prints what comes out and how long it took.
//!
//! `cargo run --release -p anshin-quantify --example compound -- FREQUENCY LOW HIGH YEARS`

use std::time::Instant;

use anshin_quantify::simulate::{Case, Change, Part, Portfolio, Scenario, simulate};
use anshin_quantify::{Distribution, Losses, Probability, Run, WrongNumber};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<f64> = std::env::args().skip(1).map(|word| word.parse()).collect::<Result<_, _>>()?;
    let [frequency, low, high, years] = arguments[..] else {
        return Err("give FREQUENCY LOW HIGH YEARS".into());
    };
    let portfolio = portfolio(frequency, low, high)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of years")]
    let run = Run { years: years as usize, seed: 1 };
    let start = Instant::now();
    let losses = Losses::new(&simulate(&portfolio, run)[0].years);
    let seconds = start.elapsed().as_secs_f64();
    let percentiles: Vec<_> = losses
        .percentiles
        .iter()
        .map(|(p, loss)| serde_json::json!([p.probability(), loss.value, loss.error]))
        .collect();
    let json = serde_json::json!({
        "seconds": seconds,
        "mean": [losses.mean.value, losses.mean.error],
        "percentiles": percentiles,
    });
    #[expect(clippy::print_stdout, reason = "the output of a program")]
    {
        println!("{json}");
    }
    Ok(())
}

fn portfolio(frequency: f64, low: f64, high: f64) -> Result<Portfolio, WrongNumber> {
    let part = Part { amount: Distribution::interval(low, high)?, chance: Probability::ONE };
    let scenario = Scenario {
        stream: "compound".to_owned(),
        frequency: Distribution::fixed(frequency)?,
        parts: vec![part],
    };
    Ok(Portfolio {
        scenarios: vec![scenario],
        policies: Vec::new(),
        cases: vec![Case { changes: vec![Change::NONE], policies: Vec::new() }],
    })
}
