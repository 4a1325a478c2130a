//! The records of monitors in a database: cycles, alerts and references, in `SQLite` or `PostgreSQL`.
//!
//! The files in the folder of a monitor come first: a line is in them before anybody hears of it, and
//! no database can hold up the measuring. This follows the files, and notes in the same transaction
//! how far it has come; after a crash of either it goes on from there, and no line is taken twice.

mod alone;
mod error;
mod follower;
mod query;
mod rows;
mod take;
mod watch;
mod whole;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anshin_monitor::Time;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, AnyRow};
use sqlx::{AnyConnection, AnyPool, Connection as _, Row as _};

use crate::clock;
use crate::panel::{Shown, ShownOther};
pub use error::{RecordsError, has_secret, place};
pub(crate) use follower::{Follower, Waiting};
pub(crate) use query::in_order;
pub use query::{Kind, Query, about, acknowledge, moment};
pub(crate) use rows::{answered, asked, groups, request, show, show_groups};
pub use watch::{Recorded, Worker};

/// How long it may take to connect.
const LONGEST: Duration = Duration::from_secs(5);

/// Pause between two looks at the files.
const PAUSE: Duration = Duration::from_secs(1);

/// The tables. A line is kept as it was written, beside what it is looked for by.
const TABLES: [&str; 12] = [
    "CREATE TABLE IF NOT EXISTS monitor_place (worker TEXT NOT NULL, file TEXT NOT NULL, place BIGINT NOT NULL, \
     PRIMARY KEY (worker, file))",
    "CREATE TABLE IF NOT EXISTS monitor_cycle (worker TEXT NOT NULL, machine TEXT NOT NULL, at TEXT NOT NULL, \
     finding TEXT NOT NULL, duration DOUBLE PRECISION NOT NULL, quantity DOUBLE PRECISION, line TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS monitor_cycle_at ON monitor_cycle (machine, at)",
    "CREATE TABLE IF NOT EXISTS monitor_alert (worker TEXT NOT NULL, machine TEXT NOT NULL, at TEXT NOT NULL, \
     finding TEXT NOT NULL, line TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS monitor_alert_at ON monitor_alert (machine, at)",
    "CREATE TABLE IF NOT EXISTS monitor_acknowledgement (worker TEXT NOT NULL, machine TEXT NOT NULL, \
     finding TEXT NOT NULL, line TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS monitor_event (worker TEXT NOT NULL, at TEXT NOT NULL, line TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS monitor_reference (worker TEXT NOT NULL, machine TEXT NOT NULL, job TEXT NOT NULL, \
     mode BIGINT NOT NULL, version BIGINT NOT NULL, at TEXT NOT NULL, duration DOUBLE PRECISION NOT NULL, \
     quantity DOUBLE PRECISION, cycles BIGINT NOT NULL, approved BIGINT NOT NULL, \
     PRIMARY KEY (worker, machine, job, mode, version))",
    "CREATE TABLE IF NOT EXISTS monitor_worker (team TEXT NOT NULL, worker TEXT NOT NULL, session TEXT NOT NULL, \
     beat BIGINT NOT NULL, PRIMARY KEY (team, worker))",
    "CREATE TABLE IF NOT EXISTS monitor_machine (team TEXT NOT NULL, machine TEXT NOT NULL, session TEXT NOT NULL, \
     state TEXT, shown TEXT, PRIMARY KEY (team, machine))",
    "CREATE TABLE IF NOT EXISTS monitor_group (team TEXT NOT NULL PRIMARY KEY, session TEXT NOT NULL, state TEXT NOT NULL, \
     shown TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS monitor_request (id TEXT NOT NULL PRIMARY KEY, team TEXT NOT NULL, machine TEXT NOT NULL, \
     line TEXT NOT NULL)",
];

/// Tables whose rows go when they are old; references stay.
const PASSING: [&str; 4] = ["monitor_cycle", "monitor_alert", "monitor_acknowledgement", "monitor_event"];

/// Pause between two looks for rows that are old.
const TRIM: Duration = Duration::from_hours(1);

/// Whose records are written.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// Name of the monitor.
    pub worker: &'a str,
    /// The team it belongs to, if it watches together with others: what one of them has recorded is
    /// not recorded again.
    pub team: Option<&'a str>,
}

/// A database of records.
#[derive(Debug)]
pub struct Records {
    pool: AnyPool,
    runtime: Arc<tokio::runtime::Runtime>,
    /// Files as they were when everything in them had been taken: they are looked at every second.
    taken: RefCell<BTreeMap<PathBuf, (u64, SystemTime)>>,
    /// When a monitor that works alone has last said that it is alive.
    beaten: Cell<Option<Instant>>,
    /// Workers of a team of the same name, as they were then.
    team: RefCell<Vec<(String, i64)>>,
    /// Machines that are in no configuration any more have been forgotten.
    is_tidy: Cell<bool>,
    /// When old rows were looked for last.
    trimmed: Cell<Option<Instant>>,
}

/// The database in the folder of a monitor.
pub const FILE: &str = "records.sqlite";

