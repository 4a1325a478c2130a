//! What can be asked of checklists on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum ChecklistCommand {
    /// List the checklists.
    List {
        /// Form of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show the items of a checklist, or everything about one item.
    Show {
        /// The checklist.
        checklist: String,
        /// The item.
        item: Option<String>,
    },
    /// Write a new answers file, with answers that are known already as proposals.
    New(NewArgs),
    /// Answer one item at a time; stop and go on whenever you like.
    Answer(AnswerArgs),
    /// Work out scores, the weakest points and what to do first.
    Score(ScoreArgs),
    /// Check files of checklists or answers and show everything that is wrong with them.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Compare answers with earlier rounds, a target and other companies.
    Compare(CompareArgs),
    /// Write answers as a report for the management, a workbook to fill in, the register of evidence, or a radar.
    Export(ExportArgs),
    /// Take over answers from a workbook, or make a checklist of another program's library or an official table.
    Import(ImportArgs),
    /// Move answers to the newest version of their checklist and show what has changed.
    Update {
        /// The answers file; it is changed in place.
        file: PathBuf,
    },
    /// Print the JSON Schema of checklists, or of answers, for editors.
    Schema(SchemaArgs),
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The schema of answers files.
    #[arg(long)]
    pub(crate) answers: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The checklist.
    pub(crate) checklist: String,
    /// The file to write; it must not exist yet. Named after the checklist if left out.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Propose answers from the facts and measures of this system document.
    #[arg(long, value_name = "FILE")]
    pub(crate) system: Option<PathBuf>,
    /// Propose answers from these answers: earlier rounds and other checklists. May be repeated.
    #[arg(long, alias = "answers", value_name = "FILE")]
    pub(crate) from: Vec<PathBuf>,
    /// Level of use.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// Name of the company, system or product.
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// Who answers.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Date of the round; today if left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    /// The answers file; it is written after each answer.
    pub(crate) file: PathBuf,
    /// Ask this item. May be repeated.
    #[arg(long, value_name = "ITEM")]
    pub(crate) item: Vec<String>,
    /// Ask answered items again as well.
    #[arg(long)]
    pub(crate) all: bool,
    /// Ask only what this side answers.
    #[arg(long, value_enum)]
    pub(crate) who: Option<WhoArg>,
    /// Who answers; kept with each answer.
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// Date kept with each answer; today if left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<String>,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhoArg {
    /// Those who manage the company.
    Management,
    /// Those who run information systems.
    It,
    /// Those who run machines and plants.
    Ot,
    /// Those who develop the product.
    Developer,
    /// Everybody who works there.
    Staff,
    /// A company that delivers or maintains.
    Supplier,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// The answers file.
    pub(crate) file: PathBuf,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// How many things to do are shown.
    #[arg(long, value_name = "COUNT", default_value_t = 3)]
    pub(crate) first: usize,
}

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The answers of now.
    pub(crate) file: PathBuf,
    /// Answers of earlier rounds, the newest first.
    pub(crate) earlier: Vec<PathBuf>,
    /// The value to reach; that of the checklist if left out.
    #[arg(long, value_name = "VALUE")]
    pub(crate) target: Option<f64>,
    /// Values of other companies: CSV with ids of scores as headings, and `group` if there are groups.
    #[arg(long, value_name = "FILE")]
    pub(crate) reference: Option<PathBuf>,
    /// Compare with this group of the reference only.
    #[arg(long, value_name = "NAME", requires = "reference")]
    pub(crate) group: Option<String>,
    /// Form of the output.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The answers file.
    pub(crate) file: PathBuf,
    /// The file to write (.html, .pdf, .xlsx, .csv or .svg); it must not exist yet.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Answers of earlier rounds, the newest first. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) earlier: Vec<PathBuf>,
    /// The value to reach; that of the checklist if left out.
    #[arg(long, value_name = "VALUE")]
    pub(crate) target: Option<f64>,
    /// Values of other companies (CSV).
    #[arg(long, value_name = "FILE")]
    pub(crate) reference: Option<PathBuf>,
    /// Compare with this group of the reference only.
    #[arg(long, value_name = "NAME", requires = "reference")]
    pub(crate) group: Option<String>,
    /// Whose report it is, for the PDF: a small YAML file with organization, logo, colours and so on.
    #[arg(long, value_name = "FILE")]
    pub(crate) branding: Option<PathBuf>,
    /// A font file for the PDF, taken before the fonts of the system. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) font: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// A library of CISO Assistant (YAML), an official table, or answers that were filled in (.xlsx or .csv).
    pub(crate) file: PathBuf,
    /// Take answers that were filled in over into this answers file.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "mapping", "like", "columns", "skip", "id", "title"])]
    pub(crate) into: Option<PathBuf>,
    /// With `--into`: only show what would change.
    #[arg(long, requires = "into")]
    pub(crate) dry_run: bool,
    /// The file to write; it must not exist yet.
    #[arg(short, long, value_name = "FILE", required_unless_present_any = ["mapping", "into"])]
    pub(crate) output: Option<PathBuf>,
    /// Of a table: take the scale of this checklist, and advice and links of items with the same number.
    #[arg(long, value_name = "CHECKLIST")]
    pub(crate) like: Option<String>,
    /// Of a table: where its columns stand, such as number=A,section=B,text=C.
    #[arg(long, value_name = "NAME=COLUMN,…")]
    pub(crate) columns: Option<String>,
    /// Of a table: the sheet; if left out the first, or that with the answers.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Of a table: how many rows stand above the first item.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) skip: usize,
    /// Of a table: the id of the checklist that is made.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Of a table: the title of the checklist that is made.
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Read a mapping set of CISO Assistant, and show the links that it makes from one checklist to another.
    #[arg(long, value_name = "FROM,TO", conflicts_with = "output")]
    pub(crate) mapping: Option<String>,
}
