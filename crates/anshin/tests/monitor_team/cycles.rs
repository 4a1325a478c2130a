//! Every cycle is in the records once, whatever happens to the workers, at each kind of broker.

#[cfg(feature = "nats")]
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::process::{Command, Stdio};
#[cfg(feature = "nats")]
use std::time::Duration;

use super::common::Folder;
use super::common::running::{Running, free_address, until};
use super::devices::{Devices, Hub, configuration};
use super::records::{self, are_told, cycle, hold};
#[cfg(feature = "nats")]
use super::stream;
use super::workers::{hub, two_workers, worker};
use super::{MACHINES, SHARE, postgres};

/// Two workers at a broker; whatever happens to them, the records stay whole.
fn every_cycle_is_there_once(folder: &Folder, broker: Hub, database: &str) {
    folder.write("factory.yaml", configuration(broker));
    let (mut first, mut second) = two_workers(folder, database);

    // The first one is killed in the middle of the eighth cycle.
    let mut devices = Devices::connect(broker);
    devices.cycles(7);
    hold(folder, database, &mut devices);
    first.kill();
    devices.cycles(3);
    second.judges(MACHINES);
    hold(folder, database, &mut devices);

    // It comes back with its files, and is given its share again while the machines work on.
    let mut first = worker(folder, "one", database);
    first.judges_at_last(MACHINES - SHARE, &mut devices);
    second.judges(SHARE);
    hold(folder, database, &mut devices);

    // One that was stopped for a while finds out that the other one is in charge, and says nothing.
    second.stop_between_writes(database);
    devices.cycles(1);
    first.judges(MACHINES);
    devices.cycles(1);
    second.signal("-CONT");
    devices.cycles(1);
    hold(folder, database, &mut devices);
    let own = folder.read("one/alerts.jsonl") + &folder.read("two/alerts.jsonl");
    assert!(!own.contains("\"alert\""), "{own}");
    let told = |name: &str| -> Vec<(String, String)> {
        let day = folder.read(&format!("{name}/history/1970-01-01.jsonl"));
        day.lines().map(|line| cycle(&serde_json::from_str(line).expect("a line is JSON"))).collect()
    };
    let (of_first, of_second) = (told("one"), told("two"));
    let twice: Vec<_> = of_first.iter().filter(|one| of_second.contains(one)).collect();
    assert!(twice.is_empty(), "{twice:#?}");

    // It is given its share again. Whatever a person asks of one of them reaches the one who judges the
    // machine.
    second.judges(SHARE);
    first.judges(MACHINES - SHARE);
    let maintain = ["monitor", "maintain", "--by", "Sato", "--minutes", "0", "--state"];
    for n in 0..MACHINES {
        let machine = format!("m{n}");
        folder.run(&[&maintain[..], &["one", &machine]].concat()).ends_with(0);
    }
    let asked = |name: &str| folder.read(&format!("{name}/alerts.jsonl")).matches("\"maintenance\"").count();
    until(|| {
        let asked = (asked("one"), asked("two"));
        if asked == (MACHINES - SHARE, SHARE) { Ok(()) } else { Err(format!("{asked:?}")) }
    });

    // One takes its leave, and the other one goes on at once; references have come along.
    second.stop();
    first.judges(MACHINES);
    devices.linger(20);
    devices.cycles(2);
    are_told(folder, database, &["raised"]);
}

#[test]
fn a_team_at_the_broker_that_is_built_in() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    every_cycle_is_there_once(&folder, Hub::Mqtt(broker), &records::file(&folder));
}

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn a_team_at_mosquitto_with_postgresql() {
    let folder = Folder::new();
    let address = free_address();
    let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", address.port());
    folder.write("mosquitto.conf", text);
    let mut mosquitto = Command::new("mosquitto");
    mosquitto.arg("-c").arg(folder.path("mosquitto.conf")).stdout(Stdio::null());
    let _broker = Running::start(&mut mosquitto);
    until(|| TcpStream::connect(address).map(|_| ()).map_err(|error| format!("Mosquitto: {error}")));
    every_cycle_is_there_once(&folder, Hub::Mqtt(address), &postgres::new_database());
}

/// A server with the stream `PLANT`.
#[cfg(feature = "nats")]
fn nats(folder: &Folder) -> stream::Server {
    let server = stream::Server::start(&folder.path("."), stream::free_address(), "");
    stream::Client::connect(server.address, None).create("PLANT", "plant.>", "");
    server
}

#[cfg(feature = "nats")]
#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn a_team_at_nats() {
    let folder = Folder::new();
    let server = nats(&folder);
    every_cycle_is_there_once(&folder, Hub::Nats(server.address), &records::file(&folder));
}

/// The machines whose messages each of some workers takes; one of them hears of all subjects beside, and
/// nobody else does anything at the server. Each machine is taken by two.
#[cfg(feature = "nats")]
fn shares(client: &mut stream::Client, workers: &[&str]) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut shares: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let consumers = client.consumers("PLANT");
    for (worker, subject, only_heads, _) in &consumers {
        let of = shares.entry(worker.clone()).or_default();
        if !only_heads {
            of.push(subject.clone());
        }
    }
    let mut taken: Vec<&str> = shares.values().flatten().map(String::as_str).collect();
    taken.sort_unstable();
    let wanted: Vec<String> =
        (0..MACHINES).flat_map(|n| [format!("plant.m{n}"), format!("plant.m{n}")]).collect();
    let names: Vec<String> = workers.iter().map(|worker| format!("anshin-monitor-{worker}-line")).collect();
    let is_twice = |of: &Vec<String>| of.iter().collect::<std::collections::BTreeSet<_>>().len() < of.len();
    let is_so = taken == wanted
        && shares.keys().all(|name| names.contains(name))
        && !shares.values().any(is_twice)
        && consumers.iter().filter(|(_, _, only_heads, _)| *only_heads).count() == 1;
    if is_so { Ok(shares) } else { Err(format!("{consumers:#?}")) }
}

/// Three workers at a stream: each takes the messages of its own machines only, also after one is killed in
/// the middle of a cycle and comes back; every cycle is in the records once.
#[cfg(feature = "nats")]
#[test]
#[ignore = "needs nats-server; run scripts/test-with-field-peers"]
fn each_worker_at_nats_takes_its_own_load() {
    const WORKERS: [&str; 3] = ["one", "two", "three"];
    let folder = Folder::new();
    let server = nats(&folder);
    let hub = Hub::Nats(server.address);
    folder.write("factory.yaml", configuration(hub));
    let database = records::file(&folder);
    let database = database.as_str();
    let mut look = stream::Client::connect(server.address, None);
    let mut settled = |workers: &[&str]| until(|| shares(&mut look, workers));
    let (first, second) = two_workers(&folder, database);
    let third = worker(&folder, "three", database);
    let shares = settled(&WORKERS);
    assert!(shares.values().all(|share| share.len() < MACHINES), "{shares:#?}");
    // Machines are handed over between cycles, so what is watched has settled before they begin.
    std::thread::sleep(Duration::from_secs(3));
    let mut devices = Devices::connect(hub);
    devices.cycles(7);
    hold(&folder, database, &mut devices);
    devices.step();
    let mut workers = [first, second, third];
    workers[1].kill();
    devices.cycles(2);
    // The server lets go of what nobody asks for, in half a minute.
    settled(&["one", "three"]);
    hold(&folder, database, &mut devices);
    workers[1] = worker(&folder, "two", database);
    devices.cycles(2);
    settled(&WORKERS);
    hold(&folder, database, &mut devices);
}
