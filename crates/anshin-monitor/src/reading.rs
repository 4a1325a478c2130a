//! What a machine and its meter say, one value at a time.

use std::borrow::Cow;
use std::sync::Arc;

use anshin_model::Text;
use serde::{Deserialize, Serialize};

use crate::lamp::Light;
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
    /// The number of the running cycle; a change ends a cycle and begins the next. `None` when the machine
    /// says that it does not know.
    Number(Option<i64>),
    /// The machine runs its program, or it does not; `None` when it says that it does not know.
    Running(Option<bool>),
    /// What the machine says about itself; `None` when it says that it does not know.
    State(Option<State>),
    /// A light of the lamp on the machine is lit or dark; `None` when its sensor says that it does not know.
    Lamp(Light, Option<bool>),
    /// A part of the job's key, such as program or feed: which part, and its value.
    Key(u8, Arc<str>),
    /// Somebody sets the machine up or moves it by hand, or no longer does; `None` when the machine says
    /// that it does not know.
    SetUp(Option<bool>),
    /// The running program is held, or goes on; `None` when the machine says that it does not know.
    Hold(Option<bool>),
}

impl What {
    /// Whether it comes from the meter. Meter and machine have clocks of their own.
    pub fn is_meter(&self) -> bool {
        matches!(self, What::Power(_) | What::Counter(_))
    }
}

/// What is said, as a record keeps it: a name, a number, a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// What it is: `power`, `start`, `key-0` and so on.
    pub input: Cow<'static, str>,
    /// The number, if it is one.
    pub value: Option<f64>,
    /// The word, if it is one.
    pub word: Option<Arc<str>>,
}

impl What {
    /// As a record keeps it.
    pub fn parts(&self) -> Parts {
        let parts = |input: &'static str, value, word| Parts { input: Cow::Borrowed(input), value, word };
        let is = |on: Option<bool>| on.map(|on| f64::from(u8::from(on)));
        match self {
            What::Power(value) => parts("power", Some(*value), None),
            What::Counter(value) => parts("counter", Some(*value), None),
            What::Start => parts("start", None, None),
            What::End => parts("end", None, None),
            #[expect(clippy::cast_precision_loss, reason = "numbers of cycles are far below 2^53")]
            What::Number(number) => parts("number", number.map(|number| number as f64), None),
            What::Running(on) => parts("running", is(*on), None),
            What::SetUp(on) => parts("set-up", is(*on), None),
            What::Hold(on) => parts("hold", is(*on), None),
            What::State(state) => parts("state", None, state.map(|state| Arc::from(state.id()))),
            What::Lamp(light, on) => {
                Parts { input: Cow::Owned(format!("lamp-{}", light.id())), value: is(*on), word: None }
            }
            What::Key(part, value) => {
                Parts { input: Cow::Owned(format!("key-{part}")), value: None, word: Some(Arc::clone(value)) }
            }
        }
    }

    /// From what a record keeps; `None` if it says nothing that is known here.
    pub fn from_parts(input: &str, value: Option<f64>, word: Option<&str>) -> Option<Self> {
        Some(match input {
            "power" => What::Power(value?),
            "counter" => What::Counter(value?),
            "start" => What::Start,
            "end" => What::End,
            #[expect(clippy::cast_possible_truncation, reason = "numbers of cycles are whole and small")]
            "number" => What::Number(value.map(|value| value as i64)),
            "running" => What::Running(value.map(|value| value != 0.0)),
            "set-up" => What::SetUp(value.map(|value| value != 0.0)),
            "hold" => What::Hold(value.map(|value| value != 0.0)),
            "state" => {
                What::State(word.and_then(|word| State::ALL.into_iter().find(|state| state.id() == word)))
            }
            lamp if lamp.starts_with("lamp-") => {
                let light = Light::ALL.into_iter().find(|light| lamp[5..] == *light.id())?;
                What::Lamp(light, value.map(|value| value != 0.0))
            }
            key => What::Key(key.strip_prefix("key-")?.parse().ok()?, Arc::from(word?)),
        })
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

    /// Its word in files.
    pub fn id(self) -> &'static str {
        match self {
            State::Producing => "producing",
            State::Idle => "idle",
            State::Off => "off",
        }
    }

    /// What people read of it; `None` where nothing is known.
    pub fn name(state: Option<Self>) -> Text {
        match state {
            Some(State::Producing) => Text::new("生産中", "producing"),
            Some(State::Idle) => Text::new("待機", "idle"),
            Some(State::Off) => Text::new("停止", "off"),
            None => Text::new("データなし", "no data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back() {
        for what in [
            What::Power(1.5),
            What::Counter(7.0),
            What::Start,
            What::End,
            What::Number(Some(42)),
            What::Number(None),
            What::Running(Some(true)),
            What::Running(Some(false)),
            What::Running(None),
            What::SetUp(Some(true)),
            What::SetUp(None),
            What::Hold(Some(true)),
            What::Hold(None),
            What::State(Some(State::Idle)),
            What::State(None),
            What::Lamp(Light::Amber, Some(true)),
            What::Lamp(Light::Red, None),
            What::Key(3, Arc::from("O1234, part 7")),
        ] {
            let parts = what.parts();
            assert_eq!(What::from_parts(&parts.input, parts.value, parts.word.as_deref()), Some(what));
        }
        assert_eq!(What::from_parts("weather", Some(1.0), None), None);
        assert_eq!(What::from_parts("power", None, None), None);
    }
}
