//! Recordings: tables and lines of adapters, read line by line.

mod in_order;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead};
use std::sync::Arc;

use anshin_model::Text;

use crate::config::{Source, SourceKind, TimeColumn};
use crate::number::{self, Decimal};
use crate::time::{DateOrder, Time};
use in_order::InOrder;

/// Longest line that is read.
pub(crate) const MOST_LINE: u64 = 1 << 20;

/// Most columns of a table.
const MOST_COLUMNS: usize = 10_000;

/// Lines among which the head of a table is looked for: loggers write what they are before it.
const MOST_BEFORE_HEAD: u64 = 100;

/// Lines behind the head that may tell names and units.
pub(crate) const MOST_OF_UNITS: u64 = 3;

/// Why a recording cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file is not what the configuration says.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Form(Text),
}

/// What could not be read of a recording that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Lines in all.
    pub lines: u64,
    /// Lines whose time could not be read, or that have the wrong number of columns.
    pub skipped: u64,
    /// The first of them, from 1.
    pub first: Option<u64>,
    /// Why it could not be read.
    pub why: Option<Text>,
}

impl Skipped {
    /// The last line could not be read.
    pub fn skip(&mut self, why: impl FnOnce() -> Text) {
        self.skipped += 1;
        if self.first.is_none() {
            self.first = Some(self.lines);
            self.why = Some(why());
        }
    }

    /// What is wrong with a recording of which not one line could be read.
    pub fn nothing(&self) -> Option<RecordingError> {
        let (first, why) = (self.first?, self.why.as_ref()?);
        Some(RecordingError::Form(Text::new(
            format!("読み取れた行が1つもありません。{first}行目: {}", why.get(anshin_model::Lang::Ja)),
            format!("not one line could be read; line {first}: {}", why.get(anshin_model::Lang::En)),
        )))
    }
}

/// Why a time in a column cannot be read, and how it may be written or what to say of it.
pub fn no_time_in_column(text: &str) -> Text {
    let (shown, why) = (shown(text), no_time(text));
    let orders = DateOrder::fitting(text);
    if !orders.is_empty() {
        let orders = orders.iter().map(|(order, read)| (order.id(), read.date()));
        let (ja, en): (Vec<String>, Vec<String>) = orders
            .map(|(order, date)| {
                (format!("`order: {order}`（{date}）"), format!("`order: {order}` ({date})"))
            })
            .unzip();
        return Text::new(
            format!("`{shown}`の日付が、どの順か分かりません。`time`に{}と書いてください", ja.join("か")),
            format!("it is not said in which order `{shown}` stands; write {} in `time`", en.join(" or ")),
        );
    }
    if Time::seconds_of_day(text).is_some() {
        return Text::new(
            format!(
                "`{shown}`には日付がありません。`time`に`form: time-of-day`と、最初の行の日付`from`を書いてください。経過時間なら`form: seconds`と書いてください"
            ),
            format!(
                "`{shown}` has no date; write `form: time-of-day` in `time`, with the date of the first row as `from`, or `form: seconds` if it counts from the beginning"
            ),
        );
    }
    Text::new(
        format!(
            "{}。秒数なら`time`に`form: seconds`か`form: milliseconds`を書いてください",
            why.get(anshin_model::Lang::Ja)
        ),
        format!(
            "{}, or say `form: seconds` or `form: milliseconds` in `time`",
            why.get(anshin_model::Lang::En)
        ),
    )
}

/// The beginning of what stands where a time should.
fn shown(text: &str) -> String {
    text.trim().chars().take(LONGEST_OTHER).collect()
}

/// Why a time cannot be read, and how it may be written.
fn no_time(text: &str) -> Text {
    let shown = shown(text);
    Text::new(
        format!(
            "`{shown}`を時刻として読めません。読める書き方の例: 2026-04-01T08:30:00、2026/4/1 8:30、2026年4月1日 8時30分"
        ),
        format!("`{shown}` is no time; write it as 2026-04-01T08:30:00 or 2026/4/1 8:30"),
    )
}

