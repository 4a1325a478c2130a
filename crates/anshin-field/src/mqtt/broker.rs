//! A small MQTT broker, so that nothing else need be installed.
//!
//! It hands what devices publish to the monitor, and to other clients that ask for it. Clients, topics,
//! messages and what waits for clients are bounded in bytes: a slow client loses messages, never the monitor.
//! It takes messages of every quality and hands them on at quality 0, and it forgets a client that
//! has gone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anshin_model::Text;

use super::client::Buffer;
use super::packet::{Connect, Head, Packet, Publish, fits, read, too_long};
use crate::connection::{PATIENCE, Stop, is_idle};
use crate::feed::Feed;
use crate::guests::Guests;

/// Longest topic or filter, in bytes; a client that says a longer one is not listened to.
const LONGEST_TOPIC: usize = 1 << 10;

/// Most filters of a client.
const MOST_FILTERS: usize = 100;

/// Most packets that wait for a client, and most bytes.
const MOST_WAITING: usize = 10_000;
const MOST_WAITING_BYTES: usize = 8 << 20;

/// Most bytes that wait for all clients together.
const MOST_WAITING_FOR_ALL: usize = 64 << 20;

/// Most topics whose last message is kept, and most bytes of them all.
const MOST_KEPT: usize = 10_000;
const MOST_KEPT_BYTES: usize = 32 << 20;

/// Longest message that is kept.
const LONGEST_KEPT: usize = 1 << 14;

/// Most topics that a client is remembered to have spoken on, and most bytes of them.
const MOST_SPOKEN: usize = 1_000;
const MOST_SPOKEN_BYTES: usize = 1 << 17;

/// Who may come in: user and password; everybody if there is none.
pub(crate) type Login = Option<(String, String)>;

/// A source within the broker, and the filters of its topics.
struct Watcher {
    filters: Vec<String>,
    feed: Mutex<Feed>,
}

struct Member {
    generation: u64,
    out: Outbox,
    filters: BTreeSet<String>,
}

/// What waits for a client.
struct Outbox {
    packets: SyncSender<Arc<[u8]>>,
    bytes: Arc<Waiting>,
}

/// Bytes that wait for a client, and for all.
struct Waiting {
    own: AtomicUsize,
    all: Arc<AtomicUsize>,
}

impl Waiting {
    fn for_one(all: &Arc<AtomicUsize>) -> Arc<Self> {
        Arc::new(Self { own: AtomicUsize::new(0), all: Arc::clone(all) })
    }

    fn add(&self, length: usize) {
        self.own.fetch_add(length, Ordering::Relaxed);
        self.all.fetch_add(length, Ordering::Relaxed);
    }

