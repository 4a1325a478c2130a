//! Rows that are missing: the logger or the network was away, and what happened meanwhile is not known.

use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::{Finding, Margin};
use anshin_monitor::{Reading, Said, Settings, What};

use super::{accidents, findings, raised, run, start};

/// How cycles are known, and whether there is a meter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// Each row says whether the program runs, and nothing else.
    Running,
    /// Each row says the number of the cycle.
    Number,
    /// Each row says the power, which tells cycles only.
    Power,
    /// Each row says the power, which tells cycles and is added up.
    Metered,
    /// Changes are told as they happen, and rows say the power.
    Changes,
    /// Beginning and end are told as they happen, and rows say the power.
    Events,
}

const ALL: [Told; 6] = [Told::Running, Told::Number, Told::Power, Told::Metered, Told::Changes, Told::Events];

/// A machine: seconds of work, of rest, and between rows.
#[derive(Debug, Clone, Copy)]
struct Played {
    work: f64,
    rest: f64,
    every: f64,
}

const MACHINES: [Played; 5] = [
    Played { work: 5.0, rest: 2.3, every: 1.0 },
    Played { work: 20.0, rest: 10.0, every: 1.0 },
    Played { work: 20.0, rest: 10.0, every: 0.1 },
    Played { work: 60.0, rest: 15.0, every: 1.0 },
    Played { work: 40.0, rest: 8.0, every: 0.5 },
];

const CYCLES: u32 = 60;

impl Played {
    /// Its rows; from the twelfth cycle on, rows of so many seconds are missing now and then, a third of all at most.
    /// The cycle `slow` lasts half as long again.
    fn rows(self, told: Told, gap: f64, slow: Option<u32>) -> Vec<Reading> {
        let (mut readings, gaps) = self.all_rows(told, gap, slow);
        readings.retain(|reading| gap_of(&gaps, reading).is_none());
        readings
    }

    /// The same, where these rows are not missing but were held back, and come at once when the gap is over.
    fn rows_held_back(self, told: Told, gap: f64) -> Vec<Reading> {
        let (mut readings, gaps) = self.all_rows(told, gap, None);
        let mut last = start();
        for reading in &mut readings {
            let came = gap_of(&gaps, reading).map_or(reading.time, |to| start().plus(to));
            reading.time = came.max(last.plus(0.002));
            last = reading.time;
        }
        readings
    }

    /// All rows, and from when to when a gap is to be.
    fn all_rows(self, told: Told, gap: f64, slow: Option<u32>) -> (Vec<Reading>, Vec<(f64, f64)>) {
        let mut chance = accidents(7);
        let (mut runs, mut gaps, mut now) = (Vec::new(), Vec::new(), 3.0);
        let often = (3.0 * gap / (self.work + self.rest)).max(4.0);
        let mut next = 12.0;
        for n in 0..CYCLES {
            let longer = if slow == Some(n) { 1.5 } else { 1.0 };
            let work = self.work * longer * (0.99 + 0.02 * chance());
            let (begin, end) = (now, now + work);
            now = end + self.rest * (0.95 + 0.1 * chance());
            runs.push((begin, end));
            if f64::from(n) >= next {
                next += often;
                let from = begin + (now - begin) * chance();
                gaps.push((from, from + gap));
            }
        }
        let begun = |time: f64| runs.partition_point(|(from, _)| *from <= time);
        let is_run = |time: f64| begun(time).checked_sub(1).is_some_and(|n: usize| time < runs[n].1);
        let mut readings = Vec::new();
        let mut say = |time: f64, what: What| readings.push(Reading { time: start().plus(time), what });
        let mut time = 0.0;
        while time < now {
            time += self.every * (0.98 + 0.04 * chance());
            let power = if is_run(time) { 2_000.0 } else { 100.0 } * (0.97 + 0.06 * chance());
            say(
                time,
                match told {
                    Told::Running => What::Running(Some(is_run(time))),
                    Told::Number => What::Number(Some(i64::try_from(begun(time)).unwrap())),
                    _ => What::Power(power),
                },
            );
        }
        for (begin, end) in &runs {
            let edges = match told {
                Told::Changes => [What::Running(Some(true)), What::Running(Some(false))],
                Told::Events => [What::Start, What::End],
                _ => continue,
            };
            for (time, what) in [*begin, *end].into_iter().zip(edges) {
                say(time, what);
            }
        }
        readings.sort_by_key(|reading| reading.time);
        (readings, gaps)
    }

