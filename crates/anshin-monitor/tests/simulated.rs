//! The monitor on played machines: faults are found and told once, health stays silent, and what is
//! wrong with the readings never raises an alarm.

#![expect(clippy::unwrap_used, reason = "a failed test is meant to panic")]

use std::sync::Arc;

use anshin_model::{Lang, Text};
use anshin_monitor::config;
use anshin_monitor::cycle::{Bounds, Doubt};
use anshin_monitor::factory::{self, Factory, Fault};
use anshin_monitor::judge::{Alert, AlertKind, Change};
use anshin_monitor::lamp::Light;
use anshin_monitor::lateness::Behind;
use anshin_monitor::machine::States;
use anshin_monitor::meter::Kind;
use anshin_monitor::propose::{self, Agent, Found};
use anshin_monitor::reference::{Finding, Tolerance};
use anshin_monitor::{Machine, Monitor, Reading, Said, Settings, State, Time, What};
use proptest::prelude::*;

fn start() -> Time {
    Time::parse("2026-04-01T08:00:00+09:00").unwrap()
}

/// Plays a factory and returns what was said, by machine.
fn play(mut factory: Factory, seconds: u32) -> Vec<Vec<Said>> {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    let mut said = vec![Vec::new(); monitor.machines().len()];
    for _ in 0..seconds {
        factory.second(|n, reading| monitor.machines_mut()[n].push(reading, &mut |one| said[n].push(one)));
        let now = factory.now();
        for (machine, said) in monitor.machines_mut().iter_mut().zip(&mut said) {
            machine.tick(now, &mut |one| said.push(one));
        }
    }
    said
}

fn raised(said: &[Said]) -> Vec<&Alert> {
    said.iter()
        .filter_map(|said| match said {
            Said::Alert(alert) if alert.change == Change::Raised => Some(alert),
            _ => None,
        })
        .collect()
}

#[test]
fn each_fault_of_the_factory_is_told_once_and_soon() {
    let factory = Factory::new(start(), 1);
    let faults: Vec<Fault> = factory.faults().collect();
    let said = play(factory, 1_400);
    let kinds: Vec<Vec<AlertKind>> =
        said.iter().map(|said| raised(said).iter().map(|a| a.kind).collect()).collect();
    assert_eq!(
        kinds,
        [
            vec![AlertKind::TooFast],
            vec![AlertKind::TakesTooMuch],
            vec![],
            vec![AlertKind::TooSlow],
            vec![AlertKind::Silent]
        ]
    );
    for (said, fault) in said.iter().zip(faults) {
        let (Fault::Speed(since, _) | Fault::Energy(since, _) | Fault::Silent(since)) = fault else {
            continue;
        };
        let alert = raised(said)[0];
        let after = alert.at.since(start()) - since;
        assert!((0.0..180.0).contains(&after), "{:?} after {after} s", alert.kind);
    }
}

#[test]
fn a_healthy_day_is_silent_and_its_states_add_up() {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    let mut factory = Factory::new(start(), 7).without_faults();
    let hours = 24;
    let (mut cycles, mut judged) = (0_u32, 0_u32);
    // What is remembered is bounded: after the timeline is full it grows no more.
    let size = |monitor: &Monitor<'_>| -> usize {
        let kept =
            monitor.machines().iter().map(|machine| serde_json::to_string(&machine.kept()).unwrap().len());
        kept.sum()
    };
    let mut before = 0;
    for second in 0..hours * 3_600 {
        if second == 21 * 3_600 {
            before = size(&monitor);
        }
        factory.second(|n, reading| {
            monitor.machines_mut()[n].push(reading, &mut |said| match said {
                Said::Alert(alert) => panic!("{alert:?}"),
                Said::Cycle(_, finding) => {
                    cycles += 1;
                    judged += u32::from(matches!(finding, Finding::Healthy(_)));
                }
            });
        });
    }
    assert!(cycles > 10_000, "{cycles} cycles");
    let after = size(&monitor);
    assert!(before > 0 && after < before + before / 50, "{before} bytes, then {after}");
    assert!(judged + 5 * 5 >= cycles, "{judged} of {cycles} judged");
    monitor.finish(|_, _| {});
    for machine in monitor.machines() {
        let total: f64 =
            machine.utilisation().days().values().map(anshin_monitor::utilisation::Times::total).sum();
        assert!((total - 24.0 * 3_600.0).abs() < 10.0, "{total} s");
    }
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

