//! How far the clock of a meter is from that of its machine, read from both: power jumps where a cycle
//! begins and ends, a little earlier or later than the machine says.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::recent::median;
use crate::time::Time;

/// Most samples of power that are remembered.
const MOST_SAMPLES: usize = 1_000;

/// Most edges that are remembered.
const MOST_EDGES: usize = 48;

/// From this many edges on an offset is estimated.
const FEWEST_EDGES: usize = 12;

/// An offset that was found is estimated anew after this many edges.
const EVERY: usize = 40;

/// Longest offset that is looked for, in seconds.
const MOST: f64 = 30.0;

/// A jump that is as clear elsewhere to this part makes the estimate uncertain.
const RIVAL: f64 = 0.75;

/// How many times more than by chance power must jump.
const CLEAR: f64 = 6.0;

/// What is to be added to the times of the meter, so that they are those of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Offset {
    /// Seconds.
    pub seconds: f64,
    /// How far off that may be, in seconds: the pause between two samples.
    pub uncertainty: f64,
    /// Whether the jumps of power show it clearly.
    pub is_certain: bool,
}

impl Offset {
    /// Whether it is another one than what is added already, in seconds, by more than lies between two samples.
    pub fn is_news(self, added: f64) -> bool {
        (self.seconds - added).abs() > 2.0 * self.uncertainty
    }
}

/// Remembers the last samples and edges of a machine.
#[derive(Debug, Clone, Default)]
pub struct Aligner {
    samples: VecDeque<(Time, f64)>,
    edges: VecDeque<(Time, bool)>,
    fresh: usize,
    found: Option<Offset>,
}

impl Aligner {
    /// Takes a sample of power, by the clock of the meter.
    pub fn power(&mut self, time: Time, power: f64) {
        if self.samples.back().is_some_and(|(last, _)| *last > time) {
            self.begin_anew();
        }
        if self.samples.len() == MOST_SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back((time, power));
    }

    /// A cycle begins or ends, by the clock of the machine.
    pub fn edge(&mut self, time: Time, begins: bool) {
        if self.edges.back().is_some_and(|(at, before)| *before == begins || *at > time) {
            return;
        }
        if self.edges.len() == MOST_EDGES {
            self.edges.pop_front();
        }
        self.edges.push_back((time, begins));
        self.fresh += 1;
        let due = if self.found.is_some() { EVERY } else { FEWEST_EDGES };
        if self.fresh >= due {
            self.fresh = 0;
            self.found = self.estimate();
        }
    }

    /// Forgets what has been, after a step of a clock.
    pub fn begin_anew(&mut self) {
        *self =
            Self { found: self.found.map(|found| Offset { is_certain: false, ..found }), ..Self::default() };
    }

    /// So many seconds are added to the times of the meter from here on.
    pub fn shift(&mut self, seconds: f64) {
        if let Some(found) = &mut self.found {
            found.seconds -= seconds;
        }
    }

    /// The offset, if it is certain and more than what lies between two samples anyway.
    pub fn clear(&self) -> Option<f64> {
        let found = self.found.filter(|found| found.is_certain && found.is_news(0.0))?;
        Some(found.seconds)
    }

    /// The offset as it was estimated last.
    pub fn found(&self) -> Option<Offset> {
        self.found
    }

