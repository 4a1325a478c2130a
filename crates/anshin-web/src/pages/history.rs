//! Revisions: looking back, comparing, restoring, approving.

use anshin_assess::{MeasureState, System};
use anshin_model::Text;
use anshin_pages::Opened;
use anshin_pages::pages::{self, Approval, Revision};
use anshin_report::Subject;
use anshin_report::difference::{self, Difference, Version, difference};
use anshin_store::{ApprovalId, Page, Right, SystemId};
use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::desk::{self, Fields, chrome, desk, seen, with_word};
use super::reports::{alone, attached};
use super::system;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/systems/{id}/history", read, history),
        reads("/systems/{id}/revisions/{file}", read, revision),
        reads("/systems/{id}/difference", read, compare),
        acts("/systems/{id}/restore", Need::Right(Right::Edit), restore),
        acts("/systems/{id}/archive", Need::Right(Right::Edit), archive),
        acts("/systems/{id}/approve", Need::Right(Right::Approve), approve),
        acts("/systems/{id}/withdraw", Need::Right(Right::Approve), withdraw),
    ]
}

/// Revisions on one page.
const MOST: u32 = 50;

async fn history(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let actor = visit.actor()?;
    let before = Fields(query).find("before").and_then(|number| number.parse().ok());
    let all = app.store().revisions(actor, &seen.id, Page { before, most: MOST }).await?;
    let older = all.last().map(|last| last.number).filter(|last| *last > 1);
    let revisions: Vec<Revision> = all
        .into_iter()
        .map(|one| Revision {
            number: one.number,
            author: one.author_name,
            at: visit.moment(one.at),
            why: one.why,
            hash: one.hash,
            merged: one.merged.is_some(),
        })
        .collect();
    let approvals: Vec<Approval> = app
        .store()
        .approvals(actor, &seen.id)
        .await?
        .into_iter()
        .map(|one| Approval {
            id: one.id.to_string(),
            revision: one.revision,
            author: one.author_name,
            at: visit.moment(one.at),
            note: one.note,
            withdrawn: one.withdrawn.map(|at| visit.moment(at)),
        })
        .collect();
    Ok(crate::visit::page(pages::history(&chrome(&visit), &seen.shown(), &revisions, &approvals, older)))
}

/// The text of one revision: `12.yaml`.
async fn revision(
    visit: Visit,
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let number = file.strip_suffix(".yaml").and_then(|n| n.parse().ok()).ok_or(WebError::NotFound)?;
    let content = app.store().content(visit.actor()?, &SystemId::from_text(id), number).await?;
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
    let mut response = (kind, content.text).into_response();
    attached(&mut response, &format!("revision-{number}.yaml"));
    Ok(response)
}

/// What changed between two revisions, as the report of differences shows it.
async fn compare(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(query);
    let (from, to) = (fields.number("from")?, fields.number("to")?);
    let system = SystemId::from_text(id.as_str());
    let broken = || {
        WebError::Bad(Text::new(
            "どちらかの版に誤りがあるため比べられません",
            "one of the revisions has errors, so they cannot be compared",
        ))
    };
    let mut opened = Vec::new();
    for number in [from, to] {
        let content = app.store().content(visit.actor()?, &system, number).await?;
        opened.push(desk::opened(&content).await?.map_err(|_| broken())?);
    }
    let [old, new] = opened.as_slice() else { return Err(WebError::NotFound) };
    let names = [from, to].map(|number| match visit.lang {
        anshin_model::Lang::Ja => format!("第{number}版"),
        anshin_model::Lang::En => format!("revision {number}"),
    });
    compared(old, new, |found, old, new| {
        let html = difference::html(found, old, new, (&names[0], &names[1]), visit.lang);
        alone(&html, &format!("/systems/{id}/history"), visit.lang)
    })
}

/// What changed between two documents, for whoever shows it.
pub(super) fn compared<T>(
    old: &Opened,
    new: &Opened,
    work: impl FnOnce(&Difference, &Version<'_>, &Version<'_>) -> T,
) -> Result<T, WebError> {
    let desk = desk()?;
    let (old_system, new_system) = (desk.system(old), desk.system(new));
    let matrix = desk.catalog.matrices.get("standard").ok_or(WebError::NotFound)?;
    let scenarios = |system: &System<'_>, opened: &Opened| {
        let state = MeasureState::in_place(opened.document());
        desk.engine.terrain(system, &opened.assessment).scenarios(matrix, &state)
    };
    let (old_scenarios, new_scenarios) = (scenarios(&old_system, old), scenarios(&new_system, new));
    let old = Version {
        subject: Subject { system: &old_system, assessment: &old.assessment },
        scenarios: &old_scenarios,
        tree: old.tree(),
    };
    let new = Version {
        subject: Subject { system: &new_system, assessment: &new.assessment },
        scenarios: &new_scenarios,
        tree: new.tree(),
    };
    Ok(work(&difference(&old, &new), &old, &new))
}

async fn restore(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let number = fields.number("number")?;
    let system = SystemId::from_text(id.as_str());
    let why = match visit.lang {
        anshin_model::Lang::Ja => format!("第{number}版に戻す"),
        anshin_model::Lang::En => format!("restore revision {number}"),
    };
    let parent = fields.parent()?;
    let old = app.store().content(visit.actor()?, &system, number).await?.text;
    let done = desk::save(&app, &visit, &system, parent, &old, &why).await;
    if fields.get("script") == "1" {
        return system::drawing_after(done, &app, &visit, &id, None).await;
    }
    Ok(desk::then(done?, &id, "/history"))
}

/// Puts a system aside, or takes it back into the list.
async fn archive(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let aside = Fields(form).get("aside") == "yes";
    app.store().set_archived(visit.actor()?, &SystemId::from_text(id.as_str()), aside).await?;
    let to = if aside { "/".to_owned() } else { format!("/systems/{id}") };
    Ok(go_to(&with_word(&to, "done")))
}

async fn approve(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let system = SystemId::from_text(id.as_str());
    app.store().approve(visit.actor()?, &system, fields.number("number")?, fields.get("note")).await?;
    Ok(go_to(&with_word(&format!("/systems/{id}/history"), "approved")))
}

async fn withdraw(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let approval = ApprovalId::from_text(Fields(form).get("approval"));
    app.store().withdraw_approval(visit.actor()?, &approval).await?;
    Ok(go_to(&with_word(&format!("/systems/{id}/history"), "withdrawn")))
}
