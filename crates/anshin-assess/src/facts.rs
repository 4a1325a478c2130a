//! From a document to facts: a small set of named facts for each asset, each stakeholder and the
//! system.
//!
//! Traits, kinds and what is stored are declared; what can be reached from where, what controls
//! what and who answers for whom is derived here. The meaning of every fact stands in the
//! catalog's section `facts`.

use std::collections::BTreeMap;

use anshin_catalog::{Catalog, Condition, Mark, MediumKind};
use anshin_model::Id;
use anshin_model::document::{
    Criticality, Duty, Harm, Outside, Protection, Reach, Restore, Role, Service, Setting, Stage, Substitute,
};

use crate::set::{Compiled, FactIndex, FactSet, Universe};
use crate::system::System;

/// The facts of everything in a system.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Facts of each asset, the system's own among them.
    pub(crate) assets: Vec<FactSet>,
    /// What holds for any asset in scope, and the system's own.
    pub(crate) system: FactSet,
    /// Facts of each stakeholder, the system's own among them.
    pub(crate) stakeholders: Vec<FactSet>,
}

/// The ways in to an asset, as bits by the order of the catalog's entry points.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reached {
    /// Something here opens the way in.
    pub(crate) exposed: u32,
    /// A path leads here.
    reachable: u32,
    /// A path leads here without passing what separates networks.
    open: u32,
}

/// Derives all facts. `rules` numbers the facts of assets, `rubric` those of stakeholders.
pub(crate) fn derive(system: &System<'_>, rules: &Universe, rubric: &Universe) -> Facts {
    let assets = of_assets(system, rules, &reach(system));
    let mut whole = SystemFacts::new(system, rules).0;
    for (facts, _) in assets.iter().zip(&system.profiles).filter(|(_, profile)| profile.in_scope) {
        whole.extend(facts);
    }
    let stakeholders = of_stakeholders(system, rubric, &|_| true);
    Facts { assets, system: whole, stakeholders }
}

/// The facts of each asset, the system's own among them.
pub(crate) fn of_assets(system: &System<'_>, rules: &Universe, reached: &[Reached]) -> Vec<FactSet> {
    let of_system = SystemFacts::new(system, rules).0;
    let control = control(system);
    let vocabulary = Vocabulary::new(system.catalog, rules);
    (0..system.document.assets.len())
        .map(|n| {
            let mut facts = of_system;
            asset_facts(system, n, &vocabulary, &mut facts);
            reach_facts(&reached[n], &vocabulary, &mut facts);
            control_facts(control[n], &vocabulary.plain, &mut facts);
            facts
        })
        .collect()
}

/// Numbers of facts that are looked up for every asset.
struct Vocabulary {
    exposed: Vec<Option<FactIndex>>,
    reachable: Vec<Option<FactIndex>>,
    open: Vec<Option<FactIndex>>,
    /// The ways in that are open to anybody, as bits by the order of the entry points.
    outside: u32,
    /// `exposed-to:outside`, `reachable-from:outside` and `open-to:outside`.
    from_outside: [Option<FactIndex>; 3],
    plain: Plain,
    /// Kind of an asset to the facts that it brings, kinds above it among them.
    kinds: BTreeMap<Id, FactSet>,
    zones: BTreeMap<Id, FactSet>,
    stores: Handling,
    carries: Handling,
    handles: Handling,
    over: BTreeMap<Id, Option<FactIndex>>,
    protocol: BTreeMap<Id, Option<FactIndex>>,
    protection: BTreeMap<&'static str, Option<FactIndex>>,
    traits: BTreeMap<Id, Option<FactIndex>>,
}

/// Facts about data, by mark and by kind.
struct Handling {
    marks: Vec<(Mark, Option<FactIndex>)>,
    kinds: BTreeMap<Id, FactSet>,
}

