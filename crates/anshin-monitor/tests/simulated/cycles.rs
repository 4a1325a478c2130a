//! Where cycles begin and end, what they took, and what makes them doubtful.

use anshin_model::{Lang, Text};
use anshin_monitor::cycle::{Bounds, Cycle, Doubt};
use anshin_monitor::judge::{Alert, AlertKind};
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::Finding;
use anshin_monitor::utilisation::Times;
use anshin_monitor::{Machine, Reading, Said, Settings, What};

use super::{alerts, doubts, findings, raised, read, regular, run, start, with_one};

#[test]
fn energy_of_a_cycle_is_what_was_taken() {
    let said = run(Settings::usual(Bounds::Events), regular(20));
    let Said::Cycle(cycle, _) = &said[3] else { panic!("{said:?}") };
    let taken = cycle.quantity.unwrap();
    // 20 s at 2000 W; the edges lie between samples of 100 and 2000 W.
    assert!((taken - 20.0 * 2_000.0 / 3_600.0).abs() < 2.0 * cycle.uncertainty.max(0.15), "{taken}");
    assert!((cycle.duration - 20.0).abs() < 1e-9);
}

#[test]
fn a_contact_that_bounces_while_the_meter_is_silent_stops_nothing() {
    let moment = |n: u32| start().plus(f64::from(n) / 800.0);
    for (shortest, bounces) in [(1.0, true), (0.0, false)] {
        let mut settings = Settings::usual(Bounds::Events);
        (settings.cycle.shortest, settings.cycle.fewest_samples) = (shortest, 0);
        (settings.most_gap, settings.hold_back) = (600.0, 0.0);
        let mut machine = Machine::new(settings);
        let mut said = Vec::new();
        machine.push(Reading { time: start(), what: What::Power(1_000.0) }, &mut |one| said.push(one));
        for n in 1..=20_000 {
            let what = if n % 2 == 1 { What::Start } else { What::End };
            machine.push(Reading { time: moment(n), what }, &mut |one| said.push(one));
        }
        // What waits for the meter is bounded: the others are told, with a doubt.
        let told = |said: &[Said]| said.iter().filter(|said| matches!(said, Said::Cycle(..))).count();
        assert_eq!(told(&said), if bounces { 0 } else { 9_000 });
        assert_eq!(doubts(&said).iter().filter(|all| all.contains(&Doubt::Overload)).count(), told(&said));
        let reading = Reading { time: moment(20_001), what: What::Power(1_000.0) };
        machine.push(reading, &mut |one| said.push(one));
        machine.finish(&mut |one| said.push(one));
        assert_eq!(told(&said), if bounces { 0 } else { 10_000 });
        let waited = said.iter().filter_map(|said| match said {
            Said::Cycle(cycle, _) if !cycle.doubts.contains(Doubt::Overload) => cycle.quantity,
            _ => None,
        });
        let quantities: Vec<f64> = waited.collect();
        assert_eq!(quantities.len(), if bounces { 0 } else { 1_000 });
        let each = 1_000.0 / 800.0 / 3_600.0;
        assert!(quantities.iter().all(|quantity| (quantity - each).abs() < 1e-6), "{quantities:?}");
    }
}

#[test]
fn gaps_make_cycles_unreliable_and_never_alarm() {
    let lost = |n: usize| (310..330).contains(&n) || (500..510).contains(&n);
    let readings = regular(40)
        .into_iter()
        .enumerate()
        .filter(|(n, reading)| !(lost(*n) && reading.what.is_meter()))
        .map(|(_, reading)| reading);
    let mut settings = Settings::usual(Bounds::Events);
    settings.most_gap = 3.0;
    let said = run(settings, readings);
    assert!(doubts(&said).iter().any(|doubts| doubts.contains(&Doubt::Gap)), "{:?}", doubts(&said));
    assert_eq!(alerts(&said), 0);
}

