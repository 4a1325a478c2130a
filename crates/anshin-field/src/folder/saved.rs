//! The state of a monitor as it is kept.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::Groups;
use anshin_monitor::machine::Kept;
use anshin_monitor::maintenance::Asked;
use serde::{Deserialize, Serialize};

use super::{Folder, FolderError};
use crate::clock;
use crate::feed::Topics;
use crate::panel::{Shown, ShownOther};

/// The state of a monitor as it is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Saved {
    /// Version of the form: 1.
    pub version: u32,
    /// When it was begun to be kept: what came later may not be in it.
    pub at: Option<Time>,
    /// The same by the clock of this computer, where that is another one than the clock of what is watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Time>,
    /// What is known of each machine.
    pub machines: BTreeMap<String, Kept>,
    /// Alerts that somebody has acknowledged: machine, then alert.
    #[serde(default)]
    pub acknowledged: BTreeMap<String, Vec<String>>,
    /// Who has: machine, then alert.
    #[serde(default)]
    pub acknowledgements: BTreeMap<String, BTreeMap<String, Acknowledgement>>,
    /// What people have asked of when machines are maintained.
    #[serde(default)]
    pub maintenance: BTreeMap<String, Asked>,
    /// The assets of the system document that machines are.
    #[serde(default)]
    pub assets: BTreeMap<String, String>,
    /// Machines that another monitor of the team judges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<String>,
    /// Groups whose machines raise alerts together.
    #[serde(default, skip_serializing_if = "Groups::is_empty")]
    pub groups: Groups,
    /// How far the requests have been read.
    #[serde(default)]
    pub requests: u64,
    /// The monitor has taken its leave: whatever came before has been judged, or was left on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left: bool,
    /// How the machines are that it judges, as people are told.
    #[serde(default)]
    pub shown: BTreeMap<String, Shown>,
    /// What of sources could not be used since the monitor began.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub troubles: BTreeMap<String, Troubles>,
    /// The topics that values come from which are taken from any: source, machine, then value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, Topics>,
    /// Alerts that are about no single machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<ShownOther>,
    /// The sources and groups of the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_others: Vec<Other>,
    /// Another monitor of the team speaks for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_led: bool,
    /// The time zone of the factory; `None` where an earlier version has kept it, or the zone has no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// What an alert is about that is about no single machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Other {
    /// A source, by its id.
    Source(String),
    /// A group of machines, by its id.
    Group(String),
}

impl Other {
    /// The id of the source or group.
    pub fn id(&self) -> &str {
        let (Other::Source(id) | Other::Group(id)) = self;
        id
    }
}

/// What of a source could not be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Troubles {
    /// Messages that could not be read.
    pub unread: u64,
    /// Values that were no numbers where numbers are wanted.
    pub no_numbers: u64,
    /// Values that machines take and no message has had.
    pub missing: u64,
}

impl Troubles {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What a person is told.
    pub fn text(&self) -> Text {
        let (mut ja, mut en) = (Vec::new(), Vec::new());
        for (count, of_ja, of_en) in [
            (self.unread, "読めなかったメッセージ", "messages that could not be read"),
            (self.no_numbers, "数として読めなかった値", "values that were no numbers"),
            (self.missing, "設定にあるのに届かない値", "values of the configuration that never came"),
        ] {
            if count > 0 {
                ja.push(format!("{of_ja} {count}"));
                en.push(format!("{of_en}: {count}"));
            }
        }
        Text::new(ja.join("、"), en.join(", "))
    }
}

impl Saved {
    /// The name of the factory's time zone, if it has told one.
    pub fn zone(&self) -> Option<&str> {
        let of_machines = || self.shown.values().find_map(|shown| shown.zone.as_deref());
        self.zone.as_deref().or_else(of_machines)
    }
}

/// The state in a folder, whether a monitor runs in it or not.
///
/// # Errors
/// If it cannot be read.
pub fn read_state(folder: &Path) -> Result<Saved, FolderError> {
    let path = folder.join("state.json");
    let shown = path.display().to_string();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Saved { version: 1, ..Saved::default() });
        }
        Err(error) => return Err(FolderError::File { path: shown, error }),
    };
    let saved: Saved = serde_json::from_slice(&bytes)
        .map_err(|error| FolderError::State { path: shown.clone(), error: error.to_string() })?;
    if saved.version == 1 {
        Ok(saved)
    } else {
        Err(FolderError::State { path: shown, error: format!("version {}", saved.version) })
    }
}

/// A monitor keeps its state more often than this, in seconds.
const STOPPED: f64 = 120.0;

/// Since when nobody has watched for whom a state was kept in a folder; `None` while a monitor works there.
pub fn stopped(folder: &Path, saved: &Saved) -> Option<Time> {
    let kept = saved.kept.or(saved.at)?;
    let is_over = saved.left || clock::now().since(kept) > STOPPED;
    (is_over && !Folder::is_in_use(folder)).then_some(kept)
}
