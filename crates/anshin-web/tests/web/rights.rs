//! Rights, for every route of the table: nobody, too little, enough.

use anshin_store::{Right, Role};
use anshin_web::route::{Need, routes};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use crate::browser::Program;

/// A path of the route with something in the place of each name.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "0".repeat(16) } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn holds(role: Role, right: Right) -> bool {
    let least = match right {
        Right::Read => Role::Viewer,
        Right::Edit => Role::Editor,
        Right::Approve => Role::Approver,
        Right::Administer => Role::Administrator,
    };
    role >= least
}

#[tokio::test]
async fn every_route_asks_for_its_right() {
    let program = Program::with_people().await;
    let mut seen = 0;
    for route in routes() {
        let Need::Right(right) = route.need else { continue };
        let path = filled(route.path);
        let request = |token: &str| {
            let request = Request::builder().method(route.method.clone()).uri(&path);
            request
                .header("x-csrf-token", token)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        };
        let mut nobody = program.browser();
        let token = nobody.get("/sign-in").await.token();
        let answer = nobody.send(request(&token), Body::empty()).await;
        let to_sign_in = answer.header("location").starts_with("/sign-in");
        assert!(
            if route.method == Method::GET { to_sign_in } else { answer.status == StatusCode::UNAUTHORIZED },
            "{} {path}: nobody got {}",
            route.method,
            answer.status
        );
        for role in Role::ALL {
            let mut browser = program.signed_in(role.as_str()).await;
            let token = browser.get("/").await.token();
            let answer = browser.send(request(&token), Body::empty()).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !holds(role, right),
                "{} {path}: {role:?} got {}",
                route.method,
                answer.status
            );
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn whoever_acts_shows_the_token_of_a_form() {
    let program = Program::with_people().await;
    for route in routes().into_iter().filter(|route| route.method != Method::GET) {
        let mut browser = program.signed_in("administrator").await;
        let request = Request::builder()
            .method(route.method.clone())
            .uri(filled(route.path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = browser.send(request, Body::from("a=b")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
    }
}
