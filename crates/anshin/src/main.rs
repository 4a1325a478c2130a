#![doc = include_str!("../README.md")]

mod agreement;
mod beside;
mod checklist;
mod cli;
mod clock;
mod diff;
mod help;
mod import;
mod init;
mod input;
mod ledger;
mod monitor;
mod output;
mod paths;
mod plan;
mod policy;
mod quantify;
mod replay;
mod report;
mod serve;
mod sheet;
mod show;
mod show_catalog;
mod show_money;
mod show_paths;
mod show_plan;
mod wrong_arguments;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anshin_assess::{Engine, MeasureState, System, UnknownSubject, v1};
use anshin_catalog::Catalog;
use anshin_model::diagnostic::{Code, Diagnostic, Level};
use anshin_model::tree::Node;
use anshin_model::{Lang, Text, format, shape};
use clap::{CommandFactory as _, FromArgMatches as _};

use beside::write_whole;
use cli::{
    AssessArgs, CatalogCommand, CheckArgs, Cli, ColorArg, Command, ExplainArgs, Finding, Format, LangArg,
};
use input::Failure;
use output::Output;

/// What a command ends with: 0 fine, 1 findings that were asked for, 2 wrong input.
pub(crate) enum End {
    Fine,
    Findings,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let lang = language(&arguments);
    let command = match lang {
        Lang::Ja => help::in_japanese(Cli::command()),
        Lang::En => Cli::command(),
    };
    let matches = command.try_get_matches_from(arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => match wrong_arguments::message(&error, lang) {
            Some(message) => {
                Output::new(lang, anstream::ColorChoice::Auto).say_raw(&message);
                return ExitCode::from(2);
            }
            None => error.exit(),
        },
    };
    let color = match cli.common.color {
        ColorArg::Auto => anstream::ColorChoice::Auto,
        ColorArg::Always => anstream::ColorChoice::Always,
        ColorArg::Never => anstream::ColorChoice::Never,
    };
    let output = Output::new(lang, color);
    match run(&cli, output) {
        Ok(End::Fine) => ExitCode::SUCCESS,
        Ok(End::Findings) => ExitCode::from(1),
        Err(Failure::Input) => ExitCode::from(2),
        Err(Failure::Other(message)) => {
            let label = output.word("エラー", "error");
            output.say_raw(&format!("{label}: {}\n", message.get(lang)));
            ExitCode::from(2)
        }
    }
}

/// The language: asked for, or that of the environment.
///
/// The arguments are looked at before they are parsed, because the help itself depends on it;
/// of several, the last one counts, as for the parser.
fn language(arguments: &[std::ffi::OsString]) -> Lang {
    let words: Vec<_> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let asked = words.iter().enumerate().rev().find_map(|(n, word)| match *word {
        "--lang" => words.get(n + 1).copied(),
        word => word.strip_prefix("--lang="),
    });
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let environment = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    };
    let is_ja = match asked {
        Some(word) => word == "ja",
        None => environment().is_some_and(|value| value.starts_with("ja")),
    };
    if is_ja { Lang::Ja } else { Lang::En }
}

fn run(cli: &Cli, output: Output) -> Result<End, Failure> {
    debug_assert!(cli.common.lang.is_none_or(|lang| (lang == LangArg::Ja) == (output.lang == Lang::Ja)));
    match &cli.command {
        Command::Init(args) => init::run(args, output).map(|()| End::Fine),
        Command::Generate(args) => print(output, &anshin_assess::generate::system(args.assets)),
        Command::Serve(args) => serve::run(args, output),
        Command::Administrator(args) => serve::administrator(args, output),
        Command::Backup(args) => serve::backup(args, output),
        Command::Restore(args) => serve::restore(args, output),
        Command::Audit(command) => serve::audit(command, output),
        command => {
            let matrix = match command {
                Command::Paths(args) => args.matrix.as_deref(),
                Command::Replay(args) => args.matrix.as_deref(),
                Command::Plan(args) => args.wishes.matrix.as_deref(),
                Command::Report(args) => args.wishes.matrix.as_deref(),
                Command::Quantify(args) => args.matrix.as_deref(),
                _ => None,
            };
            let mut files = cli.common.catalog.clone();
            files.extend(paths::matrix_file(matrix).map(Path::to_owned));
            let catalog = input::catalog(&files, output)?;
            with_catalog(cli, &catalog, output)
        }
    }
}

