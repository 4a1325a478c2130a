//! The workbook as bytes.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::Lang;
use anshin_model::tree::Node;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, ExcelDateTime, Format, Formula, Image, Note, ProtectionOptions,
    Workbook, Worksheet as Sheet, XlsxError,
};

use super::brand;
use super::decisions::{Group, fingerprints, groups, proposals};
use super::guide;
use super::look::{Look, height, write_text};
use super::tables::{Field, Kind, Rows, Table, tables};
use super::values::{MAX_CELL, Names, Record, cut, is_cut, keyed, records};
use super::worked_out::WorkedOut;
use super::{
    BASE_SHEET, Book, FIRST_ROW, HEADER_ROW, ID_ROW, LISTS_SHEET, MARK, PICTURE, Picture, WORKSHEET, base,
};
use crate::worksheet::{Cell, Number, Row, Tone, Unit, Worksheet};

/// Empty rows to fill in below the rows of a table.
const SPARE_ROWS: u32 = 30;

/// Rows that choose from lists, beyond those that are filled in.
const CHOOSING_ROWS: u32 = 1_000;

/// A column's number.
fn at(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// A row's number.
fn row_at(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(super) fn write(book: &Book<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&brand::properties(book)?);
    let tables = tables();
    let names = Names::new(&tables, book.subject, book.tree, book.lang, scenarios(book));
    let mut writer = Writer {
        book,
        look: Look::new(book.lang, book.branding.colors),
        names: &names,
        tables: &tables,
        lists: Vec::new(),
        taken: BTreeSet::new(),
    };
    let plan = writer.plan();
    guide::write(workbook.add_worksheet(), book, &plan, &writer.look)?;
    let facts: Vec<Vec<Record>> = tables.iter().map(|table| records(table, book.tree, book.lang)).collect();
    for (table, rows) in tables.iter().zip(&facts) {
        let sheet = |workbook: &mut Workbook| -> Result<(), XlsxError> {
            let sheet = workbook.add_worksheet();
            sheet.set_name(&plan.fill_in[table.id])?;
            Ok(())
        };
        match table.rows {
            Rows::Decisions => {}
            Rows::Values => {
                sheet(&mut workbook)?;
                writer.values(workbook.worksheet_from_name(&plan.fill_in[table.id])?, table, rows)?;
            }
            Rows::Items | Rows::Inside(..) => {
                sheet(&mut workbook)?;
                writer.table(workbook.worksheet_from_name(&plan.fill_in[table.id])?, table, rows)?;
            }
        }
    }
    let decisions = tables.iter().position(|table| table.rows == Rows::Decisions);
    let decided = decisions.map_or(&[][..], |n| facts[n].as_slice());
    let mut worked_out = Vec::with_capacity(book.worksheets.len());
    for (worksheet, name) in book.worksheets.iter().zip(&plan.worksheets) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        worked_out.push((worksheet.id, writer.worksheet(sheet, worksheet, decided)?));
    }
    for (picture, name) in book.pictures.iter().zip(&plan.pictures) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        draw(sheet, picture, book, &writer.look)?;
    }
    let lists = workbook.add_worksheet();
    lists.set_name(LISTS_SHEET)?.set_very_hidden(true);
    for (column, (_, choices)) in writer.lists.iter().enumerate() {
        for (row, choice) in choices.iter().enumerate() {
            lists.write_string(row_at(row), at(column), cut(choice, MAX_CELL))?;
        }
    }
    for (column, (_, choices)) in writer.lists.iter().enumerate() {
        let letters = rust_xlsxwriter::column_number_to_name(at(column));
        let range = format!("='{LISTS_SHEET}'!${letters}$1:${letters}${}", choices.len().max(1));
        workbook.define_name(list_name(column), &range)?;
    }
    let hidden = workbook.add_worksheet();
    hidden.set_name(BASE_SHEET)?.set_very_hidden(true);
    let facts = tables.iter().map(|table| table.id).zip(facts.iter().map(Vec::as_slice));
    base::write(hidden, book, facts, &fingerprints(book.subject.assessment), &worked_out)?;
    workbook.save_to_buffer()
}

