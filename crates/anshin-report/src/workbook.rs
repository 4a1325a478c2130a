//! The workbook: every worksheet of the framework, and sheets to fill in; and the way back.
//!
//! One rule says where a value is changed: *what is stated* stands in the sheets to fill in, one for
//! each list of the document; *what is proposed* stands in the worksheets, and a decision about it in
//! the same row. Everything else is worked out. A cell that may be changed is open and yellow.
//!
//! The workbook carries what it was made from ([`base`]), row by row under a key that moves with the
//! row. So a change in the workbook is told from a change in the document since, and [`import`] brings
//! back the first without losing the second.

mod base;
pub(crate) mod brand;
mod decisions;
mod guide;
mod input;
pub(crate) mod look;
mod merge;
mod put;
mod read;
mod tables;
mod values;
mod worked_out;
mod write;

use anshin_model::tree::{Node, Sources};
use anshin_model::{Lang, Text};
use rust_xlsxwriter::XlsxError;

use crate::branding::Branding;
use crate::raster::{NotDrawn, Raster};
use crate::subject::Subject;
use crate::worksheet::Worksheet;

pub use decisions::proposals;
pub use input::{
    Input, InputField, InputRow, InputSheet, fill_in, input_name, input_names, input_sheet, take_out,
};
pub use merge::Imported;
pub use read::{PlainSheet, tables};

/// The row that holds the ids of columns, hidden.
const ID_ROW: u32 = 0;
/// The row that holds the titles of columns.
const HEADER_ROW: u32 = 1;
/// The first row of content.
const FIRST_ROW: u32 = 2;
/// Before the id of a sheet in its first cell.
const MARK: &str = "anshin:";
/// Before the id of a worksheet, after the mark: lists of the document have ids of the same words.
const WORKSHEET: &str = "worksheet/";
/// The id of a sheet that holds a picture.
const PICTURE: &str = "picture";
/// The sheet that holds what the workbook was made from.
const BASE_SHEET: &str = "_anshin";
/// The sheet that holds the lists to choose from.
const LISTS_SHEET: &str = "_lists";

/// What a workbook is made of.
#[derive(Debug)]
pub struct Book<'a> {
    /// The system with its assessment.
    pub subject: &'a Subject<'a>,
    /// The document as it was written, without errors, all its files merged.
    pub tree: &'a Node,
    /// The worksheets.
    pub worksheets: &'a [Worksheet],
    /// The pictures, each on a sheet of its own.
    pub pictures: &'a [Picture],
    /// Whose workbook it is.
    pub branding: &'a Branding,
    /// The language.
    pub lang: Lang,
}

/// A picture of a workbook.
#[derive(Debug, Clone)]
pub struct Picture {
    /// What it shows.
    pub title: Text,
    /// The picture, or what keeps it from being drawn.
    pub drawn: Result<Raster, NotDrawn>,
}

/// The workbook as bytes.
///
/// Everything is written as text, number or date, never as a formula. Cells that the program works
/// out are protected (without a password), so that nobody changes them by mistake.
///
/// # Errors
/// If the workbook cannot be made, for example because it has more rows than Excel takes.
pub fn xlsx(book: &Book<'_>) -> Result<Vec<u8>, XlsxError> {
    write::write(book)
}

/// Largest workbook that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// Brings the changes of a workbook into a document's tree.
///
/// `name` is the workbook's name in messages. `tree` is the document as it is now; the texts of
/// cells that are spoken about are added to `sources`.
///
/// # Errors
/// If the bytes are not a workbook of this program, or not one of this system.
pub fn import(
    bytes: &[u8],
    name: &str,
    subject: &Subject<'_>,
    tree: &Node,
    sources: &mut Sources,
) -> Result<Imported, Text> {
    let file = read::read(bytes)?;
    merge::merge(&file, name, subject, tree, sources)
}
