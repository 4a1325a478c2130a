//! Reports of answers, the ledger and policies on the command line.

#![allow(clippy::format_push_string, reason = "test data is text")]

mod common;

use calamine::{Data, Reader as _, Xlsx};
use common::Folder;

const HANDBOOK: &str = include_str!("../../anshin-checklist/tests/data/handbook-ledger.csv");

fn answers(value: &str, date: &str) -> String {
    let mut text = format!(
        "anshin-answers: 1\nchecklist: five-minute\nversion: \"1\"\nsubject: 山田製作所\ndate: {date}\nanswers:\n"
    );
    for n in 1..=25 {
        let value = if n % 5 == 0 { value } else { "yes" };
        text.push_str(&format!(
            "  - {{ id: q{n:02}, value: \"{value}\", evidence: [\"=SUM(1)\"], reviewer: Suzuki }}\n"
        ));
    }
    text.replace("{ id: q09, value: \"yes\"", "{ id: q09, out-of-scope: true, reason: \"no wireless\"")
}

#[test]
fn rounds_are_compared_and_reported() {
    let folder = Folder::new();
    folder.write("now.yaml", answers("partly", "2026-11-25"));
    folder.write("before.yaml", answers("no", "2025-11-25"));
    folder.write("group.csv", "total\n60\n70\n80\n90\n100\n");
    let said = folder
        .run(&[
            "checklist",
            "compare",
            "now.yaml",
            "before.yaml",
            "--reference",
            "group.csv",
            "--format",
            "json",
        ])
        .ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    // 20 times 4 and 5 times 2; before, 5 times nothing; the mean is 80, the standard deviation 14.14.
    let score = &json["scores"][0];
    assert_eq!((score["value"].as_f64(), score["earlier"][0]["value"].as_f64()), (Some(90.0), Some(80.0)));
    let standing = score["group"]["deviationValue"].as_f64().expect("a number");
    assert!((standing - 57.071).abs() < 0.001, "{standing}");
    assert_eq!(json["changes"].as_array().map(Vec::len), Some(5));
    assert!(json["changes"].as_array().is_some_and(|all| all.iter().all(|change| change["better"] == true)));
    folder
        .run_in("ja", &["checklist", "compare", "now.yaml", "before.yaml"])
        .ends_with(0)
        .prints(&["合計", "(+10)", "▲"]);
    let fonts = font(&folder);
    let pdf =
        ["checklist", "export", "now.yaml", "-o", "page.pdf", "--earlier", "before.yaml", "--font", &fonts];
    folder.run(&pdf).ends_with(0);
    assert!(std::fs::read(folder.path("page.pdf")).is_ok_and(|bytes| bytes.starts_with(b"%PDF-")));
    for name in ["page.html", "register.csv", "book.xlsx", "radar.svg"] {
        folder
            .run_in(
                "ja",
                &[
                    "checklist",
                    "export",
                    "now.yaml",
                    "-o",
                    name,
                    "--earlier",
                    "before.yaml",
                    "--reference",
                    "group.csv",
                ],
            )
            .ends_with(0);
    }
    let page = folder.read("page.html");
    for words in ["山田製作所", "まず行うこと", "偏差値", "<svg", "エビデンス台帳", "Suzuki"]
    {
        assert!(page.contains(words), "{words}");
    }
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org").count()
    );
    assert!(folder.read("register.csv").contains(",'=SUM(1),"));
    let bytes = std::fs::read(folder.path("book.xlsx")).expect("the workbook is there");
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range("エビデンス台帳").expect("the sheet is there");
    assert!(range.used_cells().any(|(_, _, cell)| *cell == Data::String("=SUM(1)".into())));
    folder.run(&["checklist", "export", "now.yaml", "-o", "page.html"]).ends_with(2);
}

/// A font with Latin letters, so that a PDF needs none of the system.
fn font(folder: &Folder) -> String {
    let font = typst_assets::fonts().find(|font| font.windows(10).any(|w| w == b"Libertinus"));
    folder.write("font.otf", font.expect("a font"));
    folder.path("font.otf").display().to_string()
}

/// Out to Excel, filled in there, and back: all of it or nothing.
#[test]
fn answers_are_filled_in_in_a_workbook() {
    let folder = Folder::new();
    folder.run(&["checklist", "new", "five-minute", "--date", "2026-11-25"]).ends_with(0);
    let file = "five-minute.answers.yaml";
    folder.run(&["checklist", "export", file, "-o", "empty.xlsx"]).ends_with(0);
    let bytes = std::fs::read(folder.path("empty.xlsx")).expect("the workbook is there");
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let range = book.worksheet_range("Answers").expect("the sheet is there");
    let mut rows: Vec<Vec<String>> =
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let column = |rows: &[Vec<String>], name: &str| rows[0].iter().position(|own| own == name).expect(name);
    let answer = column(&rows, "Answer");
    for row in rows.iter_mut().skip(1) {
        row[answer] = "Partly done".into();
    }
    let write = |name: &str, rows: &[Vec<String>]| {
        let sheets =
            [("Notes".to_owned(), vec![vec!["x".to_owned()]]), ("Answers".to_owned(), rows.to_vec())];
        let bytes = anshin_report::plain_workbook(&sheets, anshin_model::Lang::En).expect("a workbook");
        folder.write(name, bytes);
    };
    write("filled.xlsx", &rows);
    let before = folder.read(file);
    let import = ["checklist", "import", "filled.xlsx", "--into", file];
    folder.run(&[&import[..], &["--dry-run"]].concat()).ends_with(0).prints(&["— → Partly done"]);
    assert_eq!(folder.read(file), before);
    folder.run(&import).ends_with(0);
    folder.run(&["checklist", "score", file]).ends_with(0).prints(&["Total  50 / 100"]);
    // Once more: nothing new. A wrong cell: nothing at all is written.
    let now = folder.read(file);
    folder.run(&import).ends_with(0);
    let (mut wrong, last) = (rows.clone(), rows.len() - 1);
    wrong[1][answer] = "Done".into();
    wrong[last][answer] = "Nearly".into();
    write("wrong.xlsx", &wrong);
    let said = folder.run(&["checklist", "import", "wrong.xlsx", "--into", file]).ends_with(2);
    assert!(said.err.contains("row 26") && said.err.contains("`Nearly`"), "{}", said.err);
    assert_eq!(folder.read(file), now);
}

