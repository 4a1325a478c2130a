//! Many thousand years, played through.
//!
//! Years are played in blocks. Every scenario has a stream of random numbers of its own in every
//! block, so that neither the number of threads nor the other scenarios change what happens in it.
//! All cases see the same fate: the same year brings the same numbers with and without measures,
//! and what differs between two cases comes from the measures alone.

use std::sync::{Mutex, PoisonError};

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::counts::Counts;
use crate::distribution::Distribution;
use crate::maths;
use crate::parallel::each;
use crate::statistics::sum;
use crate::units::{Money, Probability};

/// Years that are played in one go.
const BLOCK: usize = 1024;
/// Blocks that a thread plays one after the other.
const JOB: usize = 16;

/// What can happen, what insurance pays, and the cases to compare.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Portfolio {
    /// What can happen.
    pub scenarios: Vec<Scenario>,
    /// Insurance policies, in the order in which they pay.
    pub policies: Vec<Policy>,
    /// The cases to compare.
    pub cases: Vec<Case>,
    /// Further cases of which the means are all that is asked for: their years are not kept.
    pub only_means: Vec<Case>,
}

/// Something that can happen and cost money.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Names its stream of random numbers: the same name, the same fate.
    pub stream: String,
    /// Times a year.
    pub frequency: Distribution,
    /// What one event costs: the sum of its parts. A grave event is grave in all of them.
    pub parts: Vec<Part>,
}

/// A part of what an event costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The amount.
    pub amount: Distribution,
    /// How often an event brings this part with it.
    pub chance: Probability,
}

impl Scenario {
    /// What an event costs on average.
    pub fn mean_loss(&self) -> f64 {
        self.parts.iter().map(|part| part.chance.value() * part.amount.mean()).sum()
    }
}

/// An insurance policy. What it costs is no part of the simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// For each scenario, which of its parts are covered.
    pub covers: Vec<Vec<bool>>,
    /// What the insured bears of each event.
    pub deductible: Money,
    /// The share of the rest that is paid.
    pub share: Probability,
    /// The most that is paid for an event.
    pub per_event: Option<Money>,
    /// The most that is paid in a year.
    pub per_year: Option<Money>,
}

/// A state of affairs whose cost is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// For each scenario, what is different.
    pub changes: Vec<Change>,
    /// Which policies pay, by number, rising.
    pub policies: Vec<usize>,
}

/// What measures make of a scenario.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The frequency, as a multiple.
    pub frequency: f64,
    /// The loss of each event, as a multiple.
    pub loss: f64,
}

impl Change {
    /// No difference.
    pub const NONE: Change = Change { frequency: 1.0, loss: 1.0 };

    /// One change after another.
    #[must_use]
    pub fn and(self, other: Change) -> Change {
        Change { frequency: self.frequency * other.frequency, loss: self.loss * other.loss }
    }
}

/// How many years to play, and which fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Number of years.
    pub years: usize,
    /// Number of the fate: another number, other random numbers.
    pub seed: u64,
}

/// What the years of a case cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// Loss of each year; empty for a case of which only the means are asked for.
    pub years: Vec<f64>,
    /// Mean loss a year of each scenario.
    pub scenarios: Vec<f64>,
}

