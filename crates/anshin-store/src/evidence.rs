//! Files that show something: test reports, photographs, contracts. Kept by the hash of their
//! content, never unpacked, never run.

use anshin_model::Text;
use jiff::Timestamp;
use serde_json::json;

use crate::error::StoreError;
use crate::id::{EvidenceId, SystemId};
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Store, count, moment, number};
use crate::words;

/// Most bytes of one file.
pub const MAX_EVIDENCE: usize = 20 << 20;
/// Most bytes of all files of an organization.
const MAX_ALL: i64 = 2 << 30;

/// A file that shows something, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The file.
    pub id: EvidenceId,
    /// What it shows, such as `requirement/updates`; empty for the system.
    pub subject: String,
    /// Its name.
    pub name: String,
    /// Its media type, found from its content.
    pub media: String,
    /// SHA-256 of its content.
    pub hash: String,
    /// Its bytes.
    pub size: u64,
    /// Who put it there.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
}

/// A file to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewEvidence<'a> {
    /// What it shows; empty for the system.
    pub subject: &'a str,
    /// Its name as it was on the other machine.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

type Row = (String, String, String, String, String, i64, String, String);

const COLUMNS: &str = "SELECT id, subject, name, media, hash, size, author_name, at FROM evidence";

impl Store {
    /// Keeps a file.
    pub async fn add_evidence(
        &self,
        actor: &Actor,
        system: &SystemId,
        new: NewEvidence<'_>,
    ) -> Result<EvidenceId, StoreError> {
        actor.need(Right::Edit)?;
        self.system(actor, system).await?;
        let subject = words::subject(new.subject)?;
        let name = file_name(new.name)?;
        if new.bytes.is_empty() || new.bytes.len() > MAX_EVIDENCE {
            let most = MAX_EVIDENCE >> 20;
            return Err(StoreError::Invalid(Text::new(
                format!("ファイルは空でなく、{most} MiBまでにしてください"),
                format!("a file may not be empty and may have at most {most} MiB"),
            )));
        }
        let media = media(&name, new.bytes).ok_or_else(|| {
            StoreError::Invalid(Text::new(
                "この種類のファイルは預かれません。PDF、画像（PNG、JPEG）、テキスト、CSV、Excel、Wordのファイルにしてください",
                "files of this kind are not taken; use PDF, PNG, JPEG, text, CSV, Excel or Word",
            ))
        })?;
        let (id, hash) = (EvidenceId::random(), sha256(new.bytes));
        let size = number(u64::try_from(new.bytes.len()).unwrap_or(u64::MAX));
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let held: (i64,) = sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM contents WHERE organization = $1",
        )
        .bind(actor.organization.as_str())
        .fetch_one(change.on())
        .await?;
        if held.0 + size > MAX_ALL {
            return Err(StoreError::Invalid(Text::new(
                "組織で預かれるファイルの合計を超えます。要らないファイルを減らしてください",
                "this is more than all files of an organization may have together",
            )));
        }
        sqlx::query(
            "INSERT INTO contents (organization, hash, size, bytes) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (organization, hash) DO NOTHING",
        )
        .bind(actor.organization.as_str())
        .bind(&hash)
        .bind(size)
        .bind(new.bytes.to_vec())
        .execute(change.on())
        .await?;
        sqlx::query(
            "INSERT INTO evidence (id, organization, system, subject, name, media, hash, size, author, \
             author_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .bind(&subject)
        .bind(&name)
        .bind(media)
        .bind(&hash)
        .bind(size)
        .bind(actor.user.as_str())
        .bind(&actor.name)
        .bind(&at)
        .execute(change.on())
        .await?;
        let detail = json!({ "name": name, "subject": subject, "hash": hash });
        change.done("evidence.add", system.as_str(), &detail).await?;
        Ok(id)
    }

    /// The files of a system, the oldest first.
    pub async fn evidence(&self, actor: &Actor, system: &SystemId) -> Result<Vec<Evidence>, StoreError> {
        actor.need(Right::Read)?;
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE organization = $1 AND system = $2 ORDER BY at, id"
        )))
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(evidence).collect()
    }

    /// A file with its content, which is what it was when it came.
    pub async fn evidence_content(
        &self,
        actor: &Actor,
        id: &EvidenceId,
    ) -> Result<(Evidence, Vec<u8>), StoreError> {
        actor.need(Right::Read)?;
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE organization = $1 AND id = $2")))
                .bind(actor.organization.as_str())
                .bind(id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        let file = evidence(row.ok_or(StoreError::NotFound)?)?;
        let (bytes,): (Vec<u8>,) =
            sqlx::query_as("SELECT bytes FROM contents WHERE organization = $1 AND hash = $2")
                .bind(actor.organization.as_str())
                .bind(&file.hash)
                .fetch_one(&self.pool)
                .await?;
        if sha256(&bytes) != file.hash {
            return Err(StoreError::Damaged(format!("the file {id} is not what it was")));
        }
        Ok((file, bytes))
    }
}

fn evidence(row: Row) -> Result<Evidence, StoreError> {
    let (id, subject, name, media, hash, size, author_name, at) = row;
    let (id, size, at) = (EvidenceId::from_text(id), count(size)?, moment(&at)?);
    Ok(Evidence { id, subject, name, media, hash, size, author_name, at })
}

/// The name of a file without any folder.
fn file_name(given: &str) -> Result<String, StoreError> {
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = words::line(&Text::new("ファイル名", "the name of the file"), name)?;
    let plain: String = name
        .chars()
        .map(|c| if matches!(c, '"' | '<' | '>' | ':' | '|' | '?' | '*') { '_' } else { c })
        .collect();
    if plain.trim_matches('.').is_empty() {
        return Err(StoreError::Invalid(Text::new("ファイル名がありません", "the file has no name")));
    }
    Ok(plain)
}

/// The media type, from the content: the name decides only between kinds that look alike.
fn media(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if bytes.starts_with(b"%PDF-") {
        return Some("application/pdf");
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Some("image/jpeg");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return match ending.as_str() {
            "xlsx" => Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            "docx" => Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            _ => None,
        };
    }
    let is_text = std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{feff}'))
    });
    match ending.as_str() {
        "csv" if is_text => Some("text/csv"),
        "txt" | "md" | "log" | "yaml" | "yml" | "json" if is_text => Some("text/plain"),
        _ => None,
    }
}
