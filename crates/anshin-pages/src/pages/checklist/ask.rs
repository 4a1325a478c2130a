//! Questions: one at a time, or all on one page.

use anshin_checklist::{
    Checklist, Given, Item, Kind, Means, OUT_OF_SCOPE, OutOfScope, Section, UNKNOWN, fill, score::worth,
};
use anshin_model::Id;
use indexmap::IndexMap;
use maud::{Markup, html};

use super::ShownRound;
use crate::answering::Entry;
use crate::chrome::{Chrome, Page, Room};

/// One question. `entry` is what was sent and could not be taken; `told` is the question answered just
/// before, whose explanation is shown.
pub fn question_page(
    chrome: &Chrome<'_>,
    shown: ShownRound<'_>,
    id: &str,
    entry: Option<&Entry>,
    told: Option<&str>,
) -> Option<String> {
    let (lang, round, base) = (chrome.lang, shown.round, shown.base);
    let asked = round.asked();
    let at = asked.iter().position(|(_, item, _)| item.id == *id)?;
    let (section, item, _) = asked.get(at)?;
    let done = asked.iter().filter(|(_, _, given)| given.is_some_and(|given| !given.proposed)).count();
    let before = at.checked_sub(1).and_then(|n| asked.get(n));
    let given = round.given.get(&item.id);
    let is_proposed = given.is_some_and(|given| given.proposed && given.is_answered());
    let body = html! {
        (shown.head(chrome))
        div {
            p.small.soft {
                (chrome.say("質問 ", "Question ")) (at + 1) " / " (asked.len())
                " · " (chrome.say("回答済み ", "answered ")) (done)
            }
            progress value=(done) max=(asked.len()) aria-label=(chrome.say("進み具合", "Progress")) {}
        }
        @if let Some(told) = told { (explanation(chrome, shown, told)) }
        (chrome.form(&format!("{base}/ask"), "sheet", &html! {
            (shown.seen())
            p.soft { (section_name(section, chrome)) }
            (question(chrome, &round.list, item, given, entry, true))
            @if is_proposed { input type="hidden" name={ "ok." (item.id) } value="yes"; }
            div.acts {
                button.main { @if is_proposed { (chrome.say("確定して次へ", "Confirm and go on")) } @else { (chrome.say("保存して次へ", "Save and go on")) } }
                a.button.bare href={ (base) "/ask?after=" (item.id) } { (chrome.say("飛ばす", "Skip")) }
                @if let Some((_, before, _)) = before {
                    a.button.bare href={ (base) "/ask?item=" (before.id) } { (chrome.say("← 前の質問", "← Question before")) }
                }
            }
        }))
        p.small { a href={ (base) "/all" } { (chrome.say("1ページにまとめて答える", "Answer all on one page")) } " · " a href=(base) { (chrome.say("ここまでの結果", "The result so far")) } }
    };
    let title = format!("{} · {}", item.short().get(lang), round.list.title.get(lang));
    Some(chrome.page(&Page::new(title, Room::Checklists, body).narrow()))
}

/// All questions on one page; `entries` are what was sent and could not be taken.
pub fn all_questions(chrome: &Chrome<'_>, shown: ShownRound<'_>, entries: &IndexMap<Id, Entry>) -> String {
    let (round, base) = (shown.round, shown.base);
    let asked = round.asked();
    let mut sections: Vec<&Section> = asked.iter().map(|(section, ..)| *section).collect();
    sections.dedup_by_key(|section| &section.id);
    let troubles = entries.values().filter(|entry| !entry.trouble.is_empty()).count();
    let body = html! {
        (shown.head(chrome))
        p.soft { (chrome.say(
            "どの順でも答えられます。途中で保存して、後で続けることもできます。",
            "Answer in any order. Save when you like and go on later.")) }
        @if troubles > 0 {
            div.notice.serious role="alert" { p { (troubles) (chrome.say(
                "件の答えはそのままでは保存できません。印のある質問を直してください。ほかの答えは保存しました。",
                " answers could not be saved as they are; look at the marked questions. The others are saved.")) } }
        }
        (chrome.form(&format!("{base}/all"), "sheet", &html! {
            (shown.seen())
            @for section in sections {
                section.sheet aria-labelledby={ "s-" (section.id) } {
                    h2 id={ "s-" (section.id) } { (section_name(section, chrome)) }
                    @if let Some(about) = &section.about { p.soft { (about.get(chrome.lang)) } }
                    @for (_, item, _) in asked.iter().filter(|(own, ..)| own.id == section.id) {
                        (question(chrome, &round.list, item, round.given.get(&item.id), entries.get(&item.id), false))
                    }
                }
            }
            div.acts.stay {
                button.main name="then" value="result" { (chrome.say("保存して結果を見る", "Save and show the result")) }
                button name="then" value="stay" { (chrome.say("保存", "Save")) }
                a.button.bare href={ (base) "/ask" } { (chrome.say("1問ずつ答える", "One at a time")) }
            }
        }))
    };
    chrome.page(&Page::new(round.list.title.get(chrome.lang), Room::Checklists, body).narrow())
}

