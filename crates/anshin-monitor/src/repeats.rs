//! How often a meter tells the same value again: a gateway that repeats its last value for ever looks like a
//! machine under a load that never changes.
//!
//! Which values repeat by themselves is learnt from the machine. Work makes power move, so that in healthy cycles of
//! most jobs it stays the same to the last digit for a few samples only. A machine that stands still may well draw
//! the same for hours, more so by a meter that tells whole watts: what it draws between cycles tells from which
//! level on that says nothing.

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// How often the meter repeated itself in a cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Repeats {
    samples: u32,
    sum: f64,
    /// Samples in a row that repeated the one before; the longest such run with its value, and the longest of those
    /// that began and ended within the cycle.
    run: u32,
    longest: u32,
    value: f64,
    inner: u32,
    /// The value has changed in the cycle.
    has_changed: bool,
}

impl Repeats {
    /// The meter tells a value; `again` if it is the one that it told before.
    pub(crate) fn see(&mut self, value: f64, again: bool) {
        self.samples = self.samples.saturating_add(1);
        self.sum += value;
        if self.samples == 1 {
            return;
        }
        if !again {
            if self.has_changed {
                self.inner = self.inner.max(self.run);
            }
            (self.run, self.has_changed) = (0, true);
            return;
        }
        self.run = self.run.saturating_add(1);
        if self.run > self.longest {
            (self.longest, self.value) = (self.run, value);
        }
    }

    /// Whether it does so now, for longer than before.
    pub(crate) fn goes_on(&self) -> bool {
        self.run == self.longest
    }
}

/// What the meter tells between cycles.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rest {
    samples: u32,
    /// Samples in a row that repeated the one before; `None` before the value has changed at rest.
    run: Option<u32>,
    /// The highest value that stayed the same there.
    still: Option<f64>,
}

/// A value that is told again so often stays the same.
const STAYS: u32 = 4;

/// So many samples at rest tell whether values stay the same there.
const ENOUGH: u32 = 10;

impl Rest {
    /// The meter tells a value between cycles, which a cycle may begin with.
    pub(crate) fn see(&mut self, value: f64, again: bool) {
        self.samples = self.samples.saturating_add(1);
        self.run = if again { self.run.map(|run| run.saturating_add(1)) } else { Some(0) };
        if self.run.is_some_and(|run| run >= STAYS) {
            self.still = Some(self.still.map_or(value, |still| still.max(value)));
        }
    }

    /// A cycle runs.
    pub(crate) fn is_over(&mut self) {
        self.run = None;
    }
}

/// How often the meter repeats itself in healthy cycles of a job.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Usual {
    cycles: u32,
    longest: u32,
    /// Samples of the last one, and their mean.
    samples: u32,
    level: f64,
    /// Cycles in a row in which it did so far more often, and changed before and after.
    odd: u32,
}

/// Healthy cycles that tell how often it does.
const LEAST: u32 = 5;

/// It does so far more often where it does so many times as often, and this many times besides.
const FAR: u32 = 3;

/// So many odd cycles in a row are no accident.
const NO_ACCIDENT: u32 = 3;

impl Usual {
    /// A healthy cycle has ended.
    pub(crate) fn learn(&mut self, repeats: Repeats) {
        if repeats.samples == 0 {
            return;
        }
        self.cycles = self.cycles.saturating_add(1);
        self.longest = self.longest.max(repeats.longest);
        self.samples = repeats.samples;
        self.level = repeats.sum / f64::from(repeats.samples);
        self.odd = 0;
    }

    /// Whether the meter repeated itself for far longer than the machine makes it do.
    pub(crate) fn is_frozen(&self, repeats: Repeats, rest: Rest) -> bool {
        let is_known = self.cycles >= LEAST && rest.samples >= ENOUGH && 4 * self.longest <= self.samples;
        // What stays the same at rest does so as well where the machine stands still in its cycle.
        let is_work = rest.still.is_none_or(|still| repeats.value > f64::midpoint(still, self.level));
        is_known && is_work && repeats.longest > FAR.saturating_mul(self.longest).saturating_add(FAR)
    }

    /// Notes a cycle in which it did. What happens in one cycle after the other, while power moves before and after,
    /// is how a job runs.
    pub(crate) fn froze(&mut self, repeats: Repeats) {
        self.odd = if repeats.inner == repeats.longest { self.odd + 1 } else { 0 };
        if self.odd >= NO_ACCIDENT {
            self.learn(repeats);
        }
    }
}

/// What a meter told last, and since when it tells it.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Told(Option<(u64, Time)>);

impl Told {
    /// It tells a value. Whether it is the one that it told before.
    pub(crate) fn again(&mut self, time: Time, value: f64) -> bool {
        let bits = value.to_bits();
        let again = self.0.is_some_and(|(before, _)| before == bits);
        if !again {
            self.0 = Some((bits, time));
        }
        again
    }

    /// This, or something else where nothing was told.
    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// Since when it tells the same.
    pub(crate) fn since(&self) -> Option<Time> {
        self.0.map(|(_, since)| since)
    }
}
