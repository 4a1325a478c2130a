//! All systems, and making new ones.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use anshin_model::document::{Economic, Recovery};
use anshin_model::shape::Vocabulary;
use anshin_model::{Lang, Text};
use anshin_pages::Desk;
use anshin_pages::pages::{self, Aside, Line};
use anshin_pages::proposal::proposals;
use anshin_pages::step::{Around, overdue, progress};
use anshin_store::{Draft, Right, System};
use axum::extract::{Form, Query, State};
use axum::response::Response;
use include_dir::{Dir, include_dir};

use super::desk::{Fields, beside, chrome, desk, with_word};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, page};

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

pub(super) fn routes() -> Vec<Route> {
    let (read, edit) = (Need::Right(Right::Read), Need::Right(Right::Edit));
    vec![
        reads("/", read, home),
        reads("/new", edit, start),
        reads("/new/picture", edit, picture),
        acts("/new", edit, create),
        acts("/new/example", edit, example),
        reads("/new/text", edit, paste),
        acts("/new/text", edit, pasted),
        acts("/check", edit, check),
    ]
}

/// What the list tells of a document: the same as long as document, approval and day are.
#[derive(Default)]
struct Summary {
    levels: Option<(Recovery, Economic)>,
    within: bool,
    outside: usize,
    stale: usize,
    open: usize,
    overdue: usize,
    steps: usize,
}

/// Content, whether it is approved, and the day.
type Key = (String, bool, String);

/// Summaries that were made: an assessment is a pure function.
static SUMMARIES: LazyLock<Mutex<BTreeMap<Key, Arc<Summary>>>> = LazyLock::new(Mutex::default);
/// Most summaries that are kept.
const MOST: usize = 4096;

async fn line(app: &App, visit: &Visit, system: System, today: &str) -> Result<Line, WebError> {
    let approved = system.approved == Some(system.latest);
    let key = (system.hash.clone(), approved, today.to_owned());
    let known = SUMMARIES.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    let summary = if let Some(summary) = known {
        summary
    } else {
        let content = app.store().latest(visit.actor()?, &system.id).await?;
        let desk = desk()?;
        let (lang, today) = (visit.lang, today.to_owned());
        let made = beside(move || summary(desk, &content.text, approved, &today, lang)).await?;
        let made = Arc::new(made);
        let mut all = SUMMARIES.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key, Arc::clone(&made));
        made
    };
    Ok(Line {
        address: format!("/systems/{}", system.id),
        saved: format!("{} · {}", visit.moment(system.changed), system.changed_by),
        name: system.name,
        levels: summary.levels,
        within: summary.within,
        outside: summary.outside,
        stale: summary.stale,
        overdue: summary.overdue,
        open: summary.open,
        steps: summary.steps,
        approved,
    })
}

fn summary(desk: &Desk, text: &str, approved: bool, today: &str, lang: Lang) -> Summary {
    let Ok(opened) = desk.open(text) else { return Summary::default() };
    let ratings = &opened.assessment.ratings;
    let recovery = ratings.iter().map(|r| r.recovery).max().unwrap_or_default();
    let economic = ratings.iter().map(|r| r.economic).max().unwrap_or_default();
    let mut outside: Vec<_> = ratings.iter().filter(|r| !r.within()).map(|r| &r.stakeholder).collect();
    outside.dedup();
    desk.with(&opened, |subject| {
        let proposals = proposals(subject);
        let around = Around { approved, warnings: opened.found(lang).len(), today };
        let steps = progress(subject, &proposals, around);
        Summary {
            levels: Some((recovery, economic)),
            within: outside.is_empty(),
            outside: outside.len(),
            stale: opened.assessment.stale.len(),
            open: proposals.iter().filter(|one| one.first && one.open()).count(),
            overdue: overdue(subject, today),
            steps: steps.iter().filter(|step| step.complete()).count(),
        }
    })
}

