//! Reports to take along, and request sheets to send.

use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Page, Power, Room};

/// Reports in all formats. `requests` are the request sheets and their links.
pub fn reports(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    pictures: &[(String, anshin_model::Text)],
    requests: &Markup,
) -> String {
    let formats = [
        (
            "html",
            "HTML",
            "図とワークシートを1つのファイルに。検索と並べ替えができます。",
            "Pictures and worksheets in one file, to search and sort.",
        ),
        ("pdf", "PDF", "印刷して渡す報告書。", "A report to print and hand over."),
        ("xlsx", "Excel", "すべてのワークシートを1つのブックに。", "All worksheets in one workbook."),
        ("yaml", "YAML", "システム文書そのもの。", "The system document itself."),
        ("json", "JSON", "評価の結果。ほかのプログラムで使うとき。", "The assessment, for other programs."),
    ];
    let body = html! {
        (shown.head(chrome, None, "/reports"))
        section.card {
            h2 { (chrome.say("報告書", "Reports")) }
            div.scroll tabindex="0" { table.tall { tbody { @for (extension, name, ja, en) in formats { tr {
                th scope="row" { a href={ (shown.base) "/report." (extension) } { (name) } }
                td { (chrome.say(ja, en)) }
            } } } } }
            p.small.soft { (chrome.say("いまの版から、画面の言語で作ります。承認した版の報告書は", "Made from the newest revision, in the language of the page. Reports of an approved revision are under "))
                a href={ (shown.base) "/history" } { (chrome.say("履歴", "History")) } (chrome.say("にあります。", ".")) }
            @if chrome.may(Power::Edit) {
                div.acts { a.button href={ (shown.base) "/import" } { (chrome.say("書き込んだExcelを取り込む", "Bring a filled-in workbook back")) } }
            }
        }
        section.card {
            h2 { (chrome.say("図", "Pictures")) }
            div.acts { @for (id, title) in pictures { a.button.tiny href={ (shown.base) "/pictures/" (id) ".svg" } { (title.get(chrome.lang)) } } }
        }
        (requests)
    };
    let title = format!("{} · {}", chrome.say("報告書", "Reports"), shown.name.get(chrome.lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}
