//! `anshin init`: a new document from a template or an example.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{BufRead as _, Write as _};

use anshin_model::{Lang, id};
use include_dir::{Dir, include_dir};

use crate::cli::InitArgs;
use crate::input::Failure;
use crate::output::Output;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../templates");
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

/// The document that a new one starts from.
struct Start {
    name: String,
    text: &'static str,
}

/// Names and texts of the documents in a folder, in the order of their names.
fn starts(dir: &'static Dir<'_>) -> Vec<Start> {
    let mut starts: Vec<Start> = dir
        .files()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?.strip_suffix(".yaml")?.to_owned();
            Some(Start { name, text: file.contents_utf8()? })
        })
        .collect();
    starts.sort_by(|a, b| a.name.cmp(&b.name));
    starts
}

/// The name of the system in a document, for listings.
fn system_name(text: &str, lang: Lang) -> String {
    let loaded =
        anshin_model::load::load_text("start.yaml", text, &anshin_model::shape::Vocabulary::default());
    loaded.document.map_or_else(String::new, |document| document.system.name.get(lang).to_owned())
}

/// Carries out `anshin init`.
pub(crate) fn run(args: &InitArgs, output: Output) -> Result<(), Failure> {
    if args.list {
        let mut out = String::new();
        for (ja, en, dir) in [("雛形", "templates", &TEMPLATES), ("例", "examples", &EXAMPLES)] {
            out.push_str(output.word(ja, en));
            out.push('\n');
            for start in starts(dir) {
                let _ = writeln!(out, "  {:<24} {}", start.name, system_name(start.text, output.lang));
            }
        }
        return output.print(&out).map_err(|e| Failure::new(e.to_string(), e.to_string()));
    }
    // Before any question is asked: an answer must not be lost.
    if args.file.exists() {
        let shown = args.file.display();
        return Err(Failure::new(
            format!("`{shown}`はすでにあります。別のファイル名を指定してください"),
            format!("`{shown}` exists already; name another file"),
        ));
    }
    // Whoever names a start in place of a file means it, and would get a file of that name made of another one.
    if let Some(option) = start_named(args) {
        let name = args.file.display();
        return Err(Failure::new(
            format!(
                "`{name}`は雛形か例の名前で、書くファイルの名前ではありません。それから始めるには: anshin init system.yaml --{option} {name}"
            ),
            format!(
                "`{name}` is the name of a template or an example, not of a file to write; to start from it: anshin init system.yaml --{option} {name}"
            ),
        ));
    }
    let asks = Output::is_interactive() && !args.no_input;
    let start = choose(args, asks, output)?;
    let mut text = start.text.to_owned();
    if let Some(name) = name(args, asks, output)? {
        text = rename(&text, &name);
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&args.file)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    let shown = args.file.display();
    written.map_err(|error| {
        Failure::new(format!("`{shown}`に書けません（{error}）"), format!("cannot write `{shown}` ({error})"))
    })?;
    output.say_raw(&match output.lang {
        Lang::Ja => {
            format!("`{shown}`を作りました。事実を書き換えて、次を実行してください: anshin assess {shown}\n")
        }
        Lang::En => format!("wrote `{shown}`; change the facts to yours, then run: anshin assess {shown}\n"),
    });
    Ok(())
}

/// The option that starts from what is named where a file should be.
fn start_named(args: &InitArgs) -> Option<&'static str> {
    let name = args.file.to_str().filter(|_| args.template.is_none() && args.example.is_none())?;
    let all = [("template", &TEMPLATES), ("example", &EXAMPLES)];
    all.into_iter()
        .find(|(_, dir)| starts(dir).iter().any(|start| start.name == name))
        .map(|(option, _)| option)
}

fn choose(args: &InitArgs, asks: bool, output: Output) -> Result<Start, Failure> {
    let templates = starts(&TEMPLATES);
    if let Some(name) = &args.example {
        return pick(starts(&EXAMPLES), name);
    }
    if let Some(name) = &args.template {
        return pick(templates, name);
    }
    if asks {
        output.say_raw(output.word("どの形に近いですか。\n", "Which of these is nearest to your system?\n"));
        for (n, start) in templates.iter().enumerate() {
            output.say_raw(&format!(
                "  {}. {} ({})\n",
                n + 1,
                system_name(start.text, output.lang),
                start.name
            ));
        }
        let count = templates.len();
        loop {
            let answer = ask(output, &format!("1-{count} [1]: "))?;
            let n = if answer.is_empty() { Some(1) } else { answer.parse().ok() };
            match n.and_then(|n: usize| n.checked_sub(1)).filter(|n| *n < count) {
                Some(n) => return templates.into_iter().nth(n).ok_or(Failure::Input),
                None => {
                    output.say_raw(output.word("番号で答えてください。\n", "Please answer with a number.\n"));
                }
            }
        }
    }
    pick(templates, "home-product")
}

fn pick(starts: Vec<Start>, name: &str) -> Result<Start, Failure> {
    let all = starts.iter().map(|s| s.name.clone()).collect::<Vec<_>>().join(", ");
    starts.into_iter().find(|s| s.name == name).ok_or_else(|| {
        Failure::new(
            format!("`{name}`はありません。あるもの: {all}"),
            format!("there is no `{name}`; there are: {all}"),
        )
    })
}

fn name(args: &InitArgs, asks: bool, output: Output) -> Result<Option<String>, Failure> {
    if args.name.is_some() || !asks {
        return Ok(args.name.clone());
    }
    let answer = ask(
        output,
        output.word(
            "対象システムの名前（空なら雛形のまま）: ",
            "Name of your system (empty to keep the template's): ",
        ),
    )?;
    Ok((!answer.is_empty()).then_some(answer))
}

/// Asks a person; the answer without white space around it.
pub(crate) fn ask(output: Output, question: &str) -> Result<String, Failure> {
    output.say_raw(question);
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    match read {
        Ok(0) => Err(Failure::new("入力が終わりました", "the input has ended")),
        Ok(_) => Ok(line.trim().to_owned()),
        Err(error) => Err(Failure::new(error.to_string(), error.to_string())),
    }
}

/// Puts a name, and an id made of it, in place of those in `system:`.
///
/// The text is changed line by line so that comments and order stay.
fn rename(text: &str, name: &str) -> String {
    let quoted = serde_json::Value::from(name).to_string();
    let own_id = id::suggest(name).filter(|id| !id.contains('.'));
    let mut in_system = false;
    let mut done = false;
    let mut out = String::with_capacity(text.len() + name.len());
    for line in text.lines() {
        if !line.starts_with(' ') {
            in_system = line.starts_with("system:");
        }
        if in_system && !done && line.starts_with("  name:") {
            let _ = write!(out, "  name: {quoted}");
            done = true;
        } else if let (true, Some(id)) = (in_system && line.starts_with("  id:"), &own_id) {
            let _ = write!(out, "  id: {id}");
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}
