//! Other programs that are told what happens: what they are to be told is written down in the same
//! transaction as what happened, so that nothing is lost and nobody waits.

use anshin_model::Text;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::error::StoreError;
use crate::id::{OrganizationId, WebhookId};
use crate::rights::{Actor, Right};
use crate::secret::{self, Token};
use crate::store::{Store, count, moment, number, time};
use crate::words;

/// What programs are told of.
pub const EVENTS: &[&str] = &[
    "system.create",
    "system.save",
    "system.archive",
    "system.unarchive",
    "system.approve",
    "system.withdraw-approval",
    "comment.add",
    "comment.resolve",
    "evidence.add",
    "link.answer",
];

/// Most webhooks of an organization.
const MOST: usize = 20;
/// Minutes until the next attempt, by how many there were; after the last it is given up.
const WAITS: [i64; 7] = [1, 5, 15, 60, 240, 720, 1440];
/// How long a delivery that is being sent is left alone by others.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// A program that is told what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The webhook.
    pub id: WebhookId,
    /// Where it is told.
    pub url: String,
    /// Who set it up.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
    /// What became of the last that it was to be told; empty if there was nothing yet.
    pub outcome: String,
    /// How much it is still to be told.
    pub waiting: u64,
}

/// Something to tell a program now.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id: the same at every attempt.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// What happened, such as `system.save`.
    pub event: String,
    /// What is told, as JSON.
    pub body: String,
    secret: String,
    attempts: u64,
}

/// Keeps the secret out of logs.
impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("id", &self.id).field("event", &self.event).finish_non_exhaustive()
    }
}

impl Delivery {
    /// The signature of what is told at a moment: HMAC-SHA-256 over the second and the body.
    pub fn signature(&self, at: Timestamp) -> String {
        let second = at.as_second();
        let signed = format!("{second}.{}", self.body);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("any length will do");
        mac.update(signed.as_bytes());
        format!("t={second},v1={}", secret::hex(&mac.finalize().into_bytes()))
    }
}

