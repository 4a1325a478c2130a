//! Style sheets and scripts, built into the program.

/// A file that pages refer to.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name.
    pub name: &'static str,
    /// Its media type.
    pub media: &'static str,
    /// What is in it.
    pub text: &'static str,
}

macro_rules! assets {
    ($($name:literal $media:literal;)*) => {
        const ASSETS: &[Asset] = &[$(Asset {
            name: $name,
            media: $media,
            text: include_str!(concat!("../assets/", $name)),
        },)*];
    };
}

assets! {
    "tokens.css" "text/css; charset=utf-8";
    "base.css" "text/css; charset=utf-8";
    "parts.css" "text/css; charset=utf-8";
    "live.js" "text/javascript; charset=utf-8";
    "draw.js" "text/javascript; charset=utf-8";
    "typed.js" "text/javascript; charset=utf-8";
    "passkey.js" "text/javascript; charset=utf-8";
    "icon.svg" "image/svg+xml";
}

/// The asset with a name.
pub fn asset(name: &str) -> Option<Asset> {
    ASSETS.iter().copied().find(|asset| asset.name == name)
}

/// The address of an asset: it changes with the asset, so that it may be kept for ever.
pub fn address(name: &str) -> String {
    let text = asset(name).map_or("", |asset| asset.text);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("/assets/{name}?v={hash:016x}")
}
