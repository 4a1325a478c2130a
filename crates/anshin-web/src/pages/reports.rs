//! Reports in all formats, pictures, request sheets.

use std::sync::OnceLock;

use anshin_assess::{MeasureState, v1};
use anshin_checklist::Says;
use anshin_model::{Lang, Text};
use anshin_pages::pages;
use anshin_report::html::{self, Page};
use anshin_report::raster::{self, rasterize};
use anshin_report::workbook::{Book, Picture, xlsx};
use anshin_report::worksheet::Worksheet;
use anshin_report::{
    Branding, Request, StandingReport, Subject, answers_worksheet, figures, levels_after_measures,
    request_docx, request_html, requests, show_after_measures, worksheets,
};
use anshin_store::Right;
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use maud::html as markup;

use super::desk::{self, Fields, Look, Seen, beside, chrome, desk, seen};
use super::guest;
use super::settings::branding_for;
use crate::app::App;
use crate::error::WebError;
use crate::route::{Need, Route, reads};
use crate::visit::{Visit, page};

pub(super) fn routes() -> Vec<Route> {
    let read = Need::Right(Right::Read);
    vec![
        reads("/systems/{id}/reports", read, reports),
        reads("/systems/{id}/report.html", read, report_html),
        reads("/systems/{id}/report.pdf", read, report_pdf),
        reads("/systems/{id}/report.xlsx", read, report_xlsx),
        reads("/systems/{id}/report.yaml", read, report_yaml),
        reads("/systems/{id}/report.json", read, report_json),
        reads("/systems/{id}/pictures/{file}", read, picture),
        reads("/systems/{id}/request/{file}", read, request),
    ]
}

/// A document as PDF, or why there is none.
pub type Typeset = Result<Vec<u8>, Text>;

