//! How long pictures, pages and workbooks take: of the chemical plant, and of generated systems with
//! three links for each asset in zones of ten, or all in one. Run with `cargo bench -p anshin-report`.

fn main() {
    divan::main();
}

mod report {
    use anshin_assess::{Engine, System, generate};
    use anshin_catalog::Catalog;
    use anshin_model::Lang;
    use anshin_model::tree::Node;
    use anshin_report::html::html;
    use anshin_report::raster::{Fonts, rasterize};
    use anshin_report::workbook::{Book, Picture, xlsx};
    use anshin_report::{Branding, Subject, page, requests, system_diagram, worksheets};

    fn catalog() -> Catalog {
        anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads")
    }

    /// The chemical plant, or a generated system with so many assets.
    fn text(assets: usize) -> String {
        match assets {
            11 => include_str!("../../../examples/chemical-plant.yaml").to_owned(),
            _ => generate::system(assets),
        }
    }

    /// Measures something that is made of a subject and the tree of its document.
    fn measure<T>(bencher: divan::Bencher<'_, '_>, assets: usize, make: impl Fn(&Subject<'_>, &Node) -> T) {
        measure_text(bencher, &text(assets), make);
    }

    fn measure_text<T>(bencher: divan::Bencher<'_, '_>, text: &str, make: impl Fn(&Subject<'_>, &Node) -> T) {
        let catalog = catalog();
        let loaded = anshin_model::load::load_text("system.yaml", text, &catalog.vocabulary());
        let (document, tree) = loaded.document.zip(loaded.tree).expect("the document is sound");
        let system = System::new(&document, &catalog);
        let assessment = Engine::new(&catalog).expect("the built-in rules fit").assess_system(&system);
        let subject = Subject { system: &system, assessment: &assessment };
        bencher.bench_local(|| make(&subject, &tree));
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 10)]
    fn system(bencher: divan::Bencher<'_, '_>, assets: usize) {
        measure(bencher, assets, |subject, _| system_diagram(subject, Lang::Ja));
    }

    #[divan::bench(args = [120, 300, 1_000], sample_count = 3)]
    fn system_of_one_zone(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let mut text = String::new();
        for line in generate::system(assets).lines() {
            let (before, zone) = line.split_once(", zone: z").unwrap_or((line, ""));
            let after = zone.trim_start_matches(|c: char| c.is_ascii_digit());
            text += before;
            text += if zone.is_empty() { "" } else { ", zone: z0" };
            text += after;
            text.push('\n');
        }
        measure_text(bencher, &text, |subject, _| system_diagram(subject, Lang::Ja));
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 10)]
    fn page_with_pictures(bencher: divan::Bencher<'_, '_>, assets: usize) {
        measure(bencher, assets, |subject, _| {
            let sheets = worksheets(subject);
            html(&page(subject, &sheets, Lang::Ja), &Branding::default(), Lang::Ja)
        });
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 3)]
    fn workbook_with_pictures(bencher: divan::Bencher<'_, '_>, assets: usize) {
        let fonts = Fonts::of_this_machine();
        measure(bencher, assets, |subject, tree| {
            let sheets = worksheets(subject);
            let figures = page(subject, &sheets, Lang::Ja).figures;
            let draw = |svg: &str, title| Picture { title, drawn: rasterize(svg, &fonts) };
            let pictures: Vec<Picture> = figures.iter().map(|f| draw(&f.svg, f.title.clone())).collect();
            let branding = &Branding::default();
            let (worksheets, pictures, lang) = (&sheets, &pictures, Lang::Ja);
            xlsx(&Book { subject, tree, worksheets, pictures, branding, lang }).expect("a workbook")
        });
    }

    #[divan::bench(args = [11, 120, 1_000], sample_count = 10)]
    fn request_sheets(bencher: divan::Bencher<'_, '_>, assets: usize) {
        measure(bencher, assets, |subject, _| requests(subject));
    }
}
