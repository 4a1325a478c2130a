//! Machines that share something: what they raise together is told as one alert, and survives a restart.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use common::{Device, cycles, machine, start};
use serde_json::Value;

/// A server that takes posted messages, and what comes.
fn hook() -> (String, std::sync::mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.expect("somebody connects"));
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a head");
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.trim().parse().expect("a number");
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            reader
                .get_mut()
                .write_all(b"HTTP/1.1 204 Done\r\nContent-Length: 0\r\n\r\n")
                .expect("it listens");
            let _ = sender.send(serde_json::from_slice(&body).expect("it is JSON"));
        }
    });
    (address, receiver)
}

#[test]
fn machines_that_share_a_supply_raise_one_alert_together() {
    let (hook, posted) = hook();
    let robot = machine("topic: plant/robot,");
    let press = robot.replace("machines:\n", "").replace("robot", "press");
    let configuration = format!(
        r#"
anshin-monitor: 1
sources: [ {{ id: line, kind: mqtt, time: {{ column: t, form: seconds }} }} ]{robot}{press}
groups:
  - id: air
    name: {{ ja: 第1工場の空気, en: Air of plant 1 }}
    shares: compressed-air
    alerts: [ too-slow, takes-too-much ]
outlets: [ {{ id: hook, kind: webhook, address: "{hook}", alerts: together }} ]
"#
    );
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), &configuration);
    let mut device = Device::connect(running.broker.unwrap(), "floor", None);
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    running.wait(&["\"alert\":\"takes-too-much\"", "robot", "raised"]);
    running.figures(|page| page.contains("anshin_group_alert_open{group=\"air\"} 0"));
    for message in cycles() {
        device.publish("plant/press", &message);
    }
    let told: Value = serde_json::from_str(&running.wait(&["group-alert", "raised"])).unwrap();
    assert_eq!(told["machines"], serde_json::json!(["robot", "press"]));
    // The slow cycle began with the seventh of 20 s.
    assert_eq!(
        (&told["since"], &told["shares"]),
        (&"1970-01-01T00:18:40.000Z".into(), &"compressed-air".into())
    );
    let says = told["says"]["ja"].as_str().unwrap();
    assert!(says.starts_with("第1工場の空気（robot、press）で"), "{says}");
    let cause = told["causes"][0]["en"].as_str().unwrap();
    assert!(cause.starts_with("Low pressure"), "what they share comes first: {cause}");
    let heard = posted.recv_timeout(Duration::from_mins(1)).expect("something is posted");
    assert_eq!(heard, told, "the alerts of the machines are not posted, that of the group is");
    running.figures(|page| page.contains("anshin_group_alert_open{group=\"air\"} 1"));
    drop(device);
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("group-alert")).count(), 1, "{said:#?}");

    // It is open when the monitor comes back, and is not raised again.
    let mut running = start(folder.path(), &configuration);
    running.figures(|page| page.contains("anshin_group_alert_open{group=\"air\"} 1"));
    let mut device = Device::connect(running.broker.unwrap(), "floor", None);
    for topic in ["plant/robot", "plant/press"] {
        for step in 0..30 {
            let (second, cycle) = (1_180 + 5 * step, 8 + step / 4);
            device.publish(topic, &format!(r#"{{"t":{second},"power":{{"w":1800}},"cycle":{cycle}}}"#));
        }
    }
    let told: Value = serde_json::from_str(&running.wait(&["group-alert"])).unwrap();
    assert_eq!(
        (&told["change"], &told["machines"]),
        (&"cleared".into(), &serde_json::json!(["robot", "press"]))
    );
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("group-alert")).count(), 1, "{said:#?}");
    let log = std::fs::read_to_string(folder.path().join("alerts.jsonl")).unwrap();
    assert_eq!(log.matches("\"type\":\"group-alert\"").count(), 2, "{log}");
}
