#![doc = include_str!("../README.md")]

mod answers;
mod branch;
mod checklist;
pub mod compare;
pub mod csv;
mod de;
pub mod fill;
pub mod format;
pub mod import;
pub mod ledger;
mod links;
mod load;
pub mod policy;
mod prefill;
mod read;
mod says;
pub mod score;
mod write;

pub use answers::{
    Answers, Evidence, Given, LoadedAnswers, Misfit, Moved, Own, Round, fits, load_answers, plain_words,
};
pub use checklist::{
    Answer, Band, Checklist, Checklists, Choice, Earliest, Item, Kind, Level, Link, Mark, Means, Method,
    NamedScale, OptionPoints, Origin, OutOfScope, Prefill, Recommended, Relation, Retired, Scale, Score,
    Scoring, Section, Source, Step, Subject, Target, Test, ToRequirement, Unanswered, Version, When, Who,
};
pub use load::{Loaded, OUT_OF_SCOPE, UNKNOWN, answers_schema, load, schema};
pub use prefill::{Described, Ground, Known, Proposal, Proposals, carried, proposals};
pub use read::{File, LIMITS};
pub use says::{Says, says};
pub use score::{Standing, standing, standing_towards};
pub use write::{CannotEdit, moved_text, new_file, set_answer};