impl Handling {
    fn new(family: &str, catalog: &Catalog, universe: &Universe) -> Self {
        let marks = Mark::ALL.map(|mark| (mark, universe.member(family, mark.as_str()))).to_vec();
        let kinds = catalog
            .data_kinds
            .keys()
            .map(|id| {
                let mut facts = FactSet::default();
                id.with_parents().for_each(|kind| facts.insert(universe.member(family, kind)));
                (id.clone(), facts)
            })
            .collect();
        Self { marks, kinds }
    }

    fn insert(&self, system: &System<'_>, data: usize, facts: &mut FactSet) {
        if let Some(set) = self.kinds.get(&system.document.data[data].kind) {
            facts.extend(set);
        }
        for (mark, fact) in &self.marks {
            if system.marks[data].contains(mark) {
                facts.insert(*fact);
            }
        }
    }
}

macro_rules! plain {
    ($($field:ident = $name:literal,)*) => {
        /// Numbers of the facts that take no word.
        #[derive(Debug, Clone, Copy)]
        struct Plain { $($field: Option<FactIndex>,)* }
        impl Plain {
            fn new(universe: &Universe) -> Self {
                Self { $($field: universe.index($name),)* }
            }
        }
    };
}

plain! {
    networked = "networked",
    wireless = "wireless",
    hub = "hub",
    cleartext = "cleartext",
    behind_separation = "behind-separation",
    can_hurt = "can-hurt",
    controls_hazard = "controls-hazard",
    sends_control = "sends-control",
    receives_control = "receives-control",
    feeds_control = "feeds-control",
    updated_by_other = "updated-by-other",
    maintained_by_other = "maintained-by-other",
    several_parties = "several-parties",
    operator_lay = "operator:lay",
    operator_organization = "operator:organization",
}

impl Vocabulary {
    fn new(catalog: &Catalog, universe: &Universe) -> Self {
        let entry =
            |family| catalog.entry_points.keys().map(|id| universe.member(family, id.as_str())).collect();
        let words = |ids: Vec<&Id>, family: Option<&str>| {
            ids.into_iter()
                .map(|id| {
                    let fact = match family {
                        Some(family) => universe.member(family, id.as_str()),
                        None => universe.index(id.as_str()),
                    };
                    (id.clone(), fact)
                })
                .collect()
        };
        let kinds = catalog
            .asset_kinds
            .keys()
            .map(|id| {
                let mut facts = FactSet::default();
                for (kind, _) in catalog.kind_and_above(id) {
                    facts.insert(universe.member("kind", kind.as_str()));
                }
                (id.clone(), facts)
            })
            .collect();
        let zones = catalog
            .zone_kinds
            .iter()
            .map(|(id, kind)| {
                let mut facts = FactSet::default();
                facts.insert(universe.member("zone", id.as_str()));
                facts.insert(universe.member("zone-setting", &kind.setting));
                (id.clone(), facts)
            })
            .collect();
        Self {
            exposed: entry("exposed-to"),
            reachable: entry("reachable-from"),
            open: entry("open-to"),
            outside: catalog
                .entry_points
                .values()
                .zip(0u32..32)
                .filter(|(point, _)| point.outside)
                .fold(0, |bits, (_, n)| bits | 1 << n),
            from_outside: ["exposed-to", "reachable-from", "open-to"]
                .map(|family| universe.member(family, "outside")),
            plain: Plain::new(universe),
            kinds,
            zones,
            stores: Handling::new("stores", catalog, universe),
            carries: Handling::new("carries", catalog, universe),
            handles: Handling::new("handles", catalog, universe),
            over: words(catalog.media.keys().collect(), Some("over")),
            protocol: words(catalog.protocols.keys().collect(), Some("protocol")),
            protection: ["encrypted", "authenticated", "allow-listed", "one-way"]
                .map(|word| (word, universe.member("protection", word)))
                .into(),
            traits: words(catalog.traits.keys().collect(), None),
        }
    }
}

/// Facts about the whole system, in the numbers of one universe.
struct SystemFacts(FactSet);

