//! Help, languages and wrong command lines.

use crate::common::{Folder, run};

#[test]
fn help_is_in_the_language_asked_for() {
    let folder = Folder::new();
    let commands = ["init", "check", "assess", "explain", "schema", "catalog"];
    let said = folder.run(&["--help"]).ends_with(0).prints(&commands);
    said.prints(&["Usage: anshin", "Commands:", "--catalog <PATH>", "Your own catalog file"]);
    let said = folder.run_in("ja", &["--help"]).ends_with(0).prints(&commands);
    said.prints(&["使い方: anshin", "コマンド:", "オプション:", "この説明を表示します"])
        .prints_no(&["Usage:"]);
    for command in commands {
        folder.run(&[command, "--help"]).ends_with(0).prints(&["Usage: anshin"]);
        let said = folder.run_in("ja", &[command, "--help"]).ends_with(0);
        said.prints(&["使い方: anshin"]).prints_no(&["Usage:", "Print help"]);
    }
    folder.run(&["--version"]).ends_with(0).prints(&["anshin 0."]);
}

#[test]
fn the_language_comes_from_the_environment_unless_asked_for() {
    let folder = Folder::new();
    let path = folder.path("");
    for (environment, japanese) in [
        (&[("LANG", "ja_JP.UTF-8")][..], true),
        (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")], false),
        (&[("LANG", "C"), ("LC_MESSAGES", "ja_JP")], true),
        (&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "")], true),
        (&[], false),
    ] {
        let said = run(&path, &["--help"], environment).ends_with(0);
        assert_eq!(said.out.contains("使い方"), japanese, "{environment:?}");
    }
    run(&path, &["--help", "--lang=en"], &[("LANG", "ja_JP.UTF-8")]).ends_with(0).prints(&["Usage:"]);
    run(&path, &["--help", "--lang", "ja"], &[("LANG", "C")]).ends_with(0).prints(&["使い方"]);
}

#[test]
fn a_wrong_command_line_ends_with_2() {
    let folder = Folder::new();
    for arguments in [
        &["asses", "x"][..],
        &["check"],
        &[],
        &["assess", "x", "--fail-on", "nothing"],
        &["check", "x", "--colour"],
    ] {
        let said = folder.run(arguments).ends_with(2);
        assert!(!said.err.is_empty());
        assert_eq!(said.out, "");
    }
    folder.run(&["asses", "x"]).says(&["assess"]);
}
