//! Checklists: rounds begun, answered, compared, taken along.

use anshin_checklist::compare::Reference;
use anshin_checklist::csv::to_csv_utf8;
use anshin_checklist::{
    Checklist, Described, File, Given, Known, Round, Subject as About, carried, load_answers, new_file,
    proposals, standing,
};
use anshin_model::{Id, Lang, Text};
use anshin_pages::Desk;
use anshin_pages::answering::{Answering, next_open, read_form, reviewed, with_answers};
use anshin_pages::pages::{self, Around, Beginning, RoundLine, ShownRound};
use anshin_report::{
    Rounds, StandingReport, Subject, answers_book, number, register, standing_html, standing_report,
};
use anshin_store::{Actor, NewPaper, Paper, PaperId, PaperKind, Right, SavePaper, StoreError, SystemId};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Fields, beside, chrome, desk, with_word};
use super::reports::{alone, file, typesetter};
use super::settings::branding_for;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let need = Need::Right;
    vec![
        reads("/checklists", need(Right::Read), checklists),
        reads("/checklists/{id}", need(Right::Read), checklist),
        acts("/checklists/{id}", need(Right::Edit), begin),
        reads("/rounds/{round}", need(Right::Read), result),
        reads("/rounds/{round}/ask", need(Right::Edit), ask),
        acts("/rounds/{round}/ask", need(Right::Edit), answer),
        reads("/rounds/{round}/all", need(Right::Edit), ask_all),
        acts("/rounds/{round}/all", need(Right::Edit), answer_all),
        reads("/rounds/{round}/register", need(Right::Read), evidence),
        acts("/rounds/{round}/review", need(Right::Approve), review),
        reads("/rounds/{round}/files/{file}", need(Right::Read), take_along),
        acts("/rounds/{round}/archive", need(Right::Edit), archive),
    ]
}

/// Rounds before a round that its radar and its comparison look at.
const MOST_EARLIER: usize = 8;

/// A round that is open on a page.
pub(super) struct Open {
    pub(super) id: PaperId,
    pub(super) base: String,
    pub(super) kept: Paper,
    pub(super) state: u64,
    pub(super) text: String,
    pub(super) round: Round,
}

impl Open {
    pub(super) fn shown(&self) -> ShownRound<'_> {
        ShownRound {
            base: &self.base,
            round: &self.round,
            state: self.state,
            archived: self.kept.archived.is_some(),
        }
    }

    /// Whether somebody has answered or confirmed anything; proposals alone say nothing of their own.
    fn says_something(&self) -> bool {
        self.round.given.values().any(|given| !given.proposed)
    }
}

/// Opens a round in its newest state, or in the one that a form was made from.
pub(super) async fn open(app: &App, visit: &Visit, id: &str, state: Option<u64>) -> Result<Open, WebError> {
    let id = PaperId::from_text(id);
    let kept = app.store().paper(visit.actor()?, PaperKind::Round, &id).await?;
    open_kept(app, visit, kept, state).await
}

async fn open_kept(app: &App, visit: &Visit, kept: Paper, state: Option<u64>) -> Result<Open, WebError> {
    let (state, text) = app.store().paper_text(visit.actor()?, &kept.id, state).await?;
    let round = read(desk()?, &text)?;
    let base = format!("/rounds/{}", kept.id);
    Ok(Open { id: kept.id.clone(), base, kept, state, text, round })
}

