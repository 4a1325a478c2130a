//! The system as an attacker sees it: ways in, steps from asset to asset, and what makes each hard.
//!
//! A step has a difficulty made of layers of protection. Within a layer the strongest entry of the
//! catalog's rubric counts, layers add up, and every step takes at least one point. Measures that
//! count as implemented strengthen layers of the steps into the assets they are taken on; they
//! never weaken one, so a measure never makes a path easier.

use std::collections::BTreeSet;

use anshin_catalog::{Consequence, Hindrance, Layer, MediumKind, Relief};
use anshin_model::document::Protection;
use anshin_model::{Id, Text};
use indexmap::IndexMap;

use crate::assessment::Assessment;
use crate::effect::Effects;
use crate::engine::Engine;
use crate::facts::{self, Commands, Reached};
use crate::path::{Arc, Graph, NONE, Route, Routes};
use crate::set::{FactIndex, FactSet, Universe};
use crate::system::{System, index};
use crate::taken::MeasureState;

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
    const ALL: [Trust; 3] = [Trust::Update, Trust::Maintenance, Trust::Account];

    /// The word in JSON and in facts.
    pub fn as_str(self) -> &'static str {
        match self {
            Trust::Update => "update",
            Trust::Maintenance => "maintenance",
            Trust::Account => "account",
        }
    }
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

/// Facts of steps by number.
#[derive(Debug)]
struct Words {
    entry: Option<FactIndex>,
    link: Option<FactIndex>,
    trusts: [Option<FactIndex>; 3],
    impact: Option<FactIndex>,
    via: Vec<Option<FactIndex>>,
    mediums: [Option<FactIndex>; 5],
    encrypted: Option<FactIndex>,
    authenticated: Option<FactIndex>,
    allow_listed: Option<FactIndex>,
    commands: Option<FactIndex>,
    cleartext: Option<FactIndex>,
    in_between: Option<FactIndex>,
    zones: [Option<FactIndex>; 2],
    consequences: [Option<FactIndex>; 4],
}

impl Words {
    fn new(engine: &Engine<'_>) -> Self {
        let universe: &Universe = &engine.step_facts;
        let member = |family: &str, word: &str| universe.member(family, word);
        Self {
            entry: member("step", "entry"),
            link: member("step", "link"),
            trusts: Trust::ALL.map(|trust| member("step", trust.as_str())),
            impact: member("step", "impact"),
            via: engine.catalog.entry_points.keys().map(|id| member("via", id.as_str())).collect(),
            mediums: ["wired", "wireless", "internet", "removable", "local"]
                .map(|word| member("medium", word)),
            encrypted: member("link", "encrypted"),
            authenticated: member("link", "authenticated"),
            allow_listed: member("link", "allow-listed"),
            commands: member("link", "commands"),
            cleartext: member("link", "cleartext"),
            in_between: universe.index("in-between"),
            zones: ["same", "other"].map(|word| member("zones", word)),
            consequences: Consequence::ALL.map(|c| member("consequence", c.as_str())),
        }
    }

    fn medium(&self, kind: MediumKind) -> Option<FactIndex> {
        self.mediums[match kind {
            MediumKind::Wired => 0,
            MediumKind::Wireless => 1,
            MediumKind::Internet => 2,
            MediumKind::Removable => 3,
            MediumKind::Local => 4,
        }]
    }
}

impl<'a> Engine<'a> {
    /// Makes a system ready for questions about attack paths.
    pub fn terrain(&'a self, system: &'a System<'a>, assessment: &'a Assessment) -> Terrain<'a> {
        Builder::new(self, system, assessment).build()
    }
}

struct Builder<'a> {
    terrain: Terrain<'a>,
    reached: Vec<Reached>,
}

impl<'a> Builder<'a> {
    fn new(engine: &'a Engine<'a>, system: &'a System<'a>, assessment: &'a Assessment) -> Self {
        let reached = facts::reach(system);
        let mut assets: Vec<u32> = (0..index(system.profiles.len())).collect();
        assets.sort_by_key(|&n| &system.document.assets[n as usize].id);
        let mut nodes = vec![NONE; assets.len()];
        for (node, &asset) in assets.iter().enumerate() {
            nodes[asset as usize] = index(node);
        }
        let terrain = Terrain {
            engine,
            system,
            assessment,
            effects: Effects::new(engine, system),
            commands: Commands::new(system),
            facts: facts::of_assets(system, &engine.step_facts, &reached),
            words: Words::new(engine),
            profiles: IndexMap::new(),
            legs: Vec::new(),
            graph: Graph::default(),
            nodes,
            assets,
        };
        Self { terrain, reached }
    }

