//! The folder in which a monitor keeps what outlives it: its state, the log of alerts, the history
//! of cycles, and requests of people.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use anshin_monitor::evidence::{Acknowledgement, Evidence};
use anshin_monitor::group::Groups;
use anshin_monitor::machine::Kept;
use anshin_monitor::reference;
use anshin_monitor::{Machine, Said};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::already_told::AlreadyTold;
use crate::clock;
use crate::panel::{Shown, ShownOther};
use crate::trouble::{trouble, why};

/// Longest request, in bytes.
const MOST_REQUEST: u64 = 1 << 16;

/// Longest name of a person who asks something, in characters.
pub const MOST_NAME: usize = 200;

/// Longest note of theirs, in characters.
pub const MOST_NOTE: usize = 2_000;

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// Another monitor works in it.
    #[error("another monitor works in {0}")]
    InUse(String),
    /// The state is not one that this program wrote.
    #[error("the state {path} cannot be read: {error}")]
    State {
        /// The file.
        path: String,
        /// What is wrong.
        error: String,
    },
}

impl FolderError {
    /// What a person is told.
    pub fn text(&self) -> Text {
        match self {
            FolderError::File { path, error } => {
                let why = why(error);
                let told = |lang| format!("{path}: {}", why.get(lang));
                Text::new(told(Lang::Ja), told(Lang::En))
            }
            FolderError::InUse(path) => Text::new(
                format!(
                    "`{path}`では別の監視が動いています。止めるか、`--state`で別のフォルダーを指定してください"
                ),
                format!("another monitor works in `{path}`; stop it, or name another folder with `--state`"),
            ),
            FolderError::State { path, error } => Text::new(
                format!(
                    "状態`{path}`を読めません（{error}）。別の場所へ移すと、何も覚えていない状態から始まります"
                ),
                format!(
                    "cannot read the state `{path}` ({error}); move it away to begin with nothing learnt"
                ),
            ),
        }
    }
}

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
    /// Until when machines are maintained.
    #[serde(default)]
    pub maintenance: BTreeMap<String, Time>,
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

