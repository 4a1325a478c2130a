//! Where cycles begin and end.

mod doubt;
mod draft;
mod ended;
mod hand_over;
mod unseen;

use std::collections::VecDeque;
use std::sync::Arc;

pub use doubt::{Doubt, Doubts};
pub(crate) use draft::fill;
use draft::{Draft, KeyHeld};
use unseen::RESTS;

use crate::hold::Holds;
use crate::meter::Meter;
use crate::pace::{Pace, Silence, Silences};
use crate::reading::What;
use crate::recent::remember;
use crate::repeats::{Repeats, Rest, Told};
use crate::still::Still;
use crate::time::Time;

/// How the beginning and the end of a cycle are known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bounds {
    /// There are none: only how the machine stands is looked at.
    None,
    /// The machine tells both.
    Events,
    /// The machine tells the number of the running cycle.
    Number,
    /// The machine tells whether its program runs.
    Running,
    /// Power is above a threshold; below the second, lower one it has ended.
    Gate {
        /// The cycle begins at or above this power.
        on: f64,
        /// The cycle ends below this power.
        off: f64,
    },
}

/// What makes a cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// How its bounds are known.
    pub bounds: Bounds,
    /// A pause up to this many seconds belongs to the cycle.
    pub pause: f64,
    /// What is shorter, in seconds, is no cycle.
    pub shortest: f64,
    /// What is longer, in seconds, is not reliable.
    pub longest: f64,
    /// Fewer samples of the meter than this make the quantity not reliable.
    pub fewest_samples: u64,
    /// How wrong the meter is, as a part of the value.
    pub accuracy: f64,
}

/// One run of a machine through its work.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// Its number since the monitor began, from 1.
    pub number: u64,
    /// When it began.
    pub start: Time,
    /// When it ended.
    pub end: Time,
    /// What job it was: the parts of the key.
    pub key: Vec<Arc<str>>,
    /// How long it lasted, pauses counted, in seconds.
    pub duration: f64,
    /// For how many of these seconds its program was held.
    pub held: f64,
    /// It ended while its program was held, or the machine stood still in it for far longer than usual: how long it
    /// would have lasted is not known.
    pub is_cut: bool,
    /// It is so since the machine stood still, and nobody has said that its program was held.
    pub stood_still: bool,
    /// How wrong the duration is for one standard deviation, in seconds: where the machine is asked how it
    /// stands, or its power is sampled, each edge lies anywhere between two answers.
    pub duration_uncertainty: f64,
    /// What it took, in the unit of the meter; `None` without a meter.
    pub quantity: Option<f64>,
    /// What of it was taken while its program was held.
    pub held_quantity: f64,
    /// How wrong the quantity is for one standard deviation, in the same unit.
    pub uncertainty: f64,
    /// Why it is not reliable; empty if it is.
    pub doubts: Doubts,
    /// A rest that may lie in it, and that nobody saw.
    pub unseen_rest: Option<UnseenRest>,
    /// How often the meter repeated itself.
    pub repeats: Repeats,
    /// How long the machine stood still in it, by its states; `None` where nobody looks at that.
    pub still: Option<Still>,
}

/// A rest between two cycles that lies between two samples, so that they look like one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnseenRest {
    /// Seconds of the short ones of the last rests that were seen; `None` where none was seen yet.
    pub seconds: Option<f64>,
    /// Seconds between two samples.
    pub pause: f64,
}

impl Cycle {
    /// How long it lasted without the time for which its program was held, in seconds.
    pub fn worked(&self) -> f64 {
        self.duration - self.held
    }

    /// What it took without what was taken while its program was held.
    pub fn taken(&self) -> Option<f64> {
        self.quantity.map(|quantity| quantity - self.held_quantity)
    }
}

/// A program that is no longer held goes on within so many seconds, or does not.
const GOES_ON: f64 = 2.0;

