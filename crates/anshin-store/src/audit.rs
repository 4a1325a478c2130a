//! The audit trail of an organization: entries chained by hash, so that none can be changed, taken
//! out or put in without the chain breaking.
//!
//! The hash of an entry is the SHA-256 of the JSON list of its number, moment, actor, action,
//! subject, detail and of the hash before it. The first has no hash before it: an empty string.

use anshin_model::Text;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::error::StoreError;
use crate::id::OrganizationId;
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Store, count, moment, number};

/// An entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who did it: the name for signing in, or what did it.
    pub actor: String,
    /// What was done, such as `system.save`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// More about it, as a JSON object.
    pub detail: String,
    /// Hash of this entry, which holds the hash of the one before.
    pub hash: String,
}

/// A trail that was read from its first entry to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose trail it is.
    pub organization: OrganizationId,
    /// The organization's name.
    pub name: String,
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last. Noted down elsewhere, it proves later that nothing was cut off.
    pub end: String,
    /// What is wrong: the number of the first entry that does not fit, and why.
    pub broken: Option<(u64, Text)>,
}

/// The end of a trail, with the number that the next entry gets.
pub(crate) struct End {
    number: i64,
    hash: String,
}

pub(crate) struct Entry<'a> {
    pub(crate) at: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) detail: &'a serde_json::Value,
}

/// Takes the end of the trail; others who want to write wait until the transaction is over.
pub(crate) async fn take_end(
    on: &mut AnyConnection,
    organization: &OrganizationId,
) -> Result<End, StoreError> {
    let end: Option<(i64, String)> = sqlx::query_as(
        "UPDATE chains SET number = number + 1 WHERE organization = $1 RETURNING number, hash",
    )
    .bind(organization.as_str())
    .fetch_optional(on)
    .await?;
    let (number, hash) = end.ok_or(StoreError::NotFound)?;
    Ok(End { number, hash })
}

pub(crate) async fn append(
    on: &mut AnyConnection,
    organization: &OrganizationId,
    end: &End,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    let detail = entry.detail.to_string();
    let hash = hash_of(end.number, entry.at, entry.actor, entry.action, entry.subject, &detail, &end.hash);
    sqlx::query(
        "INSERT INTO audit (organization, number, at, actor, action, subject, detail, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(organization.as_str())
    .bind(end.number)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(&detail)
    .bind(&end.hash)
    .bind(&hash)
    .execute(&mut *on)
    .await?;
    sqlx::query("UPDATE chains SET hash = $2 WHERE organization = $1")
        .bind(organization.as_str())
        .bind(&hash)
        .execute(on)
        .await?;
    Ok(())
}

fn hash_of(
    number: i64,
    at: &str,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
    previous: &str,
) -> String {
    let parts = serde_json::json!([number, at, actor, action, subject, detail, previous]);
    sha256(parts.to_string().as_bytes())
}

/// A row of the table.
type Row = (i64, String, String, String, String, String, String, String);

const COLUMNS: &str = "SELECT number, at, actor, action, subject, detail, previous, hash FROM audit";

impl Store {
    /// Entries of the actor's organization, the newest first: at most `most` before number `before`.
    pub async fn audit(
        &self,
        actor: &Actor,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        actor.need(Right::Administer)?;
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE organization = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        )))
        .bind(actor.organization.as_str())
        .bind(before.map_or(i64::MAX, number))
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(number, at, actor, action, subject, detail, _, hash)| {
                Ok(AuditEntry {
                    number: count(number)?,
                    at: moment(&at)?,
                    actor,
                    action,
                    subject,
                    detail,
                    hash,
                })
            })
            .collect()
    }

    /// Reads every trail from its first entry to its last and works out all hashes again.
    pub async fn verify_audit(&self) -> Result<Vec<Verified>, StoreError> {
        let trails: Vec<(String, String, i64, String)> = sqlx::query_as(
            "SELECT o.id, o.name, c.number, c.hash FROM organizations o \
             JOIN chains c ON c.organization = o.id ORDER BY o.id",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut all = Vec::new();
        for (organization, name, entries, end) in trails {
            let broken = self.first_broken(&organization, entries, &end).await?;
            let organization = OrganizationId::from_text(organization);
            all.push(Verified { organization, name, entries: count(entries)?, end, broken });
        }
        Ok(all)
    }

    async fn first_broken(
        &self,
        organization: &str,
        entries: i64,
        end: &str,
    ) -> Result<Option<(u64, Text)>, StoreError> {
        /// Rows that are in memory at once.
        const BLOCK: i64 = 1000;
        let (mut last, mut before) = (0, String::new());
        loop {
            let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "{COLUMNS} WHERE organization = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4"
            )))
            .bind(organization)
            .bind(last)
            .bind(entries)
            .bind(BLOCK)
            .fetch_all(&self.pool)
            .await?;
            if rows.is_empty() {
                break;
            }
            for (number, at, actor, action, subject, detail, previous, hash) in rows {
                let place = count(number.max(last + 1))?;
                if number != last + 1 {
                    return Ok(Some((count(last + 1)?, Text::new("抜けています", "an entry is missing"))));
                }
                if previous != before {
                    return Ok(Some((
                        place,
                        Text::new("前の記録とつながりません", "it does not follow from the entry before"),
                    )));
                }
                if hash_of(number, &at, &actor, &action, &subject, &detail, &previous) != hash {
                    return Ok(Some((
                        place,
                        Text::new("書かれた後に変更されています", "it was changed after it was written"),
                    )));
                }
                (last, before) = (number, hash);
            }
        }
        if last != entries {
            return Ok(Some((
                count(last + 1)?,
                Text::new("末尾の記録が抜けています", "entries at the end are missing"),
            )));
        }
        if before != end {
            let why = Text::new("末尾が置き換えられています", "the end of the trail is another");
            return Ok(Some((count(last)?, why)));
        }
        Ok(None)
    }
}
