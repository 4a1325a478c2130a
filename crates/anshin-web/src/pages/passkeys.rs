//! Signing in with a passkey, and the passkeys of an account.

use anshin_model::Text;
use anshin_pages::pages::PasskeyRow;
use anshin_store::{IdentityId, NewIdentity, Right};
use axum::Json;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse as _, Response};

use super::desk::{Fields, with_word};
use super::system::problem;
use crate::app::App;
use crate::error::WebError;
use crate::passkey::{self, Answer, Asked};
use crate::route::{Need, Route, acts};
use crate::visit::{Visit, go_to, local};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        acts("/passkeys/ask", Need::Nobody, ask),
        acts("/passkeys/enter", Need::Nobody, enter),
        acts("/account/passkeys", read, add),
        acts("/account/identities/{identity}/end", read, end),
    ]
}

/// Ways into the actor's account beside the password, for the page of the account.
pub(super) async fn rows(app: &App, visit: &Visit) -> Result<Vec<PasskeyRow>, WebError> {
    let all = app.store().identities(visit.actor()?).await?;
    let rows = all.into_iter().map(|one| PasskeyRow {
        id: one.id.to_string(),
        name: one.name,
        added: visit.moment(one.at),
        passkey: one.is_passkey,
    });
    Ok(rows.collect())
}

/// Who vouches for passkeys of a host.
fn issuer(host: &str) -> String {
    format!("passkey:{host}")
}

/// The host that keys are made for: without its port.
fn host(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.rsplit_once(':').map_or(host, |(name, port)| if port.contains(']') { host } else { name })
}

/// A challenge for the script: for signing in, or for a new key of whoever is signed in.
async fn ask(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let challenge = app.store().challenge("passkey").await?;
    let origin = visit.origin();
    let mut told = serde_json::json!({ "challenge": challenge.as_str(), "host": host(&origin) });
    if let Ok(actor) = visit.actor() {
        told["user"] =
            serde_json::json!({ "id": actor.user().as_str(), "name": actor.login(), "shown": actor.name() });
    }
    Ok(Json(told).into_response())
}

/// What the script sends: the challenge and the answer to it.
async fn answered(app: &App, fields: &Fields) -> Result<Answer, WebError> {
    let waiting = app.store().answered(fields.get("challenge")).await?;
    let answer = serde_json::from_str(fields.get("answer")).ok();
    answer.filter(|_| waiting.as_deref() == Some("passkey")).ok_or_else(|| {
        WebError::Bad(Text::new("時間切れです。もう一度お試しください", "this took too long; try again"))
    })
}

/// What the script is told: the answer, or why there is none.
fn told(visit: &Visit, done: Result<Response, WebError>) -> Response {
    done.unwrap_or_else(|error| problem(error.status(), visit.text(&error.text())))
}

async fn enter(visit: Visit, State(app): State<App>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let done = entered(&visit, &app, Fields(form)).await;
    told(&visit, done)
}

async fn entered(visit: &Visit, app: &App, fields: Fields) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let answer = answered(app, &fields).await?;
    let origin = visit.origin();
    let asked = Asked { challenge: fields.get("challenge"), origin: &origin, host: host(&origin) };
    let unknown = || {
        WebError::Bad(Text::new(
            "このパスキーは登録されていません。パスワードでサインインしてください",
            "this passkey is not known here; sign in with your password",
        ))
    };
    let found = app.store().identity(&issuer(asked.host), &answer.id).await?.ok_or_else(unknown)?;
    let used = passkey::verify(asked, &answer, &found.public_key).map_err(WebError::Bad)?;
    let signed_in = app.store().sign_in_by(&found, used, &visit.device).await?;
    let mut response = Json(serde_json::json!({ "place": local(fields.get("back")) })).into_response();
    response.headers_mut().append(axum::http::header::SET_COOKIE, visit.set_session(Some(&signed_in.token)));
    Ok(response)
}

async fn add(visit: Visit, State(app): State<App>, Form(form): Form<Vec<(String, String)>>) -> Response {
    let done = added(&visit, &app, Fields(form)).await;
    told(&visit, done)
}

async fn added(visit: &Visit, app: &App, fields: Fields) -> Result<Response, WebError> {
    let answer = answered(app, &fields).await?;
    let origin = visit.origin();
    let asked = Asked { challenge: fields.get("challenge"), origin: &origin, host: host(&origin) };
    let public_key = passkey::register(asked, &answer).map_err(WebError::Bad)?;
    let new = NewIdentity {
        issuer: &issuer(asked.host),
        subject: &answer.id,
        name: fields.get("name"),
        public_key: &public_key,
    };
    app.store().add_identity(visit.actor()?, new).await?;
    Ok(Json(serde_json::json!({ "place": with_word("/account", "done") })).into_response())
}

async fn end(
    visit: Visit,
    State(app): State<App>,
    Path(identity): Path<String>,
) -> Result<Response, WebError> {
    app.store().end_identity(visit.actor()?, &IdentityId::from_text(identity)).await?;
    Ok(go_to(&with_word("/account", "done")))
}
