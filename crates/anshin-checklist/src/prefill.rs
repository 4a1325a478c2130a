//! Answer once: answers that follow from a system's facts and measures, and from answers in other
//! checklists along the links. A person confirms them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anshin_assess::System;
use anshin_catalog::Condition;
use anshin_model::document::{Stage, Status};
use anshin_model::{Id, Lang, Text};

use crate::answers::{Given, Round};
use crate::checklist::{Checklist, Checklists, Item, Kind, Means, OutOfScope, Relation, Subject};
use crate::load::{OUT_OF_SCOPE, UNKNOWN};
use crate::score::worth;

/// Links weaker than this say nothing about an answer.
const STRONG: f64 = 5.0;

/// What answers are proposed from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// A system that is described.
    pub system: Option<&'a System<'a>>,
    /// Requirements that its assessment calls for.
    pub called_for: &'a [Id],
    /// Answers to other checklists.
    pub others: &'a [Round],
}

/// Answers for items that have none, each with its reason.
///
/// Rules of the checklist over the system's facts come first, then answers in other checklists,
/// then the document's measures, and last what the assessment calls for and no measure meets: not met
/// yet where the document says that the system is still being planned, else not known.
pub fn proposals(round: &Round, checklists: &Checklists, known: Known<'_>) -> Vec<Given> {
    let list = &round.list;
    let Known { system, called_for, others } = known;
    let facts = system.map(|system| Facts::new(list, system));
    let graph = Graph::new(list, checklists);
    let open = list.items().filter(|(_, item)| round.answer(item.id.as_str()).is_none());
    open.filter_map(|(_, item)| {
        let rule = facts.as_ref().and_then(|facts| facts.rule(item));
        // That a fact leaves something open says less than any answer.
        let (open, rule) = if rule.as_ref().is_some_and(is_unknown) { (rule, None) } else { (None, rule) };
        let given = rule
            .or_else(|| graph.along_links(list, item, others))
            .or_else(|| system.and_then(|system| from_measures(list, item, system)))
            .or_else(|| system.and_then(|system| from_gaps(list, item, system, called_for)))
            .filter(|given| open.is_none() || !is_unknown(given))
            .or(open)?;
        Some(Given { proposed: true, reason: reason(list, item, &given), ..given })
    })
    .collect()
}

fn is_unknown(given: &Given) -> bool {
    given.value == [UNKNOWN]
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

/// Which rules of a checklist hold for a system.
struct Facts<'a> {
    system: &'a System<'a>,
    /// The facts that made each rule hold, in the order of items and rules.
    held: BTreeMap<(Id, usize), Vec<Id>>,
}

impl<'a> Facts<'a> {
    fn new(list: &Checklist, system: &'a System<'a>) -> Self {
        let rules = || {
            list.items().flat_map(|(_, item)| {
                item.prefill.iter().enumerate().map(move |(n, rule)| ((item.id.clone(), n), &rule.when))
            })
        };
        let conditions: Vec<&Condition> = rules().map(|(_, when)| when).collect();
        let held = anshin_assess::holding(system, &conditions);
        let held = rules().zip(held).filter_map(|((key, _), facts)| Some((key, facts?))).collect();
        Self { system, held }
    }

