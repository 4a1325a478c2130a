//! Questions about cycles, alerts and references, and who has acknowledged which alert.

use std::collections::BTreeMap;

use anshin_monitor::Time;
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::Row as _;

use super::{Records, RecordsError};
use crate::folder::Request;

/// Most acknowledgements that are looked through for alerts, the last ones.
const MOST_ACKNOWLEDGED: i64 = 10_000;

/// Which records are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Cycles.
    Cycles,
    /// Alerts.
    Alerts,
    /// References, with all their versions.
    References,
}

/// A question about records.
#[derive(Debug, Clone)]
pub struct Query {
    /// What is asked for.
    pub kind: Kind,
    /// Only of this machine.
    pub machine: Option<String>,
    /// Only from this time on: the beginning of an RFC 3339 time in UTC, such as a day.
    pub from: Option<String>,
    /// Only up to this time.
    pub to: Option<String>,
    /// Only cycles that were found so, or alerts of this kind.
    pub finding: Option<String>,
    /// The newest so many.
    pub most: u32,
}

impl Records {
    /// Answers a question: lines as they were written, the oldest first.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn query(&self, query: &Query) -> Result<Vec<Value>, RecordsError> {
        let (table, finding) = match query.kind {
            Kind::Cycles => ("monitor_cycle", "finding"),
            Kind::Alerts => ("monitor_alert", "finding"),
            Kind::References => ("monitor_reference", "job"),
        };
        // Names of tables and columns are ours; what was asked for is bound.
        let text = format!(
            "SELECT * FROM {table} WHERE ($1 = '' OR machine = $1) AND ($2 = '' OR at >= $2) \
             AND ($3 = '' OR substr(at, 1, length($3)) <= $3) AND ($4 = '' OR {finding} = $4) \
             ORDER BY at DESC LIMIT $5"
        );
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .bind(part(&query.machine))
            .bind(part(&query.from))
            .bind(part(&query.to))
            .bind(part(&query.finding))
            .bind(i64::from(query.most));
        let rows = self.runtime.block_on(rows.fetch_all(&self.pool))?;
        let mut lines = Vec::new();
        for row in rows.iter().rev() {
            lines.push(if query.kind == Kind::References {
                serde_json::json!({
                    "type": "reference",
                    "machine": row.try_get::<String, _>("machine")?,
                    "job": row.try_get::<String, _>("job")?,
                    "mode": row.try_get::<i64, _>("mode")?,
                    "version": row.try_get::<i64, _>("version")?,
                    "since": row.try_get::<String, _>("at")?,
                    "duration_seconds": row.try_get::<f64, _>("duration")?,
                    "quantity": row.try_get::<Option<f64>, _>("quantity")?,
                    "cycles": row.try_get::<i64, _>("cycles")?,
                    "approved": row.try_get::<i64, _>("approved")? != 0,
                })
            } else {
                serde_json::from_str(&row.try_get::<String, _>("line")?).unwrap_or_default()
            });
        }
        if query.kind == Kind::Alerts {
            in_order(&mut lines);
            self.acknowledged(query, &mut lines)?;
        }
        Ok(lines)
    }

    /// Adds to alerts who has acknowledged them, when, and with which words: of several, the first one.
    fn acknowledged(&self, query: &Query, lines: &mut [Value]) -> Result<(), RecordsError> {
        let rows = sqlx::query(
            "SELECT line FROM monitor_acknowledgement WHERE ($1 = '' OR machine = $1) \
             AND ($2 = '' OR finding = $2) ORDER BY written DESC LIMIT $3",
        )
        .bind(query.machine.clone().unwrap_or_default())
        .bind(query.finding.clone().unwrap_or_default())
        .bind(MOST_ACKNOWLEDGED);
        let mut seen: Vec<Value> = Vec::new();
        for row in self.runtime.block_on(rows.fetch_all(&self.pool))? {
            seen.extend(serde_json::from_str(&row.try_get::<String, _>("line")?).ok());
        }
        // Several may have been written within the same second, or later than another monitor's.
        seen.sort_by_key(|line| moment(line, "at"));
        acknowledge(lines, &seen);
        Ok(())
    }
}

/// Puts alerts in the order in which they were told. One that is over and another one of its kind may be told at the
/// same moment.
pub(crate) fn in_order(alerts: &mut [Value]) {
    alerts.sort_by_cached_key(|line| {
        (moment(line, "at"), moment(line, "since"), line["change"] == "cleared", line.to_string())
    });
}

/// Adds to alerts of the log who has acknowledged them, by lines of the log in their order: of several for an alert,
/// the first one.
pub fn acknowledge(alerts: &mut [Value], lines: &[Value]) {
    for (line, of) in lines.iter().zip(acknowledgements(alerts, lines)) {
        for n in of {
            if alerts[n].get("acknowledged").is_none() {
                let note = line.get("note").unwrap_or(&Value::Null);
                alerts[n]["acknowledged"] =
                    serde_json::json!({ "by": line["by"], "at": line["at"], "note": note });
            }
        }
    }
}

