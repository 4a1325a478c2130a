//! The records of monitors in a database: cycles, alerts and references, in `SQLite` or `PostgreSQL`.
//!
//! The files in the folder of a monitor come first: a line is in them before anybody hears of it, and
//! no database can hold up the measuring. This follows the files, and notes in the same transaction
//! how far it has come; after a crash of either it goes on from there, and no line is taken twice.

mod follower;
mod rows;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anshin_model::Text;
use anshin_monitor::Time;
use anshin_monitor::group::Groups;
use serde::Deserialize as _;
use serde_json::Value;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Row as _, Transaction};

use crate::clock;
use crate::folder::{self, Request};
use crate::panel::{Shown, ShownOther};
use crate::trouble::why;
pub(crate) use follower::{Follower, Waiting};
pub(crate) use rows::{answered, asked, groups, request, show, show_groups};

/// How often a monitor that works alone says that it is alive.
const BEAT: Duration = Duration::from_secs(5);

/// Most bytes that one transaction takes of a file.
const CHUNK: u64 = 1 << 20;

/// Pause between two looks at the files.
const PAUSE: Duration = Duration::from_secs(1);

/// The tables. A line is kept as it was written, beside what it is looked for by.
const TABLES: [&str; 11] = [
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

/// Most acknowledgements that are looked through for alerts, the last ones.
const MOST_ACKNOWLEDGED: i64 = 10_000;

/// Tables whose rows go when they are old; references stay.
const PASSING: [&str; 3] = ["monitor_cycle", "monitor_alert", "monitor_acknowledgement"];

/// Pause between two looks for rows that are old.
const TRIM: Duration = Duration::from_hours(1);

/// Why records cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The files, or the runtime of the database.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl RecordsError {
    /// What a person is told, with what to look at; the words of the database are the detail.
    pub fn text(&self) -> Text {
        let error = match self {
            RecordsError::File(error) => return why(error),
            RecordsError::Database(error) => error,
        };
        let (ja, en) = match error {
            sqlx::Error::Io(error) => return why(error),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                return Text::new(
                    "時間内に応答がありません。データベースが動いているか、アドレスが正しいか確かめてください",
                    "no answer in time; see whether the database runs, and whether the address is right",
                );
            }
            sqlx::Error::Configuration(_) => (
                "アドレスを読めません。`postgres://ユーザー@ホスト/名前`か`sqlite:ファイル`の形で書いてください",
                "the address cannot be read; write it as `postgres://USER@HOST/NAME` or `sqlite:FILE`",
            ),
            sqlx::Error::Tls(_) => (
                "暗号化の方法が合いません。サーバーの証明書とアドレスの`sslmode`を確かめてください",
                "there is no agreement on encryption; check the certificate of the server, and `sslmode` in the address",
            ),
            sqlx::Error::Database(error) => of_code(error.code().as_deref().unwrap_or_default()),
            _ => UNKNOWN,
        };
        let detail = error.to_string();
        Text::new(format!("{ja}。詳細: {detail}"), format!("{en}; in detail: {detail}"))
    }
}

/// What is told of an error that is none of those that a person can do something about.
const UNKNOWN: (&str, &str) = (
    "データベースがエラーを返しました。データベースの記録を確かめてください",
    "the database reports an error; see its own log",
);

