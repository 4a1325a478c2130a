//! Answers that are proposed for the worked examples.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anshin_assess::{Engine, System};
use anshin_checklist::{Checklists, File, Known, Round, load_answers, proposals};
use anshin_model::{Id, Lang};
use common::{CATALOG, DEMO, SECOND, load};

fn built_in() -> Checklists {
    let files = anshin_catalog::built_in_files_beside("checklists").into_iter();
    let files = files.map(|file| File { name: file.name, bytes: file.bytes }).collect();
    anshin_checklist::load(files, &CATALOG).checklists.expect("the built-in checklists load")
}

/// How many answers are proposed for the four worked systems of the source.
#[test]
fn proposals_for_the_worked_systems() {
    let lists = built_in();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut table = String::new();
    for system in ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"] {
        let path = folder.join(format!("{system}.yaml"));
        let text = std::fs::read_to_string(&path).expect("the example is there");
        let loaded = anshin_model::load::load_text(system, &text, &CATALOG.vocabulary());
        let document = loaded.document.expect("the example is right");
        let system_of = System::new(&document, &CATALOG);
        let assessment = Engine::new(&CATALOG).expect("the rules fit").assess_system(&system_of);
        let called_for: Vec<Id> =
            assessment.candidates.iter().map(|candidate| candidate.requirement.clone()).collect();
        for id in ["en-303-645", "cra", "jc-star-1"] {
            let round = Round::empty(lists.get(id).expect("a built-in checklist"));
            let all = proposals(
                &round,
                &lists,
                Known { system: Some(&system_of), called_for: &called_for, others: &[] },
            );
            assert!(all.iter().all(|given| given.proposed && given.because.is_some()));
            let gaps = |given: &&anshin_checklist::Given| {
                given
                    .because
                    .as_ref()
                    .is_some_and(|because| because.get(Lang::En).starts_with("the assessment calls"))
            };
            let gaps = all.iter().filter(gaps).count();
            let items = round.list.items().count();
            let _ =
                writeln!(table, "{system} {id}: {} of {items}, {gaps} of them open requirements", all.len());
            if id != "jc-star-1" {
                assert!(2 * all.len() >= items, "{table}");
            }
        }
    }
    insta::assert_snapshot!(table);
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
