//! Plain tables as an Excel workbook, to fill in and to read back.

use anshin_checklist::csv::{csv_rows, to_csv_utf8};
use anshin_checklist::ledger::{Ledger, LoadedLedger, Scale, Scales, choices, from_csv, load_ledger, table};
use anshin_checklist::{File, Round, fill};
use anshin_model::{Id, Lang, Text};
use rust_xlsxwriter::{DataValidation, DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use crate::branding::{Branding, Colors};
use crate::standing::register;
use crate::workbook::PlainSheet;
use crate::workbook::brand::paper;
use crate::workbook::look::{Look, height, write_text};

/// Longest text of one cell in Excel, in characters; a little below its limit of UTF-16 units.
const MAX_CELL: usize = 16_000;

/// Widest column, in half-width characters.
const MAX_WIDTH: usize = 44;

/// Narrowest column.
const MIN_WIDTH: usize = 5;

/// Narrowest column to fill in.
const MIN_FILLED: usize = 12;

/// The sheet that holds the lists to choose from.
const LISTS: &str = "lists";

/// Tables with their names as a workbook; the first row of each holds the headings.
///
/// Everything is written as text, never as a formula.
///
/// # Errors
/// If the workbook cannot be made, for example because a table has more rows than Excel takes.
pub fn plain_workbook(tables: &[(String, Vec<Vec<String>>)], lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let mut book = Book::new(lang)?;
    for (name, rows) in tables {
        book.sheet(name, rows, &[])?.set_freeze_panes(1, 0)?;
    }
    book.workbook.save_to_buffer()
}

/// The tables of a file that people have filled in: the sheets of a workbook, or the one of a CSV file.
///
/// # Errors
/// If it cannot be read.
pub fn tables(file: &File) -> Result<Vec<PlainSheet>, Text> {
    match ending(&file.name).as_str() {
        "xlsx" => crate::workbook::tables(&file.bytes),
        _ => Ok(vec![(file.name.clone(), csv_rows(&file.bytes)?)]),
    }
}

/// Reads a ledger in any of its forms: YAML or JSON, CSV or a workbook, by the ending of its name. Tables do not
/// say their scale: it is the one that is `asked` for, else the first.
///
/// # Errors
/// If it is no workbook, or the scale is not known.
pub fn read_ledger(file: File, scales: &Scales, asked: Option<&Id>) -> Result<LoadedLedger, Text> {
    let no_scale = || Text::new("その尺度はありません", "there is no such scale");
    let scale = scales.get(asked).ok_or_else(no_scale)?;
    match ending(&file.name).as_str() {
        "yaml" | "yml" | "json" => Ok(load_ledger(file, scales)),
        "xlsx" => {
            // The sheet with a ledger in it, else the first, so that something is told about it.
            let tried = tables(&file)?.into_iter().map(|(name, rows)| {
                let name = format!("{} [{name}]", file.name);
                from_csv(File { name, bytes: to_csv_utf8(&rows) }, scale)
            });
            let mut tried: Vec<LoadedLedger> = tried.collect();
            let good = tried.iter().position(|loaded| loaded.ledger.is_some()).unwrap_or_default();
            if tried.is_empty() {
                return Err(Text::new("ブックにシートがありません", "the workbook has no sheet"));
            }
            Ok(tried.swap_remove(good))
        }
        _ => Ok(from_csv(file, scale)),
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// Rows of a ledger for what is added in Excel.
const FREE_ROWS: u32 = 200;

/// A ledger of information assets with lists to choose from, also in the rows below it.
///
/// # Errors
/// If the workbook cannot be made, for example because a table has more rows than Excel takes.
pub fn ledger_book(ledger: &Ledger, scale: &Scale, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let name = match lang {
        Lang::Ja => "情報資産管理台帳",
        Lang::En => "Asset ledger",
    };
    let rows = table(ledger, scale, lang);
    let last = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_add(FREE_ROWS);
    let mut book = Book::new(lang)?;
    let mut lists = Lists::default();
    let sheet = book.sheet(name, &rows, &[])?;
    sheet.set_freeze_panes(1, 3)?;
    for (column, words) in choices(scale, lang) {
        sheet.add_data_validation(1, index(column), last, index(column), &lists.validation(&words)?)?;
    }
    book.sheet(LISTS, &lists.all, &[])?.set_hidden(true);
    book.workbook.save_to_buffer()
}

/// The answers of a round to fill in with lists to choose from, and its register of evidence.
///
/// # Errors
/// If the workbook cannot be made, for example because a table has more rows than Excel takes.
pub fn answers_book(round: &Round, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    let table = fill::table(round, lang);
    let register = register(round);
    let name = match lang {
        Lang::Ja => "回答",
        Lang::En => "Answers",
    };
    let mut book = Book::new(lang)?;
    let mut lists = Lists::default();
    let filled = fill::Table::filled_columns();
    let sheet = book.sheet(name, &table.rows, &filled)?;
    sheet.set_freeze_panes(1, index(fill::Table::answer_column()))?;
    for column in fill::Table::hidden_columns() {
        sheet.set_column_hidden(index(column))?;
    }
    // What only helps to answer is on the screen and not on paper. What has no room beside a question stands
    // on a page of its own, with the questions.
    let confirmed = fill::confirmation_column();
    let last = u32::try_from(table.choices.len()).unwrap_or(1).max(1);
    sheet.set_print_area(0, 0, last, index(confirmed))?.set_repeat_columns(0, 1)?;
    let printed = widths(&table.rows, &filled).iter().take(confirmed + 1).sum();
    paper(sheet, &Branding::default(), lang, printed);
    for (row, choices) in (1u32..).zip(&table.choices) {
        if !choices.is_empty() {
            let column = index(fill::Table::answer_column());
            sheet.add_data_validation(row, column, row, column, &lists.validation(choices)?)?;
        }
    }
    let confirmations = fill::confirmations().map(|word| word.get(lang).to_owned());
    let column = index(confirmed);
    sheet.add_data_validation(1, column, last, column, &lists.validation(&confirmations)?)?;
    book.sheet(register.title.get(lang), &register.plain(lang), &[])?.set_freeze_panes(1, 0)?;
    let sheet = book.sheet(LISTS, &lists.all, &[])?;
    sheet.set_hidden(true);
    book.workbook.save_to_buffer()
}

/// Columns of a sheet are few.
fn index(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Lists to choose from, each once; a cell of Excel holds too few words for one, and none with commas.
#[derive(Debug, Default)]
struct Lists {
    all: Vec<Vec<String>>,
}

impl Lists {
    fn validation(&mut self, words: &[String]) -> Result<DataValidation, XlsxError> {
        let n = self.all.iter().position(|own| own == words).unwrap_or_else(|| {
            self.all.push(words.to_vec());
            self.all.len() - 1
        });
        let last = rust_xlsxwriter::utility::column_number_to_name(index(words.len() - 1));
        let row = n + 1;
        let range = format!("={LISTS}!$A${row}:${last}${row}");
        // Words of another program may be right as well: the import looks at them.
        DataValidation::new()
            .allow_list_formula(range.as_str().into())
            .set_error_style(rust_xlsxwriter::DataValidationErrorStyle::Warning)
            .set_error_title("Anshin")
    }
}

struct Book {
    workbook: Workbook,
    look: Look,
    lang: Lang,
}

impl Book {
    fn new(lang: Lang) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        // The date of making would differ in every run; the same input gives the same workbook.
        let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
        Ok(Self { workbook, look: Look::new(lang, Colors::default()), lang })
    }

    /// A sheet; the columns to fill in look like those of the workbook of a system.
    fn sheet(
        &mut self,
        name: &str,
        rows: &[Vec<String>],
        filled: &[usize],
    ) -> Result<&mut Worksheet, XlsxError> {
        let look = &self.look;
        let sheet = self.workbook.add_worksheet();
        // Excel takes 31 characters, and none that stand in formulas.
        let name: String = name.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect();
        sheet.set_name(name.trim_matches('\''))?;
        let widths = widths(rows, filled);
        paper(sheet, &Branding::default(), self.lang, widths.iter().sum());
        sheet.set_repeat_rows(0, 0)?;
        for (column, width) in (0u16..).zip(&widths) {
            sheet.set_column_width(column, *width)?;
        }
        for (row, cells) in (0u32..).zip(rows) {
            for (column, text) in (0u16..).zip(cells) {
                let text: String = text.chars().take(MAX_CELL).collect();
                let is_filled = filled.contains(&usize::from(column));
                let format = match (row, is_filled) {
                    (0, false) => &look.header,
                    (0, true) => &look.input_header,
                    (_, true) => &look.input,
                    (_, false) => &look.plain,
                };
                write_text(sheet, row, column, &text, format)?;
            }
            sheet
                .set_row_height(row, height(cells.iter().map(String::as_str).zip(widths.iter().copied())))?;
        }
        Ok(sheet)
    }
}

/// Widths of the columns in half-width characters.
fn widths(rows: &[Vec<String>], filled: &[usize]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |n: usize| {
        let body = rows.iter().skip(1).filter_map(|row| row.get(n));
        let widest = body.flat_map(|text| text.lines()).map(str::width).max().unwrap_or_default();
        // A heading may take two lines.
        let head = rows[0].get(n).map_or(0, |head| head.width().div_ceil(2));
        let least = if filled.contains(&n) { MIN_FILLED } else { MIN_WIDTH };
        f64::from(u32::try_from(widest.max(head).clamp(least, MAX_WIDTH)).unwrap_or(0)) + 2.0
    };
    (0..columns).map(width).collect()
}
