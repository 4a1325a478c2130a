//! The catalog and help.

use anshin_pages::pages;
use anshin_pages::step::Step;
use anshin_store::Right;
use axum::extract::{Path, Query};
use axum::response::Response;

use super::desk::{Fields, chrome, desk};
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/catalog", read, search),
        reads("/catalog/{section}/{entry}", read, entry),
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

async fn help(visit: Visit) -> Response {
    page(pages::help(&chrome(&visit)))
}

async fn help_step(visit: Visit, Path(step): Path<String>) -> Result<Response, WebError> {
    let step = Step::from_word(&step).ok_or(WebError::NotFound)?;
    Ok(page(pages::help_step(&chrome(&visit), step)))
}
