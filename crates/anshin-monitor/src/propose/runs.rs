//! Stretches of work in a recording, and how well they are known where rows of it are missing.

use crate::time::Time;

/// Rows lie further apart than usual from this ratio on.
const FURTHER: f64 = 1.5;

/// Of rows that come at a pace of their own, this part at least follow each other at it.
const AT_ITS_PACE: f64 = 0.35;

/// A meter that tells changes only tells none that is smaller than this part of a usual one; of those of another, this
/// part at least is.
const SMALL_CHANGE: f64 = 0.2;
const SMALL_ONES: f64 = 0.03;

/// The length of a run is known where its edges are, as a part of it.
const KNOWN: f64 = 0.15;

/// Fewest runs that are known well, and how many times as many others there may be, to say more than all of them.
const FEWEST_KNOWN: usize = 5;
const MOST_UNKNOWN: usize = 20;

/// A stretch of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub(super) from: Time,
    pub(super) to: Time,
    /// Seconds by which it may have begun earlier, and ended earlier, since rows are missing.
    pub(super) unseen: [f64; 2],
    /// The most seconds within it in which nobody saw what was, since rows are missing.
    pub(super) hidden: f64,
}

/// Stretches of work in the order of their times.
pub(super) type Runs = Vec<Run>;

impl Run {
    /// Seconds from its beginning to its end.
    pub(super) fn length(&self) -> f64 {
        self.to.since(self.from)
    }

    /// Whether its beginning or its end lies in what was left out.
    pub(super) fn is_cut(&self) -> bool {
        self.unseen.iter().any(|unseen| unseen.is_infinite())
    }

    /// Whether rows of it are missing.
    pub(super) fn lacks_rows(&self) -> bool {
        self.hidden > 0.0 || self.unseen.iter().any(|unseen| *unseen > 0.0)
    }

    /// Whether its length is known, and no pause of so many seconds can lie within it unseen.
    fn is_known(&self, pause: f64) -> bool {
        self.unseen.iter().sum::<f64>() <= KNOWN * self.length() && self.hidden <= pause
    }
}

/// The seconds after which a row is due, by samples and the seconds that lie between them in rising order; `None` where
/// they have no pace of their own, or come as something changes.
pub(super) fn due(samples: &[(Time, f64)], steps: &[f64]) -> Option<f64> {
    let least = steps.get(steps.len() / 20).copied().filter(|least| *least > 0.0)?;
    let mut changes: Vec<f64> = samples.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    changes.sort_by(f64::total_cmp);
    let small = SMALL_CHANGE * changes.get(changes.len() / 2)?;
    #[expect(clippy::cast_precision_loss, reason = "rows are far fewer than 2^53")]
    let is_part = |part: usize, least: f64| part as f64 >= least * steps.len() as f64;
    let has_pace = is_part(steps.partition_point(|step| *step <= FURTHER * least), AT_ITS_PACE);
    let tells_all = is_part(changes.partition_point(|change| *change <= small), SMALL_ONES);
    (has_pace && tells_all).then_some(least)
}

/// Seconds in which nobody saw what was, of some between two rows.
pub(super) fn unseen(step: f64, due: Option<f64>) -> f64 {
    due.filter(|due| step > FURTHER * due).map_or(0.0, |due| step - due)
}

/// Those of some runs that are known well, where there are enough of them; else all.
pub(super) fn known(runs: Runs, pause: f64) -> Runs {
    let known: Runs = runs.iter().filter(|run| run.is_known(pause)).copied().collect();
    let are_enough = known.len() >= FEWEST_KNOWN && MOST_UNKNOWN * known.len() >= runs.len();
    if are_enough { known } else { runs }
}

/// Seconds between runs.
pub(super) fn between(runs: &Runs) -> Vec<f64> {
    runs.windows(2).map(|pair| pair[1].from.since(pair[0].to)).collect()
}

/// Seconds between runs in rising order: of those that are known well where there are enough of them, else as they
/// likely were.
pub(super) fn rests(runs: &Runs) -> Vec<f64> {
    let rests = runs.windows(2).map(|pair| (pair[1].from.since(pair[0].to), unseen_between(pair)));
    let rests: Vec<(f64, f64)> = rests.collect();
    let known = rests.iter().filter(|(rest, unseen)| *unseen <= KNOWN * rest).map(|(rest, _)| *rest);
    let mut known: Vec<f64> = known.collect();
    if known.len() < FEWEST_KNOWN {
        known = rests.iter().map(|(rest, unseen)| rest + unseen / 2.0).collect();
    }
    known.sort_by(f64::total_cmp);
    known
}

/// The short one of some rests in rising order.
pub(super) fn short(rests: &[f64]) -> Option<f64> {
    rests.get(rests.len() / 20).copied()
}

/// Seconds by which the rest between two runs may be longer.
fn unseen_between(pair: &[Run]) -> f64 {
    pair[0].unseen[1] + pair[1].unseen[0]
}

/// Runs with the pauses between them that belong to them. A rest of which only a part may have been seen counts as
/// half of that longer.
pub(super) fn join(runs: &Runs, pause: f64) -> Runs {
    let mut joined: Runs = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if run.from.since(last.to) + unseen_between(&[*last, *run]) / 2.0 <= pause => {
                last.to = run.to;
                last.unseen[1] = run.unseen[1];
                last.hidden = last.hidden.max(run.hidden);
            }
            _ => joined.push(*run),
        }
    }
    joined
}

/// The length of the runs that fill the time: short ones may be many.
pub(super) fn usual_length(runs: &Runs) -> f64 {
    let mut lengths: Vec<f64> = runs.iter().map(Run::length).collect();
    lengths.sort_by(f64::total_cmp);
    let half = lengths.iter().sum::<f64>() / 2.0;
    let mut filled = 0.0;
    let usual = lengths.iter().find(|length| {
        filled += **length;
        filled >= half
    });
    usual.copied().unwrap_or(0.0)
}