pub(super) fn section_name(section: &Section, chrome: &Chrome<'_>) -> Markup {
    html! {
        @if let Some(number) = &section.number { (number) " " }
        (section.title.get(chrome.lang))
    }
}

/// What the question before was about, once it is answered.
fn explanation(chrome: &Chrome<'_>, shown: ShownRound<'_>, told: &str) -> Markup {
    let list = &shown.round.list;
    let Some((_, item)) = list.item(told) else { return html! {} };
    let Some(explanation) = &item.explanation else { return html! {} };
    let means = worth(list, item, shown.round.given.get(&item.id)).means;
    let (tone, word) = match means {
        Some(Means::Met) => ("notice good", chrome.say("正解です。", "Right.")),
        Some(Means::Unmet | Means::Unknown) => {
            ("notice serious", chrome.say("正解ではありません。", "That is not right."))
        }
        _ => ("notice", ""),
    };
    html! { div class=(tone) role="status" {
        p { strong { (item.label()) " " (word) } " " (explanation.get(chrome.lang)) }
    } }
}

/// What is asked, as the head of a group of fields.
pub(super) fn heading(chrome: &Chrome<'_>, item: &Item) -> Markup {
    let words = item.text.get(chrome.lang);
    html! {
        legend.unseen { (words) }
        p.ask aria-hidden="true" { strong {
            @if item.number.is_some() { (item.label()) " " }
            (words)
        } }
        @if let Some(help) = &item.help { p.help { (help.get(chrome.lang)) } }
    }
}

/// A question with what was answered. On a page of its own, Enter confirms a proposal; among others,
/// a mark of its own does.
fn question(
    chrome: &Chrome<'_>,
    list: &Checklist,
    item: &Item,
    now: Option<&Given>,
    entry: Option<&Entry>,
    is_alone: bool,
) -> Markup {
    let lang = chrome.lang;
    let given = entry.map(|entry| &entry.given).or(now);
    let trouble = entry.map(|entry| entry.trouble.as_slice()).unwrap_or_default();
    let proposal = now.filter(|now| now.proposed && now.is_answered());
    html! {
        fieldset.card id={ "i-" (item.id) } {
            input type="hidden" name="asked" value=(item.id);
            (heading(chrome, item))
            @for trouble in trouble { div.notice.serious role="alert" { p { (trouble.get(lang)) } } }
            @if let Some(proposal) = proposal { div.notice {
                p { strong { (chrome.say("提案: ", "Proposed: ")) (list.answer_words(item, proposal).get(lang)) }
                    @if let Some(because) = &proposal.because { " — " (because.get(lang)) } }
                @if !is_alone { label.choice { input type="checkbox" name={ "ok." (item.id) } value="yes"; span { (chrome.say("この提案でよい", "The proposal is right")) } } }
            } }
            @if let Some(hint) = now.and_then(Given::hint) { div.notice {
                p { strong { (chrome.say("手がかり: ", "To find out: ")) } (hint.get(lang)) }
            } }
            (answer(chrome, list, item, given))
            (around(chrome, item))
            (beside(chrome, item, given, !trouble.is_empty()))
        }
    }
}

