//! What `init` proposes, what `check` explains, and what is wrong with a configuration.

use super::*;

#[test]
fn wrong_configurations_name_the_place_and_the_next_step() {
    for (from, to, says) in [
        ("Asia/Tokyo", "Asia/Tokio", "there is no time zone `Asia/Tokio`"),
        ("kind: csv, time: time", "kind: csv", "it is not said where the time of a row stands"),
        ("by: number", "by: power", "cycles by power need `on`"),
        ("kind: csv, time: time", "kind: csv, time: time, encryption: tls", "cannot be encrypted"),
        (
            "kind: csv, time: time",
            "kind: csv, time: time, authorities: ca.pem",
            "for connections that are encrypted",
        ),
        ("from: line, take: power", "from: lime, take: power", "`line`"),
        ("most-gap: 30", "most-gap: -1", "most-gap"),
        ("hold-back: 0", "hold-back: [ 0 ]", "`anshin monitor schema` shows every key"),
        ("is: number }", "is: running }", "it is not said at which words it is so"),
        ("is: number }", "is: key, part: program }", "`part` names no part of this machine's `key`"),
    ] {
        let folder = Folder::new();
        folder.write("factory.yaml", FACTORY.replace(from, to));
        folder.run(&["monitor", "check", "factory.yaml"]).ends_with(2).says(&[says, "factory.yaml:", "hint"]);
    }
}

#[test]
fn what_init_proposes_is_right() {
    let folder = Folder::new();
    // Nobody listens there: no machine is made up, and what to write is said.
    let nowhere = [
        "--broker",
        "127.0.0.1:9",
        "--agent",
        "127.0.0.1:9",
        "--modbus",
        "127.0.0.1:9/3",
        "--on",
        "127.0.0.1",
        "--seconds",
        "1",
    ];
    let nats: &[&str] = if cfg!(feature = "nats") { &["--nats", "127.0.0.1:9"] } else { &[] };
    let init = [&["monitor", "init", "-o", "factory.yaml"][..], &nowhere[..], nats].concat();
    folder.run(&init).ends_with(0).says(&[
        "127.0.0.1:9: no use",
        "127.0.0.1:9/3: no use",
        "nothing to watch was found",
        "written to `factory.yaml`",
    ]);
    let run = folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0).prints(&["floor"]);
    assert!(!run.out.contains("machine-1"), "{}", run.out);
    let proposed = std::fs::read_to_string(folder.path("factory.yaml")).expect("it is there");
    folder.write("written.yaml", proposed.replace("machines: []\n", "").replace("\n#   ", "\n"));
    folder.run(&["monitor", "check", "written.yaml"]).ends_with(0).prints(&["machine-1"]);
    folder.write("weather.csv", "日時,気温\n2026/4/1 8:00,21\n2026/4/1 8:01,22\n");
    let run = folder.run(&["monitor", "init", "weather.csv", "-o", "weather.yaml"]).ends_with(0);
    let run = run.says(&["no machine can be proposed", "write your machine into it"]);
    assert!(!run.err.contains("monitor replay"), "{}", run.err);
    folder.run(&init).ends_with(2).says(&["`factory.yaml` is there already"]);
}

#[test]
fn a_machine_that_has_a_lamp_alone_needs_no_cycle() {
    for (page, lang, says) in [
        ("monitor.md", "en", "only how it stands is, and whether anything comes"),
        ("monitor.ja.md", "ja", "見ない。見るのは、状態とデータの途絶えだけ"),
    ] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
        let text = std::fs::read_to_string(path).expect("the page is there");
        let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
        let whole =
            blocks.filter(|block| block.starts_with("anshin-monitor: 1") && block.contains("is: lamp"));
        let [whole] = whole.collect::<Vec<_>>()[..] else { panic!("{page} has one whole example of a lamp") };
        let folder = Folder::new();
        folder.write("factory.yaml", whole);
        let checked = folder.run(&["monitor", "check", "factory.yaml", "--lang", lang]).ends_with(0);
        assert!(!checked.err.contains("warning") && !checked.err.contains("警告"), "{}", checked.err);
        checked.prints(&[says]);
        // The same lamp in a recording: green for half of an hour, then red.
        let table = whole.replace("kind: mqtt, topics: press/lamp", "kind: csv, time: time");
        folder.write("table.yaml", table.replace("topic: press/lamp, ", ""));
        let mut rows = "time,green-lux,amber-lux,red-lux\n".to_owned();
        for minute in 0..60 {
            let [green, red] = if minute < 30 { [420, 3] } else { [5, 380] };
            writeln!(rows, "2026-04-01T08:{minute:02}:00+09:00,{green},2,{red}").expect("a string grows");
        }
        folder.write("lamp.csv", rows);
        let replay = ["monitor", "replay", "table.yaml", "lamp.csv", "--lang", lang];
        folder
            .run(&[&replay[..], &["--report", "use"]].concat())
            .ends_with(0)
            .prints(&["0:30:00", "0:29:00"]);
        let is_report = std::fs::read_dir(folder.path("use")).expect("a report is written").count() > 2;
        assert!(is_report, "a page, a workbook and pictures");
    }
}

