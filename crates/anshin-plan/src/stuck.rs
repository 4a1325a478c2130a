//! Scenarios that stay outside the target whatever is done: how far they get, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::{MeasureState, Path, Scenario, Scenarios, StepReason, is_outside};
use anshin_catalog::Layer;
use anshin_model::Id;

use crate::of_system::Posed;

/// A scenario that stays outside the target even with everything that is on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Its id.
    pub scenario: Id,
    /// Its easiest path with everything that is on offer.
    pub path: Path,
    /// Points of the path from which on the scenario would be inside; `None` if no difficulty is
    /// enough.
    pub needed: Option<u16>,
    /// Measures of the catalog that are not on offer and would act: one for each entry that could
    /// make a step of the path harder or the effect lighter.
    pub would_help: Vec<Id>,
    /// Whether all of them together would be enough.
    pub enough: bool,
}

impl Posed<'_> {
    /// Whether a scenario is more than its stakeholder accepts, and nobody has accepted it.
    pub(crate) fn is_outside(&self, scenario: &Scenario) -> bool {
        let targets = self.terrain().system().document.targets;
        !self.accepted.contains_key(&scenario.id)
            && !scenario.routes.is_empty()
            && is_outside(targets, self.matrix(), (scenario.recovery, scenario.economic), scenario.likelihood)
    }

    /// The scenarios that stay outside the target with everything that is on offer, what is refused
    /// among it.
    pub(crate) fn stuck(&self) -> Vec<Stuck> {
        let everything = self.state(&(0..self.offers.len()).collect());
        let seen = self.terrain().scenarios(self.matrix(), &everything);
        let outside = seen.all.iter().filter(|scenario| self.is_outside(scenario));
        outside.filter_map(|scenario| self.one(&seen, scenario, &everything)).collect()
    }

    fn one(&self, seen: &Scenarios, scenario: &Scenario, everything: &MeasureState) -> Option<Stuck> {
        let (terrain, matrix) = (self.terrain(), self.matrix());
        let catalog = terrain.system().catalog;
        let path = terrain.paths(seen, scenario).into_iter().next()?;
        let end = [(scenario.at, scenario.consequence)];
        let mut would_help: BTreeSet<&Id> = BTreeSet::new();
        let steps =
            terrain.step_ids(&seen.routes, *scenario.routes.first()?, scenario.at, scenario.consequence);
        for (id, step) in steps.iter().zip(&path.steps) {
            let layer = |reason: &StepReason| (reason.layer, reason.points);
            let there: BTreeMap<Layer, u8> = step.reasons.iter().map(layer).collect();
            for raise in terrain.raises(*id) {
                if raise.points > there.get(&raise.layer).copied().unwrap_or(0) {
                    would_help.extend(raise.hindrance.measures.first());
                }
            }
        }
        let lighter = terrain.relief_levels(everything, &end)[0];
        let alone = |measure: &Id| match catalog.measures.get(measure) {
            Some(known) => MeasureState::bare().with(measure, &known.requirement, &[]),
            None => MeasureState::bare(),
        };
        for relief in catalog.reliefs.values().filter(|relief| relief.consequence == scenario.consequence) {
            let first = relief.measures.first();
            would_help.extend(first.filter(|m| terrain.relief_levels(&alone(m), &end)[0] > lighter));
        }
        let mut with_all = everything.clone();
        for measure in &would_help {
            with_all.taken.extend(alone(measure).taken);
        }
        let then = terrain.scenarios(matrix, &with_all);
        let below = matrix.counting_class().checked_sub(1);
        Some(Stuck {
            scenario: scenario.id.clone(),
            path,
            needed: below.map(|class| matrix.likelihood[class].difficulty),
            enough: then.get(scenario.id.as_str()).is_some_and(|then| !self.is_outside(then)),
            would_help: catalog.measures.keys().filter(|id| would_help.contains(id)).cloned().collect(),
        })
    }
}
