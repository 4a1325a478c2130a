//! From power or a counter to what was taken between two moments.
//!
//! Power is integrated by the trapezoid rule; a counter is read as the difference of two of its
//! values. A moment between two samples gets its share of the step by interpolation, and an
//! uncertainty: how wrong that share is at most, if the step was abrupt.
//!
//! What a rate does between two samples is not seen either. How much it may be is read from the samples
//! themselves: by how far each is off the line through its neighbours, as in the difference-based
//! estimators of variance (Gasser, Sroka and Jennen-Steinmetz, 1986). A jump somewhere between two samples
//! puts both of them off by half of it, and makes the sum wrong with a variance of (jump x pause)² / 12; so
//! a sixth of the squares is the variance of a rate that jumps now and then. Of one that moves faster than it
//! is sampled, each sample is an accident of its own, and the sum is worse than that. This shows between
//! samples that are two apart: what they are off by has a product of about 0 for rare jumps, and of a sixth
//! of the square for accidents. With it added, the deviation is right within 6 % for a rate that forgets
//! itself over any time from many pauses to a quarter of one (by the sum of its spectrum at the multiples of
//! the sampling rate), and never below 0.7 of what it should be.
//!
//! A counter shows whole steps only. How large they are nobody tells: they are read from what it shows. Whatever
//! it has counted lies anywhere between two of its values, so that the difference of two readings has a variance
//! of a sixth of the square of a step.

mod in_step;

use std::collections::VecDeque;

use in_step::Jumps;
use serde::{Deserialize, Serialize};

use crate::time::Time;

/// What a meter is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It tells a rate; `per` seconds at rate 1 make a quantity of 1 (3600 for W and Wh).
    Rate {
        /// Seconds.
        per: f64,
    },
    /// It counts, and begins anew at `modulus` if there is one.
    Counter {
        /// The value at which it begins anew at 0.
        modulus: Option<f64>,
    },
}

/// The reading of a meter at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The moment.
    pub time: Time,
    /// What has been taken since some moment that all open marks share.
    pub total: f64,
    /// How wrong `total` is because the moment lies between two samples, at most, and because a counter shows whole
    /// steps only, for one standard deviation.
    pub uncertainty: f64,
    /// The variance of `total` because nobody sees what a rate does between two samples.
    pub unseen: f64,
    /// What is to be added to it because samples are accidents.
    pub accidents: f64,
    /// Samples until then.
    pub samples: u64,
    /// Gaps until then: pauses between samples that are longer than allowed.
    pub gaps: u64,
    /// Resets of the counter until then.
    pub resets: u64,
}

/// A rate that swings with the sampling seems to be seen better than it is; it is no better than this part.
const LEAST_UNSEEN: f64 = 2.0 / 3.0;

/// A moment whose mark is asked for; it is known when the next sample has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ticket(u64);

/// Adds up what a machine takes.
#[derive(Debug)]
pub struct Meter {
    kind: Kind,
    most_gap: f64,
    most: f64,
    last: Option<(Time, f64)>,
    /// The sample before the last one, if no gap lies between them.
    before: Option<(Time, f64)>,
    /// By how much the last two samples were off the line through their neighbours, the older one first.
    off: [f64; 2],
    jumps: Jumps,
    steps: Steps,
    total: f64,
    unseen: f64,
    accidents: f64,
    samples: u64,
    gaps: u64,
    resets: u64,
    tickets: u64,
    /// In the order of their tickets.
    open: VecDeque<(Ticket, Time, Option<Mark>)>,
}

impl Meter {
    /// A meter; between samples lie at most `most_gap` seconds, longer is a gap. A counter that jumps by more
    /// than `most` has been reset.
    pub fn new(kind: Kind, most_gap: f64, most: f64) -> Self {
        Self {
            kind,
            most_gap,
            most,
            last: None,
            before: None,
            off: [0.0; 2],
            jumps: Jumps::default(),
            steps: Steps::default(),
            total: 0.0,
            unseen: 0.0,
            accidents: 0.0,
            samples: 0,
            gaps: 0,
            resets: 0,
            tickets: 0,
            open: VecDeque::new(),
        }
    }

