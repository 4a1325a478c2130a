//! Whose report it is: organization, logo, colours and the details of a controlled document, from a
//! small file.

mod logo;

use std::path::Path;

use anshin_model::diagnostic::{self, Code, Diagnostic};
use anshin_model::load::ReadFile;
use anshin_model::shape::{self, Field, Object, Shape, Vocabulary};
use anshin_model::tree::{self, Limits, Node, Sources};
use anshin_model::{Lang, Text};
use serde::Deserialize as _;

pub use logo::{Form, Logo};

/// Whose report it is. What a file does not say stays empty, and the colours are the program's own.
#[derive(Debug, Clone, Default)]
pub struct Branding {
    /// Who hands the report over.
    pub organization: Option<Text>,
    /// Its logo.
    pub logo: Option<Logo>,
    /// The colours.
    pub colors: Colors,
    /// A line at the foot of every page, such as how far the report may be passed on.
    pub footer: Option<Text>,
    /// The number of the document.
    pub document_number: Option<String>,
    /// The version of the document.
    pub version: Option<String>,
    /// The date of the document, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Who wrote it.
    pub author: Option<Text>,
    /// Who approved it.
    pub approver: Option<Text>,
    /// Which saved state of the system it is about, and whether that is approved; a file does not say so.
    pub state: Option<Text>,
}

