//! `anshin plan`: which measures to take, for how much, and when.

mod common;

use common::{Folder, Said};

const BOILER: &str = include_str!("../../../examples/boiler.yaml");

fn plan(lang: &str, more: &[&str]) -> Said {
    let folder = Folder::new();
    folder.write("system.yaml", BOILER);
    folder.run_in(lang, &[&["plan", "system.yaml"], more].concat())
}

#[test]
fn the_whole_plan_of_the_boiler_in_both_languages() {
    assert_eq!(plan("en", &[]).ends_with(0).out, include_str!("plan/boiler.en.txt"));
    assert_eq!(plan("ja", &[]).ends_with(0).out, include_str!("plan/boiler.ja.txt"));
}

#[test]
fn a_budget_that_is_too_small_for_the_target_is_named_with_what_is_needed() {
    let free = plan("en", &["--format", "json"]).ends_with(0).json();
    let arguments = ["--goal", "target", "--budget", "100,000", "--format", "json"];
    let short = plan("en", &[&arguments[..], &["--fail-on", "outside-target"]].concat()).ends_with(1).json();
    assert_eq!(short["bindings"][0]["what"], "budget");
    assert_eq!(short["bindings"][0]["points-outside-then"], 0);
    let needed = short["bindings"][0]["needed"].as_u64().expect("a sum");
    // What the plan without a budget costs is enough; less may do with measures that impair more.
    assert!(needed > 100_000 && needed <= free["cost"].as_u64().expect("a sum"));
    let budget = needed.to_string();
    let enough = plan("en", &["--goal", "target", "--budget", &budget, "--format", "json"]);
    assert_eq!(enough.ends_with(0).json()["after"]["outside"], 0);
    assert!(short["cost"].as_u64().expect("a sum") <= 100_000);
}

#[test]
fn a_refused_measure_is_left_out_and_a_required_one_is_in() {
    let free = plan("en", &["--format", "json"]).ends_with(0).json();
    let first = free["measures"][0]["id"].as_str().expect("an id").to_owned();
    let without = plan("en", &["--refuse", &first, "--format", "json"]).ends_with(0).json();
    let has = |json: &serde_json::Value, id: &str| {
        json["measures"].as_array().is_some_and(|list| list.iter().any(|m| m["id"] == id))
    };
    assert!(!has(&without, &first));
    let point = free["curve"].as_array().and_then(|curve| curve.last()).expect("a point");
    let other = point["measures"][0].as_str().expect("an id");
    let with = plan("en", &["--require", other, "--format", "json"]).ends_with(0).json();
    assert!(has(&with, other));
}

#[test]
fn wrong_numbers_and_names_are_told_with_a_next_step() {
    for (arguments, words) in [
        (["--budget", "-5"], "write a whole number of at least 1"),
        (["--budget", "0"], "leaves nothing to choose"),
        (["--days", "0"], "write a whole number of at least 1"),
        (["--years", "11"], "from 1 to 10"),
        (["--limit", "nobody=5"], "there are: "),
        (["--limit", "asset-owner"], "STAKEHOLDER=AMOUNT"),
        (["--refuse", "nothing"], "no measure `nothing`"),
        (["--matrix", "nothing"], "the catalog has: standard"),
    ] {
        plan("en", &arguments).ends_with(2).says(&[words]);
    }
}

#[test]
fn the_curve_is_a_picture() {
    let svg = plan("ja", &["--format", "svg"]).ends_with(0).out;
    assert!(svg.starts_with("<svg") && svg.contains("費用と残るリスク") && svg.contains("この計画"));
}

#[test]
fn the_plan_of_the_boiler_as_json() {
    let json = plan("en", &["--format", "json", "--today", "2026-04-01"]).ends_with(0).out;
    insta::assert_snapshot!("plan_json", json);
}

/// What `--format yaml` prints can be added to the document, and the plan is then decided.
#[test]
fn a_plan_that_is_taken_over_stands_in_the_document() {
    let entries = plan("en", &["--format", "yaml"]).ends_with(0).out;
    let free = plan("en", &["--format", "json"]).ends_with(0).json();
    let folder = Folder::new();
    assert!(!BOILER.contains("\nmeasures:"), "the example has no measures of its own");
    folder.write("system.yaml", format!("{BOILER}\n{entries}"));
    let then = folder.run_in("en", &["plan", "system.yaml", "--format", "json"]).ends_with(0).json();
    assert_eq!(then["cost"], free["cost"]);
    assert_eq!(then["days"], free["days"]);
    assert_eq!(then["after"], free["after"]);
    let all = then["measures"].as_array().expect("measures");
    assert!(all.iter().all(|measure| measure["standing"] == "decided"));
}
