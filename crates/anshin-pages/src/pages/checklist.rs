//! Checklists in the browser: questions, and where the answers leave one.

use anshin_checklist::{Checklist, Given, Kind, OUT_OF_SCOPE, OutOfScope, Round, standing};
use anshin_model::Id;
use maud::{Markup, PreEscaped, html};

use super::sheet::why;
use crate::chrome::{Chrome, Page, Room};
use crate::desk::Desk;

/// All checklists, the five-minute diagnosis first.
pub fn checklists(chrome: &Chrome<'_>, desk: &Desk) -> String {
    let lang = chrome.lang;
    let mut all: Vec<&Checklist> = desk.checklists.iter().collect();
    all.sort_by_key(|list| list.id != *"five-minute");
    let body = html! {
        div.title {
            h1 { (chrome.say("自己診断", "Checklists")) }
            p.lead { (chrome.say("答えると、点数と、まず行うことが分かります。", "Answer, and see your score and what to do first.")) }
        }
        @for (n, list) in all.iter().enumerate() {
            @if n == 0 {
                section.card.large {
                    h2 { (list.title.get(lang)) }
                    p { (list.about.get(lang)) }
                    (facts(chrome, list))
                    div.acts { a.button.main href={ "/checklists/" (list.id) } { (chrome.say("診断を始める", "Start the diagnosis")) } }
                }
            }
        }
        div.cards { @for list in all.iter().skip(1) {
            a.card href={ "/checklists/" (list.id) } {
                h2 { (list.title.get(lang)) }
                (facts(chrome, list))
                p.soft.small { (list.about.get(lang)) }
            }
        } }
    };
    chrome.page(&Page::new(chrome.say("自己診断", "Checklists"), Room::Checklists, body))
}

fn facts(chrome: &Chrome<'_>, list: &Checklist) -> Markup {
    html! {
        div.marks {
            span.mark { (list.items().count()) (chrome.say("問", " questions")) }
            @if let Some(minutes) = list.minutes { span.mark { (chrome.say("約", "about ")) (minutes) (chrome.say("分", " min")) } }
        }
    }
}

/// The questions of a checklist with the answers given so far; nothing if there is no such checklist.
pub fn checklist_page(
    chrome: &Chrome<'_>,
    desk: &Desk,
    id: &str,
    pairs: &[(String, String)],
) -> Option<String> {
    let list = desk.checklists.get(id)?;
    let round = round(list, pairs);
    let body = html! {
        div.title {
            div {
                p.crumbs { a href="/checklists" { (chrome.say("自己診断", "Checklists")) } }
                h1 { (list.title.get(chrome.lang)) }
            }
            p.lead { (list.about.get(chrome.lang)) }
        }
        (chrome.form(&format!("/checklists/{id}"), "sheet", &html! {
            @for section in &list.sections {
                @if !section.items.is_empty() {
                    section.sheet aria-labelledby={ "s-" (section.id) } {
                        h2 id={ "s-" (section.id) } {
                            @if let Some(number) = &section.number { (number) " " }
                            (section.title.get(chrome.lang))
                        }
                        @if let Some(about) = &section.about { p.soft { (about.get(chrome.lang)) } }
                        @for item in &section.items { (question(chrome, list, item, round.answer(item.id.as_str()))) }
                    }
                }
            }
            div.acts { button.main { (chrome.say("結果を見る", "Show the result")) } }
            p.small.soft { (chrome.say("答えはサーバーに残りません。結果の画面で、続きから使えるファイルとして保存できます。", "Answers are not kept on the server; the result page lets you save them as a file to go on with.")) }
        }))
    };
    Some(chrome.page(&Page::new(list.title.get(chrome.lang), Room::Checklists, body).narrow()))
}

fn question(
    chrome: &Chrome<'_>,
    list: &Checklist,
    item: &anshin_checklist::Item,
    given: Option<&Given>,
) -> Markup {
    let lang = chrome.lang;
    let scale = list.scale(item);
    let has = |word: &str| given.is_some_and(|given| given.value.iter().any(|own| own == word));
    let out = given.is_some_and(|given| given.out_of_scope);
    let name = format!("a.{}", item.id);
    html! {
        fieldset.card {
            legend.unseen { (item.text.get(lang)) }
            p { strong aria-hidden="true" { @if let Some(number) = &item.number { (number) ". " } (item.text.get(lang)) } }
            @if let Some(help) = &item.help { p.help { (help.get(lang)) } }
            @match scale.kind {
                Kind::One | Kind::Many => div.choices.pairs {
                    @for option in &scale.options {
                        label.choice {
                            @if scale.kind == Kind::One { input type="radio" name=(name) value=(option.id) checked[has(option.id.as_str())]; }
                            @else { input type="checkbox" name=(name) value=(option.id) checked[has(option.id.as_str())]; }
                            span { (option.name.get(lang)) @if let Some(about) = &option.about { br; span.help { (about.get(lang)) } } }
                        }
                    }
                    @if scale.kind == Kind::One && scale.out_of_scope != OutOfScope::Forbidden {
                        label.choice { input type="radio" name=(name) value=(OUT_OF_SCOPE) checked[out]; span { (chrome.say("該当しない", "Does not apply")) } }
                    }
                },
                Kind::Number => input type="number" step="any" name=(name) aria-label=(item.text.get(lang)) value=(given.and_then(|g| g.value.first()).map_or("", String::as_str));,
                Kind::Date => input type="date" name=(name) aria-label=(item.text.get(lang)) value=(given.and_then(|g| g.value.first()).map_or("", String::as_str));,
                Kind::Text => textarea name=(name) rows="2" maxlength="2000" aria-label=(item.text.get(lang)) { (given.and_then(|g| g.value.first()).map_or("", String::as_str)) },
            }
            @if let Some(example) = &item.example { (why(std::slice::from_ref(example), lang)) }
        }
    }
}

