//! `anshin report`: the assessment as files to hand over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anshin_assess::{LevelsAfter, MeasureState, ResidualRisk, Scenarios, Terrain};
use anshin_catalog::Catalog;
use anshin_checklist::Says;
use anshin_model::tree::Node;
use anshin_model::{Lang, Text, shape};
use anshin_monitor::evidence::Evidence;
use anshin_pdf::{Fonts, Pdf};
use anshin_plan::SystemPlan;
use anshin_quantify::Quantification;
use anshin_report::branding::{self, Branding};
use anshin_report::html::{Figure, Page, html};
use anshin_report::raster::{self, rasterize};
use anshin_report::workbook::{Book, Picture, xlsx};
use anshin_report::worksheet::Worksheet;
use anshin_report::{
    Request, Subject, answers_worksheet, cost_curve, money_worksheets, monitor_worksheet, page, request_docx,
    request_html, requests, scenario_worksheets, show_after_measures, worksheets,
};

use crate::beside::write_all;
use crate::cli::{ReportArgs, ReportFormat};
use crate::input::{self, Failure};
use crate::output::Output;
use crate::{paths, plan};

/// The folder of the request sheets, in that of the report.
const REQUESTS: &str = "requests";

/// Largest font file.
const MOST_FONT_BYTES: usize = 128 << 20;

/// What a report holds besides the assessment.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    /// The levels after measures, if there are measures.
    pub(crate) after: Option<&'a [LevelsAfter]>,
    /// Risk in money, if asked for.
    pub(crate) money: Option<&'a Quantification>,
    /// What answers of checklists say.
    pub(crate) answers: &'a [Says],
    /// What the records of a monitor show.
    pub(crate) watched: Option<&'a Evidence>,
    /// Scenarios, residual risk and chosen measures; a request sheet alone goes without.
    pub(crate) scenarios: Option<&'a InScenarios<'a>>,
}

/// Scenarios with the measures in place and planned, what stays of them, and the cheapest plan if
/// asked for: its search can take a while.
pub(crate) struct InScenarios<'a> {
    terrain: &'a Terrain<'a>,
    scenarios: Scenarios,
    residual: ResidualRisk,
    plan: Option<SystemPlan>,
}

impl<'a> InScenarios<'a> {
    pub(crate) fn new(
        terrain: &'a Terrain<'a>,
        catalog: &Catalog,
        args: &ReportArgs,
        output: Output,
    ) -> Result<Self, Failure> {
        let document = terrain.system().document;
        let matrix = paths::matrix(args.wishes.matrix.as_deref(), catalog)?;
        let options = plan::options(&args.wishes, terrain.system())?;
        if !args.plan && plan::asks_for_more(&args.wishes) {
            return Err(Failure::new(
                "予算や制限などの指定は、対策を選ぶ`--plan`と合わせて使ってください",
                "budgets, limits and the like go with `--plan`, which chooses measures",
            ));
        }
        let plan = args.plan.then(|| plan::chosen(terrain, matrix, &options, output)).transpose()?;
        let today = paths::day(args.wishes.today.as_deref())?;
        Ok(Self {
            terrain,
            scenarios: terrain.scenarios(matrix, &MeasureState::planned(document)),
            residual: paths::residual(terrain, matrix, document, &today),
            plan,
        })
    }

    /// The cheapest plan, if it was asked for.
    pub(crate) fn plan(&self) -> Option<&SystemPlan> {
        self.plan.as_ref()
    }

    fn sheets(&self, subject: &Subject<'_>) -> Vec<Worksheet> {
        let Self { terrain, scenarios, residual, plan } = self;
        let plan = plan.as_ref();
        scenario_worksheets(subject, anshin_report::InScenarios { terrain, scenarios, residual, plan })
    }
}

