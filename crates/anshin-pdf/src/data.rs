//! A document as data for its template: every text a string in the language of the document.

use anshin_model::{Lang, Text};
use anshin_report::html::{Figure, Page};
use anshin_report::worksheet::{Cell, Row, Tone, Worksheet};
use anshin_report::{Branding, Request, StandingReport, paper};
use serde_json::{Value as Json, json};

/// Columns that together are wider than this, in half-width characters, need a page on its side.
const WIDEST_UPRIGHT: u32 = 140;

/// Columns that together are wider than this do not fit a page at all.
const WIDEST: u32 = 260;

/// Most rows of one worksheet on paper. Nobody reads more, and the workbook has them all.
const MOST_ROWS: usize = 400;

/// A row of more lines than this may break over pages; one of fewer stays whole.
const HIGHEST_WHOLE_ROW: usize = 30;

/// Most data flows with a picture of their own.
const MOST_FIGURES: usize = 60;

/// Papers that a picture may lie on, with their sides in millimetres.
const PAPERS: [(&str, f64, f64); 5] = [
    ("a4", 210.0, 297.0),
    ("a3", 297.0, 420.0),
    ("a2", 420.0, 594.0),
    ("a1", 594.0, 841.0),
    ("a0", 841.0, 1189.0),
];

/// Millimetres that a pixel of a picture takes at least: its names, 13 pixels high, are then set in
/// about 5 points.
const LEAST_SCALE: f64 = 0.14;

/// Longest run of characters without a place to break a line.
const LONGEST_WORD: usize = 18;

struct Writer {
    lang: Lang,
}

impl Writer {
    fn word(&self, ja: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Ja => ja,
            Lang::En => en,
        }
    }

    fn text(&self, text: &Text) -> String {
        breakable(text.get(self.lang))
    }

    fn pairs(&self, pairs: &[(Text, Text)]) -> Vec<[String; 2]> {
        pairs.iter().map(|(name, value)| [self.text(name), self.text(value)]).collect()
    }

    /// What every document has.
    fn base(&self, title: &str, owner: &Text, running: &str, branding: &Branding) -> Json {
        let creator = branding.author.as_ref().or(branding.organization.as_ref());
        json!({
            "lang": self.lang.code(),
            "title": title,
            "creator": creator.map_or("Anshin", |creator| creator.get(self.lang)),
            "cover": false,
            "owner": self.text(branding.organization.as_ref().unwrap_or(owner)),
            "running": breakable(running),
            "footer": branding.footer.as_ref().map_or_else(String::new, |footer| self.text(footer)),
            "colors": { "main": branding.colors.main.hex(), "accent": branding.colors.accent.hex() },
            "logo": branding.logo.as_ref().map(|logo| logo.form.extension()),
            "words": {
                "contents": self.word("目次", "Contents"),
                "summary": self.word("経営層向けの要約", "Summary for the management"),
                "pictures": self.word("図", "Pictures"),
                "worksheets": self.word("ワークシート", "Worksheets"),
                "why": self.word("理由", "Why"),
                "nothing": self.word("該当するものはありません。", "There is nothing to list here."),
            },
        })
    }

    fn cell(&self, cell: &Cell) -> Json {
        let lines = |texts: &[Text]| -> Vec<String> {
            texts.iter().map(|text| self.text(text)).filter(|text| !text.is_empty()).collect()
        };
        let mut out = json!({ "lines": lines(&cell.lines) });
        if let Some(ground) = cell.tone.ground() {
            out["ground"] = format!("#{ground:06x}").into();
        }
        if cell.tone == Tone::Faint {
            out["faint"] = true.into();
        }
        let why = lines(&cell.why);
        if !why.is_empty() {
            out["why"] = why.into();
        }
        out
    }

    /// A worksheet; `upright` if it has to fit a page that stands upright.
    fn sheet(&self, sheet: &Worksheet, upright: bool) -> Json {
        let ends =
            [(self.word("入力元", "Input from"), &sheet.from), (self.word("出力先", "Output to"), &sheet.to)];
        let way: Vec<_> = ends
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| [name.to_owned(), self.text(text)])
            .collect();
        let shape = Shape::of(sheet, upright);
        let shown = sheet.rows.len().min(MOST_ROWS);
        let needs = paper::needs(sheet, shown, self.lang);
        let mut columns: Vec<Json> =
            paper::columns(sheet).map(|(_, column)| json!({ "title": self.text(&column.title) })).collect();
        let lines = if shape == Shape::Cards {
            paper::stacked(&needs, shape.room())
        } else {
            let (widths, lines) = paper::widths(&needs, shape.room());
            let room = shape.room();
            let all = widths.iter().sum::<usize>().max(room);
            for ((column, need), width) in columns.iter_mut().zip(&needs).zip(widths) {
                column["width"] = width.into();
                // Words are broken where they have no room, and nowhere else.
                column["breaks-heading"] = need.breaks_heading(width * room / all).into();
                column["breaks"] = need.breaks_words(width * room / all).into();
            }
            lines
        };
        let row = |(row, lines): (&Row, usize)| {
            let cells =
                paper::columns(sheet).map(|(n, _)| self.cell(row.cells.get(n).unwrap_or(&Cell::EMPTY)));
            json!({ "cells": cells.collect::<Vec<_>>(), "whole": lines <= HIGHEST_WHOLE_ROW })
        };
        let rows: Vec<Json> = sheet.rows.iter().zip(lines).map(row).collect();
        let all = sheet.rows.len();
        let note = if shown == all {
            String::new()
        } else {
            match self.lang {
                Lang::Ja => format!(
                    "全{all}行のうち、初めの{shown}行です。残りは、同じ評価のExcelブックとHTMLのページにあります。"
                ),
                Lang::En => format!(
                    "The first {shown} of {all} rows. The others are in the workbook and the page of this assessment."
                ),
            }
        };
        json!({
            "title": self.text(&sheet.title),
            "purpose": self.text(&sheet.purpose),
            "way": way,
            "columns": columns,
            "cards": shape == Shape::Cards,
            "rows": rows,
            "note": note,
        })
    }
}

