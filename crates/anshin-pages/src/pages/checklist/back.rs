//! A filled workbook brought back into a round.

use maud::html;

use super::ShownRound;
use crate::chrome::{Chrome, Page, Room};
use crate::pages::brought::{FileBrought, brought, file_form};

/// The page on which a filled workbook is brought back.
pub fn round_import(chrome: &Chrome<'_>, shown: ShownRound<'_>, file: Option<&FileBrought>) -> String {
    let base = shown.base;
    let body = html! {
        (shown.head(chrome))
        @if let Some(file) = file { (brought(chrome, base, shown.state, file)) }
        section.card {
            h2 { (chrome.say("記入したブックを取り込む", "Bring a filled workbook back")) }
            p.soft { (chrome.say(
                "書き出したブックの黄色の列に記入し、ここで取り込みます。その間に画面で答えた内容は失われません。保存の前に、変わる答えを示します。",
                "Fill in the yellow columns of the workbook, then bring it back here. What was answered on the pages since is not lost, and you see which answers change before anything is saved.")) }
            (file_form(chrome, &format!("{base}/import"),
                (chrome.say("ブック（.xlsx）またはそのCSV", "Workbook (.xlsx), or a CSV file of it"), ".xlsx,.csv,.tsv,.txt"),
                &html! {
                    button.main { (chrome.say("変更を見る", "Show what changes")) }
                    a.button.bare href={ (base) "/files/answers.xlsx" } { (chrome.say("いまのブックを受け取る", "Get the workbook as it is now")) }
                }))
        }
    };
    chrome.page(&Page::new(shown.round.list.title.get(chrome.lang), Room::Checklists, body).narrow())
}