/// Plays all cases, then those of which only the means are asked for. The loss of a year is what
/// remains after insurance has paid.
#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
pub fn simulate(portfolio: &Portfolio, run: Run) -> Vec<Played> {
    let ready = Ready::new(portfolio);
    let (cases, all, scenarios) = (portfolio.cases.len(), ready.cases.len(), portfolio.scenarios.len());
    if cases == 0 || run.years == 0 {
        return Vec::new();
    }
    let mut totals = vec![0.0; run.years * cases];
    let parts: Vec<Mutex<&mut [f64]>> = totals.chunks_mut(JOB * BLOCK * cases).map(Mutex::new).collect();
    let sums: Vec<Vec<f64>> = each(parts.len(), &|job| {
        let mut totals = parts[job].lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = Scratch::default();
        let mut sums = vec![0.0; all * scenarios];
        for (at, totals) in totals.chunks_mut(BLOCK * cases).enumerate() {
            let years = totals.len() / cases;
            let block = job * JOB + at;
            ready.play(run.seed, block, years, &mut scratch, &mut |scenario, case, eventful, losses| {
                if case < cases {
                    let totals = &mut totals[case * years..(case + 1) * years];
                    for (&year, loss) in eventful.iter().zip(losses) {
                        totals[year] += loss;
                    }
                }
                sums[case * scenarios + scenario] += sum(losses);
            });
        }
        sums
    });
    drop(parts);
    let years_of = |case: usize| {
        let mut years = Vec::with_capacity(run.years);
        for block in totals.chunks(BLOCK * cases) {
            let length = block.len() / cases;
            years.extend_from_slice(&block[case * length..(case + 1) * length]);
        }
        years
    };
    let mut all_years: Vec<Vec<f64>> =
        if cases == 1 { Vec::new() } else { (0..cases).map(years_of).collect() };
    if cases == 1 {
        all_years.push(totals);
    }
    all_years.resize(all, Vec::new());
    all_years
        .into_iter()
        .enumerate()
        .map(|(case, years)| {
            let sum = |scenario| sums.iter().map(|sums| sums[case * scenarios + scenario]).sum::<f64>();
            let scenarios = (0..scenarios).map(|scenario| sum(scenario) / run.years as f64).collect();
            Played { years, scenarios }
        })
        .collect()
}

/// Plays the same years once more and gives the mean loss of each scenario in those years of a case
/// that cost at least `threshold`.
#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
pub fn in_bad_years(
    portfolio: &Portfolio,
    run: Run,
    case: usize,
    played: &Played,
    threshold: f64,
) -> Vec<f64> {
    // All cases are played again: together they settle how the events of a year are numbered.
    let ready = Ready::new(portfolio);
    let bad = played.years.iter().filter(|&&loss| loss >= threshold).count();
    let parts: Vec<&[f64]> = played.years.chunks(JOB * BLOCK).collect();
    let sums: Vec<Vec<f64>> = each(parts.len(), &|job| {
        let mut scratch = Scratch::default();
        let mut sums = vec![0.0; portfolio.scenarios.len()];
        for (at, totals) in parts[job].chunks(BLOCK).enumerate() {
            if totals.iter().all(|&total| total < threshold) {
                continue;
            }
            let block = job * JOB + at;
            ready.play(run.seed, block, totals.len(), &mut scratch, &mut |scenario, of, eventful, losses| {
                if of == case {
                    let bad = eventful.iter().zip(losses).filter(|(year, _)| totals[**year] >= threshold);
                    sums[scenario] += bad.map(|(_, loss)| loss).sum::<f64>();
                }
            });
        }
        sums
    });
    (0..portfolio.scenarios.len())
        .map(|scenario| sums.iter().map(|sums| sums[scenario]).sum::<f64>() / bad.max(1) as f64)
        .collect()
}

/// A portfolio with everything worked out that is the same in all years.
struct Ready<'a> {
    portfolio: &'a Portfolio,
    /// All cases, those of which only the means are asked for at the end.
    cases: Vec<&'a Case>,
    scenarios: Vec<ReadyScenario>,
}

struct ReadyScenario {
    stream: u64,
    /// Counts for each frequency that occurs in some case.
    counts: Vec<Counts>,
    /// For each case, which of the counts.
    count_of: Vec<usize>,
    /// For each case, an earlier case with the same losses in this scenario.
    same_as: Vec<Option<usize>>,
    /// For each policy, how much of the scenario it covers.
    cover: Vec<Cover>,
    normals: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    Nothing,
    Everything,
    Parts,
}

/// Room to work in, kept from block to block.
#[derive(Default)]
struct Scratch {
    /// The years in which something happens in some case, rising.
    eventful: Vec<usize>,
    /// For each of them the random number that gives the counts.
    numbers: Vec<u64>,
    /// Counts by frequency and eventful year.
    counts: Vec<Vec<u32>>,
    /// The largest of the counts of each eventful year.
    most: Vec<u32>,
    uniforms: Vec<f64>,
    normals: Vec<f64>,
    part: Vec<f64>,
    losses: Vec<f64>,
    /// What each policy covers of each event.
    covered: Vec<Vec<f64>>,
    /// Loss by case and eventful year.
    yearly: Vec<Vec<f64>>,
    /// What is left of the yearly limit by case, policy and year.
    left: Vec<Vec<f64>>,
}

/// Takes scenario, case, the years in which something may have happened, and their losses.
type Give<'a> = dyn FnMut(usize, usize, &[usize], &[f64]) + 'a;

