//! The pages of one system, and what their forms do.

use std::sync::Arc;

use anshin_model::document::Verdict;
use anshin_model::{Id, Lang, Text};
use anshin_pages::change::{Decide, Take};
use anshin_pages::pages::{self, AssetForm, Filter};
use anshin_pages::step::Step;
use anshin_pages::{Found, Opened, Power, Stroke, say};
use anshin_report::workbook;
use anshin_report::worksheet::{Row, Worksheet};
use anshin_report::{levels_after_measures, risk_map, risk_map_after, summary, system_diagram, worksheets};
use anshin_store::{Right, SystemId};
use axum::Json;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::Markup;

use super::desk::{
    Done, Fields, Look, Seen, beside, chrome, commit, decision_words, desk, effect, look, save, seen, then,
};
use super::live;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let (read, edit) = (Need::Right(Right::Read), Need::Right(Right::Edit));
    vec![
        reads("/systems/{id}", read, overview),
        reads("/systems/{id}/live", read, live_map),
        reads("/systems/{id}/prepare", read, async |v, s, p, q| step(Step::Prepare, v, s, p, q).await),
        reads("/systems/{id}/assess", read, async |v, s, p, q| step(Step::Assess, v, s, p, q).await),
        reads("/systems/{id}/respond", read, async |v, s, p, q| step(Step::Respond, v, s, p, q).await),
        reads("/systems/{id}/decide", read, async |v, s, p, q| step(Step::Decide, v, s, p, q).await),
        reads("/systems/{id}/operate", read, async |v, s, p, q| step(Step::Operate, v, s, p, q).await),
        reads("/systems/{id}/proposals", read, proposals),
        acts("/systems/{id}/decide", edit, decide),
        reads("/systems/{id}/plan", read, plan),
        acts("/systems/{id}/take", edit, take),
        reads("/systems/{id}/facts", read, facts),
        acts("/systems/{id}/facts", edit, save_facts),
        reads("/systems/{id}/assets/{asset}", read, asset),
        acts("/systems/{id}/assets/{asset}", edit, save_asset),
        reads("/systems/{id}/text", read, text),
        acts("/systems/{id}/text", edit, save_text),
        acts("/systems/{id}/check", edit, check_text),
        reads("/systems/{id}/drawing", read, drawing),
        acts("/systems/{id}/drawing", edit, draw),
    ]
}

/// The risk map, with where everybody stands after measures once there are some.
fn map(seen: &Seen, visit: &Visit) -> Result<String, WebError> {
    let desk = desk()?;
    Ok(desk.with(&seen.opened, |subject| match levels_after_measures(&desk.engine, subject) {
        Some(after) => risk_map_after(subject, &after, visit.lang),
        None => risk_map(subject, visit.lang),
    }))
}

async fn overview(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let map = map(&seen, &visit)?;
    let (said, diagram) =
        desk()?.with(&seen.opened, |subject| (summary(subject), system_diagram(subject, visit.lang)));
    let present = live::present(&app, &id);
    Ok(page(pages::overview(&chrome(&visit), &seen.shown(), &said, &map, &diagram, &present)))
}

/// The risk map alone, for pages that are open while somebody saves.
async fn live_map(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let map = map(&seen, &visit)?;
    Ok(page(anshin_pages::inline(&map, &visit.nonce).into_string()))
}

