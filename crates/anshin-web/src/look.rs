//! The few pages of the frame itself.

use anshin_model::Text;
use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::visit::Visit;

const STYLE: &str = "
:root { color-scheme: light dark; font-family: system-ui, 'Hiragino Sans', 'Noto Sans CJK JP', 'Yu Gothic UI', Meiryo, sans-serif; line-height: 1.6 }
body { max-width: 30rem; margin: 3rem auto; padding: 0 1rem }
label { display: block; margin-top: 1rem }
input, select, button { font: inherit; width: 100%; padding: .5rem; box-sizing: border-box; margin-top: .25rem }
button { margin-top: 1.5rem; font-weight: 600; min-height: 44px }
.wrong { border-inline-start: .3rem solid #b3261e; padding-inline-start: .75rem }
.help { font-size: .9em; opacity: .8 }
nav { display: flex; gap: 1rem; justify-content: flex-end }
";

/// A page in its frame.
pub(crate) fn frame(visit: &Visit, title: &str, body: &Markup) -> String {
    let back = encode(&visit.here);
    let page = html! {
        (DOCTYPE)
        html lang=(visit.lang.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Anshin" }
                style nonce=(visit.nonce) { (maud::PreEscaped(STYLE)) }
            }
            body {
                nav aria-label=(visit.say("言語", "Language")) {
                    a href={ "/language/ja?back=" (back) } lang="ja" { "日本語" }
                    a href={ "/language/en?back=" (back) } lang="en" { "English" }
                }
                main { h1 { (title) } (body) }
            }
        }
    };
    page.into_string()
}

/// The hidden field that every form carries.
pub(crate) fn token(visit: &Visit) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.csrf); }
}

/// What is wrong, above a form.
pub(crate) fn wrong(visit: &Visit, text: Option<&Text>) -> Markup {
    html! { @if let Some(text) = text { p.wrong role="alert" { (visit.text(text)) } } }
}

/// An error, with a way on.
pub(crate) fn failure(visit: &Visit, status: StatusCode, text: &Text) -> String {
    let title = match status {
        StatusCode::NOT_FOUND => visit.say("見つかりません", "Not found"),
        StatusCode::FORBIDDEN => visit.say("できません", "Not allowed"),
        status if status.is_server_error() => visit.say("問題が起きました", "Something went wrong"),
        _ => visit.say("もう一度お試しください", "Please try again"),
    };
    let body = html! {
        p { (visit.text(text)) }
        p { a href="/" { (visit.say("最初のページへ", "To the first page")) } }
    };
    frame(visit, title, &body)
}

/// Words for the query of an address.
pub(crate) fn encode(words: &str) -> String {
    use std::fmt::Write as _;
    words.bytes().fold(String::with_capacity(words.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
