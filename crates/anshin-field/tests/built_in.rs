//! The monitor with what it brings along: its broker, its door for messages, its folder.

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anshin_field::folder::{self, Request};
use anshin_field::mqtt::packet::{Connect, Packet, Publish};
use anshin_monitor::judge::AlertKind;
use common::device::Device;
use common::{cycles, machine, request, start, start_held_up, until};

const TIME: &str = "time: { column: t, form: seconds }";

fn broker(more: &str) -> String {
    format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt, {TIME}{more} }} ]{}",
        machine("topic: plant/robot,")
    )
}

#[test]
fn messages_to_the_broker_become_cycles_and_an_alert_that_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &broker(", ignore: office/#"));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    device.publish("plant/unknown", "{}");
    device.publish("plant/unknown", "{}");
    device.publish("office/printer", "{}");
    device.publish("plant/robot", "no JSON");
    let alert = running.wait(&["\"alert\":\"too-slow\"", "raised"]);
    assert!(
        alert.contains("\"deviation\":0.5") && alert.contains("\"since\":\"1970-01-01T00:18:40.000Z\""),
        "{alert}"
    );
    running.wait(&["takes-too-much"]);
    folder::ask(
        folder.path(),
        &Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: Some("too-slow".to_owned()),
            since: Some(anshin_monitor::Time::from_seconds(1_120.0)),
            by: "Sato".to_owned(),
            note: Some("belt".to_owned()),
            asked: None,
        },
    )
    .unwrap();
    // One that somebody has seen of an earlier alert does not hit a newer one of its kind.
    let earlier = Request::Acknowledge {
        machine: "robot".to_owned(),
        alert: Some("takes-too-much".to_owned()),
        since: Some(anshin_monitor::Time::from_seconds(1_000.0)),
        by: "Sato".to_owned(),
        note: None,
        asked: None,
    };
    folder::ask(folder.path(), &earlier).unwrap();
    running
        .wait(&["`robot`: acknowledge `takes-too-much` (asked by Sato): not done, this alert is not open"]);
    // The first who has acknowledged an alert has done so.
    let second = Request::Acknowledge {
        machine: "robot".to_owned(),
        alert: Some("too-slow".to_owned()),
        since: Some(anshin_monitor::Time::from_seconds(1_120.0)),
        by: "Tanaka".to_owned(),
        note: None,
        asked: None,
    };
    folder::ask(folder.path(), &second).unwrap();
    running.wait(&[
        "`robot`: acknowledge `too-slow` (asked by Tanaka): not done, it is acknowledged already (Sato, ",
        ": belt)",
    ]);
    folder::ask(
        folder.path(),
        &Request::Acknowledge {
            machine: "press".to_owned(),
            alert: None,
            since: None,
            by: "Sato".to_owned(),
            note: None,
            asked: None,
        },
    )
    .unwrap();
    running.wait(&[
        "`press`: acknowledge all alerts (asked by Sato): not done, the configuration has no such machine",
    ]);
    let page = running.page("/metrics");
    for line in [
        "anshin_source_messages_total{source=\"line\"} 38",
        "anshin_source_unread_total{source=\"line\"} 1",
        "anshin_source_unknown_total{source=\"line\"} 3",
        "anshin_alert_open{machine=\"robot\",alert=\"too-slow\"} 1",
        "anshin_machine_cycles_total{machine=\"robot\"} 7",
        // Nobody saw the first cycle begin, so what it took stands apart.
        "anshin_machine_taken_total{machine=\"robot\",unit=\"Wh\"} 65\n",
        "anshin_machine_taken_doubtful_total{machine=\"robot\",unit=\"Wh\"} 10\n",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
    running.stop();
    let state = folder::read_state(folder.path()).unwrap();
    assert_eq!(state.acknowledged["robot"], ["too-slow"]);
    let who = &state.acknowledgements["robot"]["too-slow"];
    assert_eq!((who.by.as_str(), who.note.as_deref()), ("Sato", Some("belt")));
    let seen = |state: &folder::Saved| {
        let alerts = state.shown["robot"].alerts.iter();
        alerts.map(|alert| (alert.account.alert.clone(), alert.acknowledged.clone())).collect::<Vec<_>>()
    };
    let expected = [("takes-too-much".to_owned(), None), ("too-slow".to_owned(), Some(who.clone()))];
    assert!(expected.iter().all(|one| seen(&state).contains(one)), "{:?}", seen(&state));
    let evidence = folder::evidence(folder.path()).unwrap();
    assert_eq!(evidence.machines["robot"].acknowledged, [("too-slow".to_owned(), who.clone())]);
    let log = fs::read_to_string(folder.path().join("alerts.jsonl")).unwrap();
    assert!(log.contains("\"request\":\"acknowledge\"") && log.contains("\"by\":\"Sato\""), "{log}");
    let strangers: Vec<&str> = log.lines().filter(|line| line.contains("unknown-device")).collect();
    assert_eq!(strangers.len(), 1, "told once, and not of what is ignored: {strangers:#?}");
    assert!(strangers[0].contains("\"device\":\"plant/unknown\"") && strangers[0].contains("raised"));
    let cycles_of_day = fs::read_to_string(folder.path().join("history/1970-01-01.jsonl")).unwrap();
    assert_eq!(cycles_of_day.lines().count(), 7);

    // The reference is known from before: the very next whole cycles are healthy, and the alert ends.
    let mut running = start(folder.path(), &broker(""));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles().iter().take(20) {
        device.publish("plant/robot", message);
    }
    let again = folder::read_state(folder.path()).unwrap();
    assert_eq!(again.acknowledgements, state.acknowledgements, "it is known who has seen it after a restart");
    running.wait(&["\"type\":\"cycle\"", "healthy"]);
    running.wait(&["too-slow", "cleared"]);
    assert!(running.stop().iter().all(|line| !line.contains("\"raised\"")));
    assert!(folder::read_state(folder.path()).unwrap().acknowledged.is_empty());
}

