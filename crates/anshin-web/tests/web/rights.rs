//! Rights, for every route of the table: nobody, too little, enough.

use anshin_model::Lang;
use anshin_store::{
    Administrator, Draft, NewComment, NewEvidence, NewIdentity, NewLink, NewPaper, PaperKind, Right, Role,
};
use anshin_web::route::{Need, Route, routes};
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode, header};

use crate::browser::{PASSWORD, Program};

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

/// A request to a route, as a page of ours or another program would send it.
fn request(route: &Route, path: &str, csrf: &str, bearer: &str) -> Builder {
    let request = Request::builder().method(route.method.clone()).uri(path);
    if is_api(route) {
        request.header(header::AUTHORIZATION, format!("Bearer {bearer}"))
    } else {
        request.header("x-csrf-token", csrf).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    }
}

fn is_api(route: &Route) -> bool {
    route.path.starts_with("/api/")
}

#[tokio::test]
async fn every_route_asks_for_its_right() {
    let program = Program::with_people().await;
    let mut nobody = program.browser();
    let token = nobody.get("/sign-in").await.token();
    for route in routes().iter().filter(|route| route.need != Need::Nobody) {
        let path = filled(route.path);
        let answer = nobody.send(request(route, &path, &token, "made-up"), Body::empty()).await;
        let to_sign_in = answer.header("location").starts_with("/sign-in");
        let refused = match (is_api(route), &route.method) {
            (false, &Method::GET) => to_sign_in,
            _ => answer.status == StatusCode::UNAUTHORIZED,
        };
        assert!(refused, "{} {path}: nobody got {}", route.method, answer.status);
    }
    for role in Role::ALL {
        let bearer = program.token(role.as_str()).await;
        for route in &routes() {
            let Need::Right(right) = route.need else { continue };
            // Some routes end the session: each gets one of its own.
            let ends = route.path.contains("sign-out") || route.path.contains("session");
            let mut browser = program.signed_in(role.as_str()).await;
            let csrf = if ends || !is_api(route) { browser.get("/").await.token() } else { String::new() };
            let path = filled(route.path);
            let answer = browser.send(request(route, &path, &csrf, &bearer), Body::empty()).await;
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !holds(role, right),
                "{} {path}: {role:?} got {}",
                route.method,
                answer.status
            );
            assert!(
                !answer.status.is_server_error(),
                "{} {path}: {role:?} got {}",
                route.method,
                answer.status
            );
        }
    }
}

