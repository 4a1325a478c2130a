//! Errors as pages.

use anshin_model::Text;
use anshin_pages::pages;
use axum::http::StatusCode;

use crate::pages::chrome;
use crate::visit::Visit;

/// An error, with a way on, and back to the page on which a form stood.
pub(crate) fn failure(visit: &Visit, status: StatusCode, text: &Text, before: Option<&str>) -> String {
    let title = match status {
        StatusCode::NOT_FOUND => visit.say("見つかりません", "Not found"),
        StatusCode::FORBIDDEN => visit.say("できません", "Not allowed"),
        status if status.is_server_error() => visit.say("問題が起きました", "Something went wrong"),
        _ => visit.say("もう一度お試しください", "Please try again"),
    };
    pages::message(&chrome(visit), title, visit.text(text), before)
}
