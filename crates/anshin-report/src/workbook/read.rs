//! A workbook as any program saved it: cells by place, within limits.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use anshin_model::Text;
use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, Xlsx};

use super::base::{self, Base};
use super::{BASE_SHEET, ID_ROW, LISTS_SHEET, MARK, MAX_BYTES};

/// Most bytes that the parts of a workbook may have when unpacked.
const MAX_UNPACKED: u64 = 512 << 20;

/// Most parts in the file.
const MAX_PARTS: usize = 5_000;

/// Most cells that are read.
const MAX_CELLS: usize = 3_000_000;

/// Most bytes of text in cells; a text that many cells share counts as often.
const MAX_TEXT: usize = 256 << 20;

/// Columns beyond this one are not looked at.
const MAX_COLUMN: u32 = 1_000;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Number(f64),
    Bool(bool),
    Day(String),
    Error,
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its name as people see it.
    pub(super) name: String,
    /// What it is: a table or a worksheet; nothing if it is not of this program.
    pub(super) id: Option<String>,
    /// Cells by row and column.
    pub(super) rows: BTreeMap<u32, BTreeMap<u32, Raw>>,
}

/// A workbook.
#[derive(Debug)]
pub(super) struct File {
    pub(super) base: Base,
    pub(super) sheets: Vec<Sheet>,
}

fn not_a_workbook(why: &impl std::fmt::Display) -> Text {
    Text::new(
        format!("Excelのブック（.xlsx）として読めません（{why}）。`.xlsx`の形式で保存し直してください"),
        format!("this cannot be read as an Excel workbook ({why}); save it as `.xlsx`"),
    )
}

fn too_large() -> Text {
    Text::new(
        "ブックが大きすぎるため読みません。Anshinが書き出したものに記入し直してください",
        "the workbook is too large to be read; fill in one that Anshin made",
    )
}

/// Reads the cells of all sheets.
pub(super) fn read(bytes: &[u8]) -> Result<File, Text> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    check_size(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| not_a_workbook(&error))?;
    let mut budget = Budget { cells: MAX_CELLS, text: MAX_TEXT };
    let mut sheets = Vec::new();
    let mut base = None;
    for name in book.sheet_names() {
        if name == LISTS_SHEET {
            continue;
        }
        // A sheet of charts has no cells.
        let Ok(rows) = cells(&mut book, &name, &mut budget) else { continue };
        let rows = rows?;
        if name == BASE_SHEET {
            base = Some(base::read(rows.into_values().map(line))?);
            continue;
        }
        let mark = match rows.get(&ID_ROW).and_then(|row| row.get(&0)) {
            Some(Raw::Text(mark)) => mark.strip_prefix(MARK).map(str::to_owned),
            _ => None,
        };
        sheets.push(Sheet { name, id: mark, rows });
    }
    let base = base.ok_or_else(|| {
        Text::new(
            "Anshinのブックではありません（隠しシート`_anshin`がありません）。`anshin report --format xlsx`が作るブックを使ってください",
            "this is not a workbook of Anshin (the hidden sheet `_anshin` is missing); use one that `anshin report --format xlsx` makes",
        )
    })?;
    Ok(File { base, sheets })
}

/// A sheet as a plain table: its name, and rows of what people see in the cells.
pub type PlainSheet = (String, Vec<Vec<String>>);

/// The sheets of any workbook as plain tables.
///
/// # Errors
/// If it is no workbook, or larger than any that people fill in.
pub fn tables(bytes: &[u8]) -> Result<Vec<PlainSheet>, Text> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    check_size(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| not_a_workbook(&error))?;
    let mut budget = Budget { cells: MAX_CELLS, text: MAX_TEXT };
    // Cells that are empty cost room as well, and one far away brings many of them.
    let mut room = MAX_CELLS;
    let mut out = Vec::new();
    for name in book.sheet_names() {
        let Ok(rows) = cells(&mut book, &name, &mut budget) else { continue };
        let mut table: Vec<Vec<String>> = Vec::new();
        for (row, cells) in rows? {
            let row = row as usize;
            let last = cells.keys().next_back().map_or(0, |last| *last as usize);
            room = room.checked_sub(row - table.len() + last + 2).ok_or_else(too_large)?;
            table.resize(row, Vec::new());
            table.push(line(cells));
        }
        out.push((name, table));
    }
    Ok(out)
}

