//! Style sheets and scripts.

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use crate::error::WebError;
use crate::route::{Need, Route, reads};

pub(super) fn routes() -> Vec<Route> {
    vec![reads("/assets/{name}", Need::Nobody, asset)]
}

async fn asset(Path(name): Path<String>) -> Result<Response, WebError> {
    let asset = anshin_pages::asset(&name).ok_or(WebError::NotFound)?;
    // Pages name an asset with a hash of its content, so it may be kept; a script that another
    // names without one is asked for again after a minute.
    let keep = if name == "live.js" { "max-age=60" } else { "max-age=31536000, immutable" };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media)),
        (CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    Ok((headers, asset.text).into_response())
}
