//! What can be asked of checklists on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum ChecklistCommand {
    /// List the checklists.
    List {
        /// Form of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Check files of checklists and show everything that is wrong with them.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
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
