//! What people ask of a team: at any of its monitors, and by its database.

use super::common::running::until;
use super::common::{self, Folder};
use super::devices::{Devices, Hub, configuration, group};
use super::records::{self, are_told, ask, by_database, groups, hold, table, tells};
use super::tower::Tower;
use super::workers::{hub, run, two_workers, worker};
use super::{MACHINES, SHARE, postgres};

/// Whoever has seen the alert of a group has seen those of its machines, whoever judges them; alerts of sources are
/// acknowledged like them.
#[test]
fn alerts_of_groups_and_sources_are_acknowledged_at_any_monitor_of_a_team() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let tower = Tower::start();
    folder.write("factory.yaml", configuration(Hub::Mqtt(broker)) + &tower.outlet() + &group());
    folder.write("system.yaml", common::GOOD);
    let database = postgres::new_database();
    let database = database.as_str();
    // The second one leads.
    let (_first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(Hub::Mqtt(broker));
    devices.cycles(4);
    hold(&folder, database, &mut devices);
    devices.long_cycle();
    are_told(&folder, database, &["raised"]);
    devices.wire.publish(99, "{}");
    tower.shows([2, 2, 0, 9, 9, 1]);
    until(|| if groups(&folder, database).len() == 1 { Ok(()) } else { Err("the group".to_owned()) });

    let acknowledge = |request: &[&str], state: &str| {
        folder.run(&[&["monitor", "acknowledge"], request, &["--state", state]].concat())
    };
    acknowledge(&["suply", "--by", "Sato"], "one").ends_with(2).says(&[
        "there is no machine, group or source `suply`; did you mean `supply`? (known: m0,",
        ", line, supply)",
    ]);
    acknowledge(&["line", "overload", "--by", "Sato"], "two")
        .ends_with(2)
        .says(&["there is no alert `overload` of `line` to acknowledge (open: unknown-device)"]);
    acknowledge(&["supply", "--by", "Sato", "--note", "fuse"], "one").ends_with(0);
    tower.shows([1, 2, 0, 9, 9, 0]);
    acknowledge(&["line", "unknown-device", "--by", "Ito"], "two").ends_with(0);
    tower.shows([1, 1, 0, 9, 9, 0]);
    until(|| {
        let alerts = ask(&folder, database, "alerts");
        let by = |kind: &str, who: &str| {
            let of_kind = alerts.iter().filter(|line| line["type"] == kind);
            of_kind.filter(|line| line["acknowledged"]["by"] == who).count()
        };
        let seen = (by("alert", "Sato"), by("group-alert", "Sato"), by("source-alert", "Ito"));
        if seen == (2 * MACHINES, 1, 1) { Ok(()) } else { Err(format!("{seen:?} {alerts:#?}")) }
    });
    folder.run(&["assess", "system.yaml", "--monitor", database]).ends_with(0).prints(&[
        "group supply: alerts 1, acknowledged 1, open 1 (Several machines at once)\n    ✓ Several machines at once: Sato, ",
        "source line: alerts 1, acknowledged 1, open 1 (",
    ]);
    let rows = table(&folder, "--alerts", ["--database", database], &[]);
    assert!(rows.iter().any(|row| row.contains(",supply,") && row.ends_with(",fuse")), "{rows:#?}");

    // Whoever leads after it knows who has seen the group.
    second.stop();
    until(|| {
        let status = folder.run(&["monitor", "status", "--state", "one"]).ends_with(0).out;
        let is_seen =
            status.lines().any(|line| line.starts_with("supply (m0, m1") && line.contains(": fuse)"));
        if is_seen { Ok(()) } else { Err(status) }
    });
    // It was asked once, and nothing was told as not done.
    let log = folder.read("two/alerts.jsonl");
    assert_eq!(log.matches("\"acknowledge-other\",\"group\":\"supply\"").count(), 1, "{log}");
}