#[test]
fn lost_edges_are_named_and_never_alarm() {
    let is_edge = |reading: &Reading| matches!(reading.what, What::Start | What::End);
    let mut edges = 0;
    let readings = regular(40).into_iter().filter(|reading| {
        edges += u32::from(is_edge(reading));
        // The end of the tenth cycle and the beginning of the twentieth are lost.
        !(is_edge(reading) && (edges == 20 || edges == 39))
    });
    let said = run(Settings::usual(Bounds::Events), readings.collect::<Vec<_>>());
    let doubts: Vec<Doubt> = doubts(&said).concat();
    assert!(doubts.contains(&Doubt::MissingEnd) && doubts.contains(&Doubt::MissingStart), "{doubts:?}");
    assert_eq!(alerts(&said), 0);
}

/// Readings, and those of a kind come once more after so many seconds, with power as it is by then.
fn doubled(seconds: f64, is_doubled: impl Fn(&Reading) -> bool) -> Vec<Reading> {
    let mut readings = regular(60);
    let again: Vec<Reading> = readings.iter().filter(|reading| is_doubled(reading)).cloned().collect();
    readings.extend(again.into_iter().map(|one| Reading { time: one.time.plus(seconds), ..one }));
    readings.sort_by_key(|reading| reading.time);
    readings
}

#[test]
fn edges_that_come_twice_make_doubtful_cycles_and_no_alarm() {
    let late = |reading: &Reading| reading.time.since(start()) > 40.0 * 30.0;
    for seconds in [0.1, 4.0, 9.0] {
        let said =
            run(Settings::usual(Bounds::Events), doubled(seconds, |r| r.what == What::Start && late(r)));
        assert_eq!(alerts(&said), 0, "start after {seconds} s: {:?}", raised(&said));
        assert!(doubts(&said).concat().contains(&Doubt::MissingStart), "{seconds}: {:?}", doubts(&said));
        // An end that comes twice harms nothing.
        let said = run(Settings::usual(Bounds::Events), doubled(seconds, |r| r.what == What::End && late(r)));
        assert_eq!(alerts(&said), 0, "end after {seconds} s: {:?}", raised(&said));
        let healthy = findings(&said).iter().filter(|found| matches!(found, Finding::Healthy(_))).count();
        assert_eq!(healthy, 55, "{seconds}");
    }
}

#[test]
fn a_machine_that_does_not_know_how_it_stands_ends_a_cycle_and_never_alarms() {
    for (by, unknown) in
        [("running, except: READY", "UNAVAILABLE"), ("running, when: ACTIVE", ""), ("number", "")]
    {
        let machine = format!(
            "    cycle: {{ by: {} }}\n    silent-after: 0\n    input: [ {{ from: line, take: state, is: {by} }} ]\n",
            by.split(',').next().unwrap()
        );
        let mut lines = vec!["time,state".to_owned()];
        let mut tell = |second: u32, word: &str| {
            lines.push(format!("{},{word}", start().plus(f64::from(second))));
        };
        for cycle in 0..20 {
            let (begin, number) = (cycle * 120, cycle.to_string());
            let runs = if by == "number" { number.as_str() } else { "ACTIVE" };
            tell(begin, runs);
            if cycle == 14 {
                tell(begin + 60, unknown);
                tell(begin + 65, runs);
            }
            if by != "number" {
                tell(begin + 100, "READY");
            }
        }
        let (said, no_data) = read(&machine, &lines);
        assert_eq!(alerts(&said), 0, "{by}");
        assert_eq!(doubts(&said)[..2], [vec![Doubt::Gap], vec![Doubt::MissingStart]], "{by}");
        assert!((no_data - 5.0).abs() < 1e-6, "{by}: {no_data} s");
    }
}

#[test]
fn one_absurd_sample_spoils_one_cycle_only() {
    for power in [1e30, 3.4e38, 4_294_967_295.0, 1e12, -1e12, f64::NAN, f64::INFINITY] {
        let readings = with_one(|reading| Reading { time: reading.time, what: What::Power(power) });
        let said = run(Settings::usual(Bounds::Events), readings);
        assert_eq!(doubts(&said), [vec![Doubt::Gap]], "{power}");
        assert_eq!(alerts(&said), 0, "{power}");
        let Said::Cycle(last, _) = said.last().unwrap() else { panic!("{said:?}") };
        assert!((last.quantity.unwrap() - 20.0 * 2_000.0 / 3_600.0).abs() < 0.5, "{power}: {last:?}");
    }
}

