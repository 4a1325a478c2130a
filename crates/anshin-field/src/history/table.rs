//! Rows as Parquet: of the history, and of recordings that others have written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::config::{Source, TimeColumn};
use anshin_monitor::number::{self, Decimal};
use anshin_monitor::recording::{self, Before, RecordingError, Skipped, Topics};
use jiff::tz::TimeZone;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::parser::parse_message_type;

use super::Row;

/// The columns of the history.
const SCHEMA: &str = "
    message readings {
        required int64 time (TIMESTAMP(NANOS, true));
        required binary machine (STRING);
        required binary input (STRING);
        optional double value;
        optional binary word (STRING);
        required binary quality (STRING);
    }";

/// Places of the columns that hold texts.
const MACHINE: usize = 1;
const INPUT: usize = 2;
const WORD: usize = 4;

fn failed(error: ParquetError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Writes rows into a file, and sees to it that they are on the disk.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, rows: &[Row]) -> io::Result<()> {
    let file = File::create(path)?;
    let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer =
        SerializedFileWriter::new(file.try_clone()?, schema, Arc::new(properties)).map_err(failed)?;
    write_rows(&mut writer, rows).map_err(failed)?;
    writer.close().map_err(failed)?;
    file.sync_all()
}

fn write_rows(writer: &mut SerializedFileWriter<File>, rows: &[Row]) -> Result<(), ParquetError> {
    let bytes = |text: &str| ByteArray::from(text.as_bytes().to_vec());
    let mut group = writer.next_row_group()?;
    let mut n = 0;
    while let Some(mut column) = group.next_column()? {
        match column.untyped() {
            ColumnWriter::Int64ColumnWriter(column) => {
                let times: Vec<i64> = rows.iter().map(|row| row.time.nanos()).collect();
                column.write_batch(&times, None, None)?;
            }
            ColumnWriter::DoubleColumnWriter(column) => {
                let values: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
                let there: Vec<i16> = rows.iter().map(|row| i16::from(row.value.is_some())).collect();
                column.write_batch(&values, Some(&there), None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(column) if n == WORD => {
                let words: Vec<ByteArray> =
                    rows.iter().filter_map(|row| row.word.as_deref().map(bytes)).collect();
                let there: Vec<i16> = rows.iter().map(|row| i16::from(row.word.is_some())).collect();
                column.write_batch(&words, Some(&there), None)?;
            }
            ColumnWriter::ByteArrayColumnWriter(column) => {
                let text = |row: &Row| match n {
                    MACHINE => bytes(&row.machine),
                    INPUT => bytes(&row.input),
                    _ => bytes(if row.doubtful { "doubtful" } else { "good" }),
                };
                let texts: Vec<ByteArray> = rows.iter().map(text).collect();
                column.write_batch(&texts, None, None)?;
            }
            _ => {}
        }
        column.close()?;
        n += 1;
    }
    group.close()?;
    Ok(())
}

/// The first and the last moment of a file of the history, as it tells them without being read.
///
/// # Errors
/// If it cannot be opened.
pub fn span(path: &Path) -> io::Result<Option<(Time, Time)>> {
    let reader = SerializedFileReader::new(File::open(path)?).map_err(failed)?;
    let groups = reader.metadata().row_groups().iter();
    let spans = groups.map(|group| match group.columns().first().and_then(|column| column.statistics()) {
        Some(Statistics::Int64(of)) => of.min_opt().copied().zip(of.max_opt().copied()),
        _ => None,
    });
    let spans = spans.collect::<Option<Vec<_>>>().unwrap_or_default();
    let first = spans.iter().map(|(first, _)| *first).min();
    let last = spans.iter().map(|(_, last)| *last).max();
    Ok(first.map(Time::from_nanos).zip(last.map(Time::from_nanos)))
}

/// Reads the rows of a file of the history.
///
/// # Errors
/// If it cannot be read, or is none.
pub fn read(path: &Path, mut take: impl FnMut(Row)) -> io::Result<()> {
    let reader = SerializedFileReader::new(File::open(path)?).map_err(failed)?;
    for row in reader.get_row_iter(None).map_err(failed)? {
        let row = row.map_err(failed)?;
        let mut read = Row {
            time: Time::from_nanos(0),
            machine: Arc::from(""),
            input: Cow::Borrowed(""),
            value: None,
            word: None,
            doubtful: false,
        };
        for (name, field) in row.get_column_iter() {
            match (name.as_str(), field) {
                ("time", Field::Long(nanos)) => read.time = Time::from_nanos(*nanos),
                ("machine", Field::Str(text)) => read.machine = Arc::from(text.as_str()),
                ("input", Field::Str(text)) => read.input = Cow::Owned(text.clone()),
                ("value", Field::Double(value)) => read.value = Some(*value),
                ("word", Field::Str(text)) => read.word = Some(Arc::from(text.as_str())),
                ("quality", Field::Str(text)) => read.doubtful = text != "good",
                _ => {}
            }
        }
        take(read);
    }
    Ok(())
}

/// How a column writes moments: how many nanoseconds one is, and whether they are counted in UTC or by the
/// clock of a place.
#[derive(Debug, Clone, Copy)]
struct Stamps {
    unit: i64,
    is_utc: bool,
}

impl Stamps {
    const MILLISECONDS: Self = Self { unit: 1_000_000, is_utc: true };
    const MICROSECONDS: Self = Self { unit: 1_000, is_utc: true };

    /// As the column says; `None` if it says nothing of moments.
    fn of(column: &LogicalType) -> Option<Self> {
        let LogicalType::Timestamp(of) = column else { return None };
        let unit = match of.unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1_000,
            TimeUnit::NANOS => 1,
        };
        Some(Self { unit, is_utc: of.is_adjusted_to_u_t_c })
    }

    /// A moment as people write it, without a zone where the clock of a place counts it.
    fn written(self, count: i64) -> Option<String> {
        let time = self.time(count, &TimeZone::UTC)?.to_string();
        Some(if self.is_utc { time } else { time.trim_end_matches('Z').to_owned() })
    }

    fn time(self, count: i64, zone: &TimeZone) -> Option<Time> {
        let time = Time::from_nanos(count.checked_mul(self.unit)?);
        if self.is_utc {
            return Some(time);
        }
        let local = time.stamp().to_zoned(TimeZone::UTC).datetime().to_zoned(zone.clone()).ok()?;
        i64::try_from(local.timestamp().as_nanosecond()).ok().map(Time::from_nanos)
    }
}

/// The rows of a recording in Parquet, whose columns are the values of a source.
pub struct Recording {
    source: Source,
    wanted: Vec<Arc<str>>,
    topics: Topics,
    rows: RowIter<'static>,
    /// How the column of times writes them, if it says so.
    stamps: Option<Stamps>,
    skipped: Skipped,
    before: Before,
}

impl Recording {
    /// Begins to read a recording of a source.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(source: &Source, wanted: &[String], path: &Path) -> Result<Self, RecordingError> {
        let reader = SerializedFileReader::new(File::open(path)?).map_err(failed)?;
        let wanted = wanted.iter().map(|name| Arc::from(name.as_str())).collect();
        let columns = reader.metadata().file_metadata().schema_descr().columns();
        let stamps = match &source.time {
            TimeColumn::Column(names, _) => columns
                .iter()
                .find(|column| *names == [column.path().string()])
                .and_then(|column| Stamps::of(column.logical_type_ref()?)),
            _ => None,
        };
        let is_missing = |name: &&String| !columns.iter().any(|column| column.path().string() == **name);
        let items = source.item.iter().flat_map(|(name, value)| [("item", name), ("value", value)]);
        let mut named = items.chain(source.topic.iter().map(|topic| ("topic", topic)));
        if let Some((key, name)) = named.find(|(_, name)| is_missing(name)) {
            return Err(RecordingError::Form(Text::new(
                format!("列`{name}`がありません。入力元の`{key}`の名前を直してください"),
                format!("there is no column `{name}`; correct the name in `{key}` of the source"),
            )));
        }
        let (source, rows) = (source.clone(), reader.into_iter());
        let topics = Topics::default();
        let (skipped, before) = (Skipped::default(), Before::default());
        Ok(Self { source, wanted, topics, rows, stamps, skipped, before })
    }

    /// What could not be read so far.
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    fn read(&mut self) -> Result<Option<recording::Row>, RecordingError> {
        for row in self.rows.by_ref() {
            let row = row.map_err(failed)?;
            #[expect(clippy::cast_precision_loss, reason = "row numbers are far below 2^53")]
            let number = self.skipped.lines as f64;
            self.skipped.lines += 1;
            let mut time = match &self.source.time {
                TimeColumn::Pace { from, every } => Some(from.plus(every * number)),
                _ => None,
            };
            let (mut values, mut of_time, mut topic) = (Vec::new(), Vec::new(), None);
            let (mut item, mut value) = (None, None);
            for (name, field) in row.get_column_iter() {
                let columns = self.source.time.columns();
                if let Some(place) = columns.iter().position(|column| column == name) {
                    of_time.push((place, text(field, self.source.decimal)));
                    let moment = moment(field, self.stamps);
                    time = moment.and_then(|(count, stamps)| stamps.time(count, &self.source.zone));
                }
                if self.source.topic.as_deref() == Some(name) {
                    topic = Some(self.topics.of(&text(field, self.source.decimal)));
                }
                if let Some((of_name, of_value)) = &self.source.item {
                    if of_name == name {
                        item = Some(text(field, self.source.decimal));
                    } else if of_value == name {
                        value = Some(text(field, self.source.decimal));
                    }
                } else if let Some(known) = self.wanted.iter().find(|known| ***known == *name.as_str()) {
                    values.push((Arc::clone(known), text(field, self.source.decimal)));
                }
            }
            if let Some((item, value)) = item.zip(value)
                && let Some(known) = self.wanted.iter().find(|known| ***known == *item.trim())
            {
                values.push((Arc::clone(known), value));
            }
            of_time.sort();
            let of_time: Vec<String> = of_time.into_iter().map(|(_, text)| text).collect();
            let of_time = of_time.join(" ");
            if time.is_none() {
                time = self.source.read_time(&of_time, self.before.near(topic.as_ref()));
            }
            match time {
                Some(time) => {
                    self.before.see(time, topic.as_ref());
                    return Ok(Some(recording::Row { time, topic, values, line: self.skipped.lines }));
                }
                None => self.skipped.skip(|| recording::no_time_in_column(&of_time)),
            }
        }
        if self.before.is_empty() { self.skipped.nothing().map_or(Ok(None), Err) } else { Ok(None) }
    }
}

