//! What a healthy cycle takes: learnt for each job, from cycles that agree with each other.
//!
//! One reference for each machine is useless and one for each program is weak, since numbers are
//! used again and set-up runs share them. So a reference belongs to a key of several parts, it may
//! have several modes, and after a change-over a job counts as being set up until a cycle fits a
//! known mode or enough cycles agree. A job that comes back again and again and begins in a known mode
//! needs no such grace: it is judged from its first cycle on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cycle::{Cycle, Doubt};
use crate::time::Time;

/// What is compared: how long a cycle lasts, and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Values {
    /// Seconds.
    pub duration: f64,
    /// In the unit of the meter.
    pub quantity: Option<f64>,
}

/// By how much values may be wrong, for one standard deviation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// Seconds.
    pub duration: f64,
    /// In the unit of the meter.
    pub quantity: f64,
}

/// What is known of a cycle that has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Seen {
    #[serde(flatten)]
    values: Values,
    #[serde(default)]
    wrong: Wrong,
}

/// So many standard deviations are not taken for a difference: two answers of a machine that is asked can lie a
/// whole pause apart from what happened, which is 2.45 of them.
const SURE: f64 = 2.5;

/// How far a value may be off that may be wrong by a part of it: tolerance and uncertainty are independent.
pub(crate) fn limit(most: f64, wrong: f64) -> f64 {
    most.hypot(SURE * wrong)
}

/// A value of which something is a part, never nothing.
pub(crate) fn whole(value: f64) -> f64 {
    value.abs().max(f64::MIN_POSITIVE)
}

/// By how much a value may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margin {
    /// By a part of the reference value.
    Fixed(f64),
    /// By what the machine's own healthy cycles show, within [`Margin::NARROWEST`] and [`Margin::WIDEST`].
    Auto,
}

/// By how much a cycle may be off; `None` does not look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Of the duration.
    pub duration: Option<Margin>,
    /// Of the quantity.
    pub quantity: Option<Margin>,
}

/// By how much a cycle may be off, as parts of the reference value; `None` does not look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Of the duration.
    pub duration: Option<f64>,
    /// Of the quantity.
    pub quantity: Option<f64>,
}

/// By how much cycles may be off: most of them, and those of single jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerances {
    /// Of jobs that are not named.
    pub usual: Tolerance,
    /// Of jobs by the parts of their key, of which `*` fits any; the first one that fits counts.
    pub of_jobs: Vec<(Vec<Arc<str>>, Tolerance)>,
}

impl Tolerances {
    /// Of a job.
    pub fn of(&self, key: &[Arc<str>]) -> Tolerance {
        let fits = |pattern: &[Arc<str>]| {
            pattern.len() == key.len()
                && pattern.iter().zip(key).all(|(part, is)| &**part == "*" || part == is)
        };
        self.of_jobs.iter().find(|(pattern, _)| fits(pattern)).map_or(self.usual, |(_, tolerance)| *tolerance)
    }
}

impl Margin {
    /// Of [`Margin::Auto`], the narrowest.
    pub const NARROWEST: f64 = 0.06;

    /// Of [`Margin::Auto`], the widest: that of a job of which too little is known yet.
    pub const WIDEST: f64 = 0.15;

    /// What is allowed where nothing is said.
    pub const USUAL: Self = Margin::Fixed(Self::WIDEST);

    /// The widest that it can be.
    pub fn widest(self) -> f64 {
        match self {
            Margin::Fixed(most) => most,
            Margin::Auto => Self::WIDEST,
        }
    }

    /// Where healthy cycles lie so far apart, for one standard deviation.
    fn at(self, spread: Option<f64>) -> f64 {
        match (self, spread) {
            (Margin::Auto, Some(spread)) => (SPREADS * spread).clamp(Self::NARROWEST, Self::WIDEST),
            _ => self.widest(),
        }
    }
}