#[tokio::test]
async fn no_route_shows_or_changes_what_belongs_to_another_organization() {
    let program = Program::with_people().await;
    let store = &program.store;
    let owner = program.actor("administrator").await;
    let text = "anshin: 1\nsystem: { id: hidden, name: Hidden-treasure }\n";
    let system = store.create_system(&owner, Draft { text, why: "" }).await.unwrap().id;
    let file = NewEvidence { subject: "", name: "Hidden-treasure.txt", bytes: b"Hidden-treasure" };
    let evidence = store.add_evidence(&owner, &system, file).await.unwrap();
    let link = store.create_link(&owner, &system, NewLink { stakeholder: "s", days: 1 }).await.unwrap().0;
    let answers =
        "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nsubject: Hidden-treasure\nanswers: []\n";
    let new = NewPaper { kind: PaperKind::Round, about: "five-minute", system: Some(&system), text: answers };
    let round = store.create_paper(&owner, new).await.unwrap().id;
    let text = "anshin-ledger: 1\ncompany: Hidden-treasure\nassets: []\n";
    let new = NewPaper { kind: PaperKind::Ledger, about: "", system: None, text };
    let ledger = store.create_paper(&owner, new).await.unwrap().id;
    let text = "# Hidden-treasure\n";
    let new = NewPaper { kind: PaperKind::Policy, about: "basic-policy.en", system: None, text };
    store.create_paper(&owner, new).await.unwrap();
    let remark = NewComment { subject: "", body: "Hidden-treasure" };
    let comment = store.add_comment(&owner, &system, remark).await.unwrap();
    let approval = store.approve(&owner, &system, 1, "Hidden-treasure").await.unwrap();
    let new = NewIdentity { issuer: "i", subject: "s", name: "Hidden-treasure", public_key: "04" };
    let identity = store.add_identity(&owner, new).await.unwrap();
    let webhook = store.create_webhook(&owner, "http://203.0.113.1/hidden").await.unwrap().0;
    store.invite(&owner, Role::Viewer).await.unwrap();
    let invitation = store.invitations(&owner).await.unwrap().remove(0).id;
    let other = Administrator {
        organization: "Other",
        login: "mio",
        name: "Mio",
        password: PASSWORD,
        language: Lang::En,
    };
    store.add_organization(other).await.unwrap();
    let bearer = program.token("mio").await;
    let before = store.audit(&owner, None, 1000).await.unwrap();
    let mut seen = 0;
    for route in routes().iter().filter(|route| route.path.contains('{') && route.need != Need::Nobody) {
        let path = route
            .path
            .replace("{evidence}", evidence.as_str())
            .replace("{link}", link.as_str())
            .replace("{round}", round.as_str())
            .replace("/ledgers/{ledger}/files/{file}", "/ledgers/{ledger}/files/ledger.yaml")
            .replace("{ledger}", ledger.as_str())
            .replace("{file}", "answers.yaml")
            .replace("{comment}", comment.as_str())
            .replace("{approval}", approval.as_str())
            .replace("{invitation}", invitation.as_str())
            .replace("{webhook}", webhook.as_str())
            .replace("{identity}", identity.as_str())
            .replace("{revision}", "1")
            .replace("{user}", owner.user().as_str())
            .replace("{session}", owner.session().unwrap().as_str())
            .replace("{system}", system.as_str())
            .replace("{id}", system.as_str());
        let mut browser = program.signed_in("mio").await;
        let csrf = browser.get("/").await.token();
        let sent = request(route, &filled(&path), &csrf, &bearer).header(header::IF_MATCH, "\"1\"");
        let answer =
            browser.send(sent, Body::from(if is_api(route) { "{}" } else { "parent=1&state=1" })).await;
        assert!(!answer.text.contains("Hidden-treasure"), "{} {path}", route.method);
        let system_is_named = [
            "{system}",
            "{evidence}",
            "{link}",
            "{round}",
            "{ledger}",
            "{comment}",
            "{approval}",
            "{invitation}",
            "{webhook}",
            "{identity}",
            "{user}",
            "{session}",
        ];
        if system_is_named.iter().any(|name| route.path.contains(name)) {
            assert!(answer.status.is_client_error(), "{} {path}: {}", route.method, answer.status);
        }
        seen += 1;
    }
    assert!(seen > 10);
    assert_eq!(store.audit(&owner, None, 1000).await.unwrap(), before, "nothing was done");
}

#[tokio::test]
async fn whoever_acts_shows_the_token_of_a_form() {
    let program = Program::with_people().await;
    for route in routes().iter().filter(|route| route.method != Method::GET && !is_api(route)) {
        let mut browser = program.signed_in("administrator").await;
        let request = Request::builder()
            .method(route.method.clone())
            .uri(filled(route.path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = browser.send(request, Body::from("a=b")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn no_route_takes_a_character_that_no_database_keeps() {
    let program = Program::with_people().await;
    let bearer = program.token("administrator").await;
    let mut browser = program.signed_in("administrator").await;
    let csrf = browser.get("/").await.token();
    for route in &routes() {
        let path = filled(route.path);
        let with = path.replacen(&"0".repeat(16), "a%00b", 1);
        for path in [with, format!("{path}?back=a%00b")].iter().filter(|path| path.contains("%00")) {
            let answer = browser.send(request(route, path, &csrf, &bearer), Body::empty()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}", route.method);
        }
        if route.method != Method::GET && !is_api(route) {
            let sent = request(route, &path, &csrf, &bearer);
            let answer = browser.send(sent, Body::from("login=a%00b&text=%00")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{} {path}", route.method);
        }
    }
}
