//! What is wrong in a money file is told with its place and a next step.

#![allow(clippy::unwrap_used, reason = "tests with known input")]

use anshin_catalog::Catalog;
use anshin_model::diagnostic::{self, Style};
use anshin_model::document::Status;
use anshin_model::{Id, Lang};
use anshin_quantify::money_file::{self, Known, Loaded};

fn catalog() -> Catalog {
    anshin_catalog::load(Vec::new()).catalog.unwrap()
}

fn load(text: &str) -> Loaded {
    let catalog = catalog();
    let ids = |words: &[&str]| words.iter().map(|word| Id::from(*word)).collect::<Vec<_>>();
    let known = Known {
        catalog: &catalog,
        stakeholders: &ids(&["maker", "resident"]),
        lead: Some(&Id::from("maker")),
        classes: &ids(&["low", "medium", "high"]),
        scenarios: &["maker", "resident"].map(|who| (Id::from(format!("pump/stop/{who}")), Id::from(who))),
        measures: &[
            (Id::from("segmentation"), Status::Planned),
            (Id::from("login"), Status::InPlace),
            (Id::from("guard"), Status::Refused),
        ],
    };
    money_file::load("money.yaml", text.as_bytes().to_vec(), known)
}

/// The one thing that is wrong: code, line, and words of the message and the hints.
fn check(text: &str, code: &str, line: usize, words: &[&str]) {
    let loaded = load(&format!("anshin-money: 1\n{text}"));
    assert!(loaded.money.is_none(), "{text}: taken");
    let codes: Vec<_> = loaded.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert_eq!(codes, [code], "{text}");
    let diagnostic = &loaded.diagnostics[0];
    let (at, _) = loaded.sources.line_column(diagnostic.span.unwrap());
    assert_eq!(at, line + 1, "{text}");
    assert!(!diagnostic.hints.is_empty(), "{text}: no next step");
    for lang in Lang::ALL {
        let style = Style { lang, color: false, most: 9 };
        let shown = diagnostic::render(&loaded.sources, &loaded.diagnostics, style);
        if lang == Lang::En {
            for word in words {
                assert!(shown.contains(word), "{text}: no `{word}` in\n{shown}");
            }
        }
    }
}

#[test]
fn every_wrong_number_has_its_message() {
    check("business: { turnover: -5 }", "out-of-range", 1, &["-5", "write a number from 0"]);
    check("business: { turnover: much }", "out-of-range", 1, &["`much` is not a number"]);
    check("business: { people: .inf }", "out-of-range", 1, &[".inf"]);
    check(
        "levels: { serious: { low: 5, high: 2 } }",
        "out-of-range",
        1,
        &["lower end 5 is above the upper end 2", "smaller number"],
    );
    check(
        "levels: { serious: { low: 5 } }",
        "missing-key",
        1,
        &["the interval lacks `high`", "`least`, `likely` and `most`"],
    );
    check("levels: { serious: { least: 1, most: 5 } }", "missing-key", 1, &["lacks `likely`"]);
    check("levels: { serious: { is: 1, low: 1, high: 5 } }", "missing-key", 1, &["make no range"]);
    check("levels: { serious: {} }", "missing-key", 1, &["make no range"]);
    check("levels: { serious: { low: 0, high: 5 } }", "out-of-range", 1, &["must begin above 0"]);
    check("levels: { serious: { low: 1, high: 1e9 } }", "out-of-range", 1, &["10000 times"]);
    check("levels: { serious: { least: 1, likely: 9, most: 5 } }", "out-of-range", 1, &["likeliest value 9"]);
    check("costs:\n  - { id: forensics, chance: 1.2 }", "out-of-range", 2, &["1.2", "0 to 1"]);
    check("costs:\n  - { id: forensic }", "missing-key", 2, &["forensics"]);
    check(
        "frequencies:\n  - { class: high, per-year: { low: 1, high: 5000 } }",
        "out-of-range",
        2,
        &["0 to 1000"],
    );
    check("frequencies:\n  - { class: hihg, per-year: 1 }", "unknown-reference", 2, &["high"]);
    check(
        "scenarios:\n  - { scenario: pump/stop/maket, per-year: 1 }",
        "unknown-reference",
        2,
        &["pump/stop/maker"],
    );
    check(
        "scenarios:\n  - { scenario: flood, per-year: 1, loss: 5 }",
        "unknown-reference",
        2,
        &["needs `name`"],
    );
    check(
        "scenarios:\n  - { scenario: pump/stop/maker, loss: 1, costs: [{ category: other, amount: 2 }] }",
        "conflict",
        2,
        &["both"],
    );
    check(
        "scenarios:\n  - { scenario: pump/stop/maker, loss: 1 }\n  - { scenario: pump/stop/maker, loss: 2 }",
        "duplicate-id",
        3,
        &["twice"],
    );
    check(
        "frequencies:\n  - { class: high, per-year: 0.1 }\n  - { class: high, per-year: 0.2 }",
        "duplicate-id",
        3,
        &["the class `high` stands twice"],
    );
    check(
        "levels:\n  limited: 50000000\n  serious: { low: 900000, high: 1100000 }",
        "out-of-range",
        3,
        &[
            "the mean of the level `serious` (996,840 yen) is below that of the level `limited` under it (50,000,000 yen)",
            "not below a lower one",
        ],
    );
    check(
        "frequencies:\n  - { class: high, per-year: 0.001 }\n  - { class: medium, per-year: 5 }",
        "out-of-range",
        2,
        &[
            "the mean of the class `high` (one in 1,000 years) is below that of the class `medium` under it (5.0 a year)",
        ],
    );
    check(
        "frequencies:\n  - { class: high, per-year: 0 }\n  - { class: medium, per-year: 5 }",
        "out-of-range",
        2,
        &["the mean of the class `high` (never)"],
    );
    check(
        "scenarios:\n  - { scenario: pump/stop/resident, per-year: 9, loss: 900000000 }",
        "unknown-reference",
        2,
        &["`pump/stop/resident` befalls `resident`, not `maker`", "organization: resident"],
    );
    check(
        "insurance:\n  - { id: i, premium: 1, excludes: [pump/stop/resident] }",
        "unknown-reference",
        2,
        &["befalls `resident`"],
    );
    check(
        "measures:\n  - { id: login, cost-per-year: 500000 }",
        "conflict",
        2,
        &["`login` is in place already", "security-spending"],
    );
    check("measures:\n  - { id: guard, cost: 5 }", "conflict", 2, &["`guard` is refused", "status: planned"]);
    check("measures:\n  - { id: backup, cost: 5 }", "missing-key", 2, &["`prevents`"]);
    check("measures:\n  - { id: segmentation, prevents: 3 }", "out-of-range", 2, &["0 to 1"]);
    check(
        "measures:\n  - { id: segmentation, cost: 3, scenarios: [nothing] }",
        "unknown-reference",
        2,
        &["no scenario `nothing`"],
    );
    check("insurance:\n  - { id: cyber }", "missing-key", 2, &["`premium`"]);
    check("insurance:\n  - { id: cyber, premium: 5, covers: [fire] }", "unknown-word", 2, &["choices"]);
    check("organization: makr", "unknown-reference", 1, &["maker"]);
    check("currency: yen", "out-of-range", 1, &["three capital letters"]);
    check("bad-year: \"30\"", "unknown-word", 1, &["10, 20, 100, 200"]);
    check("profit: 5", "unknown-key", 1, &["keys that exist here"]);
}

