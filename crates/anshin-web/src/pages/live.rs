//! Who is here, and that somebody has saved: events for pages that are open.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anshin_store::{Right, SystemId};
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::Visit;

pub(super) fn routes() -> Vec<Route> {
    vec![reads("/systems/{id}/events", Need::Right(Right::Read), events)]
}

/// Something that happened to a system.
#[derive(Debug, Clone)]
enum Happened {
    Saved(u64),
    Present,
}

/// Who has which system open, and what happens to them.
pub(crate) struct Hub {
    events: Sender<(String, Happened)>,
    /// By this process: by system, by a number for each open page.
    here: Mutex<BTreeMap<String, BTreeMap<u64, String>>>,
    next: AtomicU64,
    /// By other processes on the same data.
    elsewhere: Mutex<Names>,
}

/// Names by system.
type Names = BTreeMap<SystemId, Vec<String>>;

impl Default for Hub {
    fn default() -> Self {
        let (here, elsewhere) = (Mutex::default(), Mutex::default());
        Self { events: Sender::new(256), here, next: AtomicU64::new(0), elsewhere }
    }
}

impl Hub {
    /// Nobody listening is no error.
    fn tell(&self, system: &str, happened: Happened) {
        let _ = self.events.send((system.to_owned(), happened));
    }

    /// An open page is so no more.
    fn leave(&self, id: &str, number: u64) {
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = here.get_mut(id) {
            pages.remove(&number);
            if pages.is_empty() {
                here.remove(id);
            }
        }
        drop(here);
        self.tell(id, Happened::Present);
    }

    /// Who has which system open by this process.
    fn here(&self) -> Names {
        let here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let names = |pages: &BTreeMap<u64, String>| -> BTreeSet<String> { pages.values().cloned().collect() };
        here.iter()
            .map(|(id, pages)| (SystemId::from_text(id.as_str()), names(pages).into_iter().collect()))
            .collect()
    }

    /// Takes in who has which system open by other processes, and tells the pages for which that has changed.
    fn take_in(&self, now: Names) {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *elsewhere, now);
        let all: BTreeSet<&SystemId> = before.keys().chain(elsewhere.keys()).collect();
        for id in all.into_iter().filter(|id| before.get(id) != elsewhere.get(id)) {
            self.tell(id.as_str(), Happened::Present);
        }
    }
}

/// Tells all open pages of a system that it has a new revision.
pub(crate) fn saved(app: &App, id: &SystemId, revision: u64) {
    app.hub().tell(id.as_str(), Happened::Saved(revision));
}

/// After this time a page asks to listen again: whoever has lost the right meanwhile hears nothing more.
pub(super) const LISTENING: Duration = Duration::from_mins(5);

/// After this time it does so.
const AGAIN: Duration = Duration::from_millis(200);

/// Whoever has come back within this time was not away.
const RETURN: Duration = Duration::from_secs(5);

/// How often it is looked what other processes do.
const PAUSE: Duration = Duration::from_secs(1);
/// How often other processes are told who is here, even if that has not changed.
const BEAT: Duration = Duration::from_secs(5);

/// Follows what other processes on the same data save, for the systems that somebody here has open, and
/// tells them who is here. A database that is away for a moment is asked again.
pub(crate) async fn follow(app: App) {
    let process = crate::gate::random();
    let work = async {
        let mut known: BTreeMap<SystemId, u64> = BTreeMap::new();
        let mut told = (Names::new(), Instant::now());
        loop {
            tokio::time::sleep(PAUSE).await;
            let here = app.hub().here();
            let is_due = !here.is_empty() && told.1.elapsed() >= BEAT;
            if (is_due || here != told.0) && app.store().keep_presence(&process, &here).await.is_ok() {
                told = (here.clone(), Instant::now());
            }
            known.retain(|id, _| here.contains_key(id));
            if here.is_empty() {
                app.hub().take_in(Names::new());
                continue;
            }
            if let Ok(mut elsewhere) = app.store().presence_elsewhere(&process).await {
                // Of other systems, no page here wants to know.
                elsewhere.retain(|id, _| here.contains_key(id));
                app.hub().take_in(elsewhere);
            }
            for id in here.into_keys() {
                let Ok(Some(newest)) = app.store().newest_number(&id).await else { continue };
                let before = known.insert(id.clone(), newest);
                // What is seen for the first time may be new since the page was opened; pages know theirs.
                if before.is_none_or(|before| before < newest) {
                    saved(&app, &id, newest);
                }
            }
        }
    };
    tokio::select! { () = work => {}, () = app.stopping() => {} }
    // Whoever was here is so no more. Where this does not get through, it is known in a moment anyway.
    let _ = app.store().keep_presence(&process, &Names::new()).await;
}

