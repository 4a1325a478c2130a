//! The rows of a ledger with what they come to.

use anshin_checklist::ledger::{Asset, Ledger, Personal, Scale};
use anshin_model::Text;
use maud::{Markup, html};

use super::ShownLedger;
use super::row::{RowForm, row_form};
use crate::chrome::{Chrome, encode};

/// Assets that stand out.
const FIRST: usize = 5;

/// What a medium is called.
fn medium(asset: &Asset, scale: &Scale) -> Text {
    scale.medium(&asset.medium).map_or_else(|| Text::same(asset.medium.as_str()), |own| own.name.clone())
}

/// The assets of the worst band, and what measures would bring.
pub(super) fn first(chrome: &Chrome<'_>, ledger: &Ledger, scale: &Scale) -> Markup {
    let lang = chrome.lang;
    let worst = scale.bands.first().map(|band| &band.id);
    let rows = ledger.by_risk(scale);
    let urgent: Vec<_> = rows.iter().filter(|(.., risk)| risk.band.map(|band| &band.id) == worst).collect();
    let best = scale.measures.iter().map(|own| own.value).fold(f64::INFINITY, f64::min);
    html! {
        @if !urgent.is_empty() { section.card.large {
            h2 { (chrome.say("先に対策する資産", "What needs measures first")) }
            ol.first { @for (_, asset, risk) in urgent.iter().take(FIRST) { li {
                p { strong { (asset.name.get(lang)) } " " span.soft.small {
                    (medium(asset, scale).get(lang)) " · " (chrome.say("リスク値 ", "risk value ")) (risk.value)
                    " = " (risk.importance) " × " (risk.likelihood) } }
                @let after = ledger.risk(&Asset { measures: Some(best), ..(*asset).clone() }, scale);
                p.small {
                    @if let Some(name) = Scale::name_of(&scale.measures, risk.measures) { (chrome.say("いま: ", "Now: ")) (name.get(lang)) " " }
                    @if after.value < risk.value { (chrome.say("→ 必要な対策をすべて行うと、リスク値は ", "→ with all measures that are needed, the risk value is ")) (after.value) }
                }
            } } }
            @if urgent.len() > FIRST { p.small.soft { (chrome.say("ほか", "and ")) (urgent.len() - FIRST) (chrome.say("件", " more")) } }
        } }
    }
}

