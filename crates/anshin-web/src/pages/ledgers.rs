//! Ledgers of information assets: begun, filled in, brought back, taken along.

use anshin_checklist::File;
use anshin_checklist::csv::{Encoding, to_csv, to_csv_utf8};
use anshin_checklist::ledger::{Ledger, LoadedLedger, Scale, load_ledger, sample, table};
use anshin_model::{Id, Text};
use anshin_pages::pages::{self, FileBrought, LedgerLine, RowForm, ShownLedger, StateLine};
use anshin_report::{ledger_book, read_ledger};
use anshin_store::{NewPaper, Paper, PaperId, PaperKind, Right, SavePaper, StoreError};
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::desk::{Fields, beside, chrome, desk, with_word};
use super::reports::file;
use super::upload::{Upload, brought_page, problem_line};
use crate::app::App;
use crate::error::WebError;
use crate::gate::random;
use crate::route::{Need, Route, acts, reads};
use crate::visit::{Visit, go_to, page, page_with};

pub(super) fn routes() -> Vec<Route> {
    let need = Need::Right;
    vec![
        reads("/ledgers", need(Right::Read), ledgers),
        acts("/ledgers", need(Right::Edit), begin),
        reads("/ledgers/{ledger}", need(Right::Read), ledger),
        acts("/ledgers/{ledger}", need(Right::Edit), save_row),
        acts("/ledgers/{ledger}/settings", need(Right::Edit), save_settings),
        reads("/ledgers/{ledger}/import", need(Right::Edit), import),
        acts("/ledgers/{ledger}/import", need(Right::Edit), bring),
        acts("/ledgers/{ledger}/text", need(Right::Edit), save_text),
        reads("/ledgers/{ledger}/files/{file}", need(Right::Read), take_along),
        acts("/ledgers/{ledger}/archive", need(Right::Edit), archive),
    ]
}

/// Opens a row that is to be added.
const NEW: &str = "+";

/// A ledger that is open on a page.
struct Open {
    base: String,
    kept: Paper,
    state: u64,
    ledger: Ledger,
    scale: &'static Scale,
}

impl Open {
    fn shown(&self) -> Result<ShownLedger<'_>, WebError> {
        Ok(ShownLedger {
            base: &self.base,
            ledger: &self.ledger,
            scale: self.scale,
            scales: &desk()?.scales,
            state: self.state,
            latest: self.kept.latest,
            archived: self.kept.archived.is_some(),
        })
    }
}

/// Opens a ledger in its newest state, or in the one that a form was made from.
async fn open(app: &App, visit: &Visit, id: &str, state: Option<u64>) -> Result<Open, WebError> {
    let id = PaperId::from_text(id);
    let kept = app.store().paper(visit.actor()?, PaperKind::Ledger, &id).await?;
    let (state, text) = app.store().paper_text(visit.actor()?, &id, state).await?;
    let (ledger, scale) = read(&text)?;
    Ok(Open { base: format!("/ledgers/{id}"), kept, state, ledger, scale })
}

fn read(text: &str) -> Result<(Ledger, &'static Scale), WebError> {
    let scales = &desk()?.scales;
    let loaded =
        load_ledger(File { name: "ledger.yaml".to_owned(), bytes: text.as_bytes().to_vec() }, scales);
    let scale = loaded.ledger.as_ref().and_then(|ledger| scales.get(ledger.scale.as_ref()));
    if let (Some(ledger), Some(scale)) = (loaded.ledger, scale) {
        return Ok((ledger, scale));
    }
    let why = loaded.diagnostics.into_iter().next().map(|first| first.message).unwrap_or_default();
    let text = Text::new("この台帳は開けません: {why}", "this ledger cannot be opened: {why}");
    Err(WebError::Bad(text.fill(&[("why", &why)])))
}

async fn ledgers(visit: Visit, State(app): State<App>) -> Result<Response, WebError> {
    let actor = visit.actor()?;
    let mut lines = Vec::new();
    for kept in app.store().papers(actor, PaperKind::Ledger).await? {
        let (_, text) = app.store().paper_text(actor, &kept.id, None).await?;
        // A ledger whose scale this program does not have stays in the list, with the reason.
        let (rows, bands, problem) = match read(&text) {
            Ok((ledger, scale)) => {
                let counts = ledger.counts(scale).into_iter();
                let bands = counts.map(|(band, count)| (band.name.clone(), count)).collect();
                (ledger.assets.len(), bands, None)
            }
            Err(WebError::Bad(why)) => (0, Vec::new(), Some(why)),
            Err(error) => return Err(error),
        };
        lines.push(LedgerLine {
            id: kept.id.to_string(),
            name: kept.name,
            rows,
            bands,
            problem,
            saved: format!("{} · {}", visit.moment(kept.changed), kept.changed_by),
            archived: kept.archived.is_some(),
        });
    }
    Ok(page(pages::ledgers(&chrome(&visit), &lines, &desk()?.scales, actor.organization_name())))
}

