//! Real programs on the other side: the broker Mosquitto, the server NATS, a Modbus and an OPC UA server.
//!
//! `scripts/test-with-field-peers` installs them and runs these tests.

mod common;
#[cfg(feature = "nats")]
#[path = "peers/nats.rs"]
mod nats;

use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use common::device::Device;
use common::{cycles, machine, start};

/// A program that is ended when the test is.
struct Peer(Child);

impl Peer {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}

/// Waits until somebody listens.
fn listening(port: u16) {
    let until = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "nobody listens on port {port}");
        std::thread::yield_now();
    }
}

fn mosquitto(folder: &std::path::Path, port: u16) -> Peer {
    let file = folder.join("mosquitto.conf");
    let passwords = folder.join("passwords");
    std::fs::write(&passwords, "").expect("a file can be written");
    let made =
        Command::new("mosquitto_passwd").args(["-b"]).arg(&passwords).args(["floor", "secret"]).status();
    assert!(made.expect("mosquitto_passwd is installed").success());
    let text = format!(
        "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {}\nuser root\npersistence true\n\
         persistence_location {}/\nautosave_interval 1\nmax_queued_messages 10000\n",
        passwords.display(),
        folder.display()
    );
    std::fs::write(&file, text).expect("a file can be written");
    let peer = Peer::start(Command::new("mosquitto").arg("-c").arg(&file));
    listening(port);
    peer
}

fn configuration(port: u16) -> String {
    format!(
        "anshin-monitor: 1\nsources:\n  - {{ id: line, kind: mqtt, address: \"127.0.0.1:{port}\", topics: \"plant/+\", \
         time: {{ column: t, form: seconds }}, user: floor, password: {{ file: unused }} }}{}",
        machine("topic: plant/robot,")
    )
}

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn mosquitto_dies_and_comes_back() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let broker = mosquitto(folder.path(), port);
    let mut running = start(state.path(), &configuration(port));
    running.wait(&["source `line` is connected"]);
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let all = cycles();
    let mut device = Device::connect(address, "device", Some(("floor", "secret")));
    for message in &all[..18] {
        device.publish("plant/robot", message);
    }
    running.wait(&["\"number\":4", "learnt"]);
    drop(broker);
    running.wait(&["source `line` is not connected"]);
    let _broker = mosquitto(folder.path(), port);
    running.wait(&["source `line` is connected"]);
    let mut device = Device::connect(address, "device", Some(("floor", "secret")));
    for message in &all[18..] {
        device.publish("plant/robot", message);
    }
    // What ran while the broker was away is doubtful; what came after is judged.
    running.wait(&["\"number\":5", "unreliable", "gap"]);
    running.wait(&["\"number\":6", "healthy"]);
    running.wait(&["too-slow", "raised", "\"deviation\":0.5"]);
    running.stop();
}

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn messages_wait_while_the_monitor_is_stopped() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let _broker = mosquitto(folder.path(), port);
    let mut running = start(state.path(), &configuration(port));
    running.wait(&["source `line` is connected"]);
    running.stop();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let mut device = Device::connect(address, "device", Some(("floor", "secret")));
    for message in cycles() {
        device.publish("plant/robot", &message);
    }
    let mut running = start(state.path(), &configuration(port));
    running.wait(&["too-slow", "raised"]);
    running.stop();
}

#[test]
#[ignore = "needs Mosquitto; run scripts/test-with-field-peers"]
fn a_wrong_password_is_told() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let port = free_port();
    let _broker = mosquitto(folder.path(), port);
    let mut running = start(state.path(), &configuration(port).replace("user: floor", "user: roof"));
    running.wait(&["source `line` is not connected", "the broker does not take user and password"]);
    running.stop();
}

/// A power meter: 1,234.5 W as a floating point number at 0, and a counter in input registers at 10.
const SERVER: &str = r#"
import asyncio, struct, sys
from pymodbus.simulator import SimData, SimDevice, DataType
from pymodbus.server import StartAsyncTcpServer
high, low = struct.unpack(">HH", struct.pack(">f", 1234.5))
holding = SimData(0, values=[high, low, 0, 0], datatype=DataType.REGISTERS)
asyncio.run(StartAsyncTcpServer(SimDevice(1, simdata=[holding]), address=("127.0.0.1", int(sys.argv[1]))))
"#;

#[test]
#[ignore = "needs pymodbus; run scripts/test-with-field-peers"]
fn a_modbus_server_is_asked() {
    #[expect(clippy::disallowed_methods, reason = "the script tells where the peers are")]
    let python = std::env::var("ANSHIN_PYTHON").expect("ANSHIN_PYTHON names a Python with pymodbus");
    let port = free_port();
    let _server = Peer::start(Command::new(python).args(["-c", SERVER, &port.to_string()]));
    listening(port);
    let state = tempfile::tempdir().unwrap();
    let configuration = format!(
        r#"
anshin-monitor: 1
sources:
  - id: line
    kind: modbus
    address: "127.0.0.1:{port}"
    every: 0.1
    registers: [ {{ id: watts, at: 0, form: f32 }} ]
machines:
  - id: mill
    cycle: {{ by: power, on: 2000 }}
    states: {{ by: power, idle: 1234.4, producing: 1234.6 }}
    hold-back: 0
    input: [ {{ from: line, take: watts, is: power }} ]
"#
    );
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `line` is connected"]);
    let idle = "anshin_machine_state{machine=\"mill\",state=\"idle\"} 1";
    running.figures(|page| page.contains(idle));
    running.stop();
}

