//! As much of HTTP/1.1 as machines need: requests and answers, as bytes and as values.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use crate::connection;
use crate::tls::Tls;

/// Longest head of a request or an answer.
const MOST_HEAD: usize = 1 << 14;

/// Most fields of a head.
const MOST_FIELDS: usize = 100;

/// Longest line before a chunk.
const LONGEST_LINE: usize = 256;

/// Longest body of a request.
const MOST_BODY: usize = 1 << 20;

/// Longest answer that is read.
const MOST_ANSWER: usize = 16 << 20;

/// How long an answer may take to come.
const LONGEST_ANSWER: Duration = Duration::from_secs(15);

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
    /// The body, put together if it came in chunks.
    pub body: Cow<'a, [u8]>,
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
    let (body, end) = match (field("transfer-encoding"), field("content-length")) {
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => {
            let Some((body, length)) = chunks(&bytes[start..], MOST_BODY)? else { return Ok(None) };
            (Cow::Owned(body), start + length)
        }
        // Two lengths, or a coding that nobody asked for: where the next request begins is not certain.
        (Some(_), _) => return Err(Malformed),
        (None, length) => {
            let length = length.map_or(Ok(0), str::parse::<usize>).map_err(|_| Malformed)?;
            if length > MOST_BODY {
                return Err(Malformed);
            }
            let Some(body) = bytes.get(start..start + length) else { return Ok(None) };
            (Cow::Borrowed(body), start + length)
        }
    };
    let last = match field("connection") {
        Some(word) => word.eq_ignore_ascii_case("close"),
        None => version == "HTTP/1.0",
    };
    let authorization = field("authorization");
    Ok(Some((Request { method, path, authorization, last, body }, end)))
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
        let (body, _) = chunks(body, MOST_ANSWER)?.ok_or(Malformed)?;
        return Ok((code, body));
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

/// A body in chunks of at most so many bytes in all, and how many bytes it took; `None` if some are still
/// missing.
fn chunks(bytes: &[u8], most: usize) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = &bytes[at..];
        let Some(end) = rest.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') else {
            return if rest.len() < LONGEST_LINE { Ok(None) } else { Err(Malformed) };
        };
        let line = rest[..end].strip_suffix(b"\r").and_then(|line| std::str::from_utf8(line).ok());
        let size = line.and_then(|line| line.split(';').next()).ok_or(Malformed)?;
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| Malformed)?;
        if size > most - body.len() {
            return Err(Malformed);
        }
        at += end + 1;
        if size == 0 {
            return Ok(trailer(&bytes[at..])?.map(|length| (body, at + length)));
        }
        let Some(chunk) = bytes.get(at..at + size) else { return Ok(None) };
        body.extend_from_slice(chunk);
        at += size;
        match bytes.get(at..at + 2) {
            Some(b"\r\n") => at += 2,
            Some(_) => return Err(Malformed),
            None => return Ok(None),
        }
    }
}

/// How long the fields behind the last chunk are, with the empty line; `None` if it has not come yet.
fn trailer(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    if bytes.starts_with(b"\r\n") {
        return Ok(Some(2));
    }
    let within = &bytes[..bytes.len().min(MOST_HEAD)];
    match within.windows(4).position(|window| window == b"\r\n\r\n") {
        Some(end) => Ok(Some(end + 4)),
        None if bytes.len() >= MOST_HEAD => Err(Malformed),
        None => Ok(None),
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
    let bytes = read_all(&mut stream, Instant::now() + LONGEST_ANSWER)?;
    read_answer(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Reads until the other side has said everything, but no longer than until a moment.
fn read_all(stream: &mut impl io::Read, end: Instant) -> io::Result<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 1 << 16]);
    while bytes.len() < MOST_ANSWER {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            // Some servers end an encrypted connection without a word; what is missing shows in the answer.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        // One byte now and then would go on for ever.
        if Instant::now() > end {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(bytes)
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
            ("POST", "/in/push/a?b", Cow::Borrowed(&b"abc"[..]), false)
        );
        assert!(bytes[length..].starts_with(b"GET"));
        for wrong in [
            &b"GET x HTTP/1.1\r\n\r\n"[..],
            b"GET / SPDY\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
            b"GET / HTTP/1.1\r\nno field\r\n\r\n",
        ] {
            assert_eq!(read_request(wrong), Err(Malformed), "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(read_request(&[b'a'; MOST_HEAD]), Err(Malformed));
    }

    /// Says a byte now and then, and never ends.
    struct Drip;

    impl io::Read for Drip {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            std::thread::sleep(Duration::from_millis(20));
            bytes[0] = b'a';
            Ok(1)
        }
    }

    #[test]
    fn an_answer_that_comes_byte_by_byte_is_given_up() {
        let whole = read_all(&mut &b"abc"[..], Instant::now() + Duration::from_mins(1));
        assert_eq!(whole.unwrap(), b"abc");
        let error = read_all(&mut Drip, Instant::now() + Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn bodies_may_come_in_chunks() {
        let bytes = b"POST /in/push HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\nab\r\n1\r\nc\r\n0\r\nMore: x\r\n\r\nGET /";
        let whole = bytes.len() - 5;
        for end in 0..whole {
            assert_eq!(read_request(&bytes[..end]), Ok(None), "{end}");
        }
        let (request, length) = read_request(bytes).unwrap().unwrap();
        assert_eq!((&request.body[..], length), (&b"abc"[..], whole));
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
