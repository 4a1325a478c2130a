//! A workbook brought back: what it changes is shown before anything is saved.

use anshin_model::Text;
use anshin_report::difference::{LineTone, Part};
use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Page, Power, Room};

/// What a workbook brings.
#[derive(Debug, Default)]
pub struct Brought {
    /// The name of the file.
    pub name: String,
    /// What was not looked at, and ids that were given.
    pub notes: Vec<Text>,
    /// What is wrong with cells; nothing can be saved then.
    pub problems: Vec<String>,
    /// What changed in the document, too: the document's value stays.
    pub conflicts: Vec<String>,
    /// What changes, part by part.
    pub parts: Vec<Part>,
    /// The document with the changes; nothing if there are none.
    pub text: Option<String>,
}

/// The page on which a workbook is brought back.
pub fn import_page(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    brought: Option<&Brought>,
    problem: Option<&Text>,
) -> String {
    let lang = chrome.lang;
    let body = html! {
        (shown.head(chrome, None, "/reports"))
        @if let Some(problem) = problem { div.notice.grave role="alert" { p { (problem.get(lang)) } } }
        @if let Some(brought) = brought { (changes(chrome, shown, brought)) }
        @if chrome.may(Power::Edit) {
            section.card {
                h2 { (chrome.say("Excelのブックを取り込む", "Bring a workbook back")) }
                p.soft { (chrome.say(
                    "「報告書」のExcelで黄色のセルに書き込み、ここで取り込みます。その後に画面で変えた所は失われません。保存の前に、変わる所を示します。",
                    "Fill in the yellow cells of the Excel report, then bring it back here. What was changed on the pages since is not lost, and you see what changes before anything is saved.")) }
                form.form method="post" action={ (shown.base) "/import" } enctype="multipart/form-data" {
                    (chrome.token())
                    div.field {
                        label for="book" { (chrome.say("ブック（.xlsx、30 MiBまで）", "Workbook (.xlsx, at most 30 MiB)")) }
                        input #book type="file" name="book" required accept=".xlsx";
                    }
                    div.acts {
                        button.main { (chrome.say("変更を見る", "Show what changes")) }
                        a.button.bare href={ (shown.base) "/report.xlsx" } { (chrome.say("いまのブックを受け取る", "Get the workbook as it is now")) }
                    }
                }
            }
        }
    };
    let title =
        format!("{} · {}", chrome.say("ブックの取り込み", "Bring a workbook back"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn changes(chrome: &Chrome<'_>, shown: &Shown<'_>, brought: &Brought) -> Markup {
    let lang = chrome.lang;
    html! {
        section.card.large aria-labelledby="changes" {
            h2 #changes { (brought.name) }
            @if !brought.problems.is_empty() {
                div.notice.grave role="alert" {
                    p { strong { (chrome.say("セルに誤りがあるため、取り込めません。", "Some cells are wrong, so nothing can be brought back.")) } }
                    ul { @for problem in &brought.problems { li { (problem) } } }
                }
            } @else if brought.text.is_none() {
                div.notice { p { (chrome.say("取り込む変更はありません。", "There is nothing to bring back.")) } }
            }
            @if !brought.conflicts.is_empty() {
                div.notice.serious {
                    p { strong { (chrome.say("文書でも変わっていた所は、文書の値を残します。", "Where the document has changed, too, its value stays.")) } }
                    ul { @for conflict in &brought.conflicts { li { (conflict) } } }
                }
            }
            (parts(chrome, &brought.parts))
            @if !brought.notes.is_empty() {
                details { summary { (chrome.say("注意", "Notes")) " (" (brought.notes.len()) ")" }
                    ul.small { @for note in &brought.notes { li { (note.get(lang)) } } } }
            }
            @if let Some(text) = brought.text.as_ref().filter(|_| brought.problems.is_empty()) {
                (chrome.form(&format!("{}/text", shown.base), "form", &html! {
                    (shown.parent())
                    input type="hidden" name="why" value={ (chrome.say("ブックの取り込み: ", "workbook: ")) (brought.name.chars().take(100).collect::<String>()) };
                    textarea name="text" hidden aria-hidden="true" { "\n" (text) }
                    div.acts {
                        button.main name="act" value="save" { (chrome.say("この変更を保存", "Save these changes")) }
                        a.button.bare href={ (shown.base) "/reports" } { (chrome.say("やめる", "Cancel")) }
                    }
                }))
            }
        }
    }
}

/// What a change does to ratings and threats.
pub fn effect(chrome: &Chrome<'_>, changed: &[Part]) -> Markup {
    html! {
        @if changed.is_empty() { p.small.soft { (chrome.say("評価と脅威は変わりません。", "Ratings and threats stay as they are.")) } }
        @else { (parts(chrome, changed)) }
    }
}

fn parts(chrome: &Chrome<'_>, parts: &[Part]) -> Markup {
    let lang = chrome.lang;
    html! {
        @for part in parts {
            h3 { (part.title.get(lang)) }
            ul.changes { @for entry in &part.entries {
                li class=[tone(entry.tone)] {
                    (entry.what.get(lang))
                    @if !entry.details.is_empty() { ul { @for line in &entry.details { li class=[tone(line.tone)] { (line.text.get(lang)) } } } }
                }
            } }
        }
    }
}

fn tone(tone: LineTone) -> Option<&'static str> {
    match tone {
        LineTone::Worse => Some("worse"),
        LineTone::Better => Some("better"),
        LineTone::Faint => Some("soft"),
        LineTone::Heading | LineTone::Plain => None,
    }
}
