//! Which fonts a document is set in.
//!
//! The typesetter wants to know of each font which characters it has, which takes long for the many
//! fonts of a system. So the few that a document needs are chosen first: a family for its language,
//! and others for the characters that this family lacks.

use std::collections::BTreeSet;
use std::path::Path;

use anshin_model::Lang;
use fontdb::{Database, FaceInfo, ID, Style, Weight};
use typst::foundations::Bytes;
use typst::text::Font;

/// Families for Japanese, the best first: sans serif with proportional Latin letters, then others.
const JAPANESE: &[&str] = &[
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "Source Han Sans",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "BIZ UDPGothic",
    "Yu Gothic",
    "YuGothic",
    "Meiryo",
    "IPAexGothic",
    "IPAPGothic",
    "TakaoPGothic",
    "VL PGothic",
    "MS PGothic",
    "Noto Serif CJK JP",
    "Noto Serif JP",
    "IPAexMincho",
];

/// Families for English, the best first.
const LATIN: &[&str] = &[
    "Noto Sans",
    "Source Sans 3",
    "Open Sans",
    "Liberation Sans",
    "Arimo",
    "Carlito",
    "Segoe UI",
    "Helvetica Neue",
    "Arial",
    "DejaVu Sans",
    "Roboto",
    "Inter",
    "Ubuntu",
    "Cantarell",
    "Lato",
    "Nimbus Sans",
];

/// What a font has to have to set the language.
const JAPANESE_SAMPLE: &str = "あんぜんアンシン対策要件脅威機器。、「」";
const LATIN_SAMPLE: &str = "ABCXYZabcxyz0189.,:()-";

/// Fonts that have a shape for every character and a letter for none.
const BLANK: &[&str] = &["LastResort", "Last Resort", "Adobe Blank", "AdobeBlank"];

/// The fonts there are.
#[derive(Debug, Clone, Default)]
pub struct Fonts {
    database: Database,
    /// Faces that the user named; they come first.
    named: Vec<ID>,
}

/// A file that holds no font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAFont;

/// The fonts for one document.
pub(crate) struct Chosen {
    pub(crate) fonts: Vec<Font>,
    /// The families, the first choice first.
    pub(crate) families: Vec<String>,
    /// Whether the first family has a bold face.
    pub(crate) bold: bool,
    /// Characters that no font has.
    pub(crate) missing: Vec<char>,
}

impl Fonts {
    /// No fonts.
    pub fn none() -> Self {
        Self::default()
    }

    /// The fonts of the system.
    pub fn system() -> Self {
        let mut fonts = Self::default();
        fonts.database.load_system_fonts();
        fonts
    }

    /// The fonts of a folder, those of the folders in it as well.
    pub fn folder(path: &Path) -> Self {
        let mut fonts = Self::default();
        fonts.database.load_fonts_dir(path);
        fonts
    }

    /// Adds the fonts of a file; they are taken before all others.
    ///
    /// # Errors
    /// If there is no font in the file.
    pub fn add(&mut self, bytes: Vec<u8>) -> Result<(), NotAFont> {
        let source = fontdb::Source::Binary(std::sync::Arc::new(bytes));
        let faces = self.database.load_font_source(source);
        self.named.extend(&faces);
        if faces.is_empty() { Err(NotAFont) } else { Ok(()) }
    }