/// A row of a recording: its moment, and those of its values that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When it was so.
    pub time: Time,
    /// What it is of, where a column of the table tells.
    pub topic: Option<Arc<str>>,
    /// Names and values.
    pub values: Vec<(Arc<str>, String)>,
    /// The line in which it stands, from 1.
    pub line: u64,
}

/// The rows of a recording, one by one; those of a table in the order of their times.
#[derive(Debug)]
pub struct Rows<R> {
    lines: Lines<R>,
    order: InOrder,
}

/// The rows of a recording as they stand there.
#[derive(Debug)]
struct Lines<R> {
    file: R,
    form: Form,
    skipped: Skipped,
    /// What was read before.
    before: Before,
    /// The first names that an adapter has told, as long as none of them is wanted.
    others: Option<BTreeSet<String>>,
}

/// How a recording is written.
#[derive(Debug)]
enum Form {
    Table(Box<Table>),
    /// Lines of an adapter: a time, then names and values in turn, separated by bars.
    Shdr(Vec<Arc<str>>, AgentClock),
}

/// The head of a table, as far as it matters.
#[derive(Debug)]
struct Table {
    source: Source,
    delimiter: char,
    width: usize,
    /// The line that names the columns, from 1.
    head: u64,
    /// Lines in Shift JIS that happen to be UTF-8 as well are told by the head.
    is_shift_jis: bool,
    /// The columns of times; the lines of a table without follow at a fixed pace.
    time: Vec<usize>,
    columns: Vec<(Arc<str>, usize)>,
    /// Where each row has one value: its columns.
    item: Option<Item>,
    /// The column that tells of which topic a row is, and the topics so far.
    topic: Option<(usize, Topics)>,
}

/// The columns of a table with one value in each row, and the names of those that are wanted.
#[derive(Debug)]
struct Item {
    name: usize,
    value: usize,
    wanted: Topics,
    takes_all: bool,
}

impl Item {
    /// The value of a row, if it is wanted.
    fn of(&mut self, cells: &mut [String]) -> Option<(Arc<str>, String)> {
        let name = cells.get(self.name)?.trim();
        let name = match self.wanted.0.get(name) {
            Some(known) => Arc::clone(known),
            None if self.takes_all && !name.is_empty() => self.wanted.of(name),
            None => return None,
        };
        Some((name, std::mem::take(cells.get_mut(self.value)?)))
    }
}

/// Most topics of a recording that are kept.
const MOST_TOPICS: usize = 10_000;

/// Topics of rows, each kept once.
#[derive(Debug, Clone, Default)]
pub struct Topics(BTreeSet<Arc<str>>);

impl Topics {
    /// The topic that stands in a cell.
    pub fn of(&mut self, cell: &str) -> Arc<str> {
        let cell = cell.trim();
        if let Some(known) = self.0.get(cell) {
            return Arc::clone(known);
        }
        let topic: Arc<str> = Arc::from(cell);
        if self.0.len() < MOST_TOPICS {
            self.0.insert(Arc::clone(&topic));
        }
        topic
    }
}

/// What was read of a table before a row: times that do not tell their day, or that come twice, are near to it.
#[derive(Debug, Default)]
pub struct Before {
    last: Option<Time>,
    /// Of which topic the last rows were, and how many of them.
    topic: Option<(Arc<str>, usize)>,
    topics: BTreeSet<Arc<str>>,
    /// Rows of a topic have come after those of others.
    take_turns: bool,
}

/// So many rows of one machine, and then of one of which there was none, tell that the rows of each lie together.
const FEWEST_TOGETHER: usize = 3;

