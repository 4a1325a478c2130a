//! The plan against the terrain that it was made from, on worked systems.

use std::collections::BTreeSet;

use anshin_assess::{Engine, MeasureState, Taken, Terrain};
use anshin_catalog::{Catalog, Matrix};
use anshin_plan::{Goal, Options, SystemPlan, Verdict, plan};

/// Makes the plan of a worked system and looks at both.
fn planned(example: &str, options: &Options, look: impl FnOnce(&Terrain<'_>, &Matrix, &SystemPlan)) {
    planned_from(example, &str::to_owned, options, look);
}

/// Makes the plan of a worked system after a change of its text.
fn planned_from(
    example: &str,
    change: &dyn Fn(&str) -> String,
    options: &Options,
    look: impl FnOnce(&Terrain<'_>, &Matrix, &SystemPlan),
) {
    let catalog: Catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let path = format!("{}/../../examples/{example}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("an example");
    let text = change(&text);
    let document = anshin_model::load::load_text("system.yaml", &text, &catalog.vocabulary()).document;
    let document = document.expect("a sound document");
    let engine = Engine::new(&catalog).expect("the rules fit");
    let system = anshin_assess::System::new(&document, &catalog);
    let assessment = engine.assess_system(&system);
    let terrain = engine.terrain(&system, &assessment);
    let matrix = &catalog.matrices["standard"];
    let plan = plan(&terrain, matrix, options).expect("a sound question");
    look(&terrain, matrix, &plan);
}

/// The measures of a plan as the terrain knows them.
fn state(plan: &SystemPlan) -> MeasureState {
    let taken = |chosen: &anshin_plan::Chosen| Taken {
        name: chosen.id.clone(),
        requirement: chosen.requirement.clone(),
        measure: chosen.measure.clone(),
        on: chosen.on.clone(),
    };
    MeasureState { taken: plan.measures.iter().map(taken).collect() }
}

#[test]
fn what_a_plan_promises_holds_on_the_terrain() {
    planned("chemical-plant", &Options::default(), |terrain, matrix, plan| {
        assert!(matches!(plan.verdict, Verdict::Planned(_)));
        assert_eq!(plan.after.outside, 0);
        assert!(plan.stuck.is_empty() && plan.outside.is_empty());
        let seen = terrain.scenarios(matrix, &state(plan));
        assert!(terrain.levels_after(&seen).iter().all(|level| level.within));
    });
}

/// The shutters stand in homes and are in use already: what only a new design could bring is not on
/// offer, and the plan says which scenarios that leaves and why.
#[test]
fn scenarios_that_no_measure_cuts_are_named_with_what_is_missing() {
    planned("window-shutter", &Options::default(), |terrain, matrix, plan| {
        assert_eq!(plan.stuck.len(), plan.after.outside);
        assert!(!plan.stuck.is_empty());
        for stuck in &plan.stuck {
            let needed = stuck.needed.expect("a difficulty that is enough");
            assert!(stuck.path.difficulty < needed, "{stuck:?}");
            // What would help is not chosen for any asset on the path, and helps indeed.
            let on_the_path: Vec<_> = stuck.path.steps.iter().map(|step| &step.to).collect();
            assert!(!stuck.would_help.is_empty());
            let mut with_all = state(plan);
            for help in &stuck.would_help {
                let id = &help.measure;
                let chosen = plan.measures.iter().filter(|chosen| chosen.measure.as_ref() == Some(id));
                let reaches = |on: &[_]| on.is_empty() || on.iter().any(|asset| on_the_path.contains(&asset));
                assert!(!chosen.clone().any(|chosen| reaches(&chosen.on)), "{id}");
                let at: BTreeSet<_> = chosen.flat_map(|chosen| &chosen.on).collect();
                assert!(help.chosen_at.iter().eq(at), "{id}");
                let requirement = &terrain.system().catalog.measures[id].requirement;
                with_all = with_all.with(id, requirement, &[]);
            }
            let id = stuck.scenario.as_str();
            let without = terrain.scenarios(matrix, &state(plan)).get(id).expect("it is there").clone();
            let with = terrain.scenarios(matrix, &with_all).get(id).expect("it is there").clone();
            assert!(with.difficulty > without.difficulty || with.effect < without.effect, "{id}");
        }
    });
}

/// A private person is asked for nothing but what the catalog says can be done at home.
#[test]
fn private_persons_are_asked_for_what_they_can_do_at_home() {
    planned("gas-water-heater", &Options::default(), |terrain, _, plan| {
        let system = terrain.system();
        let is_person =
            |id: &anshin_model::Id| system.document.stakeholders.iter().any(|s| s.id == *id && s.person);
        for point in &plan.curve {
            for id in &point.measures {
                let Some((measure, by)) = id.as_str().split_once('@') else { continue };
                let known = &system.catalog.measures[measure];
                assert!(!is_person(&by.into()) || known.at_home, "{id}");
            }
        }
    });
}

/// A scenario that somebody has accepted is no reason for a measure, until the acceptance ends.
#[test]
fn an_accepted_scenario_is_no_reason_for_a_measure() {
    let with_acceptance = |text: &str| {
        format!(
            "{text}\nacceptances:\n  - scenario: controller/recall/boiler-maker\n    by: Quality manager\n    until: 2030-03-31\n    reason: Insured\n"
        )
    };
    let on = |day: &str| Options {
        wishes: anshin_plan::Wishes {
            years: anshin_plan::YEARS,
            today: Some(day.to_owned()),
            ..anshin_plan::Wishes::default()
        },
        curve: 0,
        ..Options::default()
    };
    let mut seen = Vec::new();
    for day in ["2030-03-31", "2030-04-01"] {
        planned_from("boiler", &with_acceptance, &on(day), |_, _, plan| {
            let id = "controller/recall/boiler-maker";
            let row = plan.scenarios.iter().find(|s| s.id.as_str() == id);
            seen.push((plan.accepted.len(), plan.now.outside, row.is_some_and(|row| row.now.outside)));
        });
    }
    let [(accepted, outside, is_outside), (then_accepted, then_outside, then_is_outside)] = seen[..] else {
        panic!("two plans");
    };
    assert_eq!((accepted, is_outside), (1, false));
    assert_eq!((then_accepted, then_is_outside), (0, true));
    assert_eq!(outside + 1, then_outside);
}

/// With next to no effort the search for a cheaper set proves nothing, and the plan does not claim it.
#[test]
fn a_cheaper_set_without_a_proof_is_not_called_proven() {
    let options = Options { effort: 40, goal: Goal::Inside, ..Options::default() };
    planned("warehouse-agv", &options, |_, _, plan| {
        let proven = plan.cheaper.as_ref().is_some_and(|cheaper| cheaper.proven);
        assert!(!proven || !plan.cheaper_unknown);
        assert!(plan.cheaper_unknown || plan.cheaper.as_ref().is_some_and(|cheaper| !cheaper.proven));
    });
}

/// What is outside the target is looked at further, of the rest only what has a high risk, and the
/// plan and the scenarios agree on which is which.
#[test]
fn what_is_outside_the_target_is_never_cut() {
    planned("chemical-plant", &Options { effort: 1, ..Options::default() }, |terrain, matrix, plan| {
        let scenarios = terrain.scenarios(matrix, &MeasureState::in_place(terrain.system().document));
        let mut cut = 0;
        for before in &plan.scenarios {
            let scenario = scenarios.get(before.id.as_str()).expect("it is there");
            let expected = if before.now.outside {
                Some(anshin_assess::Further::OutsideTarget)
            } else {
                (scenario.risk >= matrix.cut_class()).then_some(anshin_assess::Further::Risk)
            };
            assert_eq!(scenario.further, expected, "{}", before.id);
            cut += usize::from(expected.is_none());
        }
        assert!((1..plan.scenarios.len()).contains(&cut), "{cut}");
    });
}
