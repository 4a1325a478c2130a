//! Machines, cycles and alerts as text.

use std::fmt::Write as _;

use anshin_catalog::Catalog;
use anshin_model::Text;
use anshin_monitor::account::{self, Account, percent};
use anshin_monitor::config::MachineConfiguration;
use anshin_monitor::cycle::{Bounds, Cycle, Doubt};
use anshin_monitor::group::GroupAlert;
use anshin_monitor::judge::{Alert, Change, SourceAlert};
use anshin_monitor::reference::{self, Deviation, Finding};
use anshin_monitor::utilisation::Rate;
use anshin_monitor::{Configuration, Monitor, Said, Time, v1};
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr as _;

use crate::output::{Output, pad, wrap};

/// Width of a block of text on the terminal.
const WIDTH: usize = 90;

/// What a machine said; `None` for a healthy cycle that nobody asked for.
pub(crate) fn said(
    machine: &MachineConfiguration,
    said: &Said,
    catalog: &Catalog,
    output: Output,
    verbose: bool,
) -> Option<String> {
    match said {
        Said::Cycle(
            _,
            Finding::Healthy(_) | Finding::Inconclusive(_) | Finding::Learning | Finding::SetAside(_),
        ) if !verbose => None,
        Said::Cycle(cycle, finding) => Some(self::cycle(machine, cycle, finding, output)),
        Said::Alert(alert) => {
            let account = Account::of_machine(machine, alert, catalog);
            Some(self::alert(&account, alert, &machine.settings.zone, output))
        }
    }
}

/// What is wrong with a source.
pub(crate) fn source_alert(
    configuration: &Configuration,
    said: &SourceAlert,
    catalog: &Catalog,
    output: Output,
) -> String {
    let account = Account::of_source(configuration, said, catalog);
    alert(&account, &said.alert, &configuration.zone(), output)
}

/// What machines that share something raise together.
pub(crate) fn group_alert(
    configuration: &Configuration,
    said: &GroupAlert,
    catalog: &Catalog,
    output: Output,
) -> String {
    let account = Account::of_group(configuration, said, catalog);
    alert(&account, &said.alert, &configuration.zone(), output)
}

/// A moment as people of the factory read it.
pub(crate) fn local(at: Time, zone: &TimeZone) -> String {
    at.stamp().to_zoned(zone.clone()).strftime("%F %T").to_string()
}

fn cycle(machine: &MachineConfiguration, cycle: &Cycle, finding: &Finding, output: Output) -> String {
    let (id, deviation) = v1::finding(finding);
    let word = match finding {
        Finding::SetAside(work) => account::word(work.id()),
        _ => account::word(id),
    };
    let word = tone(id, word.get(output.lang), output);
    let time = local(cycle.end, &machine.settings.zone);
    let name = pad(machine.name.get(output.lang), 24);
    let taken = cycle.quantity.map_or(String::new(), |quantity| {
        let decimals = reference::decimals(quantity);
        format!("  {quantity:>8.decimals$} ± {:.decimals$} {}", cycle.uncertainty, machine.unit)
    });
    let off = deviation.map_or(String::new(), |deviation| self::deviation(deviation, output));
    let doubts = account::doubts(id, cycle.doubts.iter().map(Doubt::id), Some(cycle.held), output.lang);
    let doubts = if doubts.is_empty() { String::new() } else { format!("  ({})", doubts.join(", ")) };
    format!("{time}  {name} {:>8.1} s{taken}  {word}{off}{doubts}\n", cycle.duration)
}

fn deviation(deviation: &Deviation, output: Output) -> String {
    let time = format!("{} {}", output.word("時間", "time"), percent(deviation.duration));
    match deviation.quantity {
        Some(quantity) => format!("  {time}, {} {}", output.word("使用量", "taken"), percent(quantity)),
        None => format!("  {time}"),
    }
}

