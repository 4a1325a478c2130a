//! What people get wrong in the workbook, told in the words of the workbook: its cells, headings, lists
//! to choose from and sheets.

use anshin_model::Lang;

use crate::packed::{Grid, Value};
use crate::{EVERYTHING, book, bring};

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// A workbook with a mistake of every kind.
fn with_all_mistakes(lang: Lang) -> Grid {
    let mut grid = Grid::read(&book(EVERYTHING, lang));
    // Cells that must be filled in.
    grid.set("system", "system.setting", "value", text(""));
    grid.set("stakeholders", "maker", "role", text(""));
    grid.set("measures", "own", "by", text(""));
    grid.set("measures", "own", "status", text(""));
    grid.add("data", &[("name", "Plans")]);
    grid.add("flows", &[("name", "Backup")]);
    grid.add("subsystems", &[("name", "Cold part")]);
    grid.add("steps", &[("link", "wire")]);
    grid.set("ratings", "rating/plant/economic", "economic.reason", text("Because"));
    // Words that cannot be chosen.
    grid.set("measures", "patching", "status", text("some day"));
    grid.set("assets", "plc", "kind", text("controler"));
    grid.set("assets", "plc", "traits", text("magic"));
    grid.set("stakeholders", "neighbour", "lead", text("perhaps"));
    grid.set("links", "wire", "protections", text("crypted"));
    grid.set("threats", "threat/plc/malware-infection", "threat.decide", text("mine"));
    grid.set("candidates", "implementer/vulnerability-handling", "implementer.decide", text("override"));
    // Rows that are not there.
    grid.set("assets", "plc", "zone", text("cellar"));
    grid.set("assets", "mes", "zone", text("sit"));
    grid.set("hazards", "arm/1", "asset", text("press"));
    grid.set("acceptances", "plc/harm/plant", "scenario", text("plc/flood/plant"));
    // Numbers and dates.
    grid.set("measures", "patching", "until", text("soon"));
    grid.set("measures", "patching", "cost", text("much"));
    grid.set("measures", "patching", "days", Value::Number(-5.0));
    // What does not go together.
    grid.set("zones", "site", "within", text("line"));
    grid.set("assets", "arm", "traits", text("stand-alone"));
    grid.set("assets", "arm", "without", text("stand-alone"));
    grid.set("links", "far", "through", text("mes"));
    grid.set("links", "mes--plc", "to", text("arm"));
    // A copy that kept its id.
    let row = grid.row("stakeholders", "plant");
    let copy = grid.sheet("stakeholders")[&row].clone();
    grid.sheet("stakeholders").insert(30, copy);
    grid
}

#[test]
fn mistakes_are_told_in_the_words_of_an_english_workbook() {
    let came = bring(&with_all_mistakes(Lang::En).pack(), EVERYTHING).expect("a workbook");
    insta::assert_snapshot!("mistakes-en", came.said_in(Lang::En));
}

#[test]
fn mistakes_are_told_in_the_words_of_a_japanese_workbook() {
    let came = bring(&with_all_mistakes(Lang::Ja).pack(), EVERYTHING).expect("a workbook");
    insta::assert_snapshot!("mistakes-ja", came.said_in(Lang::Ja));
}

/// An end of a link that is not there changes its id as well: the one thing to put right is told.
#[test]
fn a_link_to_nowhere_is_told_once() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    grid.set("links", "mes--plc", "to", text("press"));
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    insta::assert_snapshot!(came.said, @r"
    error[unknown-reference]: there is no row `press` in the sheet `Input Assets`
    --> book.xlsx, Input Links!D3
     = cell: press
     = hint: add the row to the sheet `Input Assets`, or choose one that is there
    ");
}

/// Nothing of a message is of the document's format: no key, list or file name of it.
#[test]
fn no_message_speaks_of_the_document() {
    for lang in Lang::ALL {
        let said = bring(&with_all_mistakes(lang).pack(), EVERYTHING).expect("a workbook").said_in(lang);
        for word in ["system.yaml", "id:", "lead: true", "`decide`", "in-place", "asset-kinds", "マップ"] {
            assert!(!said.contains(word), "{word}: {said}");
        }
        let lists = ["stakeholders", "zones", "assets", "links", "flows", "steps", "measures"];
        for list in lists {
            // In English some headings are the words of the document.
            let word = if lang == Lang::Ja { format!("`{list}`") } else { format!(" in `{list}`") };
            assert!(!said.contains(&word), "{list}: {said}");
        }
    }
}
