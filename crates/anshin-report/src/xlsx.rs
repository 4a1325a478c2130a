//! The worksheets as an Excel workbook: a guide, then a sheet for each worksheet.

use anshin_model::{Lang, Text};
use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet as Sheet, XlsxError,
};
use unicode_width::UnicodeWidthStr as _;

use crate::worksheet::{Cell, Tone, Worksheet};

/// Longest text of one cell in Excel, in UTF-16 units.
const MAX_CELL: usize = 32_767;

/// The workbook as bytes.
///
/// Everything is written as text, never as a formula. Cells that the program works out are
/// protected (without a password), so that nobody changes them by mistake.
///
/// # Errors
/// If the workbook cannot be made, for example because it has more rows than Excel takes.
pub fn xlsx(title: &Text, worksheets: &[Worksheet], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The date of making would differ in every run; the same input gives the same workbook.
    let fixed = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1)?;
    let properties =
        rust_xlsxwriter::DocProperties::new().set_title(title.get(lang)).set_creation_datetime(&fixed);
    workbook.set_properties(&properties);
    let formats = Formats::new(lang);
    guide(workbook.add_worksheet(), title, worksheets, lang, &formats)?;
    for worksheet in worksheets {
        write(workbook.add_worksheet(), worksheet, lang, &formats)?;
    }
    workbook.save_to_buffer()
}

struct Formats {
    title: Format,
    header: Format,
    plain: Format,
    good: Format,
    serious: Format,
    grave: Format,
    priority: Format,
    faint: Format,
}

impl Formats {
    fn new(lang: Lang) -> Self {
        let font = match lang {
            Lang::Ja => "Yu Gothic",
            Lang::En => "Calibri",
        };
        let base =
            Format::new().set_font_name(font).set_font_size(10).set_align(FormatAlign::Top).set_text_wrap();
        let cell = base.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF));
        let tinted = |background: u32| cell.clone().set_background_color(Color::RGB(background));
        Self {
            title: Format::new().set_font_name(font).set_font_size(16).set_bold(),
            header: cell
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0x001F_3A5F))
                .set_font_color(Color::White)
                .set_align(FormatAlign::VerticalCenter),
            good: tinted(0x00DC_EBF7),
            serious: tinted(0x00FC_E4C4),
            grave: tinted(0x00E0_7B39).set_bold(),
            priority: tinted(0x00FF_F2A8).set_bold().set_align(FormatAlign::Center),
            faint: cell.clone().set_font_color(Color::RGB(0x0076_7676)),
            plain: cell,
        }
    }

    fn of(&self, tone: Tone) -> &Format {
        match tone {
            Tone::Plain => &self.plain,
            Tone::Good => &self.good,
            Tone::Serious => &self.serious,
            Tone::Grave => &self.grave,
            Tone::Priority => &self.priority,
            Tone::Faint => &self.faint,
        }
    }
}

/// The first sheet: what each sheet is for, where its input comes from and where it goes.
fn guide(
    sheet: &mut Sheet,
    title: &Text,
    worksheets: &[Worksheet],
    lang: Lang,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let word = |ja: &'static str, en: &'static str| match lang {
        Lang::Ja => ja,
        Lang::En => en,
    };
    sheet.set_name(word("案内", "Guide"))?;
    sheet.write_string_with_format(0, 0, title.get(lang), &formats.title)?;
    let headings = [
        (word("シート", "Sheet"), 34.0),
        (word("目的", "What it is for"), 56.0),
        (word("入力元", "Input from"), 44.0),
        (word("出力先", "Output to"), 44.0),
        (word("行数", "Rows"), 8.0),
    ];
    for (column, (heading, width)) in (0u16..).zip(headings) {
        sheet.write_string_with_format(2, column, heading, &formats.header)?;
        sheet.set_column_width(column, width)?;
    }
    let widths: Vec<f64> = headings.iter().map(|(_, width)| *width).collect();
    for (row, worksheet) in (3u32..).zip(worksheets) {
        let texts =
            [&worksheet.title, &worksheet.purpose, &worksheet.from, &worksheet.to].map(|text| text.get(lang));
        sheet.set_row_height(row, height(texts.iter().copied().zip(widths.iter().copied())))?;
        let name = sheet_name(worksheet, lang);
        let link =
            rust_xlsxwriter::Url::new(format!("internal:'{}'!A1", name.replace('\'', "''"))).set_text(&name);
        sheet.write_url_with_format(row, 0, link, &formats.plain)?;
        for (column, text) in (1u16..).zip([&worksheet.purpose, &worksheet.from, &worksheet.to]) {
            sheet.write_string_with_format(row, column, text.get(lang), &formats.plain)?;
        }
        sheet.write_string_with_format(row, 4, worksheet.rows.len().to_string(), &formats.plain)?;
    }
    sheet.set_freeze_panes(3, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    sheet.protect();
    Ok(())
}

/// A name of at most 31 characters without the characters that Excel forbids.
fn sheet_name(worksheet: &Worksheet, lang: Lang) -> String {
    worksheet
        .title
        .get(lang)
        .chars()
        .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\''))
        .take(31)
        .collect()
}

