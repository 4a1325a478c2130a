//! What those who run the program ask.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::route::{Need, Route, reads};

pub(crate) fn routes() -> Vec<Route> {
    vec![reads("/healthz", Need::Nobody, health), reads("/readyz", Need::Nobody, ready)]
}

/// The program runs.
async fn health() -> &'static str {
    "ok\n"
}

/// The program can work: its database answers and can be written.
async fn ready(State(app): State<App>) -> Response {
    let refused = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if !app.store().is_ready().await {
        refused("the database does not answer\n")
    } else if !app.can_write().await {
        refused("nothing can be saved; check free space and permissions of the disk\n")
    } else {
        "ready\n".into_response()
    }
}
