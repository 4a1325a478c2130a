//! When machines are planned to work: shifts, their days of the week, and days on which nobody begins.

use std::collections::BTreeSet;

use anshin_model::Text;
use jiff::civil::{Date, Weekday};

/// When machines are planned to work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The shifts. Where there are none, machines are planned to work around the clock.
    pub shifts: Vec<Shift>,
    /// Days on which nobody is planned to begin, such as holidays.
    pub closed: BTreeSet<Date>,
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
}

impl Shift {
    /// Whether it begins on a day of the week.
    pub fn is_on(&self, day: Weekday) -> bool {
        usize::try_from(day.to_monday_zero_offset()).is_ok_and(|n| self.days[n])
    }

    /// Whether it goes over midnight.
    pub(super) fn is_overnight(&self) -> bool {
        self.to <= self.from
    }
}

impl Calendar {
    /// The shift that a minute of a day belongs to, with the day on which that began.
    pub(super) fn shift_at(&self, day: Date, minute: u16) -> Option<(Date, usize)> {
        let began = |shift: &Shift| {
            let day = if minute >= shift.from && (minute < shift.to || shift.is_overnight()) {
                Some(day)
            } else {
                day.yesterday().ok().filter(|_| minute < shift.to && shift.is_overnight())
            };
            day.filter(|day| shift.is_on(day.weekday()) && !self.closed.contains(day))
        };
        self.shifts.iter().enumerate().find_map(|(n, shift)| Some((began(shift)?, n)))
    }

    /// Whether machines are planned to work in a cell.
    pub(super) fn is_planned(&self, (day, shift): Cell) -> bool {
        shift.is_some() || self.shifts.is_empty() && !self.closed.contains(&day)
    }

    /// Whether a day is counted by another one as it is by this. Its early hours may belong to a shift of the day
    /// before.
    pub(super) fn counts_alike(&self, other: &Self, day: Date) -> bool {
        let on = |calendar: &Self, day: Option<Date>| day.is_some_and(|day| calendar.closed.contains(&day));
        let bounds = |shift: &Shift| (shift.from, shift.to, shift.days);
        self.shifts.iter().map(bounds).eq(other.shifts.iter().map(bounds))
            && [Some(day), day.yesterday().ok()].iter().all(|day| on(self, *day) == on(other, *day))
    }

    /// Two shifts that are at work at once in some minute of the week; what falls into both counts for the first.
    pub fn overlap(&self) -> Option<(&Shift, &Shift)> {
        let is_at_work = |shift: &Shift, minute: usize| {
            let (day, minute) = (minute / 1440, minute % 1440);
            let (from, to) = (usize::from(shift.from), usize::from(shift.to));
            shift.days[day] && minute >= from && (minute < to || shift.is_overnight())
                || shift.is_overnight() && shift.days[(day + 6) % 7] && minute < to
        };
        (0..7 * 1440).find_map(|minute| {
            let mut at_work = self.shifts.iter().filter(|shift| is_at_work(shift, minute));
            Some((at_work.next()?, at_work.next()?))
        })
    }
}

/// The day that a time belongs to, and the shift, if any: its place among [`Utilisation::shifts`](super::Utilisation::shifts).
pub type Cell = (Date, Option<usize>);

#[cfg(test)]
mod tests {
    use super::super::tests::shift;
    use super::*;

    #[test]
    fn shifts_begin_on_their_days_and_on_no_closed_one() {
        // 2026-04-01 is a Wednesday.
        let early = Shift { days: [true, true, true, true, true, false, false], ..shift("early", 360, 840) };
        let night = Shift { days: early.days, ..shift("night", 22 * 60, 6 * 60) };
        let closed = BTreeSet::from([Date::constant(2026, 4, 2)]);
        let calendar = Calendar { shifts: vec![early, night], closed };
        let at = |day: i8, hour: u16| {
            let cell = calendar.shift_at(Date::constant(2026, 4, day), hour * 60);
            cell.map(|(day, shift)| format!("{} {}", day.day(), calendar.shifts[shift].id))
        };
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
            assert_eq!(at(day, hour).as_deref(), expected, "{day} {hour}:00");
        }
        assert!(!calendar.is_planned((Date::constant(2026, 4, 4), None)));
        let always = Calendar { shifts: Vec::new(), ..calendar.clone() };
        assert!(always.is_planned((Date::constant(2026, 4, 4), None)), "without shifts around the clock");
        assert!(!always.is_planned((Date::constant(2026, 4, 2), None)), "but not on a closed day");
        // A shift that ends when it begins goes around the clock.
        let whole = Calendar { shifts: vec![shift("all", 480, 480)], ..Calendar::default() };
        assert_eq!(whole.shift_at(Date::constant(2026, 4, 1), 479), Some((Date::constant(2026, 3, 31), 0)));
        assert_eq!(whole.shift_at(Date::constant(2026, 4, 1), 480), Some((Date::constant(2026, 4, 1), 0)));
    }

    #[test]
    fn shifts_that_are_at_work_at_once_are_found() {
        let of = |shifts: &[Shift]| {
            let calendar = Calendar { shifts: shifts.to_vec(), ..Calendar::default() };
            calendar.overlap().map(|(one, other)| format!("{} {}", one.id, other.id))
        };
        let (early, late, night) =
            (shift("early", 360, 840), shift("late", 840, 1320), shift("night", 1320, 360));
        assert_eq!(of(&[early.clone(), late.clone(), night.clone()]), None);
        let over = Shift { to: 361, ..night.clone() };
        assert_eq!(of(&[early.clone(), late, over.clone()]).as_deref(), Some("early night"));
        // That of Sunday night ends on Monday.
        let monday = Shift { days: [true, false, false, false, false, false, false], ..early };
        let sunday = Shift { days: [false, false, false, false, false, false, true], ..over.clone() };
        assert_eq!(of(&[monday.clone(), sunday]).as_deref(), Some("early night"));
        let friday = Shift { days: [false, false, false, false, true, false, false], ..over };
        assert_eq!(of(&[monday, friday]), None);
    }
}
