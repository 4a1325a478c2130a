//! Why records cannot be kept or read, in words with a next step; and where a database is, without what is secret.

use std::io;

use anshin_model::{Lang, Text};

use crate::connection::nowhere;
use crate::trouble::why;

/// Why records cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The files, or the runtime of the database.
    #[error(transparent)]
    File(#[from] io::Error),
}

impl RecordsError {
    /// Whether it may be over in a moment: the database is only starting, or has no connection left.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            // Nobody listens yet, or the socket is not there yet.
            RecordsError::Database(sqlx::Error::Io(error)) => {
                matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
            }
            RecordsError::Database(sqlx::Error::Database(error)) => {
                matches!(error.code().as_deref(), Some("57P03" | "53300"))
            }
            _ => false,
        }
    }

    /// What a person is told, with what to look at; the words of the database are the detail.
    pub fn text(&self) -> Text {
        let error = match self {
            RecordsError::File(error) => return why(error),
            RecordsError::Database(error) => error,
        };
        let (ja, en) = match error {
            // What the system says of a name without an address has no number, and no words in another language.
            sqlx::Error::Io(error) if is_unknown_name(error) => return why(&nowhere()),
            sqlx::Error::Io(error) => return why(error),
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                return Text::new(
                    "時間内に応答がありません。データベースが動いているか、アドレスが正しいか確かめてください",
                    "no answer in time; see whether the database runs, and whether the address is right",
                );
            }
            // Without its detail: that may tell parts of the address, and so of a password.
            sqlx::Error::Configuration(_) => {
                return Text::new(
                    "アドレスを読めません。`postgres://ユーザー@ホスト/名前`か`sqlite:ファイル`の形で書いてください。パスワードの中の`#`や`/`などの記号は、`%23`や`%2F`のように書きます",
                    "the address cannot be read; write it as `postgres://USER@HOST/NAME` or `sqlite:FILE`, and signs such as `#` and `/` within a password as `%23` and `%2F`",
                );
            }
            sqlx::Error::Tls(_) => (
                "暗号化の方法が合いません。サーバーの証明書とアドレスの`sslmode`を確かめてください",
                "there is no agreement on encryption; check the certificate of the server, and `sslmode` in the address",
            ),
            sqlx::Error::Database(error) => of_code(error.code().as_deref().unwrap_or_default()),
            _ => UNKNOWN,
        };
        let detail = detail(error, (ja, en) != UNKNOWN);
        Text::new(
            format!("{ja}。詳細: {}", detail.get(Lang::Ja)),
            format!("{en}; in detail: {}", detail.get(Lang::En)),
        )
    }
}

/// The words of a database about an error; the number, where `SQLite` has words in one language alone for what has
/// been told.
fn detail(error: &sqlx::Error, is_told: bool) -> Text {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.filter(|code| is_told && code.len() < 5) {
        Some(code) => Text::new(format!("SQLiteのエラー{code}"), format!("error {code} of SQLite")),
        None => Text::same(error.to_string()),
    }
}

/// Whether a name leads to no address.
fn is_unknown_name(error: &io::Error) -> bool {
    let is_of_lookup =
        |inner: &(dyn std::error::Error + Send + Sync)| inner.to_string().contains("failed to lookup");
    error.get_ref().is_some_and(is_of_lookup)
}

/// What is told of an error that is none of those that a person can do something about.
const UNKNOWN: (&str, &str) = (
    "データベースがエラーを返しました。データベースの記録を確かめてください",
    "the database reports an error; see its own log",
);

/// What a code means: those of `PostgreSQL` have five signs, those of `SQLite` are small numbers.
///
/// See: <https://www.postgresql.org/docs/current/errcodes-appendix.html>, <https://www.sqlite.org/rescode.html>
fn of_code(code: &str) -> (&'static str, &'static str) {
    match (code.len(), code) {
        (5, "28000" | "28P01") => (
            "ユーザーかパスワードが違います。アドレスを確かめてください",
            "user or password is wrong; check the address",
        ),
        (5, "3D000") => (
            "その名前のデータベースがありません。先に作るか、アドレスを確かめてください",
            "there is no database of this name; make it first, or check the address",
        ),
        (5, "42501") => (
            "このユーザーには権限がありません。表を作り、書く権限を与えてください",
            "this user is not allowed to; grant it to make tables and write them",
        ),
        (5, "53100") => ("データベースのディスクがいっぱいです", "the disk of the database is full"),
        (5, "53300") => (
            "データベースの接続がいっぱいです。使っていない接続を減らすか、`max_connections`を増やしてください",
            "the database has no connection left; end some, or raise its `max_connections`",
        ),
        (5, _) => UNKNOWN,
        // The lowest eight bits are the kind; what is above tells it more exactly.
        (_, code) => match code.parse::<u32>().map(|code| code & 0xff) {
            Ok(5 | 6) => (
                "ほかのプログラムがデータベースを使っています。同じファイルを開いているプログラムを確かめてください",
                "another program holds the database; see which one has the file open",
            ),
            Ok(3 | 8 | 23) => (
                "データベースのファイルに書く権限がありません。ファイルとフォルダーの権限を確かめてください",
                "the file of the database may not be written; check the rights of file and folder",
            ),
            Ok(10) => (
                "データベースのファイルを読み書きできません。ディスクを確かめてください",
                "the file of the database cannot be read or written; check the disk",
            ),
            Ok(13) => ("ディスクがいっぱいです。空きを作ってください", "the disk is full; make room"),
            Ok(14) => (
                "データベースのファイルを開けません。ファイルとフォルダーがあるか、権限があるか確かめてください。監視の記録は、監視のフォルダーの`records.sqlite`にあります",
                "the file of the database cannot be opened; see whether file and folder are there, and their rights; the records of a monitor are in `records.sqlite` in its folder",
            ),
            Ok(11 | 26) => (
                "データベースのファイルではないか、壊れています。別の場所へ移すと、新しく作ります",
                "the file is no database, or broken; move it away, and a new one is made",
            ),
            _ => UNKNOWN,
        },
    }
}

