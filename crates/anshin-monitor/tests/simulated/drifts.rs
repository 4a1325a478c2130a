//! Drift is read from many cycles, and is no surer than what they were seen by.

use anshin_monitor::cycle::Bounds;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::reference::Margin;
use anshin_monitor::{Reading, Settings, What};

use super::{accidents, raised, run, start};

/// Drifts that are told of a machine whose power shows its cycles, each with its beginning, its seconds and what power
/// it has at a part of it, if it is sampled every so many seconds.
fn drifts(
    runs: &[(f64, f64)],
    power: impl Fn(usize, f64) -> f64,
    rest: f64,
    every: f64,
    seed: u64,
) -> Vec<AlertKind> {
    let mut settings = Settings::usual(Bounds::Gate { on: 620.0, off: 430.0 });
    (settings.cycle.pause, settings.cycle.fewest_samples) = (2.0, 3);
    (settings.tolerances.usual.duration, settings.tolerances.usual.quantity) =
        (Some(Margin::Auto), Some(Margin::Auto));
    let mut chance = accidents(seed);
    let (last, seconds) = runs[runs.len() - 1];
    let times = (0..).map(|n| f64::from(n) * every).take_while(|time| *time < last + seconds + 3.0);
    let readings = times.map(|time| {
        let run = runs.partition_point(|(begin, _)| *begin <= time).checked_sub(1);
        let part = run.map(|run| (run, (time - runs[run].0) / runs[run].1)).filter(|(_, part)| *part < 1.0);
        let power = part.map_or(rest, |(run, part)| power(run, part)) * (0.95 + 0.1 * chance());
        Reading { time: start().plus(time), what: What::Power(power) }
    });
    let said = run(settings, readings.collect::<Vec<_>>());
    let kinds = raised(&said).into_iter().map(|alert| alert.kind);
    kinds.filter(|kind| matches!(kind, AlertKind::DurationDrifts | AlertKind::QuantityDrifts)).collect()
}

#[test]
fn a_machine_that_works_in_step_with_its_sampling_does_not_drift() {
    for (tact, work, every, cycles) in
        [(12.002, 7.5, 1.0, 2_000), (30.01, 19.5, 3.0, 1_000), (60.005, 41.0, 5.0, 1_000)]
    {
        let runs: Vec<(f64, f64)> = (0..cycles).map(|n| (5.0 + tact * f64::from(n), work)).collect();
        assert_eq!(drifts(&runs, |_, _| 1_800.0, 60.0, every, 1), [], "{tact} s, {work} s, every {every} s");
    }
}

/// Cycles of a press: so many, of about six seconds.
fn press(cycles: usize, seed: u64) -> Vec<(f64, f64)> {
    let (mut chance, mut now) = (accidents(seed), 20.0);
    let next = |_| {
        let (begin, work) = (now, 6.0 * (0.98 + 0.04 * chance()));
        now += work + 3.0 + 1.5 * chance();
        (begin, work)
    };
    (0..cycles).map(next).collect()
}

/// The power of a press: a short peak, seen by one sample or by two.
fn stroke(part: f64) -> f64 {
    if (0.4..0.6).contains(&part) { 4_000.0 } else { 1_500.0 }
}

#[test]
fn a_peak_that_is_seen_by_chance_does_not_drift() {
    for seed in 1..=8 {
        for every in [0.5, 1.0, 1.3] {
            let told = drifts(&press(300, seed), |_, part| stroke(part), 300.0, every, seed);
            assert_eq!(told, [], "{seed}, every {every} s");
        }
    }
}

#[test]
fn what_drifts_is_told_where_it_is_seen_well() {
    let heavier = |run: usize| 1.0 + 0.001 * f64::from(u32::try_from(run.saturating_sub(100)).unwrap());
    let told = drifts(&press(300, 1), |run, part| stroke(part) * heavier(run), 300.0, 0.1, 1);
    assert_eq!(told, [AlertKind::QuantityDrifts]);
}

/// Cycles of 30 s with rests of 7 to 13 s between them.
fn any_time(cycles: usize, seed: u64) -> Vec<(f64, f64)> {
    let (mut chance, mut now) = (accidents(seed), 12.0);
    let next = |_| {
        let (begin, work) = (now, 30.0 * (0.98 + 0.04 * chance()));
        now += work + 7.0 + 6.0 * chance();
        (begin, work)
    };
    (0..cycles).map(next).collect()
}

/// The power of work in several steps.
fn steps(part: f64) -> f64 {
    let steps =
        [(0.07, 900.0), (0.21, 2_200.0), (0.33, 1_400.0), (0.52, 3_000.0), (0.61, 700.0), (0.74, 1_800.0)];
    steps.iter().find(|(until, _)| part < *until).map_or(2_000.0, |(_, power)| *power)
}

#[test]
fn what_drifts_is_told_where_a_cycle_has_few_samples() {
    for samples in [8.0, 11.0, 15.0] {
        for seed in 1..=3 {
            for drift in [0.12, -0.12] {
                let load = |run: usize| {
                    let run = f64::from(u32::try_from(run).unwrap());
                    1.0 + drift * ((run - 200.0) / 300.0).clamp(0.0, 1.0)
                };
                let power = |run: usize, part: f64| steps(part) * load(run);
                let told = drifts(&any_time(900, seed), power, 60.0, 30.0 / samples, seed);
                assert!(
                    told.contains(&AlertKind::QuantityDrifts),
                    "{samples} samples, {seed}, {drift}: {told:?}"
                );
            }
            let told = drifts(&any_time(1_500, seed), |_, part| steps(part), 60.0, 30.0 / samples, seed);
            assert_eq!(told, [], "{samples} samples, {seed}");
        }
    }
}
