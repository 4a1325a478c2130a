//! Signing in at a provider of `OpenID` Connect that is played over the loopback address.

use anshin_store::{Role, SignIn};
use anshin_web::config::OpenId;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, PASSWORD, Program};
use crate::provider::{CLIENT, Provider, SECRET, Signer, pairs};

/// The program with people, and a provider that it knows.
struct House {
    program: Program,
    provider: Provider,
    _secret: tempfile::TempDir,
}

impl House {
    async fn new(by_email: bool) -> Self {
        let clock = crate::browser::TestClock::default();
        let provider = Provider::start(clock.clock()).await;
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let openid = OpenId {
            issuer: provider.address(),
            client: CLIENT.to_owned(),
            secret: Some(secret),
            name: "Example ID".to_owned(),
            by_email,
        };
        let program = Program::with_people_by(clock, |config| config.openid = Some(openid)).await;
        Self { program, provider, _secret: folder }
    }

    /// Begins a sign-in: where the browser is sent.
    async fn sent_to(
        &self,
        browser: &mut Browser,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> String {
        // The limit of tries is tested elsewhere.
        self.program.clock.advance(SignedDuration::from_secs(7));
        let leaving = browser.fill_in(page, path, fields).await;
        assert_eq!(leaving.status, StatusCode::OK, "{}", leaving.text);
        let address = leaving.header("refresh").strip_prefix("0; url=").unwrap().to_owned();
        assert!(address.starts_with(&format!("{}/authorize?", self.provider.address())), "{address}");
        address
    }

    /// Where the provider sends the browser back to, as a path of the program.
    fn back(&self, address: &str) -> String {
        let query = pairs(address.split_once('?').unwrap().1);
        assert_eq!(query["redirect_uri"], "http://localhost:8080/openid/back");
        self.provider.sends_back(&query).strip_prefix("http://localhost:8080").unwrap().to_owned()
    }

    /// All the way through.
    async fn through(
        &self,
        browser: &mut Browser,
        page: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let address = self.sent_to(browser, page, path, fields).await;
        browser.get(&self.back(&address)).await
    }

    async fn sign_in(&self, browser: &mut Browser) -> Answer {
        self.through(browser, "/sign-in", "/sign-in/openid", &[("back", "/help")]).await
    }

    /// Links the account at the provider to somebody's account here.
    async fn link(&self, login: &str) {
        let mut browser = self.program.signed_in(login).await;
        let linked = self.through(&mut browser, "/account", "/account/identities/openid", &[]).await;
        assert_eq!(linked.header("location"), "/account?said=done", "{}", linked.text);
    }
}

/// Whether somebody is signed in in the browser.
async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn an_account_that_was_linked_opens_with_every_kind_of_key() {
    let house = House::new(false).await;
    let mut stranger = house.program.browser();
    assert!(stranger.get("/sign-in").await.text.contains("Sign in with Example ID"));
    let refused = house.sign_in(&mut stranger).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("is not linked to anybody here"), "{}", refused.text);
    assert!(!is_in(&mut stranger).await, "a verified address alone opens nothing");

    house.link("editor").await;
    for signer in [Signer::rsa(), Signer::p256(), Signer::ed25519()] {
        house.provider.change(|inner| inner.signer = (signer.algorithm().to_owned(), signer));
        let mut browser = house.program.browser();
        let entered = house.sign_in(&mut browser).await;
        assert_eq!(entered.header("location"), "/help", "{}", entered.text);
        assert!(is_in(&mut browser).await);
    }

