//! Passkeys: what an authenticator says, checked. Only keys on the curve P-256 (ES256), which every
//! authenticator has, and only with the person verified by the authenticator.
//!
//! See: Web Authentication Level 2, sections 7.1 and 7.2.

use anshin_model::Text;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Flags of an authenticator's data: the person is there, was verified, and a key comes along.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;
/// Most bytes of a credential's id.
const MOST_ID: usize = 1023;
/// A public key for ES256 as authenticators write it, in canonical CBOR: `{1: 2, 3: -7, -1: 1, -2: x,
/// -3: y}`.
const KEY_START: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
const KEY_MIDDLE: &[u8] = &[0x22, 0x58, 0x20];

/// What was asked of the authenticator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The challenge, as it went out.
    pub(crate) challenge: &'a str,
    /// Where the page stands, such as `https://anshin.example`.
    pub(crate) origin: &'a str,
    /// The name that keys are made for: the host without its port.
    pub(crate) host: &'a str,
}

/// What the browser sends back, each part in base64url.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    /// The credential.
    pub(crate) id: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    #[serde(default)]
    signature: String,
}

#[cfg(fuzzing)]
impl Answer {
    /// An answer whose browser's part is right, with any data after the host's hash.
    pub(crate) fn of(kind: &str, challenge: &str, origin: &str, (host, data): (&str, &[u8])) -> Self {
        let client = format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"}}"#);
        let whole = [Sha256::digest(host).as_slice(), data].concat();
        let length = data.get(21..).and_then(|rest| rest.get(..2));
        let length = length.map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
        let id = data.get(23..).and_then(|rest| rest.get(..length)).unwrap_or_default();
        Answer {
            id: URL_SAFE_NO_PAD.encode(id),
            client_data: URL_SAFE_NO_PAD.encode(client),
            authenticator_data: URL_SAFE_NO_PAD.encode(whole),
            signature: URL_SAFE_NO_PAD.encode(data),
        }
    }
}

#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

/// The public key of a new passkey, as an uncompressed point in hexadecimal.
pub(crate) fn register(asked: Asked<'_>, answer: &Answer) -> Result<String, Text> {
    let (data, _) = checked(asked, answer, "webauthn.create")?;
    let rest = data.get(37..).filter(|_| data[32] & WITH_KEY != 0).ok_or_else(refused)?;
    // After the id of the authenticator's make: the credential's id with its length, then the key.
    let length = rest.get(16..18).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    let length = length.filter(|length| (1..=MOST_ID).contains(length)).ok_or_else(refused)?;
    let id = rest.get(18..18 + length).ok_or_else(refused)?;
    if unbase64(&answer.id).as_deref() != Some(id) {
        return Err(refused());
    }
    let key = rest.get(18 + length..).ok_or_else(refused)?;
    let (x, key) =
        key.strip_prefix(KEY_START).and_then(|key| key.split_at_checked(32)).ok_or_else(other_kind)?;
    let y = key.strip_prefix(KEY_MIDDLE).and_then(|key| key.get(..32)).ok_or_else(other_kind)?;
    Ok(hex(&[&[0x04], x, y].concat()))
}

/// How often the passkey was used, if its proof is right.
pub(crate) fn verify(asked: Asked<'_>, answer: &Answer, public_key: &str) -> Result<u64, Text> {
    let (data, client) = checked(asked, answer, "webauthn.get")?;
    let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
    let key = unhex(public_key).ok_or_else(refused)?;
    let signature = unbase64(&answer.signature).ok_or_else(refused)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&signed, &signature)
        .map_err(|_| refused())?;
    Ok(u64::from(u32::from_be_bytes([data[33], data[34], data[35], data[36]])))
}

/// The authenticator's data and the browser's, if they are an answer to what was asked.
fn checked(asked: Asked<'_>, answer: &Answer, kind: &str) -> Result<(Vec<u8>, Vec<u8>), Text> {
    let client = unbase64(&answer.client_data).ok_or_else(refused)?;
    let said: ClientData = serde_json::from_slice(&client).map_err(|_| refused())?;
    let challenge = unbase64(&said.challenge).ok_or_else(refused)?;
    if said.r#type != kind
        || said.cross_origin
        || said.origin != asked.origin
        || challenge != asked.challenge.as_bytes()
    {
        return Err(refused());
    }
    let data = unbase64(&answer.authenticator_data).filter(|data| data.len() >= 37).ok_or_else(refused)?;
    let flags = data[32];
    if data[..32] != *Sha256::digest(asked.host) || flags & PRESENT == 0 || flags & VERIFIED == 0 {
        return Err(refused());
    }
    Ok((data, client))
}