    /// The last sample.
    pub fn last(&self) -> Option<(Time, f64)> {
        self.last
    }

    /// The smallest step that a counter was seen to make.
    pub fn step(&self) -> Option<f64> {
        self.steps.smallest
    }

    /// Goes on from the smallest step that was seen before.
    #[must_use]
    pub fn with_step(mut self, step: Option<f64>) -> Self {
        self.steps.smallest = step;
        self
    }

    /// Takes a sample; not earlier than the one before.
    pub fn sample(&mut self, time: Time, value: f64) {
        self.samples += 1;
        let Some((before, old)) = self.last.replace((time, value)) else {
            self.settle(time, time, 0.0, value, value);
            return;
        };
        let seconds = time.since(before);
        let earlier = self.before.replace((before, old));
        if seconds > self.most_gap {
            self.gaps += 1;
            (self.before, self.off) = (None, [0.0; 2]);
        } else if let (Kind::Rate { per }, Some(earlier)) = (self.kind, earlier) {
            let off = off_the_line(earlier, (before, old), (time, value)) / per;
            self.unseen += off.powi(2) / 6.0;
            self.accidents += off * self.off[0];
            self.off = [self.off[1], off];
            if !self.open.is_empty() {
                // It is the sample before this one that is off.
                self.jumps.see(self.samples - 1, off);
            }
        }
        let step = match self.kind {
            Kind::Rate { per } => f64::midpoint(old, value) * seconds / per,
            Kind::Counter { modulus } => match modulus {
                _ if (0.0..=self.most).contains(&(value - old)) => value - old,
                // A counter that rolls over was near its end and is near its start.
                Some(modulus) if old > 0.9 * modulus && value < 0.1 * modulus => value + modulus - old,
                _ => {
                    self.resets += 1;
                    // It may be another meter.
                    self.steps = Steps::default();
                    0.0
                }
            },
        };
        if matches!(self.kind, Kind::Counter { .. }) {
            self.steps.see(step, value);
        }
        if !self.open.is_empty() {
            self.settle(before, time, step, old, value);
        }
        self.total += step;
    }

    /// Asks for the mark of a moment that is not earlier than the last sample.
    pub fn ask(&mut self, time: Time) -> Ticket {
        // Nobody compares with what was before, and a sum that ever grows loses digits.
        if self.open.is_empty() {
            (self.total, self.unseen, self.accidents) = (0.0, 0.0, 0.0);
            self.jumps.forget();
        }
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let known = self.last.filter(|(last, _)| *last == time).map(|_| self.mark(time, 0.0, 0.0));
        self.open.push_back((ticket, time, known));
        ticket
    }

    /// Asks for the mark of a moment between the last sample and the one that is about to come.
    pub fn answer(&self, ticket: Ticket) -> Option<Mark> {
        self.open[self.place(ticket)?].2.map(|mark| self.rounded(mark))
    }

    /// The mark of a moment for which no sample will come: the rate is taken to hold.
    pub fn guess(&self, ticket: Ticket) -> Option<Mark> {
        let (_, time, mark) = &self.open[self.place(ticket)?];
        if mark.is_some() {
            return mark.map(|mark| self.rounded(mark));
        }
        let (before, value) = self.last?;
        let more = match self.kind {
            Kind::Rate { per } => value * time.since(before).max(0.0) / per,
            Kind::Counter { .. } => 0.0,
        };
        let mark = self.rounded(self.mark(*time, more, more.abs()));
        Some(Mark { gaps: mark.gaps + 1, ..mark })
    }

    /// The variance of what was taken between two marks, because nobody sees what a rate does between two samples.
    pub fn unseen(&self, first: &Mark, last: &Mark) -> f64 {
        let unseen = (last.unseen - first.unseen).max(0.0);
        let accidents = last.accidents - first.accidents;
        (unseen + accidents)
            .max(unseen * LEAST_UNSEEN)
            .max(unseen * self.jumps.times(first.samples, last.samples))
    }