    fn build(mut self) -> Terrain<'a> {
        let assets = self.terrain.assets.clone();
        for &asset in &assets {
            self.entries(asset as usize);
        }
        for &asset in &assets {
            self.links(asset as usize);
        }
        let hubs = self.trusts(&assets);
        // Every consequence at every asset that has one is asked about sooner or later.
        for &asset in &assets {
            for consequence in Consequence::ALL {
                let facts = self.terrain.impact_facts(asset as usize, consequence);
                self.terrain.profile(facts);
            }
        }
        let mut terrain = self.terrain;
        let arcs = terrain.legs.iter().map(|leg| Arc { from: leg.from, to: leg.to }).collect();
        terrain.graph = Graph::new(assets.len() + hubs, arcs);
        terrain
    }

    fn add(&mut self, from: u32, to: u32, way: LegWay, facts: FactSet) {
        let profile = self.terrain.profile(facts);
        self.terrain.legs.push(Leg { from, to, way, profile });
    }

    /// The ways in that are open to an asset.
    fn entries(&mut self, asset: usize) {
        let exposed = self.reached[asset].exposed;
        for entry in (0..self.terrain.words.via.len().min(32)).filter(|n| exposed >> n & 1 == 1) {
            let words = &self.terrain.words;
            let mut facts = self.terrain.facts[asset];
            facts.insert(words.entry);
            facts.insert(words.via[entry]);
            self.opened_by_links(asset, entry, &mut facts);
            self.add(NONE, self.terrain.nodes[asset], LegWay::Entry(index(entry)), facts);
        }
    }

    /// Protections of the links that open a way in: those that every one of them has.
    ///
    /// Where the place or a trait of the asset opens it, no link protects.
    fn opened_by_links(&self, asset: usize, entry: usize, facts: &mut FactSet) {
        let system = self.terrain.system;
        let id = self.terrain.engine.catalog.entry_points.get_index(entry).map(|(id, _)| id);
        let opens = |exposes: &[Id]| exposes.iter().any(|own| Some(own) == id);
        let described = &system.document.assets[asset];
        let zone = described.zone.as_ref().and_then(|zone| system.zones.get(zone.as_str()));
        let by_zone = zone
            .and_then(|&zone| system.catalog.zone_kinds.get(&system.document.zones[zone].kind))
            .is_some_and(|kind| opens(&kind.exposes));
        let links: BTreeSet<usize> = system
            .neighbours(asset)
            .iter()
            .map(|&(_, hop)| system.hops[hop as usize].link as usize)
            .filter(|&link| {
                let over = system.document.links[link].over.as_ref();
                over.and_then(|over| system.catalog.media.get(over)).is_some_and(|m| opens(&m.exposes))
            })
            .collect();
        let words = &self.terrain.words;
        for &link in &links {
            facts.insert(system.medium_kind(link).and_then(|kind| words.medium(kind)));
            if system.is_cleartext(link) {
                facts.insert(words.cleartext);
            }
        }
        if by_zone || links.is_empty() {
            return;
        }
        facts.insert(words.in_between);
        let all = |protection: Protection| {
            links.iter().all(|&link| system.document.links[link].protections.contains(&protection))
        };
        if links.iter().all(|&link| !system.is_cleartext(link)) {
            facts.insert(words.encrypted);
        }
        if all(Protection::Authenticated) {
            facts.insert(words.authenticated);
        }
        if all(Protection::AllowListed) {
            facts.insert(words.allow_listed);
        }
    }

    /// The steps over links from an asset to its neighbours.
    fn links(&mut self, asset: usize) {
        let system = self.terrain.system;
        if system.profiles[asset].has("isolated") {
            return;
        }
        let mut hops: Vec<(u32, u32)> = system
            .neighbours(asset)
            .iter()
            .map(|&(other, hop)| (other, system.hops[hop as usize].link))
            .collect();
        hops.sort_by_cached_key(|&(other, link)| {
            (self.terrain.nodes[other as usize], system.document.links[link as usize].id())
        });
        for (other, link) in hops {
            let (from, to) = (asset, other as usize);
            let described = &system.document.links[link as usize];
            // The way back of a link over which data goes one way only is no way.
            let backwards =
                described.protections.contains(&Protection::OneWay) && !self.leads_on(described, from, to);
            if system.profiles[to].has("isolated") || backwards {
                continue;
            }
            let facts = self.link_facts(from, to, link as usize);
            self.add(self.terrain.nodes[from], self.terrain.nodes[to], LegWay::Link(link), facts);
        }
    }

    /// Whether a link goes from one asset on to the other.
    fn leads_on(&self, link: &anshin_model::document::Link, from: usize, to: usize) -> bool {
        let assets = &self.terrain.system.document.assets;
        let order: Vec<&Id> =
            std::iter::once(&link.from).chain(&link.through).chain(std::iter::once(&link.to)).collect();
        order.windows(2).any(|pair| *pair[0] == assets[from].id && *pair[1] == assets[to].id)
    }

    fn link_facts(&self, from: usize, to: usize, link: usize) -> FactSet {
        let (system, words) = (self.terrain.system, &self.terrain.words);
        let described = &system.document.links[link];
        let assets = &system.document.assets;
        let mut facts = self.terrain.facts[to];
        facts.insert(words.link);
        facts.insert(system.medium_kind(link).and_then(|kind| words.medium(kind)));
        let clear = system.is_cleartext(link);
        facts.insert(if clear { words.cleartext } else { words.encrypted });
        if described.protections.contains(&Protection::Authenticated) {
            facts.insert(words.authenticated);
        }
        if described.protections.contains(&Protection::AllowListed) {
            facts.insert(words.allow_listed);
        }
        let is_end = described.from == assets[from].id || described.to == assets[from].id;
        if !is_end {
            facts.insert(words.in_between);
        }
        let commands = &self.terrain.commands;
        // What acts obeys what commands it, and a controller obeys what commands it from above.
        let (acts, decides) = (commands.acts[to], commands.decides[to]);
        let from_above = commands.decides[from] && acts;
        let carried = commands.carried[link] && is_end;
        if from_above || (carried && (acts || (decides && described.to == assets[to].id))) {
            facts.insert(words.commands);
        }
        let same = assets[from].zone.is_some() && assets[from].zone == assets[to].zone;
        facts.insert(words.zones[usize::from(!same)]);
        facts
    }

    /// Steps over what a stakeholder may do: from each asset that it runs to each that trusts it,
    /// by way of one node for the stakeholder, so that their number stays small.
    fn trusts(&mut self, assets: &[u32]) -> usize {
        let system = self.terrain.system;
        let mut stakeholders: Vec<usize> = (0..system.document.stakeholders.len()).collect();
        stakeholders.sort_by_key(|&n| &system.document.stakeholders[n].id);
        let mut hub = index(assets.len());
        let networked = |n: usize| !system.neighbours(n).is_empty() && !system.profiles[n].has("isolated");
        for (kind, trust) in Trust::ALL.into_iter().enumerate() {
            for &who in &stakeholders {
                let profile = |n: usize| &system.profiles[n];
                let runs = |n: usize| networked(n) && profile(n).operator == Some(who);
                let opens = |n: usize| {
                    networked(n)
                        && match trust {
                            Trust::Update => {
                                profile(n).updater == Some(who)
                                    && profile(n).operator != Some(who)
                                    && profile(n).has("remote-updatable")
                            }
                            Trust::Maintenance => {
                                profile(n).maintainer == Some(who)
                                    && profile(n).operator != Some(who)
                                    && profile(n).has("remote-maintained")
                            }
                            Trust::Account => runs(n) && profile(n).has("shared-accounts"),
                        }
                };
                let holds_key = |n: usize| match trust {
                    Trust::Account => opens(n),
                    Trust::Update | Trust::Maintenance => runs(n) && profile(n).has("general-purpose"),
                };
                let list = |fits: &dyn Fn(usize) -> bool| -> Vec<usize> {
                    assets.iter().map(|&n| n as usize).filter(|&n| fits(n)).collect()
                };
                let targets = list(&opens);
                if targets.is_empty() {
                    continue;
                }
                let sources = list(&holds_key);
                if sources.is_empty() || sources == targets && targets.len() == 1 {
                    continue;
                }
                let way = LegWay::Trust(trust, index(who));
                for from in sources {
                    let from = self.terrain.nodes[from];
                    self.terrain.legs.push(Leg { from, to: hub, way, profile: NONE });
                }
                for to in targets {
                    let mut facts = self.terrain.facts[to];
                    facts.insert(self.terrain.words.trusts[kind]);
                    self.add(hub, self.terrain.nodes[to], way, facts);
                }
                hub += 1;
            }
        }
        hub as usize - assets.len()
    }
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

/// The difficulty of a step from its layers.
fn total(layers: &[u8; Layer::COUNT]) -> u8 {
    let sum: u32 = layers.iter().map(|&points| u32::from(points)).sum();
    u8::try_from(sum.clamp(1, u32::from(HARDEST))).unwrap_or(HARDEST)
}

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
    fn is_empty_on(&self, asset: usize) -> bool {
        self.everywhere.hindrances.is_empty() && (!self.any_on || self.on[asset].hindrances.is_empty())
    }

    fn hindrance(&self, asset: usize, n: u16) -> Option<&Id> {
        self.everywhere.hindrances.get(&n).or_else(|| self.on[asset].hindrances.get(&n))
    }

    fn relief(&self, asset: usize, n: u16) -> Option<&Id> {
        self.everywhere.reliefs.get(&n).or_else(|| self.on[asset].reliefs.get(&n))
    }
}
