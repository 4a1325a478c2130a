//! What is known of one job: the ways in which it runs, and those that are being learnt.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Learning;
use super::finding::{Deviation, Finding, Work, deviation};
use super::mode::Mode;
use super::seen::{Seen, Wrong, group, middle};
use super::tolerance::{Limits, Tolerance};
use crate::metered::Remeasured;
use crate::repeats::Usual;
use crate::still::UsualStill;
use crate::time::Time;

/// What is known of one job.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) modes: Vec<Mode>,
    /// The mode that it runs in; `None` while it is being set up.
    pub(super) settled: Option<usize>,
    /// The last cycles of a job being set up that fit no mode. They outlive a change-over, for where
    /// each part is clamped by hand every cycle follows one.
    unknown: VecDeque<Seen>,
    /// The last cycles of a job that is settled, and whether each was outside.
    #[serde(default)]
    pub(super) past: VecDeque<(Seen, bool)>,
    /// How many of the last unknown cycles came after the last change-over.
    pub(super) fresh: usize,
    pub(super) seen: Option<Time>,
    /// The number of the mode that was learnt last: none is given twice.
    #[serde(default)]
    newest: u32,
    /// Which of its visits began in a known mode; the newest is the lowest bit.
    #[serde(default)]
    pub(super) visits: u8,
    /// Nothing of the running visit has been judged.
    #[serde(default)]
    pub(super) begins: bool,
    /// How many of its next cycles may set it up.
    #[serde(default)]
    pub(super) set_up_cycles: u32,
    /// Somebody has set the machine up since the job ran in a known mode.
    #[serde(default)]
    pub(super) set_up: bool,
    /// How often the meter repeats itself in its healthy cycles.
    #[serde(default)]
    pub(super) repeats: Usual,
    /// How long the machine stands still in its healthy cycles.
    #[serde(default, skip_serializing_if = "UsualStill::is_empty")]
    pub(super) still: UsualStill,
    /// In how many of its last cycles, one after the other, it has stood still for far longer.
    #[serde(default)]
    pub(super) breaks: usize,
}

/// A cycle that lasts less than this part of its reference has been broken off.
const BROKEN_OFF: f64 = 0.5;

/// Other ways of running that alternate with the one that is learnt are learnt with it where cycles agree within
/// this part of the tolerance.
const TIGHT: f64 = 0.5;

/// Changes between cycles inside and outside that show another way of running, which alternates with a known one
/// from then on, and is not a fault that stays.
const ALTERNATES: usize = 3;

/// Two cycles that are taken for one last about twice as long, and take as much: no less than this much of what one
/// of them does, for each may be off by the tolerance ...
const SEVERAL: f64 = 1.7;

/// ... and three are half as much again as two, which may have been learnt for one.
const MORE: f64 = 1.4;

impl Job {
    /// What cycles take is metered in another way from here on.
    pub(super) fn remeasure(&mut self, change: Remeasured) {
        self.modes.iter_mut().for_each(|mode| mode.remeasure(change));
        let past = self.past.iter_mut().map(|(seen, _)| seen);
        past.chain(&mut self.unknown).for_each(|seen| seen.remeasure(change));
        self.repeats = Usual::default();
    }

    /// Whether a cycle may be several of those that are known, for a rest between them may have gone unseen; or
    /// whether those that are known may be several, each.
    pub(super) fn is_several(&self, seen: Seen, tolerance: Tolerance) -> bool {
        if self.modes.is_empty() {
            return self.fewest().is_some_and(|one| seen.is_times(one, SEVERAL));
        }
        let known = |mode: &Mode| Seen { values: mode.reference, wrong: Wrong::default() };
        let is_other = |mode: &Mode| seen.is_times(known(mode), MORE) || known(mode).is_times(seen, MORE);
        self.modes.iter().all(|mode| deviation(mode, seen, tolerance).is_outside())
            && self.modes.iter().any(is_other)
    }

    /// One of the short ones of the cycles that are being learnt.
    fn fewest(&self) -> Option<Seen> {
        let mut all: Vec<Seen> = self.unknown.iter().copied().collect();
        all.sort_by(|one, other| one.values.duration.total_cmp(&other.values.duration));
        all.get(all.len() / 4).copied()
    }

    /// Forgets cycles that are being learnt and may be several.
    pub(super) fn keep_single(&mut self) {
        if let Some(one) = self.fewest() {
            self.unknown.retain(|seen| !seen.is_times(one, SEVERAL));
            self.fresh = self.fresh.min(self.unknown.len());
        }
    }