    /// Forgets a ticket.
    pub fn forget(&mut self, ticket: Ticket) {
        if let Some(place) = self.place(ticket) {
            self.open.remove(place);
        }
    }

    /// Where a ticket stands among the open ones.
    fn place(&self, ticket: Ticket) -> Option<usize> {
        self.open.binary_search_by_key(&ticket, |(open, _, _)| *open).ok()
    }

    /// A mark, as wrong as a counter makes it that shows whole steps only.
    fn rounded(&self, mark: Mark) -> Mark {
        let step = self.steps.smallest.unwrap_or(0.0);
        Mark { uncertainty: mark.uncertainty.hypot(step / 12.0_f64.sqrt()), ..mark }
    }

    fn mark(&self, time: Time, more: f64, uncertainty: f64) -> Mark {
        Mark {
            time,
            total: self.total + more,
            uncertainty,
            unseen: self.unseen,
            accidents: self.accidents,
            samples: self.samples,
            gaps: self.gaps,
            resets: self.resets,
        }
    }

    /// Answers the open tickets between two samples.
    fn settle(&mut self, before: Time, time: Time, step: f64, old: f64, value: f64) {
        let seconds = time.since(before);
        for n in 0..self.open.len() {
            let (_, asked, None) = self.open[n] else { continue };
            let share = if seconds > 0.0 { (asked.since(before) / seconds).clamp(0.0, 1.0) } else { 0.0 };
            let (more, uncertainty) = match self.kind {
                Kind::Rate { per } => {
                    let here = old + (value - old) * share;
                    // The rate may have jumped right at the start of the step instead of rising evenly.
                    let wrong = (value - old).abs() * share * (1.0 - share / 2.0) * seconds / per;
                    (f64::midpoint(old, here) * share * seconds / per, wrong)
                }
                // All of the step may lie before the moment, or after it.
                Kind::Counter { .. } if share > 0.0 && share < 1.0 => {
                    (step * share, step * share.max(1.0 - share))
                }
                Kind::Counter { .. } => (step * share, 0.0),
            };
            // The sample that ends the step counts for what comes after the moment.
            let mark = self.mark(asked, more, uncertainty);
            self.open[n].2 = Some(Mark { samples: mark.samples - 1, ..mark });
        }
    }
}

/// How finely a counter counts.
#[derive(Debug, Default)]
struct Steps {
    smallest: Option<f64>,
    last: f64,
}

/// What differs by less than this part of the value may come from how numbers are stored: four times what the last
/// of the 24 binary digits of a register of 32 bits is worth.
const BLURRED: f64 = 4.0 / 8_388_608.0;

impl Steps {
    /// Sees a counter go on by a step to a value. Steps are multiples of the smallest one, and so is what two of them
    /// differ by: a fine counter that is read seldom is known by that.
    fn see(&mut self, step: f64, value: f64) {
        if step <= 0.0 {
            return;
        }
        let other = (step - std::mem::replace(&mut self.last, step)).abs();
        let smaller = if other > BLURRED * value.abs() { step.min(other) } else { step };
        self.smallest = Some(self.smallest.map_or(smaller, |smallest| smallest.min(smaller)));
    }
}

