//! Questionnaires on the command line.

mod answer;
pub(crate) mod args;
mod compare;
pub(crate) mod evidence;
mod export;
mod fill_in;
mod import;
mod new;
mod score;
mod show;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anshin_catalog::Catalog;
use anshin_checklist::{Checklist, Checklists, File, LoadedAnswers, load_answers};
use anshin_model::shape::nearest;
use anshin_model::{Lang, Text};

use crate::beside::write_whole;
use crate::cli::Format;
use crate::input::{self, Failure, Shows};
use crate::output::{Output, pad};
use crate::{End, print};
use args::ChecklistCommand;

/// What every command about checklists knows.
#[derive(Clone, Copy)]
struct Desk<'a> {
    catalog: &'a Catalog,
    checklists: &'a Checklists,
    output: Output,
}

/// Runs a command about checklists. `own` holds the user's own catalog files.
pub(crate) fn run(
    command: &ChecklistCommand,
    own: &[PathBuf],
    catalog: &Catalog,
    output: Output,
) -> Result<End, Failure> {
    match command {
        ChecklistCommand::Schema(args) => {
            let schema = if args.answers {
                anshin_checklist::answers_schema(catalog)
            } else {
                anshin_checklist::schema(catalog)
            };
            return print(output, &format!("{schema:#}\n"));
        }
        ChecklistCommand::Check { files } => return check(files, own, catalog, output),
        _ => {}
    }
    let checklists = input::checklists(own, catalog, output)?;
    let desk = Desk { catalog, checklists: &checklists, output };
    match command {
        ChecklistCommand::Check { .. } | ChecklistCommand::Schema(_) => Ok(End::Fine),
        ChecklistCommand::List { format } => list(&checklists, *format, output),
        ChecklistCommand::Show { checklist, item } => show::show(desk, checklist, item.as_deref()),
        ChecklistCommand::New(args) => new::run(args, desk),
        ChecklistCommand::Answer(args) => answer::run(args, desk),
        ChecklistCommand::Score(args) => score::run(args, desk),
        ChecklistCommand::Compare(args) => compare::compare(args, desk),
        ChecklistCommand::Export(args) => export::run(args, desk),
        ChecklistCommand::Import(args) => import::run(args, desk),
        ChecklistCommand::Update { file } => new::update(file, desk),
    }
}

/// Checks answers by their first key, everything else as checklists beside those that are built in.
fn check(files: &[PathBuf], own: &[PathBuf], catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let mut lists = Vec::new();
    let mut answers = Vec::new();
    for path in files {
        let file = read_file(path)?;
        if String::from_utf8_lossy(&file.bytes).lines().any(|line| line.starts_with("anshin-answer")) {
            answers.push(file);
        } else {
            lists.push(file);
        }
    }
    let checklists = input::checklists_and(own, lists, catalog, output)?;
    let mut fine = true;
    for file in answers {
        let loaded = load_answers(file, &checklists, catalog);
        input::report(&loaded.sources, &loaded.diagnostics, output);
        fine &= loaded.round.is_some();
    }
    if !fine {
        return Err(Failure::Input);
    }
    output.say(&Text::new("誤りはありません", "nothing is wrong"));
    Ok(End::Fine)
}

fn read_file(path: &Path) -> Result<File, Failure> {
    let shown = path.display().to_string();
    let bytes = input::read(path, anshin_checklist::LIMITS.bytes).map_err(|error| {
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    Ok(File { name: shown, bytes })
}

impl<'a> Desk<'a> {
    /// A checklist by its id.
    fn list(&self, id: &str) -> Result<&'a Checklist, Failure> {
        self.checklists.get(id).ok_or_else(|| {
            let ids: Vec<&str> = self.checklists.iter().map(|list| list.id.as_str()).collect();
            let (ja, en) = if let Some(near) = nearest(id, ids.iter().copied()) {
                (format!("`{near}`のことですか"), format!("did you mean `{near}`?"))
            } else {
                let all = ids.join(", ");
                (format!("あるもの: {all}"), format!("there are: {all}"))
            };
            Failure::new(
                format!("チェックシート`{id}`はありません。{ja}"),
                format!("there is no checklist `{id}`; {en}"),
            )
        })
    }

    /// Answers of a file; shows what is wrong with them.
    fn answers(&self, path: &Path) -> Result<LoadedAnswers, Failure> {
        let loaded = load_answers(read_file(path)?, self.checklists, self.catalog);
        input::report(&loaded.sources, &loaded.diagnostics, self.output);
        if loaded.round.is_none() { Err(Failure::Input) } else { Ok(loaded) }
    }

    /// Reads a system document that answers are proposed from.
    fn document(&self, path: &Path) -> Result<anshin_model::Document, Failure> {
        input::document_showing(path, self.catalog, self.output, Shows::Diagnostics)
            .document
            .ok_or(Failure::Input)
    }
}

/// Writes the text of a file, whole or not at all.
fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    write_whole(path, |out| out.write_all(text.as_bytes()))
}

fn list(checklists: &Checklists, format: Format, output: Output) -> Result<End, Failure> {
    match format {
        Format::Json => {
            let rows: Vec<_> = checklists
                .iter()
                .map(|list| {
                    serde_json::json!({
                        "id": list.id,
                        "title": both(&list.title),
                        "version": list.version,
                        "sections": list.sections.len(),
                        "items": list.counting().count(),
                        "beside": list.items().count() - list.counting().count(),
                        "minutes": list.minutes,
                    })
                })
                .collect();
            print(output, &format!("{:#}\n", serde_json::json!({ "anshin": 1, "checklists": rows })))
        }
        Format::Text => {
            let width = checklists.iter().map(|list| list.id.as_str().len()).max().unwrap_or_default();
            let mut out = String::new();
            for list in checklists.iter() {
                let items = list.counting().count();
                let count = output.word("項目", if items == 1 { "item " } else { "items" });
                let id = output.strong(&pad(list.id.as_str(), width));
                let _ = writeln!(out, "{id}  {items:>4} {count}  {}", list.title.get(output.lang));
            }
            print(output, &out)
        }
    }
}

/// A text in both languages for JSON.
fn both(text: &Text) -> serde_json::Value {
    serde_json::json!({ "ja": text.get(Lang::Ja), "en": text.get(Lang::En) })
}
