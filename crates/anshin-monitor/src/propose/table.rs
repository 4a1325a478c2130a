//! What a recording shows: the columns of a table, or what an adapter has told.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read as _};

use anshin_model::shape::has_control;
use jiff::tz::TimeZone;

use super::dates::{self, Dates};
use super::found::{Room, Seen, Span};
use super::guess::matters_when;
use super::head::{Clock, Head, Since, day_in_name};
use super::several::{self, tells_machine};
use crate::config::{Source, TimeColumn, TimeForm};
use crate::number::Decimal;
use crate::recording::{MOST_LINE, RecordingError, Rows, line, shdr_line};
use crate::time::Time;

/// Most rows that are looked at.
const MOST_ROWS: usize = 2_000_000;

/// Lines from which the form of a table is read.
const FIRST_LINES: usize = 250;

/// What a column is that is called as a machine and nothing else.
pub(super) const POWER: &str = "電力";

/// Fields of a condition that an adapter tells, behind its time, and the levels of one.
const CONDITION: usize = 6;
const LEVELS: [&str; 4] = ["NORMAL", "WARNING", "FAULT", "UNAVAILABLE"];

/// Most bytes of a table whose dates are looked at before its rows are.
const MOST_BYTES: u64 = 1 << 30;

/// A recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What the machine is called: the name of the file.
    pub name: String,
    /// Whether it is a table; else it is lines of an adapter.
    pub is_table: bool,
    /// Where its times stand.
    pub(super) clock: Option<Clock>,
    /// What the comma in its numbers is.
    pub(super) decimal: Decimal,
    /// Names of columns with what stands below them in the head.
    pub(super) labels: BTreeMap<String, String>,
    /// What stands in the columns; of rows of several machines in those that no machine's are.
    pub(super) seen: Seen,
    /// Where a column tells of which machine a row is: its name, and what stands in the rows of each.
    pub(super) of_rows: Option<(String, BTreeMap<String, Seen>)>,
    /// Where each row has one value: the columns of its name and of the value.
    pub(super) item: Option<(String, String)>,
    /// Whether there are more machines than are looked at.
    pub(super) has_more: bool,
    /// Whether its times go back by an hour, as those of a place do where summer time ends.
    pub(super) goes_back_an_hour: bool,
}

/// Seconds by which times go back where summer time ends, less those from row to row.
const AN_HOUR: std::ops::RangeInclusive<f64> = 3_300.0..=3_600.0;

/// Most machines of a table.
pub(super) const MOST_OF_ROWS: usize = 50;

