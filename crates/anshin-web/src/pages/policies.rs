//! Policies and the employee handbook out of the answers that are kept.

use std::collections::BTreeMap;

use anshin_checklist::Round;
use anshin_checklist::policy::{Document, Mark, Texts, document};
use anshin_model::Text;
use anshin_pages::pages::{self, PolicyLine, policy_title, policy_words};
use anshin_report::policy_docx;
use anshin_store::{NewPaper, Paper, PaperKind, Right, SavePaper};
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;

use super::checklists::{Open, all, company, is_newest_answered, is_of, lines};
use super::desk::{Fields, chrome, desk, with_word};
use super::reports::{alone, file};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/policies", read, policies),
        reads("/policies/{file}", read, one),
        acts("/policies/issue", Need::Right(Right::Approve), issue),
    ]
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

/// What was issued of each document in a language, by its id.
struct Issued(BTreeMap<String, Paper>);

impl Issued {
    async fn load(app: &App, visit: &Visit) -> Result<Self, WebError> {
        let all = app.store().papers(visit.actor()?, PaperKind::Policy).await?;
        Ok(Self(all.into_iter().map(|paper| (paper.about.clone(), paper)).collect()))
    }

    fn of(&self, texts: &Texts, visit: &Visit) -> Option<&Paper> {
        self.0.get(&name_of(texts, visit))
    }

    /// An issue of a document; the last one if no number is named.
    async fn read(
        &self,
        app: &App,
        visit: &Visit,
        texts: &Texts,
        number: Option<u64>,
    ) -> Result<Option<Document>, WebError> {
        let Some(paper) = self.of(texts, visit) else { return Ok(None) };
        let (_, text) = app.store().paper_text(visit.actor()?, &paper.id, number).await?;
        Ok(Some(Document::from_markdown(texts.id.clone(), &text)))
    }
}

/// Keeps a text as the next state of a paper, or as the first of a new one.
async fn keep(
    app: &App,
    visit: &Visit,
    paper: Option<&Paper>,
    (kind, about): (PaperKind, &str),
    text: &str,
) -> Result<(), WebError> {
    let (store, actor) = (app.store(), visit.actor()?);
    if let Some(paper) = paper {
        store.save_paper(actor, &paper.id, SavePaper { parent: paper.latest, text }).await?;
    } else {
        store.create_paper(actor, NewPaper { kind, about, system: None, text }).await?;
    }
    Ok(())
}

/// The words of the last issue.
async fn kept_words(app: &App, visit: &Visit) -> Result<Option<Paper>, WebError> {
    Ok(app.store().papers(visit.actor()?, PaperKind::PolicyWords).await?.pop())
}

/// Documents are issued in each language apart.
fn name_of(texts: &Texts, visit: &Visit) -> String {
    format!("{}.{}", texts.id, visit.lang.code())
}

/// The words of the last issue as fields of the form.
async fn words_before(app: &App, visit: &Visit) -> Result<Vec<(String, String)>, WebError> {
    let Some(paper) = kept_words(app, visit).await? else {
        return Ok(vec![("company".to_owned(), visit.actor()?.organization_name().to_owned())]);
    };
    let (_, text) = app.store().paper_text(visit.actor()?, &paper.id, None).await?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(name, words)| (name.to_owned(), words.to_owned())).collect())
}