impl Before {
    /// Whether no row has been read.
    pub fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// The moment to which a row of a topic is near: that of the last one. Where one machine follows the other, its
    /// first row is near to none.
    pub fn near(&self, topic: Option<&Arc<str>>) -> Option<Time> {
        let begins_anew = topic.is_some_and(|topic| {
            let is_whole = self.topic.as_ref().is_some_and(|(_, count)| *count >= FEWEST_TOGETHER);
            is_whole && !self.take_turns && !self.topics.contains(topic)
        });
        self.last.filter(|_| !begins_anew)
    }

    /// Takes note of a row.
    pub fn see(&mut self, time: Time, topic: Option<&Arc<str>>) {
        self.last = Some(time);
        let Some(topic) = topic.filter(|_| !self.take_turns) else { return };
        match &mut self.topic {
            Some((last, count)) if last == topic => *count += 1,
            _ => {
                self.take_turns = !self.topics.insert(Arc::clone(topic)) || self.topics.len() > MOST_TOPICS;
                self.topic = Some((Arc::clone(topic), 1));
            }
        }
    }
}

/// Names of columns, of which those that stand there again have a number behind them: `W`, `W (2)`.
pub(crate) fn told_apart(names: &[String]) -> Vec<String> {
    let mut told: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    let mut taken: BTreeSet<String> = told.iter().cloned().collect();
    let mut seen = BTreeSet::new();
    for name in told.iter_mut().filter(|name| !name.is_empty()) {
        if seen.insert(name.clone()) {
            continue;
        }
        let mut numbered = (2..).map(|n| format!("{name} ({n})"));
        if let Some(free) = numbered.find(|numbered| !taken.contains(numbered)) {
            taken.insert(free.clone());
            *name = free;
        }
    }
    told
}

impl<R: BufRead> Rows<R> {
    /// Begins to read a recording of a source. Only the columns that are wanted are handed on.
    ///
    /// # Errors
    /// If the file cannot be read, or lacks a column that is wanted.
    pub fn open(source: &Source, wanted: &[String], mut file: R) -> Result<Self, RecordingError> {
        let mut skipped = Skipped::default();
        let form = match source.kind {
            SourceKind::Shdr | SourceKind::Mtconnect => {
                let wanted = wanted.iter().map(|name| Arc::from(name.as_str())).collect();
                Form::Shdr(wanted, AgentClock::default())
            }
            _ => {
                let table = Table::open(source, wanted, &mut file)?;
                skipped.lines = table.head;
                Form::Table(Box::new(table))
            }
        };
        let is_table = matches!(form, Form::Table(_)) && !matches!(source.time, TimeColumn::Pace { .. });
        let (before, others) = (Before::default(), Some(BTreeSet::new()));
        let lines = Lines { file, form, skipped, before, others };
        Ok(Self { lines, order: InOrder::new(is_table) })
    }

    /// What could not be read so far.
    pub fn skipped(&self) -> &Skipped {
        &self.lines.skipped
    }

    /// What a recording tells where it tells nothing that is wanted, for a person: which names an adapter tells,
    /// or that a table has no rows.
    pub fn tells_only(&self) -> Option<Text> {
        let wanted = match &self.lines.form {
            Form::Shdr(wanted, _) => wanted,
            Form::Table(table) => {
                let is_bare = self.lines.before.is_empty() && self.lines.skipped.skipped == 0;
                return is_bare.then(|| no_rows(table.head));
            }
        };
        let others = self.lines.others.as_ref().filter(|others| !others.is_empty())?;
        let (wanted, others) = (wanted.join(", "), others.iter().cloned().collect::<Vec<_>>().join(", "));
        Some(Text::new(
            format!("`take`に書かれた値（{wanted}）はどの行にもありません。行にある名前: {others}"),
            format!("no line tells a value that is taken ({wanted}); its lines name: {others}"),
        ))
    }
}

