//! How long a machine stands still within a cycle that is told by a number, as its states tell.
//!
//! Such a cycle lasts from one part to the next, whatever lies between them: a break belongs to it, and so does the
//! time in which the machine is loaded. What is usual is learnt for each job; a stretch that lasts far longer is no
//! work that has become slow.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::recent::{median, remember};

/// How long a machine stood still in a cycle.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Still {
    /// Seconds of the longest stretch.
    pub longest: f64,
    /// Seconds of all of them.
    pub seconds: f64,
    /// What the machine took meanwhile.
    pub quantity: f64,
}

/// So many of the last healthy cycles are looked at, and fewer than this tell nothing.
pub(crate) const CYCLES: usize = 8;
const LEAST: usize = 3;

/// A stretch is long where it lasts so many times as long as is usual ...
const FAR: f64 = 2.0;

/// ... and is longer than that by this part of what the cycle lasts without it.
const MUCH: f64 = 0.1;

/// How long a machine stands still in healthy cycles of a job, at the longest.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct UsualStill(VecDeque<f64>);

impl UsualStill {
    /// A healthy cycle has ended.
    pub(crate) fn learn(&mut self, still: Still) {
        remember(&mut self.0, still.longest, CYCLES);
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a stretch is far longer than usual, of a cycle that lasts so many seconds with it.
    pub(crate) fn is_long(&self, stretch: f64, lasts: f64) -> bool {
        let usual = median(self.0.iter().copied()).filter(|_| self.0.len() >= LEAST);
        usual.is_some_and(|usual| stretch > FAR * usual && stretch - usual > MUCH * (lasts - stretch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_long_that_lasts_far_longer_than_usual() {
        let mut usual = UsualStill::default();
        let learn = |usual: &mut UsualStill, longest| usual.learn(Still { longest, ..Still::default() });
        for _ in 0..2 {
            learn(&mut usual, 12.0);
        }
        assert!(!usual.is_long(600.0, 640.0), "two cycles may be accidents");
        learn(&mut usual, 200.0);
        for (stretch, expected) in [(12.0, false), (20.0, false), (30.0, true), (600.0, true)] {
            assert_eq!(usual.is_long(stretch, 40.0 + stretch), expected, "{stretch}");
        }
        // Where it never stands still, a moment is none.
        for _ in 0..CYCLES {
            learn(&mut usual, 0.0);
        }
        for (stretch, expected) in [(3.0, false), (5.0, true)] {
            assert_eq!(usual.is_long(stretch, 40.0 + stretch), expected, "{stretch}");
        }
    }
}
