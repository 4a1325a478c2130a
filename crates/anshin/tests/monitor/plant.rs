//! Machines that are assets of a system: what their alerts touch, and records as evidence.

use super::*;

/// The robot of [`FACTORY`] is the heater of the plant.
fn in_plant(asset: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "factory.yaml",
        FACTORY.replace("cycle: { by: number }", &format!("asset: {asset}\n    cycle: {{ by: number }}")),
    );
    folder.write("robot.csv", recording());
    folder.write("plant.yaml", include_str!("../../../../examples/chemical-plant.yaml"));
    folder
}

#[test]
fn an_alert_names_the_asset_its_hazards_and_scenarios() {
    let folder = in_plant("heater");
    let replay = ["monitor", "replay", "factory.yaml", "robot.csv", "--system", "plant.yaml"];
    let said = folder.run(&[&replay[..], &["--format", "json"]].concat()).ends_with(0);
    let lines = lines(&said);
    let alert = lines.iter().find(|line| line["alert"] == "too-slow").expect("an alert");
    assert_eq!(alert["asset"], "heater");
    let hazards: Vec<&str> = alert["system"]["hazards"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|h| h["id"].as_str())
        .collect();
    assert_eq!(hazards, ["explosion", "toxic-release"]);
    let scenarios = alert["system"]["scenarios"].as_array().expect("a list");
    let of_heater = |own: &serde_json::Value| own["id"].as_str().is_some_and(|id| id.starts_with("heater"));
    assert!(!scenarios.is_empty() && scenarios.iter().all(of_heater), "{scenarios:?}");
    folder.run(&[&replay[..], &["--lang", "ja"]].concat()).ends_with(0).prints(&[
        "システムを構成する機器: ",
        "- 危険: ",
        "- リスクシナリオ heater",
    ]);
    folder.run(&["monitor", "check", "factory.yaml", "--system", "plant.yaml"]).ends_with(0);
}

#[test]
fn an_asset_that_the_system_lacks_is_an_error() {
    in_plant("heatre")
        .run(&["monitor", "check", "factory.yaml", "--system", "plant.yaml"])
        .ends_with(2)
        .says(&["there is no asset `heatre` in `plant.yaml`", "factory.yaml:", "did you mean `heater`?"]);
}

#[test]
fn alerts_of_sources_and_groups_are_evidence_too() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    let alert = |of: &str, alert: &str| {
        format!(
            "{{\"type\":\"{of}-alert\",\"{of}\":\"line\",\"alert\":\"{alert}\",\"change\":\"raised\",\
             \"at\":\"2026-04-01T00:00:00.000Z\"}}\n"
        )
    };
    folder.write("state/alerts.jsonl", &(alert("source", "unknown-device") + &alert("group", "together")));
    let assess = ["assess", "system.yaml", "--monitor", "state"];
    folder.run(&assess).ends_with(0).prints(&[
        "source line: alerts 1, acknowledged 0, open 1 (",
        "group line: alerts 1, acknowledged 0, open 1 (",
    ]);
    let json = folder.run(&[&assess[..], &["--format", "json"]].concat()).ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["monitor"]["sources"][0]["raised"]["unknown-device"], 1);
    assert_eq!(json["monitor"]["groups"][0]["open"][0], "together");
    folder.run(&["report", "system.yaml", "--monitor", "state", "--format", "html"]).ends_with(0);
    let report = folder.read("report/lamp-system.en.html");
    assert!(report.contains("source line") && report.contains("group line"));
}

#[test]
fn groups_are_called_by_their_names_and_figures_are_the_same_everywhere() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    let name = r#""group_name":{"ja":"第1工場の空気","en":"Air of hall 1"}"#;
    folder.write(
        "state/alerts.jsonl",
        format!(
            "{{\"type\":\"group-alert\",\"group\":\"air\",{name},\"machines\":[\"press\",\"cutter\"],\
             \"alert\":\"together\",\"change\":\"raised\",\"at\":\"2026-04-01T00:00:00.000Z\"}}\n\
             {{\"type\":\"alert\",\"machine\":\"press\",\"alert\":\"takes-too-much\",\"change\":\"raised\",\
             \"at\":\"2026-04-01T00:00:00.000Z\",\"value\":12.98,\"unit\":\"Wh\",\"deviation\":0.3}}\n"
        ),
    );
    let query = ["monitor", "query", "alerts", "--state", "state"];
    folder.run(&query).ends_with(0).prints(&["Air of hall 1 (press, cutter) (air)  ", "12.98 Wh (+30.0 %)"]);
    let of_ja = ["--lang", "ja"];
    folder
        .run(&[&query[..], &of_ja].concat())
        .ends_with(0)
        .prints(&["第1工場の空気（press、cutter） (air)  "]);
    let assess = ["assess", "system.yaml", "--monitor", "state"];
    folder.run(&assess).ends_with(0).prints(&["group Air of hall 1 (air): alerts 1,"]);
    folder
        .run(&[&assess[..], &of_ja].concat())
        .ends_with(0)
        .prints(&["グループ 第1工場の空気 (air): 警報 1"]);
    folder.run(&["report", "system.yaml", "--monitor", "state", "--format", "html"]).ends_with(0);
    assert!(folder.read("report/lamp-system.en.html").contains("group Air of hall 1"));
}

