//! Dates and times without a zone, as loggers and spreadsheets write them.

use std::collections::VecDeque;

use jiff::civil::{Date, DateTime, Time};

use super::DateOrder;
use crate::number::narrow;

/// Names of months, of which three letters are enough.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The century of years that are written with two digits.
const CENTURY: u32 = 2_000;

/// Reads a date and a time of day: `2026/4/1 8:30`, `2026-04-01 08:30:05.25`, `2026年4月1日(水) 午前8時30分`,
/// `2026/04/01 24:00`. A date that does not begin with a year of four digits is read in an order that is told;
/// without one only `1.4.2026 8:30`, whose year has four digits, `1-Apr-2026 8:30` and `26年4月1日`. Wide digits are as good as
/// narrow ones. Digits alone are one if they are as many as a date and a time of day have: `20260401083005`, and
/// `20260401083005125` with milliseconds.
pub(super) fn read(text: &str, order: Option<DateOrder>) -> Option<DateTime> {
    let mut text = Text::of(text);
    if text.is_compact() {
        return text.compact();
    }
    let by_words = text.0.contains(&'年');
    let (year, month, day) = match text.named_date() {
        Some(date) => date,
        None => text.date(by_words, order)?,
    };
    let date =
        Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    text.day_of_week()?;
    if !text.takes('T') && !text.spaces() && !by_words {
        return None;
    }
    let (time, is_midnight_after) = text.time_of_day()?;
    text.spaces();
    let date = if is_midnight_after { date.tomorrow().ok()? } else { date };
    text.0.is_empty().then(|| date.to_datetime(time))
}

/// Reads a time of day without a date: `8:30:05`, `10:05:03 PM`, `午後10時5分`; 24:00 is 0:00.
pub(super) fn of_day(text: &str) -> Option<Time> {
    let mut text = Text::of(text);
    let (time, _) = text.time_of_day()?;
    text.spaces();
    text.0.is_empty().then_some(time)
}

/// Whether a text is a date and a time of day in digits alone.
pub(super) fn is_compact(text: &str) -> bool {
    let mut text = Text::of(text);
    text.is_compact() && text.compact().is_some()
}

/// What is still to be read.
struct Text(VecDeque<char>);

impl Text {
    /// A number with so many digits.
    fn number(&mut self, fewest: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take_while(|c| c.is_ascii_digit()).count();
        if !(fewest..=most).contains(&digits) {
            return None;
        }
        self.0.drain(..digits).collect::<String>().parse().ok()
    }

    fn is_compact(&self) -> bool {
        let digits = self.digits();
        digits == self.0.len() && matches!(digits, 14 | 17)
    }

    /// A date and a time of day in digits alone, of a year in which there are loggers.
    fn compact(&mut self) -> Option<DateTime> {
        let mut part = |digits: usize| self.0.drain(..digits).collect::<String>().parse::<u32>().ok();
        let year = part(4).filter(|year| (1_970..=2_199).contains(year))?;
        let [month, day, hour, minute, second] = [part(2)?, part(2)?, part(2)?, part(2)?, part(2)?];
        let milliseconds = if self.0.is_empty() { 0 } else { self.number(3, 3)? };
        let [month, day, hour, minute, second] =
            [month, day, hour, minute, second].map(|part| i8::try_from(part).unwrap_or(i8::MAX));
        let date = Date::new(i16::try_from(year).ok()?, month, day).ok()?;
        let nanos = i32::try_from(1_000_000 * milliseconds).ok()?;
        Some(date.to_datetime(Time::new(hour, minute, second, nanos).ok()?))
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.0.front() == Some(&wanted);
        if is_there {
            self.0.pop_front();
        }
        is_there
    }

    fn one_of(&mut self, wanted: &[char]) -> Option<()> {
        wanted.iter().any(|c| self.takes(*c)).then_some(())
    }

    fn of(text: &str) -> Self {
        Self(text.trim().chars().map(narrow).collect())
    }

    /// Digits that stand next.
    fn digits(&self) -> usize {
        self.0.iter().take_while(|c| c.is_ascii_digit()).count()
    }

    /// A year of four digits, or of two.
    fn year(&mut self) -> Option<u32> {
        let is_short = self.digits() == 2;
        let year = if is_short { self.number(2, 2)? } else { self.number(4, 4)? };
        Some(if is_short { CENTURY + year } else { year })
    }

