//! The machines of a monitor: read from its records, acknowledged through them.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshin_field::clock;
use anshin_field::folder::{MOST_NOTE, Other, Request};
use anshin_field::panel::{self, OverAlert, Shown, ShownAlert, ShownOther, ShownReference, WaitingReference};
use anshin_field::records::{Records, RecordsError};
use anshin_field::signs::Signs;
use anshin_model::Text;
use anshin_monitor::lamp::Light;
use anshin_monitor::{Time, account, reference as references};
use anshin_pages::pages::{self, AlertRow, CycleRow, MachineRow, OtherRow, ReferenceRow};
use anshin_store::Right;
use axum::extract::{Form, State};
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use jiff::tz::TimeZone;

use super::desk::{Fields, beside, chrome};
use super::live::LISTENING;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::time;
use crate::visit::{Visit, go_to, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/machines", read, machines),
        reads("/machines/live", read, now),
        reads("/machines/events", read, events),
        acts("/machines/acknowledge", Need::Right(Right::Edit), acknowledge),
        acts("/machines/maintain", Need::Right(Right::Edit), maintain),
        acts("/machines/approve", Need::Right(Right::Edit), approve),
        acts("/machines/forget", Need::Right(Right::Edit), forget),
    ]
}

/// How long what was read from the database holds, for all who look.
const FRESH: Duration = Duration::from_millis(900);

/// How often it is looked whether something has changed.
const PAUSE: Duration = Duration::from_secs(1);

/// The records of a monitor, read for all who look: one at a time, and what was found holds for a moment.
pub(crate) struct Floor {
    address: String,
    look: Mutex<Look>,
}

#[derive(Default)]
struct Look {
    /// The connection; made anew where it was lost.
    records: Option<Records>,
    /// Signs of life of whoever judges machines.
    signs: Signs,
    /// What was found last, and when. A database that is away is not asked by everybody either.
    last: Option<(Instant, Result<Found, String>)>,
}

/// How all machines are, with a number that changes when they do.
#[derive(Clone)]
struct Found {
    shown: Arc<[Shown]>,
    others: Arc<[ShownOther]>,
    state: u64,
}

impl Floor {
    pub(crate) fn new(address: String) -> Self {
        Self { address, look: Mutex::default() }
    }

    /// Asks something of whoever judges a machine.
    fn ask(&self, team: &str, request: &Request) -> Result<(), RecordsError> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        look.ask(&self.address, |records| records.ask(team, request).map(drop))
    }

    fn found(&self) -> Result<Found, String> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = &look.last
            && at.elapsed() < FRESH
        {
            return found.clone();
        }
        let all = |records: &Records| Ok((records.shown()?, records.shown_others()?));
        let found = look.ask(&self.address, all).map_err(|error| error.to_string());
        let found = found.map(|(shown, others)| look.marked(shown, others));
        look.last = Some((Instant::now(), found.clone()));
        found
    }
}

impl Look {
    fn ask<T>(
        &mut self,
        address: &str,
        ask: impl FnOnce(&Records) -> Result<T, RecordsError>,
    ) -> Result<T, RecordsError> {
        let records = match self.records.take() {
            Some(records) => records,
            None => Records::open(address)?,
        };
        let answer = ask(&records)?;
        self.records = Some(records);
        Ok(answer)
    }

    /// Marks what is told of machines, sources and groups of which nobody alive has said anything.
    fn marked(&mut self, mut shown: Vec<Shown>, mut others: Vec<ShownOther>) -> Found {
        self.signs.mark(&mut shown, &mut others);
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&(&shown, &others)).unwrap_or_default().hash(&mut hasher);
        Found { shown: shown.into(), others: others.into(), state: hasher.finish() }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // The connection has a runtime of its own, which must not end within that of the pages.
        let records = self.look.get_mut().unwrap_or_else(PoisonError::into_inner).records.take();
        if records.is_some() {
            drop(std::thread::Builder::new().name("floor".to_owned()).spawn(move || drop(records)));
        }
    }
}

/// The records, where this visit may see them.
fn floor(app: &App, visit: &Visit) -> Result<Arc<Floor>, WebError> {
    app.floor().filter(|_| visit.machines).ok_or(WebError::NotFound)
}

async fn found(floor: Arc<Floor>) -> Result<Found, WebError> {
    beside(move || floor.found()).await?.map_err(WebError::Inner)
}

/// What the page shows, and the time zone of its times where they have one in common.
struct Rows {
    others: Vec<OtherRow>,
    machines: Vec<MachineRow>,
    zone: Option<TimeZone>,
}

