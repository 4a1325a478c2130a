//! A gateway that repeats its last value for ever is told from a machine that draws the same for long.

use std::sync::Arc;

use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::judge::{AlertKind, Change};
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Reading, Said, Settings, What};

use super::{accidents, findings, raised, start};

/// What a meter tells of a machine that works 40 of every 60 seconds.
#[derive(Debug, Clone, Copy)]
struct Metered {
    bounds: Bounds,
    /// Power moves by so many W at work and at rest.
    moves: (f64, f64),
    /// It is told in steps of so many W.
    step: f64,
}

const EVENTS: Bounds = Bounds::Events;
const GATE: Bounds = Bounds::Gate { on: 500.0, off: 300.0 };

impl Metered {
    /// What is said where the last value is repeated from one second on for so many, and the machine hangs from one
    /// second of work on for so many.
    fn watched(self, frozen: (u32, u32), hangs: (u32, u32)) -> (Machine, Vec<Said>) {
        let mut settings = Settings::usual(self.bounds);
        settings.key = vec![Vec::new()];
        let mut machine = Machine::new(settings);
        let (mut chance, mut said, mut last) = (accidents(11), Vec::new(), 0.0);
        let key = What::Key(0, Arc::from("A"));
        machine.push(Reading { time: start(), what: key }, &mut |one| said.push(one));
        let mut phase = 0_u32;
        for second in 1..60 * 60_u32 {
            let is_hanging = (hangs.0..hangs.0 + hangs.1).contains(&second);
            if !is_hanging {
                phase = (phase + 1) % 60;
            }
            let time = start().plus(f64::from(second));
            let mut say = |what| machine.push(Reading { time, what }, &mut |one| said.push(one));
            if self.bounds == EVENTS && !is_hanging {
                match phase {
                    10 => say(What::Start),
                    50 => say(What::End),
                    _ => {}
                }
            }
            let is_work = (10..50).contains(&phase);
            // One that hangs holds its drives, and no more.
            let (level, moves) = match (is_work, is_hanging) {
                (true, true) => (if self.bounds == EVENTS { 110.0 } else { 600.0 }, self.moves.1),
                (true, false) => (2_000.0 + f64::from(phase) * 5.0, self.moves.0),
                (false, _) => (100.0, self.moves.1),
            };
            let power = level + moves * (chance() - 0.5);
            let is_frozen = (frozen.0..frozen.0 + frozen.1).contains(&second);
            if !is_frozen {
                last = (power / self.step).round() * self.step;
            }
            machine
                .push(Reading { time: time.plus(0.3), what: What::Power(last) }, &mut |one| said.push(one));
        }
        machine.finish(&mut |one| said.push(one));
        (machine, said)
    }
}

fn frozen(said: &[Said]) -> usize {
    let is = |one: &&Said| matches!(one, Said::Cycle(cycle, _) if cycle.doubts.contains(Doubt::Frozen));
    said.iter().filter(is).count()
}

fn kinds(said: &[Said]) -> Vec<AlertKind> {
    raised(said).iter().map(|alert| alert.kind).collect()
}

#[test]
fn a_meter_that_repeats_its_last_value_is_told_and_raises_no_false_alarm() {
    // A fine meter, and one of whole watts whose machine draws the same for ever at rest.
    for (moves, step) in [((60.0, 2.0), 0.01), ((60.0, 0.2), 1.0)] {
        for bounds in [EVENTS, GATE] {
            let metered = Metered { bounds, moves, step };
            // From the middle of the thirtieth cycle on, for some minutes.
            for seconds in [20, 300, 1_000] {
                let (machine, said) = metered.watched((30 * 60 + 25, seconds), (0, 0));
                let what = format!("{metered:?}, {seconds} s");
                assert!(
                    kinds(&said).iter().all(|kind| *kind == AlertKind::Frozen),
                    "{what}: {:?}",
                    kinds(&said)
                );
                assert!(frozen(&said) > 0, "{what}");
                let has_outside = findings(&said).iter().any(|one| matches!(one, Finding::Outside(_)));
                assert!(!has_outside, "{what}");
                if seconds > 20 {
                    assert_eq!(kinds(&said), [AlertKind::Frozen], "{what}");
                    let is_over =
                        |one: &&Said| matches!(one, Said::Alert(alert) if alert.change == Change::Cleared);
                    let over = said.iter().find(is_over);
                    let Some(Said::Alert(over)) = over else { panic!("{what}: it is not over") };
                    let after = over.at.since(start()) - f64::from(30 * 60 + 25 + seconds);
                    assert!((0.0..2.0).contains(&after), "{what}: over after {after} s");
                }
                let level = machine.references().modes().map(|(_, mode)| mode.reference.quantity.unwrap());
                let levels: Vec<f64> = level.collect();
                assert!(levels.len() == 1 && (20.0..27.0).contains(&levels[0]), "{what}: {levels:?}");
            }
        }
    }
}

