//! All data as one file, and back: on a running program, from either database to either.
//!
//! A backup is a file of `SQLite` with the same tables. Sessions stay out: whoever takes a backup
//! back signs in again. So does what webhooks are still to be told: it would be told twice, and who is here
//! right now.

use std::path::Path;

use anshin_model::Text;
use serde_json::json;
use sqlx::{Any, Row as _, Transaction};

use crate::audit::Verified;
use crate::error::StoreError;
use crate::secret::sha256;
use crate::store::{Kind, Place, Store, count};

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The audit trail of each organization.
    pub trails: Vec<Verified>,
    /// How many systems there are.
    pub systems: u64,
    /// How many revisions.
    pub revisions: u64,
    /// How many files.
    pub files: u64,
    /// What is wrong; empty if all is well.
    pub problems: Vec<Text>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Words(&'static str),
    Number(&'static str),
    Bytes(&'static str),
}
use Column::{Bytes, Number, Words};

impl Column {
    fn name(self) -> &'static str {
        match self {
            Words(name) | Number(name) | Bytes(name) => name,
        }
    }
}

struct Table {
    name: &'static str,
    /// What orders the rows.
    key: &'static str,
    columns: &'static [Column],
}

/// All tables, each after those it refers to.
const TABLES: &[Table] = &[
    Table {
        name: "organizations",
        key: "id",
        columns: &[Words("id"), Words("name"), Words("language"), Words("created_at"), Words("zone")],
    },
    Table {
        name: "chains",
        key: "organization",
        columns: &[Words("organization"), Number("number"), Words("hash")],
    },
    Table {
        name: "audit",
        key: "organization, number",
        columns: &[
            Words("organization"),
            Number("number"),
            Words("at"),
            Words("actor"),
            Words("action"),
            Words("subject"),
            Words("detail"),
            Words("previous"),
            Words("hash"),
        ],
    },
    Table {
        name: "users",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("login"),
            Words("name"),
            Words("role"),
            Words("language"),
            Words("password_hash"),
            Words("totp_secret"),
            Number("totp_step"),
            Number("failures"),
            Words("locked_until"),
            Words("disabled_at"),
            Words("created_at"),
        ],
    },
    Table {
        name: "systems",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("name_ja"),
            Words("name_en"),
            Number("latest"),
            Words("created_at"),
            Words("archived_at"),
        ],
    },
    Table {
        name: "revisions",
        key: "system, number",
        columns: &[
            Words("system"),
            Number("number"),
            Words("organization"),
            Number("parent"),
            Number("merged"),
            Words("author"),
            Words("author_name"),
            Words("at"),
            Words("why"),
            Words("hash"),
            Words("content"),
        ],
    },
    Table {
        name: "approvals",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("system"),
            Number("revision"),
            Words("hash"),
            Words("author"),
            Words("author_name"),
            Words("at"),
            Words("note"),
            Words("withdrawn_at"),
        ],
    },
    Table {
        name: "comments",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("system"),
            Words("subject"),
            Words("author"),
            Words("author_name"),
            Words("at"),
            Words("body"),
            Words("resolved_at"),
        ],
    },
    Table {
        name: "contents",
        key: "organization, hash",
        columns: &[Words("organization"), Words("hash"), Number("size"), Bytes("bytes")],
    },
    Table {
        name: "evidence",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("system"),
            Words("subject"),
            Words("name"),
            Words("media"),
            Words("hash"),
            Number("size"),
            Words("author"),
            Words("author_name"),
            Words("at"),
        ],
    },
    Table {
        name: "links",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("system"),
            Words("stakeholder"),
            Words("token_hash"),
            Words("author_name"),
            Words("at"),
            Words("expires_at"),
            Words("ended_at"),
        ],
    },
    Table {
        name: "answers",
        key: "system, stakeholder, item",
        columns: &[
            Words("organization"),
            Words("system"),
            Words("stakeholder"),
            Words("item"),
            Words("reply"),
            Words("note"),
            Words("link"),
            Words("at"),
        ],
    },
    Table {
        name: "invitations",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("role"),
            Words("token_hash"),
            Words("at"),
            Words("expires_at"),
            Words("used_at"),
        ],
    },
    Table {
        name: "tokens",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("user_id"),
            Words("name"),
            Words("scope"),
            Words("token_hash"),
            Words("at"),
            Words("expires_at"),
        ],
    },
    Table {
        name: "papers",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("kind"),
            Words("about"),
            Words("system"),
            Words("name_ja"),
            Words("name_en"),
            Number("latest"),
            Words("created_at"),
            Words("archived_at"),
        ],
    },
    Table {
        name: "paper_states",
        key: "paper, number",
        columns: &[
            Words("paper"),
            Number("number"),
            Words("organization"),
            Words("author"),
            Words("author_name"),
            Words("at"),
            Words("hash"),
            Words("content"),
        ],
    },
    Table {
        name: "brandings",
        key: "organization",
        columns: &[Words("organization"), Words("text"), Words("logo_name"), Bytes("logo"), Words("at")],
    },
    Table {
        name: "identities",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("user_id"),
            Words("issuer"),
            Words("subject"),
            Words("name"),
            Words("public_key"),
            Number("counter"),
            Words("at"),
        ],
    },
    Table {
        name: "webhooks",
        key: "id",
        columns: &[
            Words("id"),
            Words("organization"),
            Words("url"),
            Words("secret"),
            Words("author_name"),
            Words("at"),
            Words("ended_at"),
        ],
    },
];

