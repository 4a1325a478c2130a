//! Several monitors that watch the same machines, in processes of their own. One is killed in the middle
//! of a cycle: every cycle is there once, and nothing is told that is not so.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anshin_field::mqtt::packet::{Connect, Packet, Publish, read};
use common::Folder;

/// Longest time that anything may take, on a machine that has much else to do.
const LONGEST: Duration = Duration::from_mins(2);

const MACHINES: usize = 6;

/// A program that is ended when the test is, and what it tells people.
struct Running {
    child: Child,
    notes: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it can be started");
        let errors = BufReader::new(child.stderr.take().expect("it has notes"));
        let (sender, notes) = channel();
        std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, notes, seen: Vec::new() }
    }

    /// A note that has all these parts.
    fn wait(&mut self, part: &str) -> String {
        let until = Instant::now() + LONGEST;
        loop {
            let Ok(line) = self.notes.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("waited for `{part}`, saw {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Waits until it judges so many machines.
    fn judges(&mut self, count: usize) {
        self.wait(&format!("judges {count} of {MACHINES} machines"));
    }

    /// Waits until it judges so many machines, while the machines go on.
    fn judges_at_last(&mut self, count: usize, devices: &mut Devices) {
        let part = format!("judges {count} of {MACHINES} machines");
        let until = Instant::now() + LONGEST;
        loop {
            assert!(Instant::now() < until, "waited for `{part}`, saw {:#?}", self.seen);
            match self.notes.recv_timeout(Duration::from_millis(500)) {
                Ok(line) if line.contains(&part) => return,
                Ok(line) => self.seen.push(line),
                Err(_) => devices.step(),
            }
        }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill can be run").success());
    }

    fn ends(&mut self) {
        self.child.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Machines that publish over MQTT; the time of the messages is that of the machines.
struct Devices {
    stream: TcpStream,
    second: u32,
    /// The cycle that runs, and how many steps of it have gone by.
    cycle: (u32, u32),
    id: u16,
}

impl Devices {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the broker listens");
        stream.set_read_timeout(Some(LONGEST)).expect("a time-out can be set");
        let mut devices = Self { stream, second: 1_000, cycle: (0, 0), id: 0 };
        devices.send(&Packet::Connect(Connect {
            level: 4,
            client: "devices",
            clean: true,
            keep_alive: 0,
            will: None,
            user: None,
            password: None,
        }));
        devices.hear();
        devices
    }

    fn send(&mut self, packet: &Packet<'_>) {
        let mut bytes = Vec::new();
        packet.write(&mut bytes);
        self.stream.write_all(&bytes).expect("the broker takes packets");
    }

    fn hear(&mut self) {
        let mut bytes = Vec::new();
        while read(&bytes).expect("the broker sends packets").is_none() {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).expect("the broker goes on");
            bytes.push(byte[0]);
        }
    }

    /// Five seconds of all machines; a cycle takes twenty.
    fn step(&mut self) {
        self.go_on(5);
        if self.cycle.1 == 4 {
            self.cycle = (self.cycle.0 + 1, 0);
        }
    }

    /// Some seconds of all machines, within the cycle that runs.
    fn go_on(&mut self, seconds: u32) {
        let (second, cycle) = (self.second, self.cycle.0);
        for n in 0..MACHINES {
            self.id = self.id % 60_000 + 1;
            let (topic, id) = (format!("plant/m{n}"), self.id);
            let payload = format!(r#"{{"t":{second},"w":1800,"cycle":{cycle}}}"#);
            let (topic, payload) = (topic.as_str(), payload.as_bytes());
            self.send(&Packet::Publish(Publish { topic, payload, qos: 1, retain: false, again: false, id }));
            self.hear();
        }
        self.second += seconds;
        self.cycle.1 += 1;
    }

    /// Goes on until so many cycles are over.
    fn cycles(&mut self, count: u32) {
        let last = self.cycle.0 + count;
        while self.cycle.0 < last {
            self.step();
        }
    }
}

fn configuration(broker: SocketAddr) -> String {
    let mut text = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: mqtt, address: \"{broker}\", topics: \"plant/+\", \
         time: {{ column: t, form: seconds }} }}\nmachines:\n"
    );
    for n in 0..MACHINES {
        writeln!(
            text,
            "  - id: m{n}\n    cycle: {{ by: number }}\n    meter: {{ kind: rate, most-gap: 30, fewest-samples: 3 }}\n    \
             learning: {{ cycles: 3 }}\n    hold-back: 0\n    input:\n      \
             - {{ from: line, topic: plant/m{n}, take: w, is: power }}\n      \
             - {{ from: line, topic: plant/m{n}, take: cycle, is: number }}"
        )
        .expect("a string grows");
    }
    text
}

fn worker(folder: &Folder, name: &str, database: &str) -> Running {
    let mut running = Running::start(
        Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "factory.yaml", "--team", "floor"])
            .args(["--database", database, "--worker", name, "--state", name, "--readings", "0"])
            .current_dir(folder.path(".")),
    );
    running.wait("source `line` is connected");
    running
}