async fn rows(app: &App, visit: &Visit) -> Result<Rows, WebError> {
    let found = found(floor(app, visit)?).await?;
    let zones = found.shown.iter().map(|one| &one.zone).chain(found.others.iter().map(|one| &one.zone));
    let zones: BTreeSet<&Option<String>> = zones.collect();
    let zone = |name: &Option<String>| name.as_deref().and_then(|name| TimeZone::get(name).ok());
    // The times of a factory are its own; where it tells none, those of the organization.
    let clock = |name: &Option<String>| Clock {
        zone: zone(name).unwrap_or_else(|| visit.zone.clone()),
        tells_zone: zones.len() > 1,
    };
    Ok(Rows {
        others: found.others.iter().map(|shown| other(shown, &clock(&shown.zone))).collect(),
        machines: found.shown.iter().map(|shown| row(shown, &clock(&shown.zone))).collect(),
        zone: match zones.len() {
            0 => Some(visit.zone.clone()),
            1 => zones.first().map(|name| clock(name).zone),
            _ => None,
        },
    })
}

async fn machines(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let Rows { others, machines, zone } = rows(&app, &visit).await?;
    let zone = zone.map(|zone| {
        // `Etc/UTC` is no place where anybody lives.
        let place = zone.iana_name().filter(|name| !name.starts_with("Etc/")).map(str::to_owned);
        place.unwrap_or_else(|| visit.now.to_zoned(zone).strftime("%Z").to_string())
    });
    Ok(page(pages::machines(&chrome(&visit), (&others, &machines), zone.as_deref())))
}

async fn now(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let Rows { others, machines, .. } = rows(&app, &visit).await?;
    Ok(page(pages::machines_now(&chrome(&visit), (&others, &machines)).into_string()))
}

