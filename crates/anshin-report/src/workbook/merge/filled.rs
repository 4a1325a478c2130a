//! The rows of a workbook as they were filled in, each with its cells.

use std::collections::BTreeMap;

use anshin_model::Lang;
use anshin_model::tree::Node;

use super::strangers::address;
use crate::subject::Subject;
use crate::workbook::decisions::groups;
use crate::workbook::read::{File, Raw, Sheet};
use crate::workbook::tables::{Field, Kind, Rows, Table, tables};
use crate::workbook::values::{Names, keyed};
use crate::workbook::{FIRST_ROW, ID_ROW, WORKSHEET};

/// The worksheets that have decisions beside their proposals, the list of all decisions last.
const DECIDED_IN: [&str; 4] = ["ratings", "threats", "candidates", "decisions"];

/// A row, by the number of its table and its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowAt {
    table: usize,
    row: usize,
}

/// A cell of the workbook.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Its value, in the words of the document.
    pub(super) value: String,
    /// Its words.
    pub(super) words: String,
    /// Its place, as `Assets!D7`.
    pub(super) place: String,
    /// Whether it holds an error of the spreadsheet.
    pub(super) broken: bool,
    /// The row that it is in.
    pub(super) row: RowAt,
    /// The field that its column is of.
    pub(super) field: usize,
}

impl Seen {
    /// Its place in its sheet, as `D7`.
    pub(super) fn address(&self) -> &str {
        self.place.rsplit_once('!').map_or(&self.place, |(_, address)| address)
    }
}

/// A row: its key, and a cell for each field that has a column.
#[derive(Debug)]
pub(super) struct BookRow {
    pub(super) key: String,
    pub(super) cells: Vec<Option<Seen>>,
    /// Whether another row with its key is the item that the key is of.
    pub(super) is_copy: bool,
    /// For a decision: its worksheet, and which of the proposals of a row it is about.
    decision: Option<(&'static str, usize)>,
}

impl BookRow {
    pub(super) fn is_blank(&self, table: &Table) -> bool {
        let order = |n: usize| table.fields[n].kind == Kind::Order;
        let mut written = self.cells.iter().enumerate().filter(|(n, _)| !order(*n));
        written.all(|(_, cell)| cell.as_ref().is_none_or(|cell| cell.words.trim().is_empty() && !cell.broken))
    }

    pub(super) fn first(&self) -> Option<&Seen> {
        let all = || self.cells.iter().flatten();
        all().find(|cell| !cell.words.is_empty()).or_else(|| all().next())
    }

    /// The worksheet that a decision stands in.
    pub(super) fn worksheet(&self) -> Option<&'static str> {
        self.decision.map(|(worksheet, _)| worksheet)
    }
}

/// What was filled into a workbook.
pub(super) struct Filled<'a> {
    pub(super) file: &'a File,
    pub(super) lang: Lang,
    pub(super) names: Names,
    pub(super) tables: Vec<Table>,
    /// The rows of each table; nothing where the workbook has lost its sheet.
    rows: Vec<Option<Vec<BookRow>>>,
}

impl<'a> Filled<'a> {
    pub(super) fn new(file: &'a File, subject: &Subject<'_>, tree: &Node) -> Self {
        let (tables, lang) = (tables(), file.base.lang);
        let accepted = keyed("acceptances", tree).into_iter().map(|(key, _)| key);
        let names = Names::new(&tables, subject, tree, lang, accepted);
        let mut filled = Self { file, lang, names, tables, rows: Vec::new() };
        filled.rows = (0..filled.tables.len())
            .map(|n| match filled.tables[n].rows {
                Rows::Decisions => Some(filled.read_decisions(n)),
                _ => filled.read_rows(n),
            })
            .collect();
        filled
    }

