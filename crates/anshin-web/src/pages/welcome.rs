//! First start, signing in and out, language.

use anshin_model::{Lang, Text};
use anshin_pages::pages::{self, Doors};
use anshin_store::{Administrator, Right, SignIn, StoreError};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use super::desk::chrome;
use crate::app::App;
use crate::error::WebError;
use crate::gate::LANGUAGE;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, cookie, go_to, go_to_with, local, page, page_with};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        reads("/first-start", Need::Nobody, first_start),
        acts("/first-start", Need::Nobody, create_administrator),
        reads("/sign-in", Need::Nobody, sign_in),
        acts("/sign-in", Need::Nobody, enter),
        acts("/sign-out", Need::Right(Right::Read), leave),
        reads("/language/{code}", Need::Nobody, language),
    ]
}

#[derive(Deserialize, Default)]
struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize, Default)]
struct First {
    organization: String,
    name: String,
    login: String,
    password: String,
    language: String,
}

async fn first_start(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    if app.is_started().await? {
        return Ok(go_to("/sign-in"));
    }
    Ok(page(first_start_page(&visit, &First::default(), None)))
}

fn first_start_page(visit: &Visit, given: &First, error: Option<&Text>) -> String {
    let kept = (given.organization.as_str(), given.name.as_str(), given.login.as_str());
    pages::first_start(&chrome(visit), error.map(|text| visit.text(text)), kept)
}

async fn create_administrator(
    visit: Visit,
    State(app): State<App>,
    Form(given): Form<First>,
) -> Result<Response, WebError> {
    if app.is_started().await? {
        return Err(StoreError::AlreadyStarted.into());
    }
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let language = if given.language == "en" { Lang::En } else { Lang::Ja };
    let new = Administrator {
        organization: &given.organization,
        login: &given.login,
        name: &given.name,
        password: &given.password,
        language,
    };
    match app.store().create_administrator(new).await {
        Ok(_) => {}
        Err(error @ (StoreError::Invalid(_) | StoreError::Taken)) => {
            let html = first_start_page(&visit, &given, Some(&error.text()));
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html));
        }
        Err(error) => return Err(error.into()),
    }
    let sign_in =
        SignIn { login: &given.login, password: &given.password, code: None, device: &visit.device };
    let signed_in = app.store().sign_in(sign_in).await?;
    Ok(go_to_with("/", visit.set_session(Some(&signed_in.token))))
}

#[derive(Deserialize, Default)]
struct Given {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

async fn sign_in(
    visit: Visit,
    State(app): State<App>,
    Query(back): Query<Back>,
) -> Result<Response, WebError> {
    if !app.is_started().await? {
        return Ok(go_to("/first-start"));
    }
    if visit.actor.is_some() {
        return Ok(go_to(local(&back.back)));
    }
    let given = Given { back: back.back, ..Given::default() };
    Ok(page(sign_in_page(&visit, &app, &given, None, false)))
}

/// The provider at which people may sign in.
pub(super) fn provider(app: &App) -> Option<&str> {
    app.config().openid.as_ref().map(|provider| provider.name.as_str())
}

fn sign_in_page(visit: &Visit, app: &App, given: &Given, problem: Option<&Text>, code: bool) -> String {
    let doors = Doors { code, passkey: cfg!(feature = "tls"), provider: provider(app) };
    let problem = problem.map(|text| visit.text(text));
    pages::sign_in(&chrome(visit), problem, &given.login, doors, local(&given.back))
}

/// The sign-in with a word about why another way in came to nothing.
#[cfg(feature = "tls")]
pub(super) fn sign_in_after(visit: &Visit, app: &App, problem: &Text) -> String {
    sign_in_page(visit, app, &Given::default(), Some(problem), false)
}

async fn enter(visit: Visit, State(app): State<App>, Form(given): Form<Given>) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let sign_in = SignIn {
        login: &given.login,
        password: &given.password,
        code: Some(&given.code),
        device: &visit.device,
    };
    match app.store().sign_in(sign_in).await {
        Ok(signed_in) => Ok(go_to_with(local(&given.back), visit.set_session(Some(&signed_in.token)))),
        Err(error @ (StoreError::WrongCredentials | StoreError::CodeNeeded | StoreError::Locked { .. })) => {
            let status = StatusCode::UNAUTHORIZED;
            let code = matches!(error, StoreError::CodeNeeded);
            let html = sign_in_page(&visit, &app, &given, Some(&error.text()), code);
            Ok((status, page(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn leave(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    if let Some(session) = actor.session() {
        app.store().end_session(actor, session).await?;
    }
    Ok(go_to_with("/sign-in", visit.set_session(None)))
}

async fn language(visit: Visit, Path(code): Path<String>, Query(back): Query<Back>) -> Response {
    let lang = if code == "en" { "en" } else { "ja" };
    go_to_with(&back.back, cookie(LANGUAGE, Some(lang), false, visit.secure))
}
