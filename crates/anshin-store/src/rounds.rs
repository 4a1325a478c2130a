//! Rounds of answers to checklists, kept as the texts of answers files. Every saved state stays.

use anshin_model::{Lang, Text};
use jiff::Timestamp;
use serde_json::json;

use crate::error::{Conflict, StoreError};
use crate::id::RoundId;
use crate::merge::Merged;
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Change, Store, count, moment, number};
use crate::system::{bring_together, text_at};
use crate::words;

/// A round, without its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// The round.
    pub id: RoundId,
    /// The checklist that is answered.
    pub checklist: String,
    /// What the answers are about; empty if they do not say.
    pub subject: Text,
    /// Number of the newest state.
    pub latest: u64,
    /// When the round was begun.
    pub created: Timestamp,
    /// When the newest state was saved.
    pub changed: Timestamp,
    /// Who saved it.
    pub changed_by: String,
    /// When it was put aside.
    pub archived: Option<Timestamp>,
}

/// A saved state of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundState {
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// Who saved it.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
    /// The answers file, exactly as it was written.
    pub text: String,
}

/// A round to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewRound<'a> {
    /// The checklist.
    pub checklist: &'a str,
    /// The answers file.
    pub text: &'a str,
}

/// A next state of a round.
#[derive(Debug, Clone, Copy)]
pub struct SaveRound<'a> {
    /// Number of the state that the change started from.
    pub parent: u64,
    /// The answers file.
    pub text: &'a str,
}

type RoundRow = (String, String, String, String, i64, String, String, String, Option<String>);

const ROUNDS: &str = "SELECT r.id, r.checklist, r.subject_ja, r.subject_en, r.latest, r.created_at, s.at, \
    s.author_name, r.archived_at FROM rounds r JOIN round_states s ON s.round = r.id AND s.number = r.latest";

