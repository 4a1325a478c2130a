//! From what a source says to readings of machines, in batches for the live run.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use anshin_model::{Id, Lang, Text};
use anshin_monitor::config::{Configuration, Payload, Source, SourceKind};
use anshin_monitor::input::{Mapper, NoNumber, comma_hint};
use anshin_monitor::judge::shown;
use anshin_monitor::payload::{self, Unread};
use anshin_monitor::subject;
use anshin_monitor::{Reading, Time, What};

use crate::clock;
use crate::folder::Troubles;
use crate::mqtt::packet::fits;
use crate::sparkplug::{self, Nodes};
use crate::tls::Tls;

/// Readings in one batch, if the live run keeps up.
const BATCH: usize = 512;

/// Readings that wait in a batch while the live run is busy, at most.
const MOST_WAITING: usize = 4_096;

/// Sparkplug nodes that are asked to tell everything again, at most.
const MOST_REBIRTHS: usize = 1_000;

/// Time between two such questions to a node.
const BETWEEN_REBIRTHS: Duration = Duration::from_secs(30);

/// How long an unknown device must be silent until it counts as gone.
pub(crate) const GONE: Duration = Duration::from_hours(1);

/// Unknown devices that are told of one source at a time, at most.
const MOST_STRANGERS: usize = 100;

/// Time after which it is told again that an unknown device speaks.
const BETWEEN_STRANGERS: Duration = Duration::from_secs(30);

/// Time after which something about a source is told again, and most that is told of it meanwhile.
const BETWEEN_NOTES: Duration = Duration::from_mins(10);
const MOST_NOTES: usize = 20;

/// How long the live run is given to take a batch.
const PATIENCE: Duration = Duration::from_millis(500);

/// What sources tell the live run.
#[derive(Debug)]
pub(crate) enum Event {
    /// Readings, each with the number of its machine.
    Readings(Vec<(usize, Reading)>),
    /// A source works.
    Connected(usize),
    /// A source does not work, and why.
    Lost(usize, Text),
    /// Something of these machines may be missing.
    Doubt(Vec<usize>),
    /// On a source, the first of its broker, speaks a device that nobody knows, on this topic.
    Stranger(usize, String),
    /// Something that people should know.
    Note(Text),
}

/// How a source is doing, for all to see.
#[derive(Debug, Default)]
pub(crate) struct Status {
    /// Messages, rows or answers that came.
    pub(crate) messages: AtomicU64,
    /// Those that could not be read.
    pub(crate) unread: AtomicU64,
    /// Those on topics that no machine takes.
    pub(crate) unknown: AtomicU64,
    /// Values that were no numbers where numbers are wanted.
    pub(crate) no_numbers: AtomicU64,
    /// Values that machines take and that no message had, after some messages.
    pub(crate) missing: AtomicU64,
    /// Readings that were dropped because the live run could not keep up.
    pub(crate) dropped: AtomicU64,
    /// Connections to it that were refused since there were as many as it takes.
    pub(crate) refused: AtomicU64,
    /// How often a connection was made.
    pub(crate) connections: AtomicU64,
    /// Whether it works now.
    pub(crate) connected: AtomicBool,
    /// Whether more comes than can be read.
    pub(crate) saturated: AtomicBool,
}

impl Status {
    /// What of a source could not be used since the start.
    pub(crate) fn troubles(&self) -> Troubles {
        let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
        Troubles {
            unread: count(&self.unread),
            no_numbers: count(&self.no_numbers),
            missing: count(&self.missing),
        }
    }
}

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// After so many messages without it, a value that a machine takes counts as missing.
const MISSING_AFTER: u32 = 20;

/// What is wrong with values, while it is not told.
#[derive(Debug)]
enum Wrong {
    /// One is no number.
    NoNumber(NoNumber),
    /// One of this name never comes.
    Missing(String),
    /// One of this name is not among all those that the source has.
    Unlisted(String),
}

impl Wrong {
    /// What it is about, for telling it once of a topic.
    fn about(&self, topic: Option<&str>) -> String {
        match self {
            Wrong::NoNumber(of) => format!("no-number {topic:?} {}", of.name),
            Wrong::Missing(name) | Wrong::Unlisted(name) => format!("no-value {topic:?} {name}"),
        }
    }

