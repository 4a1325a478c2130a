//! Several monitors that watch the machines of one configuration together.
//!
//! A broker's shared subscriptions hand messages to whoever is free, and do not keep a machine with one
//! worker. So every worker subscribes as it would alone, and they agree in the database of the records
//! on who judges which machine. For each machine there is one claim. It changes hands in a transaction
//! that names the one who held it, so nobody who reaches the database judges what another one has claimed. A second worker
//! watches the machine without a word, and takes over where the first one is gone.
//!
//! A worker is gone when its beat has stood still for [`LEASE`] by the steady clock of the one who
//! looks; no clocks are compared. One that has not reached the database for nearly so long, because it
//! was itself stopped, says nothing more before it has looked whether it is still in charge.

mod part;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anshin_monitor::Time;
use anshin_monitor::group::OpenAlert;
use anshin_monitor::judge::Change;
use anshin_monitor::machine::Kept;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::{Any, AnyPool, Row as _, Transaction};

use crate::clock;
use crate::connection::Stop;
use crate::folder::Request;
use crate::panel::Shown;
use crate::records::{self, Records, RecordsError};
use part::{Member, Part};

/// Time between two looks at the others.
const BEAT: Duration = Duration::from_secs(1);

/// After this time without a beat a worker is gone.
const LEASE: Duration = Duration::from_secs(5);

/// After this time without a look a worker does not know whether it counts as gone.
const STALE: Duration = Duration::from_secs(4);

/// How long a transaction may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How much is claimed in one look, so that a look stays short; the next one follows at once.
const MOST_CLAIMED: usize = 500;

/// What it costs to claim a machine that somebody has judged, whose state is read, against a new one.
const KNOWN: usize = 5;

/// Most states that are written in one transaction.
const MOST_WRITTEN: usize = 200;

/// Beats that a worker needs to begin to watch after it has come.
const ARRIVAL: i64 = 4;

/// What a team knows of a machine.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Known {
    /// What it has learnt and seen.
    pub(crate) machine: Kept,
    /// Alerts that somebody has acknowledged.
    pub(crate) acknowledged: Vec<String>,
    /// Until when it is maintained.
    pub(crate) maintenance: Option<Time>,
    /// Requests of people that all this follows from: they go from the database when it is kept there.
    #[serde(skip)]
    pub(crate) answered: Vec<String>,
    /// What people asked last, and was done: it is not done again when it comes again.
    #[serde(default)]
    pub(crate) done: Vec<Request>,
}

/// What whoever judged a machine before has told since it kept its state.
#[derive(Debug, Default)]
pub(crate) struct AlreadyTold {
    cycles: Vec<(Time, Time)>,
    alerts: BTreeMap<String, Change>,
}

impl AlreadyTold {
    /// Whether a cycle has been told. Two that watch by the times of arrival see it a little apart.
    pub(crate) fn has_cycle(&self, start: Time, end: Time) -> bool {
        let middle = start.plus(end.since(start) / 2.0);
        self.cycles.iter().any(|(from, to)| *from <= middle && middle <= *to)
    }

    /// Whether an alert has been told. What was told last of a kind is no news once.
    pub(crate) fn had_alert(&mut self, kind: &str, change: Change) -> bool {
        self.alerts.remove(kind) == Some(change)
    }
}

/// Alerts that are open at machines, and whether somebody has acknowledged them.
pub(crate) type Elsewhere = BTreeMap<usize, Vec<(OpenAlert, bool)>>;

