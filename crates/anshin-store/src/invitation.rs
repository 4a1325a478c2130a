//! Invitations: links by which people set up an account of their own.

use anshin_model::Lang;
use jiff::Timestamp;
use serde_json::json;

use crate::account::{Checked, NewUser, role_of};
use crate::error::StoreError;
use crate::id::{InvitationId, OrganizationId, UserId};
use crate::identity::{self, NewIdentity};
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
    /// The invitation.
    pub id: InvitationId,
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
        let invited = self.invited(token).await?.ok_or(StoreError::NotFound)?;
        let person = Checked::new(NewUser { login, name, password, role: invited.role, language }).await?;
        self.join(&invited, &person, None).await
    }

    /// The same for someone for whom a provider vouches: the account has that way in, and a password that
    /// nobody knows.
    pub async fn accept_invitation_by(
        &self,
        invitation: &InvitationId,
        identity: NewIdentity<'_>,
        login: &str,
        name: &str,
        language: Lang,
    ) -> Result<UserId, StoreError> {
        let invited = self.find_invited("", invitation.as_str()).await?.ok_or(StoreError::NotFound)?;
        let password = Token::random("");
        let password = password.as_str();
        let person = Checked::new(NewUser { login, name, password, role: invited.role, language }).await?;
        self.join(&invited, &person, Some(identity)).await
    }

    async fn join(
        &self,
        invited: &Invited,
        person: &Checked,
        identity: Option<NewIdentity<'_>>,
    ) -> Result<UserId, StoreError> {
        let mut change = self.change(&invited.organization, &person.login).await?;
        let at = change.at.clone();
        let query = sqlx::query("UPDATE invitations SET used_at = $2 WHERE id = $1 AND used_at IS NULL")
            .bind(invited.id.as_str())
            .bind(&at);
        change.touch(query).await?;
        let user = person.insert(change.on(), &invited.organization, &at).await?;
        let mut detail = json!({ "login": person.login, "role": invited.role.as_str() });
        if let Some(identity) = identity {
            detail["identity"] =
                identity::insert(&mut change, &invited.organization, &user, identity).await?.1;
        }
        change.done("user.join", user.as_str(), &detail).await?;
        Ok(user)
    }

    /// Where an invitation leads; nowhere once it was used or has ended.
    pub async fn invited(&self, token: &str) -> Result<Option<Invited>, StoreError> {
        self.find_invited(&sha256(token.as_bytes()), "").await
    }

    /// An open invitation by the hash of its token, or by its id.
    async fn find_invited(&self, hash: &str, id: &str) -> Result<Option<Invited>, StoreError> {
        let row: Option<(String, String, String, String)> = sqlx::query_as(
            "SELECT i.id, o.id, o.name, i.role FROM invitations i JOIN organizations o ON o.id = i.organization \
             WHERE (i.token_hash = $1 OR i.id = $2) AND i.expires_at > $3 AND i.used_at IS NULL",
        )
        .bind(hash)
        .bind(id)
        .bind(time(self.now()))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(id, organization, organization_name, role)| {
            let (id, organization) = (InvitationId::from_text(id), OrganizationId::from_text(organization));
            Ok(Invited { id, organization, organization_name, role: role_of(&role)? })
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
        let query = sqlx::query(
            "UPDATE invitations SET expires_at = $3 \
             WHERE organization = $1 AND id = $2 AND expires_at > $3 AND used_at IS NULL",
        )
        .bind(actor.organization.as_str())
        .bind(id.as_str())
        .bind(&at);
        change.touch(query).await?;
        change.done("user.end-invitation", id.as_str(), &json!({})).await
    }
}