/// Unpacks every part once and throws it away: what a packed file says of its own size may be wrong.
fn check_size(bytes: &[u8]) -> Result<(), Text> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| not_a_workbook(&error))?;
    if archive.len() > MAX_PARTS {
        return Err(too_large());
    }
    let mut left = MAX_UNPACKED;
    for n in 0..archive.len() {
        let part = archive.by_index(n).map_err(|error| not_a_workbook(&error))?;
        let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let read = read.map_err(|error| not_a_workbook(&error))?;
        left = left.checked_sub(read).ok_or_else(too_large)?;
    }
    Ok(())
}

struct Budget {
    cells: usize,
    text: usize,
}

type Rows = BTreeMap<u32, BTreeMap<u32, Raw>>;

/// The cells of a sheet; the outer error is that it has none.
fn cells(
    book: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    budget: &mut Budget,
) -> Result<Result<Rows, Text>, calamine::XlsxError> {
    let mut reader = book.worksheet_cells_reader(name)?;
    let mut rows = Rows::new();
    loop {
        let cell = match reader.next_cell() {
            Ok(Some(cell)) => cell,
            Ok(None) => break,
            Err(error) => return Ok(Err(not_a_workbook(&error))),
        };
        let (row, column) = cell.get_position();
        let raw = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                Raw::Text(text.clone())
            }
            DataRef::SharedString(text) => {
                if text.len() > budget.text {
                    return Ok(Err(too_large()));
                }
                Raw::Text((*text).to_owned())
            }
            #[expect(clippy::cast_precision_loss, reason = "a cell shows no more digits than a double has")]
            DataRef::Int(number) => Raw::Number(*number as f64),
            DataRef::Float(number) => Raw::Number(*number),
            DataRef::Bool(yes) => Raw::Bool(*yes),
            DataRef::DateTime(day) => calendar(day).map_or(Raw::Number(day.as_f64()), Raw::Day),
            DataRef::Error(_) => Raw::Error,
        };
        if column > MAX_COLUMN {
            continue;
        }
        let size = if let Raw::Text(text) = &raw { text.len() } else { 0 };
        match (budget.cells.checked_sub(1), budget.text.checked_sub(size)) {
            (Some(cells), Some(text)) => *budget = Budget { cells, text },
            _ => return Ok(Err(too_large())),
        }
        rows.entry(row).or_default().insert(column, raw);
    }
    // A formula that no program has calculated yet has no value: that is not an empty cell.
    drop(reader);
    let mut reader = book.worksheet_cells_reader(name)?;
    while let Ok(Some(cell)) = reader.next_formula() {
        let (row, column) = cell.get_position();
        if column > MAX_COLUMN || cell.get_value().is_empty() {
            continue;
        }
        let Some(left) = budget.cells.checked_sub(1) else { return Ok(Err(too_large())) };
        budget.cells = left;
        rows.entry(row).or_default().entry(column).or_insert(Raw::Error);
    }
    Ok(Ok(rows))
}

/// The texts of a row, one for each column from the first.
fn line(row: BTreeMap<u32, Raw>) -> Vec<String> {
    let mut out = Vec::new();
    for (column, raw) in row {
        while out.len() < column as usize {
            out.push(String::new());
        }
        out.push(raw.text());
    }
    out
}

impl Raw {
    /// What a person sees in the cell.
    pub(super) fn text(&self) -> String {
        match self {
            Raw::Text(text) => text.clone(),
            Raw::Number(number) => number.to_string(),
            Raw::Bool(yes) => yes.to_string(),
            Raw::Day(day) => day.clone(),
            Raw::Error => String::new(),
        }
    }

    /// The day of a date, or of a number that counts days.
    pub(super) fn day(&self) -> Option<String> {
        match self {
            Raw::Day(day) => Some(day.clone()),
            Raw::Number(days) => calendar(&ExcelDateTime::new(*days, ExcelDateTimeType::DateTime, false)),
            _ => None,
        }
    }
}

/// A date as `YYYY-MM-DD`.
fn calendar(day: &ExcelDateTime) -> Option<String> {
    // Dates end with the year 9999.
    if !(1.0..2_958_466.0).contains(&day.as_f64()) {
        return None;
    }
    let (year, month, day, ..) = day.to_ymd_hms_milli();
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1900() {
        assert_eq!(Raw::Number(46_113.0).day().as_deref(), Some("2026-04-01"));
        assert_eq!(Raw::Number(1e300).day(), None);
        assert_eq!(Raw::Number(f64::NAN).day(), None);
    }
}
