//! How long a light that flashes is lit or dark in turn, and how long it is where it does not flash, as a recording
//! shows both.

use crate::recent::median;
use crate::time::Time;

/// A light that is lit and dark so often in a row, each time only for short, flashes.
const FEWEST_HALVES: usize = 6;

/// Half of a flash is short: so many seconds, or so many times as long as samples lie apart, which may meet it but now
/// and then.
const LONGEST_HALF: f64 = 3.0;
const MOST_STEPS: f64 = 3.0;

/// What lasts so many times as long as the halves beside it is none.
const FAR: f64 = 4.0;

/// Between the longest half of a flash and what is proposed lies so much of it, where there is room.
const ROOM: f64 = 1.5;

/// What the lights of a lamp show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flash {
    /// Seconds of the longest half of a flash, lit or dark.
    pub(super) longest: f64,
    /// Seconds of the shortest time for which a light was lit or dark and did not flash.
    pub(super) shortest: Option<f64>,
}

impl Flash {
    /// The seconds after which a light counts as lit, or dark, for good.
    pub(super) fn hold(&self) -> f64 {
        let wanted = ROOM * self.longest;
        let hold = match self.shortest {
            Some(shortest) if shortest > self.longest => wanted.min(f64::midpoint(self.longest, shortest)),
            _ => wanted,
        };
        (hold * 10.0).ceil() / 10.0
    }

    /// Whether some stop is as short as a flash.
    pub(super) fn is_like_a_stop(&self) -> bool {
        self.shortest.is_some_and(|shortest| shortest <= self.longest)
    }
}

/// What some lights show, each by when it was lit; `None` where none flashes.
pub(super) fn of(lights: &[Vec<(Time, bool)>]) -> Option<Flash> {
    let (mut longest, mut shortest): (Option<f64>, Option<f64>) = (None, None);
    for light in lights {
        let spells = spells(light);
        let bound = LONGEST_HALF.max(MOST_STEPS * step(light));
        let chunks: Vec<&[f64]> =
            spells.chunk_by(|one, other| (*one <= bound) == (*other <= bound)).collect();
        for (n, same) in chunks.iter().enumerate() {
            let is_short = same[0] <= bound;
            let flashes = is_short && same.len() >= FEWEST_HALVES;
            // Of the first and the last flashes a part was not seen.
            if is_short && !flashes && (n == 0 || n + 1 == chunks.len()) {
                continue;
            }
            let usual = median(same.iter().copied()).filter(|_| flashes).unwrap_or(0.0);
            for spell in same.iter().copied() {
                if spell <= FAR * usual {
                    longest = Some(longest.map_or(spell, |longest| longest.max(spell)));
                } else {
                    shortest = Some(shortest.map_or(spell, |shortest| shortest.min(spell)));
                }
            }
        }
    }
    longest.map(|longest| Flash { longest, shortest })
}

/// Seconds for which a light was lit or dark in turn, without the first and the last time, of which a part was not
/// seen.
fn spells(light: &[(Time, bool)]) -> Vec<f64> {
    let turns = light.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1].0);
    let turns: Vec<Time> = turns.collect();
    turns.windows(2).map(|pair| pair[1].since(pair[0])).collect()
}

/// Seconds that usually lie between samples, where these come without a change as well.
fn step(light: &[(Time, bool)]) -> f64 {
    let same = light.windows(2).filter(|pair| pair[0].1 == pair[1].1);
    median(same.map(|pair| pair[1].0.since(pair[0].0))).unwrap_or(0.0)
}