/// What the live run is to do.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Watch a machine without a word.
    StandBy(usize),
    /// Do not watch a machine any more.
    Leave(usize),
    /// Judge a machine from now on.
    Take(usize, Option<Box<Known>>, AlreadyTold),
    /// Hand a machine over as soon as the other one knows its running cycle from the beginning on; it
    /// has been watching for so many seconds.
    Offer(usize, String, f64),
    /// Somebody else judges the machine already.
    Lost(usize),
    /// Somebody has come who stands by: keep the states soon.
    Company,
    /// Whether to speak for what belongs to no machine.
    Lead(bool),
    /// Alerts that are open at machines that others judge, for the one who leads.
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
    /// A person has asked something about a machine that another worker judges.
    Pass(usize, Request),
    /// How machines are that this worker judges.
    Show(Vec<Shown>),
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
    /// Which machines this worker judges.
    pub(crate) judged: Vec<bool>,
    /// What others have told of machines that have been taken over.
    pub(crate) told: BTreeMap<usize, AlreadyTold>,
    /// Whether it speaks for what belongs to no machine.
    pub(crate) leads: bool,
    /// Alerts that are open at machines that others judge, while it leads.
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
        let (watched, requests) = (Arc::clone(&crew.watched), Arc::clone(&crew.place));
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
            judged: vec![false; count],
            told: BTreeMap::new(),
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

    /// Hands a request of a person on to who judges the machine.
    pub(crate) fn pass_on(&self, n: usize, request: Request) {
        self.order(Order::Pass(n, request));
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

/// Gives up where the database takes too long.
async fn patiently<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The first of the orders, as many as one transaction writes. A long list of states is cut.
fn take_some(orders: &mut Vec<Order>) -> Vec<Order> {
    let (mut some, mut room) = (Vec::new(), MOST_WRITTEN);
    while room > 0 && !orders.is_empty() {
        let rest = match &mut orders[0] {
            Order::Keep(known, place) if known.len() > room => {
                Some(Order::Keep(known.split_off(room), place.take()))
            }
            Order::Show(shown) if shown.len() > room => Some(Order::Show(shown.split_off(room))),
            _ => None,
        };
        let first = orders.remove(0);
        room -= match &first {
            Order::Keep(known, _) => known.len(),
            Order::Show(shown) => shown.len(),
            Order::Give(..) | Order::Pass(..) => 1,
        };
        some.push(first);
        orders.splice(0..0, rest);
    }
    some
}

/// What the live run has been told to do with a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Judge,
    StandBy,
    Away,
}

/// The conversation of a worker with the database.
struct Crew {
    records: Records,
    team: String,
    worker: String,
    session: String,
    machines: Vec<String>,
    /// Their numbers.
    numbers: BTreeMap<String, usize>,
    roles: Vec<Role>,
    /// Seconds that it has been there, at least, and when the last of them began.
    beat: i64,
    beaten: Option<Instant>,
    /// The others by name: session, beat, and when the beat was seen to change.
    seen: BTreeMap<String, (String, i64, Instant)>,
    /// When the others were last looked at.
    looked: Instant,
    leads: bool,
    /// What was last told of alerts elsewhere; `None` if machines have left since.
    elsewhere: Option<Elsewhere>,
    /// Requests that have been told, and whose answers are not kept yet.
    asked: BTreeSet<String>,
    place: Arc<AtomicU64>,
    /// Whether the database has taken everything since requests in the folder last counted as read.
    has_taken_all: bool,
    turns: Sender<Turn>,
    watched: Arc<[AtomicBool]>,
}

impl Crew {
    fn new(
        place: &Place<'_>,
        machines: Vec<String>,
        requests: u64,
        turns: Sender<Turn>,
    ) -> Result<Self, RecordsError> {
        Ok(Self {
            records: Records::open(place.database)?,
            team: place.team.to_owned(),
            worker: place.worker.to_owned(),
            session: format!("{}-{:x}-{:x}", place.worker, std::process::id(), clock::now().nanos()),
            roles: vec![Role::Away; machines.len()],
            numbers: machines.iter().cloned().zip(0..).collect(),
            watched: machines.iter().map(|_| AtomicBool::new(false)).collect(),
            machines,
            beat: 0,
            beaten: None,
            seen: BTreeMap::new(),
            looked: Instant::now(),
            leads: false,
            elsewhere: Some(Elsewhere::new()),
            asked: BTreeSet::new(),
            place: Arc::new(AtomicU64::new(requests)),
            has_taken_all: true,
            turns,
        })
    }

