//! Answers: what is read, what they are worth, and how a file is changed without losing anything.

#![allow(
    clippy::float_cmp,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "points are exact; test data is text"
)]

mod common;

use std::sync::LazyLock;

use anshin_checklist::{
    Checklists, Given, LoadedAnswers, Means, Round, load_answers, moved_text, new_file, score, set_answer,
    standing,
};
use anshin_model::{Id, Lang, Text};
use common::{CATALOG, DEMO, SECOND, load};
use proptest::prelude::*;

static LISTS: LazyLock<Checklists> = LazyLock::new(|| load(&[DEMO, SECOND]));

fn read(text: &str) -> LoadedAnswers {
    let file = anshin_checklist::File { name: "answers.yaml".into(), bytes: text.as_bytes().to_vec() };
    load_answers(file, &LISTS, &CATALOG)
}

fn round(text: &str) -> Round {
    let loaded = read(text);
    assert!(loaded.round.is_some(), "{:?}", loaded.diagnostics);
    loaded.round.expect("there is no error")
}

const ANSWERS: &str = r#"anshin-answers: 1
# our first round
checklist: demo
version: "2"
subject: 山田製作所
date: 2026-11-25
by: 山田
answers:
  - { id: staff, value: 120 }
  - { id: wifi, value: "yes" } # since 2019
  - id: update
    value: partly
    evidence: ["更新の記録", { what: "一覧", where: "棚3", date: 2026-10-01 }]
    reviewer: 鈴木
    reviewed: 2026-11-26
  # still to be looked at
  - { id: wifi-key, value: unknown, proposed: true, because: "前回の回答" }
  - { id: rules, value: [c, a] }
"#;

#[test]
fn answers_are_worth_what_the_scale_says() {
    let round = round(ANSWERS);
    let worth = |id: &str| {
        let (_, item) = round.list.item(id).expect("an item");
        score::worth(&round.list, item, round.answer(id))
    };
    assert_eq!((worth("update").points, worth("update").means), (Some(2.0), Some(Means::Partly)));
    assert_eq!((worth("wifi-key").points, worth("wifi-key").means), (Some(-1.0), Some(Means::Unknown)));
    assert_eq!((worth("rules").points, worth("rules").means), (Some(2.0), Some(Means::Met)));
    assert_eq!(worth("staff").points, Some(2.0));
    assert_eq!((worth("mail").points, worth("mail").most, worth("mail").means), (Some(0.0), Some(4.0), None));
    assert_eq!((worth("remarks").points, worth("remarks").most), (None, None));
    let standing = standing(&round, &CATALOG);
    // update 2, mail 0 of 2 x 4, wifi-key -1; the test of the wireless network is not asked.
    assert_eq!((standing.scores[0].value, standing.scores[0].most), (1.0, 16.0));
    // What that means is told once people have answered all of it.
    assert!(standing.scores[0].band.is_none());
    let answered = ANSWERS
        .replace(", proposed: true", "")
        .replace("answers:\n", "answers:\n  - { id: mail, value: \"no\" }\n");
    let complete = self::round(&answered);
    let complete = score::standing(&complete, &CATALOG);
    assert_eq!(complete.scores[0].band.map(|band| band.id.as_str()), Some("low"));
    assert_eq!(standing.scores[1].value, 2.0);
    let progress = standing.progress;
    assert_eq!((progress.asked, progress.answered, progress.proposed, progress.reviewed), (7, 4, 1, 1));
    let steps: Vec<_> = standing.steps.iter().map(|step| step.item.id.as_str()).collect();
    assert_eq!(steps, ["update", "wifi-key"]);
    let titles: Vec<_> = standing.parts.iter().map(|part| part.section.id.as_str()).collect();
    assert_eq!(titles, ["daily", "quiz"]);
}

#[test]
fn branching_follows_the_answers() {
    let asked = |text: &str| {
        let round = round(text);
        round.asked().iter().map(|(_, item, _)| item.id.to_string()).collect::<Vec<_>>()
    };
    let with = |from: &str, to: &str| ANSWERS.replacen(from, to, 1);
    assert!(!asked(ANSWERS).contains(&"wifi-test".to_owned()));
    assert!(asked(&with("value: unknown", "value: \"yes\"")).contains(&"wifi-test".to_owned()));
    let without = asked(&with("id: wifi, value: \"yes\"", "id: wifi, value: \"no\""));
    assert!(!without.contains(&"wifi-key".to_owned()) && !without.contains(&"wifi-test".to_owned()));
    // At the level of trial everything without levels is asked, and what is recommended in part.
    assert!(asked(&with("date: 2026-11-25", "level: trial")).contains(&"mail".to_owned()));
}

