//! The `OpenAPI` document of the table of operations, and a page that shows it without any script.

use anshin_pages::{Page, Room};
use axum::response::Response;
use maud::html;
use serde_json::{Map, Value, json};

use super::{Body, Gives, Operation, operations};
use crate::pages::chrome;
use crate::visit::{Visit, page};

/// The `OpenAPI` 3.1 document.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_lowercase()] = describe(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Anshin",
            "version": "1",
            "description": "Systems, their documents and what belongs to them. Tokens are made on the account page; a token may do at most what its scope and its owner may.",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn describe(operation: &Operation) -> Value {
    let mut parameters = Vec::new();
    for name in operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let schema = if name == "revision" {
            json!({ "type": "integer", "minimum": 1 })
        } else {
            json!({ "type": "string", "pattern": "^[0-9a-z]{16}$" })
        };
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for (name, about) in operation.query {
        let schema = match *name {
            "before" if matches!(operation.id, "listRevisions" | "listAudit") => {
                json!({ "type": "integer", "minimum": 1 })
            }
            "most" => json!({ "type": "integer", "minimum": 1, "maximum": 200 }),
            _ => json!({ "type": "string" }),
        };
        parameters.push(json!({ "name": name, "in": "query", "description": about, "schema": schema }));
    }
    if matches!(operation.id, "putDocument" | "decide") {
        parameters.push(json!({
            "name": "If-Match",
            "in": "header",
            "required": true,
            "description": "The ETag of the document, or of the system, that the change started from.",
            "schema": { "type": "string", "pattern": "^\"[0-9]+(-[0-9]+-[0-9]+)?\"$" },
        }));
    } else if operation.tagged && operation.method == axum::http::Method::GET {
        parameters.push(json!({
            "name": "If-None-Match",
            "in": "header",
            "description": "An ETag: if it is still that one, the answer is 304.",
            "schema": { "type": "string" },
        }));
    }
    let mut responses = Map::new();
    let content = match operation.gives.1 {
        Gives::Json(name) => Some(("application/json", reference(name))),
        // Whatever YAML says: a document may be unfinished.
        Gives::Document => Some(("application/yaml", json!({}))),
        Gives::File => Some(("*/*", json!({ "type": "string", "format": "binary" }))),
        Gives::Nothing => None,
    };
    let mut good = json!({ "description": "Done." });
    if let Some((kind, schema)) = content {
        good["content"] = json!({ kind: { "schema": schema } });
    }
    if operation.tagged {
        good["headers"] = json!({ "ETag": { "schema": { "type": "string" } } });
        if operation.method == axum::http::Method::GET {
            responses.insert("304".to_owned(), json!({ "description": "Not changed." }));
        }
    }
    responses.insert(operation.gives.0.to_string(), good);
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "Why not, and what to do.",
            "content": { "application/problem+json": { "schema": reference("Problem") } },
        }),
    );
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.about,
        "description": format!("Needs the right `{}`.", operation.right.as_str()),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(body) = operation.body {
        let (kind, schema) = match body {
            Body::Json(name) => ("application/json", reference(name)),
            Body::Document => ("application/yaml", json!({ "type": "string", "maxLength": 8 << 20 })),
            Body::File => ("application/octet-stream", json!({ "type": "string", "format": "binary" })),
        };
        described["requestBody"] = json!({ "required": true, "content": { kind: { "schema": schema } } });
    }
    described
}

