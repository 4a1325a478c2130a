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
    /// Of what it repeats.
    beat: Beat,
    /// Pauses between the last sayings, in seconds, and whether the later one repeats the earlier one.
    pauses: VecDeque<(f64, bool)>,
    /// Pauses before changes.
    changes: VecDeque<f64>,
    backlog: Backlog,
}

impl Pace {
    /// The machine says how it stands; `again` if that is what it has said last. For how many seconds it has been
    /// silent before, if it says so again and again at an even pace and has been silent for far longer than that.
    pub(crate) fn hear(&mut self, time: Time, again: bool) -> Option<Silence> {
        let last = self.last.replace(time)?;
        let pause = time.since(last);
        let is_silence = self.beat.is_longer(pause)
            && self.repeats()
            && self.usual().is_some_and(|usual| self.is_even(usual));
        let silence = is_silence.then(|| self.beat.silence(pause));
        self.backlog.hear(pause, silence, &self.beat);
        if self.backlog.seconds().is_some() {
            return silence;
        }
        remember(&mut self.pauses, (pause, again), PAUSES);
        if again {
            self.beat.learn(pause);
        } else {
            remember(&mut self.changes, pause, CHANGES);
        }
        silence
    }

    /// For how many seconds what comes at a moment may have been held back on its way.
    pub(crate) fn held_back(&self, time: Time) -> Option<f64> {
        let is_close = self.last.is_some_and(|last| self.beat.is_closer(time.since(last)));
        self.backlog.seconds().filter(|_| is_close)
    }

    /// Time begins anew.
    pub(crate) fn begin_anew(&mut self) {
        self.last = None;
        self.backlog = Backlog::default();
    }

    /// Whether it mostly says what it has said before.
    pub(crate) fn repeats(&self) -> bool {
        self.pauses.len() >= LEAST && 2 * self.between().count() >= self.pauses.len()
    }

    /// Pauses before repetitions.
    fn between(&self) -> impl Iterator<Item = f64> {
        self.pauses.iter().filter(|(_, again)| *again).map(|(pause, _)| *pause)
    }

    /// The usual one of them.
    fn usual(&self) -> Option<f64> {
        median(self.between())
    }

    /// Whether most of them are about as long.
    fn is_even(&self, usual: f64) -> bool {
        let even = self.between().filter(|pause| EVEN.contains(&(pause / usual))).count();
        4 * even >= 3 * self.between().count()
    }

    /// By how many seconds a change may be older than it was seen; 0 if changes are told as they happen.
    pub(crate) fn unseen(&self) -> f64 {
        if !self.repeats() {
            return 0.0;
        }
        let shortest = self.pauses.iter().map(|(pause, _)| *pause).fold(f64::INFINITY, f64::min);
        if self.is_asked() == Some(true) { self.own() } else { shortest.max(0.0) }
    }

    /// Whether it is asked how it stands; `None` if too few changes were seen to tell.
    fn is_asked(&self) -> Option<bool> {
        let before = median(self.changes.iter().copied()).filter(|_| self.changes.len() >= LEAST)?;
        let is_as_long = |usual: f64| ASKED.contains(&(before / usual)) && self.is_even(usual);
        Some(self.usual().is_some_and(is_as_long))
    }

    /// The last pause.
    fn own(&self) -> f64 {
        self.pauses.back().map_or(0.0, |(pause, _)| pause.max(0.0))
    }

    /// The last pause, if what happened in it may have gone unseen: unless it tells its changes by itself.
    pub(crate) fn asked_after(&self) -> Option<f64> {
        (self.repeats() && self.is_asked() != Some(false)).then(|| self.own())
    }
}

/// In a pause so many times as long as most others something is missing.
const LONGER: f64 = 1.5;

/// A pause so many times as long as most others is far longer: it is no accident.
const FAR: f64 = 2.5;

/// A pause that is longer than others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Silence {
    /// How long it is.
    pub(crate) seconds: f64,
    /// Whether it is far longer.
    pub(crate) is_far: bool,
}

/// From so many pauses it is read how long they are.
const BLOCK: u32 = 16;

