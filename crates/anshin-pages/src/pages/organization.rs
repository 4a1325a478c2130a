//! People, settings, and one's own account.

use anshin_model::{Lang, Text};
use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

use super::welcome::trouble;
use crate::chrome::{Chrome, Heads, Page, Power, Room, encode};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Member {
    /// What names the account in addresses.
    pub id: String,
    /// Name for signing in.
    pub login: String,
    /// Name.
    pub name: String,
    /// What he or she may do.
    pub power: Power,
    /// Whether signing in takes a code.
    pub has_code: bool,
    /// Whether a passkey opens the account.
    pub has_passkey: bool,
    /// When the account was closed.
    pub closed: Option<String>,
    /// Whether this is the one who looks.
    pub me: bool,
}

/// What the page of the organization shows.
#[derive(Debug, Clone)]
pub struct Organization<'a> {
    /// Its name.
    pub name: &'a str,
    /// The time zone in which it reads times; empty for that of the machine.
    pub zone: &'a str,
    /// The time zone of the machine.
    pub machine_zone: &'a str,
    /// All time zones.
    pub zones: &'a [String],
    /// Everybody.
    pub members: &'a [Member],
    /// Invitations that nobody has used yet.
    pub invitations: &'a [InvitationRow],
    /// The address of an invitation that was just made: it is shown only now.
    pub fresh: Option<&'a str>,
}

/// An invitation that nobody has used yet.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// What ends it.
    pub id: String,
    /// What the person will be.
    pub power: Power,
    /// Until when.
    pub expires: String,
}

/// A sign-in of one's own.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// What ends it.
    pub id: String,
    /// The browser.
    pub device: String,
    /// Since when.
    pub created: String,
    /// Used last.
    pub seen: String,
    /// Whether it is this one.
    pub here: bool,
}

/// A token of one's own for the HTTP API.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// What ends it.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The most that it may do.
    pub scope: Power,
    /// When it ends.
    pub expires: String,
}

/// Tokens for the HTTP API: those there are, and one more. `fresh` is a token just made.
pub fn tokens(chrome: &Chrome<'_>, all: &[TokenRow], fresh: Option<&str>) -> Markup {
    let scopes = [
        (Power::View, "read", "読む", "read"),
        (Power::Edit, "edit", "変える", "change"),
        (Power::Approve, "approve", "承認する", "approve"),
        (Power::Administer, "administer", "管理する", "manage"),
    ];
    let named = |scope: Power| {
        let found = scopes.iter().find(|(own, ..)| *own == scope);
        found.map_or("", |(_, _, ja, en)| chrome.say(ja, en))
    };
    html! {
        section.card #tokens {
            h2 { (chrome.say("HTTP APIのトークン", "Tokens for the HTTP API")) }
            p.soft { (chrome.say("ほかのプログラムから使うためのものです。", "For other programs. ")) a href="/api" { (chrome.say("APIの説明", "About the API")) } }
            @if let Some(token) = fresh {
                div.notice.good role="status" {
                    label for="token" { (chrome.say("トークンを作りました。表示は今だけです。", "Here is the token. It is shown only now.")) }
                    input #token readonly value=(token);
                }
            }
            @if !all.is_empty() {
                div.scroll tabindex="0" { table { tbody { @for token in all { tr {
                    th scope="row" { (token.name) }
                    td { (named(token.scope)) }
                    td { (chrome.say("期限 ", "ends ")) (token.expires) }
                    td { (chrome.form(&format!("/account/tokens/{}/end", token.id), "", &html! { button.tiny { (chrome.say("終わらせる", "End it")) } })) }
                } } } } }
            }
            (chrome.form("/account/tokens", "form row", &html! {
                div.field { label for="token-name" { (chrome.say("用途", "What it is for")) } input #token-name name="name" required maxlength="200"; }
                div.field { label for="scope" { (chrome.say("できること", "May")) } select #scope name="scope" {
                    @for (power, word, ja, en) in scopes { @if chrome.may(power) { option value=(word) { (chrome.say(ja, en)) } } }
                } }
                div.field { label for="token-days" { (chrome.say("期限", "Ends after")) } select #token-days name="days" {
                    @for days in [7, 30, 90, 365] { option value=(days) selected[days == 90] { (days) (chrome.say("日", " days")) } }
                } }
                button { (chrome.say("作る", "Make")) }
            }))
        }
    }
}

