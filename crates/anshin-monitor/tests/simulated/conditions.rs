//! What holds for a while and is over: silence, a stuck cycle, power that is too high, maintenance.

use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::judge::{AlertKind, Change};
use anshin_monitor::machine::States;
use anshin_monitor::maintenance::{Days, Window};
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Reading, Said, Settings, State, What, config};
use jiff::tz::TimeZone;

use super::{Watched, doubts, raised, regular, run, start};

#[test]
fn a_machine_whose_readings_are_held_back_longer_than_it_may_be_silent_is_not_silent() {
    let settings = Settings { hold_back: 30.0, silent_after: Some(5.0), ..Settings::usual(Bounds::Events) };
    let mut watched = Watched::new(settings);
    for reading in regular(20) {
        watched.push(reading);
    }
    assert_eq!((watched.kinds(), doubts(&watched.said)), (vec![], vec![]));
    watched.wait(40);
    assert_eq!(watched.kinds(), [AlertKind::Silent]);
}

#[test]
fn a_lost_connection_makes_the_cycle_doubtful_that_ran_then_though_readings_are_held_back() {
    // From second 10 of the thirtieth cycle on, ten seconds are lost and the end with them.
    let lost = start().plus(29.0 * 30.0 + 20.0);
    for hold_back in [0.0, 2.0, 30.0, 60.0] {
        let settings = Settings { hold_back, meter: None, ..Settings::usual(Bounds::Events) };
        let mut watched = Watched::new(settings);
        for reading in regular(60) {
            // The end is told late, when there is a connection again.
            let is_after = reading.time > lost;
            let is_its_end = reading.what == What::End && (0.0..10.0).contains(&reading.time.since(lost));
            if is_its_end {
                watched.machine.doubt(Doubt::Gap);
            }
            let time = if is_its_end { reading.time.plus(7.0) } else { reading.time };
            let is_lost = is_after && reading.time.since(lost) < 8.0 && !is_its_end;
            if !is_lost {
                watched.push(Reading { time, ..reading });
            }
        }
        watched.machine.finish(&mut |one| watched.said.push(one));
        assert_eq!(watched.kinds(), [], "hold-back {hold_back}");
        let late = watched.said.iter().find_map(|one| match one {
            Said::Cycle(cycle, _) if cycle.duration > 25.0 => Some(cycle.doubts),
            _ => None,
        });
        assert!(late.unwrap().contains(Doubt::Gap), "hold-back {hold_back}");
    }
}

#[test]
fn a_silent_machine_is_told_again_after_maintenance() {
    for falls_silent_before in [true, false] {
        let mut watched = Watched::new(Settings::usual(Bounds::Events));
        for reading in regular(20) {
            watched.push(reading);
        }
        watched.wait(if falls_silent_before { 400 } else { 10 });
        assert_eq!(watched.kinds().len(), usize::from(falls_silent_before));
        for (is_on, seconds) in [(true, 900), (false, 400)] {
            let now = watched.now;
            watched.machine.set_maintenance(is_on, now, &mut |one| watched.said.push(one));
            watched.wait(seconds);
            let open = if is_on { vec![] } else { vec![AlertKind::Silent] };
            assert_eq!(watched.open(), open, "silent before: {falls_silent_before}");
        }
        assert_eq!(watched.kinds().len(), 1 + usize::from(falls_silent_before));
        let again = Reading { time: watched.now, what: What::Power(100.0) };
        watched.push(again);
        watched.wait(10);
        assert_eq!(watched.open(), []);
    }
}

#[test]
fn a_cycle_that_is_stuck_is_told_until_another_one_runs() {
    // By its number something always runs; of edges one may be lost.
    for bounds in [Bounds::Number, Bounds::Events] {
        let mut settings = Settings::usual(bounds);
        settings.meter = None;
        let mut watched = Watched::new(settings);
        for n in 0..80_u32 {
            let time = start().plus(f64::from(n) * 30.0);
            // The fortieth is given up after ten of them.
            if (41..50).contains(&n) {
                watched.push(Reading { time, what: What::State(Some(State::Producing)) });
                watched.wait(5);
                assert!(n < 43 || watched.open().contains(&AlertKind::Stuck), "{bounds:?} {n}");
                continue;
            }
            match bounds {
                Bounds::Number => watched.push(Reading { time, what: What::Number(Some(i64::from(n))) }),
                _ => watched.push(Reading { time, what: What::Start }),
            }
            if bounds == Bounds::Events && n != 40 {
                watched.push(Reading { time: time.plus(29.0), what: What::End });
            }
            watched.wait(5);
            if n == 51 {
                assert!(!watched.open().contains(&AlertKind::Stuck), "{bounds:?}");
            }
        }
        assert_eq!(watched.kinds().iter().filter(|kind| **kind == AlertKind::Stuck).count(), 1, "{bounds:?}");
    }
}

