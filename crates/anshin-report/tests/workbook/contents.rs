//! What stands in the workbook.

use anshin_model::Lang;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::packed::{Grid, Value};
use crate::{EVERYTHING, book, bring, examples, sheets};

/// The documents of the tests.
fn documents() -> Vec<(String, String)> {
    let mut all = examples();
    all.push(("everything".to_owned(), EVERYTHING.to_owned()));
    all
}

#[test]
fn a_spreadsheet_reader_finds_every_cell_of_every_worksheet() {
    for (name, text) in documents() {
        let worksheets = sheets(&text);
        for lang in Lang::ALL {
            let bytes = book(&text, lang);
            assert!(bytes == book(&text, lang), "{name}: not the same in every run");
            let mut grid = Grid::read(&bytes);
            assert!(grid.sheets.iter().all(|(name, _)| name.encode_utf16().count() <= 31));
            for worksheet in &worksheets {
                let cells = grid.worksheet(worksheet.id).clone();
                for (row, described) in (2u32..).zip(&worksheet.rows) {
                    for (column, cell) in (1u32..).zip(&described.cells) {
                        let lines: Vec<_> = cell.lines.iter().map(|line| line.get(lang)).collect();
                        let expected =
                            Some(lines.join("\n")).filter(|text| !text.is_empty()).map(Value::Text);
                        let found = cells[&row].get(&column).cloned();
                        let found = found.filter(|value| *value != Value::Text(String::new()));
                        assert_eq!(found, expected, "{name} {} {row} {column}", worksheet.id);
                    }
                }
            }
        }
    }
}

#[test]
fn the_guide_names_every_sheet_that_people_see() {
    for lang in Lang::ALL {
        let grid = Grid::read(&book(EVERYTHING, lang));
        let (_, guide) = &grid.sheets[0];
        let told: Vec<&Value> = guide.values().filter_map(|row| row.get(&1)).collect();
        for (name, _) in grid.sheets.iter().skip(1).filter(|(name, _)| !name.starts_with('_')) {
            assert!(told.contains(&&Value::Text(name.clone())), "{name}");
        }
    }
}

#[test]
fn what_is_not_changed_brings_no_change() {
    for (name, text) in documents() {
        for lang in Lang::ALL {
            let bytes = book(&text, lang);
            for bytes in [bytes.clone(), Grid::read(&bytes).pack()] {
                let came = bring(&bytes, &text).expect("a workbook");
                assert!(!came.imported.changed, "{name} {lang:?}\n{}", came.text.unwrap_or_default());
                assert!(came.said.is_empty(), "{}", came.said);
                assert_eq!(came.imported.notes.len(), 0, "{name}: {:?}", came.imported.notes);
                assert_eq!(came.text.as_deref(), Some(text.as_str()));
            }
        }
    }
}

#[test]
fn sorted_filtered_and_moved_rows_are_the_rows_they_were() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::Ja));
    for (_, cells) in &mut grid.sheets {
        let Some(Value::Text(mark)) = cells.get(&0).and_then(|row| row.get(&0)).cloned() else { continue };
        if mark == "anshin:guide" {
            continue;
        }
        // The rows in reverse, with empty rows between them.
        let rows: Vec<_> = cells.range(2..).map(|(_, row)| row.clone()).collect();
        cells.retain(|row, _| *row < 2);
        for (n, row) in (0u32..).zip(rows.into_iter().rev()) {
            cells.insert(2 + 3 * n, row);
        }
    }
    grid.sheets.reverse();
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    assert!(!came.imported.changed, "{}", came.text.unwrap_or_default());
}

/// A text that may stand in a document, as hostile as it may be.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zぁ-ん一-龠]{1,12}",
        "[=+@-][A-Z]{1,5}\\(\\)",
        "[ -~\n]{0,20}[!-~]",
        "[\\PC]{0,8}x",
        Just("_x0041_ _x000D_".to_owned()),
        Just("2026-04-01".to_owned()),
        Just("1e5".to_owned()),
        Just("true".to_owned()),
        Just("[plc]".to_owned()),
        Just("a, b、c; d".to_owned()),
    ]
}

