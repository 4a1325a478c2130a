//! When machines are maintained: as it is planned, such as each Saturday morning or in the summer overhaul, and as
//! people ask for it.

mod asked;

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use asked::{Ask, Asked};

use crate::time::Time;

/// From one moment up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first moment.
    pub from: Time,
    /// When it is over.
    pub until: Time,
}

impl Span {
    /// Whether a moment is within.
    pub fn has(&self, at: Time) -> bool {
        self.from <= at && at < self.until
    }
}

/// When a machine is planned to be maintained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Windows(Vec<Window>);

/// A time that comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// On which days it begins.
    pub days: Days,
    /// When it begins, in minutes after midnight.
    pub from: u16,
    /// When it ends, in minutes after midnight; not after `from` if it goes over midnight.
    pub to: u16,
}

/// On which days a window begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// Days of the week, from Monday on.
    OfWeek([bool; 7]),
    /// These days.
    Dates(Vec<Date>),
}

/// What is planned for a machine, but for what a person has said is not done.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// When it is planned.
    pub windows: &'a Windows,
    /// By these clocks.
    pub zone: &'a TimeZone,
    /// When nothing is done in spite of it.
    pub skipped: &'a [Span],
}

/// Most days of a stretch of time that are looked at one by one: those of the longest cycles, and many more.
const MOST_DAYS: usize = 400;

/// What goes on for longer than this many seconds has no end: it is planned every day around the clock.
const NO_END: f64 = 366.0 * 86_400.0;

/// Days in which a window of a week comes again, were it skipped once.
const COMES_AGAIN: usize = 15;

impl Window {
    fn begins(&self, day: Date) -> bool {
        match &self.days {
            Days::OfWeek(days) => {
                usize::try_from(day.weekday().to_monday_zero_offset()).is_ok_and(|n| days[n])
            }
            Days::Dates(dates) => dates.contains(&day),
        }
    }

    /// The days from one on at which it begins.
    fn days_from(&self, first: Date) -> Vec<Date> {
        match &self.days {
            Days::OfWeek(_) => days(first).take(COMES_AGAIN).filter(|day| self.begins(*day)).collect(),
            Days::Dates(dates) => dates.iter().copied().filter(|day| *day >= first).collect(),
        }
    }

    /// From when to when it goes where it begins on a day.
    fn on(&self, day: Date, zone: &TimeZone) -> Span {
        let at = |day: Date, minute: u16| {
            let shown = day.at(0, 0, 0, 0).saturating_add(i64::from(minute).minutes());
            Time::on_clocks(shown, zone)
        };
        let ends = if self.to <= self.from { day.tomorrow().unwrap_or(day) } else { day };
        Span { from: at(day, self.from), until: at(ends, self.to) }
    }
}

/// A day and those after it.
fn days(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
}

impl FromIterator<Window> for Windows {
    fn from_iter<I: IntoIterator<Item = Window>>(windows: I) -> Self {
        Self(windows.into_iter().collect())
    }
}

impl Windows {
    /// Whether none is planned.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The windows, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Window> {
        self.0.iter()
    }
}

