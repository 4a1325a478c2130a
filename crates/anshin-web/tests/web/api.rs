//! The API: documents with their revisions, tags, paging, problems, and its description.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, Program};

const TEXT: &str =
    "anshin: 1\nsystem: { id: a, name: A }\nassets:\n  - id: x\n    kind: k\n  - id: y\n    kind: k\n";

struct Client {
    browser: Browser,
    token: String,
}

impl Client {
    async fn new(program: &Program, login: &str) -> Self {
        Self { browser: program.browser(), token: program.token(login).await }
    }

    async fn send(&mut self, method: &str, path: &str, tag: Option<(&str, &str)>, body: &str) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if let Some((name, tag)) = tag {
            request = request.header(name, tag);
        }
        self.browser.send(request, Body::from(body.to_owned())).await
    }

    async fn get(&mut self, path: &str) -> Value {
        let answer = self.send("GET", path, None, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    }
}

fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text);
    let problem: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(problem["status"], answer.status.as_u16());
    problem
}

#[tokio::test]
async fn a_document_is_made_changed_and_read() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "editor").await;
    let made = client.send("POST", "/api/v1/systems?why=first", None, TEXT).await;
    assert_eq!((made.status, made.header("etag")), (StatusCode::CREATED, "\"1\""));
    let place = made.header("location").to_owned();
    let document = format!("{place}/document");
    let read = client.send("GET", &document, None, "").await;
    assert_eq!((read.text.as_str(), read.header("content-type")), (TEXT, "application/yaml"));
    let same = client.send("GET", &document, Some(("if-none-match", "\"1\"")), "").await;
    assert_eq!((same.status, same.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let theirs = TEXT.replace("id: x\n    kind: k", "id: x\n    kind: theirs");
    let saved = client.send("PUT", &document, Some(("if-match", "\"1\"")), &theirs).await;
    assert_eq!((saved.status, saved.header("etag")), (StatusCode::OK, "\"2\""), "{}", saved.text);
    let blind = client.send("PUT", &document, None, TEXT).await;
    assert_eq!(problem(&blind)["status"], 428);
    let mine = TEXT.replace("id: y\n    kind: k", "id: y\n    kind: mine");
    let late = client.send("PUT", &document, Some(("if-match", "\"1\"")), &mine).await;
    assert_eq!(problem(&late)["status"], 412);
    let merged =
        client.send("PUT", &format!("{document}?merge=yes"), Some(("if-match", "\"1\"")), &mine).await;
    assert_eq!(merged.header("etag"), "\"3\"", "{}", merged.text);
    let read = client.send("GET", &document, None, "").await.text;
    assert!(read.contains("theirs") && read.contains("mine"), "{read}");
    let other = TEXT.replace("id: x\n    kind: k", "id: x\n    kind: other");
    let clash =
        client.send("PUT", &format!("{document}?merge=yes"), Some(("if-match", "\"1\"")), &other).await;
    let clash = problem(&clash);
    assert_eq!((&clash["status"], &clash["clashes"][0]["path"]), (&json!(409), &json!("assets/x/kind")));
    let first = client.get(&format!("{place}/revisions?most=2")).await;
    let numbers = |page: &Value| -> Vec<Value> {
        page["revisions"].as_array().unwrap().iter().map(|row| row["number"].clone()).collect()
    };
    assert_eq!((numbers(&first), &first["next"]), (vec![json!(3), json!(2)], &json!(2)));
    let second = client.get(&format!("{place}/revisions?most=2&before=2")).await;
    assert_eq!((numbers(&second), &second["next"]), (vec![json!(1)], &Value::Null));
    assert_eq!(client.send("GET", &format!("{place}/revisions/1/document"), None, "").await.text, TEXT);
}

#[tokio::test]
async fn problems_are_told_as_problems() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "editor").await;
    for (method, path, body, status) in [
        ("GET", "/api/v1/nothing", "", 404),
        ("GET", "/api/v1/systems/0000000000000000", "", 404),
        ("GET", "/api/v1/systems/0000000000000000/revisions/one", "", 400),
        ("GET", "/api/v1/systems/0000000000000000/revisions?most=many", "", 400),
        ("POST", "/api/v1/systems/0000000000000000/comments", "{", 400),
        ("POST", "/api/v1/systems/0000000000000000/comments", "{\"body\":\"b\",\"boddy\":1}", 400),
        ("POST", "/api/v1/systems/0000000000000000/comments", "{\"body\":\"b\"}", 404),
        ("POST", "/api/v1/systems", "a\0b", 422),
        ("GET", "/api/v1/audit", "", 403),
    ] {
        let answer = client.send(method, path, None, body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.text);
        assert!(problem(&answer)["detail"].as_str().unwrap().len() > 5);
    }
    client.token = "anshin-token-made-up".to_owned();
    let nobody = client.send("GET", "/api/v1/me", None, "").await;
    assert_eq!((nobody.status, nobody.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
}

#[tokio::test]
async fn a_cookie_is_no_key_to_the_api() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("administrator").await;
    assert_eq!(browser.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn files_come_back_as_they_went_and_are_never_shown() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "editor").await;
    let made = client.send("POST", "/api/v1/systems", None, TEXT).await;
    let place = format!("{}/evidence?subject=requirement/updates&name=", made.header("location"));
    let script = "<script>alert(1)</script>";
    let refused = client.send("POST", &format!("{place}a.html"), None, script).await;
    assert_eq!(problem(&refused)["status"], 422);
    let kept = client.send("POST", &format!("{place}..%2F..%2Fa.txt"), None, script).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    let id = serde_json::from_str::<Value>(&kept.text).unwrap()["id"].as_str().unwrap().to_owned();
    let back = client.send("GET", &format!("/api/v1/evidence/{id}"), None, "").await;
    assert_eq!((back.text.as_str(), back.header("content-type")), (script, "text/plain"));
    assert_eq!(back.header("content-disposition"), "attachment; filename*=UTF-8''a.txt");
    assert_eq!(back.header("content-security-policy"), "default-src 'none'; sandbox");
}

