//! Recordings: tables and lines of adapters, read line by line.

use std::io::{self, BufRead};

use anshin_model::Text;

use crate::config::{Source, SourceKind, TimeColumn};
use crate::time::Time;

/// Longest line that is read.
const MOST_LINE: u64 = 1 << 20;

/// Most columns of a table.
const MOST_COLUMNS: usize = 10_000;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is not what the configuration says.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Form(Text),
}

/// What could not be read of a recording that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Lines in all.
    pub lines: u64,
    /// Lines whose time could not be read, or that have the wrong number of columns.
    pub skipped: u64,
    /// The first of them, from 1.
    pub first: Option<u64>,
    /// Why it could not be read.
    pub why: Option<Text>,
}

impl Skipped {
    fn skip(&mut self, why: impl FnOnce() -> Text) {
        self.skipped += 1;
        if self.first.is_none() {
            self.first = Some(self.lines);
            self.why = Some(why());
        }
    }
}

/// Why a time cannot be read.
fn no_time(text: &str) -> Text {
    let shown: String = text.trim().chars().take(40).collect();
    Text::new(format!("`{shown}`を時刻として読めません"), format!("`{shown}` is no time"))
}

/// Reads a recording; `take` gets the values of one moment at a time. Only the columns that `wanted`
/// names are handed on.
///
/// # Errors
/// If the file cannot be read, or lacks a column that is wanted.
pub fn read(
    source: &Source,
    wanted: &[&str],
    file: impl BufRead,
    take: impl FnMut(Time, &[(&str, &str)]),
) -> Result<Skipped, RecordingError> {
    match source.kind {
        SourceKind::Shdr | SourceKind::Mtconnect => read_shdr(wanted, file, take),
        _ => read_csv(source, wanted, file, take),
    }
}

/// A line without its end; `None` at the end of the file. Bytes that are no UTF-8 are read as Shift JIS,
/// in which loggers and spreadsheets in Japan write.
fn line(file: &mut impl BufRead) -> Result<Option<String>, RecordingError> {
    let mut bytes = Vec::new();
    let read = io::Read::take(&mut *file, MOST_LINE).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 >= MOST_LINE && !bytes.ends_with(b"\n") {
        return Err(RecordingError::Form(Text::new(
            "1行が1 MiBを超えています。表や記録のファイルではないようです",
            "a line is longer than 1 MiB: this seems to be no table and no recording",
        )));
    }
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    Ok(Some(String::from_utf8(bytes).unwrap_or_else(|error| {
        let (text, _, _) = encoding_rs::SHIFT_JIS.decode(error.as_bytes());
        text.into_owned()
    })))
}