/// A second device that comes later, and whose values have the same name as those of the first.
#[test]
fn a_second_plug_is_told_and_its_values_are_not_those_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let configuration =
        format!("anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt, {TIME} }} ]{}", machine(""));
    let mut running = start(folder.path(), &configuration);
    let mut device = Device::connect(running.broker.unwrap(), "plug", None);
    let messages = cycles();
    for (n, message) in messages.iter().enumerate() {
        device.publish("plant/robot", message);
        if n > 5 {
            device.publish("plant/mill", &message.replace("1800", "20").replace("\"cycle\":", "\"cycle\":9"));
        }
    }
    running.wait_for_all(&[
        &["unknown-device", "raised", "\"device\":\"plant/mill\""],
        &["Write `topic: plant/robot` or `topic: plant/mill` in `input`"],
        &["\"machine\":\"robot\"", "too-slow", "raised"],
    ]);
    let page = running.page("/metrics");
    assert!(page.contains("anshin_machine_cycles_total{machine=\"robot\"} 7"), "{page}");
    let said = running.stop();
    let alerts = said.iter().filter(|line| line.contains("\"raised\""));
    assert!(
        alerts
            .clone()
            .all(|line| ["unknown-device", "too-slow", "takes-too-much"].iter().any(|of| line.contains(of))),
        "{:#?}",
        alerts.collect::<Vec<_>>()
    );
    let state = folder::read_state(folder.path()).unwrap();
    assert_eq!(state.origins["line"]["robot"]["power.w"], "plant/robot");

    // The next monitor holds to it, whoever speaks first.
    let mut running = start(folder.path(), &configuration);
    let mut device = Device::connect(running.broker.unwrap(), "plug", None);
    device.publish("plant/mill", &messages[0]);
    device.publish("plant/robot", &messages[0]);
    running.wait(&["plant/mill", "which of them"]);
    running.stop();

    // Nobody has got to know the other one by that.
    let mill = |state: &folder::Saved| {
        let mill = state.others.iter().find(|one| one.device.as_deref() == Some("plant/mill"));
        mill.map(|one| one.alert.since.clone())
    };
    assert!(mill(&state).is_some() && mill(&folder::read_state(folder.path()).unwrap()) == mill(&state));
    let told = |change: &str| {
        let log = fs::read_to_string(folder.path().join("alerts.jsonl")).unwrap();
        let of_mill = log.lines().filter(|line| line.contains("\"device\":\"plant/mill\""));
        of_mill.filter(|line| line.contains(change)).count()
    };
    assert_eq!((told("raised"), told("cleared")), (1, 0));
    // It is known once a person has named it.
    start(folder.path(), &configuration.replace("kind: mqtt,", "kind: mqtt, ignore: plant/mill,")).stop();
    assert_eq!(mill(&folder::read_state(folder.path()).unwrap()), None);
    assert_eq!((told("raised"), told("cleared")), (1, 1));
}

