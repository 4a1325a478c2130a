//! Devices that nobody knows, each told once in a while.

use std::collections::BTreeMap;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::known::Known;
use super::status::{Status, count};
use super::{Event, GONE};

/// Unknown devices that are told of one source at a time, at most.
pub(super) const MOST_STRANGERS: usize = 100;

/// Time after which it is told again that an unknown device speaks.
const BETWEEN_STRANGERS: Duration = Duration::from_secs(30);

/// Devices of a source that nobody knows.
#[derive(Debug)]
pub(super) struct Strangers {
    /// What is known at the broker, and what is no news there.
    pub(super) known: Known,
    /// Those that were told by their topics, and when.
    pub(super) told: BTreeMap<String, Instant>,
}

impl Strangers {
    pub(super) fn new(known: Known) -> Self {
        Self { known, told: BTreeMap::new() }
    }

    /// Counts what no machine takes, and tells of its device if that is news.
    pub(super) fn meet(&mut self, topic: &str, (out, status): (&SyncSender<Event>, &Status)) {
        count(&status.unknown);
        if self.told.len() >= MOST_STRANGERS {
            self.told.retain(|_, told| told.elapsed() <= GONE);
        }
        let is_news = match self.told.get(topic) {
            Some(told) => told.elapsed() > BETWEEN_STRANGERS,
            None => self.told.len() < MOST_STRANGERS && !self.known.holds(topic),
        };
        // If the live run is busy, the next message tells it.
        if is_news && out.try_send(Event::Stranger(self.known.first, topic.to_owned())).is_ok() {
            self.told.insert(topic.to_owned(), Instant::now());
        }
    }
}
