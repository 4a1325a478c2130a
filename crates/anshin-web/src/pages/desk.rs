//! What the pages of systems share: the knowledge, a system opened, and a change saved.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anshin_model::Text;
use anshin_model::document::Verdict;
use anshin_pages::change::Decide;
use anshin_pages::change::Refused;
use anshin_pages::pages::{self, Shown};
use anshin_pages::proposal::{Proposal, proposals};
use anshin_pages::step::{Around, Progress, progress};
use anshin_pages::{Broken, Chrome, Desk, DeskError, Notice, Opened, Power, Who};
use anshin_store::{Choices, Content, Role, Save, Saved, StoreError, System, SystemId};
use axum::response::Response;
use maud::Markup;
use sha2::{Digest as _, Sha256};

use super::conflict::{self, Mine};
use super::live;
use crate::app::App;
use crate::error::WebError;
use crate::visit::{Visit, go_to, page};

static DESK: LazyLock<Result<Desk, DeskError>> = LazyLock::new(Desk::built_in);

/// What is known.
pub(super) fn desk() -> Result<&'static Desk, WebError> {
    DESK.as_ref().map_err(|error| WebError::Inner(error.to_string()))
}

/// Makes ready what the first page needs, so that nobody waits for it.
pub fn prepare() {
    LazyLock::force(&DESK);
}

/// Fields of a form or a query, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// The first value of a field; empty if there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The first value of a field.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// The revision that a form started from.
    pub(super) fn parent(&self) -> Result<u64, WebError> {
        self.number("parent")
    }

    /// A text of several lines; browsers send line breaks of their own kind.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    /// A field that holds a number.
    pub(super) fn number(&self, name: &str) -> Result<u64, WebError> {
        self.get(name).parse().map_err(|_| WebError::Damaged)
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// The frame of a page for a visit.
pub(crate) fn chrome(visit: &Visit) -> Chrome<'_> {
    let who = visit.actor.as_ref().map(|actor| Who {
        mark: mark(actor.user().as_str()),
        name: actor.name(),
        organization: actor.organization_name(),
        power: power(actor.role()),
    });
    Chrome {
        lang: visit.lang,
        nonce: &visit.nonce,
        csrf: &visit.csrf,
        who,
        here: &visit.here,
        machines: visit.machines,
        notice: notice(&visit.here),
    }
}

/// What tells a person apart in a browser without naming anybody.
fn mark(user: &str) -> u64 {
    let hash = Sha256::digest(format!("anshin browser {user}"));
    hash.iter().take(8).fold(0, |mark, byte| (mark << 8) | u64::from(*byte))
}

/// What a role may do, in the words of pages.
pub(super) fn power(role: Role) -> Power {
    match role {
        Role::Viewer => Power::View,
        Role::Editor => Power::Edit,
        Role::Approver => Power::Approve,
        Role::Administrator => Power::Administer,
    }
}

/// What the last action has to say: a word at the end of the address.
fn notice(here: &str) -> Option<Notice> {
    let (_, query) = here.split_once('?')?;
    let word = query.split('&').find_map(|pair| pair.strip_prefix("said="))?;
    let (tone, ja, en) = match word {
        "created" => (
            "good",
            "作成しました。まず図とリスクマップを確かめてください。",
            "Created. Look at the picture and the risk map first.",
        ),
        "acknowledged" | "asked" => (
            "good",
            "監視に伝えました。動いていれば数秒で、止まっていれば次に始めたときに反映されます。",
            "The monitor has been told; it shows within seconds, or when the monitor is started again.",
        ),
        "saved" => ("good", "保存しました。", "Saved."),
        "unchanged" => ("", "変わった所はありません。", "Nothing has changed."),
        "merged" => (
            "serious",
            "ほかの人の変更と合わせて保存しました。「履歴」で違いを確かめられます。",
            "Saved together with what someone else had changed; “History” shows both.",
        ),
        "approved" => ("good", "承認しました。", "Approved."),
        "withdrawn" => ("", "承認を取り下げました。", "The approval was withdrawn."),
        "done" => ("good", "変更しました。", "Done."),
        _ => return None,
    };
    Some(Notice { tone, text: Text::new(ja, en) })
}