/// Many devices that nobody knows are told as one, which goes on counting.
#[test]
fn a_crowd_of_unknown_devices_is_told_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &broker(""));
    let mut device = Device::connect(running.broker.unwrap(), "flood", None);
    for n in 0..400 {
        // What one of them tells beside counts no second time.
        for topic in ["", "/availability"] {
            device.publish(&format!("flood/{n}{topic}"), "{}");
        }
    }
    let told = running.wait(&["unknown-device", "raised", "\"devices\":395"]);
    assert!(
        told.contains(r#""newest":["flood/399","flood/398","flood/397"]"#)
            && told.contains("line: 395 other devices (newest: flood/399, flood/398, flood/397)"),
        "{told}"
    );
    for n in 400..410 {
        device.publish(&format!("flood/{n}"), "{}");
    }
    let request = |state: &folder::Saved| {
        let crowd = state.others.iter().find(|one| one.device.is_none() && !one.alert.seen);
        crowd.and_then(|one| one.acknowledge("Sato".to_owned(), None))
    };
    until("the crowd is shown", || request(&folder::read_state(folder.path()).unwrap()).is_some());
    folder::ask(folder.path(), &request(&folder::read_state(folder.path()).unwrap()).unwrap()).unwrap();
    until("it is acknowledged", || {
        folder::read_state(folder.path()).unwrap().others.iter().any(|one| one.alert.seen)
    });
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("unknown-device")).count(), 6, "{said:#?}");
    let state = folder::read_state(folder.path()).unwrap();
    let crowd = state.others.iter().find(|one| one.alert.seen).unwrap();
    assert!(crowd.alert.account.says.en.contains("405 other devices"), "{crowd:?}");
    let evidence = folder::evidence(folder.path()).unwrap();
    let seen: Vec<_> =
        evidence.sources["line"].open.iter().map(|open| (open.device.is_none(), open.seen)).collect();
    assert_eq!(seen.iter().filter(|(is_crowd, seen)| is_crowd == seen).count(), 6, "{seen:?}");
}

/// A page that is open in a browser of the factory sends to whatever answers there.
#[test]
fn pages_of_other_places_do_not_push() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: http, {TIME} }} ]{}",
        machine("topic: robot,")
    );
    let mut running = start(folder.path(), &configuration);
    let http = running.http.unwrap();
    let message = &cycles()[0];
    let post = |origin: &str| {
        let length = message.len();
        let text = format!(
            "POST /in/line/robot HTTP/1.1\r\nHost: {http}\r\nOrigin: {origin}\r\nContent-Type: text/plain\r\nConnection: close\r\n\
             Content-Length: {length}\r\n\r\n{message}"
        );
        request(http, &text)
    };
    for _ in 0..2 {
        let answer = post("http://evil.example");
        assert!(answer.starts_with("HTTP/1.1 403 Forbidden") && answer.contains("`Origin`"), "{answer}");
    }
    let own = format!("http://{http}");
    assert!(post(&own).starts_with("HTTP/1.1 204"));
    running.wait(&[
        "a page of another site has tried to send values to source `line` from a browser at 127.0.0.1",
    ]);
    let page = running.page("/metrics");
    assert!(page.contains("anshin_source_foreign_total{source=\"line\"} 2"), "{page}");
    assert!(page.contains("anshin_source_messages_total{source=\"line\"} 1"), "{page}");
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("another site")).count(), 1, "{said:#?}");
}