/// A machine that runs so many seconds of every 27.1: it is asked every three seconds, or tells its changes.
fn runs_of(seconds: &[f64], is_asked: bool) -> Vec<Reading> {
    let begins = |n: usize| 27.1 * f64::from(u32::try_from(n).unwrap());
    let running =
        |time: f64| seconds.iter().enumerate().any(|(n, run)| (begins(n)..begins(n) + run).contains(&time));
    let asked = (0..).map(|n| 3.0 * f64::from(n)).take_while(|time| *time < begins(seconds.len()));
    let told = seconds.iter().enumerate().flat_map(|(n, run)| [begins(n), begins(n) + run]);
    let times: Vec<f64> = if is_asked { asked.collect() } else { told.collect() };
    let reading =
        |time: f64| Reading { time: start().plus(time), what: What::Running(Some(running(time + 1e-6))) };
    times.into_iter().map(reading).collect()
}

#[test]
fn what_is_asked_seldom_is_seen_less_sharply_and_raises_no_false_alarm() {
    let mut settings = Settings::usual(Bounds::Running);
    (settings.meter, settings.tolerances.usual.duration) = (None, Some(0.1));
    let outside = |last: f64, is_asked: bool| -> usize {
        let seconds: Vec<f64> = std::iter::repeat_n(20.0, 60).chain([last, 20.0]).collect();
        let said = run(settings.clone(), runs_of(&seconds, is_asked));
        findings(&said).iter().filter(|finding| matches!(finding, Finding::Outside(_))).count()
    };
    // Runs of 20 s are seen as 18 or 21 s.
    assert_eq!((outside(20.0, true), outside(20.0, false)), (0, 0));
    assert_eq!((outside(22.5, true), outside(22.5, false)), (0, 1));
    assert_eq!((outside(26.0, true), outside(26.0, false)), (1, 1));
}

/// A machine that works 100 of every 130 s, the last but three cycles longer, with power that jumps every
/// 7 s and is sampled every so many seconds: how its cycles were found, alerts, and what is said of its
/// sampling.
fn sampled_every(pause: f64, long: f64) -> (Vec<&'static str>, Vec<AlertKind>, Option<Text>) {
    let lasts: Vec<f64> = std::iter::repeat_n(100.0, 40).chain([long]).chain([100.0; 3]).collect();
    let mut readings = Vec::new();
    let (mut begins, mut runs) = (0.0, Vec::new());
    for last in lasts {
        readings.push(Reading { time: start().plus(begins), what: What::Start });
        readings.push(Reading { time: start().plus(begins + last), what: What::End });
        runs.push(begins..begins + last);
        begins += last + 30.0;
    }
    let power = |time: f64| match runs.iter().any(|run| run.contains(&time)) {
        true if (time / 7.0).floor() % 2.0 < 1.0 => 2_000.0,
        true => 300.0,
        false => 100.0,
    };
    let samples = (0..).map(|n| f64::from(n) * pause + 0.3).take_while(|time| *time < begins);
    readings.extend(samples.map(|time| Reading { time: start().plus(time), what: What::Power(power(time)) }));
    readings.sort_by_key(|reading| reading.time);
    let mut settings = Settings::usual(Bounds::Events);
    (settings.most_gap, settings.patience.drift) = (60.0, 0.5);
    settings.tolerances.usual.quantity = Some(0.08);
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    for reading in readings {
        machine.push(reading, &mut |one| said.push(one));
    }
    let words = findings(&said).into_iter().skip(5).map(|finding| match finding {
        Finding::Healthy(_) => "healthy",
        Finding::Inconclusive(_) => "inconclusive",
        Finding::Outside(_) => "outside",
        other => panic!("{other:?}"),
    });
    let mut words: Vec<&str> = words.collect();
    words.dedup();
    let name = Text::new("旋盤", "Lathe");
    let told = machine.coarse().map(|coarse| coarse.text(&name));
    (words, raised(&said).iter().map(|alert| alert.kind).collect(), told)
}

