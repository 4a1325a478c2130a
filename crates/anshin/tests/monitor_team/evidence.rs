//! What a whole team has seen is exported, and is evidence.

use super::common::running::{Running, until};
use super::common::{self, Folder};
use super::devices::{Devices, Hub, configuration, group};
use super::records::{are_told, hold, table};
use super::workers::{hub, run, two_workers};
use super::{MACHINES, postgres};

/// A monitor that watches the same machines by itself.
fn alone(folder: &Folder) -> Running {
    let mut running = run(folder, &["factory.yaml", "--database", "none", "--state", "alone"]);
    running.wait("source `line` is connected");
    running
}

/// The database of a team has what all of them have seen, as one that watches alone has it in its folder.
#[test]
fn what_a_whole_team_has_seen_is_exported_and_is_evidence() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let hub = Hub::Mqtt(broker);
    let asset = |text: String| text.replace("- id: m0\n", "- id: m0\n    asset: heater\n");
    folder.write("factory.yaml", asset(configuration(hub)) + &group());
    folder.write("system.yaml", common::GOOD);
    let database = postgres::new_database();
    let database = database.as_str();
    let mut alone = alone(&folder);
    let (mut first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(hub);
    devices.cycles(5);
    hold(&folder, database, &mut devices);
    devices.long_cycle();
    are_told(&folder, database, &["raised"]);
    let (of_team, of_one) = (["--database", database], ["--state", "alone"]);
    let same = |what: &str, more: &[&str]| {
        until(|| {
            let (of_team, of_one) = (table(&folder, what, of_team, more), table(&folder, what, of_one, more));
            // When a group said something is told by the clocks of those who watch.
            let of_machines = |rows: &[String]| {
                rows.iter().filter(|row| !row.contains("supply")).cloned().collect::<Vec<_>>()
            };
            let is_same = of_machines(&of_team) == of_machines(&of_one) && of_team.len() == of_one.len();
            if is_same { Ok(()) } else { Err(format!("{of_team:#?}\n{of_one:#?}")) }
        });
        table(&folder, what, of_team, more).len() - 1
    };
    let ended = usize::try_from(devices.cycle.0).expect("some cycles");
    assert_eq!(same("--cycles", &[]), MACHINES * ended);
    assert_eq!(same("--cycles", &["--machine", "m3"]), ended);
    // The second cycle ends 1040 s after the clock of the machines began, the third one 20 s later.
    let minute = ["--from", "1970-01-01T00:17:20", "--to", "1970-01-01T00:17:40"];
    assert_eq!(same("--cycles", &minute), 2 * MACHINES);
    assert_eq!(same("--alerts", &[]), 2 * MACHINES + 1);

    // Somebody has seen those of one machine, at the other monitor.
    let acknowledge = ["monitor", "acknowledge", "m0", "--by", "Sato", "--note", "belt", "--state", "two"];
    folder.run(&acknowledge).ends_with(0);
    until(|| {
        let rows = table(&folder, "--alerts", of_team, &[]);
        let seen = rows.iter().filter(|row| row.contains(",Sato,") && row.ends_with(",belt")).count();
        if seen == 2 { Ok(()) } else { Err(format!("{rows:#?}")) }
    });
    let assess = ["assess", "system.yaml", "--monitor", database];
    until(|| {
        let said = folder.run(&assess).ends_with(0).out;
        let wanted = [
            "times begun 2",
            "m0 = Heater: alerts 2, acknowledged 2, open 2 (",
            "✓ Runs too slowly: Sato, ",
            "m5 = no asset named: alerts 2, acknowledged 0, open 2 (",
            "group supply: alerts 1, acknowledged 0, open 1 (",
        ];
        if wanted.iter().all(|part| said.contains(part)) { Ok(()) } else { Err(said) }
    });
    let json = folder.run(&[&assess[..], &["--format", "json"]].concat()).ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["monitor"]["machines"].as_array().map(Vec::len), Some(MACHINES));
    folder.run(&["report", "system.yaml", "--monitor", database, "--format", "html"]).ends_with(0);
    let report = folder.read("report/lamp-system.en.html");
    assert!(report.contains("Records of the monitor") && report.contains("group supply"));

    // One who watches alone takes the same of a group, and keeps it.
    let status = || folder.run(&["monitor", "status", "--state", "alone"]).ends_with(0).out;
    until(|| {
        let said = status();
        let hint = "Once it is seen: anshin monitor acknowledge supply together --by NAME --state alone";
        if said.contains(hint) { Ok(()) } else { Err(said) }
    });
    folder.run(&["monitor", "acknowledge", "supply", "--by", "Ito", "--state", "alone"]).ends_with(0);
    until(|| {
        let said = status();
        if said.matches("(acknowledged: Ito, ").count() == 2 * MACHINES + 1 { Ok(()) } else { Err(said) }
    });

    // All machines were used, whoever judged them; it is kept when they take leave.
    for running in [&mut first, &mut second, &mut alone] {
        running.stop();
    }
    // What came after the last reading lasted for some moments more or less.
    let used = |place: [&str; 2]| -> Vec<String> {
        folder
            .run(&[&["monitor", "export", "factory.yaml", "--report", "use"][..], &place].concat())
            .ends_with(0);
        let page = folder.read("use/utilisation.en.html");
        let is_rate = |words: &[&str]| words[1].starts_with('%') && words[0].contains('.');
        let words: Vec<&str> = page.split([' ', '>', '<']).collect();
        words
            .windows(2)
            .filter(|words| is_rate(words))
            .map(|words| format!("{:.0}", words[0].parse::<f64>().unwrap_or(-1.0)))
            .collect()
    };
    let of_team = used(of_team);
    assert!(of_team.len() >= MACHINES && of_team == used(of_one), "{of_team:?}");
}