/// The risk scenarios that can be accepted, and those that are.
fn scenarios(book: &Book<'_>) -> Vec<String> {
    let worksheets = book.worksheets.iter().filter(|own| own.id == "residual-risk");
    let rows = worksheets.flat_map(|worksheet| &worksheet.rows).map(|row| row.key.clone());
    let accepted = book.tree.get("acceptances").map_or(&[][..], Node::items).iter();
    let accepted = accepted.filter_map(|item| Some(item.get("scenario")?.scalar()?.to_owned()));
    rows.filter(|id| id.split('/').count() == 3).chain(accepted).collect()
}

fn list_name(n: usize) -> String {
    format!("anshin_list_{}", n + 1)
}

/// The names of the sheets.
pub(super) struct Plan {
    pub(super) fill_in: BTreeMap<&'static str, String>,
    pub(super) worksheets: Vec<String>,
    pub(super) pictures: Vec<String>,
}

struct Writer<'a> {
    book: &'a Book<'a>,
    look: Look,
    names: &'a Names,
    tables: &'a [Table],
    lists: Vec<(String, Vec<String>)>,
    taken: BTreeSet<String>,
}

impl Writer<'_> {
    fn plan(&mut self) -> Plan {
        let lang = self.book.lang;
        self.taken.insert(guide::name(lang).to_owned());
        let mut fill_in = BTreeMap::new();
        for table in self.tables.iter().filter(|table| table.rows != Rows::Decisions) {
            fill_in.insert(table.id, self.name(table.title().get(lang)));
        }
        let worksheets = self.book.worksheets.iter().map(|sheet| self.name(sheet.title.get(lang))).collect();
        let pictures = self.book.pictures.iter().map(|picture| {
            let before = if lang == Lang::Ja { "図" } else { "Picture" };
            self.name(&format!("{before} {}", picture.title.get(lang)))
        });
        Plan { fill_in, worksheets, pictures: pictures.collect() }
    }

    /// A name of at most 31 UTF-16 units without the characters that Excel forbids, used once.
    fn name(&mut self, title: &str) -> String {
        let plain: String = title
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\''))
            .collect();
        let mut nth = 1;
        loop {
            let end = if nth == 1 { String::new() } else { format!(" {nth}") };
            let own = plain.trim();
            let most = 31 - end.len();
            let own = if own.encode_utf16().count() > most { cut(own, most) } else { own.to_owned() };
            let name = format!("{own}{end}");
            if self.taken.insert(name.to_lowercase()) {
                return name;
            }
            nth += 1;
        }
    }

    /// The list that a cell chooses from, as a rule for a range of cells.
    fn choosing(&mut self, field: &Field) -> Option<DataValidation> {
        if field.many {
            return None;
        }
        let choices = self.names.choices(field.kind);
        if choices.is_empty() {
            return None;
        }
        let key = format!("{:?}", field.kind);
        let n = self.lists.iter().position(|(own, _)| *own == key).unwrap_or_else(|| {
            self.lists.push((key, choices));
            self.lists.len() - 1
        });
        let rule = DataValidation::new().allow_list_formula(Formula::new(format!("={}", list_name(n))));
        // An id that is not in the list yet may be that of a new row.
        Some(match field.kind {
            // A scenario may be one that is not above the cut.
            Kind::Ref(_) | Kind::Scenario => rule.show_error_message(false),
            _ => rule.set_error_style(DataValidationErrorStyle::Stop),
        })
    }

    fn input(&self, field: &Field) -> &Format {
        match field.kind {
            Kind::Date => &self.look.date,
            Kind::Number if matches!(field.id.as_str(), "cost" | "cost-per-year") => &self.look.money,
            _ => &self.look.input,
        }
    }

    /// Writes a value into a cell that people may change.
    fn cell(
        &self,
        sheet: &mut Sheet,
        row: u32,
        column: u16,
        field: &Field,
        value: &str,
    ) -> Result<(), XlsxError> {
        if is_cut(value) {
            write_text(sheet, row, column, value, &self.look.plain)?;
            return Ok(());
        }
        let format = self.input(field);
        match field.kind {
            _ if value.is_empty() => {
                sheet.write_blank(row, column, format)?;
            }
            Kind::Number | Kind::Order if value.parse::<f64>().is_ok_and(f64::is_finite) => {
                sheet.write_number_with_format(
                    row,
                    column,
                    value.parse::<f64>().unwrap_or_default(),
                    format,
                )?;
            }
            Kind::Date => match day(value) {
                Some(date) => {
                    sheet.write_datetime_with_format(row, column, date, format)?;
                }
                None => {
                    write_text(sheet, row, column, value, format)?;
                }
            },
            _ => {
                write_text(sheet, row, column, &self.names.show(field, value), format)?;
            }
        }
        Ok(())
    }

    fn head(&self, field: &Field) -> String {
        let lang = self.book.lang;
        let mut title = field.title.get(lang).to_owned();
        if field.required && field.kind != Kind::Order {
            title.push_str(" *");
        }
        if field.many {
            title.push_str(if lang == Lang::Ja { "\n（1行に1つ）" } else { "\n(one per line)" });
        }
        title
    }

    /// Single values: a row for each.
    fn values(&mut self, sheet: &mut Sheet, table: &Table, rows: &[Record]) -> Result<(), XlsxError> {
        let lang = self.book.lang;
        mark(sheet, table.id)?;
        sheet.write_string(ID_ROW, 2, "value")?;
        let heads = if lang == Lang::Ja { ["項目", "内容"] } else { ["Item", "Content"] };
        write_text(sheet, HEADER_ROW, 1, heads[0], &self.look.header)?;
        write_text(sheet, HEADER_ROW, 2, heads[1], &self.look.input_header)?;
        let widths = [34.0, 90.0];
        sheet.set_column_width(1, widths[0])?;
        sheet.set_column_width(2, widths[1])?;
        for (row, (field, record)) in (FIRST_ROW..).zip(table.fields.iter().zip(rows)) {
            let value = record.cells.first().map_or("", String::as_str);
            sheet.write_string(row, 0, &record.key)?;
            let mut title = field.title.get(lang).to_owned();
            if field.required || field.id == "system.name" || field.id == "system.setting" {
                title.push_str(" *");
            }
            write_text(sheet, row, 1, &title, &self.look.plain)?;
            sheet.set_row_height(row, height(std::iter::once((value, widths[1]))))?;
            self.cell(sheet, row, 2, field, value)?;
            if let Some(rule) = self.choosing(field) {
                sheet.add_data_validation(row, 2, row, 2, &rule)?;
            }
        }
        sheet.set_freeze_panes(FIRST_ROW, 2)?;
        self.finish(sheet, true, &widths)
    }

    /// A list: a row for each item, and empty rows for new ones.
    fn table(&mut self, sheet: &mut Sheet, table: &Table, rows: &[Record]) -> Result<(), XlsxError> {
        mark(sheet, table.id)?;
        let widths: Vec<f64> = table.fields.iter().map(width).collect();
        for (n, field) in table.fields.iter().enumerate() {
            let column = at(n + 1);
            sheet.write_string(ID_ROW, column, &field.id)?;
            write_text(sheet, HEADER_ROW, column, &self.head(field), &self.look.input_header)?;
            sheet.set_column_width(column, widths[n])?;
            // Rows that are added later can be filled in as well.
            sheet.set_column_format(column, &self.look.open)?;
            if let Some(rule) = self.choosing(field) {
                let last = FIRST_ROW + row_at(rows.len()) + CHOOSING_ROWS;
                sheet.add_data_validation(FIRST_ROW, column, last, column, &rule)?;
            }
        }
        sheet.set_column_format(0, &self.look.open)?;
        // A row can be deleted, and columns of one's own be added, only where no cell is locked.
        sheet.set_column_range_format(at(table.fields.len() + 1), LAST_COLUMN, &self.look.open)?;
        for (row, record) in (FIRST_ROW..).zip(rows) {
            write_text(sheet, row, 0, &record.key, &self.look.open)?;
            let shown: Vec<String> = table
                .fields
                .iter()
                .zip(&record.cells)
                .map(|(field, value)| self.names.show(field, value))
                .collect();
            sheet
                .set_row_height(row, height(shown.iter().map(String::as_str).zip(widths.iter().copied())))?;
            for (n, (field, value)) in table.fields.iter().zip(&record.cells).enumerate() {
                self.cell(sheet, row, at(n + 1), field, value)?;
            }
        }
        let end = FIRST_ROW + row_at(rows.len());
        for row in end..end + SPARE_ROWS {
            for (n, field) in table.fields.iter().enumerate() {
                sheet.write_blank(row, at(n + 1), self.input(field))?;
            }
        }
        let named = table.fields.iter().position(|field| field.id == "name").map_or(2, |n| n + 2);
        sheet.set_freeze_panes(FIRST_ROW, at(named.min(3)))?;
        // What tells the rows apart stands on every page.
        sheet.set_repeat_columns(1, at(named.min(3) - 1))?;
        sheet.autofilter(HEADER_ROW, 0, end + SPARE_ROWS - 1, at(table.fields.len()))?;
        sheet.set_row_height(HEADER_ROW, 34)?;
        self.finish(sheet, true, &widths)
    }

    /// A worksheet of the framework, with the columns for decisions where there is something to
    /// decide. Returns what stands in its other columns.
    fn worksheet(
        &mut self,
        sheet: &mut Sheet,
        worksheet: &Worksheet,
        decided: &[Record],
    ) -> Result<WorkedOut, XlsxError> {
        let lang = self.book.lang;
        let titles = worksheet.columns.iter().map(|column| column.title.get(lang).to_owned());
        let mut made = WorkedOut::new(worksheet, titles.collect());
        mark(sheet, &format!("{WORKSHEET}{}", worksheet.id))?;
        for (n, described) in worksheet.columns.iter().enumerate() {
            let column = at(n + 1);
            write_text(sheet, HEADER_ROW, column, described.title.get(lang), &self.look.header)?;
            sheet.set_column_width(column, f64::from(described.width))?;
        }
        let mut widths: Vec<f64> = worksheet.columns.iter().map(|column| f64::from(column.width)).collect();
        let groups = groups(worksheet.id, self.tables);
        let last_row = FIRST_ROW + row_at(worksheet.rows.len().saturating_sub(1));
        let mut column = worksheet.columns.len() + 1;
        let mut inputs: Vec<Vec<(u16, usize, Field)>> = Vec::new();
        for group in &groups {
            let mut own = Vec::new();
            for (n, field) in self.decision_fields(group) {
                let head = self.head(&Field { required: false, ..field.clone() });
                sheet.write_string(ID_ROW, at(column), &field.id)?;
                write_text(sheet, HEADER_ROW, at(column), &head, &self.look.input_header)?;
                sheet.set_column_width(at(column), width(&field))?;
                widths.push(width(&field));
                if let Some(rule) = self.choosing(&field).filter(|_| !worksheet.rows.is_empty()) {
                    sheet.add_data_validation(FIRST_ROW, at(column), last_row, at(column), &rule)?;
                }
                own.push((at(column), n, field));
                column += 1;
            }
            inputs.push(own);
        }
        let by_subject: BTreeMap<&str, &Record> = decided.iter().map(|r| (r.key.as_str(), r)).collect();
        let homeless = (worksheet.id == "decisions").then(|| self.homeless());
        let numbered = keyed("decisions", self.book.tree);
        for ((row, n), described) in (FIRST_ROW..).zip(0usize..).zip(&worksheet.rows) {
            let shown = self.computed(sheet, row, worksheet, described)?;
            let subjects = match &homeless {
                // Of several decisions about one proposal each has a key of its own.
                Some(_) => numbered.get(n).map(|(key, _)| key.clone()).into_iter().collect(),
                None => proposals(worksheet.id, &described.key, self.book.subject),
            };
            let key = if groups.is_empty() { described.key.clone() } else { subjects.join("|") };
            let key = cut(&key, MAX_CELL);
            sheet.write_string(row, 0, &key)?;
            made.add(key, &shown);
            for (subject, fields) in subjects.iter().zip(&inputs) {
                let open = homeless.as_ref().is_none_or(|own| own.contains(subject));
                for (column, n, field) in fields {
                    if open {
                        let record = by_subject.get(subject.as_str());
                        let value = record.map_or("", |record| record.cells[*n].as_str());
                        self.cell(sheet, row, *column, field, value)?;
                    } else {
                        sheet.write_blank(row, *column, &self.look.closed)?;
                    }
                }
            }
        }
        sheet.set_freeze_panes(FIRST_ROW, 2)?;
        if !worksheet.rows.is_empty() {
            sheet.autofilter(HEADER_ROW, 0, last_row, at(column - 1))?;
        }
        sheet.set_row_height(HEADER_ROW, if groups.is_empty() { 20 } else { 34 })?;
        sheet.set_repeat_columns(1, 1)?;
        self.finish(sheet, false, &widths)?;
        Ok(made)
    }

    /// The columns of a group of decisions.
    fn decision_fields(&self, group: &Group) -> Vec<(usize, Field)> {
        let decisions = self.tables.iter().find(|table| table.rows == Rows::Decisions);
        decisions.map_or_else(Vec::new, |table| group.fields(table))
    }

    /// The cells of a row that are worked out, with their reasons as notes. Returns what they say.
    fn computed(
        &self,
        sheet: &mut Sheet,
        row: u32,
        worksheet: &Worksheet,
        described: &Row,
    ) -> Result<Vec<String>, XlsxError> {
        let lang = self.book.lang;
        let texts: Vec<String> = described.cells.iter().map(|cell| cell_text(cell, lang)).collect();
        let widths = worksheet.columns.iter().map(|column| f64::from(column.width));
        sheet.set_row_height(row, height(texts.iter().map(String::as_str).zip(widths)))?;
        for ((n, cell), text) in described.cells.iter().enumerate().zip(&texts) {
            let column = at(n + 1);
            let look = self.look.of(cell.tone);
            match &cell.number {
                Some(number) => {
                    let look = look.clone().set_num_format(number_format(number, lang));
                    sheet.write_number_with_format(row, column, number.value, &look)?;
                }
                None => write_text(sheet, row, column, text, look)?,
            }
            if !cell.why.is_empty() {
                let why = cell.why.iter().map(|text| text.get(lang)).collect::<Vec<_>>().join("\n");
                let note =
                    Note::new(cut(&why, 2_000)).add_author_prefix(false).set_width(420).set_height(140);
                sheet.insert_note(row, column, &note)?;
            }
        }
        // A number comes back as one.
        let came = described.cells.iter().zip(texts).map(|(cell, text)| match &cell.number {
            Some(number) => number.value.to_string(),
            None => text,
        });
        Ok(came.collect())
    }

    /// Decisions whose proposal is in no other worksheet: they are changed in the list of decisions.
    fn homeless(&self) -> BTreeSet<String> {
        let mut at_home = BTreeSet::new();
        for worksheet in self.book.worksheets.iter().filter(|worksheet| worksheet.id != "decisions") {
            for row in &worksheet.rows {
                at_home.extend(proposals(worksheet.id, &row.key, self.book.subject));
            }
        }
        let all = keyed("decisions", self.book.tree).into_iter().map(|(key, _)| key);
        all.filter(|key| !at_home.contains(key)).collect()
    }

    /// What every sheet has: how it is printed, and what may be done with it.
    fn finish(&self, sheet: &mut Sheet, facts: bool, widths: &[f64]) -> Result<(), XlsxError> {
        brand::paper(sheet, self.book.branding, self.book.lang, widths.iter().sum());
        sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW)?;
        if facts {
            sheet.set_tab_color(super::look::INPUT_TAB);
        }
        sheet.protect_with_options(&ProtectionOptions {
            sort: true,
            use_autofilter: true,
            format_columns: true,
            format_rows: true,
            format_cells: facts,
            insert_rows: facts,
            delete_rows: facts,
            ..ProtectionOptions::default()
        });
        Ok(())
    }
}