#[test]
fn a_machine_without_cycles_and_states_has_nothing_to_look_at() {
    let folder = Folder::new();
    let lamp = "anshin-monitor: 1\nsources: [ { id: floor, kind: mqtt } ]\nmachines:\n  - id: press\n    input: [ { from: floor, take: lux, is: lamp, light: green } ]\n";
    folder.write("factory.yaml", lamp);
    folder
        .run(&["monitor", "check", "factory.yaml"])
        .ends_with(2)
        .says(&["neither `cycle` nor `states` is there", "`states: { by: lamp }`"]);
    folder.write(
        "factory.yaml",
        format!("{lamp}    states: {{ by: lamp }}\n    tolerance: {{ duration: 5 }}\n"),
    );
    folder
        .run(&["monitor", "check", "factory.yaml"])
        .ends_with(0)
        .says(&["it is not used, since there is no `cycle`", "factory.yaml:7"]);
}

#[test]
fn what_a_held_program_counts_as_is_explained_and_told() {
    let folder = Folder::new();
    let lathe = |states: &str| {
        format!(
            "anshin-monitor: 1\nsources: [ {{ id: line, kind: csv, time: time }} ]\nmachines:\n  - id: lathe\n    cycle: {{ by: running }}\n    silent-after: 0\n{states}    input:\n      - {{ from: line, take: execution, is: running, when: ACTIVE }}\n      - {{ from: line, take: execution, is: hold, when: FEED_HOLD }}\n      - {{ from: line, take: execution, is: state, producing: ACTIVE }}\n"
        )
    };
    folder.write("told.yaml", lathe("    states: { by: told }\n"));
    folder
        .run(&["monitor", "check", "told.yaml"])
        .prints(&["while its program is held", "it counts in the same way while a program is held"]);
    folder
        .run(&["monitor", "check", "told.yaml", "--lang", "ja"])
        .prints(&["プログラムの一時停止 ", "プログラムの一時停止中も、そのまま数える"]);
    let by_cycles =
        lathe("").lines().filter(|line| !line.contains("is: state")).collect::<Vec<_>>().join("\n");
    folder.write("factory.yaml", by_cycles);
    folder
        .run(&["monitor", "check", "factory.yaml"])
        .prints(&["cycles: producing while one runs; idle while its program is held, and else"]);
    let mut rows = "time,execution\n".to_owned();
    for minute in 10..30 {
        for (second, word) in [(0, "ACTIVE"), (20, "FEED_HOLD"), (32, "ACTIVE"), (50, "READY")] {
            writeln!(rows, "2026-04-01T08:{minute}:{second:02}Z,{word}").expect("a string grows");
        }
    }
    folder.write("lathe.csv", rows);
    let replay = ["monitor", "replay", "factory.yaml", "lathe.csv"];
    folder.run(&[&replay[..], &["--verbose"]].concat()).prints(&[
        "50.0 s  healthy  time +0.0 %  (held 12.0 s)",
        "the program was held in 20 of the last 20 cycles (for about 12 s)",
    ]);
    folder
        .run(&[&replay[..], &["--lang", "ja"]].concat())
        .prints(&["直近20サイクルのうち20回で、プログラムが一時停止しています"]);
    folder.run(&[&replay[..], &["--format", "json"]].concat()).prints(&[
        "\"held_seconds\":12.0",
        "\"finding\":\"healthy\"",
        "\"duration_deviation\":0.0",
    ]);
}

/// A factory in which everything that decides is written down.
const WHOLE: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts:
  - { id: day, name: { ja: "日勤", en: "Day shift" }, from: "08:00", to: "17:00", days: [ mon, tue, wed, thu, fri ] }
  - { id: night, from: "22:00", to: "06:00" }
