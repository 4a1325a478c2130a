//! Scores as the sources publish them come out of the built-in checklists.

#![allow(clippy::float_cmp, reason = "points are exact")]

mod common;

use std::fmt::Write as _;

use anshin_checklist::compare::Reference;
use anshin_checklist::{Checklists, File, Means, Round, load_answers, score, standing, standing_towards};
use common::{CATALOG, built_in};

fn round(lists: &Checklists, checklist: &str, answers: impl Iterator<Item = (String, String)>) -> Round {
    let mut text = format!("anshin-answers: 1\nchecklist: {checklist}\nversion: \"1\"\nanswers:\n");
    for (id, answer) in answers {
        let _ = writeln!(text, "  - {{ id: {id}, {answer} }}");
    }
    let loaded = load_answers(File { name: "a.yaml".into(), bytes: text.into_bytes() }, lists, &CATALOG);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// The same answer to the first items, and another one to the rest of the 25.
fn five_minutes(lists: &Checklists, count: usize, first: &str, rest: &str) -> Round {
    let answer = |n: usize| if n <= count { first.to_owned() } else { rest.to_owned() };
    round(lists, "five-minute", (1..=25).map(|n| (format!("q{n:02}"), answer(n))))
}

#[test]
fn the_five_minutes_have_points_4_2_0_and_the_bands() {
    let lists = built_in();
    let yes = "value: \"yes\"";
    for (count, first, rest, total, older, band) in [
        (25, yes, "", 100.0, 100.0, "complete"),
        (24, yes, "value: partly", 98.0, 98.0, "good"),
        (25, "value: partly", "", 50.0, 50.0, "weak"),
        (10, yes, "value: partly", 70.0, 70.0, "good"),
        (17, yes, "value: \"no\"", 68.0, 68.0, "weak"),
        (12, yes, "value: \"no\"", 48.0, 48.0, "danger"),
        // Nobody knows: one point less in the current form, none in the older.
        (12, yes, "value: unknown", 35.0, 48.0, "danger"),
        (18, yes, "value: unknown", 65.0, 72.0, "weak"),
        (25, "value: unknown", "", -25.0, 0.0, "danger"),
        // What the company does not use counts as done.
        (24, yes, "out-of-scope: true, reason: none", 100.0, 100.0, "complete"),
    ] {
        let round = five_minutes(&lists, count, first, rest);
        let standing = standing(&round, &CATALOG);
        let values: Vec<f64> = standing.scores.iter().map(|own| own.value).collect();
        assert_eq!(values, [total, older], "{count} times {first}, then {rest}");
        assert!(standing.scores.iter().all(|own| own.most == 100.0));
        assert_eq!(standing.scores[0].band.map(|band| band.id.as_str()), Some(band));
        // The variant is shown where it makes a difference.
        assert_eq!(standing.shown().count(), if total == older { 1 } else { 2 });
    }
    let round = five_minutes(&lists, 18, yes, "value: unknown");
    let standing = standing(&round, &CATALOG);
    assert_eq!(standing.scores[1].band.map(|band| band.id.as_str()), Some("good"));
}

/// Levels that add up to a total, spread as evenly as whole levels allow.
fn levels(total: usize) -> impl Iterator<Item = usize> {
    (0..27).map(move |n| total / 27 + usize::from(n < total % 27))
}

#[test]
fn the_benchmark_runs_from_27_to_135_with_its_means() {
    let lists = built_in();
    let list = lists.get("benchmark").expect("is built in");
    let ids: Vec<String> = list.counting().map(|(_, item)| item.id.to_string()).collect();
    assert_eq!(ids.len(), 27);
    let answered = |levels: &mut dyn Iterator<Item = usize>, variant: &str| {
        let items = ids.iter().cloned().zip(levels.map(|level| format!("value: \"{level}\"")));
        let variant = std::iter::once(("variant".to_owned(), format!("value: {variant}")));
        round(&lists, "benchmark", variant.chain(items))
    };
    // The handbook prints 81 of 135 with a mean of 3.0. Beside 114 and 93 it prints 3.8 and 3.1, which
    // are 114 / 30 and 93 / 30: no number of items has all three, however they are rounded.
    let printed = [(81.0_f64, 3.0_f64), (114.0, 3.8), (93.0, 3.1)];
    let fits = |items: f64| printed.iter().all(|(total, mean)| (total / items - mean).abs() < 0.1);
    assert!((200..=400).all(|tenths| !fits(f64::from(tenths) / 10.0)));
    for (total, mean) in [(27, 1.0), (81, 3.0), (135, 5.0)] {
        let round = answered(&mut levels(total), "items-27");
        let standing = standing(&round, &CATALOG);
        let (sum, average) = (&standing.scores[0], &standing.scores[1]);
        assert_eq!(
            (sum.value, sum.most, average.value),
            (f64::from(u32::try_from(total).expect("small")), 135.0, mean)
        );
    }
    let round = answered(&mut levels(81), "items-25");
    let standing = standing(&round, &CATALOG);
    assert_eq!(
        (standing.scores[0].value, standing.scores[0].most, standing.scores[1].value),
        (75.0, 125.0, 3.0)
    );
}

/// The company in the handbook's picture: 81 of 135 in group I, of which 114 is desired. Everything is
/// practised and nothing is missing, and there is still something to do until 114 is reached.
#[test]
fn whoever_is_below_the_level_desired_of_its_group_has_something_to_do() {
    let lists = built_in();
    let list = lists.get("benchmark").expect("is built in");
    let ids: Vec<String> = list.counting().map(|(_, item)| item.id.to_string()).collect();
    let profile = [
        ("staff", "400"),
        ("sales", "200"),
        ("records", "200000"),
        ("dependence", "high"),
        ("effect-outside", "high"),
    ];
    let at = |total: usize, variant: &str| {
        let items =
            ids.iter().cloned().zip(levels(total)).map(|(id, level)| (id, format!("value: \"{level}\"")));
        let profile = profile.map(|(id, value)| (id.to_owned(), format!("value: \"{value}\"")));
        let variant = ("variant".to_owned(), format!("value: {variant}"));
        round(&lists, "benchmark", std::iter::once(variant).chain(profile).chain(items))
    };
    let round = at(81, "items-27");
    let now = standing(&round, &CATALOG);
    let headline = &now.scores[0];
    assert_eq!((headline.target, headline.missing(), now.steps.len()), (Some(114.0), 33.0, 27));
    let advice = now.steps[0].advice.get(anshin_model::Lang::Ja);
    assert!(advice.starts_with("次の段階「4：点検している」に進みます。"), "{advice}");
    // Reached, or another target that is reached: nothing more.
    let round = at(114, "items-27");
    assert!(standing(&round, &CATALOG).steps.is_empty());
    assert_eq!(standing_towards(&round, &CATALOG, Some(120.0)).steps.len(), 21);
    // The value stands for 27 items only.
    assert_eq!(standing(&at(81, "items-25"), &CATALOG).scores[0].target, None);
    // The group of the reference that is the company's own.
    let round = at(81, "items-27");
    let reference = Reference::from_csv("group,total\nI,90\nII,80\nI,96\n").expect("it is right");
    assert_eq!(reference.group_of(&standing(&round, &CATALOG)), Some("I"));
}

/// What is known to be missing comes first, and a backup early: without one nothing else helps much.
#[test]
fn the_first_things_to_do_are_those_that_are_missing() {
    let lists = built_in();
    let first = |round: &Round| {
        let steps = standing(round, &CATALOG).steps.into_iter().take(3);
        steps.map(|step| step.item.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(first(&five_minutes(&lists, 25, "value: \"no\"", "")), ["q11", "q01", "q02"]);
    // Twenty are not known; the five that are missing come before them.
    let all = standing_means(&five_minutes(&lists, 20, "value: unknown", "value: \"no\""));
    assert!(all[..5].iter().all(|means| *means == Some(Means::Unmet)), "{all:?}");
    assert!(all[5..].iter().all(|means| *means == Some(Means::Unknown)), "{all:?}");
}

fn standing_means(round: &Round) -> Vec<Option<Means>> {
    standing(round, &CATALOG).steps.iter().map(|step| step.means).collect()
}

/// The five rows that the source prints filled in: considered, not started, and out of scope.
#[test]
fn the_quality_check_has_the_states_of_the_source() {
    let lists = built_in();
    let states = [
        "value: in-progress",
        "value: not-started",
        "value: not-started",
        "out-of-scope: true, reason: \"no battery\"",
        "value: not-started",
    ];
    let answers = states.iter().enumerate().map(|(n, state)| (format!("q{:02}", n + 9), (*state).to_owned()));
    let round = round(&lists, "quality-self-check", answers);
    let means: Vec<_> = round
        .asked()
        .into_iter()
        .filter_map(|(_, item, given)| score::worth(&round.list, item, Some(given?)).means)
        .collect();
    assert_eq!(means, [Means::Partly, Means::Unmet, Means::Unmet, Means::NotApplicable, Means::Unmet]);
    let standing = standing(&round, &CATALOG);
    assert_eq!((standing.progress.asked, standing.progress.answered), (24, 5));
    // One point of the two of each item in scope.
    assert_eq!(standing.scores[0].value, 100.0 / 46.0);
    let words: Vec<_> = ["done", "in-progress", "not-started"]
        .map(|id| {
            round.list.scales[0].scale.option(id).map(|own| own.name.get(anshin_model::Lang::Ja).to_owned())
        })
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(words, ["実施済み", "検討中・実施中", "未着手"]);
}

/// The class that was chosen comes with the advice written for it, the best one too, and without a score.
#[test]
fn the_posture_comes_to_a_class_with_its_advice() {
    let lists = built_in();
    let classes = &lists.get("it-posture").and_then(|list| list.item("posture")).expect("is built in").1;
    let classes = &classes.answer.as_ref().expect("a scale of its own").own.options;
    assert_eq!(classes.len(), 6);
    for class in classes {
        let answer = ("posture".to_owned(), format!("value: {}", class.id));
        let round = round(&lists, "it-posture", std::iter::once(answer));
        let standing = standing(&round, &CATALOG);
        assert!(standing.parts.is_empty() && standing.shown().next().is_none(), "{}", class.id);
        let [step] = standing.steps.as_slice() else { panic!("{}: {:?}", class.id, standing.steps) };
        assert_eq!(step.class.map(|own| &own.id), Some(&class.id));
        assert_eq!(Some(&step.advice), class.about.as_ref());
        assert_eq!((step.effort, step.measures.len()), (None, 0));
    }
}

/// A wrong answer of the quiz is explained; it is nothing that takes weeks.
#[test]
fn wrong_answers_of_the_quiz_are_explained() {
    let lists = built_in();
    let quiz = lists.get("awareness-quiz").expect("is built in");
    assert_eq!(lists.iter().filter(|list| list.is_quiz()).count(), 1);
    let answered = |correct: bool| {
        let answers = quiz.items().map(|(_, item)| {
            let option = quiz.scale(item).options.iter().find(|option| option.correct == correct);
            (item.id.to_string(), format!("value: {}", option.expect("there are both").id))
        });
        round(&lists, "awareness-quiz", answers)
    };
    assert!(standing(&answered(true), &CATALOG).steps.is_empty());
    let wrong = answered(false);
    let steps = standing(&wrong, &CATALOG).steps;
    assert_eq!(steps.len(), 12);
    for step in steps {
        assert_eq!(Some(&step.advice), step.item.explanation.as_ref());
        assert!(step.right.len() == 1 && step.right[0].correct, "{}", step.item.id);
        assert_eq!((step.effort, step.measures.len()), (None, 0));
    }
}
