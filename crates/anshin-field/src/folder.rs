//! The folder in which a monitor keeps what outlives it: its state, the log of alerts, the history
//! of cycles, and requests of people.

mod lines;
mod past;
mod request;
mod saved;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use anshin_model::{Lang, Text};
use anshin_monitor::Time;
use lines::Lines;
pub(crate) use lines::append;
pub(crate) use past::told_since;
pub use past::{evidence, history, is_kept};
pub use request::{MOST_NAME, MOST_NOTE, Request};
pub use saved::{Other, Saved, Troubles, read_state, stopped};
use serde::Serialize;

use crate::clock;
use crate::trouble::{trouble, why};

/// Longest request, in bytes.
const MOST_REQUEST: u64 = 1 << 16;

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
        self.days.retain(|_, lines| lines.is_behind());
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
        self.log.is_behind() || self.days.values().any(Lines::is_behind)
    }

    /// Writes lines that the disk has not taken yet.
    ///
    /// # Errors
    /// If it still does not take them.
    pub fn catch_up(&mut self) -> io::Result<()> {
        self.log.write()?;
        if self.days.values().any(Lines::is_behind) {
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
