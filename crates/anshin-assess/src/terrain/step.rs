//! Steps and paths as values: what a path is made of, and why each step is as hard as it is.

use anshin_catalog::{Consequence, EntryPoint, Layer};
use anshin_model::{Id, Text};

use super::{Active, Leg, LegWay, Terrain, total};
use crate::path::{self, Graph, NONE, Route, Routes};
use crate::system::index;
use crate::taken::MeasureState;

/// Why an asset that is taken over opens another without a link of its own between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Who delivers updates runs the asset that is taken over.
    Update,
    /// Who maintains from afar runs the asset that is taken over.
    Maintenance,
    /// Both are operated with the same accounts.
    Account,
}

impl Trust {
    pub(super) const ALL: [Trust; 3] = [Trust::Update, Trust::Maintenance, Trust::Account];

    /// The word in JSON and in facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Trust::Update => "update",
            Trust::Maintenance => "maintenance",
            Trust::Account => "account",
        }
    }
}

/// How an attacker takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// In from outside, by an entry point of the catalog.
    Entry(Id),
    /// Over a link of the document.
    Link(Id),
    /// Over what somebody may do to both assets; the stakeholder.
    Trust(Trust, Id),
    /// From control over the last asset to the consequence.
    Impact(Consequence),
}

impl Way {
    /// The word in JSON and in facts.
    pub fn as_str(&self) -> &'static str {
        match self {
            Way::Entry(_) => "entry",
            Way::Link(_) => "link",
            Way::Trust(trust, _) => trust.as_str(),
            Way::Impact(_) => "impact",
        }
    }
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How it is taken.
    pub way: Way,
    /// Where it starts; `None` from outside.
    pub from: Option<Id>,
    /// The asset that the attacker has afterwards.
    pub to: Id,
    /// Points, the sum over the layers, 1 to 20.
    pub difficulty: u8,
    /// What the points are made of: the entry that counts in each layer.
    pub reasons: Vec<StepReason>,
}

/// What makes a step hard in one layer of protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReason {
    /// The layer.
    pub layer: Layer,
    /// Its points.
    pub points: u8,
    /// The entry of the catalog's section `difficulty`, or of `hindrances` if a measure counts.
    pub rule: Id,
    /// The measure that counts, if it is one.
    pub measure: Option<Id>,
    /// Why.
    pub why: Text,
}

/// An attack path from outside to a consequence at an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The way in, an entry point of the catalog.
    pub entry: Id,
    /// The steps in order; the last leads from the asset to the consequence.
    pub steps: Vec<Step>,
    /// Points of all steps together.
    pub difficulty: u16,
    /// The step that carries the path: the hardest one, the first of equals.
    pub carrying: usize,
}

impl Terrain<'_> {
    /// The entry point of the catalog at which a path begins.
    pub(crate) fn entry_of(&self, routes: &Routes, route: Route) -> Option<(&Id, &EntryPoint)> {
        let ways = routes.legs(route).into_iter().map(|leg| self.legs[leg as usize].way);
        let mut entries = ways.filter_map(|way| if let LegWay::Entry(n) = way { Some(n) } else { None });
        self.engine.catalog.entry_points.get_index(entries.next()? as usize)
    }

    /// The graph with one entry point of the catalog as the only way in.
    pub(crate) fn only_by(&self, entry: &Id) -> Graph {
        let only = self.engine.catalog.entry_points.get_index_of(entry).map(index);
        self.graph.with_ways_in(|leg| match self.legs[leg as usize].way {
            LegWay::Entry(n) => Some(n) == only,
            LegWay::Link(_) | LegWay::Trust(..) => false,
        })
    }

    /// The easiest path through a graph of these legs to a consequence at an asset.
    pub(crate) fn easiest(
        &self,
        graph: &Graph,
        (asset, consequence): (usize, Consequence),
        state: &MeasureState,
    ) -> Option<Path> {
        let active = self.active(state);
        let routes = path::easiest(graph, &self.costs(&active), 1);
        let route = routes.to(self.nodes[asset]).next()?;
        Some(self.describe(&routes, route, (asset, consequence), &active))
    }

    /// A path with everything that is known about its steps.
    pub(crate) fn describe(
        &self,
        routes: &Routes,
        route: Route,
        (asset, consequence): (usize, Consequence),
        active: &Active,
    ) -> Path {
        let asset_id = |node: u32| {
            let asset = self.assets.get(node as usize)?;
            Some(self.system.document.assets[*asset as usize].id.clone())
        };
        let mut steps: Vec<Step> = Vec::new();
        let mut entry = Id::from("");
        let mut source = None;
        for leg in routes.legs(route) {
            let Leg { to, way, profile, .. } = self.legs[leg as usize];
            if profile == NONE {
                continue;
            }
            let Some(to_id) = asset_id(to) else { continue };
            let way = match way {
                LegWay::Entry(n) => {
                    let point = self.engine.catalog.entry_points.get_index(n as usize);
                    entry = point.map_or(entry, |(id, _)| id.clone());
                    Way::Entry(entry.clone())
                }
                LegWay::Link(n) => Way::Link(self.system.document.links[n as usize].id()),
                LegWay::Trust(trust, n) => {
                    Way::Trust(trust, self.system.document.stakeholders[n as usize].id.clone())
                }
            };
            let target = self.assets[to as usize] as usize;
            steps.push(self.step(way, source.replace(to_id.clone()), to_id, (profile, target), active));
        }
        let end = self.system.document.assets[asset].id.clone();
        let at = self.profiles.get_index_of(&self.impact_facts(asset, consequence)).map_or(NONE, index);
        steps.push(self.step(Way::Impact(consequence), source, end, (at, asset), active));
        let hardest = steps.iter().map(|step| step.difficulty).max().unwrap_or(0);
        Path {
            entry,
            difficulty: steps.iter().map(|step| u16::from(step.difficulty)).sum(),
            carrying: steps.iter().position(|step| step.difficulty == hardest).unwrap_or(0),
            steps,
        }
    }

    fn step(
        &self,
        way: Way,
        from: Option<Id>,
        to: Id,
        (profile, asset): (u32, usize),
        active: &Active,
    ) -> Step {
        let catalog = self.engine.catalog;
        let Some((_, profile)) = self.profiles.get_index(profile as usize) else {
            return Step { way, from, to, difficulty: 1, reasons: Vec::new() };
        };
        let mut reasons: Vec<StepReason> = Vec::new();
        for layer in Layer::ALL {
            let own = profile.rules.iter().filter_map(|&n| catalog.difficulty.get_index(usize::from(n)));
            let own = own.filter(|(_, entry)| entry.layer == layer).map(|(id, entry)| StepReason {
                layer,
                points: entry.points,
                rule: id.clone(),
                measure: None,
                why: entry.why.clone(),
            });
            let by_measure = profile.hindrances.iter().filter_map(|&n| {
                let measure = active.hindrance(asset, n)?;
                let (id, entry) = catalog.hindrances.get_index(usize::from(n))?;
                (entry.layer == layer).then(|| StepReason {
                    layer,
                    points: entry.points,
                    rule: id.clone(),
                    measure: Some(measure.clone()),
                    why: entry.why.clone(),
                })
            });
            // Of equals the first: what holds without a measure, in the order of the catalog.
            let mut strongest: Option<StepReason> = None;
            for reason in own.chain(by_measure) {
                if strongest.as_ref().is_none_or(|best| best.points < reason.points) {
                    strongest = Some(reason);
                }
            }
            reasons.extend(strongest);
        }
        let difficulty = total(&self.layers(profile, asset, active));
        Step { way, from, to, difficulty, reasons }
    }
}
