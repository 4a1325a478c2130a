//! First start, signing in and out, language.

use anshin_model::{Lang, Text};
use anshin_store::{Administrator, Right, SignIn, StoreError};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::App;
use crate::error::WebError;
use crate::gate::LANGUAGE;
use crate::look;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, cookie, go_to, go_to_with, local, page};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        reads("/", Need::Right(Right::Read), home),
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

async fn home(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let systems = app.store().systems(visit.actor()?).await?;
    let body = html! {
        ul { @for system in &systems { li { (visit.text(&system.name)) } } }
        form method="post" action="/sign-out" { (look::token(&visit)) button { (visit.say("サインアウト", "Sign out")) } }
    };
    Ok(page(look::frame(&visit, visit.say("システム", "Systems"), &body)))
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

fn field(name: &str, label: &str, kind: &str, complete: &str, value: &str, help: &str) -> Markup {
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type=(kind) autocomplete=(complete) value=(value) required
            aria-describedby=[(!help.is_empty()).then(|| format!("{name}-help"))];
        @if !help.is_empty() { span.help id={ (name) "-help" } { (help) } }
    }
}

fn first_start_page(visit: &Visit, given: &First, error: Option<&Text>) -> String {
    let lang = if given.language.is_empty() { visit.lang.code() } else { given.language.as_str() };
    let body = html! {
        p { (visit.say("最初に、このサーバーの管理者を登録します。", "First, set up the administrator of this server.")) }
        (look::wrong(visit, error))
        form method="post" action="/first-start" {
            (look::token(visit))
            (field("organization", visit.say("組織名", "Organization"), "text", "organization", &given.organization, ""))
            (field("name", visit.say("あなたの名前", "Your name"), "text", "name", &given.name, ""))
            (field("login", visit.say("ユーザー名", "User name"), "text", "username", &given.login, ""))
            (field("password", visit.say("パスワード", "Password"), "password", "new-password", "",
                visit.say("12文字以上。言葉をいくつか並べると覚えやすくなります", "At least 12 characters; several words are easy to remember")))
            label for="language" { (visit.say("言語", "Language")) }
            select #language name="language" {
                option value="ja" selected[lang == "ja"] { "日本語" }
                option value="en" selected[lang == "en"] { "English" }
            }
            button { (visit.say("始める", "Begin")) }
        }
    };
    look::frame(visit, visit.say("はじめに", "Welcome"), &body)
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
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(html)).into_response());
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
    Ok(page(sign_in_page(&visit, &given, None)))
}

fn sign_in_page(visit: &Visit, given: &Given, error: Option<&StoreError>) -> String {
    let code_needed = matches!(error, Some(StoreError::CodeNeeded));
    let text = error.map(StoreError::text);
    let body = html! {
        (look::wrong(visit, text.as_ref()))
        form method="post" action="/sign-in" {
            (look::token(visit))
            input type="hidden" name="back" value=(local(&given.back));
            (field("login", visit.say("ユーザー名", "User name"), "text", "username", &given.login, ""))
            (field("password", visit.say("パスワード", "Password"), "password", "current-password", "", ""))
            @if code_needed {
                label for="code" { (visit.say("認証アプリのコード", "Code of the authenticator app")) }
                input #code name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required autofocus;
            }
            button { (visit.say("サインイン", "Sign in")) }
        }
    };
    look::frame(visit, visit.say("サインイン", "Sign in"), &body)
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
        Err(error @ (StoreError::WrongCredentials | StoreError::CodeNeeded | StoreError::Locked(_))) => {
            let status = StatusCode::UNAUTHORIZED;
            Ok((status, page(sign_in_page(&visit, &given, Some(&error)))).into_response())
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
