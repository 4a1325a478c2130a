//! Settings of an organization: how its reports look, and programs that are told what happens.

use std::io;
use std::path::Path as FilePath;

use anshin_model::Text;
use anshin_model::tree::Node;
use anshin_pages::pages::{self, BrandingForm, HookRow};
use anshin_report::{Branding, branding};
use anshin_store::{EVENTS, KeptBranding, Right, StoreError, WebhookId};
use axum::extract::{Form, Multipart, Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::desk::{Fields, chrome, with_word};
use super::upload::Upload;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::target::Target;
use crate::visit::{Visit, go_to, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let administer = Need::Right(Right::Administer);
    vec![
        reads("/organization/branding", administer, show_branding),
        acts("/organization/branding", administer, save_branding),
        reads("/organization/logo", Need::Right(Right::Read), logo),
        reads("/organization/webhooks", administer, show_webhooks),
        acts("/organization/webhooks", administer, add_webhook),
        acts("/organization/webhooks/{webhook}/end", administer, end_webhook),
    ]
}

/// The name under which a branding file is read here.
const NAME: &str = "branding.yaml";

/// Reads a branding that is kept.
fn read(kept: &KeptBranding) -> branding::Loaded {
    let read = |path: &FilePath, most: usize| {
        let bytes = if path == FilePath::new(NAME) {
            kept.text.as_bytes()
        } else if path == FilePath::new(&kept.logo_name) && !kept.logo.is_empty() {
            &kept.logo
        } else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if bytes.len() > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.to_vec()) }
    };
    branding::load(FilePath::new(NAME), &read)
}

/// What reports of a visit carry: the organization's own branding, or the program's.
pub(super) async fn branding_for(app: &App, visit: &Visit) -> Result<Branding, WebError> {
    let kept = app.store().branding(visit.actor()?).await?;
    Ok(kept.and_then(|kept| read(&kept).branding).unwrap_or_default())
}

fn form_of(kept: &KeptBranding) -> BrandingForm {
    let mut sources = anshin_model::tree::Sources::default();
    let file = sources.add(NAME, kept.text.clone());
    let tree = anshin_model::tree::parse(&sources, file, anshin_model::tree::Limits::DEFAULT);
    let tree = tree.map(|(tree, _)| tree).ok();
    let word = |path: &[&str]| {
        let mut node = tree.as_ref();
        for key in path {
            node = node.and_then(|node| node.get(key));
        }
        node.and_then(Node::scalar).unwrap_or_default().to_owned()
    };
    BrandingForm {
        organization: word(&["organization"]),
        main: word(&["colors", "main"]),
        accent: word(&["colors", "accent"]),
        footer: word(&["footer"]),
        number: word(&["document-number"]),
        author: word(&["author"]),
        approver: word(&["approver"]),
    }
}

async fn show_branding(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    let kept = app.store().branding(actor).await?;
    let form = kept.as_ref().map_or_else(
        || BrandingForm { organization: actor.organization_name().to_owned(), ..BrandingForm::default() },
        form_of,
    );
    let logo = kept.is_some_and(|kept| !kept.logo.is_empty());
    Ok(page(pages::branding(&chrome(&visit), &form, logo, None)))
}

async fn save_branding(visit: Visit, State(app): State<App>, form: Multipart) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    let upload = Upload::read(form, "logo").await?;
    let own = |name: &str| upload.fields.get(name).to_owned();
    let form = BrandingForm {
        organization: own("organization"),
        main: own("main"),
        accent: own("accent"),
        footer: own("footer"),
        number: own("number"),
        author: own("author"),
        approver: own("approver"),
    };
    let before = app.store().branding(actor).await?.unwrap_or_default();
    let (logo_name, logo) = if !upload.bytes.is_empty() {
        // Only the ending of the name counts: it says which of the three forms it is.
        let ending = upload.name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
        let ending =
            if ["png", "jpg", "jpeg", "svg"].contains(&ending.as_str()) { ending } else { "png".into() };
        (format!("logo.{ending}"), upload.bytes.to_vec())
    } else if upload.fields.get("without-logo") == "1" {
        (String::new(), Vec::new())
    } else {
        (before.logo_name, before.logo)
    };
    let kept = KeptBranding { text: form.text(&logo_name), logo_name, logo };
    let loaded = read(&kept);
    if loaded.branding.is_none() {
        let lines = loaded.diagnostics.iter().map(|found| {
            let hint = found.hints.first().map_or("", |hint| visit.text(hint));
            format!("{} {hint}", visit.text(&found.message))
        });
        let problem = lines.collect::<Vec<_>>().join(" ");
        let html = pages::branding(&chrome(&visit), &form, !kept.logo.is_empty(), Some(&problem));
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html));
    }
    app.store().set_branding(actor, &kept).await?;
    Ok(go_to(&with_word("/organization/branding", "saved")))
}

/// The logo as a picture that can do nothing.
async fn logo(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let kept = app.store().branding(visit.actor()?).await?.ok_or(WebError::NotFound)?;
    let logo = read(&kept).branding.and_then(|branding| branding.logo).ok_or(WebError::NotFound)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(logo.form.media_type())),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ];
    Ok((headers, logo.bytes).into_response())
}

async fn show_webhooks(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    webhooks(&visit, &app, None, None).await
}

async fn webhooks(
    visit: &Visit,
    app: &App,
    fresh: Option<&str>,
    problem: Option<&Text>,
) -> Result<Response, WebError> {
    let hooks: Vec<HookRow> = app
        .store()
        .webhooks(visit.actor()?)
        .await?
        .into_iter()
        .map(|one| HookRow {
            id: one.id.to_string(),
            url: one.url,
            made: format!("{} · {}", visit.moment(one.at), one.author_name),
            outcome: one.outcome,
            waiting: one.waiting,
        })
        .collect();
    let problem = problem.map(|text| visit.text(text));
    Ok(page(pages::webhooks(&chrome(visit), &hooks, EVENTS, fresh, problem)))
}

async fn add_webhook(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let url = fields.get("url").trim();
    let refused = match Target::parse(url) {
        Err(text) => text,
        Ok(_) => match app.store().create_webhook(visit.actor()?, url).await {
            Ok((_, secret)) => return webhooks(&visit, &app, Some(secret.as_str()), None).await,
            Err(error @ StoreError::Invalid(_)) => error.text(),
            Err(error) => return Err(error.into()),
        },
    };
    let mut response = webhooks(&visit, &app, None, Some(&refused)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn end_webhook(
    visit: Visit,
    State(app): State<App>,
    Path(webhook): Path<String>,
) -> Result<Response, WebError> {
    app.store().end_webhook(visit.actor()?, &WebhookId::from_text(webhook)).await?;
    Ok(go_to(&with_word("/organization/webhooks", "done")))
}
