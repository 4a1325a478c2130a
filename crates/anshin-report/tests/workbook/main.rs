//! The workbook: what stands in it, and the way back into the document.

mod contents;
mod edits;
mod experts;
mod hostile;
mod mistakes;
mod own;
mod packed;

#[path = "../common/mod.rs"]
mod common;

use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::load::{Loaded, load_text};
use anshin_model::tree::Sources;
use anshin_model::{Lang, Text, diagnostic, edit};
use anshin_report::workbook::{Book, Imported, import, xlsx};
use anshin_report::worksheet::Worksheet;
use anshin_report::{Branding, Subject, worksheets};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

const FILE: &str = "system.yaml";

fn loaded(text: &str) -> Loaded {
    let loaded = load_text(FILE, text, &CATALOG.vocabulary());
    assert!(!loaded.has_errors(), "{:?}\n{text}", loaded.diagnostics);
    loaded
}

/// A document with everything that is made of it.
fn with<T>(loaded: &Loaded, work: impl FnOnce(&Subject<'_>) -> T) -> T {
    let document = loaded.document.as_ref().expect("a document without errors");
    let system = System::new(document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    work(&Subject { system: &system, assessment: &assessment })
}

/// The workbook of a document, without pictures.
fn book(text: &str, lang: Lang) -> Vec<u8> {
    book_of(text, &Branding::default(), lang)
}

/// The workbook of a document of an organization, without pictures.
fn book_of(text: &str, branding: &Branding, lang: Lang) -> Vec<u8> {
    let loaded = loaded(text);
    let tree = loaded.tree.as_ref().expect("a tree");
    with(&loaded, |subject| {
        let sheets = worksheets(subject);
        let book = Book { subject, tree, worksheets: &sheets, pictures: &[], branding, lang };
        xlsx(&book).expect("a workbook")
    })
}

fn sheets(text: &str) -> Vec<Worksheet> {
    with(&loaded(text), worksheets)
}

/// What an import says and does.
struct Came {
    imported: Imported,
    /// The document with the changes, if they could be written.
    text: Option<String>,
    /// Problems and conflicts as a person reads them, in English.
    said: String,
    sources: Sources,
}

impl Came {
    /// Problems and conflicts as a person reads them.
    fn said_in(&self, lang: Lang) -> String {
        let style = diagnostic::Style { lang, color: false, most: 50 };
        let all: Vec<_> = self.imported.problems.iter().chain(&self.imported.conflicts).cloned().collect();
        diagnostic::render(&self.sources, &all, style)
    }

    /// Where the problems stand in the workbook.
    fn places(&self) -> Vec<&str> {
        let place = |problem: &diagnostic::Diagnostic| {
            let name = self.sources.name(problem.span.expect("a place").file);
            name.strip_prefix("book.xlsx, ").unwrap_or(name)
        };
        self.imported.problems.iter().map(place).collect()
    }
}

/// Brings a workbook back into a document.
fn bring(bytes: &[u8], text: &str) -> Result<Came, Text> {
    let mut loaded = loaded(text);
    let (document, tree) = (loaded.document.take().expect("there"), loaded.tree.clone().expect("there"));
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    let imported = import(bytes, "book.xlsx", &subject, &tree, &mut loaded.sources)?;
    let sources = loaded.sources.clone();
    let mut came = Came { imported, text: None, said: String::new(), sources };
    came.said = came.said_in(Lang::En);
    if came.imported.problems.is_empty() {
        let read = |_: &Path, _: usize| Ok(text.as_bytes().to_vec());
        let changed =
            edit::change(Path::new(FILE), &read, &CATALOG.vocabulary(), &loaded, &came.imported.tree);
        let changed = changed.unwrap_or_else(|problem| panic!("{problem:?}\n{}", came.said));
        came.text = Some(changed.files.into_iter().next().map_or_else(|| text.to_owned(), |(_, text)| text));
    }
    Ok(came)
}

fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("examples").map(|e| e.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(files.len() >= 8);
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).expect("an example"))).collect()
}

fn example(name: &str) -> String {
    examples().into_iter().find(|(own, _)| own == name).expect("the example is there").1
}

/// A document that has every list and every key of the format.
const EVERYTHING: &str = include_str!("everything.yaml");
