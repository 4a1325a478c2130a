//! A flood of messages, and a monitor that stands in it: `scripts/compare-monitor-throughput` runs
//! both beside other consumers, and `scripts/measure-monitor` by themselves.
//!
//! `flood publish BROKER TOPICS RATE SECONDS` publishes samples of machines at a rate, in messages a
//! second, and prints how many there were. `flood day BROKER TOPICS RATE HOURS` publishes what happens in
//! so many hours, cycles of a minute with a sample every two seconds, as fast as the rate allows.
//! `flood monitor BROKER TOPICS` watches one machine
//! for each topic, and a probe whose every second cycle is too slow: when its input ends, it
//! prints how many messages and cycles came, how many alerts of machines that are healthy were raised, and how long it
//! took from each publication to its alert. `inside` in place of a broker's address uses the built-in one.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use anshin_field::mqtt::packet::{Connect, Packet, Publish};
use anshin_field::{Options, Room, Stop, Told};
use anshin_monitor::config;
use anshin_monitor::judge::{AlertKind, Change};
use anshin_monitor::{Said, Time};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize| arguments.get(n).and_then(|word| word.parse::<u32>().ok());
    match (arguments.first().map(String::as_str), arguments.get(1)) {
        (Some("publish"), Some(broker)) => {
            publish(broker, number(2).unwrap_or(100), number(3).unwrap_or(10_000), number(4).unwrap_or(5))
        }
        (Some("day"), Some(broker)) => {
            day(broker, number(2).unwrap_or(100), number(3).unwrap_or(50_000), number(4).unwrap_or(24))
        }
        (Some("monitor"), Some(broker)) => monitor(broker, number(2).unwrap_or(100)),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "publish, day or monitor")),
    }
}

fn connect(broker: &str, client: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(broker)?;
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    Packet::Connect(Connect {
        level: 4,
        client,
        clean: true,
        keep_alive: 0,
        will: None,
        user: None,
        password: None,
    })
    .write(&mut bytes);
    stream.write_all(&bytes)?;
    // A connection that is closed while something is unread is reset, and what is under way is lost.
    stream.read_exact(&mut [0; 4])?;
    Ok(stream)
}

/// Takes leave, and waits until the broker has read everything.
fn leave(mut stream: TcpStream) -> io::Result<()> {
    let mut bytes = Vec::new();
    Packet::Disconnect.write(&mut bytes);
    stream.write_all(&bytes)?;
    io::copy(&mut stream, &mut io::sink()).map(|_| ())
}

fn message(to: &mut Vec<u8>, topic: &str, payload: &str) {
    let payload = payload.as_bytes();
    Packet::Publish(Publish { topic, payload, qos: 0, retain: false, again: false, id: 0 }).write(to);
}

fn publish(broker: &str, topics: u32, rate: u32, seconds: u32) -> io::Result<()> {
    let mut stream = connect(broker, "flood")?;
    let names: Vec<String> = (0..topics).map(|n| format!("flood/m{n}")).collect();
    let (began, all) = (Instant::now(), u64::from(rate) * u64::from(seconds));
    let mut sent = 0_u64;
    let mut bytes = Vec::new();
    while sent < all {
        let due = (began.elapsed().as_secs_f64() * f64::from(rate)).min(1e18);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and small")]
        let due = (due as u64).min(all);
        while sent < due && bytes.len() < 1 << 16 {
            let now = anshin_field::clock::now().nanos() / 1_000_000;
            let topic = &names[usize::try_from(sent % u64::from(topics)).unwrap_or(0)];
            message(
                &mut bytes,
                topic,
                &format!("{{\"ts\":{now},\"power\":{{\"w\":1500.5}},\"run\":\"ACTIVE\"}}"),
            );
            sent += 1;
        }
        if bytes.is_empty() {
            thread::sleep(Duration::from_micros(500));
        } else {
            stream.write_all(&bytes)?;
            bytes.clear();
        }
    }
    leave(stream)?;
    println(&format!("{{\"sent\":{sent},\"seconds\":{:.2}}}", began.elapsed().as_secs_f64()))
}

