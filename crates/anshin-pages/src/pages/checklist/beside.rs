//! The result of a round beside others, and the system that it is about.

use anshin_model::Text;
use anshin_report::StandingReport;
use maud::{Markup, html};

use super::{Around, ShownRound};
use crate::chrome::{Chrome, Power};

/// The values of others: where one stands among them, and the form that brings them.
pub(super) fn others(
    chrome: &Chrome<'_>,
    shown: ShownRound<'_>,
    report: &StandingReport,
    problem: Option<&Text>,
) -> Markup {
    let list = &shown.round.list;
    html! { @if !list.scores.is_empty() { section.card #others {
        h2 { (chrome.say("他社との比較", "Beside others")) }
        @if let Some(problem) = problem { div.notice.grave role="alert" { p { (problem.get(chrome.lang)) } } }
        @if let Some(others) = &report.others {
            p { (others.words.get(chrome.lang)) }
            div.halves { @for figure in &others.figures { div.picture { (chrome.picture(&figure.svg)) } } }
        }
        details open[problem.is_some()] {
            summary { (chrome.say("他社の点数のファイルと比べる", "Compare with a file of others\u{2019} scores")) }
            p.help { (chrome.say("1行に1社のCSVです。見出しは点数の識別子（", "A CSV file with a line for each company. Its headings are ids of scores ("))
                @for (n, score) in list.scores.iter().enumerate() { @if n > 0 { ", " } code { (score.id) } }
                (chrome.say("）と、業種などで分ける場合は", ") and ")) code { "group" }
                (chrome.say("です。ファイルは保存されません。", ", if they are in groups. The file is not kept.")) }
            form.form method="post" action={ (shown.base) "/group#others" } enctype="multipart/form-data" {
                (chrome.token())
                (shown.seen())
                div.field {
                    label for="group-file" { (chrome.say("他社の点数（.csv）", "Scores of others (.csv)")) }
                    input #group-file type="file" name="file" required accept=".csv,.tsv,.txt";
                }
                div.field {
                    label for="group" { (chrome.say("比べるグループ（空なら全社）", "Group to compare with (all if empty)")) }
                    input.brief #group name="group" maxlength="100";
                }
                div.acts {
                    button.main name="as" value="page" { (chrome.say("比べる", "Compare")) }
                    button name="as" value="pdf" { (chrome.say("報告書に入れる（PDF）", "Put it into the report (PDF)")) }
                    button name="as" value="html" { (chrome.say("報告書に入れる（HTML）", "Put it into the report (HTML)")) }
                }
            }
        }
    } } }
}

/// The system that the answers are about: its assessment shows them.
pub(super) fn about_system(chrome: &Chrome<'_>, base: &str, around: Around<'_>) -> Markup {
    html! { @if !around.systems.is_empty() && chrome.may(Power::Edit) { section.card {
        h2 { (chrome.say("どのシステムについての回答か", "Which system the answers are about")) }
        p.help { (chrome.say(
            "選んだシステムの「対策の計画」と報告書に、対策要件ごとの回答が示されます。",
            "The plan and the reports of the system show the answers beside the requirements that they speak to.")) }
        (chrome.form(&format!("{base}/system"), "form row", &html! {
            div.field {
                label for="system" { (chrome.say("システム", "System")) }
                select #system name="system" {
                    option value="" { (chrome.say("特定のシステムではない", "no one system")) }
                    @for (id, name) in around.systems { option value=(id) selected[Some(id.as_str()) == around.system] { (name.get(chrome.lang)) } }
                }
            }
            button { (chrome.say("保存", "Save")) }
        }))
    } } }
}
