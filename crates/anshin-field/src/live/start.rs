//! How a monitor begins and ends: its folder, its team, a thread for each conversation, and the doors.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_monitor::config::{Configuration, Encryption, Secret, Source, SourceKind};

use super::{Live, Options, RunError, Told};
use crate::connection::Stop;
use crate::feed::{Feed, Status};
use crate::folder::Folder;
use crate::guests::Guests;
use crate::history::History;
use crate::outlet::Outgoing;
use crate::push::{self, Door, Entrance};
use crate::records::{self, Follower, RecordsError, Writer};
use crate::team::{Place, Team};
use crate::tls::Tls;
use crate::{echonet, modbus, mqtt, mtconnect, shdr};

/// Batches that wait for the monitor at most; each has up to some thousand readings.
const QUEUE: usize = 128;

/// How long a database of a team may take to start, after its monitors.
const STARTS: Duration = Duration::from_secs(5);

/// Pause between two attempts to come to the team.
const PAUSE: Duration = Duration::from_millis(500);

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
        let mut feed = Feed::new(configuration, n, sender.clone(), &statuses);
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
