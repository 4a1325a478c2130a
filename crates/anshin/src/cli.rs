//! The command line: what can be asked for.
//!
//! The English help is the documentation of the fields here; [`crate::help`] holds the Japanese.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::monitor::args::MonitorCommand;

/// `IoT` security and safety, from the first sketch of a system to its last switched-off device.
#[derive(Debug, Parser)]
#[command(name = "anshin", version, propagate_version = true, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Language of the output; from the environment (`LC_ALL`, `LC_MESSAGES`, LANG) if left out.
    #[arg(long, global = true, value_enum)]
    pub(crate) lang: Option<LangArg>,
    /// Your own catalog file, or a folder of them, laid over the built-in catalog. May be repeated.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) catalog: Vec<PathBuf>,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto)]
    pub(crate) color: ColorArg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new system document from a template or an example.
    Init(InitArgs),
    /// Check a system document and show everything that is wrong with it.
    Check(CheckArgs),
    /// Assess a system: risk map, threats, requirements, priorities and plan.
    Assess(AssessArgs),
    /// Choose measures: the cheapest set inside the target, or the best for a budget.
    Plan(PlanArgs),
    /// Show risk scenarios with their attack paths, the levels after measures and what stays.
    Paths(PathsArgs),
    /// Play an incident of the past again: would the assessment have pointed at it?
    Replay(ReplayArgs),
    /// Write the assessment as files to hand over: HTML, Excel, PDF, request sheets in Word, pictures.
    Report(ReportArgs),
    /// Turn the risks of a system into money: what a year costs, and what measures are worth.
    Quantify(QuantifyArgs),
    /// Bring the changes of a workbook back into the system document.
    Import(ImportArgs),
    /// Explain why something is proposed, or why it is not.
    Explain(ExplainArgs),
    /// Show what changed between two versions of a system, by meaning.
    Diff(DiffArgs),
    /// Watch machines: energy and time of each cycle, alarms, utilisation.
    #[command(subcommand)]
    Monitor(MonitorCommand),
    /// Run the web program: assess systems in a browser.
    Serve(crate::serve::ServeArgs),
    /// Set up an administrator of the web program without a browser, or let one in again who is locked out; the password is the first line of standard input.
    Administrator(crate::serve::AdministratorArgs),
    /// Write all data of the web program into one file, while it runs.
    Backup(crate::serve::BackupArgs),
    /// Bring a backup of the web program back into an empty place.
    Restore(crate::serve::RestoreArgs),
    /// The audit trail of the web program.
    #[command(subcommand)]
    Audit(crate::serve::AuditCommand),
    /// Print the JSON Schema of the system document, for editors.
    Schema,
    /// Look into the catalog.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Questionnaires: answer them, score them, compare the answers.
    #[command(subcommand)]
    Checklist(crate::checklist::args::ChecklistCommand),
    /// The ledger of information assets: importance and risk values.
    #[command(subcommand)]
    Ledger(crate::ledger::LedgerCommand),
    /// Policies and an employee handbook, made of answers.
    #[command(subcommand)]
    Policy(crate::policy::PolicyCommand),
    /// For developers: compare the proposals for the examples with what experts wrote.
    #[command(hide = true)]
    Agreement(AgreementArgs),
    /// For developers: how long each step of an assessment takes.
    #[command(hide = true)]
    Time {
        /// The system document.
        file: PathBuf,
    },
    /// For developers: write a generated system document.
    #[command(hide = true)]
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The file to write; it must not exist yet.
    #[arg(default_value = "system.yaml")]
    pub(crate) file: PathBuf,
    /// Start from this template.
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    pub(crate) template: Option<String>,
    /// Start from this worked example.
    #[arg(long, value_name = "NAME")]
    pub(crate) example: Option<String>,
    /// List the templates and examples.
    #[arg(long)]
    pub(crate) list: bool,
    /// Name of your system.
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// Ask nothing, even on a terminal.
    #[arg(long)]
    pub(crate) no_input: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct AssessArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write to this file instead of the terminal.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Answers of a checklist: what they say about the requirements is shown. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Vec<PathBuf>,
    /// Records of a monitor that watches the system's machines, which are evidence: the folder of its state, or
    /// the address of the database of its team.
    #[arg(long, value_name = "FOLDER|URL")]
    pub(crate) monitor: Option<String>,
    /// Show the reason of every proposal, and threats below the cut as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// The day by which acceptances expire, YYYY-MM-DD; today if left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
    /// End with exit code 1 if this is found. May be repeated.
    #[arg(long, value_enum, value_name = "FINDING")]
    pub(crate) fail_on: Vec<Finding>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) wishes: WishArgs,
    /// The numbers of your organization: what the plan changes in money.
    #[arg(long, value_name = "FILE")]
    pub(crate) money: Option<PathBuf>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    pub(crate) format: PlanFormat,
    /// Write to this file instead of the terminal.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// End with exit code 1 if this is found.
    #[arg(long, value_enum, value_name = "FINDING")]
    pub(crate) fail_on: Option<PlanFinding>,
}

