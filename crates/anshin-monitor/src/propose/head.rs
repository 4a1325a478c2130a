//! The head of a table: where it stands, what its columns are called, and which of them tell the time.
//!
//! Loggers write what they are before the head, and names and units below it. What is data is known by its
//! times, or else by its numbers; the head is the line before it that names most.

use anshin_model::Text;
use jiff::tz::TimeZone;

use super::dates::{self, Dates};
use super::guess;
use crate::config::{TimeColumn, TimeForm, seconds};
use crate::number::{self, Decimal};
use crate::recording::{MOST_OF_UNITS, RecordingError, cells, likely_delimiter, no_rows, told_apart};
use crate::time::{DateOrder, Time};

/// Numbers that are seconds, or parts of one, since 1970, and not since the beginning of a recording.
const SECONDS_SINCE_1970: f64 = 1e8;
const MILLISECONDS_SINCE_1970: f64 = 1e11;
const MICROSECONDS_SINCE_1970: f64 = 1e14;
const NANOSECONDS_SINCE_1970: f64 = 1e17;

/// Where the times of a table stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clock {
    pub(super) columns: Vec<String>,
    pub(super) form: TimeForm,
    pub(super) since: Since,
    /// In which order dates stand that need one.
    pub(super) dates: Option<Dates>,
}

/// From which moment the times of a table count.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Since {
    /// They say themselves when they were.
    Always,
    /// From the beginning of the recording, which is told before its head, or in the name of the file.
    Told(String),
    /// From the beginning of the recording, whenever that was.
    Untold,
}

impl Clock {
    /// As a source reads it.
    pub(super) fn time(&self) -> TimeColumn {
        let (columns, form) = (self.columns.clone(), self.form);
        match &self.since {
            Since::Always => TimeColumn::Column(columns, form),
            Since::Told(_) | Since::Untold => TimeColumn::Since { columns, form, from: Time::from_nanos(0) },
        }
    }
}

/// The head of a table.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) names: Vec<String>,
    /// The names with what stands below them, such as units.
    pub(super) labels: Vec<String>,
    pub(super) clock: Option<Clock>,
    pub(super) decimal: Decimal,
    delimiter: char,
    /// Where dates with times of day stand.
    moments: Option<Vec<usize>>,
}

type Cells = Vec<String>;