/// A finding in its colour.
pub(super) fn tone(id: &str, word: &str, output: Output) -> String {
    match id {
        "healthy" => output.good(word),
        "outside" | "broken-off" => output.bad(word),
        "learnt" => output.strong(word),
        _ => output.faint(word),
    }
}

fn alert(account: &Account, alert: &Alert, zone: &TimeZone, output: Output) -> String {
    let (lang, at) = (output.lang, local(alert.at, zone));
    let title = format!("{}: {}", account.place(lang), account.name.get(lang));
    if alert.change == Change::Cleared {
        return format!("{at}  {}  {title}\n", output.good(output.word("解消", "over")));
    }
    let raised = output.bad(output.word("警報", "ALERT"));
    format!("{at}  {raised}  {}\n{}", output.strong(&title), details(account, output))
}

/// What there is to say of an alert beside its name, as lines that are indented.
pub(crate) fn details(account: &Account, output: Output) -> String {
    let mut out = String::new();
    paragraph(&mut out, "", account.says.get(output.lang));
    if let Some(measured) = &account.measured {
        paragraph(&mut out, "", measured.get(output.lang));
    }
    for (heading, items) in account.lists() {
        let _ = writeln!(out, "    {}", heading.get(output.lang));
        for item in items {
            paragraph(&mut out, "- ", item.get(output.lang));
        }
    }
    out
}

fn paragraph(out: &mut String, mark: &str, text: &str) {
    for (n, line) in wrap(text, WIDTH).iter().enumerate() {
        let lead = if n == 0 { mark } else { &" ".repeat(mark.len())[..] };
        let _ = writeln!(out, "    {lead}{line}");
    }
}

