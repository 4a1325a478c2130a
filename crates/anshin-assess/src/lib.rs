#![doc = include_str!("../README.md")]

mod assessment;
mod decide;
mod engine;
mod explain;
mod facts;
pub mod generate;
mod plan;
mod rate;
mod require;
mod set;
mod system;
mod threaten;
pub mod v1;

pub use assessment::{
    Assessment, Candidate, Decided, PlanItem, Policy, PriorityAsset, Rating, RatingReason, Reason, Stale,
    Threat,
};
pub use decide::fingerprint;
pub use engine::{Engine, TooManyFacts};
pub use explain::{Explanation, UnknownSubject};
pub use facts::ways_in;
pub use set::{Gap, MAX_FACTS};
pub use system::{Danger, Hop, Profile, System};
pub use threaten::{CUT, MOST};
