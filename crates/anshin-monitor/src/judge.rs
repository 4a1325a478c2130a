//! When a person is told: alerts that are raised, go on, and are cleared.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use anshin_model::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::reading::State;
use crate::reference::{self, Deviation, Finding, Standing, Values};
use crate::time::Time;

/// What is wrong. What each means, its likely causes and what to check first stand in the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertKind {
    /// Cycles last too long.
    TooSlow,
    /// Cycles are too short.
    TooFast,
    /// Cycles take too much.
    TakesTooMuch,
    /// Cycles take too little.
    TakesTooLittle,
    /// Cycles stop far before their end, again and again.
    BrokenOff,
    /// A running cycle lasts longer than it may.
    Stuck,
    /// Cycles become slowly longer or shorter.
    DurationDrifts,
    /// Cycles slowly take more or less.
    QuantityDrifts,
    /// A job has come to run in another way, and its cycles last longer or shorter than they ever did.
    NewDuration,
    /// A job has come to run in another way, and its cycles take more or less than they ever did.
    NewQuantity,
    /// Power is above everything that the machine is known to draw.
    PowerTooHigh,
    /// Power is not what the machine usually draws in the state in which it is.
    PowerOutsideState,
    /// The lamp on the machine has been red for too long.
    RedLight,
    /// Power stays the same to the last digit for far longer than the machine makes it do.
    Frozen,
    /// Nothing has come for too long.
    Silent,
    /// More comes from a source than can be worked on. It is said of the source, once, and not of each
    /// machine behind it.
    Overload,
    /// A device speaks that the configuration does not know. It is said of the source, for each such
    /// device.
    UnknownDevice,
    /// Several machines that share something raise alerts at about the same time. It is said of the group.
    Together,
}

impl AlertKind {
    /// All kinds.
    pub const ALL: [AlertKind; 18] = [
        AlertKind::TooSlow,
        AlertKind::TooFast,
        AlertKind::TakesTooMuch,
        AlertKind::TakesTooLittle,
        AlertKind::BrokenOff,
        AlertKind::Stuck,
        AlertKind::DurationDrifts,
        AlertKind::QuantityDrifts,
        AlertKind::NewDuration,
        AlertKind::NewQuantity,
        AlertKind::PowerTooHigh,
        AlertKind::PowerOutsideState,
        AlertKind::RedLight,
        AlertKind::Frozen,
        AlertKind::Silent,
        AlertKind::Overload,
        AlertKind::UnknownDevice,
        AlertKind::Together,
    ];

    /// Whether only a person ends it: nothing that the machine does takes back that a job has come to run in
    /// another way.
    pub fn needs_a_person(self) -> bool {
        matches!(self, AlertKind::NewDuration | AlertKind::NewQuantity)
    }

    /// Whether it is said of a machine, and not of a source or a group.
    pub fn is_of_machines(self) -> bool {
        !matches!(self, AlertKind::Overload | AlertKind::UnknownDevice | AlertKind::Together)
    }

    /// Whether it is read from whole cycles, by the reference of their job.
    pub fn is_of_jobs(self) -> bool {
        self.is_of_machines()
            && !matches!(
                self,
                AlertKind::Stuck
                    | AlertKind::PowerTooHigh
                    | AlertKind::PowerOutsideState
                    | AlertKind::RedLight
                    | AlertKind::Frozen
                    | AlertKind::Silent
            )
    }

    /// Its id in the catalog and in files.
    pub fn id(self) -> &'static str {
        match self {
            AlertKind::TooSlow => "too-slow",
            AlertKind::TooFast => "too-fast",
            AlertKind::TakesTooMuch => "takes-too-much",
            AlertKind::TakesTooLittle => "takes-too-little",
            AlertKind::BrokenOff => "broken-off",
            AlertKind::Stuck => "stuck",
            AlertKind::DurationDrifts => "duration-drifts",
            AlertKind::QuantityDrifts => "quantity-drifts",
            AlertKind::NewDuration => "new-duration",
            AlertKind::NewQuantity => "new-quantity",
            AlertKind::PowerTooHigh => "power-too-high",
            AlertKind::PowerOutsideState => "power-outside-state",
            AlertKind::RedLight => "red-light",
            AlertKind::Frozen => "frozen",
            AlertKind::Silent => "silent",
            AlertKind::Overload => "overload",
            AlertKind::UnknownDevice => "unknown-device",
            AlertKind::Together => "together",
        }
    }
}

