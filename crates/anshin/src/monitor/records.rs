//! Where the records of monitors are: in the folder of one, or in the database that a team shares.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use anshin_field::folder;
pub(super) use anshin_field::records::moment;
use anshin_field::records::{self, Kind, Query, Records, RecordsError};
use anshin_model::{Lang, Text, shape};
use anshin_monitor::Time;
use anshin_monitor::evidence::Evidence;
use anshin_monitor::machine::Kept;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::status::{no_folder, read_state, unknown};
use crate::input::Failure;

/// Where records are read.
pub(super) enum Place<'a> {
    /// In the folder of a monitor.
    Folder(&'a Path),
    /// In a database, which is at this address.
    Database(&'a str, Records),
}

impl<'a> Place<'a> {
    /// The database, if one is named, and else the folder.
    pub(super) fn open(state: &'a Path, database: Option<&'a str>) -> Result<Self, Failure> {
        match database {
            Some(address) => Ok(Place::Database(address, open(address)?)),
            None if folder::is_kept(state) => Ok(Place::Folder(state)),
            None => Err(no_folder(state)),
        }
    }

    /// The cycles that ended within a span, of one machine or of all; all clocks are those of machines.
    pub(super) fn cycles(
        &self,
        machine: Option<&str>,
        span: &Moments,
        zone: &TimeZone,
    ) -> Result<Vec<Json>, Failure> {
        let mut lines = match self {
            Place::Folder(path) => {
                let mut lines = Vec::new();
                for path in folder::history(path).map_err(|error| super::plainly(&error))? {
                    let day = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
                    if day.is_none_or(|day| span.may_have(day, zone)) {
                        lines.extend(json_lines(&path)?);
                    }
                }
                lines
            }
            Place::Database(address, records) => {
                let (from, to) = (span.from.map(|at| at.to_string()), span.to.map(|at| at.to_string()));
                let (machine, finding, most) = (machine.map(str::to_owned), None, u32::MAX);
                let all = Query { kind: Kind::Cycles, machine, from, to, finding, most };
                records.query(&all).map_err(unread(address))?
            }
        };
        let is_of = |cycle: &Json| machine.is_none_or(|wanted| cycle["machine"] == wanted);
        lines.retain(|cycle| is_of(cycle) && span.has(moment(cycle, "end")));
        lines.sort_by_cached_key(|cycle| {
            (moment(cycle, "end"), cycle["machine"].to_string(), cycle["number"].as_u64())
        });
        Ok(lines)
    }

    /// The log of alerts, with who has acknowledged them.
    pub(super) fn log(&self) -> Result<Vec<Json>, Failure> {
        match self {
            Place::Folder(path) => {
                let log = path.join("alerts.jsonl");
                if log.exists() { json_lines(&log) } else { Ok(Vec::new()) }
            }
            Place::Database(address, records) => records.log().map_err(unread(address)),
        }
    }

    /// What is known of machines, by their ids; `None` where another version of this program knows it.
    pub(super) fn states(&self) -> Result<BTreeMap<String, Option<Kept>>, Failure> {
        match self {
            Place::Folder(path) => {
                Ok(read_state(path)?.machines.into_iter().map(|(id, kept)| (id, Some(kept))).collect())
            }
            Place::Database(address, records) => records.states().map_err(unread(address)),
        }
    }

    /// What the records show.
    pub(super) fn evidence(&self) -> Result<Evidence, Failure> {
        match self {
            Place::Folder(path) => folder::evidence(path).map_err(|error| Failure::Other(error.text())),
            Place::Database(address, records) => records.evidence().map_err(unread(address)),
        }
    }
}

/// Opens the database at an address.
pub(super) fn open(address: &str) -> Result<Records, Failure> {
    Records::open(address).map_err(unread(address))
}

/// That a database cannot be read: where it is, why, and what to do, without what is secret in its address.
pub(super) fn unread(address: &str) -> impl Fn(RecordsError) -> Failure {
    let place = records::place(address);
    move |error| {
        let why = error.text();
        Failure::new(
            format!("記録のデータベース`{place}`を読めません（{}）", why.get(Lang::Ja)),
            format!("cannot read the database of records `{place}` ({})", why.get(Lang::En)),
        )
    }
}

/// The lines of a file that are JSON; one that was cut off by a crash is passed over.
fn json_lines(path: &Path) -> Result<Vec<Json>, Failure> {
    let failed = |error: std::io::Error| {
        let (shown, (ja, en)) = (path.display(), super::why(&error));
        Failure::new(format!("`{shown}`を読めません（{ja}）"), format!("cannot read `{shown}` ({en})"))
    };
    let mut lines = Vec::new();
    for line in BufReader::new(File::open(path).map_err(failed)?).lines() {
        lines.extend(serde_json::from_str::<Json>(&line.map_err(failed)?).ok());
    }
    Ok(lines)
}

/// What somebody has asked for: from one moment to another, both with it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    /// The first moment.
    pub(super) from: Option<Time>,
    /// The last moment.
    pub(super) to: Option<Time>,
}

