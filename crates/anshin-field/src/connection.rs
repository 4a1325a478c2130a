//! What all connections share: time-outs, going on after a failure, stopping.

use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anshin_model::Text;

use crate::feed::Feed;
use crate::tls::{Tls, Wire};
use crate::trouble::{trouble, why};

/// How long to wait for the other side to take a connection or an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Longest pause between two attempts, and how long a conversation must have gone on to count as one that
/// works.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Tells every thread that it is time to go.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// A flag that others may set too, such as a signal.
    pub fn new(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }

    /// Whether it is time to go.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says that it is time to go.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Waits, at most until it is time to go.
    pub(crate) fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        while !self.is_set() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}

/// Pauses that grow from attempt to attempt.
#[derive(Debug)]
pub(crate) struct BackOff(Duration);

impl BackOff {
    pub(crate) fn new() -> Self {
        Self(Duration::from_millis(250))
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// Connects over TCP, encrypted if it is said how; reads and writes give up after a while.
pub(crate) fn dial(address: &str, read: Duration, tls: Option<&Tls>) -> io::Result<Wire> {
    let stream = connect(address, read)?;
    match tls {
        Some(tls) => tls.encrypt(stream, address),
        None => Ok(Wire::Plain(stream)),
    }
}

/// Connects over TCP; reads and writes give up after a while.
pub(crate) fn connect(address: &str, read: Duration) -> io::Result<TcpStream> {
    let mut last = nowhere();
    let all = address.to_socket_addrs().map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => trouble(
            error.kind(),
            "アドレスを`ホスト:ポート`の形で書いてください",
            "write the address as `HOST:PORT`",
        ),
        _ => nowhere(),
    })?;
    for address in all {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(read))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A name that leads to no address.
pub(crate) fn nowhere() -> io::Error {
    trouble(
        io::ErrorKind::NotFound,
        "この名前のアドレスが見つかりません。名前の綴りとDNSを確かめるか、IPアドレスを書いてください",
        "the name leads to no address; check its spelling and DNS, or write an IP address",
    )
}

/// Reads until a moment, however slowly bytes come.
pub(crate) struct Until<'s> {
    pub(crate) stream: &'s TcpStream,
    pub(crate) end: Instant,
}

impl io::Read for Until<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut stream = self.stream;
        stream.read(bytes).map_err(|error| match error.kind() {
            // What Unix says when the time-out of a socket is over.
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}

/// Whether a read has only found nothing within its time.
pub(crate) fn is_idle(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}

/// Runs a conversation again and again until it is time to go. It is told as lost once, however
/// often it fails; one that has worked for a while begins with short pauses again.
pub(crate) fn keep_up(feed: &mut Feed, stop: &Stop, mut talk: impl FnMut(&mut Feed) -> io::Result<()>) {
    let mut back_off = BackOff::new();
    let mut told = false;
    while !stop.is_set() {
        let (began, before) = (Instant::now(), feed.status().connections.load(Ordering::Relaxed));
        let result = talk(feed);
        if stop.is_set() {
            break;
        }
        if feed.status().connections.load(Ordering::Relaxed) > before {
            told = false;
            // Whoever takes a connection and closes it again would fill the log.
            if began.elapsed() >= LONGEST_PAUSE {
                back_off = BackOff::new();
            }
        }
        if !told {
            told = true;
            let address = feed.source().address.clone().unwrap_or_default();
            let reason = result.err().map_or_else(
                || Text::new("相手が接続を閉じました", "the other side closed the connection"),
                |error| why(&error),
            );
            feed.lost(Text::new(
                format!("{address}: {}", reason.get(anshin_model::Lang::Ja)),
                format!("{address}: {}", reason.get(anshin_model::Lang::En)),
            ));
        }
        stop.wait(back_off.next());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn pauses_grow_while_connections_are_closed_again() {
        let configuration = anshin_monitor::config::load(
            "factory.yaml",
            "
anshin-monitor: 1
sources: [ { id: line, kind: shdr, address: \"localhost:7878\" } ]
machines: [ { id: mill, cycle: { by: running }, input: [ { from: line, take: exec, is: running, when: ACTIVE } ] } ]
",
        );
        let (sender, _events) = std::sync::mpsc::sync_channel(100);
        let mut feed = Feed::new(&configuration.configuration.unwrap(), 0, sender, &[Arc::default()]);
        let (stop, mut times) = (Stop::default(), Vec::new());
        keep_up(&mut feed, &stop, |feed| {
            feed.connected();
            times.push(Instant::now());
            if times.len() == 4 {
                stop.set();
            }
            Ok(())
        });
        assert!(times[3] - times[2] >= Duration::from_secs(1), "{times:?}");
    }

    #[test]
    fn a_moment_that_has_come_is_told_in_one_way() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = connect(&listener.local_addr().unwrap().to_string(), PATIENCE).unwrap();
        for wait in [Duration::ZERO, Duration::from_millis(20)] {
            let mut until = Until { stream: &stream, end: Instant::now() + wait };
            assert_eq!(until.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }
}
