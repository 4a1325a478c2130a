//! The lamp on a machine, as light sensors see it: which lights are lit, and what the machine does then.

use serde::{Deserialize, Serialize};

use crate::reading::State;
use crate::time::Time;

/// A light of the lamp on a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Light {
    /// The machine works.
    Green,
    /// It waits for somebody or something.
    Amber,
    /// It has stopped since something is wrong.
    Red,
}

impl Light {
    /// All of them.
    pub const ALL: [Light; 3] = [Light::Green, Light::Amber, Light::Red];

    /// Its word in files.
    pub fn id(self) -> &'static str {
        match self {
            Light::Green => "green",
            Light::Amber => "amber",
            Light::Red => "red",
        }
    }
}

/// What is known of a light.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Seen {
    /// Nothing: no sensor looks at it.
    #[default]
    Never,
    /// The sensor has said that it does not know.
    Unknown,
    /// It was lit then for the last time, if ever.
    Lit(Option<Time>),
}

/// The lights of a machine.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lamp([Seen; 3]);

impl Lamp {
    /// A sensor says whether a light is lit; `None` if it does not know.
    pub(crate) fn see(&mut self, time: Time, light: Light, is_lit: Option<bool>) {
        let seen = &mut self.0[light as usize];
        *seen = match (is_lit, *seen) {
            (None, _) => Seen::Unknown,
            (Some(true), _) => Seen::Lit(Some(time)),
            (Some(false), Seen::Lit(last)) => Seen::Lit(last),
            (Some(false), _) => Seen::Lit(None),
        };
    }

    /// What the machine does: it produces where the green light is lit, waits where another one is, and is
    /// off where all are dark. One that flashes counts as lit for `hold` seconds after it was seen lit.
    pub(crate) fn state(&self, time: Time, hold: f64) -> Option<State> {
        if self.0.contains(&Seen::Unknown) || self.0 == [Seen::Never; 3] {
            return None;
        }
        let is_lit = |light: Light| match self.0[light as usize] {
            Seen::Lit(Some(last)) => time.since(last) <= hold,
            Seen::Never | Seen::Unknown | Seen::Lit(None) => false,
        };
        Some(if is_lit(Light::Green) {
            State::Producing
        } else if is_lit(Light::Amber) || is_lit(Light::Red) {
            State::Idle
        } else {
            State::Off
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_tell_what_a_machine_does() {
        let mut lamp = Lamp::default();
        let at = |seconds: u32| Time::from_seconds(f64::from(seconds));
        assert_eq!(lamp.state(at(0), 3.0), None, "nobody has looked");
        lamp.see(at(1), Light::Green, Some(false));
        assert_eq!(lamp.state(at(1), 3.0), Some(State::Off));
        // Red flashes: it is seen lit now and then.
        for second in 2..20 {
            lamp.see(at(second), Light::Red, Some(second % 3 == 2));
            assert_eq!(lamp.state(at(second), 3.0), Some(State::Idle), "{second}");
        }
        lamp.see(at(20), Light::Green, Some(true));
        assert_eq!(lamp.state(at(20), 3.0), Some(State::Producing));
        lamp.see(at(24), Light::Green, Some(false));
        assert_eq!(lamp.state(at(24), 3.0), Some(State::Off));
        lamp.see(at(25), Light::Red, None);
        assert_eq!(lamp.state(at(25), 3.0), None, "a sensor that knows nothing is no dark lamp");
    }
}
