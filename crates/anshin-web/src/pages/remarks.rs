//! Remarks, and files that show something.

use anshin_model::Text;
use anshin_pages::pages::{self, ProofFile, Remark};
use anshin_store::{CommentId, EvidenceId, NewComment, NewEvidence, Right, SystemId};
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::response::Response;

use super::desk::{Fields, chrome, seen, with_word};
use super::upload::Upload;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, kept_file, page};

pub(super) fn routes() -> Vec<Route> {
    let (read, edit) = (Need::Right(Right::Read), Need::Right(Right::Edit));
    vec![
        reads("/systems/{id}/remarks", read, remarks),
        acts("/systems/{id}/remarks", edit, add),
        acts("/systems/{id}/remarks/{comment}/settle", edit, settle),
        acts("/systems/{id}/files", edit, add_file),
        reads("/systems/{id}/files/{evidence}", read, file),
    ]
}

async fn remarks(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let actor = visit.actor()?;
    let written = app.store().comments(actor, &seen.id).await?.into_iter().map(|one| Remark {
        id: one.id.to_string(),
        about: one.subject,
        author: one.author_name,
        at: visit.moment(one.at),
        body: one.body,
        settled: one.resolved.map(|at| visit.moment(at)),
    });
    let files = app.store().evidence(actor, &seen.id).await?.into_iter().map(|one| ProofFile {
        id: one.id.to_string(),
        about: one.subject,
        name: one.name,
        size: one.size,
        hash: one.hash,
        author: one.author_name,
        at: visit.moment(one.at),
    });
    let (written, files): (Vec<_>, Vec<_>) = (written.collect(), files.collect());
    let named: Vec<(String, Text)> = seen
        .proposals
        .iter()
        .map(|one| {
            let name = Text::new("{kind}: {title}", "{kind}: {title}");
            (one.subject.clone(), name.fill(&[("kind", &one.kind.name()), ("title", &one.title)]))
        })
        .collect();
    let fields = Fields(query);
    let about = fields.get("about");
    Ok(page(pages::remarks(&chrome(&visit), &seen.shown(), (&written, &files), about, &named)))
}

fn back(id: &SystemId, about: &str) -> Response {
    let about =
        if about.is_empty() { String::new() } else { format!("?about={}", anshin_pages::encode(about)) };
    go_to(&with_word(&format!("/systems/{id}/remarks{about}"), "saved"))
}

async fn add(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let (id, fields) = (SystemId::from_text(id), Fields(form));
    let new = NewComment { subject: fields.get("subject"), body: fields.get("body") };
    app.store().add_comment(visit.actor()?, &id, new).await?;
    Ok(back(&id, fields.get("subject")))
}

async fn settle(
    visit: Visit,
    State(app): State<App>,
    Path((id, comment)): Path<(String, String)>,
) -> Result<Response, WebError> {
    app.store().resolve_comment(visit.actor()?, &CommentId::from_text(comment)).await?;
    Ok(back(&SystemId::from_text(id), ""))
}

async fn add_file(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, WebError> {
    let id = SystemId::from_text(id);
    let upload = Upload::read(form, "file").await?;
    let subject = upload.fields.get("subject");
    let new = NewEvidence { subject, name: &upload.name, bytes: &upload.bytes };
    app.store().add_evidence(visit.actor()?, &id, new).await?;
    Ok(back(&id, subject))
}

async fn file(
    visit: Visit,
    State(app): State<App>,
    Path((_, evidence)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let (file, bytes) =
        app.store().evidence_content(visit.actor()?, &EvidenceId::from_text(evidence)).await?;
    kept_file(&file, bytes)
}
