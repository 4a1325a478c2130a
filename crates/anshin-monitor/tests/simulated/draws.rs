//! What a machine draws in each of its states: learnt, and told where it draws something else.

use std::sync::Arc;

use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::{Alert, AlertKind, Change};
use anshin_monitor::machine::States;
use anshin_monitor::{Machine, Reading, Said, Settings, State, What};

use super::{accidents, start};

/// A machine that is played: stretches of a state, with what it draws then and how many seconds they last.
struct Played {
    machine: Machine,
    said: Vec<Said>,
    second: u32,
    chance: Box<dyn FnMut() -> f64>,
    /// By how much power wavers, as a part.
    noise: f64,
}

/// A machine tool that tells its states and its cycles.
fn told() -> Settings {
    Settings { states: States::Told, ..Settings::usual(Bounds::Events) }
}

impl Played {
    fn new(settings: Settings) -> Self {
        let machine = Machine::new(settings);
        Self { machine, said: Vec::new(), second: 0, chance: Box::new(accidents(3)), noise: 0.05 }
    }

    fn push(&mut self, after: f64, what: What) {
        let time = start().plus(f64::from(self.second) + after);
        self.machine.push(Reading { time, what }, &mut |one| self.said.push(one));
    }

    fn draw(&mut self, seconds: u32, power: f64) {
        for _ in 0..seconds {
            let power = power * (1.0 + self.noise * ((self.chance)() - 0.5));
            self.push(0.25, What::Power(power));
            self.second += 1;
        }
    }

    fn stay(&mut self, state: State, seconds: u32, power: f64) {
        self.push(0.0, What::State(Some(state)));
        self.draw(seconds, power);
    }

    /// Cycles of 20 seconds at 2,000 W, each followed by ten seconds of rest.
    fn work(&mut self, cycles: u32, rest: f64) {
        for _ in 0..cycles {
            self.push(0.0, What::Start);
            self.stay(State::Producing, 20, 2_000.0);
            self.push(0.0, What::End);
            self.stay(State::Idle, 10, rest);
        }
    }

    fn alerts(&self) -> Vec<&Alert> {
        let alerts = self.said.iter().filter_map(|one| match one {
            Said::Alert(alert) => Some(alert),
            Said::Cycle(..) => None,
        });
        alerts.collect()
    }

    fn changes(&self) -> Vec<(AlertKind, Change)> {
        self.alerts().iter().map(|alert| (alert.kind, alert.change)).collect()
    }
}

const RAISED: (AlertKind, Change) = (AlertKind::PowerOutsideState, Change::Raised);
const CLEARED: (AlertKind, Change) = (AlertKind::PowerOutsideState, Change::Cleared);

#[test]
fn a_machine_that_is_told_off_and_draws_power_is_told() {
    // What it draws when it is off may be known, or only what it draws at rest.
    for nights in [0, 1, 4] {
        let mut played = Played::new(told());
        for _ in 0..nights {
            played.stay(State::Off, 600, 5.0);
            played.work(20, 300.0);
        }
        played.work(60, 300.0);
        assert_eq!(played.changes(), [], "{nights} nights");
        let before = played.second;
        played.stay(State::Off, 700, 1_800.0);
        assert_eq!(played.changes(), [RAISED], "{nights} nights");
        let alert = played.alerts()[0];
        assert_eq!(alert.state, Some(State::Off));
        assert!((alert.value.unwrap() - 1_800.0).abs() < 50.0, "{alert:?}");
        assert!(alert.reference.unwrap() < 320.0, "{alert:?}");
        assert!((alert.since.since(start()) - f64::from(before)).abs() < 30.0, "{alert:?}");
        let after = alert.at.since(start()) - f64::from(before);
        assert!(after < 420.0, "after {after} s");
        // The contradiction is over when it is told to work.
        played.work(10, 300.0);
        assert_eq!(played.changes(), [RAISED, CLEARED], "{nights} nights");
    }
}