/// One line of words, as far as a field may hold them.
fn line(words: &str) -> Option<Text> {
    let words: String = words.trim().chars().filter(|c| !c.is_control()).take(120).collect();
    (!words.is_empty()).then(|| Text::same(words))
}

async fn begin(
    visit: Visit,
    State(app): State<App>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let scales = &desk()?.scales;
    let chosen = Some(fields.get("scale")).filter(|id| !id.is_empty()).map(Id::from);
    let scale = scales.get(chosen.as_ref()).ok_or(WebError::NotFound)?;
    let mut ledger = sample(scale, &visit.today());
    if fields.get("begin") != "sample" {
        ledger.assets.clear();
    }
    ledger.company = line(fields.get("company"));
    ledger.name_rows(&seed());
    let text = ledger.to_yaml(visit.lang);
    let new = NewPaper { kind: PaperKind::Ledger, about: "", system: None, text: &text };
    let made = app.store().create_paper(visit.actor()?, new).await?;
    Ok(go_to(&format!("/ledgers/{}", made.id)))
}

/// What the ids of new rows begin with: no two people give the same.
fn seed() -> String {
    format!("r{}", &random()[..8])
}

async fn ledger(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(query);
    let open = open(&app, &visit, &id, fields.get("state").parse().ok()).await?;
    let form = match fields.find("edit") {
        None => None,
        Some(NEW) => Some(RowForm::empty(&visit.today())),
        Some(key) => open.ledger.row(key).map(|asset| RowForm::of(asset, visit.lang)),
    };
    Ok(page(show(&app, &visit, &open, form.as_ref()).await?))
}

async fn show(app: &App, visit: &Visit, open: &Open, form: Option<&RowForm>) -> Result<String, WebError> {
    let others = desk()?.scales.iter().filter(|scale| scale.id != open.scale.id);
    let others: Vec<_> = others.map(|scale| (scale, open.ledger.in_scale(open.scale, scale))).collect();
    let states = app.store().paper_states(visit.actor()?, &open.kept.id).await?.into_iter();
    let states: Vec<StateLine> = states
        .map(|state| {
            (state.number, format!("{}. {} · {}", state.number, visit.moment(state.at), state.author_name))
        })
        .collect();
    Ok(pages::ledger_page(&chrome(visit), open.shown()?, form, &others, &states))
}

async fn save(app: &App, visit: &Visit, open: &Open, ledger: &Ledger) -> Result<u64, WebError> {
    let text = ledger.to_yaml(visit.lang);
    // What is kept can be read again.
    read(&text)?;
    let save = SavePaper { parent: open.state, text: &text };
    Ok(app.store().save_paper(visit.actor()?, &open.kept.id, save).await?)
}

async fn save_row(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let from = open(&app, &visit, &id, Some(fields.number("state")?)).await?;
    let (mut ledger, key) = (from.ledger.clone(), fields.find("key"));
    let mut form = RowForm::sent(key, &fields.0);
    let before = key.map(|key| from.ledger.row(key).ok_or(WebError::NotFound)).transpose()?;
    let mut place = String::new();
    if fields.get("act") == "remove" {
        ledger.take_out(key.unwrap_or_default());
    } else {
        let Some(mut asset) = form.read(from.scale, visit.lang, before) else {
            let now = open(&app, &visit, &id, None).await?;
            let html = show(&app, &visit, &now, Some(&form)).await?;
            return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, html));
        };
        let id = asset.id.get_or_insert_with(|| Id::from(seed().as_str()));
        place = format!("#row-{id}");
        ledger.put(asset);
    }
    match save(&app, &visit, &from, &ledger).await {
        Ok(_) => Ok(go_to(&format!("{}{place}", with_word(&from.base, "saved")))),
        Err(WebError::Store(StoreError::Conflict(_))) => {
            let now = open(&app, &visit, &id, None).await?;
            let by = Text::same(now.kept.changed_by.as_str());
            let is_gone = key.is_some_and(|key| now.ledger.row(key).is_none());
            let text = if is_gone {
                form.key = None;
                Text::new(
                    "{by}さんがその間にこの行を消しました。保存すると新しい行になります",
                    "{by} has removed this row meanwhile; saving makes a new one",
                )
            } else if now.scale.id != from.scale.id {
                Text::new(
                    "{by}さんがその間に尺度を変えました。値を選び直して保存してください",
                    "{by} has changed the scale meanwhile; choose the values again and save",
                )
            } else {
                Text::new(
                    "{by}さんがその間に同じ行を変えました。このまま保存すると置き換わります",
                    "{by} has changed the same row meanwhile; saving again replaces that",
                )
            };
            form.trouble = vec![text.fill(&[("by", &by)])];
            Ok(page_with(StatusCode::CONFLICT, show(&app, &visit, &now, Some(&form)).await?))
        }
        Err(error) => Err(error),
    }
}

