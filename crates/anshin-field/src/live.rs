//! The monitor at work: sources speak, machines are judged, people are told.

mod crowd;
mod go_on;
mod groups;
mod keep;
mod outlets;
mod requests;
mod sources;
mod team;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_model::{Lang, Text};
use anshin_monitor::config::{Configuration, Encryption, Secret, Source, SourceKind};
use anshin_monitor::cycle::Doubt;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::{GroupAlert, Groups};
use anshin_monitor::hold::Often;
use anshin_monitor::judge::{Alert, AlertKind, Change, SourceAlert};
use anshin_monitor::lateness::Late;
use anshin_monitor::metered::Remeasured;
use anshin_monitor::reference::Finding;
use anshin_monitor::sampling::Coarse;
use anshin_monitor::v1::Line;
use anshin_monitor::{Monitor, Said, Time};
use serde::Serialize;

use crate::already_told::AlreadyTold;
use crate::clock;
use crate::connection::Stop;
use crate::feed::{Event, Feed, Status};
use crate::folder::{Folder, FolderError, Request, Saved};
use crate::guests::{Guests, Room};
use crate::history::History;
use crate::metrics::{self, Board, Figures, Tally};
use crate::outlet::patlite::Lamp;
use crate::outlet::{News, Outgoing};
use crate::panel::{Panel, Shown, ShownOther};
use crate::push::{self, Door, Entrance};
use crate::records::{self, Follower, RecordsError, Writer};
use crate::team::{Place, Team};
use crate::tls::Tls;
use crate::trouble::why;
use crate::{echonet, modbus, mqtt, mtconnect, shdr, words};

/// Batches that wait for the monitor at most; each has up to some thousand readings.
const QUEUE: usize = 128;

/// How often machines are asked what follows from time passing.
const TICK: Duration = Duration::from_millis(50);

/// A tick that comes so much later than it should means that this program was held up.
const HELD_UP: Duration = Duration::from_secs(1);

/// How long a database of a team may take to start, after its monitors.
const STARTS: Duration = Duration::from_secs(5);

/// Pause between two attempts to come to the team.
const PAUSE: Duration = Duration::from_millis(500);

/// How often the state is kept.
const SAVE: Duration = Duration::from_secs(30);

/// How many machines are copied at once when the state is kept.
const COPIED_AT_ONCE: usize = 64;

/// How long an overload is remembered: cycles that began in it are doubtful.
const CALM: Duration = Duration::from_secs(5);

/// How to run.
#[derive(Debug)]
pub struct Options<'a> {
    /// The folder of the state.
    pub folder: &'a Path,
    /// Days for which cycles are kept, in the history and in the database; alerts in the database as well.
    pub keep_days: usize,
    /// Most bytes that the history of readings may take; 0 keeps none.
    pub readings: u64,
    /// The database that follows the records, and the name of this monitor in it; `None` for none.
    pub records: Option<(&'a str, &'a str)>,
    /// The team that watches the machines together, through the database of the records.
    pub team: Option<&'a str>,
    /// Where the built-in broker listens.
    pub broker: &'a str,
    /// Where messages are posted and metrics are asked for; a place on this computer if a source
    /// needs one and none is named.
    pub http: Option<&'a str>,
    /// How many connections the doors take.
    pub room: Room,
    /// The passwords of sources and outlets, in the order of [`secrets`].
    pub passwords: Vec<Option<String>>,
}