impl Tolerance {
    /// The widest that it can be.
    pub fn widest(self) -> Limits {
        Limits { duration: self.duration.map(Margin::widest), quantity: self.quantity.map(Margin::widest) }
    }
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
}

/// One way in which a job runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mode {
    /// Its number within the job, from 1.
    pub mode: u32,
    /// The reference value.
    pub reference: Values,
    /// The reference value as it was learnt; drift is measured from it.
    pub learnt: Values,
    /// When it was learnt.
    pub since: Time,
    /// How many healthy cycles are behind it.
    pub cycles: u64,
    /// How often the reference value has been learnt anew.
    pub version: u32,
    /// Whether a person has approved it.
    pub approved: bool,
    window: VecDeque<Seen>,
    /// By how much the reference value may be wrong.
    #[serde(default)]
    wrong: Wrong,
    /// By how much the value as it was learnt may be wrong.
    #[serde(default)]
    learnt_wrong: Wrong,
    /// How many more looks the value as it was learnt may take to follow the machine; none once it stood still.
    #[serde(default)]
    looks_left: u8,
    /// How far its last healthy cycles were from the reference as they came.
    #[serde(default)]
    offs: VecDeque<Values>,
    /// The part of [`Mode::spread`] that is the machine's own, as it was after the last cycle.
    #[serde(skip)]
    own_spread: Option<(f64, Option<f64>)>,
}

/// What a cycle turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It cannot be relied upon.
    Unreliable,
    /// Somebody works at the machine, and has said so: nothing is judged or learnt.
    SetAside(Work),
    /// Its program was held: how long it lasted and what it took says nothing of the machine.
    Interrupted,
    /// The job is being set up, or is not known yet.
    Learning,
    /// A reference has been learnt from this and earlier cycles.
    Learnt {
        /// How far the cycle is from it.
        deviation: Deviation,
        /// How far it is from the nearest one that the job had, if nobody is known to have set the machine
        /// up since the job ran by it.
        from_known: Option<Deviation>,
    },
    /// It is as it should be.
    Healthy(Deviation),
    /// It is not outside the tolerance, but may be further off than that: it was seen too coarsely to tell.
    Inconclusive(Deviation),
    /// It stopped far before its end.
    BrokenOff(Deviation),
    /// It is outside the tolerance.
    Outside(Deviation),
}

/// What somebody does at a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// It is being set up.
    SetUp,
    /// It is maintained.
    Maintenance,
}

impl Work {
    /// Its id in files.
    pub fn id(self) -> &'static str {
        match self {
            Work::SetUp => "set-up",
            Work::Maintenance => "maintenance",
        }
    }
}

/// How far a cycle is from its reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// The mode it was compared with.
    pub mode: u32,
    /// The reference value.
    pub reference: Values,
    /// Duration against the reference, 0.1 for 10 % longer.
    pub duration: f64,
    /// Quantity against the reference.
    pub quantity: Option<f64>,
    /// Duration against the value as it was learnt; `None` where it is not looked at.
    pub duration_drift: Option<f64>,
    /// Quantity against the value as it was learnt; `None` where it is not looked at.
    pub quantity_drift: Option<f64>,
    /// The value as it was learnt.
    pub learnt: Values,
    /// By how much that may be wrong.
    pub learnt_wrong: Wrong,
    /// By how much the cycle was allowed to be off.
    pub limits: Limits,
    /// How the duration stands to its tolerance.
    pub duration_is: Standing,
    /// How the quantity stands to its tolerance.
    pub quantity_is: Standing,
}

/// How a value stands to its tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Within it, or not looked at.
    Inside,
    /// Outside by more than it may be wrong.
    Outside,
    /// Not outside, but it may be wrong by more than the tolerance: known too coarsely to tell.
    Vague,
}

/// A cycle that lasts less than this part of its reference has been broken off.
const BROKEN_OFF: f64 = 0.5;

/// So many windows of cycles after a mode was learnt, the value as it was learnt follows what the machine has
/// warmed up to, unless it stands still before.
const LOOKS: u8 = 3;