/// Cuts the stream of readings of one machine into cycles.
#[derive(Debug)]
pub struct Cutter {
    rule: Rule,
    key: Vec<Arc<str>>,
    ignored: Vec<Vec<Arc<str>>>,
    open: Option<Draft>,
    /// Cycles that have ended and wait for the next sample of the meter, in the order of their ends.
    ended: VecDeque<Draft>,
    number: Option<i64>,
    count: u64,
    too_short: u64,
    /// Watching has begun at any moment, and a cycle may run already.
    joins: bool,
    /// The machine has said last that it does not know how it stands.
    is_lost: bool,
    /// What the machine has said last of whether its program is held.
    hold: Option<bool>,
    /// When it was held last.
    held_at: Option<Time>,
    /// The program runs no more since it is held: the cycle goes on.
    stands: bool,
    /// Whether the machine stands still, as its states tell; `None` where nobody looks at that.
    is_still: Option<bool>,
    /// How often the machine is asked how it stands.
    pace: Pace,
    /// When the meter is silent.
    silences: Silences,
    /// The last sample of power.
    power: Option<(Time, f64)>,
    /// What the meter told last, and what it tells between cycles.
    told: Told,
    rest: Rest,
    /// Nothing was heard for longer than usual before the reading that is being taken.
    silence: Option<Silence>,
    /// How many seconds lay between the last cycles, and when the last one ended.
    rests: VecDeque<f64>,
    rests_since: Option<Time>,
    /// Seconds by which the edge that is being taken may lie earlier than it was seen.
    unseen: f64,
}

impl Cutter {
    /// A cutter for jobs whose key has a part for each list of values to ignore.
    pub fn new(rule: Rule, ignored: Vec<Vec<Arc<str>>>) -> Self {
        Self {
            rule,
            key: ignored.iter().map(|_| Arc::from("")).collect(),
            ignored,
            open: None,
            ended: VecDeque::new(),
            number: None,
            count: 0,
            too_short: 0,
            joins: false,
            is_lost: false,
            hold: None,
            held_at: None,
            stands: false,
            is_still: None,
            pace: Pace::default(),
            silences: Silences::default(),
            power: None,
            told: Told::default(),
            rest: Rest::default(),
            silence: None,
            rests: VecDeque::new(),
            rests_since: None,
            unseen: 0.0,
        }
    }

    /// When the running cycle began.
    pub fn running_since(&self) -> Option<Time> {
        self.open.as_ref().filter(|draft| draft.end.is_none()).map(|draft| draft.start)
    }

    /// How often the meter has repeated itself in the running cycle.
    pub(crate) fn repeats(&self) -> Repeats {
        self.open.as_ref().map_or_else(Repeats::default, |draft| draft.repeats)
    }

    /// What it tells between cycles.
    pub(crate) fn rest(&self) -> Rest {
        self.rest
    }

    /// Since when power is the same.
    pub(crate) fn same_since(&self) -> Option<Time> {
        self.told.since()
    }

    /// When the earliest of the cycles began that run, or that have ended and wait for the meter.
    pub fn unfinished_since(&self) -> Option<Time> {
        self.open.iter().chain(&self.ended).map(|draft| draft.start).min()
    }

    /// The job as it stands now.
    pub fn key(&self) -> &[Arc<str>] {
        &self.key
    }

    /// Whether the machine has said last that it does not know how it stands.
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether the machine has said last that its program is held.
    pub fn is_held(&self) -> bool {
        self.hold == Some(true)
    }

    /// For how many seconds the running cycle lasts at a moment, without the holds that are over; no less than
    /// the longest of these.
    pub(crate) fn lasts(&self, now: Time) -> f64 {
        let lasts = |draft: &Draft| now.since(draft.start) - draft.holds.seconds();
        self.open.as_ref().map_or(0.0, |draft| lasts(draft).max(draft.holds.longest()))
    }

    /// Runs that were too short to be a cycle.
    pub fn too_short(&self) -> u64 {
        self.too_short
    }

    /// Puts a doubt on the running cycle and on those that wait for their last sample.
    pub fn doubt(&mut self, doubt: Doubt) {
        for draft in self.open.iter_mut().chain(&mut self.ended) {
            draft.doubts.add(doubt);
        }
    }