/// Two machines in a list inside each message, beside which the time stands once; what `init` proposes reads them.
#[test]
fn a_gateway_sends_several_machines_in_a_list_inside_its_messages() {
    let folder = tempfile::tempdir().unwrap();
    let of = |id: &str, robot: &str| robot.replace("id: robot", &format!("id: {id}"));
    let robot = machine("topic: A-1,");
    let mill = of("mill", &machine("topic: 2,")).replace("\nmachines:\n", "");
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt, topics: hall/#, list: data.machines, topic: id, {TIME} }} ]{robot}{mill}"
    );
    let mut running = start(folder.path(), &configuration);
    let mut gateway = Device::connect(running.broker.unwrap(), "gateway", None);
    for (n, message) in cycles().iter().enumerate() {
        let (time, rest) = message.trim_start_matches('{').split_once(',').expect("a time and values");
        assert!(time.starts_with("\"t\""), "{message}");
        let machines = if n < 18 { vec!["2", "\"A-1\""] } else { vec!["\"A-1\""] };
        let elements: Vec<String> = machines.iter().map(|id| format!("{{\"id\":{id},{rest}")).collect();
        gateway.publish(
            "hall/gateway",
            &format!("{{{time},\"data\":{{\"machines\":[{}]}}}}", elements.join(",")),
        );
    }
    gateway.publish("hall/gateway", r#"{"t":2000,"data":{"machines":[{"id":"C-3","cycle":1}]}}"#);
    gateway.publish("hall/gateway", r#"{"t":2002,"data":{}}"#);
    running.wait_for_all(&[
        &["unknown-device", "raised", "\"device\":\"C-3\""],
        &["has no list at the path in `list`"],
        &["\"machine\":\"robot\"", "too-slow", "raised"],
    ]);
    let page = running.page("/metrics");
    for line in [
        "anshin_source_unread_total{source=\"line\"} 1",
        "anshin_machine_cycles_total{machine=\"robot\"} 7",
        "anshin_machine_cycles_total{machine=\"mill\"} 4",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
}

/// Two machines behind one gateway, on one topic: messages of their own, or elements of a list.
#[test]
fn a_gateway_sends_several_machines_on_one_topic() {
    let folder = tempfile::tempdir().unwrap();
    let of = |id: &str, robot: &str| robot.replace("id: robot", &format!("id: {id}"));
    let robot = machine("topic: A-1,");
    let mill = of("mill", &machine("topic: 2,")).replace("\nmachines:\n", "");
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt, topics: hall/#, topic: from.machine, {TIME} }} ]{robot}{mill}"
    );
    let mut running = start(folder.path(), &configuration);
    let mut gateway = Device::connect(running.broker.unwrap(), "gateway", None);
    // The mill works half as long: what it says comes with what the robot says, in lists.
    for (n, message) in cycles().iter().enumerate() {
        let of = |machine: &str| message.replacen('{', &format!(r#"{{"from":{{"machine":{machine}}},"#), 1);
        let message = if n < 18 { format!("[{},{}]", of("2"), of("\"A-1\"")) } else { of("\"A-1\"") };
        gateway.publish(if n % 2 == 0 { "hall/gateway" } else { "hall/other" }, &message);
    }
    gateway.publish(
        "hall/gateway",
        r#"[{"from":{"machine":"C-3"},"t":2000},{"from":{"machine":"C-3"},"t":2001}]"#,
    );
    gateway.publish("office", r#"{"from":{"machine":"D-4"},"t":2000}"#);
    gateway.publish("hall/gateway", r#"{"t":2002}"#);
    running.wait_for_all(&[
        &["unknown-device", "raised", "\"device\":\"C-3\""],
        &["does not tell of which machine it is"],
        &["\"machine\":\"robot\"", "too-slow", "raised"],
    ]);
    let page = running.page("/metrics");
    for line in [
        "anshin_source_messages_total{source=\"line\"} 36",
        "anshin_source_unread_total{source=\"line\"} 1",
        "anshin_source_unknown_total{source=\"line\"} 2",
        "anshin_machine_cycles_total{machine=\"robot\"} 7",
        "anshin_machine_cycles_total{machine=\"mill\"} 4",
    ] {
        assert!(page.contains(line), "{line} is not in {page}");
    }
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("unknown-device")).count(), 1, "{said:#?}");
    assert!(
        said.iter().all(|line| !(line.contains("\"machine\":\"mill\"") && line.contains("raised"))),
        "{said:#?}"
    );
}

/// The same by HTTP, as rows of CSV.
#[test]
fn rows_of_several_machines_are_posted_together() {
    let folder = tempfile::tempdir().unwrap();
    let of = |id: &str, topic: &str| {
        format!(
            "  - {{ id: {id}, cycle: {{ by: number }}, hold-back: 0, input: [ {{ from: line, topic: {topic}, take: n, is: number }} ] }}\n"
        )
    };
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: http, payload: csv, columns: [ t, of, n ], topic: of, {TIME} }} ]\nmachines:\n{}{}",
        of("saw", "S-1"),
        of("drill", "D-1")
    );
    let mut running = start(folder.path(), &configuration);
    let post = |body: &str| {
        let head =
            format!("POST /in/line HTTP/1.1\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        request(running.http.unwrap(), &(head + body))
    };
    assert!(post("10,S-1,1\n10,D-1,7\n").starts_with("HTTP/1.1 204"));
    assert!(post("20,S-1,2\n30,S-1,3\n").starts_with("HTTP/1.1 204"));
    let nobody = post("20,X-1,2\n");
    assert!(nobody.starts_with("HTTP/1.1 202") && nobody.contains("check what `of` is"), "{nobody}");
    let without = post("40,,2\n");
    assert!(without.starts_with("HTTP/1.1 400") && without.contains("of which machine"), "{without}");
    let cycle = running.wait(&["\"type\":\"cycle\"", "\"duration_seconds\":10.0"]);
    assert!(cycle.contains("\"machine\":\"saw\""), "{cycle}");
    running.stop();
}

