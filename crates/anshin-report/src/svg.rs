//! A tiny SVG writer: escaping, the width of text, wrapping, and the colours of all pictures.
//!
//! Colours for light paper stand on the elements themselves, since converters to PDF and office
//! programs know neither custom properties nor `@media`. A style sheet in the picture lays those
//! for dark screens over them.

use std::fmt::{self, Display, Write as _};

use anshin_model::Lang;
use unicode_width::UnicodeWidthChar as _;

/// Fonts of all pictures: what the systems of most readers have for Japanese and Latin.
const FONTS: &str = "'Hiragino Sans','Yu Gothic UI','Noto Sans CJK JP','Noto Sans JP',Meiryo,'Segoe UI',\
                     'Helvetica Neue',Arial,sans-serif";

/// How wide the letters from the space to the tilde are, in hundredths of an em: those of the widest
/// font that may stand in where none of [`FONTS`] is there, which is `DejaVu Sans`.
#[rustfmt::skip]
const WIDTHS: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78,
    76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40,
    34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,
    64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

/// The same for bold letters.
#[rustfmt::skip]
const BOLD_WIDTHS: [u8; 95] = [
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70,
    70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 59, 100, 78, 77, 74, 84, 69, 69, 83,
    84, 38, 38, 78, 64, 100, 84, 86, 74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46,
    37, 46, 84, 50, 50, 68, 72, 60, 72, 68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69,
    72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72, 37, 72, 84,
];

/// How something is painted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    /// Class of the element.
    class: &'static str,
    /// Attributes on light paper.
    light: &'static str,
    /// Declarations for a dark screen.
    dark: &'static str,
}

