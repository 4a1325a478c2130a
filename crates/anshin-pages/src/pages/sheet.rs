//! Worksheets as tables of a page, and the request sheets.

use anshin_model::{Lang, Text};
use anshin_report::Request;
use anshin_report::worksheet::{Cell, Row, Tone, Worksheet};
use maud::{Markup, html};

use crate::chrome::{Chrome, say};

fn class(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Good => Some("good"),
        Tone::Serious => Some("serious"),
        Tone::Grave => Some("grave"),
        Tone::Priority => Some("priority"),
        Tone::Faint => Some("faint"),
    }
}

/// What can be done about a row of a worksheet, where it stands.
#[derive(Debug, Default)]
pub struct InPlace {
    /// Where the row is changed; nothing if it cannot be.
    pub address: Option<String>,
    /// The form, if the row is open.
    pub form: Option<Markup>,
}

/// A worksheet with its purpose, where its input comes from and where its output goes.
pub fn sheet(sheet: &Worksheet, lang: Lang) -> Markup {
    editable_sheet(sheet, lang, &|_| InPlace::default())
}

/// A worksheet whose rows can be changed where they stand.
pub(super) fn editable_sheet(sheet: &Worksheet, lang: Lang, in_place: &dyn Fn(&Row) -> InPlace) -> Markup {
    html! {
        section.sheet aria-labelledby={ "sheet-" (sheet.id) } {
            h2 id={ "sheet-" (sheet.id) } { (sheet.title.get(lang)) }
            @if !sheet.purpose.is_empty() { p.soft { (sheet.purpose.get(lang)) } }
            (way(&sheet.from, &sheet.to, lang))
            (table(sheet, lang, in_place))
        }
    }
}

/// Where input comes from and where output goes.
pub(super) fn way(from: &Text, to: &Text, lang: Lang) -> Markup {
    html! {
        @if !from.is_empty() || !to.is_empty() {
            dl.way {
                @if !from.is_empty() { div { dt { (say(lang, "入力元", "Input from")) } dd { (from.get(lang)) } } }
                @if !to.is_empty() { div { dt { (say(lang, "出力先", "Output to")) } dd { (to.get(lang)) } } }
            }
        }
    }
}

/// The rows of a worksheet.
fn table(sheet: &Worksheet, lang: Lang, in_place: &dyn Fn(&Row) -> InPlace) -> Markup {
    let rows: Vec<(&Row, InPlace)> = sheet.rows.iter().map(|row| (row, in_place(row))).collect();
    html! {
        @if rows.is_empty() {
            p.soft { (say(lang, "該当するものはありません。", "There is nothing to list here.")) }
        } @else {
            div.scroll tabindex="0" role="group" aria-label=(sheet.title.get(lang)) {
                table.stack {
                    thead { tr {
                        @for column in &sheet.columns {
                            th scope="col" class=[(column.width > 40).then_some("roomy")] { (column.title.get(lang)) }
                        }
                    } }
                    tbody {
                        @for (row, own) in &rows {
                            tr id={ (sheet.id) "-" (row.key) } class=[own.form.is_some().then_some("open")] {
                                @for (n, cell) in row.cells.iter().enumerate() {
                                    // Of two columns, the first says what the second is.
                                    @let title = sheet.columns.get(n).filter(|_| sheet.columns.len() > 2);
                                    @let title = title.map_or("", |column| column.title.get(lang));
                                    (self::cell(cell, title, (n == 0).then(|| change(row, own, lang)), lang))
                                }
                            }
                            @if let Some(form) = &own.form {
                                tr.open { td colspan=(sheet.columns.len()) { (form) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The way to change a row. It stands in its first cell, which is in view however wide the table is.
fn change(row: &Row, own: &InPlace, lang: Lang) -> Markup {
    html! {
        @if let Some(address) = &own.address {
            p { a.button.tiny href=(address) aria-label={ (say(lang, "変える: ", "Change: ")) (name(row, lang)) } { (say(lang, "変える", "Change")) } }
        }
    }
}

/// What a row is about, in a word.
fn name(row: &Row, lang: Lang) -> &str {
    row.cells.first().and_then(|cell| cell.lines.first()).map_or("", |line| line.get(lang))
}

/// A cell; the first of a row carries what can be done about it. On a narrow page the others say their
/// titles themselves, and those that say nothing are not there.
fn cell(cell: &Cell, title: &str, first: Option<Markup>, lang: Lang) -> Markup {
    let inner = html! {
        @for line in &cell.lines { @if !line.get(lang).is_empty() { p { (line.get(lang)) } } }
        (why(&cell.why, lang))
    };
    html! {
        @if let Some(act) = first {
            // A number alone says nothing.
            @let number = !cell.lines.is_empty() && cell.lines.iter().all(|line| line.get(lang).parse::<u32>().is_ok());
            th scope="row" class=[class(cell.tone)] data-label=[(number && !title.is_empty()).then_some(title)] { (inner) (act) }
        }
        @else {
            @let says = !title.is_empty() && cell.lines.iter().any(|line| !line.get(lang).is_empty());
            td class=[class(cell.tone)] data-label=[says.then_some(title)] { (inner) }
        }
    }
}

/// Reasons, on demand.
pub(super) fn why(reasons: &[Text], lang: Lang) -> Markup {
    let reasons: Vec<&str> =
        reasons.iter().map(|reason| reason.get(lang)).filter(|r| !r.is_empty()).collect();
    html! {
        @if !reasons.is_empty() {
            details.why {
                summary { (say(lang, "理由", "Why")) @if reasons.len() > 1 { " (" (reasons.len()) ")" } }
                ul { @for reason in reasons { li { (reason) } } }
            }
        }
    }
}

/// The request sheets of a system, one for each stakeholder but the lead.
pub fn request_sheets(chrome: &Chrome<'_>, base: &str, requests: &[Request]) -> Markup {
    let lang = chrome.lang;
    html! {
        section.card {
            h2 { (chrome.say("ステークホルダーごとの依頼書", "Request sheets, one for each stakeholder")) }
            p.soft { (chrome.say(
                "その会社に関わるリスクと、お願いする対策だけをまとめた書類です。発注書や契約書に添えられます。",
                "Only the risks that concern one stakeholder and the measures asked of it: fit as an annex to an order or a contract.")) }
            div.scroll tabindex="0" { table.tall { tbody {
                @for request in requests {
                    @let stem = format!("{base}/request/{}", request.stakeholder);
                    tr {
                        th scope="row" { (request.to.get(lang)) }
                        td { div.acts {
                            a.button.tiny href={ (stem) ".html" } { "HTML" }
                            a.button.tiny href={ (stem) ".docx" } { "Word" }
                            a.button.tiny href={ (stem) ".pdf" } { "PDF" }
                        } }
                    }
                }
            } } }
        }
    }
}
