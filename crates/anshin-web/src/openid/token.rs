//! What a provider vouches with: a signed token, checked against the provider's keys and against what
//! was asked. Pure.

use anshin_model::Text;
use jiff::Timestamp;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use crate::passkey::unbase64;

/// By how many seconds clocks may differ.
const LEEWAY: i64 = 60;
/// A token that is older, in seconds, was not made for this sign-in.
const OLDEST: i64 = 600;
/// Most bytes of a token.
const MOST: usize = 64 << 10;
/// Most keys of a provider that are looked at.
const MOST_KEYS: usize = 64;
/// Most characters of what names somebody at the provider.
const MOST_SUBJECT: usize = 255;

/// A key of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    name: Option<String>,
    algorithm: Algorithm,
    /// Two numbers for RSA, else a point as it is checked with.
    parts: (Vec<u8>, Vec<u8>),
}

/// How a token may be signed: with a key of the provider's alone. `none` and signatures by shared
/// secrets are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
}

/// Keys as a provider publishes them. Those of other kinds are passed over.
#[derive(Deserialize)]
struct Published {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    kid: Option<String>,
    alg: Option<Algorithm>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a provider that can be used.
pub(crate) fn keys(document: &[u8]) -> Result<Vec<Key>, String> {
    let published: Published =
        serde_json::from_slice(document).map_err(|error| format!("its keys: {error}"))?;
    let known = published.keys.into_iter().take(MOST_KEYS).filter_map(key);
    Ok(known.collect())
}

fn key(published: serde_json::Value) -> Option<Key> {
    let key: PublishedKey = serde_json::from_value(published).ok()?;
    let bytes = |part: &Option<String>| unbase64(part.as_deref()?);
    let (algorithm, parts) = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => (Algorithm::Rs256, (bytes(&key.n)?, bytes(&key.e)?)),
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(&key.x)?, bytes(&key.y)?);
            let point = (x.len() == 32 && y.len() == 32).then(|| [&[4], x.as_slice(), &y].concat())?;
            (Algorithm::Es256, (point, Vec::new()))
        }
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, (bytes(&key.x)?, Vec::new())),
        _ => return None,
    };
    let fits = key.alg.is_none_or(|own| own == algorithm) && key.r#use.is_none_or(|own| own == "sig");
    fits.then_some(Key { name: key.kid, algorithm, parts })
}

impl Key {
    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        let (first, second) = (&self.parts.0, &self.parts.1);
        let verified = match self.algorithm {
            Algorithm::Rs256 => RsaPublicKeyComponents { n: first, e: second }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                signed,
                signature,
            ),
            Algorithm::Es256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, first).verify(signed, signature)
            }
            Algorithm::EdDsa => UnparsedPublicKey::new(&ED25519, first).verify(signed, signature),
        };
        verified.is_ok()
    }
}

/// What a token has to say to be an answer to what was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a token is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untrusted {
    /// It has not the form of a token.
    Form,
    /// It is not signed in a way that is trusted.
    Algorithm,
    /// It is signed with a key that the provider does not publish.
    Key,
    /// The signature is wrong.
    Signature,
    /// Somebody else vouches.
    Issuer,
    /// It is for another program.
    Audience,
    /// It has expired, or was made long before or after.
    Time,
    /// It answers another question.
    Nonce,
    /// It names nobody.
    Subject,
}

impl Untrusted {
    pub(super) fn text(self) -> Text {
        match self {
            Untrusted::Form => Text::new("形式が正しくない", "its form is wrong"),
            Untrusted::Algorithm => Text::new(
                "署名の方式がRS256、ES256、EdDSAのいずれでもない",
                "it is signed neither with RS256 nor ES256 nor EdDSA",
            ),
            Untrusted::Key => Text::new("公開されていない鍵の署名", "its key is not published"),
            Untrusted::Signature => Text::new("署名が合わない", "its signature is wrong"),
            Untrusted::Issuer => Text::new("発行者が違う", "someone else issued it"),
            Untrusted::Audience => Text::new("このプログラムあてではない", "it was made for another program"),
            Untrusted::Time => {
                Text::new("有効期限外。両方の時計を確かめる必要あり", "it has expired, or the clocks differ")
            }
            Untrusted::Nonce => Text::new("別のサインインへの返事", "it belongs to another sign-in"),
            Untrusted::Subject => Text::new("誰のものか書かれていない", "it names nobody"),
        }
    }
}