impl Head {
    /// Finds the head in the first lines of a table, each with its number.
    ///
    /// # Errors
    /// If there is none, or nothing below it.
    pub(super) fn find(lines: &[(u64, String)]) -> Result<Self, RecordingError> {
        let mut forms: Vec<((usize, char), usize)> = Vec::new();
        for (_, text) in lines {
            let delimiter = likely_delimiter(text);
            let form = (cells(text, delimiter).len(), delimiter);
            match forms.iter_mut().find(|(known, _)| *known == form) {
                Some((_, count)) => *count += 1,
                None => forms.push((form, 1)),
            }
        }
        // Of those that are as many, the wider one, and the one that comes later.
        let most = forms.into_iter().max_by_key(|((width, _), count)| (*count, *width));
        let Some(((width, delimiter), _)) = most else {
            return Err(RecordingError::Form(Text::new("ファイルが空です", "the file is empty")));
        };
        let trimmed = |text: &String| -> Cells {
            let row = cells(text.trim_start_matches('\u{feff}'), delimiter);
            row.into_iter().map(|cell| cell.trim().to_owned()).collect()
        };
        let rows: Vec<(u64, Cells)> = lines.iter().map(|(number, text)| (*number, trimmed(text))).collect();
        let body: Vec<&(u64, Cells)> = rows.iter().filter(|(_, row)| row.len() == width).collect();
        let moments = moments(&body, width);
        let Some(start) = first_data(&body, moments.as_deref()) else {
            return Err(RecordingError::Form(no_rows(body.last().map_or(1, |(number, _)| *number))));
        };
        let (before, data) = body.split_at(start);
        let Some((at, names)) = best(before, moments.as_deref()) else {
            return Err(RecordingError::Form(Text::new(
                "列の名前の行がありません。データの上に、列の名前の行（例: time,power）を足してください",
                "no line names the columns; add one above the data, such as: time,power",
            )));
        };
        let (names, below) = (told_apart(names), &before[at + 1..]);
        let label = |n: usize| {
            let below = below.iter().map(|(_, row)| row[n].as_str());
            let parts = std::iter::once(names[n].as_str()).chain(below).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        };
        let labels: Vec<String> = (0..width).map(label).collect();
        let data: Vec<&Cells> = data.iter().map(|(_, row)| row).collect();
        let head_line = before[at].0;
        let named = |places: &[usize]| places.iter().map(|n| names[*n].clone()).collect();
        let decimal = decimal(delimiter, &data);
        let clock =
            |places: &[usize], form, since| Clock { columns: named(places), form, since, dates: None };
        let clock = if let Some(places) = &moments {
            Some(clock(places, TimeForm::Rfc3339, Since::Always))
        } else {
            let before = || rows.iter().take_while(|(number, _)| *number < head_line).map(|(_, row)| row);
            let since = |began: Option<String>| began.map_or(Since::Untold, Since::Told);
            let of_day = of_day(&labels, &data);
            let of_day = of_day.map(|at| clock(&[at], TimeForm::TimeOfDay, since(before().find_map(day))));
            of_day.or_else(|| {
                let (at, form, is_since_1970) = counted(&labels, &data, decimal)?;
                let always = is_since_1970.then_some(Since::Always);
                Some(clock(&[at], form, always.unwrap_or_else(|| since(before().find_map(began)))))
            })
        };
        Ok(Self { names, labels, clock, decimal, delimiter, moments })
    }

    /// Whether dates stand in an order that all of them must tell.
    pub(super) fn wants_order(&self, lines: &[(u64, String)]) -> bool {
        lines
            .iter()
            .any(|(_, text)| self.moment(text).is_some_and(|text| !DateOrder::fitting(&text).is_empty()))
    }

    /// Takes the date of a line.
    pub(super) fn see(&self, text: &str, column: &mut dates::Column) {
        if let Some(text) = self.moment(text) {
            column.take(&text);
        }
    }

    /// What stands in a line where the dates with times of day do.
    fn moment(&self, text: &str) -> Option<String> {
        let places = self.moments.as_ref()?;
        Some(written(places, &cells(text, self.delimiter))).filter(|text| is_moment(text))
    }
}

/// Whether a text is a date with a time of day.
fn is_moment(text: &str) -> bool {
    let has_time = text.contains([':', '：', '時', 'T']) || Time::is_compact(text);
    has_time && (Time::local(text, &TimeZone::UTC, None).is_ok() || !DateOrder::fitting(text).is_empty())
}

/// What stands in some places of a row.
fn written(places: &[usize], row: &Cells) -> String {
    let parts: Vec<&str> = places.iter().map(|n| row.get(*n).map_or("", |cell| cell.trim())).collect();
    parts.join(" ")
}

/// The places of dates with times of day: one column, or two that stand side by side.
fn moments(body: &[&(u64, Cells)], width: usize) -> Option<Vec<usize>> {
    let are = |places: &[usize], fits: fn(&str) -> bool| {
        let count = body.iter().filter(|(_, row)| fits(&written(places, row))).count();
        count > 0 && (count * 2 > body.len() || body.len() <= 4)
    };
    let one = (0..width).map(|n| vec![n]);
    let two = (1..width).map(|n| vec![n - 1, n]);
    let mut fitting: Vec<Vec<usize>> = one.chain(two).filter(|places| are(places, is_moment)).collect();
    // Digits alone may be the number of a lot: they are times where nothing else is.
    let at = fitting.iter().position(|places| !are(places, Time::is_compact)).unwrap_or(0);
    (!fitting.is_empty()).then(|| fitting.swap_remove(at))
}

