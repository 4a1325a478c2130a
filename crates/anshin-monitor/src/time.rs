//! Moments and spans of time.

mod civil;

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// A moment: nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

/// The order of day, month and year in dates such as `26/10/2022`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// `22/10/26`
    YearMonthDay,
    /// `26/10/2022`
    DayMonthYear,
    /// `10/26/2022`
    MonthDayYear,
}

impl DateOrder {
    /// All of them.
    pub const ALL: [DateOrder; 3] =
        [DateOrder::YearMonthDay, DateOrder::DayMonthYear, DateOrder::MonthDayYear];

    /// Its word in files.
    pub fn id(self) -> &'static str {
        match self {
            DateOrder::YearMonthDay => "year-month-day",
            DateOrder::DayMonthYear => "day-month-year",
            DateOrder::MonthDayYear => "month-day-year",
        }
    }

    /// The orders in which a date with a time of day can be read, each with what it is then; none where it can be
    /// read without one, or is none at all.
    pub(crate) fn fitting(text: &str) -> Vec<(DateOrder, DateTime)> {
        if civil::read(text, None).is_some() {
            return Vec::new();
        }
        Self::ALL.into_iter().filter_map(|order| Some((order, civil::read(text, Some(order))?))).collect()
    }
}

/// Seconds by which times of a day without a date may go back, or lie before the moment from which they count,
/// without being those of another day.
const SAME_DAY: f64 = 3_600.0;

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time stamp such as 2026-04-01T08:30:00Z")]
pub struct NoTime(String);

/// What stands before the offset of a time, such as `+0900` or ` UTC`, and the offset.
fn offset(text: &str) -> Option<(&str, Offset)> {
    if let Some(rest) = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")) {
        return Some((rest, Offset::UTC));
    }
    let (rest, digits) = text.split_at(text.rfind(['+', '-']).filter(|at| text[..*at].contains(':'))?);
    let (sign, digits) = (if digits.starts_with('-') { -1 } else { 1 }, digits[1..].replacen(':', "", 1));
    let is_offset = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let digits: i32 = digits.parse().ok().filter(|_| is_offset)?;
    let offset = Offset::from_seconds(sign * (digits / 100 * 3_600 + digits % 100 * 60)).ok()?;
    Some((rest.trim_end(), offset))
}