    fn work(mut self, orders: &Receiver<Order>, looked: &Mutex<Instant>, stop: &Stop) {
        let mut waiting = Vec::new();
        let mut next = Instant::now() + BEAT;
        loop {
            match orders.recv_timeout(next.saturating_duration_since(Instant::now())) {
                Ok(order) => {
                    let more = waiting.len();
                    waiting.push(order);
                    waiting.extend(orders.try_iter());
                    // Only a machine that is given away is not kept waiting for the next beat.
                    if !waiting[more..].iter().any(|order| matches!(order, Order::Give(..))) {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // Whatever cannot be told now is found out by the others: this worker is gone.
                    let _ = self.look(&mut waiting, looked);
                    if stop.is_set() {
                        let _ = self.leave();
                    }
                    return;
                }
            }
            let began = Instant::now();
            // Without the database everybody goes on with what they have.
            let has_more = self.look(&mut waiting, looked).unwrap_or_else(|_| {
                self.hold(&mut waiting);
                false
            });
            *looked.lock().unwrap_or_else(PoisonError::into_inner) = began;
            next = if has_more { began } else { began + BEAT };
        }
    }

    /// What becomes of orders that the database has not taken: machines stay, states come again with the
    /// next save, what people asked is asked again, and the rest waits.
    fn hold(&mut self, waiting: &mut Vec<Order>) {
        self.asked.clear();
        self.has_taken_all = true;
        waiting.retain(|order| match order {
            Order::Give(n, _, known) => {
                self.tell(Turn::Take(*n, Some(known.clone()), AlreadyTold::default()));
                false
            }
            Order::Keep(..) => false,
            Order::Show(_) | Order::Pass(..) => true,
        });
        // Of what each machine shows, only the newest counts.
        let mut newest = BTreeSet::new();
        for order in waiting.iter_mut().rev() {
            if let Order::Show(shown) = order {
                shown.retain(|one| newest.insert(one.machine.clone()));
            }
        }
        waiting.retain(|order| !matches!(order, Order::Show(shown) if shown.is_empty()));
    }

    /// Says that this worker is alive, writes what is to be kept, looks at the others, and finds out what
    /// is to be done; true if there was more than one look does. Each part is a transaction of its own:
    /// however much there is to write, the others hear that this worker is alive.
    fn look(&mut self, orders: &mut Vec<Order>, looked: &Mutex<Instant>) -> Result<bool, RecordsError> {
        let (pool, runtime) = self.records.parts();
        let result = runtime.block_on(async {
            loop {
                if !self.is_alive(&pool).await? {
                    return Ok(None);
                }
                self.heard_in_time(looked);
                if orders.is_empty() {
                    break;
                }
                let part = take_some(orders);
                let written = patiently(self.write_all(&pool, &part)).await;
                let taken = match written {
                    Ok(taken) => taken,
                    Err(error) => {
                        orders.splice(0..0, part);
                        return Err(error);
                    }
                };
                for (order, taken) in part.iter().zip(taken) {
                    self.has_taken_all &= taken;
                    match order {
                        // Whoever judges a machine that has been given away is told before anybody else may be.
                        // One that was not ours to give counts as lost with the next look.
                        Order::Give(n, ..) if taken => {
                            self.roles[*n] = Role::StandBy;
                            self.elsewhere = None;
                        }
                        // What was handed on before stands before it. What was asked about a machine that
                        // somebody else has claimed is read again, and handed on to them.
                        Order::Keep(_, Some(place)) => {
                            let has_taken_all = std::mem::replace(&mut self.has_taken_all, true);
                            if has_taken_all {
                                self.place.store(*place, Ordering::Relaxed);
                            }
                        }
                        _ => {}
                    }
                }
            }
            patiently(self.look_in(&pool)).await.map(Some)
        })?;
        if result.is_none() {
            self.tell(Turn::Replaced);
        }
        Ok(result.unwrap_or(false))
    }

    /// The others have heard a beat before this worker counted as gone: what it found in the last look
    /// still holds, however long this one takes.
    fn heard_in_time(&self, looked: &Mutex<Instant>) {
        let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.elapsed() < STALE {
            *looked = self.beaten.map_or(*looked, |beaten| beaten.max(*looked));
        }
    }

    /// Says that this worker is alive, once a second; false if another program has come under its name.
    async fn is_alive(&mut self, pool: &AnyPool) -> Result<bool, sqlx::Error> {
        if self.beaten.is_some_and(|at| at.elapsed() < BEAT * 9 / 10) {
            return Ok(true);
        }
        self.beat += 1;
        self.beaten = Some(Instant::now());
        patiently(async {
            let mut change = pool.begin().await?;
            let is_there = self.beat(&mut change).await?;
            change.commit().await?;
            Ok(is_there)
        })
        .await
    }

    /// Does what the live run has told; of each order, whether all of its machines were ours.
    async fn write_all(&self, pool: &AnyPool, orders: &[Order]) -> Result<Vec<bool>, sqlx::Error> {
        let mut change = pool.begin().await?;
        let mut taken = vec![true; orders.len()];
        for (order, taken) in orders.iter().zip(&mut taken) {
            match order {
                Order::Keep(known, _) => {
                    for (n, known) in known {
                        *taken &= self.write(&mut change, *n, &self.session, known).await?;
                    }
                }
                Order::Give(n, to, known) => *taken = self.write(&mut change, *n, to, known).await?,
                Order::Show(shown) => {
                    for one in shown {
                        records::show(&mut change, &self.team, &self.session, one).await?;
                    }
                }
                Order::Pass(n, request) => {
                    records::request(&mut change, &self.team, &self.machines[*n], request).await?;
                }
            }
        }
        change.commit().await?;
        Ok(taken)
    }

    async fn look_in(&mut self, pool: &AnyPool) -> Result<bool, sqlx::Error> {
        let mut change = pool.begin().await?;
        let mut turns = Vec::new();
        // Whoever writes first does not have to wait for others in the middle of the transaction.
        self.beat(&mut change).await?;
        let mut roles = self.roles.clone();
        let members = self.members(&mut change, &mut turns).await?;
        let claims = self.claims(&mut change).await?;
        let leads = part::leads(&members, &self.session);
        let (mut claimed, mut has_more) = (0, false);
        for (n, role) in roles.iter_mut().enumerate() {
            let claim = claims.get(&self.machines[n]).map(String::as_str);
            let part = match part::part(&members, &self.machines[n], claim, &self.session) {
                Part::Take if claimed >= MOST_CLAIMED => {
                    has_more = true;
                    Part::StandBy
                }
                Part::Take => {
                    claimed += if claim.is_some() { KNOWN } else { 1 };
                    if self.claim(&mut change, n, claim).await? { Part::Take } else { Part::StandBy }
                }
                part => part,
            };
            match part {
                Part::Judge | Part::Offer(_) | Part::Take if *role != Role::Judge => {
                    *role = Role::Judge;
                    turns.push(self.taken(&mut change, n).await?);
                }
                Part::Judge | Part::Take => {}
                Part::Offer(to) => {
                    let beat = members.iter().find(|member| member.session == to).map_or(0, |m| m.beat);
                    #[expect(clippy::cast_precision_loss, reason = "a beat takes a second at most")]
                    turns.push(Turn::Offer(n, to, (beat - ARRIVAL) as f64));
                }
                Part::StandBy | Part::Away => {
                    if *role == Role::Judge {
                        turns.push(Turn::Lost(n));
                        self.elsewhere = None;
                        *role = Role::StandBy;
                    }
                    let wanted = if part == Part::StandBy { Role::StandBy } else { Role::Away };
                    if *role != wanted {
                        *role = wanted;
                        turns.push(if wanted == Role::Away { Turn::Leave(n) } else { Turn::StandBy(n) });
                    }
                }
            }
        }
        let asked = self.asked(&mut change, &mut turns).await?;
        let mut elsewhere = Elsewhere::new();
        if leads {
            self.forget_others(&mut change, &members, &claims).await?;
            elsewhere = self.alerts_elsewhere(&mut change).await?;
        }
        change.commit().await?;
        if leads != self.leads {
            self.leads = leads;
            turns.push(Turn::Lead(leads));
        }
        if self.elsewhere.as_ref() != Some(&elsewhere) {
            self.elsewhere = Some(elsewhere.clone());
            turns.push(Turn::Elsewhere(elsewhere));
        }
        // What has been agreed on holds from here on.
        for (n, role) in roles.iter().enumerate() {
            self.watched[n].store(*role != Role::Away, Ordering::Relaxed);
        }
        self.roles = roles;
        self.asked = asked;
        for turn in turns {
            self.tell(turn);
        }
        Ok(has_more)
    }

    /// Forgets machines that are in nobody's configuration any more.
    async fn forget_others(
        &self,
        change: &mut Transaction<'_, Any>,
        members: &[Member],
        claims: &BTreeMap<String, String>,
    ) -> Result<(), sqlx::Error> {
        let is_alive = |session: &str| members.iter().any(|member| member.session == session);
        for (machine, session) in claims {
            if !self.numbers.contains_key(machine) && !is_alive(session) {
                sqlx::query("DELETE FROM monitor_machine WHERE team = $1 AND machine = $2 AND session = $3")
                    .bind(&self.team)
                    .bind(machine)
                    .bind(session)
                    .execute(&mut **change)
                    .await?;
            }
        }
        Ok(())
    }

    /// Alerts that are open at machines that others judge.
    async fn alerts_elsewhere(&self, change: &mut Transaction<'_, Any>) -> Result<Elsewhere, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT machine, shown FROM monitor_machine WHERE team = $1 AND session <> $2 \
             AND shown NOT LIKE '%\"alerts\":[]%'",
        )
        .bind(&self.team)
        .bind(&self.session)
        .fetch_all(&mut **change)
        .await?;
        let mut all = Elsewhere::new();
        for row in rows {
            let machine: String = row.try_get(0)?;
            // What another version of this program shows may not be read.
            let shown = serde_json::from_str::<Shown>(&row.try_get::<String, _>(1)?).ok();
            if let (Some(n), Some(shown)) = (self.numbers.get(&machine), shown) {
                let alerts = shown.alerts.iter();
                let open = alerts.filter_map(|alert| Some((alert.open(*n)?, alert.seen)));
                all.insert(*n, open.collect());
            }
        }
        Ok(all)
    }

