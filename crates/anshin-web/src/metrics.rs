//! Figures for Prometheus: requests by route and status, and how long they took.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anshin_store::Right;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse as _, Response};

use crate::route::{Need, Route, Shared, reads};

/// Upper ends of the buckets, in milliseconds.
const BUCKETS: [u64; 9] = [5, 10, 25, 50, 100, 250, 500, 1000, 5000];

/// Requests that were answered.
#[derive(Default)]
pub(crate) struct Metrics {
    /// By method, route and status. Routes are those of the table, so there are few.
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    times: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    microseconds: u128,
}

impl Metrics {
    pub(crate) fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let key = (method.to_string(), route.to_owned(), status);
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        for (bucket, end) in times.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(took <= Duration::from_millis(end));
        }
        times.count += 1;
        times.microseconds += took.as_micros();
    }

    /// All figures in the text format of Prometheus.
    fn text(&self) -> String {
        let mut out = String::from(
            "# HELP anshin_requests_total Requests that were answered.\n# TYPE anshin_requests_total counter\n",
        );
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((method, route, status), count) in requests.iter() {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            let _ = writeln!(out, "anshin_requests_total{{{labels}}} {count}");
        }
        out.push_str(
            "# HELP anshin_request_seconds How long answers took.\n# TYPE anshin_request_seconds histogram\n",
        );
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, end) in times.buckets.iter().zip(BUCKETS) {
            let (whole, rest) = (end / 1000, end % 1000);
            let _ = writeln!(out, "anshin_request_seconds_bucket{{le=\"{whole}.{rest:03}\"}} {count}");
        }
        let (seconds, rest) = (times.microseconds / 1_000_000, times.microseconds % 1_000_000);
        let count = times.count;
        let _ = writeln!(out, "anshin_request_seconds_bucket{{le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "anshin_request_seconds_sum {seconds}.{rest:06}");
        let _ = writeln!(out, "anshin_request_seconds_count {count}");
        out
    }
}

/// Under the API, so that the collector shows a token.
pub(crate) fn routes() -> Vec<Route> {
    vec![reads("/api/metrics", Need::Right(Right::Administer), show)]
}

async fn show(State(app): Shared) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, kind)], app.metrics().text()).into_response()
}