const POWERS: [(Power, &str, &str, &str); 4] = [
    (Power::View, "viewer", "閲覧者（見るだけ）", "Viewer: sees everything"),
    (Power::Edit, "editor", "編集者（変更と決定）", "Editor: changes and decides"),
    (Power::Approve, "approver", "承認者（版の承認も）", "Approver: approves revisions, too"),
    (Power::Administer, "administrator", "管理者（人と設定も）", "Administrator: people and settings, too"),
];

fn roles(chrome: &Chrome<'_>, id: &str, chosen: Power) -> Markup {
    html! {
        select id=(id) name="role" aria-label=(chrome.say("役割", "Role")) {
            @for (power, word, ja, en) in POWERS { option value=(word) selected[power == chosen] { (chrome.say(ja, en)) } }
        }
    }
}

/// The head of the pages of the organization.
pub(super) fn organization_head(chrome: &Chrome<'_>, tab: &str) -> Markup {
    html! {
        div.title { h1 { (chrome.say("組織", "Organization")) } }
        nav aria-label=(chrome.say("組織の画面", "Pages of the organization")) { ul.tabs {
            @for (address, ja, en) in [
                ("/organization", "人と設定", "People and settings"),
                ("/organization/branding", "報告書の体裁", "How reports look"),
                ("/organization/webhooks", "通知", "Webhooks"),
                ("/audit", "監査証跡", "Audit trail"),
            ] {
                li { a href=(address) aria-current=[(address == tab).then_some("page")] { (chrome.say(ja, en)) } }
            }
        } }
    }
}