/// By how much the middle one of three samples is off the line through the others, times the seconds that it
/// stands for.
fn off_the_line(first: (Time, f64), middle: (Time, f64), last: (Time, f64)) -> f64 {
    let whole = last.0.since(first.0);
    if whole <= 0.0 {
        return 0.0;
    }
    let even = first.1 + (last.1 - first.1) * middle.0.since(first.0) / whole;
    (middle.1 - even) * whole / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_seconds(seconds)
    }

    fn between(meter: &mut Meter, samples: &[(f64, f64)], from: f64, to: f64) -> (Mark, Mark) {
        let mut tickets: Vec<(f64, Ticket)> = Vec::new();
        let mut last = f64::MIN;
        for &(time, value) in samples {
            for edge in [from, to] {
                if edge >= last && edge < time {
                    tickets.push((edge, meter.ask(at(edge))));
                }
            }
            meter.sample(at(time), value);
            last = time;
        }
        let mark = |edge: f64| {
            let ticket = tickets.iter().find(|(asked, _)| (asked - edge).abs() < 1e-9).unwrap().1;
            meter.answer(ticket).unwrap()
        };
        (mark(from), mark(to))
    }

    #[test]
    fn constant_power_is_exact_wherever_the_edges_lie() {
        let mut meter = Meter::new(Kind::Rate { per: 3600.0 }, 5.0, 1e9);
        let samples: Vec<(f64, f64)> = (0..100).map(|n| (f64::from(n), 3600.0)).collect();
        let (start, end) = between(&mut meter, &samples, 10.25, 60.75);
        assert!((end.total - start.total - 50.5).abs() < 1e-9);
        assert!(start.uncertainty + end.uncertainty < 1e-9);
        assert_eq!(end.samples - start.samples, 50);
    }

    #[test]
    fn a_jump_at_an_edge_stays_within_the_stated_uncertainty() {
        // 0 W until 10.4 s, then 1000 W: sampled every second, the jump is seen between 10 and 11 s.
        let samples: Vec<(f64, f64)> =
            (0..30).map(|n| (f64::from(n), if f64::from(n) < 10.4 { 0.0 } else { 1000.0 })).collect();
        let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 5.0, 1e9);
        let (start, end) = between(&mut meter, &samples, 10.4, 20.0);
        let taken = end.total - start.total;
        assert!((taken - 9600.0).abs() <= start.uncertainty + end.uncertainty + 500.0);
        assert!(start.uncertainty > 0.0);
    }

    #[test]
    fn what_is_not_seen_between_samples_is_about_as_wrong_as_is_said() {
        // Power jumps every 3.7 s; samples begin at any moment of a second.
        let power = |time: f64| 200.0 + 700.0 * ((time / 3.7).floor() * 2.0 % 5.0);
        // Steps of a thousandth of a second: what was taken from 0 to 60 s.
        let exact: f64 = (0..60_000).map(|n| power(f64::from(n) / 1e3 + 5e-4) / 1e3).sum();
        let (mut wrong, mut said) = (0.0, 0.0);
        for n in 0..50 {
            let shift = f64::from(n) / 50.0 - 1.0;
            let samples: Vec<(f64, f64)> =
                (0..64).map(|n| f64::from(n) + shift).map(|time| (time, power(time.max(0.0)))).collect();
            let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 5.0, 1e9);
            let (start, end) = between(&mut meter, &samples, 0.0, 60.0);
            wrong += (end.total - start.total - exact).powi(2);
            said += meter.unseen(&start, &end);
        }
        let ratio = (said / wrong).sqrt();
        assert!((0.7..2.0).contains(&ratio), "said to be {ratio:.2} times as wrong as it is");
        // A rate that jumps three times between samples: each of them is an accident.
        let mut seed = 1_u64;
        let mut level = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(seed >> 40).unwrap())
        };
        (wrong, said) = (0.0, 0.0);
        for _ in 0..400 {
            let run: Vec<f64> = (0..180).map(|_| level()).collect();
            let samples: Vec<(f64, f64)> =
                (0..60_u32).map(|n| (f64::from(n), run[3 * usize::try_from(n).unwrap()])).collect();
            let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 5.0, 1e9);
            let (start, end) = between(&mut meter, &samples, 0.0, 58.0);
            let exact = run[..3 * 58].iter().sum::<f64>() / 3.0;
            wrong += (end.total - start.total - exact).powi(2);
            said += meter.unseen(&start, &end);
        }
        let ratio = (said / wrong).sqrt();
        assert!((0.7..1.4).contains(&ratio), "said to be {ratio:.2} times as wrong as it is");
        // A heater that is on for 4.7 s of every ten, and is seen for 5 s nearly each time, or for 4 s.
        (wrong, said) = (0.0, 0.0);
        for n in 0..50 {
            let shift = f64::from(n) / 50.0;
            let is_on = |time: f64| ((time + shift) / 10.003).rem_euclid(1.0) < 0.47;
            let heat = |time: f64| if is_on(time) { 2_500.0 } else { 500.0 };
            let exact: f64 = (0..240_000).map(|n| heat(f64::from(n) / 1e3 + 5e-4) / 1e3).sum();
            let samples: Vec<(f64, f64)> = (0..244).map(|n| (f64::from(n), heat(f64::from(n)))).collect();
            let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 5.0, 1e9);
            let (start, end) = between(&mut meter, &samples, 0.0, 240.0);
            wrong += (end.total - start.total - exact).powi(2);
            said += meter.unseen(&start, &end);
        }
        let ratio = (said / wrong).sqrt();
        assert!((0.7..1.4).contains(&ratio), "said to be {ratio:.2} times as wrong as it is");
        // What changes evenly hides nothing.
        let samples: Vec<(f64, f64)> = (0..64).map(|n| (f64::from(n), 10.0 * f64::from(n))).collect();
        let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 5.0, 1e9);
        let (_, end) = between(&mut meter, &samples, 0.0, 60.0);
        assert!(end.unseen.abs() < 1e-9);
    }

    #[test]
    fn counters_roll_over_and_resets_are_noticed() {
        let mut meter = Meter::new(Kind::Counter { modulus: Some(1000.0) }, 100.0, 1e9);
        let (start, end) =
            between(&mut meter, &[(0.0, 980.0), (10.0, 990.0), (20.0, 5.0), (30.0, 15.0)], 0.0, 25.0);
        assert!((end.total - start.total - 30.0).abs() < 1e-9, "{start:?} {end:?}");
        assert_eq!(end.resets, 0);
        let mut meter = Meter::new(Kind::Counter { modulus: None }, 100.0, 1e9);
        let (start, end) = between(&mut meter, &[(0.0, 500.0), (10.0, 510.0), (20.0, 0.0)], 1.0, 15.0);
        assert_eq!(end.resets - start.resets, 1);
    }

    #[test]
    fn a_counter_is_as_wrong_as_its_steps_are_large() {
        let steps = |count: fn(f64) -> f64| {
            let mut meter = Meter::new(Kind::Counter { modulus: None }, 100.0, 1e9);
            for second in (0..600).map(f64::from) {
                meter.sample(at(second), count(1234.5 + 0.2 * second + (second / 7.0).sin()));
            }
            meter.step()
        };
        let is = |step: Option<f64>, wanted: f64| step.is_some_and(|step| (step / wanted - 1.0).abs() < 0.03);
        assert!(is(steps(|value| value.max(1234.0).floor()), 1.0));
        // A register of 32 bits.
        let short =
            |value: f64| f64::from(format!("{:.2}", (value * 100.0).floor() / 100.0).parse::<f32>().unwrap());
        assert!(is(steps(short), 0.01), "{:?}", steps(short));
        assert_eq!(steps(|_| 1234.0), None);
        // Read seldom, it goes on by far more than it could.
        let mut seldom = Meter::new(Kind::Counter { modulus: None }, 100.0, 1e9);
        for n in (0..20).map(f64::from) {
            seldom.sample(at(60.0 * n), 1_000.0 + 100.0 * n + 0.15 * n * n);
        }
        assert!(is(seldom.step(), 0.3), "{:?}", seldom.step());
        let mut meter = Meter::new(Kind::Counter { modulus: None }, 100.0, 1e9);
        let samples: Vec<(f64, f64)> = (0..30).map(|n| (f64::from(n), f64::from(n / 10) * 6.0)).collect();
        let (start, end) = between(&mut meter, &samples, 5.0, 28.0);
        assert!(
            (start.uncertainty.hypot(end.uncertainty) - 6.0_f64.sqrt()).abs() < 1e-9,
            "{start:?} {end:?}"
        );
    }

    #[test]
    fn gaps_are_counted() {
        let mut meter = Meter::new(Kind::Rate { per: 1.0 }, 2.0, 1e9);
        let (start, end) = between(&mut meter, &[(0.0, 1.0), (1.0, 1.0), (6.0, 1.0), (7.0, 1.0)], 0.5, 6.5);
        assert_eq!(end.gaps - start.gaps, 1);
    }
}
