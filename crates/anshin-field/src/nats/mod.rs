//! A source that is a stream of a NATS server (`JetStream`).
//!
//! The protocol is spoken by the library `async-nats`, whose runtime lives in the thread of the source and
//! nowhere else. Messages are pulled: what the live run has no room for waits in the stream. Going on after a
//! failure is done here, as for every other source, from the place in the stream that was reached; so a
//! connection that was lost costs nothing, and what the stream has let go unread is known to be missing.
//!
//! One who works alone has a durable consumer, which knows the place while the monitor is stopped. In a team
//! each worker has consumers for the subjects of the machines that it watches, and takes nothing else over
//! the network; they vanish with their worker. Messages of several consumers are put in the order in which the
//! stream took them.

mod course;
mod look;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::error::Error;
use std::io;
use std::iter::once;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anshin_model::Text;
use anshin_monitor::{Time, subject};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::message::Acker;
use async_nats::jetstream::stream::{Config, ConsumerError, ConsumerErrorKind, RetentionPolicy, Stream};
use async_nats::jetstream::{self, ErrorCode, Message};
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::Notify;

use crate::connection::{self, PATIENCE, Stop};
use crate::feed::Feed;
use crate::tls;
use crate::trouble::{Trouble, trouble};
pub use look::streams;

use course::{Came, Course, Place, Wish};

/// Time between two looks at the stream and at the machines that are watched.
const LOOK: Duration = Duration::from_secs(1);

/// How long nothing may come until it is looked whether it is time to go.
const TICK: Duration = Duration::from_millis(200);

/// Messages of the durable consumer that are on their way at most.
const AHEAD: usize = 500;

/// The same of one of many consumers.
const AHEAD_OF_ONE: usize = 64;

/// Consumers that are made at the same time.
const AT_ONCE: usize = 64;

/// A request for messages holds for so long, and the server says that it is there so often meanwhile.
const REQUEST: Duration = Duration::from_mins(2);
const HEARTBEAT: Duration = Duration::from_secs(30);

/// A consumer whose worker has asked for nothing for so long is gone.
const INACTIVE: Duration = Duration::from_secs(30);

/// Listens to a stream until it is time to go.
pub(crate) fn run(feed: &mut Feed, password: Option<&str>, stop: &Stop) {
    let mut course = Course::default();
    connection::keep_up(feed, stop, |feed| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(talk(feed, password, stop, &mut course))
    });
}

fn failed(why: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    let why = why.into();
    trouble(
        io::ErrorKind::Other,
        format!("NATSサーバーがエラーを返しました（{why}）"),
        format!("the NATS server says: {why}"),
    )
}

fn refused(ja: impl Into<Arc<str>>, en: impl Into<Arc<str>>) -> io::Error {
    Trouble(Text::new(ja, en)).into()
}

async fn talk(feed: &mut Feed, password: Option<&str>, stop: &Stop, course: &mut Course) -> io::Result<()> {
    let (client, lost) = connect(feed, password).await?;
    let name = feed.source().stream.clone().unwrap_or_default();
    let stream = jetstream::new(client.clone()).get_stream(&name).await;
    let stream = stream.map_err(|error| no_stream(&name, &error))?;
    let mut reader = Reader {
        feed,
        course,
        stop,
        stream,
        most: None,
        subjects: Vec::new(),
        looked: None,
        taps: BTreeMap::new(),
        listening: FuturesUnordered::new(),
        behind: BTreeSet::new(),
        held: BinaryHeap::new(),
        acks: BTreeMap::new(),
    };
    reader.begin(&client.server_info().server_id).await?;
    let result = reader.read(&lost).await;
    // What has been taken is handed over, whatever has ended the conversation.
    reader.hand_over(true).await;
    let _ = tokio::time::timeout(PATIENCE, client.flush()).await;
    result
}

/// Connects; and what is told when the connection is lost, for it is not to be made again in silence.
async fn connect(feed: &Feed, password: Option<&str>) -> io::Result<(Client, Arc<Notify>)> {
    let source = feed.source();
    let lost = Arc::new(Notify::new());
    let told = Arc::clone(&lost);
    let login = source.login.as_ref().map(|login| (login.user.as_str(), password.unwrap_or_default()));
    let mut options = options(name(feed), login).event_callback(move |event| {
        if matches!(event, Event::Disconnected | Event::Closed | Event::SlowConsumer(_)) {
            told.notify_one();
        }
        std::future::ready(())
    });
    if let Some(tls) = feed.tls() {
        options = options.require_tls(true).tls_client_config(tls.config().clone());
    }
    Ok((dial(source.address.as_deref().unwrap_or_default(), options).await?, lost))
}

