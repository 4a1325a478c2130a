//! As much of HTTP/1.1 as machines need: requests and answers, as bytes and as values.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use anshin_model::{Lang, Text};

use crate::tls::Tls;
use crate::{connection, trouble};

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

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// GET, POST and so on.
    pub method: String,
    /// Path, with what follows a question mark.
    pub path: String,
    /// What stands in the field `Authorization`.
    pub authorization: Option<String>,
    /// Whether a page of another place sends it, as a browser says.
    pub is_foreign: bool,
    /// Whether the connection ends after the answer.
    pub last: bool,
}

/// What has come of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Its head. Who does not want the body says so at once, with [`Requests::pass_over`].
    Head(&'a Head),
    /// All of it, with the body, put together if it came in chunks; `None` if it was passed over.
    Whole(Head, Option<Vec<u8>>),
}

/// Bytes that are no request or answer, or one that is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is something else.
    #[error("this is no HTTP/1.1")]
    Other,
    /// More than we take.
    #[error("this is too long")]
    TooLong,
}

impl Malformed {
    /// What a person is told.
    pub fn text(self) -> Text {
        match self {
            Malformed::Other => Text::new("HTTP/1.1ではありません", "this is no HTTP/1.1"),
            Malformed::TooLong => Text::new("長すぎます", "this is too long"),
        }
    }
}

/// Requests of a connection, one after the other, from bytes as they come. What has been understood is not
/// looked at again, and only the beginning of a head and a body that is wanted are kept.
#[derive(Debug, Default)]
pub struct Requests {
    bytes: Vec<u8>,
    /// Where in the bytes that begins which is not yet understood.
    at: usize,
    /// How many bytes from there do not have the end of a head.
    searched: usize,
    begun: Option<Begun>,
}

/// A request whose head has come.
#[derive(Debug)]
struct Begun {
    head: Head,
    form: Form,
    body: Option<Vec<u8>>,
}

/// How a body comes.
#[derive(Debug)]
enum Form {
    /// In one piece, of which so many bytes are missing.
    Whole(usize),
    /// In chunks.
    Chunks(Chunks),
    /// In more bytes than are taken.
    TooLong,
}

impl Requests {
    /// Bytes that have come.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next part; `None` if bytes are missing.
    ///
    /// # Errors
    /// If the bytes cannot become a request. Where the next one begins is not certain then.
    pub fn next_part(&mut self) -> Result<Option<Part<'_>>, Malformed> {
        let bytes = &self.bytes[self.at..];
        let Some(begun) = &mut self.begun else {
            let Some((text, length)) = head(bytes, self.searched)? else {
                self.searched = bytes.len();
                return Ok(None);
            };
            let (head, form) = request(text)?;
            self.at += length;
            self.searched = 0;
            let begun = self.begun.insert(Begun { head, form, body: Some(Vec::new()) });
            return Ok(Some(Part::Head(&begun.head)));
        };
        let (used, is_whole) = match &mut begun.form {
            Form::Whole(missing) => {
                let piece = &bytes[..bytes.len().min(*missing)];
                *missing -= piece.len();
                if let Some(body) = &mut begun.body {
                    body.extend_from_slice(piece);
                }
                (piece.len(), *missing == 0)
            }
            Form::Chunks(chunks) => chunks.take(bytes, begun.body.as_mut())?,
            Form::TooLong => return Err(Malformed::TooLong),
        };
        self.at += used;
        let whole = if is_whole { self.begun.take() } else { None };
        Ok(whole.map(|begun| Part::Whole(begun.head, begun.body)))
    }

    /// The request whose body comes.
    pub fn begun(&self) -> Option<&Head> {
        self.begun.as_ref().map(|begun| &begun.head)
    }

    /// The body that comes is not wanted.
    pub fn pass_over(&mut self) {
        if let Some(begun) = &mut self.begun {
            begun.body = None;
        }
    }

    /// Whether nothing of a next request has come.
    pub fn is_between(&self) -> bool {
        self.begun.is_none() && self.at == self.bytes.len()
    }
}

