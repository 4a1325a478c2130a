//! Answers that are proposed for the worked examples.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_checklist::{
    Checklists, Described, File, Given, Ground, Known, Means, Proposals, Round, load_answers, proposals,
    score, standing,
};
use anshin_model::document::{Document, Expertise, Measure, Protection, Stage, Status};
use anshin_model::{Id, Lang};
use common::{CATALOG, DEMO, SECOND, built_in, load};

/// The four worked systems of the source.
const SYSTEMS: [&str; 4] = ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"];

/// Checklists about products, which do not concern those who only use them.
const PRODUCT_LISTS: [&str; 3] = ["en-303-645", "cra", "jc-star-1"];

/// Checklists about systems, also of those who use them.
const SYSTEM_LISTS: [&str; 2] = ["iot-introduction", "iec-62443-fr"];

/// The other published examples.
const OTHERS: [&str; 4] = ["window-shutter", "air-conditioner", "equipment-maintenance", "boiler"];

/// The document of one of the worked systems.
fn worked(system: &str) -> Document {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let text = std::fs::read_to_string(folder.join(format!("{system}.yaml"))).expect("the example is there");
    let loaded = anshin_model::load::load_text(system, &text, &CATALOG.vocabulary());
    loaded.document.expect("the example is right")
}

/// The rules of the catalog, made ready once.
static ENGINE: LazyLock<Engine<'static>> =
    LazyLock::new(|| Engine::new(&CATALOG).expect("the built-in rules fit"));

/// What is proposed for a system.
fn all_proposals(lists: &Checklists, document: &Document, checklist: &str) -> Proposals {
    let system = System::new(document, &CATALOG);
    let assessment = ENGINE.assess_system(&system);
    let of = Described { system: &system, assessment: &assessment };
    let round = Round::empty(lists.get(checklist).expect("a built-in checklist"));
    proposals(&round, lists, Known { system: Some(of), others: &[] })
}

/// The same by item, with what each rests on.
fn with_grounds(lists: &Checklists, document: &Document, checklist: &str) -> BTreeMap<Id, (Given, Ground)> {
    let all = all_proposals(lists, document, checklist).all;
    all.into_iter().map(|own| (own.given.id.clone(), (own.given, own.ground))).collect()
}

/// What is proposed for a system, by item.
fn proposed_for(lists: &Checklists, document: &Document, checklist: &str) -> BTreeMap<Id, Given> {
    with_grounds(lists, document, checklist).into_iter().map(|(id, (given, _))| (id, given)).collect()
}

/// What is proposed for one of the worked systems, as it stands.
fn proposed(lists: &Checklists, system: &str, checklist: &str) -> BTreeMap<Id, Given> {
    proposed_for(lists, &worked(system), checklist)
}

/// A measure that is recorded.
fn recorded(requirement: &str, measure: Option<&str>, status: Status) -> Measure {
    Measure {
        id: Id::from("recorded"),
        requirement: Id::from(requirement),
        measure: measure.map(Id::from),
        name: None,
        by: Id::from("maker"),
        on: Vec::new(),
        status,
        until: None,
        cost: None,
        cost_per_year: None,
        days: None,
        by_law: false,
        evidence: None,
        note: None,
    }
}

