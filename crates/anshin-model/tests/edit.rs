//! Files changed by meaning: what is not changed keeps its words, order and comments.

use std::path::Path;

use anshin_model::edit::{rewrite, same};
use anshin_model::tree::{Limits, Node, Sources, Span, Value, parse};
use proptest::prelude::*;

fn read(text: &str) -> (Sources, Node) {
    let mut sources = Sources::default();
    let file = sources.add("system.yaml", text);
    let (node, found) = parse(&sources, file, Limits::DEFAULT).unwrap_or_else(|e| panic!("{e:?}\n{text}"));
    assert!(found.is_empty());
    (sources, node)
}

fn word(text: &str) -> Node {
    Node { value: Value::Scalar { text: text.into(), plain: true }, span: Span::nowhere() }
}

fn words(text: &str) -> Node {
    Node { value: Value::Scalar { text: text.into(), plain: false }, span: Span::nowhere() }
}

/// The new text of a file of which the tree is changed.
fn changed(text: &str, change: impl FnOnce(&mut Node)) -> String {
    let (sources, old) = read(text);
    let mut new = old.clone();
    change(&mut new);
    let files = rewrite(&sources, &old, &new).unwrap_or_else(|d| panic!("{d:?}"));
    let after = files.into_values().next().unwrap_or_else(|| text.to_owned());
    let (_, again) = read(&after);
    assert!(same(&again, &new), "{after}");
    after
}

fn at<'n>(node: &'n mut Node, path: &[&str]) -> &'n mut Node {
    let Some((first, rest)) = path.split_first() else { return node };
    let next = match (&mut node.value, first.parse::<usize>()) {
        (Value::List(items), Ok(n)) => &mut items[n],
        (Value::Map(entries), _) => {
            &mut entries.iter_mut().find(|(key, _)| &*key.text == *first).expect("a key").1
        }
        other => panic!("{other:?}"),
    };
    at(next, rest)
}

fn set(node: &mut Node, path: &[&str], to: Node) {
    at(node, path).value = to.value;
}

fn put(node: &mut Node, path: &[&str], key: &str, to: Node) {
    let key = anshin_model::tree::Key { text: key.into(), span: Span::nowhere() };
    match &mut at(node, path).value {
        Value::Map(entries) => entries.push((key, to)),
        other => panic!("{other:?}"),
    }
}

fn take(node: &mut Node, path: &[&str], key: &str) {
    match &mut at(node, path).value {
        Value::Map(entries) => entries.retain(|(own, _)| &*own.text != key),
        other => panic!("{other:?}"),
    }
}

fn items<'n>(node: &'n mut Node, path: &[&str]) -> &'n mut Vec<Node> {
    match &mut at(node, path).value {
        Value::List(items) => items,
        other => panic!("{other:?}"),
    }
}

fn map(entries: &[(&str, Node)]) -> Node {
    let key = |text: &str| anshin_model::tree::Key { text: text.into(), span: Span::nowhere() };
    let entries = entries.iter().map(|(k, v)| (key(k), v.clone())).collect();
    Node { value: Value::Map(entries), span: Span::nowhere() }
}