    /// Stays in the known way of running that is nearest to a cycle where that is off as others of the machine are,
    /// and nobody has set it up: a fault that lasts while jobs come and go is not learnt.
    pub(super) fn stay_settled(
        &mut self,
        seen: Seen,
        tolerance: Tolerance,
        goes_on: impl Fn(&Deviation) -> bool,
    ) {
        if self.settled.is_some() || self.set_up {
            return;
        }
        if let Some((n, _)) =
            self.nearest(seen, tolerance).filter(|(_, off)| off.is_outside() && goes_on(off))
        {
            self.settled = Some(n);
            self.unknown.clear();
            self.fresh = 0;
        }
    }

    /// The known way of running that is nearest to a cycle.
    fn nearest(&self, seen: Seen, tolerance: Tolerance) -> Option<(usize, Deviation)> {
        let known = self.modes.iter().map(|mode| deviation(mode, seen, tolerance)).enumerate();
        known.min_by(|(_, a), (_, b)| a.size().total_cmp(&b.size()))
    }

    pub(super) fn judge(
        &mut self,
        seen: Seen,
        now: Time,
        learning: Learning,
        tolerance: Tolerance,
    ) -> Finding {
        let taught = seen.sharp(tolerance.widest());
        let fitting = self
            .modes
            .iter()
            .map(|mode| deviation(mode, seen, tolerance))
            .enumerate()
            .filter(|(_, deviation)| !deviation.is_outside())
            .min_by(|(_, a), (_, b)| a.size().total_cmp(&b.size()));
        let may_set_up = self.set_up_cycles > 0;
        self.set_up_cycles = self.set_up_cycles.saturating_sub(1);
        if may_set_up
            && fitting.is_none()
            && self.nearest(seen, tolerance).is_some_and(|(_, off)| off.is_longer())
        {
            return Finding::SetAside(Work::SetUp);
        }
        if std::mem::take(&mut self.begins) {
            self.visits = self.visits << 1 | u8::from(fitting.is_some());
        }
        if let Some((n, deviation)) = fitting {
            // One that fits only because it may be wrong does not show in which way the job runs.
            if self.settled.is_none() && !self.modes[n].is_near(seen, tolerance) {
                return Finding::Learning;
            }
            self.settled = Some(n);
            self.set_up = false;
            self.unknown.clear();
            self.fresh = 0;
            self.remember(taught, false, learning);
            let mode = &mut self.modes[n];
            mode.take(taught, learning, tolerance.widest());
            return match mode.approved || !learning.approval {
                true if deviation.is_vague() => Finding::Inconclusive(deviation),
                true => Finding::Healthy(deviation),
                false => Finding::Learning,
            };
        }
        if let Some(n) = self.settled {
            let mode = &self.modes[n];
            if !mode.approved && learning.approval {
                return Finding::Learning;
            }
            let deviation = deviation(mode, seen, tolerance);
            let values = seen.values;
            let stopped = tolerance.duration.is_some()
                && values.duration < BROKEN_OFF * mode.reference.duration
                && values.quantity.zip(mode.reference.quantity).is_none_or(|(is, was)| is < was);
            if stopped {
                return Finding::BrokenOff(deviation);
            }
            self.remember(taught, true, learning);
            return match self.alternating(taught, learning, self.modes[n].limits(tolerance)) {
                Some(cycles) => self.learnt(cycles, seen, now, (learning, tolerance)),
                None => Finding::Outside(deviation),
            };
        }
        self.learn(taught, now, learning, tolerance)
    }

    /// Remembers a cycle of a job that is settled.
    fn remember(&mut self, seen: Seen, is_outside: bool, learning: Learning) {
        self.past.push_back((seen, is_outside));
        while self.past.len() > 4 * learning.cycles {
            self.past.pop_front();
        }
    }

    /// Cycles outside that agree well with this one, and come and go among healthy ones: another way of running.
    fn alternating(&self, seen: Seen, learning: Learning, limits: Limits) -> Option<VecDeque<Seen>> {
        let outside = self.past.iter().filter(|(_, is_outside)| *is_outside).map(|(other, _)| *other);
        let exact: Vec<Seen> = outside.clone().map(Seen::exact).collect();
        let group = group(&exact, seen.exact(), limits.part(TIGHT));
        if 5 * group.len() < 7 * learning.cycles {
            return None;
        }
        let first =
            self.past.iter().position(|(other, is_outside)| *is_outside && group.contains(&other.exact()))?;
        let states: Vec<bool> = self.past.iter().skip(first).map(|(_, is_outside)| *is_outside).collect();
        let changes = states.windows(2).filter(|pair| pair[0] != pair[1]).count();
        (changes >= ALTERNATES).then(|| outside.filter(|other| group.contains(&other.exact())).collect())
    }

