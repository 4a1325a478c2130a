//! What the world does to a monitor: floods, garbage, messages that are too long.

mod common;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use common::{Device, cycles, machine, start};

fn factory() -> String {
    let time = "time: { column: t, form: seconds }";
    format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt, {time} }}, {{ id: door, kind: http, {time} }} ]{}",
        machine("topic: plant/robot,")
    )
}

/// Sends bytes and reads what comes back until the other side closes.
fn answer(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a time-out can be set");
    // The other side may close before everything is written; what it says counts.
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    if let Err(error) = stream.read_to_end(&mut heard) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "the other side closes");
    }
    String::from_utf8_lossy(&heard).into_owned()
}

#[test]
fn garbage_and_messages_that_are_too_long_harm_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &factory());
    let (broker, http) = (running.broker.unwrap(), running.http.unwrap());
    let mut device = Device::connect(broker, "robot", None);
    let messages = cycles();
    let (first, rest) = messages.split_at(messages.len() / 2);
    for message in first {
        device.publish("plant/robot", message);
    }

    // To the broker: no MQTT at all, a message of 256 MB, and an HTTP request.
    for bytes in [&[0xFF; 4096][..], &[0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 0], b"GET / HTTP/1.1\r\n\r\n"] {
        assert_eq!(answer(broker, bytes), "", "the connection is closed without a word");
    }
    // To the door: a body of 256 MB, a head without end, and no HTTP.
    let body = b"POST /in/door/plant/robot HTTP/1.1\r\nContent-Length: 268435456\r\n\r\n{";
    let head = [b"GET /".as_slice(), &vec![b'a'; 1 << 17]].concat();
    for bytes in [body.as_slice(), &head, b"\0\0\r\n\r\n"] {
        let heard = answer(http, bytes);
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
    }
    // On the topic: no JSON, JSON nested a hundred thousand deep, numbers that are none.
    let deep = "[".repeat(100_000);
    for message in ["\u{0}\u{1}", &deep, r#"{"t":"never","power":{"w":"much"}}"#, r#"{"t":1e999}"#] {
        device.publish("plant/robot", message);
    }
    for message in rest {
        device.publish("plant/robot", message);
    }
    running.wait(&["\"alert\":\"too-slow\"", "raised"]);
    let seen = running.stop();
    let raised: Vec<&String> = seen.iter().filter(|line| line.contains("\"raised\"")).collect();
    let is_right = |line: &&String| line.contains("too-slow") || line.contains("takes-too-much");
    assert!(raised.iter().all(is_right), "{raised:#?}");
}

#[test]
fn a_device_that_floods_keeps_nobody_from_being_heard_or_judged_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &factory());
    let broker = running.broker.unwrap();
    let mut robot = Device::connect(broker, "robot", None);
    let flood = std::thread::spawn(move || {
        let mut device = Device::connect(broker, "flood", None);
        let until = Instant::now() + Duration::from_secs(3);
        let mut poured = 0_u64;
        while Instant::now() < until && device.pour("plant/noise", r#"{"t":900,"power":{"w":1}}"#, 1_000) {
            poured += 1_000;
        }
        poured
    });
    running.wait(&["\"alert\":\"unknown-device\"", "plant/noise", "raised"]);
    // Another device gets its answers meanwhile.
    for _ in 0..20 {
        robot.publish("plant/noise", "{}");
    }
    let poured = flood.join().unwrap();
    assert!(poured > 0);
    // What runs in an overload is doubtful until a while after it. All that was poured comes first.
    let messages = |page: &str| -> u64 {
        let of_line =
            page.lines().find_map(|line| line.strip_prefix("anshin_source_messages_total{source=\"line\"} "));
        of_line.and_then(|count| count.parse().ok()).expect("a count")
    };
    running.figures(|page| messages(page) >= poured);
    running.figures(|page| page.contains("anshin_source_overloaded{source=\"line\"} 0"));
    for message in cycles() {
        robot.publish("plant/robot", &message);
    }
    running.wait(&["\"alert\":\"too-slow\"", "raised"]);
    let seen = running.stop();
    let raised: Vec<&String> = seen.iter().filter(|line| line.contains("\"raised\"")).collect();
    let expected = ["unknown-device", "overload", "too-slow", "takes-too-much"];
    for line in &raised {
        assert!(expected.iter().any(|alert| line.contains(alert)), "{line}");
    }
    for alert in expected {
        assert!(raised.iter().filter(|line| line.contains(alert)).count() <= 1, "{raised:#?}");
    }
}
