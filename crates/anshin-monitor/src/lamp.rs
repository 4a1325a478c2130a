//! The lamp on a machine, as light sensors see it: which lights are lit, and what the machine does then.

use anshin_model::{Lang, Text};
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

    /// Its name.
    pub fn name(self) -> Text {
        match self {
            Light::Green => Text::new("緑", "green"),
            Light::Amber => Text::new("黄", "amber"),
            Light::Red => Text::new("赤", "red"),
        }
    }

    /// The names of those that are lit; that none is.
    pub fn names(lit: &[Self]) -> Text {
        if lit.is_empty() {
            return Text::new("なし", "none");
        }
        let names = |lang: Lang| {
            let names: Vec<String> = lit.iter().map(|light| light.name().get(lang).to_owned()).collect();
            names.join(if lang == Lang::Ja { "、" } else { ", " })
        };
        Text::new(names(Lang::Ja), names(Lang::En))
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
    Lit(Flash),
    /// It is dark, and counts as lit while it may flash.
    Between(Flash, Time),
    /// It is dark; what it has flashed before, and until when, if it may flash on.
    Dark(Option<(Flash, Time)>),
}

/// A light that has come on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Flash {
    /// When the first of its flashes began.
    first: Time,
    /// When the last of them began.
    last: Time,
}

/// Whether a light is lit or flashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Glow {
    /// Nobody knows.
    Unknown,
    /// It is out.
    Out,
    /// Since a moment.
    Since(Time),
}

/// What the machine does from a moment on, which may have passed.
pub(crate) type Since = (Time, Option<State>);

/// The lights of a machine. A light flashes where it is neither lit nor dark for longer than `hold` seconds; it
/// counts as lit then. Whether it still flashes turns out after it has gone dark, so changes are dated back.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lamp([Seen; 3]);

impl Lamp {
    /// A sensor says whether a light is lit; `None` if it does not know. What the machine does, in order.
    pub(crate) fn see(&mut self, time: Time, light: Light, is_lit: Option<bool>, hold: f64) -> Vec<Since> {
        let flashes_on = |until: Time| time.since(until) <= hold;
        let mut changes = Vec::new();
        let seen = match (is_lit, self.0[light as usize]) {
            (None, _) => Seen::Unknown,
            (Some(true), Seen::Lit(flash)) => Seen::Lit(flash),
            (Some(true), Seen::Between(flash, until) | Seen::Dark(Some((flash, until))))
                if flashes_on(until) =>
            {
                Seen::Lit(Flash { last: time, ..flash })
            }
            (Some(true), _) => {
                // Another light takes the place of those that have gone out.
                changes = self.go_out(|_| true);
                Seen::Lit(Flash { first: time, last: time })
            }
            (Some(false), Seen::Lit(flash)) if time.since(flash.last) > hold => Seen::Dark(None),
            (Some(false), Seen::Lit(flash)) if self.is_replaced(flash) => Seen::Dark(Some((flash, time))),
            (Some(false), Seen::Lit(flash)) => Seen::Between(flash, time),
            (Some(false), dark @ (Seen::Between(..) | Seen::Dark(_))) => dark,
            (Some(false), Seen::Never | Seen::Unknown) => Seen::Dark(None),
        };
        self.0[light as usize] = seen;
        changes.push((time, self.state()));
        changes
    }

    /// Time has come to a moment: lights that have been dark for too long to flash went out when they became dark.
    pub(crate) fn settle(&mut self, time: Time, hold: f64) -> Vec<Since> {
        self.go_out(|dark| dark.plus(hold) <= time)
    }

    /// Whether a light is lit or flashes at a moment, and since when.
    pub(crate) fn glow(&self, light: Light, time: Time, hold: f64) -> Glow {
        match self.0[light as usize] {
            Seen::Never | Seen::Unknown => Glow::Unknown,
            Seen::Lit(flash) => Glow::Since(flash.first),
            // It may come on again, though another light is lit meanwhile.
            Seen::Between(flash, until) | Seen::Dark(Some((flash, until))) if time.since(until) <= hold => {
                Glow::Since(flash.first)
            }
            Seen::Between(..) | Seen::Dark(_) => Glow::Out,
        }
    }

    /// After a step of the clock nobody knows how long lights have been lit or dark.
    pub(crate) fn begin_anew(&mut self, now: Time) {
        for seen in &mut self.0 {
            *seen = match *seen {
                Seen::Lit(_) => Seen::Lit(Flash { first: now, last: now }),
                Seen::Between(..) | Seen::Dark(_) => Seen::Dark(None),
                unseen @ (Seen::Never | Seen::Unknown) => unseen,
            };
        }
    }

