//! Papers: texts that belong to an organization beside its systems. Rounds of answers to checklists,
//! ledgers of assets, issues of policies. Every saved state stays.

use anshin_model::{Lang, Text};
use jiff::Timestamp;
use serde_json::json;

use crate::error::{Conflict, StoreError};
use crate::id::{PaperId, SystemId};
use crate::merge::Merged;
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Change, Store, count, moment, number};
use crate::system::{bring_together, text_at};
use crate::words;

/// What a paper is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaperKind {
    /// A round of answers to a checklist: an answers file.
    Round,
    /// A ledger of information assets: a ledger file.
    Ledger,
    /// A policy as it was issued: a document in Markdown. Each state is an issue.
    Policy,
    /// The words that were filled into the policies when they were issued, a line for each: `name=words`.
    PolicyWords,
}

impl PaperKind {
    pub(crate) const ALL: [PaperKind; 4] =
        [PaperKind::Round, PaperKind::Ledger, PaperKind::Policy, PaperKind::PolicyWords];

    /// The word in the tables and in the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            PaperKind::Round => "round",
            PaperKind::Ledger => "ledger",
            PaperKind::Policy => "policy",
            PaperKind::PolicyWords => "policy-words",
        }
    }

    /// What a paper of this kind is called, in Japanese and in English.
    pub(crate) fn name(self) -> (&'static str, &'static str) {
        match self {
            PaperKind::Round => ("自己診断の回答", "answers"),
            PaperKind::Ledger => ("情報資産の台帳", "ledger"),
            PaperKind::Policy => ("規程", "policy"),
            PaperKind::PolicyWords => ("規程に入れる言葉", "words of the policies"),
        }
    }

    /// The kind with this word.
    pub(crate) fn known(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a text replaces the one before as a whole; others are brought together item by item.
    fn is_whole(self) -> bool {
        matches!(self, PaperKind::Policy | PaperKind::PolicyWords)
    }

    /// What gives the words of a text their meaning: states that differ in it cannot be brought together.
    fn frame(self, text: &str) -> Option<Text> {
        match self {
            PaperKind::Ledger => text_at(text, &["scale"]),
            PaperKind::Round | PaperKind::Policy | PaperKind::PolicyWords => None,
        }
    }

    /// What a text of this kind calls itself, for lists; empty if it does not say.
    fn name_in(self, text: &str) -> Text {
        match self {
            PaperKind::Round => text_at(text, &["subject"]).unwrap_or_default(),
            PaperKind::Ledger => text_at(text, &["company"]).unwrap_or_default(),
            PaperKind::Policy => {
                let title = text.lines().find_map(|line| line.strip_prefix("# "));
                title.map(|title| Text::same(title.trim())).unwrap_or_default()
            }
            PaperKind::PolicyWords => Text::default(),
        }
    }
}

/// A paper, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The paper.
    pub id: PaperId,
    /// What it is.
    pub kind: PaperKind,
    /// Which of its kind: the checklist that is answered, the document of policies.
    pub about: String,
    /// The system that it is about; none if it is about the organization.
    pub system: Option<SystemId>,
    /// What it calls itself: whom the answers are about, the company, the title.
    pub name: Text,
    /// Number of the newest state.
    pub latest: u64,
    /// When it was begun.
    pub created: Timestamp,
    /// When the newest state was saved.
    pub changed: Timestamp,
    /// Who saved it.
    pub changed_by: String,
    /// When it was put aside.
    pub archived: Option<Timestamp>,
}

/// A saved state of a paper, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperState {
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// Who saved it.
    pub author_name: String,
    /// When.
    pub at: Timestamp,
}

/// A paper to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewPaper<'a> {
    /// What it is.
    pub kind: PaperKind,
    /// Which of its kind.
    pub about: &'a str,
    /// The system that it is about.
    pub system: Option<&'a SystemId>,
    /// The text.
    pub text: &'a str,
}

/// A next state of a paper.
#[derive(Debug, Clone, Copy)]
pub struct SavePaper<'a> {
    /// Number of the state that the change started from.
    pub parent: u64,
    /// The text.
    pub text: &'a str,
}

type PaperRow =
    (String, String, String, Option<String>, String, String, i64, String, String, String, Option<String>);

