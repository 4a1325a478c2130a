//! A workbook brought back: its changes are shown, and saved like any other text.

use anshin_model::diagnostic::Diagnostic;
use anshin_model::{Lang, Text};
use anshin_pages::pages::{self, Brought};
use anshin_report::workbook;
use anshin_store::Right;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Seen, beside, chrome, desk, seen};
use super::history::compared;
use super::upload::Upload;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let edit = Need::Right(Right::Edit);
    vec![reads("/systems/{id}/import", edit, form), acts("/systems/{id}/import", edit, bring)]
}

async fn form(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    Ok(page(pages::import_page(&chrome(&visit), &seen.shown(), None, None)))
}

async fn bring(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let upload = Upload::read(form, "book").await?;
    let lang = visit.lang;
    let (seen, brought) = beside(move || {
        let brought = read(&seen, &upload, lang);
        (seen, brought)
    })
    .await?;
    match brought? {
        Ok(brought) => Ok(page(pages::import_page(&chrome(&visit), &seen.shown(), Some(&brought), None))),
        Err(problem) => {
            let html = pages::import_page(&chrome(&visit), &seen.shown(), None, Some(&problem));
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
        }
    }
}

/// What a workbook changes in the document; the inner error is that it is no workbook of this system.
fn read(seen: &Seen, upload: &Upload, lang: Lang) -> Result<Result<Brought, Text>, WebError> {
    let desk = desk()?;
    let name = upload.short_name();
    let mut sources = seen.opened.loaded().sources.clone();
    let tree = seen.opened.tree();
    let imported = desk
        .with(&seen.opened, |subject| workbook::import(&upload.bytes, &name, subject, tree, &mut sources));
    let imported = match imported {
        Ok(imported) => imported,
        Err(problem) => return Ok(Err(problem)),
    };
    let told = |all: &[Diagnostic]| -> Vec<String> {
        let line = |one: &Diagnostic| {
            let place = one.span.map(|span| sources.name(span.file)).filter(|place| place.starts_with(&name));
            let place = place.map_or_else(String::new, |place| format!("{place}: "));
            let hint = one.hints.first().map_or("", |hint| hint.get(lang));
            format!("{place}{} {hint}", one.message.get(lang))
        };
        all.iter().map(line).collect()
    };
    let mut brought = Brought {
        problems: told(&imported.problems),
        conflicts: told(&imported.conflicts),
        notes: imported.notes,
        name,
        ..Brought::default()
    };
    if !imported.changed || !brought.problems.is_empty() {
        return Ok(Ok(brought));
    }
    match desk.write(&seen.content.text, &seen.opened, &imported.tree) {
        Ok(text) => {
            let new =
                desk.open(&text).map_err(|_| WebError::Inner("a change broke the document".to_owned()))?;
            brought.parts = compared(&seen.opened, &new, |found, _, _| found.parts())?;
            brought.text = Some(text);
        }
        Err(problem) => brought.problems.push(problem.get(lang).to_owned()),
    }
    Ok(Ok(brought))
}