fn write(sheet: &mut Sheet, worksheet: &Worksheet, lang: Lang, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name(sheet_name(worksheet, lang))?;
    let last_column = u16::try_from(worksheet.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    for (column, described) in (0u16..).zip(&worksheet.columns) {
        sheet.write_string_with_format(0, column, described.title.get(lang), &formats.header)?;
        sheet.set_column_width(column, f64::from(described.width))?;
    }
    for (row, described) in (1u32..).zip(&worksheet.rows) {
        let texts: Vec<String> = described.cells.iter().map(|cell| cell_text(cell, lang)).collect();
        let widths = worksheet.columns.iter().map(|column| f64::from(column.width));
        sheet.set_row_height(row, height(texts.iter().map(String::as_str).zip(widths)))?;
        for (column, cell) in (0u16..).zip(&described.cells) {
            sheet.write_string_with_format(
                row,
                column,
                &texts[usize::from(column)],
                formats.of(cell.tone),
            )?;
            if !cell.why.is_empty() {
                let why = cell.why.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join("\n");
                let note =
                    Note::new(cut(&why, 2_000)).add_author_prefix(false).set_width(420).set_height(140);
                sheet.insert_note(row, column, &note)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    if !worksheet.rows.is_empty() {
        let last_row = u32::try_from(worksheet.rows.len()).unwrap_or(u32::MAX);
        sheet.autofilter(0, 0, last_row, last_column)?;
    }
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    sheet.protect_with_options(&rust_xlsxwriter::ProtectionOptions {
        sort: true,
        use_autofilter: true,
        format_columns: true,
        format_rows: true,
        ..rust_xlsxwriter::ProtectionOptions::default()
    });
    Ok(())
}

/// The height of a row in points: a line for each line that the fullest of its cells needs.
///
/// Programs differ in whether they fit heights by themselves, so the height is set.
fn height<'t>(cells: impl Iterator<Item = (&'t str, f64)>) -> f64 {
    const LINE: f64 = 13.5;
    // Excel's own limit for a row.
    const MOST: f64 = 409.0;
    let lines = cells
        .map(|(text, width)| {
            // A line is rarely filled to its end, so a little less than the column fits.
            let fits = (width - 2.0).max(4.0);
            text.lines().map(|line| (columns(line) / fits).ceil().max(1.0)).sum::<f64>()
        })
        .fold(1.0, f64::max);
    (lines * LINE + 3.0).min(MOST)
}

/// The width of a line in half-width characters; a line longer than any cell counts as one that fills it.
fn columns(line: &str) -> f64 {
    f64::from(u16::try_from(line.width()).unwrap_or(u16::MAX))
}

fn cell_text(cell: &Cell, lang: Lang) -> String {
    let text = cell.lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("\n");
    cut(&text, MAX_CELL)
}

/// A text of at most a number of UTF-16 units, with an ellipsis where it was cut.
fn cut(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= most
        })
        .collect();
    format!("{kept}…")
}
