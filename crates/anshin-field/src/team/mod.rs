//! Several monitors that watch the machines of one configuration together.
//!
//! A broker's shared subscriptions hand messages to whoever is free, and do not keep a machine with one
//! worker. So every worker subscribes as it would alone, at a server of NATS to what its machines say, and they
//! agree in the database of the records on who judges which machine. For each machine there is one claim. It changes hands in a transaction
//! that names the one who held it, so nobody who reaches the database judges what another one has claimed.
//! A second worker watches the machine without a word, and takes over where the first one is gone.
//!
//! A worker is gone when its beat has stood still for some seconds by the steady clock of the one who
//! looks; no clocks are compared. One that has not reached the database for nearly so long, because it
//! was itself stopped, says nothing more before it has looked whether it is still in charge.
//!
//! The live run speaks to a [`Team`], which hands orders to the thread of a [`crew`] and gets turns from it;
//! [`board`] is what the database holds, [`part`] decides who does what.

mod board;
mod crew;
mod part;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_monitor::evidence::Acknowledgement;
use anshin_monitor::group::{Groups, OpenAlert};
use anshin_monitor::machine::Kept;
use anshin_monitor::maintenance::Asked;
use serde::{Deserialize, Serialize};

use crate::already_told::AlreadyTold;
use crate::connection::Stop;
use crate::folder::Request;
use crate::panel::{OverAlert, Shown, ShownOther, Stage};
use crate::records::RecordsError;
use crew::Crew;

/// After this time without a look a worker does not know whether it counts as gone.
const STALE: Duration = Duration::from_secs(4);

/// What a team knows of a machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Known {
    /// What it has learnt and seen.
    pub(crate) machine: Kept,
    /// Alerts that somebody has acknowledged.
    pub(crate) acknowledged: Vec<String>,
    /// Who has, by alert.
    #[serde(default)]
    pub(crate) acknowledgements: BTreeMap<String, Acknowledgement>,
    /// Alerts that are over and that nobody has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) over: Vec<OverAlert>,
    /// What people have asked of when it is maintained.
    #[serde(default)]
    pub(crate) maintenance: Asked,
    /// Requests of people that all this follows from: they go from the database when it is kept there.
    #[serde(skip)]
    pub(crate) answered: Vec<String>,
    /// What people asked last, and was done: it is not done again when it comes again.
    #[serde(default)]
    pub(crate) done: Vec<Request>,
}

/// Alerts of machines, and how far they have come.
pub(crate) type Elsewhere = BTreeMap<usize, Vec<(OpenAlert, Stage)>>;

/// What the live run is to do.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Watch a machine without a word.
    StandBy(usize),
    /// Do not watch a machine any more.
    Leave(usize),
    /// What was kept of a machine cannot be read; it begins with nothing learnt.
    Unreadable(usize),
    /// Judge a machine from now on.
    Take(usize, Option<Box<Known>>, AlreadyTold),
    /// Hand a machine over as soon as the other one knows its running cycle from the beginning on; it
    /// has been watching for so many seconds.
    Offer(usize, String, f64),
    /// Somebody else judges the machine already.
    Lost(usize),
    /// Somebody has come who stands by: keep the states soon.
    Company,
    /// Whether to speak for what belongs to no machine; and which groups raise alerts, if somebody has
    /// spoken for them before.
    Lead(bool, Option<Groups>),
    /// Alerts of machines that others judge, for the one who leads.
    Elsewhere(Elsewhere),
    /// Do what a person has asked, and tell the id of the request with what comes of it. It is asked again
    /// where that is not certain, and not done again where it was done.
    Ask(String, Request),
    /// Another program works under the same name.
    Replaced,
    /// The conversation with the others has broken off by a mistake of the program.
    Ended,
}

/// What the live run tells.
enum Order {
    /// The states of machines that it judges; and how far requests in the folder have then been done or
    /// handed on.
    Keep(Vec<(usize, Known)>, Option<u64>),
    /// A machine is handed to a session.
    Give(usize, String, Box<Known>),
    /// A person has asked something about what another worker judges or speaks for.
    Pass(Request),
    /// How machines are that this worker judges.
    Show(Vec<Shown>),
    /// Which groups raise alerts, of the one who leads, how that is shown, and the requests that are answered with
    /// it.
    Groups(Groups, Vec<ShownOther>, Vec<String>),
}

/// What is asked of a worker of a team.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Name of the team.
    pub(crate) team: &'a str,
    /// Name of the worker.
    pub(crate) worker: &'a str,
    /// The database of the records.
    pub(crate) database: &'a str,
}

