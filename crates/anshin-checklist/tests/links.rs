//! Answers that serve other checklists along the links, and never for more than follows.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use anshin_checklist::{Checklists, Given, Known, Means, Relation, Round, proposals, score};
use anshin_model::{Id, Lang};
use common::built_in;
use proptest::prelude::*;

static LISTS: LazyLock<Checklists> = LazyLock::new(built_in);

/// A round that answers each item with the option that comes to something.
fn answered(checklist: &str, means: impl Fn(usize) -> Option<Means>) -> Round {
    let list = LISTS.get(checklist).expect("a built-in checklist");
    let mut round = Round::empty(list);
    for (n, (_, item)) in list.counting().enumerate() {
        let options = &list.scale(item).options;
        let option = means(n).and_then(|means| options.iter().find(|option| option.means == Some(means)));
        if let Some(option) = option {
            let given = Given { value: vec![option.id.to_string()], ..Given::new(item.id.clone()) };
            round.given.insert(item.id.clone(), given);
        }
    }
    round
}

/// What is proposed for a checklist from answers in others, and what it comes to.
fn proposed(checklist: &str, others: &[Round]) -> Vec<(Given, Means)> {
    let list = LISTS.get(checklist).expect("a built-in checklist");
    let all = proposals(&Round::empty(list), &LISTS, Known { system: None, others }).all;
    let means = |given: &Given| {
        let (_, item) = list.item(given.id.as_str()).expect("an item");
        score::worth(list, item, Some(given)).means.expect("it comes to something")
    };
    all.into_iter().map(|own| (own.given.clone(), means(&own.given))).collect()
}

