//! Puts readings into the order of their times, and notices clocks that jump.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::reading::Reading;
use crate::time::Time;

/// How often in a row a clock must be behind before its step counts as real.
const STEP_AFTER: u32 = 3;

/// A reading so many seconds further ahead of all others than readings are held back waits until another one agrees, or until that much time
/// has passed: a device whose clock is wrong for a moment does not take everybody along.
pub(crate) const LEAP: f64 = 60.0;

/// Readings of one moment far ahead that wait at most; more of them agree with each other.
const MOST_AHEAD: usize = 256;

/// Most readings that wait; beyond it the oldest are let go early, so that memory stays bounded.
const MOST_WAITING: usize = 100_000;

/// A queue that holds readings back for a while, so that late ones find their place.
#[derive(Debug)]
pub struct Order {
    /// How long readings are held back, in seconds.
    patience: f64,
    waiting: VecDeque<Reading>,
    newest: Option<Time>,
    released: Option<Time>,
    /// Readings in a row that are behind all others and their own clock.
    behind: u32,
    /// Of the machine and of its meter.
    clocks: [Clock; 2],
    /// Readings of one moment that is far ahead.
    ahead: Vec<Reading>,
    /// By how much the last one was ahead that has been dropped.
    far: Option<f64>,
    /// Another one, ahead by about as much, has been dropped since that was asked last.
    dropped: bool,
    counts: Counts,
}

/// What a clock has shown.
#[derive(Debug, Default)]
struct Clock {
    newest: Option<Time>,
    /// How often it has been behind that since.
    behind: u32,
    /// The newest reading came too late for its place.
    is_late: bool,
}

impl Clock {
    /// Whether it goes on as it shows a time, or has been set back, which shows after some readings. At the same moment
    /// there may be more to say.
    fn goes_on(&mut self, time: Time, is_late: bool) -> bool {
        let goes_on = match self.newest {
            Some(newest) if time == newest => return self.is_late,
            Some(newest) => time > newest || self.behind + 1 >= STEP_AFTER,
            None => true,
        };
        if goes_on {
            *self = Self { newest: Some(time), behind: 0, is_late };
        } else {
            self.behind += 1;
        }
        goes_on
    }
}

/// What has happened to readings on their way, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Readings that came.
    pub came: u64,
    /// Readings that came out of order and found their place.
    pub reordered: u64,
    /// Readings that were there already.
    pub duplicate: u64,
    /// Readings that came too late for their place.
    pub late: u64,
    /// Steps of a clock back in time.
    pub steps: u64,
    /// Readings from far ahead that nothing has agreed with.
    #[serde(default)]
    pub ahead: u64,
}

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It waits for its turn.
    InTime,
    /// It was there already.
    Duplicate,
    /// It came too late and is gone.
    Late,
    /// It came too late for its place, but its own clock goes on: that of the machine or that of the meter is
    /// behind the other one. It has happened all the same.
    Behind,
    /// The clock has been set back: everything before it must be let go, then time begins anew.
    Step,
}

impl Order {
    /// A queue that holds readings back for some seconds.
    pub fn new(patience: f64) -> Self {
        Self {
            patience,
            waiting: VecDeque::new(),
            newest: None,
            released: None,
            behind: 0,
            clocks: Default::default(),
            ahead: Vec::new(),
            far: None,
            dropped: false,
            counts: Counts::default(),
        }
    }

    /// How far time has come by the readings that count.
    pub fn newest(&self) -> Option<Time> {
        self.newest
    }

    /// What has happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes a reading.
    pub fn push(&mut self, reading: Reading) -> Came {
        self.counts.came += 1;
        let time = reading.time;
        if let Some(far) = self.ahead.first().map(|ahead| ahead.time) {
            if time == far && self.ahead.len() < MOST_AHEAD {
                self.ahead.push(reading);
                return Came::InTime;
            }
            if far.since(time) <= self.leap() {
                self.take_ahead();
            } else {
                self.counts.ahead += self.ahead.drain(..).count() as u64;
                // Once is a slip; a clock that is wrong is so again and again.
                let by = self.newest.map_or(0.0, |newest| far.since(newest));
                self.dropped |= self.far.replace(by).is_some_and(|before| (by - before).abs() <= LEAP);
            }
        }
        if self.newest.is_some_and(|newest| time.since(newest) > self.leap()) {
            self.ahead.push(reading);
            return Came::InTime;
        }
        self.place(reading)
    }

    /// How far ahead a reading may be without waiting for another one.
    fn leap(&self) -> f64 {
        LEAP + self.patience
    }

    /// Whether readings of a clock that is far ahead have been dropped since this was asked last: not of one
    /// that was wrong for a moment.
    pub fn has_dropped(&mut self) -> bool {
        std::mem::take(&mut self.dropped)
    }

    /// What was far ahead counts: another reading agrees, so much time has passed, or nothing more comes.
    pub fn take_ahead(&mut self) {
        for reading in std::mem::take(&mut self.ahead) {
            self.place(reading);
        }
    }

