//! Devices that are played over loopback, by the frames and lines that real ones send.

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anshin_field::echonet::frame::{self, Frame};
use common::{Running, start, until};

/// A free port on this computer, and who listens on it.
fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    (listener, address)
}

/// Waits until a figure of the running monitor is as given, and tells the page.
fn figure(running: &Running, line: &str) -> String {
    running.figures(|page| page.contains(line))
}

#[test]
fn topics_that_a_broker_does_not_let_us_read_are_told() {
    let (listener, address) = listen();
    let broker = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the monitor connects");
        let mut rest = [0; 256];
        let _ = stream.read(&mut rest).expect("it says who it is");
        stream.write_all(&[0x20, 2, 0, 0]).expect("it listens");
        let _ = stream.read(&mut rest).expect("it subscribes");
        // The second of the filters is refused.
        stream.write_all(&[0x90, 4, 0, 1, 1, 0x80]).expect("it listens");
        while stream.read(&mut rest).is_ok_and(|count| count > 0) {}
    });
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: plant, kind: mqtt, address: \"{address}\", topics: [ line1/#, secret/# ] }} ]\n\
         machines:\n  - {{ id: mill, cycle: {{ by: number }}, input: [ {{ from: plant, take: n, is: number }} ] }}\n"
    );
    let mut running = start(folder.path(), &configuration);
    let note = running.wait(&["does not let us read"]);
    assert!(note.contains("`plant`") && note.contains("secret/#") && !note.contains("line1"), "{note}");
    running.stop();
    broker.join().unwrap();
}

/// Eight runs of a program at 3,600 W, and the power between the samples.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for second in 0..200 {
        let time = format!("2026-04-01T08:{:02}:{:02}.5Z", second / 60, second % 60);
        lines.push(format!("{time}|watts|3600|other|7\n"));
        match second % 20 {
            5 => lines.push(format!("{time}|exec|ACTIVE\n")),
            15 => lines.push(format!("{time}|exec|READY\n")),
            _ => {}
        }
    }
    lines
}

const RUNNING: &str = r"
machines:
  - id: mill
    cycle: { by: running }
    meter: { kind: rate, most-gap: 5 }
    learning: { cycles: 3 }
    hold-back: 0
    input:
      - { from: line, take: watts, is: power }
      - { from: line, take: exec, is: running, when: ACTIVE }
";

