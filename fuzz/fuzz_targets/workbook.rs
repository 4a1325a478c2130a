//! Any bytes as a workbook, and a true workbook with bytes changed or cells changed by the bytes:
//! nothing is brought in that the document's check does not let through.

#![no_main]

use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::load::load_text;
use anshin_model::{Lang, edit};
use anshin_report::workbook::{Book, import, tables, xlsx};
use anshin_report::{Branding, Subject, worksheets};
use libfuzzer_sys::fuzz_target;

const TEXT: &str = include_str!("../../examples/boiler.yaml");

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

/// The parts of the workbook of an example.
static PARTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let loaded = load_text("system.yaml", TEXT, &CATALOG.vocabulary());
    let (document, tree) = (loaded.document.expect("a document"), loaded.tree.expect("a tree"));
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    let sheets = worksheets(&subject);
    let book = Book {
        subject: &subject,
        tree: &tree,
        worksheets: &sheets,
        pictures: &[],
        branding: &Branding::default(),
        lang: Lang::En,
    };
    let bytes = xlsx(&book).expect("a workbook");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    (0..archive.len())
        .map(|n| {
            let mut part = archive.by_index(n).expect("a part");
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).expect("a part");
            (part.name().expect("a name").into_owned(), bytes)
        })
        .collect()
});

/// The workbook with some bytes of one part changed: part, place and new bytes by the input.
fn changed(input: &[u8]) -> Option<Vec<u8>> {
    let (head, new) = input.split_at_checked(5)?;
    let place = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
    let which = usize::from(head[0]) % PARTS.len();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (n, (name, bytes)) in PARTS.iter().enumerate() {
        out.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).ok()?;
        if n == which && !bytes.is_empty() {
            let at = place % bytes.len();
            out.write_all(&bytes[..at]).ok()?;
            out.write_all(new).ok()?;
            out.write_all(&bytes[(at + new.len()).min(bytes.len())..]).ok()?;
        } else {
            out.write_all(bytes).ok()?;
        }
    }
    Some(out.finish().ok()?.into_inner())
}

fuzz_target!(|bytes: &[u8]| {
    let mut loaded = load_text("system.yaml", TEXT, &CATALOG.vocabulary());
    let document = loaded.document.take().expect("a document");
    let tree = loaded.tree.clone().expect("a tree");
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    for book in [Some(bytes.to_vec()), changed(bytes)].into_iter().flatten() {
        // Workbooks of ledgers and answers are read as plain tables.
        let _ = tables(&book);
        let Ok(imported) = import(&book, "book.xlsx", &subject, &tree, &mut loaded.sources) else { continue };
        if imported.problems.is_empty() && imported.changed {
            let read = |_: &Path, _: usize| Ok(TEXT.as_bytes().to_vec());
            let written =
                edit::change(Path::new("system.yaml"), &read, &CATALOG.vocabulary(), &loaded, &imported.tree);
            let written = written.expect("the example can be changed everywhere");
            assert!(written.loaded.document.is_some());
        }
    }
});