/// A path with a word about what was done.
pub(super) fn with_word(path: &str, word: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}said={word}")
}

/// A system with its newest revision, assessed.
pub(crate) struct Seen {
    pub(super) id: SystemId,
    pub(super) base: String,
    pub(super) system: System,
    pub(super) content: Content,
    pub(super) opened: Arc<Opened>,
    pub(super) proposals: Vec<Proposal>,
    pub(super) progress: Vec<Progress>,
    pub(super) today: String,
    /// What the save before this page did to ratings and threats.
    effect: Option<Markup>,
}

impl Seen {
    /// The number of its newest revision.
    pub(crate) fn revision(&self) -> u64 {
        self.content.revision.number
    }

    /// What the program proposes.
    pub(crate) fn proposals(&self) -> &[Proposal] {
        &self.proposals
    }

    /// How far each step has got.
    pub(crate) fn progress(&self) -> &[Progress] {
        &self.progress
    }

    /// What the head of a page shows.
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown {
            base: &self.base,
            name: &self.opened.document().system.name,
            revision: self.content.revision.number,
            approved: self.system.approved == Some(self.content.revision.number),
            archived: self.system.archived.is_some(),
            progress: &self.progress,
            effect: self.effect.as_ref(),
        }
    }
}

/// A system, or the page on which its text can be mended.
pub(super) enum Look {
    Seen(Box<Seen>),
    Broken(Response),
}

/// A system whose document has errors.
struct Mend {
    system: System,
    content: Content,
    broken: Broken,
}

/// Opens the newest revision of a system.
pub(super) async fn look(app: &App, visit: &Visit, id: &str) -> Result<Look, WebError> {
    let Mend { system, content, broken } = match open(app, visit, id, None).await? {
        Ok(mut seen) => {
            if let Some(before) = before(&visit.here) {
                // A number that somebody made up shows nothing.
                seen.effect = effect(app, visit, &seen.id, before, &seen.opened).await.unwrap_or_default();
            }
            return Ok(Look::Seen(seen));
        }
        Err(mend) => *mend,
    };
    let shown = Shown {
        base: &format!("/systems/{id}"),
        name: &system.name,
        revision: content.revision.number,
        approved: false,
        archived: system.archived.is_some(),
        progress: &[],
        effect: None,
    };
    let html = pages::text_view(&chrome(visit), Some(&shown), &content.text, &broken.found(visit.lang), None);
    Ok(Look::Broken(page(html)))
}

/// The revision that a save before this page started from: a number in the address.
fn before(here: &str) -> Option<u64> {
    let (_, query) = here.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix("was="))?.parse().ok()
}

/// What became of ratings and threats since a revision, as a piece of a page; nothing if they stayed.
pub(super) async fn effect(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    before: u64,
    now: &Arc<Opened>,
) -> Result<Option<Markup>, WebError> {
    let content = app.store().content(visit.actor()?, id, before).await?;
    let Ok(old) = opened(&content).await? else { return Ok(None) };
    let now = Arc::clone(now);
    let parts = beside(move || super::history::compared(&old, &now, |found, _, _| found.parts())).await??;
    let shown: Vec<_> = parts.into_iter().filter(|part| ["ratings", "threats"].contains(&part.id)).collect();
    Ok((!shown.is_empty()).then(|| pages::effect(&chrome(visit), &shown)))
}

/// Opens the newest revision of a system, for other programs.
pub(crate) async fn assessed(app: &App, visit: &Visit, id: &str) -> Result<Box<Seen>, WebError> {
    open(app, visit, id, None).await?.map_err(|mend| {
        let found = mend.broken.found(visit.lang);
        let errors = found.iter().filter(|one| one.level == "error").map(|one| one.message.as_str());
        let errors = errors.take(3).collect::<Vec<_>>().join("; ");
        WebError::Store(StoreError::Invalid(Text::new(
            format!("文書に誤りがあるため評価できません（{errors}）"),
            format!("the document has errors and cannot be assessed ({errors})"),
        )))
    })
}

