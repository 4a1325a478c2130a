//! Clocks that are set, and clocks that are apart.

use anshin_model::{Lang, Text};
use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::lateness::Behind;
use anshin_monitor::machine::States;
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Reading, Said, Settings, State, Time, What};

use super::{Watched, alerts, doubts, findings, regular, run, start, with_one};

#[test]
fn a_clock_set_back_an_hour_makes_one_doubtful_cycle_and_no_alarm() {
    let mut readings = regular(60);
    let half = readings.len() / 2 + 15;
    for reading in &mut readings[half..] {
        reading.time = reading.time.plus(-3_600.0);
    }
    let said = run(Settings::usual(Bounds::Events), readings);
    let doubts = doubts(&said);
    assert!(doubts.concat().contains(&Doubt::ClockStep), "{doubts:?}");
    assert!(doubts.len() <= 2, "{doubts:?}");
    assert_eq!(alerts(&said), 0);
}

#[test]
fn clocks_set_forward_make_one_doubtful_cycle_and_no_alarm() {
    let jump = start().plus(30.0 * 30.0 + 15.0);
    // An hour forward in the middle of a cycle, or from where a device without a battery begins.
    let forward = |reading: Reading| {
        let seconds = if reading.time < jump { 0.0 } else { 3_600.0 };
        Reading { time: reading.time.plus(seconds), ..reading }
    };
    let boots = |reading: Reading| {
        let is_set = reading.time >= jump;
        let time = if is_set { reading.time } else { Time::from_seconds(reading.time.since(start())) };
        Reading { time, ..reading }
    };
    let by_power = Settings::usual(Bounds::Events);
    let by_edges = Settings { meter: None, silent_after: None, ..by_power.clone() };
    let play = |settings: &Settings, clock: &dyn Fn(Reading) -> Reading| {
        let mut watched = Watched::new(settings.clone());
        for reading in regular(60).into_iter().map(clock) {
            watched.push(reading);
        }
        assert_eq!(watched.kinds(), []);
        let doubtful = doubts(&watched.said);
        assert!(doubtful.len() == 1 && doubtful[0].contains(&Doubt::ClockStep), "{doubtful:?}");
    };
    for settings in [&by_power, &by_edges] {
        play(settings, &forward);
        play(settings, &boots);
    }
}

#[test]
fn what_is_left_of_a_cycle_after_a_clock_was_set_is_no_whole_cycle() {
    // By power: 40 s of every minute; in the middle of each cycle it lies between both thresholds.
    let bounds = Bounds::Gate { on: 500.0, off: 200.0 };
    let power = |second: u32| match second % 60 {
        0..10 | 30..40 => 1_000.0,
        10..30 => 300.0,
        _ => 20.0,
    };
    for step in [40 * 60 + 5, 40 * 60 + 20, 40 * 60 + 35, 40 * 60 + 50] {
        let mut watched = Watched::new(Settings::usual(bounds));
        for second in 0..80 * 60 {
            let back = if second < step { 0.0 } else { -3_600.0 };
            let time = start().plus(f64::from(second) + back);
            watched.push(Reading { time, what: What::Power(power(second)) });
        }
        assert_eq!(watched.kinds(), [], "{step}");
        let doubtful = doubts(&watched.said);
        assert!(doubtful.len() <= 3, "{step}: {doubtful:?}");
    }
}

#[test]
fn one_reading_from_another_time_changes_nothing_else() {
    let usual = run(Settings::usual(Bounds::Events), regular(60));
    for time in ["2099-01-01T00:00:00Z", "2026-04-01T09:30:00+09:00", "1970-01-01T00:00:00Z"] {
        let readings =
            with_one(|reading| Reading { time: Time::parse(time).unwrap(), what: reading.what.clone() });
        // Time passes by the machine's clock meanwhile.
        let mut machine = Machine::new(Settings::usual(Bounds::Events));
        let mut said = Vec::new();
        for reading in readings {
            machine.push(reading, &mut |one| said.push(one));
            let now = machine.newest().unwrap();
            machine.tick(now.plus(0.5), &mut |one| said.push(one));
        }
        machine.finish(&mut |one| said.push(one));
        assert_eq!(alerts(&said), 0, "{time}");
        // One cycle less is behind the reference, which is as sure a little later.
        let told = |said: &Said| match said {
            Said::Cycle(cycle, finding) => (
                Some(cycle.clone()),
                matches!(finding, Finding::Healthy(_)),
                matches!(finding, Finding::Learning),
            ),
            Said::Alert(_) => (None, false, false),
        };
        let (others, one): (Vec<_>, Vec<_>) =
            said.iter().zip(&usual).partition(|(one, usual)| told(one) == told(usual));
        assert!(others.len() >= 59 && one.len() <= 1, "{time}: {one:?}");
    }
}

