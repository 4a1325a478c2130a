//! As much of HTTP/1.1 as machines need: requests and answers, as bytes and as values.

use std::io::{self, Read as _, Write as _};

use crate::connection;
use crate::tls::Tls;

/// Longest head of a request or an answer.
const MOST_HEAD: usize = 1 << 14;

/// Most fields of a head.
const MOST_FIELDS: usize = 100;

/// Longest body of a request.
const MOST_BODY: usize = 1 << 20;

/// Longest answer that is read.
const MOST_ANSWER: u64 = 16 << 20;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// GET, POST and so on.
    pub method: &'a str,
    /// Path, with what follows a question mark.
    pub path: &'a str,
    /// What stands in the field `Authorization`.
    pub authorization: Option<&'a str>,
    /// Whether the connection ends after the answer.
    pub last: bool,
    /// The body.
    pub body: &'a [u8],
}

/// Bytes that are no request or answer, or one that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no HTTP/1.1, or it is too long")]
pub struct Malformed;

/// Reads the request at the beginning of some bytes, and tells how many it took; `None` if some are
/// still missing.
///
/// # Errors
/// If the bytes cannot become a request.
pub fn read_request(bytes: &[u8]) -> Result<Option<(Request<'_>, usize)>, Malformed> {
    let Some((head, start)) = head(bytes)? else { return Ok(None) };
    let (first, fields) = fields(head)?;
    let mut parts = first.split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed);
    };
    if !version.starts_with("HTTP/1.") || !path.starts_with('/') {
        return Err(Malformed);
    }
    let field =
        |name: &str| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    if field("transfer-encoding").is_some() {
        return Err(Malformed);
    }
    let length = match field("content-length") {
        Some(length) => length.parse::<usize>().map_err(|_| Malformed)?,
        None => 0,
    };
    if length > MOST_BODY {
        return Err(Malformed);
    }
    let Some(body) = bytes.get(start..start + length) else { return Ok(None) };
    let last = match field("connection") {
        Some(word) => word.eq_ignore_ascii_case("close"),
        None => version == "HTTP/1.0",
    };
    let authorization = field("authorization");
    Ok(Some((Request { method, path, authorization, last, body }, start + length)))
}

/// Reads a whole answer: its number and its body.
///
/// # Errors
/// If it is none.
pub fn read_answer(bytes: &[u8]) -> Result<(u16, Vec<u8>), Malformed> {
    let (head, start) = head(bytes)?.ok_or(Malformed)?;
    let (first, fields) = fields(head)?;
    let mut parts = first.split(' ');
    let version = parts.next().unwrap_or_default();
    let code = parts.next().and_then(|code| code.parse().ok()).ok_or(Malformed)?;
    if !version.starts_with("HTTP/1.") {
        return Err(Malformed);
    }
    let field =
        |name: &str| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    let body = &bytes[start..];
    if field("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return Ok((code, chunks(body)?));
    }
    match field("content-length") {
        Some(length) => {
            let length = length.parse::<usize>().map_err(|_| Malformed)?;
            Ok((code, body.get(..length).ok_or(Malformed)?.to_vec()))
        }
        None => Ok((code, body.to_vec())),
    }
}

/// The head before an empty line, and where the body begins.
fn head(bytes: &[u8]) -> Result<Option<(&str, usize)>, Malformed> {
    let within = &bytes[..bytes.len().min(MOST_HEAD)];
    match within.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(end) => Ok(Some((std::str::from_utf8(&bytes[..end]).map_err(|_| Malformed)?, end + 4))),
        None if bytes.len() >= MOST_HEAD => Err(Malformed),
        None => Ok(None),
    }
}

/// The first line, and the fields as names and values.
type Head<'a> = (&'a str, Vec<(&'a str, &'a str)>);

fn fields(head: &str) -> Result<Head<'_>, Malformed> {
    let mut lines = head.split("\r\n");
    let first = lines.next().ok_or(Malformed)?;
    let fields = lines
        .take(MOST_FIELDS)
        .map(|line| line.split_once(':').map(|(name, value)| (name, value.trim())).ok_or(Malformed))
        .collect::<Result<_, _>>()?;
    Ok((first, fields))
}

fn chunks(mut bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n").ok_or(Malformed)?;
        let line = std::str::from_utf8(&bytes[..end]).map_err(|_| Malformed)?;
        let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(|_| Malformed)?;
        bytes = &bytes[end + 2..];
        if size == 0 {
            return Ok(body);
        }
        let behind = size.checked_add(2).ok_or(Malformed)?;
        body.extend_from_slice(bytes.get(..size).ok_or(Malformed)?);
        bytes = bytes.get(behind..).ok_or(Malformed)?;
    }
}

/// Asks a server something, over a connection that is encrypted if it is said how; the number of its
/// answer and the body.
///
/// # Errors
/// If there is no answer.
pub(crate) fn ask(
    (address, tls): (&str, Option<&Tls>),
    method: &str,
    path: &str,
    login: Option<&str>,
    kind: &str,
    body: &[u8],
) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = connection::dial(address, connection::PATIENCE, tls)?;
    let login = login.map_or_else(String::new, |login| format!("Authorization: {login}\r\n"));
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: anshin\r\nConnection: close\r\n{login}\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut bytes = Vec::new();
    match stream.take(MOST_ANSWER).read_to_end(&mut bytes) {
        // Some servers end an encrypted connection without a word; what is missing shows in the answer.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => {}
        read => drop(read?),
    }
    read_answer(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// An answer as bytes.
pub(crate) fn answer(code: u16, kind: &str, body: &str) -> Vec<u8> {
    let word = match code {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        _ => "Method Not Allowed",
    };
    let more = if code == 401 { "WWW-Authenticate: Basic realm=\"anshin\"\r\n" } else { "" };
    format!(
        "HTTP/1.1 {code} {word}\r\n{more}Content-Type: {kind}\r\nContent-Length: {}\r\n\
         X-Content-Type-Options: nosniff\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_in_pieces() {
        let bytes =
            b"POST /in/push/a?b HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabcGET / HTTP/1.1\r\n";
        for end in [0, 10, 58, 60] {
            assert_eq!(read_request(&bytes[..end]), Ok(None));
        }
        let (request, length) = read_request(bytes).unwrap().unwrap();
        assert_eq!(
            (request.method, request.path, request.body, request.last),
            ("POST", "/in/push/a?b", &b"abc"[..], false)
        );
        assert!(bytes[length..].starts_with(b"GET"));
        for wrong in [
            &b"GET x HTTP/1.1\r\n\r\n"[..],
            b"GET / SPDY\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"GET / HTTP/1.1\r\nno field\r\n\r\n",
        ] {
            assert_eq!(read_request(wrong), Err(Malformed), "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(read_request(&[b'a'; MOST_HEAD]), Err(Malformed));
    }

    #[test]
    fn answers_may_be_chunked() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(read_answer(bytes), Ok((200, b"abc0123456789".to_vec())));
        assert_eq!(read_answer(b"HTTP/1.0 404 No\r\n\r\nrest"), Ok((404, b"rest".to_vec())));
        assert_eq!(read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nrest"), Err(Malformed));
        assert_eq!(
            read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            Err(Malformed)
        );
    }
}