/// How a server is spoken to.
fn options(name: String, login: Option<(&str, &str)>) -> ConnectOptions {
    let options = ConnectOptions::new()
        .name(name)
        .connection_timeout(PATIENCE)
        .request_timeout(Some(PATIENCE))
        .ping_interval(PATIENCE)
        .max_reconnects(1)
        .ignore_discovered_servers();
    match login {
        Some((user, password)) => options.user_and_password(user.to_owned(), password.to_owned()),
        None => options,
    }
}

async fn dial(address: &str, options: ConnectOptions) -> io::Result<Client> {
    let connecting = tokio::time::timeout(2 * PATIENCE, options.connect(format!("nats://{address}"))).await;
    let client = connecting.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
    client.map_err(|error| no_connection(&error, address))
}

/// How this monitor is named to the server.
fn name(feed: &Feed) -> String {
    let id = feed.source().id.as_str().replace('.', "-");
    match feed.worker() {
        Some(worker) => format!("anshin-monitor-{worker}-{id}"),
        None => format!("anshin-monitor-{id}"),
    }
}

fn no_connection(error: &ConnectError, address: &str) -> io::Error {
    if matches!(error.kind(), ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication) {
        return refused(
            "サーバーがユーザーとパスワードを受け付けません",
            "the server does not take user and password",
        );
    }
    if error.kind() == ConnectErrorKind::Dns {
        return connection::nowhere();
    }
    let mut why: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = why {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            let of_tls = cause.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            if of_tls.is_some() || error.kind() == ConnectErrorKind::Tls {
                return tls::refused(cause, host);
            }
            return cause.raw_os_error().map_or_else(
                || io::Error::new(cause.kind(), cause.to_string()),
                io::Error::from_raw_os_error,
            );
        }
        why = cause.source();
    }
    failed(error.to_string())
}

fn no_stream(name: &str, error: &jetstream::context::GetStreamError) -> io::Error {
    match error.kind() {
        jetstream::context::GetStreamErrorKind::JetStream(error)
            if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
        {
            refused(
                format!(
                    "サーバーに`{name}`というストリームはありません。`nats stream ls`で名前を確かめてください"
                ),
                format!("the server has no stream `{name}`; `nats stream ls` lists those it has"),
            )
        }
        kind => refused(
            format!(
                "サーバーがJetStreamの要求に応答しません（{kind}）。JetStreamが有効か、このユーザーに許されているか確かめてください"
            ),
            format!(
                "the server does not answer for JetStream ({kind}); see whether it is enabled, and allowed to this user"
            ),
        ),
    }
}

/// Why a stream cannot be watched.
fn unfit(config: &Config) -> Option<io::Error> {
    let name = &config.name;
    if config.retention != RetentionPolicy::Limits {
        return Some(refused(
            format!(
                "ストリーム`{name}`はメッセージを読まれた後に消すので、監視に使えません。保持方針が`limits`のストリームを使ってください（このストリームを元にして作れます）"
            ),
            format!(
                "stream `{name}` lets messages go once they are read, so it cannot be watched; take one that is retained by `limits` (it may have this one as its source)"
            ),
        ));
    }
    (config.max_messages_per_subject == 1).then(|| {
        refused(
            format!("ストリーム`{name}`はサブジェクトごとに最後の1件しか残さないので、抜けに気づけません。もっと残してください（`max-msgs-per-subject`）"),
            format!(
                "stream `{name}` keeps one message of a subject only, so a gap would go unnoticed; let it keep more (`max-msgs-per-subject`)"
            ),
        )
    })
}

/// What a consumer has said, with its stream of messages; `None` if that has ended.
type Next = (Arc<Wish>, Box<pull::Stream>, Option<Result<Message, pull::MessagesError>>);

/// A message that waits for its turn, with its consumer, which waits as well.
struct Held {
    number: u64,
    waiting: u64,
    came: Time,
    message: Message,
    wish: Arc<Wish>,
    stream: Box<pull::Stream>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Held {}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.number.cmp(&other.number)
    }
}

