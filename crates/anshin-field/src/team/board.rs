//! What a team agrees on in the database: who is there, who judges which machine, and what is known of it.

use std::collections::BTreeMap;

use anshin_monitor::Time;
use anshin_monitor::group::Groups;
use serde_json::Value;
use sqlx::{Any, AnyPool, Row as _, Transaction};

use super::{Elsewhere, Known, Place};
use crate::already_told::AlreadyTold;
use crate::clock;
use crate::folder::Request;
use crate::panel::{Shown, ShownOther};
use crate::records;

/// A change of the database: what one look reads and writes is done whole or not at all.
type Change<'c> = Transaction<'c, Any>;

/// What the database has of a machine.
pub(super) enum Stored {
    /// Nobody has judged it before.
    Nothing,
    /// A state that another version of this program wrote.
    Unreadable,
    /// What is known of it.
    Known(Box<Known>),
}

/// The tables of a team as one of its workers uses them.
pub(super) struct Board {
    team: String,
    worker: String,
    pub(super) session: String,
    /// The machines of the configuration.
    pub(super) machines: Vec<String>,
    /// Their numbers.
    numbers: BTreeMap<String, usize>,
}

impl Board {
    /// For a new session of a worker.
    pub(super) fn new(place: &Place<'_>, machines: Vec<String>) -> Self {
        Self {
            team: place.team.to_owned(),
            worker: place.worker.to_owned(),
            session: format!("{}-{:x}-{:x}", place.worker, std::process::id(), clock::now().nanos()),
            numbers: machines.iter().cloned().zip(0..).collect(),
            machines,
        }
    }

    /// Writes a beat; false if another program has come under the name of the worker.
    pub(super) async fn beat(&self, change: &mut Change<'_>, beat: i64) -> Result<bool, sqlx::Error> {
        let query = if beat == 1 {
            sqlx::query(
                "INSERT INTO monitor_worker (team, worker, session, beat, written) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (team, worker) DO UPDATE \
                 SET session = excluded.session, beat = excluded.beat, written = excluded.written",
            )
        } else {
            sqlx::query(
                "UPDATE monitor_worker SET beat = $4, written = $5 \
                 WHERE team = $1 AND worker = $2 AND session = $3",
            )
        };
        let query = query.bind(&self.team).bind(&self.worker).bind(&self.session).bind(beat);
        let query = query.bind(records::seconds(clock::now()));
        Ok(query.execute(&mut **change).await?.rows_affected() == 1)
    }

