//! How far a tolerance that follows a machine finds fault with good cycles, and what it finds, for machines whose
//! cycles spread in other ways than those of a normal distribution.

use anshin_monitor::cycle::Bounds;
use anshin_monitor::reference::{Finding, Margin, Tolerance, Tolerances};
use anshin_monitor::{Reading, Said, Settings, What};

use super::{run, start};

/// Chance that is the same every time.
struct Chance(u64);

impl Chance {
    /// Anything from 0 to below 1.
    fn any(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / (f64::from(u32::MAX) + 1.0)
    }

    /// Around 0, with a standard deviation of 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.any()).sum::<f64>() - 6.0
    }
}

/// A way in which the cycles of a machine spread: how long the good cycle of a number lasts.
type Machine = fn(&mut Chance, u32) -> f64;

fn normal(chance: &mut Chance, _: u32) -> f64 {
    40.0 * (1.0 + 0.01 * chance.normal())
}

/// One of two ways of running, the second one in some of the cycles.
fn heap(chance: &mut Chance, second: f64, part: f64) -> f64 {
    let heap = if chance.any() < part { second } else { 40.0 };
    heap * (1.0 + 0.005 * chance.normal())
}

fn two_heaps(chance: &mut Chance, _: u32) -> f64 {
    heap(chance, 43.2, 0.3)
}

fn rare_heap(chance: &mut Chance, _: u32) -> f64 {
    heap(chance, 44.0, 0.12)
}

/// So far that they are two ways of running for a tolerance of 15 % as well.
fn heaps_apart(chance: &mut Chance, _: u32) -> f64 {
    heap(chance, 47.0, 0.3)
}

fn long_tail(chance: &mut Chance, _: u32) -> f64 {
    40.0 * (1.0 - 0.02 * (1.0 - chance.any()).ln())
}

fn adapts(chance: &mut Chance, n: u32) -> f64 {
    normal(chance, n) * (1.0 + 0.0003 * f64::from(n.min(300)))
}

/// Good cycles, those of them that are said to be bad; bad cycles, those of them that are found.
#[derive(Debug, Default)]
struct Tally {
    good: u32,
    wrong: u32,
    bad: u32,
    found: u32,
}

/// What a tolerance makes of a machine that runs 500 cycles. From the hundredth on every twentieth is bad: too long
/// by a fifth to two fifths.
fn tally(machine: Machine, margin: Margin, seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let mut settings = Settings::usual(Bounds::Events);
        settings.meter = None;
        let tolerance = Tolerance { duration: Some(margin), quantity: None };
        settings.tolerances = Tolerances { usual: tolerance, of_jobs: Vec::new() };
        let mut chance = Chance(seed);
        let is_bad = |n: u32| n >= 100 && n % 20 == 7;
        let (mut readings, mut time) = (Vec::new(), start());
        for n in 0..500 {
            let good = machine(&mut chance, n);
            let work = if is_bad(n) { good * (1.2 + 0.2 * chance.any()) } else { good };
            time = time.plus(10.0);
            readings.push(Reading { time, what: What::Start });
            time = time.plus(work);
            readings.push(Reading { time, what: What::End });
        }
        let mut n = 0;
        for said in run(settings, readings) {
            let Said::Cycle(_, finding) = said else { continue };
            let is_told = matches!(finding, Finding::Outside(_) | Finding::BrokenOff(_));
            let (all, told) = if is_bad(n) {
                (&mut tally.bad, &mut tally.found)
            } else {
                (&mut tally.good, &mut tally.wrong)
            };
            *all += 1;
            *told += u32::from(is_told);
            n += 1;
        }
    }
    tally
}

#[test]
fn a_tolerance_that_follows_spares_good_cycles_however_they_spread() {
    // In percent: of the bad cycles at least so many are found, of the good ones at most so many are said to be bad.
    for (name, machine, least_found, most_wrong) in [
        ("normal", normal as Machine, 100.0, 0.0),
        ("two heaps", two_heaps, 100.0, 0.1),
        ("a rare second heap", rare_heap, 99.0, 4.0),
        ("heaps that lie apart", heaps_apart, 80.0, 2.0),
        ("a long tail", long_tail, 100.0, 2.2),
        ("slow adaptation", adapts, 100.0, 0.0),
    ] {
        let part = |part: u32, of: u32| 100.0 * f64::from(part) / f64::from(of);
        let [(fixed_found, _), (found, wrong)] = [Margin::USUAL, Margin::Auto].map(|margin| {
            let tally = tally(machine, margin, 1..9);
            (part(tally.found, tally.bad), part(tally.wrong, tally.good))
        });
        assert!(
            found >= least_found && found >= fixed_found,
            "{name}: {found:.1} % found, {fixed_found:.1} % with 15 %"
        );
        assert!(wrong <= most_wrong, "{name}: {wrong:.2} % false");
    }
}

#[test]
fn a_tolerance_that_follows_finds_fault_with_less_than_one_in_1500_good_cycles() {
    let spread = |chance: &mut Chance, _: u32| 40.0 * (1.0 + 0.02 * chance.normal());
    // 480 of the 500 cycles of each machine are good.
    let tally = tally(spread, Margin::Auto, 1..61);
    assert!(tally.good > 28_000 && tally.wrong < tally.good / 1_500, "{tally:?}");
    assert!(tally.found == tally.bad, "{tally:?}");
}
