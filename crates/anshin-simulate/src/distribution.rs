//! How a quantity that nobody knows exactly may turn out.

use std::fmt;
use std::sync::Arc;

use crate::maths;
use crate::units::WrongNumber;

/// How far a standard normal variable goes to each side of its mean in 90 of 100 cases.
pub const Z_90: f64 = 1.644_853_626_951_472_2;

/// The widest 90 % interval: beyond it the mean comes from values that nobody thought of.
pub const WIDEST: f64 = 10_000.0;

/// How a quantity from zero up is spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Fixed(f64),
    /// Any value between the ends, all alike.
    Uniform {
        /// The lower end.
        low: f64,
        /// The upper end.
        high: f64,
    },
    /// Between the ends, rising in a straight line to the likeliest value and falling from it.
    Triangular {
        /// The least.
        least: f64,
        /// The likeliest.
        likely: f64,
        /// The most.
        most: f64,
    },
    /// Between the ends, smooth, nearer to the likeliest value than [`Distribution::Triangular`].
    Pert(Pert),
    /// `exp(mu + sigma z)` with a standard normal `z`: half of the values below `exp(mu)`, and now and
    /// then one far above.
    Lognormal {
        /// Logarithm of the median.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

/// A PERT distribution with its quantiles ready for use.
#[derive(Clone, PartialEq)]
pub struct Pert {
    least: f64,
    likely: f64,
    most: f64,
    /// The density on a scale from 0 to 1 is `x^a (1-x)^b`, apart from a factor; `a + b = 4`.
    powers: (f64, f64),
    /// Quantiles on that scale, at multiples of one over the number of cells.
    table: Arc<[f64]>,
}

impl fmt::Debug for Pert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pert({}, {}, {})", self.least, self.likely, self.most)
    }
}

const CELLS: usize = 4096;

impl Distribution {
    /// Always the same value.
    pub fn fixed(value: f64) -> Result<Self, WrongNumber> {
        ordered(&[value])?;
        Ok(Self::Fixed(value))
    }

    /// A lognormal distribution by its 90 % interval: 5 of 100 values are below `low` and 5 above
    /// `high`. Both ends alike make a fixed value.
    ///
    /// ```
    /// use anshin_simulate::Distribution;
    /// let loss = Distribution::interval(1_000_000.0, 9_000_000.0)?;
    /// assert!((loss.quantile(0.5) - 3_000_000.0).abs() < 1e-3);
    /// assert!((loss.mean() - 3_749_653.0).abs() < 1.0);
    /// # Ok::<(), anshin_simulate::WrongNumber>(())
    /// ```
    pub fn interval(low: f64, high: f64) -> Result<Self, WrongNumber> {
        ordered(&[low, high])?;
        if low.to_bits() == high.to_bits() {
            return Ok(Self::Fixed(low));
        }
        if low <= 0.0 {
            return Err(WrongNumber::BeginsAtZero);
        }
        if high > low * WIDEST {
            return Err(WrongNumber::TooWide { low, high, times: WIDEST });
        }
        let (low, high) = (libm::log(low), libm::log(high));
        Ok(Self::Lognormal { mu: low.midpoint(high), sigma: (high - low) / (2.0 * Z_90) })
    }

    /// Any value between two ends, all alike.
    pub fn uniform(low: f64, high: f64) -> Result<Self, WrongNumber> {
        ordered(&[low, high])?;
        Ok(Self::Uniform { low, high })
    }

    /// A triangular distribution by its least, likeliest and greatest value.
    pub fn triangular(least: f64, likely: f64, most: f64) -> Result<Self, WrongNumber> {
        ordered(&[least, likely, most])?;
        Ok(Self::Triangular { least, likely, most })
    }

