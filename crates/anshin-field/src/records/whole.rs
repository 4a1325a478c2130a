//! What all monitors of a database have recorded together: cycles, the log of alerts, how machines were used, and
//! what all of it is evidence for.

use std::collections::BTreeMap;

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::evidence::Evidence;
use anshin_monitor::judge::AlertKind;
use anshin_monitor::machine::Kept;
use serde_json::Value;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::query::{acknowledgements, in_order, moment};
use super::{Records, RecordsError};
use crate::team::Known;

impl Records {
    /// All lines of a table as they were written.
    fn lines(&self, table: &str) -> Result<Vec<Value>, RecordsError> {
        let query = format!("SELECT line FROM {table}");
        let rows = self.runtime.block_on(sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&self.pool))?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            lines.extend(serde_json::from_str(&row.try_get::<String, _>(0)?).ok());
        }
        Ok(lines)
    }

    /// The alerts of all monitors as one log, by the times at which they were told; who has acknowledged an alert
    /// stands behind it, for that is told by another clock.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn log(&self) -> Result<Vec<Value>, RecordsError> {
        let (mut alerts, mut seen) = (self.lines("monitor_alert")?, self.lines("monitor_acknowledgement")?);
        in_order(&mut alerts);
        seen.sort_by_cached_key(|line| moment(line, "at"));
        let mut behind: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
        for (line, of) in seen.iter().zip(acknowledgements(&alerts, &seen)) {
            for n in of.into_iter().filter(|n| alerts[*n]["change"] != "cleared") {
                behind.entry(n).or_default().push(line.clone());
            }
        }
        let mut log = Vec::with_capacity(alerts.len() + seen.len());
        for (n, alert) in alerts.into_iter().enumerate() {
            log.push(alert);
            log.extend(behind.remove(&n).unwrap_or_default());
        }
        Ok(log)
    }

    /// What the teams of this database have kept of machines, by their ids; `None` where another version of this
    /// program has kept it. Of several that have had a machine, the one that judged it last counts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states(&self) -> Result<BTreeMap<String, Option<Kept>>, RecordsError> {
        let mut states: BTreeMap<String, Option<Kept>> = BTreeMap::new();
        for ((_, machine), kept) in self.states_of_teams()? {
            let judged = |kept: &Option<Kept>| kept.as_ref().and_then(|kept| kept.judged);
            let known = states.entry(machine).or_default();
            if known.is_none() || judged(&kept) > judged(known) {
                *known = kept;
            }
        }
        Ok(states)
    }

    /// The same by the team and the id of the machine.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn states_of_teams(&self) -> Result<BTreeMap<(String, String), Option<Kept>>, RecordsError> {
        let query = "SELECT team, machine, state FROM monitor_machine WHERE state IS NOT NULL";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let state = |row: &AnyRow| -> Result<_, RecordsError> {
            let known = serde_json::from_str::<Known>(&row.try_get::<String, _>(2)?).ok();
            Ok(((row.try_get(0)?, row.try_get(1)?), known.map(|known| known.machine)))
        };
        rows.iter().map(state).collect()
    }

    /// All machines, sources and groups that the records are about, by their ids.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn known(&self) -> Result<Vec<String>, RecordsError> {
        let query = "SELECT machine FROM monitor_machine UNION SELECT machine FROM monitor_cycle \
             UNION SELECT machine FROM monitor_alert UNION SELECT machine FROM monitor_reference ORDER BY 1";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// What the records of all monitors show.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn evidence(&self) -> Result<Evidence, RecordsError> {
        let mut evidence = Evidence::default();
        // That sources are lost, and that somebody has seen it, is told by the same clocks.
        let mut events = self.lines("monitor_event")?;
        let is_of_source =
            |line: &Value| line["source"].is_string() && line["alert"] == AlertKind::Silent.id();
        events.extend(self.lines("monitor_acknowledgement")?.into_iter().filter(is_of_source));
        events.sort_by_cached_key(|line| moment(line, "at"));
        let log = self.log()?;
        for line in events.iter().chain(log.iter().filter(|line| !is_of_source(line))) {
            evidence.take(line);
        }
        for shown in self.shown()? {
            evidence.machine(&shown.machine, shown.asset.as_deref());
            let machine = evidence.machines.entry(shown.machine).or_default();
            machine.name = Some(Text::from(&shown.name));
            evidence.zone = evidence.zone.take().or(shown.zone);
        }
        // Cycles show that machines were watched, by the clock of whoever recorded them.
        let span = "SELECT MIN(written), MAX(written) FROM monitor_cycle";
        let row = self.runtime.block_on(sqlx::query(span).fetch_one(&self.pool))?;
        for n in 0..2 {
            if let Some(seconds) = row.try_get::<Option<i64>, _>(n)? {
                #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are few")]
                evidence.watched_until(&Time::from_seconds(seconds as f64).to_string());
            }
        }
        Ok(evidence)
    }
}
