//! What a recording tells beside power: which job ran when, and when parts were counted.

use std::collections::BTreeMap;

use super::runs::{Run, Runs, between};
use crate::time::Time;

/// Counts from which it is known whether each part is a run.
const FEWEST_PARTS: usize = 4;

/// What jobs and counts tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// Which job runs from when on, by its number.
    jobs: Vec<(Time, usize)>,
    /// When parts were counted, and how many at once.
    parts: Vec<(Time, f64)>,
}

impl Beside {
    /// Of the names of jobs, each from when on, and of the values of a count.
    pub(super) fn of(jobs: &[(Time, String)], count: &[(Time, f64)]) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let number = |(time, name)| {
            let next = numbers.len();
            (time, *numbers.entry(name).or_insert(next))
        };
        let jobs: Vec<(Time, usize)> =
            jobs.iter().map(|(time, name)| (*time, name.as_str())).map(number).collect();
        let steps = count.windows(2).map(|pair| (pair[1].0, pair[1].1 - pair[0].1));
        let parts = steps.filter(|(_, step)| *step > 0.0).collect();
        // One job tells nothing that is not known without it.
        Self { jobs: if numbers.len() > 1 { jobs } else { Vec::new() }, parts }
    }

    /// Runs by the jobs that they are of; nothing where there are not several.
    pub(super) fn by_job(&self, runs: &Runs) -> Vec<Runs> {
        let mut by_job: BTreeMap<Option<usize>, Runs> = BTreeMap::new();
        for run in runs.iter().filter(|_| !self.jobs.is_empty()) {
            by_job.entry(self.job(run)).or_default().push(*run);
        }
        by_job.into_values().collect()
    }

    /// Whether cycles are what a machine makes of a job before it turns to another one, mostly: they are its lots.
    pub(super) fn are_lots(&self, cycles: &Runs) -> bool {
        let turns = cycles.windows(2).filter(|pair| self.job(&pair[0]) != self.job(&pair[1])).count();
        turns > 1 && 3 * turns >= 2 * (cycles.len() - 1)
    }

    /// The job of a run.
    fn job(&self, run: &Run) -> Option<usize> {
        let next = self.jobs.partition_point(|(since, _)| *since <= middle(run));
        Some(self.jobs[next.checked_sub(1)?].1)
    }

    /// The pause between the parts that were counted, as some runs show it, where those of a part lie closer together
    /// than those of two; `apart` is less than any rest.
    pub(super) fn pause_between_parts(&self, runs: &Runs, apart: f64) -> Option<f64> {
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        for (pair, gap) in runs.windows(2).zip(between(runs)) {
            if self.part(&pair[0]) == self.part(&pair[1]) { inside.push(gap) } else { outside.push(gap) }
        }
        inside.sort_by(f64::total_cmp);
        outside.sort_by(f64::total_cmp);
        let shortest = outside.get(outside.len() / 20).copied()?;
        let Some(longest) = inside.get(inside.len() * 19 / 20).copied() else { return Some(apart) };
        let pause = f64::midpoint(longest, shortest);
        (longest < shortest).then(|| if pause >= 2.0 { pause.round() } else { pause })
    }

    /// Whether each part that was counted is one of some cycles, nearly always.
    pub(super) fn are_parts(&self, cycles: &Runs) -> bool {
        let cycles: Vec<usize> = cycles.iter().map(|cycle| self.part(cycle)).collect();
        let is_one = |n: &usize| {
            let found = cycles.partition_point(|part| part <= n) - cycles.partition_point(|part| part < n);
            #[expect(clippy::cast_precision_loss, reason = "cycles are far fewer than 2^53")]
            let found = found as f64;
            (found - self.parts[*n].1).abs() < 0.5
        };
        // Of the first and the last part a recording may hold a piece only.
        let parts = 1..self.parts.len();
        self.parts.len() >= FEWEST_PARTS && 10 * parts.clone().filter(is_one).count() >= 9 * parts.len()
    }

    /// How many counts came before the middle of a run.
    fn part(&self, run: &Run) -> usize {
        self.parts.partition_point(|(time, _)| *time <= middle(run))
    }
}

fn middle(run: &Run) -> Time {
    run.from.plus(run.length() / 2.0)
}
