//! Answer once: answers that follow from a system's facts and measures, and from answers in other
//! checklists along the links. A person confirms them.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::System;
use anshin_catalog::{Condition, facts};
use anshin_model::document::{Stage, Status};
use anshin_model::{Id, Lang, Text};

use crate::answers::{Given, Round};
use crate::checklist::{Checklist, Checklists, Item, Kind, Means, OutOfScope, Prefill, Relation, Subject};
use crate::links::Graph;
use crate::load::{OUT_OF_SCOPE, UNKNOWN};

/// Links weaker than this say nothing about an answer.
pub(crate) const STRONG: f64 = 5.0;

/// What answers are proposed from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// A system that is described.
    pub system: Option<&'a System<'a>>,
    /// Answers to other checklists.
    pub others: &'a [Round],
}

/// Answers for items that have none, each with its reason; and where nothing is known, what would
/// answer the item, as a proposal without a value.
///
/// Whether the checklist concerns the system at all comes first, then the rules of its items over the
/// system's facts, answers in other checklists, the document's measures, and last what cannot be there
/// yet at the stage that the document states.
pub fn proposals(round: &Round, checklists: &Checklists, known: Known<'_>) -> Vec<Given> {
    let list = &round.list;
    let facts = known.system.map(|system| Facts::new(list, system));
    let graph = Graph::new(list, checklists);
    let open = list.items().filter(|(_, item)| round.answer(item.id.as_str()).is_none());
    open.filter_map(|(section, item)| {
        let outside =
            facts.as_ref().filter(|_| list.is_scored(section)).and_then(|facts| facts.outside(item));
        let rule = || facts.as_ref().and_then(|facts| facts.rule(item));
        let given = outside
            .or_else(|| rule().filter(Given::is_answered))
            .or_else(|| graph.along_links(list, item, known.others))
            .or_else(|| facts.as_ref().and_then(|facts| from_measures(list, item, facts.system)))
            .or_else(|| facts.as_ref().and_then(|facts| facts.too_early(item)))
            .or_else(|| facts.as_ref().filter(|_| list.is_scored(section))?.open(item, rule()))?;
        Some(Given { proposed: true, reason: reason(list, item, &given), ..given })
    })
    .collect()
}

/// What decides whether a checklist concerns a system at all, where the document does not tell.
pub fn undecided(list: &Checklist, system: &System<'_>) -> Vec<Text> {
    let facts = Facts::new(list, system);
    let holds = |n: usize| facts.held.contains_key(&Place::Scope(n));
    let rules: Vec<_> =
        list.scope.iter().enumerate().filter(|(n, _)| holds(*n)).map(|(_, rule)| rule).collect();
    // What is decided leaves nothing open.
    if rules.iter().any(|rule| rule.answer != [UNKNOWN]) {
        return Vec::new();
    }
    rules.into_iter().map(|rule| rule.because.clone()).collect()
}

/// The answers of an earlier round of the same checklist as proposals.
pub fn carried(list: &Checklist, earlier: &Round) -> Vec<Given> {
    let known = earlier.given.values().filter(|given| given.is_answered());
    known
        .filter(|given| list.item(given.id.as_str()).is_some())
        .map(|given| {
            let because = match earlier.date(given) {
                Some(date) => Text::new(format!("{date}の回答"), format!("the answer of {date}")),
                None => Text::new("前回の回答", "the answer of the round before"),
            };
            Given {
                proposed: true,
                because: Some(because),
                date: None,
                reviewer: None,
                reviewed: None,
                ..given.clone()
            }
        })
        .collect()
}

/// The reason of an answer; that of the proposal where the answer asks for one.
fn reason(list: &Checklist, item: &Item, given: &Given) -> Option<Text> {
    let asks = |option: &crate::Choice| option.reason && given.value.iter().any(|word| option.id == **word);
    let asked = given.out_of_scope || list.scale(item).options.iter().any(asks);
    given.reason.clone().or_else(|| given.because.clone().filter(|_| asked))
}

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
struct Facts<'a> {
    list: &'a Checklist,
    system: &'a System<'a>,
    /// The facts that made each condition hold.
    held: BTreeMap<Place, Vec<Id>>,
    /// The facts named in conditions that hold for the system.
    stated: BTreeSet<String>,
}

