//! A browser without a window: keeps cookies, fills in the token of forms.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anshin_model::Lang;
use anshin_store::{Actor, Administrator, Clock, NewToken, NewUser, Place, Right, Role, SignIn, Store};
use anshin_web::{App, Config};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A program over an empty store.
pub(crate) struct Program {
    pub(crate) store: Store,
    pub(crate) router: Router,
    pub(crate) clock: TestClock,
    app: App,
    _folder: tempfile::TempDir,
}

impl Program {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::by(TestClock::default(), change).await
    }

    async fn by(clock: TestClock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        change(&mut config);
        let store = Store::open(&config.place, clock.clock()).await.unwrap();
        store.migrate().await.unwrap();
        let app = App::new(store.clone(), config);
        let router = anshin_web::route::router(app.clone());
        Self { store, router, clock, app, _folder: folder }
    }

    /// Starts what runs beside the requests.
    pub(crate) fn run_beside(&self) {
        anshin_web::serve::run_beside(&self.app);
    }

    /// Another process on the same data, behind the same load balancer.
    pub(crate) async fn beside(&self) -> Router {
        let config = self.app.config().clone();
        let store = Store::open(&config.place, self.clock.clock()).await.unwrap();
        let app = App::new(store, config);
        anshin_web::serve::run_beside(&app);
        anshin_web::route::router(app)
    }

    /// Waits until the webhook has so much to be told still, and its last result says something.
    pub(crate) async fn settled(&self, waiting: u64, outcome: &str) {
        let actor = self.actor("administrator").await;
        for _ in 0..600 {
            let hook = self.store.webhooks(&actor).await.unwrap().remove(0);
            if hook.waiting == waiting && hook.outcome.contains(outcome) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("never {waiting} waiting and {outcome}: {:?}", self.store.webhooks(&actor).await);
    }

    /// A program with an administrator and a person of each other role.
    pub(crate) async fn with_people() -> Self {
        Self::with_people_and(|_| {}).await
    }

    /// The same with another configuration.
    pub(crate) async fn with_people_and(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_people_by(TestClock::default(), change).await
    }

    /// The same by a clock that others go by as well.
    pub(crate) async fn with_people_by(clock: TestClock, change: impl FnOnce(&mut Config)) -> Self {
        let program = Self::by(clock, change).await;
        let store = &program.store;
        let first = Administrator {
            organization: "Example Works",
            login: "administrator",
            name: "Aoi",
            password: PASSWORD,
            language: Lang::En,
        };
        store.create_administrator(first).await.unwrap();
        let given = SignIn { login: "administrator", password: PASSWORD, code: None, device: "" };
        let signed_in = store.sign_in(given).await.unwrap();
        let actor = store.actor_of_session(signed_in.token.as_str()).await.unwrap().unwrap();
        for role in [Role::Viewer, Role::Editor, Role::Approver] {
            let login = role.as_str();
            let new = NewUser { login, name: login, password: PASSWORD, role, language: Lang::En };
            store.create_user(&actor, new).await.unwrap();
        }
        program
    }

    /// Someone as the store sees him or her.
    pub(crate) async fn actor(&self, login: &str) -> Actor {
        let given = SignIn { login, password: PASSWORD, code: None, device: "" };
        let signed_in = self.store.sign_in(given).await.unwrap();
        self.store.actor_of_session(signed_in.token.as_str()).await.unwrap().unwrap()
    }

    /// A token of someone for everything that he or she may do.
    pub(crate) async fn token(&self, login: &str) -> String {
        let actor = self.actor(login).await;
        let scope = Right::ALL.into_iter().rev().find(|right| actor.may(*right)).unwrap();
        let new = NewToken { name: "test", scope, days: 1 };
        self.store.create_token(&actor, new).await.unwrap().1.as_str().to_owned()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// A browser in which someone has signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let given = SignIn { login, password: PASSWORD, code: None, device: "" };
        let signed_in = self.store.sign_in(given).await.unwrap();
        let mut browser = self.browser();
        browser.cookies.insert("anshin-session".to_owned(), signed_in.token.as_str().to_owned());
        browser
    }
}