    /// Whether another light has come on since a light did.
    fn is_replaced(&self, flash: Flash) -> bool {
        self.0.iter().any(|seen| matches!(seen, Seen::Lit(other) if other.first > flash.last))
    }

    /// Lights that are dark, and counted as lit, were out from when they became dark.
    fn go_out(&mut self, is_meant: impl Fn(Time) -> bool) -> Vec<Since> {
        let dark = |seen: &Seen| match seen {
            Seen::Between(_, since) if is_meant(*since) => Some(*since),
            _ => None,
        };
        let mut changes = Vec::new();
        while let Some(since) = self.0.iter().filter_map(dark).min() {
            for seen in &mut self.0 {
                if let Seen::Between(flash, until) = *seen
                    && until == since
                {
                    *seen = Seen::Dark(Some((flash, until)));
                }
            }
            changes.push((since, self.state()));
        }
        changes
    }

    /// What the machine does: it produces where the green light is lit, waits where another one is, and is off
    /// where all are dark.
    fn state(&self) -> Option<State> {
        if self.0.contains(&Seen::Unknown) || self.0 == [Seen::Never; 3] {
            return None;
        }
        Some(if self.is_lit(Light::Green) {
            State::Producing
        } else if self.is_lit(Light::Amber) || self.is_lit(Light::Red) {
            State::Idle
        } else {
            State::Off
        })
    }

    /// Whether a light is lit or flashes.
    fn is_lit(&self, light: Light) -> bool {
        matches!(self.0[light as usize], Seen::Lit(_) | Seen::Between(..))
    }

    /// The lights that are lit or flash.
    pub(crate) fn lit(&self) -> Vec<Light> {
        Light::ALL.into_iter().filter(|light| self.is_lit(*light)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: f64 = 3.0;

    fn at(second: u32) -> Time {
        Time::from_seconds(f64::from(second))
    }

    #[test]
    fn lights_tell_what_a_machine_does() {
        let mut lamp = Lamp::default();
        assert_eq!(lamp.state(), None, "nobody has looked");
        let mut see = |second, light, is_lit| lamp.see(at(second), light, is_lit, HOLD);
        assert_eq!(see(1, Light::Green, Some(false)), [(at(1), Some(State::Off))]);
        // Red flashes: it is seen lit now and then.
        for second in 2..20 {
            let state = see(second, Light::Red, Some(second % 3 == 2));
            assert_eq!(state, [(at(second), Some(State::Idle))]);
        }
        // It was lit last from 17 to 18.
        let came_on = [(at(18), Some(State::Off)), (at(20), Some(State::Producing))];
        assert_eq!(see(20, Light::Green, Some(true)), came_on);
        let unknown = see(21, Light::Red, None);
        assert_eq!(unknown, [(at(21), None)], "a sensor that knows nothing is no dark lamp");
    }

    #[test]
    fn a_clock_that_is_set_back_lets_no_light_take_the_place_of_one_that_flashes() {
        let mut lamp = Lamp::default();
        lamp.see(at(7_200), Light::Amber, Some(true), HOLD);
        lamp.begin_anew(at(3_600));
        for second in 3_600..3_660 {
            let states = lamp.see(at(second), Light::Green, Some(second % 2 == 0), HOLD);
            assert_eq!(states, [(at(second), Some(State::Producing))]);
        }
    }

    #[test]
    fn a_light_that_was_steady_is_out_at_once_and_one_that_flashed_from_when_it_became_dark() {
        let mut lamp = Lamp::default();
        // It is not said again and again that it is lit.
        lamp.see(at(0), Light::Green, Some(true), HOLD);
        let out = lamp.see(at(2_000), Light::Green, Some(false), HOLD);
        assert_eq!(out, [(at(2_000), Some(State::Off))]);
        for second in 3_000..3_010 {
            lamp.see(at(second), Light::Green, Some(second % 2 == 0), HOLD);
        }
        assert_eq!(lamp.settle(at(3_011), HOLD), [], "it may still flash");
        assert_eq!(lamp.settle(at(3_012), HOLD), [(at(3_009), Some(State::Off))]);
        assert_eq!(lamp.settle(at(3_100), HOLD), []);
    }

    #[test]
    fn lights_that_flash_together_or_in_turn_are_lit() {
        for amber in [0, 1] {
            let mut lamp = Lamp::default();
            for second in 0..60 {
                let mut states = lamp.see(at(second), Light::Amber, Some(second % 2 == amber), HOLD);
                states.extend(lamp.see(at(second), Light::Green, Some(second % 2 == 0), HOLD));
                let is_begun = second < 4;
                let (_, state) = states[states.len() - 1];
                assert!(is_begun || state == Some(State::Producing), "{second}: {states:?}");
                assert!(is_begun || states.iter().all(|(time, _)| *time == at(second)), "{states:?}");
            }
        }
    }
}