    /// What was heard last may have happened up to so many seconds before.
    pub fn late(&mut self, seconds: f64) {
        self.open.iter_mut().chain(&mut self.ended).for_each(|draft| draft.late(seconds));
    }

    /// Takes a reading, in the order of time, before the meter does.
    pub fn push(&mut self, time: Time, what: &What, meter: &mut Option<Meter>) {
        self.silence = self.hear(time, what);
        if let Some(silence) = self.silence {
            self.miss(silence, meter.as_ref());
        }
        if let What::Power(value) = what {
            let again = self.told.again(time, *value);
            match self.open.as_mut().filter(|draft| draft.end.is_none()) {
                Some(draft) => {
                    draft.repeats.see(*value, again);
                    self.rest.is_over();
                }
                None => self.rest.see(*value, again),
            }
        }
        if let Some(draft) = &self.open
            && draft.pauses_since().is_some_and(|since| time.since(since) > self.pause(draft))
        {
            self.close(meter);
        }
        match (self.rule.bounds, what) {
            (_, What::Key(part, value)) => self.set_key(time, usize::from(*part), value),
            (_, What::Hold(Some(on))) => self.hold(time, *on, meter),
            (_, What::Hold(None)) => {
                if let Some(draft) = self.open.as_mut().filter(|draft| draft.holds.is_on()) {
                    // For how long it was held is not known.
                    draft.doubts.add(Doubt::Gap);
                }
                self.hold(time, false, meter);
                self.hold = None;
            }
            (Bounds::Events, What::Start) => self.start(time, meter, true),
            (Bounds::Events, What::End) => self.end(time, meter),
            (Bounds::Running, What::Running(None)) | (Bounds::Number, What::Number(None)) => {
                self.lose(time, meter);
            }
            (Bounds::Running, What::Running(Some(true))) => {
                if let Some(pause) = self.pace.asked_after() {
                    self.looked(pause);
                }
                self.start(time, meter, false);
            }
            (Bounds::Running, What::Running(Some(false))) => {
                self.is_lost = false;
                self.joins = false;
                // A program that stops in the moment in which it is held is in its cycle still.
                self.stands |= self.runs() && self.is_held() && self.held_at == Some(time);
                if self.runs() && !(self.stands && self.is_held()) {
                    self.end(time, meter);
                }
            }
            (Bounds::Number, What::Number(number)) if self.number != *number => {
                self.number = *number;
                if self.open.is_some() {
                    self.end(time, meter);
                    self.close(meter);
                }
                self.start(time, meter, true);
            }
            // The cycle that ran when watching began again still runs: the next one is seen to begin.
            (Bounds::Number, What::Number(_)) => self.joins = false,
            (Bounds::Gate { on, off }, What::Power(power)) => self.gate(time, *power, on, off, meter),
            _ => {}
        }
        if let What::Power(power) = what {
            self.power = Some((time, *power));
        }
        if matches!(what, What::Power(_) | What::Counter(_)) {
            self.silences.is_at(self.place(time));
        }
        // What begins with something that was held back began earlier, nobody knows when.
        if let Some(seconds) = self.silences.held_back(time).or(self.pace.held_back(time)) {
            self.late(seconds);
        }
    }

    /// The program is held, or no longer is.
    fn hold(&mut self, time: Time, on: bool, meter: &mut Option<Meter>) {
        if on && !self.is_held() {
            self.held_at = Some(time);
        }
        self.hold = Some(on);
        let Some(draft) = self.open.as_mut().filter(|draft| draft.end.is_none()) else { return };
        if on {
            draft.doubts.add(Doubt::Interrupted);
            draft.holds.begin(time, self.unseen, meter);
        } else if draft.holds.is_on() {
            draft.holds.end(time, self.unseen, meter);
            // Where it stood, whether it goes on is told next.
            if self.stands {
                self.end(time, meter);
            }
        }
    }