#[test]
fn one_absurd_value_of_a_counter_spoils_one_cycle_only() {
    let mut settings = Settings::usual(Bounds::Events);
    settings.meter = Some(Kind::Counter { modulus: None });
    let mut total = 1e6;
    let readings = with_one(|reading| Reading { time: reading.time, what: What::Power(f64::NAN) });
    let readings = readings.into_iter().map(|reading| match reading.what {
        What::Power(power) if power.is_nan() => {
            Reading { time: reading.time, what: What::Counter(4_294_967_295.0) }
        }
        What::Power(power) => {
            total += power / 3_600.0;
            Reading { time: reading.time, what: What::Counter(total) }
        }
        _ => reading,
    });
    let said = run(settings, readings.collect::<Vec<_>>());
    assert_eq!(doubts(&said), [vec![Doubt::CounterReset]]);
    assert_eq!(alerts(&said), 0);
}

#[test]
fn pauses_inside_a_run_do_not_make_two_cycles() {
    let mut settings = Settings::usual(Bounds::Gate { on: 1_000.0, off: 500.0 });
    settings.cycle.pause = 4.0;
    let readings = regular(20).into_iter().filter(|reading| reading.what.is_meter()).map(|mut reading| {
        // Three seconds of rest in the middle of each run.
        let second = reading.time.since(start()) % 30.0;
        if (13.0..16.0).contains(&second) {
            reading.what = What::Power(100.0);
        }
        reading
    });
    let said = run(settings, readings.collect::<Vec<_>>());
    let durations: Vec<f64> = said
        .iter()
        .filter_map(|said| match said {
            Said::Cycle(cycle, _) => Some(cycle.duration),
            Said::Alert(_) => None,
        })
        .collect();
    assert_eq!(durations.len(), 20);
    assert!(durations.iter().all(|duration| (duration - 20.0).abs() < 1.0), "{durations:?}");
}

/// What the control of a machine tells in a cycle of half a minute: seconds before a word, and the word.
fn whole() -> Vec<(u32, &'static str)> {
    vec![(10, "ACTIVE"), (30, "READY")]
}

/// The same, held after 20 seconds for some more, and some seconds of work after that.
fn held(seconds: u32, rest: u32) -> Vec<(u32, &'static str)> {
    vec![(10, "ACTIVE"), (20, "FEED_HOLD"), (seconds, "ACTIVE"), (rest, "READY")]
}

