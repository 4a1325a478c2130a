//! Signing in at a provider of `OpenID` Connect: the authorization code flow with PKCE, state and nonce.
//!
//! What a provider says of itself is kept for some minutes; its keys are asked for again as soon as a
//! token is signed with one that is not known. Nothing of a sign-in stays in this process: what was
//! asked waits in the store, so that any process on the same database takes the answer.
//!
//! See: `OpenID` Connect Core 1.0 (sections 3.1 and 3.1.3.7), Discovery 1.0, RFC 7636, RFC 9207.

mod fetch;
pub(crate) mod token;

use std::path::Path;

use anshin_model::Text;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use self::fetch::Asked;
pub(crate) use self::token::Claims;
use self::token::{Expected, Key, Untrusted};
use crate::app::App;
use crate::config::OpenId;
use crate::gate::random;
use crate::target::Target;

/// How long is kept what a provider says of itself.
const KEPT: SignedDuration = SignedDuration::from_mins(10);
/// Most bytes of the file with the secret.
const MOST_SECRET: usize = 4096;
/// Most characters of an error of a provider that are told.
const MOST_ERROR: usize = 100;

/// What somebody signs in for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Purpose {
    /// To be in, and go on with a page.
    Enter {
        /// The page.
        back: String,
    },
    /// To have this way into an account from now on.
    Link {
        /// The account.
        user: String,
    },
    /// To accept an invitation.
    Join {
        /// The invitation.
        invitation: String,
    },
}

/// What waits for the browser to come back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Waiting {
    openid: Purpose,
    browser: String,
    nonce: String,
    verifier: String,
    redirect: String,
}

/// What the browser brings back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brought<'a> {
    pub(crate) state: &'a str,
    pub(crate) code: &'a str,
    pub(crate) error: &'a str,
    pub(crate) issuer: Option<&'a str>,
    /// What only the browser has in which it began.
    pub(crate) browser: &'a str,
}

/// Why a sign-in at a provider comes to nothing.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// It is too old, was used already, or began in another browser.
    Stale,
    /// The provider or the person said no.
    CalledOff,
    /// The provider does not answer, or not in a way that can be used.
    Unusable(String),
    /// What it vouches with cannot be trusted.
    Untrusted(Untrusted),
    /// The store did not do it.
    Store(anshin_store::StoreError),
}

impl From<anshin_store::StoreError> for Wrong {
    fn from(error: anshin_store::StoreError) -> Self {
        Wrong::Store(error)
    }
}

/// A document in which a provider describes itself.
#[derive(Debug, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What is known of a provider.
#[derive(Debug, Clone)]
struct Known {
    at: Timestamp,
    authorization: String,
    token: Target,
    keys: Vec<Key>,
    /// Whether the secret stands in the body instead of a header.
    secret_in_body: bool,
    /// Whether it names itself when it sends the browser back.
    names_itself: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// A provider.
pub(crate) struct Provider {
    config: OpenId,
    known: Mutex<Option<Known>>,
}

impl Provider {
    pub(crate) fn new(config: OpenId) -> Self {
        Self { config, known: Mutex::default() }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    /// How it names itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.config.issuer
    }

    /// Whether a verified address finds the account of the same name.
    pub(crate) fn by_email(&self) -> bool {
        self.config.by_email
    }

