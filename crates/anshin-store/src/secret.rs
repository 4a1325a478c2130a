//! Random names and tokens, and what of a secret is kept: never the secret itself.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest as _, Sha256};

use crate::error::StoreError;

/// Digits of ids: no letter that is taken for another.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Sixteen characters, 80 random bits: enough to be unique, short enough for an address.
pub(crate) fn random_id() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random numbers");
}

/// Random bytes, for a TOTP secret.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// A secret of 256 bits that its owner sees once. Only its hash is kept.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub(crate) fn random(prefix: &str) -> Self {
        Self(format!("{prefix}{}", hex(&random_bytes::<32>())))
    }

    /// The secret itself: for a cookie, a link, or the one page that shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        sha256(self.0.as_bytes())
    }
}

/// Keeps a token out of logs.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]).map(char::from).collect()
}

/// The Argon2id hash of a password, with the parameters that OWASP names first
/// (19 MiB, two passes). Takes some hundredths of a second: off the async threads.
pub(crate) async fn hash_password(password: &str) -> Result<String, StoreError> {
    let password = password.to_owned();
    off_thread(move || {
        let (algorithm, version, params) = (Algorithm::Argon2id, Version::V0x13, Params::default());
        let salt = Salt::new(&random_bytes::<16>()).expect("a salt has 8 to 64 bytes");
        let hash = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(&params).expect("the parameters can be written"),
            salt: Some(salt),
            hash: hashed(&password, &salt, (algorithm, version, params)),
        };
        assert!(hash.hash.is_some(), "the password has a length that Argon2 takes");
        hash.to_string()
    })
    .await
}

/// How a password is hashed.
type Way = (Algorithm, Version, Params);

/// Most blocks that are allocated for a hash, of 1 KiB: more than 32 MiB. What is so large, every allocator
/// asks of the operating system and gives back at once; the GNU C library would keep 19 MiB for each thread
/// that has ever hashed a password. Only the blocks that are used are there in memory.
const ROOM: usize = 36 << 10;

/// The hash of a password; none if Argon2 does not take its length or the parameters.
fn hashed(password: &str, salt: &Salt, (algorithm, version, params): Way) -> Option<Output> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(ROOM));
    memory.resize(blocks, Block::new());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let done = Argon2::new(algorithm, version, params).hash_password_into_with_memory(
        password.as_bytes(),
        salt,
        &mut output,
        &mut memory,
    );
    done.ok().and_then(|()| Output::new(&output).ok())
}

/// Whether a password belongs to a hash.
fn belongs(password: &str, hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&hash).ok()?;
    // Outputs are compared in a time that does not depend on where they differ.
    Some(hashed(password, &hash.salt?, (algorithm, version, params))? == hash.hash?)
}

/// The hash of a password that nobody knows.
pub(crate) async fn unknown_password() -> Result<String, StoreError> {
    hash_password(Token::random("").as_str()).await
}

/// Whether a password belongs to a hash. Without a hash it takes as long and says no, so that
/// nobody learns from the time which names exist.
pub(crate) async fn verify_password(password: &str, hash: Option<String>) -> Result<bool, StoreError> {
    /// Of no password that anyone could type.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keQ$Wl4/nTfT1PSoA8zOqUrcMpJ9iSiq9fgZgZFvWm0iKyQ";
    let password = password.to_owned();
    off_thread(move || {
        let known = hash.is_some();
        let hash = hash.as_deref().unwrap_or(NOBODY);
        let right = belongs(&password, hash) == Some(true);
        known && right
    })
    .await
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Stopping)
}
