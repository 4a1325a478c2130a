//! What the facts of a system say about the items of a checklist.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::{Places, System};
use anshin_catalog::{Condition, facts};
use anshin_model::{Id, Lang, Text};

use super::recorded::{self, is_in_place};
use super::words::{self, MOST_NAMES};
use crate::answers::Given;
use crate::checklist::{Checklist, Item, Prefill, Subject};
use crate::load::{OUT_OF_SCOPE, UNKNOWN};

/// What a condition of a checklist belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The checklist, with the number of the rule.
    Scope(usize),
    /// An item, with the number of the rule.
    Rule(Id, usize),
    /// The earliest stage of an item.
    Earliest(Id),
}

/// Which conditions of a checklist hold for a system.
pub(super) struct Facts<'a> {
    pub(super) list: &'a Checklist,
    pub(super) system: &'a System<'a>,
    /// The facts that made each condition hold.
    held: BTreeMap<Place, Vec<Id>>,
    /// The facts named in conditions that hold for the system.
    stated: BTreeSet<String>,
    /// Where each of those holds.
    pub(super) places: Places<'a, 'a>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(list: &'a Checklist, system: &'a System<'a>) -> Self {
        let mut conditions: Vec<(Place, &Condition)> = Vec::new();
        conditions.extend(list.scope.iter().enumerate().map(|(n, rule)| (Place::Scope(n), &rule.when)));
        for (_, item) in list.items() {
            let rules = item.prefill.iter().enumerate();
            conditions.extend(rules.map(|(n, rule)| (Place::Rule(item.id.clone(), n), &rule.when)));
            let earliest = item.earliest.as_ref();
            conditions.extend(earliest.map(|earliest| (Place::Earliest(item.id.clone()), &earliest.when)));
        }
        let all: Vec<&Condition> = conditions.iter().map(|(_, condition)| *condition).collect();
        let held = anshin_assess::holding(system, &all);
        let alone = |fact: &str| Condition { all: vec![fact.to_owned()], ..Condition::default() };
        let named: BTreeSet<&str> = all.iter().flat_map(|condition| condition.facts()).collect();
        let each: Vec<Condition> = named.iter().map(|fact| alone(fact)).collect();
        let stated = anshin_assess::holding(system, &each.iter().collect::<Vec<_>>());
        let stated = named.into_iter().zip(stated).filter(|(_, held)| held.is_some());
        let stated: BTreeSet<String> = stated.map(|(fact, _)| fact.to_owned()).collect();
        let places = Places::new(system, stated.iter().map(String::as_str));
        let held = conditions.into_iter().zip(held);
        let held = held.filter_map(|((place, _), facts)| Some((place, facts?))).collect();
        Self { list, system, held, stated, places }
    }

    /// The rules about the whole checklist that hold.
    pub(super) fn scope_rules(&self) -> impl Iterator<Item = &'a Prefill> {
        let rules = self.list.scope.iter().enumerate();
        rules.filter(|(n, _)| self.held.contains_key(&Place::Scope(*n))).map(|(_, rule)| rule)
    }

    /// That the checklist does not concern the system, where the document says so.
    pub(super) fn outside(&self, item: &Item) -> Option<Given> {
        let rules = self.list.scope.iter().enumerate();
        let mut all = rules.filter_map(|(n, rule)| self.given(item, rule, &Place::Scope(n)));
        let scale = self.list.scale(item);
        all.find(|given| given.is_answered() && given.value.iter().all(|word| scale.option(word).is_some()))
    }

    /// What the first rule says that holds; without a value where it leaves the answer open.
    pub(super) fn rule(&self, item: &Item) -> Option<Given> {
        let mut rules = item.prefill.iter().enumerate();
        rules.find_map(|(n, rule)| self.given(item, rule, &Place::Rule(item.id.clone(), n)))
    }

    /// The facts with which an item concerns the system, where it names any.
    pub(super) fn earliest(&self, item: &Item) -> Option<&[Id]> {
        self.held.get(&Place::Earliest(item.id.clone())).map(Vec::as_slice)
    }

    fn given(&self, item: &Item, rule: &Prefill, place: &Place) -> Option<Given> {
        let facts = self.held.get(place)?;
        let taken = rule.measures.iter().find(|id| is_in_place(self.system, id));
        if !rule.measures.is_empty() && taken.is_none() {
            return None;
        }
        let mut given = Given::new(item.id.clone());
        if rule.answer.iter().any(|word| word == OUT_OF_SCOPE) {
            given.out_of_scope = true;
            given.reason = Some(rule.because.clone());
        } else if rule.answer != [UNKNOWN] {
            given.value.clone_from(&rule.answer);
        }
        let because = words::with_places(&rule.because, &self.places, facts);
        given.because = Some(words::with_measure(&because, self.system, taken));
        Some(given)
    }

    /// What would answer an item of which nothing is known: its measures, and the facts that its rules
    /// look at. A document about a system says nothing about how a company is run otherwise.
    pub(super) fn open(&self, item: &Item, rule: Option<&Given>) -> Option<Given> {
        if !matches!(self.list.subject, Subject::Product | Subject::System) {
            return None;
        }
        let missing = self.missing(item).map(|facts| {
            Text::new(
                "次に当たるかどうかで決まりますが、システム文書に記載がありません：{facts}",
                "it depends on something that the system document does not state: {facts}",
            )
            .fill(&[("facts", &facts)])
        });
        let is_recorded = |id: &Id| recorded::is_recorded(self.system, id);
        let record = words::measures_but(self.list, item, self.system, is_recorded).map(|measures| {
            Text::new(
                "{measures}を実施しているかが分かりません。システム文書の`measures:`（画面の「対策の計画」）に記録すると、答えを提案できます",
                "whether {measures} is in place is not recorded; record it under `measures:` in the system document (the page Plan), and an answer is proposed",
            )
            .fill(&[("measures", &measures)])
        });
        let look = || {
            item.evidence.first().map(|evidence| {
                Text::new(
                    "システム文書からは分かりません。「{evidence}」を確かめて答えます",
                    "the system document does not tell; look at: {evidence}",
                )
                .fill(&[("evidence", evidence)])
            })
        };
        let ask = || {
            Text::new(
                "「{item}」は、システム文書からは分かりません。担当者に確かめて答えます",
                "the system document does not tell about \u{201c}{item}\u{201d}; ask whoever is in charge",
            )
            .fill(&[("item", item.short())])
        };
        let because = rule.and_then(|given| given.because.clone());
        let undecided = recorded::undecided(item, self.system);
        let known = [because, undecided, record, missing]
            .into_iter()
            .flatten()
            .reduce(|all, next| words::joined(&all, &next));
        let mut given = Given::new(item.id.clone());
        given.because = Some(known.or_else(look).unwrap_or_else(ask));
        Some(given)
    }

    /// The facts that would let a rule of the item answer it, or tell that it is too early; by name.
    fn missing(&self, item: &Item) -> Option<Text> {
        let answers = item.prefill.iter().enumerate().filter(|(_, rule)| rule.answer != [UNKNOWN]);
        let rules = answers.filter(|(n, _)| !self.held.contains_key(&Place::Rule(item.id.clone(), *n)));
        let wanted = rules.map(|(_, rule)| &rule.when).chain(item.earliest.as_ref().map(|own| &own.when));
        let mut names: Vec<Text> = Vec::new();
        for fact in wanted.flat_map(|when| when.all.iter().chain(&when.any)) {
            let name = facts::name(&Id::from(fact.as_str()), self.system.catalog);
            if !names.contains(&name) && !self.stated.contains(fact) {
                names.push(name);
            }
        }
        let all = |lang, mark: &str| {
            names.iter().take(MOST_NAMES).map(|name| name.get(lang)).collect::<Vec<_>>().join(mark)
        };
        (!names.is_empty()).then(|| Text::new(all(Lang::Ja, "、"), all(Lang::En, ", ")))
    }
}
