//! `anshin replay`: incidents of the past, played again on the systems as they stood before.

use std::fmt::Write as _;
use std::path::Path;

use anshin_assess::{Record, Replay, System, records, v1};
use anshin_catalog::{Catalog, Matrix};
use anshin_model::{Document, Text, shape};
use anshin_report::html::{Page, html};
use anshin_report::worksheet::Worksheet;
use anshin_report::{
    Branding, Subject, plain_workbook, replay_page, replay_words, replay_worksheets, replays_page,
    replays_worksheet,
};
use include_dir::{Dir, include_dir};
use serde::Serialize;

use crate::beside::write_all;
use crate::cli::{Format, ReplayArgs};
use crate::input::Failure;
use crate::output::{Output, pad};
use crate::report::{fonts, say_missing};
use crate::{End, engine, paths, show_paths};

static INCIDENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../incidents");

/// Carries out `anshin replay`.
pub(crate) fn run(args: &ReplayArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let matrix = paths::matrix(args.matrix.as_deref(), catalog)?;
    let records = built_in()?;
    match args.incident.as_deref().filter(|_| !args.list) {
        None => all(records, args, (catalog, matrix), output),
        Some(id) => one(named(&records, id)?, args, (catalog, matrix), output),
    }
}

/// All incidents, each with the rank of the scenario that happened.
fn all(
    records: Vec<Record>,
    args: &ReplayArgs,
    (catalog, matrix): (&Catalog, &Matrix),
    output: Output,
) -> Result<End, Failure> {
    let engine = engine(catalog)?;
    let mut replays = Vec::new();
    for record in records {
        let replay = engine.replay(&record, &system(&record, catalog, output)?, matrix);
        replays.push((record, replay));
    }
    if let Some(folder) = &args.report {
        let sheets = [replays_worksheet(&replays)];
        write(folder, "incidents", &replays_page(&replays, &sheets), output)?;
    }
    let text = match args.format {
        Format::Text => list(&replays, output),
        Format::Json => json(&v1::paths::ReplayList::new(&replays))?,
    };
    crate::print(output, &text)
}

/// One incident.
fn one(
    record: &Record,
    args: &ReplayArgs,
    (catalog, matrix): (&Catalog, &Matrix),
    output: Output,
) -> Result<End, Failure> {
    let document = system(record, catalog, output)?;
    let engine = engine(catalog)?;
    let replay = engine.replay(record, &document, matrix);
    let system = System::new(&document, catalog);
    let assessment = engine.assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    if let Some(folder) = &args.report {
        let sheets = replay_worksheets(&subject, record, &replay);
        write(folder, record.id.as_str(), &replay_page(&subject, record, &replay, &sheets), output)?;
    }
    let text = match args.format {
        Format::Text => show_paths::replay(record, &replay, &subject, output),
        Format::Json => json(&v1::paths::ReplayReport::new(record, &replay, catalog))?,
    };
    crate::print(output, &text)
}

fn list(replays: &[(Record, Replay)], output: Output) -> String {
    let mut out = String::new();
    for (record, replay) in replays {
        let rank = replay.happened().map_or("-".to_owned(), |scenario| scenario.rank.to_string());
        let of = replay.scenarios.all.len();
        let (id, date) = (pad(record.id.as_str(), 24), pad(record.date.as_deref().unwrap_or(""), 8));
        let mark = if replay.same_threat { " " } else { "†" };
        let _ = writeln!(out, "{id} {rank:>3}/{of:<3}{mark} {date} {}", record.title.get(output.lang));
    }
    for text in replay_words::among_first(replays) {
        let _ = writeln!(out, "{}", text.get(output.lang));
    }
    out
}

fn json(report: &impl Serialize) -> Result<String, Failure> {
    let json = serde_json::to_string_pretty(report);
    json.map(|json| json + "\n").map_err(|error| Failure::new(error.to_string(), error.to_string()))
}

/// Writes a report as a page, a workbook and a PDF; without a font for the last, says so.
fn write(folder: &Path, stem: &str, page: &Page<'_>, output: Output) -> Result<(), Failure> {
    let lang = output.lang;
    let (branding, fonts) = (Branding::default(), fonts(&[])?);
    let file = |extension: &str| folder.join(format!("{stem}.{}.{extension}", lang.code()));
    let table = |sheet: &Worksheet| (sheet.title.get(lang).to_owned(), sheet.plain(lang));
    let tables: Vec<_> = page.sheets.iter().map(table).collect();
    let book = plain_workbook(&tables, lang).map_err(|error| {
        Failure::new(
            format!("表計算の帳票を作れません（{error}）"),
            format!("cannot make the workbook ({error})"),
        )
    })?;
    let mut files = vec![(file("html"), html(page, &branding, lang).into_bytes()), (file("xlsx"), book)];
    match anshin_pdf::report(page, stem, &branding, &fonts, lang) {
        Ok(pdf) => {
            say_missing(&pdf.missing, output);
            files.push((file("pdf"), pdf.bytes));
        }
        Err(error) if error.is_of_this_machine() => output.say(
            &Text::new("PDFは作りません: {why}", "no PDF is made: {why}").fill(&[("why", &error.message())]),
        ),
        Err(error) => return Err(Failure::Other(error.message())),
    }
    write_all(&files)?;
    for (path, _) in &files {
        output.say(&Text::same(path.display().to_string()));
    }
    Ok(())
}

fn named<'r>(records: &'r [Record], id: &str) -> Result<&'r Record, Failure> {
    records.iter().find(|record| record.id == *id).ok_or_else(|| {
        let all = records.iter().map(|record| record.id.as_str());
        let near = shape::nearest(id, all.clone());
        let listed = all.collect::<Vec<_>>().join(", ");
        let (ja, en) = near.map_or_else(
            || (format!("。あるもの: {listed}"), format!("; there are: {listed}")),
            |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
        );
        Failure::new(format!("`{id}`という事例はありません{ja}"), format!("there is no incident `{id}`{en}"))
    })
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