    // It is shown, cannot be linked to somebody else, and is taken away again.
    let mut editor = house.program.signed_in("editor").await;
    assert!(editor.get("/account").await.text.contains("aoi@example.com"));
    let mut viewer = house.program.signed_in("viewer").await;
    let twice = house.through(&mut viewer, "/account", "/account/identities/openid", &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let own = house.program.store.identities(&house.program.actor("editor").await).await.unwrap();
    let end = format!("/account/identities/{}/end", own[0].id);
    editor.fill_in("/account", &end, &[]).await;
    let mut browser = house.program.browser();
    assert_eq!(house.sign_in(&mut browser).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_that_is_not_an_answer_to_what_was_asked_opens_nothing() {
    type Forge = fn(&mut Value, &mut Value);
    type Spoil = fn(String) -> String;
    let house = House::new(true).await;
    house.link("editor").await;
    let far: Forge = |_, said| said["iat"] = json!(said["iat"].as_i64().unwrap() + 3600);
    let forged: &[(&str, Forge)] = &[
        ("another sign-in", |_, said| said["nonce"] = json!("0123456789abcdef")),
        ("another sign-in", |_, said| said["nonce"] = Value::Null),
        ("someone else issued", |_, said| said["iss"] = json!("https://evil.example")),
        ("someone else issued", |_, said| said["iss"] = json!(format!("{}/", said["iss"].as_str().unwrap()))),
        ("another program", |_, said| said["aud"] = json!("someone-else")),
        ("another program", |_, said| said["aud"] = json!([])),
        ("another program", |_, said| said["aud"] = json!([CLIENT, "someone-else"])),
        ("another program", |_, said| said["azp"] = json!("someone-else")),
        ("expired", |_, said| said["exp"] = json!(said["iat"].as_i64().unwrap() - 61)),
        ("expired", |_, said| said["iat"] = json!(said["iat"].as_i64().unwrap() - 700)),
        ("expired", far),
        ("expired", |_, said| said["nbf"] = json!(said["exp"])),
        ("its form", |_, said| said["exp"] = Value::Null),
        ("names nobody", |_, said| said["sub"] = json!("")),
        ("neither with RS256", |head, _| head["alg"] = json!("none")),
        ("neither with RS256", |head, _| head["alg"] = json!("HS256")),
        ("its key is not published", |head, _| head["alg"] = json!("RS256")),
        ("its key is not published", |head, _| head["kid"] = json!("shared")),
        ("its form", |head, _| head["crit"] = json!(["exp"])),
    ];
    for (why, forge) in forged {
        let forge = *forge;
        house.provider.change(|inner| inner.forge = Box::new(forge));
        let mut browser = house.program.browser();
        let refused = house.sign_in(&mut browser).await;
        assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{why}");
        assert!(refused.text.contains(why), "{why}: {}", refused.text);
        assert!(!is_in(&mut browser).await, "{why}");
    }
    house.provider.change(|inner| inner.forge = Box::new(|_, _| {}));
    let spoilt: &[(&str, Spoil)] = &[
        // Without a signature, with that of other words, with one of another key, cut off, something else.
        ("signature is wrong", |token| format!("{}.", token.rsplit_once('.').unwrap().0)),
        ("signature is wrong", |token| {
            let (head, rest) = token.split_once('.').unwrap();
            format!("{head}.{}.{}", "e30", rest.split_once('.').unwrap().1)
        }),
        ("signature is wrong", |token| {
            let (signed, _) = token.rsplit_once('.').unwrap();
            format!("{signed}.{}", "A".repeat(86))
        }),
        ("its form", |token| token.rsplit_once('.').unwrap().0.to_owned()),
        ("its form", |token| format!("{token}.more")),
        ("its form", |_| "nonsense".to_owned()),
        ("its form", |token| token + &"A".repeat(70_000)),
    ];
    for (why, spoil) in spoilt {
        house.provider.change(|inner| inner.spoil = *spoil);
        let mut browser = house.program.browser();
        let refused = house.sign_in(&mut browser).await;
        assert!(refused.text.contains(why), "{why}: {}", refused.text);
        assert!(!is_in(&mut browser).await, "{why}");
    }
    // All of it was the token's fault: an honest one opens, also one for several with us as the asker.
    house.provider.change(|inner| {
        inner.spoil = |token| token;
        inner.forge = Box::new(|_, said| {
            said["aud"] = json!(["someone-else", CLIENT]);
            said["azp"] = json!(CLIENT);
        });
    });
    let mut browser = house.program.browser();
    house.sign_in(&mut browser).await;
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn keys_may_change_and_old_ones_end() {
    let house = House::new(false).await;
    house.link("editor").await;
    let asked = || house.provider.change(|inner| inner.asked_for_keys);
    let before = asked();
    assert_eq!(before, 1);
    let mut browser = house.program.browser();
    house.sign_in(&mut browser).await;
    assert_eq!(asked(), 1, "keys that are known are not asked for again");
    // Under a new name, and under the old name.
    for name in ["second", "second"] {
        house.provider.change(|inner| inner.signer = (name.to_owned(), Signer::p256()));
        let mut browser = house.program.browser();
        house.sign_in(&mut browser).await;
        assert!(is_in(&mut browser).await, "{name}");
    }
    assert_eq!(asked(), 3);
    // Somebody still signs with a key that was withdrawn; what was known is forgotten by then.
    house.program.clock.advance(SignedDuration::from_mins(11));
    house.provider.change(|inner| inner.hides_its_key = true);
    let mut browser = house.program.browser();
    let refused = house.sign_in(&mut browser).await;
    assert!(refused.text.contains("its key is not published"), "{}", refused.text);
    assert!(!is_in(&mut browser).await);
}

#[tokio::test]
async fn an_answer_counts_once_soon_and_in_the_browser_that_asked() {
    let house = House::new(false).await;
    house.link("editor").await;
    let program = &house.program;
    let begin = async |browser: &mut Browser| {
        let address = house.sent_to(browser, "/sign-in", "/sign-in/openid", &[]).await;
        house.back(&address)
    };
    let stale = |answer: &Answer| {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text.contains("too old, was used already, or began in another browser"));
    };
    let mut browser = program.browser();
    let back = begin(&mut browser).await;
    assert_eq!(browser.get(&back).await.header("location"), "/");
    // Again, in the same browser after signing out, and in another.
    browser.fill_in("/", "/sign-out", &[]).await;
    stale(&browser.get(&back).await);
    let mut victim = program.browser();
    victim.get("/sign-in").await;
    let back = begin(&mut browser).await;
    stale(&victim.get(&back).await);
    assert!(!is_in(&mut victim).await, "nobody is led into somebody else's account");
    stale(&browser.get(&back).await);
    // Too late; never asked; cut off.
    let back = begin(&mut browser).await;
    program.clock.advance(SignedDuration::from_mins(11));
    stale(&browser.get(&back).await);
    for wrong in ["/openid/back", "/openid/back?code=a&state=0000", "/openid/back?state="] {
        stale(&browser.get(wrong).await);
    }
    // A link that somebody begins is not ended by somebody else.
    let mut viewer = program.signed_in("viewer").await;
    let address = house.sent_to(&mut viewer, "/account", "/account/identities/openid", &[]).await;
    let mut other = program.signed_in("approver").await;
    let crossed = other.get(&house.back(&address)).await;
    assert_eq!(crossed.status, StatusCode::BAD_REQUEST);
    assert!(program.store.identities(&program.actor("approver").await).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_verified_address_finds_its_account_only_where_that_is_allowed() {
    for (by_email, verified, login, opens) in [
        (false, json!(true), "aoi@example.com", false),
        (true, json!(false), "aoi@example.com", false),
        (true, json!(null), "aoi@example.com", false),
        (true, json!(true), "someone@example.com", false),
        (true, json!(true), "aoi@example.com", true),
        (true, json!("true"), "aoi@example.com", true),
    ] {
        let house = House::new(by_email).await;
        let program = &house.program;
        let administrator = program.actor("administrator").await;
        let new = anshin_store::NewUser {
            login,
            name: "Aoi",
            password: PASSWORD,
            role: Role::Viewer,
            language: anshin_model::Lang::En,
        };
        program.store.create_user(&administrator, new).await.unwrap();
        // Whoever set the account up may still be in it.
        let mut before = program.signed_in(login).await;
        let token = program.token(login).await;
        house.provider.change(|inner| {
            inner.who["email"] = json!("Aoi@Example.com");
            inner.who["email_verified"] = verified.clone();
        });
        let mut browser = program.browser();
        let answer = house.sign_in(&mut browser).await;
        assert_eq!(is_in(&mut browser).await, opens, "{by_email} {verified} {login}: {}", answer.text);
        assert_eq!(is_in(&mut before).await, !opens, "the provider is the only way in from then on");
        assert_eq!(program.store.actor_of_token(&token).await.unwrap().is_none(), opens);
        let given = SignIn { login, password: PASSWORD, code: None, device: "" };
        assert_eq!(program.store.sign_in(given).await.is_err(), opens);
        let mut again = program.browser();
        house.sign_in(&mut again).await;
        assert_eq!(is_in(&mut again).await, opens);
    }
    // An account that has another way in already is not found so.
    let house = House::new(true).await;
    house.provider.change(|inner| inner.who["email"] = json!("editor"));
    house.link("editor").await;
    house.provider.change(|inner| inner.who["sub"] = json!("someone else with the same address"));
    let mut browser = house.program.browser();
    assert_eq!(house.sign_in(&mut browser).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn somebody_who_is_invited_joins_with_the_provider() {
    let house = House::new(false).await;
    let program = &house.program;
    let administrator = program.actor("administrator").await;
    let invitation = program.store.invite(&administrator, Role::Editor).await.unwrap();
    let page = format!("/join?invitation={}", invitation.as_str());
    let act = format!("/join/openid?invitation={}", invitation.as_str());
    let mut browser = program.browser();
    assert!(browser.get(&page).await.text.contains("Join with Example ID"));
    let joined = house.through(&mut browser, &page, &act, &[]).await;
    assert_eq!(joined.header("location"), "/", "{}", joined.text);
    let account = browser.get("/account").await.text;
    assert!(account.contains("Aoi Tanaka") && account.contains("aoi@example.com"));
    let users = program.store.users(&administrator).await.unwrap();
    let made = users.iter().find(|user| user.login == "aoi@example.com").unwrap();
    assert_eq!((made.role, made.name.as_str()), (Role::Editor, "Aoi Tanaka"));
    // It worked once; and who is in already gets no second account.
    assert_eq!(program.browser().get(&page).await.status, StatusCode::NOT_FOUND);
    let second = program.store.invite(&administrator, Role::Viewer).await.unwrap();
    let (page, act) = (
        format!("/join?invitation={}", second.as_str()),
        format!("/join/openid?invitation={}", second.as_str()),
    );
    let mut again = program.browser();
    assert_eq!(house.through(&mut again, &page, &act, &[]).await.status, StatusCode::CONFLICT);
    // Somebody else whose name is taken is told so, and the invitation stays.
    house.provider.change(|inner| inner.who = json!({ "sub": "other", "preferred_username": "viewer" }));
    let taken = house.through(&mut again, &page, &act, &[]).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.text.contains("you cannot join as `viewer`"), "{}", taken.text);
    assert_eq!(program.browser().get(&page).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_provider_that_fails_is_told_in_both_languages_and_nothing_happens() {
    type Change = fn(&mut Value);
    let wrong: &[Change] = &[
        |said| said["issuer"] = json!("https://evil.example"),
        |said| said["token_endpoint"] = json!("http://evil.example/token"),
        |said| said["authorization_endpoint"] = json!("javascript:alert(1)"),
        |said| said["jwks_uri"] = json!("file:///etc/passwd"),
        |said| said["jwks_uri"] = Value::Null,
        |said| said["jwks_uri"] = json!(format!("{}/nowhere", said["issuer"].as_str().unwrap())),
        |said| said["padding"] = json!("x".repeat(300_000)),
    ];
    for change in wrong {
        let house = House::new(false).await;
        house.provider.change(|inner| inner.description = Box::new(*change));
        for (lang, words) in [("en", "gives no usable answer"), ("ja", "やり取りできません")] {
            let mut browser = house.program.browser();
            browser.cookies.insert("anshin-language".to_owned(), lang.to_owned());
            let answer = browser.fill_in("/sign-in", "/sign-in/openid", &[]).await;
            assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
            assert!(answer.text.contains(words), "{}", answer.text);
            // Inner details are for the log.
            assert!(!answer.text.contains("evil.example") && !answer.text.contains("passwd"));
        }
    }
    let house = House::new(false).await;
    house.link("editor").await;
    let mut browser = house.program.browser();
    let address = house.sent_to(&mut browser, "/sign-in", "/sign-in/openid", &[]).await;
    let query = pairs(address.split_once('?').unwrap().1);
    let denied =
        format!("/openid/back?error=access_denied&state={}&iss={}", query["state"], house.provider.address());
    let answer = browser.get(&denied).await;
    assert!(answer.text.contains("was called off"), "{}", answer.text);
    let address = house.sent_to(&mut browser, "/sign-in", "/sign-in/openid", &[]).await;
    let query = pairs(address.split_once('?').unwrap().1);
    let broken =
        format!("/openid/back?error=server_error&state={}&iss={}", query["state"], house.provider.address());
    let answer = browser.get(&broken).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{}", answer.text);
    assert!(answer.text.contains("gives no usable answer"), "{}", answer.text);
    // Another provider's answer, and one that does not say whose it is (RFC 9207).
    for issuer in ["&iss=https://evil.example", ""] {
        let address = house.sent_to(&mut browser, "/sign-in", "/sign-in/openid", &[]).await;
        let back = house.back(&address);
        let (start, _) = back.split_once("&iss=").unwrap();
        let answer = browser.get(&format!("{start}{issuer}")).await;
        assert!(answer.text.contains("someone else issued it"), "{}", answer.text);
    }
    // A code that the provider does not know.
    let address = house.sent_to(&mut browser, "/sign-in", "/sign-in/openid", &[]).await;
    let back = house.back(&address).replace("code=code-", "code=other-");
    assert_eq!(browser.get(&back).await.status, StatusCode::BAD_GATEWAY);
    assert!(!is_in(&mut browser).await);
    // The secret may stand in the body as well.
    house.program.clock.advance(SignedDuration::from_mins(11));
    house.provider.change(|inner| {
        inner.description =
            Box::new(|said| said["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]));
    });
    house.sign_in(&mut browser).await;
    assert!(is_in(&mut browser).await);
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_it() {
    let program = Program::with_people().await;
    let mut browser = program.browser();
    assert!(!browser.get("/sign-in").await.text.contains("/sign-in/openid"));
    assert_eq!(browser.fill_in("/sign-in", "/sign-in/openid", &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/openid/back?state=a&code=b").await.status, StatusCode::NOT_FOUND);
}
