//! Who is here, and that somebody has saved: events for pages that are open.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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

/// Who has which system open by this process, and what happens to them.
pub(crate) struct Hub {
    events: Sender<(String, Happened)>,
    /// By system, by a number for each open page.
    here: Mutex<BTreeMap<String, BTreeMap<u64, String>>>,
    next: AtomicU64,
}

impl Default for Hub {
    fn default() -> Self {
        Self { events: Sender::new(256), here: Mutex::default(), next: AtomicU64::new(0) }
    }
}

/// Tells all open pages of a system that it has a new revision.
pub(crate) fn saved(app: &App, id: &SystemId, revision: u64) {
    // Nobody listening is no error.
    let _ = app.hub().events.send((id.to_string(), Happened::Saved(revision)));
}

/// How often it is looked whether another process has saved.
const PAUSE: Duration = Duration::from_secs(1);

/// Follows what other processes on the same data save, for the systems that somebody here has open.
pub(crate) async fn follow(app: App) {
    let work = async {
        let mut known: BTreeMap<String, u64> = BTreeMap::new();
        loop {
            tokio::time::sleep(PAUSE).await;
            let open: Vec<String> = {
                let here = app.hub().here.lock().unwrap_or_else(PoisonError::into_inner);
                here.keys().cloned().collect()
            };
            known.retain(|id, _| open.contains(id));
            for id in open {
                let id = SystemId::from_text(id);
                // A database that is away for a moment is asked again.
                let Ok(Some(newest)) = app.store().newest_number(&id).await else { continue };
                let before = known.insert(id.to_string(), newest);
                // What is seen for the first time may be new since the page was opened; pages know theirs.
                if before.is_none_or(|before| before < newest) {
                    saved(&app, &id, newest);
                }
            }
        }
    };
    tokio::select! { () = work => {}, () = app.stopping() => {} }
}

/// Who has a system open.
pub(super) fn present(app: &App, id: &str) -> Vec<String> {
    let here = app.hub().here.lock().unwrap_or_else(PoisonError::into_inner);
    let mut names: Vec<String> = here.get(id).into_iter().flat_map(BTreeMap::values).cloned().collect();
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
        let _ = app.hub().events.send((id.to_owned(), Happened::Present));
        Self { app, id: id.to_owned(), number }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let hub = self.app.hub();
        let mut here = hub.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = here.get_mut(&self.id) {
            pages.remove(&self.number);
            if pages.is_empty() {
                here.remove(&self.id);
            }
        }
        drop(here);
        let _ = hub.events.send((self.id.clone(), Happened::Present));
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
    let first = Some(Happened::Saved(newest));
    let stream = unfold((receiver, stay, first), move |(mut receiver, stay, first)| {
        let (label, comma) = (label.clone(), comma.clone());
        async move {
            let happened = match first {
                Some(first) => first,
                None => tokio::select! {
                    happened = next(&mut receiver, &stay.id) => happened,
                    () = stay.app.stopping() => None,
                }?,
            };
            let event = match happened {
                Happened::Saved(revision) => Event::default().event("saved").data(revision.to_string()),
                Happened::Present => {
                    let names = present(&stay.app, &stay.id).join(&comma);
                    Event::default().event("present").data(format!("{label}{names}"))
                }
            };
            Some((Ok(event), (receiver, stay, None)))
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// The next thing that happens to a system; nothing when the program ends.
async fn next(receiver: &mut Receiver<(String, Happened)>, id: &str) -> Option<Happened> {
    loop {
        match receiver.recv().await {
            Ok((own, happened)) if own == id => return Some(happened),
            Ok(_) => {}
            // Too much at once: say who is here, and the page asks for the rest with the next save.
            Err(RecvError::Lagged(_)) => return Some(Happened::Present),
            Err(RecvError::Closed) => return None,
        }
    }
}
