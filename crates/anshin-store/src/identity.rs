//! Other ways in than a password: passkeys, and accounts at a provider of `OpenID` Connect. Whether a
//! proof is right, the caller has seen to; here stands to whom it belongs.

use anshin_model::Text;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::account::end_sessions;
use crate::error::StoreError;
use crate::id::{IdentityId, OrganizationId, UserId};
use crate::rights::Actor;
use crate::secret::{self, Token, sha256};
use crate::session::SignedIn;
use crate::store::{Change, Store, count, moment, number, time};
use crate::words;

/// How long an answer may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Most identities of an account.
const MOST: usize = 20;

/// A way in to add.
#[derive(Debug, Clone, Copy)]
pub struct NewIdentity<'a> {
    /// Who vouches for it: a provider, or for a passkey the host it was made for.
    pub issuer: &'a str,
    /// What names it there.
    pub subject: &'a str,
    /// What its owner calls it.
    pub name: &'a str,
    /// The public key of a passkey, in hexadecimal; empty where a provider vouches.
    pub public_key: &'a str,
}

/// A way into an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The way.
    pub id: IdentityId,
    /// Who vouches for it.
    pub issuer: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether it is a passkey.
    pub is_passkey: bool,
    /// When it was added.
    pub at: Timestamp,
}

/// A way in that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundIdentity {
    id: IdentityId,
    organization: OrganizationId,
    user: UserId,
    login: String,
    counter: u64,
    /// The public key of a passkey.
    pub public_key: String,
}

impl Store {
    /// Adds a way into the actor's own account. A token of a program adds none.
    pub async fn add_identity(&self, actor: &Actor, new: NewIdentity<'_>) -> Result<IdentityId, StoreError> {
        if actor.session.is_none() || self.identities(actor).await?.len() >= MOST {
            return Err(StoreError::Forbidden(crate::rights::Right::Read));
        }
        let mut change = self.change_by(actor).await?;
        let (id, detail) = insert(&mut change, &actor.organization, &actor.user, new).await?;
        change.done("identity.add", id.as_str(), &detail).await?;
        Ok(id)
    }

