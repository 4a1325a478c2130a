//! Checklists tried out: whoever may see may answer and see a result; nothing is kept.

use anshin_checklist::Round;
use anshin_pages::answering::{Answering, read_form};
use anshin_pages::pages::{self, ShownRound};
use anshin_report::{Rounds, standing_report};
use anshin_store::Right;
use axum::extract::{Form, Path};
use axum::response::Response;

use super::checklists::list;
use super::desk::{Fields, chrome, desk};
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![reads("/checklists/{id}/try", read, questions), acts("/checklists/{id}/try", read, result)]
}

async fn questions(visit: Visit, Path(id): Path<String>) -> Result<Response, WebError> {
    Ok(page(pages::tried_questions(&chrome(&visit), &Round::empty(list(&id)?), false)))
}

async fn result(
    visit: Visit,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let mut round = Round::empty(list(&id)?);
    let today = visit.today();
    let who = Answering { by: visit.actor()?.name(), today: &today, lang: visit.lang };
    let entries = read_form(&round, &fields.0, who).entries;
    // A reason that is missing matters only to what is kept.
    round.given.extend(entries.into_iter().map(|(id, entry)| (id, entry.given)));
    let asked = fields.all("asked");
    let is_new = |id: &str| !asked.iter().any(|own| own == id);
    if fields.get("again").is_empty() && round.asked().iter().any(|(_, item, _)| is_new(item.id.as_str())) {
        return Ok(page(pages::tried_questions(&chrome(&visit), &round, true)));
    }
    let rounds = Rounds {
        now: &round,
        earlier: &[],
        target: None,
        reference: None,
        group: None,
        catalog: desk()?.catalog,
    };
    let report = standing_report(rounds, visit.lang);
    let shown = ShownRound { base: "", round: &round, state: 0, archived: false };
    Ok(page(pages::tried_result(&chrome(&visit), shown, &report)))
}