    /// A machine has come to this worker, with what is known of it.
    async fn taken(&self, change: &mut Transaction<'_, Any>, n: usize) -> Result<Turn, sqlx::Error> {
        let known = self.read(change, n).await?;
        let told = match &known {
            Some(known) => self.told(change, n, known.machine.judged).await?,
            None => AlreadyTold::default(),
        };
        Ok(Turn::Take(n, known.map(Box::new), told))
    }

    /// Tells what people have asked about machines that this worker judges, each request once; they stay in
    /// the database until what came of them is kept there. The ids of all that wait for that.
    async fn asked(
        &self,
        change: &mut Transaction<'_, Any>,
        turns: &mut Vec<Turn>,
    ) -> Result<BTreeSet<String>, sqlx::Error> {
        let mut waiting = BTreeSet::new();
        for (id, line) in records::asked(change, &self.team, &self.session).await? {
            let Ok(request) = serde_json::from_str(&line) else {
                // What is no request was not written by this program.
                records::answered(change, &[id]).await?;
                continue;
            };
            if !self.asked.contains(&id) {
                turns.push(Turn::Ask(id.clone(), request));
            }
            waiting.insert(id);
        }
        Ok(waiting)
    }

    fn tell(&self, turn: Turn) {
        // A live run that has ended is told nothing more.
        let _ = self.turns.send(turn);
    }

