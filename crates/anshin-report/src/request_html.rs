//! A request sheet as one self-contained HTML file, made to be read, printed and attached.

use std::fmt::Write as _;

use anshin_model::{Lang, Text};

use crate::branding::Branding;
use crate::html::escape;
use crate::sheets::request::Request;
use crate::worksheet::{Cell, Tone, Worksheet};

/// How the sheet looks, on a screen and on paper.
const STYLE: &str = include_str!("request.css");

/// Writes a request sheet as one file.
pub fn request_html(request: &Request, branding: &Branding, lang: Lang) -> String {
    let mut page = Page { out: String::with_capacity(32 * 1024), lang };
    page.head(request, branding);
    page.front(request, branding);
    for (n, sheet) in (1..).zip(&request.sheets) {
        page.sheet(n, sheet);
    }
    page.agreement(request);
    if let Some(footer) = &branding.footer {
        page.element("<footer>", footer, "</footer>\n");
    }
    page.out.push_str("</main>\n</body>\n</html>\n");
    page.out
}

/// The page as far as it is written.
struct Page {
    out: String,
    lang: Lang,
}

impl Page {
    fn text(&mut self, text: &Text) {
        escape(&mut self.out, text.get(self.lang));
    }

    /// Adds an element that holds a text.
    fn element(&mut self, open: &str, text: &Text, close: &str) {
        self.out.push_str(open);
        self.text(text);
        self.out.push_str(close);
    }

    fn head(&mut self, request: &Request, branding: &Branding) {
        let lang = self.lang.code();
        let (main, accent) = (branding.colors.main.hex(), branding.colors.accent.hex());
        let _ = write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"generator\" content=\"Anshin\">\n<title>"
        );
        self.text(&request.title);
        self.out.push_str(" — ");
        self.text(&request.to);
        let _ = write!(
            self.out,
            "</title>\n<style>\n:root {{ --main: {main}; --accent: {accent}; }}\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        );
    }

    fn front(&mut self, request: &Request, branding: &Branding) {
        self.out.push_str("<header>\n");
        if let Some(logo) = &branding.logo {
            let _ = write!(self.out, "<img class=\"logo\" src=\"{}\" alt=\"", logo.data_address());
            self.text(branding.organization.as_ref().unwrap_or(&request.from));
            self.out.push_str("\">\n");
        } else if let Some(organization) = &branding.organization {
            self.element("<p class=\"organization\">", organization, "</p>\n");
        }
        self.element("<h1>", &request.title, "</h1>\n");
        self.out.push_str("</header>\n<dl class=\"facts\">\n");
        let mut facts = vec![
            (Text::new("依頼先", "To"), request.to.clone()),
            (Text::new("依頼元", "From"), request.from.clone()),
            (Text::new("対象機器・システム", "System"), request.system.clone()),
        ];
        facts.extend(branding.details());
        for (name, value) in &facts {
            self.element("<div><dt>", name, "</dt>");
            self.element("<dd>", value, "</dd></div>\n");
        }
        self.out.push_str("</dl>\n");
        for text in &request.opening {
            self.element("<p>", text, "</p>\n");
        }
    }

    fn sheet(&mut self, n: usize, sheet: &Worksheet) {
        let id = sheet.id;
        let _ = write!(self.out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{n}. ");
        self.element("", &sheet.title, "</h2>\n");
        if !sheet.purpose.is_empty() {
            self.element("<p class=\"remark\">", &sheet.purpose, "</p>\n");
        }
        let sum: u32 = sheet.columns.iter().map(|column| u32::from(column.width)).sum::<u32>().max(1);
        let class = if sheet.columns.len() > 2 { " class=\"cards\"" } else { "" };
        let _ = write!(self.out, "<table{class} aria-labelledby=\"{id}\">\n<colgroup>");
        for column in &sheet.columns {
            let share = f64::from(column.width) * 100.0 / f64::from(sum);
            let _ = write!(self.out, "<col style=\"width:{share:.1}%\">");
        }
        self.out.push_str("</colgroup>\n<thead>\n<tr>");
        for column in &sheet.columns {
            self.element("<th scope=\"col\">", &column.title, "</th>");
        }
        self.out.push_str("</tr>\n</thead>\n<tbody>\n");
        for row in &sheet.rows {
            self.out.push_str("<tr>");
            for (cell, column) in row.cells.iter().zip(&sheet.columns) {
                self.cell(cell, &column.title);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</section>\n");
    }

    /// A cell. It knows its heading: on a narrow screen it stands beside it.
    fn cell(&mut self, cell: &Cell, head: &Text) {
        self.element("<td data-head=\"", head, "\"");
        match cell.tone.ground() {
            Some(ground) => {
                let _ = write!(self.out, " style=\"background:#{ground:06x}\">");
            }
            None if cell.tone == Tone::Faint => self.out.push_str(" class=\"faint\">"),
            None => self.out.push('>'),
        }
        let lang = self.lang;
        for line in cell.lines.iter().filter(|line| !line.get(lang).is_empty()) {
            self.element("<p>", line, "</p>");
        }
        self.out.push_str("</td>");
    }

    fn agreement(&mut self, request: &Request) {
        let agreement = &request.agreement;
        let n = request.sheets.len() + 1;
        let _ = write!(
            self.out,
            "<section class=\"agreement\" aria-labelledby=\"agreement\">\n<h2 id=\"agreement\">{n}. "
        );
        self.element("", &agreement.title, "</h2>\n");
        self.element("<p>", &agreement.statement, "</p>\n<div class=\"parties\">\n");
        for party in &agreement.parties {
            self.element("<table>\n<caption>", party, "</caption>\n<tbody>\n");
            for field in &agreement.fields {
                self.element("<tr><th scope=\"row\">", field, "</th><td></td></tr>\n");
            }
            self.out.push_str("</tbody>\n</table>\n");
        }
        self.out.push_str("</div>\n</section>\n");
    }
}
