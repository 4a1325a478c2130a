//! Answer once: answers that follow from a system's facts and measures, and from answers in other
//! checklists along the links. A person confirms them.

mod early;
mod facts;
mod recorded;
mod words;

use anshin_assess::{Assessment, System};
use anshin_model::Text;
use anshin_model::document::Status;

use crate::answers::{Given, Round};
use crate::checklist::{Checklist, Checklists, Item, Kind, Means, OutOfScope};
use crate::links::Graph;
use crate::load::UNKNOWN;
use facts::Facts;

/// Links weaker than this say nothing about an answer.
pub(crate) const STRONG: f64 = 5.0;

/// What answers are proposed from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// A system that is described.
    pub system: Option<Described<'a>>,
    /// Answers to other checklists.
    pub others: &'a [Round],
}

/// A system, and what its assessment calls for.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// The system.
    pub system: &'a System<'a>,
    /// Its assessment.
    pub assessment: &'a Assessment,
}

/// What is proposed for a checklist.
#[derive(Debug, Clone, Default)]
pub struct Proposals {
    /// A proposal for each item of which something can be said.
    pub all: Vec<Proposal>,
    /// What decides whether the checklist concerns the system at all, where the document does not tell.
    pub undecided: Vec<Text>,
}

/// An answer that is proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The answer, or without a value what would answer the item.
    pub given: Given,
    /// What it rests on.
    pub ground: Ground,
}

/// What a proposal rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ground {
    /// The checklist does not concern the system.
    Scope,
    /// Facts of the system.
    Fact,
    /// Answers to other checklists.
    Answer,
    /// Measures that the document records.
    Measure,
    /// The assessment calls for a requirement, and no measure for it is recorded at a stage at which
    /// nothing can be in place yet.
    CalledFor,
    /// The stage of the system alone.
    Stage,
    /// Nothing: what would answer the item is told instead.
    Nothing,
}

/// Answers for items that have none, each with its reason; and where nothing is known, what would
/// answer the item, as a proposal without a value.
///
/// Whether the checklist concerns the system at all comes first, then the rules of its items over the
/// system's facts, answers in other checklists, the document's measures, and last what cannot be there
/// yet at the stage that the document states.
pub fn proposals(round: &Round, checklists: &Checklists, known: Known<'_>) -> Proposals {
    let list = &round.list;
    let facts = known.system.map(|of| Facts::new(list, of.system));
    let graph = Graph::new(list, checklists);
    let of_system = facts.as_ref().zip(known.system.map(|of| of.assessment));
    let open = list.items().filter(|(_, item)| round.answer(item.id.as_str()).is_none());
    let all = open.filter_map(|(section, item)| {
        let along_links = || graph.along_links(list, item, known.others).map(|given| (given, Ground::Answer));
        let (given, ground) = match of_system {
            Some((facts, assessment)) => {
                let counts = list.is_scored(section);
                let outside = || facts.outside(item).filter(|_| counts).map(|given| (given, Ground::Scope));
                let rule = facts.rule(item);
                let by_rule = rule.clone().filter(Given::is_answered).map(|given| (given, Ground::Fact));
                let recorded =
                    || recorded::answer(list, item, facts.system).map(|given| (given, Ground::Measure));
                let early = || early::answer(facts, &assessment.candidates, item);
                let nothing = || facts.open(item, rule.as_ref()).map(|given| (given, Ground::Nothing));
                outside()
                    .or(by_rule)
                    .or_else(along_links)
                    .or_else(recorded)
                    .or_else(early)
                    .or_else(|| nothing().filter(|_| counts))
            }
            None => along_links(),
        }?;
        let reason = reason(list, item, &given);
        Some(Proposal { given: Given { proposed: true, reason, ..given }, ground })
    });
    Proposals { all: all.collect(), undecided: facts.as_ref().map(undecided).unwrap_or_default() }
}

fn undecided(facts: &Facts<'_>) -> Vec<Text> {
    let rules: Vec<_> = facts.scope_rules().collect();
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

/// An answer that stands for the state of a measure, where the item's scale has one of its own for it.
fn with_state(list: &Checklist, item: &Item, state: Status) -> Option<Given> {
    let scale = list.scale(item);
    let option = scale.options.iter().find(|option| option.state == Some(state))?;
    Some(Given { value: vec![option.id.to_string()], ..Given::new(item.id.clone()) })
        .filter(|_| scale.kind == Kind::One)
}

/// An answer that comes to something, in the words of the item's scale.
pub(crate) fn with_means(list: &Checklist, item: &Item, means: Means) -> Option<Given> {
    let scale = list.scale(item);
    let mut given = Given::new(item.id.clone());
    if scale.kind != Kind::One {
        return None;
    }
    // Of several options that come to the same, the most careful one. What is decided against does not
    // follow from what is missing.
    let fitting = scale.options.iter().filter(|option| option.means == Some(means));
    let fitting = fitting.filter(|option| option.state != Some(Status::Refused));
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
