//! What the typesetter sees of the world: three templates, the data of one document, a logo and the
//! chosen fonts. No files, no packages, no clock.

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

/// A template of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// The whole assessment.
    Report,
    /// A request sheet.
    Request,
    /// The report of a checklist for the management.
    Standing,
}

impl Template {
    fn text(self) -> &'static str {
        match self {
            Template::Report => include_str!("typst/report.typ"),
            Template::Request => include_str!("typst/request.typ"),
            Template::Standing => include_str!("typst/standing.typ"),
        }
    }
}

const COMMON: &str = include_str!("typst/common.typ");

/// The world of one document.
pub(crate) struct OneDocument {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    common: Source,
    files: Vec<(FileId, Bytes)>,
}

/// The id of a file. Ids are kept for good, so the names are always the same few.
fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names of the files are well formed");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl OneDocument {
    pub(crate) fn new(
        template: Template,
        data: &serde_json::Value,
        logo: Option<&[u8]>,
        fonts: Vec<Font>,
    ) -> Self {
        let mut files = vec![(file("data.json"), Bytes::from_string(data.to_string()))];
        files.extend(logo.map(|logo| (file("logo"), Bytes::new(logo.to_vec()))));
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: Source::new(file("main.typ"), template.text().to_owned()),
            common: Source::new(file("common.typ"), COMMON.to_owned()),
            files,
        }
    }

    /// Lays the pages out and writes them as PDF.
    pub(crate) fn typeset(&self, id: &str) -> Result<Vec<u8>, String> {
        let document = typst::compile::<PagedDocument>(self).output;
        let pdf = document.and_then(|document| {
            let options = PdfOptions {
                ident: Smart::Custom(id.to_owned()),
                creator: Smart::Custom(Some("Anshin".to_owned())),
                ..PdfOptions::default()
            };
            typst_pdf::pdf(&document, &options)
        });
        // What the typesetter remembers is of no use for the next document.
        typst::comemo::evict(0);
        pdf.map_err(|errors| errors.iter().map(said).collect::<Vec<_>>().join("; "))
    }
}

fn said(diagnostic: &SourceDiagnostic) -> String {
    diagnostic.message.to_string()
}

impl World for OneDocument {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.main, &self.common]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(own, _)| *own == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