/// The head of a request, and how its body comes.
fn request(head: &str) -> Result<(Head, Form), Malformed> {
    let (first, fields) = fields(head)?;
    let mut parts = first.split(' ');
    let (Some(method), Some(path), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed::Other);
    };
    if !version.starts_with("HTTP/1.") || !path.starts_with('/') {
        return Err(Malformed::Other);
    }
    let field =
        |name: &str| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    let form = match (field("transfer-encoding"), field("content-length")) {
        (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => {
            Form::Chunks(Chunks::new(MOST_BODY))
        }
        // Two lengths, or a coding that nobody asked for: where the next request begins is not certain.
        (Some(_), _) => return Err(Malformed::Other),
        (None, length) => {
            let length = length.map_or(Ok(0), str::parse::<usize>).map_err(|_| Malformed::Other)?;
            if length > MOST_BODY { Form::TooLong } else { Form::Whole(length) }
        }
    };
    let last = match field("connection") {
        Some(word) => word.eq_ignore_ascii_case("close"),
        None => version == "HTTP/1.0",
    };
    let authorization = field("authorization").map(str::to_owned);
    let is_foreign = field("origin").is_some_and(|origin| is_elsewhere(origin, field("host")));
    Ok((Head { method: method.to_owned(), path: path.to_owned(), authorization, is_foreign, last }, form))
}

/// Whether the page that sends a request lies elsewhere than where it is sent to.
fn is_elsewhere(origin: &str, host: Option<&str>) -> bool {
    let place = origin.split_once("://").map(|(_, place)| place);
    place.zip(host).is_none_or(|(place, host)| !place.eq_ignore_ascii_case(host))
}

/// Reads a whole answer: its number and its body.
///
/// # Errors
/// If it is none.
pub fn read_answer(bytes: &[u8]) -> Result<(u16, Vec<u8>), Malformed> {
    let (head, start) = head(bytes, 0)?.ok_or(Malformed::Other)?;
    let (first, fields) = fields(head)?;
    let mut parts = first.split(' ');
    let version = parts.next().unwrap_or_default();
    let code = parts.next().and_then(|code| code.parse().ok()).ok_or(Malformed::Other)?;
    if !version.starts_with("HTTP/1.") {
        return Err(Malformed::Other);
    }
    let field =
        |name: &str| fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| *v);
    let body = &bytes[start..];
    if field("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        let mut whole = Vec::new();
        let (_, is_whole) = Chunks::new(MOST_ANSWER).take(body, Some(&mut whole))?;
        return if is_whole { Ok((code, whole)) } else { Err(Malformed::Other) };
    }
    match field("content-length") {
        Some(length) => {
            let length = length.parse::<usize>().map_err(|_| Malformed::Other)?;
            Ok((code, body.get(..length).ok_or(Malformed::Other)?.to_vec()))
        }
        None => Ok((code, body.to_vec())),
    }
}

/// The head before an empty line, and where the body begins; the end is not within so many bytes that have
/// been searched.
fn head(bytes: &[u8], searched: usize) -> Result<Option<(&str, usize)>, Malformed> {
    let within = &bytes[..bytes.len().min(MOST_HEAD)];
    // The end may have begun in what has been searched.
    let from = searched.saturating_sub(3).min(within.len());
    match within[from..].windows(4).position(|window| window == b"\r\n\r\n") {
        Some(end) => {
            let head = std::str::from_utf8(&bytes[..from + end]).map_err(|_| Malformed::Other)?;
            Ok(Some((head, from + end + 4)))
        }
        None if bytes.len() >= MOST_HEAD => Err(Malformed::TooLong),
        None => Ok(None),
    }
}

/// The first line, and the fields as names and values.
type Lines<'a> = (&'a str, Vec<(&'a str, &'a str)>);

fn fields(head: &str) -> Result<Lines<'_>, Malformed> {
    let mut lines = head.split("\r\n");
    let first = lines.next().ok_or(Malformed::Other)?;
    let fields = lines
        .take(MOST_FIELDS)
        .map(|line| line.split_once(':').map(|(name, value)| (name, value.trim())).ok_or(Malformed::Other))
        .collect::<Result<_, _>>()?;
    Ok((first, fields))
}

/// A body that comes in chunks.
#[derive(Debug)]
struct Chunks {
    /// How long the body may yet become.
    body: usize,
    /// How many bytes may yet come in all: lines between chunks may say much about nothing.
    all: usize,
    place: Within,
}

