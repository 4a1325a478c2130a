//! From many played years to figures, each with how sure it is.

use rayon::prelude::*;

/// Groups of years in which every figure is worked out again: how far they differ tells how far the
/// figure may be off.
const GROUPS: usize = 32;

/// A figure with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its standard error: in two of three runs the figure is off by less.
    pub error: f64,
}

/// A share of years in ten thousandths: 9,900 for the value that 99 of 100 years stay below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percentile(u16);

impl Percentile {
    /// The percentiles that are always worked out.
    pub const ALL: [Percentile; 6] = [
        Percentile(5000),
        Percentile(9000),
        Percentile(9500),
        Percentile(9900),
        Percentile(9950),
        Percentile(9990),
    ];
    /// Nine of ten years.
    pub const P90: Percentile = Percentile(9000);
    /// 99 of 100 years.
    pub const P99: Percentile = Percentile(9900);

    /// The year that one in so many is worse than, for the choices of a money file.
    pub fn one_in_years(word: &str) -> Option<Self> {
        match word {
            "10" => Some(Percentile(9000)),
            "20" => Some(Percentile(9500)),
            "100" => Some(Percentile(9900)),
            "200" => Some(Percentile(9950)),
            _ => None,
        }
    }

    /// As a probability.
    pub fn probability(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// The chance of a year beyond it.
    pub fn beyond(self) -> f64 {
        f64::from(10_000 - self.0) / 10_000.0
    }

    /// One year in so many is beyond it.
    pub fn one_in(self) -> f64 {
        10_000.0 / f64::from(10_000 - self.0)
    }

    /// The place of the value in `years` sorted values.
    fn rank(self, years: usize) -> usize {
        (years * usize::from(self.0)).div_ceil(10_000).max(1) - 1
    }
}

/// What the years of a case come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Losses {
    /// Mean loss a year.
    pub mean: Estimate,
    /// Share of years with a loss.
    pub any: f64,
    /// Loss that a share of the years stays within.
    pub percentiles: Vec<(Percentile, Estimate)>,
    /// Mean loss of the worst hundredth of the years.
    pub worst: Estimate,
    /// Loss that is reached or exceeded with each chance in a year, the likely ones first.
    pub curve: Vec<(f64, f64)>,
    /// Mean loss of the first and of the second half of the years.
    pub halves: (f64, f64),
}

impl Losses {
    /// Works out the figures of the years' losses.
    #[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
    pub fn new(years: &[f64]) -> Self {
        // Losses are not negative: as bits they sort like numbers, and faster.
        let mut bits: Vec<u64> = years.iter().map(|loss| loss.to_bits()).collect();
        let length = years.len().div_ceil(GROUPS).max(1);
        let groups: Vec<Group> = years
            .par_chunks(length)
            .zip(bits.par_chunks_mut(length))
            .map(|(years, bits)| Group::new(years, bits))
            .collect();
        let points = curve_points(years.len());
        let ranks: Vec<usize> = {
            let mut all: Vec<usize> = points.iter().map(|&(rank, _)| rank).collect();
            all.extend(Percentile::ALL.map(|p| p.rank(years.len())));
            all.sort_unstable();
            all.dedup();
            all
        };
        select(&mut bits, 0, &ranks);
        let value = |rank: usize| f64::from_bits(bits[rank]);
        let worst = mean_from(&bits, Percentile::P99.rank(years.len()));

        let whole = &groups[..if groups.last().is_some_and(|g| g.years < length) && groups.len() > 1 {
            groups.len() - 1
        } else {
            groups.len()
        }];
        let of = |figure: &dyn Fn(&Group) -> f64| error_of(whole.iter().map(figure));
        let sum: f64 = groups.iter().map(|g| g.sum).sum();
        let half: f64 = years[..years.len() / 2].iter().sum();
        let rest: f64 = years[years.len() / 2..].iter().sum();
        Self {
            mean: Estimate { value: sum / years.len() as f64, error: of(&|g| g.sum / g.years as f64) },
            any: years.iter().filter(|&&loss| loss > 0.0).count() as f64 / years.len() as f64,
            percentiles: Percentile::ALL
                .iter()
                .enumerate()
                .map(|(n, &p)| {
                    (p, Estimate { value: value(p.rank(years.len())), error: of(&|g| g.percentiles[n]) })
                })
                .collect(),
            worst: Estimate { value: worst, error: of(&|g| g.worst) },
            curve: points.into_iter().map(|(rank, chance)| (chance, value(rank))).collect(),
            halves: (half / (years.len() / 2).max(1) as f64, rest / (years.len() - years.len() / 2) as f64),
        }
    }

    /// A percentile of [`Percentile::ALL`].
    pub fn percentile(&self, wanted: Percentile) -> Estimate {
        let found = self.percentiles.iter().find(|(p, _)| *p == wanted);
        found.map_or(Estimate { value: 0.0, error: 0.0 }, |(_, estimate)| *estimate)
    }
}

/// Share of years with a loss above an amount.
#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
pub fn share_above(years: &[f64], amount: f64) -> f64 {
    years.iter().filter(|&&loss| loss > amount).count() as f64 / years.len().max(1) as f64
}