/// Readings as they come, where the events carry times of a clock that is so many seconds ahead.
fn with_clocks_apart(ahead: f64) -> (Machine, Vec<Said>) {
    played_apart(Settings::usual(Bounds::Events), ahead)
}

fn played_apart(settings: Settings, ahead: f64) -> (Machine, Vec<Said>) {
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    for mut reading in regular(60) {
        if !reading.what.is_meter() {
            reading.time = reading.time.plus(ahead);
        }
        machine.push(reading, &mut |one| said.push(one));
    }
    (machine, said)
}

#[test]
fn clocks_so_far_apart_that_nothing_finds_its_place_are_told() {
    let name = Text::new("ロボット", "Robot");
    // Power shows clearly enough where the edges are that are three seconds away, and nothing of those that
    // a whole cycle is.
    for (ahead, behind, told) in [
        (-3.0, Behind::Events, ["; write `offset: -2.5` under `meter`", ""]),
        (-30.0, Behind::Events, ["if clocks differ, write `offset: -29.", "`hold-back: 31`"]),
        (30.0, Behind::Meter, ["if clocks differ, write `offset: 30.", "`hold-back: 32`"]),
    ] {
        let (machine, said) = with_clocks_apart(ahead);
        assert_eq!(alerts(&said), 0);
        let late = machine.late().unwrap();
        assert!(late.behind == behind && late.steady, "{ahead}: {late:?}");
        assert!((late.seconds - ahead.abs()).abs() <= 1.0, "{ahead}: {late:?}");
        let text = late.text(&name, 0.0, machine.clock());
        assert!(told.iter().all(|part| text.get(Lang::En).contains(part)), "{text:?}");
    }
    for ahead in [-1.0, 0.0, 1.0] {
        let (machine, _) = with_clocks_apart(ahead);
        assert_eq!(machine.late(), None, "{ahead}");
    }
}

#[test]
fn a_clock_that_is_minutes_ahead_is_told_and_its_cycles_never_vanish_in_silence() {
    let name = Text::same("Press");
    // Events by a clock that is ahead, with a meter or with nothing but states that another source tells.
    let play = |ahead: f64, hold_back: f64, has_meter: bool| -> (Machine, Vec<Said>) {
        let mut settings = Settings { hold_back, silent_after: None, ..Settings::usual(Bounds::Events) };
        if !has_meter {
            (settings.meter, settings.states) = (None, States::Told);
        }
        let mut machine = Machine::new(settings);
        let mut said = Vec::new();
        for mut reading in regular(60) {
            match reading.what {
                What::Power(_) if !has_meter => reading.what = What::State(Some(State::Producing)),
                What::Power(_) => {}
                _ => reading.time = reading.time.plus(ahead),
            }
            machine.push(reading, &mut |one| said.push(one));
        }
        machine.finish(&mut |one| said.push(one));
        (machine, said)
    };
    for (ahead, has_meter) in [(120.0, true), (120.0, false), (32_400.0, true), (32_400.0, false)] {
        let (machine, said) = play(ahead, 2.0, has_meter);
        assert_eq!(alerts(&said), 0);
        assert!(machine.counts().ahead > 50, "{:?}", machine.counts());
        let late = machine.late().unwrap();
        assert!(late.steady && (late.seconds - ahead).abs() < 2.0, "{late:?}");
        let text = machine.late_text(late, &name);
        let wanted = if has_meter { "write `offset: " } else { "if clocks differ, set them" };
        assert!(text.get(Lang::En).contains(wanted), "{text:?}");
    }
    // What is told to be written helps.
    let (_, said) = play(120.0, 122.0, false);
    assert_eq!(findings(&said).iter().filter(|finding| matches!(finding, Finding::Healthy(_))).count(), 55);
}

