//! How well a machine is used: seconds of each state, by day and shift, gaps counted apart.

mod calendar;
mod kept;
mod pieces;
mod times;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::reading::State;
use crate::time::Time;
pub use calendar::{Calendar, Cell, Opened, Shift, Turn};
pub use kept::{Sums, former_text};
pub use pieces::Piece;
pub use times::{Rate, Times, Used};

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

/// Longest stretch in seconds that is counted: over a longer one, a clock was wrong or nobody watched.
const LONGEST: f64 = 31.0 * 86_400.0;

/// Most stretches that are kept for the timeline; older ones stay in pieces and sums only.
const MOST_STRETCHES: usize = 20_000;

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
    /// What the stretches before them have told.
    pieces: pieces::Pieces,
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
            pieces: pieces::Pieces::default(),
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

    /// Since when the state is as it is now, as far as this has been watched.
    pub fn since(&self) -> Option<Time> {
        let (counted, state) = self.now?;
        let last = self.stretches.last().filter(|last| last.state == state && last.to == counted);
        Some(last.map_or(counted, |last| last.from))
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

    /// What the machine did before the stretches, in pieces of some minutes, in order.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.pieces.iter()
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
            self.pieces.add(self.stretches.drain(..MOST_STRETCHES / 2));
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
                    let (cell, end) = self.calendar.cell_at(at, &self.zone);
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
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use anshin_model::Text;
    use jiff::ToSpan as _;
    use proptest::prelude::*;

    use super::*;

    /// A shift on every day.
    pub(super) fn shift(id: &str, from: u16, to: u16) -> Shift {
        Shift { id: id.to_owned(), name: Text::same(id), from, to, days: [true; 7], breaks: Vec::new() }
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

    proptest! {
        #[test]
        fn rates_are_those_of_a_clock_that_looks_at_every_minute_and_days_weigh_to_the_whole(
            bounds in prop::collection::vec(
                (0_u16..24, 0_u16..=24, any::<[bool; 7]>(), prop::collection::vec((0_u16..24, 1_u16..4), 0..3)),
                0..4,
            ),
            closed in prop::collection::btree_set(1_i8..9, 0..3),
            open in prop::collection::btree_map(1_i8..9, prop::option::of(prop::collection::btree_set(0_u8..4, 1..3)), 0..3),
            states in prop::collection::vec((0_u8..4, 1_u16..900), 1..30),
        ) {
            let zone = TimeZone::get("Asia/Tokyo").unwrap();
            let day = |n: i8| Date::constant(2026, 3, 31).checked_add(i64::from(n).days()).unwrap();
            let lasts = |from: u16, to: u16| if to > from { to - from } else { to + 1440 - from };
            let shifts = bounds.iter().enumerate().map(|(n, (from, to, days, breaks))| {
                let (from, to) = (from * 60, to * 60);
                // Breaks begin so many hours after the shift, as far as they lie within it.
                let breaks = breaks.iter().map(|(after, long)| (after * 60, (after + long) * 60));
                let breaks = breaks.filter(|(_, end)| *end <= lasts(from, to));
                let breaks = breaks.map(|(begin, end)| ((from + begin) % 1440, (from + end) % 1440)).collect();
                Shift { days: *days, breaks, ..shift(&n.to_string(), from, to) }
            });
            let days = |days: BTreeSet<i8>| days.into_iter().map(day).collect::<BTreeSet<Date>>();
            let open = open.into_iter().map(|(n, only)| {
                let ids = |only: BTreeSet<u8>| Opened::Only(only.iter().map(u8::to_string).collect());
                (day(n), only.map_or(Opened::All, ids))
            });
            let calendar = Calendar { shifts: shifts.collect(), closed: days(closed), open: open.collect() };
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
            let mut counted: BTreeMap<Date, Used> = BTreeMap::new();
            for (n, state) in minutes.iter().enumerate() {
                let at = begins(1, 600) + i64::try_from(n).unwrap();
                let today = i8::try_from(at / 1440).unwrap();
                // Shifts that go on, in their order: the day on which each began, and whether there is no break.
                let mut on = calendar.shifts.iter().filter_map(|shift| {
                    [today, today - 1].into_iter().find_map(|n| {
                        let from = begins(n, shift.from);
                        let is_on = (shift.is_on(day(n).weekday()) || calendar.open.get(&day(n)).is_some_and(|of| of.has(shift)))
                            && !calendar.closed.contains(&day(n))
                            && (from..from + i64::from(lasts(shift.from, shift.to))).contains(&at);
                        let minute = u16::try_from(at - from).unwrap_or_default();
                        let mut breaks = shift.breaks.iter().map(|(begin, end)| {
                            let begin = (begin + 1440 - shift.from) % 1440;
                            begin..begin + lasts(0, (end + 1440 - shift.from - begin) % 1440)
                        });
                        is_on.then(|| (n, breaks.all(|one| !one.contains(&minute))))
                    })
                });
                let first = on.clone().next();
                let found = on.find(|(_, is_work)| *is_work);
                let is_planned = found.is_some() || calendar.shifts.is_empty() && !calendar.closed.contains(&day(today));
                let belongs = found.or(first).map_or(today, |(n, _)| n);
                let of_day = counted.entry(day(belongs)).or_default();
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
            // All of the time is on one day, planned or not.
            prop_assert!((all.planned.total() + all.beside.total() - seconds).abs() < 1e-6);
        }

        #[test]
        fn however_time_comes_in_pieces_it_is_counted_alike_also_when_clocks_are_set(
            bounds in prop::collection::vec((0_u16..1440, 0_u16..=1440, 0_u16..1440, 1_u16..90), 1..4),
            pieces in prop::collection::vec(60_u16..7_200, 1..60),
            zone in prop::sample::select(vec!["Europe/Berlin", "America/Havana", "Australia/Lord_Howe"]),
            month in prop::sample::select(vec![3_i8, 10]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let shifts = bounds.iter().enumerate().map(|(n, (from, to, begin, long))| {
                let whole = Shift { breaks: vec![(*begin, (begin + long) % 1440)], ..shift(&n.to_string(), *from, *to) };
                if whole.wrong_break().is_some() { Shift { breaks: Vec::new(), ..whole } } else { whole }
            });
            let calendar = Calendar { shifts: shifts.collect(), ..Calendar::default() };
            // Weeks in which clocks are set in one of the zones or another.
            let start = Time::start_of(Date::constant(2026, month, 20), &zone);
            let end = Time::start_of(Date::constant(2026, month + 1, 10), &zone);
            let count = |steps: &mut dyn Iterator<Item = f64>| {
                let mut used = Utilisation::new(zone.clone(), calendar.clone());
                used.set(start, Some(State::Producing));
                let mut at = start;
                while at < end {
                    at = steps.next().map_or(end, |step| at.plus(step)).min(end);
                    used.until(at);
                }
                used
            };
            let once = count(&mut std::iter::empty());
            let often = count(&mut pieces.iter().cycle().map(|seconds| f64::from(*seconds)));
            let close = |a: &Times, b: &Times| (a.total() - b.total()).abs() < 1e-3;
            for ((day, of), (same, other)) in once.by_day().iter().zip(often.by_day()) {
                prop_assert_eq!(day, &same);
                prop_assert!(close(&of.planned, &other.planned) && close(&of.beside, &other.beside), "{}", day);
            }
            // Days are whole: each as long as clocks say, and no second is counted twice or lost.
            let all: Used = once.by_day().into_values().sum();
            prop_assert!((all.all().total() - end.since(start)).abs() < 1e-3);
            for (day, of) in once.by_day().into_iter().skip(1) {
                let [from, to] = [day, day.tomorrow().unwrap()].map(|day| calendar.day_begins(day, &zone).min(end));
                if calendar.overlap().is_none() {
                    prop_assert!((of.all().total() - to.since(from)).abs() < 1e-3, "{} {:?}", day, of);
                }
            }
        }
    }
}
