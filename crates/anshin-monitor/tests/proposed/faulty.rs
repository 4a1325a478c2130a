//! Recordings with faults: links that lose rows, a logger that hung, lamps that flash.

#![expect(clippy::cast_precision_loss, reason = "cycles are few")]

use std::fmt::Write as _;

use anshin_monitor::cycle::Doubt;

use super::{accidents, propose, rows, watch, watched};

/// A robot whose cycles last 20 s, of which it works 15 s: what it draws, and when it works.
fn robot(every: f64, parts: usize) -> (String, usize) {
    let mut chance = accidents(3);
    let mut spans = Vec::new();
    for _ in 0..parts {
        spans.push((4.0 + 2.0 * chance(), 200.0));
        let work = 14.9 + 0.2 * chance();
        spans.extend(
            [(0.3, 2_400.0), (0.4, 3_600.0), (0.3, 2_700.0)].map(|(part, watts)| (part * work, watts)),
        );
    }
    spans.push((30.0, 200.0));
    (rows(every, &spans).0, parts)
}

/// A recording of which a link has lost a part of the rows, so many in a row.
fn lossy(recording: &str, part: f64, in_a_row: f64) -> String {
    let mut chance = accidents(9);
    let mut lines = recording.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    let mut is_lost = false;
    for line in lines {
        // As often as that it goes from lost to not lost, and back.
        let turns = if is_lost { 1.0 / in_a_row } else { part / (1.0 - part) / in_a_row };
        is_lost ^= chance() < turns;
        if !is_lost {
            text += line;
            text.push('\n');
        }
    }
    text
}

#[test]
fn a_link_that_loses_rows_pulls_no_pause() {
    for every in [0.5, 1.0] {
        let (whole, parts) = robot(every, 120);
        for (lost, in_a_row, least) in [(0.2, 1.25, 0.95), (0.5, 2.0, 0.93), (0.5, 4.0, 0.6)] {
            let recording = lossy(&whole, lost, in_a_row);
            let (text, configuration) = propose(&recording);
            let (cycles, alerts) = watch(&configuration, &recording);
            let what = format!(
                "{every} s, {lost} lost, {in_a_row} in a row: {} cycles, {alerts} alerts\n{text}",
                cycles.len()
            );
            assert!(cycles.len() as f64 >= least * parts as f64 && cycles.len() <= parts, "{what}");
            assert_eq!(alerts, 0, "{what}");
            assert!(text.contains(&format!("a row is due every {every} s, but about ")), "{what}");
        }
        let (text, _) = propose(&whole);
        assert!(!text.contains("a row is due"), "{text}");
    }
    // A meter that tells changes only loses none.
    let mut last = 0.0;
    let told = robot(1.0, 60)
        .0
        .lines()
        .filter(|line| {
            let power: f64 = line.split(',').nth(1).and_then(|power| power.parse().ok()).unwrap_or(0.0);
            let is_told = f64::abs(power - last) > 30.0 || line.starts_with("time");
            last = if is_told { power } else { last };
            is_told
        })
        .fold(String::new(), |text, line| text + line + "\n");
    let (text, _) = propose(&told);
    assert!(!text.contains("a row is due"), "{text}");
}

/// A recording whose logger repeats what it read at a row for so many rows.
fn hung(recording: &str, from: usize, rows: usize) -> String {
    let lines: Vec<&str> = recording.lines().collect();
    let told = lines[from].split_once(',').map_or("", |(_, told)| told);
    let line = |(n, line): (usize, &&str)| {
        let (time, own) = line.split_once(',').unwrap_or((line, ""));
        format!("{time},{}\n", if (from..from + rows).contains(&n) { told } else { own })
    };
    lines.iter().enumerate().map(line).collect()
}

#[test]
fn what_a_logger_repeats_that_hung_is_left_out() {
    let (whole, parts) = robot(1.0, 120);
    let count = whole.lines().count();
    let (untouched, _) = propose(&whole);
    let cycle = |text: &str| {
        text.lines()
            .find(|line| line.contains("cycle:"))
            .map(|line| line.split('#').next().unwrap_or_default().to_owned())
    };
    for (at_work, from) in [(true, 1_210), (false, 1_223)] {
        let recording = hung(&whole, from, count / 5);
        let (text, configuration) = propose(&recording);
        assert_eq!(cycle(&text), cycle(&untouched), "{text}");
        let told = "% of the recording the same value is told again and again (once; for the longest ";
        assert!(text.contains(told), "{at_work}: {text}");
        let (cycles, _) = watch(&configuration, &recording);
        let found = cycles.iter().filter(|cycle| !cycle.doubts.contains(Doubt::Frozen)).count();
        assert!(found.abs_diff(parts * 4 / 5) <= 2, "{found} of {parts}: {text}");
    }
    assert!(!untouched.contains("again and again"), "{untouched}");
}

/// The utilisation of a machine of which the lamp alone is known: what is proposed, and seconds of producing and of
/// all else that the lamp tells.
fn by_lamp(recording: &str) -> (String, f64, f64) {
    let (text, configuration) = propose(recording);
    let (monitor, ..) = watched(&configuration, recording);
    let days = monitor.machines()[0].utilisation().days();
    (
        text,
        days.values().map(|times| times.producing).sum(),
        days.values().map(|times| times.idle + times.off).sum(),
    )
}

#[test]
fn the_halves_of_a_flash_tell_how_long_a_light_is_held() {
    // A press works 40 s with a green light that flashes, and stops for some seconds, all dark; sampled each half
    // second, or told as it changes.
    for (half, stop, every, hold) in [
        (0.5, 2.5, 0.5, "0.8"),
        (1.0, 12.0, 0.5, "1.5"),
        (2.0, 30.0, 1.0, "3"),
        (2.5, 3.5, 0.5, "3.8"),
        (1.0, 12.0, 0.0, "1.5"),
    ] {
        let mut text = String::from("日時,緑,赤\n");
        let (mut worked, mut stopped, mut last) = (0.0, 0.0, "");
        let step = if every > 0.0 { every } else { 0.5 };
        for n in 0..2_400_u32 {
            let second = f64::from(n) * step;
            let phase = second % (40.0 + stop);
            let is_lit = phase < 40.0 && (phase / half).rem_euclid(2.0) < 1.0;
            *(if phase < 40.0 { &mut worked } else { &mut stopped }) += step;
            let told = if is_lit { "点灯" } else { "消灯" };
            if every > 0.0 || told != last {
                let (minute, second) = ((second / 60.0).floor(), second % 60.0);
                writeln!(text, "2026/04/01 08:{minute:02.0}:{second:04.1},{told},消灯")
                    .expect("a string grows");
            }
            last = told;
        }
        let (proposal, producing, other) = by_lamp(&text);
        let told = format!(
            "states: {{ by: lamp, hold: {hold} }}  # a light that flashes is lit and dark in turn for up to {half} s each; what is no flash lasts "
        );
        assert!(proposal.contains(&told), "{told}: {proposal}");
        // The dark half before a stop belongs to it.
        let near =
            |one: f64, other: f64| (one - other).abs() <= (half + 0.5) * 2_400.0 * step / (40.0 + stop) + 5.0;
        assert!(
            near(producing, worked) && near(other, stopped),
            "{half} {stop}: {producing} of {worked}, {other} of {stopped}\n{proposal}"
        );
    }
}
