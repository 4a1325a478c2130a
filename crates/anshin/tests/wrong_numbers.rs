//! Numbers that cannot be right, and limits that cannot be kept: each is told where it stands and
//! with what to do next, in both languages. The snapshots are the whole output.

mod common;

use std::fmt::Write as _;

use common::{Folder, GOOD};
use insta::assert_snapshot;

/// What the program says, on both channels, and how it ends.
fn said(folder: &Folder, lang: &str, arguments: &[&str]) -> String {
    let said = folder.run_in(lang, arguments);
    let mut out = format!("$ anshin {}\n{}{}", arguments.join(" "), said.out, said.err);
    let _ = writeln!(out, "exit {}\n", said.code.unwrap_or(-1));
    out
}

/// A money file with one thing wrong.
fn money(wrong: &str) -> String {
    format!("anshin-money: 1\norganization: maker\n{wrong}\n")
}

const WRONG_MONEY: &[(&str, &str)] = &[
    ("negative", "business: { turnover: -300000000 }"),
    ("negative loss", "levels: { serious: { low: -1, high: 5 } }"),
    ("low above high", "levels: { serious: { low: 9000000, high: 2000000 } }"),
    ("likeliest outside", "levels: { serious: { least: 1, likely: 9, most: 5 } }"),
    ("probability over 1", "costs:\n  - { id: forensics, chance: 1.2 }"),
    ("effect over 1", "measures:\n  - { id: backup, name: Backup, prevents: 3 }"),
    ("missing upper end", "levels: { serious: { low: 5000000 } }"),
    ("missing likeliest", "levels: { serious: { least: 1, most: 5 } }"),
    ("no interval at all", "frequencies:\n  - { class: high, per-year: {} }"),
    ("interval from zero", "levels: { serious: { low: 0, high: 5 } }"),
    ("not a number", "business: { people: many }"),
    ("endless", "business: { people: .inf }"),
    ("too often", "frequencies:\n  - { class: high, per-year: 5000 }"),
    ("no premium", "insurance:\n  - { id: cyber }"),
];

#[test]
fn wrong_numbers_of_a_money_file() {
    let folder = Folder::new();
    folder.write("system.yaml", GOOD);
    for lang in ["en", "ja"] {
        let mut told = String::new();
        for (what, wrong) in WRONG_MONEY {
            folder.write("money.yaml", money(wrong));
            let _ = writeln!(told, "== {what}");
            told += &said(&folder, lang, &["quantify", "system.yaml", "--money", "money.yaml"]);
        }
        assert_eq!(told.matches("exit 2").count(), WRONG_MONEY.len(), "{told}");
        assert_snapshot!(format!("wrong_money_{lang}"), told);
    }
}

#[test]
fn wrong_numbers_of_options() {
    let folder = Folder::new();
    folder.write("system.yaml", GOOD);
    let wrong: &[&[&str]] = &[
        &["plan", "system.yaml", "--budget", "0"],
        &["plan", "system.yaml", "--budget", "-5"],
        &["plan", "system.yaml", "--budget", "3.5"],
        &["plan", "system.yaml", "--budget", "9999999999999"],
        &["plan", "system.yaml", "--budget-per-year", "0"],
        &["plan", "system.yaml", "--days", "0"],
        &["plan", "system.yaml", "--days", "9999999"],
        &["plan", "system.yaml", "--days-per-quarter", "few"],
        &["plan", "system.yaml", "--years", "0"],
        &["plan", "system.yaml", "--years", "11"],
        &["plan", "system.yaml", "--limit", "makr=5"],
        &["plan", "system.yaml", "--limit", "maker"],
        &["plan", "system.yaml", "--limit", "maker=-5"],
        &["plan", "system.yaml", "--limit", "maker=1", "--limit", "maker=2"],
        &["plan", "system.yaml", "--matrix", "ours"],
        &["quantify", "system.yaml", "--years", "0"],
        &["quantify", "system.yaml", "--years", "999999999"],
        &["quantify", "system.yaml", "--plan", "--budget", "0"],
        &["quantify", "system.yaml", "--matrix", "ours"],
        &["paths", "system.yaml", "--paths", "0"],
        &["quantify", "system.yaml", "--seed", "-1"],
        &["quantify", "system.yaml", "--budget", "5"],
        &["plan", "system.yaml", "--lmit", "maker=5"],
        &["plan", "system.yaml", "--format", "xls"],
        &["plam", "system.yaml"],
    ];
    for lang in ["en", "ja"] {
        let told: String = wrong.iter().map(|arguments| said(&folder, lang, arguments)).collect();
        assert_eq!(told.matches("exit 2").count(), wrong.len(), "{told}");
        assert_snapshot!(format!("wrong_options_{lang}"), told);
    }
}

/// What is decided or demanded by law, and more than any limit allows.
const FIXED: &str = r"measures:
  - { id: signing, requirement: software-integrity, measure: software-integrity-signature-check, by: maker, status: planned, cost: 4000000, days: 60 }
  - { id: logs, requirement: monitoring-logging, measure: monitoring-logging-collect, by: maker, by-law: true, status: planned, cost: 500000, cost-per-year: 200000, days: 10 }
";

