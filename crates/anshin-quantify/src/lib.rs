#![doc = include_str!("../README.md")]

pub mod amount;
mod counts;
mod distribution;
pub mod estimate;
pub mod form;
pub mod judge;
pub mod maths;
pub mod money_file;
pub mod quantification;
pub mod setting;
pub mod simulate;
mod statistics;
pub mod summary;
pub mod units;
pub mod v1;

pub use counts::Counts;
pub use distribution::{Distribution, Pert, WIDEST, Z_90};
pub use quantification::{Quantification, quantify};
pub use setting::Setting;
pub use simulate::{Portfolio, Run};
pub use statistics::{Estimate, Losses, Percentile, difference, share_above};
pub use units::{Frequency, Money, Probability, WrongNumber};
