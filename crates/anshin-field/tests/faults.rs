//! What the world does to a monitor: floods, garbage, messages that are too long.

mod common;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anshin_field::mqtt::packet::{Connect, Packet, Publish, read};
use common::device::Device;
use common::{cycles, machine, start, until};

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
fn values_that_are_no_numbers_or_never_come_are_told_once_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    // The second machine is named by a path that is in no message.
    let another = |id: &str| {
        let machine = machine(&format!("topic: plant/{id},"));
        machine.replace("\nmachines:\n", "").replace("id: robot", &format!("id: {id}"))
    };
    let press = another("press").replace("power.w", "power.watt");
    let mut running = start(folder.path(), &(factory() + &press + &another("lathe")));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for second in 0..30 {
        let message = format!(r#"{{"t":{second},"power":{{"w":"1,{second}"}},"cycle":1}}"#);
        device.publish("plant/robot", &message);
        device.publish("plant/press", &message);
    }
    // The same value is wrong on another topic, which is another matter.
    device.publish("plant/lathe", r#"{"t":0,"power":{"w":"off"},"cycle":1}"#);
    // What is no number is another matter than what cannot be read, and both are told.
    device.publish("plant/robot", "no JSON");
    device.publish("plant/robot", r#"{"t":"soon"}"#);
    running.wait_for_all(&[
        &["value `power.w` of source `line` on topic `plant/robot` is no number (what came: `1,0`)", "`decimal: comma`"],
        &["value `power.w` of source `line` on topic `plant/lathe` is no number (what came: `off`)"],
        &["none of 20 messages of source `line` on topic `plant/press` has a value `power.watt`"],
        &["what comes from source `line` on topic `plant/robot` cannot be read: the message is not in the form"],
        &["what comes from source `line` on topic `plant/robot` cannot be read: the time of the message"],
    ]);
    running.figures(|page| {
        page.contains("anshin_source_no_numbers_total{source=\"line\"} 31\n")
            && page.contains("anshin_source_values_missing{source=\"line\"} 1\n")
            && page.contains("anshin_source_unread_total{source=\"line\"} 2\n")
    });
    // The state tells it at once.
    until("the state tells it", || {
        let state = anshin_field::folder::read_state(folder.path()).unwrap();
        let troubles = state.troubles.get("line");
        troubles.is_some_and(|of| (of.unread, of.no_numbers, of.missing) == (2, 31, 1))
    });
    let seen = running.stop();
    let notes = |part: &str| seen.iter().filter(|line| line.contains(part)).count();
    assert_eq!((notes("is no number"), notes("has a value")), (2, 1), "{seen:#?}");
}

#[test]
fn messages_that_are_too_long_are_counted_and_told_and_nothing_breaks_off() {
    let folder = tempfile::tempdir().unwrap();
    // A broker elsewhere, which is played, and the two doors.
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let far = format!(
        "sources: [ {{ id: far, kind: mqtt, address: \"{}\", topics: \"far/#\" }}, ",
        elsewhere.local_addr().unwrap()
    );
    let mut running = start(folder.path(), &factory().replace("sources: [ ", &far));
    let long = "x".repeat(2 << 20);

    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    device.publish("plant/robot", &long);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["source `line` on topic `plant/robot` cannot be read: the message is too long"]);
    running.wait(&["\"alert\":\"too-slow\"", "raised"]);

    let post = format!("POST /in/door/plant/robot HTTP/1.1\r\nContent-Length: {}\r\n\r\n{long}", long.len());
    let answer = answer(running.http.unwrap(), post.as_bytes());
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
    running.wait(&["source `door` on topic `plant/robot` cannot be read: the message is too long"]);

    let (mut stream, _) = elsewhere.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    packets(&mut stream, &[], 1).expect("it comes");
    packets(&mut stream, &[Packet::ConnAck { session: false, code: 0 }], 8).expect("it asks");
    let publish = |payload, id| {
        Packet::Publish(Publish { topic: "far/camera", payload, qos: 1, retain: false, again: false, id })
    };
    let granted = Packet::SubAck { id: 1, codes: vec![1] };
    for (packet, id) in [(vec![granted, publish(long.as_bytes(), 7)], 7), (vec![publish(b"1", 8)], 8)] {
        let answer = packets(&mut stream, &packet, 4).expect("it has taken it");
        assert_eq!(answer[2..], [0, id], "it goes on behind it");
    }
    running.wait(&["source `far` on topic `far/camera` cannot be read: the message is too long"]);
    running.figures(|page| {
        ["line", "door", "far"]
            .iter()
            .all(|source| page.contains(&format!("anshin_source_unread_total{{source=\"{source}\"}} 1\n")))
    });
    running.stop();
}

/// Sends packets to the broker and reads until one of this kind has come; `None` if the broker closes or
/// says nothing.
fn packets(stream: &mut TcpStream, packets: &[Packet<'_>], kind: u8) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for packet in packets {
        packet.write(&mut bytes);
    }
    // The broker may close before everything is written.
    let _ = stream.write_all(&bytes);
    let mut heard = Vec::new();
    loop {
        while let Some((_, length)) = read(&heard).expect("the broker speaks MQTT") {
            let packet: Vec<u8> = heard.drain(..length).collect();
            if packet[0] >> 4 == kind {
                return Some(packet);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk) {
            Ok(0) => return None,
            Ok(count) => heard.extend_from_slice(&chunk[..count]),
            Err(error) => {
                let nothing = [ErrorKind::ConnectionReset, ErrorKind::WouldBlock, ErrorKind::TimedOut];
                assert!(nothing.contains(&error.kind()), "{error}");
                return None;
            }
        }
    }
}

/// A connection to the broker under a name.
fn client(broker: SocketAddr, name: &str) -> TcpStream {
    let mut stream = TcpStream::connect(broker).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a time-out can be set");
    let connect = Packet::Connect(Connect {
        level: 4,
        client: name,
        clean: true,
        keep_alive: 0,
        will: None,
        user: None,
        password: None,
    });
    packets(&mut stream, &[connect], 2).expect("the broker welcomes it");
    stream
}

#[test]
fn what_a_client_may_fill_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(folder.path(), &factory());
    let broker = running.broker.unwrap();

    // A hundred filters, and no more; one that is known is no new one. Long ones are refused.
    let mut greedy = client(broker, "greedy");
    let names: Vec<String> = (0..110).map(|n| format!("noise/{n}")).collect();
    let long = "x".repeat(2_000);
    let filters = names.iter().chain([&names[3], &long]).map(|name| (name.as_str(), 0)).collect();
    let answer = packets(&mut greedy, &[Packet::Subscribe { id: 1, filters }], 9).expect("an answer");
    let codes = &answer[answer.len() - 112..];
    let refused: Vec<usize> = (0..112).filter(|n| codes[*n] == 0x80).collect();
    assert_eq!(refused, (100..110).chain([111]).collect::<Vec<_>>());

    // Of what is kept, bytes are counted: messages of 16 KB fill it with some two thousand, and one that is
    // forgotten leaves room.
    let mut keeper = client(broker, "keeper");
    let payload = vec![b'x'; 16_000];
    let keep = |topic: &str, payload: &[u8], stream: &mut TcpStream| {
        let message = Publish { topic, payload, qos: 1, retain: true, again: false, id: 7 };
        packets(stream, &[Packet::Publish(message)], 4).expect("it is taken");
    };
    // What is kept comes in the order of topics: this one is the last.
    keep("kept/~", b"1", &mut keeper);
    for n in 0..2_200 {
        keep(&format!("kept/{n}"), &payload, &mut keeper);
    }
    let kept = |topic: &str| {
        let mut asking = client(broker, "asking");
        let ask = [Packet::Subscribe { id: 1, filters: vec![(topic, 0), ("kept/~", 0)] }];
        let first = packets(&mut asking, &ask, 3).expect("the last one is kept");
        first.windows(topic.len()).any(|part| part == topic.as_bytes())
    };
    assert!(kept("kept/0") && kept("kept/1999") && !kept("kept/2199"));
    keep("kept/0", b"", &mut keeper);
    keep("kept/2199", &payload, &mut keeper);
    assert!(!kept("kept/0") && kept("kept/2199"));

    // A topic that is too long ends the conversation.
    let message = Publish { topic: &long, payload: b"1", qos: 1, retain: false, again: false, id: 8 };
    assert_eq!(packets(&mut keeper, &[Packet::Publish(message)], 4), None);
    running.stop();
}

#[test]
fn connections_that_say_nothing_make_room_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &factory());
    let (broker, http) = (running.broker.unwrap(), running.http.unwrap());
    // Half of the room, which is what one address may take; one more is refused, and that is told.
    let mut slow: Vec<TcpStream> = (0..130).map(|_| TcpStream::connect(broker).unwrap()).collect();
    slow.extend((0..60).map(|_| TcpStream::connect(http).unwrap()));
    running.wait_for_all(&[
        &["source `line` has no room", "127.0.0.1 was refused"],
        &["source `door` has no room", "127.0.0.1 was refused"],
    ]);
    // They go on saying a little, which is no packet and no request.
    let ended = Arc::new(AtomicBool::new(false));
    let dripping = {
        let ended = Arc::clone(&ended);
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                for stream in &mut slow {
                    // Those that have been closed say nothing more.
                    let _ = stream.write_all(&[0x10]);
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        })
    };
    until("a device is let in", || {
        let Ok(mut stream) = TcpStream::connect(broker) else { return false };
        stream.set_read_timeout(Some(Duration::from_secs(2))).expect("a time-out can be set");
        let connect = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x00\x00\x02me";
        stream.write_all(connect).is_ok() && stream.read(&mut [0; 4]).is_ok_and(|count| count > 0)
    });
    ended.store(true, Ordering::Relaxed);
    dripping.join().unwrap();
    running.figures(|page| !page.contains("anshin_source_refused_total{source=\"line\"} 0"));
    running.stop();
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

