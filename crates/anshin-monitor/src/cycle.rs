//! Where cycles begin and end.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hold::Holds;
use crate::meter::{Mark, Meter, Ticket};
use crate::pace::{Pace, Place, Silence, Silences};
use crate::reading::What;
use crate::recent::remember;
use crate::repeats::{Repeats, Rest, Told};
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

/// Why a cycle is not reliable. Such a cycle raises no alarm and teaches nothing; one of which only the
/// quantity is in doubt ([`Doubt::Sparse`]) is judged by its duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// Samples of the meter are missing, or answers of the machine.
    Gap,
    /// Readings came too late for their place.
    Late,
    /// A clock was set.
    ClockStep,
    /// The beginning was not told.
    MissingStart,
    /// The end was not told.
    MissingEnd,
    /// The meter gave too few samples: nobody knows what the cycle took.
    Sparse,
    /// It lasted longer than a cycle can.
    TooLong,
    /// The counter of the meter was reset.
    CounterReset,
    /// More came than could be worked on.
    Overload,
    /// Its program was held: it is judged without that time.
    Interrupted,
    /// It may be several cycles, for a rest between them may have gone unseen.
    Several,
    /// The meter told the same value for far longer than it does in healthy cycles.
    Frozen,
}

impl Doubt {
    /// Its id in files.
    pub fn id(self) -> &'static str {
        match self {
            Doubt::Gap => "gap",
            Doubt::Late => "late",
            Doubt::ClockStep => "clock-step",
            Doubt::MissingStart => "missing-start",
            Doubt::MissingEnd => "missing-end",
            Doubt::Sparse => "sparse",
            Doubt::TooLong => "too-long",
            Doubt::CounterReset => "counter-reset",
            Doubt::Overload => "overload",
            Doubt::Interrupted => "interrupted",
            Doubt::Several => "several",
            Doubt::Frozen => "frozen",
        }
    }

    /// The doubt of an id in files.
    pub fn named(id: &str) -> Option<Self> {
        Doubts::ALL.into_iter().find(|doubt| doubt.id() == id)
    }
}

/// A set of [`Doubt`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Doubts(u16);

impl Doubts {
    pub(crate) const ALL: [Doubt; 12] = [
        Doubt::Gap,
        Doubt::Late,
        Doubt::ClockStep,
        Doubt::MissingStart,
        Doubt::MissingEnd,
        Doubt::Sparse,
        Doubt::TooLong,
        Doubt::CounterReset,
        Doubt::Overload,
        Doubt::Interrupted,
        Doubt::Several,
        Doubt::Frozen,
    ];