    /// A PERT distribution by its least, likeliest and greatest value.
    pub fn pert(least: f64, likely: f64, most: f64) -> Result<Self, WrongNumber> {
        ordered(&[least, likely, most])?;
        if least.to_bits() == most.to_bits() {
            return Ok(Self::Fixed(least));
        }
        let width = most - least;
        let powers = (4.0 * (likely - least) / width, 4.0 * (most - likely) / width);
        Ok(Self::Pert(Pert { least, likely, most, powers, table: beta_quantiles(powers) }))
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Fixed(value) => *value,
            Self::Uniform { low, high } => low.midpoint(*high),
            Self::Triangular { least, likely, most } => (least + likely + most) / 3.0,
            Self::Pert(p) => (p.least + 4.0 * p.likely + p.most) / 6.0,
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
        }
    }

    /// The variance.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Fixed(_) => 0.0,
            Self::Uniform { low, high } => (high - low) * (high - low) / 12.0,
            Self::Triangular { least: a, likely: m, most: b } => {
                (a * a + b * b + m * m - a * b - a * m - b * m) / 18.0
            }
            Self::Pert(p) => {
                let mean = self.mean();
                (mean - p.least) * (p.most - mean) / 7.0
            }
            Self::Lognormal { mu, sigma } => {
                let s2 = sigma * sigma;
                libm::expm1(s2) * libm::exp(2.0 * mu + s2)
            }
        }
    }

    /// The value that the quantity stays below with a probability between 0 and 1.
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Lognormal { mu, sigma } => maths::exp(mu + sigma * maths::normal_quantile(p)),
            Self::Fixed(value) => *value,
            Self::Uniform { low, high } => low + p * (high - low),
            Self::Triangular { least, likely, most } => {
                let width = most - least;
                let rising = likely - least;
                if p * width < rising {
                    least + libm::sqrt(p * width * rising)
                } else {
                    most - libm::sqrt((1.0 - p) * width * (most - likely))
                }
            }
            Self::Pert(pert) => pert.quantile(p),
        }
    }

    /// The range that holds 90 of 100 values.
    pub fn range(&self) -> (f64, f64) {
        (self.quantile(0.05), self.quantile(0.95))
    }

    /// The same spread around values that are so many times as large.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        match self {
            Self::Fixed(value) => Self::Fixed(value * factor),
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Triangular { least, likely, most } => {
                Self::Triangular { least: least * factor, likely: likely * factor, most: most * factor }
            }
            Self::Pert(p) => Self::Pert(Pert {
                least: p.least * factor,
                likely: p.likely * factor,
                most: p.most * factor,
                ..p.clone()
            }),
            Self::Lognormal { .. } if factor <= 0.0 => Self::Fixed(0.0),
            Self::Lognormal { mu, sigma } => Self::Lognormal { mu: mu + libm::log(factor), sigma: *sigma },
        }
    }

    /// Whether [`Distribution::add_to`] reads normal variables.
    pub(crate) fn is_lognormal(&self) -> bool {
        matches!(self, Self::Lognormal { .. })
    }

    /// Adds the value that belongs to each probability to the numbers of `sum`. `normals` are the
    /// normal quantiles of the probabilities, needed for a lognormal distribution only.
    pub(crate) fn add_to(&self, sum: &mut [f64], probabilities: &[f64], normals: &[f64]) {
        match self {
            Self::Lognormal { mu, sigma } => {
                for (sum, z) in sum.iter_mut().zip(normals) {
                    *sum += maths::exp(mu + sigma * z);
                }
            }
            Self::Fixed(value) => sum.iter_mut().for_each(|sum| *sum += value),
            other => {
                for (sum, &p) in sum.iter_mut().zip(probabilities) {
                    *sum += other.quantile(p);
                }
            }
        }
    }
}

impl Pert {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a probability times the number of cells"
    )]
    fn quantile(&self, p: f64) -> f64 {
        let place = p.clamp(0.0, 1.0) * CELLS as f64;
        let cell = (place as usize).min(CELLS - 1);
        let (from, to) = (self.table[cell], self.table[cell + 1]);
        let part = place - cell as f64;
        // At its ends the distribution function is a power; a straight line would be far off.
        let unit = match cell {
            0 => to * libm::pow(part, 1.0 / (self.powers.0 + 1.0)),
            cell if cell == CELLS - 1 => {
                1.0 - (1.0 - from) * libm::pow(1.0 - part, 1.0 / (self.powers.1 + 1.0))
            }
            _ => from + part * (to - from),
        };
        self.least + unit * (self.most - self.least)
    }
}

/// Refuses negative and endless numbers and those that do not rise.
fn ordered(values: &[f64]) -> Result<(), WrongNumber> {
    for &value in values {
        if !value.is_finite() {
            return Err(WrongNumber::NotFinite);
        }
        if value < 0.0 {
            return Err(WrongNumber::Negative(value));
        }
    }
    match *values {
        [low, high] if low > high => Err(WrongNumber::LowAboveHigh { low, high }),
        [least, _, most] if least > most => Err(WrongNumber::LowAboveHigh { low: least, high: most }),
        [least, likely, most] if likely < least || likely > most => {
            Err(WrongNumber::LikelyOutside { least, likely, most })
        }
        _ => Ok(()),
    }
}