fn with_catalog(cli: &Cli, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    match &cli.command {
        Command::Init(_)
        | Command::Generate(_)
        | Command::Serve(_)
        | Command::Administrator(_)
        | Command::Backup(_)
        | Command::Restore(_)
        | Command::Audit(_) => Ok(End::Fine),
        Command::Check(args) => check(args, catalog, output),
        Command::Assess(args) => assess(args, &cli.common.catalog, catalog, output),
        Command::Plan(args) => {
            let is_short = plan::run(args, catalog, output)?;
            Ok(if is_short && args.fail_on.is_some() { End::Findings } else { End::Fine })
        }
        Command::Paths(args) => paths::run(args, catalog, output),
        Command::Replay(args) => replay::run(args, catalog, output),
        Command::Report(args) => {
            let loaded = input::document(&args.file, catalog, output);
            let Some(document) = &loaded.document else { return Err(Failure::Input) };
            let system = System::new(document, catalog);
            let engine = engine(catalog)?;
            let assessment = engine.assess_system(&system);
            let subject = anshin_report::Subject { system: &system, assessment: &assessment };
            let after = anshin_report::levels_after_measures(&engine, &subject);
            let tree = loaded.tree.as_ref().ok_or(Failure::Input)?;
            let answers = checklist::evidence::read(&args.answers, &cli.common.catalog, catalog, output)?;
            let terrain = engine.terrain(&system, &assessment);
            let scenarios = if args.only_for.is_none() {
                Some(report::InScenarios::new(&terrain, catalog, args, output)?)
            } else {
                report::goes_into_a_request(args)?;
                None
            };
            let plan = scenarios.as_ref().and_then(report::InScenarios::plan);
            let matrix = paths::matrix(args.wishes.matrix.as_deref(), catalog)?;
            let seen = quantify::Seen { subject, terrain: &terrain, matrix, plan };
            let in_money = |money: &PathBuf| seen.in_money(money, output);
            let money = args.money.as_ref().map(in_money).transpose()?;
            let watched = monitor::evidence::read(args.monitor.as_deref())?;
            let beside = report::Beside {
                after: after.as_deref(),
                watched: watched.as_ref(),
                money: money.as_ref(),
                answers: &answers,
                scenarios: scenarios.as_ref(),
            };
            report::run(args, (&subject, tree), beside, output).map(|()| End::Fine)
        }
        Command::Quantify(args) => {
            let loaded = input::document(&args.file, catalog, output);
            let Some(document) = &loaded.document else { return Err(Failure::Input) };
            let system = System::new(document, catalog);
            quantify::run(args, &system, &engine(catalog)?, output).map(|()| End::Fine)
        }
        Command::Import(args) => import::run(args, catalog, output),
        Command::Explain(args) => explain(args, catalog, output),
        Command::Diff(args) => diff::run(args, catalog, output),
        Command::Monitor(command) => monitor::run(command, catalog, output),
        Command::Schema => {
            let schema =
                shape::json_schema(&format::DOCUMENT, "Anshin system document", &catalog.vocabulary());
            print(output, &format!("{schema:#}\n"))
        }
        Command::Ledger(command) => ledger::run(command, output),
        Command::Policy(command) => policy::run(command, &cli.common.catalog, catalog, output),
        Command::Checklist(command) => checklist::run(command, &cli.common.catalog, catalog, output),
        Command::Catalog(command) => look_into(command, catalog, output),
        Command::Time { file } => time(file, catalog, output),
        Command::Agreement(args) => {
            let (text, good) =
                agreement::compare(&args.experts, &args.examples, args.verbose, catalog, output)?;
            print(output, &text)?;
            Ok(if good { End::Fine } else { End::Findings })
        }
    }
}

pub(crate) fn print(output: Output, text: &str) -> Result<End, Failure> {
    output.print(text).map(|()| End::Fine).map_err(|e| Failure::new(e.to_string(), e.to_string()))
}

fn check(args: &CheckArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let loaded = match args.format {
        Format::Text => input::document(&args.file, catalog, output),
        Format::Json => input::document_showing(&args.file, catalog, output, input::Shows::Nothing),
    };
    let mut stale = Vec::new();
    if let Some(document) = &loaded.document {
        let assessment = engine(catalog)?.assess(document);
        stale = stale_decisions(&assessment, loaded.tree.as_ref());
    }
    match args.format {
        Format::Text => {
            input::report(&loaded.sources, &stale, output);
            if loaded.diagnostics.is_empty() && stale.is_empty() {
                output.say(&Text::new("誤りはありません", "nothing is wrong"));
            }
        }
        Format::Json => {
            let rows: Vec<_> =
                loaded.diagnostics.iter().chain(&stale).map(|d| diagnostic_row(d, &loaded.sources)).collect();
            let json = serde_json::json!({ "anshin": 1, "diagnostics": rows });
            print(output, &format!("{json:#}\n"))?;
        }
    }
    let warned = !stale.is_empty() || !loaded.diagnostics.is_empty();
    if loaded.has_errors() || (args.strict && warned) { Err(Failure::Input) } else { Ok(End::Fine) }
}

