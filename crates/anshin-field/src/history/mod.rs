//! The history of readings: what machines and meters said, as Parquet files by day.
//!
//! Rows go to a journal as they come, and from it into a file when there are enough of them, an hour
//! has passed or the day is over. After a crash the journal is read again, and machines catch up with
//! what stands in it. The footprint is bounded: the oldest files go first.

mod journal;
mod parts;
#[cfg(feature = "parquet")]
pub mod table;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_monitor::cycle::Doubt;
use anshin_monitor::machine::Noted;
use anshin_monitor::{Reading, Time, What};

use crate::clock;
use journal::Journal;
pub use journal::row;
pub use parts::{Part, parts};

/// Batches that wait for the disk at most.
const QUEUE: usize = 64;

/// Rows in a file at most; so many are held in memory.
const MOST_ROWS: usize = 250_000;

/// Bytes of rows in a file at most, before they are packed.
const MOST_OPEN_BYTES: u64 = 64 << 20;

/// How long to wait until a file that could not be written is tried again.
const PAUSE: Duration = Duration::from_secs(30);

/// How long people wait at most to be told what follows from readings that are on their way to the journal.
const SETTLES: Duration = Duration::from_millis(250);

/// How long a file is left open.
const LONGEST: Duration = Duration::from_hours(1);

/// A reading as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// When, by the clock of who said it.
    pub time: Time,
    /// The machine.
    pub machine: Arc<str>,
    /// What was said: `power`, `start`, `key-0` and so on.
    pub input: Cow<'static, str>,
    /// The number, if it is one.
    pub value: Option<f64>,
    /// The word, if it is one.
    pub word: Option<Arc<str>>,
    /// Whether it came while more came than could be worked on.
    pub doubtful: bool,
}

impl Row {
    /// A row for a reading.
    pub fn new(machine: &Arc<str>, reading: &Reading, doubtful: bool) -> Self {
        let parts = reading.what.parts();
        Self {
            time: reading.time,
            machine: Arc::clone(machine),
            input: parts.input,
            value: parts.value,
            word: parts.word,
            doubtful,
        }
    }

    /// A row that says that something of a machine may be missing, and why.
    fn of_doubt(machine: &Arc<str>, time: Time, why: &str) -> Self {
        let (machine, word) = (Arc::clone(machine), Some(Arc::from(why)));
        Self { time, machine, input: Cow::Borrowed(DOUBT), value: None, word, doubtful: true }
    }

    /// What the row says of its machine; `None` if it says nothing that is known here.
    pub fn noted(&self) -> Option<Noted> {
        if self.input == DOUBT {
            return match self.word.as_deref()? {
                BEGIN => Some(Noted::Begun(self.time)),
                doubt => Doubt::named(doubt).map(Noted::Doubt),
            };
        }
        let what = What::from_parts(&self.input, self.value, self.word.as_deref())?;
        Some(Noted::Reading(Reading { time: self.time, what }, self.doubtful))
    }
}

/// The input of a row that says that something may be missing.
const DOUBT: &str = "doubt";

/// Its word where watching began: what came before is not known.
const BEGIN: &str = "begin";

/// What is to be kept.
#[derive(Debug)]
enum Batch {
    /// Readings with the numbers of their machines, and whether they are doubtful.
    Readings(Vec<(usize, Reading)>, bool),
    /// Something of these machines may be missing, at these moments, and why.
    Doubt(Vec<(usize, Time)>, &'static str),
}

/// How far the journal has come.
#[derive(Debug, Default)]
struct Progress {
    /// So many batches are in it, or cannot be.
    written: u64,
    /// A file is being written, which takes its time.
    is_busy: bool,
}

/// The same, for whoever waits.
#[derive(Debug, Default)]
struct Settled {
    progress: Mutex<Progress>,
    changed: Condvar,
}

impl Settled {
    fn set(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

/// What a monitor took down last that was killed.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// The rows, in the order in which they came.
    rows: Vec<Row>,
    /// When the last one was written, by the clock of this computer.
    until: Option<Time>,
}

impl Tail {
    /// What was taken down last, from before the state was kept on. Who has taken leave has closed the journal, and
    /// all before it is judged.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn read(folder: &Path, kept: Option<Time>, has_left: bool) -> io::Result<Self> {
        let path = folder.join("readings").join(JOURNAL);
        let rows = journal::read(&path)?;
        let written = |path: &Path| {
            let written = std::fs::metadata(path).and_then(|known| known.modified()).ok()?;
            let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_nanos()).ok().map(Time::from_nanos)
        };
        let (mut tail, mut count) = (vec![rows], 0);
        let mut until = written(&path).filter(|_| !tail[0].is_empty());
        let parts = if has_left { Vec::new() } else { parts(folder)? };
        for part in parts.iter().rev() {
            count += tail.last().map_or(0, Vec::len);
            if count > MOST_ROWS {
                break;
            }
            let closed = written(&part.path);
            until = until.or(closed);
            tail.push(parts::rows(part)?);
            // What was running when the state was kept had begun before.
            if kept.is_some() && closed < kept {
                break;
            }
        }
        Ok(Self { rows: tail.into_iter().rev().flatten().collect(), until })
    }

