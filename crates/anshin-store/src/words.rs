//! What people type, taken in: trimmed, bounded, without characters that no page can show.

use anshin_model::{Lang, Text};
use jiff::tz::TimeZone;

use crate::error::StoreError;

/// Most bytes of a system document.
pub(crate) const MAX_DOCUMENT: usize = 8 << 20;
/// Most characters of a name.
const MAX_LINE: usize = 200;
/// Most characters of a remark.
const MAX_NOTE: usize = 20_000;
/// Fewest characters of a password.
const MIN_PASSWORD: usize = 12;
/// Most bytes of a password: hashing must stay cheap.
const MAX_PASSWORD: usize = 1024;

fn invalid(ja: String, en: String) -> StoreError {
    StoreError::Invalid(Text::new(ja, en))
}

/// One line: a name.
pub(crate) fn line(what: &Text, words: &str) -> Result<String, StoreError> {
    let words = words.trim();
    let (ja, en) = (what.get(Lang::Ja), what.get(Lang::En));
    if words.is_empty() {
        return Err(invalid(format!("{ja}を入力してください"), format!("enter {en}")));
    }
    if words.chars().count() > MAX_LINE {
        return Err(invalid(
            format!("{ja}は{MAX_LINE}文字までにしてください"),
            format!("{en} may have at most {MAX_LINE} characters"),
        ));
    }
    if words.chars().any(char::is_control) {
        return Err(invalid(
            format!("{ja}に制御文字や改行は使えません"),
            format!("{en} may not hold control characters or line breaks"),
        ));
    }
    Ok(words.to_owned())
}

/// Several lines, perhaps none.
pub(crate) fn note(what: &Text, words: &str) -> Result<String, StoreError> {
    let words = words.trim().replace("\r\n", "\n");
    let (ja, en) = (what.get(Lang::Ja), what.get(Lang::En));
    if words.chars().count() > MAX_NOTE {
        return Err(invalid(
            format!("{ja}は{MAX_NOTE}文字までにしてください"),
            format!("{en} may have at most {MAX_NOTE} characters"),
        ));
    }
    if words.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(invalid(
            format!("{ja}に制御文字は使えません"),
            format!("{en} may not hold control characters"),
        ));
    }
    Ok(words)
}

/// The name of a time zone as the database of time zones writes it; empty for that of the machine.
pub(crate) fn zone(words: &str) -> Result<String, StoreError> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(String::new());
    }
    let found = known_zone(words).and_then(|zone| zone.iana_name().map(str::to_owned));
    found.ok_or_else(|| {
        invalid(
            "このタイムゾーンはありません。`Asia/Tokyo`のように入力してください".to_owned(),
            "there is no such time zone; enter one such as `Asia/Tokyo`".to_owned(),
        )
    })
}

/// The time zone with a name; none for the empty name, and for one that this program does not know.
pub(crate) fn known_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// A name for signing in: small letters, so that `Aoi` and `aoi` are the same.
pub(crate) fn login(words: &str) -> Result<String, StoreError> {
    let words = line(&Text::new("ユーザー名", "the user name"), words)?.to_lowercase();
    if words.chars().any(char::is_whitespace) {
        return Err(invalid(
            "ユーザー名に空白は使えません".to_owned(),
            "the user name may not hold spaces".to_owned(),
        ));
    }
    Ok(words)
}

/// A password that may be set. Length counts, not the kinds of characters.
pub(crate) fn password(words: &str, login: &str) -> Result<(), StoreError> {
    if words.chars().count() < MIN_PASSWORD {
        return Err(invalid(
            format!(
                "パスワードは{MIN_PASSWORD}文字以上にしてください。言葉をいくつか並べると覚えやすくなります"
            ),
            format!(
                "the password needs at least {MIN_PASSWORD} characters; several words are easy to remember"
            ),
        ));
    }
    if words.len() > MAX_PASSWORD {
        return Err(invalid("パスワードが長すぎます".to_owned(), "the password is too long".to_owned()));
    }
    let mut distinct: Vec<char> = words.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let without_login = words.to_lowercase().replace(login, "");
    if distinct.len() < 5 || (!login.is_empty() && without_login.chars().count() < 6) {
        return Err(invalid(
            "このパスワードはすぐに推測されます。別のものにしてください".to_owned(),
            "this password is easily guessed; choose another".to_owned(),
        ));
    }
    Ok(())
}

/// A system document as it was written.
pub(crate) fn document(text: &str) -> Result<(), StoreError> {
    if text.len() > MAX_DOCUMENT {
        let most = MAX_DOCUMENT >> 20;
        return Err(invalid(
            format!("文書は{most} MiBまでです。収まる大きさにしてください"),
            format!("a document may have at most {most} MiB"),
        ));
    }
    if text.contains('\0') {
        return Err(invalid(
            "文書にNUL文字は使えません".to_owned(),
            "a document may not hold NUL characters".to_owned(),
        ));
    }
    Ok(())
}

/// What a remark or a file is about: parts of ids, perhaps none.
pub(crate) fn subject(words: &str) -> Result<String, StoreError> {
    let words = words.trim();
    let plain = words.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./@".contains(&b));
    if words.len() > 300 || !plain {
        return Err(invalid(
            format!("`{words}`という対象はありません"),
            format!("there is no subject `{words}`"),
        ));
    }
    Ok(words.to_owned())
}

/// How long something lasts.
pub(crate) fn days(days: u32, most: u32) -> Result<jiff::SignedDuration, StoreError> {
    if days == 0 || days > most {
        return Err(invalid(
            format!("日数は1から{most}までにしてください"),
            format!("the number of days is from 1 to {most}"),
        ));
    }
    Ok(jiff::SignedDuration::from_hours(24 * i64::from(days)))
}

/// The language with this code, Japanese for any other.
pub(crate) fn lang(code: &str) -> Lang {
    if code == Lang::En.code() { Lang::En } else { Lang::Ja }
}
