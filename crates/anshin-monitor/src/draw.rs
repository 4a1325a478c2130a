//! What a machine draws in each of its states: learnt from healthy time, and told where it draws something else.
//!
//! Time in a state is put together to portions, over several stays where these are short. A state is known by the
//! portions that it was learnt from; power is outside only where nearly all of a portion is, so that neither noise nor
//! an edge that is told a little late counts. At rest and at work a machine draws what its job makes it draw: a robot
//! holds its arm up as its program left it.

use serde::{Deserialize, Serialize};

use crate::judge::Job;
use crate::reading::State;
use crate::time::Time;

/// Seconds in a state that are looked at together.
const PORTION: f64 = 20.0;

/// Samples are put together to so many seconds at least, however fast they come.
const PIECE: f64 = 0.5;

/// Of a portion, this part may be edges and peaks.
const FEW: f64 = 0.1;

/// A state is known after so many seconds.
const KNOWN: f64 = 200.0;

/// What it draws is learnt for so many seconds: what changes more slowly than that, such as a leak that grows, is not
/// followed.
const LEARNS: f64 = 20_000.0;

/// Power must be outside, or inside again, for so many seconds.
const SETTLED: f64 = 60.0;

/// It must be outside on so many occasions.
const OCCASIONS: u32 = 3;

/// A tolerance is no narrower than this part of what is drawn ...
const LEAST_PART: f64 = 0.15;

/// ... than this part of the highest that is drawn in any state, for a meter is wrong by a part of its range ...
const OF_HIGHEST: f64 = 0.02;

/// ... and than so many times what portions usually differ by.
const OF_NOISE: f64 = 3.0;

/// While it works, other jobs draw something else: only what is so many times as much as ever, or as little, is outside.
const FAR: f64 = 2.0;

/// Power is inside again within this part of the tolerance.
const WELL_INSIDE: f64 = 0.5;

/// How much the newest portion weighs in what they usually differ by.
const WEIGHT: f64 = 0.1;

/// What is known of the machine in the time that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    /// The tolerance of the machine as a part.
    pub(crate) part: f64,
    /// States are read from power itself: what is drawn when it is off or works cannot contradict them.
    pub(crate) by_power: bool,
    /// The time is healthy.
    pub(crate) learns: bool,
}

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Turn {
    /// A machine draws something else than it usually does in its state.
    Outside(Outside),
    /// It does so still.
    Still(Outside),
    /// It no longer does.
    Over,
}

/// Power outside a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outside {
    /// The state.
    pub(crate) state: State,
    /// Since when.
    pub(crate) since: Time,
    /// What is drawn.
    pub(crate) power: f64,
    /// The highest, or the lowest, that it usually draws.
    pub(crate) edge: f64,
}

/// Time in a state that is looked at together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    state: State,
    since: Time,
    seconds: f64,
    occasions: u32,
    /// Nearly all of it is above this ...
    low: f64,
    middle: f64,
    /// ... and below this.
    high: f64,
}

/// What a machine draws in each of its states.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Draws {
    off: Draw,
    /// Of each job in each of the ways in which it runs; the one that ran last is the last.
    jobs: Vec<OfJob>,
    /// The state in which it is told to draw something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<State>,
    /// For how many seconds it draws what it should, while it is told not to.
    #[serde(skip)]
    well: f64,
    /// The last sample, with the state.
    #[serde(skip)]
    last: Option<(Time, State)>,
    /// When the running occasion began.
    #[serde(skip)]
    occasion: Option<Time>,
}

/// What it draws at rest and at work in a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OfJob {
    job: Job,
    #[serde(default)]
    producing: Draw,
    #[serde(default)]
    idle: Draw,
}

/// Most jobs of which that is remembered; the one that has not run for longest goes first.
const MOST_JOBS: usize = 50;

/// What it draws in one state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Draw {
    seconds: f64,
    occasions: u32,
    /// The lowest and the highest that lasted for two portions.
    band: Option<(f64, f64)>,
    last: Option<f64>,
    /// What portions usually differ by.
    noise: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside: Option<Streak>,
    #[serde(skip)]
    portion: Portion,
}

/// Portions outside that follow each other.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Streak {
    since: Time,
    seconds: f64,
    occasions: u32,
}

/// A portion that is not whole yet.
#[derive(Debug, Clone, Default)]
struct Portion {
    since: Option<Time>,
    occasions: u32,
    /// Mean power of each piece, and its seconds.
    pieces: Vec<(f64, f64)>,
    seconds: f64,
    /// The piece that is not whole yet: power times seconds, and seconds.
    piece: (f64, f64),
}