/// What a code means: those of `PostgreSQL` have five signs, those of `SQLite` are small numbers.
///
/// See: <https://www.postgresql.org/docs/current/errcodes-appendix.html>, <https://www.sqlite.org/rescode.html>
fn of_code(code: &str) -> (&'static str, &'static str) {
    match (code.len(), code) {
        (5, "28000" | "28P01") => (
            "ユーザーかパスワードが違います。アドレスを確かめてください",
            "user or password is wrong; check the address",
        ),
        (5, "3D000") => (
            "その名前のデータベースがありません。先に作るか、アドレスを確かめてください",
            "there is no database of this name; make it first, or check the address",
        ),
        (5, "42501") => (
            "このユーザーには権限がありません。表を作り、書く権限を与えてください",
            "this user is not allowed to; grant it to make tables and write them",
        ),
        (5, "53100") => ("データベースのディスクがいっぱいです", "the disk of the database is full"),
        (5, "53300") => (
            "データベースの接続がいっぱいです。使っていない接続を減らすか、`max_connections`を増やしてください",
            "the database has no connection left; end some, or raise its `max_connections`",
        ),
        (5, _) => UNKNOWN,
        // The lowest eight bits are the kind; what is above tells it more exactly.
        (_, code) => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => (
                "ほかのプログラムがデータベースを使っています。同じファイルを開いているプログラムを確かめてください",
                "another program holds the database; see which one has the file open",
            ),
            Ok(3 | 8 | 23) => (
                "データベースのファイルに書く権限がありません。ファイルとフォルダーの権限を確かめてください",
                "the file of the database may not be written; check the rights of file and folder",
            ),
            Ok(10) => (
                "データベースのファイルを読み書きできません。ディスクを確かめてください",
                "the file of the database cannot be read or written; check the disk",
            ),
            Ok(13) => ("ディスクがいっぱいです。空きを作ってください", "the disk is full; make room"),
            Ok(14) => (
                "データベースのファイルを開けません。フォルダーがあるか、権限があるか確かめてください",
                "the file of the database cannot be opened; see whether its folder is there, and its rights",
            ),
            Ok(11 | 26) => (
                "データベースのファイルではないか、壊れています。別の場所へ移すと、新しく作ります",
                "the file is no database, or broken; move it away, and a new one is made",
            ),
            _ => UNKNOWN,
        },
    }
}

