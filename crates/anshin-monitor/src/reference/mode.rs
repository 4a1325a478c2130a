//! One way in which a job runs, and how it follows the machine.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Learning;
use super::seen::{
    Seen, Values, Wrong, mean, median, middle, middle_wrong, off, quantities, remeasure, usual_wrong, whole,
};
use super::tolerance::{Limits, Tolerance};
use crate::metered::Remeasured;
use crate::time::Time;

/// One way in which a job runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mode {
    /// Its number within the job, from 1.
    pub mode: u32,
    /// The reference value.
    pub reference: Values,
    /// The reference value as it was learnt; drift is measured from it.
    pub learnt: Values,
    /// When it was learnt.
    pub since: Time,
    /// How many healthy cycles are behind it.
    pub cycles: u64,
    /// How often the reference value has been learnt anew.
    pub version: u32,
    /// Whether a person has approved it.
    pub approved: bool,
    pub(super) window: VecDeque<Seen>,
    /// By how much the reference value may be wrong.
    #[serde(default)]
    pub(super) wrong: Wrong,
    /// By how much the value as it was learnt may be wrong.
    #[serde(default)]
    pub(super) learnt_wrong: Wrong,
    /// How many more looks the value as it was learnt may take to follow the machine; none once it stood still.
    #[serde(default)]
    looks_left: u8,
    /// How far its last healthy cycles were from the reference as they came.
    #[serde(default)]
    offs: VecDeque<Values>,
    /// [`Mode::reach_itself`] as it was after the last cycle.
    #[serde(skip)]
    pub(super) reach: Option<(f64, Option<f64>)>,
}

/// So many windows of cycles after a mode was learnt, the value as it was learnt follows what the machine has
/// warmed up to, unless it stands still before.
const LOOKS: u8 = 3;

/// It stands still where it has moved by no more than this part of the tolerance.
const STILL: f64 = 0.125;

/// From so many cycles on it is known how far they lie apart.
const FEWEST_FOR_SPREAD: usize = 10;

/// From so many of the last healthy cycles it is read how far they lie apart.
const OFFS: usize = 100;

/// From so many cycles on a tolerance follows them: a rare second heap of good ones is among them by then.
const FEWEST_TO_FOLLOW: usize = 20;

/// A tolerance that follows the machine is so many times as wide as its healthy cycles lie apart, for one
/// standard deviation ...
const SPREADS: f64 = 4.0;

/// ... or so many times as wide as nearly all of them are off, where that is more: of two heaps, or with a long
/// tail, the standard deviation of those in the middle says nothing of the others.
const BEYOND: f64 = 1.2;

/// From the median of absolute deviations to the standard deviation of a normal distribution.
const TO_DEVIATION: f64 = 1.4826;

impl Mode {
    /// A mode of cycles that agree, by its number.
    pub(super) fn of(mode: u32, cycles: VecDeque<Seen>, now: Time, learning: Learning) -> Self {
        let mut reference = middle(&cycles);
        if quantities(&cycles) < learning.cycles.min(cycles.len()) {
            reference.quantity = None;
        }
        let wrong = middle_wrong(&cycles);
        let learnt = mean_by(reference, &cycles);
        let offs = cycles.iter().map(|seen| off(seen.values, reference)).collect();
        let mut known = Self {
            mode,
            reference,
            learnt,
            since: now,
            cycles: cycles.len() as u64,
            version: 1,
            approved: false,
            window: cycles,
            wrong,
            learnt_wrong: wrong,
            looks_left: LOOKS,
            offs,
            reach: None,
        };
        known.reach = known.reach_itself();
        known
    }

    /// What cycles take is metered in another way from here on.
    pub(super) fn remeasure(&mut self, change: Remeasured) {
        remeasure(&mut self.reference, &mut self.wrong, change);
        remeasure(&mut self.learnt, &mut self.learnt_wrong, change);
        self.window.iter_mut().for_each(|seen| seen.remeasure(change));
        if change == Remeasured::Anew {
            self.offs.iter_mut().for_each(|off| off.quantity = None);
        }
    }

