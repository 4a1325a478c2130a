//! Several monitors that watch the same machines, in processes of their own. One is killed in the middle
//! of a cycle: every cycle is there once, and nothing is told that is not so.

mod common;
#[path = "../../anshin-store/tests/store/postgres.rs"]
#[expect(clippy::unwrap_used, reason = "a test fails where something is missing")]
mod postgres;
#[cfg(feature = "nats")]
#[path = "../../anshin-field/tests/common/stream.rs"]
mod stream;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anshin_field::mqtt::packet::{Connect, Packet, Publish, read};
use anshin_field::records::Records;
use common::Folder;

/// Longest time that anything may take, on a machine that has much else to do.
const LONGEST: Duration = Duration::from_mins(2);

const MACHINES: usize = 6;

/// Machines that the ranks of the workers `one` and `two` give the second one.
const SHARE: usize = 2;

/// Pause between two looks at something that is to change.
const PAUSE: Duration = Duration::from_millis(200);

/// A program that is ended when the test is, and what it tells people.
struct Running {
    child: Child,
    notes: Receiver<String>,
    seen: Vec<String>,
    /// How many of them have been looked at.
    read: usize,
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
        Self { child, notes, seen: Vec::new(), read: 0 }
    }

    /// Whether one of the notes that have not been looked at has this part; they are looked at up to it.
    fn finds(&mut self, part: &str) -> Option<String> {
        let at = self.seen[self.read..].iter().position(|line| line.contains(part));
        self.read = at.map_or(self.seen.len(), |at| self.read + at + 1);
        at.map(|_| self.seen[self.read - 1].clone())
    }

    /// Waits for a note with this part.
    fn wait(&mut self, part: &str) -> String {
        let until = Instant::now() + LONGEST;
        loop {
            if let Some(line) = self.finds(part) {
                return line;
            }
            let Ok(line) = self.notes.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("waited for `{part}`, saw {:#?}", self.seen);
            };
            self.seen.push(line);
        }
    }

    /// Waits until it says that it judges so many machines.
    fn judges(&mut self, count: usize) {
        self.wait(&format!("judges {count} of {MACHINES} machines"));
    }

    /// Waits until it judges so many machines, while the machines go on.
    fn judges_at_last(&mut self, count: usize, devices: &mut Devices) {
        let part = format!("judges {count} of {MACHINES} machines");
        let until = Instant::now() + LONGEST;
        while self.finds(&part).is_none() {
            assert!(Instant::now() < until, "waited for `{part}`, saw {:#?}", self.seen);
            match self.notes.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Timeout) => devices.step(),
                Err(RecvTimeoutError::Disconnected) => panic!("it has ended, saw {:#?}", self.seen),
            }
        }
    }

    /// Stops it where it does not write to the database just then: a file is written by one at a time, and one
    /// that is stopped in the middle of it keeps everybody else from it.
    fn stop_between_writes(&self, database: &str) {
        until(|| {
            self.signal("-STOP");
            let written = Records::open(database).and_then(|records| records.beat("nobody"));
            written.map_err(|error| {
                self.signal("-CONT");
                error.to_string()
            })
        });
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

/// Where machines publish, and monitors listen.
#[derive(Clone, Copy)]
enum Hub {
    Mqtt(SocketAddr),
    #[cfg(feature = "nats")]
    Nats(SocketAddr),
}

/// One who publishes there.
enum Wire {
    Mqtt(TcpStream, u16),
    #[cfg(feature = "nats")]
    Nats(stream::Client),
}

/// Machines that publish; the time of the messages is that of the machines.
struct Devices {
    wire: Wire,
    second: u32,
    /// The cycle that runs, and how many steps of it have gone by.
    cycle: (u32, u32),
}

impl Wire {
    fn to(hub: Hub) -> Self {
        match hub {
            Hub::Mqtt(address) => {
                let mut stream = TcpStream::connect(address).expect("the broker listens");
                stream.set_read_timeout(Some(LONGEST)).expect("a time-out can be set");
                let hello = Packet::Connect(Connect {
                    level: 4,
                    client: "devices",
                    clean: true,
                    keep_alive: 0,
                    will: None,
                    user: None,
                    password: None,
                });
                say(&mut stream, &hello);
                Wire::Mqtt(stream, 0)
            }
            #[cfg(feature = "nats")]
            Hub::Nats(address) => Wire::Nats(stream::Client::connect(address, None)),
        }
    }

    /// Publishes what a machine says, and waits until it is there.
    fn publish(&mut self, n: usize, payload: &str) {
        match self {
            Wire::Mqtt(stream, id) => {
                *id = *id % 60_000 + 1;
                let (topic, payload, id) = (format!("plant/m{n}"), payload.as_bytes(), *id);
                let topic = topic.as_str();
                say(
                    stream,
                    &Packet::Publish(Publish { topic, payload, qos: 1, retain: false, again: false, id }),
                );
            }
            #[cfg(feature = "nats")]
            Wire::Nats(client) => client.publish(&format!("plant.m{n}"), payload),
        }
    }
}

/// Sends a packet and waits for the answer.
fn say(stream: &mut TcpStream, packet: &Packet<'_>) {
    let mut bytes = Vec::new();
    packet.write(&mut bytes);
    stream.write_all(&bytes).expect("the broker takes packets");
    bytes.clear();
    while read(&bytes).expect("the broker sends packets").is_none() {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the broker goes on");
        bytes.push(byte[0]);
    }
}

impl Devices {
    fn connect(hub: Hub) -> Self {
        Self { wire: Wire::to(hub), second: 1_000, cycle: (0, 0) }
    }

    /// Five seconds of all machines; a cycle takes twenty.
    fn step(&mut self) {
        self.go_on(5);
        if self.cycle.1 >= 4 {
            self.cycle = (self.cycle.0 + 1, 0);
        }
    }

    /// Some seconds of all machines, within the cycle that runs.
    fn go_on(&mut self, seconds: u32) {
        let (second, cycle) = (self.second, self.cycle.0);
        for n in 0..MACHINES {
            self.wire.publish(n, &format!(r#"{{"t":{second},"w":1800,"cycle":{cycle}}}"#));
        }
        self.second += seconds;
        self.cycle.1 += 1;
    }

    /// Stays for some seconds in the cycle that runs, and says so as often as ever.
    fn linger(&mut self, seconds: u32) {
        (0..seconds / 5).for_each(|_| self.go_on(5));
        self.cycle.1 = 1;
    }

    /// Goes on until so many cycles are over.
    fn cycles(&mut self, count: u32) {
        let last = self.cycle.0 + count;
        while self.cycle.0 < last {
            self.step();
        }
    }
}

fn configuration(hub: Hub) -> String {
    let (source, separator) = match hub {
        Hub::Mqtt(address) => (format!("kind: mqtt, address: \"{address}\", topics: \"plant/+\""), '/'),
        #[cfg(feature = "nats")]
        Hub::Nats(address) => (format!("kind: nats, address: \"{address}\", stream: PLANT"), '.'),
    };
    let mut text = format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, {source}, time: {{ column: t, form: seconds }} }}\nmachines:\n"
    );
    for n in 0..MACHINES {
        writeln!(
            text,
            "  - id: m{n}\n    cycle: {{ by: number }}\n    meter: {{ kind: rate, most-gap: 30, fewest-samples: 3 }}\n    \
             learning: {{ cycles: 3 }}\n    hold-back: 0\n    input:\n      \
             - {{ from: line, topic: plant{separator}m{n}, take: w, is: power }}\n      \
             - {{ from: line, topic: plant{separator}m{n}, take: cycle, is: number }}"
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
    // It may have been given machines before.
    running.read = 0;
    running
}

/// What the records hold of cycles or alerts.
fn ask(folder: &Folder, database: &str, what: &str) -> Vec<serde_json::Value> {
    let query = ["monitor", "query", what, "--database", database, "--limit", "10000", "--format", "json"];
    let said = folder.run(&query).ends_with(0);
    said.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A machine with the time at which its cycle began, and how that was found.
fn cycle(line: &serde_json::Value) -> (String, String) {
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

/// Waits until something holds, which is said in words if it never does.
fn until(mut holds: impl FnMut() -> Result<(), String>) {
    let until = Instant::now() + LONGEST;
    while let Err(why) = holds() {
        assert!(Instant::now() < until, "{why}");
        std::thread::sleep(PAUSE);
    }
}

/// Lets the last cycle end and the next one begin: the end of a cycle is told by the number of the next.
fn go_into_next(devices: &mut Devices) {
    devices.step();
    if devices.cycle.1 == 0 {
        devices.step();
    }
}

/// Waits until the records hold every cycle of every machine that has ended, each once, and no alert.
fn hold(folder: &Folder, database: &str, devices: &mut Devices) {
    go_into_next(devices);
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
fn groups(folder: &Folder, database: &str) -> Vec<String> {
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
fn are_told(folder: &Folder, database: &str, changes: &[&str]) {
    let wanted = of_all(changes);
    until(|| {
        let told = alerts(folder, database);
        assert!(told.len() <= wanted.len(), "{told:#?}");
        if told == wanted { Ok(()) } else { Err(format!("{told:#?}")) }
    });
}

/// A signal tower, and the command that it took last.
fn tower() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let last = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&last);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut command = [0; 12];
            if stream.read_exact(&mut command).is_ok() && stream.write_all(&[0x06]).is_ok() {
                // The lamps: red, amber, green, two that are left alone, and the buzzer.
                *taken.lock().expect("nobody has panicked") = command[6..].to_vec();
            }
        }
    });
    (address, last)
}

/// Two workers that have shared the machines.
fn two_workers(folder: &Folder, database: &str) -> (Running, Running) {
    let mut first = worker(folder, "one", database);
    first.judges(MACHINES);
    let mut second = worker(folder, "two", database);
    // It says so while it has none.
    second.wait(&format!("judges 0 of {MACHINES} machines (standing by)"));
    // Between cycles the newcomer is given its share.
    second.judges(SHARE);
    first.judges(MACHINES - SHARE);
    (first, second)
}

/// Two workers at a broker; whatever happens to them, the records stay whole.
fn every_cycle_is_there_once(broker: Hub, database: &str) {
    let folder = Folder::new();
    folder.write("factory.yaml", configuration(broker));
    let database = database.replace("FOLDER", &folder.path(".").display().to_string());
    let database = database.as_str();
    let (mut first, mut second) = two_workers(&folder, database);

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
    first.judges_at_last(MACHINES - SHARE, &mut devices);
    second.judges(SHARE);
    hold(&folder, database, &mut devices);

    // One that was stopped for a while finds out that the other one is in charge, and says nothing.
    second.stop_between_writes(database);
    devices.cycles(1);
    first.judges(MACHINES);
    devices.cycles(1);
    second.signal("-CONT");
    devices.cycles(1);
    hold(&folder, database, &mut devices);
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
    second.signal("-TERM");
    second.ends();
    first.judges(MACHINES);
    devices.linger(20);
    devices.cycles(2);
    are_told(&folder, database, &["raised"]);
}

/// While the database is away everybody goes on with the machines they have. Alerts that are open, and
/// that somebody has seen, go over to the other one when their monitor takes its leave.
fn what_is_open_goes_over(broker: Hub, door: &postgres::Door) {
    let folder = Folder::new();
    let (tower, shown) = tower();
    let outlet = format!("outlets: [ {{ id: tower, kind: patlite, address: \"{tower}\" }} ]\n");
    let group = format!("groups: [ {{ id: supply, shares: power, least: {MACHINES} }} ]\n");
    folder.write("factory.yaml", configuration(broker) + &outlet + &group);
    let shows = |lamps: [u8; 6]| {
        until(|| {
            let shown = shown.lock().expect("nobody has panicked").clone();
            if shown == lamps { Ok(()) } else { Err(format!("the tower shows {shown:?}, not {lamps:?}")) }
        });
    };
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
    go_into_next(&mut devices);
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
    shows([0, 0, 1, 9, 9, 0]);
    devices.linger(20);
    devices.cycles(1);
    go_into_next(&mut devices);
    are_told(&folder, database, &["raised"]);
    shows([2, 0, 0, 9, 9, 1]);
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
    shows([2, 0, 0, 9, 9, 1]);
    acknowledge(&["m0", "m1", "m2", "m5"]);
    shows([1, 0, 0, 9, 9, 0]);
    // Nobody counted as gone when the database was back: the machines have stayed where they were.
    first.seen.extend(first.notes.try_iter());
    assert!(first.seen[shared..].iter().all(|note| !note.contains("judges")), "{:#?}", first.seen);
    second.signal("-TERM");
    second.ends();
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
    shows([0, 0, 1, 9, 9, 0]);
    // Whoever leads now knows what was told of the group.
    let cleared = raised.replace("raised", "cleared");
    until(|| {
        let mut told = groups(&folder, database);
        told.sort();
        if told == [&*cleared, &*raised] { Ok(()) } else { Err(format!("{told:?}")) }
    });
}

/// A monitor that watches the same machines by itself.
fn alone(folder: &Folder) -> Running {
    let mut running = Running::start(
        Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "factory.yaml", "--database", "none"])
            .args(["--state", "alone", "--readings", "0"])
            .current_dir(folder.path(".")),
    );
    running.wait("source `line` is connected");
    running
}