/// Marks what a sheet is, whatever its name becomes.
fn mark(sheet: &mut Sheet, id: &str) -> Result<(), XlsxError> {
    sheet.write_string(ID_ROW, 0, format!("{MARK}{id}"))?;
    sheet.set_row_hidden(ID_ROW)?;
    sheet.set_column_hidden(0)?;
    Ok(())
}

fn width(field: &Field) -> f64 {
    match field.kind {
        Kind::Text if field.id == "name" => 32.0,
        Kind::Text => 44.0,
        Kind::Bool | Kind::None => 12.0,
        Kind::Number | Kind::Date => 14.0,
        Kind::Order => 8.0,
        Kind::Choice(..) | Kind::Id | Kind::Line => 20.0,
        Kind::Known(_) | Kind::Ref(_) | Kind::Scenario => 34.0,
    }
}

/// The last column that a sheet of Excel has.
const LAST_COLUMN: u16 = 16_383;

fn draw(sheet: &mut Sheet, picture: &Picture, book: &Book<'_>, look: &Look) -> Result<(), XlsxError> {
    let lang = book.lang;
    sheet.write_string(ID_ROW, 0, format!("{MARK}{PICTURE}"))?;
    sheet.set_column_hidden(0)?;
    write_text(sheet, 0, 1, &cut(picture.title.get(lang), MAX_CELL), &look.title)?;
    match &picture.drawn {
        Ok(raster) => {
            let scale = 1.0 / f64::from(raster.scale);
            let image = Image::new_from_buffer(&raster.png)?
                .set_scale_width(scale)
                .set_scale_height(scale)
                .set_alt_text(cut(picture.title.get(lang), 250));
            sheet.insert_image(2, 1, &image)?;
        }
        Err(why) => {
            write_text(sheet, 2, 1, why.text().get(lang), &look.note)?;
        }
    }
    sheet.set_screen_gridlines(false);
    brand::paper_of_picture(sheet, book.branding, lang);
    Ok(())
}

