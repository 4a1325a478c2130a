//! `anshin replay`: incidents of the past, played again on the systems as they stood before.

use std::fmt::Write as _;

use anshin_assess::{Record, records, v1};
use anshin_catalog::Catalog;
use anshin_model::{Document, Lang, shape};
use include_dir::{Dir, include_dir};

use crate::cli::{Format, ReplayArgs};
use crate::input::Failure;
use crate::output::{Output, pad};
use crate::{End, engine, paths, show_paths};

static INCIDENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../incidents");

/// Carries out `anshin replay`.
pub(crate) fn run(args: &ReplayArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let matrix = paths::matrix(args.matrix.as_deref(), catalog)?;
    let records = built_in()?;
    let engine = engine(catalog)?;
    let Some(id) = args.incident.as_deref().filter(|_| !args.list) else {
        let mut out = String::new();
        let mut first = 0;
        for record in &records {
            let replay = engine.replay(record, &system(record, catalog, output)?, matrix);
            let rank = replay.scenario.map(|n| replay.scenarios.all[n].rank);
            first += usize::from(rank.is_some_and(|rank| rank <= 3));
            let rank = rank.map_or("-".to_owned(), |rank| rank.to_string());
            let title = record.title.get(output.lang);
            let of = replay.scenarios.all.len();
            let date = record.date.as_deref().unwrap_or("");
            let _ =
                writeln!(out, "{} {rank:>3}/{of:<3} {} {title}", pad(record.id.as_str(), 24), pad(date, 8));
        }
        let line = match output.lang {
            Lang::Ja => format!("起きたシナリオが上位3件に入る事例: {}件中{first}件\n", records.len()),
            Lang::En => {
                format!("the scenario that happened is among the first three: {first} of {}\n", records.len())
            }
        };
        out.push_str(&line);
        return crate::print(output, &out);
    };
    let Some(record) = records.iter().find(|record| record.id == *id) else {
        let all = records.iter().map(|record| record.id.as_str());
        let near = shape::nearest(id, all.clone());
        let listed = all.collect::<Vec<_>>().join(", ");
        let (ja, en) = near.map_or_else(
            || (format!("。あるもの: {listed}"), format!("; there are: {listed}")),
            |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
        );
        return Err(Failure::new(
            format!("`{id}`という事例はありません{ja}"),
            format!("there is no incident `{id}`{en}"),
        ));
    };
    let document = system(record, catalog, output)?;
    let replay = engine.replay(record, &document, matrix);
    let text = match args.format {
        Format::Text => show_paths::replay(record, &replay, &document, catalog, output),
        Format::Json => {
            let report = v1::paths::ReplayReport::new(record, &replay, catalog);
            let json = serde_json::to_string_pretty(&report);
            json.map_err(|error| Failure::new(error.to_string(), error.to_string()))? + "\n"
        }
    };
    crate::print(output, &text)
}

fn text_of(name: &str) -> Result<&'static str, Failure> {
    let file = INCIDENTS.get_file(name).and_then(|file| file.contents_utf8());
    file.ok_or_else(|| Failure::new(format!("`{name}`がありません"), format!("there is no `{name}`")))
}

/// The records that are built into the program.
fn built_in() -> Result<Vec<Record>, Failure> {
    records(text_of("records.yaml")?).map_err(|error| Failure::new(error.to_string(), error.to_string()))
}

/// The system of an incident as it stood before.
///
/// It is sound with the built-in catalog; with a catalog of one's own over it, it may not be.
fn system(record: &Record, catalog: &Catalog, output: Output) -> Result<Document, Failure> {
    let name = format!("{}.yaml", record.id);
    let loaded =
        anshin_model::load::load_text(&format!("incidents/{name}"), text_of(&name)?, &catalog.vocabulary());
    crate::input::report(&loaded.sources, &loaded.diagnostics, output);
    loaded.document.ok_or(Failure::Input)
}
