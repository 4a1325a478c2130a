//! The guided start makes documents that can be assessed, whatever is answered.

use std::collections::BTreeSet;

use anshin_assess::{Engine, Rating};
use anshin_catalog::Catalog;
use anshin_guide::{Answers, Form, Guide};
use anshin_model::load::{Loaded, load_text};
use anshin_model::{Document, Lang};
use proptest::prelude::*;

fn guide() -> Guide {
    Guide::built_in().expect("the built-in guide is one")
}

fn catalog() -> Catalog {
    anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog is right")
}

fn load(catalog: &Catalog, text: &str) -> Loaded {
    load_text("system.yaml", text, &catalog.vocabulary())
}

/// What is wrong with a text, warnings too.
fn found(catalog: &Catalog, text: &str) -> Vec<String> {
    let loaded = load(catalog, text);
    loaded.diagnostics.iter().map(|d| d.message.get(Lang::En).to_owned()).collect()
}

fn answers(words: &[&str]) -> Answers {
    let mut answers = Answers::default();
    for word in words {
        let (question, option) = word.split_once(':').expect("question:option");
        answers.add(question, option);
    }
    answers
}

fn document(catalog: &Catalog, words: &[&str]) -> Document {
    let text = guide().document(&answers(words), Lang::En);
    let loaded = load(catalog, &text);
    loaded.document.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics))
}

#[test]
fn every_question_and_option_is_asked_in_both_languages() {
    let mut ids = BTreeSet::new();
    for question in &guide().questions {
        assert!(ids.insert(question.id.to_string()), "{} twice", question.id);
        let options =
            question.options.iter().flat_map(|option| [Some(&option.name), option.example.as_ref()]);
        for text in [Some(&question.ask), Some(&question.help)].into_iter().chain(options).flatten() {
            assert!(!text.is_empty(), "{}", question.id);
            assert_ne!(text.get(Lang::Ja), "", "{}", question.id);
        }
        assert_eq!(question.options.is_empty(), question.form == Form::Line, "{}", question.id);
    }
    assert!((10..=16).contains(&ids.len()), "a dozen, not {}", ids.len());
}

#[test]
fn every_option_changes_the_document() {
    // Each one alone, on a background on which it means something.
    let background = [
        "we:makes",
        "place:factory",
        "thing:works",
        "users:customers",
        "connected:internet",
        "operated:computer",
        "operated:phone",
        "stands:core",
        "inside:wifi",
        "updates:user",
        "maintains:nobody",
    ];
    let base = |guide: &Guide, question: &str| {
        let words: Vec<&str> =
            background.iter().copied().filter(|word| !word.starts_with(&format!("{question}:"))).collect();
        let mut base = answers(&words);
        if question == "maker" {
            base.set("we", vec!["uses".to_owned()]);
        }
        guide.clean(&base)
    };
    let guide = guide();
    // What stands after the answers that the text begins with.
    let body = |answers: &Answers| {
        let text = guide.document(answers, Lang::En);
        text[text.find("\nanshin: 1").expect("a version")..].to_owned()
    };
    // These say that the usual holds.
    let usual = ["we:makes", "maintains:nobody"];
    for question in guide.questions.iter().filter(|question| question.form != Form::Line) {
        for option in &question.options {
            let word = format!("{}:{}", question.id, option.id);
            let before = base(&guide, question.id.as_str());
            let mut after = before.clone();
            after.add(question.id.as_str(), option.id.as_str());
            assert!(
                usual.contains(&word.as_str()) || body(&before) != body(&after),
                "{word} changes nothing"
            );
        }
    }
}

#[test]
fn a_water_heater_is_told_from_a_press() {
    let catalog = catalog();
    let engine = Engine::new(&catalog).expect("the rules fit");
    let heater = document(
        &catalog,
        &[
            "system:Bath",
            "we:makes",
            "place:home",
            "thing:heats",
            "users:residents",
            "maintains:us",
            "updates:network",
            "operated:phone",
            "connected:internet",
            "inside:cable",
            "data:account",
            "stands:convenience",
            "back:days",
        ],
    );
    let press = document(
        &catalog,
        &[
            "system:Press",
            "we:uses",
            "place:factory",
            "thing:works",
            "safe:fence",
            "safe:stop",
            "users:staff",
            "maker:other",
            "maintains:company",
            "updates:never",
            "operated:panel",
            "connected:remote",
            "inside:cable",
            "stands:core",
            "back:weeks",
        ],
    );
    let assets = |document: &Document| document.assets.iter().map(|a| a.id.to_string()).collect::<Vec<_>>();
    assert_eq!(assets(&heater), ["machine", "hub", "cloud", "router", "phone"]);
    assert_eq!(assets(&press), ["machine", "hub", "maintenance-terminal", "panel"]);
    assert_eq!(heater.system.id, *"bath");
    assert_eq!(heater.flows.len(), 1);
    // The fence and the stop keep people from harm at the press; production stands still all the same.
    let outside = |document: &Document| {
        let ratings = engine.assess(document).ratings;
        let any = |within: fn(&Rating) -> bool| ratings.iter().any(|rating| !within(rating));
        (any(|rating| rating.recovery_within), any(|rating| rating.economic_within))
    };
    assert_eq!(outside(&heater), (true, true));
    assert_eq!(outside(&press), (false, true));
    for document in [&heater, &press] {
        let assessment = engine.assess(document);
        assert!(assessment.threats.iter().any(|threat| threat.above_cut));
        assert!(!assessment.plan.is_empty());
    }
}