/// When an alert is raised and cleared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    /// Cycles that must be outside.
    pub raise_after: u32,
    /// Of how many; as many as that, which is in a row, or fewer.
    #[serde(default)]
    pub within: u32,
    /// Cycles in a row that must be healthy again.
    pub clear_after: u32,
    /// Mean deviation from the value as it was learnt, as a part of it, from which cycles drift.
    pub drift: f64,
}

/// A job in one of the ways in which it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The parts of its key.
    pub key: Vec<Arc<str>>,
    /// The number of the mode.
    pub mode: u32,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key.iter().map(|part| shown(part)).collect::<Vec<_>>().join(" / ");
        match self.mode {
            0 | 1 => write!(f, "{key}"),
            mode if key.is_empty() => write!(f, "#{mode}"),
            mode => write!(f, "{key} #{mode}"),
        }
    }
}

/// Something a person must know.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// What is wrong.
    pub kind: AlertKind,
    /// Whether it begins or is over.
    pub change: Change,
    /// Since when.
    pub since: Time,
    /// When this was said.
    pub at: Time,
    /// How far outside, 0.2 for 20 % above the reference; `None` where nothing is compared.
    pub deviation: Option<f64>,
    /// What was measured, in seconds or in the unit of the meter.
    pub value: Option<f64>,
    /// What it should have been.
    pub reference: Option<f64>,
    /// How many cycles were outside so far.
    pub cycles: u32,
    /// The job whose cycles it is about, where it is read from whole cycles.
    pub job: Option<Job>,
    /// The state that it is about, where it is read from what the machine draws in one.
    pub state: Option<State>,
}

impl Alert {
    /// The job as a person is told it, in brackets; nothing where a machine has one job only.
    pub fn of_job(&self) -> String {
        let job = self.job.as_ref().map(Job::to_string).filter(|job| !job.is_empty());
        job.map_or_else(String::new, |job| format!(" [{job}]"))
    }
}

/// An alert about a source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceAlert {
    /// Number of the source in the configuration.
    pub source: usize,
    /// The device, where it is one that nobody knows: its topic.
    pub device: Option<String>,
    /// Those that nobody knows, where they are too many to be told one by one.
    pub crowd: Option<Crowd>,
    /// What is wrong, by the clock of this computer.
    pub alert: Alert,
}

/// Devices of a source that nobody knows, beside those that were told one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    /// How many.
    pub devices: usize,
    /// Whether there may be more than can be told from each other.
    pub or_more: bool,
    /// The topics of some, the newest first.
    pub newest: Vec<String>,
}

impl Crowd {
    fn text(&self) -> Text {
        let newest: Vec<String> = self.newest.iter().map(|topic| shown(topic)).collect();
        let (more_ja, more_en) = if self.or_more { ("以上", " or more") } else { ("", "") };
        Text::new(
            format!("ほかの機器{}台{more_ja}（新しい順に{}など）", self.devices, newest.join("、")),
            format!("{}{more_en} other devices (newest: {})", self.devices, newest.join(", ")),
        )
    }
}

impl SourceAlert {
    /// What a person is told it is about.
    pub fn name(&self, source: &str) -> Text {
        let device = |name: &String| match name.as_str() {
            "" => Text::new("トピックのない送信元", "a sender without a topic"),
            name => Text::same(shown(name)),
        };
        let what = self.device.as_ref().map(device);
        match what.or_else(|| self.crowd.as_ref().map(Crowd::text)) {
            Some(what) => Text::new(
                format!("{source}: {}", what.get(Lang::Ja)),
                format!("{source}: {}", what.get(Lang::En)),
            ),
            None => Text::same(source),
        }
    }
}

/// Most characters of a name that a device gives itself, as it is shown.
const MOST_SHOWN: usize = 120;

/// A name that came over the network, fit for a terminal and a line of a log: without signs that control
/// them, and cut where it is long.
pub fn shown(name: &str) -> String {
    let mut signs = name.chars().map(|sign| if sign.is_control() { '\u{fffd}' } else { sign });
    let mut shown: String = signs.by_ref().take(MOST_SHOWN).collect();
    if signs.next().is_some() {
        shown.push('…');
    }
    shown
}

/// What has happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It begins.
    Raised,
    /// It is over.
    Cleared,
}

