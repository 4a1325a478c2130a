//! Checklist files: what is read, and what is told about files that are wrong.

mod common;

use anshin_checklist::{Kind, Mark, Relation};
use anshin_model::Lang;
use common::{CATALOG, DEMO, SECOND, load, told};

#[test]
fn a_file_with_every_feature_is_read() {
    let lists = load(&[DEMO, SECOND]);
    let demo = lists.get("demo").expect("the sample is there");
    assert_eq!(demo.items().count(), 8);
    let (section, key) = demo.item("wifi-key").expect("an item");
    assert_eq!(demo.top(section).id, "daily");
    assert_eq!(demo.who(section, key).len(), 1);
    assert!((key.requirements[0].strength - 3.0).abs() < 1e-9);
    assert_eq!((&*key.links[0].item.to_string(), key.links[0].relation), ("crypto", Relation::Part));
    let (_, mail) = demo.item("mail").expect("an item");
    let marks = mail.levels.iter().map(|level| level.mark).collect::<Vec<_>>();
    assert_eq!(marks, [Mark::Adopt, Mark::Partly]);
    let (_, staff) = demo.item("staff").expect("an item");
    assert_eq!((demo.scale(staff).kind, demo.scale(staff).most()), (Kind::Number, Some(2.0)));
    let (_, rules) = demo.item("rules").expect("an item");
    assert_eq!(demo.scale(rules).most(), Some(2.0));
    let (_, update) = demo.item("update").expect("an item");
    assert_eq!((update.label().as_str(), update.short().get(Lang::En)), ("1 MF", "Updates"));
}

/// Each change of the sample, and what is said about it.
#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases = [
        ("id: mail\n", "id: update\n", "duplicate-id"),
        ("since: \"2\"\n        changed", "since: \"3\"\n        changed", "unknown-reference"),
        ("answer: done4\n\n", "", "missing-key"),
        ("answer: done4\n\n", "answer: done5\n\n", "unknown-reference"),
        ("{ item: wifi, is: \"yes\" }", "{ item: wify, is: \"yes\" }", "unknown-reference"),
        ("{ item: wifi, is: \"yes\" }", "{ item: wifi, is: maybe }", "unknown-reference"),
        ("{ item: wifi, is: \"yes\" }", "{ item: wifi-key, is: \"yes\" }", "branch-cycle"),
        ("    number: \"1\"\n", "    parent: wireless\n", "section-cycle"),
        ("from: 8,", "from: 20,", "out-of-range"),
        ("[remote-updatable]", "[remote-updateable]", "unknown-word"),
        ("- { answer: \"yes\", all", "- { answer: out-of-range, all", "unknown-reference"),
        ("requirements: [updates]", "requirements: [update]", "unknown-word"),
        ("to: second/crypto", "to: second/cripto", "unknown-reference"),
        ("to: second/crypto", "to: third/crypto", "unknown-reference"),
        ("to: second/crypto", "to: crypto", "bad-id"),
        ("next: [second]", "next: [third]", "unknown-reference"),
        ("source: [\"handbook section 3\"]", "source: [\"handbuch section 3\"]", "unknown-reference"),
        ("anshin-checklist: 1", "anshin-checklist: 7", "version"),
        ("anshin-checklist: 1", "checklist: 1", "version"),
        ("type: many", "type: several", "unknown-word"),
        ("steps: [{ from: 0,", "steps: [{ from: 500,", "out-of-range"),
        ("id: fax,", "id: mail,", "duplicate-id"),
        ("minutes: 5", "minutes: five", "out-of-range"),
    ];
    for (from, to, code) in cases {
        assert!(DEMO.contains(from), "{from}");
        let found = told(&[&DEMO.replacen(from, to, 1), SECOND]);
        assert!(found.iter().any(|d| d.code.as_str() == code), "{from} -> {to}: {found:?}");
        for diagnostic in found.iter().filter(|d| d.code.as_str() == code) {
            assert!(diagnostic.span.is_some() && !diagnostic.hints.is_empty(), "{diagnostic:?}");
        }
    }
}

#[test]
fn items_that_are_parts_of_themselves_are_told() {
    let back = SECOND.replacen(
        "- { id: crypto,",
        "- { links: [{ to: demo/wifi-key, relation: part }], id: crypto,",
        1,
    );
    let found = told(&[DEMO, &back]);
    assert_eq!(found.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["link-cycle"]);
    // Both ways said alike is the same link told twice, and no circle.
    let same = SECOND.replacen(
        "- { id: crypto,",
        "- { links: [{ to: demo/wifi-key, relation: superset }], id: crypto,",
        1,
    );
    assert!(told(&[DEMO, &same]).is_empty());
    // Equal and at the same time a part is a circle of one.
    let equal = SECOND.replacen(
        "- { id: crypto,",
        "- { links: [{ to: demo/wifi-key, relation: equal }], id: crypto,",
        1,
    );
    assert_eq!(told(&[DEMO, &equal]).len(), 1);
}

/// A history that begins with a newer version than the list would leave answers behind in silence.
#[test]
fn a_history_that_does_not_begin_with_the_version_is_told() {
    let text = DEMO.replacen("version: \"2\"\n", "version: \"1\"\n", 1);
    assert_ne!(text, DEMO);
    let found = told(&[&text, SECOND]);
    let first = found.iter().find(|own| own.code.as_str() == "conflict").expect("it is told");
    assert!(first.span.is_some());
    let hint = first.hints[0].get(Lang::En);
    assert!(hint.starts_with("raise `version`"), "{hint}");
}

#[test]
fn the_built_in_checklists_are_right() {
    let files = anshin_catalog::built_in_files_beside("checklists")
        .into_iter()
        .map(|file| anshin_checklist::File { name: file.name, bytes: file.bytes })
        .collect();
    let loaded = anshin_checklist::load(files, &CATALOG);
    assert!(loaded.checklists.is_some(), "{:?}", loaded.diagnostics);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
}