impl SystemFacts {
    fn new(system: &System<'_>, universe: &Universe) -> Self {
        let info = &system.document.system;
        let mut facts = FactSet::default();
        let setting = match info.setting {
            Setting::Household => "household",
            Setting::Business => "business",
            Setting::Public => "public",
        };
        let criticality = match info.criticality {
            Criticality::Ordinary => "ordinary",
            Criticality::SupplyChain => "supply-chain",
            Criticality::CriticalInfrastructure => "critical-infrastructure",
        };
        let stage = match info.stage() {
            Stage::Planning => "planning",
            Stage::Development => "development",
            Stage::Operation => "operation",
        };
        facts.insert(universe.member("setting", setting));
        facts.insert(universe.member("criticality", criticality));
        facts.insert(universe.member("stage", stage));
        facts.insert(universe.member("lead", role_word(system.stakeholder(system.lead).role)));
        for duty in system.document.stakeholders.iter().flat_map(|own| &own.duties) {
            facts.insert(universe.member("duty", duty_word(*duty)));
        }
        let everybody = 0..system.document.stakeholders.len();
        if everybody.clone().any(|n| system.stakeholder(n).role == Role::User && system.is_lay(n)) {
            facts.insert(universe.index("has-lay-user"));
        }
        if everybody.clone().any(|n| system.stakeholder(n).role == Role::ThirdParty) {
            facts.insert(universe.index("has-third-party"));
        }
        let user = system.user();
        let serves = |n: Option<usize>| n.is_some_and(|n| n != system.lead && Some(n) != user);
        if system.profiles.iter().any(|p| p.in_scope && (serves(p.maintainer) || serves(p.updater)))
            || everybody.clone().any(|n| system.stakeholder(n).duties.contains(&Duty::Supports))
        {
            facts.insert(universe.index("has-service-provider"));
        }
        if system.profiles.iter().any(|p| p.in_scope && p.maker == Some(system.lead)) {
            facts.insert(universe.index("lead-makes"));
        }
        if system.profiles.iter().any(|p| p.in_scope && p.dangers.iter().any(|d| d.worst.is_some())) {
            facts.insert(universe.index("has-hazard"));
        }
        if system.marks.iter().any(|marks| marks.contains(&Mark::Personal)) {
            facts.insert(universe.index("has-personal-data"));
        }
        Self(facts)
    }
}

pub(crate) fn duty_word(duty: Duty) -> &'static str {
    match duty {
        Duty::Installs => "installs",
        Duty::Advises => "advises",
        Duty::Supports => "supports",
    }
}

/// How what a link carries is protected, in the words of rules: as the document states, or by its medium
/// or protocol.
pub(crate) fn protections<'s>(
    system: &'s System<'_>,
    link: usize,
) -> impl Iterator<Item = &'static str> + 's {
    let described = &system.document.links[link];
    let stated = described.protections.iter().map(|protection| match protection {
        Protection::Encrypted => "encrypted",
        Protection::Authenticated => "authenticated",
        Protection::AllowListed => "allow-listed",
        Protection::OneWay => "one-way",
    });
    stated.chain(system.encrypts_by_itself(link).then_some("encrypted"))
}

pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Developer => "developer",
        Role::Provider => "provider",
        Role::User => "user",
        Role::ThirdParty => "third-party",
    }
}