impl<R: BufRead> Lines<R> {
    fn read(&mut self) -> Result<Option<Row>, RecordingError> {
        let is_shift_jis = matches!(&self.form, Form::Table(table) if table.is_shift_jis);
        while let Some((text, _)) = line(&mut self.file, is_shift_jis)? {
            self.skipped.lines += 1;
            let row = match &mut self.form {
                Form::Table(table) => table.row(&text, &mut self.skipped, &self.before),
                Form::Shdr(wanted, clock) => shdr_row(&text, wanted, clock, &mut self.skipped),
            };
            let Some(row) = row else { continue };
            self.before.see(row.time, row.topic.as_ref());
            if matches!(self.form, Form::Table(_)) || !row.values.is_empty() {
                self.others = None;
                return Ok(Some(row));
            }
            if let Some(others) = self.others.as_mut().filter(|others| others.len() < MOST_OTHERS) {
                others.extend(text.split('|').skip(1).step_by(2).take(MOST_OTHERS).map(short));
            }
        }
        if self.before.is_empty() { self.skipped.nothing().map_or(Ok(None), Err) } else { Ok(None) }
    }
}

/// What is said of a table that ends with its head.
pub(crate) fn no_rows(head: u64) -> Text {
    Text::new(
        format!("見出し（{head}行目）の下に、データの行がありません"),
        format!("there are no rows below the head (line {head})"),
    )
}

/// Most names that are told in place of those that are wanted, and the longest part of one.
const MOST_OTHERS: usize = 12;
const LONGEST_OTHER: usize = 40;

fn short(name: &str) -> String {
    name.trim().chars().take(LONGEST_OTHER).collect()
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = Result<Row, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.order.next(&mut || self.lines.read()).transpose()
    }
}

/// A line without its end, and whether it is in Shift JIS, in which loggers and spreadsheets in Japan write;
/// `None` at the end of the file. What is no UTF-8, or belongs to a table whose head is none, is read as
/// Shift JIS.
pub(crate) fn line(
    file: &mut impl BufRead,
    is_shift_jis: bool,
) -> Result<Option<(String, bool)>, RecordingError> {
    let mut bytes = Vec::new();
    let read = io::Read::take(&mut *file, MOST_LINE).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if bytes.len() as u64 >= MOST_LINE && !bytes.ends_with(b"\n") {
        return Err(RecordingError::Form(Text::new(
            "1行が1 MiBを超えています。表や記録のファイルではないようです",
            "a line is longer than 1 MiB: this seems to be no table and no recording",
        )));
    }
    while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        bytes.pop();
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(RecordingError::Form(Text::new(
            "文字コードがUTF-16です。表計算ソフトなどで「CSV UTF-8」として保存し直してください",
            "it is written in UTF-16; save it again as CSV in UTF-8",
        )));
    }
    Ok(Some(match std::str::from_utf8(&bytes) {
        Ok(text) if !is_shift_jis => (text.to_owned(), false),
        _ => (encoding_rs::SHIFT_JIS.decode(&bytes).0.into_owned(), true),
    }))
}

