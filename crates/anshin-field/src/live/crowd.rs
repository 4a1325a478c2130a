//! Devices of a source that nobody knows, where they are too many to be told one by one: they are counted, and told
//! together.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use anshin_monitor::Time;
use anshin_monitor::judge;

use crate::feed::{GONE, MOST_STRANGERS};

/// Unknown devices of a source that are told one by one.
pub(super) const MOST_ALONE: usize = 5;

/// How long those are counted that come at once before they are told.
const SETTLES: Duration = Duration::from_secs(3);

/// How many are named.
const NAMED: usize = 3;

/// Many devices that nobody knows.
#[derive(Debug)]
pub(super) struct Crowd {
    /// When the first of them was heard.
    pub(super) since: Time,
    began: Instant,
    /// It has been told.
    pub(super) is_told: bool,
    /// When each was heard last, by the hash of its name.
    heard: BTreeMap<u64, Instant>,
    hasher: RandomState,
    /// When one was heard for which there was no room.
    other: Option<Instant>,
    newest: VecDeque<String>,
    /// It has grown since that was asked last.
    has_grown: bool,
}

impl Crowd {
    pub(super) fn new(since: Time) -> Self {
        Self {
            since,
            began: Instant::now(),
            is_told: false,
            heard: BTreeMap::new(),
            hasher: RandomState::new(),
            other: None,
            newest: VecDeque::new(),
            has_grown: false,
        }
    }

    /// One of them speaks, on a topic.
    pub(super) fn hear(&mut self, device: &str, topic: String) {
        let (key, now) = (self.hasher.hash_one(device), Instant::now());
        if let Some(heard) = self.heard.get_mut(&key) {
            *heard = now;
            return;
        }
        self.has_grown = true;
        if self.heard.len() < MOST_STRANGERS - MOST_ALONE {
            self.heard.insert(key, now);
        } else {
            self.other = Some(now);
        }
        if !self.newest.contains(&topic) {
            self.newest.push_front(topic);
            self.newest.truncate(NAMED);
        }
    }

    /// Whether it has grown since this was asked last.
    pub(super) fn has_grown(&mut self) -> bool {
        std::mem::take(&mut self.has_grown)
    }

    /// Whether it is to be told.
    pub(super) fn is_due(&self) -> bool {
        !self.is_told && self.began.elapsed() >= SETTLES
    }

    /// Whether none of them has spoken for long.
    pub(super) fn is_gone(&self) -> bool {
        self.heard.values().chain(&self.other).all(|heard| heard.elapsed() > GONE)
    }

    /// As people are told of it.
    pub(super) fn told(&self) -> judge::Crowd {
        let newest = self.newest.iter().cloned().collect();
        judge::Crowd { devices: self.heard.len(), or_more: self.other.is_some(), newest }
    }
}
