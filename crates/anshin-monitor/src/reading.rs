//! What a machine and its meter say, one value at a time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Time;

/// Something that was said at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// When, by the clock of who says it.
    pub time: Time,
    /// What.
    pub what: What,
}

/// What can be said about a machine.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// The rate that is integrated over a cycle: power in W, or another rate such as a current.
    Power(f64),
    /// A counter of what was taken since some time: energy in Wh, or another quantity.
    Counter(f64),
    /// A cycle begins.
    Start,
    /// A cycle ends.
    End,
    /// The number of the running cycle; a change ends a cycle and begins the next.
    Number(i64),
    /// The machine runs its program, or it does not.
    Running(bool),
    /// What the machine says about itself; `None` when it says that it does not know.
    State(Option<State>),
    /// A part of the job's key, such as program or feed: which part, and its value.
    Key(u8, Arc<str>),
    /// Somebody sets the machine up or moves it by hand, or no longer does.
    SetUp(bool),
}

impl What {
    /// Whether it comes from the meter. Meter and machine have clocks of their own.
    pub fn is_meter(&self) -> bool {
        matches!(self, What::Power(_) | What::Counter(_))
    }
}

/// What a machine does, for utilisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It works on something.
    Producing,
    /// It is switched on and waits.
    Idle,
    /// It is switched off.
    Off,
}

impl State {
    /// All states, busiest first.
    pub const ALL: [State; 3] = [State::Producing, State::Idle, State::Off];
}