pub(super) fn read(desk: &Desk, text: &str) -> Result<Round, WebError> {
    let file = File { name: "answers.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let loaded = load_answers(file, &desk.checklists, desk.catalog);
    loaded.round.ok_or_else(|| {
        let why = loaded.diagnostics.into_iter().next().map(|first| first.message).unwrap_or_default();
        WebError::Bad(
            Text::new("この回答は開けません: {why}", "these answers cannot be opened: {why}")
                .fill(&[("why", &why)]),
        )
    })
}

fn line(visit: &Visit, open: &Open) -> Result<RoundLine, WebError> {
    let now = standing(&open.round, desk()?.catalog);
    let answered = now.progress.answered;
    let headline = now.scores.first().filter(|headline| headline.items > 0 && answered > 0);
    Ok(RoundLine {
        id: open.id.to_string(),
        list: open.round.list.id.clone(),
        title: open.round.list.title.clone(),
        subject: open.kept.name.clone(),
        answered: (answered, now.progress.asked),
        score: headline.map(|headline| (number(headline.value), number(headline.most))),
        band: headline.and_then(|headline| headline.band).map(|band| band.name.clone()),
        saved: format!("{} · {}", visit.moment(open.kept.changed), open.kept.changed_by),
        archived: open.kept.archived.is_some(),
    })
}

/// All rounds that can be opened, the newest first.
pub(super) async fn all(app: &App, visit: &Visit) -> Result<Vec<Open>, WebError> {
    let mut out = Vec::new();
    for kept in app.store().papers(visit.actor()?, PaperKind::Round).await? {
        match open_kept(app, visit, kept, None).await {
            Ok(open) => out.push(open),
            // Answers to a checklist that is not here any more wait until it is again.
            Err(WebError::Bad(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(out)
}

pub(super) fn lines(
    visit: &Visit,
    all: &[Open],
    wanted: impl Fn(&Open) -> bool,
) -> Result<Vec<RoundLine>, WebError> {
    all.iter().filter(|open| wanted(open)).map(|open| line(visit, open)).collect()
}

async fn checklists(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let rounds = lines(&visit, &all(&app, &visit).await?, |_| true)?;
    Ok(page(pages::checklists(&chrome(&visit), desk()?, &rounds)))
}

pub(super) fn list(id: &str) -> Result<&'static Checklist, WebError> {
    desk()?.checklists.get(id).ok_or(WebError::NotFound)
}

async fn checklist(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let list = list(&id)?;
    let actor = visit.actor()?;
    let all = all(&app, &visit).await?;
    let own = lines(&visit, &all, |open| open.round.list.id == list.id)?;
    let systems = systems(&app, &visit, list).await?;
    let fields = Fields(query);
    let named = all.iter().find(|open| fields.find("from") == Some(open.id.as_str()));
    let is_named = |open: &Open| named.is_some_and(|named| named.id == open.id);
    let tells = |open: &&Open| is_linked(open, list) && (is_named(open) || is_newest_answered(&all, open));
    let telling: Vec<&Open> = all.iter().filter(tells).collect();
    let company = company(&telling, is_named, actor, visit.lang);
    let subject = match list.subject {
        About::Organization => company.map_or(actor.organization_name(), |name| name.get(visit.lang)),
        About::Person => actor.name(),
        _ => "",
    };
    let others = telling
        .into_iter()
        .map(|open| Ok((line(&visit, open)?, is_of(open, company))))
        .collect::<Result<Vec<_>, WebError>>()?;
    let beginning = Beginning { subject, systems: &systems, others: &others };
    Ok(page(pages::checklist_page(&chrome(&visit), list, &own, beginning)))
}

/// Whether a round is the newest of its checklist and subject that is not put aside.
pub(super) fn is_newest(all: &[Open], open: &Open) -> bool {
    is_first_of(all, open, |_| true)
}

/// Whether a round is the newest of those in which somebody has answered something.
pub(super) fn is_newest_answered(all: &[Open], open: &Open) -> bool {
    is_first_of(all, open, Open::says_something)
}

fn is_first_of(all: &[Open], open: &Open, counts: impl Fn(&Open) -> bool) -> bool {
    let alike = |own: &&Open| {
        own.round.list.id == open.round.list.id
            && own.kept.name == open.kept.name
            && own.kept.archived.is_none()
            && counts(own)
    };
    all.iter().find(alike).is_some_and(|newest| newest.id == open.id)
}

/// The company that rounds are chosen for: that of one that is named, the organization itself, or that of
/// the newest.
pub(super) fn company<'o>(
    rounds: &[&'o Open],
    is_named: impl Fn(&Open) -> bool,
    actor: &Actor,
    lang: Lang,
) -> Option<&'o Text> {
    let own = |open: &Open| open.kept.name.get(lang) == actor.organization_name();
    let of = |wanted: &dyn Fn(&Open) -> bool| {
        let mut all = rounds.iter().filter(|open| open.round.list.subject == About::Organization);
        all.find(|open| wanted(open))
    };
    of(&is_named).or_else(|| of(&own)).or_else(|| of(&|_| true)).map(|open| &open.kept.name)
}

/// Whether a round is not about another company: answers of one say nothing about another.
pub(super) fn is_of(open: &Open, company: Option<&Text>) -> bool {
    open.round.list.subject != About::Organization || company == Some(&open.kept.name)
}

/// Whether a round is about something that a checklist asks as well.
fn is_linked(open: &Open, list: &Checklist) -> bool {
    let of = &open.round.list;
    of.id == list.id || of.is_linked_with(list)
}

async fn begin(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let list = list(&id)?;
    let (fields, desk) = (Fields(form), desk()?);
    let mut round = Round::empty(list);
    let subject: String =
        fields.get("subject").trim().chars().filter(|c| !c.is_control()).take(120).collect();
    round.answers.subject = (!subject.is_empty()).then(|| Text::same(subject));
    let level = list.levels.iter().find(|level| level.id == *fields.get("level"));
    round.answers.level = level.map(|level| level.id.clone());
    round.answers.date = Some(visit.today());
    let mut others = Vec::new();
    for id in fields.all("from") {
        let earlier = open(&app, &visit, &id, None).await?.round;
        if earlier.list.id == list.id {
            round.given.extend(carried(list, &earlier).into_iter().map(|given| (given.id.clone(), given)));
        } else {
            others.push(earlier);
        }
    }
    let proposed = match fields.get("system") {
        "" => proposals(&round, &desk.checklists, Known { others: &others, ..Known::default() }),
        system => {
            let content = app.store().latest(visit.actor()?, &SystemId::from_text(system)).await?;
            let opened = desk.open(&content.text).map_err(|_| {
                WebError::Bad(Text::new(
                    "システムの文書に誤りがあり、答えを提案できません。先に直してください",
                    "the document of the system has errors, so nothing can be proposed; mend it first",
                ))
            })?;
            let name = || Some(opened.document().system.name.clone());
            round.answers.subject = round.answers.subject.take().or_else(name);
            desk.with(&opened, |&Subject { system, assessment }| {
                let known = Known { system: Some(Described { system, assessment }), others: &others };
                proposals(&round, &desk.checklists, known)
            })
        }
    };
    round.given.extend(proposed.all.into_iter().map(|own| (own.given.id.clone(), own.given)));
    let given: Vec<Given> = list.items().filter_map(|(_, item)| round.given.get(&item.id)).cloned().collect();
    let text = new_file(list, &round.answers, &given, visit.lang);
    let system = Some(fields.get("system")).filter(|id| !id.is_empty()).map(SystemId::from_text);
    let (kind, about) = (PaperKind::Round, list.id.as_str());
    let new = NewPaper { kind, about, system: system.as_ref(), text: &text };
    let made = app.store().create_paper(visit.actor()?, new).await?;
    Ok(go_to(&format!("/rounds/{}/ask", made.id)))
}

/// The question that is asked for, the next open one, or the result if there is none.
async fn ask(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    let fields = Fields(query);
    let next = || next_open(&open.round, fields.find("after")).map(Id::as_str);
    let Some(item) = fields.find("item").or_else(next) else { return Ok(go_to(&open.base)) };
    let html = pages::question_page(&chrome(&visit), open.shown(), item, None, fields.find("told"));
    html.map(page).ok_or(WebError::NotFound)
}

/// What became of a form.
enum Taken {
    /// All of it is saved.
    Saved,
    /// Some of it could not be taken; the round as it is now.
    Left(Box<Open>, anshin_pages::answering::Form),
}

/// Takes in a form: what can be taken is saved, in one state.
async fn take(app: &App, visit: &Visit, id: &str, fields: &Fields) -> Result<Taken, WebError> {
    let from = open(app, visit, id, Some(fields.number("state")?)).await?;
    let today = visit.today();
    let who = Answering { by: visit.actor()?.name(), today: &today, lang: visit.lang };
    let mut form = read_form(&from.round, &fields.0, who);
    let saved = save(app, visit, &from, &form.changed).await;
    match saved {
        Ok(_) if !form.has_trouble() => return Ok(Taken::Saved),
        Ok(_) => {}
        Err(WebError::Store(StoreError::Conflict(conflict))) => {
            let now = open(app, visit, id, None).await?;
            for clash in &conflict.clashes {
                let Some(item) = clash.path.split('/').nth(1) else { continue };
                let Some(entry) = form.entries.get_mut(item) else { continue };
                let theirs = now.round.given.get(item);
                let words = match (theirs, now.round.list.item(item)) {
                    (Some(given), Some((_, item))) => now.round.list.answer_words(item, given),
                    _ => Text::default(),
                };
                let by = theirs.and_then(|given| now.round.by(given)).unwrap_or(&now.kept.changed_by);
                let text = Text::new(
                    "{by}さんがその間に「{words}」と答えました。このまま保存すると置き換わります",
                    "{by} has answered \u{201c}{words}\u{201d} meanwhile; saving again replaces that",
                );
                entry.trouble = vec![text.fill(&[("by", &Text::same(by)), ("words", &words)])];
            }
        }
        Err(error) => return Err(error),
    }
    let now = open(app, visit, id, None).await?;
    // What was saved just now needs no entry any more.
    form.entries.retain(|_, entry| !entry.trouble.is_empty());
    Ok(Taken::Left(Box::new(now), form))
}

async fn save(app: &App, visit: &Visit, from: &Open, changed: &[Given]) -> Result<u64, WebError> {
    if changed.is_empty() {
        return Ok(from.state);
    }
    let text =
        with_answers(&from.text, &from.round, changed).map_err(|error| WebError::Inner(error.to_string()))?;
    // What is kept can be read again.
    read(desk()?, &text)?;
    Ok(app
        .store()
        .save_paper(visit.actor()?, &from.id, SavePaper { parent: from.state, text: &text })
        .await?)
}

async fn answer(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let item = fields.get("asked").to_owned();
    match take(&app, &visit, &id, &fields).await? {
        Taken::Saved => {
            let (item, base) = (anshin_pages::encode(&item), format!("/rounds/{id}"));
            Ok(go_to(&format!("{base}/ask?after={item}&told={item}")))
        }
        Taken::Left(now, form) => {
            let entry = form.entries.get(item.as_str());
            let html = pages::question_page(&chrome(&visit), now.shown(), &item, entry, None);
            html.map(|html| page_with(StatusCode::UNPROCESSABLE_ENTITY, html)).ok_or(WebError::NotFound)
        }
    }
}

async fn ask_all(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    Ok(page(pages::all_questions(&chrome(&visit), open.shown(), &indexmap::IndexMap::new())))
}

async fn answer_all(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    match take(&app, &visit, &id, &fields).await? {
        Taken::Saved => {
            let base = format!("/rounds/{id}");
            let to = if fields.get("then") == "stay" { format!("{base}/all") } else { base };
            Ok(go_to(&with_word(&to, "saved")))
        }
        Taken::Left(now, form) => {
            let html = pages::all_questions(&chrome(&visit), now.shown(), &form.entries);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html))
        }
    }
}

/// Rounds of the same checklist that were begun before, the newest first.
async fn earlier(app: &App, visit: &Visit, open: &Open) -> Result<Vec<Open>, WebError> {
    let mut out = Vec::new();
    for kept in app.store().papers(visit.actor()?, PaperKind::Round).await? {
        let is_before = kept.created < open.kept.created;
        if kept.about == open.kept.about && is_before && kept.archived.is_none() {
            out.push(open_kept(app, visit, kept, None).await?);
        }
        if out.len() == MOST_EARLIER {
            break;
        }
    }
    Ok(out)
}

/// Values of others to compare with, and the group among them.
pub(super) type Others<'a> = Option<(&'a Reference, Option<&'a str>)>;

fn report(
    open: &Open,
    earlier: &[Round],
    others: Others<'_>,
    visit: &Visit,
) -> Result<StandingReport, WebError> {
    let (reference, group) = (others.map(|own| own.0), others.and_then(|own| own.1));
    let (target, catalog) = (None, desk()?.catalog);
    let rounds = Rounds { now: &open.round, earlier, target, reference, group, catalog };
    Ok(standing_report(rounds, visit.lang))
}

async fn result(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    Ok(page(result_page(&app, &visit, &open, Fields(query).get("with"), None, None).await?))
}

/// Where a round leaves one; `with` is the earlier round to compare with, the newest if it is empty.
pub(super) async fn result_page(
    app: &App,
    visit: &Visit,
    open: &Open,
    with: &str,
    others: Others<'_>,
    problem: Option<&Text>,
) -> Result<String, WebError> {
    let mut before = earlier(app, visit, open).await?;
    let lines = lines(visit, &before, |_| true)?;
    let wanted = before.iter().position(|own| own.id.as_str() == with).unwrap_or_default();
    let with = before.get(wanted).map(|own| own.id.to_string());
    // What is compared with comes first.
    before.drain(..wanted);
    let rounds: Vec<Round> = before.into_iter().map(|own| own.round).collect();
    let report = report(open, &rounds, others, visit)?;
    let progress = standing(&open.round, desk()?.catalog).progress;
    let systems = systems(app, visit, &open.round.list).await?;
    let (desk, list) = (desk()?, &open.round.list);
    let next: Vec<_> = desk.checklists.after(list).map(|next| (next.id.as_str(), &next.title)).collect();
    let around = Around {
        next: &next,
        decides_policies: desk.policies.iter().any(|texts| texts.asks(&list.id)),
        open: progress.asked - progress.answered,
        earlier: &lines,
        with: with.as_deref(),
        systems: &systems,
        system: open.kept.system.as_ref().map(SystemId::as_str),
        problem,
    };
    Ok(pages::round_result(&chrome(visit), open.shown(), &report, around))
}

/// The systems that answers to a checklist may be about.
async fn systems(app: &App, visit: &Visit, list: &Checklist) -> Result<Vec<(String, Text)>, WebError> {
    if !list.items().any(|(_, item)| item.asks_about_a_system()) {
        return Ok(Vec::new());
    }
    let all = app.store().systems(visit.actor()?).await?.into_iter();
    let all = all.filter(|system| system.archived.is_none());
    Ok(all.map(|system| (system.id.to_string(), system.name)).collect())
}

async fn evidence(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    let report = report(&open, &[], None, &visit)?;
    let waiting = reviewed(&open.round, visit.actor()?.name(), &visit.today()).len();
    Ok(page(pages::register_page(&chrome(&visit), open.shown(), &report, waiting)))
}

async fn review(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    // What was seen is reviewed, not what came after.
    let open = open(&app, &visit, &id, Some(Fields(form).number("state")?)).await?;
    let done = reviewed(&open.round, visit.actor()?.name(), &visit.today());
    save(&app, &visit, &open, &done).await?;
    Ok(go_to(&with_word(&format!("{}/register", open.base), "done")))
}

async fn archive(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let aside = Fields(form).get("aside") == "yes";
    let paper = app.store().paper(visit.actor()?, PaperKind::Round, &PaperId::from_text(&*id)).await?;
    app.store().set_paper_archived(visit.actor()?, &paper.id, aside).await?;
    Ok(go_to(&with_word(
        if aside { "/checklists".to_owned() } else { format!("/rounds/{id}") }.as_str(),
        "done",
    )))
}

/// A round as a file.
async fn take_along(
    visit: Visit,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    round_file(&app, &visit, open, &wanted, None).await
}

pub(super) async fn round_file(
    app: &App,
    visit: &Visit,
    open: Open,
    wanted: &str,
    others: Others<'_>,
) -> Result<Response, WebError> {
    let lang = visit.lang;
    let (stem, ending) = wanted.rsplit_once('.').ok_or(WebError::NotFound)?;
    let name = format!("{}.{stem}.{ending}", open.round.list.id);
    let rounds = || async {
        let before: Vec<Round> = earlier(app, visit, &open).await?.into_iter().map(|own| own.round).collect();
        report(&open, &before, others, visit)
    };
    match wanted {
        "answers.yaml" => Ok(file(open.text.into_bytes(), "application/yaml", &name)),
        "answers.xlsx" => {
            let bytes =
                answers_book(&open.round, lang).map_err(|error| WebError::Inner(error.to_string()))?;
            Ok(file(bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &name))
        }
        "register.csv" => {
            let bytes = to_csv_utf8(&register(&open.round).plain(lang));
            Ok(file(bytes, "text/csv; charset=utf-8", &name))
        }
        "radar.svg" => {
            let radar = rounds().await?.radar.ok_or(WebError::NotFound)?;
            Ok(file(radar.svg.into_bytes(), "image/svg+xml", &name))
        }
        "report.html" => {
            let back = format!("{}/result", open.base);
            Ok(alone(&standing_html(&rounds().await?, lang), &back, lang))
        }
        "report.pdf" => {
            let (typesetter, report) = (typesetter()?, rounds().await?);
            let id = open.round.list.id.to_string();
            let branding = branding_for(app, visit).await?;
            let made = beside(move || (typesetter.standing)(&report, &id, &branding, lang)).await?;
            Ok(file(made.map_err(WebError::Bad)?, "application/pdf", &name))
        }
        _ => Err(WebError::NotFound),
    }
}
