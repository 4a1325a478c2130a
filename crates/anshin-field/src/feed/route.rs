//! From the values of a topic to readings of the machines that take them.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anshin_monitor::config::{Configuration, Source};
use anshin_monitor::input::Mapper;
use anshin_monitor::payload::Moment;
use anshin_monitor::{Reading, Time, What};

use super::origins::{Origins, Topics};
use super::status::Status;
use super::wrong::{MISSING_AFTER, Wrong};

/// Machines that take the values of a topic, and what is known of these values.
#[derive(Debug, Default)]
pub(super) struct Route {
    pub(super) wanted: Vec<String>,
    /// Those of the wanted ones that no message has had, and how many messages there were.
    unseen: Vec<String>,
    messages: u32,
    /// The source has told all the values that it has.
    pub(super) is_listed: bool,
    /// The unseen values count as missing.
    is_missed: bool,
    /// What is wrong with values and not told yet.
    pub(super) wrong: Vec<Wrong>,
    pub(super) mappers: Vec<(usize, Mapper)>,
    /// Where the values come from, if they are taken from any topic.
    pub(super) origins: Option<Origins>,
    /// Which machines are watched, if not all.
    pub(super) watched: Option<Arc<[AtomicBool]>>,
}

impl Route {
    pub(super) fn new(configuration: &Configuration, source: &Source, topic: Option<&str>) -> Self {
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

    /// For values that are taken from any topic; `topics` are those that they came on before the start.
    pub(super) fn from_any(configuration: &Configuration, source: &Source, topics: Topics) -> Self {
        let origins = Some(Origins::new(configuration, topics));
        Self { origins, ..Self::new(configuration, source, None) }
    }

    /// Notes which values a message has.
    pub(super) fn see(&mut self, has: impl Fn(&str) -> bool, status: &Status) {
        let before = self.unseen.len();
        self.unseen.retain(|name| !has(name));
        if self.is_missed {
            status.missing.fetch_sub((before - self.unseen.len()) as u64, Ordering::Relaxed);
        }
    }

    /// Takes the unseen values for missing, once that is sure and some machine that takes them is watched.
    pub(super) fn miss(&mut self, status: &Status) {
        let is_sure = self.is_listed || self.messages >= MISSING_AFTER;
        if self.is_missed || !is_sure || !self.is_watched() {
            return;
        }
        self.is_missed = true;
        status.missing.fetch_add(self.unseen.len() as u64, Ordering::Relaxed);
        let wrong = if self.is_listed { Wrong::Unlisted } else { Wrong::Missing };
        self.wrong.extend(self.unseen.iter().cloned().map(wrong));
    }

    /// Whether values come on a topic that are taken from any, or it is told that they are of another device.
    pub(super) fn has_seen(&self, topic: &str) -> bool {
        self.origins.as_ref().is_some_and(|origins| origins.has_seen(topic))
    }

    /// Whether some machine that is watched takes what comes.
    pub(super) fn is_watched(&self) -> bool {
        let Some(watched) = &self.watched else { return true };
        self.mappers.iter().any(|(n, _)| watched[*n].load(Ordering::Relaxed))
    }

    /// Takes what a message on a topic that came at `now` says of a moment.
    pub(super) fn take(
        &mut self,
        (topic, moment): (&str, &Moment<'_>),
        (retained, now): (bool, Time),
        (batch, status): (&mut Vec<(usize, Reading)>, &Status),
    ) {
        let wanted = std::mem::take(&mut self.wanted);
        moment.with(&wanted, |values| {
            self.see(|name| values.iter().any(|(known, _)| *known == name), status);
            let time = if retained { now } else { moment.time };
            self.map((Some(topic), time), values, retained, (batch, status));
        });
        self.wanted = wanted;
    }

    /// Counts a message, or an element of one that names its machine.
    pub(super) fn has_read(&mut self, status: &Status) {
        self.messages = self.messages.saturating_add(1);
        self.miss(status);
    }

    /// Takes values of a moment, from a topic if the source has topics.
    pub(super) fn map(
        &mut self,
        (topic, time): (Option<&str>, Time),
        values: &[(&str, &str)],
        retained: bool,
        (batch, status): (&mut Vec<(usize, Reading)>, &Status),
    ) {
        for (n, mapper) in &mut self.mappers {
            if self.watched.as_ref().is_some_and(|watched| !watched[*n].load(Ordering::Relaxed)) {
                continue;
            }
            let own = match (&mut self.origins, topic) {
                (Some(origins), Some(topic)) => origins.own((*n, mapper), topic, values),
                _ => Cow::Borrowed(values),
            };
            let before = mapper.unread();
            mapper.map(time, &own, |reading| {
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
