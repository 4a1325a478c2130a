//! From many played years to figures, each with how sure it is.

use crate::parallel::each;

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
    ///
    /// The years are not sorted. Each loss belongs to a [`cell`]; the numbers of losses in them tell
    /// in which cell a rank lies, and only the losses of such cells are put in order.
    #[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
    pub fn new(years: &[f64]) -> Self {
        let length = years.len().div_ceil(GROUPS).max(1);
        let parts: Vec<&[f64]> = years.chunks(length).collect();
        let tallies: Vec<Tally> = each(parts.len(), &|n| Tally::new(parts[n]));
        let points = curve_points(years.len());
        let mut ranks: Vec<usize> = points.iter().map(|&(rank, _)| rank).collect();
        ranks.extend(Percentile::ALL.map(|p| p.rank(years.len())));
        ranks.sort_unstable();
        ranks.dedup();
        let tail = Percentile::P99.rank(years.len());
        let mut counts = vec![0_u32; CELLS];
        for tally in &tallies {
            counts.iter_mut().zip(&tally.counts).for_each(|(sum, count)| *sum += count);
        }
        let wanted = Wanted::new(&counts, &ranks, tail);
        let groups: Vec<Group> = each(parts.len(), &|n| Group::new(parts[n], &tallies[n], &wanted));
        let ordered: Vec<Vec<u64>> =
            each(wanted.cells.len(), &|at| sorted(groups.iter().flat_map(|group| &group.losses[at])));
        let value = |rank: usize| wanted.value(rank, &ordered);
        let worst = groups.iter().map(|group| group.beyond).sum::<f64>() + wanted.rest(tail, &ordered);

        let whole = &groups[..if tallies.last().is_some_and(|t| t.years < length) && groups.len() > 1 {
            groups.len() - 1
        } else {
            groups.len()
        }];
        let of = |figure: &dyn Fn(&Group) -> f64| error_of(whole.iter().map(figure));
        let mean = |tallies: &[Tally]| {
            let years: usize = tallies.iter().map(|tally| tally.years).sum();
            tallies.iter().map(|tally| tally.sum).sum::<f64>() / years.max(1) as f64
        };
        let (half, rest) = tallies.split_at(tallies.len().div_ceil(2));
        Self {
            mean: Estimate { value: mean(&tallies), error: of(&|g| g.mean) },
            any: (years.len() - counts[NOTHING] as usize) as f64 / years.len().max(1) as f64,
            percentiles: Percentile::ALL
                .iter()
                .enumerate()
                .map(|(n, &p)| {
                    (p, Estimate { value: value(p.rank(years.len())), error: of(&|g| g.percentiles[n]) })
                })
                .collect(),
            worst: Estimate { value: worst / (years.len() - tail) as f64, error: of(&|g| g.worst) },
            curve: points.into_iter().map(|(rank, chance)| (chance, value(rank))).collect(),
            halves: (mean(half), mean(rest)),
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

/// How finely cells divide a factor of two, as a power of two: a cell is 0.4 % wide at most.
const FINE: u32 = 8;
/// Factors of two that have cells, from [`LOWEST`] on. What lies outside is in the outermost cells.
const OCTAVES: usize = 64;
/// Exponent of the loss from which on there are cells: a sixteenth of a unit of money.
const LOWEST: i64 = -4;
const CELLS: usize = 1 + (OCTAVES << FINE);
/// The cell of years without a loss.
const NOTHING: usize = 0;

/// The cell of a loss. A larger loss never has a smaller cell.
#[inline]
fn cell(loss: f64) -> usize {
    const FIRST: u64 = ((1023 + LOWEST) as u64) << FINE;
    const LAST: u64 = (OCTAVES << FINE) as u64 - 1;
    // Losses are not negative: as bits they are in order like numbers.
    let bits = loss.to_bits();
    let place = 1 + (bits >> (52 - FINE)).saturating_sub(FIRST).min(LAST) as usize;
    if bits == 0 { NOTHING } else { place }
}

/// A group of years at first sight.
struct Tally {
    years: usize,
    sum: f64,
    /// Number of years by cell.
    counts: Vec<u32>,
}

impl Tally {
    fn new(years: &[f64]) -> Self {
        let mut counts = vec![0; CELLS];
        for &loss in years {
            counts[cell(loss)] += 1;
        }
        Self { years: years.len(), sum: sum(years), counts }
    }
}

/// The sum of many numbers, in an order that lets several be added at a time.
pub(crate) fn sum(values: &[f64]) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        for (sum, value) in sums.iter_mut().zip(eight) {
            *sum += value;
        }
    }
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// Ranks that are asked for, and the cells that they lie in.
struct Wanted {
    /// The cells that hold such ranks, rising; [`NOTHING`] is not among them.
    cells: Vec<usize>,
    /// How many years are in cells before each of them.
    before: Vec<usize>,
    /// The cell from which the worst years begin.
    tail: usize,
}

impl Wanted {
    /// `ranks` are rising; `tail` is the rank from which the worst years begin, one of them.
    fn new(counts: &[u32], ranks: &[usize], tail: usize) -> Self {
        let mut wanted = Self { cells: Vec::new(), before: Vec::new(), tail: NOTHING };
        let mut ranks = ranks.iter().copied().peekable();
        let mut before = 0;
        for (cell, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let behind = before + count as usize;
            let mut is_wanted = false;
            while let Some(rank) = ranks.next_if(|rank| *rank < behind) {
                is_wanted = true;
                if rank == tail {
                    wanted.tail = cell;
                }
            }
            if is_wanted && cell != NOTHING {
                wanted.cells.push(cell);
                wanted.before.push(before);
            }
            before = behind;
        }
        wanted
    }

    /// Where a rank lies: which of the cells, and which place in it; none if it is a year without a
    /// loss.
    fn place(&self, rank: usize) -> Option<(usize, usize)> {
        let at = self.before.partition_point(|&before| before <= rank).checked_sub(1)?;
        Some((at, rank - self.before[at]))
    }

    /// The loss of a rank that was asked for.
    fn value(&self, rank: usize, ordered: &[Vec<u64>]) -> f64 {
        self.place(rank).map_or(0.0, |(at, place)| f64::from_bits(ordered[at][place]))
    }

    /// The sum of the losses from a rank to the end of its cell.
    fn rest(&self, rank: usize, ordered: &[Vec<u64>]) -> f64 {
        self.place(rank)
            .map_or(0.0, |(at, place)| ordered[at][place..].iter().map(|&bits| f64::from_bits(bits)).sum())
    }
}

fn sorted<'a>(losses: impl Iterator<Item = &'a u64>) -> Vec<u64> {
    let mut losses: Vec<u64> = losses.copied().collect();
    losses.sort_unstable();
    losses
}