#[test]
fn an_adapter_that_breaks_off_is_connected_again_and_its_cycle_is_doubtful() {
    let (listener, address) = listen();
    let adapter = thread::spawn(move || {
        let all = lines();
        // Breaks off while the second program runs, says something wrong, and goes on later.
        for part in [&all[..32], &all[46..]] {
            let (mut stream, _) = listener.accept().expect("somebody connects");
            stream.write_all(b"* adapterVersion: 2.0\nnonsense\n").expect("it listens");
            for line in part {
                stream.write_all(line.as_bytes()).expect("it listens");
            }
            if part.len() > 32 {
                let mut rest = String::new();
                let _ = stream.read_to_string(&mut rest);
            }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let configuration = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: shdr, address: \"{address}\" }} ]{RUNNING}"
    );
    let mut running = start(folder.path(), &configuration);
    running.wait(&["\"number\":1", "\"quantity\":10.0"]);
    running.wait(&["source `line` is not connected"]);
    running.wait(&["\"number\":2", "unreliable", "gap"]);
    running.wait(&["\"number\":6", "healthy"]);
    assert!(
        figure(&running, "anshin_source_unread_total{source=\"line\"} 2")
            .contains("connected{source=\"line\"} 1")
    );
    let said = running.stop();
    assert!(said.iter().all(|line| !line.contains("raised")), "{said:#?}");
    adapter.join().unwrap();
}

#[test]
fn a_cycle_that_ran_when_the_monitor_was_stopped_or_killed_is_marked_and_raises_nothing() {
    for is_killed in [false, true] {
        let (listener, address) = listen();
        // While nobody listens, the program runs on for a minute more than its reference.
        let adapter = thread::spawn(move || {
            let all = lines();
            for (part, later) in [(&all[..119], 0), (&all[119..], 60)] {
                let (mut stream, _) = listener.accept().expect("somebody connects");
                // It says how things are to whoever comes.
                let now = part[0].split_once('|').expect("a time").0;
                let state = format!("{now}|exec|{}\n", if later > 0 { "ACTIVE" } else { "READY" });
                for line in std::iter::once(&state).chain(part) {
                    let (time, rest) = line.split_once('|').expect("a time");
                    let time = anshin_monitor::Time::parse(time).expect("a time").plus(f64::from(later));
                    stream.write_all(format!("{time}|{rest}").as_bytes()).expect("it listens");
                }
                // It goes when they go.
                let _ = stream.read_to_string(&mut String::new());
            }
        });
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let configuration = format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: shdr, address: \"{address}\" }} ]{RUNNING}"
        );
        let mut running = start(first.path(), &configuration);
        running.wait(&["\"number\":5", "healthy"]);
        // The sixth program runs.
        thread::sleep(Duration::from_millis(1_500));
        let mut folder = first.path();
        if is_killed {
            // What is on the disk in this moment is what a monitor leaves that is killed in it.
            copy(first.path(), second.path());
            folder = second.path();
        }
        let before = running.stop();
        let mut running = start(folder, &configuration);
        running.wait(&["\"type\":\"cycle\"", "unreliable"]);
        running.wait(&["\"type\":\"cycle\"", "healthy"]);
        let after = running.stop();
        let said: Vec<&String> = before.iter().chain(&after).collect();
        assert!(said.iter().all(|line| !line.contains("raised")), "{is_killed} {said:#?}");
        let marked: Vec<_> = after.iter().filter(|line| line.contains("unreliable")).collect();
        let doubt = if is_killed { "gap" } else { "missing-start" };
        assert!(matches!(*marked, [line] if line.contains(doubt)), "{is_killed} {marked:#?}");
        adapter.join().unwrap();
    }
}

/// Copies a folder as it is.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("it can be read").map_while(Result::ok) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            // One that is just being renamed is not there any more.
            let _ = std::fs::copy(entry.path(), to);
        }
    }
}

/// Answers requests by the last part of their path until nobody asks any more.
fn serve(listener: TcpListener, answer: impl Fn(&str) -> Option<String> + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.expect("somebody connects");
            let mut first = String::new();
            let _ = BufReader::new(&stream).read_line(&mut first);
            let path = first.split(' ').nth(1).unwrap_or_default();
            let Some(body) = answer(path) else { return };
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let _ = write!(stream, "{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        }
    });
}

#[test]
fn an_agent_tells_what_is_so_and_then_what_has_changed() {
    let (listener, address) = listen();
    let streams = |next: usize, from: usize, to: usize| {
        let all = lines();
        let items: String = (from..to)
            .filter_map(|n| {
                let mut parts = all[n].trim_end().split('|');
                let (time, name, value) = (parts.next()?, parts.next()?, parts.next()?);
                Some(format!("<E dataItemId=\"id-{name}\" name=\"{name}\" sequence=\"{n}\" timestamp=\"{time}\">{value}</E>"))
            })
            .collect();
        format!(
            "<MTConnectStreams><Header instanceId=\"1\" nextSequence=\"{next}\"/><Streams><Events>{items}</Events></Streams></MTConnectStreams>"
        )
    };
    serve(listener, move |path| {
        if path == "/current" {
            return Some(streams(5, 3, 5));
        }
        let from: usize = path.strip_prefix("/sample?from=")?.split('&').next()?.parse().ok()?;
        let to = (from + 40).min(lines().len());
        Some(streams(to, from, to))
    });
    let folder = tempfile::tempdir().unwrap();
    let source = format!("{{ id: line, kind: mtconnect, address: \"{address}\", every: 0.05 }}");
    let mut running = start(folder.path(), &format!("anshin-monitor: 1\nsources: [ {source} ]{RUNNING}"));
    // Nobody knows how long the machine had run when it was first heard.
    running.wait(&["\"number\":1", "unreliable", "missing-start"]);
    running.wait(&["\"number\":4", "learnt", "\"duration_seconds\":10.0", "\"quantity\":10.0"]);
    running.wait(&["\"number\":9", "healthy"]);
    running.stop();
}

