//! What stands beside a document: remarks, evidence, links for stakeholders and their answers.

use anshin_store::{
    Answer, Comment, CommentId, Evidence, EvidenceId, Link, LinkId, NewComment, NewEvidence, NewLink, Right,
    Store, SystemId,
};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use serde::Deserialize;
use serde_json::{Value, json as object};

use super::{Body, Done, Gives, Operation, PARTS, Part, created, id_of, listed, operation, parsed};
use crate::pages::{assessed, give_link};
use crate::route::Shared;
use crate::visit::{Visit, kept_file};

pub(super) fn operations() -> Vec<Operation> {
    use Right::{Edit, Read};
    let get = Method::GET;
    vec![
        operation(
            get.clone(),
            "/api/v1/systems/{system}/comments",
            Read,
            "listComments",
            "The remarks, the oldest first.",
            (200, Gives::Json("Comments")),
            comments,
        )
        .query(PARTS),
        operation(
            Method::POST,
            "/api/v1/systems/{system}/comments",
            Edit,
            "addComment",
            "Write a remark.",
            (201, Gives::Json("Created")),
            add_comment,
        )
        .body(Body::Json("NewComment")),
        operation(
            get.clone(),
            "/api/v1/systems/{system}/evidence",
            Read,
            "listEvidence",
            "The files, the oldest first.",
            (200, Gives::Json("EvidenceList")),
            evidence,
        )
        .query(PARTS),
        operation(
            Method::POST,
            "/api/v1/systems/{system}/evidence",
            Edit,
            "addEvidence",
            "Keep a file: PDF, PNG, JPEG, text, CSV, Excel or Word, at most 20 MiB.",
            (201, Gives::Json("Created")),
            add_evidence,
        )
        .query(&[("name", "The name of the file."), ("subject", "What it shows; left out for the system.")])
        .body(Body::File),
        operation(
            get.clone(),
            "/api/v1/evidence/{evidence}",
            Read,
            "getEvidence",
            "The content of a file.",
            (200, Gives::File),
            evidence_content,
        ),
        operation(
            get.clone(),
            "/api/v1/systems/{system}/links",
            Read,
            "listLinks",
            "The links for stakeholders, the newest first.",
            (200, Gives::Json("Links")),
            links,
        )
        .query(PARTS),
        operation(
            Method::POST,
            "/api/v1/systems/{system}/links",
            Edit,
            "createLink",
            "Make a link that opens one stakeholder's sheet. Its token comes only in this answer.",
            (201, Gives::Json("NewToken")),
            create_link,
        )
        .body(Body::Json("NewLink")),
        operation(
            Method::DELETE,
            "/api/v1/links/{link}",
            Edit,
            "endLink",
            "End a link.",
            (204, Gives::Nothing),
            end_link,
        ),
        operation(
            get.clone(),
            "/api/v1/systems/{system}/answers",
            Read,
            "listAnswers",
            "What stakeholders answered on their sheets.",
            (200, Gives::Json("Answers")),
            answers,
        )
        .query(PARTS),
        operation(
            Method::POST,
            "/api/v1/comments/{comment}/settle",
            Edit,
            "settleComment",
            "Settle a remark.",
            (204, Gives::Nothing),
            settle,
        ),
    ]
}

async fn comments(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Done {
    let row = |row: &Comment| {
        object!({
            "id": row.id.as_str(),
            "subject": row.subject,
            "by": row.author_name,
            "at": row.at.to_string(),
            "body": row.body,
            "resolved": row.resolved.map(|at| at.to_string()),
        })
    };
    listed(&visit, &app, (id, part), ("comments", id_of), Store::comments, row).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenComment {
    #[serde(default)]
    subject: String,
    body: String,
}

async fn add_comment(visit: Visit, State(app): Shared, Path(id): Path<String>, body: Bytes) -> Done {
    let given: GivenComment = parsed(&body)?;
    let new = NewComment { subject: &given.subject, body: &given.body };
    let id = app.store().add_comment(visit.actor()?, &SystemId::from_text(id), new).await?;
    Ok(created(&object!({ "id": id.as_str() })))
}

async fn settle(visit: Visit, State(app): Shared, Path(id): Path<String>) -> Done {
    app.store().resolve_comment(visit.actor()?, &CommentId::from_text(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn evidence(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Done {
    let row = |row: &Evidence| {
        object!({
            "id": row.id.as_str(),
            "subject": row.subject,
            "name": row.name,
            "media": row.media,
            "hash": row.hash,
            "size": row.size,
            "by": row.author_name,
            "at": row.at.to_string(),
        })
    };
    listed(&visit, &app, (id, part), ("evidence", id_of), Store::evidence, row).await
}

#[derive(Deserialize)]
struct FileName {
    #[serde(default)]
    name: String,
    #[serde(default)]
    subject: String,
}

async fn add_evidence(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(file): Query<FileName>,
    body: Bytes,
) -> Done {
    let new = NewEvidence { subject: &file.subject, name: &file.name, bytes: &body };
    let id = app.store().add_evidence(visit.actor()?, &SystemId::from_text(id), new).await?;
    Ok(created(&object!({ "id": id.as_str() })))
}

async fn evidence_content(visit: Visit, State(app): Shared, Path(id): Path<String>) -> Done {
    let (file, bytes) = app.store().evidence_content(visit.actor()?, &EvidenceId::from_text(id)).await?;
    kept_file(&file, bytes)
}

async fn links(visit: Visit, State(app): Shared, Path(id): Path<String>, Query(part): Query<Part>) -> Done {
    let row = |row: &Link| {
        object!({
            "id": row.id.as_str(),
            "stakeholder": row.stakeholder,
            "by": row.author_name,
            "at": row.at.to_string(),
            "expires": row.expires.to_string(),
            "ended": row.ended.map(|at| at.to_string()),
        })
    };
    listed(&visit, &app, (id, part), ("links", id_of), Store::links, row).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenLink {
    stakeholder: String,
    days: u32,
}

async fn create_link(visit: Visit, State(app): Shared, Path(id): Path<String>, body: Bytes) -> Done {
    let given: GivenLink = parsed(&body)?;
    let new = NewLink { stakeholder: &given.stakeholder, days: given.days };
    let seen = assessed(&app, &visit, &id).await?;
    let (id, token) = give_link(&app, &visit, &seen, new).await?;
    Ok(created(&object!({ "id": id.as_str(), "token": token.as_str() })))
}

async fn end_link(visit: Visit, State(app): Shared, Path(id): Path<String>) -> Done {
    app.store().end_link(visit.actor()?, &LinkId::from_text(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn answers(visit: Visit, State(app): Shared, Path(id): Path<String>, Query(part): Query<Part>) -> Done {
    let row = |row: &Answer| {
        object!({
            "stakeholder": row.stakeholder,
            "item": row.item,
            "reply": row.reply.as_str(),
            "note": row.note,
            "at": row.at.to_string(),
        })
    };
    listed(&visit, &app, (id, part), ("answers", answer_key), Store::answers, row).await
}

/// An answer is named by who gave it and to what.
fn answer_key(row: &Value) -> String {
    let word = |name: &str| row[name].as_str().unwrap_or_default();
    format!("{}/{}", word("stakeholder"), word("item"))
}
