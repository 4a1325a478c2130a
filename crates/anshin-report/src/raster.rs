//! Pictures as pixels, for formats that know no SVG.

use std::borrow::Cow;
use std::sync::Arc;

use anshin_model::Text;
use resvg::{tiny_skia, usvg};

/// A picture as pixels.
#[derive(Debug, Clone)]
pub struct Raster {
    /// The picture as a PNG file.
    pub png: Vec<u8>,
    /// Pixels for one unit of the SVG.
    pub scale: f32,
}

/// Most pixels of a picture along one side.
const MOST: f32 = 8_000.0;

/// Most pixels of a picture.
const MOST_IN_ALL: f32 = 24_000_000.0;

/// Families with Japanese characters that are common on each system.
const JAPANESE: &[&str] = &[
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Yu Gothic",
    "Hiragino Sans",
    "Meiryo",
    "IPAexGothic",
    "IPAGothic",
    "BIZ UDGothic",
    "MS Gothic",
    "TakaoGothic",
    "VL Gothic",
];

/// The fonts of this machine.
#[derive(Debug)]
pub struct Fonts {
    database: Arc<usvg::fontdb::Database>,
    family: String,
    /// Whether the family is one that the user named.
    named: bool,
}

/// A file that holds no font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAFont;

impl Fonts {
    /// Looks for the fonts of this machine.
    pub fn of_this_machine() -> Self {
        let mut database = usvg::fontdb::Database::new();
        database.load_system_fonts();
        let known =
            |name: &str| database.faces().any(|face| face.families.iter().any(|(own, _)| own == name));
        let family = JAPANESE.iter().find(|name| known(name)).map(|name| (*name).to_owned());
        let family = family.unwrap_or_else(|| {
            database.faces().find_map(|face| Some(face.families.first()?.0.clone())).unwrap_or_default()
        });
        database.set_sans_serif_family(family.clone());
        Self { database: Arc::new(database), family, named: false }
    }

    /// Adds the fonts of a file; the first of them is taken before all others.
    ///
    /// # Errors
    /// If there is no font in the file.
    pub fn add(&mut self, bytes: Vec<u8>) -> Result<(), NotAFont> {
        let database = Arc::make_mut(&mut self.database);
        let source = usvg::fontdb::Source::Binary(Arc::new(bytes));
        let faces = database.load_font_source(source);
        let family = faces.iter().find_map(|id| Some(database.face(*id)?.families.first()?.0.clone()));
        let family = family.ok_or(NotAFont)?;
        if !self.named {
            database.set_sans_serif_family(family.clone());
            self.family = family;
            self.named = true;
        }
        Ok(())
    }

    /// A picture whose list of families begins with the one that the user named: those of the list may be on
    /// this machine as well.
    fn named_in<'s>(&self, svg: &'s str) -> Cow<'s, str> {
        let is_plain = self.family.chars().all(|sign| sign.is_alphanumeric() || " -_.".contains(sign));
        if !self.named || !is_plain {
            return Cow::Borrowed(svg);
        }
        Cow::Owned(svg.replacen("font-family=\"", &format!("font-family=\"'{}', ", self.family), 1))
    }

    /// No fonts at all.
    pub fn none() -> Self {
        Self { database: Arc::new(usvg::fontdb::Database::new()), family: String::new(), named: false }
    }
}

/// What keeps a picture from being drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDrawn {
    /// No font of this machine has the letters of the picture.
    NoFont,
    /// The picture cannot be read, or is too large.
    Unreadable,
}

impl NotDrawn {
    /// What to tell the person.
    pub fn text(&self) -> Text {
        match self {
            NotDrawn::NoFont => Text::new(
                "図の文字を描けるフォントが見つからないため、図を入れていません。日本語フォント（例: Noto Sans CJK JP、IPAexゴシック）をインストールしてから作り直してください",
                "the pictures are left out because no font of this machine has their characters; install a font, for Japanese for example Noto Sans CJK JP or IPAexGothic, and make the workbook again",
            ),
            NotDrawn::Unreadable => Text::new(
                "図が大きすぎるため、図を入れていません。`anshin report --format svg`の図を使ってください",
                "the picture is left out because it is too large; use the one of `anshin report --format svg`",
            ),
        }
    }
}

/// Draws an SVG picture.
///
/// # Errors
/// If there is no font for its letters, or if it is too large.
pub fn rasterize(svg: &str, fonts: &Fonts) -> Result<Raster, NotDrawn> {
    let options = usvg::Options {
        fontdb: Arc::clone(&fonts.database),
        font_family: fonts.family.clone(),
        ..usvg::Options::default()
    };
    let svg = fonts.named_in(svg);
    let tree = usvg::Tree::from_str(&svg, &options).map_err(|_| NotDrawn::Unreadable)?;
    if fonts.database.is_empty() || !has_letters(tree.root()) {
        return Err(NotDrawn::NoFont);
    }
    let size = tree.size();
    let fits =
        (MOST / size.width().max(size.height())).min((MOST_IN_ALL / (size.width() * size.height())).sqrt());
    let scale = fits.min(2.0);
    let png = draw(&tree, scale, tiny_skia::Color::WHITE).ok_or(NotDrawn::Unreadable)?;
    Ok(Raster { png, scale })
}

/// A drawing from outside as a PNG whose longer side has so many pixels, on a clear ground. Texts are
/// left out: they would need fonts.
pub(crate) fn logo(svg: &[u8], side: f32) -> Option<Vec<u8>> {
    let tree = usvg::Tree::from_data(svg, &usvg::Options::default()).ok()?;
    let scale = side / tree.size().width().max(tree.size().height());
    draw(&tree, scale, tiny_skia::Color::TRANSPARENT)
}

fn draw(tree: &usvg::Tree, scale: f32, ground: tiny_skia::Color) -> Option<Vec<u8>> {
    let size = tree.size().to_int_size().scale_by(scale)?;
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())?;
    pixels.fill(ground);
    resvg::render(tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().ok()
}

/// Whether the letters of a picture are there; of rare signs such as emoji some may be missing.
fn has_letters(group: &usvg::Group) -> bool {
    let (mut there, mut missing) = (0usize, 0usize);
    count(group, &mut there, &mut missing);
    missing * 10 <= there
}

fn count(group: &usvg::Group, there: &mut usize, missing: &mut usize) {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => count(inner, there, missing),
            usvg::Node::Text(text) => {
                let glyphs: Vec<_> =
                    text.layouted().iter().flat_map(|span| &span.positioned_glyphs).collect();
                let written = text.chunks().iter().flat_map(|chunk| chunk.text().chars());
                let written = written.filter(|c| !c.is_whitespace() && !c.is_control()).count();
                let found =
                    glyphs.iter().filter(|glyph| glyph.id.0 != 0 && !glyph.text.trim().is_empty()).count();
                // Without any font there are no glyphs; where letters join, fewer than letters.
                let without = glyphs.iter().filter(|glyph| glyph.id.0 == 0).count();
                *there += found;
                *missing += if glyphs.is_empty() { written } else { without };
            }
            _ => {}
        }
    }
}