#[test]
fn what_an_agent_says_that_has_not_changed_for_hours_is_no_old_news() {
    let (listener, address) = listen();
    let item = |name: &str, n: u32, time: &str, value: &str| {
        format!("<E dataItemId=\"{name}\" name=\"{name}\" sequence=\"{n}\" timestamp=\"{time}\">{value}</E>")
    };
    let streams = |instance: u32, created: &str, items: &str| {
        format!(
            "<MTConnectStreams><Header instanceId=\"{instance}\" nextSequence=\"5\" creationTime=\"{created}\"/><Streams><Events>{items}</Events></Streams></MTConnectStreams>"
        )
    };
    // The agent is started anew after its first answers; its machine has run for hours.
    let asked = AtomicU32::new(0);
    serve(listener, move |path| {
        let now = anshin_field::clock::now();
        let items = item("exec", 1, &now.plus(-18_000.0).to_string(), "ACTIVE");
        let n = asked.fetch_add(1, Ordering::Relaxed);
        let watts = item("watts", 4 + n, &now.to_string(), "3600");
        let items = if path == "/current" { items + &watts } else { watts };
        Some(streams(u32::from(n > 3), &now.to_string(), &items))
    });
    let folder = tempfile::tempdir().unwrap();
    let source = format!("{{ id: line, kind: mtconnect, address: \"{address}\", every: 0.05 }}");
    let machine = RUNNING.replace("    hold-back: 0\n", "    hold-back: 2\n    silent-after: 60\n");
    let mut running = start(folder.path(), &format!("anshin-monitor: 1\nsources: [ {source} ]{machine}"));
    running.wait(&["source `line` is not connected"]);
    running.wait(&["source `line` is connected"]);
    figure(&running, "anshin_machine_state{machine=\"mill\",state=\"producing\"} 1");
    // Time goes by in steps of less than a second.
    thread::sleep(Duration::from_secs(2));
    figure(&running, "anshin_machine_late_total{machine=\"mill\"} 0");
    let said = running.stop();
    assert!(said.iter().all(|line| !line.contains("silent")), "{said:#?}");
}

/// A smart meter and a distribution board at one address, which answer as devices do that were
/// recorded: only to port 3610, refusing what they lack, and the board only for a range that was set. The
/// first answer of the meter about its unit is lost.
fn play_meters(socket: &UdpSocket, asked: &Mutex<Vec<Frame>>) {
    let (mut range, mut is_lost) = ([0, 0], false);
    let mut bytes = [0; 1500];
    while let Ok((length, sender)) = socket.recv_from(&mut bytes) {
        let question = Frame::read(&bytes[..length]).expect("a frame");
        asked.lock().expect("nobody has panicked").push(question.clone());
        let (property, data) = question.properties[0].clone();
        if property == 0xe1 && !std::mem::replace(&mut is_lost, true) {
            continue;
        }
        let (service, data) = match (question.to, question.service, property) {
            ([0x02, 0x88, 1], frame::GET, 0xd3) => (frame::GET_DONE, vec![0, 0, 0, 1]),
            ([0x02, 0x88, 1], frame::GET, 0xe7) => (frame::GET_DONE, vec![0, 0, 0x01, 0x2c]),
            ([0x02, 0x88, 1], frame::GET, 0xe0) => (frame::GET_DONE, vec![0, 0, 0x12, 0x3c]),
            ([0x02, 0x87, 1], frame::GET, 0xc2) => (frame::GET_DONE, vec![2]),
            ([0x02, 0x87, 1], frame::SET_ANSWERED, 0xb6) => {
                range = [data[0], data[1]];
                (frame::SET_DONE, Vec::new())
            }
            ([0x02, 0x87, 1], frame::GET, 0xb7) if range[1] > 0 => {
                let channels = (1..=range[1]).flat_map(|n| [0, 0, n, 0]);
                (frame::GET_DONE, range.into_iter().chain(channels).collect())
            }
            (_, frame::GET, _) => (frame::GET_REFUSED, Vec::new()),
            _ => (frame::SET_REFUSED, Vec::new()),
        };
        let answer = Frame {
            number: question.number,
            from: question.to,
            to: question.from,
            service,
            properties: vec![(property, data)],
        };
        assert_eq!(sender.port(), 3610, "devices answer to port 3610 only");
        socket.send_to(b"\x10\x81garbage", sender).expect("it can be sent");
        socket.send_to(&answer.write(), sender).expect("it can be sent");
    }
}

