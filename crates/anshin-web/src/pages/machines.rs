//! The machines of a monitor: read from its records, acknowledged through them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshin_field::folder::Request;
use anshin_field::panel::{Both, Shown, ShownAlert, ShownGroup};
use anshin_field::records::{Records, RecordsError};
use anshin_model::Text;
use anshin_monitor::Time;
use anshin_pages::pages::{self, AlertRow, CycleRow, GroupRow, MachineRow};
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
    ]
}

/// How long what was read from the database holds, for all who look.
const FRESH: Duration = Duration::from_millis(900);

/// How often it is looked whether something has changed.
const PAUSE: Duration = Duration::from_secs(1);

/// After this time without a sign of life a monitor is not heard any more.
const QUIET: Duration = Duration::from_secs(15);

/// A sign of life, and when it was seen.
type Beat = (Option<i64>, Instant);

/// The records of a monitor, read for all who look: one at a time, and what was found holds for a moment.
pub(crate) struct Floor {
    address: String,
    look: Mutex<Look>,
}

#[derive(Default)]
struct Look {
    /// The connection; made anew where it was lost.
    records: Option<Records>,
    /// The last sign of life of each team, for each machine and for its groups: no clocks are compared.
    beats: BTreeMap<(String, Option<String>), Beat>,
    /// What was found last, and when. A database that is away is not asked by everybody either.
    last: Option<(Instant, Result<Found, String>)>,
}

/// How all machines are, with a number that changes when they do.
#[derive(Clone)]
struct Found {
    shown: Arc<[Shown]>,
    groups: Arc<[ShownGroup]>,
    state: u64,
}

impl Floor {
    pub(crate) fn new(address: String) -> Self {
        Self { address, look: Mutex::default() }
    }

    /// Asks something of whoever judges a machine.
    fn ask(&self, team: &str, request: &Request) -> Result<(), RecordsError> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        look.ask(&self.address, |records| records.ask(team, request))
    }

    fn found(&self) -> Result<Found, String> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = &look.last
            && at.elapsed() < FRESH
        {
            return found.clone();
        }
        let all = |records: &Records| Ok((records.shown()?, records.shown_groups()?));
        let found = look.ask(&self.address, all).map_err(|error| error.to_string());
        let found = found.map(|(shown, groups)| look.marked(shown, groups));
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

    /// Marks the machines and groups of which nobody alive has said anything.
    fn marked(&mut self, mut shown: Vec<Shown>, mut groups: Vec<ShownGroup>) -> Found {
        let now = Instant::now();
        let mut is_quiet = |about: (String, Option<String>), beat: Option<i64>| {
            let known = self.beats.entry(about).or_insert((beat, now));
            if known.0 != beat {
                *known = (beat, now);
            }
            beat.is_none() || now.duration_since(known.1) > QUIET
        };
        for one in &mut shown {
            one.quiet = is_quiet((one.team.clone(), Some(one.machine.clone())), one.beat);
        }
        for group in &mut groups {
            group.quiet = is_quiet((group.team.clone(), None), group.beat);
        }
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&(&shown, &groups)).unwrap_or_default().hash(&mut hasher);
        Found { shown: shown.into(), groups: groups.into(), state: hasher.finish() }
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

async fn rows(app: &App, visit: &Visit) -> Result<(Vec<GroupRow>, Vec<MachineRow>), WebError> {
    let found = found(floor(app, visit)?).await?;
    let groups = found.groups.iter().map(|shown| group(shown, &visit.zone)).collect();
    Ok((groups, found.shown.iter().map(|shown| row(shown, &visit.zone)).collect()))
}

async fn machines(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    // `Etc/UTC` is no place where anybody lives.
    let place = visit.zone.iana_name().filter(|name| !name.starts_with("Etc/"));
    let short = || visit.now.to_zoned(visit.zone.clone()).strftime("%Z").to_string();
    let zone = place.map_or_else(short, str::to_owned);
    let (groups, rows) = rows(&app, &visit).await?;
    Ok(page(pages::machines(&chrome(&visit), (&groups, &rows), &zone)))
}

async fn now(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let (groups, rows) = rows(&app, &visit).await?;
    Ok(page(pages::machines_now(&chrome(&visit), (&groups, &rows)).into_string()))
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
    let (team, machine) = (fields.get("team").to_owned(), fields.get("machine").to_owned());
    let alert = fields.get("alert").to_owned();
    let known = found(Arc::clone(&floor)).await?.shown;
    let began = fields.get("since");
    let is_waiting = |open: &&ShownAlert| open.alert == alert && open.since == began && !open.seen;
    let of_machine = known.iter().find(|one| one.team == team && one.machine == machine);
    // One that is over meanwhile, or that somebody else has seen, needs nobody any more.
    let Some(open) = of_machine.and_then(|one| one.alerts.iter().find(is_waiting)) else {
        return Ok(go_to("/machines"));
    };
    let since = Time::parse(&open.since).ok();
    let by = visit.actor()?.name().to_owned();
    let asked = anshin_field::clock::now();
    let request =
        Request::Acknowledge { machine, alert: Some(alert), since, by, note: None, asked: Some(asked) };
    let asked = beside(move || floor.ask(&team, &request)).await?;
    asked.map_err(|error| WebError::Inner(error.to_string()))?;
    Ok(go_to("/machines?said=acknowledged"))
}

fn text(both: &Both) -> Text {
    Text::new(both.ja.clone(), both.en.clone())
}

fn group(shown: &ShownGroup, zone: &TimeZone) -> GroupRow {
    GroupRow {
        name: text(&shown.name),
        alert: text(&shown.alert),
        since: time::told(&shown.since, zone),
        causes: shown.causes.iter().map(text).collect(),
        first: shown.first.iter().map(text).collect(),
        quiet: shown.quiet,
    }
}

fn row(shown: &Shown, zone: &TimeZone) -> MachineRow {
    let time = |text: &str| time::told(text, zone);
    let alerts = shown.alerts.iter().map(|alert| AlertRow {
        id: alert.alert.clone(),
        name: text(&alert.name),
        since: time(&alert.since),
        began: alert.since.clone(),
        seen: alert.seen,
    });
    let cycle = shown.cycle.as_ref().map(|line| {
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let parts = line["key"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        CycleRow {
            ended: time(&word("end")),
            job: parts.collect::<Vec<_>>().join(" / "),
            seconds: line["duration_seconds"].as_f64().unwrap_or_default(),
            quantity: line["quantity"].as_f64().map(|quantity| (quantity, word("unit"))),
            seconds_off: line["duration_deviation"].as_f64(),
            quantity_off: line["quantity_deviation"].as_f64(),
            finding: word("finding"),
        }
    });
    MachineRow {
        team: shown.team.clone(),
        id: shown.machine.clone(),
        name: text(&shown.name),
        state: shown.state.filter(|_| !shown.quiet).map(anshin_monitor::State::id),
        quiet: shown.quiet,
        cycle,
        alerts: alerts.collect(),
        maintenance: shown.maintenance.as_deref().map(time),
    }
}
