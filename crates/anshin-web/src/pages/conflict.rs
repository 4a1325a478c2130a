//! Two people changed the same: the page that shows both, and what somebody chose there.

use anshin_model::Text;
use anshin_pages::pages::{self, Place, SIDES, Shown};
use anshin_pages::{Chrome, Notice};
use anshin_report::difference;
use anshin_store::{Choices, Clash, Conflict, Content, Merged, Right, Side, SystemId, settle};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Fields, beside, chrome, desk, opened};
use super::system::{checked, save_if_right};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts};
use crate::visit::{Visit, page_with};

pub(super) fn routes() -> Vec<Route> {
    vec![acts("/systems/{id}/settle", Need::Right(Right::Edit), choose)]
}

/// A change that clashes: its text, why it was made, and what was chosen so far.
pub(super) struct Mine<'a> {
    pub(super) text: &'a str,
    pub(super) why: &'a str,
    pub(super) choices: Choices,
}

/// The page that shows both sides of each place.
pub(super) async fn show(
    app: &App,
    visit: &Visit,
    id: &SystemId,
    conflict: Conflict,
    mine: Mine<'_>,
) -> Result<Response, WebError> {
    let latest = app.store().content(visit.actor()?, id, conflict.latest).await?;
    let system = app.store().system(visit.actor()?, id).await?;
    let base = format!("/systems/{id}");
    let shown = Shown {
        base: &base,
        name: &system.name,
        revision: conflict.latest,
        approved: false,
        archived: system.archived.is_some(),
        progress: &[],
        effect: None,
    };
    // The form that led here has no page of its own to come back to.
    let here = format!("{base}/history");
    let chrome = Chrome { here: &here, ..chrome(visit) };
    if conflict.clashes.is_empty() {
        // What was changed lies at different places; what is wrong with both is mended as text.
        let (found, _) = checked(conflict.text.clone(), visit.lang).await?;
        let text = Text::new(
            "ほかの人の変更と合わせると、文書に誤りが生じます。まだ保存していません。下の文書を直してから保存してください。",
            "Together with what someone else has changed, the document would have errors. It is not saved yet: mend the text below and save it.",
        );
        let chrome = Chrome { notice: Some(Notice { tone: "serious", text }), ..chrome };
        let html = pages::text_view(&chrome, Some(&shown), &conflict.text, &found, None);
        return Ok(page_with(StatusCode::CONFLICT, html));
    }
    let places = places(visit, &conflict.clashes, &latest, &mine).await?;
    let page = pages::Conflict {
        base: conflict.base,
        mine: mine.text,
        why: mine.why,
        who: &latest.revision.author_name,
        both: &conflict.text,
        places: &places,
    };
    Ok(page_with(StatusCode::CONFLICT, pages::conflict(&chrome, &shown, &page)))
}

/// The places in words; as they are written where a document has errors or the words are the same.
async fn places(
    visit: &Visit,
    clashes: &[Clash],
    latest: &Content,
    mine: &Mine<'_>,
) -> Result<Vec<Place>, WebError> {
    let desk = desk()?;
    let text = mine.text.to_owned();
    let own = beside(move || desk.open(&text).ok()).await?;
    let theirs = opened(latest).await?.ok();
    let place = |clash: &Clash| {
        let both = own.as_ref().zip(theirs.as_deref()).map(|(own, theirs)| {
            [own, theirs]
                .map(|one| desk.with(one, |subject| difference::passage(subject, one.tree(), &clash.path)))
        });
        let [mine, theirs] = both.unwrap_or_default();
        let name = mine.as_ref().or(theirs.as_ref()).map(|place| place.name.clone());
        let words = [mine, theirs].map(|place| place?.value.map(|value| visit.text(&value).to_owned()));
        let written = [&clash.mine, &clash.theirs];
        let telling = words[0] != words[1]
            && words.iter().zip(written).all(|(words, written)| words.is_some() == written.is_some());
        let (name, [mine, theirs]) = if telling { (name, words) } else { (None, written.map(Option::clone)) };
        Place { path: clash.path.clone(), name, mine, theirs, chosen: None }
    };
    let chosen = |path: &str| mine.choices.get(path).map(|side| SIDES[usize::from(*side == Side::Theirs)]);
    Ok(clashes.iter().map(|clash| Place { chosen: chosen(&clash.path), ..place(clash) }).collect())
}

/// Saves what somebody chose. What was saved since the page was made is brought together with it in
/// turn: a choice holds for what was shown.
async fn choose(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let system = SystemId::from_text(id.as_str());
    let (base, latest) = (fields.number("base")?, fields.parent()?);
    let (mine, why) = (fields.text("mine"), fields.get("why"));
    let choices: Choices = fields
        .pairs()
        .filter_map(|(name, side)| {
            let side = if side == SIDES[0] { Side::Mine } else { Side::Theirs };
            Some((name.strip_prefix("side.")?.to_owned(), side))
        })
        .collect();
    let actor = visit.actor()?;
    let before = app.store().content(actor, &system, base).await?.text;
    let theirs = app.store().content(actor, &system, latest).await?.text;
    let settled = {
        let (mine, choices) = (mine.clone(), choices.clone());
        beside(move || settle(&before, &mine, &theirs, &choices)).await?
    };
    match settled {
        Merged::Text(text) => save_if_right(&app, &visit, &id, latest, (text, why), "/history").await,
        Merged::Clashes { clashes, text } => {
            let conflict = Conflict { base, latest, clashes, text };
            show(&app, &visit, &system, conflict, Mine { text: &mine, why, choices }).await
        }
    }
}
