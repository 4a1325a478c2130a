//! Questionnaires on the command line.

pub(crate) mod args;

use std::path::PathBuf;

use anshin_catalog::Catalog;
use anshin_checklist::Checklists;
use anshin_model::{Lang, Text};

use crate::cli::Format;
use crate::input::{self, Failure};
use crate::output::{Output, pad};
use crate::{End, print};
use args::ChecklistCommand;

/// Runs a command about checklists. `own` holds the user's own catalog files.
pub(crate) fn run(
    command: &ChecklistCommand,
    own: &[PathBuf],
    catalog: &Catalog,
    output: Output,
) -> Result<End, Failure> {
    match command {
        ChecklistCommand::List { format } => list(&input::checklists(own, catalog, output)?, *format, output),
        ChecklistCommand::Check { files } => {
            let all: Vec<PathBuf> = own.iter().chain(files).cloned().collect();
            input::checklists(&all, catalog, output)?;
            output.say(&Text::new("誤りはありません", "nothing is wrong"));
            Ok(End::Fine)
        }
        ChecklistCommand::Schema(args) => {
            let schema = if args.answers {
                anshin_checklist::answers_schema(catalog)
            } else {
                anshin_checklist::schema(catalog)
            };
            print(output, &format!("{schema:#}\n"))
        }
    }
}

fn list(checklists: &Checklists, format: Format, output: Output) -> Result<End, Failure> {
    let lang = output.lang;
    match format {
        Format::Json => {
            let rows: Vec<_> = checklists
                .iter()
                .map(|list| {
                    serde_json::json!({
                        "id": list.id,
                        "title": { "ja": list.title.get(Lang::Ja), "en": list.title.get(Lang::En) },
                        "version": list.version,
                        "sections": list.sections.len(),
                        "items": list.items().count(),
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
                let items = list.items().count();
                let count = output.word("項目", if items == 1 { "item" } else { "items" });
                let id = pad(list.id.as_str(), width);
                out.push_str(&format!(
                    "{}  {items:>4} {count}  {}\n",
                    output.strong(&id),
                    list.title.get(lang)
                ));
            }
            print(output, &out)
        }
    }
}
