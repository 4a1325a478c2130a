//! What is read before anybody has signed in, for the fuzz target alone.

use jiff::Timestamp;

use crate::openid::token;
use crate::passkey::{self, Answer, Asked};

const HOST: &str = "anshin.example";
const ORIGIN: &str = "https://anshin.example";
const CHALLENGE: &str = "Y2hhbGxlbmdl";

/// A provider's keys, a token that claims to be signed with them, and what a signed token says.
pub fn provider(keys: &[u8], token: &str, said: &[u8]) {
    let expected =
        token::Expected { issuer: ORIGIN, client: HOST, nonce: CHALLENGE, now: Timestamp::UNIX_EPOCH };
    let keys = token::keys(keys).unwrap_or_default();
    // Nobody who fuzzes holds a private key that belongs to a published one.
    let _ = token::check(token, &keys, expected);
    if let Ok(claims) = token::judged(said, expected) {
        assert!(!claims.subject.is_empty() && !claims.called().trim().is_empty());
    }
}

/// What an authenticator sends: for a new passkey and for a proof, as it is and with the browser's part
/// right, so that the authenticator's data are looked at.
pub fn authenticator(answer: &[u8], data: &[u8]) {
    let asked = Asked { challenge: "challenge", origin: ORIGIN, host: HOST };
    let key = "04".repeat(65);
    let tried = |answer: &Answer| {
        if let Ok(key) = passkey::register(asked, answer) {
            assert_eq!(key.len(), 130);
        }
        assert!(passkey::verify(asked, answer, &key).is_err(), "a proof without a key");
    };
    if let Ok(answer) = serde_json::from_slice::<Answer>(answer) {
        tried(&answer);
    }
    for kind in ["webauthn.create", "webauthn.get"] {
        tried(&Answer::of(kind, CHALLENGE, ORIGIN, (HOST, data)));
    }
}
