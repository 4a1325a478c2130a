//! How a machine stands, beside its cycles: what it draws in its state, and whether it is missed when nothing comes.

use std::sync::Arc;

use super::{AlertKind, Machine, Said, States};
use crate::cycle::Bounds;
use crate::draw::{Conditions, Draws, Outside, Turn};
use crate::judge::{Alert, Change, Job};
use crate::reading::State;
use crate::reference::Finding;
use crate::time::Time;

impl Machine {
    /// Whether somebody misses a machine from which nothing has come since a moment, and is not told yet: only when it
    /// is planned to work, unless told otherwise, and only after as many seconds of that.
    pub(super) fn is_missed(&mut self, heard: Time, now: Time, after: f64) -> bool {
        let is_early = self.conditions.missed_from.is_some_and(|from| now <= from);
        if is_early
            || self.is_maintained()
            || self.stand_by.is_some()
            || self.judge.since(AlertKind::Silent).is_some()
        {
            return false;
        }
        if self.settings.silent_outside_shifts {
            return true;
        }
        let planned = self.settings.calendar.planned_since(now, heard, &self.settings.zone);
        let from = planned.unwrap_or_else(|next| next).plus(after);
        self.conditions.missed_from = Some(from);
        planned.is_ok() && now > from
    }

    /// Looks at what the machine draws in the state in which it is.
    pub(super) fn draw(&mut self, time: Time, power: f64, say: &mut impl FnMut(Said)) {
        if self.stand_by.is_some() {
            return;
        }
        if !self.settings.learns_states {
            self.forget_draws(time, say);
            return;
        }
        let unknown = Job { key: Vec::new(), mode: 0 };
        let (job, is_healthy) = match &self.runs {
            Some((job, is_healthy)) => (job, *is_healthy),
            None => (&unknown, true),
        };
        let state = self.state_drawn_in(job);
        let Some(whole) = self.draws.see(time, power, state.map(|state| (state, job))) else { return };
        // What it was told of is known no more, such as after another factor.
        if !self.draws.is_told() {
            self.condition(AlertKind::PowerOutsideState, false, (time, time), |alert| alert, say);
        }
        // Whose events or samples come too late is in another state than it seems.
        if self.late().is_some() {
            return;
        }
        let conditions = Conditions {
            part: self.settings.tolerances.usual.widest().quantity.unwrap_or(0.0),
            by_power: self.is_by_power(),
            learns: is_healthy || state == Some(State::Off),
        };
        match self.draws.judge(&whole, conditions) {
            Some(Turn::Outside(outside)) => {
                let kind = AlertKind::PowerOutsideState;
                self.condition(kind, true, (outside.since, time), |alert| told(&outside, alert), say);
            }
            Some(Turn::Still(outside)) => {
                let alert = Alert::plain(AlertKind::PowerOutsideState, Change::Raised, outside.since, time);
                self.judge.measured(&told(&outside, alert));
            }
            Some(Turn::Over) => {
                self.condition(AlertKind::PowerOutsideState, false, (time, time), |alert| alert, say);
            }
            None => {}
        }
    }

    /// Forgets what it draws in its states, and ends what was told of that; false if nothing was known.
    pub(super) fn forget_draws(&mut self, now: Time, say: &mut impl FnMut(Said)) -> bool {
        if self.draws.is_empty() {
            return false;
        }
        if self.draws.is_told() {
            self.condition(AlertKind::PowerOutsideState, false, (now, now), |alert| alert, say);
        }
        self.draws = Draws::default();
        true
    }

    /// Whether its states are read from power: from that alone, or since cycles are.
    fn is_by_power(&self) -> bool {
        let is_gate = matches!(self.settings.cycle.bounds, Bounds::Gate { .. });
        matches!(self.settings.states, States::Power { .. })
            || self.settings.states == States::Cycles && is_gate
    }

    /// The state in which what it draws is looked at. At rest and at work that is only so while its cycles are known: a
    /// person who sets it up works by hand between them. A stretch of low power within a cycle is no rest, and a program
    /// that is held does not work.
    fn state_drawn_in(&self, job: &Job) -> Option<State> {
        if self.is_maintained() || self.setting_up || self.conditions.frozen || self.conditions.silent {
            return None;
        }
        let is_known = self.runs.is_some() || self.settings.cycle.bounds == Bounds::None;
        let rests = || !self.is_by_power() || self.cutter.unfinished_since().is_none();
        let works = || !self.cutter.is_held() && (self.runs.is_none() || self.cutter.key() == job.key);
        self.utilisation.state().filter(|state| match state {
            State::Producing => is_known && works(),
            State::Idle => is_known && rests(),
            State::Off => true,
        })
    }

    /// Takes down in which job the machine runs, as its last cycle shows.
    pub(super) fn runs_as(&mut self, key: &[Arc<str>], finding: &Finding) {
        let (is, is_healthy) = match finding {
            Finding::Healthy(is) | Finding::Inconclusive(is) | Finding::Learnt { deviation: is, .. } => {
                (is, true)
            }
            Finding::Outside(is) | Finding::BrokenOff(is) => (is, false),
            Finding::Unreliable | Finding::Interrupted | Finding::Learning | Finding::SetAside(_) => {
                self.runs = None;
                return;
            }
        };
        let is_same = |(job, _): &&mut (Job, bool)| job.mode == is.mode && job.key == key;
        match self.runs.as_mut().filter(is_same) {
            Some((_, before)) => *before = is_healthy,
            None => self.runs = Some((Job { key: key.to_vec(), mode: is.mode }, is_healthy)),
        }
    }
}

fn told(outside: &Outside, alert: Alert) -> Alert {
    let Outside { state, power, edge, .. } = *outside;
    // Of nearly nothing, no part can be told.
    let deviation = (edge.abs() > power.abs() / 100.0).then(|| power / edge - 1.0);
    Alert { value: Some(power), reference: Some(edge), deviation, state: Some(state), ..alert }
}
