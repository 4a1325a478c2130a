//! Systems as documents. Every saved state stays, exactly as it was written.

use anshin_model::tree::{self, Limits, Node, Sources};
use anshin_model::{Lang, Text};
use jiff::Timestamp;
use serde_json::json;

use crate::error::{Conflict, StoreError};
use crate::id::{ApprovalId, OrganizationId, SystemId, UserId};
use crate::merge::{Merged, merge};
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Change, Store, count, moment, number};
use crate::words;

/// A system, without the text of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// The system.
    pub id: SystemId,
    /// Its name, as the newest revision says.
    pub name: Text,
    /// Number of the newest revision.
    pub latest: u64,
    /// Content hash of the newest revision.
    pub hash: String,
    /// When the newest revision was saved.
    pub changed: Timestamp,
    /// Who saved it.
    pub changed_by: String,
    /// The newest revision with an approval that counts.
    pub approved: Option<u64>,
    /// When it was put aside.
    pub archived: Option<Timestamp>,
}

/// One saved state of a system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The system.
    pub system: SystemId,
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// The revision it was saved on; none for the first.
    pub parent: Option<u64>,
    /// The revision that the author had started from, where it was merged with later ones.
    pub merged: Option<u64>,
    /// Who saved it.
    pub author: UserId,
    /// The author's name at that time.
    pub author_name: String,
    /// When it was saved.
    pub at: Timestamp,
    /// Why, in the author's words; may be empty.
    pub why: String,
    /// SHA-256 of the text.
    pub hash: String,
}

/// A revision with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The revision.
    pub revision: Revision,
    /// The document, exactly as it was written.
    pub text: String,
}

/// A first state to save.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The document.
    pub text: &'a str,
    /// Why; may be empty.
    pub why: &'a str,
}

/// A next state to save.
#[derive(Debug, Clone, Copy)]
pub struct Save<'a> {
    /// Number of the revision that the change started from.
    pub parent: u64,
    /// The document.
    pub text: &'a str,
    /// Why; may be empty.
    pub why: &'a str,
}

/// What became of a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// It is the newest revision.
    New(Revision),
    /// Others had saved meanwhile; the newest revision holds their changes and these.
    Merged(Content),
    /// It says what the newest revision says already; nothing was written.
    Unchanged(Revision),
}

impl Saved {
    /// The revision that holds what was saved.
    pub fn revision(&self) -> &Revision {
        match self {
            Saved::New(revision) | Saved::Unchanged(revision) => revision,
            Saved::Merged(content) => &content.revision,
        }
    }
}

/// A part of a list: rows that come before a number, the newest first.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Only rows with a smaller number; none for the newest.
    pub before: Option<u64>,
    /// At most so many.
    pub most: u32,
}

/// Someone's word that a revision holds. The revision is never changed, so it is frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The approval.
    pub id: ApprovalId,
    /// The revision.
    pub revision: u64,
    /// Its content hash.
    pub hash: String,
    /// Who approved.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
    /// A remark; may be empty.
    pub note: String,
    /// When it was taken back.
    pub withdrawn: Option<Timestamp>,
}

type SystemRow = (String, String, String, i64, String, String, String, Option<i64>, Option<String>);

const SYSTEMS: &str = "SELECT s.id, s.name_ja, s.name_en, s.latest, r.hash, r.at, r.author_name, \
    (SELECT MAX(a.revision) FROM approvals a WHERE a.system = s.id AND a.withdrawn_at IS NULL), s.archived_at \
    FROM systems s JOIN revisions r ON r.system = s.id AND r.number = s.latest";

type RevisionRow = (i64, Option<i64>, Option<i64>, String, String, String, String, String);

const REVISION: &str = "number, parent, merged, author, author_name, at, why, hash";

impl Store {
    /// Makes a system with its first revision.
    pub async fn create_system(&self, actor: &Actor, draft: Draft<'_>) -> Result<System, StoreError> {
        actor.need(Right::Edit)?;
        words::document(draft.text)?;
        let why = words::note(&Text::new("理由", "the reason"), draft.why)?;
        let id = SystemId::random();
        let name = name_in(draft.text);
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO systems (id, organization, name_ja, name_en, latest, created_at) \
             VALUES ($1, $2, $3, $4, 1, $5)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(name.get(Lang::Ja))
        .bind(name.get(Lang::En))
        .bind(&at)
        .execute(change.on())
        .await?;
        let next = Next { system: &id, number: 1, parent: None, merged: None, text: draft.text, why };
        let revision = next.insert(actor, &mut change).await?;
        let detail = json!({ "name": name.get(actor.lang), "hash": revision.hash });
        change.done("system.create", id.as_str(), &detail).await?;
        self.system(actor, &id).await
    }

