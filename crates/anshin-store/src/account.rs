//! Organizations and the people in them.

use anshin_model::{Lang, Text};
use jiff::Timestamp;
use serde_json::json;

use crate::error::StoreError;
use crate::id::{OrganizationId, UserId};
use crate::rights::{Actor, Right, Role};
use crate::store::{Change, Store, moment, time};
use crate::{secret, words};

/// The first person, who makes the organization and manages it.
#[derive(Clone, Copy)]
pub struct Administrator<'a> {
    /// Name of the organization.
    pub organization: &'a str,
    /// Name for signing in.
    pub login: &'a str,
    /// Name that others see.
    pub name: &'a str,
    /// The password, at least twelve characters.
    pub password: &'a str,
    /// Language of the organization and of the account.
    pub language: Lang,
}

/// A person who joins an organization.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// Name for signing in.
    pub login: &'a str,
    /// Name that others see.
    pub name: &'a str,
    /// The password, at least twelve characters.
    pub password: &'a str,
    /// What the person may do.
    pub role: Role,
    /// Language of the account.
    pub language: Lang,
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub id: UserId,
    /// Name for signing in.
    pub login: String,
    /// Name that others see.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Language of the account.
    pub language: Lang,
    /// Whether signing in needs a code as well.
    pub has_totp: bool,
    /// Whether a passkey opens the account.
    pub has_passkey: bool,
    /// When the account was closed.
    pub disabled: Option<Timestamp>,
}

impl Store {
    /// Whether anyone can sign in yet.
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        let found: Option<(String,)> = sqlx::query_as(
            "SELECT id FROM users WHERE role = 'administrator' AND disabled_at IS NULL LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.is_some())
    }

    /// The organization that was made first: the one that runs the program.
    pub async fn first_organization(&self) -> Result<OrganizationId, StoreError> {
        let found: Option<(String,)> =
            sqlx::query_as("SELECT id FROM organizations ORDER BY created_at, id LIMIT 1")
                .fetch_optional(&self.pool)
                .await?;
        found.map(|(id,)| OrganizationId::from_text(id)).ok_or(StoreError::NotFound)
    }

    /// Makes the first organization with its administrator. There can be only one first.
    pub async fn create_administrator(&self, new: Administrator<'_>) -> Result<UserId, StoreError> {
        if self.has_administrator().await? {
            return Err(StoreError::AlreadyStarted);
        }
        self.create_organization(new, true).await
    }

    /// Makes a further organization with an administrator of its own. For the command line: no
    /// actor reaches over the border of an organization.
    pub async fn add_organization(&self, new: Administrator<'_>) -> Result<UserId, StoreError> {
        self.create_organization(new, false).await
    }

