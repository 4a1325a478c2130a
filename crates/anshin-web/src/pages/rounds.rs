//! What else becomes of a round: a filled workbook brought back, values of others beside it, the system
//! that it is about, and what it says there.

use anshin_checklist::compare::{BadReference, Reference};
use anshin_checklist::csv::decode;
use anshin_checklist::{File, Given, Round, Says, Subject, fill, says};
use anshin_model::{Lang, Text};
use anshin_pages::answering::with_answers;
use anshin_pages::pages::{self, FileBrought};
use anshin_report::tables;
use anshin_store::{Right, SavePaper, SystemId};
use axum::extract::{Form, Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::checklists::{Open, all, company, is_newest, is_of, open, read, result_page, round_file};
use super::desk::{Fields, beside, chrome, desk, with_word};
use super::upload::{Upload, brought_page, problem_line};
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let need = Need::Right;
    vec![
        reads("/rounds/{round}/import", need(Right::Edit), import),
        acts("/rounds/{round}/import", need(Right::Edit), bring),
        acts("/rounds/{round}/text", need(Right::Edit), save_text),
        acts("/rounds/{round}/group", need(Right::Read), group),
        acts("/rounds/{round}/system", need(Right::Edit), set_system),
    ]
}

async fn import(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    Ok(page(pages::round_import(&chrome(&visit), open.shown(), None)))
}

/// Shows what a workbook changes.
async fn bring(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    let upload = Upload::read(form, "file").await?;
    let (lang, today, by) = (visit.lang, visit.today(), visit.actor()?.name().to_owned());
    let (open, brought) = beside(move || {
        let brought = compared(&open, &upload, (&today, &by), lang);
        (open, brought)
    })
    .await?;
    let brought = brought?;
    let html = pages::round_import(&chrome(&visit), open.shown(), Some(&brought));
    Ok(brought_page(&brought, html))
}

fn compared(
    open: &Open,
    upload: &Upload,
    (today, by): (&str, &str),
    lang: Lang,
) -> Result<FileBrought, WebError> {
    let mut brought = FileBrought { name: upload.short_name(), ..FileBrought::default() };
    let file = File { name: brought.name.clone(), bytes: upload.bytes.to_vec() };
    let mut sheets = match tables(&file) {
        Ok(sheets) => sheets,
        Err(problem) => {
            brought.problems.push(problem.get(lang).to_owned());
            return Ok(brought);
        }
    };
    // The sheet with answers in it, else the first, so that something is told about it.
    let place = sheets.iter().position(|(_, rows)| fill::is_table(rows)).unwrap_or_default();
    let rows = if sheets.is_empty() { Vec::new() } else { sheets.swap_remove(place).1 };
    let mut filled = fill::filled(&rows, &open.round, today);
    for given in &mut filled.changed {
        keep_marks(given, open.round.given.get(&given.id), by);
    }
    filled.changed.retain(|given| open.round.given.get(&given.id) != Some(given));
    brought.problems = filled
        .problems
        .iter()
        .map(|problem| {
            let row = (problem.row > 0).then_some(problem.row);
            problem_line(row, (&problem.message, &problem.hint), lang)
        })
        .collect();
    if !brought.problems.is_empty() || filled.changed.is_empty() {
        return Ok(brought);
    }
    let list = &open.round.list;
    let lines = filled.changed.iter().filter_map(|given| {
        let (_, item) = list.item(given.id.as_str())?;
        let words = |given: Option<&Given>| match given {
            Some(given) if given.is_answered() => list.answer_words(item, given),
            _ => Text::same("—"),
        };
        let (before, now) = (words(open.round.given.get(&given.id)), words(Some(given)));
        let what = if before == now {
            Text::new("{item}: ほかの欄", "{item}: other cells")
        } else {
            Text::new("{item}: {before} → {now}", "{item}: {before} → {now}")
        };
        let label = Text::same(item.label());
        let item = Text::new("{label} {short}", "{label} {short}")
            .fill(&[("label", &label), ("short", item.short())]);
        Some(what.fill(&[("item", &item), ("before", &before), ("now", &now)]))
    });
    brought.changes = vec![(Text::new("変わる答え", "Answers that change"), lines.collect())];
    let text = with_answers(&open.text, &open.round, &filled.changed);
    brought.text = Some(text.map_err(|error| WebError::Inner(error.to_string()))?);
    Ok(brought)
}

