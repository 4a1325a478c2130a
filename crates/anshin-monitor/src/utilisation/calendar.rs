//! When machines are planned to work: shifts with their breaks, the days on which they begin, and the days that are
//! exceptions.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::Text;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::time::Time;

/// When machines are planned to work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The shifts. Where there are none, machines are planned to work around the clock.
    pub shifts: Vec<Shift>,
    /// Days on which nobody is planned to begin, such as holidays.
    pub closed: BTreeSet<Date>,
    /// Days on which shifts begin, whatever their days of the week, such as a Saturday that is worked.
    pub open: BTreeMap<Date, Opened>,
}

/// Which shifts begin on a day that is worked beside the usual ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// All.
    All,
    /// Those with these ids; the others as on any day of the week.
    Only(BTreeSet<String>),
}

impl Opened {
    /// Whether a shift begins.
    pub fn has(&self, shift: &Shift) -> bool {
        match self {
            Opened::All => true,
            Opened::Only(ids) => ids.contains(&shift.id),
        }
    }
}

/// A part of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// When it begins, in minutes after midnight.
    pub from: u16,
    /// When it ends, in minutes after midnight; not after `from` if it goes over midnight.
    pub to: u16,
    /// Days of the week on which it begins, from Monday on.
    pub days: [bool; 7],
    /// When nobody is planned to work within it: from when to when, in minutes after midnight as for the shift.
    pub breaks: Vec<(u16, u16)>,
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;

impl Shift {
    /// Whether it begins on a day of the week.
    pub fn is_on(&self, day: Weekday) -> bool {
        usize::try_from(day.to_monday_zero_offset()).is_ok_and(|n| self.days[n])
    }

    /// Whether it goes over midnight.
    pub fn is_overnight(&self) -> bool {
        self.to <= self.from
    }

    /// From when to when it goes, in minutes after the midnight before it begins.
    fn span(&self) -> (u16, u16) {
        (self.from, if self.is_overnight() { self.to + DAY } else { self.to })
    }

    /// Its breaks, in minutes after the midnight before it begins.
    fn breaks_after_midnight(&self) -> impl Iterator<Item = (u16, u16)> {
        self.breaks.iter().map(|(from, to)| {
            let from = if *from < self.from { from + DAY } else { *from };
            let to = (0..3).map(|days| to + days * DAY).find(|to| *to > from);
            (from, to.unwrap_or(from))
        })
    }

    /// The first of its breaks that does not lie within it, or goes on while one before it does.
    pub(crate) fn wrong_break(&self) -> Option<usize> {
        let (begin, end) = self.span();
        let breaks: Vec<(u16, u16)> = self.breaks_after_midnight().collect();
        let is_wrong = |n: &usize| {
            let (from, to) = breaks[*n];
            from < begin || to > end || breaks[..*n].iter().any(|other| other.0.max(from) < other.1.min(to))
        };
        (0..breaks.len()).find(is_wrong)
    }

    /// Whether its breaks leave something of it.
    pub(crate) fn has_work(&self) -> bool {
        let (begin, end) = self.span();
        self.breaks_after_midnight().map(|(from, to)| to - from).sum::<u16>() < end - begin
    }
}

/// A shift as it goes on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The place of the shift in the calendar.
    pub shift: usize,
    /// The day on which it begins.
    pub day: Date,
    /// When it begins.
    pub from: Time,
    /// When it ends.
    pub to: Time,
    /// Its breaks, from when to when.
    breaks: Vec<(Time, Time)>,
}

impl Turn {
    /// What of it is planned: all but its breaks, in order.
    pub fn planned(&self) -> Vec<(Time, Time)> {
        let mut breaks = self.breaks.clone();
        breaks.sort();
        let mut parts = Vec::new();
        let mut from = self.from;
        for (begin, end) in breaks.into_iter().chain([(self.to, self.to)]) {
            if begin > from {
                parts.push((from, begin));
            }
            from = from.max(end);
        }
        parts
    }

    fn has(&self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    fn is_in_break(&self, at: Time) -> bool {
        self.breaks.iter().any(|(from, to)| *from <= at && at < *to)
    }

    fn bounds(&self) -> impl Iterator<Item = Time> {
        let all = std::iter::once((self.from, self.to)).chain(self.breaks.iter().copied());
        all.flat_map(|(from, to)| [from, to])
    }
}

impl Calendar {
    /// The same with those of its shifts that a machine works.
    #[must_use]
    pub fn with(&self, is_worked: impl Fn(&Shift) -> bool) -> Self {
        let shifts = self.shifts.iter().filter(|shift| is_worked(shift)).cloned().collect();
        Self { shifts, ..self.clone() }
    }

