//! A request sheet as a Word document.
//!
//! The parts of an Office Open XML package are few when a document needs headings, paragraphs and
//! tables only, so they are written here. See: ECMA-376, part 1, 17 (`WordprocessingML`).

use std::fmt::Write as _;
use std::io::{self, Cursor, Write as _};

use anshin_model::{Lang, Text};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::branding::{Branding, Color, Form};
use crate::html::escape;
use crate::paper;
use crate::sheets::request::Request;
use crate::worksheet::Worksheet;

/// Width of the text on a page of A4 with margins of 20 mm, in twentieths of a point.
const TEXT_WIDTH: u32 = 11_906 - 2 * MARGIN;
const MARGIN: u32 = 1_134;

/// About how many half-width characters of a table fit beside each other.
const CHARACTERS: usize = 100;

/// A row of more lines than this may break over pages.
const HIGHEST_WHOLE_ROW: usize = 30;

/// Height of a logo in English Metric Units (11 mm), and its largest width (70 mm).
const LOGO_HEIGHT: f64 = 396_000.0;
const LOGO_WIDTH: f64 = 2_520_000.0;

/// Writes a request sheet as a Word document.
///
/// # Errors
/// If the package cannot be put together.
pub fn docx(request: &Request, branding: &Branding, lang: Lang) -> io::Result<Vec<u8>> {
    let logo = branding.logo.as_ref().map(|logo| {
        let (form, bytes) = logo.pixels();
        (form, bytes, logo.ratio)
    });
    let mut body = Body { out: String::with_capacity(64 * 1024), lang, main: branding.colors.main };
    body.request(request, branding, logo.map(|(_, _, ratio)| ratio));
    let document = format!(
        "{XML}<w:document {NAMESPACES}><w:body>{}<w:sectPr>\
         <w:headerReference w:type=\"default\" r:id=\"header\"/><w:footerReference w:type=\"default\" r:id=\"footer\"/>\
         <w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1304\" w:right=\"{MARGIN}\" w:bottom=\"1304\" w:left=\"{MARGIN}\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>",
        body.out
    );
    let picture = |id: &str, form: Form| {
        format!(
            "<Relationship Id=\"{id}\" Type=\"{OFFICE}/image\" Target=\"media/logo.{}\"/>",
            form.extension()
        )
    };
    let own: String =
        [("styles", "styles"), ("settings", "settings"), ("header", "header"), ("footer", "footer")]
            .into_iter()
            .map(|(id, kind)| {
                format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{id}.xml\"/>")
            })
            .chain(logo.map(|(form, _, _)| picture("logo", form)))
            .collect();
    let parts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", PACKAGE.to_owned()),
        ("docProps/core.xml", properties(request, branding, lang)),
        ("word/document.xml", document),
        (
            "word/_rels/document.xml.rels",
            format!("{XML}<Relationships xmlns=\"{RELATIONSHIPS}\">{own}</Relationships>"),
        ),
        ("word/styles.xml", styles(branding, lang)),
        ("word/settings.xml", settings(lang)),
        ("word/header.xml", header(request, branding, lang)),
        ("word/footer.xml", footer(branding, lang)),
    ];
    let media = logo.map(|(form, bytes, _)| (format!("word/media/logo.{}", form.extension()), bytes));
    package(&parts, media.as_ref().map(|(name, bytes)| (name.as_str(), *bytes)))
}

/// Parts, and a picture, in one packed file: the same parts give the same bytes.
pub(crate) fn package(parts: &[(&str, String)], media: Option<(&str, &[u8])>) -> io::Result<Vec<u8>> {
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    let texts = parts.iter().map(|(name, part)| (*name, part.as_bytes()));
    for (name, bytes) in texts.chain(media) {
        package.start_file(name, options)?;
        package.write_all(bytes)?;
    }
    Ok(package.finish()?.into_inner())
}

pub(crate) const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"";
const PACKAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"document\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>\
    <Relationship Id=\"core\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
    </Relationships>";

