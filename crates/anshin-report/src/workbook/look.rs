//! How cells look.

use anshin_model::Lang;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet as Sheet, XlsxError};
use unicode_width::UnicodeWidthStr as _;

use crate::branding::Colors;

/// The colour of the tabs of sheets to fill in.
pub(crate) const INPUT_TAB: Color = Color::RGB(0x00F2_C200);

pub(crate) struct Look {
    pub(crate) title: Format,
    pub(crate) note: Format,
    pub(crate) header: Format,
    pub(crate) input_header: Format,
    /// A cell to fill in.
    pub(crate) input: Format,
    /// A cell to fill in with a date.
    pub(crate) date: Format,
    /// A cell to fill in with an amount of money.
    pub(crate) money: Format,
    /// A cell that may be filled in and does not ask for it.
    pub(crate) open: Format,
    /// A cell of a column to fill in that is not to be filled in.
    pub(crate) closed: Format,
    pub(crate) plain: Format,
    pub(crate) link: Format,
    pub(crate) good: Format,
    pub(crate) serious: Format,
    pub(crate) grave: Format,
    pub(crate) priority: Format,
    pub(crate) faint: Format,
}

impl Look {
    pub(crate) fn new(lang: Lang, colors: Colors) -> Self {
        let font = match lang {
            Lang::Ja => "Yu Gothic",
            Lang::En => "Calibri",
        };
        let base =
            Format::new().set_font_name(font).set_font_size(10).set_align(FormatAlign::Top).set_text_wrap();
        let cell = base.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00BF_BFBF));
        let tinted = |background: u32| cell.clone().set_background_color(Color::RGB(background));
        let head = cell.clone().set_bold().set_align(FormatAlign::VerticalCenter);
        let main = Color::RGB(colors.main.number());
        let input = tinted(0x00FF_FBE0).set_unlocked();
        Self {
            title: Format::new().set_font_name(font).set_font_size(16).set_bold().set_font_color(main),
            note: base.clone(),
            header: head.clone().set_background_color(main).set_font_color(Color::White),
            input_header: head.set_background_color(Color::RGB(0x00F2_C200)),
            date: input.clone().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Left),
            money: input.clone().set_num_format("#,##0"),
            input: input.set_align(FormatAlign::Left),
            open: base.clone().set_unlocked(),
            closed: tinted(0x00E7_E6E6),
            link: cell
                .clone()
                .set_font_color(Color::RGB(0x0005_63C1))
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
            good: tinted(0x00DC_EBF7),
            serious: tinted(0x00FC_E4C4),
            grave: tinted(0x00E0_7B39).set_bold(),
            priority: tinted(0x00FF_F2A8).set_bold().set_align(FormatAlign::Center),
            faint: cell.clone().set_font_color(Color::RGB(0x0076_7676)),
            plain: cell,
        }
    }
}

/// Writes a text. One that would be a formula if it were typed in is marked as a text, so that it stays
/// one when its cell is edited.
pub(crate) fn write_text(
    sheet: &mut Sheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    if text.starts_with(['=', '+', '-', '@']) {
        sheet.write_string_with_format(row, column, text, &format.clone().set_quote_prefix())?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

/// The height of a row in points: a line for each line that the fullest of its cells needs.
///
/// Programs differ in whether they fit heights by themselves, so the height is set.
pub(crate) fn height<'t>(cells: impl Iterator<Item = (&'t str, f64)>) -> f64 {
    const LINE: f64 = 13.5;
    // Excel's own limit for a row.
    const MOST: f64 = 409.0;
    let lines = cells
        .map(|(text, width)| {
            // A line is rarely filled to its end, so a little less than the column fits.
            let fits = (width - 2.0).max(4.0);
            text.lines().map(|line| (columns(line) / fits).ceil().max(1.0)).sum::<f64>()
        })
        .fold(1.0, f64::max);
    (lines * LINE + 3.0).min(MOST)
}

/// The width of a line in half-width characters; a line longer than any cell counts as one that fills it.
fn columns(line: &str) -> f64 {
    f64::from(u16::try_from(line.width()).unwrap_or(u16::MAX))
}
