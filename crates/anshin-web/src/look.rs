//! Errors as pages.

use anshin_model::Text;
use anshin_pages::pages::{self, Refused, Way};
use axum::http::StatusCode;

use crate::pages::chrome;
use crate::visit::Visit;

/// An error, with a way on: back to the page on which a form stood, with what was typed there.
pub(crate) fn failure(
    visit: &Visit,
    status: StatusCode,
    text: &Text,
    before: Option<&str>,
    refused: Refused<'_>,
) -> String {
    let title = match status {
        StatusCode::NOT_FOUND => visit.say("見つかりません", "Not found"),
        StatusCode::UNAUTHORIZED => visit.say("サインインしてください", "Please sign in"),
        StatusCode::FORBIDDEN => visit.say("できません", "Not allowed"),
        status if status.is_server_error() => visit.say("問題が起きました", "Something went wrong"),
        _ => visit.say("もう一度お試しください", "Please try again"),
    };
    let way = match (status, before) {
        (StatusCode::UNAUTHORIZED, _) => Way::SignIn(before.unwrap_or("/")),
        (_, Some(before)) => Way::Before(before),
        (_, None) => Way::Home,
    };
    pages::message(&chrome(visit), title, visit.text(text), way, refused)
}
