//! Where alerts go, played over loopback.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use anshin_field::folder::{self, Request};
use common::{Device, cycles, machine, start};

/// Serves connections one after the other in a thread, and tells what was heard.
fn play(serve: impl Fn(TcpStream, &Sender<String>) + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.expect("somebody connects"), &sender);
        }
    });
    (address, receiver)
}

fn heard(receiver: &Receiver<String>) -> String {
    receiver.recv_timeout(Duration::from_mins(1)).expect("something is heard")
}

/// What is heard after something that is told again now and then.
fn changed(receiver: &Receiver<String>, before: &str) -> String {
    loop {
        let now = heard(receiver);
        if now != before {
            return now;
        }
    }
}

fn http(answers: &'static [&'static str]) -> (String, Receiver<String>) {
    let answered = std::sync::atomic::AtomicUsize::new(0);
    play(move |mut stream, said| {
        let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a head");
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.trim().parse().expect("a number");
            }
            head += &line;
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let n = answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let answer = answers[n.min(answers.len() - 1)];
        write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n").expect("it listens");
        let _ = said.send(head + &String::from_utf8_lossy(&body));
    })
}

#[test]
fn an_alert_goes_everywhere_and_the_tower_follows() {
    // A tower of the NH series, as its manual describes it: each command is answered by 06.
    let (tower, commands) = play(|mut stream, said| {
        let mut command = [0; 12];
        while stream.read_exact(&mut command).is_ok() {
            stream.write_all(&[0x06]).expect("it listens");
            let _ = said.send(format!("{command:02x?}"));
        }
    });
    let (tower_by_http, paths) = http(&["200 OK"]);
    let (hook, posted) = http(&["500 Not now", "204 Done"]);
    let (mail, mails) = play(|mut stream, said| {
        let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
        stream.write_all(b"220 relay\r\n").expect("it listens");
        let (mut all, mut data) = (String::new(), false);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
            let answer: &[u8] = match line.as_str() {
                ".\r\n" => {
                    data = false;
                    b"250 taken\r\n"
                }
                _ if data => b"",
                "DATA\r\n" => {
                    data = true;
                    b"354 go on\r\n"
                }
                "QUIT\r\n" => b"221 bye\r\n",
                "EHLO anshin\r\n" => b"250-relay\r\n250 8BITMIME\r\n",
                _ => b"250 ok\r\n",
            };
            stream.write_all(answer).expect("it listens");
            all += &line;
        }
        let _ = said.send(all);
    });
    let syslog = UdpSocket::bind("127.0.0.1:0").unwrap();
    syslog.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let syslog_address = syslog.local_addr().unwrap();

    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        r#"
anshin-monitor: 1
sources: [ {{ id: line, kind: mqtt, time: {{ column: t, form: seconds }} }} ]
outlets:
  - {{ id: tower, kind: patlite, address: "{tower}" }}
  - {{ id: other-tower, kind: patlite-http, address: "{tower_by_http}", alerts: silent }}
  - {{ id: hook, kind: webhook, address: "{hook}", path: /alerts, alerts: too-slow, user: floor, password: {{ file: unused }} }}
  - {{ id: mail, kind: mail, address: "{mail}", sender: monitor@example.com, receivers: [sato@example.com, ito@example.com], alerts: [too-slow] }}
  - {{ id: log, kind: syslog, address: "{syslog_address}", language: en, alerts: too-slow }}
{}"#,
        machine("topic: plant/robot,")
    );
    let mut running = start(folder.path(), &configuration);
    let green = "[58, 58, 53, 00, 00, 06, 00, 00, 01, 09, 09, 00]";
    assert_eq!(heard(&commands), green, "green");
    assert!(heard(&paths).starts_with("GET /api/control?alert=001990 "));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["too-slow", "raised"]);
    let flashes = "[58, 58, 53, 00, 00, 06, 02, 00, 00, 09, 09, 01]";
    assert_eq!(changed(&commands, green), flashes, "red flashes, buzzer");
    folder::ask(
        folder.path(),
        &Request::Acknowledge {
            machine: "robot".to_owned(),
            alert: None,
            since: None,
            by: "Sato".to_owned(),
            note: None,
        },
    )
    .unwrap();
    let seen = "[58, 58, 53, 00, 00, 06, 01, 00, 00, 09, 09, 00]";
    assert_eq!(changed(&commands, flashes), seen, "red, and silence");

    let (first, second) = (heard(&posted), heard(&posted));
    assert_eq!(first, second, "what failed is tried again");
    assert!(
        first.starts_with("POST /alerts ") && first.contains("Authorization: Basic Zmxvb3I6c2VjcmV0\r\n")
    );
    let body: serde_json::Value = serde_json::from_str(first.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!((&body["alert"], &body["machine"]), (&"too-slow".into(), &"robot".into()));
    let mail = heard(&mails);
    for part in
        ["MAIL FROM:<monitor@example.com>", "RCPT TO:<ito@example.com>", "Subject: =?UTF-8?B?", "base64"]
    {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
    let mut bytes = [0; 1500];
    let length = syslog.recv(&mut bytes).unwrap();
    let line = String::from_utf8_lossy(&bytes[..length]).into_owned();
    assert!(
        line.starts_with("<132>1 1970-01-01T00:19:10.000Z - anshin - alert - \u{feff}alert: robot: "),
        "{line}"
    );
    let page = running.figures(|page| page.contains("anshin_outlet_delivered_total{outlet=\"hook\"} 1"));
    assert!(page.contains("anshin_outlet_failed_total{outlet=\"hook\"} 1"), "{page}");
    running.stop();
}

#[test]
fn an_outlet_that_is_not_there_holds_up_nothing() {
    // An address of its own: nobody else is given the port.
    let listener = TcpListener::bind("127.0.0.7:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let broker = start(
        other.path(),
        &format!("anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt }} ]{}", machine("")),
    );
    let configuration = format!(
        r#"
anshin-monitor: 1
sources: [ {{ id: line, kind: mqtt, time: {{ column: t, form: seconds }} }} ]
outlets:
  - {{ id: tower, kind: patlite, product: la6, address: "{address}" }}
  - {{ id: topic, kind: mqtt, topic: factory/alerts, address: "{}" }}
{}"#,
        broker.broker.unwrap(),
        machine("topic: plant/robot,")
    );
    let mut listener = Device::connect(broker.broker.unwrap(), "listener", None);
    listener.send(&anshin_field::mqtt::packet::Packet::Subscribe { id: 1, filters: vec![("factory/#", 0)] });
    assert_eq!(listener.hear(), "SubAck { id: 1, codes: [0] }");
    let mut running = start(folder.path(), &configuration);
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["too-slow", "raised"]);
    assert!(listener.hear().contains("topic: \"factory/alerts\""));
    running.figures(|page| !page.contains("anshin_outlet_failed_total{outlet=\"tower\"} 0"));
    running.stop();
    broker.stop();
}
