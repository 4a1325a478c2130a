//! Policies and the employee handbook on the command line.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anshin_catalog::Catalog;
use anshin_checklist::policy::{COMPANY_FACTS, Document, Texts, document, load_texts};
use anshin_checklist::{Checklists, File, load_answers};
use anshin_model::shape::{did_you_mean, nearest};
use anshin_model::{Id, Text};
use clap::{Args, Subcommand, ValueEnum};

use crate::beside::write_whole;
use crate::clock::today;
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{End, print};

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List the documents and the words that you can fill in.
    List,
    /// Write the documents with your words, only what applies to you.
    Write(WriteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WriteArgs {
    /// The documents; all if left out.
    documents: Vec<String>,
    /// Answers, such as those of the five-minute diagnosis: what is out of scope is left out. May be repeated.
    #[arg(long, value_name = "FILE")]
    answers: Vec<PathBuf>,
    /// Words to fill in, such as `company=Yamada Works`. May be repeated.
    #[arg(long, value_name = "NAME=WORDS")]
    set: Vec<String>,
    /// The folder to write to; it is made if need be.
    #[arg(short, long, value_name = "FOLDER", default_value = "policies")]
    output: PathBuf,
    /// Form of the documents; all if left out. May be repeated.
    #[arg(long, value_enum)]
    format: Vec<PolicyFormat>,
    /// The folder of the last issue, in Markdown: what differs from it is marked.
    #[arg(long, value_name = "FOLDER")]
    against: Option<PathBuf>,
    /// Date of the issue; today if left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

/// Form of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyFormat {
    /// Text with marks; the last issue is read in this form.
    Md,
    /// A page for reading and printing.
    Html,
    /// A Word document, with tracked changes.
    Docx,
}

/// Runs a command about policies. `own` holds the user's own catalog files.
pub(crate) fn run(
    command: &PolicyCommand,
    own: &[PathBuf],
    catalog: &Catalog,
    output: Output,
) -> Result<End, Failure> {
    let checklists = input::checklists(own, catalog, output)?;
    let texts = texts(&checklists, output)?;
    let args = match command {
        PolicyCommand::List => return print(output, &list(&texts, output)),
        PolicyCommand::Write(args) => args,
    };
    let mut rounds = Vec::new();
    for path in &args.answers {
        let loaded = load_answers(read(path)?, &checklists, catalog);
        input::report(&loaded.sources, &loaded.diagnostics, output);
        rounds.push(loaded.round.ok_or(Failure::Input)?);
    }
    let mut words = words(&args.set, &texts)?;
    // The name of the company stands in the answers as well.
    if let Some(subject) = rounds.iter().find_map(|round| round.answers.subject.clone()) {
        words.entry("company".to_owned()).or_insert(subject);
    }
    let wanted: Vec<&Texts> = if args.documents.is_empty() {
        texts.iter().collect()
    } else {
        args.documents.iter().map(|id| pick(&texts, id)).collect::<Result<_, _>>()?
    };
    let formats = if args.format.is_empty() {
        vec![PolicyFormat::Md, PolicyFormat::Html, PolicyFormat::Docx]
    } else {
        args.format.clone()
    };
    let date = args.date.clone().unwrap_or_else(today);
    std::fs::create_dir_all(&args.output).map_err(|error| {
        let shown = args.output.display();
        Failure::new(
            format!("フォルダー`{shown}`を作れません（{error}）"),
            format!("cannot make the folder `{shown}` ({error})"),
        )
    })?;
    let facts = Id::from(COMPANY_FACTS);
    if wanted.iter().any(|texts| texts.asks(&facts)) && !rounds.iter().any(|round| round.list.id == facts) {
        output.say(&Text::new(
            "会社の状況が分からないため、当てはまらないものも文書にします。`anshin checklist new company-facts`で答えて、一緒に渡してください",
            "the facts about the company are not known, so documents that do not apply are made as well; answer `anshin checklist new company-facts` and pass it along",
        ));
    }
    for texts in wanted {
        let made = document(texts, &rounds, &words, &date, output.lang);
        if made.is_empty() {
            output.say(&Text::new(
                format!("`{}`は、当てはまる項目がないため作りません", texts.id),
                format!("`{}` is left out, since nothing in it applies", texts.id),
            ));
            continue;
        }
        let made = match &args.against {
            Some(folder) => against(&made, folder, output)?,
            None => made,
        };
        for format in &formats {
            let (ending, bytes) = match format {
                PolicyFormat::Md => ("md", made.markdown().into_bytes()),
                PolicyFormat::Html => ("html", made.html(output.lang).into_bytes()),
                PolicyFormat::Docx => {
                    let bytes = anshin_report::policy_docx(&made, &date, output.lang);
                    ("docx", bytes.map_err(|error| Failure::new(error.to_string(), error.to_string()))?)
                }
            };
            let path = args.output.join(format!("{}.{ending}", texts.id));
            write_whole(&path, |out| out.write_all(&bytes))?;
            let shown = path.display();
            output.say(&Text::new(format!("`{shown}`を書きました"), format!("wrote `{shown}`")));
        }
    }
    Ok(End::Fine)
}

/// The texts that documents are made of.
pub(crate) fn texts(checklists: &Checklists, output: Output) -> Result<Vec<Texts>, Failure> {
    let built_in = anshin_catalog::built_in_files_beside("policy-texts").into_iter();
    let files = built_in.map(|file| File { name: file.name, bytes: file.bytes }).collect();
    let loaded = load_texts(files, checklists);
    input::report(&loaded.sources, &loaded.diagnostics, output);
    loaded.texts.ok_or(Failure::Input)
}

fn read(path: &Path) -> Result<File, Failure> {
    let shown = path.display().to_string();
    let bytes = input::read(path, anshin_checklist::LIMITS.bytes).map_err(|error| {
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    Ok(File { name: shown, bytes })
}

/// Marks what differs from the last issue; a document that it did not have is new as a whole.
fn against(made: &Document, folder: &Path, output: Output) -> Result<Document, Failure> {
    let path = folder.join(format!("{}.md", made.id));
    let shown = path.display().to_string();
    if !path.exists() {
        output.say(&Text::new(
            format!("`{shown}`がないため、この文書には変更の印を付けません"),
            format!("there is no `{shown}`, so nothing is marked in this document"),
        ));
        return Ok(made.clone());
    }
    let text = String::from_utf8(read(&path)?.bytes).map_err(|_| {
        Failure::new(format!("`{shown}`がUTF-8ではありません"), format!("`{shown}` is not UTF-8"))
    })?;
    Ok(made.against(&Document::from_markdown(Id::from(made.id.as_str()), &text)))
}

fn pick<'a>(texts: &'a [Texts], id: &str) -> Result<&'a Texts, Failure> {
    texts.iter().find(|own| own.id == *id).ok_or_else(|| {
        let all = texts.iter().map(|own| own.id.as_str()).collect::<Vec<_>>().join(", ");
        Failure::new(
            format!("文書`{id}`はありません。あるもの: {all}"),
            format!("there is no document `{id}`; there are: {all}"),
        )
    })
}

/// Words from `name=words`.
fn words(set: &[String], texts: &[Texts]) -> Result<BTreeMap<String, Text>, Failure> {
    let known: Vec<&str> =
        texts.iter().flat_map(|own| own.choices.iter().map(|choice| choice.id.as_str())).collect();
    let mut out = BTreeMap::new();
    for word in set {
        let Some((name, words)) = word.split_once('=') else {
            return Err(Failure::new(
                format!("`--set {word}`は`名前=言葉`の形で書いてください"),
                format!("write `--set {word}` as `NAME=WORDS`"),
            ));
        };
        if !known.contains(&name) {
            let hint = nearest(name, known.iter().copied()).map(did_you_mean);
            let hint = hint.unwrap_or_else(|| {
                Text::new("`anshin policy list`が一覧を示します", "`anshin policy list` shows them")
            });
            let message = Text::new(
                "`{name}`という言葉はどの文書にもありません。{hint}",
                "no document has the words `{name}`; {hint}",
            )
            .fill(&[("name", &Text::same(name)), ("hint", &hint)]);
            return Err(Failure::Other(message));
        }
        out.insert(name.to_owned(), Text::same(words));
    }
    Ok(out)
}

fn list(texts: &[Texts], output: Output) -> String {
    let lang = output.lang;
    let mut out = String::new();
    for own in texts {
        let defaults: Vec<(&str, &Text)> =
            own.choices.iter().map(|choice| (choice.id.as_str(), &choice.default)).collect();
        let title = own.title.fill(&defaults);
        let _ = writeln!(out, "{}  {}", output.strong(own.id.as_str()), title.get(lang));
        let _ = writeln!(out, "    {}", own.about.get(lang));
        for choice in &own.choices {
            let _ =
                writeln!(out, "    {}: {} ({})", choice.id, choice.ask.get(lang), choice.default.get(lang));
        }
    }
    out
}