/// A worker's place in its team.
#[derive(Debug)]
pub(crate) struct Team {
    turns: Receiver<Turn>,
    orders: Option<Sender<Order>>,
    /// When the last look began that has ended.
    looked: Arc<Mutex<Instant>>,
    /// Requests in the folder up to this place are done or handed on, and that is in the database.
    place: Arc<AtomicU64>,
    /// Which machines are watched, for the sources.
    pub(crate) watched: Arc<[AtomicBool]>,
    /// Whether it speaks for what belongs to no machine, for the sources.
    pub(crate) is_leading: Arc<AtomicBool>,
    /// Which machines this worker judges.
    pub(crate) judged: Vec<bool>,
    /// Whether it has been told how many of the machines this worker judges.
    pub(crate) has_told_share: bool,
    /// Whether it speaks for what belongs to no machine.
    pub(crate) leads: bool,
    /// Alerts of machines that others judge, while it leads.
    pub(crate) elsewhere: Elsewhere,
    stop: Stop,
    thread: Option<JoinHandle<()>>,
}

impl Team {
    /// Comes to the team; requests in its folder have been done up to a place.
    ///
    /// # Errors
    /// If the database cannot be used.
    pub(crate) fn join(
        place: &Place<'_>,
        machines: Vec<String>,
        requests: u64,
    ) -> Result<Self, RecordsError> {
        let (turns, orders, looked) = (channel(), channel(), Arc::new(Mutex::new(Instant::now())));
        let count = machines.len();
        let mut crew = Crew::new(place, machines, requests, turns.0)?;
        let (watched, is_leading) = (Arc::clone(&crew.watched), Arc::clone(&crew.is_leading));
        let requests = Arc::clone(&crew.place);
        crew.look(&mut Vec::new(), &looked)?;
        let stop = Stop::new(Arc::default());
        let (stopped, last) = (stop.clone(), Arc::clone(&looked));
        let thread = std::thread::Builder::new()
            .name("team".to_owned())
            .spawn(move || crew.work(&orders.1, &last, &stopped))?;
        Ok(Self {
            turns: turns.1,
            orders: Some(orders.0),
            looked,
            place: requests,
            watched,
            is_leading,
            judged: vec![false; count],
            has_told_share: false,
            leads: false,
            elsewhere: Elsewhere::new(),
            stop,
            thread: Some(thread),
        })
    }

    /// What is to be done now.
    pub(crate) fn turn(&self) -> Option<Turn> {
        match self.turns.try_recv() {
            Ok(turn) => Some(turn),
            Err(TryRecvError::Empty) => None,
            // The thread has panicked: a monitor that judges nothing must not look alive.
            Err(TryRecvError::Disconnected) => Some(Turn::Ended),
        }
    }

    /// Whether this worker may count as gone, because it was stopped itself.
    pub(crate) fn is_stale(&self) -> bool {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > STALE
    }

    /// Whether a machine is watched at all.
    pub(crate) fn is_watched(&self, n: usize) -> bool {
        self.watched[n].load(Ordering::Relaxed)
    }

    /// Keeps the states of machines, which follow from the requests in the folder up to a place.
    pub(crate) fn keep(&self, known: Vec<(usize, Known)>, place: u64) {
        self.order(Order::Keep(known, Some(place)));
    }

    /// Up to where requests in the folder need not be read again after a crash.
    pub(crate) fn place(&self) -> u64 {
        self.place.load(Ordering::Relaxed)
    }

    /// Hands a machine over. It may come back, if the database cannot be reached.
    pub(crate) fn give(&mut self, n: usize, to: String, known: Known) {
        self.judged[n] = false;
        self.order(Order::Give(n, to, Box::new(known)));
    }

    /// Shows how machines are.
    pub(crate) fn show(&self, shown: Vec<Shown>) {
        self.order(Order::Show(shown));
    }

    /// Keeps which groups raise alerts and that requests are answered, and shows them.
    pub(crate) fn keep_groups(&self, groups: Groups, shown: Vec<ShownOther>, answered: Vec<String>) {
        self.order(Order::Groups(groups, shown, answered));
    }

    /// Hands a request of a person on to who judges the machine, or leads.
    pub(crate) fn pass_on(&self, request: Request) {
        self.order(Order::Pass(request));
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A thread that has gone takes no more, and the run ends with its next turn.
            let _ = orders.send(order);
        }
    }

    /// Leaves the team, once what it has been told to keep is kept.
    pub(crate) fn leave(&mut self) {
        self.orders = None;
        self.stop.set();
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has nothing more to hand over.
            let _ = thread.join();
        }
    }
}