async fn step(
    step: Step,
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let (sheets, pictures) = desk()?.with(&seen.opened, |subject| {
        let mut sheets = worksheets(subject);
        sheets.retain(|sheet| step.sheets().contains(&sheet.id));
        sheets.sort_by_key(|sheet| step.sheets().iter().position(|id| *id == sheet.id));
        let mut pictures = Vec::new();
        if step == Step::Prepare {
            pictures
                .push((Text::new("システム構成図", "System diagram"), system_diagram(subject, visit.lang)));
            pictures.push((
                Text::new("ステークホルダー関連図", "Stakeholders"),
                anshin_report::stakeholder_diagram(subject, visit.lang),
            ));
        }
        (sheets, pictures)
    });
    let mut pictures = pictures;
    if matches!(step, Step::Assess | Step::Respond) {
        pictures.push((Text::new("マッピング結果", "Risk map"), map(&seen, &visit)?));
    }
    // A row that is open: the sheet and what names the row.
    let query = Fields(query);
    let open = query.get("open").split_once(':').unwrap_or_default();
    let chrome = chrome(&visit);
    let html = desk()?.with(&seen.opened, |subject| {
        let form = |sheet: &Worksheet, row: &Row| {
            if (sheet.id, row.key.as_str()) != open || !chrome.may(Power::Edit) {
                return None;
            }
            let subjects = workbook::proposals(sheet.id, &row.key, subject);
            let own: Vec<_> = seen.proposals.iter().filter(|one| subjects.contains(&one.subject)).collect();
            let back = format!("/{}#{}-{}", step.as_str(), sheet.id, row.key);
            (!own.is_empty()).then(|| pages::in_place(&chrome, &seen.shown(), &own, &back))
        };
        pages::step_page(&chrome, &seen.shown(), step, &sheets, &pictures, &form)
    });
    Ok(page(html))
}

async fn proposals(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let fields = Fields(query);
    let own = |name: &str| fields.get(name).to_owned();
    let filter = Filter {
        kind: own("kind"),
        stakeholder: own("stakeholder"),
        asset: own("asset"),
        viewpoint: own("viewpoint"),
        state: own("state"),
    };
    let document = seen.opened.document();
    let people: Vec<(String, Text)> =
        document.stakeholders.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let assets: Vec<(String, Text)> =
        document.assets.iter().map(|one| (one.id.to_string(), one.name.clone())).collect();
    let from = fields.get("from").parse().unwrap_or(0);
    let html = pages::proposals_page(
        &chrome(&visit),
        &seen.shown(),
        &seen.proposals,
        (&people, &assets),
        &filter,
        from,
    );
    Ok(page(html))
}

async fn decide(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let subject = fields.get("subject");
    let verdict = match fields.get("verdict") {
        "accept" => Some(Verdict::Accept),
        "reject" => Some(Verdict::Reject),
        "override" => Some(Verdict::Override),
        "undo" => None,
        _ => return Err(WebError::Bad(Text::new("決定を選んでください", "choose a decision"))),
    };
    let today = visit.today();
    let by = visit.actor()?.name().to_owned();
    let why = |opened: &Opened| decision_words(&visit, opened, verdict, subject);
    let done = commit(&app, &visit, &id, fields.parent()?, why, |desk, text, opened| match verdict {
        Some(verdict) => desk.decide(
            text,
            opened,
            &Decide {
                subject,
                verdict,
                value: fields.find("value").filter(|value| !value.is_empty()),
                reason: fields.get("reason"),
                by: &by,
                date: &today,
            },
        ),
        None => desk.undecide(text, opened, subject),
    })
    .await?;
    Ok(then(done, &id, fields.get("back")))
}

async fn plan(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let fields = Fields(query);
    let only = fields.get("stakeholder");
    let none_marked = !seen.opened.assessment.plan.iter().any(|item| item.priority);
    let all = fields.get("all") == "1" || none_marked;
    let said = super::rounds::said(&app, &visit, &seen.id).await?;
    let html = desk()?.with(&seen.opened, |subject| {
        pages::plan(&chrome(&visit), &seen.shown(), subject, (only, all), (&said, &seen.today))
    });
    Ok(page(html))
}