#[test]
fn limits_that_cannot_be_kept_are_named_with_what_would_do() {
    let folder = Folder::new();
    folder.write("system.yaml", format!("{GOOD}{FIXED}"));
    let impossible: &[&[&str]] = &[
        &["--budget", "1,000,000"],
        &["--budget-per-year", "1,000,000"],
        &["--limit", "maker=0"],
        &["--days", "20"],
        &["--days-per-quarter", "5"],
        &["--budget", "1,000,000", "--days", "20"],
    ];
    for lang in ["en", "ja"] {
        let mut told = String::new();
        for limits in impossible {
            told += &said(&folder, lang, &[&["plan", "system.yaml"], *limits].concat());
        }
        assert_eq!(told.matches("exit 2").count(), impossible.len(), "{told}");
        assert_snapshot!(format!("impossible_limits_{lang}"), told);
    }
}

/// A plan that takes nothing says why: limits leave nothing, or nothing is called for.
#[test]
fn a_plan_without_measures_tells_why() {
    let boiler = include_str!("../../../examples/boiler.yaml");
    let folder = Folder::new();
    folder.write("boiler.yaml", boiler);
    folder.write("mild.yaml", mild(boiler));
    folder.write("alone.yaml", ALONE);
    let plan = |file: &str, limits: &[&str], lang: &str| {
        folder.run_in(lang, &[&["plan", file], limits].concat()).ends_with(0).out
    };
    let limited =
        ("No measure fits within these limits", "この制限の中で、リスクを目標に近づけられる対策はありません");
    let inside = (
        "The target asks for no measure, but there is risk left",
        "目標に収めるための対策は要りません。ただし",
    );
    let fine = ("Nothing: things are fine as they are.", "ありません。今のままで足りています。");
    for (file, limits, (en, ja)) in [
        ("boiler.yaml", &["--budget", "10000"][..], limited),
        ("boiler.yaml", &["--budget", "3000000", "--budget-per-year", "1"], limited),
        ("mild.yaml", &[], inside),
        ("alone.yaml", &[], fine),
    ] {
        for (lang, words) in [("en", en), ("ja", ja)] {
            let said = plan(file, limits, lang);
            let all = [limited, inside, fine].map(|(en, ja)| if lang == "en" { en } else { ja });
            let told: Vec<&str> = all.into_iter().filter(|one| said.contains(one)).collect();
            assert_eq!(told, [words], "{file} {limits:?}\n{said}");
        }
    }
}

/// Numbers as people write them are taken: of full width, with a unit, in 万 and 億.
#[test]
fn numbers_are_taken_as_people_write_them() {
    let folder = Folder::new();
    folder.write("system.yaml", GOOD);
    let limits = |arguments: &[&str]| {
        let arguments = [&["plan", "system.yaml", "--format", "json"], arguments].concat();
        folder.run_in("ja", &arguments).ends_with(0).json()["limits"].clone()
    };
    let all = limits(&[
        "--budget",
        "1.5億",
        "--budget-per-year",
        "300　万円",
        "--limit",
        "maker=0円",
        "--days",
        "２０",
        "--days-per-quarter",
        "20人日",
        "--years",
        "2年",
    ]);
    assert_eq!(all["budget"], 150_000_000);
    assert_eq!(all["budget-per-year"], 3_000_000);
    assert_eq!(all["stakeholders"]["maker"], 0);
    assert_eq!((&all["days"], &all["days-per-quarter"]), (&20.into(), &20.into()));
}

/// A system with a target that no effect is above.
fn mild(document: &str) -> String {
    let targets = document.lines().find(|line| line.starts_with("targets:")).expect("a target");
    document.replace(targets, "targets: { recovery: critical, economic: catastrophic }")
}

/// Nothing of weight can happen here.
const ALONE: &str = r#"anshin: 1
system: { id: clock, name: { ja: "時計", en: "Clock" }, setting: household }
stakeholders:
  - { id: resident, name: { ja: "住まい手", en: "Resident" }, role: user, person: true, lead: true }
zones:
  - { id: home, kind: home-network }
assets:
  - { id: probe, name: { ja: "温度計", en: "Thermometer" }, kind: sensor.temperature, zone: home }
"#;

/// What is demanded and cannot be had together is named, with the reason and the option to drop.
#[test]
fn measures_that_do_not_go_together_are_named_with_what_to_drop() {
    let folder = Folder::new();
    folder.write("system.yaml", include_str!("../../../examples/gas-water-heater.yaml"));
    folder.write("law.yaml", format!("{GOOD}{FIXED}"));
    folder.write("fraction.yaml", format!("{GOOD}{FIXED}").replace("cost: 500000", "cost: 1.5"));
    let fixed = "software-installation-fixed-configuration";
    let asks_for_more = "\nmeasures:\n  - { id: versions, requirement: asset-management, measure: asset-management-software, by: maker, status: planned }\n";
    folder.write(
        "needs.yaml",
        include_str!("../../../examples/gas-water-heater.yaml").to_owned() + asks_for_more,
    );
    let impossible: &[&[&str]] = &[
        &["plan", "needs.yaml"],
        &["plan", "system.yaml", "--require", fixed, "--require", "updates-auto-consumer"],
        &["plan", "system.yaml", "--require", "updates-auto-consumer", "--refuse", "updates-verify"],
        &["plan", "law.yaml", "--refuse", "logs"],
        &["plan", "law.yaml", "--refuse", "signing"],
        &["plan", "fraction.yaml"],
        &["plan", "law.yaml", "--effort", "0"],
        &["report", "law.yaml", "--budget", "5"],
    ];
    for lang in ["en", "ja"] {
        let told: String = impossible.iter().map(|arguments| said(&folder, lang, arguments)).collect();
        assert_eq!(told.matches("exit 2").count(), impossible.len(), "{told}");
        assert_snapshot!(format!("wishes_{lang}"), told);
    }
}