    /// Takes one more cycle that fits. A quantity that was not known when the mode was learnt is learnt once
    /// enough cycles tell it.
    pub(super) fn take(&mut self, seen: Seen, learning: Learning, widest: Limits) {
        self.cycles += 1;
        self.offs.push_back(off(seen.values, self.reference));
        while self.offs.len() > OFFS {
            self.offs.pop_front();
        }
        self.window.push_back(seen);
        while self.window.len() > learning.window {
            self.window.pop_front();
        }
        let middle = middle(&self.window);
        if learning.adapts {
            self.reference.duration = middle.duration;
            self.wrong = middle_wrong(&self.window);
        }
        if quantities(&self.window) >= learning.cycles.min(learning.window) {
            self.learnt.quantity = self.learnt.quantity.or(mean(&self.window).quantity);
            if learning.adapts || self.reference.quantity.is_none() {
                self.reference.quantity = middle.quantity;
            }
        }
        if self.looks_left > 0 && self.cycles.is_multiple_of(learning.window.max(1) as u64) {
            let still = widest.part(STILL);
            let now = mean_by(self.reference, &self.window);
            let is_still = Seen { values: now, wrong: Wrong::default() }.agrees(self.learnt, still);
            self.looks_left = if is_still { 0 } else { self.looks_left - 1 };
            (self.learnt, self.learnt_wrong) = (now, middle_wrong(&self.window));
        }
        self.reach = self.reach_itself();
    }

    /// How far its last healthy cycles were from the reference as they came, as parts of it, for one standard
    /// deviation: a tolerance of less than three times as much finds fault with healthy cycles. `None` for too
    /// few of them.
    pub fn spread(&self) -> Option<(f64, Option<f64>)> {
        if self.offs.len() < FEWEST_FOR_SPREAD {
            return None;
        }
        let middle = median(self.offs.iter().copied());
        Some((TO_DEVIATION * middle.duration, middle.quantity.map(|quantity| TO_DEVIATION * quantity)))
    }

    /// By how much its cycles may be off.
    pub fn limits(&self, tolerance: Tolerance) -> Limits {
        let (duration, quantity) = self.reach.unzip();
        Limits {
            duration: tolerance.duration.map(|margin| margin.at(duration)),
            quantity: tolerance.quantity.map(|margin| margin.at(quantity.flatten())),
        }
    }

    /// How far a tolerance that follows the machine must reach: beyond what its cycles are off by themselves, however
    /// that spreads. What comes from how it is seen is counted in with the uncertainty of each cycle. `None` for too
    /// few of them.
    pub(super) fn reach_itself(&self) -> Option<(f64, Option<f64>)> {
        let (duration, quantity) = self.spread().filter(|_| self.offs.len() >= FEWEST_TO_FOLLOW)?;
        let wrong = usual_wrong(&self.window);
        let reach = |offs: Vec<f64>, spread: f64, wrong: f64, was: f64| {
            let wrong = wrong / whole(was);
            let own = |off: f64, wrong: f64| (off.powi(2) - wrong.powi(2)).max(0.0).sqrt();
            f64::max(SPREADS * own(spread, wrong), BEYOND * own(nearly_all(offs), 2.0 * wrong))
        };
        let durations = self.offs.iter().map(|off| off.duration).collect();
        let quantities = self.offs.iter().filter_map(|off| off.quantity).collect();
        let was = self.reference;
        Some((
            reach(durations, duration, wrong.duration, was.duration),
            quantity.map(|spread| reach(quantities, spread, wrong.quantity, was.quantity.unwrap_or(0.0))),
        ))
    }

    /// Whether a cycle would fit as well if it were known to be right.
    pub(super) fn is_near(&self, seen: Seen, tolerance: Tolerance) -> bool {
        seen.exact().agrees(self.reference, self.limits(tolerance))
    }
}

/// The mean of cycles, as far as their reference is known.
fn mean_by(reference: Values, cycles: &VecDeque<Seen>) -> Values {
    let mean = mean(cycles);
    Values { quantity: reference.quantity.and(mean.quantity), ..mean }
}

/// What all values but one in twenty are not above.
fn nearly_all(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let beyond = values.len().saturating_sub(1) / 20;
    values.iter().rev().nth(beyond).copied().unwrap_or(0.0)
}