    /// The sheet of a table or worksheet.
    pub(super) fn sheet(&self, id: &str) -> Option<&'a Sheet> {
        self.file.sheets.iter().find(|sheet| sheet.id.as_deref() == Some(id))
    }

    /// The sheet of a worksheet.
    pub(super) fn worksheet(&self, id: &str) -> Option<&'a Sheet> {
        self.sheet(&format!("{WORKSHEET}{id}"))
    }

    /// The name of the sheet to fill in for a table.
    pub(super) fn sheet_name(&self, table: &Table) -> String {
        self.sheet(table.id)
            .map_or_else(|| table.title().get(self.lang).to_owned(), |sheet| sheet.name.clone())
    }

    /// A table by its id.
    pub(super) fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }

    /// The table of a row.
    pub(super) fn table_of(&self, at: RowAt) -> &Table {
        &self.tables[at.table]
    }

    /// The rows of a table; nothing if the workbook has lost its sheet.
    pub(super) fn rows(&self, table: usize) -> Option<&[BookRow]> {
        self.rows[table].as_deref()
    }

    /// All rows of a table with their places.
    pub(super) fn rows_of(&self, table: usize) -> impl Iterator<Item = (RowAt, &BookRow)> {
        let rows = self.rows(table).unwrap_or_default().iter().enumerate();
        rows.map(move |(row, read)| (RowAt { table, row }, read))
    }

    pub(super) fn row(&self, at: RowAt) -> Option<&BookRow> {
        self.rows(at.table)?.get(at.row)
    }

    /// A field as its column in the workbook has it.
    pub(super) fn field(&self, at: RowAt, n: usize) -> Field {
        let own = || self.tables[at.table].fields[n].clone();
        let Some((worksheet, nth)) = self.row(at).and_then(|row| row.decision) else { return own() };
        let groups = groups(worksheet, &self.tables);
        let fields = groups.get(nth).map(|group| group.fields(&self.tables[at.table])).unwrap_or_default();
        fields.into_iter().find(|(own, _)| *own == n).map_or_else(own, |(_, field)| field)
    }

    /// What stands above the column of a field.
    pub(super) fn heading(&self, at: RowAt, n: usize) -> String {
        self.field(at, n).title.get(self.lang).to_owned()
    }

    /// What stands above the column of a field of a table.
    pub(super) fn heading_of(&self, table: &str, field: &str) -> String {
        let found = self.table(table).and_then(|table| Some(&table.fields[table.index(field)?]));
        found.map_or_else(|| field.to_owned(), |field| field.title.get(self.lang).to_owned())
    }

    fn seen(&self, sheet: &Sheet, (row, column): (u32, u32), field: &Field, at: RowAt, n: usize) -> Seen {
        let raw = sheet.rows.get(&row).and_then(|row| row.get(&column));
        let words = raw.map_or_else(String::new, Raw::text);
        let day = raw.filter(|_| field.kind == Kind::Date).and_then(Raw::day);
        let value = match day {
            Some(day) => day,
            None => self.names.read(field, &words),
        };
        Seen {
            value,
            words,
            place: format!("{}!{}", sheet.name, address(row, column)),
            broken: raw == Some(&Raw::Error),
            row: at,
            field: n,
        }
    }

    fn read_rows(&self, n: usize) -> Option<Vec<BookRow>> {
        let table = &self.tables[n];
        let sheet = self.sheet(table.id)?;
        let ids = sheet.rows.get(&ID_ROW)?;
        let column = |id: &str| {
            let found = ids.iter().find(|(column, raw)| **column > 0 && raw.text() == id);
            found.map(|(column, _)| *column)
        };
        let columns: Vec<Option<u32>> = match table.rows {
            Rows::Values => vec![column("value")],
            _ => table.fields.iter().map(|field| column(&field.id)).collect(),
        };
        let mut out = Vec::new();
        for (&row, cells) in sheet.rows.range(FIRST_ROW..) {
            let key = cells.get(&0).map_or_else(String::new, Raw::text);
            let at = RowAt { table: n, row: out.len() };
            let row_cells = columns.iter().enumerate().map(|(n, column)| {
                let n = match table.rows {
                    Rows::Values => table.index(&key)?,
                    _ => n,
                };
                Some(self.seen(sheet, (row, (*column)?), &table.fields[n], at, n))
            });
            let row_cells = row_cells.collect();
            let read = BookRow { key, cells: row_cells, is_copy: false, decision: None };
            if table.rows == Rows::Values || !read.is_blank(table) {
                out.push(read);
            }
        }
        self.mark_copies(table, &mut out);
        Some(out)
    }

    /// Of two rows with one key, the one that still has its id is the item; the other is a copy.
    fn mark_copies(&self, table: &Table, rows: &mut [BookRow]) {
        if !matches!(table.rows, Rows::Values | Rows::Items) {
            return;
        }
        let Some(base) = self.file.base.tables.get(table.id) else { return };
        let id = table.index("id").filter(|_| table.rows == Rows::Items);
        let is_own = |row: &BookRow| {
            let cell = id.and_then(|id| row.cells[id].as_ref());
            cell.is_none_or(|cell| cell.value == row.key)
        };
        let mut of_key: BTreeMap<String, usize> = BTreeMap::new();
        for n in (0..rows.len()).filter(|n| base.contains_key(&rows[*n].key)).collect::<Vec<_>>() {
            let copy = match of_key.get(&rows[n].key) {
                Some(&other) if is_own(&rows[other]) || !is_own(&rows[n]) => n,
                other => {
                    let other = other.copied();
                    of_key.insert(rows[n].key.clone(), n);
                    let Some(other) = other else { continue };
                    other
                }
            };
            rows[copy].is_copy = true;
        }
    }

    /// The decisions of all worksheets.
    fn read_decisions(&self, n: usize) -> Vec<BookRow> {
        let table = &self.tables[n];
        let mut found = Vec::new();
        for worksheet in DECIDED_IN {
            let Some(sheet) = self.worksheet(worksheet) else { continue };
            let Some(ids) = sheet.rows.get(&ID_ROW) else { continue };
            for (nth, group) in groups(worksheet, &self.tables).iter().enumerate() {
                let fields = group.fields(table);
                let column = |id: &str| ids.iter().find(|(_, raw)| raw.text() == id).map(|(c, _)| *c);
                let columns: Vec<_> = fields.iter().map(|(_, field)| column(&field.id)).collect();
                for (&row, cells) in sheet.rows.range(FIRST_ROW..) {
                    let Some(Raw::Text(keys)) = cells.get(&0) else { continue };
                    let Some(key) = keys.split('|').nth(nth) else { continue };
                    let at = RowAt { table: n, row: found.len() };
                    let mut own = vec![None; table.fields.len()];
                    for ((n, field), column) in fields.iter().zip(&columns) {
                        own[*n] = column.map(|column| self.seen(sheet, (row, column), field, at, *n));
                    }
                    let decision = Some((worksheet, nth));
                    found.push(BookRow { key: key.to_owned(), cells: own, is_copy: false, decision });
                }
            }
        }
        found
    }
}
