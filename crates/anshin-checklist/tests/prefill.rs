//! Answers that are proposed for the worked examples.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anshin_assess::{Engine, PlanItem, System};
use anshin_checklist::{Checklists, File, Given, Known, Means, Round, load_answers, proposals, score};
use anshin_model::document::{Measure, Status};
use anshin_model::{Id, Lang};
use common::{CATALOG, DEMO, SECOND, built_in, load};

/// The four worked systems of the source.
const SYSTEMS: [&str; 4] = ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"];

/// What is proposed for one of the worked systems, as it stands.
fn proposed(lists: &Checklists, system: &str, checklist: &str) -> Vec<Given> {
    proposed_with(lists, system, checklist, false)
}

/// The same; `done` records the first measure of each line of its plan as taken.
fn proposed_with(lists: &Checklists, system: &str, checklist: &str, done: bool) -> Vec<Given> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let text = std::fs::read_to_string(folder.join(format!("{system}.yaml"))).expect("the example is there");
    let loaded = anshin_model::load::load_text(system, &text, &CATALOG.vocabulary());
    let mut document = loaded.document.expect("the example is right");
    let assessment = Engine::new(&CATALOG).expect("the rules fit").assess(&document);
    let called_for: Vec<Id> = assessment.called_for().cloned().collect();
    if done {
        let taken = |line: &PlanItem| Measure {
            id: Id::from("taken"),
            requirement: line.requirement.clone(),
            measure: line.measures.first().cloned(),
            name: None,
            by: line.implementer.clone(),
            on: Vec::new(),
            status: Status::InPlace,
            until: None,
            cost: None,
            cost_per_year: None,
            days: None,
            by_law: false,
            evidence: None,
            note: None,
        };
        document.measures = assessment.plan.iter().map(taken).collect();
    }
    let system = System::new(&document, &CATALOG);
    let round = Round::empty(lists.get(checklist).expect("a built-in checklist"));
    proposals(&round, lists, Known { system: Some(&system), called_for: &called_for, others: &[] })
}

