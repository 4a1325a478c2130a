//! Machines that share something: what they raise together is told as one alert, and survives a restart.

mod common;

use common::device::Device;
use common::played::{heard, hook};
use common::{cycles, machine, start};
use serde_json::Value;

#[test]
fn machines_that_share_a_supply_raise_one_alert_together() {
    let (hook, posted) = hook(&["204 Done"]);
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
    let page =
        running.figures(|page| page.contains("anshin_machine_cycle_seconds{machine=\"robot\",job=\"\"} 30"));
    for line in [
        "anshin_machine_cycle_taken{machine=\"robot\",job=\"\",unit=\"Wh\"} 15",
        "anshin_machine_cycle_deviation_ratio{machine=\"robot\",job=\"\",of=\"duration\"} 0.5",
        "anshin_machine_cycle_deviation_ratio{machine=\"robot\",job=\"\",of=\"taken\"} 0.5",
        "anshin_machine_taken_total{machine=\"robot\",unit=\"Wh\"} ",
    ] {
        assert!(page.lines().any(|own| own.starts_with(line)), "{line}: {page}");
    }
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
    let posted = heard(&posted);
    let posted: Value = serde_json::from_str(posted.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(posted, told, "the alerts of the machines are not posted, that of the group is");
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
