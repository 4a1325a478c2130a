//! Who is here, and that somebody has saved: events for pages that are open.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{LazyLock, Mutex, PoisonError};
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

struct Hub {
    events: Sender<(String, Happened)>,
    /// Who has which system open, by a number for each open page.
    here: Mutex<BTreeMap<String, BTreeMap<u64, String>>>,
    next: std::sync::atomic::AtomicU64,
}

static HUB: LazyLock<Hub> = LazyLock::new(|| Hub {
    events: Sender::new(256),
    here: Mutex::new(BTreeMap::new()),
    next: std::sync::atomic::AtomicU64::new(0),
});

/// Tells all open pages of a system that it has a new revision.
pub(super) fn saved(id: &SystemId, revision: u64) {
    // Nobody listening is no error.
    let _ = HUB.events.send((id.to_string(), Happened::Saved(revision)));
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
                let here = HUB.here.lock().unwrap_or_else(PoisonError::into_inner);
                here.keys().cloned().collect()
            };
            known.retain(|id, _| open.contains(id));
            for id in open {
                let id = SystemId::from_text(id);
                // A database that is away for a moment is asked again.
                let Ok(Some(newest)) = app.store().newest_number(&id).await else { continue };
                let before = known.insert(id.to_string(), newest);
                if before.is_some_and(|before| before < newest) {
                    saved(&id, newest);
                }
            }
        }
    };
    tokio::select! { () = work => {}, () = app.stopping() => {} }
}

/// Who has a system open.
pub(super) fn present(id: &str) -> Vec<String> {
    let here = HUB.here.lock().unwrap_or_else(PoisonError::into_inner);
    let mut names: Vec<String> = here.get(id).into_iter().flat_map(BTreeMap::values).cloned().collect();
    names.sort();
    names.dedup();
    names
}

/// Someone who has a system open, as long as this lives.
struct Stay {
    id: String,
    number: u64,
}

impl Stay {
    fn new(id: &str, name: &str) -> Self {
        let number = HUB.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut here = HUB.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.entry(id.to_owned()).or_default().insert(number, name.to_owned());
        drop(here);
        let _ = HUB.events.send((id.to_owned(), Happened::Present));
        Self { id: id.to_owned(), number }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut here = HUB.here.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pages) = here.get_mut(&self.id) {
            pages.remove(&self.number);
            if pages.is_empty() {
                here.remove(&self.id);
            }
        }
        drop(here);
        let _ = HUB.events.send((self.id.clone(), Happened::Present));
    }
}

async fn events(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, WebError> {
    let actor = visit.actor()?;
    // A system of someone else's is not found, and nobody hears of it.
    app.store().system(actor, &SystemId::from_text(id.as_str())).await?;
    let receiver = HUB.events.subscribe();
    let stay = Stay::new(&id, actor.name());
    let label = visit.say("いま開いている人: ", "Here now: ").to_owned();
    let comma = visit.say("、", ", ").to_owned();
    let stream = unfold((receiver, stay, app), move |(mut receiver, stay, app)| {
        let (label, comma) = (label.clone(), comma.clone());
        async move {
            let happened = tokio::select! {
                happened = next(&mut receiver, &stay.id) => happened,
                () = app.stopping() => None,
            }?;
            let event = match happened {
                Happened::Saved(revision) => Event::default().event("saved").data(revision.to_string()),
                Happened::Present => {
                    let names = present(&stay.id).join(&comma);
                    Event::default().event("present").data(format!("{label}{names}"))
                }
            };
            Some((Ok(event), (receiver, stay, app)))
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
