//! What the pages of systems share: the knowledge, a system opened, and a change saved.

use std::sync::LazyLock;

use anshin_model::Text;
use anshin_pages::change::Refused;
use anshin_pages::pages::{self, Shown};
use anshin_pages::proposal::{Proposal, proposals};
use anshin_pages::step::{Around, Progress, progress};
use anshin_pages::{Chrome, Desk, DeskError, Notice, Opened, Power, Who};
use anshin_store::{Content, Role, Save, Saved, StoreError, System, SystemId};
use axum::response::Response;
use jiff::Timestamp;

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

    /// A field that holds a number.
    pub(super) fn number(&self, name: &str) -> Result<u64, WebError> {
        self.get(name).parse().map_err(|_| {
            WebError::Bad(Text::new(
                "フォームが壊れています。ページを開き直してください",
                "the form is damaged; load the page again",
            ))
        })
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// The frame of a page for a visit.
pub(crate) fn chrome(visit: &Visit) -> Chrome<'_> {
    let who = visit.actor.as_ref().map(|actor| Who {
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
        notice: notice(&visit.here),
    }
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

/// A moment for people.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The day, `YYYY-MM-DD`.
pub(super) fn today(app: &App) -> String {
    app.store().now().strftime("%Y-%m-%d").to_string()
}

/// A system with its newest revision, assessed.
pub(super) struct Seen {
    pub(super) id: SystemId,
    pub(super) base: String,
    pub(super) system: System,
    pub(super) content: Content,
    pub(super) opened: Opened,
    pub(super) proposals: Vec<Proposal>,
    pub(super) progress: Vec<Progress>,
    pub(super) today: String,
}

impl Seen {
    /// What the head of a page shows.
    pub(super) fn shown(&self) -> Shown<'_> {
        Shown {
            base: &self.base,
            name: &self.opened.document().system.name,
            revision: self.content.revision.number,
            approved: self.system.approved == Some(self.content.revision.number),
            progress: &self.progress,
        }
    }
}

/// A system, or the page on which its text can be mended.
pub(super) enum Look {
    Seen(Box<Seen>),
    Broken(Response),
}

/// Opens the newest revision of a system.
pub(super) async fn look(app: &App, visit: &Visit, id: &str) -> Result<Look, WebError> {
    let id = SystemId::from_text(id);
    let system = app.store().system(visit.actor()?, &id).await?;
    let content = app.store().latest(visit.actor()?, &id).await?;
    let base = format!("/systems/{id}");
    let desk = desk()?;
    let opened = match desk.open(&content.text) {
        Ok(opened) => opened,
        Err(broken) => {
            let shown = Shown {
                base: &base,
                name: &system.name,
                revision: content.revision.number,
                approved: false,
                progress: &[],
            };
            let html =
                pages::text_view(&chrome(visit), Some(&shown), &content.text, &broken.found(visit.lang));
            return Ok(Look::Broken(page(html)));
        }
    };
    let today = today(app);
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
    Ok(Look::Seen(Box::new(Seen { id, base, system, content, opened, proposals, progress, today })))
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
    /// Saved, with a word for the next page.
    Saved(&'static str),
    /// Someone else has changed the same; the page that shows both.
    Conflict(Response),
}

/// Makes a change on the revision that a form started from, and saves it.
///
/// What others saved meanwhile at other places stays; where they changed the same, nothing is saved.
pub(super) async fn commit(
    app: &App,
    visit: &Visit,
    id: &str,
    parent: u64,
    why: &str,
    make: impl FnOnce(&Desk, &str, &Opened) -> Result<String, Refused>,
) -> Result<Done, WebError> {
    let id = SystemId::from_text(id);
    let base = app.store().content(visit.actor()?, &id, parent).await?;
    let desk = desk()?;
    let opened = desk.open(&base.text).map_err(|_| {
        WebError::Bad(Text::new(
            "元の版に誤りがあります。「文書」で直してください",
            "the revision has errors; mend them under “Text”",
        ))
    })?;
    let text = make(desk, &base.text, &opened).map_err(WebError::Bad)?;
    save(app, visit, &id, parent, &text, why).await
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
    let saved = app.store().save_revision(visit.actor()?, id, Save { parent, text, why }).await;
    match saved {
        Ok(saved) => {
            let word = match &saved {
                Saved::New(_) => "saved",
                Saved::Merged(_) => "merged",
                Saved::Unchanged(_) => "unchanged",
            };
            live::saved(id, saved.revision().number);
            Ok(Done::Saved(word))
        }
        Err(StoreError::Conflict(conflict)) => {
            let latest = app.store().content(visit.actor()?, id, conflict.latest).await?;
            let system = app.store().system(visit.actor()?, id).await?;
            let base = format!("/systems/{id}");
            let shown = Shown {
                base: &base,
                name: &system.name,
                revision: conflict.latest,
                approved: false,
                progress: &[],
            };
            let places: Vec<(String, Option<String>, Option<String>)> =
                conflict.clashes.into_iter().map(|clash| (clash.path, clash.mine, clash.theirs)).collect();
            let html = pages::conflict(&chrome(visit), &shown, &places, text, &latest.revision.author_name);
            let mut response = page(html);
            *response.status_mut() = axum::http::StatusCode::CONFLICT;
            Ok(Done::Conflict(response))
        }
        Err(error) => Err(error.into()),
    }
}

/// After a change: on to a page of the system, or to the page that shows both.
pub(super) fn then(done: Done, id: &str, back: &str) -> Response {
    match done {
        Done::Saved(word) => {
            let back = if back.starts_with('/') { back } else { "" };
            let (back, fragment) = back.split_once('#').unwrap_or((back, ""));
            let mark = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
            go_to(&format!("{}{mark}", with_word(&format!("/systems/{id}{back}"), word)))
        }
        Done::Conflict(response) => response,
    }
}