/// Opens one revision of a system as it was saved, for reports about it.
pub(super) async fn as_saved(app: &App, visit: &Visit, id: &str, number: u64) -> Result<Box<Seen>, WebError> {
    open(app, visit, id, Some(number)).await?.map_err(|_| {
        WebError::Bad(Text::new(
            "この版には誤りがあるため、報告書を作れません",
            "this revision has errors, so there is no report of it",
        ))
    })
}

/// Opens a revision of a system, the newest if none is named.
async fn open(
    app: &App,
    visit: &Visit,
    id: &str,
    number: Option<u64>,
) -> Result<Result<Box<Seen>, Box<Mend>>, WebError> {
    let id = SystemId::from_text(id);
    let system = app.store().system(visit.actor()?, &id).await?;
    let content = match number {
        Some(number) => app.store().content(visit.actor()?, &id, number).await?,
        None => app.store().latest(visit.actor()?, &id).await?,
    };
    let base = format!("/systems/{id}");
    let desk = desk()?;
    let opened = match opened(&content).await? {
        Ok(opened) => opened,
        Err(broken) => return Ok(Err(Box::new(Mend { system, content, broken }))),
    };
    let today = visit.today();
    let around = Around {
        approved: system.approved == Some(content.revision.number),
        warnings: opened.found(visit.lang).len(),
        today: &today,
    };
    let (proposals, progress) = desk.with(&opened, |subject| {
        let proposals = proposals(subject);
        let progress = progress(subject, &proposals, around);
        (proposals, progress)
    });
    Ok(Ok(Box::new(Seen { id, base, system, content, opened, proposals, progress, today, effect: None })))
}

/// Documents that were opened last, by the hash of their content: an assessment is a pure function.
static OPENED: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);
type Kept = VecDeque<(String, Arc<Opened>)>;
/// Most documents that are kept open.
const KEPT: usize = 24;

/// Opens a revision beside the threads that answer requests.
pub(super) async fn opened(content: &Content) -> Result<Result<Arc<Opened>, Broken>, WebError> {
    let hash = &content.revision.hash;
    {
        let mut kept = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = kept.iter().position(|(own, _)| own == hash)
            && let Some(found) = kept.remove(n)
        {
            let opened = Arc::clone(&found.1);
            kept.push_front(found);
            return Ok(Ok(opened));
        }
    }
    let desk = desk()?;
    let text = content.text.clone();
    let opened = match beside(move || desk.open(&text)).await? {
        Ok(opened) => Arc::new(opened),
        Err(broken) => return Ok(Err(broken)),
    };
    let mut kept = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_front((hash.clone(), Arc::clone(&opened)));
    kept.truncate(KEPT);
    Ok(Ok(opened))
}

/// Does what takes a while beside the threads that answer requests.
pub(super) async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WebError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| WebError::Inner(error.to_string()))
}

/// Opens a system or ends the handler with the page that mends it.
macro_rules! seen {
    ($app:expr, $visit:expr, $id:expr) => {
        match $crate::pages::desk::look($app, $visit, $id).await? {
            $crate::pages::desk::Look::Seen(seen) => seen,
            $crate::pages::desk::Look::Broken(response) => return Ok(response),
        }
    };
}
pub(super) use seen;

/// What became of a change.
pub(super) enum Done {
    /// Saved.
    Saved {
        /// A word for the next page.
        word: &'static str,
        /// The revision that the change started from.
        before: u64,
        /// The revision that it made; none if nothing has changed.
        made: Option<u64>,
        /// What was done, as the history tells it.
        why: String,
    },
    /// Someone else has changed the same; the page that shows both.
    Conflict(Response),
}

/// Makes a change on the revision that a form started from, and saves it. The history tells it in the
/// words of that revision.
///
/// What others saved meanwhile at other places stays; where they changed the same, nothing is saved.
pub(super) async fn commit(
    app: &App,
    visit: &Visit,
    id: &str,
    parent: u64,
    why: impl FnOnce(&Opened) -> Result<String, WebError>,
    make: impl FnOnce(&Desk, &str, &Opened) -> Result<String, Refused>,
) -> Result<Done, WebError> {
    let id = SystemId::from_text(id);
    let (text, opened) = changed(app, visit, &id, parent, make).await?;
    save(app, visit, &id, parent, &text, &why(&opened)?).await
}

