//! The table of routes. Each says what it needs; the check is made before the handler runs, and the
//! tests of rights walk the same table, so that no route can be forgotten.

use anshin_store::Right;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get, post};

use crate::app::App;
use crate::error::WebError;
use crate::visit::Visit;
use crate::{api, gate, health, metrics, pages};

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: signing in, health.
    Nobody,
    /// Someone who has signed in, with a right.
    Right(Right),
}

/// A route.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, with `{names}` of its parts.
    pub path: &'static str,
    /// What it needs.
    pub need: Need,
    pub(crate) handler: MethodRouter<App>,
}

/// A page to read.
pub(crate) fn reads<H, T>(path: &'static str, need: Need, handler: H) -> Route
where
    H: axum::handler::Handler<T, App>,
    T: 'static,
{
    Route { method: Method::GET, path, need, handler: get(handler) }
}

/// A form that acts.
pub(crate) fn acts<H, T>(path: &'static str, need: Need, handler: H) -> Route
where
    H: axum::handler::Handler<T, App>,
    T: 'static,
{
    Route { method: Method::POST, path, need, handler: post(handler) }
}

/// All routes of the program.
pub fn routes() -> Vec<Route> {
    let mut all = health::routes();
    all.extend(pages::routes());
    all.extend(api::routes());
    all.extend(metrics::routes());
    all
}

/// The program as one service.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let check = from_fn(move |visit: Visit, request: Request, next: Next| {
            check(route.need, visit, request, next)
        });
        router = router.route(route.path, route.handler.layer(check));
    }
    router
        // The gate has taken the body in already, within its own limits.
        .layer(axum::extract::DefaultBodyLimit::disable())
        .fallback(async || WebError::NotFound)
        .method_not_allowed_fallback(async || WebError::WrongMethod)
        .layer(from_fn_with_state(app.clone(), gate::pass))
        .with_state(app)
}

async fn check(need: Need, visit: Visit, request: Request, next: Next) -> Response {
    match (need, &visit.actor) {
        (Need::Nobody, _) => next.run(request).await,
        (Need::Right(_), None) => WebError::SignIn.into_response(),
        (Need::Right(right), Some(actor)) if actor.may(right) => next.run(request).await,
        (Need::Right(_), Some(_)) => WebError::Forbidden.into_response(),
    }
}

/// The state, for handlers.
pub type Shared = State<App>;