impl<'a> Ready<'a> {
    fn new(portfolio: &'a Portfolio) -> Self {
        let cases: Vec<&Case> = portfolio.cases.iter().chain(&portfolio.only_means).collect();
        let scenarios = portfolio
            .scenarios
            .iter()
            .enumerate()
            .map(|(n, scenario)| {
                let mut factors: Vec<u64> = Vec::new();
                let mut count_of = Vec::new();
                for case in &cases {
                    let factor = case.changes[n].frequency.to_bits();
                    let known = factors.iter().position(|own| *own == factor);
                    count_of.push(known.unwrap_or(factors.len()));
                    if known.is_none() {
                        factors.push(factor);
                    }
                }
                let counts = factors
                    .iter()
                    .map(|&factor| Counts::new(&scenario.frequency.times(f64::from_bits(factor))))
                    .collect();
                let cover: Vec<Cover> = portfolio
                    .policies
                    .iter()
                    .map(|policy| match policy.covers[n].iter().filter(|covered| **covered).count() {
                        0 => Cover::Nothing,
                        all if all == scenario.parts.len() => Cover::Everything,
                        _ => Cover::Parts,
                    })
                    .collect();
                // A case that other policies pay in is the same where none of them covers anything.
                let insured = |case: &Case| {
                    case.policies.iter().copied().filter(|&p| cover[p] != Cover::Nothing).collect::<Vec<_>>()
                };
                let same_as = cases
                    .iter()
                    .enumerate()
                    .map(|(at, case)| {
                        cases[..at].iter().position(|other| {
                            other.changes[n] == case.changes[n]
                                && insured(case).is_empty()
                                && insured(other).is_empty()
                        })
                    })
                    .collect();
                ReadyScenario {
                    stream: name_of_stream(&scenario.stream),
                    counts,
                    count_of,
                    same_as,
                    cover,
                    normals: scenario.parts.iter().any(|part| part.amount.is_lognormal()),
                }
            })
            .collect();
        Self { portfolio, cases, scenarios }
    }

    /// Plays one block; gives by scenario and case the years in which something may have happened, by
    /// their numbers in the block, and their losses. The other years have none.
    fn play(&self, seed: u64, block: usize, years: usize, scratch: &mut Scratch, give: &mut Give<'_>) {
        let (policies, cases) = (&self.portfolio.policies, &self.cases);
        scratch.left.resize(cases.len() * policies.len(), Vec::new());
        for (n, left) in scratch.left.iter_mut().enumerate() {
            let most = policies[n % policies.len()].per_year.map_or(f64::INFINITY, Money::amount);
            left.clear();
            left.resize(years, most);
        }
        scratch.yearly.resize(cases.len(), Vec::new());
        for (n, ready) in self.scenarios.iter().enumerate() {
            let mut random =
                Xoshiro256PlusPlus::seed_from_u64(mix(seed ^ mix(ready.stream ^ mix(block as u64))));
            ready.draw_counts(&mut random, years, scratch);
            draw_losses(n, self.portfolio, ready, &mut random, scratch);
            for (at, case) in cases.iter().enumerate() {
                if let Some(same) = ready.same_as[at] {
                    give(n, at, &scratch.eventful, &scratch.yearly[same]);
                    continue;
                }
                let factor = case.changes[n].loss;
                let insured = case.policies.iter().any(|&p| ready.cover[p] != Cover::Nothing);
                let mut yearly = std::mem::take(&mut scratch.yearly[at]);
                yearly.clear();
                if insured {
                    retained((at, case), factor, policies, ready, scratch, &mut yearly);
                } else {
                    let mut first = 0;
                    let counts = &scratch.counts[ready.count_of[at]];
                    for (&count, &most) in counts.iter().zip(&scratch.most) {
                        let mut sum = 0.0;
                        for loss in &scratch.losses[first..first + count as usize] {
                            sum += loss;
                        }
                        yearly.push(sum * factor);
                        first += most as usize;
                    }
                }
                give(n, at, &scratch.eventful, &yearly);
                scratch.yearly[at] = yearly;
            }
        }
    }
}