impl Store {
    /// Sets a webhook up. Its secret, with which it checks signatures, is shown once.
    pub async fn create_webhook(&self, actor: &Actor, url: &str) -> Result<(WebhookId, Token), StoreError> {
        actor.need(Right::Administer)?;
        let url = words::line(&Text::new("アドレス", "the address"), url)?;
        if self.webhooks(actor).await?.len() >= MOST {
            return Err(StoreError::Invalid(Text::new(
                format!("ウェブフックは{MOST}件までです。要らないものを終わらせてください"),
                format!("there may be at most {MOST} webhooks; end one that is not needed"),
            )));
        }
        let (id, secret) = (WebhookId::random(), Token::random("anshin-webhook-"));
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO webhooks (id, organization, url, secret, author_name, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(&url)
        .bind(secret.as_str())
        .bind(&actor.name)
        .bind(&at)
        .execute(change.on())
        .await?;
        change.done("webhook.create", id.as_str(), &json!({ "url": url })).await?;
        Ok((id, secret))
    }

    /// The webhooks of the actor's organization, the newest first.
    pub async fn webhooks(&self, actor: &Actor) -> Result<Vec<Webhook>, StoreError> {
        type Row = (String, String, String, String, i64, Option<String>);
        actor.need(Right::Administer)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT w.id, w.url, w.author_name, w.at, \
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.id AND d.next_at IS NOT NULL), \
             (SELECT d.outcome FROM deliveries d WHERE d.webhook = w.id AND d.attempts > 0 \
              ORDER BY d.at DESC, d.id DESC LIMIT 1) \
             FROM webhooks w WHERE w.organization = $1 AND w.ended_at IS NULL ORDER BY w.at DESC, w.id",
        )
        .bind(actor.organization.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, url, author_name, at, waiting, outcome)| {
                let (id, at, waiting) = (WebhookId::from_text(id), moment(&at)?, count(waiting)?);
                Ok(Webhook { id, url, author_name, at, outcome: outcome.unwrap_or_default(), waiting })
            })
            .collect()
    }

    /// Ends a webhook; what it was still to be told is dropped.
    pub async fn end_webhook(&self, actor: &Actor, id: &WebhookId) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let query = sqlx::query(
            "UPDATE webhooks SET ended_at = $3 WHERE organization = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(&at);
        change.touch(query).await?;
        sqlx::query("UPDATE deliveries SET next_at = NULL WHERE organization = $1 AND webhook = $2")
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .execute(change.on())
            .await?;
        change.done("webhook.end", id.as_str(), &json!({})).await
    }

    /// What is to be told now, of all organizations: for the part of the program that tells it. Others
    /// leave it alone for a minute.
    pub async fn due_deliveries(&self, most: u32) -> Result<Vec<Delivery>, StoreError> {
        type Row = (String, String, String, String, String, i64, String);
        let now = time(self.now());
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT d.id, w.url, d.event, d.body, w.secret, d.attempts, d.next_at \
             FROM deliveries d JOIN webhooks w ON w.id = d.webhook \
             WHERE d.next_at <= $1 AND w.ended_at IS NULL ORDER BY d.next_at, d.at LIMIT $2",
        )
        .bind(&now)
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        let mut due = Vec::new();
        for (id, url, event, body, secret, attempts, next) in rows {
            let mut writing = self.write().await?;
            let claimed = sqlx::query("UPDATE deliveries SET next_at = $3 WHERE id = $1 AND next_at = $2")
                .bind(&id)
                .bind(&next)
                .bind(self.after(CLAIM))
                .execute(&mut *writing.tx)
                .await?;
            writing.commit().await?;
            if claimed.rows_affected() == 1 {
                due.push(Delivery { id, url, event, body, secret, attempts: count(attempts)? });
            }
        }
        Ok(due)
    }

    /// Writes down what became of an attempt: an empty problem says that it was told.
    pub async fn settle_delivery(&self, delivery: &Delivery, problem: &str) -> Result<(), StoreError> {
        let attempts = delivery.attempts + 1;
        let wait = usize::try_from(delivery.attempts).ok().and_then(|n| WAITS.get(n));
        let next = match (problem.is_empty(), wait) {
            (true, _) | (false, None) => None,
            (false, Some(&minutes)) => Some(self.after(SignedDuration::from_mins(minutes))),
        };
        let outcome: String =
            if problem.is_empty() { "delivered".to_owned() } else { problem.chars().take(300).collect() };
        let mut writing = self.write().await?;
        sqlx::query(
            "UPDATE deliveries SET attempts = $2, next_at = $3, outcome = $4 \
             WHERE id = $1 AND next_at IS NOT NULL",
        )
        .bind(&delivery.id)
        .bind(number(attempts))
        .bind(next)
        .bind(outcome)
        .execute(&mut *writing.tx)
        .await?;
        // What was told a month ago helps nobody.
        sqlx::query("DELETE FROM deliveries WHERE next_at IS NULL AND at < $1")
            .bind(self.after(SignedDuration::from_hours(-24 * 30)))
            .execute(&mut *writing.tx)
            .await?;
        writing.commit().await
    }
}

/// Writes down what the organization's webhooks are to be told of a change.
pub(crate) async fn tell(
    on: &mut sqlx::AnyConnection,
    organization: &OrganizationId,
    (at, actor): (&str, &str),
    (action, subject, detail): (&str, &str, &Value),
) -> Result<(), StoreError> {
    if !EVENTS.contains(&action) {
        return Ok(());
    }
    let hooks: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM webhooks WHERE organization = $1 AND ended_at IS NULL")
            .bind(organization.as_str())
            .fetch_all(&mut *on)
            .await?;
    for (hook,) in hooks {
        let id = secret::random_id();
        let body = json!({
            "id": id, "event": action, "at": at, "by": actor, "subject": subject, "detail": detail,
        });
        sqlx::query(
            "INSERT INTO deliveries (id, organization, webhook, event, body, at, attempts, next_at, outcome) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $6, '')",
        )
        .bind(&id)
        .bind(organization.as_str())
        .bind(&hook)
        .bind(action)
        .bind(body.to_string())
        .bind(at)
        .execute(&mut *on)
        .await?;
    }
    Ok(())
}
