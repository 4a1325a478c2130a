//! What the tests share.
#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::LazyLock;

use anshin_catalog::Catalog;
use anshin_checklist::{Checklists, File};
use anshin_model::diagnostic::Diagnostic;

pub(crate) static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

/// A checklist with every feature.
pub(crate) const DEMO: &str = include_str!("../data/demo.yaml");

/// A second one that it links to.
pub(crate) const SECOND: &str = include_str!("../data/second.yaml");

pub(crate) fn files(texts: &[&str]) -> Vec<File> {
    let file =
        |(n, text): (usize, &&str)| File { name: format!("{n}.yaml"), bytes: text.as_bytes().to_vec() };
    texts.iter().enumerate().map(file).collect()
}

pub(crate) fn load(texts: &[&str]) -> Checklists {
    let loaded = anshin_checklist::load(files(texts), &CATALOG);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.checklists.expect("there is no error")
}

pub(crate) fn told(texts: &[&str]) -> Vec<Diagnostic> {
    anshin_checklist::load(files(texts), &CATALOG).diagnostics
}

pub(crate) fn built_in() -> Checklists {
    let files = anshin_catalog::built_in_files_beside("checklists").into_iter();
    let files = files.map(|file| File { name: file.name, bytes: file.bytes }).collect();
    let loaded = anshin_checklist::load(files, &CATALOG);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.checklists.expect("the built-in checklists load")
}