    /// Adds a doubt.
    pub fn add(&mut self, doubt: Doubt) {
        self.0 |= 1 << doubt as u16;
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a doubt is among them.
    pub fn contains(self, doubt: Doubt) -> bool {
        self.0 & (1 << doubt as u16) != 0
    }

    /// Whether it is known when the cycle began and ended.
    pub fn spare_edges(self) -> bool {
        self.iter().all(|doubt| matches!(doubt, Doubt::Sparse | Doubt::Interrupted))
    }

    /// The doubts of both sets.
    #[must_use]
    pub fn with(self, other: Doubts) -> Doubts {
        Doubts(self.0 | other.0)
    }

    /// The doubts, in the order of their kinds.
    pub fn iter(self) -> impl Iterator<Item = Doubt> {
        Self::ALL.into_iter().filter(move |doubt| self.contains(*doubt))
    }
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
    /// It ended while its program was held: how long it would have lasted is not known.
    pub is_cut: bool,
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

/// A cycle that runs, or whose last sample has not come yet.
#[derive(Debug, Clone)]
struct Draft {
    start: Time,
    begin: Option<Ticket>,
    /// Seconds by which the edges may lie earlier than they were seen.
    unseen: [f64; 2],
    /// Where it may have ended; a pause may still turn out to belong to it.
    end: Option<(Time, Option<Ticket>)>,
    /// Where power fell below its threshold by the line between two samples: a pause is counted from there.
    fell: Option<Time>,
    holds: Holds,
    doubts: Doubts,
    /// For so many seconds at most nobody saw what the machine did, while it ran or when an edge was found.
    silence: f64,
    /// The sum of the squares of the seconds of all such silences.
    squares: f64,
    /// What was not seen may have been the rest between two cycles.
    hides_rest: bool,
    /// Seconds of the longest pause between two samples of which both found it running.
    pause: f64,
    repeats: Repeats,
    key: KeyHeld,
}

/// A silence that is no longer than this part of a cycle changes nothing that is judged, if it hides no rest.
const SLIGHT: f64 = 0.05;

/// The same where the machine tells its edges as they happen: one may be lost in any silence.
const SLIGHT_IF_TOLD: f64 = 0.01;

/// So many of the last rests are looked at.
const RESTS: usize = 8;

/// A rest of less than so many pauses between samples may go unseen: the next one need not come on time, nor be as
/// long as the one that was seen.
const UNSEEN: f64 = 1.1;

impl Draft {
    /// One that begins at a moment.
    fn at(start: Time) -> Self {
        Self {
            start,
            begin: None,
            unseen: [0.0; 2],
            end: None,
            fell: None,
            holds: Holds::default(),
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
    fn pauses_since(&self) -> Option<Time> {
        self.end.map(|(end, _)| self.fell.unwrap_or(end))
    }

    /// Whether so much of it was not seen at once that nobody knows whether it is one cycle.
    fn is_unseen(&self, most: f64, lasted: f64) -> bool {
        self.hides_rest || self.silence > most * lasted
    }

    fn miss(&mut self, silence: Silence) {
        if silence.is_far {
            self.squares += silence.seconds.powi(2);
            self.silence = self.silence.max(silence.seconds);
        }
    }

    /// Nobody asks any more what the meter says of it.
    fn forget(&self, meter: &mut Option<Meter>) {
        let Some(meter) = meter else { return };
        let tickets = [self.begin, self.end.and_then(|(_, ticket)| ticket)];
        tickets.into_iter().flatten().chain(self.holds.tickets()).for_each(|ticket| meter.forget(ticket));
    }
}

/// How long each value of each part of the key has been held during a cycle.
#[derive(Debug, Clone, Default)]
struct KeyHeld {
    parts: Vec<Vec<(Arc<str>, f64)>>,
    since: Option<Time>,
}

impl KeyHeld {
    fn hold(&mut self, now: &[Arc<str>], until: Time) {
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
    fn longest(&self, now: &[Arc<str>]) -> Vec<Arc<str>> {
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

/// A program that is no longer held goes on within so many seconds, or does not.
const GOES_ON: f64 = 2.0;

/// Most cycles that wait for the next sample of the meter.
const MOST_ENDED: usize = 1_000;

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

    /// When the running cycle began.
    pub fn running_since(&self) -> Option<Time> {
        self.open.as_ref().filter(|draft| draft.end.is_none()).map(|draft| draft.start)
    }

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

    /// How often the meter has repeated itself in the running cycle.
    pub(crate) fn repeats(&self) -> Repeats {
        self.open.as_ref().map_or_else(Repeats::default, |draft| draft.repeats)
    }

    /// What it tells between cycles.
    pub(crate) fn rest(&self) -> Rest {
        self.rest
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

    /// Since when power is the same.
    pub(crate) fn same_since(&self) -> Option<Time> {
        self.told.since()
    }

    /// What the meter told last, and since when.
    pub(crate) fn same(&self) -> Told {
        self.told
    }

    /// What it told somebody else before it is heard here.
    pub(crate) fn fill_same(&mut self, told: Told) {
        self.told = self.told.or(told);
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
    }

    /// Where in a cycle or in a rest a moment is; `None` before the first cycle.
    fn place(&self, now: Time) -> Option<Place> {
        let running = self.running_since();
        let ended = self.open.as_ref().and_then(|draft| draft.end).map(|(end, _)| end).or(self.rests_since);
        let place = |since: Time| Place { runs: running.is_some(), seconds: now.since(since) };
        running.or(ended).map(place)
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

    /// How many seconds after it has ended a cycle may still go on.
    fn pause(&self, draft: &Draft) -> f64 {
        if self.stands && draft.holds.is_cut() { self.rule.pause.max(GOES_ON) } else { self.rule.pause }
    }

    /// What the machine did in a silence is not known: what ran may have ended and begun again, and so may what
    /// has ended since the last sample of the meter.
    fn miss(&mut self, silence: Silence, meter: Option<&Meter>) {
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
    fn is_told(&self) -> bool {
        match self.rule.bounds {
            Bounds::Events | Bounds::None => true,
            Bounds::Running => !self.pace.repeats(),
            Bounds::Number | Bounds::Gate { .. } => false,
        }
    }

    /// The part of a cycle for which nobody needs to have seen it at once.
    fn slight(&self) -> f64 {
        if self.is_told() { SLIGHT_IF_TOLD } else { SLIGHT }
    }

    /// Notes how often the machine is asked how it stands, and how often its meter says something; and whether it
    /// has been silent before for longer than it usually is.
    fn hear(&mut self, time: Time, what: &What) -> Option<Silence> {
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

    /// A sample found a cycle running so many seconds after the one before.
    fn looked(&mut self, pause: f64) {
        if let Some(draft) = self.open.as_mut().filter(|draft| draft.end.is_none()) {
            draft.pause = draft.pause.max(pause);
        }
    }

    /// A rest that may lie in a cycle, and that nobody saw: as short as some that were seen, and no longer than its
    /// longest pause between two samples. A pause that belongs to a cycle hides as much again.
    fn unseen_rest(&self, draft: &Draft) -> Option<UnseenRest> {
        if draft.pause <= 0.0 || self.silences.is_by_nature() {
            return None;
        }
        let mut rests: Vec<f64> = self.rests.iter().copied().collect();
        rests.sort_by(f64::total_cmp);
        let seconds = rests.get(usize::from(rests.len() > RESTS / 2)).copied();
        let hides = UNSEEN * draft.pause + self.rule.pause;
        seconds.is_none_or(|seconds| seconds < hides).then_some(UnseenRest { seconds, pause: draft.pause })
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
        self.open = Some(draft);
    }

    fn end(&mut self, time: Time, meter: &mut Option<Meter>) {
        match &mut self.open {
            Some(draft) if draft.end.is_none() => {
                draft.key.hold(&self.key, time);
                draft.holds.end(time, 0.0, meter);
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
        (self.power, self.rests_since) = (None, None);
        self.pace.begin_anew();
        self.silences.begin_anew();
    }

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

    fn make(&self, draft: &Draft, meter: Option<&Meter>) -> Cycle {
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
            uncertainty = (squares + during.squares + last.unseen_since(&first)).sqrt();
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
            duration_uncertainty,
            quantity,
            held_quantity,
            uncertainty,
            doubts,
            unseen_rest: self.unseen_rest(draft),
            repeats: draft.repeats,
        }
    }
}

/// Fills in parts of a key that nobody has told.
pub(crate) fn fill(key: &mut [Arc<str>], known: &[Arc<str>]) {
    for (part, known) in key.iter_mut().zip(known).filter(|(part, _)| part.is_empty()) {
        *part = known.clone();
    }
}
