//! Before anybody is signed in: the first start, the sign-in, and sentences that stand alone.

use anshin_model::Lang;
use maud::{Markup, html};

use crate::chrome::{Chrome, Page, Room, encode};

/// The first start: language and administrator.
pub fn first_start(chrome: &Chrome<'_>, problem: Option<&str>, given: (&str, &str, &str)) -> String {
    let (organization, name, login) = given;
    let body = html! {
        div.title {
            h1 { (chrome.say("Anshinへようこそ", "Welcome to Anshin")) }
            p.lead { (chrome.say(
                "はじめに、管理者を登録します。情報はこの機器の中だけに保存されます。",
                "First, create the administrator. Everything stays on this machine.")) }
        }
        (trouble(problem))
        section.card.large {
            (chrome.form("/first-start", "form", &html! {
                input type="hidden" name="language" value=(chrome.lang.code());
                div.field { label for="organization" { (chrome.say("組織の名称", "Organization")) } input #organization name="organization" value=(organization) required maxlength="200" autocomplete="organization"; }
                div.field { label for="name" { (chrome.say("あなたの名前", "Your name")) } input #name name="name" value=(name) required maxlength="200" autocomplete="name"; }
                div.field { label for="login" { (chrome.say("ユーザー名", "User name")) } span.help { (chrome.say("サインインに使います。", "For signing in.")) } input #login name="login" value=(login) required maxlength="200" autocomplete="username" autocapitalize="off" spellcheck="false"; }
                div.field {
                    label for="password" { (chrome.say("パスワード", "Password")) }
                    span.help #password-about { (chrome.say("12文字以上。言葉をいくつか並べると覚えやすくなります。", "12 characters or more; several words are easy to remember.")) }
                    input #password type="password" name="password" required minlength="12" autocomplete="new-password" aria-describedby="password-about";
                }
                div.acts { button.main { (chrome.say("始める", "Start")) } }
            }))
        }
    };
    chrome.page(&Page::new(chrome.say("ようこそ", "Welcome"), Room::Outside, body).narrow())
}

/// What the sign-in asks for and offers beside name and password.
#[derive(Debug, Clone, Copy, Default)]
pub struct Doors<'a> {
    /// Whether it asks for a code.
    pub code: bool,
    /// Whether it offers passkeys.
    pub passkey: bool,
    /// The name of a provider at which people may sign in.
    pub provider: Option<&'a str>,
}

/// The sign-in.
pub fn sign_in(
    chrome: &Chrome<'_>,
    problem: Option<&str>,
    login: &str,
    doors: Doors<'_>,
    back: &str,
) -> String {
    let body = html! {
        div.title { h1 { (chrome.say("サインイン", "Sign in")) } }
        (trouble(problem))
        section.card.large {
            (chrome.form("/sign-in", "form", &html! {
                input type="hidden" name="back" value=(back);
                div.field { label for="login" { (chrome.say("ユーザー名", "User name")) } input #login name="login" value=(login) required autofocus autocomplete="username" autocapitalize="off" spellcheck="false"; }
                div.field { label for="password" { (chrome.say("パスワード", "Password")) } input #password type="password" name="password" required autocomplete="current-password"; }
                @if doors.code {
                    div.field { label for="code" { (chrome.say("認証アプリのコード（6桁）", "Code of the authenticator app (six digits)")) } input #code name="code" inputmode="numeric" autocomplete="one-time-code"; }
                }
                div.acts { button.main { (chrome.say("サインイン", "Sign in")) } }
            }))
            @if doors.passkey {
                form.form method="post" action="/passkeys/enter" data-passkey="prove" hidden {
                    (chrome.token())
                    input type="hidden" name="back" value=(back);
                    div.acts { button { (chrome.say("パスキーでサインイン", "Sign in with a passkey")) } }
                    p.small role="status" {}
                }
            }
            @if let Some(name) = doors.provider {
                (chrome.form("/sign-in/openid", "form", &html! {
                    input type="hidden" name="back" value=(back);
                    div.acts { button { @if chrome.lang == Lang::Ja { (name) "でサインイン" } @else { "Sign in with " (name) } } }
                }))
            }
        }
    };
    let page = Page::new(chrome.say("サインイン", "Sign in"), Room::Outside, body).narrow();
    chrome.page(&if doors.passkey { page.script("passkey.js") } else { page })
}

/// On the way to a provider, where the browser goes by itself.
pub fn leaving(chrome: &Chrome<'_>, name: &str, address: &str) -> String {
    let title = chrome.say("サインイン先へ移動します", "On to the sign-in");
    let body = html! {
        section.card.large {
            h1 { (title) }
            p { (chrome.say("自動で移動しないときは、次のリンクを開いてください。", "If nothing happens, follow the link.")) }
            div.acts { a.button.main href=(address) rel="noreferrer" { (name) } }
        }
    };
    chrome.page(&Page::new(title, Room::Outside, body).narrow())
}

/// Where a page leads that says that something was not done.
#[derive(Debug, Clone, Copy)]
pub enum Way<'a> {
    /// To the first page.
    Home,
    /// Back to the page on which a form stood that was not taken in.
    Before(&'a str),
    /// To the sign-in, and from there to this page.
    SignIn(&'a str),
}

/// A form that was not taken in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Refused<'a> {
    /// Where it was sent.
    pub action: &'a str,
    /// What was typed into it; nothing if there was nothing to lose.
    pub typed: &'a [(String, String)],
    /// The revision that the form was made of, which it still starts from when it is sent again.
    pub parent: Option<&'a str>,
}

/// What a field of a form is called on the pages that have one; its name, where it is called by its row.
fn label_of<'a>(chrome: &Chrome<'_>, name: &'a str) -> &'a str {
    match name {
        "text" => chrome.say("本文", "Text"),
        "why" => chrome.say("変更の理由", "Why"),
        "reason" => chrome.say("理由", "Reason"),
        "note" => chrome.say("所見", "Remark"),
        "name" => chrome.say("名前", "Name"),
        "until" => chrome.say("期限", "Until"),
        "subject" => chrome.say("対象", "What it is about"),
        "value" => chrome.say("値", "Value"),
        _ => name,
    }
}

/// A page that says one thing: an error, a place that is not there. What was typed into a form is not lost
/// with it: it is shown, and a script brings it back into the form.
pub fn message(chrome: &Chrome<'_>, title: &str, words: &str, way: Way<'_>, refused: Refused<'_>) -> String {
    let back = match way {
        Way::Home => "/",
        Way::Before(back) | Way::SignIn(back) => back,
    };
    let body = html! {
        section.card.large {
            h1 { (title) }
            p { (words) }
            div.acts {
                @match way {
                    Way::SignIn(back) => { a.button.main href={ "/sign-in?back=" (encode(back)) } { (chrome.say("サインイン", "Sign in")) } }
                    Way::Before(back) => { a.button.main href=(back) { (chrome.say("前の画面を開き直す", "Open the previous page again")) } }
                    Way::Home => {}
                }
                a.button href="/" { (chrome.say("はじめの画面へ", "To the first page")) }
            }
        }
        @if !refused.typed.is_empty() {
            section.card.large data-typed=(back) data-action=(refused.action) data-parent=[refused.parent] {
                h2 { (chrome.say("入力した内容", "What you typed")) }
                p.soft { (chrome.say(
                    "まだ保存されていません。写しておくと、もう一度送れます。",
                    "It is not saved yet. Keep a copy, then you can send it again.")) }
                @for (name, value) in refused.typed {
                    div.field {
                        label for={ "typed-" (name) } { (label_of(chrome, name)) }
                        textarea id={ "typed-" (name) } data-name=(name) readonly rows=(value.lines().count().clamp(1, 20)) { "\n" (value) }
                    }
                }
            }
        }
    };
    let page = Page::new(title, Room::Outside, body).narrow();
    chrome.page(&if refused.typed.is_empty() { page } else { page.script("typed.js") })
}

/// What went wrong, above a form.
pub(super) fn trouble(problem: Option<&str>) -> Markup {
    html! { @if let Some(problem) = problem { div.notice.grave role="alert" { p { (problem) } } } }
}

/// The language of the account that a form names.
pub fn language(word: &str) -> Lang {
    if word == Lang::En.code() { Lang::En } else { Lang::Ja }
}
