//! A small factory that is played: five machines with realistic noise, and faults that begin at a
//! known time. For a first look at the monitor, and for tests that need no recording.

use std::fmt::Write as _;
use std::sync::Arc;

use anshin_model::{Id, Text};
use jiff::tz::TimeZone;
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::config::{Configuration, MachineConfiguration};
use crate::cycle::Bounds;
use crate::machine::{Settings, States};
use crate::reading::{Reading, What};
use crate::time::Time;
use crate::utilisation::Calendar;

/// A machine of the factory.
#[derive(Debug, Clone)]
struct Plan {
    id: &'static str,
    name: (&'static str, &'static str),
    /// Seconds that a healthy cycle lasts.
    duration: f64,
    /// Seconds from one cycle to the next.
    pause: f64,
    /// Power at rest, in W.
    rest: f64,
    /// Power at work, in W.
    work: f64,
    /// Noise of the duration and of the power, as a part.
    noise: f64,
    program: &'static str,
    fault: Fault,
}

/// What goes wrong with a machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fault {
    /// Nothing.
    None,
    /// From this second on it moves faster or slower by a factor.
    Speed(f64, f64),
    /// From this second on it takes more by a factor.
    Energy(f64, f64),
    /// From this second on it says nothing any more.
    Silent(f64),
}

/// The factory at work: an endless stream of readings, in the order of time.
#[derive(Debug)]
pub struct Factory {
    machines: Vec<Running>,
    start: Time,
    random: Xoshiro256PlusPlus,
    second: u32,
}

#[derive(Debug)]
struct Running {
    plan: Plan,
    /// Second at which the running cycle ends.
    cycle: Option<f64>,
    /// Duration of the last cycle against a healthy one.
    speed: f64,
    /// Second at which the next cycle begins.
    next: f64,
    told_program: bool,
}

fn plans() -> [Plan; 5] {
    [
        Plan {
            id: "robot",
            name: ("溶接ロボット", "Welding robot"),
            duration: 24.0,
            pause: 6.0,
            rest: 300.0,
            work: 2_400.0,
            noise: 0.012,
            program: "WELD-7",
            fault: Fault::Speed(600.0, 0.72),
        },
        Plan {
            id: "cnc-mill",
            name: ("CNCフライス盤", "CNC mill"),
            duration: 55.0,
            pause: 15.0,
            rest: 900.0,
            work: 5_200.0,
            noise: 0.01,
            program: "O1234",
            fault: Fault::Energy(800.0, 1.3),
        },
        Plan {
            id: "press",
            name: ("プレス機", "Press"),
            duration: 8.0,
            pause: 4.0,
            rest: 700.0,
            work: 7_500.0,
            noise: 0.02,
            program: "P-88",
            fault: Fault::None,
        },
        Plan {
            id: "injection-moulder",
            name: ("射出成形機", "Injection moulding machine"),
            duration: 32.0,
            pause: 3.0,
            rest: 2_100.0,
            work: 9_000.0,
            noise: 0.008,
            program: "LID-3",
            fault: Fault::Speed(1_000.0, 1.35),
        },
        Plan {
            id: "lathe",
            name: ("旋盤", "Lathe"),
            duration: 41.0,
            pause: 20.0,
            rest: 500.0,
            work: 3_300.0,
            noise: 0.01,
            program: "SHAFT-2",
            fault: Fault::Silent(900.0),
        },
    ]
}

/// The configuration that fits the factory as a file: as if its machines published to a broker.
pub fn text() -> String {
    let mut text = String::from(
        "anshin-monitor: 1\ntime-zone: Asia/Tokyo\nsources:\n  - { id: line, kind: mqtt, topics: \"factory/#\", \
         time: { column: time, form: rfc3339 } }\nmachines:\n",
    );
    for Plan { id, name: (ja, en), rest, work, .. } in plans() {
        let (idle, producing) = (rest / 2.0, f64::midpoint(rest, work));
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            r#"  - id: {id}
    name: {{ ja: "{ja}", en: "{en}" }}
    cycle: {{ by: events }}
    meter: {{ kind: rate, unit: Wh, most-gap: 5 }}
    key: [ {{ id: program }} ]
    states: {{ by: power, idle: {idle}, producing: {producing} }}
    silent-after: 60
    input:
      - {{ from: line, topic: factory/{id}, take: power, is: power }}
      - {{ from: line, topic: factory/{id}, take: event, is: start, when: start }}
      - {{ from: line, topic: factory/{id}, take: event, is: end, when: end }}
      - {{ from: line, topic: factory/{id}, take: program, is: key, part: program }}
"#
        );
    }
    text
}