    /// Whether a shift begins on a day.
    pub fn begins(&self, shift: &Shift, day: Date) -> bool {
        !self.closed.contains(&day) && (self.opens(shift, day) || shift.is_on(day.weekday()))
    }

    fn opens(&self, shift: &Shift, day: Date) -> bool {
        self.open.get(&day).is_some_and(|opened| opened.has(shift))
    }

    /// The shifts that begin on a day, with their times on clocks of a zone.
    pub fn turns(&self, day: Date, zone: &TimeZone) -> impl Iterator<Item = Turn> {
        (0..self.shifts.len()).filter_map(move |n| self.turn(n, day, zone))
    }

    fn turn(&self, n: usize, day: Date, zone: &TimeZone) -> Option<Turn> {
        let shift = self.shifts.get(n).filter(|shift| self.begins(shift, day))?;
        let at = |minute: u16| {
            let shown = day.at(0, 0, 0, 0).saturating_add(i64::from(minute).minutes());
            Time::on_clocks(shown, zone)
        };
        let ((from, to), breaks) = (shift.span(), shift.breaks_after_midnight());
        let breaks = breaks.map(|(from, to)| (at(from), at(to))).collect();
        Some(Turn { shift: n, day, from: at(from), to: at(to), breaks })
    }

    /// When the time that counts for a day begins: at midnight, or when the last shift of the day before is over.
    pub fn day_begins(&self, day: Date, zone: &TimeZone) -> Time {
        let before = day.yesterday().into_iter().flat_map(|before| self.turns(before, zone));
        before.map(|turn| turn.to).fold(Time::start_of(day, zone), Time::max)
    }

    /// The cell of a moment, and when it ends. A shift over midnight belongs with its breaks to the day on which it
    /// began; of shifts that overlap, the first in the order of the calendar counts.
    pub(super) fn cell_at(&self, at: Time, zone: &TimeZone) -> (Cell, Time) {
        let day = at.day(zone);
        let days = || std::iter::once(day).chain(day.yesterday());
        let turns =
            (0..self.shifts.len()).flat_map(|n| days().filter_map(move |day| self.turn(n, day, zone)));
        let turns: Vec<Turn> = turns.collect();
        let mut on = turns.iter().filter(|turn| turn.has(at)).peekable();
        let in_break = on.peek().map_or(day, |turn| turn.day);
        let cell = match on.find(|turn| !turn.is_in_break(at)) {
            Some(turn) => (turn.day, Some(turn.shift)),
            None => (in_break, None),
        };
        let midnight = day.tomorrow().ok().map(|day| Time::start_of(day, zone));
        let borders = turns.iter().flat_map(Turn::bounds).chain(midnight);
        let end = borders.filter(|border| *border > at).min();
        (cell, end.unwrap_or(Time::from_nanos(i64::MAX)))
    }

    /// Since when machines have been planned to work without a break up to a moment, back to an earlier one at most; if
    /// they are not, up to when that is known.
    pub(crate) fn planned_since(&self, at: Time, earlier: Time, zone: &TimeZone) -> Result<Time, Time> {
        let (cell, end) = self.cell_at(at, zone);
        if !self.is_planned(cell) {
            return Err(end);
        }
        let mut from = at;
        loop {
            let day = from.day(zone);
            let days = || std::iter::once(day).chain(day.yesterday());
            let parts = days().flat_map(|day| self.planned(day, zone));
            let first =
                parts.filter(|(begin, end)| *begin < from && from <= *end).map(|(begin, _)| begin).min();
            match first {
                Some(first) if first > earlier => from = first,
                Some(_) => return Ok(earlier),
                None => return Ok(from.max(earlier)),
            }
        }
    }

    /// What is planned of the shifts that begin on a day, or of the day itself where there are none.
    fn planned(&self, day: Date, zone: &TimeZone) -> Vec<(Time, Time)> {
        if !self.shifts.is_empty() {
            return self.turns(day, zone).flat_map(|turn| turn.planned()).collect();
        }
        let whole = day.tomorrow().map(|next| (Time::start_of(day, zone), Time::start_of(next, zone)));
        whole.into_iter().filter(|_| self.is_planned((day, None))).collect()
    }

    /// Whether machines are planned to work in a cell.
    pub(super) fn is_planned(&self, (day, shift): Cell) -> bool {
        shift.is_some() || self.shifts.is_empty() && !self.closed.contains(&day)
    }

