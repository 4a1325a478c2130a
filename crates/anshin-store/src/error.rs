//! Why the store did not do something.

use anshin_model::Text;
use jiff::Timestamp;

use crate::merge::Clash;
use crate::rights::Right;

/// Why the store did not do something. [`StoreError::text`] says it to a person.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is nothing with this id in the actor's organization.
    #[error("not found")]
    NotFound,
    /// The actor lacks a right.
    #[error("the right {0:?} is missing")]
    Forbidden(Right),
    /// What was typed cannot be taken as it is.
    #[error("{}", .0.get(anshin_model::Lang::En))]
    Invalid(Text),
    /// The name is taken.
    #[error("the name is taken")]
    Taken,
    /// There is an administrator already.
    #[error("there is an administrator already")]
    AlreadyStarted,
    /// User name, password or code is wrong; which one is not told.
    #[error("wrong user name, password or code")]
    WrongCredentials,
    /// The password that somebody who has signed in gives once more is wrong.
    #[error("wrong password")]
    WrongPassword,
    /// The password is right; a code of the authenticator app is needed as well.
    #[error("a code is needed")]
    CodeNeeded,
    /// Too many wrong attempts. Who is told so learns that the name exists: its words are those of
    /// [`StoreError::WrongCredentials`].
    #[error("locked until {until}")]
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// The document was changed by someone else at the same places.
    #[error("the document has changed at the same places")]
    Conflict(Box<Conflict>),
    /// The organization needs an administrator, and this would take away the last.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// The data is of a newer program.
    #[error("the data has version {found}, this program knows up to {known}")]
    Newer {
        /// Version of the data.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database cannot be reached at the moment.
    #[error("the database cannot be reached: {0}")]
    Unreachable(sqlx::Error),
    /// The connection to the database cannot be encrypted as its address asks.
    #[error("no encrypted connection to the database: {0}")]
    Encryption(sqlx::Error),
    /// The database could not do what it was asked to, such as with a full disk.
    #[error("the database failed: {0}")]
    Database(sqlx::Error),
    /// What is kept is not what this program wrote.
    #[error("the data is damaged: {0}")]
    Damaged(String),
    /// The program is being stopped.
    #[error("the program is stopping")]
    Stopping,
}

/// Two people changed the same.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// The revision that the change started from.
    pub base: u64,
    /// The newest revision, made by someone else.
    pub latest: u64,
    /// Where they differ; none where each is right by itself, but not both together.
    pub clashes: Vec<Clash>,
    /// Both changes together, with that of the newest revision where they differ.
    pub text: String,
}

impl StoreError {
    /// What happened and what to do next, for a person. Inner details stay in the log.
    pub fn text(&self) -> Text {
        match self {
            StoreError::NotFound => Text::new("見つかりません", "not found"),
            StoreError::Forbidden(_) => Text::new(
                "この操作をする権限がありません。組織の管理者に相談してください",
                "you may not do this; ask an administrator of your organization",
            ),
            StoreError::Invalid(text) => text.clone(),
            StoreError::Taken => Text::new(
                "この名前はすでに使われています。別の名前にしてください",
                "this name is taken; choose another",
            ),
            StoreError::AlreadyStarted => Text::new(
                "管理者はすでに登録されています。サインインしてください",
                "there is an administrator already; sign in",
            ),
            StoreError::WrongCredentials | StoreError::Locked { .. } => Text::new(
                "ユーザー名、パスワード、認証コードのいずれかが違います。失敗が5回続いたときは、しばらく（1分から1時間）サインインできません",
                "the user name, the password or the code is wrong; after five wrong attempts, sign-in is closed for a while (a minute to an hour)",
            ),
            StoreError::WrongPassword => Text::new(
                "現在のパスワードが正しくありません。変更はしていません",
                "the current password is wrong; nothing was changed",
            ),
            StoreError::CodeNeeded => Text::new(
                "認証アプリの6桁のコードを入力してください",
                "enter the code of six digits from your authenticator app",
            ),
            StoreError::Conflict(conflict) if conflict.clashes.is_empty() => Text::new(
                "ほかの人の変更と合わせると文書に誤りが生じるため、保存していません。最新の版を読み直して変更してください",
                "this was not saved: together with what someone else has changed, the document would have errors; read the newest revision and change that",
            ),
            StoreError::Conflict(_) => Text::new(
                "同じ箇所がほかの人によって変更されています。両方を見比べて選んでください",
                "someone else has changed the same places; compare both and choose",
            ),
            StoreError::LastAdministrator => Text::new(
                "最後の管理者です。先に別の管理者を決めてください",
                "this is the last administrator; make someone else administrator first",
            ),
            StoreError::Newer { found, known } => Text::new(
                format!(
                    "データは新しい版のもの（{found}）です。このプログラムは{known}までを扱えます。プログラムを更新してください"
                ),
                format!("the data has version {found}, this program knows up to {known}; update the program"),
            ),
            StoreError::Unreachable(_) | StoreError::Encryption(_) => Text::new(
                "データベースに接続できません。しばらくしてからもう一度お試しください",
                "the database cannot be reached; try again in a moment",
            ),
            StoreError::Database(_) => Text::new(
                "保存できませんでした。ディスクの空きと書き込み権限を確かめてください。前に保存した内容は残っています",
                "this could not be saved; check free space and permissions of the disk. What was saved before is still there",
            ),
            StoreError::Damaged(_) => Text::new(
                "データが壊れています。`anshin audit verify`で確かめ、バックアップから戻してください",
                "the data is damaged; check it with `anshin audit verify` and restore a backup",
            ),
            StoreError::Stopping => Text::new("プログラムを終了しています", "the program is stopping"),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => StoreError::Taken,
            // 57P01 to 57P03: PostgreSQL is being shut down or started.
            sqlx::Error::Database(inner) if inner.code().is_some_and(|code| code.starts_with("57P")) => {
                StoreError::Unreachable(error)
            }
            sqlx::Error::Tls(_) => StoreError::Encryption(error),
            // What the other side says does not agree with what it should: so tells the encryption.
            sqlx::Error::Io(inner) if inner.kind() == std::io::ErrorKind::InvalidData => {
                StoreError::Encryption(error)
            }
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Unreachable(error),
            _ => StoreError::Database(error),
        }
    }
}