/// Where a database is, without what is secret in its address; where nobody can tell what of it is, its kind alone.
pub fn place(address: &str) -> String {
    let (kind, rest) = address.split_once(':').unwrap_or(("", address));
    let (place, more) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    if kind == "sqlite" {
        return place.trim_start_matches("//").replace("%23", "#").replace("%3F", "?").replace("%25", "%");
    }
    // The first part may end within a password in which these signs are not escaped.
    if more.contains('@') {
        return kind.to_owned();
    }
    let host = place.trim_start_matches("//");
    host.rsplit_once('@').map_or(host, |(_, host)| host).to_owned()
}

/// Whether an address holds something secret, or nobody can tell that it does not.
pub fn has_secret(address: &str) -> bool {
    let (kind, rest) = address.split_once(':').unwrap_or(("", address));
    let user = rest.rsplit_once('@').map_or("", |(user, _)| user.trim_start_matches("//"));
    kind != "sqlite" && (user.contains([':', '/', '?', '#']) || rest.contains("password"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use super::super::{Records, address};
    use super::*;

    #[test]
    fn an_address_with_a_password_is_secret() {
        for address in
            ["postgres://anshin@db/plant", "postgres://db/plant?sslmode=require", "sqlite:a@b:c.sqlite"]
        {
            assert!(!has_secret(address), "{address}");
        }
        for address in [
            "postgres://anshin:geheim@db/plant",
            "postgres://anshin:ge#heim@db/plant",
            "postgres://db/plant?user=anshin&password=geheim",
        ] {
            assert!(has_secret(address), "{address}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_the_language_of_the_reader_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.sqlite");
        fs::write(&file, "no database at all, however long it may be").unwrap();
        let text = Records::open(&format!("sqlite:{}", file.display())).unwrap_err().text();
        let (ja, en) = (text.get(Lang::Ja), text.get(Lang::En));
        assert!(ja.starts_with("データベースのファイルではないか、壊れています。別の場所へ移すと"), "{ja}");
        assert!(
            ja.contains("詳細: ") && en.contains("move it away") && en.contains("in detail: "),
            "{ja} {en}"
        );
        let missing = folder.path().join("none/some.sqlite");
        let text = Records::open(&format!("sqlite:{}?mode=rwc", missing.display())).unwrap_err().text();
        assert!(text.get(Lang::Ja).starts_with("データベースのファイルを開けません"), "{text:?}");
        // Of a file that is not there to be read, everything is told in both languages.
        let text = Records::open(&format!("sqlite:{}", missing.display())).unwrap_err().text();
        assert!(
            text.get(Lang::Ja).ends_with("`records.sqlite`にあります。詳細: SQLiteのエラー14"),
            "{text:?}"
        );
        assert!(text.get(Lang::En).ends_with("in its folder; in detail: error 14 of SQLite"), "{text:?}");
        let text = Records::open("oracle://floor").unwrap_err().text();
        assert!(text.get(Lang::Ja).starts_with("アドレスを読めません"), "{text:?}");
        let began = Instant::now();
        let text = Records::open("postgres://u:secret@127.0.0.1:9/plant").unwrap_err().text();
        assert!(
            text.get(Lang::Ja).starts_with("相手のポートが開いていません。相手が動いているか"),
            "{text:?}"
        );
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        let unknown = io::Error::other("failed to lookup address information: Name or service not known");
        assert!(is_unknown_name(&unknown) && !is_unknown_name(&io::ErrorKind::ConnectionRefused.into()));
        let text = RecordsError::Database(sqlx::Error::Io(unknown)).text();
        assert!(text.get(Lang::Ja).starts_with("この名前のアドレスが見つかりません。"), "{text:?}");
        assert_eq!(place("postgres://u:secret@127.0.0.1:9/plant?sslmode=disable"), "127.0.0.1:9/plant");
        assert_eq!(place(&address(Path::new("a#b"))), "a#b/records.sqlite");
        assert_eq!(place("postgres://u:pa/ss@db/x"), "db/x");
        // A sign of a password or of an option that should have been escaped: nobody knows what is secret.
        for address in ["u:pa#ss@db/x", "u:pa?ss@db/x", "u:p@s?s@db/x", "db/x?password=p@ss"] {
            assert_eq!(place(&format!("postgres://{address}")), "postgres");
        }
        assert_eq!(of_code("53100").1, "the disk of the database is full");
        assert_eq!(of_code("2067"), UNKNOWN);
    }
}