#[test]
fn a_question_that_is_pointless_is_not_asked() {
    let guide = guide();
    let asked = |words: &[&str]| {
        let answers = answers(words);
        guide.asked(&answers).map(|question| question.id.to_string()).collect::<Vec<_>>()
    };
    assert!(asked(&["we:uses"]).contains(&"maker".to_owned()));
    assert!(!asked(&["we:makes"]).contains(&"maker".to_owned()));
    assert!(!asked(&["thing:measures"]).contains(&"safe".to_owned()));
    // An answer to it does not count either.
    let cleaned = guide.clean(&answers(&["we:makes", "maker:other"]));
    assert_eq!(cleaned.given("maker"), None);
}

#[test]
fn questions_come_one_after_the_other() {
    let guide = guide();
    let mut given = Answers::default();
    let mut order = Vec::new();
    while let Some(question) = guide.next(&given) {
        order.push(question.id.to_string());
        let words = match question.form {
            Form::Line => vec!["x".to_owned()],
            Form::One => vec![question.options[0].id.to_string()],
            Form::Many => Vec::new(),
        };
        given.set(question.id.as_str(), words);
    }
    assert_eq!(order.len(), guide.asked(&given).count());
    assert_eq!(order[0], "system");
}

/// Any answers at all: some questions unanswered, words that no question knows, any text as a name.
fn any_answers() -> impl Strategy<Value = Answers> {
    let guide = guide();
    let one: Vec<BoxedStrategy<(String, Vec<String>)>> = guide
        .questions
        .iter()
        .map(|question| {
            let id = question.id.to_string();
            let words: Vec<String> = question.options.iter().map(|option| option.id.to_string()).collect();
            let given = match question.form {
                Form::Line => any::<String>().prop_map(|line| vec![line]).boxed(),
                Form::One => prop::sample::subsequence(words, 1).boxed(),
                Form::Many => {
                    let most = words.len();
                    prop::sample::subsequence(words, 0..=most).boxed()
                }
            };
            given.prop_map(move |given| (id.clone(), given)).boxed()
        })
        .collect();
    let last = guide.questions.len();
    (one, prop::collection::vec(any::<bool>(), last), any::<String>()).prop_map(|(all, kept, stray)| {
        let mut answers = Answers::default();
        for ((question, words), keep) in all.into_iter().zip(kept) {
            if keep || question == "thing" {
                answers.set(&question, words);
            }
        }
        answers.add("place", &stray);
        answers.add(&stray, "x");
        answers
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_answered_the_document_is_right(given in any_answers()) {
        thread_local! {
            static SHARED: (Guide, Catalog) = (guide(), catalog());
        }
        SHARED.with(|(guide, catalog)| {
            for lang in Lang::ALL {
                let text = guide.document(&given, lang);
                prop_assert_eq!(found(catalog, &text), Vec::<String>::new(), "{}", text);
            }
            let text = guide.document(&given, Lang::En);
            let read = load(catalog, &text).document.expect("no errors");
            let leads = read.stakeholders.iter().filter(|one| one.lead).count();
            prop_assert_eq!(leads, 1);
            // The name is kept to the letter, but for what cannot stand on one line.
            if let Some([name]) = guide.clean(&given).given("system") {
                prop_assert_eq!(read.system.name.get(Lang::Ja), name);
            }
            // The same answers give the same document.
            prop_assert_eq!(guide.document(&guide.clean(&given), Lang::En), text);
            let engine = Engine::new(catalog).expect("the rules fit");
            prop_assert!(!engine.assess(&read).ratings.is_empty());
            Ok(())
        })?;
    }
}
