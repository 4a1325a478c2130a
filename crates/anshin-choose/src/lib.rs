#![doc = include_str!("../README.md")]

mod choose;
mod cuts;
pub mod generate;
mod model;
mod outcome;
mod problem;
mod program;
mod question;
mod reach;
mod roadmap;
mod years;

pub use choose::{
    Binding, Cheaper, Choice, EFFORT, Goal, Kind, Need, Plan, Point, Poses, Proof, buys, choose,
};
pub use outcome::{Outcome, Remains};
pub use problem::{Amount, Limits, Measure, MeasureNumber, Part, Problem, Rule, Scenario, Standing, Step};
pub use roadmap::{Roadmap, Task, roadmap};
