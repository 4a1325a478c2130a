//! The kinds of cells that the experts' worksheets have, each with its place in the workbook.

use std::path::Path;

use anshin_model::Lang;
use anshin_model::tree::{Limits, Node, Sources, parse};

use crate::packed::{Grid, Value};
use crate::{book, example};

/// The four use cases that the experts worked through in full.
const FULL: [&str; 4] = ["gas-water-heater", "drone", "warehouse-agv", "chemical-plant"];

/// What stands in a cell of the experts' worksheets: the sheet and the column that hold it here.
///
/// Source of the worksheets: IoT-SSF use cases, 2-2 and 2-3.
const CELLS: &[(&str, &str, &str)] = &[
    ("the stakeholder", "stakeholders", "Stakeholder"),
    ("its role", "stakeholders", "Role"),
    ("who carries out the assessment", "stakeholders", "Lead"),
    ("what it provides, operates, maintains", "stakeholders", "What it does"),
    ("the device", "assets", "Asset"),
    ("what kind of device it is", "assets", "Kind"),
    ("what the device is for", "assets", "What it is"),
    ("where it stands", "assets", "Place or network"),
    ("data it keeps", "assets", "Stored data"),
    ("how it can hurt people", "assets", "Harm to people"),
    ("the data flow", "flows", "Flow"),
    ("the step of the flow", "flows", "Step"),
    ("the way of the step", "flows", "Way"),
    ("what happens in the step", "flows", "What happens"),
    ("data on the way", "flows", "Data"),
    ("the axis of the criteria", "criteria", "Axis"),
    ("the level of the criteria", "criteria", "Level"),
    ("the meaning of the level", "criteria", "Meaning"),
    ("the target", "criteria", "Target"),
    ("the device of the incident", "incidents", "Asset"),
    ("the incident", "incidents", "Incident"),
    ("the result of the incident", "incidents", "Result"),
    ("the threat behind the incident", "incidents", "Threat"),
    ("who is rated", "ratings", "Stakeholder"),
    ("what is rated", "ratings", "What is rated"),
    ("the place on the risk map", "map", "Against the target"),
    ("the number of the policy", "policies", "No."),
    ("whose policy", "policies", "Stakeholder"),
    ("the policy", "policies", "Policy"),
    ("requirements of the policy", "policies", "Requirements"),
    ("the device of the threat", "threats", "Asset"),
    ("the threat", "threats", "Threat"),
    ("what the threat does there", "threats", "Incident"),
    ("the viewpoint of a candidate", "candidates", "Viewpoint"),
    ("what it is implemented in", "candidates", "Target"),
    ("threats of a candidate", "candidates", "Threats"),
    ("the candidate requirement", "candidates", "Requirement"),
    ("who could implement it", "candidates", "Implementer"),
    ("the implementer of a chosen measure", "plan", "Implementer"),
    ("the chosen requirement", "plan", "Requirement"),
    ("its priority mark", "plan", "First"),
    ("the numbers of its policies", "plan", "Policies"),
    ("concrete measures", "plan", "Possible measures (least effort first)"),
];

/// The factors of a rating, in both axes.
const FACTORS: u32 = 7;

/// Whether a column with this title has something in some row.
fn filled(grid: &mut Grid, sheet: &str, title: &str) -> bool {
    let cells = grid.worksheet(sheet);
    let heads = cells.get(&1).expect("titles");
    let column = heads.iter().find(|(_, value)| **value == Value::Text(title.to_owned())).map(|(n, _)| *n);
    column.is_some_and(|column| cells.range(2..).any(|(_, row)| row.contains_key(&column)))
}

#[test]
fn every_kind_of_cell_of_the_experts_has_its_place() {
    for name in FULL {
        let mut grid = Grid::read(&book(&example(name), Lang::En));
        for (what, sheet, title) in CELLS {
            assert!(filled(&mut grid, sheet, title), "{name}: {what} ({sheet}, {title})");
        }
        // The six questions stand in the overview, and are filled in on the sheet for it.
        for (question, key) in [
            ("Why (value)", "why"),
            ("Who (users)", "who"),
            ("What (it does)", "what"),
            ("When", "when"),
            ("Where", "where"),
            ("How (it works)", "how"),
        ] {
            let row = |value: &Value| *value == Value::Text(question.to_owned());
            let overview = grid.worksheet("overview").values().find(|cells| cells.get(&1).is_some_and(row));
            let told = overview.and_then(|cells| cells.get(&2)).cloned();
            assert!(told.is_some(), "{name}: {question}");
            assert_eq!(
                told,
                grid.get("system", &format!("system.purpose.{key}"), "value"),
                "{name}: {question}"
            );
        }
        let ratings = grid.worksheet("ratings");
        let titles: Vec<u32> =
            ratings[&1].keys().copied().filter(|n| (3..=FACTORS + 4).contains(n)).collect();
        assert_eq!(titles.len(), FACTORS as usize + 2, "{name}: factors and two levels");
        for (_, row) in ratings.range(2..) {
            assert!(titles.iter().all(|column| row.contains_key(column)), "{name}: a factor without words");
        }
    }
}

/// Every row that the experts wrote is a row of the workbook, or can be made one: the proposal is
/// there to be decided about, or what it is about is there to be named in a row of one's own.
#[test]
fn every_row_of_the_experts_has_its_place() {
    let words = |node: &Node, key: &str| -> Vec<String> {
        let items = node.get(key).map_or(&[][..], Node::items);
        items.iter().filter_map(|item| item.scalar().map(str::to_owned)).collect()
    };
    let mut rows = 0;
    for name in FULL {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../anshin/experts").join(format!("{name}.yaml"));
        let mut sources = Sources::default();
        let file = sources.add("experts", std::fs::read_to_string(path).expect("the experts' table"));
        let (experts, _) = parse(&sources, file, Limits::DEFAULT).expect("YAML");
        let mut grid = Grid::read(&book(&example(name), Lang::Ja));
        for rating in experts.get("ratings").map_or(&[][..], Node::items) {
            let who = rating.get("stakeholder").and_then(Node::scalar).expect("who");
            for axis in ["recovery", "economic"] {
                let part =
                    rating.get("system").and_then(Node::scalar).map_or(String::new(), |p| format!("/{p}"));
                grid.row("ratings", &format!("rating/{who}/{axis}{part}"));
                rows += 1;
            }
        }
        let choices: Vec<Value> = {
            let lists = grid.sheets.iter().find(|(name, _)| name == "_lists").expect("lists");
            lists.1.values().flat_map(|row| row.values().cloned()).collect()
        };
        let offered = |id: &str| {
            choices.iter().any(|value| matches!(value, Value::Text(text) if text == id || text.ends_with(&format!("[{id}]"))))
        };
        for row in experts.get("threats").map_or(&[][..], Node::items) {
            let asset = row.get("asset").and_then(Node::scalar).expect("an asset");
            grid.row("assets", asset);
            for threat in words(row, "threats") {
                // A threat that is not proposed can be added as an incident of one's own.
                assert!(offered(&threat) && offered(asset), "{name}: {threat} on {asset}");
                rows += 1;
            }
        }
        for requirement in words(&experts, "candidates") {
            // One that is not proposed can be taken as a measure of one's own.
            assert!(offered(&requirement), "{name}: {requirement}");
            rows += 1;
        }
    }
    assert!(rows > 200, "only {rows} rows were found");
}