impl Table {
    /// Finds the head, which is the first line that names all columns that are needed.
    fn open(source: &Source, wanted: &[String], file: &mut impl BufRead) -> Result<Self, RecordingError> {
        let of_time = match &source.time {
            TimeColumn::Arrival => {
                return Err(RecordingError::Form(Text::new(
                    "この入力元には時刻の列がありません。記録を読むには`time`に列の名前を書いてください",
                    "this source has no column of times; to read a recording, name it in `time`",
                )));
            }
            time => time.columns(),
        };
        // Where each row has one value, its names are no columns.
        let items = source.item.iter().flat_map(|(name, value)| [name, value]);
        let columns: &[String] = if source.item.is_some() { &[] } else { wanted };
        let needed = || of_time.iter().chain(&source.topic).chain(items.clone()).chain(columns);
        let mut best: Option<(u64, usize, Vec<String>)> = None;
        let mut is_shift_jis = false;
        for number in 1..=MOST_BEFORE_HEAD {
            let Some((text, is_other)) = line(file, is_shift_jis)? else { break };
            is_shift_jis |= is_other;
            let text = text.trim_start_matches('\u{feff}');
            let delimiter = source.delimiter.map_or_else(|| likely_delimiter(text), char::from);
            let names = told_apart(&cells(text, delimiter));
            if names.len() > MOST_COLUMNS {
                return Err(RecordingError::Form(Text::new(
                    format!("{number}行目の列が{MOST_COLUMNS}を超えています"),
                    format!("line {number} has more than {MOST_COLUMNS} columns"),
                )));
            }
            let place = |name: &String| names.iter().position(|known| known == name);
            let time: Option<Vec<usize>> = of_time.iter().map(place).collect();
            let topic = source.topic.as_ref().map(place);
            let columns: Option<Vec<_>> =
                columns.iter().map(|name| Some((Arc::from(name.as_str()), place(name)?))).collect();
            let item = source.item.as_ref().map(|(name, value)| Some((place(name)?, place(value)?)));
            let fits = !matches!(topic, Some(None)) && !matches!(item, Some(None));
            if let (Some(time), Some(columns), true) = (time, columns, fits) {
                let item = item.flatten().map(|(name, value)| Item {
                    name,
                    value,
                    wanted: Topics(wanted.iter().map(|name| Arc::from(name.as_str())).collect()),
                    takes_all: wanted.is_empty(),
                });
                let (source, width, head) = (source.clone(), names.len(), number);
                let topic = topic.flatten().map(|at| (at, Topics::default()));
                return Ok(Self { source, delimiter, width, head, is_shift_jis, time, columns, item, topic });
            }
            let fitting = needed().filter(|name| place(name).is_some()).count();
            if best.as_ref().is_none_or(|(_, most, _)| fitting > *most) {
                best = Some((number, fitting, names));
            }
        }
        let Some((number, _, names)) = best else {
            return Err(RecordingError::Form(Text::new("ファイルが空です", "the file is empty")));
        };
        let missing = needed().filter(|name| !names.contains(name));
        let missing = missing.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let all = names.iter().take(12).map(|name| short(name)).collect::<Vec<_>>().join(", ");
        Err(RecordingError::Form(Text::new(
            format!(
                "{number}行目の見出しに列{missing}がありません。ある列: {all}。設定の`time`、`topic`、`take`の名前を、見出しに合わせてください"
            ),
            format!(
                "the head in line {number} has no column {missing}; there are: {all}; write the names in `time`, `topic` and `take` as they stand there"
            ),
        )))
    }

    /// A line as a row; `None` if it is empty or its time cannot be read.
    fn row(&mut self, text: &str, skipped: &mut Skipped, before: &Before) -> Option<Row> {
        if text.trim().is_empty() {
            return None;
        }
        let mut cells = cells(text, self.delimiter);
        let topic =
            self.topic.as_mut().map(|(at, topics)| topics.of(cells.get(*at).map_or("", String::as_str)));
        let of_time = || {
            let parts: Vec<&str> =
                self.time.iter().map(|n| cells.get(*n).map_or("", |cell| cell.trim())).collect();
            parts.join(" ")
        };
        let time = match &self.source.time {
            TimeColumn::Pace { from, every } => {
                #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^53")]
                let rows = (skipped.lines - self.head - 1) as f64;
                Some(from.plus(every * rows))
            }
            _ => self.source.read_time(&of_time(), before.near(topic.as_ref())),
        };
        let Some(time) = time else {
            // Below the head, loggers tell units.
            let is_of_units = before.is_empty()
                && skipped.lines <= self.head + MOST_OF_UNITS
                && !of_time().chars().any(char::is_numeric);
            if !is_of_units {
                skipped.skip(|| no_time_in_column(&of_time()));
            }
            return None;
        };
        let count = cells.len();
        let mut values = Vec::with_capacity(self.columns.len());
        for (name, column) in &self.columns {
            // Names are told apart, and so are their columns.
            values.extend(
                cells.get_mut(*column).map(|cell| (Arc::clone(name), self.value(std::mem::take(cell)))),
            );
        }
        if let Some(item) = &mut self.item {
            let value = item.of(&mut cells);
            values.extend(value.map(|(name, cell)| (name, self.value(cell))));
        }
        if values.len() < self.columns.len() {
            let all = self.width;
            skipped.skip(|| {
                Text::new(
                    format!("列が{count}個しかありません（見出しは{all}個）"),
                    format!("it has {count} columns only, the head has {all}"),
                )
            });
        }
        Some(Row { time, topic, values, line: skipped.lines })
    }