/// A workbook reviews nothing, and what somebody has looked at is what was there then: a new answer is
/// that of whoever brings it, unless it says whose it is.
fn keep_marks(given: &mut Given, before: Option<&Given>, by: &str) {
    let same = |own: &&Given| (&own.value, own.out_of_scope) == (&given.value, given.out_of_scope);
    let kept = before.filter(same);
    let marks = kept.map(|own| (own.reviewer.clone(), own.reviewed.clone()));
    if kept.is_none() && given.by == before.and_then(|own| own.by.clone()) {
        given.by = given.is_answered().then(|| by.to_owned());
    }
    (given.reviewer, given.reviewed) = marks.unwrap_or_default();
}

/// Whether answers claim a review that the ones they come from do not have.
fn is_forged(round: &Round, from: &Round) -> bool {
    let claims = |given: &&Given| given.reviewer.is_some() || given.reviewed.is_some();
    let unknown = |given: &Given| from.given.get(&given.id) != Some(given);
    round.answers.reviewer != from.answers.reviewer || round.given.values().filter(claims).any(unknown)
}

/// Saves what was shown.
async fn save_text(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let from = open(&app, &visit, &id, Some(fields.number("state")?)).await?;
    let text = fields.text("text");
    let round = read(desk()?, &text)?;
    if is_forged(&round, &from.round) {
        return Err(WebError::Bad(Text::new(
            "レビューの記録は取り込めません。レビューはこの画面で行ってください",
            "reviews cannot be brought in; answers are reviewed on these pages",
        )));
    }
    if round.list.id != from.round.list.id {
        return Err(WebError::Bad(Text::new(
            "別のチェックシートの回答です",
            "these are answers to another checklist",
        )));
    }
    let save = SavePaper { parent: from.state, text: &text };
    app.store().save_paper(visit.actor()?, &from.id, save).await?;
    Ok(go_to(&with_word(&from.base, "saved")))
}

/// A round among the values of others, which are not kept.
async fn group(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    let upload = Upload::read(form, "file").await?;
    let group = Some(upload.fields.get("group").trim()).filter(|group| !group.is_empty());
    let reference = match reference(&open, &upload, group) {
        Ok(reference) => reference,
        Err(problem) => {
            let html = result_page(&app, &visit, &open, "", None, Some(&problem)).await?;
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html));
        }
    };
    let others = Some((&reference, group));
    match upload.fields.get("as") {
        word @ ("pdf" | "html") => round_file(&app, &visit, open, &format!("report.{word}"), others).await,
        _ => Ok(page(result_page(&app, &visit, &open, "", others, None).await?)),
    }
}

/// The values of others, if any of them can be compared with.
fn reference(open: &Open, upload: &Upload, group: Option<&str>) -> Result<Reference, Text> {
    let text = decode(&upload.bytes)?;
    let reference = Reference::from_csv(&text).map_err(|BadReference(why)| why)?;
    let Some(headline) = open.round.list.scores.first() else { return Ok(reference) };
    let id = headline.id.as_str();
    if reference.values(id, None).is_empty() {
        return Err(Text::new(
            format!("列`{id}`がありません。見出しに点数の識別子を書いてください"),
            format!("there is no column `{id}`; write the ids of scores as headings"),
        ));
    }
    if reference.values(id, group).is_empty() {
        let mut known: Vec<&str> = reference.rows.iter().filter_map(|(group, _)| group.as_deref()).collect();
        known.sort_unstable();
        known.dedup();
        let known = known.join(", ");
        let group = group.unwrap_or_default();
        return Err(Text::new(
            format!("グループ「{group}」はありません。あるもの: {known}"),
            format!("there is no group \u{201c}{group}\u{201d}; there are: {known}"),
        ));
    }
    Ok(reference)
}

async fn set_system(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let open = open(&app, &visit, &id, None).await?;
    let system = Some(fields.get("system")).filter(|id| !id.is_empty()).map(SystemId::from_text);
    app.store().set_paper_system(visit.actor()?, &open.id, system.as_ref()).await?;
    Ok(go_to(&with_word(&open.base, "done")))
}

/// What answers say about the requirements of a system, with the address of each round: the newest
/// answers to each checklist about this system, and those about the organization, not about another company.
pub(super) async fn said(
    app: &App,
    visit: &Visit,
    system: &SystemId,
) -> Result<Vec<(String, Says)>, WebError> {
    let mut all = all(app, visit).await?;
    all.retain(|open| match (&open.kept.system, open.round.list.subject) {
        (Some(own), _) => own == system,
        (None, subject) => subject == Subject::Organization,
    });
    let rounds: Vec<&Open> = all.iter().filter(|open| is_newest(&all, open)).collect();
    let company = company(&rounds, |_| false, visit.actor()?, visit.lang);
    let newest = rounds.into_iter().filter(|open| is_of(open, company));
    Ok(newest.flat_map(|open| says(&open.round).into_iter().map(|own| (open.base.clone(), own))).collect())
}
