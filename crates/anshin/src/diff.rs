//! What changed between two versions of a system: two files, or revisions in git.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use anshin_assess::{MeasureState, System};
use anshin_catalog::Catalog;
use anshin_model::Lang;
use anshin_model::load::Loaded;
use anshin_model::tree::Limits;
use anshin_report::difference::v1::Report;
use anshin_report::difference::{Difference, Line, LineTone, Version};
use anshin_report::{Subject, difference};

use crate::beside::write_whole;
use crate::cli::{DiffArgs, DiffFinding, DiffFormat};
use crate::input::{self, Failure, Shows};
use crate::output::{Output, wrap};
use crate::{End, engine, paths, print};

/// Columns of the output.
const WIDTH: usize = 100;

pub(crate) fn run(args: &DiffArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let (old_revision, new_revision) = match &args.git {
        None => (None, None),
        Some(range) => match range.split_once("..") {
            None => (Some(range.as_str()), None),
            // As in git, what is left out is the last commit.
            Some((old, new)) => (Some(or_head(old)), Some(or_head(new))),
        },
    };
    let new_file = args.new.as_ref().unwrap_or(&args.old);
    // Both are read before the first can stop the work, so that everything is said in one go.
    let old = load(&args.old, old_revision, catalog, output);
    let new = load(new_file, new_revision, catalog, output);
    let (old, new) = (old?, new?);
    compared(&old, &new, catalog, |found, old, new| {
        let made = match args.format {
            DiffFormat::Json => {
                let json = serde_json::to_string_pretty(&Report::from(found));
                json.map_err(|e| Failure::new(e.to_string(), e.to_string()))? + "\n"
            }
            // Colours are for a terminal.
            DiffFormat::Text if args.output.is_some() => {
                text(&found.lines(), Output { color: false, ..output })
            }
            DiffFormat::Text => text(&found.lines(), output),
            DiffFormat::Html => {
                let names = (named(&args.old, old_revision), named(new_file, new_revision));
                difference::html(found, old, new, (&names.0, &names.1), output.lang)
            }
        };
        if let Some(file) = &args.output {
            write_whole(file, |out| out.write_all(made.as_bytes()))?;
        } else {
            print(output, &made)?;
        }
        let fails = args.fail_on.iter().any(|finding| match finding {
            DiffFinding::Changes => !found.is_empty(),
            DiffFinding::Worse => found.is_worse(),
        });
        Ok(if fails { End::Findings } else { End::Fine })
    })?
}

/// Compares two documents without errors, each with its assessment, and its scenarios with the
/// measures that are in place.
pub(crate) fn compared<T>(
    old: &Loaded,
    new: &Loaded,
    catalog: &Catalog,
    then: impl FnOnce(&Difference, &Version<'_>, &Version<'_>) -> T,
) -> Result<T, Failure> {
    let engine = engine(catalog)?;
    let matrix = paths::matrix(None, catalog)?;
    let [(old_document, old_tree), (new_document, new_tree)] = [
        old.document.as_ref().zip(old.tree.as_ref()).ok_or(Failure::Input)?,
        new.document.as_ref().zip(new.tree.as_ref()).ok_or(Failure::Input)?,
    ];
    let systems = [old_document, new_document].map(|document| System::new(document, catalog));
    let assessed = systems.each_ref().map(|system| engine.assess_system(system));
    let scenarios = [0, 1].map(|n| {
        let state = MeasureState::in_place(systems[n].document);
        engine.terrain(&systems[n], &assessed[n]).scenarios(matrix, &state)
    });
    let version = |n: usize, tree| Version {
        subject: Subject { system: &systems[n], assessment: &assessed[n] },
        scenarios: &scenarios[n],
        tree,
    };
    let (old, new) = (version(0, old_tree), version(1, new_tree));
    Ok(then(&difference(&old, &new), &old, &new))
}

fn or_head(revision: &str) -> &str {
    if revision.is_empty() { "HEAD" } else { revision }
}

/// A version as people call it.
fn named(file: &Path, revision: Option<&str>) -> String {
    let file = file.display();
    revision.map_or_else(|| file.to_string(), |revision| format!("{file} ({revision})"))
}

/// The lines of a difference as text.
pub(crate) fn text(lines: &[Line], output: Output) -> String {
    let mut out = String::new();
    for line in lines {
        let words = line.text.get(output.lang);
        if line.tone == LineTone::Heading {
            let _ = writeln!(out, "\n{}", output.heading(words));
            continue;
        }
        for (n, part) in wrap(words, WIDTH - line.indent).into_iter().enumerate() {
            let part = match line.tone {
                LineTone::Worse => output.bad(&part),
                LineTone::Better => output.good(&part),
                LineTone::Faint => output.faint(&part),
                LineTone::Plain | LineTone::Heading => part,
            };
            let indent = " ".repeat(line.indent + if n == 0 { 0 } else { 2 });
            let _ = writeln!(out, "{indent}{part}");
        }
    }
    out
}

