//! Two changes brought together: properties over made-up documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anshin_store::{Choices, Merged, Side, merge, settle};
use proptest::prelude::*;

/// Items of a document: a name, and what its two keys say.
type Items = BTreeMap<u8, (u8, Option<u8>)>;

fn document(items: &Items) -> String {
    let mut text = "anshin: 1\n# a remark\nassets:\n".to_owned();
    if items.is_empty() {
        // A list in which nothing is left goes with its key.
        return text.replace("assets:\n", "");
    }
    for (id, (kind, operator)) in items {
        writeln!(text, "  - id: i{id}   # item\n    kind: k{kind}").unwrap();
        if let Some(operator) = operator {
            writeln!(text, "    operator: o{operator}").unwrap();
        }
    }
    text
}

fn items() -> impl Strategy<Value = Items> {
    prop::collection::btree_map(0_u8..8, (0_u8..3, prop::option::of(0_u8..3)), 0..6)
}

/// What the merge must say, item by item and key by key; nothing where both changed the same.
fn expected(base: &Items, mine: &Items, theirs: &Items) -> Option<Items> {
    fn pick<T: PartialEq + Clone>(base: &T, mine: &T, theirs: &T) -> Option<T> {
        if mine == theirs || base == mine {
            Some(theirs.clone())
        } else {
            (base == theirs).then(|| mine.clone())
        }
    }
    let mut all = Items::new();
    for id in 0..8 {
        let (b, m, t) = (base.get(&id), mine.get(&id), theirs.get(&id));
        let item = match (b, m, t) {
            (Some(b), Some(m), Some(t)) => Some((pick(&b.0, &m.0, &t.0)?, pick(&b.1, &m.1, &t.1)?)),
            _ => pick(&b, &m, &t)?.copied(),
        };
        all.extend(item.map(|item| (id, item)));
    }
    Some(all)
}

/// The same items, whatever their order and remarks.
fn read(text: &str) -> Items {
    let mut all = Items::new();
    let mut id = None;
    for line in text.lines() {
        let line = line.split('#').next().unwrap().trim().trim_start_matches("- ");
        let number = || line[line.find(": ").unwrap() + 3..].parse().unwrap();
        if line.starts_with("id: ") {
            let own: u8 = number();
            assert!(all.insert(own, (0, None)).is_none(), "twice: {text}");
            id = Some(own);
        } else if line.starts_with("kind: ") {
            all.get_mut(&id.unwrap()).unwrap().0 = number();
        } else if line.starts_with("operator: ") {
            all.get_mut(&id.unwrap()).unwrap().1 = Some(number());
        }
    }
    all
}

proptest! {
    #[test]
    fn what_one_side_changed_is_taken_and_what_both_changed_is_told(
        base in items(), mine in items(), theirs in items(),
    ) {
        let texts = (document(&base), document(&mine), document(&theirs));
        let merged = merge(&texts.0, &texts.1, &texts.2);
        match (expected(&base, &mine, &theirs), merged) {
            (Some(items), Merged::Text(text)) => prop_assert_eq!(read(&text), items, "{}", text),
            (None, Merged::Clashes { clashes, .. }) => prop_assert!(!clashes.is_empty()),
            // A place that cannot be cut into the text is told as a clash of the whole, never guessed.
            (Some(_), Merged::Clashes { clashes, .. }) => {
                prop_assert!(clashes.len() == 1, "{:?}", clashes);
                prop_assert!(clashes[0].path.is_empty() || clashes[0].path == "assets", "{:?}", clashes);
            }
            (None, Merged::Text(text)) => prop_assert!(false, "nothing was told:\n{text}"),
        }
    }

    #[test]
    fn any_text_is_taken(base in ".{0,60}", mine in ".{0,60}", theirs in ".{0,60}") {
        prop_assert_eq!(merge(&base, &mine, &base), Merged::Text(mine.clone()));
        prop_assert_eq!(merge(&base, &base, &theirs), Merged::Text(theirs.clone()));
        if let Merged::Clashes { clashes, .. } = merge(&base, &mine, &theirs) {
            prop_assert!(!clashes.is_empty());
        }
    }
}

