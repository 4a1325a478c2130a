//! A logo: a picture from outside, looked at before anything is done with it.

use anshin_model::Text;
use resvg::tiny_skia::Pixmap;

use crate::raster;

/// Largest file of a logo.
pub(super) const MOST_BYTES: usize = 2 << 20;

/// Longest side of a logo in pixels.
const MOST_PIXELS: u32 = 4_000;

/// Most elements and attributes of a drawn logo.
const MOST_NODES: u32 = 50_000;

/// Pixels along the longer side of a drawn logo, where a format takes no drawings.
const DRAWN: f32 = 800.0;

/// A logo that fits the limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Logo {
    /// Its form.
    pub form: Form,
    /// The file.
    pub bytes: Vec<u8>,
    /// Width by height.
    pub ratio: f64,
    /// A drawing as PNG, for formats that take no drawings.
    drawn: Option<Vec<u8>>,
}

/// The form of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// A drawing.
    Svg,
}

impl Form {
    /// The ending of file names.
    pub fn extension(self) -> &'static str {
        match self {
            Form::Png => "png",
            Form::Jpeg => "jpg",
            Form::Svg => "svg",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Png => "image/png",
            Form::Jpeg => "image/jpeg",
            Form::Svg => "image/svg+xml",
        }
    }
}

/// Why a picture is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Neither PNG, JPEG nor SVG.
    Form,
    /// A picture that cannot be drawn.
    Broken,
    /// Too many bytes.
    Bytes,
    /// Too many pixels, or too stretched.
    Size,
    /// A drawing with scripts, or that wants something from elsewhere.
    Active,
}

impl Refused {
    pub(super) fn message(self) -> Text {
        match self {
            Refused::Form => {
                Text::new("ロゴがPNG、JPEG、SVGのどれでもありません", "the logo is neither PNG, JPEG nor SVG")
            }
            Refused::Broken => Text::new("ロゴの画像が壊れています", "the picture of the logo is broken"),
            Refused::Bytes => Text::new(
                format!("ロゴのファイルが大きすぎます（上限{} MiB）", MOST_BYTES >> 20),
                format!("the file of the logo is too large (limit {} MiB)", MOST_BYTES >> 20),
            ),
            Refused::Size => Text::new(
                format!("ロゴの大きさが範囲にありません（一辺{MOST_PIXELS}画素まで、縦横比1:20まで）"),
                format!(
                    "the size of the logo is out of range (sides up to {MOST_PIXELS} pixels, up to 1 by 20)"
                ),
            ),
            Refused::Active => Text::new(
                "ロゴのSVGに、スクリプトか外部への参照があります",
                "the SVG of the logo has a script or refers to something outside it",
            ),
        }
    }

    pub(super) fn hint(self) -> Text {
        match self {
            Refused::Form | Refused::Broken => Text::new(
                "画像の編集ソフトでPNGとして保存し直してください",
                "save it as PNG with an image editor",
            ),
            Refused::Bytes | Refused::Size => Text::new(
                "画像を小さくしてください。幅600画素で足ります",
                "make it smaller; 600 pixels wide is enough",
            ),
            Refused::Active => {
                Text::new("図形だけのSVG、またはPNGにしてください", "use an SVG with shapes only, or a PNG")
            }
        }
    }
}

impl Logo {
    /// The file as an address that holds it whole, for HTML.
    pub fn data_address(&self) -> String {
        format!("data:{};base64,{}", self.form.media_type(), base64(&self.bytes))
    }

    /// The picture as PNG or JPEG, for formats that take no drawings.
    pub fn pixels(&self) -> (Form, &[u8]) {
        match &self.drawn {
            Some(png) => (Form::Png, png),
            None => (self.form, &self.bytes),
        }
    }

    /// Looks at a file and takes it if it is a picture within the limits.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Refused> {
        if bytes.len() > MOST_BYTES {
            return Err(Refused::Bytes);
        }
        let (form, (width, height)) = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            (Form::Png, png_size(&bytes).ok_or(Refused::Form)?)
        } else if bytes.starts_with(&[0xFF, 0xD8]) {
            (Form::Jpeg, jpeg_size(&bytes).ok_or(Refused::Form)?)
        } else {
            (Form::Svg, svg_size(&bytes)?)
        };
        let most = f64::from(MOST_PIXELS);
        let fits = |side: f64| side > 0.0 && (form == Form::Svg || side <= most);
        let ratio = width / height;
        if !fits(width) || !fits(height) || !(0.05..=20.0).contains(&ratio) {
            return Err(Refused::Size);
        }
        let drawn = match form {
            Form::Svg => Some(raster::logo(&bytes, DRAWN).ok_or(Refused::Broken)?),
            // What is broken is told here, and not by the program that opens the report.
            Form::Png => Pixmap::decode_png(&bytes).map(|_| None).map_err(|_| Refused::Broken)?,
            Form::Jpeg => None,
        };
        Ok(Self { form, bytes, ratio, drawn })
    }
}

/// See: RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number =
            three.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for n in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * n) & 63) as usize];
            out.push(if n <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The size in the first chunk, as the PNG specification wants it.
fn png_size(bytes: &[u8]) -> Option<(f64, f64)> {
    let header = bytes.get(12..16)? == b"IHDR";
    header.then_some((f64::from(be32(bytes, 16)?), f64::from(be32(bytes, 20)?)))
}

/// The size in the start of the frame.
fn jpeg_size(bytes: &[u8]) -> Option<(f64, f64)> {
    let mut at = 2;
    loop {
        // Markers may be preceded by any number of fill bytes.
        let marker = match *bytes.get(at..at + 2)? {
            [0xFF, 0xFF] => {
                at += 1;
                continue;
            }
            [0xFF, marker] => marker,
            _ => return None,
        };
        match marker {
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                return Some((f64::from(be16(bytes, at + 7)?), f64::from(be16(bytes, at + 5)?)));
            }
            0xD9 | 0xDA => return None,
            _ => at += 2 + usize::from(be16(bytes, at + 2)?),
        }
    }
}

/// The size of a drawing that stands alone.
fn svg_size(bytes: &[u8]) -> Result<(f64, f64), Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::Form)?;
    let options = roxmltree::ParsingOptions { nodes_limit: MOST_NODES, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(text, options).map_err(|_| Refused::Form)?;
    let root = document.root_element();
    if !root.has_tag_name(("http://www.w3.org/2000/svg", "svg")) {
        return Err(Refused::Form);
    }
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let active = matches!(node.tag_name().name(), "script" | "foreignObject" | "iframe");
        let asks = |attribute: roxmltree::Attribute<'_, '_>| {
            let value = attribute.value().trim_start();
            let leads =
                attribute.name() == "href" && !value.starts_with('#') && !value.starts_with("data:image/");
            leads || attribute.name().starts_with("on")
        };
        if active || node.attributes().any(asks) {
            return Err(Refused::Active);
        }
    }
    let length = |name: &str| {
        let value = root.attribute(name)?.trim();
        value.trim_end_matches("px").trim_end_matches("mm").trim_end_matches("pt").parse::<f64>().ok()
    };
    let view = root.attribute("viewBox").and_then(|view| {
        let numbers: Vec<f64> =
            view.split([' ', ',']).filter(|n| !n.is_empty()).map_while(|n| n.parse().ok()).collect();
        match numbers.as_slice() {
            &[_, _, width, height] => Some((width, height)),
            _ => None,
        }
    });
    view.or_else(|| Some((length("width")?, length("height")?))).ok_or(Refused::Size)
}
