//! A source that is an MQTT broker elsewhere.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use super::packet::{Connect, Malformed, Packet, Publish, read, too_long};
use crate::connection::{self, PATIENCE, Stop};
use crate::feed::Feed;
use crate::trouble::{self, trouble};

/// Seconds after which silence means that the other side has gone.
const KEEP_ALIVE: u16 = 15;

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// Listens to a broker until it is time to go.
pub(crate) fn run(feed: &mut Feed, password: Option<&str>, stop: &Stop) {
    connection::keep_up(feed, stop, |feed| talk(feed, password, stop));
}

fn refused(code: u8) -> io::Error {
    let (ja, en) = match code {
        1 => ("ブローカーがMQTT 3.1.1を受け付けません", "the broker speaks no MQTT 3.1.1"),
        2 => ("ブローカーが監視の名前を受け付けません", "the broker does not take our name"),
        4 | 5 => (
            "ブローカーがユーザーとパスワードを受け付けません。入力元の`user`と`password`を確かめてください",
            "the broker does not take user and password; check `user` and `password` of the source",
        ),
        _ => ("ブローカーが利用できない状態です", "the broker is not available"),
    };
    trouble(io::ErrorKind::PermissionDenied, ja, en)
}

/// What is told of one that speaks something else.
pub(crate) fn malformed(_: Malformed) -> io::Error {
    trouble::malformed(
        "相手がMQTT 3.1.1に対応していません。アドレスとポートを確かめてください",
        "the other side does not speak MQTT 3.1.1; check address and port",
    )
}

fn talk(feed: &mut Feed, password: Option<&str>, stop: &Stop) -> io::Result<()> {
    let source = feed.source().clone();
    let address = source.address.as_deref().unwrap_or_default();
    let mut stream = connection::dial(address, Duration::from_millis(200), feed.tls())?;
    let mut out = Vec::new();
    // The broker remembers us, so that messages of quality 1 wait while the connection is lost. In a
    // team another one has heard them meanwhile.
    let client = match feed.worker() {
        Some(worker) => format!("anshin-monitor-{worker}-{}", source.id),
        None => format!("anshin-monitor-{}", source.id),
    };
    Packet::Connect(Connect {
        level: 4,
        client: &client,
        clean: feed.worker().is_some(),
        keep_alive: KEEP_ALIVE,
        will: None,
        user: source.login.as_ref().map(|login| login.user.as_str()),
        password: password.map(str::as_bytes),
    })
    .write(&mut out);
    stream.write_all(&out)?;
    out.clear();
    let mut buffer = Buffer::new();
    let mut welcome = false;
    let (began, mut heard, mut asked) = (Instant::now(), Instant::now(), Instant::now());
    while !stop.is_set() {
        match buffer.fill(&mut stream) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                heard = Instant::now();
                feed.still_full(count == CHUNK);
            }
            Err(error) if connection::is_idle(&error) => feed.still_full(false),
            Err(error) => return Err(error),
        }
        loop {
            if let Some(long) = too_long(buffer.bytes()) {
                let Some(head) = long.head else { break };
                feed.too_long(head.topic);
                if head.qos > 0 {
                    // The broker would send it again and again.
                    Packet::PubAck(head.id).write(&mut out);
                }
                let length = long.length;
                buffer.done(length);
                continue;
            }
            let Some((packet, length)) = read(buffer.bytes()).map_err(malformed)? else { break };
            match packet {
                Packet::ConnAck { code: 0, .. } if !welcome => {
                    let filters = source.topics.iter().map(|topic| (topic.as_str(), 1)).collect();
                    Packet::Subscribe { id: 1, filters }.write(&mut out);
                }
                Packet::ConnAck { code, .. } => return Err(refused(code)),
                Packet::SubAck { codes, .. } if codes.iter().all(|code| *code >= 0x80) => {
                    return Err(trouble(
                        io::ErrorKind::PermissionDenied,
                        "ブローカーが、どのトピックの購読も許しません。ブローカーの設定（ACL）を確かめてください",
                        "the broker lets us read none of the topics; see its access rules",
                    ));
                }
                Packet::SubAck { codes, .. } if !welcome => {
                    welcome = true;
                    feed.connected();
                    let refused = source.topics.iter().zip(&codes).filter(|(_, code)| **code >= 0x80);
                    let refused: Vec<&str> = refused.map(|(topic, _)| topic.as_str()).collect();
                    if !refused.is_empty() {
                        feed.not_allowed(&refused);
                    }
                }
                Packet::Publish(Publish { topic, payload, qos, retain, id, .. }) => {
                    // What cannot be read is counted.
                    let _ = feed.message(topic, payload, retain);
                    if qos > 0 {
                        Packet::PubAck(id).write(&mut out);
                    }
                }
                _ => {}
            }
            buffer.done(length);
        }
        for (topic, payload) in feed.commands() {
            let (topic, payload) = (topic.as_str(), payload.as_slice());
            Packet::Publish(Publish { topic, payload, qos: 0, retain: false, again: false, id: 0 })
                .write(&mut out);
        }
        feed.pass();
        if asked.elapsed() > Duration::from_secs(u64::from(KEEP_ALIVE) / 2) {
            asked = Instant::now();
            Packet::PingReq.write(&mut out);
        }
        if !out.is_empty() {
            stream.write_all(&out)?;
            out.clear();
        }
        let silent = heard.elapsed() > Duration::from_secs(u64::from(KEEP_ALIVE) * 3 / 2);
        if silent || (!welcome && began.elapsed() > PATIENCE) {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Packet::Disconnect.write(&mut out);
    stream.write_all(&out)
}

/// Bytes that have come and are not yet a whole packet.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    /// Bytes that are still to come and are not wanted.
    skip: usize,
    chunk: Vec<u8>,
}

impl Buffer {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::new(), start: 0, skip: 0, chunk: vec![0; CHUNK] }
    }

    /// Reads what is there. Packets have an upper size, and so has what waits here.
    pub(crate) fn fill(&mut self, stream: &mut impl io::Read) -> io::Result<usize> {
        let count = stream.by_ref().read(&mut self.chunk)?;
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        let passed = self.skip.min(count);
        self.skip -= passed;
        self.bytes.extend_from_slice(&self.chunk[passed..count]);
        Ok(count)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Forgets what has been read, or is not wanted though it has not come yet.
    pub(crate) fn done(&mut self, length: usize) {
        let here = length.min(self.bytes().len());
        self.start += here;
        self.skip += length - here;
    }
}