    /// Gives an account to the one who has its user name as an address, by the word of a provider. From
    /// then on that is the only way in: whoever may have set the account up under somebody else's address
    /// is out of it. An account that has another way in already, or asks for codes, is left alone.
    pub async fn claim_by_email(
        &self,
        new: NewIdentity<'_>,
        email: &str,
    ) -> Result<Option<FoundIdentity>, StoreError> {
        // Letters of other alphabets may become the same small letter.
        if !email.is_ascii() {
            return Ok(None);
        }
        let row: Option<(String, String, String)> =
            sqlx::query_as("SELECT id, organization, login FROM users WHERE login = $1")
                .bind(email.to_lowercase())
                .fetch_optional(&self.pool)
                .await?;
        let Some((user, organization, login)) = row else { return Ok(None) };
        let (user, organization) = (UserId::from_text(user), OrganizationId::from_text(organization));
        let unknown = secret::unknown_password().await?;
        let mut change = self.change(&organization, &login).await?;
        // Asked where it is written: nothing can come in between.
        let claimed = sqlx::query(
            "UPDATE users SET password_hash = $2 WHERE id = $1 AND disabled_at IS NULL \
             AND totp_secret IS NULL AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.user_id = users.id)",
        )
        .bind(user.as_str())
        .bind(&unknown)
        .execute(change.on())
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(None);
        }
        let (id, mut detail) = insert(&mut change, &organization, &user, new).await?;
        end_sessions(change.on(), &organization, &user, None).await?;
        sqlx::query("DELETE FROM tokens WHERE organization = $1 AND user_id = $2")
            .bind(organization.as_str())
            .bind(user.as_str())
            .execute(change.on())
            .await?;
        detail["email"] = email.into();
        change.done("identity.claim", id.as_str(), &detail).await?;
        Ok(Some(FoundIdentity { id, organization, user, login, counter: 0, public_key: String::new() }))
    }

    /// The ways into the actor's own account beside the password, the newest first.
    pub async fn identities(&self, actor: &Actor) -> Result<Vec<Identity>, StoreError> {
        let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
            "SELECT id, issuer, name, public_key, at FROM identities \
             WHERE organization = $1 AND user_id = $2 ORDER BY at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(actor.user.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, issuer, name, key, at)| {
                let (id, at) = (IdentityId::from_text(id), moment(&at)?);
                Ok(Identity { id, issuer, name, is_passkey: !key.is_empty(), at })
            })
            .collect()
    }

    /// Takes a way into the actor's own account away.
    pub async fn end_identity(&self, actor: &Actor, id: &IdentityId) -> Result<(), StoreError> {
        let mut change = self.change_by(actor).await?;
        let query =
            sqlx::query("DELETE FROM identities WHERE organization = $1 AND user_id = $2 AND id = $3")
                .bind(actor.organization.as_str())
                .bind(actor.user.as_str())
                .bind(id.as_str());
        change.touch(query).await?;
        change.done("identity.end", id.as_str(), &json!({})).await
    }

    /// Whose way in it is; nobody's if the account is closed.
    pub async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<FoundIdentity>, StoreError> {
        let row: Option<(String, String, String, String, i64, String)> = sqlx::query_as(
            "SELECT i.id, i.organization, u.id, u.login, i.counter, i.public_key \
             FROM identities i JOIN users u ON u.id = i.user_id \
             WHERE i.issuer = $1 AND i.subject = $2 AND u.disabled_at IS NULL",
        )
        .bind(issuer)
        .bind(subject)
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(id, organization, user, login, counter, public_key)| {
            Ok(FoundIdentity {
                id: IdentityId::from_text(id),
                organization: OrganizationId::from_text(organization),
                user: UserId::from_text(user),
                login,
                counter: count(counter)?,
                public_key,
            })
        })
        .transpose()
    }

    /// Signs in by a way that was found and whose proof is right. `used` counts how often a passkey was
    /// used: one that counts back was copied.
    pub async fn sign_in_by(
        &self,
        found: &FoundIdentity,
        used: u64,
        device: &str,
    ) -> Result<SignedIn, StoreError> {
        if used <= found.counter && (used, found.counter) != (0, 0) {
            return Err(StoreError::WrongCredentials);
        }
        let mut writing = self.write().await?;
        let fresh = sqlx::query("UPDATE identities SET counter = $2 WHERE id = $1 AND counter = $3")
            .bind(found.id.as_str())
            .bind(number(used))
            .bind(number(found.counter))
            .execute(&mut *writing.tx)
            .await?;
        writing.commit().await?;
        if fresh.rows_affected() == 0 {
            return Err(StoreError::WrongCredentials);
        }
        self.begin_session(&found.organization, &found.user, &found.login, device, None).await
    }

    /// Asks something that has to be answered soon: the token goes out, the payload waits.
    pub async fn challenge(&self, payload: &str) -> Result<Token, StoreError> {
        let token = Token::random("");
        let mut writing = self.write().await?;
        sqlx::query("DELETE FROM challenges WHERE expires_at <= $1")
            .bind(time(self.now()))
            .execute(&mut *writing.tx)
            .await?;
        sqlx::query("INSERT INTO challenges (token_hash, payload, expires_at) VALUES ($1, $2, $3)")
            .bind(token.hash())
            .bind(payload)
            .bind(self.after(PATIENCE))
            .execute(&mut *writing.tx)
            .await?;
        writing.commit().await?;
        Ok(token)
    }

    /// The payload of what was asked; an answer counts once.
    pub async fn answered(&self, token: &str) -> Result<Option<String>, StoreError> {
        let mut writing = self.write().await?;
        let row: Option<(String, String)> =
            sqlx::query_as("DELETE FROM challenges WHERE token_hash = $1 RETURNING payload, expires_at")
                .bind(sha256(token.as_bytes()))
                .fetch_optional(&mut *writing.tx)
                .await?;
        writing.commit().await?;
        Ok(row.filter(|(_, expires)| *expires > time(self.now())).map(|(payload, _)| payload))
    }
}

/// Writes a way into an account down; with it comes what the audit trail says about it.
pub(crate) async fn insert(
    change: &mut Change,
    organization: &OrganizationId,
    user: &UserId,
    new: NewIdentity<'_>,
) -> Result<(IdentityId, serde_json::Value), StoreError> {
    let name = words::line(&Text::new("名前", "a name"), new.name)?;
    let (id, at) = (IdentityId::random(), change.at.clone());
    sqlx::query(
        "INSERT INTO identities (id, organization, user_id, issuer, subject, name, public_key, counter, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
    )
    .bind(id.as_str())
    .bind(organization.as_str())
    .bind(user.as_str())
    .bind(new.issuer)
    .bind(new.subject)
    .bind(&name)
    .bind(new.public_key)
    .bind(&at)
    .execute(change.on())
    .await?;
    Ok((id, json!({ "issuer": new.issuer, "name": name })))
}
