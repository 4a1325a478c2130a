//! What is seen of cycles, by how much it may be wrong, and what cycles that agree have in common.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::tolerance::Limits;
use crate::cycle::{Cycle, Doubt};
use crate::metered::Remeasured;

/// What is compared: how long a cycle lasts, and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// Seconds.
    pub duration: f64,
    /// In the unit of the meter.
    pub quantity: Option<f64>,
}

/// By how much values may be wrong, for one standard deviation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// Seconds.
    pub duration: f64,
    /// In the unit of the meter.
    pub quantity: f64,
}

/// What is known of a cycle that has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    #[serde(flatten)]
    pub(super) values: Values,
    #[serde(default)]
    pub(super) wrong: Wrong,
}

/// So many standard deviations are not taken for a difference: two answers of a machine that is asked can lie a
/// whole pause apart from what happened, which is 2.45 of them.
const SURE: f64 = 2.5;

/// How far a value may be off that may be wrong by a part of it: tolerance and uncertainty are independent.
pub(crate) fn limit(most: f64, wrong: f64) -> f64 {
    most.hypot(SURE * wrong)
}

/// A value of which something is a part, never nothing.
pub(crate) fn whole(value: f64) -> f64 {
    value.abs().max(f64::MIN_POSITIVE)
}

impl Seen {
    /// What is known of a cycle.
    pub(super) fn of(cycle: &Cycle) -> Self {
        let sparse = cycle.doubts.contains(Doubt::Sparse);
        Self {
            values: Values { duration: cycle.worked(), quantity: cycle.taken().filter(|_| !sparse) },
            wrong: Wrong {
                duration: cycle.duration_uncertainty,
                quantity: if sparse { f64::INFINITY } else { cycle.uncertainty },
            },
        }
    }

    /// As far as it is known well enough to be a measure for others: without a quantity that may be wrong by more
    /// than its tolerance, or is nothing, of which nothing else is a part.
    pub(super) fn sharp(self, limits: Limits) -> Self {
        let is_sharp =
            |quantity: &f64| limits.quantity.is_none_or(|most| self.wrong.quantity <= most * quantity.abs());
        let quantity = self.values.quantity.filter(|quantity| quantity.abs() > 0.0).filter(is_sharp);
        let of_quantity = if quantity.is_some() { self.wrong.quantity } else { 0.0 };
        Self {
            values: Values { quantity, ..self.values },
            wrong: Wrong { quantity: of_quantity, ..self.wrong },
        }
    }

    /// What cycles take is metered in another way from here on.
    pub(super) fn remeasure(&mut self, change: Remeasured) {
        remeasure(&mut self.values, &mut self.wrong, change);
    }

    /// Whether it is so many times as long as another one, and takes as much, as far as that is known.
    pub(super) fn is_times(self, other: Self, times: f64) -> bool {
        let takes = self.values.quantity.zip(other.values.quantity);
        let wrong = self.wrong.quantity.hypot(times * other.wrong.quantity);
        self.values.duration >= times * other.values.duration
            && takes.is_none_or(|(is, was)| is + SURE * wrong >= times * was)
    }

    /// The same, taken to be right.
    pub(super) fn exact(self) -> Self {
        Self { wrong: Wrong::default(), ..self }
    }

    /// Whether it is not further from some values than tolerance and uncertainty allow.
    pub(super) fn agrees(self, centre: Values, limits: Limits) -> bool {
        let near = |is: f64, was: f64, wrong: f64, most: Option<f64>| {
            most.is_none_or(|most| relative(is, was).abs() <= limit(most, wrong / whole(was)))
        };
        let Self { values, wrong } = self;
        near(values.duration, centre.duration, wrong.duration, limits.duration)
            && values
                .quantity
                .zip(centre.quantity)
                .is_none_or(|(is, was)| near(is, was, wrong.quantity, limits.quantity))
    }
}