/// What two smart meters answered, as the logs of people show it who read theirs: one that tells power,
/// currents and energy at once (its owner's program showed 929 W), and one that refuses because it has no unit
/// (issue 150 of `scottyphillips/echonetlite_homeassistant`). Only the numbers of the questions are changed.
const RECORDED: [&str; 2] = [
    "1081020002880105FF017203E704000003A1E80400460028E0040000B9D7",
    "1081002302880105FF015206800130E0040000123CE304000020DDE70400000001E804000AFFECD30400000001",
];

/// Answers whatever is asked with a recorded frame, where it tells the property, and else as it was refused.
fn play_recorded(socket: &UdpSocket) {
    let frame = |hex: &str| {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        (0..hex.len()).step_by(2).map(byte).collect::<Vec<u8>>()
    };
    let [told, refused] = RECORDED.map(frame);
    let has = Frame::read(&told).expect("a frame").properties;
    let mut bytes = [0; 1500];
    while let Ok((length, sender)) = socket.recv_from(&mut bytes) {
        let question = Frame::read(&bytes[..length]).expect("a frame");
        let property = question.properties[0].0;
        let mut answer = if has.iter().any(|(has, _)| *has == property) {
            told.clone()
        } else if property == 0xe1 {
            [&refused[..10], &[frame::GET_REFUSED, 1, 0xe1, 0]].concat()
        } else {
            refused.clone()
        };
        answer[2..4].copy_from_slice(&question.number.to_be_bytes());
        socket.send_to(&answer, sender).expect("it can be sent");
    }
}

#[test]
fn meters_of_echonet_lite_are_asked_with_their_traps() {
    let recorded = UdpSocket::bind("127.0.0.3:3610").expect("the port of ECHONET Lite is free");
    thread::spawn(move || play_recorded(&recorded));
    let socket = UdpSocket::bind("127.0.0.2:3610").expect("the port of ECHONET Lite is free");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let played = Arc::clone(&asked);
    let device = socket.try_clone().unwrap();
    thread::spawn(move || play_meters(&device, &played));
    let configuration = r#"
anshin-monitor: 1
sources:
  - { id: meter, kind: echonet, address: "127.0.0.2:3610", every: 0.2 }
  - { id: board, kind: echonet, address: "127.0.0.2:3610", object: "028701", channels: 3, every: 0.2 }
  - { id: recorded, kind: echonet, address: "127.0.0.3:3610", every: 0.2 }
machines:
  - id: office
    cycle: { by: power, on: 100000 }
    states: { by: power, idle: 100, producing: 929 }
    hold-back: 0
    input: [ { from: recorded, take: power, is: power } ]
  - id: phase
    cycle: { by: power, on: 100000 }
    states: { by: power, idle: 6.9, producing: 7.1 }
    hold-back: 0
    input: [ { from: recorded, take: current-r, is: power } ]
  - id: counter
    cycle: { by: power, on: 100000000 }
    states: { by: power, idle: 46000000, producing: 47575000 }
    hold-back: 0
    input: [ { from: recorded, take: energy, is: power } ]
  - id: whole
    cycle: { by: power, on: 250, shortest: 0 }
    meter: { kind: rate, fewest-samples: 0 }
    states: { by: power, idle: 10, producing: 250 }
    hold-back: 0
    input: [ { from: meter, take: power, is: power } ]
  - id: press
    cycle: { by: power, on: 100000 }
    states: { by: power, idle: 600, producing: 768 }
    hold-back: 0
    input: [ { from: board, take: channel-3.power, is: power } ]
"#;
    let folder = tempfile::tempdir().unwrap();
    let mut running = start(folder.path(), configuration);
    running.wait_for_all(&[&["source `meter` is connected"], &["source `board` is connected"]]);
    // Those that were recorded told 929 W, 7.0 A and, without a unit, 47575 kWh; the state shows it, and 1 W
    // arrives now and then with the refusals of the other meter.
    figure(&running, "anshin_machine_state{machine=\"office\",state=\"producing\"} 1");
    figure(&running, "anshin_machine_state{machine=\"phase\",state=\"idle\"} 1");
    figure(&running, "anshin_machine_state{machine=\"counter\",state=\"producing\"} 1");
    // Channel 3 has 768 W, and the whole 300 W.
    figure(&running, "anshin_machine_state{machine=\"whole\",state=\"producing\"} 1");
    let page = figure(&running, "anshin_machine_state{machine=\"press\",state=\"producing\"} 1");
    assert!(!page.contains("unread_total{source=\"meter\"} 0"), "garbage is counted: {page}");
    // The meter tells by itself that its power has sunk, and wants to know that it was heard.
    let told = Frame {
        number: 99,
        from: [0x02, 0x88, 1],
        to: [0x05, 0xff, 1],
        service: frame::TOLD_ANSWERED,
        properties: vec![(0xe7, vec![0, 0, 0, 1])],
    };
    socket.send_to(&told.write(), "127.0.0.1:3610").unwrap();
    running.wait(&["\"machine\":\"whole\"", "\"number\":1"]);
    until("the meter knows that it was heard", || {
        asked.lock().unwrap().iter().any(|q| q.number == 99 && q.service == frame::HEARD)
    });
    running.stop();
    let asked = asked.lock().unwrap();
    let count = |object: [u8; 3], property: u8| {
        asked.iter().filter(|q| q.to == object && q.properties[0].0 == property).count()
    };
    assert!(count([2, 0x88, 1], 0xe7) > 1);
    assert_eq!(count([2, 0x88, 1], 0xe1), 2, "it is asked again for what it has not answered");
    assert_eq!(count([2, 0x88, 1], 0xe3), 1, "what a meter lacks is not asked for again and again");
    let of_lists: Vec<u8> = asked
        .iter()
        .filter(|q| q.to == [2, 0x87, 1] && matches!(q.properties[0].0, 0xb2 | 0xb3))
        .map(|q| q.properties[0].0)
        .collect();
    // The end may come between the two.
    assert!(of_lists.chunks(2).all(|pair| matches!(pair, [0xb2, 0xb3] | [0xb2])), "{of_lists:x?}");
}

