//! What a form of a checklist does to the answers.

use std::sync::LazyLock;

use anshin_checklist::{File, Given, Round, load_answers};
use anshin_model::{Id, Lang, Text};
use anshin_pages::Desk;
use anshin_pages::answering::{Answering, Form, next_open, read_form, reviewed, with_answers};

static DESK: LazyLock<Desk> = LazyLock::new(|| Desk::built_in().expect("what is built in is right"));
const WHO: Answering<'_> = Answering { by: "Aoi", today: "2026-11-26", lang: Lang::Ja };
const TEXT: &str = r#"anshin-answers: 1
checklist: five-minute
version: "1"
answers:
  # 端末ごとに確かめた
  - { id: q01, value: "yes", note: { ja: 覚え書き, en: Remark }, by: Ren, reviewer: Mio, reviewed: 2026-11-01 }
  - { id: q02, value: "no", proposed: true, because: facts }
"#;

fn round(text: &str) -> Round {
    let file = File { name: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let loaded = load_answers(file, &DESK.checklists, DESK.catalog);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

fn form(fields: &[(&str, &str)]) -> Form {
    let fields: Vec<_> = fields.iter().map(|(key, word)| ((*key).to_owned(), (*word).to_owned())).collect();
    read_form(&round(TEXT), &fields, WHO)
}

fn changed(form: &Form) -> Vec<(&str, &[String])> {
    form.changed.iter().map(|given| (given.id.as_str(), given.value.as_slice())).collect()
}

#[test]
fn a_form_changes_what_a_person_changed_and_nothing_else() {
    let same = [
        ("asked", "q01"),
        ("a.q01", "yes"),
        ("note.q01", "覚え書き"),
        ("asked", "q03"),
        ("asked", "q02"),
        ("a.q02", "no"),
    ];
    let form = form(&same);
    assert_eq!(changed(&form), []);
    assert!(!form.has_trouble());
}

#[test]
fn a_new_answer_has_a_name_and_a_day_and_no_review() {
    let form = form(&[
        ("asked", "q01"),
        ("a.q01", "partly"),
        ("note.q01", "覚え書き"),
        ("evidence.q01", "一覧\u{0}表 | 共有\u{1b}フォルダ | 2026/4/1"),
    ]);
    let [given] = form.changed.as_slice() else { panic!("{form:?}") };
    assert_eq!((given.by.as_deref(), given.date.as_deref()), (Some("Aoi"), Some("2026-11-26")));
    assert_eq!((given.reviewer.as_ref(), given.reviewed.as_ref()), (None, None));
    assert_eq!(
        given.note,
        Some(Text::new("覚え書き", "Remark")),
        "words that nobody touched keep both languages"
    );
    assert_eq!(given.evidence[0].date.as_deref(), Some("2026-04-01"));
    let text = with_answers(TEXT, &round(TEXT), &form.changed).expect("a plain list");
    assert!(text.contains("# 端末ごとに確かめた"), "{text}");
    assert_eq!(round(&text).answer("q01"), Some(given));
}

#[test]
fn a_proposal_is_confirmed_by_a_person_only() {
    assert_eq!(changed(&form(&[("asked", "q02"), ("a.q02", "no")])), []);
    let confirmed = form(&[("asked", "q02"), ("a.q02", "no"), ("ok.q02", "yes")]);
    let [given] = confirmed.changed.as_slice() else { panic!("{confirmed:?}") };
    assert!(!given.proposed && given.because.is_none() && given.by.as_deref() == Some("Aoi"));
    let other = form(&[("asked", "q02"), ("a.q02", "yes")]);
    assert!(!other.changed[0].proposed, "another answer is the person's own");
}

#[test]
fn an_answer_taken_back_is_open_again() {
    let form = form(&[("asked", "q01")]);
    assert_eq!(changed(&form), [("q01", [].as_slice())]);
    let text = with_answers(TEXT, &round(TEXT), &form.changed).expect("a plain list");
    assert_eq!(next_open(&round(&text), None), Some(&Id::from("q01")));
}

#[test]
fn what_cannot_be_taken_is_told_and_stays_in_the_form() {
    let fields = [
        ("asked", "q01"),
        ("a.q01", "perhaps"),
        ("asked", "q03"),
        ("a.q03", "out-of-scope"),
        ("asked", "q04"),
        ("a.q04", "yes"),
        ("until.q04", "soon"),
        ("asked", "q05"),
        ("a.q05", "yes"),
        ("asked", "q99"),
        ("a.q99", "yes"),
    ];
    let form = form(&fields);
    assert_eq!(changed(&form), [("q05", ["yes".to_owned()].as_slice())]);
    let troubled: Vec<&str> = form
        .entries
        .iter()
        .filter(|(_, entry)| !entry.trouble.is_empty())
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(troubled, ["q01", "q03", "q04"]);
    assert_eq!(form.entries["q04"].given.value, ["yes"]);
    assert!(form.entries["q03"].given.out_of_scope);
    for text in form.entries.values().flat_map(|entry| &entry.trouble) {
        assert!(Lang::ALL.iter().all(|lang| !text.get(*lang).is_empty()));
    }
}

#[test]
fn questions_follow_each_other_and_the_last_leads_to_the_result() {
    let all = round(TEXT);
    assert_eq!(next_open(&all, None), Some(&Id::from("q02")), "a proposal waits for somebody");
    assert_eq!(next_open(&all, Some("q02")), Some(&Id::from("q03")));
    let last = all.list.items().last().expect("there are items").1.id.clone();
    assert_eq!(next_open(&all, Some(last.as_str())), None);
}

#[test]
fn nobody_reviews_what_he_or_she_has_answered() {
    let mut round = round(TEXT);
    let own = |id: &str, by: &str| Given {
        value: vec!["yes".to_owned()],
        by: Some(by.to_owned()),
        ..Given::new(id.into())
    };
    round.given.extend([own("q03", "Aoi"), own("q04", "Ren")].map(|given| (given.id.clone(), given)));
    let done = reviewed(&round, "Aoi", "2026-11-26");
    let ids: Vec<&str> = done.iter().map(|given| given.id.as_str()).collect();
    assert_eq!(ids, ["q04"], "not one's own, not the reviewed one, not the proposal");
    assert_eq!(done[0].reviewed.as_deref(), Some("2026-11-26"));
}