    fn take(&self, length: usize) {
        self.own.fetch_sub(length, Ordering::Relaxed);
        self.all.fetch_sub(length, Ordering::Relaxed);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // What nobody writes any more waits for nobody.
        self.all.fetch_sub(self.own.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl Outbox {
    /// Puts a packet there. A client that does not keep up loses messages.
    fn put(&self, packet: &Arc<[u8]>) {
        let (own, all) = (&self.bytes.own, &self.bytes.all);
        let length = packet.len();
        if own.load(Ordering::Relaxed) + length <= MOST_WAITING_BYTES
            && all.load(Ordering::Relaxed) + length <= MOST_WAITING_FOR_ALL
        {
            self.bytes.add(length);
            if self.packets.try_send(Arc::clone(packet)).is_err() {
                self.bytes.take(length);
            }
        }
    }
}

#[derive(Default)]
struct Members {
    by_name: BTreeMap<String, Member>,
    kept: BTreeMap<String, Arc<[u8]>>,
    /// Bytes of what is kept, topics among them.
    kept_bytes: usize,
    /// Bytes that wait for all clients.
    waiting: Arc<AtomicUsize>,
    generations: u64,
}

impl Members {
    /// Keeps the last message on a topic, if there is room; one without a payload is forgotten.
    fn keep(&mut self, message: &Publish<'_>) {
        let size = |topic: &str, frame: &Arc<[u8]>| topic.len() + frame.len();
        if let Some(before) = self.kept.remove(message.topic) {
            self.kept_bytes -= size(message.topic, &before);
        }
        if message.payload.is_empty() || message.payload.len() > LONGEST_KEPT {
            return;
        }
        let frame = frame(message, true);
        let bytes = self.kept_bytes + size(message.topic, &frame);
        if self.kept.len() < MOST_KEPT && bytes <= MOST_KEPT_BYTES {
            self.kept_bytes = bytes;
            self.kept.insert(message.topic.to_owned(), frame);
        }
    }
}

/// The broker.
struct Broker {
    login: Login,
    watchers: Vec<Watcher>,
    members: Mutex<Members>,
    stop: Stop,
}

/// A lock whose holder has panicked still guards what is right: every change is complete.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the broker for devices, as many as there is room for; the feeds get what they publish.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) fn open(
    address: &str,
    feeds: Vec<Feed>,
    login: Login,
    guests: Arc<Guests>,
    stop: &Stop,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let local = listener.local_addr()?;
    let watchers = feeds
        .into_iter()
        .map(|mut feed| {
            feed.connected();
            Watcher { filters: feed.source().topics.clone(), feed: Mutex::new(feed) }
        })
        .collect();
    let broker =
        Arc::new(Broker { login, watchers, members: Mutex::new(Members::default()), stop: stop.clone() });
    std::thread::Builder::new().name("broker".to_owned()).spawn(move || {
        while !broker.stop.is_set() {
            match listener.accept() {
                Ok((stream, peer)) => {
                    let Some(ticket) = guests.admit(peer.ip()) else {
                        if let Some(watcher) = broker.watchers.first() {
                            lock(&watcher.feed).refused(peer.ip());
                        }
                        continue;
                    };
                    let broker = Arc::clone(&broker);
                    let started =
                        std::thread::Builder::new().name("mqtt guest".to_owned()).spawn(move || {
                            // What goes wrong with one client concerns nobody else.
                            let _ = Guest::new(&broker).serve(stream);
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

impl Broker {
    fn admits(&self, connect: &Connect<'_>) -> bool {
        self.login.as_ref().is_none_or(|(user, password)| {
            let is = |given: &[u8], known: &[u8]| {
                // Takes the same time wherever the first difference is.
                given.len() == known.len()
                    && given.iter().zip(known).fold(0, |all, (a, b)| all | (a ^ b)) == 0
            };
            let given = connect.password.unwrap_or_default();
            is(connect.user.unwrap_or_default().as_bytes(), user.as_bytes()) & is(given, password.as_bytes())
        })
    }

    /// Tells which client was not let in, and what to set there.
    fn tell_refused(&self, connect: &Connect<'_>, code: u8, peer: &str) {
        let Some(watcher) = self.watchers.first() else { return };
        let client = anshin_monitor::judge::shown(connect.client);
        let (name_ja, name_en) = if client.is_empty() {
            (format!("{peer}のMQTTクライアント"), format!("an MQTT client at {peer}"))
        } else {
            (format!("{peer}のMQTTクライアント`{client}`"), format!("the MQTT client `{client}` at {peer}"))
        };
        let (ja, en) = match code {
            1 => (
                format!(
                    "接続を断りました。MQTT {}を使っています。機器の設定で、MQTTの版を3.1.1（v4とも表示されます）にしてください",
                    connect.level
                ),
                format!(
                    "was refused: it speaks MQTT {}; set the version to 3.1.1 (also shown as v4) on the device",
                    connect.level
                ),
            ),
            2 => (
                "接続を断りました。名前（クライアントID）がありません。機器に設定してください".to_owned(),
                "was refused: it has no name; set a client id on the device".to_owned(),
            ),
            _ => (
                "接続を断りました。ユーザーかパスワードが違います。入力元の`user`と`password`に合わせてください"
                    .to_owned(),
                "was refused: user or password is wrong; they are those in `user` and `password` of the source"
                    .to_owned(),
            ),
        };
        lock(&watcher.feed).note(&format!("refused {peer} {code}"), || {
            Text::new(format!("{name_ja}の{ja}"), format!("{name_en} {en}"))
        });
    }

    /// Hands a message to everybody who wants it.
    fn publish(&self, message: &Publish<'_>) {
        for watcher in &self.watchers {
            if watcher.filters.iter().any(|filter| fits(filter, message.topic)) {
                // What cannot be read is counted.
                let _ = lock(&watcher.feed).message(message.topic, message.payload, false);
            }
        }
        let mut members = lock(&self.members);
        let wanted = |member: &&Member| member.filters.iter().any(|filter| fits(filter, message.topic));
        if message.retain || members.by_name.values().any(|member| wanted(&member)) {
            let frame = frame(message, false);
            members.by_name.values().filter(wanted).for_each(|member| member.out.put(&frame));
        }
        if message.retain {
            members.keep(message);
        }
    }

    fn pass(&self) {
        for watcher in &self.watchers {
            let mut feed = lock(&watcher.feed);
            let commands = feed.commands();
            feed.pass();
            drop(feed);
            for (topic, payload) in commands {
                let (topic, payload) = (topic.as_str(), payload.as_slice());
                self.publish(&Publish { topic, payload, qos: 0, retain: false, again: false, id: 0 });
            }
        }
    }
}

/// The message as a packet of quality 0.
fn frame(message: &Publish<'_>, retain: bool) -> Arc<[u8]> {
    let mut bytes = Vec::new();
    Packet::Publish(Publish { qos: 0, retain, again: false, id: 0, ..message.clone() }).write(&mut bytes);
    bytes.into()
}

/// A client of the broker.
struct Guest<'a> {
    broker: &'a Broker,
    name: Option<(String, u64)>,
    keep_alive: Option<Duration>,
    will: Option<(String, Vec<u8>, bool)>,
    /// Topics it has spoken on: if it goes without leave, something on them may be missing.
    spoken: BTreeSet<String>,
    spoken_bytes: usize,
    /// Messages of quality 2 that have come and are not yet released.
    twice: BTreeSet<u16>,
}

impl<'a> Guest<'a> {
    fn new(broker: &'a Broker) -> Self {
        let (spoken, twice) = (BTreeSet::new(), BTreeSet::new());
        Self { broker, name: None, keep_alive: Some(PATIENCE), will: None, spoken, spoken_bytes: 0, twice }
    }

    fn serve(mut self, stream: TcpStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let writer = Arc::new(Mutex::new(stream.try_clone()?));
        let result = self.listen(stream, &writer);
        let left = matches!(result, Ok(true));
        self.farewell(left);
        result.map(|_| ())
    }

    /// Listens until the client goes; true if it took its leave.
    fn listen(&mut self, mut stream: TcpStream, writer: &Arc<Mutex<TcpStream>>) -> io::Result<bool> {
        let mut buffer = Buffer::new();
        let mut out = Vec::new();
        let (came, mut heard) = (Instant::now(), Instant::now());
        while !self.broker.stop.is_set() {
            // Whoever never says who it is takes the place of another one.
            if self.name.is_none() && came.elapsed() > PATIENCE {
                return Ok(false);
            }
            match buffer.fill(&mut stream) {
                Ok(0) => return Ok(false),
                Ok(_) => heard = Instant::now(),
                Err(error) if is_idle(&error) => {}
                Err(error) => return Err(error),
            }
            let replaced = self.name.is_some() && self.me(&mut lock(&self.broker.members).by_name).is_none();
            if replaced || self.keep_alive.is_some_and(|most| heard.elapsed() > most) {
                return Ok(false);
            }
            loop {
                if let Some(long) = too_long(buffer.bytes()).filter(|_| self.name.is_some()) {
                    let Some(head) = long.head else { break };
                    self.pass_over(&head, &mut out);
                    let length = long.length;
                    buffer.done(length);
                    continue;
                }
                let packet = read(buffer.bytes());
                let packet = packet.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                let Some((packet, length)) = packet else { break };
                if !self.take(packet, writer, &mut out)? {
                    lock(writer).write_all(&out)?;
                    return Ok(true);
                }
                buffer.done(length);
            }
            self.broker.pass();
            if !out.is_empty() {
                lock(writer).write_all(&out)?;
                out.clear();
            }
        }
        Ok(true)
    }

    /// A message that is too long concerns whoever watches its topic, and goes nowhere.
    fn pass_over(&self, head: &Head<'_>, out: &mut Vec<u8>) {
        for watcher in &self.broker.watchers {
            if watcher.filters.iter().any(|filter| fits(filter, head.topic)) {
                lock(&watcher.feed).too_long(head.topic);
            }
        }
        match head.qos {
            1 => Packet::PubAck(head.id).write(out),
            2 => Packet::PubRec(head.id).write(out),
            _ => {}
        }
    }

    /// Answers a packet; false if it is the last.
    fn take(
        &mut self,
        packet: Packet<'_>,
        writer: &Arc<Mutex<TcpStream>>,
        out: &mut Vec<u8>,
    ) -> io::Result<bool> {
        if self.name.is_none() {
            let Packet::Connect(connect) = packet else { return Err(io::ErrorKind::InvalidData.into()) };
            return self.connect(&connect, writer, out);
        }
        match packet {
            Packet::Publish(message) if message.topic.len() > LONGEST_TOPIC => {
                return Err(io::ErrorKind::InvalidData.into());
            }
            Packet::Publish(message) => {
                let is_new = message.qos < 2 || (self.twice.len() < 100 && self.twice.insert(message.id));
                if is_new {
                    let bytes = self.spoken_bytes + message.topic.len();
                    if self.spoken.len() < MOST_SPOKEN
                        && bytes <= MOST_SPOKEN_BYTES
                        && !self.spoken.contains(message.topic)
                    {
                        self.spoken_bytes = bytes;
                        self.spoken.insert(message.topic.to_owned());
                    }
                    self.broker.publish(&message);
                }
                match message.qos {
                    1 => Packet::PubAck(message.id).write(out),
                    2 => Packet::PubRec(message.id).write(out),
                    _ => {}
                }
            }
            Packet::PubRel(id) => {
                self.twice.remove(&id);
                Packet::PubComp(id).write(out);
            }
            Packet::Subscribe { id, filters } => {
                let mut members = lock(&self.broker.members);
                let members = &mut *members;
                let (mut codes, mut new) = (Vec::with_capacity(filters.len()), Vec::new());
                if let Some(member) = self.me(&mut members.by_name) {
                    for (filter, _) in &filters {
                        let has_room =
                            member.filters.len() < MOST_FILTERS || member.filters.contains(*filter);
                        let is_taken = has_room && filter.len() <= LONGEST_TOPIC;
                        // 0x80 says that a filter is refused.
                        codes.push(if is_taken { 0 } else { 0x80 });
                        if is_taken {
                            member.filters.insert((*filter).to_owned());
                            new.push(*filter);
                        }
                    }
                    let kept = members.kept.iter();
                    let fitting = kept.filter(|(topic, _)| new.iter().any(|filter| fits(filter, topic)));
                    fitting.for_each(|(_, frame)| member.out.put(frame));
                }
                Packet::SubAck { id, codes }.write(out);
            }
            Packet::Unsubscribe { id, filters } => {
                if let Some(member) = self.me(&mut lock(&self.broker.members).by_name) {
                    for filter in filters {
                        member.filters.remove(filter);
                    }
                }
                Packet::UnsubAck(id).write(out);
            }
            Packet::PingReq => Packet::PingResp.write(out),
            Packet::Disconnect => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    fn connect(
        &mut self,
        connect: &Connect<'_>,
        writer: &Arc<Mutex<TcpStream>>,
        out: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let code = if !matches!(connect.level, 3 | 4) {
            1
        } else if connect.client.is_empty() && !connect.clean {
            2
        } else if self.broker.admits(connect) {
            0
        } else {
            5
        };
        Packet::ConnAck { session: false, code }.write(out);
        if code != 0 {
            let peer = lock(writer).peer_addr().map_or_else(|_| "?".to_owned(), |peer| peer.ip().to_string());
            self.broker.tell_refused(connect, code, &peer);
            return Ok(false);
        }
        if connect.client.len() > LONGEST_TOPIC
            || connect.will.as_ref().is_some_and(|will| will.topic.len() > LONGEST_TOPIC)
        {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let (packets, receiver) = sync_channel(MOST_WAITING);
        let mut members = lock(&self.broker.members);
        let bytes = Waiting::for_one(&members.waiting);
        let (writer, written) = (Arc::clone(writer), Arc::clone(&bytes));
        std::thread::Builder::new()
            .name("mqtt writer".to_owned())
            .spawn(move || hand_on(&writer, &receiver, &written))?;
        let out = Outbox { packets, bytes };
        members.generations += 1;
        let generation = members.generations;
        let name =
            if connect.client.is_empty() { format!("#{generation}") } else { connect.client.to_owned() };
        // A second client of the same name takes the place of the first, whose sender is dropped.
        members.by_name.insert(name.clone(), Member { generation, out, filters: BTreeSet::new() });
        drop(members);
        self.name = Some((name, generation));
        self.keep_alive = (connect.keep_alive > 0)
            .then(|| Duration::from_millis(u64::from(connect.keep_alive) * 1_500).max(PATIENCE));
        self.will =
            connect.will.as_ref().map(|will| (will.topic.to_owned(), will.payload.to_vec(), will.retain));
        Ok(true)
    }

    fn me<'m>(&self, members: &'m mut BTreeMap<String, Member>) -> Option<&'m mut Member> {
        let (name, generation) = self.name.as_ref()?;
        members.get_mut(name).filter(|member| member.generation == *generation)
    }

    fn farewell(&mut self, left: bool) {
        // What it said last came in the same breath.
        self.broker.pass();
        {
            let mut members = lock(&self.broker.members);
            if self.me(&mut members.by_name).is_some()
                && let Some((name, _)) = &self.name
            {
                members.by_name.remove(name);
            }
        }
        if left {
            return;
        }
        if let Some((topic, payload, retain)) = self.will.take() {
            let will = Publish { topic: &topic, payload: &payload, qos: 0, retain, again: false, id: 0 };
            self.broker.publish(&will);
        }
        for watcher in &self.broker.watchers {
            lock(&watcher.feed).doubt(self.spoken.iter().map(String::as_str));
        }
        self.broker.pass();
    }
}

/// Writes what waits for a client, until the client is forgotten.
fn hand_on(writer: &Mutex<TcpStream>, waiting: &Receiver<Arc<[u8]>>, counted: &Waiting) {
    let mut bytes = Vec::new();
    while let Ok(frame) = waiting.recv() {
        bytes.extend_from_slice(&frame);
        while bytes.len() < 1 << 16
            && let Ok(frame) = waiting.try_recv()
        {
            bytes.extend_from_slice(&frame);
        }
        let mut stream = lock(writer);
        let written = stream.write_all(&bytes);
        counted.take(bytes.len());
        if written.is_err() {
            // Part of a packet may have gone out; what follows would make no sense.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        bytes.clear();
    }
}