/// How long the pauses are that a source makes.
///
/// Nearly all pauses of a source that is asked, or that reports by the clock, are no longer than the second longest
/// of sixteen of them. Of the last two such stretches the one with longer pauses does not count: rows may have been
/// missing.
#[derive(Debug)]
struct Beat {
    /// The two longest pauses of the running stretch, and how many it has.
    longest: [f64; 2],
    pauses: u32,
    /// The second longest pause of the last two stretches, and from which one on a pause is longer.
    usual: [f64; 2],
    longer: f64,
    /// The two shortest pauses of the running stretch, and the second shortest one of the last two stretches.
    shortest: [f64; 2],
    short: [f64; 2],
}

impl Default for Beat {
    fn default() -> Self {
        Self {
            longest: [0.0; 2],
            pauses: 0,
            usual: [f64::INFINITY; 2],
            longer: f64::INFINITY,
            shortest: [f64::INFINITY; 2],
            short: [0.0; 2],
        }
    }
}

impl Beat {
    /// Whether a pause is longer than others.
    fn is_longer(&self, pause: f64) -> bool {
        pause > self.longer
    }

    /// Seconds of the longest pause that is usual.
    fn usual(&self) -> f64 {
        self.longer / LONGER
    }

    /// Seconds of the shortest pause that is usual.
    fn short(&self) -> f64 {
        self.short[0].min(self.short[1])
    }

    /// Whether a pause is far shorter than others.
    fn is_closer(&self, pause: f64) -> bool {
        pause < CLOSER * self.short()
    }

    /// What a pause is that is longer than others.
    fn silence(&self, seconds: f64) -> Silence {
        Silence { seconds, is_far: seconds > self.usual() * FAR }
    }

    /// Takes a pause for one as they usually are. What is said at the same moment makes none.
    fn learn(&mut self, pause: f64) {
        if pause <= 0.0 {
            return;
        }
        let [longest, second] = &mut self.longest;
        if pause > *second {
            (*longest, *second) = (longest.max(pause), longest.min(pause));
        }
        let [shortest, second] = &mut self.shortest;
        if pause < *second {
            (*shortest, *second) = (shortest.min(pause), shortest.max(pause));
        }
        self.pauses += 1;
        if self.pauses == BLOCK {
            (self.short, self.shortest) = ([self.short[1], self.shortest[1]], [f64::INFINITY; 2]);
            self.usual = [self.usual[1], self.longest[1]];
            self.longer = LONGER * self.usual[0].min(self.usual[1]);
            (self.longest, self.pauses) = ([0.0; 2], 0);
        }
    }
}

/// What is said so much closer together than usual after a silence was held back in it: a network that was away
/// delivers at once what has been said meanwhile.
const CLOSER: f64 = 0.25;

/// What was held back on its way, and comes now.
#[derive(Debug, Default)]
struct Backlog {
    /// Seconds of the silence before it.
    silence: f64,
    /// How many more may have been said in the silence.
    left: f64,
    /// Whether the last one belongs to it.
    is_next: bool,
}

impl Backlog {
    /// Something is said after a pause, which may be a silence.
    fn hear(&mut self, pause: f64, silence: Option<Silence>, beat: &Beat) {
        match silence.filter(|silence| silence.is_far) {
            Some(Silence { seconds, .. }) => {
                *self = Self { silence: seconds, left: seconds / beat.short(), is_next: false };
            }
            None if pause > 0.0 && beat.is_closer(pause) && self.left > 0.0 => {
                (self.left, self.is_next) = (self.left - 1.0, true);
            }
            None if pause > 0.0 => *self = Self::default(),
            None => {}
        }
    }

    /// For how many seconds what was said last may have been held back.
    fn seconds(&self) -> Option<f64> {
        self.is_next.then_some(self.silence)
    }
}

/// A meter that was silent in so many of the last seven cycles is often so: a silence says nothing of a cycle then. If
/// it was so at the same place, it tells nothing where nothing changes. Rows that a link loses are missing anywhere.
const OFTEN: u32 = 6;

/// The cycles before the first one, as if so many of them had been silent: what is often so is soon known.
const BEFORE: u8 = 0b1111 << 1;