#[test]
fn what_is_wrong_with_answers_is_told() {
    for (from, to, code) in [
        ("id: staff,", "id: stuff,", "unknown-reference"),
        ("value: partly", "value: party", "unknown-word"),
        ("value: 120", "value: many", "unknown-word"),
        ("value: 120", "value: -1", "unknown-word"),
        ("value: partly", "out-of-scope: true\n    value: partly", "conflict"),
        ("value: 120", "out-of-scope: true, reason: x", "conflict"),
        ("id: staff,", "id: update,", "duplicate-id"),
        ("checklist: demo", "checklist: demi", "unknown-reference"),
        ("version: \"2\"", "version: \"3\"", "version"),
        ("anshin-answers: 1", "anshin-answers: 2", "version"),
        ("date: 2026-11-25", "level: never", "unknown-reference"),
        ("value: partly", "value: [partly, \"no\"]", "wrong-type"),
    ] {
        assert!(ANSWERS.contains(from), "{from}");
        let loaded = read(&ANSWERS.replacen(from, to, 1));
        assert!(loaded.round.is_none(), "{from} -> {to}");
        let diagnostic = loaded.diagnostics.iter().find(|d| d.code.as_str() == code);
        let diagnostic = diagnostic.unwrap_or_else(|| panic!("{from} -> {to}: {:?}", loaded.diagnostics));
        assert!(diagnostic.span.is_some() && !diagnostic.hints.is_empty(), "{diagnostic:?}");
    }
}

#[test]
fn answers_move_to_a_newer_version() {
    let old = ANSWERS
        .replace("version: \"2\"", "version: \"1\"")
        .replace("id: wifi-key,", "id: wifi-password,")
        .replace("answers:\n", "answers:\n  - { id: fax, value: \"yes\" }\n");
    let round = round(&old);
    let moved = round.moved.as_ref().expect("the answers are older");
    assert_eq!(moved.renamed, [(Id::from("wifi-password"), Id::from("wifi-key"))]);
    assert_eq!(moved.new, [Id::from("mail")]);
    assert_eq!(moved.gone, [(Id::from("fax"), Some(Id::from("mail")))]);
    assert!(round.answer("wifi-key").is_some_and(|given| given.proposed));
    let text = moved_text(&old, &round).expect("a plain list");
    let again = self::round(&text);
    assert_eq!((again.moved, again.given), (None, round.given));
}

#[test]
fn comments_and_other_answers_stay_when_one_is_changed() {
    let given = Given {
        value: vec!["yes".into()],
        reason: Some(Text::new("理由", "reason: \"x\"")),
        date: Some("2026-11-30".into()),
        ..Given::new(Id::from("update"))
    };
    let text = set_answer(ANSWERS, &given).expect("a plain list");
    assert!(text.contains("# our first round") && text.contains("# since 2019"));
    assert!(text.contains("  # still to be looked at\n"), "{text}");
    assert_eq!(round(&text).answer("update"), Some(&given));
    let new = Given { value: vec!["no".into()], ..Given::new(Id::from("mail")) };
    let text = set_answer(&text, &new).expect("a plain list");
    assert!(text.ends_with("- { id: rules, value: [c, a] }\n  - { id: mail, value: \"no\" }\n"), "{text}");
    // A list without answers, and one in brackets.
    let none = "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers: []\n# the end\n";
    let text = set_answer(none, &new).expect("an empty list");
    assert_eq!(
        text,
        "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers:\n  - { id: mail, value: \"no\" }\n# the end\n"
    );
    let json = r#"{"anshin-answers": 1, "checklist": "demo", "version": "2", "answers": [{"id": "wifi", "value": "no"}]}"#;
    let text = set_answer(json, &given).expect("JSON");
    assert_eq!(round(&text).given.len(), 2);
}

proptest! {
    #[test]
    fn whatever_is_answered_is_read_back(
        words in prop::collection::vec("[^\\p{C}]{1,30}", 1..3),
        reason in prop::option::of("\\PC{1,200}"),
        by in prop::option::of("\\PC{1,20}"),
        at in prop::option::of("\\PC{1,20}"),
    ) {
        let blank = |text: &str| text.trim().is_empty();
        prop_assume!(!words.iter().chain(&reason).chain(&by).chain(&at).any(|text| blank(text)));
        let given = Given {
            value: vec![words.join("\n")],
            reason: reason.as_deref().map(Text::same),
            by,
            evidence: vec![anshin_checklist::Evidence {
                what: Text::new(words[0].as_str(), words[words.len() - 1].as_str()),
                at,
                date: None,
            }],
            ..Given::new(Id::from("remarks"))
        };
        let text = set_answer(ANSWERS, &given).expect("a plain list");
        let read = round(&text);
        prop_assert_eq!(read.answer("remarks"), Some(&given));
        // And once more over itself, and in a new file.
        let text = set_answer(&text, &given).expect("a plain list");
        let read = round(&text);
        prop_assert_eq!(read.answer("remarks"), Some(&given));
        let file = new_file(&read.list, &read.answers, std::slice::from_ref(&given), Lang::Ja);
        let read = round(&file);
        prop_assert_eq!(read.answer("remarks"), Some(&given));
    }
}
