//! The system as an attacker sees it: ways in, steps from asset to asset, and what makes each hard.
//!
//! A step has a difficulty made of layers of protection. Within a layer the strongest entry of the
//! catalog's rubric counts, layers add up, and every step takes at least one point. Measures that
//! count as implemented strengthen layers of the steps into the assets they are taken on; they
//! never weaken one, so a measure never makes a path easier.

mod active;
mod build;
mod step;

use anshin_catalog::{Consequence, Hindrance, Layer};
use anshin_model::Id;
use indexmap::IndexMap;

pub(crate) use active::Active;
use build::Words;
pub use step::{Path, Step, StepReason, Trust, Way};

use crate::assessment::Assessment;
use crate::effect::Effects;
use crate::engine::Engine;
use crate::facts::Commands;
use crate::path::{Graph, NONE, Route, Routes};
use crate::set::FactSet;
use crate::system::{System, index};

/// Highest difficulty of one step.
const HARDEST: u8 = 20;

/// A system made ready for many questions about attack paths.
#[derive(Debug)]
pub struct Terrain<'a> {
    pub(crate) engine: &'a Engine<'a>,
    pub(crate) system: &'a System<'a>,
    pub(crate) assessment: &'a Assessment,
    pub(crate) effects: Effects,
    commands: Commands,
    /// Facts of each asset, as far as the rubric of difficulty asks for them.
    facts: Vec<FactSet>,
    words: Words,
    /// What makes steps hard, shared by all steps with the same facts.
    profiles: IndexMap<FactSet, StepProfile>,
    legs: Vec<Leg>,
    pub(crate) graph: Graph,
    /// Node of each asset. Nodes are in the order of ids, so that ties do not hang on the order
    /// in which a document lists its assets.
    pub(crate) nodes: Vec<u32>,
    /// Assets of the nodes.
    assets: Vec<u32>,
}

/// A step, inside.
#[derive(Debug, Clone, Copy)]
struct Leg {
    from: u32,
    to: u32,
    way: LegWay,
    /// [`NONE`] for the half of a step that costs nothing.
    profile: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LegWay {
    Entry(u32),
    Link(u32),
    Trust(Trust, u32),
}

/// What makes a step with certain facts hard.
#[derive(Debug, Default)]
struct StepProfile {
    /// Points of each layer without measures.
    base: [u8; Layer::COUNT],
    /// Entries of the rubric that hold, by number.
    rules: Vec<u16>,
    /// Hindrances whose condition holds, by number.
    hindrances: Vec<u16>,
}

/// What measures could do about one step.
#[derive(Debug, Clone, Copy)]
pub struct Raise<'a> {
    /// The entry of the catalog.
    pub hindrance: &'a Hindrance,
    /// Its id.
    pub id: &'a Id,
    /// The layer that it strengthens.
    pub layer: Layer,
    /// How many points the layer has with it.
    pub points: u8,
}

/// A step of a path as planners see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepId {
    /// A step between assets, or the way in, by number.
    Leg(u32),
    /// From an asset, by number in the document, to a consequence.
    Impact(u32, Consequence),
}

impl<'a> Terrain<'a> {
    /// The system.
    pub fn system(&self) -> &'a System<'a> {
        self.system
    }

