//! Any bytes as what a broker or a device sends over MQTT or NATS: packets, subjects, messages, Sparkplug B;
//! and as what a first configuration is guessed from.

#![no_main]

use anshin_field::mqtt::packet;
use anshin_field::sparkplug::Nodes;
use anshin_monitor::config::Source;
use anshin_monitor::propose::{self, Broker, Found, Seen};
use anshin_monitor::{Time, config, payload, subject};
use libfuzzer_sys::fuzz_target;

const GOOD: &str = r#"
anshin-monitor: 1
sources:
  - { id: json, kind: mqtt, time: { column: t.0, form: milliseconds }, topic: p.q }
  - { id: rows, kind: mqtt, payload: csv, columns: [t, p], time: t, topic: p, delimiter: ";" }
  - { id: plain, kind: http, payload: plain }
  - { id: list, kind: http, list: p.l, time: t, topic: p.q }
machines:
  - { id: m, cycle: { by: events }, input: [ { from: json, take: p.q, is: power } ] }
"#;

fn sources() -> Vec<Source> {
    config::load("good.yaml", GOOD).configuration.expect("it is right").sources
}

fuzz_target!(|bytes: &[u8]| {
    // A packet that is read can be written, and is then read as the same.
    let mut rest = bytes;
    while let Ok(Some((read, length))) = packet::read(rest) {
        let mut written = Vec::new();
        read.write(&mut written);
        if !matches!(&read, packet::Packet::Connect(connect) if connect.level > 4) {
            let (again, _) = packet::read(&written).expect("it is a packet").expect("it is whole");
            assert_eq!(read, again);
        }
        rest = &rest[length..];
    }
    // One that is too long is not read, and what is passed over of it is longer than what is read.
    if let Some(long) = packet::too_long(bytes) {
        assert!(packet::read(bytes).is_err());
        assert!(long.length > packet::MOST_BYTES);
        assert!(long.head.is_none_or(|head| head.topic.len() < bytes.len()));
    }
    let now = Time::from_seconds(1e9);
    let mut nodes = Nodes::default();
    for topic in ["spBv1.0/g/NBIRTH/n", "spBv1.0/g/NDATA/n", "spBv1.0/g/DDATA/n/d"] {
        let _ = nodes.read(topic, bytes, now);
    }
    thread_local!(static SOURCES: Vec<Source> = sources());
    SOURCES.with(|sources| {
        for source in sources {
            let wanted = ["p", "p.q", "value"].map(str::to_owned);
            let _ = payload::read(source, bytes, now, |moment| {
                assert_ne!(moment.topic().as_deref(), Some(""));
                moment.with(&wanted, |_| ());
            });
        }
    });
    // Whatever a broker says, the configuration that is proposed can be read.
    let mut seen = Seen::default();
    seen.message(bytes, now);
    let topic = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    let broker = Broker { address: "h:1".to_owned(), stream: None, topics: [(topic, seen)].into() };
    let found = Found { brokers: vec![broker], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(anshin_model::Lang::Ja).to_owned());
    assert!(config::load("proposed.yaml", &text).configuration.is_some(), "{text}");
    let (filter, topic) = bytes.split_at(bytes.len() / 2);
    if let (Ok(filter), Ok(topic)) = (std::str::from_utf8(filter), std::str::from_utf8(topic)) {
        packet::fits(filter, topic);
        if subject::is_subject(topic) && subject::is_filter(filter) {
            assert_eq!(subject::fits(filter, topic), subject::meet(filter, topic));
        }
    }
});