    fn text(&self, id: &Id, topic: Option<&str>) -> Text {
        let (of_ja, of_en) = on_topic(topic.unwrap_or_default());
        match self {
            Wrong::NoNumber(NoNumber { name, text }) => {
                let hint = comma_hint(text).unwrap_or_else(|| {
                    Text::new(
                        "設定の`take`と、機器が送る値を確かめてください",
                        "check `take` in the configuration, and what the device sends",
                    )
                });
                let (hint_ja, hint_en) = (hint.get(Lang::Ja), hint.get(Lang::En));
                let (name, text) = (shown(name), shown(text));
                Text::new(
                    format!(
                        "源`{id}`{of_ja}の値`{name}`を数として読めません（届いた値: `{text}`）。{hint_ja}"
                    ),
                    format!(
                        "value `{name}` of source `{id}`{of_en} is no number (what came: `{text}`); {hint_en}"
                    ),
                )
            }
            Wrong::Missing(name) => {
                let name = shown(name);
                Text::new(
                    format!(
                        "源`{id}`{of_ja}に届いた{MISSING_AFTER}件のメッセージに、値`{name}`がありません。設定の`take`の名前を確かめてください"
                    ),
                    format!(
                        "none of {MISSING_AFTER} messages of source `{id}`{of_en} has a value `{name}`; check the name in `take` of the configuration"
                    ),
                )
            }
            Wrong::Unlisted(name) => {
                let name = shown(name);
                Text::new(
                    format!(
                        "源`{id}`{of_ja}が知らせた値の一覧に、`{name}`がありません。設定の`take`の名前を確かめてください"
                    ),
                    format!(
                        "source `{id}`{of_en} has listed all its values, and `{name}` is none of them; check the name in `take` of the configuration"
                    ),
                )
            }
        }
    }
}

/// The topic, as it stands behind the name of a source.
fn on_topic(topic: &str) -> (String, String) {
    match shown(topic) {
        topic if topic.is_empty() => (String::new(), String::new()),
        topic => (format!("のトピック`{topic}`"), format!(" on topic `{topic}`")),
    }
}

#[derive(Debug, Default)]
struct Route {
    wanted: Vec<String>,
    /// Those of the wanted ones that no message has had, and how many messages there were.
    unseen: Vec<String>,
    messages: u32,
    /// The source has told all the values that it has.
    is_listed: bool,
    /// The unseen values count as missing.
    is_missed: bool,
    /// What is wrong with values and not told yet.
    wrong: Vec<Wrong>,
    mappers: Vec<(usize, Mapper)>,
    /// Which machines are watched, if not all.
    watched: Option<Arc<[AtomicBool]>>,
}

impl Route {
    fn new(configuration: &Configuration, source: &Source, topic: Option<&str>) -> Self {
        let mut route = Route::default();
        for (n, machine) in configuration.machines.iter().enumerate() {
            if let Some(mapper) = Mapper::on_topic(machine, source, topic) {
                route.wanted.extend(mapper.names().map(str::to_owned));
                route.mappers.push((n, mapper));
            }
        }
        route.wanted.sort_unstable();
        route.wanted.dedup();
        route.unseen.clone_from(&route.wanted);
        route
    }

    /// Notes which values a message has.
    fn see(&mut self, has: impl Fn(&str) -> bool, status: &Status) {
        let before = self.unseen.len();
        self.unseen.retain(|name| !has(name));
        if self.is_missed {
            status.missing.fetch_sub((before - self.unseen.len()) as u64, Ordering::Relaxed);
        }
    }

    /// Takes the unseen values for missing, once that is sure and some machine that takes them is watched.
    fn miss(&mut self, status: &Status) {
        let is_sure = self.is_listed || self.messages >= MISSING_AFTER;
        if self.is_missed || !is_sure || !self.is_watched() {
            return;
        }
        self.is_missed = true;
        status.missing.fetch_add(self.unseen.len() as u64, Ordering::Relaxed);
        let wrong = if self.is_listed { Wrong::Unlisted } else { Wrong::Missing };
        self.wrong.extend(self.unseen.iter().cloned().map(wrong));
    }

    /// Whether some machine that is watched takes what comes.
    fn is_watched(&self) -> bool {
        let Some(watched) = &self.watched else { return true };
        self.mappers.iter().any(|(n, _)| watched[*n].load(Ordering::Relaxed))
    }

    fn map(
        &mut self,
        time: Time,
        values: &[(&str, &str)],
        retained: bool,
        (batch, status): (&mut Vec<(usize, Reading)>, &Status),
    ) {
        for (n, mapper) in &mut self.mappers {
            if self.watched.as_ref().is_some_and(|watched| !watched[*n].load(Ordering::Relaxed)) {
                continue;
            }
            let before = mapper.unread();
            mapper.map(time, values, |reading| {
                // What a broker has kept tells how things are, not that something happens now.
                if !retained || !matches!(reading.what, What::Start | What::End) {
                    batch.push((*n, reading));
                }
            });
            let wrong = mapper.unread() - before;
            if wrong > 0 {
                status.no_numbers.fetch_add(wrong, Ordering::Relaxed);
                self.wrong.extend(mapper.no_numbers().map(Wrong::NoNumber));
            }
        }
    }
}