fn asset_facts(system: &System<'_>, n: usize, vocabulary: &Vocabulary, facts: &mut FactSet) {
    let asset = &system.document.assets[n];
    let profile = &system.profiles[n];
    let plain = &vocabulary.plain;
    for own in &profile.traits {
        // A user's own trait may be missing here only if no rule names it.
        facts.insert(vocabulary.traits.get(own).copied().flatten());
    }
    if let Some(kinds) = vocabulary.kinds.get(&asset.kind) {
        facts.extend(kinds);
    }
    if let Some(zone) = asset.zone.as_ref().and_then(|zone| system.zones.get(zone.as_str()))
        && let Some(zone) = vocabulary.zones.get(&system.document.zones[*zone].kind)
    {
        facts.extend(zone);
    }
    for data in asset.stores.iter().filter_map(|id| system.data.get(id.as_str())) {
        vocabulary.stores.insert(system, *data, facts);
        vocabulary.handles.insert(system, *data, facts);
    }
    if profile.dangers.iter().any(|danger| danger.worst.is_some()) {
        facts.insert(plain.can_hurt);
    }
    if let Some(operator) = profile.operator {
        facts.insert(if system.is_lay(operator) { plain.operator_lay } else { plain.operator_organization });
    }
    let other = |who: Option<usize>| who.is_some() && who != profile.operator;
    if other(profile.updater) {
        facts.insert(plain.updated_by_other);
    }
    if other(profile.maintainer) {
        facts.insert(plain.maintained_by_other);
    }
    let mut parties = [profile.operator, profile.maker, profile.maintainer, profile.updater];
    parties.sort_unstable();
    let named = parties.iter().flatten();
    if named.clone().zip(named.skip(1)).filter(|(a, b)| a != b).count() >= 2 {
        facts.insert(plain.several_parties);
    }
    link_facts(system, n, vocabulary, facts);
}

fn link_facts(system: &System<'_>, n: usize, vocabulary: &Vocabulary, facts: &mut FactSet) {
    let plain = &vocabulary.plain;
    let neighbours = system.neighbours(n);
    if neighbours.is_empty() {
        return;
    }
    facts.insert(plain.networked);
    let (mut first, mut second, mut is_hub) = (None, None, false);
    let mut last_link = None;
    for &(other, hop) in neighbours {
        match (first, second) {
            (None, _) => first = Some(other),
            (Some(a), None) if a != other => second = Some(other),
            (Some(a), Some(b)) if a != other && b != other => is_hub = true,
            _ => {}
        }
        let link = system.hops[hop as usize].link as usize;
        if last_link == Some(link) {
            continue;
        }
        last_link = Some(link);
        let described = &system.document.links[link];
        if let Some(over) = &described.over {
            facts.insert(vocabulary.over.get(over).copied().flatten());
        }
        if let Some(protocol) = &described.protocol {
            facts.insert(vocabulary.protocol.get(protocol).copied().flatten());
        }
        if system.medium_kind(link) == Some(MediumKind::Wireless) {
            facts.insert(plain.wireless);
        }
        if !described.carries.is_empty() {
            if system.is_cleartext(link) {
                facts.insert(plain.cleartext);
            }
            for protection in protections(system, link) {
                facts.insert(vocabulary.protection.get(protection).copied().flatten());
            }
        }
        for data in described.carries.iter().filter_map(|id| system.data.get(id.as_str())) {
            vocabulary.carries.insert(system, *data, facts);
            vocabulary.handles.insert(system, *data, facts);
        }
    }
    if is_hub {
        facts.insert(plain.hub);
    }
}

fn reach_facts(reached: &Reached, vocabulary: &Vocabulary, facts: &mut FactSet) {
    for (bits, names, from_outside) in [
        (reached.exposed, &vocabulary.exposed, vocabulary.from_outside[0]),
        (reached.reachable, &vocabulary.reachable, vocabulary.from_outside[1]),
        (reached.open, &vocabulary.open, vocabulary.from_outside[2]),
    ] {
        for (_, name) in names.iter().enumerate().filter(|(n, _)| bits >> n & 1 == 1) {
            facts.insert(*name);
        }
        if bits & vocabulary.outside != 0 {
            facts.insert(from_outside);
        }
    }
    if reached.reachable & vocabulary.outside != 0 && reached.open & vocabulary.outside == 0 {
        facts.insert(vocabulary.plain.behind_separation);
    }
}

