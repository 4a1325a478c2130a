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
}

/// An answer elsewhere.
struct Found<'a> {
    title: &'a Text,
    label: String,
    short: &'a Text,
    answer: &'a Given,
    means: Means,
}

impl Found<'_> {
    /// A reason with what the answer is about.
    fn tell(&self, because: &Text) -> Text {
        let (label, means) = (Text::same(self.label.as_str()), self.means.name());
        because.fill(&[("title", self.title), ("label", &label), ("short", self.short), ("means", &means)])
    }
}

impl Graph {
    pub(crate) fn new(list: &Checklist, checklists: &Checklists) -> Self {
        let mut edges: BTreeMap<Place, Vec<(Place, Seen)>> = BTreeMap::new();
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
                        Relation::Related => continue,
                    };
                    edges.entry(here.clone()).or_default().push((there.clone(), seen));
                    edges.entry(there).or_default().push((here.clone(), back));
                }
            }
        }
        Self { edges }
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
    Some(Found { title: &round.list.title, label: source.label(), short: source.short(), answer, means })
}

fn carried_over(list: &Checklist, item: &Item, found: &Found<'_>, seen: Seen) -> Option<Given> {
    let mut given = with_means(list, item, found.means)?;
    given.reason.clone_from(&found.answer.reason);
    given.evidence.clone_from(&found.answer.evidence);
    let because = if seen == Seen::Same {
        Text::new(
            "「{title}」の{label}「{short}」が同じことを問い、答えは「{means}」のため",
            "\u{201c}{short}\u{201d} ({label} of \u{201c}{title}\u{201d}) asks for the same; the answer is: {means}",
        )
    } else {
        Text::new(
            "「{title}」の{label}「{short}」がこれを含み、答えは「{means}」のため",
            "\u{201c}{short}\u{201d} ({label} of \u{201c}{title}\u{201d}) covers this; the answer is: {means}",
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
            "この一部に当たる「{title}」の{label}「{short}」の答えが「{means}」のため。残りの部分は確認が必要です",
            "\u{201c}{short}\u{201d} ({label} of \u{201c}{title}\u{201d}) is a part of this, and its answer is: {means}; the rest remains to be checked",
        )
    } else {
        Text::new(
            "この一部に当たる「{title}」の{label}「{short}」の答えが「{means}」で、全部は満たしていないため。ほかの部分ができていれば改めます",
            "\u{201c}{short}\u{201d} ({label} of \u{201c}{title}\u{201d}) is a part of this, and its answer is: {means}, so not all of this is met; change it if other parts are done",
        )
    };
    given.because = Some(told.tell(&because));
    if matches!(told.means, Means::Met | Means::Partly) {
        given.evidence.clone_from(&told.answer.evidence);
    }
    Some(given)
}
