//! What can be asked of the monitor on the command line.

use std::fmt;
use std::path::PathBuf;

use anshin_field::folder::{MOST_NAME, MOST_NOTE};
use anshin_model::{Lang, Text};
use clap::{Args, Subcommand};

use crate::cli::Format;

#[derive(Debug, Subcommand)]
pub(crate) enum MonitorCommand {
    /// Play a small factory with faults, to see what the monitor says.
    Demo(DemoArgs),
    /// Look for devices and brokers, and propose a configuration for them.
    Init(InitArgs),
    /// Check a configuration and explain what it watches.
    Check {
        /// The configuration.
        file: PathBuf,
        /// The system document whose assets the machines are: alerts then name hazards and scenarios.
        #[arg(long, value_name = "FILE")]
        system: Option<PathBuf>,
    },
    /// Put recordings through the monitor: as fast as they can be read, or at a speed.
    Replay(ReplayArgs),
    /// Watch machines until you stop it with Ctrl+C or a signal.
    Run(RunArgs),
    /// Tell a running monitor that an alert has been seen.
    Acknowledge(AcknowledgeArgs),
    /// Tell a running monitor that a machine is being maintained: nothing is judged or learnt.
    Maintain(MaintainArgs),
    /// Approve a reference that a monitor has learnt.
    Approve(ApproveArgs),
    /// Let a monitor forget references that it has learnt wrongly, such as from runs that set a job up.
    Forget(ForgetArgs),
    /// Show what a monitor knows: references, open alerts, maintenance, utilisation.
    Status {
        #[command(flatten)]
        at: At,
        /// Form of the output.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Ask the records: cycles, alerts, references.
    Query(QueryArgs),
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

/// Megabytes of readings that are kept if nothing else is said.
const READINGS: u32 = if cfg!(feature = "parquet") { 1_000 } else { 0 };

/// Where the state is kept if nothing else is said.
pub(crate) const STATE: &str = "monitor-state";

/// Why what a person says of themselves is not taken.
#[derive(Debug)]
pub(crate) struct Unusable(pub(crate) Text);

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(Lang::En))
    }
}

impl std::error::Error for Unusable {}

/// Who asks something of a monitor.
fn name(word: &str) -> Result<String, Unusable> {
    let nobody = Text::new(
        "名前が空です。`--by 佐藤`のように、だれかを書いてください",
        "the name is empty; say who, such as `--by Sato`",
    );
    said(word, nobody, MOST_NAME)
}

/// What they say about it.
fn note(word: &str) -> Result<String, Unusable> {
    let nothing = Text::new(
        "メモが空です。メモを書くか、`--note`を外してください",
        "the note is empty; write one, or leave `--note` out",
    );
    said(word, nothing, MOST_NOTE)
}

