//! Which pauses belong to a cycle, as the runs of a machine show.
//!
//! Runs that lie close together, such as those between changes of a tool, may be one cycle, or several that follow
//! each other quickly. Cycles of the right length resemble each other; where several lengths do, what lies close
//! together as compared with its own length, and always as often, is one.

use super::beside::Beside;
use super::levels::{Heaps, rounded};
use super::runs::{Run, Runs, between, join, known, rests, short, usual_length};

/// Durations agree within this part of one of them.
pub(super) const AGREES: f64 = 1.15;

/// Durations to which most cycles keep, where a machine makes several parts.
const MOST_LENGTHS: usize = 3;

/// Cycles of about the same length that say something: of many runs, and of few.
const FEWEST_ALIKE: usize = 5;
const FEWEST_OF_FEW: usize = 3;
const FEW_RUNS: usize = 15;

/// The part of the time that cycles which are like others must fill to say anything of pauses: short runs are
/// like some others by chance.
const MOST_OF_TIME: f64 = 0.75;

/// A pause that is less likely must be better by far; a short one beside spikes by a little.
const BY_FAR: f64 = 0.15;
const A_LITTLE: f64 = 0.05;

/// Seconds of a pause inside a cycle where nothing is known of it.
const USUAL: f64 = 30.0;

/// Most runs of which such a pause may make one cycle.
const MOST_IN_ONE: usize = 20;

/// Longer gaps are all the same: however long a night is, it is no pause.
const LONGEST: f64 = 600.0;

/// Pauses inside cycles are not longer than this or than the runs beside them, and one gap in so many at least lies
/// between cycles.
const LONGEST_INSIDE: f64 = 30.0;
const MOST_INSIDE: usize = 12;

/// Short and long gaps lie so far apart at least, as a logarithm, and as steps between samples: gaps that lie one step
/// apart may be equally long.
const CLEAR: f64 = 0.25;
const CLEAR_STEPS: f64 = 1.5;

/// Where gaps inside of a part are as long as the runs beside them, those between parts are longer by far.
const FAR: f64 = 2.0;

/// Seconds that a part of many runs lasts at most: longer stretches are shifts.
const LONGEST_PART: f64 = 7_200.0;

/// The first run of a part, in which it is heated up, lasts so many times as long as those that follow.
const LONG_FIRST: f64 = 2.0;

/// What is known of the pause that is proposed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Basis {
    /// Cycles of about the same length follow from it.
    Seen,
    /// So many runs that resemble each other as well are taken as one cycle; with a pause of so many seconds each of
    /// them would be one.
    Joined(usize, f64),
    /// So many runs lie close together each time, and are taken as a cycle each; with a pause of so many seconds they
    /// would be one.
    Apart(usize, f64),
    /// Each cycle is a part that was counted.
    Counted,
    /// Nothing.
    Unknown,
}

