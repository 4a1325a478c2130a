//! A source that is an `MTConnect` agent: what is so now, then what has changed since.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use anshin_monitor::Time;
use anshin_monitor::recording::AgentClock;

use crate::connection::{self, Stop};
use crate::feed::{Feed, count};
use crate::http;
use crate::trouble::{self, trouble};

/// Most observations that are asked for at once.
const MOST: u32 = 1_000;

/// Asks an agent until it is time to go.
pub(crate) fn run(feed: &mut Feed, _password: Option<&str>, stop: &Stop) {
    connection::keep_up(feed, stop, |feed| talk(feed, stop));
}

fn talk(feed: &mut Feed, stop: &Stop) -> io::Result<()> {
    let source = feed.source().clone();
    let address = source.address.as_deref().unwrap_or_default();
    let tls = feed.tls().cloned();
    let get = |path: &str| -> io::Result<Streams> {
        let (code, body) = http::ask((address, tls.as_ref()), "GET", path, None, "text/plain", &[])?;
        let text = String::from_utf8_lossy(&body);
        let streams = read(&text).map_err(|why| unreadable(&why))?;
        if code == 200 { Ok(streams) } else { Err(refused(code)) }
    };
    let now = get("/current")?;
    let (instance, mut next) = (now.instance.clone(), now.next);
    feed.connected();
    stand(feed, &now);
    let mut clock = AgentClock::default();
    while !stop.is_set() {
        let streams = get(&format!("/sample?from={next}&count={MOST}"))?;
        if streams.instance != instance {
            return Err(trouble(
                io::ErrorKind::ConnectionReset,
                "エージェントが再起動しました",
                "the agent was started anew",
            ));
        }
        let full = streams.observations.len() >= MOST as usize;
        next = streams.next;
        take(feed, &mut clock, streams);
        feed.still_full(full);
        if !full {
            stop.wait(Duration::from_secs_f64(source.every));
        }
    }
    Ok(())
}

/// Takes how things stand. Each observation has the time of its last change, which may be long ago: it
/// holds when the agent answers.
fn stand(feed: &mut Feed, streams: &Streams) {
    let newest = streams.observations.iter().filter_map(|one| one.time).max();
    if let Some(time) = streams.created.or(newest) {
        for one in &streams.observations {
            feed.standing(time, &[(&one.id, &one.value), (&one.name, &one.value)]);
        }
    }
    feed.flush();
    // Of a data item that has no value, too, an agent tells that.
    let names = streams.observations.iter().flat_map(|one| [one.id.as_str(), one.name.as_str()]);
    let names: BTreeSet<&str> = names.collect();
    feed.lists(|name| names.contains(name));
}

fn take(feed: &mut Feed, clock: &mut AgentClock, streams: Streams) {
    for one in streams.observations {
        match one.time.map(|time| clock.time(&one.id, &one.value, time)) {
            // An input may name the data item by its id or by its name.
            Some(time) => feed.values(time, &[(&one.id, &one.value), (&one.name, &one.value)]),
            None => count(&feed.status().unread),
        }
    }
    feed.flush();
}

/// That an agent answers with an error.
pub(crate) fn refused(code: u16) -> io::Error {
    trouble::malformed(
        format!("エージェントがエラーを返しました（{code}）"),
        format!("the agent answers {code}"),
    )
}

/// That what an agent answers cannot be read.
pub(crate) fn unreadable(why: &str) -> io::Error {
    trouble::malformed(
        format!("エージェントの応答を読めません（{why}）"),
        format!("the agent's answer cannot be read ({why})"),
    )
}

/// What an agent answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Streams {
    /// Number of the agent's run.
    pub instance: String,
    /// When the agent answered; `None` if that cannot be read.
    pub created: Option<Time>,
    /// Number of the observation that comes next.
    pub next: u64,
    /// Observations, in the order of their numbers.
    pub observations: Vec<Observation>,
}

/// A value of a data item.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Its number.
    pub sequence: u64,
    /// Id of the data item.
    pub id: String,
    /// Name of the data item; empty if it has none.
    pub name: String,
    /// When it was so; `None` if that cannot be read.
    pub time: Option<Time>,
    /// The value. Of a condition it is the state, such as Normal or Fault.
    pub value: String,
}

