//! What a workbook holds that is not taken over: it is named, so that nobody thinks it was.

use std::collections::{BTreeMap, BTreeSet};

use anshin_model::{Lang, Text};

use super::Merge;
use crate::workbook::decisions::groups;
use crate::workbook::read::{Raw, Sheet};
use crate::workbook::tables::{Rows, Table};
use crate::workbook::worked_out::{WorkedOut, mark};
use crate::workbook::{FIRST_ROW, HEADER_ROW, ID_ROW, PICTURE, WORKSHEET};

/// Most places that one note names.
const MOST_PLACES: usize = 10;

impl Merge<'_> {
    /// Names sheets, columns and rows that are not of this program, and cells that it works out by
    /// itself.
    pub(super) fn name_strangers(&mut self, tables: &[Table]) {
        let mut seen = BTreeSet::new();
        for sheet in &self.file.sheets {
            let name = &sheet.name;
            match sheet.id.as_deref() {
                None if sheet.rows.is_empty() => {}
                None => self.notes.push(Text::new(
                    format!(
                        "シート「{name}」はAnshinのものではないので、取り込みません（ブックには残ります）"
                    ),
                    format!(
                        "the sheet `{name}` is not of Anshin and is not imported (the workbook keeps it)"
                    ),
                )),
                Some(PICTURE) => {}
                Some(id) if !seen.insert(id) => self.notes.push(Text::new(
                    format!("シート「{name}」は別のシートの写しなので、取り込みません"),
                    format!("the sheet `{name}` is a copy of another one and is not imported"),
                )),
                Some(id) => {
                    if let Some(table) = tables.iter().find(|table| table.id == id) {
                        self.strange_columns(sheet, |column, known| match known {
                            Some(id) => table.index(id).is_some() || id == "value",
                            None => table.rows == Rows::Values && column == 1,
                        });
                    } else if let Some(id) = id.strip_prefix(WORKSHEET)
                        && let Some(made) = self.file.base.worked_out.get(id)
                    {
                        self.worked_out(sheet, made, !groups(id, tables).is_empty());
                    }
                }
            }
        }
        for table in tables.iter().filter(|table| table.rows != Rows::Decisions) {
            if self.filled.sheet(table.id).is_none() && self.file.base.tables.contains_key(table.id) {
                let name = table.title();
                self.notes.push(Text::new(
                    format!("シート「{}」がブックに無いので、その内容は変えません", name.get(Lang::Ja)),
                    format!(
                        "the sheet `{}` is not in the workbook, so nothing of it changes",
                        name.get(Lang::En)
                    ),
                ));
            }
        }
    }

    /// Names the columns of a sheet that are not its own.
    fn strange_columns(&mut self, sheet: &Sheet, mut is_own: impl FnMut(u32, Option<&str>) -> bool) {
        let name = &sheet.name;
        for (&column, title) in sheet.rows.get(&HEADER_ROW).into_iter().flat_map(|row| row.range(1..)) {
            let id = sheet.rows.get(&ID_ROW).and_then(|row| row.get(&column)).map(Raw::text);
            let title = title.text().replace('\n', " ");
            if !is_own(column, id.as_deref()) && !title.trim().is_empty() {
                self.notes.push(Text::new(
                    format!("シート「{name}」の列「{title}」はAnshinのものではないので、取り込みません（ブックには残ります）"),
                    format!("the column `{title}` of the sheet `{name}` is not of Anshin and is not imported (the workbook keeps it)"),
                ));
            }
        }
    }

    /// Names what was added to a worksheet, and the cells that were changed although they are worked out.
    fn worked_out(&mut self, sheet: &Sheet, made: &WorkedOut, decides: bool) {
        // A column is known by its title, wherever it was moved.
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        let mut left: Vec<Option<u16>> = made.columns.iter().map(|title| Some(mark(title))).collect();
        self.strange_columns(sheet, |column, id| {
            let title = sheet.rows.get(&HEADER_ROW).and_then(|row| row.get(&column)).map(Raw::text);
            let of = title.map(|title| mark(&title));
            match left.iter().position(|own| own.is_some() && *own == of) {
                _ if id.is_some() => true,
                Some(n) => {
                    left[n] = None;
                    places.insert(column, n);
                    true
                }
                None => false,
            }
        });
        let decisions: Vec<u32> = sheet
            .rows
            .get(&ID_ROW)
            .map_or_else(Vec::new, |row| row.range(1..).map(|(column, _)| *column).collect());
        let (mut changed, mut added) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for (&row, cells) in sheet.rows.range(FIRST_ROW..) {
            let key = cells.get(&0).map_or_else(String::new, Raw::text);
            let Some(marks) = made.rows.get(&key).filter(|_| seen.insert(key)) else {
                let own = places.keys().chain(&decisions);
                let mut own = own.filter_map(|column| cells.get(column));
                if own.any(|cell| *cell == Raw::Error || !cell.text().trim().is_empty()) {
                    added.push(format!("{}", u64::from(row) + 1));
                }
                continue;
            };
            for (&column, &n) in &places {
                let cell = cells.get(&column);
                let same = cell.map_or_else(String::new, Raw::text);
                let same = marks.get(n).is_none_or(|made| *made == mark(&same)) && cell != Some(&Raw::Error);
                if !same {
                    changed.push(format!("`{}`", address(row, column)));
                }
            }
        }
        let name = &sheet.name;
        if !added.is_empty() {
            let rows = some(&added);
            self.notes.push(Text::new(
                format!("シート「{name}」の{}行目はAnshinのものではないので、取り込みません（ブックには残ります）", rows.get(Lang::Ja)),
                format!("row {} of the sheet `{name}` is not of Anshin and is not imported (the workbook keeps it)", rows.get(Lang::En)),
            ));
        }
        if !changed.is_empty() {
            let cells = some(&changed);
            let instead = if decides {
                Text::new(
                    "提案と違うようにするには、同じ行の黄色の列に決定を書いてください",
                    "to differ from a proposal, write a decision into the yellow columns of its row",
                )
            } else {
                Text::new(
                    "もとになる事実を、「記入」で始まるシートで変えてください（入力元: {from}）",
                    "change the facts behind it in the sheets whose names begin with \u{201c}Input\u{201d} (it comes from: {from})",
                )
                .fill(&[("from", &made.from)])
            };
            self.notes.push(
                Text::new(
                    format!("シート「{name}」の{}はプログラムが求めた値なので、書き換えは取り込みません。{{instead}}", cells.get(Lang::Ja)),
                    format!("what stands in {} of the sheet `{name}` is worked out, so the change is not imported; {{instead}}", cells.get(Lang::En)),
                )
                .fill(&[("instead", &instead)]),
            );
        }
    }
}

/// A cell by its letters and number.
pub(super) fn address(row: u32, column: u32) -> String {
    let letters = rust_xlsxwriter::column_number_to_name(u16::try_from(column).unwrap_or(u16::MAX));
    format!("{letters}{}", u64::from(row) + 1)
}

/// The first of some places, and how many more there are.
pub(super) fn some(places: &[String]) -> Text {
    let first = places.len().min(MOST_PLACES);
    let more = places.len() - first;
    let all = |between: &str| places[..first].join(between);
    match more {
        0 => Text::new(all("、"), all(", ")),
        _ => Text::new(format!("{}、ほか{more}か所", all("、")), format!("{} and {more} more", all(", "))),
    }
}