/// How much the newest cycle weighs in the mean that drift is read from.
const EWMA_WEIGHT: f64 = 0.1;

/// The part of its limit below which a drift that was told is over.
const STILL_DRIFTS: f64 = 0.7;

/// So many of the last cycles are looked at for those that are known too coarsely, as bits ...
const LAST: u32 = (1 << 20) - 1;

/// ... and with more of them than this, no drift is read from the others: which ones are known well enough may
/// depend on what they are.
const MOST_VAGUE: u32 = 5;

/// Cycles that a mean needs before drift is read from it: the first ones weigh too much.
const EWMA_WARM: u32 = 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Running {
    outside: u32,
    healthy: u32,
    since: Time,
    raised: bool,
    /// Which of the last cycles were outside; the newest is the lowest bit.
    #[serde(default)]
    recent: u64,
    /// When those of them began that were outside, until it is raised.
    #[serde(default)]
    starts: VecDeque<Time>,
    /// The jobs that it was raised for.
    #[serde(default)]
    jobs: Vec<Job>,
    /// What was measured last while it was so.
    #[serde(default)]
    figures: Figures,
}

/// What was measured against what should have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Figures {
    deviation: Option<f64>,
    value: Option<f64>,
    reference: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<State>,
}

impl Running {
    fn new(since: Time) -> Self {
        Self {
            outside: 0,
            healthy: 0,
            since,
            raised: false,
            recent: 0,
            starts: VecDeque::new(),
            jobs: Vec::new(),
            figures: Figures::default(),
        }
    }

    /// Whether enough of the last cycles were outside.
    fn is_enough(&self, patience: Patience) -> bool {
        match patience.window() {
            Some(window) => (self.recent & window).count_ones() >= patience.raise_after,
            None => self.outside >= patience.raise_after,
        }
    }

    /// Whether a cycle that was outside still counts, though others were not.
    fn counts_on(&self, patience: Patience) -> bool {
        patience.window().is_some_and(|window| self.recent & window != 0)
    }

    /// Forgets cycles that were outside too long ago to count: it began with the oldest that does.
    fn forget(&mut self, patience: Patience) {
        let Some(window) = patience.window().filter(|_| !self.raised) else { return };
        let count = (self.recent & window).count_ones();
        let too_old = self.starts.len().saturating_sub(usize::try_from(count).unwrap_or(usize::MAX));
        self.starts.drain(..too_old);
        self.since = self.starts.front().copied().unwrap_or(self.since);
        self.outside = count;
    }
}

impl Patience {
    /// Most cycles that are looked back at.
    pub const MOST_WITHIN: u32 = 64;

    /// The last cycles as bits, where they need not be in a row.
    fn window(self) -> Option<u64> {
        let is_wider = self.within > self.raise_after;
        is_wider.then(|| u64::MAX >> Self::MOST_WITHIN.saturating_sub(self.within.min(Self::MOST_WITHIN)))
    }
}

/// A cycle begins at another moment between two samples than the one before it where the seconds between their
/// beginnings are others than before, by this part of the pause between samples ...
const ELSEWHERE: f64 = 0.25;

/// ... and where so many of the last cycles do, what is wrong with them is by chance, and makes up for itself in a mean.
const MANY: u32 = 8;

/// When cycles begin, as they are sampled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Moments {
    last: Option<Time>,
    /// Seconds between the beginnings of the last two.
    apart: Option<f64>,
    /// Which of the last cycles began elsewhere between two samples; the newest is the lowest bit.
    elsewhere: u32,
}

impl Moments {
    /// A cycle of a machine begins that is sampled every so many seconds.
    fn begin(&mut self, start: Time, pause: Option<f64>) {
        let apart = self.last.replace(start).map(|last| start.since(last));
        let before = std::mem::replace(&mut self.apart, apart);
        let moved = apart.zip(before).map(|(now, before)| (now - before).abs());
        let is_elsewhere = moved.zip(pause).is_some_and(|(moved, pause)| moved > ELSEWHERE * pause);
        self.elsewhere = (self.elsewhere << 1 | u32::from(is_elsewhere)) & LAST;
    }

    /// Whether cycles begin at any moment between two samples, and not at one that stays or moves slowly.
    fn are_by_chance(self) -> bool {
        self.elsewhere.count_ones() >= MANY
    }
}

