//! Two changes brought together: properties over made-up documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anshin_store::{Merged, merge};
use proptest::prelude::*;

/// Items of a document: a name, and what its two keys say.
type Items = BTreeMap<u8, (u8, Option<u8>)>;

fn document(items: &Items) -> String {
    let mut text = "anshin: 1\n# a remark\nassets:\n".to_owned();
    if items.is_empty() {
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
            (None, Merged::Clashes(clashes)) => prop_assert!(!clashes.is_empty()),
            // A place that cannot be cut into the text is told as a clash of the whole, never guessed.
            (Some(_), Merged::Clashes(clashes)) => {
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
        if let Merged::Clashes(clashes) = merge(&base, &mine, &theirs) {
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
    let Merged::Clashes(clashes) = merged else { panic!("{merged:?}") };
    assert_eq!(clashes[0].path, "l");
    // What is new stays behind what stood before it.
    let moved = merge("l: [a, b, c]\n", "l: [c, a, b]\n", "l: [a, b, c, d]\n");
    assert_eq!(moved, Merged::Text("l: [c, d, a, b]\n".to_owned()));
}