fn both() -> impl Strategy<Value = Json> {
    prop_oneof![
        text().prop_map(Json::from),
        (text(), text()).prop_map(|(ja, en)| json!({ "ja": ja, "en": en })),
        text().prop_map(|ja| json!({ "ja": ja })),
        text().prop_map(|en| json!({ "en": en })),
    ]
}

prop_compose! {
    fn document()(
        texts in prop::collection::vec(both(), 16),
        people in 1usize..4,
        assets in 1usize..6,
        pick in prop::collection::vec(0usize..1000, 24),
        cost in prop_oneof![Just(0.0), 0.0..1e15, (0u32..9_999_999).prop_map(f64::from)],
        some in prop::collection::vec(any::<bool>(), 16),
    ) -> Json {
        let text = |n: usize| texts[n % texts.len()].clone();
        let who = |n: usize| format!("who-{}", pick[n % pick.len()] % people);
        let asset = |n: usize| format!("asset-{}", pick[n % pick.len()] % assets);
        let kinds = ["controller.plc", "server.mes", "actuator.heater", "network.firewall"];
        let mut root = json!({
            "anshin": 1,
            "system": { "id": "s", "name": text(0), "setting": "business", "purpose": { "why": text(1), "how": text(2) } },
            "stakeholders": (0..people).map(|n| json!({
                "id": format!("who-{n}"), "name": text(n), "role": "user", "lead": n == 0,
                "depends-on": { "service": "core-business", "restore": "weeks" },
            })).collect::<Vec<_>>(),
            "assets": (0..assets).map(|n| {
                let mut item = json!({ "id": format!("asset-{n}"), "name": text(n + 3), "kind": kinds[pick[n] % 4], "operated-by": who(n) });
                if some[n] { item["traits"] = json!(["internet-facing"]); }
                if some[n + 4] { item["hazards"] = json!([]); }
                if some[n + 8] { item["hazards"] = json!([{ "kind": "explosion", "worst": "death", "to": [who(n + 1)] }]); }
                item
            }).collect::<Vec<_>>(),
        });
        if some[0] {
            root["measures"] = json!([{ "id": "m", "requirement": "updates", "by": who(3), "on": [asset(4)], "status": "planned",
                "cost": cost, "until": "2026-02-28", "note": text(5), "evidence": text(6) }]);
        }
        if some[1] {
            root["incidents"] = json!([{ "id": "i", "asset": asset(7), "threat": "tampering", "what": text(8) }]);
        }
        if some[2] {
            root["decisions"] = json!([
                { "subject": format!("rating/{}/economic", who(9)), "decide": "override", "value": "serious", "reason": text(10), "by": "x" },
                { "subject": "threat/gone/gone", "decide": "accept", "reason": text(11), "by": "1.50" },
                { "subject": "threat/gone/gone", "decide": "reject", "reason": text(12), "by": "001" },
            ]);
        }
        if some[3] && assets > 1 {
            root["links"] = json!([{ "from": "asset-0", "to": "asset-1", "over": "ethernet" }]);
            root["flows"] = json!([{ "id": "f", "steps": ["asset-0--asset-1", { "link": "asset-0--asset-1", "does": text(13) }] }]);
        }
        root
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A workbook that nobody changed changes nothing, whatever the document says.
    #[test]
    fn import_of_an_export_is_the_document(document in document(), ja in any::<bool>(), excel in any::<bool>()) {
        let text = document.to_string();
        let lang = if ja { Lang::Ja } else { Lang::En };
        let mut bytes = book(&text, lang);
        if excel {
            bytes = Grid::read(&bytes).pack();
        }
        let came = bring(&bytes, &text).expect("a workbook");
        prop_assert!(came.said.is_empty(), "{}", came.said);
        prop_assert!(!came.imported.changed, "{text}\n{}", came.text.unwrap_or_default());
    }
}