/// A slowly moving mean of deviations, and their sum beyond a slack (CUSUM), for one direction each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Drift {
    mean: f64,
    above: f64,
    below: f64,
    cycles: u32,
    /// By how much they may be wrong, as a slowly moving mean.
    #[serde(default)]
    wrong: f64,
    /// Which of the last cycles were known too coarsely; the newest is the lowest bit.
    #[serde(default)]
    vague: u32,
    /// Whether cycles drift.
    #[serde(default)]
    drifts: bool,
}

impl Drift {
    /// Follows a cycle that is off by so much, as it stands to its tolerance; tells whether cycles drift, where that
    /// can be known, and by how much.
    fn follow(
        &mut self,
        off: Option<f64>,
        standing: Standing,
        (wrong, by_chance): (f64, bool),
        limit: f64,
    ) -> Option<(bool, f64)> {
        let is_vague = standing == Standing::Vague;
        self.vague = (self.vague << 1 | u32::from(is_vague)) & LAST;
        let is_known = by_chance || !is_vague && self.vague.count_ones() <= MOST_VAGUE;
        let off = off.filter(|_| is_known)?;
        Some((self.take(off, (wrong, by_chance), limit), self.mean))
    }

    /// Takes a deviation; tells whether cycles drift.
    ///
    /// `mean += 0.1 (x - mean)`, `above = max(0, above + x - limit/2)`; drift once the mean is beyond
    /// the limit and the sum beyond four limits, so that neither one odd cycle nor noise is enough. It is over
    /// once the mean is well within the limit: one that moves about it is told once.
    ///
    /// Where a machine works in step with its sampling, hundreds of cycles are wrong by the same, and their mean is no
    /// less wrong than one of them. What is wrong by chance is less so in the mean: by the root of w / (2 - w).
    fn take(&mut self, deviation: f64, (wrong, by_chance): (f64, bool), limit: f64) -> bool {
        self.wrong = if self.cycles == 0 { wrong } else { self.wrong + EWMA_WEIGHT * (wrong - self.wrong) };
        self.cycles = self.cycles.saturating_add(1);
        let part = if by_chance { (EWMA_WEIGHT / (2.0 - EWMA_WEIGHT)).sqrt() } else { 1.0 };
        let limit = reference::limit(limit, part * self.wrong);
        self.mean += EWMA_WEIGHT * (deviation - self.mean);
        self.above = (self.above + deviation - limit / 2.0).max(0.0);
        self.below = (self.below - deviation - limit / 2.0).max(0.0);
        self.drifts = if self.drifts {
            self.mean.abs() > STILL_DRIFTS * limit
        } else {
            self.cycles >= EWMA_WARM && self.mean.abs() > limit && self.above.max(self.below) > 4.0 * limit
        };
        self.drifts
    }
}

/// Turns findings about cycles into alerts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Judge {
    patience: Patience,
    running: BTreeMap<AlertKind, Running>,
    duration: Drift,
    quantity: Drift,
    mode: Option<u32>,
    #[serde(default)]
    moments: Moments,
    /// What drift is measured from.
    #[serde(default)]
    learnt: Option<Values>,
}

impl Judge {
    /// A judge that has seen nothing yet.
    pub fn new(patience: Patience) -> Self {
        Self {
            patience,
            running: BTreeMap::new(),
            duration: Drift::default(),
            quantity: Drift::default(),
            mode: None,
            moments: Moments::default(),
            learnt: None,
        }
    }

    /// This judge, by the patience of a changed configuration.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Alerts that are raised now.
    pub fn open(&self) -> impl Iterator<Item = (AlertKind, Time)> {
        self.running
            .iter()
            .filter(|(_, running)| running.raised)
            .map(|(kind, running)| (*kind, running.since))
    }

    /// The same as they are told, with what was measured last.
    pub fn raised(&self, now: Time) -> impl Iterator<Item = Alert> {
        let raised = self.running.iter().filter(|(_, running)| running.raised);
        raised.map(move |(kind, running)| {
            let Figures { deviation, value, reference, state } = running.figures;
            Alert { deviation, value, reference, state, ..alert(*kind, Change::Raised, running, now) }
        })
    }

    /// Keeps what was measured for an alert that is raised, or about to be.
    pub fn measured(&mut self, alert: &Alert) {
        if let Some(running) = self.running.get_mut(&alert.kind) {
            let Alert { deviation, value, reference, state, .. } = *alert;
            running.figures = Figures { deviation, value, reference, state };
        }
    }

