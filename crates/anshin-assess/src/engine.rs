//! A catalog made ready for many assessments.

use std::collections::BTreeSet;

use anshin_catalog::{Catalog, Condition};
use anshin_model::{Document, Id, Text};

use crate::assessment::Assessment;
use crate::decide::Decisions;
use crate::set::{Compiled, MAX_FACTS, Universe};
use crate::system::System;
use crate::{facts, plan, rate, require, threaten};

/// The rules of a catalog, compiled.
#[derive(Debug)]
pub struct Engine<'a> {
    pub(crate) catalog: &'a Catalog,
    /// Facts of assets and systems.
    pub(crate) rule_facts: Universe,
    /// Facts of stakeholders.
    pub(crate) rubric_facts: Universe,
    pub(crate) threat_rules: Vec<Compiled>,
    /// The threat that each rule proposes, by number.
    pub(crate) rule_threats: Vec<usize>,
    pub(crate) requirement_rules: Vec<Compiled>,
    pub(crate) priority_rules: Vec<Compiled>,
    pub(crate) rubric: Vec<Compiled>,
    pub(crate) policies: Vec<Compiled>,
    /// Facts of assets and steps that the rubric of difficulty asks for.
    pub(crate) step_facts: Universe,
    pub(crate) difficulty: Vec<Compiled>,
    pub(crate) hindrances: Vec<Compiled>,
    pub(crate) reliefs: Vec<Compiled>,
    /// The asset's commands reach something that can hurt.
    pub(crate) controls_hazard: Compiled,
    /// Rules whose sentence names data.
    pub(crate) names_data: BTreeSet<Id>,
    /// What stands for data that has no name.
    pub(crate) any_data: Text,
}

/// The rules of a catalog name too many different facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFacts;

impl std::fmt::Display for TooManyFacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the rules of the catalog name more than {MAX_FACTS} different facts")
    }
}

impl std::error::Error for TooManyFacts {}

impl<'a> Engine<'a> {
    /// Compiles the rules of a catalog.
    ///
    /// # Errors
    /// If the rules name more than [`MAX_FACTS`] different facts.
    pub fn new(catalog: &'a Catalog) -> Result<Self, TooManyFacts> {
        let controls_hazard = Condition { all: vec!["controls-hazard".into()], ..Condition::default() };
        let about_assets = catalog
            .threat_rules
            .values()
            .map(|rule| &rule.when)
            .chain(catalog.requirement_rules.values().map(|rule| &rule.when))
            .chain(catalog.priority_rules.values().map(|rule| &rule.when))
            .chain(std::iter::once(&controls_hazard));
        let about_stakeholders = catalog
            .rubric
            .values()
            .map(|entry| &entry.when)
            .chain(catalog.policies.values().map(|policy| &policy.when));
        let about_steps = catalog
            .difficulty
            .values()
            .map(|entry| &entry.when)
            .chain(catalog.hindrances.values().map(|entry| &entry.when))
            .chain(catalog.reliefs.values().map(|entry| &entry.when));
        let step_facts = Universe::of(about_steps);
        let rule_facts = Universe::of(about_assets);
        let rubric_facts = Universe::of(about_stakeholders);
        if [&rule_facts, &rubric_facts, &step_facts].into_iter().any(Universe::is_too_large) {
            return Err(TooManyFacts);
        }
        let for_assets = |condition: &Condition| Compiled::new(condition, &rule_facts);
        let for_stakeholders = |condition: &Condition| Compiled::new(condition, &rubric_facts);
        let for_steps = |condition: &Condition| Compiled::new(condition, &step_facts);
        Ok(Self {
            difficulty: catalog.difficulty.values().map(|entry| for_steps(&entry.when)).collect(),
            hindrances: catalog.hindrances.values().map(|entry| for_steps(&entry.when)).collect(),
            reliefs: catalog.reliefs.values().map(|entry| for_steps(&entry.when)).collect(),
            threat_rules: catalog.threat_rules.values().map(|rule| for_assets(&rule.when)).collect(),
            rule_threats: catalog
                .threat_rules
                .values()
                .map(|rule| catalog.threats.get_index_of(&rule.proposes).unwrap_or_default())
                .collect(),
            requirement_rules: catalog
                .requirement_rules
                .values()
                .map(|rule| for_assets(&rule.when))
                .collect(),
            priority_rules: catalog.priority_rules.values().map(|rule| for_assets(&rule.when)).collect(),
            rubric: catalog.rubric.values().map(|entry| for_stakeholders(&entry.when)).collect(),
            policies: catalog.policies.values().map(|policy| for_stakeholders(&policy.when)).collect(),
            controls_hazard: for_assets(&controls_hazard),
            names_data: catalog
                .threat_rules
                .iter()
                .filter(|(_, rule)| rule.incident.get(anshin_model::Lang::Ja).contains("{data}"))
                .map(|(id, _)| id.clone())
                .collect(),
            any_data: Text::new("データ", "data"),
            catalog,
            rule_facts,
            rubric_facts,
            step_facts,
        })
    }

    /// Assesses a document that was checked against the same catalog.
    ///
    /// A pure function: the same document and catalog give the same assessment on every machine.
    pub fn assess(&self, document: &Document) -> Assessment {
        self.assess_system(&System::new(document, self.catalog))
    }

    /// Assesses a document that is joined with the catalog already.
    pub fn assess_system(&self, system: &System<'_>) -> Assessment {
        let mut decisions = Decisions::new(&system.document.decisions);
        let facts = facts::derive(system, &self.rule_facts, &self.rubric_facts);
        let (ratings, rated) = rate::rate(self, system, &facts.stakeholders, &mut decisions);
        let threats = threaten::threaten(self, system, &facts, &mut decisions);
        let policies = require::policies(self, system, &rated);
        let candidates = require::candidates(self, system, &facts, &threats, &policies, &mut decisions);
        let priority_assets = require::priority_assets(self, system, &facts);
        let plan = plan::plan(self, system, &candidates, &threats, &policies);
        Assessment {
            system: system.document.system.id.clone(),
            ratings,
            threats,
            candidates,
            policies,
            priority_assets,
            plan,
            stale: decisions.finish(),
        }
    }
}