/// What a year costs more in one case than in another that saw the same fate.
#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
pub fn difference(dearer: &[f64], cheaper: &[f64]) -> Estimate {
    let length = dearer.len().div_ceil(GROUPS).max(1);
    let means: Vec<f64> = dearer
        .chunks(length)
        .zip(cheaper.chunks(length))
        .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).sum::<f64>() / a.len() as f64)
        .collect();
    let weighted = dearer.chunks(length).zip(&means).map(|(group, mean)| mean * group.len() as f64);
    Estimate {
        value: weighted.sum::<f64>() / dearer.len().max(1) as f64,
        error: error_of(means.iter().copied()),
    }
}

/// The figures of a group of years.
struct Group {
    years: usize,
    sum: f64,
    percentiles: [f64; Percentile::ALL.len()],
    worst: f64,
}

impl Group {
    /// `bits` are the years' losses as bits; their order is lost.
    fn new(years: &[f64], bits: &mut [u64]) -> Self {
        let ranks = Percentile::ALL.map(|p| p.rank(years.len()));
        let mut distinct = ranks.to_vec();
        distinct.dedup();
        select(bits, 0, &distinct);
        Self {
            years: years.len(),
            sum: years.iter().sum(),
            percentiles: ranks.map(|rank| f64::from_bits(bits[rank])),
            worst: mean_from(bits, Percentile::P99.rank(years.len())),
        }
    }
}

/// Mean of the values from a rank on, once that rank has been selected.
#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
fn mean_from(bits: &[u64], rank: usize) -> f64 {
    // The order within the tail depends on how it was selected: sort it to fix the order of the sum.
    let mut tail: Vec<u64> = bits[rank..].to_vec();
    tail.sort_unstable();
    tail.iter().map(|&bits| f64::from_bits(bits)).sum::<f64>() / tail.len() as f64
}

/// Standard error of the mean of figures.
#[expect(clippy::cast_precision_loss, reason = "there are 32 groups")]
fn error_of(figures: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let n = figures.len();
    if n < 2 {
        return 0.0;
    }
    let mean = figures.clone().sum::<f64>() / n as f64;
    let squares: f64 = figures.map(|figure| (figure - mean) * (figure - mean)).sum();
    libm::sqrt(squares / (n - 1) as f64 / n as f64)
}

/// Ranks and chances of the points of a loss exceedance curve: twenty to each factor of ten, down to
/// the chance that a hundred of the played years stand for.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a chance times the number of years"
)]
fn curve_points(years: usize) -> Vec<(usize, f64)> {
    const TO_A_DECADE: f64 = 20.0;
    let mut points: Vec<(usize, f64)> = Vec::new();
    let mut step = 0.0;
    loop {
        let chance = libm::exp10(-step / TO_A_DECADE);
        let beyond = libm::round(chance * years as f64) as usize;
        if beyond < 100.min(years) || beyond == 0 {
            break;
        }
        let rank = years - beyond;
        if points.last().is_none_or(|&(last, _)| last < rank) {
            points.push((rank, beyond as f64 / years as f64));
        }
        step += 1.0;
    }
    points
}

/// Brings the values of the given ranks (rising, each once) to their places. `first` is the rank of
/// the first value.
fn select(values: &mut [u64], first: usize, ranks: &[usize]) {
    let middle = ranks.len() / 2;
    let Some(&rank) = ranks.get(middle) else { return };
    let (before, _, after) = values.select_nth_unstable(rank - first);
    rayon::join(|| select(before, first, &ranks[..middle]), || select(after, rank + 1, &ranks[middle + 1..]));
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "known small numbers")]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_sorted_values() {
        // 1, 2, … 20,000, shuffled by a step that shares no divisor with their number.
        let years: Vec<f64> = (0..20_000_u32).map(|n| f64::from((n * 7919) % 20_000 + 1)).collect();
        let losses = Losses::new(&years);
        for (p, estimate) in &losses.percentiles {
            assert_eq!(estimate.value.to_bits(), (p.probability() * 20_000.0).round().to_bits(), "{p:?}");
        }
        assert!((losses.mean.value - 10_000.5).abs() < 1e-9);
        assert!((losses.worst.value - 19_900.0).abs() < 1.0, "{:?}", losses.worst);
        assert!((losses.any - 1.0).abs() < 1e-12);
        for pair in losses.curve.windows(2) {
            assert!(pair[0].0 > pair[1].0 && pair[0].1 <= pair[1].1);
        }
        // Every point of the curve: so many years are at least as dear.
        for (chance, loss) in &losses.curve {
            let dearer = years.iter().filter(|year| *year >= loss).count();
            assert_eq!(dearer, (chance * 20_000.0).round() as usize);
        }
        assert!((share_above(&years, 19_000.0) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn few_years_are_no_trouble() {
        for n in 1..200_u32 {
            let years: Vec<f64> = (0..n).map(f64::from).collect();
            let losses = Losses::new(&years);
            assert!(losses.mean.value.is_finite() && losses.worst.value.is_finite(), "{n}");
        }
    }
}
