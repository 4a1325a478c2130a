//! How long the plan of every example takes, path rounds, next cheaper set and curve included. Run
//! with `cargo bench -p anshin-plan`.

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_choose::Limits;
use anshin_plan::{Goal, Options, Verdict, Wishes, YEARS, plan};

fn main() {
    divan::main();
}

/// The worked systems.
const EXAMPLES: [&str; 8] = [
    "air-conditioner",
    "boiler",
    "chemical-plant",
    "drone",
    "equipment-maintenance",
    "gas-water-heater",
    "warehouse-agv",
    "window-shutter",
];

/// Makes the plan of an example.
fn planned(bencher: divan::Bencher<'_, '_>, example: &str, options: &dyn Fn(&System<'_>) -> Options) {
    let catalog: Catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads");
    let path = format!("{}/../../examples/{example}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("an example");
    let document = anshin_model::load::load_text("system.yaml", &text, &catalog.vocabulary()).document;
    let document = document.expect("a sound document");
    let engine = Engine::new(&catalog).expect("the rules fit");
    let system = System::new(&document, &catalog);
    let assessment = engine.assess_system(&system);
    let terrain = engine.terrain(&system, &assessment);
    let matrix = &catalog.matrices["standard"];
    let options = options(&system);
    bencher.bench_local(|| {
        let plan = plan(&terrain, matrix, &options).expect("a sound question");
        assert!(matches!(plan.verdict, Verdict::Planned(_)));
    });
}

/// The cheapest set inside the target, as asked without options.
#[divan::bench(args = EXAMPLES, sample_count = 1, sample_size = 1)]
fn cheapest(bencher: divan::Bencher<'_, '_>, example: &str) {
    planned(bencher, example, &|_| Options::default());
}

/// The best for a budget with every kind of limit at once.
#[divan::bench(args = EXAMPLES, sample_count = 1, sample_size = 1)]
fn best_within_all_limits(bencher: divan::Bencher<'_, '_>, example: &str) {
    planned(bencher, example, &|system| {
        let limits = Limits {
            total: Some(1_000_000),
            per_year: Some(600_000),
            stakeholder: (0..system.document.stakeholders.len()).map(|n| (n, 900_000)).collect(),
            days: Some(30),
            days_per_quarter: Some(10),
        };
        let wishes = Wishes { years: YEARS, limits, ..Wishes::default() };
        Options { goal: Goal::Best, wishes, ..Options::default() }
    });
}