impl Portion {
    /// Takes so many seconds of power up to a moment; a portion that is whole with that.
    fn take(&mut self, state: State, time: Time, seconds: f64, power: f64) -> Option<Whole> {
        let since = *self.since.get_or_insert(time.plus(-seconds));
        self.piece.0 += power * seconds;
        self.piece.1 += seconds;
        if self.piece.1 < PIECE {
            return None;
        }
        let (sum, piece) = std::mem::take(&mut self.piece);
        self.pieces.push((sum / piece, piece));
        self.seconds += piece;
        if self.seconds < PORTION {
            return None;
        }
        let mut portion = std::mem::take(self);
        portion.pieces.sort_by(|one, other| one.0.total_cmp(&other.0));
        let [low, middle, high] = [FEW, 0.5, 1.0 - FEW].map(|part| portion.at(part));
        let (seconds, occasions) = (portion.seconds, portion.occasions);
        Some(Whole { state, since, seconds, occasions, low, middle, high })
    }

    /// The power below which it is for a part of the time.
    fn at(&self, part: f64) -> f64 {
        let mut left = part * self.seconds;
        let piece = self.pieces.iter().find(|(_, seconds)| {
            left -= seconds;
            left <= 0.0
        });
        piece.or(self.pieces.last()).map_or(0.0, |(power, _)| *power)
    }
}

/// A stay in a state is one occasion, and a long one is another one after so many seconds: nobody works by hand at a
/// machine that is off.
fn long(state: State) -> f64 {
    if state == State::Off { 180.0 } else { 1_800.0 }
}

/// So many occasions make a state known. A machine that is off does nothing that could differ.
fn enough(state: State) -> u32 {
    if state == State::Off { OCCASIONS } else { 10 }
}

impl Draw {
    fn is_known(&self, state: State) -> bool {
        self.seconds >= KNOWN && self.occasions >= enough(state)
    }

    /// The lowest and the highest that it draws, once that is known.
    fn known(&self, state: State) -> Option<(f64, f64)> {
        self.band.filter(|_| self.is_known(state))
    }

    fn learn(&mut self, whole: &Whole) {
        let power = whole.middle;
        let Some(before) = self.last.replace(power) else { return };
        self.noise += WEIGHT * ((power - before).abs() - self.noise);
        if self.seconds >= LEARNS {
            return;
        }
        self.seconds += whole.seconds;
        self.occasions = self.occasions.saturating_add(whole.occasions);
        let (least, most) = (power.min(before), power.max(before));
        self.band = Some(self.band.map_or((least, most), |(low, high)| (low.min(most), high.max(least))));
    }
}

impl OfJob {
    fn of(&self, state: State) -> &Draw {
        if state == State::Producing { &self.producing } else { &self.idle }
    }
}

impl Draws {
    /// What is known of a state, of the job that runs.
    fn of(&self, state: State) -> Option<&Draw> {
        if state == State::Off { Some(&self.off) } else { self.jobs.last().map(|job| job.of(state)) }
    }

    fn of_mut(&mut self, state: State) -> Option<&mut Draw> {
        let job = self.jobs.last_mut();
        match state {
            State::Off => Some(&mut self.off),
            State::Idle => job.map(|job| &mut job.idle),
            State::Producing => job.map(|job| &mut job.producing),
        }
    }

