//! What the records of a team hold, as somebody asks for it.

use std::collections::BTreeMap;

use super::MACHINES;
use super::common::running::until;
use super::common::{Folder, Said};
use super::devices::Devices;

/// The address of a database in a file of the folder.
pub(crate) fn file(folder: &Folder) -> String {
    format!("sqlite:{}?mode=rwc", folder.path("records.sqlite").display())
}

/// What the records hold of cycles or alerts.
pub(crate) fn ask(folder: &Folder, database: &str, what: &str) -> Vec<serde_json::Value> {
    let query = ["monitor", "query", what, "--database", database, "--limit", "10000", "--format", "json"];
    let said = folder.run(&query).ends_with(0);
    said.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A machine with the time at which its cycle began, and how that was found.
pub(crate) fn cycle(line: &serde_json::Value) -> (String, String) {
    let text = |key: &str| line[key].as_str().expect("a text").to_owned();
    (text("machine"), format!("{} {}", &text("start")[14..19], text("finding")))
}

/// The cycles of each machine.
fn by_machine(lines: &[serde_json::Value]) -> BTreeMap<String, Vec<String>> {
    let mut cycles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in lines {
        let (machine, cycle) = cycle(line);
        cycles.entry(machine).or_default().push(cycle);
    }
    cycles
}

/// Waits until the records hold every cycle of every machine that has ended, each once, and no alert.
pub(crate) fn hold(folder: &Folder, database: &str, devices: &mut Devices) {
    devices.go_into_next();
    let cycles = expected(0..devices.cycle.0);
    until(|| {
        let known = by_machine(&ask(folder, database, "cycles"));
        let told = ask(folder, database, "alerts");
        let is_more = known.values().any(|known| known.len() > cycles.len());
        assert!(!is_more && told.is_empty(), "{cycles:#?}\n{known:#?}\n{told:#?}");
        let is_so = known.len() == MACHINES && known.values().all(|known| *known == cycles);
        if is_so { Ok(()) } else { Err(format!("{cycles:#?}\n{known:#?}")) }
    });
}

/// The cycles from the first to before the last, as [`cycle`] tells them.
fn expected(cycles: std::ops::Range<u32>) -> Vec<String> {
    let found = |cycle: u32| match cycle {
        0 | 1 => "learning",
        2 => "learnt",
        _ => "healthy",
    };
    let line = |cycle: u32| {
        let second = 1_000 + cycle * 20;
        // The first cycle is joined: nobody saw it begin.
        let found = if cycle == 0 { "unreliable" } else { found(cycle - 1) };
        format!("{:02}:{:02} {found}", second / 60 % 60, second % 60)
    };
    cycles.map(line).collect()
}

/// What has been told of groups: the group, the change, and how many machines.
pub(crate) fn groups(folder: &Folder, database: &str) -> Vec<String> {
    let lines = ask(folder, database, "alerts");
    let of_groups = lines.iter().filter(|line| line["type"] == "group-alert");
    let count = |line: &serde_json::Value| line["machines"].as_array().map_or(0, Vec::len);
    of_groups.map(|line| format!("{} {} {}", line["group"], line["change"], count(line))).collect()
}

/// Alerts of machines as machine, kind and change, in order.
fn alerts(folder: &Folder, database: &str) -> Vec<String> {
    let lines = ask(folder, database, "alerts");
    let mut alerts: Vec<String> = lines
        .iter()
        .filter(|line| line["type"] == "alert")
        .map(|line| format!("{} {} {}", line["machine"], line["alert"], line["change"]))
        .collect();
    alerts.sort();
    alerts
}

/// What is told of all machines when a cycle is too long, and when it is over, if it is.
fn of_all(changes: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for n in 0..MACHINES {
        for kind in ["takes-too-much", "too-slow"] {
            all.extend(changes.iter().map(|change| format!("\"m{n}\" \"{kind}\" \"{change}\"")));
        }
    }
    all.sort();
    all
}

/// Waits until the records hold these alerts, and no more.
pub(crate) fn are_told(folder: &Folder, database: &str, changes: &[&str]) {
    let wanted = of_all(changes);
    until(|| {
        let told = alerts(folder, database);
        assert!(told.len() <= wanted.len(), "{told:#?}");
        if told == wanted { Ok(()) } else { Err(format!("{told:#?}")) }
    });
}

/// A table of the records that stand in a place.
pub(crate) fn table(folder: &Folder, what: &str, place: [&str; 2], more: &[&str]) -> Vec<String> {
    let export = ["monitor", "export", "factory.yaml", what, "table.csv"];
    folder.run(&[&export[..], &place, more].concat()).ends_with(0);
    folder.read("table.csv").lines().map(str::to_owned).collect()
}

/// What a person asks of the team in its database, from any computer that reaches it.
pub(crate) fn by_database(folder: &Folder, database: &str, command: &[&str]) -> Said {
    folder.run(&[&["monitor"], command, &["--database", database]].concat())
}

/// Waits until the status that a database tells has all of some parts.
pub(crate) fn tells(folder: &Folder, database: &str, parts: &[&str]) -> String {
    until(|| {
        let said = by_database(folder, database, &["status"]).ends_with(0).out;
        match parts.iter().find(|part| !said.contains(**part)) {
            Some(part) => Err(format!("`{part}` is not in\n{said}")),
            None => Ok(said),
        }
    })
}