/// A person speaks to a team by its database, and needs no folder of any monitor: they see all machines, and what they
/// ask reaches whoever judges a machine.
#[test]
fn a_person_speaks_to_a_whole_team_by_its_database() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    folder.write("factory.yaml", configuration(Hub::Mqtt(broker)) + &group());
    let database = postgres::new_database();
    let database = database.as_str();
    by_database(&folder, database, &["status"])
        .ends_with(2)
        .says(&["no monitor shows machines in the database", "run one with this address as `--database`"]);
    let (mut first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(Hub::Mqtt(broker));
    devices.cycles(4);
    hold(&folder, database, &mut devices);
    devices.long_cycle();
    devices.wire.publish(99, "{}");
    let hint = format!(
        "Once it is seen: anshin monitor acknowledge supply together --by NAME --database '{database}'\n"
    );
    let judges =
        [MACHINES - SHARE, SHARE].map(|count| format!("(team floor)  judges {count} machines  last heard "));
    let said = tells(
        &folder,
        database,
        &["monitor one ", "monitor two ", &judges[0], &judges[1], &hint, "line: plant/m99: "],
    );
    let machines = |said: &str| said.lines().filter(|line| line.len() == 2 && line.starts_with('m')).count();
    assert_eq!(machines(&said), MACHINES, "{said}");
    let of_machines = |said: &str| {
        said.lines().filter(|line| line.starts_with("  ") && line.contains("  since 1970-")).count()
    };
    assert_eq!(of_machines(&said), 2 * MACHINES, "{said}");
    assert_eq!(
        said.matches("#1  20.0 s").count(),
        MACHINES,
        "references come with the state of the team: {said}"
    );

    // What nobody has is told, with what there is.
    let by = ["--by", "Sato"];
    for (command, wrong) in [
        (
            &["acknowledge", "suply"][..],
            "the records have no machine, group or source `suply`; did you mean `supply`?",
        ),
        (&["acknowledge", "m0", "stuck"], "there is no alert `stuck` of `m0` to acknowledge (open: "),
        (&["maintain", "m9"], "there is no machine `m9` (machines: m0, m1, m2, m3, m4, m5)"),
        (&["approve", "m0", "WELD-7"], "`m0` has no reference `WELD-7 --mode 1` (it has: --mode 1)"),
        (&["forget", "m1", "--mode", "4"], "`m1` has no reference `--mode 4`"),
        (&["maintain", "m0", "--team", "flor"], "there is no team or monitor `flor`; did you mean `floor`?"),
    ] {
        by_database(&folder, database, &[command, &by].concat()).ends_with(2).says(&[wrong]);
    }
    folder
        .run(&["monitor", "maintain", "m0", "--by", "Sato", "--team", "floor"])
        .ends_with(2)
        .says(&["--database"]);

    // Each is told once it is kept, whoever judges the machine.
    let ask = |command: &[&str]| {
        by_database(&folder, database, &[command, &by].concat())
            .ends_with(0)
            .says(&["the monitor has been told and has taken it up"]);
    };
    ask(&["acknowledge", "m0", "too-slow", "--note", "belt"]);
    ask(&["acknowledge", "supply"]);
    ask(&["acknowledge", "line", "unknown-device"]);
    let seen = || {
        let said = by_database(&folder, database, &["status"]).ends_with(0).out;
        let seen = (said.matches("(acknowledged: Sato, ").count(), said.matches(": belt)").count());
        if seen == (2 * MACHINES + 2, 1) { Ok(()) } else { Err(format!("{seen:?} {said}")) }
    };
    until(seen);
    // Both of the monitors judge some of these.
    let (some, others) = (["m0", "m3", "m4"], ["m1", "m5"]);
    for machine in some {
        ask(&["maintain", machine, "--minutes", "5"]);
        ask(&["approve", machine]);
    }
    ask(&["maintain", "m5", "--from", "2099-04-01T22:00", "--to", "2099-04-01T23:00"]);
    ask(&["forget", others[0]]);
    ask(&["forget", others[1], "--mode", "1"]);
    until(|| {
        let said = by_database(&folder, database, &["status"]).ends_with(0).out;
        let counts = ["maintained until ", "cycles  approved", "no reference yet"]
            .map(|part| said.matches(part).count());
        if counts == [3, 3, 2] { Ok(()) } else { Err(format!("{counts:?} {said}")) }
    });
    tells(
        &folder,
        database,
        &["  next maintenance from 2099-04-01 22:00:00 UTC until 2099-04-01 23:00:00 UTC\n"],
    );
    let json = by_database(&folder, database, &["status", "--format", "json"]).ends_with(0);
    let json = json.json();
    let of_team = &json["teams"]["floor"];
    assert_eq!(of_team["monitors"].as_array().map(Vec::len), Some(2), "{json:#}");
    for part in ["shown", "machines"] {
        assert_eq!(of_team[part].as_object().map(serde_json::Map::len), Some(MACHINES), "{json:#}");
    }

    // Another one that watches machines of the same names by itself: it has to be said who is meant.
    let itself = ["factory.yaml", "--database", database, "--worker", "dock", "--state", "dock"];
    let mut alone = run(&folder, &itself);
    alone.wait("source `line` is connected");
    tells(&folder, database, &["monitor dock  judges 6 machines  last heard "]);
    by_database(&folder, database, &[&["maintain", "m0"][..], &by].concat())
        .ends_with(2)
        .says(&["`dock` and `floor` have a `m0`; name one of them with `--team`"]);
    ask(&["maintain", "m0", "--team", "dock"]);
    let only = by_database(&folder, database, &["status", "--team", "dock"]).ends_with(0).out;
    assert!(!only.contains("team floor") && machines(&only) == MACHINES, "{only}");

    // All have gone: what is asked waits for the first one that comes, and that is said.
    for running in [&mut first, &mut second, &mut alone] {
        running.stop();
    }
    tells(&folder, database, &["monitor one (team floor)  ended ", "monitor two (team floor)  ended "]);
    let maintain = ["maintain", "m3", "--minutes", "9", "--by", "Sato", "--team", "floor"];
    by_database(&folder, database, &maintain).ends_with(0).says(&[
        "nothing has been heard of the monitor `floor` since ",
        "; the request is kept in the database, and done when it runs again",
    ]);
    let _second = worker(&folder, "two", database);
    let planned = "  next maintenance from 2099-04-01 22:00:00 UTC until ";
    tells(
        &folder,
        database,
        &["monitor two (team floor)  judges 6 machines", "  maintained until ", planned],
    );
}