closed: [ 2026-12-29, 2026-12-30 ]
sources:
  - { id: table, kind: csv, time: time }
  - { id: floor, kind: mqtt, time: { column: ts, form: milliseconds }, ignore: [ hall/light, hall/door ] }
  - { id: meter, kind: modbus, address: "192.168.10.21:502", registers: [ { id: watts, at: 0, form: f32 } ] }
machines:
  - id: robot
    name: { ja: "溶接ロボット", en: "Welding robot" }
    cycle: { by: running, pause: 30, shortest: 5, longest: 1800 }
    meter: { kind: rate, aligns: true }
    key: [ { id: program }, { id: feed } ]
    learning: { approval: true, adapts: false }
    tolerance: { duration: 10, jobs: [ { key: [ FINE, "*" ], duration: 5, quantity: 0 } ] }
    alerts: { raise-after: 3, within: 5, clear-after: 4 }
    input:
      - { from: floor, topic: hall/robot, take: exec, is: running, when: [ ACTIVE, RUN ] }
      - { from: floor, topic: hall/robot, take: program, is: key, part: program }
      - { from: meter, take: watts, is: power }
  - id: press
    cycle: { by: power, on: 1200, off: 800, pause: 25 }
    meter: { kind: counter, unit: L, rolls-over-at: 10000 }
    states: { by: power, idle: 100, producing: 1200, most: 9000 }
    silent-after: 0
    input:
      - { from: table, take: kW, is: power, factor: 1000, absolute: true }
      - { from: table, take: air, is: counter }
      - { from: table, take: mode, is: set-up, except: AUTO }
  - id: lathe
    cycle: { by: number }
    states: { by: lamp }
    input:
      - { from: floor, topic: hall/lathe, take: n, is: number }
      - { from: floor, topic: hall/lathe, take: green, is: lamp, light: green, on: 200 }
groups:
  - { id: supply, shares: power, machines: [ robot, press ] }
outlets:
  - { id: tower, kind: patlite, address: "192.168.10.1:10000" }
  - { id: office, kind: mail, address: "192.168.10.9:25", sender: monitor@example.com, receivers: sato@example.com, alerts: [ unknown-device, stuck ] }
"#;

#[test]
fn check_tells_everything_that_decides_a_judgement() {
    let folder = Folder::new();
    folder.write("factory.yaml", WHOLE);
    for lang in ["ja", "en"] {
        let said = folder.run(&["monitor", "check", "factory.yaml", "--lang", lang]).ends_with(0);
        insta::assert_snapshot!(format!("monitor-check-{lang}"), format!("{}\n{}", said.err, said.out));
    }
}

#[test]
fn what_tells_the_machines_of_one_topic_apart_is_explained() {
    let folder = Folder::new();
    let machine = |id: &str| {
        format!(
            "  - {{ id: {id}, cycle: {{ by: power, on: 9 }}, input: [ {{ from: hall, topic: {id}, take: w, is: power }} ] }}\n"
        )
    };
    folder.write(
        "factory.yaml",
        format!(
            "anshin-monitor: 1\nsources: [ {{ id: hall, kind: mqtt, topics: hall/gateway, topic: of.machine }} ]\nmachines:\n{}{}",
            machine("press"),
            machine("mill")
        ),
    );
    for (lang, told) in [
        ("en", ["`of.machine` in a message tells of which", "hall → press → w"]),
        ("ja", ["メッセージの中の`of.machine`が", "hall → mill → w"]),
    ] {
        folder.run(&["monitor", "check", "factory.yaml", "--lang", lang]).ends_with(0).prints(&told);
    }
}