/// Loads one version; says what is wrong with it if it cannot be used.
fn load(file: &Path, revision: Option<&str>, catalog: &Catalog, output: Output) -> Result<Loaded, Failure> {
    let Some(revision) = revision else {
        // Warnings are for `check`; here they would stand twice for every change.
        let loaded = input::document_showing(file, catalog, output, Shows::Nothing);
        if loaded.has_errors() {
            input::report(&loaded.sources, &loaded.diagnostics, output);
            return Err(Failure::Input);
        }
        return Ok(loaded);
    };
    let name = file.file_name().ok_or_else(|| {
        let shown = file.display();
        Failure::new(format!("`{shown}`はファイルではありません"), format!("`{shown}` is not a file"))
    });
    let loaded = name.and_then(|name| {
        let commit = Commit::find(revision, file.parent().unwrap_or(Path::new("")))?;
        let read = |path: &Path, limit: usize| commit.read(path, limit);
        Ok(anshin_model::load::load(Path::new(name), &read, &catalog.vocabulary(), Limits::DEFAULT))
    });
    let loaded = loaded.inspect_err(|failure| {
        // Said here, because the other version may have something to say as well.
        if let Failure::Other(message) = failure {
            let label = output.word("エラー", "error");
            output.say_raw(&format!("{label}: {}\n", message.get(output.lang)));
        }
    });
    let loaded = loaded.map_err(|_| Failure::Input)?;
    if loaded.has_errors() {
        let shown = file.display();
        output.say_raw(&match output.lang {
            Lang::Ja => format!("リビジョン`{revision}`の`{shown}`:\n"),
            Lang::En => format!("`{shown}` at the revision `{revision}`:\n"),
        });
        input::report(&loaded.sources, &loaded.diagnostics, output);
        return Err(Failure::Input);
    }
    Ok(loaded)
}

/// A commit, and the folder that files are named from.
struct Commit {
    /// The name that the user gave.
    revision: String,
    hash: String,
    folder: PathBuf,
}

impl Commit {
    /// Finds the commit of a revision in the repository around a folder.
    fn find(revision: &str, folder: &Path) -> Result<Self, Failure> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if !folder.is_dir() {
            let shown = folder.display();
            return Err(Failure::new(
                format!("フォルダー`{shown}`がありません"),
                format!("there is no folder `{shown}`"),
            ));
        }
        let git = |arguments: &[&str]| {
            let ended = git(folder).args(arguments).output();
            ended.map_err(|error| {
                Failure::new(
                    format!("`git`を実行できません（{error}）。gitをインストールするか、2つのファイルを比べてください"),
                    format!("cannot run `git` ({error}); install git, or compare two files"),
                )
            })
        };
        let ended = git(&["rev-parse", "--is-inside-work-tree"])?;
        if !ended.status.success() {
            let said = first_line(&ended.stderr);
            let shown = folder.display();
            return Err(Failure::new(
                format!("`{shown}`はgitのリポジトリの中にありません（{said}）"),
                format!("`{shown}` is not in a git repository ({said})"),
            ));
        }
        let no_revision = || {
            Failure::new(
                format!("リビジョン`{revision}`がありません。`git log`で確かめてください"),
                format!("there is no revision `{revision}`; look for it with `git log`"),
            )
        };
        // Git would take it for an option.
        if revision.starts_with('-') {
            return Err(no_revision());
        }
        let ended = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")])?;
        let hash = first_line(&ended.stdout);
        if !ended.status.success() || hash.is_empty() {
            return Err(no_revision());
        }
        Ok(Self { revision: revision.to_owned(), hash, folder: folder.to_owned() })
    }

    /// Reads a file of the commit, up to one byte more than the limit.
    fn read(&self, path: &Path, limit: usize) -> io::Result<Vec<u8>> {
        // Git knows `./` and `../` of the folder it runs in, with slashes on every system.
        let mut object = OsString::from(format!("{}:.", self.hash));
        for part in path.components() {
            match part {
                Component::Normal(part) => {
                    object.push("/");
                    object.push(part);
                }
                Component::ParentDir => object.push("/.."),
                Component::CurDir => {}
                Component::RootDir | Component::Prefix(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidInput,
                        "an absolute path is in no commit",
                    ));
                }
            }
        }
        let mut child = git(&self.folder)
            .args(["cat-file", "blob"])
            .arg(object)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut bytes = Vec::new();
        let read = match child.stdout.take() {
            Some(out) => out.take(limit as u64 + 1).read_to_end(&mut bytes),
            None => Ok(0),
        };
        // Nobody reads on: git ends, whether it has written all or not.
        let ended = child.wait_with_output()?;
        read?;
        if bytes.len() > limit || ended.status.success() {
            return Ok(bytes);
        }
        let said = first_line(&ended.stderr).replace(&self.hash, &self.revision);
        Err(io::Error::new(io::ErrorKind::NotFound, said))
    }
}

/// Git, run in a folder, without a shell and without anything to ask.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// The first line that git said, without its label.
fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("fatal: ").unwrap_or(line).chars().filter(|c| !c.is_control()).collect()
}
