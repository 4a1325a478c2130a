//! Recordings, the history that a monitor has kept, and how they are put through the machines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(feature = "parquet")]
use anshin_field::history::{self, table};
use anshin_model::{Lang, Text};
use anshin_monitor::config::Source;
use anshin_monitor::input::{comma_hint, is_no_number};
use anshin_monitor::number::Decimal;
use anshin_monitor::recording::{RecordingError, Row, Rows, Skipped};
use anshin_monitor::{Configuration, Monitor, Said, Time};

use super::args::ReplayArgs;
use super::{Teller, told};
use crate::input::Failure;
use crate::output::Output;

/// Puts the history or the recordings through the machines; false if nobody listens any more.
pub(super) fn play(
    args: &ReplayArgs,
    configuration: &Configuration,
    monitor: &mut Monitor<'_>,
    teller: &mut Teller<'_>,
) -> Result<bool, Failure> {
    if let Some(folder) = &args.history {
        return history(folder, args, (configuration, monitor), teller);
    }
    let mut pace = Pace::new(args.speed);
    for at_once in in_turns(configuration, &args.recordings, teller.output)? {
        let mut said_all = Ok(());
        let output = teller.output;
        let mut say = |n: usize, said: Said| {
            if said_all.is_ok() {
                said_all = teller.tell(&configuration.machines[n], &said);
            }
            // Whoever waits for what is to come sees what has been.
            if said_all.is_ok() && args.speed.is_some() {
                said_all = teller.out.flush();
            }
        };
        let files = at_once.into_iter().map(|(source, paths)| {
            let (from, names) = (monitor.next_recording(source, &mut say), monitor.names(source));
            let (numbers, unread) = (monitor.numbers(source), BTreeMap::new());
            let topics = OfTopics { taken: monitor.topics(source), come: BTreeSet::new() };
            let (paths, open) = (paths.into_iter(), None);
            (source, Files { source: from, names, numbers, topics, paths, open, unread, output })
        });
        let files = files.collect();
        monitor.play(files, |time| pace.wait(time), &mut say)?;
        if !told(said_all)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets what was recorded go by as it happened, some times as fast.
struct Pace {
    speed: Option<f64>,
    /// When the first of it went by, and its time.
    began: Option<(Instant, Time)>,
}

impl Pace {
    /// A pace that waits for nothing if no speed is given.
    fn new(speed: Option<u32>) -> Self {
        Self { speed: speed.map(f64::from), began: None }
    }

    /// Waits until a moment has come.
    fn wait(&mut self, time: Time) {
        let Some(speed) = self.speed else { return };
        let (began, first) = *self.began.get_or_insert_with(|| (Instant::now(), time));
        // Times that a duration cannot hold are millions of years away.
        if let Ok(due) = Duration::try_from_secs_f64(time.since(first) / speed) {
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
}

/// Recordings that are put through at once: files of each source, one after the other.
type AtOnce = BTreeMap<usize, Vec<PathBuf>>;

/// What is put through one after the other. Recordings of several sources go through at once, by their
/// times; those whose rows follow at a fixed pace have none, and go through alone.
fn in_turns(
    configuration: &Configuration,
    recordings: &[String],
    output: Output,
) -> Result<Vec<AtOnce>, Failure> {
    let (mut turns, mut by_time): (Vec<AtOnce>, Option<usize>) = (Vec::new(), None);
    let mut paced = Vec::new();
    for recording in recordings {
        let (source, path) = source_of(configuration, recording)?;
        let of = &configuration.sources[source];
        if of.time.begins_anew() {
            if !paced.contains(&of.id.as_str()) {
                paced.push(of.id.as_str());
            }
            turns.push(AtOnce::from([(source, vec![path])]));
            continue;
        }
        let turn = *by_time.get_or_insert_with(|| {
            turns.push(AtOnce::new());
            turns.len() - 1
        });
        turns[turn].entry(source).or_default().push(path);
    }
    if !paced.is_empty() && paced.len() + usize::from(by_time.is_some()) > 1 {
        let paced = paced.join(", ");
        output.say(&Text::new(
            format!(
                "{paced}: 行に時刻がない（一定の間隔で続く、または始まりからの秒数）ので、ほかの源の記録と時刻で合わせられません。1つずつ順に読みます"
            ),
            format!(
                "{paced}: rows without times (at a fixed pace, or in seconds from the beginning) cannot be brought together with recordings of other sources; they are read one after the other"
            ),
        ));
    }
    Ok(turns)
}

/// The source and the file that a recording names.
fn source_of(configuration: &Configuration, recording: &str) -> Result<(usize, PathBuf), Failure> {
    let sources = &configuration.sources;
    if let Some((id, path)) = recording.split_once('=')
        && let Some(n) = sources.iter().position(|source| source.id == *id)
    {
        return Ok((n, PathBuf::from(path)));
    }
    if sources.len() == 1 {
        return Ok((0, PathBuf::from(recording)));
    }
    let ids = sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", ");
    Err(Failure::new(
        format!("`{recording}`がどの源の記録か分かりません。`源=ファイル`と書いてください（源: {ids}）"),
        format!("it is not clear which source `{recording}` is of; write SOURCE=FILE (sources: {ids})"),
    ))
}

/// The rows of a source's files, one file after the other, of which one is open at a time.
struct Files {
    source: Source,
    names: Vec<String>,
    /// Those of the names that numbers are wanted of.
    numbers: BTreeSet<String>,
    topics: OfTopics,
    paths: std::vec::IntoIter<PathBuf>,
    open: Option<(PathBuf, Open)>,
    /// Columns of the open file with values that are no numbers.
    unread: BTreeMap<Arc<str>, Unread>,
    output: Output,
}

/// Topics of whose rows machines take values, and those that the rows of the files are of.
struct OfTopics {
    taken: BTreeSet<String>,
    come: BTreeSet<Arc<str>>,
}

/// Most topics that are remembered, and most that are named to a person.
const MOST_TOPICS: usize = 1_000;
const MOST_NAMED: usize = 12;

impl OfTopics {
    fn see(&mut self, topic: Option<&Arc<str>>) {
        if let Some(topic) = topic.filter(|topic| !self.come.contains(*topic))
            && self.come.len() < MOST_TOPICS
        {
            self.come.insert(Arc::clone(topic));
        }
    }

    /// What a person is told where topics that are taken do not come, or others come.
    fn tell(&self, source: &Source) -> Option<Text> {
        let column = source.topic.as_ref()?;
        let named = |topics: &mut dyn Iterator<Item = &str>| {
            topics.take(MOST_NAMED).map(|topic| format!("`{topic}`")).collect::<Vec<_>>().join(", ")
        };
        let has_come = |topic: &&String| self.come.contains(topic.as_str());
        let missing = named(&mut self.taken.iter().filter(|topic| !has_come(topic)).map(String::as_str));
        let beside = self.come.iter().filter(|topic| !self.taken.contains(&***topic));
        let beside = named(&mut beside.map(|topic| &**topic));
        let (mut ja, mut en) = (Vec::new(), Vec::new());
        if !missing.is_empty() {
            ja.push(format!("{missing}の行はありません"));
            en.push(format!("no row is of {missing}"));
        }
        if !beside.is_empty() {
            ja.push(format!("{beside}の行は、どの機械の入力も取りません"));
            en.push(format!("no input takes the rows of {beside}"));
        }
        let id = &source.id;
        (!ja.is_empty()).then(|| {
            Text::new(
                format!("{id}の列`{column}`: {}", ja.join("。")),
                format!("column `{column}` of {id}: {}", en.join("; ")),
            )
        })
    }
}

/// Values of a column that are no numbers: how many, and the first of them with its line.
struct Unread {
    count: u64,
    line: u64,
    text: String,
}

/// A file that is being read.
enum Open {
    Text(Box<Rows<BufReader<File>>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<table::Recording>),
}

impl Files {
    fn open(&self, path: &Path) -> Result<Open, Failure> {
        if path.extension().is_some_and(|end| end == "parquet") {
            #[cfg(feature = "parquet")]
            return table::Recording::open(&self.source, &self.names, path)
                .map(|rows| Open::Parquet(Box::new(rows)))
                .map_err(|error| unread(path, error));
            #[cfg(not(feature = "parquet"))]
            return Err(super::without("parquet"));
        }
        let file = File::open(path).map_err(|error| {
            let (shown, (ja, en)) = (path.display(), super::why(&error));
            Failure::new(
                format!("記録`{shown}`を開けません（{ja}）"),
                format!("cannot open the recording `{shown}` ({en})"),
            )
        })?;
        Rows::open(&self.source, &self.names, BufReader::with_capacity(1 << 16, file))
            .map(|rows| Open::Text(Box::new(rows)))
            .map_err(|error| unread(path, error))
    }
}

impl Iterator for Files {
    type Item = Result<Row, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((path, open)) = &mut self.open {
                if let Some(row) = open.next() {
                    if let Ok(row) = &row {
                        count_unread(row, &self.numbers, self.source.decimal, &mut self.unread);
                        self.topics.see(row.topic.as_ref());
                    }
                    return Some(row.map_err(|error| unread(path, error)));
                }
                tell_skipped(path, open.skipped(), self.output);
                if let Open::Text(rows) = open
                    && let Some(only) = rows.tells_only()
                {
                    let shown = path.display();
                    let told = |lang| format!("{shown}: {}", only.get(lang));
                    self.output.say(&Text::new(told(Lang::Ja), told(Lang::En)));
                }
                for (column, unread) in std::mem::take(&mut self.unread) {
                    tell_unread(path, &column, &unread, self.output);
                }
                self.open = None;
            }
            let Some(path) = self.paths.next() else {
                if let Some(text) = self.topics.tell(&self.source) {
                    self.output.say(&text);
                }
                return None;
            };
            match self.open(&path) {
                Ok(open) => self.open = Some((path, open)),
                Err(failure) => return Some(Err(failure)),
            }
        }
    }
}

impl Open {
    fn next(&mut self) -> Option<Result<Row, RecordingError>> {
        match self {
            Open::Text(rows) => rows.next(),
            #[cfg(feature = "parquet")]
            Open::Parquet(rows) => rows.next(),
        }
    }

    fn skipped(&self) -> &Skipped {
        match self {
            Open::Text(rows) => rows.skipped(),
            #[cfg(feature = "parquet")]
            Open::Parquet(rows) => rows.skipped(),
        }
    }
}

/// A recording cannot be read.
fn unread(path: &Path, error: RecordingError) -> Failure {
    let message = match error {
        RecordingError::Form(text) => text,
        RecordingError::Read(error) => anshin_field::why(&error),
    };
    let shown = path.display();
    Failure::new(format!("{shown}: {}", message.get(Lang::Ja)), format!("{shown}: {}", message.get(Lang::En)))
}

/// Counts what is no number in a row where one is wanted.
fn count_unread(
    row: &Row,
    numbers: &BTreeSet<String>,
    decimal: Decimal,
    unread: &mut BTreeMap<Arc<str>, Unread>,
) {
    for (column, text) in &row.values {
        if numbers.contains(&**column) && is_no_number(text, decimal) {
            let first = || Unread { count: 0, line: row.line, text: text.trim().chars().take(40).collect() };
            unread.entry(Arc::clone(column)).or_insert_with(first).count += 1;
        }
    }
}

/// Tells which values of a column are no numbers.
fn tell_unread(path: &Path, column: &str, unread: &Unread, output: Output) {
    let Unread { count, line, text } = unread;
    let shown = path.display();
    let hint = comma_hint(text);
    let hint = |lang, before: &str| {
        hint.as_ref().map_or_else(String::new, |hint| format!("{before}{}", hint.get(lang)))
    };
    let (ja, en) = (hint(Lang::Ja, "。"), hint(Lang::En, "; "));
    output.say(&Text::new(
        format!(
            "{shown}: 列`{column}`の{count}個の値を数として読めませんでした（最初は{line}行目の`{text}`）{ja}"
        ),
        format!(
            "{shown}: {count} numbers of column `{column}` could not be read (the first is in line {line}: `{text}`){en}"
        ),
    ));
}

/// Tells which lines of a recording could not be read.
fn tell_skipped(path: &Path, skipped: &Skipped, output: Output) {
    let (Some(first), Some(why)) = (skipped.first, &skipped.why) else { return };
    let shown = path.display();
    output.say(&Text::new(
        format!(
            "{shown}: {}行のうち{}行を読めませんでした（最初は{first}行目: {}）",
            skipped.lines,
            skipped.skipped,
            why.get(Lang::Ja)
        ),
        format!(
            "{shown}: {} of {} lines could not be read (the first is line {first}: {})",
            skipped.skipped,
            skipped.lines,
            why.get(Lang::En)
        ),
    ));
}

/// What is watched, and the machines at work.
type Watched<'w, 'c> = (&'w Configuration, &'w mut Monitor<'c>);

#[cfg(not(feature = "parquet"))]
fn history(_: &Path, _: &ReplayArgs, _: Watched<'_, '_>, _: &mut Teller<'_>) -> Result<bool, Failure> {
    Err(super::without("parquet"))
}

/// Puts the history in a folder through the machines; false if nobody listens any more.
#[cfg(feature = "parquet")]
fn history(
    folder: &Path,
    args: &ReplayArgs,
    (configuration, monitor): Watched<'_, '_>,
    teller: &mut Teller<'_>,
) -> Result<bool, Failure> {
    use std::io;

    use anshin_monitor::cycle::Doubt;
    use anshin_monitor::machine::Noted;

    let failed = |path: &Path, error: io::Error| unread(path, RecordingError::Read(error));
    if !folder.is_dir() {
        return Err(super::live::no_folder(folder));
    }
    let zone = configuration.zone();
    let moments = super::records::Moments::read(args.from.as_deref(), args.to.as_deref(), &zone)?;
    let (parts, open) = history::all(folder).map_err(|error| failed(folder, error))?;
    let machines = configuration.machines.iter().enumerate();
    let machines: BTreeMap<&str, usize> = machines.map(|(n, of)| (of.id.as_str(), n)).collect();
    let (mut said_all, mut rows, mut pace) = (Ok(()), 0_u64, Pace::new(args.speed));
    let mut take = |row: history::Row| {
        let (Some(&n), Some(noted)) = (machines.get(&*row.machine), row.noted()) else { return };
        if !moments.has(Some(row.time)) {
            return;
        }
        let machine = &mut monitor.machines_mut()[n];
        let reading = match noted {
            Noted::Doubt(doubt) => return machine.doubt(doubt),
            Noted::Reading(reading, is_doubtful) => {
                if is_doubtful {
                    machine.doubt(Doubt::Overload);
                }
                reading
            }
        };
        rows += 1;
        pace.wait(row.time);
        machine.push(reading, &mut |said| {
            if said_all.is_ok() {
                said_all = teller.tell(&configuration.machines[n], &said);
            }
            if said_all.is_ok() && args.speed.is_some() {
                said_all = teller.out.flush();
            }
        });
    };
    for part in parts {
        let failed = |error| failed(&part.path, error);
        let span = table::span(&part.path).map_err(failed)?;
        let is_outside = |(first, last)| {
            moments.to.is_some_and(|to: Time| first > to)
                || moments.from.is_some_and(|from: Time| last < from)
        };
        if !span.is_some_and(is_outside) {
            table::read(&part.path, &mut take).map_err(failed)?;
        }
    }
    open.into_iter().for_each(&mut take);
    if rows == 0 {
        teller.output.say(&Text::new(
            "履歴に、この設定の機械の計測値はありません",
            "the history has no readings of the machines of this configuration",
        ));
    }
    told(said_all)
}
