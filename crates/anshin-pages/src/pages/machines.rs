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
    /// Since when it does so.
    pub since: Option<String>,
    /// The lights that are lit on it, where they tell what it does.
    pub lit: Option<Text>,
    /// That nothing is heard of the monitor, if that is so: all this is how it was last.
    pub quiet: Option<Text>,
    /// Whether cycles are looked for at all.
    pub has_cycles: bool,
    /// Its last cycle.
    pub cycle: Option<CycleRow>,
    /// How well it was used: the day, and the rates of it and of its shifts.
    pub used: Option<(String, Text)>,
    /// Alerts that are raised.
    pub alerts: Vec<AlertRow>,
    /// Alerts that are over and that nobody has acknowledged.
    pub over: Vec<AlertRow>,
    /// References that wait for approval.
    pub waiting: Vec<ReferenceRow>,
    /// The references that it has.
    pub references: Vec<ReferenceRow>,
    /// Until when it is maintained.
    pub maintenance: Option<String>,
    /// When it is maintained next.
    pub next_maintenance: Option<Text>,
}

/// A reference of a machine.
#[derive(Debug, Clone)]
pub struct ReferenceRow {
    /// The parts of the job's key.
    pub key: Vec<String>,
    /// Number of the mode.
    pub mode: u32,
    /// The job and the mode in words.
    pub job: String,
    /// How long a cycle takes and what it takes; empty where that is not known.
    pub values: String,
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
    pub quantity: Option<String>,
    /// Duration against the reference, 0.1 for 10 % longer.
    pub seconds_off: Option<f64>,
    /// Quantity against the reference.
    pub quantity_off: Option<f64>,
    /// How it was found: the id of the finding.
    pub finding: String,
    /// The same in words.
    pub found: Text,
}

/// An alert that is raised, or over and not acknowledged.
#[derive(Debug, Clone)]
pub struct AlertRow {
    /// Which.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The job in brackets, after a space; nothing where it is about no job.
    pub job: String,
    /// What has been seen.
    pub says: Text,
    /// What was measured against what should have been.
    pub measured: Option<Text>,
    /// Likely causes, what to look at first, what is at stake: under headings.
    pub lists: Vec<(Text, Vec<Text>)>,
    /// Since when.
    pub since: String,
    /// The same as the monitor writes it, so that a later alert of its kind is not meant.
    pub began: String,
    /// Whether somebody has acknowledged it.
    pub seen: bool,
    /// Who has, when, and with which words.
    pub acknowledged: Option<Text>,
    /// That it is over, since when, and that nobody has acknowledged it; nothing while it is raised.
    pub over: Option<Text>,
}

