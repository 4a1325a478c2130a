#![doc = include_str!("../README.md")]

mod conflict;
mod of_system;
mod stuck;
mod system_plan;
pub mod v1;

pub use anshin_choose::{Binding, EFFORT, Goal, Kind, Limits, Proof, Standing};
pub use conflict::{Clash, Conflict, Party};
pub use of_system::{Offer, Posed, Wishes, Wrong, points};
pub use stuck::{Help, Stuck};
pub use system_plan::{
    Accepted, Before, CURVE, Cheaper, Chosen, Classes, OnCurve, Options, PACE, Progress, State, SystemPlan,
    Verdict, YEARS, plan, plan_telling,
};