/// What is to be considered when measures are chosen.
#[derive(Debug, Args)]
pub(crate) struct WishArgs {
    /// What to go for: the target if there is no budget, else effect.
    #[arg(long, value_enum)]
    pub(crate) goal: Option<GoalArg>,
    /// Money in all, over all years.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) budget: Option<String>,
    /// Money in any one year.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) budget_per_year: Option<String>,
    /// Money of one stakeholder, over all years. May be repeated.
    #[arg(long, value_name = "STAKEHOLDER=AMOUNT")]
    pub(crate) limit: Vec<String>,
    /// Person-days in all.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) days: Option<String>,
    /// Person-days of each stakeholder in a quarter; 20 for the roadmap if left out.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) days_per_quarter: Option<String>,
    /// Over how many years costs count, 1 to 10; 3 if left out.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) years: Option<String>,
    /// A measure that must not be in the plan: its id, or MEASURE@STAKEHOLDER. May be repeated.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) refuse: Vec<String>,
    /// A measure that must be in the plan: its id, or MEASURE@STAKEHOLDER. May be repeated.
    #[arg(long, value_name = "MEASURE")]
    pub(crate) require: Vec<String>,
    /// The risk matrix: a file that holds one, or the id of one in the catalog (standard).
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) matrix: Option<String>,
    /// How many linear programs may be solved for each question; 10000 if left out.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) effort: Option<String>,
    /// The day by which acceptances expire, YYYY-MM-DD; today if left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
}

/// What a plan goes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GoalArg {
    /// Every stakeholder inside the target, for the least cost.
    Target,
    /// The least risk within the limits.
    Effect,
}

/// A form of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people.
    Text,
    /// For programs; stable.
    Json,
    /// The measures as entries for the document.
    Yaml,
    /// The curve of cost against risk, as a picture.
    Svg,
}

/// What `--fail-on` of `plan` looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFinding {
    /// Somebody stays outside the target.
    OutsideTarget,
}

#[derive(Debug, Args)]
pub(crate) struct PathsArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// Show one scenario with all its paths and reasons: ASSET/CONSEQUENCE/STAKEHOLDER.
    pub(crate) scenario: Option<String>,
    /// Which measures of the document count.
    #[arg(long, value_enum, default_value_t = Measures::InPlace)]
    pub(crate) measures: Measures,
    /// The risk matrix: a file that holds one, or the id of one in the catalog (standard).
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) matrix: Option<String>,
    /// How many paths to look for to each asset.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) paths: u8,
    /// Show all scenarios.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// The day by which acceptances expire, YYYY-MM-DD; today if left out.
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
    /// End with exit code 1 if this is found. May be repeated.
    #[arg(long, value_enum, value_name = "FINDING")]
    pub(crate) fail_on: Vec<PathsFinding>,
}

/// Which measures of a document count as implemented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measures {
    /// None of them.
    None,
    /// Those in place.
    InPlace,
    /// Those in place and planned.
    Planned,
}

/// What `--fail-on` of `paths` looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsFinding {
    /// A scenario that is to be looked at further.
    AboveCut,
    /// A stakeholder outside the target after the measures that count.
    OutsideTarget,
    /// A risk that stays and that nobody has accepted.
    OpenRisk,
    /// An acceptance whose day is past.
    ExpiredAcceptance,
    /// An acceptance of a scenario that is not there.
    UnknownScenario,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The incident; all of them are listed if left out.
    pub(crate) incident: Option<String>,
    /// List the incidents, each with the rank of the scenario that happened.
    #[arg(long)]
    pub(crate) list: bool,
    /// The risk matrix: a file that holds one, or the id of one in the catalog (standard).
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) matrix: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write a report into this folder as well: a page, a workbook and a PDF.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// The folder to write to; it is made if need be.
    #[arg(short, long, value_name = "FOLDER", default_value = "report")]
    pub(crate) output: PathBuf,
    /// What to write; if left out, everything that can be made here. May be repeated.
    #[arg(long, value_enum)]
    pub(crate) format: Vec<ReportFormat>,
    /// The numbers of your organization: adds risk in money to the report.
    #[arg(long, value_name = "FILE")]
    pub(crate) money: Option<PathBuf>,
    /// Choose the cheapest measures, and add them with their schedule and the curve of cost against
    /// risk; the search may take a while.
    #[arg(long)]
    pub(crate) plan: bool,
    #[command(flatten)]
    pub(crate) wishes: WishArgs,
    /// Answers of checklists: adds a worksheet with what they say about the requirements. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Vec<PathBuf>,
    /// Records of a monitor that watches the system's machines, which are evidence: the folder of its state, or
    /// the address of the database of its team.
    #[arg(long, value_name = "FOLDER|URL")]
    pub(crate) monitor: Option<String>,
    /// Write only the request sheet for this stakeholder.
    #[arg(long = "for", value_name = "STAKEHOLDER")]
    pub(crate) only_for: Option<String>,
    /// Whose report it is: a small YAML file with organization, logo, colours, document number and so on.
    #[arg(long, value_name = "FILE")]
    pub(crate) branding: Option<PathBuf>,
    /// A font file for the PDF and the pictures of the workbook, taken before the fonts of the system. May
    /// be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
}