macro_rules! paints {
    ($($(#[$doc:meta])* $name:ident = $class:literal, $light:literal, $dark:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Paint = Paint { class: $class, light: $light, dark: $dark };)*
        const PAINTS: &[Paint] = &[$($name),*];
    };
}

paints! {
    /// The ground of a picture.
    PAPER = "a-paper", r##"fill="#ffffff""##, "fill:var(--anshin-paper,#14181d)";
    /// Text.
    INK = "a-ink", r##"fill="#1b2530""##, "fill:var(--anshin-ink,#e8edf2)";
    /// Text of less weight.
    MUTED = "a-muted", r##"fill="#55626f""##, "fill:var(--anshin-muted,#a3b0bd)";
    /// Text and shapes on dark ground.
    REVERSED = "a-reversed", r##"fill="#ffffff""##, "fill:var(--anshin-reversed,#101418)";
    /// A dark shape.
    SOLID = "a-solid", r##"fill="#1b2530""##, "fill:var(--anshin-ink,#e8edf2)";
    /// A shape that only carries a label.
    LABEL = "a-label", r##"fill="#ffffff" stroke="#aeb9c4" stroke-width="1""##,
        "fill:var(--anshin-paper,#14181d);stroke:var(--anshin-line,#4a5663)";
    /// A zone that is open to anybody.
    ZONE_OUTSIDE = "a-zone-outside", r##"fill="#fdf3df" stroke="#8a6d2f" stroke-width="1.4" stroke-dasharray="7 4""##,
        "fill:var(--anshin-zone-outside,#2b2516);stroke:var(--anshin-zone-outside-line,#b39555)";
    /// A zone at the edge.
    ZONE_EDGE = "a-zone-edge", r##"fill="#f4f6f8" stroke="#8795a3" stroke-width="1.2""##,
        "fill:var(--anshin-zone-edge,#1a2027);stroke:var(--anshin-zone-line,#5d6b79)";
    /// A zone inside.
    ZONE_INSIDE = "a-zone-inside", r##"fill="#e9eff6" stroke="#7288a0" stroke-width="1.2""##,
        "fill:var(--anshin-zone-inside,#1b2733);stroke:var(--anshin-zone-line,#5d6b79)";
    /// A zone deep inside.
    ZONE_DEEP = "a-zone-deep", r##"fill="#dde7f1" stroke="#5d7893" stroke-width="1.2""##,
        "fill:var(--anshin-zone-deep,#1d2e3f);stroke:var(--anshin-zone-line,#5d6b79)";
    /// The grounds of the names of zones, the outermost first.
    NAME_OUTSIDE = "a-name-outside", r##"fill="#fdf3df""##, "fill:var(--anshin-zone-outside,#2b2516)";
    NAME_EDGE = "a-name-edge", r##"fill="#f4f6f8""##, "fill:var(--anshin-zone-edge,#1a2027)";
    NAME_INSIDE = "a-name-inside", r##"fill="#e9eff6""##, "fill:var(--anshin-zone-inside,#1b2733)";
    NAME_DEEP = "a-name-deep", r##"fill="#dde7f1""##, "fill:var(--anshin-zone-deep,#1d2e3f)";
    /// An asset.
    BOX = "a-box", r##"fill="#ffffff" stroke="#46535f" stroke-width="1.2""##,
        "fill:var(--anshin-box,#232b34);stroke:var(--anshin-box-line,#93a1af)";
    /// An asset to begin with.
    BOX_PRIORITY = "a-box-priority", r##"fill="#ffffff" stroke="#a63d00" stroke-width="3""##,
        "fill:var(--anshin-box,#232b34);stroke:var(--anshin-priority,#ff9a5c)";
    /// An asset that is not assessed.
    BOX_FAINT = "a-box-faint", r##"fill="#f7f8f9" stroke="#8795a3" stroke-width="1" stroke-dasharray="3 3""##,
        "fill:var(--anshin-zone-edge,#1a2027);stroke:var(--anshin-zone-line,#5d6b79)";
    /// The mark of an asset to begin with.
    PRIORITY = "a-priority", r##"fill="#a63d00""##, "fill:var(--anshin-priority,#ff9a5c)";
    /// Lines of an icon.
    ICON = "a-icon", r##"fill="none" stroke="#2b3845" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round""##,
        "stroke:var(--anshin-icon,#d3dce5)";
    /// Lines of a mark on dark ground.
    ICON_REVERSED = "a-icon-reversed", r##"fill="none" stroke="#ffffff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round""##,
        "stroke:var(--anshin-reversed,#101418)";
    /// The ground of a way in from outside.
    EXPOSED = "a-exposed", r##"fill="#a63d00""##, "fill:var(--anshin-priority,#ff9a5c)";
    /// The ground of a way in from nearby.
    NEARBY = "a-nearby", r##"fill="#46535f""##, "fill:var(--anshin-box-line,#93a1af)";
    /// A link by cable.
    WIRED = "a-wired", r##"fill="none" stroke="#33414e" stroke-width="1.5""##, "stroke:var(--anshin-link,#b6c2ce)";
    /// A link by radio or light.
    WIRELESS = "a-wireless", r##"fill="none" stroke="#0062a3" stroke-width="1.7" stroke-dasharray="7 4""##,
        "stroke:var(--anshin-wireless,#6cb8f0)";
    /// A link over the internet.
    INTERNET = "a-internet", r##"fill="none" stroke="#a63d00" stroke-width="1.9" stroke-dasharray="11 4 2 4""##,
        "stroke:var(--anshin-internet,#ff9a5c)";
    /// Something carried by hand.
    REMOVABLE = "a-removable", r##"fill="none" stroke="#7a3e86" stroke-width="2" stroke-dasharray="2 4" stroke-linecap="round""##,
        "stroke:var(--anshin-removable,#d99ae6)";
    /// The head of a link by cable.
    WIRED_HEAD = "a-wired-head", r##"fill="#33414e""##, "fill:var(--anshin-link,#b6c2ce)";
    /// The head of a link by radio or light.
    WIRELESS_HEAD = "a-wireless-head", r##"fill="#0062a3""##, "fill:var(--anshin-wireless,#6cb8f0)";
    /// The head of a link over the internet.
    INTERNET_HEAD = "a-internet-head", r##"fill="#a63d00""##, "fill:var(--anshin-internet,#ff9a5c)";
    /// The head of something carried by hand.
    REMOVABLE_HEAD = "a-removable-head", r##"fill="#7a3e86""##, "fill:var(--anshin-removable,#d99ae6)";
    /// A link that a flow takes: drawn under the link's own line.
    TAKEN = "a-taken", r##"fill="none" stroke="#f2c14e" stroke-width="7" stroke-linejoin="round""##,
        "stroke:var(--anshin-taken,#6b5312)";
    /// A line without meaning of its own.
    RULE = "a-rule", r##"fill="none" stroke="#aeb9c4" stroke-width="1""##, "stroke:var(--anshin-line,#4a5663)";
    /// A strong line without meaning of its own.
    AXIS = "a-axis", r##"fill="none" stroke="#1b2530" stroke-width="1.6""##, "stroke:var(--anshin-ink,#e8edf2)";
    /// Every second row.
    STRIPE = "a-stripe", r##"fill="#f4f6f8""##, "fill:var(--anshin-zone-edge,#1a2027)";
    /// The losses of a year as things are.
    CURVE_NOW = "a-curve-now", r##"fill="none" stroke="#1b2530" stroke-width="2.6" stroke-linejoin="round""##,
        "stroke:var(--anshin-ink,#e8edf2)";
    /// The losses of a year with the planned measures.
    CURVE_PLAN = "a-curve-plan", r##"fill="none" stroke="#0062a3" stroke-width="2.6" stroke-dasharray="9 4" stroke-linejoin="round""##,
        "stroke:var(--anshin-wireless,#6cb8f0)";
    /// The losses of a year with insurance.
    CURVE_INSURED = "a-curve-insured", r##"fill="none" stroke="#1d7a45" stroke-width="2.6" stroke-dasharray="2 4" stroke-linejoin="round""##,
        "stroke:var(--anshin-good,#6fd39a)";
    /// The losses of a year if silent policies pay.
    CURVE_SILENT = "a-curve-silent", r##"fill="none" stroke="#7a3e86" stroke-width="2" stroke-dasharray="10 3 2 3" stroke-linejoin="round""##,
        "stroke:var(--anshin-removable,#d99ae6)";
    /// The losses of a year without the insurance that is in place.
    CURVE_UNINSURED = "a-curve-uninsured", r##"fill="none" stroke="#6a7683" stroke-width="2" stroke-dasharray="3 3" stroke-linejoin="round""##,
        "stroke:var(--anshin-muted,#9aa7b4)";
    /// The most that can be paid.
    CURVE_LIMIT = "a-curve-limit", r##"fill="none" stroke="#a63d00" stroke-width="2.2""##,
        "stroke:var(--anshin-priority,#ff9a5c)";
    /// A bar towards less.
    BAR_LESS = "a-bar-less", r##"fill="#7fa8c9""##, "fill:var(--anshin-bar-less,#4f7ea3)";
    /// A bar towards more.
    BAR_MORE = "a-bar-more", r##"fill="#d9783b""##, "fill:var(--anshin-bar-more,#e08a50)";
    /// A machine that works on something.
    STATE_PRODUCING = "a-state-producing", r##"fill="#00507f""##, "fill:var(--anshin-target,#6cb8f0)";
    /// A machine that waits.
    STATE_IDLE = "a-state-idle", r##"fill="#e0a83a""##, "fill:var(--anshin-idle,#b8862b)";
    /// A machine that is switched off.
    STATE_OFF = "a-state-off", r##"fill="#edf1f4" stroke="#8795a3" stroke-width="0.6""##,
        "fill:var(--anshin-zone-edge,#1a2027);stroke:var(--anshin-zone-line,#5d6b79)";
    /// A machine of which nothing is known.
    STATE_NO_DATA = "a-state-no-data", r##"fill="none" stroke="#aeb9c4" stroke-width="1" stroke-dasharray="2 3""##,
        "stroke:var(--anshin-line,#4a5663)";
    /// How much of something, in fifths.
    HEAT_1 = "a-heat-1", r##"fill="#eef4f9""##, "fill:var(--anshin-heat-1,#1a2732)";
    HEAT_2 = "a-heat-2", r##"fill="#c3dbec""##, "fill:var(--anshin-heat-2,#1f3f57)";
    HEAT_3 = "a-heat-3", r##"fill="#8fbcdc""##, "fill:var(--anshin-heat-3,#2a5f85)";
    HEAT_4 = "a-heat-4", r##"fill="#2b74a8""##, "fill:var(--anshin-heat-4,#7cb8e0)";
    HEAT_5 = "a-heat-5", r##"fill="#00406a""##, "fill:var(--anshin-heat-5,#b5dcf5)";
    /// The lowest level of risk.
    LEVEL_LOW = "a-level-low", r##"fill="#f3f6f9""##, "fill:var(--anshin-level-low,#1a2027)";
    /// The middle level of risk.
    LEVEL_MIDDLE = "a-level-middle", r##"fill="#fbe3b5""##, "fill:var(--anshin-level-middle,#4a3a12)";
    /// The highest level of risk.
    LEVEL_HIGH = "a-level-high", r##"fill="#f0b48d""##, "fill:var(--anshin-level-high,#6d3113)";
    /// The grounds of texts on each level, so that a line behind a text does not cross it.
    HALO_LOW = "a-halo-low", r##"fill="none" stroke="#f3f6f9" stroke-width="4" stroke-linejoin="round""##,
        "stroke:var(--anshin-level-low,#1a2027)";
    HALO_MIDDLE = "a-halo-middle", r##"fill="none" stroke="#fbe3b5" stroke-width="4" stroke-linejoin="round""##,
        "stroke:var(--anshin-level-middle,#4a3a12)";
    HALO_HIGH = "a-halo-high", r##"fill="none" stroke="#f0b48d" stroke-width="4" stroke-linejoin="round""##,
        "stroke:var(--anshin-level-high,#6d3113)";
    /// Where somebody was before: a mark without filling.
    HOLLOW = "a-hollow", r##"fill="#ffffff" fill-opacity="0.6" stroke="#46535f" stroke-width="1.6" stroke-linejoin="round""##,
        "fill:var(--anshin-paper,#14181d);stroke:var(--anshin-muted,#a3b0bd)";
    /// The way of somebody who is better off.
    BETTER = "a-better", r##"fill="none" stroke="#00507f" stroke-width="2.2""##, "stroke:var(--anshin-target,#6cb8f0)";
    BETTER_HEAD = "a-better-head", r##"fill="#00507f""##, "fill:var(--anshin-target,#6cb8f0)";
    /// The way of somebody who is worse off.
    WORSE = "a-worse", r##"fill="none" stroke="#8f2d00" stroke-width="2.4" stroke-dasharray="7 4""##,
        "stroke:var(--anshin-priority,#ff9a5c)";
    WORSE_HEAD = "a-worse-head", r##"fill="#8f2d00""##, "fill:var(--anshin-priority,#ff9a5c)";
    /// The border of a target area that was.
    TARGET_BEFORE = "a-target-before", r##"fill="none" stroke="#46535f" stroke-width="2.5" stroke-dasharray="4 4""##,
        "stroke:var(--anshin-muted,#a3b0bd)";
    /// The border of the target area.
    TARGET = "a-target", r##"fill="none" stroke="#00507f" stroke-width="4""##, "stroke:var(--anshin-target,#6cb8f0)";
    /// The ground of the target area's name.
    TARGET_LABEL = "a-target-label", r##"fill="#00507f""##, "fill:var(--anshin-target,#6cb8f0)";
}

/// The steps of how much, from little to all.
pub(crate) const HEAT: [Paint; 5] = [HEAT_1, HEAT_2, HEAT_3, HEAT_4, HEAT_5];

/// Room between the edge of a picture and what is in it.
pub(crate) const MARGIN: f64 = 24.0;

/// Which way a text grows from its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// To the right.
    Start,
    /// To both sides.
    Middle,
    /// To the left.
    End,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub(crate) fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

/// A picture that is being written.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    body: String,
}

impl Picture {
    /// Opens a group with a class, attributes and a title that a pointer shows.
    pub(crate) fn open(&mut self, class: &str, attributes: &[(&str, &str)], title: &str) {
        let _ = write!(self.body, "<g class=\"{}\"", Escaped(class));
        for (name, value) in attributes {
            let _ = write!(self.body, " {name}=\"{}\"", Escaped(value));
        }
        self.body.push('>');
        if !title.is_empty() {
            let _ = write!(self.body, "<title>{}</title>", Escaped(title));
        }
    }

    /// Closes the group that was opened last.
    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// A rectangle with round corners.
    pub(crate) fn rect(&mut self, paint: Paint, rect: Rect, radius: f64) {
        let (x, y, width, height) = (Num(rect.x), Num(rect.y), Num(rect.width), Num(rect.height));
        let _ = write!(self.body, "<rect {paint} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        if radius > 0.0 {
            let _ = write!(self.body, " rx=\"{}\"", Num(radius));
        }
        self.body.push_str("/>");
    }

    /// A disc.
    pub(crate) fn disc(&mut self, paint: Paint, x: f64, y: f64, radius: f64) {
        let _ =
            write!(self.body, "<circle {paint} cx=\"{}\" cy=\"{}\" r=\"{}\"/>", Num(x), Num(y), Num(radius));
    }

    /// A path by its commands.
    pub(crate) fn path(&mut self, paint: Paint, commands: &str) {
        let _ = write!(self.body, "<path {paint} d=\"{}\"/>", Escaped(commands));
    }

    /// A symbol drawn on a field of 24 by 24, brought to a place and size.
    pub(crate) fn symbol(&mut self, paint: Paint, commands: &str, x: f64, y: f64, size: f64) {
        let scale = size / 24.0;
        let _ = write!(
            self.body,
            "<path {paint} transform=\"translate({} {}) scale({scale:.3})\" d=\"{commands}\"/>",
            Num(x),
            Num(y)
        );
    }

    /// One line of text on a baseline.
    pub(crate) fn text(&mut self, paint: Paint, (x, y): (f64, f64), font: Font, anchor: Anchor, text: &str) {
        let _ = write!(self.body, "<text {paint} x=\"{}\" y=\"{}\"{font}", Num(x), Num(y));
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => self.body.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.body.push_str(" text-anchor=\"end\""),
        }
        let _ = write!(self.body, ">{}</text>", Escaped(text));
    }

    /// Lines of text, the first on a baseline.
    pub(crate) fn lines(
        &mut self,
        paint: Paint,
        (x, y): (f64, f64),
        font: Font,
        anchor: Anchor,
        lines: &[String],
    ) {
        let mut y = y;
        for line in lines {
            self.text(paint, (x, y), font, anchor, line);
            y += font.leading();
        }
    }

    /// The whole picture as an SVG document.
    pub(crate) fn finish(self, class: &str, label: &str, lang: Lang, width: f64, height: f64) -> String {
        let mut out = String::with_capacity(self.body.len() + 8192);
        let (width, height) = (Num(width.ceil()), Num(height.ceil()));
        let _ = writeln!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"anshin-picture {class}\" role=\"img\" \
             lang=\"{lang}\" xml:lang=\"{lang}\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{FONTS}\"><title>{}</title>",
            Escaped(label),
            lang = lang.code(),
        );
        out.push_str("<style>@media screen and (prefers-color-scheme:dark){");
        for paint in PAINTS {
            let _ = write!(out, ".anshin-picture .{}{{{}}}", paint.class, paint.dark);
        }
        out.push_str("}</style>\n");
        let _ = writeln!(out, "<rect {PAPER} width=\"{width}\" height=\"{height}\"/>");
        out.push_str(&self.body);
        out.push_str("</svg>\n");
        out
    }
}