    fn rule(&self, item: &Item) -> Option<Given> {
        item.prefill.iter().enumerate().find_map(|(n, rule)| {
            let facts = self.held.get(&(item.id.clone(), n))?;
            let taken = rule.measures.iter().find(|id| is_in_place(self.system, id));
            if !rule.measures.is_empty() && taken.is_none() {
                return None;
            }
            let mut why: Vec<&str> = facts.iter().map(Id::as_str).collect();
            why.extend(taken.map(Id::as_str));
            let because = if why.is_empty() {
                rule.because.clone()
            } else {
                let facts = Text::same(why.join(", "));
                Text::new("{because}（{facts}）", "{because} ({facts})")
                    .fill(&[("because", &rule.because), ("facts", &facts)])
            };
            let mut given = Given::new(item.id.clone());
            if rule.answer.iter().any(|word| word == OUT_OF_SCOPE) {
                given.out_of_scope = true;
                given.reason = Some(rule.because.clone());
            } else {
                given.value.clone_from(&rule.answer);
            }
            given.because = Some(because);
            Some(given)
        })
    }
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
    // A measure for a requirement of which the item is only a part says that something is done; that
    // it is not done yet, or will not be, says nothing about the rest.
    let exact = own.iter().any(|own| own.measure.as_ref().is_some_and(|id| item.measures.contains(id)));
    let equal = item.requirements.iter().any(|to| to.relation == Relation::Equal);
    let means = match status {
        Status::InPlace if exact || equal => Means::Met,
        Status::InPlace => Means::Partly,
        Status::Planned | Status::Refused if exact || equal => Means::Unmet,
        Status::Planned | Status::Refused => Means::Unknown,
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
    let mut given = with_means(list, item, means)?;
    if let Some(evidence) = &named.evidence {
        given.evidence.push(crate::answers::Evidence { what: evidence.clone(), at: None, date: None });
    }
    given.because = Some(because);
    Some(given)
}

/// An item about a requirement that the assessment calls for, where no measure of the document answers
/// it. That nothing is recorded does not say that nothing is done, so it is not known; but what a product
/// is to have built in, it does not have while the document says that it is still being planned.
///
/// A document about a system says nothing about how a company is run otherwise.
fn from_gaps(list: &Checklist, item: &Item, system: &System<'_>, called_for: &[Id]) -> Option<Given> {
    if !matches!(list.subject, Subject::Product | Subject::System) {
        return None;
    }
    let about = |to: &&crate::ToRequirement| to.relation != Relation::Related && to.strength >= STRONG;
    let to = item.requirements.iter().filter(about).find(|to| called_for.contains(&to.requirement))?;
    let requirement = system.catalog.requirements.get(&to.requirement)?;
    // Left out, the stage counts as planning; here it has to be said.
    let is_planned = system.document.system.stage == Some(Stage::Planning);
    let (means, because) = if is_planned && item.built_in {
        (
            Means::Unmet,
            Text::new(
                "企画段階のシステムで、評価が求める対策要件「{name}」に当たる対策がまだ文書にないため (stage:planning)",
                "the system is still being planned, and no measure is recorded yet for \u{201c}{name}\u{201d}, which the assessment calls for (stage:planning)",
            ),
        )
    } else {
        (
            Means::Unknown,
            Text::new(
                "評価が対策要件「{name}」を求めていますが、この項目に当たる対策の記録がシステム文書にありません",
                "the assessment calls for \u{201c}{name}\u{201d}, and the system document records no measure that answers this",
            ),
        )
    };
    let because = because.fill(&[("name", &requirement.name)]);
    let mut given = with_means(list, item, means)?;
    given.because = Some(because);
    Some(given)
}

/// An answer that comes to something, in the words of the item's scale.
fn with_means(list: &Checklist, item: &Item, means: Means) -> Option<Given> {
    let scale = list.scale(item);
    let mut given = Given::new(item.id.clone());
    if scale.kind != Kind::One {
        return None;
    }
    if let Some(option) = scale.options.iter().find(|option| option.means == Some(means)) {
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

/// A node of the graph: checklist and item.
type Place = (Id, Id);

/// From an item to those whose answers tell something about it.
struct Graph {
    /// The neighbours of each item: the other, whether they ask for the same, and the strength.
    edges: BTreeMap<Place, Vec<(Place, bool, f64)>>,
    titles: BTreeMap<Id, Text>,
}

impl Graph {
    fn new(list: &Checklist, checklists: &Checklists) -> Self {
        let mut edges: BTreeMap<Place, Vec<(Place, bool, f64)>> = BTreeMap::new();
        let mut add = |from: &Place, to: &Place, same: bool, strength: f64| {
            edges.entry(from.clone()).or_default().push((to.clone(), same, strength));
        };
        let others = checklists.iter().filter(|other| other.id != list.id);
        for list in std::iter::once(list).chain(others) {
            for (_, item) in list.items() {
                let here = (list.id.clone(), item.id.clone());
                for link in item.links.iter().filter(|link| link.strength >= STRONG) {
                    let there = (link.checklist.clone(), link.item.clone());
                    match link.relation {
                        Relation::Equal => {
                            add(&here, &there, true, link.strength);
                            add(&there, &here, true, link.strength);
                        }
                        // The part looks at the whole.
                        Relation::Part => add(&here, &there, false, link.strength),
                        Relation::Superset => add(&there, &here, false, link.strength),
                        Relation::Related => {}
                    }
                }
            }
        }
        let titles = checklists.iter().map(|list| (list.id.clone(), list.title.clone())).collect();
        Self { edges, titles }
    }

    /// The answer of the nearest item that tells something.
    fn along_links(&self, list: &Checklist, item: &Item, others: &[Round]) -> Option<Given> {
        let start: Place = (list.id.clone(), item.id.clone());
        let mut seen = BTreeSet::from([start.clone()]);
        let mut next = VecDeque::from([(start, true)]);
        while let Some((at, same)) = next.pop_front() {
            if let Some(given) = answered(list, item, &at, same, others, &self.titles) {
                return Some(given);
            }
            for (to, alike, _) in self.edges.get(&at).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push_back((to.clone(), same && *alike));
                }
            }
        }
        None
    }
}

/// What the answer at a place says about an item.
fn answered(
    list: &Checklist,
    item: &Item,
    (checklist, other): &Place,
    same: bool,
    others: &[Round],
    titles: &BTreeMap<Id, Text>,
) -> Option<Given> {
    let round = others.iter().rev().find(|round| round.list.id == *checklist)?;
    if *checklist == list.id && item.id == *other {
        return None;
    }
    let (_, source) = round.list.item(other.as_str())?;
    let answer = round.answer(other.as_str()).filter(|given| !given.proposed)?;
    let means = worth(&round.list, source, Some(answer)).means?;
    // What the whole lacks may be in another part of it.
    if !same && means != Means::Met {
        return None;
    }
    let mut given = with_means(list, item, means)?;
    given.reason.clone_from(&answer.reason);
    given.evidence.clone_from(&answer.evidence);
    let title = titles.get(checklist).unwrap_or(&round.list.title);
    let label = Text::same(source.label());
    let means = means.name();
    let because = if same {
        Text::new(
            "「{title}」の{label}が同じことを問い、答えは「{means}」のため",
            "{label} of \u{201c}{title}\u{201d} asks for the same; the answer is: {means}",
        )
    } else {
        Text::new(
            "「{title}」の{label}がこれを含み、答えは「{means}」のため",
            "{label} of \u{201c}{title}\u{201d} covers this; the answer is: {means}",
        )
    };
    given.because = Some(because.fill(&[("title", title), ("label", &label), ("means", &means)]));
    Some(given)
}

/// What answers say about a requirement of annex A.
#[derive(Debug, Clone)]
pub struct Says {
    /// The requirement.
    pub requirement: Id,
    /// The checklist.
    pub checklist: Id,
    /// Its title.
    pub title: Text,
    /// The item, with its number and its text.
    pub item: Id,
    /// Number of the item as the source prints it.
    pub label: String,
    /// The item in a few words.
    pub short: Text,
    /// How the item relates to the requirement.
    pub relation: Relation,
    /// What the answer comes to.
    pub means: Means,
    /// The evidence that the answer names.
    pub evidence: Vec<Text>,
    /// Whether nobody has confirmed the answer yet.
    pub proposed: bool,
    /// What the round is about.
    pub subject: Option<Text>,
    /// When the answer was given.
    pub date: Option<String>,
}

impl Says {
    /// Where the answer was given: the checklist, what its round is about, and when.
    pub fn round(&self) -> Text {
        let date = self.date.as_deref().map(Text::same);
        let parts = [Some(&self.title), self.subject.as_ref(), date.as_ref()];
        let joined = |lang, mark: &str| {
            parts.iter().flatten().map(|text| text.get(lang)).collect::<Vec<_>>().join(mark)
        };
        Text::new(joined(Lang::Ja, "、"), joined(Lang::En, ", "))
    }
}

/// What a round says about requirements, in the order of the checklist.
pub fn says(round: &Round) -> Vec<Says> {
    let mut out = Vec::new();
    for (_, item, given) in round.asked() {
        let Some(given) = given else { continue };
        let Some(means) = worth(&round.list, item, Some(given)).means else { continue };
        for to in &item.requirements {
            out.push(Says {
                requirement: to.requirement.clone(),
                checklist: round.list.id.clone(),
                title: round.list.title.clone(),
                item: item.id.clone(),
                label: item.label(),
                short: item.short().clone(),
                relation: to.relation,
                means,
                evidence: given.evidence.iter().map(|evidence| evidence.what.clone()).collect(),
                proposed: given.proposed,
                subject: round.answers.subject.clone(),
                date: round.date(given).map(str::to_owned),
            });
        }
    }
    out
}