fn content_types() -> String {
    const MAIN: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let defaults = [
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"),
        ("xml", "application/xml"),
        ("png", "image/png"),
        ("jpg", "image/jpeg"),
    ];
    let overrides = [
        ("word/document", format!("{MAIN}.document.main+xml")),
        ("word/styles", format!("{MAIN}.styles+xml")),
        ("word/settings", format!("{MAIN}.settings+xml")),
        ("word/header", format!("{MAIN}.header+xml")),
        ("word/footer", format!("{MAIN}.footer+xml")),
        ("docProps/core", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
    ];
    let mut out =
        format!("{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">");
    for (extension, media) in defaults {
        let _ = write!(out, "<Default Extension=\"{extension}\" ContentType=\"{media}\"/>");
    }
    for (part, media) in overrides {
        let _ = write!(out, "<Override PartName=\"/{part}.xml\" ContentType=\"{media}\"/>");
    }
    out.push_str("</Types>");
    out
}

fn properties(request: &Request, branding: &Branding, lang: Lang) -> String {
    let mut out = format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\">"
    );
    let mut element = |name: &str, value: &str| {
        let _ = write!(out, "<{name}>");
        escape(&mut out, value);
        let _ = write!(out, "</{name}>");
    };
    element("dc:title", &format!("{} — {}", request.title.get(lang), request.system.get(lang)));
    let creator = branding.author.as_ref().or(branding.organization.as_ref()).unwrap_or(&request.from);
    element("dc:creator", creator.get(lang));
    element("dc:language", lang.code());
    out.push_str("</cp:coreProperties>");
    out
}

pub(crate) fn fonts(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => {
            "<w:rFonts w:ascii=\"Yu Gothic\" w:hAnsi=\"Yu Gothic\" w:eastAsia=\"Yu Gothic\" w:cs=\"Arial\"/>"
        }
        Lang::En => {
            "<w:rFonts w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:eastAsia=\"Yu Gothic\" w:cs=\"Arial\"/>"
        }
    }
}

fn styles(branding: &Branding, lang: Lang) -> String {
    let main = digits(branding.colors.main);
    let accent = digits(branding.colors.accent);
    let fonts = fonts(lang);
    let bcp = match lang {
        Lang::Ja => "ja-JP",
        Lang::En => "en-US",
    };
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    format!(
        "{XML}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>\
         <w:lang w:val=\"{bcp}\" w:eastAsia=\"ja-JP\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:after=\"80\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
         {}{}{}{}{}{}{}{}{}</w:styles>",
        style(
            "Title",
            "Title",
            &format!(
                "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"12\" w:space=\"4\" w:color=\"{accent}\"/></w:pBdr><w:spacing w:before=\"120\" w:after=\"160\"/>"
            ),
            &format!("<w:b/><w:color w:val=\"{main}\"/><w:sz w:val=\"36\"/><w:szCs w:val=\"36\"/>"),
        ),
        style(
            "Heading1",
            "heading 1",
            "<w:keepNext/><w:spacing w:before=\"280\" w:after=\"80\"/><w:outlineLvl w:val=\"0\"/>",
            &format!("<w:b/><w:color w:val=\"{main}\"/><w:sz w:val=\"26\"/><w:szCs w:val=\"26\"/>"),
        ),
        style(
            "Remark",
            "Remark",
            "<w:keepNext/>",
            "<w:color w:val=\"555555\"/><w:sz w:val=\"18\"/><w:szCs w:val=\"18\"/>"
        ),
        style(
            "TableText",
            "Table Text",
            "<w:spacing w:after=\"20\"/>",
            "<w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>"
        ),
        style(
            "TableHead",
            "Table Head",
            "<w:keepNext/><w:spacing w:after=\"0\"/>",
            "<w:b/><w:color w:val=\"FFFFFF\"/><w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>",
        ),
        style(
            "Small",
            "Small",
            "<w:spacing w:after=\"0\"/>",
            "<w:color w:val=\"555555\"/><w:sz w:val=\"16\"/><w:szCs w:val=\"16\"/>"
        ),
        style(
            "FieldName",
            "Field Name",
            "<w:keepNext/><w:spacing w:after=\"0\"/>",
            "<w:color w:val=\"555555\"/><w:sz w:val=\"16\"/><w:szCs w:val=\"16\"/>"
        ),
        style(
            "Field",
            "Field",
            "<w:keepNext/><w:spacing w:after=\"20\"/>",
            "<w:sz w:val=\"17\"/><w:szCs w:val=\"17\"/>"
        ),
        style(
            "Party",
            "Party",
            "<w:spacing w:after=\"0\"/>",
            "<w:b/><w:sz w:val=\"18\"/><w:szCs w:val=\"18\"/>"
        ),
    )
}

/// Settings of a document: without them Word opens it in the manner of its older versions.
pub(crate) fn settings(lang: Lang) -> String {
    let theme = match lang {
        Lang::Ja => "ja-JP",
        Lang::En => "en-US",
    };
    format!(
        "{XML}<w:settings {NAMESPACES}><w:characterSpacingControl w:val=\"compressPunctuation\"/><w:compat>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/>\
         </w:compat><w:themeFontLang w:val=\"{theme}\" w:eastAsia=\"ja-JP\"/></w:settings>"
    )
}

/// What stands at the top of every page: whose sheet it is and about which system.
fn header(request: &Request, branding: &Branding, lang: Lang) -> String {
    let left = branding.organization.as_ref().unwrap_or(&request.from).get(lang);
    let right = [branding.document_number.as_deref(), branding.version.as_deref()];
    let right = right.into_iter().flatten().collect::<Vec<_>>().join("  ");
    let mut out = format!("{XML}<w:hdr {NAMESPACES}>");
    sides(&mut out, left, |out| run(out, &right));
    out.push_str("</w:hdr>");
    out
}

