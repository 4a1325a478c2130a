//! Signing in at a provider of `OpenID` Connect: on the way there, and back.

use anshin_model::{Lang, Text};
use anshin_pages::pages::{self, Refused};
use anshin_store::{InvitationId, NewIdentity, Right, StoreError};
use axum::extract::{Form, Query, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::desk::{Fields, chrome, with_word};
use super::welcome::sign_in_after;
use crate::app::App;
use crate::error::WebError;
use crate::look;
use crate::openid::{Brought, Claims, Provider, Purpose, Wrong};
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, go_to_with, local, page};

pub(super) fn routes() -> Vec<Route> {
    vec![
        acts("/sign-in/openid", Need::Nobody, enter),
        acts("/join/openid", Need::Nobody, join),
        acts("/account/identities/openid", Need::Right(Right::Read), link),
        reads("/openid/back", Need::Nobody, back),
    ]
}

type Pairs = Form<Vec<(String, String)>>;

async fn enter(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let purpose = Purpose::Enter { back: local(Fields(form).get("back")).to_owned() };
    leave(&visit, &app, purpose).await
}

async fn join(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let invited = app.store().invited(Fields(query).get("invitation")).await?.ok_or(WebError::NotFound)?;
    leave(&visit, &app, Purpose::Join { invitation: invited.id.to_string() }).await
}

async fn link(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let user = visit.actor()?.user().to_string();
    leave(&visit, &app, Purpose::Link { user }).await
}

fn provider(app: &App) -> Result<&Provider, WebError> {
    app.openid().ok_or(WebError::NotFound)
}

/// Sends the browser to the provider.
///
/// By a page, not by a redirect: the policy lets forms lead to this program only, and browsers hold that
/// against redirects as well.
async fn leave(visit: &Visit, app: &App, purpose: Purpose) -> Result<Response, WebError> {
    let provider = provider(app)?;
    app.may_try(visit.from).map_err(WebError::TooMany)?;
    let redirect = format!("{}/openid/back", visit.origin());
    let address = match provider.begin(app, purpose, &visit.csrf, redirect).await {
        Ok(address) => address,
        Err(wrong) => return refuse(visit, app, provider, wrong),
    };
    let mut response = page(pages::leaving(&chrome(visit), provider.name(), &address));
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={address}")) {
        response.headers_mut().insert(REFRESH, refresh);
    }
    Ok(response)
}

/// Takes the browser in again.
async fn back(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let provider = provider(&app)?;
    let query = Fields(query);
    let brought = Brought {
        state: query.get("state"),
        code: query.get("code"),
        error: query.get("error"),
        issuer: query.find("iss"),
        browser: &visit.csrf,
    };
    let (purpose, claims) = match provider.finish(&app, brought).await {
        Ok(done) => done,
        Err(wrong) => {
            if matches!(wrong, Wrong::Stale) {
                app.may_try(visit.from).map_err(WebError::TooMany)?;
            }
            return refuse(&visit, &app, provider, wrong);
        }
    };
    let name: String = claims.called().chars().filter(|c| !c.is_control()).take(200).collect();
    let identity =
        NewIdentity { issuer: provider.issuer(), subject: &claims.subject, name: &name, public_key: "" };
    match purpose {
        Purpose::Enter { back } => entered(&visit, &app, provider, identity, &claims, &back).await,
        Purpose::Link { user } => linked(&visit, &app, provider, identity, &user).await,
        Purpose::Join { invitation } => joined(&visit, &app, provider, identity, &claims, invitation).await,
    }
}

async fn entered(
    visit: &Visit,
    app: &App,
    provider: &Provider,
    identity: NewIdentity<'_>,
    claims: &Claims,
    back: &str,
) -> Result<Response, WebError> {
    let mut found = app.store().identity(identity.issuer, identity.subject).await?;
    if let (None, Some(email), true) = (&found, &claims.email, provider.by_email()) {
        let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
        found = app.store().claim_by_email(identity, email).await?;
    }
    let Some(found) = found else {
        let name = provider.name();
        let text = Text::new(
            format!(
                "{name}のこのアカウントは、まだ誰とも結び付いていません。パスワードでサインインしてアカウントのページで結び付けるか、管理者に招待を頼んでください"
            ),
            format!(
                "this account of {name} is not linked to anybody here; sign in with your password and link it on your account page, or ask an administrator for an invitation"
            ),
        );
        return Ok(told(visit, app, StatusCode::FORBIDDEN, &text));
    };
    let signed_in = app.store().sign_in_by(&found, 0, &visit.device).await?;
    Ok(go_to_with(local(back), visit.set_session(Some(&signed_in.token))))
}