impl Table {
    /// Looks through a recording, which is read as it will be watched.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(name: &str, mut file: impl BufRead) -> Result<Self, RecordingError> {
        let mut bytes = Vec::new();
        for _ in 0..FIRST_LINES {
            if io::Read::take(&mut file, MOST_LINE).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
        }
        let (mut start, mut first, mut is_shift_jis) = (bytes.as_slice(), Vec::new(), false);
        let mut number = 0;
        while let Some((text, is_other)) = line(&mut start, is_shift_jis)? {
            is_shift_jis |= is_other;
            number += 1;
            // Empty lines have no columns.
            if !text.trim().is_empty() {
                first.push((number, text));
            }
        }
        let mut table = Self { name: name.to_owned(), ..Self::default() };
        table.seen.room = Room::RECORDING;
        let begin = first.first().map_or("", |(_, text)| text.as_str());
        let is_told =
            begin.split('|').count() > 2 && Time::parse(begin.split('|').next().unwrap_or_default()).is_ok();
        if is_told {
            table.told(Cursor::new(bytes).chain(file))?;
            return Ok(table);
        }
        table.is_table = true;
        let mut head = Head::find(&first)?;
        if let Some(clock) = head.clock.as_mut().filter(|clock| clock.form == TimeForm::TimeOfDay)
            && clock.since == Since::Untold
            && let Some(day) = day_in_name(name)
        {
            clock.since = Since::Told(day);
        }
        if head.wants_order(&first) {
            io::Read::take(&mut file, MOST_BYTES).read_to_end(&mut bytes)?;
            let dates = order(&head, &bytes)?;
            if let Some(clock) = &mut head.clock {
                clock.dates = dates;
            }
        }
        table.rows(head, Cursor::new(bytes).chain(file))?;
        Ok(table)
    }

    /// Lines of an adapter.
    fn told(&mut self, mut file: impl BufRead) -> Result<(), RecordingError> {
        for _ in 0..MOST_ROWS {
            let Some((text, _)) = line(&mut file, false)? else { break };
            let fields: Vec<&str> = text.split('|').skip(1).collect();
            // What stands behind the level of a condition are no names: its code, severity, qualifier and text.
            let is_condition = fields.len() == CONDITION && LEVELS.contains(&fields[1]);
            let fields = if is_condition { &fields[..2] } else { &fields[..] };
            let names: Vec<&str> =
                fields.iter().copied().step_by(2).filter(|name| !name.is_empty()).collect();
            if let Some((time, values)) = shdr_line(&text, &names) {
                for (name, value) in values {
                    self.seen.value(name, value, time);
                }
            }
        }
        Ok(())
    }

    /// Rows of a table.
    fn rows(&mut self, head: Head, file: impl BufRead) -> Result<(), RecordingError> {
        let of_time = |name: &String| head.clock.as_ref().is_some_and(|clock| clock.columns.contains(name));
        let names = head.names.iter().zip(head.labels);
        let named = names.filter(|(name, _)| !name.is_empty() && !has_control(name) && !of_time(name));
        for (name, label) in named {
            self.labels.entry(name.clone()).or_insert(label);
        }
        let of_rows = head.names.iter().find(|name| self.labels.contains_key(*name) && tells_machine(name));
        let of_rows = of_rows.cloned();
        self.item = several::items(&head.names);
        if self.item.is_some() {
            self.labels.clear();
        }
        let wanted: Vec<String> = self.labels.keys().cloned().collect();
        let bare = wanted.iter().filter(|name| self.is_bare(name)).cloned();
        for name in bare.collect::<Vec<_>>() {
            // What is called as a machine and nothing else is likely what the file is called, or its power.
            let says = if matters_when(&self.name, &Span::default()) { self.name.as_str() } else { POWER };
            self.labels.insert(name.clone(), format!("{says} {name}"));
        }
        // How far rows lie apart is not known without a clock: they show powers, and no times.
        let nowhere = TimeColumn::Pace { from: Time::from_nanos(0), every: 0.0 };
        let time = head.clock.as_ref().map_or(nowhere, Clock::time);
        let mut source = Source::table(time, TimeZone::UTC, head.decimal);
        source.topic.clone_from(&of_rows);
        source.item.clone_from(&self.item);
        source.order = head.clock.as_ref().and_then(|clock| Some(clock.dates.as_ref()?.order));
        (self.clock, self.decimal) = (head.clock, head.decimal);
        let mut rows = Rows::open(&source, &wanted, file)?;
        let mut machines: BTreeMap<String, Seen> = BTreeMap::new();
        let mut before: Option<Time> = None;
        for row in rows.by_ref().take(MOST_ROWS) {
            let row = row?;
            let back = before.replace(row.time).map_or(0.0, |before| before.since(row.time));
            self.goes_back_an_hour |= row.topic.is_none() && AN_HOUR.contains(&back);
            let seen = match row.topic.as_deref() {
                None | Some("") => &mut self.seen,
                Some(topic) => {
                    if !machines.contains_key(topic) {
                        // What cannot be written as a topic is of no machine.
                        if has_control(topic) {
                            continue;
                        }
                        if machines.len() >= MOST_OF_ROWS {
                            self.has_more = true;
                            continue;
                        }
                        machines.insert(topic.to_owned(), Seen::with(Room::RECORDING));
                    }
                    let Some(seen) = machines.get_mut(topic) else { continue };
                    seen
                }
            };
            seen.row(row.time);
            for (name, cell) in &row.values {
                let label = self.labels.get(&**name).map_or(&**name, String::as_str);
                seen.written((name, label), cell.trim(), self.decimal, row.time);
            }
        }
        if let Some(column) = of_rows {
            if machines.len() > 1 {
                self.of_rows = Some((column, machines));
            } else if let Some((_, seen)) = machines.pop_first() {
                self.seen = seen;
            }
        }
        rows.tells_only().map_or(Ok(()), |text| Err(RecordingError::Form(text)))
    }

    /// Whether a column is called as a machine and nothing else, and nothing below it tells more.
    pub(super) fn is_bare(&self, name: &str) -> bool {
        several::of(name).is_some_and(|of| of.is_bare)
            && self
                .labels
                .get(name)
                .is_some_and(|label| label == name || label.ends_with(&format!(" {name}")))
    }
}

/// The order of the dates of a table, by all of them.
fn order(head: &Head, mut bytes: &[u8]) -> Result<Option<Dates>, RecordingError> {
    let mut column = dates::Column::default();
    for _ in 0..MOST_ROWS {
        let Some((text, _)) = line(&mut bytes, false)? else { break };
        head.see(&text, &mut column);
    }
    Ok(column.read())
}