/// A table of the records that stand in a place.
fn table(folder: &Folder, what: &str, place: [&str; 2], more: &[&str]) -> Vec<String> {
    let export = ["monitor", "export", "factory.yaml", what, "table.csv"];
    folder.run(&[&export[..], &place, more].concat()).ends_with(0);
    folder.read("table.csv").lines().map(str::to_owned).collect()
}

/// The database of a team has what all of them have seen, as one that watches alone has it in its folder.
#[test]
fn what_a_whole_team_has_seen_is_exported_and_is_evidence() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let hub = Hub::Mqtt(broker);
    let group = format!("groups: [ {{ id: supply, shares: power, least: {MACHINES} }} ]\n");
    let asset = |text: String| text.replace("- id: m0\n", "- id: m0\n    asset: heater\n");
    folder.write("factory.yaml", asset(configuration(hub)) + &group);
    folder.write("system.yaml", common::GOOD);
    let database = postgres::new_database();
    let database = database.as_str();
    let mut alone = alone(&folder);
    let (mut first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(hub);
    devices.cycles(5);
    hold(&folder, database, &mut devices);
    devices.linger(20);
    devices.cycles(1);
    go_into_next(&mut devices);
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
        running.signal("-TERM");
        running.ends();
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

/// Whoever has seen the alert of a group has seen those of its machines, whoever judges them; alerts of sources are
/// acknowledged like them.
#[test]
fn alerts_of_groups_and_sources_are_acknowledged_at_any_monitor_of_a_team() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let (tower, shown) = tower();
    let outlet = format!("outlets: [ {{ id: tower, kind: patlite, address: \"{tower}\" }} ]\n");
    let group = format!("groups: [ {{ id: supply, shares: power, least: {MACHINES} }} ]\n");
    folder.write("factory.yaml", configuration(Hub::Mqtt(broker)) + &outlet + &group);
    folder.write("system.yaml", common::GOOD);
    let shows = |lamps: [u8; 6]| {
        until(|| {
            let shown = shown.lock().expect("nobody has panicked").clone();
            if shown == lamps { Ok(()) } else { Err(format!("the tower shows {shown:?}, not {lamps:?}")) }
        });
    };
    let database = postgres::new_database();
    let database = database.as_str();
    // The second one leads.
    let (_first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(Hub::Mqtt(broker));
    devices.cycles(4);
    hold(&folder, database, &mut devices);
    devices.linger(20);
    devices.cycles(1);
    go_into_next(&mut devices);
    are_told(&folder, database, &["raised"]);
    devices.wire.publish(99, "{}");
    shows([2, 2, 0, 9, 9, 1]);
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
    shows([1, 2, 0, 9, 9, 0]);
    acknowledge(&["line", "unknown-device", "--by", "Ito"], "two").ends_with(0);
    shows([1, 1, 0, 9, 9, 0]);
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
    second.signal("-TERM");
    second.ends();
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

/// What a person asks of the team in its database, from any computer that reaches it.
fn by_database(folder: &Folder, database: &str, command: &[&str]) -> common::Said {
    folder.run(&[&["monitor"], command, &["--database", database]].concat())
}

/// Waits until the status that a database tells has all of some parts.
fn tells(folder: &Folder, database: &str, parts: &[&str]) -> String {
    let mut said = String::new();
    until(|| {
        said = by_database(folder, database, &["status"]).ends_with(0).out;
        match parts.iter().find(|part| !said.contains(**part)) {
            Some(part) => Err(format!("`{part}` is not in\n{said}")),
            None => Ok(()),
        }
    });
    said
}

/// A person speaks to a team by its database, and needs no folder of any monitor: they see all machines, and what they
/// ask reaches whoever judges a machine.
#[test]
fn a_person_speaks_to_a_whole_team_by_its_database() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let group = format!("groups: [ {{ id: supply, shares: power, least: {MACHINES} }} ]\n");
    folder.write("factory.yaml", configuration(Hub::Mqtt(broker)) + &group);
    let database = postgres::new_database();
    let database = database.as_str();
    by_database(&folder, database, &["status"])
        .ends_with(2)
        .says(&["no monitor shows machines in the database", "run one with this address as `--database`"]);
    let (mut first, mut second) = two_workers(&folder, database);
    let mut devices = Devices::connect(Hub::Mqtt(broker));
    devices.cycles(4);
    hold(&folder, database, &mut devices);
    devices.linger(20);
    devices.cycles(1);
    go_into_next(&mut devices);
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
    ask(&["forget", others[0]]);
    ask(&["forget", others[1], "--mode", "1"]);
    until(|| {
        let said = by_database(&folder, database, &["status"]).ends_with(0).out;
        let counts = ["maintained until ", "cycles  approved", "no reference yet"]
            .map(|part| said.matches(part).count());
        if counts == [3, 3, 2] { Ok(()) } else { Err(format!("{counts:?} {said}")) }
    });
    let json = by_database(&folder, database, &["status", "--format", "json"]).ends_with(0);
    let json = json.json();
    let of_team = &json["teams"]["floor"];
    assert_eq!(of_team["monitors"].as_array().map(Vec::len), Some(2), "{json:#}");
    for part in ["shown", "machines"] {
        assert_eq!(of_team[part].as_object().map(serde_json::Map::len), Some(MACHINES), "{json:#}");
    }

    // Another one that watches machines of the same names by itself: it has to be said who is meant.
    let mut alone = Running::start(
        Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "factory.yaml", "--database", database])
            .args(["--worker", "dock", "--state", "dock", "--readings", "0"])
            .current_dir(folder.path(".")),
    );
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
        running.signal("-TERM");
        running.ends();
    }
    tells(&folder, database, &["monitor one (team floor)  ended ", "monitor two (team floor)  ended "]);
    let maintain = ["maintain", "m3", "--minutes", "9", "--by", "Sato", "--team", "floor"];
    by_database(&folder, database, &maintain).ends_with(0).says(&[
        "nothing has been heard of the monitor `floor` since ",
        "; the request is kept in the database, and done when it runs again",
    ]);
    let _second = worker(&folder, "two", database);
    tells(&folder, database, &["monitor two (team floor)  judges 6 machines", "  maintained until "]);
}

