//! Tokens for other programs.

use anshin_model::Text;
use jiff::Timestamp;
use serde_json::json;

use crate::account::role_of;
use crate::error::StoreError;
use crate::id::{OrganizationId, TokenId, UserId};
use crate::rights::{Actor, Right};
use crate::secret::{Token, sha256};
use crate::store::{Store, moment, time};
use crate::words;

/// Most days that a token lasts.
const MAX_DAYS: u32 = 366;

/// A token to make.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What it is for.
    pub name: &'a str,
    /// The most that it may do; never more than its owner.
    pub scope: Right,
    /// How many days it lasts.
    pub days: u32,
}

/// A token that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The token.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// The most that it may do.
    pub scope: Right,
    /// When it was made.
    pub at: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

fn scope_of(word: &str) -> Result<Right, StoreError> {
    Right::from_word(word).ok_or_else(|| StoreError::Damaged(format!("`{word}` is not a scope")))
}

impl Store {
    /// Makes a token for the actor. It is shown once. A token makes no further tokens.
    pub async fn create_token(
        &self,
        actor: &Actor,
        new: NewToken<'_>,
    ) -> Result<(TokenId, Token), StoreError> {
        if actor.session.is_none() {
            return Err(StoreError::Forbidden(new.scope));
        }
        actor.need(new.scope)?;
        let name = words::line(&Text::new("トークンの名前", "the name of the token"), new.name)?;
        let expires = self.after(words::days(new.days, MAX_DAYS)?);
        let (id, token) = (TokenId::random(), Token::random("anshin-token-"));
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        sqlx::query(
            "INSERT INTO tokens (id, organization, user_id, name, scope, token_hash, at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id.as_str())
        .bind(actor.organization.as_str())
        .bind(actor.user.as_str())
        .bind(&name)
        .bind(new.scope.as_str())
        .bind(token.hash())
        .bind(&at)
        .bind(&expires)
        .execute(change.on())
        .await?;
        let detail = json!({ "name": name, "scope": new.scope.as_str(), "expires": expires });
        change.done("token.create", id.as_str(), &detail).await?;
        Ok((id, token))
    }

    /// The actor's own tokens, the newest first.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
            "SELECT id, name, scope, at, expires_at FROM tokens \
             WHERE organization = $1 AND user_id = $2 ORDER BY at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(actor.user.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, name, scope, at, expires)| {
                let (scope, at, expires) = (scope_of(&scope)?, moment(&at)?, moment(&expires)?);
                Ok(ApiToken { id: TokenId::from_text(id), name, scope, at, expires })
            })
            .collect()
    }

    /// Ends one of the actor's own tokens.
    pub async fn end_token(&self, actor: &Actor, token: &TokenId) -> Result<(), StoreError> {
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query("DELETE FROM tokens WHERE organization = $1 AND user_id = $2 AND id = $3")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str())
            .bind(token.as_str());
        change.touch(query).await?;
        change.done("token.end", token.as_str(), &json!({})).await
    }

    /// Whom a token belongs to, with at most its scope; nobody once it has ended.
    pub async fn actor_of_token(&self, token: &str) -> Result<Option<Actor>, StoreError> {
        type Row = (String, String, String, String, String, String, String, String, String);
        let row: Option<Row> = sqlx::query_as(
            "SELECT t.scope, o.id, o.name, o.zone, u.id, u.login, u.name, u.role, u.language \
             FROM tokens t JOIN users u ON u.id = t.user_id JOIN organizations o ON o.id = t.organization \
             WHERE t.token_hash = $1 AND t.expires_at > $2 AND u.disabled_at IS NULL",
        )
        .bind(sha256(token.as_bytes()))
        .bind(time(self.now()))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|(scope, organization, organization_name, zone, user, login, name, role, language)| {
            Ok(Actor {
                organization: OrganizationId::from_text(organization),
                organization_name,
                user: UserId::from_text(user),
                login,
                name,
                role: role_of(&role)?.min(scope_of(&scope)?.role()),
                lang: words::lang(&language),
                zone,
                session: None,
            })
        })
        .transpose()
    }
}