impl Branding {
    /// The details of a controlled document that are there, each with its name.
    pub fn details(&self) -> Vec<(Text, Text)> {
        let plain = |words: &Option<String>| words.clone().map(Text::same);
        [
            (Text::new("文書番号", "Document number"), plain(&self.document_number)),
            (Text::new("版", "Version"), plain(&self.version)),
            (Text::new("日付", "Date"), plain(&self.date)),
            (Text::new("作成", "Author"), self.author.clone()),
            (Text::new("承認", "Approved by"), self.approver.clone()),
            (Text::new("対象の版", "Saved revision"), self.state.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Whose document it is and which one: what a front page says, each with its name.
    pub(crate) fn imprint(&self) -> Vec<(Text, Text)> {
        let organization = self.organization.clone().map(|name| (Text::new("発行", "Issued by"), name));
        organization.into_iter().chain(self.details()).collect()
    }
}

/// The colours of a report. Both are dark enough to be read against white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colors {
    /// Titles, and the ground of the headers of tables, on which white letters stand.
    pub main: Color,
    /// Lines, and what is to catch the eye.
    pub accent: Color,
}

impl Default for Colors {
    fn default() -> Self {
        let main = Color { red: 0x1F, green: 0x3A, blue: 0x5F };
        Self { main, accent: main }
    }
}

/// A colour in sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Color {
    /// Reads `#RRGGBB`.
    fn parse(word: &str) -> Option<Self> {
        let digits = word.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let number = digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(digits)?;
        let part = |at: usize| u8::from_str_radix(&number[at..at + 2], 16).ok();
        Some(Self { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    /// The colour as `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// The colour as one number, `0xRRGGBB`.
    pub fn number(self) -> u32 {
        u32::from_be_bytes([0, self.red, self.green, self.blue])
    }

    /// White.
    const WHITE: Self = Self { red: 0xFF, green: 0xFF, blue: 0xFF };

    /// Black.
    const BLACK: Self = Self { red: 0, green: 0, blue: 0 };

    /// Relative luminance, 0 to 1.
    ///
    /// See: WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// Contrast with another colour, 1 to 21.
    ///
    /// See: WCAG 2.2, "contrast ratio".
    pub fn contrast_with(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The shade of this colour nearest to it that can be read on a ground: darker on a light one,
    /// lighter on a dark one.
    pub(crate) fn readable_on(self, ground: Self, contrast: f64) -> Self {
        let end = if ground.contrast_with(Self::WHITE) < ground.contrast_with(Self::BLACK) {
            Self::BLACK
        } else {
            Self::WHITE
        };
        // Rounded down, so that a shade is never lighter than what it stands for.
        let mix = |from: u8, to: u8, n: u16| {
            u8::try_from((u16::from(from) * (255 - n) + u16::from(to) * n) / 255).unwrap_or(to)
        };
        (0..=255u16)
            .map(|n| Color {
                red: mix(self.red, end.red, n),
                green: mix(self.green, end.green, n),
                blue: mix(self.blue, end.blue, n),
            })
            .find(|color| color.contrast_with(ground) >= contrast)
            .unwrap_or(end)
    }
}

/// The shape of a branding file.
pub static BRANDING: Object = Object {
    name: "branding",
    about: "Whose report it is.",
    fields: &[
        Field::required(
            "anshin-branding",
            Shape::Choice(&[("1", "Version 1 of the format.")]),
            "Version of the format.",
        ),
        Field::optional("organization", Shape::Text, "Who hands the report over."),
        Field::optional("logo", Shape::Line, "A PNG, JPEG or SVG file, named as seen from this file."),
        Field::optional("colors", Shape::Object(&COLORS), "The colours."),
        Field::optional("footer", Shape::Text, "A line at the foot of every page."),
        Field::optional("document-number", Shape::Line, "The number of the document."),
        Field::optional("version", Shape::Line, "The version of the document."),
        Field::optional("date", Shape::Date, "The date of the document."),
        Field::optional("author", Shape::Text, "Who wrote it."),
        Field::optional("approver", Shape::Text, "Who approved it."),
    ],
};

static COLORS: Object = Object {
    name: "colors",
    about: "The colours, as #RRGGBB.",
    fields: &[
        Field::optional(
            "main",
            Shape::Line,
            "Titles and headers of tables; contrast with white at least 4.5.",
        ),
        Field::optional(
            "accent",
            Shape::Line,
            "Lines and what is to catch the eye; contrast with white at least 3.",
        ),
    ],
};

/// Contrast that letters need, and that lines need.
///
/// See: WCAG 2.2, success criteria 1.4.3 and 1.4.11.
pub(crate) const LETTERS: f64 = 4.5;
const LINES: f64 = 3.0;

/// What a branding file may hold.
const LIMITS: Limits = Limits { bytes: 256 << 10, depth: 8, nodes: 1_000, aliased: 100 };

/// Longest text of one entry, in characters: it has to fit the head or the foot of a page.
const LONGEST: usize = 300;

/// A branding, its text and everything that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The branding; `None` if there are errors.
    pub branding: Option<Branding>,
    /// The file that was read.
    pub sources: Sources,
    /// Errors and warnings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a branding file and the logo that it names.
pub fn load(path: &Path, read: &ReadFile<'_>) -> Loaded {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    let branding = load_into(path, read, &mut sources, &mut found);
    diagnostic::sort(&mut found);
    let branding = branding.filter(|_| !diagnostic::has_errors(&found));
    Loaded { branding, sources, diagnostics: found }
}

fn load_into(
    path: &Path,
    read: &ReadFile<'_>,
    sources: &mut Sources,
    found: &mut Vec<Diagnostic>,
) -> Option<Branding> {
    let shown = path.display();
    let bytes = read(path, LIMITS.bytes)
        .map_err(|error| {
            let (ja, en) = (
                format!("ブランド設定`{shown}`を読めません（{error}）"),
                format!("cannot read the branding `{shown}` ({error})"),
            );
            found.push(Diagnostic::error(Code::Unreadable, Text::new(ja, en)));
        })
        .ok()?;
    let text = tree::decode(bytes, LIMITS)
        .map_err(|(code, message, hint)| {
            let (ja, en) = (
                format!("{shown}: {}", message.get(Lang::Ja)),
                format!("{shown}: {}", message.get(Lang::En)),
            );
            found.push(Diagnostic::error(code, Text::new(ja, en)).hint_if(hint));
        })
        .ok()?;
    let file = sources.add(shown.to_string(), text);
    let (root, repeated) = tree::parse(sources, file, LIMITS).map_err(|error| found.push(*error)).ok()?;
    found.extend(repeated);
    found.extend(shape::check(&root, &BRANDING, &Vocabulary::default(), "docs/reports.md"));
    check_lengths(&root, found);
    let colors = colors(&root, found);
    let logo = root.get("logo").and_then(|node| logo(node, path, read, found));
    if diagnostic::has_errors(found) {
        return None;
    }
    let words = |key: &str| root.get(key).and_then(Node::scalar).map(str::to_owned);
    let text =
        |key: &str| root.get(key).and_then(|node| Text::deserialize(node).ok()).filter(|t| !t.is_empty());
    Some(Branding {
        organization: text("organization"),
        logo,
        colors,
        footer: text("footer"),
        document_number: words("document-number"),
        version: words("version"),
        date: words("date"),
        author: text("author"),
        approver: text("approver"),
        state: None,
    })
}

fn check_lengths(root: &Node, found: &mut Vec<Diagnostic>) {
    let longer = |node: &Node| node.scalar().is_some_and(|text| text.chars().count() > LONGEST);
    for (_, node) in root.entries() {
        let languages = node.entries().iter().map(|(_, node)| node);
        for node in std::iter::once(node).chain(languages).filter(|node| longer(node)) {
            found.push(
                Diagnostic::error(
                    Code::Limit,
                    Text::new(
                        format!("文が長すぎます（上限{LONGEST}文字）"),
                        format!("the text is too long (limit {LONGEST} characters)"),
                    ),
                )
                .at(node.span)
                .hint(Text::new(
                    "ページの上下に収まる長さにしてください",
                    "shorten it so that it fits the head or foot of a page",
                )),
            );
        }
    }
}

fn colors(root: &Node, found: &mut Vec<Diagnostic>) -> Colors {
    let written = root.get("colors");
    let mut color = |key: &str, least: f64| {
        let node = written?.get(key)?;
        let word = node.scalar()?;
        let Some(color) = Color::parse(word) else {
            found.push(
                Diagnostic::error(
                    Code::Color,
                    Text::new(format!("`{word}`は色ではありません"), format!("`{word}` is not a colour")),
                )
                .at(node.span)
                .hint(Text::new(
                    "`\"#1f3a5f\"`のように、引用符で囲んで書いてください",
                    "write it in quotes, as in `\"#1f3a5f\"`",
                )),
            );
            return None;
        };
        let contrast = color.contrast_with(Color::WHITE);
        if contrast < least {
            let darker = color.readable_on(Color::WHITE, least).hex();
            found.push(
                Diagnostic::error(
                    Code::Color,
                    Text::new(
                        format!("`{word}`は白とのコントラストが{contrast:.1}で、{least}に足りず読みにくくなります"),
                        format!("`{word}` is hard to read: its contrast with white is {contrast:.1}, and {least} is needed"),
                    ),
                )
                .at(node.span)
                .hint(Text::new(
                    format!("同じ色合いでは`\"{darker}\"`なら足ります"),
                    format!("`\"{darker}\"` is the same hue and dark enough"),
                )),
            );
        }
        Some(color)
    };
    let main = color("main", LETTERS);
    let accent = color("accent", LINES);
    let main = main.unwrap_or(Colors::default().main);
    Colors { main, accent: accent.unwrap_or(main) }
}

/// Reads the logo that a branding file names, beside the file.
fn logo(node: &Node, path: &Path, read: &ReadFile<'_>, found: &mut Vec<Diagnostic>) -> Option<Logo> {
    let name = node.scalar().filter(|name| !name.trim().is_empty())?;
    let file = path.parent().unwrap_or(Path::new("")).join(name);
    let mut wrong = |code, message: Text, hint: Text| {
        found.push(Diagnostic::error(code, message).at(node.span).hint(hint));
    };
    let bytes = match read(&file, logo::MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            let shown = file.display();
            wrong(
                Code::Unreadable,
                Text::new(
                    format!("ロゴ`{shown}`を読めません（{error}）"),
                    format!("cannot read the logo `{shown}` ({error})"),
                ),
                Text::new(
                    "ブランド設定のファイルから見た場所を書いてください",
                    "name it as seen from the branding file",
                ),
            );
            return None;
        }
    };
    match Logo::read(bytes) {
        Ok(logo) => Some(logo),
        Err(refused) => {
            wrong(Code::Picture, refused.message(), refused.hint());
            None
        }
    }
}