/// What happens while the monitor works.
#[derive(Debug)]
pub enum Told<'a> {
    /// Everything has started.
    Ready {
        /// Where the built-in broker listens.
        broker: Option<SocketAddr>,
        /// Where messages are posted and metrics are asked for.
        http: Option<SocketAddr>,
    },
    /// A machine said something.
    Said(usize, &'a Said),
    /// Something is wrong with a source, or no longer.
    Source(&'a SourceAlert),
    /// Several machines that share something raise alerts together, or no longer.
    Group(&'a GroupAlert),
    /// Something about the monitor itself.
    Note(Text),
}

/// Why the monitor cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It cannot listen.
    #[error("cannot listen on {0}: {1}")]
    Listen(String, io::Error),
    /// A thread cannot be started.
    #[error(transparent)]
    Thread(io::Error),
    /// The team cannot be joined.
    #[error("the database `{0}` of the team cannot be used: {1}")]
    Team(String, RecordsError),
    /// Messages of this source come to one worker only.
    #[error("source `{0}` cannot be shared")]
    NotShared(String),
    /// Another program works under the same name.
    #[error("another worker of the same name has come")]
    Replaced,
    /// The thread that speaks with the team has panicked.
    #[error("the conversation with the team has broken off")]
    TeamEnded,
    /// This program was built without a feature.
    #[error("this program was built without `{0}`")]
    Without(&'static str),
    /// A connection cannot be encrypted.
    #[error("{}", .0.get(Lang::En))]
    Encryption(Text),
    /// Whoever is told does not listen any more.
    #[error(transparent)]
    Tell(io::Error),
}

impl RunError {
    /// What a person is told.
    pub fn text(&self) -> Text {
        match self {
            RunError::Folder(error) => error.text(),
            RunError::Listen(address, error) => {
                let why = why(error);
                Text::new(
                    format!(
                        "`{address}`で待ち受けられません（{}）。`--listen`（MQTT）か`--http`で、別のアドレスとポートを指定してください",
                        why.get(Lang::Ja)
                    ),
                    format!(
                        "cannot listen on `{address}` ({}); name another address and port with `--listen` (MQTT) or `--http`",
                        why.get(Lang::En)
                    ),
                )
            }
            RunError::Team(place, error) => Text::new(
                format!(
                    "チームのデータベース`{place}`を使えません（{}）。`--database`を確かめてください",
                    error.text().get(Lang::Ja)
                ),
                format!(
                    "the database `{place}` of the team cannot be used ({}); check `--database`",
                    error.text().get(Lang::En)
                ),
            ),
            RunError::NotShared(source) => Text::new(
                format!(
                    "源`{source}`のメッセージは1つの監視にしか届かないので、チームでは使えません。ブローカーを置いて、その`address`を書いてください"
                ),
                format!(
                    "messages of source `{source}` come to one monitor only, so a team cannot watch it; set up a broker and give its `address`"
                ),
            ),
            RunError::TeamEnded => Text::new(
                "チームとのやり取りが、プログラムの誤りで途切れました。監視を始め直してください",
                "the conversation with the team has broken off by a mistake of this program; start the monitor again",
            ),
            RunError::Replaced => Text::new(
                "同じ名前の監視がチームに加わったので、終わります。監視ごとに別の`--worker`を指定してください",
                "another monitor of the same name has joined the team, so this one ends; give each its own `--worker`",
            ),
            RunError::Without(feature) => without(feature),
            RunError::Encryption(text) => text.clone(),
            RunError::Thread(error) | RunError::Tell(error) => why(error),
        }
    }
}

/// What a person is told where a feature is missing, and how to get it.
pub fn without(feature: &str) -> Text {
    Text::new(
        format!(
            "このプログラムは`{feature}`なしで作られています。`cargo install --path crates/anshin --features full`で作り直すか、配布パッケージかコンテナを使ってください"
        ),
        format!(
            "this program was built without `{feature}`; build it with `cargo install --path crates/anshin --features full`, or take the package or the container"
        ),
    )
}

/// Secrets that the sources of a configuration need, one by one, and then its outlets.
pub fn secrets(configuration: &Configuration) -> impl Iterator<Item = Option<&Secret>> {
    let sources = configuration.sources.iter().map(|source| &source.login);
    let outlets = configuration.outlets.iter().map(|outlet| &outlet.login);
    sources.chain(outlets).map(|login| login.as_ref()?.password.as_ref())
}

/// Runs the monitor until it is told to stop.
///
/// # Errors
/// If it cannot start, or `tell` fails.
pub fn run(
    configuration: &Configuration,
    catalog: &Catalog,
    options: &Options<'_>,
    stop: &Stop,
    tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), RunError> {
    if options.team.is_some()
        && let Some(source) = configuration.sources.iter().find(|source| comes_to_us(source))
    {
        return Err(RunError::NotShared(source.id.to_string()));
    }
    let folder = Folder::open(options.folder, options.keep_days)?;
    let saved = folder.load()?;
    let team = match (options.team, options.records) {
        (Some(team), Some((database, worker))) => {
            let machines: Vec<_> = configuration.machines.iter().map(|of| of.id.to_string()).collect();
            let joined = join(&Place { team, worker, database }, &machines, saved.requests, stop);
            Some(joined.map_err(|error| RunError::Team(records::place(database), error))?)
        }
        _ => None,
    };
    let statuses: Vec<Arc<Status>> = configuration.sources.iter().map(|_| Arc::default()).collect();
    let (sender, events) = sync_channel(QUEUE);
    let mut live = Live::new(configuration, catalog, folder, (statuses.clone(), team));
    live.go_on(saved, options);
    if options.readings > 0 {
        let machines = configuration.machines.iter().map(|of| Arc::from(of.id.as_str())).collect();
        let begun = live.heard.iter().map(|heard| heard.time).enumerate().filter(|(n, _)| live.judges(*n));
        let history = History::start(options.folder, machines, options.readings, begun.collect());
        live.history = Some(history.map_err(RunError::Thread)?);
    }
    if let Some((address, worker)) = options.records {
        let machines = configuration.machines.iter().map(|machine| machine.id.to_string()).collect();
        let follower = Follower::start(
            options.folder,
            address,
            Writer { worker, team: options.team },
            machines,
            options.keep_days,
        );
        live.follower = Some(follower.map_err(RunError::Thread)?);
    }
    let (mut inside, mut posted, mut meters) = (Vec::new(), Vec::new(), Vec::new());
    let mut threads = Vec::new();
    let mut start = |name: &str, work: Box<dyn FnOnce() + Send>| {
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        started.map(|thread| threads.push(thread)).map_err(RunError::Thread)
    };
    for (n, source) in configuration.sources.iter().enumerate() {
        let mut feed = Feed::new(configuration, n, sender.clone(), Arc::clone(&statuses[n]));
        if let (Some(team), Some((_, worker))) = (&live.team, options.records) {
            feed = feed.in_team(worker, &team.watched, Arc::clone(&team.is_leading));
        }
        feed = feed.encrypted(tls_of(source.encryption.as_ref())?);
        let password = options.passwords.get(n).cloned().flatten();
        let login = source.login.as_ref().map(|login| login.user.clone()).zip(password.clone());
        let talk: Talk = match source.kind {
            SourceKind::Mqtt if source.address.is_none() => {
                inside.push((feed, login));
                continue;
            }
            SourceKind::Http => {
                let login = login.map(|(user, password)| push::basic(&user, &password));
                posted.push(Entrance { feed: Mutex::new(feed), login });
                continue;
            }
            SourceKind::Echonet => {
                meters.push(feed);
                continue;
            }
            SourceKind::Mqtt => mqtt::client::run,
            SourceKind::Shdr if source.address.is_some() => shdr::run,
            SourceKind::Mtconnect => mtconnect::run,
            SourceKind::Modbus => modbus::run,
            #[cfg(feature = "opc-ua")]
            SourceKind::OpcUa => crate::opc_ua::run,
            #[cfg(not(feature = "opc-ua"))]
            SourceKind::OpcUa => return Err(RunError::Without("opc-ua")),
            #[cfg(feature = "nats")]
            SourceKind::Nats => crate::nats::run,
            #[cfg(not(feature = "nats"))]
            SourceKind::Nats => return Err(RunError::Without("nats")),
            // Recordings are replayed, not waited for.
            SourceKind::Csv | SourceKind::Shdr => continue,
        };
        let stop = stop.clone();
        start(source.id.as_str(), Box::new(move || talk(&mut feed, password.as_deref(), &stop)))?;
    }
    if !meters.is_empty() {
        let stop = stop.clone();
        start("echonet", Box::new(move || echonet::run(meters, &stop)))?;
    }
    let (mut broker, mut http) = (None, None);
    let listen = |address: &str, opened: io::Result<SocketAddr>| {
        opened.map(Some).map_err(|error| RunError::Listen(address.to_owned(), error))
    };
    if !inside.is_empty() {
        let login = inside.iter().find_map(|(_, login)| login.clone());
        let feeds = inside.into_iter().map(|(feed, _)| feed).collect();
        let guests = Guests::new(options.room.clients, options.room.per_address);
        broker = listen(options.broker, mqtt::broker::open(options.broker, feeds, login, guests, stop))?;
    }
    if !posted.is_empty() || options.http.is_some() {
        let address = options.http.unwrap_or("127.0.0.1:8090");
        let guests = Guests::new(push::MOST_GUESTS, options.room.per_address);
        let metrics = Arc::clone(&live.metrics);
        let door = Door { entrances: posted, metrics, guests, stop: stop.clone() };
        http = listen(address, push::open(address, door))?;
    }
    for (n, outlet) in configuration.outlets.iter().enumerate() {
        let password = options.passwords.get(configuration.sources.len() + n).cloned().flatten();
        let tls = tls_of(outlet.encryption.as_ref())?;
        live.outgoing.push(Outgoing::start(outlet, password, tls, stop).map_err(RunError::Thread)?);
    }
    drop(sender);
    tell(Told::Ready { broker, http }).map_err(RunError::Tell)?;
    let result = live.work(&events, stop, tell);
    // Whoever has come under the same name goes on.
    if !matches!(result, Err(RunError::Replaced)) {
        live.darken();
    }
    // Whoever waits for room in the queue goes on when nobody reads it any more.
    drop(events);
    stop.set();
    for thread in threads {
        // A thread that has panicked has nothing more to say.
        let _ = thread.join();
    }
    result
}

/// Comes to a team. A database that is only starting is waited for, as where both begin with the computer.
fn join(place: &Place<'_>, machines: &[String], requests: u64, stop: &Stop) -> Result<Team, RecordsError> {
    let began = Instant::now();
    loop {
        match Team::join(place, machines.to_vec(), requests) {
            Err(error) if error.may_pass() && !stop.is_set() && began.elapsed() < STARTS => stop.wait(PAUSE),
            joined => return joined,
        }
    }
}

/// How a connection is encrypted, if it is.
fn tls_of(encryption: Option<&Encryption>) -> Result<Option<Tls>, RunError> {
    let tls = encryption.map(|encryption| Tls::new(encryption.authorities.as_deref()));
    tls.transpose().map_err(RunError::Encryption)
}

/// Whether messages come to this program, and to no other.
fn comes_to_us(source: &Source) -> bool {
    source.kind == SourceKind::Http || source.kind == SourceKind::Mqtt && source.address.is_none()
}

/// The conversation with a source.
type Talk = fn(&mut Feed, Option<&str>, &Stop);

/// A line of the log that is no alert.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum LogLine<'a> {
    /// Watching begins.
    Watch {
        /// When.
        at: String,
        /// How many machines are watched.
        machines: usize,
    },
    /// A source works again, or no longer.
    Source {
        /// Its id.
        source: &'a str,
        /// When.
        at: String,
        /// Whether it works.
        works: bool,
        /// Why it does not.
        why: Option<&'a str>,
    },
    /// Something that a person has asked for was done.
    Request {
        /// When.
        at: String,
        /// What.
        #[serde(flatten)]
        request: &'a Request,
    },
    /// A machine is no longer maintained.
    MaintenanceOver {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
    },
    /// Events and meter come too far apart, or in time again.
    Late {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// What comes late; `None` when all is in time again.
        late: Option<Late>,
    },
    /// A machine is sampled too seldom for its cycles, or often enough again.
    Coarse {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// What is known too coarsely; `None` when it is fine enough again.
        coarse: Option<Coarse>,
    },
    /// What is metered otherwise than before the monitor was started again.
    Remeasured {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// How.
        remeasured: Remeasured,
    },
    /// Programs are held in most cycles, or no longer are.
    Interrupted {
        /// When.
        at: String,
        /// The machine.
        machine: &'a str,
        /// How often its program is held; `None` when it no longer is in most cycles.
        interrupted: Option<Often>,
    },
}

/// How a machine's clock goes: the time it said last, and when that was.
#[derive(Debug, Clone, Copy)]
struct Heard {
    time: Time,
    at: Instant,
    /// Whether it has said anything since it is watched.
    is_known: bool,
}

impl Heard {
    /// It is watched from a moment on.
    fn nothing_since(time: Time) -> Self {
        Self { time, at: Instant::now(), is_known: false }
    }

    /// The machine's time now. The clock of this computer may be set meanwhile; it does not matter.
    fn now(self) -> Time {
        self.time.plus(self.at.elapsed().as_secs_f64())
    }
}

/// What of a source was seen at the last look.
#[derive(Debug, Default)]
struct Watched {
    machines: Vec<usize>,
    dropped: u64,
    /// It is not connected: since when, and why.
    lost: Option<(Time, Text)>,
    /// More has come than could be worked on: since when, and when that was seen last.
    overload: Option<(Time, Instant)>,
}

/// How the disk is doing.
#[derive(Debug)]
struct Disk {
    /// The newest state that was to be kept is there.
    is_kept: bool,
    /// It has failed, and that has been told.
    has_failed: bool,
}

/// A device that nobody knows: since when it is heard, and when last.
#[derive(Debug)]
struct Stranger {
    since: Time,
    heard: Instant,
}

struct Live<'a> {
    configuration: &'a Configuration,
    catalog: &'a Catalog,
    folder: Folder,
    monitor: Monitor<'a>,
    heard: Vec<Heard>,
    statuses: Vec<Arc<Status>>,
    watched: Vec<Watched>,
    /// Devices that nobody knows, by the source and the topic.
    strangers: BTreeMap<(usize, String), Stranger>,
    /// More of them, by the source.
    crowds: BTreeMap<usize, crowd::Crowd>,
    /// Groups whose machines raise alerts together.
    groups: Groups,
    /// What people see who look from elsewhere: those, and alerts about no single machine.
    others_shown: Option<(Groups, Vec<ShownOther>)>,
    /// Requests of the team about them that are answered with what is kept next.
    others_answered: Vec<String>,
    /// Who has acknowledged alerts of sources: by source, alert and device.
    sources_seen: BTreeMap<(usize, String, Option<String>), Acknowledgement>,
    /// Alerts that somebody has seen, by machine and kind, and who.
    acknowledged: BTreeMap<(usize, &'static str), Acknowledgement>,
    maintenance: BTreeMap<usize, Time>,
    requests: u64,
    /// What people asked by way of the team, and whose outcome is not kept yet, by machine.
    answered: BTreeMap<usize, Vec<String>>,
    /// What people asked last of each machine, and was done; in a team, where it may come again.
    done: BTreeMap<usize, Vec<Request>>,
    outgoing: Vec<Outgoing>,
    lamps: Vec<Option<Lamp>>,
    /// What towers show may have changed.
    lamps_due: bool,
    metrics: Arc<Board>,
    raised: BTreeMap<(usize, &'static str), u64>,
    tallies: Vec<Tally>,
    /// Which machines are told to have events or readings that come too late.
    late: Vec<bool>,
    /// Which machines are told to be sampled too seldom.
    coarse: Vec<bool>,
    /// Of which machines it is told that their programs are held in most cycles.
    interrupted: Vec<bool>,
    /// The state is to be kept soon, for people ask for it: at the start, and when a source, an alert or a
    /// reference has changed or somebody has asked something.
    urgent: bool,
    /// The state that is being copied, machine by machine.
    copying: Option<keep::Copying>,
    /// The state is being kept.
    keeping: Option<JoinHandle<io::Result<()>>>,
    disk: Disk,
    /// The history of readings, if it is kept.
    history: Option<History>,
    /// What follows the records, if there is a database.
    follower: Option<Follower>,
    /// How machines are, for people who look from elsewhere.
    panel: Panel,
    /// The place in a team, if the machines are watched together.
    team: Option<Team>,
    /// What was kept before there was a team.
    alone: Saved,
    /// What follows once more from the time before, since whoever watched then was killed.
    found: Vec<(usize, Said)>,
    /// What whoever judged a machine before has told of it: it is not told again.
    told: BTreeMap<usize, AlreadyTold>,
    /// What people should know of how it began.
    notes: Vec<Text>,
}

impl<'a> Live<'a> {
    fn new(
        configuration: &'a Configuration,
        catalog: &'a Catalog,
        folder: Folder,
        (statuses, team): (Vec<Arc<Status>>, Option<Team>),
    ) -> Self {
        let monitor = Monitor::new(configuration);
        let now = clock::now();
        let watched = configuration
            .sources
            .iter()
            .map(|source| {
                let takes =
                    |n: &usize| configuration.machines[*n].inputs.iter().any(|input| input.from == source.id);
                Watched {
                    machines: (0..configuration.machines.len()).filter(takes).collect(),
                    ..Watched::default()
                }
            })
            .collect();
        Self {
            heard: vec![Heard::nothing_since(now); configuration.machines.len()],
            configuration,
            catalog,
            folder,
            monitor,
            statuses,
            watched,
            strangers: BTreeMap::new(),
            crowds: BTreeMap::new(),
            groups: Groups::default(),
            others_shown: None,
            others_answered: Vec::new(),
            sources_seen: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            maintenance: BTreeMap::new(),
            requests: 0,
            answered: BTreeMap::new(),
            done: BTreeMap::new(),
            outgoing: Vec::new(),
            lamps: vec![None; configuration.outlets.len()],
            lamps_due: true,
            metrics: Arc::default(),
            raised: BTreeMap::new(),
            tallies: vec![Tally::default(); configuration.machines.len()],
            late: vec![false; configuration.machines.len()],
            coarse: vec![false; configuration.machines.len()],
            interrupted: vec![false; configuration.machines.len()],
            urgent: true,
            copying: None,
            keeping: None,
            disk: Disk { is_kept: true, has_failed: false },
            history: None,
            follower: None,
            panel: Panel::new(configuration.machines.len()),
            team,
            alone: Saved::default(),
            found: Vec::new(),
            told: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    fn work(
        &mut self,
        events: &Receiver<Event>,
        stop: &Stop,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let (mut tick, mut second, mut saved) = (Instant::now(), Instant::now(), Instant::now());
        for note in std::mem::take(&mut self.notes) {
            tell(Told::Note(note)).map_err(RunError::Tell)?;
        }
        let machines = self.configuration.machines.len();
        let written = self.folder.log(&LogLine::Watch { at: clock::now().to_string(), machines });
        self.disk(written, tell)?;
        self.end_former_alerts_of_sources(tell)?;
        let mut said = std::mem::take(&mut self.found);
        self.say_all(&mut said, tell)?;
        self.told.clear();
        while !stop.is_set() {
            match events.recv_timeout(TICK.saturating_sub(tick.elapsed())) {
                Ok(Event::Readings(mut readings)) => {
                    let at = Instant::now();
                    readings.retain(|(n, _)| self.watches(*n));
                    let doubtful = self.watched.iter().any(|watched| watched.overload.is_some());
                    let team = self.team.as_ref();
                    // Each is kept once, by who judges the machine.
                    let judged = readings.iter().filter(|(n, _)| team.is_none_or(|team| team.judged[*n]));
                    if let Some(history) = &mut self.history {
                        history.take(judged, doubtful);
                    }
                    for (n, reading) in readings {
                        let machine = &mut self.monitor.machines_mut()[n];
                        machine.push(reading, &mut |one| said.push((n, one)));
                        if let Some(time) = machine.newest().filter(|time| *time != self.heard[n].time) {
                            let is_first = !self.heard[n].is_known;
                            self.heard[n] = Heard { time, at, is_known: true };
                            self.lamps_due |= is_first && !self.is_one_unknown();
                        }
                    }
                }
                Ok(Event::Doubt(machines)) => {
                    for n in machines {
                        self.may_miss(n);
                    }
                }
                Ok(Event::Stranger(n, topic)) => self.stranger(n, topic, tell)?,
                Ok(Event::Note(note)) => {
                    self.urgent = true;
                    tell(Told::Note(note)).map_err(RunError::Tell)?;
                }
                Ok(Event::Connected(n)) => self.source(n, None, tell)?,
                Ok(Event::Lost(n, why)) => self.source(n, Some(&why), tell)?,
                Err(RecvTimeoutError::Timeout) => {}
                // Every source has ended; time still passes.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
            }
            let passed = tick.elapsed();
            if passed >= TICK {
                tick = Instant::now();
                if passed > TICK + HELD_UP {
                    self.held_up(passed);
                }
                let watched = |n: usize| self.team.as_ref().is_none_or(|team| team.is_watched(n));
                for (n, machine) in self.monitor.machines_mut().iter_mut().enumerate() {
                    if watched(n) {
                        machine.tick(self.heard[n].now(), &mut |one| said.push((n, one)));
                    }
                }
                self.look_at_sources(tell)?;
                if self.metrics.is_asked() {
                    self.metrics.answer(self.page());
                }
            }
            if second.elapsed() >= Duration::from_secs(1) {
                second = Instant::now();
                self.requests(&mut said, tell)?;
                self.show();
                if self.folder.is_behind() {
                    let written = self.folder.catch_up();
                    self.disk(written, tell)?;
                }
                self.look_at_follower(tell)?;
                self.look_at_outlets(tell)?;
                self.look_at_strangers(tell)?;
                self.look_at_measuring(tell)?;
                let busy = self.keeping.as_ref().is_some_and(|thread| !thread.is_finished());
                if !busy {
                    self.kept(tell)?;
                }
                if !busy && self.copying.is_none() && (self.urgent || saved.elapsed() >= SAVE) {
                    saved = Instant::now();
                    self.begin_to_save();
                }
            }
            // Who may count as gone looks first whether it still is in charge. What a look has found is
            // there before the look counts, so it is asked in this order.
            let is_stale = self.team.as_ref().is_some_and(Team::is_stale);
            let turns = self.agreed(&mut said);
            if !is_stale {
                self.say_all(&mut said, tell)?;
                // No state is ahead of what was told.
                if self.copy_some() {
                    self.save(tell)?;
                }
            }
            self.turns(turns, &mut said, tell)?;
            if !is_stale && std::mem::take(&mut self.lamps_due) {
                self.light();
                self.look_at_groups(tell)?;
            }
        }
        self.leave(tell)?;
        self.darken();
        self.kept(tell)?;
        let written = self.folder.catch_up();
        self.disk(written, tell)?;
        self.begin_to_save();
        self.copying.iter_mut().for_each(keep::Copying::take_leave);
        while !self.copy_some() {}
        self.save(tell)?;
        self.kept(tell)?;
        if let Some(team) = &mut self.team {
            team.leave();
        }
        if let Some(follower) = &mut self.follower {
            follower.finish();
        }
        self.look_at_follower(tell)
    }

    /// Something of a machine may be missing.
    fn may_miss(&mut self, n: usize) {
        self.monitor.machines_mut()[n].doubt(Doubt::Gap);
        let (is_judged, now) = (self.judges(n), self.heard[n].now());
        if let Some(history) = self.history.as_mut().filter(|_| is_judged) {
            history.doubt(n, now);
        }
    }

    /// Nothing could be heard while this program was held up: that is no silence of the machines.
    fn held_up(&mut self, passed: Duration) {
        let now = Instant::now();
        for heard in &mut self.heard {
            heard.at = (heard.at + passed).min(now);
        }
    }

    /// Judges what has ended and was still held back, before the state is kept for the last time.
    fn leave(&mut self, tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>) -> Result<(), RunError> {
        if self.team.as_ref().is_some_and(Team::is_stale) {
            return Ok(());
        }
        let mut said = Vec::new();
        for n in (0..self.heard.len()).filter(|n| self.judges(*n)).collect::<Vec<_>>() {
            self.monitor.machines_mut()[n].leave(&mut |one| said.push((n, one)));
        }
        self.say_all(&mut said, tell)
    }

    /// Records what machines said, and hands it on. What it follows from is taken down before, if the disk keeps
    /// up, so that it follows again after a crash: whoever goes on knows what has been told, and has learnt as much.
    fn say_all(
        &mut self,
        said: &mut Vec<(usize, Said)>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if let Some(history) = self.history.as_mut().filter(|_| self.team.is_none() && !said.is_empty()) {
            history.settle();
        }
        said.drain(..).try_for_each(|(n, one)| self.say(n, &one, tell))
    }

    /// Records what a machine said, and hands it on.
    fn say(
        &mut self,
        n: usize,
        said: &Said,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        if let Said::Alert(alert) = said {
            self.lamps_due = true;
            // Nobody has seen yet what begins now.
            let seen = self.acknowledged.remove(&(n, alert.kind.id())).is_some();
            self.panel.alert((n, &self.configuration.machines[n]), alert, seen, self.catalog);
        }
        if self.is_told(n, said) {
            return Ok(());
        }
        let machine = &self.configuration.machines[n];
        let line = Line::said(machine, said, self.catalog);
        self.panel.said(n, said, &line);
        let written = match said {
            Said::Alert(alert) => {
                self.urgent = true;
                if alert.change == Change::Raised {
                    *self.raised.entry((n, alert.kind.id())).or_default() += 1;
                }
                let about = &self.configuration.machines[n];
                self.send(alert, &line, || words::of_machine(about, alert, self.catalog));
                self.folder.log(&line)
            }
            Said::Cycle(cycle, finding) => {
                self.urgent |= matches!(finding, Finding::Learnt { .. });
                self.tallies[n].take(cycle, finding);
                let day = cycle.end.day(&machine.settings.zone).to_string();
                self.folder.remember(&day, &line)
            }
        };
        self.disk(written, tell)?;
        tell(Told::Said(n, said)).map_err(RunError::Tell)
    }

    /// Hands an alert to the outlets.
    fn send(&self, alert: &Alert, line: &Line<'_>, words: impl FnOnce() -> (Text, Text)) {
        let wanted = |alerts: &[AlertKind]| alerts.is_empty() || alerts.contains(&alert.kind);
        if !self.configuration.outlets.iter().any(|outlet| wanted(&outlet.alerts)) {
            return;
        }
        let json = serde_json::to_string(line).unwrap_or_default();
        let (title, text) = words();
        let raised = alert.change == Change::Raised;
        let news = Arc::new(News { json, title, text, raised, at: alert.at });
        for (outlet, outgoing) in self.configuration.outlets.iter().zip(&self.outgoing) {
            if wanted(&outlet.alerts) {
                outgoing.tell(&news);
            }
        }
    }

    /// A disk that is full does not end the measuring; it is told once, and again when it works.
    fn disk(
        &mut self,
        result: io::Result<()>,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<(), RunError> {
        let note = match (result, self.disk.has_failed) {
            (Ok(()), true) if self.disk.is_kept && !self.folder.is_behind() => {
                Text::new("記録を再び書けるようになりました", "the records can be written again")
            }
            (Err(error), false) => {
                let why = why(&error);
                Text::new(
                    format!(
                        "記録を書けません（{}）。監視は続き、記録は書けるようになったときに書きます",
                        why.get(Lang::Ja)
                    ),
                    format!(
                        "the records cannot be written ({}); watching goes on, and they are written when they can be",
                        why.get(Lang::En)
                    ),
                )
            }
            _ => return Ok(()),
        };
        self.disk.has_failed = !self.disk.has_failed;
        tell(Told::Note(note)).map_err(RunError::Tell)
    }

    /// A database that cannot be written is told once, and again when it works; it follows what it missed.
    fn look_at_follower(&mut self, tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>) -> Result<(), RunError> {
        let Some(follower) = &mut self.follower else { return Ok(()) };
        let error = follower.error.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let note = match (&error, follower.has_failed) {
            (Some(error), false) => Text::new(
                format!(
                    "データベースに書けません（{}: {}）。記録はファイルに残り、後で追いつきます",
                    follower.place,
                    error.get(Lang::Ja)
                ),
                format!(
                    "the database cannot be written ({}: {}); the records stay in files and follow later",
                    follower.place,
                    error.get(Lang::En)
                ),
            ),
            (None, true) => {
                Text::new("データベースに再び書けるようになりました", "the database can be written again")
            }
            _ => return Ok(()),
        };
        follower.has_failed = error.is_some();
        tell(Told::Note(note)).map_err(RunError::Tell)
    }

    /// Until when a machine is maintained, as somebody has asked or as it is planned.
    fn maintained_until(&self, n: usize) -> Option<Time> {
        let planned = self.monitor.machines()[n].planned_maintenance();
        self.maintenance.get(&n).copied().max(planned)
    }

    /// How a machine is that this monitor judges.
    fn shown(&self, n: usize) -> Shown {
        let (of, machine) = (&self.configuration.machines[n], &self.monitor.machines()[n]);
        let seen = |kind: AlertKind| self.acknowledged.get(&(n, kind.id())).cloned();
        self.panel.shown((n, of), machine, seen, self.maintained_until(n), self.catalog)
    }

    /// Shows how machines are that have changed.
    fn show(&mut self) {
        let Some(follower) = &self.follower else { return };
        let mut all = Vec::new();
        for (n, (of, machine)) in self.configuration.machines.iter().zip(self.monitor.machines()).enumerate()
        {
            if self.team.as_ref().is_some_and(|team| !team.judged[n]) {
                self.panel.forget(n);
                continue;
            }
            let seen = |kind: AlertKind| self.acknowledged.get(&(n, kind.id())).cloned();
            let maintenance = self.maintained_until(n);
            let shown = self.panel.look((n, of), machine, seen, maintenance, self.catalog);
            all.extend(shown.map(|shown| (n, shown)));
        }
        if all.is_empty() {
            return;
        }
        match &self.team {
            Some(team) => team.show(all.into_iter().map(|(_, shown)| shown).collect()),
            None => follower.shown.machines.lock().unwrap_or_else(PoisonError::into_inner).extend(all),
        }
    }

    /// The page of metrics.
    fn page(&self) -> String {
        metrics::page(&Figures {
            configuration: self.configuration,
            machines: self.monitor.machines(),
            statuses: &self.statuses,
            raised: &self.raised,
            groups: &self.groups,
            panel: &self.panel,
            tallies: &self.tallies,
            history_lost: self.history.as_ref().map(|history| history.lost.load(Ordering::Relaxed)),
            overloaded: &self.watched.iter().map(|one| one.overload.is_some()).collect::<Vec<_>>(),
            outgoing: &self.outgoing,
        })
    }
}
