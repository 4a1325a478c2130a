//! A source that is an `MTConnect` adapter: lines over TCP.

use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use anshin_monitor::recording;

use crate::connection::{self, Stop};
use crate::feed::{Feed, count};
use crate::trouble;

/// Longest line that is read.
const MOST_LINE: usize = 1 << 16;

/// How often the adapter is asked whether it is there.
const PING: Duration = Duration::from_secs(10);

/// Listens to an adapter until it is time to go.
pub(crate) fn run(feed: &mut Feed, _password: Option<&str>, stop: &Stop) {
    connection::keep_up(feed, stop, |feed| talk(feed, stop));
}

fn talk(feed: &mut Feed, stop: &Stop) -> io::Result<()> {
    let address = feed.source().address.clone().unwrap_or_default();
    let mut stream = connection::connect(&address, Duration::from_millis(200))?;
    let names = feed.wanted();
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    feed.connected();
    let (mut waiting, mut chunk) = (Vec::new(), vec![0; MOST_LINE]);
    let (mut heard, mut asked) = (Instant::now(), Instant::now());
    while !stop.is_set() {
        match stream.read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                heard = Instant::now();
                feed.still_full(read == chunk.len());
                waiting.extend_from_slice(&chunk[..read]);
            }
            Err(error) if connection::is_idle(&error) => {}
            Err(error) => return Err(error),
        }
        let mut start = 0;
        while let Some(end) = waiting[start..].iter().position(|byte| *byte == b'\n') {
            take(feed, &waiting[start..start + end], &wanted);
            start += end + 1;
        }
        waiting.drain(..start);
        if waiting.len() > MOST_LINE {
            return Err(trouble::malformed(
                "行に終わりがありません。MTConnectアダプターのアドレスとポートか確かめてください",
                "a line has no end; see whether address and port are those of an MTConnect adapter",
            ));
        }
        feed.flush();
        if asked.elapsed() > PING {
            asked = Instant::now();
            stream.write_all(b"* PING\r\n")?;
        }
        // Not every adapter answers, but one that sends nothing at all for minutes has gone.
        if heard.elapsed() > 12 * PING {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(())
}

fn take(feed: &mut Feed, line: &[u8], wanted: &[&str]) {
    let line = String::from_utf8_lossy(line);
    let line = line.trim_end();
    match recording::shdr_line(line, wanted) {
        Some((time, values)) if !values.is_empty() => feed.values(time, &values),
        None if !line.is_empty() && !line.starts_with('*') => count(&feed.status().unread),
        _ => {}
    }
}
