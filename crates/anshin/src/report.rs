//! `anshin report`: the assessment as files to hand over.

use anshin_assess::LevelsAfter;
use anshin_model::{Lang, Text};
use anshin_quantify::Quantification;
use anshin_report::html::{Figure, html};
use anshin_report::{Subject, money_worksheets, worksheets, xlsx};

use crate::cli::{ReportArgs, ReportFormat};
use crate::input::Failure;
use crate::output::Output;

/// A file of the report: its name and what is in it.
struct File {
    name: String,
    bytes: Vec<u8>,
}

/// Makes all files first, then writes them: a failure leaves nothing half-made.
/// `after` are the levels after measures, if there are measures; `money` is risk in money, if asked for.
pub(crate) fn run(
    args: &ReportArgs,
    subject: &Subject<'_>,
    after: Option<&[LevelsAfter]>,
    money: Option<&Quantification>,
    output: Output,
) -> Result<(), Failure> {
    let files = files(args, subject, after, money, output.lang)?;
    std::fs::create_dir_all(&args.output).map_err(|error| {
        let shown = args.output.display();
        Failure::new(
            format!("フォルダー`{shown}`を作れません（{error}）"),
            format!("cannot make the folder `{shown}` ({error})"),
        )
    })?;
    for file in files {
        let path = args.output.join(&file.name);
        crate::write_whole(&path, |out| out.write_all(&file.bytes))?;
        output.say(&Text::same(path.display().to_string()));
    }
    Ok(())
}

fn files(
    args: &ReportArgs,
    subject: &Subject<'_>,
    after: Option<&[LevelsAfter]>,
    money: Option<&Quantification>,
    lang: Lang,
) -> Result<Vec<File>, Failure> {
    let wants = |format| args.format.is_empty() || args.format.contains(&format);
    let system = &subject.system.document.system;
    let name = |what: &str, extension: &str| format!("{}{what}.{}.{extension}", system.id, lang.code());
    let mut files = Vec::new();
    let mut sheets = worksheets(subject);
    sheets.extend(money.map(money_worksheets).unwrap_or_default());
    let mut page = anshin_report::page(subject, &sheets, lang);
    if let Some(money) = money {
        let drawn = crate::quantify::figures(money, lang).into_iter();
        page.figures.extend(drawn.map(|(id, title, svg)| Figure { id: id.to_owned(), title, svg }));
        page.summary.push(anshin_quantify::summary::paragraph(money));
    }
    if let Some(after) = after {
        anshin_report::show_after_measures(&mut page.figures, subject, after, lang);
    }
    if wants(ReportFormat::Svg) {
        for figure in &page.figures {
            files.push(File {
                name: name(&format!("-{}", figure.id), "svg"),
                bytes: figure.svg.clone().into_bytes(),
            });
        }
    }
    if wants(ReportFormat::Xlsx) {
        let bytes = xlsx(&system.name, &sheets, lang).map_err(|error| {
            Failure::new(
                format!("表計算の帳票を作れません（{error}）"),
                format!("cannot make the workbook ({error})"),
            )
        })?;
        files.push(File { name: name("", "xlsx"), bytes });
    }
    if wants(ReportFormat::Html) {
        files.push(File { name: name("", "html"), bytes: html(&page, lang).into_bytes() });
    }
    Ok(files)
}
