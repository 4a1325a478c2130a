//! Where in a system a fact holds.

use std::collections::BTreeMap;

use anshin_catalog::{Condition, FactOf, facts};
use anshin_model::document::{Duty, Link};
use anshin_model::{Id, Text};

use crate::facts::{duty_word, of_assets, protections, reach};
use crate::set::Universe;
use crate::system::System;

/// How many facts are looked up at a time.
const AT_A_TIME: usize = 64;

/// The parts of a system that have each of some facts.
#[derive(Debug)]
pub struct Places<'s, 'a> {
    system: &'s System<'a>,
    /// Assets in scope by fact, as numbers in the document.
    assets: BTreeMap<String, Vec<usize>>,
}

impl<'s, 'a> Places<'s, 'a> {
    /// Looks up where facts hold.
    pub fn new<'f>(system: &'s System<'a>, facts: impl Iterator<Item = &'f str>) -> Self {
        let of_asset = |fact: &&str| {
            let head = head_and_word(fact).0;
            let described = system.catalog.facts.get(head);
            described.map_or(system.catalog.traits.contains_key(head), |fact| fact.of == FactOf::Asset)
        };
        let facts: Vec<&str> = facts.filter(of_asset).collect();
        let reached = reach(system);
        let mut assets = BTreeMap::new();
        for some in facts.chunks(AT_A_TIME) {
            let all =
                Condition { all: some.iter().map(|&fact| fact.to_owned()).collect(), ..Condition::default() };
            let universe = Universe::of(std::iter::once(&all));
            let sets = of_assets(system, &universe, &reached);
            for fact in some {
                let Some(index) = universe.index(fact) else { continue };
                let has = |n: &usize| system.profiles[*n].in_scope && sets[*n].contains(index);
                assets.insert((*fact).to_owned(), (0..sets.len()).filter(has).collect());
            }
        }
        Self { system, assets }
    }

    /// A fact in the words of people.
    pub fn name(&self, fact: &Id) -> Text {
        facts::name(fact, self.system.catalog)
    }

    /// The names of the assets, links or stakeholders that a fact is about; none for a fact about the
    /// whole system.
    pub fn of(&self, fact: &Id) -> Vec<Text> {
        let system = self.system;
        let (head, word) = head_and_word(fact.as_str());
        match head {
            "cleartext" => self.links(|n, link| !link.carries.is_empty() && system.is_cleartext(n)),
            "protection" => self.links(|n, link| {
                !link.carries.is_empty() && protections(system, n).any(|protection| protection == word)
            }),
            "carries" => self.links(|_, link| {
                let data = link.carries.iter().filter_map(|id| system.data.get(id.as_str()));
                data.into_iter().any(|&data| {
                    let is_marked = system.marks[data].iter().any(|mark| mark.as_str() == word);
                    is_marked || system.document.data[data].kind.with_parents().any(|kind| kind == word)
                })
            }),
            "duty" => {
                let has = |duties: &[Duty]| duties.iter().any(|duty| duty_word(*duty) == word);
                let all = system.document.stakeholders.iter().filter(|own| has(&own.duties));
                all.map(|own| own.name.clone()).collect()
            }
            _ => {
                let assets = self.assets.get(fact.as_str()).into_iter().flatten();
                assets.map(|&n| system.document.assets[n].name.clone()).collect()
            }
        }
    }

    /// The links with an end in scope for which something holds.
    fn links(&self, holds: impl Fn(usize, &Link) -> bool) -> Vec<Text> {
        let system = self.system;
        let asset = |id: &Id| system.assets.get(id.as_str()).copied();
        let links = system.document.links.iter().enumerate().filter(|(n, link)| holds(*n, link));
        links
            .filter_map(|(_, link)| {
                let (from, to) = (asset(&link.from)?, asset(&link.to)?);
                let in_scope = system.profiles[from].in_scope || system.profiles[to].in_scope;
                let name = |n: usize| &system.document.assets[n].name;
                let between = || Text::new("{from}と{to}の間", "{from} to {to}");
                in_scope.then(|| between().fill(&[("from", name(from)), ("to", name(to))]))
            })
            .collect()
    }
}

fn head_and_word(fact: &str) -> (&str, &str) {
    fact.split_once(':').unwrap_or((fact, ""))
}
