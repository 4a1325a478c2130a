//! Devices that nobody knows, each told once in a while.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::known::Known;
use super::status::{Status, count};
use super::{Event, GONE};

/// Unknown devices of one source that are told from each other, at most.
pub(crate) const MOST_STRANGERS: usize = 10_000;

/// Time after which it is told again that an unknown device speaks.
const BETWEEN_STRANGERS: Duration = Duration::from_secs(30);

/// Time between two of which nobody knows any more whether they were told.
const BETWEEN_OTHERS: Duration = Duration::from_secs(1);

/// How long it is waited at a start for what machines take from whatever topic brings it first. Until it has come,
/// any device may be theirs.
const FIRST: Duration = Duration::from_mins(10);

/// Devices of a source that nobody knows.
#[derive(Debug)]
pub(super) struct Strangers {
    /// What is known at the broker, and what is no news there.
    pub(super) known: Known,
    /// When those were told last whose topics have these hashes.
    pub(super) told: BTreeMap<u64, Instant>,
    hasher: RandomState,
    /// When one was told for which there was no room.
    other: Option<Instant>,
    /// Until when it is waited for devices that are known by what they say only; `None` for as long as it takes.
    pub(super) patience: Option<Instant>,
}

impl Strangers {
    pub(super) fn new(known: Known) -> Self {
        let patience = Some(Instant::now() + FIRST);
        Self { known, told: BTreeMap::new(), hasher: RandomState::new(), other: None, patience }
    }

    /// Counts what no machine takes, and tells of its device if that is news.
    pub(super) fn meet(&mut self, topic: &str, to: (&SyncSender<Event>, &Status)) {
        let is_early = self.patience.is_none_or(|until| Instant::now() < until);
        if is_early && self.known.is_waiting() {
            count(&to.1.unknown);
        } else {
            self.meet_another(topic, to);
        }
    }

    /// The same of what came on another topic than that of the machine which takes such values from any; false if
    /// the topic is known all the same.
    pub(super) fn meet_another(&mut self, topic: &str, (out, status): (&SyncSender<Event>, &Status)) -> bool {
        count(&status.unknown);
        let key = self.hasher.hash_one(topic);
        let told = self.told.get(&key);
        if told.is_some_and(|told| told.elapsed() <= BETWEEN_STRANGERS) {
            return true;
        }
        if told.is_none() {
            self.known.learn();
            if self.known.holds(topic) {
                return false;
            }
        }
        if told.is_none() && self.told.len() >= MOST_STRANGERS {
            if self.other.is_some_and(|told| told.elapsed() <= BETWEEN_OTHERS) {
                return true;
            }
            self.other = Some(Instant::now());
            self.told.retain(|_, told| told.elapsed() <= GONE);
        }
        // If the live run is busy, the next message tells it.
        let (source, device) = (self.known.first, self.known.device(topic));
        let is_told = out.try_send(Event::Stranger { source, device, topic: topic.to_owned() }).is_ok();
        if is_told && (self.told.contains_key(&key) || self.told.len() < MOST_STRANGERS) {
            self.told.insert(key, Instant::now());
        }
        true
    }
}