    /// Goes on from an alert that was told, and that whoever told it has not kept: it is raised until it is over.
    pub(crate) fn go_on(&mut self, told: &Alert) {
        let running = self.running.entry(told.kind).or_insert_with(|| Running::new(told.since));
        if !running.raised {
            (running.raised, running.since, running.healthy) = (true, told.since, 0);
            running.starts.clear();
        }
        running.jobs.extend(told.job.clone().filter(|job| !running.jobs.contains(job)));
        self.measured(told);
    }

    /// Since when an alert is raised, if it is.
    pub fn since(&self, kind: AlertKind) -> Option<Time> {
        self.running.get(&kind).filter(|running| running.raised).map(|running| running.since)
    }

    /// Whether cycles of the machine that are off in the same direction are told, or about to be: more of them, of
    /// whatever job, are what is wrong, and not another way of running.
    pub fn goes_on(&self, off: &Deviation) -> bool {
        let goes_on = |kind: &AlertKind| {
            self.running.get(kind).is_some_and(|running| running.raised || running.outside > 1)
        };
        [
            (AlertKind::TooSlow, off.is_longer()),
            (AlertKind::TooFast, off.is_shorter()),
            (AlertKind::BrokenOff, off.is_shorter()),
            (AlertKind::TakesTooMuch, off.takes_more()),
            (AlertKind::TakesTooLittle, off.takes_less()),
        ]
        .iter()
        .any(|(kind, is_so)| *is_so && goes_on(kind))
    }

