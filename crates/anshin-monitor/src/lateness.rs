//! Whether the events of a machine and the readings of its meter come at about the same time, or one of
//! them so far behind the other that what it says finds its place no more.

use std::collections::VecDeque;

use anshin_model::Text;
use serde::{Deserialize, Serialize};

use crate::offset::Offset;
use crate::recent::{median, remember};
use crate::time::Time;

/// How many of the last events are looked at.
const EVENTS: usize = 8;

/// How many of them must be too far away.
const MOST_OF_THEM: usize = 6;

/// So many events tell how far apart both sides usually are.
const FEWEST: usize = 4;

/// An event is apart from the meter if it is further away than others by more than so many pauses between samples.
const APART: f64 = 2.0;

/// What is further away, in seconds, is not apart: nothing has been measured for long.
const LONGEST: f64 = 90.0;

/// From how many pauses between two samples its pause is read.
const PAUSES: usize = 15;

/// Who comes behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behind {
    /// The events of the machine.
    Events,
    /// The readings of the meter.
    Meter,
}

/// One side comes too late for its place, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Late {
    /// Which side.
    pub behind: Behind,
    /// By how much, in seconds: the median.
    pub seconds: f64,
    /// Whether it is always about the same, as with clocks that differ.
    pub steady: bool,
}

/// Remembers how far apart both sides were as they came.
#[derive(Debug, Clone, Default)]
pub struct Lateness {
    meter: Option<Time>,
    pauses: VecDeque<f64>,
    /// How many seconds events are behind the newest sample, as they come; below zero they are ahead. And whether
    /// that is further than it usually is.
    lags: VecDeque<(f64, bool)>,
    /// The same of the last events that were not apart.
    usual: VecDeque<f64>,
}

impl Lateness {
    /// A sample of the meter has come.
    pub fn sample(&mut self, time: Time) {
        if let Some(before) = self.meter.replace(time) {
            remember(&mut self.pauses, time.since(before).abs(), PAUSES);
        }
    }

    /// How far events are usually behind the newest sample as they come, for one who goes on.
    pub fn usual(&self) -> Option<f64> {
        median(self.usual.iter().copied()).filter(|_| self.usual.len() >= FEWEST)
    }

    /// Goes on from how far they usually were.
    pub fn go_on(&mut self, usual: Option<f64>) {
        if let Some(usual) = usual {
            self.usual = VecDeque::from([usual; FEWEST]);
        }
    }

    /// Nobody knows what has come meanwhile.
    pub fn begin_anew(&mut self) {
        *self = Self { usual: std::mem::take(&mut self.usual), ..Self::default() };
    }

    /// An event of the machine has come, where readings are held back for some seconds. Whether it is further from
    /// the newest sample than that and than it usually is, as where one of both clocks was set.
    pub fn event(&mut self, time: Time, hold_back: f64) -> bool {
        let Some(meter) = self.meter else { return false };
        let lag = meter.since(time);
        let spare = APART * self.pause().unwrap_or(0.0);
        let least = self.usual.iter().copied().fold(f64::INFINITY, f64::min) - spare;
        let most = self.usual.iter().copied().fold(f64::NEG_INFINITY, f64::max) + spare;
        // A meter that has said nothing for so long is off, and no clock is.
        let is_apart = self.usual.len() >= FEWEST
            && !(least..=most).contains(&lag)
            && (hold_back..=LONGEST).contains(&lag.abs());
        remember(&mut self.lags, (lag, is_apart), EVENTS);
        if !is_apart {
            remember(&mut self.usual, lag, EVENTS);
        }
        is_apart
    }

    /// Seconds between two samples of the meter, as they come.
    pub fn pause(&self) -> Option<f64> {
        median(self.pauses.iter().copied())
    }

    /// Which side comes too late, where readings are held back for some seconds.
    ///
    /// An event that is ahead of the newest sample is so by the pause between two of them at most; some of
    /// those may be missing.
    pub fn found(&self, hold_back: f64) -> Option<Late> {
        let pause = self.pause()?;
        let lag = median(self.lags.iter().map(|(lag, _)| *lag)).filter(|_| self.lags.len() == EVENTS)?;
        let (behind, limit) =
            if lag > 0.0 { (Behind::Events, hold_back) } else { (Behind::Meter, hold_back + 3.0 * pause) };
        let is_far = |(other, is_apart): &&(f64, bool)| {
            (other.abs() > limit || *is_apart) && other.signum() == lag.signum()
        };
        if self.lags.iter().filter(is_far).count() < MOST_OF_THEM {
            return None;
        }
        let spread = self.lags.iter().map(|(other, _)| (other - lag).abs());
        let steady = median(spread)? <= pause.max(0.1 * lag.abs());
        Some(Late { behind, seconds: lag.abs(), steady })
    }
}

