//! The database goes and comes back, and a team goes on.

use std::time::Duration;

use super::common::Folder;
use super::common::running::until;
use super::devices::{Devices, Hub, configuration, group};
use super::records::{are_told, groups, hold};
use super::tower::Tower;
use super::workers::{hub, two_workers, worker};
use super::{MACHINES, SHARE, postgres};

/// While the database is away everybody goes on with the machines they have. Alerts that are open, and
/// that somebody has seen, go over to the other one when their monitor takes its leave.
#[test]
fn a_team_whose_database_goes_and_comes_back() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let broker = Hub::Mqtt(broker);
    let door = postgres::Door::new();
    let tower = Tower::start();
    folder.write("factory.yaml", configuration(broker) + &tower.outlet() + &group());
    let database = door.address();
    let database = database.as_str();
    let (mut first, mut second) = two_workers(&folder, database);
    let shared = first.seen.len();
    let mut devices = Devices::connect(broker);
    devices.cycles(4);
    hold(&folder, database, &mut devices);

    // Away for longer than after which a monitor counts as gone.
    door.close();
    devices.cycles(3);
    devices.go_into_next();
    for running in [&mut first, &mut second] {
        running.wait("the database cannot be written");
    }
    std::thread::sleep(Duration::from_secs(6));
    let ended = usize::try_from(devices.cycle.0).expect("some cycles");
    until(|| {
        let told = |name: &str| folder.read(&format!("{name}/history/1970-01-01.jsonl")).lines().count();
        let told = (told("one"), told("two"));
        let wanted = ((MACHINES - SHARE) * ended, SHARE * ended);
        if told == wanted { Ok(()) } else { Err(format!("{told:?} of {wanted:?}")) }
    });
    door.open();
    for running in [&mut first, &mut second] {
        running.wait("the database can be written again");
    }
    hold(&folder, database, &mut devices);

    // A cycle that lasts too long, of all machines. The second one leads, and has the tower.
    tower.shows([0, 0, 1, 9, 9, 0]);
    devices.long_cycle();
    are_told(&folder, database, &["raised"]);
    tower.shows([2, 0, 0, 9, 9, 1]);
    let raised = format!("\"supply\" \"raised\" {MACHINES}");
    until(|| if groups(&folder, database) == [&*raised] { Ok(()) } else { Err("the group".to_owned()) });
    // Those of its own machines are acknowledged, at the first one; those of the others still flash.
    let acknowledge = |machines: &[&str]| {
        for machine in machines {
            folder.run(&["monitor", "acknowledge", machine, "--by", "Sato", "--state", "one"]).ends_with(0);
        }
    };
    acknowledge(&["m3", "m4"]);
    until(|| {
        let log = folder.read("two/alerts.jsonl");
        // Each of the two alerts of both machines.
        if log.matches("\"acknowledge\"").count() == 4 { Ok(()) } else { Err(log) }
    });
    tower.shows([2, 0, 0, 9, 9, 1]);
    acknowledge(&["m0", "m1", "m2", "m5"]);
    tower.shows([1, 0, 0, 9, 9, 0]);
    // Nobody counted as gone when the database was back: the machines have stayed where they were.
    first.catch_up();
    assert!(first.seen[shared..].iter().all(|note| !note.contains("judges")), "{:#?}", first.seen);
    second.stop();
    until(|| {
        let status = folder.run(&["monitor", "status", "--state", "one"]).ends_with(0).out;
        // Those of the machines are indented; the group stands by itself.
        let open = status.lines().filter(|line| line.starts_with("  ") && line.contains("  since ")).count();
        // Whoever takes a machine over knows who has seen its alerts.
        let seen = status.matches("(acknowledged: Sato, ").count();
        if (open, seen) == (2 * MACHINES, 2 * MACHINES) { Ok(()) } else { Err(status) }
    });
    // Nothing is told again, and all of it is over after three healthy cycles.
    devices.cycles(4);
    are_told(&folder, database, &["raised", "cleared"]);
    tower.shows([0, 0, 1, 9, 9, 0]);
    // Whoever leads now knows what was told of the group.
    let cleared = raised.replace("raised", "cleared");
    until(|| {
        let mut told = groups(&folder, database);
        told.sort();
        if told == [&*cleared, &*raised] { Ok(()) } else { Err(format!("{told:?}")) }
    });
}

/// Where a monitor and the database begin with the computer, the database may need longer.
#[test]
fn a_database_that_is_only_starting_is_waited_for() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    folder.write("factory.yaml", configuration(Hub::Mqtt(broker)));
    let door = postgres::Door::new();
    door.close();
    let address = door.address();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(2));
            door.open();
        });
        worker(&folder, "one", &address).judges(MACHINES);
    });
}
