//! Where a round leaves one: score, what to do first, what has changed, and the register of evidence.

use anshin_model::Text;
use anshin_report::{StandingReport, StepLine};
use maud::{Markup, html};

use super::beside::{about_system, others};
use super::{RoundLine, ShownRound};
use crate::chrome::{Chrome, Page, Power, Room};
use crate::pages::sheet::sheet;

/// Things to do that stand out.
const FIRST_STEPS: usize = 3;

/// What the result of a round is shown with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// How many items wait for an answer or a confirmation.
    pub open: usize,
    /// The rounds that it can be compared with.
    pub earlier: &'a [RoundLine],
    /// The one that it is compared with now.
    pub with: Option<&'a str>,
    /// The systems that it may be about: id and name.
    pub systems: &'a [(String, Text)],
    /// The system that it is about.
    pub system: Option<&'a str>,
    /// The checklists that the answers lead on to: id and title.
    pub next: &'a [(&'a str, &'a Text)],
    /// Whether policies follow from the answers.
    pub decides_policies: bool,
    /// What is wrong with the values of others that were sent.
    pub problem: Option<&'a Text>,
}

/// The result of a round.
pub fn round_result(
    chrome: &Chrome<'_>,
    shown: ShownRound<'_>,
    report: &StandingReport,
    around: Around<'_>,
) -> String {
    let base = shown.base;
    let Around { open, earlier, with, .. } = around;
    let system = around.systems.iter().find(|(id, _)| Some(id.as_str()) == around.system);
    let body = html! {
        (shown.head(chrome))
        @if shown.archived {
            div.notice { p { (chrome.say("この回答は片付けてあります。", "These answers are put aside.")) } }
        }
        @if shown.round.moved.is_some() {
            div.notice { p { (chrome.say(
                "チェックシートの新しい版があります。次に保存すると、回答は新しい版へ移ります。",
                "There is a newer version of the checklist; the answers move to it with the next save.")) } }
        }
        @if let Some((id, name)) = system {
            p.soft { (chrome.say("システム: ", "System: ")) a href={ "/systems/" (id) } { (name.get(chrome.lang)) } }
        }
        @if open > 0 && chrome.may(Power::Edit) { section.card {
            p { strong { (open) (chrome.say("問が残っています。", " questions are left.")) } " "
                (chrome.say("結果は、ここまでの答えによるものです。", "The result is that of the answers so far.")) }
            div.acts {
                a.button.main href={ (base) "/ask" } { (chrome.say("続きに答える", "Go on answering")) }
                a.button href={ (base) "/all" } { (chrome.say("1ページにまとめて答える", "Answer all on one page")) }
            }
        } }
        (standing(chrome, report))
        (onward(chrome, base, around))
        (compared(chrome, base, report, earlier, with))
        (others(chrome, shown, report, around.problem))
        (files(chrome, base, report.radar.is_some()))
        (about_system(chrome, base, around))
        @if chrome.may(Power::Edit) { section.card {
            h2 { (chrome.say("この回答の扱い", "These answers")) }
            div.acts {
                a.button href={ (base) "/all" } { (chrome.say("答えを直す", "Change answers")) }
                a.button href={ "/checklists/" (shown.round.list.id) } { (chrome.say("もう一度診断する", "Begin another round")) }
                (chrome.form(&format!("{base}/archive"), "", &html! {
                    @if shown.archived { button.bare name="aside" value="no" { (chrome.say("一覧に戻す", "Take it back into the list")) } }
                    @else { button.bare name="aside" value="yes" { (chrome.say("片付ける", "Put aside")) } }
                }))
            }
        } }
    };
    chrome.page(&Page::new(shown.round.list.title.get(chrome.lang), Room::Checklists, body))
}

/// Where the answers can be used next.
fn onward(chrome: &Chrome<'_>, base: &str, around: Around<'_>) -> Markup {
    let lang = chrome.lang;
    let round = base.rsplit('/').next().unwrap_or_default();
    let leads_on = around.open == 0 && (around.decides_policies || !around.next.is_empty());
    html! { @if leads_on && chrome.may(Power::Edit) { section.card {
        h2 { (chrome.say("続きに使う", "Go on with these answers")) }
        ul {
            @for (id, title) in around.next { li {
                a href={ "/checklists/" (id) "?from=" (round) } { (chrome.say("この回答を使って「", "Use them for \u{201c}")) (title.get(lang)) (chrome.say("」に答える", "\u{201d}")) }
                " " span.soft.small { (chrome.say("分かることは答えの案として入ります。", "What they tell is filled in as proposals.")) }
            } }
            @if around.decides_policies { li {
                a href={ "/policies?from=" (round) } { (chrome.say("規程とハンドブックを作る", "Write the policies and the handbook")) }
                " " span.soft.small { (chrome.say("会社の状況にも答えてあれば、自社に当てはまるものだけが文書になります。", "With the facts about the company answered as well, only what applies to you becomes a document.")) }
            } }
        }
    } } }
}

/// Scores, what to do first, and the picture of the parts.
pub(super) fn standing(chrome: &Chrome<'_>, report: &StandingReport) -> Markup {
    html! {
        (scores(chrome, report))
        div.halves {
            (first(chrome, report))
            div.sheet {
                @if let Some(radar) = &report.radar { div.picture { (chrome.picture(&radar.svg)) } }
                (parts(chrome, report))
            }
        }
    }
}

fn scores(chrome: &Chrome<'_>, report: &StandingReport) -> Markup {
    let lang = chrome.lang;
    html! {
        section.card.large { div.figures {
            @for score in &report.scores { div.figure {
                b { (score.value) span { " / " (score.most) } }
                span { (score.name.get(lang)) }
                @if let Some((name, about)) = &score.band { p { strong { (name.get(lang)) } @if !about.is_empty() { " — " (about.get(lang)) } } }
                @if let Some(target) = &score.target { span { (target.get(lang)) } }
            } }
        } p.small.soft { (report.progress.get(lang)) } }
    }
}

