//! The HTTP API: the same rights and the same store as the pages, for other programs.
//!
//! [`operations`] is one table: routes, the check of rights, the `OpenAPI` document and the page that
//! shows it are all made of it.

mod assessment;
mod beside;
mod describe;
mod organization;
mod systems;

use anshin_model::Text;
use anshin_store::{Actor, Right, Store, StoreError, SystemId};
use axum::body::Bytes;
use axum::handler::Handler;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use serde::Deserialize;
use serde_json::Value;

use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::Visit;

/// Where the API begins.
pub(crate) const ROOT: &str = "/api/";

/// One thing that the API can do.
pub(crate) struct Operation {
    method: Method,
    path: &'static str,
    right: Right,
    /// What it is called in generated clients.
    id: &'static str,
    about: &'static str,
    /// Names in the query with what they mean.
    query: &'static [(&'static str, &'static str)],
    /// What is sent.
    body: Option<Body>,
    /// The status and the shape of a good answer.
    gives: (u16, Gives),
    /// Whether the answer carries an `ETag`.
    tagged: bool,
    handler: MethodRouter<App>,
}

/// What is sent.
#[derive(Clone, Copy)]
enum Body {
    /// A JSON object of this name in the document.
    Json(&'static str),
    /// A system document.
    Document,
    /// Any file.
    File,
}

/// What comes back.
#[derive(Clone, Copy)]
enum Gives {
    Json(&'static str),
    Document,
    File,
    Nothing,
}

/// How a page of a list is asked for.
const PAGING: &[(&str, &str)] =
    &[("before", "Only rows with a smaller number."), ("most", "At most so many rows, 1 to 200.")];

/// The same for lists without numbers, which come whole where nobody asks for a part.
const PARTS: &[(&str, &str)] = &[
    ("before", "The `next` of the part before: the rows that follow it come."),
    ("most", "At most so many rows, 1 to 200; left out for all."),
];

/// Which part of a list is asked for.
#[derive(Deserialize)]
struct Part {
    before: Option<String>,
    most: Option<u32>,
}

impl Part {
    /// The part of those rows that are wanted, and where the next begins; `key` names a row.
    ///
    /// The place is one among all rows, so that it holds while somebody works through what is wanted: a row
    /// that is not wanted any more still has its place, and where it is gone its number has the one after it.
    fn of<T>(
        &self,
        all: Vec<T>,
        key: impl Fn(&T) -> String,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<(Vec<T>, Option<String>), WebError> {
        let from = match &self.before {
            None => 0,
            Some(before) => {
                let place = before.split_once('.').and_then(|(n, key)| Some((n.parse().ok()?, key)));
                let (n, name): (usize, _) = place.ok_or_else(|| {
                    WebError::Bad(Text::new(
                        "`before`には、前の応答の`next`をそのまま指定してください",
                        "`before` is the `next` of the answer before, as it came",
                    ))
                })?;
                all.iter().position(|row| key(row) == name).map_or(n, |at| at + 1)
            }
        };
        let most = self.most.map_or(usize::MAX, |most| most.clamp(1, 200) as usize);
        let mut rows = all.into_iter().enumerate().skip(from).filter(|(_, row)| wanted(row));
        let part: Vec<(usize, T)> = rows.by_ref().take(most).collect();
        let more = rows.next().is_some();
        let next = part.last().filter(|_| more).map(|(n, row)| format!("{n}.{}", key(row)));
        Ok((part.into_iter().map(|(_, row)| row).collect(), next))
    }
}

/// A row is named by its id.
fn id_of(row: &Value) -> String {
    row["id"].as_str().unwrap_or_default().to_owned()
}

fn operation<H, T>(
    method: Method,
    path: &'static str,
    right: Right,
    id: &'static str,
    about: &'static str,
    gives: (u16, Gives),
    handler: H,
) -> Operation
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = match method {
        Method::POST => MethodFilter::POST,
        Method::PUT => MethodFilter::PUT,
        Method::DELETE => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    };
    let handler = on(filter, handler);
    Operation { method, path, right, id, about, query: &[], body: None, gives, tagged: false, handler }
}

impl Operation {
    fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    fn tagged(mut self) -> Self {
        self.tagged = true;
        self
    }
}

/// Everything that the API can do.
fn operations() -> Vec<Operation> {
    let mut all = systems::operations();
    all.extend(assessment::operations());
    all.extend(beside::operations());
    all.extend(organization::operations());
    all
}

pub(crate) fn routes() -> Vec<Route> {
    let mut all = vec![
        reads("/api/openapi.json", Need::Nobody, async || {
            ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], describe::document().to_string())
        }),
        reads("/api", Need::Nobody, describe::viewer),
    ];
    all.extend(operations().into_iter().map(|operation| Route {
        method: operation.method,
        path: operation.path,
        need: Need::Right(operation.right),
        handler: operation.handler,
    }));
    all
}

type Done = Result<Response, WebError>;

/// A part of a list that belongs to a system. A system of someone else's is not found.
async fn listed<T>(
    visit: &Visit,
    app: &App,
    (system, part): (String, Part),
    (name, key): (&str, fn(&Value) -> String),
    fetch: impl AsyncFn(&Store, &Actor, &SystemId) -> Result<Vec<T>, StoreError>,
    row: impl Fn(&T) -> Value,
) -> Done {
    let (actor, system) = (visit.actor()?, SystemId::from_text(system));
    app.store().system(actor, &system).await?;
    let rows = fetch(app.store(), actor, &system).await?.iter().map(row).collect();
    let (rows, next) = part.of(rows, key, |_| true)?;
    Ok(json(&serde_json::json!({ name: rows, "next": next })))
}

/// Something was made.
fn created(value: &Value) -> Response {
    (StatusCode::CREATED, json(value)).into_response()
}

fn json(value: &Value) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], value.to_string()).into_response()
}

/// The tag of a revision.
fn tag(revision: u64) -> String {
    format!("\"{revision}\"")
}

fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Whether the one who asks has this version already.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let wanted = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    wanted.split(',').map(|word| word.trim().trim_start_matches("W/")).any(|word| word == tag || word == "*")
}

fn not_modified(tag: &str) -> Response {
    tagged(StatusCode::NOT_MODIFIED.into_response(), tag)
}

/// The revision that a change starts from.
fn revision_of(headers: &HeaderMap) -> Result<u64, WebError> {
    let given = headers.get(IF_MATCH).ok_or(WebError::NoRevision)?;
    // The tag of a system, too, begins with its revision.
    let number = given.to_str().ok().and_then(|word| {
        let word = word.trim().strip_prefix('"')?.strip_suffix('"')?;
        word.split('-').next()?.parse().ok()
    });
    number.ok_or_else(|| {
        WebError::Bad(Text::new(
            "If-Matchには、ETagで受け取った版を\"3\"の形で書いてください",
            "write the revision that came as ETag into If-Match, such as \"3\"",
        ))
    })
}

/// The body as JSON of a shape; what it says beyond is refused.
fn parsed<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, WebError> {
    serde_json::from_slice(body).map_err(|error| {
        WebError::Bad(Text::new(
            format!("JSONを読めません（{error}）"),
            format!("the JSON cannot be read ({error})"),
        ))
    })
}

/// The body as text.
fn text(body: &Bytes) -> Result<&str, WebError> {
    std::str::from_utf8(body)
        .map_err(|_| WebError::Bad(Text::new("UTF-8で送ってください", "send it as UTF-8")))
}
