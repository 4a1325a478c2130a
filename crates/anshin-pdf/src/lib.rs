#![doc = include_str!("../README.md")]

mod data;
mod fonts;
mod world;

use anshin_model::{Lang, Text};
use anshin_report::html::Page;
use anshin_report::{Branding, Request, StandingReport};

pub use fonts::{Fonts, NotAFont};

/// A document of pages.
#[derive(Debug, Clone)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters that no font has; an empty box stands in their place.
    pub missing: Vec<char>,
}

/// Why there is no PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// No font has the letters of the language.
    NoFont(Lang),
    /// A picture could not be drawn or the pages not be laid out, with what the typesetter says.
    Layout(String),
}

impl Error {
    /// Whether it is this machine that lacks something, not the document.
    pub fn is_of_this_machine(&self) -> bool {
        matches!(self, Error::NoFont(_))
    }

    /// What to tell the user, with the next step.
    pub fn message(&self) -> Text {
        match self {
            Error::NoFont(Lang::Ja) => Text::new(
                "PDFに使う日本語のフォントが見つかりません。Debianでは`apt install fonts-noto-cjk`（または`fonts-ipaexfont`）で入れられます。WindowsとmacOSには初めから入っており、ない場合は設定の「フォント」からNoto Sans JPなどを追加してください。フォントのファイルを`--font FILE`で指定することもできます",
                "there is no Japanese font for the PDF; on Debian `apt install fonts-noto-cjk` (or `fonts-ipaexfont`) brings one, Windows and macOS have them from the start (if not, add one such as Noto Sans JP in the font settings), or name a font file with `--font FILE`",
            ),
            Error::NoFont(Lang::En) => Text::new(
                "PDFに使うフォントが見つかりません。Debianでは`apt install fonts-dejavu-core`で入れられます。フォントのファイルを`--font FILE`で指定することもできます",
                "there is no font for the PDF; on Debian `apt install fonts-dejavu-core` brings one, Windows and macOS have them from the start, or name a font file with `--font FILE`",
            ),
            Error::Layout(said) => Text::new(
                format!(
                    "PDFを作れません（{said}）。ブランド設定のロゴを使っている場合は、別の画像で試してください"
                ),
                format!("cannot make the PDF ({said}); if you use a logo of your own, try another picture"),
            ),
        }
    }
}

/// The whole assessment as a report to hand over.
///
/// `id` names the document in the file, so that programs can tell two documents apart.
///
/// # Errors
/// If no font has the letters of the language, or a picture cannot be drawn.
pub fn report(
    page: &Page<'_>,
    id: &str,
    branding: &Branding,
    fonts: &Fonts,
    lang: Lang,
) -> Result<Pdf, Error> {
    typeset(world::Template::Report, data::report(page, branding, lang), id, branding, fonts, lang)
}

/// A request sheet.
///
/// # Errors
/// If no font has the letters of the language, or the logo cannot be drawn.
pub fn request(
    request: &Request,
    id: &str,
    branding: &Branding,
    fonts: &Fonts,
    lang: Lang,
) -> Result<Pdf, Error> {
    typeset(world::Template::Request, data::request(request, branding, lang), id, branding, fonts, lang)
}

/// Where a company stands by its answers: one page for the management, then the register of evidence.
///
/// # Errors
/// If no font has the letters of the language, or the logo cannot be drawn.
pub fn standing(
    report: &StandingReport,
    id: &str,
    branding: &Branding,
    fonts: &Fonts,
    lang: Lang,
) -> Result<Pdf, Error> {
    typeset(world::Template::Standing, data::standing(report, branding, lang), id, branding, fonts, lang)
}

fn typeset(
    template: world::Template,
    mut data: serde_json::Value,
    id: &str,
    branding: &Branding,
    fonts: &Fonts,
    lang: Lang,
) -> Result<Pdf, Error> {
    let chosen = fonts.choose(&data.to_string(), lang).ok_or(Error::NoFont(lang))?;
    data["fonts"] = chosen.families.clone().into();
    data["bold"] = chosen.bold.into();
    let logo = branding.logo.as_ref().map(|logo| logo.bytes.as_slice());
    let world = world::OneDocument::new(template, &data, logo, chosen.fonts);
    let bytes = world.typeset(id).map_err(Error::Layout)?;
    Ok(Pdf { bytes, missing: chosen.missing })
}