/// Where the data begins.
fn first_data(body: &[&(u64, Cells)], moments: Option<&[usize]>) -> Option<usize> {
    if let Some(places) = moments {
        return body.iter().position(|(_, row)| is_moment(&written(places, row)));
    }
    let is_number = |cell: &String| {
        number::read(cell, Decimal::Point).or_else(|| number::read(cell, Decimal::Comma)).is_some()
    };
    let width = body.first()?.1.len();
    let half = &body[body.len() / 2..];
    let numeric: Vec<usize> = (0..width)
        .filter(|n| half.iter().filter(|(_, row)| is_number(&row[*n])).count() * 2 > half.len())
        .collect();
    if numeric.is_empty() {
        return (body.len() > 1).then_some(1);
    }
    let is_data = |row: &Cells| numeric.iter().filter(|n| is_number(&row[**n])).count() * 2 >= numeric.len();
    body.iter().position(|(_, row)| is_data(row))
}

/// Of the lines before the data the one that names the columns: the time, if one does, else most of them; a line
/// of units does not.
fn best<'a>(before: &[&'a (u64, Cells)], moments: Option<&[usize]>) -> Option<(usize, &'a Cells)> {
    let most = usize::try_from(MOST_OF_UNITS).unwrap_or(usize::MAX) + 1;
    let from = before.len().saturating_sub(most);
    let score = |row: &Cells| {
        let names_time = moments.is_some_and(|places| places.iter().any(|n| guess::names_a_time(&row[*n])));
        let is_of_units = row.iter().all(|cell| number::is_unit(cell));
        (!is_of_units, names_time, row.iter().filter(|cell| !cell.is_empty()).count())
    };
    let rows = before.iter().enumerate().skip(from).map(|(n, (_, row))| (n, row));
    rows.filter(|(_, row)| row.iter().any(|cell| !cell.is_empty())).max_by_key(|(_, row)| score(row))
}

/// The place of a column that counts seconds or milliseconds, which, and whether it counts them since 1970.
fn counted(labels: &[String], data: &[&Cells], decimal: Decimal) -> Option<(usize, TimeForm, bool)> {
    labels.iter().enumerate().find_map(|(n, label)| {
        let milliseconds = guess::counts_time(label)?;
        let form = if milliseconds { TimeForm::Milliseconds } else { TimeForm::Seconds };
        // As a number, however it is called: a name without a unit does not tell seconds from milliseconds.
        let read = |row: &&Cells| seconds(row.get(n)?, decimal);
        let times: Vec<f64> = data.iter().filter_map(read).collect();
        let (first, last) = (times.first()?, times.last()?);
        let rises = times.windows(2).filter(|pair| pair[1] > pair[0]).count();
        let falls = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let steps = times.len().saturating_sub(1);
        let goes_on = steps > 0 && (rises * 20 >= steps * 19 || falls * 20 >= steps * 19);
        if !goes_on || times.len() * 2 <= data.len() {
            return None;
        }
        Some(form_since_1970(first.max(*last)).map_or((n, form, false), |since| (n, since, true)))
    })
}

/// The form of a number that counts since 1970, and not since the beginning of a recording.
pub(super) fn form_since_1970(number: f64) -> Option<TimeForm> {
    let forms = [
        (NANOSECONDS_SINCE_1970, TimeForm::Nanoseconds),
        (MICROSECONDS_SINCE_1970, TimeForm::Microseconds),
        (MILLISECONDS_SINCE_1970, TimeForm::Milliseconds),
        (SECONDS_SINCE_1970, TimeForm::Seconds),
    ];
    forms.into_iter().find(|(least, _)| number > *least).map(|(_, form)| form)
}

