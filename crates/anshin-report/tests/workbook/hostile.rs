//! Workbooks that mean harm, and names that would.

use anshin_model::Lang;

use crate::own::{MAIN, parts};
use crate::packed::{Grid, Value, zip};
use crate::{EVERYTHING, book, bring};

/// A part of a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    parts(bytes).into_iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name}")).1
}

/// Names that would be formulas, markup or paths come through as the text they are, and back.
#[test]
fn hostile_names_stay_text() {
    let hostile = [
        "=CMD()",
        "+1+1",
        "-2",
        "@SUM(A1)",
        "'quoted",
        "<script>&\"'>",
        "../../etc",
        "مرحبا بالعالم",
        "🔒👩‍🔧",
        "a\tb",
        "_x000D_ _x005F_",
        &"長".repeat(10_000),
        &"🔒".repeat(20_000),
    ];
    for name in hostile {
        let quoted = serde_json::to_string(name).expect("JSON");
        let text = format!(
            "anshin: 1\nsystem: {{ id: s, name: {quoted}, setting: business }}\nstakeholders:\n  \
             - {{ id: us, name: {quoted}, role: user, lead: true }}\nassets:\n  \
             - {{ id: a, name: {quoted}, kind: server.mes, operated-by: us, traits: [internet-facing] }}\n"
        );
        for lang in Lang::ALL {
            let bytes = book(&text, lang);
            let mut formulas: calamine::Xlsx<_> =
                calamine::Reader::new(std::io::Cursor::new(&bytes)).expect("the workbook opens");
            for sheet in calamine::Reader::sheet_names(&formulas) {
                let found =
                    calamine::Reader::worksheet_formula(&mut formulas, &sheet).expect("the sheet opens");
                assert!(found.is_empty(), "{name} became a formula in {sheet}");
            }
            let mut grid = Grid::read(&bytes);
            if name.chars().count() <= 10_000 && !name.contains("_x") {
                assert_eq!(grid.get("assets", "a", "name"), Some(Value::Text(name.to_owned())));
            }
            for bytes in [bytes, grid.pack()] {
                let came = bring(&bytes, &text).expect("a workbook");
                assert!(!came.imported.changed && came.said.is_empty(), "{name}: {}", came.said);
            }
        }
    }
}

/// A text that would be a formula if it were typed in is marked as a text, so that it stays one when
/// somebody edits its cell in Excel; other texts are not.
#[test]
fn texts_like_formulas_are_marked_as_texts() {
    for (name, is_marked) in
        [("=CMD()", true), ("+1+1", true), ("-2", true), ("@SUM(A1)", true), ("1+1", false), ("Site", false)]
    {
        let text = EVERYTHING.replace("en: \"Site\"", &format!("en: \"{name}\""));
        let bytes = book(&text, Lang::En);
        let styles = part(&bytes, "xl/styles.xml");
        let styles = roxmltree::Document::parse(&styles).expect("XML");
        let cells = styles.descendants().find(|node| node.has_tag_name((MAIN, "cellXfs"))).expect("formats");
        let quoted: Vec<bool> = cells
            .children()
            .filter(roxmltree::Node::is_element)
            .map(|format| format.attribute("quotePrefix") == Some("1"))
            .collect();
        let strings = part(&bytes, "xl/sharedStrings.xml");
        let strings = roxmltree::Document::parse(&strings).expect("XML");
        let strings = strings.root_element().children().filter(roxmltree::Node::is_element);
        let own = strings.map(|node| {
            node.descendants().filter_map(|n| n.text().filter(|_| n.is_text())).collect::<String>()
        });
        let nth = own.into_iter().position(|own| own == name).expect("the name").to_string();
        // On the sheet to fill in and on every worksheet that shows the name.
        let mut seen = 0;
        for (part, sheet) in parts(&bytes).iter().filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
        {
            let sheet = roxmltree::Document::parse(sheet).expect("XML");
            for cell in sheet.descendants().filter(|node| node.has_tag_name((MAIN, "c"))) {
                let value =
                    cell.children().find(|node| node.has_tag_name((MAIN, "v"))).and_then(|v| v.text());
                if cell.attribute("t") == Some("s") && value == Some(&nth) {
                    let style: usize = cell.attribute("s").expect("a format").parse().expect("a number");
                    assert_eq!(quoted[style], is_marked, "{name} in {part}");
                    seen += 1;
                }
            }
        }
        assert!(seen >= 1, "{name}");
        let came = bring(&bytes, &text).expect("a workbook");
        assert!(!came.imported.changed && came.said.is_empty(), "{name}: {}", came.said);
    }
}

