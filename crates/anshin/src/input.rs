//! Reads documents and catalogs, and tells what is wrong with them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anshin_catalog::{Catalog, File as CatalogFile};
use anshin_checklist::Checklists;
use anshin_model::diagnostic::{self, Diagnostic, Style};
use anshin_model::load::Loaded;
use anshin_model::tree::{Limits, Sources};
use anshin_model::{Lang, Text};

use crate::output::Output;

/// Why a command ends without doing its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is wrong; everything about it has been said.
    Input,
    /// Something else went wrong.
    Other(Text),
}

impl Failure {
    /// A failure with a message in both languages.
    pub(crate) fn new(ja: impl Into<String>, en: impl Into<String>) -> Self {
        Failure::Other(Text::new(ja.into(), en.into()))
    }
}

/// Loads the built-in catalog with the user's own files over it.
pub(crate) fn catalog(paths: &[PathBuf], output: Output) -> Result<Catalog, Failure> {
    let mut files = own_files(paths)?;
    files.retain(|file| !is_checklist(&file.bytes));
    let loaded = anshin_catalog::load(files);
    report(&loaded.sources, &loaded.diagnostics, output);
    loaded.catalog.ok_or(Failure::Input)
}

/// Loads the built-in checklists with the user's own beside them.
pub(crate) fn checklists(
    paths: &[PathBuf],
    catalog: &Catalog,
    output: Output,
) -> Result<Checklists, Failure> {
    checklists_and(paths, Vec::new(), catalog, output)
}

/// The same with files beside them that have to be checklists.
pub(crate) fn checklists_and(
    paths: &[PathBuf],
    named: Vec<anshin_checklist::File>,
    catalog: &Catalog,
    output: Output,
) -> Result<Checklists, Failure> {
    let mut files = own_files(paths)?;
    files.retain(|file| is_checklist(&file.bytes));
    let built_in = anshin_catalog::built_in_files_beside("checklists");
    let files = built_in
        .into_iter()
        .chain(files)
        .map(|file| anshin_checklist::File { name: file.name, bytes: file.bytes })
        .chain(named);
    let loaded = anshin_checklist::load(files.collect(), catalog);
    report(&loaded.sources, &loaded.diagnostics, output);
    loaded.checklists.ok_or(Failure::Input)
}

/// Whether a file begins as a checklist: the catalog and checklists may lie in one folder.
fn is_checklist(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    text.lines()
        .any(|line| line.trim_start_matches(['\u{feff}', '{', ' ', '"']).starts_with("anshin-checklist"))
}

/// The user's own files.
fn own_files(paths: &[PathBuf]) -> Result<Vec<CatalogFile>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files).map_err(|error| {
            let shown = path.display();
            Failure::new(
                format!("カタログ`{shown}`を読めません（{error}）"),
                format!("cannot read the catalog `{shown}` ({error})"),
            )
        })?;
    }
    Ok(files)
}

/// Reads a catalog file, or all `.yaml` and `.json` files of a folder, in the order of their names.
fn collect(path: &Path, files: &mut Vec<CatalogFile>) -> io::Result<()> {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
        inside.sort();
        let fits = |path: &PathBuf| {
            path.is_dir() || path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        };
        return inside.iter().filter(|path| fits(path)).try_for_each(|path| collect(path, files));
    }
    let bytes = read(path, Limits::DEFAULT.bytes)?;
    files.push(CatalogFile { name: path.display().to_string(), bytes });
    Ok(())
}

/// Loads a document and shows what is wrong with it.
pub(crate) fn document(path: &Path, catalog: &Catalog, output: Output) -> Loaded {
    document_showing(path, catalog, output, Shows::Diagnostics)
}

/// Whether loading shows what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// On standard error.
    Diagnostics,
    /// The caller does.
    Nothing,
}

/// Loads a document; shows what is wrong with it if asked to.
pub(crate) fn document_showing(path: &Path, catalog: &Catalog, output: Output, shows: Shows) -> Loaded {
    let read_named = read_for(path);
    let loaded = anshin_model::load::load(path, &read_named, &catalog.vocabulary(), Limits::DEFAULT);
    if shows == Shows::Diagnostics {
        report(&loaded.sources, &loaded.diagnostics, output);
    }
    loaded
}

/// How the files of a document are read: what it names must be a file; what the user names may also be
/// a pipe.
pub(crate) fn read_for(path: &Path) -> impl Fn(&Path, usize) -> io::Result<Vec<u8>> {
    move |named: &Path, limit: usize| {
        if named != path && !named.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
        }
        read(named, limit)
    }
}

/// Reads a file up to one byte more than the limit.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a folder"));
    }
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Shows diagnostics on standard error.
pub(crate) fn report(sources: &Sources, diagnostics: &[Diagnostic], output: Output) {
    if diagnostics.is_empty() {
        return;
    }
    let style = Style { lang: output.lang, color: output.color_on_stderr, most: 50 };
    output.say_raw(&diagnostic::render(sources, diagnostics, style));
    let errors = diagnostics.iter().filter(|d| d.level == diagnostic::Level::Error).count();
    let warnings = diagnostics.len() - errors;
    let summary = match output.lang {
        Lang::Ja => format!("誤り{errors}件、警告{warnings}件\n"),
        Lang::En => format!(
            "{errors} error{}, {warnings} warning{}\n",
            if errors == 1 { "" } else { "s" },
            if warnings == 1 { "" } else { "s" }
        ),
    };
    output.say_raw(&summary);
}
