//! Invitations: links by which people set up an account of their own.

use anshin_model::Lang;
use jiff::Timestamp;
use serde_json::json;

use crate::account::{Checked, NewUser, role_of};
use crate::error::StoreError;
use crate::id::{InvitationId, OrganizationId, UserId};
use crate::rights::{Actor, Right, Role};
use crate::secret::{Token, sha256};
use crate::store::{Store, moment, time};
use crate::words;

/// Days that an invitation lasts.
const INVITATION_DAYS: u32 = 7;

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// What the person will be.
    pub role: Role,
    /// When it was made.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Where an invitation leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub(crate) organization: OrganizationId,
    /// Name of the organization.
    pub organization_name: String,
    /// What the person will be.
    pub role: Role,
}

impl Store {
    /// Makes a link by which someone sets up an account of his or her own. It works once.
    pub async fn invite(&self, actor: &Actor, role: Role) -> Result<Token, StoreError> {
        actor.need(Right::Administer)?;
        let (id, token) = (InvitationId::random(), Token::random("anshin-invitation-"));
        let expires = self.after(words::days(INVITATION_DAYS, INVITATION_DAYS)?);
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO invitations (id, organization, role, token_hash, at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(role.as_str())
        .bind(token.hash())
        .bind(&at)
        .bind(&expires)
        .execute(change.on())
        .await?;
        change
            .done("user.invite", id.as_str(), &json!({ "role": role.as_str(), "expires": expires }))
            .await?;
        Ok(token)
    }

    /// Sets up the account of someone who was invited.
    pub async fn accept_invitation(
        &self,
        token: &str,
        login: &str,
        name: &str,
        password: &str,
        language: Lang,
    ) -> Result<UserId, StoreError> {
        let Invited { organization, role, .. } = self.invited(token).await?.ok_or(StoreError::NotFound)?;
        let hash = sha256(token.as_bytes());
        let person = Checked::new(NewUser { login, name, password, role, language }).await?;
        let mut change = self.change(&organization, &person.login).await?;
        let at = change.at.clone();
        let used =
            sqlx::query("UPDATE invitations SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL")
                .bind(&hash)
                .bind(&at)
                .execute(change.on())
                .await?;
        if used.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let user = person.insert(change.on(), &organization, &at).await?;
        let detail = json!({ "login": person.login, "role": role.as_str() });
        change.done("user.join", user.as_str(), &detail).await?;
        Ok(user)
    }

    /// Where an invitation leads; nowhere once it was used or has ended.
    pub async fn invited(&self, token: &str) -> Result<Option<Invited>, StoreError> {
        let row: Option<(String, String, String)> = sqlx::query_as(
            "SELECT o.id, o.name, i.role FROM invitations i JOIN organizations o ON o.id = i.organization \
             WHERE i.token_hash = $1 AND i.expires_at > $2 AND i.used_at IS NULL",
        )
        .bind(sha256(token.as_bytes()))
        .bind(time(self.now()))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(organization, organization_name, role)| {
            let organization = OrganizationId::from_text(organization);
            Ok(Invited { organization, organization_name, role: role_of(&role)? })
        })
        .transpose()
    }

    /// The invitations that are open, the newest first.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<Invitation>, StoreError> {
        actor.need(Right::Administer)?;
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT id, role, at, expires_at FROM invitations \
             WHERE organization = $1 AND expires_at > $2 AND used_at IS NULL ORDER BY at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(time(self.now()))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, role, at, expires)| {
                let (role, at, expires) = (role_of(&role)?, moment(&at)?, moment(&expires)?);
                Ok(Invitation { id: InvitationId::from_text(id), role, at, expires })
            })
            .collect()
    }

    /// Ends an invitation before anyone has used it.
    pub async fn end_invitation(&self, actor: &Actor, id: &InvitationId) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let done = sqlx::query(
            "UPDATE invitations SET expires_at = $3 \
             WHERE organization = $1 AND id = $2 AND expires_at > $3 AND used_at IS NULL",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(&at)
        .execute(change.on())
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        change.done("user.end-invitation", id.as_str(), &json!({})).await
    }
}
