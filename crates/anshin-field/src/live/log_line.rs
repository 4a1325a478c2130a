//! What stands in the log beside alerts.

use anshin_monitor::hold::Often;
use anshin_monitor::lateness::Late;
use anshin_monitor::metered::Remeasured;
use anshin_monitor::sampling::Coarse;
use serde::Serialize;

use crate::folder::Request;

/// A line of the log that is no alert.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LogLine<'a> {
    /// Watching begins.
    Watch {
        /// When.
        at: String,
        /// How many machines are watched.
        machines: usize,
    },
    /// A source works again, or no longer.
    Source {
        /// Its id.
        source: &'a str,
        /// When.
        at: String,
        /// Whether it works.
        works: bool,
        /// Why it does not.
        why: Option<&'a str>,
    },
    /// Something that a person has asked for was done.
    Request {
        /// When.
        at: String,
        /// What.
        #[serde(flatten)]
        request: &'a Request,
    },
    /// A machine is no longer maintained.
    MaintenanceOver {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
    },
    /// Events and meter come too far apart, or in time again.
    Late {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// What comes late; `None` when all is in time again.
        late: Option<Late>,
    },
    /// A machine is sampled too seldom for its cycles, or often enough again.
    Coarse {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// What is known too coarsely; `None` when it is fine enough again.
        coarse: Option<Coarse>,
    },
    /// What is metered otherwise than before the monitor was started again.
    Remeasured {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// How.
        remeasured: Remeasured,
    },
    /// Programs are held in most cycles, or no longer are.
    Interrupted {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// How often its program is held; `None` when it no longer is in most cycles.
        interrupted: Option<Often>,
    },
}
