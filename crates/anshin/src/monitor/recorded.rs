//! Recordings, the history that a monitor has kept, and how they are put through the machines.

#[cfg(feature = "parquet")]
use std::borrow::Cow;
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
#[cfg(feature = "parquet")]
use anshin_monitor::machine::{Noted, Settings, States};
use anshin_monitor::number::Decimal;
use anshin_monitor::recording::{RecordingError, Row, Rows, Skipped};
use anshin_monitor::{Configuration, Monitor, Said, Time};
#[cfg(feature = "parquet")]
use anshin_monitor::{Reading, What};
#[cfg(feature = "parquet")]
use jiff::civil::Date;

use super::args::ReplayArgs;
#[cfg(feature = "parquet")]
use super::records::{self, Moments};
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
                "{paced}: 行に時刻がない（一定の間隔で続く、または始まりからの秒数）ので、ほかの入力元の記録と時刻で合わせられません。1つずつ順に読みます"
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
        format!(
            "`{recording}`がどの入力元の記録か分かりません。`入力元=ファイル`と書いてください（入力元: {ids}）"
        ),
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
        if super::is_parquet(path) {
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

    let failed = |path: &Path, error: io::Error| unread(path, RecordingError::Read(error));
    if !folder.is_dir() {
        return Err(super::status::no_folder(folder));
    }
    let extent = Extent::read(args, configuration)?;
    let (parts, open) = history::all(folder).map_err(|error| failed(folder, error))?;
    let ids: BTreeMap<&str, usize> =
        configuration.machines.iter().enumerate().map(|(n, of)| (of.id.as_str(), n)).collect();
    let mut within: Vec<Within<'_>> =
        configuration.machines.iter().map(|of| Within::new(&extent, &of.settings)).collect();
    let mut near = Vec::new();
    for part in parts {
        let span = table::span(&part.path).map_err(|error| failed(&part.path, error))?;
        if span.is_none_or(|span| within.iter().any(|of| of.is_near(span))) {
            near.push(part);
        }
    }
    let (mut said_all, mut is_known, mut pace) = (Ok(()), false, Pace::new(args.speed));
    let mut take = |row: history::Row| {
        let (Some(&n), Some(noted)) = (ids.get(&*row.machine), row.noted()) else { return };
        let Some(stood) = within[n].takes(&row, &noted) else { return };
        let machine = &mut monitor.machines_mut()[n];
        for reading in stood {
            machine.push(reading, &mut |_| ());
        }
        let reading = match noted {
            Noted::Doubt(doubt) => return machine.doubt(doubt),
            Noted::Begun(_) => return machine.doubt(Doubt::Gap),
            Noted::Reading(reading, is_doubtful) => {
                if is_doubtful {
                    machine.doubt(Doubt::Overload);
                }
                reading
            }
        };
        is_known = true;
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
    for part in near {
        table::read(&part.path, &mut take).map_err(|error| failed(&part.path, error))?;
    }
    open.into_iter().for_each(&mut take);
    for (n, (of, machine)) in within.iter_mut().zip(monitor.machines_mut()).enumerate() {
        let Some(now) = of.watched_until() else { continue };
        is_known = true;
        for reading in of.stood() {
            machine.push(reading, &mut |_| ());
        }
        machine.tick(now, &mut |said| {
            if said_all.is_ok() {
                said_all = teller.tell(&configuration.machines[n], &said);
            }
        });
        machine.pause(now);
    }
    if let Some(told) = extent.cuts_days() {
        teller.output.say(&told);
    }
    if !is_known {
        teller.output.say(&Text::new(
            "履歴に、この設定の機械の計測値はありません",
            "the history has no readings of the machines of this configuration",
        ));
    }
    told(said_all)
}

/// What of the history is asked for.
#[cfg(feature = "parquet")]
struct Extent {
    moments: Moments,
    /// The first day and the last one, where whole days are asked for.
    days: (Option<Date>, Option<Date>),
}

#[cfg(feature = "parquet")]
impl Extent {
    fn read(args: &ReplayArgs, configuration: &Configuration) -> Result<Self, Failure> {
        let (from, to) = (args.from.as_deref(), args.to.as_deref());
        let moments = Moments::read(from, to, &configuration.zone())?;
        Ok(Self { moments, days: (from.and_then(records::day), to.and_then(records::day)) })
    }

    /// When it begins for a machine, and when it is over. A day goes from the end of the night before it to that
    /// of its own.
    fn of(&self, settings: &Settings) -> (Option<Time>, Option<Time>) {
        let begins = |day: Date| settings.calendar.day_begins(day, &settings.zone);
        let (first, last) = self.days;
        let after = |to: Time| Time::from_nanos(to.nanos().saturating_add(1));
        let end = last.map(|day| begins(day.tomorrow().unwrap_or(Date::MAX)));
        (first.map(begins).or(self.moments.from), end.or(self.moments.to.map(after)))
    }

    /// That days are not whole, if moments within them are asked for.
    fn cuts_days(&self) -> Option<Text> {
        let (first, last) = self.days;
        let is_cut =
            self.moments.from.is_some() && first.is_none() || self.moments.to.is_some() && last.is_none();
        is_cut.then(|| {
            Text::new(
                "最初か最後の日は途中で切られているため、その日の稼働率は読んだ分だけのものです。日で指定すると、夜をまたぐシフトも含めて1日分を読みます",
                "the first or last day is cut, so its utilisation is that of the part that was read; ask for days to read them whole, with the shifts over midnight that begin on them",
            )
        })
    }
}

/// What of the history is asked for of a machine, and what lies around it.
#[cfg(feature = "parquet")]
struct Within<'a> {
    from: Option<Time>,
    /// The first moment that is not asked for any more.
    to: Option<Time>,
    settings: &'a Settings,
    /// What was told last of how the machine stands, before it begins.
    stood: BTreeMap<Cow<'static, str>, Reading>,
    last: Option<Time>,
    /// Something is heard of the machine later on.
    goes_on: bool,
}