    /// What is to be said about a cycle that has ended, of a machine that is sampled every so many seconds.
    pub fn cycle(
        &mut self,
        key: &[Arc<str>],
        (start, end): (Time, Time),
        values: (f64, Option<f64>),
        finding: &Finding,
        pause: Option<f64>,
    ) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let (is, broken) = match finding {
            Finding::Unreliable | Finding::Interrupted | Finding::SetAside(_) | Finding::Learning => {
                return alerts;
            }
            Finding::BrokenOff(deviation) => (deviation, true),
            Finding::Learnt { deviation, .. }
            | Finding::Healthy(deviation)
            | Finding::Inconclusive(deviation)
            | Finding::Outside(deviation) => (deviation, false),
        };
        let (duration, quantity) = values;
        let is_other = self.learnt.replace(is.learnt) != Some(is.learnt);
        if self.mode.replace(is.mode) != Some(is.mode) || is_other {
            (self.duration, self.quantity) = (Drift::default(), Drift::default());
        }
        self.moments.begin(start, pause);
        let by_chance = self.moments.are_by_chance();
        let (duration_is, duration_was) = (Some(duration), Some(is.reference.duration));
        let (quantity_is, quantity_was) = (quantity, is.reference.quantity);
        let quantity_off = is.quantity.unwrap_or(0.0);
        let outside = |flag: bool| flag && !broken;
        let job = Job { key: key.to_vec(), mode: is.mode };
        let mut say =
            |judge: &mut Self, kind, outside: bool, off: f64, is: Option<f64>, was: Option<f64>, after| {
                let patience = Patience { raise_after: after, ..judge.patience };
                let alert = judge.watch(kind, outside, patience, (start, end));
                let alert = judge.of_job(kind, outside, &job, alert, end);
                let figures = |alert| Alert { deviation: Some(off), value: is, reference: was, ..alert };
                if outside {
                    judge.measured(&figures(Alert::plain(kind, Change::Raised, start, end)));
                }
                alerts.extend(alert.map(figures));
            };
        let after = self.patience.raise_after;
        let long = outside(is.is_longer());
        let short = outside(is.is_shorter());
        // What is known too coarsely neither raises an alert nor ends one.
        let is_clear = |is: Standing| matches!(is, Standing::Inside | Standing::Outside);
        if is_clear(is.duration_is) {
            say(self, AlertKind::TooSlow, long, is.duration, duration_is, duration_was, after);
            say(self, AlertKind::TooFast, short, is.duration, duration_is, duration_was, after);
        }
        let much = outside(is.takes_more());
        let little = outside(is.takes_less());
        if is_clear(is.quantity_is) {
            say(self, AlertKind::TakesTooMuch, much, quantity_off, quantity_is, quantity_was, after);
            say(self, AlertKind::TakesTooLittle, little, quantity_off, quantity_is, quantity_was, after);
        }
        // One run that somebody stopped is no matter; a second one in a row is.
        say(self, AlertKind::BrokenOff, broken, is.duration, duration_is, duration_was, after.max(2));
        if matches!(finding, Finding::Healthy(_) | Finding::Inconclusive(_)) {
            // What is measured from may be wrong itself.
            let off_by = |wrong: f64, was: f64| wrong / reference::whole(was);
            let most = |wrong: f64, was: f64| reference::limit(self.patience.drift, off_by(wrong, was));
            let (learnt, wrong) = (is.learnt, is.learnt_wrong);
            let of_duration = most(wrong.duration, learnt.duration);
            let of_quantity = most(wrong.quantity, learnt.quantity.unwrap_or(0.0));
            let wrong = off_by(is.wrong.duration, learnt.duration);
            if let Some((drifts, mean)) =
                self.duration.follow(is.duration_drift, is.duration_is, (wrong, by_chance), of_duration)
            {
                say(self, AlertKind::DurationDrifts, drifts, mean, duration_is, duration_was, 1);
            }
            let wrong = off_by(is.wrong.quantity, learnt.quantity.unwrap_or(0.0));
            if let Some((drifts, mean)) =
                self.quantity.follow(is.quantity_drift, is.quantity_is, (wrong, by_chance), of_quantity)
            {
                say(self, AlertKind::QuantityDrifts, drifts, mean, quantity_is, quantity_was, 1);
            }
        }
        if let Finding::Learnt { from_known: Some(known), .. } = finding {
            let was = known.reference;
            if known.duration_is == Standing::Outside {
                let kind = AlertKind::NewDuration;
                say(self, kind, true, known.duration, duration_is, Some(was.duration), 1);
            }
            if known.quantity_is == Standing::Outside {
                let off = known.quantity.unwrap_or(0.0);
                say(self, AlertKind::NewQuantity, true, off, quantity_is, was.quantity, 1);
            }
        }
        alerts
    }

    /// Notes which job an alert is raised for. One that only a person ends is raised for each of them.
    fn of_job(
        &mut self,
        kind: AlertKind,
        outside: bool,
        job: &Job,
        alert: Option<Alert>,
        now: Time,
    ) -> Option<Alert> {
        let Some(running) = self.running.get_mut(&kind).filter(|running| outside && running.raised) else {
            return alert;
        };
        let is_news = alert.is_some() || kind.needs_a_person() && !running.jobs.contains(job);
        if !is_news {
            return alert;
        }
        running.jobs.push(job.clone());
        let alert = alert.unwrap_or_else(|| self::alert(kind, Change::Raised, running, now));
        Some(Alert { job: Some(job.clone()), ..alert })
    }

    /// A person has seen an alert that only a person ends, or decides about the reference of a job that it was
    /// raised for. It is over when that has been done for all of them.
    pub fn end(&mut self, kind: AlertKind, is_meant: impl Fn(&Job) -> bool, now: Time) -> Option<Alert> {
        let running = self.running.get_mut(&kind)?;
        let before = running.jobs.clone();
        running.jobs.retain(|job| !is_meant(job));
        if !running.jobs.is_empty() {
            return None;
        }
        let mut running = self.running.remove(&kind)?;
        running.jobs = before;
        running.raised.then(|| alert(kind, Change::Cleared, &running, now))
    }

    /// What is to be said about a condition that is not read from whole cycles.
    pub fn condition(&mut self, kind: AlertKind, holds: bool, since: Time, now: Time) -> Option<Alert> {
        self.watch(
            kind,
            holds,
            Patience { raise_after: 1, within: 1, clear_after: 1, ..self.patience },
            (since, now),
        )
    }

    /// Forgets what was about to be raised, when a job is changed over; raised alerts are cleared, but for
    /// those that only a person ends.
    pub fn change_over(&mut self, now: Time) -> Vec<Alert> {
        let cleared = self
            .running
            .iter()
            .filter(|(kind, running)| running.raised && !kind.needs_a_person())
            .map(|(kind, running)| alert(*kind, Change::Cleared, running, now))
            .collect();
        self.running.retain(|kind, _| kind.needs_a_person());
        self.mode = None;
        cleared
    }

    fn watch(
        &mut self,
        kind: AlertKind,
        outside: bool,
        patience: Patience,
        (since, now): (Time, Time),
    ) -> Option<Alert> {
        if outside {
            let running = self.running.entry(kind).or_insert_with(|| Running::new(since));
            running.outside = running.outside.saturating_add(1);
            running.healthy = 0;
            running.recent = running.recent << 1 | 1;
            if !running.raised && patience.window().is_some() {
                running.starts.push_back(since);
            }
            running.forget(patience);
            let raise = !running.raised && running.is_enough(patience);
            if raise {
                running.raised = true;
                running.starts.clear();
            }
            return raise.then(|| alert(kind, Change::Raised, running, now));
        }
        let running = self.running.get_mut(&kind)?;
        running.healthy = running.healthy.saturating_add(1);
        running.recent <<= 1;
        running.forget(patience);
        let goes_on =
            if running.raised { running.healthy < patience.clear_after } else { running.counts_on(patience) };
        if goes_on {
            return None;
        }
        let running = self.running.remove(&kind)?;
        running.raised.then(|| alert(kind, Change::Cleared, &running, now))
    }
}

