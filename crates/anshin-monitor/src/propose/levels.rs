//! From which power on a machine works, and what a pause is, as its power itself shows.
//!
//! Power at rest, idle and at work makes heaps that lie apart on a logarithmic scale, however long each of
//! them lasts. Otsu's method finds the bounds between two and between three of them; that bound counts from
//! which on runs resemble each other most, which is what the monitor will learn.
//!
//! See: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions on Systems,
//! Man, and Cybernetics 9 (1979), 62–66

use super::beside::Beside;
use super::frozen::{self, Frozen, Moving};
use super::pause::{self, Basis};
use super::runs::{self, Run, Runs, due, known, unseen, usual_length};
use crate::format::MOST_POWER;
use crate::machine::FEWEST_SAMPLES;
use crate::time::Time;

/// Fewest samples that show anything.
const FEWEST: usize = 20;

/// Heaps of a histogram.
const BINS: usize = 96;

/// Powers count as different from this ratio of their means on.
const APART: f64 = 1.5;

/// A machine that is off draws so many times less than one that is idle.
const OFF: f64 = 3.0;

/// The part of high power that counts as no power at all.
const NOTHING: f64 = 0.02;

/// Seconds between samples that are proposed at most, unless they come more seldom.
const LONGEST_GAP: f64 = 60.0;

/// A rest that shows for sure holds samples that lie so many steps apart.
const SHORT_REST: f64 = 2.0;

/// Samples come at an even pace where most steps between them differ by no more than this.
const EVEN: f64 = 1.5;

/// Rows are missing where this part of those at work is.
const MANY_MISSING: f64 = 0.1;
const MOST_MISSING: f64 = 0.5;

/// Cycles that are alike and as many as this say more than few.
const MANY: usize = 5;

/// Stretches of at least so many seconds that hold several cycles each are the shifts of a machine that is off at
/// night, or its lots; within less, they may as well be what one part takes.
const SHIFT: f64 = 3_600.0;
const SEVERAL: usize = 3;

/// How cycles are told by power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Levels {
    /// The power from which a cycle runs.
    pub(super) on: f64,
    /// The power below which it has ended.
    pub(super) off: f64,
    /// Seconds of pause that belong to it, and what is known of them.
    pub(super) pause: f64,
    pub(super) basis: Basis,
    /// Seconds below which it is none, where shorter runs were seen.
    pub(super) shortest: Option<f64>,
    /// The power from which the machine is on, where it was seen off as well.
    pub(super) idle: Option<f64>,
    /// Usual power below and above the bound.
    pub(super) usual: [f64; 2],
    /// Seconds between samples that are usual at most: not so many that a cycle would go unseen, as far as samples
    /// come often enough.
    pub(super) most_gap: f64,
    /// Cycles that follow, and how many seconds the shortest and the longest of them last.
    pub(super) cycles: usize,
    pub(super) lengths: [f64; 2],
    /// Whether the shortest of them holds fewer samples than cycles usually must.
    pub(super) has_few_samples: bool,
    /// Whether rests between cycles are about as short as samples lie apart, so that some go unseen.
    pub(super) rests_are_short: bool,
    /// What hung, and was left out.
    pub(super) frozen: Option<Frozen>,
    /// Where rows are missing at work: the part of them, and after how many seconds a row is due.
    pub(super) missing: Option<(f64, f64)>,
}

impl Levels {
    /// The power from which the machine is on, as far as is known: what is off draws far less than what is idle.
    pub(super) fn is_on(&self) -> f64 {
        let [rest, _] = self.usual;
        self.idle.unwrap_or(if rest > 0.0 { rest / OFF } else { self.off })
    }

    /// Runs that are like others, each of those that make a cycle counted.
    fn alike(&self) -> usize {
        match self.basis {
            Basis::Joined(runs, _) => runs * self.cycles,
            Basis::Seen | Basis::Apart(..) | Basis::Counted | Basis::Unknown => self.cycles,
        }
    }
}

