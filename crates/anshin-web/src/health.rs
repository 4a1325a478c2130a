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

/// The program can work: its database answers.
async fn ready(State(app): State<App>) -> Response {
    if app.store().is_ready().await {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
    }
}
