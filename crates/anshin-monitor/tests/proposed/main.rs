//! What is proposed from a recording of power finds the cycles that were played.

mod counted;
mod faulty;
mod loggers;

use std::fmt::Write as _;

use anshin_model::Lang;
use anshin_monitor::cycle::Cycle;
use anshin_monitor::judge::Change;
use anshin_monitor::propose::{self, Broker, Found, Table};
use anshin_monitor::{Monitor, Said, Time, config};
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A machine that is played: powers in W, times in seconds.
#[derive(Clone, Copy)]
struct Played {
    name: &'static str,
    /// Seconds between samples.
    every: f64,
    idle: f64,
    work: [f64; 3],
    /// How far power at rest wavers, as a part of it.
    noise: f64,
    /// How long a cycle lasts.
    cycle: f64,
    /// The tool is changed so often in a cycle, and this is how long it takes.
    changes: u32,
    change: [f64; 2],
    /// How long it takes to load.
    load: [f64; 2],
    /// After so many parts it stands still, for how long, and at which power.
    lot: u32,
    still: [f64; 2],
    off: f64,
    /// How often a sample at rest is a spike of the highest power.
    spikes: f64,
    /// How far stretches of work between changes of the tool differ in length, as a part of it.
    uneven: f64,
}

const USUAL: Played = Played {
    name: "a usual machine",
    every: 1.0,
    idle: 150.0,
    work: [540.0, 1_200.0, 1_700.0],
    noise: 0.05,
    cycle: 120.0,
    changes: 3,
    change: [4.0, 15.0],
    load: [40.0, 90.0],
    lot: 15,
    still: [300.0, 1_200.0],
    off: 150.0,
    spikes: 0.0,
    uneven: 0.0,
};

const KINDS: [Played; 12] = [
    USUAL,
    Played { name: "power at rest that wavers by a third", noise: 0.35, ..USUAL },
    Played { name: "off, idle and at work", off: 2.0, still: [3_600.0, 20_000.0], ..USUAL },
    Played { name: "off at 0 W", off: 0.0, still: [3_600.0, 20_000.0], ..USUAL },
    Played { name: "short cycles", cycle: 12.0, changes: 0, load: [5.0, 8.0], ..USUAL },
    Played { name: "spikes at rest", spikes: 0.001, ..USUAL },
    Played { name: "long rest, little work", load: [600.0, 3_000.0], ..USUAL },
    Played { name: "a sample in ten seconds", every: 10.0, cycle: 300.0, changes: 0, ..USUAL },
    Played {
        name: "a sample in two minutes",
        every: 120.0,
        cycle: 1_800.0,
        changes: 0,
        load: [600.0, 900.0],
        ..USUAL
    },
    Played { name: "ten samples in a second", every: 0.1, cycle: 30.0, lot: 10, ..USUAL },
    Played {
        name: "high power at rest",
        idle: 800.0,
        off: 800.0,
        work: [1_900.0, 2_400.0, 3_000.0],
        ..USUAL
    },
    Played { name: "high power as a tool starts", work: [540.0, 1_200.0, 9_000.0], ..USUAL },
];

const PARTS: u32 = 60;

/// Numbers that look like accidents, from 0 to 1.
fn accidents(seed: u64) -> impl FnMut() -> f64 {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    move || f64::from(random.next_u32()) / f64::from(u32::MAX)
}