/// The text of a change on the revision that it started from, and that revision opened.
async fn changed(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    parent: u64,
    make: impl FnOnce(&Desk, &str, &Opened) -> Result<String, Refused>,
) -> Result<(String, Arc<Opened>), WebError> {
    let base = app.store().content(visit.actor()?, id, parent).await?;
    let opened = opened(&base).await?.map_err(|_| {
        WebError::Bad(Text::new(
            "元の版に誤りがあります。「文書」で直してください",
            "the revision has errors; mend them under “Text”",
        ))
    })?;
    let text = make(desk()?, &base.text, &opened).map_err(WebError::Bad)?;
    Ok((text, opened))
}

/// What a decision was, as the history tells it; without a verdict it was taken back.
pub(super) fn decision_words(
    visit: &Visit,
    opened: &Opened,
    verdict: Option<Verdict>,
    subject: &str,
) -> Result<String, WebError> {
    let done = match verdict {
        Some(Verdict::Accept) => visit.say("提案どおり", "accepted"),
        Some(Verdict::Reject) => visit.say("却下", "rejected"),
        Some(Verdict::Override) => visit.say("値を変更", "changed"),
        None => visit.say("決定の取り消し", "decision taken back"),
    };
    let found = desk()?.with(opened, |known| proposals(known).into_iter().find(|one| one.subject == subject));
    let about = found.map_or_else(
        || subject.to_owned(),
        |one| format!("{} — {}", visit.text(&one.kind.name()), visit.text(&one.title)),
    );
    Ok(format!("{done}: {about}"))
}

/// Decides about a proposal for another program, and says the number of the new revision.
pub(crate) async fn decide_by_api(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    parent: u64,
    decide: &Decide<'_>,
) -> Result<u64, WebError> {
    let make = |desk: &Desk, text: &str, opened: &Opened| desk.decide(text, opened, decide);
    let (text, opened) = changed(app, visit, id, parent, make).await?;
    let why = decision_words(visit, &opened, Some(decide.verdict), decide.subject)?;
    let saved = save_fitting(app, visit, id, Save { parent, text: &text, why: &why }).await?;
    let number = saved.revision().number;
    live::saved(app, id, number);
    Ok(number)
}

/// Saves a text. Where it is brought together with what others saved meanwhile, the text with both has to
/// be right, if this one is: each change may need what the other has taken away.
pub(crate) async fn save_fitting(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    save: Save<'_>,
) -> Result<Saved, WebError> {
    let fits = |both: String| {
        let mine = save.text.to_owned();
        async move {
            let desk = desk()?;
            beside(move || desk.open(&both).is_ok() || desk.open(&mine).is_err()).await
        }
    };
    app.store().save_fitting(visit.actor()?, id, save, fits).await
}

/// Saves a text that a person has made of a revision.
pub(super) async fn save(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    parent: u64,
    text: &str,
    why: &str,
) -> Result<Done, WebError> {
    match save_fitting(app, visit, id, Save { parent, text, why }).await {
        Ok(saved) => {
            let number = saved.revision().number;
            let (word, made) = match &saved {
                Saved::New(_) => ("saved", Some(number)),
                Saved::Merged(_) => ("merged", Some(number)),
                Saved::Unchanged(_) => ("unchanged", None),
            };
            live::saved(app, id, number);
            Ok(Done::Saved { word, before: parent, made, why: why.to_owned() })
        }
        Err(WebError::Store(StoreError::Conflict(conflict))) => {
            let mine = Mine { text, why, choices: Choices::new() };
            Ok(Done::Conflict(conflict::show(app, visit, id, *conflict, mine).await?))
        }
        Err(error) => Err(error),
    }
}

/// After a change: on to a page of the system, or to the page that shows both.
pub(super) fn then(done: Done, id: &str, back: &str) -> Response {
    match done {
        Done::Saved { word, before, made, .. } => {
            let back = if back.starts_with('/') { back } else { "" };
            let (back, fragment) = back.split_once('#').unwrap_or((back, ""));
            let mark = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
            let was = made.map_or_else(String::new, |_| format!("&was={before}"));
            go_to(&format!("{}{was}{mark}", with_word(&format!("/systems/{id}{back}"), word)))
        }
        Done::Conflict(response) => response,
    }
}