/// Values as they are where what cycles take is metered in another way.
pub(super) fn remeasure(values: &mut Values, wrong: &mut Wrong, change: Remeasured) {
    match change {
        Remeasured::Scaled(times) => {
            values.quantity = values.quantity.map(|quantity| quantity * times);
            wrong.quantity *= times;
        }
        Remeasured::Anew => (values.quantity, wrong.quantity) = (None, 0.0),
    }
}

/// Those of some cycles that agree with one of them, by their own middle; none if this one does not.
pub(super) fn group(cycles: &[Seen], one: Seen, limits: Limits) -> Vec<Seen> {
    let near = |other: &&Seen| {
        let wrong = Wrong {
            duration: one.wrong.duration.max(other.wrong.duration),
            quantity: one.wrong.quantity.max(other.wrong.quantity),
        };
        Seen { wrong, ..**other }.agrees(one.values, limits)
    };
    let near: Vec<Seen> = cycles.iter().filter(near).copied().collect();
    let centre = middle(&near);
    if !one.agrees(centre, limits) {
        return Vec::new();
    }
    cycles.iter().filter(|other| other.agrees(centre, limits)).copied().collect()
}

pub(super) fn relative(is: f64, reference: f64) -> f64 {
    if reference.abs() < f64::MIN_POSITIVE {
        if is.abs() < f64::MIN_POSITIVE { 0.0 } else { f64::INFINITY.copysign(is) }
    } else {
        (is - reference) / reference.abs()
    }
}

/// How far values are from others, without a sign.
pub(super) fn off(values: Values, from: Values) -> Values {
    Values {
        duration: relative(values.duration, from.duration).abs(),
        quantity: values.quantity.zip(from.quantity).map(|(is, was)| relative(is, was).abs()),
    }
}

/// Of how many cycles it is known what they took.
pub(super) fn quantities(cycles: &VecDeque<Seen>) -> usize {
    cycles.iter().filter(|seen| seen.values.quantity.is_some()).count()
}

/// The median of cycles.
pub(super) fn middle<'a>(cycles: impl IntoIterator<Item = &'a Seen, IntoIter: Clone>) -> Values {
    median(cycles.into_iter().map(|seen| seen.values))
}

/// The mean of cycles: what drift is measured from, which is read from a mean as well. Where cycles are seen as one of
/// two values, by chance, the median is one of them.
pub(super) fn mean(cycles: &VecDeque<Seen>) -> Values {
    let of = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        (count > 0.0).then(|| sum / count)
    };
    Values {
        duration: of(&mut cycles.iter().map(|seen| seen.values.duration)).unwrap_or(0.0),
        quantity: of(&mut cycles.iter().filter_map(|seen| seen.values.quantity)),
    }
}

/// By how much cycles may be wrong: the median.
pub(super) fn usual_wrong(cycles: &VecDeque<Seen>) -> Wrong {
    let all = cycles
        .iter()
        .map(|Seen { wrong, .. }| Values { duration: wrong.duration, quantity: Some(wrong.quantity) });
    let wrong = median(all);
    Wrong { duration: wrong.duration, quantity: wrong.quantity.unwrap_or(0.0) }
}

/// By how much the median of cycles may be wrong: 1.25 times as much as their mean.
pub(super) fn middle_wrong(cycles: &VecDeque<Seen>) -> Wrong {
    let wrong = usual_wrong(cycles);
    let count = u32::try_from(cycles.len().max(1)).unwrap_or(u32::MAX);
    let part = 1.25 / f64::from(count).sqrt();
    Wrong { duration: part * wrong.duration, quantity: part * wrong.quantity }
}

/// The median of each value by itself.
pub(super) fn median(values: impl Iterator<Item = Values> + Clone) -> Values {
    let of = |mut all: Vec<f64>| -> Option<f64> {
        all.sort_by(f64::total_cmp);
        let upper = *all.get(all.len() / 2)?;
        let lower = all[(all.len() - 1) / 2];
        Some(f64::midpoint(lower, upper))
    };
    Values {
        duration: of(values.clone().map(|v| v.duration).collect()).unwrap_or(0.0),
        quantity: of(values.filter_map(|v| v.quantity).collect()),
    }
}