    /// The systems of the actor's organization, by name.
    pub async fn systems(&self, actor: &Actor) -> Result<Vec<System>, StoreError> {
        actor.need(Right::Read)?;
        let order = match actor.lang {
            Lang::Ja => "s.name_ja",
            Lang::En => "s.name_en",
        };
        let rows: Vec<SystemRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{SYSTEMS} WHERE s.organization = $1 ORDER BY {order}, s.id"
        )))
        .bind(actor.organization.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(system).collect()
    }

    /// One system.
    pub async fn system(&self, actor: &Actor, id: &SystemId) -> Result<System, StoreError> {
        actor.need(Right::Read)?;
        let row: Option<SystemRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{SYSTEMS} WHERE s.organization = $1 AND s.id = $2")))
                .bind(actor.organization.as_str())
                .bind(id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        system(row.ok_or(StoreError::NotFound)?)
    }

    /// Puts a system aside, or takes it back. Nothing of it is deleted.
    pub async fn set_archived(&self, actor: &Actor, id: &SystemId, archived: bool) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let mut change = self.change_by(actor).await?;
        let at = archived.then(|| change.at.clone());
        let query = sqlx::query("UPDATE systems SET archived_at = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(at);
        change.touch(query).await?;
        let action = if archived { "system.archive" } else { "system.unarchive" };
        change.done(action, id.as_str(), &json!({})).await
    }

    /// Saves a next state. If others have saved since `parent`, both changes are brought together.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with the places, if both changed the same; nothing is saved then.
    pub async fn save_revision(
        &self,
        actor: &Actor,
        id: &SystemId,
        save: Save<'_>,
    ) -> Result<Saved, StoreError> {
        self.save_fitting(actor, id, save, |_| std::future::ready(Ok::<_, StoreError>(true))).await
    }

    /// The same, but changes that were brought together are saved only if the text with both fits; else it
    /// is a [`Conflict`] without places.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], and what `fits` says.
    pub async fn save_fitting<E, F>(
        &self,
        actor: &Actor,
        id: &SystemId,
        save: Save<'_>,
        fits: impl Fn(String) -> F,
    ) -> Result<Saved, E>
    where
        E: From<StoreError>,
        F: Future<Output = Result<bool, E>>,
    {
        actor.need(Right::Edit)?;
        words::document(save.text)?;
        let why = words::note(&Text::new("理由", "the reason"), save.why)?;
        // Bringing changes together may take a while for a large document, and needs no lock: it
        // is done before, and again if someone saves in between.
        loop {
            let base = self.content(actor, id, save.parent).await?;
            let latest = self.latest(actor, id).await?;
            let merged = if latest.revision.number == base.revision.number {
                None
            } else {
                match bring_together(base.text, save.text.to_owned(), latest.text.clone()).await? {
                    Merged::Text(text) => Some(text),
                    Merged::Clashes { clashes, text } => {
                        let (base, latest) = (save.parent, latest.revision.number);
                        let conflict = Conflict { base, latest, clashes, text };
                        return Err(StoreError::Conflict(Box::new(conflict)).into());
                    }
                }
            };
            let text = merged.as_deref().unwrap_or(save.text);
            if text == latest.text {
                return Ok(Saved::Unchanged(latest.revision));
            }
            if let Some(text) = &merged
                && !fits(text.clone()).await?
            {
                let (base, latest) = (save.parent, latest.revision.number);
                let conflict = Conflict { base, latest, clashes: Vec::new(), text: text.clone() };
                return Err(StoreError::Conflict(Box::new(conflict)).into());
            }
            let name = name_in(text);
            let next = Next {
                system: id,
                number: latest.revision.number + 1,
                parent: Some(latest.revision.number),
                merged: merged.as_ref().map(|_| save.parent),
                text,
                why: why.clone(),
            };
            let mut change = self.change_by(actor).await?;
            let moved = sqlx::query(
                "UPDATE systems SET latest = $4, name_ja = $5, name_en = $6 \
                 WHERE organization = $1 AND id = $2 AND latest = $3",
            )
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(number(latest.revision.number))
            .bind(number(next.number))
            .bind(name.get(Lang::Ja))
            .bind(name.get(Lang::En))
            .execute(change.on())
            .await
            .map_err(StoreError::from)?;
            if moved.rows_affected() == 0 {
                continue;
            }
            let revision = next.insert(actor, &mut change).await?;
            let detail = json!({ "revision": revision.number, "hash": revision.hash, "merged": next.merged });
            change.done("system.save", id.as_str(), &detail).await?;
            return Ok(match merged {
                Some(text) => Saved::Merged(Content { revision, text }),
                None => Saved::New(revision),
            });
        }
    }

    /// The newest revision with its text.
    pub async fn latest(&self, actor: &Actor, id: &SystemId) -> Result<Content, StoreError> {
        actor.need(Right::Read)?;
        self.content_of(&actor.organization, id, None).await
    }

    /// The number of the newest revision, for telling pages that are open: whoever listens there has
    /// been let in before.
    pub async fn newest_number(&self, id: &SystemId) -> Result<Option<u64>, StoreError> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT latest FROM systems WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|(latest,)| count(latest)).transpose()
    }

    /// One revision with its text.
    pub async fn content(&self, actor: &Actor, id: &SystemId, number: u64) -> Result<Content, StoreError> {
        actor.need(Right::Read)?;
        self.content_of(&actor.organization, id, Some(number)).await
    }

    pub(crate) async fn content_of(
        &self,
        organization: &OrganizationId,
        id: &SystemId,
        wanted: Option<u64>,
    ) -> Result<Content, StoreError> {
        type Row = (i64, Option<i64>, Option<i64>, String, String, String, String, String, String);
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {REVISION}, content FROM revisions WHERE organization = $1 AND system = $2 AND number = \
             COALESCE($3, (SELECT latest FROM systems WHERE organization = $1 AND id = $2))"
        )))
        .bind(organization.as_str())
        .bind(id.as_str())
        .bind(wanted.map(number))
        .fetch_optional(&self.pool)
        .await?;
        let (number, parent, merged, author, name, at, why, hash, text) = row.ok_or(StoreError::NotFound)?;
        let revision = revision(id, (number, parent, merged, author, name, at, why, hash))?;
        Ok(Content { revision, text })
    }

    /// The revisions of a system, the newest first.
    pub async fn revisions(
        &self,
        actor: &Actor,
        id: &SystemId,
        page: Page,
    ) -> Result<Vec<Revision>, StoreError> {
        actor.need(Right::Read)?;
        let rows: Vec<RevisionRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "SELECT {REVISION} FROM revisions WHERE organization = $1 AND system = $2 AND number < $3 \
             ORDER BY number DESC LIMIT $4"
        )))
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(page.before.map_or(i64::MAX, number))
        .bind(i64::from(page.most))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| revision(id, row)).collect()
    }

    /// Approves a revision.
    pub async fn approve(
        &self,
        actor: &Actor,
        id: &SystemId,
        revision: u64,
        note: &str,
    ) -> Result<ApprovalId, StoreError> {
        actor.need(Right::Approve)?;
        let note = words::note(&Text::new("備考", "the remark"), note)?;
        let hash = self.content(actor, id, revision).await?.revision.hash;
        let approval = ApprovalId::random();
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO approvals (id, organization, system, revision, hash, author, author_name, at, note) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(approval.as_str())
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(number(revision))
        .bind(&hash)
        .bind(actor.user.as_str())
        .bind(&actor.name)
        .bind(&at)
        .bind(&note)
        .execute(change.on())
        .await?;
        change.done("system.approve", id.as_str(), &json!({ "revision": revision, "hash": hash })).await?;
        Ok(approval)
    }

    /// Takes an approval back; it stays visible as withdrawn.
    pub async fn withdraw_approval(&self, actor: &Actor, approval: &ApprovalId) -> Result<(), StoreError> {
        actor.need(Right::Approve)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let row: Option<(String, i64)> = sqlx::query_as(
            "UPDATE approvals SET withdrawn_at = $3 \
             WHERE organization = $1 AND id = $2 AND withdrawn_at IS NULL RETURNING system, revision",
        )
        .bind(actor.organization.as_str())
        .bind(approval.as_str())
        .bind(&at)
        .fetch_optional(change.on())
        .await?;
        let (system, revision) = row.ok_or(StoreError::NotFound)?;
        change.done("system.withdraw-approval", &system, &json!({ "revision": revision })).await
    }

    /// The approvals of a system, the newest first.
    pub async fn approvals(&self, actor: &Actor, id: &SystemId) -> Result<Vec<Approval>, StoreError> {
        type Row = (String, i64, String, String, String, String, Option<String>);
        actor.need(Right::Read)?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, revision, hash, author_name, at, note, withdrawn_at FROM approvals \
             WHERE organization = $1 AND system = $2 ORDER BY at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, revision, hash, author_name, at, note, withdrawn)| {
                Ok(Approval {
                    id: ApprovalId::from_text(id),
                    revision: count(revision)?,
                    hash,
                    author_name,
                    at: moment(&at)?,
                    note,
                    withdrawn: withdrawn.as_deref().map(moment).transpose()?,
                })
            })
            .collect()
    }
}

