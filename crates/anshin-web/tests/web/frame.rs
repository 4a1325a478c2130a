//! First start, signing in, and what every answer carries.

use anshin_store::{Draft, NewIdentity};
use anshin_web::Config;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::browser::{Browser, PASSWORD, Program, encode};

const FIRST: &[(&str, &str)] = &[
    ("organization", "例製作所"),
    ("name", "田中 葵"),
    ("login", "aoi"),
    ("password", PASSWORD),
    ("language", "ja"),
];

#[tokio::test]
async fn the_first_page_makes_the_administrator() {
    let program = Program::new().await;
    let mut browser = program.browser();
    assert_eq!(browser.get("/").await.header("location"), "/first-start");
    let short = browser
        .fill_in(
            "/first-start",
            "/first-start",
            &[&FIRST[..3], &[("password", "short"), ("language", "ja")]].concat(),
        )
        .await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text.contains("at least 12 characters") && short.text.contains("例製作所"));
    let done = browser.fill_in("/first-start", "/first-start", FIRST).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert!(browser.get("/").await.text.contains("lang=\"ja\""), "the language of the account");
    let mut other = program.browser();
    assert_eq!(other.get("/first-start").await.header("location"), "/sign-in");
    let token = other.get("/sign-in").await.token();
    let again = other.post("/first-start", &[FIRST, &[("csrf", &token)]].concat()).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn signing_in_and_out() {
    let program = Program::with_people().await;
    let mut browser = program.browser();
    let asked = browser.get("/?page=2").await;
    assert_eq!(asked.header("location"), "/sign-in");
    let wrong = [("login", "viewer"), ("password", "a wrong password"), ("back", "/")];
    let refused = browser.fill_in("/sign-in", "/sign-in", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.text.contains("is wrong"));
    let right = [("login", "viewer"), ("password", PASSWORD), ("back", "//evil.example/")];
    let entered = browser.fill_in("/sign-in", "/sign-in", &right).await;
    assert_eq!(entered.header("location"), "/", "never to another site");
    let cookie = entered.headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap());
    let cookie = cookie.filter(|c| c.starts_with("anshin-session=")).collect::<Vec<_>>();
    assert!(cookie[0].contains("HttpOnly") && cookie[0].contains("SameSite=Lax"), "{cookie:?}");
    let token = browser.get("/").await.token();
    let left = browser.post("/sign-out", &[("csrf", &token)]).await;
    assert_eq!(left.header("location"), "/sign-in");
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn times_are_those_of_the_organization() {
    let program = Program::with_people().await;
    let mut administrator = program.signed_in("administrator").await;
    let name = ("name", "Example Works");
    let wrong = [name, ("zone", "Asia/Edo")];
    let refused = administrator.fill_in("/organization", "/organization", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("there is no such time zone"), "{}", refused.text);
    // Far apart, whatever the time is.
    for (zone, hours, mark) in [("Pacific/Kiritimati", 14, "+14"), ("Pacific/Midway", -11, "SST")] {
        let done = administrator.fill_in("/organization", "/organization", &[name, ("zone", zone)]).await;
        assert_eq!(done.header("location"), "/organization?said=done");
        assert!(
            administrator.get("/organization").await.text.contains(&format!("value=\"{zone}\" selected"))
        );
        let there = |text: &str| -> jiff::civil::DateTime {
            let at = text.find(&format!(" {mark}")).expect("a moment of the zone");
            text[at - 16..at].replace(' ', "T").parse().unwrap()
        };
        let shown = there(&administrator.get("/audit").await.text);
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let apart = (now + jiff::Span::new().hours(hours)).duration_since(shown);
        assert!(apart.as_secs().abs() < 3600, "{zone}: {shown} at {now}");
    }
}