#[test]
fn clocks_apart_are_brought_together_where_that_is_wanted() {
    let taken = |said: &[Said]| -> Vec<f64> {
        let judged = said.iter().filter_map(|said| match said {
            Said::Cycle(cycle, Finding::Healthy(_)) => cycle.quantity,
            _ => None,
        });
        judged.collect()
    };
    let exact = 20.0 * 2_000.0 / 3_600.0;
    let settings = Settings { aligns: true, ..Settings::usual(Bounds::Events) };
    // Behind or ahead, and further than readings are held back.
    for ahead in [-3.4, -3.0, 2.6, 3.0] {
        let (machine, said) = played_apart(settings.clone(), ahead);
        assert_eq!(alerts(&said), 0, "{ahead}");
        assert!((machine.meter_offset() - ahead).abs() <= 1.0, "{ahead}: {}", machine.meter_offset());
        assert!(machine.late().is_none());
        let taken = taken(&said);
        assert!(taken.len() >= 30, "{ahead}: {taken:?}");
        let last = &taken[taken.len() - 20..];
        assert!(last.iter().all(|taken| (taken - exact).abs() < 0.06 * exact), "{ahead}: {last:?}");
        // What ran meanwhile is marked.
        let steps = doubts(&said).iter().filter(|doubts| doubts.contains(&Doubt::ClockStep)).count();
        assert!(steps <= 1, "{ahead}: {steps}");
        // It stays so after a restart.
        let kept = serde_json::from_str(&serde_json::to_string(&machine.kept()).unwrap()).unwrap();
        let again = Machine::new(settings.clone()).with(kept);
        assert!((again.meter_offset() - machine.meter_offset()).abs() < 1e-9);
        assert!((again.clock().unwrap().seconds - again.meter_offset()).abs() <= 1.0);
        let kept = serde_json::from_str(&serde_json::to_string(&machine.kept()).unwrap()).unwrap();
        let without = Machine::new(Settings::usual(Bounds::Events)).with(kept);
        assert!(without.meter_offset().abs() < 1e-9, "it is no longer wanted");
    }
    // Nothing is done where the clocks agree.
    let (machine, said) = played_apart(settings, 0.0);
    assert_eq!((machine.meter_offset(), doubts(&said).len()), (0.0, 0));
}

#[test]
fn an_offset_that_is_written_down_after_power_has_shown_it_is_not_added_twice() {
    let settings =
        |offset: f64| Settings { aligns: true, meter_offset: offset, ..Settings::usual(Bounds::Events) };
    let mut kept = Machine::new(settings(0.5)).kept();
    kept.aligned = 2.0;
    let kept = serde_json::to_string(&kept).unwrap();
    let offset = |set: f64| {
        let machine = Machine::new(settings(set)).with(serde_json::from_str(&kept).unwrap());
        machine.meter_offset()
    };
    for set in [0.5, 2.5, 0.0] {
        assert!((offset(set) - 2.5).abs() < 1e-9, "{set} s are written");
    }
    // Nothing has been shown yet: what is written counts.
    let kept = Machine::new(settings(0.0)).kept();
    assert!((Machine::new(settings(3.0)).with(kept).meter_offset() - 3.0).abs() < 1e-9);
}

/// Which clock is set.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Clock {
    Meter,
    Machine,
    Both,
}

/// What the machine says beside its power: edges as they happen, whether it runs once a second, or nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    Edges,
    Runs,
    RunsAndPower,
    Changes,
    Nothing,
}

fn stepped(says: Says, clock: Clock, by: f64, phase: f64, cycles: u32) -> Vec<Reading> {
    let step = 30.0 * 30.0 + phase;
    let mut readings = Vec::new();
    for reading in regular(cycles) {
        let (time, since) = (reading.time, reading.time.since(start()));
        let runs = (5.0..25.0).contains(&(since % 30.0));
        let what = match (says, &reading.what) {
            (Says::Runs | Says::RunsAndPower | Says::Changes, What::Start) => What::Running(Some(true)),
            (Says::Runs | Says::RunsAndPower | Says::Changes, What::End) => What::Running(Some(false)),
            (Says::Nothing, What::Start | What::End) => continue,
            (Says::Runs, What::Power(_)) => What::Running(Some(runs)),
            _ => reading.what.clone(),
        };
        if says == Says::RunsAndPower && reading.what.is_meter() {
            readings.push(Reading { time, what: What::Running(Some(runs)) });
        }
        readings.push(Reading { time, what });
    }
    for reading in &mut readings {
        let is_set = match clock {
            Clock::Meter => reading.what.is_meter(),
            Clock::Machine => !reading.what.is_meter(),
            Clock::Both => true,
        };
        if is_set && reading.time.since(start()) >= step {
            reading.time = reading.time.plus(by);
        }
    }
    readings
}

