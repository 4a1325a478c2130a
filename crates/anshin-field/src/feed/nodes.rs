//! What nodes of Sparkplug say, and those that are to tell everything again.

use std::time::{Duration, Instant};

use anshin_monitor::Time;
use anshin_monitor::payload::Unread;

use super::Feed;
use super::known::is_within;
use crate::sparkplug;

/// Sparkplug nodes that are asked to tell everything again, at most.
const MOST_REBIRTHS: usize = 1_000;

/// Time between two such questions to a node.
const BETWEEN_REBIRTHS: Duration = Duration::from_secs(30);

impl Feed {
    pub(super) fn sparkplug(&mut self, topic: &str, bytes: &[u8], now: Time) -> Result<(), Unread> {
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
        let device = said.device.as_str();
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
                route.map((Some(device), *time), &values, said.birth, (&mut self.batch, &self.status));
            }
        }
        self.tell_wrong(Some(device));
        self.tell_wrong(None);
        let is_strange = self.is_strange(device);
        self.tell_origins();
        if speaks && is_strange {
            self.stranger(device);
        }
        Ok(())
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
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MACHINE, feeds, missing, notes, strangers};
    use super::*;

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
}