    /// A cell as a value. Where commas part columns, one inside a number parts thousands, unless somebody says
    /// otherwise.
    fn value(&self, cell: String) -> String {
        if self.delimiter != ',' || self.source.decimal != Decimal::Unsaid || !cell.contains(',') {
            return cell;
        }
        number::without_groups(cell.trim()).unwrap_or(cell)
    }
}

/// What an agent says of a value that nobody tells it any more.
const UNAVAILABLE: &str = "UNAVAILABLE";

/// Seconds that an agent's clock may be behind a machine's.
const MOST_BEHIND: f64 = 600.0;

/// Values of a machine whose times are kept; a stranger who makes up names fills no more.
const MOST_ITEMS: usize = 10_000;

/// Two clocks in what an `MTConnect` agent tells: the machine's in what the machine said, and the agent's own
/// in [`UNAVAILABLE`], which it says when a machine has gone. That ends what the machine said of the same
/// value, even if the agent's clock is behind the machine's.
#[derive(Debug, Default)]
pub struct AgentClock {
    newest: BTreeMap<Box<str>, Time>,
}

impl AgentClock {
    /// From when on that holds which comes next in what the agent tells.
    pub fn time(&mut self, name: &str, value: &str, time: Time) -> Time {
        match self.newest.get_mut(name) {
            Some(newest) if *newest >= time => {
                if value == UNAVAILABLE && newest.since(time) <= MOST_BEHIND {
                    *newest
                } else {
                    time
                }
            }
            Some(newest) => {
                *newest = time;
                time
            }
            None => {
                if self.newest.len() < MOST_ITEMS {
                    self.newest.insert(name.into(), time);
                }
                time
            }
        }
    }
}

/// A line of an adapter as a row, without values if it says nothing that is wanted; `None` if it has no time.
fn shdr_row(text: &str, wanted: &[Arc<str>], clock: &mut AgentClock, skipped: &mut Skipped) -> Option<Row> {
    let names: Vec<&str> = wanted.iter().map(|name| &**name).collect();
    let Some((time, values)) = shdr_line(text, &names) else {
        // Commands of the protocol, such as `* PONG 10000`, carry no data.
        if !text.starts_with('*') && !text.trim().is_empty() {
            skipped.skip(|| no_time(text.split('|').next().unwrap_or_default()));
        }
        return None;
    };
    let time = values.iter().map(|(name, value)| clock.time(name, value, time)).max().unwrap_or(time);
    let values = values.into_iter().map(|(name, value)| (Arc::from(name), value.to_owned()));
    Some(Row { time, topic: None, values: values.collect(), line: skipped.lines })
}

/// The time of an adapter's line and those of its values that are wanted; `None` if it has no time.
pub fn shdr_line<'a>(row: &'a str, wanted: &[&str]) -> Option<(Time, Vec<(&'a str, &'a str)>)> {
    let mut parts = row.split('|');
    let time = Time::parse(parts.next()?).ok()?;
    let mut values = Vec::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        if wanted.contains(&name) {
            values.push((name, value));
        }
    }
    Some((time, values))
}

/// Fewest words of a line that spaces part.
const FEWEST_WORDS: usize = 4;

