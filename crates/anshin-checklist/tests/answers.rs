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
    Checklists, Given, LoadedAnswers, Means, Round, load_answers, new_file, rename_answer, score, set_answer,
    set_line, standing,
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
    assert_eq!(standing.scores[0].band.map(|band| band.id.as_str()), Some("low"));
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
    let text = rename_answer(&old, "wifi-password", "wifi-key").expect("it is there");
    let text = set_line(&text, "version", "2").expect("it is there");
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
            evidence: vec![anshin_checklist::Evidence { what: Text::same(words[0].as_str()), at, date: None }],
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

/// A checklist of one section with so many items on one scale.
fn of(count: usize, scale: &str, scores: &str) -> String {
    let items: String = (1..=count)
        .map(|n| format!("      - {{ id: q{n:02}, text: {{ ja: \"問{n}。\", en: \"Question {n}.\" }} }}\n"))
        .collect();
    format!(
        "anshin-checklist: 1\nid: many\nversion: \"1\"\ntitle: T\nabout: A\nanswer: s\nscales:\n  - {scale}\n\
         sections:\n  - id: all\n    title: T\n    items:\n{items}scores:\n{scores}"
    )
}

fn values(checklist: &str, answers: &[(usize, &str)]) -> Vec<(f64, f64, f64, Option<String>)> {
    let lists = load(&[checklist]);
    let mut n = 0;
    let mut text = String::from("anshin-answers: 1\nchecklist: many\nversion: \"1\"\nanswers:\n");
    for (count, answer) in answers {
        for _ in 0..*count {
            n += 1;
            let words = if *answer == "out" {
                "out-of-scope: true, reason: x".into()
            } else {
                format!("value: \"{answer}\"")
            };
            text.push_str(&format!("  - {{ id: q{n:02}, {words} }}\n"));
        }
    }
    let file = anshin_checklist::File { name: "answers.yaml".into(), bytes: text.into_bytes() };
    let loaded = load_answers(file, &lists, &CATALOG);
    let round = loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let standing = standing(&round, &CATALOG);
    let band = |result: &score::Outcome<'_>| result.band.map(|band| band.id.to_string());
    standing.scores.iter().map(|result| (result.value, result.most, result.mean, band(result))).collect()
}

/// The five-minute diagnosis: 25 questions with 4, 2 and 0 points; in the form of today -1 for what
/// nobody knows, and all points for what a company does not have.
#[test]
fn the_points_of_the_five_minute_diagnosis() {
    let scale = |unknown: i32| {
        format!(
            "{{ id: s, type: one, out-of-scope: full, options: [{{ id: \"yes\", name: Y, points: 4, means: met }}, \
             {{ id: partly, name: P, points: 2, means: partly }}, {{ id: \"no\", name: N, points: 0, means: unmet }}, \
             {{ id: unknown, name: U, points: {unknown}, means: unknown }}] }}"
        )
    };
    let scores = "  - id: total\n    name: T\n    bands: [{ id: full, from: 100, name: a }, { id: good, from: 70, name: b }, \
                  { id: gaps, from: 50, name: c }, { id: risk, name: d }]\n";
    let total = |unknown: i32, answers: &[(usize, &str)]| {
        let all = values(&of(25, &scale(unknown), scores), answers);
        let (value, most, _, band) = all.into_iter().next().expect("one score");
        (value, most, band.expect("a band"))
    };
    assert_eq!(total(0, &[(25, "yes")]), (100.0, 100.0, "full".into()));
    assert_eq!(total(0, &[(15, "yes"), (5, "partly"), (5, "no")]), (70.0, 100.0, "good".into()));
    assert_eq!(total(0, &[(15, "yes"), (4, "partly"), (6, "unknown")]), (68.0, 100.0, "gaps".into()));
    assert_eq!(total(-1, &[(15, "yes"), (4, "partly"), (6, "unknown")]), (62.0, 100.0, "gaps".into()));
    assert_eq!(total(-1, &[(25, "unknown")]), (-25.0, 100.0, "risk".into()));
    assert_eq!(total(0, &[(24, "yes"), (1, "out")]), (100.0, 100.0, "full".into()));
    assert_eq!(total(0, &[(12, "yes"), (1, "no")]), (48.0, 100.0, "risk".into()));
}

/// The benchmark: 27 items on five steps make 27 to 135 points. Its worked example has 81 of 135
/// points, 3.0 for each item; with 25 items the most is 125.
#[test]
fn the_total_and_mean_of_the_benchmark() {
    let options: Vec<String> =
        (1..=5).map(|n| format!("{{ id: \"{n}\", name: N{n}, points: {n} }}")).collect();
    let scale = format!("{{ id: s, type: one, options: [{}] }}", options.join(", "));
    let scores = "  - { id: total, name: T }\n  - { id: mean, name: M, method: mean }\n";
    let total = |count: usize, answers: &[(usize, &str)]| {
        values(&of(count, &scale, scores), answers)
            .into_iter()
            .map(|(value, most, ..)| (value, most))
            .collect::<Vec<_>>()
    };
    assert_eq!(total(27, &[(27, "5")]), [(135.0, 135.0), (5.0, 5.0)]);
    assert_eq!(total(27, &[(27, "1")]), [(27.0, 135.0), (1.0, 5.0)]);
    assert_eq!(total(27, &[(9, "2"), (9, "3"), (9, "4")]), [(81.0, 135.0), (3.0, 5.0)]);
    assert_eq!(total(25, &[(25, "5")]), [(125.0, 125.0), (5.0, 5.0)]);
    // The desired level of the source is 114 of 135; it prints 3.8 beside it, which is 114 / 30.
    let desired = total(27, &[(6, "5"), (21, "4")]);
    assert_eq!(desired[0], (114.0, 135.0));
    assert_eq!(format!("{:.1}", desired[1].0), "4.2");
}

/// The quality checklist: first in scope or not, then the status of what is in scope.
#[test]
fn the_states_of_the_quality_checklist() {
    let scale = "{ id: s, type: one, out-of-scope: excluded, options: [{ id: done, name: D, means: met }, \
                 { id: in-progress, name: P, means: partly }, { id: not-started, name: N, means: unmet }] }";
    let lists = load(&[&of(5, scale, "  - { id: none, name: N }\n")]);
    // The five rows that the source shows: 検討中, 未着手, 未着手, 対象外, 未着手.
    let text = "anshin-answers: 1\nchecklist: many\nversion: \"1\"\nanswers:\n\
                \x20 - { id: q01, value: in-progress, evidence: [計画書], date: 2018-11-13 }\n\
                \x20 - { id: q02, value: not-started }\n  - { id: q03, value: not-started }\n\
                \x20 - { id: q04, out-of-scope: true, reason: 電池を使わない }\n  - { id: q05, value: not-started }\n";
    let file = anshin_checklist::File { name: "answers.yaml".into(), bytes: text.into() };
    let round = load_answers(file, &lists, &CATALOG).round.expect("the answers are right");
    let means: Vec<_> = round
        .asked()
        .into_iter()
        .map(|(_, item, given)| score::worth(&round.list, item, given).means.expect("an answer"))
        .collect();
    let words: Vec<_> = means.into_iter().map(Means::as_str).collect();
    assert_eq!(words, ["partly", "unmet", "unmet", "not-applicable", "unmet"]);
    let standing = standing(&round, &CATALOG);
    assert!(standing.parts.is_empty() && standing.scores[0].items == 0, "nothing has points");
    let steps: Vec<_> = standing.steps.iter().map(|step| step.item.id.as_str()).collect();
    assert_eq!(steps, ["q02", "q03", "q05", "q01"]);
}
