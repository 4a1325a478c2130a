//! Which topics of a broker are no news.

use std::collections::BTreeSet;
use std::sync::Arc;

use anshin_monitor::config::{Configuration, Payload, Source, SourceKind};
use anshin_monitor::subject;

use super::sister;
use super::status::Status;
use crate::mqtt::packet::fits;

/// Topics that are no news, from all sources that listen to one broker.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Number of the first of these sources; it stands for the broker.
    pub(super) first: usize,
    /// Values that machines take from whatever topic brings them first, and that nobody has brought yet.
    free: Vec<Free>,
    topics: BTreeSet<String>,
    /// The names of the devices whose topics these are.
    devices: BTreeSet<Vec<String>>,
    /// Filters of topics that no machine takes.
    ignore: Vec<String>,
    /// Filters of topics whose messages other sources read in their own way: by what stands in them, or by the
    /// topic where ours are read by that.
    elsewhere: Vec<String>,
    /// Messages tell by what stands in them of which machine they are.
    in_messages: bool,
    /// They are subjects of NATS.
    subjects: bool,
}

/// A value that a machine takes from the first topic which brings it.
#[derive(Debug)]
struct Free {
    machine: String,
    value: String,
    /// How the source is doing that it comes from.
    status: Arc<Status>,
}

impl Free {
    /// The topic that has brought it.
    fn topic(&self) -> Option<String> {
        self.status.topics().get(&self.machine).and_then(|of| of.get(&self.value)).cloned()
    }
}

impl Known {
    /// What is known at the broker of a source, by its number; `statuses` are those of all sources.
    pub(super) fn new(configuration: &Configuration, number: usize, statuses: &[Arc<Status>]) -> Self {
        let source = &configuration.sources[number];
        let is_beside = |n: &usize| {
            let other = &configuration.sources[*n];
            let at = |source: &Source| (source.kind, source.address.clone(), source.stream.clone());
            let is_shared = matches!(source.kind, SourceKind::Mqtt | SourceKind::Nats);
            *n == number || is_shared && at(other) == at(source)
        };
        let (subjects, in_messages) = (source.kind == SourceKind::Nats, source.topic.is_some());
        let all = if subjects { ">" } else { "#" };
        let mut known = Self { first: number, subjects, in_messages, ..Self::default() };
        for n in (0..configuration.sources.len()).filter(is_beside) {
            let other = &configuration.sources[n];
            known.first = known.first.min(n);
            known.ignore.extend(other.ignore.iter().cloned());
            // What a source of Sparkplug hears, the others hear undecoded.
            if other.payload == Payload::Sparkplug && source.payload != Payload::Sparkplug {
                known.ignore.push("spBv1.0/#".to_owned());
            }
            if other.topic.is_some() && !in_messages {
                known.elsewhere.extend(other.topics.iter().cloned());
                continue;
            }
            let inputs = configuration
                .machines
                .iter()
                .flat_map(|machine| machine.inputs.iter().map(move |input| (machine, input)));
            for (machine, input) in inputs.filter(|(_, input)| input.from == other.id) {
                match &input.topic {
                    topic if in_messages && other.topic.is_none() => {
                        known.elsewhere.push(topic.clone().unwrap_or_else(|| all.to_owned()));
                    }
                    Some(topic) => known.add(topic.clone()),
                    None => known.free.extend(input.take.iter().map(|value| Free {
                        machine: machine.id.to_string(),
                        value: value.clone(),
                        status: Arc::clone(&statuses[n]),
                    })),
                }
            }
        }
        known
    }

    /// A topic that some machine takes.
    pub(super) fn add(&mut self, topic: String) {
        if !self.in_messages {
            self.devices.extend(sister::device(&topic, self.separator()));
        }
        self.topics.insert(topic);
    }

    /// Learns which topics have brought what machines take from any of them.
    pub(super) fn learn(&mut self) {
        for free in std::mem::take(&mut self.free) {
            match free.topic() {
                Some(topic) => self.add(topic),
                None => self.free.push(free),
            }
        }
    }

    /// Whether some machine still takes what another topic brings.
    pub(super) fn is_waiting(&mut self) -> bool {
        self.learn();
        !self.free.is_empty()
    }

    fn separator(&self) -> char {
        if self.subjects { '.' } else { '/' }
    }

    /// What names the device that speaks on a topic, the same on all its topics.
    pub(super) fn device(&self, topic: &str) -> String {
        let separator = self.separator();
        let levels = if self.in_messages { None } else { sister::device(topic, separator) };
        levels.map_or_else(|| topic.to_owned(), |levels| levels.join(&separator.to_string()))
    }

    /// Whether it is one of the topics, or what some of them are parts of, such as a node of Sparkplug, or one on
    /// which a device speaks of other things whose topic is known.
    pub(super) fn holds(&self, topic: &str) -> bool {
        self.topics.iter().any(|known| is_within(topic, known))
            || !self.in_messages && self.is_of_known_device(topic)
            || self.ignores(topic)
            || !self.in_messages && self.is_read_elsewhere(topic)
    }

    fn is_of_known_device(&self, topic: &str) -> bool {
        let separator = self.separator();
        let is_below = |known: &String| {
            let rest = topic.strip_prefix(known.as_str());
            known.contains(separator) && rest.is_some_and(|rest| rest.starts_with(separator))
        };
        self.topics.iter().any(is_below)
            || sister::device(topic, separator).is_some_and(|device| self.devices.contains(&device))
    }

    /// Whether it is a topic that no machine takes.
    pub(super) fn ignores(&self, topic: &str) -> bool {
        self.fits_any(&self.ignore, topic)
    }

    /// Whether another source reads in its own way what comes on a topic.
    pub(super) fn is_read_elsewhere(&self, topic: &str) -> bool {
        self.fits_any(&self.elsewhere, topic)
    }

    fn fits_any(&self, filters: &[String], topic: &str) -> bool {
        let fits = if self.subjects { subject::fits } else { fits };
        filters.iter().any(|filter| fits(filter, topic))
    }
}

/// Whether a topic is another one, or lies below it.
pub(super) fn is_within(whole: &str, topic: &str) -> bool {
    topic.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