/// What five minutes of answers are worth in the larger checklists.
#[test]
fn five_minutes_serve_the_larger_checklists() {
    let mut table = String::new();
    for (name, means) in [("all done", Means::Met), ("nothing done", Means::Unmet)] {
        let other = [answered("five-minute", |_| Some(means))];
        for id in ["benchmark", "management", "scs", "csf-2", "iot-introduction"] {
            let (all, items) = (proposed(id, &other), LISTS.get(id).expect("a list").counting().count());
            let _ = writeln!(table, "{name}, {id}: {} of {items}", all.len());
            for (given, _) in all {
                let because = given.because.as_ref().expect("a reason").get(Lang::En);
                let _ = writeln!(table, "  {}: {} | {because}", given.id, given.value.join(" "));
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// Whoever answers how wireless LAN is protected has one; whoever has none need not be asked.
#[test]
fn what_an_item_presupposes_follows_from_its_answer_and_the_other_way_round() {
    let said = |from: &str, means: Means, checklist: &str, item: &str| {
        let all = proposed(checklist, &[answered(from, |_| Some(means))]);
        let found = all.into_iter().find(|(given, _)| given.id == *item)?;
        let because = found.0.because.expect("a reason").get(Lang::En).to_owned();
        Some((found.1, because))
    };
    for means in [Means::Met, Means::Partly, Means::Unmet] {
        let (claimed, because) =
            said("five-minute", means, "company-facts", "wireless").expect("it is in use");
        assert_eq!(claimed, Means::Met, "{because}");
        assert!(because.contains("Wireless"), "{because}");
    }
    assert_eq!(said("five-minute", Means::Unknown, "company-facts", "wireless"), None);
    let (claimed, because) = said("company-facts", Means::NotApplicable, "five-minute", "q09").expect("none");
    assert_eq!(claimed, Means::NotApplicable);
    assert!(because.contains("Wireless LAN") && because.contains("No"), "{because}");
    // That there is one says nothing about how it is protected.
    assert_eq!(said("company-facts", Means::Met, "five-minute", "q09"), None);
    // Whom the question does not concern may have one all the same: that of the building, for instance.
    let mut outside = answered("five-minute", |_| None);
    outside.given.insert(Id::from("q09"), Given { out_of_scope: true, ..Given::new(Id::from("q09")) });
    let (_, item) = outside.list.item("q09").expect("an item");
    let means = score::worth(&outside.list, item, outside.answer("q09")).means;
    assert_eq!(means, Some(Means::NotApplicable));
    let all = proposed("company-facts", &[outside]);
    assert!(all.iter().all(|(given, _)| given.id != *"wireless"), "{all:?}");
}

/// Places of items that are the same or greater, and of those that are the same or smaller.
struct Reach {
    up: BTreeMap<(Id, Id), BTreeSet<(Id, Id)>>,
    down: BTreeMap<(Id, Id), BTreeSet<(Id, Id)>>,
}

/// The links as they stand in the files, closed over steps: nothing else may carry an answer.
static REACH: LazyLock<Reach> = LazyLock::new(|| {
    let (mut up, mut down) = (BTreeMap::new(), BTreeMap::new());
    let add = |map: &mut BTreeMap<(Id, Id), BTreeSet<(Id, Id)>>, from: &(Id, Id), to: &(Id, Id)| {
        map.entry(from.clone()).or_default().insert(to.clone());
    };
    for list in LISTS.iter() {
        for (_, item) in list.items() {
            let here = (list.id.clone(), item.id.clone());
            for link in item.links.iter().filter(|link| link.strength >= 5.0) {
                let there = (link.checklist.clone(), link.item.clone());
                if matches!(link.relation, Relation::Equal | Relation::Part) {
                    add(&mut up, &here, &there);
                    add(&mut down, &there, &here);
                }
                if matches!(link.relation, Relation::Equal | Relation::Superset) {
                    add(&mut down, &here, &there);
                    add(&mut up, &there, &here);
                }
            }
        }
    }
    Reach { up: closed(&up), down: closed(&down) }
});

fn closed(steps: &BTreeMap<(Id, Id), BTreeSet<(Id, Id)>>) -> BTreeMap<(Id, Id), BTreeSet<(Id, Id)>> {
    let mut out = BTreeMap::new();
    for start in steps.keys() {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(at) = next.pop() {
            next.extend(steps.get(at).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
        }
        seen.remove(start);
        out.insert(start.clone(), seen);
    }
    out
}

const SOURCES: [&str; 6] = ["five-minute", "benchmark", "management", "scs", "jc-star-1", "cra"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever was answered: a proposal claims no more than the answers that it may rest on.
    #[test]
    fn no_proposal_claims_more_than_its_links_allow(
        kinds in prop::collection::vec(prop::collection::vec(0usize..5, 64), SOURCES.len()),
    ) {
        let means = [Some(Means::Met), Some(Means::Partly), Some(Means::Unmet), Some(Means::NotApplicable), None];
        let rounds: Vec<Round> =
            SOURCES.iter().zip(&kinds).map(|(id, kinds)| answered(id, |n| means[kinds[n % 64]])).collect();
        let said = |place: &(Id, Id)| {
            let round = rounds.iter().find(|round| round.list.id == place.0)?;
            let (_, item) = round.list.item(place.1.as_str())?;
            score::worth(&round.list, item, Some(round.answer(place.1.as_str())?)).means
        };
        for list in LISTS.iter() {
            let others: Vec<Round> = rounds.iter().filter(|round| round.list.id != list.id).cloned().collect();
            for (given, claimed) in proposed(list.id.as_str(), &others) {
                let place = (list.id.clone(), given.id.clone());
                let any = |map: &BTreeMap<(Id, Id), BTreeSet<(Id, Id)>>, wanted: &[Means]| {
                    let reached = map.get(&place).into_iter().flatten().filter(|at| at.0 != list.id);
                    reached.into_iter().any(|at| said(at).is_some_and(|means| wanted.contains(&means)))
                };
                // What an item presupposes may be missing; what presupposes it shows that it is there.
                let joined = LISTS.iter().flat_map(|from| from.items().map(move |(_, item)| (from, item)));
                let joined = joined.flat_map(|(from, item)| item.links.iter().map(move |link| {
                    ((from.id.clone(), item.id.clone()), link)
                }));
                let joined: Vec<((Id, Id), (Id, Id))> = joined
                    .filter(|(_, link)| link.relation == Relation::Presupposes)
                    .map(|(here, link)| (here, (link.checklist.clone(), link.item.clone())))
                    .collect();
                let there = joined.iter().filter(|(_, there)| *there == place).any(|(here, _)| {
                    said(here).is_some_and(|means| means != Means::NotApplicable)
                });
                let not_there = joined.iter().filter(|(here, _)| *here == place).any(|(_, there)| {
                    said(there) == Some(Means::NotApplicable)
                });
                let allowed = (there && claimed == Means::Met) || (not_there && claimed == Means::NotApplicable) || match claimed {
                    // Only what is met as a whole makes its parts met.
                    Means::Met => any(&REACH.up, &[Means::Met]),
                    Means::Partly => any(&REACH.down, &[Means::Met, Means::Partly]),
                    Means::Unmet => any(&REACH.down, &[Means::Unmet, Means::Partly]),
                    Means::NotApplicable => any(&REACH.up, &[Means::NotApplicable]),
                    Means::Unknown => any(&REACH.up, &[Means::Unknown]),
                };
                prop_assert!(allowed, "{}/{}: {claimed:?}", list.id, given.id);
                prop_assert!(given.proposed && given.because.is_some());
            }
        }
    }
}
