//! What follows from what was heard of a machine: its cycles are judged, and what holds for long is told.

use super::{Conditions, Machine, Said, States};
use crate::cycle::{Cycle, Doubt};
use crate::judge::{Alert, AlertKind};
use crate::lamp::{Glow, Light};
use crate::meter::Meter;
use crate::reference::{Finding, Work};
use crate::stand_by::Held;
use crate::time::Time;

impl Machine {
    /// Tells that the lamp has been red for too long, and when it no longer is.
    pub(super) fn red_light(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        let States::Lamp { hold } = self.settings.states else { return };
        let Some(after) = self.settings.red_after else { return };
        if self.conditions.silent {
            return;
        }
        let is_looked_at = !self.is_maintained() && !self.setting_up;
        match self.lamp.glow(Light::Red, now, hold) {
            Glow::Since(since) if !self.conditions.red && is_looked_at && now.since(since) >= after => {
                self.conditions.red = true;
                let figures = |alert| Alert { value: Some(now.since(since)), ..alert };
                self.condition(AlertKind::RedLight, true, (since, now), figures, say);
            }
            Glow::Out if self.conditions.red => {
                self.conditions.red = false;
                self.condition(AlertKind::RedLight, false, (now, now), |alert| alert, say);
            }
            _ => {}
        }
    }

    /// Whether the meter repeats itself in the running cycle for far longer than the machine makes it do.
    pub(super) fn is_frozen(&self) -> bool {
        self.references.is_frozen(self.cutter.key(), self.cutter.repeats(), self.cutter.rest())
    }

    /// A meter that repeated itself is over it when power is another one.
    pub(super) fn frozen(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        if self.conditions.frozen && self.cutter.same_since() == Some(now) {
            self.conditions.frozen = false;
            self.condition(AlertKind::Frozen, false, (now, now), |alert| alert, say);
        }
    }

    /// Tells that the meter repeats itself, and does so still.
    pub(super) fn tell_frozen(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        if let Some(since) = self.cutter.same_since().filter(|_| !self.conditions.frozen) {
            self.conditions.frozen = true;
            self.condition(AlertKind::Frozen, true, (since, now), |alert| alert, say);
        }
    }

    /// Judges the cycles that have ended.
    pub(super) fn cycles(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        while let Some(cycle) = self.cutter.next(now, self.settings.most_gap, &mut self.meter) {
            match &mut self.stand_by {
                Some(waiting) => waiting.hold(Held::Cycle { cycle, setting_up: self.setting_up }),
                None => self.judge(cycle, self.setting_up, say),
            }
        }
    }

    pub(super) fn judge(&mut self, mut cycle: Cycle, setting_up: bool, say: &mut impl FnMut(Said)) {
        self.judged = Some(cycle.end);
        let is_maintained = self.maintenance || self.plan().meets((cycle.start, cycle.end));
        let work = if is_maintained { Some(Work::Maintenance) } else { setting_up.then_some(Work::SetUp) };
        if let Some(work) = work {
            say(Said::Cycle(cycle, Finding::SetAside(work)));
            return;
        }
        self.references.doubt(&mut cycle, self.cutter.rest());
        if cycle.doubts.contains(Doubt::Frozen)
            && self.cutter.same_since().is_some_and(|since| since < cycle.end)
        {
            self.tell_frozen(cycle.end, say);
        }
        let widest = self.settings.tolerances.of(&cycle.key).widest();
        let step = self.meter.as_ref().and_then(Meter::step);
        self.sampling.cycle(&cycle, widest, self.lateness.pause(), step);
        self.interruptions.cycle(&cycle);
        let finding = self.references.judge(&cycle, |off| self.judge.goes_on(off));
        let values = (cycle.worked(), cycle.taken());
        self.runs_as(&cycle.key, &finding);
        let when = (cycle.start, cycle.end);
        let alerts = self.judge.cycle(&cycle.key, when, values, &finding, self.lateness.pause());
        say(Said::Cycle(cycle, finding));
        for alert in alerts {
            say(Said::Alert(alert));
        }
    }

    /// Says that something begins or ceases to be so, unless somebody else judges.
    pub(super) fn condition(
        &mut self,
        kind: AlertKind,
        is_so: bool,
        (since, now): (Time, Time),
        figures: impl FnOnce(Alert) -> Alert,
        say: &mut impl FnMut(Said),
    ) {
        if self.stand_by.is_none()
            && let Some(alert) = self.judge.condition(kind, is_so, since, now)
        {
            let alert = figures(alert);
            self.judge.measured(&alert);
            say(Said::Alert(alert));
        }
    }

    /// Tells that a running cycle is beyond its longest, before it has ended.
    pub(super) fn stuck(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        // By its number or by power, a late end is told as too slow anyway and no run is in sight.
        let since = self.cutter.running_since().filter(|_| !self.setting_up && !self.is_maintained());
        let longest = since.and_then(|_| self.references.longest(self.cutter.key()));
        // What was told is over where that cycle runs no more, though another one may.
        if self.conditions.stuck.is_some() && (longest.is_none() || since != self.conditions.stuck) {
            self.conditions.stuck = None;
            self.condition(AlertKind::Stuck, false, (now, now), |alert| alert, say);
        }
        let (Some(since), Some(longest)) = (since, longest) else { return };
        // Twice the longest: what is merely slow is told when it ends.
        let lasts = self.cutter.lasts(now);
        let lasts = lasts - self.references.break_of(self.cutter.key(), self.cutter.still(now), lasts);
        if lasts > longest && self.is_frozen() {
            if self.cutter.repeats().goes_on() {
                self.tell_frozen(now, say);
            }
            return;
        }
        let is_stuck = lasts > 2.0 * longest && !self.cutter.is_unsure(now);
        if is_stuck && self.conditions.stuck.is_none() {
            self.conditions.stuck = Some(since);
            let value = Some(lasts);
            let figures = |alert| Alert { value, reference: Some(longest), ..alert };
            self.condition(AlertKind::Stuck, true, (since, now), figures, say);
        }
    }

    pub(super) fn change_over(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        if let Some(waiting) = &mut self.stand_by {
            waiting.hold(Held::ChangeOver(now));
            return;
        }
        self.references.change_over();
        self.draws.change_over();
        self.runs = None;
        // What still is so is told again.
        self.conditions = Conditions::default();
        for alert in self.judge.change_over(now) {
            say(Said::Alert(alert));
        }
    }
}
