//! One who stands by takes over at any moment: together they say what one alone would have said.

#![expect(clippy::unwrap_used, reason = "a failed test is meant to panic")]

use std::sync::Arc;

use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::judge::{Alert, AlertKind, Change};
use anshin_monitor::machine::{Before, Kept, Noted, States};
use anshin_monitor::reference::Finding;
use anshin_monitor::utilisation::Times;
use anshin_monitor::{Machine, Reading, Said, Settings, State, Time, What};
use proptest::prelude::*;

fn start() -> Time {
    Time::parse("2026-04-01T08:00:00+09:00").unwrap()
}

/// A machine that works 20 of 30 seconds, told in one of four ways; the program is told once. One cycle
/// takes longer.
fn readings(bounds: Bounds, slow: u32) -> Vec<Reading> {
    let mut readings = vec![Reading { time: start(), what: What::Key(0, Arc::from("WELD-7")) }];
    let mut second = 0;
    for cycle in 0..30_u32 {
        let works = if cycle == slow { 40 } else { 20 };
        for phase in 0..works + 10 {
            let time = start().plus(f64::from(second));
            second += 1;
            let runs = phase < works;
            match bounds {
                Bounds::Events if phase == 0 => readings.push(Reading { time, what: What::Start }),
                Bounds::Events if phase == works => readings.push(Reading { time, what: What::End }),
                Bounds::Running => readings.push(Reading { time, what: What::Running(Some(runs)) }),
                Bounds::Number => readings.push(Reading { time, what: What::Number(Some(i64::from(cycle))) }),
                _ => {}
            }
            if phase == 0 || phase == works {
                let state = if runs { State::Producing } else { State::Idle };
                readings.push(Reading { time, what: What::State(Some(state)) });
            }
            let power = if runs { 2_000.0 } else { 100.0 };
            readings.push(Reading { time: time.plus(0.25), what: What::Power(power) });
        }
    }
    readings
}

fn settings(bounds: Bounds) -> Settings {
    let mut settings = Settings::usual(bounds);
    settings.key = vec![Vec::new()];
    settings.states = States::Told;
    settings
}

fn push(machine: &mut Machine, readings: &[Reading]) -> Vec<Said> {
    let mut said = Vec::new();
    for reading in readings {
        machine.push(reading.clone(), &mut |one| said.push(one));
    }
    said
}

/// What was said, in words that do not tell who said it: cycles have numbers of their own.
fn words(said: &[Said]) -> Vec<String> {
    said.iter()
        .map(|said| match said {
            Said::Cycle(cycle, finding) => {
                let finding = matches!(finding, Finding::Outside { .. });
                format!("{:?} {:?} {} {:?} {finding}", cycle.start, cycle.end, cycle.key[0], cycle.doubts)
            }
            Said::Alert(alert) => format!("{:?} {:?} {:?}", alert.at, alert.kind, alert.change),
        })
        .collect()
}

fn bounds() -> impl Strategy<Value = Bounds> {
    prop_oneof![
        Just(Bounds::Events),
        Just(Bounds::Running),
        Just(Bounds::Number),
        Just(Bounds::Gate { on: 1_000.0, off: 1_000.0 }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever judges is gone at any moment, after something was kept at any earlier one. Who has stood
    /// by since before the cycle that ran then says what is missing, and what comes.
    #[test]
    fn nothing_is_lost_and_nothing_else_is_said(
        bounds in bounds(),
        slow in 8_u32..28,
        joins in 0.0_f64..0.3,
        kept in 0.0_f64..1.0,
        dies in 0.0_f64..1.0,
    ) {
        let readings = readings(bounds, slow);
        let place = |from: usize, part: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss,
                reason = "a place in a short list")]
            let more = ((readings.len() - 200 - from) as f64 * part) as usize;
            from + more
        };
        // Warm: a whole cycle has gone by before anything is handed over.
        let joins = place(0, joins);
        let kept = place(joins + 200, kept);
        let dies = place(kept, dies);

        let mut alone = Machine::new(settings(bounds));
        let expected = push(&mut alone, &readings);

        let mut first = Machine::new(settings(bounds));
        let mut second = Machine::new(settings(bounds)).standing_by();
        let mut said = push(&mut first, &readings[..joins]);
        let mut silent = Vec::new();
        said.extend(push(&mut first, &readings[joins..kept]));
        silent.extend(push(&mut second, &readings[joins..kept]));
        first.pause(readings[kept - 1].time);
        let state = serde_json::to_string(&first.kept()).unwrap();
        let before = words(&push(&mut first, &readings[kept..dies]));
        silent.extend(push(&mut second, &readings[kept..dies]));
        prop_assert!(silent.is_empty(), "{silent:?}");
        // The first one is gone. What it has told since it kept its state may be told again.
        let mut after = Vec::new();
        let state: Kept = serde_json::from_str(&state).unwrap();
        second.take_over(Some(state), &mut |one| after.push(one));
        after.extend(push(&mut second, &readings[dies..]));
        let after = words(&after);
        let again = after.iter().take_while(|word| before.contains(word)).count();
        prop_assert_eq!(again, before.len(), "{:?} {:?}", before, after);
        let all = [words(&said), after].concat();
        prop_assert_eq!(all, words(&expected));
        let end = readings[readings.len() - 1].time;
        alone.pause(end);
        second.pause(end);
        for (is, was) in second.utilisation().days().values().zip(alone.utilisation().days().values()) {
            prop_assert!((is.producing - was.producing).abs() < 1e-6, "{is:?} {was:?}");
            prop_assert!((is.total() - was.total()).abs() < 1e-6, "{is:?} {was:?}");
        }
    }
}

