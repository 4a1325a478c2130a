//! What every request passes first and every answer last.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use anshin_model::{Lang, Text};
use anshin_pages::pages::Refused;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Form, FromRequest as _, MatchedPath, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, HOST,
    ORIGIN, REFERER, REFERRER_POLICY, SET_COOKIE, STRICT_TRANSPORT_SECURITY, USER_AGENT, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::error::{Failed, WebError};
use crate::look;
use crate::serve::Peer;
use crate::visit::{Visit, cookie, go_to, local, page_with};

/// Most bytes of a form of someone who has not signed in.
const SMALL: usize = 64 << 10;
/// Most bytes of a form of someone whose session has ended.
const MIDDLE: usize = 2 << 20;
/// Most bytes of a form: a document, or evidence with its frame.
const LARGE: usize = 33 << 20;
/// The cookie that ties forms, and the way to a provider and back, to a browser before anyone has
/// signed in. Over TLS no neighbouring host can set it.
fn visitor_cookie(secure: bool) -> &'static str {
    if secure { "__Host-anshin-visitor" } else { "anshin-visitor" }
}
/// The cookie of the language.
pub(crate) const LANGUAGE: &str = "anshin-language";

/// Takes a request in, and sends its answer out.
pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = std::time::Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let from = origin_of(&app, &request);
    let secure = app.config().is_secure();
    let nonce = random();
    let cookies = Cookies::of(request.headers());
    let is_api = path.starts_with(crate::api::ROOT);
    let host = host_of(&app, request.headers()).to_owned();
    let session = cookies.get(Visit::session_cookie(secure)).filter(|_| !is_api).map(str::to_owned);
    let known = match (&session, bearer(request.headers()).filter(|_| is_api)) {
        (Some(token), _) => app.store().actor_of_session(token).await,
        (None, Some(token)) => app.store().actor_of_token(token).await,
        (None, None) => Ok(None),
    };
    let (actor, trouble) = match known {
        Ok(actor) => (actor, None),
        Err(error) => (None, Some(WebError::from(error))),
    };
    let visitor = cookies.get(visitor_cookie(secure)).filter(|id| id.len() == 32).map(str::to_owned);
    let new_visitor = (visitor.is_none() && actor.is_none() && !is_api).then(random);
    // Bound to what only this browser has: the session, or before it the visitor's cookie.
    let secret = match (&actor, &session) {
        (Some(_), Some(session)) => session.clone(),
        _ => visitor.or_else(|| new_visitor.clone()).unwrap_or_default(),
    };
    let mut asked = Asked {
        reads: method == Method::GET,
        is_first: path == "/",
        before: page_before(&host, request.headers()),
        sent: Sent::default(),
    };
    let account = actor.as_ref().map(anshin_store::Actor::lang);
    let lang = if is_api {
        asked_language(request.headers()).or(account).unwrap_or(Lang::Ja)
    } else {
        language(&cookies, account, request.headers())
    };
    let machines = app.shows_machines(actor.as_ref()).await;
    let zone = actor.as_ref().and_then(anshin_store::Actor::zone);
    let visit = Visit {
        now: app.store().now(),
        zone: zone.unwrap_or_else(|| app.zone().clone()),
        machines,
        lang,
        nonce,
        csrf: token_for(&secret),
        here: request.uri().path_and_query().map_or("/", |place| place.as_str()).to_owned(),
        from,
        host,
        secure,
        device: device(request.headers()),
        actor,
    };
    let host = check_host(&app, request.headers());
    let mut response = match (host, trouble) {
        (Err(error), _) | (_, Some(error)) => error.into_response(),
        (Ok(()), None) => match own(request, &app, &visit, (is_api, session.is_some())).await {
            Ok((mut request, form)) => {
                asked.sent = form;
                request.extensions_mut().insert(visit.clone());
                next.run(request).await
            }
            Err((error, form)) => {
                asked.sent = form;
                error.into_response()
            }
        },
    };
    if let Some(failed) = response.extensions_mut().remove::<Failed>() {
        response = if is_api {
            problem(&visit, &failed, response)
        } else {
            answer(&app, &visit, asked, failed, response).await
        };
    } else if response.status().is_client_error() && is_of_the_framework(&response) {
        // What the framework itself refuses, such as a path that is no number.
        let error = match response.status() {
            StatusCode::NOT_FOUND => WebError::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => WebError::WrongMethod,
            _ if is_api => unreadable(),
            _ if asked.reads => WebError::NotFound,
            _ => WebError::Damaged,
        };
        let mut refused = error.into_response();
        if let Some(failed) = refused.extensions_mut().remove::<Failed>() {
            response = if is_api {
                problem(&visit, &failed, refused)
            } else {
                answer(&app, &visit, asked, failed, refused).await
            };
        }
    }
    if let Some(id) = &new_visitor {
        response.headers_mut().append(SET_COOKIE, cookie(visitor_cookie(secure), Some(id), true, secure));
    }
    protect(&mut response, &visit.nonce, secure);
    let took = start.elapsed();
    app.metrics().answered(&method, &route, response.status().as_u16(), took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let user = visit.actor.as_ref().map_or("-", |actor| actor.user().as_str());
    tracing::info!(%method, route, status = response.status().as_u16(), milliseconds, user, "request");
    response
}

