//! Any bytes as a configuration of the monitor, as a line of its journal, and as a recording that goes through it.

#![no_main]

use anshin_field::history;
use anshin_model::Lang;
use anshin_monitor::propose::{self, Found, Table};
use anshin_monitor::{Monitor, Said, config, group};
use libfuzzer_sys::fuzz_target;

/// Configurations that read the bytes as a table and as lines of an adapter.
const GOOD: &str = r#"
anshin-monitor: 1
sources:
  - { id: table, kind: csv, time: t }
  - { id: lines, kind: shdr }
  - { id: rows, kind: csv, time: { column: t, order: day-month-year }, topic: k }
  - { id: days, kind: csv, time: { column: t, form: time-of-day, from: "2026-04-01" } }
machines:
  - id: m
    cycle: { by: power, on: 10, off: 5, pause: 1 }
    meter: { kind: rate }
    key: [ { id: program } ]
    tolerance: { duration: auto, quantity: auto }
    states: { by: power, idle: 1, producing: 5, most: 100 }
    input:
      - { from: table, take: [p, q], is: power, absolute: true }
      - { from: table, take: k, is: key, part: program }
      - { from: lines, take: p, is: power }
      - { from: rows, topic: O1, take: p, is: power }
      - { from: days, take: p, is: power }
      - { from: lines, take: s, is: set-up, when: "1" }
  - { id: n, cycle: { by: number }, learning: { cycles: 2 }, input: [ { from: table, take: k, is: number } ] }
groups:
  - { id: g, shares: power, within: 1e6 }
"#;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = config::load("own.yaml", text);
        // A line of the journal, in which the words of strangers stand, too.
        if let Some(row) = text.lines().next().and_then(history::row) {
            let _ = row.noted();
        }
    }
    if let Ok(table) = Table::read("x", bytes) {
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::Ja).to_owned());
        assert!(config::load("proposed.yaml", &text).configuration.is_some(), "{text}");
    }
    let good = config::load("good.yaml", GOOD).configuration.expect("it is right");
    for source in 0..good.sources.len() {
        let mut monitor = Monitor::new(&good);
        let mut alerts = Vec::new();
        let mut say = |n: usize, said: Said| {
            if let Said::Alert(alert) = said {
                alerts.push((n, alert));
            }
        };
        let _ = monitor.replay(source, bytes, &mut say);
        monitor.finish(&mut say);
        // An alert of the group needs one of each of its machines.
        for said in group::of_recording(&good, &alerts) {
            assert!(said.machines.len() == 2 && (0..2).all(|n| alerts.iter().any(|(of, _)| *of == n)));
        }
    }
});
