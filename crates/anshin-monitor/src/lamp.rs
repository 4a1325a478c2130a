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
    /// It is lit.
    Lit,
    /// It has been dark since then; `None` if it was never seen lit.
    Dark(Option<Time>),
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
            (Some(true), _) => Seen::Lit,
            (Some(false), Seen::Lit) => Seen::Dark(Some(time)),
            (Some(false), dark @ Seen::Dark(_)) => dark,
            (Some(false), Seen::Never | Seen::Unknown) => Seen::Dark(None),
        };
    }

    /// What the machine does: it produces where the green light is lit, waits where another one is, and is
    /// off where all are dark. A light may flash: it counts as lit until it has been dark for `hold` seconds.
    pub(crate) fn state(&self, time: Time, hold: f64) -> Option<State> {
        if self.0.contains(&Seen::Unknown) || self.0 == [Seen::Never; 3] {
            return None;
        }
        let is_lit = |light: Light| match self.0[light as usize] {
            Seen::Lit => true,
            Seen::Dark(Some(since)) => time < since.plus(hold),
            Seen::Never | Seen::Unknown | Seen::Dark(None) => false,
        };
        Some(if is_lit(Light::Green) {
            State::Producing
        } else if is_lit(Light::Amber) || is_lit(Light::Red) {
            State::Idle
        } else {
            State::Off
        })
    }

    /// When lights that were lit no longer count as lit, after one moment and up to another, in order.
    pub(crate) fn fades(&self, after: Time, until: Time, hold: f64) -> impl Iterator<Item = Time> + use<> {
        let mut times = self.0.map(|seen| match seen {
            Seen::Dark(Some(since)) => Some(since.plus(hold)),
            _ => None,
        });
        times.sort();
        times.into_iter().flatten().filter(move |time| *time > after && *time <= until)
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
        // It is not said again and again that it is lit.
        assert_eq!(lamp.state(at(2_000), 3.0), Some(State::Producing));
        lamp.see(at(2_004), Light::Green, Some(false));
        lamp.see(at(2_006), Light::Green, Some(false));
        assert_eq!(lamp.state(at(2_006), 3.0), Some(State::Producing));
        assert_eq!(lamp.fades(at(2_006), at(2_100), 3.0).collect::<Vec<_>>(), [at(2_007)]);
        assert_eq!(lamp.state(at(2_007), 3.0), Some(State::Off));
        lamp.see(at(2_008), Light::Red, None);
        assert_eq!(lamp.state(at(2_008), 3.0), None, "a sensor that knows nothing is no dark lamp");
    }
}