/// The place of a column of times without a date, which tell when it was and not how long it has been.
fn of_day(labels: &[String], data: &[&Cells]) -> Option<usize> {
    labels.iter().enumerate().position(|(n, label)| {
        let times = data.iter().filter_map(|row| Time::seconds_of_day(row.get(n)?));
        let times: Vec<f64> = times.collect();
        if !guess::names_a_time(label) || times.len() * 2 <= data.len() {
            return false;
        }
        let passes_midnight = times.windows(2).any(|pair| pair[0] - pair[1] > NIGHT);
        guess::names_a_time_of_day(label)
            || passes_midnight
            || !guess::names_a_span(label) && times.iter().all(|time| *time > SOON)
    })
}

/// Seconds after its beginning within which a recording begins to count.
const SOON: f64 = 60.0;

/// A time that falls by so many seconds is one of the day after.
const NIGHT: f64 = 12.0 * 3_600.0;

/// The day, or the moment, that a line before the head tells.
fn day(row: &Cells) -> Option<String> {
    let date = |text: &String| {
        let moment = Time::local(&format!("{text} 0:00"), &TimeZone::UTC, None).ok()?;
        Some(moment.day(&TimeZone::UTC).to_string())
    };
    began(row).or_else(|| row.iter().find_map(date))
}

/// The day that the name of a file tells: `log_20260401`, `2026-04-01`.
pub(super) fn day_in_name(name: &str) -> Option<String> {
    let runs: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let is_day = |day: &String| Time::local(&format!("{day} 0:00"), &TimeZone::UTC, None).is_ok();
    let of = |n: usize| {
        let day = match runs[n..] {
            // A time of day may follow without anything between.
            [day, ..] if day.len() >= 8 => format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..8]),
            [year, month, day, ..] if [year.len(), month.len(), day.len()] == [4, 2, 2] => {
                format!("{year}-{month}-{day}")
            }
            _ => return None,
        };
        Some(day).filter(|day| day.starts_with("20") && is_day(day))
    };
    (0..runs.len()).find_map(of)
}

/// The moment that a line before the head tells, in one cell or in two.
fn began(row: &Cells) -> Option<String> {
    let moment = |text: &str| {
        let time = Time::local(text, &TimeZone::UTC, None).ok().filter(|_| is_moment(text))?;
        Some(time.stamp().to_zoned(TimeZone::UTC).datetime().to_string())
    };
    let pairs = row.windows(2).map(|pair| pair.join(" "));
    row.iter().cloned().chain(pairs).find_map(|text| moment(&text))
}

/// What the comma in numbers is, as they show.
fn decimal(delimiter: char, data: &[&Cells]) -> Decimal {
    let (mut may_part_thousands, mut has_point) = (false, false);
    for cell in data.iter().flat_map(|row| row.iter()) {
        let text: String = cell.chars().map(number::narrow).collect();
        let text = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        if !text.contains(',') {
            has_point |= text.contains('.') && number::read(text, Decimal::Point).is_some();
        } else if number::without_groups(text).is_some() {
            may_part_thousands |= true;
            has_point |= text.contains('.');
        } else if number::read(text, Decimal::Comma).is_some() {
            return Decimal::Comma;
        }
    }
    match (delimiter, may_part_thousands) {
        (',', _) | (_, false) => Decimal::Unsaid,
        // Semicolons part columns where commas are decimal ones.
        (';', true) if !has_point => Decimal::Comma,
        _ => Decimal::Point,
    }
}

#[cfg(test)]
mod tests {
    use super::day_in_name;

    #[test]
    fn the_name_of_a_file_may_tell_a_day() {
        for (name, day) in [
            ("log_20260401", Some("2026-04-01")),
            ("2026-04-01", Some("2026-04-01")),
            ("20260401083000", Some("2026-04-01")),
            ("No20_20120415", Some("2012-04-15")),
            ("press_20_20260401", Some("2026-04-01")),
            ("line-120_2026_04_01", Some("2026-04-01")),
            ("press_20261341", None),
            ("press20", None),
        ] {
            assert_eq!(day_in_name(name).as_deref(), day, "{name}");
        }
    }
}