/// Where a database is, without what is secret in its address; where nobody can tell what of it is, its kind alone.
pub fn place(address: &str) -> String {
    let (kind, rest) = address.split_once(':').unwrap_or(("", address));
    let (place, more) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    if kind == "sqlite" {
        return place.trim_start_matches("//").replace("%23", "#").replace("%3F", "?").replace("%25", "%");
    }
    // The first part may end within a password in which these signs are not escaped.
    if more.contains('@') {
        return kind.to_owned();
    }
    let host = place.trim_start_matches("//");
    host.rsplit_once('@').map_or(host, |(_, host)| host).to_owned()
}

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
            let pool = AnyPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(5));
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
            for table in PASSING {
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
                self.references(folder, writer.team.unwrap_or(writer.worker)).await?;
                self.taken.borrow_mut().insert(state, now);
            }
            Ok(())
        })
    }

    /// Forgets cycles and alerts that were recorded before a moment: of this monitor, and of all of its team, for
    /// of those that are gone nobody else does. References stay.
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

    /// Says that a monitor that works alone is alive; every few seconds is enough.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn beat(&self, worker: &str) -> Result<(), RecordsError> {
        if self.beaten.get().is_some_and(|at| at.elapsed() < BEAT) {
            return Ok(());
        }
        let query = sqlx::query(
            "INSERT INTO monitor_worker (team, worker, session, beat) VALUES ($1, $1, '', 1) \
             ON CONFLICT (team, worker) DO UPDATE SET session = '', beat = monitor_worker.beat + 1",
        );
        self.runtime.block_on(async {
            query.bind(worker).execute(&self.pool).await?;
            self.inherit(worker).await
        })?;
        self.beaten.set(Some(Instant::now()));
        Ok(())
    }

    /// Takes over the machines of a team that had the name of this monitor and is gone: its beats have
    /// stood still since the last look.
    async fn inherit(&self, worker: &str) -> Result<(), sqlx::Error> {
        let rows = sqlx::query(
            "SELECT session, beat FROM monitor_worker WHERE team = $1 AND session <> '' ORDER BY session",
        )
        .bind(worker)
        .fetch_all(&self.pool)
        .await?;
        let now = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let now = now.collect::<Result<Vec<(String, i64)>, sqlx::Error>>()?;
        if !now.is_empty() && *self.team.borrow() == now {
            let mut change = self.pool.begin().await?;
            for query in [
                "DELETE FROM monitor_worker WHERE team = $1 AND session <> ''",
                "UPDATE monitor_machine SET session = '' WHERE team = $1",
            ] {
                sqlx::query(query).bind(worker).execute(&mut *change).await?;
            }
            change.commit().await?;
            self.is_tidy.set(false);
        }
        self.team.replace(now);
        Ok(())
    }

    /// Forgets the machines of this monitor that are not in its configuration any more.
    async fn tidy(&self, worker: &str, machines: &[String]) -> Result<(), sqlx::Error> {
        let rows = sqlx::query("SELECT machine FROM monitor_machine WHERE team = $1 AND session = ''")
            .bind(worker)
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            let machine: String = row.try_get(0)?;
            if !machines.contains(&machine) {
                sqlx::query("DELETE FROM monitor_machine WHERE team = $1 AND machine = $2 AND session = ''")
                    .bind(worker)
                    .bind(machine)
                    .execute(&self.pool)
                    .await?;
            }
        }
        self.is_tidy.set(true);
        Ok(())
    }

    /// Shows how machines are, and takes what people have asked elsewhere.
    fn look_out(
        &self,
        folder: &Path,
        worker: &str,
        machines: &[String],
        waiting: &Waiting,
    ) -> Result<(), RecordsError> {
        let shown = &waiting.machines;
        self.beat(worker)?;
        if !self.is_tidy.get() {
            self.runtime.block_on(self.tidy(worker, machines))?;
        }
        let changed = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !changed.is_empty() {
            let rows: Vec<Shown> = changed.values().cloned().collect();
            let are_shown: BTreeMap<&usize, bool> = changed.keys().zip(self.show(worker, &rows)?).collect();
            // What has changed meanwhile is shown with the next look, and what was refused tried again.
            let mut all = shown.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|n, now| are_shown.get(n) != Some(&true) || changed.get(n) != Some(now));
        }
        let groups = waiting.groups.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((groups, shown)) = groups {
            self.show_groups(worker, &groups, &shown)?;
            // What has changed meanwhile is shown with the next look.
            waiting
                .groups
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take_if(|now| *now == (groups, shown));
        }
        self.take_requests(worker, |request| folder::ask(folder, request))
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
    async fn references(&self, folder: &Path, worker: &str) -> Result<(), RecordsError> {
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

    /// Shows how the machines of a monitor that works alone are; for each of them whether it is shown, and
    /// not claimed by a team of the same name, which is or was there.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn show(&self, team: &str, shown: &[Shown]) -> Result<Vec<bool>, RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            let mut are_shown = Vec::with_capacity(shown.len());
            for one in shown {
                are_shown.push(show(&mut change, team, "", one).await?);
            }
            change.commit().await?;
            Ok(are_shown)
        })
    }

    /// How machines are, in the order of teams and ids.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn shown(&self) -> Result<Vec<Shown>, RecordsError> {
        let query = "SELECT m.team, m.shown, MAX(w.beat) FROM monitor_machine m \
             LEFT JOIN monitor_worker w ON w.team = m.team AND w.session = m.session \
             WHERE m.shown IS NOT NULL GROUP BY m.team, m.machine, m.shown ORDER BY m.team, m.machine";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let mut all = Vec::new();
        for row in rows {
            // What another version of this program shows may not be read.
            if let Ok(shown) = serde_json::from_str::<Shown>(&row.try_get::<String, _>(1)?) {
                all.push(Shown { team: row.try_get(0)?, beat: row.try_get(2)?, ..shown });
            }
        }
        Ok(all)
    }

    /// Keeps which groups of a monitor that works alone raise alerts, and shows all alerts that are about no
    /// single machine.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn show_groups(&self, team: &str, groups: &Groups, shown: &[ShownOther]) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            show_groups(&mut change, (team, ""), groups, shown).await?;
            change.commit().await?;
            Ok(())
        })
    }

    /// Alerts that are about no single machine, in the order of teams.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn shown_others(&self) -> Result<Vec<ShownOther>, RecordsError> {
        let query = "SELECT g.team, g.shown, w.beat FROM monitor_group g \
             LEFT JOIN monitor_worker w ON w.team = g.team AND w.session = g.session ORDER BY g.team";
        let rows = self.runtime.block_on(sqlx::query(query).fetch_all(&self.pool))?;
        let mut all = Vec::new();
        for row in rows {
            let (team, beat): (String, Option<i64>) = (row.try_get(0)?, row.try_get(2)?);
            // What another version of this program shows may not be read.
            let shown = serde_json::from_str::<Vec<ShownOther>>(&row.try_get::<String, _>(1)?);
            let shown = shown.unwrap_or_default().into_iter();
            all.extend(shown.map(|one| ShownOther { team: team.clone(), beat, ..one }));
        }
        Ok(all)
    }

    /// Asks something of whoever judges a machine; it is done within some seconds.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn ask(&self, team: &str, question: &Request) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            let mut change = self.pool.begin().await?;
            request(&mut change, team, question.machine(), question).await?;
            change.commit().await?;
            Ok(())
        })
    }

    /// Takes what was asked of a monitor that works alone. A request goes from the database only once it
    /// has been handed on.
    ///
    /// # Errors
    /// If the database cannot be written, or a request cannot be handed on.
    pub fn take_requests(
        &self,
        worker: &str,
        mut hand_on: impl FnMut(&Request) -> io::Result<()>,
    ) -> Result<(), RecordsError> {
        self.runtime.block_on(async {
            // Most of the time there is none, and nothing is written.
            let waiting = sqlx::query("SELECT id FROM monitor_request WHERE team = $1 LIMIT 1").bind(worker);
            if waiting.fetch_optional(&self.pool).await?.is_none() {
                return Ok(());
            }
            let mut change = self.pool.begin().await?;
            for (id, line) in asked(&mut change, worker, "").await? {
                // What is no request was not written by this program.
                if let Ok(request) = serde_json::from_str(&line) {
                    hand_on(&request)?;
                }
                answered(&mut change, &[id]).await?;
            }
            change.commit().await?;
            Ok(())
        })
    }

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
        seen.sort_by_key(|line| line["at"].as_str().and_then(|at| Time::parse(at).ok()));
        acknowledge(lines, &seen);
        Ok(())
    }
}

