//! A request as handlers see it.

use std::net::SocketAddr;

use anshin_model::{Lang, Text};
use anshin_store::{Actor, Evidence, Token};
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::WebError;
use crate::time;

/// Who asks, and how the answer is to look. Handlers take it as an argument.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Who asks; nobody on the few pages that need nobody.
    pub actor: Option<Actor>,
    /// The language of the answer.
    pub lang: Lang,
    /// The nonce of this answer's content security policy.
    pub nonce: String,
    /// What every form sends back in the field `csrf`, every script in the header `x-csrf-token`.
    pub csrf: String,
    /// Path and query of the request.
    pub here: String,
    /// Where the request comes from.
    pub from: SocketAddr,
    /// The name and port under which the browser reaches this program.
    pub host: String,
    /// Whether cookies are for encrypted connections only.
    pub secure: bool,
    /// Whether the actor may look at the machines of a monitor.
    pub machines: bool,
    /// The moment of the request.
    pub now: Timestamp,
    /// The time zone in which the answer tells times: that of the organization, or else of this machine.
    pub zone: TimeZone,
    /// The browser, for the list of sessions.
    pub device: String,
}

impl Visit {
    /// A word of the program in the language of the answer.
    pub fn say<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    /// A text in the language of the answer.
    pub fn text<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// A moment as the one who asks reads it.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        time::moment(at, &self.zone)
    }

    /// The day on which the request came, `YYYY-MM-DD`.
    pub(crate) fn today(&self) -> String {
        time::day(self.now, &self.zone)
    }

    /// The actor. The table of routes has made sure that there is one.
    pub fn actor(&self) -> Result<&Actor, WebError> {
        self.actor.as_ref().ok_or(WebError::SignIn)
    }

    /// Where this program stands, as the browser of this visit reaches it: for links to hand out.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }

    /// The name of the session's cookie. With the prefix, a browser takes it only over TLS and
    /// from this very host.
    pub(crate) fn session_cookie(secure: bool) -> &'static str {
        if secure { "__Host-anshin-session" } else { "anshin-session" }
    }

    /// The header that gives the browser a session, or takes it away.
    pub fn set_session(&self, token: Option<&Token>) -> HeaderValue {
        cookie(Self::session_cookie(self.secure), token.map(Token::as_str), true, self.secure)
    }
}

/// A cookie as a header; without a value it ends.
pub(crate) fn cookie(name: &str, value: Option<&str>, hidden: bool, secure: bool) -> HeaderValue {
    let hidden = if hidden { "; HttpOnly" } else { "" };
    let secure = if secure { "; Secure" } else { "" };
    // A year: how long a session lasts is the store's business.
    let (value, age) = value.map_or(("", 0), |value| (value, 31_536_000));
    let text = format!("{name}={value}; Path=/; SameSite=Lax; Max-Age={age}{hidden}{secure}");
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        parts.extensions.get::<Visit>().cloned().ok_or(WebError::SignIn)
    }
}

/// A page.
pub fn page(html: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], html).into_response()
}

/// A page that says that something was not done.
pub(crate) fn page_with(status: StatusCode, html: String) -> Response {
    (status, page(html)).into_response()
}

/// A file that somebody has put here: whatever it is, it is saved and never shown as a page of ours.
pub(crate) fn kept_file(file: &Evidence, bytes: Vec<u8>) -> Result<Response, WebError> {
    let name = anshin_pages::encode(&file.name);
    let place = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"));
    let kind = HeaderValue::try_from(file.media.as_str());
    let (Ok(place), Ok(kind)) = (place, kind) else {
        return Err(WebError::Inner(format!("the file {} has a name that no header can hold", file.id)));
    };
    let policy = HeaderValue::from_static("default-src 'none'; sandbox");
    let headers = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, place), (CONTENT_SECURITY_POLICY, policy)];
    Ok((headers, bytes).into_response())
}

/// Sends the browser on after a form was taken in.
pub fn go_to(path: &str) -> Response {
    let place = HeaderValue::try_from(local(path)).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, place)]).into_response()
}

/// The same with a cookie.
pub fn go_to_with(path: &str, cookie: HeaderValue) -> Response {
    let mut response = go_to(path);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// A path of this program: nothing that leads elsewhere.
pub(crate) fn local(path: &str) -> &str {
    let leads_elsewhere = path.starts_with("//") || path.contains('\\') || path.chars().any(char::is_control);
    if path.starts_with('/') && !leads_elsewhere { path } else { "/" }
}
