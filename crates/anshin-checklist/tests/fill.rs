//! Answers as a table to fill in: what was filled in is taken over, and nothing is lost on either side.

mod common;

use std::sync::LazyLock;

use anshin_checklist::fill::{self, Filled, Table};
use anshin_checklist::{Checklists, File, Given, Round, load_answers, set_answer};
use anshin_model::Lang;
use common::{CATALOG, DEMO, SECOND, load};
use proptest::prelude::*;

const ANSWERS: &str = r#"anshin-answers: 1
checklist: demo
version: "2"
answers:
  - { id: wifi, value: "yes", date: 2026-10-01 }
  - id: update
    value: partly
    evidence: [{ what: { ja: "更新の記録", en: "update log" } }, { what: list, where: shelf, date: 2026-10-01 }]
  - { id: wifi-key, value: "yes", proposed: true, because: "the answer of 2025" }
  - { id: rules, value: [c, a] }
"#;

static LISTS: LazyLock<Checklists> = LazyLock::new(|| load(&[DEMO, SECOND]));

fn round(text: &str) -> Round {
    let loaded = load_answers(File { name: "a.yaml".into(), bytes: text.into() }, &LISTS, &CATALOG);
    loaded.round.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// The place of a cell by the id of its item and its heading.
fn place(table: &Table, item: &str, heading: &str) -> (usize, usize) {
    let head = &table.rows[0];
    let column = |name: &str| head.iter().position(|own| own.starts_with(name)).expect("a heading");
    let row = table.rows.iter().position(|row| row[column("Id")] == item).expect("an item");
    (row, column(heading))
}

/// Fills cells in and reads the table.
fn fill_in(table: &Table, cells: &[(&str, &str, &str)], now: &Round) -> Filled {
    let mut rows = table.rows.clone();
    for (item, heading, words) in cells {
        let (row, column) = place(table, item, heading);
        (*words).clone_into(&mut rows[row][column]);
    }
    fill::filled(&rows, now, "2026-11-25")
}

fn only(filled: Filled) -> Given {
    assert!(filled.problems.is_empty(), "{:?}", filled.problems);
    assert_eq!(filled.changed.len(), 1, "{:?}", filled.changed);
    filled.changed.into_iter().next().expect("one")
}

#[test]
fn a_table_that_nobody_touched_changes_nothing() {
    let round = round(ANSWERS);
    for lang in Lang::ALL {
        let table = fill::table(&round, lang);
        assert_eq!(table.rows.len(), round.list.items().count() + 1);
        let filled = fill::filled(&table.rows, &round, "2026-11-25");
        assert!(filled.changed.is_empty() && filled.problems.is_empty(), "{filled:?}");
    }
}

#[test]
fn what_was_filled_in_is_taken_over() {
    let round = round(ANSWERS);
    let table = fill::table(&round, Lang::En);
    let given = only(fill_in(&table, &[("update", "Answer", "Done")], &round));
    assert_eq!(
        (given.value.as_slice(), given.date.as_deref()),
        (&["yes".to_owned()][..], Some("2026-11-25"))
    );
    // A line of evidence that stays keeps both languages; a new one is read.
    let cells = [
        ("update", "Evidence", "update log\nphoto | wiki | 2026/11/2"),
        ("update", "Answered on", "2026/10/1"),
    ];
    let given = only(fill_in(&table, &cells, &round));
    assert_eq!(given.evidence[0].what.get(Lang::Ja), "更新の記録");
    assert_eq!(
        (given.evidence[1].at.as_deref(), given.evidence[1].date.as_deref()),
        (Some("wiki"), Some("2026-11-02"))
    );
    assert_eq!(given.date.as_deref(), Some("2026-10-01"));
    // A proposal is confirmed by its own column, or by another answer.
    let given = only(fill_in(&table, &[("wifi-key", "Proposal", "confirmed")], &round));
    assert!(!given.proposed && given.because.is_none() && given.value == ["yes"]);
    let given = only(fill_in(&table, &[("wifi-key", "Answer", "unknown")], &round));
    assert!(!given.proposed && given.value == ["unknown"]);
    let given = only(fill_in(&table, &[("rules", "Answer", "")], &round));
    assert!(!given.is_answered());
    let given = only(fill_in(
        &table,
        &[("mail", "Answer", "out of scope (with a reason)"), ("mail", "Reason", "no mail")],
        &round,
    ));
    assert!(given.out_of_scope && given.reason.is_some());
    let given = only(fill_in(&table, &[("staff", "Answer", "１２０")], &round));
    assert_eq!(given.value, ["120"]);
}

#[test]
fn changes_on_both_sides_are_told_apart() {
    let before = round(ANSWERS);
    let table = fill::table(&before, Lang::En);
    // Somebody has answered in the file in the meantime.
    let now = round(&ANSWERS.replace("id: wifi, value: \"yes\"", "id: wifi, value: \"no\""));
    let filled = fill_in(&table, &[("update", "Answer", "Done")], &now);
    assert_eq!(filled.changed.iter().map(|given| given.id.as_str()).collect::<Vec<_>>(), ["update"]);
    // The same change on both sides is none; another one is a conflict, and nothing is taken.
    let no = now.list.scale(now.list.item("wifi").expect("an item").1).option("no").expect("an option");
    let same = fill_in(&table, &[("wifi", "Answer", no.name.get(Lang::En))], &now);
    assert!(same.changed.is_empty() && same.problems.is_empty(), "{same:?}");
    let other = fill_in(&table, &[("wifi", "Answer", "unknown")], &now);
    assert_eq!((other.changed.len(), other.problems.len()), (0, 1));
    assert!(other.problems[0].message.get(Lang::En).contains("`wifi`"), "{:?}", other.problems);
}

#[test]
fn what_is_wrong_in_a_table_is_told_with_its_row() {
    let round = round(ANSWERS);
    let table = fill::table(&round, Lang::En);
    for (item, heading, words, said) in [
        ("update", "Answer", "Dune", "not a choice"),
        ("staff", "Answer", "many", "not a number"),
        ("staff", "Answer", "-5", "outside the range"),
        ("update", "Reviewed on", "soon", "not a date"),
        ("update", "Evidence", "log | shelf | soon", "not a date"),
        ("update", "Id", "updat", "has no item"),
        ("update", "Id", "", "no id"),
        ("update", "Id", "mail", "two rows"),
    ] {
        let filled = fill_in(&table, &[(item, heading, words)], &round);
        let problem = filled.problems.first().unwrap_or_else(|| panic!("{item} {heading} {words}"));
        assert!(problem.message.get(Lang::En).contains(said), "{problem:?}");
        assert!(problem.row > 1 && !problem.hint.is_empty());
    }
    let stamp = table.rows[0].iter().position(|cell| cell.starts_with("anshin-answers")).expect("a stamp");
    for (words, said) in [
        ("anshin-answers 2 demo 2 en", "newer than this program"),
        ("anshin-answers 1 second 1 en", "the answers file of `demo`"),
        ("anshin-answers 1 demo 9 en", "version 9"),
        ("anshin-answers 1", "heading"),
    ] {
        let mut rows = table.rows.clone();
        words.clone_into(&mut rows[0][stamp]);
        let filled = fill::filled(&rows, &round, "2026-11-25");
        assert!(filled.changed.is_empty());
        assert!(filled.problems[0].message.get(Lang::En).contains(said), "{:?}", filled.problems);
    }
    let filled = fill::filled(&[vec!["Question".into()]], &round, "2026-11-25");
    assert_eq!(filled.problems.len(), 1);
}

#[test]
fn a_table_of_another_origin_adds_answers_and_takes_none_away() {
    let round = round(ANSWERS);
    let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
    let rows = [
        row(["Our list", ""]),
        row(["Id", "Answer"]),
        row(["mail", "Done"]),
        row(["update", ""]),
        row(["", ""]),
    ];
    let given = only(fill::filled(&rows, &round, "2026-11-25"));
    assert_eq!((given.id.as_str(), given.value.as_slice()), ("mail", &["yes".to_owned()][..]));
}

proptest! {
    /// Whatever stands in the cells: no panic, and what is taken over can be written and read again.
    #[test]
    fn any_cells_are_read(words in prop::collection::vec(("(?s:.{0,12})", 0usize..9, 2usize..12), 0..12)) {
        let round = round(ANSWERS);
        let mut rows = fill::table(&round, Lang::Ja).rows;
        for (word, row, column) in words {
            let n = row % rows.len();
            if n > 0 {
                rows[n][column] = word;
            }
        }
        let filled = fill::filled(&rows, &round, "2026-11-25");
        let mut text = ANSWERS.to_owned();
        for given in &filled.changed {
            text = set_answer(&text, given).expect("a plain list");
        }
        let again = self::round(&text);
        for given in &filled.changed {
            prop_assert_eq!(again.given.get(&given.id), Some(given));
        }
    }
}