/// The address of the one who asks: behind a proxy, the last that the proxy has added.
fn origin_of(app: &App, request: &Request) -> SocketAddr {
    let direct = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0.0);
    let direct = direct.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    let forwarded = || -> Option<IpAddr> {
        let all = request.headers().get_all("x-forwarded-for").iter().next_back()?;
        all.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    match app.config().behind_proxy.then(forwarded).flatten() {
        Some(address) => SocketAddr::new(address, 0),
        None => direct,
    }
}

/// The name and port under which a browser reaches this program: behind a proxy, what the proxy says.
fn host_of<'h>(app: &App, headers: &'h HeaderMap) -> &'h str {
    let word = |value: &'h HeaderValue| value.to_str().ok();
    let forwarded = || {
        let last = word(headers.get_all("x-forwarded-host").iter().next_back()?)?.rsplit(',').next()?.trim();
        (!last.is_empty()).then_some(last)
    };
    let own = || headers.get(HOST).and_then(word).unwrap_or_default();
    app.config().behind_proxy.then(forwarded).flatten().unwrap_or_else(own)
}

/// On the loopback address only names of the loopback address are answered: a page of elsewhere
/// whose name was turned to this machine gets nothing.
fn check_host(app: &App, headers: &HeaderMap) -> Result<(), WebError> {
    if !app.config().listen.ip().is_loopback() || app.config().behind_proxy {
        return Ok(());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let own = name == "localhost" || name.ends_with(".localhost");
    let address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if own || address { Ok(()) } else { Err(WebError::Foreign) }
}

/// A form as it was sent, for the page that has to say that it was refused.
#[derive(Default)]
struct Sent {
    kind: String,
    body: Bytes,
}

impl Sent {
    /// What somebody typed, no passwords, codes and tokens, and the revision that it was made of; nothing if
    /// the form holds only what the page had put there.
    async fn typed(self) -> (Vec<(String, String)>, Option<String>) {
        const OURS: [&str; 12] = [
            "csrf",
            "parent",
            "script",
            "act",
            "back",
            "password",
            "old",
            "new",
            "code",
            "secret",
            "challenge",
            "answer",
        ];
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = Method::POST;
        let Ok(kind) = HeaderValue::try_from(self.kind) else { return <_>::default() };
        request.headers_mut().insert(CONTENT_TYPE, kind);
        let Ok(Form(mut fields)) = Form::<Vec<(String, String)>>::from_request(request, &()).await else {
            return <_>::default();
        };
        let parent = fields.iter().find(|(name, _)| name == "parent").map(|(_, value)| value.clone());
        fields.retain(|(name, value)| !OURS.contains(&name.as_str()) && !value.trim().is_empty());
        let words =
            |value: &str| value.len() > 24 || value.contains(char::is_whitespace) || !value.is_ascii();
        if fields.iter().any(|(_, value)| words(value)) { (fields, parent) } else { <_>::default() }
    }
}

/// Makes sure that what acts was sent from a page of ours: by the browser's own word, and by the
/// token of the form.
///
/// The API takes no cookies, so no browser can be led to it with someone's rights.
async fn own(
    request: Request,
    app: &App,
    visit: &Visit,
    (is_api, had_session): (bool, bool),
) -> Result<(Request, Sent), (WebError, Sent)> {
    let refused = |error| (error, Sent::default());
    // No name of anything holds it, and PostgreSQL takes it in nowhere.
    if request.uri().path_and_query().is_some_and(|place| place.as_str().contains("%00")) {
        return Err(refused(WebError::NotFound));
    }
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok((request, Sent::default()));
    }
    // Whoever had signed in may have typed much before the session ended.
    let most = match visit.actor {
        Some(_) => LARGE,
        None if had_session && !is_api => MIDDLE,
        None => SMALL,
    };
    if is_api {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, most).await.map_err(|_| refused(WebError::TooLarge))?;
        return Ok((Request::from_parts(parts, Body::from(body)), Sent::default()));
    }
    let headers = request.headers();
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin") {
        return Err(refused(WebError::Foreign));
    }
    let word = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = word(ORIGIN) {
        let of = origin.split_once("://").map(|(_, host)| host);
        if of != Some(visit.host.as_str()) {
            // The browser knows better than the proxy whose page this is.
            let proxy = app.config().behind_proxy && site.is_some();
            return Err(refused(match of {
                Some(of) if proxy => {
                    tracing::warn!(browser = of, proxy = visit.host, "the proxy passes another host on");
                    WebError::OtherHost { browser: of.to_owned(), proxy: visit.host.clone() }
                }
                _ => WebError::Foreign,
            }));
        }
    }
    // Nobody else can have sent it: the cookie comes with requests of our own pages only, and so do these words.
    let is_ours = had_session || site.is_some() || word(ORIGIN).is_some();
    let kind = word(CONTENT_TYPE).unwrap_or_default().to_owned();
    let sent = word(HeaderName::from_static("x-csrf-token")).map(str::to_owned);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, most).await.map_err(|_| refused(WebError::TooLarge))?;
    if kind.starts_with("application/x-www-form-urlencoded") && holds_nul(&body) {
        return Err(refused(WebError::Damaged));
    }
    let sent = sent.or_else(|| token_in(&kind, &body));
    let form = if is_ours { Sent { kind, body: body.clone() } } else { Sent::default() };
    if !sent.is_some_and(|sent| same(&sent, &visit.csrf)) {
        let ended = visit.actor.is_none() && had_session;
        return Err((if ended { WebError::SignedOut } else { WebError::Foreign }, form));
    }
    Ok((Request::from_parts(parts, Body::from(body)), form))
}

