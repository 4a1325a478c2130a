//! `anshin plan`: which measures to take, for how much, and when.

mod common;

use std::collections::BTreeSet;

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

/// A measure that is written down as planned, without a cost, costs what it costs when it is chosen.
#[test]
fn default_costs_are_those_of_a_measure_that_is_chosen() {
    let free = plan("en", &["--format", "json"]).ends_with(0).json();
    let chosen = plan("en", &["--format", "yaml"]).ends_with(0).out;
    let is_cost = |line: &&str| ["cost", "days"].iter().any(|key| line.trim_start().starts_with(key));
    let planned: Vec<&str> = chosen.lines().filter(|line| !is_cost(line)).collect();
    let folder = Folder::new();
    folder.write("system.yaml", format!("{BOILER}\n{}\n", planned.join("\n")));
    let written = folder.run_in("en", &["plan", "system.yaml", "--format", "json"]).ends_with(0).json();
    assert_eq!(written["cost"], free["cost"]);
    let figures = |json: &serde_json::Value| {
        let list = json["measures"].as_array().expect("a list").iter();
        let mut all: Vec<String> =
            list.map(|m| format!("{} {} {}", m["measure"], m["cost"], m["days"])).collect();
        all.sort();
        all
    };
    assert_eq!(figures(&written), figures(&free));
}

/// The least risk for the money leaves scenarios outside that the same money could bring inside: then
/// no limit is to blame, and the goal that would do it is named.
#[test]
fn a_limit_with_room_is_not_blamed_for_what_the_goal_leaves_outside() {
    for limits in
        [["--budget", "2000000"].as_slice(), &["--budget-per-year", "700000", "--days-per-quarter", "10"]]
    {
        let with = |goal: &str| {
            plan("en", &[limits, &["--goal", goal, "--format", "json"]].concat()).ends_with(0).json()
        };
        let effect = with("effect");
        assert!(effect["after"]["outside"].as_u64() > Some(0), "{effect}");
        assert_eq!(with("target")["after"]["outside"], 0);
        assert_eq!(
            effect["bindings"],
            serde_json::json!([{
                "what": "goal",
                "stakeholder": null,
                "needed": null,
                "points-outside-then": 0,
                "scenarios": null,
            }])
        );
    }
    let said = |lang| plan(lang, &["--budget", "2000000"]).ends_with(0).out.replace("\n  ", " ");
    let (ja, en) = (said("ja"), said("en"));
    assert!(
        en.contains("Within the same limits, with `--goal target`, everything can be brought inside"),
        "{en}"
    );
    assert!(!en.contains("too little") && !ja.contains("足りません"), "{en}{ja}");
    assert!(ja.contains("`--goal target`で選べば"), "{ja}");
}

/// What the law demands is begun first, whatever else the money of a year would buy.
#[test]
fn what_the_law_demands_is_begun_in_the_first_year_that_has_the_money() {
    let by_law = "measures:\n  - { id: spares, requirement: business-continuity, measure: business-continuity-recovery-media, by: asset-owner, status: planned, by-law: true, cost: 600000, days: 5 }\n";
    let folder = Folder::new();
    folder.write("system.yaml", format!("{BOILER}\n{by_law}"));
    for goal in ["target", "effect"] {
        let arguments =
            ["plan", "system.yaml", "--budget-per-year", "700000", "--goal", goal, "--format", "json"];
        let json = folder.run(&arguments).ends_with(0).json();
        let first = &json["measures"][0];
        assert_eq!((&first["id"], &first["from-quarter"]), (&"spares".into(), &1.into()), "{goal}: {json}");
    }
}