/// The figures of a group of years, and what it holds of the cells that are looked at.
struct Group {
    mean: f64,
    percentiles: [f64; Percentile::ALL.len()],
    worst: f64,
    /// Losses in each of the cells that hold ranks of all years, as bits.
    losses: Vec<Vec<u64>>,
    /// Sum of the losses in cells beyond the one from which the worst of all years begin.
    beyond: f64,
}

impl Group {
    #[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
    fn new(years: &[f64], tally: &Tally, all: &Wanted) -> Self {
        const NOWHERE: u16 = u16::MAX;
        let ranks = Percentile::ALL.map(|p| p.rank(years.len()));
        let mut distinct = ranks.to_vec();
        distinct.dedup();
        let tail = Percentile::P99.rank(years.len());
        let own = Wanted::new(&tally.counts, &distinct, tail);
        let mut slots = vec![NOWHERE; CELLS];
        let mut losses: Vec<Vec<u64>> = Vec::new();
        for &cell in all.cells.iter().chain(&own.cells) {
            if slots[cell] == NOWHERE {
                slots[cell] = u16::try_from(losses.len()).unwrap_or(NOWHERE);
                losses.push(Vec::with_capacity(tally.counts[cell] as usize));
            }
        }
        let (mut beyond, mut own_beyond) = (0.0, 0.0);
        for &loss in years {
            let cell = cell(loss);
            if slots[cell] != NOWHERE {
                losses[usize::from(slots[cell])].push(loss.to_bits());
            }
            if cell > all.tail {
                beyond += loss;
            }
            if cell > own.tail {
                own_beyond += loss;
            }
        }
        let ordered: Vec<Vec<u64>> =
            own.cells.iter().map(|&cell| sorted(losses[usize::from(slots[cell])].iter())).collect();
        losses.truncate(all.cells.len());
        Self {
            mean: tally.sum / years.len() as f64,
            percentiles: ranks.map(|rank| own.value(rank, &ordered)),
            worst: (own_beyond + own.rest(tail, &ordered)) / (years.len() - tail) as f64,
            losses,
            beyond,
        }
    }
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
