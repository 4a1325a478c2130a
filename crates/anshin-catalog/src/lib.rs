#![doc = include_str!("../README.md")]

mod catalog;
pub mod facts;
pub mod format;
mod load;

pub use catalog::{
    AssetKind, Axis, Basis, Because, Catalog, Condition, DataKind, Effort, EntryPoint, Fact, FactOf, Factor,
    HazardKind, Implementer, KindHazard, Mark, Measure, Medium, MediumKind, Named, Origin, Policy,
    PriorityRule, Protects, Protocol, Requirement, RequirementRule, RubricEntry, Safeguard, Source, Target,
    Threat, ThreatRule, ZoneKind,
};
pub use load::{File, Loaded, built_in_files, built_in_files_beside, load};
