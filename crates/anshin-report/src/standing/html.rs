//! The report as one self-contained page.

use std::fmt::Write as _;

use anshin_model::{Lang, Text};

use super::{Others, PartLine, ScoreLine, StandingReport, StepLine};
use crate::html::{Figure, escape};
use crate::worksheet::Worksheet;

/// The report as a page that needs nothing else; on paper its first part is one sheet.
pub fn html(report: &StandingReport, lang: Lang) -> String {
    let mut page = Page { out: String::new(), lang };
    page.report(report);
    page.out
}

struct Page {
    out: String,
    lang: Lang,
}

impl Page {
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn text(&mut self, text: &Text) {
        escape(&mut self.out, text.get(self.lang));
    }

    /// A text in an element.
    fn element(&mut self, name: &str, class: &str, text: &Text) {
        if text.is_empty() {
            return;
        }
        if class.is_empty() {
            let _ = write!(self.out, "<{name}>");
        } else {
            let _ = write!(self.out, "<{name} class=\"{class}\">");
        }
        self.text(text);
        let _ = write!(self.out, "</{name}>");
    }

    fn heading(&mut self, ja: &str, en: &str) {
        self.raw("\n");
        self.element("h2", "", &Text::new(ja, en));
        self.raw("\n");
    }

    fn figure(&mut self, figure: &Figure) {
        let _ = write!(self.out, "<figure>{}</figure>", figure.svg);
    }

    fn report(&mut self, report: &StandingReport) {
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
            self.lang.code()
        );
        self.element("title", "", &report.title);
        let _ = write!(self.out, "\n<style>{STYLE}</style></head>\n<body>\n<header>");
        self.element("h1", "", &report.title);
        self.element("p", "", &report.subject);
        self.raw("</header>\n<div class=\"top\"><section>");
        for (n, score) in report.scores.iter().enumerate() {
            self.score(score, if n == 0 { "big" } else { "small" });
        }
        self.element("p", "faint", &report.progress);
        self.raw("</section>");
        if let Some(radar) = &report.radar {
            self.figure(radar);
        }
        self.raw("</div>\n");
        self.parts(&report.parts);
        self.element("h2", "", &report.first);
        if report.steps.is_empty() {
            self.element("p", "", &report.complete);
        }
        self.raw("<ol>\n");
        for step in &report.steps {
            self.step(step);
        }
        self.raw("</ol>\n");
        if let Some(changed) = &report.changed {
            self.heading("前回との違い", "Since the round before");
            self.element("p", "", &changed.counts);
            self.raw("<p class=\"faint\">");
            for item in &changed.items {
                self.text(item);
                self.raw("　");
            }
            self.raw("</p>");
        }
        if let Some(others) = &report.others {
            self.others(others);
        }
        self.register(&report.register);
        self.raw("</body></html>\n");
    }

    fn score(&mut self, score: &ScoreLine, class: &str) {
        let _ = write!(self.out, "<p class=\"{class}\">");
        self.element("span", "", &score.name);
        let _ = write!(self.out, " <b>{}</b> / {}</p>", score.value, score.most);
        if let Some((name, about)) = &score.band {
            self.raw("<p>");
            self.element("strong", "", name);
            self.raw(" ");
            self.text(about);
            self.raw("</p>");
        }
        if let Some(target) = &score.target {
            self.element("p", "", target);
        }
    }

    fn parts(&mut self, parts: &[PartLine]) {
        if parts.is_empty() {
            return;
        }
        self.raw("<table class=\"parts\">\n");
        for part in parts {
            self.raw("<tr>");
            self.element("th", "", &part.title);
            let share = 100.0 * part.share;
            let _ = writeln!(
                self.out,
                "<td class=\"bar\"><i style=\"width:{share:.0}%\"></i></td><td>{}</td><td>{share:.0} %</td></tr>",
                part.points
            );
        }
        self.raw("</table>\n");
    }

    fn step(&mut self, step: &StepLine) {
        self.raw("<li>");
        self.element("strong", "", &step.title);
        self.raw(" ");
        self.element("span", "faint", &step.state);
        if !step.advice.is_empty() {
            self.raw("<br>");
            self.text(&step.advice);
        }
        if !step.measures.is_empty() {
            self.raw("<br><span class=\"faint\">");
            for (n, measure) in step.measures.iter().enumerate() {
                self.raw(if n == 0 { "→ " } else { " / " });
                self.text(measure);
            }
            self.raw("</span>");
        }
        self.raw("</li>\n");
    }

    fn others(&mut self, others: &Others) {
        self.heading("他社との比較", "Beside others");
        self.element("p", "", &others.words);
        self.raw("\n<div class=\"top\">");
        for figure in &others.figures {
            self.figure(figure);
        }
        self.raw("</div>\n");
    }

    fn register(&mut self, register: &Worksheet) {
        if register.rows.is_empty() {
            return;
        }
        self.element("h2", "next", &register.title);
        self.raw("\n<table class=\"register\">\n<tr>");
        for column in &register.columns {
            self.raw("<th>");
            self.text(&column.title);
            self.raw("</th>");
        }
        self.raw("</tr>\n");
        for row in &register.rows {
            self.raw("<tr>");
            for cell in &row.cells {
                self.raw("<td>");
                for (n, line) in cell.lines.iter().enumerate() {
                    self.raw(if n == 0 { "" } else { " / " });
                    self.text(line);
                }
                self.raw("</td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</table>\n");
    }
}

const STYLE: &str = "body{font-family:'Hiragino Sans','Noto Sans JP','Yu Gothic',Meiryo,sans-serif;line-height:1.6;\
max-width:62rem;margin:1.5rem auto;padding:0 1rem;color:#1b2530;background:#fff;font-size:.95rem}\
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.2rem 0 .4rem;border-bottom:1px solid #aeb9c4;break-after:avoid}\
header{border-bottom:3px solid #1f3a5f;margin-bottom:1rem}header p{margin:.2rem 0}.top{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}\
.top>section{flex:1 1 16rem}figure{flex:1 1 18rem;max-width:26rem;margin:0;min-width:0}figure svg{width:100%;height:auto}\
.big{font-size:1.2rem;margin:.3rem 0}.big b{font-size:2.6rem}.small{margin:.2rem 0}.faint{color:#55626f;font-size:.88em}\
table{border-collapse:collapse;width:100%}.parts th{text-align:left;font-weight:normal;width:40%}.parts td{padding:.1rem .4rem;white-space:nowrap}\
.bar{width:40%;background:#eef1f4}.bar i{display:block;height:.8rem;background:#00507f}\
.register{font-size:.8rem}.register th,.register td{border:1px solid #aeb9c4;padding:.2rem .35rem;text-align:left;vertical-align:top}\
.register th{background:#eef1f4}li{margin:.3rem 0;break-inside:avoid}tr{break-inside:avoid}\
@page{size:A4;margin:14mm}@media print{body{margin:0;max-width:none;font-size:.78rem;line-height:1.45}figure{max-width:19rem}h2{margin-top:.7rem}.next{break-before:page}}";