/// A revision about to be written.
struct Next<'a> {
    system: &'a SystemId,
    number: u64,
    parent: Option<u64>,
    merged: Option<u64>,
    text: &'a str,
    why: String,
}

impl Next<'_> {
    async fn insert(&self, actor: &Actor, change: &mut Change) -> Result<Revision, StoreError> {
        let at = change.at.clone();
        let hash = sha256(self.text.as_bytes());
        sqlx::query(
            "INSERT INTO revisions (system, number, organization, parent, merged, author, author_name, at, \
             why, hash, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.system.as_str())
        .bind(number(self.number))
        .bind(actor.organization.as_str())
        .bind(self.parent.map(number))
        .bind(self.merged.map(number))
        .bind(actor.user.as_str())
        .bind(&actor.name)
        .bind(&at)
        .bind(&self.why)
        .bind(&hash)
        .bind(self.text)
        .execute(change.on())
        .await?;
        Ok(Revision {
            system: self.system.clone(),
            number: self.number,
            parent: self.parent,
            merged: self.merged,
            author: actor.user.clone(),
            author_name: actor.name.clone(),
            at: moment(&at)?,
            why: self.why.clone(),
            hash,
        })
    }
}

/// Brings two changes of one text together, beside the requests.
pub(crate) async fn bring_together(base: String, mine: String, theirs: String) -> Result<Merged, StoreError> {
    let work = tokio::task::spawn_blocking(move || merge(&base, &mine, &theirs));
    work.await.map_err(|_| StoreError::Stopping)
}