/// Whether a field of a form holds the character that no database keeps in text.
fn holds_nul(body: &[u8]) -> bool {
    body.contains(&0) || body.windows(3).any(|three| three == b"%00")
}

/// The field `csrf` of a form.
fn token_in(kind: &str, body: &Bytes) -> Option<String> {
    if kind.starts_with("application/x-www-form-urlencoded") {
        let field = body.split(|b| *b == b'&').find_map(|pair| pair.strip_prefix(b"csrf="))?;
        return String::from_utf8(field.to_vec()).ok();
    }
    if kind.starts_with("multipart/form-data") {
        let name: &[u8] = b"name=\"csrf\"\r\n\r\n";
        let at = body.windows(name.len()).position(|window| window == name)? + name.len();
        let field = body[at..].split(|b| *b == b'\r').next()?;
        return String::from_utf8(field.to_vec()).ok();
    }
    None
}

fn token_for(secret: &str) -> String {
    hex(&Sha256::digest(format!("anshin form {secret}")))
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// Thirty-two hexadecimal digits by chance.
pub(crate) fn random() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What a page about an error has to know of the request.
struct Asked {
    /// Whether it reads, and can be sent again as an address.
    reads: bool,
    is_first: bool,
    /// The page from which it was sent.
    before: Option<String>,
    /// The form that was sent.
    sent: Sent,
}

/// The page on which a form stood, where that is one of ours, without what it had to say then.
fn page_before(own: &str, headers: &HeaderMap) -> Option<String> {
    let (_, place) = headers.get(REFERER)?.to_str().ok()?.split_once("://")?;
    let (host, path) = place.split_once('/')?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let said = |pair: &&str| !pair.is_empty() && !pair.starts_with("said=") && !pair.starts_with("was=");
    let query: Vec<&str> = query.split('&').filter(said).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    (host == own).then(|| local(&format!("/{path}{mark}{}", query.join("&"))).to_owned())
}

/// An error as a page: with a way on.
async fn answer(app: &App, visit: &Visit, asked: Asked, failed: Failed, mut response: Response) -> Response {
    if failed.status == StatusCode::UNAUTHORIZED && visit.actor.is_none() && asked.reads {
        let started = app.is_started().await.unwrap_or(true);
        if !started {
            return go_to("/first-start");
        }
        let back = if asked.is_first {
            String::new()
        } else {
            format!("?back={}", anshin_pages::encode(&visit.here))
        };
        return go_to(&format!("/sign-in{back}"));
    }
    let action = visit.here.clone();
    let mut visit = visit.clone();
    if !asked.reads {
        // In the other language, too, the page leads to one that can be opened.
        visit.here = asked.before.clone().unwrap_or_else(|| "/".to_owned());
    }
    let before = asked.before.as_deref().filter(|_| !asked.reads);
    let (typed, parent) = asked.sent.typed().await;
    let refused = Refused { action: &action, typed: &typed, parent: parent.as_deref() };
    let html = look::failure(&visit, failed.status, &failed.text, before, refused);
    let mut written = page_with(failed.status, html);
    for (name, value) in response.headers_mut().drain() {
        if let Some(name) = name.filter(|name| *name != CONTENT_TYPE) {
            written.headers_mut().append(name, value);
        }
    }
    written
}

/// The token of another program.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unreadable() -> WebError {
    WebError::Bad(Text::new(
        "アドレスか内容の形が正しくありません。APIの説明を確かめてください",
        "the address or the content has a wrong form; see the description of the API",
    ))
}

