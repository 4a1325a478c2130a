//! The published format of an assessment: a small system, held word by word.

mod common;

use std::process::Command;

use common::shorten;

const SYSTEM: &str = "\
anshin: 1
system: { id: door, name: { ja: 電子錠, en: Smart lock }, setting: household }
stakeholders:
  - { id: maker, name: { ja: 製造元, en: Maker }, role: developer, lead: true, reach: many }
  - { id: resident, name: { ja: 住まい手, en: Resident }, role: user, person: true }
zones:
  - { id: home, kind: home-network }
assets:
  - { id: lock, name: { ja: 錠, en: Lock }, kind: actuator.lock, zone: home, made-by: maker }
  - { id: phone, name: { ja: 電話, en: Phone }, kind: mobile.smartphone, stores: [account] }
data:
  - { id: account, kind: personal.account, subject: resident }
  - { id: open, kind: control.command }
links:
  - { from: phone, to: lock, over: bluetooth, carries: [open] }
measures:
  - { id: m1, requirement: updates, name: updates by app, by: maker, status: planned }
decisions:
  - { subject: threat/phone/information-disclosure, decide: accept, reason: agreed, by: sato }
";

/// Keys and their order, ids and levels. Sentences are left out: they may be worded anew.
#[test]
fn the_format_of_version_1_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("door.yaml");
    std::fs::write(&file, SYSTEM).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(["assess", "--format", "json"])
        .arg(&file)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    let keys: Vec<&String> = json.as_object().expect("a map").keys().collect();
    insta::assert_snapshot!(
        format!("{keys:?}"),
        @r#"["anshin", "system", "ratings", "threats", "candidates", "policies", "priority_assets", "plan", "stale_decisions", "scenarios"]"#
    );
    shorten(&mut json);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).expect("JSON"));
}

const MONEY: &str = "\
anshin-money: 1
business: { emergency-cash: 5000000, security-spending: 300000 }
posture: { it: supporting, security: understood }
measures:
  - { id: m1, cost: 300000, cost-per-year: 50000, prevents: 0.5 }
  - { id: training, name: Training, cost-per-year: 100000, softens: 0.2 }
insurance:
  - { id: cyber, status: in-place, premium: 200000, deductible: 500000, limit: 10000000 }
  - { id: more, status: considered, premium: 100000, limit: 50000000 }
";

#[test]
fn the_format_of_risk_in_money_of_version_1_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, money) = (folder.path().join("door.yaml"), folder.path().join("money.yaml"));
    std::fs::write(&file, SYSTEM).expect("a file");
    std::fs::write(&money, MONEY).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_anshin"))
        .args(["quantify", "--format", "json", "--years", "20000", "--money"])
        .args([&money, &file])
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    let cases: Vec<&str> =
        json["cases"].as_array().expect("cases").iter().filter_map(|c| c["case"].as_str()).collect();
    insta::assert_snapshot!(format!("{cases:?}"), @r#"["now", "plan", "insured", "uninsured"]"#);
    shorten(&mut json);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).expect("JSON"));
}