    /// Writes its beat; false if another program has come under its name.
    async fn beat(&self, change: &mut Transaction<'_, Any>) -> Result<bool, sqlx::Error> {
        let query = if self.beat == 1 {
            sqlx::query(
                "INSERT INTO monitor_worker (team, worker, session, beat) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (team, worker) DO UPDATE SET session = excluded.session, beat = excluded.beat",
            )
        } else {
            sqlx::query(
                "UPDATE monitor_worker SET beat = $4 WHERE team = $1 AND worker = $2 AND session = $3",
            )
        };
        let query = query.bind(&self.team).bind(&self.worker).bind(&self.session).bind(self.beat);
        Ok(query.execute(&mut **change).await?.rows_affected() == 1)
    }

    /// Who is alive.
    async fn members(
        &mut self,
        change: &mut Transaction<'_, Any>,
        turns: &mut Vec<Turn>,
    ) -> Result<Vec<Member>, sqlx::Error> {
        let rows =
            sqlx::query("SELECT worker, session, beat FROM monitor_worker WHERE team = $1 AND session <> ''")
                .bind(&self.team)
                .fetch_all(&mut **change)
                .await?;
        let now = Instant::now();
        // Who has not looked for a while does not know how long the others have been silent.
        let was_away = std::mem::replace(&mut self.looked, now).elapsed() > STALE;
        let mut members = Vec::new();
        for row in rows {
            let (worker, session): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let beat: i64 = row.try_get(2)?;
            let known = self.seen.get(&worker);
            let is_new = known.is_none_or(|(known, _, _)| *known != session);
            let changed = match known {
                Some((_, last, changed)) if !is_new && *last == beat && !was_away => *changed,
                _ => now,
            };
            if is_new && session != self.session && beat > 0 {
                turns.push(Turn::Company);
            }
            self.seen.insert(worker.clone(), (session.clone(), beat, changed));
            // One who has taken leave has no beat.
            if beat > 0 && changed.elapsed() < LEASE {
                members.push(Member { worker, session, beat });
            }
        }
        Ok(members)
    }