/// The address of the database in the folder of a monitor.
pub fn address(folder: &Path) -> String {
    let path = folder.join(FILE);
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{path}?mode=rwc")
}

/// Whether a text is the address of a database, and not the path of a folder.
pub fn is_address(place: &str) -> bool {
    ["postgres://", "postgresql://", "sqlite:"].iter().any(|kind| place.starts_with(kind))
}

impl Records {
    /// Opens a database, and makes the tables if they are not there.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(address: &str) -> Result<Self, RecordsError> {
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let is_file = address.starts_with("sqlite:");
        let pool = runtime.block_on(async {
            let options = AnyConnectOptions::from_str(address)?;
            let pool = AnyPoolOptions::new().max_connections(1).acquire_timeout(LONGEST);
            let pool = pool.after_connect(move |connection, _| {
                Box::pin(async move {
                    if !is_file {
                        // One that is halted in the middle of a change must not hold up the others.
                        let most = "SET idle_in_transaction_session_timeout = '5s'";
                        sqlx::query(most).execute(&mut *connection).await?;
                    }
                    Ok(())
                })
            });
            if !is_file {
                // The pool would try for long, and then tell only that it has.
                let first = AnyConnection::connect_with(&options);
                let first = tokio::time::timeout(LONGEST, first).await;
                first.unwrap_or(Err(sqlx::Error::PoolTimedOut))?.close().await?;
            }
            let pool = pool.connect_with(options).await?;
            if is_file {
                for pragma in ["PRAGMA busy_timeout = 10000", "PRAGMA journal_mode = WAL"] {
                    sqlx::query(pragma).execute(&pool).await?;
                }
            }
            for table in TABLES {
                // Another program may make the same table in the same moment.
                if sqlx::query(table).execute(&pool).await.is_err() {
                    sqlx::query(table).execute(&pool).await?;
                }
            }
            for table in PASSING.into_iter().chain(["monitor_worker"]) {
                dated(&pool, table).await?;
            }
            Ok::<_, sqlx::Error>(pool)
        })?;
        Ok(Self {
            pool,
            runtime: Arc::new(runtime),
            taken: RefCell::default(),
            beaten: Cell::default(),
            team: RefCell::default(),
            is_tidy: Cell::default(),
            trimmed: Cell::default(),
        })
    }

    /// The connection, and what runs its conversations.
    pub(crate) fn parts(&self) -> (AnyPool, Arc<tokio::runtime::Runtime>) {
        (self.pool.clone(), Arc::clone(&self.runtime))
    }

    /// Forgets cycles, alerts, acknowledgements and events that were recorded before a moment: of this monitor,
    /// and of all of its team, for of those that are gone nobody else does. References stay.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn forget_before(&self, writer: Writer<'_>, moment: Time) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            for table in PASSING {
                let query = format!(
                    "DELETE FROM {table} WHERE written < $1 AND (worker = $2 OR worker IN \
                     (SELECT worker FROM monitor_worker WHERE team = $3))"
                );
                sqlx::query(sqlx::AssertSqlSafe(query))
                    .bind(seconds(moment))
                    .bind(writer.worker)
                    .bind(writer.team.unwrap_or_default())
                    .execute(&self.pool)
                    .await?;
            }
            Ok(())
        })
    }

    /// The same now and then, for what is older than so many days.
    fn trim(&self, writer: Writer<'_>, keep_days: usize) -> Result<(), RecordsError> {
        if self.trimmed.get().is_some_and(|at| at.elapsed() < TRIM) {
            return Ok(());
        }
        let keep = Duration::from_hours(24 * keep_days as u64);
        self.forget_before(writer, clock::now().plus(-keep.as_secs_f64()))?;
        self.trimmed.set(Some(Instant::now()));
        Ok(())
    }

    /// How machines are, in the order of teams and ids.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn shown(&self) -> Result<Vec<Shown>, RecordsError> {
        let query = "SELECT m.team, m.shown, MAX(w.beat), MAX(w.written) FROM monitor_machine m \
             LEFT JOIN monitor_worker w ON w.team = m.team AND w.session = m.session \
             WHERE m.shown IS NOT NULL GROUP BY m.team, m.machine, m.shown ORDER BY m.team, m.machine";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let mut all = Vec::new();
        for row in rows {
            // What another version of this program shows may not be read.
            if let Ok(shown) = serde_json::from_str::<Shown>(&row.try_get::<String, _>(1)?) {
                let (beat, heard) = (beating(&row, 2)?, heard(&row, 3)?);
                all.push(Shown { team: row.try_get(0)?, beat, heard, ..shown });
            }
        }
        Ok(all)
    }

    /// Alerts that are about no single machine, in the order of teams.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn shown_others(&self) -> Result<Vec<ShownOther>, RecordsError> {
        let query = "SELECT g.team, g.shown, w.beat, w.written FROM monitor_group g \
             LEFT JOIN monitor_worker w ON w.team = g.team AND w.session = g.session ORDER BY g.team";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let mut all = Vec::new();
        for row in rows {
            let (team, beat, heard) = (row.try_get::<String, _>(0)?, beating(&row, 2)?, heard(&row, 3)?);
            // What another version of this program shows may not be read.
            let shown = serde_json::from_str::<Vec<ShownOther>>(&row.try_get::<String, _>(1)?);
            let shown = shown.unwrap_or_default().into_iter();
            all.extend(shown.map(|one| ShownOther { team: team.clone(), beat, heard, ..one }));
        }
        Ok(all)
    }
}

