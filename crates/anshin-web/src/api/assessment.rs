//! What follows from a document: the assessment, what is proposed and decided, what is missing next.

use anshin_model::{Lang, Text};
use anshin_pages::change::{Decide, verdict_of, verdict_word};
use anshin_pages::proposal::Proposal;
use anshin_store::{Right, SystemId};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Value, json as object};

use super::{Body, Done, Gives, Operation, PARTS, Part, json, operation, parsed, revision_of, tag, tagged};
use crate::error::WebError;
use crate::pages::{assessed, assessment_json, decide_by_api};
use crate::route::Shared;
use crate::visit::Visit;

/// Which part of the proposals is asked for.
const NARROWED: &[(&str, &str)] = &[
    ("kind", "`rating`, `threat`, `requirement` or `implementer`."),
    ("state", "`first`, `open`, `stale` or `decided`."),
    PARTS[0],
    PARTS[1],
];

pub(super) fn operations() -> Vec<Operation> {
    use Right::{Edit, Read};
    vec![
        operation(Method::GET, "/api/v1/systems/{system}/assessment", Read, "getAssessment", "The whole assessment of the newest document: ratings, threats, candidate requirements, policies, plan and scenarios, in the published JSON format of `anshin assess --format json`.", (200, Gives::Json("Assessment")), assessment).tagged(),
        operation(Method::GET, "/api/v1/systems/{system}/missing", Read, "getMissing", "How far each of the five steps has got, and what is missing next.", (200, Gives::Json("Missing")), missing),
        operation(Method::GET, "/api/v1/systems/{system}/proposals", Read, "listProposals", "What the program proposes and what people decided, ratings first.", (200, Gives::Json("Proposals")), proposals)
            .query(NARROWED),
        operation(Method::POST, "/api/v1/systems/{system}/decisions", Edit, "decide", "Accept, reject or override a proposal. `If-Match` names the revision that was looked at; changes of others at other places stay.", (200, Gives::Json("Decided")), decide)
            .body(Body::Json("NewDecision"))
            .tagged(),
    ]
}

async fn assessment(visit: Visit, State(app): Shared, Path(id): Path<String>, headers: HeaderMap) -> Done {
    let seen = assessed(&app, &visit, &id).await?;
    let tag = tag(seen.revision());
    if super::is_known(&headers, &tag) {
        return Ok(super::not_modified(&tag));
    }
    Ok(tagged(json(&assessment_json(&seen)?), &tag))
}

fn both(text: &Text) -> Value {
    object!({ "ja": text.get(Lang::Ja), "en": text.get(Lang::En) })
}

async fn missing(visit: Visit, State(app): Shared, Path(id): Path<String>) -> Done {
    let seen = assessed(&app, &visit, &id).await?;
    let steps: Vec<Value> = seen
        .progress()
        .iter()
        .map(|progress| {
            let tasks = progress.tasks.iter().map(|task| {
                object!({ "text": both(&task.text), "done": task.done, "place": format!("/systems/{id}/{}", task.place) })
            });
            object!({
                "step": progress.step.as_str(),
                "complete": progress.complete(),
                "tasks": tasks.collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(json(&object!({ "revision": seen.revision(), "steps": steps })))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    state: String,
}

fn proposal_json(one: &Proposal) -> Value {
    object!({
        "subject": one.subject,
        "kind": one.kind.as_str(),
        "title": both(&one.title),
        "value": both(&one.value),
        "proposed": both(&one.proposed),
        "first": one.first,
        "decision": one.decided.as_ref().map(|decided| object!({
            "decide": verdict_word(decided.verdict),
            "by": decided.by,
            "reason": both(&decided.reason),
            "stale": decided.stale,
        })),
        "why": one.why.iter().map(both).collect::<Vec<_>>(),
    })
}

async fn proposals(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
    Query(part): Query<Part>,
) -> Done {
    let seen = assessed(&app, &visit, &id).await?;
    let takes = |one: &&Proposal| {
        (wanted.kind.is_empty() || one.kind.as_str() == wanted.kind)
            && match wanted.state.as_str() {
                "first" => one.first && one.open(),
                "open" => one.open(),
                "stale" => one.decided.as_ref().is_some_and(|decided| decided.stale),
                "decided" => one.decided.is_some(),
                _ => true,
            }
    };
    let all = seen.proposals().iter().collect();
    let (part, next) = part.of(all, |one: &&Proposal| one.subject.clone(), takes)?;
    let rows: Vec<Value> = part.into_iter().map(proposal_json).collect();
    Ok(json(&object!({ "revision": seen.revision(), "proposals": rows, "next": next })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    subject: String,
    decide: String,
    value: Option<String>,
    #[serde(default)]
    reason: String,
}

async fn decide(
    visit: Visit,
    State(app): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Done {
    let parent = revision_of(&headers)?;
    let given: Given = parsed(&body)?;
    let verdict = verdict_of(&given.decide).ok_or_else(|| {
        WebError::Bad(Text::new(
            "`decide`は`accept`、`reject`、`override`のいずれかです",
            "`decide` is one of `accept`, `reject`, `override`",
        ))
    })?;
    let today = visit.today();
    let decide = Decide {
        subject: &given.subject,
        verdict,
        value: given.value.as_deref().filter(|value| !value.is_empty()),
        reason: &given.reason,
        by: visit.actor()?.name(),
        date: &today,
    };
    let revision = decide_by_api(&app, &visit, &SystemId::from_text(id), parent, &decide).await?;
    Ok(tagged(json(&object!({ "revision": revision })), &tag(revision)))
}
