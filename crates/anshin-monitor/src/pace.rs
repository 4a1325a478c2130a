//! How often a machine is asked how it stands: a change that is seen in one answer has happened
//! anywhere since the answer before.
//!
//! A machine that tells its changes by itself tells them as they happen. Both kinds look alike in a
//! stream of readings, but for this: one that is asked repeats itself, at an even pace. One that tells
//! changes and says now and then that it is still there repeats itself as well, but its changes come at
//! any moment in between; so the shortest of the last pauses counts, unless changes come as long after the
//! answer before as other answers do. Then it is asked, and an edge may be as old as the pause before it.

use std::collections::VecDeque;

use crate::recent::{median, remember};
use crate::time::Time;

/// So many of the last pauses are looked at; an edge or two of the last cycles are among them.
const PAUSES: usize = 64;

/// The least pauses that tell a pace.
const LEAST: usize = 4;

/// So many of the last pauses before a change are looked at.
const CHANGES: usize = 16;

/// A machine is asked where the pauses before changes are between these parts of those before repetitions: about
/// as long, or longer where answers are missing, for longer pauses hold more changes. One that tells its changes
/// and says now and then that it is still there has shorter ones, or much longer ones.
const ASKED: std::ops::RangeInclusive<f64> = 0.75..=3.0;

/// Three of four pauses before repetitions lie between these parts of their median, where a machine is asked.
const EVEN: std::ops::RangeInclusive<f64> = 0.4..=2.1;

/// When a machine has said how it stands.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Time>,
    /// Pauses between the last sayings, in seconds, and whether the later one repeats the earlier one.
    pauses: VecDeque<(f64, bool)>,
    /// Pauses before changes.
    changes: VecDeque<f64>,
}

impl Pace {
    /// The machine says how it stands; `again` if that is what it has said last.
    pub(crate) fn hear(&mut self, time: Time, again: bool) {
        if let Some(last) = self.last.replace(time) {
            remember(&mut self.pauses, (time.since(last), again), PAUSES);
            if !again {
                remember(&mut self.changes, time.since(last), CHANGES);
            }
        }
    }

    /// By how many seconds a change may be older than it was seen; 0 if changes are told as they happen.
    pub(crate) fn unseen(&self) -> f64 {
        let repeats = self.pauses.iter().filter(|(_, again)| *again).count();
        if self.pauses.len() < LEAST || 2 * repeats < self.pauses.len() {
            return 0.0;
        }
        let between: VecDeque<f64> =
            self.pauses.iter().filter(|(_, again)| *again).map(|(pause, _)| *pause).collect();
        let before = median(self.changes.iter().copied()).filter(|_| self.changes.len() >= LEAST);
        let is_asked = before.zip(median(between.iter().copied())).is_some_and(|(before, usual)| {
            let even = between.iter().filter(|pause| EVEN.contains(&(*pause / usual))).count();
            ASKED.contains(&(before / usual)) && 4 * even >= 3 * between.len()
        });
        let own = self.pauses.back().map_or(0.0, |(pause, _)| *pause);
        let shortest = self.pauses.iter().map(|(pause, _)| *pause).fold(f64::INFINITY, f64::min);
        if is_asked { own.max(0.0) } else { shortest.max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pace of sayings at some seconds, of which some repeat what was said before.
    fn pace(sayings: &[(f64, bool)]) -> f64 {
        let mut pace = Pace::default();
        for (second, again) in sayings {
            pace.hear(Time::from_seconds(*second), *again);
        }
        pace.unseen()
    }

    #[test]
    fn one_that_is_asked_is_told_from_one_that_tells() {
        let asked: Vec<(f64, bool)> = (0..30).map(|n| (2.0 * f64::from(n), n % 10 != 0)).collect();
        assert!((pace(&asked) - 2.0).abs() < 1e-9);
        assert!(pace(&asked[..4]) < 1e-9, "too few to tell");
        let tells: Vec<(f64, bool)> = (0..30).map(|n| (12.0 * f64::from(n), false)).collect();
        assert!(pace(&tells) < 1e-9);
        // Changes at 25 s and 47.3 s, and a sign of life every 10 s.
        let alive = [0.0, 10.0, 20.0, 25.0, 30.0, 40.0, 47.3, 50.0];
        let alive = alive.map(|second: f64| (second, second.fract() == 0.0 && second % 10.0 == 0.0));
        assert!((pace(&alive) - 2.7).abs() < 1e-9, "no more than the closest of them");
    }
}