#[test]
fn the_report_of_a_system_tells_what_answers_say() {
    let folder = Folder::new();
    folder.write("now.yaml", answers("partly", "2026-11-25"));
    folder.write("system.yaml", include_str!("../../../examples/gas-water-heater.yaml"));
    folder
        .run_in("ja", &["report", "system.yaml", "--answers", "now.yaml", "--format", "html", "-o", "out"])
        .ends_with(0);
    let page = folder.read("out/gas-water-heater.ja.html");
    for words in
        ["チェックシートの回答から分かること", "ソフトウェアの更新", "5分でできる情報セキュリティ自社診断"]
    {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn the_ledger_goes_in_and_out_in_every_form() {
    let folder = Folder::new();
    let (shift_jis, ..) = encoding_rs::SHIFT_JIS.encode(HANDBOOK);
    folder.write("handbook.csv", shift_jis);
    let json = |file: &str| -> Vec<(f64, f64, f64)> {
        let said = folder.run(&["ledger", "show", file, "--format", "json"]).ends_with(0);
        let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
        let number = |row: &serde_json::Value, key: &str| row[key].as_f64().expect("a number");
        let rows = json["assets"].as_array().expect("a list").iter();
        rows.map(|row| (number(row, "importance"), number(row, "likelihood"), number(row, "risk"))).collect()
    };
    let expected = vec![
        (1.0, 1.0, 1.0),
        (1.0, 1.0, 1.0),
        (2.0, 2.0, 4.0),
        (1.0, 2.0, 2.0),
        (1.0, 2.0, 2.0),
        (1.0, 1.0, 1.0),
        (2.0, 2.0, 4.0),
        (2.0, 1.0, 2.0),
    ];
    assert_eq!(json("handbook.csv"), expected);
    for (lang, from, to) in [
        ("ja", "handbook.csv", "a.xlsx"),
        ("en", "a.xlsx", "b.yaml"),
        ("en", "b.yaml", "c.csv"),
        ("ja", "c.csv", "d.xlsx"),
    ] {
        folder.run_in(lang, &["ledger", "convert", from, "-o", to]).ends_with(0);
        assert_eq!(json(to), expected, "{to}");
    }
    let first = folder.run_in("ja", &["ledger", "show", "a.xlsx"]).ends_with(0).out;
    let line = first.lines().nth(4).expect("the first asset");
    assert!(line.contains("4 大") && line.contains("キャンペーン応募者リスト"), "{first}");
    folder.run(&["ledger", "new", "-o", "new.xlsx"]).ends_with(0);
    folder
        .run(&["ledger", "show", "new.xlsx", "--scale", "handbook"])
        .ends_with(0)
        .prints(&["List of customers"]);
    folder.run(&["ledger", "new", "-o", "new.xlsx"]).ends_with(2);
    folder.run(&["ledger", "show", "handbook.csv", "--scale", "nine"]).ends_with(2);
}

#[test]
fn policies_hold_what_applies() {
    let folder = Folder::new();
    folder.write("now.yaml", answers("partly", "2026-11-25"));
    let write = |lang: &str, words: &[&str]| {
        let mut all = vec!["policy", "write", "--answers", "now.yaml", "--date", "2026-11-25"];
        all.extend(words);
        folder.run_in(lang, &all)
    };
    write("ja", &[]).ends_with(0);
    let rules = folder.read("policies/rules-operation.md");
    assert!(rules.contains("山田製作所") && !rules.contains("無線LAN"), "{rules}");
    folder.write(
        "now.yaml",
        answers("partly", "2026-11-25")
            .replace("out-of-scope: true, reason: \"no wireless\"", "value: \"no\""),
    );
    write("ja", &["--against", "policies", "-o", "next"]).ends_with(0);
    assert!(folder.read("next/rules-operation.md").contains("▲ 無線LANはWPA2以上で"));
    let bytes = std::fs::read(folder.path("next/rules-operation.docx")).expect("a Word document");
    assert!(bytes.starts_with(b"PK"));
    write("en", &["--set", "compny=X"]).ends_with(2);
    write("en", &["nothing"]).ends_with(2);
}
