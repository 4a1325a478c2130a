//! Made-up problems of any size, for benchmarks and for comparison with other solvers.
//!
//! They look like real ones: steps with several layers of protection, each strengthened by a few
//! sorts of measures; every measure acts on some of the assets; paths share steps, and scenarios at
//! the same asset share paths; most costs are those of the three classes of effort; there are
//! prerequisites and exclusions.

use crate::problem::{Amount, Limits, Measure, Part, Problem, Rule, Scenario, Standing, Step};

/// A row of numbers that looks random and is the same everywhere.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// Begins a row.
    pub fn new(seed: u64) -> Self {
        let mut numbers = Self(seed);
        numbers.0 = numbers.next();
        numbers
    }

    /// The next number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }

    fn next(&mut self) -> u64 {
        // See: https://prng.di.unimi.it/splitmix64.c
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The next number from a range.
    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    fn small(&mut self, low: usize, high: usize) -> u32 {
        u32::try_from(self.between(low, high)).unwrap_or(u32::MAX)
    }
}

/// How many assets a made-up system has for each ten scenarios.
const ASSETS: usize = 6;

/// A problem with so many measures and scenarios.
pub fn problem(measures: usize, scenarios: usize, seed: u64) -> Problem {
    let mut numbers = Numbers::new(seed);
    let n = &mut numbers;
    let stakeholders = 4;
    let assets = (scenarios * ASSETS).div_ceil(10).max(3);
    // Each measure is one of several sorts, and acts on some of the assets.
    let sorts = (measures * 2).div_ceil(5).max(4);
    let all: Vec<Measure> = (0..measures).map(|_| measure(n, stakeholders)).collect();
    let acts: Vec<(usize, Vec<bool>)> =
        (0..measures).map(|m| (m % sorts, (0..assets).map(|_| n.below(3) == 0).collect())).collect();
    // What makes steps harder: a layer, points, and the sorts of measures that bring it.
    let layers = 8;
    let hindrances: Vec<(usize, u32, Vec<usize>)> = (0..34)
        .map(|h| (h % layers, n.small(1, 4), (0..n.between(2, 6)).map(|_| n.below(sorts)).collect()))
        .collect();
    let step = |n: &mut Numbers, asset: usize| {
        let mut parts: Vec<Part> = vec![Part::default(); layers];
        for _ in 0..n.between(3, 7) {
            let (layer, points, brought_by) = &hindrances[n.below(hindrances.len())];
            let does = |(m, (sort, on)): (usize, &(usize, Vec<bool>))| {
                (on[asset] && brought_by.contains(sort)).then_some((m, *points))
            };
            parts[*layer].gains.extend(acts.iter().enumerate().filter_map(does));
        }
        parts.retain(|part| !part.gains.is_empty());
        Step { base: n.small(0, 4), most: Some(20), parts }
    };
    let ways: Vec<Vec<Step>> = (0..assets).map(|asset| (0..4).map(|_| step(n, asset)).collect()).collect();
    let steps: Vec<Step> = ways.into_iter().flatten().collect();
    // Of the four steps into each asset, the first three are ways in and the last is the impact.
    let mut paths: Vec<Vec<usize>> = Vec::new();
    let over: Vec<Vec<usize>> = (0..assets)
        .map(|asset| {
            let first = paths.len();
            for _ in 0..5 {
                let mut path: Vec<usize> =
                    (0..n.between(0, 3)).map(|_| n.below(assets) * 4 + n.below(3)).collect();
                path.extend([asset * 4 + n.below(3), asset * 4 + 3]);
                path.sort_unstable();
                path.dedup();
                paths.push(path);
            }
            (first..paths.len()).collect()
        })
        .collect();
    let scenarios = (0..scenarios)
        .map(|_| {
            let gains: Vec<(usize, u32)> = (0..3).map(|_| (n.below(measures), 1)).collect();
            let milder = if n.below(3) == 0 { vec![Part { gains }] } else { Vec::new() };
            let worst = n.between(0, 3);
            let amounts = (0..=milder.len()).map(|fewer| amounts(worst.saturating_sub(fewer))).collect();
            Scenario {
                stakeholder: n.below(stakeholders),
                paths: over[n.below(assets)].clone(),
                rarer: Vec::new(),
                milder,
                amounts,
            }
        })
        .collect();
    Problem {
        years: 3,
        stakeholders,
        rules: rules(n, &all),
        measures: all,
        steps,
        paths,
        scenarios,
        classes: vec![16, 12, 8, 5, 0],
        limits: Limits::default(),
    }
}

/// What an effect amounts to by class of likelihood.
fn amounts(effect: usize) -> Vec<Amount> {
    const POINTS: [[u32; 5]; 4] = [[0, 0, 0, 1, 1], [0, 0, 1, 3, 3], [0, 1, 3, 3, 9], [1, 3, 9, 9, 9]];
    let amount = |likelihood: usize| Amount {
        points: POINTS[effect][likelihood],
        outside: effect > 0 && likelihood >= 2,
    };
    (0..5).map(amount).collect()
}

/// Rules that what is fixed keeps already, so that no problem is impossible from the start.
fn rules(n: &mut Numbers, all: &[Measure]) -> Vec<Rule> {
    let measures = all.len();
    let is_done = |m: usize| all[m].standing.fixed() == Some(true);
    let mut rules = Vec::new();
    for _ in 0..measures / 10 {
        let (measure, one, other) = (n.below(measures), n.below(measures), n.below(measures));
        // A measure needs only those before it, so that needs do not go round in circles.
        if measure > one && !is_done(measure) {
            let others = if measure > other { vec![one, other] } else { vec![one] };
            rules.push(Rule::Needs(measure, others));
        }
        let (one, other) = (n.below(measures), n.below(measures));
        if one != other && !(is_done(one) && is_done(other)) {
            rules.push(Rule::AtMostOne(vec![one, other]));
        }
    }
    rules
}

fn measure(n: &mut Numbers, stakeholders: usize) -> Measure {
    let (size, per_year, days) = [(5, 0, 3), (50, 10, 15), (300, 50, 60)][n.below(3)];
    // Two thirds have the usual cost, the others one of their own.
    let own = if n.below(3) == 0 { n.between(5, 15) } else { 10 };
    Measure {
        by: n.below(stakeholders),
        once: (size * own) as u64 * 1000,
        per_year: per_year * 10_000,
        days,
        standing: match n.below(30) {
            0 => Standing::InPlace,
            1 => Standing::Refused,
            2 => Standing::ByLaw,
            _ => Standing::Open,
        },
        penalty: if n.below(4) == 0 { 200_000 } else { 0 },
        harm: u32::from(n.below(8) == 0),
    }
}