    /// Whether nothing was taken down.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What was taken down of each machine.
    pub(crate) fn by_machine(&self) -> BTreeMap<&str, Vec<Noted>> {
        let mut all: BTreeMap<&str, Vec<Noted>> = BTreeMap::new();
        for row in &self.rows {
            all.entry(&row.machine).or_default().extend(row.noted());
        }
        all
    }

    /// For how many seconds nothing has been taken down.
    pub(crate) fn away(&self, now: Time) -> f64 {
        self.until.map_or(0.0, |until| now.since(until).max(0.0))
    }
}

/// The files in the folder of a monitor, oldest first, and the rows that are in none of them yet.
///
/// # Errors
/// If they cannot be read.
pub fn all(folder: &Path) -> io::Result<(Vec<Part>, Vec<Row>)> {
    let mut before = parts(folder)?;
    loop {
        let rows = journal::read(&folder.join("readings").join(JOURNAL))?;
        let parts = parts(folder)?;
        // A monitor that runs may have put the rows into a file meanwhile.
        if parts == before {
            return Ok((parts, rows));
        }
        before = parts;
    }
}

/// The journal in the folder of the readings.
const JOURNAL: &str = "open.journal";

/// The history as the live run sees it. It never waits for the disk.
#[derive(Debug)]
pub(crate) struct History {
    rows: Option<SyncSender<Batch>>,
    /// Readings that are not kept: the disk was too slow, or full.
    pub(crate) lost: Arc<AtomicU64>,
    /// Machines of which something is not kept, while that is not written down.
    gaps: BTreeMap<usize, Time>,
    /// How many batches are on their way or in the journal.
    sent: u64,
    settled: Arc<Settled>,
    /// The journal did not come so far while somebody waited.
    behind: Option<u64>,
    thread: Option<JoinHandle<()>>,
}

impl History {
    /// Begins to keep readings in a folder, of at most so many bytes. Where watching begins, something may be
    /// missing: machines with the moments at which it does.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(crate) fn start(
        folder: &Path,
        machines: Vec<Arc<str>>,
        most_bytes: u64,
        begun: Vec<(usize, Time)>,
    ) -> io::Result<Self> {
        let (rows, waiting) = sync_channel(QUEUE);
        let (lost, settled) = (Arc::<AtomicU64>::default(), Arc::<Settled>::default());
        let keeper = Keeper {
            folder: folder.join("readings"),
            machines,
            most_bytes,
            lost: Arc::clone(&lost),
            settled: Arc::clone(&settled),
            taken: 0,
            rows: Vec::new(),
            bytes: 0,
            opened: Instant::now(),
            day: String::new(),
            failed: None,
        };
        let thread =
            std::thread::Builder::new().name("history".to_owned()).spawn(move || keeper.run(&waiting))?;
        let rows = Some(rows);
        let mut history =
            Self { rows, lost, gaps: BTreeMap::new(), sent: 0, settled, behind: None, thread: Some(thread) };
        history.send(Batch::Doubt(begun, BEGIN));
        Ok(history)
    }

    /// Hands a batch on; it comes back where the disk is too slow.
    fn send(&mut self, batch: Batch) -> Option<Batch> {
        match self.rows.as_ref()?.try_send(batch) {
            Ok(()) => {
                self.sent += 1;
                None
            }
            Err(TrySendError::Full(batch)) => Some(batch),
            // A thread that has panicked keeps nothing more.
            Err(TrySendError::Disconnected(_)) => None,
        }
    }

    /// Waits until all that was to be kept is in the journal: what a person is told from here on is found again
    /// after a crash. Nobody waits for long, nor twice for a disk that is slow.
    pub(crate) fn settle(&mut self) {
        let progress = self.settled.progress.lock().unwrap_or_else(PoisonError::into_inner);
        if self.behind.is_some_and(|behind| progress.written < behind) {
            return;
        }
        let is_awaited = |progress: &mut Progress| progress.written < self.sent && !progress.is_busy;
        let waited = self.settled.changed.wait_timeout_while(progress, SETTLES, is_awaited);
        let (progress, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.behind = Some(self.sent).filter(|sent| progress.written < *sent);
    }

    /// Keeps readings.
    pub(crate) fn take<'a>(&mut self, readings: impl Iterator<Item = &'a (usize, Reading)>, doubtful: bool) {
        self.catch_up();
        let readings: Vec<_> = readings.cloned().collect();
        if readings.is_empty() {
            return;
        }
        if let Some(Batch::Readings(readings, _)) = self.send(Batch::Readings(readings, doubtful)) {
            self.lost.fetch_add(readings.len() as u64, Ordering::Relaxed);
            self.gaps.extend(readings.into_iter().map(|(n, reading)| (n, reading.time)));
        }
    }

    /// Keeps that something of a machine may be missing.
    pub(crate) fn doubt(&mut self, n: usize, now: Time) {
        self.gaps.insert(n, now);
        self.catch_up();
    }

    fn catch_up(&mut self) {
        if self.gaps.is_empty() {
            return;
        }
        let gaps = std::mem::take(&mut self.gaps).into_iter().collect();
        if let Some(Batch::Doubt(gaps, _)) = self.send(Batch::Doubt(gaps, Doubt::Gap.id())) {
            self.gaps.extend(gaps);
        }
    }
}

