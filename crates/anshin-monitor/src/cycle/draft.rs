//! A cycle that runs, or that has ended and waits for the meter.

use std::sync::Arc;

use super::Doubts;
use crate::hold::Holds;
use crate::meter::{Meter, Ticket};
use crate::pace::Silence;
use crate::repeats::Repeats;
use crate::time::Time;

/// A cycle that runs, or whose last sample has not come yet.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) start: Time,
    pub(super) begin: Option<Ticket>,
    /// Seconds by which the edges may lie earlier than they were seen.
    pub(super) unseen: [f64; 2],
    /// Where it may have ended; a pause may still turn out to belong to it.
    pub(super) end: Option<(Time, Option<Ticket>)>,
    /// Where power fell below its threshold by the line between two samples: a pause is counted from there.
    pub(super) fell: Option<Time>,
    pub(super) holds: Holds,
    /// When the machine stood still.
    pub(super) still: Holds,
    pub(super) doubts: Doubts,
    /// For so many seconds at most nobody saw what the machine did, while it ran or when an edge was found.
    pub(super) silence: f64,
    /// The sum of the squares of the seconds of all such silences.
    pub(super) squares: f64,
    /// What was not seen may have been the rest between two cycles.
    pub(super) hides_rest: bool,
    /// Seconds of the longest pause between two samples of which both found it running.
    pub(super) pause: f64,
    pub(super) repeats: Repeats,
    pub(super) key: KeyHeld,
}

impl Draft {
    /// One that begins at a moment.
    pub(super) fn at(start: Time) -> Self {
        Self {
            start,
            begin: None,
            unseen: [0.0; 2],
            end: None,
            fell: None,
            holds: Holds::default(),
            still: Holds::default(),
            doubts: Doubts::default(),
            silence: 0.0,
            squares: 0.0,
            hides_rest: false,
            pause: 0.0,
            repeats: Repeats::default(),
            key: KeyHeld::default(),
        }
    }

    /// Since when it pauses, where it may have ended.
    pub(super) fn pauses_since(&self) -> Option<Time> {
        self.end.map(|(end, _)| self.fell.unwrap_or(end))
    }

    /// Whether so much of it was not seen at once that nobody knows whether it is one cycle.
    pub(super) fn is_unseen(&self, most: f64, lasted: f64) -> bool {
        self.hides_rest || self.silence > most * lasted
    }

    pub(super) fn miss(&mut self, silence: Silence) {
        if silence.is_far {
            self.squares += silence.seconds.powi(2);
            self.silence = self.silence.max(silence.seconds);
        }
    }

    /// What was heard may have happened up to so many seconds before: one stretch, however much comes of it.
    pub(super) fn late(&mut self, seconds: f64) {
        self.silence = self.silence.max(seconds);
        self.squares = self.squares.max(seconds.powi(2));
    }

    /// Nobody asks any more what the meter says of it.
    pub(super) fn forget(&self, meter: &mut Option<Meter>) {
        let Some(meter) = meter else { return };
        let tickets = [self.begin, self.end.and_then(|(_, ticket)| ticket)];
        let tickets = tickets.into_iter().flatten().chain(self.holds.tickets()).chain(self.still.tickets());
        tickets.for_each(|ticket| meter.forget(ticket));
    }
}

/// How long each value of each part of the key has been held during a cycle.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyHeld {
    pub(super) parts: Vec<Vec<(Arc<str>, f64)>>,
    pub(super) since: Option<Time>,
}

impl KeyHeld {
    pub(super) fn hold(&mut self, now: &[Arc<str>], until: Time) {
        let Some(since) = self.since.replace(until) else { return };
        let seconds = until.since(since).max(0.0);
        self.parts.resize(now.len(), Vec::new());
        for (held, value) in self.parts.iter_mut().zip(now) {
            match held.iter_mut().find(|(known, _)| known == value) {
                Some((_, total)) => *total += seconds,
                None => held.push((value.clone(), seconds)),
            }
        }
    }

    /// Of each part the value that was held longest, the earlier one of equals.
    pub(super) fn longest(&self, now: &[Arc<str>]) -> Vec<Arc<str>> {
        if self.parts.len() != now.len() {
            return now.to_vec();
        }
        self.parts
            .iter()
            .map(|held| {
                let best = held.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
                best.map_or_else(|| Arc::from(""), |(value, _)| value.clone())
            })
            .collect()
    }
}

/// Fills in parts of a key that nobody has told.
pub(crate) fn fill(key: &mut [Arc<str>], known: &[Arc<str>]) {
    for (part, known) in key.iter_mut().zip(known).filter(|(part, _)| part.is_empty()) {
        *part = known.clone();
    }
}
