//! One machine: its readings in, cycles and alerts out.

mod asked;
mod hand_over;
mod judged;
mod settings;
mod standing;

use std::collections::VecDeque;

use anshin_model::Text;

use crate::cycle::{Bounds, Cutter, Cycle, Doubt};
use crate::draw::Draws;
use crate::hold::{Interruptions, Often};
use crate::judge::{Alert, AlertKind, Job, Judge};
use crate::lamp::{Lamp, Light};
use crate::lateness::{Late, Lateness};
use crate::maintenance::Span;
use crate::meter::{Kind, Meter};
use crate::metered::Remeasured;
use crate::offset::{Aligner, Offset};
use crate::order::{Came, Counts, LEAP, Order};
use crate::reading::{Reading, State, What};
use crate::reference::{Finding, References};
use crate::sampling::{Coarse, Sampling};
use crate::stand_by::StandBy;
use crate::time::Time;
use crate::utilisation::{Times, Utilisation};

use hand_over::Again;
pub use hand_over::{Before, Kept, Noted, Told};
pub(crate) use settings::FEWEST_SAMPLES;
pub use settings::{Settings, States};

/// For so many seconds power must be too high, or no longer be: a motor that starts is no matter.
const SETTLED: f64 = 5.0;

/// So many silences are no accident, and this part of the time is much to know nothing of.
const OFTEN: usize = 10;
const MUCH: f64 = 0.2;

/// Power is no longer too high below this part of the highest.
const WELL_BELOW: f64 = 0.95;

/// What a machine had to say.
#[expect(clippy::large_enum_variant, reason = "cycles are most of what is said, and none of it is kept")]
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A cycle has ended.
    Cycle(Cycle, Finding),
    /// An alert begins or is over.
    Alert(Alert),
}

/// What holds for a while and has been told.
#[derive(Debug, Default)]
struct Conditions {
    silent: bool,
    /// A machine that is silent is not missed before this moment.
    missed_from: Option<Time>,
    red: bool,
    frozen: bool,
    /// When the cycle began that is stuck.
    stuck: Option<Time>,
}

/// Why it is not known what a machine did at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unsure {
    Doubt(Doubt),
    /// What was heard may have happened so many seconds before.
    Late(f64),
}

/// One machine.
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    order: Order,
    meter: Option<Meter>,
    cutter: Cutter,
    references: References,
    judge: Judge,
    utilisation: Utilisation,
    setting_up: bool,
    /// Somebody has asked for maintenance.
    maintenance: bool,
    /// When the maintenance is over that is planned now.
    planned: Option<Time>,
    /// When it is planned next.
    planned_next: Option<Span>,
    /// The minute in which that was looked up.
    planned_at: Option<i64>,
    /// When nothing of what is planned is done, as somebody has asked.
    skipped: Vec<Span>,
    last: Option<Time>,
    /// How far time had come when it was asked last what follows from it passing.
    ticked: Option<Time>,
    /// Doubts about the time after a moment, whose readings are still held back.
    doubts: VecDeque<(Time, Unsure)>,
    /// Since when a connection to it is lost.
    lost: Option<Time>,
    told: Option<State>,
    lamp: Lamp,
    conditions: Conditions,
    /// How often it was silent between two readings for longer than it may, and for how many seconds of that nothing
    /// is known.
    unheard: (usize, f64),
    /// What it draws in each of its states.
    draws: Draws,
    /// The job of the last cycle, if it is known, and whether that was healthy.
    runs: Option<(Job, bool)>,
    /// Since when power is too high and that is not told, or is no longer and that is not told.
    power_turned: Option<Time>,
    /// When the last cycle ended that was judged.
    judged: Option<Time>,
    /// Somebody else judges the machine.
    stand_by: Option<StandBy>,
    /// Reads the offset of the meter's clock, where power shows it.
    aligner: Option<Aligner>,
    clock: Option<Offset>,
    /// Seconds that are added to the times of the meter beside those that are set.
    aligned: f64,
    lateness: Lateness,
    sampling: Sampling,
    again: Again,
    interruptions: Interruptions,
    /// What is metered otherwise than when it was kept, until somebody is told.
    remeasured: Option<Remeasured>,
}

