//! The catalog as a whole: its entries by section and id, and what kinds inherit from each other.

use anshin_model::Id;
use anshin_model::shape::Vocabulary;
use indexmap::IndexMap;

use crate::attack::{Difficulty, Hindrance, Matrix, Relief};
use crate::cost::{Dependency, EffortCost, Impairment};
use crate::entry::{Named, Source};
use crate::facts::Fact;
use crate::kind::{AssetKind, DataKind, HazardKind, KindHazard, Mark, Medium, Protocol, Safeguard, ZoneKind};
use crate::loss::{CostItem, DefaultRange};
use crate::meter::{MeterMap, Shared};
use crate::rating::{Policy, PriorityRule, RubricEntry};
use crate::requirement::{Measure, Requirement, RequirementRule};
use crate::threat::{Alert, EntryPoint, Threat, ThreatRule};

/// Everything that is known, by section and id.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// Documents that entries come from.
    pub sources: IndexMap<Id, Source>,
    /// Properties that an asset can have.
    pub traits: IndexMap<Id, Named>,
    /// Kinds of assets.
    pub asset_kinds: IndexMap<Id, AssetKind>,
    /// Kinds of places and network segments.
    pub zone_kinds: IndexMap<Id, ZoneKind>,
    /// What links go over.
    pub media: IndexMap<Id, Medium>,
    /// What links speak.
    pub protocols: IndexMap<Id, Protocol>,
    /// Kinds of information.
    pub data_kinds: IndexMap<Id, DataKind>,
    /// Ways in which things hurt people.
    pub hazards: IndexMap<Id, HazardKind>,
    /// What keeps things from hurting people.
    pub safeguards: IndexMap<Id, Safeguard>,
    /// Ways into a system.
    pub entry_points: IndexMap<Id, EntryPoint>,
    /// Facts that the program derives.
    pub facts: IndexMap<Id, Fact>,
    /// Threats.
    pub threats: IndexMap<Id, Threat>,
    /// From facts to threats.
    pub threat_rules: IndexMap<Id, ThreatRule>,
    /// Requirements.
    pub requirements: IndexMap<Id, Requirement>,
    /// From threats and facts to requirements.
    pub requirement_rules: IndexMap<Id, RequirementRule>,
    /// Measures.
    pub measures: IndexMap<Id, Measure>,
    /// From facts to levels.
    pub rubric: IndexMap<Id, RubricEntry>,
    /// Directions for stakeholders outside the target.
    pub policies: IndexMap<Id, Policy>,
    /// From facts to the assets to begin with.
    pub priority_rules: IndexMap<Id, PriorityRule>,
    /// What makes a step of an attack path hard.
    pub difficulty: IndexMap<Id, Difficulty>,
    /// What measures make a step of an attack path harder.
    pub hindrances: IndexMap<Id, Hindrance>,
    /// What measures make an effect lighter.
    pub reliefs: IndexMap<Id, Relief>,
    /// How risk is read from effect and likelihood.
    pub matrices: IndexMap<Id, Matrix>,
    /// Costs of an incident.
    pub cost_items: IndexMap<Id, CostItem>,
    /// Ranges where the user has given no number.
    pub default_ranges: IndexMap<Id, DefaultRange>,
    /// What measures cost by class of effort.
    pub efforts: IndexMap<Id, EffortCost>,
    /// What it counts that a measure can weaken something.
    pub impairments: IndexMap<Id, Impairment>,
    /// How measures depend on each other.
    pub dependencies: IndexMap<Id, Dependency>,
    /// What the alerts of the monitor mean.
    pub alerts: IndexMap<Id, Alert>,
    /// What machines share.
    pub shared: IndexMap<Id, Shared>,
    /// Power meters by their registers, in the order in which they are tried.
    pub meters: IndexMap<Id, MeterMap>,
}

impl Catalog {
    /// The words that documents may use.
    pub fn vocabulary(&self) -> Vocabulary {
        let mut vocabulary = Vocabulary::default();
        for &name in crate::format::VOCABULARIES {
            vocabulary.add(name, self.ids(name).unwrap_or_default().into_iter().map(ToString::to_string));
        }
        vocabulary
    }

    /// The ids of a section, by the section's name in files.
    pub fn ids(&self, section: &str) -> Option<Vec<&Id>> {
        macro_rules! keys {
            ($($name:literal => $field:ident,)*) => {
                match section { $($name => Some(self.$field.keys().collect()),)* _ => None }
            };
        }
        keys! {
            "sources" => sources, "traits" => traits, "asset-kinds" => asset_kinds, "zone-kinds" => zone_kinds,
            "media" => media, "protocols" => protocols, "data-kinds" => data_kinds, "hazards" => hazards,
            "safeguards" => safeguards, "entry-points" => entry_points, "facts" => facts, "threats" => threats,
            "threat-rules" => threat_rules, "requirements" => requirements,
            "requirement-rules" => requirement_rules, "measures" => measures, "rubric" => rubric,
            "policies" => policies, "priority-rules" => priority_rules, "difficulty" => difficulty,
            "hindrances" => hindrances, "reliefs" => reliefs, "matrices" => matrices,
            "cost-items" => cost_items, "default-ranges" => default_ranges,
            "efforts" => efforts, "impairments" => impairments, "dependencies" => dependencies,
            "alerts" => alerts, "shared" => shared, "meters" => meters,
        }
    }

    /// A kind and all kinds above it, itself first.
    ///
    /// The catalog is checked when it is loaded, so the walk ends.
    pub fn kind_and_above<'a>(
        &'a self,
        kind: &Id,
    ) -> impl Iterator<Item = (&'a Id, &'a AssetKind)> + use<'a> {
        let mut next = self.asset_kinds.get_key_value(kind);
        std::iter::from_fn(move || {
            let current = next?;
            next = current.1.parent(current.0).and_then(|parent| self.asset_kinds.get_key_value(&parent));
            Some(current)
        })
    }

    /// The traits of a kind, its own and those it inherits.
    pub fn traits_of(&self, kind: &Id) -> Vec<Id> {
        let chain: Vec<_> = self.kind_and_above(kind).collect();
        let mut traits: Vec<Id> = Vec::new();
        for (_, kind) in chain.iter().rev() {
            traits.retain(|own| !kind.without.contains(own));
            for own in &kind.traits {
                if !traits.contains(own) {
                    traits.push(own.clone());
                }
            }
        }
        traits
    }

    /// The hazards of a kind: its own, or the nearest above that has any.
    pub fn hazards_of(&self, kind: &Id) -> &[KindHazard] {
        self.kind_and_above(kind)
            .map(|(_, kind)| kind.hazards.as_slice())
            .find(|h| !h.is_empty())
            .unwrap_or(&[])
    }

    /// The marks of a data kind, its own and those of the kinds above.
    pub fn marks_of(&self, kind: &Id) -> Vec<Mark> {
        let mut marks: Vec<Mark> = kind
            .with_parents()
            .filter_map(|id| self.data_kinds.get(id))
            .flat_map(|kind| kind.marks.iter().copied())
            .collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}