/// A cost that is written stands for all defaults: no days are added that nobody has written.
#[test]
fn a_cost_that_is_written_stands_for_default_days_too() {
    let figures = |written: &str| {
        let measure = format!(
            "measures:\n  - {{ id: spares, requirement: business-continuity, measure: business-continuity-recovery-media, by: asset-owner, status: planned{written} }}\n"
        );
        let folder = Folder::new();
        folder.write("system.yaml", format!("{BOILER}\n{measure}"));
        let json = folder.run(&["plan", "system.yaml", "--format", "json"]).ends_with(0).json();
        let mut measures = json["measures"].as_array().expect("a list").iter();
        let spares = measures.find(|measure| measure["id"] == "spares").expect("the measure");
        let number = |key: &str| spares[key].as_u64().expect("a number");
        (number("cost-once"), number("days"), spares["default-figures"] == true)
    };
    assert_eq!(figures(", cost: 600000"), (600_000, 0, false));
    assert_eq!(figures(", cost: 600000, days: 7"), (600_000, 7, false));
    let (cost, days, marked) = figures("");
    assert!(cost > 0 && days > 0 && marked);
    assert_eq!(figures(", days: 7"), (cost, 7, true));
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

/// What is inside the target but not below the cut is what `paths` calls open: the plan names it.
#[test]
fn what_stays_inside_the_target_is_to_be_accepted() {
    let entries = plan("en", &["--format", "yaml"]).ends_with(0).out;
    let folder = Folder::new();
    folder.write("taken-over.yaml", format!("{BOILER}\n{entries}"));
    let targets = BOILER.lines().find(|line| line.starts_with("targets:")).expect("a target");
    folder.write(
        "mild.yaml",
        BOILER.replace(targets, "targets: { recovery: critical, economic: catastrophic }"),
    );
    for (file, expected) in [("taken-over.yaml", 3), ("mild.yaml", 6)] {
        let day = ["--today", "2026-04-01"];
        let json = |arguments: &[&str]| {
            folder.run(&[arguments, &day, &["--format", "json"]].concat()).ends_with(0).json()
        };
        let paths = json(&["paths", file, "--measures", "planned"]);
        let open: BTreeSet<&str> = paths["residual"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|r| r["scenario"].as_str())
            .collect();
        let planned = json(&["plan", file]);
        let listed = planned["to-accept"].as_array().expect("a list").iter();
        let listed: BTreeSet<&str> = listed.filter_map(serde_json::Value::as_str).collect();
        assert_eq!((open.len(), &listed), (expected, &open), "{file}");
        for (lang, words) in [
            ("en", "inside the target but at a risk that reaches the cut"),
            ("ja", "目標には収まるものの、リスクが足切り以上のシナリオ"),
        ] {
            let said = folder.run_in(lang, &["plan", file]).ends_with(0).out;
            assert!(said.contains(words), "{said}");
            assert!(open.iter().all(|id| said.contains(&format!("id: {id}"))), "{said}");
        }
    }
}

/// Somebody's acceptance is an answer: what is accepted is listed as that.
#[test]
fn what_is_accepted_is_no_longer_to_be_accepted() {
    let free = plan("en", &["--format", "json"]).ends_with(0).json();
    let first = free["to-accept"][0].as_str().expect("an id");
    let acceptance = format!(
        "acceptances:\n  - {{ scenario: {first}, by: Sato, until: 2099-12-31, reason: {{ ja: 保険, en: Insured }} }}\n"
    );
    let folder = Folder::new();
    folder.write("system.yaml", format!("{BOILER}\n{acceptance}"));
    let then = folder.run(&["plan", "system.yaml", "--format", "json"]).ends_with(0).json();
    assert_eq!(then["accepted"][0]["scenario"], first);
    assert!(!then["to-accept"].as_array().expect("a list").iter().any(|id| id == first));
}

/// The boiler takes 36 person-days of one company, which has twelve quarters for them: three a quarter
/// suffice, and the work goes on without a break.
#[test]
fn days_in_a_quarter_have_to_suffice_over_all_years() {
    let with = |days: &str| {
        let json = plan("en", &["--days-per-quarter", days, "--format", "json"]).ends_with(0).json();
        let times = |measure: &serde_json::Value| {
            let quarter = |key: &str| measure[key].as_u64().expect("a quarter");
            (quarter("from-quarter"), quarter("to-quarter"))
        };
        let times: Vec<_> = json["measures"].as_array().expect("a list").iter().map(times).collect();
        (json, times)
    };
    for (days, last) in [("3", 12), ("4", 9)] {
        let (json, times) = with(days);
        assert_eq!((&json["days"], &json["after"]["outside"]), (&36.into(), &0.into()), "{days}");
        assert!(times.windows(2).all(|two| two[1].0 <= two[0].1 + 1), "nobody waits: {times:?}");
        assert_eq!(times.last().map(|(_, to)| *to), Some(last), "{times:?}");
    }
    // One a quarter is too little; two do, if others than the company take part.
    let (json, _) = with("1");
    assert_eq!(json["bindings"][0]["what"], "days-per-quarter");
    assert_eq!(
        (&json["bindings"][0]["needed"], &json["bindings"][0]["points-outside-then"]),
        (&2.into(), &0.into())
    );
}

/// More classes of risk have more points, and the note tells them all.
#[test]
fn the_note_on_points_goes_by_the_matrix() {
    let said = plan("en", &[]).ends_with(0).out;
    assert!(said.contains("(0 for the lowest, then 1, 3, 9)"), "{said}");
    let folder = Folder::new();
    folder.write("system.yaml", BOILER);
    folder.write("six.yaml", SIX);
    let said = folder.run(&["plan", "system.yaml", "--matrix", "six.yaml"]).ends_with(0).out;
    let said = said.lines().collect::<Vec<_>>().join(" ");
    assert!(said.contains("(0 for the lowest, then 1, 3, 9, 27, 81)"), "{said}");
}

/// A matrix with six classes of risk.
const SIX: &str = r##"anshin-catalog: 1
matrices:
  - id: six
    name: { ja: 六区分, en: Six }
    about: { ja: 六区分。, en: Six classes. }
    likelihood:
      - { id: rare, name: { ja: まれ, en: Rare }, difficulty: 12 }
      - { id: possible, name: { ja: あり得る, en: Possible }, difficulty: 6 }
      - { id: likely, name: { ja: 起こりそう, en: Likely }, difficulty: 0 }
    effect:
      - { id: small, name: { ja: 小, en: Small } }
      - { id: large, name: { ja: 大, en: Large }, recovery: serious, economic: serious }
      - { id: worst, name: { ja: 最大, en: Worst }, recovery: critical, economic: catastrophic }
    risk:
      - { id: r1, name: { ja: 一, en: One }, colour: "#111111" }
      - { id: r2, name: { ja: 二, en: Two }, colour: "#222222" }
      - { id: r3, name: { ja: 三, en: Three }, colour: "#333333" }
      - { id: r4, name: { ja: 四, en: Four }, colour: "#444444" }
      - { id: r5, name: { ja: 五, en: Five }, colour: "#555555" }
      - { id: r6, name: { ja: 六, en: Six }, colour: "#666666" }
    cells:
      - [r1, r2, r3]
      - [r2, r3, r4]
      - [r3, r5, r6]
    cut: r5
    counts-from: possible
    source: anshin
    basis: own
"##;
