//! Links that open one stakeholder's sheet for someone without an account, and what comes back.

use anshin_model::Text;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::error::StoreError;
use crate::id::{LinkId, OrganizationId, SystemId};
use crate::rights::{Actor, Right};
use crate::secret::{Token, sha256};
use crate::store::{Store, moment, time};
use crate::system::Content;
use crate::words;

/// Most days that a link lasts.
const MAX_DAYS: u32 = 180;

/// A link to make.
#[derive(Debug, Clone, Copy)]
pub struct NewLink<'a> {
    /// Whose sheet: the id of a stakeholder of the document.
    pub stakeholder: &'a str,
    /// How many days it lasts.
    pub days: u32,
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The link.
    pub id: LinkId,
    /// Whose sheet it opens.
    pub stakeholder: String,
    /// Who made it.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// When it was ended.
    pub ended: Option<Timestamp>,
}

/// Someone who came by a link. Sees one sheet, answers on it, and nothing else.
#[derive(Debug, Clone)]
pub struct Guest {
    organization: OrganizationId,
    organization_name: String,
    link: LinkId,
    system: SystemId,
    stakeholder: String,
    expires: Timestamp,
    zone: String,
}

impl Guest {
    /// Who sent the link.
    pub fn organization_name(&self) -> &str {
        &self.organization_name
    }

    /// The system.
    pub fn system(&self) -> &SystemId {
        &self.system
    }

    /// The stakeholder whose sheet it is.
    pub fn stakeholder(&self) -> &str {
        &self.stakeholder
    }

    /// When the link ends.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The time zone in which the organization reads times; none if it has chosen none.
    pub fn zone(&self) -> Option<TimeZone> {
        words::known_zone(&self.zone)
    }
}

/// What a stakeholder says to something asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// It is done already.
    Done,
    /// It will be done.
    Will,
    /// It cannot be done.
    Cannot,
    /// There is a question first.
    Question,
}

impl Reply {
    /// All replies.
    pub const ALL: [Reply; 4] = [Reply::Done, Reply::Will, Reply::Cannot, Reply::Question];

    /// The word that forms and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Reply::Done => "done",
            Reply::Will => "will",
            Reply::Cannot => "cannot",
            Reply::Question => "question",
        }
    }

    /// The reply with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reply| reply.as_str() == word)
    }
}

/// An answer to take in.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// What it is an answer to, such as `requirement/updates`.
    pub item: &'a str,
    /// The answer.
    pub reply: Reply,
    /// A remark; may be empty.
    pub note: &'a str,
}

