//! From a draft that has ended to a cycle.

use super::{Bounds, Cutter, Cycle, Doubt, Draft};
use crate::meter::{Mark, Meter, Ticket};
use crate::still::Still;
use crate::time::Time;

/// Most cycles that wait for the next sample of the meter.
const MOST_ENDED: usize = 1_000;

impl Cutter {
    /// A cycle that has ended and whose quantity is known.
    ///
    /// `patience` is how many seconds after its end a cycle waits for the next sample of the meter.
    pub fn next(&mut self, now: Time, patience: f64, meter: &mut Option<Meter>) -> Option<Cycle> {
        let too_many = self.ended.len() > MOST_ENDED;
        // A sample tells of all that ended before it, so that they are known in the order of their ends.
        let is_known = |draft: &Draft| match (draft.end, meter.as_ref()) {
            (Some((end, Some(ticket))), Some(meter)) => {
                meter.answer(ticket).is_some() || now.since(end) > patience
            }
            _ => true,
        };
        let mut draft = self.ended.pop_front_if(|draft| is_known(draft) || too_many)?;
        if too_many && !is_known(&draft) {
            draft.doubts.add(Doubt::Overload);
        }
        let cycle = self.make(&draft, meter.as_ref());
        draft.forget(meter);
        self.count += 1;
        Some(Cycle { number: self.count, ..cycle })
    }

    pub(super) fn make(&self, draft: &Draft, meter: Option<&Meter>) -> Cycle {
        let (end, ticket) = draft.end.unwrap_or((draft.start, None));
        let (duration, held) = (end.since(draft.start), draft.holds.seconds());
        let worked = duration - held;
        let mut doubts = draft.doubts;
        if worked > self.rule.longest {
            doubts.add(Doubt::TooLong);
        }
        if draft.is_unseen(self.slight(), duration) {
            doubts.add(Doubt::Gap);
        }
        // Anywhere in a stretch of time: a twelfth of its square. Where the machine is asked, both edges are found late
        // by half of theirs, which makes nothing wrong as far as both stretches are as long. Edges of power lie where
        // samples put them; what is added for them all the same is on the safe side.
        let [first, last] = draft.unseen;
        let variance =
            (first.powi(2) + last.powi(2) + draft.holds.unseen()) / 12.0 + ((last - first) / 2.0).powi(2);
        let duration_uncertainty = variance.sqrt();
        let mark = |ticket: Option<Ticket>| -> Option<Mark> { meter?.guess(ticket?) };
        let (mut quantity, mut uncertainty, mut held_quantity) = (None, 0.0, 0.0);
        if let (Some(first), Some(last)) = (mark(draft.begin), mark(ticket)) {
            let during = draft.holds.taken(|ticket| mark(Some(ticket)));
            if last.gaps > first.gaps {
                doubts.add(Doubt::Gap);
            }
            if last.resets > first.resets {
                doubts.add(Doubt::CounterReset);
            }
            let samples = (last.samples - first.samples).saturating_sub(during.samples);
            if samples < self.rule.fewest_samples || draft.holds.are_too_many() {
                doubts.add(Doubt::Sparse);
            }
            quantity = Some(last.total - first.total);
            held_quantity = during.quantity;
            let taken = last.total - first.total - held_quantity;
            // At a power gate the marks themselves lie between samples, and say how wrong they are.
            let of_edges = match self.rule.bounds {
                Bounds::Number | Bounds::Running if worked > 0.0 => duration_uncertainty * taken / worked,
                _ => 0.0,
            };
            // In a silence it may have taken nothing, or twice as much.
            let of_silences =
                if duration > 0.0 { (draft.squares / 3.0).sqrt() * taken / duration } else { 0.0 };
            let squares =
                [first.uncertainty, last.uncertainty, of_edges, of_silences, self.rule.accuracy * taken];
            let squares: f64 = squares.iter().map(|part| part.powi(2)).sum();
            let unseen = meter.map_or(0.0, |meter| meter.unseen(&first, &last));
            uncertainty = (squares + during.squares + unseen).sqrt();
        } else if meter.is_some() {
            doubts.add(Doubt::Gap);
        }
        Cycle {
            number: 0,
            start: draft.start,
            end,
            key: draft.key.longest(&self.key),
            duration,
            held,
            is_cut: draft.holds.is_cut(),
            stood_still: false,
            duration_uncertainty,
            quantity,
            held_quantity,
            uncertainty,
            doubts,
            unseen_rest: self.unseen_rest(draft),
            repeats: draft.repeats,
            still: self.is_still.is_some().then(|| Still {
                longest: draft.still.longest(),
                seconds: draft.still.seconds(),
                quantity: draft.still.taken(|ticket| mark(Some(ticket))).quantity,
            }),
        }
    }
}