#[test]
fn one_message_from_the_future_makes_nobody_silent() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &factory());
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    let messages = cycles();
    let (first, rest) = messages.split_at(18);
    let told = |count: usize| format!("anshin_source_messages_total{{source=\"line\"}} {count}");
    for message in first {
        device.publish("plant/robot", message);
    }
    device.publish("plant/robot", r#"{"t":4070908800,"power":{"w":1800},"cycle":4}"#);
    running.figures(|page| page.contains(&told(19)));
    for message in rest {
        device.publish("plant/robot", message);
    }
    running.wait(&["\"alert\":\"too-slow\"", "raised"]);
    let seen = running.stop();
    assert!(!seen.iter().any(|line| line.contains("silent") || line.contains("2099")), "{seen:#?}");
    // Nobody knows how long the first cycle had run when the robot was first heard.
    let unreliable: Vec<&String> = seen.iter().filter(|line| line.contains("unreliable")).collect();
    assert!(matches!(*unreliable, [line] if line.contains("missing-start")), "{unreliable:#?}");
}

#[test]
fn events_whose_clock_is_far_behind_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &factory().replace("hold-back: 0", "hold-back: 2"));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for second in 0..300 {
        let moment = 1_000 + second;
        device.publish("plant/robot", &format!(r#"{{"t":{moment},"power":{{"w":1800}}}}"#));
        if second % 20 == 19 {
            let (behind, cycle) = (moment - 30, second / 20);
            device.publish("plant/robot", &format!(r#"{{"t":{behind},"cycle":{cycle}}}"#));
        }
    }
    let note = running.wait(&["events come about 30.0 s behind the meter"]);
    assert!(note.contains("`offset: -30.0`") && note.contains("`hold-back: 31`"), "{note}");
    running.stop();
    let log = std::fs::read_to_string(folder.path().join("alerts.jsonl")).unwrap();
    assert!(log.contains(r#""type":"late""#) && log.contains(r#""seconds":30.0"#), "{log}");
}