fn system(row: SystemRow) -> Result<System, StoreError> {
    let (id, ja, en, latest, hash, at, changed_by, approved, archived) = row;
    Ok(System {
        id: SystemId::from_text(id),
        name: Text::new(ja, en),
        latest: count(latest)?,
        hash,
        changed: moment(&at)?,
        changed_by,
        approved: approved.map(count).transpose()?,
        archived: archived.as_deref().map(moment).transpose()?,
    })
}

fn revision(system: &SystemId, row: RevisionRow) -> Result<Revision, StoreError> {
    let (number, parent, merged, author, author_name, at, why, hash) = row;
    Ok(Revision {
        system: system.clone(),
        number: count(number)?,
        parent: parent.map(count).transpose()?,
        merged: merged.map(count).transpose()?,
        author: UserId::from_text(author),
        author_name,
        at: moment(&at)?,
        why,
        hash,
    })
}

/// The name that a document gives its system, for lists; a document that cannot be read has none.
fn name_in(text: &str) -> Text {
    text_at(text, &["system", "name"])
        .unwrap_or_else(|| Text::new("名前のないシステム", "System without a name"))
}

/// Words for lists at a place of a document, in one language or both; nothing if they are not there
/// or the document cannot be read.
pub(crate) fn text_at(text: &str, path: &[&str]) -> Option<Text> {
    let mut sources = Sources::default();
    let file = sources.add("document", text);
    let (tree, _) = tree::parse(&sources, file, Limits::DEFAULT).ok()?;
    let place = path.iter().try_fold(&tree, |node, key| node.get(key))?;
    let words = |node: Option<&Node>| {
        let words = node.and_then(Node::scalar).map(str::trim).filter(|words| !words.is_empty());
        words.map(|words| words.chars().filter(|c| !c.is_control()).take(200).collect::<String>())
    };
    let both = words(Some(place));
    let ja = both.clone().or_else(|| words(place.get("ja")));
    let en = both.or_else(|| words(place.get("en")));
    match (ja, en) {
        (Some(ja), Some(en)) => Some(Text::new(ja, en)),
        (Some(one), None) | (None, Some(one)) => Some(Text::same(one)),
        (None, None) => None,
    }
}
