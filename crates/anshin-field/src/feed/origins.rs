//! Where the values of inputs without a topic come from. The first topic that has brought a value is that of its
//! machine: what another one brings under the same name is of another device.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use anshin_monitor::config::Configuration;
use anshin_monitor::input::Mapper;

/// The topics of values, by the machine and the name of the value.
pub(crate) type Topics = BTreeMap<String, BTreeMap<String, String>>;

/// Where values without a topic of their own have come from.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The ids of the machines.
    machines: Vec<String>,
    topics: Topics,
    /// The topics that bring some of the values.
    bringing: BTreeSet<String>,
    /// A topic has just become that of a value.
    pub(super) is_new: bool,
    /// What came on other topics and is not told yet.
    pub(super) refused: Vec<Refused>,
}

/// A value that came on another topic than before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) machine: String,
    pub(super) value: String,
    /// The topic that it comes on.
    pub(super) own: String,
    /// The one that it came on now.
    pub(super) other: String,
}

impl Origins {
    /// What is known from before the start.
    pub(super) fn new(configuration: &Configuration, topics: Topics) -> Self {
        let machines = configuration.machines.iter().map(|machine| machine.id.to_string()).collect();
        let bringing: BTreeSet<String> = topics.values().flat_map(BTreeMap::values).cloned().collect();
        Self { machines, topics, bringing, is_new: true, refused: Vec::new() }
    }

    /// The topics of the values.
    pub(super) fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Whether it is told already, or about to be, what is on a topic.
    pub(super) fn has_seen(&self, topic: &str) -> bool {
        self.bringing.contains(topic) || self.refused.last().is_some_and(|refused| refused.other == topic)
    }

    /// Those of the values of a topic that are of a machine.
    pub(super) fn own<'v>(
        &mut self,
        (n, mapper): (usize, &Mapper),
        topic: &str,
        values: &'v [(&'v str, &'v str)],
    ) -> Cow<'v, [(&'v str, &'v str)]> {
        let machine = &self.machines[n];
        let is_other = |topics: &Topics, name: &str| {
            topics.get(machine).and_then(|of| of.get(name)).is_some_and(|own| own != topic)
        };
        let mut takes_all = true;
        for (name, text) in values {
            match self.topics.get(machine).and_then(|of| of.get(*name)) {
                Some(own) if own == topic => {}
                Some(own) => {
                    takes_all = false;
                    if mapper.can_read(name, text) {
                        self.refused.push(Refused {
                            machine: machine.clone(),
                            value: (*name).to_owned(),
                            own: own.clone(),
                            other: topic.to_owned(),
                        });
                    }
                }
                None if mapper.can_read(name, text) => {
                    let of = self.topics.entry(machine.clone()).or_default();
                    of.insert((*name).to_owned(), topic.to_owned());
                    self.bringing.insert(topic.to_owned());
                    self.is_new = true;
                }
                None => {}
            }
        }
        if takes_all {
            return Cow::Borrowed(values);
        }
        Cow::Owned(values.iter().filter(|(name, _)| !is_other(&self.topics, name)).copied().collect())
    }
}
