//! What measures do: which entries of the catalog act at each asset because of them.

use std::collections::BTreeSet;

use anshin_catalog::{Consequence, Relief};
use anshin_model::Id;
use indexmap::IndexMap;

use super::Terrain;
use crate::taken::MeasureState;

/// Which entries of the catalog act because of measures, each with the measure that counts first.
#[derive(Debug, Clone, Default)]
struct Found {
    hindrances: IndexMap<u16, Id>,
    reliefs: IndexMap<u16, Id>,
}

/// What measures do at each asset.
#[derive(Debug)]
pub(crate) struct Active {
    everywhere: Found,
    on: Vec<Found>,
    any_on: bool,
}

impl Active {
    pub(super) fn is_empty_on(&self, asset: usize) -> bool {
        self.everywhere.hindrances.is_empty() && (!self.any_on || self.on[asset].hindrances.is_empty())
    }

    pub(super) fn hindrance(&self, asset: usize, n: u16) -> Option<&Id> {
        self.everywhere.hindrances.get(&n).or_else(|| self.on[asset].hindrances.get(&n))
    }

    fn relief(&self, asset: usize, n: u16) -> Option<&Id> {
        self.everywhere.reliefs.get(&n).or_else(|| self.on[asset].reliefs.get(&n))
    }
}

impl<'a> Terrain<'a> {
    /// Which hindrances and reliefs each asset has when a set of measures is implemented.
    pub(crate) fn active(&self, state: &MeasureState) -> Active {
        let catalog = self.engine.catalog;
        let assets = self.system.profiles.len();
        let mut active =
            Active { everywhere: Found::default(), on: vec![Found::default(); assets], any_on: false };
        for taken in &state.taken {
            // A user's own measure stands for those of the catalog that meet the same requirement.
            let meets = |id: &Id| {
                catalog.measures.get(id).is_some_and(|measure| measure.requirement == taken.requirement)
            };
            let fits = |measures: &[Id], own: bool| {
                if let Some(measure) = &taken.measure {
                    measures.contains(measure)
                } else {
                    own && measures.iter().any(meets)
                }
            };
            let hindrances: Vec<u16> = (0u16..)
                .zip(catalog.hindrances.values())
                .filter(|(_, entry)| fits(&entry.measures, entry.own))
                .map(|(n, _)| n)
                .collect();
            let reliefs: Vec<u16> = (0u16..)
                .zip(catalog.reliefs.values())
                .filter(|(_, entry)| fits(&entry.measures, entry.own))
                .map(|(n, _)| n)
                .collect();
            if hindrances.is_empty() && reliefs.is_empty() {
                continue;
            }
            let give = |found: &mut Found| {
                for &n in &hindrances {
                    found.hindrances.entry(n).or_insert_with(|| taken.name.clone());
                }
                for &n in &reliefs {
                    found.reliefs.entry(n).or_insert_with(|| taken.name.clone());
                }
            };
            if taken.on.is_empty() {
                give(&mut active.everywhere);
            } else {
                active.any_on = true;
                for asset in taken.on.iter().filter_map(|id| self.system.assets.get(id.as_str())) {
                    give(&mut active.on[*asset]);
                }
            }
        }
        active
    }

    /// Reliefs of a consequence at an asset, each with its measure.
    ///
    /// They act where they are taken. Harm is also relieved where it is done: if everything that
    /// can hurt and obeys the asset has the measure.
    pub(crate) fn reliefs<'s>(
        &'s self,
        asset: usize,
        consequence: Consequence,
        active: &'s Active,
    ) -> Vec<(&'a Id, &'a Relief, &'s Id)> {
        let entries = &self.engine.catalog.reliefs;
        let fits = |n: u16, at: usize| self.engine.reliefs[usize::from(n)].holds(&self.facts[at]);
        let mut found = Vec::new();
        let harmful = if consequence == Consequence::Harm && active.any_on {
            self.harmful_below(asset)
        } else {
            Vec::new()
        };
        for (n, (id, entry)) in (0u16..).zip(entries).filter(|(_, (_, e))| e.consequence == consequence) {
            let here = active.relief(asset, n).filter(|_| fits(n, asset));
            let there = || {
                let first = harmful.first().and_then(|&at| active.relief(at, n))?;
                harmful.iter().all(|&at| active.relief(at, n).is_some() && fits(n, at)).then_some(first)
            };
            if let Some(measure) = here.or_else(there) {
                found.push((id, entry, measure));
            }
        }
        found
    }

    /// What can hurt and obeys an asset, itself included.
    fn harmful_below(&self, asset: usize) -> Vec<usize> {
        let mut seen = BTreeSet::from([asset]);
        let mut work = vec![asset];
        while let Some(n) = work.pop() {
            for &(other, hop) in self.system.neighbours(n) {
                let (other, link) = (other as usize, self.system.hops[hop as usize].link);
                if self.commands.reach_down(other, n, link) && seen.insert(other) {
                    work.push(other);
                }
            }
        }
        let hurts = |&n: &usize| {
            let profile = &self.system.profiles[n];
            profile.in_scope && profile.dangers.iter().any(|danger| danger.worst.is_some())
        };
        seen.into_iter().filter(hurts).collect()
    }
}