/// How a worksheet lies on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Upright,
    OnItsSide,
    /// Each row as a table of its own.
    Cards,
}

impl Shape {
    /// The shape that fits the contents; `upright` if the page has to stand upright.
    fn of(sheet: &Worksheet, upright: bool) -> Self {
        let width: u32 = paper::columns(sheet).map(|(_, column)| u32::from(column.width)).sum();
        if upright || width <= WIDEST_UPRIGHT {
            Shape::Upright
        } else if width <= WIDEST {
            Shape::OnItsSide
        } else {
            Shape::Cards
        }
    }

    /// About how many half-width characters fit beside each other, in a card beside the titles.
    fn room(self) -> usize {
        match self {
            Shape::Upright => 100,
            Shape::OnItsSide => 150,
            Shape::Cards => 80,
        }
    }
}

/// The data of a report.
pub(crate) fn report(page: &Page<'_>, branding: &Branding, lang: Lang) -> Json {
    let writer = Writer { lang };
    let title = page.title.get(lang);
    let beside = if branding.organization.is_some() { title } else { page.subtitle.get(lang) };
    let running = branding.document_number.as_deref().unwrap_or(beside);
    let mut data = writer.base(title, &page.title, running, branding);
    data["cover"] = true.into();
    data["title"] = writer.text(&page.title).into();
    data["subtitle"] = writer.text(&page.subtitle).into();
    data["organization"] =
        branding.organization.as_ref().map_or_else(String::new, |name| writer.text(name)).into();
    data["details"] = json!(writer.pairs(&branding.details()));
    data["summary"] = page.summary.iter().map(|text| writer.text(text)).collect();
    data["figures"] = page
        .figures
        .iter()
        .take(MOST_FIGURES)
        .map(|figure| {
            let size = figure.size();
            let (paper, wide) = size.map_or(("a4", false), paper_for);
            let ratio = size.map_or(1.0, |(width, height)| width / height);
            json!({
                "title": writer.text(&figure.title), "svg": figure.svg, "ratio": ratio, "paper": paper, "wide": wide,
            })
        })
        .collect();
    // Worksheets of one orientation stand together as long as they follow each other.
    let mut groups: Vec<(bool, Vec<Json>)> = Vec::new();
    for sheet in page.sheets {
        let flipped = Shape::of(sheet, false) == Shape::OnItsSide;
        match groups.last_mut() {
            Some((same, sheets)) if *same == flipped => sheets.push(writer.sheet(sheet, false)),
            _ => groups.push((flipped, vec![writer.sheet(sheet, false)])),
        }
    }
    data["groups"] =
        groups.into_iter().map(|(flipped, sheets)| json!({ "flipped": flipped, "sheets": sheets })).collect();
    data
}

/// The data of a request sheet.
pub(crate) fn request(request: &Request, branding: &Branding, lang: Lang) -> Json {
    let writer = Writer { lang };
    let title = format!("{} — {}", request.title.get(lang), request.to.get(lang));
    let running = branding.document_number.as_deref().unwrap_or(request.system.get(lang));
    let mut data = writer.base(&title, &request.from, running, branding);
    data["heading"] = writer.text(&request.title).into();
    let mut details = vec![
        (Text::new("依頼先", "To"), request.to.clone()),
        (Text::new("依頼元", "From"), request.from.clone()),
        (Text::new("対象機器・システム", "System"), request.system.clone()),
    ];
    details.extend(branding.details());
    data["details"] = json!(writer.pairs(&details));
    data["summary"] = request.opening.iter().map(|text| writer.text(text)).collect();
    data["sheets"] = request.sheets.iter().map(|sheet| writer.sheet(sheet, true)).collect();
    let agreement = &request.agreement;
    data["agreement"] = json!({
        "title": writer.text(&agreement.title),
        "statement": writer.text(&agreement.statement),
        "parties": agreement.parties.iter().map(|party| writer.text(party)).collect::<Vec<_>>(),
        "fields": agreement.fields.iter().map(|field| writer.text(field)).collect::<Vec<_>>(),
    });
    data
}

