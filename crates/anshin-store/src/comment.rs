//! Remarks about a system or one of its proposals.

use anshin_model::Text;
use jiff::Timestamp;
use serde_json::json;

use crate::error::StoreError;
use crate::id::{CommentId, SystemId};
use crate::rights::{Actor, Right};
use crate::store::{Store, moment};
use crate::words;

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The remark.
    pub id: CommentId,
    /// What it is about, such as `threat/cloud/malware-infection`; empty for the system.
    pub subject: String,
    /// Who wrote it.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub body: String,
    /// When it was settled.
    pub resolved: Option<Timestamp>,
}

/// A remark to write.
#[derive(Debug, Clone, Copy)]
pub struct NewComment<'a> {
    /// What it is about; empty for the system.
    pub subject: &'a str,
    /// What it says.
    pub body: &'a str,
}

impl Store {
    /// Writes a remark.
    pub async fn add_comment(
        &self,
        actor: &Actor,
        system: &SystemId,
        new: NewComment<'_>,
    ) -> Result<CommentId, StoreError> {
        actor.need(Right::Edit)?;
        self.system(actor, system).await?;
        let subject = words::subject(new.subject)?;
        let body = words::note(&Text::new("コメント", "the comment"), new.body)?;
        if body.is_empty() {
            return Err(StoreError::Invalid(Text::new("コメントを入力してください", "write a comment")));
        }
        let id = CommentId::random();
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO comments (id, organization, system, subject, author, author_name, at, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .bind(&subject)
        .bind(actor.user.as_str())
        .bind(&actor.name)
        .bind(&at)
        .bind(&body)
        .execute(change.on())
        .await?;
        change.done("comment.add", system.as_str(), &json!({ "subject": subject })).await?;
        Ok(id)
    }

    /// The remarks about a system, the oldest first.
    pub async fn comments(&self, actor: &Actor, system: &SystemId) -> Result<Vec<Comment>, StoreError> {
        type Row = (String, String, String, String, String, Option<String>);
        actor.need(Right::Read)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, subject, author_name, at, body, resolved_at FROM comments \
             WHERE organization = $1 AND system = $2 ORDER BY at, id",
        )
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, subject, author_name, at, body, resolved)| {
                Ok(Comment {
                    id: CommentId::from_text(id),
                    subject,
                    author_name,
                    at: moment(&at)?,
                    body,
                    resolved: resolved.as_deref().map(moment).transpose()?,
                })
            })
            .collect()
    }

    /// Settles a remark.
    pub async fn resolve_comment(&self, actor: &Actor, comment: &CommentId) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let row: Option<(String,)> = sqlx::query_as(
            "UPDATE comments SET resolved_at = $3 \
             WHERE organization = $1 AND id = $2 AND resolved_at IS NULL RETURNING system",
        )
        .bind(actor.organization.as_str())
        .bind(comment.as_str())
        .bind(&at)
        .fetch_optional(change.on())
        .await?;
        let (system,) = row.ok_or(StoreError::NotFound)?;
        change.done("comment.resolve", &system, &json!({ "comment": comment.as_str() })).await
    }
}
