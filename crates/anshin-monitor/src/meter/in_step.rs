//! Power that switches in step with its sampling.
//!
//! A heater that is switched on every ten seconds and sampled once a second is seen too long by the same part of a
//! second each time. Such errors do not make up for each other: that of the sum is as many times as large as they
//! are, and not the root of that.
//!
//! It shows in what is seen: jumps come again after the same number of samples. Folded by that number they fall upon
//! each other, and the square of their sums is as many times the sum of their squares as there are of them; of jumps
//! that come at any time it is about the same. Where switching is slightly slower or faster than so many samples, one
//! more or one fewer is seen every now and then, and what was seen too long before is seen too short after that: of
//! errors that turn after a part of a cycle, what is left is twice that part less than all of them. For the squares
//! of two stretches of like errors that is the same as twice what they are of the square of all, less one.

use std::collections::VecDeque;

/// So many jumps are held, of those that came last.
const MOST: usize = 128;

/// Of so many samples at most, the last ones, it is looked at when they came.
const LONGEST: u64 = 20_000;

/// Jumps that come by chance are folded upon each other now and then: so many standard deviations of that are no
/// sign of anything.
const BY_CHANCE: f64 = 4.0;

/// The large jumps of a rate since some moment, each with the number of its sample.
#[derive(Debug, Default)]
pub(super) struct Jumps {
    held: VecDeque<(u64, f64)>,
    /// The sum of the squares of all that were seen, and how many.
    squares: f64,
    count: u64,
    /// The number of the last one that is no longer held.
    dropped: u64,
}

impl Jumps {
    /// Sees by how much a sample is off the line through its neighbours. What is less than usual shows nothing.
    pub(super) fn see(&mut self, number: u64, off: f64) {
        let square = off.powi(2);
        (self.squares, self.count) = (self.squares + square, self.count + 1);
        if square <= 0.0 || square * count(self.count) < self.squares {
            return;
        }
        if self.held.len() == MOST {
            self.dropped = self.held.pop_front().map_or(0, |(number, _)| number);
        }
        self.held.push_back((number, off));
    }

    /// Nobody asks for what was before.
    pub(super) fn forget(&mut self) {
        self.held.clear();
        (self.squares, self.count, self.dropped) = (0.0, 0, 0);
    }

    /// How many times as large the variance of a sum over some samples is as it would be if each of its jumps came at
    /// a time of its own; nothing where they do.
    pub(super) fn times(&self, from: u64, to: u64) -> f64 {
        let since = from.max(to.saturating_sub(LONGEST));
        let jumps: Vec<(u64, f64)> =
            self.held.iter().copied().filter(|(number, _)| (since + 1..=to).contains(number)).collect();
        let (Some((first, _)), Some((last, _))) = (jumps.first(), jumps.last()) else { return 0.0 };
        let squares: f64 = jumps.iter().map(|(_, off)| off.powi(2)).sum();
        let Ok(span) = usize::try_from(last - first) else { return 0.0 };
        let mut by_lag = vec![0.0; span + 1];
        for (n, (number, off)) in jumps.iter().enumerate() {
            for (other, other_off) in &jumps[..n] {
                by_lag[usize::try_from(number - other).unwrap_or(span)] += off * other_off;
            }
        }
        // What is no longer looked at has gone on in the same way.
        let is_part = self.dropped > from || since > from;
        let whole = if is_part { count(to - from) } else { count(last - first) };
        let folded = |lag: usize| {
            let like: f64 = by_lag.iter().skip(lag).step_by(lag).sum();
            let seen = 1.0 + 2.0 * like / squares;
            if seen < 1.0 + BY_CHANCE * (2.0 / count(lag as u64)).sqrt() {
                return 0.0;
            }
            let of_all = |samples: f64| samples / count(lag as u64) + 1.0;
            (2.0 * seen / of_all(count(last - first)) - 1.0) * of_all(whole)
        };
        (2..=span / 3).map(folded).filter(|times| *times > 1.0).fold(0.0, f64::max)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of samples is far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}