/// A recording, and from when to when its parts were made.
fn play(played: &Played, count: u32, seed: u64) -> (String, Vec<(Time, Time)>) {
    let mut chance = accidents(seed);
    let mut text = String::from("time,電力W\n");
    let (mut now, mut due) = (Time::parse("2026-04-01T00:00:00Z").expect("a time"), None);
    let mut parts = Vec::new();
    let mut put = |now: &mut Time, seconds: f64, power: f64, chance: &mut dyn FnMut() -> f64| {
        let end = now.plus(seconds);
        let mut at = due.unwrap_or(*now);
        while at < end {
            let is_spike = power <= played.idle && chance() < played.spikes;
            let wavers = 1.0 + played.noise * (chance() + chance() + chance() + chance() - 2.0) * 1.7;
            let power = if is_spike { played.work[2] } else { f64::max(power * wavers, 0.0) };
            writeln!(text, "{at},{power:.1}").expect("a string grows");
            at = at.plus(played.every);
        }
        due = Some(at);
        *now = end;
    };
    let between = |[from, to]: [f64; 2], chance: f64| from + (to - from) * chance;
    for part in 0..count {
        if part > 0 && part % played.lot == 0 {
            put(&mut now, between(played.still, chance()), played.off, &mut chance);
        }
        put(&mut now, between(played.load, chance()), played.idle, &mut chance);
        let begin = now;
        for step in 0..=played.changes {
            if step > 0 {
                put(&mut now, between(played.change, chance()), played.idle, &mut chance);
            }
            let usual = played.cycle / f64::from(played.changes + 1);
            let seconds = usual * (1.0 + played.uneven * (2.0 * chance() - 1.0));
            put(&mut now, 0.02 * seconds, played.work[2], &mut chance);
            put(&mut now, 0.3 * seconds, played.work[0], &mut chance);
            put(&mut now, 0.68 * seconds * (0.98 + 0.04 * chance()), played.work[1], &mut chance);
        }
        parts.push((begin, now));
    }
    put(&mut now, 120.0, played.idle, &mut chance);
    (text, parts)
}

fn propose(recording: &str) -> (String, config::Configuration) {
    let table = Table::read("press", recording.as_bytes()).expect("a table");
    let found = Found { tables: vec![table], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let loaded = config::load("factory.yaml", &text);
    (text.clone(), loaded.configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics)))
}

/// The cycles of a recording, and the alerts.
fn watch(configuration: &config::Configuration, recording: &str) -> (Vec<Cycle>, usize) {
    let (_, cycles, alerts) = watched(configuration, recording);
    (cycles, alerts)
}

/// The monitor at the end of a recording, with the cycles and the alerts.
fn watched<'a>(
    configuration: &'a config::Configuration,
    recording: &str,
) -> (Monitor<'a>, Vec<Cycle>, usize) {
    let mut monitor = Monitor::new(configuration);
    let (mut cycles, mut alerts) = (Vec::new(), 0);
    let mut take = |_: usize, said: Said| match said {
        Said::Cycle(cycle, _) => cycles.push(cycle),
        Said::Alert(alert) => alerts += usize::from(alert.change == Change::Raised),
    };
    monitor.replay(0, recording.as_bytes(), &mut take).expect("it can be read");
    monitor.finish(&mut take);
    (monitor, cycles, alerts)
}

/// How many parts were found. One is where a cycle begins and ends with it, as far as samples tell.
fn found(played: &Played, parts: &[(Time, Time)], cycles: &[Cycle]) -> usize {
    found_within(2.0 * played.every + 0.05 * played.cycle, parts, cycles)
}

/// How many parts are cycles that begin and end at most so many seconds from them.
fn found_within(seconds: f64, parts: &[(Time, Time)], cycles: &[Cycle]) -> usize {
    let near = |one: Time, other: Time| one.since(other).abs() <= seconds;
    let is_found = |(begin, end): &&(Time, Time)| {
        cycles.iter().any(|cycle| near(cycle.start, *begin) && near(cycle.end, *end))
    };
    parts.iter().filter(is_found).count()
}