/// Makes all files first, then writes them: a failure leaves nothing half-made.
pub(crate) fn run(
    args: &ReportArgs,
    (subject, tree): (&Subject<'_>, &Node),
    beside: Beside<'_>,
    output: Output,
) -> Result<(), Failure> {
    let asked = Asked::new(args, subject)?;
    let branding = branding(args.branding.as_deref(), output)?;
    let mut maker = Maker {
        subject,
        tree,
        beside,
        branding,
        fonts: Fonts::none(),
        picture_fonts: raster::Fonts::none(),
        output,
        folder: &args.output,
        names: BTreeSet::new(),
        files: Vec::new(),
    };
    if asked.formats.contains(&ReportFormat::Pdf) {
        maker.fonts = fonts(&args.font)?;
    }
    if asked.formats.contains(&ReportFormat::Xlsx) && !asked.only_request {
        maker.picture_fonts = picture_fonts(&args.font)?;
    }
    maker.make(&asked)?;
    let files = maker.files;
    output.progress(None);
    write_all(&files)?;
    for (path, _) in &files {
        output.say(&Text::same(path.display().to_string()));
    }
    Ok(())
}

/// A request sheet holds the assessment and nothing of what may stand beside it in a report: what was asked
/// for and would not be in it is told.
pub(crate) fn goes_into_a_request(args: &ReportArgs) -> Result<(), Failure> {
    let wishes = &args.wishes;
    let of_the_plan = plan::asks_for_more(wishes) || wishes.matrix.is_some() || wishes.today.is_some();
    let beside = [
        (args.plan || of_the_plan, "対策の選定とその条件", "a choice of measures and what it goes by"),
        (args.money.is_some(), "金額で見たリスク", "risk in money"),
        (!args.answers.is_empty(), "チェックシートの回答", "answers of checklists"),
        (args.monitor.is_some(), "監視の記録", "records of a monitor"),
    ];
    let beside: Vec<_> = beside.into_iter().filter(|(given, ..)| *given).collect();
    if beside.is_empty() {
        return Ok(());
    }
    let ja = beside.iter().map(|(_, ja, _)| *ja).collect::<Vec<_>>().join("、");
    let en = beside.iter().map(|(.., en)| *en).collect::<Vec<_>>().join(", ");
    Err(Failure::new(
        format!(
            "依頼書には入りません: {ja}。`--for`を外して報告書として書き出すか、これらの指定を外してください"
        ),
        format!(
            "a request sheet does not hold {en}; leave out `--for` for a whole report, or leave these out"
        ),
    ))
}

/// What was asked for.
struct Asked {
    formats: Vec<ReportFormat>,
    /// Whether a format was named: then it is an error if it cannot be made.
    by_name: bool,
    /// Whether only a request sheet is wanted.
    only_request: bool,
    requests: Vec<Request>,
}

impl Asked {
    fn new(args: &ReportArgs, subject: &Subject<'_>) -> Result<Self, Failure> {
        let mut formats = args.format.clone();
        if formats.is_empty() || formats.contains(&ReportFormat::All) {
            formats = ReportFormat::EACH.to_vec();
        } else if args.only_for.is_some()
            && let Some(format) = formats.iter().find(|format| !format.holds_requests())
        {
            let name = format.name();
            return Err(Failure::new(
                format!("依頼書は`{name}`では書けません。html、pdf、docxから選んでください"),
                format!("a request sheet cannot be written as `{name}`; choose among html, pdf and docx"),
            ));
        }
        let mut requests = requests(subject);
        if let Some(who) = &args.only_for {
            requests.retain(|request| request.stakeholder == who.as_str());
            if requests.is_empty() {
                return Err(nobody(who, subject));
            }
        }
        Ok(Self {
            formats,
            by_name: !args.format.is_empty(),
            only_request: args.only_for.is_some(),
            requests,
        })
    }
}

/// There is no request sheet for the stakeholder asked for.
fn nobody(who: &str, subject: &Subject<'_>) -> Failure {
    let system = subject.system;
    let lead = system.stakeholder(system.lead).id.as_str();
    let others = || system.stakeholders.keys().copied().filter(|id| *id != lead);
    let all = others().collect::<Vec<_>>().join(", ");
    if who == lead {
        return Failure::new(
            format!("`{who}`は適用主体です。依頼書は他のステークホルダーに宛てます（{all}）"),
            format!("`{who}` is the lead; request sheets go to the other stakeholders ({all})"),
        );
    }
    let (ja, en) = shape::nearest(who, others()).map_or_else(
        || (format!("。いるステークホルダー: {all}"), format!("; there are: {all}")),
        |near| (format!("。`{near}`のことですか"), format!("; did you mean `{near}`?")),
    );
    Failure::new(
        format!("ステークホルダー`{who}`がいません{ja}"),
        format!("there is no stakeholder `{who}`{en}"),
    )
}

/// Whose report it is.
pub(crate) fn branding(path: Option<&Path>, output: Output) -> Result<Branding, Failure> {
    let Some(path) = path else { return Ok(Branding::default()) };
    let loaded = branding::load(path, &|path, limit| input::read(path, limit));
    input::report(&loaded.sources, &loaded.diagnostics, output);
    loaded.branding.ok_or(Failure::Input)
}

/// The fonts of the system, and before them those of the files that were named.
pub(crate) fn fonts(files: &[PathBuf]) -> Result<Fonts, Failure> {
    let mut fonts = Fonts::system();
    for path in files {
        fonts.add(font(path)?).map_err(|_| no_font(path))?;
    }
    Ok(fonts)
}

/// The fonts of pictures: those of the system, and before them those of the files that were named.
fn picture_fonts(files: &[PathBuf]) -> Result<raster::Fonts, Failure> {
    let mut fonts = raster::Fonts::of_this_machine();
    for path in files {
        fonts.add(font(path)?).map_err(|_| no_font(path))?;
    }
    Ok(fonts)
}

fn font(path: &Path) -> Result<Vec<u8>, Failure> {
    input::read(path, MOST_FONT_BYTES).map_err(|error| {
        let shown = path.display();
        Failure::new(
            format!("フォント`{shown}`を読めません（{error}）"),
            format!("cannot read the font `{shown}` ({error})"),
        )
    })
}

fn no_font(path: &Path) -> Failure {
    let shown = path.display();
    Failure::new(
        format!("`{shown}`はフォントのファイルではありません。TTF、OTF、TTCのファイルを指定してください"),
        format!("`{shown}` is no font file; name a TTF, OTF or TTC file"),
    )
}

/// Makes files.
struct Maker<'a> {
    subject: &'a Subject<'a>,
    tree: &'a Node,
    beside: Beside<'a>,
    branding: Branding,
    fonts: Fonts,
    picture_fonts: raster::Fonts,
    output: Output,
    folder: &'a Path,
    /// The names that are taken.
    names: BTreeSet<String>,
    /// Where each file goes and what is in it.
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Maker<'_> {
    fn make(&mut self, asked: &Asked) -> Result<(), Failure> {
        let wants = |format| asked.formats.contains(&format);
        let lang = self.output.lang;
        let system = self.subject.system.document.system.id.clone();
        let mut with_pdf = wants(ReportFormat::Pdf);
        if !asked.only_request {
            self.output.progress(Some(&Text::new("図とワークシート", "pictures and worksheets")));
            let mut sheets = worksheets(self.subject);
            let Beside { after, money, answers, watched, scenarios } = self.beside;
            sheets.extend(scenarios.map(|of| of.sheets(self.subject)).unwrap_or_default());
            sheets.extend(money.map(money_worksheets).unwrap_or_default());
            if !answers.is_empty() {
                sheets.push(answers_worksheet(self.subject, answers));
            }
            sheets.extend(watched.map(|evidence| monitor_worksheet(self.subject, evidence)));
            let mut page = page(self.subject, &sheets, lang);
            if let Some(plan) = scenarios.and_then(|of| of.plan.as_ref()) {
                let title = Text::new("費用と残るリスク", "Cost and the risk that remains");
                let svg = cost_curve(self.subject, plan, lang);
                page.figures.push(Figure { id: "cost-and-risk".to_owned(), title, svg });
            }
            if let Some(money) = money {
                let drawn = crate::quantify::figures(money, lang).into_iter();
                page.figures.extend(drawn.map(|(id, title, svg)| Figure { id: id.to_owned(), title, svg }));
                page.summary.push(anshin_quantify::summary::paragraph(money));
            }
            if let Some(after) = after {
                show_after_measures(&mut page.figures, self.subject, after, lang);
            }
            if wants(ReportFormat::Svg) {
                for figure in &page.figures {
                    let bytes = figure.svg.clone().into_bytes();
                    self.add(None, &format!("{system}-{}", figure.id), "svg", bytes);
                }
            }
            // The workbook and the PDF take longest by far: each has a thread of its own.
            let this = &*self;
            let (book, page_html, pdf) = std::thread::scope(|scope| {
                let book = wants(ReportFormat::Xlsx).then(|| scope.spawn(|| this.workbook(&page)));
                let page_html = wants(ReportFormat::Html).then(|| html(&page, &this.branding, lang));
                let pdf = with_pdf.then(|| {
                    this.output.progress(Some(&Text::same("PDF")));
                    anshin_pdf::report(&page, system.as_str(), &this.branding, &this.fonts, lang)
                });
                let book =
                    book.map(|made| made.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
                (book, page_html, pdf)
            });
            if let Some(book) = book {
                self.add(None, system.as_str(), "xlsx", book?);
            }
            if let Some(page) = page_html {
                self.add(None, system.as_str(), "html", page.into_bytes());
            }
            if let Some(made) = pdf {
                with_pdf = self.add_pdf(asked, None, system.as_str(), made)?;
            }
        }
        for request in &asked.requests {
            let stem = format!("{system}-{}", request.stakeholder);
            self.output.progress(Some(
                &Text::new("依頼書: {who}", "request sheet: {who}").fill(&[("who", &request.to)]),
            ));
            if wants(ReportFormat::Html) {
                let bytes = request_html(request, &self.branding, lang).into_bytes();
                self.add(Some(REQUESTS), &stem, "html", bytes);
            }
            if wants(ReportFormat::Docx) {
                let bytes = request_docx(request, &self.branding, lang).map_err(|error| {
                    Failure::new(
                        format!("Word文書を作れません（{error}）"),
                        format!("cannot make the Word document ({error})"),
                    )
                })?;
                self.add(Some(REQUESTS), &stem, "docx", bytes);
            }
            if with_pdf {
                let made = anshin_pdf::request(request, &stem, &self.branding, &self.fonts, lang);
                with_pdf = self.add_pdf(asked, Some(REQUESTS), &stem, made)?;
            }
        }
        Ok(())
    }

    fn workbook(&self, page: &Page<'_>) -> Result<Vec<u8>, Failure> {
        self.output.progress(Some(&Text::same("Excel")));
        let pictures = pictures(&page.figures, &self.picture_fonts, self.output);
        let Maker { subject, tree, branding, .. } = self;
        let (worksheets, lang) = (page.sheets, self.output.lang);
        let book = Book { subject, tree, worksheets, pictures: &pictures, branding, lang };
        xlsx(&book).map_err(|error| {
            Failure::new(
                format!("表計算の帳票を作れません（{error}）"),
                format!("cannot make the workbook ({error})"),
            )
        })
    }

    /// Adds a PDF; whether it could be made. What nobody named is left out, and that is said.
    fn add_pdf(
        &mut self,
        asked: &Asked,
        folder: Option<&str>,
        stem: &str,
        made: Result<Pdf, anshin_pdf::Error>,
    ) -> Result<bool, Failure> {
        match made {
            Ok(pdf) => {
                say_missing(&pdf.missing, self.output);
                self.add(folder, stem, "pdf", pdf.bytes);
                Ok(true)
            }
            Err(error) if !asked.by_name && error.is_of_this_machine() => {
                self.output.progress(None);
                self.output.say(
                    &Text::new("PDFは作りません: {why}", "no PDF is made: {why}")
                        .fill(&[("why", &error.message())]),
                );
                Ok(false)
            }
            Err(error) => {
                self.output.progress(None);
                Err(Failure::Other(error.message()))
            }
        }
    }

    fn add(&mut self, folder: Option<&str>, stem: &str, extension: &str, bytes: Vec<u8>) {
        let lang = self.output.lang;
        let name = file_name(stem, lang, extension, &mut self.names);
        let folder = folder.map_or_else(|| self.folder.to_owned(), |inner| self.folder.join(inner));
        self.files.push((folder.join(name), bytes));
    }
}

/// Names the characters that no font has.
pub(crate) fn say_missing(missing: &[char], output: Output) {
    const MOST: usize = 10;
    if missing.is_empty() {
        return;
    }
    output.progress(None);
    let codes = missing.iter().take(MOST).map(|c| format!("U+{:04X}", u32::from(*c)));
    let mut codes = codes.collect::<Vec<_>>().join(" ");
    if missing.len() > MOST {
        codes.push_str(" …");
    }
    output.say(&Text::new(
        format!("PDFの{}種類の文字は、どのフォントにもないため四角で示されます（{codes}）。その文字を持つフォントを`--font FILE`で指定できます", missing.len()),
        format!("{} characters of the PDF are shown as boxes because no font has them ({codes}); name a font that does with `--font FILE`", missing.len()),
    ));
}

/// Names that Windows keeps for devices, whatever follows the first dot.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// Longest stem of a file name: with everything behind it, file systems take it.
const LONGEST_STEM: usize = 180;

/// A name that every file system takes, and that no other file of the report has.
///
/// Ids are lowercase letters, digits, hyphens and dots, so nothing in them leads out of the folder.
fn file_name(stem: &str, lang: Lang, extension: &str, taken: &mut BTreeSet<String>) -> String {
    let mut stem: String = stem.chars().take(LONGEST_STEM).collect();
    let first = stem.split('.').next().unwrap_or_default();
    let numbered = |device: &str| {
        first.strip_prefix(device).is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    if DEVICES.contains(&first) || numbered("com") || numbered("lpt") {
        stem.insert_str(0, "system-");
    }
    let mut name = format!("{stem}.{}.{extension}", lang.code());
    let mut n = 2;
    while !taken.insert(name.clone()) {
        name = format!("{stem}-{n}.{}.{extension}", lang.code());
        n += 1;
    }
    name
}

/// The figures as pixels; says so once if they cannot be drawn.
fn pictures(figures: &[Figure], fonts: &raster::Fonts, output: Output) -> Vec<Picture> {
    let draw =
        |figure: &Figure| Picture { title: figure.title.clone(), drawn: rasterize(&figure.svg, fonts) };
    let pictures: Vec<Picture> = figures.iter().map(draw).collect();
    let mut said = Vec::new();
    for why in pictures.iter().filter_map(|picture| picture.drawn.as_ref().err()) {
        if !said.contains(&why) {
            let label = output.word("警告", "warning");
            output.say_raw(&format!("{label}: {}\n", why.text().get(output.lang)));
            said.push(why);
        }
    }
    pictures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_name_of_its_own_that_file_systems_take() {
        let mut taken = BTreeSet::new();
        let mut name = |stem: &str| file_name(stem, Lang::Ja, "html", &mut taken);
        assert_eq!(name("plant"), "plant.ja.html");
        assert_eq!(name("plant"), "plant-2.ja.html");
        assert_eq!(name("con"), "system-con.ja.html");
        assert_eq!(name("lpt1.x"), "system-lpt1.x.ja.html");
        assert_eq!(name("console"), "console.ja.html");
        let long = "a".repeat(300);
        assert!(name(&long).len() < 200);
        assert_ne!(name(&long), name(&long));
    }
}
