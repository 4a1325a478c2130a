//! Workbooks cell by cell, and packed again the way Excel packs them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use calamine::{Data, Reader as _, Xlsx};

/// A value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(f64),
    Date(f64),
    Bool(bool),
    Error,
    /// A formula that no program has calculated yet.
    Formula(String),
}

/// The cells of a sheet by row and column.
pub(crate) type Cells = BTreeMap<u32, BTreeMap<u32, Value>>;

/// A workbook as cells.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    pub(crate) sheets: Vec<(String, Cells)>,
}

impl Grid {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("the workbook opens");
        let mut sheets = Vec::new();
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).expect("the sheet opens");
            let (top, left) = range.start().unwrap_or_default();
            let mut cells = Cells::new();
            for (row, column, value) in range.used_cells() {
                let value = match value {
                    Data::Empty => continue,
                    Data::String(text) => Value::Text(text.clone()),
                    Data::Float(number) => Value::Number(*number),
                    Data::Bool(yes) => Value::Bool(*yes),
                    Data::DateTime(day) => Value::Date(day.as_f64()),
                    other => panic!("{other:?}"),
                };
                let number = |n: usize| u32::try_from(n).expect("a sheet ends before");
                let (row, column) = (top + number(row), left + number(column));
                cells.entry(row).or_default().insert(column, value);
            }
            sheets.push((name, cells));
        }
        Self { sheets }
    }

    /// The sheet to fill in with this id, or the worksheet.
    pub(crate) fn sheet(&mut self, id: &str) -> &mut Cells {
        let worksheets = ["ratings", "threats", "candidates", "decisions"];
        let kind = if worksheets.contains(&id) { "worksheet/" } else { "" };
        let mark = Value::Text(format!("anshin:{kind}{id}"));
        let is = |cells: &Cells| cells.get(&0).and_then(|row| row.get(&0)) == Some(&mark);
        &mut self.sheets.iter_mut().find(|(_, cells)| is(cells)).unwrap_or_else(|| panic!("no {id}")).1
    }

    /// The worksheet with this id.
    pub(crate) fn worksheet(&mut self, id: &str) -> &mut Cells {
        let mark = Value::Text(format!("anshin:worksheet/{id}"));
        let is = |cells: &Cells| cells.get(&0).and_then(|row| row.get(&0)) == Some(&mark);
        &mut self.sheets.iter_mut().find(|(_, cells)| is(cells)).unwrap_or_else(|| panic!("no {id}")).1
    }

    /// The column of a sheet with this id.
    pub(crate) fn column(&mut self, sheet: &str, id: &str) -> u32 {
        let head = &self.sheet(sheet)[&0];
        let found = head.iter().find(|(n, value)| **n > 0 && **value == Value::Text(id.to_owned()));
        *found.unwrap_or_else(|| panic!("{sheet} has no {id}")).0
    }

    /// The row of a sheet with this key; one of the keys where a row has several.
    pub(crate) fn row(&mut self, sheet: &str, key: &str) -> u32 {
        let is = |value: Option<&Value>| match value {
            Some(Value::Text(keys)) => keys.split('|').any(|own| own == key),
            _ => false,
        };
        let rows = self.sheet(sheet).range(2..);
        let found: Vec<u32> = rows.filter(|(_, row)| is(row.get(&0))).map(|(n, _)| *n).collect();
        *found.first().unwrap_or_else(|| panic!("{sheet} has no row {key}"))
    }

    pub(crate) fn get(&mut self, sheet: &str, key: &str, column: &str) -> Option<Value> {
        let (row, column) = (self.row(sheet, key), self.column(sheet, column));
        self.sheet(sheet)[&row].get(&column).cloned()
    }

    /// Writes into a cell; an empty text empties it.
    pub(crate) fn set(&mut self, sheet: &str, key: &str, column: &str, value: Value) {
        let (row, column) = (self.row(sheet, key), self.column(sheet, column));
        let row = self.sheet(sheet).entry(row).or_default();
        if value == Value::Text(String::new()) {
            row.remove(&column);
        } else {
            row.insert(column, value);
        }
    }

    /// Adds a row below the others.
    pub(crate) fn add(&mut self, sheet: &str, cells: &[(&str, &str)]) -> u32 {
        let row = self.sheet(sheet).keys().next_back().copied().unwrap_or_default() + 3;
        for (column, value) in cells {
            let column = self.column(sheet, column);
            self.sheet(sheet).entry(row).or_default().insert(column, Value::Text((*value).to_owned()));
        }
        row
    }

    /// Packs the cells as Excel does: shared strings, some strings in place, days as numbers with a
    /// format, no cell that is empty.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut shared: Vec<&str> = Vec::new();
        let mut index: BTreeMap<&str, usize> = BTreeMap::new();
        let mut parts: Vec<(String, String)> = Vec::new();
        for (n, (_, cells)) in self.sheets.iter().enumerate() {
            let mut xml = String::from(XML);
            let _ = write!(xml, "<worksheet xmlns=\"{MAIN}\"><sheetData>");
            for (row, cells) in cells {
                let _ = write!(xml, "<row r=\"{}\">", row + 1);
                for (column, value) in cells {
                    let place = format!("{}{}", letters(*column), row + 1);
                    let _ = match value {
                        Value::Number(number) => write!(xml, "<c r=\"{place}\"><v>{number}</v></c>"),
                        Value::Date(day) => write!(xml, "<c r=\"{place}\" s=\"1\"><v>{day}</v></c>"),
                        Value::Bool(yes) => {
                            write!(xml, "<c r=\"{place}\" t=\"b\"><v>{}</v></c>", u8::from(*yes))
                        }
                        Value::Error => write!(xml, "<c r=\"{place}\" t=\"e\"><v>#NAME?</v></c>"),
                        Value::Formula(formula) => {
                            write!(xml, "<c r=\"{place}\"><f>{}</f></c>", escape(formula))
                        }
                        // Some programs write strings in place.
                        Value::Text(text) if column % 5 == 4 => {
                            let text = escape(text);
                            write!(
                                xml,
                                "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
                            )
                        }
                        Value::Text(text) => {
                            let at = *index.entry(text).or_insert_with(|| {
                                shared.push(text);
                                shared.len() - 1
                            });
                            write!(xml, "<c r=\"{place}\" t=\"s\"><v>{at}</v></c>")
                        }
                    };
                }
                xml.push_str("</row>");
            }
            xml.push_str("</sheetData></worksheet>");
            parts.push((format!("xl/worksheets/sheet{}.xml", n + 1), xml));
        }
        let mut strings = format!("{XML}<sst xmlns=\"{MAIN}\">");
        for text in shared {
            // Excel cuts a string into runs where its look changes.
            let (head, tail) = text.split_at(text.char_indices().nth(2).map_or(text.len(), |(at, _)| at));
            let (head, tail) = (escape(head), escape(tail));
            let _ = write!(
                strings,
                "<si><r><t xml:space=\"preserve\">{head}</t></r><r><t xml:space=\"preserve\">{tail}</t></r></si>"
            );
        }
        strings.push_str("</sst>");
        parts.push(("xl/sharedStrings.xml".to_owned(), strings));
        parts.push((
            "xl/styles.xml".to_owned(),
            format!("{XML}<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>"),
        ));
        let mut book = format!("{XML}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>");
        let mut links = format!("{XML}<Relationships xmlns=\"{PACKAGE}\">");
        for (n, (name, _)) in self.sheets.iter().enumerate() {
            let n = n + 1;
            let _ = write!(book, "<sheet name=\"{}\" sheetId=\"{n}\" r:id=\"rId{n}\"/>", escape(name));
            let _ = write!(
                links,
                "<Relationship Id=\"rId{n}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            );
        }
        book.push_str("</sheets></workbook>");
        let _ = write!(
            links,
            "<Relationship Id=\"s\" Type=\"{RELATIONS}/sharedStrings\" Target=\"sharedStrings.xml\"/>"
        );
        let _ = write!(
            links,
            "<Relationship Id=\"t\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/></Relationships>"
        );
        parts.push(("xl/workbook.xml".to_owned(), book));
        parts.push(("xl/_rels/workbook.xml.rels".to_owned(), links));
        parts.push((
            "_rels/.rels".to_owned(),
            format!("{XML}<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ));
        zip(parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))
    }
}

/// Files in one packed file.
pub(crate) fn zip<'p>(parts: impl Iterator<Item = (&'p str, &'p [u8])>) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        out.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        out.write_all(bytes).expect("a part");
    }
    out.finish().expect("a file").into_inner()
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

fn letters(column: u32) -> String {
    let mut n = column + 1;
    let mut out = String::new();
    while n > 0 {
        let digit = u8::try_from((n - 1) % 26).expect("a letter");
        out.insert(0, char::from(b'A' + digit));
        n = (n - 1) / 26;
    }
    out
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    // What looks like an escape of the format is escaped, as are characters that XML does not have.
    text.replace("_x", "_x005F_x").replace('\r', "_x000D_")
}