impl Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "class=\"{}\" {}", self.class, self.light)
    }
}

/// Size and weight of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Font {
    size: f64,
    bold: bool,
}

impl Font {
    pub(crate) const fn regular(size: f64) -> Self {
        Self { size, bold: false }
    }

    pub(crate) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// From one baseline to the next.
    pub(crate) fn leading(self) -> f64 {
        (self.size * 1.3).round()
    }

    /// How wide a text is, rather too wide than too narrow: the reader's font is not known.
    pub(crate) fn width(self, text: &str) -> f64 {
        text.chars().map(|c| self.char_width(c)).sum()
    }

    fn char_width(self, c: char) -> f64 {
        let em = match (u32::from(c), c.width().unwrap_or(0)) {
            (code @ 0x20..=0x7e, _) => {
                let widths = if self.bold { &BOLD_WIDTHS } else { &WIDTHS };
                f64::from(widths[(code - 0x20) as usize]) / 100.0
            }
            (_, 0) => 0.0,
            (_, 1) => 0.8,
            // Pictures of the emoji fonts are wider than letters.
            (0x1_f000.., _) => 1.3,
            _ => 1.0,
        };
        self.size * em
    }

    /// The widest part of a text that [`Font::wrap`] breaks only where a line is too short for it.
    pub(crate) fn widest_piece(self, text: &str) -> f64 {
        pieces(text).map(|piece| self.width(piece.trim_end())).fold(0.0, f64::max)
    }

