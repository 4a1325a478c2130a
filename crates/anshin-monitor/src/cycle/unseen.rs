//! What nobody saw: silences within a cycle, and rests that may lie between two samples.

use super::{Bounds, Cutter, Doubt, Draft, UnseenRest};
use crate::meter::Meter;
use crate::pace::{Place, Silence};
use crate::reading::What;
use crate::time::Time;

/// A silence that is no longer than this part of a cycle changes nothing that is judged, if it hides no rest.
const SLIGHT: f64 = 0.05;

/// The same where the machine tells its edges as they happen: one may be lost in any silence.
const SLIGHT_IF_TOLD: f64 = 0.01;

/// So many of the last rests are looked at.
pub(super) const RESTS: usize = 8;

/// A rest of less than so many pauses between samples may go unseen: the next one need not come on time, nor be as
/// long as the one that was seen.
const UNSEEN: f64 = 1.1;

impl Cutter {
    /// Whether nobody knows how long the running cycle has run: it may have ended unseen, or a clock was set.
    /// One that began unseen has run longer than it seems.
    pub fn is_unsure(&self, now: Time) -> bool {
        let is_doubtful = |doubt| !matches!(doubt, Doubt::MissingStart | Doubt::Interrupted);
        let (silence, most) = (self.silences.until(now), self.slight());
        let is_unsure = |draft: &Draft| {
            let lasted = now.since(draft.start);
            draft.is_unseen(most, lasted)
                || silence > most * lasted
                || draft.doubts.iter().any(is_doubtful)
                || self.unseen_rest(draft).is_some()
        };
        self.open.as_ref().is_some_and(is_unsure)
    }

    /// Where in a cycle or in a rest a moment is; `None` before the first cycle.
    pub(super) fn place(&self, now: Time) -> Option<Place> {
        let running = self.running_since();
        let ended = self.open.as_ref().and_then(|draft| draft.end).map(|(end, _)| end).or(self.rests_since);
        let place = |since: Time| Place { runs: running.is_some(), seconds: now.since(since) };
        running.or(ended).map(place)
    }

    /// What the machine did in a silence is not known: what ran may have ended and begun again, and so may what
    /// has ended since the last sample of the meter.
    pub(super) fn miss(&mut self, silence: Silence, meter: Option<&Meter>) {
        let is_open = |draft: &&mut Draft| match (draft.end, meter) {
            (Some((_, Some(ticket))), Some(meter)) => meter.answer(ticket).is_none(),
            _ => false,
        };
        let ended = self.ended.iter_mut().filter(is_open);
        ended.chain(&mut self.open).for_each(|draft| draft.miss(silence));
        // A rest of which no more is seen than a pause is taken for one.
        let shortest = self.rests.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let hides_rest = self.rule.bounds != Bounds::Number
            && !self.is_told()
            && silence.seconds + self.rule.pause.min(shortest) >= shortest;
        if let Some(draft) = &mut self.open {
            draft.hides_rest |= hides_rest;
        }
    }

    /// Whether the machine tells its edges as they happen.
    pub(super) fn is_told(&self) -> bool {
        match self.rule.bounds {
            Bounds::Events | Bounds::None => true,
            Bounds::Running => !self.pace.repeats(),
            Bounds::Number | Bounds::Gate { .. } => false,
        }
    }

    /// The part of a cycle for which nobody needs to have seen it at once.
    pub(super) fn slight(&self) -> f64 {
        if self.is_told() { SLIGHT_IF_TOLD } else { SLIGHT }
    }

    /// Notes how often the machine is asked how it stands, and how often its meter says something; and whether it
    /// has been silent before for longer than it usually is.
    pub(super) fn hear(&mut self, time: Time, what: &What) -> Option<Silence> {
        if matches!(what, What::Power(_) | What::Counter(_)) {
            return self.silences.hear(time);
        }
        let again = match (self.rule.bounds, what) {
            (Bounds::Number, What::Number(number)) => *number == self.number,
            (Bounds::Running, What::Running(Some(runs))) => *runs == (self.runs() && !self.stands),
            _ => return None,
        };
        let silence = self.pace.hear(time, again);
        self.unseen = self.pace.unseen();
        silence
    }

    /// A sample found a cycle running so many seconds after the one before.
    pub(super) fn looked(&mut self, pause: f64) {
        if let Some(draft) = self.open.as_mut().filter(|draft| draft.end.is_none()) {
            draft.pause = draft.pause.max(pause);
        }
    }

    /// A rest that may lie in a cycle, and that nobody saw: as short as some that were seen, and no longer than its
    /// longest pause between two samples. A pause that belongs to a cycle hides as much again.
    pub(super) fn unseen_rest(&self, draft: &Draft) -> Option<UnseenRest> {
        if draft.pause <= 0.0 || self.silences.is_by_nature() {
            return None;
        }
        let mut rests: Vec<f64> = self.rests.iter().copied().collect();
        rests.sort_by(f64::total_cmp);
        let seconds = rests.get(usize::from(rests.len() > RESTS / 2)).copied();
        let hides = UNSEEN * draft.pause + self.rule.pause;
        seconds.is_none_or(|seconds| seconds < hides).then_some(UnseenRest { seconds, pause: draft.pause })
    }
}