impl Machine {
    /// A machine of which nothing is known yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            order: Order::new(settings.hold_back),
            meter: settings.meter.map(|kind| Meter::new(kind, settings.most_gap, settings.most)),
            cutter: Cutter::new(settings.cycle, settings.key.clone()),
            references: References::new(settings.learning, settings.tolerances.clone()),
            judge: Judge::new(settings.patience),
            utilisation: Utilisation::new(settings.zone.clone(), settings.calendar.clone()),
            setting_up: false,
            maintenance: false,
            planned: None,
            planned_next: None,
            planned_at: None,
            skipped: Vec::new(),
            last: None,
            ticked: None,
            doubts: VecDeque::new(),
            lost: None,
            told: None,
            lamp: Lamp::default(),
            conditions: Conditions::default(),
            unheard: (0, 0.0),
            draws: Draws::default(),
            runs: None,
            power_turned: None,
            judged: None,
            stand_by: None,
            aligner: aligner(&settings),
            clock: None,
            aligned: 0.0,
            lateness: Lateness::default(),
            sampling: Sampling::default(),
            again: Again::default(),
            interruptions: Interruptions::default(),
            remeasured: None,
            settings,
        }
    }

    /// When the earliest of the cycles began that run, or that have ended and are not yet judged.
    pub fn unfinished_since(&self) -> Option<Time> {
        self.cutter.unfinished_since()
    }

    /// Begins to wait for readings: a machine from which none comes at all is silent as well, and the cycle
    /// that runs when the first one comes began unseen.
    pub fn begin(&mut self, now: Time) {
        self.last.get_or_insert(now);
        self.cutter.join();
    }

    /// The references.
    pub fn references(&self) -> &References {
        &self.references
    }

    /// How well the machine is used.
    pub fn utilisation(&self) -> &Utilisation {
        &self.utilisation
    }

    /// What is to be added to the times of the meter in all, as cycles and power show it.
    pub fn clock(&self) -> Option<Offset> {
        let found = self.aligner.as_ref().and_then(Aligner::found);
        let in_all = |found: Offset| Offset { seconds: found.seconds + self.meter_offset(), ..found };
        found.map(in_all).or(self.clock)
    }

    /// Seconds that are added to the times of the meter now: those that are set, and those by which power has
    /// shown the clocks to differ, where that is to be applied.
    pub fn meter_offset(&self) -> f64 {
        self.settings.meter_offset + self.aligned
    }

    /// Whether events or the meter come so late, again and again, that they find their place no more.
    pub fn late(&self) -> Option<Late> {
        self.lateness.found(self.settings.hold_back)
    }

    /// Whether most of its last cycles are known too coarsely for the tolerances that they are held to.
    pub fn coarse(&self) -> Option<Coarse> {
        self.sampling.found()
    }

    /// Whether its program is held in most of its last cycles.
    pub fn interrupted(&self) -> Option<Often> {
        self.interruptions.found()
    }

    /// What is metered otherwise than before it was kept; told once.
    pub fn take_remeasured(&mut self) -> Option<Remeasured> {
        self.remeasured.take()
    }

    /// What a person is told of what comes late.
    pub fn late_text(&self, late: Late, name: &Text) -> Text {
        match self.meter {
            Some(_) => late.text(name, self.meter_offset(), self.clock()),
            None => late.text_without_meter(name),
        }
    }

    /// The last moment of which something is known.
    pub fn last(&self) -> Option<Time> {
        self.last
    }

    /// How far time has come by the machine's clock.
    pub fn newest(&self) -> Option<Time> {
        self.order.newest()
    }

    /// What has happened to readings on their way.
    pub fn counts(&self) -> Counts {
        self.order.counts()
    }

    /// Alerts that are raised now; those of a machine that somebody else judges are not told here.
    pub fn open_alerts(&self) -> impl Iterator<Item = (AlertKind, Time)> {
        self.judge.open().filter(|_| self.stand_by.is_none())
    }

    /// The same as they are told, with what was measured last.
    pub fn raised(&self, now: Time) -> impl Iterator<Item = Alert> {
        self.judge.raised(now).filter(|_| self.stand_by.is_none())
    }

    /// Says that something may be missing, such as after a lost connection or in an overload.
    pub fn doubt(&mut self, doubt: Doubt) {
        self.cutter.doubt(doubt);
        if let Some(newest) = self.order.newest() {
            self.unsure_after(newest, Unsure::Doubt(doubt));
        }
    }

    /// Says that what was heard last may have happened up to so many seconds before it came, such as after this
    /// program was held up.
    pub fn came_late(&mut self, seconds: f64) {
        self.cutter.late(seconds);
        if let Some(newest) = self.order.newest() {
            self.unsure_after(newest, Unsure::Late(seconds));
        }
    }

    /// Puts a doubt on what runs at a moment, once the readings before it have had their turn.
    fn unsure_after(&mut self, moment: Time, unsure: Unsure) {
        if self.doubts.back() != Some(&(moment, unsure)) {
            self.doubts.push_back((moment, unsure));
        }
    }

    /// A connection to it is lost, or stands again.
    pub fn connection(&mut self, stands: bool, now: Time) {
        self.lost = if stands { None } else { self.lost.or(Some(now)) };
    }

    /// Takes a reading.
    pub fn push(&mut self, mut reading: Reading, say: &mut impl FnMut(Said)) {
        if self.again.is_again(&reading) {
            return;
        }
        if reading.what.is_meter() && self.meter_offset() != 0.0 {
            reading.time = reading.time.plus(self.meter_offset());
        }
        let is_apart = match reading.what {
            What::Start | What::End | What::Running(Some(_)) | What::Number(Some(_)) => {
                self.lateness.event(reading.time, self.settings.hold_back) && self.meter.is_some()
            }
            // Without a meter, whatever else tells of the machine shows how its clocks stand to each other.
            _ => {
                if self.meter.is_none() || reading.what.is_meter() {
                    self.lateness.sample(reading.time);
                }
                false
            }
        };
        let step = reading.clone();
        let before = self.order.newest();
        let came = self.order.push(reading);
        if let (Some(before), Some(newest), Some(ticked)) = (before, self.order.newest(), self.ticked)
            && newest.since(before.max(ticked)) > LEAP
        {
            // So much time has not passed: the clock was set forward.
            self.unsure_after(before, Unsure::Doubt(Doubt::ClockStep));
        }
        if self.order.has_dropped() {
            self.cutter.doubt(Doubt::Late);
        }
        if is_apart {
            self.doubt(Doubt::Late);
        }
        match came {
            Came::InTime => {
                while let Some(reading) = self.order.due() {
                    self.take(&reading, say);
                }
            }
            Came::Duplicate => {}
            Came::Late => {
                self.cutter.doubt(Doubt::Late);
                self.draws.doubt();
                // What is too late to begin or end a cycle still shows how far the clocks are apart.
                self.align(step.time, &step.what);
            }
            Came::Behind => {
                // When it was is not known by the clock of the others: it is taken as it comes.
                self.cutter.doubt(Doubt::Late);
                self.draws.doubt();
                self.take_at(self.last.unwrap_or(step.time), &step, say);
                self.cutter.doubt(Doubt::Late);
            }
            Came::Step => {
                while let Some(reading) = self.order.release() {
                    self.take(&reading, say);
                }
                self.clock_step(step.time, say);
                self.order.begin_anew(Some(step));
            }
        }
        if self.settings.aligns
            && let Some(found) = self.aligner.as_ref().and_then(Aligner::clear)
        {
            self.shift_meter(found, say);
        }
    }

    /// Adds more to the times of the meter from here on. What was measured by the old times ends here.
    fn shift_meter(&mut self, seconds: f64, say: &mut impl FnMut(Said)) {
        if !self.settings.aligns || seconds == 0.0 {
            return;
        }
        while let Some(reading) = self.order.release() {
            self.take(&reading, say);
        }
        let is_first = self.aligned == 0.0;
        self.aligned += seconds;
        self.order.begin_anew(None);
        self.lateness = Lateness::default();
        if let Some(last) = self.last {
            self.clock_step(last, say);
            self.change_over(last, say);
        }
        if is_first {
            // What was learnt before was measured wrongly at both edges. A clock that has only run away from
            // where it was makes nothing wrong that was learnt then.
            self.references.forget(&[], None);
            self.draws = Draws::default();
        }
        if let Some(aligner) = &mut self.aligner {
            aligner.shift(seconds);
        }
        self.clock = self.clock.map(|clock| Offset { seconds: self.meter_offset(), ..clock });
    }

    /// Takes everything that still waits, and ends what runs: at the end of a recording.
    pub fn finish(&mut self, say: &mut impl FnMut(Said)) {
        self.order.take_ahead();
        while let Some(reading) = self.order.release() {
            self.take(&reading, say);
        }
        if let Some(last) = self.last {
            self.cutter.finish(last, &mut self.meter);
            self.cycles(last.plus(f64::from(u32::MAX)), say);
            self.utilisation.until(last);
        }
    }

    /// Takes everything that still waits and judges what has ended, since nobody watches from here on. What
    /// runs is left as it is: nobody knows when it ends.
    pub fn leave(&mut self, say: &mut impl FnMut(Said)) {
        while let Some(reading) = self.order.release() {
            self.take(&reading, say);
        }
        if let Some(last) = self.last {
            self.cycles(last.plus(f64::from(u32::MAX)), say);
        }
    }

    /// Says what follows from time passing without a reading.
    pub fn tick(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        while let Some(reading) = self.order.due_by(now) {
            self.take(&reading, say);
        }
        self.ticked = Some(now);
        self.follow_plan(now.plus(-self.settings.hold_back), say);
        self.red_light(now.plus(-self.settings.hold_back), say);
        let Some(last) = self.last else { return };
        self.cycles(now.plus(-self.settings.hold_back), say);
        // What is held back has been heard, and comes before it is silence.
        let newest = self.order.newest().map_or(last, |newest| newest.max(last));
        let heard = if self.settings.tells_changes { self.lost } else { Some(newest) };
        if let (Some(after), Some(heard)) = (self.settings.silent_after, heard)
            && now.since(heard) > after.max(self.settings.hold_back)
        {
            if !self.conditions.silent {
                self.conditions.silent = true;
                self.follow_lamp(now);
                self.utilisation.set(heard.plus(self.settings.most_gap.min(after)), None);
                self.cutter.doubt(Doubt::Gap);
            }
            if self.is_missed(heard, now, after) {
                self.condition(AlertKind::Silent, true, (heard, now), |alert| alert, say);
            }
        }
    }

    /// The part of the time of which nothing is known since readings lie further apart than it may be silent, where
    /// that is usual and not an accident.
    pub fn unheard(&self) -> Option<f64> {
        let all: f64 = self.utilisation.days().values().map(Times::total).sum();
        let (often, seconds) = self.unheard;
        (often >= OFTEN && seconds >= MUCH * all).then(|| seconds / all)
    }

    /// The lights that are lit on it, where they tell its state and that is known.
    pub fn lit(&self) -> Option<Vec<Light>> {
        let is_told = matches!(self.settings.states, States::Lamp { .. });
        (is_told && self.utilisation.state().is_some()).then(|| self.lamp.lit())
    }

    /// Counts the running state up to a moment, while the machine works on; what is held back for late
    /// readings is not known yet.
    pub fn pause(&mut self, now: Time) {
        let known = now.plus(-self.settings.hold_back);
        self.follow_lamp(known);
        self.utilisation.assume_until(known);
        self.utilisation.forget_old();
    }

    /// Lights that flash no more go out by themselves, whatever else is heard of the machine.
    fn follow_lamp(&mut self, time: Time) {
        let States::Lamp { hold } = self.settings.states else { return };
        for (since, state) in self.lamp.settle(time, hold) {
            self.utilisation.set(since, state);
        }
    }

    fn light(&mut self, time: Time, light: Light, is_lit: Option<bool>) {
        let States::Lamp { hold } = self.settings.states else { return };
        for (since, state) in self.lamp.see(time, light, is_lit, hold) {
            self.utilisation.set(since, state);
        }
    }

    /// The machine produces while a cycle runs and is not held.
    fn follow_cycles(&mut self, time: Time) {
        let runs = self.cutter.running_since().is_some() && !self.cutter.is_held();
        let state = if runs { State::Producing } else { State::Idle };
        self.utilisation.set(time, (!self.cutter.is_lost()).then_some(state));
    }

    fn clock_step(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        self.cutter.doubt(Doubt::ClockStep);
        // What is told to run from here on may have begun before.
        self.cutter.join();
        if let Some(last) = self.last {
            self.cutter.finish(last, &mut self.meter);
            self.cycles(last.plus(f64::from(u32::MAX)), say);
            self.utilisation.until(last);
        }
        self.measure_anew(now);
    }

    /// Ends what runs and begins to measure anew at a moment, as between recordings that have nothing to do
    /// with each other. References and alerts stay.
    pub fn begin_anew(&mut self, now: Time, say: &mut impl FnMut(Said)) {
        self.finish(say);
        self.measure_anew(now);
    }

    fn measure_anew(&mut self, now: Time) {
        let step = self.meter.as_ref().and_then(Meter::step);
        let anew = |kind| Meter::new(kind, self.settings.most_gap, self.settings.most).with_step(step);
        self.meter = self.settings.meter.map(anew);
        if let Some(aligner) = &mut self.aligner {
            aligner.begin_anew();
        }
        self.utilisation.begin_anew(now);
        self.doubts.clear();
        self.draws.doubt();
        self.power_turned = None;
        self.lamp.begin_anew(now);
        self.last = Some(now);
    }

    /// Takes a reading whose turn it is.
    fn take(&mut self, reading: &Reading, say: &mut impl FnMut(Said)) {
        self.take_at(reading.time, reading, say);
    }

    /// Takes a reading at a moment, which is not its own where that has passed.
    fn take_at(&mut self, time: Time, reading: &Reading, say: &mut impl FnMut(Said)) {
        let what = &reading.what;
        let pause = self.last.map_or(0.0, |last| time.since(last));
        while let Some((_, doubt)) = self.doubts.pop_front_if(|(moment, _)| *moment < time) {
            match doubt {
                Unsure::Doubt(doubt) => self.cutter.doubt(doubt),
                Unsure::Late(seconds) => self.cutter.late(seconds),
            }
            self.draws.doubt();
        }
        self.follow_lamp(time);
        self.follow_plan(time, say);
        self.lost = None;
        if self.conditions.silent {
            (self.conditions.silent, self.conditions.missed_from) = (false, None);
            self.condition(AlertKind::Silent, false, (time, time), |alert| alert, say);
        }
        if let (Some(last), Some(after)) = (self.last, self.settings.silent_after)
            && pause > after
            && !self.settings.tells_changes
        {
            let known = self.settings.most_gap.min(after);
            self.unheard = (self.unheard.0 + 1, self.unheard.1 + pause - known);
            self.utilisation.set(last.plus(known), None);
            self.cutter.doubt(Doubt::Gap);
            self.draws.doubt();
            self.power_turned = None;
        }
        self.last = Some(time);
        if !self.is_plausible(what) {
            self.cutter.doubt(Doubt::Gap);
            self.draws.doubt();
            self.cycles(time, say);
            return;
        }
        // What happened in a gap of the meter is not known: neither how long what ran has gone on, nor when what
        // runs after it has begun.
        let longest = self.settings.most_gap;
        let is_sample = matches!(what, What::Power(_) | What::Counter(_));
        let last = self.meter.as_ref().and_then(Meter::last).filter(|_| is_sample);
        let gap = last.map(|(before, _)| before).filter(|before| time.since(*before) > longest);
        if gap.is_some() {
            self.cutter.doubt(Doubt::Gap);
            self.draws.doubt();
        }
        self.cutter.push(time, what, &mut self.meter);
        if gap.is_some() {
            self.cutter.doubt(Doubt::Gap);
        }
        if let What::Power(power) = what
            && let Some(aligner) = &mut self.aligner
        {
            aligner.power(reading.time, *power);
        }
        self.align(reading.time, what);
        if let (Some(meter), What::Power(value) | What::Counter(value)) = (&mut self.meter, what) {
            if let Some(before) = gap
                && matches!(self.settings.states, States::Power { .. })
            {
                self.utilisation.set(before.plus(longest), None);
            }
            meter.sample(time, *value);
        }
        match what {
            What::SetUp(None) => self.cutter.doubt(Doubt::Gap),
            What::SetUp(Some(on)) => {
                if let Some(waiting) = &mut self.stand_by {
                    waiting.set_up_is_told();
                }
                if *on != self.setting_up {
                    self.setting_up = *on;
                    self.change_over(time, say);
                }
            }
            What::State(state) => self.told = *state,
            What::Lamp(light, is_lit) => self.light(time, *light, *is_lit),
            What::Power(power) => self.power(time, *power, say),
            _ => {}
        }
        self.red_light(time, say);
        self.frozen(time, say);
        match self.settings.states {
            // What was told last holds again when anything is heard after a silence.
            States::Told => self.utilisation.set(time, self.told),
            States::Cycles => self.follow_cycles(time),
            _ => {}
        }
        if self.settings.cycle.bounds == Bounds::Number && self.settings.states != States::Cycles {
            let is_still = self.utilisation.state().is_some_and(|state| state != State::Producing);
            self.cutter.stand_still(time, is_still, &mut self.meter);
        }
        if let What::Power(power) = what {
            self.draw(time, *power, say);
        }
        self.cycles(time, say);
        self.stuck(time, say);
    }

    /// Whether a meter can have said that. A value beyond all bounds, as a broken one sends it, would stay in
    /// every sum.
    fn is_plausible(&self, what: &What) -> bool {
        match what {
            What::Power(value) => value.abs() <= self.settings.most,
            What::Counter(value) => value.is_finite(),
            _ => true,
        }
    }

    /// Takes an edge of a cycle, to see how far the clocks are apart.
    fn align(&mut self, time: Time, what: &What) {
        let Some(aligner) = &mut self.aligner else { return };
        match what {
            What::Start | What::Running(Some(true)) => aligner.edge(time, true),
            What::End | What::Running(Some(false)) => aligner.edge(time, false),
            _ => {}
        }
    }

    fn power(&mut self, time: Time, power: f64, say: &mut impl FnMut(Said)) {
        if let States::Power { idle, producing } = self.settings.states {
            let state = if power < idle {
                State::Off
            } else if power < producing {
                State::Idle
            } else {
                State::Producing
            };
            self.utilisation.set(time, Some(state));
        }
        let Some(highest) = self.settings.highest_power.filter(|_| !self.is_maintained()) else { return };
        let is_told = self.judge.since(AlertKind::PowerTooHigh).is_some();
        let has_turned = if is_told { power < WELL_BELOW * highest } else { power > highest };
        if !has_turned {
            self.power_turned = None;
            return;
        }
        let since = *self.power_turned.get_or_insert(time);
        if time.since(since) >= SETTLED {
            self.power_turned = None;
            let figures = |alert| Alert {
                value: Some(power),
                reference: Some(highest),
                deviation: Some(power / highest - 1.0),
                ..alert
            };
            self.condition(AlertKind::PowerTooHigh, !is_told, (since, time), figures, say);
        }
    }
}

/// What reads the offset of clocks, where cycles are told and power is measured.
fn aligner(settings: &Settings) -> Option<Aligner> {
    let is_told = matches!(settings.cycle.bounds, Bounds::Events | Bounds::Running);
    (is_told && matches!(settings.meter, Some(Kind::Rate { .. }))).then(Aligner::default)
}