/// It stands still where it has moved by no more than this part of the tolerance.
const STILL: f64 = 0.125;

/// Other ways of running that alternate with the one that is learnt are learnt with it where cycles agree within
/// this part of the tolerance.
const TIGHT: f64 = 0.5;

/// Changes between cycles inside and outside that show another way of running, which alternates with a known one
/// from then on, and is not a fault that stays.
const ALTERNATES: usize = 3;

/// From so many cycles on it is known how far they lie apart.
const FEWEST_FOR_SPREAD: usize = 10;

/// From so many of the last healthy cycles it is read how far they lie apart.
const OFFS: usize = 60;

/// A tolerance that follows the machine is so many times as wide as its healthy cycles lie apart, for one
/// standard deviation.
const SPREADS: f64 = 3.5;

/// From the median of absolute deviations to the standard deviation of a normal distribution.
const TO_DEVIATION: f64 = 1.4826;

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
    Learning { cycles: 5, window: 20, adapts: true, approval: false, change_over: f64::INFINITY }
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

/// What is known of one job.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Job {
    modes: Vec<Mode>,
    /// The mode that it runs in; `None` while it is being set up.
    settled: Option<usize>,
    /// The last cycles of a job being set up that fit no mode. They outlive a change-over, for where
    /// each part is clamped by hand every cycle follows one.
    unknown: VecDeque<Seen>,
    /// The last cycles of a job that is settled, and whether each was outside.
    #[serde(default)]
    past: VecDeque<(Seen, bool)>,
    /// How many of the last unknown cycles came after the last change-over.
    fresh: usize,
    seen: Option<Time>,
    /// The number of the mode that was learnt last: none is given twice.
    #[serde(default)]
    newest: u32,
    /// Which of its visits began in a known mode; the newest is the lowest bit.
    #[serde(default)]
    visits: u8,
    /// Nothing of the running visit has been judged.
    #[serde(default)]
    begins: bool,
    /// Somebody has set the machine up since the job ran in a known mode.
    #[serde(default)]
    set_up: bool,
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
            mode.own_spread = mode.spread_itself();
        }
        Self { learning, tolerances, ..self }
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
        tolerance.duration?;
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
        }
    }

    /// Compares a cycle with its reference, and learns from it.
    pub fn judge(&mut self, cycle: &Cycle) -> Finding {
        let pause = self.last_end.map_or(f64::INFINITY, |end| cycle.start.since(end));
        // A cycle in doubt may hold a whole night.
        if cycle.doubts.spare_edges() {
            self.last_end = Some(cycle.end);
        }
        if pause > self.learning.change_over || self.running.as_ref() != Some(&cycle.key) {
            self.visit();
            self.running = Some(cycle.key.clone());
        }
        if !cycle.doubts.spare_edges() {
            return Finding::Unreliable;
        }
        if cycle.doubts.contains(Doubt::Interrupted) {
            return Finding::Interrupted;
        }
        if self.jobs.len() >= MOST_JOBS && !self.jobs.contains_key(&cycle.key) {
            let oldest = self.jobs.iter().min_by_key(|(_, job)| job.seen).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.jobs.remove(&key));
        }
        let (learning, tolerance) = (self.learning, self.tolerances.of(&cycle.key));
        let job = self.jobs.entry(cycle.key.clone()).or_default();
        job.seen = Some(cycle.end);
        let sparse = cycle.doubts.contains(Doubt::Sparse);
        let seen = Seen {
            values: Values { duration: cycle.duration, quantity: cycle.quantity.filter(|_| !sparse) },
            wrong: Wrong {
                duration: cycle.duration_uncertainty,
                quantity: if sparse { f64::INFINITY } else { cycle.uncertainty },
            },
        };
        job.judge(seen, cycle.end, learning, tolerance)
    }
}

