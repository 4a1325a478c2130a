//! What is set for a machine.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::cycle::{Bounds, Rule};
use crate::judge::Patience;
use crate::maintenance::Windows;
use crate::meter::Kind;
use crate::metered::Metered;
use crate::reference::{Learning, Margin, Tolerance, Tolerances};
use crate::utilisation::Calendar;

/// Samples that a cycle must hold to be judged by what it takes, unless told otherwise.
pub(crate) const FEWEST_SAMPLES: u32 = 5;

/// How states are read for utilisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum States {
    /// The machine tells them.
    Told,
    /// From power: off below the first threshold, producing at or above the second.
    Power {
        /// Below it the machine is off.
        idle: f64,
        /// At or above it the machine produces.
        producing: f64,
    },
    /// From the lamp on the machine, as light sensors see it.
    Lamp {
        /// A light that is neither lit nor dark for longer than so many seconds flashes, and counts as lit.
        hold: f64,
    },
    /// The machine produces while a cycle runs, else it is idle.
    Cycles,
}

/// Everything that is set for a machine.
#[expect(clippy::struct_excessive_bools, reason = "each is set by itself")]
#[derive(Debug, Clone)]
pub struct Settings {
    /// What makes a cycle.
    pub cycle: Rule,
    /// The meter; `None` looks at durations only.
    pub meter: Option<Kind>,
    /// What it meters; `None` where nobody has said.
    pub metered: Option<Metered>,
    /// Of what its power is made, whether it meters that or not; `None` where nobody has said.
    pub powered: Option<Metered>,
    /// Between samples of the meter lie at most this many seconds.
    pub most_gap: f64,
    /// For each part of the key the values that do not count, such as a rapid feed.
    pub key: Vec<Vec<Arc<str>>>,
    /// How references are learnt.
    pub learning: Learning,
    /// By how much a cycle may be off.
    pub tolerances: Tolerances,
    /// When alerts are raised and cleared.
    pub patience: Patience,
    /// How states are read.
    pub states: States,
    /// Power above which something is wrong; `None` does not look.
    pub highest_power: Option<f64>,
    /// What it draws in each state is learnt, and something else is told.
    pub learns_states: bool,
    /// After so many seconds of red light on the lamp something is wrong; `None` does not look.
    pub red_after: Option<f64>,
    /// After this many seconds without any reading the machine counts as silent; `None` never.
    pub silent_after: Option<f64>,
    /// Silence is told at any time, and not only when the machine is planned to work.
    pub silent_outside_shifts: bool,
    /// Everything comes over connections that are watched and tells changes only: no reading means no change,
    /// and the machine falls silent when a connection is lost.
    pub tells_changes: bool,
    /// How long readings are held back for late ones, in seconds.
    pub hold_back: f64,
    /// Seconds to add to the times of the meter, so that they are those of the machine's clock.
    pub meter_offset: f64,
    /// What power shows of the two clocks is added as well, once it shows it clearly.
    pub aligns: bool,
    /// A rate beyond this, or a counter that jumps by more, is no value but a fault of the meter.
    pub most: f64,
    /// The time zone of days and shifts.
    pub zone: TimeZone,
    /// When the machine is planned to work.
    pub calendar: Calendar,
    /// When it is planned to be maintained.
    pub maintenance: Windows,
}

impl Settings {
    /// Sensible settings for a machine that tells its cycles and has a power meter in W.
    pub fn usual(bounds: Bounds) -> Self {
        Self {
            cycle: Rule {
                bounds,
                pause: 0.0,
                shortest: 1.0,
                longest: 8.0 * 3600.0,
                fewest_samples: u64::from(FEWEST_SAMPLES),
                accuracy: 0.01,
            },
            meter: Some(Kind::Rate { per: 3600.0 }),
            metered: None,
            powered: None,
            most_gap: 10.0,
            key: Vec::new(),
            learning: Learning {
                cycles: 5,
                window: 20,
                adapts: true,
                approval: false,
                change_over: 900.0,
                set_up_cycles: 1,
            },
            tolerances: Tolerances {
                usual: Tolerance { duration: Some(Margin::USUAL), quantity: Some(Margin::USUAL) },
                of_jobs: Vec::new(),
            },
            patience: Patience { raise_after: 1, within: 1, clear_after: 3, drift: 0.075 },
            states: States::Cycles,
            highest_power: None,
            learns_states: true,
            red_after: Some(60.0),
            silent_after: Some(300.0),
            silent_outside_shifts: false,
            tells_changes: false,
            hold_back: 2.0,
            meter_offset: 0.0,
            aligns: false,
            most: 1e9,
            zone: TimeZone::UTC,
            calendar: Calendar::default(),
            maintenance: Windows::default(),
        }
    }
}
