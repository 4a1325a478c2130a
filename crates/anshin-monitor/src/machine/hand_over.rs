//! What outlives a restart, and how a machine goes from one monitor to another.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Conditions, Machine, Said, States};
use crate::cycle::{self, Doubt};
use crate::draw::Draws;
use crate::hold::Often;
use crate::judge::{Alert, AlertKind, Judge};
use crate::lamp::Lamp;
use crate::lateness::Late;
use crate::maintenance::Span;
use crate::meter::Meter;
use crate::metered::{Metered, Remeasured};
use crate::offset::Offset;
use crate::reading::{Reading, State};
use crate::reference::References;
use crate::repeats;
use crate::sampling::Coarse;
use crate::stand_by::{Held, StandBy};
use crate::time::Time;
use crate::utilisation::{Sums, Utilisation};

/// What of a machine outlives a restart. A cycle that ran meanwhile is lost, and said to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// The references.
    pub references: References,
    /// Alerts that are raised or about to be.
    pub judge: Judge,
    /// How well the machine was used.
    #[serde(default)]
    pub utilisation: Sums,
    /// When the last cycle ended that was judged.
    #[serde(default)]
    pub judged: Option<Time>,
    /// How far the clock of the meter is from that of the machine, as it was found last.
    #[serde(default)]
    pub clock: Option<Offset>,
    /// Seconds that were added to the times of the meter beside those that are set, since power has shown that
    /// the clocks differ.
    #[serde(default)]
    pub aligned: f64,
    /// Seconds that were set to be added to them, beside which that was so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<f64>,
    /// Whether events or the meter come too late for their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
    /// How many seconds events usually came behind the newest sample of the meter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<f64>,
    /// Whether it is sampled too seldom for its tolerances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coarse: Option<Coarse>,
    /// The smallest step that the counter of the meter was seen to make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    /// Seconds of the last rests between its cycles.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub rests: VecDeque<f64>,
    /// What was metered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metered: Option<Metered>,
    /// Of what its power was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub powered: Option<Metered>,
    /// Whether its program is held in most of its last cycles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Often>,
    /// What it draws in each of its states.
    #[serde(default)]
    pub(crate) draws: Draws,
    /// What the meter told last, and since when.
    #[serde(default)]
    pub(crate) same: repeats::Told,
    /// Whether it is maintained, as somebody has asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) maintenance: bool,
    /// When nothing of the maintenance that is planned is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skipped: Vec<Span>,
    /// What the machine has told last, for somebody who watches it already and has not heard it.
    #[serde(default)]
    pub told: Told,
}

/// What is known of a machine from whoever judged it before.
#[derive(Debug, Default)]
pub struct Before {
    /// What they have kept.
    pub kept: Option<Kept>,
    /// Alerts that they have told since, and that are not over as far as they have told.
    pub told: Vec<Alert>,
}

impl From<Option<Kept>> for Before {
    fn from(kept: Option<Kept>) -> Self {
        Self { kept, told: Vec::new() }
    }
}

/// A running cycle that began so many seconds from what was told of it is that one: times are written with
/// milliseconds, and two that watch by the times of arrival see it begin a little apart.
const SAME: f64 = 2.0;

impl Kept {
    /// Seconds to add to the times of the meter beside those that are set now: what power has shown is what the
    /// clocks differ by in all, and not added once more when somebody writes it down.
    fn aligned_beside(&self, offset: f64) -> f64 {
        match self.offset {
            Some(before) if self.aligned != 0.0 => self.aligned + before - offset,
            _ => self.aligned,
        }
    }
}

/// What a machine has told last and what holds until it tells something else.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Told {
    key: Vec<Arc<str>>,
    setting_up: bool,
    state: Option<State>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<bool>,
}

/// What of a machine has come since it was kept, as it was taken down.
#[derive(Debug, Clone)]
pub enum Noted {
    /// A reading; and whether more came then than could be worked on.
    Reading(Reading, bool),
    /// Something was missing.
    Doubt(Doubt),
    /// Whoever watched before was killed, or had ended, and somebody began to watch at this moment.
    Begun(Time),
}

/// Readings that a source may send again after a restart, since it was not told that they have arrived.
#[derive(Debug, Clone, Default)]
pub(super) struct Again(VecDeque<Reading>);

/// Most readings of a machine that are recognized when they come again.
const MOST_AGAIN: usize = 1_000;

/// What is so many seconds newer than all of them shows that they do not come again.
const LONG_AFTER: f64 = 600.0;

impl Again {
    fn note(&mut self, reading: Reading) {
        if self.0.len() == MOST_AGAIN {
            self.0.pop_front();
        }
        self.0.push_back(reading);
    }