impl Job {
    fn judge(&mut self, seen: Seen, now: Time, learning: Learning, tolerance: Tolerance) -> Finding {
        let taught = seen.sharp(tolerance.widest());
        let fitting = self
            .modes
            .iter()
            .map(|mode| deviation(mode, seen, tolerance))
            .enumerate()
            .filter(|(_, deviation)| !deviation.is_outside())
            .min_by(|(_, a), (_, b)| a.size().total_cmp(&b.size()));
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

    fn forget(&mut self, mode: Option<u32>) -> bool {
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
            let mode = self.mode(group.into(), now, learning);
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
        let mode = self.mode(cycles, now, learning);
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

    /// A mode of cycles that agree.
    fn mode(&self, cycles: VecDeque<Seen>, now: Time, learning: Learning) -> Mode {
        let mut reference = middle(&cycles);
        if quantities(&cycles) < learning.cycles.min(cycles.len()) {
            reference.quantity = None;
        }
        let wrong = middle_wrong(&cycles);
        let offs = cycles.iter().map(|seen| off(seen.values, reference)).collect();
        let mut mode = Mode {
            mode: self.newest().saturating_add(1),
            reference,
            learnt: reference,
            since: now,
            cycles: cycles.len() as u64,
            version: 1,
            approved: false,
            window: cycles,
            wrong,
            learnt_wrong: wrong,
            looks_left: LOOKS,
            offs,
            own_spread: None,
        };
        mode.own_spread = mode.spread_itself();
        mode
    }
}

impl Seen {
    /// As far as it is known well enough to be a measure for others: without a quantity that may be wrong by more
    /// than its tolerance.
    fn sharp(self, limits: Limits) -> Self {
        let is_sharp =
            |quantity: &f64| limits.quantity.is_none_or(|most| self.wrong.quantity <= most * quantity.abs());
        let quantity = self.values.quantity.filter(is_sharp);
        let of_quantity = if quantity.is_some() { self.wrong.quantity } else { 0.0 };
        Self {
            values: Values { quantity, ..self.values },
            wrong: Wrong { quantity: of_quantity, ..self.wrong },
        }
    }

    /// The same, taken to be right.
    fn exact(self) -> Self {
        Self { wrong: Wrong::default(), ..self }
    }

    /// Whether it is not further from some values than tolerance and uncertainty allow.
    fn agrees(self, centre: Values, limits: Limits) -> bool {
        let near = |is: f64, was: f64, wrong: f64, most: Option<f64>| {
            most.is_none_or(|most| relative(is, was).abs() <= limit(most, wrong / whole(was)))
        };
        let Self { values, wrong } = self;
        near(values.duration, centre.duration, wrong.duration, limits.duration)
            && values
                .quantity
                .zip(centre.quantity)
                .is_none_or(|(is, was)| near(is, was, wrong.quantity, limits.quantity))
    }
}

impl Limits {
    /// A part of them.
    fn part(self, part: f64) -> Self {
        Self {
            duration: self.duration.map(|most| part * most),
            quantity: self.quantity.map(|most| part * most),
        }
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

/// Those of some cycles that agree with one of them, by their own middle; none if this one does not.
fn group(cycles: &[Seen], one: Seen, limits: Limits) -> Vec<Seen> {
    let near = |other: &&Seen| {
        let wrong = Wrong {
            duration: one.wrong.duration.max(other.wrong.duration),
            quantity: one.wrong.quantity.max(other.wrong.quantity),
        };
        Seen { wrong, ..**other }.agrees(one.values, limits)
    };
    let near: Vec<Seen> = cycles.iter().filter(near).copied().collect();
    let centre = middle(&near);
    if !one.agrees(centre, limits) {
        return Vec::new();
    }
    cycles.iter().filter(|other| other.agrees(centre, limits)).copied().collect()
}

impl Mode {
    /// Takes one more cycle that fits. A quantity that was not known when the mode was learnt is learnt once
    /// enough cycles tell it.
    fn take(&mut self, seen: Seen, learning: Learning, widest: Limits) {
        self.cycles += 1;
        self.offs.push_back(off(seen.values, self.reference));
        while self.offs.len() > OFFS {
            self.offs.pop_front();
        }
        self.window.push_back(seen);
        while self.window.len() > learning.window {
            self.window.pop_front();
        }
        let middle = middle(&self.window);
        if learning.adapts {
            self.reference.duration = middle.duration;
            self.wrong = middle_wrong(&self.window);
        }
        if quantities(&self.window) >= learning.cycles.min(learning.window) {
            self.learnt.quantity = self.learnt.quantity.or(middle.quantity);
            if learning.adapts || self.reference.quantity.is_none() {
                self.reference.quantity = middle.quantity;
            }
        }
        if self.looks_left > 0 && self.cycles.is_multiple_of(learning.window.max(1) as u64) {
            let still = widest.part(STILL);
            let is_still =
                Seen { values: self.reference, wrong: Wrong::default() }.agrees(self.learnt, still);
            self.looks_left = if is_still { 0 } else { self.looks_left - 1 };
            (self.learnt, self.learnt_wrong) = (self.reference, self.wrong);
        }
        self.own_spread = self.spread_itself();
    }

    /// How far its last healthy cycles were from the reference as they came, as parts of it, for one standard
    /// deviation: a tolerance of less than three times as much finds fault with healthy cycles. `None` for too
    /// few of them.
    pub fn spread(&self) -> Option<(f64, Option<f64>)> {
        if self.offs.len() < FEWEST_FOR_SPREAD {
            return None;
        }
        let middle = median(self.offs.iter().copied());
        Some((TO_DEVIATION * middle.duration, middle.quantity.map(|quantity| TO_DEVIATION * quantity)))
    }

    /// By how much its cycles may be off.
    pub fn limits(&self, tolerance: Tolerance) -> Limits {
        let (duration, quantity) = self.own_spread.unzip();
        Limits {
            duration: tolerance.duration.map(|margin| margin.at(duration)),
            quantity: tolerance.quantity.map(|margin| margin.at(quantity.flatten())),
        }
    }

    /// The part of [`Mode::spread`] that is the machine's own. That of how it is seen is counted in with the
    /// uncertainty of each cycle.
    fn spread_itself(&self) -> Option<(f64, Option<f64>)> {
        let (duration, quantity) = self.spread()?;
        let wrong = usual_wrong(&self.window);
        let own = |spread: f64, wrong: f64, was: f64| {
            (spread.powi(2) - (wrong / whole(was)).powi(2)).max(0.0).sqrt()
        };
        let was = self.reference.quantity.unwrap_or(0.0);
        Some((
            own(duration, wrong.duration, self.reference.duration),
            quantity.map(|quantity| own(quantity, wrong.quantity, was)),
        ))
    }

    /// Whether a cycle would fit as well if it were known to be right.
    fn is_near(&self, seen: Seen, tolerance: Tolerance) -> bool {
        seen.exact().agrees(self.reference, self.limits(tolerance))
    }
}

/// How far values are from others, without a sign.
fn off(values: Values, from: Values) -> Values {
    Values {
        duration: relative(values.duration, from.duration).abs(),
        quantity: values.quantity.zip(from.quantity).map(|(is, was)| relative(is, was).abs()),
    }
}

impl Deviation {
    /// Whether anything is outside.
    pub fn is_outside(&self) -> bool {
        self.is_any(Standing::Outside)
    }

    /// Whether anything is known too coarsely to tell.
    pub fn is_vague(&self) -> bool {
        self.is_any(Standing::Vague)
    }

    fn is_any(&self, standing: Standing) -> bool {
        [self.duration_is, self.quantity_is].contains(&standing)
    }

    fn size(&self) -> f64 {
        self.duration.abs().max(self.quantity.unwrap_or(0.0).abs())
    }
}

fn relative(is: f64, reference: f64) -> f64 {
    if reference.abs() < f64::MIN_POSITIVE {
        if is.abs() < f64::MIN_POSITIVE { 0.0 } else { f64::INFINITY.copysign(is) }
    } else {
        (is - reference) / reference.abs()
    }
}

/// How far a cycle is from a mode.
fn deviation(mode: &Mode, seen: Seen, tolerance: Tolerance) -> Deviation {
    let (Seen { values, wrong }, reference, learnt) = (seen, mode.reference, mode.learnt);
    let (limits, widest) = (mode.limits(tolerance), tolerance.widest());
    let duration = relative(values.duration, reference.duration);
    let quantity = values.quantity.zip(reference.quantity).map(|(is, was)| relative(is, was));
    let standing = |deviation: Option<f64>, wrong: f64, of_mode: f64, was: f64, most: Option<(f64, f64)>| {
        let Some((most, widest)) = most else { return Standing::Inside };
        let part = wrong.hypot(of_mode) / whole(was);
        if deviation.is_some_and(|deviation| deviation.abs() > limit(most, part)) {
            Standing::Outside
        } else if wrong > widest * was.abs() {
            Standing::Vague
        } else {
            Standing::Inside
        }
    };
    let was = reference.quantity.unwrap_or(0.0);
    Deviation {
        mode: mode.mode,
        reference,
        duration,
        quantity,
        duration_drift: tolerance.duration.map(|_| relative(values.duration, learnt.duration)),
        quantity_drift: tolerance
            .quantity
            .and_then(|_| values.quantity.zip(learnt.quantity))
            .map(|(is, was)| relative(is, was)),
        learnt,
        learnt_wrong: mode.learnt_wrong,
        limits,
        duration_is: standing(
            Some(duration),
            wrong.duration,
            mode.wrong.duration,
            reference.duration,
            limits.duration.zip(widest.duration),
        ),
        quantity_is: standing(
            quantity,
            wrong.quantity,
            mode.wrong.quantity,
            was,
            limits.quantity.zip(widest.quantity),
        ),
    }
}

/// Of how many cycles it is known what they took.
fn quantities(cycles: &VecDeque<Seen>) -> usize {
    cycles.iter().filter(|seen| seen.values.quantity.is_some()).count()
}

/// The median of cycles.
fn middle<'a>(cycles: impl IntoIterator<Item = &'a Seen, IntoIter: Clone>) -> Values {
    median(cycles.into_iter().map(|seen| seen.values))
}

/// By how much cycles may be wrong: the median.
fn usual_wrong(cycles: &VecDeque<Seen>) -> Wrong {
    let all = cycles
        .iter()
        .map(|Seen { wrong, .. }| Values { duration: wrong.duration, quantity: Some(wrong.quantity) });
    let wrong = median(all);
    Wrong { duration: wrong.duration, quantity: wrong.quantity.unwrap_or(0.0) }
}

/// By how much the median of cycles may be wrong: 1.25 times as much as their mean.
fn middle_wrong(cycles: &VecDeque<Seen>) -> Wrong {
    let wrong = usual_wrong(cycles);
    let count = u32::try_from(cycles.len().max(1)).unwrap_or(u32::MAX);
    let part = 1.25 / f64::from(count).sqrt();
    Wrong { duration: part * wrong.duration, quantity: part * wrong.quantity }
}

/// The median of each value by itself.
fn median(values: impl Iterator<Item = Values> + Clone) -> Values {
    let of = |mut all: Vec<f64>| -> Option<f64> {
        all.sort_by(f64::total_cmp);
        let upper = *all.get(all.len() / 2)?;
        let lower = all[(all.len() - 1) / 2];
        Some(f64::midpoint(lower, upper))
    };
    Values {
        duration: of(values.clone().map(|v| v.duration).collect()).unwrap_or(0.0),
        quantity: of(values.filter_map(|v| v.quantity).collect()),
    }
}
