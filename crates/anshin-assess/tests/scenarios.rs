//! Scenarios of the worked examples.

use anshin_assess::{Engine, MeasureState, System};

/// Without measures the scenarios carry what the framework's own mode rates: for every stakeholder
/// both levels come out of its scenarios again.
#[test]
fn the_value_of_a_system_is_the_summary_of_its_scenarios() {
    let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let engine = Engine::new(&catalog).expect("the rules fit");
    for name in ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"] {
        let path = format!("{}/../../examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("an example");
        let loaded = anshin_model::load::load_text("example.yaml", &text, &catalog.vocabulary());
        let document = loaded.document.expect("examples are sound");
        let system = System::new(&document, &catalog);
        let assessment = engine.assess_system(&system);
        let terrain = engine.terrain(&system, &assessment);
        let scenarios = terrain.scenarios(&catalog.matrices["standard"], &MeasureState::bare());
        for (after, rating) in terrain.levels_after(&scenarios).iter().zip(&assessment.ratings) {
            assert_eq!(
                (after.recovery, after.economic),
                (rating.recovery, rating.economic),
                "{name} {}",
                rating.stakeholder
            );
        }
    }
}
