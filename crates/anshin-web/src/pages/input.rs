//! The facts as sheets.

use anshin_model::Lang;
use anshin_pages::{Opened, pages};
use anshin_report::workbook::{self, InputSheet};
use anshin_store::Right;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;

use super::desk::{Fields, Seen, chrome, commit, desk, seen, then};
use super::system::drawing_after;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    vec![
        reads("/systems/{id}/sheets/{sheet}", Need::Right(Right::Read), show),
        acts("/systems/{id}/sheets/{sheet}", Need::Right(Right::Edit), save),
        reads("/systems/{id}/sheets/{sheet}/row", Need::Right(Right::Read), row),
    ]
}

fn sheet_of(seen: &Seen, sheet: &str, lang: Lang) -> Result<InputSheet, WebError> {
    let tree = seen.opened.tree();
    let found = desk()?.with(&seen.opened, |subject| workbook::input_sheet(sheet, subject, tree, lang));
    found.ok_or(WebError::NotFound)
}

async fn show(
    visit: Visit,
    State(app): State<App>,
    Path((id, sheet)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let found = sheet_of(&seen, &sheet, visit.lang)?;
    let query = Fields(query);
    let open = (query.find("edit"), query.get("back"));
    Ok(page(pages::input_page(&chrome(&visit), &seen.shown(), &workbook::input_names(), &found, open)))
}

/// One row as a piece of a page.
async fn row(
    visit: Visit,
    State(app): State<App>,
    Path((id, sheet)): Path<(String, String)>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let found = sheet_of(&seen, &sheet, visit.lang)?;
    let key = Fields(query);
    let panel = pages::row_panel(&chrome(&visit), &seen.shown(), &found, key.get("edit"));
    Ok(page(panel.ok_or(WebError::NotFound)?.into_string()))
}

async fn save(
    visit: Visit,
    State(app): State<App>,
    Path((id, sheet)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let (has, key) = (fields.all("has"), fields.find("key"));
    let given = |field: &str| {
        has.iter().any(|own| own == field).then(|| fields.all(&format!("f.{field}")).join("\n"))
    };
    let parent = fields.parent()?;
    let remove = fields.get("act") == "remove";
    let why = |opened: &Opened| {
        let found =
            desk()?.with(opened, |subject| workbook::input_sheet(&sheet, subject, opened.tree(), visit.lang));
        let row = found.and_then(|found| found.rows.into_iter().find(|row| Some(row.key.as_str()) == key));
        let name = row.map(|row| visit.text(&row.name).to_owned());
        let name = name.or_else(|| key.map(str::to_owned)).unwrap_or_else(|| "+".to_owned());
        Ok(format!("{} {name}", workbook::input_name(&sheet, visit.lang)))
    };
    let done = commit(&app, &visit, &id, parent, why, |desk, text, opened| {
        pages::save_row(desk, text, opened, (&sheet, key), remove, visit.lang, &given)
    })
    .await;
    if fields.get("script") == "1" {
        return drawing_after(done, &app, &visit, &id, Some(parent)).await;
    }
    let done = done?;
    let back = fields.get("back");
    let here = format!("/sheets/{sheet}#row-{}", key.unwrap_or_default());
    Ok(then(done, &id, if back.is_empty() { &here } else { back }))
}