    /// Writes down what is asked, and tells where the browser goes with it.
    pub(crate) async fn begin(
        &self,
        app: &App,
        purpose: Purpose,
        browser: &str,
        redirect: String,
    ) -> Result<String, Wrong> {
        let known = self.known(app, false).await?;
        let waiting = Waiting {
            openid: purpose,
            browser: browser.to_owned(),
            nonce: random(),
            verifier: random() + &random(),
            redirect,
        };
        let payload = serde_json::to_string(&waiting).map_err(|error| Wrong::Unusable(error.to_string()))?;
        let state = app.store().challenge(&payload).await?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&waiting.verifier));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.config.client),
            ("redirect_uri", &waiting.redirect),
            ("scope", "openid email profile"),
            ("state", state.as_str()),
            ("nonce", &waiting.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let mark = if known.authorization.contains('?') { '&' } else { '?' };
        Ok(format!("{}{mark}{query}", known.authorization))
    }

    /// Takes in what the browser brings back: who it is, by the word of the provider, and what for.
    pub(crate) async fn finish(&self, app: &App, brought: Brought<'_>) -> Result<(Purpose, Claims), Wrong> {
        let waiting = app.store().answered(brought.state).await?;
        let waiting: Waiting =
            waiting.and_then(|payload| serde_json::from_str(&payload).ok()).ok_or(Wrong::Stale)?;
        if waiting.browser != brought.browser {
            return Err(Wrong::Stale);
        }
        let known = self.known(app, false).await?;
        if brought.issuer.map_or(known.names_itself, |issuer| issuer != self.config.issuer) {
            return Err(Wrong::Untrusted(Untrusted::Issuer));
        }
        // What the person has called off; anything else is for whoever runs this program.
        match brought.error {
            "" if !brought.code.is_empty() => {}
            "" | "access_denied" | "login_required" | "consent_required" | "interaction_required" => {
                return Err(Wrong::CalledOff);
            }
            error => {
                let error: String = error.chars().take(MOST_ERROR).collect();
                return Err(Wrong::Unusable(format!(
                    "it answers with the error `{}`",
                    error.escape_default()
                )));
            }
        }
        let token = self.redeem(app, &known, brought.code, &waiting).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            client: &self.config.client,
            nonce: &waiting.nonce,
            now: app.store().now(),
        };
        let checked = match token::check(&token, &known.keys, expected) {
            // The keys may have been changed since they were asked for.
            Err(Untrusted::Key | Untrusted::Signature) => {
                token::check(&token, &self.known(app, true).await?.keys, expected)
            }
            checked => checked,
        };
        checked.map(|claims| (waiting.openid, claims)).map_err(Wrong::Untrusted)
    }

    /// Takes the code to the provider, for what it vouches with.
    async fn redeem(&self, app: &App, known: &Known, code: &str, waiting: &Waiting) -> Result<String, Wrong> {
        let client = &self.config.client;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &waiting.redirect),
            ("code_verifier", &waiting.verifier),
        ];
        let secret = self
            .config
            .secret
            .as_deref()
            .map(secret)
            .transpose()
            .map_err(|text| Wrong::Unusable(text.get(anshin_model::Lang::En).to_owned()))?;
        let mut authorization = None;
        match &secret {
            Some(secret) if !known.secret_in_body => {
                let both = format!("{}:{}", anshin_pages::encode(client), anshin_pages::encode(secret));
                authorization = Some(format!("Basic {}", STANDARD.encode(both)));
            }
            Some(secret) => fields.extend([("client_id", client.as_str()), ("client_secret", secret)]),
            None => fields.push(("client_id", client)),
        }
        let body = form(&fields);
        let asked = Asked { form: Some(body), authorization };
        let answer = fetch::json(app, &known.token, asked).await.map_err(Wrong::Unusable)?;
        let tokens: Tokens = serde_json::from_slice(&answer)
            .map_err(|error| Wrong::Unusable(format!("the answer to the code: {error}")))?;
        Ok(tokens.id_token)
    }

    /// What is known of the provider; asked for anew where it is old, or where that is wanted.
    async fn known(&self, app: &App, anew: bool) -> Result<Known, Wrong> {
        let now = app.store().now();
        let is_fresh = |known: &Known| (SignedDuration::ZERO..KEPT).contains(&now.duration_since(known.at));
        let held = self.known.lock().await.clone();
        if let Some(known) = held.filter(|known| !anew && is_fresh(known)) {
            return Ok(known);
        }
        // Nobody else waits while a slow provider is asked.
        let known = self.ask(app, now).await.map_err(Wrong::Unusable)?;
        *self.known.lock().await = Some(known.clone());
        Ok(known)
    }

    async fn ask(&self, app: &App, now: Timestamp) -> Result<Known, String> {
        let issuer = &self.config.issuer;
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let own = self.place(&place)?;
        let answer = fetch::json(app, &own, Asked::default()).await?;
        let said: Discovery =
            serde_json::from_slice(&answer).map_err(|error| format!("its description: {error}"))?;
        if said.issuer != *issuer {
            return Err(format!("it calls itself `{}`, not `{issuer}`", said.issuer.escape_default()));
        }
        let (token, keys_at) = (self.place(&said.token_endpoint)?, self.place(&said.jwks_uri)?);
        // Only looked at: there the browser goes.
        self.place(&said.authorization_endpoint)?;
        let keys = token::keys(&fetch::json(app, &keys_at, Asked::default()).await?)?;
        let methods = &said.token_endpoint_auth_methods_supported;
        let offers = |method: &str| methods.iter().any(|one| one == method);
        Ok(Known {
            at: now,
            authorization: said.authorization_endpoint,
            token,
            keys,
            secret_in_body: offers("client_secret_post") && !offers("client_secret_basic"),
            names_itself: said.authorization_response_iss_parameter_supported,
        })
    }

    /// An address of the provider: encrypted, or on this machine if the provider itself is.
    fn place(&self, address: &str) -> Result<Target, String> {
        place(address, &self.config.issuer)
            .ok_or_else(|| format!("the address `{}` is not one of https", address.escape_default()))
    }
}