/// Twenty cycles, some of them other than whole.
fn twenty(other: impl Fn(usize) -> Option<Vec<(u32, &'static str)>>) -> Vec<String> {
    let mut lines = vec!["time,execution".to_owned()];
    let mut time = 0;
    for (seconds, word) in (0..20).flat_map(|n| other(n).unwrap_or_else(whole)) {
        time += seconds;
        lines.push(format!("{},{word}", start().plus(f64::from(time))));
    }
    lines
}

/// A machine whose program runs at these words; it is held at `FEED_HOLD`.
fn by_words(running: &str) -> String {
    format!(
        "    cycle: {{ by: running }}\n    silent-after: 0\n    input:\n      - {{ from: line, take: execution, is: running, when: {running} }}\n      - {{ from: line, take: execution, is: hold, when: FEED_HOLD }}\n"
    )
}

fn cycles_of(said: &[Said]) -> Vec<(&Cycle, &Finding)> {
    said.iter()
        .filter_map(|said| match said {
            Said::Cycle(cycle, finding) => Some((cycle, finding)),
            Said::Alert(_) => None,
        })
        .collect()
}

#[test]
fn a_cycle_whose_program_was_held_is_judged_by_the_rest() {
    // Whether the word for a held program is among those of a running one or not, it is still in its cycle.
    for running in ["[ACTIVE, FEED_HOLD]", "ACTIVE"] {
        let machine = by_words(running);
        let (said, _) = read(&machine, &twenty(|n| (n == 11).then(|| held(40, 10))));
        assert_eq!(raised(&said), Vec::<&Alert>::new(), "{running}");
        let cycles = cycles_of(&said);
        assert_eq!(cycles.len(), 20, "{running}");
        let (cycle, finding) = cycles[11];
        assert!(matches!(finding, Finding::Healthy(_)), "{running}: {finding:?}");
        assert_eq!((cycle.duration, cycle.held, cycle.worked()), (70.0, 40.0, 30.0), "{running}");
        assert_eq!(doubts(&said), [[Doubt::Interrupted]], "{running}");
        // What is slow besides is told, by the seconds without the hold.
        let (said, _) = read(&machine, &twenty(|n| (n == 11).then(|| held(40, 22))));
        let told: Vec<_> = raised(&said).iter().map(|alert| (alert.kind, alert.value)).collect();
        assert_eq!(told, [(AlertKind::TooSlow, Some(42.0))], "{running}");
        // Held for the better part of an hour: that is told, and the next cycle is judged as ever.
        let (said, _) = read(&machine, &twenty(|n| (n == 13).then(|| held(1_500, 10))));
        assert_eq!(raised(&said).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::Stuck]);
        assert!(matches!(findings(&said)[14], Finding::Healthy(_)), "{running}: {:?}", findings(&said)[14]);
    }
    // Without the input, the hold counts as work.
    let machine = by_words("[ACTIVE, FEED_HOLD]");
    let blind = machine.lines().filter(|line| !line.contains("hold")).collect::<Vec<_>>().join("\n");
    let (said, _) = read(&blind, &twenty(|n| (n == 11).then(|| held(40, 10))));
    assert_eq!(raised(&said).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::TooSlow]);
}

#[test]
fn a_program_that_is_given_up_while_it_is_held_is_no_fault_of_the_machine() {
    for running in ["[ACTIVE, FEED_HOLD]", "ACTIVE"] {
        let given_up = || vec![(10, "ACTIVE"), (20, "FEED_HOLD"), (15, "READY")];
        let (said, _) = read(&by_words(running), &twenty(|n| (n > 10 && n % 2 == 0).then(given_up)));
        assert_eq!(raised(&said), Vec::<&Alert>::new(), "{running}");
        let findings = findings(&said);
        assert_eq!(findings.len(), 20, "{running}");
        for (n, finding) in findings.iter().enumerate().skip(5) {
            let is_cut = n > 10 && n % 2 == 0;
            assert_eq!(matches!(finding, Finding::Interrupted), is_cut, "{running}, {n}: {finding:?}");
        }
    }
}

#[test]
fn a_door_that_is_opened_between_cycles_joins_none_of_them() {
    let mut settings = Settings::usual(Bounds::Running);
    settings.meter = None;
    let mut readings = Vec::new();
    for n in 0..20 {
        let at = |seconds: f64, what| Reading { time: start().plus(f64::from(n) * 60.0 + seconds), what };
        readings.extend([
            at(0.0, What::Running(Some(true))),
            // It is closed a little after the program has begun, and opened when it has ended.
            at(1.0, What::Hold(Some(false))),
            at(31.0, What::Running(Some(false))),
            at(33.0, What::Hold(Some(true))),
        ]);
    }
    let said = run(settings, readings);
    let cycles = cycles_of(&said);
    assert_eq!(cycles.len(), 20);
    assert!(cycles.iter().all(|(cycle, _)| (cycle.duration - 31.0).abs() < 1e-6), "{cycles:?}");
    assert!(cycles[10..].iter().all(|(_, finding)| matches!(finding, Finding::Healthy(_))), "{cycles:?}");
}

