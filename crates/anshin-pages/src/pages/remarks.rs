//! Remarks about a system and its proposals, and the files that show something.

use anshin_model::Text;
use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Heads, Page, Power, Room, encode};

/// A remark.
#[derive(Debug, Clone)]
pub struct Remark {
    /// What settles it.
    pub id: String,
    /// What it is about, as addresses name it; empty for the system.
    pub about: String,
    /// Who wrote it.
    pub author: String,
    /// When, in words.
    pub at: String,
    /// What it says.
    pub body: String,
    /// When it was settled.
    pub settled: Option<String>,
}

/// A file that shows something.
#[derive(Debug, Clone)]
pub struct ProofFile {
    /// What names it in addresses.
    pub id: String,
    /// What it shows, as addresses name it; empty for the system.
    pub about: String,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Hash of its content.
    pub hash: String,
    /// Who put it there.
    pub author: String,
    /// When, in words.
    pub at: String,
}

/// Remarks and files; `about` narrows them to one proposal, `named` gives the names of what can be
/// spoken about.
pub fn remarks(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    (remarks, files): (&[Remark], &[ProofFile]),
    about: &str,
    named: &[(String, Text)],
) -> String {
    let lang = chrome.lang;
    let own = |subject: &str| about.is_empty() || subject == about;
    let remarks: Vec<&Remark> = remarks.iter().filter(|remark| own(&remark.about)).collect();
    let files: Vec<&ProofFile> = files.iter().filter(|file| own(&file.about)).collect();
    let (open, settled): (Vec<&Remark>, Vec<&Remark>) =
        remarks.into_iter().partition(|one| one.settled.is_none());
    let name = |subject: &str| -> String {
        if subject.is_empty() {
            return chrome.say("システム全体", "The whole system").to_owned();
        }
        named
            .iter()
            .find(|(own, _)| own == subject)
            .map_or_else(|| subject.to_owned(), |(_, name)| name.get(lang).to_owned())
    };
    let may = chrome.may(Power::Edit);
    let topic = |id: &str| {
        html! {
            div.field { label for=(id) { (chrome.say("何について", "About")) }
                select id=(id) name="subject" {
                    option value="" { (chrome.say("システム全体", "The whole system")) }
                    @for (subject, name) in named { option value=(subject) selected[subject == about] { (name.get(lang)) } }
                }
            }
        }
    };
    let body = html! {
        (shown.head(chrome, None, "/remarks"))
        @if !about.is_empty() {
            p { span.mark.priority { (name(about)) } " " a href={ (shown.base) "/remarks" } { (chrome.say("すべて表示", "Show all")) } }
        }
        div.halves {
            section.card aria-labelledby="remarks" {
                h2 #remarks { (chrome.say("コメント", "Remarks")) }
                @if open.is_empty() { p.soft { (chrome.say("未解決のコメントはありません。", "No remark is open.")) } }
                @for one in &open { (remark(chrome, shown, one, &name(&one.about))) }
                @if !settled.is_empty() {
                    details { summary { (chrome.say("解決済み", "Settled")) " (" (settled.len()) ")" }
                        @for one in &settled { (remark(chrome, shown, one, &name(&one.about))) }
                    }
                }
                @if may {
                    hr;
                    (chrome.form(&format!("{}/remarks", shown.base), "form", &html! {
                        (topic("about"))
                        div.field { label for="body" { (chrome.say("コメント", "Remark")) } textarea #body name="body" rows="3" maxlength="20000" required {} }
                        div.acts { button.main { (chrome.say("書き込む", "Write it")) } }
                    }))
                }
            }
            section.card aria-labelledby="files" {
                h2 #files { (chrome.say("証跡のファイル", "Evidence")) }
                p.soft { (chrome.say(
                    "試験の報告書、写真、契約書など。内容のハッシュとともに保管し、預かったままの形で返します。",
                    "Test reports, photographs, contracts. Kept with the hash of their content, and given back as they came.")) }
                @if files.is_empty() { p.soft { (chrome.say("まだファイルはありません。", "There are no files yet.")) } } @else {
                    @let heads = Heads::new(chrome, &[("roomy", "ファイル", "File"), ("", "何について", "About"), ("", "登録", "Added")]);
                    div.scroll tabindex="0" { table.tall.stack {
                        (heads.row())
                        tbody { @for one in &files { tr {
                            th scope="row" {
                                p { a href={ (shown.base) "/files/" (one.id) } { (one.name) } }
                                p.small.soft { (size(one.size)) " · SHA-256 " code title=(one.hash) { (one.hash.chars().take(12).collect::<String>()) } }
                            }
                            td data-label=(heads.of(1)) { (name(&one.about)) }
                            td data-label=(heads.of(2)) { p { (one.at) } p.soft { (one.author) } }
                        } } }
                    } }
                }
                @if may {
                    hr;
                    form.form method="post" action={ (shown.base) "/files" } enctype="multipart/form-data" {
                        (chrome.token())
                        (topic("file-about"))
                        div.field {
                            label for="file" { (chrome.say("ファイル", "File")) }
                            span.help #file-about-kinds { (chrome.say("PDF、PNG、JPEG、テキスト、CSV、Excel、Word。20 MiBまで。", "PDF, PNG, JPEG, text, CSV, Excel or Word, at most 20 MiB.")) }
                            input #file type="file" name="file" required accept=".pdf,.png,.jpg,.jpeg,.txt,.md,.log,.yaml,.yml,.json,.csv,.xlsx,.docx" aria-describedby="file-about-kinds";
                        }
                        div.acts { button.main { (chrome.say("登録する", "Add the file")) } }
                    }
                }
            }
        }
    };
    let title =
        format!("{} · {}", chrome.say("コメントと証跡", "Remarks and evidence"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn remark(chrome: &Chrome<'_>, shown: &Shown<'_>, one: &Remark, about: &str) -> Markup {
    html! {
        article.remark {
            p.small.soft {
                strong { (one.author) } " · " (one.at) " · "
                @if one.about.is_empty() { (about) } @else { a href={ (shown.base) "/remarks?about=" (encode(&one.about)) } { (about) } }
            }
            @for line in one.body.lines() { p { (line) } }
            @if let Some(when) = &one.settled { p { span.mark.good { (chrome.say("解決 ", "settled ")) (when) } } }
            @else if chrome.may(Power::Edit) {
                (chrome.form(&format!("{}/remarks/{}/settle", shown.base, one.id), "", &html! { button.tiny { (chrome.say("解決済みにする", "Settle")) } }))
            }
        }
    }
}

/// A size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes.div_ceil(1_024)),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20),
    }
}