/// The pause that is proposed for runs, in seconds, and on which basis; `step` seconds lie between samples, which may
/// come at an even `pace`; `beside` is what else is told.
pub(super) fn of(runs: &Runs, step: f64, pace: Option<f64>, beside: &Beside) -> (f64, Basis) {
    // Spikes at rest are no runs, and part no gaps.
    let usual = usual_length(runs);
    let whole: Runs = runs.iter().filter(|run| run.length() * 5.0 >= usual).copied().collect();
    let mut gaps = between(&whole);
    gaps.sort_by(f64::total_cmp);
    let least = CLEAR_STEPS * pace.unwrap_or(0.0);
    let rests = rests(&whole);
    let rest = short(&rests);
    let share = |pause: f64| {
        let cycles = whole_cycles(&join(runs, pause));
        share_alike(&known(cycles, pause.max(rest.unwrap_or(0.0))), beside)
    };
    let fine = short(&gaps).map(|gap| match pace {
        // A rest may show in one sample.
        Some(step) if gap <= 2.0 * step => f64::min(rounded(step / 2.0), USUAL),
        // Where rows are missing, some rests show in one sample as well.
        _ if gap < 2.0 => rounded(f64::min(gap, step)),
        _ => f64::min(gap / 2.0, USUAL).round(),
    });
    let between_parts = beside.pause_between_parts(&whole, fine.unwrap_or(USUAL));
    let are_parts = |pause: &f64| beside.are_parts(&whole_cycles(&join(runs, *pause)));
    if let Some(pause) = between_parts.filter(are_parts) {
        return (pause, Basis::Counted);
    }
    let inside = inside(&rests, usual, least);
    let mut candidates: Vec<(f64, f64)> = Vec::new();
    candidates.extend(inside.map(|pause| (pause, BY_FAR)));
    // A spike at rest joins the cycle that is nearer than the pause.
    let steps = [(2.0 * step).ceil(), step].map(|pause| fine.map(|fine| (f64::min(pause, fine), A_LITTLE)));
    let half = [fine.map(|pause| (pause, BY_FAR))];
    let is_spiky = 2 * (runs.len() - whole.len()) >= whole.len();
    let [first, then] = if is_spiky { [&steps[..], &half[..]] } else { [&half[..], &steps[..]] };
    candidates.extend(first.iter().chain(then).flatten());
    candidates.extend(jumps(&rests, least).into_iter().map(|pause| (pause, BY_FAR)));
    candidates.push((USUAL, BY_FAR));
    // Runs that are alike are no pieces of a lot, however alike lots are.
    let parts_lots = fine.filter(|fine| share(*fine) >= MOST_OF_TIME);
    let makes_lots =
        |pause: f64| parts_lots.is_some_and(|fine| fine < pause) && beside.are_lots(&join(&whole, pause));
    candidates.retain(|(pause, _)| !makes_lots(*pause));
    let mut chosen: Option<(f64, f64)> = None;
    for (pause, margin) in candidates {
        let is_regular = Some(pause) == inside && are_as_many(&whole, pause);
        let share = f64::max(share(pause), if is_regular { 1.0 - A_LITTLE } else { 0.0 });
        if chosen.is_none_or(|(_, best)| share > best + margin) {
            chosen = Some((pause, share));
        }
    }
    let parts = parts(&whole, &rests, beside);
    if let Some((each, pause)) = parts.filter(|(_, pause)| begin_long(&whole, *pause) && !makes_lots(*pause))
    {
        return (pause, Basis::Joined(each, fine.unwrap_or(USUAL)));
    }
    let Some((pause, _)) = chosen.filter(|(_, share)| *share >= MOST_OF_TIME) else {
        // Where most runs lack rows, little is alike though it may well be many cycles.
        let are_lacking = 2 * whole.iter().filter(|run| run.lacks_rows()).count() >= whole.len();
        let is_one = whole.len() > FEW_RUNS && MOST_IN_ONE * join(&whole, USUAL).len() < whole.len();
        return (fine.filter(|_| are_lacking && is_one).unwrap_or(USUAL), Basis::Unknown);
    };
    let joined = join(&whole, pause).len().max(1);
    let each = fine.filter(|fine| *fine < pause && whole.len() >= 2 * joined && share(*fine) >= MOST_OF_TIME);
    let apart =
        || parts.filter(|(_, longer)| *longer > pause).map(|(each, longer)| Basis::Apart(each, longer));
    let basis = each.map(|fine| Basis::Joined((whole.len() + joined / 2) / joined, fine)).or_else(apart);
    (pause, basis.unwrap_or(Basis::Seen))
}

/// Where runs lie together in parts that are alike, however long the gaps inside of them are: how many in each, and
/// the pause that makes one of them.
fn parts(whole: &Runs, gaps: &[f64], beside: &Beside) -> Option<(usize, f64)> {
    let logs = logs(gaps);
    let bounds = Heaps::of(&logs).filter(|_| gaps.len() >= FEWEST_ALIKE)?.bounds();
    bounds.into_iter().find_map(|bound| {
        let at = logs.partition_point(|log| *log < bound);
        let (inside, between) = (logs[..at].last()?, logs[at..].first()?);
        let pause = between_logs(*inside, *between);
        let joined = join(whole, pause);
        let each = (whole.len() + joined.len() / 2) / joined.len().max(1);
        let are_parts = between - inside >= FAR.ln()
            && each > 1
            && joined.len() >= FEWEST_OF_FEW
            && usual_length(&joined) <= LONGEST_PART
            && (are_as_many(whole, pause) || share_alike(&joined, beside) >= MOST_OF_TIME);
        are_parts.then_some((each, pause))
    })
}

/// Whether the first of the runs that are one with a pause lasts far longer than those that follow, nearly always.
fn begin_long(whole: &Runs, pause: f64) -> bool {
    let parts = join(whole, pause);
    let begins_long = |part: &&Run| {
        let from = whole.partition_point(|run| run.from < part.from);
        let to = whole.partition_point(|run| run.from <= part.to);
        let mut others: Vec<f64> = whole[from..to].iter().skip(1).map(Run::length).collect();
        others.sort_by(f64::total_cmp);
        others.get(others.len() / 2).is_some_and(|usual| whole[from].length() >= LONG_FIRST * usual)
    };
    parts.iter().filter(begins_long).count() * 5 >= parts.len() * 4
}

