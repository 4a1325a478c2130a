//! What can be asked of the monitor on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum MonitorCommand {
    /// Play a small factory with faults, to see what the monitor says.
    Demo(DemoArgs),
    /// Check a configuration and explain what it watches.
    Check {
        /// The configuration.
        file: PathBuf,
    },
    /// Put recordings through the monitor, as fast as they can be read.
    Replay(ReplayArgs),
    /// Print the JSON Schema of configurations, for editors.
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How long to watch, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// How many seconds of the factory go by in one second.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) speed: u32,
    /// Do not wait: play the same time as fast as can be.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Another day in the factory.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Form of the output; json prints a line for each cycle and alert.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Folder for a report of how the machines were used: page, workbook and pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The configuration.
    pub(crate) file: PathBuf,
    /// Recordings, one after the other: a file, or SOURCE=FILE where there are several sources.
    #[arg(required = true, value_name = "RECORDING")]
    pub(crate) recordings: Vec<String>,
    /// Show healthy cycles as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Form of the output; json prints a line for each cycle, alert and day.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// End with exit code 1 if an alert was raised.
    #[arg(long)]
    pub(crate) fail_on_alert: bool,
    /// Folder for a report of how the machines were used: page, workbook and pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
}