/// People and settings of the organization.
pub fn organization(chrome: &Chrome<'_>, shown: &Organization<'_>) -> String {
    let body = html! {
        (organization_head(chrome, "/organization"))
        section.card {
            h2 { (chrome.say("名称と時刻", "Name and times")) }
            (chrome.form("/organization", "form row", &html! {
                div.field { label for="org" { (chrome.say("組織の名称", "Name of the organization")) } input #org name="name" value=(shown.name) required maxlength="200"; }
                div.field {
                    label for="zone" { (chrome.say("画面の日時のタイムゾーン", "Time zone of the times on these pages")) }
                    select #zone name="zone" {
                        option value="" selected[shown.zone.is_empty()] { (chrome.say("サーバーと同じ", "As the server has it")) " (" (shown.machine_zone) ")" }
                        @for zone in shown.zones { option value=(zone) selected[zone == shown.zone] { (zone) } }
                    }
                }
                button { (chrome.say("保存", "Save")) }
            }))
        }
        section.card {
            h2 { (chrome.say("利用者", "People")) }
            @let heads = Heads::new(chrome, &[("", "名前", "Name"), ("", "ユーザー名", "User name"), ("", "役割", "Role"), ("", "状態", "State")]);
            div.scroll tabindex="0" { table.tall.stack {
                (heads.row())
                tbody { @for member in shown.members { tr {
                    th scope="row" { (member.name) @if member.me { " " span.mark { (chrome.say("あなた", "you")) } } }
                    td data-label=(heads.of(1)) { (member.login) }
                    td data-label=[member.closed.is_none().then(|| heads.of(2))] {
                        @if member.closed.is_none() {
                            (chrome.form(&format!("/users/{}/role", member.id), "form row", &html! {
                                (roles(chrome, &format!("role-{}", member.id), member.power))
                                button.tiny { (chrome.say("保存", "Save")) }
                            }))
                        }
                    }
                    td data-label=[(!member.me || member.has_code).then(|| heads.of(3))] {
                        @if let Some(when) = &member.closed {
                            span.mark { (chrome.say("停止 ", "closed ")) (when) }
                            (by_password(chrome, &format!("/users/{}/reopen", member.id), chrome.say("アカウントを再開", "Open the account again"), None))
                        } @else {
                            div.acts {
                                @if member.has_code { span.mark.good { (chrome.say("2段階認証", "two-step sign-in")) } }
                                @if member.has_passkey { span.mark.good { (chrome.say("パスキー", "passkey")) } }
                                @if !member.me {
                                    (chrome.form(&format!("/users/{}/disable", member.id), "", &html! { button.tiny { (chrome.say("アカウントを停止", "Close the account")) } }))
                                }
                            }
                            @if !member.me {
                                details { summary { (chrome.say("パスワードを付け直す", "Set a new password")) }
                                    (chrome.form(&format!("/users/{}/password", member.id), "form row", &html! {
                                        input type="password" name="password" autocomplete="new-password" minlength="12" required aria-label=(chrome.say("新しいパスワード", "New password"));
                                        button.tiny { (chrome.say("保存", "Save")) }
                                    }))
                                }
                                @if member.has_code || member.has_passkey {
                                    (by_password(chrome, &format!("/users/{}/devices/remove", member.id),
                                        chrome.say("2段階認証とパスキーを外す", "Take two-step sign-in and passkeys away"),
                                        Some(chrome.say(
                                            "スマートフォンをなくした人のためのものです。以後はパスワードだけで入れます。サインイン中の機器はすべて終わります。",
                                            "For somebody who lost the phone: the password is enough then. All their devices are signed out."))))
                                }
                            }
                        }
                    }
                } } }
            } }
        }
        (invitations(chrome, shown))
        section.card {
            h2 { (chrome.say("利用者を加える", "Add a person")) }
            (chrome.form("/users", "form", &html! {
                div.field { label for="name" { (chrome.say("名前", "Name")) } input #name name="name" required maxlength="200" autocomplete="off"; }
                div.field { label for="login" { (chrome.say("ユーザー名", "User name")) } input #login name="login" required maxlength="200" autocomplete="off" autocapitalize="off" spellcheck="false"; }
                div.field {
                    label for="password" { (chrome.say("はじめのパスワード（12文字以上）", "First password (12 characters or more)")) }
                    input #password type="password" name="password" required minlength="12" autocomplete="new-password";
                }
                div.field { label for="role" { (chrome.say("役割", "Role")) } (roles(chrome, "role", Power::Edit)) }
                div.acts { button.main { (chrome.say("加える", "Add")) } }
            }))
        }
    };
    chrome.page(&Page::new(chrome.say("組織", "Organization"), Room::Organization, body))
}

/// Something about another account that takes the password of whoever does it.
fn by_password(chrome: &Chrome<'_>, action: &str, does: &str, about: Option<&str>) -> Markup {
    html! {
        details { summary { (does) }
            @if let Some(about) = about { p.small.soft { (about) } }
            (chrome.form(action, "form row", &html! {
                input type="password" name="password" autocomplete="current-password" required
                    aria-label=(chrome.say("あなたのパスワード", "Your own password")) placeholder=(chrome.say("あなたのパスワード", "Your own password"));
                button.tiny { (does) }
            }))
        }
    }
}

/// Links by which people set up their account themselves.
fn invitations(chrome: &Chrome<'_>, shown: &Organization<'_>) -> Markup {
    html! {
        section.card.large #invitations {
            h2 { (chrome.say("招待する", "Invite somebody")) }
            p.soft { (chrome.say(
                "リンクを受け取った人が、自分でユーザー名とパスワードを決めます。7日間、1回だけ使えます。",
                "Whoever has the link chooses a user name and a password. It works once, for seven days.")) }
            @if let Some(address) = shown.fresh {
                div.notice.good role="status" {
                    label for="invitation" { (chrome.say("招待のリンクを作りました。表示は今だけです。", "Here is the invitation. It is shown only now.")) }
                    input #invitation readonly value=(address);
                }
            }
            (chrome.form("/users/invite", "form row", &html! {
                div.field { label for="invite-role" { (chrome.say("役割", "Role")) } (roles(chrome, "invite-role", Power::Edit)) }
                button.main { (chrome.say("招待のリンクを作る", "Make an invitation")) }
            }))
            @if !shown.invitations.is_empty() {
                div.scroll tabindex="0" { table { tbody { @for one in shown.invitations { tr {
                    th scope="row" { (role_name(chrome, one.power)) }
                    td { (chrome.say("期限 ", "ends ")) (one.expires) }
                    td { (chrome.form(&format!("/invitations/{}/end", one.id), "", &html! { button.tiny { (chrome.say("取り消す", "Take it back")) } })) }
                } } } } }
            }
        }
    }
}

fn role_name<'t>(chrome: &Chrome<'_>, power: Power) -> &'t str {
    POWERS.iter().find(|(own, ..)| *own == power).map_or("", |(_, _, ja, en)| chrome.say(ja, en))
}

