//! Spreadsheets as plain tables of words.

use std::io::Cursor;
use std::path::Path;

use anshin_checklist::File;
use anshin_checklist::csv::csv_rows;
use calamine::{Data, Reader as _, Xlsx};

use crate::clock;
use crate::input::Failure;

/// Most cells that are read from a workbook.
const MOST_CELLS: usize = 500_000;

/// A sheet: its name and its rows.
pub(crate) type Sheet = (String, Vec<Vec<String>>);

/// The tables of a file: the sheets of a workbook, or the one of a CSV file.
pub(crate) fn tables(file: File) -> Result<Vec<Sheet>, Failure> {
    let ending = Path::new(&file.name).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if ending == "xlsx" {
        return read(&file.name, file.bytes);
    }
    let rows = csv_rows(&file.bytes).map_err(Failure::Other)?;
    Ok(vec![(file.name, rows)])
}

/// The rows of a sheet by its name; of the first one if no name is given.
pub(crate) fn named(sheets: Vec<Sheet>, name: Option<&str>) -> Result<Vec<Vec<String>>, Failure> {
    let all = sheets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let found = sheets.into_iter().find(|(own, _)| name.is_none_or(|name| name == own));
    found.map(|(_, rows)| rows).ok_or_else(|| {
        Failure::new(
            format!("そのシートはありません。あるもの: {all}"),
            format!("there is no such sheet; there are: {all}"),
        )
    })
}

/// The sheets of a workbook.
pub(crate) fn read(name: &str, bytes: Vec<u8>) -> Result<Vec<Sheet>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(
            format!("`{name}`をExcelのブック（.xlsx）として読めません（{error}）"),
            format!("cannot read `{name}` as an Excel workbook (.xlsx): {error}"),
        )
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| wrong(&error))?;
    let mut out = Vec::new();
    for sheet in book.sheet_names() {
        let range = book.worksheet_range(&sheet).map_err(|error| wrong(&error))?;
        if range.get_size().0.saturating_mul(range.get_size().1) > MOST_CELLS {
            return Err(wrong(&format_args!("more than {MOST_CELLS} cells")));
        }
        let first = range.start().map_or((0, 0), |start| start);
        let mut rows = vec![Vec::new(); first.0 as usize];
        for row in range.rows() {
            let mut cells = vec![String::new(); first.1 as usize];
            cells.extend(row.iter().map(word));
            rows.push(cells);
        }
        out.push((sheet, rows));
    }
    Ok(out)
}

fn word(cell: &Data) -> String {
    match cell {
        Data::DateTime(date) if date.is_datetime() => clock::excel_date(date.as_f64()),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Empty | Data::Error(_) => String::new(),
        other => other.to_string(),
    }
}
