//! What people change in the workbook, and what becomes of the document.

use std::collections::BTreeSet;

use anshin_model::Lang;

use crate::packed::{Grid, Value};
use crate::{EVERYTHING, book, bring, example};

fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

/// Table, row, column, what is written into the cell, and what the document says then.
const EDITS: &[(&str, &str, &str, &str, &str)] = &[
    ("system", "system.name", "value", "New", "name: { ja: \"全部\", en: \"New\" }"),
    ("system", "system.purpose.why", "value", "Value", "why: { ja: \"なぜ\", en: \"Value\" }"),
    ("system", "system.purpose.who", "value", "We", "who: We"),
    ("system", "system.purpose.what", "value", "It", "what: { ja: \"何\", en: \"It\" }"),
    ("system", "system.purpose.when", "value", "Now", "when: { en: \"Now\" }"),
    ("system", "system.purpose.where", "value", "There: here", "where: \"There: here\""),
    ("system", "system.purpose.how", "value", "A\nB", "how: |-\n      A\n      B"),
    ("system", "system.setting", "value", "public", "setting: public"),
    ("system", "system.criticality", "value", "ordinary", "criticality: ordinary"),
    ("system", "system.stage", "value", "planning", "stage: planning"),
    ("system", "targets.recovery", "value", "critical", "targets: { recovery: critical"),
    ("system", "targets.economic", "value", "serious", "economic: serious }"),
    ("stakeholders", "maker", "name", "Makers", "name: Makers"),
    ("stakeholders", "maker", "role", "provider", "role: provider"),
    ("stakeholders", "maker", "lead", "yes", "duties: [installs, advises], lead: true }"),
    ("stakeholders", "maker", "person", "yes", "person: true"),
    ("stakeholders", "plant", "expertise", "security", "expertise: security"),
    ("stakeholders", "plant", "reach", "a market", "reach: many"),
    ("stakeholders", "plant", "duties", "installs\nadvises", "duties: [installs, advises]"),
    ("stakeholders", "plant", "depends-on.service", "side business", "service: side-business"),
    ("stakeholders", "plant", "depends-on.substitute", "fully", "substitute: yes"),
    ("stakeholders", "plant", "depends-on.restore", "within a day", "restore: hours"),
    (
        "stakeholders",
        "maker",
        "depends-on.service",
        "core business",
        "depends-on: { service: core-business }",
    ),
    ("stakeholders", "plant", "depends-on.outside", "area", "outside: area"),
    ("zones", "site", "name", "Place", "en: \"Place\""),
    ("zones", "line", "kind", "field-network", "kind: field-network"),
    ("zones", "line", "within", "", "- { id: line, kind: control-network }"),
    ("assets", "plc", "name", "PLC 2", "name: { ja: \"PLC\", en: \"PLC 2\" }"),
    ("assets", "plc", "kind", "controller.safety-plc", "kind: controller.safety-plc"),
    ("assets", "plc", "zone", "Site", "zone: site"),
    ("assets", "plc", "traits", "stand-alone", "traits: [stand-alone]"),
    ("assets", "plc", "without", "stand-alone", "without: [stand-alone]"),
    ("assets", "plc", "stores", "recipes", "stores:\n      - recipes # the secret ones\n    made-by"),
    ("assets", "plc", "made-by", "[plant]", "made-by: plant"),
    ("assets", "plc", "operated-by", "maker", "operated-by: maker"),
    ("assets", "plc", "maintained-by", "Plant", "maintained-by: plant"),
    ("assets", "plc", "updated-by", "", "maintained-by: maker\n  - id: arm"),
    ("assets", "mes", "hazards", "", "- { id: mes, name: MES, kind: server.mes, zone: site }"),
    ("assets", "arm", "safeguards", "", "worst: serious-injury }\n  - { id: mes"),
    ("hazards", "arm/1", "kind", "toxic-release", "- { kind: toxic-release, worst: death"),
    ("hazards", "arm/1", "worst", "minor injury", "kind: explosion, worst: minor-injury"),
    ("hazards", "arm/1", "to", "maker", "to: [maker]"),
    ("hazards", "arm/1", "unlikely", "", "to: [plant, neighbour] }"),
    ("data", "recipes", "name", "Recipe", "en: \"Recipe\""),
    ("data", "recipes", "kind", "measurement.value", "kind: measurement.value"),
    ("data", "people", "subject", "maker\nplant", "subject: [maker, plant]"),
    ("data", "recipes", "owner", "maker", "owner: maker"),
    ("data", "people", "sensitivity", "low", "sensitivity: low"),
    ("links", "mes--plc", "id", "up", ", id: up }"),
    ("links", "wire", "from", "mes", "from: mes, to: arm, over: io-wiring"),
    ("links", "wire", "to", "mes", "from: plc, to: mes"),
    ("links", "far", "through", "", "- { id: far, from: mes, to: arm, over: ethernet }"),
    ("links", "wire", "over", "ethernet", "to: arm, over: ethernet"),
    ("links", "wire", "protocol", "mqtt", "over: io-wiring, protocol: mqtt }"),
    ("links", "wire", "carries", "people、recipes", "carries: [people, recipes]"),
    ("links", "mes--plc", "protections", "one-way", "protections: [one-way]"),
    ("flows", "order", "name", "Orders", "en: \"Orders\""),
    ("steps", "order/1", "link", "far", "- link: far"),
    ("steps", "order/1", "does", "Sends", "en: \"Sends\""),
    ("steps", "order/2", "does", "Turns", "- { link: wire, does: \"Turns\" }"),
    ("subsystems", "hot", "name", "Heat", "en: \"Heat\""),
    ("subsystems", "hot", "assets", "arm", "assets: [arm]"),
    ("subsystems", "hot", "rated-by", "plant", "rated-by: [plant]"),
    ("incidents", "fire", "asset", "plc", "asset: plc"),
    ("incidents", "fire", "threat", "tampering", "threat: tampering"),
    ("incidents", "fire", "what", "Flames", "what: { ja: \"火事\", en: \"Flames\" }"),
    ("incidents", "fire", "result", "", "en: \"Fire\" } }"),
    ("measures", "patching", "requirement", "updates", "requirement: updates"),
    ("measures", "patching", "measure", "security-policy-write", "measure: security-policy-write }"),
    ("measures", "own", "name", "Fences", "name: Fences"),
    ("measures", "own", "by", "maker", "by: maker"),
    ("measures", "patching", "on", "arm\nmes", "on: [arm, mes]"),
    ("measures", "patching", "status", "refused", "status: refused"),
    ("measures", "patching", "until", "2027/1/5", "until: 2027-01-05"),
    ("measures", "patching", "cost", "￥1,500,000", "cost: 1500000"),
    ("measures", "own", "evidence", "Photos", "evidence: Photos"),
    ("measures", "patching", "note", "Weekly", "note: { ja: \"毎月\", en: \"Weekly\" }"),
    ("measures", "patching", "cost-per-year", "200000", "cost-per-year: 200000"),
    ("measures", "patching", "days", "12", "days: 12"),
    ("measures", "patching", "by-law", "yes", "by-law: true"),
    ("acceptances", "plc/harm/plant", "scenario", "plc/harm/maker", "scenario: plc/harm/maker"),
    ("acceptances", "plc/harm/plant", "by", "Abe", "by: Abe"),
    ("acceptances", "plc/harm/plant", "until", "2027-04-30", "until: 2027-04-30"),
    ("acceptances", "plc/harm/plant", "reason", "Soon", "en: \"Soon\""),
    ("ratings", "rating/plant/recovery", "recovery.value", "limited", "value: limited"),
    ("ratings", "rating/plant/recovery", "recovery.decide", "accept", "decide: accept"),
    (
        "ratings",
        "rating/plant/recovery",
        "recovery.reason",
        "Seen",
        "reason: { ja: \"経験から\", en: \"Seen\" }",
    ),
    ("ratings", "rating/plant/recovery", "recovery.by", "Mori", "by: Mori"),
    ("ratings", "rating/plant/recovery", "recovery.date", "2026年6月2日", "date: 2026-06-02"),
    ("decisions", "threat/plc/no-longer-there", "decision.reason", "Gone", "reason: Gone"),
];