#[test]
fn what_is_known_too_coarsely_is_not_called_healthy_and_is_told() {
    assert_eq!(sampled_every(1.0, 100.0), (vec!["healthy"], vec![], None));
    let (words, alerts, told) = sampled_every(1.0, 130.0);
    assert_eq!(words, ["healthy", "outside", "healthy"]);
    assert_eq!(alerts, [AlertKind::TooSlow, AlertKind::TakesTooMuch]);
    assert_eq!(told, None);
    // Every 16 s what a cycle takes is not known to 8 %; how long it lasts is, and is judged.
    let (words, alerts, told) = sampled_every(16.0, 100.0);
    assert_eq!((words, alerts), (vec!["inconclusive"], vec![]));
    let told = told.unwrap();
    assert!(
        told.get(Lang::En).starts_with(
            "Lathe: samples come too seldom (about every 16 s) for cycles of about 100 s: what they take is known to ± "
        ) && told.get(Lang::En).ends_with("sample more often, or widen `quantity` under `tolerance`"),
        "{told:?}"
    );
    let (words, alerts, _) = sampled_every(16.0, 130.0);
    assert_eq!((words, alerts), (vec!["inconclusive", "outside", "inconclusive"], vec![AlertKind::TooSlow]));
    // Three samples in a cycle tell nothing of what it takes.
    let (words, alerts, told) = sampled_every(33.0, 130.0);
    assert_eq!((words, alerts), (vec!["inconclusive", "outside", "inconclusive"], vec![AlertKind::TooSlow]));
    assert_eq!(
        told.unwrap().get(Lang::Ja),
        "旋盤: 計測の間隔（約33秒ごと）が約100秒のサイクルには長すぎます。使用量は判断しません。もっと短い間隔で測るか、`tolerance`の`quantity`を広げてください"
    );
}

#[test]
fn a_machine_that_is_asked_too_seldom_is_told() {
    let mut settings = Settings::usual(Bounds::Running);
    (settings.meter, settings.tolerances.usual.duration) = (None, Some(0.05));
    let mut machine = Machine::new(settings);
    let mut found = Vec::new();
    for reading in runs_of(&[20.0; 40], true) {
        machine.push(reading, &mut |said| {
            if let Said::Cycle(_, finding) = said {
                found.push(finding);
            }
        });
    }
    assert!(found.len() > 30 && !found.iter().any(|found| matches!(found, Finding::Healthy(_))), "{found:?}");
    let told = machine.coarse().unwrap().text(&Text::new("旋盤", "Lathe"));
    assert_eq!(
        told.get(Lang::En),
        "Lathe: samples come too seldom (about every 3.0 s) for cycles of about 21 s: the duration is known to ± 6 % only, and what is a little outside the tolerance goes unnoticed; sample more often, or widen `duration` under `tolerance`"
    );
}

/// How many of a job's cycles of some seconds, a pause of 10 s between them, were found to be outside, and what was
/// raised, if the machine tells them, or is asked once a second and some answers are missing.
fn outside_of(
    seconds: impl IntoIterator<Item = f64>,
    missing: Option<f64>,
) -> (usize, usize, Vec<AlertKind>) {
    let mut settings = Settings::usual(Bounds::Running);
    (settings.meter, settings.silent_after) = (None, None);
    let mut runs = Vec::new();
    let mut begins = 3.3;
    for last in seconds {
        runs.push((begins, begins + last));
        begins += last + 10.0;
    }
    let running = |time: f64| runs.iter().any(|(from, to)| *from <= time && time < *to);
    let mut seed = 7_u64;
    let mut by_chance = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX)
    };
    let times: Vec<f64> = match missing {
        None => runs.iter().flat_map(|(from, to)| [*from, *to]).collect(),
        Some(part) => {
            let asked = (0..1_000_000_u32).map(f64::from).take_while(|time| *time < begins);
            asked.filter(|_| by_chance() >= part).collect()
        }
    };
    let reading =
        |time: f64| Reading { time: start().plus(time), what: What::Running(Some(running(time + 1e-6))) };
    let said = run(settings, times.into_iter().map(reading));
    let found = findings(&said);
    let outside = found.iter().filter(|finding| matches!(finding, Finding::Outside(_))).count();
    (outside, found.len(), raised(&said).iter().map(|alert| alert.kind).collect())
}

#[test]
fn ways_of_running_that_alternate_are_each_learnt() {
    let (outside, cycles, alerts) = outside_of((0..120).map(|n| if n % 2 == 0 { 20.0 } else { 26.0 }), None);
    assert_eq!((outside, cycles, alerts), (0, 120, vec![]));
    // At random, and a fault among them.
    let lasts =
        |n: u32| if n == 90 { 34.0 } else { [20.0, 26.0][(n.wrapping_mul(2_654_435_761) >> 31) as usize] };
    let (outside, _, alerts) = outside_of((0..120).map(lasts), None);
    assert_eq!((outside, alerts), (1, vec![AlertKind::TooSlow]));
    // Another variant that comes later is told, and known from then on.
    let lasts = |n: u32| if n >= 80 && n.is_multiple_of(3) { 14.0 } else { 20.0 };
    let (outside, _, alerts) = outside_of((0..200).map(lasts), None);
    assert!(outside <= 7, "{outside}");
    assert!(alerts.contains(&AlertKind::NewDuration), "{alerts:?}");
    // A fault that stays is none.
    let (outside, _, alerts) = outside_of((0..120).map(|n| if n >= 60 { 26.0 } else { 20.0 }), None);
    assert_eq!((outside, alerts), (60, vec![AlertKind::TooSlow]));
}

