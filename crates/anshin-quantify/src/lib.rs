#![doc = include_str!("../README.md")]

pub mod amount;
pub mod estimate;
pub mod form;
pub mod judge;
pub mod money_file;
pub mod quantification;
pub mod setting;
pub mod summary;
pub mod v1;
mod wrong;

pub use anshin_simulate::{
    Distribution, Estimate, Frequency, Losses, Money, Percentile, Probability, Run, WrongNumber,
};
pub use quantification::{Quantification, quantify};
pub use setting::Setting;