#[test]
fn records_of_the_monitor_are_evidence() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    folder.write(
        "state/alerts.jsonl",
        "{\"type\":\"watch\",\"at\":\"2026-04-01T00:00:00.000Z\",\"machines\":1}\n\
         {\"type\":\"alert\",\"machine\":\"boiler\",\"asset\":\"heater\",\"alert\":\"stuck\",\"name\":{\"ja\":\"終わらない\",\"en\":\"Does not finish\"},\"change\":\"raised\",\"since\":\"2026-04-01T09:00:00.000Z\",\"at\":\"2026-04-01T09:00:05.000Z\",\"value\":50.0,\"reference\":23.0,\"unit\":\"s\",\"deviation\":null}\n\
         {\"type\":\"request\",\"at\":\"2026-04-01T09:10:00.000Z\",\"request\":\"acknowledge\",\"machine\":\"boiler\",\"alert\":\"stuck\",\"since\":1775034000000000000,\"by\":\"Sato\",\"note\":\"belt\"}\n\
         {\"type\":\"alert\",\"machine\":\"boiler\",\"asset\":\"heater\",\"alert\":\"stuck\",\"change\":\"cleared\",\"since\":\"2026-04-01T09:00:00.000Z\",\"at\":\"2026-04-01T09:20:00.000Z\"}\n\
         {\"type\":\"alert\",\"machine\":\"boiler\",\"asset\":\"heater\",\"alert\":\"too-slow\",\"change\":\"raised\",\"at\":\"2026-04-02T00:00:00.000Z\"}\n",
    );
    let assess = ["assess", "system.yaml", "--monitor", "state"];
    folder.run(&assess).ends_with(0).prints(&[
        "What the records of the monitor show",
        "monitoring-logging",
        "records from 2026-04-01 00:00:00 UTC – 2026-04-01 09:10:00 UTC",
        "boiler = Heater: alerts 2, acknowledged 1, open 1 (Runs too slowly)",
        "✓ Does not finish: Sato, 2026-04-01 09:10:00 UTC: belt",
    ]);
    let json = folder.run(&[&assess[..], &["--format", "json"]].concat()).ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["monitor"]["machines"][0]["raised"]["too-slow"], 1);
    folder.run(&["report", "system.yaml", "--monitor", "state", "--format", "html"]).ends_with(0);
    let report = folder.read("report/lamp-system.en.html");
    assert!(report.contains("Records of the monitor"));
    assert!(report.contains("Does not finish: Sato, 2026-04-01 09:10:00 UTC: belt"));
    let json = &json["monitor"]["machines"][0];
    assert_eq!((&json["acknowledged"], &json["acknowledgements"][0]["by"]), (&1.into(), &"Sato".into()));
    // The same is asked of the records, and becomes a table.
    let query = ["monitor", "query", "alerts", "--state", "state"];
    folder
        .run(&query)
        .ends_with(0)
        .prints(&["Does not finish    50.0 s  acknowledged: Sato, 2026-04-01 09:10:00 UTC: belt"]);
    let asked = folder.run(&[&query[..], &["--format", "json"]].concat()).ends_with(0);
    let lines = lines(&asked);
    let who: Vec<&serde_json::Value> = lines.iter().map(|line| &line["acknowledged"]["by"]).collect();
    assert_eq!(who, [&"Sato".into(), &"Sato".into(), &serde_json::Value::Null]);
    folder.write("factory.yaml", FACTORY);
    let export = ["monitor", "export", "factory.yaml", "--state", "state", "--alerts", "alerts.csv"];
    folder.run(&export).ends_with(0);
    let table = folder.read("alerts.csv");
    let row = table.lines().nth(1).expect("an alert");
    assert_eq!(
        row,
        "boiler,boiler,Does not finish,,2026-04-01 18:00:00.000,2026-04-01 18:00:05.000,2026-04-01 18:20:00.000,\
         50,23,s,,Sato,2026-04-01 18:10:00.000,belt"
    );
    assert_eq!(table.lines().count(), 3);
    folder.run(&[&export[..], &["--to", "2026-04-01"]].concat()).ends_with(0);
    assert_eq!(folder.read("alerts.csv").lines().count(), 2, "as many as were asked for");
    folder.run(&[&export[..6], &["alerts.xlsx"]].concat()).ends_with(0);
    folder
        .run(&["assess", "system.yaml", "--monitor", "nowhere"])
        .ends_with(2)
        .says(&["`nowhere` has no state of a monitor"]);
}