/// What happens at machines in some hours, with times of its own.
fn day(broker: &str, topics: u32, rate: u32, hours: u32) -> io::Result<()> {
    let mut stream = connect(broker, "day")?;
    let names: Vec<String> = (0..topics).map(|n| format!("flood/m{n}")).collect();
    let (began, first) = (Instant::now(), anshin_field::clock::now().nanos() / 1_000_000);
    let (mut sent, mut cycles, mut bytes) = (0_u64, 0_u64, Vec::new());
    for second in (0..hours * 3_600).step_by(2) {
        for (n, topic) in (0_u32..).zip(&names) {
            let within = (second + 7 * n) % 60;
            let (watts, run) = if within < 40 { (1_500, "ACTIVE") } else { (80, "READY") };
            cycles += u64::from((40..42).contains(&within) && second > 0);
            let now = first + i64::from(second) * 1_000;
            message(
                &mut bytes,
                topic,
                &format!("{{\"ts\":{now},\"power\":{{\"w\":{watts}}},\"run\":\"{run}\"}}"),
            );
            sent += 1;
        }
        stream.write_all(&bytes)?;
        bytes.clear();
        #[expect(clippy::cast_precision_loss, reason = "some millions")]
        let due = Duration::from_secs_f64(sent as f64 / f64::from(rate.max(1)));
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    leave(stream)?;
    let seconds = began.elapsed().as_secs_f64();
    println(&format!("{{\"sent\":{sent},\"cycles\":{cycles},\"seconds\":{seconds:.2}}}"))
}

fn println(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

fn configuration(broker: &str, topics: u32) -> config::Configuration {
    let address = if broker == "inside" { String::new() } else { format!(", address: \"{broker}\"") };
    let mut text = format!(
        "anshin-monitor: 1\nsources: [ {{ id: line, kind: mqtt{address}, topics: \"flood/#\", \
         time: {{ column: ts, form: milliseconds }} }} ]\nmachines:\n  - id: probe\n    cycle: {{ by: number }}\n    \
         alerts: {{ clear-after: 1 }}\n    learning: {{ cycles: 3 }}\n    hold-back: 0\n    \
         input: [ {{ from: line, topic: flood/probe, take: n, is: number }} ]\n"
    );
    for n in 0..topics {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "  - id: m{n}\n    cycle: {{ by: running }}\n    meter: {{ kind: rate, most-gap: 5 }}\n    input:\n      \
             - {{ from: line, topic: flood/m{n}, take: power.w, is: power }}\n      \
             - {{ from: line, topic: flood/m{n}, take: run, is: running, when: ACTIVE }}\n"
        );
    }
    config::load("flood.yaml", &text).configuration.expect("the configuration is right")
}

fn monitor(broker: &str, topics: u32) -> io::Result<()> {
    let configuration = configuration(broker, topics);
    let folder = std::env::temp_dir().join(format!("anshin-flood-{}", std::process::id()));
    let catalog = anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog is right");
    let stop = Stop::default();
    let (sender, receiver) = channel::<(String, String)>();
    let (mut at_probe, mut false_alerts, mut overloads) = (Vec::new(), 0_u32, 0_u32);
    let probe = {
        let (broker, stop) = (broker.to_owned(), stop.clone());
        thread::spawn(move || -> io::Result<(Vec<Published>, u32)> {
            let (inside, http) = receiver.recv().map_err(io::Error::other)?;
            let broker = if broker == "inside" { inside } else { broker };
            println(&format!("{{\"ready\":\"{broker}\"}}"))?;
            let times = play_probe(&broker);
            let page = page(&http)?;
            let line = |name: &str| {
                let found = page.lines().find_map(|line| line.strip_prefix(name));
                found.unwrap_or("0").trim().to_owned()
            };
            let cycles = page.lines().filter(|line| line.starts_with("anshin_machine_cycles_total{"));
            let cycles =
                cycles.filter(|line| !line.contains("probe")).filter_map(|line| line.rsplit(' ').next());
            println(&format!(
                "{{\"received\":{},\"dropped\":{},\"cycles\":{}}}",
                line("anshin_source_messages_total{source=\"line\"}"),
                line("anshin_source_dropped_total{source=\"line\"}"),
                cycles.filter_map(|count| count.parse::<u64>().ok()).sum::<u64>()
            ))?;
            stop.set();
            times
        })
    };
    let passwords = vec![None];
    let options = Options {
        folder: &folder,
        keep_days: 1,
        readings: 0,
        records: None,
        team: None,
        broker: "127.0.0.1:0",
        http: Some("127.0.0.1:0"),
        room: Room::default(),
        passwords,
    };
    let result = anshin_field::run(&configuration, &catalog, &options, &stop, &mut |told| {
        match told {
            Told::Ready { broker, http } => {
                let shown = |address: Option<std::net::SocketAddr>| {
                    address.map(|address| address.to_string()).unwrap_or_default()
                };
                let _ = sender.send((shown(broker), shown(http)));
            }
            Told::Said(0, Said::Alert(alert)) if alert.change == Change::Raised => {
                at_probe.push((alert.at, Instant::now()));
            }
            Told::Said(n, Said::Alert(alert)) if n > 0 && alert.change == Change::Raised => {
                false_alerts += 1;
            }
            // That more came than could be worked on is true, and told once.
            Told::Source(said) if said.alert.kind == AlertKind::Overload => {
                overloads += u32::from(said.alert.change == Change::Raised);
            }
            _ => {}
        }
        Ok(())
    });
    let _ = std::fs::remove_dir_all(&folder);
    result.map_err(io::Error::other)?;
    let (published, messages) = probe.join().map_err(|_| io::Error::other("the probe has failed"))??;
    // An alert tells the time of the message that it follows from.
    let alert_of = |one: &Published| at_probe.iter().find(|(at, _)| *at == one.time).map(|(_, told)| *told);
    let by_publication: Vec<(i64, f64)> = published
        .iter()
        .filter_map(|one| {
            let delay = alert_of(one)?.duration_since(one.instant).as_secs_f64() * 1e3;
            Some((one.clock.nanos() / 1_000_000, delay))
        })
        .collect();
    let each: Vec<String> = by_publication.iter().map(|(at, delay)| format!("[{at},{delay:.1}]")).collect();
    println(&format!("{{\"delays\":[{}]}}", each.join(",")))?;
    let mut delays: Vec<f64> = by_publication.into_iter().map(|(_, delay)| delay).collect();
    delays.sort_by(f64::total_cmp);
    let at = |part: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        #[expect(clippy::cast_precision_loss, reason = "there are few")]
        let n = (part * (delays.len().max(1) - 1) as f64).round() as usize;
        delays.get(n).copied().unwrap_or(f64::NAN)
    };
    println(&format!(
        "{{\"published_by_probe\":{messages},\"probes\":{},\"probe_alerts\":{},\"p50_ms\":{:.1},\"p99_ms\":{:.1},\"false_alerts\":{false_alerts},\"overloads\":{overloads}}}",
        published.len(),
        at_probe.len(),
        at(0.5),
        at(0.99)
    ))
}

