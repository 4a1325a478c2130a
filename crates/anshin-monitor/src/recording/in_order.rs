//! Rows of a table in the order of their times: loggers and spreadsheets write the newest row first as well,
//! and times without seconds, which several rows share.

use std::collections::{BTreeMap, VecDeque};

use anshin_model::Text;

use super::{RecordingError, Row};
use crate::time::Time;

/// Rows that are looked at before the first one is handed on: so many, with so many different times, but not
/// more than the most.
const AHEAD: usize = 200;
const FEWEST_TIMES: usize = 5;
const MOST_AHEAD: usize = 50_000;

/// Most rows that are turned round: they are held in memory.
const MOST_TURNED: usize = 5_000_000;

/// Seconds of a time that is written to the minute.
const MINUTE: f64 = 60.0;

/// Rows of a table, one by one.
#[derive(Debug)]
pub(super) struct InOrder {
    ahead: VecDeque<Row>,
    /// Rows of a topic that usually share a minute, where times have no seconds.
    in_a_minute: Option<usize>,
    /// Rows of the minute that is being handed on.
    spread: VecDeque<Row>,
    has_begun: bool,
    is_first_minute: bool,
}

type Read<'a> = dyn FnMut() -> Result<Option<Row>, RecordingError> + 'a;

impl InOrder {
    /// Rows that are handed on as they come, unless they are to be looked at.
    pub(super) fn new(is_looked_at: bool) -> Self {
        Self {
            ahead: VecDeque::new(),
            in_a_minute: None,
            spread: VecDeque::new(),
            has_begun: !is_looked_at,
            is_first_minute: true,
        }
    }

    /// The next row, of those that `read` still reads.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn next(&mut self, read: &mut Read<'_>) -> Result<Option<Row>, RecordingError> {
        if !self.has_begun {
            self.begin(read)?;
            self.has_begun = true;
        }
        let Some(usual) = self.in_a_minute else { return self.take(read) };
        if self.spread.is_empty() {
            self.minute(usual, read)?;
        }
        Ok(self.spread.pop_front())
    }

    fn take(&mut self, read: &mut Read<'_>) -> Result<Option<Row>, RecordingError> {
        self.ahead.pop_front().map_or_else(read, |row| Ok(Some(row)))
    }

    /// Looks at the first rows, and at all if the newest come first.
    fn begin(&mut self, read: &mut Read<'_>) -> Result<(), RecordingError> {
        let mut times = 0;
        while self.ahead.len() < MOST_AHEAD && (self.ahead.len() < AHEAD || times < FEWEST_TIMES) {
            let Some(row) = read()? else { break };
            times += usize::from(self.ahead.back().is_none_or(|last| last.time != row.time));
            self.ahead.push_back(row);
        }
        if is_newest_first(&self.ahead) {
            while let Some(row) = read()? {
                if self.ahead.len() >= MOST_TURNED {
                    return Err(RecordingError::Form(Text::new(
                        format!(
                            "新しい行が先に書かれていて、{MOST_TURNED}行を超えています。時刻の順に並べ替えてから読んでください"
                        ),
                        format!(
                            "its newest rows come first, and it has more than {MOST_TURNED}; sort them by time before it is read"
                        ),
                    )));
                }
                self.ahead.push_back(row);
            }
            self.ahead.make_contiguous().reverse();
        }
        self.in_a_minute = usual_in_a_minute(&self.ahead);
        Ok(())
    }

    /// Spreads the rows of each topic of the next minute over it. Where it is not there as a whole, they lie as close as usual:
    /// at its end if the recording begins in it, at its beginning if one breaks off.
    fn minute(&mut self, usual: usize, read: &mut Read<'_>) -> Result<(), RecordingError> {
        let Some(first) = self.take(read)? else { return Ok(()) };
        let start = first.time;
        self.spread.push_back(first);
        while let Some(row) = self.take(read)? {
            if row.time != start {
                self.ahead.push_front(row);
                break;
            }
            self.spread.push_back(row);
        }
        let mut of_topics: BTreeMap<_, Vec<&mut Row>> = BTreeMap::new();
        for row in &mut self.spread {
            of_topics.entry(row.topic.clone()).or_default().push(row);
        }
        for rows in of_topics.into_values() {
            #[expect(clippy::cast_precision_loss, reason = "rows of a minute are few")]
            let (count, usual) = (rows.len() as f64, usual as f64);
            let is_whole = count >= 0.9 * usual;
            let step = MINUTE / if is_whole { count } else { usual };
            let mut after = if self.is_first_minute && !is_whole { MINUTE - count * step } else { 0.0 };
            for row in rows {
                row.time = start.plus(after);
                after += step;
            }
        }
        self.is_first_minute = false;
        self.spread.make_contiguous().sort_by_key(|row| row.time);
        Ok(())
    }
}

/// Whether times fall, and never rise.
fn is_newest_first(rows: &VecDeque<Row>) -> bool {
    let pairs = || rows.iter().zip(rows.iter().skip(1));
    let falls = pairs().filter(|(one, next)| next.time < one.time).count();
    falls >= rows.len().saturating_sub(1).clamp(1, 2) && pairs().all(|(one, next)| next.time <= one.time)
}

/// How many rows of a topic share a minute, where all times are whole minutes and several rows have the same.
fn usual_in_a_minute(rows: &VecDeque<Row>) -> Option<usize> {
    let is_whole = |time: Time| time.nanos().rem_euclid(60_000_000_000) == 0;
    if !rows.iter().all(|row| is_whole(row.time)) {
        return None;
    }
    let mut minutes: Vec<(Time, BTreeMap<_, usize>)> = Vec::new();
    for row in rows {
        if minutes.last().is_none_or(|(time, _)| *time != row.time) {
            minutes.push((row.time, BTreeMap::new()));
        }
        if let Some((_, topics)) = minutes.last_mut() {
            *topics.entry(row.topic.as_deref()).or_default() += 1;
        }
    }
    // The first and the last one are seldom there as a whole.
    let whole = if minutes.len() > 3 { &minutes[1..minutes.len() - 1] } else { &minutes[..] };
    let mut whole: Vec<usize> = whole.iter().flat_map(|(_, topics)| topics.values().copied()).collect();
    whole.sort_unstable();
    let has_shared =
        minutes.len() > 1 && minutes.iter().any(|(_, topics)| topics.values().any(|count| *count > 1));
    has_shared.then(|| whole[whole.len() / 2])
}
