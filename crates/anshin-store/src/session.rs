//! Signing in, and what is left of it: a session that a cookie brings back.

use anshin_model::Text;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::account::{end_sessions, role_of};
use crate::error::StoreError;
use crate::id::{OrganizationId, SessionId, UserId};
use crate::rights::Actor;
use crate::secret::{self, Token, sha256};
use crate::store::{Store, moment, time};
use crate::words;

/// A session ends this long after it was last used.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session that is used all the time is lengthened only so often.
const TOUCH: SignedDuration = SignedDuration::from_mins(5);
/// From this many wrong attempts on, an account is locked: one minute, then two, then four.
const ATTEMPTS: i64 = 5;
/// The longest time that an account is locked.
const LONGEST_LOCK: SignedDuration = SignedDuration::from_hours(1);

/// What someone who signs in gives.
#[derive(Clone, Copy)]
pub struct SignIn<'a> {
    /// Name for signing in.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the authenticator app, if the account has one.
    pub code: Option<&'a str>,
    /// What the list of sessions calls the browser.
    pub device: &'a str,
}

/// A sign-in that went well.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret for the cookie.
    pub token: Token,
    /// The session.
    pub session: SessionId,
    /// When it ends if it is not used.
    pub expires: Timestamp,
}

/// A sign-in on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The browser.
    pub device: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, give or take five minutes.
    pub seen: Timestamp,
}

impl Store {
    /// Signs someone in.
    ///
    /// # Errors
    /// [`StoreError::WrongCredentials`] whatever is wrong, [`StoreError::CodeNeeded`] if only the
    /// code is missing, [`StoreError::Locked`] after too many attempts.
    pub async fn sign_in(&self, given: SignIn<'_>) -> Result<SignedIn, StoreError> {
        type Row = (String, String, String, i64, Option<String>, i64);
        let now = self.now();
        let Ok(login) = words::login(given.login) else {
            secret::verify_password(given.password, None).await?;
            return Err(StoreError::WrongCredentials);
        };
        // Attempts are counted before they are judged: many at once count as many.
        let row: Option<Row> = sqlx::query_as(
            "UPDATE users SET failures = failures + 1 \
             WHERE login = $1 AND disabled_at IS NULL AND (locked_until IS NULL OR locked_until <= $2) \
             RETURNING id, organization, password_hash, failures, totp_secret, totp_step",
        )
        .bind(&login)
        .bind(time(now))
        .fetch_optional(&self.pool)
        .await?;
        let Some((id, organization, hash, failures, totp, step)) = row else {
            secret::verify_password(given.password, None).await?;
            let locked: Option<(String,)> = sqlx::query_as(
                "SELECT locked_until FROM users \
                 WHERE login = $1 AND disabled_at IS NULL AND locked_until IS NOT NULL",
            )
            .bind(&login)
            .fetch_optional(&self.pool)
            .await?;
            return match locked {
                Some((until,)) => Err(StoreError::Locked { until: moment(&until)? }),
                None => Err(StoreError::WrongCredentials),
            };
        };
        let (user, organization) = (UserId::from_text(id), OrganizationId::from_text(organization));
        let right = secret::verify_password(given.password, Some(hash)).await?;
        let verdict = match (&totp, given.code.map(str::trim).filter(|code| !code.is_empty())) {
            _ if !right => Err(StoreError::WrongCredentials),
            (None, _) => Ok(step),
            (Some(_), None) => Err(StoreError::CodeNeeded),
            (Some(secret), Some(code)) => {
                crate::totp::verify(secret, code, now, step).ok_or(StoreError::WrongCredentials)
            }
        };
        let step = match verdict {
            Ok(step) => step,
            Err(StoreError::CodeNeeded) => {
                sqlx::query("UPDATE users SET failures = failures - 1 WHERE id = $1")
                    .bind(user.as_str())
                    .execute(&self.pool)
                    .await?;
                return Err(StoreError::CodeNeeded);
            }
            Err(error) => {
                self.note_failure(&organization, &user, &login, failures).await?;
                return Err(error);
            }
        };
        self.begin_session(&organization, &user, &login, given.device, Some(step)).await
    }

