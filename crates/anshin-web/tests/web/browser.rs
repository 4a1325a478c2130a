//! A browser without a window: keeps cookies, fills in the token of forms.

use std::collections::BTreeMap;
use std::path::Path;

use anshin_model::Lang;
use anshin_store::{Actor, Administrator, NewToken, NewUser, Place, Right, Role, SignIn, Store};
use anshin_web::{App, Config};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// A program over an empty store.
pub(crate) struct Program {
    pub(crate) store: Store,
    pub(crate) router: Router,
    _folder: tempfile::TempDir,
}

impl Program {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        change(&mut config);
        let store = Store::open(&config.place, Store::system_clock()).await.unwrap();
        store.migrate().await.unwrap();
        let router = anshin_web::route::router(App::new(store.clone(), config));
        Self { store, router, _folder: folder }
    }

    /// A program with an administrator and a person of each other role.
    pub(crate) async fn with_people() -> Self {
        let program = Self::new().await;
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

fn encode(words: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let encoded = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    words.bytes().map(encoded).collect()
}
