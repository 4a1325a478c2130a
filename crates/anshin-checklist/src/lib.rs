#![doc = include_str!("../README.md")]

mod checklist;
mod de;
pub mod format;
mod load;
mod read;

pub use checklist::{
    Answer, Band, Checklist, Checklists, Choice, Item, Kind, Level, Link, Mark, Means, Method, NamedScale,
    Origin, OutOfScope, Prefill, Recommended, Relation, Retired, Scale, Score, Scoring, Section, Source,
    Step, Subject, Test, ToRequirement, Unanswered, Version, When, Who,
};
pub use load::{Loaded, OUT_OF_SCOPE, UNKNOWN, answers_schema, load, schema};
pub use read::{File, LIMITS};
