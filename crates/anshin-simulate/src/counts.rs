//! How many times something happens in a year.

use crate::distribution::Distribution;

/// Probability of the counts that are left out at the upper end.
const LEFT_OUT: f64 = 1e-16;
/// Frequencies that stand for a spread of frequencies, all alike.
const PIECES: u32 = 256;

/// Poisson counts, ready to be drawn from.
///
/// If the frequency itself is uncertain, the counts are those of a Poisson distribution whose
/// frequency is drawn anew each year: a mixture, with the mean of the frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// `below[k]` of 2^64 equally likely numbers stand for a count of at most `k`; the last is all.
    below: Vec<u64>,
    /// For each value of a number's upper eight bits the least count that it can stand for.
    start: Vec<u16>,
    mean: f64,
}

impl Counts {
    /// Counts for a frequency per year. Frequencies above [`crate::units::MOST_FREQUENT`] do not
    /// come here.
    pub fn new(frequency: &Distribution) -> Self {
        let pieces: Vec<f64> = match frequency {
            Distribution::Fixed(rate) => vec![*rate],
            spread => {
                let middle = |k: u32| (f64::from(k) + 0.5) / f64::from(PIECES);
                let rates: Vec<f64> = (0..PIECES).map(|k| spread.quantile(middle(k))).collect();
                // The middle of a piece is not its mean: put right what the long tail lacks.
                let mean = rates.iter().sum::<f64>() / f64::from(PIECES);
                let right = if mean > 0.0 { spread.mean() / mean } else { 1.0 };
                rates.iter().map(|rate| rate * right).collect()
            }
        };
        Self::mixture(&pieces)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "scaled to 64 bits on purpose"
    )]
    #[expect(clippy::cast_precision_loss, reason = "the number of pieces is small")]
    fn mixture(rates: &[f64]) -> Self {
        const SCALE: f64 = 18_446_744_073_709_551_616.0;
        let share = 1.0 / rates.len() as f64;
        let mut below = Vec::new();
        let mut sum = 0.0;
        let mut count = 0.0;
        let highest = rates.iter().copied().fold(0.0, f64::max);
        while 1.0 - sum > LEFT_OUT && below.len() < usize::from(u16::MAX) {
            sum += rates.iter().map(|&rate| poisson(rate, count)).sum::<f64>() * share;
            below.push((sum.min(1.0) * SCALE) as u64);
            count += 1.0;
            // Rounding may keep the sum a little below one for ever.
            if count > highest + 40.0 * libm::sqrt(highest) + 40.0 {
                break;
            }
        }
        if let Some(last) = below.last_mut() {
            *last = u64::MAX;
        }
        let start =
            (0..256_u64).map(|top| below.partition_point(|&bound| bound <= top << 56) as u16).collect();
        Self { below, start, mean: rates.iter().sum::<f64>() * share }
    }

    /// The mean count.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Smaller numbers stand for a count of 0.
    pub(crate) fn quiet(&self) -> u64 {
        self.below.first().copied().unwrap_or(0)
    }

    /// The count that an evenly spread 64-bit number stands for. A larger number never stands for
    /// a smaller count.
    #[inline]
    pub fn draw(&self, number: u64) -> u32 {
        let mut count = usize::from(self.start[(number >> 56) as usize]);
        while count + 1 < self.below.len() && number >= self.below[count] {
            count += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a table has at most 65,535 rows")]
        let count = count as u32;
        count
    }
}

/// Probability of a count at a rate.
fn poisson(rate: f64, count: f64) -> f64 {
    if rate <= 0.0 {
        return if count == 0.0 { 1.0 } else { 0.0 };
    }
    libm::exp(count * libm::log(rate) - rate - libm::lgamma(count + 1.0))
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "known small numbers")]
mod tests {
    use super::*;

    /// Probability of each count, read back from the table.
    fn probabilities(counts: &Counts) -> Vec<f64> {
        let mut before = 0;
        counts
            .below
            .iter()
            .map(|&bound| {
                let own = (bound - before) as f64 / 2.0_f64.powi(64);
                before = bound;
                own
            })
            .collect()
    }

    #[test]
    fn counts_of_a_fixed_frequency_are_poisson() {
        for rate in [0.0, 1e-6, 0.1, 2.0, 30.0, 1000.0] {
            let table = probabilities(&Counts::new(&Distribution::Fixed(rate)));
            let (mut mean, mut second) = (0.0, 0.0);
            for (k, p) in table.iter().enumerate() {
                mean += k as f64 * p;
                second += (k * k) as f64 * p;
            }
            assert!((mean - rate).abs() < 1e-9 * rate.max(1.0), "{rate}: {mean}");
            assert!((second - mean * mean - rate).abs() < 1e-7 * rate.max(1.0), "{rate}");
        }
        let table = probabilities(&Counts::new(&Distribution::Fixed(2.0)));
        assert!((table[0] - (-2.0_f64).exp()).abs() < 1e-15);
    }

    #[test]
    fn an_uncertain_frequency_spreads_the_counts_and_keeps_the_mean() {
        let frequency = Distribution::interval(0.5, 4.0).unwrap();
        let counts = Counts::new(&frequency);
        let table = probabilities(&counts);
        let mean: f64 = table.iter().enumerate().map(|(k, p)| k as f64 * p).sum();
        let second: f64 = table.iter().enumerate().map(|(k, p)| (k * k) as f64 * p).sum();
        assert!((mean - frequency.mean()).abs() < 1e-9);
        // Variance of a mixture: mean and variance of the frequency together.
        let expected = frequency.mean() + frequency.variance();
        assert!(
            ((second - mean * mean) / expected - 1.0).abs() < 0.02,
            "{} {expected}",
            second - mean * mean
        );
    }

    #[test]
    fn drawing_reads_the_table() {
        for rate in [0.0, 0.05, 3.0, 400.0] {
            let counts = Counts::new(&Distribution::Fixed(rate));
            let mut number = 0_u64;
            for _ in 0..10_000 {
                number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let plain = counts.below.iter().position(|&b| number < b).unwrap_or(counts.below.len() - 1);
                assert_eq!(counts.draw(number) as usize, plain);
            }
            assert_eq!(counts.draw(u64::MAX) as usize, counts.below.len() - 1);
        }
    }
}
