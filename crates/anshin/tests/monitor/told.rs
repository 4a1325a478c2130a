//! What is told of cycles, alerts and use.

use super::*;

#[test]
fn a_recording_tells_its_cycles_and_the_alert() {
    let said = replay(&["--format", "json", "--fail-on-alert"]).ends_with(1);
    let lines = lines(&said);
    let findings: Vec<&str> = lines.iter().filter_map(|line| line["finding"].as_str()).collect();
    assert_eq!(
        findings,
        ["learning", "learning", "learnt", "healthy", "healthy", "healthy", "outside", "unreliable"]
    );
    let alerts: Vec<&str> = lines.iter().filter_map(|line| line["alert"].as_str()).collect();
    assert_eq!(alerts, ["too-slow", "takes-too-much"]);
    let alert = lines.iter().find(|line| line["alert"] == "too-slow").expect("an alert");
    assert_eq!(alert["deviation"], 0.5);
    assert_eq!(alert["says"]["en"], "Cycles of Welding robot last longer than their reference.");
    assert_eq!(alert["threats"][0], "tampering");
    let energy = lines[0]["quantity"].as_f64().expect("a number");
    assert!((energy - 10.0).abs() < 0.01, "1800 W for 20 s are 10 Wh, not {energy}");
}

/// A plug that is away for a while and comes back: whatever it missed, no alarm follows from it.
#[test]
fn rows_that_are_missing_raise_no_alarm() {
    let folder = Folder::new();
    folder.write(
        "press.yaml",
        "anshin-monitor: 1\nsources: [ { id: plug, kind: csv, time: { column: t, form: seconds } } ]\nmachines:\n  - id: press\n    \
         cycle: { by: power, on: 500, off: 200 }\n    meter: { kind: rate }\n    \
         input: [ { from: plug, take: w, is: power } ]\n",
    );
    for (from, seconds) in [(610, 35), (610, 3_600), (615, 60_000), (625, 20), (625, 3_610), (618, 125)] {
        let mut rows = String::from("t,w\n");
        for second in (0..from).chain(from + seconds..from + seconds + 600) {
            let power = if second % 30 < 20 { 1_800 } else { 20 };
            writeln!(rows, "{},{power}", 1_775_000_000 + second).expect("a string grows");
        }
        folder.write("press.csv", &rows);
        let told = lines(
            &folder.run(&["monitor", "replay", "press.yaml", "press.csv", "--format", "json"]).ends_with(0),
        );
        let alerts: Vec<_> = told.iter().filter(|line| line["type"] == "alert").collect();
        assert!(alerts.is_empty(), "{seconds} s from {from} on: {alerts:#?}");
        assert!(told.iter().filter(|line| line["finding"] == "healthy").count() > 15, "{told:#?}");
    }
}

#[test]
fn cycles_of_a_machine_that_is_set_up_are_called_that() {
    let folder = Folder::new();
    let told = "      - { from: line, take: mode, is: set-up, when: MDI }\n";
    folder.write("factory.yaml", format!("{}{told}", FACTORY.trim_end().to_owned() + "\n"));
    let mut rows = recording().replace("cycle\n", "cycle,mode\n").replace("1800,", "1800,,");
    for cycle in 0..8 {
        let mode = if cycle < 2 { "MDI" } else { "AUTO" };
        rows = rows.replace(&format!(",1800,,{cycle}\n"), &format!(",1800,{cycle},{mode}\n"));
    }
    folder.write("robot.csv", rows);
    let replay = ["monitor", "replay", "factory.yaml", "robot.csv"];
    let said = folder.run(&[&replay[..], &["--format", "json"]].concat()).ends_with(0);
    let cycles = lines(&said);
    let cycles = cycles.iter().filter(|line| line["type"] == "cycle");
    let found: Vec<_> = cycles.map(|line| (line["finding"].as_str(), line["during"].as_str())).collect();
    let set_up = (Some("learning"), Some("set-up"));
    assert_eq!(found[..3], [set_up, set_up, (Some("learning"), None)], "{found:?}");
    folder
        .run(&[&replay[..], &["--verbose", "--lang", "ja"]].concat())
        .ends_with(0)
        .prints(&["  段取り中\n", "  学習中\n"]);
}

