//! Scenarios that stay outside the target whatever is done: how far they get, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::{Further, MeasureState, Path, Scenario, Scenarios, StepReason};
use anshin_catalog::Layer;
use anshin_choose::MeasureNumber;
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
    /// Measures of the catalog that are not on offer where they would act: one for each entry that
    /// could make a step of the path harder or the effect lighter.
    pub would_help: Vec<Help>,
    /// Whether all of them together would be enough.
    pub enough: bool,
}

/// A measure that would act on a scenario and is not on offer for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// The measure of the catalog.
    pub measure: Id,
    /// Whether the assessment asks for its requirement; then nobody who is named for it there can do
    /// this measure, which may belong to another phase of the system.
    pub asked: bool,
    /// Assets for which the plan has it already.
    pub chosen_at: Vec<Id>,
}

impl Posed<'_> {
    /// Whether a scenario is more than its stakeholder accepts, and nobody has accepted it.
    pub(crate) fn is_outside(&self, scenario: &Scenario) -> bool {
        scenario.further == Some(Further::OutsideTarget) && !self.accepted.contains_key(&scenario.id)
    }

    /// The scenarios that stay outside the target with everything that is on offer, what is refused
    /// among it. `chosen` are the measures of the plan.
    pub(crate) fn stuck(&self, chosen: &BTreeSet<MeasureNumber>) -> Vec<Stuck> {
        let everything = self.state(&(0..self.offers.len()).collect());
        let seen = self.terrain().scenarios(self.matrix(), &everything);
        let outside = seen.all.iter().filter(|scenario| self.is_outside(scenario));
        let chosen = self.state(chosen);
        outside.filter_map(|scenario| self.one(&seen, scenario, (&everything, &chosen))).collect()
    }

    fn one(
        &self,
        seen: &Scenarios,
        scenario: &Scenario,
        (everything, chosen): (&MeasureState, &MeasureState),
    ) -> Option<Stuck> {
        let (terrain, matrix) = (self.terrain(), self.matrix());
        let system = terrain.system();
        let catalog = system.catalog;
        let path = terrain.paths(seen, scenario).into_iter().next()?;
        let end = [(scenario.at, scenario.consequence)];
        let mut would_help: BTreeSet<&Id> = BTreeSet::new();
        let steps =
            terrain.step_ids(&seen.routes, *scenario.routes.first()?, scenario.at, scenario.consequence);
        for (id, step) in steps.iter().zip(&path.steps) {
            let layer = |reason: &StepReason| (reason.layer, reason.points);
            let there: BTreeMap<Layer, u8> = step.reasons.iter().map(layer).collect();
            let asset = terrain.target(*id);
            let fits = |id: &&Id| catalog.measures.get(*id).is_some_and(|known| system.fits(known, asset));
            for raise in terrain.raises(*id) {
                if raise.points > there.get(&raise.layer).copied().unwrap_or(0) {
                    would_help.extend(raise.hindrance.measures.iter().find(fits));
                }
            }
        }
        let lighter = terrain.relief_levels(everything, &end)[0];
        let alone = |measure: &Id| {
            let known = catalog.measures.get(measure)?;
            let on = system.fitting(known);
            (!on.is_empty()).then(|| MeasureState::bare().with(measure, &known.requirement, &on))
        };
        let helps = |measure: &&Id| {
            alone(measure).is_some_and(|alone| terrain.relief_levels(&alone, &end)[0] > lighter)
        };
        for relief in catalog.reliefs.values().filter(|relief| relief.consequence == scenario.consequence) {
            would_help.extend(relief.measures.iter().find(helps));
        }
        let mut with_all = everything.clone();
        with_all
            .taken
            .extend(would_help.iter().filter_map(|measure| alone(measure)).flat_map(|one| one.taken));
        let then = terrain.scenarios(matrix, &with_all);
        let below = matrix.counting_class().checked_sub(1);
        let help = |measure: &Id| {
            let of_it = chosen.taken.iter().filter(|taken| taken.measure.as_ref() == Some(measure));
            let chosen_at: BTreeSet<&Id> = of_it.flat_map(|taken| &taken.on).collect();
            let requirement = catalog.measures.get(measure).map(|known| &known.requirement);
            let mut candidates = terrain.assessment().candidates.iter();
            let asked = candidates.any(|c| Some(&c.requirement) == requirement && !c.rejected());
            Help { measure: measure.clone(), asked, chosen_at: chosen_at.into_iter().cloned().collect() }
        };
        Some(Stuck {
            scenario: scenario.id.clone(),
            path,
            needed: below.map(|class| matrix.likelihood[class].difficulty),
            enough: then.get(scenario.id.as_str()).is_some_and(|then| !self.is_outside(then)),
            would_help: catalog.measures.keys().filter(|id| would_help.contains(id)).map(help).collect(),
        })
    }
}