fn read_csv(
    source: &Source,
    wanted: &[&str],
    mut file: impl BufRead,
    mut take: impl FnMut(Time, &[(&str, &str)]),
) -> Result<Skipped, RecordingError> {
    let mut skipped = Skipped::default();
    let Some(head) = line(&mut file)? else {
        return Err(RecordingError::Form(Text::new("ファイルが空です", "the file is empty")));
    };
    let head = head.trim_start_matches('\u{feff}');
    let delimiter = source.delimiter.map_or_else(|| likely_delimiter(head), char::from);
    let names: Vec<String> = cells(head, delimiter).into_iter().map(|name| name.trim().to_owned()).collect();
    if names.len() > MOST_COLUMNS {
        return Err(RecordingError::Form(Text::new(
            format!("列が{MOST_COLUMNS}を超えています"),
            format!("there are more than {MOST_COLUMNS} columns"),
        )));
    }
    let column = |name: &str| {
        names.iter().position(|known| known == name).ok_or_else(|| {
            let all = names.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
            RecordingError::Form(Text::new(
                format!("列`{name}`がありません。ある列: {all}"),
                format!("there is no column `{name}`; there are: {all}"),
            ))
        })
    };
    let time_column = match &source.time {
        TimeColumn::Column(name, form) => Some((column(name)?, *form)),
        TimeColumn::Pace { .. } => None,
        TimeColumn::Arrival => {
            return Err(RecordingError::Form(Text::new(
                "この源には時刻の列がありません。記録を読むには`time`に列の名前を書いてください",
                "this source has no column of times; to read a recording, name it in `time`",
            )));
        }
    };
    let columns =
        wanted.iter().map(|name| Ok((*name, column(name)?))).collect::<Result<Vec<_>, RecordingError>>()?;
    skipped.lines = 1;
    let mut read = 0_u64;
    while let Some(row) = line(&mut file)? {
        skipped.lines += 1;
        if row.trim().is_empty() {
            continue;
        }
        let cells = cells(&row, delimiter);
        let time = match (&source.time, time_column) {
            (TimeColumn::Pace { from, every }, _) => {
                #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^53")]
                let rows = (skipped.lines - 2) as f64;
                Some(from.plus(every * rows))
            }
            (_, Some((column, form))) => cells.get(column).and_then(|cell| form.read(cell, &source.zone)),
            _ => None,
        };
        let Some(time) = time else {
            let cell = time_column.and_then(|(column, _)| cells.get(column));
            skipped.skip(|| no_time(cell.map_or("", String::as_str)));
            continue;
        };
        let values: Vec<(&str, &str)> = columns
            .iter()
            .filter_map(|(name, column)| cells.get(*column).map(|cell| (*name, cell.as_str())))
            .collect();
        if values.len() < columns.len() {
            let (count, all) = (cells.len(), names.len());
            skipped.skip(|| {
                Text::new(
                    format!("列が{count}個しかありません（見出しは{all}個）"),
                    format!("it has {count} columns only, the head has {all}"),
                )
            });
        }
        take(time, &values);
        read += 1;
    }
    match &skipped.why {
        Some(why) if read == 0 => Err(RecordingError::Form(Text::new(
            format!(
                "読めた行がありません。{}行目: {}",
                skipped.first.unwrap_or_default(),
                why.get(anshin_model::Lang::Ja)
            ),
            format!(
                "not one line could be read; line {}: {}",
                skipped.first.unwrap_or_default(),
                why.get(anshin_model::Lang::En)
            ),
        ))),
        _ => Ok(skipped),
    }
}

/// Lines of an adapter: a time, then names and values in turn, separated by bars.
fn read_shdr(
    wanted: &[&str],
    mut file: impl BufRead,
    mut take: impl FnMut(Time, &[(&str, &str)]),
) -> Result<Skipped, RecordingError> {
    let mut skipped = Skipped::default();
    while let Some(row) = line(&mut file)? {
        skipped.lines += 1;
        match shdr_line(&row, wanted) {
            Some((time, values)) if !values.is_empty() => take(time, &values),
            // Commands of the protocol, such as `* PONG 10000`, carry no data.
            None if !row.starts_with('*') && !row.trim().is_empty() => {
                skipped.skip(|| no_time(row.split('|').next().unwrap_or_default()));
            }
            _ => {}
        }
    }
    Ok(skipped)
}

/// The time of an adapter's line and those of its values that are wanted; `None` if it has no time.
pub fn shdr_line<'a>(row: &'a str, wanted: &[&str]) -> Option<(Time, Vec<(&'a str, &'a str)>)> {
    let mut parts = row.split('|');
    let time = Time::parse(parts.next()?).ok()?;
    let mut values = Vec::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        if wanted.contains(&name) {
            values.push((name, value));
        }
    }
    Some((time, values))
}

/// The delimiter that a head of a table has most of.
fn likely_delimiter(head: &str) -> char {
    [',', ';', '\t'].into_iter().max_by_key(|delimiter| head.matches(*delimiter).count()).unwrap_or(',')
}

/// The cells of a row; quotes may surround a cell and are doubled inside.
pub(crate) fn cells(row: &str, delimiter: char) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            c if c == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_quotes_and_delimiters() {
        assert_eq!(cells(r#"a;"b;c";"d""e";"#, ';'), ["a", "b;c", "d\"e", ""]);
        assert_eq!(likely_delimiter("Num;Time;A,B"), ';');
    }
}