impl Iterator for Recording {
    type Item = Result<recording::Row, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// A moment, as a column of moments counts it.
fn moment(field: &Field, stamps: Option<Stamps>) -> Option<(i64, Stamps)> {
    match (field, stamps) {
        (Field::TimestampMillis(count), None) => Some((*count, Stamps::MILLISECONDS)),
        (Field::TimestampMicros(count), None) => Some((*count, Stamps::MICROSECONDS)),
        (
            Field::TimestampMillis(count) | Field::TimestampMicros(count) | Field::Long(count),
            Some(stamps),
        ) => Some((*count, stamps)),
        _ => None,
    }
}

/// A file as a table of text, line by line: its columns, but for those that hold more than one value, as a
/// spreadsheet would write them.
pub struct Lines {
    rows: RowIter<'static>,
    /// The columns by their places in a row, each with how it writes moments, if it does.
    columns: BTreeMap<usize, Option<Stamps>>,
    /// What has been written and not yet read.
    line: io::Cursor<Vec<u8>>,
}

impl Lines {
    /// Begins to read a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let reader = SerializedFileReader::new(File::open(path)?).map_err(failed)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let (mut columns, mut names) = (BTreeMap::new(), Vec::new());
        for (place, field) in schema.root_schema().get_fields().iter().enumerate() {
            let basic = field.get_basic_info();
            let is_list = basic.has_repetition() && basic.repetition() == Repetition::REPEATED;
            if field.is_primitive() && !is_list {
                columns.insert(place, basic.logical_type_ref().and_then(Stamps::of));
                names.push(cell(field.name()));
            }
        }
        let line = io::Cursor::new((names.join(",") + "\n").into_bytes());
        Ok(Self { rows: reader.into_iter(), columns, line })
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut read = self.line.read(out)?;
        while read == 0 && !out.is_empty() {
            let Some(row) = self.rows.next() else { return Ok(0) };
            let row = row.map_err(failed)?;
            let fields = row.get_column_iter().enumerate();
            let cells = fields.filter_map(|(place, (_, field))| {
                let stamps = *self.columns.get(&place)?;
                let written = moment(field, stamps).and_then(|(count, stamps)| stamps.written(count));
                Some(cell(&written.unwrap_or_else(|| text(field, Decimal::Unsaid))))
            });
            let cells: Vec<String> = cells.collect();
            self.line = io::Cursor::new((cells.join(",") + "\n").into_bytes());
            read = self.line.read(out)?;
        }
        Ok(read)
    }
}

