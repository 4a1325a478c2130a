//! What stands in for `anshin-pdf` in a program that was built without it.

use anshin_model::{Lang, Text};
use anshin_report::html::Page;
use anshin_report::{Branding, Request};

/// No fonts are needed.
pub(crate) struct Fonts;

impl Fonts {
    pub(crate) fn none() -> Self {
        Self
    }

    pub(crate) fn system() -> Self {
        Self
    }

    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "that of the crate")]
    pub(crate) fn add(&mut self, _bytes: Vec<u8>) -> Result<(), NoPdf> {
        Ok(())
    }
}

/// Never made here.
pub(crate) struct Pdf {
    pub(crate) bytes: Vec<u8>,
    pub(crate) missing: Vec<char>,
}

/// This program makes no PDF.
pub(crate) struct NoPdf;

impl NoPdf {
    #[expect(clippy::unused_self, reason = "that of the crate")]
    pub(crate) fn message(&self) -> Text {
        Text::new(
            "このプログラムはPDFの機能なしで作られています。`cargo install --path crates/anshin --features pdf`で機能を加えるか、HTMLのページをブラウザーで印刷してください",
            "this program was built without PDF; build it with `cargo install --path crates/anshin --features pdf`, or print the HTML page with a browser",
        )
    }

    #[expect(clippy::unused_self, reason = "that of the crate")]
    pub(crate) fn is_of_this_machine(&self) -> bool {
        true
    }
}

pub(crate) fn report(_: &Page<'_>, _: &str, _: &Branding, _: &Fonts, _: Lang) -> Result<Pdf, NoPdf> {
    Err(NoPdf)
}

pub(crate) fn request(_: &Request, _: &str, _: &Branding, _: &Fonts, _: Lang) -> Result<Pdf, NoPdf> {
    Err(NoPdf)
}

pub(crate) fn png(_: &[u8], _: u16) -> Result<Vec<u8>, NoPdf> {
    Err(NoPdf)
}

pub(crate) use NoPdf as Error;
