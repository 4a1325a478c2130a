//! The machines that a monitor watches, as they are right now.

use anshin_model::{Lang, Text};
use maud::{Markup, html};

use crate::chrome::{Chrome, Page, Power, Room};

/// A machine.
#[derive(Debug, Clone)]
pub struct MachineRow {
    /// The team or the monitor that watches it.
    pub team: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it does: `producing`, `idle` or `off`; nothing if that is not known.
    pub state: Option<&'static str>,
    /// Whether nothing is heard of the monitor, so that all this is how it was last.
    pub quiet: bool,
    /// Its last cycle.
    pub cycle: Option<CycleRow>,
    /// Alerts that are raised.
    pub alerts: Vec<AlertRow>,
    /// Until when it is maintained.
    pub maintenance: Option<String>,
}

/// The last cycle of a machine.
#[derive(Debug, Clone)]
pub struct CycleRow {
    /// When it ended.
    pub ended: String,
    /// The job.
    pub job: String,
    /// How long it lasted, in seconds.
    pub seconds: f64,
    /// What it took, with the unit.
    pub quantity: Option<(f64, String)>,
    /// Duration against the reference, 0.1 for 10 % longer.
    pub seconds_off: Option<f64>,
    /// Quantity against the reference.
    pub quantity_off: Option<f64>,
    /// How it was found.
    pub finding: String,
}

/// An alert that is raised.
#[derive(Debug, Clone)]
pub struct AlertRow {
    /// Which.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Since when.
    pub since: String,
    /// The same as the monitor writes it, so that a later alert of its kind is not meant.
    pub began: String,
    /// Whether somebody has acknowledged it.
    pub seen: bool,
}

/// Machines that share something and raise alerts together.
#[derive(Debug, Clone)]
pub struct GroupRow {
    /// The name of the group, with the machines.
    pub name: Text,
    /// The name of the alert.
    pub alert: Text,
    /// Since when.
    pub since: String,
    /// What is likely behind it, likely ones first.
    pub causes: Vec<Text>,
    /// What to look at first.
    pub first: Vec<Text>,
    /// Whether nothing is heard of the monitor, so that all this is how it was last.
    pub quiet: bool,
}

/// All machines and the groups that raise alerts, with times in a time zone; the page follows what happens.
pub fn machines(chrome: &Chrome<'_>, rows: (&[GroupRow], &[MachineRow]), zone: &str) -> String {
    let body = html! {
        div.title {
            h1 { (chrome.say("機械", "Machines")) }
            p.lead {
                (chrome.say(
                    "監視が見守る機械の今の様子です。変化があると、自動で更新されます（JavaScriptが使えないときは、再読み込みしてください）。",
                    "How the machines are that a monitor watches. The page follows what happens by itself; without JavaScript, reload it. "))
                @if chrome.lang == Lang::Ja { "時刻は" (zone) "です。" } @else { "Times are in " (zone) "." }
            }
        }
        div #machines data-live="/machines" { (machines_now(chrome, rows)) }
    };
    let page = Page::new(chrome.say("機械", "Machines"), Room::Machines, body).script("live.js");
    chrome.page(&page)
}

/// The machines without the frame of the page.
pub fn machines_now(chrome: &Chrome<'_>, (groups, rows): (&[GroupRow], &[MachineRow])) -> Markup {
    let producing = rows.iter().filter(|row| row.state == Some("producing")).count();
    let outside = rows.iter().filter(|row| !row.alerts.is_empty()).count();
    let unseen: usize = rows.iter().flat_map(|row| &row.alerts).filter(|alert| !alert.seen).count();
    html! {
        div.sheet {
            div.figures {
                div.figure { b { (rows.len()) } span { (chrome.say("機械", "machines")) } }
                div.figure { b { (producing) } span { (chrome.say("生産中", "producing")) } }
                div.figure.grave[outside > 0] { b { (outside) } span { (chrome.say("警報が出ている機械", "with an alert")) } }
                div.figure.serious[unseen > 0] { b { (unseen) } span { (chrome.say("未確認の警報", "alerts not acknowledged")) } }
            }
            @if rows.is_empty() {
                p.soft { (chrome.say(
                    "監視の記録に、まだ機械がありません。`anshin monitor run`が動いているか、`--monitor`の指定を確かめてください。",
                    "There is no machine in the records of the monitor yet. See whether `anshin monitor run` is at work and `--monitor` names its records.")) }
            }
            @for row in groups { (group(chrome, row)) }
            div.cards { @for row in rows { (machine(chrome, row)) } }
        }
    }
}

