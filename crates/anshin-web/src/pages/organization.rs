//! People, settings, and one's own account.

use anshin_model::Text;
use anshin_pages::Power;
use anshin_pages::pages::{self, Code, InvitationRow, Member, Organization, SessionRow, TokenRow};
use anshin_store::{
    InvitationId, Invited, NewToken, NewUser, Right, Role, SessionId, SignIn, StoreError, TokenId, UserId,
};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Fields, chrome, power, with_word};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::time;
use crate::visit::{Visit, go_to, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let (read, administer) = (Need::Right(Right::Read), Need::Right(Right::Administer));
    vec![
        reads("/organization", administer, organization),
        acts("/organization", administer, settings),
        acts("/users", administer, add_user),
        acts("/users/invite", administer, invite),
        acts("/invitations/{invitation}/end", administer, end_invitation),
        // The token stands in the query, which no log holds.
        reads("/join", Need::Nobody, join),
        acts("/join", Need::Nobody, joined),
        acts("/users/{user}/role", administer, set_role),
        acts("/users/{user}/disable", administer, disable),
        acts("/users/{user}/reopen", administer, reopen),
        acts("/users/{user}/devices/remove", administer, remove_devices),
        acts("/users/{user}/password", administer, reset_password),
        reads("/account", read, account),
        acts("/account", read, save_account),
        acts("/account/password", read, change_password),
        acts("/account/code", read, set_code),
        acts("/account/code/remove", read, remove_code),
        acts("/account/sessions/{session}/end", read, end_session),
        acts("/account/sessions/end-others", read, end_others),
        acts("/account/tokens", read, make_token),
        acts("/account/tokens/{token}/end", read, end_token),
    ]
}

type Pairs = Form<Vec<(String, String)>>;

fn done(path: &str) -> Response {
    go_to(&with_word(path, "done"))
}

async fn organization(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    show_organization(&visit, &app, None).await
}

/// The organization; `fresh` is the address of an invitation that was just made.
async fn show_organization(visit: &Visit, app: &App, fresh: Option<&str>) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    let invitations: Vec<InvitationRow> = app
        .store()
        .invitations(actor)
        .await?
        .into_iter()
        .map(|one| InvitationRow {
            id: one.id.to_string(),
            power: power(one.role),
            expires: visit.moment(one.expires),
        })
        .collect();
    let members: Vec<Member> = app
        .store()
        .users(actor)
        .await?
        .into_iter()
        .map(|user| Member {
            me: user.id == *actor.user(),
            id: user.id.to_string(),
            login: user.login,
            name: user.name,
            power: power(user.role),
            has_code: user.has_totp,
            has_passkey: user.has_passkey,
            closed: user.disabled.map(|at| visit.moment(at)),
        })
        .collect();
    let shown = Organization {
        name: actor.organization_name(),
        zone: actor.zone_name(),
        machine_zone: app.zone().iana_name().unwrap_or_else(|| visit.say("名称なし", "without a name")),
        zones: &time::zones(),
        members: &members,
        invitations: &invitations,
        fresh,
    };
    Ok(page(pages::organization(&chrome(visit), &shown)))
}

async fn settings(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let (fields, actor) = (Fields(form), visit.actor()?);
    let zone = fields.find("zone").unwrap_or_else(|| actor.zone_name());
    app.store().set_organization(actor, fields.get("name"), zone).await?;
    Ok(done("/organization"))
}

fn role(fields: &Fields) -> Result<Role, WebError> {
    Role::from_word(fields.get("role"))
        .ok_or_else(|| WebError::Bad(Text::new("役割を選んでください", "choose a role")))
}

async fn add_user(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let fields = Fields(form);
    let role = role(&fields)?;
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let new = NewUser {
        login: fields.get("login"),
        name: fields.get("name"),
        password: fields.get("password"),
        role,
        language: visit.lang,
    };
    app.store().create_user(visit.actor()?, new).await?;
    Ok(done("/organization"))
}

async fn invite(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let role = role(&Fields(form))?;
    let token = app.store().invite(visit.actor()?, role).await?;
    let address = format!("{}/join?invitation={}", visit.origin(), token.as_str());
    show_organization(&visit, &app, Some(&address)).await
}