impl Drop for History {
    fn drop(&mut self) {
        self.rows = None;
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has nothing more to write.
            let _ = thread.join();
        }
    }
}

/// Writes the files.
struct Keeper {
    folder: PathBuf,
    machines: Vec<Arc<str>>,
    most_bytes: u64,
    lost: Arc<AtomicU64>,
    settled: Arc<Settled>,
    /// How many batches have come.
    taken: u64,
    rows: Vec<Row>,
    /// Bytes of the rows, roughly as they stand in the journal.
    bytes: u64,
    opened: Instant,
    day: String,
    /// When a file could not be written.
    failed: Option<Instant>,
}

/// What a row counts besides its word.
const ROW_BYTES: u64 = 48;

/// The day by which files are kept.
fn today() -> String {
    clock::now().stamp().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn bytes_of(rows: &[Row]) -> u64 {
    rows.iter().map(|row| ROW_BYTES + row.word.as_ref().map_or(0, |word| word.len() as u64)).sum()
}

impl Keeper {
    fn run(mut self, waiting: &Receiver<Batch>) {
        let mut journal = self.recover();
        loop {
            let batch = waiting.try_recv().or_else(|_| {
                // Nothing waits, so what has come is written down: a monitor may be killed at any moment.
                if let Some(journal) = &mut journal {
                    // What is not in the journal is still in memory.
                    let _ = journal.flush();
                }
                self.settled.set(|progress| progress.written = self.taken);
                waiting.recv_timeout(Duration::from_millis(500))
            });
            let day = today();
            let due = self.rows.len() >= MOST_ROWS
                || self.bytes > MOST_OPEN_BYTES.min(self.most_bytes / 4)
                || self.opened.elapsed() > LONGEST
                || day != self.day;
            if due && self.failed.is_none_or(|at| at.elapsed() > PAUSE) {
                self.settled.set(|progress| progress.is_busy = true);
                self.close(&mut journal);
                self.settled.set(|progress| progress.is_busy = false);
                self.day = day;
            }
            match batch {
                Ok(batch) => {
                    self.taken += 1;
                    let before = self.rows.len();
                    self.add(batch);
                    self.bytes += bytes_of(&self.rows[before..]);
                    if self.rows.len() > 2 * MOST_ROWS || self.bytes > 2 * MOST_OPEN_BYTES {
                        // The disk takes nothing, and memory is bounded.
                        let most = self.rows.len().div_ceil(2);
                        self.rows.drain(..most);
                        self.bytes = bytes_of(&self.rows);
                        self.lost.fetch_add(most as u64, Ordering::Relaxed);
                    } else if let Some(journal) = &mut journal {
                        // What is not in the journal is still in memory.
                        let _ = journal.add(&self.rows[before..]);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.close(&mut journal);
                    return;
                }
            }
        }
    }

    fn add(&mut self, batch: Batch) {
        let machines = &self.machines;
        match batch {
            Batch::Readings(readings, doubtful) => {
                let rows = readings.iter().map(|(n, reading)| Row::new(&machines[*n], reading, doubtful));
                self.rows.extend(rows);
            }
            Batch::Doubt(of, why) => {
                self.rows.extend(of.iter().map(|(n, time)| Row::of_doubt(&machines[*n], *time, why)));
            }
        }
    }

    /// Takes up what a monitor before has left in its journal.
    fn recover(&mut self) -> Option<Journal> {
        parts::tidy(&self.folder);
        let path = self.folder.join(JOURNAL);
        self.rows = journal::read(&path).unwrap_or_default();
        self.bytes = bytes_of(&self.rows);
        self.opened = Instant::now();
        self.day = today();
        Journal::open(&path).ok()
    }

    /// Writes the rows into a file; if that cannot be done they stay, and are tried again.
    fn close(&mut self, journal: &mut Option<Journal>) {
        self.opened = Instant::now();
        if self.rows.is_empty() {
            return;
        }
        if parts::write(&self.folder, &self.rows).is_ok() {
            self.rows.clear();
            self.bytes = 0;
            // The old journal still writes what it holds when it goes.
            *journal = None;
            *journal = Journal::anew(&self.folder.join(JOURNAL)).ok();
            let _ = parts::forget(&self.folder, self.most_bytes);
            self.failed = None;
        } else {
            self.failed = Some(Instant::now());
        }
    }
}

#[cfg(all(test, feature = "parquet"))]
mod tests {
    use super::*;

    fn readings(from: u32, to: u32) -> Vec<(usize, Reading)> {
        (from..to)
            .map(|n| {
                let what = match n % 3 {
                    0 => What::Power(f64::from(n)),
                    1 => What::Key(0, Arc::from("O1, 2")),
                    _ => What::Start,
                };
                (usize::from(n % 2 == 0), Reading { time: Time::from_seconds(f64::from(n)), what })
            })
            .collect()
    }

    fn kept(folder: &Path) -> Vec<Row> {
        let mut rows = Vec::new();
        for part in parts(folder).expect("the folder can be read") {
            table::read(&part.path, |row| rows.push(row)).expect("the file can be read");
        }
        rows
    }

    #[test]
    fn readings_come_back_and_outlive_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let machines: Vec<Arc<str>> = vec![Arc::from("a"), Arc::from("b")];
        let all = readings(0, 100);
        let mut history = History::start(folder.path(), machines.clone(), 1 << 20, Vec::new()).unwrap();
        history.take(all[..60].iter(), false);
        history.take(all[60..].iter(), true);
        drop(history);
        let expected: Vec<Row> = all
            .iter()
            .enumerate()
            .map(|(i, (n, reading))| Row::new(&machines[*n], reading, i >= 60))
            .collect();
        assert_eq!(kept(folder.path()), expected);

        // A journal that was left behind, with its last line cut off.
        let path = folder.path().join("readings/open.journal");
        let mut journal = Journal::open(&path).unwrap();
        journal.add(&expected[..10]).unwrap();
        journal.flush().unwrap();
        let text = std::fs::read(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 3]).unwrap();
        drop(History::start(folder.path(), machines, 1 << 20, Vec::new()).unwrap());
        let rows = kept(folder.path());
        assert_eq!(rows.len(), 109);
        assert_eq!(rows[100..], expected[..9]);
    }

    #[test]
    fn what_people_are_told_from_is_taken_down_before() {
        let folder = tempfile::tempdir().unwrap();
        let (machines, begun) = (vec![Arc::from("a"), Arc::from("b")], Time::from_seconds(-1.0));
        let mut history = History::start(folder.path(), machines, 1 << 20, vec![(1, begun)]).unwrap();
        for n in 0..50 {
            history.take(readings(n * 10, n * 10 + 10).iter(), false);
            // A busy computer may take longer than people are kept waiting.
            history.settle();
            while history.behind.is_some() {
                std::thread::yield_now();
                history.settle();
            }
            // Killed here, it leaves this.
            let tail = Tail::read(folder.path(), None, false).unwrap();
            assert_eq!(tail.rows.len(), 1 + (n as usize + 1) * 10);
            assert!(matches!(tail.rows[0].noted(), Some(Noted::Begun(at)) if at == begun));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_not_filled_with_what_was_begun() {
        let folder = tempfile::tempdir().unwrap();
        let readings_folder = folder.path().join("readings");
        let left = readings_folder.join("day=2026-04-01/part-1.new");
        std::fs::create_dir_all(left.parent().unwrap()).unwrap();
        std::fs::write(&left, "half a file").unwrap();
        drop(History::start(folder.path(), vec![Arc::from("a")], 1 << 20, Vec::new()).unwrap());
        assert!(!left.exists(), "what a monitor before has begun is removed");

        let rows: Vec<Row> =
            readings(0, 9).iter().map(|(_, reading)| Row::new(&Arc::from("a"), reading, false)).collect();
        let new = readings_folder.join("part.new");
        std::os::unix::fs::symlink("/dev/full", &new).unwrap();
        assert!(parts::write(&readings_folder, &rows).is_err());
        assert!(new.symlink_metadata().is_err(), "what could not be written is removed");
        parts::write(&readings_folder, &rows).unwrap();
        assert_eq!(kept(folder.path()), rows);
    }

    #[test]
    fn the_oldest_files_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let machines: Vec<Arc<str>> = vec![Arc::from("a"), Arc::from("b")];
        for n in 0..4 {
            let mut history = History::start(folder.path(), machines.clone(), 1, Vec::new()).unwrap();
            history.take(readings(n * 100, n * 100 + 50).iter(), false);
            drop(history);
        }
        let rows = kept(folder.path());
        assert_eq!((rows.len(), rows[0].time), (50, Time::from_seconds(300.0)), "the newest one stays");
    }
}