/// How many answers are proposed for the four worked systems of the source.
#[test]
fn proposals_for_the_worked_systems() {
    let lists = built_in();
    let mut table = String::new();
    for system in SYSTEMS {
        for id in ["en-303-645", "cra", "jc-star-1"] {
            let all = proposed(&lists, system, id);
            assert!(all.iter().all(|given| given.proposed && given.because.is_some()));
            // Nobody has recorded anything about what the assessment calls for.
            let open = |given: &&Given| given.value == ["unknown"];
            let gaps = all.iter().filter(open).count();
            // The information tables beside the provisions are for the maker to fill in.
            let items = lists.get(id).expect("a built-in checklist").counting().count();
            let later = proposed_with(&lists, system, id, true);
            let known = later.len() - later.iter().filter(open).count();
            let answered = |means: Means| {
                let list = lists.get(id).expect("a built-in checklist");
                let own = all.iter().filter(|given| {
                    let (_, item) = list.item(given.id.as_str()).expect("an item");
                    given.value != ["unknown"] && score::worth(list, item, Some(given)).means == Some(means)
                });
                own.count()
            };
            let [met, partly, unmet, none] =
                [Means::Met, Means::Partly, Means::Unmet, Means::NotApplicable].map(answered);
            assert_eq!(met + partly + unmet + none + gaps, all.len());
            let _ = writeln!(
                table,
                "{system} {id}: {} of {items}: {met} met, {partly} in part, {unmet} not met, {none} not applicable, \
                 {gaps} not known; with measures {known} are known",
                all.len()
            );
            if id != "jc-star-1" {
                assert!(2 * all.len() >= items, "{table}");
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// Each answer that says more than "not known", to be read by people: what a document supports.
#[test]
fn answers_for_the_worked_systems() {
    let lists = built_in();
    let mut table = String::new();
    for system in SYSTEMS {
        for id in ["en-303-645", "cra"] {
            let list = lists.get(id).expect("a built-in checklist");
            for given in proposed(&lists, system, id).iter().filter(|given| given.value != ["unknown"]) {
                let (_, item) = list.item(given.id.as_str()).expect("an item");
                let (answer, because) = (given.value.join(" "), given.because.as_ref().expect("a reason"));
                let short = item.short().get(Lang::En);
                let _ = writeln!(
                    table,
                    "{system} {id}/{} {short}: {answer} | {}",
                    item.id,
                    because.get(Lang::En)
                );
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// That something is not done is proposed only where a fact or a measure of the document says so.
#[test]
fn nothing_recorded_is_not_proposed_as_not_done() {
    let lists = built_in();
    for list in lists.iter() {
        for system in SYSTEMS {
            for given in proposed(&lists, system, list.id.as_str()) {
                let (_, item) = list.item(given.id.as_str()).expect("an item");
                let means = score::worth(list, item, Some(&given)).means;
                let because = given.because.as_ref().expect("a reason").get(Lang::En);
                let (id, item) = (&list.id, &item.id);
                // Facts stand in brackets behind the reason.
                let facts = because.ends_with(')') || because.starts_with("the measure ");
                assert!(means != Some(Means::Unmet) || facts, "{system} {id}/{item}: {because}");
                let silent = because.starts_with("the assessment calls for");
                assert!(!silent || means == Some(Means::Unknown), "{system} {id}/{item}: {because}");
            }
        }
    }
}

/// Provisions with a condition that a worked system does not meet are not called unmet.
#[test]
fn what_does_not_apply_is_not_proposed_as_unmet() {
    let lists = built_in();
    let answer = |system: &str, item: &str| {
        let all = proposed(&lists, system, "en-303-645");
        all.into_iter().find(|given| given.id == *item).map(|given| given.value.join(" "))
    };
    let na = Some("na".to_owned());
    // Consent of consumers: neither the warehouse nor the plant has any.
    for item in ["6-2", "6-3a", "6-3b"] {
        for system in ["warehouse-agv", "chemical-plant"] {
            assert_eq!(answer(system, item), na, "{system} {item}");
        }
        assert_eq!(answer("gas-water-heater", item), Some("unknown".to_owned()), "{item}");
    }
    // Isolation, replacement and reasons in place of updates: for devices that get none.
    for system in ["gas-water-heater", "drone", "warehouse-agv"] {
        for item in ["5.3-14", "5.3-15a", "5.3-15b"] {
            assert_eq!(answer(system, item), na, "{system} {item}");
        }
    }
    // A separation says nothing about devices without updates where none is recorded.
    assert_eq!(answer("chemical-plant", "5.3-15a"), Some("unknown".to_owned()));
    // Automatic updates that are not there cannot be switched off. Where nothing is recorded about
    // updates, nobody knows.
    for item in ["5.3-4b", "5.3-6a"] {
        assert_eq!(answer("drone", item), na, "{item}");
        assert_eq!(answer("chemical-plant", item), Some("unknown".to_owned()), "{item}");
    }
    // Whether there is a label with the model, a document about the system does not tell.
    for system in SYSTEMS {
        assert_eq!((answer(system, "5.0-1"), answer(system, "5.3-16")), (None, None), "{system}");
    }
}

#[test]
fn answers_carry_over_along_links_and_never_the_wrong_way() {
    let lists = load(&[DEMO, SECOND]);
    let answered = |text: &str| {
        let file = File { name: "a.yaml".into(), bytes: text.as_bytes().to_vec() };
        load_answers(file, &lists, &CATALOG).round.expect("the answers are right")
    };
    let from_second = |answers: &str| {
        let other =
            answered(&format!("anshin-answers: 1\nchecklist: second\nversion: \"1\"\nanswers:\n{answers}"));
        let round = Round::empty(lists.get("demo").expect("a sample"));
        let all = proposals(&round, &lists, Known { others: &[other], ..Known::default() });
        all.into_iter().map(|given| (given.id, given.value)).collect::<BTreeMap<Id, Vec<String>>>()
    };
    // The whole is met, so its part is; what is equal carries over as it is.
    let all = from_second("  - { id: crypto, value: \"yes\" }\n  - { id: patches, value: \"no\" }\n");
    assert_eq!(all.get("wifi-key").map(Vec::as_slice), Some(&["yes".to_owned()][..]));
    assert_eq!(all.get("update").map(Vec::as_slice), Some(&["no".to_owned()][..]));
    // What the whole lacks may be in another part of it; what nobody has confirmed says nothing.
    assert!(from_second("  - { id: crypto, value: \"no\" }\n").is_empty());
    assert!(from_second("  - { id: patches, value: \"yes\", proposed: true }\n").is_empty());
    // The other way round: the part that is met says nothing about the whole.
    let demo = answered(
        "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers:\n  - { id: wifi, value: \"yes\" }\n  - { id: wifi-key, value: \"yes\" }\n  - { id: update, value: partly }\n",
    );
    let round = Round::empty(lists.get("second").expect("a sample"));
    let all = proposals(&round, &lists, Known { others: &[demo], ..Known::default() });
    // `partly` has no counterpart on a scale of yes and no.
    assert!(all.is_empty(), "{all:?}");
    let because =
        "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers:\n  - { id: update, value: \"yes\" }\n";
    let all = proposals(&round, &lists, Known { others: &[answered(because)], ..Known::default() });
    let because = all[0].because.as_ref().expect("a reason");
    assert_eq!(because.get(Lang::En), "1 MF of \u{201c}Sample\u{201d} asks for the same; the answer is: met");
}