/// So many silences of a cycle are remembered at most.
const MOST_PLACES: usize = 8;

/// Places are the same where they differ by no more than this part of the seconds to them, or by a usual pause.
const SAME: f64 = 0.05;

/// Where in a cycle something is, or in the rest after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Whether the cycle runs.
    pub(crate) runs: bool,
    /// Seconds since it began, or since it ended.
    pub(crate) seconds: f64,
}

impl Place {
    fn is_same(self, other: Self, pause: f64) -> bool {
        let apart = (self.seconds - other.seconds).abs();
        self.runs == other.runs && apart <= pause.max(SAME * self.seconds)
    }
}

/// When a meter has said something, and in which of the last cycles it was silent.
#[derive(Debug)]
pub(crate) struct Silences {
    last: Option<Time>,
    /// Where the machine was then.
    place: Option<Place>,
    beat: Beat,
    /// Where silences began in the running cycle, and in the last one before it that had any.
    places: [Vec<Place>; 2],
    /// A bit for each cycle that had one; the lowest one is the running one.
    silent: u8,
    /// The same for those that had one where the cycle before had one.
    same: u8,
    backlog: Backlog,
}

impl Default for Silences {
    fn default() -> Self {
        Self {
            last: None,
            place: None,
            beat: Beat::default(),
            places: [Vec::new(), Vec::new()],
            silent: BEFORE,
            same: BEFORE,
            backlog: Backlog::default(),
        }
    }
}

impl Silences {
    /// The meter says something. Whether it has been silent before.
    pub(crate) fn hear(&mut self, time: Time) -> Option<Silence> {
        let pause = time.since(self.last.replace(time)?);
        let silence = self.beat.is_longer(pause).then(|| self.beat.silence(pause));
        self.backlog.hear(pause, silence, &self.beat);
        if self.backlog.seconds().is_none() {
            self.beat.learn(pause);
        }
        if silence.is_some_and(|silence| silence.is_far) {
            self.silent |= 1;
            self.place.into_iter().for_each(|place| self.began(place));
        }
        silence.filter(|_| !self.is_often())
    }

    /// For how many seconds what comes at a moment may have been held back on its way.
    pub(crate) fn held_back(&self, time: Time) -> Option<f64> {
        let is_close = self.last.is_some_and(|last| self.beat.is_closer(time.since(last)));
        self.backlog.seconds().filter(|_| is_close && !self.is_often())
    }

    /// Where the machine is after what the meter has said.
    pub(crate) fn is_at(&mut self, place: Option<Place>) {
        self.place = place;
    }

    /// A silence has begun at a place.
    fn began(&mut self, place: Place) {
        let [running, before] = &mut self.places;
        let pause = self.beat.usual();
        let is_same = before.is_empty() || before.iter().any(|other| place.is_same(*other, pause));
        self.same |= u8::from(is_same);
        if running.len() < MOST_PLACES {
            running.push(place);
        }
    }

    /// For how many seconds it is silent at a moment; 0 if it is not, or is often so.
    pub(crate) fn until(&self, now: Time) -> f64 {
        let pause = self.last.map_or(0.0, |last| now.since(last));
        if self.beat.silence(pause).is_far && !self.is_often() { pause } else { 0.0 }
    }

    /// Whether it was silent in nearly all cycles before the running one.
    fn is_often(&self) -> bool {
        (self.silent >> 1).count_ones() >= OFTEN
    }

    /// Whether it was so at the same place in them: nothing goes unseen when it is silent.
    pub(crate) fn is_by_nature(&self) -> bool {
        (self.same >> 1).count_ones() >= OFTEN
    }

    /// A cycle has ended.
    pub(crate) fn cycle(&mut self) {
        self.silent <<= 1;
        self.same <<= 1;
        let [running, before] = &mut self.places;
        if !running.is_empty() {
            *before = std::mem::take(running);
        }
    }

    /// Time begins anew.
    pub(crate) fn begin_anew(&mut self) {
        (self.last, self.place) = (None, None);
        self.backlog = Backlog::default();
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