#[test]
fn a_client_that_speaks_and_leaves_in_one_breath_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &broker(""));
    for message in cycles() {
        let (topic, payload) = ("plant/robot", message.as_bytes());
        let connect = Connect {
            level: 4,
            client: "",
            clean: true,
            keep_alive: 60,
            will: None,
            user: None,
            password: None,
        };
        let publish = Publish { topic, payload, qos: 0, retain: false, again: false, id: 0 };
        let mut bytes = Vec::new();
        for packet in [Packet::Connect(connect), Packet::Publish(publish), Packet::Disconnect] {
            packet.write(&mut bytes);
        }
        let mut stream = TcpStream::connect(running.broker.unwrap()).unwrap();
        stream.write_all(&bytes).unwrap();
        // It is gone when the broker closes.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    running.wait(&["\"number\":7"]);
    running.stop();
}

#[test]
fn the_broker_hands_on_keeps_and_knows_its_users() {
    let folder = tempfile::tempdir().unwrap();
    let login = ", user: floor, password: { file: unused }";
    let running = start(folder.path(), &broker(login));
    let address = running.broker.unwrap();
    assert_eq!(Device::try_connect(address, "x", None).hear(), "ConnAck { session: false, code: 5 }");
    assert_eq!(
        Device::try_connect(address, "x", Some(("floor", "guess!"))).hear(),
        "ConnAck { session: false, code: 5 }"
    );
    let login = Some(("floor", "secret"));
    let mut device = Device::connect(address, "device", login);
    let kept = |retain, payload| {
        let publish = Publish { topic: "a/b", payload, qos: 0, retain, again: false, id: 0 };
        Packet::Publish(publish)
    };
    device.send(&kept(true, b"old"));
    device.publish("a/c", "flush");
    let mut other = Device::connect(address, "other", login);
    other.send(&Packet::Subscribe { id: 7, filters: vec![("a/+", 1)] });
    let mut heard = [other.hear(), other.hear()];
    heard.sort();
    assert_eq!(heard[1], "SubAck { id: 7, codes: [0] }");
    assert!(heard[0].contains("topic: \"a/b\"") && heard[0].contains("retain: true"), "{heard:?}");
    device.send(&kept(false, b"new"));
    let new = other.hear();
    assert!(new.contains("[110, 101, 119]") && new.contains("retain: false"), "{new}");
    // Somebody else by the same name takes the place.
    let mut second = Device::connect(address, "other", login);
    second.send(&Packet::Subscribe { id: 1, filters: vec![("#", 0)] });
    assert!(second.hear().contains("a/b") || second.hear().contains("a/b"));
    running.stop();
}

#[test]
fn clients_that_are_not_let_in_are_told_with_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: mqtt, {TIME}, user: floor, password: {{ file: unused }} }}{}",
        machine("topic: plant/robot,")
    );
    let mut running = start(folder.path(), &configuration);
    let broker = running.broker.unwrap();
    // MQTT 5: properties stand before the name.
    let connect = b"\x10\x15\0\x04MQTT\x05\x02\0\x3c\x03\x21\0\x14\0\x05plug1";
    let mut stream = TcpStream::connect(broker).unwrap();
    stream.write_all(connect).unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, [0x20, 2, 0, 1], "it is told in the way of 3.1.1");
    running.wait(&["the MQTT client `plug1` at 127.0.0.1 was refused", "MQTT 5", "3.1.1"]);
    let mut device = Device::try_connect(broker, "plug2\u{1b}[2J", Some(("floor", "guess")));
    assert_eq!(device.hear(), "ConnAck { session: false, code: 5 }");
    running
        .wait(&["the MQTT client `plug2\u{fffd}[2J` at 127.0.0.1 was refused", "user or password is wrong"]);
    running.stop();
}