fn alert(kind: AlertKind, change: Change, running: &Running, now: Time) -> Alert {
    let job = running.jobs.last().cloned();
    Alert { cycles: running.outside, job, ..Alert::plain(kind, change, running.since, now) }
}

impl Alert {
    /// An alert that compares nothing.
    pub fn plain(kind: AlertKind, change: Change, since: Time, at: Time) -> Self {
        let (deviation, value, reference) = (None, None, None);
        Self { kind, change, since, at, deviation, value, reference, cycles: 0, job: None, state: None }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Alerts of cycles that follow each other every second, by the number of the cycle.
    fn alerts(patience: Patience, cycles: &[bool]) -> Vec<(usize, Alert)> {
        let mut judge = Judge::new(patience);
        let mut alerts = Vec::new();
        for (n, outside) in cycles.iter().enumerate() {
            let time = Time::from_seconds(f64::from(u32::try_from(n).unwrap()));
            alerts.extend(
                judge.watch(AlertKind::TooSlow, *outside, patience, (time, time)).map(|alert| (n, alert)),
            );
        }
        alerts
    }

    /// At which cycles an alert is raised or cleared, with a `!` for the former.
    fn changes(patience: Patience, cycles: &[bool]) -> Vec<String> {
        let sign = |alert: &Alert| if alert.change == Change::Raised { "!" } else { "" };
        alerts(patience, cycles).iter().map(|(n, alert)| format!("{}{n}", sign(alert))).collect()
    }

    fn cycles(text: &str) -> Vec<bool> {
        text.chars().map(|sign| sign == '#').collect()
    }

    #[test]
    fn cycles_outside_count_in_a_row_or_among_the_last() {
        let patience = |raise_after, within| Patience { raise_after, within, clear_after: 2, drift: 0.1 };
        assert_eq!(changes(patience(3, 0), &cycles("##.###...#")), ["!5", "7"]);
        assert_eq!(changes(patience(3, 5), &cycles("##.#..#.##")), ["!3", "5", "!9"]);
        assert_eq!(changes(patience(3, 5), &cycles("#...#...#...#")), [""; 0]);
    }

    proptest! {
        /// Raised exactly when so many of the last so many are outside; it began with the oldest of them, and
        /// no earlier, however long single cycles were outside before.
        #[test]
        fn an_alert_is_raised_when_enough_of_the_last_are_outside(
            raise_after in 1_u32..6,
            more in 0_u32..6,
            cycles in proptest::collection::vec(any::<bool>(), 1..60),
        ) {
            let patience = Patience { raise_after, within: raise_after + more, clear_after: 1_000, drift: 0.1 };
            let within = (raise_after + more) as usize;
            let first = (0..cycles.len()).find(|n| {
                let last = &cycles[(n + 1).saturating_sub(within)..=*n];
                cycles[*n] && last.iter().filter(|outside| **outside).count() >= raise_after as usize
            });
            let raised = changes(patience, &cycles);
            prop_assert_eq!(raised.first().cloned(), first.map(|n| format!("!{n}")));
            if let Some(n) = first {
                let from = (n + 1).saturating_sub(within);
                let outside: Vec<usize> = (from..=n).filter(|n| cycles[*n]).collect();
                let (_, alert) = &alerts(patience, &cycles)[0];
                prop_assert_eq!(alert.since, Time::from_seconds(f64::from(u32::try_from(outside[0]).unwrap())));
                prop_assert_eq!(alert.cycles as usize, outside.len());
            }
        }
    }
}