    /// Whether a day is counted by another one as it is by this. Its early hours may belong to a shift of the day
    /// before.
    pub(super) fn counts_alike(&self, other: &Self, day: Date) -> bool {
        let at_work = |calendar: &Self, n: usize| {
            let shift = calendar.shifts.get(n)?;
            let begins = |day: Date| calendar.begins(shift, day);
            let on = [begins(day), day.yesterday().is_ok_and(begins)];
            on.contains(&true).then(|| (shift.from, shift.to, shift.breaks.clone(), on))
        };
        let most = self.shifts.len().max(other.shifts.len());
        self.is_planned((day, None)) == other.is_planned((day, None))
            && (0..most).all(|n| at_work(self, n) == at_work(other, n))
    }

    /// Two shifts that are at work at once, in any week or only around a day of `open`; what falls into both counts
    /// for the first.
    pub fn overlap(&self) -> Option<(&Shift, &Shift, Option<Date>)> {
        // A week that begins on a Monday and has no exceptions.
        let week = Self { shifts: self.shifts.clone(), ..Self::default() };
        let days = (1..8).map(|day| Date::constant(2001, 1, day));
        if let Some((one, other)) = days.into_iter().find_map(|day| week.meet_from(day)) {
            return Some((&self.shifts[one], &self.shifts[other], None));
        }
        self.open.keys().find_map(|open| {
            let mut days = std::iter::once(*open).chain(open.yesterday());
            let (one, other) = days.find_map(|day| self.meet_from(day))?;
            Some((&self.shifts[one], &self.shifts[other], Some(*open)))
        })
    }

    /// Two shifts that are at work at once, one of which begins on a day, the other on it or on the next.
    fn meet_from(&self, day: Date) -> Option<(usize, usize)> {
        let begin = |day: Date| {
            (0..self.shifts.len()).filter(move |n| self.begins(&self.shifts[*n], day)).collect::<Vec<_>>()
        };
        let today = begin(day);
        let next = day.tomorrow().map(begin).unwrap_or_default();
        let others = || today.iter().map(|n| (*n, 0)).chain(next.iter().map(|n| (*n, DAY)));
        today.iter().find_map(|one| {
            let (from, to) = self.shifts[*one].span();
            let meets = |(other, later): &(usize, u16)| {
                let (begin, end) = self.shifts[*other].span();
                other != one && from.max(begin + later) < to.min(end + later)
            };
            others().find(meets).map(|(other, _)| (*one.min(&other), *one.max(&other)))
        })
    }
}

/// The day that a time belongs to, and the shift, if any: its place among [`Utilisation::shifts`](super::Utilisation::shifts).
pub type Cell = (Date, Option<usize>);

#[cfg(test)]
mod tests {
    use super::super::tests::shift;
    use super::*;

    const WEEKDAYS: [bool; 7] = [true, true, true, true, true, false, false];

    fn april(day: i8) -> Date {
        Date::constant(2026, 4, day)
    }

    /// The shift of an hour and minute of a day of April 2026, with the day on which it began.
    fn told(calendar: &Calendar, day: i8, hour: i8, minute: i8) -> Option<String> {
        let at = Time::on_clocks(april(day).at(hour, minute, 0, 0), &TimeZone::UTC);
        let ((day, shift), end) = calendar.cell_at(at, &TimeZone::UTC);
        assert!(end > at);
        Some(format!("{} {}", day.day(), calendar.shifts[shift?].id))
    }

    #[test]
    fn shifts_begin_on_their_days_and_on_no_closed_one() {
        // 2026-04-01 is a Wednesday.
        let early = Shift { days: WEEKDAYS, ..shift("early", 360, 840) };
        let night = Shift { days: WEEKDAYS, ..shift("night", 22 * 60, 6 * 60) };
        let closed = BTreeSet::from([april(2)]);
        let calendar = Calendar { shifts: vec![early, night], closed, ..Calendar::default() };
        for (day, hour, expected) in [
            (1, 5, Some("31 night")),
            (1, 6, Some("1 early")),
            (1, 14, None),
            (1, 22, Some("1 night")),
            // A holiday: what began the evening before goes on to its end, and nothing begins.
            (2, 5, Some("1 night")),
            (2, 8, None),
            (2, 23, None),
            (3, 3, None),
            (3, 8, Some("3 early")),
            // The night of Friday is over on Saturday.
            (4, 5, Some("3 night")),
            (4, 8, None),
            (5, 2, None),
            (6, 2, None),
            (6, 8, Some("6 early")),
        ] {
            assert_eq!(told(&calendar, day, hour, 0).as_deref(), expected, "{day} {hour}:00");
        }
        assert!(!calendar.is_planned((april(4), None)));
        let always = Calendar { shifts: Vec::new(), ..calendar.clone() };
        assert!(always.is_planned((april(4), None)), "without shifts around the clock");
        assert!(!always.is_planned((april(2), None)), "but not on a closed day");
        // A shift that ends when it begins goes around the clock.
        let whole = Calendar { shifts: vec![shift("all", 480, 480)], ..Calendar::default() };
        assert_eq!(told(&whole, 2, 7, 59).as_deref(), Some("1 all"));
        assert_eq!(told(&whole, 2, 8, 0).as_deref(), Some("2 all"));
    }

