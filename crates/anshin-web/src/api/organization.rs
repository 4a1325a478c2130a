//! Who asks, the people of the organization, and its audit trail.

use anshin_store::Right;
use axum::extract::{Query, State};
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json as object;

use super::{Gives, Operation, PAGING, PARTS, Part, id_of, json, operation};
use crate::error::WebError;
use crate::route::Shared;
use crate::visit::Visit;

pub(super) fn operations() -> Vec<Operation> {
    use Right::{Administer, Read};
    let get = Method::GET;
    vec![
        operation(
            get.clone(),
            "/api/v1/me",
            Read,
            "getMe",
            "Whose token this is, and what it may do.",
            (200, Gives::Json("Me")),
            me,
        ),
        operation(
            get.clone(),
            "/api/v1/users",
            Administer,
            "listUsers",
            "The people of the organization.",
            (200, Gives::Json("Users")),
            users,
        )
        .query(PARTS),
        operation(
            get,
            "/api/v1/audit",
            Administer,
            "listAudit",
            "The audit trail, the newest entry first.",
            (200, Gives::Json("Audit")),
            audit,
        )
        .query(PAGING),
    ]
}

async fn me(visit: Visit) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    let rights: Vec<_> =
        Right::ALL.into_iter().filter(|right| actor.may(*right)).map(Right::as_str).collect();
    Ok(json(&object!({
        "login": actor.login(),
        "name": actor.name(),
        "organization": { "id": actor.organization().as_str(), "name": actor.organization_name() },
        "rights": rights,
    })))
}

async fn users(visit: Visit, State(app): Shared, Query(part): Query<Part>) -> Result<Response, WebError> {
    let rows = app.store().users(visit.actor()?).await?;
    let row = |user: &anshin_store::User| {
        object!({
            "id": user.id.as_str(),
            "login": user.login,
            "name": user.name,
            "role": user.role.as_str(),
            "totp": user.has_totp,
            "disabled": user.disabled.map(|at| at.to_string()),
        })
    };
    let (rows, next) = part.of(rows.iter().map(row).collect(), id_of, |_| true)?;
    Ok(json(&object!({ "users": rows, "next": next })))
}

#[derive(Deserialize)]
struct Paging {
    before: Option<u64>,
    most: Option<u32>,
}

async fn audit(visit: Visit, State(app): Shared, Query(paging): Query<Paging>) -> Result<Response, WebError> {
    let most = paging.most.unwrap_or(50).clamp(1, 200);
    let rows = app.store().audit(visit.actor()?, paging.before, most).await?;
    let next = rows.last().map(|row| row.number).filter(|number| *number > 1);
    let row = |entry: &anshin_store::AuditEntry| {
        object!({
            "number": entry.number,
            "at": entry.at.to_string(),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": serde_json::from_str::<serde_json::Value>(&entry.detail).unwrap_or_default(),
            "hash": entry.hash,
        })
    };
    Ok(json(&object!({ "entries": rows.iter().map(row).collect::<Vec<_>>(), "next": next })))
}
