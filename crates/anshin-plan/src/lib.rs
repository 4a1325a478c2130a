#![doc = include_str!("../README.md")]

mod choose;
mod cuts;
pub mod generate;
mod model;
mod of_system;
mod outcome;
mod problem;
mod program;
mod question;
mod reach;
mod roadmap;
mod system_plan;
pub mod v1;

pub use choose::{Binding, Choice, Goal, Kind, Need, Plan, Point, Proof, choose};
pub use of_system::{Offer, Posed, Wishes, Wrong, points};
pub use outcome::{Outcome, Remains};
pub use problem::{Amount, Limits, Measure, MeasureNumber, Part, Problem, Rule, Scenario, Standing, Step};
pub use roadmap::{Roadmap, Task, roadmap};
pub use system_plan::{
    Before, CURVE, Cheaper, Chosen, Classes, EFFORT, OnCurve, Options, PACE, State, SystemPlan, Verdict,
    YEARS, plan,
};