async fn take(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let filled = |name: &str| fields.find(name).filter(|value| !value.is_empty());
    let take = Take {
        requirement: fields.get("requirement"),
        measure: filled("measure"),
        name: filled("name"),
        by: fields.get("by"),
        status: fields.get("status"),
        until: fields.get("until"),
        note: fields.get("note"),
    };
    let requirement = desk()?.catalog.requirements.get(take.requirement);
    let why = format!(
        "{}: {}{}",
        visit.say("対策の計画", "plan"),
        requirement.map_or(take.requirement, |known| visit.text(&known.name)),
        pages::plan_state(take.status, visit.lang),
    );
    let done = commit(
        &app,
        &visit,
        &id,
        fields.parent()?,
        |_| Ok(why),
        |desk, text, opened| desk.take(text, opened, &take),
    )
    .await?;
    let place = format!("/plan#{}-{}", take.requirement, take.by);
    Ok(then(done, &id, &place))
}

async fn facts(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let (document, catalog) = (seen.opened.document(), desk()?.catalog);
    Ok(page(pages::system_form(&chrome(&visit), &seen.shown(), document, catalog, &workbook::input_names())))
}

async fn save_facts(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let why = |_: &Opened| Ok(visit.say("目的と段階", "purpose and stage").to_owned());
    let done = commit(&app, &visit, &id, fields.parent()?, why, |desk, text, opened| {
        pages::save_system(desk, text, opened, visit.lang, |name| fields.find(name))
    })
    .await?;
    Ok(then(done, &id, "/facts"))
}