    /// Whether a reading comes again.
    pub(super) fn is_again(&mut self, reading: &Reading) -> bool {
        let Some(last) = self.0.back() else { return false };
        if reading.time.since(last.time) > LONG_AFTER {
            self.0.clear();
        }
        let at = self.0.iter().position(|known| known == reading);
        at.is_some_and(|at| self.0.remove(at).is_some())
    }
}

impl Machine {
    /// Goes on from what was kept and from what has come since, where whoever watched was killed and nobody has
    /// watched for some seconds: as one who has stood by. What has ended is judged now. What runs may have ended
    /// unseen.
    #[must_use]
    pub fn caught_up(
        mut self,
        before: impl Into<Before>,
        noted: impl IntoIterator<Item = Noted>,
        away: f64,
        say: &mut impl FnMut(Said),
    ) -> Self {
        let before = before.into();
        if let Some(kept) = before.kept.as_ref().filter(|_| self.settings.aligns) {
            self.aligned = kept.aligned_beside(self.settings.meter_offset);
        }
        let remeasured = before.kept.as_ref().and_then(|kept| self.remeasured_since(kept));
        self = self.standing_by();
        let mut again = Again::default();
        for noted in noted {
            match noted {
                Noted::Reading(reading, doubtful) => {
                    let what = match remeasured {
                        Some(change) => change.reading(&reading.what),
                        None => Some(reading.what),
                    };
                    let Some(what) = what else { continue };
                    let reading = Reading { what, ..reading };
                    if doubtful {
                        self.doubt(Doubt::Overload);
                    }
                    again.note(reading.clone());
                    self.push(reading, say);
                }
                Noted::Doubt(doubt) => self.doubt(doubt),
                // As whoever began then has done, so that the same follows from it.
                Noted::Begun(at) => {
                    self.judge_what_waits(say);
                    self.break_off(again.clone(), self.last.map_or(0.0, |last| at.since(last)));
                    self.begin(at);
                }
            }
        }
        self.judge_what_waits(say);
        self.take_over(before, say);
        self.break_off(again, away);
        self
    }

    /// What was taken down last has ended what it can end.
    fn judge_what_waits(&mut self, say: &mut impl FnMut(Said)) {
        self.order.take_ahead();
        self.leave(say);
    }

    /// Nobody has watched for some seconds: what runs may have ended unseen, and what was told last need not hold
    /// any more. What has come before may come again.
    fn break_off(&mut self, again: Again, away: f64) {
        self.again = again;
        self.cutter.doubt(Doubt::Gap);
        self.cutter.join();
        self.cutter.forget_hold();
        self.doubts.clear();
        self.order.begin_anew(None);
        self.lateness.begin_anew();
        (self.told, self.lamp) = (None, Lamp::default());
        if let Some(last) = self.last {
            self.utilisation.until(last);
            self.utilisation.hold(None);
            self.last = Some(last.plus(away));
        }
    }

    /// Goes on from what was kept, by the settings as they are now.
    #[must_use]
    pub fn with(mut self, kept: Kept) -> Self {
        if self.settings.aligns {
            self.aligned = kept.aligned_beside(self.settings.meter_offset);
        }
        self.restore(kept);
        self.cutter.join();
        self
    }

    /// What is metered otherwise than when it was kept.
    fn remeasured_since(&self, kept: &Kept) -> Option<Remeasured> {
        self.settings.metered.as_ref()?.change(kept.metered.as_ref()?)
    }

    fn restore(&mut self, mut kept: Kept) {
        self.remeasured = self.remeasured_since(&kept);
        if let Some(change) = self.remeasured {
            kept.references.remeasure(change);
            kept.step = None;
        }
        let powered = self.settings.powered.as_ref().zip(kept.powered.as_ref());
        if powered.is_some_and(|(now, before)| now.change(before).is_some()) {
            kept.draws = Draws::default();
        }
        self.references =
            kept.references.with_rules(self.settings.learning, self.settings.tolerances.clone());
        self.judge = kept.judge.with_patience(self.settings.patience);
        self.utilisation.restore(kept.utilisation);
        self.draws = kept.draws;
        self.maintenance = kept.maintenance;
        (self.skipped, self.planned_at) = (kept.skipped, None);
        self.judged = kept.judged;
        self.clock = kept.clock;
        self.lateness.go_on(kept.lag);
        self.cutter.fill_same(kept.same);
        self.cutter.fill_rests(kept.rests);
        self.meter = self.meter.take().map(|meter| {
            let step = [meter.step(), kept.step].into_iter().flatten().reduce(f64::min);
            meter.with_step(step)
        });
        let is_told = |kind| self.judge.since(kind).is_some();
        self.conditions = Conditions {
            silent: is_told(AlertKind::Silent),
            missed_from: None,
            red: is_told(AlertKind::RedLight),
            frozen: is_told(AlertKind::Frozen),
            stuck: self.judge.since(AlertKind::Stuck),
        };
    }

