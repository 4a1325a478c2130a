//! Plain tables as an Excel workbook, to fill in and to read back.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError,
};
use unicode_width::UnicodeWidthStr as _;

/// Longest text of one cell in Excel, in characters; a little below its limit of UTF-16 units.
const MAX_CELL: usize = 16_000;

/// Widest column, in half-width characters.
const MAX_WIDTH: usize = 48;

/// Tables with their names as a workbook; the first row of each holds the headings.
///
/// Everything is written as text, never as a formula.
///
/// # Errors
/// If the workbook cannot be made, for example because a table has more rows than Excel takes.
pub fn plain_workbook(tables: &[(String, Vec<Vec<String>>)]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The date of making would differ in every run; the same input gives the same workbook.
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
    let base = Format::new()
        .set_font_size(10)
        .set_align(FormatAlign::Top)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0x00BF_BFBF));
    let head =
        base.clone().set_bold().set_background_color(Color::RGB(0x001F_3A5F)).set_font_color(Color::White);
    for (name, rows) in tables {
        let sheet = workbook.add_worksheet();
        // Excel takes 31 characters, and none that stand in formulas.
        let name: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
        sheet.set_name(name.trim_matches('\''))?;
        sheet.set_freeze_panes(1, 0)?;
        for (row, cells) in (0u32..).zip(rows) {
            for (column, text) in (0u16..).zip(cells) {
                let text: String = text.chars().take(MAX_CELL).collect();
                sheet.write_string_with_format(row, column, text, if row == 0 { &head } else { &base })?;
            }
        }
        let columns = rows.first().map_or(0, Vec::len);
        for (column, n) in (0u16..).zip(0..columns) {
            let widest = rows.iter().filter_map(|row| row.get(n)).map(|text| text.width()).max();
            let width = widest.unwrap_or_default().clamp(6, MAX_WIDTH);
            sheet.set_column_width(column, f64::from(u32::try_from(width).unwrap_or(6)) + 2.0)?;
        }
    }
    workbook.save_to_buffer()
}