#[test]
fn the_lamp_on_a_machine_tells_how_well_it_is_used() {
    let folder = Folder::new();
    let lamp = "states: { by: lamp }\n    input:\n      - { from: line, take: green, is: lamp, light: green, on: 200 }\n      \
                - { from: line, take: red, is: lamp, light: red, on: 200 }\n";
    folder.write("factory.yaml", FACTORY.replace("input:\n", lamp));
    let mut rows = String::from("time,power,cycle,green,red\n");
    // A minute of green, a minute of red that flashes, two minutes of darkness.
    for second in 0..240 {
        let (green, red) = match second / 60 {
            0 => (812, 12),
            1 => (11, if second % 2 == 0 { 640 } else { 10 }),
            _ => (10, 9),
        };
        writeln!(rows, "2026-04-01T08:{:02}:{:02}+09:00,1800,1,{green},{red}", second / 60, second % 60)
            .expect("a string grows");
    }
    folder.write("lamp.csv", rows);
    let run = ["monitor", "replay", "factory.yaml", "lamp.csv", "--format", "json"];
    let told = lines(&folder.run(&run).ends_with(0));
    let used = told.iter().find(|line| line["type"] == "utilisation").expect("utilisation is told");
    let seconds = |key: &str| used[key].as_f64().unwrap_or_else(|| panic!("{key}: {used}"));
    // A light that has gone dark counts as lit for three seconds.
    let near = |value: f64, wanted: f64| (value - wanted).abs() <= 4.0;
    assert!(near(seconds("producing_seconds"), 63.0), "{used}");
    assert!(near(seconds("idle_seconds"), 60.0), "{used}");
    assert!(near(seconds("off_seconds"), 116.0), "{used}");
}

#[test]
fn machines_that_share_something_are_told_as_one() {
    let folder = Folder::new();
    let press = FACTORY.split_once("machines:\n").expect("it has machines").1;
    let press =
        press.replace("robot", "press").replace("溶接ロボット", "プレス").replace("Welding robot", "Press");
    let group = "groups:\n  - { id: supply, shares: power, machines: [ robot, press ] }\n";
    let factory = format!("{FACTORY}{press}{group}");
    folder.write("factory.yaml", &factory);
    folder.write("line.csv", recording());
    folder.run(&["monitor", "check", "factory.yaml", "--lang", "ja"]).prints(&[
        "電源",
        "robot, press",
        "600秒以内に2台以上",
    ]);
    let replay = ["monitor", "replay", "factory.yaml", "line.csv"];
    folder.run(&[&replay[..], &["--lang", "ja"]].concat()).prints(&[
        "警報  supply（溶接ロボット、プレス）: 複数の機械で同時に異常",
        "電圧の低下",
        "受電盤と分電盤",
    ]);
    let said = folder.run(&[&replay[..], &["--format", "json"]].concat());
    let lines = lines(&said);
    let group: Vec<_> = lines.iter().filter(|line| line["type"] == "group-alert").collect();
    assert_eq!(group.len(), 1);
    assert_eq!(group[0]["group_name"]["en"], "supply", "its id, for it has no other name");
    assert_eq!(
        (&group[0]["group"], &group[0]["machines"]),
        (&"supply".into(), &serde_json::json!(["robot", "press"]))
    );
    for (from, to, says) in [
        ("robot, press ]", "robot, pres ]", "there is no machine `pres`"),
        ("robot, press ]", "robot ]", "the group has 1 machine, so 2 of them never raise alerts together"),
        ("press ] }", "press ], least: 3 }", "the group has 2 machines, so 3 of them"),
        ("press ] }", "press ], alerts: overload }", "not all of these are alerts of machines"),
        ("press ] }", "press ], alerts: slow }", "there is no alert `slow`"),
        ("shares: power", "shares: magic", "magic"),
    ] {
        folder.write("factory.yaml", factory.replace(from, to));
        folder.run(&["monitor", "check", "factory.yaml"]).ends_with(2).says(&[says, "factory.yaml:", "hint"]);
    }
}