#[test]
fn order_and_remarks_stay() {
    let base = "steps: [a, b, c] # in order\nnote: x\n";
    let mine = "steps: [a, m, b, c] # in order\nnote: x\n";
    let theirs = "steps: [a, b, c, t] # in order, theirs\nnote: y\n";
    let Merged::Text(text) = merge(base, mine, theirs) else { panic!("a clash") };
    assert_eq!(text, "steps: [a, m, b, c, t] # in order, theirs\nnote: y\n");
}

#[test]
fn both_moved_the_same_list() {
    let merged = merge("l: [a, b, c]\n", "l: [b, a, c]\n", "l: [a, c, b]\n");
    let Merged::Clashes { clashes, .. } = merged else { panic!("{merged:?}") };
    assert_eq!(clashes[0].path, "l");
    // What is new stays behind what stood before it.
    let moved = merge("l: [a, b, c]\n", "l: [c, a, b]\n", "l: [a, b, c, d]\n");
    assert_eq!(moved, Merged::Text("l: [c, d, a, b]\n".to_owned()));
}

/// Connections as they are drawn: without an id, each known by its ends.
fn links(ends: &BTreeSet<(u8, u8)>) -> String {
    let mut text = "anshin: 1\n".to_owned();
    if !ends.is_empty() {
        text.push_str("links:\n");
    }
    for (from, to) in ends {
        writeln!(text, "  - from: a{from}\n    to: a{to}").unwrap();
    }
    text
}

proptest! {
    #[test]
    fn what_both_add_to_a_list_that_did_not_exist_is_there(mine in items(), theirs in items()) {
        let base = document(&Items::new());
        let merged = merge(&base, &document(&mine), &document(&theirs));
        match (expected(&Items::new(), &mine, &theirs), merged) {
            (Some(items), Merged::Text(text)) => prop_assert_eq!(read(&text), items, "{}", text),
            (None, Merged::Clashes { clashes, .. }) => {
                // Each item that both added differently, and nothing else.
                let differ = mine.iter().filter(|(id, item)| theirs.get(id).is_some_and(|own| own != *item));
                let paths: Vec<String> = clashes.iter().map(|clash| clash.path.clone()).collect();
                let mut wanted: Vec<String> = differ.map(|(id, _)| format!("assets/i{id}")).collect();
                wanted.sort();
                prop_assert_eq!(paths, wanted);
            }
            (wanted, merged) => prop_assert!(false, "{wanted:?}: {merged:?}"),
        }
    }

    #[test]
    fn connections_are_known_by_their_ends(
        base in prop::collection::btree_set((0_u8..4, 4_u8..8), 0..4),
        mine in prop::collection::btree_set((0_u8..4, 4_u8..8), 0..4),
        theirs in prop::collection::btree_set((0_u8..4, 4_u8..8), 0..4),
    ) {
        let all = base.iter().chain(&mine).chain(&theirs).copied();
        let kept = all.filter(|link| {
            let (b, m, t) = (base.contains(link), mine.contains(link), theirs.contains(link));
            if m == t || b == m { t } else { m }
        });
        let expected = kept.collect::<BTreeSet<_>>();
        let text = match merge(&links(&base), &links(&mine), &links(&theirs)) {
            Merged::Text(text) => text,
            Merged::Clashes { clashes, .. } => {
                // One took the whole list away, the other went on with it.
                prop_assert!(!base.is_empty() && (mine.is_empty() || theirs.is_empty()), "{:?}", clashes);
                prop_assert_eq!(&clashes[0].path, "links");
                return Ok(());
            }
        };
        let found: BTreeSet<(u8, u8)> = text
            .split("  - from: a")
            .skip(1)
            .map(|item| {
                let (from, to) = item.trim().split_once("\n    to: a").unwrap();
                (from.parse().unwrap(), to.parse().unwrap())
            })
            .collect();
        prop_assert_eq!(found, expected, "{}", text);
    }

    #[test]
    fn every_choice_settles_and_keeps_what_only_one_changed(
        base in items(), mine in items(), theirs in items(), lots in prop::collection::vec(any::<bool>(), 20),
    ) {
        let texts = (document(&base), document(&mine), document(&theirs));
        let Merged::Clashes { clashes, text } = merge(&texts.0, &texts.1, &texts.2) else { return Ok(()) };
        let all = |side| clashes.iter().map(|clash| (clash.path.clone(), side)).collect::<Choices>();
        // The text that is offered is what comes of giving way everywhere.
        prop_assert_eq!(settle(&texts.0, &texts.1, &texts.2, &all(Side::Theirs)), Merged::Text(text));
        let choices: Choices = clashes
            .iter()
            .zip(&lots)
            .map(|(clash, mine)| (clash.path.clone(), if *mine { Side::Mine } else { Side::Theirs }))
            .collect();
        let Merged::Text(text) = settle(&texts.0, &texts.1, &texts.2, &choices) else {
            return Err(TestCaseError::fail("not settled"));
        };
        let settled = read(&text);
        for id in 0..8 {
            let (b, m, t) = (base.get(&id), mine.get(&id), theirs.get(&id));
            let chosen = |path: &str| choices.iter().find(|(own, _)| own.as_str() == path).map(|(_, side)| *side);
            let by = |side: Option<Side>| if side == Some(Side::Mine) { m } else { t };
            let under = choices.keys().any(|path| path.starts_with(&format!("assets/i{id}/")));
            let wanted = if clashes[0].path == "assets" || clashes[0].path.is_empty() {
                by(Some(if lots[0] { Side::Mine } else { Side::Theirs }))
            } else if let Some(side) = chosen(&format!("assets/i{id}")) {
                by(Some(side))
            } else if under || (m != t && b != m && b != t) {
                // Both changed keys of it: looked at key by key below.
                continue;
            } else if b == m {
                t
            } else {
                m
            };
            prop_assert_eq!(settled.get(&id), wanted, "{} {}", id, text);
        }
    }
}

