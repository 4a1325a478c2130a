//! All systems of an organization: where they stand, and what waits for somebody.

use anshin_model::Text;
use anshin_model::document::{Economic, Recovery};
use maud::{Markup, html};

use crate::chrome::{Chrome, Heads, Page, Power, Room};

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

/// A system that is put aside.
#[derive(Debug, Clone)]
pub struct Aside {
    /// Its address.
    pub address: String,
    /// Its name.
    pub name: Text,
    /// When it was put aside.
    pub since: String,
}

/// What somebody who looks after many systems asks for first.
struct Question {
    /// What stands in addresses; empty for all.
    word: &'static str,
    /// How a figure looks that is not zero.
    tone: &'static str,
    name: (&'static str, &'static str),
    holds: fn(&Line) -> bool,
}

const QUESTIONS: [Question; 5] = [
    Question { word: "", tone: "", name: ("システム", "systems"), holds: |_| true },
    Question {
        word: "outside",
        tone: "grave",
        name: ("目標を超える", "outside the target"),
        holds: |line| !line.within,
    },
    Question {
        word: "stale",
        tone: "serious",
        name: ("決定の見直しが必要", "with decisions to look at again"),
        holds: |line| line.stale > 0,
    },
    Question {
        word: "overdue",
        tone: "serious",
        name: ("対策の期限超過", "with overdue measures"),
        holds: |line| line.overdue > 0,
    },
    Question {
        word: "waiting",
        tone: "",
        name: ("承認待ち", "waiting for approval"),
        holds: |line| !line.approved,
    },
];

/// The portfolio; `only` narrows the list to those for which a question holds.
pub fn portfolio(
    chrome: &Chrome<'_>,
    lines: &[Line],
    aside: &[Aside],
    examples: &[(String, Text)],
    only: &str,
) -> String {
    let lang = chrome.lang;
    let asked = QUESTIONS.iter().find(|question| question.word == only).unwrap_or(&QUESTIONS[0]);
    let shown: Vec<&Line> = lines.iter().filter(|line| (asked.holds)(line)).collect();
    let figure = |question: &Question| {
        let number = lines.iter().filter(|line| (question.holds)(line)).count();
        let tone = if number == 0 { "" } else { question.tone };
        let address = if question.word.is_empty() {
            "/#list".to_owned()
        } else {
            format!("/?only={}#list", question.word)
        };
        let current = (question.word == asked.word).then_some("true");
        html! {
            a class={ "figure " (tone) } href=(address) aria-current=[current] {
                b { (number) } span { (chrome.say(question.name.0, question.name.1)) }
            }
        }
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
                @for question in &QUESTIONS { (figure(question)) }
            } }
            (map(chrome, lines))
            section.sheet aria-labelledby="list" {
                h2 #list {
                    (chrome.say("一覧", "List"))
                    @if !asked.word.is_empty() { ": " (chrome.say(asked.name.0, asked.name.1)) }
                }
                @if shown.is_empty() { p { (chrome.say("当てはまるシステムはありません。", "There are none.")) } } @else {
                @let heads = Heads::new(chrome, &[("", "システム", "System"), ("", "状態", "State"), ("number", "未確認", "Open"), ("", "進み具合", "Progress"), ("", "最後の保存", "Last saved")]);
                div.scroll tabindex="0" { table.tall.stack {
                    (heads.row())
                    tbody { @for line in shown { tr {
                        th scope="row" { a href=(line.address) { (line.name.get(lang)) } }
                        td data-label=(heads.of(1)) { div.marks { (marks(chrome, line)) } }
                        td.number data-label=(heads.of(2)) { (line.open) }
                        td data-label=(heads.of(3)) { progress value=(line.steps) max="5" aria-label=(chrome.say("完了した段階", "Steps complete")) {} span.small.soft { (line.steps) "/5" } }
                        td data-label=(heads.of(4)) { (line.saved) }
                    } } }
                } }
                }
            }
            @if chrome.may(Power::Edit) { (try_example(chrome, examples)) }
        }
        @if !aside.is_empty() { details {
            summary { (chrome.say("片付けたシステム", "Systems put aside")) " (" (aside.len()) ")" }
            ul { @for one in aside { li {
                a href=(one.address) { (one.name.get(lang)) } " " span.small.soft { (one.since) }
            } } }
        } }
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
                    td.axes {
                        span { (chrome.say("回復困難性の度合い →", "Recovery axis →")) }
                        span { (chrome.say("↑ 経済的影響の度合い", "↑ Economic axis")) }
                    }
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