/// Who has a system open.
pub(super) fn present(app: &App, id: &str) -> Vec<String> {
    let mut names: Vec<String> = {
        let here = app.hub().here.lock().unwrap_or_else(PoisonError::into_inner);
        here.get(id).into_iter().flat_map(BTreeMap::values).cloned().collect()
    };
    let elsewhere = app.hub().elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
    names.extend(elsewhere.get(&SystemId::from_text(id)).into_iter().flatten().cloned());
    names.sort();
    names.dedup();
    names
}

/// Someone who has a system open, as long as this lives.
struct Stay {
    app: App,
    id: String,
    number: u64,
}

impl Stay {
    fn new(app: App, id: &str, name: &str) -> Self {
        let number = app.hub().next.fetch_add(1, Ordering::Relaxed);
        let mut here = app.hub().here.lock().unwrap_or_else(PoisonError::into_inner);
        here.entry(id.to_owned()).or_default().insert(number, name.to_owned());
        drop(here);
        app.hub().tell(id, Happened::Present);
        Self { app, id: id.to_owned(), number }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (app, id, number) = (self.app.clone(), std::mem::take(&mut self.id), self.number);
        // A page asks again when its connection ends; nobody is told that it went and came.
        runtime.spawn(async move {
            tokio::select! { () = tokio::time::sleep(RETURN) => {}, () = app.stopping() => {} }
            app.hub().leave(&id, number);
        });
    }
}

async fn events(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, WebError> {
    let actor = visit.actor()?;
    // A system of someone else's is not found, and nobody hears of it.
    let receiver = app.hub().events.subscribe();
    let newest = app.store().system(actor, &SystemId::from_text(id.as_str())).await?.latest;
    let stay = Stay::new(app, &id, actor.name());
    let label = visit.say("いま開いている人: ", "Here now: ").to_owned();
    let comma = visit.say("、", ", ").to_owned();
    // Something may have been saved since the page was made, or while the connection was away.
    let waiting = VecDeque::from([Happened::Saved(newest)]);
    let end = tokio::time::Instant::now() + LISTENING;
    let stream = unfold((receiver, stay, waiting), move |(mut receiver, stay, mut waiting)| {
        let (label, comma) = (label.clone(), comma.clone());
        async move {
            if waiting.is_empty() {
                waiting = tokio::select! {
                    happened = next(&stay.app, &mut receiver, &stay.id) => happened,
                    () = stay.app.stopping() => None,
                    () = tokio::time::sleep_until(end) => None,
                }?;
            }
            let event = match waiting.pop_front()? {
                Happened::Saved(revision) => {
                    Event::default().event("saved").data(revision.to_string()).retry(AGAIN)
                }
                Happened::Present => {
                    let names = present(&stay.app, &stay.id).join(&comma);
                    Event::default().event("present").data(format!("{label}{names}"))
                }
            };
            Some((Ok(event), (receiver, stay, waiting)))
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// What happens next to a system; nothing when the program ends.
async fn next(
    app: &App,
    receiver: &mut Receiver<(String, Happened)>,
    id: &str,
) -> Option<VecDeque<Happened>> {
    loop {
        match receiver.recv().await {
            Ok((own, happened)) if own == id => return Some([happened].into()),
            Ok(_) => {}
            // Too much at once: both may be among what was missed.
            Err(RecvError::Lagged(_)) => {
                let newest = app.store().newest_number(&SystemId::from_text(id)).await.ok().flatten();
                return Some(newest.map(Happened::Saved).into_iter().chain([Happened::Present]).collect());
            }
            Err(RecvError::Closed) => return None,
        }
    }
}