const PLANT: &str = "\
# A plant.
anshin: 1
system: { id: plant, name: { ja: \"工場\", en: 'Plant' } } # the name

assets:
  # Looks after the heater.
  - id: plc
    name: PLC # as the maker calls it
    traits: [a, b]
  # Makes heat.
  - id: heater
    name: |-
      Heater
      of the column
    stores:
      - x # first
      - y
    zone: # not known yet
# The end.
";

#[test]
fn a_value_is_set_in_its_own_notation() {
    let after = changed(PLANT, |new| {
        set(new, &["system", "name", "ja"], words("新しい\"工場\""));
        set(new, &["system", "name", "en"], words("The plant's"));
        set(new, &["assets", "0", "name"], words("A: B # C"));
        set(new, &["assets", "1", "name"], words("One\n\ntwo"));
    });
    let expected = PLANT
        .replace("\"工場\"", "\"新しい\\\"工場\\\"\"")
        .replace("'Plant'", "'The plant''s'")
        .replace("name: PLC #", "name: \"A: B # C\" #")
        .replace("Heater\n      of the column", "One\n\n      two");
    assert_eq!(after, expected);
}

#[test]
fn keys_come_go_and_get_a_value() {
    let after = changed(PLANT, |new| {
        put(new, &["system"], "setting", word("business"));
        put(new, &["assets", "0"], "kind", word("controller.plc"));
        take(new, &["assets", "1"], "name");
        set(new, &["assets", "1", "zone"], word("control"));
        put(new, &[], "targets", map(&[("recovery", word("serious"))]));
    });
    let expected = PLANT
        .replace("'Plant' } }", "'Plant' }, setting: business }")
        .replace("    traits: [a, b]\n", "    traits: [a, b]\n    kind: controller.plc\n")
        .replace("    name: |-\n      Heater\n      of the column\n", "")
        .replace("zone: #", "zone: control #")
        .replace("not known yet\n", "not known yet\ntargets: { recovery: serious }\n");
    assert_eq!(after, expected);
}

#[test]
fn items_come_and_go_with_their_comments() {
    let after = changed(PLANT, |new| {
        items(new, &["assets"]).push(map(&[("id", word("pump")), ("name", words("Pump"))]));
        items(new, &["assets", "0", "traits"]).remove(0);
        items(new, &["assets", "0", "traits"]).push(word("c"));
        items(new, &["assets", "1", "stores"]).insert(1, word("m"));
        items(new, &["assets", "1", "stores"]).push(word("z"));
    });
    let expected = PLANT
        .replace("[a, b]", "[b, c]")
        .replace("      - y\n", "      - m\n      - y\n      - z\n")
        .replace("not known yet\n", "not known yet\n  - id: pump\n    name: \"Pump\"\n");
    assert_eq!(after, expected);
    let after = changed(PLANT, |new| drop(items(new, &["assets"]).remove(1)));
    assert_eq!(after, format!("{}# The end.\n", &PLANT[..PLANT.find("  # Makes").expect("there")]));
    let after = changed(PLANT, |new| drop(items(new, &["assets"]).remove(0)));
    assert!(
        after.contains("assets:\n  # Looks after the heater.\n  # Makes heat.\n  - id: heater\n"),
        "{after}"
    );
}

#[test]
fn the_first_key_after_a_dash_can_go() {
    let text = "list:\n  - a: 1\n    b: 2\n  - c: 3 # why\n    # about d\n    d: 4\n";
    let after = changed(text, |new| {
        take(new, &["list", "0"], "a");
        take(new, &["list", "1"], "c");
    });
    assert_eq!(after, "list:\n  - b: 2\n  -  # why\n    # about d\n    d: 4\n");
}

#[test]
fn an_item_changes_while_another_comes_before_it() {
    let after = changed("links:\n  - { through: [router], over: internet }\n", |new| {
        let through = items(new, &["links", "0", "through"]);
        through[0].value = words("A").value;
        through.insert(0, word("B"));
    });
    assert_eq!(after, "links:\n  - { through: [B, \"A\"], over: internet }\n");
}

#[test]
fn json_stays_json() {
    let text = "{\n  \"anshin\": 1,\n  \"assets\": [\n    { \"id\": \"a\", \"cost\": 5 },\n    { \"id\": \"b\" }\n  ]\n}\n";
    let after = changed(text, |new| {
        set(new, &["assets", "0", "cost"], word("12.5"));
        put(new, &["assets", "1"], "lead", word("true"));
        items(new, &["assets"]).push(map(&[("id", word("c")), ("name", words("一\n二"))]));
    });
    serde_json::from_str::<serde_json::Value>(&after).expect("JSON");
    let expected = text
        .replace("5 }", "12.5 }")
        .replace("\"b\" }\n", "\"b\", \"lead\": true },\n    { \"id\": \"c\", \"name\": \"一\\n二\" }\n");
    assert_eq!(after, expected);
}

#[test]
fn line_breaks_of_windows_stay() {
    let after = changed("a: 1\r\nl:\r\n  - x\r\n", |new| {
        items(new, &["l"]).push(word("y"));
        put(new, &[], "b", word("2"));
    });
    assert_eq!(after, "a: 1\r\nl:\r\n  - x\r\n  - y\r\nb: 2\r\n");
}

#[test]
fn an_alias_is_refused() {
    let (sources, old) = read("a: &x { n: 1 }\nb: *x\nc: !!str 5\n");
    for path in [&["a"][..], &["b"], &["c"]] {
        let mut new = old.clone();
        set(&mut new, path, word("2"));
        let refused = rewrite(&sources, &old, &new);
        assert!(refused.is_err(), "{path:?} {refused:?}");
    }
}

fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("examples").map(|e| e.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("an example")).collect()
}

/// One change at a place that is chosen by numbers.
fn mutate(node: &mut Node, choice: &mut impl Iterator<Item = usize>, text: &str) {
    let mut next = |most: usize| choice.next().map_or(0, |n| n % most.max(1));
    match &mut node.value {
        Value::Map(entries) if !entries.is_empty() => {
            let n = next(entries.len());
            match next(8) {
                0 if entries.len() > 1 => drop(entries.remove(n)),
                1 => {
                    let key = anshin_model::tree::Key { text: "new-key".into(), span: Span::nowhere() };
                    if !entries.iter().any(|(own, _)| own.text == key.text) {
                        entries.push((key, words(text)));
                    }
                }
                _ => mutate(&mut entries[n].1, choice, text),
            }
        }
        Value::List(items) if !items.is_empty() => {
            let n = next(items.len());
            match next(8) {
                0 if items.len() > 1 => drop(items.remove(n)),
                1 => items.push(map(&[("id", word("n-1")), ("name", words(text))])),
                2 => items.insert(n, words(text)),
                _ => mutate(&mut items[n], choice, text),
            }
        }
        Value::Scalar { .. } => node.value = words(text).value,
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any changes at any places of any example are read back as they were meant.
    #[test]
    fn what_is_read_back_is_what_was_meant(
        example in 0usize..8,
        changes in prop::collection::vec(prop::collection::vec(0usize..1000, 24), 1..6),
        text in "\\PC{1,12}|[ -~\n\t]{1,20}|[あ-ん\n]{1,8}",
    ) {
        let (sources, old) = read(&examples()[example]);
        let mut new = old.clone();
        for change in changes {
            mutate(&mut new, &mut change.into_iter(), &text);
        }
        let files = rewrite(&sources, &old, &new).expect("examples can be changed");
        for after in files.into_values() {
            let (_, again) = read(&after);
            prop_assert!(same(&again, &new), "{after}");
        }
    }
}

/// The last entries go and others come: comments and empty lines stay where they were, whatever
/// follows.
#[test]
fn the_last_goes_and_another_comes() {
    for after in ["", "\n", "  # Of the next.\n", "\n  # Of the next.\n"] {
        let text = format!("assets:\n  - id: a\n    kind: k\n    stores: [x]\n{after}  - id: b\nflows: []\n");
        let came = changed(&text, |node| {
            take(node, &["assets", "0"], "stores");
            put(node, &["assets", "0"], "used-by", word("c"));
        });
        let expected =
            format!("assets:\n  - id: a\n    kind: k\n    used-by: c\n{after}  - id: b\nflows: []\n");
        assert_eq!(came, expected);
        let came = changed(&text, |node| {
            for key in ["kind", "stores"] {
                take(node, &["assets", "0"], key);
            }
            put(node, &["assets", "0"], "x", word("1"));
            put(node, &["assets", "0"], "y", word("2"));
        });
        assert_eq!(came, format!("assets:\n  - id: a\n    x: 1\n    y: 2\n{after}  - id: b\nflows: []\n"));
        let came = changed(&text, |node| {
            for key in ["id", "kind", "stores"] {
                take(node, &["assets", "0"], key);
            }
            put(node, &["assets", "0"], "x", word("1"));
            put(node, &["assets", "0"], "y", word("2"));
        });
        assert_eq!(came, format!("assets:\n  - x: 1\n    y: 2\n{after}  - id: b\nflows: []\n"));
    }
    for after in ["", "\n", "# Of the next.\n", "\n# Of the next.\n"] {
        for (gone, expected) in [(1, "  - id: a\n  - { id: c }\n"), (2, "  - { id: c }\n")] {
            let text = format!("assets:\n  - id: a\n  - {{ id: b }}\n{after}flows: []\n");
            let came = changed(&text, |node| {
                let items = items(node, &["assets"]);
                items.truncate(2 - gone);
                items.push(map(&[("id", word("c"))]));
            });
            assert_eq!(came, format!("assets:\n{expected}{after}flows: []\n"));
        }
    }
}
