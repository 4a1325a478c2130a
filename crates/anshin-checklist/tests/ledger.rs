//! The ledger of information assets: the rows of the handbook, and tables in and out.

use std::sync::LazyLock;

use anshin_checklist::File;
use anshin_checklist::csv::{Encoding, to_csv, to_csv_utf8};
use anshin_checklist::ledger::{
    Ledger, LoadedLedger, Scale, Scales, from_csv, load_ledger, load_scales, table,
};
use anshin_model::{Id, Lang};
use proptest::prelude::*;

const HANDBOOK: &str = include_str!("data/handbook-ledger.csv");

static SCALES: LazyLock<Scales> = LazyLock::new(|| {
    let files = anshin_catalog::built_in_files_beside("ledgers");
    let files = files.into_iter().map(|file| File { name: file.name, bytes: file.bytes }).collect();
    let (scales, _, found) = load_scales(files);
    assert!(found.is_empty(), "{found:?}");
    scales.expect("the built-in scales load")
});

fn scale(id: &str) -> &'static Scale {
    SCALES.get(Some(&Id::from(id))).expect("a built-in scale")
}

fn csv(bytes: impl Into<Vec<u8>>) -> LoadedLedger {
    from_csv(File { name: "ledger.csv".into(), bytes: bytes.into() }, scale("handbook"))
}

fn ledger(bytes: impl Into<Vec<u8>>) -> Ledger {
    let loaded = csv(bytes);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.ledger.expect("there is no error")
}

/// Importance, likelihood and risk value of the eight rows, as the handbook prints them.
#[test]
fn the_rows_of_the_handbook_come_out() {
    let ledger = ledger(HANDBOOK);
    let rows: Vec<_> = ledger
        .assets
        .iter()
        .map(|asset| {
            let risk = ledger.risk(asset, scale("handbook"));
            let band = risk.band.map_or("", |band| band.name.get(Lang::Ja));
            (risk.importance, risk.likelihood, risk.value, band)
        })
        .collect();
    let expected = [
        (1.0, 1.0, 1.0, "中"),
        (1.0, 1.0, 1.0, "中"),
        (2.0, 2.0, 4.0, "大"),
        (1.0, 2.0, 2.0, "中"),
        (1.0, 2.0, 2.0, "中"),
        (1.0, 1.0, 1.0, "中"),
        (2.0, 2.0, 4.0, "大"),
        (2.0, 1.0, 2.0, "中"),
    ];
    assert_eq!(rows, expected);
    // What the file prints beside each row is the same, so it was not read from there.
    let printed: Vec<&str> = HANDBOOK.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect();
    assert_eq!(printed.len(), 8);
    for (row, printed) in rows.iter().zip(printed) {
        assert_eq!(format!("{} リスク{}", row.2, row.3), printed);
    }
    let first: Vec<_> = ledger.by_risk(scale("handbook")).iter().take(2).map(|(n, ..)| *n).collect();
    assert_eq!(first, [2, 6]);
    let counts: Vec<_> = ledger.counts(scale("handbook")).iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [2, 6, 0]);
}

/// Without what the rows say about threats, the usual values of their media give the same.
#[test]
fn media_bring_threats_and_measures() {
    let mut ledger = ledger(HANDBOOK);
    let value = |ledger: &Ledger| -> Vec<f64> {
        ledger.assets.iter().map(|asset| ledger.risk(asset, scale("handbook")).value).collect()
    };
    let before = value(&ledger);
    for asset in &mut ledger.assets {
        (asset.threat, asset.measures) = (None, None);
    }
    assert_eq!(value(&ledger), before);
    ledger.media.push(anshin_checklist::ledger::OnMedium {
        id: "server".into(),
        threat: None,
        measures: Some(1.0),
    });
    assert_eq!(value(&ledger), [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0]);
}

#[test]
fn the_other_scale_runs_from_1_to_9() {
    let scale = scale("three-step");
    let text = "anshin-ledger: 1\nscale: three-step\nassets:\n\
        \x20 - { name: a, medium: paper, confidentiality: 3, integrity: 1, availability: 1, threat: 3, measures: 3 }\n\
        \x20 - { name: b, medium: paper, confidentiality: 1, integrity: 1, availability: 1, threat: 1, measures: 1 }\n";
    let loaded = load_ledger(File { name: "l.yaml".into(), bytes: text.into() }, &SCALES);
    let ledger = loaded.ledger.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let values: Vec<_> = ledger.assets.iter().map(|asset| ledger.risk(asset, scale).value).collect();
    assert_eq!(values, [9.0, 1.0]);
    let wrong = text.replace("confidentiality: 3", "confidentiality: 0");
    let loaded = load_ledger(File { name: "l.yaml".into(), bytes: wrong.into() }, &SCALES);
    assert_eq!(loaded.diagnostics[0].code.as_str(), "out-of-range");
}