/// A conversation with a server.
struct Reader<'a> {
    feed: &'a mut Feed,
    course: &'a mut Course,
    stop: &'a Stop,
    stream: Stream,
    /// How many messages of a subject are kept, if there is a bound.
    most: Option<u64>,
    /// What the stream takes.
    subjects: Vec<String>,
    /// When the stream was last looked at.
    looked: Option<Instant>,
    /// Consumers by what they are for, with their names at the server.
    taps: BTreeMap<Arc<Wish>, String>,
    /// Those that are listened to.
    listening: FuturesUnordered<Pin<Box<dyn Future<Output = Next> + Send>>>,
    /// Those of them for which more waits: their next message may belong before those that are held.
    behind: BTreeSet<Arc<Wish>>,
    /// Messages in the order of the stream, one of each consumer that is not listened to.
    held: BinaryHeap<Reverse<Held>>,
    /// What is to be said to durable consumers once everything has been handed over.
    acks: BTreeMap<Arc<Wish>, Acker>,
}

impl Reader<'_> {
    /// Begins where the last conversation ended, or with what comes from now on.
    async fn begin(&mut self, server: &str) -> io::Result<()> {
        let info = self.stream.cached_info();
        if let Some(why) = unfit(&info.config) {
            return Err(why);
        }
        self.most = u64::try_from(info.config.max_messages_per_subject).ok().filter(|most| *most > 0);
        self.subjects.clone_from(&info.config.subjects);
        let last = info.state.last_sequence;
        if self.course.meet(server, info.created.unix_timestamp_nanos(), last) {
            self.feed.doubt_all();
        }
        self.course.last.get_or_insert(last);
        self.look().await?;
        self.feed.connected();
        Ok(())
    }

    /// Hands on what comes until it is time to go or the connection is lost.
    async fn read(&mut self, lost: &Notify) -> io::Result<()> {
        let mut tick = tokio::time::interval(TICK);
        while !self.stop.is_set() {
            tokio::select! {
                biased;
                () = lost.notified() => return Err(io::ErrorKind::ConnectionAborted.into()),
                _ = tick.tick() => {}
                Some(next) = self.listening.next() => self.came(next)?,
            }
            self.release().await;
            while !self.feed.is_full()
                && let Some(Some(next)) = self.listening.next().now_or_never()
            {
                self.came(next)?;
                self.release().await;
            }
            self.hand_over(false).await;
            if self.looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
                self.look().await?;
            }
        }
        Ok(())
    }

    /// Takes what a consumer has said.
    fn came(&mut self, (wish, stream, said): Next) -> io::Result<()> {
        if !self.is_there(&wish) {
            return Ok(());
        }
        let message = said.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(|error| failed(error.to_string()))?;
        if let Wish::Subjects(_) = &*wish {
            self.feed.hear(&message.subject);
            self.listen(wish, stream);
            return Ok(());
        }
        let info = message.info().map_err(failed)?;
        let came = i64::try_from(info.published.unix_timestamp_nanos()).map_err(failed)?;
        let (number, waiting, came) = (info.stream_sequence, info.pending, Time::from_nanos(came));
        self.behind.remove(&wish);
        self.held.push(Reverse(Held { number, waiting, came, message, wish, stream }));
        Ok(())
    }

    /// Whether a consumer is still wanted, and is not one of an earlier time.
    fn is_there(&self, wish: &Arc<Wish>) -> bool {
        self.taps.get_key_value(wish).is_some_and(|(known, _)| Arc::ptr_eq(known, wish))
    }

    /// Hands the messages on before which nothing else belongs.
    async fn release(&mut self) {
        while self.behind.is_empty()
            && let Some(Reverse(held)) = self.held.pop()
        {
            let Held { number, waiting, came, message, wish, stream } = held;
            if let Some(place) = self.course.places.get_mut(&wish).filter(|_| self.taps.contains_key(&wish)) {
                let took = place.take(number, waiting, self.most);
                if took == Came::AfterGap {
                    self.doubt(&wish).await;
                }
                if took != Came::Again {
                    // What cannot be read is counted.
                    let _ = self.feed.take(&message.subject, &message.payload, false, came);
                }
            }
            if self.feed.worker().is_none() {
                self.acks.insert(Arc::clone(&wish), message.split().1);
            }
            if self.is_there(&wish) {
                if waiting > 0 {
                    self.behind.insert(Arc::clone(&wish));
                }
                self.listen(wish, stream);
            }
            if self.feed.is_full() {
                self.hand_over(true).await;
            }
        }
    }

    /// Waits for the next message of a consumer.
    fn listen(&self, wish: Arc<Wish>, mut stream: Box<pull::Stream>) {
        self.listening.push(Box::pin(async move {
            let said = stream.next().await;
            (wish, stream, said)
        }));
    }

    /// Something that a consumer takes may be missing, behind what has been taken so far.
    async fn doubt(&mut self, wish: &Wish) {
        self.hand_over(true).await;
        match wish {
            Wish::Messages(topic) if subject::is_subject(topic) => self.feed.doubt(once(topic.as_str())),
            Wish::Messages(_) => self.feed.doubt_all(),
            Wish::Subjects(_) => {}
        }
    }

    /// Hands over what has been taken, and says so to the server. Where the live run has no room, it waits:
    /// as long as it takes if it `must`.
    async fn hand_over(&mut self, must: bool) {
        while !self.feed.hand_over() {
            if self.stop.is_set() || !must && !self.feed.is_full() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        for (_, ack) in std::mem::take(&mut self.acks) {
            // One that does not arrive means that the message comes again.
            let _ = ack.ack().await;
        }
    }

    /// Looks at the stream, and at which machines are watched.
    async fn look(&mut self) -> io::Result<()> {
        let state = self.stream.get_info().await.map_err(|error| failed(error.to_string()))?.state;
        let last_before = self.course.last.filter(|_| self.looked.is_some());
        let mut doubtful = Vec::new();
        for (wish, place) in &mut self.course.places {
            if place.look(state.first_sequence, last_before) {
                doubtful.push(Arc::clone(wish));
            }
            if !place.is_behind {
                self.behind.remove(wish);
            }
        }
        for wish in doubtful {
            self.doubt(&wish).await;
        }
        let topics = &self.feed.source().topics;
        let wanted = match self.feed.worker() {
            None => course::of_all(topics),
            Some(_) => course::of_some(topics, self.feed.watched_topics(), self.feed.leads()),
        };
        self.drop_others(&wanted).await;
        self.make(wanted, state.first_sequence).await?;
        self.course.last = Some(state.last_sequence);
        self.looked = Some(Instant::now());
        Ok(())
    }

    /// Ends the consumers that are not wanted any more.
    async fn drop_others(&mut self, wanted: &BTreeSet<Wish>) {
        self.course.places.retain(|wish, _| wanted.contains(&**wish));
        self.behind.retain(|wish| wanted.contains(&**wish));
        let gone: Vec<String> =
            self.taps.extract_if(.., |wish, _| !wanted.contains(&**wish)).map(|(_, name)| name).collect();
        let stream = &self.stream;
        // One that cannot be ended now vanishes by itself.
        futures_util::stream::iter(&gone)
            .for_each_concurrent(AT_ONCE, async |name| drop(stream.delete_consumer(name).await))
            .await;
    }

    /// Makes the consumers that are not there yet. One for a machine that has just come begins at the last
    /// look, when the machine was not yet there. What the stream has let go by now is no news: nothing ran.
    async fn make(&mut self, wanted: BTreeSet<Wish>, first: u64) -> io::Result<()> {
        let new: Vec<Wish> = wanted.into_iter().filter(|wish| !self.taps.contains_key(wish)).collect();
        let last = self.course.last.unwrap_or_default();
        let (of_worker, gone) = (self.feed.worker().is_some(), first.saturating_sub(1));
        let (name, several) = (name(self.feed), self.feed.source().topics.len() > 1);
        let (stream, subjects, course) = (&self.stream, &self.subjects, &self.course);
        let mut making = futures_util::stream::iter(new)
            .map(async |wish| {
                let is_whole = course::is_whole(wish.filter(), subjects);
                let known = course.places.get(&wish).map(|place| place.taken);
                let made = if of_worker {
                    let start = known.unwrap_or(last);
                    make_passing(stream, &wish, is_whole, &name, start).await.map(|made| (made, start))
                } else {
                    let name =
                        if several { format!("{name}-{}", as_name(wish.filter())) } else { name.clone() };
                    make_lasting(stream, &wish, is_whole, &name, known, last).await
                };
                made.map(|(consumer, start)| (wish, is_whole, consumer, start))
            })
            .buffer_unordered(AT_ONCE);
        let mut made = Vec::new();
        while let Some(one) = making.next().await {
            made.push(one?);
        }
        drop(making);
        for (wish, is_whole, consumer, start) in made {
            let ahead = if of_worker { AHEAD_OF_ONE } else { AHEAD };
            let asking =
                consumer.stream().max_messages_per_batch(ahead).expires(REQUEST).heartbeat(HEARTBEAT);
            let messages = asking.messages().await.map_err(|error| failed(error.to_string()))?;
            let (wish, info) = (Arc::new(wish), consumer.cached_info());
            if let Wish::Messages(_) = &*wish {
                let place = self
                    .course
                    .places
                    .entry(Arc::clone(&wish))
                    .or_insert_with(|| Place::behind(start.max(gone), is_whole));
                place.is_behind = info.num_pending > 0;
                if place.is_behind {
                    self.behind.insert(Arc::clone(&wish));
                }
            }
            self.taps.insert(Arc::clone(&wish), info.name.clone());
            self.listen(wish, Box::new(messages));
        }
        Ok(())
    }
}

