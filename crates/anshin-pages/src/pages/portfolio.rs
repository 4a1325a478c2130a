//! All systems of an organization: where they stand, and what waits for somebody.

use anshin_model::Text;
use anshin_model::document::{Economic, Recovery};
use maud::{Markup, html};

use crate::chrome::{Chrome, Page, Power, Room};

/// A system in the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its address.
    pub address: String,
    /// Its name.
    pub name: Text,
    /// The highest levels of any stakeholder; nothing if the document cannot be read.
    pub levels: Option<(Recovery, Economic)>,
    /// Whether each of them is within its own target.
    pub within: bool,
    /// Stakeholders outside the target.
    pub outside: usize,
    /// Decisions whose facts have changed.
    pub stale: usize,
    /// Measures past their date.
    pub overdue: usize,
    /// Proposals that nobody has looked at and that should be first.
    pub open: usize,
    /// Steps that are complete.
    pub steps: usize,
    /// Whether the newest revision is approved.
    pub approved: bool,
    /// When it was saved last, and by whom.
    pub saved: String,
}

/// The portfolio.
pub fn portfolio(chrome: &Chrome<'_>, lines: &[Line], examples: &[(String, Text)]) -> String {
    let lang = chrome.lang;
    let count = |test: fn(&Line) -> bool| lines.iter().filter(|line| test(line)).count();
    let figure = |number: usize, tone: &'static str, ja: &'static str, en: &'static str| {
        let tone = if number == 0 { "" } else { tone };
        html! { div class={ "figure " (tone) } { b { (number) } span { (chrome.say(ja, en)) } } }
    };
    let body = html! {
        div.title {
            h1 { (chrome.say("システム", "Systems")) }
            @if chrome.may(Power::Edit) && !lines.is_empty() {
                div.acts { a.button.main href="/new" { (chrome.say("新しいシステム", "New system")) } }
            }
        }
        @if lines.is_empty() { (welcome(chrome, examples)) } @else {
            div.card { div.figures {
                (figure(lines.len(), "", "システム", "systems"))
                (figure(count(|l| !l.within), "grave", "目標を超える", "outside the target"))
                (figure(count(|l| l.stale > 0), "serious", "決定の見直しが必要", "with decisions to look at again"))
                (figure(count(|l| l.overdue > 0), "serious", "対策の期限超過", "with overdue measures"))
                (figure(count(|l| !l.approved), "", "承認待ち", "waiting for approval"))
            } }
            (map(chrome, lines))
            section.sheet aria-labelledby="list" {
                h2 #list { (chrome.say("一覧", "List")) }
                div.scroll tabindex="0" { table.tall {
                    thead { tr {
                        th scope="col" { (chrome.say("システム", "System")) }
                        th scope="col" { (chrome.say("状態", "State")) }
                        th.number scope="col" { (chrome.say("未確認", "Open")) }
                        th scope="col" { (chrome.say("進み具合", "Progress")) }
                        th scope="col" { (chrome.say("最後の保存", "Last saved")) }
                    } }
                    tbody { @for line in lines { tr {
                        th scope="row" { a href=(line.address) { (line.name.get(lang)) } }
                        td { div.marks { (marks(chrome, line)) } }
                        td.number { (line.open) }
                        td { progress value=(line.steps) max="5" aria-label=(chrome.say("完了した段階", "Steps complete")) {} span.small.soft { (line.steps) "/5" } }
                        td { (line.saved) }
                    } } }
                } }
            }
            @if chrome.may(Power::Edit) { (try_example(chrome, examples)) }
        }
    };
    chrome.page(&Page::new(chrome.say("システム", "Systems"), Room::Systems, body))
}

