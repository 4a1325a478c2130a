//! Whose workbook it is: the head and the foot of printed pages, the properties of the file, and the
//! top of the guide.

use anshin_model::{Lang, Text};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Image, Worksheet as Sheet, XlsxError};

use super::Book;
use super::look::{Look, height, write_text};
use super::values::cut;
use crate::branding::{Branding, Logo};

/// Longest piece of a head or foot, in UTF-16 units; Excel takes 255 for the three together.
const LONGEST_PIECE: usize = 100;

/// Height of the logo in pixels, and its largest width.
const LOGO: (f64, f64) = (40.0, 270.0);

/// What a page of A4 holds side by side in letters that can be read, in half-width characters: upright,
/// and across.
const PAGE: (f64, f64) = (100.0, 210.0);

/// How a sheet of some width, in half-width characters, is printed: upright where it fits so, else across;
/// on as many pages as it takes, side by side as well, where one would make the letters too small.
pub(crate) fn paper(sheet: &mut Sheet, branding: &Branding, lang: Lang, width: f64) {
    let (upright, across) = PAGE;
    let abreast = (1..u16::MAX).find(|pages| width <= across * f64::from(*pages)).unwrap_or(u16::MAX);
    sheet.set_paper_size(9).set_print_fit_to_pages(abreast, 0);
    if width > upright {
        sheet.set_landscape();
    }
    head_and_foot(sheet, branding, lang);
}

/// How a sheet with a picture is printed: across, on one page.
pub(super) fn paper_of_picture(sheet: &mut Sheet, branding: &Branding, lang: Lang) {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 1);
    head_and_foot(sheet, branding, lang);
}

fn head_and_foot(sheet: &mut Sheet, branding: &Branding, lang: Lang) {
    let organization = branding.organization.as_ref().map_or("", |name| name.get(lang));
    let number = branding.document_number.as_deref().unwrap_or_default();
    if !organization.is_empty() || !number.is_empty() {
        sheet.set_header(format!("&L{}&R{}", piece(organization), piece(number)));
    }
    let footer = branding.footer.as_ref().map_or("", |footer| footer.get(lang));
    sheet.set_footer(format!("&L{}&R&P / &N", piece(footer)));
}

/// A piece of a head or foot: one line, of which nothing is a command.
fn piece(words: &str) -> String {
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // A doubled mark may not be cut in half, so the words are shortened before.
    let marks = plain.matches('&').count();
    cut(&plain, LONGEST_PIECE.saturating_sub(marks)).replace('&', "&&")
}

/// The properties of the file.
pub(super) fn properties(book: &Book<'_>) -> Result<DocProperties, XlsxError> {
    let title = book.subject.system.document.system.name.get(book.lang);
    // The date of making would differ in every run; the same input gives the same workbook.
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    let mut properties = DocProperties::new().set_title(cut(title, 250)).set_creation_datetime(&fixed);
    let words = |text: &Option<Text>| text.as_ref().map(|text| cut(text.get(book.lang), 250));
    if let Some(author) = words(&book.branding.author) {
        properties = properties.set_author(author);
    }
    if let Some(organization) = words(&book.branding.organization) {
        properties = properties.set_company(organization);
    }
    Ok(properties)
}

/// The top of the guide: the logo beside the title, whose document it is and which one. Returns the
/// first row below.
pub(super) fn front(sheet: &mut Sheet, book: &Book<'_>, look: &Look, mut row: u32) -> Result<u32, XlsxError> {
    let lang = book.lang;
    if let Some(logo) = &book.branding.logo {
        let name = book.branding.organization.as_ref().map_or("", |name| name.get(lang));
        insert(sheet, logo, name)?;
    }
    let passing = book.branding.footer.clone().map(|footer| (Text::new("取扱い", "Handling"), footer));
    for (name, value) in book.branding.imprint().into_iter().chain(passing) {
        let value = value.get(lang);
        write_text(sheet, row, 1, name.get(lang), &look.faint)?;
        write_text(sheet, row, 2, value, &look.plain)?;
        sheet.set_row_height(row, height(std::iter::once((value, 60.0))))?;
        row += 1;
    }
    Ok(row)
}

fn insert(sheet: &mut Sheet, logo: &Logo, name: &str) -> Result<(), XlsxError> {
    let image = Image::new_from_buffer(logo.pixels().1)?;
    let (tall, widest) = LOGO;
    let width = (tall * logo.ratio).min(widest);
    let image = image.set_scale_to_size(width, width / logo.ratio, true).set_alt_text(cut(name, 250));
    sheet.set_row_height_pixels(0, 48)?;
    sheet.insert_image_with_offset(0, 4, &image, 4, 4)?;
    Ok(())
}
