//! A document with its references resolved to numbers, and what the catalog says of its parts.

use std::collections::BTreeMap;

use anshin_catalog::{Catalog, Mark, Measure, MediumKind, Protects};
use anshin_model::document::{Document, Harm, Protection, Role, Stakeholder};
use anshin_model::{Document as Doc, Id};

/// A document and a catalog, joined.
#[derive(Debug)]
pub struct System<'a> {
    /// The document.
    pub document: &'a Document,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Stakeholders by id.
    pub stakeholders: BTreeMap<&'a str, usize>,
    /// Assets by id.
    pub assets: BTreeMap<&'a str, usize>,
    /// Zones by id.
    pub zones: BTreeMap<&'a str, usize>,
    /// Data by id.
    pub data: BTreeMap<&'a str, usize>,
    /// Marks of each data item.
    pub marks: Vec<Vec<Mark>>,
    /// The lead.
    pub lead: usize,
    /// What each asset is, with defaults filled in.
    pub profiles: Vec<Profile<'a>>,
    /// Steps from one asset to the next, as numbers.
    pub hops: Vec<Hop>,
    /// First hop of each asset in `neighbours`, and one past the last asset's.
    offsets: Vec<u32>,
    /// Asset at the other end and the hop taken, grouped by asset.
    neighbours: Vec<(u32, u32)>,
}

/// An asset with defaults filled in.
#[derive(Debug, Clone)]
pub struct Profile<'a> {
    /// Traits of its kind and its own.
    pub traits: Vec<Id>,
    /// Who operates it: named, or the user.
    pub operator: Option<usize>,
    /// Who makes it.
    pub maker: Option<usize>,
    /// Who maintains it.
    pub maintainer: Option<usize>,
    /// Who delivers its updates.
    pub updater: Option<usize>,
    /// What it can do to whom, safeguards already counted.
    pub dangers: Vec<Danger<'a>>,
    /// Whether it is assessed.
    pub in_scope: bool,
}

impl Profile<'_> {
    /// Whether the asset has a trait.
    pub fn has(&self, name: &str) -> bool {
        self.traits.iter().any(|own| own == name)
    }
}

/// Harm that an asset can do.
#[derive(Debug, Clone)]
pub struct Danger<'a> {
    /// Kind of the hazard.
    pub kind: &'a Id,
    /// The worst harm, lowered by safeguards; `None` when nothing is left of it.
    pub worst: Option<Harm>,
    /// The worst harm before safeguards.
    pub before: Harm,
    /// The worst harm needs several unlikely things at once.
    pub unlikely: bool,
    /// Whom it hurts.
    pub to: Vec<usize>,
    /// It reaches the surroundings of the site.
    pub area: bool,
    /// The safeguard that lowers it.
    pub safeguard: Option<&'a Id>,
}

/// A step over a link from one asset to a neighbour.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    /// One end.
    pub from: u32,
    /// The other end.
    pub to: u32,
    /// The link in the document.
    pub link: u32,
}

impl<'a> System<'a> {
    /// Joins a checked document with the catalog that it was checked against.
    pub fn new(document: &'a Doc, catalog: &'a Catalog) -> Self {
        let stakeholders: BTreeMap<_, _> =
            document.stakeholders.iter().enumerate().map(|(n, s)| (s.id.as_str(), n)).collect();
        let assets: BTreeMap<_, _> =
            document.assets.iter().enumerate().map(|(n, a)| (a.id.as_str(), n)).collect();
        let zones: BTreeMap<_, _> =
            document.zones.iter().enumerate().map(|(n, z)| (z.id.as_str(), n)).collect();
        let data: BTreeMap<_, _> =
            document.data.iter().enumerate().map(|(n, d)| (d.id.as_str(), n)).collect();
        let lead = document.stakeholders.iter().position(|s| s.lead).unwrap_or_default();
        let marks = document
            .data
            .iter()
            .map(|data| {
                let mut marks = catalog.marks_of(&data.kind);
                match data.sensitivity {
                    Some(anshin_model::document::Sensitivity::High) => marks.push(Mark::Sensitive),
                    Some(anshin_model::document::Sensitivity::Low) => marks.retain(|m| *m != Mark::Sensitive),
                    None => {}
                }
                marks.sort_unstable();
                marks.dedup();
                marks
            })
            .collect();
        let mut system = Self {
            document,
            catalog,
            stakeholders,
            assets,
            zones,
            data,
            marks,
            lead,
            profiles: Vec::new(),
            hops: Vec::new(),
            offsets: Vec::new(),
            neighbours: Vec::new(),
        };
        system.profiles = system.make_profiles();
        system.make_hops();
        system
    }