    /// Begins a session; `step` is the step of the code, where one was asked for.
    pub(crate) async fn begin_session(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        login: &str,
        device: &str,
        step: Option<i64>,
    ) -> Result<SignedIn, StoreError> {
        let device: String = device.chars().filter(|c| !c.is_control()).take(200).collect();
        let (token, session) = (Token::random(""), SessionId::random());
        let expires = self.after(IDLE);
        let mut change = self.change(organization, login).await?;
        let at = change.at.clone();
        // A code is used once, even by two who come at the same moment.
        let fresh = sqlx::query(
            "UPDATE users SET failures = 0, locked_until = NULL, totp_step = COALESCE($2, totp_step) \
             WHERE id = $1 AND (totp_secret IS NULL OR totp_step < COALESCE($2, totp_step + 1))",
        )
        .bind(user.as_str())
        .bind(step)
        .execute(change.on())
        .await?;
        if fresh.rows_affected() == 0 {
            return Err(StoreError::WrongCredentials);
        }
        sqlx::query("DELETE FROM sessions WHERE expires_at <= $1").bind(&at).execute(change.on()).await?;
        sqlx::query(
            "INSERT INTO sessions (id, organization, user_id, token_hash, device, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        )
        .bind(session.as_str())
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(token.hash())
        .bind(&device)
        .bind(&at)
        .bind(&expires)
        .execute(change.on())
        .await?;
        change.done("session.begin", user.as_str(), &json!({ "device": device })).await?;
        Ok(SignedIn { token, session, expires: moment(&expires)? })
    }

    async fn note_failure(
        &self,
        organization: &OrganizationId,
        user: &UserId,
        login: &str,
        failures: i64,
    ) -> Result<(), StoreError> {
        let until = (failures >= ATTEMPTS).then(|| {
            let doublings = u32::try_from(failures - ATTEMPTS).unwrap_or(u32::MAX).min(6);
            self.after(SignedDuration::from_mins(1 << doublings).min(LONGEST_LOCK))
        });
        let mut change = self.change(organization, login).await?;
        if let Some(until) = &until {
            sqlx::query("UPDATE users SET locked_until = $2 WHERE id = $1")
                .bind(user.as_str())
                .bind(until)
                .execute(change.on())
                .await?;
        }
        change.done("session.refuse", user.as_str(), &json!({ "locked_until": until })).await
    }

    /// Whom a session's token belongs to; nobody once it has ended. Using a session lengthens it.
    pub async fn actor_of_session(&self, token: &str) -> Result<Option<Actor>, StoreError> {
        type Row = (String, String, String, String, String, String, String, String, String, String);
        let now = self.now();
        let row: Option<Row> = sqlx::query_as(
            "SELECT s.id, s.seen_at, o.id, o.name, o.zone, u.id, u.login, u.name, u.role, u.language \
             FROM sessions s JOIN users u ON u.id = s.user_id JOIN organizations o ON o.id = s.organization \
             WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL",
        )
        .bind(sha256(token.as_bytes()))
        .bind(time(now))
        .fetch_optional(&self.pool)
        .await?;
        let Some((session, seen, organization, organization_name, zone, user, login, name, role, language)) =
            row
        else {
            return Ok(None);
        };
        if now.duration_since(moment(&seen)?) > TOUCH {
            sqlx::query("UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE id = $1")
                .bind(&session)
                .bind(time(now))
                .bind(self.after(IDLE))
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(Actor {
            organization: OrganizationId::from_text(organization),
            organization_name,
            user: UserId::from_text(user),
            login,
            name,
            role: role_of(&role)?,
            lang: words::lang(&language),
            zone,
            session: Some(SessionId::from_text(session)),
        }))
    }

    /// The actor's own sessions, the last used first.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT id, device, created_at, seen_at FROM sessions \
             WHERE organization = $1 AND user_id = $2 AND expires_at > $3 ORDER BY seen_at DESC, id",
        )
        .bind(actor.organization.as_str())
        .bind(actor.user.as_str())
        .bind(time(self.now()))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(id, device, created, seen)| {
                let (created, seen) = (moment(&created)?, moment(&seen)?);
                Ok(Session { id: SessionId::from_text(id), device, created, seen })
            })
            .collect()
    }

    /// Ends one of the actor's own sessions: signing out.
    pub async fn end_session(&self, actor: &Actor, session: &SessionId) -> Result<(), StoreError> {
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query("DELETE FROM sessions WHERE organization = $1 AND user_id = $2 AND id = $3")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str())
            .bind(session.as_str());
        change.touch(query).await?;
        change.done("session.end", actor.user.as_str(), &json!({})).await
    }

    /// Ends all sessions of the actor but the one that asks.
    pub async fn end_other_sessions(&self, actor: &Actor) -> Result<(), StoreError> {
        let mut change = self.change_by(actor).await?;
        end_sessions(change.on(), &actor.organization, &actor.user, actor.session.as_ref()).await?;
        change.done("session.end-others", actor.user.as_str(), &json!({})).await
    }

    /// A new secret for the actor's authenticator app, in base32. It counts once a code of it was
    /// given to [`Store::set_totp`].
    pub fn new_totp_secret(&self) -> String {
        crate::totp::new_secret()
    }

    /// Makes signing in need a code, by the actor's password and after a first code has shown that the app
    /// works.
    pub async fn set_totp(
        &self,
        actor: &Actor,
        secret: &str,
        code: &str,
        password: &str,
    ) -> Result<(), StoreError> {
        let wrong = || {
            StoreError::Invalid(Text::new(
                "コードが一致しません。スマートフォンの時刻を確かめ、新しいコードを入力してください",
                "the code does not match; check the clock of the phone and enter a new code",
            ))
        };
        let step = crate::totp::verify(secret, code, self.now(), 0).ok_or_else(wrong)?;
        self.check_own_password(actor, password).await?;
        let mut change = self.change_by(actor).await?;
        sqlx::query("UPDATE users SET totp_secret = $3, totp_step = $4 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str())
            .bind(secret)
            .bind(step)
            .execute(change.on())
            .await?;
        end_sessions(change.on(), &actor.organization, &actor.user, actor.session.as_ref()).await?;
        change.done("user.totp-on", actor.user.as_str(), &json!({})).await
    }

    /// Takes the authenticator app away from the actor's own account, by its password.
    pub async fn remove_totp(&self, actor: &Actor, password: &str) -> Result<(), StoreError> {
        self.check_own_password(actor, password).await?;
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query("UPDATE users SET totp_secret = NULL WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str());
        change.touch(query).await?;
        change.done("user.totp-off", actor.user.as_str(), &json!({})).await
    }
}