impl<'a> Facts<'a> {
    fn new(list: &'a Checklist, system: &'a System<'a>) -> Self {
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
        let stated = stated.map(|(fact, _)| fact.to_owned()).collect();
        let held = conditions.into_iter().zip(held);
        let held = held.filter_map(|((place, _), facts)| Some((place, facts?))).collect();
        Self { list, system, held, stated }
    }

    /// That the checklist does not concern the system, where the document says so.
    fn outside(&self, item: &Item) -> Option<Given> {
        let rules = self.list.scope.iter().enumerate();
        let mut all = rules.filter_map(|(n, rule)| self.given(item, rule, &Place::Scope(n)));
        let scale = self.list.scale(item);
        all.find(|given| given.is_answered() && given.value.iter().all(|word| scale.option(word).is_some()))
    }

    /// What the first rule says that holds; without a value where it leaves the answer open.
    fn rule(&self, item: &Item) -> Option<Given> {
        let mut rules = item.prefill.iter().enumerate();
        rules.find_map(|(n, rule)| self.given(item, rule, &Place::Rule(item.id.clone(), n)))
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
        given.because = Some(with_facts(&rule.because, facts.iter().chain(taken)));
        Some(given)
    }

    /// That something is not met, where it cannot be there yet at the stage that the document states.
    fn too_early(&self, item: &Item) -> Option<Given> {
        let earliest = item.earliest.as_ref()?;
        let facts = self.held.get(&Place::Earliest(item.id.clone()))?;
        // Left out, the stage counts as planning; here it has to be said.
        let stage = self.system.document.system.stage.filter(|stage| *stage < earliest.stage)?;
        let (word, because) = match (stage, self.measures(item)) {
            (Stage::Planning, Some(measures)) => (
                "planning",
                Text::new(
                    "まだ企画段階で、{measures}の記録もシステム文書にないため",
                    "it is still being planned, and {measures} is not recorded in the system document",
                )
                .fill(&[("measures", &measures)]),
            ),
            (Stage::Planning, None) => (
                "planning",
                Text::new(
                    "まだ企画段階で、製品ができていないため",
                    "it is still being planned, and the product is not there",
                ),
            ),
            (_, Some(measures)) => (
                "development",
                Text::new(
                    "まだ開発段階で、{measures}の記録もシステム文書にないため",
                    "it is still being developed, and {measures} is not recorded in the system document",
                )
                .fill(&[("measures", &measures)]),
            ),
            (_, None) => (
                "development",
                Text::new(
                    "まだ開発段階で、製品が市場に出ていないため",
                    "it is still being developed, and the product is not on the market",
                ),
            ),
        };
        let mut given = with_means(self.list, item, Means::Unmet)?;
        let stage = Id::from(format!("stage:{word}"));
        given.because = Some(with_facts(&because, std::iter::once(&stage).chain(facts)));
        Some(given)
    }

