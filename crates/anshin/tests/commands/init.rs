//! `init`, and the documents that it writes.

use std::fs;

use crate::common::Folder;
use crate::{FILE, documents, folder_with, stem};

#[test]
fn init_writes_a_template_that_passes_check() {
    let folder = Folder::new();
    let said = folder.run(&["init"]).ends_with(0).says(&["wrote `system.yaml`", "anshin assess system.yaml"]);
    assert_eq!(said.out, "");
    assert_eq!(folder.files(), [FILE]);
    assert!(folder.read(FILE).contains("anshin: 1\n"));
    folder.run(&["check", "--strict", FILE]).ends_with(0);
    folder.run_in("ja", &["init", "other.yaml"]).ends_with(0).says(&["`other.yaml`を作りました"]);
    assert_eq!(folder.read("other.yaml"), folder.read(FILE));
}

#[test]
fn init_never_overwrites() {
    let folder = folder_with("mine");
    for more in [&["--template", "home-product"][..], &["--example", "boiler"], &["--name", "x"], &[]] {
        let said = folder.run(&[&["init", FILE], more].concat()).ends_with(2);
        said.says(&["`system.yaml` exists already", "name another file"]);
        assert_eq!(folder.read(FILE), "mine");
    }
    folder.run_in("ja", &["init", FILE]).ends_with(2).says(&["`system.yaml`はすでにあります"]);
    assert_eq!(folder.files(), [FILE]);
}

#[test]
fn init_says_when_the_folder_is_not_there() {
    let said = Folder::new().run(&["init", "nowhere/system.yaml"]).ends_with(2);
    said.says(&["cannot write `nowhere/system.yaml`"]);
}

#[test]
fn init_lists_every_template_and_example_by_name() {
    let folder = Folder::new();
    for (lang, words) in [("en", ["templates", "examples"]), ("ja", ["雛形", "例"])] {
        let said = folder.run_in(lang, &["init", "--list"]).ends_with(0).prints(&words);
        for path in documents("templates").iter().chain(&documents("examples")) {
            let line = said.out.lines().find(|line| line.split_whitespace().next() == Some(stem(path)));
            let title = line.map(|line| line.trim().trim_start_matches(stem(path)).trim());
            assert!(title.is_some_and(|title| !title.is_empty()), "{} in\n{}", stem(path), said.out);
        }
    }
    assert_eq!(folder.files(), Vec::<String>::new());
}

#[test]
fn init_writes_every_template_and_example_as_it_is_and_check_finds_nothing() {
    for (kind, option) in [("templates", "--template"), ("examples", "--example")] {
        for path in documents(kind) {
            let folder = Folder::new();
            folder.run(&["init", option, stem(&path)]).ends_with(0);
            assert_eq!(folder.read(FILE), fs::read_to_string(&path).expect("readable"));
            folder.run(&["check", "--strict", FILE]).ends_with(0).says(&["nothing is wrong"]);
            folder.run_in("ja", &["check", "--strict", FILE]).ends_with(0).says(&["誤りはありません"]);
        }
    }
}

#[test]
fn init_offers_the_names_when_one_is_not_known() {
    let folder = Folder::new();
    let said = folder.run(&["init", "--template", "home-prodct"]).ends_with(2);
    said.says(&["there is no `home-prodct`", "home-product", "factory-line", "remote-monitoring"]);
    let said = folder.run(&["init", "--example", "boilr"]).ends_with(2);
    said.says(&["there is no `boilr`", "boiler", "warehouse-agv"]);
    let said = folder.run_in("ja", &["init", "--template", "home-prodct"]).ends_with(2);
    said.says(&["`home-prodct`はありません", "home-product"]);
    folder.run(&["init", "--template", "home-product", "--example", "boiler"]).ends_with(2);
    assert_eq!(folder.files(), Vec::<String>::new());
}

/// Who names a template where the file stands does not get a file of that name, made of another template.
#[test]
fn init_tells_the_name_of_a_template_from_that_of_a_file() {
    let folder = Folder::new();
    for (name, option) in [("factory-line", "template"), ("boiler", "example")] {
        let next = format!("anshin init system.yaml --{option} {name}");
        let said = folder.run(&["init", name]).ends_with(2);
        said.says(&[&format!("`{name}` is the name of a template or an example"), &next]);
        folder.run_in("ja", &["init", name]).ends_with(2).says(&["雛形か例の名前", &next]);
        let next: Vec<&str> = next.split(' ').skip(1).collect();
        folder.run(&next).ends_with(0);
        fs::remove_file(folder.path("system.yaml")).expect("it was written");
    }
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    // Whoever says both means both.
    folder.run(&["init", "boiler", "--template", "factory-line"]).ends_with(0);
}

#[test]
fn init_puts_the_name_of_the_system_in() {
    for (name, id) in [("Bath Heater 2", Some("id: bath-heater-2")), ("給湯器: \"改\" #1 \\", None)] {
        let folder = Folder::new();
        folder.run(&["init", "--name", name]).ends_with(0);
        folder.run(&["check", "--strict", FILE]).ends_with(0);
        folder.run(&["assess", FILE]).ends_with(0).prints(&[name]);
        if let Some(id) = id {
            assert!(folder.read(FILE).contains(id), "{}", folder.read(FILE));
        }
    }
}

#[test]
fn every_template_and_example_can_be_assessed_in_both_languages() {
    for path in documents("templates").iter().chain(&documents("examples")) {
        let folder = folder_with(fs::read(path).expect("readable"));
        folder.run(&["assess", "-v", FILE]).ends_with(0).prints(&["1. Risk map", "3. Threats"]);
        folder
            .run_in("ja", &["assess", "-v", FILE])
            .ends_with(0)
            .prints(&["1. マッピング結果", "3. 想定される脅威"]);
    }
}
