//! What of a machine's use outlives a restart, and what becomes of it where the shifts have changed.

use std::collections::BTreeSet;

use anshin_model::{Lang, Text};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::pieces::Pieces;
use super::{Calendar, Opened, Shift, Stretch, Times, Utilisation};
use crate::time::Time;

/// What of a machine's use outlives a restart, with the calendar by which it was counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Sums {
    cells: Vec<KeptCell>,
    stretches: Vec<Stretch>,
    /// What the stretches before them have told.
    #[serde(skip_serializing_if = "Pieces::is_empty")]
    pieces: Pieces,
    until: Option<Time>,
    /// Left out by an earlier version of this program.
    calendar: Option<KeptCalendar>,
    /// Days before this one were counted by former calendars.
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
    /// Shifts of former calendars that cells name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former_shifts: Vec<KeptShift>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptCell {
    day: String,
    shift: Option<String>,
    /// Whether the machine was planned to work; an earlier version left it to the calendar.
    #[serde(default)]
    planned: Option<bool>,
    times: Times,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptCalendar {
    shifts: Vec<KeptShift>,
    closed: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open: Vec<KeptOpen>,
}

/// A day that is worked: an earlier version knew none on which only some of the shifts begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum KeptOpen {
    All(String),
    Only { day: String, shifts: BTreeSet<String> },
}

impl From<(&Date, &Opened)> for KeptOpen {
    fn from((day, opened): (&Date, &Opened)) -> Self {
        match opened {
            Opened::All => KeptOpen::All(day.to_string()),
            Opened::Only(shifts) => KeptOpen::Only { day: day.to_string(), shifts: shifts.clone() },
        }
    }
}

