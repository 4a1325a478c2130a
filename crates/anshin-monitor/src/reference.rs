//! What a healthy cycle takes: learnt for each job, from cycles that agree with each other.
//!
//! One reference for each machine is useless and one for each program is weak, since numbers are
//! used again and set-up runs share them. So a reference belongs to a key of several parts, it may
//! have several modes, and after a change-over a job counts as being set up until a cycle fits a
//! known mode or enough cycles agree. A job that comes back again and again and begins in a known mode
//! needs no such grace: it is judged from its first cycle on.

mod finding;
mod job;
mod mode;
mod seen;
mod tolerance;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cycle::{Cycle, Doubt};
use crate::judge::shown;
use crate::metered::Remeasured;
use crate::repeats::{Repeats, Rest};
use crate::still::{self, UsualStill};
use crate::time::Time;
pub use finding::{Deviation, Finding, Standing, Work};
use job::Job;
pub use mode::Mode;
use seen::Seen;
pub use seen::{Values, Wrong};
pub(crate) use seen::{limit, whole};
pub use tolerance::{Limits, Margin, Tolerance, Tolerances};

/// What people call a reference: the parts of the job's key, and the number of the mode.
pub fn name(key: &[impl AsRef<str>], mode: u32) -> String {
    let key = key.iter().map(|part| shown(part.as_ref())).collect::<Vec<_>>().join(" / ");
    format!("{key} #{mode}").trim_start().to_owned()
}

/// With how many decimals people are told what a cycle takes: little, such as Ah of a clamp, with more.
pub fn decimals(quantity: f64) -> usize {
    if quantity != 0.0 && quantity.abs() < 1.0 { 4 } else { 2 }
}

/// How references are learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// How many cycles must agree before they make a reference.
    pub cycles: usize,
    /// How many of the last healthy cycles the reference is the median of.
    pub window: usize,
    /// Whether the reference follows the last healthy cycles, or stays as it was learnt.
    pub adapts: bool,
    /// Whether a person must approve a reference before cycles are judged by it.
    pub approval: bool,
    /// A pause of this many seconds makes a change-over.
    pub change_over: f64,
    /// So many of the first cycles of a job, after another one and such a pause, may be slower: they set it up.
    pub set_up_cycles: u32,
}

/// Of so many of a job's last visits ...
const VISITS: u8 = 0b1111;

/// ... so many must have begun in a known mode, so that the next one is judged from its first cycle on.
const BEGAN_KNOWN: u32 = 3;

/// Most jobs that are remembered for a machine; the one not seen for longest goes first.
const MOST_JOBS: usize = 1_000;

/// The references of one machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct References {
    #[serde(skip, default = "no_learning")]
    learning: Learning,
    #[serde(skip, default = "no_tolerances")]
    tolerances: Tolerances,
    #[serde(with = "pairs")]
    jobs: BTreeMap<Vec<Arc<str>>, Job>,
    running: Option<Vec<Arc<str>>>,
    last_end: Option<Time>,
}

fn no_learning() -> Learning {
    let (adapts, approval) = (true, false);
    Learning { cycles: 5, window: 20, adapts, approval, change_over: f64::INFINITY, set_up_cycles: 1 }
}

fn no_tolerances() -> Tolerances {
    Tolerances { usual: Tolerance { duration: None, quantity: None }, of_jobs: Vec::new() }
}

/// A map as a list of pairs: keys of several parts cannot be names in JSON.
mod pairs {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Job;

    type Jobs = BTreeMap<Vec<Arc<str>>, Job>;

