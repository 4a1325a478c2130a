//! The monitor on played machines: faults are found and told once, health stays silent, and what is
//! wrong with the readings never raises an alarm.

#![expect(clippy::unwrap_used, reason = "a failed test is meant to panic")]

mod clocks;
mod conditions;
mod counters;
mod cycles;
mod draws;
mod drifts;
mod factors;
mod factory;
mod frozen;
mod gaps;
mod red_light;
mod references;
mod rests;
mod set_ups;
mod shifts;
mod states;
mod tolerances;
mod uncertainty;
mod whatever;

use std::sync::Arc;

use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::judge::{Alert, AlertKind, Change};
use anshin_monitor::reference::Finding;
use anshin_monitor::{Machine, Monitor, Reading, Said, Settings, Time, What, config};

fn start() -> Time {
    Time::parse("2026-04-01T08:00:00+09:00").unwrap()
}

/// Numbers that look like accidents, from 0 to 1.
fn accidents(mut seed: u64) -> impl FnMut() -> f64 {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

fn raised(said: &[Said]) -> Vec<&Alert> {
    said.iter()
        .filter_map(|said| match said {
            Said::Alert(alert) if alert.change == Change::Raised => Some(alert),
            _ => None,
        })
        .collect()
}

/// A machine that works 20 of 30 seconds, sampled once a second, as readings in order.
fn regular(cycles: u32) -> Vec<Reading> {
    let mut readings = Vec::new();
    for second in 0..cycles * 30 {
        let phase = second % 30;
        let time = start().plus(f64::from(second));
        if phase == 5 {
            readings.push(Reading { time, what: What::Start });
        }
        if phase == 25 {
            readings.push(Reading { time, what: What::End });
        }
        let power = if (5..25).contains(&phase) { 2_000.0 } else { 100.0 };
        readings.push(Reading { time: time.plus(0.25), what: What::Power(power) });
    }
    readings
}

fn run(settings: Settings, readings: impl IntoIterator<Item = Reading>) -> Vec<Said> {
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    for reading in readings {
        machine.push(reading, &mut |one| said.push(one));
    }
    machine.finish(&mut |one| said.push(one));
    said
}

fn doubts(said: &[Said]) -> Vec<Vec<Doubt>> {
    said.iter()
        .filter_map(|said| match said {
            Said::Cycle(cycle, _) if !cycle.doubts.is_empty() => Some(cycle.doubts.iter().collect()),
            _ => None,
        })
        .collect()
}

fn alerts(said: &[Said]) -> usize {
    said.iter().filter(|said| matches!(said, Said::Alert(_))).count()
}

/// A machine as it is watched live: readings come one by one, and time passes between them by its own clock.
struct Watched {
    machine: Machine,
    said: Vec<Said>,
    now: Time,
}

impl Watched {
    fn new(settings: Settings) -> Self {
        let mut machine = Machine::new(settings);
        machine.begin(start());
        Self { machine, said: Vec::new(), now: start() }
    }

    fn push(&mut self, reading: Reading) {
        let before = self.machine.newest();
        self.machine.push(reading, &mut |one| self.said.push(one));
        if let Some(newest) = self.machine.newest().filter(|_| self.machine.newest() != before) {
            self.now = newest;
        }
        self.machine.tick(self.now, &mut |one| self.said.push(one));
    }

    /// Nothing comes for so many seconds.
    fn wait(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.now = self.now.plus(1.0);
            self.machine.tick(self.now, &mut |one| self.said.push(one));
        }
    }

    fn kinds(&self) -> Vec<AlertKind> {
        raised(&self.said).iter().map(|alert| alert.kind).collect()
    }

    fn open(&self) -> Vec<AlertKind> {
        self.machine.open_alerts().map(|(kind, _)| kind).collect()
    }
}

/// What a source says of a machine, line by line, gone through a configuration: what was said, and the
/// seconds of which nothing is known.
fn read(machine: &str, lines: &[String]) -> (Vec<Said>, f64) {
    let text = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: csv, time: time }}\nmachines:\n  - id: mill\n{machine}"
    );
    let loaded = config::load("test.yaml", &text);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let configuration = loaded.configuration.unwrap();
    let mut monitor = Monitor::new(&configuration);
    let mut said = Vec::new();
    monitor.replay(0, lines.join("\n").as_bytes(), |_, one| said.push(one)).unwrap();
    monitor.finish(|_, one| said.push(one));
    let days = monitor.machines()[0].utilisation().days();
    (said, days.values().map(|times| times.no_data).sum())
}

/// Every reading, and another one in the place of a sample in the middle of the tenth cycle.
fn with_one(other: impl Fn(&Reading) -> Reading) -> Vec<Reading> {
    let at = start().plus(9.0 * 30.0 + 15.25);
    let replaced = |reading: Reading| if reading.time == at { other(&reading) } else { reading };
    regular(60).into_iter().map(replaced).collect()
}

/// Cycles of jobs that follow each other with a pause of ten seconds: program, seconds of work, and how many
/// seconds of pause come before it besides.
fn jobs(cycles: impl IntoIterator<Item = (&'static str, f64, f64)>) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut time = start();
    for (program, work, pause) in cycles {
        time = time.plus(10.0 + pause);
        readings.push(Reading { time: time.plus(-0.5), what: What::Key(0, Arc::from(program)) });
        readings.push(Reading { time, what: What::Start });
        time = time.plus(work);
        readings.push(Reading { time, what: What::End });
    }
    readings
}

/// Settings for [`jobs`].
fn by_program() -> Settings {
    let mut settings = Settings::usual(Bounds::Events);
    settings.key = vec![Vec::new()];
    settings.meter = None;
    settings
}

fn findings(said: &[Said]) -> Vec<&Finding> {
    said.iter()
        .filter_map(|said| match said {
            Said::Cycle(_, finding) => Some(finding),
            Said::Alert(_) => None,
        })
        .collect()
}