/// Columns that no edit changes alone, and why.
const NOT_ALONE: &[(&str, &str)] = &[
    // An id is what other places name.
    ("stakeholders", "id"),
    ("zones", "id"),
    ("assets", "id"),
    ("data", "id"),
    ("flows", "id"),
    ("subsystems", "id"),
    ("incidents", "id"),
    ("measures", "id"),
    // Moving an entry is taking it away and adding it elsewhere; see below.
    ("hazards", "asset"),
    ("steps", "flow"),
    ("steps", "order"),
];

#[test]
fn an_edit_of_every_column_comes_back() {
    let start = Grid::read(&book(EVERYTHING, Lang::En));
    let mut failed = Vec::new();
    for (table, key, column, words, expected) in EDITS {
        // What a link is called is named in flows, and there is one lead: both change together.
        let mut grid = start.clone();
        grid.set(table, key, column, text(words));
        if *column == "lead" {
            grid.set("stakeholders", "plant", "lead", text(""));
        }
        if (*table, *column) == ("links", "id") {
            grid.set("steps", "order/1", "link", text(words));
        }
        let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
        let after = came.text.unwrap_or_default();
        if !came.said.is_empty() || !after.contains(expected) {
            failed.push(format!("{table} {key} {column} {words:?}: {expected}\n{}\n{after}", came.said));
            continue;
        }
        // Everything else stays, comments too.
        let gone = EVERYTHING.lines().filter(|line| !after.contains(line)).count();
        assert!(gone <= 8, "{table} {key} {column}: {gone} lines went\n{after}");
        let comments = |text: &str| text.matches('#').count();
        assert_eq!(comments(&after), comments(EVERYTHING), "{table} {column}\n{after}");
        // The new document's workbook shows what was written, and brings nothing more.
        let again = bring(&book(&after, Lang::En), &after).expect("a workbook");
        assert!(!again.imported.changed);
        // What was brought once is not brought twice. A link that got an id is another link.
        // An acceptance of another scenario is another one as well.
        if [("links", "id"), ("acceptances", "scenario")].contains(&(*table, *column)) {
            continue;
        }
        let twice = bring(&grid.pack(), &after).expect("a workbook");
        assert!(!twice.imported.changed && twice.said.is_empty(), "{table} {key} {column}\n{}", twice.said);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n----\n"));
    let mut missing = Vec::new();
    for (_, cells) in &start.sheets {
        let Some(Value::Text(mark)) = cells.get(&0).and_then(|row| row.get(&0)) else { continue };
        let Some(id) = mark.strip_prefix("anshin:") else { continue };
        let id = id.strip_prefix("worksheet/").unwrap_or(id);
        if id == "guide" {
            continue;
        }
        for (_, value) in cells[&0].range(1..) {
            let Value::Text(column) = value else { continue };
            let done = EDITS.iter().any(|edit| (edit.0, edit.2) == (id, column));
            let decision = column.split_once('.').is_some_and(|(group, _)| {
                ["economic", "threat", "requirement", "implementer", "decision"].contains(&group)
            });
            if !done && !decision && !NOT_ALONE.contains(&(id, column.as_str())) {
                missing.push(format!("{id} {column}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// A decision beside each kind of proposal, and its end.
#[test]
fn decisions_are_made_and_taken_back_beside_their_proposal() {
    let plant = example("chemical-plant");
    let groups = [
        ("ratings", "rating/plant/recovery", "recovery", Some("limited")),
        ("ratings", "rating/residents/economic", "economic", Some("serious")),
        ("threats", "threat/mes/tampering", "threat", None),
        ("candidates", "requirement/security-policy", "requirement", None),
        ("candidates", "implementer/security-policy", "implementer", Some("engineering")),
    ];
    for lang in Lang::ALL {
        let start = Grid::read(&book(&plant, lang));
        let mut grid = start.clone();
        for (sheet, subject, group, value) in groups {
            let decide = if value.is_some() { "override" } else { "reject" };
            grid.set(sheet, subject, &format!("{group}.decide"), text(decide));
            grid.set(sheet, subject, &format!("{group}.reason"), text("話し合って決めた"));
            grid.set(sheet, subject, &format!("{group}.by"), text("佐藤"));
            grid.set(sheet, subject, &format!("{group}.date"), Value::Date(46_113.0));
            if let Some(value) = value {
                grid.set(sheet, subject, &format!("{group}.value"), text(value));
            }
        }
        let came = bring(&grid.pack(), &plant).expect("a workbook");
        assert_eq!(came.said, "");
        let after = came.text.expect("a document");
        assert!(after.starts_with(plant.trim_end()), "what was there stays as it was");
        let added = &after[plant.trim_end().len()..];
        for (_, subject, _, value) in groups {
            assert!(added.contains(&format!("  - subject: {subject}\n")), "{added}");
            assert!(value.is_none_or(|value| added.contains(&format!("    value: {value}\n"))), "{added}");
        }
        assert_eq!(added.matches("    date: 2026-04-01\n").count(), groups.len());
        assert_eq!(added.matches("    seen: ").count(), groups.len(), "the facts they were made on are kept");
        let loaded = crate::loaded(&after);
        let stale = crate::with(&loaded, |subject| subject.assessment.stale.len());
        assert_eq!(stale, 0, "{added}");
        // Emptied, they are gone again.
        let mut grid = Grid::read(&book(&after, lang));
        for (sheet, subject, group, _) in groups {
            for column in ["decide", "value", "reason", "by", "date"] {
                if column != "value" || ["recovery", "economic", "implementer"].contains(&group) {
                    grid.set(sheet, subject, &format!("{group}.{column}"), text(""));
                }
            }
        }
        let came = bring(&grid.pack(), &after).expect("a workbook");
        assert_eq!(came.said, "");
        assert_eq!(came.text.expect("a document").trim_end(), plant.trim_end());
    }
}

#[test]
fn rows_come_go_and_are_copied() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    let place =
        grid.add("assets", &[("name", "Pump 7"), ("kind", "actuator.heater"), ("zone", "Site [site]")]);
    grid.add("assets", &[("name", "弁"), ("kind", "actuator.heater")]);
    grid.add("hazards", &[("asset", "pump-7"), ("kind", "explosion"), ("worst", "death")]);
    grid.add("steps", &[("flow", "Order"), ("order", "1.5"), ("link", "far"), ("does", "Between")]);
    grid.add("links", &[("from", "mes"), ("to", "pump-7")]);
    // A copy of a row with another id is a row of its own, with the key of the one it was copied from.
    let (row, id) = (grid.row("stakeholders", "maker"), grid.column("stakeholders", "id"));
    let mut copy = grid.sheet("stakeholders")[&row].clone();
    copy.insert(id, text("maker-2"));
    grid.sheet("stakeholders").insert(1_000, copy);
    let gone = grid.row("measures", "own");
    grid.sheet("measures").remove(&gone);
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    assert_eq!(came.said, "");
    let after = came.text.expect("a document");
    for expected in [
        "  - { id: pump-7, name: \"Pump 7\", kind: actuator.heater, zone: site, hazards: [{ kind: explosion, worst: death }] }\n",
        "  - { id: asset-1, name: \"弁\", kind: actuator.heater }\n",
        "      - link: far\n        does: \"Between\"\n",
        "  - { from: mes, to: pump-7 }\n",
        "  - { id: maker-2, name: \"Maker\", role: developer, reach: many, duties: [installs, advises] }\n",
    ] {
        assert!(after.contains(expected), "{expected}\n{after}");
    }
    assert!(!after.contains("id: own,"));
    let order = |word: &str| after.find(word).expect("there");
    assert!(order("link: mes--plc") < order("link: far") && order("link: far") < order("- wire"), "{after}");
    let notes: Vec<&str> = came.imported.notes.iter().map(|note| note.get(Lang::En)).collect();
    assert!(
        notes.iter().any(|note| note.contains(&format!("{} gets the id `pump-7`", place + 1))),
        "{notes:?}"
    );
    assert!(notes.iter().any(|note| note.contains("`asset-1`")), "{notes:?}");
}

/// People go on with the workbook that they have imported: what came with it comes once.
#[test]
fn what_was_imported_does_not_come_again() {
    for lang in Lang::ALL {
        let mut grid = Grid::read(&book(EVERYTHING, lang));
        grid.add("assets", &[("name", "弁"), ("kind", "actuator.heater")]);
        grid.add("assets", &[("name", "弁"), ("kind", "actuator.heater")]);
        grid.add("zones", &[("id", "yard"), ("kind", "production-floor")]);
        grid.add("links", &[("from", "mes"), ("to", "arm")]);
        let again = grid.row("acceptances", "plc/harm/plant");
        let mut renewed = grid.sheet("acceptances")[&again].clone();
        renewed.remove(&0);
        renewed.insert(grid.column("acceptances", "until"), text("2031-01-31"));
        grid.sheet("acceptances").insert(1_000, renewed);
        let packed = grid.pack();
        let once = bring(&packed, EVERYTHING).expect("a workbook");
        assert_eq!(once.said, "");
        let once = once.text.expect("a document");
        let twice = bring(&packed, &once).expect("a workbook");
        assert_eq!(twice.said, "");
        assert!(twice.text.is_none_or(|twice| twice == once));
        let notes = twice.imported.notes.iter().filter(|note| note.get(Lang::En).contains("already"));
        assert_eq!(notes.count(), 5);
        // Changed in the document since: the document's own stays, and the difference is told.
        let since = once.replace("id: yard, kind: production-floor", "id: yard, kind: control-network");
        assert_ne!(since, once);
        let came = bring(&packed, &since).expect("a workbook");
        assert_eq!(came.imported.conflicts.len(), 1, "{}", came.said);
        assert!(came.text.is_none_or(|text| text == since));
    }
}

/// A copied flow has no steps of its own; as long as it has the other's id, that is what is told.
#[test]
fn a_copied_row_that_kept_its_id_is_told_once() {
    for own in ["", "order-2"] {
        let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
        let (row, id) = (grid.row("flows", "order"), grid.column("flows", "id"));
        let mut copy = grid.sheet("flows")[&row].clone();
        if !own.is_empty() {
            copy.insert(id, text(own));
        }
        grid.sheet("flows").insert(1_000, copy);
        let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
        assert!(came.text.is_none());
        assert_eq!(came.said.matches("error").count(), 1, "{}", came.said);
        let expected = if own.is_empty() { "duplicate-id" } else { "`order-2`" };
        assert!(came.said.contains(expected), "{}", came.said);
    }
}

#[test]
fn the_language_that_is_not_shown_stays() {
    for lang in Lang::ALL {
        let mut grid = Grid::read(&book(EVERYTHING, lang));
        grid.set("stakeholders", "plant", "name", text("X"));
        grid.set("system", "system.purpose.why", "value", text(""));
        let after = bring(&grid.pack(), EVERYTHING).expect("a workbook").text.expect("a document");
        let (name, why) = match lang {
            Lang::Ja => ("name: { ja: \"X\", en: \"Plant\" }", "why: { en: \"Why\" }"),
            Lang::En => ("name: { ja: \"工場\", en: \"X\" }", "why: { ja: \"なぜ\" }"),
        };
        assert!(after.contains(name) && after.contains(why), "{after}");
    }
}

/// Whether an asset can hurt somebody is not settled by which sheet is read first.
#[test]
fn a_row_of_what_is_said_not_to_be_is_an_error() {
    let start = Grid::read(&book(EVERYTHING, Lang::En));
    for new in [false, true] {
        let mut grid = start.clone();
        if new {
            grid.add("hazards", &[("asset", "mes"), ("kind", "explosion"), ("worst", "death")]);
        } else {
            grid.set("assets", "arm", "hazards", text("yes"));
        }
        let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
        assert_eq!(came.imported.problems.len(), 1, "{}", came.said);
        assert!(came.said.contains("it says “no hazards”, and there is a row of them"), "{}", came.said);
        assert!(came.said.contains("Input Hazards") && came.said.contains("Input Assets"), "{}", came.said);
        assert!(came.text.is_none(), "nothing comes in");
    }
}

#[test]
fn what_changed_on_both_sides_is_a_conflict_and_stays() {
    let bytes = book(EVERYTHING, Lang::En);
    let since = EVERYTHING
        .replace("en: \"Controller\"", "en: \"Controller 9\"")
        .replace("status: planned", "status: in-place")
        .replace("worst: serious-injury", "worst: minor-injury")
        .replace("by: Sato", "by: Kato")
        .replace(
            "  - { id: own, requirement: vulnerability-handling, name: Walls",
            "  - { id: own, requirement: vulnerability-handling, name: Wall",
        );
    let mut grid = Grid::read(&bytes);
    grid.set("assets", "plc", "name", text("PLC 1"));
    grid.set("assets", "arm", "name", text("Robot"));
    grid.set("measures", "patching", "status", text("in place"));
    grid.set("hazards", "arm/1", "worst", text("minor injury"));
    grid.set("ratings", "rating/plant/recovery", "recovery.reason", text("Other"));
    let gone = grid.row("measures", "own");
    grid.sheet("measures").remove(&gone);
    let came = bring(&grid.pack(), &since).expect("a workbook");
    let after = came.text.expect("a document");
    assert_eq!(came.imported.conflicts.len(), 4, "{}", came.said);
    for expected in [
        "Input Assets!",
        "PLC 1",
        "what the document says now",
        "Controller 9",
        "`rating/plant/recovery`",
        "the row `own` is deleted from the sheet `Input Measures taken`, and changed in the document since",
    ] {
        assert!(came.said.contains(expected), "{expected}\n{}", came.said);
    }
    // The rest comes in, what is the same on both sides is none, and nothing of the document is lost.
    assert_eq!(after, since.replace("name: Arm", "name: Robot"));
}

#[test]
fn a_bad_cell_is_named_with_its_place() {
    let cases: &[(&str, &str, &str, Value, &[&str])] = &[
        (
            "assets",
            "plc",
            "zone",
            text("lime"),
            &["unknown-reference", "Input Assets!E", "did you mean `Control network [line]`?"],
        ),
        ("assets", "plc", "kind", text("robott"), &["unknown-word", "Input Assets!D"]),
        ("measures", "patching", "until", text("soon"), &["`soon` is not a date", "write it as 2026-04-01"]),
        ("measures", "patching", "cost", text("much"), &["`much` is not a number"]),
        ("measures", "patching", "cost", Value::Error, &["an error of the spreadsheet"]),
        ("assets", "plc", "name", Value::Formula("1+1".to_owned()), &["put a value in place of the formula"]),
        ("stakeholders", "maker", "id", text("makers"), &["cannot be changed", "put `maker` back"]),
        ("stakeholders", "maker", "lead", text("yes"), &["more than one lead"]),
        ("stakeholders", "maker", "role", text(""), &["`role` is empty", "choices of `role`: developer"]),
        (
            "ratings",
            "rating/plant/economic",
            "economic.reason",
            text("x"),
            &["`Economic axis: decision` (R3)"],
        ),
        (
            "hazards",
            "arm/1",
            "asset",
            text("no-such"),
            &["there is no row `no-such` in the sheet `Input Assets`", "Input Hazards!B3"],
        ),
    ];
    for (table, key, column, value, expected) in cases {
        let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
        grid.set(table, key, column, value.clone());
        let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
        assert!(!came.imported.problems.is_empty(), "{table} {column} {value:?}");
        for expected in *expected {
            assert!(came.said.contains(expected), "{table} {column} {value:?}: {expected}\n{}", came.said);
        }
        assert!(came.text.is_none());
    }
}

#[test]
fn what_is_not_of_this_program_is_named_and_left_alone() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    grid.sheets.push(("Notes".to_owned(), [(0, [(0, text("a")), (1, text("b"))].into())].into()));
    grid.sheets.push(("A list".to_owned(), [(0, [(0, text("call the maker"))].into())].into()));
    grid.sheet("assets").get_mut(&1).expect("heads").insert(40, text("Price"));
    let zones = grid.sheets.iter().position(|(name, _)| name == "Input Zones").expect("there");
    grid.sheets.remove(zones);
    let column = grid.column("assets", "zone");
    for row in grid.sheet("assets").values_mut() {
        row.remove(&column);
    }
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    assert!(!came.imported.changed, "{:?}", came.text);
    let notes: BTreeSet<&str> = came.imported.notes.iter().map(|note| note.get(Lang::En)).collect();
    for expected in [
        "the sheet `Notes` is not of Anshin",
        "the sheet `A list` is not of Anshin",
        "the column `Price` of the sheet `Input Assets`",
        "`Input Zones` is not in the workbook",
    ] {
        assert!(notes.iter().any(|note| note.contains(expected)), "{expected}: {notes:?}");
    }
}

/// A row that went although others still use it: told by its sheet, with the cells that use it, and
/// nothing of it by a place in the document.
#[test]
fn a_row_that_is_still_used_is_missed_in_its_sheet() {
    for (lang, expected) in [
        (
            Lang::En,
            [
                "the row `Control network [line]` is gone from the sheet `Input Zones`, but it is still used",
                "put the row back, or change what uses it: `Input Assets!E3`, `Input Assets!E4`",
            ],
        ),
        (
            Lang::Ja,
            [
                "シート「記入 区分」から`コントロール系ネットワーク [line]`の行が無くなっていますが、まだ使われています",
                "行を元に戻すか、それを使う`記入 機器!E3`、`記入 機器!E4`を書き換えてください",
            ],
        ),
    ] {
        let mut grid = Grid::read(&book(EVERYTHING, lang));
        let gone = grid.row("zones", "line");
        grid.sheet("zones").remove(&gone);
        let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
        let said = came.said_in(lang);
        for expected in expected {
            assert!(said.contains(expected), "{expected}\n{said}");
        }
        assert_eq!(came.imported.problems.len(), 1, "{said}");
        assert!(!said.contains("system.yaml"), "{said}");
        assert!(came.text.is_none());
    }
}

/// Every wrong cell is told at once, each by its sheet and cell, and no follow-up of another.
#[test]
fn all_wrong_cells_of_a_workbook_are_named_together() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    grid.set("stakeholders", "maker", "id", text("makers"));
    grid.set("assets", "plc", "made-by", text("makers"));
    grid.set("assets", "plc", "zone", text("lime"));
    grid.set("assets", "mes", "kind", Value::Error);
    grid.set("measures", "patching", "until", text("soon"));
    grid.set("measures", "patching", "cost", Value::Error);
    grid.set("stakeholders", "plant", "role", text(""));
    grid.set("stakeholders", "plant", "lead", text(""));
    grid.set("hazards", "arm/1", "kind", Value::Error);
    grid.set("hazards", "arm/1", "worst", Value::Error);
    let row = grid.add("assets", &[("id", "pump"), ("name", "Pump")]);
    let kind = grid.column("assets", "kind");
    grid.sheet("assets").get_mut(&row).expect("the row").insert(kind, Value::Error);
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    let places: BTreeSet<&str> = came.places().into_iter().collect();
    let expected = [
        "Input Stakeholders!B4".to_owned(),
        "Input Assets!E3".to_owned(),
        "Input Assets!D5".to_owned(),
        "Input Measures taken!I3".to_owned(),
        "Input Measures taken!J3".to_owned(),
        "Input Stakeholders!D3".to_owned(),
        "Input Stakeholders".to_owned(),
        "Input Hazards!C3".to_owned(),
        "Input Hazards!D3".to_owned(),
        format!("Input Assets!D{}", row + 1),
    ];
    assert_eq!(places, expected.iter().map(String::as_str).collect(), "{}", came.said);
    assert_eq!(came.imported.problems.len(), expected.len(), "{}", came.said);
}

/// The place of a cell is its sheet and its cell: there are no lines and columns in a cell.
#[test]
fn the_place_of_a_cell_is_its_sheet_and_cell() {
    let mut grid = Grid::read(&book(EVERYTHING, Lang::En));
    grid.set("assets", "plc", "zone", text("lime"));
    grid.set("stakeholders", "plant", "role", text(""));
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    insta::assert_snapshot!(came.said, @r"
    error[missing-key]: `role` is empty
    --> book.xlsx, Input Stakeholders!D3
     = hint: choices of `role`: developer, provider, user, third party

    error[unknown-reference]: there is no row `lime` in the sheet `Input Zones`
    --> book.xlsx, Input Assets!E3
     = cell: lime
     = hint: did you mean `Control network [line]`?
     = hint: add the row to the sheet `Input Zones`, or choose one that is there
    ");
    assert!(came.said_in(Lang::Ja).contains("\n = セル: lime\n"), "{}", came.said_in(Lang::Ja));
}

/// What the program works out is not taken over when it is changed; that is told, with where to change
/// it instead. What only looks different, or is older than the document, is not told.
#[test]
fn changes_of_what_is_worked_out_are_named() {
    let start = Grid::read(&book(EVERYTHING, Lang::En));
    let mut grid = start.clone();
    let row = |grid: &mut Grid, sheet: &str, n: u32| {
        *grid.worksheet(sheet).range(2..).nth(n as usize).expect("a row").0
    };
    let first = row(&mut grid, "assets", 0);
    grid.worksheet("assets").get_mut(&first).expect("there").insert(2, text("My own words"));
    let second = row(&mut grid, "assets", 1);
    grid.worksheet("assets").get_mut(&second).expect("there").insert(1, Value::Formula("1+1".to_owned()));
    let rating = row(&mut grid, "ratings", 0);
    grid.worksheet("ratings").get_mut(&rating).expect("there").remove(&1);
    grid.worksheet("ratings").get_mut(&1).expect("heads").insert(60, text("Seen by"));
    grid.worksheet("ratings").get_mut(&rating).expect("there").insert(60, text("Sato"));
    grid.worksheet("open").insert(900, [(1, text("Ask the maker"))].into());
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    assert!(!came.imported.changed, "{:?}", came.text);
    let notes: Vec<&str> = came.imported.notes.iter().map(|note| note.get(Lang::En)).collect();
    assert_eq!(
        notes,
        [
            "what stands in `C3`, `B4` of the sheet `Assets` is worked out, so the change is not imported; change the facts behind it in the sheets whose names begin with “Input” (it comes from: System diagram, specifications)",
            "the column `Seen by` of the sheet `Ratings` is not of Anshin and is not imported (the workbook keeps it)",
            "what stands in `B3` of the sheet `Ratings` is worked out, so the change is not imported; to differ from a proposal, write a decision into the yellow columns of its row",
            "row 901 of the sheet `What is open` is not of Anshin and is not imported (the workbook keeps it)",
        ]
    );
    // Saved by another program: line ends, numbers for words that are numbers.
    let mut grid = start.clone();
    for (_, cells) in &mut grid.sheets {
        let Some(Value::Text(mark)) = cells.get(&0).and_then(|row| row.get(&0)) else { continue };
        if !mark.starts_with("anshin:worksheet/") {
            continue;
        }
        for value in cells.range_mut(2..).flat_map(|(_, row)| row.range_mut(1..)).map(|(_, value)| value) {
            let Value::Text(words) = value else { continue };
            *value = words.parse().map_or_else(|_| text(&words.replace('\n', "\r\n ")), Value::Number);
        }
    }
    let came = bring(&grid.pack(), EVERYTHING).expect("a workbook");
    assert_eq!(came.imported.notes.len(), 0, "{:?}", came.imported.notes);
    // A document that went on since: the old workbook is not changed by that.
    let since = EVERYTHING.replace("name: Arm", "name: Robot").replace("setting: plant", "setting: public");
    assert_ne!(since, EVERYTHING);
    let came = bring(&start.pack(), &since).expect("a workbook");
    assert_eq!(came.imported.notes.len(), 0, "{:?}", came.imported.notes);
}
