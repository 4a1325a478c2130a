//! The plan: for each requirement who takes which measure until when.

use anshin_assess::PlanItem;
use anshin_catalog::Effort;
use anshin_checklist::{Means, Says};
use anshin_model::document::{Measure, Status};
use anshin_model::{Lang, Text};
use anshin_report::Subject;
use maud::{Markup, html};

use super::system::Shown;
use crate::chrome::{Chrome, Heads, Page, Power, Room};

/// Answers that are shown at once; more are folded away.
const FEW_ANSWERS: usize = 4;

/// The plan. `said` is what answers say, with the address of each round. `only` is a stakeholder to narrow it to; `all` shows what no policy calls for as well.
pub fn plan(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    subject: &Subject<'_>,
    (only, all): (&str, bool),
    (said, today): (&[(String, Says)], &str),
) -> String {
    let lang = chrome.lang;
    let items = subject.assessment.plan.iter();
    let items: Vec<&PlanItem> = items
        .filter(|item| (all || item.priority) && (only.is_empty() || item.implementer == *only))
        .collect();
    let hidden = subject.assessment.plan.len() - items.len();
    let people = &subject.system.document.stakeholders;
    let body = html! {
        (shown.head(chrome, None, "/plan"))
        form.form.row.card method="get" action={ (shown.base) "/plan" } role="search" {
            div.field {
                label for="who" { (chrome.say("実施主体", "Implementer")) }
                select #who name="stakeholder" {
                    option value="" { (chrome.say("すべて", "all")) }
                    @for one in people { option value=(one.id) selected[one.id == *only] { (one.name.get(lang)) } }
                }
            }
            label.choice { input type="checkbox" name="all" value="1" checked[all]; span { (chrome.say("〇の付かない対策要件も示す", "Show requirements without 〇, too")) } }
            button { (chrome.say("絞り込む", "Filter")) }
        }
        p.soft role="status" {
            (items.len()) (chrome.say("件を表示", " shown"))
            @if hidden > 0 { (chrome.say("（ほか", " (")) (hidden) (chrome.say("件は非表示）", " hidden)")) }
        }
        @for item in items { (card(chrome, shown, subject, item, (said, today))) }
    };
    let title = format!("{} · {}", chrome.say("対策の計画", "Plan"), shown.name.get(lang));
    chrome.page(&Page::new(title, Room::Systems, body).script("live.js"))
}

fn status_word(status: Status) -> &'static str {
    match status {
        Status::InPlace => "in-place",
        Status::Planned => "planned",
        Status::Refused => "refused",
    }
}

fn card(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    subject: &Subject<'_>,
    item: &PlanItem,
    (said, today): (&[(String, Says)], &str),
) -> Markup {
    let lang = chrome.lang;
    let catalog = subject.system.catalog;
    let id = format!("{}-{}", item.requirement, item.implementer);
    let taken: Vec<&Measure> = subject
        .system
        .document
        .measures
        .iter()
        .filter(|measure| measure.requirement == item.requirement && measure.by == item.implementer)
        .collect();
    let own = |measure: &anshin_model::Id| {
        taken.iter().copied().find(|taken| taken.measure.as_ref() == Some(measure))
    };
    html! {
        article.card id=(id) aria-labelledby={ "t-" (id) } {
            div.title {
                div {
                    p.small.soft { (subject.stakeholder(&item.implementer).get(lang)) }
                    h2 id={ "t-" (id) } { (subject.requirement(&item.requirement).get(lang)) }
                }
                div.marks {
                    @if item.priority { span.mark.priority { "〇 " (chrome.say("行うべき", "to do")) } }
                    @if taken.is_empty() { span.mark.serious { (chrome.say("対策未定", "nothing settled")) } }
                }
            }
            @if let Some(requirement) = catalog.requirements.get(&item.requirement) {
                p.soft { (requirement.about.get(lang)) }
            }
            (answers(chrome, said, &item.requirement))
            @let heads = Heads::new(chrome, &[("roomy", "対策", "Measure"), ("", "手間", "Effort"), ("roomy", "状況と期限", "State and date")]);
            div.scroll tabindex="0" { table.tall.stack {
                (heads.row())
                tbody {
                    @for (measure, known) in item.measures.iter().filter_map(|id| catalog.measures.get(id).map(|m| (id, m))) {
                        tr {
                            th scope="row" {
                                p { (known.name.get(lang)) }
                                details.why { summary { (chrome.say("内容", "What to do")) } p { (known.action.get(lang)) }
                                    @if let Some(caution) = &known.caution { p { strong { (chrome.say("注意: ", "Caution: ")) } (caution.get(lang)) } } }
                            }
                            td data-label=(heads.of(1)) { (effort(known.effort).get(lang)) }
                            td data-label=(heads.of(2)) { (state(chrome, shown, item, Some(measure.as_str()), None, own(measure), today)) }
                        }
                    }
                    @for measure in taken.iter().filter(|taken| taken.measure.as_ref().is_none_or(|id| !item.measures.contains(id))) {
                        tr {
                            th scope="row" { @match (&measure.name, &measure.measure) {
                                (Some(name), _) => (name.get(lang)),
                                (None, Some(id)) => (catalog.measures.get(id).map_or_else(|| Text::same(id.as_str()), |m| m.name.clone()).get(lang)),
                                (None, None) => (measure.id),
                            } }
                            td data-label=(heads.of(1)) { "—" }
                            td data-label=(heads.of(2)) { (state(chrome, shown, item, measure.measure.as_ref().map(anshin_model::Id::as_str),
                                measure.name.as_ref().map(|name| name.get(lang)), Some(measure), today)) }
                        }
                    }
                }
            } }
            @if chrome.may(Power::Edit) {
                details { summary { (chrome.say("自社の対策を加える", "Add a measure of your own")) }
                    (chrome.form(&format!("{}/take", shown.base), "form row", &html! {
                        (shown.parent())
                        input type="hidden" name="requirement" value=(item.requirement);
                        input type="hidden" name="by" value=(item.implementer);
                        input type="hidden" name="status" value="planned";
                        div.field { label for={ "n-" (id) } { (chrome.say("対策の名前", "Name of the measure")) } input id={ "n-" (id) } name="name" required maxlength="200"; }
                        div.field { label for={ "d-" (id) } { (chrome.say("期限", "Until")) } input id={ "d-" (id) } name="until" type="date"; }
                        button { (chrome.say("加える", "Add")) }
                    }))
                }
            }
        }
    }
}

