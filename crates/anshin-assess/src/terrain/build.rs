//! From a system to its terrain: the ways in, the steps over links and over trust, and their facts.

use std::collections::BTreeSet;

use anshin_catalog::{Consequence, MediumKind};
use anshin_model::Id;
use anshin_model::document::Protection;
use indexmap::IndexMap;

use super::{Leg, LegWay, Terrain, Trust};
use crate::assessment::Assessment;
use crate::effect::Effects;
use crate::engine::Engine;
use crate::facts::{self, Commands, Reached};
use crate::path::{Arc, Graph, NONE};
use crate::set::{FactIndex, FactSet, Universe};
use crate::system::{System, index};

/// Facts of steps by number.
#[derive(Debug)]
pub(super) struct Words {
    entry: Option<FactIndex>,
    link: Option<FactIndex>,
    trusts: [Option<FactIndex>; 3],
    pub(super) impact: Option<FactIndex>,
    via: Vec<Option<FactIndex>>,
    mediums: [Option<FactIndex>; 5],
    encrypted: Option<FactIndex>,
    authenticated: Option<FactIndex>,
    allow_listed: Option<FactIndex>,
    commands: Option<FactIndex>,
    cleartext: Option<FactIndex>,
    in_between: Option<FactIndex>,
    zones: [Option<FactIndex>; 2],
    pub(super) consequences: [Option<FactIndex>; 4],
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