    fn estimate(&self) -> Option<Offset> {
        let (samples, edges) = (self.samples.as_slices(), &self.edges);
        let samples = [samples.0, samples.1].concat();
        let (first, last) = (samples.first()?.0, samples.last()?.0);
        let pause = median(samples.windows(2).map(|two| two[1].0.since(two[0].0)))?.max(1e-3);
        // An offset of more than half a stretch cannot be told from one the other way round.
        let stretches = edges.iter().zip(edges.iter().skip(1)).map(|(one, next)| next.0.since(one.0));
        let most = (stretches.fold(f64::MAX, f64::min) / 2.0).min(MOST);
        let window = (2.5 * pause).min(most);
        if most < 2.0 * pause {
            return None;
        }
        let inside = |time: &Time| time.since(first) > most + window && last.since(*time) > most + window;
        let edges: Vec<(Time, bool)> = edges.iter().filter(|(time, _)| inside(time)).copied().collect();
        if edges.len() < FEWEST_EDGES / 2 {
            return None;
        }
        // Sums of power up to each sample, so that the mean of any stretch is quickly known.
        let mut sums = vec![0.0];
        for (_, power) in &samples {
            sums.push(sums[sums.len() - 1] + power);
        }
        let mean = |from: Time, to: Time| {
            let (from, to) =
                (samples.partition_point(|(t, _)| *t < from), samples.partition_point(|(t, _)| *t < to));
            #[expect(clippy::cast_precision_loss, reason = "a thousand samples at most")]
            let count = (to - from) as f64;
            (to > from).then(|| (sums[to] - sums[from]) / count)
        };
        // How much power jumps at the edges, if the meter's clock is behind by `shift`, and how many
        // times more than by chance.
        let jump = |shift: f64| {
            let of = |(time, begins): &(Time, bool)| {
                let at = time.plus(-shift);
                let up = mean(at, at.plus(window))? - mean(at.plus(-window), at)?;
                Some(if *begins { up } else { -up })
            };
            let jumps: Vec<f64> = edges.iter().filter_map(of).collect();
            #[expect(clippy::cast_precision_loss, reason = "few edges")]
            let count = jumps.len() as f64;
            let mean = jumps.iter().sum::<f64>() / count;
            let spread = jumps.iter().map(|jump| (jump - mean).powi(2)).sum::<f64>() / count;
            (jumps.len() * 2 >= edges.len())
                .then(|| (mean, mean / (spread / count).sqrt().max(f64::MIN_POSITIVE)))
        };
        let step = pause / 2.0;
        #[expect(clippy::cast_possible_truncation, reason = "some hundred steps at most")]
        let steps = (most / step).clamp(1.0, 2_000.0) as i32;
        let tries: Vec<(f64, (f64, f64))> = (-steps..=steps)
            .map(|n| f64::from(n) * step)
            .filter_map(|shift| Some((shift, jump(shift)?)))
            .collect();
        let (_, (best, clear)) = *tries.iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
        // Jumps lie between two samples: all shifts that show them as clearly are as good.
        let top: Vec<f64> =
            tries.iter().filter(|(_, (jump, _))| *jump > 0.98 * best).map(|(shift, _)| *shift).collect();
        let shift = median(top.iter().copied())?;
        let rival = tries
            .iter()
            .filter(|(other, _)| (other - shift).abs() > 2.0 * window)
            .map(|(_, (jump, _))| *jump)
            .fold(0.0, f64::max);
        let spread = top.iter().map(|other| (other - shift).abs()).fold(0.0, f64::max);
        let is_certain =
            clear > CLEAR && rival < RIVAL * best && spread <= window && shift.abs() + pause < most;
        Some(Offset { seconds: shift, uncertainty: pause, is_certain })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// Noise that looks like none, from -1 to 1.
    fn noise(n: u32) -> f64 {
        f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1_u32 << 23) - 1.0
    }

    /// A machine that works and rests by turns, and a meter whose clock is behind; power rises by `high`.
    fn watch(behind: f64, pause: f64, (low, high, noisy): (f64, f64, f64), works: &[f64]) -> Aligner {
        let mut all = Vec::new();
        let mut now = 100.0;
        for (n, works) in (0_u32..).zip(works) {
            all.push((now, Some(true), 0.0));
            all.push((now + works, Some(false), 0.0));
            now += works + 15.0 + f64::from(n % 3) * 4.0;
        }
        let runs = |at: f64| {
            let past = all.iter().filter(|(edge, _, _)| *edge <= at).count();
            past % 2 == 1
        };
        let mut samples = Vec::new();
        for n in 0.. {
            let at = f64::from(n) * pause;
            if at > now + 60.0 {
                break;
            }
            let power = if runs(at) { low + high } else { low } + noise(n) * noisy;
            samples.push((at, None, power));
        }
        all.extend(samples);
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut aligner = Aligner::default();
        for (at, edge, power) in all {
            match edge {
                Some(begins) => aligner.edge(Time::from_seconds(at), begins),
                None => aligner.power(Time::from_seconds(at - behind), power),
            }
        }
        aligner
    }

    proptest! {
        // Now and then noise looks like a jump, or hides one; so the cases are drawn once.
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]

        /// The offset that the clocks have is found, as well as samples allow.
        #[test]
        fn a_known_offset_is_found(
            behind in -6.0_f64..6.0,
            pause in prop_oneof![Just(0.2), Just(0.5), Just(1.0)],
            works in prop::collection::vec(18.0_f64..40.0, 16..24),
        ) {
            let found = watch(behind, pause, (300.0, 1_500.0, 100.0), &works).found().unwrap();
            prop_assert!(found.is_certain, "{found:?}");
            prop_assert!((found.seconds - behind).abs() <= found.uncertainty, "{behind} {found:?}");
        }

        /// Power that has nothing to do with cycles shows no offset, and that is said.
        #[test]
        fn what_power_does_not_show_is_uncertain(works in prop::collection::vec(18.0_f64..40.0, 16..24)) {
            let found = watch(0.0, 0.5, (1_000.0, 0.0, 300.0), &works).found();
            prop_assert!(found.is_none_or(|found| !found.is_certain), "{found:?}");
        }
    }
}
