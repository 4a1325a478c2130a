//! The door for messages that are posted to us, and for those who ask how we are.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshin_model::{Lang, Text};

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

/// An answer that a person may read, in both languages: who pushes is not who started the monitor.
fn say(code: u16, text: &Text) -> Vec<u8> {
    let both = format!("{}\n{}\n", text.get(Lang::Ja), text.get(Lang::En));
    http::answer(code, "text/plain; charset=utf-8", &both)
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
        let peer = stream.peer_addr().ok().map(|peer| peer.ip());
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
                        if let Err(answer) = self.way_in(head, peer) {
                            stream.write_all(&answer)?;
                            requests.pass_over();
                        }
                    }
                    Ok(Some(Part::Whole(head, body))) => {
                        if let Some(body) = body {
                            stream.write_all(&self.push(&head, &body, peer))?;
                        }
                        begun = None;
                        if head.last {
                            return Ok(());
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        let code = if error == Malformed::TooLong { 413 } else { 400 };
                        if error == Malformed::TooLong
                            && let Some(Ok((entrance, topic))) =
                                requests.begun().map(|head| self.way_in(head, peer))
                        {
                            lock(&entrance.feed).too_long(topic);
                        }
                        return stream.write_all(&say(code, &error.text()));
                    }
                }
            }
        }
        Ok(())
    }

    /// The source that a message may be pushed to, and its topic; otherwise, the answer.
    fn way_in<'r>(&self, head: &'r Head, peer: Option<IpAddr>) -> Result<(&Entrance, &'r str), Vec<u8>> {
        let path = head.path.split('?').next().unwrap_or_default();
        match (head.method.as_str(), path) {
            ("GET", "/metrics") => Err(match self.metrics.ask() {
                Some(page) => http::answer(200, "text/plain; version=0.0.4; charset=utf-8", &page),
                None => say(
                    503,
                    &Text::new(
                        "監視の処理が追いついていません。少し待って、もう一度試してください",
                        "the monitor is busy; ask again",
                    ),
                ),
            }),
            ("GET", "/healthz") => Err(http::answer(200, "text/plain", "ok\n")),
            ("POST", path) => {
                let Some(rest) = path.strip_prefix("/in/") else {
                    return Err(say(
                        404,
                        &Text::new(
                            "/in/入力元 か /in/入力元/トピック にPOSTしてください",
                            "post to /in/SOURCE or /in/SOURCE/TOPIC",
                        ),
                    ));
                };
                let (id, topic) = rest.split_once('/').unwrap_or((rest, ""));
                let entrance = self.entrances.iter().find(|one| lock(&one.feed).source().id == *id);
                let Some(entrance) = entrance else {
                    let ids: Vec<String> =
                        self.entrances.iter().map(|one| lock(&one.feed).source().id.to_string()).collect();
                    let ids = ids.join(", ");
                    return Err(say(
                        404,
                        &Text::new(
                            format!("その名前の`http`の入力元は設定にありません。設定にある入力元: {ids}"),
                            format!(
                                "the configuration has no source of kind `http` with this id; it has: {ids}"
                            ),
                        ),
                    ));
                };
                // A browser sends what any page that is open in it wants, and says which one it is.
                if head.is_foreign {
                    lock(&entrance.feed).foreign(peer);
                    return Err(say(
                        403,
                        &Text::new(
                            "別のサイトのページからは受け取りません（`Origin`が`Host`と違います）",
                            "nothing is taken from pages of another site (`Origin` is not `Host`)",
                        ),
                    ));
                }
                let given = head.authorization.as_deref();
                if entrance.login.as_deref().is_some_and(|login| !is(given, login)) {
                    return Err(say(
                        401,
                        &Text::new(
                            "入力元の`user`とパスワードが必要です（Basic認証）",
                            "user and password of the source are needed (basic authentication)",
                        ),
                    ));
                }
                Ok((entrance, topic))
            }
            ("GET", _) => Err(say(
                404,
                &Text::new(
                    "GETできるのは /metrics と /healthz です",
                    "there are /metrics and /healthz to get",
                ),
            )),
            _ => Err(say(405, &Text::new("GETかPOSTを使ってください", "use GET or POST"))),
        }
    }

    /// Takes a message; the answer.
    fn push(&self, head: &Head, body: &[u8], peer: Option<IpAddr>) -> Vec<u8> {
        let (entrance, topic) = match self.way_in(head, peer) {
            Ok(way) => way,
            Err(answer) => return answer,
        };
        let mut feed = lock(&entrance.feed);
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let [dropped, no_numbers] = [&feed.status().dropped, &feed.status().no_numbers].map(count);
        let taken = feed.message(topic, body, false);
        feed.flush();
        let is_dropped = count(&feed.status().dropped) > dropped;
        let has_no_number = count(&feed.status().no_numbers) > no_numbers;
        match taken {
            Err(error) => say(400, &error.text()),
            Ok(_) if is_dropped => say(
                503,
                &Text::new(
                    "監視の処理が追いつかず、受け取れませんでした。少し待って送り直してください",
                    "this was not taken, since the monitor is busy; send it again in a moment",
                ),
            ),
            Ok(0) if has_no_number => say(
                202,
                &Text::new(
                    "受け取りましたが、数であるはずの値が数ではないため、どの機械の値にもなりませんでした。届けた値と、設定の`take`を確かめてください",
                    "this was taken, but is a value of no machine, since what should be a number is none; check what was posted, and `take` in the configuration",
                ),
            ),
            Ok(0) => say(202, &feed.source().topic.as_ref().map_or_else(
                || Text::new(
                    "受け取りましたが、どの機械の値にもなりませんでした。パスのトピックと、設定の`topic`、`take`、`when`を確かめてください",
                    "this was taken, but is a value of no machine; check the topic in the path, and `topic`, `take` and `when` in the configuration",
                ),
                |path| Text::new(
                    format!("受け取りましたが、どの機械の値にもなりませんでした。届けた`{path}`の値と、設定の`topic`、`take`、`when`を確かめてください"),
                    format!("this was taken, but is a value of no machine; check what `{path}` is in what was posted, and `topic`, `take` and `when` in the configuration"),
                ),
            )),
            Ok(_) => http::answer(204, "text/plain", ""),
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
