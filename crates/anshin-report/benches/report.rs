//! How long pictures and pages take: of the chemical plant, and of generated systems with three links
//! for each asset in zones of ten. Run with `cargo bench -p anshin-report`.

fn main() {
    divan::main();
}

mod report {
    use anshin_assess::{Engine, System, generate};
    use anshin_catalog::Catalog;
    use anshin_model::{Document, Lang, Text};
    use anshin_report::html::{Figure, Page, html};
    use anshin_report::{Subject, risk_map, stakeholder_diagram, system_diagram, worksheets};

    fn catalog() -> Catalog {
        anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads")
    }

    /// The chemical plant, or a generated system with so many assets.
    fn document(assets: usize, catalog: &Catalog) -> Document {
        let text = match assets {
            11 => include_str!("../../../examples/chemical-plant.yaml").to_owned(),
            _ => generate::system(assets),
        };
        let loaded = anshin_model::load::load_text("system.yaml", &text, &catalog.vocabulary());
        loaded.document.expect("the document is sound")
    }

    /// Measures something that is made of a subject.
    fn measure<T>(bencher: divan::Bencher<'_, '_>, assets: usize, make: impl Fn(&Subject<'_>) -> T) {
        let catalog = catalog();
        let document = document(assets, &catalog);
        let system = System::new(&document, &catalog);
        let assessment = Engine::new(&catalog).expect("the built-in rules fit").assess_system(&system);
        let subject = Subject { system: &system, assessment: &assessment };
        bencher.bench_local(|| make(&subject));
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 10)]
    fn system(bencher: divan::Bencher<'_, '_>, assets: usize) {
        measure(bencher, assets, |subject| system_diagram(subject, Lang::Ja));
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 10)]
    fn page_with_pictures(bencher: divan::Bencher<'_, '_>, assets: usize) {
        measure(bencher, assets, |subject| {
            let figure = |id: &str, svg: String| Figure { id: id.to_owned(), title: Text::default(), svg };
            let sheets = worksheets(subject);
            let page = Page {
                title: subject.system.document.system.name.clone(),
                subtitle: Text::default(),
                summary: Vec::new(),
                figures: vec![
                    figure("risk-map", risk_map(subject, Lang::Ja)),
                    figure("system", system_diagram(subject, Lang::Ja)),
                    figure("stakeholders", stakeholder_diagram(subject, Lang::Ja)),
                ],
                sheets: &sheets,
            };
            html(&page, Lang::Ja)
        });
    }
}