/// What stands at the foot of every page.
fn footer(branding: &Branding, lang: Lang) -> String {
    let mut out = format!("{XML}<w:ftr {NAMESPACES}>");
    let left = branding.footer.as_ref().map_or("", |footer| footer.get(lang));
    sides(&mut out, left, |out| {
        for (field, before) in [("PAGE", ""), ("NUMPAGES", " / ")] {
            if !before.is_empty() {
                run(out, before);
            }
            let _ = write!(out, "<w:fldSimple w:instr=\" {field} \"><w:r><w:t>1</w:t></w:r></w:fldSimple>");
        }
    });
    out.push_str("</w:ftr>");
    out
}

/// A line with something on the left and something on the right.
fn sides(out: &mut String, left: &str, right: impl FnOnce(&mut String)) {
    let _ = write!(
        out,
        "<w:p><w:pPr><w:pStyle w:val=\"Small\"/><w:tabs><w:tab w:val=\"right\" w:pos=\"{TEXT_WIDTH}\"/></w:tabs></w:pPr>"
    );
    run(out, left);
    out.push_str("<w:r><w:tab/></w:r>");
    right(out);
    out.push_str("</w:p>");
}

/// The document as far as it is written.
struct Body {
    out: String,
    lang: Lang,
    main: Color,
}

impl Body {
    fn request(&mut self, request: &Request, branding: &Branding, logo: Option<f64>) {
        if let Some(ratio) = logo {
            self.logo(ratio);
        }
        self.paragraph("Title", &request.title);
        let mut facts = vec![
            (Text::new("依頼先", "To"), request.to.clone()),
            (Text::new("依頼元", "From"), request.from.clone()),
            (Text::new("対象機器・システム", "System"), request.system.clone()),
        ];
        facts.extend(branding.details());
        self.facts(&facts);
        for text in &request.opening {
            self.paragraph("Normal", text);
        }
        for (n, sheet) in (1..).zip(&request.sheets) {
            self.numbered(n, &sheet.title);
            if !sheet.purpose.is_empty() {
                self.paragraph("Remark", &sheet.purpose);
            }
            self.sheet(sheet);
        }
        let agreement = &request.agreement;
        self.numbered(request.sheets.len() + 1, &agreement.title);
        self.out.push_str("<w:p><w:pPr><w:keepNext/></w:pPr>");
        run(&mut self.out, agreement.statement.get(self.lang));
        self.out.push_str("</w:p>");
        self.agreement(request);
    }

    fn paragraph(&mut self, style: &str, text: &Text) {
        let _ = write!(self.out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
        run(&mut self.out, text.get(self.lang));
        self.out.push_str("</w:p>");
    }

    fn numbered(&mut self, n: usize, title: &Text) {
        let text = format!("{n}. {}", title.get(self.lang));
        self.paragraph("Heading1", &Text::same(text));
    }

    #[expect(clippy::cast_possible_truncation, reason = "a logo is a few centimetres")]
    fn logo(&mut self, ratio: f64) {
        let width = (LOGO_HEIGHT * ratio).min(LOGO_WIDTH);
        let (wide, high) = (width as i64, (width / ratio) as i64);
        let _ = write!(
            self.out,
            "<w:p><w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{wide}\" cy=\"{high}\"/><wp:docPr id=\"1\" name=\"logo\" descr=\"logo\"/>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic><pic:nvPicPr><pic:cNvPr id=\"1\" name=\"logo\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"logo\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{wide}\" cy=\"{high}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing></w:r></w:p>"
        );
    }

    /// Opens a table whose columns share the width of the text.
    fn open_table(&mut self, widths: &[u32]) {
        let _ =
            write!(self.out, "<w:tbl><w:tblPr><w:tblW w:w=\"{TEXT_WIDTH}\" w:type=\"dxa\"/><w:tblBorders>");
        for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
            let _ =
                write!(self.out, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BFBFBF\"/>");
        }
        self.out.push_str(
            "</w:tblBorders><w:tblLayout w:type=\"fixed\"/><w:tblCellMar>\
             <w:top w:w=\"40\" w:type=\"dxa\"/><w:left w:w=\"80\" w:type=\"dxa\"/>\
             <w:bottom w:w=\"40\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr><w:tblGrid>",
        );
        for width in widths {
            let _ = write!(self.out, "<w:gridCol w:w=\"{width}\"/>");
        }
        self.out.push_str("</w:tblGrid>");
    }