/// Reads an answer of an agent.
///
/// # Errors
/// Why it is no streams document; an error that the agent tells, in its own words.
pub fn read(text: &str) -> Result<Streams, String> {
    let document = roxmltree::Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if root.tag_name().name() == "MTConnectError" {
        let error = root.descendants().find(|node| node.tag_name().name() == "Error");
        let text = error.and_then(|error| error.text()).unwrap_or_default().trim();
        return Err(format!("the agent says: {}", text.chars().take(200).collect::<String>()));
    }
    let header = root.children().find(|node| node.tag_name().name() == "Header");
    let header = header.ok_or("the answer has no header")?;
    let next = header.attribute("nextSequence").and_then(|next| next.parse().ok());
    let next = next.ok_or("the answer does not tell which observation comes next")?;
    let instance = header.attribute("instanceId").unwrap_or_default().to_owned();
    let created = header.attribute("creationTime").and_then(|time| Time::parse(time).ok());
    let groups = root
        .descendants()
        .filter(|node| matches!(node.tag_name().name(), "Samples" | "Events" | "Condition"));
    let mut observations: Vec<Observation> = groups
        .flat_map(|group| group.children().filter(roxmltree::Node::is_element))
        .filter_map(|node| {
            let is_condition = node.parent().is_some_and(|group| group.tag_name().name() == "Condition");
            let value = if is_condition { node.tag_name().name() } else { node.text().unwrap_or_default() };
            Some(Observation {
                sequence: node.attribute("sequence")?.parse().ok()?,
                id: node.attribute("dataItemId")?.to_owned(),
                name: node.attribute("name").unwrap_or_default().to_owned(),
                time: node.attribute("timestamp").and_then(|time| Time::parse(time).ok()),
                value: value.trim().to_owned(),
            })
        })
        .collect();
    observations.sort_by_key(|one| one.sequence);
    Ok(Streams { instance, created, next, observations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_come_in_order_and_errors_in_the_agents_words() {
        let text = r#"<?xml version="1.0"?>
<MTConnectStreams xmlns="urn:mtconnect.org:MTConnectStreams:2.0"><Header instanceId="7" nextSequence="12"/>
<Streams><DeviceStream name="M"><ComponentStream component="Path">
<Samples><Wattage dataItemId="w" sequence="11" timestamp="2026-04-01T08:00:01Z">250.5</Wattage></Samples>
<Events><Execution dataItemId="e" name="exec" sequence="10" timestamp="2026-04-01T08:00:00Z">ACTIVE</Execution></Events>
<Condition><Fault dataItemId="c" sequence="9" timestamp="soon">hot</Fault></Condition>
</ComponentStream></DeviceStream></Streams></MTConnectStreams>"#;
        let streams = read(text).unwrap();
        assert_eq!((streams.instance.as_str(), streams.next), ("7", 12));
        let all: Vec<_> =
            streams.observations.iter().map(|o| (o.id.as_str(), o.name.as_str(), o.value.as_str())).collect();
        assert_eq!(all, [("c", "", "Fault"), ("e", "exec", "ACTIVE"), ("w", "", "250.5")]);
        assert!(streams.observations[0].time.is_none());
        let error = "<MTConnectError><Errors><Error errorCode='OUT_OF_RANGE'>'from' must be greater</Error></Errors></MTConnectError>";
        assert_eq!(read(error), Err("the agent says: 'from' must be greater".to_owned()));
        assert!(read("<a/>").is_err() && read("no").is_err());
    }

    #[test]
    fn what_stands_for_hours_counts_as_of_when_the_agent_answers() {
        let factory = r#"
anshin-monitor: 1
sources: [ { id: line, kind: mtconnect, address: "localhost:5000" } ]
machines: [ { id: mill, cycle: { by: running }, input: [ { from: line, take: e, is: running, when: ACTIVE }, { from: line, take: W, is: power } ] } ]
"#;
        let configuration = anshin_monitor::config::load("factory.yaml", factory).configuration.unwrap();
        let (sender, events) = std::sync::mpsc::sync_channel(10);
        let mut feed = Feed::new(&configuration, 0, sender, &[std::sync::Arc::default()]);
        let text = r#"<MTConnectStreams><Header nextSequence="2" creationTime="2026-04-01T13:00:00Z"/><Streams><Events>
<Execution dataItemId="e" sequence="1" timestamp="2026-04-01T08:00:00Z">ACTIVE</Execution></Events></Streams></MTConnectStreams>"#;
        stand(&mut feed, &read(text).unwrap());
        let Ok(crate::feed::Event::Readings(readings)) = events.try_recv() else { panic!("nothing came") };
        assert_eq!(readings[0].1.time, Time::parse("2026-04-01T13:00:00Z").unwrap());
        // An agent lists whatever it has, so it is told at once that it has no `W`.
        let Ok(crate::feed::Event::Note(note)) = events.try_recv() else { panic!("nothing was told") };
        assert_eq!(
            note.get(anshin_model::Lang::En),
            "source `line` has listed all its values, and `W` is none of them; check the name in `take` of the configuration"
        );
    }
}