/// Adds to alerts of the log who has acknowledged them, by lines of the log in their order: of several for an alert,
/// the first one.
pub fn acknowledge(alerts: &mut [Value], lines: &[Value]) {
    for line in lines {
        let Ok(request) = Request::deserialize(line) else { continue };
        // One that names no beginning was written by an earlier version, and may mean another alert.
        let Request::Acknowledge { machine, alert: kind, since: Some(_), by, note, .. } = &request else {
            continue;
        };
        for alert in alerts.iter_mut() {
            let is_open = alert["type"] == "alert" && alert.get("acknowledged").is_none();
            let is_of_kind = kind.as_ref().is_none_or(|kind| alert["alert"] == *kind);
            if is_open && is_of_kind && alert["machine"] == *machine && acknowledges(&request, alert) {
                alert["acknowledged"] = serde_json::json!({ "by": by, "at": line["at"], "note": note });
            }
        }
    }
}

/// Whether a request acknowledges an alert of the log, if it is of its machine.
fn acknowledges(request: &Request, alert: &Value) -> bool {
    let began = || Time::parse(alert["since"].as_str()?).ok();
    let is_it = |kind: &str| began().is_some_and(|began| request.acknowledges(kind, began, None));
    alert["alert"].as_str().is_some_and(is_it)
}