async fn save_settings(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let from = open(&app, &visit, &id, Some(fields.number("state")?)).await?;
    let mut ledger = from.ledger.clone();
    let company = line(fields.get("company"));
    // Words that nobody touched keep both languages.
    let same = |own: &Text| company.as_ref().is_some_and(|new| own.get(visit.lang) == new.get(visit.lang));
    if !ledger.company.as_ref().is_some_and(same) {
        ledger.company = company;
    }
    pages::read_media(&mut ledger, from.scale, &|name| fields.find(name).map(str::to_owned));
    let wanted = Id::from(fields.get("scale"));
    if let Some(scale) = desk()?.scales.get(Some(&wanted)).filter(|scale| scale.id != from.scale.id) {
        ledger = ledger.in_scale(from.scale, scale);
    }
    save(&app, &visit, &from, &ledger).await?;
    Ok(go_to(&with_word(&from.base, "saved")))
}

async fn import(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    Ok(page(pages::ledger_import(&chrome(&visit), open.shown()?, None)))
}

/// Shows what a file changes.
async fn bring(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    form: Multipart,
) -> Result<Response, WebError> {
    let open = open(&app, &visit, &id, None).await?;
    let upload = Upload::read(form, "file").await?;
    let lang = visit.lang;
    let (open, brought) = beside(move || {
        let brought = compared(&open, &upload, lang);
        (open, brought)
    })
    .await?;
    let brought = brought?;
    let html = pages::ledger_import(&chrome(&visit), open.shown()?, Some(&brought));
    Ok(brought_page(&brought, html))
}

fn compared(open: &Open, upload: &Upload, lang: anshin_model::Lang) -> Result<FileBrought, WebError> {
    let mut brought = FileBrought { name: upload.short_name(), ..FileBrought::default() };
    let file = File { name: brought.name.clone(), bytes: upload.bytes.to_vec() };
    let scales = &desk()?.scales;
    let loaded = match read_ledger(file, scales, Some(&open.scale.id)) {
        Ok(loaded) => loaded,
        Err(problem) => {
            brought.problems.push(problem.get(lang).to_owned());
            return Ok(brought);
        }
    };
    let LoadedLedger { ledger, sources, diagnostics, lacks } = loaded;
    let Some(table) = ledger else {
        brought.problems = diagnostics
            .iter()
            .map(|one| {
                let row = one.span.map(|span| sources.line_column(span).0);
                let hint = one.hints.first().cloned().unwrap_or_default();
                problem_line(row, (&one.message, &hint), lang)
            })
            .collect();
        return Ok(brought);
    };
    // A ledger that names another scale comes over by rank.
    let table = match scales.get(table.scale.as_ref()).filter(|scale| scale.id != open.scale.id) {
        Some(scale) => table.in_scale(scale, open.scale),
        None => table,
    };
    let found = open.ledger.bring(table, &lacks, open.scale, lang, &seed());
    brought.text = (!found.is_empty()).then(|| found.ledger.to_yaml(lang));
    brought.changes = vec![
        (Text::new("加わる行", "New rows"), found.new),
        (Text::new("変わる行", "Rows that change"), found.changed),
        (Text::new("なくなる行", "Rows that go"), found.gone),
    ];
    Ok(brought)
}

/// Saves what was shown, or goes back to an earlier state.
async fn save_text(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let fields = Fields(form);
    let from = open(&app, &visit, &id, Some(fields.number("state")?)).await?;
    let ledger = match fields.find("from") {
        Some(_) => open(&app, &visit, &id, Some(fields.number("from")?)).await?.ledger,
        None => read(&fields.text("text"))?.0,
    };
    save(&app, &visit, &from, &ledger).await?;
    Ok(go_to(&with_word(&from.base, "saved")))
}

/// The ledger as a file.
async fn take_along(
    visit: Visit,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let Open { ledger, scale, .. } = open(&app, &visit, &id, None).await?;
    let lang = visit.lang;
    match wanted.as_str() {
        "ledger.yaml" => Ok(file(ledger.to_yaml(lang).into_bytes(), "application/yaml", &wanted)),
        "ledger.csv" => {
            let bytes = to_csv_utf8(&table(&ledger, scale, lang));
            Ok(file(bytes, "text/csv; charset=utf-8", &wanted))
        }
        "ledger.shift-jis.csv" => {
            let bytes = to_csv(&table(&ledger, scale, lang), Encoding::ShiftJis);
            let bytes = bytes.map_err(|error| WebError::Bad(error.text()))?;
            Ok(file(bytes, "text/csv; charset=shift_jis", &wanted))
        }
        "ledger.xlsx" => {
            let bytes =
                ledger_book(&ledger, scale, lang).map_err(|error| WebError::Inner(error.to_string()))?;
            Ok(file(bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &wanted))
        }
        _ => Err(WebError::NotFound),
    }
}

async fn archive(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, WebError> {
    let aside = Fields(form).get("aside") == "yes";
    let paper = app.store().paper(visit.actor()?, PaperKind::Ledger, &PaperId::from_text(id)).await?;
    app.store().set_paper_archived(visit.actor()?, &paper.id, aside).await?;
    let to = if aside { "/ledgers".to_owned() } else { format!("/ledgers/{}", paper.id) };
    Ok(go_to(&with_word(&to, "done")))
}
