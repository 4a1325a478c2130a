//! A report as one self-contained HTML file.
//!
//! The file fetches nothing and reads well without its script. The script adds what a reader of a
//! long table wishes for: search, sorting, a filter for each column, all reasons at once.
//!
//! How it looks is in `report.css`, what moves is in `report.js`.

mod brand;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anshin_model::{Lang, Text};

use crate::branding::Branding;
use crate::paper;
use crate::svg::Font;
use crate::worksheet::{Cell, Column, Tone, Worksheet};

/// How the report looks, on a screen and on paper.
const STYLE: &str = include_str!("report.css");

/// What the report does beyond being read.
const SCRIPT: &str = include_str!("report.js");

/// The SHA-256 of [`SCRIPT`] in base 64; a test names the new one when the script changes.
const SCRIPT_HASH: &str = "ohCqTpBWSW0+F9MTxpubEqhsaJTsYPrRrGPAAWoAVRs=";

/// How many pictures stand beside the summary; the others follow the contents.
const SUMMARY_FIGURES: usize = 2;

/// The widest first column, in half-width characters, that stays in view when a table is moved
/// sideways.
const WIDEST_PINNED: u16 = 32;

/// The widest table, in half-width characters of all columns, whose words are wrapped so that it fits a
/// window of 1,280 pixels; a wider one is moved sideways.
const WIDEST_WRAPPED: u32 = 190;

/// What a column is wide in the narrowest table for each half-width character, and beyond, in em: see
/// `report.css`.
const NARROWEST: (f64, f64) = (0.3, 4.0);

/// What the edges of a cell take, in em.
const EDGES: f64 = 1.3;

/// The longest word of a heading that a column is made wide enough for, in em; a longer one is broken.
const LONGEST_HEADING: f64 = 14.0;

/// The widest column of labels, in half-width characters, and the longest word of a label with its mark, in em.
const WIDEST_LABELS: u16 = 20;
const LONGEST_LABEL: f64 = 9.0;

/// What the mark of a tone takes, in em.
const MARK: f64 = 1.6;

/// How many rows a worksheet has at least to be worth narrowing.
const FEWEST_TO_FILTER: usize = 8;

/// How many rows the script shows at once; it has the same number.
const PORTION: usize = 200;

/// What a report says.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// What the report is about.
    pub title: Text,
    /// Who made it, for whom, of which state; may be empty.
    pub subtitle: Text,
    /// What the management has to know, in paragraphs.
    pub summary: Vec<Text>,
    /// The pictures. The first two stand in the summary.
    pub figures: Vec<Figure>,
    /// The tables.
    pub sheets: &'a [Worksheet],
}

/// A picture of a report.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Its id: fit for an anchor.
    pub id: String,
    /// What it shows.
    pub title: Text,
    /// An `<svg>` element, which goes into the page as it is: texts in it are escaped, its ids occur
    /// in no other picture, and its style names only what is inside it.
    pub svg: String,
}

impl Figure {
    /// Width and height in pixels, as the view box says.
    pub fn size(&self) -> Option<(f64, f64)> {
        size(&self.svg)
    }
}

/// How a page shows its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pictures {
    /// Two stand beside the summary; the others follow the contents.
    Beside,
    /// All stand below the summary, one after the other, and never smaller than their words can be read: where
    /// there is less room, they are moved in their box.
    Whole,
}

/// What a page calls its parts, and how it shows its pictures.
pub(crate) struct Words {
    /// The heading of the summary, in Japanese and English.
    pub(crate) summary: (&'static str, &'static str),
    /// What the search looks through, in Japanese and English.
    pub(crate) search: (&'static str, &'static str),
    /// What a tone says, in Japanese and English.
    pub(crate) meaning: fn(Tone) -> (&'static str, &'static str),
    pub(crate) pictures: Pictures,
}

/// The words of a report.
const REPORT: Words = Words {
    summary: ("経営層向けの要約", "Summary for the management"),
    search: ("全ワークシートを検索", "Search all worksheets"),
    meaning: Tones::meaning,
    pictures: Pictures::Beside,
};

/// Writes a report as one file.
pub fn html(page: &Page<'_>, branding: &Branding, lang: Lang) -> String {
    write(page, &REPORT, branding, lang)
}