/// The ways in that lie open at each asset itself, before they spread: entry points of the catalog,
/// in its order.
pub fn ways_in<'a>(system: &System<'a>) -> Vec<Vec<&'a Id>> {
    let points: Vec<(&Id, u32)> =
        system.catalog.entry_points.keys().map(|id| (id, entry_bit(system, id.as_str()))).collect();
    let named = |bits: u32| points.iter().filter(|(_, bit)| bits & bit != 0).map(|(id, _)| *id).collect();
    exposed(system).into_iter().map(named).collect()
}

/// The place of an entry point in a set of ways in; nothing if the catalog does not have it.
fn entry_bit(system: &System<'_>, id: &str) -> u32 {
    system.catalog.entry_points.get_index_of(id).filter(|n| *n < 32).map_or(0, |n| 1u32 << n)
}

/// The ways in that are opened by where an asset stands, by its traits and by the media of its links.
fn exposed(system: &System<'_>) -> Vec<u32> {
    let bit = |id: &str| entry_bit(system, id);
    let by_trait: [(&str, u32); 5] = [
        ("internet-facing", bit("internet")),
        ("removable-media", bit("removable-media")),
        ("remote-maintained", bit("remote-maintenance")),
        ("public-place", bit("physical-access")),
        ("portable", bit("physical-access")),
    ];
    let zones: Vec<u32> = system
        .document
        .zones
        .iter()
        .map(|zone| {
            let kind = system.catalog.zone_kinds.get(&zone.kind);
            kind.map_or(0, |kind| kind.exposes.iter().map(|id| bit(id.as_str())).fold(0, |a, b| a | b))
        })
        .collect();
    let mut found: Vec<u32> = system
        .document
        .assets
        .iter()
        .zip(&system.profiles)
        .map(|(asset, profile)| {
            let zone = asset.zone.as_ref().and_then(|zone| system.zones.get(zone.as_str()));
            let mut exposed = zone.map_or(0, |&zone| zones[zone]);
            for (name, bits) in &by_trait {
                if profile.has(name) {
                    exposed |= bits;
                }
            }
            if profile.updater.is_some() && profile.updater != profile.operator {
                exposed |= bit("supply-chain");
            }
            if profile.operator.is_some_and(|n| !system.stakeholder(n).person) {
                exposed |= bit("insider");
            }
            if profile.has("isolated") {
                exposed &=
                    bit("physical-access") | bit("removable-media") | bit("insider") | bit("supply-chain");
            }
            exposed
        })
        .collect();
    for link in &system.document.links {
        let Some(medium) = link.over.as_ref().and_then(|over| system.catalog.media.get(over)) else {
            continue;
        };
        let bits = medium.exposes.iter().map(|id| bit(id.as_str())).fold(0, |a, b| a | b);
        // What forwards in between faces the medium in place of the ends behind it.
        // Over the internet only the end that is called is open to strangers.
        let facing: Vec<&Id> = match (link.through.is_empty(), medium.kind) {
            (false, _) => link.through.iter().collect(),
            (true, MediumKind::Internet) => vec![&link.to],
            (true, _) => vec![&link.from, &link.to],
        };
        for end in facing.into_iter().filter_map(|id| system.assets.get(id.as_str())) {
            if !system.profiles[*end].has("isolated") {
                found[*end] |= bits;
            }
        }
    }
    found
}

