//! `assess`.

use std::fs;

use crate::common::{GOOD, with};
use crate::{FILE, documents, folder_with, stem};

/// [`GOOD`] with targets that nobody is outside of.
fn within_target() -> String {
    format!("{GOOD}targets: {{ recovery: critical, economic: catastrophic }}\n")
}

#[test]
fn assess_shows_all_steps_in_both_languages() {
    let folder = folder_with(GOOD);
    folder.run(&["assess", FILE]).ends_with(0).prints(&[
        "Lamp system",
        "1. Risk map",
        "2. Stakeholders outside the target",
        "3. Threats",
        "4. Candidate requirements",
        "5. Policies and priorities",
        "Maker",
        "Heater",
    ]);
    folder.run_in("ja", &["assess", FILE]).ends_with(0).prints(&[
        "照明",
        "1. マッピング結果",
        "2. 目標とするリスクの水準を超えるステークホルダー",
        "3. 想定される脅威",
        "4. 実装が想定される対策要件",
        "5. 対策方針と優先順位",
        "メーカー",
        "給湯器",
    ]);
}

#[test]
fn assess_fails_on_a_stakeholder_outside_the_target_only_when_asked() {
    let folder = folder_with(GOOD);
    let said = folder.run(&["assess", FILE, "--fail-on", "outside-target"]).ends_with(1);
    said.prints(&["2. Stakeholders outside the target\nMaker"]);
    folder.run(&["assess", FILE]).ends_with(0);
    folder.run(&["assess", FILE, "--fail-on", "warning", "--fail-on", "stale-decision"]).ends_with(0);
    folder.run(&["assess", FILE, "--format", "json", "--fail-on", "outside-target"]).ends_with(1).json();
    let folder = folder_with(within_target());
    let said = folder.run(&["assess", FILE, "--fail-on", "outside-target"]).ends_with(0);
    said.prints(&["2. Stakeholders outside the target\nNone."]);
}

#[test]
fn assess_fails_on_a_warning_only_when_asked() {
    let folder = folder_with(with("data:\n", "data:\n  - { id: spare, kind: personal.usage }\n"));
    let said = folder.run(&["assess", FILE, "--fail-on", "warning"]).ends_with(1);
    said.problem("warning[unused]").says("`spare`").at("system.yaml:29:11", "spare");
    folder.run(&["assess", FILE]).ends_with(0);
    folder.run(&["check", FILE]).ends_with(0);
    folder.run(&["check", "--strict", FILE]).ends_with(2).says(&["0 errors, 1 warning\n"]);
}

#[test]
fn assess_writes_a_file_whole() {
    let folder = folder_with(GOOD);
    for format in ["text", "json"] {
        let shown = folder.run(&["assess", FILE, "--format", format]).ends_with(0);
        folder.write("out", "what was there before, and is longer than nothing");
        let said = folder.run(&["assess", FILE, "--format", format, "-o", "out"]).ends_with(0);
        assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""));
        assert_eq!(folder.read("out"), shown.out);
        assert_eq!(folder.files(), ["out", FILE], "nothing is left beside it");
    }
    let said = folder.run(&["assess", FILE, "--color", "always", "--output", "out"]).ends_with(0);
    assert_eq!(said.out, "");
    assert!(!folder.read("out").contains('\u{1b}'), "a file has no colours");
}

#[test]
fn assess_with_an_output_still_fails_on_what_was_asked() {
    let folder = folder_with(GOOD);
    folder.run(&["assess", FILE, "-o", "out", "--fail-on", "outside-target"]).ends_with(1);
    assert!(folder.read("out").contains("1. Risk map"));
}

#[test]
fn assess_leaves_the_file_alone_when_it_cannot_finish() {
    let folder = folder_with(with("setting: household", "setting: home"));
    folder.write("out", "before");
    folder.run(&["assess", FILE, "-o", "out"]).ends_with(2);
    assert_eq!(folder.read("out"), "before");
    let folder = folder_with(GOOD);
    let said = folder.run(&["assess", FILE, "-o", "nowhere/out"]).ends_with(2);
    said.says(&["cannot write `nowhere/out`"]);
    folder.write("folder/inside", "");
    folder.run(&["assess", FILE, "-o", "folder"]).ends_with(2).says(&["cannot write `folder`"]);
    assert_eq!(folder.files(), ["folder", FILE]);
}

#[test]
fn assess_gives_the_same_bytes_every_time() {
    for path in documents("examples") {
        let folder = folder_with(fs::read(&path).expect("readable"));
        for arguments in [&["assess", "-v", FILE][..], &["assess", "--format", "json", FILE]] {
            let first = folder.run(arguments).ends_with(0);
            let second = folder.run(arguments).ends_with(0);
            assert_eq!(first.out, second.out, "{}", stem(&path));
        }
    }
}

#[test]
fn assess_in_json_does_not_depend_on_the_language() {
    let folder = folder_with(GOOD);
    let arguments = ["assess", "--format", "json", FILE];
    let said = folder.run(&arguments).ends_with(0);
    assert_eq!(said.out, folder.run_in("ja", &arguments).ends_with(0).out);
    assert_eq!(said.json()["anshin"], 1);
    assert_eq!(said.json()["system"], "lamp-system");
}

#[test]
fn colours_are_used_when_asked_for() {
    let folder = folder_with(GOOD);
    assert!(folder.run(&["assess", "--color", "always", FILE]).out.contains('\u{1b}'));
    assert!(!folder.run(&["assess", FILE]).out.contains('\u{1b}'));
    folder.write("wrong.yaml", with("setting: household", "setting: home"));
    assert!(folder.run(&["check", "--color=always", "wrong.yaml"]).err.contains('\u{1b}'));
    assert!(!folder.run(&["check", "--color=never", "wrong.yaml"]).err.contains('\u{1b}'));
}
