#![doc = include_str!("../README.md")]

pub mod bottleneck;
pub mod config;
pub mod cycle;
pub mod evidence;
pub mod factory;
mod format;
pub mod group;
pub mod input;
pub mod judge;
pub mod lamp;
pub mod lateness;
pub mod machine;
pub mod meaning;
pub mod meter;
pub mod meters;
mod monitor;
pub mod offset;
pub mod order;
mod pace;
pub mod payload;
pub mod propose;
pub mod reading;
pub mod recording;
pub mod reference;
pub mod sampling;
mod stand_by;
pub mod subject;
pub mod time;
pub mod touch;
pub mod utilisation;
pub mod v1;

pub use config::Configuration;
pub use machine::{Machine, Said, Settings};
pub use monitor::Monitor;
pub use reading::{Reading, State, What};
pub use time::Time;