    fn cell(&mut self, width: u32, ground: Option<&str>, style: &str, lines: &[&str]) {
        let _ = write!(self.out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
        if let Some(ground) = ground {
            let _ = write!(self.out, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{ground}\"/>");
        }
        self.out.push_str("</w:tcPr>");
        // A cell has at least one paragraph.
        for line in if lines.is_empty() { &[""] } else { lines } {
            let _ = write!(self.out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>");
            run(&mut self.out, line);
            self.out.push_str("</w:p>");
        }
        self.out.push_str("</w:tc>");
    }

    /// Names and what they stand for.
    fn facts(&mut self, facts: &[(Text, Text)]) {
        let widths = shares(&[22, 78]);
        self.open_table(&widths);
        for (name, value) in facts {
            self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            self.cell(widths[0], Some("F2F2F2"), "TableText", &[name.get(self.lang)]);
            self.cell(widths[1], None, "TableText", &[value.get(self.lang)]);
            self.out.push_str("</w:tr>");
        }
        self.out.push_str("</w:tbl><w:p/>");
    }

    fn sheet(&mut self, sheet: &Worksheet) {
        let needs = paper::needs(sheet, sheet.rows.len(), self.lang);
        let (widths, lines) = paper::widths(&needs, CHARACTERS);
        let widths = shares(&widths);
        self.open_table(&widths);
        let main = digits(self.main);
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
        for ((_, column), width) in paper::columns(sheet).zip(&widths) {
            self.cell(*width, Some(&main), "TableHead", &[column.title.get(self.lang)]);
        }
        self.out.push_str("</w:tr>");
        for (row, lines) in sheet.rows.iter().zip(lines) {
            let whole = lines <= HIGHEST_WHOLE_ROW;
            self.out.push_str(if whole { "<w:tr><w:trPr><w:cantSplit/></w:trPr>" } else { "<w:tr>" });
            for ((n, _), width) in paper::columns(sheet).zip(&widths) {
                let Some(cell) = row.cells.get(n) else { continue };
                let lines: Vec<&str> = cell.lines.iter().map(|line| line.get(self.lang)).collect();
                let ground = cell.tone.ground().map(|ground| format!("{ground:06X}"));
                self.cell(*width, ground.as_deref(), "TableText", &lines);
            }
            self.out.push_str("</w:tr>");
        }
        self.out.push_str("</w:tbl>");
    }

    /// Both sides beside each other, with room to write.
    fn agreement(&mut self, request: &Request) {
        let agreement = &request.agreement;
        let widths = shares(&[14, 36, 14, 36]);
        self.open_table(&widths);
        self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (party, pair) in agreement.parties.iter().zip(widths.chunks(2)) {
            let _ = write!(
                self.out,
                "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/><w:gridSpan w:val=\"2\"/>\
                 <w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F2F2\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"Party\"/><w:keepNext/></w:pPr>",
                pair.iter().sum::<u32>()
            );
            run(&mut self.out, party.get(self.lang));
            self.out.push_str("</w:p></w:tc>");
        }
        self.out.push_str("</w:tr>");
        let last = agreement.fields.len().saturating_sub(1);
        for (n, field) in agreement.fields.iter().enumerate() {
            let height = if n == last { 1_000 } else { 520 };
            let _ = write!(
                self.out,
                "<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val=\"{height}\" w:hRule=\"atLeast\"/></w:trPr>"
            );
            // The rows stay together: nobody signs on a page of its own.
            let (name, value) = if n == last { ("Small", "TableText") } else { ("FieldName", "Field") };
            for pair in widths.chunks(2) {
                self.cell(pair[0], None, name, &[field.get(self.lang)]);
                self.cell(pair[1], None, value, &[]);
            }
            self.out.push_str("</w:tr>");
        }
        self.out.push_str("</w:tbl><w:p/>");
    }
}

/// The width of the text shared out, with a least width that two characters fit in.
fn shares(widths: &[usize]) -> Vec<u32> {
    let sum = widths.iter().sum::<usize>().max(1);
    let share =
        |width: &usize| u32::try_from(TEXT_WIDTH as usize * width / sum).unwrap_or(TEXT_WIDTH).max(440);
    widths.iter().map(share).collect()
}

fn digits(color: Color) -> String {
    color.hex().trim_start_matches('#').to_uppercase()
}

/// Adds a run of text; line breaks and tabs keep their meaning.
pub(crate) fn run(out: &mut String, text: &str) {
    run_of(out, text, "t");
}

/// A run whose text stands in elements of a name: `t`, or `delText` for what was taken out.
pub(crate) fn run_of(out: &mut String, text: &str, element: &str) {
    out.push_str("<w:r>");
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push_str("<w:br/>");
        }
        for (n, piece) in line.split('\t').enumerate() {
            if n > 0 {
                out.push_str("<w:tab/>");
            }
            let _ = write!(out, "<w:{element} xml:space=\"preserve\">");
            escape(out, piece);
            let _ = write!(out, "</w:{element}>");
        }
    }
    out.push_str("</w:r>");
}
