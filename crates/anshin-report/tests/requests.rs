//! Request sheets: what is in them, and that each format says all of it.

mod common;

use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::{Lang, Text, load};
use anshin_report::Branding;
use anshin_report::{Request, Subject, request_docx, request_html, requests};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

/// What the request sheets of a document are checked with.
fn with_requests(text: &str, check: impl FnOnce(&Subject<'_>, &[Request])) {
    let loaded = load::load_text("system.yaml", text, &CATALOG.vocabulary());
    let document = loaded.document.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    check(&subject, &requests(&subject));
}

fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("examples").map(|e| e.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("an example")).collect()
}

fn brand() -> Branding {
    let yaml = "anshin-branding: 1\norganization: Works & Sons <Ltd>\nlogo: logo\nfooter: \"Confidential\"\n\
                document-number: Q-7\nversion: 2\nauthor: Sato\napprover: Suzuki\ncolors: { main: \"#123456\" }\n";
    common::brand(yaml)
}

/// The parts of a Word document, each checked to be XML.
fn parts(docx: &[u8]) -> Vec<(String, String)> {
    let mut package = zip::ZipArchive::new(Cursor::new(docx)).expect("a package");
    let names: Vec<String> = package.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let texts = names.into_iter().filter(|name| !name.starts_with("word/media/")).map(|name| {
        let mut text = String::new();
        package.by_name(&name).expect("a part").read_to_string(&mut text).expect("UTF-8");
        roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    });
    texts.collect()
}

/// The paragraphs of a Word document.
fn paragraphs(docx: &[u8]) -> Vec<String> {
    let parts = parts(docx);
    let (_, document) = parts.iter().find(|(name, _)| name == "word/document.xml").expect("the document");
    let xml = roxmltree::Document::parse(document).expect("XML");
    let text = |node: roxmltree::Node<'_, '_>| {
        let inside = node.descendants().filter(|n| n.has_tag_name("t") || n.has_tag_name("br"));
        inside.map(|n| if n.has_tag_name("br") { "\n" } else { n.text().unwrap_or("") }).collect::<String>()
    };
    xml.descendants().filter(|node| node.has_tag_name("p")).map(text).collect()
}

/// The texts of a page, entities resolved.
fn page_texts(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        out.push('\u{1}');
        rest = rest[at..].split_once('>').expect("a tag ends").1;
    }
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    plain.iter().fold(out, |text, (entity, c)| text.replace(entity, c))
}

/// Every text of a request sheet.
fn texts(request: &Request) -> Vec<&Text> {
    let mut texts = vec![&request.title, &request.system, &request.to, &request.from];
    texts.extend(&request.opening);
    for sheet in &request.sheets {
        texts.push(&sheet.title);
        texts.extend(sheet.columns.iter().map(|column| &column.title));
        texts.extend(sheet.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.lines));
    }
    texts.push(&request.agreement.statement);
    texts.extend(&request.agreement.parties);
    texts.extend(&request.agreement.fields);
    texts
}

#[test]
fn everybody_but_the_lead_gets_a_sheet_with_all_that_it_is_asked_to_do() {
    for example in examples() {
        with_requests(&example, |subject, requests| {
            let lead = &subject.system.stakeholder(subject.system.lead).id;
            let stakeholders = subject.system.document.stakeholders.iter().map(|who| &who.id);
            let asked: Vec<_> = requests.iter().map(|request| &request.stakeholder).collect();
            assert_eq!(asked, stakeholders.filter(|id| *id != lead).collect::<Vec<_>>());
            for request in requests {
                let sheet = |id| request.sheets.iter().find(|sheet| sheet.id == id);
                let rows: Vec<&str> =
                    sheet("asks").iter().flat_map(|s| &s.rows).map(|row| row.key.as_str()).collect();
                let plan = subject.assessment.plan.iter();
                let due: Vec<_> = plan.filter(|item| item.implementer == request.stakeholder).collect();
                let (first, then): (Vec<_>, Vec<_>) = due.into_iter().partition(|item| item.priority);
                let due: Vec<&str> =
                    first.into_iter().chain(then).map(|item| item.requirement.as_str()).collect();
                assert_eq!(rows, due, "{}", request.stakeholder);
                assert!(sheet("what").is_some() && sheet("others").is_some());
                for sheet in &request.sheets {
                    assert!(sheet.rows.iter().all(|row| row.cells.len() == sheet.columns.len()));
                }
            }
        });
    }
}

