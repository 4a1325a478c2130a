//! From the files of a monitor into the tables: each line once, whatever happens.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use anshin_monitor::Time;
use serde_json::Value;
use sqlx::{Any, Row as _, Transaction};

use super::{Records, RecordsError, Writer, about, seconds};
use crate::{clock, folder};

/// Most bytes that one transaction takes of a file.
const CHUNK: u64 = 1 << 20;

impl Records {
    /// Takes over what the files in the folder of a monitor hold and the database does not.
    ///
    /// # Errors
    /// If the files cannot be read or the database not written.
    pub fn follow(&self, folder: &Path, writer: Writer<'_>) -> Result<(), RecordsError> {
        let mut files = vec![folder.join("alerts.jsonl")];
        files.extend(folder::history(folder)?);
        self.runtime.block_on(async {
            for file in &files {
                let Some(now) = self.changed(file)? else { continue };
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                while self.take(file, &name, writer).await? {}
                self.taken.borrow_mut().insert(file.clone(), now);
            }
            let state = folder.join("state.json");
            if let Some(now) = self.changed(&state)? {
                self.take_references(folder, writer.team.unwrap_or(writer.worker)).await?;
                self.taken.borrow_mut().insert(state, now);
            }
            Ok(())
        })
    }

    /// How a file is now, if it is there and not as it was when it was taken.
    fn changed(&self, path: &Path) -> io::Result<Option<(u64, SystemTime)>> {
        let known = match std::fs::metadata(path) {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let now = (known.len(), known.modified()?);
        Ok(Some(now).filter(|now| self.taken.borrow().get(path) != Some(now)))
    }

    /// Takes the next lines of a file; false if there are none.
    async fn take(&self, path: &Path, name: &str, writer: Writer<'_>) -> Result<bool, RecordsError> {
        let mut change = self.pool.begin().await?;
        // Whoever writes first waits for others to end, and not in the middle of the transaction.
        sqlx::query(
            "INSERT INTO monitor_place (worker, file, place) VALUES ($1, $2, 0) ON CONFLICT (worker, file) DO NOTHING",
        )
        .bind(writer.worker)
        .bind(name)
        .execute(&mut *change)
        .await?;
        let place = sqlx::query("SELECT place FROM monitor_place WHERE worker = $1 AND file = $2")
            .bind(writer.worker)
            .bind(name)
            .fetch_optional(&mut *change)
            .await?;
        let place = place.map_or(Ok(0), |row| row.try_get::<i64, _>(0))?;
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(u64::try_from(place).unwrap_or(0)))?;
        let mut bytes = Vec::new();
        file.take(CHUNK).read_to_end(&mut bytes)?;
        // A line that is not whole waits; one that is longer than a chunk is none of ours.
        let end = match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => last + 1,
            None if bytes.len() as u64 == CHUNK => bytes.len(),
            None => return Ok(false),
        };
        for line in bytes[..end].split(|byte| *byte == b'\n') {
            if let Ok(text) = std::str::from_utf8(line) {
                insert(&mut change, writer, text).await?;
            }
        }
        let place = place.saturating_add(i64::try_from(end).unwrap_or(i64::MAX));
        sqlx::query(
            "INSERT INTO monitor_place (worker, file, place) VALUES ($1, $2, $3) \
             ON CONFLICT (worker, file) DO UPDATE SET place = excluded.place",
        )
        .bind(writer.worker)
        .bind(name)
        .bind(place)
        .execute(&mut *change)
        .await?;
        change.commit().await?;
        Ok(true)
    }

    /// Keeps the references as they are; earlier versions stay.
    async fn take_references(&self, folder: &Path, worker: &str) -> Result<(), RecordsError> {
        let saved = folder::read_state(folder).map_err(|error| io::Error::other(error.to_string()))?;
        let mut change = self.pool.begin().await?;
        for (machine, kept) in &saved.machines {
            for (key, mode) in kept.references.modes() {
                sqlx::query(
                    "INSERT INTO monitor_reference (worker, machine, job, mode, version, at, duration, quantity, \
                     cycles, approved) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                     ON CONFLICT (worker, machine, job, mode, version) DO UPDATE SET duration = excluded.duration, \
                     quantity = excluded.quantity, cycles = excluded.cycles, approved = excluded.approved",
                )
                .bind(worker)
                .bind(machine)
                .bind(key.join(" / "))
                .bind(i64::from(mode.mode))
                .bind(i64::from(mode.version))
                .bind(mode.since.to_string())
                .bind(mode.reference.duration)
                .bind(mode.reference.quantity)
                .bind(i64::try_from(mode.cycles).unwrap_or(i64::MAX))
                .bind(i64::from(mode.approved))
                .execute(&mut *change)
                .await?;
            }
        }
        change.commit().await?;
        Ok(())
    }
}

