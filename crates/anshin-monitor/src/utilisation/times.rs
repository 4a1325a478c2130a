//! Seconds of each state, planned or not, and the rate that follows from them.

use std::iter::Sum;
use std::ops::{AddAssign, SubAssign};

use anshin_model::Text;
use serde::{Deserialize, Serialize};

use crate::reading::State;

/// Below so many seconds, sums differ by the calculation alone.
const NOTHING: f64 = 1e-3;

/// Part of the planned time without data from which on a rate is rough.
const MOST_WITHOUT_DATA: f64 = 0.2;

/// Seconds of each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Times {
    /// Working on something.
    pub producing: f64,
    /// Switched on and waiting.
    pub idle: f64,
    /// Switched off.
    pub off: f64,
    /// Nothing is known.
    pub no_data: f64,
}

impl Times {
    /// All seconds.
    pub fn total(&self) -> f64 {
        self.producing + self.idle + self.off + self.no_data
    }

    pub(super) fn add(&mut self, state: Option<State>, seconds: f64) {
        *match state {
            Some(State::Producing) => &mut self.producing,
            Some(State::Idle) => &mut self.idle,
            Some(State::Off) => &mut self.off,
            None => &mut self.no_data,
        } += seconds;
    }
}

impl AddAssign for Times {
    fn add_assign(&mut self, other: Self) {
        self.producing += other.producing;
        self.idle += other.idle;
        self.off += other.off;
        self.no_data += other.no_data;
    }
}

impl SubAssign for Times {
    fn sub_assign(&mut self, other: Self) {
        let less = |times: &mut f64, by: f64| {
            *times -= by;
            if times.abs() < NOTHING {
                *times = 0.0;
            }
        };
        less(&mut self.producing, other.producing);
        less(&mut self.idle, other.idle);
        less(&mut self.off, other.off);
        less(&mut self.no_data, other.no_data);
    }
}

impl Sum for Times {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        let mut sum = Self::default();
        times.for_each(|one| sum += one);
        sum
    }
}

/// How a machine was used over some time: while it was planned to work, and beside that.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Used {
    /// Within the shifts; where there are none, all time.
    pub planned: Times,
    /// Outside the shifts, and on closed days.
    pub beside: Times,
}

impl Used {
    /// Planned or not.
    pub fn all(&self) -> Times {
        [self.planned, self.beside].into_iter().sum()
    }

    /// One of both.
    pub(super) fn of(&mut self, planned: bool) -> &mut Times {
        if planned { &mut self.planned } else { &mut self.beside }
    }

    /// Whether so much of the planned time is without data that its rate is rough: more than a fifth.
    pub fn is_doubtful(&self) -> bool {
        let planned = self.planned.total();
        planned > 0.0 && self.planned.no_data > MOST_WITHOUT_DATA * planned
    }

    /// How well it was used: producing against the planned time of which something is known. This is the
    /// availability of OEE, and the only way in which a rate is worked out. Rates of days, each weighed by its
    /// planned and known time, come to the rate of all of them.
    pub fn rate(&self) -> Rate {
        let Times { producing, idle, off, no_data } = self.planned;
        let known = producing + idle + off;
        match () {
            () if known > 0.0 => Rate::Of(producing / known),
            () if no_data > 0.0 || self.beside.total() <= 0.0 => Rate::NoData,
            () => Rate::Unplanned,
        }
    }
}

impl SubAssign for Used {
    fn sub_assign(&mut self, other: Self) {
        self.planned -= other.planned;
        self.beside -= other.beside;
    }
}

impl Sum for Used {
    fn sum<I: Iterator<Item = Self>>(used: I) -> Self {
        used.fold(Self::default(), |mut sum, one| {
            sum.planned += one.planned;
            sum.beside += one.beside;
            sum
        })
    }
}

/// How well a machine was used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rate {
    /// Nothing is known of the planned time.
    NoData,
    /// It was not planned to work.
    Unplanned,
    /// Producing against the planned time that is known, 0 to 1.
    #[serde(untagged)]
    Of(f64),
}

impl Rate {
    /// The rate, if there is one.
    pub fn part(self) -> Option<f64> {
        match self {
            Rate::Of(part) => Some(part),
            Rate::NoData | Rate::Unplanned => None,
        }
    }

    /// What people read.
    pub fn text(self) -> Text {
        match self {
            Rate::Of(part) => Text::same(format!("{:.1} %", part * 100.0)),
            Rate::NoData => Text::new("データなし", "no data"),
            Rate::Unplanned => Text::new("稼働予定なし", "not planned"),
        }
    }
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;

    use super::*;

    #[test]
    fn what_was_not_planned_is_told_apart_from_what_is_not_known() {
        let times = |producing, no_data| Times { producing, no_data, ..Times::default() };
        let told = |planned, beside| Used { planned, beside }.rate().text().get(Lang::En).to_owned();
        assert_eq!(told(Times { idle: 3.0, ..times(1.0, 9.0) }, times(7.0, 0.0)), "25.0 %");
        assert_eq!(told(times(0.0, 9.0), times(7.0, 0.0)), "no data");
        assert_eq!(told(Times::default(), times(7.0, 0.0)), "not planned");
        assert_eq!(told(Times::default(), Times::default()), "no data");
        for rate in [Rate::Of(0.25), Rate::NoData, Rate::Unplanned] {
            let written = serde_json::to_string(&rate).unwrap();
            assert_eq!(serde_json::from_str::<Rate>(&written).unwrap(), rate, "{written}");
        }
    }
}