fn diagnostic_row(diagnostic: &Diagnostic, sources: &anshin_model::tree::Sources) -> serde_json::Value {
    let text = |text: &Text| serde_json::json!({ "ja": text.get(Lang::Ja), "en": text.get(Lang::En) });
    let place = diagnostic.span.filter(|_| !sources.is_empty()).map(|span| {
        let (line, column) = sources.line_column(span);
        serde_json::json!({ "file": sources.name(span.file), "line": line, "column": column })
    });
    serde_json::json!({
        "code": diagnostic.code.as_str(),
        "level": match diagnostic.level { Level::Error => "error", Level::Warning => "warning" },
        "message": text(&diagnostic.message),
        "hints": diagnostic.hints.iter().map(text).collect::<Vec<_>>(),
        "place": place,
    })
}

/// Stale decisions as warnings at their place in the document.
fn stale_decisions(assessment: &anshin_assess::Assessment, tree: Option<&Node>) -> Vec<Diagnostic> {
    let decisions = tree.and_then(|tree| tree.get("decisions")).map_or(&[][..], Node::items);
    assessment
        .stale
        .iter()
        .map(|stale| {
            let warning = Diagnostic::warning(Code::StaleDecision, stale.why.clone()).hint(Text::new(
                "`anshin explain`で今の理由を確かめ、決定を改めるか`seen`を書き直してください",
                "look at the reasons with `anshin explain`, then change the decision or its `seen`",
            ));
            match decisions.get(stale.decision).and_then(|d| d.get("subject")) {
                Some(subject) => warning.at(subject.span),
                None => warning,
            }
        })
        .collect()
}

pub(crate) fn engine(catalog: &Catalog) -> Result<Engine<'_>, Failure> {
    Engine::new(catalog).map_err(|error| {
        Failure::new(
            format!("カタログの規則が使う事実が多すぎます（{}まで）", anshin_assess::MAX_FACTS),
            error.to_string(),
        )
    })
}

/// An assessment with what answers of checklists, and records of a monitor, say about its requirements.
#[derive(serde::Serialize)]
struct WithEvidence<'a> {
    #[serde(flatten)]
    report: v1::Report<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitor: Option<serde_json::Value>,
}

fn assess(args: &AssessArgs, own: &[PathBuf], catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let loaded = input::document(&args.file, catalog, output);
    let Some(document) = &loaded.document else { return Err(Failure::Input) };
    let answers = checklist::evidence::read(&args.answers, own, catalog, output)?;
    let watched = monitor::evidence::read(args.monitor.as_deref())?;
    let engine = engine(catalog)?;
    let system = System::new(document, catalog);
    let assessment = engine.assess_system(&system);
    let today = paths::day(args.today.as_deref())?;
    let matrix = paths::matrix(None, catalog)?;
    // A large assessment as JSON is larger than the assessment: it is written as it is made.
    let write = |out: &mut dyn io::Write| match args.format {
        Format::Json => {
            let terrain = engine.terrain(&system, &assessment);
            let scenarios = terrain.scenarios(matrix, &MeasureState::in_place(document));
            let report = v1::Report::new(&assessment, catalog).with_scenarios(&terrain, &scenarios);
            let answers = (!args.answers.is_empty()).then(|| checklist::evidence::json(&answers));
            let monitor = watched.as_ref().map(monitor::evidence::json);
            serde_json::to_writer_pretty(&mut *out, &WithEvidence { report, answers, monitor })?;
            out.write_all(b"\n")
        }
        Format::Text => {
            let output = if args.output.is_some() { Output { color: false, ..output } } else { output };
            let view = show::View {
                system: &system,
                catalog,
                assessment: &assessment,
                output,
                verbose: args.verbose,
            };
            out.write_all(view.assessment().as_bytes())?;
            if !args.answers.is_empty() {
                let text = checklist::evidence::text(&answers, &assessment, catalog, output);
                out.write_all(text.as_bytes())?;
            }
            if let Some(watched) = &watched {
                let text = monitor::evidence::text(watched, &system, &assessment, output);
                out.write_all(text.as_bytes())?;
            }
            Ok(())
        }
    };
    match &args.output {
        Some(path) => write_whole(path, write)?,
        None => output.print_with(write).map_err(|e| Failure::new(e.to_string(), e.to_string()))?,
    }
    let found = args.fail_on.iter().any(|finding| match finding {
        Finding::OutsideTarget => assessment.ratings.iter().any(|rating| !rating.within()),
        Finding::StaleDecision => !assessment.stale.is_empty(),
        Finding::Warning => !loaded.diagnostics.is_empty(),
        Finding::ExpiredAcceptance => {
            let terrain = engine.terrain(&system, &assessment);
            paths::residual(&terrain, matrix, document, &today).expired().next().is_some()
        }
    });
    Ok(if found { End::Findings } else { End::Fine })
}