#[test]
fn power_at_rest_that_rises_is_told_once_and_is_over_when_it_is_mended() {
    let by_cycles = || Settings::usual(Bounds::Events);
    let by_power = || Settings {
        states: States::Power { idle: 50.0, producing: 1_000.0 },
        ..Settings::usual(Bounds::Events)
    };
    let gate = || Settings::usual(Bounds::Gate { on: 1_000.0, off: 1_000.0 });
    for settings in [told(), by_cycles(), by_power(), gate()] {
        let mut played = Played::new(settings.clone());
        played.work(60, 300.0);
        assert_eq!(played.changes(), [], "{settings:?}");
        let before = played.second;
        played.work(100, 450.0);
        assert_eq!(played.changes(), [RAISED], "{settings:?}");
        let alert = played.alerts()[0];
        assert_eq!(alert.state, Some(State::Idle));
        let deviation = alert.deviation.unwrap();
        assert!((0.4..0.6).contains(&deviation), "{alert:?}");
        let after = alert.at.since(start()) - f64::from(before);
        assert!((60.0..600.0).contains(&after), "after {after} s");
        played.work(20, 300.0);
        assert_eq!(played.changes(), [RAISED, CLEARED], "{settings:?}");
    }
}

#[test]
fn a_machine_that_is_told_to_work_and_draws_nothing_is_told() {
    let mut played = Played::new(told());
    for _ in 0..40 {
        played.stay(State::Producing, 60, 2_000.0);
        played.stay(State::Idle, 20, 300.0);
    }
    assert_eq!(played.changes(), []);
    // Without cycles only states are looked at.
    let settings = Settings { states: States::Told, ..Settings::usual(Bounds::None) };
    for (power, is_told) in [(300.0, true), (1_200.0, false), (3_500.0, false), (5_000.0, true)] {
        let mut played = Played::new(settings.clone());
        for _ in 0..40 {
            played.stay(State::Producing, 60, 2_000.0);
            played.stay(State::Idle, 20, 300.0);
        }
        for _ in 0..10 {
            played.stay(State::Producing, 60, power);
            played.stay(State::Idle, 20, 300.0);
        }
        let expected: &[_] = if is_told { &[RAISED] } else { &[] };
        assert_eq!(played.changes(), expected, "{power} W");
    }
}

#[test]
fn what_a_healthy_machine_draws_in_its_states_raises_nothing() {
    // Noise, rests that last long and are lower, and a motor that runs on after each cycle.
    for noise in [0.0, 0.1, 0.5] {
        let mut played = Played::new(told());
        played.noise = noise;
        for day in 0..4 {
            for _ in 0..60 {
                played.push(0.0, What::Start);
                played.stay(State::Producing, 20, 2_000.0);
                played.push(0.0, What::End);
                played.stay(State::Idle, 2, 1_200.0);
                played.draw(8, 300.0 + 10.0 * f64::from(day));
            }
            played.draw(3_000, 120.0);
            played.stay(State::Off, 4_000, 3.0);
        }
        let kinds: Vec<_> = played.changes().into_iter().filter(|one| *one == RAISED).collect();
        assert_eq!(kinds, [], "noise {noise}");
    }
    // A heater that is on for a while, as a person works by hand for a while.
    let mut played = Played::new(told());
    played.work(60, 300.0);
    for _ in 0..5 {
        played.draw(1_200, 1_500.0);
        played.work(20, 300.0);
    }
    assert_eq!(played.changes(), []);
}

#[test]
fn each_job_has_power_at_rest_of_its_own() {
    // A robot holds its arm up as each program leaves it.
    let settings = Settings { key: vec![Vec::new()], ..told() };
    let mut played = Played::new(settings);
    let lot = |played: &mut Played, program: &str, cycles: u32, rest: f64| {
        played.push(0.0, What::Key(0, Arc::from(program)));
        played.work(cycles, rest);
    };
    lot(&mut played, "A", 60, 300.0);
    for _ in 0..6 {
        lot(&mut played, "B", 20, 500.0);
        lot(&mut played, "A", 20, 300.0);
    }
    assert_eq!(played.changes(), []);
    lot(&mut played, "A", 20, 500.0);
    assert_eq!(played.changes(), [RAISED]);
    // While it goes on, nothing is learnt of a job that is new.
    lot(&mut played, "C", 40, 450.0);
    assert_eq!(played.changes(), [RAISED]);
    lot(&mut played, "B", 20, 500.0);
    assert_eq!(played.changes(), [RAISED, CLEARED]);
}

