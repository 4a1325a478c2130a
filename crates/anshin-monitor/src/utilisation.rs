//! How well a machine is used: seconds of each state, by day and shift, gaps counted apart.

use std::collections::BTreeMap;
use std::iter::Sum;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use serde::{Deserialize, Serialize};

use crate::reading::State;
use crate::time::Time;

/// A part of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Its id.
    pub id: String,
    /// When it begins, in minutes after midnight.
    pub from: u16,
    /// When it ends, in minutes after midnight; before `from` if it goes over midnight.
    pub to: u16,
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

    /// Producing against the time that is known, 0 to 1; `None` where nothing is known.
    ///
    /// The availability of OEE with the known time as planned time.
    pub fn rate(&self) -> Option<f64> {
        let known = self.producing + self.idle + self.off;
        (known > 0.0).then(|| self.producing / known)
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

impl Sum for Times {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::default(), |sum, one| Self {
            producing: sum.producing + one.producing,
            idle: sum.idle + one.idle,
            off: sum.off + one.off,
            no_data: sum.no_data + one.no_data,
        })
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

/// What of a machine's use outlives a restart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Sums {
    cells: Vec<KeptCell>,
    stretches: Vec<Stretch>,
    until: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptCell {
    day: String,
    shift: Option<String>,
    times: Times,
}

/// Seconds of the shifts of a day, and of the time that belongs to none.
pub type ByShift<'s> = Vec<(Option<&'s str>, Times)>;

impl Sums {
    /// The newest day, with its seconds. Days that had not come anywhere when this was counted are those of a
    /// clock that was wrong.
    pub fn newest_day(&self) -> Option<(&str, ByShift<'_>)> {
        let last = self.until.map(|until| until.last_day().to_string());
        let days = self.cells.iter().map(|cell| cell.day.as_str());
        let day = days.filter(|day| last.as_deref().is_none_or(|last| *day <= last)).max()?;
        let of_day = self.cells.iter().filter(|cell| cell.day == day);
        Some((day, of_day.map(|cell| (cell.shift.as_deref(), cell.times)).collect()))
    }
}

/// Longest stretch in seconds that is counted: over a longer one, a clock was wrong or nobody watched.
const LONGEST: f64 = 31.0 * 86_400.0;

/// Most stretches that outlive a restart.
const MOST_KEPT: usize = 2_000;

/// Most stretches that are kept for the timeline; older ones stay in the sums only.
const MOST_STRETCHES: usize = 20_000;

/// The day that a time belongs to, and the shift, if any.
pub type Cell = (Date, Option<usize>);

/// Adds up the states of one machine.
#[derive(Debug)]
pub struct Utilisation {
    zone: TimeZone,
    shifts: Vec<Shift>,
    now: Option<(Time, Option<State>)>,
    /// From when on the state was only assumed to go on.
    assumed: Option<Time>,
    /// The current cell: a moment in it, and when it ends.
    cell: Option<(Cell, Time, Time)>,
    sums: BTreeMap<Cell, Times>,
    stretches: Vec<Stretch>,
}

impl Utilisation {
    /// Nothing yet; days and shifts are those of the time zone.
    pub fn new(zone: TimeZone, shifts: Vec<Shift>) -> Self {
        Self {
            zone,
            shifts,
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
        let cells = self.sums.iter().map(|((day, shift), times)| KeptCell {
            day: day.to_string(),
            shift: shift.and_then(|n| self.shifts.get(n)).map(|shift| shift.id.clone()),
            times: *times,
        });
        let older = self.stretches.len().saturating_sub(MOST_KEPT);
        Sums {
            cells: cells.collect(),
            stretches: self.stretches[older..].to_vec(),
            until: self.now.map(|(time, _)| time),
        }
    }

    /// Goes on from what was kept. Nothing is known of the time since.
    pub fn restore(&mut self, kept: Sums) {
        for cell in kept.cells {
            let Ok(day) = cell.day.parse::<Date>() else { continue };
            let shift = cell.shift.and_then(|id| self.shifts.iter().position(|shift| shift.id == id));
            let sum = self.sums.entry((day, shift)).or_default();
            sum.producing += cell.times.producing;
            sum.idle += cell.times.idle;
            sum.off += cell.times.off;
            sum.no_data += cell.times.no_data;
        }
        self.stretches = kept.stretches;
        (self.now, self.assumed) = (kept.until.map(|until| (until, None)), None);
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

    /// Seconds by day and shift.
    pub fn sums(&self) -> &BTreeMap<Cell, Times> {
        &self.sums
    }

    /// Seconds by day, shifts together.
    pub fn days(&self) -> BTreeMap<Date, Times> {
        let mut days: BTreeMap<Date, Times> = BTreeMap::new();
        for ((day, _), times) in &self.sums {
            let sum = days.entry(*day).or_default();
            sum.producing += times.producing;
            sum.idle += times.idle;
            sum.off += times.off;
            sum.no_data += times.no_data;
        }
        days
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
            self.sums.entry(cell).or_default().add(state, sign * until.since(at));
            at = until;
        }
    }

    /// The cell of a moment, and when it ends. A shift over midnight belongs to the day of its start.
    fn cell_of(&self, at: Time) -> (Cell, Time) {
        let local: Zoned = at.stamp().to_zoned(self.zone.clone());
        let day = local.date();
        let minute =
            u16::try_from(local.hour()).unwrap_or(0) * 60 + u16::try_from(local.minute()).unwrap_or(0);
        let inside = self.shifts.iter().position(|shift| {
            if shift.from <= shift.to {
                (shift.from..shift.to).contains(&minute)
            } else {
                minute >= shift.from || minute < shift.to
            }
        });
        let belongs = match inside.map(|n| &self.shifts[n]) {
            Some(shift) if shift.from > shift.to && minute < shift.to => day.yesterday().unwrap_or(day),
            _ => day,
        };
        let borders = self.shifts.iter().flat_map(|shift| [shift.from, shift.to]);
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
    use super::*;

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
        let mut at_once = Utilisation::new(TimeZone::UTC, Vec::new());
        let mut in_batches = Utilisation::new(TimeZone::UTC, Vec::new());
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
        let mut used = Utilisation::new(TimeZone::UTC, Vec::new());
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
        assert_eq!(kept.newest_day().map(|(day, _)| day), Some("2026-04-01"));
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_of_its_start_and_gaps_count_apart() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let shifts = vec![
            Shift { id: "day".to_owned(), from: 8 * 60, to: 17 * 60 },
            Shift { id: "night".to_owned(), from: 22 * 60, to: 5 * 60 },
        ];
        let mut used = Utilisation::new(zone, shifts);
        let at = |text: &str| Time::parse(text).unwrap();
        used.set(at("2026-04-01T16:00:00+09:00"), Some(State::Producing));
        used.set(at("2026-04-01T23:00:00+09:00"), None);
        used.set(at("2026-04-02T01:00:00+09:00"), Some(State::Idle));
        used.until(at("2026-04-02T09:00:00+09:00"));
        let hours: Vec<(String, Option<usize>, [f64; 4])> = used
            .sums()
            .iter()
            .map(|((day, shift), t)| {
                (day.to_string(), *shift, [t.producing, t.idle, t.off, t.no_data].map(|s| s / 3600.0))
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
}