/// Boards that list the powers of their channels, and older ones with a property for each channel.
#[test]
fn a_distribution_board_is_asked_for_its_channels_and_proposed_with_them() {
    let lists = [(0x9f, vec![3, 0xb1, 0xb7, 0xb8]), (0xb1, vec![12]), (0xb8, vec![1])];
    // A map of bits: 0xd0, 0xd1 and 0xd2.
    let mut map = vec![16];
    map.extend([0x20, 0x20, 0x20].into_iter().chain([0; 13]));
    let singles = [(0x9f, map)];
    for (n, answers, expected) in [(33, lists.to_vec(), (12, 1, true)), (34, singles.to_vec(), (3, 0, false))]
    {
        let place = format!("127.0.0.{n}:3610");
        let socket = UdpSocket::bind(&place).expect("the port of ECHONET Lite is free");
        thread::spawn(move || {
            let mut bytes = [0; 1500];
            let mut is_lost = false;
            while let Ok((length, sender)) = socket.recv_from(&mut bytes) {
                // The first question is lost on its way.
                if !std::mem::replace(&mut is_lost, true) {
                    continue;
                }
                let question = Frame::read(&bytes[..length]).expect("a frame");
                assert_eq!(question.service, frame::GET, "nothing is written");
                let property = question.properties[0].0;
                let data = answers.iter().find(|(of, _)| *of == property).map(|(_, data)| data.clone());
                let answer = Frame {
                    number: question.number,
                    from: question.to,
                    to: question.from,
                    service: if data.is_some() { frame::GET_DONE } else { frame::GET_REFUSED },
                    properties: vec![(property, data.unwrap_or_default())],
                };
                socket.send_to(&answer.write(), sender).expect("it can be sent");
            }
        });
        let own = format!("127.0.0.{}", n + 10).parse().unwrap();
        let meter = anshin_field::echonet::look(own, place.parse().unwrap(), [2, 0x87, 1]).unwrap();
        assert_eq!((meter.channels, meter.both_ways, meter.tells_power), expected);
    }
}