/// What is taken down of a machine that is watched from a moment on.
fn taken_down(begun: Time, readings: &[Reading]) -> Vec<Noted> {
    let readings = readings.iter().map(|reading| Noted::Reading(reading.clone(), false));
    std::iter::once(Noted::Begun(begun)).chain(readings).collect()
}

/// Cycles and what was found of them.
fn cycles(said: &[Said]) -> Vec<String> {
    let found = said.iter().filter_map(|said| match said {
        Said::Cycle(cycle, finding) => {
            Some(format!("{:?} {:?} {:?} {finding:?}", cycle.start, cycle.end, cycle.doubts))
        }
        Said::Alert(_) => None,
    });
    found.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever watches is killed again and again before anything is kept: who goes on finds out what those before
    /// have told, and has learnt as much.
    #[test]
    fn who_is_killed_twice_has_learnt_what_was_told(
        bounds in bounds(),
        kills in (20_usize..400, 20_usize..200),
        away in 0.0_f64..20.0,
    ) {
        let readings = readings(bounds, 100);
        let mut settings = settings(bounds);
        settings.hold_back = 12.0;
        let new = || Machine::new(settings.clone());
        let caught_up = |down: &[Noted], away: f64| {
            let mut said = Vec::new();
            let machine = new().caught_up(None, down.iter().cloned(), away, &mut |one| said.push(one));
            (machine, said)
        };

        let (before, after) = readings.split_at(kills.0);
        let mut first = new();
        first.begin(start());
        let told = cycles(&push(&mut first, before));
        let mut down = taken_down(start(), before);

        let (mut second, mut said) = caught_up(&down, away);
        let begun = second.last().unwrap();
        second.begin(begun);
        prop_assert_eq!(&cycles(&said)[..told.len()], &told[..]);
        let lost = after.iter().take_while(|reading| reading.time < begun).count();
        let seen = &after[lost..lost + kills.1];
        said.extend(push(&mut second, seen));
        down.extend(taken_down(begun, seen));
        let told = cycles(&said);

        let (_, said) = caught_up(&down, away);
        prop_assert_eq!(&cycles(&said)[..told.len()], &told[..]);
    }
}

/// Whoever begins while a cycle runs does not know when it began, and says so.
#[test]
fn a_cycle_that_was_joined_is_doubtful_and_raises_no_alarm() {
    for bounds in [Bounds::Running, Bounds::Number, Bounds::Gate { on: 1_000.0, off: 1_000.0 }] {
        let readings = readings(bounds, 100);
        let (before, after) = readings.split_at(readings.len() / 2 + 20);
        let mut machine = Machine::new(settings(bounds));
        push(&mut machine, before);
        let mut machine = Machine::new(settings(bounds)).with(machine.kept());
        let said = push(&mut machine, after);
        let Said::Cycle(cycle, finding) = &said[0] else { panic!("{said:?}") };
        assert!(cycle.doubts.iter().any(|doubt| doubt == Doubt::MissingStart), "{bounds:?}: {said:?}");
        assert!(matches!(finding, Finding::Unreliable), "{finding:?}");
        assert!(said.iter().all(|said| matches!(said, Said::Cycle(..))), "{said:?}");
    }
}

