//! Documents in English, set with fonts that come with the tests, so that they need nothing of the
//! system. What is in the pages, and Japanese, is checked by `scripts/check-documents`.

use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::{Lang, Text, load};
use anshin_pdf::{Error, Fonts, NotAFont, Pdf};
use anshin_report::worksheet::{Cell, Column, Row, Worksheet};
use anshin_report::{
    Branding, PartLine, ScoreLine, StandingReport, StepLine, Subject, html, page, requests, worksheets,
};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

/// Libertinus Serif: Latin, Greek and Cyrillic letters, no Japanese.
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let mut fonts = Fonts::none();
    for font in typst_assets::fonts().filter(|font| font.windows(10).any(|w| w == b"Libertinus")) {
        fonts.add(font.to_vec()).expect("a font");
    }
    fonts
});

fn with_example(name: &str, check: impl FnOnce(&Subject<'_>)) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let text = std::fs::read_to_string(path).expect("an example");
    let loaded = load::load_text("system.yaml", &text, &CATALOG.vocabulary());
    let document = loaded.document.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    check(&Subject { system: &system, assessment: &assessment });
}

fn is_whole(pdf: &Pdf) -> bool {
    pdf.bytes.starts_with(b"%PDF-") && pdf.bytes.trim_ascii_end().ends_with(b"%%EOF")
}

fn text(text: &str) -> Text {
    Text::same(text)
}

/// A page with one small table.
fn small(title: &str, lines: &[&str]) -> Worksheet {
    Worksheet {
        id: "small",
        title: text(title),
        purpose: text(title),
        from: Text::default(),
        to: Text::default(),
        columns: vec![Column::new(text("Name"), 10), Column::new(text(title), 90)],
        rows: lines
            .iter()
            .map(|line| Row {
                key: (*line).to_owned(),
                cells: vec![Cell::new(text("a")), Cell::new(text(line)).why(vec![text(line)])],
            })
            .collect(),
    }
}

fn set(title: &str, lines: &[&str], lang: Lang) -> Result<Pdf, Error> {
    let sheets = [small(title, lines)];
    let page = html::Page {
        title: text(title),
        subtitle: text(title),
        summary: vec![text(title)],
        figures: Vec::new(),
        sheets: &sheets,
    };
    anshin_pdf::report(&page, "test", &Branding::default(), &FONTS, lang)
}

#[test]
fn a_report_and_its_request_sheets_are_set_the_same_each_time() {
    with_example("gas-water-heater.yaml", |subject| {
        let sheets = worksheets(subject);
        let page = page(subject, &sheets, Lang::En);
        let report =
            || anshin_pdf::report(&page, "heater", &Branding::default(), &FONTS, Lang::En).expect("a report");
        let first = report();
        assert!(is_whole(&first));
        assert!(first.bytes == report().bytes, "two runs differ");
        for request in requests(subject) {
            let pdf = anshin_pdf::request(&request, "sheet", &Branding::default(), &FONTS, Lang::En);
            assert!(is_whole(&pdf.expect("a request sheet")));
        }
    });
}

#[test]
fn without_a_font_for_the_language_there_is_no_pdf() {
    let sheets = [small("Title", &["line"])];
    let page = html::Page {
        title: text("Title"),
        subtitle: Text::default(),
        summary: Vec::new(),
        figures: Vec::new(),
        sheets: &sheets,
    };
    for lang in Lang::ALL {
        let made = anshin_pdf::report(&page, "test", &Branding::default(), &Fonts::none(), lang);
        let error = made.expect_err("no font, no PDF");
        assert_eq!(error, Error::NoFont(lang));
        assert!(error.message().get(lang).contains("--font FILE"));
    }
    assert_eq!(set("Title", &["line"], Lang::Ja).expect_err("no Japanese font"), Error::NoFont(Lang::Ja));
}

#[test]
fn what_people_write_is_never_read_as_markup() {
    let long = "x".repeat(10_000);
    let hostile = [
        "#panic(\"no\") #import \"/etc/passwd\" $x$ *b* _i_ @ref <label> `raw` = heading",
        "\\ \\u{41} [x] {y} // comment /* comment */ https://example.com",
        "&<>\"'",
        "=CMD()",
        "../../etc/passwd",
        "line\nline\ttab",
        &long,
        "",
    ];
    let pdf = set("#panic() $", &hostile, Lang::En).expect("a report");
    assert!(is_whole(&pdf) && pdf.missing.is_empty());
}

#[test]
fn characters_that_no_font_has_are_named() {
    let pdf = set("Title", &["安心 😀 \u{202E}אב\u{202C}"], Lang::En).expect("a report");
    assert!(is_whole(&pdf));
    for c in ['安', '心', '😀'] {
        assert!(pdf.missing.contains(&c), "{c} is not named: {:?}", pdf.missing);
    }
    // Marks of direction have no shape, and letters that are there are not missing.
    assert!(!pdf.missing.contains(&'\u{202E}') && !pdf.missing.contains(&'T'));
}

#[test]
fn tables_of_many_rows_say_where_the_rest_is() {
    let lines: Vec<String> = (0..1_000).map(|n| format!("row {n}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let whole = set("Title", &lines, Lang::En).expect("a report");
    let part = set("Title", &lines[..700], Lang::En).expect("a report");
    assert!(is_whole(&whole));
    // Both are cut at the same row, so they differ by the numbers of the remark only.
    assert!(whole.bytes.len().abs_diff(part.bytes.len()) < 2_000);
}

#[test]
fn files_that_are_no_fonts_are_refused() {
    for bytes in [Vec::new(), b"no font".to_vec(), b"\0\x01\0\0\0\x0A".to_vec(), vec![0xFF; 4_096]] {
        assert_eq!(Fonts::none().add(bytes), Err(NotAFont));
    }
}

/// The report of a checklist: one page for the management, whatever is on it, then the register.
#[test]
fn where_a_company_stands_fits_one_page() {
    let line =
        |n: usize| PartLine { title: text(&format!("Section {n}")), points: "1 / 2".into(), share: 0.5 };
    let step = StepLine {
        title: text("Software #updates"),
        state: text("not met"),
        advice: text(&"Switch on automatic updates in every machine. ".repeat(4)),
        measures: vec![text("Apply published updates promptly")],
    };
    let mut report = StandingReport {
        title: text("Self-diagnosis"),
        subject: text("Yamada *Works*"),
        scores: vec![ScoreLine {
            name: text("Total"),
            value: "48".into(),
            most: "100".into(),
            band: Some((text("49 or fewer"), text("Start now."))),
            target: Some(text("32 below the target of 80")),
        }],
        progress: text("answered 25 / 25"),
        radar: None,
        parts: (0..24).map(line).collect(),
        first: text("What to do first"),
        steps: vec![step; 5],
        complete: text("Nothing is missing."),
        changed: None,
        others: None,
        register: small("Register", &[]),
    };
    let set = |report: &StandingReport| {
        let pdf =
            anshin_pdf::standing(report, "test", &Branding::default(), &FONTS, Lang::En).expect("a PDF");
        assert!(is_whole(&pdf) && pdf.missing.is_empty());
        String::from_utf8_lossy(&pdf.bytes).matches("/Type/Page/").count()
    };
    assert_eq!(set(&report), 1);
    report.parts = (0..120).map(line).collect();
    assert_eq!(set(&report), 1);
    report.register = small("Register", &["a", "b"]);
    assert_eq!(set(&report), 2);
}