/// A text too long for a cell is shown in part and cannot be changed there.
#[test]
fn a_text_too_long_for_a_cell_is_kept() {
    let long = "長".repeat(40_000);
    let text = EVERYTHING.replace("who: Everybody", &format!("who: {long}"));
    let mut grid = Grid::read(&book(&text, Lang::Ja));
    let Some(Value::Text(shown)) = grid.get("system", "system.purpose.who", "value") else {
        panic!("a text")
    };
    assert!(shown.ends_with('…') && shown.chars().count() == 32_767);
    assert!(!bring(&grid.pack(), &text).expect("a workbook").imported.changed);
    grid.set("system", "system.purpose.who", "value", Value::Text("短".to_owned()));
    let came = bring(&grid.pack(), &text).expect("a workbook");
    assert!(came.said.contains("too long for a cell"), "{}", came.said);
}

#[test]
fn what_is_no_workbook_of_this_system_is_refused() {
    let refused = |bytes: &[u8], text: &str| {
        let said = bring(bytes, text).err().expect("it is refused");
        assert!(!said.get(Lang::Ja).is_empty());
        said.get(Lang::En).to_owned()
    };
    let bytes = book(EVERYTHING, Lang::En);
    assert!(refused(b"", EVERYTHING).contains("save it as `.xlsx`"));
    assert!(refused(b"anshin: 1", EVERYTHING).contains("cannot be read as an Excel workbook"));
    assert!(refused(&bytes[..bytes.len() / 2], EVERYTHING).contains("cannot be read"));
    let mut grid = Grid::read(&bytes);
    let other = EVERYTHING.replace("id: everything", "id: other");
    assert!(
        refused(&bytes, &other).contains("the workbook is about `everything`, the document about `other`")
    );
    grid.sheets.retain(|(name, _)| name != "_anshin");
    assert!(refused(&grid.pack(), EVERYTHING).contains("`_anshin` is missing"));
}

/// A small file that unpacks to a large one, and a few cells that stand for very many.
#[test]
fn bombs_are_stopped() {
    let zeros = vec![b' '; 540 << 20];
    let bomb = zip([("xl/workbook.xml", zeros.as_slice())].into_iter());
    drop(zeros);
    assert!(bomb.len() < 1 << 20);
    let said = bring(&bomb, EVERYTHING).err().expect("it is refused");
    assert!(said.get(Lang::En).contains("too large"), "{said:?}");
    // One long string that very many cells share.
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    let long = Value::Text("x".repeat(30_000));
    let cells = (0..10_000).map(|n| (n, [(0, long.clone())].into())).collect();
    grid.sheets.push(("Bomb".to_owned(), cells));
    let said = bring(&grid.pack(), EVERYTHING).err().expect("it is refused");
    assert!(said.get(Lang::En).contains("too large"), "{said:?}");
    // Two cells at the ends of the sheet are two cells.
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    let far = [(0, [(0, Value::Number(1.0))].into()), (1_048_575, [(16_383, Value::Number(1.0))].into())];
    grid.sheets.push(("Far".to_owned(), far.into()));
    assert!(!bring(&grid.pack(), EVERYTHING).expect("a workbook").imported.changed);
}
