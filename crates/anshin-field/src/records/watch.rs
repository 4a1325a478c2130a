//! What people ask who speak to all monitors of a database: who is there, by which references machines are judged,
//! and that something be done.

use anshin_monitor::Time;
use serde::Serialize;
use sqlx::Row as _;

use super::{Records, RecordsError, beating, heard, request};
use crate::folder::Request;

/// A monitor that has shown itself in the database.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The team; of a monitor that watches alone its own name.
    pub team: String,
    /// Its name.
    pub monitor: String,
    /// How many machines it judges.
    pub judges: u32,
    /// How often it has said to be alive; `None` once it has taken leave.
    pub beat: Option<i64>,
    /// When it has said so last, by its clock.
    pub heard: Option<Time>,
    /// Whether nothing is heard of it.
    pub quiet: bool,
}

/// A reference as the records have it: the newest version. One that a person let be forgotten stays there.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Recorded {
    /// The team, or the monitor that watches alone.
    #[serde(skip)]
    pub team: String,
    /// The machine.
    pub machine: String,
    /// The parts of the job's key, joined.
    pub job: String,
    /// Number of the mode.
    pub mode: u32,
    /// Its version.
    pub version: i64,
    /// How long a cycle takes, in seconds.
    pub duration: f64,
    /// What it takes, in the unit of the machine.
    pub quantity: Option<f64>,
    /// From how many cycles it is learnt.
    pub cycles: i64,
    /// Whether a person has approved it.
    pub approved: bool,
}

impl Records {
    /// The monitors that have shown themselves, in the order of teams and names.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn workers(&self) -> Result<Vec<Worker>, RecordsError> {
        let query = "SELECT w.team, w.worker, w.beat, w.written, COUNT(m.machine) FROM monitor_worker w \
             LEFT JOIN monitor_machine m ON m.team = w.team AND m.session = w.session \
             GROUP BY w.team, w.worker, w.beat, w.written ORDER BY w.team, w.worker";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let worker = |row: &sqlx::any::AnyRow| {
            Ok(Worker {
                team: row.try_get(0)?,
                monitor: row.try_get(1)?,
                beat: beating(row, 2)?,
                heard: heard(row, 3)?,
                judges: u32::try_from(row.try_get::<i64, _>(4)?).unwrap_or(u32::MAX),
                quiet: false,
            })
        };
        rows.iter().map(worker).collect()
    }

    /// The newest versions of all references.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn references(&self) -> Result<Vec<Recorded>, RecordsError> {
        let query = "SELECT worker, machine, job, mode, version, duration, quantity, cycles, approved \
             FROM monitor_reference r WHERE at = (SELECT MAX(at) FROM monitor_reference n WHERE n.worker = r.worker \
             AND n.machine = r.machine AND n.job = r.job AND n.mode = r.mode) ORDER BY worker, machine, job, mode, version";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let mut all: Vec<Recorded> = Vec::with_capacity(rows.len());
        for row in rows {
            let one = Recorded {
                team: row.try_get(0)?,
                machine: row.try_get(1)?,
                job: row.try_get(2)?,
                mode: u32::try_from(row.try_get::<i64, _>(3)?).unwrap_or_default(),
                version: row.try_get(4)?,
                duration: row.try_get(5)?,
                quantity: row.try_get(6)?,
                cycles: row.try_get(7)?,
                approved: row.try_get::<i64, _>(8)? != 0,
            };
            // Two versions may be of the same moment.
            let which = |of: &Recorded| (of.team.clone(), of.machine.clone(), of.job.clone(), of.mode);
            all.pop_if(|last| which(last) == which(&one));
            all.push(one);
        }
        Ok(all)
    }

    /// Asks something of whoever judges a machine, or speaks for what belongs to none; it is done within some
    /// seconds. The id of the request.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn ask(&self, team: &str, question: &Request) -> Result<String, RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            let id = request(&mut change, team, question).await?;
            change.commit().await?;
            Ok(id)
        })
    }

    /// Whether a request waits still: nobody has kept what came of it, or handed it on to the folder of a monitor.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn waits(&self, request: &str) -> Result<bool, RecordsError> {
        let found = sqlx::query("SELECT id FROM monitor_request WHERE id = $1").bind(request);
        Ok(self.runtime.block_on(found.fetch_optional(&self.pool))?.is_some())
    }
}
