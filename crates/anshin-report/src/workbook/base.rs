//! What a workbook was made from, on a hidden sheet.
//!
//! A row for each fact: `form`, `system` and `lang` say what the workbook is; `row` holds the values
//! of a table's row as JSON, in pieces that fit a cell; `seen` the fingerprint of a proposal;
//! `worked-out` marks of what the program worked out, a row for each worksheet.

use std::collections::BTreeMap;

use anshin_model::{Lang, Text};
use indexmap::IndexMap;
use rust_xlsxwriter::{Worksheet as Sheet, XlsxError};

use super::Book;
use super::values::Record;
use super::worked_out::WorkedOut;

/// The form of this sheet that this program writes and reads.
const FORM: &str = "1";

/// Longest piece of a value, in bytes: a cell holds 32,767 characters.
const PIECE: usize = 30_000;

/// What a workbook was made from.
#[derive(Debug)]
pub(super) struct Base {
    /// The id of the system.
    pub(super) system: String,
    /// The language of the workbook.
    pub(super) lang: Lang,
    /// The rows of each table by key.
    pub(super) tables: BTreeMap<String, IndexMap<String, Vec<String>>>,
    /// The fingerprint of each proposal.
    pub(super) seen: BTreeMap<String, String>,
    /// What the program worked out, by worksheet.
    pub(super) worked_out: BTreeMap<String, WorkedOut>,
}

pub(super) fn write<'r>(
    sheet: &mut Sheet,
    book: &Book<'_>,
    tables: impl Iterator<Item = (&'static str, &'r [Record])>,
    seen: &BTreeMap<String, String>,
    worked_out: &[(&'static str, WorkedOut)],
) -> Result<(), XlsxError> {
    let mut row = 0;
    let mut line = |words: &[&str]| -> Result<(), XlsxError> {
        for (column, word) in (0..).zip(words) {
            sheet.write_string(row, column, *word)?;
        }
        row += 1;
        Ok(())
    };
    line(&["form", FORM])?;
    line(&["system", book.subject.system.document.system.id.as_str()])?;
    line(&["lang", book.lang.code()])?;
    for (table, records) in tables {
        line(&["table", table])?;
        for record in records {
            let json = serde_json::to_string(&record.cells).unwrap_or_default();
            let mut words = vec!["row", table, record.key.as_str()];
            words.extend(pieces(&json));
            line(&words)?;
        }
    }
    for (subject, fingerprint) in seen {
        line(&["seen", subject, fingerprint])?;
    }
    for (worksheet, made) in worked_out {
        let made = made.write();
        let mut words = vec!["worked-out", worksheet];
        words.extend(pieces(&made));
        line(&words)?;
    }
    Ok(())
}

/// A text cut where characters end.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    while !text.is_empty() {
        let mut end = text.len().min(PIECE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, rest) = text.split_at(end);
        out.push(piece);
        text = rest;
    }
    out
}

/// Reads the rows of the sheet.
///
/// # Errors
/// If they are not what [`write`] wrote.
pub(super) fn read(rows: impl Iterator<Item = Vec<String>>) -> Result<Base, Text> {
    let mut base = Base {
        system: String::new(),
        lang: Lang::En,
        tables: BTreeMap::new(),
        seen: BTreeMap::new(),
        worked_out: BTreeMap::new(),
    };
    let mut form = String::new();
    for row in rows {
        let words: Vec<&str> = row.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["form", version, ..] => (*version).clone_into(&mut form),
            ["system", id, ..] => (*id).clone_into(&mut base.system),
            ["lang", code, ..] => base.lang = if *code == "ja" { Lang::Ja } else { Lang::En },
            ["table", table, ..] => {
                base.tables.entry((*table).to_owned()).or_default();
            }
            ["row", table, key, pieces @ ..] => {
                let cells: Vec<String> = serde_json::from_str(&pieces.concat()).map_err(|_| damaged())?;
                base.tables.entry((*table).to_owned()).or_default().insert((*key).to_owned(), cells);
            }
            ["seen", subject, fingerprint, ..] => {
                base.seen.insert((*subject).to_owned(), (*fingerprint).to_owned());
            }
            ["worked-out", worksheet, pieces @ ..] => {
                let made = WorkedOut::read(&pieces.concat()).ok_or_else(damaged)?;
                base.worked_out.insert((*worksheet).to_owned(), made);
            }
            _ => {}
        }
    }
    if form == FORM { Ok(base) } else { Err(damaged()) }
}

fn damaged() -> Text {
    Text::new(
        "隠しシート`_anshin`が壊れているか、新しいAnshinで作られています。`anshin report --format xlsx`でブックを作り直し、変更を書き写してください",
        "the hidden sheet `_anshin` is damaged, or made by a newer Anshin; make the workbook again with `anshin report --format xlsx` and copy your changes into it",
    )
}