    fn settings(told: Told, margin: Margin) -> Settings {
        let gate = Bounds::Gate { on: 1_000.0, off: 500.0 };
        let (bounds, has_meter) = match told {
            Told::Running => (Bounds::Running, false),
            Told::Number => (Bounds::Number, false),
            Told::Power => (gate, false),
            Told::Metered => (gate, true),
            Told::Changes => (Bounds::Running, true),
            Told::Events => (Bounds::Events, true),
        };
        let mut settings = Settings::usual(bounds);
        settings.meter = has_meter.then_some(Kind::Rate { per: 3_600.0 });
        (settings.most_gap, settings.cycle.fewest_samples) = (60.0, 3);
        settings.tolerances.usual.duration = Some(margin);
        settings.tolerances.usual.quantity = has_meter.then_some(margin);
        settings
    }
}

/// When the gap is over that a reading lies in.
fn gap_of(gaps: &[(f64, f64)], reading: &Reading) -> Option<f64> {
    let time = reading.time.since(start());
    gaps.iter().find(|(from, to)| *from <= time && time < *to).map(|(_, to)| *to)
}

fn count(said: &[Said], is: impl Fn(&Finding) -> bool) -> usize {
    findings(said).into_iter().filter(|finding| is(finding)).count()
}

#[test]
fn missing_rows_raise_no_alarm_however_cycles_are_told() {
    let mut lacking = Vec::new();
    for played in MACHINES {
        for told in ALL {
            for gap in [2.0, 3.0, 5.0, 13.0, 30.0, 90.0] {
                let said = run(Played::settings(told, Margin::Auto), played.rows(told, gap, None));
                let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
                if !kinds.is_empty() {
                    lacking.push(format!("{told:?}, {played:?}, {gap} s missing: {kinds:?}"));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{} of 180\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn rows_that_were_held_back_and_come_at_once_raise_no_alarm() {
    let mut lacking = Vec::new();
    for played in MACHINES {
        // Without a meter beside them, nothing tells of changes that they come late.
        for told in ALL {
            for gap in [3.0, 5.0, 8.0, 13.0, 30.0] {
                let said = run(Played::settings(told, Margin::Auto), played.rows_held_back(told, gap));
                let outside = count(&said, |finding| matches!(finding, Finding::Outside(_)));
                let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
                if !kinds.is_empty() || outside > 0 {
                    lacking.push(format!(
                        "{told:?}, {played:?}, {gap} s held back: {kinds:?}, {outside} outside"
                    ));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{} of 150\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn cycles_in_which_rows_were_held_back_for_a_moment_are_judged_as_ever() {
    let played = Played { work: 600.0, rest: 60.0, every: 0.2 };
    for told in [Told::Running, Told::Metered] {
        let judged = |rows| {
            let said = run(Played::settings(told, Margin::USUAL), rows);
            [count(&said, |finding| matches!(finding, Finding::Healthy(_))), raised(&said).len()]
        };
        let [all, none] = judged(played.rows(told, 0.0, None));
        let [late, raised] = judged(played.rows_held_back(told, 20.0));
        assert!(none == 0 && raised == 0 && late + 3 >= all, "{told:?}: {late} of {all}, {raised} raised");
    }
}

#[test]
fn cycles_beside_missing_rows_are_judged_as_ever() {
    let is_judged = |finding: &Finding| {
        matches!(finding, Finding::Healthy(_) | Finding::Inconclusive(_) | Finding::Outside(_))
    };
    for played in &MACHINES[1..] {
        for told in ALL {
            for gap in [5.0, 20.0] {
                let judged = |slow| {
                    let said = run(Played::settings(told, Margin::USUAL), played.rows(told, gap, slow));
                    let outside = count(&said, |finding| matches!(finding, Finding::Outside(_)));
                    (count(&said, is_judged), outside)
                };
                // Twelve gaps; one of 20 s may reach into the next cycle.
                let (all, outside) = judged(None);
                assert!(all >= 25 && outside == 0, "{told:?}, {played:?}, {gap} s: {all} judged, {outside}");
                // One that is slow between two gaps is found.
                let (_, outside) = judged(Some(42));
                assert!(outside == 1, "{told:?}, {played:?}, {gap} s: {outside} found");
            }
        }
    }
}

#[test]
fn single_rows_that_are_missing_cost_few_cycles_and_raise_no_alarm() {
    // Every twentieth row: a rest of 2.3 s may be seen in one row, or in none.
    for (played, least) in [(MACHINES[0], 0.6), (MACHINES[1], 0.8), (MACHINES[2], 0.9)] {
        for told in [Told::Running, Told::Power, Told::Metered] {
            let mut chance = accidents(7);
            let mut rows = played.rows(told, 0.0, None);
            rows.retain(|_| chance() > 0.05);
            let said = run(Played::settings(told, Margin::Auto), rows);
            let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
            assert_eq!(kinds, [], "{told:?}, {played:?}");
            let unreliable = count(&said, |finding| matches!(finding, Finding::Unreliable));
            let judged = 1.0 - f64::from(u32::try_from(unreliable).unwrap()) / f64::from(CYCLES);
            assert!(judged >= least, "{told:?}, {played:?}: {judged:.2} judged");
        }
    }
}

#[test]
fn a_machine_that_tells_its_changes_is_believed_however_long_it_says_nothing() {
    let mut settings = Settings::usual(Bounds::Running);
    (settings.meter, settings.silent_after) = (None, None);
    let mut readings = Vec::new();
    let mut now = 0.0;
    // A rest of an hour after the twentieth, and a cycle that lasts as long after the thirtieth.
    for n in 0..40 {
        let work = if n == 30 { 3_600.0 } else { 20.0 };
        for (seconds, runs) in [(now, true), (now + work, false)] {
            readings.push(Reading { time: start().plus(seconds), what: What::Running(Some(runs)) });
        }
        now += work + if n == 20 { 800.0 } else { 10.0 };
    }
    let said = run(settings, readings);
    assert_eq!(count(&said, |finding| matches!(finding, Finding::Unreliable)), 0);
    let kinds: Vec<AlertKind> = raised(&said).iter().map(|alert| alert.kind).collect();
    assert_eq!(kinds, [AlertKind::TooSlow]);
}

#[test]
fn a_meter_that_tells_changes_only_is_believed_when_it_says_nothing() {
    // At rest nothing changes, and nothing comes for 30 s.
    let mut readings = Vec::new();
    for n in 0..60 {
        let begin = f64::from(n) * 50.0;
        let at = |seconds: f64| start().plus(begin + seconds);
        readings.push(Reading { time: at(0.0), what: What::Start });
        for second in 0..20_u32 {
            let power = 2_000.0 + f64::from(second % 3);
            readings.push(Reading { time: at(f64::from(second) + 0.1), what: What::Power(power) });
        }
        readings.push(Reading { time: at(20.0), what: What::End });
        readings.push(Reading { time: at(20.1), what: What::Power(100.0) });
    }
    let mut settings = Settings::usual(Bounds::Events);
    settings.most_gap = 60.0;
    let said = run(settings, readings);
    let unreliable = count(&said, |finding| matches!(finding, Finding::Unreliable));
    assert!(unreliable <= 5, "{:?}", findings(&said));
    assert_eq!(raised(&said).len(), 0);
}

/// A mill that works 240 s, rests 45 s and is sampled each 10 s: how its cycles were found, and what was raised, where
/// some part of its rows each begin a hole of one to five rows.
fn lossy(holes: f64, pause: f64, seed: u64) -> (Vec<Said>, Vec<AlertKind>) {
    let (mut chance, mut now, mut runs) = (accidents(seed), 135.0, Vec::new());
    for _ in 0..150 {
        let end = now + 240.0 * (0.98 + 0.04 * chance());
        runs.push(now..end);
        now = end + 45.0 * (0.85 + 0.3 * chance());
    }
    let (mut readings, mut missing) = (Vec::new(), 0.0);
    for time in (0..).map(|n| 10.0 * f64::from(n)).take_while(|time| *time < now) {
        missing -= 1.0;
        if missing < 0.0 && chance() < holes {
            missing = (5.0 * chance()).ceil();
        }
        if missing > 0.0 {
            continue;
        }
        let power = runs.iter().find(|run| run.contains(&time)).map_or(300.0, |run| {
            let part = if time < 0.9 * run.start + 0.1 * run.end { 0.5 } else { 1.0 };
            1_900.0 * (part + 0.2 * (time / 3.0).sin())
        });
        let what = What::Power(power * (0.97 + 0.06 * chance()));
        readings.push(Reading { time: start().plus(time), what });
    }
    let mut settings = Settings::usual(Bounds::Gate { on: 520.0, off: 390.0 });
    settings.meter = Some(Kind::Rate { per: 3_600.0 });
    (settings.most_gap, settings.cycle.pause) = (60.0, pause);
    (settings.tolerances.usual.duration, settings.tolerances.usual.quantity) =
        (Some(Margin::Auto), Some(Margin::Auto));
    let said = run(settings, readings);
    let kinds = raised(&said).iter().map(|alert| alert.kind).collect();
    (said, kinds)
}

#[test]
fn a_link_that_loses_rows_in_nearly_each_cycle_hides_rests_and_raises_no_alarm() {
    let mut lacking = Vec::new();
    for holes in [0.02, 0.05, 0.08] {
        for pause in [0.0, 5.0, 15.0] {
            for seed in 0..6 {
                let (said, kinds) = lossy(holes, pause, seed);
                let outside = count(&said, |finding| matches!(finding, Finding::Outside(_)));
                let judged = count(&said, |finding| matches!(finding, Finding::Healthy(_)));
                if !kinds.is_empty() || outside > 0 || judged < 20 {
                    lacking.push(format!(
                        "{holes}, pause {pause}, {seed}: {outside} outside, {judged} healthy, {kinds:?}"
                    ));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{} of 54\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn power_that_is_told_when_it_changes_is_believed_when_it_says_nothing() {
    // It stays the same for 40 of 60 s of work, and at rest.
    let mut readings = Vec::new();
    let (mut chance, mut begin) = (accidents(3), 0.0);
    for _ in 0..60 {
        let mut tell = |seconds: f64, power: f64| {
            readings.push(Reading { time: start().plus(begin + seconds), what: What::Power(power) });
        };
        for second in (0..10).map(f64::from) {
            tell(second, 1_500.0 + 50.0 * second);
        }
        let ends = 50.0 + chance();
        for second in (0..10).map(f64::from) {
            tell(ends + second, 1_900.0 - 50.0 * second);
        }
        tell(ends + 10.0, 100.0);
        begin += ends + 30.0 + 10.0 * chance();
    }
    let mut settings = Settings::usual(Bounds::Gate { on: 1_000.0, off: 500.0 });
    settings.most_gap = 60.0;
    let said = run(settings, readings);
    let unreliable = count(&said, |finding| matches!(finding, Finding::Unreliable));
    assert!(unreliable <= 5, "{unreliable}");
    assert_eq!(raised(&said).len(), 0);
}
