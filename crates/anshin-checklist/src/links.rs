//! What an answer in one checklist says about the items of others, along the links.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anshin_model::{Id, Text};

use crate::answers::{Given, Round};
use crate::checklist::{Checklist, Checklists, Item, Means, Relation};
use crate::prefill::{STRONG, with_means};
use crate::score::worth;

/// A node of the graph: checklist and item.
type Place = (Id, Id);

/// What another item asks for, seen from the item that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// The same.
    Same,
    /// More: the item is a part of it.
    Whole,
    /// Less: it is a part of the item.
    Piece,
}

impl Seen {
    /// How something further on is seen, if anything follows from it at all.
    fn then(self, next: Seen) -> Option<Seen> {
        match (self, next) {
            (Seen::Same, seen) | (seen, Seen::Same) => Some(seen),
            (own, next) => (own == next).then_some(own),
        }
    }
}

/// From an item to those whose answers tell something about it.
pub(crate) struct Graph {
    edges: BTreeMap<Place, Vec<(Place, Seen)>>,
    /// What an item presupposes, and what presupposes it.
    presupposed: BTreeMap<Place, Vec<(Place, Presupposed)>>,
}

/// Which of two items presupposes the other, seen from the item that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presupposed {
    /// This item is about something that is there only if the other says so.
    ByThis,
    /// The other is about something that is there only if this item says so.
    ByOther,
}

/// An answer elsewhere.
struct Found<'a> {
    title: &'a Text,
    number: Option<String>,
    short: &'a Text,
    answer: &'a Given,
    words: Text,
    means: Means,
}

impl Found<'_> {
    /// A reason with what the answer is about.
    fn tell(&self, because: &Text) -> Text {
        let number = Text::same(self.number.clone().unwrap_or_default());
        let place = match self.number {
            Some(_) => Text::new(
                "「{title}」の{number}「{short}」",
                "\u{201c}{short}\u{201d} ({number} of \u{201c}{title}\u{201d})",
            ),
            None => {
                Text::new("「{title}」の「{short}」", "\u{201c}{short}\u{201d} of \u{201c}{title}\u{201d}")
            }
        };
        let place = place.fill(&[("title", self.title), ("number", &number), ("short", self.short)]);
        because.fill(&[("place", &place), ("means", &self.means.name()), ("words", &self.words)])
    }
}

impl Graph {
    pub(crate) fn new(list: &Checklist, checklists: &Checklists) -> Self {
        let mut edges: BTreeMap<Place, Vec<(Place, Seen)>> = BTreeMap::new();
        let mut presupposed: BTreeMap<Place, Vec<(Place, Presupposed)>> = BTreeMap::new();
        let others = checklists.iter().filter(|other| other.id != list.id);
        for list in std::iter::once(list).chain(others) {
            for (_, item) in list.items() {
                let here = (list.id.clone(), item.id.clone());
                for link in item.links.iter().filter(|link| link.strength >= STRONG) {
                    let there = (link.checklist.clone(), link.item.clone());
                    let (seen, back) = match link.relation {
                        Relation::Equal => (Seen::Same, Seen::Same),
                        Relation::Part => (Seen::Whole, Seen::Piece),
                        Relation::Superset => (Seen::Piece, Seen::Whole),
                        Relation::Presupposes => {
                            let [this, other] = [Presupposed::ByThis, Presupposed::ByOther];
                            presupposed.entry(here.clone()).or_default().push((there.clone(), this));
                            presupposed.entry(there).or_default().push((here.clone(), other));
                            continue;
                        }
                        Relation::Related => continue,
                    };
                    edges.entry(here.clone()).or_default().push((there.clone(), seen));
                    edges.entry(there).or_default().push((here.clone(), back));
                }
            }
        }
        Self { edges, presupposed }
    }

    /// What answers elsewhere say about an item: one to the same question, else a whole that is met,
    /// else the parts of which something is known. Never more than that follows.
    pub(crate) fn along_links(&self, list: &Checklist, item: &Item, others: &[Round]) -> Option<Given> {
        let found = self.answers(list, item, others);
        let of = |seen: Seen| found.iter().filter(move |(own, _)| *own == seen).map(|(_, found)| found);
        let same = of(Seen::Same).find_map(|found| carried_over(list, item, found, Seen::Same));
        let whole = || of(Seen::Whole).filter(|found| found.means == Means::Met);
        same.or_else(|| whole().find_map(|found| carried_over(list, item, found, Seen::Whole)))
            .or_else(|| from_pieces(list, item, &of(Seen::Piece).collect::<Vec<_>>()))
            .or_else(|| self.by_what_is_there(list, item, others))
    }