#[test]
fn what_a_machine_takes_while_it_is_held_is_no_part_of_what_its_cycle_takes() {
    // Twenty seconds of work at 2 kW; the machine takes 100 W while it is held for half a minute.
    let mut readings = Vec::new();
    let mut time = start();
    for n in 0..20 {
        let seconds = if n == 12 { 60 } else { 30 };
        for second in 0..seconds {
            let is_held = seconds > 30 && (15..45).contains(&second);
            let works = (5..seconds - 5).contains(&second) && !is_held;
            let what = match second {
                5 => Some(What::Start),
                15 if seconds > 30 => Some(What::Hold(Some(true))),
                45 => Some(What::Hold(Some(false))),
                _ if second == seconds - 5 => Some(What::End),
                _ => None,
            };
            let now = time.plus(f64::from(second));
            readings.extend(what.map(|what| Reading { time: now, what }));
            let power = if works { 2_000.0 } else { 100.0 };
            readings.push(Reading { time: now.plus(0.25), what: What::Power(power) });
        }
        time = time.plus(f64::from(seconds));
    }
    let said = run(Settings::usual(Bounds::Events), readings);
    assert_eq!(alerts(&said), 0, "{:?}", raised(&said));
    let (cycle, finding) = cycles_of(&said)[12];
    let Finding::Healthy(deviation) = finding else { panic!("{finding:?}") };
    assert!((cycle.held - 30.0).abs() < 1e-9 && (cycle.worked() - 20.0).abs() < 1e-9, "{cycle:?}");
    // Half a minute at 100 W are 0.83 Wh.
    assert!((cycle.held_quantity - 0.83).abs() < 0.4, "{cycle:?}");
    assert!(deviation.quantity.unwrap().abs() < 0.05, "{deviation:?}");
}

#[test]
fn a_machine_that_is_held_in_most_of_its_cycles_is_told_with_what_to_look_at() {
    let often = |every: usize| {
        let mut machine = Machine::new(Settings { meter: None, ..Settings::usual(Bounds::Running) });
        let mut time = start();
        for n in 0..20 {
            let is_held = n % every == 0;
            let hold = if is_held { 12.0 } else { 0.0 };
            let mut says = vec![(10.0, What::Running(Some(true)))];
            if is_held {
                says.extend([(10.0, What::Hold(Some(true))), (hold, What::Hold(Some(false)))]);
            }
            says.push((20.0, What::Running(Some(false))));
            for (seconds, what) in says {
                time = time.plus(seconds);
                machine.push(Reading { time, what }, &mut |_| {});
            }
        }
        machine.finish(&mut |_| {});
        (machine.interrupted(), machine.kept().interrupted)
    };
    assert_eq!(often(2), (None, None));
    let (found, kept) = often(1);
    assert_eq!(found, kept);
    let text = found.unwrap().text(&Text::new("旋盤", "Lathe"));
    assert_eq!(
        text.get(Lang::En),
        "Lathe: the program was held in 20 of the last 20 cycles (for about 12 s): they are judged without that time. Check first whether the words of `is: hold` mean something that happens in every cycle, such as a door or a tool change; if not, see at the machine what holds it: the hold button, the interlock of a door, an alarm of the control, missing material"
    );
    assert!(
        text.get(Lang::Ja)
            .starts_with("旋盤: 直近20サイクルのうち20回で、プログラムが一時停止しています（12秒ほど）"),
        "{}",
        text.get(Lang::Ja)
    );
}

#[test]
fn a_held_program_counts_as_idle() {
    let mut machine = Machine::new(Settings::usual(Bounds::Running));
    let says = [
        (0.0, What::Running(Some(true))),
        (60.0, What::Hold(Some(true))),
        (90.0, What::Hold(Some(false))),
        (150.0, What::Running(Some(false))),
    ];
    for (seconds, what) in says {
        machine.push(Reading { time: start().plus(seconds), what }, &mut |_| {});
    }
    machine.finish(&mut |_| {});
    let times: Times = machine.utilisation().days().values().copied().sum();
    assert!((times.producing - 120.0).abs() < 1e-6 && (times.idle - 30.0).abs() < 1e-6, "{times:?}");
}