    /// Who has come and not gone: worker, session and beat.
    pub(super) async fn workers(
        &self,
        change: &mut Change<'_>,
    ) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
        sqlx::query_as("SELECT worker, session, beat FROM monitor_worker WHERE team = $1 AND session <> ''")
            .bind(&self.team)
            .fetch_all(&mut **change)
            .await
    }

    /// Which session has claimed which machine.
    pub(super) async fn claims(
        &self,
        change: &mut Change<'_>,
    ) -> Result<BTreeMap<String, String>, sqlx::Error> {
        let rows = sqlx::query("SELECT machine, session FROM monitor_machine WHERE team = $1")
            .bind(&self.team)
            .fetch_all(&mut **change)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Claims a machine of one who is gone, or of nobody; false if another one was quicker.
    pub(super) async fn claim(
        &self,
        change: &mut Change<'_>,
        n: usize,
        from: Option<&str>,
    ) -> Result<bool, sqlx::Error> {
        let query = match from {
            Some(_) => sqlx::query(
                "UPDATE monitor_machine SET session = $3 WHERE team = $1 AND machine = $2 AND session = $4",
            ),
            None => sqlx::query(
                "INSERT INTO monitor_machine (team, machine, session) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            ),
        };
        let mut query = query.bind(&self.team).bind(&self.machines[n]).bind(&self.session);
        if let Some(from) = from {
            query = query.bind(from.to_owned());
        }
        Ok(query.execute(&mut **change).await?.rows_affected() == 1)
    }

    /// Keeps the state of a machine, for a session; false if the machine is not ours.
    pub(super) async fn write(
        &self,
        change: &mut Change<'_>,
        n: usize,
        session: &str,
        known: &Known,
    ) -> Result<bool, sqlx::Error> {
        let state = serde_json::to_string(known).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let written = sqlx::query(
            "UPDATE monitor_machine SET session = $4, state = $5 WHERE team = $1 AND machine = $2 AND session = $3",
        )
        .bind(&self.team)
        .bind(&self.machines[n])
        .bind(&self.session)
        .bind(session)
        .bind(state)
        .execute(&mut **change)
        .await?;
        // Whoever has taken the machine meanwhile is asked.
        let is_ours = written.rows_affected() == 1;
        if is_ours {
            records::answered(change, &known.answered).await?;
        }
        Ok(is_ours)
    }

    /// What is known of a machine, and what the team has told of it since that was kept.
    pub(super) async fn known(
        &self,
        change: &mut Change<'_>,
        n: usize,
    ) -> Result<(Stored, AlreadyTold), sqlx::Error> {
        let stored = self.read(change, n).await?;
        let told = match &stored {
            Stored::Known(known) => self.told(change, n, known.machine.judged).await?,
            Stored::Nothing | Stored::Unreadable => AlreadyTold::default(),
        };
        Ok((stored, told))
    }

    /// What was kept of a machine.
    async fn read(&self, change: &mut Change<'_>, n: usize) -> Result<Stored, sqlx::Error> {
        let row = sqlx::query("SELECT state FROM monitor_machine WHERE team = $1 AND machine = $2")
            .bind(&self.team)
            .bind(&self.machines[n])
            .fetch_optional(&mut **change)
            .await?;
        let state = row.map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        Ok(state.map_or(Stored::Nothing, |state| {
            serde_json::from_str(&state).map_or(Stored::Unreadable, Stored::Known)
        }))
    }

    /// What the team has recorded of a machine after a cycle, the oldest first.
    async fn told(
        &self,
        change: &mut Change<'_>,
        n: usize,
        judged: Option<Time>,
    ) -> Result<AlreadyTold, sqlx::Error> {
        let mut told = AlreadyTold::default();
        let after = judged.map(|judged| judged.to_string()).unwrap_or_default();
        for table in ["monitor_cycle", "monitor_alert"] {
            let text = format!(
                "SELECT line FROM {table} WHERE machine = $1 AND at >= $2 AND worker IN \
                 (SELECT worker FROM monitor_worker WHERE team = $3) ORDER BY at DESC LIMIT 1000"
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(&self.machines[n])
                .bind(&after)
                .bind(&self.team)
                .fetch_all(&mut **change)
                .await?;
            let mut lines: Vec<Value> = Vec::with_capacity(rows.len());
            for row in &rows {
                lines.push(serde_json::from_str(&row.try_get::<String, _>(0)?).unwrap_or_default());
            }
            records::in_order(&mut lines);
            for line in &lines {
                told.take(line);
            }
        }
        Ok(told)
    }

    /// Shows how a machine is that this worker judges.
    pub(super) async fn show(&self, change: &mut Change<'_>, shown: &Shown) -> Result<bool, sqlx::Error> {
        records::show(change, &self.team, &self.session, shown).await
    }

    /// Keeps which groups raise alerts, which follows from what people have asked, and shows them.
    pub(super) async fn keep_groups(
        &self,
        change: &mut Change<'_>,
        groups: &Groups,
        shown: &[ShownOther],
        answered: &[String],
    ) -> Result<(), sqlx::Error> {
        records::show_groups(change, (&self.team, &self.session), groups, shown).await?;
        records::answered(change, answered).await
    }

    /// Which groups raise alerts, as whoever spoke for them last has kept it.
    pub(super) async fn groups(&self, change: &mut Change<'_>) -> Result<Option<Groups>, sqlx::Error> {
        records::groups(change, &self.team).await
    }

    /// Hands a request on to whoever judges a machine, or leads the team.
    pub(super) async fn pass_on(
        &self,
        change: &mut Change<'_>,
        request: &Request,
    ) -> Result<(), sqlx::Error> {
        records::request(change, &self.team, request).await.map(drop)
    }

    /// What people have asked about machines that this worker judges, and about what belongs to none if it leads, by
    /// the ids of the requests. It stays until what came of it is kept.
    pub(super) async fn asked(
        &self,
        change: &mut Change<'_>,
        leads: bool,
    ) -> Result<BTreeMap<String, Request>, sqlx::Error> {
        let mut asked = BTreeMap::new();
        for (id, line) in records::asked(change, &self.team, &self.session, leads).await? {
            if let Ok(request) = serde_json::from_str(&line) {
                asked.insert(id, request);
            } else {
                // What is no request was not written by this program.
                records::answered(change, &[id]).await?;
            }
        }
        Ok(asked)
    }

    /// Forgets machines that are in nobody's configuration any more.
    pub(super) async fn forget_others(
        &self,
        change: &mut Change<'_>,
        claims: &BTreeMap<String, String>,
        is_alive: impl Fn(&str) -> bool,
    ) -> Result<(), sqlx::Error> {
        for (machine, session) in claims {
            if !self.numbers.contains_key(machine) && !is_alive(session) {
                sqlx::query("DELETE FROM monitor_machine WHERE team = $1 AND machine = $2 AND session = $3")
                    .bind(&self.team)
                    .bind(machine)
                    .bind(session)
                    .execute(&mut **change)
                    .await?;
            }
        }
        Ok(())
    }

    /// Alerts of machines that others judge: those that are raised, and those that are over and that nobody has
    /// acknowledged.
    pub(super) async fn alerts_elsewhere(&self, change: &mut Change<'_>) -> Result<Elsewhere, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT machine, shown FROM monitor_machine WHERE team = $1 AND session <> $2 \
             AND (shown NOT LIKE '%\"alerts\":[]%' OR shown LIKE '%\"over\":[%')",
        )
        .bind(&self.team)
        .bind(&self.session)
        .fetch_all(&mut **change)
        .await?;
        let mut all = Elsewhere::new();
        for row in rows {
            let machine: String = row.try_get(0)?;
            // What another version of this program shows may not be read.
            let shown = serde_json::from_str::<Shown>(&row.try_get::<String, _>(1)?).ok();
            if let (Some(n), Some(shown)) = (self.numbers.get(&machine), shown) {
                all.insert(*n, shown.stages(*n));
            }
        }
        Ok(all)
    }

    /// Takes leave: who stands by need not wait until this worker counts as gone.
    pub(super) async fn leave(&self, pool: &AnyPool) -> Result<(), sqlx::Error> {
        let query = sqlx::query("UPDATE monitor_worker SET beat = 0 WHERE team = $1 AND session = $2")
            .bind(&self.team)
            .bind(&self.session);
        query.execute(pool).await.map(drop)
    }
}
