//! Older time in pieces of five minutes: where a machine changes often, its stretches reach back for hours, and
//! these for days.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Stretch, Times};
use crate::reading::State;
use crate::time::Time;

/// Seconds of a piece.
const LONG: i64 = 300;

/// Most pieces that are kept: two weeks.
const MOST: u16 = 14 * 24 * 12;

/// What a machine did in five minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Its beginning.
    pub from: Time,
    /// Its end.
    pub to: Time,
    /// The seconds of each state in it.
    pub times: Times,
}

/// Seconds of each state in the order of [`Times`], as fine as a picture needs.
type Seconds = [f32; 4];

/// What stretches that are forgotten have told, piece after piece; those of which nothing was told are empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, Seconds)>", into = "Vec<(i64, Seconds)>")]
pub(super) struct Pieces {
    /// The number of the first one since 1970.
    first: i64,
    seconds: VecDeque<Seconds>,
}

impl From<Vec<(i64, Seconds)>> for Pieces {
    fn from(kept: Vec<(i64, Seconds)>) -> Self {
        let mut pieces = Self::default();
        for (n, seconds) in kept {
            if let Some(piece) = pieces.at(n) {
                *piece = seconds;
            }
        }
        pieces
    }
}

impl From<Pieces> for Vec<(i64, Seconds)> {
    fn from(pieces: Pieces) -> Self {
        let short = |seconds: Seconds| seconds.map(|one| (one * 100.0).round() / 100.0);
        pieces.numbered().map(|(n, seconds)| (n, short(seconds))).collect()
    }
}

impl Pieces {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.seconds.is_empty()
    }

    /// Adds stretches that are forgotten; the oldest pieces go where there are too many.
    pub(super) fn add(&mut self, forgotten: impl IntoIterator<Item = Stretch>) {
        for Stretch { state, from, to } in forgotten {
            let which = match state {
                Some(State::Producing) => 0,
                Some(State::Idle) => 1,
                Some(State::Off) => 2,
                None => 3,
            };
            let mut at = from;
            while at < to {
                let n = at.nanos().div_euclid(LONG * 1_000_000_000);
                let end = begin(n + 1).min(to);
                #[expect(clippy::cast_possible_truncation, reason = "at most the seconds of a piece")]
                let seconds = end.since(at) as f32;
                if let Some(piece) = self.at(n) {
                    piece[which] += seconds;
                }
                at = end;
            }
        }
    }

    /// The piece of a number. One that is far from the others begins anew; where there are too many, those at the
    /// other end go.
    fn at(&mut self, n: i64) -> Option<&mut Seconds> {
        let near = i64::from(MOST);
        let is_near = |first: i64| (first.saturating_sub(near)..first.saturating_add(2 * near)).contains(&n);
        if self.is_empty() || !is_near(self.first) {
            (self.first, self.seconds) = (n, VecDeque::new());
        }
        while n < self.first {
            self.seconds.push_front(Seconds::default());
            self.seconds.truncate(usize::from(MOST));
            self.first -= 1;
        }
        let mut place = usize::try_from(n - self.first).ok()?;
        while place >= self.seconds.len() {
            self.seconds.push_back(Seconds::default());
            if self.seconds.len() > usize::from(MOST) {
                self.seconds.pop_front();
                self.first += 1;
                place -= 1;
            }
        }
        self.seconds.get_mut(place)
    }

    /// Those of which something was told, with their numbers.
    fn numbered(&self) -> impl Iterator<Item = (i64, Seconds)> {
        let number =
            |(n, seconds): (usize, &Seconds)| (self.first.saturating_add_unsigned(n as u64), *seconds);
        let all = self.seconds.iter().enumerate().map(number);
        all.filter(|(_, seconds)| seconds.iter().any(|one| *one > 0.0))
    }

    /// All of them in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Piece> {
        self.numbered().map(|(n, seconds)| {
            let [producing, idle, off, no_data] = seconds.map(f64::from);
            let times = Times { producing, idle, off, no_data };
            Piece { from: begin(n), to: begin(n + 1), times }
        })
    }
}

/// When a piece begins.
fn begin(n: i64) -> Time {
    Time::from_nanos(n.saturating_mul(LONG * 1_000_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(n: i64) -> Stretch {
        Stretch { state: Some(State::Producing), from: begin(n), to: begin(n).plus(60.0) }
    }

    #[test]
    fn a_clock_that_jumps_leaves_the_pieces_that_are_near() {
        let numbers = |pieces: &Pieces| pieces.numbered().map(|(n, _)| n).collect::<Vec<_>>();
        let mut pieces = Pieces::default();
        pieces.add([100, 103, 101, 98].map(piece));
        assert_eq!(numbers(&pieces), [98, 100, 101, 103]);
        let kept: Vec<(i64, Seconds)> = pieces.clone().into();
        assert_eq!(Pieces::from(kept), pieces);
        // Two weeks hold so many.
        pieces.add([98 + 4_031, 98 + 4_033].map(piece));
        assert_eq!(numbers(&pieces), [100, 101, 103, 4_129, 4_131]);
        // Years ahead by mistake, and back.
        pieces.add([1_000_000].map(piece));
        assert_eq!(numbers(&pieces), [1_000_000]);
        pieces.add([5_000, 5_001].map(piece));
        assert_eq!(numbers(&pieces), [5_000, 5_001]);
        for n in [i64::MIN, i64::MAX, 5_002] {
            assert_eq!(Pieces::from(vec![(n, [1.0; 4])]).numbered().count(), 1, "{n}");
        }
    }
}