/// What only a monitor sees that does not lead is acknowledged there: a source that it alone has lost.
#[test]
fn an_alert_that_whoever_leads_does_not_have_is_acknowledged() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    let database = format!("sqlite:{}?mode=rwc", folder.path("records.sqlite").display());
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

/// What cannot be read is told with the place and what to do, and without a part of a password.
#[test]
fn a_database_that_cannot_be_read_is_told_without_its_password() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    folder.write("factory.yaml", configuration(Hub::Mqtt("127.0.0.1:1".parse().expect("an address"))));
    let there = postgres::new_database();
    let gone = there.replace("postgres@localhost/", "postgres:ge#heim@localhost/");
    for (address, place, next) in [
        ("postgres://u:geheim@127.0.0.1:9/plant", "`127.0.0.1:9/plant`", "see whether the other side runs"),
        (
            &there.replace("/test", "/none"),
            "`localhost/none",
            "there is no database of this name; make it first",
        ),
        (&gone, "`postgres`", "signs such as `#` and `/` within a password"),
    ] {
        for command in [
            &["assess", "system.yaml", "--monitor", address][..],
            &["report", "system.yaml", "--monitor", address, "--format", "html"],
            &["monitor", "export", "factory.yaml", "--cycles", "cycles.csv", "--database", address],
            &["monitor", "query", "--database", address],
        ] {
            let said = folder.run(command).ends_with(2).says(&[place, next]);
            assert!(!said.err.contains("heim"), "{}", said.err);
        }
    }
    // Nobody has kept there how machines were used.
    folder
        .run(&["monitor", "export", "factory.yaml", "--report", "use", "--database", &there])
        .ends_with(2)
        .says(&["m0, m1, m2, m3, m4, m5: the database has no record of the use", "with `--state`"]);
}

