//! The ledger as a table: CSV as spreadsheet programs write it, in and out.

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::shape;
use anshin_model::tree::{FileId, Sources, Span};
use anshin_model::{Lang, Text};

use super::{Asset, Ledger, LoadedLedger, Personal, Scale};
use crate::read::{File, LIMITS};

/// How the text of a CSV file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 with a byte order mark, which Excel needs.
    Utf8,
    /// `Shift_JIS`, for older programs. What it cannot write becomes `?`.
    ShiftJis,
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Number,
    Business,
    Name,
    Note,
    Users,
    Department,
    Medium,
    Personal,
    Sensitive,
    MyNumber,
    Confidentiality,
    Integrity,
    Availability,
    Importance,
    KeptUntil,
    Registered,
    Threat,
    Measures,
    Likelihood,
    Risk,
}

/// The columns in the order of the handbook: the heading in Japanese and English, and other
/// headings that are understood.
const COLUMNS: &[(Column, &str, &str, &[&str])] = &[
    (Column::Number, "No", "No", &["番号", "#"]),
    (Column::Business, "業務分類", "Business", &["業務"]),
    (Column::Name, "情報資産名称", "Information", &["情報資産名", "名称", "Name"]),
    (Column::Note, "備考", "Note", &["Remarks"]),
    (Column::Users, "利用者範囲", "Users", &["利用者"]),
    (Column::Department, "管理部署", "Department", &["管理部門"]),
    (Column::Medium, "媒体・保存先", "Medium", &["媒体", "保存先", "媒体保存先"]),
    (Column::Personal, "個人情報", "Personal data", &[]),
    (Column::Sensitive, "要配慮個人情報", "Sensitive personal data", &[]),
    (Column::MyNumber, "マイナンバー", "Individual numbers", &["特定個人情報"]),
    (Column::Confidentiality, "機密性", "Confidentiality", &["C"]),
    (Column::Integrity, "完全性", "Integrity", &["I"]),
    (Column::Availability, "可用性", "Availability", &["A"]),
    (Column::Importance, "重要度", "Importance", &[]),
    (Column::KeptUntil, "保存期限", "Kept until", &["保存期間"]),
    (Column::Registered, "登録日", "Registered", &[]),
    (Column::Threat, "脅威の発生頻度", "Threat", &["脅威"]),
    (Column::Measures, "脆弱性", "Measures", &["対策状況", "脆弱性への対応状況"]),
    (Column::Likelihood, "被害発生可能性", "Likelihood", &[]),
    (Column::Risk, "リスク値", "Risk value", &[]),
];

/// The table of a ledger: the headings, and a row of cells for each asset.
pub fn table(ledger: &Ledger, scale: &Scale, lang: Lang) -> Vec<Vec<String>> {
    let heading = |(_, ja, en, _): &(Column, &str, &str, &[&str])| {
        if lang == Lang::Ja { (*ja).to_owned() } else { (*en).to_owned() }
    };
    let mut out = vec![COLUMNS.iter().map(heading).collect::<Vec<_>>()];
    for (n, asset) in ledger.assets.iter().enumerate() {
        let risk = ledger.risk(asset, scale);
        let named = |number: f64, values| match Scale::name_of(values, number) {
            Some(name) => format!("{number} {}", name.get(lang)),
            None => number.to_string(),
        };
        let mark = |class| {
            let yes = if lang == Lang::Ja { "有" } else { "yes" };
            if asset.personal == class { yes.to_owned() } else { String::new() }
        };
        let cell = |(column, ..): &(Column, &str, &str, &[&str])| match column {
            Column::Number => (n + 1).to_string(),
            Column::Business => asset.business.get(lang).to_owned(),
            Column::Name => asset.name.get(lang).to_owned(),
            Column::Note => asset.note.get(lang).to_owned(),
            Column::Users => asset.users.get(lang).to_owned(),
            Column::Department => asset.department.get(lang).to_owned(),
            Column::Medium => match scale.medium(&asset.medium) {
                Some(medium) => medium.name.get(lang).to_owned(),
                None => asset.medium.clone(),
            },
            Column::Personal => mark(Personal::Personal),
            Column::Sensitive => mark(Personal::Sensitive),
            Column::MyNumber => mark(Personal::MyNumber),
            Column::Confidentiality => asset.confidentiality.to_string(),
            Column::Integrity => asset.integrity.to_string(),
            Column::Availability => asset.availability.to_string(),
            Column::Importance => risk.importance.to_string(),
            Column::KeptUntil => asset.kept_until.clone().unwrap_or_default(),
            Column::Registered => asset.registered.clone().unwrap_or_default(),
            Column::Threat => named(risk.threat, &scale.threats),
            Column::Measures => named(risk.measures, &scale.measures),
            Column::Likelihood => named(risk.likelihood, &scale.likelihoods),
            Column::Risk => {
                let band = risk.band.map(|band| format!(" {}", band.name.get(lang))).unwrap_or_default();
                format!("{}{band}", risk.value)
            }
        };
        out.push(COLUMNS.iter().map(cell).collect());
    }
    out
}