/// A text as a cell of a line.
fn cell(text: &str) -> String {
    let text: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

fn text(field: &Field, decimal: Decimal) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Float16(_) | Field::Float(_) | Field::Double(_) | Field::Decimal(_) => {
            number::told(field, decimal)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use anshin_model::Lang;
    use anshin_monitor::config;
    use anshin_monitor::propose::{self, Found, Table};

    use super::*;

    #[test]
    fn moments_are_read_as_their_column_says() {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let at = |unit, is_utc, count| {
            let stamps = Stamps::of(&LogicalType::timestamp(is_utc, unit)).unwrap();
            stamps.time(count, &zone).map(Time::nanos)
        };
        let hours = 9 * 3_600 * 1_000_000_000;
        assert_eq!(at(TimeUnit::NANOS, true, hours + 7), Some(hours + 7));
        assert_eq!(at(TimeUnit::MICROS, true, 7), Some(7_000));
        assert_eq!(at(TimeUnit::MILLIS, true, i64::MAX), None);
        assert_eq!(at(TimeUnit::NANOS, false, hours + 7), Some(7), "nine o'clock in Tokyo");
        assert_eq!(at(TimeUnit::MILLIS, false, hours / 1_000_000), Some(0));
    }

    #[test]
    fn a_file_may_have_one_value_in_each_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall.parquet");
        let schema = "message rows { required binary time (STRING); required binary item (STRING); \
                      required binary value (STRING); }";
        let rows = [
            ["2026-04-01T08:00:00Z", "program", "O1001"],
            ["2026-04-01T08:00:01Z", " power ", "1800"],
            ["2026-04-01T08:00:02Z", "Zpos", "0.5"],
        ];
        {
            let schema = Arc::new(parse_message_type(schema).unwrap());
            let mut writer =
                SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::default()).unwrap();
            let mut group = writer.next_row_group().unwrap();
            for n in 0..3 {
                let mut column = group.next_column().unwrap().unwrap();
                let ColumnWriter::ByteArrayColumnWriter(texts) = column.untyped() else {
                    unreachable!("the schema has texts alone")
                };
                let cells: Vec<ByteArray> = rows.iter().map(|row| ByteArray::from(row[n])).collect();
                texts.write_batch(&cells, None, None).unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
            writer.close().unwrap();
        }
        let source = |item: &str| {
            let text = format!(
                "anshin-monitor: 1\nsources: [ {{ id: log, kind: csv, time: time, item: {item}, value: value }} ]\n\
                 machines: [ {{ id: m, cycle: {{ by: power, on: 500 }}, input: [ {{ from: log, take: power, is: power }} ] }} ]\n"
            );
            config::load("factory.yaml", &text).configuration.unwrap().sources.remove(0)
        };
        let rows = Recording::open(&source("item"), &["power".to_owned()], &path).unwrap();
        let told: Vec<Vec<(Arc<str>, String)>> = rows.map(|row| row.unwrap().values).collect();
        assert_eq!(told, [vec![], vec![(Arc::from("power"), "1800".to_owned())], vec![]]);
        let failed = Recording::open(&source("items"), &[], &path).err().unwrap().to_string();
        assert!(failed.contains("there is no column `items`; correct the name in `item`"), "{failed}");
    }

    #[test]
    fn a_file_is_proposed_as_the_same_rows_of_a_spreadsheet_are() {
        let schema = "message rows {
            required int64 日時 (TIMESTAMP(MILLIS, false));
            required binary 設備名 (STRING);
            optional double 電力kW;
            required boolean 運転中;
            required binary 備考 (STRING);
            repeated int32 波形;
        }";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hall.parquet");
        let count = 600;
        let works = |n: usize| n / 2 % 60 < 40;
        let machine = |n: usize| if n.is_multiple_of(2) { "プレス1" } else { "旋盤" };
        let start = 1_775_000_000_000_i64;
        let seconds = |n: usize| i64::try_from(n / 2).unwrap();
        let power = |n: usize| if works(n) { 1.5 } else { 0.25 };
        {
            let schema = Arc::new(parse_message_type(schema).unwrap());
            let mut writer =
                SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::default()).unwrap();
            let mut group = writer.next_row_group().unwrap();
            let mut n = 0;
            while let Some(mut column) = group.next_column().unwrap() {
                let texts = |text: &dyn Fn(usize) -> String| -> Vec<ByteArray> {
                    (0..count).map(|n| ByteArray::from(text(n).into_bytes())).collect()
                };
                match (n, column.untyped()) {
                    (0, ColumnWriter::Int64ColumnWriter(column)) => {
                        let times: Vec<i64> = (0..count).map(|n| start + 1_000 * seconds(n)).collect();
                        column.write_batch(&times, None, None).unwrap();
                    }
                    (1, ColumnWriter::ByteArrayColumnWriter(column)) => {
                        column.write_batch(&texts(&|n| machine(n).to_owned()), None, None).unwrap();
                    }
                    (2, ColumnWriter::DoubleColumnWriter(column)) => {
                        // The second row has no power.
                        let powers: Vec<f64> = (0..count).filter(|n| *n != 1).map(power).collect();
                        let levels: Vec<i16> = (0..count).map(|n| i16::from(n != 1)).collect();
                        column.write_batch(&powers, Some(&levels), None).unwrap();
                    }
                    (3, ColumnWriter::BoolColumnWriter(column)) => {
                        column.write_batch(&(0..count).map(works).collect::<Vec<_>>(), None, None).unwrap();
                    }
                    (4, ColumnWriter::ByteArrayColumnWriter(column)) => {
                        column.write_batch(&texts(&|_| "a, \"b\"\nc".to_owned()), None, None).unwrap();
                    }
                    (_, ColumnWriter::Int32ColumnWriter(column)) => {
                        column.write_batch(&[], Some(&vec![0; count]), Some(&vec![0; count])).unwrap();
                    }
                    _ => unreachable!("the schema has no such column"),
                }
                column.close().unwrap();
                n += 1;
            }
            group.close().unwrap();
            writer.close().unwrap();
        }
        let mut csv = String::from("日時,設備名,電力kW,運転中,備考\n");
        for n in 0..count {
            let time = Time::from_nanos((start + 1_000 * seconds(n)) * 1_000_000).to_string();
            let power = if n == 1 { String::new() } else { power(n).to_string() };
            let row = format!(
                "{},{},{power},{},\"a, \"\"b\"\" c\"\n",
                time.trim_end_matches('Z'),
                machine(n),
                works(n)
            );
            csv.push_str(&row);
        }
        let mut lines = String::new();
        Lines::open(&path).unwrap().read_to_string(&mut lines).unwrap();
        assert_eq!(lines, csv);
        let table = Table::read("hall", io::BufReader::new(Lines::open(&path).unwrap())).unwrap();
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        let proposed = config::load("factory.yaml", &text).configuration.unwrap();
        assert_eq!(proposed.machines.len(), 2, "{text}");
        // What is proposed reads the file as well.
        let source = &proposed.sources[0];
        let rows = Recording::open(source, &["運転中".to_owned()], &path).unwrap();
        let rows: Vec<recording::Row> = rows.map(Result::unwrap).collect();
        assert_eq!(rows.len(), count);
        assert_eq!((rows[1].topic.as_deref(), rows[1].values[0].1.as_str()), (Some("旋盤"), "true"));
    }
}
