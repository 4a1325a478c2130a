//! CSV as spreadsheet programs write it, out and in.

use anshin_model::Text;
use anshin_model::shape;
use anshin_model::tree::{FileId, Sources, Span};

/// How the text of a CSV file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte order mark.
    Utf8,
    /// `Shift_JIS`, for older programs.
    ShiftJis,
}

/// Characters that an encoding cannot write, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotWrite(pub Vec<char>);

impl CannotWrite {
    /// What is wrong, with the characters and a way on.
    pub fn text(&self) -> Text {
        let characters: Vec<String> = self.0.iter().take(10).map(char::to_string).collect();
        let more = if self.0.len() > characters.len() { " …" } else { "" };
        let characters = format!("{}{more}", characters.join(" "));
        Text::new(
            format!("Shift_JISで書けない文字があります（{characters}）。UTF-8で書くか、文字を替えてください"),
            format!("Shift_JIS has no such characters: {characters}; write UTF-8, or use others"),
        )
    }
}

/// A text in `Shift_JIS`. Where Windows has another character for the same, that one is written.
fn shift_jis(text: &str) -> Result<Vec<u8>, CannotWrite> {
    let mut out = Vec::with_capacity(text.len());
    let mut left: Vec<char> = Vec::new();
    for own in text.chars() {
        let c = match own {
            '\u{301C}' => '\u{FF5E}',
            '\u{2014}' => '\u{2015}',
            '\u{2016}' => '\u{2225}',
            '\u{2212}' => '\u{FF0D}',
            other => other,
        };
        let mut buffer = [0; 4];
        let (bytes, _, failed) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut buffer));
        if !failed {
            out.extend_from_slice(&bytes);
        } else if !left.contains(&own) {
            left.push(own);
        }
    }
    if left.is_empty() { Ok(out) } else { Err(CannotWrite(left)) }
}

/// Whether a spreadsheet program would take a cell for a formula.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// A table as the bytes of a CSV file. Cells that look like formulas get an apostrophe in front.
///
/// # Errors
/// The characters that the encoding cannot write: nothing is lost in silence.
pub fn to_csv(table: &[Vec<String>], encoding: Encoding) -> Result<Vec<u8>, CannotWrite> {
    let text = csv_text(table);
    match encoding {
        Encoding::Utf8 => Ok(with_mark(&text)),
        Encoding::ShiftJis => shift_jis(&text),
    }
}

/// The same in UTF-8, which can write everything.
pub fn to_csv_utf8(table: &[Vec<String>]) -> Vec<u8> {
    with_mark(&csv_text(table))
}

/// Excel needs the byte order mark.
fn with_mark(text: &str) -> Vec<u8> {
    [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat()
}

fn csv_text(table: &[Vec<String>]) -> String {
    let mut text = String::new();
    for row in table {
        for (n, cell) in row.iter().enumerate() {
            if n > 0 {
                text.push(',');
            }
            let guarded =
                is_formula(cell) || (cell.starts_with('\'') && is_formula(cell.trim_start_matches('\'')));
            let cell = if guarded { format!("'{cell}") } else { cell.clone() };
            if cell.contains(['"', ',', ';', '\n', '\r', '\t'])
                || cell.starts_with(' ')
                || cell.ends_with(' ')
            {
                text.push('"');
                text.push_str(&cell.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(&cell);
            }
        }
        text.push_str("\r\n");
    }
    text
}

/// The text of a CSV file, whatever a spreadsheet program has made of it.
///
/// # Errors
/// If its encoding is not known.
pub fn decode(bytes: &[u8]) -> Result<String, Text> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, failed) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if !failed {
            return Ok(text.into_owned());
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, failed) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes);
    if failed {
        return Err(Text::new(
            "文字コードがUTF-8でもShift_JISでもありません",
            "the text is neither UTF-8 nor Shift_JIS",
        ));
    }
    Ok(text.into_owned())
}

/// A cell with its place.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// Cells of a CSV text. The separator is the one that the first line has most of.
pub(crate) fn rows(text: &str, file: FileId) -> Vec<Vec<Cell>> {
    let first = text.lines().next().unwrap_or_default();
    let separator =
        [',', ';', '\t'].into_iter().max_by_key(|c| (first.matches(*c).count(), *c == ',')).unwrap_or(',');
    let mut rows = Vec::new();
    let mut row: Vec<Cell> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let span = |start: usize, end: usize| {
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: place(start), end: place(end) }
    };
    while let Some(&(start, first)) = chars.peek() {
        let mut cell = String::new();
        let mut stop = start;
        if first == '"' {
            chars.next();
            while let Some((at, c)) = chars.next() {
                stop = at + c.len_utf8();
                if c != '"' {
                    cell.push(c);
                } else if chars.peek().is_some_and(|(_, next)| *next == '"') {
                    cell.push('"');
                    chars.next();
                } else {
                    break;
                }
            }
        }
        while let Some(&(at, c)) = chars.peek() {
            if c == separator || c == '\n' {
                break;
            }
            if c != '\r' {
                cell.push(c);
                stop = at + c.len_utf8();
            }
            chars.next();
        }
        // The apostrophe that guards against formulas is not a part of the words.
        let text = match cell.strip_prefix('\'') {
            Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest.to_owned(),
            _ => cell,
        };
        row.push(Cell { text: text.trim().to_owned(), span: span(start, stop) });
        match chars.next() {
            Some((_, '\n')) | None => rows.push(std::mem::take(&mut row)),
            Some((at, _)) if chars.peek().is_none() => {
                // A separator at the very end: one more empty cell.
                row.push(Cell { text: String::new(), span: span(at + 1, at + 1) });
                rows.push(std::mem::take(&mut row));
            }
            Some(_) => {}
        }
    }
    rows.retain(|row| row.iter().any(|cell| !cell.text.is_empty()));
    rows
}

/// The rows of a CSV file as plain words, whatever its encoding and separator.
///
/// # Errors
/// If its encoding is not known.
pub fn csv_rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, Text> {
    let text = decode(bytes)?;
    let mut sources = Sources::default();
    let file = sources.add("table", "");
    let rows = rows(&text, file).into_iter();
    Ok(rows.map(|row| row.into_iter().map(|cell| cell.text).collect()).collect())
}

/// Full-width letters and digits as their ASCII twins.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

/// A date as spreadsheets write it, in the form of this program.
pub(crate) fn date(text: &str) -> Option<String> {
    let text = half_width(text).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = text.split_whitespace().next()?.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return None };
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    shape::is_date(&date).then_some(date)
}
