//! From what a source says to readings of machines, in batches for the live run.

mod known;
mod nodes;
mod notes;
mod origins;
mod route;
mod sister;
mod status;
mod strangers;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use anshin_model::Text;
use anshin_monitor::config::{Configuration, Payload, Source, SourceKind};
use anshin_monitor::payload::{self, Unread};
use anshin_monitor::{Reading, Time, subject};

use crate::clock;
use crate::mqtt::packet::fits;
use crate::sparkplug::Nodes;
use crate::tls::Tls;
use known::Known;
pub(crate) use origins::Topics;
use route::Route;
pub(crate) use status::{Status, count};
pub(crate) use strangers::MOST_STRANGERS;
use strangers::Strangers;

/// Readings in one batch, if the live run keeps up.
const BATCH: usize = 512;

/// Readings that wait in a batch while the live run is busy, at most.
const MOST_WAITING: usize = 4_096;

/// How long an unknown device must be silent until it counts as gone.
pub(crate) const GONE: Duration = Duration::from_hours(1);

/// Longest name that a message may give an unknown device, in bytes.
const LONGEST_NAME: usize = 256;

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
    /// On a source, the first of its broker, speaks a device that nobody knows.
    Stranger {
        source: usize,
        /// What names it on all its topics.
        device: String,
        /// The one that it speaks on now.
        topic: String,
    },
    /// Something that people should know.
    Note(Text),
}

/// What a source hands its messages to.
#[derive(Debug)]
pub(crate) struct Feed {
    number: usize,
    source: Source,
    by_topic: BTreeMap<String, Route>,
    any: Route,
    strangers: Strangers,
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
    /// For a source of a configuration, by its number; `statuses` tell how each of its sources is doing.
    pub(crate) fn new(
        configuration: &Configuration,
        number: usize,
        out: SyncSender<Event>,
        statuses: &[Arc<Status>],
    ) -> Self {
        let (source, status) = (configuration.sources[number].clone(), Arc::clone(&statuses[number]));
        let inputs = configuration.machines.iter().flat_map(|machine| &machine.inputs);
        let topics: BTreeSet<&str> = inputs
            .filter(|input| input.from == source.id)
            .filter_map(|input| input.topic.as_deref())
            .collect();
        let by_topic = topics
            .into_iter()
            .map(|topic| (topic.to_owned(), Route::new(configuration, &source, Some(topic))))
            .collect();
        // A topic that is asked for no longer brings nothing.
        let mut known = status.topics().clone();
        if source.topic.is_none() && source.kind != SourceKind::Http {
            let asks = |topic: &str| source.topics.iter().any(|filter| fits_at(&source, filter, topic));
            for topics in known.values_mut() {
                topics.retain(|_, topic| asks(topic));
            }
        }
        // Neither does one of a value for which the input names another by now.
        let takes = |machine: &str, value: &str| {
            let of = configuration.machines.iter().filter(|of| of.id == *machine);
            of.flat_map(|of| &of.inputs).any(|input| {
                let is_free = input.from == source.id && input.topic.is_none();
                is_free && input.take.iter().any(|name| name == value)
            })
        };
        for (machine, topics) in &mut known {
            topics.retain(|value, _| takes(machine, value));
        }
        let any = Route::from_any(configuration, &source, known);
        let strangers = Strangers::new(Known::new(configuration, number, statuses));
        let (nodes, rebirths) = (Nodes::default(), BTreeMap::new());
        let mut feed = Self {
            number,
            source,
            by_topic,
            any,
            strangers,
            nodes,
            rebirths,
            batch: Vec::new(),
            out,
            status,
            full_since: None,
            noted: BTreeMap::new(),
            team: None,
            tls: None,
        };
        feed.tell_origins();
        feed
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
        // What machines of others take from any topic does not come to be known here.
        self.strangers.patience = None;
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
        let read = match self.source.topic {
            None => self.of_topic(topic, bytes, (retained, now)),
            Some(_) => self.of_several(topic, bytes, (retained, now)),
        };
        read.inspect_err(|unread| self.unreadable(topic, *unread))
    }