    /// What would answer an item of which nothing is known: its measures, and the facts that its rules
    /// look at. A document about a system says nothing about how a company is run otherwise.
    fn open(&self, item: &Item, rule: Option<Given>) -> Option<Given> {
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
        let record = self.measures(item).map(|measures| {
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
        let because = rule.and_then(|given| given.because);
        let known = [because, record, missing].into_iter().flatten().reduce(|all, next| joined(&all, &next));
        let mut given = Given::new(item.id.clone());
        given.because = Some(known.or_else(look).unwrap_or_else(ask));
        Some(given)
    }

    /// The item's own measures that are not recorded as in place, by name.
    fn measures(&self, item: &Item) -> Option<Text> {
        let open = item.measures.iter().filter(|id| !is_in_place(self.system, id));
        let names = open.filter_map(|id| self.system.catalog.measures.get(id));
        let names: Vec<&Text> = names.map(|measure| &measure.name).take(MOST_NAMES).collect();
        let quoted = |lang, (open, close): (&str, &str), mark: &str, or: &str| {
            let mut all: Vec<_> =
                names.iter().map(|name| format!("{open}{}{close}", name.get(lang))).collect();
            let last = all.pop().unwrap_or_default();
            if all.is_empty() { last } else { format!("{}{or}{last}", all.join(mark)) }
        };
        let ja = format!("対策{}", quoted(Lang::Ja, ("「", "」"), "", "又は"));
        let en = quoted(Lang::En, ("\u{201c}", "\u{201d}"), ", ", " or ");
        (!names.is_empty()).then(|| Text::new(ja, en))
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

/// How many measures or facts a reason names.
const MOST_NAMES: usize = 3;

/// A reason with the facts that it rests on.
fn with_facts<'f>(because: &Text, facts: impl Iterator<Item = &'f Id>) -> Text {
    let facts: Vec<&str> = facts.map(Id::as_str).collect();
    if facts.is_empty() {
        return because.clone();
    }
    let facts = Text::same(facts.join(", "));
    Text::new("{because}（{facts}）", "{because} ({facts})").fill(&[("because", because), ("facts", &facts)])
}

/// Two sentences, one behind the other.
fn joined(first: &Text, second: &Text) -> Text {
    let ja = first.get(Lang::Ja).trim_end_matches('。');
    let en = first.get(Lang::En).trim_end_matches('.');
    Text::new(format!("{ja}。{}", second.get(Lang::Ja)), format!("{en}; {}", second.get(Lang::En)))
}

fn is_in_place(system: &System<'_>, measure: &Id) -> bool {
    let taken = &system.document.measures;
    taken.iter().any(|own| own.measure.as_ref() == Some(measure) && own.status == Status::InPlace)
}

/// An answer from the document's measures for the requirements that the item is about.
fn from_measures(list: &Checklist, item: &Item, system: &System<'_>) -> Option<Given> {
    let about =
        item.requirements.iter().filter(|to| to.relation != Relation::Related && to.strength >= STRONG);
    let about: BTreeSet<&Id> = about.map(|to| &to.requirement).collect();
    let concerns = |own: &&anshin_model::document::Measure| match &own.measure {
        Some(measure) if !item.measures.is_empty() => item.measures.contains(measure),
        _ => about.contains(&own.requirement),
    };
    let own: Vec<_> = system.document.measures.iter().filter(concerns).collect();
    let status = own.iter().map(|own| own.status).min_by_key(|status| match status {
        Status::InPlace => 0,
        Status::Planned => 1,
        Status::Refused => 2,
    })?;
    // One measure of an item says that something is done, as does a measure for a requirement of which
    // the item is only a part; that the latter is not done says nothing about the rest.
    let exact = own.iter().any(|own| own.measure.as_ref().is_some_and(|id| item.measures.contains(id)));
    let equal = item.requirements.iter().any(|to| to.relation == Relation::Equal);
    let means = match status {
        Status::InPlace if equal => Means::Met,
        Status::InPlace => Means::Partly,
        Status::Planned | Status::Refused if exact || equal => Means::Unmet,
        Status::Planned | Status::Refused => return None,
    };
    let named = own.iter().find(|own| own.status == status)?;
    let name = named.name.clone().or_else(|| {
        let measure = named.measure.as_ref()?;
        system.catalog.measures.get(measure).map(|measure| measure.name.clone())
    });
    let name = name.unwrap_or_else(|| Text::same(named.id.as_str()));
    let state = match status {
        Status::InPlace => Text::new("実施済み", "in place"),
        Status::Planned => Text::new("計画", "planned"),
        Status::Refused => Text::new("実施しない", "refused"),
    };
    let because = Text::new(
        "システム文書の対策「{name}」が{state}のため",
        "the measure \u{201c}{name}\u{201d} of the system document is {state}",
    )
    .fill(&[("name", &name), ("state", &state)]);
    // On a scale without "in part" people decide whether what is done is enough.
    let mut given = with_means(list, item, means)?;
    if let Some(evidence) = &named.evidence {
        given.evidence.push(crate::answers::Evidence { what: evidence.clone(), at: None, date: None });
    }
    given.because = Some(because);
    Some(given)
}

/// An answer that comes to something, in the words of the item's scale.
pub(crate) fn with_means(list: &Checklist, item: &Item, means: Means) -> Option<Given> {
    let scale = list.scale(item);
    let mut given = Given::new(item.id.clone());
    if scale.kind != Kind::One {
        return None;
    }
    // Of several options that come to the same, the most careful one.
    let fitting = scale.options.iter().filter(|option| option.means == Some(means));
    let careful = fitting.min_by(|a, b| a.points.unwrap_or(0.0).total_cmp(&b.points.unwrap_or(0.0)));
    if let Some(option) = careful {
        given.value = vec![option.id.to_string()];
        return Some(given);
    }
    if means == Means::Unknown {
        given.value = vec![UNKNOWN.to_owned()];
        return Some(given);
    }
    if means == Means::NotApplicable && scale.out_of_scope != OutOfScope::Forbidden {
        given.out_of_scope = true;
        return Some(given);
    }
    None
}