/// Every way in which a clock of a machine may be set by less than a minute, with what the machine then said.
fn all_stepped(mut look: impl FnMut(&str, Clock, &Machine, &[Said])) {
    for says in [Says::Edges, Says::Runs, Says::RunsAndPower, Says::Changes, Says::Nothing] {
        let clocks = [Clock::Both, Clock::Meter, Clock::Machine];
        let is_one = matches!(says, Says::Runs | Says::Nothing);
        for clock in clocks.into_iter().filter(|clock| !is_one || *clock == Clock::Both) {
            // In the middle of a cycle, and between two.
            for (by, phase) in [4.0, 30.0, -5.0, -30.0].map(|by| [(by, 15.0), (by, 28.0)]).concat() {
                let bounds = match says {
                    Says::Edges => Bounds::Events,
                    Says::Nothing => Bounds::Gate { on: 1_000.0, off: 500.0 },
                    _ => Bounds::Running,
                };
                let mut settings = Settings { most_gap: 60.0, ..Settings::usual(bounds) };
                settings.meter = settings.meter.filter(|_| says != Says::Runs);
                let mut machine = Machine::new(settings);
                let mut said = Vec::new();
                for reading in stepped(says, clock, by, phase, 80) {
                    machine.push(reading, &mut |one| said.push(one));
                }
                machine.finish(&mut |one| said.push(one));
                let about = format!("{says:?}, {clock:?} by {by} s at {phase} s");
                look(&about, clock, &machine, &said);
            }
        }
    }
}

#[test]
fn a_clock_set_by_less_than_a_minute_raises_no_alarm_and_loses_no_cycle() {
    all_stepped(|about, clock, machine, said| {
        assert_eq!(alerts(said), 0, "{about}");
        let found = findings(said);
        let (before, after) = found.split_at(31);
        assert!((79..=81).contains(&found.len()), "{about}: {} cycles", found.len());
        assert!(before.iter().filter(|found| matches!(found, Finding::Healthy(_))).count() >= 25, "{about}");
        let healthy = after.iter().filter(|found| matches!(found, Finding::Healthy(_))).count();
        if clock == Clock::Both {
            assert!(healthy >= 48 && machine.late().is_none(), "{about}: {healthy}");
        } else {
            // What is paired wrongly from there on is not judged, and that is told.
            assert!(healthy == 0 && machine.late().is_some(), "{about}: {healthy}");
        }
    });
}

#[test]
fn a_clock_that_was_set_is_not_taken_to_be_right_after_a_restart() {
    let readings = stepped(Says::Edges, Clock::Machine, 5.0, 28.0, 80);
    let later = |minutes: f64| {
        let from = start().plus(minutes * 60.0);
        readings.iter().filter(move |reading| reading.time >= from).cloned()
    };
    let play = |settings: &Settings, kept, readings: &mut dyn Iterator<Item = Reading>| {
        let mut machine = Machine::new(settings.clone());
        if let Some(kept) = kept {
            machine = machine.with(kept);
        }
        let mut said = Vec::new();
        readings.for_each(|reading| machine.push(reading, &mut |one| said.push(one)));
        (machine.kept(), said)
    };
    let settings = Settings::usual(Bounds::Events);
    let before = later(20.0).count();
    let (kept, _) = play(&settings, None, &mut readings.iter().take(readings.len() - before).cloned());
    let kept = || serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
    let healthy =
        |said: &[Said]| findings(said).iter().filter(|is| matches!(is, Finding::Healthy(_))).count();
    let (_, said) = play(&settings, Some(kept()), &mut later(20.0));
    assert_eq!((alerts(&said), healthy(&said)), (0, 0));
    // What is told to be written helps, and so does a clock that is set right.
    let offset = Settings { meter_offset: 5.0, ..settings.clone() };
    let (_, said) = play(&offset, Some(kept()), &mut later(20.0));
    assert_eq!(alerts(&said), 0);
    assert!(healthy(&said) >= 36, "{}", healthy(&said));
}