fn group(chrome: &Chrome<'_>, row: &GroupRow) -> Markup {
    // The nearest things come first; the whole list stands in the alert.
    let list = |label, texts: &[Text]| {
        html! {
            @if !texts.is_empty() {
                div { dt { (label) } dd { ul { @for text in texts.iter().take(MOST_LISTED) { li { (text.get(chrome.lang)) } } } } }
            }
        }
    };
    html! {
        section.notice.grave.together {
            p { strong { (row.name.get(chrome.lang)) ": " (row.alert.get(chrome.lang)) } }
            p.small { (chrome.say("開始 ", "since ")) (row.since) }
            @if row.quiet {
                p.small { (chrome.say(
                    "監視から知らせが届いていません。最後に伝えられた様子です",
                    "nothing is heard of the monitor; this is how it was last")) }
            }
            dl.way.small {
                (list(chrome.say("考えられる共通の原因", "Likely causes in common"), &row.causes))
                (list(chrome.say("最初に確かめること", "Look at first"), &row.first))
            }
        }
    }
}

/// How many causes of a group are listed.
const MOST_LISTED: usize = 3;

fn machine(chrome: &Chrome<'_>, row: &MachineRow) -> Markup {
    let (tone, state) = match row.state {
        Some("producing") => ("good", chrome.say("生産中", "producing")),
        Some("idle") => ("", chrome.say("待機", "idle")),
        Some("off") => ("", chrome.say("停止", "off")),
        _ => ("serious", chrome.say("不明", "not known")),
    };
    html! {
        section.card.machine {
            div.title {
                h2 { (row.name.get(chrome.lang)) }
                span.mark.(tone) { (state) }
            }
            @if row.quiet {
                p.small.serious { (chrome.say(
                    "監視から知らせが届いていません。下は最後に伝えられた様子です",
                    "nothing is heard of the monitor; what follows is how it was last")) }
            }
            @if let Some(until) = &row.maintenance {
                p.small { (chrome.say("保全中、終了予定 ", "maintained until ")) (until) }
            }
            @for alert in &row.alerts { (alarm(chrome, row, alert)) }
            @match &row.cycle {
                None => p.soft.small { (chrome.say("監視を始めてからは、サイクルがまだありません", "no cycle since the monitor began")) },
                Some(cycle) => (last_cycle(chrome, cycle)),
            }
            p.soft.small { (row.id) " · " (row.team) }
        }
    }
}

fn alarm(chrome: &Chrome<'_>, row: &MachineRow, alert: &AlertRow) -> Markup {
    let button = html! {
        input type="hidden" name="team" value=(row.team);
        input type="hidden" name="machine" value=(row.id);
        input type="hidden" name="alert" value=(alert.id);
        input type="hidden" name="since" value=(alert.began);
        button.tiny id={ "seen-" (row.team) "-" (row.id) "-" (alert.id) } { (chrome.say("確認した", "Acknowledge")) }
    };
    html! {
        div.notice.grave {
            strong { (alert.name.get(chrome.lang)) }
            span.small { (chrome.say("開始 ", "since ")) (alert.since) }
            @if alert.seen { span.small { "✓ " (chrome.say("確認済み", "acknowledged")) } }
            @else if chrome.may(Power::Edit) { (chrome.form("/machines/acknowledge", "", &button)) }
            @else { span.small { (chrome.say("まだだれも確認していません", "nobody has acknowledged it yet")) } }
        }
    }
}

fn last_cycle(chrome: &Chrome<'_>, cycle: &CycleRow) -> Markup {
    let (tone, finding) = match (cycle.finding.as_str(), chrome.lang) {
        ("healthy", Lang::Ja) => ("good", "正常"),
        ("healthy", Lang::En) => ("good", "healthy"),
        ("inconclusive", Lang::Ja) => ("", "判断できず"),
        ("inconclusive", Lang::En) => ("", "inconclusive"),
        ("outside", Lang::Ja) => ("grave", "範囲外"),
        ("outside", Lang::En) => ("grave", "outside"),
        ("broken-off", Lang::Ja) => ("serious", "途中で終了"),
        ("broken-off", Lang::En) => ("serious", "broken off"),
        ("unreliable", Lang::Ja) => ("", "判定せず"),
        ("unreliable", Lang::En) => ("", "not judged"),
        (_, Lang::Ja) => ("", "学習中"),
        (_, Lang::En) => ("", "learning"),
    };
    html! {
        dl.way {
            div { dt { (chrome.say("前のサイクル", "Last cycle")) } dd { (cycle.ended) } }
            @if !cycle.job.is_empty() { div { dt { (chrome.say("作業", "Job")) } dd { (cycle.job) } } }
            div {
                dt { (chrome.say("時間", "Time")) }
                dd { (format!("{:.1} s", cycle.seconds)) (off(cycle.seconds_off)) }
            }
            @if let Some((quantity, unit)) = &cycle.quantity { div {
                dt { (chrome.say("消費", "Used")) }
                dd { (format!("{quantity:.2} {unit}")) (off(cycle.quantity_off)) }
            } }
            div { dd { span.mark.(tone) { (finding) } } }
        }
    }
}

fn off(part: Option<f64>) -> Markup {
    // Adding zero takes the sign from what rounds to none.
    html! { @if let Some(part) = part { (format!(" ({:+.1} %)", (part * 1000.0).round() / 10.0 + 0.0)) } }
}