fn marks(chrome: &Chrome<'_>, line: &Line) -> Markup {
    html! {
        @if line.levels.is_none() { span.mark.grave { (chrome.say("文書に誤り", "errors in the document")) } }
        @else if line.within { span.mark.good { (chrome.say("目標内", "within the target")) } }
        @else { span.mark.serious { (chrome.say("目標外", "outside")) " " (line.outside) } }
        @if line.stale > 0 { span.mark.serious { (chrome.say("要見直し", "stale")) " " (line.stale) } }
        @if line.overdue > 0 { span.mark.grave { (chrome.say("期限超過", "overdue")) " " (line.overdue) } }
        @if line.approved { span.mark.good { (chrome.say("承認済み", "approved")) } }
        @else { span.mark { (chrome.say("承認待ち", "not approved")) } }
    }
}

/// Every system in the cell of its highest levels.
fn map(chrome: &Chrome<'_>, lines: &[Line]) -> Markup {
    let lang = chrome.lang;
    let cell = |recovery: Recovery, economic: Economic| {
        let inside: Vec<&Line> = lines.iter().filter(|l| l.levels == Some((recovery, economic))).collect();
        let class = if recovery == Recovery::Limited && economic == Economic::Limited {
            ""
        } else if recovery == Recovery::Critical || economic == Economic::Catastrophic {
            "high"
        } else {
            "out"
        };
        html! {
            td class=(class) { ul { @for line in inside { li {
                a href=(line.address) { (line.name.get(lang)) }
                @if !line.within { span aria-hidden="true" { " ▲" } span.unseen { (chrome.say("（目標外）", " (outside)")) } }
            } } } }
        }
    };
    html! {
        section.card aria-labelledby="map" {
            h2 #map { (chrome.say("全システムのリスクマップ", "All systems on one risk map")) }
            p.small.soft { (chrome.say(
                "各システムを、関わる者のうち最も高い水準の位置に示します。▲は受け入れる水準を超えるものです。",
                "Each system stands where its most affected stakeholder does. ▲ marks those outside the level that is accepted.")) }
            div.scroll.plain tabindex="0" { table.matrix {
                caption.unseen { (chrome.say("全システムのリスクマップ", "All systems on one risk map")) }
                thead { tr {
                    td {}
                    @for recovery in Recovery::ALL { th scope="col" { (recovery.name().get(lang)) } }
                } }
                tbody { @for economic in Economic::ALL.into_iter().rev() { tr {
                    th scope="row" { (economic.name().get(lang)) }
                    @for recovery in Recovery::ALL { (cell(recovery, economic)) }
                } } }
            } }
        }
    }
}

fn welcome(chrome: &Chrome<'_>, examples: &[(String, Text)]) -> Markup {
    html! {
        section.card.large {
            h2 { (chrome.say("はじめましょう", "Let’s begin")) }
            p { (chrome.say(
                "質問に答えていくと、対象システムの最初の文書ができます。あとからいくらでも直せます。",
                "Answer some plain questions and you have a first description of your system. Everything can be changed later.")) }
            @if chrome.may(Power::Edit) {
                div.acts { a.button.main href="/new" { (chrome.say("質問に答えて始める", "Start with questions")) } }
            } @else {
                p.soft { (chrome.say("システムを作る権限がありません。管理者に相談してください。", "You may not create systems; ask an administrator.")) }
            }
        }
        @if chrome.may(Power::Edit) { (try_example(chrome, examples)) }
    }
}

fn try_example(chrome: &Chrome<'_>, examples: &[(String, Text)]) -> Markup {
    html! {
        section.card {
            h2 { (chrome.say("例を試す", "Try an example")) }
            p.soft { (chrome.say("完成した例を写して開きます。自由に変えてかまいません。", "Opens a copy of a finished example; change what you like.")) }
            (chrome.form("/new/example", "form row", &html! {
                div.field {
                    label for="example" { (chrome.say("例", "Example")) }
                    select #example name="example" {
                        @for (id, name) in examples { option value=(id) { (name.get(chrome.lang)) } }
                    }
                }
                button { (chrome.say("写して開く", "Open a copy")) }
            }))
        }
    }
}