/// Quantiles of the distribution between 0 and 1 with density `x^a (1-x)^b` at multiples of one over
/// [`CELLS`]: the density summed up by Simpson's rule, then turned round.
#[expect(clippy::cast_precision_loss, reason = "the number of cells is small")]
fn beta_quantiles((a, b): (f64, f64)) -> Arc<[f64]> {
    let width = 1.0 / CELLS as f64;
    let density = |x: f64| libm::pow(x, a) * libm::pow(1.0 - x, b);
    let mut below = Vec::with_capacity(CELLS + 1);
    let mut sum = 0.0;
    let mut left = density(0.0);
    below.push(0.0);
    for cell in 0..CELLS {
        let x = cell as f64 * width;
        let right = density((x + width).min(1.0));
        sum += (left + 4.0 * density(x + width / 2.0) + right) * width / 6.0;
        below.push(sum);
        left = right;
    }
    let mut cell = 0;
    let mut quantiles: Vec<f64> = (0..CELLS)
        .map(|n| {
            let wanted = n as f64 * width * sum;
            while cell + 1 < CELLS && below[cell + 1] < wanted {
                cell += 1;
            }
            let step = below[cell + 1] - below[cell];
            let part = if step > 0.0 { (wanted - below[cell]) / step } else { 0.0 };
            (cell as f64 + part) * width
        })
        .collect();
    quantiles.push(1.0);
    quantiles.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean and the variance by adding up many quantiles.
    fn summed(d: &Distribution) -> (f64, f64) {
        let n = 400_000;
        let (mut first, mut second) = (0.0, 0.0);
        for k in 0..n {
            let x = d.quantile((f64::from(k) + 0.5) / f64::from(n));
            first += x;
            second += x * x;
        }
        let mean = first / f64::from(n);
        (mean, second / f64::from(n) - mean * mean)
    }

    #[test]
    fn moments_agree_with_the_quantiles() -> Result<(), WrongNumber> {
        for (d, within) in [
            (Distribution::fixed(7.0)?, 1e-9),
            (Distribution::uniform(2.0, 10.0)?, 1e-6),
            (Distribution::triangular(1.0, 2.0, 9.0)?, 1e-5),
            (Distribution::triangular(0.0, 0.0, 4.0)?, 1e-5),
            (Distribution::pert(1.0, 2.0, 9.0)?, 1e-4),
            (Distribution::pert(0.0, 10.0, 10.0)?, 1e-4),
            (Distribution::interval(1.0, 3.0)?, 1e-3),
            (Distribution::pert(1.0, 2.0, 9.0)?.times(3.0), 1e-4),
            (Distribution::interval(1.0, 3.0)?.times(0.25), 1e-3),
        ] {
            let (mean, variance) = summed(&d);
            assert!((mean / d.mean() - 1.0).abs() < within, "{d:?}: mean {mean} {}", d.mean());
            let off = (variance - d.variance()).abs();
            assert!(off <= 10.0 * within * d.variance() + 1e-9, "{d:?}: {variance} {}", d.variance());
        }
        Ok(())
    }

    #[test]
    fn a_90_percent_interval_is_one() -> Result<(), WrongNumber> {
        let (low, high) = Distribution::interval(3e6, 4e6)?.range();
        assert!((low - 3e6).abs() < 1e-6 && (high - 4e6).abs() < 1e-6);
        assert_eq!(Distribution::interval(5.0, 5.0)?, Distribution::Fixed(5.0));
        Ok(())
    }

    #[test]
    fn wrong_ranges_are_refused_each_with_its_reason() {
        type D = Distribution;
        assert_eq!(D::interval(2.0, 1.0), Err(WrongNumber::LowAboveHigh { low: 2.0, high: 1.0 }));
        assert_eq!(D::interval(0.0, 1.0), Err(WrongNumber::BeginsAtZero));
        assert_eq!(D::interval(-1.0, 1.0), Err(WrongNumber::Negative(-1.0)));
        assert_eq!(D::interval(1.0, 1e5), Err(WrongNumber::TooWide { low: 1.0, high: 1e5, times: WIDEST }));
        assert_eq!(D::uniform(1.0, f64::INFINITY), Err(WrongNumber::NotFinite));
        assert_eq!(
            D::pert(1.0, 9.0, 5.0),
            Err(WrongNumber::LikelyOutside { least: 1.0, likely: 9.0, most: 5.0 })
        );
        assert_eq!(D::triangular(6.0, 6.0, 5.0), Err(WrongNumber::LowAboveHigh { low: 6.0, high: 5.0 }));
    }
}