impl Plan<'_> {
    /// When the maintenance ends that is planned at a moment, if one is: windows that meet are one.
    pub fn end(&self, at: Time) -> Option<Time> {
        let mut end = None;
        while let Some(later) = self.end_of_one(end.unwrap_or(at)) {
            end = Some(later);
            if later.since(at) > NO_END {
                break;
            }
        }
        end
    }

    fn end_of_one(&self, at: Time) -> Option<Time> {
        if self.is_skipped(at) {
            return None;
        }
        let day = at.day(self.zone);
        let begun = day.yesterday().into_iter().chain([day]).flat_map(|day| self.begun(day));
        let end = begun.filter(|span| span.has(at)).map(|span| span.until).max()?;
        let skipped = self.skipped.iter().map(|span| span.from).filter(|from| *from > at);
        Some(skipped.fold(end, Time::min))
    }

    /// The windows that begin on a day.
    fn begun(&self, day: Date) -> impl Iterator<Item = Span> {
        self.windows
            .iter()
            .filter(move |window| window.begins(day))
            .map(move |window| window.on(day, self.zone))
    }

    fn is_skipped(&self, at: Time) -> bool {
        self.skipped.iter().any(|span| span.has(at))
    }

    /// The maintenance that is planned next: what is planned at the moment itself is not.
    pub fn next(&self, at: Time) -> Option<Span> {
        let over = self.end(at).unwrap_or(at);
        if over.since(at) > NO_END {
            return None;
        }
        let day = over.day(self.zone);
        let begin = |window: &Window| {
            let all = window.days_from(day).into_iter().map(|day| window.on(day, self.zone).from);
            all.filter(|from| *from > over && !self.is_skipped(*from)).min()
        };
        let from = self.windows.iter().filter_map(begin).min()?;
        Some(Span { from, until: self.end(from)? })
    }

    /// Whether some of a stretch of time is planned maintenance.
    pub fn meets(&self, (from, to): (Time, Time)) -> bool {
        if self.windows.is_empty() {
            return false;
        }
        let first = from.day(self.zone);
        let last = to.day(self.zone);
        let mut days =
            days(first.yesterday().unwrap_or(first)).take_while(|day| *day <= last).take(MOST_DAYS);
        days.any(|day| {
            let within = |span: Span| Span { from: span.from.max(from), until: span.until.min(to) };
            self.begun(day).map(within).any(|span| self.is_done(span))
        })
    }

    /// Whether some of a planned stretch is not skipped.
    fn is_done(&self, Span { from, until }: Span) -> bool {
        let mut at = from;
        while let Some(skipped) = self.skipped.iter().find(|span| span.has(at)) {
            at = skipped.until;
        }
        at < until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn april(day: i8, hour: i8, minute: i8) -> Time {
        Time::on_clocks(Date::constant(2026, 4, day).at(hour, minute, 0, 0), &TimeZone::UTC)
    }

    fn windows() -> Windows {
        // 2026-04-01 is a Wednesday.
        let saturday = [false, false, false, false, false, true, false];
        let night = Window { days: Days::OfWeek(saturday), from: 22 * 60, to: 2 * 60 };
        let dates = vec![Date::constant(2026, 4, 7), Date::constant(2026, 4, 8)];
        let overhaul = Window { days: Days::Dates(dates), from: 0, to: 24 * 60 };
        [night, overhaul].into_iter().collect()
    }

    static ZONE: TimeZone = TimeZone::UTC;

    fn plan<'a>(windows: &'a Windows, skipped: &'a [Span]) -> Plan<'a> {
        Plan { windows, zone: &ZONE, skipped }
    }

    fn span(from: Time, until: Time) -> Span {
        Span { from, until }
    }

    #[test]
    fn windows_come_again_go_over_midnight_and_join() {
        let windows = windows();
        let end = |at: Time| plan(&windows, &[]).end(at);
        assert_eq!(end(april(3, 23, 0)), None, "that is a Friday");
        assert_eq!(end(april(4, 21, 59)), None);
        assert_eq!(end(april(4, 22, 0)), Some(april(5, 2, 0)));
        assert_eq!(end(april(5, 1, 59)), Some(april(5, 2, 0)));
        assert_eq!(end(april(5, 2, 0)), None);
        assert_eq!(end(april(11, 23, 0)), Some(april(12, 2, 0)), "a week later");
        assert_eq!(end(april(7, 12, 0)), Some(april(9, 0, 0)), "two days are one window");
        let always = Window { days: Days::OfWeek([true; 7]), from: 0, to: 24 * 60 };
        let always: Windows = [always].into_iter().collect();
        assert!(plan(&always, &[]).end(april(1, 12, 0)).is_some_and(|end| end > april(30, 0, 0)));
        assert_eq!(plan(&always, &[]).next(april(1, 12, 0)), None, "it never ends");
    }

    #[test]
    fn a_stretch_of_time_meets_a_window_within_it_or_at_an_end() {
        let windows = windows();
        let meet = |from, to| plan(&windows, &[]).meets((from, to));
        assert!(!meet(april(4, 20, 0), april(4, 22, 0)));
        assert!(meet(april(4, 20, 0), april(4, 22, 1)));
        assert!(meet(april(5, 1, 0), april(5, 3, 0)), "it began the day before");
        assert!(!meet(april(5, 2, 0), april(6, 23, 59)));
        assert!(meet(april(5, 2, 0), april(10, 0, 0)));
        assert!(!plan(&Windows::default(), &[]).meets((april(1, 0, 0), april(30, 0, 0))));
    }

    #[test]
    fn what_is_skipped_is_not_done_and_the_rest_is() {
        let (windows, skipped) = (windows(), [span(april(4, 23, 0), april(5, 2, 0))]);
        let plan = plan(&windows, &skipped);
        assert_eq!(plan.end(april(4, 22, 30)), Some(april(4, 23, 0)));
        assert_eq!(plan.end(april(4, 23, 30)), None);
        assert_eq!(plan.end(april(11, 23, 0)), Some(april(12, 2, 0)), "a week later it is done");
        assert!(plan.meets((april(4, 22, 30), april(4, 23, 30))));
        assert!(!plan.meets((april(4, 23, 0), april(5, 3, 0))));
    }

    #[test]
    fn the_next_window_is_the_first_that_begins_later_and_is_not_skipped() {
        let windows = windows();
        let next = |at: Time| plan(&windows, &[]).next(at);
        assert_eq!(next(april(1, 12, 0)), Some(span(april(4, 22, 0), april(5, 2, 0))));
        assert_eq!(next(april(4, 22, 0)), Some(span(april(7, 0, 0), april(9, 0, 0))), "two days are one");
        assert_eq!(next(april(7, 12, 0)), Some(span(april(11, 22, 0), april(12, 2, 0))));
        let skipped = [span(april(11, 22, 0), april(12, 2, 0))];
        let later = plan(&windows, &skipped).next(april(9, 12, 0));
        assert_eq!(later, Some(span(april(18, 22, 0), april(19, 2, 0))));
    }
}