    /// Takes a message whose topic tells of which machines it is.
    fn of_topic(&mut self, topic: &str, bytes: &[u8], when: (bool, Time)) -> Result<(), Unread> {
        let Self { source, by_topic, any, batch, status, .. } = self;
        let routes = [by_topic.get_mut(topic), Some(any)];
        let routes = routes.map(|route| route.filter(|route| !route.mappers.is_empty()));
        if routes.iter().all(Option::is_none) {
            self.stranger(topic);
            return Ok(());
        }
        let mut routes = routes.map(|route| route.filter(|route| route.is_watched()));
        if routes.iter().all(Option::is_none) {
            return Ok(());
        }
        let read = payload::read(source, bytes, when.1, |moment| {
            for route in routes.iter_mut().flatten() {
                route.take((topic, moment), when, (batch, status));
            }
        });
        let mut is_wrong = false;
        for route in routes.iter_mut().flatten() {
            if read.is_ok() {
                route.has_read(status);
            }
            is_wrong |= !route.wrong.is_empty();
        }
        if is_wrong {
            self.tell_wrong(Some(topic));
            self.tell_wrong(None);
        }
        let is_strange = self.is_strange(topic);
        self.tell_origins();
        if is_strange {
            self.stranger(topic);
        }
        read
    }

    /// Whether no machine takes what comes on a topic, and nothing else is to be told of it.
    fn is_strange(&self, topic: &str) -> bool {
        !self.by_topic.contains_key(topic) && !self.any.has_seen(topic)
    }

    /// Takes a message that tells by what stands in it of which machines it is.
    fn of_several(&mut self, topic: &str, bytes: &[u8], when: (bool, Time)) -> Result<(), Unread> {
        let Self { source, by_topic, any, strangers, batch, out, status, .. } = self;
        if strangers.known.ignores(topic) {
            count(&status.unknown);
            return Ok(());
        }
        let takes_all = !any.mappers.is_empty();
        let (mut wrong, mut is_untold) = (Vec::new(), false);
        let read = payload::read(source, bytes, when.1, |moment| {
            let name = moment.topic();
            if takes_all && any.is_watched() {
                any.take((name.as_deref().unwrap_or_default(), moment), when, (batch, status));
            }
            let Some(name) = name else {
                is_untold |= !takes_all;
                return;
            };
            match by_topic.get_mut(&*name) {
                Some(route) if route.is_watched() => {
                    route.take((&name, moment), when, (batch, status));
                    route.has_read(status);
                    if !route.wrong.is_empty() {
                        wrong.push(name.into_owned());
                    }
                }
                None if !any.has_seen(&name) => {
                    strangers.meet(&name[..name.floor_char_boundary(LONGEST_NAME)], (out, status));
                }
                _ => {}
            }
        });
        if takes_all && any.is_watched() && read.is_ok() {
            any.has_read(status);
        }
        for name in &wrong {
            self.tell_wrong(Some(name));
        }
        self.tell_wrong(None);
        self.tell_origins();
        let read = if is_untold { read.and(Err(Unread::Topic)) } else { read };
        match read {
            Err(_) if self.strangers.known.is_read_elsewhere(topic) => Ok(()),
            read => read,
        }
    }

    /// Counts a message that no machine takes, and tells of its device if that is news.
    fn stranger(&mut self, topic: &str) {
        self.strangers.meet(topic, (&self.out, &self.status));
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
        self.any.map((None, time), values, stands, (&mut self.batch, &self.status));
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

    /// Says that something on these topics may be missing. Of which machines it was, where messages tell that
    /// themselves, nobody knows.
    pub(crate) fn doubt<'a>(&self, mut topics: impl Iterator<Item = &'a str>) {
        if self.source.topic.is_none() {
            self.doubt_routes(topics.filter_map(|topic| self.by_topic.get(topic)));
        } else if topics.any(|topic| self.asks_for(topic)) {
            self.doubt_routes(self.by_topic.values());
        } else {
            self.doubt_routes(std::iter::empty());
        }
    }

    /// Whether the source takes what comes on a topic.
    fn asks_for(&self, topic: &str) -> bool {
        self.source.topics.iter().any(|filter| fits_at(&self.source, filter, topic))
    }