    /// The lowest and the highest that it draws in a state in any job.
    fn ever(&self, state: State) -> Option<(f64, f64)> {
        let all = self.jobs.iter().map(|job| job.of(state)).filter(|_| state != State::Off);
        let all = all.chain(Some(&self.off).filter(|_| state == State::Off));
        let known = all.filter_map(|draw| draw.known(state));
        known.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// From here on a job runs.
    fn run(&mut self, job: &Job) {
        if self.jobs.last().is_some_and(|last| last.job == *job) {
            return;
        }
        let known = self.jobs.iter().position(|known| known.job == *job);
        let job = known.map_or_else(
            || OfJob { job: job.clone(), producing: Draw::default(), idle: Draw::default() },
            |at| self.jobs.remove(at),
        );
        if self.jobs.len() == MOST_JOBS {
            self.jobs.remove(0);
        }
        self.jobs.push(job);
        self.last = None;
    }

    /// Takes a sample, in the order of time, with the state in which the machine is, if that is known, and its job; a
    /// portion that is whole with it. A sample speaks for the time since the one before, if the machine was in the same
    /// state then.
    pub(crate) fn see(&mut self, time: Time, power: f64, standing: Option<(State, &Job)>) -> Option<Whole> {
        let Some((state, job)) = standing else {
            self.last = None;
            return None;
        };
        if state != State::Off {
            self.run(job);
        }
        let last = self.last.replace((time, state));
        let Some((from, _)) = last.filter(|(_, before)| *before == state) else {
            self.occasion = None;
            if state == State::Off {
                // A machine is off for long: what it drew the last time is not put together with this.
                self.off.portion = Portion::default();
            }
            return None;
        };
        let is_another = self.occasion.is_none_or(|since| time.since(since) >= long(state));
        if is_another {
            self.occasion = Some(from);
        }
        let portion = &mut self.of_mut(state)?.portion;
        portion.occasions += u32::from(is_another);
        portion.take(state, time, time.since(from), power)
    }

    /// What came is not to be relied upon.
    pub(crate) fn doubt(&mut self) {
        self.last = None;
        for state in State::ALL {
            if let Some(draw) = self.of_mut(state) {
                draw.portion = Portion::default();
            }
        }
    }

    /// Somebody has worked at the machine: what still is so is told again.
    pub(crate) fn change_over(&mut self) {
        self.doubt();
        (self.told, self.well) = (None, 0.0);
        self.off.outside = None;
        for job in &mut self.jobs {
            (job.producing.outside, job.idle.outside) = (None, None);
        }
    }

    /// Goes on from what was told of a state, unless nothing is known by which it could be over.
    pub(crate) fn go_on(&mut self, told: Option<State>) {
        self.told = told.filter(|_| !self.is_empty()).or(self.told);
    }

    /// Whether the machine is told to draw something else.
    pub(crate) fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// Whether anything has been learnt.
    pub(crate) fn is_empty(&self) -> bool {
        self.off.band.is_none() && self.jobs.is_empty()
    }

    /// By how much power may be beyond an edge of what it usually is in a state.
    fn tolerance(&self, state: State, edge: f64, part: f64) -> f64 {
        let highest = State::ALL.into_iter().filter_map(|state| Some(self.ever(state)?.1.abs()));
        let of_highest = OF_HIGHEST * highest.fold(0.0, f64::max);
        let of_edge = part.max(LEAST_PART) * edge.abs();
        let of_noise = OF_NOISE * self.of(state).map_or(0.0, |draw| draw.noise);
        of_edge.max(of_highest).max(of_noise)
    }

    /// The lowest and the highest that it draws in a state, once that is known.
    fn band(&self, state: State) -> Option<(f64, f64)> {
        let known = self.of(state)?.known(state);
        if state != State::Off {
            return known;
        }
        // While nobody knows what it draws when it is off, it is no more than it does when it waits.
        let at_work = || self.ever(State::Producing).map(|(low, _)| (low, low));
        known.or_else(|| self.ever(State::Idle)).or_else(at_work)
    }

    /// The edge beyond which a portion is, where it is outside by more than a part of the tolerance. That less is drawn
    /// at rest is what stand-by and main switches do.
    fn beyond(
        &self,
        whole: &Whole,
        (low, high): (f64, f64),
        part: f64,
        by_power: bool,
        share: f64,
    ) -> Option<f64> {
        let state = whole.state;
        let tolerance = |edge: f64| share * self.tolerance(state, edge, part);
        let is_above = whole.low > high + tolerance(high);
        if state != State::Producing {
            return Some(high).filter(|_| is_above && !(by_power && state == State::Off));
        }
        let far = 1.0 + share * (FAR - 1.0);
        let is_below = !by_power && whole.high < low - tolerance(low);
        let far_above = Some(high).filter(|_| is_above && whole.low > far * high);
        far_above.or(Some(low).filter(|_| is_below && whole.high < low / far))
    }

    /// Compares a portion with what is known, and learns from it; what is to be told.
    pub(crate) fn judge(&mut self, whole: &Whole, conditions: Conditions) -> Option<Turn> {
        let Conditions { part, by_power, learns } = conditions;
        let state = whole.state;
        let is_told = self.told == Some(state);
        let band = self.band(state);
        let share = if is_told { WELL_INSIDE } else { 1.0 };
        let beyond = band.and_then(|band| self.beyond(whole, band, part, by_power, share));
        let draw = self.of_mut(state)?;
        let Some(edge) = beyond else {
            draw.outside = None;
            // A fault that lasts while another job comes is not learnt.
            if learns && (band.is_some() || !is_told) {
                draw.learn(whole);
            }
            // A machine that is off no more has ended that.
            if is_told && band.is_some() || self.told == Some(State::Off) {
                self.well += whole.seconds;
                if self.well >= SETTLED {
                    // The next time that it is off is another beginning.
                    self.off.outside = self.off.outside.take().filter(|_| self.told != Some(State::Off));
                    (self.told, self.well) = (None, 0.0);
                    return Some(Turn::Over);
                }
            }
            return None;
        };
        let streak = draw.outside.get_or_insert(Streak { since: whole.since, seconds: 0.0, occasions: 0 });
        streak.seconds += whole.seconds;
        streak.occasions = streak.occasions.saturating_add(whole.occasions);
        let Streak { since, seconds, occasions } = *streak;
        let outside = Outside { state, since, power: whole.middle, edge };
        if is_told {
            self.well = 0.0;
            return Some(Turn::Still(outside));
        }
        if self.told.is_some() || seconds < SETTLED || occasions < OCCASIONS {
            return None;
        }
        (self.told, self.well) = (Some(state), 0.0);
        Some(Turn::Outside(outside))
    }
}
