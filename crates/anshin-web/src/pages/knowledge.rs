//! The catalog, checklists and help.

use anshin_pages::pages;
use anshin_pages::step::Step;
use anshin_store::Right;
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Fields, chrome, desk, today};
use super::reports::attached;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/catalog", read, search),
        reads("/catalog/{section}/{entry}", read, entry),
        reads("/checklists", read, checklists),
        reads("/checklists/{id}", read, checklist),
        acts("/checklists/{id}", read, result),
        acts("/checklists/{id}/answers", read, answers),
        reads("/help", read, help),
        reads("/help/{step}", read, help_step),
    ]
}

async fn search(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let fields = Fields(query);
    let words: String = fields.get("q").chars().take(100).collect();
    Ok(page(pages::catalog_search(&chrome(&visit), desk()?, &words, fields.get("section"))))
}

async fn entry(visit: Visit, Path((section, id)): Path<(String, String)>) -> Result<Response, WebError> {
    pages::catalog_entry(&chrome(&visit), desk()?, &section, &id).map(page).ok_or(WebError::NotFound)
}

async fn checklists(visit: Visit) -> Result<Response, WebError> {
    Ok(page(pages::checklists(&chrome(&visit), desk()?)))
}

async fn checklist(visit: Visit, Path(id): Path<String>) -> Result<Response, WebError> {
    pages::checklist_page(&chrome(&visit), desk()?, &id, &[]).map(page).ok_or(WebError::NotFound)
}

async fn result(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let html = pages::checklist_result(&chrome(&visit), desk()?, &id, &form, &today(&app));
    html.map(page).ok_or(WebError::NotFound)
}

/// The answers as a file, or once more as a form.
async fn answers(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    if fields.get("act") != "file" {
        let html = pages::checklist_page(&chrome(&visit), desk()?, &id, &fields.0);
        return html.map(page).ok_or(WebError::NotFound);
    }
    let text = pages::answers_file(&chrome(&visit), desk()?, &id, &fields.0, &today(&app));
    let text = text.ok_or(WebError::NotFound)?;
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/yaml"))];
    let mut response = (kind, text).into_response();
    attached(&mut response, &format!("{id}.answers.yaml"));
    Ok(response)
}

async fn help(visit: Visit) -> Response {
    page(pages::help(&chrome(&visit)))
}

async fn help_step(visit: Visit, Path(step): Path<String>) -> Result<Response, WebError> {
    let step = Step::from_word(&step).ok_or(WebError::NotFound)?;
    Ok(page(pages::help_step(&chrome(&visit), step)))
}