    fn doubt_routes<'r>(&'r self, routes: impl Iterator<Item = &'r Route>) {
        let routes = routes.chain(Some(&self.any));
        let machines: BTreeSet<usize> =
            routes.flat_map(|route| route.mappers.iter().map(|(n, _)| *n)).collect();
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

/// What names the device that speaks on a topic of a source, by its number; `None` if it is known there.
pub(crate) fn unknown_device(
    configuration: &Configuration,
    number: usize,
    statuses: &[Arc<Status>],
    topic: &str,
) -> Option<String> {
    let mut known = Known::new(configuration, number, statuses);
    known.learn();
    (!known.holds(topic)).then(|| known.device(topic))
}

/// Whether a filter of a source fits a topic.
fn fits_at(source: &Source, filter: &str, topic: &str) -> bool {
    if source.kind == SourceKind::Nats { subject::fits(filter, topic) } else { fits(filter, topic) }
}

/// For a source whose messages wait elsewhere while the live run is busy.
#[cfg(feature = "nats")]
impl Feed {
    /// Whether this monitor tells of unknown devices.
    pub(crate) fn leads(&self) -> bool {
        self.team.as_ref().is_none_or(|(_, leads)| leads.load(Ordering::Relaxed))
    }

    /// The topics of machines that are watched; `None` if what comes on any of them is to be read, since one of them
    /// takes it whatever it is, or since only the messages tell of which machine they are.
    pub(crate) fn watched_topics(&self) -> Option<Vec<String>> {
        if !self.any.mappers.is_empty() && self.any.is_watched() {
            return None;
        }
        let watched = self.by_topic.iter().filter(|(_, route)| route.is_watched());
        let watched: Vec<String> = watched.map(|(topic, _)| topic.clone()).collect();
        match self.source.topic {
            Some(_) => (watched.is_empty() && !self.leads()).then(Vec::new),
            None => Some(watched),
        }
    }

    /// Hears that something came on a topic that may be one of nobody's.
    pub(crate) fn hear(&mut self, topic: &str) {
        if self.is_strange(topic) {
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
        self.doubt_routes(self.by_topic.values());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, sync_channel};

    use anshin_model::Lang;
    use anshin_monitor::{What, config};

    use super::strangers::MOST_STRANGERS;
    use super::*;

    /// Feeds of all sources of a configuration, and what they tell.
    pub(super) fn feeds(configuration: &str) -> (Vec<Feed>, Receiver<Event>) {
        let configuration = config::load("factory.yaml", configuration).configuration.unwrap();
        let (sender, events) = sync_channel(2 * MOST_STRANGERS);
        let statuses: Vec<Arc<Status>> = configuration.sources.iter().map(|_| Arc::default()).collect();
        let feed = |n| Feed::new(&configuration, n, sender.clone(), &statuses);
        ((0..configuration.sources.len()).map(feed).collect(), events)
    }

    pub(super) fn notes(events: &Receiver<Event>) -> Vec<String> {
        let note =
            |event| if let Event::Note(note) = event { Some(note.get(Lang::En).to_owned()) } else { None };
        events.try_iter().filter_map(note).collect()
    }

    pub(super) fn missing(feed: &Feed) -> u64 {
        feed.status.missing.load(Ordering::Relaxed)
    }

    pub(super) fn strangers(events: &Receiver<Event>) -> Vec<(usize, String)> {
        let stranger = |event| {
            if let Event::Stranger { source, topic, .. } = event { Some((source, topic)) } else { None }
        };
        events.try_iter().filter_map(stranger).collect()
    }

    pub(super) const MACHINE: &str = "
machines:
  - id: mill
    cycle: { by: running }
    input: [ { from: cell, topic: plant/edge/mill, take: Running, is: running, when: ON } ]
";

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
        // What has no room is told all the same, if not each time.
        let told = strangers(&events);
        assert_eq!((told.len(), &*told[MOST_STRANGERS].1), (MOST_STRANGERS + 1, "flood/10000"));
        for told in feed.strangers.told.values_mut() {
            *told -= GONE * 2;
        }
        std::thread::sleep(Duration::from_millis(1_100));
        for name in ["plant/intruder", "plant/another"] {
            feed.message(name, b"{}", false).unwrap();
        }
        assert_eq!(strangers(&events).len(), 2);
    }

