//! `anshin report` as a user meets it: the files that come, and those that do not.

use std::path::Path;
use std::process::{Command, Output};

use calamine::{Data, Reader as _, Xlsx};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn report(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anshin"))
        .arg("report")
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("the program runs")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("a file").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn everything_comes_in_the_language_asked_for() {
    for lang in ["ja", "en"] {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("new/report");
        // The PDF, which needs fonts, has tests of its own.
        let formats = ["--format", "html", "--format", "xlsx", "--format", "docx", "--format", "svg"];
        let to_name = to.to_str().expect("a name");
        let output =
            report(&[&["examples/drone.yaml", "--lang", lang, "-o", to_name], &formats[..]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let requests = names(&to.join("requests"));
        assert!(requests.iter().all(|name| name.contains(&format!(".{lang}."))), "{requests:?}");
        let of = |ending: &str| requests.iter().filter(|name| name.ends_with(ending)).count();
        assert!(of(".docx") > 0 && of(".docx") == of(".html"), "{requests:?}");
        let expected = ["flow-film-scenery", "risk-map", "stakeholders", "system"];
        let mut expected: Vec<String> = expected
            .iter()
            .map(|name| format!("drone-{name}"))
            .map(|name| format!("{name}.{lang}.svg"))
            .collect();
        expected.extend([format!("drone.{lang}.html"), format!("drone.{lang}.xlsx"), "requests".to_owned()]);
        assert_eq!(names(&to), expected);
        let html = std::fs::read_to_string(to.join(format!("drone.{lang}.html"))).expect("the page");
        assert!(html.contains(&format!("<html lang=\"{lang}\"")) && html.contains("<svg"));
    }
}

#[test]
fn only_what_is_asked_for_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().to_str().expect("a name");
    let output = report(&["examples/boiler.yaml", "--lang", "en", "-o", to, "--format", "xlsx"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(names(folder.path()), ["boiler.en.xlsx"]);
}

#[test]
fn scenarios_residual_risk_and_the_chosen_measures_are_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let document = root().join("examples/gas-water-heater.yaml");
    let document_name = document.to_str().unwrap();
    let made = report(&[document_name, "--plan", "--lang", "en", "--format", "html", "-o", out]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let page = names(folder.path()).into_iter().find(|name| name.ends_with(".en.html")).unwrap();
    let html = std::fs::read_to_string(folder.path().join(page)).unwrap();
    for id in ["scenarios", "risk-matrix", "residual-risk", "chosen-measures", "cost-and-risk"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "no worksheet {id}");
    }
    let planned = anshin_plan_of(&document);
    let measures = planned["measures"].as_array().unwrap();
    assert!(!measures.is_empty());
    for measure in measures {
        let id = measure["id"].as_str().unwrap();
        assert!(html.contains(id), "the page lacks the measure {id} that `anshin plan` chooses");
    }
}

/// What is inside the target but at a risk that reaches the cut stands with the chosen measures.
#[test]
fn what_is_to_be_accepted_stands_with_the_chosen_measures() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a name");
    let document = root().join("examples/boiler.yaml");
    let planned = anshin_plan_of(&document);
    let ids: Vec<&str> = planned["to-accept"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(serde_json::Value::as_str)
        .collect();
    assert_eq!(ids.len(), 3);
    for (lang, words) in [
        (
            "en",
            format!(
                "at a risk that reaches the cut: somebody has to accept them or lower them further. ({})",
                ids.join(", ")
            ),
        ),
        ("ja", format!("さらに下げるかを決めてください。（{}）", ids.join("、"))),
    ] {
        let document = document.to_str().expect("a name");
        let made = report(&[document, "--plan", "--lang", lang, "--format", "html", "-o", out]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let page = folder.path().join(format!("boiler.{lang}.html"));
        let html = std::fs::read_to_string(page).expect("the page");
        assert!(html.contains(&words), "{words}");
    }
}

/// What `anshin plan` says about a document.
fn anshin_plan_of(document: &Path) -> serde_json::Value {
    let out = Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(["plan", document.to_str().expect("a name"), "--format", "json"])
        .output()
        .expect("the program runs");
    serde_json::from_slice(&out.stdout).expect("a plan is JSON")
}

/// Amounts, shares, days and points are numbers in the workbook, so that they can be added up and sorted;
/// what they are in the JSON of the plan they are here.
#[test]
fn amounts_days_and_points_of_the_workbook_are_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("a name");
    let document = root().join("examples/gas-water-heater.yaml");
    let document_name = document.to_str().expect("a name");
    let made = report(&[
        document_name,
        "--plan",
        "--money",
        "crates/anshin/tests/money.yaml",
        "--lang",
        "en",
        "--format",
        "xlsx",
        "-o",
        out,
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut book: Xlsx<_> =
        calamine::open_workbook(folder.path().join("gas-water-heater.en.xlsx")).expect("a workbook");
    let mut column = |sheet: &str, title: &str| -> Vec<Data> {
        let range = book.worksheet_range(sheet).unwrap_or_else(|error| panic!("{sheet}: {error}"));
        let rows: Vec<&[Data]> = range.rows().collect();
        let n = rows[1].iter().position(|cell| matches!(cell, Data::String(own) if own == title));
        let n = n.unwrap_or_else(|| panic!("{sheet} has no {title}: {:?}", rows[1]));
        rows[2..].iter().map(|row| row[n].clone()).collect()
    };
    let planned = anshin_plan_of(&document);
    let of_plan = |key: &str| -> Vec<Data> {
        let measures = planned["measures"].as_array().expect("measures");
        measures.iter().map(|measure| Data::Float(measure[key].as_f64().expect(key))).collect()
    };
    assert_eq!(column("Chosen measures and when", "Once"), of_plan("cost-once"));
    assert_eq!(column("Chosen measures and when", "A year"), of_plan("cost-per-year"));
    assert_eq!(column("Chosen measures and when", "Person-days (* default)"), of_plan("days"));
    for (sheet, titles) in [
        ("Risk scenarios", &["Rank"][..]),
        ("Risk by quarter", &["Scenarios outside the target", "Points of risk"]),
        ("Cost and the risk that remains", &["Cost", "Points of risk that remain", "Measures"]),
        ("Risk in money", &["Mean of a year", "Years with a loss", "Mean of the worst 1 % of years"]),
        ("Loss by scenario", &["Loss of an incident", "Mean of a year", "Share of the mean"]),
        ("What measures are worth", &["Saved a year if done alone"]),
    ] {
        for title in titles {
            let cells = column(sheet, title);
            let numbers = cells.iter().all(|cell| matches!(cell, Data::Float(_)));
            assert!(!cells.is_empty() && numbers, "{sheet}, {title}: {cells:?}");
        }
    }
    let share: f64 =
        column("Loss by scenario", "Share of the mean").iter().filter_map(calamine::DataType::as_f64).sum();
    assert!((share - 1.0).abs() < 1e-4, "the shares of all scenarios are the whole: {share}");
}

#[test]
fn a_wrong_document_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.yaml");
    std::fs::write(&file, "anshin: 1\n").expect("a file");
    let to = folder.path().join("report");
    let output = report(&[file.to_str().expect("a name"), "-o", to.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!to.exists());
}

#[test]
fn a_file_in_the_way_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report");
    std::fs::write(&file, "mine").expect("a file");
    let output = report(&[
        "examples/boiler.yaml",
        "--lang",
        "en",
        "-o",
        file.to_str().expect("a name"),
        "--format",
        "html",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot make the folder"));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "mine");
}

/// The pictures that the README shows are those that the program draws.
#[test]
fn the_pictures_in_the_readme_are_true() {
    for lang in ["ja", "en"] {
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().to_str().expect("a name");
        report(&["examples/chemical-plant.yaml", "--lang", lang, "-o", to, "--format", "svg"]);
        for picture in ["risk-map", "system"] {
            let name = format!("chemical-plant-{picture}.{lang}.svg");
            let drawn = std::fs::read_to_string(folder.path().join(&name)).expect("the picture");
            let shown =
                std::fs::read_to_string(root().join("docs/pictures").join(&name)).expect("the page's");
            assert!(
                drawn == shown,
                "docs/pictures/{name} is another picture; run `scripts/draw-readme-pictures`"
            );
        }
    }
}

/// A folder with a font file for English.
fn with_font() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let font = typst_assets::fonts().next().expect("a font");
    let path = folder.path().join("font.otf");
    std::fs::write(&path, font).expect("a file");
    let path = path.to_str().expect("a name").to_owned();
    (folder, path)
}

/// The pictures of a workbook as they are packed.
fn pictures(book: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(book).expect("the workbook");
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut found = Vec::new();
    for n in 0..book.len() {
        let mut part = book.by_index(n).expect("a part");
        if part.name().expect("a name").starts_with("xl/media/") {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).expect("a part");
            found.push(bytes);
        }
    }
    found
}

#[test]
fn pictures_of_a_workbook_are_drawn_in_the_font_that_is_named() {
    let (folder, font) = with_font();
    let made = |name: &str, more: &[&str]| {
        let to = folder.path().join(name);
        let named = to.to_str().expect("a name");
        let arguments = ["examples/window-shutter.yaml", "--lang", "en", "--format", "xlsx", "-o", named];
        let output = report(&[&arguments[..], more].concat());
        (output, pictures(&to.join("window-shutter.en.xlsx")))
    };
    let (_, of_machine) = made("machine", &[]);
    let (output, named) = made("named", &["--font", &font]);
    assert_eq!(output.status.code(), Some(0));
    assert!(named.len() >= 3, "{}", named.len());
    assert!(named.iter().zip(&of_machine).all(|(a, b)| a != b), "drawn in the same font");
    let to = folder.path().join("wrong");
    let output = report(&[
        "examples/window-shutter.yaml",
        "--format",
        "xlsx",
        "--font",
        "examples/boiler.yaml",
        "-o",
        to.to_str().expect("a name"),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!to.exists());
}

#[test]
fn a_pdf_is_set_in_the_font_that_is_named() {
    let (folder, font) = with_font();
    let to = folder.path().join("out");
    let to_name = to.to_str().expect("a name");
    let output = report(&[
        "examples/window-shutter.yaml",
        "--lang",
        "en",
        "--format",
        "pdf",
        "--for",
        "shutter-maker",
        "--font",
        &font,
        "-o",
        to_name,
    ]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    // A request sheet for one stakeholder, and nothing else.
    assert_eq!(names(&to), ["requests"]);
    let names = names(&to.join("requests"));
    assert_eq!(names, ["window-shutter-shutter-maker.en.pdf"]);
    let pdf = std::fs::read(to.join("requests").join(&names[0])).expect("the file");
    assert!(pdf.starts_with(b"%PDF-"));
    // Nothing but the names of files is said where standard error is no terminal.
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn what_cannot_be_asked_for_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("out");
    let to_name = to.to_str().expect("a name");
    let no_font = folder.path().join("no.ttf");
    std::fs::write(&no_font, "no font").expect("a file");
    let no_font = no_font.to_str().expect("a name");
    let branding = folder.path().join("own.yaml");
    std::fs::write(&branding, "anshin-branding: 1\ncolors: { main: \"#ffff00\" }\n").expect("a file");
    let branding = branding.to_str().expect("a name");
    for (more, said) in [
        (&["--for", "integrater"][..], "did you mean `integrator`?"),
        (&["--for", "plant"], "`plant` is the lead"),
        (&["--for", "integrator", "--format", "xlsx"], "cannot be written as `xlsx`"),
        (&["--for", "integrator", "--plan"], "a request sheet does not hold a choice of measures"),
        (
            &["--for", "integrator", "--refuse", "updates"],
            "a request sheet does not hold a choice of measures",
        ),
        (&["--for", "integrator", "--budget", "100"], "leave out `--for` for a whole report"),
        (&["--for", "integrator", "--money", "own.yaml"], "a request sheet does not hold risk in money"),
        (&["--format", "pdf", "--font", no_font], "is no font file"),
        (&["--format", "pdf", "--font", "nowhere.ttf"], "cannot read the font"),
        (&["--format", "html", "--branding", branding], "its contrast with white"),
        (&["--format", "html", "--branding", "nowhere.yaml"], "cannot read the branding"),
    ] {
        let output =
            report(&[&["examples/chemical-plant.yaml", "--lang", "en", "-o", to_name], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(said), "{more:?}: {stderr}");
        assert!(!to.exists(), "{more:?}");
    }
}

#[test]
fn the_branding_is_on_the_request_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let branding = folder.path().join("own.yaml");
    std::fs::write(&branding, "anshin-branding: 1\norganization: Works\nlogo: logo.svg\nversion: 7\n")
        .expect("a file");
    let svg =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 10\"><path d=\"M0 0h40v10z\"/></svg>";
    std::fs::write(folder.path().join("logo.svg"), svg).expect("a file");
    let to = folder.path().join("out");
    let output = report(&[
        "examples/chemical-plant.yaml",
        "--lang",
        "en",
        "--for",
        "integrator",
        "--format",
        "html",
        "--format",
        "docx",
        "--branding",
        branding.to_str().expect("a name"),
        "-o",
        to.to_str().expect("a name"),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let requests = to.join("requests");
    assert_eq!(names(&requests), ["chemical-plant-integrator.en.docx", "chemical-plant-integrator.en.html"]);
    let page = std::fs::read_to_string(requests.join("chemical-plant-integrator.en.html")).expect("a page");
    assert!(page.contains("alt=\"Works\"") && page.contains("data:image/svg+xml;base64,"));
    // Word takes no drawings: there the logo is a picture of dots.
    let docx = std::fs::read(requests.join("chemical-plant-integrator.en.docx")).expect("a document");
    assert!(docx.windows(14).any(|bytes| bytes == b"media/logo.png"));
}