/// What only a monitor sees that does not lead is acknowledged there: a source that it alone has lost.
#[test]
fn an_alert_that_whoever_leads_does_not_have_is_acknowledged() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let database = records::file(&folder);
    let with_dock = |address: &str| {
        let dock = format!("sources:\n  - {{ id: dock, kind: mqtt, address: \"{address}\" }}");
        folder.write("factory.yaml", configuration(Hub::Mqtt(broker)).replacen("sources:", &dock, 1));
    };
    with_dock("127.0.0.1:1");
    let mut first = worker(&folder, "one", &database);
    first.judges(MACHINES);
    with_dock(&broker.to_string());
    let mut second = worker(&folder, "two", &database);
    second.judges(SHARE);
    first.judges(MACHINES - SHARE);
    until(|| {
        let state = folder.read("one/state.json");
        if state.contains("\"is-led\":true") { Ok(()) } else { Err(state) }
    });
    folder.run(&["monitor", "acknowledge", "dock", "--by", "Sato", "--state", "one"]).ends_with(0);
    until(|| {
        let status = folder.run(&["monitor", "status", "--state", "one"]).ends_with(0).out;
        if status.contains("(acknowledged: Sato, ") { Ok(()) } else { Err(status) }
    });
    let log = folder.read("one/alerts.jsonl");
    assert_eq!(log.matches("\"acknowledge-other\",\"source\":\"dock\"").count(), 1, "{log}");
    // The records of the team have it, though the one that leads does not see it.
    until(|| {
        let alerts = ask(&folder, &database, "alerts");
        let is_it = |line: &serde_json::Value| {
            line["source"] == "dock" && line["alert"] == "silent" && line["acknowledged"]["by"] == "Sato"
        };
        if alerts.iter().any(is_it) { Ok(()) } else { Err(format!("{alerts:#?}")) }
    });
}