/// Whom a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// What names the person there, for ever.
    pub(crate) subject: String,
    /// An address that the provider has verified.
    pub(crate) email: Option<String>,
    /// The name.
    pub(crate) name: Option<String>,
    /// The name for signing in there.
    pub(crate) login: Option<String>,
}

impl Claims {
    /// What to call the account at the provider.
    pub(crate) fn called(&self) -> &str {
        self.email.as_deref().or(self.login.as_deref()).unwrap_or(&self.subject)
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Said {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    email: Option<String>,
    email_verified: Option<serde_json::Value>,
    name: Option<String>,
    preferred_username: Option<String>,
}

/// Whom a token vouches for, if it is an answer to what was asked.
pub(crate) fn check(token: &str, keys: &[Key], expected: Expected<'_>) -> Result<Claims, Untrusted> {
    let mut parts = token.split('.');
    let (Some(head), Some(said), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Untrusted::Form);
    };
    if token.len() > MOST {
        return Err(Untrusted::Form);
    }
    let bytes = |part: &str| unbase64(part).ok_or(Untrusted::Form);
    let header: Header = serde_json::from_slice(&bytes(head)?).map_err(|_| Untrusted::Form)?;
    let algorithm =
        Algorithm::deserialize(serde_json::Value::from(header.alg)).map_err(|_| Untrusted::Algorithm)?;
    if header.crit.is_some() {
        return Err(Untrusted::Form);
    }
    // The algorithm belongs to the key, and the token has to agree.
    let fits = |key: &&Key| {
        key.algorithm == algorithm && header.kid.as_ref().is_none_or(|kid| key.name.as_ref() == Some(kid))
    };
    let mut fitting = keys.iter().filter(fits).peekable();
    fitting.peek().ok_or(Untrusted::Key)?;
    let (signed, signature) = (format!("{head}.{said}"), bytes(signature)?);
    if !fitting.any(|key| key.verify(signed.as_bytes(), &signature)) {
        return Err(Untrusted::Signature);
    }
    let said: Said = serde_json::from_slice(&bytes(said)?).map_err(|_| Untrusted::Form)?;
    judge(said, expected)
}

/// What a token says whose signature is right.
#[cfg(fuzzing)]
pub(crate) fn judged(said: &[u8], expected: Expected<'_>) -> Result<Claims, Untrusted> {
    judge(serde_json::from_slice(said).map_err(|_| Untrusted::Form)?, expected)
}

/// Looks at what a token says; that it comes from the provider is certain.
fn judge(said: Said, expected: Expected<'_>) -> Result<Claims, Untrusted> {
    if said.iss != expected.issuer {
        return Err(Untrusted::Issuer);
    }
    let (for_us, others) = match &said.aud {
        Audience::One(one) => (one == expected.client, false),
        Audience::Many(all) => (all.iter().any(|one| one == expected.client), all.len() > 1),
    };
    // Where it is for several, it has to say that we asked for it.
    let asked = said.azp.as_ref().map_or(!others, |azp| azp == expected.client);
    if !for_us || !asked {
        return Err(Untrusted::Audience);
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of this age are far below 2^52")]
    let (now, leeway, oldest) = (expected.now.as_second() as f64, LEEWAY as f64, OLDEST as f64);
    let early = said.iat > now + leeway || said.nbf.is_some_and(|from| from > now + leeway);
    if said.exp <= now - leeway || early || said.iat < now - oldest {
        return Err(Untrusted::Time);
    }
    if said.nonce.as_deref() != Some(expected.nonce) {
        return Err(Untrusted::Nonce);
    }
    if said.sub.is_empty() || said.sub.chars().count() > MOST_SUBJECT || !said.sub.is_ascii() {
        return Err(Untrusted::Subject);
    }
    let verified = match said.email_verified {
        Some(serde_json::Value::Bool(verified)) => verified,
        // Some write it as a word.
        Some(serde_json::Value::String(word)) => word == "true",
        _ => false,
    };
    let word = |word: Option<String>| word.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
    Ok(Claims {
        subject: said.sub,
        email: word(said.email).filter(|_| verified),
        name: word(said.name),
        login: word(said.preferred_username),
    })
}
