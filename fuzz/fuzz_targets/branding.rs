//! Any bytes as a branding file, and as the logo of one: what is taken can be put on a report.

#![no_main]

use std::io;
use std::path::Path;

use anshin_model::diagnostic::{self, Style};
use anshin_model::{Lang, Text};
use anshin_report::branding;
use anshin_report::html::{Page, html};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let with_logo = b"anshin-branding: 1\nlogo: logo\n".as_slice();
    for file in [bytes, with_logo] {
        let read = |path: &Path, limit: usize| match path.to_str() {
            Some("own.yaml") => Ok(file.to_vec()),
            Some("logo") if bytes.len() <= limit => Ok(bytes.to_vec()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let loaded = branding::load(Path::new("own.yaml"), &read);
        let style = Style { lang: Lang::Ja, color: false, most: 20 };
        let told = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
        let Some(own) = loaded.branding else {
            assert!(!told.is_empty());
            continue;
        };
        let page = Page {
            title: Text::same("system"),
            subtitle: Text::default(),
            summary: Vec::new(),
            figures: Vec::new(),
            sheets: &[],
        };
        let page = html(&page, &own, Lang::Ja);
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("</style>").count(), 1);
    }
});
