//! A document opened: read, checked, assessed.

use anshin_assess::{Assessment, Engine, System, TooManyFacts};
use anshin_catalog::Catalog;
use anshin_checklist::ledger::{Scales, load_scales};
use anshin_checklist::policy::{Texts, load_texts};
use anshin_checklist::{Checklists, File};
use anshin_guide::{Guide, NotAGuide};
use anshin_model::diagnostic::{Diagnostic, Level};
use anshin_model::load::{Loaded, load_text};
use anshin_model::shape::Vocabulary;
use anshin_model::tree::Node;
use anshin_model::{Document, Lang};
use anshin_report::Subject;

/// The name under which documents are read here.
pub(crate) const NAME: &str = "system.yaml";

/// What is known, made ready once for the whole life of the program.
pub struct Desk {
    /// The catalog.
    pub catalog: &'static Catalog,
    /// The rules.
    pub engine: Engine<'static>,
    /// The guided start.
    pub guide: Guide,
    /// Checklists.
    pub checklists: Checklists,
    /// The texts of policies.
    pub policies: Vec<Texts>,
    /// The scales of ledgers.
    pub scales: Scales,
    pub(crate) vocabulary: Vocabulary,
}

/// The knowledge that is built in cannot be used; a test of each makes sure that it can.
#[derive(Debug)]
pub enum DeskError {
    /// The catalog or the checklists have errors.
    Catalog,
    /// Too many facts.
    Rules(TooManyFacts),
    /// The guided start.
    Guide(NotAGuide),
}

impl std::fmt::Display for DeskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeskError::Catalog => f.write_str("the catalog that is built in has errors"),
            DeskError::Rules(error) => error.fmt(f),
            DeskError::Guide(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DeskError {}

impl Desk {
    /// Loads what is built in.
    ///
    /// # Errors
    /// If it has errors.
    pub fn built_in() -> Result<Self, DeskError> {
        let catalog = anshin_catalog::load(Vec::new()).catalog.ok_or(DeskError::Catalog)?;
        Self::new(catalog)
    }

    /// Makes a catalog ready. It lives as long as the program: a server has one.
    ///
    /// # Errors
    /// If the checklists or the guided start have errors.
    pub fn new(catalog: Catalog) -> Result<Self, DeskError> {
        let catalog: &'static Catalog = Box::leak(Box::new(catalog));
        let files = |folder: &str| -> Vec<File> {
            let files = anshin_catalog::built_in_files_beside(folder).into_iter();
            files.map(|file| File { name: file.name, bytes: file.bytes }).collect()
        };
        let loaded = anshin_checklist::load(files("checklists"), catalog);
        let checklists = loaded.checklists.ok_or(DeskError::Catalog)?;
        let policies = load_texts(files("policy-texts"), &checklists).texts.ok_or(DeskError::Catalog)?;
        let scales = load_scales(files("ledgers")).0.ok_or(DeskError::Catalog)?;
        Ok(Self {
            engine: Engine::new(catalog).map_err(DeskError::Rules)?,
            guide: Guide::built_in().map_err(DeskError::Guide)?,
            checklists,
            policies,
            scales,
            vocabulary: catalog.vocabulary(),
            catalog,
        })
    }

    /// Reads and assesses a document.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(&self, text: &str) -> Result<Opened, Broken> {
        let loaded = load_text(NAME, text, &self.vocabulary);
        let Some(document) = &loaded.document else { return Err(Broken { loaded: Box::new(loaded) }) };
        let assessment = self.engine.assess(document);
        Ok(Opened { loaded, assessment })
    }

    /// The document of an opened one, joined with the catalog.
    pub fn system<'a>(&'a self, opened: &'a Opened) -> System<'a> {
        System::new(opened.document(), self.catalog)
    }

    /// Does something with a document and its assessment.
    pub fn with<T>(&self, opened: &Opened, work: impl FnOnce(&Subject<'_>) -> T) -> T {
        let system = self.system(opened);
        work(&Subject { system: &system, assessment: &opened.assessment })
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

/// A document without errors, with its assessment.
#[derive(Debug)]
pub struct Opened {
    pub(crate) loaded: Loaded,
    /// The assessment.
    pub assessment: Assessment,
}

impl Opened {
    /// The document.
    pub fn document(&self) -> &Document {
        self.loaded.document.as_ref().expect("opened only without errors")
    }

    /// The document as a tree.
    pub fn tree(&self) -> &Node {
        self.loaded.tree.as_ref().expect("opened only without errors")
    }

    /// Warnings.
    pub fn found(&self, lang: Lang) -> Vec<Found> {
        found(&self.loaded, lang)
    }

    /// The document as it was read.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }
}

/// A document with errors.
#[derive(Debug)]
pub struct Broken {
    loaded: Box<Loaded>,
}

impl Broken {
    /// Errors and warnings.
    pub fn found(&self, lang: Lang) -> Vec<Found> {
        found(&self.loaded, lang)
    }
}

/// Something wrong in a document, for a person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Found {
    /// `error` or `warning`.
    pub level: &'static str,
    /// What.
    pub message: String,
    /// Next steps.
    pub hints: Vec<String>,
    /// Line from 1, if a place is known.
    pub line: Option<usize>,
    /// Column from 1.
    pub column: Option<usize>,
}

fn found(loaded: &Loaded, lang: Lang) -> Vec<Found> {
    let one = |diagnostic: &Diagnostic| {
        let place = diagnostic.span.map(|span| loaded.sources.line_column(span));
        Found {
            level: match diagnostic.level {
                Level::Error => "error",
                Level::Warning => "warning",
            },
            message: diagnostic.message.get(lang).to_owned(),
            hints: diagnostic.hints.iter().map(|hint| hint.get(lang).to_owned()).collect(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    };
    loaded.diagnostics.iter().map(one).collect()
}