/// An answer on a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Who answers.
    pub stakeholder: String,
    /// What it is an answer to, such as `requirement/updates`.
    pub item: String,
    /// The answer.
    pub reply: Reply,
    /// A remark; may be empty.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Makes a link for a stakeholder. The token is shown once.
    pub async fn create_link(
        &self,
        actor: &Actor,
        system: &SystemId,
        new: NewLink<'_>,
    ) -> Result<(LinkId, Token), StoreError> {
        actor.need(Right::Edit)?;
        self.system(actor, system).await?;
        let stakeholder = words::line(&Text::new("ステークホルダー", "the stakeholder"), new.stakeholder)?;
        let days = words::days(new.days, MAX_DAYS)?;
        let (id, token) = (LinkId::random(), Token::random("anshin-link-"));
        let expires = self.after(days);
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO links (id, organization, system, stakeholder, token_hash, author_name, at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .bind(&stakeholder)
        .bind(token.hash())
        .bind(&actor.name)
        .bind(&at)
        .bind(&expires)
        .execute(change.on())
        .await?;
        let detail = json!({ "link": id.as_str(), "stakeholder": stakeholder, "expires": expires });
        change.done("link.create", system.as_str(), &detail).await?;
        Ok((id, token))
    }

    /// The links of a system, the newest first.
    pub async fn links(&self, actor: &Actor, system: &SystemId) -> Result<Vec<Link>, StoreError> {
        type Row = (String, String, String, String, String, Option<String>);
        actor.need(Right::Read)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, stakeholder, author_name, at, expires_at, ended_at FROM links \
             WHERE organization = $1 AND system = $2 ORDER BY at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(system.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, stakeholder, author_name, at, expires, ended)| {
                Ok(Link {
                    id: LinkId::from_text(id),
                    stakeholder,
                    author_name,
                    at: moment(&at)?,
                    expires: moment(&expires)?,
                    ended: ended.as_deref().map(moment).transpose()?,
                })
            })
            .collect()
    }

    /// Ends a link. What was answered stays.
    pub async fn end_link(&self, actor: &Actor, link: &LinkId) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let row: Option<(String,)> = sqlx::query_as(
            "UPDATE links SET ended_at = $3 \
             WHERE organization = $1 AND id = $2 AND ended_at IS NULL RETURNING system",
        )
        .bind(actor.organization.as_str())
        .bind(link.as_str())
        .bind(&at)
        .fetch_optional(change.on())
        .await?;
        let (system,) = row.ok_or(StoreError::NotFound)?;
        change.done("link.end", &system, &json!({ "link": link.as_str() })).await
    }

    /// Who comes by a link; nobody once it has ended.
    pub async fn guest_of_link(&self, token: &str) -> Result<Option<Guest>, StoreError> {
        let row: Option<(String, String, String, String, String, String, String)> = sqlx::query_as(
            "SELECT l.id, o.id, o.name, o.zone, l.system, l.stakeholder, l.expires_at \
             FROM links l JOIN organizations o ON o.id = l.organization \
             WHERE l.token_hash = $1 AND l.expires_at > $2 AND l.ended_at IS NULL",
        )
        .bind(sha256(token.as_bytes()))
        .bind(time(self.now()))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(link, organization, organization_name, zone, system, stakeholder, expires)| {
            Ok(Guest {
                organization: OrganizationId::from_text(organization),
                organization_name,
                link: LinkId::from_text(link),
                system: SystemId::from_text(system),
                stakeholder,
                expires: moment(&expires)?,
                zone,
            })
        })
        .transpose()
    }

    /// The newest revision of the guest's system, for the program to make the sheet of. It is not
    /// for the guest's eyes as a whole.
    pub async fn guest_content(&self, guest: &Guest) -> Result<Content, StoreError> {
        self.content_of(&guest.organization, &guest.system, None).await
    }

    /// Takes in answers on the guest's sheet, all or none; a later answer to the same takes the place of
    /// the earlier. What says what it said before is not written again.
    pub async fn answer(&self, guest: &Guest, given: &[Given<'_>]) -> Result<(), StoreError> {
        let mut checked = Vec::new();
        for one in given {
            let note = words::note(&Text::new("備考", "the remark"), one.note)?;
            checked.push((words::subject(one.item)?, one.reply, note));
        }
        let mut change = self.change(&guest.organization, &format!("link {}", guest.link)).await?;
        let at = change.at.clone();
        let mut parts = Vec::new();
        for (item, reply, note) in checked {
            let written = sqlx::query(
                "INSERT INTO answers (organization, system, stakeholder, item, reply, note, link, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (system, stakeholder, item) \
                 DO UPDATE SET reply = excluded.reply, note = excluded.note, link = excluded.link, \
                 at = excluded.at WHERE answers.reply <> excluded.reply OR answers.note <> excluded.note",
            )
            .bind(guest.organization.as_str())
            .bind(guest.system.as_str())
            .bind(&guest.stakeholder)
            .bind(&item)
            .bind(reply.as_str())
            .bind(&note)
            .bind(guest.link.as_str())
            .bind(&at)
            .execute(change.on())
            .await?;
            if written.rows_affected() > 0 {
                let detail =
                    json!({ "stakeholder": guest.stakeholder, "item": item, "reply": reply.as_str() });
                parts.push(("link.answer", guest.system.as_str(), detail));
            }
        }
        change.done_all(&parts).await
    }

    /// The answers on the guest's own sheet.
    pub async fn guest_answers(&self, guest: &Guest) -> Result<Vec<Answer>, StoreError> {
        let mut all = self.answers_of(&guest.organization, &guest.system).await?;
        all.retain(|answer| answer.stakeholder == guest.stakeholder);
        Ok(all)
    }

    /// The answers of all stakeholders of a system.
    pub async fn answers(&self, actor: &Actor, system: &SystemId) -> Result<Vec<Answer>, StoreError> {
        actor.need(Right::Read)?;
        self.answers_of(&actor.organization, system).await
    }

    async fn answers_of(
        &self,
        organization: &OrganizationId,
        system: &SystemId,
    ) -> Result<Vec<Answer>, StoreError> {
        let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
            "SELECT stakeholder, item, reply, note, at FROM answers \
             WHERE organization = $1 AND system = $2 ORDER BY stakeholder, item",
        )
        .bind(organization.as_str())
        .bind(system.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(stakeholder, item, word, note, at)| {
                let reply = Reply::from_word(&word)
                    .ok_or_else(|| StoreError::Damaged(format!("`{word}` is not an answer")))?;
                Ok(Answer { stakeholder, item, reply, note, at: moment(&at)? })
            })
            .collect()
    }
}