/// For each line of the log, the numbers of the alerts that somebody has acknowledged with it.
pub(super) fn acknowledgements(alerts: &[Value], lines: &[Value]) -> Vec<Vec<usize>> {
    let mut of_subject: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (n, alert) in alerts.iter().enumerate() {
        if let Some(subject) = about(alert) {
            of_subject.entry(subject).or_default().push(n);
        }
    }
    let of = |line: &Value| {
        let Ok(request) = Request::deserialize(line) else { return Vec::new() };
        // One that names no beginning was written by an earlier version, and may mean another alert.
        let (Request::Acknowledge { since: Some(_), .. } | Request::AcknowledgeOther { since: Some(_), .. }) =
            &request
        else {
            return Vec::new();
        };
        let known = about(line).and_then(|subject| of_subject.get(&subject));
        let meant = known.into_iter().flatten().copied();
        let is_device = |n: &usize| line["device"] == alerts[*n]["device"];
        let mut meant: Vec<usize> =
            meant.filter(is_device).filter(|n| acknowledges(&request, &alerts[*n])).collect();
        // One that comes back since the same moment was not known to whoever acknowledged it before. The clock of a
        // machine may be ahead of who acknowledges: the first one is meant in any case.
        let raised = |n: &usize| moment(&alerts[*n], "at").filter(|_| alerts[*n]["change"] == "raised");
        let known = meant.iter().filter_map(raised).min().max(moment(line, "at"));
        meant.retain(|n| raised(n).is_none_or(|at| Some(at) <= known));
        meant
    };
    lines.iter().map(of).collect()
}

/// What a line of the log is about: a machine, a source or a group, and its id.
pub fn about(line: &Value) -> Option<(&'static str, &str)> {
    ["machine", "source", "group"].into_iter().find_map(|kind| Some((kind, line[kind].as_str()?)))
}

/// A moment of a line, if it tells one.
pub fn moment(line: &Value, key: &str) -> Option<Time> {
    Time::parse(line[key].as_str()?).ok()
}

/// Whether a request acknowledges an alert of the log, if it is about the same.
fn acknowledges(request: &Request, alert: &Value) -> bool {
    let is_it =
        |kind: &str| moment(alert, "since").is_some_and(|began| request.acknowledges(kind, began, None));
    alert["alert"].as_str().is_some_and(is_it)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::address;
    use super::super::tests::{ALONE, query};
    use super::*;
    use crate::clock;

    #[test]
    fn an_alert_that_comes_back_since_the_same_moment_is_not_acknowledged() {
        let alert = |change: &str, minute: u32| {
            serde_json::json!({
                "type": "alert", "machine": "m", "alert": "silent", "change": change,
                "since": "2026-04-01T01:00:00.000Z", "at": format!("2026-04-01T01:{minute:02}:00.000Z"),
            })
        };
        let since = Time::parse("2026-04-01T01:00:00Z").unwrap().nanos();
        let seen = |minute: u32| {
            serde_json::json!({
                "type": "request", "request": "acknowledge", "machine": "m", "alert": "silent", "since": since,
                "by": "Sato", "at": format!("2026-04-01T01:{minute:02}:30.000Z"),
            })
        };
        let alerts = [alert("raised", 5), alert("cleared", 10), alert("raised", 12)];
        assert_eq!(acknowledgements(&alerts, &[seen(6)]), [[0, 1]]);
        assert_eq!(acknowledgements(&alerts, &[seen(13)]), [[0, 1, 2]], "both are the same to whoever looks");
        // The clock of the machine is ahead.
        assert_eq!(acknowledgements(&alerts, &[seen(1)]), [[0, 1]]);
    }

    #[test]
    fn an_alert_tells_who_has_acknowledged_it_and_a_later_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let alert = |change: &str, hour: u32| {
            format!(
                "{{\"type\":\"alert\",\"machine\":\"m\",\"alert\":\"stuck\",\"change\":\"{change}\",\
                 \"since\":\"2026-04-01T0{hour}:00:00.000Z\",\"at\":\"2026-04-01T0{hour}:00:01.000Z\"}}\n"
            )
        };
        let since = Time::parse("2026-04-01T01:00:00Z").unwrap().nanos();
        let seen = |by: &str, note: &str, minute: u32| {
            format!(
                "{{\"type\":\"request\",\"at\":\"2026-04-01T01:0{minute}:00.000Z\",\"request\":\"acknowledge\",\
                 \"machine\":\"m\",\"alert\":\"stuck\",\"since\":{since},\"by\":\"{by}\",\"note\":{note}}}\n"
            )
        };
        // Of several the first one counts, by when it was and not by when it came here.
        let both = seen("Sato", "\"belt\"", 5) + &seen("Tanaka", "null", 3) + &seen(" ", "null", 2);
        let log = alert("raised", 1) + &both + &alert("raised", 2);
        fs::write(folder.path().join("alerts.jsonl"), log).unwrap();
        let records = Records::open(&address(folder.path())).unwrap();
        records.follow(folder.path(), ALONE).unwrap();
        let alerts = records.query(&query(Kind::Alerts)).unwrap();
        let who = serde_json::json!({ "by": "Tanaka", "at": "2026-04-01T01:03:00.000Z", "note": null });
        assert_eq!((alerts.len(), &alerts[0]["acknowledged"]), (2, &who));
        assert!(alerts[1].get("acknowledged").is_none(), "{}", alerts[1]);
        records.forget_before(ALONE, clock::now().plus(10.0)).unwrap();
        assert!(records.query(&query(Kind::Alerts)).unwrap().is_empty());
    }
}