    /// A machine that takes power from any topic.
    const ANY: &str = "anshin-monitor: 1\nsources: [ { id: plug, kind: mqtt } ]\nmachines:\n  - { id: press, cycle: { by: power, on: 500 }, \
                       input: [ { from: plug, take: power, is: power }, { from: plug, take: program, is: set-up, when: X } ] }\n";

    #[test]
    fn an_input_without_a_topic_holds_to_the_device_that_spoke_first() {
        let (mut feeds, events) = feeds(ANY);
        let feed = &mut feeds[0];
        let watts = |of: f64| (0, What::Power(of));
        let mut says = |topic: &str, message: &str| {
            feed.message(topic, message.as_bytes(), false).unwrap();
            feed.flush();
            let (mut readings, mut others) = (Vec::new(), Vec::new());
            for event in events.try_iter() {
                match event {
                    Event::Readings(all) => {
                        readings.extend(all.into_iter().map(|(n, reading)| (n, reading.what)));
                    }
                    Event::Stranger { topic, .. } => others.push(topic),
                    Event::Note(note) => others.push(note.get(Lang::En).to_owned()),
                    _ => {}
                }
            }
            (readings, others)
        };
        // Nobody holds to what says nothing.
        assert_eq!(says("plug/mill", r#"{"power":""}"#), (vec![], vec![]));
        assert_eq!(says("plug/press", r#"{"power":1800}"#), (vec![watts(1_800.0)], vec![]));
        let told = "`power` comes from source `plug` on topic `plug/mill` as well: which of them is the device of press? Write \
                    `topic: plug/press` or `topic: plug/mill` in `input`; until then that of `plug/press` is taken, which came first";
        assert_eq!(
            says("plug/mill", r#"{"power":20}"#),
            (vec![], vec!["plug/mill".to_owned(), told.to_owned()])
        );
        assert_eq!(says("plug/mill", r#"{"power":21}"#), (vec![], vec![]));
        // Another value may come on another topic, and so may what the same device tells beside.
        assert_eq!(says("hall/job", r#"{"program":"X"}"#).0, [(0, What::SetUp(Some(true)))]);
        assert_eq!(says("plug/press/status", r#"{"power":5}"#), (vec![], vec![]));
        assert_eq!(says("plug/press", r#"{"power":1801}"#), (vec![watts(1_801.0)], vec![]));
        assert_eq!(feed.status.topics()["press"]["power"], "plug/press");

        // The next monitor knows it from the start.
        let configuration = config::load("factory.yaml", ANY).configuration.unwrap();
        let (sender, events) = sync_channel(10);
        let status = Arc::clone(&feed.status);
        let mut feed = Feed::new(&configuration, 0, sender, &[status]);
        feed.message("plug/mill", br#"{"power":20}"#, false).unwrap();
        assert!(readings(&events, &mut feed).is_empty());
        // What is no longer asked for is forgotten.
        let asks = ANY.replace("kind: mqtt", "kind: mqtt, topics: plug/mill");
        let configuration = config::load("factory.yaml", &asks).configuration.unwrap();
        let (sender, events) = sync_channel(10);
        let mut feed = Feed::new(&configuration, 0, sender, &[Arc::clone(&feed.status)]);
        feed.message("plug/mill", br#"{"power":20}"#, false).unwrap();
        assert_eq!(readings(&events, &mut feed).len(), 1);
    }

    #[test]
    fn a_device_whose_place_another_one_has_taken_by_name_is_unknown() {
        let named = ANY.replace("take: power,", "topic: plug/mill, take: power,");
        let status = Arc::<Status>::default();
        for (value, topic) in [("power", "plug/press"), ("program", "hall/job")] {
            status.topics().entry("press".to_owned()).or_default().insert(value.to_owned(), topic.to_owned());
        }
        let configuration = config::load("factory.yaml", &named).configuration.unwrap();
        let (sender, events) = sync_channel(10);
        let mut feed = Feed::new(&configuration, 0, sender, &[status]);
        for topic in ["plug/mill", "hall/job", "plug/press"] {
            feed.message(topic, br#"{"power":20}"#, false).unwrap();
        }
        assert_eq!(strangers(&events), [(0, "plug/press".to_owned())]);
    }

    #[test]
    fn others_are_unknown_once_an_input_without_a_topic_has_its_device() {
        let text = ANY.replace(
            "{ id: plug, kind: mqtt }",
            "{ id: plug, kind: mqtt }, { id: cell, kind: mqtt, payload: sparkplug }",
        );
        let (mut feeds, events) = feeds(&text);
        let says = |feed: &mut Feed, topic: &str, message: &str| {
            let _ = feed.message(topic, message.as_bytes(), false);
            strangers(&events)
        };
        // Any of them may be the one that is waited for.
        let feed = &mut feeds[0];
        assert_eq!(says(feed, "hall/rogue", r#"{"x":1}"#), []);
        assert_eq!(says(feed, "plug/press", r#"{"power":1800}"#), []);
        assert_eq!(says(feed, "hall/rogue", r#"{"x":1}"#), []);
        assert_eq!(says(feed, "plug/press/job", r#"{"program":"X"}"#), []);
        let rogue = || vec![(0, "hall/rogue".to_owned())];
        for (message, told) in [(r#"{"x":1}"#, rogue()), (r#"{"x":1}"#, vec![])] {
            assert_eq!(says(feed, "hall/rogue", message), told);
        }
        for topic in ["plug/press", "plug/press/job", "plug/press/energy"] {
            assert_eq!(says(feed, topic, r#"{"power":1800}"#), []);
        }
        assert_eq!(says(feed, "hall/mute", "Online"), [(0, "hall/mute".to_owned())]);
        // Who listens beside knows which devices have been found.
        let unknown = |feed: &Feed| feed.status.unknown.load(Ordering::Relaxed);
        let beside = &mut feeds[1];
        beside.strangers.meet("plug/press/energy", (&beside.out, &beside.status));
        beside.strangers.meet("plug/other", (&beside.out, &beside.status));
        assert_eq!((strangers(&events), unknown(beside)), (vec![(0, "plug/other".to_owned())], 2));
    }

    #[test]
    fn what_never_comes_does_not_hide_unknown_devices_for_long() {
        let (mut all, events) = feeds(ANY);
        let feed = &mut all[0];
        let says = |feed: &mut Feed, topic: &str, message: &str| {
            feed.message(topic, message.as_bytes(), false).unwrap();
            strangers(&events)
        };
        assert_eq!(says(feed, "plug/press", r#"{"power":1800}"#), []);
        assert_eq!(says(feed, "hall/rogue", r#"{"x":1}"#), []);
        feed.strangers.patience =
            feed.strangers.patience.and_then(|until| until.checked_sub(Duration::from_mins(10)));
        assert_eq!(says(feed, "plug/press", r#"{"power":1800}"#), []);
        assert_eq!(says(feed, "hall/rogue", r#"{"x":1}"#), [(0, "hall/rogue".to_owned())]);
        // It is taken all the same when it comes.
        assert_eq!(says(feed, "hall/job", r#"{"program":"X"}"#), []);
        assert_eq!(feed.status.topics()["press"]["program"], "hall/job");

        // What machines of others take is not known here, however long it is waited.
        let watched: Arc<[AtomicBool]> = Arc::new([AtomicBool::new(false)]);
        let mut feed = feeds(ANY).0.remove(0).in_team("one", &watched, Arc::default());
        assert_eq!(feed.strangers.patience, None);
        assert_eq!(says(&mut feed, "hall/rogue", r#"{"x":1}"#), []);
    }

    #[test]
    fn values_of_one_device_may_come_on_several_topics() {
        let (mut feeds, events) = feeds(
            "anshin-monitor: 1\nsources: [ { id: plug, kind: mqtt } ]\nmachines:\n  - { id: press, cycle: { by: power, on: 500 }, \
             input: [ { from: plug, take: [ a, b ], is: power }, { from: plug, take: parts, is: counter } ] }\n",
        );
        for (topic, message) in [
            ("plug/press/a", r#"{"a":100}"#),
            ("plug/press/b", r#"{"b":200}"#),
            ("plug/press/energy", r#"{"parts":7}"#),
            ("plug/press/a", r#"{"a":101}"#),
        ] {
            feeds[0].message(topic, message.as_bytes(), false).unwrap();
        }
        let all: Vec<What> =
            readings(&events, &mut feeds[0]).into_iter().map(|(_, reading)| reading.what).collect();
        assert_eq!(all, [What::Power(300.0), What::Counter(7.0), What::Power(301.0)]);
        assert_eq!(strangers(&events), []);
    }

    #[test]
    fn what_a_known_device_tells_beside_is_no_stranger() {
        let machine = MACHINE.replace("plant/edge/mill", "tele/mill/SENSOR");
        let (mut feeds, events) =
            feeds(&format!("anshin-monitor: 1\nsources: [ {{ id: cell, kind: mqtt }} ]{machine}"));
        for topic in
            ["tele/mill/LWT", "tele/mill/STATE", "tele/mill/INFO1", "stat/mill/RESULT", "stat/mill/POWER"]
        {
            feeds[0].message(topic, b"Online", false).unwrap();
        }
        assert_eq!(strangers(&events), []);
        for topic in ["tele/drill/SENSOR", "tele/mill2/LWT", "hall/mill"] {
            feeds[0].message(topic, b"{}", false).unwrap();
        }
        assert_eq!(strangers(&events).len(), 3);
    }

    /// A source whose messages tell of which machine they are, with the machines `a` and `b`.
    fn several(more: &str) -> String {
        let machine = |id: &str| {
            format!(
                "  - {{ id: {id}, cycle: {{ by: running }}, input: [ {{ from: hall, topic: {id}, take: on, is: running, when: \"1\" }} ] }}\n"
            )
        };
        format!(
            "anshin-monitor: 1\nsources:\n  - {{ id: hall, kind: mqtt, topic: id{more} }}\nmachines:\n{}{}",
            machine("a"),
            machine("b")
        )
    }

    fn readings(events: &Receiver<Event>, feed: &mut Feed) -> Vec<(usize, Reading)> {
        feed.flush();
        let readings = |event| if let Event::Readings(all) = event { Some(all) } else { None };
        events.try_iter().filter_map(readings).flatten().collect()
    }

    #[test]
    fn messages_on_one_topic_go_to_the_machine_that_they_name() {
        let (mut feeds, events) = feeds(&several(""));
        let feed = &mut feeds[0];
        let on = |of: usize, on: bool| (of, What::Running(Some(on)));
        let mut says = |message: &str| {
            let read = feed.message("hall/gateway", message.as_bytes(), false);
            let said = readings(&events, feed).into_iter().map(|(n, reading)| (n, reading.what));
            (said.collect::<Vec<_>>(), read.err())
        };
        assert_eq!(says(r#"{"id":"a","on":1}"#), (vec![on(0, true)], None));
        let both = r#"[{"id":"b","on":1},{"id":"a","on":0},{"id":"b","on":0}]"#;
        assert_eq!(says(both), (vec![on(1, true), on(0, false), on(1, false)], None));
        // What tells nothing of a machine, or of another one, hides nothing.
        let mixed = r#"[{"on":1},{"id":"c","on":1},{"id":"a","on":1}]"#;
        assert_eq!(says(mixed), (vec![on(0, true)], Some(Unread::Topic)));
        assert_eq!(says("no JSON"), (vec![], Some(Unread::Form)));
    }

    #[test]
    fn machines_that_only_messages_name_are_strangers_once_and_not_without_end() {
        let beside = "\n  - { id: line, kind: mqtt, topics: [ hall/gateway, hall/c, lone/# ] }\nmachines:\n  - { id: lone, cycle: \
                      { by: running }, input: [ { from: line, topic: lone/1, take: on, is: running, when: ON } ] }\n";
        let text = several(", topics: hall/#, ignore: [ d, hall/test ]").replace("\nmachines:\n", beside);
        let (mut feeds, events) = feeds(&text);
        for message in [r#"{"id":"c"}"#, r#"{"id":"c"}"#, r#"{"id":"d"}"#, r#"{"id":"a","on":1}"#] {
            feeds[0].message("hall/gateway", message.as_bytes(), false).unwrap();
            // Its topic is no news for the source beside, which reads by topics.
            feeds[1].message("hall/gateway", message.as_bytes(), false).unwrap();
        }
        feeds[0].message("hall/test", br#"{"id":"e"}"#, false).unwrap();
        feeds[1].message("lone/2", b"{}", false).unwrap();
        assert_eq!(strangers(&events), [(0, "c".to_owned()), (0, "lone/2".to_owned())]);
        assert_eq!(feeds[0].status.unknown.load(Ordering::Relaxed), 4);

        let flood = |n: usize| format!(r#"{{"id":"{}{n}"}}"#, "x".repeat(2_000));
        let most = MOST_STRANGERS;
        let all: Vec<String> =
            (0..5).map(flood).chain((0..most).map(|n| format!(r#"{{"id":"y{n}"}}"#))).collect();
        // A message has so many moments at most.
        for part in all.chunks(5_000) {
            feeds[0].message("hall/gateway", format!("[{}]", part.join(",")).as_bytes(), false).unwrap();
        }
        let told = strangers(&events);
        // Those of which five have the same beginning count as one; one is told that had no room.
        assert_eq!(told.len(), most);
        assert!(told.iter().all(|(_, name)| name.len() <= LONGEST_NAME));
    }

    #[test]
    fn a_message_without_a_machine_is_told_unless_another_source_reads_it() {
        let beside = "\n  - { id: line, kind: mqtt }\nmachines:\n  - { id: lone, cycle: { by: running }, input: [ { from: line, \
                      topic: lone/1, take: on, is: running, when: ON } ] }\n";
        let (mut feeds, events) = feeds(&several("").replace("\nmachines:\n", beside));
        let feed = &mut feeds[0];
        feed.message("lone/1", br#"{"on":"ON"}"#, false).unwrap();
        feed.message("lone/1", b"ON", false).unwrap();
        assert_eq!(notes(&events), [""; 0]);
        for _ in 0..2 {
            assert_eq!(feed.message("hall", br#"{"on":1}"#, false), Err(Unread::Topic));
        }
        let told = "what comes from source `hall` on topic `hall` cannot be read: the message does not tell of which machine it \
                    is; check the name in `topic` of the source";
        assert_eq!(notes(&events), [told]);
        // What is missing or no number is told of the machine that it is of.
        for _ in 0..20 {
            feed.message("hall", br#"{"id":"b"}"#, false).unwrap();
        }
        let told = notes(&events);
        assert!(
            told.len() == 1 && told[0].contains("source `hall` on topic `b` has a value `on`"),
            "{told:?}"
        );
    }

    #[test]
    fn who_sends_for_several_machines_and_may_have_lost_something_makes_all_of_them_doubtful() {
        let (feeds, events) = feeds(&several(", topics: hall/#"));
        feeds[0].doubt(["office", "hall/gateway"].into_iter());
        feeds[0].doubt(std::iter::once("office"));
        let doubts: Vec<Vec<usize>> = events
            .try_iter()
            .filter_map(|event| if let Event::Doubt(of) = event { Some(of) } else { None })
            .collect();
        assert_eq!(doubts, [[0, 1]]);
    }

    #[cfg(feature = "nats")]
    #[test]
    fn a_team_reads_all_of_a_stream_whose_messages_tell_their_machines() {
        let stream = ", address: \"10.0.0.1:4222\", stream: HALL";
        let text = several(stream).replace("kind: mqtt", "kind: nats");
        let watched: Arc<[AtomicBool]> = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let leads = Arc::new(AtomicBool::new(false));
        let feed = feeds(&text).0.remove(0).in_team("one", &watched, Arc::clone(&leads));
        assert_eq!(feed.watched_topics(), Some(vec![]));
        watched[1].store(true, Ordering::Relaxed);
        assert_eq!(feed.watched_topics(), None);
        watched[1].store(false, Ordering::Relaxed);
        // Who tells of unknown devices hears of them in the messages only.
        leads.store(true, Ordering::Relaxed);
        assert_eq!(feed.watched_topics(), None);
    }
}
