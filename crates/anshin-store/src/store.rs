//! The database behind everything, and the one way to change it.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyPool, Executor as _, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::audit;
use crate::error::StoreError;
use crate::id::OrganizationId;
use crate::migrate;
use crate::rights::Actor;
use crate::webhook;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of `SQLite`.
    File(PathBuf),
    /// A database of `PostgreSQL`, by its address.
    Postgres(String),
}

impl Place {
    /// The file of `SQLite` in a data folder.
    pub fn folder(folder: &Path) -> Self {
        Place::File(folder.join("anshin.sqlite"))
    }

    fn address(&self) -> String {
        match self {
            Place::File(path) => format!("sqlite:{}?mode=rwc", escaped(path)),
            Place::Postgres(address) => address.clone(),
        }
    }
}

/// A path as part of an address.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23")
}

/// Which database is behind the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// All that the web program keeps. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) pool: AnyPool,
    pub(crate) kind: Kind,
    clock: Clock,
    /// `SQLite` has one writer at a time; waiting here is fairer than waiting in `SQLite`.
    writer: Arc<Mutex<()>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Store {
    /// Connects to the data, and makes the file if there is none. Run [`Store::migrate`] next.
    pub async fn open(place: &Place, clock: Clock) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let kind = match place {
            Place::File(_) => Kind::Sqlite,
            Place::Postgres(_) => Kind::Postgres,
        };
        let options = AnyConnectOptions::from_str(&place.address())?;
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(5))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    // An acknowledged save is on the disk (`synchronous`), readers do not wait for
                    // the writer (`WAL`), and other programs may look at the file (`busy_timeout`).
                    let settings = match kind {
                        Kind::Sqlite => {
                            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                             PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                        }
                        Kind::Postgres => "SET lock_timeout = '10s'; SET statement_timeout = '30s';",
                    };
                    connection.execute(settings).await.map(|_| ())
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self { pool, kind, clock, writer: Arc::default() })
    }

    /// The clock of the machine.
    pub fn system_clock() -> Clock {
        Arc::new(Timestamp::now)
    }

    /// Brings the tables to what this program needs. Data of a newer program is refused.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        migrate::up(self, migrate::known()).await
    }

    /// Brings new tables up to an earlier version only: what an older program made. For tests of the migrations.
    #[doc(hidden)]
    pub async fn migrate_to(&self, version: i64) -> Result<(), StoreError> {
        migrate::up(self, version).await
    }

    /// The version of the tables that this program needs. For tests of the migrations.
    #[doc(hidden)]
    pub fn newest_version() -> i64 {
        migrate::known()
    }

    /// Takes all migrations back, and with them all data. For tests of the migrations.
    #[doc(hidden)]
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        migrate::down(self).await
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Makes sure that the database takes something in: that there is room on the disk, and leave to write.
    pub async fn try_writing(&self) -> Result<(), StoreError> {
        /// More than a page, so that it needs room of its own.
        const SOME: usize = 8 << 10;
        let mut writing = self.write().await?;
        let at = time(self.now());
        // Of several servers that try at once, one waits here for the other.
        sqlx::query(
            "INSERT INTO challenges (token_hash, payload, expires_at) VALUES ('room', $1, $2) \
             ON CONFLICT (token_hash) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at",
        )
        .bind(at.repeat(SOME / at.len()))
        .bind(&at)
        .execute(&mut *writing.tx)
        .await?;
        sqlx::query("DELETE FROM challenges WHERE token_hash <> 'room' AND expires_at <= $1")
            .bind(&at)
            .execute(&mut *writing.tx)
            .await?;
        writing.commit().await
    }

    /// Lets go of the database once what is under way is done.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The moment as the store sees it.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) fn after(&self, duration: SignedDuration) -> String {
        time(self.now().saturating_add(duration).unwrap_or(Timestamp::MAX))
    }

    /// Begins a transaction that writes.
    pub(crate) async fn write(&self) -> Result<Writing, StoreError> {
        let guard = match self.kind {
            Kind::Sqlite => Some(Arc::clone(&self.writer).lock_owned().await),
            Kind::Postgres => None,
        };
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        Ok(Writing { tx: self.pool.begin_with(begin).await?, _guard: guard })
    }

    /// Begins a change of an organization's data.
    pub(crate) async fn change(
        &self,
        organization: &OrganizationId,
        who: &str,
    ) -> Result<Change, StoreError> {
        let mut writing = self.write().await?;
        let end = audit::take_end(&mut writing.tx, organization).await?;
        let at = time(self.now());
        Ok(Change { writing, organization: organization.clone(), who: who.to_owned(), at, end })
    }

    pub(crate) async fn change_by(&self, actor: &Actor) -> Result<Change, StoreError> {
        self.change(&actor.organization, &actor.signature()).await
    }
}

/// A transaction that writes. Dropped without a commit, it leaves nothing behind.
pub(crate) struct Writing {
    pub(crate) tx: Transaction<'static, Any>,
    _guard: Option<OwnedMutexGuard<()>>,
}

impl Writing {
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

/// A change of an organization's data. The only way to make it last is to say in the audit trail
/// what was done.
pub(crate) struct Change {
    writing: Writing,
    organization: OrganizationId,
    who: String,
    /// The moment of the change, in the form of the tables.
    pub(crate) at: String,
    end: audit::End,
}

impl Change {
    /// The connection to write on.
    pub(crate) fn on(&mut self) -> &mut sqlx::AnyConnection {
        &mut self.writing.tx
    }

    /// Runs a statement on what it names; if that is not there, the change comes to nothing.
    pub(crate) async fn touch(
        &mut self,
        statement: sqlx::query::Query<'_, Any, sqlx::any::AnyArguments>,
    ) -> Result<(), StoreError> {
        let done = statement.execute(self.on()).await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Writes the entry of the audit trail and makes all of it last.
    pub(crate) async fn done(
        mut self,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.note(action, subject, detail).await?;
        self.writing.commit().await
    }

    /// The same for a change of several parts, each with an entry of its own. Without any, nothing was
    /// changed, and nothing is written.
    pub(crate) async fn done_all(
        mut self,
        parts: &[(&str, &str, serde_json::Value)],
    ) -> Result<(), StoreError> {
        for (n, (action, subject, detail)) in parts.iter().enumerate() {
            if n > 0 {
                self.end = audit::take_end(&mut self.writing.tx, &self.organization).await?;
            }
            self.note(action, subject, detail).await?;
        }
        if parts.is_empty() { Ok(()) } else { self.writing.commit().await }
    }

    async fn note(
        &mut self,
        action: &str,
        subject: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        let entry = audit::Entry { at: &self.at, actor: &self.who, action, subject, detail };
        audit::append(&mut self.writing.tx, &self.organization, &self.end, entry).await?;
        let told = (action, subject, detail);
        webhook::tell(&mut self.writing.tx, &self.organization, (&self.at, &self.who), told).await
    }
}

/// A moment as it stands in the tables: always as long, so that text sorts as time.
pub(crate) fn time(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// A moment read back.
pub(crate) fn moment(text: &str) -> Result<Timestamp, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged(format!("`{text}` is not a moment")))
}

/// A count read back.
pub(crate) fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Damaged(format!("{number} is not a count")))
}

/// A number for the tables.
pub(crate) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