/// Which ways in lead to each asset: those open at itself, and those that spread to it over links,
/// openly from asset to asset, and closed off from the first asset that separates networks, or over
/// a link that only lets through what is listed.
pub(crate) fn reach(system: &System<'_>) -> Vec<Reached> {
    let points = &system.catalog.entry_points;
    let spreads: u32 =
        points.iter().filter(|(_, p)| p.spreads).map(|(id, _)| entry_bit(system, id.as_str())).sum();
    let mut reached: Vec<Reached> = exposed(system)
        .into_iter()
        .map(|exposed| Reached { exposed, reachable: exposed, open: exposed })
        .collect();
    let closes: Vec<bool> =
        system.profiles.iter().map(|p| p.has("separates") || p.has("stand-alone")).collect();
    let isolated: Vec<bool> = system.profiles.iter().map(|p| p.has("isolated")).collect();
    let mut work: Vec<usize> = Vec::new();
    for (n, here) in reached.iter().enumerate() {
        if here.reachable & spreads != 0 {
            work.push(n);
        }
    }
    while let Some(n) = work.pop() {
        let here = reached[n];
        for &(other, hop) in system.neighbours(n) {
            let (other, hop) = (other as usize, system.hops[hop as usize]);
            let protections = &system.document.links[hop.link as usize].protections;
            let against = protections.contains(&Protection::OneWay) && hop.to as usize == n;
            if isolated[n] || isolated[other] || against {
                continue;
            }
            let closed = closes[n] || closes[other] || protections.contains(&Protection::AllowListed);
            let there = &mut reached[other];
            let reachable = there.reachable | here.reachable & spreads;
            let open = there.open | if closed { 0 } else { here.open & spreads };
            if (reachable, open) != (there.reachable, there.open) {
                (there.reachable, there.open) = (reachable, open);
                work.push(other);
            }
        }
    }
    reached
}

/// What an asset has to do with control.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that hold or do not, in any combination")]
struct Control {
    sends: bool,
    receives: bool,
    feeds: bool,
    over_hazard: bool,
}

/// What carries, issues and carries out commands.
#[derive(Debug)]
pub(crate) struct Commands {
    /// Whether each link carries control.
    pub(crate) carried: Vec<bool>,
    /// Whether each asset acts on the physical world.
    pub(crate) acts: Vec<bool>,
    /// Whether each asset issues commands.
    pub(crate) decides: Vec<bool>,
}

impl Commands {
    pub(crate) fn new(system: &System<'_>) -> Self {
        let control = |id: &Id| {
            system.data.get(id.as_str()).is_some_and(|&data| system.marks[data].contains(&Mark::Control))
        };
        Self {
            carried: system.document.links.iter().map(|link| link.carries.iter().any(control)).collect(),
            acts: system.profiles.iter().map(|p| p.has("acts-physically")).collect(),
            decides: system.profiles.iter().map(|p| p.has("issues-commands")).collect(),
        }
    }

    /// Whether commands of `above` reach down to its neighbour `below` over a link.
    ///
    /// A command does not turn back at an actuator: the way up from a hazard leads over links that
    /// carry control, and over any link between what decides and what acts.
    pub(crate) fn reach_down(&self, below: usize, above: usize, link: u32) -> bool {
        (self.carried[link as usize] || (self.acts[below] && self.decides[above])) && !self.acts[above]
    }
}

/// Who sends, receives and feeds control, and whose commands reach something that can hurt.
fn control(system: &System<'_>) -> Vec<Control> {
    let count = system.document.assets.len();
    let mut control = vec![Control::default(); count];
    let commands = Commands::new(system);
    let (acts, decides) = (&commands.acts, &commands.decides);
    let senses: Vec<bool> = system.profiles.iter().map(|p| p.has("senses")).collect();
    let forwards: Vec<bool> = system.profiles.iter().map(|p| p.has("forwards-traffic")).collect();
    let mut work: Vec<usize> = Vec::new();
    for n in 0..count {
        for &(other, hop) in system.neighbours(n) {
            let (other, hop) = (other as usize, system.hops[hop as usize]);
            let carries = commands.carried[hop.link as usize];
            let here = &mut control[n];
            if carries && !forwards[n] {
                if acts[n] {
                    here.receives = true;
                } else if !senses[n] {
                    here.sends = true;
                }
                // A controller also takes commands from above.
                if decides[n] && hop.to as usize == n {
                    here.receives = true;
                }
            }
            if senses[n] && !acts[n] {
                here.feeds |= decides[other];
            }
        }
        if system.profiles[n].dangers.iter().any(|d| d.worst.is_some()) {
            work.push(n);
        }
    }
    while let Some(n) = work.pop() {
        for &(other, hop) in system.neighbours(n) {
            let (other, hop) = (other as usize, system.hops[hop as usize]);
            if commands.reach_down(n, other, hop.link) && !control[other].over_hazard {
                control[other].over_hazard = true;
                work.push(other);
            }
        }
    }
    control
}