impl Late {
    /// What a person is told of a machine without a meter.
    pub fn text_without_meter(self, name: &Text) -> Text {
        let Late { behind, seconds, steady } = self;
        let (ja, en) = match behind {
            Behind::Events => ("イベントがほかのデータより", "events come"),
            Behind::Meter => ("ほかのデータがイベントより", "other readings come"),
        };
        let other = if behind == Behind::Events { "other readings" } else { "the events" };
        let patience = format!("`hold-back: {}`", seconds.ceil() + 1.0);
        let (to_do_ja, to_do_en) = if steady {
            (
                format!("時計がずれているなら合わせ、遅れて届くだけなら{patience}を書いてください"),
                format!("if clocks differ, set them; if they merely arrive late, write {patience}"),
            )
        } else {
            (format!("{patience}を書いてください"), format!("write {patience}"))
        };
        self.told(name, (ja, en), other, (&to_do_ja, &to_do_en))
    }

    /// What a person is told. `offset` is what is set for the meter, `clock` what power shows of the clocks,
    /// if it does.
    pub fn text(self, name: &Text, offset: f64, clock: Option<Offset>) -> Text {
        let Late { behind, seconds, steady } = self;
        let (ja, en) = match behind {
            Behind::Events => ("イベントが計器のデータより", "events come"),
            Behind::Meter => ("計器のデータがイベントより", "readings of the meter come"),
        };
        let other = if behind == Behind::Events { "the meter" } else { "the events" };
        let shift = if behind == Behind::Events { -seconds } else { seconds };
        // A whole second above what comes late now.
        let hold_back = seconds.ceil() + 1.0;
        // By power alone, clocks a whole cycle apart look the same.
        let set_clock = offset + shift;
        let shown = clock
            .filter(|clock| clock.is_certain && (clock.seconds - set_clock).abs() <= 2.0 * clock.uncertainty);
        let set_clock = shown.map_or(set_clock, |clock| clock.seconds);
        let (offset, patience) = (format!("`offset: {set_clock:.1}`"), format!("`hold-back: {hold_back}`"));
        let (to_do_ja, to_do_en) = match (shown, steady) {
            (Some(_), _) => {
                (format!("`meter`に{offset}を書いてください"), format!("write {offset} under `meter`"))
            }
            (None, true) => (
                format!(
                    "時計がずれているなら`meter`に{offset}を、遅れて届くだけなら{patience}を書いてください"
                ),
                format!(
                    "if clocks differ, write {offset} under `meter`; if they merely arrive late, {patience}"
                ),
            ),
            (None, false) => (format!("{patience}を書いてください"), format!("write {patience}")),
        };
        self.told(name, (ja, en), other, (&to_do_ja, &to_do_en))
    }

    /// What comes behind what, and what to do about it.
    fn told(
        self,
        name: &Text,
        (ja, en): (&str, &str),
        other: &str,
        (to_do_ja, to_do_en): (&str, &str),
    ) -> Text {
        let seconds = self.seconds;
        Text::new(
            format!(
                "{}: {ja}約{seconds:.1}秒遅れて届き、サイクルを正しく測れません。{to_do_ja}",
                name.get(anshin_model::Lang::Ja)
            ),
            format!(
                "{}: {en} about {seconds:.1} s behind {other}, so that cycles cannot be measured rightly; {to_do_en}",
                name.get(anshin_model::Lang::En)
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample every `pause` seconds and an event every 20 s, which comes `late` seconds after it was, by a
    /// clock that is `behind`.
    fn watch(pause: f64, behind: f64, late: impl Fn(u32) -> f64) -> Option<Late> {
        let mut all: Vec<(f64, Option<f64>)> = Vec::new();
        for n in 0..2_000 {
            all.push((f64::from(n) * pause, None));
        }
        for n in 1..12 {
            let at = f64::from(n) * 20.3;
            all.push((at + late(n), Some(at - behind)));
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut lateness = Lateness::default();
        for (at, event) in all {
            match event {
                Some(time) => _ = lateness.event(Time::from_seconds(1e6 + time), 2.0),
                None => lateness.sample(Time::from_seconds(1e6 + at)),
            }
        }
        lateness.found(2.0)
    }

    #[test]
    fn clocks_that_differ_are_far_apart_and_steady() {
        for behind in [3.0, 5.0, 30.0] {
            let late = watch(1.0, behind, |_| 0.0).unwrap();
            assert!(late.behind == Behind::Events && late.steady, "{late:?}");
            assert!((late.seconds - behind).abs() <= 1.0, "{behind}: {late:?}");
            let late = watch(0.5, -behind - 2.0, |_| 0.0).unwrap();
            assert!(late.behind == Behind::Meter && late.steady, "{late:?}");
        }
    }

    #[test]
    fn what_is_merely_sent_now_and_then_is_not_steady() {
        let late = watch(1.0, 0.0, |n| f64::from(n % 4) * 8.0 + 3.0).unwrap();
        assert!(late.behind == Behind::Events && !late.steady, "{late:?}");
    }

    #[test]
    fn what_comes_in_time_is_not_told_however_seldom_the_meter_speaks() {
        for pause in [0.1, 1.0, 10.0, 60.0] {
            assert_eq!(watch(pause, 0.0, |n| f64::from(n % 3) * 0.5), None, "{pause}");
        }
    }
}
