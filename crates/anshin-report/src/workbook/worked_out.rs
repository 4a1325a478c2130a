//! What the program worked out: a mark of each cell goes with the workbook. So a cell that somebody
//! changed is told from one that is older than the document, and from one that a program only saved.

use std::collections::BTreeMap;

use anshin_model::{Lang, Text};

use crate::worksheet::Worksheet;

/// The marks of a worksheet's cells.
#[derive(Debug)]
pub(super) struct WorkedOut {
    /// Where the worksheet's input comes from.
    pub(super) from: Text,
    /// The titles of its columns, in the language of the workbook.
    pub(super) columns: Vec<String>,
    /// The marks of each row's cells by the key of the row; none where several rows have the key.
    pub(super) rows: BTreeMap<String, Vec<u16>>,
}

impl WorkedOut {
    pub(super) fn new(worksheet: &Worksheet, columns: Vec<String>) -> Self {
        Self { from: worksheet.from.clone(), columns, rows: BTreeMap::new() }
    }

    /// Adds the cells of a row.
    pub(super) fn add(&mut self, key: String, cells: &[String]) {
        let marks = cells.iter().map(|cell| mark(cell)).collect();
        self.rows.entry(key).and_modify(Vec::clear).or_insert(marks);
    }

    /// As one line.
    pub(super) fn write(&self) -> String {
        let from = Lang::ALL.map(|lang| self.from.get(lang));
        serde_json::to_string(&(from, &self.columns, &self.rows)).unwrap_or_default()
    }

    /// What [`WorkedOut::write`] wrote.
    pub(super) fn read(line: &str) -> Option<Self> {
        let ([ja, en], columns, rows): ([String; 2], _, _) = serde_json::from_str(line).ok()?;
        Some(Self { from: Text::new(ja, en), columns, rows })
    }
}

/// The mark of a text: FNV-1a, folded to 16 bits. It guards against oversight, not against forgery.
///
/// Blanks, control characters and the way a number is written make no difference: spreadsheet
/// programs change them.
pub(super) fn mark(text: &str) -> u16 {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let plain = plain.parse::<f64>().map_or(plain, |number| number.to_string());
    let hash =
        plain.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = hash.to_be_bytes();
    u16::from_be_bytes([a ^ c, b ^ d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_change_makes_no_difference() {
        assert_eq!(mark("a\nb"), mark("a\r\nb "));
        assert_eq!(mark("0.70"), mark("0.7"));
        assert_ne!(mark("serious"), mark("limited"));
        assert_ne!(mark("serious"), mark(""));
    }
}