/// An object whose keys are all there, but for those whose type ends in `?`, which may be null.
fn object(keys: &[(&str, &str)]) -> Value {
    let mut properties = Map::new();
    for (name, kind) in keys {
        let (kind, may_be_null) = kind.strip_suffix('?').map_or((*kind, false), |kind| (kind, true));
        let schema = match kind {
            "text" => json!({ "type": "string" }),
            "time" => json!({ "type": "string", "format": "date-time" }),
            "number" => json!({ "type": "integer" }),
            "yes" => json!({ "type": "boolean" }),
            "any" => json!({}),
            list if list.starts_with('[') => {
                let of = list.trim_matches(['[', ']']);
                let items = if of == "text" { json!({ "type": "string" }) } else { reference(of) };
                json!({ "type": "array", "items": items })
            }
            other => reference(other),
        };
        let schema = if may_be_null { json!({ "anyOf": [schema, { "type": "null" }] }) } else { schema };
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<_> = keys.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// What may be sent: nothing beyond these keys, and only some of them are needed.
fn input(keys: &[(&str, &str)], required: &[&str]) -> Value {
    let mut schema = object(keys);
    schema["required"] = json!(required);
    schema["additionalProperties"] = json!(false);
    schema
}

fn schemas() -> Value {
    json!({
        "Problem": object(&[("type", "text"), ("title", "text"), ("status", "number"), ("detail", "text")]),
        "Name": object(&[("ja", "text"), ("en", "text")]),
        "System": object(&[
            ("id", "text"), ("name", "Name"), ("revision", "number"), ("hash", "text"), ("changed", "time"),
            ("changedBy", "text"), ("approved", "number?"), ("archived", "time?"),
        ]),
        "Systems": object(&[("systems", "[System]"), ("next", "text?")]),
        "Author": object(&[("id", "text"), ("name", "text")]),
        "Revision": object(&[
            ("number", "number"), ("parent", "number?"), ("merged", "number?"), ("author", "Author"),
            ("at", "time"), ("why", "text"), ("hash", "text"),
        ]),
        "Revisions": object(&[("revisions", "[Revision]"), ("next", "number?")]),
        "Created": object(&[("id", "text")]),
        "NewToken": object(&[("id", "text"), ("token", "text")]),
        "Archived": input(&[("archived", "yes")], &["archived"]),
        "Assessment": { "type": "object", "description": "The format of `anshin assess --format json`, version 1." },
        "Task": object(&[("text", "Name"), ("done", "yes"), ("place", "text")]),
        "Step": object(&[("step", "text"), ("complete", "yes"), ("tasks", "[Task]")]),
        "Missing": object(&[("revision", "number"), ("steps", "[Step]")]),
        "Decision": object(&[("decide", "text"), ("by", "text"), ("reason", "Name"), ("stale", "yes")]),
        "Proposal": object(&[
            ("subject", "text"), ("kind", "text"), ("title", "Name"), ("value", "Name"), ("proposed", "Name"),
            ("first", "yes"), ("decision", "Decision?"), ("why", "[Name]"),
        ]),
        "Proposals": object(&[("revision", "number"), ("proposals", "[Proposal]"), ("next", "text?")]),
        "NewDecision": input(
            &[("subject", "text"), ("decide", "text"), ("value", "text?"), ("reason", "text")],
            &["subject", "decide"],
        ),
        "Decided": object(&[("revision", "number")]),
        "NewApproval": input(&[("note", "text")], &[]),
        "Approval": object(&[
            ("id", "text"), ("revision", "number"), ("hash", "text"), ("by", "text"), ("at", "time"),
            ("note", "text"), ("withdrawn", "time?"),
        ]),
        "Approvals": object(&[("approvals", "[Approval]"), ("next", "text?")]),
        "NewComment": input(&[("subject", "text"), ("body", "text")], &["body"]),
        "Comment": object(&[
            ("id", "text"), ("subject", "text"), ("by", "text"), ("at", "time"), ("body", "text"),
            ("resolved", "time?"),
        ]),
        "Comments": object(&[("comments", "[Comment]"), ("next", "text?")]),
        "Evidence": object(&[
            ("id", "text"), ("subject", "text"), ("name", "text"), ("media", "text"), ("hash", "text"),
            ("size", "number"), ("by", "text"), ("at", "time"),
        ]),
        "EvidenceList": object(&[("evidence", "[Evidence]"), ("next", "text?")]),
        "NewLink": input(&[("stakeholder", "text"), ("days", "number")], &["stakeholder", "days"]),
        "Link": object(&[
            ("id", "text"), ("stakeholder", "text"), ("by", "text"), ("at", "time"), ("expires", "time"),
            ("ended", "time?"),
        ]),
        "Links": object(&[("links", "[Link]"), ("next", "text?")]),
        "Answer": object(&[
            ("stakeholder", "text"), ("item", "text"), ("reply", "text"), ("note", "text"), ("at", "time"),
        ]),
        "Answers": object(&[("answers", "[Answer]"), ("next", "text?")]),
        "Organization": object(&[("id", "text"), ("name", "text")]),
        "Me": object(&[
            ("login", "text"), ("name", "text"), ("organization", "Organization"), ("rights", "[text]"),
        ]),
        "User": object(&[
            ("id", "text"), ("login", "text"), ("name", "text"), ("role", "text"), ("totp", "yes"),
            ("disabled", "time?"),
        ]),
        "Users": object(&[("users", "[User]"), ("next", "text?")]),
        "AuditEntry": object(&[
            ("number", "number"), ("at", "time"), ("actor", "text"), ("action", "text"), ("subject", "text"),
            ("detail", "any"), ("hash", "text"),
        ]),
        "Audit": object(&[("entries", "[AuditEntry]"), ("next", "number?")]),
    })
}

/// The operations as a page.
pub(super) async fn viewer(visit: Visit) -> Response {
    let body = html! {
        h1 { "HTTP API" }
        p {
            (visit.say(
                "他のプログラムからこのサーバーを使うためのHTTP APIです。アカウントのページで作ったトークンをAuthorizationヘッダーで送ります。",
                "The HTTP API, for other programs. Send a token, made on the account page, in the Authorization header.",
            ))
        }
        pre tabindex="0" { code { "curl -H \"Authorization: Bearer $TOKEN\" http://localhost:8080/api/v1/systems" } }
        p { a href="/api/openapi.json" { "OpenAPI 3.1 (JSON)" } }
        @for operation in operations() {
            details {
                summary { code { (operation.method) " " (operation.path) } }
                p lang="en" { (operation.about) }
                dl {
                    dt { (visit.say("必要な権限", "Right")) } dd { code { (operation.right.as_str()) } }
                    @for (name, about) in operation.query {
                        dt { code { "?" (name) } } dd lang="en" { (about) }
                    }
                    @if let Some(Body::Json(name)) = operation.body {
                        dt { (visit.say("送る内容", "Body")) } dd { pre tabindex="0" { (format!("{:#}", schemas()[name])) } }
                    }
                    @if let Gives::Json(name) = operation.gives.1 {
                        dt { (visit.say("応答", "Answer")) " " (operation.gives.0) }
                        dd { pre tabindex="0" { (format!("{:#}", schemas()[name])) } }
                    }
                }
            }
        }
    };
    page(chrome(&visit).page(&Page::new("HTTP API", Room::Help, body).narrow()))
}