/// The configuration that fits the factory.
pub fn configuration() -> Configuration {
    let machines = plans()
        .into_iter()
        .map(|plan| {
            let mut settings = Settings::usual(Bounds::Events);
            settings.key = vec![Vec::new()];
            settings.zone = TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC);
            settings.silent_after = Some(60.0);
            settings.most_gap = 5.0;
            settings.states =
                States::Power { idle: plan.rest / 2.0, producing: f64::midpoint(plan.rest, plan.work) };
            MachineConfiguration {
                id: Id::from(plan.id.to_owned()),
                name: Text::new(plan.name.0, plan.name.1),
                asset: None,
                touched: None,
                unit: "Wh".to_owned(),
                key: vec![Id::from("program".to_owned())],
                settings,
                inputs: Vec::new(),
            }
        })
        .collect();
    Configuration {
        sources: Vec::new(),
        machines,
        groups: Vec::new(),
        outlets: Vec::new(),
        calendar: Calendar::default(),
    }
}

impl Factory {
    /// A factory that begins at a time; the same seed plays the same day.
    pub fn new(start: Time, seed: u64) -> Self {
        let machines = plans()
            .into_iter()
            .enumerate()
            .map(|(n, plan)| {
                let next = 2.0 + 1.7 * f64::from(u8::try_from(n).unwrap_or(0));
                Running { plan, cycle: None, speed: 1.0, next, told_program: false }
            })
            .collect();
        Self { machines, start, random: Xoshiro256PlusPlus::seed_from_u64(seed), second: 0 }
    }

    /// A factory in which nothing goes wrong.
    #[must_use]
    pub fn without_faults(mut self) -> Self {
        for machine in &mut self.machines {
            machine.plan.fault = Fault::None;
        }
        self
    }

    /// What goes wrong with each machine.
    pub fn faults(&self) -> impl Iterator<Item = Fault> + '_ {
        self.machines.iter().map(|machine| machine.plan.fault)
    }

    /// The moment that is reached.
    pub fn now(&self) -> Time {
        self.start.plus(f64::from(self.second))
    }

    /// Plays one second: `take` gets the number of a machine and what it says.
    pub fn second(&mut self, mut take: impl FnMut(usize, Reading)) {
        let from = f64::from(self.second);
        let to = from + 1.0;
        self.second += 1;
        for n in 0..self.machines.len() {
            let noise = [self.noise(), self.noise(), self.noise()];
            let machine = &mut self.machines[n];
            if matches!(machine.plan.fault, Fault::Silent(since) if from >= since) {
                continue;
            }
            let start = self.start;
            machine.second(from, to, noise, |second, what| {
                take(n, Reading { time: start.plus(second), what });
            });
        }
    }

    /// About normal: the sum of twelve even numbers between -0.5 and 0.5, standard deviation 1.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| f64::from(self.random.next_u32()) / f64::from(u32::MAX) - 0.5).sum()
    }
}

impl Running {
    fn second(&mut self, from: f64, to: f64, noise: [f64; 3], mut take: impl FnMut(f64, What)) {
        let plan = &self.plan;
        if !self.told_program {
            self.told_program = true;
            take(from, What::Key(0, Arc::from(plan.program)));
        }
        let speed = match plan.fault {
            Fault::Speed(since, factor) if from >= since => factor,
            _ => 1.0,
        };
        let energy = match plan.fault {
            Fault::Energy(since, factor) if from >= since => factor,
            _ => 1.0,
        };
        // The meter samples in the middle of the second; work and rest may change around it.
        let middle = f64::midpoint(from, to);
        let mut readings = Vec::new();
        loop {
            match self.cycle {
                None if self.next < to => {
                    let start = self.next;
                    let duration = plan.duration * speed * (1.0 + plan.noise * noise[0]);
                    readings.push((start, What::Start));
                    self.cycle = Some(start + duration);
                    self.speed = speed;
                }
                Some(end) if end < to => {
                    readings.push((end, What::End));
                    self.cycle = None;
                    self.next = end + plan.pause * (1.0 + 0.1 * noise[1].abs());
                }
                _ => break,
            }
        }
        let works = readings.iter().rev().find(|(second, _)| *second <= middle).map_or_else(
            || readings.first().map_or(self.cycle.is_some(), |(_, what)| *what == What::End),
            |(_, what)| *what == What::Start,
        );
        let power = if works { plan.work * energy / self.speed } else { plan.rest };
        readings.push((middle, What::Power(power * (1.0 + plan.noise * noise[2]))));
        readings.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (second, what) in readings {
            take(second, what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn the_file_says_what_the_factory_is_watched_by() {
        let loaded = config::load("factory.yaml", &text());
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let told = |of: &Configuration| -> Vec<String> {
            let one = |of: &MachineConfiguration| {
                // Whoever plays a factory reads it from no inputs.
                let settings = Settings { metered: None, powered: None, ..of.settings.clone() };
                format!("{} {:?} {} {:?} {settings:#?}", of.id, of.name, of.unit, of.key)
            };
            of.machines.iter().map(one).collect()
        };
        let file = loaded.configuration.unwrap();
        for (file, known) in told(&file).iter().zip(told(&configuration())) {
            assert_eq!(*file, known);
        }
        assert_eq!(file.machines.len(), 5);
    }
}