    pub(super) fn forget(&mut self, mode: Option<u32>) -> bool {
        let settled = self.settled.map(|n| self.modes[n].mode);
        let before = self.modes.len();
        self.newest = self.newest();
        self.modes.retain(|known| mode.is_some_and(|mode| known.mode != mode));
        if self.modes.len() == before {
            return false;
        }
        let last = self.modes.len().checked_sub(1);
        self.settled = settled.and_then(|n| self.modes.iter().position(|mode| mode.mode == n).or(last));
        self.unknown.clear();
        self.fresh = 0;
        true
    }

    /// The number of the mode that was learnt last.
    fn newest(&self) -> u32 {
        self.modes.last().map_or(self.newest, |mode| mode.mode.max(self.newest))
    }

    /// Learns a mode when enough of the last unknown cycles agree with their median: cycles of one streak, or
    /// twice as many where change-overs lie between them. Where ways of running alternate, the others are learnt
    /// with it; where none of them is in the middle, each is learnt once nearly all cycles are one of them.
    fn learn(&mut self, seen: Seen, now: Time, learning: Learning, tolerance: Tolerance) -> Finding {
        let limits = tolerance.widest();
        // What may have lasted anything agrees with anything.
        if limits.duration.is_some_and(|most| seen.wrong.duration > most * seen.values.duration) {
            return Finding::Learning;
        }
        self.unknown.push_back(seen);
        while self.unknown.len() > 4 * learning.cycles {
            self.unknown.pop_front();
        }
        self.fresh = (self.fresh + 1).min(self.unknown.len());
        let all: Vec<Seen> = self.unknown.iter().copied().collect();
        // Of an odd number, so that the median is one of them and not between two ways of running.
        let agreeing = |last: usize| -> Vec<Seen> {
            let cycles = &all[all.len() - (last - 1) / 2 * 2 - 1..];
            let centre = middle(cycles);
            if !seen.agrees(centre, limits) {
                return Vec::new();
            }
            cycles.iter().filter(|other| other.agrees(centre, limits)).copied().collect()
        };
        let (streak, any) = (agreeing(self.fresh.min(2 * learning.cycles)), agreeing(all.len()));
        let agree = if streak.len() >= learning.cycles {
            streak
        } else if any.len() >= 2 * learning.cycles {
            any
        } else {
            let fresh = &all[all.len() - self.fresh..];
            let one = group(fresh, seen, limits.part(TIGHT));
            let others = others(fresh, &one, learning, limits);
            let known = one.len() + others.iter().map(Vec::len).sum::<usize>();
            if one.len() < learning.cycles || 4 * known < 3 * fresh.len() {
                return Finding::Learning;
            }
            one
        };
        let others = others(&all, &agree, learning, limits);
        let finding = self.learnt(agree.into(), seen, now, (learning, tolerance));
        for group in others {
            let mode = Mode::of(self.newest().saturating_add(1), group.into(), now, learning);
            self.modes.push(mode);
        }
        finding
    }

    /// Learns a mode from cycles that agree, of which one has just ended.
    fn learnt(
        &mut self,
        cycles: VecDeque<Seen>,
        seen: Seen,
        now: Time,
        (learning, tolerance): (Learning, Tolerance),
    ) -> Finding {
        let mode = Mode::of(self.newest().saturating_add(1), cycles, now, learning);
        let reference = Seen { values: mode.reference, wrong: Wrong::default() };
        let set_up = std::mem::take(&mut self.set_up);
        let known = self.modes.iter().filter(|_| !set_up).map(|mode| deviation(mode, reference, tolerance));
        let from_known = known.min_by(|a, b| a.size().total_cmp(&b.size()));
        let deviation = deviation(&mode, seen, tolerance);
        self.settled = Some(self.modes.len());
        self.modes.push(mode);
        self.unknown.clear();
        self.past.clear();
        self.fresh = 0;
        Finding::Learnt { deviation, from_known }
    }
}

/// Other ways of running among cycles of which some are one way already.
fn others(cycles: &[Seen], known: &[Seen], learning: Learning, limits: Limits) -> Vec<Vec<Seen>> {
    let mut rest: Vec<Seen> = cycles.iter().filter(|other| !known.contains(other)).copied().collect();
    let tight = limits.part(TIGHT);
    let mut found = Vec::new();
    loop {
        let groups = rest.iter().map(|other| group(&rest, *other, tight));
        let Some(best) = groups.max_by_key(Vec::len).filter(|best| 2 * best.len() > learning.cycles) else {
            return found;
        };
        rest.retain(|other| !best.contains(other));
        found.push(best);
    }
}