/// The page behind an invitation: an account of one's own.
pub fn join(
    chrome: &Chrome<'_>,
    (token, organization, power): (&str, &str, Power),
    problem: Option<&str>,
    (name, login): (&str, &str),
    provider: Option<&str>,
) -> String {
    let query = format!("?invitation={}", encode(token));
    let body = html! {
        div.title {
            h1 { (organization) }
            p.lead { (chrome.say("この組織に招待されています。アカウントを作ってください。", "You are invited to this organization. Set up your account.")) }
        }
        (trouble(problem))
        section.card.large {
            p { span.mark { (role_name(chrome, power)) } }
            @if let Some(provider) = provider {
                (chrome.form(&format!("/join/openid{query}"), "form", &html! {
                    p.soft { (chrome.say("名前とユーザー名は、そこに登録したものになります。", "Your names are those that you have there.")) }
                    div.acts { button.main { @if chrome.lang == Lang::Ja { (provider) "で参加する" } @else { "Join with " (provider) } } }
                }))
                h2 { (chrome.say("またはパスワードで", "Or with a password")) }
            }
            (chrome.form(&format!("/join{query}"), "form", &html! {
                (person(name, login, chrome))
                div.field {
                    label for="password" { (chrome.say("パスワード", "Password")) }
                    span.help #password-about { (chrome.say("12文字以上。言葉をいくつか並べると覚えやすくなります。", "12 characters or more; several words are easy to remember.")) }
                    input #password type="password" name="password" required minlength="12" autocomplete="new-password" aria-describedby="password-about";
                }
                div.acts { button.main { (chrome.say("参加する", "Join")) } }
            }))
        }
    };
    chrome.page(&Page::new(organization, Room::Outside, body).narrow())
}

/// Name and name for signing in of somebody who sets up an account.
fn person(name: &str, login: &str, chrome: &Chrome<'_>) -> Markup {
    html! {
        div.field { label for="name" { (chrome.say("あなたの名前", "Your name")) } input #name name="name" value=(name) required maxlength="200" autocomplete="name"; }
        div.field {
            label for="login" { (chrome.say("ユーザー名", "User name")) }
            span.help { (chrome.say("サインインに使います。", "For signing in.")) }
            input #login name="login" value=(login) required maxlength="200" autocomplete="username" autocapitalize="off" spellcheck="false";
        }
    }
}

/// A way into one's own account beside the password.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// What ends it.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Since when.
    pub added: String,
    /// Whether it is a passkey.
    pub passkey: bool,
}

/// The accounts elsewhere that open one's own account; `provider` can be linked.
pub fn linked(chrome: &Chrome<'_>, all: &[PasskeyRow], provider: Option<&str>) -> Markup {
    html! {
        @if provider.is_some() || all.iter().any(|one| !one.passkey) {
            section.card #linked {
                h2 { (chrome.say("ほかのアカウントでのサインイン", "Signing in with another account")) }
                (ways(chrome, all, false))
                @if let Some(name) = provider {
                    (chrome.form("/account/identities/openid", "form row", &html! {
                        button { @if chrome.lang == Lang::Ja { (name) "のアカウントを結び付ける" } @else { "Link an account of " (name) } }
                    }))
                }
            }
        }
    }
}