impl Moments {
    /// As somebody has typed them, by the clocks of the factory.
    pub(super) fn read(from: Option<&str>, to: Option<&str>, zone: &TimeZone) -> Result<Self, Failure> {
        let read = |text: Option<&str>, is_end| text.map(|text| typed(text, zone, is_end)).transpose();
        let span = Self { from: read(from, false)?, to: read(to, true)? };
        match (span.from.zip(span.to), from, to) {
            (Some((first, last)), Some(from), Some(to)) if first > last => Err(exchanged(from, to)),
            _ => Ok(span),
        }
    }

    /// Whether a moment is within; one that is not known is where nothing is asked for.
    pub(super) fn has(&self, at: Option<Time>) -> bool {
        self.from.is_none_or(|from| at.is_some_and(|at| at >= from))
            && self.to.is_none_or(|to| at.is_some_and(|at| at <= to))
    }

    /// Whether a file of a day may have something of it.
    fn may_have(&self, day: Date, zone: &TimeZone) -> bool {
        let of = |at: Time| at.day(zone);
        self.from.is_none_or(|from| of(from) <= day) && self.to.is_none_or(|to| day <= of(to))
    }
}

/// That a span begins after its end.
pub(super) fn exchanged(from: &str, to: &str) -> Failure {
    Failure::new(
        format!("`--from`（{from}）が`--to`（{to}）より後です。入れ替えてください"),
        format!("`--from` ({from}) is after `--to` ({to}); exchange them"),
    )
}

/// A day without a time of day.
pub(super) fn day(text: &str) -> Option<Date> {
    // A date and time can be read as a date as well.
    let has_time = text.contains([':', 'T', ' ']);
    text.trim().replace('/', "-").parse().ok().filter(|_| !has_time)
}

/// A moment that somebody has typed, by the clocks of the factory. A day begins with its first moment and ends
/// with its last.
fn typed(text: &str, zone: &TimeZone, is_end: bool) -> Result<Time, Failure> {
    let edge = edge(text, zone, is_end)?;
    Ok(if is_end && day(text).is_some() { edge.plus(-0.001) } else { edge })
}

/// Where a span begins or ends that somebody has typed, by the clocks of the factory; that of a day where the next
/// one begins.
pub(super) fn edge(text: &str, zone: &TimeZone, is_end: bool) -> Result<Time, Failure> {
    let wrong = || {
        Failure::new(
            format!("`{text}`は日時ではありません。2026-04-01か2026-04-01T08:30のように書いてください"),
            format!("`{text}` is no time; write it as 2026-04-01 or 2026-04-01T08:30"),
        )
    };
    let Some(day) = day(text) else { return Time::local(text, zone, None).map_err(|_| wrong()) };
    let day = if is_end { day.tomorrow().map_err(|_| wrong())? } else { day };
    Ok(Time::start_of(day, zone))
}

/// The id of the machine that is meant by its id or its name, of those that are known.
pub(super) fn machine<'a>(
    wanted: &str,
    known: impl Iterator<Item = (&'a str, Option<Text>)>,
) -> Result<String, Failure> {
    let known: Vec<_> = known.collect();
    let is_called = |name: &Text| [Lang::Ja, Lang::En].iter().any(|lang| name.get(*lang) == wanted);
    let by_id = known.iter().find(|(id, _)| *id == wanted);
    let by_name = || known.iter().find(|(_, name)| name.as_ref().is_some_and(is_called));
    if let Some((id, _)) = by_id.or_else(by_name) {
        return Ok((*id).to_owned());
    }
    let all: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    Err(unknown(
        &Text::new(format!("`{wanted}`という機械はありません"), format!("there is no machine `{wanted}`")),
        shape::nearest(wanted, all.iter().copied()),
        &Text::new("機械", "machines"),
        &all,
    ))
}