#[cfg(feature = "parquet")]
impl<'a> Within<'a> {
    fn new(extent: &Extent, settings: &'a Settings) -> Self {
        let (from, to) = extent.of(settings);
        Self { from, to, settings, stood: BTreeMap::new(), last: None, goes_on: false }
    }

    /// Whether something of a file may be needed, by the first and the last time in it.
    fn is_near(&self, (first, last): (Time, Time)) -> bool {
        let around = if self.holds().is_finite() { AROUND } else { FAR_AROUND };
        self.from.is_none_or(|from| last >= from.plus(-around))
            && self.to.is_none_or(|to| first < to.plus(around))
    }

    /// Whether a row is asked for. Before the first one comes what tells how the machine stood when that begins.
    fn takes(&mut self, row: &history::Row, noted: &Noted) -> Option<impl Iterator<Item = Reading> + use<>> {
        if let Some(from) = self.from.filter(|from| row.time < *from) {
            if let Noted::Reading(reading, _) = noted
                && matches!(reading.what, What::State(_) | What::Lamp(..))
                && from.since(row.time) <= self.holds()
            {
                self.stood.insert(row.input.clone(), Reading { time: from, ..reading.clone() });
            }
            return None;
        }
        if self.to.is_some_and(|to| row.time >= to) {
            self.goes_on = true;
            return None;
        }
        self.last = self.last.max(Some(row.time));
        Some(self.stood())
    }

    /// How the machine stands when what is asked for begins, where that is not told yet.
    fn stood(&mut self) -> impl Iterator<Item = Reading> + use<> {
        std::mem::take(&mut self.stood).into_values()
    }

    /// Up to when the machine was watched, where that is longer than to the last reading that is asked for: time
    /// that has come so far that nothing more of it is waited for. Of one that tells its changes there may be none.
    fn watched_until(&self) -> Option<Time> {
        let last = self.last.or(self.from.filter(|_| !self.stood.is_empty()));
        let (last, to) = last.zip(self.to.filter(|_| self.goes_on))?;
        Some(to.min(last.plus(self.holds())).plus(self.settings.hold_back))
    }

    /// Seconds for which a state is known to go on without a reading.
    fn holds(&self) -> f64 {
        let settings = self.settings;
        match settings.states {
            States::Power { .. } => settings.most_gap,
            _ if settings.tells_changes => f64::INFINITY,
            _ => settings.silent_after.unwrap_or(f64::INFINITY),
        }
    }
}

/// Seconds before and after what is asked for in which it is looked what there is: a day.
#[cfg(feature = "parquet")]
const AROUND: f64 = 86_400.0;

/// The same for a machine that tells nothing while nothing changes, which may be for weeks: a month.
#[cfg(feature = "parquet")]
const FAR_AROUND: f64 = 31.0 * AROUND;