/// A publication of the probe that an alert follows from.
struct Published {
    /// The time in the message.
    time: Time,
    /// When it was published, by the clock of this computer and by a steady one.
    clock: Time,
    instant: Instant,
}

/// Publishes cycles of 10 s, and from the fifth on every other time one that is slow, each of another length: cycles
/// that agree would be another way of running. Tells when those ended, and how many messages there were.
fn play_probe(broker: &str) -> io::Result<(Vec<Published>, u32)> {
    let mut stream = connect(broker, "probe")?;
    let mut time = Time::from_seconds(1e9);
    let mut times = Vec::new();
    let ended = thread::spawn(|| io::copy(&mut io::stdin(), &mut io::sink()));
    // The subscription at a broker elsewhere follows the start.
    thread::sleep(Duration::from_millis(500));
    let slow = [20.0, 25.0, 31.0, 39.0, 49.0, 61.0];
    let mut n = 0_u32;
    while !ended.is_finished() {
        let is_slow = n > 5 && n % 2 == 1;
        time = time.plus(if is_slow { slow[n as usize / 2 % slow.len()] } else { 10.0 });
        let mut bytes = Vec::new();
        message(&mut bytes, "flood/probe", &format!("{{\"ts\":{},\"n\":{n}}}", time.nanos() / 1_000_000));
        if is_slow {
            times.push(Published { time, clock: anshin_field::clock::now(), instant: Instant::now() });
        }
        stream.write_all(&bytes)?;
        n += 1;
        thread::sleep(Duration::from_millis(20));
    }
    leave(stream)?;
    thread::sleep(Duration::from_secs(2));
    Ok((times, n))
}

fn page(address: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page)?;
    Ok(page)
}
