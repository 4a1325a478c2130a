//! `anshin quantify` as a user meets it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SYSTEM: &str = "examples/gas-water-heater.yaml";
const MONEY: &str = "crates/anshin/tests/money.yaml";

fn anshin(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(arguments)
        .current_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))
        .output()
        .expect("the program runs")
}

fn quantify(arguments: &[&str]) -> Output {
    let mut all = vec!["quantify", SYSTEM, "--years", "100000"];
    all.extend(arguments);
    anshin(&all)
}

fn said(output: Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(arguments: &[&str]) -> Value {
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    serde_json::from_str(&said(quantify(&all))).expect("JSON")
}

#[test]
fn without_any_numbers_it_works_with_defaults_and_says_so() {
    let result = json(&[]);
    assert_eq!(result["organization"], "maker");
    assert_eq!(result["cases"].as_array().map(Vec::len), Some(1));
    let assumptions = result["assumptions"].as_array().expect("a list");
    assert!(!assumptions.is_empty());
    for assumption in assumptions {
        for key in ["date", "source", "basis", "low", "high"] {
            assert!(!assumption[key].is_null(), "{assumption}");
        }
    }
    assert!(result["affordable"]["holds"].is_null() && result["posture"]["class"].is_null());
    let english = said(quantify(&["--lang", "en"]));
    for words in ["rests on defaults", "own judgement", "has converged", "write `emergency-cash`"] {
        assert!(english.replace('\n', " ").contains(words), "no `{words}` in\n{english}");
    }
}

#[test]
fn numbers_measures_and_insurance_come_out_and_fit_together() {
    let result = json(&["--money", MONEY]);
    let cases: Vec<&str> = result["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .map(|c| c["case"].as_str().expect("a word"))
        .collect();
    assert_eq!(cases, ["now", "plan", "insured", "silent-pays"]);
    let mean = |n: usize| result["cases"][n]["mean"]["value"].as_f64().expect("a number");
    assert!(mean(0) > mean(1) && mean(1) > mean(2) && mean(2) > mean(3));
    // Plan: the same fate, so that the saving is exactly the difference of the means.
    let saves = result["plan"]["saves_per_year"]["value"].as_f64().expect("a number");
    assert!((mean(0) - mean(1) - saves).abs() <= 2.0);
    let cost = result["plan"]["cost_per_year"].as_f64().expect("a number");
    assert!((cost - (800_000.0 / 3.0 + 200_000.0 + 5_000_000.0 / 3.0 + 500_000.0)).abs() < 1.0);
    let rosi = result["plan"]["rosi"].as_f64().expect("a number");
    assert!((rosi - (saves - cost) / cost).abs() < 1e-4);
    // Shares add up, and the mean of the scenarios is that of the case.
    let scenarios = result["scenarios"].as_array().expect("scenarios");
    let sum = |key: &str| scenarios.iter().map(|s| s[key].as_f64().expect("a number")).sum::<f64>();
    assert!((sum("share") - 1.0).abs() < 1e-4 && (sum("share_in_bad_years") - 1.0).abs() < 1e-4);
    assert!((sum("mean_per_year") - mean(0)).abs() < 10.0);
    let off = result["convergence"]["off_in_standard_errors"].as_f64().expect("a number");
    assert!(off < 4.0, "{off}");
    assert_eq!(result["posture"]["class"], 4);
    // The curve never rises.
    for case in result["cases"].as_array().expect("cases") {
        let losses: Vec<i64> = case["curve"]
            .as_array()
            .expect("points")
            .iter()
            .map(|p| p["loss"].as_i64().expect("a number"))
            .collect();
        assert!(losses.is_sorted());
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let with = |threads: &str, seed: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args([
                "quantify", SYSTEM, "--money", MONEY, "--format", "json", "--years", "50000", "--seed", seed,
            ])
            .current_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")))
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("the program runs");
        said(output)
    };
    let one = with("1", "7");
    for threads in ["2", "4", "7"] {
        assert!(with(threads, "7") == one, "{threads} threads differ");
    }
    assert!(with("2", "8") != one);
}

/// A maker whose losses are recalls sees what they are made of, with and without numbers of its own.
#[test]
fn losses_show_what_they_are_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |money: &str| {
        let path = folder.path().join("money.yaml");
        std::fs::write(&path, format!("anshin-money: 1\n{money}")).expect("written");
        json(&["--money", path.to_str().expect("a name")])
    };
    let means = |result: &Value| -> Vec<(String, i64)> {
        let rows = result["categories"].as_array().expect("categories").iter();
        rows.map(|row| {
            let (category, mean) = (&row["category"], &row["mean_per_year"]);
            (category.as_str().expect("a word").to_owned(), mean.as_i64().expect("an amount"))
        })
        .collect()
    };
    let of = |result: &Value, category: &str| {
        means(result).iter().find(|(own, _)| own == category).map_or(0, |(_, mean)| *mean)
    };
    let close = |a: i64, b: i64| (a - b).abs() <= 10;
    let exact = |result: &Value| result["convergence"]["exact_mean"].as_i64().expect("a mean");

    // Without numbers the level of each scenario is split; the whole stays what it was.
    let plain = with("organization: maker\n");
    let words: Vec<String> = means(&plain).into_iter().map(|(category, _)| category).collect();
    assert_eq!(words, ["response", "recovery", "notification", "compensation", "lost-profit"]);
    assert!(close(means(&plain).iter().map(|(_, mean)| mean).sum(), exact(&plain)));
    for scenario in plain["scenarios"].as_array().expect("scenarios") {
        let parts = scenario["loss"]["parts"].as_array().expect("parts");
        let sum: i64 = parts.iter().map(|part| part["mean"].as_i64().expect("a mean")).sum();
        assert!(close(sum, scenario["loss"]["mean"].as_i64().expect("a mean")), "{scenario}");
    }
    let used = |word: &str| {
        plain["assumptions"].as_array().expect("a list").iter().filter(|a| a["used_for"] == word).count()
    };
    assert!(used("numbers") > 0 && used("split") > 0);

    // More devices in the field: the proportions change with the number, and then the whole with it.
    let few = with("organization: maker\nbusiness: { units: 1000 }\n");
    let many = with("organization: maker\nbusiness: { units: 100000 }\n");
    for result in [&few, &many] {
        let scenarios = result["scenarios"].as_array().expect("scenarios");
        assert!(scenarios.iter().all(|scenario| scenario["loss"]["from"] == "costs"));
        // What is counted by a day's profit is left out as long as that is not known.
        assert_eq!(of(result, "lost-profit"), 0);
    }
    let recovery = |result: &Value| {
        let rows = result["categories"].as_array().expect("categories").iter();
        let mut found = rows.filter(|row| row["category"] == "recovery");
        found.next().and_then(|row| row["mean_per_year"].as_f64()).expect("an amount")
    };
    let grown = recovery(&many) - recovery(&few);
    // 3,000 to 30,000 yen for each device in three of ten recalls: 90 % interval of a lognormal.
    let sigma = 10f64.ln() / (2.0 * 1.644_853_626_951_472_2);
    let each = 0.3 * (3_000.0 * 30_000f64).sqrt() * (sigma * sigma / 2.0).exp();
    let a_year: f64 = many["scenarios"]
        .as_array()
        .expect("scenarios")
        .iter()
        .map(|scenario| scenario["frequency"]["mean"].as_f64().expect("a mean"))
        .sum();
    let expected = each * 99_000.0 * a_year;
    assert!((grown - expected).abs() < 1e-4 * expected, "{grown} {expected}");

    // A policy that covers one category pays its share, one that covers all pays more.
    let insured = |covers: &str| {
        let policy = format!("insurance:\n  - {{ id: cyber, premium: 1, status: in-place{covers} }}\n");
        with(&format!("organization: maker\n{policy}"))["cases"][0]["mean"]["value"].as_i64().expect("a mean")
    };
    let (whole, response) = (insured(""), insured(", covers: [response]"));
    assert_eq!(whole, 0);
    let kept = exact(&plain) - of(&plain, "response");
    assert!((response - kept).abs() < kept / 20, "{response} {kept}");
}

/// These bytes were the same on every machine that they were made on so far.
#[test]
fn the_figures_are_these_on_every_machine() {
    let result = json(&["--money", MONEY]);
    let figures: Vec<i64> = result["cases"]
        .as_array()
        .expect("cases")
        .iter()
        .flat_map(|case| [&case["mean"]["value"], &case["percentiles"][3]["loss"]["value"]])
        .map(|value| value.as_i64().expect("a number"))
        .collect();
    assert_eq!(
        figures,
        [14_897_326, 196_447_987, 5_785_960, 118_257_405, 2_307_451, 62_963_008, 1_428_782, 42_642_651]
    );
}

#[test]
fn the_plan_of_the_planner_comes_out_in_money() {
    let folder = tempfile::tempdir().expect("a folder");
    // The plan keeps what the document plans: here something that the resident does and pays for.
    let system = folder.path().join("system.yaml");
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/gas-water-heater.yaml"));
    let of_resident = "measures:\n- { id: own-login, requirement: access-control, \
        measure: access-control-multi-factor, by: resident, on: [smartphone], status: planned, cost-per-year: 12000 }\n";
    std::fs::write(&system, format!("{}\n{of_resident}", text.expect("the example"))).expect("written");
    let system = system.to_str().expect("a name");
    let json = |more: &[&str]| -> Value {
        let mut all = vec!["quantify", system, "--years", "100000", "--format", "json"];
        all.extend(more);
        serde_json::from_str(&said(anshin(&all))).expect("JSON")
    };
    let result = json(&["--money", MONEY, "--plan"]);
    let plan = &result["plan"];
    assert_eq!(plan["from"], "chosen");
    let mean = |n: usize| result["cases"][n]["mean"]["value"].as_f64().expect("a number");
    assert!(mean(1) < mean(0) / 2.0, "the plan brings everything inside the target");
    let measures = result["measures"].as_array().expect("measures");
    // What others do helps, and does not count as a cost of the organization.
    let cost = |m: &&Value| m["cost_per_year"].as_f64().expect("a cost");
    let (own, others): (Vec<&Value>, Vec<&Value>) = measures.iter().partition(|m| m["by_other"].is_null());
    let sum = |of: &[&Value]| of.iter().map(&cost).sum::<f64>();
    assert!(!others.is_empty() && others.iter().all(|m| m["rosi"].is_null()));
    // Each cost is rounded to a yen.
    let within = f64::from(u32::try_from(measures.len()).expect("a few"));
    assert!((sum(&own) - plan["cost_per_year"].as_f64().expect("a number")).abs() < within);
    assert!((sum(&others) - plan["by_others_per_year"].as_f64().expect("a number")).abs() < within);
    let days = plan["uncounted_days"].as_f64().expect("days");
    assert!(days > 0.0, "the money file does not say what a day of work costs");
    // A price for the days counts them.
    let path = folder.path().join("money.yaml");
    let money = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/money.yaml"));
    let money = money.expect("a file").replace("business: { ", "business: { person-day: 30000, ");
    std::fs::write(&path, money).expect("written");
    let priced = json(&["--money", path.to_str().expect("a name"), "--plan"]);
    assert_eq!(priced["plan"]["uncounted_days"], 0);
    let more = priced["plan"]["cost_per_year"].as_f64().expect("a number");
    let expected = plan["cost_per_year"].as_f64().expect("a number") + days * 30_000.0 / 3.0;
    assert!((more - expected).abs() < 3.0, "{more} {expected}");
    // The planner tells the same in short.
    let text = said(anshin(&["plan", system, "--money", MONEY, "--format", "json"]));
    let short: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(short["in-money"]["cost-per-year"], plan["cost_per_year"]);
    assert_eq!(short["in-money"]["cases"].as_array().map(Vec::len), result["cases"].as_array().map(Vec::len));
}

#[test]
fn the_template_is_a_money_file() {
    for lang in ["ja", "en"] {
        let template = said(quantify(&["--template", "--lang", lang]));
        assert!(template.contains("cloud/recall/maker"), "{template}");
        // As it is, and with all its examples taken in.
        let uncommented = |line: &str| {
            let rest = line.strip_prefix("# ")?;
            let key = rest.split(' ').next()?;
            let is_key =
                key.ends_with(':') && key.bytes().all(|b| b.is_ascii_lowercase() || b":-".contains(&b));
            (is_key || rest.starts_with("  ")).then(|| rest.to_owned())
        };
        let filled: Vec<String> =
            template.lines().map(|line| uncommented(line).unwrap_or_else(|| line.to_owned())).collect();
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("plain.yaml", template.clone()), ("filled.yaml", filled.join("\n"))] {
            let path = folder.path().join(name);
            std::fs::write(&path, &text).expect("written");
            let output = quantify(&["--money", path.to_str().expect("a name")]);
            assert_eq!(output.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

#[test]
fn wrong_input_is_told_and_ends_with_two() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("money.yaml");
    std::fs::write(&path, "anshin-money: 1\ncurrency: USD\n").expect("written");
    let name = path.to_str().expect("a name");
    let cases: [(&[&str], &str); 4] = [
        (&["--money", "nowhere.yaml"], "cannot read `nowhere.yaml`"),
        (&["--money", name], "defaults are in yen"),
        (&["--years", "5"], "from 1,000 to"),
        (&["--money", SYSTEM], "anshin-money"),
    ];
    for (arguments, words) in cases {
        let mut all = vec!["quantify", SYSTEM, "--lang", "en"];
        all.extend(arguments);
        let output = anshin(&all);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_report_with_money_has_its_charts_and_worksheets() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().to_str().expect("a name");
    for lang in ["ja", "en"] {
        said(anshin(&["report", SYSTEM, "--money", MONEY, "--lang", lang, "-o", to]));
        for picture in ["loss-exceedance", "loss-tornado"] {
            let svg =
                std::fs::read_to_string(folder.path().join(format!("gas-water-heater-{picture}.{lang}.svg")))
                    .expect("a picture");
            let tree = roxmltree::Document::parse(&svg).expect("well-formed");
            for attribute in tree.descendants().flat_map(|node| node.attributes()) {
                if ["d", "x", "y", "width", "height"].contains(&attribute.name()) {
                    assert!(
                        !attribute.value().contains("NaN") && !attribute.value().contains("inf"),
                        "{attribute:?}"
                    );
                }
            }
            let marked = |name| tree.descendants().filter(|n| n.attribute(name).is_some()).count();
            let expected = if picture == "loss-tornado" { ("data-id", 4) } else { ("data-case", 4) };
            assert_eq!(marked(expected.0), expected.1, "{picture}");
        }
        let html = std::fs::read_to_string(folder.path().join(format!("gas-water-heater.{lang}.html")))
            .expect("the page");
        assert!(html.contains("money-scenarios") && html.contains("money-assumptions"));
    }
}

/// A folder with a system and a money file, and what `anshin quantify` says of them.
fn in_folder(system: &str, money: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a name").to_owned()
    };
    let system = write("system.yaml", system);
    let money = write("money.yaml", &format!("anshin-money: 1\n{money}"));
    let arguments = ["quantify", &system, "--money", &money, "--years", "50000", "--lang", "en"];
    anshin(&[&arguments[..], more].concat())
}

fn json_of(system: &str, money: &str, more: &[&str]) -> Value {
    let more = [&["--format", "json"], more].concat();
    serde_json::from_str(&said(in_folder(system, money, &more))).expect("JSON")
}

const HEATER: &str = include_str!("../../../examples/gas-water-heater.yaml");
const BOILER: &str = include_str!("../../../examples/boiler.yaml");
const INSURED: &str =
    "insurance:\n  - { id: cyber, status: in-place, premium: 300000, deductible: 500000, limit: 20000000 }\n";

/// The measures that a plan of the boiler chooses, as planned ones; with their costs or without.
fn planned_boiler(with_costs: bool) -> String {
    let chosen = said(anshin(&["plan", "examples/boiler.yaml", "--format", "yaml"]));
    let is_cost =
        |line: &&str| line.trim_start().starts_with("cost") || line.trim_start().starts_with("days");
    let lines: Vec<&str> = chosen.lines().filter(|line| with_costs || !is_cost(line)).collect();
    format!("{BOILER}\n{}\n", lines.join("\n"))
}

/// The tornado tells how the loss moves before insurance pays, around a mean that is before it as well.
#[test]
fn the_tornado_of_an_insured_organization_holds_its_mean() {
    let result = json_of(BOILER, INSURED, &[]);
    for scenario in result["scenarios"].as_array().expect("scenarios") {
        let amount = |value: &Value| value.as_i64().expect("an amount");
        let mean = amount(&scenario["mean_before_insurance"]);
        assert!(amount(&scenario["swing"]["low"]) < mean && mean < amount(&scenario["swing"]["high"]));
        assert!(amount(&scenario["mean_per_year"]) < mean);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let money = folder.path().join("money.yaml");
    std::fs::write(&money, format!("anshin-money: 1\n{INSURED}")).expect("written");
    let (to, money) = (folder.path().to_str().expect("a name"), money.to_str().expect("a name"));
    said(anshin(&["report", "examples/boiler.yaml", "--money", money, "--lang", "en", "-o", to]));
    let svg = std::fs::read_to_string(folder.path().join("boiler-loss-tornado.en.svg")).expect("a picture");
    let tree = roxmltree::Document::parse(&svg).expect("well-formed");
    let texts = || tree.descendants().filter(roxmltree::Node::is_element).filter_map(|node| node.text());
    let number = |text: &str| -> u64 {
        text.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number")
    };
    let mean = texts().find(|text| text.starts_with("mean ") && text.ends_with("a year")).expect("a mean");
    let rows: Vec<(u64, u64)> =
        texts().filter_map(|text| text.split_once(" – ")).map(|(a, b)| (number(a), number(b))).collect();
    assert_eq!(rows.len(), result["scenarios"].as_array().map_or(0, Vec::len));
    for (low, high) in rows {
        assert!(low <= number(mean) && number(mean) <= high, "{low} {mean} {high}");
    }
    let whole: String = texts().collect::<Vec<_>>().join(" ");
    assert!(whole.contains("before insurance pays") && whole.contains("(after"), "{whole}");
}

/// Done alone, left out, all together: for a single measure that is the same, with insurance as well.
#[test]
fn a_single_measure_is_worth_what_the_plan_is() {
    let measures = "measures:\n  - { id: signing, name: Signed updates, cost: 1200000, prevents: 0.5 }\n";
    let result = json_of(HEATER, &format!("{INSURED}{measures}"), &[]);
    let (one, plan) = (&result["measures"][0], &result["plan"]);
    let amount = |value: &Value| value.as_f64().expect("an amount");
    let saves = amount(&plan["saves_per_year"]["value"]);
    assert!((amount(&one["saves_per_year"]) - saves).abs() <= 1.0, "{one} {plan}");
    assert!((amount(&one["left_out_per_year"]) - saves).abs() <= 1.0, "{one} {plan}");
    assert!((amount(&one["rosi"]) - amount(&plan["rosi"])).abs() < 1e-4, "{one} {plan}");
    let text = said(in_folder(HEATER, &format!("{INSURED}{measures}"), &[]));
    assert!(text.contains("What measures are worth (after insurance has paid)"), "{text}");
}

#[test]
fn what_does_not_count_is_told_instead_of_dropped() {
    let decided = "measures:\n  \
        - { id: inplace, requirement: updates, measure: updates-verify, by: maker, status: in-place }\n  \
        - { id: nope, requirement: access-control, measure: access-control-multi-factor, by: maker, status: refused }\n";
    let system = format!("{HEATER}\n{decided}");
    for (money, words) in [
        (
            "measures: [{ id: inplace, cost-per-year: 500000 }]",
            "count what it costs each year under `business",
        ),
        ("measures: [{ id: nope, cost: 9000000 }]", "`nope` is refused in the system document"),
        (
            "organization: maker\nscenarios: [{ scenario: cloud/leak/resident, per-year: 9, loss: 900000000 }]",
            "the scenario `cloud/leak/resident` befalls `resident`, not `maker`",
        ),
        (
            "levels: { limited: 50000000, serious: 1000000, catastrophic: 10 }",
            "of the level `serious` (1,000,000 yen) is below",
        ),
        ("frequencies: [{ class: high, per-year: 1 }, { class: high, per-year: 2 }]", "`high` stands twice"),
    ] {
        let output = in_folder(&system, money, &[]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{money}: {error}");
        assert!(error.contains(words), "{money}: {error}");
    }
}

#[test]
fn a_mean_that_rises_is_not_said_to_come_down() {
    let low = "frequencies: [{ class: medium, per-year: 0.0001 }, { class: high, per-year: 0.0002 }]\n";
    let output = in_folder(&planned_boiler(true), low, &[]);
    let warning = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        warning.contains(
            "the mean of the class `medium` (one in 10,000 years) is below that of the class `low`"
        ),
        "{warning}"
    );
    let text = said(output).replace('\n', " ");
    assert!(text.contains("The planned measures raise the mean to"), "{text}");
    assert!(text.contains("All together add ") && !text.contains("bring the mean down"), "{text}");
}

/// A planned measure without a cost costs the default, with a plan or without one.
#[test]
fn default_costs_are_the_same_everywhere() {
    let cost = |system: &str, more: &[&str]| {
        let result = json_of(system, "", more);
        let measures = result["measures"].as_array().expect("measures");
        let defaults = measures.iter().filter(|measure| measure["cost_is_default"] == true).count();
        (result["plan"]["cost_per_year"].as_i64().expect("a cost"), defaults, measures.len())
    };
    let (chosen, defaults, all) = cost(BOILER, &["--plan"]);
    assert_eq!(defaults, all);
    assert_eq!(cost(&planned_boiler(false), &[]), (chosen, all, all));
    assert_eq!(cost(&planned_boiler(false), &["--plan"]), (chosen, all, all));
    assert_eq!(cost(&planned_boiler(true), &[]), (chosen, 0, all));
    let text = said(in_folder(&planned_boiler(false), "", &[]));
    assert!(text.contains("yen*") && text.contains("* Our estimate from the effort"), "{text}");
    assert!(!text.contains("not known  "), "{text}");
    // What the money file says stands for all figures of the measure.
    let own = "measures: [{ id: monitoring-logging-collect-asset-owner, cost: 300000 }]\n";
    let result = json_of(&planned_boiler(false), own, &[]);
    let mut measures = result["measures"].as_array().expect("measures").iter();
    let of_own = measures.find(|m| m["id"] == "monitoring-logging-collect-asset-owner").expect("the measure");
    assert_eq!((&of_own["cost_per_year"], &of_own["cost_is_default"]), (&100_000.into(), &false.into()));
    // In another currency a default in yen is not known.
    let usd = json_of(&planned_boiler(false), "currency: USD\nbusiness: { turnover: 1000000 }\n", &[]);
    assert_eq!(usd["plan"]["without_cost"], all);
}

/// Days that nobody has written are no part of a cost that somebody has, in the document or in the money
/// file; days that are written are.
#[test]
fn default_days_are_not_priced_into_a_written_cost() {
    let id = "monitoring-logging-collect-asset-owner";
    let measure = |written: &str| {
        format!(
            "{BOILER}\nmeasures:\n  - {{ id: {id}, requirement: monitoring-logging, measure: monitoring-logging-collect, by: asset-owner, status: planned{written} }}\n"
        )
    };
    let cost = |system: &str, money: &str| {
        let result = json_of(system, &format!("business: {{ person-day: 40000 }}\n{money}"), &[]);
        let found = &result["measures"][0];
        assert_eq!(found["id"], id);
        ["cost_per_year", "cost_is_default", "uncounted_days"].map(|key| found[key].clone())
    };
    let own = format!("measures: [{{ id: {id}, cost-per-year: 100000 }}]\n");
    let bare: [Value; 3] = [100_000.into(), false.into(), 0.into()];
    assert_eq!(cost(&measure(", cost-per-year: 100000"), ""), bare);
    assert_eq!(cost(&measure(""), &own), bare);
    let with_work: [Value; 3] = [140_000.into(), false.into(), 0.into()];
    assert_eq!(cost(&measure(", cost-per-year: 100000, days: 3"), ""), with_work);
    assert_eq!(cost(&measure(", days: 3"), &own), with_work);
    // Without a cost the work is not lost.
    let unknown = measure(", days: 3").replace(", measure: monitoring-logging-collect", "");
    assert_eq!(cost(&unknown, ""), [Value::Null, false.into(), 3.into()]);
}

#[test]
fn a_measure_that_costs_nothing_is_not_paid_by_others() {
    let measures = "measures:\n  - { id: habit, name: Habit, cost: 0, prevents: 0.5 }\n";
    let text = said(in_folder(HEATER, measures, &[])).replace('\n', " ");
    assert!(text.contains("nothing.") && !text.contains("Other stakeholders pay"), "{text}");
}
