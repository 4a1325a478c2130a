//! Policies and the employee handbook out of answers.

use std::fmt::Write as _;

use anshin_checklist::policy::{Document, Filled};
use anshin_model::Text;
use maud::html;

use super::RoundLine;
use crate::chrome::{Chrome, Page, Room, encode};
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
    let body = html! {
        div.title {
            h1 { (chrome.say("規程とハンドブック", "Policies and handbook")) }
            p.lead { (chrome.say(
                "回答に合わせて、自社に当てはまる文書だけを作ります。印刷して掲示するか、Wordで直して使ってください。",
                "Documents are made of your answers, only what applies to you. Print and post them, or go on in Word.")) }
        }
        section.card.large {
            form.form method="get" action="/policies" {
                h2 { (chrome.say("文書に入れる言葉", "Words to fill in")) }
                div.choices.pairs { @for own in policy_words(desk) { div.field {
                    label for={ "word-" (own.id) } { (own.ask.get(lang)) }
                    input id={ "word-" (own.id) } name=(own.id) maxlength="200" value=(word(own.id.as_str())) placeholder=(own.default.get(lang));
                } } }
                @if rounds.is_empty() {
                    p.soft { (chrome.say("先に", "First answer ")) a href="/checklists/company-facts" { (chrome.say("会社の状況", "the facts about the company")) } (chrome.say("に答えると、当てはまる規程だけに絞れます。", ", so that only the policies that apply are made.")) }
                } @else { fieldset.field {
                    legend { (chrome.say("使う回答", "Answers to use")) }
                    div.choices { @for line in rounds { label.choice {
                        input type="checkbox" name="from" value=(line.id) checked[is_from(&line.id)];
                        span { (line.title.get(lang)) " " (line.subject.get(lang)) br; span.help { (line.saved) } }
                    } } }
                } }
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
                    div.acts {
                        a.button href={ "/policies/" (one.id) ".html" (query) } { (chrome.say("開く", "Open")) }
                        a.button href={ "/policies/" (one.id) ".docx" (query) } { "Word" }
                        a.button href={ "/policies/" (one.id) ".md" (query) } { "Markdown" }
                    }
                }
            } }
            @if left > 0 { p.soft { (left) (chrome.say("件の文書は、当てはまる項目がないため作りません。", " documents are left out, since nothing in them applies.")) } }
        }
    };
    chrome.page(&Page::new(chrome.say("規程とハンドブック", "Policies and handbook"), Room::Checklists, body))
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