/// Makes the file of a backup, which holds what only those who run the program may see.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

impl Store {
    /// Writes all data into a new file, as it stands at one moment, while others go on writing.
    /// The file is read again before it gets its name.
    pub async fn backup(&self, to: &Path) -> Result<Backup, StoreError> {
        if to.exists() {
            return Err(exists(to));
        }
        let mut part = to.as_os_str().to_owned();
        part.push(".part");
        let part = Place::File(part.into());
        let Place::File(path) = &part else { return Err(StoreError::NotFound) };
        let clean = || {
            for ending in ["", "-wal", "-shm"] {
                let mut name = path.as_os_str().to_owned();
                name.push(ending);
                // What is not there need not be removed.
                let _ = std::fs::remove_file(name);
            }
        };
        clean();
        let written = async {
            make_private(path).map_err(|error| StoreError::Database(sqlx::Error::Io(error)))?;
            let copy = Store::open(&part, Store::system_clock()).await?;
            copy.migrate().await?;
            copy_all(self, &copy).await?;
            let found = copy.check().await?;
            copy.close().await;
            Ok(found)
        };
        let found = match written.await {
            Ok(found) => found,
            Err(error) => {
                clean();
                return Err(error);
            }
        };
        let renamed = std::fs::File::open(path)
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(path, to));
        renamed.map_err(|error| StoreError::Database(sqlx::Error::Io(error)))?;
        Ok(found)
    }

    /// Reads everything and works out all hashes again.
    pub async fn check(&self) -> Result<Backup, StoreError> {
        let trails = self.verify_audit().await?;
        let mut problems = Vec::new();
        for trail in &trails {
            if let Some((entry, why)) = &trail.broken {
                problems.push(Text::new(
                    format!("監査証跡（{}）の{entry}件目: {}", trail.name, why.get(anshin_model::Lang::Ja)),
                    format!(
                        "audit trail of {}, entry {entry}: {}",
                        trail.name,
                        why.get(anshin_model::Lang::En)
                    ),
                ));
            }
        }
        if self.kind == Kind::Sqlite {
            let (word,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(&self.pool).await?;
            if word != "ok" {
                problems.push(Text::new(
                    format!("データベースのファイル: {word}"),
                    format!("the file of the database: {word}"),
                ));
            }
        }
        let mut tx = self.pool.begin().await?;
        let revisions = self.check_contents(&mut tx, &mut problems).await?;
        let number = |query: &'static str| sqlx::query_as::<_, (i64,)>(query);
        let (systems,) = number("SELECT COUNT(*) FROM systems").fetch_one(&mut *tx).await?;
        let (files,) = number("SELECT COUNT(*) FROM contents").fetch_one(&mut *tx).await?;
        for (gaps, ja, en) in [
            (
                "SELECT COUNT(*) FROM systems s WHERE s.latest <> \
                 (SELECT COUNT(*) FROM revisions r WHERE r.system = s.id AND r.number <= s.latest)",
                "版が抜けているシステム",
                "systems with missing revisions",
            ),
            (
                "SELECT COUNT(*) FROM papers p WHERE p.latest <> \
                 (SELECT COUNT(*) FROM paper_states s WHERE s.paper = p.id AND s.number <= p.latest)",
                "保存が抜けている回答・台帳・規程",
                "answers, ledgers and policies with missing states",
            ),
        ] {
            let (gaps,) = number(gaps).fetch_one(&mut *tx).await?;
            if gaps > 0 {
                problems.push(Text::new(format!("{ja}: {gaps}件"), format!("{en}: {gaps}")));
            }
        }
        Ok(Backup { trails, systems: count(systems)?, revisions, files: count(files)?, problems })
    }

    /// Works out the hash of every revision and every file again.
    async fn check_contents(
        &self,
        tx: &mut Transaction<'static, Any>,
        problems: &mut Vec<Text>,
    ) -> Result<u64, StoreError> {
        let (revisions, changed) = changed_texts(tx, "revisions", "system").await?;
        for (system, number) in changed {
            problems.push(Text::new(
                format!("システム{system}の版{number}が書き換えられています"),
                format!("revision {number} of system {system} was changed after it was saved"),
            ));
        }
        let (_, changed) = changed_texts(tx, "paper_states", "paper").await?;
        for (paper, number) in changed {
            problems.push(Text::new(
                format!("回答・台帳・規程{paper}の保存{number}が書き換えられています"),
                format!("state {number} of the paper {paper} was changed after it was saved"),
            ));
        }
        let files: Vec<(String, String)> =
            sqlx::query_as("SELECT organization, hash FROM contents ORDER BY organization, hash")
                .fetch_all(&mut **tx)
                .await?;
        for (organization, hash) in &files {
            let (bytes,): (Vec<u8>,) =
                sqlx::query_as("SELECT bytes FROM contents WHERE organization = $1 AND hash = $2")
                    .bind(organization)
                    .bind(hash)
                    .fetch_one(&mut **tx)
                    .await?;
            if sha256(&bytes) != *hash {
                problems.push(Text::new(
                    format!("ファイル{hash}が書き換えられています"),
                    format!("the file {hash} was changed after it was kept"),
                ));
            }
        }
        Ok(revisions)
    }
}

