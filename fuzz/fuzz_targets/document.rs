//! Any bytes as a system document: read, check, show what is wrong; assess, tabulate and draw what
//! is right.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::diagnostic::{self, Style};
use anshin_model::tree::Limits;
use anshin_model::{Lang, load};
use anshin_report::Subject;
use libfuzzer_sys::fuzz_target;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

fuzz_target!(|bytes: &[u8]| {
    let read = |path: &Path, _: usize| {
        if path == Path::new("fuzz.yaml") {
            Ok(bytes.to_vec())
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        }
    };
    let limits = Limits { bytes: 1 << 20, depth: 64, nodes: 20_000, aliased: 5_000 };
    let loaded = load::load(Path::new("fuzz.yaml"), &read, &CATALOG.vocabulary(), limits);
    for lang in Lang::ALL {
        let style = Style { lang, color: false, most: 20 };
        let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
    }
    assert_eq!(loaded.document.is_none(), loaded.has_errors());
    if let Some(document) = &loaded.document {
        let engine = Engine::new(&CATALOG).expect("the built-in rules fit");
        let system = System::new(document, &CATALOG);
        let assessment = engine.assess_system(&system);
        let subject = Subject { system: &system, assessment: &assessment };
        for sheet in anshin_report::worksheets(&subject) {
            assert!(sheet.rows.iter().all(|row| row.cells.len() == sheet.columns.len()));
        }
        let _ = anshin_report::risk_map(&subject, Lang::Ja);
        let _ = anshin_report::system_diagram(&subject, Lang::En);
        let _ = anshin_report::stakeholder_diagram(&subject, Lang::Ja);
        for flow in 0..document.flows.len() {
            let _ = anshin_report::flow_diagram(&subject, flow, Lang::En);
        }
        assert!(assessment.threats.iter().all(|threat| (0.0..=1.0).contains(&threat.risk)));
    }
});
