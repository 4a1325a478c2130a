//! One stakeholder's sheet by a link that opens nothing else and ends.

use anshin_model::Text;
use anshin_pages::pages::{self, Answered, Asked, GuestLink};
use anshin_report::{Request, requests};
use anshin_store::{Given, Guest, LinkId, NewLink, Reply, Right, StoreError, SystemId, Token};
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use maud::Markup;

use super::desk::{Fields, Seen, chrome, desk, opened, seen, with_word};
use super::reports;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::time;
use crate::visit::{Visit, go_to, page};

pub(super) fn routes() -> Vec<Route> {
    let edit = Need::Right(Right::Edit);
    vec![
        acts("/systems/{id}/links", edit, make),
        acts("/systems/{id}/links/{link}/end", edit, end),
        // The token stands in the query, which no log holds.
        reads("/guest", Need::Nobody, sheet),
        acts("/guest", Need::Nobody, answer),
    ]
}

/// The links of a system and what was answered, as a part of its reports.
pub(super) async fn links(
    app: &App,
    visit: &Visit,
    seen: &Seen,
    asked: &[Request],
    fresh: Option<&str>,
) -> Result<Markup, WebError> {
    let actor = visit.actor()?;
    let links: Vec<GuestLink> = app
        .store()
        .links(actor, &seen.id)
        .await?
        .into_iter()
        .map(|link| GuestLink {
            id: link.id.to_string(),
            stakeholder: link.stakeholder,
            open: link.ended.is_none() && link.expires > visit.now,
            expires: visit.moment(link.expires),
        })
        .collect();
    let catalog = desk()?.catalog;
    let title = |item: &str| {
        let id = item.strip_prefix("requirement/").unwrap_or(item);
        catalog.requirements.get(id).map_or_else(|| Text::same(id), |known| known.name.clone())
    };
    let answers: Vec<Answered> = app
        .store()
        .answers(actor, &seen.id)
        .await?
        .into_iter()
        .map(|one| Answered {
            stakeholder: one.stakeholder,
            title: title(&one.item),
            reply: one.reply.as_str().to_owned(),
            note: one.note,
            at: visit.moment(one.at),
        })
        .collect();
    Ok(pages::guest_links(&chrome(visit), &seen.base, asked, (&links, &answers), fresh))
}

async fn make(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let fields = Fields(form);
    let days = u32::try_from(fields.number("days")?).unwrap_or(u32::MAX);
    let new = NewLink { stakeholder: fields.get("stakeholder"), days };
    let (_, token) = give_link(&app, &visit, &seen, new).await?;
    let address = format!("{}/guest?link={}", visit.origin(), token.as_str());
    reports::show(&app, &visit, &seen, Some(&address)).await
}

/// A link for a stakeholder whom the newest document knows.
pub(crate) async fn give_link(
    app: &App,
    visit: &Visit,
    seen: &Seen,
    new: NewLink<'_>,
) -> Result<(LinkId, Token), WebError> {
    let known = &seen.opened.document().stakeholders;
    if !known.iter().any(|one| one.id == *new.stakeholder) {
        let ids = known.iter().map(|one| format!("`{}`", one.id)).collect::<Vec<_>>().join(", ");
        return Err(WebError::Store(StoreError::Invalid(Text::new(
            format!("文書にないステークホルダーです。次のどれかのidを指定してください: {ids}"),
            format!("the document has no such stakeholder; give the id of one of these: {ids}"),
        ))));
    }
    Ok(app.store().create_link(visit.actor()?, &seen.id, new).await?)
}

async fn end(
    visit: Visit,
    State(app): State<App>,
    Path((id, link)): Path<(String, String)>,
) -> Result<Response, WebError> {
    app.store().end_link(visit.actor()?, &LinkId::from_text(link)).await?;
    let id = SystemId::from_text(id);
    Ok(go_to(&with_word(&format!("/systems/{id}/reports"), "done")))
}

/// The guest of a link; a link that has ended is not found.
async fn guest_of(app: &App, token: &str) -> Result<Guest, WebError> {
    app.store().guest_of_link(token).await?.ok_or(WebError::NotFound)
}

/// The sheet of a guest, and what is asked there: requirement and title.
async fn own_sheet(app: &App, guest: &Guest) -> Result<(Request, Vec<(String, Text)>), WebError> {
    let content = app.store().guest_content(guest).await?;
    let opened = opened(&content).await?.map_err(|_| WebError::NotFound)?;
    desk()?
        .with(&opened, |subject| {
            let own =
                requests(subject).into_iter().find(|request| request.stakeholder == *guest.stakeholder());
            let plan = subject.assessment.plan.iter().filter(|item| item.implementer == *guest.stakeholder());
            let asked =
                plan.map(|item| (item.requirement.to_string(), subject.requirement(&item.requirement)));
            own.map(|own| (own, asked.collect()))
        })
        .ok_or(WebError::NotFound)
}

async fn sheet(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let query = Fields(query);
    let token = query.get("link");
    let guest = guest_of(&app, token).await?;
    let (request, items) = own_sheet(&app, &guest).await?;
    let answers = app.store().guest_answers(&guest).await?;
    let asked: Vec<Asked> = items
        .into_iter()
        .map(|(requirement, title)| {
            let item = format!("requirement/{requirement}");
            let given = answers.iter().find(|answer| answer.item == item);
            Asked {
                requirement,
                title,
                reply: given.map_or("", |given| given.reply.as_str()).to_owned(),
                note: given.map_or_else(String::new, |given| given.note.clone()),
            }
        })
        .collect();
    let action = format!("/guest?link={token}");
    let mut chrome = chrome(&visit);
    // Whoever opens it sees what the guest sees, also when signed in.
    chrome.who = None;
    let zone = guest.zone().unwrap_or_else(|| visit.zone.clone());
    let about = (action.as_str(), guest.organization_name(), &*time::moment(guest.expires(), &zone));
    Ok(page(pages::guest(&chrome, &request, about, &asked)))
}

async fn answer(
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let query = Fields(query);
    let token = query.get("link");
    let guest = guest_of(&app, token).await?;
    let (_, items) = own_sheet(&app, &guest).await?;
    let fields = Fields(form);
    let items: Vec<_> =
        items.into_iter().map(|(requirement, _)| format!("requirement/{requirement}")).collect();
    let given = items.iter().filter_map(|item| {
        let requirement = item.strip_prefix("requirement/")?;
        let reply = Reply::from_word(fields.get(&format!("reply.{requirement}")))?;
        Some(Given { item, reply, note: fields.get(&format!("note.{requirement}")) })
    });
    app.store().answer(&guest, &given.collect::<Vec<_>>()).await?;
    Ok(go_to(&with_word(&format!("/guest?link={token}"), "saved")))
}
