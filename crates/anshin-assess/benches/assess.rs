//! How long an assessment takes, on generated systems with three links for each asset in zones
//! of ten. Run with `cargo bench -p anshin-assess`.

fn main() {
    divan::main();
}

mod generated {
    use anshin_assess::Engine;
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

    #[divan::bench(args = [100, 1_000, 10_000], sample_count = 10)]
    fn read_and_check(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let vocabulary = catalog().vocabulary();
        let text = anshin_assess::generate::system(assets);
        bencher.bench_local(|| anshin_model::load::load_text("generated.yaml", &text, &vocabulary));
    }
}
