//! Base64, as logins and mails need it.
//!
//! See: <https://www.rfc-editor.org/rfc/rfc4648>

const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |all, byte| all << 8 | usize::from(*byte));
        let all = bits << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let sign = char::from(SIGNS[all >> (18 - 6 * n) & 63]);
            text.push(if n <= chunk.len() { sign } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
