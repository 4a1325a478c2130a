//! The server NATS with `JetStream`.

#![expect(clippy::unwrap_used, reason = "a test fails where something is missing")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::common::authority::Authority;
use super::common::stream::{Client, Server, free_address};
use super::common::{cycles, machine, start, until};

/// A configuration whose source says some more of itself.
fn configuration(address: SocketAddr, more: &str) -> String {
    format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: nats, address: \"{address}\", stream: PLANT, \
         time: {{ column: t, form: seconds }}{more} }}{}",
        machine("topic: plant.robot,")
    )
}

/// A server with the stream `PLANT`, and one who publishes.
fn server(folder: &std::path::Path, of_stream: &str) -> (Server, Client) {
    let server = Server::start(folder, free_address(), "");
    let mut device = Client::connect(server.address, None);
    device.create("PLANT", "plant.>", of_stream);
    (server, device)
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn a_stream_is_read_and_nothing_waits_in_vain() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, mut device) = server(folder.path(), "");
    let configuration = configuration(server.address, ", ignore: plant.hall.*");
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `line` is connected"]);
    device.publish("plant.hall.light", "{}");
    device.publish("plant.intruder", "{}");
    device.publish("plant.robot", "what is this?");
    let all = cycles();
    for message in &all[..18] {
        device.publish("plant.robot", message);
    }
    running.wait(&["unknown-device", "plant.intruder"]);
    running.wait(&["\"number\":4", "learnt"]);
    running.figures(|page| page.contains("anshin_source_unread_total{source=\"line\"} 1"));

    // It is stopped in the middle of a cycle, and what comes meanwhile waits.
    let seen = running.stop();
    assert!(!seen.iter().any(|line| line.contains("plant.hall")), "{seen:#?}");
    let consumers = device.consumers("PLANT");
    assert_eq!(consumers.len(), 1, "{consumers:?}");
    for message in &all[18..] {
        device.publish("plant.robot", message);
    }
    let mut running = start(state.path(), &configuration);
    // It goes on in the cycle that ran, and begins to count anew.
    running.wait(&["\"number\":1", "unreliable"]);
    running.wait(&["\"number\":2", "healthy"]);
    running.wait(&["too-slow", "raised", "\"deviation\":0.5"]);
    running.stop();
    // All of it is acknowledged.
    let durable = device.ask("$JS.API.CONSUMER.INFO.PLANT.anshin-monitor-line", "");
    assert_eq!((&durable["num_pending"], &durable["num_ack_pending"]), (&0.into(), &0.into()), "{durable}");
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn what_ran_when_the_monitor_was_killed_is_marked_and_nothing_is_told_twice() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let left = tempfile::tempdir().unwrap();
    let (server, mut device) = server(folder.path(), "");
    let configuration = configuration(server.address, "");
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `line` is connected"]);
    let all = cycles();
    for message in &all[..18] {
        device.publish("plant.robot", message);
    }
    running.wait(&["\"number\":4", "learnt"]);
    thread::sleep(std::time::Duration::from_millis(1_500));
    // What is on the disk in this moment is what a monitor leaves that is killed in it.
    let copied =
        std::process::Command::new("cp").arg("-r").arg(state.path().join(".")).arg(left.path()).status();
    assert!(copied.unwrap().success());
    let before = running.stop();
    for message in &all[18..28] {
        device.publish("plant.robot", message);
    }
    let mut running = start(left.path(), &configuration);
    running.wait(&["\"type\":\"cycle\"", "1970-01-01T00:18:00.000Z", "unreliable", "gap"]);
    running.wait(&["\"type\":\"cycle\"", "1970-01-01T00:18:20.000Z", "healthy"]);
    let after = running.stop();
    assert!(before.iter().chain(&after).all(|line| !line.contains("raised")), "{before:#?} {after:#?}");
    let told = after.iter().filter(|line| line.contains("\"type\":\"cycle\"")).count();
    assert_eq!(told, 2, "{after:#?}");
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn messages_without_a_time_have_that_of_the_stream() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, mut device) = server(folder.path(), "");
    let configuration =
        configuration(server.address, ", topics: \"plant.*\", payload: csv, columns: [ power.w, cycle ]")
            .replace("time: { column: t, form: seconds }, ", "");
    let running = start(state.path(), &configuration);
    running.figures(|page| page.contains("anshin_source_connected{source=\"line\"} 1"));
    running.stop();
    // Three cycles of a second each, while the monitor is stopped.
    for cycle in 0..4 {
        for _ in 0..4 {
            device.publish("plant.robot", &format!("1800,{cycle}"));
            thread::sleep(std::time::Duration::from_millis(250));
        }
    }
    let mut running = start(state.path(), &configuration);
    let line = running.wait(&["\"type\":\"cycle\"", "learning"]);
    let cycle: serde_json::Value = serde_json::from_str(&line).unwrap();
    let seconds = cycle["duration_seconds"].as_f64().unwrap();
    assert!((0.9..3.0).contains(&seconds), "{line}");
    running.stop();
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn nats_dies_and_comes_back() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, mut device) = server(folder.path(), "");
    let address = server.address;
    let mut running = start(state.path(), &configuration(address, ""));
    running.wait(&["source `line` is connected"]);
    let all = cycles();
    for message in &all[..18] {
        device.publish("plant.robot", message);
    }
    running.wait(&["\"number\":4", "learnt"]);
    drop(server);
    running.wait(&["source `line` is not connected"]);
    let _server = Server::start(folder.path(), address, "");
    running.wait(&["source `line` is connected"]);
    let mut device = Client::connect(address, None);
    for message in &all[18..] {
        device.publish("plant.robot", message);
    }
    // What the devices said while the server was away is not in the stream.
    running.wait(&["\"number\":5", "unreliable", "gap"]);
    running.wait(&["\"number\":6", "healthy"]);
    running.wait(&["too-slow", "raised", "\"deviation\":0.5"]);
    running.stop();
}