#[test]
fn messages_are_posted() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: http, {TIME}, user: floor, password: {{ file: unused }} }}{}",
        machine("")
    );
    let mut running = start(folder.path(), &configuration);
    let address = running.http.unwrap();
    let post = |path: &str, login: &str, body: &str| {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\n{login}Connection: close\r\nContent-Length: {length}");
        request(address, &format!("{head}\r\n\r\n{body}"))
    };
    let all = format!("[{}]", cycles().join(","));
    assert!(post("/in/line", "", &all).starts_with("HTTP/1.1 401"));
    // floor:secret
    let login = "Authorization: Basic Zmxvb3I6c2VjcmV0\r\n";
    assert!(post("/in/line", login, &all).starts_with("HTTP/1.1 204"));
    // What is wrong is said in both languages, and what makes no reading is not passed over in silence.
    for (path, body, code, words) in [
        ("/in/line", "no JSON", 400, ["の形ではありません", "not in the form"]),
        (
            "/in/line",
            r#"{"t":1,"watts":5}"#,
            202,
            ["どの機械の値にもなりませんでした", "a value of no machine"],
        ),
        (
            "/in/line",
            r#"{"t":1775000000,"power":{"w":"abc"}}"#,
            202,
            ["数であるはずの値が数ではない", "what should be a number is none"],
        ),
        ("/in/other", &all, 404, ["設定にある入力元: line", "it has: line"]),
    ] {
        let answer = post(path, login, body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {code}")), "{answer}");
        assert!(words.iter().all(|word| answer.contains(word)), "{answer}");
    }
    assert!(request(address, "GARBAGE\r\n\r\n").starts_with("HTTP/1.1 400"));
    running.wait_for_all(&[
        &["too-slow", "raised"],
        &["what comes from source `line` cannot be read", "`payload`"],
    ]);
    assert!(running.page("/healthz").ends_with("ok\n"));

    // Whoever has no password is told so before the message comes, and what comes is passed over.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    stream.write_all(b"POST /in/line HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let mut heard = [0; 12];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"HTTP/1.1 401");
    stream.write_all(b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n").unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.matches("HTTP/1.1 ").count() == 1 && rest.ends_with("ok\n"), "{rest}");
    running.stop();
}

#[test]
fn what_has_ended_when_the_monitor_stops_is_judged_though_it_is_held_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &broker("").replace("hold-back: 0", "hold-back: 60"));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    // So much later than the fifth ended, the seventh, which is too slow, has ended as well.
    running.wait(&["\"number\":5"]);
    let said = running.stop();
    let all =
        |parts: &[&str]| said.iter().filter(|line| parts.iter().all(|part| line.contains(part))).count();
    assert_eq!((all(&["\"type\":\"cycle\""]), all(&["too-slow", "raised"])), (7, 1), "{said:#?}");
    let state = folder::read_state(folder.path()).unwrap();
    assert!(state.machines["robot"].judge.since(AlertKind::TooSlow).is_some());
}

#[test]
fn a_machine_in_maintenance_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &broker(""));
    let end = anshin_field::clock::now().plus(3_600.0);
    let request = Request::Maintenance {
        machine: "robot".to_owned(),
        from: None,
        until: end,
        by: "Sato".to_owned(),
        asked: None,
    };
    folder::ask(folder.path(), &request).unwrap();
    let log = folder.path().join("alerts.jsonl");
    until("the request is taken", || fs::read_to_string(&log).unwrap().contains("maintenance"));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["\"number\":7"]);
    let said = running.stop();
    assert!(said.iter().all(|line| !line.contains("raised")), "{said:#?}");
    assert!(folder::read_state(folder.path()).unwrap().maintenance.contains_key("robot"));
}

#[test]
fn a_monitor_that_is_held_up_calls_no_machine_silent() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = broker("").replace("hold-back: 0", "hold-back: 0\n    silent-after: 2");
    let pause = Duration::from_secs(4);
    let mut running = start_held_up(folder.path(), &configuration, pause);
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    let messages = cycles();
    // The first cycle ends with the fifth message, and holds the monitor up.
    for message in &messages[..5] {
        device.publish("plant/robot", message);
    }
    running.wait(&["\"number\":1"]);
    std::thread::sleep(pause + Duration::from_millis(500));
    for message in &messages[5..9] {
        device.publish("plant/robot", message);
    }
    running.wait(&["\"number\":2"]);
    assert!(running.seen.iter().all(|line| !line.contains("silent")), "{:#?}", running.seen);
    running.wait(&["silent", "raised"]);
    running.stop();
}