/// Seconds for each step, the least of ten runs of the assessment itself.
fn time(file: &Path, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let start = Instant::now();
    let loaded = input::document(file, catalog, output);
    let reading = start.elapsed().as_secs_f64();
    let Some(document) = &loaded.document else { return Err(Failure::Input) };
    let engine = engine(catalog)?;
    let assessing = (0..10)
        .map(|_| {
            let start = Instant::now();
            let assessment = engine.assess(document);
            let elapsed = start.elapsed().as_secs_f64();
            drop(assessment);
            elapsed
        })
        .fold(f64::INFINITY, f64::min);
    let lines = format!("read and check {reading:.6}\nassess {assessing:.6}\n");
    print(output, &lines)
}

fn explain(args: &ExplainArgs, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let loaded = input::document(&args.file, catalog, output);
    let Some(document) = &loaded.document else { return Err(Failure::Input) };
    let engine = engine(catalog)?;
    let system = System::new(document, catalog);
    let assessment = engine.assess_system(&system);
    let is_scenario = || {
        let terrain = engine.terrain(&system, &assessment);
        let matrix = paths::matrix(None, catalog);
        matrix
            .is_ok_and(|matrix| terrain.scenarios(matrix, &MeasureState::bare()).get(&args.subject).is_some())
    };
    let explanation = engine.explain(&system, &assessment, &args.subject).map_err(|error| match error {
        UnknownSubject::Form if is_scenario() => Failure::new(
            format!("`{0}`はリスクシナリオです。`anshin paths {1} {0}`が経路と理由を示します", args.subject, args.file.display()),
            format!("`{0}` is a risk scenario; `anshin paths {1} {0}` shows its paths and reasons", args.subject, args.file.display()),
        ),
        UnknownSubject::Form => Failure::new(
            format!(
                "`{}`は説明できません。threat/機器/脅威、rating/ステークホルダー/軸、requirement/対策要件、implementer/対策要件のいずれかを指定してください",
                args.subject
            ),
            format!(
                "`{}` cannot be explained; name threat/ASSET/THREAT, rating/STAKEHOLDER/AXIS, requirement/ID or implementer/REQUIREMENT",
                args.subject
            ),
        ),
        UnknownSubject::Part(section, word) => {
            let near = match section {
                "assets" => shape::nearest(&word, system.assets.keys().copied()),
                "stakeholders" => shape::nearest(&word, system.stakeholders.keys().copied()),
                "threats" => shape::nearest(&word, catalog.threats.keys().map(anshin_model::Id::as_str)),
                "axes" => shape::nearest(&word, ["recovery", "economic"].into_iter()),
                _ => shape::nearest(&word, catalog.requirements.keys().map(anshin_model::Id::as_str)),
            };
            let (ja, en) = near.map_or_else(Default::default, |near| {
                (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?"))
            });
            Failure::new(format!("{section}に`{word}`がありません{ja}"), format!("there is no `{word}` in {section}{en}"))
        }
    })?;
    let view = show::View { system: &system, catalog, assessment: &assessment, output, verbose: true };
    print(output, &view.explanation(&explanation))
}

fn look_into(command: &CatalogCommand, catalog: &Catalog, output: Output) -> Result<End, Failure> {
    let no_section = |section: &str| {
        let near = shape::nearest(section, show_catalog::section_names());
        let all = show_catalog::section_names().collect::<Vec<_>>().join(", ");
        let (ja, en) = near.map_or_else(
            || (format!("。ある節: {all}"), format!("; sections: {all}")),
            |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
        );
        Failure::new(
            format!("`{section}`という節はありません{ja}"),
            format!("there is no section `{section}`{en}"),
        )
    };
    match command {
        CatalogCommand::List { section: None } => print(output, &show_catalog::sections(catalog, output)),
        CatalogCommand::List { section: Some(section) } => {
            let text = show_catalog::list(catalog, section, output).ok_or_else(|| no_section(section))?;
            print(output, &text)
        }
        CatalogCommand::Show { section, id } => {
            let ids = catalog.ids(section).ok_or_else(|| no_section(section))?;
            let text = show_catalog::entry(catalog, section, id, output).ok_or_else(|| {
                let near = shape::nearest(id, ids.iter().map(|id| id.as_str()));
                let (ja, en) = near.map_or_else(Default::default, |near| {
                    (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?"))
                });
                Failure::new(
                    format!("{section}に`{id}`がありません{ja}"),
                    format!("there is no `{id}` in {section}{en}"),
                )
            })?;
            print(output, &text)
        }
        CatalogCommand::Check => {
            output.say(&Text::new("カタログに誤りはありません", "nothing is wrong with the catalog"));
            print(output, &show_catalog::sections(catalog, output))
        }
    }
}