/// What a person asks of a monitor that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// An alert has been seen.
    Acknowledge {
        /// The machine.
        machine: String,
        /// The alert; all that are open if left out.
        alert: Option<String>,
        /// Since when it is open, so that a later one of its kind is not meant; any if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// Who has seen it.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// What they say.
        note: Option<String>,
        /// When it was asked: alerts that began later are not meant, and it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// An alert has been seen that is about no single machine. That of a group stands for those that its machines
    /// raise together.
    AcknowledgeOther {
        /// The source or group.
        #[serde(flatten)]
        about: Other,
        /// The device, of a source; all of them if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
        /// The alert; all that are open if left out.
        alert: Option<String>,
        /// Since when it is open, so that a later one of its kind is not meant; any if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Time>,
        /// Who has seen it.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// What they say.
        note: Option<String>,
        /// When it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A machine is maintained: nothing is judged or learnt meanwhile.
    Maintenance {
        /// The machine.
        machine: String,
        /// Until when.
        until: Time,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: what was asked later holds, and it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A reference is right.
    Approve {
        /// The machine.
        machine: String,
        /// The job.
        key: Vec<String>,
        /// The mode.
        mode: u32,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
    /// A reference is wrong.
    Forget {
        /// The machine.
        machine: String,
        /// The job; all jobs if it is empty.
        key: Vec<String>,
        /// The mode; all of them if left out.
        mode: Option<u32>,
        /// Who says so.
        #[serde(deserialize_with = "somebody")]
        by: String,
        /// When it was asked: it is not done twice.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Time>,
    },
}

/// A name: what nobody asks is no request, wherever it stands.
fn somebody<'de, D: Deserializer<'de>>(name: D) -> Result<String, D::Error> {
    let name = String::deserialize(name)?;
    let is_named = !name.trim().is_empty();
    is_named.then_some(name).ok_or_else(|| D::Error::custom("`by` names nobody"))
}

/// Times of alerts are written with milliseconds: less than this apart they are the same.
const SAME: f64 = 0.001;

impl Request {
    /// Whether an alert that is open since a time is acknowledged by it. `asked` is when the request was
    /// made, by the clock of the machine, if that is known.
    pub fn acknowledges(&self, kind: &str, began: Time, asked: Option<Time>) -> bool {
        let (Request::Acknowledge { alert, since, .. } | Request::AcknowledgeOther { alert, since, .. }) =
            self
        else {
            return false;
        };
        let is_it = match since {
            Some(since) => began.since(*since).abs() < SAME,
            None => asked.is_none_or(|asked| began <= asked),
        };
        is_it && alert.as_ref().is_none_or(|alert| alert == kind)
    }

    /// The same of one alert alone.
    #[must_use]
    pub fn of_alert(&self, kind: &str, began: Time) -> Self {
        let mut one = self.clone();
        if let Request::Acknowledge { alert, since, .. } | Request::AcknowledgeOther { alert, since, .. } =
            &mut one
        {
            (*alert, *since) = (Some(kind.to_owned()), Some(began));
        }
        one
    }

    /// When it was made, if it tells.
    pub fn asked(&self) -> Option<Time> {
        let (Request::Acknowledge { asked, .. }
        | Request::AcknowledgeOther { asked, .. }
        | Request::Maintenance { asked, .. }
        | Request::Approve { asked, .. }
        | Request::Forget { asked, .. }) = self;
        *asked
    }

    /// Whether it was done before.
    pub fn is_done(&self, done: &[Request]) -> bool {
        self.asked().is_some() && done.contains(self)
    }

    /// Whether something else was asked later in its place. What comes from a clock that is ahead of `now`
    /// is not later: it would hold against everybody.
    pub fn is_past(&self, done: &[Request], now: Time) -> bool {
        let is_maintenance = |of: &Request| matches!(of, Request::Maintenance { .. });
        let is_later = |of: &Request| of.asked() > self.asked() && of.asked() <= Some(now);
        self.asked().is_some()
            && is_maintenance(self)
            && done.iter().any(|of| is_maintenance(of) && is_later(of))
    }

    /// Says of a reference of a machine that it is right or wrong; false if there is none that it fits.
    pub fn about_reference(&self, of: &mut Machine, now: Time, say: &mut impl FnMut(Said)) -> bool {
        let parts = |key: &[String]| key.iter().map(|part| Arc::from(part.as_str())).collect::<Vec<_>>();
        match self {
            Request::Approve { key, mode, .. } => of.approve(&parts(key), *mode, now, say),
            Request::Forget { key, mode, .. } => of.forget(&parts(key), *mode, now, say),
            _ => false,
        }
    }

    /// What a person reads of it.
    pub fn text(&self) -> Text {
        let acknowledge = |alert: &Option<String>| {
            let (ja, en) = alert.as_ref().map_or_else(
                || ("すべての警報の確認".to_owned(), "acknowledge all alerts".to_owned()),
                |alert| (format!("警報`{alert}`の確認"), format!("acknowledge `{alert}`")),
            );
            (ja, en)
        };
        let (by, about, (ja, en)) = match self {
            Request::Acknowledge { machine, alert, by, .. } => (by, machine.as_str(), acknowledge(alert)),
            Request::AcknowledgeOther { about, alert, by, .. } => (by, about.id(), acknowledge(alert)),
            Request::Maintenance { machine, until, by, .. } => {
                (by, machine.as_str(), (format!("{until}までの保全"), format!("maintenance until {until}")))
            }
            Request::Approve { machine, key, mode, by, .. } => {
                let of = reference::name(key, *mode);
                (by, machine.as_str(), (format!("基準`{of}`の承認"), format!("approve reference `{of}`")))
            }
            Request::Forget { machine, key, mode, by, .. } => {
                let of = match (mode, key.is_empty()) {
                    (Some(mode), _) => reference::name(key, *mode),
                    (None, false) => key.join(" / "),
                    (None, true) => "*".to_owned(),
                };
                (by, machine.as_str(), (format!("基準`{of}`を忘れる"), format!("forget reference `{of}`")))
            }
        };
        Text::new(format!("`{about}`: {ja}（依頼者: {by}）"), format!("`{about}`: {en} (asked by {by})"))
    }

    /// The machine that it is about; nothing of what is about no single one.
    pub fn machine(&self) -> Option<&str> {
        match self {
            Request::Acknowledge { machine, .. }
            | Request::Maintenance { machine, .. }
            | Request::Approve { machine, .. }
            | Request::Forget { machine, .. } => Some(machine),
            Request::AcknowledgeOther { .. } => None,
        }
    }
}

/// The folder of a monitor that runs. Nobody else can open it meanwhile.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
    log: Lines,
    /// The day that is written, and days with lines that the disk has not taken yet.
    days: BTreeMap<String, Lines>,
    keep_days: usize,
}

impl Folder {
    /// Whether a monitor works in a folder.
    pub fn is_in_use(path: &Path) -> bool {
        let lock = OpenOptions::new().write(true).open(path.join("lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock)))
    }

    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be used.
    pub fn open(path: &Path, keep_days: usize) -> Result<Self, FolderError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |error| FolderError::File { path, error }
        };
        fs::create_dir_all(path).map_err(failed(path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(FolderError::InUse(path.display().to_string())),
            Err(fs::TryLockError::Error(error)) => return Err(failed(&lock_path)(error)),
        }
        let log_path = path.join("alerts.jsonl");
        let mut log = Lines::new(log_path.clone());
        log.open().map_err(failed(&log_path))?;
        Ok(Self { path: path.to_owned(), _lock: lock, log, days: BTreeMap::new(), keep_days })
    }

    /// What was kept; nothing if this is the first time.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn load(&self) -> Result<Saved, FolderError> {
        read_state(&self.path)
    }

    /// What keeps the state. It waits for the disk, so the live run does it in another thread.
    ///
    /// # Errors
    /// If the log cannot be opened a second time.
    pub fn keeper(&mut self) -> io::Result<Keeper> {
        Ok(Keeper { path: self.path.clone(), log: self.log.open()?.try_clone()? })
    }

    /// Adds a line to the log of alerts.
    ///
    /// # Errors
    /// If it cannot be written now; [`Folder::catch_up`] tries again.
    pub fn log(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.log.add(line)
    }

    /// Adds a line to the history of a day, and forgets days that nobody has written for too long. A day that
    /// has not come anywhere, by a clock that is wrong, counts as the last one that has.
    ///
    /// # Errors
    /// If it cannot be written now; [`Folder::catch_up`] tries again.
    pub fn remember(&mut self, day: &str, line: &impl Serialize) -> io::Result<()> {
        let now = clock::now();
        let today = now.last_day().to_string();
        let day = day.min(today.as_str());
        if let Some(lines) = self.days.get_mut(day) {
            return lines.add(line);
        }
        self.days.retain(|_, lines| !lines.pending.is_empty());
        let folder = self.path.join("history");
        let keep = Duration::from_hours(24 * self.keep_days as u64).as_secs_f64();
        let lines = Lines::new(folder.join(format!("{day}.jsonl")));
        let lines = self.days.entry(day.to_owned()).or_insert(lines);
        // The line waits for the disk with what else is wrong there.
        let written = fs::create_dir_all(&folder).and(lines.add(line));
        // Room is made on a full disk, too.
        for file in history(&self.path)? {
            let written = fs::metadata(&file)?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            if now.since(Time::from_seconds(written.as_secs_f64())) > keep {
                fs::remove_file(file)?;
            }
        }
        written
    }

    /// Whether lines wait for the disk.
    pub fn is_behind(&self) -> bool {
        !self.log.pending.is_empty() || self.days.values().any(|lines| !lines.pending.is_empty())
    }

    /// Writes lines that the disk has not taken yet.
    ///
    /// # Errors
    /// If it still does not take them.
    pub fn catch_up(&mut self) -> io::Result<()> {
        self.log.write()?;
        if self.days.values().any(|lines| !lines.pending.is_empty()) {
            fs::create_dir_all(self.path.join("history"))?;
        }
        self.days.values_mut().try_for_each(Lines::write)
    }

    /// Whole requests from a place in their file on, and the place behind them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn requests(&self, from: u64) -> io::Result<(Vec<Result<Request, String>>, u64)> {
        let path = self.path.join("requests.jsonl");
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return Err(error),
        };
        // A file that is shorter than before is another one.
        let mut place = if file.metadata()?.len() < from { 0 } else { from };
        file.seek(SeekFrom::Start(place))?;
        let mut reader = BufReader::new(file);
        let mut found = Vec::new();
        loop {
            let mut line = Vec::new();
            let count = reader.by_ref().take(MOST_REQUEST).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") && (count as u64) < MOST_REQUEST {
                return Ok((found, place));
            }
            place += count as u64;
            found.push(serde_json::from_slice(&line).map_err(|error| error.to_string()));
        }
    }
}

