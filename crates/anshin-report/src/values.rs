//! A table of values as an Excel workbook that can be reckoned with: numbers are numbers, moments are dates.

use jiff::civil::DateTime;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::utilisation::Look;
use crate::workbook::look::write_text;

/// A table.
#[derive(Debug)]
pub struct Values {
    /// Its columns.
    pub columns: Vec<Column>,
    /// A value for each column.
    pub rows: Vec<Vec<Value>>,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// The heading, with the unit.
    pub head: String,
    /// Its width in characters.
    pub width: f64,
    /// How its values look.
    pub form: Form,
}

/// How values look.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// As words.
    Text,
    /// As numbers, by a format of Excel.
    Number(&'static str),
    /// As date and time.
    Moment,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing is known.
    Nothing,
    /// Words.
    Text(String),
    /// A number in the unit of the column.
    Number(f64),
    /// A moment by the clocks of the place.
    Moment(DateTime),
}

/// The table as the one sheet of a workbook.
///
/// # Errors
/// If it cannot be made, for example because it has more rows than Excel takes.
pub fn xlsx(name: &str, table: &Values) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The date of making would differ in every run; the same input gives the same workbook.
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
    let look = Look::new();
    let sheet = workbook.add_worksheet().set_name(name)?;
    let heads: Vec<(String, f64)> =
        table.columns.iter().map(|column| (column.head.clone(), column.width)).collect();
    look.heads_on_one_page(sheet, &heads)?;
    let formats: Vec<Format> = table
        .columns
        .iter()
        .map(|column| match column.form {
            Form::Text => look.word.clone(),
            Form::Number(form) => look.word.clone().set_num_format(form),
            Form::Moment => look.moment.clone(),
        })
        .collect();
    let mut last = 0;
    for (row, cells) in (1_u32..).zip(&table.rows) {
        for (column, (value, format)) in (0_u16..).zip(cells.iter().zip(&formats)) {
            match value {
                Value::Nothing => drop(sheet.write_blank(row, column, format)?),
                Value::Text(text) => write_text(sheet, row, column, text, format)?,
                Value::Number(number) => {
                    sheet.write_number_with_format(row, column, *number, format)?;
                }
                Value::Moment(moment) => {
                    let text = moment.strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string();
                    let moment = ExcelDateTime::parse_from_str(&text)?;
                    sheet.write_datetime_with_format(row, column, &moment, format)?;
                }
            }
        }
        last = row;
    }
    if let Some(columns) = table.columns.len().checked_sub(1).and_then(|last| u16::try_from(last).ok()) {
        sheet.autofilter(0, 0, last, columns)?;
    }
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, DataType as _, Reader as _, Xlsx};

    use super::*;

    #[test]
    fn numbers_are_numbers_and_moments_are_dates() {
        let column = |head: &str, form| Column { head: head.to_owned(), width: 12.0, form };
        let table = Values {
            columns: vec![
                column("machine", Form::Text),
                column("end", Form::Moment),
                column("duration (s)", Form::Number("0.0")),
                column("taken (Wh)", Form::Number("0.00")),
            ],
            rows: vec![vec![
                Value::Text("=cmd()".to_owned()),
                Value::Moment("2026-04-01T08:36:20.25".parse().unwrap()),
                Value::Number(20.5),
                Value::Nothing,
            ]],
        };
        let bytes = xlsx("cycles", &table).unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("cycles").unwrap();
        let cell = |column| sheet.get_value((1, column)).unwrap();
        assert_eq!(cell(0).get_string(), Some("=cmd()"), "words are no formula");
        assert!(matches!(cell(1), Data::DateTime(_)), "{:?}", cell(1));
        // Excel counts days from the last day of 1899 on.
        let days = cell(1).get_datetime().unwrap().as_f64();
        let expected = 46_113.0 + (8.0 * 3600.0 + 36.0 * 60.0 + 20.25) / 86_400.0;
        assert!((days - expected).abs() < 1e-6, "{days} is not {expected}");
        assert_eq!(cell(2).get_float(), Some(20.5));
        assert!(cell(3).is_empty());
        assert_eq!(sheet.get_value((0, 3)).unwrap().get_string(), Some("taken (Wh)"));
    }
}