/// Whole seconds since 1970, as rows tell when they were written.
pub(crate) fn seconds(time: Time) -> i64 {
    time.nanos() / 1_000_000_000
}

/// A beat of a row; one who has taken leave has none.
fn beating(row: &AnyRow, column: usize) -> Result<Option<i64>, sqlx::Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.filter(|beat| *beat != 0))
}

/// When a row was written.
fn heard(row: &AnyRow, column: usize) -> Result<Option<Time>, sqlx::Error> {
    let seconds = row.try_get::<Option<i64>, _>(column)?;
    Ok(seconds.map(|seconds| Time::from_nanos(seconds.saturating_mul(1_000_000_000))))
}

/// Sees to it that the rows of a table tell when they were written, by the clock of this computer: those of
/// machines may be anywhere. What an earlier version has written counts from now on.
async fn dated(pool: &AnyPool, table: &str) -> Result<(), sqlx::Error> {
    let look = format!("SELECT written FROM {table} LIMIT 1");
    let has_it = async || sqlx::query(sqlx::AssertSqlSafe(look.clone())).fetch_optional(pool).await;
    if has_it().await.is_err() {
        let now = seconds(clock::now());
        let add = format!("ALTER TABLE {table} ADD COLUMN written BIGINT NOT NULL DEFAULT {now}");
        // Another program may add it in the same moment.
        if sqlx::query(sqlx::AssertSqlSafe(add)).execute(pool).await.is_err() {
            has_it().await?;
        }
    }
    let index = format!("CREATE INDEX IF NOT EXISTS {table}_written ON {table} (written)");
    // The same of the index, which is there then.
    if sqlx::query(sqlx::AssertSqlSafe(index.clone())).execute(pool).await.is_err() {
        sqlx::query(sqlx::AssertSqlSafe(index)).execute(pool).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A monitor that works alone.
    pub(super) const ALONE: Writer<'_> = Writer { worker: "w", team: None };

    /// All of a kind.
    pub(super) fn query(kind: Kind) -> Query {
        Query { kind, machine: None, from: None, to: None, finding: None, most: 100 }
    }

    #[test]
    fn what_is_old_goes_and_references_stay() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("history")).unwrap();
        // The clock of a machine may be anywhere: what counts is when it was recorded.
        let cycle = "{\"type\":\"cycle\",\"machine\":\"m\",\"end\":\"1970-01-01T00:00:00.000Z\",\"finding\":\"healthy\"}\n";
        let alert = "{\"type\":\"alert\",\"machine\":\"m\",\"alert\":\"stuck\",\"at\":\"1970-01-01T00:00:00.000Z\"}\n";
        fs::write(folder.path().join("history/1970-01-01.jsonl"), cycle).unwrap();
        fs::write(folder.path().join("alerts.jsonl"), alert).unwrap();
        let address = address(folder.path());
        let records = Records::open(&address).unwrap();
        // As an earlier version has left it.
        records.runtime.block_on(async {
            for query in [
                "DROP INDEX monitor_cycle_written",
                "ALTER TABLE monitor_cycle DROP COLUMN written",
                "INSERT INTO monitor_cycle (worker, machine, at, finding, duration, line) \
                 VALUES ('w', 'm', '1970-01-01T00:00:00.000Z', 'healthy', 1.0, '{}')",
                "INSERT INTO monitor_cycle (worker, machine, at, finding, duration, line) \
                 VALUES ('other', 'm', '1970-01-01T00:00:00.000Z', 'healthy', 1.0, '{}')",
                "INSERT INTO monitor_reference (worker, machine, job, mode, version, at, duration, cycles, approved) \
                 VALUES ('w', 'm', '', 1, 1, '1970-01-01T00:00:00.000Z', 1.0, 5, 0)",
            ] {
                sqlx::query(query).execute(&records.pool).await.unwrap();
            }
        });
        drop(records);
        let records = Records::open(&address).unwrap();
        records.follow(folder.path(), ALONE).unwrap();
        let count = |kind| records.query(&query(kind)).unwrap().len();
        let counts = || (count(Kind::Cycles), count(Kind::Alerts), count(Kind::References));
        records.trim(ALONE, 1).unwrap();
        assert_eq!(counts(), (3, 1, 1), "all of it was recorded just now");
        records.forget_before(ALONE, clock::now().plus(10.0)).unwrap();
        assert_eq!(counts(), (1, 0, 1), "what another monitor has recorded is its own");
        records.follow(folder.path(), ALONE).unwrap();
        assert_eq!(counts(), (1, 0, 1), "it does not come back");
    }
}