/// Writes a page as one file.
pub(crate) fn write(page: &Page<'_>, words: &Words, branding: &Branding, lang: Lang) -> String {
    let mut ids = Ids::new(page);
    let sheets: Vec<String> = page.sheets.iter().map(|sheet| ids.take(sheet.id)).collect();
    let figures: Vec<Placed<'_>> = page.figures.iter().map(|figure| Placed::new(figure, &mut ids)).collect();
    let beside = match words.pictures {
        Pictures::Beside => figures.len().min(SUMMARY_FIGURES),
        Pictures::Whole => figures.len(),
    };
    let (beside, after) = figures.split_at(beside);

    let mut html = Html { out: String::with_capacity(64 * 1024), words, branding, lang };
    html.head(page);
    html.header(page);
    html.raw("<main id=\"main\" tabindex=\"-1\">\n");
    html.summary(page, beside);
    html.contents(page, after, &sheets);
    html.raw("<div class=\"sheets\">\n");
    html.pictures(after);
    for (sheet, id) in page.sheets.iter().zip(&sheets) {
        html.sheet(sheet, id, &mut ids);
    }
    html.raw("</div>\n</main>\n");
    html.foot();
    html.out
}

/// The ids that are taken, so that none occurs twice.
struct Ids(BTreeSet<String>);

impl Ids {
    /// The page's own ids and those inside its pictures.
    fn new(page: &Page<'_>) -> Self {
        let own = ["main", "summary", "contents", "pictures", "search", "about-pictures"];
        let mut taken: BTreeSet<String> = own.into_iter().map(str::to_owned).collect();
        for figure in &page.figures {
            for found in figure.svg.split(" id=\"").skip(1) {
                taken.extend(found.split('"').next().map(str::to_owned));
            }
        }
        Self(taken)
    }

    /// An id like the wanted one that nothing else has.
    fn take(&mut self, wanted: &str) -> String {
        let wanted = anchor(wanted);
        let mut id = wanted.clone();
        let mut n = 2;
        while !self.0.insert(id.clone()) {
            id = format!("{wanted}-{n}");
            n += 1;
        }
        id
    }
}

/// Words as an anchor: letters, digits and `-_.`, begun by a letter; all else becomes `-`.
fn anchor(words: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut id: String = words.chars().take(200).map(|c| if fits(c) { c } else { '-' }).collect();
    if !id.starts_with(char::is_alphabetic) {
        id.insert_str(0, "x-");
    }
    id
}

/// A picture with its place on the page.
struct Placed<'a> {
    figure: &'a Figure,
    id: String,
    /// The id of the picture in full size.
    large: String,
    /// Width by height, so that pictures side by side get the same height.
    ratio: f64,
    /// In pixels, so that the texts of a large picture can be read in full size.
    width: f64,
}

impl<'a> Placed<'a> {
    fn new(figure: &'a Figure, ids: &mut Ids) -> Self {
        let id = ids.take(&figure.id);
        let large = ids.take(&format!("{id}-large"));
        let (width, height) = figure.size().unwrap_or((1.0, 1.0));
        Self { figure, id, large, ratio: (width / height).clamp(0.4, 4.0), width }
    }
}

/// Width and height of a picture, as its view box says.
fn size(svg: &str) -> Option<(f64, f64)> {
    let (_, rest) = svg.split_once("viewBox=\"")?;
    let (numbers, _) = rest.split_once('"')?;
    let numbers: Vec<f64> =
        numbers.split([' ', ',']).filter(|n| !n.is_empty()).map_while(|n| n.parse().ok()).collect();
    let &[_, _, width, height] = numbers.as_slice() else { return None };
    (width > 0.0 && height > 0.0).then_some((width, height))
}

/// The `<svg>` element of a picture, without what stands before it in a file.
fn element(svg: &str) -> &str {
    svg.find("<svg").map_or(svg, |start| &svg[start..]).trim_end()
}

/// The page as far as it is written.
struct Html<'w> {
    out: String,
    words: &'w Words,
    branding: &'w Branding,
    lang: Lang,
}