    /// Chooses the fonts for a text; nothing if no font has the letters of the language.
    pub(crate) fn choose(&self, text: &str, lang: Lang) -> Option<Chosen> {
        let faces = self.faces();
        let has = |id: ID, sample: &str| self.lacks(id, sample.chars()).is_empty();
        let by_name = |families: &[&[&str]], sample: &str| {
            let named = faces.iter().filter(|face| self.named.contains(&face.id)).copied();
            let known = families.iter().copied().flatten().filter_map(|family| {
                faces.iter().find(|face| face.families.iter().any(|(name, _)| name == family)).copied()
            });
            let any = faces.iter().copied();
            named.chain(known).chain(any).find(|face| has(face.id, sample)).map(family_of)
        };
        let (first, sample) = match lang {
            Lang::Ja => (&[JAPANESE][..], JAPANESE_SAMPLE),
            // Fonts for Japanese have good Latin letters as well. Without this, whatever comes first would be
            // taken, such as the one for Hong Kong of a collection, and set Japanese names in its shapes.
            Lang::En => (&[LATIN, JAPANESE][..], LATIN_SAMPLE),
        };
        let first = by_name(first, sample)?;
        let mut wanted = vec![first.clone()];
        let mut left: BTreeSet<char> = text.chars().filter(|c| is_seen(*c)).collect();
        self.cover(&faces, &first, &mut left);
        // Japanese names in an English document are set in one family, not in whatever comes first.
        let second = match lang {
            Lang::En if left.iter().any(|c| is_japanese(*c)) => by_name(&[JAPANESE], JAPANESE_SAMPLE),
            _ => None,
        };
        let others = faces.iter().map(|face| family_of(face));
        for family in second.into_iter().chain(others) {
            if left.is_empty() {
                break;
            }
            if !wanted.contains(&family) && self.cover(&faces, &family, &mut left) {
                wanted.push(family);
            }
        }
        let mut fonts = Vec::new();
        let mut bold = false;
        for family in &wanted {
            let own = faces.iter().filter(|face| family_of(face) == *family);
            let own = own.filter(|face| face.weight == Weight::NORMAL || face.weight == Weight::BOLD);
            for face in own.filter(|face| face.style == Style::Normal) {
                fonts.extend(self.load(face.id));
                bold |= *family == wanted[0] && face.weight == Weight::BOLD;
            }
            // A family of other weights only.
            if !fonts.iter().any(|font: &Font| font.info().family == *family) {
                let any = faces.iter().find(|face| family_of(face) == *family);
                fonts.extend(any.and_then(|face| self.load(face.id)));
            }
        }
        let bold = bold || fonts.first().is_some_and(|font| !font.info().axes.is_empty());
        // The typesetter has its own idea of the names of families.
        let mut families: Vec<String> = Vec::new();
        for font in &fonts {
            if !families.contains(&font.info().family) {
                families.push(font.info().family.clone());
            }
        }
        Some(Chosen { fonts, families, bold, missing: left.into_iter().collect() })
    }

    /// All usable faces in an order that depends on nothing but what they are: upright and of
    /// normal weight first, then by name.
    fn faces(&self) -> Vec<&FaceInfo> {
        let mut faces: Vec<&FaceInfo> = self
            .database
            .faces()
            .filter(|face| !BLANK.iter().any(|blank| family_of(face).contains(blank)))
            .collect();
        faces.sort_by_key(|face| {
            (
                face.style != Style::Normal,
                face.weight.0.abs_diff(Weight::NORMAL.0),
                face.monospaced,
                family_of(face),
                face.post_script_name.clone(),
            )
        });
        faces
    }

    /// Takes what a family has from the characters that are left; whether there was anything.
    fn cover(&self, faces: &[&FaceInfo], family: &str, left: &mut BTreeSet<char>) -> bool {
        let Some(face) = faces.iter().find(|face| family_of(face) == family) else { return false };
        let before = left.len();
        *left = self.lacks(face.id, left.iter().copied()).into_iter().collect();
        left.len() < before
    }

    /// The characters that a face lacks.
    fn lacks(&self, id: ID, wanted: impl Iterator<Item = char> + Clone) -> Vec<char> {
        let lacking = self.database.with_face_data(id, |data, index| {
            let face = ttf_parser::Face::parse(data, index).ok()?;
            Some(wanted.clone().filter(|c| face.glyph_index(*c).is_none()).collect())
        });
        lacking.flatten().unwrap_or_else(|| wanted.collect())
    }

    fn load(&self, id: ID) -> Option<Font> {
        let (bytes, index) = self.database.with_face_data(id, |data, index| (data.to_vec(), index))?;
        Font::new(Bytes::new(bytes), index)
    }
}

/// The name of a family in English, if it has one; the first of its names otherwise.
fn family_of(face: &FaceInfo) -> String {
    let english = face.families.iter().find(|(_, lang)| *lang == fontdb::Language::English_UnitedStates);
    english.or_else(|| face.families.first()).map_or_else(String::new, |(name, _)| name.clone())
}

fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}')
}

/// Whether a character needs a shape: spaces, line breaks, joiners and marks of direction do not.
fn is_seen(c: char) -> bool {
    let unseen = c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}');
    !unseen
}
