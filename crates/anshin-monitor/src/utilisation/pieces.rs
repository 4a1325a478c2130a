//! Older time in pieces of five minutes: where a machine changes often, its stretches reach back for hours, and
//! these for days.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Stretch, Times};
use crate::reading::State;
use crate::time::Time;

/// Seconds of a piece.
const LONG: i64 = 300;

/// Most pieces that are kept: two weeks.
const MOST: usize = 14 * 24 * 12;

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

/// What stretches that are forgotten have told, by the numbers of pieces since 1970.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, Seconds)>", into = "Vec<(i64, Seconds)>")]
pub(super) struct Pieces(BTreeMap<i64, Seconds>);

impl From<Vec<(i64, Seconds)>> for Pieces {
    fn from(kept: Vec<(i64, Seconds)>) -> Self {
        Self(kept.into_iter().collect())
    }
}

impl From<Pieces> for Vec<(i64, Seconds)> {
    fn from(Pieces(pieces): Pieces) -> Self {
        let short = |seconds: Seconds| seconds.map(|one| (one * 100.0).round() / 100.0);
        pieces.into_iter().map(|(n, seconds)| (n, short(seconds))).collect()
    }
}

impl Pieces {
    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
                self.0.entry(n).or_default()[which] += seconds;
                at = end;
            }
            while self.0.len() > MOST {
                self.0.pop_first();
            }
        }
    }

    /// All of them in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Piece> {
        self.0.iter().map(|(n, seconds)| {
            let [producing, idle, off, no_data] = seconds.map(f64::from);
            let times = Times { producing, idle, off, no_data };
            Piece { from: begin(*n), to: begin(*n + 1), times }
        })
    }
}

/// When a piece begins.
fn begin(n: i64) -> Time {
    Time::from_nanos(n.saturating_mul(LONG * 1_000_000_000))
}