/// A place in a body in chunks.
#[derive(Debug)]
enum Within {
    /// In the line before a chunk.
    Line,
    /// In a chunk of which so many bytes are missing, with the end of its line.
    Chunk(usize),
    /// In the fields behind the last chunk, of whose end, an empty line, so many bytes have come.
    Trailer(usize),
}

impl Chunks {
    /// A body of at most so many bytes; with what stands between its chunks, of twice as many.
    fn new(most: usize) -> Self {
        Self { body: most, all: 2 * most, place: Within::Line }
    }

    /// Takes bytes that have come, and puts those of the body there; how many have been used, and whether
    /// the body is whole.
    fn take(&mut self, bytes: &[u8], mut body: Option<&mut Vec<u8>>) -> Result<(usize, bool), Malformed> {
        const END: &[u8] = b"\r\n\r\n";
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let used = match &mut self.place {
                Within::Line => {
                    let Some(end) = rest.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') else {
                        return if rest.len() < LONGEST_LINE {
                            Ok((at, false))
                        } else {
                            Err(Malformed::TooLong)
                        };
                    };
                    let line =
                        rest[..end].strip_suffix(b"\r").and_then(|line| std::str::from_utf8(line).ok());
                    let size = line.and_then(|line| line.split(';').next()).ok_or(Malformed::Other)?;
                    let size = usize::from_str_radix(size.trim(), 16).map_err(|_| Malformed::Other)?;
                    self.body = self.body.checked_sub(size).ok_or(Malformed::TooLong)?;
                    // The trailer begins at the beginning of a line.
                    self.place = if size == 0 { Within::Trailer(2) } else { Within::Chunk(size + 2) };
                    end + 1
                }
                Within::Chunk(missing) => {
                    let piece = &rest[..rest.len().min(*missing)];
                    let of_body = piece.len().min(missing.saturating_sub(2));
                    if let Some(body) = &mut body {
                        body.extend_from_slice(&piece[..of_body]);
                    }
                    *missing -= of_body;
                    for byte in &piece[of_body..] {
                        if *byte != END[2 - *missing] {
                            return Err(Malformed::Other);
                        }
                        *missing -= 1;
                    }
                    if *missing == 0 {
                        self.place = Within::Line;
                    }
                    piece.len()
                }
                Within::Trailer(come) => {
                    let length = rest.iter().position(|byte| {
                        *come = match byte {
                            byte if *byte == END[*come] => *come + 1,
                            b'\r' => 1,
                            _ => 0,
                        };
                        *come == END.len()
                    });
                    if let Some(before) = length {
                        return Ok((at + before + 1, true));
                    }
                    rest.len()
                }
            };
            self.all = self.all.checked_sub(used).ok_or(Malformed::TooLong)?;
            if used == 0 {
                return Ok((at, false));
            }
            at += used;
        }
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
    read_answer(&bytes).map_err(|error| {
        let error = error.text();
        trouble::malformed(error.get(Lang::Ja), error.get(Lang::En))
    })
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
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Content Too Large",
        503 => "Service Unavailable",
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

    /// The requests in some bytes that come in pieces of a length, and what is wrong with the rest.
    fn requests(bytes: &[u8], length: usize) -> (Vec<(Head, Vec<u8>)>, Option<Malformed>) {
        let (mut requests, mut whole) = (Requests::default(), Vec::new());
        for piece in bytes.chunks(length) {
            requests.add(piece);
            loop {
                match requests.next_part() {
                    Ok(Some(Part::Head(_))) => {}
                    Ok(Some(Part::Whole(head, body))) => whole.push((head, body.unwrap())),
                    Ok(None) => break,
                    Err(error) => return (whole, Some(error)),
                }
            }
        }
        (whole, None)
    }

    #[test]
    fn requests_come_in_pieces() {
        let bytes = b"POST /in/push/a?b HTTP/1.1\r\nHost: x\r\ncontent-length: 3\r\n\r\nabc\
            POST /in/push HTTP/1.1\r\nAuthorization: x\r\nTransfer-Encoding: chunked\r\n\r\n\
            2;x=1\r\nab\r\n1\r\nc\r\n0\r\nMore: x\r\n\r\n\
            GET / HTTP/1.1\r\nConnection: close\r\n\r\nGET";
        let head = |method: &str, path: &str, authorization: Option<&str>, last| Head {
            method: method.to_owned(),
            path: path.to_owned(),
            authorization: authorization.map(str::to_owned),
            is_foreign: false,
            last,
        };
        let expected = vec![
            (head("POST", "/in/push/a?b", None, false), b"abc".to_vec()),
            (head("POST", "/in/push", Some("x"), false), b"abc".to_vec()),
            (head("GET", "/", None, true), Vec::new()),
        ];
        for length in 1..bytes.len() {
            assert_eq!(requests(bytes, length), (expected.clone(), None), "{length}");
        }
    }

    #[test]
    fn a_page_of_another_place_is_told_by_its_origin() {
        for (fields, is_foreign) in [
            ("Host: 10.0.0.2:8090", false),
            ("Host: 10.0.0.2:8090\r\nOrigin: http://evil.example", true),
            ("Host: 10.0.0.2:8090\r\nOrigin: http://10.0.0.2", true),
            ("Host: 10.0.0.2:8090\r\nOrigin: null", true),
            ("Origin: http://10.0.0.2:8090", true),
            ("Host: Monitor.local:8090\r\nOrigin: http://monitor.local:8090", false),
        ] {
            let bytes = format!("POST /in/plug HTTP/1.1\r\n{fields}\r\n\r\n");
            let (told, _) = requests(bytes.as_bytes(), 7);
            assert_eq!(told[0].0.is_foreign, is_foreign, "{fields}");
        }
    }

    #[test]
    fn what_is_no_request_or_too_long_is_refused() {
        let post = |rest: &str| format!("POST / HTTP/1.1\r\n{rest}").into_bytes();
        let chunked = |rest: &str| post(&format!("Transfer-Encoding: chunked\r\n\r\n{rest}"));
        // A byte in each chunk, and much said about nothing.
        let idle = format!("1;{}\r\na\r\n", "x".repeat(200)).repeat(15_000);
        for (wrong, why) in [
            (b"GET x HTTP/1.1\r\n\r\n".to_vec(), Malformed::Other),
            (b"GET / SPDY\r\n\r\n".to_vec(), Malformed::Other),
            (b"GET / HTTP/1.1\r\nno field\r\n\r\n".to_vec(), Malformed::Other),
            (post("Transfer-Encoding: gzip\r\n\r\n"), Malformed::Other),
            (post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), Malformed::Other),
            (chunked("1\r\nabc"), Malformed::Other),
            (chunked("1\r\na\rb"), Malformed::Other),
            (chunked("x\r\n"), Malformed::Other),
            (post("Content-Length: 99999999\r\n\r\n"), Malformed::TooLong),
            (vec![b'a'; MOST_HEAD], Malformed::TooLong),
            (chunked("fffffff\r\n"), Malformed::TooLong),
            (chunked(&"1".repeat(LONGEST_LINE)), Malformed::TooLong),
            (chunked(&idle), Malformed::TooLong),
            (chunked(&format!("0\r\n{}", "More: x\r\n".repeat(300_000))), Malformed::TooLong),
        ] {
            let shown = String::from_utf8_lossy(&wrong[..wrong.len().min(100)]).into_owned();
            for length in [7, 1 << 12, 1 << 16] {
                assert_eq!(requests(&wrong, length), (Vec::new(), Some(why)), "{shown}");
            }
        }
    }

    #[test]
    fn nothing_is_kept_of_a_body_that_is_not_wanted() {
        let mut requests = Requests::default();
        requests.add(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert!(matches!(requests.next_part(), Ok(Some(Part::Head(_)))));
        requests.pass_over();
        for _ in 0..1_000 {
            requests.add(b"100;x=1\r\n");
            requests.add(&[b'x'; 0x100]);
            requests.add(b"\r\n");
            assert_eq!(requests.next_part(), Ok(None));
            assert!(requests.bytes.len() < 1_000);
        }
        requests.add(b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assert!(matches!(requests.next_part(), Ok(Some(Part::Whole(_, None)))));
        assert!(matches!(requests.next_part(), Ok(Some(Part::Head(head))) if head.method == "GET"));
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
    fn answers_may_be_chunked() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(read_answer(bytes), Ok((200, b"abc0123456789".to_vec())));
        assert_eq!(read_answer(b"HTTP/1.0 404 No\r\n\r\nrest"), Ok((404, b"rest".to_vec())));
        assert_eq!(read_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nrest"), Err(Malformed::Other));
        assert_eq!(
            read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            Err(Malformed::TooLong)
        );
    }
}