/// Reads the levels from samples in the order of their times, and from what is told beside them; `None` if power does
/// not show any.
pub(super) fn read(samples: &[(Time, f64)], beside: &Beside) -> Option<Levels> {
    let Moving { samples, cuts, frozen } = frozen::left_out(samples);
    if samples.len() < FEWEST {
        return None;
    }
    let mut sorted: Vec<f64> = samples.iter().map(|(_, power)| *power).collect();
    sorted.sort_by(f64::total_cmp);
    let floor = NOTHING * sorted[sorted.len() * 19 / 20].max(NOTHING * sorted[sorted.len() - 1]);
    if floor <= 0.0 {
        return None;
    }
    let logs: Vec<f64> = sorted.iter().map(|power| power.max(floor).ln()).collect();
    let mut bounds: Vec<f64> = Heaps::of(&logs)?.bounds();
    let two = bounds[0];
    let rest = logs.partition_point(|log| *log < two);
    bounds.sort_by(f64::total_cmp);
    bounds.dedup_by(|one, other| (*one - *other).abs() < 0.1);
    let mean = |logs: &[f64]| {
        #[expect(clippy::cast_precision_loss, reason = "samples are far fewer than 2^53")]
        let count = logs.len() as f64;
        logs.iter().sum::<f64>() / count
    };
    let work = Work::above(&samples, cuts, mean(&logs[..rest]).exp());
    let mut proposed = Vec::new();
    let mut before = 0;
    for bound in bounds {
        let at = logs.partition_point(|log| *log < bound);
        // The heap just below it: what is off lies further down.
        let (below, above) = (&logs[before..at], &logs[at..]);
        before = at;
        if below.is_empty() || above.is_empty() {
            continue;
        }
        let [low, high] = [mean(below), mean(above)];
        if high - low >= APART.ln() {
            // Half-way, so that noise at rest neither begins a cycle nor keeps one from its end.
            let (on, off) = (rounded(bound.exp()), rounded(f64::midpoint(low, bound).exp()));
            let usual = [if low <= floor.ln() + 0.1 { 0.0 } else { rounded(low.exp()) }, rounded(high.exp())];
            let (levels, covered, count) = runs(&work, on, off.min(on), beside);
            proposed.push((Levels { usual, ..levels }, covered, count));
        }
    }
    // Few cycles that are alike, such as the lots of some days, say nothing beside many.
    let has_many = proposed.iter().any(|(levels, ..)| levels.alike() >= MANY);
    // Cycles that are parts as they were counted say more than any others.
    let are_counted = proposed.iter().any(|(levels, ..)| levels.basis == Basis::Counted);
    for (levels, covered, _) in &mut proposed {
        let says_more =
            if are_counted { levels.basis == Basis::Counted } else { !has_many || levels.alike() >= MANY };
        *covered *= f64::from(u8::from(says_more));
    }
    let most = proposed.iter().map(|(_, covered, _)| *covered).max_by(f64::total_cmp)?;
    // Where most rows are missing, those that are there make short runs that are alike by chance.
    let are_there = |levels: &Levels| levels.missing.is_none_or(|(part, _)| part < MOST_MISSING);
    let most = if proposed.iter().all(|(levels, ..)| are_there(levels)) { most } else { 0.0 };
    // Of those whose cycles hold about as much of the work as any, the one that noise crosses least.
    // Where none are like others, as in a recording of one part, the one between two heaps.
    let likely = proposed.iter().enumerate().filter(|(_, (levels, covered, _))| {
        if most > 0.0 { *covered >= 0.85 * most } else { levels.on >= rounded(two.exp()) }
    });
    let crossed = |(_, (levels, _, count)): &(usize, &(Levels, f64, usize))| {
        (if most > 0.0 { *count } else { 0 }, levels.on.to_bits())
    };
    let coarse = likely.clone().min_by_key(crossed)?;
    // What is off draws far less than what is idle; else it is the noise at rest that has been cut in two.
    let is_off = |below: &Levels, above: &Levels| below.usual[0] * OFF <= above.usual[0];
    let (_, (on, ..)) = coarse;
    let are_in_shifts = |levels: &Levels| {
        on.lengths[1] >= SHIFT && levels.cycles >= SEVERAL * on.cycles && is_off(on, levels)
    };
    let fine = likely.filter(|(_, (levels, ..))| are_in_shifts(levels)).min_by_key(crossed);
    let (chosen, (levels, ..)) = fine.unwrap_or(coarse);
    let idle = proposed[..chosen].iter().map(|(below, ..)| below).rfind(|below| is_off(below, levels));
    let idle = idle.map(|below| below.on);
    Some(Levels { idle, frozen, ..*levels })
}

/// The brightness from which a light is lit, where samples show it lit and dark.
pub(super) fn lit(samples: &[(Time, f64)]) -> Option<f64> {
    let most = samples.iter().map(|(_, light)| *light).fold(0.0, f64::max);
    let floor = NOTHING * most;
    if samples.len() < FEWEST || floor <= 0.0 {
        return None;
    }
    let mut logs: Vec<f64> = samples.iter().map(|(_, light)| light.max(floor).ln()).collect();
    logs.sort_by(f64::total_cmp);
    let bound = Heaps::of(&logs)?.bounds()[0];
    let (dark, lit) = logs.split_at(logs.partition_point(|log| *log < bound));
    #[expect(clippy::cast_precision_loss, reason = "samples are far fewer than 2^53")]
    let mean = |logs: &[f64]| logs.iter().sum::<f64>() / logs.len() as f64;
    (!dark.is_empty() && !lit.is_empty() && mean(lit) - mean(dark) >= OFF.ln()).then(|| rounded(bound.exp()))
}