#[test]
fn one_who_takes_over_while_a_program_is_held_knows_it() {
    let mut settings = Settings::usual(Bounds::Running);
    settings.meter = None;
    let at = |seconds: f64, what| Reading { time: start().plus(seconds), what };
    let mut first = Machine::new(settings.clone());
    push(&mut first, &[at(0.0, What::Running(Some(true))), at(10.0, What::Hold(Some(true)))]);
    first.tick(start().plus(15.0), &mut |_| {});
    let mut second = Machine::new(settings).standing_by();
    push(&mut second, &[at(20.0, What::Running(Some(true)))]);
    second.tick(start().plus(25.0), &mut |_| {});
    second.take_over(Some(first.kept()), &mut |_| {});
    let mut said =
        push(&mut second, &[at(40.0, What::Hold(Some(false))), at(60.0, What::Running(Some(false)))]);
    second.finish(&mut |one| said.push(one));
    let [Said::Cycle(cycle, _)] = &said[..] else { panic!("{said:?}") };
    assert!(cycle.doubts.contains(Doubt::Interrupted), "{cycle:?}");
    assert!((cycle.held - 20.0).abs() < 1e-9, "{cycle:?}");
    let times: Times = second.utilisation().days().values().copied().sum();
    assert!((times.producing - 30.0).abs() < 1e-6, "{times:?}");
}

/// The alerts among what was said, with the times since when they are.
fn alerts(said: &[Said]) -> Vec<(AlertKind, Change, Time)> {
    let alerts = said.iter().filter_map(|said| match said {
        Said::Alert(alert) => Some((alert.kind, alert.change, alert.since)),
        Said::Cycle(..) => None,
    });
    alerts.collect()
}

/// Whoever judged before has told an alert and is gone before it has kept it. It is over when it is, and told then,
/// though it is over before anybody takes over.
#[test]
fn what_was_told_and_not_kept_is_over_once_it_is() {
    let readings = readings(Bounds::Running, 100);
    let mut settings = settings(Bounds::Running);
    settings.silent_after = Some(60.0);
    let (mut first, mut second) = (Machine::new(settings.clone()), Machine::new(settings).standing_by());
    let half = readings.len() / 2;
    push(&mut first, &readings[..half]);
    push(&mut second, &readings[..half]);
    let kept = first.kept();
    let silence = readings[half - 1].time.plus(90.0);
    let mut told = Vec::new();
    first.tick(silence, &mut |said| told.push(said));
    second.tick(silence, &mut |said| panic!("{said:?}"));
    let [Said::Alert(silent)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((silent.kind, silent.change), (AlertKind::Silent, Change::Raised));
    let later: Vec<Reading> = readings[half..]
        .iter()
        .map(|reading| Reading { time: reading.time.plus(100.0), what: reading.what.clone() })
        .collect();
    // It speaks again before the other one takes over, and cycles are judged.
    push(&mut second, &later[..200]);
    let mut said = Vec::new();
    second.take_over(Before { kept: Some(kept), told: vec![silent.clone()] }, &mut |one| said.push(one));
    assert_eq!(second.open_alerts().collect::<Vec<_>>(), [(AlertKind::Silent, silent.since)]);
    said.extend(push(&mut second, &later[200..]));
    assert_eq!(alerts(&said), [(AlertKind::Silent, Change::Cleared, silent.since)]);
    assert!(said.iter().any(|said| matches!(said, Said::Cycle(..))));
}

/// What whoever takes over finds again by itself is not taken for something else, nor is what is kept.
#[test]
fn what_is_found_again_or_was_kept_goes_on_as_it_is() {
    let readings = readings(Bounds::Running, 12);
    let settings = settings(Bounds::Running);
    let (mut first, mut second) = (Machine::new(settings.clone()), Machine::new(settings).standing_by());
    // Before the slow cycle has ended, and some healthy ones after it.
    let before = readings.iter().position(|one| one.time >= start().plus(380.0)).unwrap();
    let after = 1_200;
    push(&mut first, &readings[..before]);
    push(&mut second, &readings[..before]);
    let kept = first.kept();
    let told = push(&mut first, &readings[before..after]);
    push(&mut second, &readings[before..after]);
    let raised: Vec<Alert> = told
        .iter()
        .filter_map(|said| match said {
            Said::Alert(alert) if alert.change == Change::Raised => Some(alert.clone()),
            _ => None,
        })
        .collect();
    assert!(!raised.is_empty() && alerts(&told).len() == 2 * raised.len(), "{told:?}");
    let mut said = Vec::new();
    second.take_over(Before { kept: Some(kept), told: raised.clone() }, &mut |one| said.push(one));
    assert_eq!(alerts(&said), alerts(&told), "it is over by then, and found to be");
    assert_eq!(second.open_alerts().count(), 0);
    // What is kept as raised stays as it was kept.
    let mut third = Machine::new(self::settings(Bounds::Running)).standing_by();
    let later = Alert { since: start(), ..raised[0].clone() };
    first.go_on(vec![raised[0].clone()]);
    third.take_over(Before { kept: Some(first.kept()), told: vec![later] }, &mut |said| panic!("{said:?}"));
    assert_eq!(third.open_alerts().collect::<Vec<_>>(), [(raised[0].kind, raised[0].since)]);
}