#[test]
fn edges_between_seldom_answers_raise_no_false_alarm() {
    for (last, missing) in [(5.3, 0.0), (12.4, 0.1), (20.6, 0.3), (30.2, 0.5)] {
        let (outside, cycles, alerts) = outside_of(std::iter::repeat_n(last, 400), Some(missing));
        assert!(50 * outside <= cycles, "{last} s, {missing} missing: {outside} of {cycles}");
        assert!(
            alerts.iter().all(|kind| *kind == AlertKind::TooSlow || *kind == AlertKind::TooFast),
            "{alerts:?}"
        );
        // What is far enough outside is found all the same.
        let lasts = (0..400).map(|n| if n % 20 == 19 { 2.0 * last } else { last });
        let (outside, ..) = outside_of(lasts, Some(missing));
        assert!(outside >= 14, "{last} s, {missing} missing: {outside} found");
    }
}

#[test]
fn what_is_not_looked_at_does_not_drift() {
    let mut settings = by_program();
    settings.tolerances.usual.duration = None;
    let cycles = (0..60).map(|n| ("A", if n < 20 { 20.0 } else { 60.0 }, 0.0));
    assert_eq!(alerts(&run(settings, jobs(cycles))), 0);
}

/// Seconds of producing, idle, off and no data in an hour of a machine with a lamp.
fn by_lamp(readings: impl IntoIterator<Item = (f64, Light, bool)>) -> String {
    let mut settings = Settings::usual(Bounds::Events);
    settings.states = States::Lamp { hold: 3.0 };
    settings.silent_after = None;
    let mut machine = Machine::new(settings);
    for (second, light, is_lit) in readings {
        let what = What::Lamp(light, Some(is_lit));
        machine.push(Reading { time: start().plus(second), what }, &mut |_| {});
    }
    machine.finish(&mut |_| {});
    machine.pause(start().plus(3_602.0));
    let times = machine.utilisation().days().values().next().copied().unwrap();
    format!("{:.0} {:.0} {:.0} {:.0}", times.producing, times.idle, times.off, times.no_data)
}

