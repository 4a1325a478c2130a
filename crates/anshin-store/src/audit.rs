//! The audit trail of an organization: entries chained by hash, so that none can be changed, taken
//! out or put in without the chain breaking.
//!
//! The hash of an entry is the SHA-256 of the JSON list of its number, moment, actor, action,
//! subject, detail and of the hash before it. The first has no hash before it: an empty string.

use anshin_model::Text;
use jiff::Timestamp;
use sqlx::AnyConnection;

use crate::error::StoreError;
use crate::id::OrganizationId;
use crate::papers::PaperKind;
use crate::rights::{Actor, Right};
use crate::secret::sha256;
use crate::store::{Store, count, moment, number};

/// An entry of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// Who did it: the name for signing in, or what did it.
    pub actor: String,
    /// What was done, such as `system.save`.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// More about it, as a JSON object.
    pub detail: String,
    /// Hash of this entry, which holds the hash of the one before.
    pub hash: String,
}

/// What was done, in words; the words of papers are those of their kind and of what became of them.
const ACTIONS: &[(&str, &str, &str)] = &[
    ("comment.add", "コメントの追加", "remark written"),
    ("comment.resolve", "コメントの解決", "remark settled"),
    ("data.restore", "バックアップからの復元", "restored from a backup"),
    ("evidence.add", "ファイルの追加", "file kept"),
    ("identity.add", "サインイン方法の追加", "way to sign in added"),
    ("identity.claim", "外部アカウントとの結び付け", "account linked by its address"),
    ("identity.end", "サインイン方法の終了", "way to sign in ended"),
    ("link.answer", "依頼書への回答", "answer on a sheet"),
    ("link.create", "リンクの作成", "link made"),
    ("link.end", "リンクの終了", "link ended"),
    ("organization.branding", "報告書の体裁の変更", "look of reports changed"),
    ("organization.create", "組織の作成", "organization made"),
    ("organization.rename", "組織名の変更", "organization renamed"),
    ("organization.zone", "タイムゾーンの変更", "time zone changed"),
    ("session.begin", "サインイン", "signed in"),
    ("session.end", "サインアウト", "signed out"),
    ("session.end-others", "ほかの機器のサインアウト", "other devices signed out"),
    ("session.refuse", "サインインの失敗", "sign-in refused"),
    ("system.approve", "版の承認", "revision approved"),
    ("system.archive", "システムの片付け", "system put aside"),
    ("system.create", "システムの作成", "system made"),
    ("system.save", "システムの保存", "system saved"),
    ("system.unarchive", "システムを一覧に戻す", "system taken back"),
    ("system.withdraw-approval", "承認の取り下げ", "approval withdrawn"),
    ("token.create", "APIトークンの作成", "API token made"),
    ("token.end", "APIトークンの終了", "API token ended"),
    ("user.create", "利用者の追加", "person added"),
    ("user.devices-off", "認証アプリとパスキーの解除", "authenticator app and passkeys taken away"),
    ("user.disable", "アカウントの停止", "account closed"),
    ("user.end-invitation", "招待の取り消し", "invitation taken back"),
    ("user.invite", "招待", "invitation made"),
    ("user.join", "招待による参加", "joined by invitation"),
    ("user.password", "パスワードの変更", "password changed"),
    ("user.profile", "名前と言語の変更", "name and language changed"),
    ("user.recover", "コマンドによる管理者の復旧", "administrator let in again by command"),
    ("user.reopen", "アカウントの再開", "account opened again"),
    ("user.reset-password", "パスワードの付け直し", "password set anew"),
    ("user.role", "役割の変更", "role changed"),
    ("user.totp-off", "2段階認証の終了", "two-step sign-in ended"),
    ("user.totp-on", "2段階認証の開始", "two-step sign-in begun"),
    ("webhook.create", "通知先の追加", "webhook added"),
    ("webhook.end", "通知先の終了", "webhook ended"),
];

/// What becomes of papers: together with their kinds these are actions as well.
const OF_PAPERS: &[(&str, &str, &str)] = &[
    ("create", "の作成", " made"),
    ("save", "の保存", " saved"),
    ("system", "の対象システムの変更", ": system changed"),
    ("archive", "の片付け", " put aside"),
    ("unarchive", "を一覧に戻す", " taken back"),
];

impl AuditEntry {
    /// What was done, in words; the word itself if an earlier program wrote it.
    pub fn action_name(&self) -> Text {
        name_of(&self.action).unwrap_or_else(|| Text::same(self.action.as_str()))
    }
}

fn name_of(action: &str) -> Option<Text> {
    let find = |all: &[(&str, &'static str, &'static str)], word: &str| {
        all.iter().find(|(own, ..)| *own == word).map(|(_, ja, en)| (*ja, *en))
    };
    if let Some((ja, en)) = find(ACTIONS, action) {
        return Some(Text::new(ja, en));
    }
    let (kind, what) = action.split_once('.')?;
    let ((kind_ja, kind_en), (ja, en)) = (PaperKind::known(kind)?.name(), find(OF_PAPERS, what)?);
    Some(Text::new(format!("{kind_ja}{ja}"), format!("{kind_en}{en}")))
}

/// A trail that was read from its first entry to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose trail it is.
    pub organization: OrganizationId,
    /// The organization's name.
    pub name: String,
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last. Noted down elsewhere, it proves later that nothing was cut off.
    pub end: String,
    /// What is wrong: the number of the first entry that does not fit, and why.
    pub broken: Option<(u64, Text)>,
}

/// The end of a trail, with the number that the next entry gets.
pub(crate) struct End {
    number: i64,
    hash: String,
}

pub(crate) struct Entry<'a> {
    pub(crate) at: &'a str,
    pub(crate) actor: &'a str,
    pub(crate) action: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) detail: &'a serde_json::Value,
}

