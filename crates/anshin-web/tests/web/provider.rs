//! A provider of `OpenID` Connect on this machine: a real server with real keys, which can be made to lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const CLIENT: &str = "anshin-test";
pub(crate) const SECRET: &str = "provider secret/+%";

type Pairs = BTreeMap<String, String>;
type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A key to sign with.
pub(crate) enum Signer {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// The one of RSA: a library for signatures makes no such keys. It is for these tests alone.
    pub(crate) fn rsa() -> Self {
        Signer::Rsa(RsaKeyPair::from_der(include_bytes!("provider-rsa.der")).unwrap())
    }

    pub(crate) fn p256() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Signer::P256(EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Signer::Ed25519(Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Signer::Rsa(_) => "RS256",
            Signer::P256(_) => "ES256",
            Signer::Ed25519(_) => "EdDSA",
        }
    }

    fn sign(&self, words: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, words, &mut signature).unwrap();
                signature
            }
            Signer::P256(pair) => pair.sign(&random, words).unwrap().as_ref().to_vec(),
            Signer::Ed25519(pair) => pair.sign(words).as_ref().to_vec(),
        }
    }

    fn published(&self, name: &str) -> Value {
        match self {
            Signer::Rsa(pair) => {
                let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": name, "use": "sig", "alg": "RS256", "n": encoded(parts.n), "e": encoded(parts.e) })
            }
            Signer::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "kid": name, "x": encoded(x), "y": encoded(y) })
            }
            Signer::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": name, "use": "sig", "x": encoded(pair.public_key()) })
            }
        }
    }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// How a token is made from what should stand in it.
type Forge = Box<dyn Fn(&mut Value, &mut Value) + Send>;

pub(crate) struct Inner {
    address: String,
    clock: Clock,
    /// The key that signs, and its name.
    pub(crate) signer: (String, Signer),
    /// Whether the key that signs is not among those that are published.
    pub(crate) hides_its_key: bool,
    /// Changes the header and the claims of tokens before they are signed.
    pub(crate) forge: Forge,
    /// Changes the whole token.
    pub(crate) spoil: fn(String) -> String,
    /// Changes what it says of itself.
    pub(crate) description: Box<dyn Fn(&mut Value) + Send>,
    /// Who is signed in there.
    pub(crate) who: Value,
    codes: BTreeMap<String, Pairs>,
    /// How often it was asked for its keys.
    pub(crate) asked_for_keys: usize,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct Provider(Arc<Mutex<Inner>>);

impl Provider {
    pub(crate) async fn start(clock: Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            address,
            clock,
            signer: ("first".to_owned(), Signer::p256()),
            hides_its_key: false,
            forge: Box::new(|_, _| {}),
            spoil: |token| token,
            description: Box::new(|_| {}),
            who: json!({ "sub": "248289761001", "email": "aoi@example.com", "email_verified": true, "name": "Aoi Tanaka" }),
            codes: BTreeMap::new(),
            asked_for_keys: 0,
        };
        let provider = Self(Arc::new(Mutex::new(inner)));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/keys", get(keys))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub(crate) fn address(&self) -> String {
        self.0.lock().unwrap().address.clone()
    }

    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// What it does with a browser that was sent to it: somebody is signed in there and goes back.
    pub(crate) fn sends_back(&self, query: &Pairs) -> String {
        let mut inner = self.0.lock().unwrap();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
        let code = format!("code-{}", inner.codes.len());
        inner.codes.insert(code.clone(), query.clone());
        format!("{}?code={code}&state={}&iss={}", query["redirect_uri"], query["state"], inner.address)
    }
}

async fn describe(State(provider): State<Provider>) -> Json<Value> {
    let inner = provider.0.lock().unwrap();
    let own = &inner.address;
    let mut said = json!({
        "issuer": own,
        "authorization_endpoint": format!("{own}/authorize"),
        "token_endpoint": format!("{own}/token"),
        "jwks_uri": format!("{own}/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": true,
    });
    (inner.description)(&mut said);
    Json(said)
}

async fn authorize(State(provider): State<Provider>, Query(query): Query<Pairs>) -> Redirect {
    Redirect::to(&provider.sends_back(&query))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut inner = provider.0.lock().unwrap();
    inner.asked_for_keys += 1;
    // One of a kind that nobody here knows and one for another purpose are passed over.
    let mut keys = vec![
        json!({ "kty": "oct", "kid": "shared", "k": "AAAA" }),
        json!({ "kty": "RSA", "kid": "secret", "use": "enc", "alg": "RSA-OAEP", "n": "AA", "e": "AQAB" }),
    ];
    if !inner.hides_its_key {
        keys.push(inner.signer.1.published(&inner.signer.0));
    }
    Json(json!({ "keys": keys }))
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, body: Bytes) -> Response {
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    let sent = pairs(std::str::from_utf8(&body).unwrap());
    let basic = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let secret = match &basic {
        Some(basic) => {
            let both = STANDARD.decode(basic.strip_prefix("Basic ").unwrap()).unwrap();
            let both = String::from_utf8(both).unwrap();
            let (client, secret) = both.split_once(':').unwrap();
            assert_eq!(client, CLIENT);
            decoded(secret)
        }
        None => sent.get("client_secret").cloned().unwrap_or_default(),
    };
    let mut inner = provider.0.lock().unwrap();
    if secret != SECRET {
        return refused("invalid_client");
    }
    let Some(asked) = inner.codes.remove(&sent["code"]) else { return refused("invalid_grant") };
    let proven = encoded(Sha256::digest(&sent["code_verifier"])) == asked["code_challenge"];
    if !proven || asked["redirect_uri"] != sent["redirect_uri"] || sent["grant_type"] != "authorization_code"
    {
        return refused("invalid_grant");
    }
    let now = (inner.clock)().as_second();
    let mut claims = json!({
        "iss": inner.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
    });
    for (name, value) in inner.who.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let mut head = json!({ "alg": inner.signer.1.algorithm(), "kid": inner.signer.0 });
    (inner.forge)(&mut head, &mut claims);
    let signed = format!("{}.{}", encoded(head.to_string()), encoded(claims.to_string()));
    let signature = inner.signer.1.sign(signed.as_bytes());
    let token = (inner.spoil)(format!("{signed}.{}", encoded(signature)));
    Json(json!({ "access_token": "of no use", "token_type": "Bearer", "id_token": token })).into_response()
}

/// The fields of a query or a form.
pub(crate) fn pairs(words: &str) -> Pairs {
    let both = words.split('&').filter_map(|pair| pair.split_once('='));
    both.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(words: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = words.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at(2);
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
            rest = after;
        } else {
            bytes.push(if *first == b'+' { b' ' } else { *first });
        }
    }
    String::from_utf8(bytes).unwrap()
}