/// What the records hold: when the cycles of each machine began, and how they were found; and alerts.
fn records(folder: &Folder, database: &str) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let ask = |what: &str| {
        let query =
            ["monitor", "query", what, "--database", database, "--limit", "10000", "--format", "json"];
        let said = folder.run(&query).ends_with(0);
        let lines = said.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON"));
        lines.collect::<Vec<serde_json::Value>>()
    };
    let mut cycles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in ask("cycles") {
        let text = |key: &str| line[key].as_str().expect("a text").to_owned();
        let start = text("start");
        cycles.entry(text("machine")).or_default().push(format!("{} {}", &start[14..19], text("finding")));
    }
    let alerts = ask("alerts").iter().map(|line| format!("{} {}", line["machine"], line["alert"])).collect();
    (cycles, alerts)
}

/// Waits until the records hold every cycle of every machine that has ended, each once, and no alert.
fn hold(folder: &Folder, database: &str, devices: &mut Devices) {
    // The end of a cycle is told by the number of the next.
    devices.step();
    if devices.cycle.1 == 0 {
        devices.step();
    }
    let cycles = expected(0..devices.cycle.0);
    let until = Instant::now() + LONGEST;
    loop {
        let (known, told) = records(folder, database);
        let is_so = known.len() == MACHINES && known.values().all(|known| *known == cycles);
        if is_so && told.is_empty() {
            return;
        }
        let is_more = known.values().any(|known| known.len() > cycles.len());
        assert!(!is_more && Instant::now() < until, "{cycles:#?}\n{known:#?}\n{told:#?}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The cycles from the first to before the last, as [`records`] tells them.
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

/// Two workers at a broker; whatever happens to them, the records stay whole.
fn every_cycle_is_there_once(broker: SocketAddr, database: &str) {
    let folder = Folder::new();
    folder.write("factory.yaml", configuration(broker));
    let database = database.replace("FOLDER", &folder.path(".").display().to_string());
    let database = database.as_str();
    let mut first = worker(&folder, "one", database);
    first.judges(MACHINES);
    let mut second = worker(&folder, "two", database);
    // Between cycles the newcomer is given its share.
    let share = second.wait("this monitor judges");
    let share: usize = share.split(' ').nth(3).and_then(|word| word.parse().ok()).expect("a number");
    assert!((1..MACHINES).contains(&share), "{share}");

    // The first one is killed in the middle of the eighth cycle.
    let mut devices = Devices::connect(broker);
    devices.cycles(7);
    hold(&folder, database, &mut devices);
    first.signal("-KILL");
    first.ends();
    devices.cycles(3);
    second.judges(MACHINES);
    hold(&folder, database, &mut devices);

    // It comes back with its files, and is given its share again while the machines work on.
    let mut first = worker(&folder, "one", database);
    first.judges_at_last(MACHINES - share, &mut devices);
    hold(&folder, database, &mut devices);

    // One that was stopped for a while finds out that the other one is in charge, and says nothing.
    second.signal("-STOP");
    devices.cycles(1);
    first.judges(MACHINES);
    devices.cycles(1);
    second.signal("-CONT");
    devices.cycles(1);
    hold(&folder, database, &mut devices);

    // Whatever a person asks of one of them reaches the one who judges the machine.
    second.judges(share);
    let maintain = ["monitor", "maintain", "--by", "Sato", "--minutes", "0", "--state"];
    for n in 0..MACHINES {
        let machine = format!("m{n}");
        folder.run(&[&maintain[..], &["one", &machine]].concat()).ends_with(0);
    }
    let asked = |name: &str| folder.read(&format!("{name}/alerts.jsonl")).matches("\"maintenance\"").count();
    let until = Instant::now() + LONGEST;
    while (asked("one"), asked("two")) != (MACHINES - share, share) {
        assert!(Instant::now() < until, "{} and {}", asked("one"), asked("two"));
        std::thread::sleep(Duration::from_millis(200));
    }

    // One takes its leave, and the other one goes on at once; references have come along.
    second.signal("-TERM");
    second.ends();
    first.judges(MACHINES);
    devices.go_on(10);
    devices.cycles(2);
    let (until, mut alerts) = (Instant::now() + LONGEST, Vec::new());
    while alerts.len() < 2 * MACHINES && Instant::now() < until {
        alerts = records(&folder, database).1;
    }
    let told = alerts.len();
    alerts.sort();
    alerts.dedup();
    assert_eq!((alerts.len(), told), (2 * MACHINES, 2 * MACHINES), "too slow, takes too much: {alerts:?}");
}

#[test]
fn a_team_at_the_broker_that_is_built_in() {
    let folder = Folder::new();
    folder.write(
        "hub.yaml",
        "anshin-monitor: 1\nsources: [ { id: all, kind: mqtt } ]\nmachines:\n  - { id: hub, cycle: { by: events }, \
         input: [ { from: all, take: none, is: power } ] }\n",
    );
    let mut hub = Running::start(
        Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "hub.yaml", "--listen", "127.0.0.1:0"])
            .args(["--readings", "0"])
            .current_dir(folder.path(".")),
    );
    let told = hub.wait("over MQTT to ");
    let address = told.split("over MQTT to ").nth(1).and_then(|rest| rest.split(';').next());
    let address = address.and_then(|text| text.parse().ok()).expect("an address");
    every_cycle_is_there_once(address, "sqlite:FOLDER/records.sqlite?mode=rwc");
}

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn a_team_at_mosquitto() {
    let folder = Folder::new();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = port.expect("a port is free");
    let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", address.port());
    folder.write("mosquitto.conf", text);
    let _broker = Running::start(Command::new("mosquitto").arg("-c").arg(folder.path("mosquitto.conf")));
    let until = Instant::now() + LONGEST;
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < until, "Mosquitto does not listen");
        std::thread::yield_now();
    }
    every_cycle_is_there_once(address, "sqlite:FOLDER/records.sqlite?mode=rwc");
}

#[test]
fn what_cannot_be_shared_is_told() {
    let folder = Folder::new();
    folder.write("factory.yaml", configuration("127.0.0.1:1".parse().expect("an address")));
    let run = ["monitor", "run", "factory.yaml", "--team", "floor"];
    folder.run(&run).ends_with(2).says(&["--database"]);
    folder.run(&[&run[..], &["--database", "none"]].concat()).ends_with(2).says(&["a team needs a database"]);
    let database = format!("sqlite:{}?mode=rwc", folder.path("records.sqlite").display());
    folder.write(
        "factory.yaml",
        folder.read("factory.yaml").replace("kind: mqtt, address: \"127.0.0.1:1\", ", "kind: mqtt, "),
    );
    folder
        .run(&[&run[..], &["--database", &database]].concat())
        .ends_with(2)
        .says(&["messages of source `line` come to one monitor only", "give its `address`"]);
}