    #[test]
    fn time_is_planned_without_a_break_since_the_first_minute_of_it() {
        let early = Shift { days: WEEKDAYS, breaks: vec![(600, 615)], ..shift("early", 360, 840) };
        let late = Shift { days: WEEKDAYS, ..shift("late", 840, 22 * 60) };
        let night = Shift { days: WEEKDAYS, breaks: vec![(1_430, 10)], ..shift("night", 22 * 60, 6 * 60) };
        let closed = BTreeSet::from([april(2)]);
        let shifts = vec![early, late, night];
        let zone = TimeZone::UTC;
        for shifts in [shifts.clone(), shifts[..2].to_vec(), shifts[2..].to_vec(), Vec::new()] {
            let calendar = Calendar { shifts, closed: closed.clone(), ..Calendar::default() };
            let begin = Time::start_of(april(1), &zone);
            let mut first = None;
            for minute in 0..7 * 1_440 {
                let at = begin.plus(60.0 * f64::from(minute));
                let (cell, end) = calendar.cell_at(at, &zone);
                first = first.or(Some(at)).filter(|_| calendar.is_planned(cell));
                assert_eq!(calendar.planned_since(at, begin, &zone), first.ok_or(end), "{minute}");
            }
        }
    }

    #[test]
    fn on_a_saturday_that_is_worked_all_shifts_begin() {
        let early = Shift { days: WEEKDAYS, ..shift("early", 360, 840) };
        let night = Shift { days: WEEKDAYS, ..shift("night", 22 * 60, 6 * 60) };
        let open = BTreeMap::from([(april(4), Opened::All)]);
        let calendar = Calendar { shifts: vec![early, night], open, ..Calendar::default() };
        for (day, hour, expected) in [
            (4, 5, Some("3 night")),
            (4, 8, Some("4 early")),
            (4, 15, None),
            (4, 23, Some("4 night")),
            // Its night goes on into Sunday, on which nothing begins.
            (5, 5, Some("4 night")),
            (5, 8, None),
            (11, 8, None),
        ] {
            assert_eq!(told(&calendar, day, hour, 0).as_deref(), expected, "{day} {hour}:00");
        }
    }

    #[test]
    fn breaks_are_no_planned_time_and_belong_to_the_day_of_their_shift() {
        let day = Shift { breaks: vec![(12 * 60, 13 * 60)], ..shift("day", 480, 1_020) };
        let night = Shift { breaks: vec![(1_430, 10), (150, 180)], ..shift("night", 22 * 60, 6 * 60) };
        let calendar = Calendar { shifts: vec![day, night], ..Calendar::default() };
        for (day, hour, minute, expected) in [
            (1, 11, 59, Some("1 day")),
            (1, 12, 0, None),
            (1, 12, 59, None),
            (1, 13, 0, Some("1 day")),
            (1, 23, 49, Some("1 night")),
            (1, 23, 50, None),
            (2, 0, 9, None),
            (2, 0, 10, Some("1 night")),
            (2, 2, 30, None),
            (2, 3, 0, Some("1 night")),
        ] {
            assert_eq!(told(&calendar, day, hour, minute).as_deref(), expected, "{day} {hour}:{minute}");
        }
        let at = |day, hour| Time::on_clocks(april(day).at(hour, 30, 0, 0), &TimeZone::UTC);
        let (cell, end) = calendar.cell_at(at(2, 2), &TimeZone::UTC);
        assert_eq!((cell, end), ((april(1), None), at(2, 2).plus(1_800.0)), "a break of the night before");
        let planned: Vec<f64> = calendar
            .turns(april(1), &TimeZone::UTC)
            .flat_map(|turn| turn.planned())
            .map(|(from, to)| to.since(from) / 60.0)
            .collect();
        assert_eq!(planned, [240.0, 240.0, 110.0, 140.0, 180.0]);
    }