    fn place(&mut self, reading: Reading) -> Came {
        let time = reading.time;
        let is_late = self.released.is_some_and(|released| time < released);
        let clock = &mut self.clocks[usize::from(reading.what.is_meter())];
        let goes_on = clock.goes_on(time, is_late);
        if self.newest.is_none_or(|newest| time > newest) {
            self.behind = 0;
            self.newest = Some(time);
            self.waiting.push_back(reading);
            return Came::InTime;
        }
        if is_late && goes_on && self.behind + 1 < STEP_AFTER {
            self.behind = 0;
            self.counts.late += 1;
            return Came::Behind;
        }
        if is_late {
            self.behind += 1;
            if self.behind >= STEP_AFTER {
                self.behind = 0;
                self.counts.steps += 1;
                return Came::Step;
            }
            self.counts.late += 1;
            return Came::Late;
        }
        self.behind = 0;
        let mut at = self.waiting.len();
        while at > 0 && self.waiting[at - 1].time > time {
            at -= 1;
        }
        let same = self.waiting.iter().take(at).rev().take_while(|waiting| waiting.time == time);
        if same.into_iter().any(|waiting| *waiting == reading) {
            self.counts.duplicate += 1;
            return Came::Duplicate;
        }
        if at < self.waiting.len() {
            self.counts.reordered += 1;
        }
        self.waiting.insert(at, reading);
        Came::InTime
    }

    /// The next reading whose time has come.
    pub fn due(&mut self) -> Option<Reading> {
        let front = self.waiting.front()?.time;
        let is_due = self.newest.is_some_and(|newest| newest.since(front) >= self.patience)
            || self.waiting.len() > MOST_WAITING;
        if is_due { self.release() } else { None }
    }

    /// The next reading whose time has come by a clock, though nothing newer has come.
    pub fn due_by(&mut self, now: Time) -> Option<Reading> {
        if self.ahead.first().is_some_and(|ahead| now.since(ahead.time) >= self.patience) {
            self.take_ahead();
        }
        let front = self.waiting.front()?.time;
        if now.since(front) >= self.patience { self.release() } else { None }
    }

    /// The next reading, whether its time has come or not.
    pub fn release(&mut self) -> Option<Reading> {
        let reading = self.waiting.pop_front()?;
        self.released = Some(self.released.map_or(reading.time, |released| released.max(reading.time)));
        Some(reading)
    }

    /// Forgets the time that has been, after a step of the clock. Time begins anew with a reading, or with the
    /// next one.
    pub fn begin_anew(&mut self, first: Option<Reading>) {
        self.released = None;
        self.clocks = Default::default();
        self.newest = first.as_ref().map(|first| first.time);
        self.waiting.clear();
        self.ahead.clear();
        self.waiting.extend(first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::What;

    fn at(seconds: f64) -> Reading {
        Reading { time: Time::from_seconds(seconds), what: What::Power(seconds) }
    }

    fn drain(order: &mut Order) -> Vec<f64> {
        let zero = Time::from_nanos(0);
        std::iter::from_fn(|| order.due()).map(|reading| reading.time.since(zero)).collect()
    }

    #[test]
    fn late_readings_find_their_place_while_others_wait() {
        let mut order = Order::new(2.0);
        for seconds in [1.0, 3.0, 2.0, 3.0, 4.0, 5.0] {
            order.push(at(seconds));
        }
        assert_eq!(drain(&mut order), [1.0, 2.0, 3.0]);
        assert_eq!(order.push(at(2.5)), Came::Late);
        let counts = order.counts();
        assert_eq!((counts.reordered, counts.duplicate, counts.late, counts.steps), (1, 1, 1, 0));
    }

    #[test]
    fn one_reading_from_far_ahead_does_not_take_time_along() {
        let mut order = Order::new(2.0);
        for seconds in [1.0, 2.0, 1e9, 3.0, 4.0, 5.0] {
            order.push(at(seconds));
        }
        assert_eq!((drain(&mut order), order.counts().ahead), (vec![1.0, 2.0, 3.0], 1));
        // Values of one message do not agree with each other; the next message does.
        order.push(at(1_000.0));
        order.push(Reading { what: What::Start, ..at(1_000.0) });
        assert_eq!(drain(&mut order), [0.0; 0]);
        order.push(at(1_003.0));
        assert_eq!(drain(&mut order), [4.0, 5.0, 1_000.0, 1_000.0]);
        // So does time that passes.
        order.push(at(2_000.0));
        assert_eq!(order.newest(), Some(Time::from_seconds(1_003.0)));
        assert!(order.due_by(Time::from_seconds(1_999.0)).is_some_and(|one| one == at(1_003.0)));
        assert_eq!(order.due_by(Time::from_seconds(2_001.0)), None);
        assert!(order.due_by(Time::from_seconds(2_002.0)).is_some_and(|one| one == at(2_000.0)));
    }

    #[test]
    fn a_clock_set_back_is_noticed_at_the_third_reading() {
        let mut order = Order::new(0.0);
        order.push(at(100.0));
        assert_eq!(drain(&mut order), [100.0]);
        assert_eq!(order.push(at(10.0)), Came::Late);
        assert_eq!(order.push(at(11.0)), Came::Late);
        assert_eq!(order.push(at(12.0)), Came::Step);
        order.begin_anew(Some(at(12.0)));
        order.push(at(13.0));
        assert_eq!(drain(&mut order), [12.0, 13.0]);
    }
}