/// The delimiter that a line of a table has most of. Commas do not count where they are decimal ones: at most one
/// in each cell, between digits. Spaces part columns where nothing else does.
pub(crate) fn likely_delimiter(line: &str) -> char {
    let count = |delimiter: char| line.matches(delimiter).count();
    let is_digit = |c: char| c.is_ascii_digit();
    let has_decimal = |cell: &str| {
        let parts = cell.split_once(',');
        parts.is_none_or(|(whole, part)| {
            whole.ends_with(is_digit) && part.starts_with(is_digit) && !part.contains(',')
        })
    };
    let other = if count('\t') > count(';') { '\t' } else { ';' };
    let is_other = count(other) > 0 && (count(other) >= count(',') || line.split(other).all(has_decimal));
    let has_none = count(',') + count(other) == 0;
    if has_none && line.split_ascii_whitespace().count() >= FEWEST_WORDS {
        return ' ';
    }
    if is_other { other } else { ',' }
}

/// The cells of a row; quotes may surround a cell and are doubled inside. Several spaces part cells as one does.
pub(crate) fn cells(row: &str, delimiter: char) -> Vec<String> {
    let row = if delimiter == ' ' { row.trim_matches(' ') } else { row };
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ' ' if delimiter == ' ' && !quoted && chars.peek() == Some(&' ') => {}
            c if c == delimiter && !quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_quotes_and_delimiters() {
        assert_eq!(cells(r#"a;"b;c";"d""e";"#, ';'), ["a", "b;c", "d\"e", ""]);
        assert_eq!(cells(r#"  0.5   12 "a b" 3 "#, ' '), ["0.5", "12", "a b", "3"]);
        assert_eq!(likely_delimiter("Num;Time;A,B"), ';');
        // Of decimal commas there may be more.
        for (line, delimiter) in [
            ("0,5;1800,5", ';'),
            ("0,5\t1800,5\t0,8", '\t'),
            ("0.5,1800.5", ','),
            ("2026/4/1 8:00,1800,A;B", ','),
            ("time,A;B,C", ','),
            ("W", ','),
            ("timestamp actual_current_0 actual_current_1 cycle", ' '),
            ("2026-04-01 08:00:00", ','),
        ] {
            assert_eq!(likely_delimiter(line), delimiter, "{line}");
        }
    }

    #[test]
    fn columns_of_the_same_name_are_told_apart() {
        let apart = |names: &[&str]| {
            told_apart(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).join(",")
        };
        assert_eq!(apart(&["t", "W", " W", "", "", "W"]), "t,W,W (2),,,W (3)");
        assert_eq!(apart(&["W", "W", "W (2)"]), "W,W (3),W (2)");
    }

    #[test]
    fn an_agents_clock_ends_nothing_that_the_machine_has_told() {
        let file = "2026-04-01T08:00:00Z|execution|ACTIVE\n2026-04-01T08:01:00Z|execution|STOPPED\n\
                    2026-04-01T08:00:26Z|execution|UNAVAILABLE\n\
                    2026-04-01T08:00:30Z|execution|READY\n2026-04-01T07:00:00Z|execution|UNAVAILABLE\n";
        let text = "anshin-monitor: 1\nsources: [ { id: adapter, kind: shdr } ]\nmachines: [ { id: mill, cycle: { by: running }, \
                    input: [ { from: adapter, take: execution, is: running, when: ACTIVE } ] } ]\n";
        let configuration = crate::config::load("factory.yaml", text).configuration.unwrap();
        let rows = Rows::open(&configuration.sources[0], &["execution".to_owned()], file.as_bytes()).unwrap();
        let told: Vec<String> =
            rows.map(|row| row.unwrap()).map(|row| format!("{} {}", row.time, row.values[0].1)).collect();
        assert_eq!(
            told,
            [
                "2026-04-01T08:00:00.000Z ACTIVE",
                "2026-04-01T08:01:00.000Z STOPPED",
                // Said by an agent whose clock is 34 s behind.
                "2026-04-01T08:01:00.000Z UNAVAILABLE",
                "2026-04-01T08:00:30.000Z READY",
                // By so much no clock is behind: it is late.
                "2026-04-01T07:00:00.000Z UNAVAILABLE",
            ]
        );
    }
}