/// The examples by file name, with the names of their systems.
fn examples() -> Vec<(String, Text)> {
    let mut all: Vec<(String, Text)> = EXAMPLES
        .files()
        .filter_map(|file| {
            let stem = file.path().file_stem()?.to_str()?.to_owned();
            let opened =
                anshin_model::load::load_text("example.yaml", file.contents_utf8()?, &Vocabulary::default());
            let name = opened.tree.as_ref()?.get("system")?.get("name")?.clone();
            let in_lang = |lang: &str| {
                name.get(lang).and_then(|n| n.scalar()).or_else(|| name.scalar()).unwrap_or(&stem).to_owned()
            };
            Some((stem.clone(), Text::new(in_lang("ja"), in_lang("en"))))
        })
        .collect();
    all.sort();
    // The one that the documentation tells of comes first.
    all.sort_by_key(|(id, _)| id != "gas-water-heater");
    all
}

static NAMES: LazyLock<Vec<(String, Text)>> = LazyLock::new(examples);

async fn home(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let systems = app.store().systems(visit.actor()?).await?;
    let today = visit.today();
    let (mut lines, mut aside) = (Vec::with_capacity(systems.len()), Vec::new());
    for system in systems {
        match system.archived {
            None => lines.push(line(&app, &visit, system, &today).await?),
            Some(since) => aside.push(Aside {
                address: format!("/systems/{}", system.id),
                name: system.name,
                since: visit.moment(since),
            }),
        }
    }
    Ok(page(pages::portfolio(&chrome(&visit), &lines, &aside, &NAMES, Fields(query).get("only"))))
}

async fn start(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let fields = Fields(query);
    let desk = desk()?;
    let answers = pages::answers_of(&desk.guide, fields.pairs());
    Ok(page(pages::start(&chrome(&visit), desk, &answers, fields.find("ask"))))
}

async fn picture(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let desk = desk()?;
    let answers = pages::answers_of(&desk.guide, Fields(query).pairs());
    Ok(page(pages::growing(&chrome(&visit), desk, &answers).into_string()))
}

async fn make(app: &App, visit: &Visit, text: &str, why: &str) -> Result<Response, WebError> {
    let system = app.store().create_system(visit.actor()?, Draft { text, why }).await?;
    Ok(go_to(&with_word(&format!("/systems/{}", system.id), "created")))
}

async fn create(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let desk = desk()?;
    let answers = pages::answers_of(&desk.guide, Fields(form).pairs());
    let text = desk.guide.document(&answers, visit.lang);
    if desk.open(&text).is_err() {
        return Ok(page(pages::start(&chrome(&visit), desk, &answers, None)));
    }
    make(&app, &visit, &text, visit.say("質問に答えて作成", "made by the guided start")).await
}

async fn example(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let name = format!("{}.yaml", fields.get("example"));
    let text = EXAMPLES.get_file(&name).and_then(|file| file.contents_utf8()).ok_or(WebError::NotFound)?;
    make(&app, &visit, text, visit.say("例の写し", "copy of an example")).await
}

async fn paste(visit: Visit) -> Response {
    page(pages::text_view(&chrome(&visit), None, "", &[], None))
}

async fn pasted(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let text = fields.text("text");
    let found = match desk()?.open(&text) {
        Ok(_) if fields.get("act") == "save" => {
            return make(&app, &visit, &text, visit.say("文書の貼り付け", "pasted document")).await;
        }
        Ok(opened) => opened.found(visit.lang),
        Err(broken) => broken.found(visit.lang),
    };
    Ok(page(pages::text_view(&chrome(&visit), None, &text, &found, None)))
}

/// What is wrong with a text, as a piece of a page.
async fn check(visit: Visit, Form(form): Form<Vec<(String, String)>>) -> Result<Response, WebError> {
    let text = Fields(form).text("text");
    let found = match desk()?.open(&text) {
        Ok(opened) => opened.found(visit.lang),
        Err(broken) => broken.found(visit.lang),
    };
    Ok(page(pages::found_list(&chrome(&visit), &found).into_string()))
}