    pub(super) fn serialize<S: Serializer>(jobs: &Jobs, serializer: S) -> Result<S::Ok, S::Error> {
        jobs.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Jobs, D::Error> {
        Vec::<(Vec<Arc<str>>, Job)>::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}

impl References {
    /// No references yet.
    pub fn new(learning: Learning, tolerances: Tolerances) -> Self {
        Self { learning, tolerances, jobs: BTreeMap::new(), running: None, last_end: None }
    }

    /// These references, judged by other rules: after a restart with a changed configuration.
    #[must_use]
    pub fn with_rules(mut self, learning: Learning, tolerances: Tolerances) -> Self {
        for mode in self.jobs.values_mut().flat_map(|job| &mut job.modes) {
            mode.reach = mode.reach_itself();
        }
        Self { learning, tolerances, ..self }
    }

    /// What cycles take is metered in another way from here on.
    pub(crate) fn remeasure(&mut self, change: Remeasured) {
        self.jobs.values_mut().for_each(|job| job.remeasure(change));
    }

    /// All modes of all jobs, by key.
    pub fn modes(&self) -> impl Iterator<Item = (&[Arc<str>], &Mode)> {
        self.jobs.iter().flat_map(|(key, job)| job.modes.iter().map(move |mode| (key.as_slice(), mode)))
    }

    /// Modes by which nothing is judged before a person has approved them.
    pub fn waiting(&self) -> impl Iterator<Item = (&[Arc<str>], &Mode)> {
        self.modes().filter(|(_, mode)| self.learning.approval && !mode.approved)
    }

    /// Approves a mode; false if there is none such.
    pub fn approve(&mut self, key: &[Arc<str>], mode: u32) -> bool {
        let found = self.jobs.get_mut(key).and_then(|job| job.modes.iter_mut().find(|m| m.mode == mode));
        found.map(|mode| mode.approved = true).is_some()
    }

    /// Forgets a mode of a job that was learnt wrongly, or all of its modes; of all jobs without a key. False
    /// if there is none such. A job that ran in it is judged by another one that it has, or learns anew.
    pub fn forget(&mut self, key: &[Arc<str>], mode: Option<u32>) -> bool {
        let is_meant = |known: &[Arc<str>]| key.is_empty() || known == key;
        let meant = self.jobs.iter_mut().filter(|(known, _)| is_meant(known));
        meant.fold(false, |any, (_, job)| job.forget(mode) || any)
    }

    /// The longest that a cycle of a job may last, if the job is settled.
    pub fn longest(&self, key: &[Arc<str>]) -> Option<f64> {
        let job = self.jobs.get(key)?;
        job.settled?;
        let tolerance = self.tolerances.of(key);
        let usable = job.modes.iter().filter(|mode| mode.approved || !self.learning.approval);
        let longest = |mode: &Mode| Some(mode.reference.duration * (1.0 + mode.limits(tolerance).duration?));
        Some(usable.filter_map(longest).fold(0.0, f64::max)).filter(|longest| *longest > 0.0)
    }

    /// Somebody works on the machine: what comes next is not judged until it fits a mode again.
    pub fn change_over(&mut self) {
        self.running = None;
        for job in self.jobs.values_mut() {
            job.settled = None;
            job.fresh = 0;
            job.past.clear();
            job.set_up = true;
        }
    }

    /// Another job comes, or the same after a long pause: what comes next is not judged until it fits a
    /// mode, unless it is one that always does.
    fn visit(&mut self) {
        for job in self.jobs.values_mut() {
            if (job.visits & VISITS).count_ones() < BEGAN_KNOWN {
                job.settled = None;
            }
            job.fresh = 0;
            job.begins = true;
            job.set_up_cycles = 0;
        }
    }

    /// Adds to a cycle what makes it doubtful beside those that are known: it may be several in one, the meter repeated
    /// itself, or the machine stood still.
    pub(crate) fn doubt(&mut self, cycle: &mut Cycle, rest: Rest) {
        let tolerance = self.tolerances.of(&cycle.key);
        let Some(job) = self.jobs.get_mut(&cycle.key) else { return };
        if cycle.unseen_rest.is_some() && cycle.doubts.spare_edges() {
            job.keep_single();
            if job.is_several(Seen::of(cycle), tolerance) {
                cycle.doubts.add(Doubt::Several);
            }
        }
        if job.repeats.is_frozen(cycle.repeats, rest) {
            cycle.doubts.add(Doubt::Frozen);
            job.repeats.froze(cycle.repeats);
        }
        // A break between two parts is no slow part, nor is what is done in a change-over.
        if let Some(still) = cycle.still.filter(|still| job.still.is_long(still.longest, cycle.duration)) {
            cycle.doubts.add(Doubt::Interrupted);
            cycle.stood_still = !cycle.is_cut;
            cycle.is_cut = true;
            (cycle.held, cycle.held_quantity) = (still.seconds, still.quantity);
        }
    }

    /// Seconds of a stretch for which a machine stands still in a running cycle of a job, where that is far longer than
    /// usual.
    pub(crate) fn break_of(&self, key: &[Arc<str>], stretch: f64, lasts: f64) -> f64 {
        let is_long = self.jobs.get(key).is_some_and(|job| job.still.is_long(stretch, lasts));
        if is_long { stretch } else { 0.0 }
    }

    /// Whether the meter repeats itself in a running cycle of a job.
    pub(crate) fn is_frozen(&self, key: &[Arc<str>], repeats: Repeats, rest: Rest) -> bool {
        self.jobs.get(key).is_some_and(|job| job.repeats.is_frozen(repeats, rest))
    }

    /// Compares a cycle with its reference, and learns from it. What is off in the way in which `goes_on` tells the
    /// machine to be off already shows no new way of running.
    pub fn judge(&mut self, cycle: &Cycle, goes_on: impl Fn(&Deviation) -> bool) -> Finding {
        let pause = self.last_end.map_or(f64::INFINITY, |end| cycle.start.since(end));
        // A cycle in doubt may hold a whole night.
        if cycle.doubts.spare_edges() {
            self.last_end = Some(cycle.end);
        }
        let pause = cycle.still.map_or(pause, |still| pause.max(still.longest));
        let (is_long, is_other) =
            (pause > self.learning.change_over, self.running.as_ref() != Some(&cycle.key));
        if is_long || is_other {
            self.visit();
            self.running = Some(cycle.key.clone());
        }
        if let Some(job) = self.jobs.get_mut(&cycle.key).filter(|_| is_long && is_other) {
            job.set_up_cycles = self.learning.set_up_cycles;
        }
        if !cycle.doubts.spare_edges() {
            return Finding::Unreliable;
        }
        if cycle.is_cut {
            // What happens in each cycle is no break.
            if let Some(job) = self.jobs.get_mut(&cycle.key).filter(|_| cycle.stood_still) {
                job.breaks += 1;
                if job.breaks >= still::CYCLES {
                    (job.still, job.breaks) = (UsualStill::default(), 0);
                }
            }
            return Finding::Interrupted;
        }
        if self.jobs.len() >= MOST_JOBS && !self.jobs.contains_key(&cycle.key) {
            let oldest = self.jobs.iter().min_by_key(|(_, job)| job.seen).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.jobs.remove(&key));
        }
        let (learning, tolerance) = (self.learning, self.tolerances.of(&cycle.key));
        let job = self.jobs.entry(cycle.key.clone()).or_default();
        (job.seen, job.breaks) = (Some(cycle.end), 0);
        let seen = Seen::of(cycle);
        job.stay_settled(seen, tolerance, goes_on);
        let finding = job.judge(seen, cycle.end, learning, tolerance);
        if !matches!(finding, Finding::Outside(_) | Finding::BrokenOff(_) | Finding::SetAside(_)) {
            job.repeats.learn(cycle.repeats);
            cycle.still.into_iter().for_each(|still| job.still.learn(still));
        }
        finding
    }
}