/// Ways into the account, each of which can be taken away: passkeys or accounts elsewhere.
fn ways(chrome: &Chrome<'_>, all: &[PasskeyRow], passkeys: bool) -> Markup {
    let mut shown = all.iter().filter(|one| one.passkey == passkeys).peekable();
    html! {
        @if shown.peek().is_some() {
            div.scroll tabindex="0" { table { tbody { @for one in shown { tr {
                th scope="row" { (one.name) }
                td { (chrome.say("登録 ", "since ")) (one.added) }
                td { (chrome.form(&format!("/account/identities/{}/end", one.id), "", &html! { button.tiny { (chrome.say("外す", "Take it away")) } })) }
            } } } } }
        }
    }
}

/// The passkeys of one's own account, and one more.
pub fn passkeys(chrome: &Chrome<'_>, all: &[PasskeyRow]) -> Markup {
    html! {
        section.card #passkeys {
            h2 { (chrome.say("パスキー", "Passkeys")) }
            p.soft { (chrome.say(
                "この機器やセキュリティキーに鍵を登録すると、パスワードの代わりに指紋や顔、暗証番号でサインインできます。",
                "With a key on this device or a security key you sign in by fingerprint, face or PIN instead of a password.")) }
            (ways(chrome, all, true))
            form.form.row method="post" action="/account/passkeys" data-passkey="make" hidden {
                (chrome.token())
                div.field { label for="passkey-name" { (chrome.say("呼び名", "What to call it")) } input #passkey-name name="name" required maxlength="200" autocomplete="off"; }
                button { (chrome.say("パスキーを登録する", "Add a passkey")) }
                p.small role="status" {}
            }
            noscript { p.small.soft { (chrome.say("パスキーにはJavaScriptが必要です。", "Passkeys need JavaScript.")) } }
        }
    }
}

/// Two-step sign-in of one's own account.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    /// Whether it is on.
    pub on: bool,
    /// A secret for an authenticator app, with which it may be turned on.
    pub secret: &'a str,
    /// Why it could not be turned on with this secret.
    pub problem: Option<&'a str>,
}