    async fn create_organization(&self, new: Administrator<'_>, first: bool) -> Result<UserId, StoreError> {
        let called = words::line(&Text::new("組織名", "the name of the organization"), new.organization)?;
        let person = NewUser {
            login: new.login,
            name: new.name,
            password: new.password,
            role: Role::Administrator,
            language: new.language,
        };
        let person = Checked::new(person).await?;
        let id = OrganizationId::random();
        let at = time(self.now());
        let mut writing = self.write().await?;
        if first {
            // Two browsers may be on the first page at once: the second finds the row of the first.
            let lock = sqlx::query("UPDATE schema_version SET version = version").execute(&mut *writing.tx);
            lock.await?;
            let any: Option<(String,)> = sqlx::query_as(
                "SELECT id FROM users WHERE role = 'administrator' AND disabled_at IS NULL LIMIT 1",
            )
            .fetch_optional(&mut *writing.tx)
            .await?;
            if any.is_some() {
                return Err(StoreError::AlreadyStarted);
            }
        }
        sqlx::query("INSERT INTO organizations (id, name, language, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id.as_str())
            .bind(&called)
            .bind(new.language.code())
            .bind(&at)
            .execute(&mut *writing.tx)
            .await?;
        sqlx::query("INSERT INTO chains (organization, number, hash) VALUES ($1, 0, '')")
            .bind(id.as_str())
            .execute(&mut *writing.tx)
            .await?;
        let user = person.insert(&mut writing.tx, &id, &at).await?;
        let end = crate::audit::take_end(&mut writing.tx, &id).await?;
        let detail = json!({ "name": called, "administrator": person.login });
        let entry = crate::audit::Entry {
            at: &at,
            actor: &person.login,
            action: "organization.create",
            subject: id.as_str(),
            detail: &detail,
        };
        crate::audit::append(&mut writing.tx, &id, &end, entry).await?;
        writing.commit().await?;
        Ok(user)
    }

    /// Adds a person to the actor's organization.
    pub async fn create_user(&self, actor: &Actor, new: NewUser<'_>) -> Result<UserId, StoreError> {
        actor.need(Right::Administer)?;
        let person = Checked::new(new).await?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let user = person.insert(change.on(), &actor.organization, &at).await?;
        let detail = json!({ "login": person.login, "role": new.role.as_str() });
        change.done("user.create", user.as_str(), &detail).await?;
        Ok(user)
    }

    /// The people of the actor's organization, by name.
    pub async fn users(&self, actor: &Actor) -> Result<Vec<User>, StoreError> {
        actor.need(Right::Administer)?;
        let rows: Vec<UserRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{USER} WHERE u.organization = $1 ORDER BY u.login")))
                .bind(actor.organization.as_str())
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(user).collect()
    }

    /// The account behind the actor.
    pub async fn own_account(&self, actor: &Actor) -> Result<User, StoreError> {
        let row: Option<UserRow> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{USER} WHERE u.organization = $1 AND u.id = $2")))
                .bind(actor.organization.as_str())
                .bind(actor.user.as_str())
                .fetch_optional(&self.pool)
                .await?;
        user(row.ok_or(StoreError::NotFound)?)
    }

    /// Gives a person another role. Open sessions have it at once.
    pub async fn set_role(&self, actor: &Actor, user: &UserId, role: Role) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query("UPDATE users SET role = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(user.as_str())
            .bind(role.as_str());
        change.touch(query).await?;
        keep_an_administrator(change.on(), &actor.organization).await?;
        change.done("user.role", user.as_str(), &json!({ "role": role.as_str() })).await
    }

    /// Closes an account and ends its sessions. What the person did stays.
    pub async fn disable_user(&self, actor: &Actor, user: &UserId) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let mut change = self.change_by(actor).await?;
        let at = change.at.clone();
        let query = sqlx::query("UPDATE users SET disabled_at = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(user.as_str())
            .bind(&at);
        change.touch(query).await?;
        keep_an_administrator(change.on(), &actor.organization).await?;
        end_sessions(change.on(), &actor.organization, user, None).await?;
        change.done("user.disable", user.as_str(), &json!({})).await
    }

    /// Opens a closed account again, by the password of the administrator who does it. The person signs in
    /// as before.
    pub async fn reopen_user(&self, actor: &Actor, user: &UserId, password: &str) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        self.check_own_password(actor, password).await?;
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query(
            "UPDATE users SET disabled_at = NULL, failures = 0, locked_until = NULL \
             WHERE organization = $1 AND id = $2 AND disabled_at IS NOT NULL",
        )
        .bind(actor.organization.as_str())
        .bind(user.as_str());
        change.touch(query).await?;
        change.done("user.reopen", user.as_str(), &json!({})).await
    }

