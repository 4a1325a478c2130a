//! What outlives a restart of the monitor, and what is known before the first reading.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Cutter, fill};
use crate::meter::Meter;
use crate::repeats::Told;
use crate::time::Time;

impl Cutter {
    /// Watching begins at any moment: a cycle that seems to begin with the first reading may have run
    /// before.
    pub fn join(&mut self) {
        self.joins = true;
    }

    /// Parts of the key that nobody has told since watching began.
    pub(crate) fn fill_key(&mut self, known: &[Arc<str>]) {
        fill(&mut self.key, known);
        for draft in self.open.iter_mut().chain(&mut self.ended) {
            for (held, known) in draft.key.parts.iter_mut().zip(known) {
                for (value, _) in held.iter_mut().filter(|(value, _)| value.is_empty()) {
                    *value = known.clone();
                }
            }
        }
    }

    /// Seconds of the last rests that were seen.
    pub(crate) fn rests(&self) -> &VecDeque<f64> {
        &self.rests
    }

    /// Rests that were seen before watching began again count until others are seen.
    pub(crate) fn fill_rests(&mut self, known: VecDeque<f64>) {
        if self.rests.is_empty() {
            self.rests = known;
        }
    }

    /// What the meter told last, and since when.
    pub(crate) fn same(&self) -> Told {
        self.told
    }

    /// What it told somebody else before it is heard here.
    pub(crate) fn fill_same(&mut self, told: Told) {
        self.told = self.told.or(told);
    }

    /// What the machine has said last of whether its program is held.
    pub(crate) fn hold_told(&self) -> Option<bool> {
        self.hold
    }

    /// Nobody knows any more whether its program is held.
    pub(crate) fn forget_hold(&mut self) {
        (self.hold, self.stands) = (None, false);
    }

    /// Whether its program is held has been told to somebody else.
    pub(crate) fn fill_hold(&mut self, told: Option<bool>, now: Time, meter: &mut Option<Meter>) {
        if self.hold.is_none() && told == Some(true) {
            self.hold(now, true, meter);
        }
    }
}
