//! Systems, their documents, revisions and approvals.

use anshin_model::Lang;
use anshin_store::{
    Approval, ApprovalId, Content, Draft, Page, Revision, Right, Save, Saved, Store, System, SystemId,
};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json as object};

use super::{
    Body, Done, Gives, Operation, PAGING, PARTS, Part, created, id_of, is_known, json, listed, not_modified,
    operation, parsed, revision_of, tag, tagged, text,
};
use crate::error::WebError;
use crate::route::Shared;
use crate::visit::Visit;

pub(super) fn operations() -> Vec<Operation> {
    use Right::{Approve, Edit, Read};
    let get = Method::GET;
    vec![
        operation(get.clone(), "/api/v1/systems", Read, "listSystems", "All systems of the organization, by name.", (200, Gives::Json("Systems")), list).query(PARTS),
        operation(Method::POST, "/api/v1/systems", Edit, "createSystem", "Make a system of a document.", (201, Gives::Json("System")), create)
            .query(&[("why", "Why, for the history.")])
            .body(Body::Document)
            .tagged(),
        operation(get.clone(), "/api/v1/systems/{system}", Read, "getSystem", "One system, without its document.", (200, Gives::Json("System")), one).tagged(),
        operation(get.clone(), "/api/v1/systems/{system}/document", Read, "getDocument", "The newest document, exactly as it was written.", (200, Gives::Document), document).tagged(),
        operation(Method::PUT, "/api/v1/systems/{system}/document", Edit, "putDocument", "Save a next document. `If-Match` names the revision it started from; if that is not the newest any more, the answer is 412, or with `merge=yes` both changes are brought together where they touch different items.", (200, Gives::Json("System")), save)
            .query(&[("why", "Why, for the history."), ("merge", "`yes` brings changes together.")])
            .body(Body::Document)
            .tagged(),
        operation(get.clone(), "/api/v1/systems/{system}/revisions", Read, "listRevisions", "The revisions, the newest first.", (200, Gives::Json("Revisions")), revisions).query(PAGING),
        operation(get.clone(), "/api/v1/systems/{system}/revisions/{revision}", Read, "getRevision", "One revision.", (200, Gives::Json("Revision")), revision).tagged(),
        operation(get.clone(), "/api/v1/systems/{system}/revisions/{revision}/document", Read, "getRevisionDocument", "The document of a revision.", (200, Gives::Document), revision_document).tagged(),
        operation(Method::POST, "/api/v1/systems/{system}/revisions/{revision}/approval", Approve, "approve", "Approve a revision.", (201, Gives::Json("Created")), approve).body(Body::Json("NewApproval")),
        operation(get.clone(), "/api/v1/systems/{system}/approvals", Read, "listApprovals", "The approvals, the newest first.", (200, Gives::Json("Approvals")), approvals).query(PARTS),
        operation(Method::DELETE, "/api/v1/approvals/{approval}", Approve, "withdrawApproval", "Take an approval back; it stays visible as withdrawn.", (204, Gives::Nothing), withdraw),
        operation(Method::PUT, "/api/v1/systems/{system}/archived", Edit, "setArchived", "Put a system aside, or take it back. Nothing of it is deleted.", (200, Gives::Json("System")), set_aside).body(Body::Json("Archived")),
    ]
}

fn system_json(system: &System) -> Value {
    object!({
        "id": system.id.as_str(),
        "name": { "ja": system.name.get(Lang::Ja), "en": system.name.get(Lang::En) },
        "revision": system.latest,
        "hash": system.hash,
        "changed": system.changed.to_string(),
        "changedBy": system.changed_by,
        "approved": system.approved,
        "archived": system.archived.map(|at| at.to_string()),
    })
}

fn revision_json(revision: &Revision) -> Value {
    object!({
        "number": revision.number,
        "parent": revision.parent,
        "merged": revision.merged,
        "author": { "id": revision.author.as_str(), "name": revision.author_name },
        "at": revision.at.to_string(),
        "why": revision.why,
        "hash": revision.hash,
    })
}

#[derive(Deserialize)]
struct Why {
    #[serde(default)]
    why: String,
    #[serde(default)]
    merge: String,
}

async fn list(visit: Visit, State(app): Shared, Query(part): Query<Part>) -> Done {
    let systems = app.store().systems(visit.actor()?).await?;
    let (rows, next) = part.of(systems.iter().map(system_json).collect(), id_of, |_| true)?;
    Ok(json(&object!({ "systems": rows, "next": next })))
}

async fn create(visit: Visit, State(app): Shared, Query(why): Query<Why>, body: Bytes) -> Done {
    let draft = Draft { text: text(&body)?, why: &why.why };
    let system = app.store().create_system(visit.actor()?, draft).await?;
    let place = HeaderValue::try_from(format!("/api/v1/systems/{}", system.id));
    let mut response = tagged(json(&system_json(&system)), &tag(system.latest));
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(place) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(response)
}