/// How well each machine was used, what it has learnt, and what is still wrong.
pub(crate) fn summary(configuration: &Configuration, monitor: &Monitor<'_>, output: Output) -> String {
    let mut out = String::from("\n");
    let _ = writeln!(out, "{}", output.heading(output.word("稼働率", "Utilisation")));
    let has_shifts = configuration.machines.iter().any(|of| !of.settings.calendar.shifts.is_empty());
    let beside =
        if has_shifts { output.word("シフト外の生産", "producing outside shifts") } else { "" };
    let headings = [
        output.word("機械", "machine"),
        output.word("日", "day"),
        output.word("稼働率", "rate"),
        output.word("生産", "producing"),
        output.word("待機", "idle"),
        output.word("停止", "off"),
        output.word("データなし", "no data"),
        beside,
    ];
    let mut rows = vec![headings.map(str::to_owned)];
    for (of, machine) in configuration.machines.iter().zip(monitor.machines()) {
        for (day, used) in machine.utilisation().by_day() {
            let rate = match used.rate() {
                Rate::NoData => "-".to_owned(),
                rate => rate.text().get(output.lang).to_owned(),
            };
            let planned = used.planned;
            let [producing, idle, off, no_data] =
                [planned.producing, planned.idle, planned.off, planned.no_data].map(duration);
            let beside = if has_shifts { duration(used.beside.producing) } else { String::new() };
            let name = of.name.get(output.lang).to_owned();
            rows.push([name, day.to_string(), rate, producing, idle, off, no_data, beside]);
        }
    }
    table(&mut out, &rows);
    let headings = [
        output.word("機械", "machine"),
        output.word("ジョブ", "job"),
        output.word("時間", "time"),
        output.word("使用量", "taken"),
        output.word("許容範囲", "tolerance"),
        output.word("サイクル数", "cycles"),
    ];
    let mut rows = vec![headings.map(str::to_owned)];
    for (of, machine) in configuration.machines.iter().zip(monitor.machines()) {
        for (key, mode) in machine.references().modes() {
            let reference = mode.reference;
            let limits = mode.limits(of.settings.tolerances.of(key));
            let parts = [limits.duration, limits.quantity.filter(|_| reference.quantity.is_some())];
            let tolerance = parts.into_iter().flatten().map(|part| format!("{:.0} %", part * 100.0));
            rows.push([
                of.name.get(output.lang).to_owned(),
                reference::name(key, mode.mode),
                format!("{:.1} s{}", reference.duration, spread(mode.spread().map(|spread| spread.0))),
                reference.quantity.map_or("-".to_owned(), |quantity| {
                    let (decimals, spread) =
                        (reference::decimals(quantity), mode.spread().and_then(|spread| spread.1));
                    format!("{quantity:.decimals$} {}{}", of.unit, self::spread(spread))
                }),
                tolerance.collect::<Vec<_>>().join(", "),
                mode.cycles.to_string(),
            ]);
        }
    }
    // Nothing is learnt where nobody looks for cycles.
    if rows.len() > 1 || configuration.machines.iter().any(|of| of.settings.cycle.bounds != Bounds::None) {
        let _ = writeln!(out, "\n{}", output.heading(output.word("覚えた基準", "References")));
        table(&mut out, &rows);
    }
    if rows.iter().flatten().any(|cell| cell.contains('±')) {
        let note = output.word(
            "±は、最近の正常なサイクルのばらつき（標準偏差）です。決まった値の許容範囲をその3倍より狭くすると、正常なサイクルまで範囲外とします。",
            "± is how far the last healthy cycles lie apart (one standard deviation); a fixed tolerance below three times that finds fault with healthy cycles.",
        );
        let _ = writeln!(out, "{}", output.faint(note));
    }
    for (of, machine) in configuration.machines.iter().zip(monitor.machines()) {
        if let Some((part, after)) = machine.unheard().zip(of.settings.silent_after) {
            let (name, percent) = (of.name.get(output.lang), (100.0 * part).round());
            let text = Text::new(
                format!(
                    "{name}: 時間の{percent:.0} %がデータなしです。計測値の間隔が`silent-after`（{after:.0}秒）より長いためです。変化したときだけ記録するなら`silent-after: 0`と書いてください。次の記録まで同じ状態が続くとみなします"
                ),
                format!(
                    "{name}: {percent:.0} % is without data, since rows lie further apart than `silent-after` ({after:.0} s); if there is one only where something changes, write `silent-after: 0`: what it tells then holds until the next one"
                ),
            );
            let _ = writeln!(out, "\n{}", output.bad(text.get(output.lang)));
        }
        if let Some(coarse) = machine.coarse() {
            let _ = writeln!(out, "\n{}", output.bad(coarse.text(&of.name).get(output.lang)));
        }
        if let Some(interrupted) = machine.interrupted() {
            let text = interrupted.text(&of.name);
            let _ = writeln!(out, "\n{}", output.bad(text.get(output.lang)));
        }
        if let Some(late) = machine.late() {
            let text = machine.late_text(late, &of.name);
            let _ = writeln!(out, "\n{}", output.bad(text.get(output.lang)));
            continue;
        }
        // What lies between two samples of the meter needs no word.
        let Some(clock) = machine.clock().filter(|clock| clock.is_certain) else { continue };
        if clock.is_news(machine.meter_offset()) {
            let name = of.name.get(output.lang);
            let (seconds, uncertainty) = (clock.seconds, clock.uncertainty);
            let both = Text::new(
                format!(
                    "{name}: 計器の時計が機械の時計とずれています。`meter`に`offset: {seconds:.2}`を書いてください（± {uncertainty:.2} s）"
                ),
                format!(
                    "{name}: the clocks of meter and machine differ; write `offset: {seconds:.2}` under `meter` (± {uncertainty:.2} s)"
                ),
            );
            let _ = writeln!(out, "\n{}", both.get(output.lang));
        }
    }
    out
}

/// How far healthy cycles lie apart, beside their reference; nothing if it is not known yet.
pub(super) fn spread(part: Option<f64>) -> String {
    part.map_or_else(String::new, |part| format!(" ± {:.1} %", part * 100.0))
}

fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sums of seconds are positive"
    )]
    let all = seconds.round() as u64;
    format!("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60)
}

pub(super) fn table<const N: usize>(out: &mut String, rows: &[[String; N]]) {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}