/// Whether an answer is a plain word of the framework, and no page and no document of ours.
fn is_of_the_framework(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_none_or(|kind| kind.starts_with("text/plain"))
}

/// An error as a problem document (RFC 9457).
fn problem(visit: &Visit, failed: &Failed, mut response: Response) -> Response {
    let clashes: Vec<_> = failed
        .clashes
        .iter()
        .map(|clash| {
            let (path, base, mine, theirs) = (&clash.path, &clash.base, &clash.mine, &clash.theirs);
            serde_json::json!({ "path": path, "base": base, "mine": mine, "theirs": theirs })
        })
        .collect();
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": failed.status.canonical_reason().unwrap_or_default(),
        "status": failed.status.as_u16(),
        "detail": visit.text(&failed.text),
    });
    if !clashes.is_empty() {
        body["clashes"] = clashes.into();
    }
    let mut written = (failed.status, body.to_string()).into_response();
    for (name, value) in response.headers_mut().drain() {
        if let Some(name) = name.filter(|name| *name != CONTENT_TYPE) {
            written.headers_mut().append(name, value);
        }
    }
    let headers = written.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if failed.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    written
}

/// The headers that keep an answer from being used for harm.
fn protect(response: &mut Response, nonce: &str, secure: bool) {
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    let fixed = |text: &'static str| HeaderValue::from_static(text);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
    headers.insert(REFERRER_POLICY, fixed("same-origin"));
    headers.insert("cross-origin-opener-policy", fixed("same-origin"));
    headers.insert("cross-origin-resource-policy", fixed("same-origin"));
    headers.insert("permissions-policy", fixed("camera=(), geolocation=(), microphone=()"));
    headers.entry(CACHE_CONTROL).or_insert(fixed("no-store"));
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000"));
    }
}

/// The browser in a few words.
fn device(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser =
        find(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(60).collect(),
    }
}

/// The language: chosen on this browser, that of the account, or the browser's.
fn language(cookies: &Cookies<'_>, account: Option<Lang>, headers: &HeaderMap) -> Lang {
    let chosen = cookies.get(LANGUAGE).and_then(|code| Lang::ALL.into_iter().find(|l| l.code() == code));
    chosen.or(account).or_else(|| asked_language(headers)).unwrap_or(Lang::Ja)
}

/// The language that a browser or another program asks for, if it asks for one: Japanese, or English for
/// all others.
fn asked_language(headers: &HeaderMap) -> Option<Lang> {
    let wanted = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    match wanted.split([',', ';', '-']).next().unwrap_or_default().trim() {
        "" | "*" => None,
        "ja" => Some(Lang::Ja),
        _ => Some(Lang::En),
    }
}

/// The cookies of a request.
struct Cookies<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Cookies<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        Self(lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect())
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }
}
