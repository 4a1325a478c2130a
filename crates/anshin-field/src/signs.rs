//! Signs of life of monitors, as they are seen by people who look from elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anshin_monitor::Time;

use crate::clock;
use crate::panel::{Shown, ShownOther};

/// After this time without a sign of life a monitor is not heard any more.
const QUIET: Duration = Duration::from_secs(15);

/// What was said longer ago than this, in seconds, is no sign of life to whoever has only begun to look: clocks
/// of computers may differ by less.
const LONG_AGO: f64 = 120.0;

/// Whose sign it is: of whoever judges a machine, speaks for a team, or of a monitor by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Machine(String),
    Others,
    Monitor(String),
}

/// The last sign of life, and when it was seen; nothing where it was there long before.
#[derive(Debug)]
struct Sign {
    beat: Option<i64>,
    at: Option<Instant>,
    /// Whether it is alive or not is certain, however the clocks of the computers go.
    is_certain: bool,
}

/// The last sign of life of each team, for each machine and for what is about none. Once there have been two, no
/// clocks are compared.
#[derive(Debug, Default)]
pub struct Signs {
    seen: BTreeMap<(String, Whose), Sign>,
}

impl Signs {
    /// Marks what is told of machines, sources and groups of which nobody alive has said anything.
    pub fn mark(&mut self, shown: &mut [Shown], others: &mut [ShownOther]) {
        for one in shown {
            let whose = Whose::Machine(one.machine.clone());
            one.quiet = self.is_quiet((one.team.clone(), whose), one.beat, one.heard);
        }
        for one in others {
            one.quiet = self.is_quiet((one.team.clone(), Whose::Others), one.beat, one.heard);
        }
    }

    /// Whether nothing is heard of a monitor of a team.
    pub fn misses(&mut self, team: &str, monitor: &str, beat: Option<i64>, heard: Option<Time>) -> bool {
        self.is_quiet((team.to_owned(), Whose::Monitor(monitor.to_owned())), beat, heard)
    }

    /// Whether it is certain of everybody if they are alive. It is, a few seconds after the first look: who is alive
    /// has given another sign by then.
    pub fn are_certain(&self) -> bool {
        self.seen.values().all(|sign| sign.is_certain)
    }

    /// Whoever has given no sign that is certain counts as not heard.
    pub fn give_up(&mut self) {
        for sign in self.seen.values_mut().filter(|sign| !sign.is_certain) {
            sign.at = None;
        }
    }

    fn is_quiet(&mut self, whose: (String, Whose), beat: Option<i64>, heard: Option<Time>) -> bool {
        let now = Instant::now();
        let away = heard.map_or(0.0, |heard| clock::now().since(heard));
        let sign = self.seen.entry(whose).or_insert_with(|| Sign {
            beat,
            at: (away < LONG_AGO).then_some(now),
            is_certain: away >= LONG_AGO || away.abs() <= QUIET.as_secs_f64(),
        });
        if sign.beat != beat {
            *sign = Sign { beat, at: Some(now), is_certain: true };
        }
        // One who has taken leave says so.
        sign.is_certain |= beat.is_none();
        beat.is_none() || sign.at.is_none_or(|at| now.duration_since(at) > QUIET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_life_from_long_ago_is_none_until_another_one_comes() {
        let ago = |seconds: f64| Some(clock::now().plus(-seconds));
        let mut signs = Signs::default();
        let mut misses = |beat, seconds_ago| signs.misses("floor", "one", beat, ago(seconds_ago));
        assert!(misses(Some(7), 600.0), "it ended before anybody looked");
        assert!(misses(Some(7), 600.0));
        assert!(!misses(Some(8), 601.0), "it is there, and only its clock is behind");
        assert!(!misses(Some(9), -600.0), "or ahead");
        assert!(misses(None, 1.0), "it has taken leave");
        let mut signs = Signs::default();
        assert!(!signs.misses("floor", "one", Some(7), ago(10.0)) && signs.are_certain(), "just now");
    }

    #[test]
    fn whoever_may_have_gone_a_moment_ago_is_looked_at_again() {
        let ago = |seconds: f64| Some(clock::now().plus(-seconds));
        let mut signs = Signs::default();
        assert!(!signs.misses("floor", "one", Some(7), ago(40.0)));
        assert!(!signs.misses("floor", "two", Some(7), ago(-40.0)) && !signs.are_certain());
        assert!(
            !signs.misses("floor", "two", Some(8), ago(-40.0)) && !signs.are_certain(),
            "one is not sure"
        );
        signs.give_up();
        assert!(signs.misses("floor", "one", Some(7), ago(46.0)), "it has said nothing more");
        assert!(!signs.misses("floor", "two", Some(8), ago(-34.0)), "its clock is ahead");
    }
}