#[test]
fn power_in_states_is_not_looked_at_while_somebody_works_at_the_machine_or_readings_are_doubtful() {
    for n in 0..4 {
        let mut played = Played::new(told());
        played.work(60, 300.0);
        match n {
            0 => {
                let now = start().plus(f64::from(played.second));
                played.machine.set_maintenance(true, now, &mut |_| {});
                played.work(60, 450.0);
                // Whoever has worked at it may have changed what it draws.
                let now = start().plus(f64::from(played.second));
                played.machine.set_maintenance(false, now, &mut |_| {});
                played.work(100, 450.0);
            }
            1 => {
                played.push(0.0, What::SetUp(Some(true)));
                played.work(60, 450.0);
                played.stay(State::Off, 700, 1_800.0);
                played.push(0.0, What::SetUp(Some(false)));
            }
            2 => {
                for _ in 0..60 {
                    played.work(1, 450.0);
                    played.machine.doubt(anshin_monitor::cycle::Doubt::Overload);
                }
            }
            // Power is known for a moment now and then only.
            _ => {
                for _ in 0..40 {
                    played.stay(State::Off, 2, 1_800.0);
                    played.second += 60;
                }
            }
        }
        assert_eq!(played.changes(), [], "{n}");
    }
    let settings = Settings { learns_states: false, ..told() };
    let mut played = Played::new(settings);
    played.work(60, 300.0);
    played.work(100, 450.0);
    played.stay(State::Off, 1_000, 1_800.0);
    assert_eq!(played.changes(), []);
}

#[test]
fn what_a_machine_draws_in_its_states_outlives_a_restart_and_a_hand_over() {
    for takes_over in [false, true] {
        let mut played = Played::new(told());
        played.work(60, 300.0);
        let kept = serde_json::to_string(&played.machine.kept()).unwrap();
        let kept = || serde_json::from_str(&kept).unwrap();
        played.machine = if takes_over {
            let mut other = Machine::new(told()).standing_by();
            other.take_over(Some(kept()), &mut |_| {});
            other
        } else {
            Machine::new(told()).with(kept())
        };
        // It is known by what it drew before.
        played.work(30, 450.0);
        assert_eq!(played.changes(), [RAISED], "{takes_over}");
        let kept = serde_json::to_string(&played.machine.kept()).unwrap();
        played.machine = Machine::new(told()).with(serde_json::from_str(&kept).unwrap());
        let open: Vec<_> = played.machine.raised(start()).map(|alert| (alert.kind, alert.state)).collect();
        assert_eq!(open, [(AlertKind::PowerOutsideState, Some(State::Idle))]);
        played.work(20, 300.0);
        assert_eq!(played.changes(), [RAISED, CLEARED], "{takes_over}");
    }
}

#[test]
fn power_that_was_told_and_not_kept_is_over_once_it_is() {
    let mut played = Played::new(told());
    played.work(60, 300.0);
    let kept = serde_json::to_string(&played.machine.kept()).unwrap();
    played.work(100, 450.0);
    let alert = played.alerts()[0].clone();
    // An earlier version has not taken down in which state it was.
    for state in [alert.state, None] {
        played.machine = Machine::new(told()).with(serde_json::from_str(&kept).unwrap());
        played.machine.go_on(vec![Alert { state, ..alert.clone() }]);
        played.said.clear();
        played.work(20, 300.0);
        assert_eq!(played.changes(), [CLEARED], "{state:?}");
    }
    // Where nothing is known by which it could be over, such as after another factor, it is.
    played.machine = Machine::new(told());
    played.machine.go_on(vec![alert]);
    played.said.clear();
    played.work(20, 450.0);
    assert_eq!(played.changes(), [CLEARED]);
}

#[test]
fn a_person_who_forgets_all_of_a_machine_lets_it_learn_what_it_draws() {
    let mut played = Played::new(told());
    played.work(60, 300.0);
    played.work(40, 450.0);
    assert_eq!(played.changes(), [RAISED]);
    let now = start().plus(f64::from(played.second));
    let mut said = Vec::new();
    assert!(played.machine.forget(&[], None, now, &mut |one| said.push(one)));
    played.said.extend(said);
    assert_eq!(played.changes(), [RAISED, CLEARED]);
    played.work(100, 450.0);
    assert_eq!(played.changes(), [RAISED, CLEARED]);
}
