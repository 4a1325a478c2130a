//! The files of the history: `readings/day=2026-04-01/part-….parquet`, a layout that
//! `DuckDB`, Spark and `DataFusion` read as one table.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Row;
use crate::clock;

/// A file of the history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The day on which it was written, in UTC: 2026-04-01.
    pub day: String,
    /// The file.
    pub path: PathBuf,
}

/// The files in the folder of a monitor, oldest first.
///
/// # Errors
/// If a folder cannot be read.
pub fn parts(folder: &Path) -> io::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for (day, path) in days(&folder.join("readings"))? {
        for entry in fs::read_dir(path)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "parquet") {
                parts.push(Part { day: day.clone(), path });
            }
        }
    }
    parts.sort();
    Ok(parts)
}

fn days(readings: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(readings) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut days = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(day) = name.strip_prefix("day=") {
            days.push((day.to_owned(), path));
        }
    }
    Ok(days)
}

/// Writes rows into a new file. It is there as a whole or not at all.
#[cfg(feature = "parquet")]
pub(super) fn write(readings: &Path, rows: &[Row]) -> io::Result<()> {
    let now = clock::now();
    let day = now.stamp().to_zoned(jiff::tz::TimeZone::UTC).date();
    let folder = readings.join(format!("day={day}"));
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("part-{:019}.parquet", now.nanos()));
    let new = readings.join("part.new");
    let written = super::table::write(&new, rows).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // A full disk needs the room.
        let _ = fs::remove_file(new);
    }
    written
}

/// The rows of a file.
#[cfg(feature = "parquet")]
pub(super) fn rows(part: &Part) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    super::table::read(&part.path, |row| rows.push(row))?;
    Ok(rows)
}

/// Without the feature there is none.
#[cfg(not(feature = "parquet"))]
pub(super) fn rows(_: &Part) -> io::Result<Vec<Row>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes what was begun and never became a file.
pub(super) fn tidy(readings: &Path) {
    for (_, day) in days(readings).unwrap_or_default() {
        let Ok(entries) = fs::read_dir(day) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.extension().is_some_and(|end| end == "new") {
                // What cannot be removed now is tried again at the next start.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Without the feature nothing is kept; nobody asks for it.
#[cfg(not(feature = "parquet"))]
pub(super) fn write(_: &Path, _: &[Row]) -> io::Result<()> {
    let _ = clock::now;
    Err(io::ErrorKind::Unsupported.into())
}

/// Removes the oldest files until the others take at most so many bytes; the newest one stays.
pub(super) fn forget(readings: &Path, most: u64) -> io::Result<()> {
    let folder = readings.parent().unwrap_or(readings);
    let mut sum = 0;
    for (n, part) in parts(folder)?.iter().rev().enumerate() {
        sum += fs::metadata(&part.path)?.len();
        if n > 0 && sum > most {
            fs::remove_file(&part.path)?;
        }
    }
    for (_, day) in days(readings)? {
        // A folder that still holds files stays.
        let _ = fs::remove_dir(day);
    }
    Ok(())
}
