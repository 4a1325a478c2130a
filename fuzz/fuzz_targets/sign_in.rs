//! Any bytes as what is read before anybody has signed in: the keys and tokens of a provider of `OpenID`
//! Connect, and what an authenticator says about a passkey.

#![no_main]

use anshin_web::sign_in::{authenticator, provider};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    authenticator(bytes, bytes);
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let (keys, token, said) = (next(), next(), next());
    provider(keys, &String::from_utf8_lossy(token), said);
    // What a signed token says is the part that is hardest to reach.
    provider(b"", "", bytes);
});