impl Html<'_> {
    /// Adds markup.
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// Adds a person's words in the language of the page, escaped.
    fn text(&mut self, text: &Text) {
        escape(&mut self.out, text.get(self.lang));
    }

    /// Adds words of the page itself.
    fn say(&mut self, ja: &str, en: &str) {
        self.out.push_str(self.phrase(ja, en));
    }

    fn phrase<'t>(&self, ja: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    /// Adds an element that holds a text, unless the text is empty.
    fn element(&mut self, open: &str, text: &Text, close: &str) {
        if !text.get(self.lang).is_empty() {
            self.raw(open);
            self.text(text);
            self.raw(close);
        }
    }

    fn head(&mut self, page: &Page<'_>) {
        let lang = self.lang.code();
        // Pictures bring their own style, so the policy allows any; it can fetch nothing. A logo
        // stands in the page itself.
        let images = self.branding.logo.as_ref().map_or("", |_| " img-src data:;");
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline';{images} script-src 'sha256-{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"generator\" content=\"Anshin\">\n<title>"
        );
        self.text(&page.title);
        self.raw("</title>\n<style>\n");
        self.raw(STYLE);
        self.raw(&brand::style(self.branding, self.lang));
        self.raw("</style>\n</head>\n");
    }

    /// The top of the page, with the tools that the script brings to life.
    fn header(&mut self, page: &Page<'_>) {
        self.raw("<body>\n<a class=\"skip\" href=\"#main\">");
        self.say("本文へ", "Skip to the content");
        self.raw("</a>\n<header class=\"top\">\n");
        let branding = self.branding;
        if let Some(logo) = &branding.logo {
            let _ = write!(self.out, "<img class=\"logo\" src=\"{}\" alt=\"", logo.data_address());
            self.text(branding.organization.as_ref().unwrap_or(&Text::new("ロゴ", "Logo")));
            self.raw("\">\n");
        }
        self.raw("<div class=\"name\">\n<h1>");
        self.text(&page.title);
        self.raw("</h1>\n");
        self.element("<p class=\"subtitle\">", &page.subtitle, "</p>\n");
        let sort = self.phrase("並べ替え：{column}", "Sort by {column}");
        let _ = write!(
            self.out,
            "</div>\n<div class=\"tools\" role=\"search\" data-sort=\"{sort}\" hidden>\n<label for=\"search\">"
        );
        self.say(self.words.search.0, self.words.search.1);
        self.raw(
            "</label>\n<input type=\"search\" id=\"search\" autocomplete=\"off\" spellcheck=\"false\">\n",
        );
        let show = self.phrase("理由をすべて開く", "Open all reasons");
        let hide = self.phrase("理由をすべて閉じる", "Close all reasons");
        let found = self.phrase("{n} 行が一致", "{n} rows match");
        let _ = write!(
            self.out,
            "<button type=\"button\" class=\"reasons\" data-open=\"{show}\" data-close=\"{hide}\">{show}</button>\n\
             <output for=\"search\" data-found=\"{found}\"></output>\n</div>\n</header>\n"
        );
    }

    fn summary(&mut self, page: &Page<'_>, figures: &[Placed<'_>]) {
        self.raw("<section class=\"summary\" aria-labelledby=\"summary\">\n<h2 id=\"summary\">");
        self.say(self.words.summary.0, self.words.summary.1);
        self.raw("</h2>\n");
        self.document();
        self.raw("<div class=\"said\">\n");
        for paragraph in &page.summary {
            self.element("<p>", paragraph, "</p>\n");
        }
        self.raw("</div>\n");
        if !figures.is_empty() {
            let class = if self.words.pictures == Pictures::Whole { "figures whole" } else { "figures" };
            let _ = writeln!(self.out, "<div class=\"{class}\">");
            for figure in figures {
                self.figure(figure);
            }
            self.raw("</div>\n");
        }
        self.raw("</section>\n");
    }

    /// Whose document it is, and which one.
    fn document(&mut self) {
        let branding = self.branding;
        if let Some(footer) = &branding.footer {
            self.element("<p class=\"passing\">", footer, "</p>\n");
        }
        let details = branding.imprint();
        if details.is_empty() {
            return;
        }
        self.raw("<dl class=\"document\">\n");
        for (name, value) in &details {
            self.element("<div><dt>", name, "</dt>");
            self.element("<dd>", value, "</dd></div>\n");
        }
        self.raw("</dl>\n");
    }

    fn contents(&mut self, page: &Page<'_>, figures: &[Placed<'_>], sheets: &[String]) {
        self.raw("<nav class=\"contents\" aria-labelledby=\"contents\">\n<h2 id=\"contents\">");
        self.say("目次", "Contents");
        self.raw("</h2>\n<ol>\n<li><a href=\"#summary\">");
        self.say("要約", "Summary");
        self.raw("</a></li>\n");
        if !figures.is_empty() {
            self.raw("<li><a href=\"#pictures\">");
            self.say("図", "Pictures");
            self.raw("</a></li>\n");
        }
        let unit = self.phrase("行", "rows");
        for (sheet, id) in page.sheets.iter().zip(sheets) {
            let _ = write!(self.out, "<li><a href=\"#{id}\">");
            self.text(&sheet.title);
            let rows = sheet.rows.len();
            let _ = writeln!(
                self.out,
                "</a> <span class=\"count\">{rows}<span class=\"unseen\"> {unit}</span></span></li>"
            );
        }
        self.raw("</ol>\n");
        self.legend(page.sheets);
        self.raw("</nav>\n");
    }

    /// What the marks mean that occur in the tables.
    fn legend(&mut self, sheets: &[Worksheet]) {
        let used = |tone| {
            sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.cells).any(|c| c.tone == tone)
        };
        let tones: Vec<Tone> = Tones::ALL.into_iter().filter(|&tone| used(tone)).collect();
        if tones.is_empty() {
            return;
        }
        self.raw("<h3>");
        self.say("印の意味", "What the marks mean");
        self.raw("</h3>\n<ul class=\"legend\">\n");
        for tone in tones {
            let class = Tones::class(tone);
            let (ja, en) = (self.words.meaning)(tone);
            let _ = write!(self.out, "<li class=\"{class}\"><p>");
            self.say(ja, en);
            self.raw("</p></li>\n");
        }
        self.raw("</ul>\n");
    }

    /// The pictures that do not stand in the summary.
    fn pictures(&mut self, figures: &[Placed<'_>]) {
        if figures.is_empty() {
            return;
        }
        self.raw("<section class=\"pictures\" aria-labelledby=\"pictures\">\n<h2 id=\"pictures\">");
        self.say("図", "Pictures");
        self.raw("</h2>\n");
        for figure in figures {
            self.figure(figure);
        }
        self.raw("</section>\n");
    }

    /// A picture, and a way to see it in full size that needs no script.
    fn figure(&mut self, placed: &Placed<'_>) {
        let Placed { figure, id, large, ratio, width } = placed;
        let _ = write!(
            self.out,
            "<figure id=\"{id}\" style=\"--ratio:{ratio:.3};--width:{width:.0}px\">\n<figcaption>"
        );
        self.text(&figure.title);
        let _ = write!(self.out, " <a class=\"enlarge\" href=\"#{large}\">");
        self.say("拡大", "Enlarge");
        self.raw("<span class=\"unseen\">");
        self.say("：", ": ");
        self.text(&figure.title);
        let _ = write!(
            self.out,
            "</span></a></figcaption>\n<div class=\"picture\" id=\"{large}\" role=\"group\" tabindex=\"0\" aria-label=\""
        );
        self.text(&figure.title);
        let _ = write!(self.out, "\">\n<a class=\"close\" href=\"#{id}\">");
        self.say("元の大きさに戻す", "Back to the report");
        self.raw("</a>\n");
        self.raw(element(&figure.svg));
        self.raw("\n</div>\n</figure>\n");
    }

    fn sheet(&mut self, sheet: &Worksheet, id: &str, ids: &mut Ids) {
        let _ = write!(self.out, "<section class=\"sheet\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">");
        self.text(&sheet.title);
        self.raw("</h2>\n");
        self.element("<p class=\"purpose\">", &sheet.purpose, "</p>\n");
        let start = self.out.len();
        self.way(sheet);
        self.sheet_tools(sheet);
        if self.out.len() > start {
            self.out.insert_str(start, "<div class=\"bar\">\n");
            self.raw("</div>\n");
        }
        // A sheet without rows still shows which columns it has.
        self.table(sheet, id, ids);
        self.more(sheet);
        if sheet.rows.is_empty() {
            self.raw("<p class=\"none\">");
            self.say("該当するものはありません。", "There is nothing to list here.");
            self.raw("</p>\n");
        }
        self.raw("</section>\n");
    }

    /// Where a worksheet's input comes from and where its output goes.
    fn way(&mut self, sheet: &Worksheet) {
        let ends = [("入力元", "Input from", &sheet.from), ("出力先", "Output to", &sheet.to)];
        if ends.iter().all(|(_, _, text)| text.get(self.lang).is_empty()) {
            return;
        }
        self.raw("<dl class=\"way\">\n");
        for (ja, en, text) in ends {
            if !text.get(self.lang).is_empty() {
                self.raw("<div><dt>");
                self.say(ja, en);
                self.raw("</dt><dd>");
                self.text(text);
                self.raw("</dd></div>\n");
            }
        }
        self.raw("</dl>\n");
    }

    /// What the script needs to narrow a worksheet; a short one is seen at a glance.
    fn sheet_tools(&mut self, sheet: &Worksheet) {
        if sheet.rows.len() < FEWEST_TO_FILTER {
            return;
        }
        let of = self.phrase("{n} / {all} 行", "{n} of {all} rows");
        let filter = self.phrase("列ごとに絞り込む", "Filter by column");
        let reset = self.phrase("元に戻す", "Reset");
        let any = self.phrase("すべて", "all");
        let by = self.phrase("絞り込み：{column}", "Filter: {column}");
        let _ = write!(
            self.out,
            "<div class=\"sheet-tools\" data-of=\"{of}\" data-any=\"{any}\" data-by=\"{by}\" hidden>\n\
             <span class=\"shown\" role=\"status\"></span>\n\
             <button type=\"button\" class=\"reset\" hidden>{reset}</button>\n\
             <button type=\"button\" class=\"filter\" aria-expanded=\"false\">{filter}</button>\n</div>\n"
        );
    }

    /// What the script needs to show a long worksheet in portions.
    fn more(&mut self, sheet: &Worksheet) {
        if sheet.rows.len() <= PORTION {
            return;
        }
        let of = self.phrase("{all} 行のうち {n} 行を表示", "Showing {n} of {all} rows");
        let more = self.phrase("続きを表示", "Show more");
        let all = self.phrase("すべて表示", "Show all");
        let _ = write!(
            self.out,
            "<div class=\"more\" data-of=\"{of}\" hidden>\n<span role=\"status\"></span>\n\
             <button type=\"button\">{more}</button>\n\
             <button type=\"button\" class=\"all\">{all}</button>\n</div>\n"
        );
    }

    fn table(&mut self, sheet: &Worksheet, id: &str, ids: &mut Ids) {
        let sum: u32 = sheet.columns.iter().map(|column| u32::from(column.width)).sum();
        let mut classes = Vec::new();
        match sheet.columns.as_slice() {
            [first, _, _, ..] if first.width <= WIDEST_PINNED => classes.push("pinned"),
            [_, _, _, ..] => {}
            _ => classes.push("few"),
        }
        if sum <= WIDEST_WRAPPED {
            classes.push("wrapped");
        }
        let class =
            if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
        let width = |(n, column): (usize, &Column)| column.width.max(for_words(sheet, n, self.lang));
        let widths: Vec<u16> = sheet.columns.iter().enumerate().map(width).collect();
        let _ = write!(
            self.out,
            "<div class=\"scroll\" role=\"group\" aria-labelledby=\"{id}\" tabindex=\"0\">\n\
             <table{class} aria-labelledby=\"{id}\" style=\"--sum:{};--columns:{}\">\n<colgroup>",
            widths.iter().map(|&width| u32::from(width)).sum::<u32>().max(1),
            widths.len()
        );
        for width in widths {
            let _ = write!(self.out, "<col style=\"--w:{width}\">");
        }
        self.raw("</colgroup>\n<thead>\n<tr>");
        for column in &sheet.columns {
            self.raw("<th scope=\"col\">");
            self.text(&column.title);
            self.raw("</th>");
        }
        self.raw("</tr>\n</thead>\n<tbody>\n");
        for row in &sheet.rows {
            let _ = write!(self.out, "<tr id=\"{}\">", ids.take(&format!("{id}.{}", row.key)));
            for (n, cell) in row.cells.iter().enumerate() {
                self.cell(cell, n == 0);
            }
            for _ in row.cells.len()..sheet.columns.len() {
                self.raw("<td></td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n</div>\n");
    }

    fn cell(&mut self, cell: &Cell, first: bool) {
        self.raw(if first { "<th scope=\"row\"" } else { "<td" });
        if cell.tone != Tone::Plain {
            let _ = write!(self.out, " class=\"{}\"", Tones::class(cell.tone));
        }
        self.raw(">");
        for line in &cell.lines {
            self.element("<p>", line, "</p>");
        }
        self.why(&cell.why);
        self.raw(if first { "</th>" } else { "</td>" });
    }

    /// The reasons of a cell, to open.
    fn why(&mut self, why: &[Text]) {
        let reasons: Vec<&Text> = why.iter().filter(|reason| !reason.get(self.lang).is_empty()).collect();
        if reasons.is_empty() {
            return;
        }
        self.raw("<details><summary>");
        self.say("理由", "Why");
        if reasons.len() > 1 {
            let _ = write!(self.out, " ({})", reasons.len());
        }
        self.raw("</summary><ul>");
        for reason in reasons {
            self.raw("<li>");
            self.text(reason);
            self.raw("</li>");
        }
        self.raw("</ul></details>");
    }

    fn foot(&mut self) {
        self.raw("<footer class=\"end\">\n");
        let branding = self.branding;
        if let Some(footer) = &branding.footer {
            self.element("<p>", footer, "</p>\n");
        }
        self.raw("<p>");
        self.say(
            "Anshin が作成。このファイルは単独で完結し、外部から何も読み込みません。",
            "Made by Anshin. This file is complete in itself and loads nothing from elsewhere.",
        );
        self.raw("</p>\n</footer>\n<script>");
        self.raw(SCRIPT);
        self.raw("</script>\n</body>\n</html>\n");
    }
}

/// Tones as the report shows them.
struct Tones;

impl Tones {
    /// Those that have a mark, from the best to what no longer counts.
    const ALL: [Tone; 5] = [Tone::Good, Tone::Serious, Tone::Grave, Tone::Priority, Tone::Faint];

    /// The class in `report.css`, which also gives the mark, and in `report.js`, which sorts by it.
    fn class(tone: Tone) -> &'static str {
        match tone {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Serious => "serious",
            Tone::Grave => "grave",
            Tone::Priority => "priority",
            Tone::Faint => "faint",
        }
    }

    /// What it says, in Japanese and English.
    fn meaning(tone: Tone) -> (&'static str, &'static str) {
        match tone {
            Tone::Plain => ("特になし", "nothing in particular"),
            Tone::Good => ("目標の範囲内、又は実施済み", "within the target, or in place"),
            Tone::Serious => ("目標を超える、中程度の水準", "outside the target, the middle level"),
            Tone::Grave => ("最も高い水準", "the highest level"),
            Tone::Priority => ("優先して行うもの", "to do first"),
            Tone::Faint => ("対象外、又は不採用", "out of scope, or rejected"),
        }
    }
}

/// The width at which words of a column stay whole, however narrow the window is: those of its heading,
/// and those of its cells where it is one of labels.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen characters")]
fn for_words(sheet: &Worksheet, n: usize, lang: Lang) -> u16 {
    let widest = |text: &Text| {
        let words = paper::words(text.get(lang)).map(|word| Font::bold(1.0).width(word));
        words.fold(0.0, f64::max)
    };
    let column = &sheet.columns[n];
    let mut most = widest(&column.title).min(LONGEST_HEADING);
    if column.width <= WIDEST_LABELS {
        for cell in sheet.rows.iter().filter_map(|row| row.cells.get(n)) {
            let mark = if cell.tone == Tone::Plain { 0.0 } else { MARK };
            let fits = |width: &f64| *width <= LONGEST_LABEL;
            most = cell.lines.iter().map(|line| widest(line) + mark).filter(fits).fold(most, f64::max);
        }
    }
    let (each, beyond) = NARROWEST;
    ((most + EDGES) / each - beyond).ceil().max(1.0) as u16
}

/// Adds words with everything escaped that markup could be made of, in text and in attributes.
///
/// Characters that HTML or XML does not allow are replaced, so that a reader sees that something was there.
pub(crate) fn escape(out: &mut String, words: &str) {
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() || is_noncharacter(c) => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
}

/// Whether Unicode keeps a code point out of texts for good.
fn is_noncharacter(c: char) -> bool {
    let point = u32::from(c);
    (0xFDD0..=0xFDEF).contains(&point) || point & 0xFFFE == 0xFFFE
}
