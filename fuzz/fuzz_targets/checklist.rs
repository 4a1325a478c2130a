//! Any bytes as a checklist, as answers and as a ledger: read, check, work out what follows.

#![no_main]

use std::sync::LazyLock;

use anshin_catalog::Catalog;
use anshin_checklist::compare::Reference;
use anshin_checklist::csv::{Encoding, csv_rows, decode, to_csv, to_csv_utf8};
use anshin_checklist::ledger::{Scales, from_csv, load_ledger, load_scales, table};
use anshin_checklist::{Checklists, File, Known, Round, fill, import, load, load_answers, proposals, set_answer, standing};
use anshin_model::Lang;
use anshin_model::diagnostic::{self, Style};
use libfuzzer_sys::fuzz_target;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

static SAMPLE: &str = include_str!("../../crates/anshin-checklist/tests/data/demo.yaml");
static SECOND: &str = include_str!("../../crates/anshin-checklist/tests/data/second.yaml");

static LISTS: LazyLock<Checklists> = LazyLock::new(|| {
    let files = [SAMPLE, SECOND].map(|text| file(text.as_bytes()));
    load(files.into(), &CATALOG).checklists.expect("the samples load")
});

static SCALES: LazyLock<Scales> = LazyLock::new(|| {
    let files = anshin_catalog::built_in_files_beside("ledgers").into_iter();
    load_scales(files.map(|file| File { name: file.name, bytes: file.bytes }).collect()).0.expect("the scales load")
});

fn file(bytes: &[u8]) -> File {
    File { name: "fuzz".into(), bytes: bytes.to_vec() }
}

/// The bytes as cells of a table that somebody has filled in: what is taken over can be written.
fn fill_in(bytes: &[u8]) {
    let Ok(mut rows) = csv_rows(bytes) else { return };
    let round = Round::empty(LISTS.get("demo").expect("the sample is there"));
    let _ = fill::filled(&rows, &round, "2026-11-25");
    // The same rows as an official table: whatever stands in them, a checklist comes of it.
    let columns =
        import::Columns { number: Some(0), section: Some(1), text: 2, title: Some(3), ..import::Columns::default() };
    let made = import::from_table(&rows, &columns, &round.list, "official", "t");
    let loaded = load(vec![file(made.yaml.as_bytes())], &CATALOG);
    let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, Style { lang: Lang::En, color: false, most: 20 });
    // The same cells under the headings of this program, so that more of them are understood.
    let own = fill::table(&round, Lang::Ja).rows;
    for (row, own) in rows.iter_mut().zip(&own) {
        let cells = own.iter().enumerate().map(|(n, own)| match row.get(n) {
            Some(cell) if fill::Table::filled_columns().contains(&n) => cell.clone(),
            _ => own.clone(),
        });
        *row = cells.collect();
    }
    let rows: Vec<_> = own.iter().take(1).cloned().chain(rows.into_iter().skip(1)).collect();
    let filled = fill::filled(&rows, &round, "2026-11-25");
    let mut text = "anshin-answers: 1\nchecklist: demo\nversion: \"2\"\nanswers: []\n".to_owned();
    for given in &filled.changed {
        // What cannot be written in place is refused, and the file left alone.
        let Ok(edited) = set_answer(&text, given) else { return };
        text = edited;
    }
    let again = load_answers(file(text.as_bytes()), &LISTS, &CATALOG).round.expect("what was written is read");
    assert_eq!(again.given.len(), filled.changed.len());
}

fuzz_target!(|bytes: &[u8]| {
    if bytes.len() > 1 << 16 {
        return;
    }
    let style = Style { lang: Lang::Ja, color: false, most: 20 };
    let loaded = load(vec![file(bytes)], &CATALOG);
    let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
    if let Some(lists) = &loaded.checklists {
        for list in lists.iter() {
            let round = Round::empty(list);
            let _ = standing(&round, &CATALOG);
            let _ = proposals(&round, lists, Known::default());
        }
    }
    let loaded = load_answers(file(bytes), &LISTS, &CATALOG);
    let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
    if let Some(round) = &loaded.round {
        let _ = standing(round, &CATALOG);
        let text = String::from_utf8_lossy(bytes);
        if let Some(given) = round.given.values().next()
            && let Ok(text) = set_answer(text.trim_start_matches('\u{feff}'), given)
        {
            // Whatever form the file has, an edited file is still one.
            assert!(load_answers(file(text.as_bytes()), &LISTS, &CATALOG).round.is_some());
        }
    }
    let scale = SCALES.get(None).expect("there is a scale");
    for loaded in [from_csv(file(bytes), scale), load_ledger(file(bytes), &SCALES)] {
        let _ = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
        if let Some(ledger) = &loaded.ledger {
            let again = from_csv(file(&to_csv_utf8(&table(ledger, scale, Lang::Ja))), scale);
            let rows = again.ledger.map_or(0, |ledger| ledger.assets.len());
            assert!(rows <= ledger.assets.len());
            let _ = to_csv(&table(ledger, scale, Lang::En), Encoding::ShiftJis).map_err(|left| left.text());
        }
    }
    let _ = import::from_ciso(file(bytes));
    let _ = decode(bytes).map(|text| Reference::from_csv(&text));
    fill_in(bytes);
});