    /// Takes authenticator app and passkeys away from the account of someone who lost the phone, and ends
    /// its sessions: the password is enough again. By the password of the administrator who does it.
    pub async fn remove_devices(
        &self,
        actor: &Actor,
        user: &UserId,
        password: &str,
    ) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        self.check_own_password(actor, password).await?;
        let mut change = self.change_by(actor).await?;
        forget_devices(&mut change, &actor.organization, user).await?;
        change.done("user.devices-off", user.as_str(), &json!({})).await
    }

    /// Gives an administrator who is locked out a way back: a new password, without authenticator app,
    /// passkeys, lock and sessions. For the command line: whoever may write the data may do this.
    pub async fn recover_administrator(&self, login: &str, new: &str) -> Result<(), StoreError> {
        let login = words::login(login)?;
        words::password(new, &login)?;
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT id, organization FROM users WHERE login = $1 AND role = 'administrator'")
                .bind(&login)
                .fetch_optional(&self.pool)
                .await?;
        let (user, organization) = row.ok_or_else(|| {
            StoreError::Invalid(Text::new(
                format!("`{login}`という管理者はいません"),
                format!("there is no administrator `{login}`"),
            ))
        })?;
        let (user, organization) = (UserId::from_text(user), OrganizationId::from_text(organization));
        let hash = secret::hash_password(new).await?;
        let mut change = self.change(&organization, &login).await?;
        let query = sqlx::query(
            "UPDATE users SET password_hash = $3, failures = 0, locked_until = NULL, disabled_at = NULL \
             WHERE organization = $1 AND id = $2",
        )
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(&hash);
        change.touch(query).await?;
        forget_devices(&mut change, &organization, &user).await?;
        change.done("user.recover", user.as_str(), &json!({ "by": "command line" })).await
    }

    /// Changes the actor's own password, and ends all other sessions.
    pub async fn change_password(&self, actor: &Actor, old: &str, new: &str) -> Result<(), StoreError> {
        words::password(new, &actor.login)?;
        self.check_own_password(actor, old).await?;
        let hash = secret::hash_password(new).await?;
        let mut change = self.change_by(actor).await?;
        sqlx::query("UPDATE users SET password_hash = $3 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str())
            .bind(&hash)
            .execute(change.on())
            .await?;
        end_sessions(change.on(), &actor.organization, &actor.user, actor.session.as_ref()).await?;
        change.done("user.password", actor.user.as_str(), &json!({})).await
    }

    /// Makes sure that the actor knows the password of the own account.
    pub(crate) async fn check_own_password(&self, actor: &Actor, password: &str) -> Result<(), StoreError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT password_hash FROM users WHERE organization = $1 AND id = $2")
                .bind(actor.organization.as_str())
                .bind(actor.user.as_str())
                .fetch_optional(&self.pool)
                .await?;
        if secret::verify_password(password, row.map(|(hash,)| hash)).await? {
            Ok(())
        } else {
            Err(StoreError::WrongPassword)
        }
    }

    /// Sets a person's password anew, for whoever lost it; also opens a locked account.
    pub async fn reset_password(&self, actor: &Actor, user: &UserId, new: &str) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let row: Option<(String,)> =
            sqlx::query_as("SELECT login FROM users WHERE organization = $1 AND id = $2")
                .bind(actor.organization.as_str())
                .bind(user.as_str())
                .fetch_optional(&self.pool)
                .await?;
        let (login,) = row.ok_or(StoreError::NotFound)?;
        words::password(new, &login)?;
        let hash = secret::hash_password(new).await?;
        let mut change = self.change_by(actor).await?;
        let query = sqlx::query(
            "UPDATE users SET password_hash = $3, failures = 0, locked_until = NULL \
             WHERE organization = $1 AND id = $2",
        )
        .bind(actor.organization.as_str())
        .bind(user.as_str())
        .bind(&hash);
        change.touch(query).await?;
        end_sessions(change.on(), &actor.organization, user, None).await?;
        change.done("user.reset-password", user.as_str(), &json!({})).await
    }

    /// Sets the actor's name and language.
    pub async fn set_profile(&self, actor: &Actor, name: &str, language: Lang) -> Result<(), StoreError> {
        let name = words::line(&Text::new("表示名", "the name"), name)?;
        let mut change = self.change_by(actor).await?;
        sqlx::query("UPDATE users SET name = $3, language = $4 WHERE organization = $1 AND id = $2")
            .bind(actor.organization.as_str())
            .bind(actor.user.as_str())
            .bind(&name)
            .bind(language.code())
            .execute(change.on())
            .await?;
        change.done("user.profile", actor.user.as_str(), &json!({ "language": language.code() })).await
    }

    /// Sets the name of the actor's organization, and the time zone in which it reads times, by its name
    /// in the time zone database; an empty name stands for that of the machine. Both or neither.
    pub async fn set_organization(&self, actor: &Actor, name: &str, zone: &str) -> Result<(), StoreError> {
        actor.need(Right::Administer)?;
        let name = words::line(&Text::new("組織名", "the name of the organization"), name)?;
        let mut change = self.change_by(actor).await?;
        let (old_name, old_zone): (String, String) =
            sqlx::query_as("SELECT name, zone FROM organizations WHERE id = $1")
                .bind(actor.organization.as_str())
                .fetch_one(change.on())
                .await?;
        // What is kept stays, even where this program does not know the zone.
        let zone = if zone == old_zone { old_zone.clone() } else { words::zone(zone)? };
        sqlx::query("UPDATE organizations SET name = $2, zone = $3 WHERE id = $1")
            .bind(actor.organization.as_str())
            .bind(&name)
            .bind(&zone)
            .execute(change.on())
            .await?;
        let id = actor.organization.as_str();
        let mut parts = Vec::new();
        if name != old_name {
            parts.push(("organization.rename", id, json!({ "name": name })));
        }
        if zone != old_zone {
            parts.push(("organization.zone", id, json!({ "zone": zone })));
        }
        change.done_all(&parts).await
    }
}