async fn one(visit: Visit, State(app): Shared, Path(id): Path<String>, headers: HeaderMap) -> Done {
    let system = app.store().system(visit.actor()?, &SystemId::from_text(id)).await?;
    // An approval or the archive changes a system without a new revision.
    let tag = format!(
        "\"{}-{}-{}\"",
        system.latest,
        system.approved.unwrap_or(0),
        u8::from(system.archived.is_some())
    );
    if is_known(&headers, &tag) {
        return Ok(not_modified(&tag));
    }
    Ok(tagged(json(&system_json(&system)), &tag))
}

fn yaml(content: Content, headers: &HeaderMap) -> Response {
    let tag = tag(content.revision.number);
    if is_known(headers, &tag) {
        return not_modified(&tag);
    }
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/yaml"))];
    tagged((kind, content.text).into_response(), &tag)
}

async fn document(visit: Visit, State(app): Shared, Path(id): Path<String>, headers: HeaderMap) -> Done {
    let content = app.store().latest(visit.actor()?, &SystemId::from_text(id)).await?;
    Ok(yaml(content, &headers))
}

async fn save(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(query): Query<Why>,
    headers: HeaderMap,
    body: Bytes,
) -> Done {
    let (actor, id) = (visit.actor()?, SystemId::from_text(id));
    let parent = revision_of(&headers)?;
    if query.merge != "yes" && app.store().system(actor, &id).await?.latest != parent {
        return Err(WebError::Precondition);
    }
    let save = Save { parent, text: text(&body)?, why: &query.why };
    let saved = crate::pages::save_fitting(&app, &visit, &id, save).await?;
    crate::pages::saved(&app, &id, saved.revision().number);
    if query.merge != "yes" && matches!(saved, Saved::Merged(_)) {
        // Someone saved in between; both changes are kept, and the revision tells so.
        tracing::info!(system = id.as_str(), "changes were brought together");
    }
    let system = app.store().system(actor, &id).await?;
    Ok(tagged(json(&system_json(&system)), &tag(saved.revision().number)))
}

#[derive(Deserialize)]
struct Paging {
    before: Option<u64>,
    most: Option<u32>,
}

impl Paging {
    fn page(&self) -> Page {
        Page { before: self.before, most: self.most.unwrap_or(50).clamp(1, 200) }
    }
}

async fn revisions(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Done {
    let (actor, id, page) = (visit.actor()?, SystemId::from_text(id), paging.page());
    app.store().system(actor, &id).await?;
    let rows = app.store().revisions(actor, &id, page).await?;
    let next = rows.last().map(|row| row.number).filter(|number| *number > 1);
    let rows: Vec<_> = rows.iter().map(revision_json).collect();
    Ok(json(&object!({ "revisions": rows, "next": next })))
}

async fn revision(
    visit: Visit,
    State(app): Shared,
    Path((id, number)): Path<(String, u64)>,
    headers: HeaderMap,
) -> Done {
    let content = app.store().content(visit.actor()?, &SystemId::from_text(id), number).await?;
    let tag = tag(number);
    if is_known(&headers, &tag) {
        return Ok(not_modified(&tag));
    }
    Ok(tagged(json(&revision_json(&content.revision)), &tag))
}

async fn revision_document(
    visit: Visit,
    State(app): Shared,
    Path((id, number)): Path<(String, u64)>,
    headers: HeaderMap,
) -> Done {
    let content = app.store().content(visit.actor()?, &SystemId::from_text(id), number).await?;
    Ok(yaml(content, &headers))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewApproval {
    #[serde(default)]
    note: String,
}

async fn approve(
    visit: Visit,
    State(app): Shared,
    Path((id, number)): Path<(String, u64)>,
    body: Bytes,
) -> Done {
    let given: NewApproval = parsed(&body)?;
    let id = app.store().approve(visit.actor()?, &SystemId::from_text(id), number, &given.note).await?;
    Ok(created(&object!({ "id": id.as_str() })))
}

async fn approvals(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Done {
    let row = |row: &Approval| {
        object!({
            "id": row.id.as_str(),
            "revision": row.revision,
            "hash": row.hash,
            "by": row.author_name,
            "at": row.at.to_string(),
            "note": row.note,
            "withdrawn": row.withdrawn.map(|at| at.to_string()),
        })
    };
    listed(&visit, &app, (id, part), ("approvals", id_of), Store::approvals, row).await
}

async fn withdraw(visit: Visit, State(app): Shared, Path(id): Path<String>) -> Done {
    app.store().withdraw_approval(visit.actor()?, &ApprovalId::from_text(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Aside {
    archived: bool,
}

async fn set_aside(visit: Visit, State(app): Shared, Path(id): Path<String>, body: Bytes) -> Done {
    let (actor, id) = (visit.actor()?, SystemId::from_text(id));
    let given: Aside = parsed(&body)?;
    app.store().set_archived(actor, &id, given.archived).await?;
    Ok(json(&system_json(&app.store().system(actor, &id).await?)))
}