impl KeptOpen {
    fn opened(self) -> Option<(Date, Opened)> {
        Some(match self {
            KeptOpen::All(day) => (day.parse().ok()?, Opened::All),
            KeptOpen::Only { day, shifts } => (day.parse().ok()?, Opened::Only(shifts)),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptShift {
    id: String,
    ja: String,
    en: String,
    from: u16,
    to: u16,
    days: [bool; 7],
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    breaks: Vec<(u16, u16)>,
}

impl From<&Shift> for KeptShift {
    fn from(shift: &Shift) -> Self {
        let Shift { id, name, from, to, days, breaks } = shift;
        let [ja, en] = [Lang::Ja, Lang::En].map(|lang| name.get(lang).to_owned());
        Self { id: id.clone(), ja, en, from: *from, to: *to, days: *days, breaks: breaks.clone() }
    }
}

impl From<KeptShift> for Shift {
    fn from(KeptShift { id, ja, en, from, to, days, breaks }: KeptShift) -> Self {
        Self { id, name: Text::new(ja, en), from, to, days, breaks }
    }
}

impl From<&Calendar> for KeptCalendar {
    fn from(calendar: &Calendar) -> Self {
        Self {
            shifts: calendar.shifts.iter().map(KeptShift::from).collect(),
            closed: calendar.closed.iter().map(Date::to_string).collect(),
            open: calendar.open.iter().map(KeptOpen::from).collect(),
        }
    }
}

impl From<KeptCalendar> for Calendar {
    fn from(kept: KeptCalendar) -> Self {
        Self {
            shifts: kept.shifts.into_iter().map(Shift::from).collect(),
            closed: kept.closed.iter().filter_map(|day| day.parse().ok()).collect(),
            open: kept.open.into_iter().filter_map(KeptOpen::opened).collect(),
        }
    }
}

impl Sums {
    /// The day up to which days keep what was counted by shifts as they were before, if there are such days.
    pub fn former(&self) -> Option<Date> {
        self.former.as_ref()?.parse().ok()
    }
}

/// That the shifts have changed, and which rates may be those of the former ones.
pub fn former_text(day: Date) -> Text {
    Text::new(
        format!("{day}より前の稼働率には、変更前のシフトで数えたままのものがあります。"),
        format!("Rates of days before {day} may still be those of the shifts as they were then."),
    )
}

/// Most stretches that outlive a restart.
const MOST_KEPT: usize = 2_000;

impl Utilisation {
    /// Forgets the stretches that would not outlive a restart: a monitor that runs on and on needs no more.
    pub fn forget_old(&mut self) {
        let older = self.stretches.len().saturating_sub(MOST_KEPT);
        // Few at a time: a list that grows far beyond what is kept would take twice the memory.
        if older > MOST_KEPT / 100 {
            self.pieces.add(self.stretches.drain(..older));
        }
    }

    /// What outlives a restart: what has been counted, and until when.
    pub fn kept(&self) -> Sums {
        let mut cells = Vec::new();
        for ((day, shift), used) in &self.sums {
            let shift = shift.and_then(|n| self.shift(n)).map(|shift| shift.id.clone());
            for (planned, times) in [(true, used.planned), (false, used.beside)] {
                if times.total() > 0.0 {
                    let (day, shift) = (day.to_string(), shift.clone());
                    cells.push(KeptCell { day, shift, planned: Some(planned), times });
                }
            }
        }
        let (older, stretches) = self.stretches.split_at(self.stretches.len().saturating_sub(MOST_KEPT));
        let mut pieces = self.pieces.clone();
        pieces.add(older.iter().copied());
        Sums {
            cells,
            stretches: stretches.to_vec(),
            pieces,
            until: self.now.map(|(time, _)| time),
            calendar: Some(KeptCalendar::from(&self.calendar)),
            former: self.former.map(|day| day.to_string()),
            former_shifts: self.former_shifts.iter().map(KeptShift::from).collect(),
        }
    }

    /// Goes on from what was kept. Nothing is known of the time since. Where the calendar has changed, days whose
    /// stretches are known are counted again, and the ones before keep what they had.
    pub fn restore(&mut self, kept: Sums) {
        self.former = kept.former();
        let has_shifts = kept.cells.iter().any(|cell| cell.shift.is_some());
        let by = kept.calendar.map_or_else(
            // Where a version that kept no calendar has counted, some time belongs to a shift if there were any.
            || Calendar {
                shifts: if has_shifts { self.calendar.shifts.clone() } else { Vec::new() },
                ..self.calendar.clone()
            },
            Calendar::from,
        );
        (self.stretches, self.pieces) = (kept.stretches, kept.pieces);
        (self.now, self.assumed) = (kept.until.map(|until| (until, None)), None);
        let former_shifts: Vec<Shift> = kept.former_shifts.into_iter().map(Shift::from).collect();
        for cell in kept.cells {
            let Ok(day) = cell.day.parse::<Date>() else { continue };
            let named = |id: &str| by.shifts.iter().position(|shift| shift.id == id);
            let shift = match cell.shift.as_deref().map(|id| (named(id), id)) {
                Some((Some(n), _)) => Some(self.place_of(&by, n, day)),
                Some((None, id)) => {
                    let former = former_shifts.iter().find(|shift| shift.id == id);
                    former.map(|shift| self.place_of_former(shift))
                }
                None => None,
            };
            let planned = cell.planned.unwrap_or_else(|| by.is_planned((day, shift)));
            *self.sums.entry((day, shift)).or_default().of(planned) += cell.times;
        }
        self.count_again(&by);
    }

    /// The place of a shift by which a day was counted. One that is only called otherwise by now is the same.
    fn place_of(&mut self, by: &Calendar, n: usize, day: Date) -> usize {
        if by.counts_alike(&self.calendar, day) { n } else { self.place_of_former(&by.shifts[n]) }
    }

    /// The place of a shift of a former calendar.
    fn place_of_former(&mut self, shift: &Shift) -> usize {
        let known = self.shifts().position(|known| known.id == shift.id);
        known.unwrap_or_else(|| {
            self.former_shifts.push(shift.clone());
            self.shifts().count() - 1
        })
    }

    /// The first day of those whose stretches are all known and were all counted by one calendar.
    fn known_whole_from(&self) -> Date {
        let counted: f64 = self.sums.values().map(|used| used.all().total()).sum();
        let known: f64 = self.stretches.iter().map(|stretch| stretch.to.since(stretch.from)).sum();
        let first = self.stretches.first().map(|stretch| stretch.from.day(&self.zone));
        let day = match first {
            // The early hours may belong to a shift of the day before.
            Some(day) if counted - known < 1.0 => day.yesterday(),
            Some(day) => day.tomorrow(),
            None => self.sums.keys().next_back().map_or(Date::ZERO, |(day, _)| *day).tomorrow(),
        };
        day.unwrap_or(Date::MAX).max(self.former.unwrap_or(Date::MIN))
    }

    /// Counts by the calendar what was counted by a former one, as far as stretches tell what that was.
    fn count_again(&mut self, by: &Calendar) {
        if self.sums.keys().all(|(day, _)| by.counts_alike(&self.calendar, *day)) {
            return;
        }
        let from = self.known_whole_from();
        let begins = Time::start_of(from, &self.zone);
        let mut once = Self::new(self.zone.clone(), by.clone());
        let stretches = std::mem::take(&mut self.stretches);
        for Stretch { state, from, to } in &stretches {
            let span = ((*from).max(begins), *to);
            once.count(span, *state, 1.0);
            self.count(span, *state, 1.0);
        }
        self.stretches = stretches;
        for ((day, shift), used) in once.sums {
            let shift = shift.map(|n| self.place_of(by, n, day));
            *self.sums.entry((day, shift)).or_default() -= used;
        }
        self.sums.retain(|_, used| used.all().total() > 0.0);
        let mut before = self.sums.keys().map(|(day, _)| *day).filter(|day| *day < from);
        if before.any(|day| !by.counts_alike(&self.calendar, day)) {
            self.former = Some(from);
        }
        let used: BTreeSet<usize> = self.sums.keys().filter_map(|(_, shift)| *shift).collect();
        if used.iter().all(|n| *n < self.calendar.shifts.len()) {
            self.former_shifts.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::ToSpan as _;
    use jiff::tz::TimeZone;

    use super::super::Piece;
    use super::super::tests::shift;
    use super::*;
    use crate::reading::State;

    /// Two weeks from Wednesday, 2026-04-01, on: producing from 8 to 18 o'clock, else idle, counted by a calendar.
    fn two_weeks(calendar: Calendar) -> Utilisation {
        let mut used = Utilisation::new(TimeZone::UTC, calendar);
        let midnight = Time::parse("2026-04-01T00:00:00Z").unwrap();
        for day in 0..14 {
            for (hour, state) in [(0, State::Idle), (8, State::Producing), (18, State::Idle)] {
                used.set(midnight.plus(f64::from(day * 24 + hour) * 3_600.0), Some(state));
            }
        }
        used.until(midnight.plus(14.0 * 86_400.0));
        used
    }

    /// As it goes on after a restart by a calendar, from stretches of the last days alone.
    fn restarted(used: &Utilisation, calendar: &Calendar, most_stretches: usize) -> Utilisation {
        let mut kept = used.kept();
        kept.stretches.drain(..kept.stretches.len().saturating_sub(most_stretches));
        // As it comes from the disk.
        let kept: Sums = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        let mut again = Utilisation::new(TimeZone::UTC, calendar.clone());
        again.restore(kept);
        again
    }

    #[test]
    fn where_a_machine_changes_often_earlier_days_are_known_in_pieces() {
        let mut used = Utilisation::new(TimeZone::UTC, Calendar::default());
        let start = Time::parse("2026-04-01T00:01:00Z").unwrap();
        // Twenty days, of each half a minute ten seconds idle: 115,200 stretches.
        for n in 0..20 * 2_880 {
            let at = start.plus(f64::from(n) * 30.0);
            used.set(at, Some(State::Idle));
            used.set(at.plus(10.0), Some(State::Producing));
            if n % 100 == 0 {
                used.forget_old();
            }
        }
        let end = start.plus(20.0 * 86_400.0);
        used.until(end);
        let again = restarted(&used, &Calendar::default(), usize::MAX);
        for used in [&used, &again] {
            let pieces: Vec<Piece> = used.pieces().collect();
            let since = used.stretches()[0].from;
            assert!(pieces.is_sorted_by_key(|piece| piece.from));
            assert!(pieces.len() <= 14 * 288 && pieces[pieces.len() - 1].to.since(since) < 300.0);
            let reach = end.since(pieces[0].from) / 86_400.0;
            assert!(
                reach > 14.0
                    && pieces[7].times == Times { producing: 200.0, idle: 100.0, ..Times::default() }
            );
            let all: f64 = pieces.iter().map(|piece| piece.times.total()).sum();
            assert!((all - since.since(pieces[0].from)).abs() < 1.0, "nothing is missing or there twice");
        }
        let kept = serde_json::to_string(&used.kept().pieces).unwrap();
        assert!(kept.len() < 150_000, "{}", kept.len());
    }

    fn told(used: &Utilisation) -> Vec<(String, String)> {
        let rates = used.by_day().into_iter();
        rates.map(|(day, of)| (day.to_string(), of.rate().text().get(Lang::En).to_owned())).collect()
    }

    fn weekdays(id: &str, from: u16, to: u16) -> Calendar {
        let days = [true, true, true, true, true, false, false];
        Calendar { shifts: vec![Shift { days, ..shift(id, from, to) }], ..Calendar::default() }
    }

    #[test]
    fn days_before_the_shifts_were_added_keep_their_rates() {
        let always = two_weeks(Calendar::default());
        let before = told(&always);
        assert!(before.len() == 14 && before.iter().all(|(_, rate)| rate == "41.7 %"), "{before:?}");
        let day = weekdays("day", 480, 1_020);
        // Nothing, the last days and all of it is known as stretches: the same time is counted, by one or the other.
        for (most, whole_from) in [(0, 14), (6, 12), (100, 0)] {
            let again = restarted(&always, &day, most);
            let expected = two_weeks(day.clone());
            let (after, counted) = (told(&again), told(&expected));
            assert_eq!(after[..whole_from], before[..whole_from], "{most} stretches");
            assert_eq!(after[whole_from..], counted[whole_from..], "{most} stretches");
            let former = Date::constant(2026, 4, 1).checked_add(i64::try_from(whole_from).unwrap().days());
            assert_eq!(again.former(), former.ok().filter(|_| whole_from > 0));
            assert!((again.days().values().map(Times::total).sum::<f64>() - 14.0 * 86_400.0).abs() < 1e-6);
            // The next restart changes nothing, and neither does taking the shifts away again for days that
            // have kept their rates.
            let next = restarted(&again, &day, most);
            assert_eq!((next.by_day(), next.former()), (again.by_day(), again.former()));
            assert_eq!(told(&restarted(&next, &Calendar::default(), most)), before, "{most} stretches");
        }
    }

    #[test]
    fn a_version_that_kept_no_calendar_has_counted_without_shifts_where_no_cell_names_one() {
        let mut kept = two_weeks(Calendar::default()).kept();
        kept.calendar = None;
        kept.stretches.clear();
        kept.cells.iter_mut().for_each(|cell| cell.planned = None);
        let mut again = Utilisation::new(TimeZone::UTC, weekdays("day", 480, 1_020));
        again.restore(kept);
        assert!(told(&again).iter().all(|(_, rate)| rate == "41.7 %"), "{:?}", told(&again));
    }

    #[test]
    fn a_shift_that_is_called_otherwise_is_the_same_and_one_with_other_hours_counts_from_now_on() {
        let (day, renamed) = (weekdays("day", 480, 1_020), weekdays("early", 480, 1_020));
        let first = two_weeks(day);
        let again = restarted(&first, &renamed, 0);
        assert_eq!((again.by_day(), again.former()), (first.by_day(), None));
        let ids = |used: &Utilisation| -> BTreeSet<String> {
            used.cells().filter_map(|((_, n), _)| Some(used.shift(n?)?.id.clone())).collect()
        };
        assert_eq!(ids(&again), BTreeSet::from(["early".to_owned()]));
        // Both other hours and another name: rates stay, and under the name they had.
        let longer = weekdays("long", 480, 1_140);
        let other = restarted(&first, &longer, 6);
        assert_eq!(told(&other)[..12], told(&first)[..12]);
        assert_eq!(told(&other)[12..], told(&two_weeks(longer.clone()))[12..]);
        assert_eq!(ids(&other), BTreeSet::from(["day".to_owned(), "long".to_owned()]));
        let next = restarted(&other, &longer, 6);
        assert_eq!((next.by_day(), ids(&next)), (other.by_day(), ids(&other)));
    }

    #[test]
    fn a_break_or_a_working_day_counts_where_it_is_known_and_from_now_on() {
        let day = weekdays("day", 480, 1_020);
        let first = two_weeks(day.clone());
        let mut with_break = day.clone();
        with_break.shifts[0].breaks = vec![(720, 780)];
        // Nothing, the last days and all of it is known as stretches.
        for (most, whole_from) in [(0, 14), (6, 12), (100, 0)] {
            let again = restarted(&first, &with_break, most);
            let counted = two_weeks(with_break.clone());
            let hours = |used: &Utilisation| -> Vec<f64> {
                used.by_day().values().map(|of| of.planned.total() / 3_600.0).collect()
            };
            assert_eq!(hours(&again)[..whole_from], hours(&first)[..whole_from], "{most} stretches");
            assert_eq!(hours(&again)[whole_from..], hours(&counted)[whole_from..], "{most} stretches");
            assert_eq!(again.former().is_some(), whole_from > 0);
            // Once kept, it stays; and the break can be taken back where it was counted.
            assert_eq!(restarted(&again, &with_break, most).by_day(), again.by_day());
            assert_eq!(hours(&restarted(&again, &day, most)), hours(&first), "{most} stretches");
        }
        let opened = |n, opened| Calendar {
            open: BTreeMap::from([(Date::constant(2026, 4, n), opened)]),
            ..day.clone()
        };
        let open = |n| opened(n, Opened::All);
        // 2026-04-11 and 25 are Saturdays, the 10th is a Friday on which all shifts begin anyway.
        for n in [10, 25] {
            let again = restarted(&first, &open(n), 0);
            assert_eq!((again.by_day(), again.former()), (first.by_day(), None));
        }
        let again = restarted(&first, &open(11), 100);
        assert_eq!(told(&again)[10].1, "100.0 %");
        // Which shifts begin on it is known after another restart, and another shift leaves it as it was.
        for (shift, rate) in [("day", "100.0 %"), ("night", "not planned")] {
            let some = opened(11, Opened::Only(BTreeSet::from([shift.to_owned()])));
            let again = restarted(&first, &some, 100);
            assert_eq!(told(&again)[10].1, rate, "{shift}");
            let next = restarted(&again, &some, 0);
            assert_eq!((next.by_day(), next.former()), (again.by_day(), None), "{shift}");
        }
    }

    #[test]
    fn a_machine_that_works_fewer_shifts_from_now_on_keeps_what_was_counted_by_the_others() {
        let two = Calendar {
            shifts: vec![shift("early", 360, 840), shift("late", 840, 1_320)],
            ..Calendar::default()
        };
        let first = two_weeks(two.clone());
        let again = restarted(&first, &two.with(|shift| shift.id == "late"), 6);
        let names = |day: i8| -> Vec<Option<String>> {
            let of_day = again.cells().filter(|((of, _), _)| *of == Date::constant(2026, 4, day));
            of_day.map(|((_, n), _)| Some(again.shift(n?)?.id.clone())).collect()
        };
        let [early, late] = ["early", "late"].map(|id| Some(id.to_owned()));
        assert_eq!(names(3), [None, late.clone(), early]);
        assert_eq!(names(14), [None, late]);
        assert_eq!(told(&again)[..12], told(&first)[..12]);
        assert_eq!(told(&again)[13].1, "50.0 %", "of the late shift alone");
    }

    #[test]
    fn a_holiday_to_come_leaves_everything_and_one_that_was_counts_where_it_is_known() {
        let day = weekdays("day", 480, 1_020);
        let first = two_weeks(day.clone());
        let closed = |n| Calendar { closed: BTreeSet::from([Date::constant(2026, 4, n)]), ..day.clone() };
        let again = restarted(&first, &closed(29), 0);
        assert_eq!((again.by_day(), again.former()), (first.by_day(), None));
        let again = restarted(&first, &closed(14), 6);
        assert_eq!(told(&again)[13].1, "not planned");
        assert_eq!((&told(&again)[..13], again.former()), (&told(&first)[..13], None));
    }
}
