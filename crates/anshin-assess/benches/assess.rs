//! How long an assessment takes, on generated systems with three links for each asset in zones
//! of ten. Run with `cargo bench -p anshin-assess`.

fn main() {
    divan::main();
}

mod generated {
    use anshin_assess::{Engine, MeasureState, System};
    use anshin_catalog::Catalog;
    use anshin_model::Document;

    fn catalog() -> Catalog {
        anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads")
    }

    fn document(assets: usize, catalog: &Catalog) -> Document {
        let text = anshin_assess::generate::system(assets);
        let loaded = anshin_model::load::load_text("generated.yaml", &text, &catalog.vocabulary());
        loaded.document.expect("a generated document is sound")
    }

    #[divan::bench(args = [100, 1_000, 10_000, 100_000], sample_count = 10)]
    fn assess(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let catalog = catalog();
        let document = document(assets, &catalog);
        let engine = Engine::new(&catalog).expect("the built-in rules fit");
        bencher.bench_local(|| engine.assess(&document));
    }

    /// The five easiest paths to every asset, with the effect and the risk of every scenario. With
    /// 10,000 assets and 30,000 links it is asked to take no more than 2 s.
    #[divan::bench(args = [100, 1_000, 10_000, 100_000], sample_count = 10)]
    fn scenarios(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let catalog = catalog();
        let document = document(assets, &catalog);
        let engine = Engine::new(&catalog).expect("the built-in rules fit");
        let system = System::new(&document, &catalog);
        let assessment = engine.assess_system(&system);
        let terrain = engine.terrain(&system, &assessment);
        bencher.bench_local(|| terrain.scenarios(&catalog.matrices["standard"], &MeasureState::bare()));
    }

    /// From an assessment to what scenarios ask: ways in, steps and their difficulty.
    #[divan::bench(args = [100, 1_000, 10_000, 100_000], sample_count = 10)]
    fn terrain(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let catalog = catalog();
        let document = document(assets, &catalog);
        let engine = Engine::new(&catalog).expect("the built-in rules fit");
        let system = System::new(&document, &catalog);
        let assessment = engine.assess_system(&system);
        bencher.bench_local(|| engine.terrain(&system, &assessment));
    }

    #[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
    fn read_and_check(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let vocabulary = catalog().vocabulary();
        let text = anshin_assess::generate::system(assets);
        bencher.bench_local(|| anshin_model::load::load_text("generated.yaml", &text, &vocabulary));
    }
}