/// An address that may be used for a provider.
fn place(address: &str, issuer: &str) -> Option<Target> {
    let target = Target::parse(address).ok()?;
    let own = issuer.starts_with("http://") && target.is_own();
    (target.encrypted || own).then_some(target)
}

/// Whether the provider of a configuration can be used, as far as one can tell without asking it.
pub(crate) fn usable(config: &OpenId) -> Result<(), Text> {
    let issuer = &config.issuer;
    if issuer.contains('?') || place(issuer, issuer).is_none() {
        return Err(Text::new(
            format!(
                "openid-issuerの`{issuer}`は使えません。`https://id.example.com`のように、問い合わせ部分のないhttpsのアドレスを指定してください"
            ),
            format!(
                "`{issuer}` cannot be the openid-issuer; name an address of https without a query, such as `https://id.example.com`"
            ),
        ));
    }
    config.secret.as_deref().map(secret).transpose().map(|_| ())
}

/// The secret that the provider has given to this program. It is read when it is needed: it may be
/// changed while the program runs, and stays out of its memory.
fn secret(path: &Path) -> Result<String, Text> {
    let wrong = |why: &dyn std::fmt::Display| {
        let shown = path.display();
        Text::new(
            format!(
                "openid-secretの`{shown}`を使えません（{why}）。クライアントシークレットだけを1行に書いたファイルを指定してください"
            ),
            format!(
                "`{shown}` cannot be the openid-secret ({why}); name a file with nothing but the client secret on one line"
            ),
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let secret = text.trim();
    if secret.is_empty() || secret.len() > MOST_SECRET || secret.chars().any(char::is_control) {
        return Err(wrong(&"not one line"));
    }
    Ok(secret.to_owned())
}

/// Fields as a form, or as a query.
fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", anshin_pages::encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

impl Wrong {
    /// What to tell the person. What only helps whoever runs the program goes to the log.
    pub(crate) fn text(&self, name: &str) -> Text {
        match self {
            Wrong::Stale => Text::new(
                "このサインインは、時間が経ちすぎたか、すでに使われたか、別のブラウザーで始められたものです。もう一度サインインしてください",
                "this sign-in is too old, was used already, or began in another browser; sign in once more",
            ),
            Wrong::CalledOff => Text::new(
                format!(
                    "{name}でのサインインは取り消されました。もう一度試すか、パスワードでサインインしてください"
                ),
                format!("the sign-in at {name} was called off; try again, or sign in with your password"),
            ),
            Wrong::Unusable(_) => Text::new(
                format!(
                    "{name}とやり取りできません。しばらくしてからもう一度お試しください。続くときは管理者に知らせてください"
                ),
                format!(
                    "{name} cannot be reached or gives no usable answer; try again in a moment, and tell your administrator if it goes on"
                ),
            ),
            Wrong::Untrusted(why) => {
                let why = why.text();
                let (ja, en) = (why.get(anshin_model::Lang::Ja), why.get(anshin_model::Lang::En));
                Text::new(
                    format!("{name}からの証明を信用できません（{ja}）。管理者に知らせてください"),
                    format!("what {name} vouches with cannot be trusted ({en}); tell your administrator"),
                )
            }
            Wrong::Store(error) => error.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_reached_by_https_or_on_this_machine() {
        let config = |issuer: &str| OpenId {
            issuer: issuer.to_owned(),
            client: "anshin".to_owned(),
            secret: None,
            name: "Example".to_owned(),
            by_email: false,
        };
        for fine in [
            "https://id.example.com",
            "https://id.example.com/realms/a",
            "http://127.0.0.1:9/",
            "http://localhost:9",
        ] {
            assert_eq!(usable(&config(fine)), Ok(()), "{fine}");
        }
        for wrong in
            ["http://id.example.com", "id.example.com", "https://id.example.com?a=b", "ftp://localhost", ""]
        {
            assert!(usable(&config(wrong)).is_err(), "{wrong}");
        }
        // A provider on the internet does not lead into this machine.
        assert!(place("http://127.0.0.1:9/token", "https://id.example.com").is_none());
        assert!(place("http://id.example.com/token", "http://127.0.0.1:9").is_none());
    }
}