fn refused() -> Text {
    Text::new(
        "このパスキーは確かめられません。もう一度お試しください",
        "this passkey cannot be verified; try again",
    )
}

fn other_kind() -> Text {
    Text::new(
        "この種類のパスキー（ES256以外）は使えません。別の認証器でお試しください",
        "passkeys of this kind (other than ES256) cannot be used; try another authenticator",
    )
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.is_ascii().then_some(text)?;
    (0..digits.len()).step_by(2).map(|n| u8::from_str_radix(digits.get(n..n + 2)?, 16).ok()).collect()
}

/// Base64 for addresses, without padding.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

    use super::*;

    const HOST: &str = "anshin.example";
    const ORIGIN: &str = "https://anshin.example";

    fn base64(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// An authenticator that is played.
    struct Played {
        pair: EcdsaKeyPair,
        random: SystemRandom,
    }

    impl Played {
        fn new() -> Self {
            let random = SystemRandom::new();
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
            let pair =
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random).unwrap();
            Self { pair, random }
        }

        fn data(&self, host: &str, flags: u8, used: u32, with_key: bool) -> Vec<u8> {
            let mut data = Sha256::digest(host).to_vec();
            data.push(flags);
            data.extend(used.to_be_bytes());
            if with_key {
                let point = self.pair.public_key().as_ref();
                data.extend([0; 16]);
                data.extend([0, 4]);
                data.extend(b"cred");
                data.extend(KEY_START);
                data.extend(&point[1..33]);
                data.extend(KEY_MIDDLE);
                data.extend(&point[33..65]);
            }
            data
        }

        fn answer(&self, kind: &str, challenge: &str, origin: &str, data: &[u8]) -> Answer {
            let challenge = base64(challenge.as_bytes());
            let client = format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"}}"#);
            let signed = [data, &Sha256::digest(&client)].concat();
            let signature = self.pair.sign(&self.random, &signed).unwrap();
            Answer {
                id: base64(b"cred"),
                client_data: base64(client.as_bytes()),
                authenticator_data: base64(data),
                signature: base64(signature.as_ref()),
            }
        }
    }

    #[test]
    fn a_passkey_is_made_and_proves_itself() {
        let played = Played::new();
        let asked = Asked { challenge: "abc", origin: ORIGIN, host: HOST };
        let made = played.answer("webauthn.create", "abc", ORIGIN, &played.data(HOST, 0x45, 0, true));
        let key = register(asked, &made).unwrap();
        let proof = played.answer("webauthn.get", "abc", ORIGIN, &played.data(HOST, 0x05, 7, false));
        assert_eq!(verify(asked, &proof, &key), Ok(7));
        // Another key, challenge, page, host, kind; nobody verified; a changed signature.
        let data = played.data(HOST, 0x05, 7, false);
        let other = Played::new();
        let mut broken = played.answer("webauthn.get", "abc", ORIGIN, &data);
        broken.signature = base64(b"nonsense");
        for wrong in [
            other.answer("webauthn.get", "abc", ORIGIN, &data),
            played.answer("webauthn.get", "abd", ORIGIN, &data),
            played.answer("webauthn.get", "abc", "https://evil.example", &data),
            played.answer("webauthn.get", "abc", ORIGIN, &played.data("evil.example", 0x05, 7, false)),
            played.answer("webauthn.create", "abc", ORIGIN, &data),
            played.answer("webauthn.get", "abc", ORIGIN, &played.data(HOST, 0x01, 7, false)),
            played.answer("webauthn.get", "abc", ORIGIN, &data[..30]),
            broken,
        ] {
            assert!(verify(asked, &wrong, &key).is_err());
        }
        // What is no key of this kind, or cut off, is not taken.
        let whole = played.data(HOST, 0x45, 0, true);
        for cut in [37, 40, 56, 60, 70, 100, whole.len() - 1] {
            let made = played.answer("webauthn.create", "abc", ORIGIN, &whole[..cut]);
            assert!(register(asked, &made).is_err(), "{cut}");
        }
        let mut other_kind = whole.clone();
        other_kind[37 + 16 + 2 + 4 + 4] = 0x27;
        assert!(register(asked, &played.answer("webauthn.create", "abc", ORIGIN, &other_kind)).is_err());
    }
}