    /// Year, month and day where the month has a name: `1-Apr-2026`, `Wed, 01 April 2026`; nothing is read where it
    /// has none.
    fn named_date(&mut self) -> Option<(u32, u32, u32)> {
        if self.0.iter().filter(|c| c.is_ascii_alphabetic()).count() < 3 {
            return None;
        }
        let between = |c: char| matches!(c, ' ' | '-' | '/' | '.' | ',');
        let all: String = self.0.iter().collect();
        let is_of_week = |word: &str| word.len() >= 3 && word.chars().all(|c| c.is_ascii_alphabetic());
        let (first, rest) = all.split_once(between)?;
        let rest = if is_of_week(first) { rest.trim_start_matches(between) } else { all.as_str() };
        let mut parts = rest.splitn(3, between);
        let (day, month, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let month = month.to_ascii_lowercase();
        let month = MONTHS.iter().zip(1..).find(|(name, _)| month.len() >= 3 && name.starts_with(&month))?.1;
        let is_day = matches!(day.len(), 1 | 2);
        let day = day.parse().ok().filter(|_| is_day)?;
        let mut rest = Self(rest.chars().collect());
        let year = rest.year()?;
        *self = rest;
        Some((year, month, day))
    }

    /// Year, month and day: `2026/4/1`, `2026年4月1日`, `1.4.2026`, and `4/1/26` in the order that is told.
    fn date(&mut self, by_words: bool, order: Option<DateOrder>) -> Option<(u32, u32, u32)> {
        if by_words {
            let year = self.year()?;
            self.one_of(&['年'])?;
            let month = self.number(1, 2)?;
            self.one_of(&['月'])?;
            let day = self.number(1, 2)?;
            self.one_of(&['日'])?;
            return Some((year, month, day));
        }
        let parts: &[char] = &['/', '-', '.'];
        let has_points = self.0.get(self.digits()) == Some(&'.');
        let ends_with_year = || {
            let is_of_date = |c: &char| c.is_ascii_digit() || parts.contains(c);
            let date: String = self.0.iter().copied().take_while(is_of_date).collect();
            date.rsplit(parts).next().is_some_and(|last| last.len() == 4)
        };
        let order = match order {
            _ if self.digits() == 4 => DateOrder::YearMonthDay,
            Some(order) => order,
            None if has_points && ends_with_year() => DateOrder::DayMonthYear,
            None => return None,
        };
        if order == DateOrder::YearMonthDay {
            let year = self.year()?;
            self.one_of(parts)?;
            let month = self.number(1, 2)?;
            self.one_of(parts)?;
            return Some((year, month, self.number(1, 2)?));
        }
        let first = self.number(1, 2)?;
        self.one_of(parts)?;
        let second = self.number(1, 2)?;
        self.one_of(parts)?;
        let year = self.year()?;
        Some(if order == DateOrder::DayMonthYear { (year, second, first) } else { (year, first, second) })
    }

    /// The hours that go with a word for one half of the day, if one is there, in whatever letters.
    fn half(&mut self, words: [&str; 2]) -> Option<u32> {
        for (word, hours) in words.into_iter().zip([0, 12]) {
            let length = word.chars().count();
            if word.chars().eq(self.0.iter().take(length).map(char::to_ascii_uppercase)) {
                self.0.drain(..length);
                return Some(hours);
            }
        }
        None
    }

    fn spaces(&mut self) -> bool {
        let before = self.0.len();
        while self.takes(' ') {}
        self.0.len() < before
    }

    /// A day of the week in brackets, if it is there.
    fn day_of_week(&mut self) -> Option<()> {
        if self.takes('(') {
            let end = self.0.iter().take(4).position(|c| *c == ')')?;
            self.0.drain(..=end);
        }
        Some(())
    }

    /// A time of day; 24:00 is 0:00 of the day after, which is said.
    fn time_of_day(&mut self) -> Option<(Time, bool)> {
        self.spaces();
        let before = self.half(["午前", "午後"]).or_else(|| self.half(["AM", "PM"]));
        self.spaces();
        let mut hour = self.number(1, 2)?;
        let by_words = self.takes('時');
        if !by_words {
            self.one_of(&[':'])?;
        }
        let (mut minute, mut second, mut nanos) = (0, 0, 0);
        let is_digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
        if !by_words || is_digit(self.0.front()) {
            minute = self.number(1, 2)?;
            if by_words {
                self.one_of(&['分'])?;
            }
        }
        if if by_words { is_digit(self.0.front()) } else { self.takes(':') } {
            second = self.number(1, 2)?;
            if self.takes('.') || self.takes(',') {
                nanos = self.fraction()?;
            }
            if by_words {
                self.one_of(&['秒'])?;
            }
        }
        self.spaces();
        if let Some(hours) = before.or_else(|| self.half(["AM", "PM"])) {
            if hour > 12 {
                return None;
            }
            hour = hour % 12 + hours;
        }
        let is_midnight_after = (hour, minute, second, nanos) == (24, 0, 0, 0);
        let hour = if is_midnight_after { 0 } else { i8::try_from(hour).ok()? };
        let (minute, second) = (i8::try_from(minute).ok()?, i8::try_from(second).ok()?);
        Time::new(hour, minute, second, nanos).ok().map(|time| (time, is_midnight_after))
    }

    /// Digits behind a point, as nanoseconds; what is finer is dropped.
    fn fraction(&mut self) -> Option<i32> {
        let count = self.0.iter().take_while(|c| c.is_ascii_digit()).count();
        let mut digits: String = self.0.drain(..count).take(9).collect();
        if digits.is_empty() {
            return None;
        }
        digits.extend(std::iter::repeat_n('0', 9 - digits.len()));
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_as_they_are_written() {
        for (text, shown) in [
            ("2026/4/1 8:30", "2026-04-01T08:30:00"),
            ("2026/04/01 08:30:05.25", "2026-04-01T08:30:05.25"),
            ("2026-4-1 8:30:05,125", "2026-04-01T08:30:05.125"),
            ("2026.04.01 08:30", "2026-04-01T08:30:00"),
            ("2026年4月1日 8時30分", "2026-04-01T08:30:00"),
            ("2026年4月1日8時30分5秒", "2026-04-01T08:30:05"),
            ("2026年4月1日 8時", "2026-04-01T08:00:00"),
            ("2026年4月1日 8:30", "2026-04-01T08:30:00"),
            ("2026年04月01日（水）午後1時05分", "2026-04-01T13:05:00"),
            ("２０２６／４／１　８：３０", "2026-04-01T08:30:00"),
            ("2026/4/1(水) 8:30", "2026-04-01T08:30:00"),
            ("2026/4/1 12:05 AM", "2026-04-01T00:05:00"),
            ("2026/4/1 1:05:30 PM", "2026-04-01T13:05:30"),
            ("2026/4/1 PM 1:05:30", "2026-04-01T13:05:30"),
            ("2026/4/1 1:05:30pm", "2026-04-01T13:05:30"),
            ("26年4月1日 8時30分", "2026-04-01T08:30:00"),
            ("2026/12/31 24:00", "2027-01-01T00:00:00"),
            ("20260401083005", "2026-04-01T08:30:05"),
            ("20260401083005125", "2026-04-01T08:30:05.125"),
            // Points part dates only where the day stands before the month.
            ("1.4.2026 8:30", "2026-04-01T08:30:00"),
            ("26.10.2022 08:17:21", "2022-10-26T08:17:21"),
            ("01-Apr-2026 08:30:05", "2026-04-01T08:30:05"),
            ("1 april 2026 8:30 PM", "2026-04-01T20:30:00"),
            ("Wed, 01 Apr 2026 08:30:05.5", "2026-04-01T08:30:05.5"),
        ] {
            assert_eq!(read(text, None).map(|read| read.to_string()).as_deref(), Some(shown), "{text}");
        }
        for (text, order, shown) in [
            ("26/10/2022 8:30", DateOrder::DayMonthYear, "2022-10-26T08:30:00"),
            ("10/26/2022 10:05:03 PM", DateOrder::MonthDayYear, "2022-10-26T22:05:03"),
            ("5-10-22 8:30", DateOrder::DayMonthYear, "2022-10-05T08:30:00"),
            ("22/10/26 8:30", DateOrder::YearMonthDay, "2022-10-26T08:30:00"),
            ("26.10.22 8:30", DateOrder::DayMonthYear, "2022-10-26T08:30:00"),
            ("4.26.2022 8:30", DateOrder::MonthDayYear, "2022-04-26T08:30:00"),
            // A year of four digits that stands first is one, whatever was told.
            ("2022/10/26 8:30", DateOrder::MonthDayYear, "2022-10-26T08:30:00"),
        ] {
            assert_eq!(
                read(text, Some(order)).map(|read| read.to_string()).as_deref(),
                Some(shown),
                "{text}"
            );
        }
        for (text, order) in [
            ("26/10/2022 8:30", DateOrder::MonthDayYear),
            ("10/26/2022 8:30", DateOrder::DayMonthYear),
            ("26/10/2022 8:30", DateOrder::YearMonthDay),
            ("2/10/26 8:30", DateOrder::YearMonthDay),
            ("26/10/202 8:30", DateOrder::DayMonthYear),
        ] {
            assert_eq!(read(text, Some(order)), None, "{text}");
        }
        for (text, shown) in [
            ("08:30:05", "08:30:05"),
            ("8:30", "08:30:00"),
            ("10:05:03 PM", "22:05:03"),
            ("午後10時5分", "22:05:00"),
            ("12:00:00 AM", "00:00:00"),
            ("24:00:00", "00:00:00"),
            ("23:59:59.5", "23:59:59.5"),
        ] {
            assert_eq!(of_day(text).map(|read| read.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["25:10:00", "8", "8.5", "2026/4/1 8:30", ""] {
            assert_eq!(of_day(text), None, "{text}");
        }
        // Day first and month first cannot be told apart, and half a time is none.
        for text in [
            "4.26.2026 8:30",
            "1.4.26 8:30",
            "4/1/2026 8:30",
            "26/10/2026 8:30",
            "26/4/1 8:30",
            "2026/4/1",
            "2026/4/1 8",
            "2026/4/18:30",
            "20261301083005",
            "20260401253005",
            "99990401083005",
            "1775000000000",
            "202604010830",
            "2026/13/1 8:30",
            "2026/4/1 8:61",
            "2026/4/1 25:00",
            "2026/4/1 13:00 PM",
            "2026年4月1 8:30",
            "2026/4/1(水 8:30",
            "",
            "年",
        ] {
            assert_eq!(read(text, None), None, "{text}");
        }
    }
}