const PAPERS: &str = "SELECT p.id, p.kind, p.about, p.system, p.name_ja, p.name_en, p.latest, p.created_at, \
    s.at, s.author_name, p.archived_at FROM papers p \
    JOIN paper_states s ON s.paper = p.id AND s.number = p.latest";

impl Store {
    /// Begins a paper.
    pub async fn create_paper(&self, actor: &Actor, new: NewPaper<'_>) -> Result<Paper, StoreError> {
        actor.need(Right::Edit)?;
        words::document(new.text)?;
        let about = words::subject(new.about)?;
        if let Some(system) = new.system {
            self.system(actor, system).await?;
        }
        let name = new.kind.name_in(new.text);
        let id = PaperId::random();
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO papers (id, organization, kind, about, system, name_ja, name_en, latest, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(new.kind.as_str())
        .bind(&about)
        .bind(new.system.map(SystemId::as_str))
        .bind(name.get(Lang::Ja))
        .bind(name.get(Lang::En))
        .bind(&at)
        .execute(change.on())
        .await?;
        let hash = insert(actor, &mut change, &id, 1, new.text).await?;
        let detail = json!({ "about": about, "hash": hash });
        change.done(&format!("{}.create", new.kind.as_str()), id.as_str(), &detail).await?;
        self.paper(actor, new.kind, &id).await
    }

    /// The papers of one kind of the actor's organization, the newest first.
    pub async fn papers(&self, actor: &Actor, kind: PaperKind) -> Result<Vec<Paper>, StoreError> {
        actor.need(Right::Read)?;
        let rows: Vec<PaperRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{PAPERS} WHERE p.organization = $1 AND p.kind = $2 ORDER BY p.created_at DESC, p.id DESC"
        )))
        .bind(actor.organization.as_str())
        .bind(kind.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(paper).collect()
    }

    /// One paper of a kind.
    pub async fn paper(&self, actor: &Actor, kind: PaperKind, id: &PaperId) -> Result<Paper, StoreError> {
        let found = self.any_paper(actor, id).await?;
        if found.kind == kind { Ok(found) } else { Err(StoreError::NotFound) }
    }

    async fn any_paper(&self, actor: &Actor, id: &PaperId) -> Result<Paper, StoreError> {
        actor.need(Right::Read)?;
        let row: Option<PaperRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{PAPERS} WHERE p.organization = $1 AND p.id = $2")))
                .bind(actor.organization.as_str())
                .bind(id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        paper(row.ok_or(StoreError::NotFound)?)
    }

    /// The states of a paper, the newest first.
    pub async fn paper_states(&self, actor: &Actor, id: &PaperId) -> Result<Vec<PaperState>, StoreError> {
        actor.need(Right::Read)?;
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT number, author_name, at FROM paper_states \
             WHERE organization = $1 AND paper = $2 ORDER BY number DESC",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(number, author_name, at)| {
                Ok(PaperState { number: count(number)?, author_name, at: moment(&at)? })
            })
            .collect()
    }

    /// The number and the text of a state of a paper; of the newest if no number is named.
    pub async fn paper_text(
        &self,
        actor: &Actor,
        id: &PaperId,
        wanted: Option<u64>,
    ) -> Result<(u64, String), StoreError> {
        actor.need(Right::Read)?;
        let row: Option<(i64, String)> = sqlx::query_as(
            "SELECT number, content FROM paper_states \
             WHERE organization = $1 AND paper = $2 AND number = \
             COALESCE($3, (SELECT latest FROM papers WHERE organization = $1 AND id = $2))",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(wanted.map(number))
        .fetch_optional(&self.pool)
        .await?;
        let (number, text) = row.ok_or(StoreError::NotFound)?;
        Ok((count(number)?, text))
    }

    /// Saves a next state and tells its number. If others have saved since `parent`, both changes are
    /// brought together; a state that says what the newest says already is not written again. An issue
    /// of a policy, and the words that go with it, are whole: they come after the newest as they are.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if both changed the same; nothing is saved then.
    pub async fn save_paper(
        &self,
        actor: &Actor,
        id: &PaperId,
        save: SavePaper<'_>,
    ) -> Result<u64, StoreError> {
        actor.need(Right::Edit)?;
        words::document(save.text)?;
        let kind = self.any_paper(actor, id).await?.kind;
        loop {
            let (latest, newest) = self.paper_text(actor, id, None).await?;
            let merged = if latest == save.parent || kind.is_whole() {
                save.text.to_owned()
            } else {
                let (_, base) = self.paper_text(actor, id, Some(save.parent)).await?;
                let frame = kind.frame(&base);
                if kind.frame(&newest) != frame || kind.frame(save.text) != frame {
                    let (base, clashes, text) = (save.parent, Vec::new(), newest);
                    return Err(StoreError::Conflict(Box::new(Conflict { base, latest, clashes, text })));
                }
                match bring_together(base, save.text.to_owned(), newest.clone()).await? {
                    Merged::Text(text) => text,
                    Merged::Clashes { clashes, text } => {
                        let base = save.parent;
                        return Err(StoreError::Conflict(Box::new(Conflict { base, latest, clashes, text })));
                    }
                }
            };
            if merged == newest {
                return Ok(latest);
            }
            let (next, name) = (latest + 1, kind.name_in(&merged));
            let mut change = self.change_by(actor).await?;
            let moved = sqlx::query(
                "UPDATE papers SET latest = $4, name_ja = $5, name_en = $6 \
                 WHERE organization = $1 AND id = $2 AND latest = $3",
            )
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(number(latest))
            .bind(number(next))
            .bind(name.get(Lang::Ja))
            .bind(name.get(Lang::En))
            .execute(change.on())
            .await?;
            // Someone else has saved in between.
            if moved.rows_affected() == 0 {
                continue;
            }
            let hash = insert(actor, &mut change, id, next, &merged).await?;
            let detail = json!({ "state": next, "hash": hash });
            change.done(&format!("{}.save", kind.as_str()), id.as_str(), &detail).await?;
            return Ok(next);
        }
    }

    /// Says which system a paper is about; none if it is about the organization.
    pub async fn set_paper_system(
        &self,
        actor: &Actor,
        id: &PaperId,
        system: Option<&SystemId>,
    ) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let kind = self.any_paper(actor, id).await?.kind;
        if let Some(system) = system {
            self.system(actor, system).await?;
        }
        let mut change = self.change_by(actor).await?;
        sqlx::query("UPDATE papers SET system = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(system.map(SystemId::as_str))
            .execute(change.on())
            .await?;
        let detail = json!({ "system": system.map(SystemId::as_str) });
        change.done(&format!("{}.system", kind.as_str()), id.as_str(), &detail).await
    }

    /// Puts a paper aside, or takes it back. Nothing of it is deleted.
    pub async fn set_paper_archived(
        &self,
        actor: &Actor,
        id: &PaperId,
        archived: bool,
    ) -> Result<(), StoreError> {
        actor.need(Right::Edit)?;
        let kind = self.any_paper(actor, id).await?.kind;
        let mut change = self.change_by(actor).await?;
        let at = archived.then(|| change.at.clone());
        sqlx::query("UPDATE papers SET archived_at = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(id.as_str())
            .bind(at)
            .execute(change.on())
            .await?;
        let action = if archived { "archive" } else { "unarchive" };
        change.done(&format!("{}.{action}", kind.as_str()), id.as_str(), &json!({})).await
    }
}

/// Writes a state and tells its hash.
async fn insert(
    actor: &Actor,
    change: &mut Change,
    id: &PaperId,
    next: u64,
    text: &str,
) -> Result<String, StoreError> {
    let (at, hash) = (change.at.clone(), sha256(text.as_bytes()));
    sqlx::query(
        "INSERT INTO paper_states (paper, number, organization, author, author_name, at, hash, content) \
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

fn paper(row: PaperRow) -> Result<Paper, StoreError> {
    let (id, kind, about, system, ja, en, latest, created, changed, changed_by, archived) = row;
    Ok(Paper {
        id: PaperId::from_text(id),
        kind: PaperKind::known(&kind)
            .ok_or_else(|| StoreError::Damaged(format!("there is no kind of paper `{kind}`")))?,
        about,
        system: system.map(SystemId::from_text),
        name: Text::new(ja, en),
        latest: count(latest)?,
        created: moment(&created)?,
        changed: moment(&changed)?,
        changed_by,
        archived: archived.as_deref().map(moment).transpose()?,
    })
}
