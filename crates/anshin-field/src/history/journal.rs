//! The rows that are not yet in a file, as lines of text: `time,machine,input,value,doubtful,word`.
//! The word comes last and may hold commas; a line break in it becomes a space.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use anshin_monitor::Time;

use super::Row;
use crate::folder;

/// Longest line that is read.
const MOST_LINE: u64 = 1 << 16;

/// A journal that is written.
#[derive(Debug)]
pub(super) struct Journal(BufWriter<File>);

impl Journal {
    /// Opens a journal to add to it. A line that was cut off by a crash is ended first.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self(BufWriter::with_capacity(1 << 16, folder::append(path)?)))
    }

    /// An empty journal in the place of the old one.
    pub(super) fn anew(path: &Path) -> io::Result<Self> {
        File::create(path)?;
        Self::open(path)
    }

    pub(super) fn add(&mut self, rows: &[Row]) -> io::Result<()> {
        for row in rows {
            write!(self.0, "{},{},{},", row.time.nanos(), row.machine, row.input)?;
            if let Some(value) = row.value {
                write!(self.0, "{value}")?;
            }
            write!(self.0, ",{}", u8::from(row.doubtful))?;
            match &row.word {
                Some(word) if word.contains(['\n', '\r']) => {
                    writeln!(self.0, ",{}", word.replace(['\n', '\r'], " "))?;
                }
                Some(word) => writeln!(self.0, ",{word}")?,
                None => writeln!(self.0)?,
            }
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The rows of a journal. A line that was cut off is left out.
pub(super) fn read(path: &Path) -> io::Result<Vec<Row>> {
    let mut file = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut rows = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = io::Read::take(&mut file, MOST_LINE).read_until(b'\n', &mut line)?;
        if count == 0 || rows.len() > 2 * super::MOST_ROWS {
            return Ok(rows);
        }
        if let Some(text) = line.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok()) {
            rows.extend(row(text));
        }
    }
}

/// The row of a line; `None` if it is none.
pub fn row(line: &str) -> Option<Row> {
    let mut cells = line.splitn(6, ',');
    let time = Time::from_nanos(cells.next()?.parse().ok()?);
    let machine = Arc::from(cells.next()?);
    let input = Cow::Owned(cells.next()?.to_owned());
    let value = cells.next()?;
    let value = if value.is_empty() { None } else { Some(value.parse().ok()?) };
    let doubtful = cells.next()? == "1";
    Some(Row { time, machine, input, value, word: cells.next().map(Arc::from), doubtful })
}