/// A way to a server that can be cut, and where it begins.
struct Way {
    address: SocketAddr,
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Way {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::new(Mutex::new(Some(Vec::new())));
        let streams = Arc::clone(&open);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut streams = streams.lock().unwrap();
                // While it is cut, whoever comes is sent away.
                let Some(streams) = &mut *streams else { continue };
                let Ok(far) = TcpStream::connect(server) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || pass(from, to));
                }
                streams.extend([near, far]);
            }
        });
        Self { address, open }
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().take().into_iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        *self.open.lock().unwrap() = Some(Vec::new());
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..count]).is_err() {
            return;
        }
    }
}

/// Publishes some cycles, while the way is cut for a part of them and something happens; what is told of them.
fn while_the_way_is_cut(topics: &str, happens: impl Fn(&mut Client)) -> Vec<String> {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, mut device) = server(folder.path(), "");
    let way = Way::to(server.address);
    let mut running = start(state.path(), &configuration(way.address, topics));
    running.wait(&["source `line` is connected"]);
    let all = cycles();
    for message in &all[..18] {
        device.publish("plant.robot", message);
    }
    running.wait(&["\"number\":4", "learnt"]);
    // What has been read is acknowledged with the next look at the latest.
    until("all is acknowledged", || {
        let durable = device.ask("$JS.API.CONSUMER.INFO.PLANT.anshin-monitor-line", "");
        durable["num_ack_pending"] == 0 && durable["num_pending"] == 0
    });
    way.cut();
    running.wait(&["source `line` is not connected"]);
    for message in &all[18..26] {
        device.publish("plant.robot", message);
    }
    happens(&mut device);
    way.mend();
    running.wait(&["source `line` is connected"]);
    for message in &all[26..] {
        device.publish("plant.robot", message);
    }
    running.wait(&["too-slow", "raised", "\"deviation\":0.5"]);
    running.stop().into_iter().filter(|line| line.contains("\"type\":\"cycle\"")).collect()
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn a_connection_that_was_lost_costs_nothing() {
    // The whole stream, and a part of it.
    for topics in ["", ", topics: plant.robot"] {
        let told = while_the_way_is_cut(topics, |_| {});
        assert!(!told[1..].iter().any(|line| line.contains("unreliable")), "{told:#?}");
    }
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn what_the_stream_has_let_go_unread_is_a_gap() {
    for topics in ["", ", topics: plant.robot"] {
        let told = while_the_way_is_cut(topics, |device| {
            let answer = device.ask("$JS.API.STREAM.PURGE.PLANT", r#"{"keep":3}"#);
            assert!(answer["purged"].as_u64() > Some(5), "{answer}");
        });
        let doubtful = told[1..].iter().filter(|line| line.contains("unreliable") && line.contains("gap"));
        assert_eq!(doubtful.count(), 1, "{topics}: {told:#?}");
    }
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn what_is_wrong_with_a_server_or_its_stream_is_told() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = "authorization: { users: [ { user: floor, password: secret } ] }";
    let server = Server::start(folder.path(), free_address(), settings);
    let mut device = Client::connect(server.address, Some(("floor", "secret")));
    let tells = |user: &str, why: &str| {
        let login = format!(", user: {user}, password: {{ file: unused }}");
        let mut running = start(state.path(), &configuration(server.address, &login));
        running.wait(&[why]);
        running.stop();
    };
    tells("roof", "the server does not take user and password");
    tells("floor", "the server has no stream `PLANT`; `nats stream ls` lists those it has");
    for (of_stream, why) in [
        (
            ",\"retention\":\"workqueue\"",
            "stream `PLANT` lets messages go once they are read, so it cannot be watched",
        ),
        (",\"max_msgs_per_subject\":1", "stream `PLANT` keeps one message of a subject only"),
        ("", "source `line` is connected"),
    ] {
        device.create("PLANT", "plant.>", of_stream);
        tells("floor", why);
        device.ask("$JS.API.STREAM.DELETE.PLANT", "");
    }
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn the_certificate_of_a_server_is_checked() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (ours, theirs) = (Authority::new(folder.path(), "Plant"), Authority::new(folder.path(), "Somebody"));
    let (certificate, key) = ours.files(folder.path(), "localhost");
    let settings = format!("tls: {{ cert_file: \"{certificate}\", key_file: \"{key}\" }}");
    let server = Server::start(folder.path(), free_address(), &settings);
    let plain = folder.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    let other = Server::start(&plain, free_address(), "");
    let tells = |port: u16, authority: &Authority, why: &str| {
        let address = format!("localhost:{port}");
        let more = format!(", encryption: tls, authorities: \"{}\"", authority.file);
        let text = configuration(server.address, &more).replace(&server.address.to_string(), &address);
        let mut running = start(state.path(), &text);
        running.wait(&[why]);
        running.stop();
    };
    // The server has no stream, which it says to those only with whom it speaks.
    tells(server.address.port(), &ours, "the server has no stream `PLANT`");
    tells(server.address.port(), &theirs, "comes from an authority that is not trusted");
    tells(other.address.port(), &ours, "the other side does not speak TLS");
}

#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn the_streams_of_a_server_are_looked_through() {
    let folder = tempfile::tempdir().unwrap();
    let (server, mut device) = server(folder.path(), "");
    device.create("JOBS", "jobs.>", r#","retention":"workqueue""#);
    device.publish("jobs.next", "{}");
    for n in 0..3 {
        let message = format!(r#"{{"ts": {}, "power": {}, "running": true}}"#, 1_775_000_000 + n, 400 + n);
        device.publish("plant.robot", &message);
        device.publish("plant.press.power_kw", &format!("{}.5", n + 1));
        device.publish("plant.hall", "dark");
    }
    let address = server.address.to_string();
    let later = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_millis(500));
        device.publish("plant.late", r#"{"w": 12.0}"#);
        device
    });
    let (brokers, refused) =
        anshin_field::discover::streams(&address, None, std::time::Duration::from_secs(3)).unwrap();
    let mut device = later.join().unwrap();
    let whys: Vec<String> =
        refused.iter().map(|why| anshin_field::why(why).get(anshin_model::Lang::En).to_owned()).collect();
    assert!(matches!(&whys[..], [why] if why.starts_with("stream `JOBS` lets messages go")), "{whys:?}");
    let found = anshin_monitor::propose::Found { brokers, ..Default::default() };
    let text = anshin_monitor::propose::configuration(&found, |remark| {
        remark.get(anshin_model::Lang::En).to_owned()
    });
    // What comes from the server; how a machine's rules are proposed is tested where that is done.
    let text_of_server = text.replace(&address, "SERVER");
    let of_server: Vec<&str> = text_of_server
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with("- {") || line.starts_with("- id:"))
        .collect();
    assert_eq!(
        of_server,
        [
            r#"- { id: stream, kind: nats, stream: "PLANT", address: "SERVER", ignore: ["plant.hall"] }"#,
            r#"- { id: stream-2, kind: nats, stream: "PLANT", address: "SERVER", payload: plain }"#,
            r#"- { id: stream-3, kind: nats, stream: "PLANT", address: "SERVER", time: { column: "ts", form: seconds } }"#,
            "- id: late",
            r#"- { from: stream, topic: "plant.late", take: "w", is: power }  # 12.0"#,
            "- id: press",
            r#"- { from: stream-2, topic: "plant.press.power_kw", take: "value", is: power, factor: 1000 }  # 3.5"#,
            "- id: robot",
            r#"- { from: stream-3, topic: "plant.robot", take: "running", is: running, when: ["ACTIVE", "AUTO", "EXECUTING", "RUN", "RUNNING", "true"] }  # true"#,
            r#"- { from: stream-3, topic: "plant.robot", take: "power", is: power }  # 402"#,
        ]
    );
    let loaded = anshin_monitor::config::load("factory.yaml", &text);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    // Nothing of it stays: the server forgets who has asked.
    assert_eq!(device.consumers("PLANT"), []);
    let asked = anshin_field::discover::streams("127.0.0.1:1", None, std::time::Duration::from_secs(1));
    assert_eq!(asked.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}