/// The fields of the answer itself.
pub(super) fn answer(chrome: &Chrome<'_>, list: &Checklist, item: &Item, given: Option<&Given>) -> Markup {
    let lang = chrome.lang;
    let scale = list.scale(item);
    let name = format!("a.{}", item.id);
    let has = |word: &str| given.is_some_and(|given| given.value.iter().any(|own| own == word));
    let word = given.and_then(|given| given.value.first()).map_or("", String::as_str);
    let out = given.is_some_and(|given| given.out_of_scope);
    let knows = scale.options.iter().any(|option| option.means == Some(Means::Unknown));
    let label = item.text.get(lang);
    html! {
        @match scale.kind {
            Kind::One | Kind::Many => div.choices.pairs {
                @for option in &scale.options {
                    label.choice {
                        @if scale.kind == Kind::One { input type="radio" name=(name) value=(option.id) checked[has(option.id.as_str())]; }
                        @else { input type="checkbox" name=(name) value=(option.id) checked[has(option.id.as_str())]; }
                        span { (option.name.get(lang)) @if let Some(about) = &option.about { br; span.help { (about.get(lang)) } } }
                    }
                }
                @if scale.kind == Kind::One {
                    @if !knows { label.choice { input type="radio" name=(name) value=(UNKNOWN) checked[has(UNKNOWN)]; span { (chrome.say("分からない", "Not known")) } } }
                    @if scale.out_of_scope != OutOfScope::Forbidden {
                        label.choice { input type="radio" name=(name) value=(OUT_OF_SCOPE) checked[out];
                            span { (chrome.say("該当しない", "Does not apply")) br; span.help { (chrome.say("理由を下に書いてください", "give the reason below")) } } }
                    }
                }
            },
            Kind::Number => div.acts {
                input.brief inputmode="decimal" name=(name) aria-label=(label) value=(word);
                @if let Some(unit) = &scale.unit { span { (unit.get(lang)) } }
            },
            Kind::Date => input.brief type="date" name=(name) aria-label=(label) value=(word);,
            Kind::Text => textarea name=(name) rows="2" maxlength="2000" aria-label=(label) { (word) },
        }
    }
}

/// What helps to answer: how it looks where it is done, and what typically shows it.
pub(super) fn around(chrome: &Chrome<'_>, item: &Item) -> Markup {
    let lang = chrome.lang;
    html! {
        @if item.example.is_some() || !item.evidence.is_empty() { details.why {
            summary { (chrome.say("例と、示せるもの", "Example, and what shows it")) }
            @if let Some(example) = &item.example { p { (example.get(lang)) } }
            @if !item.evidence.is_empty() { ul { @for evidence in &item.evidence { li { (evidence.get(lang)) } } } }
        } }
    }
}

/// The fields beside the answer: reason, note, evidence, and by when.
fn beside(chrome: &Chrome<'_>, item: &Item, given: Option<&Given>, is_open: bool) -> Markup {
    let lang = chrome.lang;
    let text = |pick: fn(&Given) -> Option<&anshin_model::Text>| {
        given.and_then(pick).map_or("", |text| text.get(lang)).to_owned()
    };
    let (reason, note) = (text(|given| given.reason.as_ref()), text(|given| given.note.as_ref()));
    let evidence = given.map(|given| fill::evidence_words(&given.evidence, lang)).unwrap_or_default();
    let until = given.and_then(|given| given.until.as_deref()).unwrap_or_default();
    let has_any = [reason.as_str(), &note, &evidence, until].iter().any(|words| !words.is_empty());
    let name = |kind: &str| format!("{kind}.{}", item.id);
    html! {
        details open[is_open || has_any] {
            summary.small { (chrome.say("理由・エビデンス・備考", "Reason, evidence, note")) }
            div.form {
                div.field {
                    label for=(name("reason")) { (chrome.say("理由", "Reason")) }
                    textarea id=(name("reason")) name=(name("reason")) rows="2" maxlength="2000" { (reason) }
                }
                div.field {
                    label for=(name("evidence")) { (chrome.say("エビデンス", "Evidence")) }
                    textarea id=(name("evidence")) name=(name("evidence")) rows="2" maxlength="8000" { (evidence) }
                    span.help { (chrome.say("1行に1つ: 内容 | 保管場所 | 日付", "One a line: what | where | date")) }
                }
                div.field {
                    label for=(name("note")) { (chrome.say("備考", "Note")) }
                    input id=(name("note")) name=(name("note")) maxlength="2000" value=(note);
                }
                div.field {
                    label for=(name("until")) { (chrome.say("いつまでに行うか", "To be done by")) }
                    input.brief id=(name("until")) name=(name("until")) type="date" value=(until);
                }
            }
        }
    }
}
