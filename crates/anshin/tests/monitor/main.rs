//! `anshin monitor` on the command line.

mod configuration;
mod live;
mod plant;
mod recordings;
mod told;

#[path = "../common/mod.rs"]
mod common;

use std::fmt::Write as _;

use common::{Folder, Said};

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
        for _ in 0..if cycle == 6 { 15 } else { 10 } {
            let (minute, rest) = (second / 60, second % 60);
            writeln!(rows, "2026-04-01T08:{minute:02}:{rest:02}+09:00,1800,{cycle}").expect("a string grows");
            second += 2;
        }
    }
    rows
}

fn replay(more: &[&str]) -> Said {
    let folder = Folder::new();
    folder.write("factory.yaml", FACTORY);
    folder.write("robot.csv", recording());
    let mut arguments = vec!["monitor", "replay", "factory.yaml", "robot.csv"];
    arguments.extend_from_slice(more);
    folder.run(&arguments)
}

fn lines(said: &Said) -> Vec<serde_json::Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}
