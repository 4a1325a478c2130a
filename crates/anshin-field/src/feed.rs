//! From what a source says to readings of machines, in batches for the live run.

mod known;
mod nodes;
mod notes;
mod route;
mod status;
mod wrong;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::time::{Duration, Instant};

use anshin_model::Text;
use anshin_monitor::config::{Configuration, Payload, Source};
use anshin_monitor::payload::{self, Unread};
use anshin_monitor::{Reading, Time};

use crate::clock;
use crate::sparkplug::Nodes;
use crate::tls::Tls;
use known::Known;
use route::Route;
pub(crate) use status::{Status, count};

/// Readings in one batch, if the live run keeps up.
const BATCH: usize = 512;

/// Readings that wait in a batch while the live run is busy, at most.
const MOST_WAITING: usize = 4_096;

/// How long an unknown device must be silent until it counts as gone.
pub(crate) const GONE: Duration = Duration::from_hours(1);

/// Unknown devices that are told of one source at a time, at most.
const MOST_STRANGERS: usize = 100;

/// Time after which it is told again that an unknown device speaks.
const BETWEEN_STRANGERS: Duration = Duration::from_secs(30);

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

    use anshin_model::Lang;
    use anshin_monitor::config;

    use super::*;

    /// Feeds of all sources of a configuration, and what they tell.
    pub(super) fn feeds(configuration: &str) -> (Vec<Feed>, Receiver<Event>) {
        let configuration = config::load("factory.yaml", configuration).configuration.unwrap();
        let (sender, events) = sync_channel(100);
        let feed = |n| Feed::new(&configuration, n, sender.clone(), Arc::default());
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
        let stranger = |event| if let Event::Stranger(n, topic) = event { Some((n, topic)) } else { None };
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
        assert_eq!(strangers(&events).len(), MOST_STRANGERS);
        for told in feed.strangers.values_mut() {
            *told -= GONE * 2;
        }
        feed.message("plant/intruder", b"{}", false).unwrap();
        assert_eq!(strangers(&events).len(), 1);
    }
}