/// Topics that are no news, from all sources that listen to one broker.
#[derive(Debug, Default)]
struct Known {
    /// Number of the first of these sources; it stands for the broker.
    first: usize,
    /// Some machine takes whatever comes.
    all: bool,
    topics: BTreeSet<String>,
    /// Filters of topics that no machine takes.
    ignore: Vec<String>,
    /// They are subjects of NATS.
    subjects: bool,
}

impl Known {
    fn new(configuration: &Configuration, number: usize) -> Self {
        let source = &configuration.sources[number];
        let is_beside = |n: &usize| {
            let other = &configuration.sources[*n];
            let at = |source: &Source| (source.kind, source.address.clone(), source.stream.clone());
            let is_shared = matches!(source.kind, SourceKind::Mqtt | SourceKind::Nats);
            *n == number || is_shared && at(other) == at(source)
        };
        let subjects = source.kind == SourceKind::Nats;
        let mut known = Self { first: number, subjects, ..Self::default() };
        for n in (0..configuration.sources.len()).filter(is_beside) {
            let other = &configuration.sources[n];
            known.first = known.first.min(n);
            known.ignore.extend(other.ignore.iter().cloned());
            // What a source of Sparkplug hears, the others hear undecoded.
            if other.payload == Payload::Sparkplug && source.payload != Payload::Sparkplug {
                known.ignore.push("spBv1.0/#".to_owned());
            }
            let inputs = configuration.machines.iter().flat_map(|machine| &machine.inputs);
            for input in inputs.filter(|input| input.from == other.id) {
                match &input.topic {
                    Some(topic) => drop(known.topics.insert(topic.clone())),
                    None => known.all = true,
                }
            }
        }
        known
    }

    /// Whether it is one of the topics, or what some of them are parts of, such as a node of Sparkplug.
    fn holds(&self, topic: &str) -> bool {
        self.all
            || self.topics.iter().any(|known| is_within(topic, known))
            || self
                .ignore
                .iter()
                .any(|filter| if self.subjects { subject::fits(filter, topic) } else { fits(filter, topic) })
    }
}

