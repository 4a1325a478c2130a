//! Every path, command and option that the documents name exists.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<(PathBuf, String)> {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in [root(), root().join("docs")] {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).expect("text"))).collect()
}

/// Code in back-ticks, and lines of fenced blocks.
fn code(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            out.push(line.trim().to_owned());
        } else {
            out.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    out
}

#[test]
fn paths_in_documents_exist() {
    let folders = ["crates/", "catalog/", "examples/", "templates/", "docs/", "fuzz/", "scripts/", ".ci/"];
    let mut missing = Vec::new();
    let mut looked_at = 0;
    for (file, text) in documents() {
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned);
        let words =
            code(&text).into_iter().flat_map(|c| c.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        for word in words.chain(links) {
            let word = word
                .split('#')
                .next()
                .unwrap_or_default()
                .trim_end_matches([',', '.', ':', ')', ';'])
                .to_owned();
            let is_path = folders.iter().any(|folder| word.starts_with(folder))
                || (Path::new(&word).extension().is_some_and(|extension| extension == "md")
                    && !word.contains("://"));
            if !is_path || word.contains(['*', '<', '…', '{']) {
                continue;
            }
            looked_at += 1;
            let beside = file.parent().expect("a folder").join(&word);
            if !root().join(&word).exists() && !beside.exists() {
                missing.push(format!("{}: {word}", file.display()));
            }
        }
    }
    assert!(looked_at > 20, "only {looked_at} paths are named");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn commands_in_documents_exist() {
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (file, text) in documents() {
        for line in code(&text) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let rest = match words.as_slice() {
                ["anshin", rest @ ..] => rest,
                ["cargo", "run", rest @ ..] => match rest.iter().position(|word| *word == "--") {
                    Some(at) => &rest[at + 1..],
                    None => continue,
                },
                _ => continue,
            };
            let Some(command) = rest.first().filter(|c| c.chars().all(|c| c.is_ascii_lowercase())) else {
                continue;
            };
            let mut arguments = vec![*command];
            // Commands of these are two words.
            if ["catalog", "checklist", "ledger", "monitor", "policy"].contains(command) {
                arguments.extend(rest.get(1).filter(|word| word.chars().all(|c| c.is_ascii_lowercase())));
            }
            looked_at += 1;
            let output = Command::new(env!("CARGO_BIN_EXE_anshin"))
                .args(&arguments)
                .args(["--lang", "en", "--help"])
                .output()
                .expect("the program runs");
            let help = String::from_utf8_lossy(&output.stdout).into_owned();
            let unknown: Vec<&&str> = rest
                .iter()
                .filter(|word| word.starts_with("--"))
                .filter(|word| !help.contains(word.split('=').next().unwrap_or(word)))
                .collect();
            if !output.status.success() || !unknown.is_empty() {
                wrong.push(format!("{}: {line} {unknown:?}", file.display()));
            }
        }
    }
    assert!(looked_at > 8, "only {looked_at} commands are named");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table of codes in the documents is the program's own.
#[test]
fn every_diagnostic_code_is_documented() {
    let text = std::fs::read_to_string(root().join("docs/diagnostics.md")).expect("the page is there");
    for code in anshin_model::diagnostic::Code::ALL {
        assert!(text.contains(&format!("`{}`", code.as_str())), "{} is not described", code.as_str());
    }
}

/// The output that the README shows is what the program prints for the README's command.
#[test]
fn the_excerpt_in_the_readme_is_true() {
    for (lang, name) in [("en", "README.md"), ("ja", "README.ja.md")] {
        let text = std::fs::read_to_string(root().join(name)).expect("the page is there");
        let (_, rest) = text.split_once("```text\n").expect("the page has an excerpt");
        let (excerpt, _) = rest.split_once("\n…\n").expect("the excerpt ends");
        let output = Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["assess", "examples/gas-water-heater.yaml", "--lang", lang])
            .current_dir(root())
            .output()
            .expect("the program runs");
        let printed = String::from_utf8(output.stdout).expect("the output is UTF-8");
        assert!(printed.starts_with(excerpt), "{name} shows something else than:\n{printed}");
    }
}

/// What the README tells a newcomer to type about a system works on the document that `anshin init` writes, in
/// the order of the page. Lines that need files of one's own are left out.
#[test]
fn the_commands_of_the_readme_work_on_a_new_system() {
    let commands = |name: &str| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(root().join(name)).expect("the page is there");
        let lines =
            code(&text).into_iter().map(|line| line.split(" #").next().unwrap_or_default().to_owned());
        let words = lines.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        words
            .filter(|words| words.len() > 1 && words[0] == "anshin")
            .map(|words| words[1..].to_vec())
            .collect()
    };
    let of_system =
        |words: &Vec<String>| words.iter().any(|word| word == "system.yaml") && words[0] != "monitor";
    let both = [commands("README.md"), commands("README.ja.md")];
    let [list, mut in_japanese] = both.map(|all| all.into_iter().filter(of_system).collect::<Vec<_>>());
    for word in in_japanese.iter_mut().flatten() {
        *word = if word == "ja" { "en".to_owned() } else { word.replace(".ja.", ".en.") };
    }
    assert_eq!(list, in_japanese, "the two pages name the same commands");
    let folder = tempfile::tempdir().expect("a folder");
    let run = |words: &[String]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_anshin"));
        program.args(words).current_dir(&folder).env("LC_ALL", "en_US.UTF-8");
        let output = program.output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "anshin {}:\n{said}", words.join(" "));
        output.stdout
    };
    run(&["init", "--template", "home-product"].map(str::to_owned));
    let (mut done, mut skipped) = (0, Vec::new());
    for mut words in list {
        let into =
            words.iter().position(|word| word == ">").map(|at| words.split_off(at).pop().expect("a file"));
        let is_file = |word: &&String| {
            let known = [".yaml", ".xlsx"].iter().any(|end| word.ends_with(end));
            known && !folder.path().join(word).exists()
        };
        if words.iter().any(|word| word == "--git") || words.iter().any(|word| is_file(&word)) {
            skipped.push(words.join(" "));
            continue;
        }
        // The other formats are made by tests of their own, the typesetter takes its time.
        if words[0] == "report" && !words.iter().any(|word| word == "--format") {
            let alone = words.iter().any(|word| word == "--for");
            let formats = if alone { &["html"][..] } else { &["html", "xlsx"] };
            words.extend(formats.iter().map(|format| format!("--format={format}")));
        }
        let printed = run(&words);
        if let Some(into) = into {
            std::fs::write(folder.path().join(into), printed).expect("a file");
        }
        done += 1;
    }
    assert_eq!((done, skipped.len()), (24, 5), "{skipped:?}");
}