#[test]
fn both_formats_say_everything_in_both_languages() {
    let brand = brand();
    for example in examples() {
        with_requests(&example, |_, requests| {
            for request in requests {
                for lang in Lang::ALL {
                    let docx = request_docx(request, &brand, lang).expect("a document");
                    assert_eq!(docx, request_docx(request, &brand, lang).expect("a document"));
                    let paragraphs = paragraphs(&docx);
                    let page = page_texts(&request_html(request, &brand, lang));
                    for text in texts(request) {
                        let text = text.get(lang);
                        let has = paragraphs.iter().any(|p| p == text || p.ends_with(&format!(". {text}")));
                        assert!(has, "the Word document lacks `{text}`");
                        assert!(page.contains(text), "the page lacks `{text}`");
                    }
                }
            }
        });
    }
}

#[test]
fn the_branding_is_on_every_page() {
    let example = &examples()[2];
    with_requests(example, |_, requests| {
        let docx = request_docx(&requests[0], &brand(), Lang::En).expect("a document");
        let parts = parts(&docx);
        let part = |name: &str| &parts.iter().find(|(own, _)| own == name).expect("the part").1;
        assert!(part("word/header.xml").contains("Works &amp; Sons &lt;Ltd&gt;"));
        assert!(part("word/header.xml").contains("Q-7"));
        assert!(part("word/footer.xml").contains("Confidential"));
        assert!(part("word/document.xml").contains("r:embed=\"logo\""));
        assert!(part("word/document.xml").contains("w:fill=\"123456\""));
        let page = request_html(&requests[0], &brand(), Lang::En);
        assert!(page.contains("--main: #123456") && page.contains("src=\"data:image/png;base64,iVBORw0KGgo"));
        assert!(page_texts(&page).contains("Confidential"));
    });
}

/// Names that mean something to a program on the way come through as they are.
#[test]
fn hostile_names_come_through_unharmed() {
    let long = "長".repeat(10_000);
    let names = [
        "&<>\"'</p><script>alert(1)</script>",
        "=CMD()|' /C calc'!A0",
        "😀👨‍👩‍👧 emoji",
        "\u{202E}עברית العربية\u{202C}",
        "../../etc/passwd",
        "#panic() $x$ *b* _i_ @ref <label> \\",
        &long,
    ];
    for name in names {
        let yaml = std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/gas-water-heater.yaml"),
        );
        let quoted = serde_json::to_string(name).expect("a string");
        let mut replaced = 0;
        let yaml: String = yaml
            .expect("an example")
            .lines()
            .map(|line| {
                // Names of stakeholders and assets stand on lines of their own.
                if line.starts_with("    name: ") {
                    replaced += 1;
                    format!("    name: {quoted}\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        assert!(replaced > 5);
        with_requests(&yaml, |_, requests| {
            let request = &requests[0];
            // An organization of that name as well.
            let own = common::brand_of(name);
            let docx = request_docx(request, &own, Lang::En).expect("a document");
            assert!(paragraphs(&docx).iter().any(|paragraph| paragraph == name), "{name}");
            parts(&docx);
            let page = request_html(request, &own, Lang::En);
            assert!(page_texts(&page).contains(name), "{name}");
            assert!(!page.contains("<script"));
        });
    }
}

/// On a narrow screen rows become cards: each cell carries its heading, and nothing has a fixed width.
#[test]
fn each_cell_of_the_page_knows_its_heading() {
    with_requests(&examples()[0], |_, requests| {
        for lang in Lang::ALL {
            for request in requests {
                let page = request_html(request, &brand(), lang);
                for sheet in &request.sheets {
                    for column in &sheet.columns {
                        let cell = format!("<td data-head=\"{}\"", column.title.get(lang));
                        assert!(page.matches(&cell).count() >= sheet.rows.len(), "{cell}");
                    }
                }
                assert!(
                    !page.contains("<td>")
                        || page.matches("<td>").count() == page.matches("</th><td>").count()
                );
            }
        }
    });
    assert!(!include_str!("../src/request.css").contains("min-width:"));
}