/// An alert that is about no single machine.
#[derive(Debug, Clone)]
pub struct OtherRow {
    /// The team or the monitor that watches.
    pub team: String,
    /// Whether it is a source or a group, and its id; nothing where that is not known.
    pub of: Option<(&'static str, String)>,
    /// The device, of a source.
    pub device: Option<String>,
    /// The source; or the group, with the machines.
    pub about: Text,
    /// The alert.
    pub alert: AlertRow,
    /// That nothing is heard of the monitor, if that is so: all this is how it was last.
    pub quiet: Option<Text>,
}

/// Alerts that are about no single machine, and all machines. Times are in a time zone; without one, each tells
/// its own. The page follows what happens.
pub fn machines(chrome: &Chrome<'_>, rows: (&[OtherRow], &[MachineRow]), zone: Option<&str>) -> String {
    let body = html! {
        div.title {
            h1 { (chrome.say("機械", "Machines")) }
            p.lead {
                (chrome.say(
                    "監視が見守る機械の今の様子です。変化があると、自動で更新されます（JavaScriptが使えないときは、再読み込みしてください）。",
                    "How the machines are that a monitor watches. The page follows what happens by itself; without JavaScript, reload it. "))
                @match (zone, chrome.lang) {
                    (Some(zone), Lang::Ja) => { "時刻は" (zone) "です。" },
                    (Some(zone), Lang::En) => { "Times are in " (zone) "." },
                    (None, Lang::Ja) => "時刻は、それぞれの工場のものです。",
                    (None, Lang::En) => "Times are those of each factory.",
                }
            }
        }
        div #machines data-live="/machines" { (machines_now(chrome, rows)) }
    };
    let page = Page::new(chrome.say("機械", "Machines"), Room::Machines, body).script("live.js");
    chrome.page(&page)
}

/// The machines without the frame of the page.
pub fn machines_now(chrome: &Chrome<'_>, (others, rows): (&[OtherRow], &[MachineRow])) -> Markup {
    let producing = rows.iter().filter(|row| row.state == Some("producing")).count();
    let outside = rows.iter().filter(|row| !row.alerts.is_empty()).count();
    let of_machines = rows.iter().flat_map(|row| row.alerts.iter().chain(&row.over));
    let alerts = of_machines.chain(others.iter().map(|other| &other.alert));
    let unseen = alerts.filter(|alert| !alert.seen).count();
    html! {
        div.sheet {
            div.figures {
                div.figure { b { (rows.len()) } span { (chrome.say("機械", "machines")) } }
                div.figure { b { (producing) } span { (chrome.say("生産中", "producing")) } }
                div.figure.grave[outside > 0] { b { (outside) } span { (chrome.say("警報が出ている機械", "with an alert")) } }
                div.figure.serious[unseen > 0] { b { (unseen) } span { (chrome.say("未確認の警報", "alerts not acknowledged")) } }
            }
            @if rows.is_empty() {
                p.soft { (sentence(chrome.say(
                    "監視の記録に、まだ機械がありません。`anshin monitor run`が動いているか、`--monitor`の指定を確かめてください。",
                    "There is no machine in the records of the monitor yet. See whether `anshin monitor run` is at work and `--monitor` names its records."))) }
            }
            @for row in others { (other(chrome, row)) }
            // What somebody has to look at comes first.
            div.cards {
                @for row in rows.iter().filter(|row| !row.alerts.is_empty()) { (machine(chrome, row)) }
                @for row in rows.iter().filter(|row| row.alerts.is_empty() && !row.over.is_empty()) { (machine(chrome, row)) }
                @for row in rows.iter().filter(|row| row.alerts.is_empty() && row.over.is_empty()) { (machine(chrome, row)) }
            }
        }
    }
}

fn other(chrome: &Chrome<'_>, row: &OtherRow) -> Markup {
    html! {
        section.notice.grave.alarm {
            p { strong { (row.about.get(chrome.lang)) ": " (row.alert.name.get(chrome.lang)) } }
            @if let Some(quiet) = &row.quiet {
                p.small { (sentence(quiet.get(chrome.lang))) (chrome.say("。最後に伝えられた様子です。", ". This is how it was last.")) }
            }
            (details(chrome, &row.alert))
            @if let Some((kind, id)) = &row.of {
                (seen(chrome, (&row.team, kind, id), row.device.as_deref(), &row.alert))
            }
        }
    }
}

/// Since when an alert is open, and all that is known of it.
fn details(chrome: &Chrome<'_>, alert: &AlertRow) -> Markup {
    html! {
        p.small { (chrome.say("開始 ", "since ")) (alert.since) }
        p { (alert.says.get(chrome.lang)) }
        @if let Some(measured) = &alert.measured { p { strong { (measured.get(chrome.lang)) } } }
        @if !alert.lists.is_empty() {
            div.lists.small {
                @for (heading, items) in &alert.lists {
                    div {
                        p { strong { (heading.get(chrome.lang)) } }
                        @if !items.is_empty() { ul { @for item in items { li { (item.get(chrome.lang)) } } } }
                    }
                }
            }
        }
    }
}

fn machine(chrome: &Chrome<'_>, row: &MachineRow) -> Markup {
    let (tone, state) = match row.state {
        Some("producing") => ("good", chrome.say("生産中", "producing")),
        Some("idle") => ("", chrome.say("待機", "idle")),
        Some("off") => ("", chrome.say("停止", "off")),
        _ if row.quiet.is_some() => ("serious", chrome.say("不明", "not known")),
        _ => ("serious", chrome.say("データなし", "no data")),
    };
    let has_news = !(row.alerts.is_empty() && row.over.is_empty() && row.waiting.is_empty());
    html! {
        section.card.machine.alarmed[has_news] {
            div.title {
                h2 { (row.name.get(chrome.lang)) }
                span.mark.(tone) { (state) }
            }
            @if let Some(quiet) = &row.quiet {
                p.small.serious { (sentence(quiet.get(chrome.lang))) (chrome.say("。下は最後に伝えられた様子です。", ". What follows is how it was last.")) }
            }
            @if let Some(until) = &row.maintenance {
                div.acts {
                    span.mark.serious { (chrome.say("保全中", "maintained")) }
                    span.small { (chrome.say("終了予定 ", "until ")) (until) }
                    @if chrome.may(Power::Edit) { (maintain(chrome, row, &html! {
                        input type="hidden" name="minutes" value="0";
                        button.tiny id={ "over-" (row.team) "-" (row.id) } { (chrome.say("保全を終わる", "End maintenance")) }
                    })) }
                }
            }
            @if let Some(next) = &row.next_maintenance {
                p.small { (chrome.say("次の保全の予定: ", "Next maintenance: ")) (next.get(chrome.lang)) }
            }
            @if has_news {
                div.beside {
                    div.facts {
                        @for alert in row.alerts.iter().chain(&row.over) { (alarm(chrome, row, alert)) }
                        @for waiting in &row.waiting { (approval(chrome, row, waiting)) }
                    }
                    div.facts { (facts(chrome, row, state)) (asks(chrome, row)) }
                }
            } @else {
                (facts(chrome, row, state))
                (asks(chrome, row))
            }
        }
    }
}

/// What a person may ask of a machine that nothing on its card calls for.
fn asks(chrome: &Chrome<'_>, row: &MachineRow) -> Markup {
    let of = format!("{}-{}", row.team, row.id);
    let minutes = html! {
        div.field {
            label for={ "minutes-" (of) } { (chrome.say("今から何分間", "Minutes from now")) }
            input id={ "minutes-" (of) } type="number" name="minutes" min="1" max="525600" value="60" required;
        }
        button.tiny id={ "maintain-" (of) } { (chrome.say("始める", "Start")) }
    };
    html! { @if chrome.may(Power::Edit) {
        @if row.maintenance.is_none() { details.why id={ "maintenance-" (of) } {
            summary { (chrome.say("保全を始める", "Start maintenance")) }
            p { (chrome.say(
                "その間は判定も学習もせず、出ている警報は解消します。",
                "Nothing is judged or learnt meanwhile, and open alerts end.")) }
            (maintain(chrome, row, &minutes))
        } }
        @if !row.references.is_empty() { details.why id={ "references-" (of) } {
            summary { (chrome.say("覚えた基準", "References")) " (" (row.references.len()) ")" }
            ul { @for reference in &row.references { li {
                (reference.job) " " span.soft { (reference.values) }
                (forget(chrome, row, reference))
            } } }
        } }
    } }
}

/// Asks that a machine is maintained.
fn maintain(chrome: &Chrome<'_>, row: &MachineRow, fields: &Markup) -> Markup {
    chrome.form("/machines/maintain", "form row", &html! { (which(row)) (fields) })
}

/// Which machine a form means.
fn which(row: &MachineRow) -> Markup {
    html! {
        input type="hidden" name="team" value=(row.team);
        input type="hidden" name="machine" value=(row.id);
    }
}

/// Which reference of a machine a form means.
fn which_reference(row: &MachineRow, reference: &ReferenceRow) -> Markup {
    html! {
        (which(row))
        @for part in &reference.key { input type="hidden" name="key" value=(part); }
        input type="hidden" name="mode" value=(reference.mode);
    }
}

/// Lets a reference be forgotten, once somebody has seen what comes of it.
fn forget(chrome: &Chrome<'_>, row: &MachineRow, reference: &ReferenceRow) -> Markup {
    let of = format!("{}-{}-{}", row.team, row.id, reference.job);
    let ask = chrome.say("この基準を忘れる", "Forget this reference");
    html! {
        details.why id={ "forget-" (of) } {
            summary aria-label={ (ask) ": " (reference.job) } { (ask) }
            p { (chrome.say(
                "元に戻せません。このジョブは、ほかの基準があればそれで判定し、なければ覚え直します。",
                "This cannot be undone. The job is judged by another reference that it has, or learns anew.")) }
            (chrome.form("/machines/forget", "", &html! {
                (which_reference(row, reference))
                button.tiny id={ "forgotten-" (of) } { (chrome.say("忘れる", "Forget")) ": " (reference.job) }
            }))
        }
    }
}

/// What a machine does, has done, and is called by its monitor.
fn facts(chrome: &Chrome<'_>, row: &MachineRow, state: &str) -> Markup {
    html! {
        @if row.since.is_some() || row.lit.is_some() || row.used.is_some() {
            dl.way {
                @if let Some(since) = &row.since { div {
                    dt { (chrome.say("状態", "State")) }
                    dd { (state) (chrome.say("、開始 ", " since ")) (since) }
                } }
                @if let Some(lit) = &row.lit { div {
                    dt { (chrome.say("点いている灯", "Lights lit")) }
                    dd { (lit.get(chrome.lang)) }
                } }
                @if let Some((day, rates)) = &row.used { div {
                    dt { (chrome.say("稼働率", "Utilisation")) " " (day) }
                    dd { (rates.get(chrome.lang)) }
                } }
            }
        }
        @match &row.cycle {
            None if !row.has_cycles => {},
            None => p.soft.small { (chrome.say("監視を始めてからは、サイクルがまだありません", "no cycle since the monitor began")) },
            Some(cycle) => (last_cycle(chrome, cycle)),
        }
        p.soft.small { (row.id) " · " (row.team) }
    }
}

/// A reference that waits for approval.
fn approval(chrome: &Chrome<'_>, row: &MachineRow, waiting: &ReferenceRow) -> Markup {
    let of = format!("{}-{}-{}", row.team, row.id, waiting.job);
    html! {
        div.notice.serious.alarm {
            p { strong { (chrome.say("承認待ちの基準: ", "Reference to be approved: ")) (waiting.job) } }
            @if !waiting.values.is_empty() { p { (waiting.values) } }
            p.small { (chrome.say(
                "承認されるまで、このジョブは判定しません。",
                "Nothing of this job is judged before.")) }
            @if chrome.may(Power::Edit) {
                (chrome.form("/machines/approve", "", &html! {
                    (which_reference(row, waiting))
                    button.tiny id={ "approve-" (of) } { (chrome.say("正しいので承認する", "It is right: approve it")) }
                }))
            } @else {
                p.small { (chrome.say("まだだれも承認していません", "nobody has approved it yet")) }
            }
        }
    }
}

fn alarm(chrome: &Chrome<'_>, row: &MachineRow, alert: &AlertRow) -> Markup {
    html! {
        div.notice.alarm.grave[alert.over.is_none()] {
            strong { (alert.name.get(chrome.lang)) (alert.job) }
            @if let Some(over) = &alert.over { p.small { (sentence(over.get(chrome.lang))) } }
            (details(chrome, alert))
            (seen(chrome, (&row.team, "machine", &row.id), None, alert))
        }
    }
}

/// Who has acknowledged an alert about something of a team; the button to do so where nobody has.
fn seen(
    chrome: &Chrome<'_>,
    (team, kind, id): (&str, &str, &str),
    device: Option<&str>,
    alert: &AlertRow,
) -> Markup {
    let over = if alert.over.is_some() { "-over" } else { "" };
    let about = [team, kind, id, device.unwrap_or_default(), &alert.id].join("-") + over;
    let button = html! {
        input type="hidden" name="team" value=(team);
        input type="hidden" name=(kind) value=(id);
        @if let Some(device) = device { input type="hidden" name="device" value=(device); }
        input type="hidden" name="alert" value=(alert.id);
        input type="hidden" name="since" value=(alert.began);
        details.why id={ "say-" (about) } {
            summary { (chrome.say("メモを付ける", "Add a note")) }
            div.field {
                label for={ "note-" (about) } { (chrome.say("メモ", "What there is to say about it")) }
                input id={ "note-" (about) } name="note" maxlength="2000" autocomplete="off";
            }
        }
        button.tiny id={ "seen-" (about) } { (chrome.say("確認した", "Acknowledge")) }
    };
    html! {
        @if alert.seen {
            span.small {
                "✓ " (chrome.say("確認済み", "acknowledged"))
                @if let Some(who) = &alert.acknowledged { ": " (who.get(chrome.lang)) }
            }
        }
        @else if chrome.may(Power::Edit) { (chrome.form("/machines/acknowledge", "", &button)) }
        @else { span.small { (chrome.say("まだだれも確認していません", "nobody has acknowledged it yet")) } }
    }
}

fn last_cycle(chrome: &Chrome<'_>, cycle: &CycleRow) -> Markup {
    let tone = match cycle.finding.as_str() {
        "healthy" => "good",
        "outside" => "grave",
        "broken-off" => "serious",
        _ => "",
    };
    html! {
        dl.way {
            div { dt { (chrome.say("前のサイクル", "Last cycle")) } dd { (cycle.ended) } }
            @if !cycle.job.is_empty() { div { dt { (chrome.say("ジョブ", "Job")) } dd { (cycle.job) } } }
            div {
                dt { (chrome.say("時間", "Time")) }
                dd { (format!("{:.1} s", cycle.seconds)) (off(cycle.seconds_off)) }
            }
            @if let Some(quantity) = &cycle.quantity { div {
                dt { (chrome.say("使用量", "Taken")) }
                dd { (quantity) (off(cycle.quantity_off)) }
            } }
            div { dd { span.mark.(tone) { (cycle.found.get(chrome.lang)) } } }
        }
    }
}

/// The beginning of a sentence: with a capital, and what stands in backticks as commands.
fn sentence(words: &str) -> Markup {
    // Signs of other scripts have no capitals.
    let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
    html! {
        (first.to_ascii_uppercase())
        @for (n, part) in rest.split('`').enumerate() {
            @if n % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn off(part: Option<f64>) -> Markup {
    // Adding zero takes the sign from what rounds to none.
    html! { @if let Some(part) = part { (format!(" ({:+.1} %)", (part * 1000.0).round() / 10.0 + 0.0)) } }
}