    /// The machine stands still, or no longer does, as its states tell.
    pub(crate) fn stand_still(&mut self, time: Time, is_still: bool, meter: &mut Option<Meter>) {
        let has_turned = self.is_still.replace(is_still) != Some(is_still);
        let Some(draft) = self.open.as_mut().filter(|draft| has_turned && draft.end.is_none()) else {
            return;
        };
        if is_still {
            draft.still.begin(time, 0.0, meter);
        } else {
            draft.still.end(time, 0.0, meter);
        }
    }

    /// Seconds of the longest stretch for which the machine has stood still in the running cycle.
    pub(crate) fn still(&self, now: Time) -> f64 {
        self.open.as_ref().map_or(0.0, |draft| draft.still.longest_until(now))
    }

    /// How many seconds after it has ended a cycle may still go on.
    fn pause(&self, draft: &Draft) -> f64 {
        if self.stands && draft.holds.is_cut() { self.rule.pause.max(GOES_ON) } else { self.rule.pause }
    }

    /// Whether a cycle runs.
    fn runs(&self) -> bool {
        self.open.as_ref().is_some_and(|draft| draft.end.is_none())
    }

    /// The machine does not know how it stands: when the running cycle ends cannot be told, nor when the
    /// one began that runs when it knows again.
    fn lose(&mut self, time: Time, meter: &mut Option<Meter>) {
        (self.is_lost, self.joins, self.number) = (true, true, None);
        if let Some(draft) = &mut self.open {
            draft.doubts.add(Doubt::Gap);
            if draft.end.is_none() {
                self.end(time, meter);
            }
            self.close(meter);
        }
    }

    /// Power against the thresholds. The edge lies between the last sample and this one.
    fn gate(&mut self, time: Time, power: f64, on: f64, off: f64, meter: &mut Option<Meter>) {
        let runs = self.runs();
        let level = if runs { off } else { on };
        if (power >= level) == runs {
            // Between both thresholds a cycle may run that began unseen.
            self.joins &= power >= off;
            if let Some((before, _)) = self.power {
                self.looked(time.since(before));
            }
            return;
        }
        self.unseen = self.power.map_or(0.0, |(before, _)| time.since(before));
        let [crossing, edge] = match self.power {
            Some((before, old)) if (old >= level) == runs && (power - old).abs() > f64::EPSILON => {
                // Power that jumps past both thresholds may have done so anywhere between the samples, however high
                // it is by then.
                let is_jump = old.min(power) < off && old.max(power) >= on;
                let share = ((level - old) / (power - old)).clamp(0.0, 1.0);
                [share, if is_jump { 0.5 } else { share }]
                    .map(|share| before.plus(time.since(before) * share))
            }
            _ => [time; 2],
        };
        if runs {
            if let Some(draft) = &mut self.open {
                draft.fell = Some(crossing);
            }
            self.end(edge, meter);
        } else {
            self.start(edge, meter, false);
        }
    }

    fn set_key(&mut self, time: Time, part: usize, value: &Arc<str>) {
        let Some(ignored) = self.ignored.get(part) else { return };
        if ignored.contains(value) || self.key[part] == *value {
            return;
        }
        if let Some(draft) = &mut self.open {
            draft.key.hold(&self.key, time);
        }
        self.key[part] = value.clone();
    }