#[test]
fn power_that_stays_the_same_by_nature_is_no_frozen_meter() {
    // A heater at a constant load, noise of a few steps of the meter, and whole watts; by events and by power.
    for (moves, step) in [
        ((0.0, 0.0), 1.0),
        ((0.5, 0.0), 1.0),
        ((2.0, 0.5), 1.0),
        ((60.0, 0.0), 1.0),
        ((60.0, 2.0), 10.0),
        ((60.0, 2.0), 0.01),
    ] {
        for bounds in [EVENTS, GATE] {
            let (_, said) = Metered { bounds, moves, step }.watched((0, 0), (0, 0));
            assert_eq!((frozen(&said), kinds(&said)), (0, vec![]), "{moves:?} {step} {bounds:?}");
        }
    }
}

#[test]
fn a_machine_that_stands_still_in_its_cycle_is_found_though_it_draws_the_same() {
    for (moves, step) in [((60.0, 0.0), 1.0), ((60.0, 0.2), 1.0), ((60.0, 2.0), 0.01)] {
        for bounds in [EVENTS, GATE] {
            let (_, said) = Metered { bounds, moves, step }.watched((0, 0), (30 * 60 + 25, 120));
            let found = kinds(&said);
            assert_eq!(frozen(&said), 0, "{moves:?} {step} {bounds:?}");
            assert!(found.contains(&AlertKind::TooSlow), "{moves:?} {step} {bounds:?}: {found:?}");
        }
    }
}

#[test]
fn a_phase_of_constant_power_that_a_job_begins_to_have_is_learnt() {
    let mut machine = Machine::new(Settings::usual(EVENTS));
    let (mut chance, mut said) = (accidents(5), Vec::new());
    for second in 0..60 * 60_u32 {
        let (cycle, phase) = (second / 60, second % 60);
        let time = start().plus(f64::from(second));
        let edge = match phase {
            10 => Some(What::Start),
            50 => Some(What::End),
            _ => None,
        };
        let is_constant = cycle >= 30 && (20..40).contains(&phase);
        let moves = if is_constant { 0.0 } else { 40.0 * (chance() - 0.5) };
        let power = if (10..50).contains(&phase) { 2_000.0 } else { 100.0 } + moves;
        for what in edge.into_iter().chain([What::Power(power)]) {
            machine.push(Reading { time, what }, &mut |one| said.push(one));
        }
    }
    assert_eq!((frozen(&said), kinds(&said)), (3, vec![]));
}

#[test]
fn a_meter_that_repeats_itself_over_a_restart_does_so_still() {
    let new = || Machine::new(Settings::usual(EVENTS));
    let (mut machine, mut chance, mut said, mut last) = (new(), accidents(5), Vec::new(), 0.0);
    let (freezes, stops, thaws) = (30 * 60 + 25, 33 * 60 + 30, 35 * 60 + 20);
    for second in 0..37 * 60_u32 {
        let phase = second % 60;
        let time = start().plus(f64::from(second));
        let edge = match phase {
            10 => Some(What::Start),
            50 => Some(What::End),
            _ => None,
        };
        if !(freezes..thaws).contains(&second) {
            let level = if (10..50).contains(&phase) { 2_000.0 } else { 100.0 };
            last = level + 40.0 * (chance() - 0.5);
        }
        if second == stops {
            assert_eq!(kinds(&said), [AlertKind::Frozen]);
            let kept = serde_json::to_string(&machine.kept()).unwrap();
            let kept = serde_json::from_str(&kept).unwrap();
            machine = new().with(kept);
            machine.begin(time);
        }
        for what in edge.into_iter().chain([What::Power(last)]) {
            machine.push(Reading { time, what }, &mut |one| said.push(one));
        }
    }
    let changes = said.iter().filter_map(|one| match one {
        Said::Alert(alert) => Some((alert.kind, alert.change, alert.at.since(start()))),
        Said::Cycle(..) => None,
    });
    let changes: Vec<_> = changes.collect();
    let [(AlertKind::Frozen, Change::Raised, _), (AlertKind::Frozen, Change::Cleared, over)] = changes[..]
    else {
        panic!("{changes:?}")
    };
    assert!((over - f64::from(thaws)).abs() < 0.001, "over after {over} s");
}
