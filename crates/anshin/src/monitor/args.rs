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
    /// Watch machines until you stop it with Ctrl+C or a signal.
    Run(RunArgs),
    /// Tell a running monitor that an alert has been seen.
    Acknowledge(AcknowledgeArgs),
    /// Tell a running monitor that a machine is being maintained: nothing is judged or learnt.
    Maintain(MaintainArgs),
    /// Approve a reference that a monitor has learnt.
    Approve(ApproveArgs),
    /// Show what a monitor knows: references, open alerts, maintenance, utilisation.
    Status {
        /// Folder of the monitor's state.
        #[arg(long, default_value = STATE)]
        state: PathBuf,
        /// Form of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write what a monitor has seen to files: cycles, and how the machines were used.
    Export(ExportArgs),
    /// Ask a network for devices that speak ECHONET Lite.
    Find {
        /// This computer's address in the network.
        #[arg(long, value_name = "ADDRESS")]
        on: std::net::Ipv4Addr,
        /// How long to wait for answers, in seconds.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=60))]
        seconds: u32,
    },
    /// Print the JSON Schema of configurations, for editors.
    Schema,
}

/// Where the state is kept if nothing else is said.
const STATE: &str = "monitor-state";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The configuration.
    pub(crate) file: PathBuf,
    /// Folder for what outlives the program: references, log of alerts, history.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
    /// Where the built-in MQTT broker listens, for sources without an address.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:1883")]
    pub(crate) listen: String,
    /// Where messages are posted and Prometheus asks for metrics; 127.0.0.1:8090 if a source needs it.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) http: Option<String>,
    /// Days of history that are kept.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) keep_days: u16,
    /// Show healthy cycles as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Form of the output; json prints a line for each cycle, alert and day.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct AcknowledgeArgs {
    /// The machine.
    pub(crate) machine: String,
    /// The alert, such as too-slow; all that are open if left out.
    pub(crate) alert: Option<String>,
    /// Who has seen it.
    #[arg(long)]
    pub(crate) by: String,
    /// What there is to say about it.
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct MaintainArgs {
    /// The machine.
    pub(crate) machine: String,
    /// How long it will take, from now; 0 ends it.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=525_600))]
    pub(crate) minutes: u32,
    /// Who says so.
    #[arg(long)]
    pub(crate) by: String,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// The machine.
    pub(crate) machine: String,
    /// The parts of the job's key, in order.
    pub(crate) key: Vec<String>,
    /// Number of the mode.
    #[arg(long, default_value_t = 1)]
    pub(crate) mode: u32,
    /// Who says so.
    #[arg(long)]
    pub(crate) by: String,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
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

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["cycles", "report"]))]
pub(crate) struct ExportArgs {
    /// The configuration.
    pub(crate) file: PathBuf,
    /// Write the cycles of the history to this file: .csv or .xlsx.
    #[arg(long, value_name = "FILE")]
    pub(crate) cycles: Option<PathBuf>,
    /// Folder for a report of how the machines were used: page, workbook and pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
    /// Only cycles of this machine.
    #[arg(long)]
    pub(crate) machine: Option<String>,
    /// Only cycles from this day on, such as 2026-04-01.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<String>,
    /// Only cycles up to this day.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<String>,
}

impl ExportArgs {
    /// Whether a day is asked for. Days are written so that their order is that of their letters.
    pub(crate) fn has_day(&self, day: &str) -> bool {
        self.from.as_deref().is_none_or(|from| day >= from) && self.to.as_deref().is_none_or(|to| day <= to)
    }
}