/// A monitor whose broker is for others, and where that listens.
fn hub(folder: &Folder) -> (Running, SocketAddr) {
    folder.write(
        "hub.yaml",
        "anshin-monitor: 1\nsources: [ { id: all, kind: mqtt } ]\nmachines:\n  - { id: hub, cycle: { by: events }, \
         input: [ { from: all, take: none, is: power } ] }\n",
    );
    let mut hub = Running::start(
        Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "hub.yaml", "--listen", "127.0.0.1:0"])
            .args(["--readings", "0", "--database", "none"])
            .current_dir(folder.path(".")),
    );
    let told = hub.wait("over MQTT to ");
    let address = told.split("over MQTT to ").nth(1).and_then(|rest| rest.split(';').next());
    let address = address.and_then(|text| text.trim().parse().ok());
    (hub, address.expect("an address"))
}

#[test]
fn a_team_at_the_broker_that_is_built_in() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    every_cycle_is_there_once(Hub::Mqtt(broker), "sqlite:FOLDER/records.sqlite?mode=rwc");
}

#[test]
fn a_team_whose_database_goes_and_comes_back() {
    let folder = Folder::new();
    let (_hub, broker) = hub(&folder);
    what_is_open_goes_over(Hub::Mqtt(broker), &postgres::Door::new());
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

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn a_team_at_mosquitto_with_postgresql() {
    let folder = Folder::new();
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = port.expect("a port is free");
    let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", address.port());
    folder.write("mosquitto.conf", text);
    let _broker = Running::start(Command::new("mosquitto").arg("-c").arg(folder.path("mosquitto.conf")));
    until(|| TcpStream::connect(address).map(|_| ()).map_err(|error| format!("Mosquitto: {error}")));
    every_cycle_is_there_once(Hub::Mqtt(address), &postgres::new_database());
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
    every_cycle_is_there_once(Hub::Nats(server.address), "sqlite:FOLDER/records.sqlite?mode=rwc");
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
    let database = format!("sqlite:{}?mode=rwc", folder.path("records.sqlite").display());
    let database = database.as_str();
    let mut look = stream::Client::connect(server.address, None);
    let mut settled = |workers: &[&str]| {
        let until = Instant::now() + LONGEST;
        loop {
            match shares(&mut look, workers) {
                Ok(shares) => return shares,
                Err(why) => assert!(Instant::now() < until, "{why}"),
            }
            std::thread::sleep(PAUSE);
        }
    };
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
    workers[1].signal("-KILL");
    workers[1].ends();
    devices.cycles(2);
    // The server lets go of what nobody asks for, in half a minute.
    settled(&["one", "three"]);
    hold(&folder, database, &mut devices);
    workers[1] = worker(&folder, "two", database);
    devices.cycles(2);
    settled(&WORKERS);
    hold(&folder, database, &mut devices);
}

#[test]
fn what_cannot_be_shared_is_told() {
    let folder = Folder::new();
    folder.write("factory.yaml", configuration(Hub::Mqtt("127.0.0.1:1".parse().expect("an address"))));
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