/// Whatever a recording is written in, as much of it is looked at.
#[test]
fn the_same_is_proposed_for_a_recording_of_an_adapter() {
    let played = KINDS.iter().find(|played| played.name == "ten samples in a second").expect("it is there");
    let (table, _) = play(played, PARTS, 7);
    let rows = table.lines().skip(1).filter_map(|row| row.split_once(','));
    let told: String = rows.map(|(time, power)| [time, "|Wattage|", power, "\n"].concat()).collect();
    let rules = |recording: &str| {
        let (text, _) = propose(recording);
        let rules = text.lines().filter(|line| line.contains("cycle:")).map(str::trim);
        rules.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(rules(&told), rules(&table));
}

#[test]
fn the_proposal_for_a_recording_of_power_finds_its_cycles() {
    let mut lacking = Vec::new();
    for played in &KINDS {
        let (recording, parts) = play(played, PARTS, 7);
        let (text, configuration) = propose(&recording);
        // No cycle goes by in a gap that is none.
        let most_gap = configuration.machines[0].settings.most_gap;
        let longest = f64::max(played.cycle, 3.0 * played.every);
        assert!(most_gap <= longest, "{}: {most_gap} s", played.name);
        let (cycles, _) = watch(&configuration, &recording);
        let found = found(played, &parts, &cycles);
        if found * 10 < parts.len() * 9 || cycles.len() * 10 > parts.len() * 11 {
            let is_told = |line: &&str| line.contains("cycle:") || line.contains("states:");
            let rules: Vec<&str> = text.lines().filter(is_told).collect();
            let rules = rules.join("\n");
            lacking.push(format!(
                "{}: {found} of {PARTS} parts, {} cycles\n{rules}",
                played.name,
                cycles.len()
            ));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

/// A press in two half days a day, off at night and over lunch: a row each ten seconds, and when it works.
fn play_days(days: u32) -> (String, Vec<(Time, Time)>) {
    let mut chance = accidents(u64::from(days));
    let begin = Time::parse("2026-03-30T00:00:00+09:00").expect("a time");
    let (mut on, mut parts) = (Vec::new(), Vec::new());
    for day in 0..days {
        for hour in [8.0, 13.0] {
            let hours = 24.0 * f64::from(day) + hour;
            let [from, to] = [hours, hours + 4.0].map(|hours| begin.plus(3_600.0 * hours));
            let (mut now, to) = (from.plus(700.0 * chance()), to.plus(300.0 - 700.0 * chance()));
            let first = now;
            while now < to {
                let end = now.plus(200.0 * (0.97 + 0.06 * chance()));
                parts.push((now, end));
                now = end.plus(30.0 + 90.0 * chance() * chance());
            }
            on.push((first, now));
        }
    }
    let is_in = |spans: &[(Time, Time)], at: Time| {
        let next = spans.partition_point(|(from, _)| *from <= at);
        next > 0 && at < spans[next - 1].1
    };
    let mut text = String::from("time,電力W\n");
    for row in 0..8_640 * days {
        let at = begin.plus(10.0 * f64::from(row));
        let power = match (is_in(&parts, at), is_in(&on, at)) {
            (true, _) => 1_800.0,
            (_, true) => 300.0,
            _ => 5.0,
        };
        writeln!(text, "{at},{:.0}", power * (0.96 + 0.08 * chance())).expect("a string grows");
    }
    (text, parts)
}

/// However many shifts a recording holds, cycles are what is made in them.
#[test]
fn the_shifts_of_a_week_are_no_cycles() {
    for days in [1, 3, 5, 10] {
        let (recording, parts) = play_days(days);
        let (text, configuration) = propose(&recording);
        let (cycles, _) = watch(&configuration, &recording);
        let near = |one: Time, other: Time| one.since(other).abs() <= 20.0;
        let is_found = |(begin, end): &&(Time, Time)| {
            let next = cycles.partition_point(|cycle| cycle.start < begin.plus(-20.0));
            cycles[next..].first().is_some_and(|cycle| near(cycle.start, *begin) && near(cycle.end, *end))
        };
        let found = parts.iter().filter(is_found).count();
        assert!(found * 20 >= parts.len() * 19, "{days}: {found} of {} parts\n{text}", parts.len());
        assert!(cycles.len() * 20 <= parts.len() * 21, "{days}: {} cycles\n{text}", cycles.len());
        for told in ["cycles of about 200 s were seen", "states: { by: power, idle: "] {
            assert!(text.contains(told), "{days}: {text}");
        }
    }
}

/// Rows of powers that hold for some seconds each, and when they were at work.
fn rows(every: f64, spans: &[(f64, f64)]) -> (String, Vec<(Time, Time)>) {
    let mut chance = accidents(7);
    let (mut now, mut text) = (Time::parse("2026-04-01T00:00:00Z").expect("a time"), String::new());
    let (mut due, mut work) = (now, Vec::new());
    text.push_str("time,電力W\n");
    for (seconds, power) in spans {
        let end = now.plus(*seconds);
        while due < end {
            writeln!(text, "{due},{:.0}", power * (0.96 + 0.08 * chance())).expect("a string grows");
            due = due.plus(every);
        }
        if *power > 1_000.0 {
            work.push((now, end));
        }
        now = end;
    }
    (text, work)
}

/// An oven that keeps its heat by bursts of 45 s in 120 s, with parts that are loaded for minutes.
fn oven(heated_up: f64) -> (String, Vec<(Time, Time)>) {
    let mut spans = vec![(30.0, 120.0)];
    for part in 0..15 {
        spans.extend((heated_up > 0.0).then_some((heated_up, 12_000.0)));
        for _ in 0..16 {
            spans.extend([(75.0, 150.0), (45.0, 12_000.0)]);
        }
        spans.push((400.0 + 37.0 * f64::from(part % 8), 120.0));
    }
    let (text, bursts) = rows(5.0, &spans);
    let each = 16 + usize::from(heated_up > 0.0);
    let parts = bursts.chunks(each).map(|part| (part[0].0, part[each - 1].1)).collect();
    (text, parts)
}

#[test]
fn the_bursts_of_an_oven_are_a_part_where_it_is_heated_up_first() {
    let (recording, parts) = oven(480.0);
    let (text, configuration) = propose(&recording);
    let (cycles, _) = watch(&configuration, &recording);
    assert_eq!((found_within(10.0, &parts, &cycles), cycles.len()), (15, 15), "{text}");
    assert!(text.contains("about 17 runs that lie close together count as one cycle"), "{text}");
    // Where nothing tells bursts from parts in lots, it is said what to write.
    let (text, _) = propose(&oven(0.0).0);
    assert!(text.contains("about 16 each time, count as a cycle each; if a part is several runs"), "{text}");
    let told = text.split_once("write `pause: ").and_then(|(_, told)| told.split_once('`'));
    let longer: f64 = told.and_then(|(told, _)| told.parse().ok()).expect("a pause");
    assert!((80.0..400.0).contains(&longer), "{text}");
}

/// Rests that show in one sample or two are rests all the same, and no pauses.
#[test]
fn rests_that_are_as_short_as_samples_lie_apart_are_no_pauses() {
    let spans: Vec<(f64, f64)> = (0..300)
        .flat_map(|part| [(3.0 + 0.3 * f64::from(part * 7 % 6), 400.0), (6.0, 3_000.0)])
        .chain([(30.0, 400.0)])
        .collect();
    let (recording, parts) = rows(2.0, &spans);
    let (text, configuration) = propose(&recording);
    let (cycles, alerts) = watch(&configuration, &recording);
    assert!(text.contains("samples come too seldom for rests this short"), "{text}");
    assert!(configuration.machines[0].settings.cycle.pause < 2.0, "{text}");
    assert!(cycles.len().abs_diff(parts.len()) <= 3, "{} cycles\n{text}", cycles.len());
    assert!(alerts <= 6, "{alerts} alerts\n{text}");
    // Where samples are many, they may as well be as many as usual.
    let (text, _) = propose(&play(&USUAL, 20, 1).0);
    assert!(!text.contains("fewest-samples") && !text.contains("too seldom"), "{text}");
}

/// Machines of which a short recording must do.
const FEW: [Played; 7] = [
    Played { name: "a press of 5 s", cycle: 5.0, changes: 0, load: [3.0, 8.0], every: 0.5, lot: 40, ..USUAL },
    Played { name: "a robot of 30 s", cycle: 30.0, changes: 0, load: [8.0, 20.0], lot: 25, ..USUAL },
    Played { name: "a robot that waits little", cycle: 30.0, changes: 0, load: [5.0, 6.0], lot: 25, ..USUAL },
    Played {
        name: "a mill with phases without power",
        cycle: 400.0,
        changes: 4,
        change: [20.0, 60.0],
        load: [150.0, 300.0],
        uneven: 0.0,
        ..USUAL
    },
    Played {
        name: "an oven that heats in bursts",
        cycle: 600.0,
        changes: 19,
        change: [60.0, 90.0],
        load: [600.0, 1_200.0],
        uneven: 0.4,
        lot: 100,
        ..USUAL
    },
    Played { name: "spikes at rest", spikes: 0.02, changes: 0, load: [60.0, 90.0], ..USUAL },
    Played { name: "spikes at rest beside short cycles", spikes: 0.02, cycle: 30.0, changes: 0, ..USUAL },
];

#[test]
fn the_proposal_for_a_few_parts_finds_those_that_follow() {
    let mut lacking = Vec::new();
    for played in &FEW {
        for (few, seed) in [(3, 1), (3, 2), (4, 3), (5, 4), (8, 5), (20, 6), (20, 7)] {
            let (text, configuration) = propose(&play(played, few, seed).0);
            let (recording, parts) = play(played, 40, 100 + seed);
            let (cycles, alerts) = watch(&configuration, &recording);
            let found = found(played, &parts, &cycles);
            let line = text.lines().find(|line| line.contains("cycle:")).unwrap_or_default();
            // Of a hundred healthy cycles a few may raise an alert, whatever the proposal.
            let is_right = found * 10 >= parts.len() * 9
                && cycles.len() * 10 <= parts.len() * 11
                && alerts * 20 <= parts.len();
            lacking.extend((!is_right).then(|| {
                format!(
                    "{} of {few}: {found} of {} parts, {} cycles, {alerts} alerts\n{line}",
                    played.name,
                    parts.len(),
                    cycles.len()
                )
            }));
        }
    }
    assert!(lacking.is_empty(), "{} lack:\n{}", lacking.len(), lacking.join("\n"));
}

/// What is proposed where messages such as these came on one topic: the source, and the names of the machines.
fn of_messages(messages: &[&str]) -> (String, Vec<String>) {
    let mut broker = Broker { address: "10.0.0.1:1883".to_owned(), ..Broker::default() };
    for message in messages {
        broker.message("hall/gateway", message.as_bytes(), Time::from_seconds(1_775_000_000.0));
    }
    let found = Found { brokers: vec![broker], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let loaded = config::load("factory.yaml", &text);
    assert!(loaded.diagnostics.is_empty(), "{text}\n{:?}", loaded.diagnostics);
    let machines = loaded.configuration.expect("it is right").machines;
    (text, machines.iter().map(|machine| machine.name.get(Lang::Ja).to_owned()).collect())
}

#[test]
fn machines_in_a_list_inside_a_message_are_proposed() {
    for (message, source, names) in [
        (
            r#"{"ts":1775000000,"machines":[{"id":"press1","power":1200,"program":"A"},{"id":7,"power":30}]}"#,
            "list: \"machines\", topic: \"id\", time: { column: \"ts\", form: seconds }",
            &["machines 7", "press1"][..],
        ),
        (
            r#"{"gateway":"g-1","data":{"devices":[{"deviceName":"press","t":1775000000000,"w":1200},
                {"deviceName":"mill","t":1775000000000,"w":30},{"deviceName":"door","t":1775000000000,"open":1}]}}"#,
            "list: \"data.devices\", topic: \"deviceName\", time: { column: \"t\", form: milliseconds }, ignore: [\"door\"]",
            &["mill", "press"],
        ),
        (
            r#"{"時刻":"2026-04-01 08:00:00","設備一覧":[{"番号":"1号機","電力":1200},{"番号":"2号機","電力":30}]}"#,
            "list: \"設備一覧\", topic: \"番号\", time: { column: \"時刻\", form: rfc3339 }",
            &["1号機", "2号機"],
        ),
        // Of a list that may be of anything, texts that are all different tell its elements.
        (
            r#"{"items":[{"name":"press","power":1200},{"name":"mill","power":30}]}"#,
            "list: \"items\", topic: \"name\"",
            &["mill", "press"],
        ),
        (
            r#"[{"name":"press","power":1200},{"name":"mill","power":30}]"#,
            "topics: \"hall/gateway\", topic: \"name\"",
            &["mill", "press"],
        ),
        // Phases, rows with a number, and values with a name are no machines.
        (
            r#"{"power":1500,"phases":[{"id":"L1","power":700},{"id":"L2","power":800}]}"#,
            "address: \"10.0.0.1:1883\" }",
            &["gateway"],
        ),
        (
            r#"{"power":1500,"rows":[{"id":1,"power":700},{"id":2,"power":800}]}"#,
            "address: \"10.0.0.1:1883\" }",
            &["gateway"],
        ),
        (
            r#"{"power":1500,"values":[{"name":"oil","value":700},{"name":"air","value":800}]}"#,
            "address: \"10.0.0.1:1883\" }",
            &["gateway"],
        ),
    ] {
        let (text, machines) = of_messages(&[message]);
        assert!(text.contains(source), "{source}: {text}");
        assert_eq!(machines, names, "{text}");
    }
    // However long the list is, not more are proposed than of other messages.
    let element = |n: usize| format!(r#"{{"id":"m{n}","power":{n}}}"#);
    let long = format!(r#"{{"machines":[{}]}}"#, (0..500).map(element).collect::<Vec<_>>().join(","));
    let (text, machines) = of_messages(&[&long]);
    assert!(machines.len() == 50 && text.contains("there are more: 50 are proposed"), "{text}");
}
