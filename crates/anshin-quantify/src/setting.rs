//! What an assessment tells the quantification, as plain values.

use anshin_catalog::CostWhen;
use anshin_model::document::{Economic, Restore};
use anshin_model::{Id, Text};

/// A system as seen by one organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The stakeholder whose money it is.
    pub organization: Id,
    /// Its name.
    pub name: Text,
    /// How long a standstill lasts, if the organization depends on the system.
    pub restore: Option<Restore>,
    /// Classes of likelihood, from low to high.
    pub classes: Vec<Class>,
    /// Scenarios that befall the organization.
    pub risks: Vec<Risk>,
    /// The measures that are planned.
    pub plan: Vec<PlannedMeasure>,
    /// Where each risk stands once all of them are done.
    pub after: Vec<Standing>,
}

/// A class of likelihood.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
}

/// A scenario that befalls the organization.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Its id.
    pub id: Id,
    /// A short name.
    pub name: Text,
    /// What happens.
    pub about: Text,
    /// What it leads to.
    pub consequence: CostWhen,
    /// Where it stands with the measures in place.
    pub now: Standing,
    /// Where it stood without any measure.
    pub bare: Standing,
}

/// How likely a scenario is and how grave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Class of likelihood, 0 for the lowest.
    pub likelihood: usize,
    /// Level of its effect on the economic axis.
    pub level: Economic,
}

/// A measure that is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMeasure {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// What it costs once.
    pub cost: Option<f64>,
    /// Where each risk stands if this is the only one of the plan that is done.
    pub alone: Vec<Standing>,
}
