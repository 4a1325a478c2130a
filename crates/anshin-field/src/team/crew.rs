//! The conversation of a worker with the others, by way of the database: a thread of its own, so that the
//! measuring never waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::{Any, AnyPool, Transaction};

use super::board::{Board, Stored};
use super::part::{self, Member, Part};
use super::{Elsewhere, Order, Place, STALE, Turn};
use crate::already_told::AlreadyTold;
use crate::connection::Stop;
use crate::records::{Records, RecordsError};

/// Time between two looks at the others.
const BEAT: Duration = Duration::from_secs(1);

/// After this time without a beat a worker is gone.
const LEASE: Duration = Duration::from_secs(5);

/// How long a transaction may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// After so many looks in a row that have failed the database is away, and not only slow.
const AWAY: u32 = 3;

/// How much is claimed in one look, so that a look stays short; the next one follows at once.
const MOST_CLAIMED: usize = 500;

/// What it costs to claim a machine that somebody has judged, whose state is read, against a new one.
const KNOWN: usize = 5;

/// Most states that are written in one transaction.
const MOST_WRITTEN: usize = 200;

/// Beats that a worker needs to begin to watch after it has come.
const ARRIVAL: i64 = 4;

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
            Order::Give(..) | Order::Pass(..) | Order::Groups(..) => 1,
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

/// What a worker knows of its team.
pub(super) struct Crew {
    records: Records,
    board: Board,
    roles: Vec<Role>,
    /// Seconds that it has been there, at least, and when the last of them began.
    beat: i64,
    beaten: Option<Instant>,
    /// The others by name: session, beat, and when the beat was seen to change.
    seen: BTreeMap<String, (String, i64, Instant)>,
    /// When the others were last looked at.
    looked: Instant,
    leads: bool,
    /// The same, for the sources.
    pub(super) is_leading: Arc<AtomicBool>,
    /// What was last told of alerts elsewhere; `None` if machines have left since.
    elsewhere: Option<Elsewhere>,
    /// Requests that have been told, and whose answers are not kept yet.
    asked: BTreeSet<String>,
    pub(super) place: Arc<AtomicU64>,
    /// How many looks in a row have failed.
    failed: u32,
    /// Whether the database has taken everything since requests in the folder last counted as read.
    has_taken_all: bool,
    turns: Sender<Turn>,
    pub(super) watched: Arc<[AtomicBool]>,
}

impl Crew {
    pub(super) fn new(
        place: &Place<'_>,
        machines: Vec<String>,
        requests: u64,
        turns: Sender<Turn>,
    ) -> Result<Self, RecordsError> {
        Ok(Self {
            records: Records::open(place.database)?,
            roles: vec![Role::Away; machines.len()],
            watched: machines.iter().map(|_| AtomicBool::new(false)).collect(),
            board: Board::new(place, machines),
            beat: 0,
            beaten: None,
            seen: BTreeMap::new(),
            looked: Instant::now(),
            leads: false,
            is_leading: Arc::default(),
            elsewhere: Some(Elsewhere::new()),
            asked: BTreeSet::new(),
            place: Arc::new(AtomicU64::new(requests)),
            failed: 0,
            has_taken_all: true,
            turns,
        })
    }