/// Samples, and what was done up to each of them above the power at rest.
struct Work<'a> {
    samples: &'a [(Time, f64)],
    done: Vec<f64>,
    /// Seconds between samples in rising order.
    steps: Vec<f64>,
    most_gap: f64,
    /// The samples that follow what has been left out.
    cuts: Vec<Time>,
}

impl<'a> Work<'a> {
    fn above(samples: &'a [(Time, f64)], cuts: Vec<Time>, rest: f64) -> Self {
        let mut steps: Vec<f64> = samples.windows(2).map(|pair| pair[1].0.since(pair[0].0)).collect();
        steps.sort_by(f64::total_cmp);
        let most_gap = f64::max(LONGEST_GAP, least_gap(&steps));
        let mut done = vec![0.0];
        for pair in samples.windows(2) {
            let seconds = pair[1].0.since(pair[0].0).clamp(0.0, most_gap);
            done.push(done[done.len() - 1] + seconds * (pair[0].1 - rest).max(0.0));
        }
        Self { samples, done, steps, most_gap, cuts }
    }

    /// Seconds between samples.
    fn step(&self) -> f64 {
        self.steps.get(self.steps.len() / 2).copied().unwrap_or(1.0)
    }

    /// Seconds between samples that come at an even pace, and not as what they tell changes.
    fn pace(&self) -> Option<f64> {
        is_even(&self.steps).then(|| self.step())
    }

    /// Seconds between samples that are usual at most, where some cycles last so long: half of one, unless the meter
    /// is silent for longer in many of them, because it tells changes only and no rows are missing.
    fn most_gap(&self, cycles: &Runs, is_missing: bool) -> f64 {
        let half = (usual_length(cycles) / 2.0).floor();
        let most_gap = half.max(least_gap(&self.steps)).min(self.most_gap);
        let silences = self.steps.len() - self.steps.partition_point(|step| *step <= most_gap);
        let tells_changes = 4 * silences > cycles.len() && !is_missing;
        if cycles.is_empty() || tells_changes { self.most_gap } else { most_gap }
    }

    /// What was done in a run.
    fn of(&self, run: &Run) -> f64 {
        let until = |time: Time| {
            let at = self.samples.partition_point(|(known, _)| *known < time);
            self.done[at.min(self.done.len() - 1)]
        };
        until(run.to) - until(run.from)
    }
}

/// Whether samples come at an even pace, by the seconds between them in rising order.
pub(super) fn is_even(steps: &[f64]) -> bool {
    let [least, most] = [1, 19].map(|part| steps.get(steps.len() * part / 20).copied());
    least.zip(most).is_some_and(|(least, most)| most <= EVEN * least)
}

/// Seconds that lie between samples now and then, by those that lie between them in rising order.
fn least_gap(steps: &[f64]) -> f64 {
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(1.0).max(0.0);
    (3.0 * usual).ceil()
}

/// Rounded to two digits, and no more than a configuration can have.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value).min(MOST_POWER)
}

/// A histogram: how much stands in each heap, and where.
pub(super) struct Heaps {
    least: f64,
    width: f64,
    /// For each heap, how much stands before it, and the sum of it.
    before: Vec<(f64, f64)>,
}

impl Heaps {
    /// Of values in rising order; `None` if they are all the same.
    pub(super) fn of(sorted: &[f64]) -> Option<Self> {
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        #[expect(clippy::cast_precision_loss, reason = "heaps are few")]
        let width = (most - least) / BINS as f64;
        if width <= 0.0 {
            return None;
        }
        let mut counts = vec![0.0; BINS];
        for value in sorted {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is small and positive"
            )]
            let at = ((value - least) / width) as usize;
            counts[at.min(BINS - 1)] += 1.0;
        }
        // Of the root, so that a long night does not hide short work.
        let mut before = vec![(0.0, 0.0)];
        for (n, count) in (0_u32..).zip(counts) {
            let (weight, sum) = before[before.len() - 1];
            let root = f64::sqrt(count);
            before.push((weight + root, sum + root * f64::from(n)));
        }
        Some(Self { least, width, before })
    }

    /// How far what stands in some heaps lies from the mean of all, which is what Otsu's method makes greatest.
    fn apart(&self, from: usize, to: usize) -> f64 {
        let weight = self.before[to].0 - self.before[from].0;
        let sum = self.before[to].1 - self.before[from].1;
        if weight > 0.0 { sum * sum / weight } else { 0.0 }
    }

    /// The bounds between two heaps of heaps, and those between three.
    pub(super) fn bounds(&self) -> Vec<f64> {
        let all = 1..BINS;
        let best = |pairs: &mut dyn Iterator<Item = (usize, usize)>| {
            pairs.max_by(|one, other| {
                let apart =
                    |(a, b): (usize, usize)| self.apart(0, a) + self.apart(a, b) + self.apart(b, BINS);
                apart(*one).total_cmp(&apart(*other))
            })
        };
        let two = best(&mut all.clone().map(|at| (at, BINS)));
        let three = best(&mut all.clone().flat_map(|a| (a + 1..BINS).map(move |b| (a, b))));
        let three = three.into_iter().flat_map(|(a, b)| [a, b]);
        two.into_iter().map(|(at, _)| at).chain(three).map(|at| self.middle(at)).collect()
    }

    /// The middle of the empty heaps around a bound, as a value.
    fn middle(&self, at: usize) -> f64 {
        let is_empty = |heap: usize| self.before[heap + 1].0 <= self.before[heap].0;
        let from = (1..=at).rev().take_while(|from| is_empty(from - 1)).count();
        let to = (at..BINS).take_while(|to| is_empty(*to)).count();
        #[expect(clippy::cast_precision_loss, reason = "heaps are few")]
        let middle = (2 * at + to - from) as f64 / 2.0;
        self.least + self.width * middle
    }
}