    /// Somebody else judges the machine: its cycles are cut and wait, and nothing is said.
    #[must_use]
    pub fn standing_by(mut self) -> Self {
        self.stand_by = Some(StandBy::default());
        self.cutter.join();
        self
    }

    /// Somebody else judges the machine from here on; the cycle that runs is still cut.
    pub fn step_back(&mut self) {
        self.stand_by = Some(StandBy::default());
        self.maintenance = false;
    }

    /// Judges the machine from here on, going on from what was kept last by whoever judged it before.
    /// What has waited and is not among it is judged now.
    pub fn take_over(&mut self, before: impl Into<Before>, say: &mut impl FnMut(Said)) {
        let Some(waiting) = self.stand_by.take() else { return };
        let Before { kept, told } = before.into();
        self.conditions = Conditions::default();
        let mut setting_up = false;
        let mut key = Vec::new();
        if let Some(kept) = kept {
            let own = std::mem::replace(
                &mut self.utilisation,
                Utilisation::new(self.settings.zone.clone(), self.settings.calendar.clone()),
            );
            let told = kept.told.clone();
            self.shift_meter(kept.aligned_beside(self.settings.meter_offset) - self.aligned, say);
            self.restore(kept);
            if self.told.is_none() {
                self.told = told.state;
                self.utilisation.hold(told.state);
            }
            self.utilisation.go_on_as(own);
            self.cutter.fill_key(&told.key);
            if let Some(last) = self.last {
                self.cutter.fill_hold(told.hold, last, &mut self.meter);
                if self.cutter.is_held() && self.settings.states == States::Cycles {
                    self.follow_cycles(last);
                }
            }
            (key, setting_up) = (told.key, told.setting_up && !waiting.knows_set_up());
            self.setting_up |= setting_up;
        }
        let mut again = Vec::new();
        let mut say = |said: Said| {
            if let Said::Alert(alert) = &said {
                again.push(alert.kind);
            }
            say(said);
        };
        for held in waiting.after(self.judged) {
            match held {
                Held::Cycle { mut cycle, setting_up: heard } => {
                    cycle::fill(&mut cycle.key, &key);
                    self.judge(cycle, heard || setting_up, &mut say);
                }
                Held::ChangeOver(at) => self.change_over(at, &mut say),
            }
        }
        self.go_on(told.into_iter().filter(|alert| !again.contains(&alert.kind)).collect());
    }

    /// Goes on from alerts that were told and not kept: nobody else would ever say that they are over.
    pub fn go_on(&mut self, mut told: Vec<Alert>) {
        told.retain(|alert| self.judge.since(alert.kind).is_none());
        for alert in &mut told {
            match alert.kind {
                AlertKind::Silent => self.conditions.silent = true,
                AlertKind::RedLight => self.conditions.red = true,
                AlertKind::Frozen => self.conditions.frozen = true,
                AlertKind::Stuck => {
                    let runs = self.cutter.running_since();
                    let is_it = |since: &Time| since.since(alert.since).abs() <= SAME;
                    alert.since = runs.filter(is_it).unwrap_or(alert.since);
                    self.conditions.stuck = Some(alert.since);
                }
                AlertKind::PowerOutsideState => self.draws.go_on(alert.state),
                _ => {}
            }
            self.judge.go_on(alert);
        }
    }

    /// What outlives a restart.
    pub fn kept(&self) -> Kept {
        Kept {
            references: self.references.clone(),
            judge: self.judge.clone(),
            utilisation: self.utilisation.kept(),
            judged: self.judged,
            clock: self.clock(),
            aligned: self.aligned,
            offset: Some(self.settings.meter_offset),
            late: self.late(),
            lag: self.lateness.usual(),
            coarse: self.coarse(),
            step: self.meter.as_ref().and_then(Meter::step),
            rests: self.cutter.rests().clone(),
            metered: self.settings.metered.clone(),
            powered: self.settings.powered.clone(),
            interrupted: self.interrupted(),
            draws: self.draws.clone(),
            same: self.cutter.same(),
            maintenance: self.maintenance,
            skipped: self.skipped.clone(),
            told: Told {
                key: self.cutter.key().to_vec(),
                setting_up: self.setting_up,
                state: self.told,
                hold: self.cutter.hold_told(),
            },
        }
    }
}
