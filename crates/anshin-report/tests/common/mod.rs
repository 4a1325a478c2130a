//! What several test programs share.

#![allow(dead_code, reason = "not every test program uses all of it")]

use std::path::Path;

use anshin_report::branding::{self, Branding};
use resvg::tiny_skia::Pixmap;

/// A picture with a size in pixels.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    Pixmap::new(width, height).expect("a picture").encode_png().expect("PNG")
}

/// The branding that a file says, whose logo `logo` is a PNG.
pub(crate) fn brand(yaml: &str) -> Branding {
    let read = |path: &Path, _: usize| match path.to_str() {
        Some("logo") => Ok(png(30, 10)),
        _ => Ok(yaml.as_bytes().to_vec()),
    };
    let loaded = branding::load(Path::new("brand.yaml"), &read);
    loaded.branding.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// A branding in which every text is the same words.
pub(crate) fn brand_of(words: &str) -> Branding {
    // No more fits the head of a page.
    let words: String = words.chars().take(300).collect();
    let quoted = serde_json::to_string(&words).expect("JSON");
    brand(&format!(
        "anshin-branding: 1\norganization: {quoted}\nlogo: logo\nfooter: {quoted}\n\
         document-number: {quoted}\nversion: {quoted}\nauthor: {quoted}\napprover: {quoted}\n\
         colors: {{ main: \"#006644\", accent: \"#b35900\" }}\n"
    ))
}