    /// The assessment that the scenarios come from.
    pub fn assessment(&self) -> &'a Assessment {
        self.assessment
    }

    /// The profile of steps with certain facts, made if it is not there yet.
    fn profile(&mut self, facts: FactSet) -> u32 {
        if let Some(at) = self.profiles.get_index_of(&facts) {
            return index(at);
        }
        let engine = self.engine;
        let mut profile = StepProfile::default();
        for (n, (condition, entry)) in
            (0u16..).zip(engine.difficulty.iter().zip(engine.catalog.difficulty.values()))
        {
            if condition.holds(&facts) {
                let layer = &mut profile.base[entry.layer as usize];
                *layer = (*layer).max(entry.points);
                profile.rules.push(n);
            }
        }
        for (n, condition) in (0u16..).zip(&engine.hindrances) {
            if condition.holds(&facts) {
                profile.hindrances.push(n);
            }
        }
        index(self.profiles.insert_full(facts, profile).0)
    }

    fn impact_facts(&self, asset: usize, consequence: Consequence) -> FactSet {
        let mut facts = self.facts[asset];
        facts.insert(self.words.impact);
        facts.insert(self.words.consequences[consequence as usize]);
        facts
    }

    fn impact_profile(&self, asset: usize, consequence: Consequence) -> Option<&StepProfile> {
        self.profiles.get(&self.impact_facts(asset, consequence))
    }

    /// Points of a step's layers when measures are implemented.
    fn layers(&self, profile: &StepProfile, asset: usize, active: &Active) -> [u8; Layer::COUNT] {
        let mut layers = profile.base;
        if !active.is_empty_on(asset) {
            let catalog = self.engine.catalog;
            for &n in &profile.hindrances {
                if active.hindrance(asset, n).is_some() {
                    let entry = &catalog.hindrances[usize::from(n)];
                    let layer = &mut layers[entry.layer as usize];
                    *layer = (*layer).max(entry.points);
                }
            }
        }
        layers
    }

    /// Points of every leg.
    pub(crate) fn costs(&self, active: &Active) -> Vec<u8> {
        let bare: Vec<u8> = self.profiles.values().map(|profile| total(&profile.base)).collect();
        let cost = |leg: &Leg| {
            if leg.profile == NONE {
                return 0;
            }
            let asset = self.assets[leg.to as usize] as usize;
            if active.is_empty_on(asset) {
                return bare[leg.profile as usize];
            }
            total(&self.layers(&self.profiles[leg.profile as usize], asset, active))
        };
        self.legs.iter().map(cost).collect()
    }

    /// Points of the step from an asset to a consequence.
    pub(crate) fn impact_cost(&self, asset: usize, consequence: Consequence, active: &Active) -> u8 {
        let profile = self.impact_profile(asset, consequence);
        profile.map_or(1, |profile| total(&self.layers(profile, asset, active)))
    }

    /// The steps of a path to a consequence at an asset, as planners see them.
    pub fn step_ids(
        &self,
        routes: &Routes,
        route: Route,
        asset: usize,
        consequence: Consequence,
    ) -> Vec<StepId> {
        let legs = routes.legs(route).into_iter().filter(|&leg| self.legs[leg as usize].profile != NONE);
        legs.map(StepId::Leg).chain([StepId::Impact(index(asset), consequence)]).collect()
    }

    /// The asset that a step leads to.
    pub fn target(&self, step: StepId) -> usize {
        match step {
            StepId::Leg(leg) => self.assets[self.legs[leg as usize].to as usize] as usize,
            StepId::Impact(asset, _) => asset as usize,
        }
    }

    fn step_profile(&self, step: StepId) -> Option<&StepProfile> {
        match step {
            StepId::Leg(leg) => {
                self.profiles.get_index(self.legs[leg as usize].profile as usize).map(|(_, p)| p)
            }
            StepId::Impact(asset, consequence) => self.impact_profile(asset as usize, consequence),
        }
    }

    /// Points of each layer of a step without measures, in the order of [`Layer::ALL`]. The
    /// difficulty of the step is their sum, at least 1 and at most 20.
    pub fn bare_layers(&self, step: StepId) -> [u8; Layer::COUNT] {
        self.step_profile(step).map_or([0; Layer::COUNT], |profile| profile.base)
    }

    /// What measures taken on the asset that a step leads to would do about it.
    pub fn raises(&self, step: StepId) -> Vec<Raise<'a>> {
        let entries = &self.engine.catalog.hindrances;
        let numbers = self.step_profile(step).map_or(&[][..], |profile| &profile.hindrances);
        let raise = |&n: &u16| {
            let (id, hindrance) = entries.get_index(usize::from(n))?;
            Some(Raise { hindrance, id, layer: hindrance.layer, points: hindrance.points })
        };
        numbers.iter().filter_map(raise).collect()
    }
}

/// The difficulty of a step from its layers.
fn total(layers: &[u8; Layer::COUNT]) -> u8 {
    let sum: u32 = layers.iter().map(|&points| u32::from(points)).sum();
    u8::try_from(sum.clamp(1, u32::from(HARDEST))).unwrap_or(HARDEST)
}