/// Works out the hash of every text of a table again: how many there are, and those that are not what
/// they were, by what they belong to and their number.
async fn changed_texts(
    tx: &mut Transaction<'static, Any>,
    table: &str,
    of: &str,
) -> Result<(u64, Vec<(String, i64)>), StoreError> {
    let keys: Vec<(String, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {of}, number FROM {table} ORDER BY {of}, number"
    )))
    .fetch_all(&mut **tx)
    .await?;
    let all = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    let select = format!("SELECT hash, content FROM {table} WHERE {of} = $1 AND number = $2");
    let mut changed = Vec::new();
    for (owner, number) in keys {
        let (hash, text): (String, String) = sqlx::query_as(sqlx::AssertSqlSafe(select.clone()))
            .bind(&owner)
            .bind(number)
            .fetch_one(&mut **tx)
            .await?;
        if sha256(text.as_bytes()) != hash {
            changed.push((owner, number));
        }
    }
    Ok((all, changed))
}

/// Reads a backup and tells what it holds. A file that is no backup is refused.
pub async fn check(backup: &Path) -> Result<Backup, StoreError> {
    let broken = |error| not_whole(backup, error);
    let store = existing(backup).await.map_err(broken)?;
    let found = store.check().await;
    store.close().await;
    found.map_err(broken)
}

/// A file that is cut off or was written over: what the database says of it helps nobody.
fn not_whole(backup: &Path, error: StoreError) -> StoreError {
    let shown = backup.display();
    match error {
        StoreError::Database(_)
        | StoreError::Unreachable(_)
        | StoreError::Encryption(_)
        | StoreError::Damaged(_) => StoreError::Invalid(Text::new(
            format!("`{shown}`は壊れているか、途中で切れています。別のバックアップを使ってください"),
            format!("`{shown}` is damaged or cut off; use another backup"),
        )),
        other => other,
    }
}

/// Brings a backup into an empty place, all of it or nothing.
pub async fn restore(backup: &Path, into: &Store) -> Result<Backup, StoreError> {
    let broken = |error| not_whole(backup, error);
    let store = existing(backup).await.map_err(broken)?;
    let found = store.check().await.map_err(broken)?;
    if found.problems.is_empty() {
        copy_all(&store, into).await?;
        for trail in &found.trails {
            let change = into.change(&trail.organization, "anshin restore").await?;
            change.done("data.restore", trail.organization.as_str(), &json!({ "end": trail.end })).await?;
        }
    }
    store.close().await;
    Ok(found)
}

