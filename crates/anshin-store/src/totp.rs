//! One-time codes of authenticator apps: RFC 6238 with SHA-1, six digits, steps of 30 seconds,
//! which is what every app knows.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha1::Sha1;

use crate::secret;

const STEP: i64 = 30;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret of 160 bits, as RFC 4226 recommends, in base32.
pub(crate) fn new_secret() -> String {
    let bytes = secret::random_bytes::<20>();
    // Five bits a letter; 160 is a multiple of five.
    (0..32)
        .map(|n| {
            let bit = n * 5;
            let pair = u16::from(bytes[bit / 8]) << 8 | u16::from(*bytes.get(bit / 8 + 1).unwrap_or(&0));
            char::from(BASE32[usize::from(pair >> (11 - bit % 8) & 31)])
        })
        .collect()
}

fn decode(secret: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in secret.bytes() {
        let value = BASE32.iter().position(|known| *known == letter.to_ascii_uppercase())?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// The code of one step.
fn code(key: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let word = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

/// The step that a code belongs to: that of the moment, the one before or the one after, but none
/// up to `used`, whose codes were used already.
pub(crate) fn verify(secret: &str, given: &str, now: Timestamp, used: i64) -> Option<i64> {
    let key = decode(secret).filter(|key| key.len() >= 16)?;
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let step = now.as_second().div_euclid(STEP);
    (step - 1..=step + 1).find(|step| *step > used && same(&code(&key, *step), &given))
}

/// Compares in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let key = b"12345678901234567890";
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(key, second / STEP), expected);
        }
    }

    #[test]
    fn a_code_counts_for_a_neighbouring_step_and_only_once() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(verify(secret, "287 082", at(59), 0), Some(1));
        assert_eq!(verify(secret, "287082", at(89), 0), Some(1));
        assert_eq!(verify(secret, "287082", at(120), 0), None);
        assert_eq!(verify(secret, "287082", at(59), 1), None);
        assert_eq!(verify(secret, "287083", at(59), 0), None);
    }

    #[test]
    fn a_new_secret_reads_back() {
        let secret = new_secret();
        assert_eq!(decode(&secret).unwrap().len(), 20);
        assert_ne!(secret, new_secret());
    }
}
