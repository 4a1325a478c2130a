//! When machines are planned to be maintained, such as each Saturday morning or in the summer overhaul.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::time::Time;

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

/// Most days of a stretch of time that are looked at one by one: those of the longest cycles, and many more.
const MOST_DAYS: usize = 400;

impl Window {
    fn begins(&self, day: Date) -> bool {
        match &self.days {
            Days::OfWeek(days) => {
                usize::try_from(day.weekday().to_monday_zero_offset()).is_ok_and(|n| days[n])
            }
            Days::Dates(dates) => dates.contains(&day),
        }
    }

    /// From when to when it goes where it begins on a day.
    fn on(&self, day: Date, zone: &TimeZone) -> (Time, Time) {
        let at = |day: Date, minute: u16| {
            let shown = day.at(0, 0, 0, 0).saturating_add(i64::from(minute).minutes());
            Time::on_clocks(shown, zone)
        };
        let ends = if self.to <= self.from { day.tomorrow().unwrap_or(day) } else { day };
        (at(day, self.from), at(ends, self.to))
    }
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

    /// When the maintenance ends that is planned at a moment, if one is: windows that meet are one.
    pub fn end(&self, at: Time, zone: &TimeZone) -> Option<Time> {
        let mut end = None;
        while let Some(later) = self.end_of_one(end.unwrap_or(at), zone) {
            end = Some(later);
            // Every day around the clock has no end.
            if later.since(at) > 366.0 * 86_400.0 {
                break;
            }
        }
        end
    }

    fn end_of_one(&self, at: Time, zone: &TimeZone) -> Option<Time> {
        let day = at.day(zone);
        let days = day.yesterday().into_iter().chain([day]);
        let begun = days
            .flat_map(|day| self.0.iter().filter(move |window| window.begins(day)).map(move |of| (of, day)));
        let spans = begun.map(|(window, day)| window.on(day, zone));
        spans.filter(|(from, to)| *from <= at && at < *to).map(|(_, to)| to).max()
    }

    /// Whether some of a stretch of time is planned maintenance.
    pub fn meet(&self, (from, to): (Time, Time), zone: &TimeZone) -> bool {
        if self.is_empty() {
            return false;
        }
        let first = from.day(zone);
        let first = first.yesterday().unwrap_or(first);
        let last = to.day(zone);
        let days = std::iter::successors(Some(first), |day| day.tomorrow().ok());
        let mut days = days.take_while(|day| *day <= last).take(MOST_DAYS);
        days.any(|day| {
            let mut begun = self.0.iter().filter(|window| window.begins(day));
            begun.any(|window| {
                let (begin, end) = window.on(day, zone);
                begin < to && from < end
            })
        })
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

    #[test]
    fn windows_come_again_go_over_midnight_and_join() {
        let end = |at: Time| windows().end(at, &TimeZone::UTC);
        assert_eq!(end(april(3, 23, 0)), None, "that is a Friday");
        assert_eq!(end(april(4, 21, 59)), None);
        assert_eq!(end(april(4, 22, 0)), Some(april(5, 2, 0)));
        assert_eq!(end(april(5, 1, 59)), Some(april(5, 2, 0)));
        assert_eq!(end(april(5, 2, 0)), None);
        assert_eq!(end(april(11, 23, 0)), Some(april(12, 2, 0)), "a week later");
        assert_eq!(end(april(7, 12, 0)), Some(april(9, 0, 0)), "two days are one window");
        let always = Window { days: Days::OfWeek([true; 7]), from: 0, to: 24 * 60 };
        let always: Windows = [always].into_iter().collect();
        assert!(always.end(april(1, 12, 0), &TimeZone::UTC).is_some_and(|end| end > april(30, 0, 0)));
    }

    #[test]
    fn a_stretch_of_time_meets_a_window_within_it_or_at_an_end() {
        let meet = |from, to| windows().meet((from, to), &TimeZone::UTC);
        assert!(!meet(april(4, 20, 0), april(4, 22, 0)));
        assert!(meet(april(4, 20, 0), april(4, 22, 1)));
        assert!(meet(april(5, 1, 0), april(5, 3, 0)), "it began the day before");
        assert!(!meet(april(5, 2, 0), april(6, 23, 59)));
        assert!(meet(april(5, 2, 0), april(10, 0, 0)));
        assert!(!Windows::default().meet((april(1, 0, 0), april(30, 0, 0)), &TimeZone::UTC));
    }
}
