//! `anshin report` as a user meets it: the files that come, and those that do not.

use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn report(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anshin"))
        .arg("report")
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the program runs")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn everything_comes_in_the_language_asked_for() {
    for lang in ["ja", "en"] {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("new/report");
        let output = report(&["examples/drone.yaml", "--lang", lang, "-o", to.to_str().expect("a name")]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let expected = ["drone-flow-film-scenery", "drone-risk-map", "drone-stakeholders", "drone-system"];
        let mut expected: Vec<String> = expected.iter().map(|name| format!("{name}.{lang}.svg")).collect();
        expected.extend([format!("drone.{lang}.html"), format!("drone.{lang}.xlsx")]);
        assert_eq!(names(&to), expected);
        let html = std::fs::read_to_string(to.join(format!("drone.{lang}.html"))).expect("the page");
        assert!(html.contains(&format!("<html lang=\"{lang}\"")) && html.contains("<svg"));
    }
}

#[test]
fn only_what_is_asked_for_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().to_str().expect("a name");
    let output = report(&["examples/boiler.yaml", "--lang", "en", "-o", to, "--format", "xlsx"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(names(folder.path()), ["boiler.en.xlsx"]);
}

#[test]
fn a_wrong_document_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.yaml");
    std::fs::write(&file, "anshin: 1\n").expect("a file");
    let to = folder.path().join("report");
    let output = report(&[file.to_str().expect("a name"), "-o", to.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!to.exists());
}

#[test]
fn a_file_in_the_way_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report");
    std::fs::write(&file, "mine").expect("a file");
    let output = report(&["examples/boiler.yaml", "--lang", "en", "-o", file.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot make the folder"));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "mine");
}

/// The pictures that the README shows are those that the program draws.
#[test]
fn the_pictures_in_the_readme_are_true() {
    for lang in ["ja", "en"] {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().to_str().expect("a name");
        report(&["examples/chemical-plant.yaml", "--lang", lang, "-o", to, "--format", "svg"]);
        for picture in ["risk-map", "system"] {
            let name = format!("chemical-plant-{picture}.{lang}.svg");
            let drawn = std::fs::read_to_string(folder.path().join(&name)).expect("the picture");
            let shown =
                std::fs::read_to_string(root().join("docs/pictures").join(&name)).expect("the page's");
            assert!(
                drawn == shown,
                "docs/pictures/{name} is another picture; run `scripts/draw-readme-pictures`"
            );
        }
    }
}
