//! Reports of answers: for the management, for those who review, and a workbook to fill in.

use std::path::Path;

use anshin_checklist::Round;
use anshin_checklist::csv::to_csv_utf8;
use anshin_model::Text;
use anshin_report::{Rounds, answers_book, register, standing_html, standing_radar, standing_report};

use super::Desk;
use super::args::ExportArgs;
use super::compare::{earlier, reference};
use crate::End;
use crate::beside::write_whole;
use crate::input::Failure;
use crate::report::{branding, fonts, say_missing};

/// Writes a report of a round.
pub(super) fn run(args: &ExportArgs, desk: Desk<'_>) -> Result<End, Failure> {
    let round = desk.answers(&args.file)?.round.ok_or(Failure::Input)?;
    let shown = args.output.display();
    if args.output.exists() {
        return Err(Failure::new(
            format!("`{shown}`はすでにあります。別のファイル名を指定してください"),
            format!("`{shown}` exists already; name another file"),
        ));
    }
    let bytes = make(args, &round, desk)?;
    write_whole(&args.output, |out| out.write_all(&bytes))?;
    desk.output.say(&Text::new(format!("`{shown}`を書きました"), format!("wrote `{shown}`")));
    Ok(End::Fine)
}

fn make(args: &ExportArgs, round: &Round, desk: Desk<'_>) -> Result<Vec<u8>, Failure> {
    let lang = desk.output.lang;
    let earlier = earlier(&args.earlier, round, desk)?;
    let reference = reference(args.reference.as_deref())?;
    let rounds = Rounds {
        now: round,
        earlier: &earlier,
        target: args.target,
        reference: reference.as_ref(),
        group: args.group.as_deref(),
        catalog: desk.catalog,
    };
    match ending(&args.output).as_str() {
        "html" => Ok(standing_html(&standing_report(rounds, lang), lang).into_bytes()),
        "pdf" => pdf(args, rounds, desk),
        "csv" => Ok(to_csv_utf8(&register(round).plain(lang))),
        "xlsx" => {
            answers_book(round, lang).map_err(|error| Failure::new(error.to_string(), error.to_string()))
        }
        "svg" => {
            let radar = standing_radar(round, &earlier, desk.catalog, lang).ok_or_else(|| {
                Failure::new(
                    "点数のある節が3つに満たないため、レーダーチャートを描けません",
                    "a radar needs at least three sections with points",
                )
            })?;
            Ok(radar.svg.into_bytes())
        }
        _ => {
            let shown = args.output.display();
            Err(Failure::new(
                format!(
                    "`{shown}`の形式が分かりません。.html、.pdf、.xlsx、.csv、.svgのいずれかにしてください"
                ),
                format!("the form of `{shown}` is not known; end it with .html, .pdf, .xlsx, .csv or .svg"),
            ))
        }
    }
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The report for the management as PDF.
fn pdf(args: &ExportArgs, rounds: Rounds<'_>, desk: Desk<'_>) -> Result<Vec<u8>, Failure> {
    let lang = desk.output.lang;
    let branding = branding(args.branding.as_deref(), desk.output)?;
    let fonts = fonts(&args.font)?;
    let id = rounds.now.list.id.as_str();
    let made = anshin_pdf::standing(&standing_report(rounds, lang), id, &branding, &fonts, lang);
    let pdf = made.map_err(|error| Failure::Other(error.message()))?;
    say_missing(&pdf.missing, desk.output);
    Ok(pdf.bytes)
}
