//! Recordings: tables and lines of adapters, read line by line.

use std::io::{self, BufRead};
use std::sync::Arc;

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
    /// The last line could not be read.
    pub fn skip(&mut self, why: impl FnOnce() -> Text) {
        self.skipped += 1;
        if self.first.is_none() {
            self.first = Some(self.lines);
            self.why = Some(why());
        }
    }

    /// What is wrong with a recording of which not one line could be read.
    pub fn nothing(&self) -> Option<RecordingError> {
        let (first, why) = (self.first?, self.why.as_ref()?);
        Some(RecordingError::Form(Text::new(
            format!("読めた行がありません。{first}行目: {}", why.get(anshin_model::Lang::Ja)),
            format!("not one line could be read; line {first}: {}", why.get(anshin_model::Lang::En)),
        )))
    }
}

/// Why a time cannot be read.
pub fn no_time(text: &str) -> Text {
    let shown: String = text.trim().chars().take(40).collect();
    Text::new(format!("`{shown}`を時刻として読めません"), format!("`{shown}` is no time"))
}

/// A row of a recording: its moment, and those of its values that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When it was so.
    pub time: Time,
    /// Names and values.
    pub values: Vec<(Arc<str>, String)>,
}

/// The rows of a recording, one by one.
#[derive(Debug)]
pub struct Rows<R> {
    file: R,
    form: Form,
    skipped: Skipped,
    /// Whether a row could be read.
    any: bool,
}

/// How a recording is written.
#[derive(Debug)]
enum Form {
    Table(Box<Table>),
    /// Lines of an adapter: a time, then names and values in turn, separated by bars.
    Shdr(Vec<Arc<str>>),
}

/// The head of a table, as far as it matters.
#[derive(Debug)]
struct Table {
    source: Source,
    delimiter: char,
    width: usize,
    /// The column of times; the lines of one without follow at a fixed pace.
    time: Option<usize>,
    columns: Vec<(Arc<str>, usize)>,
}

impl<R: BufRead> Rows<R> {
    /// Begins to read a recording of a source. Only the columns that are wanted are handed on.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks a column that is wanted.
    pub fn open(source: &Source, wanted: &[String], mut file: R) -> Result<Self, RecordingError> {
        let mut skipped = Skipped::default();
        let form = match source.kind {
            SourceKind::Shdr | SourceKind::Mtconnect => {
                Form::Shdr(wanted.iter().map(|name| Arc::from(name.as_str())).collect())
            }
            _ => {
                skipped.lines = 1;
                Form::Table(Box::new(Table::open(source, wanted, &mut file)?))
            }
        };
        Ok(Self { file, form, skipped, any: false })
    }

    /// What could not be read so far.
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    fn read(&mut self) -> Result<Option<Row>, RecordingError> {
        while let Some(text) = line(&mut self.file)? {
            self.skipped.lines += 1;
            let row = match &self.form {
                Form::Table(table) => table.row(&text, &mut self.skipped),
                Form::Shdr(wanted) => shdr_row(&text, wanted, &mut self.skipped),
            };
            if row.is_some() {
                self.any = true;
                return Ok(row);
            }
        }
        let is_table = matches!(self.form, Form::Table(_));
        if is_table && !self.any { self.skipped.nothing().map_or(Ok(None), Err) } else { Ok(None) }
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Row, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
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

impl Table {
    fn open(source: &Source, wanted: &[String], file: &mut impl BufRead) -> Result<Self, RecordingError> {
        let Some(head) = line(file)? else {
            return Err(RecordingError::Form(Text::new("ファイルが空です", "the file is empty")));
        };
        let head = head.trim_start_matches('\u{feff}');
        let delimiter = source.delimiter.map_or_else(|| likely_delimiter(head), char::from);
        let names: Vec<String> =
            cells(head, delimiter).into_iter().map(|name| name.trim().to_owned()).collect();
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
        let time = match &source.time {
            TimeColumn::Column(name, _) => Some(column(name)?),
            TimeColumn::Pace { .. } => None,
            TimeColumn::Arrival => {
                return Err(RecordingError::Form(Text::new(
                    "この源には時刻の列がありません。記録を読むには`time`に列の名前を書いてください",
                    "this source has no column of times; to read a recording, name it in `time`",
                )));
            }
        };
        let columns = wanted
            .iter()
            .map(|name| Ok((Arc::from(name.as_str()), column(name)?)))
            .collect::<Result<Vec<_>, RecordingError>>()?;
        Ok(Self { source: source.clone(), delimiter, width: names.len(), time, columns })
    }

    /// A line as a row; `None` if it is empty or its time cannot be read.
    fn row(&self, text: &str, skipped: &mut Skipped) -> Option<Row> {
        if text.trim().is_empty() {
            return None;
        }
        let mut cells = cells(text, self.delimiter);
        let time = match &self.source.time {
            TimeColumn::Pace { from, every } => {
                #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^53")]
                let rows = (skipped.lines - 2) as f64;
                Some(from.plus(every * rows))
            }
            TimeColumn::Column(_, form) => self
                .time
                .and_then(|column| cells.get(column))
                .and_then(|cell| form.read(cell, &self.source.zone)),
            TimeColumn::Arrival => None,
        };
        let Some(time) = time else {
            let cell = self.time.and_then(|column| cells.get(column));
            skipped.skip(|| no_time(cell.map_or("", String::as_str)));
            return None;
        };
        let count = cells.len();
        let mut values = Vec::with_capacity(self.columns.len());
        for (name, column) in &self.columns {
            // Names are told apart, and so are their columns.
            values.extend(cells.get_mut(*column).map(|cell| (Arc::clone(name), std::mem::take(cell))));
        }
        if values.len() < self.columns.len() {
            let all = self.width;
            skipped.skip(|| {
                Text::new(
                    format!("列が{count}個しかありません（見出しは{all}個）"),
                    format!("it has {count} columns only, the head has {all}"),
                )
            });
        }
        Some(Row { time, values })
    }
}

/// A line of an adapter as a row; `None` if it says nothing that is wanted.
fn shdr_row(text: &str, wanted: &[Arc<str>], skipped: &mut Skipped) -> Option<Row> {
    let names: Vec<&str> = wanted.iter().map(|name| &**name).collect();
    match shdr_line(text, &names) {
        Some((_, values)) if values.is_empty() => None,
        Some((time, values)) => {
            let values = values.into_iter().map(|(name, value)| (Arc::from(name), value.to_owned()));
            Some(Row { time, values: values.collect() })
        }
        None => {
            // Commands of the protocol, such as `* PONG 10000`, carry no data.
            if !text.starts_with('*') && !text.trim().is_empty() {
                skipped.skip(|| no_time(text.split('|').next().unwrap_or_default()));
            }
            None
        }
    }
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
