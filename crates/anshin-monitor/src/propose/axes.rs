//! Currents of the axes of a machine, such as a robot's: where nothing else is measured, their sum stands for what
//! a cycle takes.

use std::collections::BTreeMap;

use super::guess::{self, Guess};
use super::machine::{Bounds, Input, bounds};
use crate::recent::median;
use crate::time::Time;

/// Fewest cycles of about the same length that show how far what they take differs.
const FEWEST: usize = 10;

/// Cycles are of about the same length if they are off by no more than this part of the usual one.
const SAME_LENGTH: f64 = 0.05;

/// An axis is left out if cycles then differ less in what they take by at least this part.
const STEADIER: f64 = 0.2;

/// Cycles that differ less than this in what they take are as good as the same: no tolerance is so narrow.
const SAME: f64 = 0.01;

/// Seconds between samples that are no gap.
const MOST_GAP: f64 = 60.0;

/// Inputs of which the currents of axes are one, if something tells cycles and nothing else what they take; and the
/// axes that are left out of it.
pub(super) fn added(mut inputs: Vec<Input>) -> (Vec<Input>, Vec<String>) {
    let number = match bounds(&inputs) {
        Some(Bounds::Number(number)) => Some(number.span.samples.clone()),
        Some(Bounds::Running(_)) => Some(Vec::new()),
        _ => None,
    };
    let is_metered = inputs.iter().any(|input| matches!(input.guess, Guess::Power(_) | Guess::Counter(_)));
    let mut groups: BTreeMap<_, (bool, Vec<Input>)> = BTreeMap::new();
    for input in &inputs {
        if let Some((rest, is_told)) = guess::axis(&input.take[0], &input.guess) {
            let (are_told, axes) = groups.entry((input.topic.clone(), rest)).or_default();
            *are_told |= is_told;
            axes.push(input.clone());
        }
    }
    inputs.retain(|input| !matches!(input.guess, Guess::Axis(_)));
    let told = groups.into_values().filter(|(are_told, axes)| *are_told && axes.len() > 1);
    let axes = told.map(|(_, axes)| axes).max_by_key(Vec::len).filter(|_| !is_metered);
    let (Some(number), Some(axes)) = (number, axes) else { return (inputs, Vec::new()) };
    let (Guess::Axis(factor) | Guess::Current(factor)) = axes[0].guess else { return (inputs, Vec::new()) };
    let names = |is_wanted: &dyn Fn(&usize) -> bool| {
        (0..axes.len()).filter(is_wanted).map(|n| axes[n].take[0].clone()).collect::<Vec<_>>()
    };
    let steady = steady(&number, &axes);
    let (take, left_out) = (names(&|n| steady.contains(n)), names(&|n| !steady.contains(n)));
    inputs.retain(|input| axes.iter().all(|axis| axis.take != input.take));
    inputs.push(Input { take, guess: Guess::Axis(factor), ..axes[0].clone() });
    (inputs, left_out)
}

/// The axes with which cycles of the same length take about the same: all of them, but for those without which that
/// repeats clearly better. What an axis takes that holds no weight is mostly how a sample met a jerk.
fn steady(number: &[(Time, f64)], axes: &[Input]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..axes.len()).collect();
    let cycles = alike(number);
    if cycles.len() < FEWEST {
        return kept;
    }
    let taken: Vec<Vec<f64>> = axes.iter().map(|axis| taken(&cycles, &axis.span.samples)).collect();
    let spread = |kept: &[usize]| {
        let sum = |cycle: usize| kept.iter().map(|axis| taken[*axis][cycle]).sum::<f64>();
        spread(&(0..cycles.len()).map(sum).collect::<Vec<_>>())
    };
    let mut now = spread(&kept);
    while kept.len() > 1 && now > SAME {
        let without = |axis: &usize| kept.iter().copied().filter(|other| other != axis).collect::<Vec<_>>();
        let all = kept.iter().map(without).map(|kept| (spread(&kept), kept));
        let Some((least, rest)) = all.min_by(|one, other| one.0.total_cmp(&other.0)) else { break };
        if least > (1.0 - STEADIER) * now {
            break;
        }
        (now, kept) = (least, rest);
    }
    kept
}

/// From when to when those cycles go that last about as long as most, without the first and the last one, of which
/// a part may be missing.
fn alike(number: &[(Time, f64)]) -> Vec<(Time, Time)> {
    let changes = number.windows(2).filter(|pair| (pair[1].1 - pair[0].1).abs() > 0.0);
    let begins: Vec<Time> = changes.map(|pair| pair[1].0).collect();
    let mut cycles: Vec<(Time, Time)> = begins.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let lasts = |(begin, end): &(Time, Time)| end.since(*begin);
    let usual = median(cycles.iter().map(lasts)).unwrap_or(0.0);
    cycles.retain(|cycle| (lasts(cycle) - usual).abs() <= SAME_LENGTH * usual);
    cycles
}

/// What cycles take: the sum of some samples, whatever their signs.
fn taken(cycles: &[(Time, Time)], samples: &[(Time, f64)]) -> Vec<f64> {
    let of = |(begin, end): &(Time, Time)| {
        let from = samples.partition_point(|(time, _)| time < begin);
        let within = samples[from..].windows(2).take_while(|pair| pair[0].0 < *end);
        within.map(|pair| pair[0].1.abs() * pair[1].0.since(pair[0].0).clamp(0.0, MOST_GAP)).sum()
    };
    cycles.iter().map(of).collect()
}

/// How far values lie from their middle, as a part of it.
fn spread(values: &[f64]) -> f64 {
    let middle = median(values.iter().copied()).unwrap_or(0.0);
    let off = median(values.iter().map(|value| (value - middle).abs())).unwrap_or(0.0);
    off / middle.max(f64::MIN_POSITIVE)
}