fn control_facts(control: Control, plain: &Plain, facts: &mut FactSet) {
    for (holds, fact) in [
        (control.sends, plain.sends_control),
        (control.receives, plain.receives_control),
        (control.feeds, plain.feeds_control),
        (control.over_hazard, plain.controls_hazard),
    ] {
        if holds {
            facts.insert(fact);
        }
    }
}

/// What can befall each stakeholder, and what it has to do with the system.
///
/// Source of the rules: IoT-SSF use cases 2-2-2. A provider whose updates reach something that can
/// hurt a lay user answers for that harm; an employer answers for its own workers, so their harm
/// counts for the operator, not for those who deliver to it.
///
/// `inside` tells which assets belong to the part of the system that is looked at.
pub(crate) fn of_stakeholders(
    system: &System<'_>,
    universe: &Universe,
    inside: &dyn Fn(usize) -> bool,
) -> Vec<FactSet> {
    let count = system.document.stakeholders.len();
    let base = SystemFacts::new(system, universe).0;
    let mut all = vec![base; count];
    let mut harm: Vec<Option<(Harm, bool)>> = vec![None; count];
    let mut answers: Vec<Option<(Harm, bool)>> = vec![None; count];
    for (_, profile) in system.profiles.iter().enumerate().filter(|(n, p)| p.in_scope && inside(*n)) {
        for danger in &profile.dangers {
            let Some(worst) = danger.worst else { continue };
            for &who in &danger.to {
                raise(&mut harm[who], worst, danger.unlikely);
                if danger.area && system.stakeholder(who).role == Role::ThirdParty {
                    all[who].insert(universe.index("area-hit"));
                }
                let is_private_user =
                    system.stakeholder(who).role == Role::User && system.stakeholder(who).person;
                if is_private_user && let Some(updater) = profile.updater.filter(|&updater| updater != who) {
                    raise(&mut answers[updater], worst, danger.unlikely);
                }
            }
        }
        let reach = |n: usize| system.stakeholder(n).reach != Reach::One;
        if let Some(maker) = profile.maker {
            all[maker].insert(universe.index("makes"));
            if reach(maker) {
                all[maker].insert(universe.index("recall"));
            }
        }
        if let Some(updater) = profile.updater.filter(|&updater| Some(updater) != profile.operator) {
            all[updater].insert(universe.index("updates-others"));
            if reach(updater) {
                all[updater].insert(universe.index("recall"));
            }
        }
    }
    for (data, marks) in system.document.data.iter().zip(&system.marks) {
        for who in data.subject.iter().filter_map(|id| system.stakeholders.get(id.as_str())) {
            if marks.contains(&Mark::Personal) {
                all[*who].insert(universe.index("privacy-personal"));
            }
            if marks.contains(&Mark::Sensitive) {
                all[*who].insert(universe.index("privacy-sensitive"));
            }
        }
        if let Some(owner) = data.owner.as_ref().and_then(|id| system.stakeholders.get(id.as_str()))
            && marks.contains(&Mark::Secret)
        {
            all[*owner].insert(universe.index("secret-leak"));
        }
    }
    for (n, facts) in all.iter_mut().enumerate() {
        who_facts(system, n, universe, facts);
        facts.insert(harm[n].and_then(|harm| universe.member("harm", harm_word(harm))));
        facts.insert(answers[n].and_then(|harm| universe.member("answers-for", harm_word(harm))));
        if let Some(dependence) = &system.stakeholder(n).depends_on {
            depends_facts(dependence, universe, facts);
        }
    }
    all
}

/// What holds for a stakeholder whatever befalls it, the system's own facts among them.
pub(crate) fn of_stakeholder(system: &System<'_>, n: usize, universe: &Universe) -> FactSet {
    let mut facts = SystemFacts::new(system, universe).0;
    who_facts(system, n, universe, &mut facts);
    facts
}

