//! The worksheets of every example.

use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Engine, MeasureState, Stages, System};
use anshin_catalog::Catalog;
use anshin_model::{Lang, load};
use anshin_report::worksheet::Worksheet;
use anshin_report::{InScenarios, Subject, scenario_worksheets, worksheets};

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

/// In a narrow column every word of a reason would take a line.
#[test]
fn reasons_stand_where_there_is_room_for_them() {
    for example in examples() {
        let (system, sheets) = sheets_of(&example);
        for sheet in &sheets {
            for (cell, column) in sheet.rows.iter().flat_map(|row| row.cells.iter().zip(&sheet.columns)) {
                let roomy = cell.why.is_empty() || column.width >= 16;
                assert!(roomy, "{system} {} {}", sheet.id, column.title.get(Lang::En));
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

/// Fonts for English have no 〇 and no other Japanese sign.
#[test]
fn english_words_of_our_own_need_no_japanese_font() {
    let is_japanese =
        |c: char| ('\u{3000}'..='\u{30ff}').contains(&c) || ('\u{4e00}'..='\u{9fff}').contains(&c);
    for example in examples() {
        let (system, sheets) = sheets_of(&example);
        for sheet in &sheets {
            let columns = sheet.columns.iter().map(|column| &column.title);
            let cells = sheet.rows.iter().flat_map(|row| &row.cells);
            let cells = cells.flat_map(|cell| cell.lines.iter().chain(&cell.why));
            let own = [&sheet.title, &sheet.purpose, &sheet.from, &sheet.to];
            for text in own.into_iter().chain(columns).chain(cells) {
                assert!(!text.get(Lang::En).contains(is_japanese), "{system} {}: {text:?}", sheet.id);
            }
        }
    }
}

/// The matrix names scenarios by their ranks: each of them is found in the list of scenarios.
#[test]
fn every_rank_in_the_matrix_is_in_the_list_of_scenarios() {
    let mut named = 0;
    for example in examples() {
        let loaded = load::load_text("system.yaml", &example, &CATALOG.vocabulary());
        let document = loaded.document.expect("an example");
        let system = System::new(&document, &CATALOG);
        let engine = Engine::new(&CATALOG).expect("the built-in rules fit");
        let assessment = engine.assess_system(&system);
        let terrain = engine.terrain(&system, &assessment);
        let matrix = &CATALOG.matrices["standard"];
        let scenarios = terrain.scenarios(matrix, &MeasureState::planned(&document));
        let stages = Stages { bare: &scenarios, in_place: &scenarios, planned: &scenarios };
        let residual = anshin_assess::residual(stages, &document.acceptances, "2026-01-01");
        let subject = Subject { system: &system, assessment: &assessment };
        let of = InScenarios { terrain: &terrain, scenarios: &scenarios, residual: &residual, plan: None };
        let sheets = scenario_worksheets(&subject, of);
        let sheet = |id: &str| sheets.iter().find(|sheet| sheet.id == id).expect("the sheet is there");
        let listed: Vec<&str> =
            sheet("scenarios").rows.iter().map(|row| row.cells[0].lines[0].get(Lang::En)).collect();
        for line in sheet("risk-matrix").rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.lines) {
            let Some((_, ranks)) = line.get(Lang::En).split_once(" (rank") else { continue };
            for rank in ranks.trim_start_matches('s').trim_end_matches([')', '…']).split(", ") {
                assert!(listed.contains(&rank.trim()), "{}: rank {rank} is not listed", document.system.id);
                named += 1;
            }
        }
    }
    assert!(named > 20, "only {named} ranks are named");
}