    /// Like [`Font::wrap`], with lines of much the same length instead of one letter on the last.
    pub(crate) fn wrap_evenly(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut best = self.wrap(text, width, most);
        if best.len() < 2 || best.len() == most {
            return best;
        }
        let least = self.widest_piece(text).clamp(width / 2.0, width);
        let mut narrower = width - self.size / 2.0;
        while narrower >= least {
            let lines = self.wrap(text, narrower, most);
            if lines.len() > best.len() {
                break;
            }
            best = lines;
            narrower -= self.size / 2.0;
        }
        best
    }

    /// Breaks a text into at most `most` lines of a width; cut with an ellipsis if it is longer.
    ///
    /// Latin words break at spaces, Japanese between words as far as letters tell them; what is too
    /// long for a line breaks anywhere, but not before a closing mark.
    pub(crate) fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut used = 0.0;
        let mut add = |piece: &str| {
            if used > 0.0 && used + self.width(piece.trim_end()) > width {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0.0;
            }
            line.push_str(piece);
            used += self.width(piece);
            lines.len() > most
        };
        for piece in pieces(text) {
            let full = if self.width(piece.trim_end()) <= width {
                add(piece)
            } else {
                clusters(piece).any(&mut add)
            };
            if full {
                break;
            }
        }
        if !line.trim_end().is_empty() || lines.is_empty() {
            lines.push(line.trim_end().to_owned());
        }
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                while !last.is_empty() && self.width(last) + self.size > width {
                    last.pop();
                }
                last.push('…');
            }
        }
        lines
    }
}