fn first(chrome: &Chrome<'_>, report: &StandingReport) -> Markup {
    html! {
        section.card.large {
            h2 { (report.first.get(chrome.lang)) }
            @if report.steps.is_empty() { p { (report.complete.get(chrome.lang)) } }
            ol.first { @for step in report.steps.iter().take(FIRST_STEPS) { (item(chrome, step)) } }
            @if report.steps.len() > FIRST_STEPS { details {
                summary { (chrome.say("その次に行うこと", "After that")) }
                ol start=(FIRST_STEPS + 1) { @for step in report.steps.iter().skip(FIRST_STEPS) { (item(chrome, step)) } }
            } }
        }
    }
}

fn item(chrome: &Chrome<'_>, step: &StepLine) -> Markup {
    let lang = chrome.lang;
    html! {
        li {
            p { strong { (step.title.get(lang)) } " " span.soft.small { (step.state.get(lang)) } }
            @if !step.advice.get(lang).is_empty() { p { (step.advice.get(lang)) } }
            @if !step.measures.is_empty() {
                p.small.soft { (chrome.say("対策の例: ", "Measures: "))
                    @for (n, measure) in step.measures.iter().enumerate() { @if n > 0 { " / " } (measure.get(lang)) } }
            }
        }
    }
}

fn parts(chrome: &Chrome<'_>, report: &StandingReport) -> Markup {
    let lang = chrome.lang;
    html! {
        @if report.parts.len() > 1 { section.card {
            h2 { (chrome.say("分野ごと", "By section")) }
            table { tbody { @for part in &report.parts { tr {
                th scope="row" { (part.title.get(lang)) }
                td { progress value=(part.share) max="1" aria-label=(part.title.get(lang)) {} }
                td.number { (part.points) }
            } } } }
        } }
    }
}

fn compared(
    chrome: &Chrome<'_>,
    base: &str,
    report: &StandingReport,
    earlier: &[RoundLine],
    with: Option<&str>,
) -> Markup {
    let lang = chrome.lang;
    html! {
        @if !earlier.is_empty() { section.card {
            h2 { (chrome.say("前回との違い", "Since the round before")) }
            form.form.row method="get" action=(base) {
                div.field {
                    label for="with" { (chrome.say("比べる回答", "Compare with")) }
                    select #with name="with" { @for line in earlier {
                        option value=(line.id) selected[with == Some(&line.id)] {
                            (line.subject.get(lang)) " " (line.saved)
                            @if let Some((value, most)) = &line.score { " (" (value) " / " (most) ")" }
                        }
                    } }
                }
                button { (chrome.say("比べる", "Compare")) }
            }
            @if let Some(changed) = &report.changed {
                p { strong { (changed.counts.get(lang)) } }
                ul { @for item in &changed.items { li { (item.get(lang)) } } }
            }
        } }
    }
}

fn files(chrome: &Chrome<'_>, base: &str, has_radar: bool) -> Markup {
    let files = [
        ("report.pdf", chrome.say("経営者向けの報告書（PDF）", "Report for the management (PDF)")),
        ("report.html", chrome.say("同じもの（HTML）", "The same (HTML)")),
        ("answers.xlsx", chrome.say("記入できるブック（Excel）", "Workbook to fill in (Excel)")),
        ("answers.yaml", chrome.say("回答ファイル（YAML）", "Answers file (YAML)")),
        ("register.csv", chrome.say("エビデンス台帳（CSV）", "Register of evidence (CSV)")),
        ("radar.svg", chrome.say("レーダーチャート（SVG）", "Radar (SVG)")),
    ];
    html! {
        section.card {
            h2 { (chrome.say("書き出す", "Take along")) }
            div.acts {
                @for (file, name) in files.iter().filter(|(file, _)| has_radar || *file != "radar.svg") {
                    a.button href={ (base) "/files/" (file) } { (name) }
                }
                @if chrome.may(Power::Edit) { a.button href={ (base) "/import" } { (chrome.say("記入したブックを取り込む", "Bring a filled workbook back")) } }
            }
            p { a href={ (base) "/register" } { (chrome.say("エビデンス台帳とレビュー", "Register of evidence, and reviewing")) } }
        }
    }
}

/// The register of evidence; `waiting` is how many answers the person may review now.
pub fn register_page(
    chrome: &Chrome<'_>,
    shown: ShownRound<'_>,
    report: &StandingReport,
    waiting: usize,
) -> String {
    let base = shown.base;
    let body = html! {
        (shown.head(chrome))
        p { a href=(base) { (chrome.say("← 結果へ", "← To the result")) } }
        (sheet(&report.register, chrome.lang))
        @if chrome.may(Power::Approve) { section.card {
            h2 { (chrome.say("レビュー", "Review")) }
            @if waiting == 0 {
                p.soft { (chrome.say(
                    "レビューを待つ回答はありません。自分の回答は、ほかの人がレビューします。",
                    "No answers wait for your review. Your own are reviewed by somebody else.")) }
            } @else {
                p { (chrome.say("ほかの人が答え、まだ誰もレビューしていない回答: ", "Answers of others that nobody has reviewed yet: ")) (waiting) }
                (chrome.form(&format!("{base}/review"), "acts", &html! {
                    (shown.seen())
                    button.main { (chrome.say("すべて確かめた", "I have looked at all of them")) }
                }))
            }
        } }
    };
    chrome.page(&Page::new(report.register.title.get(chrome.lang), Room::Checklists, body))
}