async fn existing(backup: &Path) -> Result<Store, StoreError> {
    let shown = backup.display();
    let invalid = || {
        StoreError::Invalid(Text::new(
            format!("`{shown}`はバックアップではありません"),
            format!("`{shown}` is not a backup"),
        ))
    };
    if !backup.is_file() {
        return Err(invalid());
    }
    let store = Store::open(&Place::File(backup.to_owned()), Store::system_clock()).await?;
    // Tables of an older program are brought up to date; another file has none of ours.
    let ours = sqlx::query("SELECT version FROM schema_version").fetch_optional(&store.pool).await;
    if !matches!(ours, Ok(Some(_))) {
        return Err(invalid());
    }
    store.migrate().await?;
    Ok(store)
}

fn exists(path: &Path) -> StoreError {
    let shown = path.display();
    StoreError::Invalid(Text::new(
        format!("`{shown}`はすでにあります。別の名前を指定してください"),
        format!("`{shown}` is there already; name another file"),
    ))
}

/// Rows that are in memory at once.
const BLOCK: usize = 64;

async fn copy_all(from: &Store, to: &Store) -> Result<(), StoreError> {
    let mut writing = to.write().await?;
    let any: Option<(String,)> =
        sqlx::query_as("SELECT id FROM organizations LIMIT 1").fetch_optional(&mut *writing.tx).await?;
    if any.is_some() {
        return Err(StoreError::Invalid(Text::new(
            "戻し先にはすでにデータがあります。空の場所を指定してください",
            "there is data in the place to restore to; name an empty one",
        )));
    }
    // One snapshot for all tables.
    let begin = match from.kind {
        Kind::Sqlite => "BEGIN",
        Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    let mut reading = from.pool.begin_with(begin).await?;
    for table in TABLES {
        copy_table(table, &mut reading, &mut writing.tx).await?;
    }
    writing.commit().await
}

async fn copy_table(
    table: &Table,
    from: &mut Transaction<'static, Any>,
    to: &mut Transaction<'static, Any>,
) -> Result<(), StoreError> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name()).collect();
    let places: Vec<String> = (1..=names.len()).map(|n| format!("${n}")).collect();
    let (name, key, names, places) = (table.name, table.key, names.join(", "), places.join(", "));
    let select = format!("SELECT {names} FROM {name} ORDER BY {key} LIMIT {BLOCK} OFFSET $1");
    let insert = format!("INSERT INTO {name} ({names}) VALUES ({places})");
    let mut done = 0_i64;
    loop {
        let rows = sqlx::query(sqlx::AssertSqlSafe(select.clone())).bind(done).fetch_all(&mut **from).await?;
        for row in &rows {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(insert.clone()));
            for (n, column) in table.columns.iter().enumerate() {
                query = match column {
                    Words(_) => query.bind(row.try_get::<Option<String>, _>(n)?),
                    Number(_) => query.bind(row.try_get::<Option<i64>, _>(n)?),
                    Bytes(_) => query.bind(row.try_get::<Vec<u8>, _>(n)?),
                };
            }
            query.execute(&mut **to).await?;
        }
        if rows.len() < BLOCK {
            return Ok(());
        }
        done += i64::try_from(BLOCK).unwrap_or(i64::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables that stay out of a backup.
    const LEFT_OUT: &[&str] = &["schema_version", "sessions", "deliveries", "challenges", "presences"];

    /// A table or a column that a migration adds must not be forgotten here.
    #[tokio::test]
    async fn every_table_and_column_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Place::folder(folder.path()), Store::system_clock()).await.unwrap();
        store.migrate().await.unwrap();
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' ORDER BY m.name, c.cid",
        )
        .fetch_all(&store.pool)
        .await
        .unwrap();
        let mut there: Vec<(String, String)> =
            rows.into_iter().filter(|(table, _)| !LEFT_OUT.contains(&table.as_str())).collect();
        let mut known: Vec<(String, String)> = TABLES
            .iter()
            .flat_map(|table| table.columns.iter().map(|c| (table.name.to_owned(), c.name().to_owned())))
            .collect();
        there.sort();
        known.sort();
        assert_eq!(there, known);
    }
}