/// Whether a spreadsheet program would take a cell for a formula.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// A table as the bytes of a CSV file. Cells that look like formulas get an apostrophe in front.
pub fn to_csv(table: &[Vec<String>], encoding: Encoding) -> Vec<u8> {
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
    match encoding {
        Encoding::Utf8 => [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
        Encoding::ShiftJis => {
            let mut out = Vec::with_capacity(text.len());
            for c in text.chars() {
                let mut buffer = [0; 4];
                let (bytes, _, failed) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut buffer));
                if failed { out.push(b'?') } else { out.extend_from_slice(&bytes) }
            }
            out
        }
    }
}

/// The text of a CSV file, whatever a spreadsheet program has made of it.
fn decode(bytes: &[u8]) -> Result<String, Text> {
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
struct Cell {
    text: String,
    span: Span,
}

/// Cells of a CSV text. The separator is the one that the first line has most of.
fn rows(text: &str, file: FileId) -> Vec<Vec<Cell>> {
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
fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .collect()
}

fn column_of(heading: &str) -> Option<Column> {
    let plain = |text: &str| half_width(text).replace([' ', '\u{3000}', '\n'], "").to_lowercase();
    let heading = plain(heading);
    // Numbers in circles stand before the headings of the handbook, remarks in brackets after them.
    let heading = heading.trim_start_matches(|c| ('①'..='⑳').contains(&c));
    let heading = heading.split(['(', '[', '<']).next().unwrap_or_default();
    let (column, ..) = COLUMNS.iter().find(|(_, ja, en, other)| {
        std::iter::once(ja).chain([en]).chain(other.iter()).any(|name| plain(name) == heading)
    })?;
    Some(*column)
}

/// A date as spreadsheets write it, in the form of this program.
fn date(text: &str) -> Option<String> {
    let text = half_width(text).replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = text.split_whitespace().next()?.split('-').collect();
    let &[year, month, day] = parts.as_slice() else { return None };
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    shape::is_date(&date).then_some(date)
}

/// Reads a ledger from a CSV file. The columns are found by their headings, in any order.
pub fn from_csv(file: File, scale: &Scale) -> LoadedLedger {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let fail = |sources, code, message: Text, hint: Text| LoadedLedger {
        ledger: None,
        sources,
        diagnostics: vec![Diagnostic::error(code, message).hint(hint)],
    };
    if file.bytes.len() > LIMITS.bytes {
        let (code, message, _) = anshin_model::tree::too_large(LIMITS);
        return fail(
            sources,
            code,
            message,
            Text::new("行を分けてください", "split its rows over several files"),
        );
    }
    let text = match decode(&file.bytes) {
        Ok(text) => text,
        Err(message) => {
            let hint = Text::new(
                "表計算ソフトで「CSV UTF-8」として保存し直してください",
                "save it as \u{201c}CSV UTF-8\u{201d}",
            );
            return fail(sources, Code::Encoding, message, hint);
        }
    };
    let id = sources.add(file.name, text);
    let rows = rows(sources.text(id), id);
    // Titles and explanations may stand above the headings.
    let known = |row: &Vec<Cell>| row.iter().filter(|cell| column_of(&cell.text).is_some()).count();
    let head = rows.iter().take(30).position(|row| {
        known(row) >= 4 && row.iter().any(|cell| column_of(&cell.text) == Some(Column::Name))
    });
    let Some(head) = head else {
        let hint = Text::new(
            "1行目に業務分類、情報資産名称、媒体・保存先、機密性、完全性、可用性などの見出しを書いてください",
            "write headings such as Business, Information, Medium, Confidentiality, Integrity, Availability",
        );
        let message = Text::new("見出しの行が見つかりません", "there is no row of headings");
        return fail(sources, Code::MissingKey, message, hint);
    };
    let columns: Vec<Option<Column>> = rows[head].iter().map(|cell| column_of(&cell.text)).collect();
    for needed in [Column::Medium, Column::Confidentiality, Column::Integrity, Column::Availability] {
        if !columns.contains(&Some(needed))
            && let Some((_, ja, en, _)) = COLUMNS.iter().find(|(column, ..)| *column == needed)
        {
            found.push(
                Diagnostic::error(
                    Code::MissingKey,
                    Text::new(format!("列「{ja}」がありません"), format!("there is no column `{en}`")),
                )
                .at(rows[head][0].span)
                .hint(Text::new(
                    format!("見出し「{ja}」の列を加えてください"),
                    format!("add a column with the heading `{en}`"),
                )),
            );
        }
    }
    let mut assets = Vec::new();
    if found.is_empty() {
        for row in &rows[head + 1..] {
            assets.extend(asset(row, &columns, scale, &mut found));
        }
    }
    diagnostic::sort(&mut found);
    let ledger = (!diagnostic::has_errors(&found)).then(|| Ledger {
        scale: Some(scale.id.clone()),
        assets,
        ..Ledger::default()
    });
    LoadedLedger { ledger, sources, diagnostics: found }
}

fn asset(
    row: &[Cell],
    columns: &[Option<Column>],
    scale: &Scale,
    found: &mut Vec<Diagnostic>,
) -> Option<Asset> {
    let cell = |column| {
        let n = columns.iter().position(|own| *own == Some(column))?;
        row.get(n).filter(|cell| !cell.text.is_empty())
    };
    let text = |column| cell(column).map(|cell| Text::same(cell.text.as_str())).unwrap_or_default();
    let name = cell(Column::Name)?;
    let mut value = |column, key: &str, needed: bool| -> Option<f64> {
        let Some(cell) = cell(column) else {
            if needed {
                let (ja, en) = COLUMNS
                    .iter()
                    .find(|(own, ..)| *own == column)
                    .map_or(("", ""), |(_, ja, en, _)| (*ja, *en));
                found.push(
                    Diagnostic::error(
                        Code::MissingKey,
                        Text::new(
                            format!("「{}」の{ja}が書かれていません", name.text),
                            format!("`{}` has nothing under `{en}`", name.text),
                        ),
                    )
                    .at(name.span)
                    .hint(scale.allows(key, -1.0).err().unwrap_or_default()),
                );
            }
            return None;
        };
        // `2特定の状況で…` begins with the value.
        let digits: String = half_width(&cell.text).chars().take_while(char::is_ascii_digit).collect();
        let number = digits.parse::<f64>().ok();
        match number.map(|number| scale.allows(key, number).map(|()| number)) {
            Some(Ok(number)) => Some(number),
            other => {
                let hint = match other {
                    Some(Err(hint)) => hint,
                    _ => scale.allows(key, -1.0).err().unwrap_or_default(),
                };
                found.push(
                    Diagnostic::error(
                        Code::OutOfRange,
                        Text::new(
                            format!("「{}」はこの尺度の値ではありません", cell.text),
                            format!("`{}` is not a value of the scale", cell.text),
                        ),
                    )
                    .at(cell.span)
                    .hint(hint),
                );
                None
            }
        }
    };
    let confidentiality = value(Column::Confidentiality, "confidentiality", true);
    let integrity = value(Column::Integrity, "integrity", true);
    let availability = value(Column::Availability, "availability", true);
    let threat = value(Column::Threat, "threat", false);
    let measures = value(Column::Measures, "measures", false);
    let registered = cell(Column::Registered).and_then(|cell| {
        let date = date(&cell.text);
        if date.is_none() {
            found.push(
                Diagnostic::error(
                    Code::OutOfRange,
                    Text::new(
                        format!("「{}」は日付ではありません", cell.text),
                        format!("`{}` is not a date", cell.text),
                    ),
                )
                .at(cell.span)
                .hint(Text::new("例: 2026/4/1", "write it as 2026/4/1 or 2026-04-01")),
            );
        }
        date
    });
    let marked = |column| {
        cell(column)
            .is_some_and(|cell| !matches!(cell.text.as_str(), "無" | "なし" | "no" | "No" | "-" | "×" | "0"))
    };
    let personal = match () {
        () if marked(Column::MyNumber) => Personal::MyNumber,
        () if marked(Column::Sensitive) => Personal::Sensitive,
        () if marked(Column::Personal) => Personal::Personal,
        () => Personal::None,
    };
    let medium = cell(Column::Medium).map(|cell| cell.text.clone()).unwrap_or_default();
    Some(Asset {
        business: text(Column::Business),
        name: text(Column::Name),
        note: text(Column::Note),
        users: text(Column::Users),
        department: text(Column::Department),
        medium: scale.medium(&medium).map_or(medium, |medium| medium.id.to_string()),
        personal,
        confidentiality: confidentiality?,
        integrity: integrity?,
        availability: availability?,
        kept_until: cell(Column::KeptUntil).map(|cell| cell.text.clone()),
        registered,
        threat,
        measures,
    })
}
