//! Checklists from elsewhere.

mod common;

use anshin_checklist::import::{Columns, from_ciso, from_table, mappings};
use anshin_checklist::{File, Kind, Means};
use anshin_model::Lang;
use common::{DEMO, SECOND, load};

const LIBRARY: &str = include_str!("data/ciso-library.yaml");

fn file(text: &str) -> File {
    File { name: "library.yaml".into(), bytes: text.as_bytes().to_vec() }
}

#[test]
fn a_library_of_ciso_assistant_becomes_a_checklist() {
    let made = from_ciso(file(LIBRARY)).expect("the library is right");
    let lists = load(&[&made.yaml]);
    let list = lists.get("little").expect("named after its ref_id");
    assert_eq!((list.version.as_str(), list.title.get(Lang::Ja)), ("2", "小さな枠組み"));
    let sections: Vec<_> = list.sections.iter().map(|section| section.title.get(Lang::Ja)).collect();
    assert_eq!(sections, ["アクセス", "Questions"]);
    let ids: Vec<_> = list.items().map(|(_, item)| item.id.as_str()).collect();
    assert_eq!(ids, ["a.1", "a.1.1", "b.1", "b.1-q2", "b.1-q3"]);
    let item = |id: &str| list.item(id).expect("an item").1;
    assert_eq!(item("a.1").text.get(Lang::Ja), "1人に1つのアカウントがある。");
    assert_eq!(item("a.1").short().get(Lang::En), "Own accounts");
    assert_eq!(item("a.1").levels.len(), 2);
    assert_eq!(item("a.1").evidence[0].get(Lang::En), "List of accounts");
    assert_eq!(item("a.1.1").weight.total_cmp(&2.0), std::cmp::Ordering::Equal);
    let scale = list.scale(item("a.1"));
    let means: Vec<_> = scale.options.iter().map(|option| option.means).collect();
    assert_eq!(means, [Some(Means::Unmet), Some(Means::Partly), Some(Means::Met)]);
    let questions: Vec<_> = ["b.1", "b.1-q2", "b.1-q3"].map(|id| list.scale(item(id)).kind).into();
    assert_eq!(questions, [Kind::One, Kind::Many, Kind::Text]);
    assert_eq!(item("b.1-q2").when.all[0].item, "b.1");
    assert_eq!(list.scale(item("b.1-q2")).most(), Some(3.0));
    assert!(
        made.left.iter().any(|left| left.get(Lang::En).contains("reference_controls")),
        "{:?}",
        made.left
    );
}

#[test]
fn what_is_no_library_is_refused() {
    for text in ["a: b\n", "- 1\n", "objects:\n  framework: {}\n", "", "{{{"] {
        let refused = from_ciso(file(text)).expect_err("it is no library");
        assert_eq!(refused.diagnostics.len(), 1, "{text}");
    }
}

#[test]
fn mappings_become_links() {
    let lists = load(&[DEMO, SECOND]);
    let (from, to) = (lists.get("demo").expect("a sample"), lists.get("second").expect("a sample"));
    let text = "objects:\n  requirement_mapping_set:\n    requirement_mappings:\n\
        \x20     - { source_requirement_urn: 'urn:demo:1', target_requirement_urn: 'urn:second:crypto', relationship: subset }\n\
        \x20     - { source_requirement_urn: 'urn:demo:2', target_requirement_urn: 'urn:second:nothing', relationship: equal }\n";
    let numbered = SECOND.replacen("- { id: crypto,", "- { id: crypto, number: crypto,", 1);
    let with_numbers = load(&[DEMO, &numbered]);
    let (links, lost) =
        mappings(file(text), from, with_numbers.get("second").expect("a sample")).expect("the set is right");
    assert_eq!(
        (links.as_str(), lost),
        ("update:\n  links:\n    - { to: second/crypto, relation: part }\n", 1)
    );
    assert_eq!(mappings(file(text), from, to).expect("the set is right").1, 2);
}

#[test]
fn an_official_table_fills_a_checklist_of_ones_own() {
    let lists = load(&[DEMO, SECOND]);
    let like = lists.get("demo").expect("a sample");
    let rows: Vec<Vec<String>> = [
        ["公式の表", "", "", ""],
        ["No", "分類", "項目", "解説"],
        ["01", "日々", "公式の文その1", "説明"],
        ["02", "", "公式の文その2: \"引用\"", ""],
        ["", "", "", ""],
        ["03", "設備", "公式の文その3", ""],
    ]
    .map(|row| row.map(str::to_owned).to_vec())
    .to_vec();
    let columns = Columns { skip: 2, number: Some(0), section: Some(1), text: 2, title: None, help: Some(3) };
    let made = from_table(&rows, &columns, like, "official", "公式");
    let lists = load(&[DEMO, SECOND, &made.yaml]);
    let list = lists.get("official").expect("made");
    let texts: Vec<_> = list.items().map(|(_, item)| (item.id.as_str(), item.text.get(Lang::Ja))).collect();
    assert_eq!(
        texts,
        [("update", "公式の文その1"), ("mail", "公式の文その2: \"引用\""), ("n03", "公式の文その3")]
    );
    assert_eq!(list.sections.len(), 2);
    let (_, first) = list.item("update").expect("an item");
    assert_eq!((first.links[0].item.as_str(), first.advice.is_some()), ("update", true));
    assert_eq!(list.scale(first).most(), Some(4.0));
    assert_eq!(made.left.len(), 1);
}