impl Store {
    /// Begins a round.
    pub async fn create_round(&self, actor: &Actor, new: NewRound<'_>) -> Result<Round, StoreError> {
        actor.need(Right::Edit)?;
        words::document(new.text)?;
        let checklist = words::subject(new.checklist)?;
        let subject = subject_in(new.text);
        let id = RoundId::random();
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO rounds (id, organization, checklist, subject_ja, subject_en, latest, created_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(&checklist)
        .bind(subject.get(Lang::Ja))
        .bind(subject.get(Lang::En))
        .bind(&at)
        .execute(change.on())
        .await?;
        let hash = insert(actor, &mut change, &id, 1, new.text).await?;
        change.done("round.create", id.as_str(), &json!({ "checklist": checklist, "hash": hash })).await?;
        self.round(actor, &id).await
    }

    /// The rounds of the actor's organization, the newest first.
    pub async fn rounds(&self, actor: &Actor) -> Result<Vec<Round>, StoreError> {
        actor.need(Right::Read)?;
        let rows: Vec<RoundRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{ROUNDS} WHERE r.organization = $1 ORDER BY r.created_at DESC, r.id DESC"
        )))
        .bind(actor.organization.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(round).collect()
    }

    /// One round.
    pub async fn round(&self, actor: &Actor, id: &RoundId) -> Result<Round, StoreError> {
        actor.need(Right::Read)?;
        let row: Option<RoundRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{ROUNDS} WHERE r.organization = $1 AND r.id = $2")))
                .bind(actor.organization.as_str())
                .bind(id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        round(row.ok_or(StoreError::NotFound)?)
    }

    /// A state of a round with its answers; the newest if no number is named.
    pub async fn round_state(
        &self,
        actor: &Actor,
        id: &RoundId,
        wanted: Option<u64>,
    ) -> Result<RoundState, StoreError> {
        type Row = (i64, String, String, String);
        actor.need(Right::Read)?;
        let row: Option<Row> = sqlx::query_as(
            "SELECT number, author_name, at, content FROM round_states \
             WHERE organization = $1 AND round = $2 AND number = \
             COALESCE($3, (SELECT latest FROM rounds WHERE organization = $1 AND id = $2))",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(wanted.map(number))
        .fetch_optional(&self.pool)
        .await?;
        let (number, author_name, at, text) = row.ok_or(StoreError::NotFound)?;
        Ok(RoundState { number: count(number)?, author_name, at: moment(&at)?, text })
    }

    /// Saves a next state and tells its number. If others have saved since `parent`, both changes are
    /// brought together; a state that says what the newest says already is not written again.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if both changed the same answer; nothing is saved then.
    pub async fn save_round(
        &self,
        actor: &Actor,
        id: &RoundId,
        save: SaveRound<'_>,
    ) -> Result<u64, StoreError> {
        actor.need(Right::Edit)?;
        words::document(save.text)?;
        loop {
            let latest = self.round_state(actor, id, None).await?;
            let merged = if latest.number == save.parent {
                save.text.to_owned()
            } else {
                let base = self.round_state(actor, id, Some(save.parent)).await?;
                match bring_together(base.text, save.text.to_owned(), latest.text.clone()).await? {
                    Merged::Text(text) => text,
                    Merged::Clashes(clashes) => {
                        let (base, latest) = (save.parent, latest.number);
                        return Err(StoreError::Conflict(Box::new(Conflict { base, latest, clashes })));
                    }
                }
            };
            if merged == latest.text {
                return Ok(latest.number);
            }
            let (next, subject) = (latest.number + 1, subject_in(&merged));
            let mut change = self.change_by(actor).await?;
            let moved = sqlx::query(
                "UPDATE rounds SET latest = $4, subject_ja = $5, subject_en = $6 \
                 WHERE organization = $1 AND id = $2 AND latest = $3",
            )
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(number(latest.number))
            .bind(number(next))
            .bind(subject.get(Lang::Ja))
            .bind(subject.get(Lang::En))
            .execute(change.on())
            .await?;
            // Someone else has saved in between.
            if moved.rows_affected() == 0 {
                continue;
            }
            let hash = insert(actor, &mut change, id, next, &merged).await?;
            change.done("round.save", id.as_str(), &json!({ "state": next, "hash": hash })).await?;
            return Ok(next);
        }
    }

    /// Puts a round aside, or takes it back. Nothing of it is deleted.
    pub async fn set_round_archived(
        &self,
        actor: &Actor,
        id: &RoundId,
        archived: bool,
    ) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let mut change = self.change_by(actor).await?;
        let at = archived.then(|| change.at.clone());
        let done = sqlx::query("UPDATE rounds SET archived_at = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(at)
            .execute(change.on())
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let action = if archived { "round.archive" } else { "round.unarchive" };
        change.done(action, id.as_str(), &json!({})).await
    }
}

/// Writes a state and tells its hash.
async fn insert(
    actor: &Actor,
    change: &mut Change,
    id: &RoundId,
    next: u64,
    text: &str,
) -> Result<String, StoreError> {
    let (at, hash) = (change.at.clone(), sha256(text.as_bytes()));
    sqlx::query(
        "INSERT INTO round_states (round, number, organization, author, author_name, at, hash, content) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id.as_str())
    .bind(number(next))
    .bind(actor.organization.as_str())
    .bind(actor.user.as_str())
    .bind(&actor.name)
    .bind(&at)
    .bind(&hash)
    .bind(text)
    .execute(change.on())
    .await?;
    Ok(hash)
}

fn round(row: RoundRow) -> Result<Round, StoreError> {
    let (id, checklist, ja, en, latest, created, changed, changed_by, archived) = row;
    Ok(Round {
        id: RoundId::from_text(id),
        checklist,
        subject: Text::new(ja, en),
        latest: count(latest)?,
        created: moment(&created)?,
        changed: moment(&changed)?,
        changed_by,
        archived: archived.as_deref().map(moment).transpose()?,
    })
}

/// What the answers of a text are about, for lists.
fn subject_in(text: &str) -> Text {
    text_at(text, &["subject"]).unwrap_or_default()
}