/// The data of a report of a checklist.
pub(crate) fn standing(report: &StandingReport, branding: &Branding, lang: Lang) -> Json {
    let writer = Writer { lang };
    let title = report.title.get(lang);
    let running = branding.document_number.as_deref().unwrap_or(report.subject.get(lang));
    let mut data = writer.base(title, &report.title, running, branding);
    let figure = |figure: &Figure| json!({ "title": writer.text(&figure.title), "svg": figure.svg });
    let scores = report.scores.iter().map(|score| {
        let (band, about) = score.band.clone().unwrap_or_default();
        json!({
            "name": writer.text(&score.name),
            "value": score.value,
            "most": score.most,
            "band": writer.text(&band),
            "about": writer.text(&about),
            "target": writer.text(&score.target.clone().unwrap_or_default()),
        })
    });
    let parts = report
        .parts
        .iter()
        .map(|part| json!({ "title": writer.text(&part.title), "points": part.points, "share": part.share }));
    let steps = report.steps.iter().map(|step| {
        json!({
            "title": writer.text(&step.title),
            "state": writer.text(&step.state),
            "advice": writer.text(&step.advice),
            "measures": step.measures.iter().map(|measure| writer.text(measure)).collect::<Vec<_>>(),
        })
    });
    data["title"] = writer.text(&report.title).into();
    data["subject"] = writer.text(&report.subject).into();
    data["scores"] = scores.collect();
    data["progress"] = writer.text(&report.progress).into();
    data["radar"] = report.radar.as_ref().map(figure).into();
    data["parts"] = parts.collect();
    data["steps"] = steps.collect();
    data["changed"] = json!(report.changed.as_ref().map(|changed| json!({
        "counts": writer.text(&changed.counts),
        "items": changed.items.iter().map(|item| writer.text(item)).collect::<Vec<_>>(),
    })));
    data["others"] = json!(report.others.as_ref().map(|others| json!({
        "words": writer.text(&others.words),
        "figures": others.figures.iter().map(figure).collect::<Vec<_>>(),
    })));
    data["headings"] = json!({
        "steps": writer.text(&report.first),
        "complete": writer.text(&report.complete),
        "changed": writer.word("前回との違い", "Since the round before"),
        "others": writer.word("他社との比較", "Beside others"),
    });
    data["register"] = writer.sheet(&report.register, false);
    data
}

/// The smallest paper on which a picture of so many pixels can be read, and whether it lies on its side.
fn paper_for((width, height): (f64, f64)) -> (&'static str, bool) {
    let wide = width / height > 1.2;
    // What margins and headings take, in millimetres.
    let (beside, above) = (36.0, 65.0);
    let fits = |&&(_, short, long): &&(&str, f64, f64)| {
        let (across, down) = if wide { (long, short) } else { (short, long) };
        ((across - beside) / width).min((down - above) / height) >= LEAST_SCALE
    };
    let chosen = PAPERS.iter().find(fits).or(PAPERS.last());
    (chosen.map_or("a4", |(name, ..)| name), wide)
}

/// A text in which every long word has places to break the line, so that none leaves its cell.
fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    let mut before = ' ';
    for c in text.chars() {
        // A line may break at spaces, and between Japanese characters.
        let breaks =
            c.is_whitespace() || matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{FFEF}' | '\u{200B}');
        let after_mark = run > LONGEST_WORD / 2 && matches!(before, '/' | '\\' | '_' | '.' | ',' | '=' | '&');
        // Marks that belong to the letter before them stay with it.
        if !breaks && c.is_alphanumeric() && (run >= LONGEST_WORD || after_mark) {
            out.push('\u{200B}');
            run = 0;
        }
        run = if breaks { 0 } else { run + 1 };
        out.push(c);
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::paper_for;

    #[test]
    fn a_picture_lies_on_the_smallest_paper_that_it_can_be_read_on() {
        assert_eq!(paper_for((900.0, 700.0)), ("a4", true));
        assert_eq!(paper_for((800.0, 1000.0)), ("a4", false));
        // Twice as wide and as high: the margins stay, so one size more is enough.
        assert_eq!(paper_for((2400.0, 1500.0)), ("a3", true));
        assert_eq!(paper_for((2963.0, 3201.0)), ("a1", false));
        assert_eq!(paper_for((50_000.0, 50_000.0)), ("a0", false));
    }
}