async fn linked(
    visit: &Visit,
    app: &App,
    provider: &Provider,
    identity: NewIdentity<'_>,
    user: &str,
) -> Result<Response, WebError> {
    // The answer belongs to the session in which it was asked for, and so to its owner.
    let actor = visit.actor.as_ref().filter(|actor| actor.user().as_str() == user);
    let Some(actor) = actor else { return refuse(visit, app, provider, Wrong::Stale) };
    match app.store().add_identity(actor, identity).await {
        Ok(_) => Ok(go_to(&with_word("/account", "done"))),
        Err(StoreError::Taken) => {
            let name = provider.name();
            let text = Text::new(
                format!("{name}のこのアカウントは、すでに結び付いています"),
                format!("this account of {name} is linked already"),
            );
            Ok(told(visit, app, StatusCode::CONFLICT, &text))
        }
        Err(error) => Err(error.into()),
    }
}

async fn joined(
    visit: &Visit,
    app: &App,
    provider: &Provider,
    identity: NewIdentity<'_>,
    claims: &Claims,
    invitation: String,
) -> Result<Response, WebError> {
    if app.store().identity(identity.issuer, identity.subject).await?.is_some() {
        let name = provider.name();
        let text = Text::new(
            format!(
                "{name}のこのアカウントには、すでに結び付いた利用者がいます。サインインするか、招待のリンクを開き直してパスワードで参加してください"
            ),
            format!(
                "somebody has this account of {name} already; sign in, or open the invitation again and join with a password"
            ),
        );
        return Ok(told(visit, app, StatusCode::CONFLICT, &text));
    }
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let login = identity.name.replace(char::is_whitespace, "");
    let name = claims.name.as_deref().unwrap_or(identity.name);
    let invitation = InvitationId::from_text(invitation);
    match app.store().accept_invitation_by(&invitation, identity, &login, name, visit.lang).await {
        Ok(_) => {}
        Err(error @ (StoreError::Invalid(_) | StoreError::Taken)) => {
            let why = error.text();
            let text = Text::new(
                format!(
                    "ユーザー名`{login}`で参加できません（{}）。招待のリンクを開き直し、パスワードで参加してください",
                    why.get(Lang::Ja)
                ),
                format!(
                    "you cannot join as `{login}` ({}); open the invitation again and join with a password",
                    why.get(Lang::En)
                ),
            );
            return Ok(told(visit, app, StatusCode::CONFLICT, &text));
        }
        Err(error) => return Err(error.into()),
    }
    let found = app.store().identity(identity.issuer, identity.subject).await?.ok_or(WebError::NotFound)?;
    let signed_in = app.store().sign_in_by(&found, 0, &visit.device).await?;
    Ok(go_to_with("/", visit.set_session(Some(&signed_in.token))))
}

/// Tells why nothing came of it, and writes down what only helps whoever runs the program.
fn refuse(visit: &Visit, app: &App, provider: &Provider, wrong: Wrong) -> Result<Response, WebError> {
    let text = wrong.text(provider.name());
    let status = match wrong {
        Wrong::Store(error) => return Err(error.into()),
        Wrong::Stale | Wrong::CalledOff => StatusCode::BAD_REQUEST,
        Wrong::Unusable(why) => {
            tracing::warn!(why, "the provider of OpenID Connect cannot be used");
            StatusCode::BAD_GATEWAY
        }
        Wrong::Untrusted(why) => {
            tracing::warn!(?why, "a token of the provider of OpenID Connect is not trusted");
            StatusCode::BAD_GATEWAY
        }
    };
    Ok(told(visit, app, status, &text))
}

/// A word above the sign-in, or on a page of its own for whoever is in already.
fn told(visit: &Visit, app: &App, status: StatusCode, text: &Text) -> Response {
    let html = match visit.actor {
        None => sign_in_after(visit, app, text),
        Some(_) => look::failure(visit, status, text, None, Refused::default()),
    };
    (status, page(html)).into_response()
}
