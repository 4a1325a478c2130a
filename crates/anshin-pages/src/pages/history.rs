//! Every saved revision, what changed between two, restoring and approving.

use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Heads, Page, Power, Room};

/// A saved revision.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its number.
    pub number: u64,
    /// Who saved it.
    pub author: String,
    /// When, in words.
    pub at: String,
    /// Why.
    pub why: String,
    /// Hash of its content.
    pub hash: String,
    /// Whether it brings two changes together.
    pub merged: bool,
}

/// An approval of a revision.
#[derive(Debug, Clone)]
pub struct Approval {
    /// What withdraws it.
    pub id: String,
    /// The revision.
    pub revision: u64,
    /// Who.
    pub author: String,
    /// When.
    pub at: String,
    /// A remark.
    pub note: String,
    /// When it was withdrawn.
    pub withdrawn: Option<String>,
}

/// The history of a system.
pub fn history(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    revisions: &[Revision],
    approvals: &[Approval],
    older: Option<u64>,
) -> String {
    let newest = shown.revision;
    let body = html! {
        (shown.head(chrome, None, "/history"))
        (approve(chrome, shown, approvals))
        section.card {
            h2 { (chrome.say("版の履歴", "Revisions")) }
            @if revisions.len() > 1 {
                form.form.row method="get" action={ (shown.base) "/difference" } {
                    @for (name, ja, en, chosen) in [("from", "以前の版", "From", revisions[1].number), ("to", "新しい版", "To", newest)] {
                        div.field {
                            label for=(name) { (chrome.say(ja, en)) }
                            select id=(name) name=(name) { @for one in revisions { option value=(one.number) selected[one.number == chosen] { (one.number) " — " (one.at) } } }
                        }
                    }
                    button { (chrome.say("違いを見る", "Show what changed")) }
                }
            }
            @let heads = Heads::new(chrome, &[("", "版", "No."), ("", "保存", "Saved"), ("roomy", "理由", "Why"), ("", "内容のハッシュ", "Hash of the content"), ("", "操作", "Do")]);
            div.scroll tabindex="0" { table.tall.stack {
                (heads.row())
                tbody { @for one in revisions { tr {
                    th scope="row" data-label=(heads.of(0)) { (one.number) }
                    td.nowrap data-label=(heads.of(1)) { p { (one.at) } p.soft { (one.author) } }
                    td data-label=[(!one.why.is_empty()).then(|| heads.of(2))] { (one.why) @if one.merged { " " span.mark { (chrome.say("統合", "merged")) } } }
                    td data-label=(heads.of(3)) { code title=(one.hash) { (one.hash.chars().take(12).collect::<String>()) } }
                    td { div.acts {
                        a.button.tiny href={ (shown.base) "/revisions/" (one.number) ".yaml" } { (chrome.say("文書", "Text")) }
                        @if one.number > 1 { a.button.tiny href={ (shown.base) "/difference?from=" (one.number - 1) "&to=" (one.number) } { (chrome.say("違い", "Changes")) } }
                        @if one.number != newest && chrome.may(Power::Edit) {
                            (chrome.form(&format!("{}/restore", shown.base), "", &html! {
                                (shown.parent())
                                input type="hidden" name="number" value=(one.number);
                                button.tiny { (chrome.say("この版に戻す", "Restore")) }
                            }))
                        }
                    } }
                } } }
            } }
            @if let Some(older) = older {
                p { a href={ (shown.base) "/history?before=" (older) } { (chrome.say("もっと前の版 →", "Older revisions →")) } }
            }
            p.small.soft { (chrome.say("戻すと、その内容の新しい版ができます。保存した版が消えることはありません。", "Restoring makes a new revision with that content; no saved revision is ever lost.")) }
        }
        @if !shown.archived { (shown.aside(chrome)) }
    };
    let title = format!("{} · {}", chrome.say("履歴", "History"), shown.name.get(chrome.lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn approve(chrome: &Chrome<'_>, shown: &Shown<'_>, approvals: &[Approval]) -> Markup {
    html! {
        section.card.large aria-labelledby="approval" {
            h2 #approval { (chrome.say("承認", "Approval")) }
            @if shown.approved {
                div.notice.good { p { (chrome.say("いまの版は承認されています。", "The newest revision is approved.")) } }
            } @else {
                p { (chrome.say(
                    "承認すると、いまの版の内容がハッシュとともに固定されます。あとで変更すると、新しい版は改めて承認が要ります。",
                    "Approving freezes the newest revision with its hash. A later change makes a new revision, which needs an approval of its own.")) }
                @if chrome.may(Power::Approve) {
                    (chrome.form(&format!("{}/approve", shown.base), "form", &html! {
                        input type="hidden" name="number" value=(shown.revision);
                        div.field { label for="note" { (chrome.say("所見（任意）", "Remark (optional)")) } textarea #note name="note" rows="2" maxlength="2000" {} }
                        div.acts { button.main { (chrome.say("第", "Approve revision ")) (shown.revision) (chrome.say("版を承認する", "")) } }
                    }))
                } @else {
                    p.soft { (chrome.say("承認者の権限を持つ人が承認できます。", "People with the right to approve can do so.")) }
                }
            }
            @if !approvals.is_empty() {
                @let heads = Heads::new(chrome, &[("", "版", "No."), ("", "承認者", "Approved by"), ("", "日時", "When"), ("roomy", "所見", "Remark"), ("", "報告書", "Report"), ("", "状態", "State")]);
                div.scroll tabindex="0" { table.stack {
                    (heads.row())
                    tbody { @for one in approvals { tr {
                        th scope="row" data-label=(heads.of(0)) { (one.revision) }
                        td data-label=(heads.of(1)) { (one.author) }
                        td data-label=(heads.of(2)) { (one.at) }
                        td data-label=[(!one.note.is_empty()).then(|| heads.of(3))] { (one.note) }
                        td data-label=(heads.of(4)) { div.acts { @for (extension, name) in [("html", "HTML"), ("xlsx", "Excel"), ("pdf", "PDF")] {
                            a.button.tiny href={ (shown.base) "/report." (extension) "?revision=" (one.revision) } { (name) }
                        } } }
                        td data-label=(heads.of(5)) {
                            @if let Some(when) = &one.withdrawn { (chrome.say("取り下げ ", "withdrawn ")) (when) }
                            @else if chrome.may(Power::Approve) {
                                (chrome.form(&format!("{}/withdraw", shown.base), "", &html! {
                                    input type="hidden" name="approval" value=(one.id);
                                    button.tiny { (chrome.say("取り下げる", "Withdraw")) }
                                }))
                            } @else { span.mark.good { (chrome.say("有効", "valid")) } }
                        }
                    } } }
                } }
            }
        }
    }
}