impl Display for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " font-size=\"{}\"", Num(self.size))?;
        if self.bold { f.write_str(" font-weight=\"700\"") } else { Ok(()) }
    }
}

/// A text in words: of Latin letters with the space behind them; of Japanese the letters of one
/// script with the hiragana behind them, since these are mostly endings and particles.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    cut(text, |before, c| match (script(before), script(c)) {
        (Script::Space, Script::Space) => false,
        (Script::Space | Script::Mark, _) => true,
        (_, Script::Space | Script::Hiragana) | (Script::Narrow, Script::Narrow) => false,
        (before, c) => before != c,
    })
}

/// A text in what must not be broken: one letter with the closing marks behind it.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    cut(text, |_, c| c.width() != Some(0))
}

/// Cuts a text wherever two letters may part, but not before closing marks or behind opening ones.
fn cut(text: &str, parts: impl Fn(char, char) -> bool) -> impl Iterator<Item = &str> {
    const CLOSING: &str =
        "、。，．・：；？！）」』】〉》］｝ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々…,.:;?!)]}/";
    const OPENING: &str = "（「『【〈《［｛([{";
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, mut before) = chars.next()?;
        let end = chars.find_map(|(at, c)| {
            let parts = parts(before, c) && !CLOSING.contains(c) && !OPENING.contains(before);
            before = c;
            parts.then_some(at)
        });
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