    fn start(&mut self, time: Time, meter: &mut Option<Meter>, told: bool) {
        self.is_lost = false;
        let mut doubts = Doubts::default();
        let pause = self.open.as_ref().map_or(0.0, |draft| self.pause(draft));
        let is_held = self.is_held();
        self.stands = false;
        if let Some(draft) = &mut self.open {
            let since = draft.pauses_since();
            match draft.end {
                // The pause was short: the cycle goes on.
                Some((_, ticket)) if since.is_some_and(|since| time.since(since) <= pause) => {
                    draft.end = None;
                    if matches!(self.rule.bounds, Bounds::Gate { .. }) {
                        // Both its edges may lie anywhere between two samples.
                        draft.pause = draft.pause.max(draft.unseen[1] + self.unseen);
                    }
                    draft.holds.cut(false);
                    if is_held {
                        draft.doubts.add(Doubt::Interrupted);
                        draft.holds.begin(time, 0.0, meter);
                    }
                    if let (Some(meter), Some(ticket)) = (meter.as_mut(), ticket) {
                        meter.forget(ticket);
                    }
                    return;
                }
                Some(_) => self.close(meter),
                // An end that was lost, or a start that came twice: nobody knows where either cycle lies.
                None if told => {
                    draft.doubts.add(Doubt::MissingEnd);
                    doubts.add(Doubt::MissingStart);
                    self.end(time, meter);
                    self.close(meter);
                }
                None => return,
            }
        }
        let begin = meter.as_mut().map(|meter| meter.ask(time));
        let key = KeyHeld { parts: Vec::new(), since: Some(time) };
        if std::mem::take(&mut self.joins) && self.rule.bounds != Bounds::Events {
            doubts.add(Doubt::MissingStart);
        }
        let mut holds = Holds::default();
        if is_held {
            doubts.add(Doubt::Interrupted);
            holds.begin(time, 0.0, meter);
        }
        let unseen = [self.unseen, 0.0];
        if let Some(end) = self.rests_since.take() {
            remember(&mut self.rests, time.since(end), RESTS);
        }
        let mut draft = Draft { begin, unseen, holds, doubts, key, ..Draft::at(time) };
        if let Some(silence) = self.silence {
            draft.miss(silence);
        }
        if self.is_still == Some(true) {
            draft.still.begin(time, 0.0, meter);
        }
        self.open = Some(draft);
    }

    fn end(&mut self, time: Time, meter: &mut Option<Meter>) {
        match &mut self.open {
            Some(draft) if draft.end.is_none() => {
                draft.key.hold(&self.key, time);
                draft.holds.end(time, 0.0, meter);
                draft.still.end(time, 0.0, meter);
                draft.holds.cut(draft.holds.last_until(time));
                draft.end = Some((time, meter.as_mut().map(|meter| meter.ask(time))));
                draft.unseen[1] = self.unseen;
                let is_over = self.open.as_ref().is_some_and(|draft| self.pause(draft) <= 0.0);
                if is_over {
                    self.close(meter);
                }
            }
            Some(draft) => draft.doubts.add(Doubt::MissingStart),
            // An end without a beginning: how long the cycle was cannot be known.
            None => {
                let ticket = meter.as_mut().map(|meter| meter.ask(time));
                let mut doubts = Doubts::default();
                doubts.add(Doubt::MissingStart);
                let key = KeyHeld::default();
                let end = Some((time, ticket));
                let unseen = [self.unseen; 2];
                self.ended.push_back(Draft { begin: ticket, unseen, end, doubts, key, ..Draft::at(time) });
            }
        }
    }

    /// Ends the running cycle for good, where it had already ended. What was too short is none; how long one
    /// without a beginning was is not known.
    fn close(&mut self, meter: &mut Option<Meter>) {
        let Some(draft) = self.open.take() else { return };
        self.stands = false;
        let lasted = draft.end.map_or(0.0, |(end, _)| end.since(draft.start));
        if lasted < self.rule.shortest && !draft.doubts.contains(Doubt::MissingStart) {
            self.too_short += 1;
            draft.forget(meter);
        } else {
            self.rests_since = draft.end.map(|(end, _)| end);
            self.ended.push_back(draft);
            self.silences.cycle();
        }
    }

    /// Ends whatever runs, since nothing more will come, or because time begins anew.
    pub fn finish(&mut self, time: Time, meter: &mut Option<Meter>) {
        if let Some(draft) = &mut self.open {
            if draft.end.is_none() {
                draft.doubts.add(Doubt::MissingEnd);
                self.end(time, meter);
            }
            self.close(meter);
        }
        (self.power, self.rests_since, self.is_still) = (None, None, None);
        self.pace.begin_anew();
        self.silences.begin_anew();
    }
}