/// How many items concern each of the published examples, what is proposed for those, and on what grounds.
///
/// For the four worked systems, at least half of the items that concern a product get an answer; and of
/// the answers, few rest on the stage alone.
#[test]
fn proposals_for_the_examples() {
    let lists = built_in();
    let mut table = String::new();
    for system in SYSTEMS.into_iter().chain(OTHERS) {
        let document = worked(system);
        for id in PRODUCT_LISTS.into_iter().chain(SYSTEM_LISTS) {
            let list = lists.get(id).expect("a built-in checklist");
            let all = with_grounds(&lists, &document, id);
            assert!(all.values().all(|(given, _)| given.proposed && given.because.is_some()));
            let mut answers: BTreeMap<Means, usize> = BTreeMap::new();
            let mut grounds: BTreeMap<Ground, usize> = BTreeMap::new();
            let (mut concern, mut outside) = (0, 0);
            for (_, item) in list.counting() {
                let found = all.get(&item.id);
                let given = found.map(|(given, _)| given).filter(|given| given.is_answered());
                let means = score::worth(list, item, given).means;
                assert_eq!(means.is_some(), given.is_some());
                if means == Some(Means::NotApplicable) {
                    let reason = given.and_then(|given| given.because.as_ref()).expect("a reason");
                    assert!(Lang::ALL.iter().all(|lang| !reason.get(*lang).is_empty()), "{system} {id}");
                    outside += 1;
                    continue;
                }
                concern += 1;
                if let (Some(means), Some((_, ground))) = (means, found) {
                    *answers.entry(means).or_default() += 1;
                    *grounds.entry(*ground).or_default() += 1;
                }
            }
            let answer = |means| answers.get(&means).copied().unwrap_or_default();
            let ground = |ground| grounds.get(&ground).copied().unwrap_or_default();
            let answered: usize = answers.values().sum();
            let _ = writeln!(
                table,
                "{system} {id}: {concern} concern it, {outside} do not; {answered} answered \
                 ({} met, {} in part, {} not met), {} not known",
                answer(Means::Met),
                answer(Means::Partly),
                answer(Means::Unmet),
                concern - answered,
            );
            let _ = writeln!(
                table,
                "  from facts {}, from measures {}, called for and not recorded {}, from the stage alone {}",
                ground(Ground::Fact),
                ground(Ground::Measure),
                ground(Ground::CalledFor),
                ground(Ground::Stage),
            );
            assert_eq!(concern + outside, list.counting().count(), "{system} {id}");
            if SYSTEMS.contains(&system) && PRODUCT_LISTS.contains(&id) {
                assert!(2 * answered >= concern, "{table}");
                assert!(8 * ground(Ground::Stage) <= answered, "{table}");
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// A company that only uses devices: each item says why it does not concern it, and the whole says it once.
#[test]
fn what_does_not_concern_a_user_is_told_with_its_reason() {
    let lists = built_in();
    for system in ["warehouse-agv", "chemical-plant"] {
        for id in ["en-303-645", "cra"] {
            let list = lists.get(id).expect("a built-in checklist");
            let mut round = Round::empty(list);
            let all = all_proposals(&lists, &worked(system), id).all;
            round.given.extend(all.into_iter().map(|own| (own.given.id.clone(), own.given)));
            for (_, item) in list.counting() {
                let given = round.given.get(&item.id).expect("something is said about each item");
                let reason = given.reason.as_ref().expect("a reason");
                assert!(
                    Lang::ALL.iter().all(|lang| !reason.get(*lang).is_empty()),
                    "{system} {id}/{}",
                    item.id
                );
            }
            let stands = standing(&round, &CATALOG);
            assert_eq!(stands.progress.concerning(), 0, "{system} {id}");
            let [only] = stands.outside.as_slice() else { panic!("{system} {id}: {:?}", stands.outside) };
            assert_eq!(only.items, list.counting().count(), "{system} {id}");
            assert!(Lang::ALL.iter().all(|lang| !only.reason.get(*lang).is_empty()), "{system} {id}");
        }
    }
}

/// Each answer, and what would answer the others, to be read by people: what a document supports.
#[test]
fn answers_for_the_worked_systems() {
    let lists = built_in();
    let mut table = String::new();
    for system in SYSTEMS {
        for id in ["en-303-645", "cra"] {
            let list = lists.get(id).expect("a built-in checklist");
            let all = proposed(&lists, system, id);
            let outside =
                all.values().filter(|given| given.value == ["na"]).count() == list.counting().count();
            for (_, item) in list.counting().take(if outside { 1 } else { usize::MAX }) {
                let Some(given) = all.get(&item.id) else { continue };
                let because = given.because.as_ref().expect("a reason").get(Lang::En);
                let (short, answer) = (item.short().get(Lang::En), given.value.join(" "));
                let _ = writeln!(table, "{system} {id}/{} {short}: {answer} | {because}", item.id);
            }
        }
    }
    insta::assert_snapshot!(table);
}

/// Reasons of items of which nothing is known are their own, and name what would answer them.
#[test]
fn what_is_not_known_names_what_would_answer_it() {
    let lists = built_in();
    for id in PRODUCT_LISTS {
        let list = lists.get(id).expect("a built-in checklist");
        for system in ["gas-water-heater", "drone"] {
            let all = proposed(&lists, system, id);
            for (_, item) in list.counting() {
                let Some(hint) = all.get(&item.id).and_then(Given::hint) else { continue };
                for lang in Lang::ALL {
                    for measure in item.measures.iter().take(2) {
                        let name = CATALOG.measures[measure].name.get(lang);
                        assert!(hint.get(lang).contains(name), "{id}/{}: {}", item.id, hint.get(lang));
                    }
                    // Brackets and points of the other language.
                    let (wrong, words) =
                        (if lang == Lang::Ja { ['(', ')'] } else { ['（', '）'] }, hint.get(lang));
                    assert!(!words.contains(wrong) && !words.contains("。。"), "{id}/{}: {words}", item.id);
                }
            }
        }
    }
}

/// An answer of "not met" needs a fact, a measure, or a stage that the document itself states.
#[test]
fn nothing_recorded_is_not_proposed_as_not_done() {
    let lists = built_in();
    let unmet = |document: &Document| {
        let mut out = Vec::new();
        for list in lists.iter() {
            for given in proposed_for(&lists, document, list.id.as_str()).into_values() {
                let (_, item) = list.item(given.id.as_str()).expect("an item");
                let by_rule = item.prefill.iter().any(|rule| rule.answer == given.value);
                if score::worth(list, item, Some(&given)).means == Some(Means::Unmet) && !by_rule {
                    out.push((list.id.clone(), given.id));
                }
            }
        }
        out
    };
    for system in SYSTEMS {
        let mut document = worked(system);
        let stated = unmet(&document);
        let is_planned = document.system.stage == Some(Stage::Planning);
        assert_eq!(is_planned, stated.iter().any(|(list, _)| *list == "en-303-645"), "{system}: {stated:?}");
        // The same without a stage, and in operation: nothing says that anything is missing.
        for stage in [None, Some(Stage::Operation)] {
            document.system.stage = stage;
            assert_eq!(unmet(&document), [], "{system} {stage:?}");
        }
    }
}

/// A measure that is recorded answers its items and leaves no reason that says that it is not.
#[test]
fn recorded_measures_answer_their_items() {
    let lists = built_in();
    let answer = |measure: Measure, item: &str| {
        let mut document = worked("gas-water-heater");
        document.measures.push(measure);
        let given = proposed_for(&lists, &document, "en-303-645").remove(item).expect("something is said");
        (given.value.join(" "), given.because.expect("a reason").get(Lang::En).to_owned())
    };
    let hardware = "key-management-hardware";
    let name = CATALOG.measures[hardware].name.get(Lang::En);
    let (value, because) = answer(recorded("key-management", Some(hardware), Status::InPlace), "5.4-1");
    // One measure says that something is done, not that all is.
    assert_eq!((value.as_str(), because.contains(name)), ("partly", true), "{because}");
    let (value, because) = answer(recorded("key-management", Some(hardware), Status::Planned), "5.4-1");
    // Nor does one that is planned say that nothing is.
    assert_eq!((value.as_str(), because.contains("is planned")), ("", true), "{because}");
    // Another measure of the same requirement says nothing about this item.
    let other = recorded("key-management", Some("key-management-policy"), Status::InPlace);
    let (value, because) = answer(other, "5.4-1");
    assert_ne!(value, "y", "{because}");
    assert!(because.contains(name), "{because}");
}

/// A measure that is what a provision asks for answers it as a whole; what only users can do answers nothing.
#[test]
fn a_measure_that_is_the_provision_meets_it() {
    let lists = built_in();
    let answer = |requirement: &str, measure: &str, item: &str| {
        let mut document = worked("gas-water-heater");
        document.measures.push(recorded(requirement, Some(measure), Status::InPlace));
        let given = proposed_for(&lists, &document, "en-303-645").remove(item).expect("something is said");
        let because = given.because.expect("a reason");
        for lang in Lang::ALL {
            let is_named = because.get(lang).contains(CATALOG.measures[measure].name.get(lang));
            assert_eq!(is_named, given.value == ["y"], "{item}: {}", because.get(lang));
        }
        given.value.join(" ")
    };
    assert_eq!(answer("access-control", "access-control-lockout", "5.1-5"), "y");
    assert_eq!(answer("key-management", "key-management-per-device-keys", "5.4-4"), "y");
    assert_eq!(answer("software-integrity", "software-integrity-secure-boot", "5.7-1"), "y");
    assert_eq!(answer("updates", "updates-auto-consumer", "5.3-4a"), "y");
    assert_eq!(answer("updates", "updates-prompt-apply", "5.3-5"), "n");
}

/// Where a scale tells what is decided from what is not, a measure that is planned is decided.
#[test]
fn a_planned_measure_is_decided_and_not_refused() {
    let lists = built_in();
    let answer = |status: Status| {
        let mut document = worked("warehouse-agv");
        for measure in ["availability-backup", "availability-restore-test"] {
            document.measures.push(recorded("availability", Some(measure), status));
        }
        let given =
            proposed_for(&lists, &document, "iot-introduction").remove("q33").expect("something is said");
        given.value.join(" ")
    };
    assert_eq!(
        [Status::InPlace, Status::Planned, Status::Refused].map(answer),
        ["planned", "planned", "not-adopted"]
    );
}

/// That one of several measures is planned or refused does not say that the others are not taken; that
/// none of them is taken does.
#[test]
fn one_measure_that_is_not_taken_leaves_the_others_open() {
    let lists = built_in();
    let several = |statuses: &[(&str, &str, Status)], list: &str, item: &str| {
        let mut document = worked("air-conditioner");
        assert_ne!(document.system.stage, Some(Stage::Planning));
        for (requirement, measure, status) in statuses {
            document.measures.push(recorded(requirement, Some(measure), *status));
        }
        let given = proposed_for(&lists, &document, list).remove(item).expect("something is said");
        (given.value.join(" "), given.because.expect("a reason"))
    };
    let mfa = ("access-control", "access-control-multi-factor");
    let spare = ("availability", "availability-redundancy");
    let local = ("availability", "availability-local-operation");
    let unique = ("secure-defaults", "secure-defaults-unique-password");
    let forced = ("secure-defaults", "secure-defaults-forced-change");
    for status in [Status::Planned, Status::Refused] {
        for ((requirement, measure), list, item) in [
            (mfa, "cra", "p2d"),
            (spare, "cra", "p2h"),
            (spare, "en-303-645", "5.9-1"),
            (unique, "en-303-645", "5.1-1"),
            (forced, "en-303-645", "5.1-1"),
        ] {
            let (value, because) = several(&[(requirement, measure, status)], list, item);
            assert_eq!(value, "", "{list}/{item}");
            for lang in Lang::ALL {
                // What is recorded is told, and not asked for once more.
                let (told, name) = (because.get(lang), CATALOG.measures[measure].name.get(lang));
                assert_eq!(told.matches(name).count(), 1, "{list}/{item}: {told}");
            }
        }
        for (both, item) in [([unique, forced], "5.1-1"), ([spare, local], "5.9-1")] {
            let all = both.map(|(requirement, measure)| (requirement, measure, status));
            assert_eq!(several(&all, "en-303-645", item).0, "n", "{item}");
            let [first, (requirement, measure, _)] = all;
            let one_done = [first, (requirement, measure, Status::InPlace)];
            assert_eq!(several(&one_done, "en-303-645", item).0, "partly", "{item}");
        }
    }
    // Where the scale has a word of its own for what is refused, one of several does not speak for all.
    let backup = [("availability", "availability-backup", Status::Refused)];
    assert_eq!(several(&backup, "iot-introduction", "q33").0, "");
}

/// How traffic is protected is a fact of the document, and the reason names the links.
#[test]
fn protected_traffic_is_told_with_its_links() {
    let lists = built_in();
    let mut document = worked("air-conditioner");
    let told = |document: &Document, checklist: &str, item: &str| {
        let given = proposed_for(&lists, document, checklist).remove(item).expect("something is said");
        (given.value.join(" "), given.because.expect("a reason").get(Lang::En).to_owned())
    };
    let (value, because) = told(&document, "en-303-645", "5.5-1");
    assert_eq!(value, "", "{because}");
    let links =
        "Smartphone to Cloud service, Cloud service to Air conditioner: \u{201c}Unprotected traffic\u{201d}";
    assert!(because.contains(links), "{because}");
    for link in &mut document.links {
        link.protections = vec![Protection::Encrypted, Protection::Authenticated];
    }
    for (list, item) in [
        ("en-303-645", "5.1-2a"),
        ("en-303-645", "5.5-1"),
        ("en-303-645", "5.5-4"),
        ("en-303-645", "5.8-1"),
        ("cra", "p2d"),
        ("cra", "p2e"),
    ] {
        let (value, because) = told(&document, list, item);
        assert_eq!(value, "partly", "{list}/{item}: {because}");
        assert!(because.contains("Smartphone to Cloud service"), "{list}/{item}: {because}");
    }
}

/// Whether a checklist concerns a system at all follows from facts, and only from those.
#[test]
fn scope_follows_from_what_the_document_states() {
    let lists = built_in();
    let outside = |document: &Document, id: &str| {
        let list = lists.get(id).expect("a built-in checklist");
        let all = proposed_for(&lists, document, id);
        list.counting().all(|(_, item)| all.get(&item.id).is_some_and(|given| given.value == ["na"]))
    };
    for system in SYSTEMS {
        let uses_only = ["warehouse-agv", "chemical-plant"].contains(&system);
        for id in ["en-303-645", "cra"] {
            assert_eq!(outside(&worked(system), id), uses_only, "{system} {id}");
        }
    }
    // The integrator carries out the assessment of the same warehouse, and makes its control system.
    let mut document = worked("warehouse-agv");
    for stakeholder in &mut document.stakeholders {
        stakeholder.lead = stakeholder.id == *"integrator";
    }
    assert!(!outside(&document, "cra"));
    assert!(outside(&document, "en-303-645"));
    assert_eq!(all_proposals(&lists, &document, "cra").undecided.len(), 1);
    // A person without expert knowledge uses it: it may be a product for consumers.
    document.stakeholders[0].expertise = Some(Expertise::None);
    document.stakeholders[0].person = true;
    assert!(!outside(&document, "en-303-645"));
}

/// Provisions with a condition that a worked system does not meet are not called unmet.
#[test]
fn what_does_not_apply_is_not_proposed_as_unmet() {
    let lists = built_in();
    let answer = |system: &str, item: &str| {
        let given = proposed(&lists, system, "en-303-645").remove(item)?;
        Some(if given.hint().is_some() { "not known".to_owned() } else { given.value.join(" ") })
    };
    let na = Some("na".to_owned());
    // Isolation, replacement and reasons in place of updates: for devices that get none.
    for system in ["gas-water-heater", "drone"] {
        for item in ["5.3-14", "5.3-15a", "5.3-15b"] {
            assert_eq!(answer(system, item), na, "{system} {item}");
        }
        // Whether the data is used on consent, a document about the system does not tell.
        assert_eq!(answer(system, "6-2"), Some("not known".to_owned()), "{system}");
    }
    // Automatic updates that are not there cannot be switched off; those that are planned are not there yet.
    for item in ["5.3-4b", "5.3-6a"] {
        assert_eq!(answer("drone", item), na, "{item}");
        assert_eq!(answer("gas-water-heater", item), Some("n".to_owned()), "{item}");
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
        let all = proposals(&round, &lists, Known { others: &[other], ..Known::default() }).all;
        all.into_iter().map(|own| (own.given.id, own.given.value)).collect::<BTreeMap<Id, Vec<String>>>()
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
    let all = proposals(&round, &lists, Known { others: &[demo], ..Known::default() }).all;
    // `partly` has no counterpart on a scale of yes and no.
    assert!(all.is_empty(), "{all:?}");
    let because =
        "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers:\n  - { id: update, value: \"yes\" }\n";
    let all = proposals(&round, &lists, Known { others: &[answered(because)], ..Known::default() }).all;
    let because = all[0].given.because.as_ref().expect("a reason");
    assert_eq!(
        because.get(Lang::En),
        "\u{201c}Updates\u{201d} (1 MF of \u{201c}Sample\u{201d}) asks for the same; the answer is: met"
    );
}
