//! A policy as a Word document. What differs from the last issue stands in it as tracked changes,
//! which Word shows and lets people accept.

use std::fmt::Write as _;
use std::io;

use anshin_checklist::policy::{Block, Document, Kind, Mark};
use anshin_model::Lang;

use crate::docx::{XML, fonts, package, run, run_of, settings};

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// Writes a policy as a Word document. `date` is that of the issue, for the tracked changes.
///
/// # Errors
/// If the package cannot be put together.
pub fn policy_docx(document: &Document, date: &str, lang: Lang) -> io::Result<Vec<u8>> {
    let mut body = String::new();
    for (n, block) in document.blocks.iter().enumerate() {
        paragraph(&mut body, n, block, date, lang);
    }
    let main = format!(
        "{XML}<w:document xmlns:w=\"{MAIN}\"><w:body>{body}<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1304\" w:right=\"1304\" w:bottom=\"1304\" w:left=\"1304\" w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/>\
         </w:sectPr></w:body></w:document>"
    );
    let types = format!(
        "{XML}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\"{TYPES}.document.main+xml\"/>\
         <Override PartName=\"/word/styles.xml\" ContentType=\"{TYPES}.styles+xml\"/>\
         <Override PartName=\"/word/settings.xml\" ContentType=\"{TYPES}.settings+xml\"/></Types>"
    );
    let relations = |all: &[(&str, &str)]| {
        let one = |&(kind, target): &(&str, &str)| {
            format!("<Relationship Id=\"{kind}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        };
        let all: String = all.iter().map(one).collect();
        format!("{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>")
    };
    let parts = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", relations(&[("officeDocument", "word/document.xml")])),
        ("word/document.xml", main),
        (
            "word/_rels/document.xml.rels",
            relations(&[("styles", "styles.xml"), ("settings", "settings.xml")]),
        ),
        ("word/styles.xml", styles(lang)),
        ("word/settings.xml", settings(lang)),
    ];
    package(&parts, None)
}

fn paragraph(out: &mut String, n: usize, block: &Block, date: &str, lang: Lang) {
    let style = match block.kind {
        Kind::Title => "Title",
        Kind::Issue => "Issue",
        Kind::Heading => "Heading1",
        Kind::Point => "Point",
        Kind::Paragraph => "Normal",
    };
    let change = |tag: &str| format!("<w:{tag} w:id=\"{n}\" w:author=\"Anshin\" w:date=\"{date}T00:00:00Z\"");
    // The mark of the paragraph itself is a part of the change.
    let mark = match block.mark {
        Mark::Same => String::new(),
        Mark::New => format!("<w:rPr>{}/></w:rPr>", change("ins")),
        Mark::Gone => format!("<w:rPr>{}/></w:rPr>", change("del")),
    };
    let _ = write!(out, "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{mark}</w:pPr>");
    let words = match (block.kind, lang) {
        (Kind::Point, Lang::Ja) => format!("・{}", block.text),
        (Kind::Point, Lang::En) => format!("•\t{}", block.text),
        _ => block.text.clone(),
    };
    match block.mark {
        Mark::Same => run(out, &words),
        Mark::New => {
            let _ = write!(out, "{}>", change("ins"));
            run(out, &words);
            out.push_str("</w:ins>");
        }
        Mark::Gone => {
            let _ = write!(out, "{}>", change("del"));
            run_of(out, &words, "delText");
            out.push_str("</w:del>");
        }
    }
    out.push_str("</w:p>");
}

fn styles(lang: Lang) -> String {
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    format!(
        "{XML}<w:styles xmlns:w=\"{MAIN}\"><w:docDefaults><w:rPrDefault><w:rPr>{}<w:sz w:val=\"21\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr><w:spacing w:after=\"120\" w:line=\"320\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>{}{}{}{}</w:styles>",
        fonts(lang),
        style("Title", "Title", "<w:spacing w:after=\"120\"/>", "<w:b/><w:sz w:val=\"34\"/>"),
        style("Issue", "Issue", "<w:jc w:val=\"right\"/>", "<w:color w:val=\"555555\"/><w:sz w:val=\"18\"/>"),
        style(
            "Heading1",
            "heading 1",
            "<w:keepNext/><w:spacing w:before=\"280\" w:after=\"80\"/><w:outlineLvl w:val=\"0\"/>",
            "<w:b/><w:sz w:val=\"25\"/>"
        ),
        style("Point", "Point", "<w:ind w:left=\"420\" w:hanging=\"210\"/>", ""),
    )
}