#[tokio::test]
async fn many_tries_from_one_address_are_slowed_down() {
    let program = Program::with_people().await;
    let mut browser = program.browser();
    let token = browser.get("/sign-in").await.token();
    let mut statuses = Vec::new();
    for n in 0..12 {
        let login = format!("nobody{n}");
        let fields = [("csrf", token.as_str()), ("login", &login), ("password", "guess")];
        statuses.push(browser.post("/sign-in", &fields).await.status.as_u16());
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[11], 429);
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_safety() {
    let program = Program::with_people().await;
    for path in ["/sign-in", "/healthz", "/nowhere", "/"] {
        let answer = program.browser().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let (one, two) = (program.browser().get("/sign-in").await, program.browser().get("/sign-in").await);
    assert_ne!(one.header("content-security-policy"), two.header("content-security-policy"), "a new nonce");
    assert!(!one.headers.contains_key("strict-transport-security"));
    let behind = Program::with(|config: &mut Config| config.behind_proxy = true).await;
    let answer = behind.browser().get("/first-start").await;
    assert!(answer.headers.contains_key("strict-transport-security"));
    assert!(answer.header("set-cookie").contains("; Secure"));
}

#[tokio::test]
async fn a_form_of_another_page_does_nothing() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("viewer").await;
    let good = browser.get("/").await.token();
    let other = program.signed_in("viewer").await.get("/").await.token();
    for token in ["", "0000", &other] {
        assert_eq!(browser.post("/sign-out", &[("csrf", token)]).await.status, StatusCode::FORBIDDEN);
    }
    let form =
        || Request::post("/sign-out").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let body = || Body::from(format!("csrf={good}"));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = browser.send(form().header(name, value), body()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let named = form().header("origin", "http://localhost:8080").header("sec-fetch-site", "same-origin");
    assert_eq!(browser.send(named, body()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn on_the_loopback_address_only_its_names_are_answered() {
    let program = Program::with_people().await;
    for (host, status) in [
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("anshin.localhost", 200),
        ("evil.example:8080", 403),
        ("127.0.0.1.evil.example", 403),
        ("", 403),
    ] {
        let request = Request::get("/sign-in").header(header::HOST, host);
        assert_eq!(program.browser().send(request, Body::empty()).await.status.as_u16(), status, "{host}");
    }
}

#[tokio::test]
async fn what_someone_unknown_sends_is_small() {
    let program = Program::with_people().await;
    let mut browser = program.browser();
    let token = browser.get("/sign-in").await.token();
    let password = "x".repeat(100_000);
    let fields = [("csrf", token.as_str()), ("login", "viewer"), ("password", &password)];
    assert_eq!(browser.post("/sign-in", &fields).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_language_is_chosen_on_the_page() {
    let program = Program::new().await;
    let mut browser = program.browser();
    assert!(browser.get("/first-start").await.text.contains("Your name"));
    let chosen = browser.get("/language/ja?back=/first-start").await;
    assert_eq!(chosen.header("location"), "/first-start");
    assert!(browser.get("/first-start").await.text.contains("あなたの名前"));
    assert_eq!(browser.get("/language/ja?back=https://evil.example").await.header("location"), "/");
}

#[tokio::test]
async fn what_is_not_taken_in_is_told_in_the_language_and_leads_back() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("administrator").await;
    browser.cookies.insert("anshin-language".to_owned(), "ja".to_owned());
    let token = browser.get("/organization").await.token();
    let form = |kind: &str, from: &str| {
        Request::post("/users").header(header::CONTENT_TYPE, kind).header(header::REFERER, from)
    };
    let kind = "application/x-www-form-urlencoded";
    let body = || Body::from(format!("csrf={token}&role=viewer&login=x&name=x&password=short"));
    let here = "http://localhost:8080/organization?said=done&q=1";
    let refused = browser.send(form(kind, here), body()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("<html lang=\"ja\">"), "{}", refused.text);
    assert!(refused.text.contains("href=\"/organization?q=1\""), "{}", refused.text);
    // In the other language the same page can be opened, where the form itself cannot.
    assert!(refused.text.contains("back=/organization%3Fq%3D1"), "{}", refused.text);
    let elsewhere = browser.send(form(kind, "https://evil.example/organization"), body()).await;
    assert!(!elsewhere.text.contains("evil.example") && elsewhere.text.contains("back=/\""));
    // What the framework refuses by itself is a page as well, and no word of its own.
    let odd = form("text/plain", here).header("x-csrf-token", &token);
    let odd = browser.send(odd, Body::from("x")).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    assert!(odd.text.contains("フォームが壊れています"), "{}", odd.text);
}

#[tokio::test]
async fn a_mistyped_code_keeps_the_key_that_the_phone_has() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("editor").await;
    let key = |page: &str| page.split("name=\"secret\" value=\"").nth(1).unwrap()[..32].to_owned();
    let first = browser.get("/account").await;
    let (token, secret) = (first.token(), key(&first.text));
    for (code, password, word) in
        [("000000", PASSWORD, "does not match"), ("000000", "a wrong password", "does not match")]
    {
        let given = [("csrf", token.as_str()), ("secret", &secret), ("code", code), ("password", password)];
        let again = browser.post("/account/code", &given).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text.contains(word), "{}", again.text);
        assert_eq!(key(&again.text), secret);
    }
}

#[tokio::test]
async fn an_administrator_gives_people_a_way_back() {
    let program = Program::with_people().await;
    let administrator = program.actor("administrator").await;
    let editor = program.actor("editor").await;
    let passkey = NewIdentity { issuer: "passkey:works", subject: "k", name: "phone", public_key: "04" };
    program.store.add_identity(&editor, passkey).await.unwrap();
    let mut browser = program.signed_in("administrator").await;
    let place = format!("/users/{}", editor.user());
    assert!(browser.get("/organization").await.text.contains(&format!("{place}/devices/remove")));
    let wrong = [("password", "a wrong password")];
    let refused = browser.fill_in("/organization", &format!("{place}/devices/remove"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let right = [("password", PASSWORD)];
    let done = browser.fill_in("/organization", &format!("{place}/devices/remove"), &right).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(!browser.get("/organization").await.text.contains("devices/remove"));
    program.store.disable_user(&administrator, editor.user()).await.unwrap();
    assert!(browser.get("/organization").await.text.contains(&format!("{place}/reopen")));
    let done = browser.fill_in("/organization", &format!("{place}/reopen"), &right).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    program.signed_in("editor").await;
}

/// A browser on the page of the text of a system whose session has ended since, and the page's token.
async fn signed_out_while_typing(program: &Program) -> (Browser, String, String) {
    let editor = program.actor("editor").await;
    let draft = Draft { text: "anshin: 1\nsystem: { id: a, name: A }\n", why: "" };
    let page = format!("/systems/{}/text", program.store.create_system(&editor, draft).await.unwrap().id);
    let mut browser = program.signed_in("editor").await;
    let token = browser.get(&page).await.token();
    program.store.end_other_sessions(&editor).await.unwrap();
    (browser, page, token)
}

#[tokio::test]
async fn what_was_typed_outlives_the_session() {
    let program = Program::with_people().await;
    let (mut browser, page, token) = signed_out_while_typing(&program).await;
    let text = "anshin: 1\n# </textarea> 一日かけて書いた\n";
    let send = |referer: &str| {
        let body = format!("csrf={token}&parent=1&act=save&password=hidden-word&text={}", encode(text));
        let request = Request::post(&page)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::REFERER, referer);
        (request, Body::from(body))
    };
    let (request, body) = send(&format!("http://localhost:8080{page}?said=saved"));
    let refused = browser.send(request, body).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
    assert!(refused.text.contains("# &lt;/textarea&gt; 一日かけて書いた"), "{}", refused.text);
    assert!(refused.text.contains("not signed in any more"), "{}", refused.text);
    assert!(refused.text.contains("<label for=\"typed-text\">Text</label>"), "{}", refused.text);
    assert!(refused.text.contains(&format!("href=\"/sign-in?back={page}\"")), "{}", refused.text);
    for hidden in ["hidden-word", &token] {
        assert!(!refused.text.contains(hidden), "{hidden}: {}", refused.text);
    }
    // Nothing is shown of what a page of somebody else has sent.
    browser.cookies.clear();
    let (request, body) = send("http://evil.example/");
    let foreign = browser.send(request, body).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert!(!foreign.text.contains("一日"), "{}", foreign.text);
}

#[tokio::test]
async fn what_was_typed_outlives_another_sign_in_and_a_failure() {
    let program = Program::with_people().await;
    let (mut browser, page, token) = signed_out_while_typing(&program).await;
    let mut other = program.signed_in("editor").await;
    std::mem::swap(&mut browser.cookies, &mut other.cookies);
    let stale = [("csrf", token.as_str()), ("parent", "1"), ("act", "save"), ("text", "# a day of work")];
    let refused = browser.post(&page, &stale).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("# a day of work"), "{}", refused.text);
    // A form that says only what the page had put there has nothing to lose.
    let token = browser.get(&page).await.token();
    let gone = browser.post("/systems/0000000000000000/archive", &[("csrf", &token), ("aside", "yes")]).await;
    assert!(gone.status == StatusCode::NOT_FOUND && !gone.text.contains("What you typed"), "{}", gone.text);
    let mut approver = program.signed_in("approver").await;
    let token = approver.get(&page).await.token();
    let gone = approver
        .post(
            "/systems/0000000000000000/approve",
            &[("csrf", token.as_str()), ("number", "3"), ("note", "looked at every threat")],
        )
        .await;
    assert!(gone.status == StatusCode::NOT_FOUND && gone.text.contains("looked at every threat"));
}

#[tokio::test]
async fn behind_a_proxy_the_browser_s_own_host_counts() {
    let program = Program::with_people_and(|config| config.behind_proxy = true).await;
    let enter = async |host: &str, forwarded: Option<&str>, origin: &str| {
        let mut browser = program.browser();
        let from = |mut request: axum::http::request::Builder| {
            request = request.header(header::HOST, host);
            if let Some(forwarded) = forwarded {
                request = request.header("x-forwarded-host", forwarded);
            }
            request
        };
        let token = browser.send(from(Request::get("/sign-in")), Body::empty()).await.token();
        let body = format!("csrf={token}&login=administrator&password={}", encode(PASSWORD));
        let request = from(Request::post("/sign-in"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(header::ORIGIN, origin);
        let answer = browser.send(request, body.into()).await;
        (browser, answer)
    };
    let ours = "https://anshin.example";
    for (host, forwarded) in [
        ("anshin.example", None),
        ("127.0.0.1:8080", Some("anshin.example")),
        ("127.0.0.1:8080", Some("made.up, anshin.example")),
    ] {
        let (mut browser, entered) = enter(host, forwarded, ours).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{host}: {}", entered.text);
        let ask = |request: axum::http::request::Builder| {
            let request = request.header(header::HOST, host);
            forwarded.into_iter().fold(request, |request, name| request.header("x-forwarded-host", name))
        };
        let token = browser.send(ask(Request::get("/organization")), Body::empty()).await.token();
        let request = ask(Request::post("/users/invite"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let made = browser.send(request, format!("csrf={token}&role=viewer").into()).await;
        assert!(made.text.contains("https://anshin.example/join?invitation="), "{}", made.text);
    }
    let (_, refused) = enter("127.0.0.1:8080", None, ours).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for word in ["anshin.example", "127.0.0.1:8080", "X-Forwarded-Host"] {
        assert!(refused.text.contains(word), "{word}: {}", refused.text);
    }
    let (_, foreign) = enter("anshin.example", Some("anshin.example"), "null").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert!(!foreign.text.contains("X-Forwarded-Host"), "{}", foreign.text);
    // Where no proxy is said to be, anyone could have written the header.
    let plain = Program::with_people().await;
    let mut browser = plain.browser();
    let token = browser.get("/sign-in").await.token();
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-forwarded-host", "anshin.example")
        .header(header::ORIGIN, "http://anshin.example");
    let refused = browser.send(request, format!("csrf={token}&login=a&password=b").into()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_system_is_put_aside_and_taken_back() {
    let program = Program::with_people().await;
    let editor = program.actor("editor").await;
    let draft = Draft { text: "anshin: 1\nsystem: { id: a, name: Try-out }\n", why: "" };
    let base = format!("/systems/{}", program.store.create_system(&editor, draft).await.unwrap().id);
    let (mut browser, mut viewer) = (program.signed_in("editor").await, program.signed_in("viewer").await);
    let (history, archive) = (format!("{base}/history"), format!("{base}/archive"));
    assert!(!viewer.get(&history).await.text.contains(&archive));
    let done = browser.fill_in(&history, &archive, &[("aside", "yes")]).await;
    assert_eq!(done.header("location"), "/?said=done");
    let home = browser.get("/").await.text;
    assert!(home.contains("Systems put aside") && home.contains("Let’s begin"), "{home}");
    for page in [&base, &history] {
        let page = viewer.get(page).await.text;
        assert!(page.contains("This system is put aside") && !page.contains(&archive), "{page}");
    }
    let back = browser.fill_in(&base, &archive, &[("aside", "no")]).await;
    assert_eq!(back.header("location"), format!("{base}?said=done"));
    let home = browser.get("/").await.text;
    assert!(!home.contains("Systems put aside") && home.contains("Try-out"), "{home}");
    assert!(!browser.get(&base).await.text.contains("This system is put aside"));
}

#[tokio::test]
async fn an_address_says_which_method_it_is_not_for() {
    let program = Program::with_people().await;
    let mut browser = program.signed_in("viewer").await;
    for (path, allowed) in [("/sign-out", "POST"), ("/api/v1/me", "GET,HEAD")] {
        let answer = browser.send(Request::put(path), Body::empty()).await;
        let refused = if path.starts_with("/api/") { answer } else { browser.get(path).await };
        assert_eq!((refused.status, refused.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, allowed));
    }
}