    /// That an item does not concern those who answer, since what it presupposes is not there; or that
    /// something is there, since what presupposes it was answered.
    fn by_what_is_there(&self, list: &Checklist, item: &Item, others: &[Round]) -> Option<Given> {
        let place: Place = (list.id.clone(), item.id.clone());
        let all = self.presupposed.get(&place).into_iter().flatten();
        let found: Vec<_> = all.filter_map(|(at, by)| Some((*by, answered(at, others)?))).collect();
        let is_there = |found: &Found<'_>| matches!(found.means, Means::Met | Means::Partly | Means::Unmet);
        let uses = |(by, found): &&(Presupposed, Found<'_>)| *by == Presupposed::ByOther && is_there(found);
        // That a question does not concern somebody may have other reasons than that the thing is not there.
        let lacks = |(by, found): &&(Presupposed, Found<'_>)| {
            *by == Presupposed::ByThis && found.means == Means::NotApplicable
        };
        let (means, told, because) = match (found.iter().find(uses), found.iter().find(lacks)) {
            (Some((_, told)), _) => {
                let because = Text::new(
                    "{place}に「{words}」と答えていて、当てはまると分かるため",
                    "{place} is answered: {words}; so this is the case",
                );
                (Means::Met, told, because)
            }
            (None, Some((_, told))) => {
                let because = Text::new(
                    "{place}の答えが「{words}」で、当てはまるものがないため",
                    "{place} is answered: {words}; so there is nothing of the kind",
                );
                (Means::NotApplicable, told, because)
            }
            (None, None) => return None,
        };
        let mut given = with_means(list, item, means)?;
        given.because = Some(told.tell(&because));
        Some(given)
    }

    /// The answers that people gave to linked items, the nearest first.
    fn answers<'a>(&self, list: &Checklist, item: &Item, others: &'a [Round]) -> Vec<(Seen, Found<'a>)> {
        let start: Place = (list.id.clone(), item.id.clone());
        let mut passed = BTreeSet::from([(start.clone(), Seen::Same)]);
        let mut next = VecDeque::from([(start.clone(), Seen::Same)]);
        let mut out = Vec::new();
        while let Some((at, seen)) = next.pop_front() {
            if at != start
                && let Some(found) = answered(&at, others)
            {
                out.push((seen, found));
            }
            for (to, step) in self.edges.get(&at).into_iter().flatten() {
                if let Some(seen) = seen.then(*step)
                    && passed.insert((to.clone(), seen))
                {
                    next.push_back((to.clone(), seen));
                }
            }
        }
        out
    }
}

/// The confirmed answer at a place.
fn answered<'a>((checklist, item): &Place, others: &'a [Round]) -> Option<Found<'a>> {
    let round = others.iter().rev().find(|round| round.list.id == *checklist)?;
    let (_, source) = round.list.item(item.as_str())?;
    let answer = round.answer(item.as_str()).filter(|given| !given.proposed)?;
    let means = worth(&round.list, source, Some(answer)).means?;
    Some(Found {
        title: &round.list.title,
        number: source.number.as_ref().map(|_| source.label()),
        short: source.short(),
        answer,
        words: round.list.answer_words(source, answer),
        means,
    })
}

fn carried_over(list: &Checklist, item: &Item, found: &Found<'_>, seen: Seen) -> Option<Given> {
    let mut given = with_means(list, item, found.means)?;
    given.reason.clone_from(&found.answer.reason);
    given.evidence.clone_from(&found.answer.evidence);
    let because = if seen == Seen::Same {
        Text::new(
            "{place}が同じことを問い、答えは「{means}」のため",
            "{place} asks for the same; the answer is: {means}",
        )
    } else {
        Text::new(
            "{place}がこれを含み、答えは「{means}」のため",
            "{place} covers this; the answer is: {means}",
        )
    };
    given.because = Some(found.tell(&because));
    Some(given)
}

/// What parts say about their whole: with one of them done, something is done; while none is, the whole
/// is not met. That all known parts are done does not say that there is no other.
fn from_pieces(list: &Checklist, item: &Item, pieces: &[&Found<'_>]) -> Option<Given> {
    let is_done = |found: &&&Found<'_>| matches!(found.means, Means::Met | Means::Partly);
    let lacks = |found: &&&Found<'_>| matches!(found.means, Means::Unmet | Means::Partly);
    let (done, lacking) = (pieces.iter().find(is_done), pieces.iter().find(lacks));
    let (means, told) = match (done, lacking) {
        (Some(done), _) => (Means::Partly, done),
        (None, Some(lacking)) => (Means::Unmet, lacking),
        (None, None) => return None,
    };
    // On a scale of yes and no, a part that is missing makes a no, and a part that is done nothing.
    let (means, told) = match (with_means(list, item, means), lacking) {
        (Some(_), _) => (means, told),
        (None, Some(lacking)) => (Means::Unmet, lacking),
        (None, None) => return None,
    };
    let mut given = with_means(list, item, means)?;
    let because = if means == Means::Partly {
        Text::new(
            "この一部に当たる{place}の答えが「{means}」のため。残りの部分は確認が必要です",
            "{place} is a part of this, and its answer is: {means}; the rest remains to be checked",
        )
    } else {
        Text::new(
            "この一部に当たる{place}の答えが「{means}」で、全部は満たしていないため。ほかの部分ができていれば改めます",
            "{place} is a part of this, and its answer is: {means}, so not all of this is met; change it if other parts are done",
        )
    };
    given.because = Some(told.tell(&because));
    if matches!(told.means, Means::Met | Means::Partly) {
        given.evidence.clone_from(&told.answer.evidence);
    }
    Some(given)
}
