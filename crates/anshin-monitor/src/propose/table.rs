//! What a recording shows: the columns of a table, or what an adapter has told.

use std::collections::BTreeMap;
use std::io::BufRead;

use jiff::tz::TimeZone;

use super::found::{Seen, Span};
use super::guess::{self, Guess};
use crate::config::TimeForm;
use crate::recording::{RecordingError, cells, likely_delimiter, line, shdr_line};
use crate::time::Time;

/// Most rows that are looked at, and most samples of each power that are remembered.
const MOST_ROWS: usize = 2_000_000;
const MOST_SAMPLES: usize = 500_000;

/// Rows from which the form of a table is read.
const FIRST_ROWS: usize = 200;

/// A recording.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What the machine is called: the name of the file.
    pub name: String,
    /// Whether it is a table; else it is lines of an adapter.
    pub is_table: bool,
    /// The columns of the times and how they are written, such as `rfc3339`.
    pub(super) time: Option<(Vec<String>, &'static str)>,
    /// Numbers are written with a decimal comma.
    pub(super) comma: bool,
    /// What stands in the columns.
    pub(super) seen: Seen,
}

impl Table {
    /// Looks through a recording.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(name: &str, file: impl BufRead) -> Result<Self, RecordingError> {
        let mut lines = Lines { file, is_shift_jis: false };
        let mut table = Self { name: name.to_owned(), ..Self::default() };
        let mut first = Vec::new();
        while first.len() < FIRST_ROWS
            && let Some(text) = lines.next()?
        {
            // Empty lines have no columns.
            if !text.trim().is_empty() {
                first.push(text);
            }
        }
        let start = first.first().map_or("", String::as_str);
        if start.split('|').count() > 2 && Time::parse(start.split('|').next().unwrap_or_default()).is_ok() {
            table.told(first, &mut lines)?;
        } else {
            table.is_table = true;
            table.rows(&first, &mut lines)?;
        }
        Ok(table)
    }

    /// Lines of an adapter.
    fn told(&mut self, first: Vec<String>, lines: &mut Lines<impl BufRead>) -> Result<(), RecordingError> {
        let mut first = first.into_iter();
        for _ in 0..MOST_ROWS {
            let Some(text) = first.next().map_or_else(|| lines.next(), |text| Ok(Some(text)))? else { break };
            let names: Vec<&str> = text.split('|').skip(1).step_by(2).collect();
            if let Some((time, values)) = shdr_line(&text, &names) {
                for (name, value) in values {
                    self.seen.value(name, value, time);
                }
            }
        }
        Ok(())
    }

    /// Rows of a table. Its head is the first line that has as many columns as most of the others.
    fn rows(&mut self, first: &[String], lines: &mut Lines<impl BufRead>) -> Result<(), RecordingError> {
        let mut forms: BTreeMap<(usize, char), usize> = BTreeMap::new();
        for text in first {
            let delimiter = likely_delimiter(text);
            *forms.entry((cells(text, delimiter).len(), delimiter)).or_default() += 1;
        }
        let most = forms.into_iter().max_by_key(|(_, count)| *count);
        let (width, delimiter) = most.map_or((0, ','), |(form, _)| form);
        let mut rows = first.iter().map(|text| cells(text, delimiter)).skip_while(|row| row.len() != width);
        let head = rows.next().unwrap_or_default();
        let names: Vec<String> =
            head.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        let rows: Vec<Vec<String>> = rows.collect();
        let is_comma = |cell: &String| {
            let (whole, part) = cell.trim().split_once(',').unwrap_or_default();
            let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
            is_number(whole.trim_start_matches('-')) && is_number(part)
        };
        self.comma = delimiter != ',' && rows.iter().flatten().any(is_comma);
        let time = times(&names, &rows);
        self.time =
            time.as_ref().map(|(places, form)| (places.iter().map(|n| names[*n].clone()).collect(), *form));
        let form = |form: &str| match form {
            "milliseconds" => TimeForm::Milliseconds,
            "seconds" => TimeForm::Seconds,
            _ => TimeForm::Rfc3339,
        };
        let (mut rows, mut last) = (rows.into_iter(), None);
        for _ in 0..MOST_ROWS {
            let Some(row) = rows.next().map_or_else(
                || Ok::<_, RecordingError>(lines.next()?.map(|text| cells(&text, delimiter))),
                |row| Ok(Some(row)),
            )?
            else {
                break;
            };
            let at = match &time {
                // How far rows lie apart is not known: they show powers, and no times.
                None => Some(Time::from_seconds(0.0)),
                Some((places, named)) => form(named).read(&written(places, &row), &TimeZone::UTC, last),
            };
            let Some(at) = at else { continue };
            last = Some(at);
            for (n, (name, cell)) in names.iter().zip(&row).enumerate() {
                let is_time = time.as_ref().is_some_and(|(places, _)| places.contains(&n));
                if !is_time && !name.is_empty() {
                    self.value(name, cell.trim(), at);
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, name: &str, cell: &str, at: Time) {
        let span = self.seen.values.entry(name.to_owned()).or_default();
        let number = if self.comma { span.take(&cell.replace(',', ".")) } else { span.take(cell) };
        if let Some(number) = number.filter(|_| guess::may_be_power(name)) {
            span.keep(at, number, MOST_SAMPLES);
        }
    }
}

/// The lines of a file, whatever they are written in.
struct Lines<R> {
    file: R,
    is_shift_jis: bool,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> Result<Option<String>, RecordingError> {
        let read = line(&mut self.file, self.is_shift_jis)?;
        Ok(read.map(|(text, is_other)| {
            self.is_shift_jis |= is_other;
            text
        }))
    }
}

/// The columns of the times, and how these are written: one column, or one of days and one of times.
fn times(names: &[String], rows: &[Vec<String>]) -> Option<(Vec<usize>, &'static str)> {
    let form = |places: &[usize], name: &str| {
        let mut span = Span::default();
        for row in rows {
            span.take(&written(places, row));
        }
        match guess::guess(name, &span)? {
            Guess::Time(form) => Some(form),
            _ => None,
        }
    };
    let one = (0..names.len()).find_map(|n| Some((vec![n], form(&[n], &names[n])?)));
    one.or_else(|| {
        let place = |any: [&str; 2]| {
            names.iter().position(|name| any.iter().any(|word| name.to_lowercase().contains(word)))
        };
        let places = vec![place(["日付", "date"])?, place(["時刻", "time"])?];
        form(&places, "time").map(|form| (places, form))
    })
}

/// What stands in the columns of the times of a row.
fn written(places: &[usize], row: &[String]) -> String {
    let parts: Vec<&str> = places.iter().map(|n| row.get(*n).map_or("", |cell| cell.trim())).collect();
    parts.join(" ")
}