/// What tells words of Japanese apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Space,
    /// Wide brackets and punctuation.
    Mark,
    Narrow,
    Hiragana,
    Katakana,
    /// Kanji, and whatever else is wide.
    Wide,
}

fn script(c: char) -> Script {
    match c {
        c if c.is_whitespace() => Script::Space,
        '、'..='〗' | '・' | '！'..='／' | '：'..='＠' | '［'..='｀' | '｛'..='～' => Script::Mark,
        'ぁ'..='ん' => Script::Hiragana,
        'ァ'..='ー' => Script::Katakana,
        c if c.width() == Some(2) => Script::Wide,
        _ => Script::Narrow,
    }
}

/// A line with round corners.
pub(crate) fn rounded(points: &[(f64, f64)]) -> String {
    const RADIUS: f64 = 5.0;
    let mut out = String::new();
    let point = |(x, y): (f64, f64)| format!("{} {}", Num(x), Num(y));
    let towards = |(x, y): (f64, f64), (to_x, to_y): (f64, f64)| {
        let length = (to_x - x).abs() + (to_y - y).abs();
        let part = if length == 0.0 { 0.0 } else { (RADIUS / length).min(0.5) };
        (x + (to_x - x) * part, y + (to_y - y) * part)
    };
    for (n, &here) in points.iter().enumerate() {
        if n == 0 {
            let _ = write!(out, "M{}", point(here));
        } else if n + 1 == points.len() {
            let _ = write!(out, "L{}", point(here));
        } else {
            let (before, after) = (towards(here, points[n - 1]), towards(here, points[n + 1]));
            let _ = write!(out, "L{}Q{} {}", point(before), point(here), point(after));
        }
    }
    out
}

