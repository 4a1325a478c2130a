//! Policies and the employee handbook out of the answers that are kept.

use std::collections::BTreeMap;

use anshin_checklist::Round;
use anshin_checklist::policy::{Texts, document};
use anshin_model::Text;
use anshin_pages::pages::{self, PolicyLine, policy_title, policy_words};
use anshin_report::policy_docx;
use anshin_store::Right;
use axum::extract::{Path, Query, State};
use axum::response::Response;

use super::checklists::{Open, all, is_newest, lines};
use super::desk::{Fields, chrome, desk, today};
use super::reports::{alone, file};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![reads("/policies", read, policies), reads("/policies/{file}", read, one)]
}

/// Most characters of words to fill in.
const MOST: usize = 200;

/// The words of the form; those that are left empty keep what the texts say.
fn words(fields: &Fields) -> Result<BTreeMap<String, Text>, WebError> {
    let known = policy_words(desk()?);
    let filled = known.into_iter().filter_map(|own| {
        let words = fields.get(own.id.as_str()).trim();
        let words: String = words.chars().filter(|c| !c.is_control()).take(MOST).collect();
        (!words.is_empty()).then(|| (own.id.to_string(), Text::same(words)))
    });
    Ok(filled.collect())
}

/// The rounds that the form names.
fn chosen(kept: Vec<Open>, fields: &Fields) -> Vec<Round> {
    let from = fields.all("from");
    let named = kept.into_iter().filter(|open| from.iter().any(|id| open.id.as_str() == id));
    named.map(|open| open.round).collect()
}

async fn policies(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let (desk, mut fields) = (desk()?, Fields(query));
    let kept = all(&app, &visit).await?;
    let decides = |open: &Open| desk.policies.iter().any(|texts| texts.asks(&open.round.list.id));
    let newest = lines(&kept, |open| is_newest(&kept, open) && decides(open))?;
    if fields.find("made").is_none() {
        // The first time, everything that is known goes in.
        fields.0.extend(newest.iter().map(|line| ("from".to_owned(), line.id.clone())));
        fields.0.push(("company".to_owned(), visit.actor()?.organization_name().to_owned()));
    }
    let rounds = chosen(kept, &fields);
    let (words, today) = (words(&fields)?, today(&app));
    let documents: Vec<PolicyLine> = desk
        .policies
        .iter()
        .map(|texts| {
            let made = document(texts, &rounds, &words, &today, visit.lang);
            let (id, about) = (texts.id.to_string(), texts.about.clone());
            PolicyLine { id, title: policy_title(&made), about, applies: !made.is_empty() }
        })
        .collect();
    Ok(page(pages::policies(&chrome(&visit), desk, (&newest, &fields.0), &documents)))
}

/// A document: `ID.html`, `.docx` or `.md`.
async fn one(
    visit: Visit,
    State(app): State<App>,
    Path(wanted): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let (id, format) = wanted.rsplit_once('.').ok_or(WebError::NotFound)?;
    let texts: &Texts = desk()?.policies.iter().find(|own| own.id == *id).ok_or(WebError::NotFound)?;
    let fields = Fields(query);
    let kept = all(&app, &visit).await?;
    let rounds = chosen(kept, &fields);
    let (lang, today) = (visit.lang, today(&app));
    let made = document(texts, &rounds, &words(&fields)?, &today, lang);
    match format {
        "html" => Ok(alone(made.html(lang))),
        "md" => Ok(file(made.markdown().into_bytes(), "text/markdown; charset=utf-8", &wanted)),
        "docx" => {
            let bytes =
                policy_docx(&made, &today, lang).map_err(|error| WebError::Inner(error.to_string()))?;
            Ok(file(
                bytes,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                &wanted,
            ))
        }
        _ => Err(WebError::NotFound),
    }
}
