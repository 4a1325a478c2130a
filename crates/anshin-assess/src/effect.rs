//! What an incident at one asset does to each stakeholder.
//!
//! The same rubric that rates the whole system is asked about less: only about the facts that the
//! incident itself brings. What an asset can do to people counts for everything whose commands
//! reach it; a standstill counts for those who depend on the system; a leak for those whose data
//! the asset keeps or carries; a flaw for those who make it or deliver its updates to many.

use std::collections::{BTreeMap, BTreeSet};

use anshin_catalog::{Consequence, Mark};
use anshin_model::document::{Harm, Reach, Role};

use crate::engine::Engine;
use crate::facts::{self, Commands};
use crate::rate::{self, Levels};
use crate::set::FactSet;
use crate::system::System;

/// What befalls one stakeholder: facts of the rubric, made of few bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[expect(clippy::struct_excessive_bools, reason = "facts that hold or do not, in any combination")]
struct Blow {
    harm: Option<(Harm, bool)>,
    answers: Option<(Harm, bool)>,
    area: bool,
    stands_still: bool,
    personal: bool,
    sensitive: bool,
    secret: bool,
    makes: bool,
    updates: bool,
    recall: bool,
}

/// Harm to a stakeholder's people, or harm that it answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hurt {
    who: usize,
    harm: Option<(Harm, bool)>,
    answers: Option<(Harm, bool)>,
    area: bool,
}

/// The effects of incidents in a system.
#[derive(Debug)]
pub(crate) struct Effects {
    /// For each asset, whom harm that starts here hurts.
    hurts: Vec<Vec<Hurt>>,
    /// Assets whose standstill stops what depends on the system.
    stops: Vec<bool>,
    /// Data that each asset keeps or that goes over its links.
    data: Vec<Vec<usize>>,
    /// Facts of each stakeholder that hold whatever happens.
    base: Vec<FactSet>,
}

/// The levels of one stakeholder for one kind of incident.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) who: usize,
    pub(crate) levels: Levels,
}

/// Levels that were asked for before, by stakeholder and what befalls it.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<(usize, Blow), Levels>);

impl Effects {
    pub(crate) fn new(engine: &Engine<'_>, system: &System<'_>) -> Self {
        Self {
            hurts: hurts(system),
            stops: stops(system),
            data: data(system),
            base: (0..system.document.stakeholders.len())
                .map(|n| facts::of_stakeholder(system, n, &engine.rubric_facts))
                .collect(),
        }
    }

    /// Whom an incident at an asset that leads to a consequence befalls, and how badly.
    pub(crate) fn of(
        &self,
        engine: &Engine<'_>,
        system: &System<'_>,
        asset: usize,
        consequence: Consequence,
        known: &mut Known,
    ) -> Vec<Effect> {
        let mut blows: BTreeMap<usize, Blow> = BTreeMap::new();
        match consequence {
            Consequence::Harm => {
                for hurt in &self.hurts[asset] {
                    let blow = blows.entry(hurt.who).or_default();
                    (blow.harm, blow.answers, blow.area) = (hurt.harm, hurt.answers, hurt.area);
                    // What has hurt somebody is stopped as well.
                    blow.stands_still = self.stops[asset];
                }
            }
            Consequence::Stop => {
                if self.stops[asset] {
                    for (who, _) in system
                        .document
                        .stakeholders
                        .iter()
                        .enumerate()
                        .filter(|(_, s)| s.depends_on.is_some())
                    {
                        blows.entry(who).or_default().stands_still = true;
                    }
                }
            }
            Consequence::Leak => {
                for &data in &self.data[asset] {
                    let (marks, described) = (&system.marks[data], &system.document.data[data]);
                    let find = |id: &anshin_model::Id| system.stakeholders.get(id.as_str()).copied();
                    for who in described.subject.iter().filter_map(find) {
                        if marks.contains(&Mark::Personal) || marks.contains(&Mark::Sensitive) {
                            let blow = blows.entry(who).or_default();
                            blow.personal |= marks.contains(&Mark::Personal);
                            blow.sensitive |= marks.contains(&Mark::Sensitive);
                        }
                    }
                    if let Some(owner) = described.owner.as_ref().and_then(find)
                        && marks.contains(&Mark::Secret)
                    {
                        blows.entry(owner).or_default().secret = true;
                    }
                }
            }
            Consequence::Recall => {
                let profile = &system.profiles[asset];
                let many = |n: usize| system.stakeholder(n).reach != Reach::One;
                if let Some(maker) = profile.maker.filter(|&n| many(n)) {
                    let blow = blows.entry(maker).or_default();
                    (blow.makes, blow.recall) = (true, true);
                }
                if let Some(updater) = profile.updater.filter(|&n| Some(n) != profile.operator && many(n)) {
                    let blow = blows.entry(updater).or_default();
                    (blow.updates, blow.recall) = (true, true);
                }
            }
        }
        blows
            .into_iter()
            .map(|(who, blow)| {
                let levels =
                    known.0.entry((who, blow)).or_insert_with(|| self.levels(engine, system, who, blow));
                Effect { who, levels: levels.clone() }
            })
            .collect()
    }