impl Time {
    /// From nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From seconds since 1970-01-01T00:00:00Z; what lies outside the years 1678 to 2261 is cut to them.
    pub fn from_seconds(seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the cast cuts to the range, as documented")]
        Self((seconds * 1e9) as i64)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Seconds from an earlier moment to this one; negative if it is later.
    pub fn since(self, earlier: Time) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "spans of interest are far below 2^53 ns")]
        let seconds = self.0.saturating_sub(earlier.0) as f64 / 1e9;
        seconds
    }

    /// The moment some seconds later, or earlier if negative.
    #[must_use]
    pub fn plus(self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and so does the sum")]
        Self(self.0.saturating_add((seconds * 1e9) as i64))
    }

    /// Reads an RFC 3339 time stamp; one without an offset counts as UTC.
    ///
    /// # Errors
    /// If the text is no time stamp.
    pub fn parse(text: &str) -> Result<Self, NoTime> {
        Self::local(text, &TimeZone::UTC, None)
    }

    /// Reads a time stamp as loggers and spreadsheets write it: RFC 3339, or a date and a time of day. One
    /// without an offset is the time of a zone. Where clocks are set back, such a time comes twice: it is the
    /// one that lies closer to another moment, or else the first.
    ///
    /// # Errors
    /// If the text is no time stamp.
    pub fn local(text: &str, zone: &TimeZone, near: Option<Time>) -> Result<Self, NoTime> {
        Self::written(text, None, zone, near)
    }

    /// The same, of a date whose day, month and year stand in an order that may be told.
    ///
    /// # Errors
    /// If the text is no time stamp, or its day, month and year stand in an order that nobody has told.
    pub fn written(
        text: &str,
        order: Option<DateOrder>,
        zone: &TimeZone,
        near: Option<Time>,
    ) -> Result<Self, NoTime> {
        let text = text.trim();
        let wrong = || NoTime(text.chars().take(40).collect());
        if let Ok(stamp) = text.parse() {
            return Self::of_stamp(stamp).ok_or_else(wrong);
        }
        let read =
            |text: &str| -> Option<DateTime> { text.parse().ok().or_else(|| civil::read(text, order)) };
        let (text, own) = match offset(text) {
            Some((text, offset)) => (text, Some(offset.to_time_zone())),
            None => (text, None),
        };
        read(text).and_then(|read| Self::there(read, own.as_ref().unwrap_or(zone), near)).ok_or_else(wrong)
    }

    /// Reads a time of day without a date: that of the day of another moment, or of the day after where the
    /// clock has passed midnight since. Without one, it is the first after a moment from which they count.
    pub fn of_day(text: &str, from: Time, zone: &TimeZone, near: Option<Time>) -> Option<Self> {
        let time = civil::of_day(text)?;
        let before = near.unwrap_or(from).stamp().to_zoned(zone.clone()).datetime();
        let same = before.date().to_datetime(time);
        let seconds = same.duration_since(before).as_secs_f64();
        let days = if seconds < -SAME_DAY {
            1
        } else if near.is_some() && seconds > DAY - SAME_DAY {
            -1
        } else {
            0
        };
        Self::there(same.checked_add(days.days()).ok()?, zone, near)
    }

    /// Whether a text is a time of day without a date; how many seconds after midnight it is.
    pub(crate) fn seconds_of_day(text: &str) -> Option<f64> {
        Some(civil::of_day(text)?.duration_since(jiff::civil::Time::midnight()).as_secs_f64())
    }

    /// Whether a text is a date with a time of day in digits alone: `20260401083005`.
    pub(crate) fn is_compact(text: &str) -> bool {
        civil::is_compact(text)
    }

    fn of_stamp(stamp: jiff::Timestamp) -> Option<Self> {
        i64::try_from(stamp.as_nanosecond()).ok().map(Self)
    }

    /// A date and a time of day at a place.
    fn there(read: DateTime, zone: &TimeZone, near: Option<Time>) -> Option<Self> {
        let stamps = zone.to_ambiguous_timestamp(read);
        let first = Self::of_stamp(stamps.compatible().ok()?)?;
        let Some(near) = near.filter(|_| stamps.is_ambiguous()) else { return Some(first) };
        let second = Self::of_stamp(stamps.later().ok()?)?;
        let is_closer = second.since(near).abs() < first.since(near).abs();
        Some(if is_closer { second } else { first })
    }

    /// When clocks of a zone show a date and time of day: the first such time where they are set back, and as if
    /// they had not been set where they are set forward. What lies outside the years 1678 to 2261 is cut to them.
    pub fn on_clocks(shown: DateTime, zone: &TimeZone) -> Self {
        let far = if shown.year() < 1970 { i64::MIN } else { i64::MAX };
        Self::there(shown, zone, None).unwrap_or(Self(far))
    }

    /// When a day begins in a zone.
    pub fn start_of(day: Date, zone: &TimeZone) -> Self {
        Self::on_clocks(day.at(0, 0, 0, 0), zone)
    }

    /// The day that clocks of a zone show.
    pub fn day(self, zone: &TimeZone) -> Date {
        self.stamp().to_zoned(zone.clone()).date()
    }

    /// The last day that has begun anywhere: clocks in the farthest east are 14 hours ahead of UTC.
    pub fn last_day(self) -> Date {
        self.plus(14.0 * 3_600.0).day(&TimeZone::UTC)
    }

    /// A time as it was written, as people of a factory read it; its own words where it is none.
    pub fn told_of(text: &str, zone: &TimeZone) -> String {
        Self::parse(text).map_or_else(|_| text.to_owned(), |time| time.told(zone))
    }

    /// As people of a factory read it: to the second, with the zone.
    pub fn told(self, zone: &TimeZone) -> String {
        self.stamp().to_zoned(zone.clone()).strftime("%F %T %Z").to_string()
    }

    /// As a time stamp of `jiff`.
    pub fn stamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// RFC 3339 in UTC with milliseconds.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.stamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps_come_back() {
        for (text, shown) in [
            ("2026-04-01T08:30:00Z", "2026-04-01T08:30:00.000Z"),
            ("2026-04-01T17:30:00.25+09:00", "2026-04-01T08:30:00.250Z"),
            (" 2017-10-05 09:19:50.992 ", "2017-10-05T09:19:50.992Z"),
            ("2026-04-01 17:30:00 +0900", "2026-04-01T08:30:00.000Z"),
            ("2026/4/1 3:30 -05:00", "2026-04-01T08:30:00.000Z"),
            ("1-Apr-2026 8:30:00 UTC", "2026-04-01T08:30:00.000Z"),
        ] {
            assert_eq!(Time::parse(text).unwrap().to_string(), shown);
        }
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        for (text, shown) in [
            ("2026/04/01 09:00:00", "2026-04-01T00:00:00.000Z"),
            ("2026/4/1 9:05", "2026-04-01T00:05:00.000Z"),
            ("2026/04/01 09:00:00.25", "2026-04-01T00:00:00.250Z"),
            ("2026-04-01T09:00:00", "2026-04-01T00:00:00.000Z"),
            ("2026-04-01T09:00:00Z", "2026-04-01T09:00:00.000Z"),
        ] {
            assert_eq!(Time::local(text, &tokyo, None).unwrap().to_string(), shown);
        }
        assert!(Time::parse("yesterday").is_err());
        assert!(Time::parse("9999-12-31T00:00:00Z").is_err());
    }

    #[test]
    fn a_time_that_comes_twice_is_the_one_that_is_closer() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str, near: Option<&str>| {
            let near = near.map(|near| Time::parse(near).unwrap());
            Time::local(text, &berlin, near).unwrap().to_string()
        };
        let twice = "2026-10-25 02:30:00";
        let (summer, winter) = ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z");
        assert_eq!(at(twice, None), summer);
        assert_eq!(at(twice, Some("2026-10-25T00:29:59Z")), summer);
        assert_eq!(at(twice, Some("2026-10-25T01:29:59Z")), winter);
        // One that a clock never shows is read as if it had not been set, whatever is near.
        for near in [None, Some("2026-03-29T00:59:59Z"), Some("2026-03-29T05:00:00Z")] {
            assert_eq!(at("2026-03-29 02:30:00", near), "2026-03-29T01:30:00.000Z");
        }
    }

    #[test]
    fn times_of_a_day_go_on_over_midnight() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let from = Time::local("2026-04-01", &tokyo, None).unwrap();
        let read = |texts: &[&str], from: Time| -> Vec<String> {
            let mut near = None;
            let told = texts.iter().map(|text| {
                near = Some(Time::of_day(text, from, &tokyo, near).unwrap());
                near.unwrap().stamp().to_zoned(tokyo.clone()).strftime("%d %T").to_string()
            });
            told.collect()
        };
        assert_eq!(
            read(&["23:59:58", "23:59:59", "00:00:00", "00:00:01", "8:30", "7:00 AM"], from),
            ["01 23:59:58", "01 23:59:59", "02 00:00:00", "02 00:00:01", "02 08:30:00", "03 07:00:00"]
        );
        // A late row just behind midnight, and a clock that was set back a little.
        assert_eq!(
            read(&["23:59:59", "0:00:01", "23:59:59", "0:00:02"], from),
            ["01 23:59:59", "02 00:00:01", "01 23:59:59", "02 00:00:02"]
        );
        assert_eq!(read(&["8:30", "8:10", "8:40"], from), ["01 08:30:00", "01 08:10:00", "01 08:40:00"]);
        // The first one after a moment that was told, such as the end of the recording before.
        assert_eq!(read(&["08:00"], from.plus(17.0 * 3_600.0)), ["02 08:00:00"]);
        assert_eq!(read(&["08:00:00"], from.plus(8.0 * 3_600.0 + 0.5)), ["01 08:00:00"]);
    }

    #[test]
    fn a_day_begins_when_clocks_of_its_zone_show_midnight() {
        let begins = |day: &str, zone: &str| {
            let zone = TimeZone::get(zone).unwrap();
            let time = Time::start_of(day.parse().unwrap(), &zone);
            assert_eq!(time.day(&zone).to_string(), day);
            time.to_string()
        };
        assert_eq!(begins("2026-04-01", "Asia/Tokyo"), "2026-03-31T15:00:00.000Z");
        // Clocks of Beirut go from midnight to one o'clock on that day, those of Havana from one to midnight.
        assert_eq!(begins("2026-03-29", "Asia/Beirut"), "2026-03-28T22:00:00.000Z");
        assert_eq!(begins("2026-11-01", "America/Havana"), "2026-11-01T04:00:00.000Z");
        let far = |day: &str| Time::start_of(day.parse().unwrap(), &TimeZone::UTC).nanos();
        assert_eq!((far("0100-01-01"), far("9999-12-31")), (i64::MIN, i64::MAX));
    }

    #[test]
    fn a_day_begins_in_the_farthest_east() {
        let last = |text: &str| Time::parse(text).unwrap().last_day().to_string();
        assert_eq!(last("2026-04-01T09:59:59Z"), "2026-04-01");
        assert_eq!(last("2026-04-01T10:00:00Z"), "2026-04-02");
    }

    #[test]
    fn spans_are_seconds() {
        let start = Time::from_seconds(100.0);
        assert!((start.plus(2.5).since(start) - 2.5).abs() < 1e-9);
        assert!(start.since(start.plus(1.0)) < 0.0);
        assert_eq!(Time::from_nanos(i64::MAX).plus(1e9), Time::from_nanos(i64::MAX));
    }
}
