//! The style of a page that is an organization's own: its colours, and the line at the foot of
//! printed pages.

use std::fmt::Write as _;

use anshin_model::Lang;

use crate::branding::{Branding, Color, Colors, LETTERS};

/// The grounds of `report.css` on which letters in the organization's colour are hardest to read, in
/// the light and in the dark scheme; a test works it out for all grounds.
const LIGHT: Color = Color { red: 0xF6, green: 0xC9, blue: 0xBD };
const DARK: Color = Color { red: 0x4A, green: 0x40, blue: 0x12 };

/// The style that comes after that of all reports; nothing for a branding that says nothing.
pub(super) fn style(branding: &Branding, lang: Lang) -> String {
    let mut out = String::new();
    if branding.colors != Colors::default() {
        let Colors { main, accent } = branding.colors;
        let (light, dark) = (main.readable_on(LIGHT, LETTERS).hex(), main.readable_on(DARK, LETTERS).hex());
        let (line, line_in_dark) = (accent.hex(), accent.readable_on(DARK, LETTERS).hex());
        let _ = write!(
            out,
            ":root {{ --accent: {light}; --title: {light}; --brand: {line}; }}\n\
             @media screen and (prefers-color-scheme: dark) {{\n  \
             :root {{ --accent: {dark}; --title: {dark}; --brand: {line_in_dark}; }}\n}}\n"
        );
    }
    if let Some(footer) = &branding.footer {
        let _ = writeln!(
            out,
            "@page {{ @bottom-left {{ content: \"{}\"; font-size: 8pt; color: #4d5b69; }} }}",
            quoted(footer.get(lang))
        );
    }
    out
}

/// Words as they stand between quotes in a style: everything that could end them is written as its
/// number.
fn quoted(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        if c.is_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            let _ = write!(out, "\\{:x} ", u32::from(c));
        }
    }
    out
}