impl ReadyScenario {
    /// One number a year gives the counts of all cases, so that a case with a lower frequency never
    /// has more events. Most years of most scenarios bring nothing; they are passed over at once.
    fn draw_counts(&self, random: &mut Xoshiro256PlusPlus, years: usize, scratch: &mut Scratch) {
        let Scratch { eventful, numbers, counts, most, .. } = scratch;
        let quiet = self.counts.iter().map(Counts::quiet).min().unwrap_or(u64::MAX);
        eventful.resize(years, 0);
        numbers.resize(years, 0);
        let mut found = 0;
        for year in 0..years {
            let number = random.next_u64();
            // Written over by the next year if nothing happens: there is no branch to guess.
            (eventful[found], numbers[found]) = (year, number);
            found += usize::from(number >= quiet);
        }
        eventful.truncate(found);
        numbers.truncate(found);
        most.clear();
        most.resize(found, 0);
        counts.resize(self.counts.len().max(counts.len()), Vec::new());
        for (table, counts) in self.counts.iter().zip(counts) {
            counts.clear();
            counts.extend(numbers.iter().map(|number| table.draw(*number)));
            for (most, count) in most.iter_mut().zip(counts) {
                *most = (*most).max(*count);
            }
        }
    }
}

/// What each event of the block costs in the scenario of a number, and what each policy covers of it.
fn draw_losses(
    number: usize,
    portfolio: &Portfolio,
    ready: &ReadyScenario,
    random: &mut Xoshiro256PlusPlus,
    scratch: &mut Scratch,
) {
    let Scratch { most, uniforms, normals, part: values, losses, covered, .. } = scratch;
    let events = most.iter().map(|&count| count as usize).sum();
    uniforms.clear();
    uniforms.extend((0..events).map(|_| uniform(random)));
    if ready.normals {
        maths::normal_quantiles(uniforms, normals);
    }
    losses.clear();
    losses.resize(events, 0.0);
    covered.resize(portfolio.policies.len(), Vec::new());
    for (covered, cover) in covered.iter_mut().zip(&ready.cover) {
        covered.clear();
        covered.resize(if *cover == Cover::Parts { events } else { 0 }, 0.0);
    }
    let in_parts = ready.cover.contains(&Cover::Parts);
    for (at, part) in portfolio.scenarios[number].parts.iter().enumerate() {
        let always = part.chance >= Probability::ONE;
        if always && !in_parts {
            part.amount.add_to(losses, uniforms, normals);
            continue;
        }
        values.clear();
        values.resize(events, 0.0);
        part.amount.add_to(values, uniforms, normals);
        if !always {
            for value in values.iter_mut() {
                if uniform(random) >= part.chance.value() {
                    *value = 0.0;
                }
            }
        }
        add(losses, values);
        for (policy, covered) in portfolio.policies.iter().zip(covered.iter_mut()) {
            if policy.covers[number][at] {
                add(covered, values);
            }
        }
    }
}

/// Adds number by number, as far as both go.
fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// What insurance leaves of each year's losses.
fn retained(
    (at, case): (usize, &Case),
    factor: f64,
    policies: &[Policy],
    ready: &ReadyScenario,
    scratch: &mut Scratch,
    yearly: &mut Vec<f64>,
) {
    let Scratch { eventful, counts, most, losses, covered, left, .. } = scratch;
    let mut first = 0;
    for ((&year, &count), &most) in eventful.iter().zip(&counts[ready.count_of[at]]).zip(most.iter()) {
        let mut sum = 0.0;
        for event in first..first + count as usize {
            let mut loss = losses[event] * factor;
            for &number in &case.policies {
                let policy = &policies[number];
                let claim = match ready.cover[number] {
                    Cover::Nothing => continue,
                    Cover::Everything => loss,
                    Cover::Parts => (covered[number][event] * factor).min(loss),
                };
                let left = &mut left[at * policies.len() + number][year];
                let paid = ((claim - policy.deductible.amount()).max(0.0) * policy.share.value())
                    .min(policy.per_event.map_or(f64::INFINITY, Money::amount))
                    .min(*left);
                *left -= paid;
                loss -= paid;
            }
            sum += loss;
        }
        yearly.push(sum);
        first += most as usize;
    }
}

/// A number between 0 and 1, neither of them.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "52 bits fit a double")]
fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
    ((random.next_u64() >> 12) as f64 + 0.5) / 4_503_599_627_370_496.0
}

/// The finisher of the `SplitMix64` generator: numbers that differ in a bit become unlike each other.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// The number of a stream by its name: FNV-1a.
fn name_of_stream(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}