/// One's own account.
pub fn account(
    chrome: &Chrome<'_>,
    (login, name, language): (&str, &str, Lang),
    code: &Code<'_>,
    sessions: &[SessionRow],
    tokens: &Markup,
) -> String {
    let languages = [(Lang::Ja, Text::same("日本語")), (Lang::En, Text::same("English"))];
    let body = html! {
        div.title { h1 { (chrome.say("アカウント", "Account")) } p.lead { (login) } }
        div.halves {
            section.card {
                h2 { (chrome.say("名前と言語", "Name and language")) }
                (chrome.form("/account", "form", &html! {
                    div.field { label for="name" { (chrome.say("名前", "Name")) } input #name name="name" value=(name) required maxlength="200" autocomplete="name"; }
                    div.field { label for="language" { (chrome.say("言語", "Language")) } select #language name="language" {
                        @for (own, text) in &languages { option value=(own.code()) selected[*own == language] lang=(own.code()) { (text.get(language)) } }
                    } }
                    div.acts { button.main { (chrome.say("保存", "Save")) } }
                }))
            }
            section.card {
                h2 { (chrome.say("パスワード", "Password")) }
                (chrome.form("/account/password", "form", &html! {
                    div.field { label for="old" { (chrome.say("現在のパスワード", "Current password")) } input #old type="password" name="old" required autocomplete="current-password"; }
                    div.field { label for="new" { (chrome.say("新しいパスワード（12文字以上）", "New password (12 characters or more)")) } input #new type="password" name="new" required minlength="12" autocomplete="new-password"; }
                    div.acts { button { (chrome.say("パスワードを変える", "Change the password")) } }
                }))
            }
            section.card #code-card {
                h2 { (chrome.say("2段階認証", "Two-step sign-in")) }
                (trouble(code.problem))
                @if code.on {
                    p { span.mark.good { (chrome.say("有効", "on")) } }
                    (chrome.form("/account/code/remove", "form", &html! {
                        div.field { label for="pw" { (chrome.say("パスワード", "Password")) } input #pw type="password" name="password" required autocomplete="current-password"; }
                        div.acts { button { (chrome.say("2段階認証をやめる", "Turn it off")) } }
                    }))
                } @else {
                    p { (chrome.say("認証アプリでこのQRコードを読み取り、表示された6桁のコードを入力してください。", "Scan this with an authenticator app, then enter the code of six digits that it shows.")) }
                    @let address = format!("otpauth://totp/Anshin:{}?secret={}&issuer=Anshin", encode(login), code.secret);
                    (qr_code(&address, chrome.say("認証アプリのためのQRコード", "QR code for the authenticator app")))
                    p.small { (chrome.say("読み取れないときは、この鍵を入力します: ", "If it cannot be scanned, type this key: ")) code { (groups(code.secret)) } }
                    p.small { a href=(address) { (chrome.say("この端末の認証アプリで開く", "Open in the authenticator app of this device")) } }
                    (chrome.form("/account/code", "form", &html! {
                        input type="hidden" name="secret" value=(code.secret);
                        div.field { label for="code" { (chrome.say("コード", "Code")) } input #code name="code" required inputmode="numeric" pattern="[0-9]{6}" autocomplete="one-time-code" autofocus[code.problem.is_some()]; }
                        div.field { label for="pw" { (chrome.say("パスワード", "Password")) } input #pw type="password" name="password" required autocomplete="current-password"; }
                        div.acts { button { (chrome.say("2段階認証を始める", "Turn it on")) } }
                    }))
                }
            }
            section.card {
                h2 { (chrome.say("サインイン中の機器", "Where you are signed in")) }
                div.scroll tabindex="0" { table.tall { tbody { @for session in sessions { tr {
                    th scope="row" { @if session.device.is_empty() { (chrome.say("不明な機器", "unknown device")) } @else { (session.device) } @if session.here { " " span.mark.good { (chrome.say("この機器", "this one")) } } }
                    td { (chrome.say("開始 ", "since ")) (session.created) br; (chrome.say("最終 ", "last ")) (session.seen) }
                    td { @if !session.here { (chrome.form(&format!("/account/sessions/{}/end", session.id), "", &html! { button.tiny { (chrome.say("終える", "End")) } })) } }
                } } } } }
                (chrome.form("/account/sessions/end-others", "", &html! { button.tiny { (chrome.say("ほかをすべて終える", "End all others")) } }))
            }
        }
        (tokens)
    };
    chrome.page(&Page::new(chrome.say("アカウント", "Account"), Room::Account, body).script("passkey.js"))
}

/// A key as people type it: four letters at a time.
fn groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// An address as a picture that a phone reads; nothing if it is too long for one.
fn qr_code(address: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Medium) else { return html! {} };
    let dark = |x: &i32, y: i32| code.get_module(*x, y);
    let squares = (0..code.size())
        .flat_map(|y| (0..code.size()).filter(move |x| dark(x, y)).map(move |x| format!("M{x} {y}h1v1h-1z")));
    // Readers need a margin of four squares.
    let side = code.size() + 8;
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "-4 -4 " (side) " " (side) } shape-rendering="crispEdges" {
            path d=(squares.collect::<String>()) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_picture_and_groups_of_letters() {
        assert_eq!(groups("77GU3O6GC5AJUIKLXPMTV6BIG2N3BHTD"), "77GU 3O6G C5AJ UIKL XPMT V6BI G2N3 BHTD");
        let address = "otpauth://totp/Anshin:aoi?secret=77GU3O6GC5AJUIKLXPMTV6BIG2N3BHTD&issuer=Anshin";
        let picture = qr_code(address, "QR").into_string();
        // The finder in the corner: a dark frame of seven squares with a light one inside.
        assert!((0..7).all(|x| picture.contains(&format!("M{x} 0h"))), "{picture}");
        assert!(!picture.contains("M1 1h") && picture.contains("M2 2h"), "{picture}");
        assert_eq!(qr_code(&"x".repeat(5000), "QR").into_string(), "");
    }
}