/// The table, the highest risk first.
pub(super) fn rows(
    chrome: &Chrome<'_>,
    shown: ShownLedger<'_>,
    open: Option<&RowForm>,
    other: &[(&Scale, Ledger)],
) -> Markup {
    let lang = chrome.lang;
    let (ledger, scale, base) = (shown.ledger, shown.scale, shown.base);
    let may = shown.may_change(chrome);
    let columns = 12 + other.len();
    html! {
        div.scroll tabindex="0" role="group" aria-label=(chrome.say("情報資産の表", "Table of information")) { table.tall.stack {
            thead { tr {
                th.roomy scope="col" { (chrome.say("情報資産", "Information")) }
                th scope="col" { (chrome.say("リスク値", "Risk value")) }
                @for (other, _) in other { th scope="col" { (other.name.get(lang)) } }
                th scope="col" { (chrome.say("媒体・保存先", "Medium")) }
                th scope="col" { (chrome.say("管理部署／利用者", "Department, users")) }
                th scope="col" { (chrome.say("個人情報", "Personal data")) }
                th.number scope="col" { abbr title=(chrome.say("機密性", "Confidentiality")) { "C" } }
                th.number scope="col" { abbr title=(chrome.say("完全性", "Integrity")) { "I" } }
                th.number scope="col" { abbr title=(chrome.say("可用性", "Availability")) { "A" } }
                th.number scope="col" { (chrome.say("重要度", "Import\u{ad}ance")) }
                th.number scope="col" { (chrome.say("脅威", "Threat")) }
                th.number scope="col" { (chrome.say("対策", "Measures")) }
                th.number scope="col" { (chrome.say("可能性", "Likeli\u{ad}hood")) }
            } }
            tbody { @for (n, asset, risk) in ledger.by_risk(scale) {
                @let key = asset.id.as_ref().map_or("", |id| id.as_str());
                @let here = open.filter(|open| open.key.as_deref() == Some(key));
                tr id={ "row-" (key) } class=[here.map(|_| "open")] {
                    th scope="row" {
                        @if !asset.business.is_empty() { p.small.soft { (asset.business.get(lang)) } }
                        p { (asset.name.get(lang)) }
                        @if !asset.note.is_empty() { p.small.soft { (asset.note.get(lang)) } }
                        @if may && !key.is_empty() { p { a.button.tiny href={ (base) "?edit=" (encode(key)) "#row" } aria-label={ (chrome.say("書き換える: ", "Change: ")) (asset.name.get(lang)) } { (chrome.say("書き換える", "Change")) } } }
                    }
                    td data-label=(chrome.say("リスク値", "Risk value")) { (value(chrome, scale, risk.value, risk.band.map(|band| &band.name))) }
                    @for (other, converted) in other {
                        @let risk = converted.risk(&converted.assets[n], other);
                        td data-label=(other.name.get(lang)) { (value(chrome, other, risk.value, risk.band.map(|band| &band.name))) }
                    }
                    td data-label=(chrome.say("媒体・保存先", "Medium")) { (medium(asset, scale).get(lang)) }
                    td data-label=(chrome.say("管理部署／利用者", "Department, users")) { p { (asset.department.get(lang)) } p.small.soft { (asset.users.get(lang)) } }
                    td data-label=(chrome.say("個人情報", "Personal data")) { (personal(asset.personal).get(lang)) }
                    td.number data-label=(chrome.say("機密性", "Confidentiality")) { (asset.confidentiality) }
                    td.number data-label=(chrome.say("完全性", "Integrity")) { (asset.integrity) }
                    td.number data-label=(chrome.say("可用性", "Availability")) { (asset.availability) }
                    td.number data-label=(chrome.say("重要度", "Importance")) { (risk.importance) }
                    td.number data-label=(chrome.say("脅威", "Threat")) { (level(chrome, &scale.threats, risk.threat)) }
                    td.number data-label=(chrome.say("対策", "Measures")) { (level(chrome, &scale.measures, risk.measures)) }
                    td.number data-label=(chrome.say("可能性", "Likelihood")) { (level(chrome, &scale.likelihoods, risk.likelihood)) }
                }
                @if let Some(form) = here { tr.open { td colspan=(columns) { (row_form(chrome, shown, form)) } } }
            } }
        } }
    }
}

fn level(chrome: &Chrome<'_>, values: &[anshin_checklist::ledger::Value], number: f64) -> Markup {
    let name = Scale::name_of(values, number).map_or("", |name| name.get(chrome.lang));
    html! { abbr title=(name) { (number) } }
}

/// A risk value with what it means; the worst and the middle ones stand out.
fn value(chrome: &Chrome<'_>, scale: &Scale, number: f64, band: Option<&Text>) -> Markup {
    let place = scale.bands.iter().position(|own| Some(&own.name) == band);
    let class = match place {
        Some(0) => "mark grave",
        Some(n) if n + 1 < scale.bands.len() => "mark serious",
        _ => "mark",
    };
    html! { span class=(class) { (number) " " (band.map_or("", |name| name.get(chrome.lang))) } }
}

pub(super) fn personal(class: Personal) -> Text {
    match class {
        Personal::None => Text::same("—"),
        Personal::Personal => Text::new("個人情報", "personal data"),
        Personal::Sensitive => Text::new("要配慮個人情報", "special care"),
        Personal::MyNumber => Text::new("マイナンバー", "individual numbers"),
    }
}
