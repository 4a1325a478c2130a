//! Drawings as pictures of dots, for formats that take no drawings.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// A drawing that cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undrawable;

/// An SVG as PNG of a width in dots. Texts are left out: they would need fonts.
///
/// # Errors
/// If it is not an SVG, or has no size.
pub fn png(svg: &[u8], width: u16) -> Result<Vec<u8>, Undrawable> {
    let tree = Tree::from_data(svg, &Options::default()).map_err(|_| Undrawable)?;
    let scale = f32::from(width) / tree.size().width();
    let height = (tree.size().height() * scale).clamp(1.0, 8_000.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
    let mut dots = Pixmap::new(u32::from(width), height as u32).ok_or(Undrawable)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut dots.as_mut());
    dots.encode_png().map_err(|_| Undrawable)
}
