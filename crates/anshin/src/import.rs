//! `anshin import`: the changes of a workbook, shown and then written into the document.

use std::fs;
use std::path::{Path, PathBuf};

use anshin_assess::{Scenarios, System};
use anshin_catalog::Catalog;
use anshin_model::diagnostic::Diagnostic;
use anshin_model::edit;
use anshin_model::load::Loaded;
use anshin_model::tree::{Node, Sources};
use anshin_model::{Lang, Text};
use anshin_report::Subject;
use anshin_report::workbook::{self, MAX_BYTES};

use crate::beside::{cannot_write, write_all};
use crate::cli::ImportArgs;
use crate::input::{self, Failure, Shows};
use crate::output::Output;
use crate::{End, diff, engine, init, paths, print};

pub(crate) fn run(args: &ImportArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let mut loaded = input::document_showing(&args.into, catalog, output, Shows::Nothing);
    if loaded.has_errors() {
        input::report(&loaded.sources, &loaded.diagnostics, output);
        return Err(Failure::Input);
    }
    let bytes = input::read(&args.book, MAX_BYTES).map_err(|error| {
        let shown = args.book.display();
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    let imported = {
        let document = loaded.document.as_ref().ok_or(Failure::Input)?;
        let tree = loaded.tree.as_ref().ok_or(Failure::Input)?;
        let system = System::new(document, catalog);
        let assessment = engine(catalog)?.assess_system(&system);
        let subject = Subject { system: &system, assessment: &assessment };
        let name = args.book.display().to_string();
        workbook::import(&bytes, &name, &subject, tree, &mut loaded.sources).map_err(|why| {
            Failure::new(
                format!("`{name}`: {}", why.get(Lang::Ja)),
                format!("`{name}`: {}", why.get(Lang::En)),
            )
        })?
    };
    for note in &imported.notes {
        let label = output.word("注意", "note");
        output.say_raw(&format!("{label}: {}\n", note.get(output.lang)));
    }
    input::report(&loaded.sources, &imported.conflicts, output);
    if !imported.problems.is_empty() {
        input::report(&loaded.sources, &imported.problems, output);
        output.say(&Text::new("何も書き込んでいません", "nothing was written"));
        return Err(Failure::Input);
    }
    let end = || if imported.conflicts.is_empty() { End::Fine } else { End::Findings };
    if !imported.changed {
        output.say(&Text::new("取り込む変更はありません", "there is nothing to import"));
        return Ok(end());
    }
    let read = input::read_for(&args.into);
    let changed = edit::change(&args.into, &read, &catalog.vocabulary(), &loaded, &imported.tree);
    let changed = changed.map_err(|problem| {
        input::report(&loaded.sources, std::slice::from_ref(&*problem), output);
        output.say(&Text::new("何も書き込んでいません", "nothing was written"));
        Failure::Input
    })?;
    let (lines, unknown) = diff::compared(&loaded, &changed.loaded, catalog, |found, _, new| {
        (found.lines(), unknown_scenarios(&imported.tree, new.scenarios, &loaded.sources))
    })?;
    print(output, &diff::text(&lines, output))?;
    input::report(&loaded.sources, &unknown, output);
    if args.dry_run {
        output.say(&Text::new("何も書き込んでいません（--dry-run）", "nothing was written (--dry-run)"));
        return Ok(end());
    }
    let names = changed.files.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
    if !args.yes && !agrees(&names, output)? {
        output.say(&Text::new("何も書き込んでいません", "nothing was written"));
        return Ok(End::Findings);
    }
    write(&changed.files, &loaded)?;
    output.say(&Text::new(
        format!("{}に書き込みました", names.join("、")),
        format!("wrote {}", names.join(", ")),
    ));
    Ok(end())
}

/// What the workbook accepts although the changed system has no such risk, each at its cell.
fn unknown_scenarios(tree: &Node, scenarios: &Scenarios, sources: &Sources) -> Vec<Diagnostic> {
    let accepted = tree.get("acceptances").map_or(&[][..], Node::items).iter();
    let named = accepted.filter_map(|item| item.get("scenario"));
    let brought = named.filter(|node| sources.is_cell(node.span.file));
    let unknown = brought.filter_map(|node| {
        let id = node.scalar().filter(|id| scenarios.get(id).is_none())?;
        Some(paths::unknown_scenario(id).at(node.span))
    });
    unknown.collect()
}

/// Asks whether to write.
fn agrees(names: &[String], output: Output) -> Result<bool, Failure> {
    if !Output::is_interactive() {
        return Err(Failure::new(
            "確かめる相手がいません。変更を見るだけなら`--dry-run`、書き込むなら`--yes`を付けてください",
            "there is nobody to ask; add `--dry-run` to look at the changes only, or `--yes` to write them",
        ));
    }
    let question = match output.lang {
        Lang::Ja => format!("この変更を{}に書き込みますか。 [y/N]: ", names.join("、")),
        Lang::En => format!("Write these changes to {}? [y/N]: ", names.join(", ")),
    };
    let answer = init::ask(output, &question)?;
    Ok(["y", "yes", "はい"].contains(&answer.to_lowercase().as_str()))
}

/// Writes all files, or none: everything is made before the first takes its place.
fn write(files: &[(String, String)], loaded: &Loaded) -> Result<(), Failure> {
    let mut ready: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (name, text) in files {
        // A link stays one: the file that it leads to is written.
        let path = fs::canonicalize(name).map_err(|error| cannot_write(Path::new(name), &error))?;
        let now = fs::read(&path).map_err(|error| cannot_write(&path, &error))?;
        let (mark, now) = match now.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => (BYTE_ORDER_MARK, rest),
            None => (&[][..], now.as_slice()),
        };
        let read = loaded.sources.ids().find(|file| loaded.sources.name(*file) == name);
        if read.is_none_or(|file| loaded.sources.text(file).as_bytes() != now) {
            return Err(Failure::new(
                format!("`{name}`がその間に変わりました。もう一度取り込んでください"),
                format!("`{name}` has changed in the meantime; import again"),
            ));
        }
        ready.push((path, [mark, text.as_bytes()].concat()));
    }
    write_all(&ready)
}

/// What some editors put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
