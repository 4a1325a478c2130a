//! Where alerts go, played over loopback.

mod common;

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, UdpSocket};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anshin_field::folder::{self, Request};
use common::device::Device;
use common::played::{heard, hook, mail, play};
use common::{cycles, machine, start};

/// What is heard after something that is told again now and then.
fn changed(receiver: &Receiver<String>, before: &str) -> String {
    loop {
        let now = heard(receiver);
        if now != before {
            return now;
        }
    }
}

/// What a tower of the NH series is sent: amber is on, and nothing else.
const AMBER: &str = "[58, 58, 53, 00, 00, 06, 00, 01, 00, 09, 09, 00]";

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
    let (tower_by_http, paths) = hook(&["200 OK"]);
    let (chat, chatted) = hook(&["200 OK"]);
    let (hook, posted) = hook(&["500 Not now", "204 Done"]);
    let (mail, mails) = play(|stream, said| drop(said.send(mail(stream, true, "QUIT\r\n").1)));
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
  - {{ id: chat, kind: webhook, address: "{chat}", language: en, alerts: too-slow, token: {{ file: unused }}, body: '{{"to": "U1", "text": "{{title}}\n{{text}}"}}' }}
  - {{ id: mail, kind: mail, address: "{mail}", sender: monitor@example.com, receivers: [sato@example.com, ito@example.com], alerts: [too-slow] }}
  - {{ id: log, kind: syslog, address: "{syslog_address}", language: en, alerts: too-slow, enterprise: 64512 }}
{}"#,
        machine("topic: plant/robot,")
    );
    let mut running = start(folder.path(), &configuration);
    assert_eq!(heard(&commands), AMBER, "nothing is known of the robot yet");
    assert!(heard(&paths).starts_with("GET /api/control?alert=010990 "));
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    let messages = cycles();
    device.publish("plant/robot", &messages[0]);
    let green = "[58, 58, 53, 00, 00, 06, 00, 00, 01, 09, 09, 00]";
    assert_eq!(changed(&commands, AMBER), green, "it has said something");
    assert!(heard(&paths).starts_with("GET /api/control?alert=001990 "));
    for message in &messages[1..] {
        device.publish("plant/robot", message);
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
            asked: None,
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
    let chat = heard(&chatted);
    assert!(chat.contains("Authorization: Bearer secret\r\n"), "{chat}");
    let body: serde_json::Value = serde_json::from_str(chat.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let text = body["text"].as_str().unwrap();
    assert!(
        body["to"] == "U1" && text.starts_with("alert: robot: ") && text.contains("Look at this first"),
        "{text}"
    );
    let mail = heard(&mails);
    for part in
        ["MAIL FROM:<monitor@example.com>", "RCPT TO:<ito@example.com>", "Subject: =?UTF-8?B?", "base64"]
    {
        assert!(mail.contains(part), "{part} is not in {mail}");
    }
    let mut bytes = [0; 1500];
    let length = syslog.recv(&mut bytes).unwrap();
    let line = String::from_utf8_lossy(&bytes[..length]).into_owned();
    let (head, said) = line.split_once(" anshin - alert ").expect("it has a head");
    assert!(head.starts_with("<132>1 1970-01-01T00:19:10.000Z "), "{line}");
    // A program reads what the alert is about without a look at the words.
    let about = r#"[anshin@64512 machine="robot" alert="too-slow" change="raised" since="#;
    assert!(said.starts_with(about) && said.contains("\"] \u{feff}alert: robot: "), "{line}");
    #[cfg(target_os = "linux")]
    assert!(!head.ends_with(" -"), "{line}");
    let page = running.figures(|page| page.contains("anshin_outlet_delivered_total{outlet=\"hook\"} 1"));
    assert!(page.contains("anshin_outlet_failed_total{outlet=\"hook\"} 1"), "{page}");
    running.stop();
}

#[test]
fn an_alert_that_nobody_saw_stays_until_somebody_has() {
    let (tower, commands) = play(|mut stream, said| {
        let mut command = [0; 12];
        while stream.read_exact(&mut command).is_ok() {
            stream.write_all(&[0x06]).expect("it listens");
            let _ = said.send(format!("{command:02x?}"));
        }
    });
    let until = |wanted: &str| while heard(&commands) != wanted {};
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        r#"
anshin-monitor: 1
sources: [ {{ id: line, kind: mqtt, time: {{ column: t, form: seconds }} }} ]
outlets: [ {{ id: tower, kind: patlite, address: "{tower}" }} ]
{}"#,
        machine("topic: plant/robot,")
    );
    let mut running = start(folder.path(), &configuration);
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    // One slow cycle, and enough that are as they should be.
    let mut messages = cycles();
    let slow = messages.len();
    for n in 0..16 {
        messages.push(format!(r#"{{"t":{},"power":{{"w":1800}},"cycle":{}}}"#, 1_170 + n * 5, 8 + n / 4));
    }
    for message in &messages[..slow] {
        device.publish("plant/robot", message);
    }
    running.wait(&["too-slow", "raised"]);
    until("[58, 58, 53, 00, 00, 06, 02, 00, 00, 09, 09, 01]");
    for message in &messages[slow..] {
        device.publish("plant/robot", message);
    }
    running.wait(&["too-slow", "cleared"]);
    let amber_flashes = "[58, 58, 53, 00, 00, 06, 00, 02, 00, 09, 09, 00]";
    until(amber_flashes);
    let over = |page: &str| {
        page.contains(r#"anshin_alert_over_not_acknowledged{machine="robot",alert="too-slow"} 1"#)
    };
    running.figures(over);
    running.stop();
    until(AMBER);
    let kept = || folder::read_state(folder.path()).unwrap().shown["robot"].over.clone();
    let known = kept();
    let slow = known.iter().find(|one| one.alert.account.alert == "too-slow").expect("it is known");
    assert!(slow.alert.account.measured.as_ref().is_some_and(|is| is.en.contains("30.0 s")), "{slow:?}");

    // It is known to whoever goes on, until somebody has seen it: then, and not before, all is well.
    let mut running = start(folder.path(), &configuration);
    running.figures(over);
    until(amber_flashes);
    let mut device = Device::connect(running.broker.unwrap(), "robot", None);
    device.publish("plant/robot", &format!(r#"{{"t":{},"power":{{"w":1800}},"cycle":12}}"#, 1_250));
    let acknowledge = |alert: Option<&str>| Request::Acknowledge {
        machine: "robot".to_owned(),
        alert: alert.map(str::to_owned),
        since: None,
        by: "Sato".to_owned(),
        note: None,
        asked: None,
    };
    folder::ask(folder.path(), &acknowledge(None)).unwrap();
    until("[58, 58, 53, 00, 00, 06, 00, 00, 01, 09, 09, 00]");
    running.figures(|page| !over(page));
    folder::ask(folder.path(), &acknowledge(Some("too-slow"))).unwrap();
    running.wait(&["not done, this alert is not open"]);
    running.stop();
    until(AMBER);
    assert_eq!(kept(), []);
    let evidence = folder::evidence(folder.path()).unwrap();
    let robot = &evidence.machines["robot"];
    assert_eq!((robot.raised() as usize, robot.over.len()), (robot.acknowledged.len(), 0), "{robot:?}");
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
    let began = Instant::now();
    running.stop();
    assert!(began.elapsed() < Duration::from_secs(30), "nor does it when it ends: {:?}", began.elapsed());
    broker.stop();
}