/// A form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Everything below; an error if one of them cannot be made.
    All,
    /// The report and the request sheets as self-contained pages.
    Html,
    /// A workbook with a sheet for each worksheet.
    Xlsx,
    /// The report and the request sheets as PDF.
    Pdf,
    /// The request sheets as Word documents.
    Docx,
    /// The pictures.
    Svg,
}

impl ReportFormat {
    /// All but `All`.
    pub(crate) const EACH: [Self; 5] = [Self::Html, Self::Xlsx, Self::Pdf, Self::Docx, Self::Svg];

    /// The word on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Whether request sheets are written in it.
    pub(crate) fn holds_requests(self) -> bool {
        matches!(self, Self::All | Self::Html | Self::Pdf | Self::Docx)
    }
}

#[derive(Debug, Args)]
pub(crate) struct QuantifyArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// The numbers of your organization; defaults if left out.
    #[arg(long, value_name = "FILE")]
    pub(crate) money: Option<PathBuf>,
    /// Print a money file to fill in.
    #[arg(long)]
    pub(crate) template: bool,
    /// Take the measures that `anshin plan` chooses in place of those planned in the document.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Choose the best measures for this money, over three years, instead of the cheapest inside the target.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true, requires = "plan")]
    pub(crate) budget: Option<String>,
    /// The risk matrix: a file that holds one, or the id of one in the catalog (standard).
    #[arg(long, value_name = "FILE|ID")]
    pub(crate) matrix: Option<String>,
    /// Number of years to play through.
    #[arg(long, value_name = "NUMBER", default_value_t = anshin_quantify::quantification::YEARS)]
    pub(crate) years: usize,
    /// Seed of the random numbers: the same seed, the same result.
    #[arg(long, value_name = "NUMBER", default_value_t = anshin_quantify::quantification::SEED)]
    pub(crate) seed: u64,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write to this file instead of the terminal.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show all scenarios and measures, and where each number comes from.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The workbook (.xlsx) that `anshin report` made and somebody changed.
    pub(crate) book: PathBuf,
    /// The system document that the changes go into; comments and order stay.
    #[arg(long, value_name = "FILE")]
    pub(crate) into: PathBuf,
    /// Show the changes and write nothing.
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Write the changes without asking.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The system document (YAML or JSON).
    pub(crate) file: PathBuf,
    /// threat/ASSET/THREAT, rating/STAKEHOLDER/AXIS, requirement/ID or implementer/REQUIREMENT.
    pub(crate) subject: String,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The system document as it was.
    #[arg(display_order = 1)]
    pub(crate) old: PathBuf,
    /// The system document as it is; with --git it may be left out if its name has not changed.
    #[arg(required_unless_present = "git", display_order = 2)]
    pub(crate) new: Option<PathBuf>,
    /// Read OLD from this git revision; with `REV..REV`, NEW from the second one.
    #[arg(long, value_name = "REV")]
    pub(crate) git: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// End with exit code 1 if this is found. May be repeated.
    #[arg(long, value_enum, value_name = "FINDING")]
    pub(crate) fail_on: Vec<DiffFinding>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// List the sections of the catalog, or the entries of one.
    List {
        /// A section, such as asset-kinds, traits, threats or requirements.
        section: Option<String>,
    },
    /// Show one entry with its source.
    Show {
        /// The section.
        section: String,
        /// The id of the entry.
        id: String,
    },
    /// Check the catalog, your own files among it.
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct AgreementArgs {
    /// The folder with the experts' tables.
    pub(crate) experts: PathBuf,
    /// The folder with the examples.
    pub(crate) examples: PathBuf,
    /// List every single difference as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Number of assets.
    pub(crate) assets: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// 日本語
    Ja,
    /// English
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs; stable.
    Json,
}

/// Forms of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    Text,
    /// For programs; stable.
    Json,
    /// For people, as one self-contained page.
    Html,
}

/// What `--fail-on` looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Finding {
    /// A stakeholder outside the target.
    OutsideTarget,
    /// A decision whose facts have changed or whose proposal is gone.
    StaleDecision,
    /// A warning about the document.
    Warning,
    /// An acceptance of a risk whose day is past.
    ExpiredAcceptance,
}

/// What `--fail-on` of `diff` looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFinding {
    /// Any change.
    Changes,
    /// A stakeholder newly outside the target, a higher level, a new threat above the cut, a
    /// scenario of higher risk, or a decision gone stale.
    Worse,
}