#[test]
fn power_around_its_highest_is_told_once_and_a_peak_is_not() {
    let raised = (AlertKind::PowerTooHigh, Change::Raised);
    let cleared = (AlertKind::PowerTooHigh, Change::Cleared);
    for states in [States::Power { idle: 50.0, producing: 500.0 }, States::Cycles] {
        let every = |pause: u32, power: &dyn Fn(u32) -> f64| -> Vec<(AlertKind, Change)> {
            let mut settings = Settings::usual(Bounds::Events);
            (settings.states, settings.highest_power) = (states, Some(3_000.0));
            let samples = (0..600).map(|n| {
                let time = start().plus(f64::from(pause * n));
                Reading { time, what: What::Power(power(n)) }
            });
            let said = run(settings, samples);
            let alerts = said.iter().filter_map(|one| match one {
                Said::Alert(alert) => Some((alert.kind, alert.change)),
                Said::Cycle(..) => None,
            });
            alerts.collect()
        };
        // A motor that starts, and power that swings around it.
        assert_eq!(every(1, &|n| if n % 60 < 3 { 9_000.0 } else { 1_000.0 }), []);
        assert_eq!(every(1, &|n| if n % 2 == 0 { 3_010.0 } else { 2_970.0 }), []);
        // Above it for a while, then around it, then far below it.
        let told = every(1, &|n| match n {
            100..120 => 3_200.0,
            120..300 if n % 2 == 0 => 3_010.0,
            120..300 => 2_970.0,
            _ => 1_000.0,
        });
        assert_eq!(told, [raised, cleared]);
        // Seldom samples tell it as well.
        for pause in [1, 60] {
            assert_eq!(every(pause, &|n| if n < 300 { 1_000.0 } else { 3_200.0 }), [raised]);
        }
    }
}

#[test]
fn nothing_is_judged_while_maintenance_is_planned_and_all_is_afterwards() {
    // Readings begin at 8:00 of a Wednesday in Japan.
    let text = |maintenance: &str| {
        format!(
            "anshin-monitor: 1\ntime-zone: Asia/Tokyo\nmaintenance: [ {maintenance} ]\nsources: [ {{ id: line, kind: mqtt }} ]\n\
             machines:\n  - id: robot\n    cycle: {{ by: events }}\n    meter: {{ kind: rate }}\n    silent-after: 60\n    \
             input: [ {{ from: line, topic: a, take: s, is: start, when: [ s ] }}, {{ from: line, topic: a, take: e, is: end, when: [ e ] }}, {{ from: line, topic: a, take: w, is: power }} ]\n"
        )
    };
    for (maintenance, is_planned) in [
        (r#"{ days: wed, from: "08:20", to: "08:40" }"#, true),
        (r#"{ dates: 2026-04-01, from: "08:20", to: "08:40", machines: [robot] }"#, true),
        (r#"{ days: [thu, fri], from: "08:20", to: "08:40" }"#, false),
    ] {
        let loaded = config::load("factory.yaml", &text(maintenance));
        let configuration = loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
        let mut watched = Watched::new(configuration.machines[0].settings.clone());
        for cycle in 0..120_u32 {
            let begin = start().plus(f64::from(cycle * 30));
            // From 8:25 to 8:35 everything takes half as long again, and from 8:50 on too.
            let is_off = (50..70).contains(&cycle) || cycle >= 100;
            let length = if is_off { 27 } else { 18 };
            for second in 0..30 {
                let time = begin.plus(f64::from(second));
                if second == 1 {
                    watched.push(Reading { time, what: What::Start });
                }
                if second == 1 + length {
                    watched.push(Reading { time, what: What::End });
                }
                watched.push(Reading {
                    time,
                    what: What::Power(if second <= length { 1_000.0 } else { 100.0 }),
                });
            }
        }
        watched.wait(10);
        let alerts: Vec<_> = raised(&watched.said).iter().map(|alert| (alert.kind, alert.since)).collect();
        let slow: Vec<_> = alerts.iter().filter(|(kind, _)| *kind == AlertKind::TooSlow).collect();
        let first = start().plus(if is_planned { 50.0 } else { 25.0 } * 60.0);
        assert_eq!(slow.len(), if is_planned { 1 } else { 2 }, "{maintenance}: {alerts:?}");
        assert!(slow[0].1 >= first && slow[0].1 < first.plus(60.0), "{maintenance}: {alerts:?}");
        let set_aside =
            watched.said.iter().filter(|said| matches!(said, Said::Cycle(_, Finding::SetAside(_))));
        assert_eq!(set_aside.count(), if is_planned { 40 } else { 0 }, "{maintenance}");
    }
}

#[test]
fn planned_maintenance_holds_in_a_recording_in_which_no_time_passes_but_that_of_its_readings() {
    for is_planned in [true, false] {
        let days = Days::Dates(vec![start().day(&TimeZone::UTC)]);
        // Readings begin at 23:00 of the day before; 25 minutes later power is too high for five minutes.
        let window = Window { days, from: 23 * 60 + 20, to: 23 * 60 + 40 };
        let maintenance = is_planned.then_some(window).into_iter().collect();
        let settings =
            Settings { highest_power: Some(5_000.0), maintenance, ..Settings::usual(Bounds::Events) };
        let mut machine = Machine::new(settings);
        machine.begin(start());
        let mut said = Vec::new();
        for mut reading in regular(120) {
            if (1_500.0..1_800.0).contains(&reading.time.since(start()))
                && matches!(reading.what, What::Power(_))
            {
                reading.what = What::Power(9_000.0);
            }
            machine.push(reading, &mut |one| said.push(one));
        }
        machine.finish(&mut |one| said.push(one));
        let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
        assert_eq!(kinds.contains(&AlertKind::PowerTooHigh), !is_planned, "{kinds:?}");
        assert_eq!(kinds.is_empty(), is_planned, "{kinds:?}");
    }
}