/// What answers of checklists say about a requirement.
fn answers(chrome: &Chrome<'_>, said: &[(String, Says)], requirement: &anshin_model::Id) -> Markup {
    let lang = chrome.lang;
    let own: Vec<_> = said.iter().filter(|(_, own)| own.requirement == *requirement).collect();
    html! { @if !own.is_empty() { details.why open[own.len() <= FEW_ANSWERS] {
        summary { (chrome.say("チェックシートの回答", "Answers of checklists")) " (" (own.len()) ")" }
        ul { @for (round, own) in own { li {
            span class={ "mark " (tone(own.means)) } { (own.means.name().get(lang)) }
            @if own.proposed { " " span.mark { (chrome.say("確認待ち", "to confirm")) } }
            " " (own.label) " " (own.short.get(lang)) " — "
            a.small href=(round) { (own.round().get(lang)) }
            @if !own.evidence.is_empty() { p.small.soft { (chrome.say("エビデンス: ", "Evidence: "))
                @for (n, evidence) in own.evidence.iter().enumerate() { @if n > 0 { " / " } (evidence.get(lang)) } } }
        } } }
    } } }
}

fn tone(means: Means) -> &'static str {
    match means {
        Means::Met => "good",
        Means::Partly | Means::Unknown => "serious",
        Means::Unmet => "grave",
        Means::NotApplicable => "",
    }
}

/// States of a measure: the word of forms, and its name.
const STATES: [(&str, &str, &str); 4] = [
    ("", "未定", "not settled"),
    ("planned", "予定", "planned"),
    ("in-place", "実施済み", "in place"),
    ("refused", "見送り", "refused"),
];

/// The name of a state in brackets; nothing for a word that is none.
pub fn plan_state(word: &str, lang: Lang) -> String {
    let found = STATES.iter().find(|(own, ..)| *own == word);
    found.map_or_else(String::new, |(_, ja, en)| match lang {
        Lang::Ja => format!("（{ja}）"),
        Lang::En => format!(" ({en})"),
    })
}

fn state(
    chrome: &Chrome<'_>,
    shown: &Shown<'_>,
    item: &PlanItem,
    measure: Option<&str>,
    name: Option<&str>,
    taken: Option<&Measure>,
    today: &str,
) -> Markup {
    let now = taken.map_or("", |taken| status_word(taken.status));
    let until = taken.and_then(|taken| taken.until.as_deref()).unwrap_or_default();
    let late = now == "planned" && !until.is_empty() && until < today;
    let shown_word =
        STATES.iter().find(|(word, ..)| *word == now).map_or("", |(_, ja, en)| chrome.say(ja, en));
    let mark = html! {
        @if late { span.mark.grave { (chrome.say("期限超過", "overdue")) } }
        @else if now == "in-place" { span.mark.good { (shown_word) } }
        @else if now == "refused" { span.mark { (shown_word) } }
    };
    html! {
        @if chrome.may(Power::Edit) {
            (chrome.form(&format!("{}/take", shown.base), "form row", &html! {
                (shown.parent())
                input type="hidden" name="requirement" value=(item.requirement);
                input type="hidden" name="by" value=(item.implementer);
                @if let Some(measure) = measure { input type="hidden" name="measure" value=(measure); }
                @if let Some(name) = name { input type="hidden" name="name" value=(name); }
                select name="status" aria-label=(chrome.say("状況", "State")) {
                    @for (word, ja, en) in STATES { option value=(word) selected[word == now] { (chrome.say(ja, en)) } }
                }
                input type="date" name="until" value=(until) aria-label=(chrome.say("期限", "Until"));
                button.tiny { (chrome.say("保存", "Save")) }
                (mark)
            }))
        } @else { p { (shown_word) " " (until) " " (mark) } }
    }
}

fn effort(effort: Effort) -> Text {
    match effort {
        Effort::Small => Text::new("小（数日）", "small (days)"),
        Effort::Medium => Text::new("中（数週間）", "medium (weeks)"),
        Effort::Large => Text::new("大（数か月）", "large (months)"),
    }
}
