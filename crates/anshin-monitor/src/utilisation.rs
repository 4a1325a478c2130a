//! How well a machine is used: seconds of each state, by day and shift, gaps counted apart.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Sum;
use std::ops::{AddAssign, SubAssign};

use anshin_model::{Lang, Text};
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use serde::{Deserialize, Serialize};

use crate::reading::State;
use crate::time::Time;

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
    fn is_overnight(&self) -> bool {
        self.to <= self.from
    }
}

impl Calendar {
    /// The shift that a minute of a day belongs to, with the day on which that began.
    fn shift_at(&self, day: Date, minute: u16) -> Option<(Date, usize)> {
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
    fn is_planned(&self, (day, shift): Cell) -> bool {
        shift.is_some() || self.shifts.is_empty() && !self.closed.contains(&day)
    }

    /// Whether a day is counted by another one as it is by this. Its early hours may belong to a shift of the day
    /// before.
    fn counts_alike(&self, other: &Self, day: Date) -> bool {
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

    fn add(&mut self, state: Option<State>, seconds: f64) {
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
    fn of(&mut self, planned: bool) -> &mut Times {
        if planned { &mut self.planned } else { &mut self.beside }
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

/// A stretch of time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stretch {
    /// The state; `None` when nothing is known.
    pub state: Option<State>,
    /// Its beginning.
    pub from: Time,
    /// Its end.
    pub to: Time,
}

/// What of a machine's use outlives a restart, with the calendar by which it was counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Sums {
    cells: Vec<KeptCell>,
    stretches: Vec<Stretch>,
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
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptShift {
    id: String,
    ja: String,
    en: String,
    from: u16,
    to: u16,
    days: [bool; 7],
}

impl From<&Shift> for KeptShift {
    fn from(shift: &Shift) -> Self {
        let Shift { id, name, from, to, days } = shift;
        let [ja, en] = [Lang::Ja, Lang::En].map(|lang| name.get(lang).to_owned());
        Self { id: id.clone(), ja, en, from: *from, to: *to, days: *days }
    }
}

impl From<KeptShift> for Shift {
    fn from(KeptShift { id, ja, en, from, to, days }: KeptShift) -> Self {
        Self { id, name: Text::new(ja, en), from, to, days }
    }
}

impl From<&Calendar> for KeptCalendar {
    fn from(calendar: &Calendar) -> Self {
        Self {
            shifts: calendar.shifts.iter().map(KeptShift::from).collect(),
            closed: calendar.closed.iter().map(Date::to_string).collect(),
        }
    }
}

impl From<KeptCalendar> for Calendar {
    fn from(kept: KeptCalendar) -> Self {
        Self {
            shifts: kept.shifts.into_iter().map(Shift::from).collect(),
            closed: kept.closed.iter().filter_map(|day| day.parse().ok()).collect(),
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

/// Longest stretch in seconds that is counted: over a longer one, a clock was wrong or nobody watched.
const LONGEST: f64 = 31.0 * 86_400.0;

/// Most stretches that outlive a restart.
const MOST_KEPT: usize = 2_000;

/// Most stretches that are kept for the timeline; older ones stay in the sums only.
const MOST_STRETCHES: usize = 20_000;

/// Below so many seconds, sums differ by the calculation alone.
const NOTHING: f64 = 1e-3;

/// The day that a time belongs to, and the shift, if any: its place among [`Utilisation::shifts`].
pub type Cell = (Date, Option<usize>);

/// Adds up the states of one machine.
#[derive(Debug)]
pub struct Utilisation {
    zone: TimeZone,
    calendar: Calendar,
    /// Shifts of former calendars by which days were counted that cannot be counted again.
    former_shifts: Vec<Shift>,
    /// Days before this one were counted by former calendars.
    former: Option<Date>,
    now: Option<(Time, Option<State>)>,
    /// From when on the state was only assumed to go on.
    assumed: Option<Time>,
    /// The current cell: a moment in it, and when it ends.
    cell: Option<(Cell, Time, Time)>,
    sums: BTreeMap<Cell, Used>,
    stretches: Vec<Stretch>,
}

impl Utilisation {
    /// Nothing yet; days and shifts are those of the time zone.
    pub fn new(zone: TimeZone, calendar: Calendar) -> Self {
        Self {
            zone,
            calendar,
            former_shifts: Vec::new(),
            former: None,
            now: None,
            assumed: None,
            cell: None,
            sums: BTreeMap::new(),
            stretches: Vec::new(),
        }
    }

    /// From now on the machine is in a state; a time that has been counted is not counted again, unless the state
    /// was only assumed to go on.
    pub fn set(&mut self, time: Time, state: Option<State>) {
        self.take_back(time);
        let mut from = time;
        if let Some((since, old)) = self.now {
            if old == state {
                return;
            }
            from = time.max(since);
            self.spread(since, from, old);
        }
        self.now = Some((from, state));
    }

    /// Time begins anew, after a step of the clock; nothing is known of the state.
    pub fn begin_anew(&mut self, time: Time) {
        (self.now, self.assumed) = (Some((time, None)), None);
    }

    /// Forgets the stretches that would not outlive a restart: a monitor that runs on and on needs no more.
    pub fn forget_old(&mut self) {
        let older = self.stretches.len().saturating_sub(MOST_KEPT);
        if older > MOST_KEPT / 10 {
            self.stretches.drain(..older);
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
        let older = self.stretches.len().saturating_sub(MOST_KEPT);
        Sums {
            cells,
            stretches: self.stretches[older..].to_vec(),
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
                closed: self.calendar.closed.clone(),
            },
            Calendar::from,
        );
        self.stretches = kept.stretches;
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
        let first = self.stretches.first().map(|stretch| stretch.from.stamp().to_zoned(self.zone.clone()));
        let day = match first.map(|first| first.date()) {
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
        let begins = from.to_zoned(self.zone.clone()).map(|day| day.timestamp().as_nanosecond());
        if let Some(begins) = begins.ok().and_then(|nanos| i64::try_from(nanos).ok()).map(Time::from_nanos) {
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
        }
        let mut before = self.sums.keys().map(|(day, _)| *day).filter(|day| *day < from);
        if before.any(|day| !by.counts_alike(&self.calendar, day)) {
            self.former = Some(from);
        }
        let used: BTreeSet<usize> = self.sums.keys().filter_map(|(_, shift)| *shift).collect();
        if used.iter().all(|n| *n < self.calendar.shifts.len()) {
            self.former_shifts.clear();
        }
    }

    /// The state holds from where this has come to, without time going by.
    pub fn hold(&mut self, state: Option<State>) {
        if let Some((_, now)) = &mut self.now {
            *now = state;
        }
    }

    /// Goes on from where this has come to, with what another one has counted since.
    pub fn go_on_as(&mut self, other: Utilisation) {
        let Some((until, _)) = self.now else {
            *self = other;
            return;
        };
        for stretch in other.stretches.iter().filter(|stretch| stretch.to > until) {
            self.set(stretch.from.max(until), stretch.state);
        }
        if let Some((since, state)) = other.now {
            self.set(since.max(until), state);
        }
    }

    /// Counts the running state up to a moment, of which more may be told later: a device may send what it saw in
    /// batches.
    pub fn assume_until(&mut self, time: Time) {
        let since = self.now.map(|(since, _)| since);
        self.until(time);
        if self.now.map(|(now, _)| now) != since {
            self.assumed = self.assumed.or(since);
        }
    }

    /// What was assumed of the time after a moment is not so, or will be counted again.
    fn take_back(&mut self, time: Time) {
        let Some(((until, state), from)) = self.now.zip(self.assumed.take()) else { return };
        let from = time.max(from);
        if from >= until {
            return;
        }
        self.count((from, until), state, -1.0);
        while let Some(last) = self.stretches.last_mut().filter(|last| last.to > from) {
            if last.from < from {
                last.to = from;
            } else {
                self.stretches.pop();
            }
        }
        self.now = Some((from, state));
    }

    /// Counts the running state up to a moment.
    pub fn until(&mut self, time: Time) {
        if let Some((since, state)) = self.now
            && time > since
        {
            self.spread(since, time, state);
            self.now = Some((time, state));
        }
    }

    /// The state as it is now.
    pub fn state(&self) -> Option<State> {
        self.now.and_then(|(_, state)| state)
    }

    /// Seconds by day, whether the machine was planned to work or not.
    pub fn days(&self) -> BTreeMap<Date, Times> {
        self.by_day().into_iter().map(|(day, used)| (day, used.all())).collect()
    }

    /// How it was used by day, shifts together.
    pub fn by_day(&self) -> BTreeMap<Date, Used> {
        let mut days: BTreeMap<Date, Used> = BTreeMap::new();
        for (cell, used) in self.cells() {
            let day = days.entry(cell.0).or_default();
            *day = [*day, used].into_iter().sum();
        }
        days
    }

    /// How it was used by day and shift.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, Used)> {
        self.sums.iter().map(|(cell, used)| (*cell, *used))
    }

    /// The newest day on which the machine was planned to work, else the newest of all, with how it was used.
    /// Days that had not come anywhere when this was counted are those of a clock that was wrong.
    pub fn newest_day(&self) -> Option<(Date, Used)> {
        let last = self.now.map(|(time, _)| time.last_day());
        let come = self.cells().filter(|((day, _), _)| last.is_none_or(|last| *day <= last));
        let ((day, _), _) = come.max_by_key(|((day, _), used)| (used.planned.total() > 0.0, *day))?;
        Some((day, self.cells().filter(|((of, _), _)| *of == day).map(|(_, used)| used).sum()))
    }

    /// The shifts that days were counted by: those of the calendar, then those of former ones.
    fn shifts(&self) -> impl Iterator<Item = &Shift> {
        self.calendar.shifts.iter().chain(&self.former_shifts)
    }

    /// The shift at a place.
    pub fn shift(&self, n: usize) -> Option<&Shift> {
        self.shifts().nth(n)
    }

    /// The day up to which days keep what was counted by shifts as they were before, if there are such days.
    pub fn former(&self) -> Option<Date> {
        self.former
    }

    /// The last stretches in order.
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    fn spread(&mut self, from: Time, to: Time, state: Option<State>) {
        if to <= from || to.since(from) > LONGEST {
            return;
        }
        match self.stretches.last_mut() {
            Some(last) if last.state == state && last.to == from => last.to = to,
            _ => self.stretches.push(Stretch { state, from, to }),
        }
        if self.stretches.len() > MOST_STRETCHES {
            self.stretches.drain(..MOST_STRETCHES / 2);
        }
        self.count((from, to), state, 1.0);
    }

    /// Adds a stretch to the sums, or takes it out of them.
    fn count(&mut self, (from, to): (Time, Time), state: Option<State>, sign: f64) {
        let mut at = from;
        while at < to {
            let (cell, end) = match self.cell {
                Some((cell, from, end)) if (from..end).contains(&at) => (cell, end),
                _ => {
                    let (cell, end) = self.cell_of(at);
                    self.cell = Some((cell, at, end));
                    (cell, end)
                }
            };
            let until = end.min(to);
            let planned = self.calendar.is_planned(cell);
            self.sums.entry(cell).or_default().of(planned).add(state, sign * until.since(at));
            at = until;
        }
    }

    /// The cell of a moment, and when it ends. A shift over midnight belongs to the day of its start.
    fn cell_of(&self, at: Time) -> (Cell, Time) {
        let local: Zoned = at.stamp().to_zoned(self.zone.clone());
        let day = local.date();
        let minute =
            u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
        let (belongs, inside) = match self.calendar.shift_at(day, minute) {
            Some((day, shift)) => (day, Some(shift)),
            None => (day, None),
        };
        let borders = self.calendar.shifts.iter().flat_map(|shift| [shift.from, shift.to]);
        let next = borders.filter(|border| *border > minute).min();
        let end = match next {
            Some(border) => day
                .at(0, 0, 0, 0)
                .checked_add(i64::from(border).minutes())
                .ok()
                .and_then(|end| end.to_zoned(self.zone.clone()).ok()),
            None => day.tomorrow().ok().and_then(|day| day.to_zoned(self.zone.clone()).ok()),
        };
        let end = end
            .and_then(|end| i64::try_from(end.timestamp().as_nanosecond()).ok())
            .map_or(Time::from_nanos(i64::MAX), Time::from_nanos);
        // Clocks that are set back repeat an hour: never stand still.
        ((belongs, inside), if end > at { end } else { at.plus(60.0) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shift(id: &str, from: u16, to: u16) -> Shift {
        Shift { id: id.to_owned(), name: Text::same(id), from, to, days: [true; 7] }
    }

    #[test]
    fn what_a_device_tells_later_takes_the_place_of_what_was_assumed() {
        let at = |text: &str| Time::parse(&format!("2026-04-01T{text}Z")).unwrap();
        // What is told, and how far the running state is counted between.
        let told = [
            ("23:40:00", Some(State::Idle)),
            ("23:50:00", Some(State::Producing)),
            ("23:58:00", Some(State::Idle)),
        ];
        let end = Time::parse("2026-04-02T00:30:00Z").unwrap();
        let mut at_once = Utilisation::new(TimeZone::UTC, Calendar::default());
        let mut in_batches = Utilisation::new(TimeZone::UTC, Calendar::default());
        for (time, state) in told {
            at_once.set(at(time), state);
        }
        in_batches.set(at(told[0].0), told[0].1);
        for minutes in 1..=25 {
            in_batches.assume_until(at("23:40:00").plus(60.0 * f64::from(minutes)));
        }
        for (time, state) in &told[1..] {
            in_batches.set(at(time), *state);
        }
        at_once.until(end);
        in_batches.assume_until(end);
        assert_eq!(in_batches.days(), at_once.days());
        assert_eq!(in_batches.stretches(), at_once.stretches());
    }

    #[test]
    fn a_clock_that_is_far_ahead_for_a_moment_fills_no_days() {
        let mut used = Utilisation::new(TimeZone::UTC, Calendar::default());
        let at = |text: &str| Time::parse(text).unwrap();
        used.set(at("2026-04-01T08:00:00Z"), Some(State::Producing));
        used.set(at("2026-04-01T09:00:00Z"), Some(State::Idle));
        used.set(at("2258-01-01T00:00:00Z"), Some(State::Producing));
        used.until(at("2258-01-01T00:01:00Z"));
        // The clock is right again.
        used.begin_anew(at("2026-04-01T09:01:00Z"));
        used.set(at("2026-04-01T09:01:00Z"), Some(State::Idle));
        used.until(at("2026-04-01T10:01:00Z"));
        let days: Vec<(String, Times)> =
            used.days().into_iter().map(|(day, times)| (day.to_string(), times)).collect();
        let expected = Times { producing: 3_600.0, idle: 3_600.0, ..Times::default() };
        assert_eq!(days[0], ("2026-04-01".to_owned(), expected));
        assert!(days.len() == 2 && days[1].1.total() <= 60.0, "{days:?}");
        let kept = used.kept();
        let mut again = Utilisation::new(TimeZone::UTC, Calendar::default());
        again.restore(kept);
        let used = Used { planned: expected, ..Used::default() };
        assert_eq!(again.newest_day(), Some((Date::constant(2026, 4, 1), used)));
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_of_its_start_and_gaps_count_apart() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let shifts = vec![shift("day", 8 * 60, 17 * 60), shift("night", 22 * 60, 5 * 60)];
        let mut used = Utilisation::new(zone, Calendar { shifts, ..Calendar::default() });
        let at = |text: &str| Time::parse(text).unwrap();
        used.set(at("2026-04-01T16:00:00+09:00"), Some(State::Producing));
        used.set(at("2026-04-01T23:00:00+09:00"), None);
        used.set(at("2026-04-02T01:00:00+09:00"), Some(State::Idle));
        used.until(at("2026-04-02T09:00:00+09:00"));
        let hours: Vec<(String, Option<usize>, [f64; 4])> = used
            .cells()
            .map(|((day, shift), used)| {
                let t = used.all();
                (day.to_string(), shift, [t.producing, t.idle, t.off, t.no_data].map(|s| s / 3600.0))
            })
            .collect();
        let expected = [
            ("2026-04-01", None, [5.0, 0.0, 0.0, 0.0]),
            ("2026-04-01", Some(0), [1.0, 0.0, 0.0, 0.0]),
            ("2026-04-01", Some(1), [1.0, 4.0, 0.0, 2.0]),
            ("2026-04-02", None, [0.0, 3.0, 0.0, 0.0]),
            ("2026-04-02", Some(0), [0.0, 1.0, 0.0, 0.0]),
        ];
        assert_eq!(hours.len(), expected.len());
        for ((day, shift, hours), (known_day, known_shift, known)) in hours.iter().zip(expected) {
            assert_eq!((day.as_str(), *shift), (known_day, known_shift));
            assert!(hours.iter().zip(known).all(|(is, known)| (is - known).abs() < 1e-9), "{hours:?}");
        }
    }

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

    proptest! {
        #[test]
        fn rates_are_those_of_a_clock_that_looks_at_every_minute_and_days_weigh_to_the_whole(
            bounds in prop::collection::vec((0_u16..24, 0_u16..=24, any::<[bool; 7]>()), 0..4),
            closed in prop::collection::btree_set(1_i8..9, 0..3),
            states in prop::collection::vec((0_u8..4, 1_u16..900), 1..30),
        ) {
            let zone = TimeZone::get("Asia/Tokyo").unwrap();
            let day = |n: i8| Date::constant(2026, 3, 31).checked_add(i64::from(n).days()).unwrap();
            let shifts = bounds.iter().enumerate().map(|(n, (from, to, days))| Shift {
                days: *days,
                ..shift(&n.to_string(), from * 60, to * 60)
            });
            let closed: BTreeSet<Date> = closed.into_iter().map(day).collect();
            let calendar = Calendar { shifts: shifts.collect(), closed };
            let start = Time::parse("2026-04-01T10:00:00+09:00").unwrap();
            let mut used = Utilisation::new(zone.clone(), calendar.clone());
            let (mut minutes, mut seconds) = (Vec::new(), 0.0);
            for (state, long) in states {
                let state = [Some(State::Producing), Some(State::Idle), Some(State::Off), None][usize::from(state)];
                used.set(start.plus(seconds), state);
                minutes.extend(std::iter::repeat_n(state, usize::from(long)));
                seconds += 60.0 * f64::from(long);
            }
            used.until(start.plus(seconds));
            let begins = |n: i8, minute: u16| i64::from(n) * 1440 + i64::from(minute);
            let lasts = |shift: &Shift| {
                let next_day = if shift.to > shift.from { 0 } else { 1440 };
                i64::from(shift.to + next_day - shift.from)
            };
            let mut counted: BTreeMap<Date, Used> = BTreeMap::new();
            for (n, state) in minutes.iter().enumerate() {
                let at = begins(1, 600) + i64::try_from(n).unwrap();
                let today = i8::try_from(at / 1440).unwrap();
                let found = calendar.shifts.iter().find_map(|shift| {
                    [today, today - 1].into_iter().find(|n| {
                        let from = begins(*n, shift.from);
                        shift.is_on(day(*n).weekday())
                            && !calendar.closed.contains(&day(*n))
                            && (from..from + lasts(shift)).contains(&at)
                    })
                });
                let is_planned = found.is_some() || calendar.shifts.is_empty() && !calendar.closed.contains(&day(today));
                let of_day = counted.entry(day(found.unwrap_or(today))).or_default();
                let times = if is_planned { &mut of_day.planned } else { &mut of_day.beside };
                times.add(*state, 60.0);
            }
            prop_assert_eq!(used.by_day(), counted);
            let all: Used = used.by_day().into_values().sum();
            let known = |used: &Used| used.planned.total() - used.planned.no_data;
            let weighed: f64 = used.by_day().values().filter_map(|of| Some(of.rate().part()? * known(of))).sum();
            prop_assert!((weighed - all.rate().part().unwrap_or(0.0) * known(&all)).abs() < 1e-6);
            let cells: Used = used.cells().map(|(_, of)| of).sum();
            prop_assert_eq!(cells.rate(), all.rate());
        }
    }
}
