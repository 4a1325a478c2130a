//! The sheet of one stakeholder behind a link, and the links that lead there.

use anshin_report::Request;
use maud::{Markup, html};

use super::sheet::sheet;
use crate::chrome::{Chrome, Heads, Page, Power, Room};

/// What a stakeholder may say to something asked of it: the word of forms, and its name.
pub const REPLIES: [(&str, &str, &str); 4] = [
    ("done", "実施済み", "done already"),
    ("will", "実施する", "will be done"),
    ("cannot", "実施できない", "cannot be done"),
    ("question", "確認したい", "there is a question first"),
];

/// Something that is asked of the stakeholder, and what it said.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The requirement.
    pub requirement: String,
    /// Its title.
    pub title: anshin_model::Text,
    /// The reply so far; empty if there is none.
    pub reply: String,
    /// Its remark.
    pub note: String,
}

/// A link to a sheet.
#[derive(Debug, Clone)]
pub struct GuestLink {
    /// What ends it.
    pub id: String,
    /// Whose sheet it opens, by id.
    pub stakeholder: String,
    /// Until when.
    pub expires: String,
    /// Whether it still opens.
    pub open: bool,
}

/// What a stakeholder answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The stakeholder, by id.
    pub stakeholder: String,
    /// What it is an answer to.
    pub title: anshin_model::Text,
    /// The word of the reply.
    pub reply: String,
    /// Its remark.
    pub note: String,
    /// When.
    pub at: String,
}

/// The page behind a link: one stakeholder's sheet and its answers, and nothing else.
pub fn guest(
    chrome: &Chrome<'_>,
    request: &Request,
    (action, organization, expires): (&str, &str, &str),
    asked: &[Asked],
) -> String {
    let lang = chrome.lang;
    let body = html! {
        div.title {
            div { p.soft { (organization) } h1 { (request.title.get(lang)) } }
            span.mark { (chrome.say("このリンクの期限: ", "This link ends: ")) (expires) }
        }
        @for line in &request.opening { p { (line.get(lang)) } }
        @if !asked.is_empty() {
            section.card.large {
                h2 { (chrome.say("回答", "Your answers")) }
                p.soft { (chrome.say(
                    "お願いする対策ごとに選んで送ってください。何度でも送り直せます。",
                    "Choose for each thing that is asked, then send. You can send again at any time.")) }
                (chrome.form(action, "sheet", &html! {
                    @for one in asked {
                        fieldset.form {
                            legend { h3 { (one.title.get(lang)) } }
                            div.choices.pairs {
                                @for (word, ja, en) in REPLIES {
                                    label.choice {
                                        input type="radio" name={ "reply." (one.requirement) } value=(word) checked[one.reply == word];
                                        span { (chrome.say(ja, en)) }
                                    }
                                }
                            }
                            div.field {
                                label for={ "note-" (one.requirement) } { (chrome.say("補足（期限、質問など）", "Remark (date, question)")) }
                                input id={ "note-" (one.requirement) } name={ "note." (one.requirement) } value=(one.note) maxlength="2000";
                            }
                        }
                        hr;
                    }
                    div.acts { button.main { (chrome.say("回答を送る", "Send the answers")) } }
                }))
            }
        }
        @for one in &request.sheets { (sheet(one, lang)) }
    };
    chrome.page(&Page::new(request.title.get(lang), Room::Outside, body))
}

/// The links of a system, and what was answered. `fresh` is the address of a link just made: it is
/// shown only now.
pub fn guest_links(
    chrome: &Chrome<'_>,
    base: &str,
    requests: &[Request],
    (links, answers): (&[GuestLink], &[Answered]),
    fresh: Option<&str>,
) -> Markup {
    let lang = chrome.lang;
    let name = |id: &str| {
        let found = requests.iter().find(|request| request.stakeholder == *id);
        found.map_or(id, |request| request.to.get(lang)).to_owned()
    };
    let said = |word: &str| {
        let found = REPLIES.iter().find(|(own, ..)| *own == word);
        found.map_or("", |(_, ja, en)| chrome.say(ja, en))
    };
    html! {
        section.card #links {
            h2 { (chrome.say("リンクで渡す", "Send as a link")) }
            p.soft { (chrome.say(
                "リンクは、その会社の依頼書だけを開きます。期限が来るか、終わらせると開けなくなります。",
                "A link opens only the sheet of that stakeholder, until it expires or you end it.")) }
            @if let Some(address) = fresh {
                div.notice.good role="status" {
                    label for="fresh" { (chrome.say("リンクを作りました。表示は今だけです。", "Here is the link. It is shown only now.")) }
                    input #fresh readonly value=(address);
                }
            }
            @if chrome.may(Power::Edit) && !requests.is_empty() {
                (chrome.form(&format!("{base}/links"), "form row", &html! {
                    div.field { label for="whom" { (chrome.say("渡す相手", "For whom")) } select #whom name="stakeholder" {
                        @for request in requests { option value=(request.stakeholder) { (request.to.get(lang)) } }
                    } }
                    div.field { label for="days" { (chrome.say("期限", "Ends after")) } select #days name="days" {
                        @for days in [7, 30, 90] { option value=(days) selected[days == 30] { (days) (chrome.say("日", " days")) } }
                    } }
                    button { (chrome.say("リンクを作る", "Make a link")) }
                }))
            }
            @if !links.is_empty() {
                div.scroll tabindex="0" { table { tbody { @for link in links { tr {
                    th scope="row" { (name(&link.stakeholder)) }
                    td { (chrome.say("期限 ", "ends ")) (link.expires) }
                    td { @if link.open { span.mark.good { (chrome.say("有効", "open")) } } @else { span.mark { (chrome.say("終了", "ended")) } } }
                    td { @if link.open && chrome.may(Power::Edit) {
                        (chrome.form(&format!("{base}/links/{}/end", link.id), "", &html! { button.tiny { (chrome.say("終わらせる", "End it")) } }))
                    } }
                } } } } }
            }
            @if !answers.is_empty() {
                h3 { (chrome.say("届いた回答", "Answers")) }
                @let heads = Heads::new(chrome, &[("", "誰から", "From"), ("roomy", "対策要件", "Requirement"), ("", "回答", "Answer"), ("roomy", "補足", "Remark"), ("", "日時", "When")]);
                div.scroll tabindex="0" { table.stack {
                    (heads.row())
                    tbody { @for answer in answers { tr {
                        th scope="row" { (name(&answer.stakeholder)) }
                        td data-label=(heads.of(1)) { (answer.title.get(lang)) }
                        td data-label=(heads.of(2)) { (said(&answer.reply)) }
                        td data-label=(heads.of(3)) { (answer.note) }
                        td data-label=(heads.of(4)) { (answer.at) }
                    } } }
                } }
            }
        }
    }
}
