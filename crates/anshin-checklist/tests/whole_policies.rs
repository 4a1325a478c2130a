//! Every built-in policy text: complete, in both languages, and taken only where it applies.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use anshin_checklist::policy::{Document, Kind, Texts, document, load_texts};
use anshin_checklist::{Checklists, File, Round, load_answers};
use anshin_model::{Lang, Text};
use common::CATALOG;

fn built_in(folder: &str) -> Vec<File> {
    let files = anshin_catalog::built_in_files_beside(folder);
    files.into_iter().map(|file| File { name: file.name, bytes: file.bytes }).collect()
}

static LISTS: LazyLock<Checklists> = LazyLock::new(|| {
    anshin_checklist::load(built_in("checklists"), &CATALOG).checklists.expect("the built-in checklists load")
});

static TEXTS: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let loaded = load_texts(built_in("policy-texts"), &LISTS);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.texts.expect("there is no error")
});

/// Answers to the facts about the company: the same word for all, except for some.
fn facts(word: &str, except: &[(&str, &str)]) -> Round {
    let list = LISTS.get("company-facts").expect("is built in");
    let mut text = String::from("anshin-answers: 1\nchecklist: company-facts\nversion: \"1\"\nanswers:\n");
    for (_, item) in list.items() {
        let word = except.iter().find(|(id, _)| item.id == **id).map_or(word, |(_, word)| word);
        writeln!(text, "  - {{ id: {}, value: \"{word}\" }}", item.id).expect("a string grows");
    }
    let loaded = load_answers(File { name: "facts.yaml".into(), bytes: text.into_bytes() }, &LISTS, &CATALOG);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// The documents that apply, by id.
fn issued(rounds: &[Round], lang: Lang) -> BTreeMap<String, Document> {
    let words = BTreeMap::from([("company".to_owned(), Text::new("山田製作所", "Yamada Works"))]);
    TEXTS
        .iter()
        .map(|texts| (texts.id.to_string(), document(texts, rounds, &words, "2026-11-25", lang)))
        .filter(|(_, document)| !document.is_empty())
        .collect()
}

fn clauses(documents: &BTreeMap<String, Document>) -> Vec<&str> {
    let blocks = documents.values().flat_map(|document| &document.blocks);
    blocks
        .filter(|block| matches!(block.kind, Kind::Paragraph | Kind::Point))
        .map(|block| block.text.as_str())
        .collect()
}

#[test]
fn a_company_with_everything_gets_the_whole_set() {
    let all = issued(&[facts("yes", &[])], Lang::Ja);
    let ids: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(
        ids,
        [
            "basic-policy",
            "employee-handbook",
            "rules-access",
            "rules-assets",
            "rules-development",
            "rules-devices",
            "rules-incidents",
            "rules-iot",
            "rules-operation",
            "rules-organization",
            "rules-outsourcing",
            "rules-people",
            "rules-personal-number",
            "rules-premises",
        ]
    );
    // Of 121 clauses, four say what holds where something is forbidden.
    assert_eq!(clauses(&all).len(), 117);
}

#[test]
fn a_company_with_little_gets_little() {
    let few = issued(&[facts("no", &[])], Lang::En);
    for id in ["rules-iot", "rules-development", "rules-outsourcing", "rules-personal-number"] {
        assert!(!few.contains_key(id), "{id} applies to nobody");
    }
    let text = clauses(&few).join("\n");
    assert!(!text.contains("ireless LAN") && !text.contains("cloud service"), "{text}");
    assert!(
        text.contains("are not taken outside") && text.contains("Private devices and media are neither"),
        "{text}"
    );
}

#[test]
fn what_is_allowed_and_what_is_forbidden_never_stand_together() {
    let (allowed, forbidden) = ("may be used for work once registered", "are neither used for work");
    for (rounds, allows) in [
        (vec![], false),
        (vec![facts("no", &[("private-devices", "yes")])], true),
        (vec![facts("yes", &[("private-devices", "no")])], false),
    ] {
        let documents = issued(&rounds, Lang::En);
        let text = clauses(&documents).join("\n");
        assert_eq!(text.contains(allowed), allows);
        assert_eq!(text.contains(forbidden), !allows);
    }
}

#[test]
fn sentences_stand_once_and_nothing_is_left_to_fill_in() {
    let rounds = [facts("yes", &[])];
    for lang in Lang::ALL {
        let documents = issued(&rounds, lang);
        let mut seen = BTreeSet::new();
        for text in clauses(&documents) {
            assert!(seen.insert(text), "twice: {text}");
            assert!(!text.contains(['{', '}']), "{text}");
            let japanese = text.chars().any(|c| matches!(c, 'ぁ'..='ヿ' | '一'..='鿿'));
            assert_eq!(japanese, lang == Lang::Ja, "{text}");
            assert!(text.ends_with(['。', '.']), "{text}");
        }
    }
}