    /// Looks at the others once a second until the orders end.
    pub(super) fn work(mut self, orders: &Receiver<Order>, looked: &Mutex<Instant>, stop: &Stop) {
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
            let has_more = self.look_from(began, &mut waiting, looked);
            next = if has_more { began } else { began + BEAT };
        }
    }

    /// Looks at the others, and says since when what is known holds.
    ///
    /// Without the database everybody goes on with what they have. But one who may count as gone, because it
    /// was stopped itself, does not take one look that fails for an answer: others may have its machines.
    fn look_from(&mut self, began: Instant, waiting: &mut Vec<Order>, looked: &Mutex<Instant>) -> bool {
        let last = *looked.lock().unwrap_or_else(PoisonError::into_inner);
        let result = self.look(waiting, looked);
        self.failed = if result.is_ok() { 0 } else { self.failed + 1 };
        if result.is_ok() || began.saturating_duration_since(last) <= STALE || self.failed >= AWAY {
            *looked.lock().unwrap_or_else(PoisonError::into_inner) = began;
        }
        result.unwrap_or_else(|_| {
            self.hold(waiting);
            false
        })
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
            Order::Show(_) | Order::Pass(..) | Order::Groups(..) => true,
        });
        // Of groups only the newest word counts.
        let last = waiting.iter().rposition(|order| matches!(order, Order::Groups(..)));
        let mut at = 0..;
        waiting.retain(|order| at.next() == last || !matches!(order, Order::Groups(..)));
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
    pub(super) fn look(
        &mut self,
        orders: &mut Vec<Order>,
        looked: &Mutex<Instant>,
    ) -> Result<bool, RecordsError> {
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
            let is_there = self.board.beat(&mut change, self.beat).await?;
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
                        *taken &= self.board.write(&mut change, *n, &self.board.session, known).await?;
                    }
                }
                Order::Give(n, to, known) => *taken = self.board.write(&mut change, *n, to, known).await?,
                Order::Show(shown) => {
                    for one in shown {
                        self.board.show(&mut change, one).await?;
                    }
                }
                // One who has been replaced as the one who speaks keeps nothing of it.
                Order::Groups(groups, shown, answered) if self.leads => {
                    self.board.keep_groups(&mut change, groups, shown, answered).await?;
                }
                Order::Groups(..) => {}
                Order::Pass(request) => {
                    self.board.pass_on(&mut change, request).await?;
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
        self.board.beat(&mut change, self.beat).await?;
        let mut roles = self.roles.clone();
        let members = self.members(&mut change, &mut turns).await?;
        let claims = self.board.claims(&mut change).await?;
        let leads = part::leads(&members, &self.board.session);
        let (mut claimed, mut has_more) = (0, false);
        for (n, role) in roles.iter_mut().enumerate() {
            let claim = claims.get(&self.board.machines[n]).map(String::as_str);
            let part = match part::part(&members, &self.board.machines[n], claim, &self.board.session) {
                Part::Take if claimed >= MOST_CLAIMED => {
                    has_more = true;
                    Part::StandBy
                }
                Part::Take => {
                    claimed += if claim.is_some() { KNOWN } else { 1 };
                    if self.board.claim(&mut change, n, claim).await? { Part::Take } else { Part::StandBy }
                }
                part => part,
            };
            match part {
                Part::Judge | Part::Offer(_) | Part::Take if *role != Role::Judge => {
                    *role = Role::Judge;
                    let (stored, told) = self.board.known(&mut change, n).await?;
                    let known = match stored {
                        Stored::Known(known) => Some(known),
                        Stored::Nothing => None,
                        Stored::Unreadable => {
                            turns.push(Turn::Unreadable(n));
                            None
                        }
                    };
                    turns.push(Turn::Take(n, known, told));
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
        let asked = self.board.asked(&mut change, leads).await?;
        let mut elsewhere = Elsewhere::new();
        if leads != self.leads {
            let groups = if leads { self.board.groups(&mut change).await? } else { None };
            turns.push(Turn::Lead(leads, groups));
        }
        if leads {
            let is_alive = |session: &str| members.iter().any(|member| member.session == session);
            self.board.forget_others(&mut change, &claims, is_alive).await?;
            elsewhere = self.board.alerts_elsewhere(&mut change).await?;
        }
        change.commit().await?;
        self.leads = leads;
        self.is_leading.store(leads, Ordering::Relaxed);
        if self.elsewhere.as_ref() != Some(&elsewhere) {
            self.elsewhere = Some(elsewhere.clone());
            turns.push(Turn::Elsewhere(elsewhere));
        }
        // Each request is told once, and to one who knows what it leads and what is open elsewhere.
        let new = asked.iter().filter(|(id, _)| !self.asked.contains(*id));
        turns.extend(new.map(|(id, request)| Turn::Ask(id.clone(), request.clone())));
        // What has been agreed on holds from here on.
        for (n, role) in roles.iter().enumerate() {
            self.watched[n].store(*role != Role::Away, Ordering::Relaxed);
        }
        self.roles = roles;
        self.asked = asked.into_keys().collect();
        for turn in turns {
            self.tell(turn);
        }
        Ok(has_more)
    }

    /// Who is alive.
    async fn members(
        &mut self,
        change: &mut Transaction<'_, Any>,
        turns: &mut Vec<Turn>,
    ) -> Result<Vec<Member>, sqlx::Error> {
        let workers = self.board.workers(change).await?;
        let now = Instant::now();
        // Who has not looked for a while does not know how long the others have been silent.
        let was_away = std::mem::replace(&mut self.looked, now).elapsed() > STALE;
        let mut members = Vec::new();
        for (worker, session, beat) in workers {
            let known = self.seen.get(&worker);
            let is_new = known.is_none_or(|(known, _, _)| *known != session);
            let changed = match known {
                Some((_, last, changed)) if !is_new && *last == beat && !was_away => *changed,
                _ => now,
            };
            if is_new && session != self.board.session && beat > 0 {
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

    fn tell(&self, turn: Turn) {
        // A live run that has ended is told nothing more.
        let _ = self.turns.send(turn);
    }

    /// Takes leave.
    fn leave(&mut self) -> Result<(), RecordsError> {
        let (pool, runtime) = self.records.parts();
        runtime.block_on(self.board.leave(&pool))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use anshin_monitor::cycle::Bounds;
    use anshin_monitor::group::OpenAlert;
    use anshin_monitor::judge::AlertKind;
    use anshin_monitor::machine::Settings;
    use anshin_monitor::maintenance::Asked;
    use anshin_monitor::{Machine, Time};

    use super::super::Known;
    use super::*;
    use crate::folder::{Other, Request};
    use crate::panel::Stage;
    use crate::records;

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
            acknowledgements: BTreeMap::new(),
            over: Vec::new(),
            maintenance: Asked::default(),
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
            from: None,
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
        let orders = vec![Order::Pass(request("Ito")), Order::Keep(vec![(0, known(&[lost]))], Some(42))];
        let rest = asked(&mut two, &turns, orders);
        assert_eq!(rest.iter().map(|(_, request)| request.clone()).collect::<Vec<_>>(), [request("Ito")]);
        assert_eq!(two.place.load(Ordering::Relaxed), 42);
        two.asked.clear();
        assert_eq!(asked(&mut two, &turns, Vec::new()), rest);
    }

    #[test]
    fn whoever_is_asked_as_the_one_who_leads_knows_before_that_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let database = records::address(folder.path());
        let (mut one, turns) = crew(&database, "one");
        let request = Request::AcknowledgeOther {
            about: Other::Group("supply".to_owned()),
            device: None,
            alert: None,
            since: None,
            by: "Sato".to_owned(),
            note: None,
            asked: None,
        };
        // Nobody leads while it is asked.
        one.records.ask(TEAM, &request).unwrap();
        one.look(&mut Vec::new(), &Mutex::new(Instant::now())).unwrap();
        let turns: Vec<Turn> = turns.try_iter().collect();
        let leads = turns.iter().position(|turn| matches!(turn, Turn::Lead(true, _)));
        let asked = turns.iter().position(|turn| matches!(turn, Turn::Ask(_, of) if *of == request));
        assert!(leads.is_some() && leads < asked, "{turns:?}");
    }

    #[test]
    fn a_state_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let database = records::address(folder.path());
        let (mut one, _turns) = crew(&database, "one");
        one.look(&mut vec![Order::Keep(vec![(0, known(&[]))], None)], &Mutex::new(Instant::now())).unwrap();
        one.leave().unwrap();
        let (pool, runtime) = one.records.parts();
        let other = "UPDATE monitor_machine SET state = '{\"of\":\"another version\"}'";
        runtime.block_on(sqlx::query(other).execute(&pool)).unwrap();
        let (mut two, turns) = crew(&database, "two");
        two.look(&mut Vec::new(), &Mutex::new(Instant::now())).unwrap();
        let turns: Vec<Turn> = turns.try_iter().collect();
        assert!(turns.iter().any(|turn| matches!(turn, Turn::Unreadable(0))), "{turns:?}");
        assert!(turns.iter().any(|turn| matches!(turn, Turn::Take(0, None, _))), "{turns:?}");
    }

    #[test]
    fn one_who_was_stopped_says_nothing_because_one_look_failed() {
        let folder = tempfile::tempdir().unwrap();
        let database = records::address(folder.path());
        let (mut one, turns) = crew(&database, "one");
        let looked = Mutex::new(Instant::now());
        one.look(&mut Vec::new(), &looked).unwrap();
        assert_eq!(turns.try_iter().filter(|turn| matches!(turn, Turn::Take(0, None, _))).count(), 1);
        // While it is stopped another one comes, and has its machine.
        let (mut two, _) = crew(&database, "two");
        two.look(&mut Vec::new(), &Mutex::new(Instant::now())).unwrap();
        let locking = Records::open(&database).unwrap();
        let (pool, runtime) = locking.parts();
        let taken =
            "UPDATE monitor_machine SET session = (SELECT session FROM monitor_worker WHERE worker = 'two')";
        runtime.block_on(sqlx::query(taken).execute(&pool)).unwrap();
        let stopped = Instant::now().checked_sub(STALE * 2).unwrap();
        // Since when what it knows holds after a look that began at a moment, however long that took.
        let known_since = |one: &mut Crew, last: Instant, began: Instant| {
            let looked = Mutex::new(last);
            one.look_from(began, &mut Vec::new(), &looked);
            looked.into_inner().unwrap()
        };
        // It goes on, and somebody writes for a long time: it may not say what it has.
        let lock = runtime.block_on(async {
            let mut lock = pool.acquire().await.unwrap();
            sqlx::query("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
            lock
        });
        assert_eq!(known_since(&mut one, stopped, Instant::now()), stopped);
        // One that was not stopped goes on with what it has.
        let began = Instant::now();
        let shortly = began.checked_sub(STALE / 2).unwrap();
        one.failed = 0;
        assert_eq!(known_since(&mut one, shortly, began), began);
        // So does one that was stopped, where the database stays away.
        one.failed = AWAY - 1;
        let began = Instant::now();
        assert_eq!(known_since(&mut one, stopped, began), began);
        assert_eq!(one.failed, AWAY);
        // The database is there again: what somebody else has is lost before anything is said.
        runtime.block_on(async {
            let mut lock = lock;
            sqlx::query("ROLLBACK").execute(&mut *lock).await.unwrap();
        });
        assert_eq!(turns.try_iter().count(), 0);
        let began = Instant::now();
        assert_eq!(known_since(&mut one, stopped, began), began);
        assert!(turns.try_iter().any(|turn| matches!(turn, Turn::Lost(0))));
    }

    #[test]
    fn whoever_leads_hears_of_alerts_elsewhere_that_are_over_and_that_nobody_saw() {
        let folder = tempfile::tempdir().unwrap();
        let database = records::address(folder.path());
        let (mut one, _turns) = crew(&database, "one");
        let (two, _) = crew(&database, "two");
        let (pool, runtime) = two.records.parts();
        let mut elsewhere = |over: serde_json::Value| {
            let shown = serde_json::json!({
                "machine": "press", "name": { "ja": "", "en": "" }, "state": null, "cycle": null,
                "alerts": [], "over": over, "maintenance": null,
            });
            let shown = vec![serde_json::from_value(shown).unwrap()];
            one.look(&mut vec![Order::Show(shown)], &Mutex::new(Instant::now())).unwrap();
            runtime.block_on(async {
                let mut change = pool.begin().await.unwrap();
                two.board.alerts_elsewhere(&mut change).await.unwrap()
            })
        };
        assert_eq!(elsewhere(serde_json::json!([])), Elsewhere::new());
        let since = Time::from_seconds(1e9);
        let over = serde_json::json!([{
            "alert": "stuck", "since": since.to_string(), "over": since.plus(60.0).to_string(),
        }]);
        let alert = OpenAlert { machine: 0, kind: AlertKind::Stuck, since };
        assert_eq!(elsewhere(over), Elsewhere::from([(0, vec![(alert, Stage::Over)])]));
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