    /// A stakeholder by number.
    pub fn stakeholder(&self, n: usize) -> &'a Stakeholder {
        &self.document.stakeholders[n]
    }

    /// Whether a stakeholder's people know neither computers nor plant.
    pub fn is_lay(&self, n: usize) -> bool {
        let who = self.stakeholder(n);
        match who.expertise {
            Some(expertise) => expertise == anshin_model::document::Expertise::None,
            None => who.person,
        }
    }

    /// The neighbours of an asset: asset at the other end and the hop taken.
    pub fn neighbours(&self, asset: usize) -> &[(u32, u32)] {
        &self.neighbours[self.offsets[asset] as usize..self.offsets[asset + 1] as usize]
    }

    /// The user of the system: the lead if it is one, else the first with that role.
    pub fn user(&self) -> Option<usize> {
        if self.stakeholder(self.lead).role == Role::User {
            return Some(self.lead);
        }
        self.document.stakeholders.iter().position(|s| s.role == Role::User)
    }

    fn make_profiles(&self) -> Vec<Profile<'a>> {
        let mut of_kind: BTreeMap<&str, Vec<Id>> = BTreeMap::new();
        let third_parties: Vec<usize> = (0..self.document.stakeholders.len())
            .filter(|&n| self.stakeholder(n).role == Role::ThirdParty)
            .collect();
        let user = self.user();
        let find = |id: &Option<Id>| id.as_ref().and_then(|id| self.stakeholders.get(id.as_str()).copied());
        self.document
            .assets
            .iter()
            .map(|asset| {
                let defaults =
                    of_kind.entry(asset.kind.as_str()).or_insert_with(|| self.catalog.traits_of(&asset.kind));
                let mut traits: Vec<Id> =
                    defaults.iter().filter(|own| !asset.without.contains(own)).cloned().collect();
                for own in &asset.traits {
                    if !traits.contains(own) {
                        traits.push(own.clone());
                    }
                }
                let operator = find(&asset.operated_by).or(user);
                let in_public = traits.iter().any(|own| *own == "public-place")
                    || asset.zone.as_ref().is_some_and(|zone| self.zone_setting(zone) == Some("public"));
                let bystanders = if in_public { third_parties.as_slice() } else { &[] };
                Profile {
                    in_scope: !traits.iter().any(|own| *own == "out-of-scope"),
                    dangers: self.dangers(asset, operator, bystanders, &third_parties),
                    traits,
                    operator,
                    maker: find(&asset.made_by),
                    maintainer: find(&asset.maintained_by),
                    updater: find(&asset.updated_by),
                }
            })
            .collect()
    }

    fn dangers(
        &self,
        asset: &'a anshin_model::document::Asset,
        operator: Option<usize>,
        bystanders: &[usize],
        third_parties: &[usize],
    ) -> Vec<Danger<'a>> {
        let stated = asset.hazards.as_deref().unwrap_or_default();
        let stated = stated.iter().map(|h| (&h.kind, h.worst, h.unlikely, h.to.as_slice()));
        let by_kind = if asset.hazards.is_some() { &[][..] } else { self.catalog.hazards_of(&asset.kind) };
        let by_kind = by_kind.iter().map(|h| (&h.kind, h.worst, false, &[][..]));
        stated
            .chain(by_kind)
            .map(|(kind, before, unlikely, to)| {
                let hazard = self.catalog.hazards.get(kind);
                let area = hazard.is_some_and(|hazard| hazard.area);
                let mut whom: Vec<usize> =
                    to.iter().filter_map(|id| self.stakeholders.get(id.as_str()).copied()).collect();
                if whom.is_empty() && hazard.is_some_and(|hazard| hazard.served) {
                    whom.extend(self.served());
                }
                if whom.is_empty() {
                    whom.extend(operator);
                    whom.extend(if area { third_parties } else { bystanders });
                }
                let safeguard = asset.safeguards.iter().find(|id| {
                    let safeguard = self.catalog.safeguards.get(*id);
                    safeguard.is_some_and(|s| s.independent && s.against.contains(kind))
                });
                let worst = match (safeguard, before) {
                    (None, harm) => Some(harm),
                    (Some(_), Harm::Death) => Some(Harm::SeriousInjury),
                    (Some(_), Harm::SeriousInjury) => Some(Harm::MinorInjury),
                    (Some(_), Harm::MinorInjury) => None,
                };
                Danger { kind, worst, before, unlikely, to: whom, area, safeguard }
            })
            .collect()
    }

    /// The setting of a zone's kind.
    pub fn zone_setting(&self, zone: &Id) -> Option<&'a str> {
        let zone = &self.document.zones[*self.zones.get(zone.as_str())?];
        self.catalog.zone_kinds.get(&zone.kind).map(|kind| kind.setting.as_str())
    }

    /// Private persons that use the system or are near it: patients, guests, residents.
    fn served(&self) -> impl Iterator<Item = usize> + '_ {
        let fits = |who: &Stakeholder| who.person && matches!(who.role, Role::User | Role::ThirdParty);
        (0..self.document.stakeholders.len()).filter(move |&n| fits(self.stakeholder(n)))
    }

    fn make_hops(&mut self) {
        let find = |id: &Id| self.assets.get(id.as_str()).map(|&n| index(n));
        let mut hops = Vec::with_capacity(self.document.links.len());
        for (n, link) in self.document.links.iter().enumerate() {
            let ends = std::iter::once(&link.from).chain(&link.through).chain(std::iter::once(&link.to));
            let ends: Vec<u32> = ends.filter_map(find).collect();
            for pair in ends.windows(2) {
                hops.push(Hop { from: pair[0], to: pair[1], link: index(n) });
            }
        }
        // Counting sort of both directions by asset.
        let mut offsets = vec![0u32; self.document.assets.len() + 1];
        for hop in &hops {
            offsets[hop.from as usize + 1] += 1;
            offsets[hop.to as usize + 1] += 1;
        }
        for n in 1..offsets.len() {
            offsets[n] += offsets[n - 1];
        }
        let mut next = offsets.clone();
        let mut neighbours = vec![(0, 0); hops.len() * 2];
        for (n, hop) in hops.iter().enumerate() {
            for (end, other) in [(hop.from, hop.to), (hop.to, hop.from)] {
                neighbours[next[end as usize] as usize] = (other, index(n));
                next[end as usize] += 1;
            }
        }
        self.hops = hops;
        self.offsets = offsets;
        self.neighbours = neighbours;
    }

    /// Whether a measure is meant for an asset, by number in the document: for its kind, a kind above,
    /// a trait, or any.
    pub fn fits(&self, measure: &Measure, asset: usize) -> bool {
        let kind = &self.document.assets[asset].kind;
        let is_of = |on: &str| self.catalog.kind_and_above(kind).any(|(id, _)| id.as_str() == on);
        measure.on.iter().any(|on| on == "system" || self.profiles[asset].has(on) || is_of(on))
    }

    /// The assets that a measure is meant for.
    pub fn fitting(&self, measure: &Measure) -> Vec<Id> {
        let all = self.document.assets.iter().enumerate();
        all.filter(|(n, _)| self.fits(measure, *n)).map(|(_, asset)| asset.id.clone()).collect()
    }

    /// What the medium of a link is.
    pub fn medium_kind(&self, link: usize) -> Option<MediumKind> {
        let over = self.document.links[link].over.as_ref()?;
        self.catalog.media.get(over).map(|medium| medium.kind)
    }

    /// Whether what a link carries can be read or changed on the way.
    pub fn is_cleartext(&self, link: usize) -> bool {
        let stated = self.document.links[link].protections.contains(&Protection::Encrypted);
        let is_local = self.medium_kind(link) == Some(MediumKind::Local);
        !(stated || is_local || self.encrypts_by_itself(link))
    }

    /// Whether the medium or the protocol of a link keeps what it carries from being read or changed.
    pub fn encrypts_by_itself(&self, link: usize) -> bool {
        let link = &self.document.links[link];
        let medium = link.over.as_ref().and_then(|over| self.catalog.media.get(over));
        let protocol = link.protocol.as_ref().and_then(|name| self.catalog.protocols.get(name));
        medium.is_some_and(|medium| medium.encrypted == Protects::Yes)
            || protocol.is_some_and(|protocol| protocol.secure == Protects::Yes)
    }
}

/// A number of an item as it is kept in tables.
pub(crate) fn index(n: usize) -> u32 {
    u32::try_from(n).expect("the limits on documents keep tables far below 2^32 items")
}