/// A part of a consumer's name that stands for a filter.
fn as_name(filter: &str) -> String {
    filter.replace('*', "any").replace('>', "all").replace(['.', '/', '\\'], "_")
}

fn config(wish: &Wish, is_whole: bool, start: u64) -> pull::Config {
    pull::Config {
        filter_subject: if is_whole { String::new() } else { wish.filter().to_owned() },
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start + 1 },
        headers_only: matches!(wish, Wish::Subjects(_)),
        ..pull::Config::default()
    }
}

type Consumer = jetstream::consumer::Consumer<pull::Config>;

/// Makes a consumer that vanishes with its worker. It begins behind a place that the worker knows.
async fn make_passing(
    stream: &Stream,
    wish: &Wish,
    is_whole: bool,
    name: &str,
    start: u64,
) -> io::Result<Consumer> {
    let config = pull::Config {
        description: Some(name.to_owned()),
        ack_policy: AckPolicy::None,
        inactive_threshold: INACTIVE,
        memory_storage: true,
        num_replicas: 1,
        ..config(wish, is_whole, start)
    };
    stream.create_consumer(config).await.map_err(|error| no_consumer(&error))
}

/// Takes the durable consumer that knows the place, or makes it, and tells the place. Messages that were on
/// their way when the last conversation ended would come again some time later, behind newer ones; so then it
/// is made anew at its place.
async fn make_lasting(
    stream: &Stream,
    wish: &Wish,
    is_whole: bool,
    name: &str,
    known: Option<u64>,
    last: u64,
) -> io::Result<(Consumer, u64)> {
    let anew = |start| pull::Config {
        durable_name: Some(name.to_owned()),
        ack_policy: AckPolicy::All,
        max_ack_pending: -1,
        ..config(wish, is_whole, start)
    };
    let mut start = known.unwrap_or(last);
    match stream.consumer_info(name).await {
        Ok(info) => {
            let began = match info.config.deliver_policy {
                DeliverPolicy::ByStartSequence { start_sequence } => start_sequence.saturating_sub(1),
                _ => 0,
            };
            let there = info.ack_floor.stream_sequence.max(began);
            start = known.unwrap_or(there);
            let wanted = anew(began);
            let is_same = info.config.filter_subject == wanted.filter_subject
                && info.config.ack_policy == wanted.ack_policy
                && info.config.deliver_subject.is_none();
            if is_same && info.num_ack_pending == 0 && start <= there {
                let consumer = stream.get_consumer(name).await.map_err(failed)?;
                return Ok((consumer, start));
            }
            stream.delete_consumer(name).await.map_err(|error| failed(error.to_string()))?;
        }
        Err(error) if error.kind() == jetstream::context::ConsumerInfoErrorKind::NotFound => {}
        Err(error) => return Err(failed(error.to_string())),
    }
    let made = stream.create_consumer(anew(start)).await;
    made.map(|consumer| (consumer, start)).map_err(|error| no_consumer(&error))
}

fn no_consumer(error: &ConsumerError) -> io::Error {
    let why = match error.kind() {
        ConsumerErrorKind::JetStream(error) => error.to_string(),
        kind => kind.to_string(),
    };
    refused(
        format!(
            "ストリームのコンシューマーを作れません（{why}）。このユーザーの権限と、コンシューマー数の上限を確かめてください"
        ),
        format!(
            "the server makes no consumer of the stream ({why}); see what this user may do, and how many consumers are allowed"
        ),
    )
}