/// A round of answers out of the fields of a form; words that no question knows are left out.
fn round(list: &Checklist, pairs: &[(String, String)]) -> Round {
    let mut round = Round::empty(list);
    for (_, item) in list.items() {
        let name = format!("a.{}", item.id);
        let words = pairs.iter().filter(|(key, word)| *key == name && !word.trim().is_empty());
        let mut given = Given::new(Id::from(item.id.as_str()));
        for (_, word) in words {
            if word == OUT_OF_SCOPE {
                given.out_of_scope = list.scale(item).out_of_scope != OutOfScope::Forbidden;
            } else if anshin_checklist::fits(list, item, word).is_ok() {
                given.value.push(word.clone());
            }
        }
        if given.is_answered() {
            round.given.insert(given.id.clone(), given);
        }
    }
    round
}

/// Where the answers leave one: score, sections, what to do first; nothing if there is no such list.
pub fn checklist_result(
    chrome: &Chrome<'_>,
    desk: &Desk,
    id: &str,
    pairs: &[(String, String)],
    today: &str,
) -> Option<String> {
    const FIRST: usize = 10;
    let lang = chrome.lang;
    let list = desk.checklists.get(id)?;
    let mut round = round(list, pairs);
    round.answers.date = Some(today.to_owned());
    let result = standing(&round, desk.catalog);
    let radar = anshin_report::standing_radar(&round, &[], desk.catalog, lang);
    let given: Vec<Given> = round.given.values().cloned().collect();
    let file = anshin_checklist::new_file(list, &round.answers, &given, lang);
    let body = html! {
        div.title {
            div { p.crumbs { a href="/checklists" { (chrome.say("自己診断", "Checklists")) } } h1 { (list.title.get(lang)) } }
        }
        div.card { div.figures {
            @for outcome in result.scores.iter().filter(|outcome| outcome.items > 0) {
                div.figure {
                    b { (anshin_report::number(outcome.value)) span { " / " (anshin_report::number(outcome.most)) } }
                    span { (outcome.score.name.get(lang)) }
                    @if let Some(band) = outcome.band { span { strong { (band.name.get(lang)) } @if let Some(about) = &band.about { " — " (about.get(lang)) } } }
                }
            }
            div.figure { b { (result.progress.answered) span { " / " (result.progress.asked) } } span { (chrome.say("回答", "answered")) } }
        } }
        div.halves {
            section.card.large {
                h2 { (chrome.say("まず行うこと", "What to do first")) }
                @if result.steps.is_empty() { p { (chrome.say("すぐに行うべきことはありません。", "There is nothing urgent to do.")) } }
                ol { @for step in result.steps.iter().take(FIRST) {
                    li {
                        p { strong { (step.item.short().get(lang)) } " " span.mark { (chrome.say("手間 ", "effort: ")) (anshin_report::effort(step.effort).get(lang)) } }
                        p.soft { (step.advice.get(lang)) }
                    }
                } }
            }
            div.sheet {
                @if let Some(radar) = &radar { div.picture { (chrome.picture(&radar.svg)) } }
                @if result.parts.len() > 1 { section.card {
                    h2 { (chrome.say("分野ごと", "By section")) }
                    table { tbody { @for part in &result.parts { tr {
                        th scope="row" { (part.section.title.get(lang)) }
                        td { progress value=(part.points.max(0.0)) max=(part.most) aria-label=(part.section.title.get(lang)) {} }
                        td.number { (anshin_report::number(part.points)) " / " (anshin_report::number(part.most)) }
                    } } } }
                } }
            }
        }
        section.card {
            h2 { (chrome.say("続きに使う", "Go on")) }
            (chrome.form(&format!("/checklists/{id}/answers"), "acts", &html! {
                @for (key, word) in pairs.iter().filter(|(key, _)| key.starts_with("a.")) { input type="hidden" name=(key) value=(word); }
                button name="act" value="file" { (chrome.say("回答をファイルに保存（YAML）", "Save the answers as a file (YAML)")) }
                button.bare name="act" value="again" { (chrome.say("答えを直す", "Change answers")) }
            }))
            details { summary { (chrome.say("ファイルの中身", "What is in the file")) } pre tabindex="0" { (PreEscaped(maud::Render::render(&file).into_string())) } }
        }
    };
    Some(chrome.page(&Page::new(list.title.get(lang), Room::Checklists, body)))
}

/// The answers of a form as an answers file; nothing if there is no such list.
pub fn answers_file(
    chrome: &Chrome<'_>,
    desk: &Desk,
    id: &str,
    pairs: &[(String, String)],
    today: &str,
) -> Option<String> {
    let list = desk.checklists.get(id)?;
    let mut round = round(list, pairs);
    round.answers.date = Some(today.to_owned());
    let given: Vec<Given> = round.given.values().cloned().collect();
    Some(anshin_checklist::new_file(list, &round.answers, &given, chrome.lang))
}