/// Runs above a bound, with the pauses that belong to them; how much of the work the cycles hold that are like
/// others, and how often power rose above the bound.
fn runs(work: &Work<'_>, on: f64, off: f64, beside: &Beside) -> (Levels, f64, usize) {
    let mut runs: Runs = Vec::new();
    let due = due(work.samples, &work.steps);
    let (mut is_on, mut before) = (false, None);
    // Rows at work that are there, and those that are missing.
    let (mut there, mut missing) = (0.0, 0.0);
    for (time, power) in work.samples {
        let step = before.replace(*time).map_or(0.0, |before: Time| time.since(before));
        let mut lost = unseen(step, due);
        if work.cuts.binary_search(time).is_ok() {
            if let Some(last) = runs.last_mut().filter(|_| is_on) {
                last.unseen[1] = f64::INFINITY;
            }
            (is_on, lost) = (false, f64::INFINITY);
        }
        match (is_on, *power >= on, *power < off) {
            (false, true, _) => {
                runs.push(Run { from: *time, to: *time, unseen: [lost, 0.0], hidden: 0.0 });
                is_on = true;
            }
            (true, _, is_over) => {
                if let Some(last) = runs.last_mut() {
                    last.to = *time;
                    if is_over {
                        last.unseen[1] = lost;
                    } else if lost > 0.0 {
                        last.hidden = last.hidden.max(step);
                    }
                }
                there += 1.0;
                missing += due.map_or(0.0, |due| lost / due);
                is_on = !is_over;
            }
            _ => {}
        }
    }
    let count = runs.len();
    let (pause, basis) = pause::of(&runs, work.step(), work.pace(), beside);
    let joined = runs::join(&runs, pause);
    let bound = (usual_length(&joined) / 5.0).floor();
    let has_shorter = bound > 1.0 && joined.iter().any(|run| run.length() < bound && !run.is_cut());
    let shortest = has_shorter.then_some(bound);
    let cycles: Runs = joined.into_iter().filter(|run| run.length() >= shortest.unwrap_or(1.0)).collect();
    let short_rest = runs::short(&runs::rests(&cycles));
    let rests_are_short = work.pace().zip(short_rest).is_some_and(|(step, rest)| rest < SHORT_REST * step);
    let of = |runs: &Runs| runs.iter().map(|run| work.of(run)).sum::<f64>();
    let all = of(&cycles);
    let known = known(cycles, pause.max(short_rest.unwrap_or(0.0)));
    let alike = if basis == Basis::Counted { known.clone() } else { pause::alike(&known, beside) };
    // Those that are not known well are as others are.
    let covered = of(&alike) * all / of(&known).max(f64::MIN_POSITIVE);
    let missing = due.map(|due| (missing / (there + missing), due)).filter(|(part, _)| *part >= MANY_MISSING);
    let (usual, most_gap) = ([0.0; 2], work.most_gap(&alike, missing.is_some()));
    let by_length = || alike.iter().map(Run::length);
    let lengths = [by_length().fold(f64::INFINITY, f64::min), by_length().fold(0.0, f64::max)];
    let cycles = alike.len();
    let has_few_samples = cycles > 0 && lengths[0] < f64::from(FEWEST_SAMPLES) * work.step();
    let levels = Levels {
        on,
        off,
        pause,
        basis,
        shortest,
        idle: None,
        usual,
        most_gap,
        cycles,
        lengths,
        has_few_samples,
        rests_are_short,
        frozen: None,
        missing,
    };
    (levels, covered, count)
}