fn said(word: &str, nothing: Text, most: usize) -> Result<String, Unusable> {
    let word = word.trim();
    if word.is_empty() {
        return Err(Unusable(nothing));
    }
    if word.chars().count() > most {
        return Err(Unusable(Text::new(
            format!("長すぎます。{most}文字までにしてください"),
            format!("it is too long; write {most} characters at most"),
        )));
    }
    Ok(word.to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Recordings of machines to look through in place of the network: tables (CSV) and lines of adapters
    /// (SHDR), one for each machine.
    #[arg(value_name = "RECORDING")]
    pub(crate) recordings: Vec<PathBuf>,
    /// Write the configuration to this file instead of the terminal.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// An MQTT broker to listen to; if left out, one on this computer. May be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) broker: Vec<String>,
    /// A NATS server whose streams to look through; if left out, one on this computer. May be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) nats: Vec<String>,
    /// User at the brokers, NATS and OPC UA servers.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Variable of the environment with the password at the brokers, NATS and OPC UA servers.
    #[arg(long, value_name = "VARIABLE", requires = "user")]
    pub(crate) password_environment: Option<String>,
    /// An `MTConnect` agent to ask; if left out, one on this computer. May be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) agent: Vec<String>,
    /// A device that speaks Modbus to ask which meter it is, with its number if it has one. May be repeated.
    #[arg(long, value_name = "HOST:PORT[/UNIT]")]
    pub(crate) modbus: Vec<String>,
    /// An OPC UA server whose variables to look through. May be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) opc_ua: Vec<String>,
    /// This computer's address in the network that is asked for ECHONET Lite devices.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) on: Option<std::net::Ipv4Addr>,
    /// How long to listen to a broker and to wait for answers, in seconds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) seconds: u32,
}

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
    /// The system document whose assets the machines are: alerts then name hazards and scenarios.
    #[arg(long, value_name = "FILE")]
    pub(crate) system: Option<PathBuf>,
    /// Where messages are posted and Prometheus asks for metrics; 127.0.0.1:8090 if a source needs it.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) http: Option<String>,
    /// Most clients of the built-in broker at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = 250, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) clients: u16,
    /// Most connections of one address to the built-in broker, and to HTTP (which takes 100); half of them
    /// if left out. Behind NAT or in containers, all devices may come from one address.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) per_address: Option<u16>,
    /// Days for which the history of cycles is kept, and cycles and alerts in the database; references stay.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) keep_days: u16,
    /// Database that follows the records, such as `postgres://user@host/name`; a file in the folder if
    /// left out, none for none.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Name of this monitor in the database.
    #[arg(long, default_value = "monitor")]
    pub(crate) worker: String,
    /// Watch the machines together with all monitors that name this team and the same database: one
    /// judges a machine, another one stands by. Each needs a `--worker` and a `--state` of its own.
    #[arg(long, value_name = "NAME", requires = "database")]
    pub(crate) team: Option<String>,
    /// Megabytes that the history of readings (Parquet) may take; 0 keeps none.
    #[arg(long, value_name = "MB", default_value_t = READINGS)]
    pub(crate) readings: u32,
    /// Show healthy cycles as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Form of the output; json prints a line for each cycle, alert and day.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// What to ask for.
    #[arg(value_enum, default_value_t = Records::Cycles)]
    pub(crate) what: Records,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
    /// Database that follows the records, in place of the one in the folder.
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Only of this machine.
    #[arg(long)]
    pub(crate) machine: Option<String>,
    /// Only from this time on, in the time zone of the factory: a day such as 2026-04-01, or 2026-04-01T08:30.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only up to this time; a day counts whole.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Only cycles that were found so (outside, unreliable ...), or alerts of this kind (too-slow ...).
    #[arg(long)]
    pub(crate) finding: Option<String>,
    /// The newest so many.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u32,
    /// Form of the output; json prints a line for each record.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Records of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Records {
    /// Cycles.
    Cycles,
    /// Alerts.
    Alerts,
    /// References, with their versions.
    References,
}

// Where a monitor is spoken to.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
    /// Database of monitors, such as `postgres://user@host/name`, in place of a folder: all machines of a team are
    /// reached there, whoever judges them.
    #[arg(long, value_name = "URL", conflicts_with = "state")]
    pub(crate) database: Option<String>,
    /// The team, or the name of a monitor that watches alone, where several share the database.
    #[arg(long, value_name = "NAME", requires = "database")]
    pub(crate) team: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AcknowledgeArgs {
    /// The machine, the group or the source.
    #[arg(value_name = "MACHINE|GROUP|SOURCE")]
    pub(crate) about: String,
    /// The alert, such as too-slow; all that are open if left out.
    pub(crate) alert: Option<String>,
    /// Who has seen it.
    #[arg(long, value_parser = name)]
    pub(crate) by: String,
    /// What there is to say about it.
    #[arg(long, value_parser = note)]
    pub(crate) note: Option<String>,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Debug, Args)]