#[test]
fn a_source_that_is_not_there_is_told_once_and_found_later() {
    // An address of its own: nobody else is given the port meanwhile.
    let listener = TcpListener::bind("127.0.0.7:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let source = format!(
        "{{ id: line, kind: modbus, address: \"{address}\", registers: [ {{ id: watts, at: 0 }}, {{ id: exec, at: 1 }} ] }}"
    );
    let mut running = start(folder.path(), &format!("anshin-monitor: 1\nsources: [ {source} ]{RUNNING}"));
    running.wait(&["source `line` is not connected", &address]);
    let listener = TcpListener::bind(&address).expect("nobody has taken the port");
    let (mut stream, _) = listener.accept().expect("it tries again");
    let mut question = [0; 12];
    stream.read_exact(&mut question).unwrap();
    assert_eq!(question[4..], [0, 6, 1, 3, 0, 0, 0, 2]);
    // An answer to another question, then the one that was asked for.
    stream.write_all(&[9, 9, 0, 0, 0, 7, 1, 3, 4, 0, 0, 0, 0]).unwrap();
    stream.write_all(&[question[0], question[1], 0, 0, 0, 7, 1, 3, 4, 0x0e, 0x10, 0, 0]).unwrap();
    running.wait(&["source `line` is connected"]);
    stream.read_exact(&mut question).unwrap();
    stream.write_all(&[question[0], question[1], 0, 0, 0, 3, 1, 0x83, 2]).unwrap();
    running.wait(&["the device has no such register"]);
    drop((stream, listener));
    let said = running.stop();
    assert_eq!(said.iter().filter(|line| line.contains("is not connected")).count(), 2, "{said:#?}");
}

/// A power meter behind a gateway, which answers to number 7 only: what it is, and floating point numbers in
/// its input registers.
fn play_power_meter(listener: &TcpListener) {
    let values = [(0, 101.0_f32), (12, 350.5), (70, 50.0), (72, 12.5)];
    let word = |at: u16| -> Option<[u8; 2]> {
        let (from, value) = values.iter().find(|(from, _)| (*from..from + 2).contains(&at))?;
        let bytes = value.to_be_bytes();
        let first = usize::from(at - from) * 2;
        Some([bytes[first], bytes[first + 1]])
    };
    let (mut stream, _) = listener.accept().expect("somebody connects");
    let mut head = [0; 6];
    while stream.read_exact(&mut head).is_ok() {
        let mut body = vec![0; usize::from(head[5])];
        stream.read_exact(&mut body).expect("a whole question");
        let (unit, function) = (body[0], body[1]);
        let said = match function {
            _ if unit != 7 => vec![unit, function | 0x80, 11],
            0x2b => [&[unit, 0x2b, 0x0e, 1, 1, 0, 0, 2, 0, 4][..], b"ACME", &[1, 2], b"P1"].concat(),
            4 => {
                let (at, count) = (u16::from_be_bytes([body[2], body[3]]), body[5]);
                let words: Option<Vec<[u8; 2]>> = (at..at + u16::from(count)).map(word).collect();
                words.map_or_else(
                    || vec![unit, 0x84, 2],
                    |words| [&[unit, 4, count * 2][..], &words.concat()].concat(),
                )
            }
            _ => vec![unit, function | 0x80, 1],
        };
        let length = u8::try_from(said.len()).expect("a short answer");
        let answer = [&head[..5], &[length][..], &said].concat();
        stream.write_all(&answer).expect("it listens");
    }
}

#[test]
fn a_power_meter_behind_a_gateway_says_what_it_is() {
    let (listener, address) = listen();
    let meter = thread::spawn(move || {
        play_power_meter(&listener);
        play_power_meter(&listener);
    });
    // By none of the usual numbers.
    let catalog = anshin_catalog::load(Vec::new()).catalog.unwrap();
    let nobody = anshin_field::discover::power_meter(&address, &catalog);
    let nobody = nobody.expect_err("nobody has such a number").to_string();
    assert!(nobody.contains("no device by this number"), "{nobody}");
    let found = anshin_field::discover::power_meter(&format!("{address}/7"), &catalog).unwrap();
    assert_eq!((found.unit, &found.said[..]), (7, &["ACME".to_owned(), "P1".to_owned()][..]));
    let known = found.meter.expect("it is recognized");
    let values: Vec<(u16, f64)> = known.registers.iter().map(|(of, value)| (of.at, *value)).collect();
    assert_eq!((values, known.frequency), (vec![(12, 350.5), (72, 12_500.0)], 50.0));
    meter.join().unwrap();
}
