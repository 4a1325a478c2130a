//! Every command of the program, as a person calls it.

mod assess;
mod catalog;
mod decisions;
mod explain;
mod files;
mod help;
mod init;
mod schema;

#[path = "../common/mod.rs"]
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::Folder;

const FILE: &str = "system.yaml";

fn folder_with(content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write(FILE, content);
    folder
}

/// The `.yaml` files of a folder of the repository, sorted.
fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(!paths.is_empty(), "{}", folder.display());
    paths
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("a plain name")
}