async fn asset(
    visit: Visit,
    State(app): State<App>,
    Path((id, asset)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let desk = desk()?;
    let document = seen.opened.document();
    let n = document.assets.iter().position(|own| own.id == *asset).ok_or(WebError::NotFound)?;
    let facts = desk.engine.asset_facts(&desk.system(&seen.opened));
    let names: Vec<Text> =
        facts.get(n).into_iter().flatten().map(|fact| fact_name(fact.as_str())).collect::<Result<_, _>>()?;
    let html = pages::asset_form(
        &chrome(&visit),
        &seen.shown(),
        document,
        desk.catalog,
        &document.assets[n],
        &names,
    );
    Ok(page(html))
}

/// A fact in words: a trait, or a family of derived facts with its word.
fn fact_name(fact: &str) -> Result<Text, WebError> {
    let catalog = desk()?.catalog;
    let (family, word) = fact.split_once(':').unwrap_or((fact, ""));
    let own = catalog.traits.get(fact).map(|own| own.name.clone());
    let name = own.or_else(|| catalog.facts.get(family).map(|own| own.name.clone()));
    let name = name.unwrap_or_else(|| Text::same(fact));
    if word.is_empty() {
        return Ok(name);
    }
    let kinds = catalog.asset_kinds.get(word).map(|k| &k.name);
    let known = kinds
        .or_else(|| catalog.zone_kinds.get(word).map(|k| &k.name))
        .or_else(|| catalog.entry_points.get(word).map(|k| &k.name))
        .or_else(|| catalog.media.get(word).map(|k| &k.name))
        .or_else(|| catalog.data_kinds.get(word).map(|k| &k.name));
    let word = known.cloned().unwrap_or_else(|| Text::same(word));
    Ok(Text::new("{name}: {word}", "{name}: {word}").fill(&[("name", &name), ("word", &word)]))
}

async fn save_asset(
    visit: Visit,
    State(app): State<App>,
    Path((id, asset)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let own = |name: &str| fields.get(name).to_owned();
    let form = AssetForm {
        name: own("name"),
        kind: own("kind"),
        zone: own("zone"),
        traits: fields.all("trait"),
        safeguards: fields.all("safeguard"),
        stores: fields.all("stores"),
        people: [own("made-by"), own("operated-by"), own("maintained-by"), own("updated-by")],
    };
    let why = |opened: &Opened| {
        let name = desk()?.with(opened, |subject| subject.asset(&Id::from(asset.as_str())));
        Ok(format!("{} {}", visit.say("機器の事実:", "facts of"), visit.text(&name)))
    };
    let done = commit(&app, &visit, &id, fields.parent()?, why, |desk, text, opened| {
        pages::save_asset(desk, text, opened, &asset, &form, visit.lang)
    })
    .await?;
    Ok(then(done, &id, &format!("/assets/{asset}")))
}

async fn text(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let found = seen.opened.found(visit.lang);
    Ok(page(pages::text_view(&chrome(&visit), Some(&seen.shown()), &seen.content.text, &found, None)))
}

/// What is wrong with a text, and what it would do, as a piece of a page: while somebody types.
async fn check_text(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let (found, opened) = checked(fields.text("text"), visit.lang).await?;
    let effect = effect_of(&app, &visit, &id, fields.parent()?, opened.as_ref()).await?;
    let found = pages::found_list(&chrome(&visit), &found);
    Ok(page(maud::html! { (found) @if let Some(effect) = effect { (effect) } }.into_string()))
}

/// What is wrong with a text, and, if nothing is, the document.
pub(super) async fn checked(text: String, lang: Lang) -> Result<(Vec<Found>, Option<Arc<Opened>>), WebError> {
    let desk = desk()?;
    Ok(match beside(move || desk.open(&text)).await? {
        Ok(opened) => (opened.found(lang), Some(Arc::new(opened))),
        Err(broken) => (broken.found(lang), None),
    })
}

/// What a text without errors would do to ratings and threats.
async fn effect_of(
    app: &App,
    visit: &Visit,
    id: &str,
    parent: u64,
    opened: Option<&Arc<Opened>>,
) -> Result<Option<Markup>, WebError> {
    let Some(opened) = opened else { return Ok(None) };
    effect(app, visit, &SystemId::from_text(id), parent, opened).await
}

async fn save_text(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let (text, parent) = (fields.text("text"), fields.parent()?);
    if fields.get("act") == "save" {
        return save_if_right(&app, &visit, &id, parent, (text, fields.get("why")), "/text").await;
    }
    let (found, opened) = checked(text.clone(), visit.lang).await?;
    to_mend(&app, &visit, &id, parent, &text, &found, opened.as_ref()).await
}

/// Saves a text without errors and goes on to a page of the system; else shows what is wrong with it.
pub(super) async fn save_if_right(
    app: &App,
    visit: &Visit,
    id: &str,
    parent: u64,
    (text, why): (String, &str),
    back: &str,
) -> Result<Response, WebError> {
    let (found, opened) = checked(text.clone(), visit.lang).await?;
    if opened.is_none() {
        return to_mend(app, visit, id, parent, &text, &found, None).await;
    }
    let done = save(app, visit, &SystemId::from_text(id), parent, &text, why).await?;
    Ok(then(done, id, back))
}

/// The page on which a text is mended, with what is wrong and what it would do.
async fn to_mend(
    app: &App,
    visit: &Visit,
    id: &str,
    parent: u64,
    text: &str,
    found: &[Found],
    opened: Option<&Arc<Opened>>,
) -> Result<Response, WebError> {
    let system = app.store().system(visit.actor()?, &SystemId::from_text(id)).await?;
    let effect = effect_of(app, visit, id, parent, opened).await?;
    let base = format!("/systems/{id}");
    // The number of the revision that the text was made of stays, so that a later save is still merged.
    let shown = pages::Shown {
        base: &base,
        name: &system.name,
        revision: parent,
        approved: false,
        archived: system.archived.is_some(),
        progress: &[],
        effect: None,
    };
    let html = pages::text_view(&chrome(visit), Some(&shown), text, found, effect.as_ref());
    let status = if opened.is_some() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page(html)).into_response())
}

async fn drawing(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let desk = desk()?;
    let diagram = desk.with(&seen.opened, |subject| system_diagram(subject, visit.lang));
    let html = pages::drawing(&chrome(&visit), &seen.shown(), seen.opened.document(), desk.catalog, &diagram);
    Ok(page(html))
}

