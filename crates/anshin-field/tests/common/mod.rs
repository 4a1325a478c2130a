//! What the tests share: a monitor that runs in a thread, and what it talks to.
#![allow(dead_code, reason = "each test file uses its own part of this")]

#[cfg(feature = "tls")]
pub(crate) mod authority;
pub(crate) mod device;
pub(crate) mod played;
#[cfg(feature = "nats")]
pub(crate) mod stream;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_field::{Options, Room, RunError, Stop, Told};
use anshin_model::Lang;
use anshin_monitor::config;
use anshin_monitor::v1::Line;

/// Longest time that anything may take, on a machine that has much else to do.
const LONGEST: Duration = Duration::from_mins(1);

/// Room for the history of readings, where it can be kept.
const READINGS: u64 = if cfg!(feature = "parquet") { 1 << 24 } else { 0 };

/// A monitor at work.
pub(crate) struct Running {
    lines: Receiver<String>,
    pub(crate) seen: Vec<String>,
    stop: Stop,
    thread: Option<JoinHandle<Result<(), RunError>>>,
    pub(crate) broker: Option<SocketAddr>,
    pub(crate) http: Option<SocketAddr>,
}

enum Heard {
    Ready(Option<SocketAddr>, Option<SocketAddr>),
}

/// Starts a monitor; sources with a login get the password `secret`.
pub(crate) fn start(folder: &Path, configuration: &str) -> Running {
    start_held_up(folder, configuration, Duration::ZERO)
}

/// Starts a monitor that is held up for a while by the first thing that a machine says.
pub(crate) fn start_held_up(folder: &Path, configuration: &str, pause: Duration) -> Running {
    let loaded = config::load("factory.yaml", configuration);
    let configuration = loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let (lines, ready) = (channel::<String>(), channel::<Heard>());
    let stop = Stop::default();
    let thread = {
        let (stop, folder, lines, ready) = (stop.clone(), folder.to_owned(), lines.0, ready.0);
        std::thread::spawn(move || work(&configuration, &folder, &stop, (&lines, &ready), pause))
    };
    let (mut broker, mut http) = (None, None);
    if let Ok(Heard::Ready(b, h)) = ready.1.recv_timeout(LONGEST) {
        (broker, http) = (b, h);
    }
    Running { lines: lines.1, seen: Vec::new(), stop, thread: Some(thread), broker, http }
}

fn work(
    configuration: &config::Configuration,
    folder: &Path,
    stop: &Stop,
    (lines, ready): (&Sender<String>, &Sender<Heard>),
    mut pause: Duration,
) -> Result<(), RunError> {
    let loaded = anshin_catalog::load(Vec::new());
    let catalog = loaded.catalog.expect("the built-in catalog is right");
    let passwords =
        anshin_field::secrets(configuration).map(|secret| secret.map(|_| "secret".to_owned())).collect();
    let options = Options {
        folder,
        keep_days: 10,
        readings: READINGS,
        records: None,
        team: None,
        broker: "127.0.0.1:0",
        http: Some("127.0.0.1:0"),
        room: Room::default(),
        passwords,
    };
    anshin_field::run(configuration, &catalog, &options, stop, &mut |told| {
        let line = match told {
            Told::Ready { broker, http } => {
                let _ = ready.send(Heard::Ready(broker, http));
                return Ok(());
            }
            Told::Said(n, said) => {
                serde_json::to_string(&Line::said(&configuration.machines[n], said, &catalog))?
            }
            Told::Group(said) => serde_json::to_string(&Line::of_group(configuration, said, &catalog))?,
            Told::Source(said) => serde_json::to_string(&Line::of_source(configuration, said, &catalog))?,
            Told::Note(note) => note.get(Lang::En).to_owned(),
        };
        let is_said = line.starts_with('{');
        let _ = lines.send(line);
        if is_said {
            std::thread::sleep(std::mem::take(&mut pause));
        }
        Ok(())
    })
}

impl Running {
    /// Waits for a line that has all these parts.
    pub(crate) fn wait(&mut self, parts: &[&str]) -> String {
        let until = Instant::now() + LONGEST;
        loop {
            let Ok(line) = self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) else {
                panic!("waited for {parts:?}, saw {:#?}", self.seen);
            };
            self.seen.push(line.clone());
            if parts.iter().all(|part| line.contains(part)) {
                return line;
            }
        }
    }

    /// Waits for lines that have all their parts, in whatever order they come.
    pub(crate) fn wait_for_all(&mut self, lines: &[&[&str]]) {
        let mut missing = lines.to_vec();
        while !missing.is_empty() {
            let line = self.wait(&[]);
            missing.retain(|parts| !parts.iter().all(|part| line.contains(part)));
        }
    }

    /// Stops the monitor and waits until it has stopped; tells everything that it said.
    pub(crate) fn stop(mut self) -> Vec<String> {
        self.stop.set();
        let thread = self.thread.take().expect("it runs");
        thread.join().expect("it does not panic").expect("it ends well");
        self.seen.extend(self.lines.try_iter());
        std::mem::take(&mut self.seen)
    }

    /// Waits until the page of figures is as wanted, and tells it.
    pub(crate) fn figures(&self, is_so: impl Fn(&str) -> bool) -> String {
        let mut page = self.page("/metrics");
        until("the figures are as wanted", || {
            page = self.page("/metrics");
            is_so(&page)
        });
        page
    }

    /// Asks for a page.
    pub(crate) fn page(&self, path: &str) -> String {
        request(self.http.expect("it listens"), &format!("GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n"))
    }
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + LONGEST;
    while !holds() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a request and reads until the other side ends.
pub(crate) fn request(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(text.as_bytes()).expect("it takes requests");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Messages of a machine at 100 W above 1,000 s: eight cycles of 20 s, of which the seventh lasts 30.
pub(crate) fn cycles() -> Vec<String> {
    let mut messages = Vec::new();
    let mut second = 1_000;
    for cycle in 0..8 {
        for _ in 0..if cycle == 6 { 6 } else { 4 } {
            messages.push(format!(r#"{{"t":{second},"power":{{"w":1800}},"cycle":{cycle}}}"#));
            second += 5;
        }
    }
    messages
}

/// A machine of source `line` whose messages are those of [`cycles`].
pub(crate) fn machine(topic: &str) -> String {
    format!(
        r"
machines:
  - id: robot
    cycle: {{ by: number }}
    meter: {{ kind: rate, most-gap: 30, fewest-samples: 3 }}
    learning: {{ cycles: 3 }}
    hold-back: 0
    input:
      - {{ from: line, {topic} take: power.w, is: power }}
      - {{ from: line, {topic} take: cycle, is: number }}
"
    )
}