#[tokio::test]
async fn the_description_names_every_route_and_every_shape() {
    let program = Program::with_people().await;
    let answer = program.browser().get("/api/openapi.json").await;
    let document: Value = serde_json::from_str(&answer.text).unwrap();
    for route in anshin_web::route::routes().iter().filter(|route| route.path.starts_with("/api/v1/")) {
        let described = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(described["operationId"].is_string(), "{} {}", route.method, route.path);
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for part in answer.text.split("#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    let page = program.browser().get("/api").await;
    assert!(page.text.contains("/api/v1/systems/{system}/document"));
    assert!(!page.text.contains("<script"), "the page needs no script");
}

#[tokio::test]
async fn figures_are_counted_by_route() {
    let program = Program::with_people().await;
    let mut viewer = Client::new(&program, "viewer").await;
    viewer.get("/api/v1/me").await;
    viewer.send("GET", "/api/v1/systems/0000000000000000", None, "").await;
    let mut administrator = Client::new(&program, "administrator").await;
    let figures = administrator.send("GET", "/api/metrics", None, "").await.text;
    for line in [
        "anshin_requests_total{method=\"GET\",route=\"/api/v1/me\",status=\"200\"} 1",
        "anshin_requests_total{method=\"GET\",route=\"/api/v1/systems/{system}\",status=\"404\"} 1",
        "anshin_request_seconds_count 2",
    ] {
        assert!(figures.lines().any(|own| own == line), "{line}\n{figures}");
    }
    assert_eq!(viewer.send("GET", "/api/metrics", None, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_list_comes_in_parts() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "administrator").await;
    let heater = include_str!("../../../../examples/gas-water-heater.yaml");
    let mut place = String::new();
    for _ in 0..3 {
        let made = client.send("POST", "/api/v1/systems", None, heater).await;
        place = made.header("location").to_owned();
    }
    for n in 0..3 {
        let comments = format!("{place}/comments");
        client.send("POST", &comments, None, &format!("{{\"body\":\"{n}\"}}")).await;
        client.send("POST", &format!("{place}/evidence?name={n}.txt"), None, &n.to_string()).await;
        client.send("POST", &format!("{place}/revisions/1/approval"), None, "{}").await;
        let links = format!("{place}/links");
        let link = client.send("POST", &links, None, r#"{"stakeholder":"supplier","days":1}"#).await;
        let told: Value = serde_json::from_str(&link.text).unwrap();
        let token = told["token"].as_str().unwrap_or_else(|| panic!("{}", link.text));
        let guest = program.store.guest_of_link(token).await.unwrap().unwrap();
        let given =
            anshin_store::Given { item: ["a", "b", "c"][n], reply: anshin_store::Reply::Done, note: "" };
        program.store.answer(&guest, &[given]).await.unwrap();
    }
    for (path, name) in [
        ("/api/v1/systems".to_owned(), "systems"),
        ("/api/v1/users".to_owned(), "users"),
        (format!("{place}/proposals"), "proposals"),
        (format!("{place}/comments"), "comments"),
        (format!("{place}/evidence"), "evidence"),
        (format!("{place}/approvals"), "approvals"),
        (format!("{place}/links"), "links"),
        (format!("{place}/answers"), "answers"),
    ] {
        let whole = client.get(&path).await;
        let all = whole[name].as_array().unwrap().clone();
        assert!(all.len() > 2 && whole["next"].is_null(), "{path}: {whole}");
        let (mut parts, mut before) = (Vec::new(), String::new());
        loop {
            let part = client.get(&format!("{path}?most=2{before}")).await;
            let rows = part[name].as_array().unwrap();
            assert!(rows.len() <= 2 && !rows.is_empty());
            parts.extend(rows.iter().cloned());
            let Some(next) = part["next"].as_str() else { break };
            before = format!("&before={}", crate::browser::encode(next));
        }
        assert_eq!(parts, all, "{path}");
        let wrong = client.send("GET", &format!("{path}?before=nothing"), None, "").await;
        assert_eq!(problem(&wrong)["status"], 400);
    }
}

#[tokio::test]
async fn the_tag_of_a_system_names_its_revision() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "approver").await;
    let place = client.send("POST", "/api/v1/systems", None, TEXT).await.header("location").to_owned();
    client.send("POST", &format!("{place}/revisions/1/approval"), None, "{}").await;
    let tag = client.send("GET", &place, None, "").await.header("etag").to_owned();
    assert_eq!(tag, "\"1-1-0\"");
    let next = TEXT.replace("name: A", "name: B");
    let saved = client.send("PUT", &format!("{place}/document"), Some(("if-match", &tag)), &next).await;
    assert_eq!((saved.status, saved.header("etag")), (StatusCode::OK, "\"2\""), "{}", saved.text);
    let late = client.send("PUT", &format!("{place}/document"), Some(("if-match", &tag)), TEXT).await;
    assert_eq!(problem(&late)["status"], 412);
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_that_is_asked_for() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "viewer").await;
    for (lang, words) in [("ja-JP,ja;q=0.9", "見つかりません"), ("en", "not found"), ("*", "not found")]
    {
        let path = "/api/v1/systems/0000000000000000";
        let answer = client.send("GET", path, Some(("accept-language", lang)), "").await;
        assert_eq!(problem(&answer)["detail"], words, "{lang}");
    }
}

#[tokio::test]
async fn a_list_goes_on_while_one_works_through_it() {
    let program = Program::with_people().await;
    let mut client = Client::new(&program, "editor").await;
    let heater = include_str!("../../../../examples/gas-water-heater.yaml");
    let place = client.send("POST", "/api/v1/systems", None, heater).await.header("location").to_owned();
    let list = format!("{place}/proposals?state=open&most=1");
    let subjects = |part: &Value| part["proposals"][0]["subject"].as_str().unwrap().to_owned();
    let open = client.get(&format!("{place}/proposals?state=open&most=2")).await;
    let second = open["proposals"][1]["subject"].as_str().unwrap();
    let first = client.get(&list).await;
    let next = crate::browser::encode(first["next"].as_str().unwrap());
    let decided = json!({ "subject": subjects(&first), "decide": "accept", "reason": "agreed" }).to_string();
    let done =
        client.send("POST", &format!("{place}/decisions"), Some(("if-match", "\"1\"")), &decided).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(subjects(&client.get(&format!("{list}&before={next}")).await), second);
    // The same where the row itself is gone: what followed stands in its place.
    let whole = client.get(&format!("{place}/proposals")).await;
    let third = &whole["proposals"][2]["subject"];
    assert_eq!(
        client.get(&format!("{place}/proposals?before=2.gone")).await["proposals"][0]["subject"],
        *third
    );
}
