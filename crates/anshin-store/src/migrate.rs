//! The tables, in numbered steps that go up and down. A step that was shipped is never edited.

use sqlx::Row as _;

use crate::error::StoreError;
use crate::store::{Kind, Store, Writing};

struct Step {
    up: &'static str,
    down: &'static str,
}

macro_rules! steps {
    ($($name:literal),*) => {
        &[$(Step {
            up: include_str!(concat!("../migrations/", $name, ".up.sql")),
            down: include_str!(concat!("../migrations/", $name, ".down.sql")),
        }),*]
    };
}

const STEPS: &[Step] = steps![
    "0001-start",
    "0002-others",
    "0003-rounds",
    "0004-branding-and-webhooks",
    "0005-identities",
    "0006-papers",
    "0007-zone-presence-words"
];

/// The version of the tables that this program needs.
pub(crate) fn known() -> i64 {
    i64::try_from(STEPS.len()).expect("there are few steps")
}

fn numbered() -> impl Iterator<Item = (i64, &'static Step)> {
    (1..).zip(STEPS)
}

pub(crate) async fn up(store: &Store, to: i64) -> Result<(), StoreError> {
    let mut writing = store.write().await?;
    let found = version(store, &mut writing).await?;
    if found > known() {
        return Err(StoreError::Newer { found, known: known() });
    }
    for (n, step) in numbered().filter(|(n, _)| (found + 1..=to).contains(n)) {
        sqlx::raw_sql(step.up).execute(&mut *writing.tx).await?;
        set(&mut writing, n).await?;
    }
    writing.commit().await
}

pub(crate) async fn down(store: &Store) -> Result<(), StoreError> {
    let mut writing = store.write().await?;
    let found = version(store, &mut writing).await?;
    let steps: Vec<_> = numbered().filter(|(n, _)| *n <= found).collect();
    for (n, step) in steps.into_iter().rev() {
        sqlx::raw_sql(step.down).execute(&mut *writing.tx).await?;
        set(&mut writing, n - 1).await?;
    }
    writing.commit().await
}

/// The version of the tables that are there. Several programs that start at once wait for each
/// other here.
async fn version(store: &Store, writing: &mut Writing) -> Result<i64, StoreError> {
    if store.kind == Kind::Postgres {
        // An arbitrary number of our own: "anshin".
        sqlx::query("SELECT pg_advisory_xact_lock(107140352239982)").execute(&mut *writing.tx).await?;
    }
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *writing.tx)
        .await?;
    let row = sqlx::query("SELECT version FROM schema_version").fetch_optional(&mut *writing.tx).await?;
    if let Some(row) = row {
        return Ok(row.try_get(0)?);
    }
    sqlx::query("INSERT INTO schema_version (version) VALUES (0)").execute(&mut *writing.tx).await?;
    Ok(0)
}

async fn set(writing: &mut Writing, version: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE schema_version SET version = $1").bind(version).execute(&mut *writing.tx).await?;
    Ok(())
}