async fn end_invitation(
    visit: Visit,
    State(app): State<App>,
    Path(invitation): Path<String>,
) -> Result<Response, WebError> {
    app.store().end_invitation(visit.actor()?, &InvitationId::from_text(invitation)).await?;
    Ok(done("/organization"))
}

async fn join(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let query = Fields(query);
    let token = query.get("invitation");
    let invited = app.store().invited(token).await?.ok_or(WebError::NotFound)?;
    Ok(page(join_page(&visit, &app, (token, &invited), None, ("", ""))))
}

fn join_page(
    visit: &Visit,
    app: &App,
    (token, invited): (&str, &Invited),
    problem: Option<&Text>,
    given: (&str, &str),
) -> String {
    let mut chrome = chrome(visit);
    // Whoever opens it joins as somebody new, also when signed in.
    chrome.who = None;
    let about = (token, invited.organization_name.as_str(), power(invited.role));
    pages::join(&chrome, about, problem.map(|text| visit.text(text)), given, super::welcome::provider(app))
}

async fn joined(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let (query, fields) = (Fields(query), Fields(form));
    let token = query.get("invitation");
    let invited = app.store().invited(token).await?.ok_or(WebError::NotFound)?;
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let (login, name, password) = (fields.get("login"), fields.get("name"), fields.get("password"));
    match app.store().accept_invitation(token, login, name, password, visit.lang).await {
        Ok(_) => {}
        Err(error @ (StoreError::Invalid(_) | StoreError::Taken)) => {
            let html = join_page(&visit, &app, (token, &invited), Some(&error.text()), (name, login));
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html));
        }
        Err(error) => return Err(error.into()),
    }
    let given = SignIn { login, password, code: None, device: &visit.device };
    let signed_in = app.store().sign_in(given).await?;
    Ok(crate::visit::go_to_with("/", visit.set_session(Some(&signed_in.token))))
}

async fn set_role(
    visit: Visit,
    State(app): State<App>,
    Path(user): Path<String>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let role = role(&Fields(form))?;
    app.store().set_role(visit.actor()?, &UserId::from_text(user), role).await?;
    Ok(done("/organization"))
}

async fn disable(
    visit: Visit,
    State(app): State<App>,
    Path(user): Path<String>,
) -> Result<Response, WebError> {
    app.store().disable_user(visit.actor()?, &UserId::from_text(user)).await?;
    Ok(done("/organization"))
}

async fn reopen(
    visit: Visit,
    State(app): State<App>,
    Path(user): Path<String>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let (user, fields) = (UserId::from_text(user), Fields(form));
    app.store().reopen_user(visit.actor()?, &user, fields.get("password")).await?;
    Ok(done("/organization"))
}

async fn remove_devices(
    visit: Visit,
    State(app): State<App>,
    Path(user): Path<String>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let (user, fields) = (UserId::from_text(user), Fields(form));
    app.store().remove_devices(visit.actor()?, &user, fields.get("password")).await?;
    Ok(done("/organization"))
}

async fn reset_password(
    visit: Visit,
    State(app): State<App>,
    Path(user): Path<String>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let fields = Fields(form);
    app.store().reset_password(visit.actor()?, &UserId::from_text(user), fields.get("password")).await?;
    Ok(done("/organization"))
}

async fn account(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    Ok(page(account_page(&visit, &app, None, None).await?))
}

