//! `anshin import` as a user meets it: what is shown, what is written, and what is not.

mod common;

use std::fs;
use std::io::{Cursor, Read as _, Write as _};

use common::{Folder, GOOD, with};

const FILE: &str = "system.yaml";
const BOOK: &str = "lamp-system.en.xlsx";

/// A folder with a document and its workbook.
fn folder_with_book(content: impl AsRef<[u8]>) -> Folder {
    let folder = Folder::new();
    folder.write(FILE, content);
    folder.run(&["report", FILE, "--format", "xlsx", "-o", "."]).ends_with(0);
    folder
}

/// Changes a text in every cell of the workbook that holds it and nothing else.
fn edit(folder: &Folder, from: &str, to: &str) {
    let bytes = fs::read(folder.path(BOOK)).expect("the workbook is there");
    let mut old = zip::ZipArchive::new(Cursor::new(bytes)).expect("a workbook");
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..old.len() {
        let mut part = old.by_index(n).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("a part");
        if name == "xl/sharedStrings.xml" {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let (from, to) = (format!("<t>{from}</t>"), format!("<t>{to}</t>"));
            assert_eq!(text.matches(&from).count(), 1, "{from}");
            bytes = text.replace(&from, &to).into_bytes();
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        new.write_all(&bytes).expect("a part");
    }
    folder.write(BOOK, new.finish().expect("a workbook").into_inner());
}

#[test]
fn changes_are_shown_and_written_when_asked() {
    let folder = folder_with_book(GOOD);
    edit(&folder, "Heater", "Boiler: 2");
    let shown = ["Heater → Boiler: 2"];
    folder
        .run(&["import", BOOK, "--into", FILE, "--dry-run"])
        .ends_with(0)
        .prints(&shown)
        .says(&["nothing was written"]);
    assert_eq!(folder.read(FILE), GOOD);
    let said = folder.run(&["import", BOOK, "--into", FILE]).ends_with(2).prints(&shown);
    said.says(&["there is nobody to ask", "--dry-run", "--yes"]);
    assert_eq!(folder.read(FILE), GOOD);
    folder
        .run(&["import", BOOK, "--into", FILE, "--yes"])
        .ends_with(0)
        .prints(&shown)
        .says(&["wrote `system.yaml`"]);
    assert_eq!(folder.read(FILE), with("en: \"Heater\"", "en: \"Boiler: 2\""));
    // What is in the document is not brought twice.
    folder.run(&["import", BOOK, "--into", FILE, "--yes"]).ends_with(0).says(&["there is nothing to import"]);
    folder.run_in("ja", &["import", BOOK, "--into", FILE]).ends_with(0).says(&["取り込む変更はありません"]);
    assert_eq!(folder.files(), [BOOK, FILE]);
}

#[test]
fn a_conflict_is_shown_and_ends_with_one() {
    let folder = folder_with_book(GOOD);
    edit(&folder, "Heater", "Boiler");
    folder.write(FILE, with("en: \"Heater\"", "en: \"Furnace\""));
    let said = folder.run(&["import", BOOK, "--into", FILE, "--yes"]).ends_with(1);
    said.says(&["error[conflict]", "Input Assets!C3", "Boiler", "Furnace", "the document's value stays"]);
    assert_eq!(folder.read(FILE), with("en: \"Heater\"", "en: \"Furnace\""));
}

#[test]
fn a_bad_cell_is_named_and_nothing_is_written() {
    let folder = folder_with_book(GOOD);
    edit(&folder, "resident", "Nobody Here");
    let said = folder.run(&["import", BOOK, "--into", FILE, "--yes"]).ends_with(2);
    said.says(&["Input Stakeholders!B4", "nothing was written"]);
    assert_eq!(folder.read(FILE), GOOD);
}

/// A change goes to the file that holds the item; a byte order mark stays; a template stays as it is.
#[test]
fn documents_of_several_files_are_changed_where_the_item_stands() {
    let start = GOOD.find("assets:").expect("there");
    let end = GOOD.find("data:").expect("there");
    let main = format!("{}include: parts/assets.yaml\n{}", &GOOD[..start], &GOOD[end..]);
    let folder = Folder::new();
    folder.write("parts/assets.yaml", format!("\u{feff}# Ours.\n{}", &GOOD[start..end]));
    folder.write(FILE, &main);
    folder.run(&["report", FILE, "--format", "xlsx", "-o", "."]).ends_with(0);
    edit(&folder, "Heater", "Boiler");
    folder.run(&["import", BOOK, "--into", FILE, "--yes"]).ends_with(0).says(&["wrote `parts/assets.yaml`"]);
    assert_eq!(folder.read(FILE), main);
    let expected = GOOD[start..end].replace("\"Heater\"", "\"Boiler\"");
    assert_eq!(folder.read("parts/assets.yaml"), format!("\u{feff}# Ours.\n{expected}"));

    let folder = Folder::new();
    folder.write("base.yaml", GOOD);
    folder.write(FILE, "anshin: 1\nfrom: base.yaml\nsystem: { stage: operation }\n");
    folder.run(&["report", FILE, "--format", "xlsx", "-o", "."]).ends_with(0);
    edit(&folder, "Heater", "Boiler");
    let said = folder.run(&["import", BOOK, "--into", FILE, "--yes"]).ends_with(2);
    said.says(&["error[unwritable]", "the template `base.yaml`", "nothing was written"]);
    assert_eq!(folder.read("base.yaml"), GOOD);
}

#[test]
fn what_is_no_workbook_is_named() {
    let folder = folder_with_book(GOOD);
    folder.run(&["import", "none.xlsx", "--into", FILE]).ends_with(2).says(&["cannot read `none.xlsx`"]);
    let said = folder.run(&["import", FILE, "--into", FILE]).ends_with(2);
    said.says(&["`system.yaml`", "cannot be read as an Excel workbook"]);
    folder.run(&["import", BOOK, "--into", "none.yaml"]).ends_with(2).says(&["cannot read `none.yaml`"]);
}