#[test]
fn a_lamp_tells_utilisation_however_its_sensors_speak() {
    use Light::{Amber, Green, Red};
    // Changes only: green all the time, amber for ten seconds, a jam of five minutes.
    let changes = [(0.0, Green, true), (60.0, Amber, true), (70.0, Amber, false), (1_000.0, Green, false)];
    let jam = [(1_000.0, Red, true), (1_300.0, Red, false), (1_300.0, Green, true), (3_600.0, Amber, false)];
    assert_eq!(by_lamp(changes.into_iter().chain(jam)), "3303 297 0 0");
    // Each light by a sensor of its own, every ten seconds.
    let of_ten = |n: u32| {
        [(Green, 0), (Amber, 4), (Red, 7)].map(|(light, at)| (f64::from(10 * n + at), light, light == Green))
    };
    assert_eq!(by_lamp((0..360).flat_map(of_ten)), "3600 0 0 0");
    // Nobody says that a light that has gone out stays out.
    let out = [(0.0, Green, true), (0.0, Amber, false), (600.0, Green, false)];
    assert_eq!(by_lamp(out), "603 0 2997 0");
    // Green flashes once a second.
    let flashes = (0..=3_600).map(|second| (f64::from(second), Green, second % 2 == 0));
    assert_eq!(by_lamp(flashes), "3600 0 0 0");
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

/// What `anshin monitor init` proposes for a machine tool by its `MTConnect` agent.
fn proposed_for_an_agent() -> config::Configuration {
    let items = [("execution", "EXECUTION"), ("mode", "CONTROLLER_MODE"), ("program", "PROGRAM")];
    let items = items.map(|(item, kind)| (item.to_owned(), kind.to_owned())).to_vec();
    let agent = Agent { address: "10.0.0.2:5000".to_owned(), devices: vec![("mill".to_owned(), items)] };
    let found = Found { agents: vec![agent], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    config::load("factory.yaml", &text).configuration.unwrap_or_else(|| panic!("{text}"))
}

/// Lines of an adapter, which tells changes only.
fn shdr(changes: impl IntoIterator<Item = (f64, &'static str, &'static str)>) -> String {
    let line = |(second, name, word): (f64, _, _)| format!("{}|{name}|{word}\n", start().plus(second));
    changes.into_iter().map(line).collect()
}

/// A shift of a machine tool: set up by hand, then parts of a quarter of an hour that nothing is told during.
fn long_parts() -> (String, f64) {
    let mut changes = vec![
        (0.0, "program", "O1"),
        (0.0, "mode", "MANUAL"),
        (10.0, "execution", "ACTIVE"),
        (40.0, "execution", "READY"),
        (400.0, "mode", "AUTOMATIC"),
    ];
    for part in 0..20 {
        let begin = 500.0 + 1_300.0 * f64::from(part);
        changes.extend([(begin, "execution", "ACTIVE"), (begin + 900.0, "execution", "READY")]);
    }
    (shdr(changes), 30.0 + 20.0 * 900.0)
}

fn producing(machine: &Machine) -> f64 {
    machine.utilisation().days().values().map(|times| times.producing).sum()
}

#[test]
fn a_machine_that_tells_changes_only_is_not_silent_between_them() {
    let configuration = proposed_for_an_agent();
    let mut monitor = Monitor::new(&configuration);
    let (lines, active) = long_parts();
    let mut said = Vec::new();
    monitor.replay(0, lines.as_bytes(), |_, one| said.push(one)).unwrap();
    monitor.finish(|_, one| said.push(one));
    assert_eq!(alerts(&said), 0);
    assert!(doubts(&said).iter().all(Vec::is_empty), "{:?}", doubts(&said));
    assert_eq!(findings(&said).iter().filter(|finding| matches!(finding, Finding::Healthy(_))).count(), 15);
    let used = producing(&monitor.machines()[0]);
    assert!((used - active).abs() < 1.0, "{used} s of {active} s");
}

#[test]
fn a_machine_whose_connection_is_lost_falls_silent() {
    let settings = proposed_for_an_agent().machines[0].settings.clone();
    let mut machine = Machine::new(settings);
    let mut said = Vec::new();
    let reading = |second: f64, what| Reading { time: start().plus(second), what };
    let at = |second: f64| start().plus(second);
    machine.push(reading(0.0, What::State(Some(State::Producing))), &mut |one| said.push(one));
    machine.tick(at(3_600.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    // A short loss is none; a long one is told, and time beyond it is not known.
    machine.connection(false, at(3_600.0));
    machine.connection(true, at(3_650.0));
    machine.tick(at(7_000.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    machine.connection(false, at(7_200.0));
    machine.connection(false, at(7_230.0));
    machine.tick(at(7_490.0), &mut |one| said.push(one));
    assert_eq!(alerts(&said), 0);
    machine.tick(at(7_510.0), &mut |one| said.push(one));
    assert_eq!(raised(&said).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::Silent]);
    machine.connection(true, at(8_000.0));
    machine.push(reading(8_000.0, What::State(Some(State::Producing))), &mut |one| said.push(one));
    machine.push(reading(8_010.0, What::State(Some(State::Idle))), &mut |one| said.push(one));
    machine.finish(&mut |one| said.push(one));
    assert_eq!(alerts(&said), 2, "raised and cleared");
    let used = producing(&machine);
    assert!((used - 7_220.0).abs() < 1.0, "{used} s");
}

#[test]
fn what_was_told_holds_again_after_a_silence() {
    let machine = "    cycle: { by: running }\n    states: { by: told }\n    key: [ { id: job } ]\n    input:
      - { from: line, take: state, is: running, when: ACTIVE }
      - { from: line, take: state, is: state, producing: ACTIVE }
      - { from: line, take: program, is: key, part: job }\n";
    let row = |second: f64, cells: &str| format!("{},{cells}", start().plus(second));
    // The second row has no column of the state.
    let lines =
        ["time,program,state".to_owned(), row(0.0, "A,ACTIVE"), row(1_000.0, "B"), row(1_100.0, "B,READY")];
    let (_, no_data) = read(machine, &lines);
    assert!((no_data - 990.0).abs() < 1e-6, "{no_data} s");
}

/// Every reading, and another one in the place of a sample in the middle of the tenth cycle.
fn with_one(other: impl Fn(&Reading) -> Reading) -> Vec<Reading> {
    let at = start().plus(9.0 * 30.0 + 15.25);
    let replaced = |reading: Reading| if reading.time == at { other(&reading) } else { reading };
    regular(60).into_iter().map(replaced).collect()
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

#[test]
fn a_change_of_program_raises_no_alarm_and_the_old_reference_is_still_known() {
    let job = |program: &str, work: f64, from: Time, cycles: u32| -> Vec<Reading> {
        let mut readings = vec![Reading { time: from, what: What::Key(0, Arc::from(program)) }];
        for n in 0..cycles {
            let begin = from.plus(1.0 + f64::from(n) * 60.0);
            readings.push(Reading { time: begin, what: What::Start });
            readings.push(Reading { time: begin.plus(work), what: What::End });
        }
        readings
    };
    let mut settings = Settings::usual(Bounds::Events);
    settings.key = vec![Vec::new()];
    settings.meter = None;
    let readings = [
        job("A", 20.0, start(), 10),
        job("B", 45.0, start().plus(3_600.0), 10),
        job("A", 20.0, start().plus(7_200.0), 3),
        job("A", 12.0, start().plus(7_400.0), 1),
    ]
    .concat();
    let said = run(settings, readings);
    let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
    assert_eq!(kinds, [AlertKind::TooFast]);
    let healthy = said.iter().filter(|s| matches!(s, Said::Cycle(_, Finding::Healthy(_)))).count();
    assert_eq!(healthy, 5 + 5 + 3);
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

#[test]
fn mixed_production_is_judged_from_the_first_cycle_of_a_lot() {
    for lot in [1, 2, 3, 5] {
        let is_bad = |n: usize| n >= 80 && n % 8 == 3;
        let cycles = (0..240).map(|n| {
            let (program, work) = if n / lot % 2 == 0 { ("A", 30.0) } else { ("B", 45.0) };
            (program, if is_bad(n) { work * 1.4 } else { work }, 0.0)
        });
        let said = run(by_program(), jobs(cycles));
        let outside: Vec<usize> = findings(&said)
            .iter()
            .enumerate()
            .filter(|(_, finding)| matches!(finding, Finding::Outside(_)))
            .map(|(n, _)| n)
            .collect();
        assert_eq!(outside, (0..240).filter(|n| is_bad(*n)).collect::<Vec<_>>(), "lots of {lot}");
    }
}

#[test]
fn a_job_has_a_tolerance_of_its_own_where_one_is_written() {
    let text = r"anshin-monitor: 1
sources: [ { id: line, kind: csv, time: t } ]
machines:
  - id: mill
    cycle: { by: events }
    key: [ { id: program }, { id: feed } ]
    tolerance: { duration: 15, jobs: [ { key: [ FINE, '*' ], duration: 5 }, { key: [ '*', '20' ], duration: 40 } ] }
    input: [ { from: line, take: e, is: start, when: s }, { from: line, take: e, is: end, when: e } ]
";
    let loaded = config::load("factory.yaml", text);
    let tolerances = &loaded.configuration.unwrap().machines[0].settings.tolerances;
    let of = |program: &str, feed: &str| {
        let tolerance = tolerances.of(&[Arc::from(program), Arc::from(feed)]);
        [tolerance.duration, tolerance.quantity]
            .map(|part| part.map(|part| format!("{part:.2}")).unwrap_or_default())
    };
    assert_eq!(of("FINE", "20"), ["0.05", "0.15"], "the first one that fits");
    assert_eq!(of("ROUGH", "20"), ["0.40", "0.15"]);
    assert_eq!(of("ROUGH", "6"), ["0.15", "0.15"]);
    let loaded = config::load("factory.yaml", &text.replace("[ FINE, '*' ]", "FINE"));
    let told: Vec<&str> = loaded.diagnostics.iter().map(|one| one.message.get(Lang::En)).collect();
    assert!(told.contains(&"the `key` of this machine has 2, here are 1"), "{told:?}");

    // The same cycle, a tenth too slow, of two jobs.
    let mut settings = by_program();
    let narrow = Tolerance { duration: Some(0.05), quantity: None };
    settings.tolerances.of_jobs = vec![(vec![Arc::from("FINE")], narrow)];
    let outside = |job: &'static str| {
        let cycles = (0..12).map(|n| (job, if n == 10 { 22.0 } else { 20.0 }, 100.0));
        let said = run(settings.clone(), jobs(cycles));
        findings(&said).iter().filter(|finding| matches!(finding, Finding::Outside(_))).count()
    };
    assert_eq!((outside("FINE"), outside("ROUGH")), (1, 0));
}

#[test]
fn healthy_cycles_tell_how_far_they_lie_apart() {
    let cycles = (0..30).map(|n| ("A", 20.0 + f64::from(n % 5 - 2) * 0.2, 1_000.0));
    let mut machine = Machine::new(by_program());
    for reading in jobs(cycles) {
        machine.push(reading, &mut |_| {});
    }
    let (_, mode) = machine.references().modes().next().unwrap();
    let (of_time, of_quantity) = mode.spread().unwrap();
    assert!((of_time - 1.4826 * 0.2 / 20.0).abs() < 1e-3, "{of_time}");
    assert_eq!(of_quantity, None, "nothing is metered");
}

#[test]
fn a_job_that_runs_in_a_new_way_after_a_pause_is_told_until_a_person_has_seen_it() {
    let healthy = (0..30).map(|_| ("A", 30.0, 0.0));
    let night = [("A", 21.0, 2_400.0)];
    let fast = (0..40).map(|_| ("A", 21.0, 0.0));
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    for reading in jobs(healthy.chain(night).chain(fast)) {
        machine.push(reading, &mut |one| said.push(one));
    }
    let told: Vec<_> = raised(&said).iter().map(|alert| (alert.kind, alert.value, alert.reference)).collect();
    assert_eq!(told, [(AlertKind::NewDuration, Some(21.0), Some(30.0))]);
    assert_eq!(findings(&said).iter().filter(|finding| matches!(finding, Finding::Outside(_))).count(), 0);
    let open = |machine: &Machine| machine.open_alerts().map(|(kind, _)| kind).collect::<Vec<_>>();
    let now = start().plus(7_200.0);
    // Somebody works at the machine: that says nothing about the alert.
    machine.set_maintenance(true, now, &mut |_| {});
    machine.set_maintenance(false, now, &mut |_| {});
    assert_eq!(open(&machine), [AlertKind::NewDuration]);
    let mut cleared = Vec::new();
    assert!(!machine.approve(&[Arc::from("A")], 3, now, &mut |one| cleared.push(one)));
    assert!(machine.approve(&[Arc::from("A")], 2, now, &mut |one| cleared.push(one)));
    assert!(matches!(&cleared[..], [Said::Alert(alert)] if alert.change == Change::Cleared), "{cleared:?}");
    assert!(open(&machine).is_empty());
}

#[test]
fn a_decision_about_one_job_leaves_the_alert_about_another() {
    // Two jobs; then each comes back after a night in another way.
    let known = (0..24).map(|n| (if n % 12 < 6 { "A" } else { "B" }, 20.0, 0.0));
    let night = [("A", 14.0, 36_000.0)].into_iter().chain((0..8).map(|_| ("A", 14.0, 0.0)));
    let next = [("B", 28.0, 36_000.0)].into_iter().chain((0..8).map(|_| ("B", 28.0, 0.0)));
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    for reading in jobs(known.chain(night).chain(next)) {
        machine.push(reading, &mut |one| said.push(one));
    }
    machine.finish(&mut |one| said.push(one));
    let told = |said: &[Said]| -> Vec<String> {
        let told = said.iter().filter_map(|one| match one {
            Said::Alert(alert) if alert.kind == AlertKind::NewDuration => {
                Some(format!("{:?}{}", alert.change, alert.of_job()))
            }
            _ => None,
        });
        told.collect()
    };
    assert_eq!(told(&said), ["Raised [A #2]", "Raised [B #2]"]);
    let mut over = Vec::new();
    assert!(machine.approve(&[Arc::from("B")], 1, start(), &mut |one| over.push(one)));
    assert!(machine.approve(&[Arc::from("B")], 2, start(), &mut |one| over.push(one)));
    assert_eq!(told(&over), [""; 0], "that of A is open");
    assert!(machine.forget(&[Arc::from("A")], Some(2), start(), &mut |one| over.push(one)));
    assert_eq!(told(&over), ["Cleared [A #2]"]);
    assert_eq!(machine.open_alerts().filter(|(kind, _)| *kind == AlertKind::NewDuration).count(), 0);
}

#[test]
fn a_reference_that_was_learnt_wrongly_is_forgotten() {
    let mut machine = Machine::new(by_program());
    let mut said = Vec::new();
    let night = [("A", 21.0, 2_400.0)];
    let cycles = |work: f64, count: usize| (0..count).map(move |_| ("A", work, 0.0));
    for reading in jobs(cycles(30.0, 10).chain(night).chain(cycles(21.0, 10))) {
        machine.push(reading, &mut |one| said.push(one));
    }
    let (key, now) = ([Arc::from("A")], start().plus(4_000.0));
    let modes =
        |machine: &Machine| machine.references().modes().map(|(_, mode)| mode.mode).collect::<Vec<_>>();
    assert_eq!(modes(&machine), [1, 2]);
    let mut end = |machine: &mut Machine, key: &[Arc<str>], mode| {
        machine.forget(key, mode, now, &mut |one| said.push(one))
    };
    assert!(!end(&mut machine, &[Arc::from("B")], None) && !end(&mut machine, &key, Some(3)));
    assert!(end(&mut machine, &key, Some(2)));
    assert_eq!((modes(&machine), machine.open_alerts().count()), (vec![1], 0));
    // What is left of the references judges: the wrong way is not learnt again at once.
    let mut later = jobs(cycles(21.0, 6));
    for reading in &mut later {
        reading.time = reading.time.plus(3_800.0);
    }
    let mut again = Vec::new();
    for reading in later {
        machine.push(reading, &mut |one| again.push(one));
    }
    assert_eq!(raised(&again).iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::TooFast]);
    assert!(machine.forget(&[], None, now, &mut |_| {}));
    assert_eq!(modes(&machine), [0; 0]);
}

#[test]
fn a_new_way_after_a_person_has_set_the_machine_up_is_no_alarm() {
    let mut readings = jobs((0..60).map(|n| ("A", if n < 30 { 30.0 } else { 21.0 }, 0.0)));
    let at = readings[30 * 3].time.plus(-1.0);
    for (n, on) in [true, false].into_iter().enumerate() {
        readings.insert(30 * 3 + n, Reading { time: at, what: What::SetUp(Some(on)) });
    }
    let said = run(by_program(), readings);
    assert!(
        findings(&said)
            .iter()
            .any(|finding| matches!(finding, Finding::Learnt { deviation, .. } if deviation.mode == 2))
    );
    assert_eq!(alerts(&said), 0, "{:?}", raised(&said));
}

#[test]
fn slow_drift_is_told_long_before_the_tolerance_is_passed() {
    let mut settings = Settings::usual(Bounds::Events);
    settings.meter = None;
    let mut readings = Vec::new();
    let mut time = start();
    for n in 0..150 {
        let duration = if n < 30 { 20.0 } else { 20.0 * (1.0 + 0.001 * f64::from(n - 30)) };
        readings.push(Reading { time, what: What::Start });
        readings.push(Reading { time: time.plus(duration), what: What::End });
        time = time.plus(duration + 10.0);
    }
    let said = run(settings, readings);
    let alerts = raised(&said);
    assert_eq!(alerts.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::DurationDrifts]);
    assert!(alerts[0].deviation.unwrap() < 0.15);
}

#[test]
fn what_was_learnt_outlives_a_restart() {
    let readings = regular(30);
    let (before, after) = readings.split_at(readings.len() / 2);
    let mut machine = Machine::new(Settings::usual(Bounds::Events));
    for reading in before {
        machine.push(reading.clone(), &mut |_| {});
    }
    let kept = serde_json::to_string(&machine.kept()).unwrap();
    let mut machine =
        Machine::new(Settings::usual(Bounds::Events)).with(serde_json::from_str(&kept).unwrap());
    let mut learning = 0;
    for reading in after {
        machine.push(reading.clone(), &mut |said| {
            learning += u32::from(matches!(said, Said::Cycle(_, Finding::Learning)));
            assert!(!matches!(said, Said::Alert(_)), "{said:?}");
        });
    }
    assert_eq!(learning, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comes, in whatever order, nothing panics and sums stay finite.
    #[test]
    fn any_readings_are_survived(
        readings in prop::collection::vec(
            (-1_000_000_i64..1_000_000, prop_oneof![
                any::<f64>().prop_map(What::Power),
                any::<f64>().prop_map(What::Counter),
                Just(What::Start),
                Just(What::End),
                any::<Option<bool>>().prop_map(What::Running),
                any::<Option<bool>>().prop_map(What::SetUp),
                (0_u8..3, "[a-c]").prop_map(|(part, value)| What::Key(part, Arc::from(value.as_str()))),
            ]),
            0..300,
        ),
        by_power in any::<bool>(),
    ) {
        let bounds = if by_power { Bounds::Gate { on: 100.0, off: 50.0 } } else { Bounds::Events };
        let mut settings = Settings::usual(bounds);
        settings.key = vec![Vec::new(), Vec::new()];
        let readings = readings
            .into_iter()
            .map(|(millis, what)| Reading { time: Time::from_nanos(millis * 1_000_000), what });
        for said in run(settings, readings) {
            if let Said::Cycle(cycle, _) = said {
                prop_assert!(cycle.duration >= 0.0, "{cycle:?}");
            }
        }
    }

    /// Readings that arrive a little out of order give the same cycles as in order.
    #[test]
    fn a_little_disorder_changes_nothing(swaps in prop::collection::vec(0_usize..600, 0..40)) {
        let ordered = regular(20);
        let mut mixed = ordered.clone();
        for at in swaps {
            if at + 1 < mixed.len() {
                mixed.swap(at, at + 1);
            }
        }
        let mut settings = Settings::usual(Bounds::Events);
        settings.hold_back = 60.0;
        prop_assert_eq!(run(settings.clone(), ordered), run(settings, mixed));
    }
}