/// A person whose words were looked at and whose password is hashed.
pub(crate) struct Checked {
    pub(crate) login: String,
    name: String,
    password_hash: String,
    role: Role,
    language: Lang,
}

impl Checked {
    pub(crate) async fn new(new: NewUser<'_>) -> Result<Self, StoreError> {
        let login = words::login(new.login)?;
        let name = words::line(&Text::new("表示名", "the name"), new.name)?;
        words::password(new.password, &login)?;
        let password_hash = secret::hash_password(new.password).await?;
        Ok(Self { login, name, password_hash, role: new.role, language: new.language })
    }

    pub(crate) async fn insert(
        &self,
        on: &mut sqlx::AnyConnection,
        organization: &OrganizationId,
        at: &str,
    ) -> Result<UserId, StoreError> {
        let id = UserId::random();
        sqlx::query(
            "INSERT INTO users (id, organization, login, name, role, language, password_hash, totp_step, \
             failures, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
        )
        .bind(id.as_str())
        .bind(organization.as_str())
        .bind(&self.login)
        .bind(&self.name)
        .bind(self.role.as_str())
        .bind(self.language.code())
        .bind(&self.password_hash)
        .bind(at)
        .execute(on)
        .await?;
        Ok(id)
    }
}

type UserRow = (String, String, String, String, String, Option<String>, Option<String>, i64);

const USER: &str = "SELECT u.id, u.login, u.name, u.role, u.language, u.totp_secret, u.disabled_at, \
    (SELECT COUNT(*) FROM identities i WHERE i.user_id = u.id AND i.public_key <> '') FROM users u";

fn user((id, login, name, role, language, totp, disabled, passkeys): UserRow) -> Result<User, StoreError> {
    Ok(User {
        id: UserId::from_text(id),
        login,
        name,
        role: role_of(&role)?,
        language: words::lang(&language),
        has_totp: totp.is_some(),
        has_passkey: passkeys > 0,
        disabled: disabled.as_deref().map(moment).transpose()?,
    })
}

pub(crate) fn role_of(word: &str) -> Result<Role, StoreError> {
    Role::from_word(word).ok_or_else(|| StoreError::Damaged(format!("`{word}` is not a role")))
}

async fn keep_an_administrator(
    on: &mut sqlx::AnyConnection,
    organization: &OrganizationId,
) -> Result<(), StoreError> {
    let left: Option<(String,)> = sqlx::query_as(
        "SELECT id FROM users WHERE organization = $1 AND role = 'administrator' AND disabled_at IS NULL LIMIT 1",
    )
    .bind(organization.as_str())
    .fetch_optional(on)
    .await?;
    left.map(|_| ()).ok_or(StoreError::LastAdministrator)
}

/// Takes authenticator app and passkeys away from an account, and ends its sessions.
async fn forget_devices(
    change: &mut Change,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<(), StoreError> {
    let codes = sqlx::query("UPDATE users SET totp_secret = NULL WHERE organization = $1 AND id = $2")
        .bind(organization.as_str())
        .bind(user.as_str());
    change.touch(codes).await?;
    sqlx::query("DELETE FROM identities WHERE organization = $1 AND user_id = $2 AND public_key <> ''")
        .bind(organization.as_str())
        .bind(user.as_str())
        .execute(change.on())
        .await?;
    end_sessions(change.on(), organization, user, None).await
}

pub(crate) async fn end_sessions(
    on: &mut sqlx::AnyConnection,
    organization: &OrganizationId,
    user: &UserId,
    but: Option<&crate::SessionId>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE organization = $1 AND user_id = $2 AND id <> $3")
        .bind(organization.as_str())
        .bind(user.as_str())
        .bind(but.map_or("", crate::SessionId::as_str))
        .execute(on)
        .await?;
    Ok(())
}