    #[test]
    fn breaks_lie_within_their_shift_one_after_the_other_and_leave_something_of_it() {
        let of = |from, to, breaks: &[(u16, u16)]| {
            let shift = Shift { breaks: breaks.to_vec(), ..shift("one", from, to) };
            (shift.wrong_break(), shift.has_work())
        };
        assert_eq!(of(480, 1_020, &[(720, 780), (600, 615), (780, 785)]), (None, true));
        assert_eq!(of(480, 1_020, &[(720, 780), (770, 790)]), (Some(1), true));
        for outside in [(420, 490), (1_010, 1_030), (720, 720), (720, 600), (60, 120)] {
            assert_eq!(of(480, 1_020, &[outside]).0, Some(0), "{outside:?}");
        }
        assert_eq!(of(1_320, 360, &[(1_410, 30), (120, 150)]), (None, true));
        assert_eq!(of(1_320, 360, &[(1_300, 1_330)]).0, Some(0));
        assert_eq!(of(1_320, 360, &[(350, 370)]).0, Some(0));
        assert_eq!(of(960, 1_440, &[(1_380, 0)]), (None, true), "midnight is the end of the day as well");
        assert_eq!(of(480, 1_020, &[(480, 1_020)]), (None, false));
    }

    #[test]
    fn a_day_begins_when_the_night_shift_before_it_is_over() {
        let night = Shift { days: WEEKDAYS, ..shift("night", 22 * 60, 6 * 60) };
        let calendar = Calendar { shifts: vec![shift("day", 480, 1_020), night], ..Calendar::default() };
        let begins = |day| calendar.day_begins(april(day), &TimeZone::UTC).to_string();
        assert_eq!(begins(2), "2026-04-02T06:00:00.000Z");
        // On Saturday no night begins.
        assert_eq!(begins(5), "2026-04-05T00:00:00.000Z");
    }

    #[test]
    fn shifts_that_are_at_work_at_once_are_found() {
        let of_days = |shifts: &[Shift], open: &[i8]| {
            let open = open.iter().map(|day| (april(*day), Opened::All)).collect();
            let calendar = Calendar { shifts: shifts.to_vec(), open, ..Calendar::default() };
            let found = calendar.overlap();
            found.map(|(one, other, day)| format!("{} {} {day:?}", one.id, other.id))
        };
        let of = |shifts: &[Shift]| of_days(shifts, &[]).map(|found| found.replace(" None", ""));
        let (early, late, night) =
            (shift("early", 360, 840), shift("late", 840, 1320), shift("night", 1320, 360));
        assert_eq!(of(&[early.clone(), late.clone(), night.clone()]), None);
        let over = Shift { to: 361, ..night.clone() };
        assert_eq!(of(&[early.clone(), late, over.clone()]).as_deref(), Some("early night"));
        // That of Sunday night ends on Monday.
        let monday = Shift { days: [true, false, false, false, false, false, false], ..early.clone() };
        let sunday = Shift { days: [false, false, false, false, false, false, true], ..over.clone() };
        assert_eq!(of(&[monday.clone(), sunday]).as_deref(), Some("early night"));
        let friday = Shift { days: [false, false, false, false, true, false, false], ..over };
        assert_eq!(of(&[monday, friday]), None);
        // Shifts for different days begin both on a day of `open`.
        let long = Shift { days: WEEKDAYS, ..shift("long", 480, 1_020) };
        let short = Shift { days: WEEKDAYS.map(|is_on| !is_on), ..shift("short", 480, 720) };
        assert_eq!(of(&[long.clone(), short.clone()]), None);
        assert_eq!(
            of_days(&[long.clone(), short.clone()], &[4]).as_deref(),
            Some("long short Some(2026-04-04)")
        );
        // One of them alone does not meet the other.
        let only = Opened::Only(BTreeSet::from(["long".to_owned()]));
        let open = BTreeMap::from([(april(5), only)]);
        let calendar = Calendar {
            shifts: vec![long.clone(), Shift { days: [false; 7], ..short }],
            open,
            ..Calendar::default()
        };
        assert_eq!(calendar.overlap(), None);
        let begin = |n| {
            let shifts = calendar.shifts.iter().filter(|shift| calendar.begins(shift, april(n)));
            shifts.map(|shift| shift.id.clone()).collect::<Vec<_>>()
        };
        // 2026-04-05 is a Sunday, and the day after it one on which the long shift begins anyway.
        assert_eq!(
            (begin(4), begin(5), begin(6)),
            (vec![], vec!["long".to_owned()], vec!["long".to_owned()])
        );
    }
}