async fn draw(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let stroke = Stroke::of_form(|name| fields.get(name))
        .ok_or_else(|| WebError::Bad(Text::new("その操作はありません", "there is no such act")))?;
    let why = |opened: &Opened| {
        let words = desk()?.with(opened, |subject| stroke.why(subject));
        Ok(visit.text(&words).to_owned())
    };
    let done = commit(&app, &visit, &id, fields.parent()?, why, |desk, text, opened| {
        desk.draw(text, opened, &stroke)
    })
    .await;
    if fields.get("script") != "1" {
        return Ok(then(done?, &id, "/drawing"));
    }
    drawing_after(done, &app, &visit, &id, Some(fields.parent()?)).await
}

/// What the script of the drawing needs after a change; what it does to ratings and threats since a
/// revision, if that is to be told.
pub(super) async fn drawing_after(
    done: Result<Done, WebError>,
    app: &App,
    visit: &Visit,
    id: &str,
    since: Option<u64>,
) -> Result<Response, WebError> {
    match done {
        Ok(Done::Saved { made, why, .. }) => drawn(app, visit, id, since, made, &why).await,
        Ok(Done::Conflict(_)) => Ok(problem(
            StatusCode::CONFLICT,
            say(
                visit.lang,
                "ほかの人の変更と合わせられません。ページを開き直してください",
                "this does not go together with what someone else has changed; load the page again",
            ),
        )),
        Err(error) => Ok(problem(error.status(), error.text().get(visit.lang))),
    }
}

/// An error for the script.
pub(super) fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(serde_json::json!({ "message": message }))).into_response()
}

/// The picture after a stroke, for the script: with the lists that forms choose from.
async fn drawn(
    app: &App,
    visit: &Visit,
    id: &str,
    since: Option<u64>,
    made: Option<u64>,
    message: &str,
) -> Result<Response, WebError> {
    let Look::Seen(seen) = look(app, visit, id).await? else {
        let words = say(
            visit.lang,
            "文書に誤りがあります。ページを開き直してください",
            "the document has errors; load the page again",
        );
        return Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, words));
    };
    let desk = desk()?;
    let effect = match since {
        Some(number) => {
            let effect = effect(app, visit, &seen.id, number, &seen.opened).await?;
            effect.unwrap_or_else(|| pages::effect(&chrome(visit), &[])).into_string()
        }
        None => String::new(),
    };
    let diagram = desk.with(&seen.opened, |subject| system_diagram(subject, visit.lang));
    let document = seen.opened.document();
    let assets: Vec<[String; 2]> =
        document.assets.iter().map(|one| [one.id.to_string(), one.name.get(visit.lang).to_owned()]).collect();
    let none = [String::new(), say(visit.lang, "決めない", "none").to_owned()];
    let zones: Vec<[String; 2]> = std::iter::once(none)
        .chain(document.zones.iter().map(|zone| {
            let kind = || desk.catalog.zone_kinds.get(&zone.kind).map(|kind| &kind.name);
            let name = zone.name.as_ref().or_else(kind).map_or(zone.id.as_str(), |name| name.get(visit.lang));
            [zone.id.to_string(), name.to_owned()]
        }))
        .collect();
    let mut outside = zones.clone();
    say(visit.lang, "どの区分の中でもない", "in no other zone").clone_into(&mut outside[0][1]);
    let links: Vec<[String; 2]> = desk.with(&seen.opened, |subject| {
        let name = |id: &Id| visit.text(&subject.asset(id)).to_owned();
        let links = document.links.iter();
        links
            .map(|link| [link.id().to_string(), format!("{} → {}", name(&link.from), name(&link.to))])
            .collect()
    });
    let told = serde_json::json!({
        "revision": seen.content.revision.number,
        "made": made,
        "picture": anshin_pages::inline(&diagram, &visit.nonce).into_string(),
        "message": message,
        "effect": effect,
        "options": {
            "con-from": assets, "con-to": assets, "move-asset": assets, "remove-asset": assets, "zone-asset": assets,
            "add-zone": zones, "move-zone": zones, "cut-link": links,
            "inner-zone": zones[1..], "outer-zone": outside, "remove-zone": zones[1..],
        },
    });
    Ok(Json(told).into_response())
}