/// How a number is shown, in the words of Excel.
fn number_format(number: &Number, lang: Lang) -> String {
    let percent = number.value.abs() * 100.0;
    match (&number.unit, lang) {
        (Unit::Count, _) => "#,##0".to_owned(),
        (Unit::DefaultDays, _) => "#,##0\"*\"".to_owned(),
        (Unit::Money(currency), lang) => match (currency.as_str(), lang) {
            ("JPY", Lang::Ja) => "#,##0\"円\"".to_owned(),
            ("JPY", Lang::En) => "#,##0\" yen\"".to_owned(),
            // What is quoted is shown as it is; it must not end the quotation.
            (code, _) if code.chars().all(|c| c.is_ascii_alphanumeric()) => format!("#,##0\" {code}\""),
            _ => "#,##0".to_owned(),
        },
        (Unit::Share, _) if percent < 0.1 && percent > 0.0 => "0.00%".to_owned(),
        (Unit::Share, _) if percent < 10.0 && percent > 0.0 => "0.0%".to_owned(),
        (Unit::Share, _) => "0%".to_owned(),
        // From ten times on, per cent say nothing any more.
        (Unit::Return, Lang::Ja) if number.value >= 10.0 => "\"費用の\"#,##0\"倍\"".to_owned(),
        (Unit::Return, Lang::En) if number.value >= 10.0 => "#,##0\" times the cost\"".to_owned(),
        (Unit::Return, _) => "+#,##0%;-#,##0%;0%".to_owned(),
    }
}

fn day(value: &str) -> Option<ExcelDateTime> {
    let parts: Vec<&str> = value.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    // Days before March 1900 are counted differently by different programs.
    let year = year.parse().ok().filter(|&year: &u16| year > 1900)?;
    ExcelDateTime::from_ymd(year, month.parse().ok()?, day.parse().ok()?).ok()
}

fn cell_text(cell: &Cell, lang: Lang) -> String {
    let text = cell.lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("\n");
    cut(&text, MAX_CELL)
}

impl Look {
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