/// Tells an open page that something has changed; it asks for the rest.
async fn events(
    visit: Visit,
    State(app): State<App>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, WebError> {
    let floor = floor(&app, &visit)?;
    let end = tokio::time::Instant::now() + LISTENING;
    let stream = unfold((app, floor, None), move |(app, floor, before)| async move {
        loop {
            // A database that is away for a moment is asked again.
            if let Ok(Found { state, .. }) = found(Arc::clone(&floor)).await
                && before != Some(state)
            {
                let event = Event::default().event("changed").data(format!("{state:x}"));
                return Some((Ok(event), (app, floor, Some(state))));
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = tokio::time::sleep_until(end) => return None,
                () = app.stopping() => return None,
            }
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

async fn acknowledge(
    visit: Visit,
    State(app): State<App>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(fields);
    let floor = floor(&app, &visit)?;
    let team = fields.get("team").to_owned();
    let found = found(Arc::clone(&floor)).await?;
    let by = visit.actor()?.name().to_owned();
    let note = noted(&fields)?;
    // One that somebody else has seen needs nobody any more.
    let Some(request) = meant(&found, &fields, by, note) else { return Ok(go_to("/machines")) };
    ask(floor, team, request).await?;
    Ok(go_to("/machines?said=acknowledged"))
}

/// Asks something of whoever judges a machine.
async fn ask(floor: Arc<Floor>, team: String, request: Request) -> Result<(), WebError> {
    let asked = beside(move || floor.ask(&team, &request)).await?;
    asked.map_err(|error| WebError::Inner(error.to_string()))
}

/// Asks what a form says of the machine that it means, if there is such a one and the form fits it.
async fn ask_of_machine(
    visit: &Visit,
    app: &App,
    fields: &Fields,
    request: impl FnOnce(&Shown, String) -> Option<Request>,
) -> Result<Response, WebError> {
    let floor = floor(app, visit)?;
    let found = found(Arc::clone(&floor)).await?;
    let (team, machine) = (fields.get("team"), fields.get("machine"));
    let of_machine = found.shown.iter().find(|one| one.team == team && one.machine == machine);
    let Some(of_machine) = of_machine else { return Ok(go_to("/machines")) };
    let by = visit.actor()?.name().to_owned();
    // Somebody else may have asked the same meanwhile.
    let Some(request) = request(of_machine, by) else { return Ok(go_to("/machines")) };
    ask(floor, team.to_owned(), request).await?;
    Ok(go_to("/machines?said=asked"))
}

/// Most minutes of maintenance, as on the command line.
const MOST_MINUTES: u32 = 525_600;

async fn maintain(
    visit: Visit,
    State(app): State<App>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(fields);
    let minutes = fields.get("minutes").trim().parse().ok().filter(|minutes| *minutes <= MOST_MINUTES);
    let minutes: u32 = minutes.ok_or_else(|| {
        WebError::Bad(Text::new(
            format!("保全の時間は、1から{MOST_MINUTES}までの分数で書いてください"),
            format!("write how long the maintenance takes in minutes, from 1 to {MOST_MINUTES}"),
        ))
    })?;
    let request = |of: &Shown, by| {
        let now = clock::now();
        let (machine, until) = (of.machine.clone(), now.plus(f64::from(minutes) * 60.0));
        Some(Request::Maintenance { machine, from: None, until, by, asked: Some(now) })
    };
    ask_of_machine(&visit, &app, &fields, request).await
}

async fn approve(
    visit: Visit,
    State(app): State<App>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(fields);
    let (key, mode) = reference(&fields)?;
    let request = |of: &Shown, by| {
        let waits = of.waiting.iter().any(|one| one.key == key && one.mode == mode);
        let (machine, asked) = (of.machine.clone(), Some(clock::now()));
        waits.then_some(Request::Approve { machine, key, mode, by, asked })
    };
    ask_of_machine(&visit, &app, &fields, request).await
}

async fn forget(
    visit: Visit,
    State(app): State<App>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(fields);
    let (key, mode) = reference(&fields)?;
    let request = |of: &Shown, by| {
        let is_there = of.references.iter().any(|one| one.key == key && one.mode == mode);
        let (machine, asked) = (of.machine.clone(), Some(clock::now()));
        is_there.then_some(Request::Forget { machine, key, mode: Some(mode), by, asked })
    };
    ask_of_machine(&visit, &app, &fields, request).await
}

/// The reference that a form means: the parts of the job's key, and the mode.
fn reference(fields: &Fields) -> Result<(Vec<String>, u32), WebError> {
    let mode = fields.get("mode").parse().map_err(|_| WebError::Damaged)?;
    Ok((fields.all("key"), mode))
}

/// What somebody says about an alert that they acknowledge; most say nothing.
fn noted(fields: &Fields) -> Result<Option<String>, WebError> {
    let note = fields.get("note").trim();
    if note.chars().count() > MOST_NOTE {
        return Err(WebError::Bad(Text::new(
            format!("メモが長すぎます。{MOST_NOTE}文字までにしてください"),
            format!("the note is too long; write {MOST_NOTE} characters at most"),
        )));
    }
    Ok((!note.is_empty()).then(|| note.to_owned()))
}

/// The request that acknowledges the alert of a form, raised or over, if nobody has seen it.
fn meant(found: &Found, fields: &Fields, by: String, note: Option<String>) -> Option<Request> {
    let (team, machine) = (fields.get("team"), fields.get("machine"));
    let is_waiting = |open: &ShownAlert| {
        open.account.alert == fields.get("alert") && open.since == fields.get("since") && !open.seen
    };
    if machine.is_empty() {
        let about = match (fields.get("source"), fields.get("group")) {
            ("", group) => Other::Group(group.to_owned()),
            (source, _) => Other::Source(source.to_owned()),
        };
        let is_it = |one: &&ShownOther| {
            one.team == team
                && one.about.as_ref() == Some(&about)
                && one.device.as_deref().unwrap_or_default() == fields.get("device")
                && is_waiting(&one.alert)
        };
        return found.others.iter().find(is_it)?.acknowledge(by, note);
    }
    let of_machine = found.shown.iter().find(|one| one.team == team && one.machine == machine)?;
    let open = of_machine.alerts.iter().chain(of_machine.over_alerts()).find(|open| is_waiting(open))?;
    Some(Request::Acknowledge {
        machine: machine.to_owned(),
        alert: Some(open.account.alert.clone()),
        since: Time::parse(&open.since).ok(),
        by,
        note,
        asked: Some(clock::now()),
    })
}

/// How times are told.
struct Clock {
    zone: TimeZone,
    /// The page has times of several zones.
    tells_zone: bool,
}

impl Clock {
    fn told(&self, text: &str) -> String {
        let told = time::told(text, &self.zone);
        match text.parse::<jiff::Timestamp>() {
            Ok(at) if self.tells_zone => {
                format!("{told} {}", at.to_zoned(self.zone.clone()).strftime("%Z"))
            }
            _ => told,
        }
    }
}

fn alert(shown: &ShownAlert, clock: &Clock) -> AlertRow {
    let account = &shown.account;
    let lists = account.lists().into_iter();
    AlertRow {
        id: account.alert.clone(),
        name: Text::from(&account.name),
        job: account.job.clone(),
        says: Text::from(&account.says),
        measured: account.measured.as_ref().map(Text::from),
        lists: lists.map(|(heading, items)| (heading, items.iter().map(Text::from).collect())).collect(),
        since: clock.told(&shown.since),
        began: shown.since.clone(),
        seen: shown.seen,
        acknowledged: shown.acknowledged.as_ref().and_then(|who| who.text(|at| clock.told(at))),
        over: None,
    }
}

fn over(shown: &OverAlert, clock: &Clock) -> AlertRow {
    AlertRow { over: Some(shown.text(|at| clock.told(at))), ..alert(&shown.alert, clock) }
}

fn other(shown: &ShownOther, clock: &Clock) -> OtherRow {
    let of = shown.about.as_ref().map(|about| match about {
        Other::Source(id) => ("source", id.clone()),
        Other::Group(id) => ("group", id.clone()),
    });
    OtherRow {
        team: shown.team.clone(),
        of,
        device: shown.device.clone(),
        about: Text::from(&shown.alert.account.about),
        alert: alert(&shown.alert, clock),
        quiet: shown.quiet.then(|| unheard((shown.beat, shown.heard), clock)),
    }
}

/// That nothing is heard of a monitor, and since when. Only one that has taken its leave is known to have ended;
/// another one may be at work where it does not reach the database.
fn unheard((beat, heard): (Option<i64>, Option<Time>), clock: &Clock) -> Text {
    match (beat, heard.map(|since| clock.told(&since.to_string()))) {
        (_, None) => Text::new("監視から知らせが届いていません", "nothing is heard of the monitor"),
        (None, Some(since)) => panel::stopped(&since),
        (Some(_), Some(since)) => Text::new(
            format!("{since}を最後に、監視から知らせが届いていません"),
            format!("nothing has been heard of the monitor since {since}"),
        ),
    }
}

fn row(shown: &Shown, clock: &Clock) -> MachineRow {
    let time = |text: &str| clock.told(text);
    // What it does is known only while something is heard of it.
    let is_heard = !shown.quiet;
    let alerts = shown.alerts.iter().map(|shown| alert(shown, clock));
    let cycle = shown.cycle.as_ref().map(|line| {
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let parts = line["key"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        CycleRow {
            ended: time(&word("end")),
            job: parts.collect::<Vec<_>>().join(" / "),
            seconds: line["duration_seconds"].as_f64().unwrap_or_default(),
            quantity: line["quantity"].as_f64().map(|quantity| taken(quantity, &word("unit"))),
            seconds_off: line["duration_deviation"].as_f64(),
            quantity_off: line["quantity_deviation"].as_f64(),
            found: account::found(line),
            finding: word("finding"),
        }
    });
    MachineRow {
        team: shown.team.clone(),
        id: shown.machine.clone(),
        name: Text::from(&shown.name),
        state: shown.state.filter(|_| is_heard).map(anshin_monitor::State::id),
        since: shown.since.as_deref().filter(|_| is_heard).map(time),
        lit: shown.lit.as_deref().filter(|_| is_heard).map(Light::names),
        quiet: shown.quiet.then(|| unheard((shown.beat, shown.heard), clock)),
        has_cycles: !shown.no_cycles,
        cycle,
        used: shown.used.as_ref().map(|used| (used.day.clone(), used.text())),
        alerts: alerts.collect(),
        over: shown.over.iter().map(|one| over(one, clock)).collect(),
        waiting: shown.waiting.iter().map(|one| waiting(one, shown)).collect(),
        references: shown.references.iter().map(|one| reference_row(one, &shown.unit)).collect(),
        maintenance: shown.maintenance.as_deref().map(time),
        next_maintenance: shown.next_maintenance.as_ref().map(|next| next.text(time)),
    }
}

fn waiting(of: &WaitingReference, shown: &Shown) -> ReferenceRow {
    let known = shown.references.iter().find(|one| one.key == of.key && one.mode == of.mode);
    let values = known.map(|known| values(known, &shown.unit)).unwrap_or_default();
    ReferenceRow { key: of.key.clone(), mode: of.mode, job: of.job(), values }
}

fn reference_row(of: &ShownReference, unit: &str) -> ReferenceRow {
    ReferenceRow { key: of.key.clone(), mode: of.mode, job: of.job(), values: values(of, unit) }
}

/// What a cycle takes.
fn taken(quantity: f64, unit: &str) -> String {
    let decimals = references::decimals(quantity);
    format!("{quantity:.decimals$} {unit}")
}

/// How long a cycle takes by a reference, and what it takes.
fn values(of: &ShownReference, unit: &str) -> String {
    let quantity = of.quantity.map(|quantity| format!("  {}", taken(quantity, unit)));
    format!("{:.1} s{}", of.seconds, quantity.unwrap_or_default())
}
