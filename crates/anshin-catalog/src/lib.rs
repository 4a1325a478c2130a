#![doc = include_str!("../README.md")]

mod attack;
mod catalog;
mod check_matrix;
mod cost;
mod entry;
pub mod facts;
pub mod format;
mod kind;
mod load;
mod loss;
mod meter;
mod rating;
mod requirement;
mod threat;

pub use attack::{
    Consequence, Difficulty, EffectClass, FARTHEST, Hindrance, Layer, LikelihoodClass, MATRIX_SIZE, Matrix,
    Relief, RiskClass,
};
pub use catalog::Catalog;
pub use cost::{Dependency, EffortCost, Impairment};
pub use entry::{Basis, Condition, Named, Origin, Source};
pub use facts::{Fact, FactOf, FactWord};
pub use kind::{
    AssetKind, DataKind, HazardKind, KindHazard, Mark, Medium, MediumKind, Protects, Protocol, Safeguard,
    ZoneKind,
};
pub use load::{File, Loaded, built_in_files, built_in_files_beside, load};
pub use loss::{CostCategory, CostItem, CostPer, CostWhen, DefaultRange, RangeUnit};
pub use meter::{DescribedBy, MapRegister, MeterMap, RegisterForm, RegisterTable, Shared};
pub use rating::{Axis, Because, Factor, Policy, PriorityRule, RubricEntry};
pub use requirement::{Effort, Implementer, Measure, Requirement, RequirementRule, Target};
pub use threat::{Alert, EntryPoint, Threat, ThreatRule};