/// What writes PDF: the typesetter is by far the largest part of the program, so the program that
/// has it brings it.
#[derive(Clone, Copy)]
pub struct Typesetter {
    /// A report, by the id of its system.
    pub report: fn(&Page<'_>, &str, &Branding, Lang) -> Typeset,
    /// A request sheet, by its name.
    pub request: fn(&Request, &str, &Branding, Lang) -> Typeset,
    /// The report of a checklist, by the checklist's id.
    pub standing: fn(&StandingReport, &str, &Branding, Lang) -> Typeset,
}

static TYPESETTER: OnceLock<Typesetter> = OnceLock::new();

/// Brings the typesetter; the first that is brought counts.
pub fn bring_typesetter(typesetter: Typesetter) {
    TYPESETTER.get_or_init(|| typesetter);
}

pub(super) fn typesetter() -> Result<Typesetter, WebError> {
    TYPESETTER.get().copied().ok_or_else(|| {
        WebError::Bad(Text::new(
            "このサーバーではPDFを作れません。HTMLかExcelを使ってください",
            "this server makes no PDF; use HTML or Excel",
        ))
    })
}

/// A page that is complete in itself, with its own style and script, as it is for a file: it can fetch
/// nothing and send nothing. Laid over it is the way `back` to the page of the program that led here.
pub(super) fn alone(html: &str, back: &str, lang: Lang) -> Response {
    let words = Text::new("← 戻る", "← Back");
    let link = format!(
        "<body>\n<style>.back{{margin:.6rem 1rem}}@media print{{.back{{display:none}}}}</style>\n\
         <nav class=\"back\"><a href=\"{back}\">{}</a></nav>",
        words.get(lang)
    );
    let html = html.replacen("<body>", &link, 1);
    // The page names its own script by hash in a policy of its own; both policies hold.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                  base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-downloads allow-modals";
    let mut response = page(html);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Names the file that a browser saves; the names are made of ids.
pub(super) fn attached(response: &mut Response, name: &str) {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' }).collect();
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{plain}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
}

/// A file for the browser to save.
pub(super) fn file(bytes: Vec<u8>, media: &'static str, name: &str) -> Response {
    let mut response = ([(CONTENT_TYPE, HeaderValue::from_static(media))], bytes).into_response();
    attached(&mut response, name);
    response
}

impl Seen {
    fn stem(&self) -> &str {
        self.opened.document().system.id.as_str()
    }

    fn name(&self, visit: &Visit, extension: &str) -> String {
        format!("{}.{}.{extension}", self.stem(), visit.lang.code())
    }
}

/// What a report is made of: the newest revision, or with `revision` in the address that one alone.
struct Source {
    seen: Box<Seen>,
    said: Vec<Says>,
    branding: Branding,
    /// The beginning of the names of its files.
    stem: String,
    /// The page that leads to it.
    back: String,
}

impl Source {
    /// What a report is made of, or the page on which the text of the system can be mended.
    async fn of(
        app: &App,
        visit: &Visit,
        id: &str,
        query: Vec<(String, String)>,
    ) -> Result<Result<Self, Response>, WebError> {
        let query = Fields(query);
        let number = query.find("revision").map(|_| query.number("revision")).transpose()?;
        let seen = match number {
            Some(number) => desk::as_saved(app, visit, id, number).await?,
            None => match desk::look(app, visit, id).await? {
                Look::Seen(seen) => seen,
                Look::Broken(response) => return Ok(Err(response)),
            },
        };
        // Answers go on changing: they are no part of what was saved and approved.
        let said = if number.is_some() { Vec::new() } else { said(app, visit, &seen).await? };
        let mut branding = branding_for(app, visit).await?;
        branding.state = Some(state(app, visit, &seen).await?);
        let stem = seen.stem();
        let stem = number.map_or_else(|| stem.to_owned(), |number| format!("{stem}.{number}"));
        let back = format!("{}/{}", seen.base, if number.is_some() { "history" } else { "reports" });
        Ok(Ok(Self { seen, said, branding, stem, back }))
    }

    fn name(&self, visit: &Visit, extension: &str) -> String {
        format!("{}.{}.{extension}", self.stem, visit.lang.code())
    }
}

/// Which revision a report shows, who has approved it, and the hash of its content.
async fn state(app: &App, visit: &Visit, seen: &Seen) -> Result<Text, WebError> {
    let revision = &seen.content.revision;
    let approvals = app.store().approvals(visit.actor()?, &seen.id).await?;
    let of_it = approvals.iter().filter(|one| one.revision == revision.number && one.withdrawn.is_none());
    let mut names: Vec<&str> = of_it.map(|one| one.author_name.as_str()).collect();
    names.dedup();
    let (ja, en) = if names.is_empty() {
        ("承認前".to_owned(), "not approved".to_owned())
    } else {
        (format!("承認 {}", names.join("、")), format!("approved by {}", names.join(", ")))
    };
    let (number, hash) = (revision.number, revision.hash.get(..HASH_SHOWN).unwrap_or(&revision.hash));
    Ok(Text::new(
        format!("第{number}版 · {ja} · 内容のハッシュ {hash}"),
        format!("revision {number} · {en} · hash of the content {hash}"),
    ))
}

/// So much of a hash tells one revision from all others of an organization.
const HASH_SHOWN: usize = 16;

/// What a report is made of, or ends the handler with the page that mends it.
macro_rules! source {
    ($app:expr, $visit:expr, $id:expr, $query:expr) => {
        match Source::of($app, $visit, $id, $query).await? {
            Ok(source) => source,
            Err(response) => return Ok(response),
        }
    };
}

async fn reports(visit: Visit, State(app): State<App>, Path(id): Path<String>) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    show(&app, &visit, &seen, None).await
}

/// The page of reports; `fresh` is the address of a link that was just made.
pub(super) async fn show(
    app: &App,
    visit: &Visit,
    seen: &Seen,
    fresh: Option<&str>,
) -> Result<Response, WebError> {
    let chrome = chrome(visit);
    let (pictures, requests) = desk()?.with(&seen.opened, |subject| {
        let pictures: Vec<(String, Text)> =
            figures(subject, visit.lang).into_iter().map(|figure| (figure.id, figure.title)).collect();
        (pictures, requests(subject))
    });
    let sheets = pages::request_sheets(&chrome, &seen.base, &requests);
    let links = guest::links(app, visit, seen, &requests, fresh).await?;
    Ok(page(pages::reports(&chrome, &seen.shown(), &pictures, &markup! { (sheets) (links) })))
}

/// The worksheets of a system, and what answers of checklists say about its requirements.
fn sheets_of(subject: &Subject<'_>, said: &[Says]) -> Vec<Worksheet> {
    let mut sheets = worksheets(subject);
    if !said.is_empty() {
        sheets.push(answers_worksheet(subject, said));
    }
    sheets
}

async fn said(app: &App, visit: &Visit, seen: &Seen) -> Result<Vec<Says>, WebError> {
    Ok(super::rounds::said(app, visit, &seen.id).await?.into_iter().map(|(_, own)| own).collect())
}

/// Does something with the whole report.
fn with_report<T>(source: &Source, lang: Lang, work: impl FnOnce(&Page<'_>) -> T) -> Result<T, WebError> {
    let desk = desk()?;
    Ok(desk.with(&source.seen.opened, |subject| {
        let sheets = sheets_of(subject, &source.said);
        let mut page = anshin_report::page(subject, &sheets, lang);
        if let Some(after) = levels_after_measures(&desk.engine, subject) {
            show_after_measures(&mut page.figures, subject, &after, lang);
        }
        work(&page)
    }))
}

type Pairs = Query<Vec<(String, String)>>;

async fn report_html(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Pairs,
) -> Result<Response, WebError> {
    let source = source!(&app, &visit, &id, query);
    let html = with_report(&source, visit.lang, |page| html::html(page, &source.branding, visit.lang))?;
    Ok(alone(&html, &source.back, visit.lang))
}

async fn report_pdf(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Pairs,
) -> Result<Response, WebError> {
    let source = source!(&app, &visit, &id, query);
    let typesetter = typesetter()?;
    let (name, lang) = (source.name(&visit, "pdf"), visit.lang);
    let made = beside(move || {
        let set = |page: &Page<'_>| (typesetter.report)(page, &source.stem, &source.branding, lang);
        with_report(&source, lang, set)
    })
    .await??;
    Ok(file(made.map_err(WebError::Bad)?, "application/pdf", &name))
}

async fn report_xlsx(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Pairs,
) -> Result<Response, WebError> {
    let source = source!(&app, &visit, &id, query);
    let (name, lang) = (source.name(&visit, "xlsx"), visit.lang);
    let made = beside(move || -> Result<_, WebError> {
        Ok(desk()?.with(&source.seen.opened, |subject| {
            let sheets = sheets_of(subject, &source.said);
            let fonts = raster::Fonts::of_this_machine();
            let pictures: Vec<Picture> = figures(subject, lang)
                .iter()
                .map(|figure| Picture { title: figure.title.clone(), drawn: rasterize(&figure.svg, &fonts) })
                .collect();
            xlsx(&Book {
                subject,
                tree: source.seen.opened.tree(),
                worksheets: &sheets,
                pictures: &pictures,
                branding: &source.branding,
                lang,
            })
        }))
    })
    .await??;
    let bytes = made.map_err(|error| WebError::Inner(error.to_string()))?;
    Ok(file(bytes, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &name))
}

async fn report_yaml(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Pairs,
) -> Result<Response, WebError> {
    let source = source!(&app, &visit, &id, query);
    let name = format!("{}.yaml", source.stem);
    Ok(file(source.seen.content.text.into_bytes(), "application/yaml", &name))
}

async fn report_json(
    visit: Visit,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Pairs,
) -> Result<Response, WebError> {
    let source = source!(&app, &visit, &id, query);
    let bytes = serde_json::to_vec_pretty(&assessment_json(&source.seen)?);
    let bytes = bytes.map_err(|error| WebError::Inner(error.to_string()))?;
    Ok(file(bytes, "application/json", &format!("{}.json", source.stem)))
}

/// The assessment in the published format, with scenarios.
pub(crate) fn assessment_json(seen: &Seen) -> Result<serde_json::Value, WebError> {
    let desk = desk()?;
    let system = desk.system(&seen.opened);
    let report = v1::Report::new(&seen.opened.assessment, desk.catalog);
    let value = match desk.catalog.matrices.get("standard") {
        Some(matrix) => {
            let terrain = desk.engine.terrain(&system, &seen.opened.assessment);
            let scenarios = terrain.scenarios(matrix, &MeasureState::in_place(seen.opened.document()));
            serde_json::to_value(report.with_scenarios(&terrain, &scenarios))
        }
        None => serde_json::to_value(report),
    };
    value.map_err(|error| WebError::Inner(error.to_string()))
}

async fn picture(
    visit: Visit,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let wanted = wanted.strip_suffix(".svg").ok_or(WebError::NotFound)?;
    let found = desk()?.with(&seen.opened, |subject| {
        figures(subject, visit.lang).into_iter().find(|figure| figure.id == wanted)
    });
    let found = found.ok_or(WebError::NotFound)?;
    Ok(file(found.svg.into_bytes(), "image/svg+xml", &seen.name(&visit, &format!("{wanted}.svg"))))
}

/// A request sheet: `STAKEHOLDER.html`, `.docx` or `.pdf`.
async fn request(
    visit: Visit,
    State(app): State<App>,
    Path((id, wanted)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let seen = seen!(&app, &visit, &id);
    let (who, format) = wanted.rsplit_once('.').ok_or(WebError::NotFound)?;
    let all = desk()?.with(&seen.opened, requests);
    let request = all.into_iter().find(|request| request.stakeholder == *who).ok_or(WebError::NotFound)?;
    let branding = branding_for(&app, &visit).await?;
    let stem = format!("{}-{who}", seen.stem());
    let name = format!("{stem}.{}.{format}", visit.lang.code());
    let lang = visit.lang;
    match format {
        "html" => {
            Ok(alone(&request_html(&request, &branding, lang), &format!("{}/reports", seen.base), lang))
        }
        "docx" => {
            let bytes = request_docx(&request, &branding, lang)
                .map_err(|error| WebError::Inner(error.to_string()))?;
            Ok(file(bytes, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &name))
        }
        "pdf" => {
            let typesetter = typesetter()?;
            let made = beside(move || (typesetter.request)(&request, &stem, &branding, lang)).await?;
            Ok(file(made.map_err(WebError::Bad)?, "application/pdf", &name))
        }
        _ => Err(WebError::NotFound),
    }
}