fn who_facts(system: &System<'_>, n: usize, universe: &Universe, facts: &mut FactSet) {
    let who = system.stakeholder(n);
    facts.insert(universe.member("role", role_word(who.role)));
    if n == system.lead {
        facts.insert(universe.index("is-lead"));
    }
    if who.person {
        facts.insert(universe.index("person"));
    }
    if system.is_lay(n) {
        facts.insert(universe.index("lay"));
    }
    let reach = match who.reach {
        Reach::One => "one",
        Reach::Several => "several",
        Reach::Many => "many",
    };
    facts.insert(universe.member("reach", reach));
}

pub(crate) fn depends_facts(
    dependence: &anshin_model::document::Dependence,
    universe: &Universe,
    facts: &mut FactSet,
) {
    let service = match dependence.service {
        Service::DailyLife => "daily-life",
        Service::SideBusiness => "side-business",
        Service::CoreBusiness => "core-business",
        Service::Livelihood => "livelihood",
    };
    let substitute = match dependence.substitute {
        Substitute::Yes => "yes",
        Substitute::Partly => "partly",
        Substitute::No => "no",
    };
    let hits = match dependence.outside {
        Outside::None => "none",
        Outside::Customers => "customers",
        Outside::SupplyChain => "supply-chain",
        Outside::Area => "area",
        Outside::Society => "society",
    };
    facts.insert(universe.member("depends", service));
    facts.insert(universe.member("substitute", substitute));
    facts.insert(universe.member("hits", hits));
    // `restore:weeks` means weeks or longer.
    for (least, word) in [
        (Restore::Hours, "hours"),
        (Restore::Days, "days"),
        (Restore::Weeks, "weeks"),
        (Restore::Months, "months"),
        (Restore::Years, "years"),
    ] {
        if dependence.restore >= least {
            facts.insert(universe.member("restore", word));
        }
    }
}

/// Keeps the worse of two harms; the same harm is worse when it is likely.
pub(crate) fn raise(worst: &mut Option<(Harm, bool)>, harm: Harm, unlikely: bool) {
    // Death under unlikely conditions rates like a serious injury but is the graver reason.
    let weight = |(harm, unlikely): (Harm, bool)| match (harm, unlikely) {
        (Harm::MinorInjury, _) => 0,
        (Harm::SeriousInjury, _) => 1,
        (Harm::Death, true) => 2,
        (Harm::Death, false) => 3,
    };
    if worst.is_none_or(|before| weight(before) < weight((harm, unlikely))) {
        *worst = Some((harm, unlikely));
    }
}

pub(crate) fn harm_word((harm, unlikely): (Harm, bool)) -> &'static str {
    match (harm, unlikely) {
        (Harm::MinorInjury, _) => "minor-injury",
        (Harm::SeriousInjury, _) => "serious-injury",
        (Harm::Death, true) => "death-if-unlikely",
        (Harm::Death, false) => "death",
    }
}

/// For each condition over facts of the whole system, the facts that make it hold, or `None` if it
/// does not.
///
/// What holds for one asset in scope holds for the system.
pub fn holding(system: &System<'_>, conditions: &[&Condition]) -> Vec<Option<Vec<Id>>> {
    let mut out = Vec::with_capacity(conditions.len());
    // A few conditions at a time name few enough facts.
    for some in conditions.chunks(32) {
        let universe = Universe::of(some.iter().copied());
        let facts = derive(system, &universe, &Universe::default()).system;
        for condition in some {
            let compiled = Compiled::new(condition, &universe);
            // Facts beyond the limit have no number, so a condition that names them cannot be judged.
            let known = condition.facts().all(|name| universe.index(name).is_some());
            let holds = known && compiled.holds(&facts);
            out.push(holds.then(|| compiled.reasons(&facts, &universe)));
        }
    }
    out
}
