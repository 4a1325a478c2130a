//! What people ask of a machine: what they say of references and alerts, and when it is maintained.

use std::sync::Arc;

use super::{Machine, Said, Settings};
use crate::draw::Draws;
use crate::judge::{AlertKind, Job};
use crate::maintenance::{Plan, Span};
use crate::time::Time;

/// So many seconds after it was over it matters that maintenance was not done: a cycle may have begun in it.
const SKIPPED: f64 = 86_400.0;

impl Machine {
    /// A person says that a mode of a job is right; false if there is none such.
    pub fn approve(&mut self, key: &[Arc<str>], mode: u32, now: Time, say: &mut impl FnMut(Said)) -> bool {
        let is_there = self.references.approve(key, mode);
        if is_there {
            self.decided(AlertKind::needs_a_person, key, Some(mode), now, say);
        }
        is_there
    }

    /// A person says that a mode of a job is wrong, or all of them, or without a key those of all jobs; false
    /// if there is none such.
    pub fn forget(
        &mut self,
        key: &[Arc<str>],
        mode: Option<u32>,
        now: Time,
        say: &mut impl FnMut(Said),
    ) -> bool {
        let is_there = self.references.forget(key, mode)
            | (key.is_empty() && mode.is_none() && self.forget_draws(now, say));
        if is_there {
            // What was compared with it is outside of nothing any more.
            self.decided(AlertKind::is_of_jobs, key, mode, now, say);
        }
        is_there
    }

    /// Ends alerts about a reference that a person has decided about.
    pub(super) fn decided(
        &mut self,
        ends: fn(AlertKind) -> bool,
        key: &[Arc<str>],
        mode: Option<u32>,
        now: Time,
        say: &mut impl FnMut(Said),
    ) {
        let is_meant =
            |job: &Job| (key.is_empty() || job.key == key) && mode.is_none_or(|mode| mode == job.mode);
        for kind in AlertKind::ALL.into_iter().filter(|kind| ends(*kind)) {
            self.end(kind, is_meant, now, say);
        }
    }

    /// A person has seen an alert. It is over if only a person ends it.
    pub fn seen(&mut self, kind: AlertKind, now: Time, say: &mut impl FnMut(Said)) {
        if kind.needs_a_person() {
            self.end(kind, |_| true, now, say);
        }
    }

    pub(super) fn end(
        &mut self,
        kind: AlertKind,
        is_meant: impl Fn(&Job) -> bool,
        now: Time,
        say: &mut impl FnMut(Said),
    ) {
        if self.stand_by.is_none()
            && let Some(alert) = self.judge.end(kind, is_meant, now)
        {
            say(Said::Alert(alert));
        }
    }

    /// Begins or ends maintenance: cycles are cut, but nothing is judged or learnt. Whether that is new.
    pub fn set_maintenance(&mut self, on: bool, now: Time, say: &mut impl FnMut(Said)) -> bool {
        if self.maintenance == on {
            return false;
        }
        self.maintenance = on;
        self.change_over(now, say);
        if !on {
            // Whoever has worked at it may have changed what it draws.
            self.draws = Draws::default();
        }
        true
    }

    /// Maintenance that is planned at a moment is not done from then on, for the rest of its window; whether there is
    /// one.
    pub fn skip_maintenance(&mut self, at: Time, now: Time, say: &mut impl FnMut(Said)) -> bool {
        let Some(until) = self.plan().end(at) else { return false };
        // Time passes for the machine once what is held back has had its turn.
        let from = at.plus(-self.settings.hold_back);
        self.skipped.retain(|span| now.since(span.until) < SKIPPED);
        self.skipped.push(Span { from, until });
        self.planned_at = None;
        self.follow_plan(now.plus(-self.settings.hold_back), say);
        true
    }

    /// When the maintenance is over that is planned now, if one is.
    pub fn planned_maintenance(&self) -> Option<Time> {
        self.planned
    }

    /// When maintenance is planned next.
    pub fn next_maintenance(&self) -> Option<Span> {
        self.planned_next
    }

    pub(super) fn plan(&self) -> Plan<'_> {
        let Settings { maintenance: windows, zone, .. } = &self.settings;
        Plan { windows, zone, skipped: &self.skipped }
    }

    /// Whether nothing is judged now.
    pub(super) fn is_maintained(&self) -> bool {
        self.maintenance || self.planned.is_some()
    }

    /// Begins and ends maintenance that is planned.
    pub(super) fn follow_plan(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        if self.settings.maintenance.is_empty() {
            return;
        }
        // It begins and ends with a minute, but for what a person ends. Readings and the time that passes come in
        // turns, a little apart.
        let minute = now.nanos().div_euclid(60_000_000_000);
        let is_over = self.planned.is_some_and(|until| until <= now);
        if !is_over && self.planned_at.is_some_and(|at| (minute..minute + 60).contains(&at)) {
            return;
        }
        self.planned_at = Some(minute);
        let planned = self.plan().end(now);
        self.planned_next = self.plan().next(now);
        if std::mem::replace(&mut self.planned, planned).is_some() != planned.is_some() {
            self.change_over(now, say);
        }
    }
}