/// The head of a line at its last point.
pub(crate) fn arrow(points: &[(f64, f64)]) -> String {
    let Some(&[(from_x, from_y), (x, y)]) = points.last_chunk::<2>() else { return String::new() };
    let length = ((x - from_x).powi(2) + (y - from_y).powi(2)).sqrt().max(0.1);
    let (dx, dy) = ((x - from_x) / length, (y - from_y) / length);
    let (back_x, back_y) = (x - dx * 9.0, y - dy * 9.0);
    format!(
        "M{} {}L{} {}L{} {}Z",
        Num(x),
        Num(y),
        Num(back_x - dy * 4.0),
        Num(back_y + dx * 4.0),
        Num(back_x + dy * 4.0),
        Num(back_y - dx * 4.0)
    )
}

/// A number with at most one decimal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Num(pub(crate) f64);

impl Display for Num {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round();
        // Minus zero would be written with its sign.
        let value = if tenths == 0.0 { 0.0 } else { tenths / 10.0 };
        write!(f, "{value}")
    }
}

/// A text made safe between tags and between quotes. What XML cannot hold at all is shown as the
/// replacement character.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => f.write_char(' ')?,
                '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                    f.write_char('\u{fffd}')?;
                }
                // Whatever turns the direction of writing would run on past the end of the name.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('\u{fffd}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_wrapped_by_words_and_cut_only_at_the_end() {
        let font = Font::regular(10.0);
        assert_eq!(font.wrap("温度を測るセンサ。", 40.0, 9), ["温度を", "測る", "センサ。"]);
        assert_eq!(font.wrap("倉庫管理システム（WMS）", 90.0, 9), ["倉庫管理システム", "（WMS）"]);
        assert_eq!(font.wrap("process server", 50.0, 9), ["process", "server"]);
        assert_eq!(font.wrap("aaaaaaaaaa", 32.0, 9), ["aaaaa", "aaaaa"]);
        assert_eq!(font.wrap("温度温度温度温度", 30.0, 2), ["温度温", "度温…"]);
        assert_eq!(font.wrap("スマートフォン", 30.0, 9), ["スマー", "トフォ", "ン"]);
        assert_eq!(font.wrap("", 30.0, 2), [""]);
    }

    #[test]
    fn even_lines_break_no_word_that_has_room() {
        let font = Font::bold(12.5);
        assert_eq!(font.wrap_evenly("Maintenance terminal", 120.0, 6), ["Maintenance", "terminal"]);
        assert_eq!(font.wrap_evenly("エンジニアリング端末", 120.0, 6), ["エンジニアリング", "端末"]);
    }

    /// A mark that belongs to no letter makes no line of its own.
    #[test]
    fn what_has_no_width_takes_no_room() {
        assert_eq!(Font::bold(12.5).wrap("\u{fe00}{A0", 14.0, 9), ["\u{fe00}{A", "0"]);
    }

    proptest! {
        #[test]
        fn wrapped_lines_have_room_and_lose_nothing(
            text in "[a-z ]{0,40}|[ぁ-んァ-ヶ一-鿋ー、。（）a-zA-Z0-9 ]{0,60}|\\PC{0,40}",
            width in 14.0..300.0_f64,
        ) {
            let font = Font::bold(12.5);
            let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
            // A closing mark stays with its letter, however short the line is; nobody sees what has no width.
            let is_seen = |cluster: &&str| font.width(cluster) > 0.0;
            let has_room = |line: &str| font.width(line) <= width || clusters(line).filter(is_seen).count() == 1;
            for lines in [font.wrap(&text, width, 500), font.wrap_evenly(&text, width, 500)] {
                prop_assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
                for line in &lines {
                    prop_assert!(has_room(line), "{line:?}");
                }
            }
            let cut = font.wrap(&text, width, 2);
            prop_assert!(cut.len() <= 2);
            prop_assert!(cut.last().is_none_or(|line| line.chars().count() < 3 || has_room(line)), "{cut:?}");
        }
    }

    #[test]
    fn what_xml_cannot_hold_is_escaped() {
        assert_eq!(
            Escaped("<a b=\"'&\0\u{202e}\">").to_string(),
            "&lt;a b=&quot;&#39;&amp;\u{fffd}\u{fffd}&quot;&gt;"
        );
    }
}
