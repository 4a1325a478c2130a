//! The door for messages that are posted to us, and for those who ask how we are.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::base64::base64;
use crate::connection::{self, PATIENCE, Stop};
use crate::feed::Feed;
use crate::guests::Guests;
use crate::http::{self, Head, Malformed, Part, Requests};
use crate::metrics::Board;

/// Most connections at a time.
pub(crate) const MOST_GUESTS: usize = 100;

/// How long a connection may be silent.
const LONGEST_SILENCE: Duration = Duration::from_mins(1);

/// How long a request may take to come.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// A source behind the door, and what stands in `Authorization` of those who may push to it.
pub(crate) struct Entrance {
    pub(crate) feed: Mutex<Feed>,
    pub(crate) login: Option<String>,
}

/// What the door shows and takes.
pub(crate) struct Door {
    pub(crate) entrances: Vec<Entrance>,
    /// The page of metrics, in the form of Prometheus.
    pub(crate) metrics: Arc<Board>,
    pub(crate) guests: Arc<Guests>,
    pub(crate) stop: Stop,
}

/// Opens the door.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) fn open(address: &str, door: Door) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let local = listener.local_addr()?;
    for entrance in &door.entrances {
        lock(&entrance.feed).connected();
    }
    let door = Arc::new(door);
    std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        while !door.stop.is_set() {
            match listener.accept() {
                Ok((stream, peer)) => {
                    let Some(ticket) = door.guests.admit(peer.ip()) else {
                        if let Some(entrance) = door.entrances.first() {
                            lock(&entrance.feed).refused(peer.ip());
                        }
                        continue;
                    };
                    let door = Arc::clone(&door);
                    let started =
                        std::thread::Builder::new().name("http guest".to_owned()).spawn(move || {
                            // What goes wrong with one connection concerns nobody else.
                            let _ = door.serve(stream);
                            drop(ticket);
                        });
                    drop(started);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    })?;
    Ok(local)
}

/// The value of `Authorization` for a user and a password.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let (mut requests, mut bytes) = (Requests::default(), vec![0; 1 << 16]);
        let mut heard = Instant::now();
        // When the request that is not yet whole began.
        let mut begun = None;
        while !self.stop.is_set() && heard.elapsed() < LONGEST_SILENCE {
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    heard = Instant::now();
                    requests.add(&bytes[..count]);
                }
                Err(error) if connection::is_idle(&error) => {}
                Err(error) => return Err(error),
            }
            begun = if requests.is_between() { None } else { begun.or(Some(Instant::now())) };
            if begun.is_some_and(|begun: Instant| begun.elapsed() > LONGEST_REQUEST) {
                return Ok(());
            }
            loop {
                match requests.next_part() {
                    Ok(Some(Part::Head(head))) => {
                        // Who has no way in need not send the rest, and nothing of it is kept.
                        if let Err(answer) = self.way_in(head) {
                            stream.write_all(&answer)?;
                            requests.pass_over();
                        }
                    }
                    Ok(Some(Part::Whole(head, body))) => {
                        if let Some(body) = body {
                            stream.write_all(&self.push(&head, &body))?;
                        }
                        begun = None;
                        if head.last {
                            return Ok(());
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        let code = if error == Malformed::TooLong { 413 } else { 400 };
                        return stream.write_all(&http::answer(code, "text/plain", &format!("{error}\n")));
                    }
                }
            }
        }
        Ok(())
    }

    /// The source that a message may be pushed to, and its topic; otherwise, the answer.
    fn way_in<'r>(&self, head: &'r Head) -> Result<(&Entrance, &'r str), Vec<u8>> {
        let path = head.path.split('?').next().unwrap_or_default();
        match (head.method.as_str(), path) {
            ("GET", "/metrics") => Err(match self.metrics.ask() {
                Some(page) => http::answer(200, "text/plain; version=0.0.4; charset=utf-8", &page),
                None => http::answer(503, "text/plain", "the monitor is busy; ask again\n"),
            }),
            ("GET", "/healthz") => Err(http::answer(200, "text/plain", "ok\n")),
            ("POST", path) => {
                let Some(rest) = path.strip_prefix("/in/") else {
                    return Err(http::answer(404, "text/plain", "post to /in/SOURCE or /in/SOURCE/TOPIC\n"));
                };
                let (id, topic) = rest.split_once('/').unwrap_or((rest, ""));
                let entrance = self.entrances.iter().find(|one| lock(&one.feed).source().id == *id);
                let Some(entrance) = entrance else {
                    return Err(http::answer(404, "text/plain", "there is no such source\n"));
                };
                let given = head.authorization.as_deref();
                if entrance.login.as_deref().is_some_and(|login| !is(given, login)) {
                    return Err(http::answer(401, "text/plain", "user and password are needed\n"));
                }
                Ok((entrance, topic))
            }
            ("GET", _) => Err(http::answer(404, "text/plain", "there are /metrics and /healthz\n")),
            _ => Err(http::answer(405, "text/plain", "")),
        }
    }

    /// Takes a message; the answer.
    fn push(&self, head: &Head, body: &[u8]) -> Vec<u8> {
        let (entrance, topic) = match self.way_in(head) {
            Ok(way) => way,
            Err(answer) => return answer,
        };
        let mut feed = lock(&entrance.feed);
        let taken = feed.message(topic, body, false);
        feed.flush();
        match taken {
            Ok(()) => http::answer(204, "text/plain", ""),
            Err(error) => http::answer(400, "text/plain", &format!("{error}\n")),
        }
    }
}

/// Takes the same time wherever the first difference is.
fn is(given: Option<&str>, known: &str) -> bool {
    given.is_some_and(|given| {
        given.len() == known.len()
            && given.bytes().zip(known.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_written_as_the_standard_says() {
        // The example of RFC 7617.
        assert_eq!(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(is(Some("abc"), "abc") && !is(Some("abd"), "abc") && !is(None, "abc"));
    }
}