    fn levels(&self, engine: &Engine<'_>, system: &System<'_>, who: usize, blow: Blow) -> Levels {
        let universe = &engine.rubric_facts;
        let mut facts = self.base[who];
        facts.insert(blow.harm.and_then(|harm| universe.member("harm", facts::harm_word(harm))));
        facts.insert(blow.answers.and_then(|harm| universe.member("answers-for", facts::harm_word(harm))));
        for (holds, name) in [
            (blow.area, "area-hit"),
            (blow.personal, "privacy-personal"),
            (blow.sensitive, "privacy-sensitive"),
            (blow.secret, "secret-leak"),
            (blow.makes, "makes"),
            (blow.updates, "updates-others"),
            (blow.recall, "recall"),
        ] {
            if holds {
                facts.insert(universe.index(name));
            }
        }
        if let Some(dependence) = system.stakeholder(who).depends_on.as_ref().filter(|_| blow.stands_still) {
            facts::depends_facts(dependence, universe, &mut facts);
        }
        rate::levels(engine, &facts)
    }
}

/// Whom harm that starts at an asset hurts: by the asset itself and by what its commands reach.
fn hurts(system: &System<'_>) -> Vec<Vec<Hurt>> {
    let mut hurts: Vec<Vec<Hurt>> = system
        .profiles
        .iter()
        .map(|profile| {
            let mut own = Vec::new();
            for danger in profile.dangers.iter().filter(|_| profile.in_scope) {
                let Some(worst) = danger.worst else { continue };
                for &who in &danger.to {
                    let stakeholder = system.stakeholder(who);
                    let area = danger.area && stakeholder.role == Role::ThirdParty;
                    let harm = Some((worst, danger.unlikely));
                    add(&mut own, Hurt { who, harm, answers: None, area });
                    // Who delivers updates to what can hurt a private user answers for the harm.
                    let is_private_user = stakeholder.role == Role::User && stakeholder.person;
                    if is_private_user && let Some(updater) = profile.updater.filter(|&n| n != who) {
                        add(&mut own, Hurt { who: updater, harm: None, answers: harm, area: false });
                    }
                }
            }
            own
        })
        .collect();
    let commands = Commands::new(system);
    let mut work: Vec<usize> = (0..hurts.len()).filter(|&n| !hurts[n].is_empty()).collect();
    while let Some(n) = work.pop() {
        let below = hurts[n].clone();
        for &(other, hop) in system.neighbours(n) {
            let (other, link) = (other as usize, system.hops[hop as usize].link);
            if !commands.reach_down(n, other, link) {
                continue;
            }
            let mut grew = false;
            for hurt in &below {
                grew |= add(&mut hurts[other], *hurt);
            }
            if grew {
                work.push(other);
            }
        }
    }
    hurts
}

/// Adds harm to what is there; whether that made it worse.
fn add(hurts: &mut Vec<Hurt>, hurt: Hurt) -> bool {
    let worse = |before: Option<(Harm, bool)>, more: Option<(Harm, bool)>| {
        let mut worst = before;
        if let Some((harm, unlikely)) = more {
            facts::raise(&mut worst, harm, unlikely);
        }
        worst
    };
    let at = hurts.partition_point(|own| own.who < hurt.who);
    let Some(own) = hurts.get_mut(at).filter(|own| own.who == hurt.who) else {
        hurts.insert(at, hurt);
        return true;
    };
    let before = *own;
    own.harm = worse(own.harm, hurt.harm);
    own.answers = worse(own.answers, hurt.answers);
    own.area |= hurt.area;
    *own != before
}

/// Which assets' standstill stops what depends on the system.
///
/// Those that data flows pass, and those that act, command, forward for others, serve many or are
/// critical for the business. Where no flow is described, every asset with a link.
fn stops(system: &System<'_>) -> Vec<bool> {
    let links: BTreeMap<_, _> =
        system.document.links.iter().enumerate().map(|(n, link)| (link.id(), n)).collect();
    let mut in_flows: BTreeSet<usize> = BTreeSet::new();
    for step in system.document.flows.iter().flat_map(|flow| &flow.steps) {
        let Some(link) = links.get(&step.link).map(|&n| &system.document.links[n]) else { continue };
        let ends = [&link.from, &link.to].into_iter().chain(&link.through);
        in_flows.extend(ends.filter_map(|id| system.assets.get(id.as_str())));
    }
    let any = system.document.flows.is_empty();
    let by_trait = ["acts-physically", "issues-commands", "serves-many", "business-critical"];
    system
        .profiles
        .iter()
        .enumerate()
        .map(|(n, profile)| {
            in_flows.contains(&n)
                || by_trait.iter().any(|name| profile.has(name))
                || (any && !system.neighbours(n).is_empty())
        })
        .collect()
}

/// Data that each asset keeps or that goes over its links.
fn data(system: &System<'_>) -> Vec<Vec<usize>> {
    let find = |id: &anshin_model::Id| system.data.get(id.as_str()).copied();
    system
        .document
        .assets
        .iter()
        .enumerate()
        .map(|(n, asset)| {
            let links = system.neighbours(n).iter().map(|&(_, hop)| system.hops[hop as usize].link as usize);
            let carried = links.flat_map(|link| &system.document.links[link].carries);
            let mut data: Vec<usize> = asset.stores.iter().chain(carried).filter_map(find).collect();
            data.sort_unstable();
            data.dedup();
            data
        })
        .collect()
}
