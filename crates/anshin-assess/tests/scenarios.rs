//! Scenarios: of the worked examples, and what holds for any system.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use anshin_assess::{Engine, MeasureState, Path, Scenarios, System};
use anshin_catalog::Catalog;
use anshin_model::document::Protection;
use anshin_model::{Document, Id};
use proptest::prelude::*;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

static ENGINE: LazyLock<Engine<'static>> =
    LazyLock::new(|| Engine::new(&CATALOG).expect("the built-in rules fit"));

const FULL: [&str; 4] = ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"];

fn example(name: &str) -> Document {
    let path = format!("{}/../../examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("an example");
    let loaded = anshin_model::load::load_text("example.yaml", &text, &CATALOG.vocabulary());
    loaded.document.expect("examples are sound")
}

/// A scenario in short: its rank and levels, and its paths.
type Short = (u32, Option<u16>, String, Vec<Path>);

fn scenarios(document: &Document, state: &MeasureState) -> BTreeMap<Id, Short> {
    let system = System::new(document, &CATALOG);
    let assessment = ENGINE.assess_system(&system);
    let terrain = ENGINE.terrain(&system, &assessment);
    let scenarios: Scenarios = terrain.scenarios(&CATALOG.matrices["standard"], state);
    scenarios
        .all
        .iter()
        .map(|s| {
            let levels = format!("{} {}", s.recovery as u8, s.economic as u8);
            (s.id.clone(), (s.rank, s.difficulty, levels, terrain.paths(&scenarios, s)))
        })
        .collect()
}

/// Without measures the scenarios carry what the framework's own mode rates: for every stakeholder
/// both levels come out of its scenarios again.
#[test]
fn the_value_of_a_system_is_the_summary_of_its_scenarios() {
    for name in FULL {
        let document = example(name);
        let system = System::new(&document, &CATALOG);
        let assessment = ENGINE.assess_system(&system);
        let terrain = ENGINE.terrain(&system, &assessment);
        let scenarios = terrain.scenarios(&CATALOG.matrices["standard"], &MeasureState::bare());
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

/// The points of a path are those of its steps, and those of a step its layers.
#[test]
fn points_add_up() {
    for name in FULL {
        for (id, (_, difficulty, _, paths)) in scenarios(&example(name), &MeasureState::bare()) {
            assert_eq!(paths.first().map(|path| path.difficulty), difficulty, "{id}");
            assert!(paths.windows(2).all(|pair| pair[0].difficulty <= pair[1].difficulty), "{id}");
            for step in paths.iter().flat_map(|path| &path.steps) {
                let sum: u8 = step.reasons.iter().map(|reason| reason.points).sum();
                assert_eq!(step.difficulty, sum.clamp(1, 20), "{id} {step:?}");
            }
        }
    }
}

/// A safety measure where the harm is done counts for everything whose commands reach it.
#[test]
fn harm_is_relieved_where_it_is_done() {
    let document = example("chemical-plant");
    let measure = Id::from("safety-design-setpoint-limits");
    let on_heater = MeasureState::bare().with(&measure, &Id::from("safety-design"), &[Id::from("heater")]);
    let (before, after) = (scenarios(&document, &MeasureState::bare()), scenarios(&document, &on_heater));
    let levels = |all: &BTreeMap<Id, Short>, id: &str| all[id].2.clone();
    for id in ["heater/harm/plant", "process-plc/harm/plant", "hmi/harm/plant"] {
        assert_ne!(levels(&before, id), levels(&after, id), "{id}");
    }
    assert_eq!(levels(&before, "hmi/stop/plant"), levels(&after, "hmi/stop/plant"));
}

fn measures() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..6).prop_map(
        |picks| {
            picks
                .into_iter()
                .map(|(measure, asset)| (measure.index(CATALOG.measures.len()), asset.index(12)))
                .collect()
        },
    )
}

fn state(document: &Document, picks: &[(usize, usize)]) -> MeasureState {
    picks.iter().fold(MeasureState::bare(), |state, &(measure, asset)| {
        let (id, measure) = CATALOG.measures.get_index(measure).expect("a measure");
        // Beyond the last asset: on all of them.
        let on: Vec<Id> = document.assets.get(asset).map(|asset| asset.id.clone()).into_iter().collect();
        state.with(id, &measure.requirement, &on)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_measure_never_makes_a_path_easier_or_an_effect_graver(
        name in prop::sample::select(&FULL[..]), fewer in measures(), more in measures(),
    ) {
        let document = example(name);
        let before = scenarios(&document, &state(&document, &fewer));
        let after = scenarios(&document, &state(&document, &[fewer, more].concat()));
        prop_assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (id, (_, difficulty, levels, _)) in &before {
            let (_, harder, lighter, _) = &after[id];
            prop_assert!(harder.unwrap_or(u16::MAX) >= difficulty.unwrap_or(u16::MAX), "{}", id);
            prop_assert!(lighter <= levels, "{}", id);
        }
    }

    #[test]
    fn a_protected_link_never_makes_a_path_easier(
        name in prop::sample::select(&FULL[..]), link in any::<prop::sample::Index>(),
        protection in prop::sample::select(&[
            Protection::Encrypted, Protection::Authenticated, Protection::AllowListed, Protection::OneWay,
        ][..]),
    ) {
        let document = example(name);
        let mut safer = document.clone();
        let at = link.index(safer.links.len());
        safer.links[at].protections.push(protection);
        let before = scenarios(&document, &MeasureState::bare());
        // A threat may fall below the cut with it, and its scenarios with the threat.
        for (id, (_, harder, ..)) in scenarios(&safer, &MeasureState::bare()) {
            if let Some((_, difficulty, ..)) = before.get(&id) {
                prop_assert!(harder.unwrap_or(u16::MAX) >= difficulty.unwrap_or(u16::MAX), "{}", id);
            }
        }
    }

    #[test]
    fn the_order_of_the_document_makes_no_difference(
        name in prop::sample::select(&FULL[..]), seed in any::<u64>(),
    ) {
        let document = example(name);
        let mut shuffled = document.clone();
        let key = |id: &Id| {
            id.as_str().bytes().fold(seed | 1, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
        };
        shuffled.assets.sort_by_key(|asset| key(&asset.id));
        shuffled.links.sort_by_key(|link| key(&link.id()));
        prop_assert_eq!(
            scenarios(&document, &MeasureState::bare()),
            scenarios(&shuffled, &MeasureState::bare())
        );
    }
}