#[test]
fn shifts_that_are_wrong_are_told_with_the_next_step() {
    let folder = Folder::new();
    let with = |shifts: &str| FACTORY.replace("sources:", &format!("{shifts}\nsources:"));
    let check = |text: String, lang: &str| {
        folder.write("factory.yaml", text);
        folder.run(&["monitor", "check", "factory.yaml", "--lang", lang])
    };
    let overlapping =
        r#"shifts: [ { id: early, from: "06:00", to: "14:00" }, { id: late, from: "13:30", to: "22:00" } ]"#;
    check(with(overlapping), "en").ends_with(0).says(&[
        "shifts `early` and `late` overlap",
        "the time in both counts for `early`; check `from`, `to` and `days`",
    ]);
    check(with(overlapping), "ja").ends_with(0).says(&["シフト`early`と`late`の時間が重なっています"]);
    check(with(r#"shifts: [ { id: early, from: "06:00", to: "14:00", days: [ monday ] } ]"#), "en")
        .ends_with(2)
        .says(&["monday", "did you mean `mon`?"]);
    check(with("closed: [ 2026-02-30 ]"), "en").ends_with(2).says(&["2026-02-30"]);
    // Without shifts, closed days are no part of the time that is planned.
    check(with("closed: [ 2026-12-29 ]"), "en").ends_with(0).prints(&[
        "closed days                 2026-12-29",
        "all 24 hours, but for closed days, of which there",
    ]);
    let said = check(with("closed: [ 2026-12-29 ]"), "ja").ends_with(0);
    said.prints(&["休業日", "休業日を除く1日24時間のうちデータのある時間に対する"]);
}

/// A plant with a night shift in which one machine rests.
const SHIFTS: &str = r#"shifts:
  - { id: day, name: { ja: "日勤", en: "Day shift" }, from: "08:00", to: "17:00", days: [ mon, tue, wed, thu, fri ], breaks: [ { from: "12:00", to: "13:00" }, { from: "15:00", to: "15:10" } ] }
  - { id: night, from: "22:00", to: "06:00", breaks: [ { from: "02:00", to: "02:30" } ] }
open: [ 2026-12-05, { day: 2026-12-06, shifts: [ night ] }, { day: 2026-12-12, shifts: day } ]
"#;

#[test]
fn what_shifts_a_machine_works_and_when_it_rests_is_explained() {
    let folder = Folder::new();
    let press = FACTORY.replace("sources:", &format!("{SHIFTS}sources:"));
    folder.write("factory.yaml", press.replace("    cycle:", "    shifts: day\n    cycle:"));
    folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0).prints(&[
        "08:00–17:00, Mon Tue Wed Thu Fri, breaks 12:00–13:00, 15:00–15:10",
        "22:00–06:00 (next day), every day, break 02:00–02:30",
        "extra working days          2026-12-05, 2026-12-06 (night only), 2026-12-12 (Day shift (day)",
        "producing time over that part of the shifts, without their breaks, of which there is",
        "works the shifts            Day shift (day) only",
    ]);
    folder.run(&["monitor", "check", "factory.yaml", "--lang", "ja"]).ends_with(0).prints(&[
        "08:00–17:00、月・火・水・木・金、休憩 12:00–13:00、15:00–15:10",
        "出勤日                      2026-12-05、2026-12-06（nightだけ）、2026-12-12（日勤 (day)だけ）",
        "シフトの時間（休憩を除く）",
        "働くシフト                  日勤 (day)だけ",
    ]);
    folder.write("all.yaml", press.replace("    cycle:", "    shifts: [ night, day ]\n    cycle:"));
    let all = folder.run(&["monitor", "check", "all.yaml"]).ends_with(0);
    assert!(!all.out.contains("works the shifts"), "{}", all.out);
}

#[test]
fn when_maintenance_is_planned_is_explained_and_what_is_wrong_with_it_told() {
    let folder = Folder::new();
    let planned =
        |windows: &str| FACTORY.replace("sources:", &format!("maintenance: [ {windows} ]\nsources:"));
    let night = r#"{ days: [sat, sun], from: "22:00", to: "02:00" }"#;
    let overhaul = r#"{ dates: [2026-08-12, 2026-08-13], from: "00:00", to: "24:00", machines: robot }"#;
    folder.write("factory.yaml", planned(&format!("{night}, {overhaul}")));
    folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0).prints(&[
        "planned maintenance         22:00–02:00 (next day), Sat Sun",
        "planned maintenance         00:00–24:00, 2026-08-12, 2026-08-13",
    ]);
    folder.run(&["monitor", "check", "factory.yaml", "--lang", "ja"]).ends_with(0).prints(&[
        "保全の予定                  22:00–02:00（翌日）、土・日",
        "保全の予定                  00:00–24:00、2026-08-12、2026-08-13",
    ]);
    for (window, says) in [
        (r#"{ days: sat, from: noon, to: "13:00" }"#, "this is no time of day"),
        (r#"{ days: sat, dates: 2026-08-12, from: "12:00", to: "13:00" }"#, "it has both `days` and `dates`"),
        (r#"{ machines: robt, from: "12:00", to: "13:00" }"#, "did you mean `robot`?"),
        (
            r#"{ machines: [robot, x-ray-unit], from: "12:00", to: "13:00" }"#,
            "there is no machine `x-ray-unit`",
        ),
        (r#"{ dates: 2026-08-32, from: "12:00", to: "13:00" }"#, "2026-08-32"),
    ] {
        folder.write("wrong.yaml", planned(window));
        folder.run(&["monitor", "check", "wrong.yaml"]).ends_with(2).says(&[says]);
    }
}

#[test]
fn shifts_of_a_machine_breaks_and_working_days_that_are_wrong_are_told_with_the_next_step() {
    let folder = Folder::new();
    let press = FACTORY.replace("sources:", &format!("{SHIFTS}sources:"));
    let of_machine = |shifts: &str| press.replace("    cycle:", &format!("    shifts: {shifts}\n    cycle:"));
    let break_of = |span: &str| press.replace("from: \"12:00\", to: \"13:00\"", span);
    for (text, ends, says) in [
        (of_machine("days"), 2, &["there is no shift `days`", "did you mean `day`?"][..]),
        (
            of_machine("[ day, weekend ]"),
            2,
            &["there is no shift `weekend`", "name ids that stand in the `shifts` of the plant (day, night)"],
        ),
        (of_machine("[]"), 2, &["shifts"]),
        (
            FACTORY.replace("    cycle:", "    shifts: day\n    cycle:"),
            2,
            &["there is no shift `day`", "add it to the `shifts` of the plant, or take this out"],
        ),
        (
            break_of("from: \"07:30\", to: \"08:30\""),
            2,
            &["this break lies outside the shift `day`, or overlaps another one"],
        ),
        (break_of("from: \"14:50\", to: \"15:05\""), 2, &["overlaps another one", "hint"]),
        (break_of("from: noon, to: \"13:00\""), 2, &["this is no time of day"]),
        (
            break_of("from: \"08:00\", to: \"15:00\" }, { from: \"15:10\", to: \"17:00\""),
            2,
            &["the breaks leave nothing of the shift `day`"],
        ),
        (
            press.replace("open:", "closed: [ 2026-12-05 ]\nopen:"),
            2,
            &[
                "2026-12-05 is both in `open` and in `closed`",
                "take it out of `closed` if shifts begin on it",
            ],
        ),
        (press.replace("2026-12-05", "2026-12-32"), 2, &["2026-12-32"]),
        (press.replace("day: 2026-12-06", "day: 2026-12-32"), 2, &["2026-12-32"]),
        (press.replace("day: 2026-12-06", "day: 2026-12-05"), 2, &["2026-12-05 is in `open` twice"]),
        (
            press.replace("shifts: [ night ]", "shifts: [ nihgt ]"),
            2,
            &["there is no shift `nihgt`", "did you mean `night`?"],
        ),
        (press.replace("shifts: [ night ]", "shifts: []"), 2, &["shifts"]),
        (press.replace("shifts: [ night ]", "shift: night"), 2, &["`shift`"]),
        (
            FACTORY.replace("sources:", "open: [ 2026-12-05 ]\nsources:"),
            0,
            &["it is not used, since there are no `shifts`"],
        ),
        // Two shifts for different days of the week begin both on a Saturday that is worked.
        (
            press.replace(
                "  - { id: night",
                "  - { id: short, from: \"08:00\", to: \"12:00\", days: sat }\n  - { id: night",
            ),
            0,
            &["shifts `day` and `short` overlap on 2026-12-05, which is in `open`"],
        ),
    ] {
        folder.write("factory.yaml", text);
        let says = [says, &["factory.yaml:"]].concat();
        folder.run(&["monitor", "check", "factory.yaml"]).ends_with(ends).says(&says);
    }
    // A shift around the clock overlaps the others only where a machine works both.
    let around =
        press.replace("  - { id: night", "  - { id: all, from: \"00:00\", to: \"24:00\" }\n  - { id: night");
    folder.write("factory.yaml", around.replace("    cycle:", "    shifts: all\n    cycle:"));
    let checked = folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0);
    assert!(!checked.err.contains("overlap"), "{}", checked.err);
    folder.write("factory.yaml", &around);
    folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0).says(&["shifts `day` and `all` overlap"]);
}

#[test]
fn a_monitor_of_recordings_only_says_that_it_watches_nothing() {
    let folder = Folder::new();
    folder.write("factory.yaml", FACTORY);
    let run = ["monitor", "run", "factory.yaml"];
    folder.run(&run).ends_with(2).says(&[
        "source `line` is read from recordings only; in `run` nothing comes from it to robot",
        "the sources of `factory.yaml` are recordings only",
        "anshin monitor replay factory.yaml",
    ]);
    folder.run(&[&run[..], &["--lang", "ja"]].concat()).ends_with(2).says(&["動いている機械は見守れません"]);
    let replay = ["monitor", "replay", "factory.yaml", "robot.csv"];
    folder.write("robot.csv", recording());
    let said = folder.run(&replay).ends_with(0);
    assert!(!said.err.contains("recordings only"), "a recording is what it is for: {}", said.err);
}

#[test]
fn a_recording_whose_times_count_seconds_with_a_decimal_comma_is_looked_through() {
    let folder = Folder::new();
    let rows = (0..2_400).map(|n| {
        let (watts, half) = (if n % 120 < 80 { 2_400 } else { 300 }, if n % 2 == 0 { 0 } else { 5 });
        format!("{},{half};{watts},{}\n", n / 2, n % 7)
    });
    folder.write("Presse.csv", format!("Zeit [s];Leistung [W]\n{}", rows.collect::<String>()));
    folder.run(&["monitor", "init", "Presse.csv", "-o", "factory.yaml"]).ends_with(0);
    let text = folder.read("factory.yaml");
    for part in
        ["column: \"Zeit [s]\", form: seconds, from:", "decimal: comma", "take: \"Leistung [W]\", is: power"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let said =
        folder.run(&["monitor", "replay", "factory.yaml", "Presse.csv", "--format", "json"]).ends_with(0);
    let found = lines(&said);
    let found: Vec<_> = found.iter().filter(|line| line["type"] == "cycle").collect();
    assert_eq!(found.len(), 20, "{text}");
    assert!(
        found.iter().all(|cycle| cycle["duration_seconds"].as_f64().is_some_and(|d| (d - 40.0).abs() < 1.5))
    );
}

#[test]
fn a_recording_is_looked_through_and_its_proposal_replayed() {
    let folder = Folder::new();
    let mut recording = String::from("時刻,電力kW,品番,温度\n");
    for part in 0..12 {
        for second in 0..90 {
            let kilowatts = if second < 60 { 2.4 + f64::from(second % 7) / 100.0 } else { 0.3 };
            let time = part * 90 + second;
            let line =
                format!("2026-04-01 08:{:02}:{:02},{kilowatts},A-{},21\n", time / 60, time % 60, part / 6);
            recording.push_str(&line);
        }
    }
    folder.write("プレス1.csv", recording);
    for lang in ["ja", "en"] {
        let said = folder.run(&["monitor", "init", "プレス1.csv", "--lang", lang]).ends_with(0);
        insta::assert_snapshot!(format!("monitor-init-{lang}"), said.out);
    }
    let init = ["monitor", "init", "プレス1.csv", "-o", "factory.yaml"];
    folder.run(&init).ends_with(0).says(&["anshin monitor replay factory.yaml プレス1.csv"]);
    let replay = ["monitor", "replay", "factory.yaml", "プレス1.csv", "--format", "json"];
    let said = folder.run(&replay).ends_with(0);
    let found = lines(&said).iter().filter(|line| line["type"] == "cycle").count();
    assert_eq!(found, 12);
    let learnt = lines(&said).iter().filter(|line| line["finding"] == "learnt").count();
    assert_eq!(learnt, 2, "a reference of each part");
    // The command that is shown for several recordings is right as well.
    folder.write("プレス2.csv", folder.read("プレス1.csv"));
    let both = ["monitor", "init", "プレス1.csv", "プレス2.csv", "-o", "both.yaml"];
    let said = folder.run(&both).ends_with(0);
    let shown = said.err.lines().find_map(|line| line.trim().strip_prefix("anshin monitor replay "));
    let replay: Vec<&str> =
        ["monitor", "replay"].into_iter().chain(shown.expect("it is shown").split(' ')).collect();
    let said = folder.run(&[&replay[..], &["--format", "json"]].concat()).ends_with(0);
    let found = lines(&said).iter().filter(|line| line["type"] == "cycle").count();
    assert_eq!(found, 24);
    let nowhere = ["monitor", "init", "nothing.csv"];
    folder
        .run(&nowhere)
        .ends_with(2)
        .says(&["cannot read the recording `nothing.csv` (there is no such file or folder)"]);
}
