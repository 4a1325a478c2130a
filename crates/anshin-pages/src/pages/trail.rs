//! The audit trail.

use anshin_model::Text;
use maud::html;

use super::organization::organization_head;
use crate::chrome::{Chrome, Heads, Page, Room};

/// A line of the audit trail.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its number.
    pub number: u64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What was done, in words.
    pub name: Text,
    /// The same as the trail names it.
    pub action: String,
    /// To what: its name, if it has one that is known.
    pub subject: Option<String>,
    /// The same as the trail names it.
    pub id: String,
    /// More about it, in words.
    pub details: Vec<Detail>,
    /// The same as the trail has it.
    pub detail: String,
    /// Its hash, which covers the one before.
    pub hash: String,
}

/// One thing more about an entry.
#[derive(Debug, Clone)]
pub struct Detail {
    /// What it is.
    pub name: Text,
    /// What the trail says.
    pub value: String,
    /// Whether that is a hash, of which the beginning is enough to be read.
    pub hash: bool,
}

/// The audit trail, newest first.
pub fn audit(chrome: &Chrome<'_>, entries: &[Entry], older: Option<u64>) -> String {
    let hash = |whole: &str| html! { code title=(whole) { (whole.chars().take(12).collect::<String>()) } };
    let body = html! {
        (organization_head(chrome, "/audit"))
        p.soft { (chrome.say(
            "各行のハッシュは、その前の行のハッシュを含みます。サーバーで ", "The hash of each line covers the one before. On the server, ")) code { "anshin audit verify" } (chrome.say(" を実行すると、鎖全体を確かめられます。", " checks the whole chain.")) }
        @let heads = Heads::new(chrome, &[("", "番号", "No."), ("", "日時", "When"), ("", "誰が", "Who"), ("", "操作", "What"), ("", "対象", "To what"), ("roomy", "詳細", "Details"), ("", "ハッシュ", "Hash")]);
        div.scroll tabindex="0" { table.stack {
            (heads.row())
            tbody { @for entry in entries { tr {
                th scope="row" data-label=(heads.of(0)) { (entry.number) }
                td.nowrap data-label=(heads.of(1)) { (entry.at) }
                td data-label=(heads.of(2)) { (entry.actor) }
                td data-label=(heads.of(3)) { p { (entry.name.get(chrome.lang)) } p.small.soft { (entry.action) } }
                td data-label=(heads.of(4)) {
                    @match &entry.subject {
                        Some(name) => span title=(entry.id) { (name) },
                        None => code.soft { (entry.id) },
                    }
                }
                td data-label=[(!entry.details.is_empty()).then(|| heads.of(5))] title=(entry.detail) {
                    @for one in &entry.details { p {
                        span.soft { (one.name.get(chrome.lang)) ": " }
                        @if one.hash { (hash(&one.value)) } @else { (one.value) }
                    } }
                }
                td data-label=(heads.of(6)) { (hash(&entry.hash)) }
            } } }
        } }
        @if let Some(older) = older { p { a href={ "/audit?before=" (older) } { (chrome.say("もっと前 →", "Older →")) } } }
    };
    chrome.page(&Page::new(chrome.say("監査証跡", "Audit trail"), Room::Organization, body))
}
