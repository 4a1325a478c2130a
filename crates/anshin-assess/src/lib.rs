#![doc = include_str!("../README.md")]

mod assessment;
mod decide;
mod default_cost;
mod effect;
mod engine;
mod explain;
mod facts;
pub mod generate;
mod path;
mod places;
mod plan;
mod rate;
mod replay;
mod require;
mod residual;
mod scenario;
mod set;
mod system;
mod taken;
mod terrain;
mod threaten;
pub mod v1;

pub use assessment::{
    Assessment, Candidate, Decided, PlanItem, Policy, PriorityAsset, Rating, RatingReason, Reason, Stale,
    Threat,
};
pub use decide::fingerprint;
pub use default_cost::{DefaultCost, Figures};
pub use engine::{Engine, TooManyFacts};
pub use explain::{Explanation, UnknownSubject};
pub use facts::{holding, ways_in};
pub use path::{Route, Routes};
pub use places::Places;
pub use replay::{Cut, Happened, Mitigation, Record, Replay, records};
pub use residual::{Residual, ResidualRisk, Stages, Standing, accepted_on, residual};
pub use scenario::{Further, LevelsAfter, PATHS, Scenario, Scenarios, is_outside};
pub use set::{Gap, MAX_FACTS};
pub use system::{Danger, Hop, Profile, System};
pub use taken::{MeasureState, Taken};
pub use terrain::{Path, Raise, Step, StepId, StepReason, Terrain, Trust, Way};
pub use threaten::{CUT, MOST};
