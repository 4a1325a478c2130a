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