/// The clock of the machine, which can be set forward.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Arc<Mutex<SignedDuration>>);

impl TestClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.0);
        Arc::new(move || Timestamp::now().checked_add(*ahead.lock().unwrap()).unwrap())
    }
}

pub(crate) fn config(folder: &Path) -> Config {
    let settings = anshin_web::config::Settings::default();
    Config { place: Place::folder(folder), ..settings.config().unwrap() }
}

pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token of the page's first form.
    pub(crate) fn token(&self) -> String {
        let at = self.text.find("name=\"csrf\" value=\"").expect("the page has a form") + 19;
        self.text[at..].split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    /// The same browser, led to another process.
    pub(crate) fn over(self, router: Router) -> Self {
        Self { router, ..self }
    }

    /// Opens a stream of events.
    pub(crate) async fn listen(&mut self, path: &str) -> Events {
        let mut request = Request::get(path).header(header::HOST, "localhost:8080");
        for (name, value) in &self.cookies {
            request = request.header(header::COOKIE, format!("{name}={value}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        Events { body: response.into_body().into_data_stream(), seen: String::new() }
    }

    pub(crate) async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.body(body).unwrap();
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert("localhost:8080".parse().unwrap());
        headers.entry(header::ACCEPT_LANGUAGE).or_insert("en".parse().unwrap());
        if !cookies.is_empty() {
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split_once('=').unwrap();
            let value = value.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let text = String::from_utf8_lossy(&to_bytes(body, 1 << 24).await.unwrap()).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// What is saved as a file.
    pub(crate) async fn get_bytes(&mut self, path: &str) -> Vec<u8> {
        let mut request = Request::get(path).header(header::HOST, "localhost:8080");
        for (name, value) in &self.cookies {
            request = request.header(header::COOKIE, format!("{name}={value}"));
        }
        let request = request.header(header::ACCEPT_LANGUAGE, "en").body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        to_bytes(response.into_body(), 1 << 26).await.unwrap().to_vec()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form as it is.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body.join("&").into()).await
    }

    /// Opens a page and sends its form.
    pub(crate) async fn fill_in(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.get(page).await.token();
        let mut all = fields.to_vec();
        all.push(("csrf", &token));
        self.post(path, &all).await
    }
}

impl Browser {
    /// Sends a form with a file, with the token of the page where it stands.
    pub(crate) async fn upload(
        &mut self,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
        (field, name, bytes): (&str, &str, &[u8]),
    ) -> Answer {
        let token = self.get(page).await.token();
        let mut body = Vec::new();
        for (name, value) in std::iter::once(("csrf", token.as_str())).chain(fields.iter().copied()) {
            let part =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.as_bytes());
        }
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request, body.into()).await
    }
}

/// A stream of events that stays open.
pub(crate) struct Events {
    body: axum::body::BodyDataStream,
    seen: String,
}

impl Events {
    /// Waits for an event with its data among those that are still to come.
    pub(crate) async fn next(&mut self, event: &str, data: &str) {
        self.seen.clear();
        self.until(event, data).await;
    }

    /// Waits for an event with its data.
    pub(crate) async fn until(&mut self, event: &str, data: &str) {
        let wanted = format!("event: {event}\ndata: {data}\n");
        let waiting = async {
            while !self.seen.contains(&wanted) {
                let piece = self.body.next().await.expect("the stream stays open").unwrap();
                self.seen.push_str(std::str::from_utf8(&piece).unwrap());
            }
        };
        let found = tokio::time::timeout(std::time::Duration::from_secs(30), waiting).await;
        assert!(found.is_ok(), "never {wanted}: {}", self.seen);
    }
}

pub(crate) fn encode(words: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let encoded = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    words.bytes().map(encoded).collect()
}