pub(crate) struct MaintainArgs {
    /// The machine.
    pub(crate) machine: String,
    /// How long it will take; 0 ends what is done or planned then, also by the configuration, for its rest.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=525_600))]
    pub(crate) minutes: u32,
    /// When it begins, in the time zone of the factory, such as 2026-04-01T22:00, or a day; now if left out.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// When it is over, in place of the minutes; a day counts whole.
    #[arg(long, value_name = "TIME", conflicts_with = "minutes")]
    pub(crate) to: Option<String>,
    /// Who says so.
    #[arg(long, value_parser = name)]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) at: At,
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
    #[arg(long, value_parser = name)]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    /// The machine.
    pub(crate) machine: String,
    /// The parts of the job's key, in order; all jobs of the machine if left out.
    pub(crate) key: Vec<String>,
    /// Number of the mode; all of them if left out.
    #[arg(long)]
    pub(crate) mode: Option<u32>,
    /// Who says so.
    #[arg(long, value_parser = name)]
    pub(crate) by: String,
    #[command(flatten)]
    pub(crate) at: At,
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
    /// Folder for the records, the state and the configuration, as a monitor that runs leaves them.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// The configuration.
    pub(crate) file: PathBuf,
    /// Recordings: a file, or SOURCE=FILE where there are several sources. Files of a source are read one
    /// after the other, several sources together by their times. Tables (CSV, Parquet) and lines of
    /// adapters (SHDR).
    #[arg(required_unless_present = "history", value_name = "RECORDING")]
    pub(crate) recordings: Vec<String>,
    /// The system document whose assets the machines are: alerts then name hazards and scenarios.
    #[arg(long, value_name = "FILE")]
    pub(crate) system: Option<PathBuf>,
    /// Show healthy cycles as well.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Form of the output; json prints a line for each cycle, alert and day.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Put the history of readings in the folder of a monitor through it.
    #[arg(long, value_name = "FOLDER", conflicts_with = "recordings")]
    pub(crate) history: Option<PathBuf>,
    /// Of the history, only from this day or time on, such as 2026-04-01 or 2026-04-01T08:30.
    #[arg(long, value_name = "TIME", requires = "history")]
    pub(crate) from: Option<String>,
    /// Of the history, only up to this day or time.
    #[arg(long, value_name = "TIME", requires = "history")]
    pub(crate) to: Option<String>,
    /// How many seconds of the recording go by in one second: 1 plays it as it happened. As fast as can be if
    /// left out.
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) speed: Option<u32>,
    /// End with exit code 1 if an alert was raised.
    #[arg(long)]
    pub(crate) fail_on_alert: bool,
    /// Folder for a report of how the machines were used: page, workbook and pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["cycles", "alerts", "report"]))]
pub(crate) struct ExportArgs {
    /// The configuration.
    pub(crate) file: PathBuf,
    /// Write the cycles of the history to this file: .csv or .xlsx.
    #[arg(long, value_name = "FILE")]
    pub(crate) cycles: Option<PathBuf>,
    /// Write the alerts of the log to this file, with who has acknowledged them: .csv or .xlsx.
    #[arg(long, value_name = "FILE")]
    pub(crate) alerts: Option<PathBuf>,
    /// Folder for a report of how the machines were used: page, workbook and pictures.
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Folder of the monitor's state.
    #[arg(long, default_value = STATE)]
    pub(crate) state: PathBuf,
    /// Database of a team, such as `postgres://user@host/name`: what all of its monitors have seen, in place of what
    /// stands in one folder.
    #[arg(long, value_name = "URL", conflicts_with = "state")]
    pub(crate) database: Option<String>,
    /// Only cycles and alerts of this machine.
    #[arg(long)]
    pub(crate) machine: Option<String>,
    /// Only from this time on, in the time zone of the factory: a day such as 2026-04-01, or 2026-04-01T08:30.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only up to this time; a day counts whole.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
}