#[test]
fn an_alert_tells_a_person_what_to_do() {
    replay(&["--lang", "ja"]).ends_with(0).prints(&[
        "警報  溶接ロボット: 動作が遅い",
        "基準 20.0 s",
        "考えられる原因",
        "最初に確かめること",
        "稼働率",
    ]);
}

#[test]
fn the_demo_raises_alarms_and_prints_the_same_every_time() {
    let folder = Folder::new();
    let demo = ["monitor", "demo", "--no-wait", "--seconds", "60", "--format", "json"];
    let (first, second) = (folder.run(&demo).ends_with(0), folder.run(&demo));
    assert_eq!(first.out, second.out);
    let alerts = ["too-fast", "too-slow", "takes-too-much", "silent"].map(|a| format!("\"alert\":\"{a}\""));
    first.prints(&alerts.each_ref().map(String::as_str));
}

#[test]
fn what_the_demo_leaves_in_a_folder_is_there_for_every_command_that_looks_back() {
    let folder = Folder::new();
    let demo = ["monitor", "demo", "--no-wait", "--seconds", "60", "--state", "floor", "--format", "json"];
    let played = lines(&folder.run(&demo).ends_with(0));
    let count = |all: &[serde_json::Value], of: &str| all.iter().filter(|line| line["type"] == of).count();
    folder.run(&["monitor", "status", "--state", "floor"]).ends_with(0).prints(&[
        "as of 2026-04-01 08:20:00 JST",
        "Welding robot (robot)",
        "nothing has been watched since 20",
        "start it with `anshin monitor run`",
        "state not known; last producing, since 2026-04-01 08:",
        "Runs too fast [WELD-7]  since 2026-04-01 08:1",
        "utilisation 2026-04-01",
        "WELD-7 #1",
    ]);
    for what in ["cycles", "alerts"] {
        let query = ["monitor", "query", what, "--state", "floor", "--limit", "10000", "--format", "json"];
        let asked = lines(&folder.run(&query).ends_with(0));
        assert_eq!(asked.len(), count(&played, what.trim_end_matches('s')), "{what}");
    }
    folder.run(&["monitor", "query", "references", "--state", "floor"]).ends_with(0).prints(&["WELD-7 #1"]);
    folder.run(&["monitor", "check", "floor/factory.yaml"]).ends_with(0);
    let export = [
        "monitor",
        "export",
        "floor/factory.yaml",
        "--state",
        "floor",
        "--cycles",
        "cycles.csv",
        "--report",
        "used",
    ];
    folder.run(&export).ends_with(0);
    assert_eq!(folder.read("cycles.csv").lines().count(), 1 + count(&played, "cycle"));
    assert!(folder.read("used/utilisation.en.html").contains("Welding robot"));
    folder.write("system.yaml", common::GOOD);
    folder.run(&["assess", "system.yaml", "--monitor", "floor"]).ends_with(0).prints(&[
        "records from 2026-04-01 08:00:00 JST – 2026-04-01 08:20:00 JST",
        "Welding robot (robot) = no asset named: alerts 1",
    ]);

    // Somebody acknowledges and asks for other things, and the factory goes on with the next morning.
    folder
        .run(&["monitor", "acknowledge", "robot", "too-fast", "--by", "Sato", "--state", "floor"])
        .ends_with(0);
    let ask = |words: &[&str]| {
        let words = [&["monitor"], words, &["--by", "Sato", "--state", "floor"]].concat();
        folder.run(&words).ends_with(0);
    };
    ask(&["maintain", "lathe", "--minutes", "5"]);
    ask(&["approve", "robot", "WELD-7", "--mode", "1"]);
    ask(&["forget", "press", "P-88"]);
    // Somebody has asked for it long before: as many minutes as that were.
    let asked = folder.read("floor/requests.jsonl")
        + r#"{"request":"maintenance","machine":"cnc-mill","until":1775120700000000000,"by":"Sato","asked":1775120400000000000}"#
        + "\n";
    folder.write("floor/requests.jsonl", asked);
    let next = lines(&folder.run(&demo).ends_with(0));
    assert!(next[0]["at"].as_str().is_some_and(|at| at.starts_with("2026-04-01T23:00")), "{}", next[0]);
    folder
        .run(&["monitor", "query", "alerts", "--state", "floor"])
        .ends_with(0)
        .prints(&["acknowledged: Sato, 2026-04-02 08:0"]);
    let of = |machine: &str, key: &str, word: &str| {
        next.iter().filter(|line| line["machine"] == machine && line[key] == word).count()
    };
    // Five minutes of the play are not judged, and what was forgotten is learnt anew.
    let maintained = of("lathe", "during", "maintenance");
    assert!(maintained > 0 && of("lathe", "finding", "healthy") > maintained, "{maintained} {next:?}");
    assert!(of("cnc-mill", "during", "maintenance") > 0, "{next:?}");
    assert!(of("press", "finding", "learnt") > 0 && of("robot", "finding", "learnt") == 0, "{next:?}");
    let log = folder.read("floor/alerts.jsonl");
    for asked in ["maintenance", "approve", "forget"] {
        assert!(log.contains(&format!(r#""request":"{asked}""#)), "{log}");
    }
    assert_eq!(log.matches(r#""type":"maintenance-over""#).count(), 2);
    folder
        .run(&["monitor", "status", "--state", "floor", "--lang", "ja"])
        .ends_with(0)
        .prints(&["時点: 2026-04-02 08:20:00 JST"]);

    // Nothing of another factory is touched.
    let state = folder.read("floor/state.json").replace("\"lathe\":", "\"pump\":");
    folder.write("other/state.json", &state);
    let elsewhere = ["monitor", "demo", "--no-wait", "--seconds", "1", "--state", "other"];
    folder.run(&elsewhere).ends_with(2).says(&["`other` holds the records of another factory"]);
    assert_eq!(folder.read("other/state.json"), state);
    folder.write("own/factory.yaml", "anshin-monitor: 1\n");
    let own = ["monitor", "demo", "--no-wait", "--seconds", "1", "--state", "own"];
    folder
        .run(&own)
        .ends_with(2)
        .says(&["`own/factory.yaml` is another configuration; name another folder with `--state`"]);
    assert_eq!(folder.read("own/factory.yaml"), "anshin-monitor: 1\n");
    assert_eq!(std::fs::read_dir(folder.path("own")).expect("a folder").count(), 1);
}

#[test]
fn whoever_says_something_to_a_monitor_has_a_name() {
    let folder = Folder::new();
    folder
        .run(&["monitor", "demo", "--no-wait", "--seconds", "60", "--state", "floor", "--format", "json"])
        .ends_with(0);
    let acknowledge = ["acknowledge", "robot", "too-fast"];
    let commands: [&[&str]; 4] = [
        &acknowledge,
        &["maintain", "robot"],
        &["approve", "robot", "WELD-7"],
        &["forget", "robot", "WELD-7", "--mode", "1"],
    ];
    let run = |command: &[&str], more: &[&str]| {
        folder.run(&[&["monitor"], command, &["--state", "floor"], more].concat())
    };
    for command in commands {
        for nobody in ["", " \t", "\u{3000}"] {
            run(command, &["--by", nobody, "--lang", "en"])
                .ends_with(2)
                .says(&["the name is empty; say who, such as `--by Sato`"]);
            run(command, &["--by", nobody, "--lang", "ja"])
                .ends_with(2)
                .says(&["`--by <BY>`に", "名前が空です。`--by 佐藤`のように、だれかを書いてください"]);
        }
    }
    let said = |note: &str, lang| run(&acknowledge, &["--by", "Sato", "--note", note, "--lang", lang]);
    said(" ", "en").ends_with(2).says(&["the note is empty; write one, or leave `--note` out"]);
    said(" ", "ja").ends_with(2).says(&["メモが空です。メモを書くか、`--note`を外してください"]);
    said(&"a".repeat(2_001), "en").ends_with(2).says(&["it is too long; write 2000 characters at most"]);
    let nothing = std::fs::read_to_string(folder.path("floor/requests.jsonl"));
    assert!(nothing.is_err(), "nothing was asked: {nothing:?}");
    run(&acknowledge, &["--by", " Sato ", "--note", " belt "]).ends_with(0);
    let asked: serde_json::Value =
        serde_json::from_str(&folder.read("floor/requests.jsonl")).expect("a line");
    assert_eq!((&asked["by"], &asked["note"]), (&"Sato".into(), &"belt".into()));
}