/// Takes the end of the trail; others who want to write wait until the transaction is over.
pub(crate) async fn take_end(
    on: &mut AnyConnection,
    organization: &OrganizationId,
) -> Result<End, StoreError> {
    let end: Option<(i64, String)> = sqlx::query_as(
        "UPDATE chains SET number = number + 1 WHERE organization = $1 RETURNING number, hash",
    )
    .bind(organization.as_str())
    .fetch_optional(on)
    .await?;
    let (number, hash) = end.ok_or(StoreError::NotFound)?;
    Ok(End { number, hash })
}

pub(crate) async fn append(
    on: &mut AnyConnection,
    organization: &OrganizationId,
    end: &End,
    entry: Entry<'_>,
) -> Result<(), StoreError> {
    let detail = entry.detail.to_string();
    let hash = hash_of(end.number, entry.at, entry.actor, entry.action, entry.subject, &detail, &end.hash);
    sqlx::query(
        "INSERT INTO audit (organization, number, at, actor, action, subject, detail, previous, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(organization.as_str())
    .bind(end.number)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(&detail)
    .bind(&end.hash)
    .bind(&hash)
    .execute(&mut *on)
    .await?;
    sqlx::query("UPDATE chains SET hash = $2 WHERE organization = $1")
        .bind(organization.as_str())
        .bind(&hash)
        .execute(on)
        .await?;
    Ok(())
}

fn hash_of(
    number: i64,
    at: &str,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
    previous: &str,
) -> String {
    let parts = serde_json::json!([number, at, actor, action, subject, detail, previous]);
    sha256(parts.to_string().as_bytes())
}

/// A row of the table.
type Row = (i64, String, String, String, String, String, String, String);

const COLUMNS: &str = "SELECT number, at, actor, action, subject, detail, previous, hash FROM audit";

impl Store {
    /// Entries of the actor's organization, the newest first: at most `most` before number `before`.
    pub async fn audit(
        &self,
        actor: &Actor,
        before: Option<u64>,
        most: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        actor.need(Right::Administer)?;
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE organization = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        )))
        .bind(actor.organization.as_str())
        .bind(before.map_or(i64::MAX, number))
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(number, at, actor, action, subject, detail, _, hash)| {
                Ok(AuditEntry {
                    number: count(number)?,
                    at: moment(&at)?,
                    actor,
                    action,
                    subject,
                    detail,
                    hash,
                })
            })
            .collect()
    }

    /// Reads every trail from its first entry to its last and works out all hashes again.
    pub async fn verify_audit(&self) -> Result<Vec<Verified>, StoreError> {
        let trails: Vec<(String, String, i64, String)> = sqlx::query_as(
            "SELECT o.id, o.name, c.number, c.hash FROM organizations o \
             JOIN chains c ON c.organization = o.id ORDER BY o.id",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut all = Vec::new();
        for (organization, name, entries, end) in trails {
            let broken = self.first_broken(&organization, entries, &end).await?;
            let organization = OrganizationId::from_text(organization);
            all.push(Verified { organization, name, entries: count(entries)?, end, broken });
        }
        Ok(all)
    }

    async fn first_broken(
        &self,
        organization: &str,
        entries: i64,
        end: &str,
    ) -> Result<Option<(u64, Text)>, StoreError> {
        /// Rows that are in memory at once.
        const BLOCK: i64 = 1000;
        let (mut last, mut before) = (0, String::new());
        loop {
            let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "{COLUMNS} WHERE organization = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4"
            )))
            .bind(organization)
            .bind(last)
            .bind(entries)
            .bind(BLOCK)
            .fetch_all(&self.pool)
            .await?;
            if rows.is_empty() {
                break;
            }
            for (number, at, actor, action, subject, detail, previous, hash) in rows {
                let place = count(number.max(last + 1))?;
                if number != last + 1 {
                    return Ok(Some((count(last + 1)?, Text::new("抜けています", "an entry is missing"))));
                }
                if previous != before {
                    return Ok(Some((
                        place,
                        Text::new("前の記録とつながりません", "it does not follow from the entry before"),
                    )));
                }
                if hash_of(number, &at, &actor, &action, &subject, &detail, &previous) != hash {
                    return Ok(Some((
                        place,
                        Text::new("書かれた後に変更されています", "it was changed after it was written"),
                    )));
                }
                (last, before) = (number, hash);
            }
        }
        if last != entries {
            return Ok(Some((
                count(last + 1)?,
                Text::new("末尾の記録が抜けています", "entries at the end are missing"),
            )));
        }
        if before != end {
            let why = Text::new("末尾が置き換えられています", "the end of the trail is another");
            return Ok(Some((count(last)?, why)));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An action that a method writes down must not be without a name here.
    #[test]
    fn every_action_has_a_name() {
        let mut seen = std::collections::BTreeSet::new();
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
            let path = file.unwrap().path();
            // The names themselves stand here.
            if path.ends_with("audit.rs") {
                continue;
            }
            let source = std::fs::read_to_string(path).unwrap();
            let words = source.split('"').filter(|word| {
                let plain =
                    |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                word.split_once('.').is_some_and(|(kind, what)| plain(kind) && plain(what))
            });
            for word in words.filter(|word| *word != "anshin.sqlite") {
                assert!(name_of(word).is_some(), "{word}");
                seen.insert(word.to_owned());
            }
        }
        for (action, ..) in ACTIONS {
            assert!(seen.contains(*action), "nothing writes {action} down");
        }
        for kind in PaperKind::ALL {
            for (what, ..) in OF_PAPERS {
                assert!(name_of(&format!("{}.{what}", kind.as_str())).is_some());
            }
        }
        assert!(name_of("Round.burn").is_none());
    }
}