/// Whether a topic is another one, or lies below it.
fn is_within(whole: &str, topic: &str) -> bool {
    topic.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What a source hands its messages to.
#[derive(Debug)]
pub(crate) struct Feed {
    number: usize,
    source: Source,
    by_topic: BTreeMap<String, Route>,
    any: Route,
    /// What is known at the broker, and what is no news there.
    known: Known,
    /// Topics that nobody knows, and when each was told.
    strangers: BTreeMap<String, Instant>,
    nodes: Nodes,
    /// Sparkplug nodes that are to tell everything again, and when each was asked last.
    rebirths: BTreeMap<String, Option<Instant>>,
    batch: Vec<(usize, Reading)>,
    out: SyncSender<Event>,
    status: Arc<Status>,
    full_since: Option<Instant>,
    /// What was told of it, and when.
    noted: BTreeMap<String, Instant>,
    /// Name of this monitor in a team, and whether it speaks for what belongs to no machine.
    team: Option<(String, Arc<AtomicBool>)>,
    /// How the connection is encrypted, if it is.
    tls: Option<Tls>,
}

impl Feed {
    /// For a source of a configuration, by its number.
    pub(crate) fn new(
        configuration: &Configuration,
        number: usize,
        out: SyncSender<Event>,
        status: Arc<Status>,
    ) -> Self {
        let source = configuration.sources[number].clone();
        let inputs = configuration.machines.iter().flat_map(|machine| &machine.inputs);
        let topics: BTreeSet<&str> = inputs
            .filter(|input| input.from == source.id)
            .filter_map(|input| input.topic.as_deref())
            .collect();
        let by_topic = topics
            .into_iter()
            .map(|topic| (topic.to_owned(), Route::new(configuration, &source, Some(topic))))
            .collect();
        let any = Route::new(configuration, &source, None);
        let known = Known::new(configuration, number);
        let (nodes, rebirths) = (Nodes::default(), BTreeMap::new());
        Self {
            number,
            source,
            by_topic,
            any,
            known,
            strangers: BTreeMap::new(),
            nodes,
            rebirths,
            batch: Vec::new(),
            out,
            status,
            full_since: None,
            noted: BTreeMap::new(),
            team: None,
            tls: None,
        }
    }

    /// For a monitor that watches some of the machines: what is of others is not even read.
    pub(crate) fn in_team(
        mut self,
        worker: &str,
        watched: &Arc<[AtomicBool]>,
        leads: Arc<AtomicBool>,
    ) -> Self {
        for route in self.by_topic.values_mut().chain(Some(&mut self.any)) {
            route.watched = Some(Arc::clone(watched));
        }
        self.team = Some((worker.to_owned(), leads));
        self
    }

    /// For a source whose connection is encrypted, if it is.
    pub(crate) fn encrypted(self, tls: Option<Tls>) -> Self {
        Self { tls, ..self }
    }

    /// How the connection is encrypted, if it is.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Name of this monitor in a team.
    pub(crate) fn worker(&self) -> Option<&str> {
        self.team.as_ref().map(|(worker, _)| worker.as_str())
    }

    /// The source.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// How it is doing.
    pub(crate) fn status(&self) -> &Arc<Status> {
        &self.status
    }

    /// Tells that there was no room for a connection from an address: once in a while, for whoever is
    /// refused comes again.
    pub(crate) fn refused(&mut self, address: IpAddr) {
        count(&self.status.refused);
        let id = self.source.id.clone();
        self.note("room", || {
            Text::new(
                format!(
                    "源`{id}`に空きがないため、{address}からの接続を断りました。同じアドレスからの不要な接続がないか確かめてください"
                ),
                format!(
                    "source `{id}` has no room, a connection from {address} was refused; see whether something there connects again and again"
                ),
            )
        });
    }

    /// Tells which topics a broker does not let us read; the others are read.
    pub(crate) fn not_allowed(&self, filters: &[&str]) {
        let (id, all) = (&self.source.id, filters.join(", "));
        // A live run that has ended needs to know nothing more.
        let _ = self.out.send(Event::Note(Text::new(
            format!("源`{id}`のブローカーは、次のトピックの購読を許しません: {all}。ブローカーの設定（ACL）を確かめてください"),
            format!("the broker of source `{id}` does not let us read these topics: {all}; see its access rules"),
        )));
    }

    /// Takes a message, and tells how many readings it made. `retained` says that the broker had kept it.
    ///
    /// # Errors
    /// If it cannot be read; it is counted and told, too.
    pub(crate) fn message(&mut self, topic: &str, bytes: &[u8], retained: bool) -> Result<usize, Unread> {
        let before = self.batch.len();
        let read = self.take(topic, bytes, retained, clock::now());
        let made = self.batch.len() - before;
        if self.batch.len() >= BATCH {
            self.pass();
        }
        read.map(|()| made)
    }

    /// Tells something about the source once in a while: whatever is wrong with what comes, comes again. False if
    /// there was no room for it.
    pub(crate) fn note(&mut self, about: &str, note: impl FnOnce() -> Text) -> bool {
        // Of a flood of the same, nothing more is done.
        if self.noted.get(about).is_some_and(|told| told.elapsed() <= BETWEEN_NOTES) {
            return true;
        }
        self.noted.retain(|_, told| told.elapsed() <= BETWEEN_NOTES);
        let has_room = self.noted.len() < MOST_NOTES;
        let is_told = has_room && self.out.try_send(Event::Note(note())).is_ok();
        if is_told {
            self.noted.insert(about.to_owned(), Instant::now());
        }
        is_told
    }

    /// Tells that something that came cannot be read.
    fn unreadable(&mut self, topic: &str, unread: Unread) {
        count(&self.status.unread);
        let id = self.source.id.clone();
        // Of a flood of a kind one is told: nothing is put into words for the others.
        let about = match unread {
            Unread::TooLong => "too-long",
            Unread::Form => "form",
            Unread::Time => "time",
        };
        self.note(about, || {
            let (why, (of_ja, of_en)) = (unread.text(), on_topic(topic));
            Text::new(
                format!("源`{id}`{of_ja}に届いたものを読めません: {}", why.get(Lang::Ja)),
                format!("what comes from source `{id}`{of_en} cannot be read: {}", why.get(Lang::En)),
            )
        });
    }

    /// Counts a message that is longer than is read, and tells it.
    pub(crate) fn too_long(&mut self, topic: &str) {
        count(&self.status.messages);
        self.unreadable(topic, Unread::TooLong);
    }

    /// Tells what is wrong with the values of a topic, or, without one, with those that are taken from all.
    fn tell_wrong(&mut self, topic: Option<&str>) {
        let wrong = match self.route(topic) {
            Some(route) if !route.wrong.is_empty() => std::mem::take(&mut route.wrong),
            _ => return,
        };
        let id = self.source.id.clone();
        // Each is found once only, so what has no room now waits.
        let told = |wrong: &Wrong| self.note(&wrong.about(topic), || wrong.text(&id, topic));
        let waiting = wrong.into_iter().skip_while(told).collect();
        if let Some(route) = self.route(topic) {
            route.wrong = waiting;
        }
    }

    /// What takes the values of a topic, or, without one, those of all.
    fn route(&mut self, topic: Option<&str>) -> Option<&mut Route> {
        topic.map_or(Some(&mut self.any), |topic| self.by_topic.get_mut(topic))
    }

    /// Takes a message that came at `now`, and hands nothing over: whoever calls this does, and nothing is
    /// dropped.
    ///
    /// # Errors
    /// If it cannot be read; it is counted and told, too.
    pub(crate) fn take(
        &mut self,
        topic: &str,
        bytes: &[u8],
        retained: bool,
        now: Time,
    ) -> Result<(), Unread> {
        count(&self.status.messages);
        if self.source.payload == Payload::Sparkplug {
            return self.sparkplug(topic, bytes, now);
        }
        let (mut known, mut is_wrong, mut read) = (false, false, Ok(()));
        for route in self.by_topic.get_mut(topic).into_iter().chain(Some(&mut self.any)) {
            if route.mappers.is_empty() {
                continue;
            }
            known = true;
            if !route.is_watched() {
                continue;
            }
            let wanted = std::mem::take(&mut route.wanted);
            let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
            read = payload::read(&self.source, &names, bytes, now, |time, values| {
                route.see(|name| values.iter().any(|(known, _)| *known == name), &self.status);
                let time = if retained { now } else { time };
                route.map(time, values, retained, (&mut self.batch, &self.status));
            });
            drop(names);
            route.wanted = wanted;
            if read.is_ok() {
                route.messages = route.messages.saturating_add(1);
                route.miss(&self.status);
            }
            is_wrong |= !route.wrong.is_empty();
        }
        if is_wrong {
            self.tell_wrong(Some(topic));
            self.tell_wrong(None);
        }
        if !known {
            self.stranger(topic);
        }
        read.inspect_err(|unread| self.unreadable(topic, *unread))
    }

    fn sparkplug(&mut self, topic: &str, bytes: &[u8], now: Time) -> Result<(), Unread> {
        let said = self.nodes.read(topic, bytes, now);
        let said = said.inspect_err(|unread| self.unreadable(topic, *unread))?;
        if said.doubtful {
            let of_node = self.by_topic.keys().filter(|topic| is_within(&said.node, topic));
            let topics: Vec<String> = of_node.cloned().collect();
            self.doubt(topics.iter().map(String::as_str));
            // A node that has just told everything, or is gone, is not asked.
            let has_room = self.rebirths.len() < MOST_REBIRTHS || self.rebirths.contains_key(&said.node);
            if !said.birth && !said.gone && has_room {
                let asked = self.rebirths.entry(said.node.clone()).or_default();
                if asked.is_some_and(|at| at.elapsed() > BETWEEN_REBIRTHS) {
                    *asked = None;
                }
            }
        }
        // Commands and deaths say nothing of a device.
        let speaks = said.birth || !said.values.is_empty();
        if speaks && !self.by_topic.contains_key(&said.device) && self.any.mappers.is_empty() {
            self.stranger(&said.device);
        }
        let mut route = self.by_topic.get_mut(&said.device);
        if let Some(route) = &mut route {
            route.see(|name| said.values.iter().any(|(_, known, _)| known == name), &self.status);
            // A birth has all values of its node or device.
            route.is_listed |= said.birth;
            route.miss(&self.status);
        }
        for (time, name, value) in &said.values {
            let values = [(name.as_str(), value.as_str())];
            for route in route.iter_mut().map(|route| &mut **route).chain(Some(&mut self.any)) {
                route.map(*time, &values, said.birth, (&mut self.batch, &self.status));
            }
        }
        self.tell_wrong(Some(&said.device));
        self.tell_wrong(None);
        Ok(())
    }

    /// Counts a message that no machine takes, and tells of its device if that is news.
    fn stranger(&mut self, topic: &str) {
        count(&self.status.unknown);
        if self.strangers.len() >= MOST_STRANGERS {
            self.strangers.retain(|_, told| told.elapsed() <= GONE);
        }
        let is_news = match self.strangers.get(topic) {
            Some(told) => told.elapsed() > BETWEEN_STRANGERS,
            None => self.strangers.len() < MOST_STRANGERS && !self.known.holds(topic),
        };
        // If the live run is busy, the next message tells it.
        if is_news && self.out.try_send(Event::Stranger(self.known.first, topic.to_owned())).is_ok() {
            self.strangers.insert(topic.to_owned(), Instant::now());
        }
    }

    /// Commands to Sparkplug nodes that are to tell everything again: topics and payloads. Each node is
    /// asked once in a while, for it has much to tell.
    pub(crate) fn commands(&mut self) -> Vec<(String, Vec<u8>)> {
        let due = self.rebirths.iter_mut().filter(|(_, asked)| asked.is_none());
        due.filter_map(|(node, asked)| {
            *asked = Some(Instant::now());
            sparkplug::rebirth(node)
        })
        .collect()
    }

    /// Takes values of one moment that come without a topic.
    pub(crate) fn values(&mut self, time: Time, values: &[(&str, &str)]) {
        self.moment(time, values, false);
    }

    /// Takes values that tell how things stand at a moment, not what happens then.
    pub(crate) fn standing(&mut self, time: Time, values: &[(&str, &str)]) {
        self.moment(time, values, true);
    }

    /// Hears which values a source has that tells all of them at once, without a topic.
    pub(crate) fn lists(&mut self, has: impl Fn(&str) -> bool) {
        self.any.see(has, &self.status);
        self.any.is_listed = true;
        self.any.miss(&self.status);
        self.tell_wrong(None);
    }

    fn moment(&mut self, time: Time, values: &[(&str, &str)], stands: bool) {
        count(&self.status.messages);
        self.any.see(|name| values.iter().any(|(known, _)| *known == name), &self.status);
        self.any.miss(&self.status);
        self.any.map(time, values, stands, (&mut self.batch, &self.status));
        self.tell_wrong(None);
        if self.batch.len() >= BATCH {
            self.flush();
        }
    }

    /// Names of the values that are taken without a topic.
    pub(crate) fn wanted(&self) -> Vec<String> {
        self.any.wanted.clone()
    }

    /// Hands over what has come if the live run has room for it; else it waits here, up to a bound,
    /// and is handed over with what comes next. For sources that speak on and on.
    pub(crate) fn pass(&mut self) {
        if !self.batch.is_empty() && !self.is_taken() && self.batch.len() >= MOST_WAITING {
            self.flush();
        }
    }

    /// Hands over what has come. The live run is given a moment; after it the readings are dropped,
    /// which makes their machines' cycles doubtful, rather than old news pile up. Whoever sends
    /// waits meanwhile: a connection that is not read holds its other side up.
    pub(crate) fn flush(&mut self) {
        let began = Instant::now();
        while !self.batch.is_empty() && !self.is_taken() {
            if began.elapsed() > PATIENCE {
                self.status.dropped.fetch_add(self.batch.len() as u64, Ordering::Relaxed);
                self.batch.clear();
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether the live run has taken the batch; nobody needs it once the run has ended.
    fn is_taken(&mut self) -> bool {
        match self.out.try_send(Event::Readings(std::mem::take(&mut self.batch))) {
            Err(TrySendError::Full(Event::Readings(batch))) => {
                self.batch = batch;
                false
            }
            _ => true,
        }
    }

    /// Says that the source works.
    pub(crate) fn connected(&mut self) {
        count(&self.status.connections);
        self.status.connected.store(true, Ordering::Relaxed);
        let _ = self.out.send(Event::Connected(self.number));
    }

    /// Says that the source does not work, and why.
    pub(crate) fn lost(&mut self, why: Text) {
        self.flush();
        self.full_since = None;
        self.status.saturated.store(false, Ordering::Relaxed);
        self.status.connected.store(false, Ordering::Relaxed);
        let _ = self.out.send(Event::Lost(self.number, why));
    }

    /// Says that something on these topics may be missing.
    pub(crate) fn doubt<'a>(&self, topics: impl Iterator<Item = &'a str>) {
        let machines: BTreeSet<usize> = topics
            .filter_map(|topic| self.by_topic.get(topic))
            .chain(Some(&self.any))
            .flat_map(|route| route.mappers.iter().map(|(n, _)| *n))
            .collect();
        if !machines.is_empty() {
            let _ = self.out.send(Event::Doubt(machines.into_iter().collect()));
        }
    }

    /// Notes whether the connection still had something to read after a read. If it does for a
    /// second on end, more comes than can be read, and what the other side drops is not known.
    pub(crate) fn still_full(&mut self, full: bool) {
        if !full {
            self.full_since = None;
            self.status.saturated.store(false, Ordering::Relaxed);
            return;
        }
        let since = *self.full_since.get_or_insert_with(Instant::now);
        if since.elapsed() > Duration::from_secs(1) {
            self.status.saturated.store(true, Ordering::Relaxed);
        }
    }
}

/// For a source whose messages wait elsewhere while the live run is busy.
#[cfg(feature = "nats")]
impl Feed {
    /// Whether this monitor tells of unknown devices.
    pub(crate) fn leads(&self) -> bool {
        self.team.as_ref().is_none_or(|(_, leads)| leads.load(Ordering::Relaxed))
    }

    /// The topics of machines that are watched; `None` if one of them takes whatever comes.
    pub(crate) fn watched_topics(&self) -> Option<Vec<String>> {
        if !self.any.mappers.is_empty() && self.any.is_watched() {
            return None;
        }
        let watched = self.by_topic.iter().filter(|(_, route)| route.is_watched());
        Some(watched.map(|(topic, _)| topic.clone()).collect())
    }

    /// Hears that something came on a topic that may be one of nobody's.
    pub(crate) fn hear(&mut self, topic: &str) {
        if !self.by_topic.contains_key(topic) && self.any.mappers.is_empty() {
            self.stranger(topic);
        }
    }

    /// Hands over what has come, if the live run has room for it; false if it waits on.
    pub(crate) fn hand_over(&mut self) -> bool {
        self.batch.is_empty() || self.is_taken()
    }

    /// Whether as much waits as makes a batch.
    pub(crate) fn is_full(&self) -> bool {
        self.batch.len() >= BATCH
    }

    /// Says that something of any machine may be missing.
    pub(crate) fn doubt_all(&self) {
        self.doubt(self.by_topic.keys().map(String::as_str));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use anshin_monitor::config;

    use super::*;

    /// Feeds of all sources of a configuration, and what they tell.
    fn feeds(configuration: &str) -> (Vec<Feed>, Receiver<Event>) {
        let configuration = config::load("factory.yaml", configuration).configuration.unwrap();
        let (sender, events) = sync_channel(100);
        let feed = |n| Feed::new(&configuration, n, sender.clone(), Arc::default());
        ((0..configuration.sources.len()).map(feed).collect(), events)
    }

    fn strangers(events: &Receiver<Event>) -> Vec<(usize, String)> {
        let stranger = |event| if let Event::Stranger(n, topic) = event { Some((n, topic)) } else { None };
        events.try_iter().filter_map(stranger).collect()
    }

    const MACHINE: &str = "
machines:
  - id: mill
    cycle: { by: running }
    input: [ { from: cell, topic: plant/edge/mill, take: Running, is: running, when: ON } ]
";

    /// A payload of Sparkplug B with a time and a number in the sequence, and no metrics.
    fn empty(sequence: u8) -> [u8; 4] {
        [1 << 3, 1, 3 << 3, sequence]
    }

    #[test]
    fn nodes_of_known_devices_and_what_others_hear_of_them_are_no_strangers() {
        let (mut feeds, events) = feeds(&format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }}, {{ id: cell, kind: mqtt, payload: sparkplug }} ]{MACHINE}"
        ));
        for (sequence, topic) in [(0, "NBIRTH/edge"), (1, "DBIRTH/edge/mill"), (2, "DDATA/edge/mill")] {
            let topic = format!("spBv1.0/plant/{topic}");
            for feed in &mut feeds {
                // What is not JSON cannot be read by the first source; that is another matter.
                let _ = feed.message(&topic, &empty(sequence), false);
            }
        }
        let (topic, command) = sparkplug::rebirth("plant/edge").unwrap();
        feeds[1].message(&topic, &command, false).unwrap();
        assert_eq!(strangers(&events), []);

        // One that nobody has named is told once, of the broker.
        for sequence in [3, 4] {
            feeds[1].message("spBv1.0/plant/DBIRTH/edge/drill", &empty(sequence), false).unwrap();
        }
        assert_eq!(strangers(&events), [(0, "plant/edge/drill".to_owned())]);
    }

    #[test]
    fn what_is_no_news_at_one_broker_is_news_at_another() {
        let (mut feeds, events) = feeds(&format!(
            "anshin-monitor: 1\nsources:\n  - {{ id: office, kind: mqtt, address: \"10.0.0.1:1883\", ignore: \"#\" }}\n  \
             - {{ id: cell, kind: mqtt, address: \"10.0.0.2:1883\" }}{MACHINE}"
        ));
        for feed in &mut feeds {
            feed.message("plant/edge/drill", b"{}", false).unwrap();
            let _ = feed.message("plant/edge/mill", b"{}", false);
        }
        assert_eq!(strangers(&events), [(1, "plant/edge/drill".to_owned())]);
    }

    #[test]
    fn old_strangers_make_room_for_new_ones() {
        let (mut feeds, events) =
            feeds(&format!("anshin-monitor: 1\nsources: [ {{ id: cell, kind: mqtt }} ]{MACHINE}"));
        let feed = &mut feeds[0];
        for n in 0..MOST_STRANGERS + 10 {
            feed.message(&format!("flood/{n}"), b"{}", false).unwrap();
        }
        assert_eq!(strangers(&events).len(), MOST_STRANGERS);
        for told in feed.strangers.values_mut() {
            *told -= GONE * 2;
        }
        feed.message("plant/intruder", b"{}", false).unwrap();
        assert_eq!(strangers(&events).len(), 1);
    }

    fn notes(events: &Receiver<Event>) -> Vec<String> {
        let note =
            |event| if let Event::Note(note) = event { Some(note.get(Lang::En).to_owned()) } else { None };
        events.try_iter().filter_map(note).collect()
    }

    fn missing(feed: &Feed) -> u64 {
        feed.status.missing.load(Ordering::Relaxed)
    }

    #[test]
    fn what_had_no_room_among_the_notes_is_told_later() {
        let values: Vec<String> = (0..MOST_NOTES + 5).map(|n| format!("w{n}")).collect();
        let input = |name: &String| format!("      - {{ from: line, take: {name}, is: power }}\n");
        let inputs = values.iter().map(input).collect::<Vec<_>>().concat();
        let (mut feeds, events) = feeds(&format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]\nmachines:\n  - id: mill\n    \
             cycle: {{ by: running }}\n    input:\n      - {{ from: line, take: on, is: running, when: ON }}\n{inputs}"
        ));
        let wrong: Vec<String> = values.iter().map(|name| format!("\"{name}\":\"much\"")).collect();
        let message = format!("{{{}}}", wrong.join(","));
        for _ in 0..2 {
            feeds[0].message("plant", message.as_bytes(), false).unwrap();
        }
        assert_eq!(notes(&events).len(), MOST_NOTES);
        for told in feeds[0].noted.values_mut() {
            *told -= BETWEEN_NOTES * 2;
        }
        feeds[0].message("plant", message.as_bytes(), false).unwrap();
        assert_eq!(notes(&events).len(), 5);
    }

    /// A payload of Sparkplug B with metrics of these names, all of them true.
    fn metrics(sequence: u8, names: &[&str]) -> Vec<u8> {
        let mut payload = empty(sequence).to_vec();
        for name in names {
            let length = u8::try_from(name.len()).unwrap();
            let metric = [&[1 << 3 | 2, length][..], name.as_bytes(), &[4 << 3, 11, 14 << 3, 1]].concat();
            payload.extend([2 << 3 | 2, u8::try_from(metric.len()).unwrap()]);
            payload.extend(metric);
        }
        payload
    }

    #[test]
    fn a_value_that_no_birth_lists_is_told_at_once() {
        let (mut feeds, events) = feeds(&format!(
            "anshin-monitor: 1\nsources: [ {{ id: cell, kind: mqtt, payload: sparkplug }} ]{MACHINE}"
        ));
        let mut say = |kind: &str, sequence, names: &[&str]| {
            let topic = format!("spBv1.0/plant/{kind}");
            feeds[0].message(&topic, &metrics(sequence, names), false).unwrap();
            (missing(&feeds[0]), notes(&events))
        };
        // The node lists its own values, and data are only what has changed.
        assert_eq!(say("NBIRTH/edge", 0, &["Uptime"]), (0, vec![]));
        assert_eq!(say("DDATA/edge/mill", 1, &["Speed"]), (0, vec![]));
        let told = "source `cell` on topic `plant/edge/mill` has listed all its values, and `Running` is none of \
                    them; check the name in `take` of the configuration";
        assert_eq!(say("DBIRTH/edge/mill", 2, &["running", "Speed"]), (1, vec![told.to_owned()]));
        assert_eq!(say("DBIRTH/edge/mill", 3, &["running", "Speed"]), (1, vec![]));
        assert_eq!(say("DBIRTH/edge/mill", 4, &["Running", "Speed"]), (0, vec![]));
    }

    #[test]
    fn what_is_missing_waits_until_its_machine_is_watched_here() {
        let (mut feeds, events) = feeds(
            "anshin-monitor: 1\nsources: [ { id: line, kind: mtconnect, address: \"localhost:5000\" } ]\nmachines: \
             [ { id: mill, cycle: { by: running }, input: [ { from: line, take: e, is: running, when: ON } ] } ]",
        );
        let watched: Arc<[AtomicBool]> = Arc::new([AtomicBool::new(false)]);
        let mut feed = feeds.remove(0).in_team("one", &watched, Arc::default());
        feed.lists(|name| name == "x");
        assert_eq!((missing(&feed), notes(&events)), (0, vec![]));
        watched[0].store(true, Ordering::Relaxed);
        feed.values(Time::from_seconds(1.0), &[("x", "1")]);
        assert_eq!((missing(&feed), notes(&events).len()), (1, 1));
        feed.values(Time::from_seconds(2.0), &[("e", "ON")]);
        assert_eq!((missing(&feed), notes(&events)), (0, vec![]));
    }
}