/// A number beside a default may be meant: it is taken, with a word about it.
#[test]
fn a_number_that_falls_beside_a_default_is_warned_of() {
    for (text, line, word) in [
        (
            "levels: { limited: 900000000 }",
            2,
            "the mean of the level `serious` (60,106,379 yen) is below that of the level `limited` under it",
        ),
        (
            "frequencies:\n  - { class: high, per-year: 0.0001 }",
            3,
            "the mean of the class `high` (one in 10,000 years) is below",
        ),
        (
            "business: { turnover: 1000000 }\nlevels: { serious: 10000000 }",
            3,
            "the mean of the level `catastrophic` (",
        ),
    ] {
        let loaded = load(&format!("anshin-money: 1\n{text}"));
        assert!(loaded.money.is_some(), "{text}");
        let [warning] = &loaded.diagnostics[..] else { panic!("{text}: {:?}", loaded.diagnostics) };
        assert_eq!(loaded.sources.line_column(warning.span.unwrap()).0, line, "{text}");
        assert!(warning.message.get(Lang::En).contains(word), "{text}: {:?}", warning.message);
        assert!(warning.hints[0].get(Lang::En).contains("is a default"), "{text}");
    }
    // Where no default stands in, nothing is compared with one.
    let usd = load("anshin-money: 1\ncurrency: USD\nlevels: { limited: 900000000 }");
    assert!(usd.diagnostics.is_empty(), "{:?}", usd.diagnostics);
    // The same file read for another organization.
    let resident =
        "anshin-money: 1\norganization: resident\nscenarios:\n  - { scenario: pump/stop/resident, loss: 5 }";
    assert!(load(resident).diagnostics.is_empty());
}

#[test]
fn a_right_file_is_taken_whole() {
    let loaded = load(
        "anshin-money: 1\norganization: maker\ncurrency: USD\nbad-year: \"20\"\nbusiness: { turnover: 5e6 }\n\
         levels: { limited: 3, serious: { low: 1, high: 9 }, catastrophic: { least: 1, likely: 20, most: 50, spread: triangular } }\n\
         scenarios:\n  - { scenario: flood, name: Flood, per-year: { low: 0.1, high: 0.5 }, loss: { low: 1, high: 5, spread: uniform } }\n\
         measures:\n  - { id: segmentation, cost: 5 }\n  - { id: wall, softens: 0.5, scenarios: [flood] }\n\
         insurance:\n  - { id: i, premium: 1, excludes: [flood], covers: [recovery], cyber: silent, status: in-place }\n",
    );
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let money = loaded.money.unwrap();
    assert_eq!(money.levels.iter().flatten().count(), 3);
    assert_eq!((money.scenarios.len(), money.measures.len(), money.insurance.len()), (1, 2, 1));
    assert!(load("anshin-money: 1\n").money.is_some());
    assert!(load("").money.is_none());
}
