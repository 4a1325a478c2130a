//! How a source is doing, in figures that everybody may look at.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::origins::Topics;
use crate::folder::Troubles;

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
    /// Requests that were refused since a page of another place sent them.
    pub(crate) foreign: AtomicU64,
    /// How often a connection was made.
    pub(crate) connections: AtomicU64,
    /// Whether it works now.
    pub(crate) connected: AtomicBool,
    /// Whether more comes than can be read.
    pub(crate) saturated: AtomicBool,
    /// Where the values come from that are taken from any topic.
    topics: Mutex<Topics>,
}

impl Status {
    /// Where the values come from that are taken from any topic.
    pub(crate) fn topics(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

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
