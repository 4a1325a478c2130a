//! The monitor at work: sources speak, machines are judged, people are told.

mod crowd;
mod error;
mod go_on;
mod groups;
mod keep;
mod log_line;
mod outlets;
mod requests;
mod say;
mod show;
mod sources;
mod start;
mod team;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_catalog::Catalog;
use anshin_model::Text;
use anshin_monitor::config::{Configuration, Payload, SourceKind, TimeColumn};
use anshin_monitor::cycle::Doubt;
use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::{GroupAlert, Groups};
use anshin_monitor::judge::SourceAlert;
use anshin_monitor::maintenance::Asked;
use anshin_monitor::{Monitor, Said, Time};

pub use error::{RunError, without};
pub use log_line::LogLine;
pub use start::{run, secrets};

use crate::already_told::AlreadyTold;
use crate::clock;
use crate::connection::Stop;
use crate::feed::{Event, Status};
use crate::folder::{Folder, Request, Saved};
use crate::guests::Room;
use crate::history::History;
use crate::metrics::{Board, Tally};
use crate::outlet::Outgoing;
use crate::outlet::patlite::Lamp;
use crate::panel::{Panel, ShownOther};
use crate::records::Follower;
use crate::team::Team;

/// How often machines are asked what follows from time passing.
const TICK: Duration = Duration::from_millis(50);

/// Who waits for so much longer than it was to has been held up: what came meanwhile seems to come now.
const LATE: Duration = Duration::from_millis(200);

/// How long it takes until what came meanwhile is read.
const READ_WITHIN: Duration = Duration::from_secs(2);

/// How late what a broker has kept for us may be.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// A tick that comes so much later than it should means that this program was held up.
const HELD_UP: Duration = Duration::from_secs(1);

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
    /// What it tells is known to have happened when it came, and no better.
    by_arrival: bool,
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

/// A device that nobody knows: the topic on which it was heard first, since when, and when last.
#[derive(Debug)]
struct Stranger {
    topic: String,
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
    /// Machines of which what comes now may have happened earlier: until when that is so, and by how many seconds.
    held_back: BTreeMap<usize, (Instant, f64)>,
    /// Devices that nobody knows, by the source and what names them.
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
    /// What people have asked of when machines are maintained.
    maintenance: BTreeMap<usize, Asked>,
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
                let comes = matches!(source.kind, SourceKind::Mqtt | SourceKind::Http);
                Watched {
                    by_arrival: comes
                        && source.payload != Payload::Sparkplug
                        && matches!(source.time, TimeColumn::Arrival),
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
            held_back: BTreeMap::new(),
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
        self.go_on_with_alerts_of_sources(tell)?;
        let mut said = std::mem::take(&mut self.found);
        self.say_all(&mut said, tell)?;
        self.told.clear();
        while !stop.is_set() {
            let waits = Instant::now();
            let event = events.recv_timeout(TICK.saturating_sub(tick.elapsed()));
            let waited = waits.elapsed();
            if waited > TICK + LATE {
                let by_arrival = self.watched.iter().filter(|watched| watched.by_arrival);
                let machines = by_arrival.flat_map(|watched| watched.machines.iter().copied()).collect();
                self.stood_still(machines, waited);
            }
            self.held_back.retain(|_, (until, _)| *until > waits);
            match event {
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
                        if let Some((_, seconds)) = self.held_back.get(&n) {
                            machine.came_late(*seconds);
                        }
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
                Ok(Event::Stranger { source, device, topic }) => {
                    self.stranger(source, (device, topic), tell)?;
                }
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
        self.kept(tell)?;
        let written = self.folder.catch_up();
        self.disk(written, tell)?;
        self.begin_to_save();
        self.copying.iter_mut().for_each(keep::Copying::take_leave);
        while !self.copy_some() {}
        self.save(tell)?;
        self.kept(tell)?;
        // Whoever leads next shows how things are after that.
        self.darken();
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

    /// This program stood still for so long: what these machines said meanwhile seems to come now.
    fn stood_still(&mut self, machines: Vec<usize>, waited: Duration) {
        for n in machines.iter().copied().filter(|n| self.judges(*n)).collect::<Vec<_>>() {
            let now = self.heard[n].now();
            if let Some(history) = &mut self.history {
                history.doubt(n, now);
            }
        }
        self.may_be_late(machines, waited);
    }

    /// What these machines have said, and say soon, may have been said so long before it came.
    fn may_be_late(&mut self, machines: Vec<usize>, by: Duration) {
        let (until, seconds) = (Instant::now() + READ_WITHIN, by.as_secs_f64());
        for n in machines {
            self.monitor.machines_mut()[n].came_late(seconds);
            let held = self.held_back.entry(n).or_insert((until, seconds));
            *held = (until, seconds.max(held.1));
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
}
