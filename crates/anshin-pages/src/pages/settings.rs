//! Settings of an organization: whose reports it hands out, and programs that are told what happens.

use maud::{Markup, html};

use super::organization::organization_head;
use super::welcome::trouble;
use crate::chrome::{Chrome, Heads, Page, Room};

/// What an organization's reports carry, as a form holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrandingForm {
    /// Who hands reports over.
    pub organization: String,
    /// Colour of titles and headers of tables.
    pub main: String,
    /// Colour of lines.
    pub accent: String,
    /// A line at the foot of every page.
    pub footer: String,
    /// Number of the document.
    pub number: String,
    /// Who writes reports.
    pub author: String,
    /// Who approves them.
    pub approver: String,
}

impl BrandingForm {
    /// The form as the text of a branding file, with the name of its logo.
    pub fn text(&self, logo: &str) -> String {
        let mut out = String::from("anshin-branding: 1\n");
        let mut line = |key: &str, value: &str| {
            let value = crate::change::one_line(value);
            if !value.is_empty() {
                // A JSON string is a YAML one.
                out.push_str(key);
                out.push_str(": ");
                out.push_str(&serde_json::Value::from(value).to_string());
                out.push('\n');
            }
        };
        line("organization", &self.organization);
        line("logo", logo);
        line("footer", &self.footer);
        line("document-number", &self.number);
        line("author", &self.author);
        line("approver", &self.approver);
        let colors = [("main", &self.main), ("accent", &self.accent)];
        let colors: Vec<String> = colors
            .iter()
            .filter(|(_, color)| !color.trim().is_empty())
            .map(|(key, color)| format!("{key}: {}", serde_json::Value::from(color.trim())))
            .collect();
        if !colors.is_empty() {
            out.push_str("colors: { ");
            out.push_str(&colors.join(", "));
            out.push_str(" }\n");
        }
        out
    }
}

/// What the reports of the organization carry.
pub fn branding(chrome: &Chrome<'_>, form: &BrandingForm, logo: bool, problem: Option<&str>) -> String {
    let field = |id: &str, ja: &'static str, en: &'static str, value: &str| {
        html! {
            div.field { label for=(id) { (chrome.say(ja, en)) } input id=(id) name=(id) value=(value) maxlength="300"; }
        }
    };
    let color = |id: &str, ja: &'static str, en: &'static str, value: &str| {
        html! {
            div.field { label for={ "color-" (id) } { (chrome.say(ja, en)) } input id={ "color-" (id) } name=(id) value=(value) maxlength="7" pattern="#[0-9A-Fa-f]{6}" placeholder="#1f3a5f"; }
        }
    };
    let body = html! {
        (organization_head(chrome, "/organization/branding"))
        (trouble(problem))
        section.card.large {
            h2 { (chrome.say("報告書の体裁", "How reports look")) }
            p.soft { (chrome.say(
                "報告書、依頼書、Excelのブックに載ります。色は、白い紙の上で読める濃さのものを選んでください。",
                "Reports, request sheets and workbooks carry it. Choose colours that can be read on white paper.")) }
            form.form method="post" action="/organization/branding" enctype="multipart/form-data" {
                (chrome.token())
                (field("organization", "発行する組織", "Issued by", &form.organization))
                div.field {
                    label for="logo" { (chrome.say("ロゴ（PNG、JPEG、SVG。2 MiBまで）", "Logo (PNG, JPEG or SVG, at most 2 MiB)")) }
                    @if logo {
                        img.logo src="/organization/logo" alt=(chrome.say("いまのロゴ", "The logo now"));
                        label.choice { input type="checkbox" name="without-logo" value="1"; span { (chrome.say("ロゴを外す", "Take the logo away")) } }
                    }
                    input #logo type="file" name="logo" accept=".png,.jpg,.jpeg,.svg";
                }
                div.form.row {
                    (color("main", "見出しと表の色", "Titles and headers", &form.main))
                    (color("accent", "線の色", "Lines", &form.accent))
                }
                (field("footer", "各ページの下に入れる文", "Line at the foot of every page", &form.footer))
                (field("number", "文書番号", "Document number", &form.number))
                (field("author", "作成者", "Author", &form.author))
                (field("approver", "承認者", "Approved by", &form.approver))
                div.acts { button.main { (chrome.say("保存", "Save")) } }
            }
        }
    };
    chrome.page(&Page::new(chrome.say("報告書の体裁", "How reports look"), Room::Organization, body).narrow())
}

