//! What a file brought back changes, shown before anything is saved.

use anshin_model::Text;
use maud::{Markup, html};

use crate::chrome::Chrome;

/// What a file brings.
#[derive(Debug, Default)]
pub struct FileBrought {
    /// The name of the file.
    pub name: String,
    /// What is wrong with it; nothing can be saved then.
    pub problems: Vec<String>,
    /// What changes, under headings.
    pub changes: Vec<(Text, Vec<Text>)>,
    /// The text with the changes; nothing if there are none.
    pub text: Option<String>,
}

/// What a file brings, and the form that saves it. `base` is what it belongs to, `state` what it was
/// compared with.
pub(super) fn brought(chrome: &Chrome<'_>, base: &str, state: u64, file: &FileBrought) -> Markup {
    let lang = chrome.lang;
    html! {
        section.card.large aria-labelledby="changes" {
            h2 #changes { (file.name) }
            @if !file.problems.is_empty() {
                div.notice.grave role="alert" {
                    p { strong { (chrome.say("誤りがあるため、取り込めません。何も変えていません。", "Something is wrong, so nothing can be brought back. Nothing was changed.")) } }
                    ul { @for problem in &file.problems { li { (problem) } } }
                }
            } @else if file.text.is_none() {
                div.notice { p { (chrome.say("取り込む変更はありません。", "There is nothing to bring back.")) } }
            }
            @for (heading, lines) in file.changes.iter().filter(|(_, lines)| !lines.is_empty()) {
                h3 { (heading.get(lang)) " (" (lines.len()) ")" }
                ul.changes { @for line in lines { li { (line.get(lang)) } } }
            }
            @if let Some(text) = file.text.as_ref().filter(|_| file.problems.is_empty()) {
                (chrome.form(&format!("{base}/text"), "form", &html! {
                    input type="hidden" name="state" value=(state);
                    textarea name="text" hidden aria-hidden="true" { "\n" (text) }
                    div.acts {
                        button.main { (chrome.say("この変更を保存", "Save these changes")) }
                        a.button.bare href=(base) { (chrome.say("やめる", "Cancel")) }
                    }
                }))
            }
        }
    }
}

/// The form that takes a file in.
pub(super) fn file_form(
    chrome: &Chrome<'_>,
    action: &str,
    (label, accept): (&str, &str),
    acts: &Markup,
) -> Markup {
    html! {
        form.form method="post" action=(action) enctype="multipart/form-data" {
            (chrome.token())
            div.field {
                label for="file" { (label) }
                input #file type="file" name="file" required accept=(accept);
            }
            div.acts { (acts) }
        }
    }
}
