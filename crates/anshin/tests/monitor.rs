//! `anshin monitor` on the command line.

mod common;

use std::fs;

use common::anshin;

const FACTORY: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
sources:
  - { id: line, kind: csv, time: time }
machines:
  - id: robot
    name: { ja: "溶接ロボット", en: "Welding robot" }
    cycle: { by: number }
    meter: { kind: rate, most-gap: 30 }
    learning: { cycles: 3 }
    hold-back: 0
    input:
      - { from: line, take: power, is: power }
      - { from: line, take: cycle, is: number }
"#;

/// Eight cycles of 20 s; the last but one lasts 30.
fn recording() -> String {
    let mut rows = String::from("time,power,cycle\n");
    let mut second = 0;
    for cycle in 0..8 {
        for _ in 0..if cycle == 6 { 6 } else { 4 } {
            rows += &format!("2026-04-01T08:{:02}:{:02}+09:00,1800,{cycle}\n", second / 60, second % 60);
            second += 5;
        }
    }
    rows
}

#[test]
fn a_recording_tells_its_cycles_and_the_alert() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("factory.yaml"), FACTORY).unwrap();
    fs::write(folder.path().join("robot.csv"), recording()).unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["monitor", "replay", "factory.yaml", "robot.csv"];
        arguments.extend_from_slice(more);
        anshin().current_dir(folder.path()).args(arguments).output().unwrap()
    };
    let out = run(&["--format", "json", "--fail-on-alert"]);
    assert_eq!(out.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = String::from_utf8(out.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let findings: Vec<&str> = lines.iter().filter_map(|line| line["finding"].as_str()).collect();
    assert_eq!(
        findings,
        ["learning", "learning", "learnt", "healthy", "healthy", "healthy", "outside", "unreliable"]
    );
    let alerts: Vec<&str> = lines.iter().filter_map(|line| line["alert"].as_str()).collect();
    assert_eq!(alerts, ["too-slow", "takes-too-much"]);
    let alert = lines.iter().find(|line| line["alert"] == "too-slow").unwrap();
    assert_eq!(alert["deviation"], 0.5);
    assert_eq!(alert["says"]["en"], "Cycles of Welding robot last longer than their reference.");
    assert_eq!(alert["threats"][0], "tampering");
    let energy = lines[0]["quantity"].as_f64().unwrap();
    assert!((energy - 10.0).abs() < 0.01, "1800 W for 20 s are 10 Wh, not {energy}");

    let out = run(&["--lang", "ja"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(out.status.success());
    for part in ["警報  溶接ロボット: 動作が遅い", "考えられる原因", "基準 20.0 s", "稼働率"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn the_demo_raises_alarms_and_prints_the_same_every_time() {
    let run = || {
        anshin()
            .args(["monitor", "demo", "--no-wait", "--seconds", "60", "--format", "json"])
            .output()
            .unwrap()
    };
    let (first, second) = (run(), run());
    assert!(first.status.success());
    assert_eq!(first.stdout, second.stdout);
    let text = String::from_utf8(first.stdout).unwrap();
    for alert in ["too-fast", "too-slow", "takes-too-much", "silent"] {
        assert!(text.contains(&format!("\"alert\":\"{alert}\"")), "{alert}");
    }
}

#[test]
fn wrong_configurations_name_the_place_and_the_next_step() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to, says) in [
        ("Asia/Tokyo", "Asia/Tokio", "there is no time zone `Asia/Tokio`"),
        ("kind: csv, time: time", "kind: csv", "it is not said where the time of a row stands"),
        ("by: number", "by: power", "cycles by power need `on`"),
        ("from: line, take: power", "from: lime, take: power", "line"),
        ("most-gap: 30", "most-gap: -1", "most-gap"),
        ("is: number }", "is: running }", "it is not said at which words it is so"),
        ("is: number }", "is: key, part: program }", "`part` names no part of this machine's `key`"),
    ] {
        let file = folder.path().join("factory.yaml");
        fs::write(&file, FACTORY.replace(from, to)).unwrap();
        let out = anshin().args(["monitor", "check", "--lang", "en"]).arg(&file).output().unwrap();
        let text = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{to}");
        assert!(text.contains(says) && text.contains("factory.yaml:"), "{to}:\n{text}");
    }
}

#[test]
fn a_recording_that_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("factory.yaml"), FACTORY).unwrap();
    fs::write(folder.path().join("robot.csv"), "time,watts,cycle\n").unwrap();
    let out = anshin()
        .current_dir(folder.path())
        .args(["monitor", "replay", "factory.yaml", "robot.csv", "--lang", "en"])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    let text = String::from_utf8(out.stderr).unwrap();
    assert!(text.contains("there is no column `power`; there are: time, watts, cycle"), "{text}");
}