/// A program that is told what happens.
#[derive(Debug, Clone)]
pub struct HookRow {
    /// What ends it.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// When it was set up, and by whom.
    pub made: String,
    /// What became of the last attempt; empty if there was none.
    pub outcome: String,
    /// How much is still to be told.
    pub waiting: u64,
}

/// The programs that are told what happens; `fresh` is the secret of one just made.
pub fn webhooks(
    chrome: &Chrome<'_>,
    hooks: &[HookRow],
    events: &[&str],
    fresh: Option<&str>,
    problem: Option<&str>,
) -> String {
    let body = html! {
        (organization_head(chrome, "/organization/webhooks"))
        (trouble(problem))
        section.card.large {
            h2 { (chrome.say("ほかのプログラムへの通知", "Webhooks")) }
            p { (chrome.say(
                "保存、承認、コメント、回答などがあったとき、決めたアドレスにJSONを送ります。届かないときは、間隔を空けて7回まで送り直します。",
                "When something is saved, approved, commented on or answered, JSON is posted to the address. What does not arrive is sent again, up to seven times.")) }
            @if let Some(secret) = fresh {
                div.notice.good role="status" {
                    label for="fresh" { (chrome.say("署名を確かめるための鍵です。表示は今だけです。", "The key to check signatures with. It is shown only now.")) }
                    input #fresh readonly value=(secret);
                }
            }
            (chrome.form("/organization/webhooks", "form row", &html! {
                div.field { label for="url" { (chrome.say("アドレス", "Address")) } input #url name="url" type="url" required maxlength="200" placeholder="https://example.com/anshin"; }
                button.main { (chrome.say("加える", "Add")) }
            }))
            @if hooks.is_empty() { p.soft { (chrome.say("まだありません。", "There are none yet.")) } } @else {
                @let heads = Heads::new(chrome, &[("roomy", "アドレス", "Address"), ("", "登録", "Added"), ("roomy", "最後の結果", "Last result"), ("", "操作", "Do")]);
                div.scroll tabindex="0" { table.tall.stack {
                    (heads.row())
                    tbody { @for hook in hooks { tr {
                        th scope="row" { (hook.url) }
                        td data-label=(heads.of(1)) { (hook.made) }
                        td data-label=(heads.of(2)) { (outcome(chrome, hook)) }
                        td { (chrome.form(&format!("/organization/webhooks/{}/end", hook.id), "", &html! { button.tiny { (chrome.say("終わらせる", "End it")) } })) }
                    } } }
                } }
            }
            details { summary { (chrome.say("送られるもの", "What is sent")) }
                p { code { "{ id, event, at, by, subject, detail }" } }
                p { (chrome.say("できごと: ", "Events: ")) @for event in events { code { (event) } " " } }
                p { (chrome.say(
                    "ヘッダー「anshin-signature」は t=秒,v1=署名 の形です。署名は「秒.本文」のHMAC-SHA-256を16進で表したものです。",
                    "The header “anshin-signature” is t=SECOND,v1=SIGNATURE: HMAC-SHA-256, in hexadecimal, of SECOND, a dot and the body.")) }
            }
        }
    };
    chrome.page(&Page::new(chrome.say("ほかのプログラムへの通知", "Webhooks"), Room::Organization, body))
}

fn outcome(chrome: &Chrome<'_>, hook: &HookRow) -> Markup {
    html! {
        @match hook.outcome.as_str() {
            "" => span.mark { (chrome.say("まだ送っていない", "nothing sent yet")) },
            "delivered" => span.mark.good { (chrome.say("届いた", "delivered")) },
            problem => { span.mark.serious { (chrome.say("届いていない", "not delivered")) } p.small { (problem) } },
        }
        @if hook.waiting > 0 { p.small.soft { (chrome.say("送信待ち ", "waiting: ")) (hook.waiting) } }
    }
}
