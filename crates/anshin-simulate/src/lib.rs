#![doc = include_str!("../README.md")]

mod counts;
mod distribution;
pub mod maths;
mod parallel;
mod simulate;
mod statistics;
mod units;

pub use counts::Counts;
pub use distribution::{Distribution, Pert, WIDEST, Z_90};
pub use simulate::{Case, Change, Part, Played, Policy, Portfolio, Run, Scenario, in_bad_years, simulate};
pub use statistics::{Estimate, Losses, Percentile, difference, share_above};
pub use units::{Frequency, MOST_FREQUENT, MOST_MONEY, Money, Probability, WrongNumber};
