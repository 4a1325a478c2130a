#![doc = include_str!("../README.md")]

mod attack;
mod catalog;
mod check_matrix;
mod cost;
pub mod facts;
pub mod format;
mod load;
mod loss;

pub use attack::{
    Consequence, Difficulty, EffectClass, FARTHEST, Hindrance, Layer, LikelihoodClass, MATRIX_SIZE, Matrix,
    Relief, RiskClass,
};
pub use catalog::{
    Alert, AssetKind, Axis, Basis, Because, Catalog, Condition, DataKind, Effort, EntryPoint, Fact, FactOf,
    FactWord, Factor, HazardKind, Implementer, KindHazard, Mark, Measure, Medium, MediumKind, Named, Origin,
    Policy, PriorityRule, Protects, Protocol, Requirement, RequirementRule, RubricEntry, Safeguard, Source,
    Target, Threat, ThreatRule, ZoneKind,
};
pub use cost::{Dependency, EffortCost, Impairment};
pub use load::{File, Loaded, built_in_files, built_in_files_beside, load};
pub use loss::{CostCategory, CostItem, CostPer, CostWhen, DefaultRange, RangeUnit};