/// The pause between the short and the long gaps, where the short ones may lie inside cycles.
fn inside(gaps: &[f64], usual: f64, least: f64) -> Option<f64> {
    let logs = logs(gaps);
    let heaps = Heaps::of(&logs).filter(|_| gaps.len() >= FEWEST_ALIKE)?;
    let longest = f64::max(LONGEST_INSIDE, usual).ln();
    heaps.bounds().into_iter().find_map(|bound| {
        let at = logs.partition_point(|log| *log < bound);
        let (inside, between) = (logs[..at].last()?, logs[at..].first()?);
        let is_inside = *inside <= longest && (logs.len() - at) * MOST_INSIDE >= logs.len();
        let is_clear = between - inside > CLEAR && between.exp() - inside.exp() > least;
        (is_clear && is_inside).then(|| between_logs(*inside, *between))
    })
}

/// The pauses between gaps that differ most, the farthest first.
fn jumps(gaps: &[f64], least: f64) -> Vec<f64> {
    let logs = logs(gaps);
    let clear =
        logs.windows(2).filter(|pair| pair[1] - pair[0] > CLEAR && pair[1].exp() - pair[0].exp() > least);
    let mut jumps: Vec<(f64, f64)> =
        clear.map(|pair| (pair[1] - pair[0], between_logs(pair[0], pair[1]))).collect();
    jumps.sort_by(|one, other| other.0.total_cmp(&one.0));
    jumps.into_iter().map(|(_, pause)| pause).take(4).collect()
}

fn logs(gaps: &[f64]) -> Vec<f64> {
    gaps.iter().map(|gap| gap.clamp(0.1, LONGEST).ln()).collect()
}

fn between_logs(one: f64, other: f64) -> f64 {
    f64::midpoint(one, other).exp().round()
}

/// Whether cycles are made of about as many runs each, but for the first and the last one.
fn are_as_many(whole: &Runs, pause: f64) -> bool {
    let mut counts = vec![1_usize];
    for pair in whole.windows(2) {
        if pair[1].from.since(pair[0].to) > pause {
            counts.push(0);
        }
        if let Some(last) = counts.last_mut() {
            *last += 1;
        }
    }
    let usual = {
        let mut sorted = counts.clone();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    };
    let same = counts.iter().filter(|count| **count == usual).count();
    usual > 1 && counts.len() >= FEWEST_OF_FEW && same * 5 >= counts.len() * 4
}

/// The part of the time of cycles that those fill which are like others.
fn share_alike(cycles: &Runs, beside: &Beside) -> f64 {
    seconds(&alike(cycles, beside)) / seconds(cycles).max(1.0)
}

/// Seconds of all of them.
fn seconds(runs: &Runs) -> f64 {
    runs.iter().map(Run::length).sum()
}

/// Cycles without what is far shorter.
fn whole_cycles(joined: &Runs) -> Runs {
    let usual = usual_length(joined);
    joined.iter().filter(|run| run.length() * 5.0 >= usual).copied().collect()
}

/// The runs that are like others: those that keep to one of a few lengths or, if these are more, to one for each job.
pub(super) fn alike(runs: &Runs, beside: &Beside) -> Runs {
    let by_job: Runs = beside.by_job(runs).iter().flat_map(|of_job| of_lengths(of_job, 1)).collect();
    let all = of_lengths(runs, MOST_LENGTHS);
    if seconds(&by_job) > seconds(&all) { by_job } else { all }
}

/// The runs that keep to one of a few lengths; where there are few, only if they are most of what is there.
fn of_lengths(runs: &Runs, most_lengths: usize) -> Runs {
    let fewest = if runs.len() > FEW_RUNS { FEWEST_ALIKE } else { FEWEST_OF_FEW };
    let mut left = runs.clone();
    left.sort_by(|one, other| one.length().total_cmp(&other.length()));
    let mut alike = Vec::new();
    for _ in 0..most_lengths {
        let window =
            |from: usize| from..left.partition_point(|run| run.length() <= AGREES * left[from].length());
        let filled =
            |window: &std::ops::Range<usize>| left[window.clone()].iter().map(Run::length).sum::<f64>();
        let most = (0..left.len())
            .map(window)
            .filter(|window| window.len() >= fewest)
            .max_by(|one, other| filled(one).total_cmp(&filled(other)));
        let Some(most) = most else { break };
        alike.extend(left.drain(most));
    }
    if runs.len() <= FEW_RUNS && seconds(&alike) < MOST_OF_TIME * seconds(runs) {
        alike.clear();
    }
    alike
}