    /// Which session has claimed which machine.
    async fn claims(
        &self,
        change: &mut Transaction<'_, Any>,
    ) -> Result<BTreeMap<String, String>, sqlx::Error> {
        let rows = sqlx::query("SELECT machine, session FROM monitor_machine WHERE team = $1")
            .bind(&self.team)
            .fetch_all(&mut **change)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Claims a machine of one who is gone, or of nobody; false if another one was quicker.
    async fn claim(
        &self,
        change: &mut Transaction<'_, Any>,
        n: usize,
        from: Option<&str>,
    ) -> Result<bool, sqlx::Error> {
        let query = match from {
            Some(_) => sqlx::query(
                "UPDATE monitor_machine SET session = $3 WHERE team = $1 AND machine = $2 AND session = $4",
            ),
            None => sqlx::query(
                "INSERT INTO monitor_machine (team, machine, session) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            ),
        };
        let mut query = query.bind(&self.team).bind(&self.machines[n]).bind(&self.session);
        if let Some(from) = from {
            query = query.bind(from.to_owned());
        }
        Ok(query.execute(&mut **change).await?.rows_affected() == 1)
    }

    /// Keeps the state of a machine, for a session; false if the machine is not ours.
    async fn write(
        &self,
        change: &mut Transaction<'_, Any>,
        n: usize,
        session: &str,
        known: &Known,
    ) -> Result<bool, sqlx::Error> {
        let state = serde_json::to_string(known).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let written = sqlx::query(
            "UPDATE monitor_machine SET session = $4, state = $5 WHERE team = $1 AND machine = $2 AND session = $3",
        )
        .bind(&self.team)
        .bind(&self.machines[n])
        .bind(&self.session)
        .bind(session)
        .bind(state)
        .execute(&mut **change)
        .await?;
        // Whoever has taken the machine meanwhile is asked.
        let is_ours = written.rows_affected() == 1;
        if is_ours {
            records::answered(change, &known.answered).await?;
        }
        Ok(is_ours)
    }

    /// What was kept of a machine.
    async fn read(&self, change: &mut Transaction<'_, Any>, n: usize) -> Result<Option<Known>, sqlx::Error> {
        let row = sqlx::query("SELECT state FROM monitor_machine WHERE team = $1 AND machine = $2")
            .bind(&self.team)
            .bind(&self.machines[n])
            .fetch_optional(&mut **change)
            .await?;
        let state = row.map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        // A state of another version is as good as none.
        Ok(state.and_then(|state| serde_json::from_str(&state).ok()))
    }

    /// What the team has recorded of a machine after a cycle.
    async fn told(
        &self,
        change: &mut Transaction<'_, Any>,
        n: usize,
        judged: Option<Time>,
    ) -> Result<AlreadyTold, sqlx::Error> {
        let mut told = AlreadyTold::default();
        let after = judged.map(|judged| judged.to_string()).unwrap_or_default();
        for table in ["monitor_cycle", "monitor_alert"] {
            let text = format!(
                "SELECT line FROM {table} WHERE machine = $1 AND at >= $2 AND worker IN \
                 (SELECT worker FROM monitor_worker WHERE team = $3) ORDER BY at LIMIT 1000"
            );
            let rows = sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(&self.machines[n])
                .bind(&after)
                .bind(&self.team)
                .fetch_all(&mut **change)
                .await?;
            for row in rows {
                let line: Value = serde_json::from_str(&row.try_get::<String, _>(0)?).unwrap_or_default();
                let time = |key: &str| Time::parse(line[key].as_str()?).ok();
                if let (Some(start), Some(end)) = (time("start"), time("end")) {
                    told.cycles.push((start, end));
                } else if let (Some(kind), Ok(change)) =
                    (line["alert"].as_str(), serde_json::from_value(line["change"].clone()))
                {
                    told.alerts.insert(kind.to_owned(), change);
                }
            }
        }
        Ok(told)
    }

    /// Takes leave: who stands by need not wait until this worker counts as gone.
    fn leave(&mut self) -> Result<(), RecordsError> {
        let (pool, runtime) = self.records.parts();
        let query = sqlx::query("UPDATE monitor_worker SET beat = 0 WHERE team = $1 AND session = $2")
            .bind(&self.team)
            .bind(&self.session);
        runtime.block_on(query.execute(&pool))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anshin_monitor::Machine;
    use anshin_monitor::cycle::Bounds;
    use anshin_monitor::machine::Settings;

    use super::*;

    const TEAM: &str = "line";

    /// A worker that watches one machine, and what it is told.
    fn crew(database: &str, worker: &str) -> (Crew, Receiver<Turn>) {
        let (sender, turns) = channel();
        let place = Place { team: TEAM, worker, database };
        (Crew::new(&place, vec!["press".to_owned()], 0, sender).unwrap(), turns)
    }

    /// What people are known to have asked after another look.
    fn asked(crew: &mut Crew, turns: &Receiver<Turn>, orders: Vec<Order>) -> Vec<(String, Request)> {
        let mut orders = orders;
        crew.look(&mut orders, &Mutex::new(Instant::now())).unwrap();
        assert!(orders.is_empty());
        let asked = turns.try_iter().filter_map(|turn| match turn {
            Turn::Ask(id, request) => Some((id, request)),
            _ => None,
        });
        asked.collect()
    }

    fn known(answered: &[&String]) -> Known {
        Known {
            machine: Machine::new(Settings::usual(Bounds::Events)).kept(),
            acknowledged: Vec::new(),
            maintenance: None,
            answered: answered.iter().map(|id| (*id).clone()).collect(),
            done: Vec::new(),
        }
    }

    #[test]
    fn what_a_person_asked_waits_until_what_came_of_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = records::address(folder.path());
        let (mut one, turns) = crew(&database, "one");
        assert_eq!(asked(&mut one, &turns, Vec::new()), []);
        let request = |by: &str| Request::Maintenance {
            machine: "press".to_owned(),
            until: Time::from_seconds(1e9),
            by: by.to_owned(),
            asked: None,
        };
        one.records.ask(TEAM, &request("Sato")).unwrap();
        let first = asked(&mut one, &turns, Vec::new());
        assert_eq!(first.iter().map(|(_, request)| request.clone()).collect::<Vec<_>>(), [request("Sato")]);
        assert_eq!(asked(&mut one, &turns, Vec::new()), [], "it is told once");
        // The state that it went into was not taken by the database.
        let lost = &first[0].0;
        one.hold(&mut vec![Order::Keep(vec![(0, known(&[lost]))], Some(1))]);
        assert_eq!(asked(&mut one, &turns, Vec::new()), first);
        // The worker goes before it has kept anything: whoever takes the machine over is asked.
        one.leave().unwrap();
        let (mut two, turns) = crew(&database, "two");
        assert_eq!(asked(&mut two, &turns, Vec::new()), first);
        // One who has the machine no more keeps nothing, and so takes nothing away.
        // Nor does it count what was asked in its folder as done.
        let late = vec![Order::Keep(vec![(0, known(&[lost]))], Some(7))];
        one.look(&mut { late }, &Mutex::new(Instant::now())).unwrap();
        assert_eq!(one.place.load(Ordering::Relaxed), 0);
        let later = vec![Order::Keep(Vec::new(), Some(8))];
        one.look(&mut { later }, &Mutex::new(Instant::now())).unwrap();
        assert_eq!(one.place.load(Ordering::Relaxed), 8);
        two.asked.clear();
        assert_eq!(asked(&mut two, &turns, Vec::new()), first);
        // Another request is handed on, and what came of the first is kept: it is gone, the other one is there.
        let orders = vec![Order::Pass(0, request("Ito")), Order::Keep(vec![(0, known(&[lost]))], Some(42))];
        let rest = asked(&mut two, &turns, orders);
        assert_eq!(rest.iter().map(|(_, request)| request.clone()).collect::<Vec<_>>(), [request("Ito")]);
        assert_eq!(two.place.load(Ordering::Relaxed), 42);
        two.asked.clear();
        assert_eq!(asked(&mut two, &turns, Vec::new()), rest);
    }

    #[test]
    fn requests_count_as_read_only_with_the_last_of_the_states() {
        let states = |count: usize| (0..count).map(|n| (n, known(&[]))).collect::<Vec<_>>();
        let mut orders = vec![Order::Keep(states(MOST_WRITTEN + 1), Some(7))];
        let places = |part: &[Order]| {
            let place = |order: &Order| if let Order::Keep(_, place) = order { *place } else { None };
            part.iter().map(place).collect::<Vec<_>>()
        };
        assert_eq!(places(&take_some(&mut orders)), [None]);
        assert_eq!(places(&take_some(&mut orders)), [Some(7)]);
        // A worker that judges nothing has read them as well.
        let mut orders = vec![Order::Keep(Vec::new(), Some(8))];
        assert_eq!(places(&take_some(&mut orders)), [Some(8)]);
    }
}
