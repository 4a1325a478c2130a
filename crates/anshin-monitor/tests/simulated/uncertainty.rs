//! What is asked or sampled seldom is known less well, and is judged by that.

use anshin_model::{Lang, Text};
use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::meter::Kind;
use anshin_monitor::reference::{Finding, Margin};
use anshin_monitor::{Machine, Reading, Said, Settings, What};

use super::{accidents, findings, raised, run, start};

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
    (settings.meter, settings.tolerances.usual.duration) = (None, Some(Margin::Fixed(0.1)));
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
    settings.tolerances.usual.quantity = Some(Margin::Fixed(0.08));
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
    (settings.meter, settings.tolerances.usual.duration) = (None, Some(Margin::Fixed(0.05)));
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
    let mut by_chance = accidents(7);
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
        assert!(alerts.len() <= outside, "{alerts:?} of {outside}");
        let is_plain = |kind: &AlertKind| matches!(kind, AlertKind::TooSlow | AlertKind::TooFast);
        assert!(alerts.iter().all(is_plain), "{alerts:?}");
        // What is far enough outside is found all the same.
        let lasts = (0..400).map(|n| if n % 20 == 19 { 2.0 * last } else { last });
        let (outside, ..) = outside_of(lasts, Some(missing));
        assert!(outside >= 14, "{last} s, {missing} missing: {outside} found");
    }
}

/// A press that works 6 s and rests 4 s, with a high first peak, sampled once a second, of which each twentieth cycle
/// from the hundredth on lasts so many times as long: how many of its cycles are outside, how long they are seen to
/// last on average, and what was raised.
fn pressed(long: f64, seed: u64) -> (u32, f64, Vec<AlertKind>) {
    let (mut chance, mut now, mut runs) = (accidents(seed), 12.0, Vec::new());
    for n in 0..400 {
        let times = if n >= 100 && n % 20 == 19 { long } else { 1.0 };
        let end = now + 6.0 * times * (0.98 + 0.04 * chance());
        runs.push(now..end);
        now = end + 4.0 * (0.85 + 0.3 * chance());
    }
    let (mut readings, mut next) = (Vec::new(), 0);
    for time in (0..).map(f64::from).take_while(|time| *time < now) {
        while runs.get(next).is_some_and(|run| run.end <= time) {
            next += 1;
        }
        let power = runs
            .get(next)
            .filter(|run| run.contains(&time))
            .map_or(200.0, |run| if time - run.start < 0.9 { 4_160.0 } else { 1_820.0 });
        let what = What::Power(power * (0.97 + 0.06 * chance()));
        readings.push(Reading { time: start().plus(time), what });
    }
    let mut settings = Settings::usual(Bounds::Gate { on: 600.0, off: 350.0 });
    settings.meter = Some(Kind::Rate { per: 3_600.0 });
    (settings.most_gap, settings.cycle.pause) = (3.0, 1.0);
    (settings.tolerances.usual.duration, settings.tolerances.usual.quantity) =
        (Some(Margin::Auto), Some(Margin::Auto));
    let said = run(settings, readings);
    let (mut outside, mut seconds, mut cycles) = (0, 0.0, 0.0);
    for one in &said {
        if let Said::Cycle(cycle, finding) = one {
            outside += u32::from(matches!(finding, Finding::Outside(_)));
            seconds += cycle.duration;
            cycles += 1.0;
        }
    }
    (outside, seconds / cycles, raised(&said).iter().map(|alert| alert.kind).collect())
}

#[test]
fn a_jump_of_power_lies_anywhere_between_two_samples() {
    for seed in 0..10 {
        let (outside, mean, alerts) = pressed(1.0, seed);
        assert_eq!((outside, alerts), (0, vec![]), "{seed}");
        assert!((mean - 6.0).abs() < 0.05, "{seed}: {mean:.2} s");
        // What is longer by a third is found where samples show it, by half nearly always.
        for (long, least) in [(1.33, 7), (1.5, 14)] {
            let (outside, _, alerts) = pressed(long, seed);
            assert!((least..=15).contains(&outside), "{seed}, {long}: {outside} of 15");
            assert!(alerts.contains(&AlertKind::TooSlow), "{seed}, {long}: {alerts:?}");
        }
    }
}

/// A machine whose heater is on for a part of every so many seconds of its work, sampled once a second: how its cycles
/// were found, and what was raised.
fn heated(every: f64, on: f64, margin: Margin, seed: u64) -> (Vec<&'static str>, Vec<AlertKind>) {
    let (mut chance, mut now, mut readings, mut runs) = (accidents(seed), 12.0, Vec::new(), Vec::new());
    for _ in 0..300 {
        let end = now + 24.0 * every * (0.995 + 0.01 * chance());
        readings.push(Reading { time: start().plus(now), what: What::Start });
        readings.push(Reading { time: start().plus(end), what: What::End });
        runs.push(now..end);
        now = end + 7.0 + 5.0 * chance();
    }
    let mut next = 0;
    for time in (0..).map(|n| f64::from(n) + 0.37).take_while(|time| *time < now) {
        while runs.get(next).is_some_and(|run| run.end <= time) {
            next += 1;
        }
        let power = runs
            .get(next)
            .filter(|run| run.contains(&time))
            .map_or(100.0, |run| if ((time - run.start) / every).fract() < on { 2_500.0 } else { 500.0 });
        let what = What::Power(power * (0.99 + 0.02 * chance()));
        readings.push(Reading { time: start().plus(time), what });
    }
    readings.sort_by_key(|reading| reading.time);
    let mut settings = Settings::usual(Bounds::Events);
    settings.tolerances.usual.quantity = Some(margin);
    let said = run(settings, readings);
    let words = findings(&said).into_iter().filter_map(|finding| match finding {
        Finding::Healthy(_) => Some("healthy"),
        Finding::Inconclusive(_) => Some("inconclusive"),
        Finding::Outside(_) => Some("outside"),
        _ => None,
    });
    (words.collect(), raised(&said).iter().map(|alert| alert.kind).collect())
}

#[test]
fn power_that_switches_in_step_with_its_sampling_raises_no_false_alarm() {
    for seed in 1..=3 {
        for (every, on) in [(3.002, 0.47), (5.0, 0.3), (5.015, 0.47), (10.0, 0.47), (20.014, 0.47)] {
            for margin in [Margin::USUAL, Margin::Auto] {
                let (words, alerts) = heated(every, on, margin, seed);
                let what = format!("{seed}, every {every} s, {on}, {margin:?}");
                let outside = words.iter().filter(|word| **word == "outside").count();
                assert!(alerts.is_empty() && outside == 0, "{what}: {outside} outside, {alerts:?}");
            }
        }
        // Out of step with it, what is wrong makes up for itself, and is known well.
        let (words, alerts) = heated(5.31, 0.47, Margin::USUAL, seed);
        assert!(alerts.is_empty() && words.iter().all(|word| *word == "healthy"), "{seed}: {alerts:?}");
    }
}