async fn policies(
    visit: Visit,
    State(app): State<App>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let (desk, mut fields) = (desk()?, Fields(query));
    let kept = all(&app, &visit).await?;
    let issued = Issued::load(&app, &visit).await?;
    let decides = |open: &Open| desk.policies.iter().any(|texts| texts.asks(&open.round.list.id));
    let from = fields.all("from");
    let is_named = |open: &Open| from.iter().any(|id| open.id.as_str() == id);
    let is_listed = |open: &Open| (is_named(open) || is_newest_answered(&kept, open)) && decides(open);
    let listed = lines(&visit, &kept, is_listed)?;
    if fields.find("made").is_none() {
        // The first time, everything that is known of the company goes in.
        let known: Vec<&Open> = kept.iter().filter(|open| is_listed(open)).collect();
        let company = company(&known, is_named, visit.actor()?, visit.lang);
        let more = known.iter().filter(|open| !is_named(open) && is_of(open, company));
        fields.0.extend(more.map(|open| ("from".to_owned(), open.id.to_string())));
        fields.0.extend(words_before(&app, &visit).await?);
        fields.0.push(("marks".to_owned(), "yes".to_owned()));
    }
    let rounds = chosen(kept, &fields);
    let (words, today) = (words(&fields)?, visit.today());
    let mut documents = Vec::new();
    for texts in &desk.policies {
        let made = document(texts, &rounds, &words, &today, visit.lang);
        let last = issued.read(&app, &visit, texts, None).await?;
        let mut issues = Vec::new();
        if let Some(paper) = issued.of(texts, &visit) {
            for state in app.store().paper_states(visit.actor()?, &paper.id).await? {
                let words = format!("{}. {} · {}", state.number, visit.moment(state.at), state.author_name);
                issues.push((state.number, words));
            }
        }
        documents.push(PolicyLine {
            id: texts.id.to_string(),
            title: policy_title(&made),
            about: texts.about.clone(),
            applies: !made.is_empty(),
            changes: last.map(|last| changes(&made.against(&last))),
            issues,
        });
    }
    Ok(page(pages::policies(&chrome(&visit), desk, (&listed, &fields.0), &documents)))
}

/// How many pieces differ from the last issue.
fn changes(marked: &Document) -> usize {
    marked.blocks.iter().filter(|block| block.mark != Mark::Same).count()
}

/// Keeps the documents as they are now: one, or all that have changed.
async fn issue(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let rounds = chosen(all(&app, &visit).await?, &fields);
    let (words, today) = (words(&fields)?, visit.today());
    let issued = Issued::load(&app, &visit).await?;
    let wanted = fields.get("document");
    for texts in desk()?.policies.iter().filter(|own| wanted.is_empty() || own.id == *wanted) {
        let made = document(texts, &rounds, &words, &today, visit.lang);
        let last = issued.read(&app, &visit, texts, None).await?;
        if !made.is_empty() && last.is_none_or(|last| changes(&made.against(&last)) > 0) {
            let (paper, name) = (issued.of(texts, &visit), name_of(texts, &visit));
            keep(&app, &visit, paper, (PaperKind::Policy, &name), &made.markdown()).await?;
        }
    }
    let words: Vec<String> =
        words.iter().map(|(name, words)| format!("{name}={}", words.get(visit.lang))).collect();
    let before = kept_words(&app, &visit).await?;
    keep(&app, &visit, before.as_ref(), (PaperKind::PolicyWords, ""), &words.join("\n")).await?;
    Ok(go_to(&with_word("/policies", "done")))
}

/// A document: `ID.html`, `.docx` or `.md`; as it would be now, or as it was issued.
async fn one(
    visit: Visit,
    State(app): State<App>,
    Path(wanted): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let (id, format) = wanted.rsplit_once('.').ok_or(WebError::NotFound)?;
    let texts: &Texts = desk()?.policies.iter().find(|own| own.id == *id).ok_or(WebError::NotFound)?;
    let fields = Fields(query);
    let (lang, today) = (visit.lang, visit.today());
    let issued = Issued::load(&app, &visit).await?;
    let made = if let Some(number) = fields.find("issue") {
        let number = number.parse().map_err(|_| WebError::NotFound)?;
        issued.read(&app, &visit, texts, Some(number)).await?.ok_or(WebError::NotFound)?
    } else {
        let rounds = chosen(all(&app, &visit).await?, &fields);
        let made = document(texts, &rounds, &words(&fields)?, &today, lang);
        let last = issued.read(&app, &visit, texts, None).await?;
        let marked = last.filter(|_| fields.get("marks") == "yes").map(|last| made.against(&last));
        marked.unwrap_or(made)
    };
    match format {
        "html" => Ok(alone(&made.html(lang), "/policies", lang)),
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