#[test]
fn a_decision_is_taken_whole() {
    let decided = |verdict: &str, by: &str| {
        format!("decisions:\n  - subject: rating/user/recovery\n    decide: {verdict}\n    by: {by}\n")
    };
    let (base, mine, theirs) = (decided("accept", "Aoi"), decided("reject", "Ed"), decided("reject", "Mio"));
    for base in ["anshin: 1\n", base.as_str()] {
        let merged = merge(base, &mine, &theirs);
        let Merged::Clashes { clashes, .. } = merged else { panic!("{merged:?}") };
        let paths: Vec<&str> = clashes.iter().map(|clash| clash.path.as_str()).collect();
        assert_eq!(paths, ["decisions/rating/user/recovery"]);
    }
}

#[test]
fn a_choice_settles_one_place_and_leaves_the_rest_together() {
    let base = "people:\n  - id: a\n    name: Old # who\n  - id: b\n    name: Other\n";
    let theirs = base.replace("Old", "Theirs").replace("Other", "Supplier");
    let mine = base.replace("Old", "Mine");
    let Merged::Clashes { clashes, text } = merge(base, &mine, &theirs) else { panic!("no clash") };
    assert_eq!(clashes[0].path, "people/a/name");
    assert_eq!(text, theirs, "their change is in what is offered");
    let choice = |side| Choices::from([("people/a/name".to_owned(), side)]);
    assert_eq!(
        settle(base, &mine, &theirs, &choice(Side::Mine)),
        Merged::Text(theirs.replace("Theirs", "Mine")),
    );
    assert_eq!(settle(base, &mine, &theirs, &choice(Side::Theirs)), Merged::Text(theirs.clone()));
    // A choice for another place settles nothing.
    let other = Choices::from([("people/b/name".to_owned(), Side::Mine)]);
    assert!(matches!(settle(base, &mine, &theirs, &other), Merged::Clashes { .. }));
}
