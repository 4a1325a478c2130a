//! Policies and the employee handbook out of answers.

use std::fmt::Write as _;

use anshin_checklist::policy::{COMPANY_FACTS, Document, Filled};
use anshin_model::Text;
use maud::{Markup, html};

use super::RoundLine;
use crate::chrome::{Chrome, Page, Power, Room, encode};
use crate::desk::Desk;

/// A document that is made of answers.
#[derive(Debug, Clone)]
pub struct PolicyLine {
    /// Its identifier.
    pub id: String,
    /// Its title with the words of the company in it.
    pub title: String,
    /// What it is for.
    pub about: Text,
    /// Whether anything in it applies.
    pub applies: bool,
    /// How many of its pieces differ from the last issue; none if it was never issued.
    pub changes: Option<usize>,
    /// What was issued: number, when and by whom, the newest first.
    pub issues: Vec<(u64, String)>,
}

/// The words that a company fills in, each once however many documents have them.
pub fn policy_words(desk: &Desk) -> Vec<&Filled> {
    let mut all: Vec<&Filled> = Vec::new();
    for choice in desk.policies.iter().flat_map(|texts| &texts.choices) {
        if !all.iter().any(|own| own.id == choice.id) {
            all.push(choice);
        }
    }
    all
}

/// What a document is called.
pub fn policy_title(document: &Document) -> String {
    document.blocks.first().map(|block| block.text.clone()).unwrap_or_default()
}

/// The documents with the answers and words that they are made of. `chosen` are the fields of the form:
/// words by their names, and rounds as `from`.
pub fn policies(
    chrome: &Chrome<'_>,
    desk: &Desk,
    (rounds, chosen): (&[RoundLine], &[(String, String)]),
    documents: &[PolicyLine],
) -> String {
    let lang = chrome.lang;
    let word = |name: &str| chosen.iter().find(|(key, _)| key == name).map_or("", |(_, word)| word.as_str());
    let is_from = |id: &str| chosen.iter().any(|(key, word)| key == "from" && word == id);
    let query = query(chosen);
    let left = documents.iter().filter(|one| !one.applies).count();
    let narrowed = rounds.iter().any(|line| line.list == COMPANY_FACTS && is_from(&line.id));
    let body = html! {
        div.title {
            h1 { (chrome.say("規程とハンドブック", "Policies and handbook")) }
            p.lead { (chrome.say(
                "回答に合わせて文書を作ります。印刷して掲示するか、Wordで直して使ってください。",
                "Documents are made of your answers. Print and post them, or go on in Word.")) }
        }
        section.card.large {
            form.form method="get" action="/policies" {
                h2 { (chrome.say("文書に入れる言葉", "Words to fill in")) }
                div.choices.pairs { @for own in policy_words(desk) { div.field {
                    label for={ "word-" (own.id) } { (own.ask.get(lang)) }
                    input id={ "word-" (own.id) } name=(own.id) maxlength="200" value=(word(own.id.as_str())) placeholder=(own.default.get(lang));
                } } }
                @if !narrowed {
                    p.soft { a href="/checklists/company-facts" { (chrome.say("会社の状況", "The facts about the company")) } (chrome.say("にも答えると、自社に当てはまる文書だけに絞れます。", " tell which documents apply to you: answer them, and only those are made.")) }
                }
                @if !rounds.is_empty() { fieldset.field {
                    legend { (chrome.say("使う回答", "Answers to use")) }
                    div.choices { @for line in rounds { label.choice {
                        input type="checkbox" name="from" value=(line.id) checked[is_from(&line.id)];
                        span { (line.title.get(lang)) " " (line.subject.get(lang)) br; span.help { (line.saved) } }
                    } } }
                } }
                label.choice { input type="checkbox" name="marks" value="yes" checked[word("marks") == "yes"];
                    span { (chrome.say("前回の制定・改定から変わった所に印を付ける", "Mark what differs from the last issue")) } }
                input type="hidden" name="made" value="yes";
                div.acts { button.main { (chrome.say("文書に反映する", "Put them into the documents")) } }
            }
        }
        section.sheet aria-labelledby="documents" {
            h2 #documents { (chrome.say("文書", "Documents")) }
            div.cards { @for one in documents.iter().filter(|one| one.applies) {
                div.card {
                    h3 { (one.title) }
                    p.soft.small { (one.about.get(lang)) }
                    div.marks { @match one.changes {
                        None => span.mark { (chrome.say("未制定", "not issued yet")) },
                        Some(0) => span.mark.good { (chrome.say("前回の版と同じ", "as last issued")) },
                        Some(n) => span.mark.serious { (chrome.say("前回の版から変更 ", "changes since the last issue: ")) (n) },
                    } }
                    div.acts {
                        a.button href={ "/policies/" (one.id) ".html" (query) } { (chrome.say("開く", "Open")) }
                        a.button href={ "/policies/" (one.id) ".docx" (query) } { "Word" }
                        a.button href={ "/policies/" (one.id) ".md" (query) } { "Markdown" }
                    }
                    @if !one.issues.is_empty() { details {
                        summary.small { (chrome.say("これまでの版", "Issues so far")) " (" (one.issues.len()) ")" }
                        ul.small { @for (number, words) in &one.issues {
                            li { a href={ "/policies/" (one.id) ".html?issue=" (number) } { (words) } }
                        } }
                    } }
                    @if chrome.may(Power::Approve) && one.changes != Some(0) {
                        (issue(chrome, chosen, &one.id, chrome.say("この文書を制定・改定する", "Issue this document")))
                    }
                }
            } }
            @if chrome.may(Power::Approve) && documents.iter().any(|one| one.applies && one.changes != Some(0)) {
                div.card {
                    p { (chrome.say(
                        "制定・改定すると、その時点の文書が残り、次からは変わった所に印が付きます。",
                        "Issuing keeps the documents as they are now; from then on, what differs from them is marked.")) }
                    (issue(chrome, chosen, "", chrome.say("変わった文書をすべて制定・改定する", "Issue all that have changed")))
                }
            }
            @if left > 0 { p.soft { (left) (chrome.say("件の文書は、当てはまる項目がないため作りません。", " documents are left out, since nothing in them applies.")) } }
        }
    };
    chrome.page(&Page::new(chrome.say("規程とハンドブック", "Policies and handbook"), Room::Checklists, body))
}

/// The form that issues a document, or all of them; it carries what they are made of.
fn issue(chrome: &Chrome<'_>, chosen: &[(String, String)], document: &str, name: &str) -> Markup {
    chrome.form(
        "/policies/issue",
        "acts",
        &html! {
            input type="hidden" name="document" value=(document);
            @for (key, word) in chosen.iter().filter(|(key, word)| key != "csrf" && !word.is_empty()) {
                input type="hidden" name=(key) value=(word);
            }
            button { (name) }
        },
    )
}

/// The fields of the form as the query of an address.
fn query(chosen: &[(String, String)]) -> String {
    let mut out = String::new();
    for (key, word) in chosen.iter().filter(|(_, word)| !word.is_empty()) {
        let mark = if out.is_empty() { '?' } else { '&' };
        let _ = write!(out, "{mark}{}={}", encode(key), encode(word));
    }
    out
}