/// The account; `fresh` is a token that was just made, `tried` a secret for an authenticator app that came
/// to nothing, with the reason.
async fn account_page(
    visit: &Visit,
    app: &App,
    fresh: Option<&str>,
    tried: Option<(&str, &Text)>,
) -> Result<String, WebError> {
    let actor = visit.actor()?;
    let tokens: Vec<TokenRow> = app
        .store()
        .tokens(actor)
        .await?
        .into_iter()
        .map(|one| TokenRow {
            id: one.id.to_string(),
            name: one.name,
            scope: match one.scope {
                Right::Read => Power::View,
                Right::Edit => Power::Edit,
                Right::Approve => Power::Approve,
                Right::Administer => Power::Administer,
            },
            expires: visit.moment(one.expires),
        })
        .collect();
    let own = app.store().own_account(actor).await?;
    // The phone may hold the secret already: it stays the same until it works.
    let (secret, problem) = match tried {
        Some((secret, problem)) => (secret.to_owned(), Some(visit.text(problem))),
        None => (app.store().new_totp_secret(), None),
    };
    let sessions: Vec<SessionRow> = app
        .store()
        .sessions(actor)
        .await?
        .into_iter()
        .map(|one| SessionRow {
            here: actor.session() == Some(&one.id),
            id: one.id.to_string(),
            device: one.device,
            created: visit.moment(one.created),
            seen: visit.moment(one.seen),
        })
        .collect();
    let who = (own.login.as_str(), own.name.as_str(), own.language);
    let chrome = chrome(visit);
    let tokens = pages::tokens(&chrome, &tokens, fresh);
    #[cfg(feature = "tls")]
    let tokens = {
        let rows = super::passkeys::rows(app, visit).await?;
        let linked = pages::linked(&chrome, &rows, super::welcome::provider(app));
        let passkeys = pages::passkeys(&chrome, &rows);
        maud::html! { (linked) (passkeys) (tokens) }
    };
    let code = Code { on: own.has_totp, secret: &secret, problem };
    Ok(pages::account(&chrome, who, &code, &sessions, &tokens))
}

async fn make_token(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let fields = Fields(form);
    let scope = Right::from_word(fields.get("scope"))
        .ok_or_else(|| WebError::Bad(Text::new("できることを選んでください", "choose what it may do")))?;
    let days = u32::try_from(fields.number("days")?).unwrap_or(u32::MAX);
    let new = NewToken { name: fields.get("name"), scope, days };
    let (_, token) = app.store().create_token(visit.actor()?, new).await?;
    Ok(page(account_page(&visit, &app, Some(token.as_str()), None).await?))
}

async fn end_token(
    visit: Visit,
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    app.store().end_token(visit.actor()?, &TokenId::from_text(token)).await?;
    Ok(done("/account"))
}

async fn save_account(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let fields = Fields(form);
    let lang = pages::language(fields.get("language"));
    app.store().set_profile(visit.actor()?, fields.get("name"), lang).await?;
    // The language of the account is that of this browser, too.
    let cookie = crate::visit::cookie(crate::gate::LANGUAGE, Some(lang.code()), false, visit.secure);
    Ok(crate::visit::go_to_with(&with_word("/account", "done"), cookie))
}

async fn change_password(
    visit: Visit,
    State(app): State<App>,
    Form(form): Pairs,
) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let fields = Fields(form);
    app.store().change_password(visit.actor()?, fields.get("old"), fields.get("new")).await?;
    Ok(done("/account"))
}

async fn set_code(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let fields = Fields(form);
    let (secret, code, password) = (fields.get("secret"), fields.get("code"), fields.get("password"));
    match app.store().set_totp(visit.actor()?, secret, code, password).await {
        Ok(()) => Ok(done("/account")),
        Err(error @ (StoreError::Invalid(_) | StoreError::WrongPassword)) => {
            let html = account_page(&visit, &app, None, Some((secret, &error.text()))).await?;
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
        }
        Err(error) => Err(error.into()),
    }
}

async fn remove_code(visit: Visit, State(app): State<App>, Form(form): Pairs) -> Result<Response, WebError> {
    let _leave = app.may_sign_in(visit.from).await.map_err(WebError::TooMany)?;
    let actor = visit.actor()?;
    let fields = Fields(form);
    app.store().remove_totp(actor, fields.get("password")).await?;
    Ok(done("/account"))
}

async fn end_session(
    visit: Visit,
    State(app): State<App>,
    Path(session): Path<String>,
) -> Result<Response, WebError> {
    app.store().end_session(visit.actor()?, &SessionId::from_text(session)).await?;
    Ok(done("/account"))
}

async fn end_others(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    app.store().end_other_sessions(visit.actor()?).await?;
    Ok(done("/account"))
}
