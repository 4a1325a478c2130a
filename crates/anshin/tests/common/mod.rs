//! What the tests of the program share: a folder of its own for each test, and the program's
//! messages taken apart.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod running;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// A small document without any error or warning.
pub(crate) const GOOD: &str = r#"anshin: 1
system:
  id: lamp-system
  name: { ja: "照明", en: "Lamp system" }
  setting: household
stakeholders:
  - { id: maker, name: { ja: "メーカー", en: "Maker" }, role: developer, lead: true, reach: many }
  - id: resident
    name: { ja: "住まい手", en: "Resident" }
    role: user
    person: true
    depends-on: { service: daily-life, substitute: no, restore: days }
zones:
  - { id: home, kind: home-network }
assets:
  - id: heater
    name: { ja: "給湯器", en: "Heater" }
    kind: machine.appliance.water-heater
    zone: home
    made-by: maker
    updated-by: maker
    operated-by: resident
  - id: phone
    name: { ja: "電話", en: "Phone" }
    kind: mobile.smartphone
    zone: home
    stores: [account]
data:
  - { id: account, kind: personal.account, subject: resident }
links:
  - { from: phone, to: heater, over: wifi, carries: [account] }
flows:
  - { id: fill, steps: [phone--heater] }
"#;

/// [`GOOD`] with one place changed.
pub(crate) fn with(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "`{from}` must stand in the document once");
    GOOD.replace(from, to)
}

/// A folder for one test, in which the program runs.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().expect("a folder can be made"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("files stand in a folder")).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// Names of the files, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the folder is there");
        let mut names: Vec<String> =
            entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Runs the program in English.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_in("en", arguments)
    }

    /// Runs the program in a language.
    pub(crate) fn run_in(&self, lang: &str, arguments: &[&str]) -> Said {
        let mut all = vec!["--lang", lang];
        all.extend(arguments);
        run(self.0.path(), &all, &[])
    }
}

/// Runs the program; one that hangs is stopped, which no test takes for an answer.
pub(crate) fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_anshin"));
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "CLICOLOR_FORCE", "CLICOLOR", "NO_COLOR"] {
        command.env_remove(name);
    }
    let output = command
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(folder)
        .timeout(Duration::from_secs(30))
        .output()
        .expect("the program can be started");
    Said::of(output)
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Asserts that standard output has some words.
    #[track_caller]
    pub(crate) fn prints(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "`{word}` is not in\n{}", self.out);
        }
        self
    }

    /// Asserts that standard output does not have some words.
    #[track_caller]
    pub(crate) fn prints_no(self, words: &[&str]) -> Self {
        for word in words {
            assert!(!self.out.contains(word), "`{word}` is in\n{}", self.out);
        }
        self
    }

    /// Asserts that standard error has some words.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in\n{}", self.err);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).expect("the program prints JSON")
    }

    /// The problems on standard error, in their order.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        self.err.split("\n\n").filter_map(Problem::read).collect()
    }

    /// The one problem with this code, such as `error[unknown-key]`.
    #[track_caller]
    pub(crate) fn problem(&self, code: &str) -> Problem {
        let mut found: Vec<Problem> = self.problems().into_iter().filter(|p| p.code == code).collect();
        assert_eq!(found.len(), 1, "`{code}` is not there just once:\n{}", self.err);
        found.remove(0)
    }
}

/// Keeps the first two entries of every list and hides sentences.
pub(crate) fn shorten(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            if map.contains_key("ja") && map.contains_key("en") {
                *value = "TEXT".into();
                return;
            }
            map.values_mut().for_each(shorten);
        }
        serde_json::Value::Array(items) => {
            items.truncate(2);
            items.iter_mut().for_each(shorten);
        }
        _ => {}
    }
}

/// One problem as the program shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Such as `error[unknown-key]`.
    pub(crate) code: String,
    pub(crate) message: String,
    /// File, line and column, such as `system.yaml:5:3`.
    pub(crate) place: Option<String>,
    /// The part of the line that is underlined.
    pub(crate) underlined: Option<String>,
    pub(crate) hints: Vec<String>,
}

impl Problem {
    fn read(block: &str) -> Option<Problem> {
        let (head, body) = block.trim_start().split_once('\n')?;
        let (code, message) = head.split_once("]: ")?;
        let mut problem = Problem {
            code: format!("{code}]"),
            message: message.to_owned(),
            place: None,
            underlined: None,
            hints: Vec::new(),
        };
        let mut source = "";
        for line in body.lines() {
            let trimmed = line.trim_start();
            if let Some(place) = trimmed.strip_prefix("--> ") {
                problem.place = Some(place.to_owned());
            } else if let Some((_, hint)) = trimmed
                .strip_prefix("= ")
                .and_then(|rest| rest.split_once("hint: ").or_else(|| rest.split_once("次の手順: ")))
            {
                problem.hints.push(hint.to_owned());
            } else if trimmed.starts_with('|') && trimmed.contains('^') {
                problem.underlined = Some(above_carets(source, line));
            } else {
                source = line;
            }
        }
        Some(problem)
    }

    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.message.contains(words), "`{words}` is not in {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn hints(self, words: &str) -> Self {
        assert!(self.hints.iter().any(|hint| hint.contains(words)), "`{words}` is not a hint of {self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn at(self, place: &str, underlined: &str) -> Self {
        assert_eq!(self.place.as_deref(), Some(place), "{self:#?}");
        assert_eq!(self.underlined.as_deref(), Some(underlined), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn at_mark(self, file: &str, mark: &Mark) -> Self {
        self.at(&format!("{file}:{}:{}", mark.line, mark.column), &mark.word)
    }
}

/// The words of a line over the carets of the next; Japanese characters take two columns.
fn above_carets(source: &str, carets: &str) -> String {
    let first = carets.find('^').map_or(0, |at| carets[..at].width());
    let last = carets.rfind('^').map_or(0, |at| carets[..at].width());
    let mut column = 0;
    let mut words = String::new();
    for c in source.chars() {
        if (first..=last).contains(&column) {
            words.push(c);
        }
        column += c.width().unwrap_or(0);
    }
    words
}

/// A document with one place marked as `«word»`.
#[derive(Debug)]
pub(crate) struct Mark {
    /// The document without the marks.
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) word: String,
}

/// Takes the marks `«` and `»` out of a document and says where they stood.
pub(crate) fn marked(text: &str) -> Mark {
    let (before, rest) = text.split_once('«').expect("the document has a mark");
    let (word, after) = rest.split_once('»').expect("the mark is closed");
    Mark {
        text: format!("{before}{word}{after}"),
        line: before.matches('\n').count() + 1,
        column: before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        word: word.to_owned(),
    }
}