/// Keeps a line: a cycle, an alert, that somebody has seen one, that watching began, or that a source failed. The
/// rest is not asked for, and stays in its file.
async fn insert(
    change: &mut Transaction<'_, Any>,
    writer: Writer<'_>,
    line: &str,
) -> Result<(), RecordsError> {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return Ok(()) };
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| value.get(key).and_then(Value::as_f64);
    if let Some(team) = writer.team
        && is_recorded(change, writer.worker, team, &value).await?
    {
        return Ok(());
    }
    let worker = writer.worker;
    let query = match text("type") {
        "cycle" => sqlx::query(
            "INSERT INTO monitor_cycle (worker, machine, at, finding, line, written, duration, quantity) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(worker)
        .bind(text("machine"))
        .bind(text("end"))
        .bind(text("finding"))
        .bind(line)
        .bind(seconds(clock::now()))
        .bind(number("duration_seconds").unwrap_or(0.0))
        .bind(number("quantity")),
        "alert" | "source-alert" | "group-alert" => sqlx::query(
            "INSERT INTO monitor_alert (worker, machine, at, finding, line, written) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(worker)
        .bind(about(&value).map_or("", |(_, id)| id))
        .bind(text("at"))
        .bind(text("alert"))
        .bind(line)
        .bind(seconds(clock::now())),
        "request" if matches!(text("request"), "acknowledge" | "acknowledge-other") => sqlx::query(
            "INSERT INTO monitor_acknowledgement (worker, machine, finding, line, written) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(worker)
        .bind(about(&value).map_or("", |(_, id)| id))
        .bind(text("alert"))
        .bind(line)
        .bind(seconds(clock::now())),
        "watch" | "source" => {
            sqlx::query("INSERT INTO monitor_event (worker, at, line, written) VALUES ($1, $2, $3, $4)")
                .bind(worker)
                .bind(text("at"))
                .bind(line)
                .bind(seconds(clock::now()))
        }
        _ => return Ok(()),
    };
    query.execute(&mut **change).await?;
    Ok(())
}

/// Whether another one of the team has recorded the same. It happens where one was gone before the
/// database had followed, and comes back with its files. Cycles of a machine do not overlap, and the
/// middle of one tells which it is; alerts of a kind begin and end in turn.
async fn is_recorded(
    change: &mut Transaction<'_, Any>,
    worker: &str,
    team: &str,
    value: &Value,
) -> Result<bool, RecordsError> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let time = |value: &Value, key: &str| Time::parse(value[key].as_str()?).ok();
    let (table, at, looks) = match value["type"].as_str() {
        Some("cycle") => {
            let (Some(start), Some(end)) = (time(value, "start"), time(value, "end")) else {
                return Ok(false);
            };
            ("monitor_cycle", start.plus(end.since(start) / 2.0).to_string(), &[">= $4 ORDER BY at"][..])
        }
        Some("alert") => {
            ("monitor_alert", text(value, "at"), &[">= $4 ORDER BY at", "<= $4 ORDER BY at DESC"][..])
        }
        _ => return Ok(false),
    };
    for look in looks {
        let query = format!(
            "SELECT worker, line FROM {table} WHERE machine = $1 AND ($2 = '' OR finding = $2) AND worker IN \
             (SELECT worker FROM monitor_worker WHERE team = $3) AND at {look} LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(query))
            .bind(text(value, "machine"))
            .bind(text(value, "alert"))
            .bind(team)
            .bind(&at)
            .fetch_optional(&mut **change)
            .await?;
        let Some(row) = row.filter(|row| row.try_get::<String, _>(0).is_ok_and(|other| other != worker))
        else {
            continue;
        };
        let other: Value = serde_json::from_str(&row.try_get::<String, _>(1)?).unwrap_or_default();
        let is_same = match value["type"].as_str() {
            Some("cycle") => text(&other, "start") <= at,
            _ => text(&other, "change") == text(value, "change"),
        };
        if is_same {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::super::tests::{ALONE, query};
    use super::super::{Kind, Query, address};
    use super::*;

    #[test]
    fn every_line_is_taken_once_whatever_happens() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("history")).unwrap();
        let day = folder.path().join("history/2026-04-01.jsonl");
        let cycle = |n: u32, finding: &str| {
            format!(
                "{{\"type\":\"cycle\",\"machine\":\"m{}\",\"number\":{n},\"end\":\"2026-04-01T0{n}:00:00.000Z\",\
                 \"duration_seconds\":20.5,\"quantity\":null,\"finding\":\"{finding}\"}}\n",
                n % 2
            )
        };
        fs::write(&day, cycle(1, "healthy") + &cycle(2, "outside") + "{\"type\":\"cyc").unwrap();
        let alert = "{\"type\":\"alert\",\"machine\":\"m0\",\"alert\":\"too-slow\",\"at\":\"2026-04-01T02:00:00.000Z\"}\n";
        fs::write(folder.path().join("alerts.jsonl"), alert).unwrap();
        let address = address(folder.path());
        let records = Records::open(&address).unwrap();
        records.follow(folder.path(), ALONE).unwrap();
        records.follow(folder.path(), ALONE).unwrap();
        assert_eq!(records.query(&query(Kind::Cycles)).unwrap().len(), 2);
        drop(records);
        // The rest of the line comes, and another program goes on.
        let mut file = fs::OpenOptions::new().append(true).open(&day).unwrap();
        file.write_all(cycle(3, "healthy").strip_prefix("{\"type\":\"cyc").unwrap().as_bytes()).unwrap();
        let records = Records::open(&address).unwrap();
        records.follow(folder.path(), ALONE).unwrap();
        let numbers = |query: &Query| -> Vec<u64> {
            records.query(query).unwrap().iter().filter_map(|line| line["number"].as_u64()).collect()
        };
        assert_eq!(numbers(&query(Kind::Cycles)), [1, 2, 3]);
        assert_eq!(numbers(&Query { machine: Some("m1".to_owned()), ..query(Kind::Cycles) }), [1, 3]);
        assert_eq!(numbers(&Query { finding: Some("outside".to_owned()), ..query(Kind::Cycles) }), [2]);
        assert_eq!(numbers(&Query { from: Some("2026-04-01T02".to_owned()), ..query(Kind::Cycles) }), [2, 3]);
        assert_eq!(
            numbers(&Query { to: Some("2026-04-01".to_owned()), most: 2, ..query(Kind::Cycles) }),
            [2, 3]
        );
        assert_eq!(records.query(&query(Kind::Alerts)).unwrap()[0]["alert"], "too-slow");
        assert!(records.query(&query(Kind::References)).unwrap().is_empty());
    }
}