/// Keeps the state of a folder.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    log: File,
}

impl Keeper {
    /// Sees to it that the log and the state are on the disk. At every moment the old or the new state
    /// is there as a whole.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn keep(&self, saved: &Saved) -> io::Result<()> {
        self.log.sync_data()?;
        let new = self.path.join("state.json.new");
        let mut file = File::create(&new)?;
        let mut writer = io::BufWriter::new(&mut file);
        serde_json::to_writer(&mut writer, saved)?;
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        fs::rename(&new, self.path.join("state.json"))
    }
}

/// Most bytes of a file that wait for a disk that takes no more.
const MOST_PENDING: usize = 16 << 20;

/// A file of lines that grows. What the disk does not take waits, so that nothing is lost when it
/// is full for a while.
#[derive(Debug)]
struct Lines {
    path: PathBuf,
    file: Option<File>,
    /// Bytes that are still to be written; they may begin within a line.
    pending: Vec<u8>,
}

impl Lines {
    fn new(path: PathBuf) -> Self {
        Self { path, file: None, pending: Vec::new() }
    }

    fn open(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => Ok(none.insert(append(&self.path)?)),
        }
    }

    /// # Errors
    /// If the disk does not take the line now; it waits, or is dropped if too many wait already.
    fn add(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let before = self.write();
        if self.pending.len() + bytes.len() > MOST_PENDING {
            return before.and(Err(io::ErrorKind::StorageFull.into()));
        }
        self.pending.extend(bytes);
        before.and_then(|()| self.write())
    }

    /// A line is written in one go unless the disk is full; a reader waits for its end.
    fn write(&mut self) -> io::Result<()> {
        while !self.pending.is_empty() {
            self.open()?;
            let Self { file: Some(file), pending, .. } = self else { break };
            match file.write(pending) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => drop(pending.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Opens a file to add to it. A line that was cut off by a crash is ended first.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
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

/// What the records in a folder show.
///
/// # Errors
/// If they cannot be read.
pub fn evidence(folder: &Path) -> Result<Evidence, FolderError> {
    let mut evidence = Evidence::default();
    let log = folder.join("alerts.jsonl");
    let failed = |error| FolderError::File { path: log.display().to_string(), error };
    match File::open(&log) {
        Ok(file) => {
            for line in BufReader::new(file).split(b'\n') {
                evidence.line(&String::from_utf8_lossy(&line.map_err(failed)?));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let saved = read_state(folder)?;
    for id in saved.machines.keys() {
        evidence.machine(id, saved.assets.get(id).map(String::as_str));
    }
    evidence.zone = saved.zone().map(str::to_owned);
    for (id, shown) in &saved.shown {
        if let Some(machine) = evidence.machines.get_mut(id) {
            machine.name = Some(Text::from(&shown.name));
        }
    }
    if let Some(at) = saved.at {
        evidence.watched_until(&at.to_string());
    }
    Ok(evidence)
}

/// How many bytes of a file of records are looked through for what has been told since a state was kept.
const MOST_LOOKED_THROUGH: u64 = 8 << 20;

/// The times of files are coarser than the clock, by some seconds at most.
const COARSE: f64 = 2.0;

/// What has been told of each machine since its state was kept at some moment.
///
/// # Errors
/// If the records cannot be read.
pub(crate) fn told_since(folder: &Path, saved: &Saved) -> io::Result<BTreeMap<String, AlreadyTold>> {
    let mut told: BTreeMap<String, AlreadyTold> = BTreeMap::new();
    let mut files = history(folder)?;
    files.push(folder.join("alerts.jsonl"));
    for file in files {
        let mut file = match File::open(file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let known = file.metadata()?;
        let written = known.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        if saved.at.is_some_and(|at| Time::from_seconds(written.as_secs_f64() + COARSE) < at) {
            continue;
        }
        file.seek(SeekFrom::Start(known.len().saturating_sub(MOST_LOOKED_THROUGH)))?;
        for line in BufReader::new(file).split(b'\n') {
            // The first line may be cut off, and so may the last one.
            let Ok(line) = serde_json::from_slice::<Value>(&line?) else { continue };
            let Some(machine) = line["machine"].as_str() else { continue };
            let judged = saved.machines.get(machine).and_then(|kept| kept.judged);
            let at = ["end", "at"].iter().find_map(|key| Time::parse(line[key].as_str()?).ok());
            // Times are written with milliseconds.
            if judged.is_none_or(|judged| at.is_some_and(|at| at.since(judged) > -SAME)) {
                told.entry(machine.to_owned()).or_default().take(&line);
            }
        }
    }
    Ok(told)
}

/// The files of the history, oldest first.
///
/// # Errors
/// If the folder cannot be read.
pub fn history(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder.join("history")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    Ok(files)
}

/// Asks something of the monitor of a folder, whether it runs or not: it reads requests within a
/// second, or when it starts.
///
/// # Errors
/// If the request cannot be written.
pub fn ask(folder: &Path, request: &Request) -> io::Result<()> {
    if !folder.is_dir() {
        return Err(trouble(io::ErrorKind::NotFound, "フォルダーがありません", "there is no such folder"));
    }
    let mut lines = Lines::new(folder.join("requests.jsonl"));
    lines.add(request)?;
    lines.open()?.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_before_is_not_done_after_what_came_later() {
        use std::slice::from_ref;

        let maintenance = |until: u32, asked: Option<u32>| Request::Maintenance {
            machine: "robot".to_owned(),
            until: Time::from_seconds(f64::from(until)),
            by: "Sato".to_owned(),
            asked: asked.map(|asked| Time::from_seconds(f64::from(asked))),
        };
        let (on, off) = (maintenance(900, Some(10)), maintenance(20, Some(20)));
        let is_past = |of: &Request, done: &[Request]| of.is_past(done, Time::from_seconds(25.0));
        assert!(!on.is_done(&[]) && on.is_done(from_ref(&on)), "it is done once");
        assert!(is_past(&on, from_ref(&off)) && !is_past(&off, from_ref(&on)), "what was asked last holds");
        let ahead = maintenance(900, Some(30));
        assert!(!is_past(&off, from_ref(&ahead)), "a clock that is ahead does not hold against others");
        let old = maintenance(900, None);
        let before = [old.clone(), off.clone()];
        assert!(!old.is_done(&before) && !is_past(&old, &before), "one that does not tell when is done");
        let seen = |since: Option<u32>, asked: u32| Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: None,
            since: since.map(|since| Time::from_seconds(f64::from(since))),
            by: "Sato".to_owned(),
            note: None,
            asked: Some(Time::from_seconds(f64::from(asked))),
        };
        assert!(!is_past(&seen(None, 10), &[off, on, seen(None, 20)]), "another one does not take its place");
        let (began, moment) = (Time::from_seconds(100.0), |second| Some(Time::from_seconds(second)));
        assert!(seen(None, 0).acknowledges("stuck", began, moment(101.0)));
        assert!(!seen(None, 0).acknowledges("stuck", began, moment(99.0)), "nobody has seen it by then");
        assert!(seen(None, 0).acknowledges("stuck", began, None));
        assert!(seen(Some(100), 0).acknowledges("stuck", began, moment(99.0)), "it names the alert");
    }

    #[test]
    fn requests_are_read_once_and_only_whole() {
        let folder = tempfile::tempdir().unwrap();
        let open = Folder::open(folder.path(), 10).unwrap();
        assert_eq!(open.requests(0).unwrap(), (Vec::new(), 0));
        let request = Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: None,
            since: None,
            by: "Sato".to_owned(),
            note: Some("belt".to_owned()),
            asked: None,
        };
        ask(folder.path(), &request).unwrap();
        let (found, place) = open.requests(0).unwrap();
        assert_eq!(found, [Ok(request.clone())]);
        let mut file = append(&folder.path().join("requests.jsonl")).unwrap();
        file.write_all(b"{\"request\":").unwrap();
        assert_eq!(open.requests(place).unwrap(), (Vec::new(), place), "half a line waits");
        ask(folder.path(), &request).unwrap();
        let (found, _) = open.requests(place).unwrap();
        assert!(found[0].is_err() && found[1] == Ok(request));
    }

    #[test]
    fn what_the_disk_does_not_take_is_written_when_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let mut open = Folder::open(folder.path(), 10).unwrap();
        let history = folder.path().join("history");
        fs::write(&history, "in the way").unwrap();
        for line in ["one", "two"] {
            assert!(open.remember("2026-04-01", &line).is_err());
        }
        assert!(open.is_behind() && open.catch_up().is_err());
        fs::remove_file(&history).unwrap();
        open.catch_up().unwrap();
        assert!(!open.is_behind());
        open.remember("2026-04-01", &"three").unwrap();
        let written = fs::read_to_string(history.join("2026-04-01.jsonl")).unwrap();
        assert_eq!(written, "\"one\"\n\"two\"\n\"three\"\n");
    }

    #[test]
    fn lines_that_are_too_many_are_told_and_dropped_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::create_dir(&path).unwrap();
        let mut lines = Lines::new(path.clone());
        let long = "x".repeat(MOST_PENDING / 3);
        for _ in 0..4 {
            assert!(lines.add(&long).is_err());
        }
        fs::remove_dir(&path).unwrap();
        lines.add(&"after").unwrap();
        let written = fs::read_to_string(&path).unwrap();
        let sizes: Vec<usize> = written.lines().map(str::len).collect();
        assert_eq!(sizes, [long.len() + 2, long.len() + 2, "\"after\"".len()]);
    }

    #[test]
    fn a_clock_that_is_wrong_takes_no_days_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut open = Folder::open(folder.path(), 2).unwrap();
        open.remember("2026-04-01", &"right").unwrap();
        for day in ["2080-01-01", "2081-01-01", "1970-01-01", "2082-01-01"] {
            open.remember(day, &day).unwrap();
        }
        let days = history(folder.path()).unwrap();
        assert_eq!(days.len(), 3, "{days:?}");
        assert!(days[0].ends_with("1970-01-01.jsonl") && days[1].ends_with("2026-04-01.jsonl"));
        assert_eq!(fs::read_to_string(&days[2]).unwrap().lines().count(), 3, "as the last day that has come");
    }

    #[test]
    fn one_monitor_in_a_folder_and_old_days_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut open = Folder::open(folder.path(), 2).unwrap();
        assert!(matches!(Folder::open(folder.path(), 2), Err(FolderError::InUse(_))));
        for (day, age) in [("2026-04-01", 50), ("2026-04-02", 40), ("2026-04-03", 0)] {
            open.remember(day, &day).unwrap();
            let path = folder.path().join(format!("history/{day}.jsonl"));
            let file = File::options().append(true).open(path).unwrap();
            let written = file.metadata().unwrap().modified().unwrap();
            file.set_modified(written - Duration::from_hours(age)).unwrap();
        }
        let days = history(folder.path()).unwrap();
        assert!(days.len() == 2 && days[0].ends_with("2026-04-02.jsonl"));
        drop(open);
        fs::write(folder.path().join("state.json"), "{").unwrap();
        let error = Folder::open(folder.path(), 2).unwrap().load().unwrap_err();
        assert!(error.text().get(Lang::En).contains("move it away"));
    }
}
