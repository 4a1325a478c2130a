#![doc = include_str!("../README.md")]

mod counts;
mod distribution;
pub mod form;
pub mod maths;
pub mod money_file;
pub mod simulate;
mod statistics;
pub mod units;

pub use counts::Counts;
pub use distribution::{Distribution, Pert, WIDEST, Z_90};
pub use simulate::{Portfolio, Run};
pub use statistics::{Estimate, Losses, Percentile, share_above};
pub use units::{Frequency, Money, Probability, WrongNumber};
