//! Any bytes as a user's catalog file, laid over the built-in catalog.

#![no_main]

use anshin_catalog::File;
use anshin_model::Lang;
use anshin_model::diagnostic::{self, Style};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = File { name: "own.yaml".to_owned(), bytes: bytes.to_vec() };
    let loaded = anshin_catalog::load(vec![file]);
    let style = Style { lang: Lang::Ja, color: false, most: 20 };
    let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
});
