//! The worksheets and the workbook, on every example, read back by a spreadsheet reader.

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, System};
use anshin_catalog::Catalog;
use anshin_model::{Lang, load};
use anshin_report::worksheet::Worksheet;
use anshin_report::{Subject, worksheets, xlsx};
use calamine::{Data, Reader as _, Xlsx};

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

fn sheets_of(text: &str) -> (String, Vec<Worksheet>) {
    let loaded = load::load_text("system.yaml", text, &CATALOG.vocabulary());
    let document = loaded.document.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let system = System::new(&document, &CATALOG);
    let assessment = Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    let subject = Subject { system: &system, assessment: &assessment };
    (document.system.id.to_string(), worksheets(&subject))
}

fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("examples").map(|e| e.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|path| std::fs::read_to_string(path).expect("an example")).collect()
}

#[test]
fn every_row_has_a_cell_for_each_column_and_a_key_of_its_own() {
    let examples = examples();
    assert!(examples.len() >= 8);
    for example in examples {
        let (system, sheets) = sheets_of(&example);
        let ids: std::collections::BTreeSet<_> = sheets.iter().map(|sheet| sheet.id).collect();
        assert_eq!(ids.len(), sheets.len(), "{system}: two sheets with one id");
        for sheet in &sheets {
            let keys: std::collections::BTreeSet<_> = sheet.rows.iter().map(|row| &row.key).collect();
            assert_eq!(keys.len(), sheet.rows.len(), "{system} {}: keys are not unique", sheet.id);
            for row in &sheet.rows {
                assert_eq!(row.cells.len(), sheet.columns.len(), "{system} {} {}", sheet.id, row.key);
            }
            for text in [&sheet.title, &sheet.purpose, &sheet.from, &sheet.to] {
                assert!(Lang::ALL.iter().all(|&lang| !text.get(lang).is_empty()), "{}", sheet.id);
            }
        }
    }
}

/// The seven factors of a rating all have a sentence, as in the experts' worksheets.
#[test]
fn no_cell_of_the_rating_worksheet_is_empty() {
    for example in examples() {
        let (system, sheets) = sheets_of(&example);
        let ratings = sheets.iter().find(|sheet| sheet.id == "ratings").expect("the sheet is there");
        for row in &ratings.rows {
            for (cell, column) in row.cells.iter().zip(&ratings.columns) {
                assert!(!cell.lines.is_empty(), "{system} {}: {:?} is empty", row.key, column.title);
            }
        }
    }
}

#[test]
fn a_spreadsheet_reader_finds_every_cell_again() {
    for example in examples() {
        let (system, sheets) = sheets_of(&example);
        for lang in Lang::ALL {
            let title = anshin_model::Text::same(system.clone());
            let bytes = xlsx(&title, &sheets, lang).expect("a workbook");
            assert_eq!(bytes, xlsx(&title, &sheets, lang).expect("a workbook"), "{system}: not repeatable");
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("the workbook opens");
            let names = book.sheet_names();
            assert_eq!(names.len(), sheets.len() + 1);
            assert!(names.iter().all(|name| name.chars().count() <= 31), "{names:?}");
            for (sheet, name) in sheets.iter().zip(&names[1..]) {
                let range = book.worksheet_range(name).expect("the sheet is there");
                for (row, described) in (1u32..).zip(&sheet.rows) {
                    for (column, cell) in (0u32..).zip(&described.cells) {
                        let expected =
                            cell.lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("\n");
                        let found = match range.get_value((row, column)) {
                            Some(Data::String(text)) => text.clone(),
                            Some(Data::Empty) | None => String::new(),
                            other => panic!("{system} {name} {row} {column}: {other:?}"),
                        };
                        assert_eq!(found, expected, "{system} {name} {row} {column}");
                    }
                }
            }
        }
    }
}

/// Names that would be formulas, markup or paths come through as the text they are.
#[test]
fn hostile_names_stay_text() {
    let hostile =
        ["=CMD()", "+1+1", "@SUM(A1)", "<script>&\"'", "../../etc", "مرحبا", "🔒", &"長".repeat(10_000)];
    for name in hostile {
        let quoted = name.replace('\'', "''");
        let text = format!(
            "anshin: 1\nsystem: {{ id: s, name: '{quoted}', setting: business }}\nstakeholders:\n  \
             - {{ id: us, name: '{quoted}', role: user, lead: true }}\nassets:\n  \
             - {{ id: a, name: '{quoted}', kind: server.mes, traits: [internet-facing] }}\n"
        );
        let (_, sheets) = sheets_of(&text);
        let title = anshin_model::Text::same(name.to_owned());
        let bytes = xlsx(&title, &sheets, Lang::En).expect("a workbook");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("the workbook opens");
        let range = book.worksheet_range("Stakeholders").expect("the sheet is there");
        assert_eq!(range.get_value((1, 0)), Some(&Data::String(name.to_owned())));
        let formulas = book.worksheet_formula("Stakeholders").expect("the sheet is there");
        assert!(formulas.is_empty(), "{name} became a formula");
    }
}