#[test]
fn files_as_spreadsheets_write_them_are_read() {
    let plain = ledger(HANDBOOK);
    let (shift_jis, _, failed) = encoding_rs::SHIFT_JIS.encode(HANDBOOK);
    assert!(!failed);
    let utf16: Vec<u8> =
        std::iter::once(0xFEFF).chain(HANDBOOK.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [
        shift_jis.into_owned(),
        format!("\u{feff}{HANDBOOK}").into_bytes(),
        HANDBOOK.replace('\n', "\r\n").into_bytes(),
        HANDBOOK.replace(',', ";").into_bytes(),
        HANDBOOK.replace(',', "\t").into_bytes(),
        format!("情報資産管理台帳,,,\n\n{HANDBOOK}").into_bytes(),
        utf16,
    ] {
        assert_eq!(ledger(bytes), plain);
    }
}

#[test]
fn what_is_wrong_in_a_table_is_told_with_its_row() {
    for (from, to, line) in [
        ("書類,,,,0,1,1", "書類,,,,7,1,1", 2),
        ("書類,,,,0,1,1", "書類,,,,,1,1", 2),
        ("1,,2016/7/1,3通常", "1,,2016/17/1,3通常", 5),
        ("可用性", "使えること", 1),
        ("情報資産名称", "もの", 0),
    ] {
        assert!(HANDBOOK.contains(from), "{from}");
        let loaded = csv(HANDBOOK.replacen(from, to, 1));
        assert!(loaded.ledger.is_none(), "{from} -> {to}");
        let diagnostic = &loaded.diagnostics[0];
        assert!(!diagnostic.hints.is_empty());
        let place = diagnostic.span.map_or(0, |span| loaded.sources.line_column(span).0);
        assert_eq!(place, line, "{from} -> {to}: {diagnostic:?}");
    }
}

/// Round trip through `Shift_JIS`, with what Japanese keyboards and Windows write.
#[test]
fn shift_jis_brings_back_what_it_can_write_and_tells_the_rest() {
    let mut ledger = ledger(HANDBOOK);
    let write = |ledger: &Ledger| to_csv(&table(ledger, scale("handbook"), Lang::Ja), Encoding::ShiftJis);
    let same = |text: &str| anshin_model::Text::same(text);
    assert_eq!(self::ledger(write(&ledger).expect("all of it is there")), ledger);
    ledger.assets[0].note = same("髙橋・﨑山①㈱ ～2027年");
    assert_eq!(self::ledger(write(&ledger).expect("Windows has them")), ledger);
    // Other programs write other characters for the same.
    ledger.assets[0].note = same("4月\u{301C}9月 \u{2212}1");
    let again = self::ledger(write(&ledger).expect("there is one that looks alike"));
    assert_eq!(again.assets[0].note, same("4月～9月 －1"));
    ledger.assets[0].note = same("𠮷野 😀 𠮷");
    assert_eq!(write(&ledger).expect_err("there are none").0, ['𠮷', '😀']);
}

#[test]
fn no_cell_is_a_formula() {
    let mut ledger = ledger(HANDBOOK);
    for (asset, name) in ledger.assets.iter_mut().zip(["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "'=1"]) {
        asset.name = anshin_model::Text::same(name);
    }
    let bytes = to_csv_utf8(&table(&ledger, scale("handbook"), Lang::Ja));
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    let names: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(',').nth(2)).take(6).collect();
    assert_eq!(names, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'＝1", "''=1"]);
    assert_eq!(self::ledger(bytes), ledger);
}

proptest! {
    #[test]
    fn a_table_comes_back(
        name in "\\PC{1,20}", note in "[=+@'\"a,;\\n\t-]{0,12}", sensitive: bool, values in prop::array::uniform3(0u8..3),
    ) {
        prop_assume!(!name.trim().is_empty());
        let mut ledger = ledger(HANDBOOK);
        let asset = &mut ledger.assets[0];
        asset.name = anshin_model::Text::same(name.trim());
        asset.note = anshin_model::Text::same(note.trim());
        if sensitive { asset.personal = anshin_checklist::ledger::Personal::Sensitive }
        asset.confidentiality = f64::from(values[0]);
        asset.integrity = f64::from(values[1]);
        asset.availability = f64::from(values[2]);
        for lang in Lang::ALL {
            let bytes = to_csv_utf8(&table(&ledger, scale("handbook"), lang));
            prop_assert_eq!(&self::ledger(bytes), &ledger);
        }
        let yaml = ledger.to_yaml(Lang::Ja);
        let loaded = load_ledger(File { name: "l.yaml".into(), bytes: yaml.into_bytes() }, &SCALES);
        prop_assert_eq!(loaded.ledger.as_ref(), Some(&ledger), "{:?}", loaded.diagnostics);
    }
}

#[test]
fn a_row_has_an_id_of_its_own_or_none() {
    let row = "{ name: Plans, medium: paper, confidentiality: 1, integrity: 1, availability: 1";
    let text = format!("anshin-ledger: 1\nassets:\n  - {row}, id: a }}\n  - {row} }}\n  - {row}, id: a }}\n");
    let loaded = load_ledger(File { name: "l.yaml".to_owned(), bytes: text.into_bytes() }, &SCALES);
    let [found] = loaded.diagnostics.as_slice() else { panic!("{:?}", loaded.diagnostics) };
    assert_eq!(found.code, anshin_model::diagnostic::Code::DuplicateId);
    assert_eq!(loaded.sources.line_column(found.span.unwrap()).0, 5);
}

#[test]
fn a_ledger_on_the_other_scale_keeps_the_rank_of_every_value() {
    let scales = &*SCALES;
    let (handbook, steps) = (scales.get(None).unwrap(), scales.get(Some(&"three-step".into())).unwrap());
    let mut ledger = anshin_checklist::ledger::sample(handbook, "2026-11-26");
    ledger.assets[0].threat = Some(1.0);
    let other = ledger.in_scale(handbook, steps);
    for (a, b) in ledger.assets.iter().zip(&other.assets) {
        assert!((a.confidentiality + 1.0 - b.confidentiality).abs() < 1e-9);
        assert_eq!(a.threat, b.threat, "both scales have the same threats");
    }
    assert_eq!(other.in_scale(steps, handbook), ledger);
}

#[test]
fn a_table_brought_back_keeps_what_it_does_not_hold() {
    let scales = &*SCALES;
    let scale = scales.get(None).unwrap();
    let mut ledger = anshin_checklist::ledger::sample(scale, "2026-11-26");
    ledger.name_rows("a");
    ledger.assets[2].measures = Some(3.0);
    for lang in Lang::ALL {
        let bytes = to_csv_utf8(&table(&ledger, scale, lang));
        let read = from_csv(File { name: "l.csv".to_owned(), bytes }, scale);
        let brought = ledger.bring(read.ledger.unwrap(), &read.lacks, scale, lang, "b");
        assert!(brought.is_empty(), "{brought:?}");
        assert_eq!(brought.ledger, ledger);
    }
    // A row that is there twice in the table is there twice.
    let mut twice = ledger.clone();
    twice.assets.push(ledger.assets[0].clone());
    twice.assets.remove(1);
    let brought = ledger.bring(twice, &[], scale, Lang::En, "b");
    assert_eq!(brought.new, [ledger.assets[0].name.clone()]);
    assert_eq!(brought.gone, [ledger.assets[1].name.clone()]);
    let ids: Vec<_> = brought.ledger.assets.iter().map(|own| own.id.clone().unwrap().to_string()).collect();
    assert_eq!(ids, ["a-1", "a-3", "b-3"]);
}

/// A table with a few columns changes those and wipes nothing else.
#[test]
fn columns_that_a_table_lacks_stay() {
    let scales = &*SCALES;
    let scale = scales.get(None).unwrap();
    let mut ledger = anshin_checklist::ledger::sample(scale, "2026-11-26");
    ledger.name_rows("a");
    ledger.assets[0].measures = Some(3.0);
    let all = table(&ledger, scale, Lang::Ja);
    let wanted = ["情報資産名称", "媒体・保存先", "機密性", "完全性", "可用性"];
    let places: Vec<usize> =
        wanted.iter().map(|name| all[0].iter().position(|own| own == name).expect("a heading")).collect();
    let few: Vec<Vec<String>> =
        all.iter().map(|row| places.iter().map(|n| row[*n].clone()).collect()).collect();
    let read = from_csv(File { name: "l.csv".to_owned(), bytes: to_csv_utf8(&few) }, scale);
    let brought =
        ledger.bring(read.ledger.expect("five columns make a ledger"), &read.lacks, scale, Lang::Ja, "b");
    assert!(brought.is_empty(), "{:?}", brought.changed);
    assert_eq!(brought.ledger, ledger);
}

/// A table that is nearly a ledger is told what it lacks, and one of another scale the way out.
#[test]
fn a_table_that_does_not_fit_is_told_what_to_do() {
    let told = |text: &str| {
        let loaded = csv(text);
        assert!(loaded.ledger.is_none());
        let first = &loaded.diagnostics[0];
        let hints: Vec<&str> = first.hints.iter().map(|hint| hint.get(Lang::En)).collect();
        (first.message.get(Lang::En).to_owned(), hints.join(" / "), loaded.diagnostics.len())
    };
    let (message, ..) = told("Business,Information,Users\nsales,list,all\n");
    assert_eq!(
        message,
        "the row of headings has no column `Medium`, `Confidentiality`, `Integrity`, `Availability`"
    );
    let (_, hints, count) =
        told("Business,Information,Medium,Confidentiality,Integrity,Availability\nsales,list,server,9,9,9\n");
    assert_eq!(count, 3);
    assert!(hints.contains("--scale") && hints.contains("anshin ledger convert"), "{hints}");
}