/// A machine with a power, a program and the number of its cycle, as in [`cycles`]; everything changes
/// every 20 ms of the server, which tells the times of the machine.
#[cfg(feature = "opc-ua")]
const OPC_UA: &str = r#"
import asyncio, json, sys
from datetime import datetime, timezone
from asyncua import Server, ua
async def main():
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{sys.argv[1]}")
    space = await server.register_namespace("urn:test")
    machine = await server.nodes.objects.add_object(space, "Machine")
    power = await machine.add_variable(ua.NodeId("Machine.Power", space), "Power", 0.0)
    cycle = await machine.add_variable(ua.NodeId(1001, space), "Cycle", 0)
    async with server:
        print(space, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for line in sys.argv[2].splitlines():
            message = json.loads(line)
            at = datetime.fromtimestamp(message["t"], timezone.utc)
            for node, value in ((power, message["power"]["w"] + message["t"] / 1e6), (cycle, message["cycle"])):
                await node.write_value(ua.DataValue(ua.Variant(value), SourceTimestamp=at))
            await asyncio.sleep(0.02)
        await power.write_value(ua.DataValue(StatusCode_=ua.StatusCode(ua.StatusCodes.BadDeviceFailure)))
        await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main())
"#;

#[cfg(feature = "opc-ua")]
#[test]
#[ignore = "needs asyncua; run scripts/test-with-field-peers"]
fn an_opc_ua_server_tells_what_changes() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::Stdio;

    #[expect(clippy::disallowed_methods, reason = "the script tells where the peers are")]
    let python = std::env::var("ANSHIN_PYTHON").expect("ANSHIN_PYTHON names a Python with asyncua");
    let port = free_port();
    let all = cycles().join("\n");
    let mut command = Command::new(python);
    command.args(["-c", OPC_UA, &port.to_string(), &all]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut server = Peer::start(&mut command);
    let mut space = String::new();
    let out = server.0.stdout.take().expect("it has an output");
    BufReader::new(out).read_line(&mut space).expect("it tells its namespace");
    let space = space.trim();
    let state = tempfile::tempdir().unwrap();
    let configuration = format!(
        r#"
anshin-monitor: 1
sources:
  - id: line
    kind: opc-ua
    address: "127.0.0.1:{port}"
    every: 0.05
    nodes:
      - {{ id: watts, node: "ns={space};s=Machine.Power" }}
      - {{ id: cycle, node: "ns={space};i=1001" }}
machines:
  - id: robot
    cycle: {{ by: number }}
    meter: {{ kind: rate, most-gap: 30, fewest-samples: 3 }}
    learning: {{ cycles: 3 }}
    hold-back: 11
    input:
      - {{ from: line, take: watts, is: power }}
      - {{ from: line, take: cycle, is: number }}
"#
    );
    // Somebody looks around first.
    let found = anshin_field::discover::server(&format!("127.0.0.1:{port}"), None, Duration::from_secs(30));
    let found = found.expect("it can be looked through");
    let of_machine: Vec<(&str, &str)> =
        found.objects["Machine"].iter().map(|one| (one.name.as_str(), one.node.as_str())).collect();
    let wanted = [("Power", format!("ns={space};s=Machine.Power")), ("Cycle", format!("ns={space};i=1001"))];
    assert_eq!(of_machine, wanted.each_ref().map(|(name, node)| (*name, node.as_str())));
    let mut running = start(state.path(), &configuration);
    running.wait(&["source `line` is connected"]);
    let mut input = server.0.stdin.take().expect("it has an input");
    input.write_all(b"go\n").expect("it listens");
    let alert = running.wait(&["\"alert\":\"too-slow\"", "raised"]);
    assert!(alert.contains("\"deviation\":0.5"), "{alert}");
    running.wait(&["takes-too-much"]);
    drop(server);
    running.wait(&["source `line` is not connected"]);
    running.stop();
}

#[cfg(feature = "parquet")]
#[test]
#[ignore = "needs DuckDB for Python; run scripts/test-with-field-peers"]
fn duckdb_reads_the_history_as_one_table() {
    use std::sync::Arc;

    use anshin_field::history::{Row, table};
    use anshin_monitor::{Reading, Time, What};

    #[expect(clippy::disallowed_methods, reason = "the script tells where the peers are")]
    let python = std::env::var("ANSHIN_PYTHON").expect("ANSHIN_PYTHON names a Python with duckdb");
    let folder = tempfile::tempdir().unwrap();
    let machine: Arc<str> = Arc::from("robot");
    for day in ["2026-04-01", "2026-04-02"] {
        let start = Time::parse(&format!("{day}T08:00:00Z")).unwrap();
        let row =
            |second: f64, what| Row::new(&machine, &Reading { time: start.plus(second), what }, second > 1.0);
        let rows =
            [row(0.0, What::Power(1.5)), row(1.0, What::Key(0, Arc::from("溶接"))), row(2.0, What::Start)];
        let folder = folder.path().join(format!("day={day}"));
        std::fs::create_dir(&folder).unwrap();
        table::write(&folder.join("part-1.parquet"), &rows).unwrap();
    }
    let asked = format!(
        "import duckdb; print(duckdb.sql(\"select day::text, time::text, machine, input, value, word, quality from \
         read_parquet('{}/*/*.parquet', hive_partitioning=true) order by time\").fetchall())",
        folder.path().display()
    );
    let said = Command::new(python).args(["-c", &asked]).env("TZ", "UTC").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    for part in [
        "('2026-04-01', '2026-04-01 08:00:00",
        "'robot', 'power', 1.5, None, 'good')",
        "'robot', 'key-0', None, '溶接', 'good')",
        "'robot', 'start', None, None, 'doubtful')",
    ] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    assert_eq!(said.matches("'robot'").count(), 6);
}