/// Whole seconds since 1970, as rows tell when they were written.
fn seconds(time: Time) -> i64 {
    time.nanos() / 1_000_000_000
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

/// Keeps a line. What is neither a cycle nor an alert nor that somebody has seen one is not asked for, and stays in
/// its file.
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
        kind @ ("alert" | "source-alert" | "group-alert") => sqlx::query(
            "INSERT INTO monitor_alert (worker, machine, at, finding, line, written) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(worker)
        .bind(text(match kind {
            "alert" => "machine",
            "source-alert" => "source",
            _ => "group",
        }))
        .bind(text("at"))
        .bind(text("alert"))
        .bind(line)
        .bind(seconds(clock::now())),
        "request" if text("request") == "acknowledge" => sqlx::query(
            "INSERT INTO monitor_acknowledgement (worker, machine, finding, line, written) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(worker)
        .bind(text("machine"))
        .bind(text("alert"))
        .bind(line)
        .bind(seconds(clock::now())),
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
    use std::sync::Mutex;

    use anshin_model::Lang;

    use super::*;

    const ALONE: Writer<'_> = Writer { worker: "w", team: None };

    fn query(kind: Kind) -> Query {
        Query { kind, machine: None, from: None, to: None, finding: None, most: 100 }
    }

    #[test]
    fn what_is_wrong_is_told_in_the_language_of_the_reader_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.sqlite");
        fs::write(&file, "no database at all, however long it may be").unwrap();
        let text = Records::open(&format!("sqlite:{}", file.display())).unwrap_err().text();
        let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
        assert!(ja.starts_with("データベースのファイルではないか、壊れています。別の場所へ移すと"), "{ja}");
        assert!(
            ja.contains("詳細: ") && en.contains("move it away") && en.contains("in detail: "),
            "{ja} {en}"
        );
        let missing = folder.path().join("none/some.sqlite");
        let text = Records::open(&format!("sqlite:{}?mode=rwc", missing.display())).unwrap_err().text();
        assert!(text.get(Lang::Ja).starts_with("データベースのファイルを開けません"), "{text:?}");
        let text = Records::open("oracle://floor").unwrap_err().text();
        assert!(text.get(Lang::Ja).starts_with("アドレスを読めません"), "{text:?}");
        let text = Records::open("postgres://u:secret@127.0.0.1:9/plant").unwrap_err().text();
        assert!(
            text.get(Lang::Ja).starts_with("時間内に応答がありません。データベースが動いているか"),
            "{text:?}"
        );
        assert_eq!(place("postgres://u:secret@127.0.0.1:9/plant?sslmode=disable"), "127.0.0.1:9/plant");
        assert_eq!(place(&address(Path::new("a#b"))), "a#b/records.sqlite");
        assert_eq!(place("postgres://u:pa/ss@db/x"), "db/x");
        // A sign of a password or of an option that should have been escaped: nobody knows what is secret.
        for address in ["u:pa#ss@db/x", "u:pa?ss@db/x", "u:p@s?s@db/x", "db/x?password=p@ss"] {
            assert_eq!(place(&format!("postgres://{address}")), "postgres");
        }
        assert_eq!(of_code("53100").1, "the disk of the database is full");
        assert_eq!(of_code("2067"), UNKNOWN);
    }

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
        let both = seen("Sato", "\"belt\"", 5) + &seen("Tanaka", "null", 3);
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

    #[test]
    fn who_works_alone_by_the_name_of_a_team_that_is_gone_inherits_its_machines() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(&address(folder.path())).unwrap();
        let said = |machine: &str, state: &str| -> Shown {
            let shown = serde_json::json!({
                "machine": machine, "name": { "ja": "", "en": "" }, "state": state, "cycle": null,
                "alerts": [], "maintenance": null,
            });
            serde_json::from_value(shown).unwrap()
        };
        records.runtime.block_on(async {
            let mut change = records.pool.begin().await.unwrap();
            for query in [
                "INSERT INTO monitor_worker (team, worker, session, beat) VALUES ('line', 'one', 'one-1', 7)",
                "INSERT INTO monitor_machine (team, machine, session) VALUES ('line', 'm0', 'one-1'), ('line', 'm9', 'one-1')",
            ] {
                sqlx::query(query).execute(&mut *change).await.unwrap();
            }
            assert!(show(&mut change, "line", "one-1", &said("m0", "idle")).await.unwrap());
            assert!(show(&mut change, "line", "one-1", &said("m9", "idle")).await.unwrap());
            change.commit().await.unwrap();
        });
        let machines = Mutex::new(BTreeMap::from([(0, said("m0", "producing"))]));
        let shown = Waiting { machines, ..Waiting::default() };
        let look = || {
            records.beaten.set(None);
            records.look_out(folder.path(), "line", &["m0".to_owned()], &shown).unwrap();
            let all = records.shown().unwrap();
            all.into_iter().map(|one| (one.machine, one.state.unwrap().id())).collect::<Vec<_>>()
        };
        // It may still be there: nothing is taken from it, and what was to be shown waits.
        assert_eq!(look(), [("m0".to_owned(), "idle"), ("m9".to_owned(), "idle")]);
        // It has said nothing since: one machine is ours, and the other one is in no configuration.
        assert_eq!(look(), [("m0".to_owned(), "producing")]);
        assert!(shown.machines.lock().unwrap().is_empty());
    }
}
