//! A small MQTT broker, so that nothing else need be installed.
//!
//! It hands what devices publish to the monitor, and to other clients that ask for it. Clients,
//! messages and what waits for a client are bounded: a slow client loses messages, never the monitor.
//! It takes messages of every quality and hands them on at quality 0, and it forgets a client that
//! has gone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::client::Buffer;
use super::packet::{Connect, Packet, Publish, fits, read};
use crate::connection::{PATIENCE, Stop, is_idle};
use crate::feed::Feed;

/// Most clients at a time.
const MOST_CLIENTS: usize = 250;

/// Most packets that wait for a client.
const MOST_WAITING: usize = 10_000;

/// Most topics whose last message is kept.
const MOST_KEPT: usize = 10_000;

/// Longest message that is kept.
const MOST_KEPT_BYTES: usize = 1 << 14;

/// Most topics that a client is remembered to have spoken on.
const MOST_SPOKEN: usize = 1_000;

/// Who may come in: user and password; everybody if there is none.
pub(crate) type Login = Option<(String, String)>;

/// A source within the broker, and the filters of its topics.
struct Watcher {
    filters: Vec<String>,
    feed: Mutex<Feed>,
}

struct Member {
    generation: u64,
    out: SyncSender<Arc<[u8]>>,
    filters: BTreeSet<String>,
}

#[derive(Default)]
struct Members {
    by_name: BTreeMap<String, Member>,
    kept: BTreeMap<String, Arc<[u8]>>,
    generations: u64,
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

/// Opens the broker for devices; the feeds get what they publish.
///
/// # Errors
/// If the address cannot be listened on.
pub(crate) fn open(address: &str, feeds: Vec<Feed>, login: Login, stop: &Stop) -> io::Result<SocketAddr> {
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
        let guests = Arc::new(());
        while !broker.stop.is_set() {
            match listener.accept() {
                // The count of those who hold the token is the count of clients.
                Ok((stream, _)) if Arc::strong_count(&guests) <= MOST_CLIENTS => {
                    let (broker, token) = (Arc::clone(&broker), Arc::clone(&guests));
                    let started =
                        std::thread::Builder::new().name("mqtt guest".to_owned()).spawn(move || {
                            // What goes wrong with one client concerns nobody else.
                            let _ = Guest::new(&broker).serve(stream);
                            drop(token);
                        });
                    drop(started);
                }
                Ok(_) => {}
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
            for member in members.by_name.values().filter(wanted) {
                // A client that does not keep up loses messages.
                let _ = member.out.try_send(Arc::clone(&frame));
            }
        }
        if message.retain {
            if message.payload.is_empty() {
                members.kept.remove(message.topic);
            } else if message.payload.len() <= MOST_KEPT_BYTES
                && (members.kept.len() < MOST_KEPT || members.kept.contains_key(message.topic))
            {
                members.kept.insert(message.topic.to_owned(), frame(message, true));
            }
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
    /// Messages of quality 2 that have come and are not yet released.
    twice: BTreeSet<u16>,
}

impl<'a> Guest<'a> {
    fn new(broker: &'a Broker) -> Self {
        let (spoken, twice) = (BTreeSet::new(), BTreeSet::new());
        Self { broker, name: None, keep_alive: Some(PATIENCE), will: None, spoken, twice }
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
        let mut heard = Instant::now();
        while !self.broker.stop.is_set() {
            match buffer.fill(&mut stream) {
                Ok(0) => return Ok(false),
                Ok(_) => heard = Instant::now(),
                Err(error) if is_idle(&error) => {}
                Err(error) => return Err(error),
            }
            let replaced = self.name.is_some() && self.me(&mut lock(&self.broker.members)).is_none();
            if replaced || self.keep_alive.is_some_and(|most| heard.elapsed() > most) {
                return Ok(false);
            }
            while let Some((packet, length)) =
                read(buffer.bytes()).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
            {
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
            Packet::Publish(message) => {
                let is_new = message.qos < 2 || (self.twice.len() < 100 && self.twice.insert(message.id));
                if is_new {
                    if self.spoken.len() < MOST_SPOKEN && !self.spoken.contains(message.topic) {
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
                Packet::SubAck { id, codes: vec![0; filters.len()] }.write(out);
                let mut members = lock(&self.broker.members);
                let fitting: Vec<Arc<[u8]>> = members
                    .kept
                    .iter()
                    .filter(|(topic, _)| filters.iter().any(|(filter, _)| fits(filter, topic)))
                    .map(|(_, frame)| Arc::clone(frame))
                    .collect();
                if let Some(member) = self.me(&mut members) {
                    member.filters.extend(filters.iter().map(|(filter, _)| (*filter).to_owned()));
                    for frame in fitting {
                        let _ = member.out.try_send(frame);
                    }
                }
            }
            Packet::Unsubscribe { id, filters } => {
                if let Some(member) = self.me(&mut lock(&self.broker.members)) {
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
            return Ok(false);
        }
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let writer = Arc::clone(writer);
        std::thread::Builder::new()
            .name("mqtt writer".to_owned())
            .spawn(move || hand_on(&writer, &receiver))?;
        let mut members = lock(&self.broker.members);
        members.generations += 1;
        let generation = members.generations;
        let name =
            if connect.client.is_empty() { format!("#{generation}") } else { connect.client.to_owned() };
        // A second client of the same name takes the place of the first, whose sender is dropped.
        members.by_name.insert(name.clone(), Member { generation, out: sender, filters: BTreeSet::new() });
        drop(members);
        self.name = Some((name, generation));
        self.keep_alive = (connect.keep_alive > 0)
            .then(|| Duration::from_millis(u64::from(connect.keep_alive) * 1_500).max(PATIENCE));
        self.will =
            connect.will.as_ref().map(|will| (will.topic.to_owned(), will.payload.to_vec(), will.retain));
        Ok(true)
    }

    fn me<'m>(&self, members: &'m mut Members) -> Option<&'m mut Member> {
        let (name, generation) = self.name.as_ref()?;
        members.by_name.get_mut(name).filter(|member| member.generation == *generation)
    }

    fn farewell(&mut self, left: bool) {
        {
            let mut members = lock(&self.broker.members);
            if self.me(&mut members).is_some()
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
fn hand_on(writer: &Mutex<TcpStream>, waiting: &Receiver<Arc<[u8]>>) {
    let mut bytes = Vec::new();
    while let Ok(frame) = waiting.recv() {
        bytes.extend_from_slice(&frame);
        while bytes.len() < 1 << 16
            && let Ok(frame) = waiting.try_recv()
        {
            bytes.extend_from_slice(&frame);
        }
        let mut stream = lock(writer);
        if stream.write_all(&bytes).is_err() {
            // Part of a packet may have gone out; what follows would make no sense.
            let _ = stream.shutdown(Shutdown::Both);
            return;
        }
        bytes.clear();
    }
}
