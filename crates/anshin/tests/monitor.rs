//! `anshin monitor` on the command line.

mod common;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use common::{Folder, Said};

const FACTORY: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
sources:
  - { id: line, kind: csv, time: time }
machines:
  - id: robot
    name: { ja: "溶接ロボット", en: "Welding robot" }
    cycle: { by: number }
    meter: { kind: rate, most-gap: 30 }
    learning: { cycles: 3 }
    hold-back: 0
    input:
      - { from: line, take: power, is: power }
      - { from: line, take: cycle, is: number }
"#;

/// Eight cycles of 20 s; the last but one lasts 30.
fn recording() -> String {
    let mut rows = String::from("time,power,cycle\n");
    let mut second = 0;
    for cycle in 0..8 {
        for _ in 0..if cycle == 6 { 15 } else { 10 } {
            let (minute, rest) = (second / 60, second % 60);
            writeln!(rows, "2026-04-01T08:{minute:02}:{rest:02}+09:00,1800,{cycle}").expect("a string grows");
            second += 2;
        }
    }
    rows
}

fn replay(more: &[&str]) -> Said {
    let folder = Folder::new();
    folder.write("factory.yaml", FACTORY);
    folder.write("robot.csv", recording());
    let mut arguments = vec!["monitor", "replay", "factory.yaml", "robot.csv"];
    arguments.extend_from_slice(more);
    folder.run(&arguments)
}

fn lines(said: &Said) -> Vec<serde_json::Value> {
    said.out.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

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

#[test]
fn a_recording_goes_by_at_a_speed() {
    let at_once = replay(&["--format", "json"]).ends_with(0);
    let began = std::time::Instant::now();
    // Eight cycles take 168 s from the first row to the last.
    let at_speed = replay(&["--format", "json", "--speed", "100"]).ends_with(0);
    assert!(began.elapsed() >= std::time::Duration::from_millis(1_680), "{:?}", began.elapsed());
    assert_eq!(at_speed.out, at_once.out);
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
        for second in (0..900)
            .filter(|second| !(from..from + seconds).contains(second))
            .chain(from + seconds..from + seconds + 600)
        {
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
fn tables_as_loggers_in_japan_write_them() {
    let folder = Folder::new();
    folder.write(
        "factory.yaml",
        FACTORY.replace("time: time", "time: 時刻").replace("take: power", "take: 電力"),
    );
    let rows = recording()
        .replace("time,power", "時刻,電力")
        .replace("2026-04-01T", "2026/04/01 ")
        .replace("+09:00", "");
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&rows);
    std::fs::write(folder.path("logger.csv"), &bytes).expect("the file can be written");
    let run = ["monitor", "replay", "factory.yaml", "logger.csv", "--format", "json"];
    let told = lines(&folder.run(&run).ends_with(0));
    let first = told.iter().find(|line| line["type"] == "cycle").expect("there are cycles");
    assert_eq!(first["start"], "2026-03-31T23:00:00.000Z", "times are those of Tokyo");
    assert_eq!(told.iter().filter(|line| line["type"] == "cycle").count(), 8);

    // Where not one line can be read, that is an error with the reason.
    folder.write("other.csv", rows.replace("2026/04/01 ", "1.4.2026 "));
    let run = ["monitor", "replay", "factory.yaml", "other.csv"];
    folder
        .run(&run)
        .ends_with(2)
        .says(&["not one line could be read; line 2: `1.4.2026 08:00:00` is no time", "2026/4/1 8:30"]);

    // A logger that says what it is before the head and units below it, with date and time apart.
    let mut apart_rows = String::new();
    for row in rows.lines().skip(1) {
        let (hour, minute, second) = (&row[11..13], &row[14..16], &row[17..19]);
        writeln!(apart_rows, "2026年4月1日(水),{hour}時{minute}分{second}秒{}", &row[19..])
            .expect("a string grows");
    }
    let before = "データロガー,LR-1\n\n\"測定開始,2026\",\n日付,時刻,電力,cycle\n,,W,\n";
    let apart = FACTORY.replace("time: time", "time: [ 日付, 時刻 ]").replace("take: power", "take: 電力");
    folder.write("apart.yaml", &apart);
    let whole = before.to_owned() + &apart_rows;
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&whole);
    std::fs::write(folder.path("apart.csv"), &bytes).expect("the file can be written");
    let run = ["monitor", "replay", "apart.yaml", "apart.csv", "--format", "json"];
    let run = folder.run(&run).ends_with(0);
    assert!(!run.err.contains("could not be read"), "{}", run.err);
    assert_eq!(lines(&run), told, "the same readings tell the same");
    folder.write("wrong.yaml", apart.replace("時刻 ]", "時間 ]"));
    folder.run(&["monitor", "replay", "wrong.yaml", "apart.csv"]).ends_with(2).says(&[
        "apart.csv: the head in line 4 has no column `時間`; there are: 日付, 時刻, 電力, cycle",
        "`time`",
    ]);
}

/// An hour that comes twice when summer time ends is read in the order of the rows.
#[test]
fn the_hour_that_comes_twice_is_read_in_order() {
    let folder = Folder::new();
    folder.write(
        "factory.yaml",
        FACTORY.replace("Asia/Tokyo", "Europe/Berlin").replace("by: number", "by: power, on: 1000"),
    );
    let mut rows = "time,power,cycle\n".to_owned();
    for minute in 0..180 {
        // 01:00 to 02:59 in summer time, then 02:00 to 02:59 in winter time.
        let shown = if minute < 120 { 60 + minute } else { minute };
        let power = if minute % 20 < 10 { 1_800 } else { 10 };
        writeln!(rows, "2026-10-25 {:02}:{:02},{power},0", shown / 60, shown % 60).expect("a string grows");
    }
    folder.write("night.csv", rows);
    let told = lines(
        &folder.run(&["monitor", "replay", "factory.yaml", "night.csv", "--format", "json"]).ends_with(0),
    );
    let cycles: Vec<&serde_json::Value> = told.iter().filter(|line| line["type"] == "cycle").collect();
    assert_eq!(cycles.len(), 9, "{cycles:#?}");
    // Cycles begin every 20 minutes, also over the hour that comes twice: between two rows, where power
    // goes through 1,000 W.
    let starts = ["23:00:00", "23:19", "23:39", "23:59", "00:19", "00:39", "00:59", "01:19", "01:39"];
    for (cycle, start) in cycles.iter().zip(starts) {
        let day = if start.starts_with('2') { "24" } else { "25" };
        let is = cycle["start"].as_str().expect("a time");
        assert!(is.starts_with(&format!("2026-10-{day}T{start}")), "{is} {start}");
    }
}

/// A recording of an adapter in which nothing can be read, or nothing is said of what is wanted.
#[test]
fn a_recording_of_an_adapter_that_says_nothing_is_told() {
    let folder = Folder::new();
    folder.write(
        "mill.yaml",
        "anshin-monitor: 1\nsources: [ { id: mill, kind: shdr } ]\nmachines:\n  - id: mill\n    cycle: { by: running }\n    \
         input: [ { from: mill, take: execution, is: running, when: ACTIVE } ]\n",
    );
    folder.write("wrong.txt", "8 o'clock|execution|ACTIVE\n9 o'clock|execution|READY\n");
    folder
        .run(&["monitor", "replay", "mill.yaml", "wrong.txt"])
        .ends_with(2)
        .says(&["wrong.txt: not one line could be read; line 1: `8 o'clock` is no time"]);
    folder.write("other.txt", "2026-04-01T08:00:00Z|exec|ACTIVE|mode|AUTOMATIC\n");
    folder
        .run(&["monitor", "replay", "mill.yaml", "other.txt"])
        .ends_with(0)
        .says(&["other.txt: no line tells a value that is taken (execution); its lines name: exec, mode"]);
}

/// Two columns of the recording beside its time, as a file of their own for each half of it.
fn column(n: usize) -> [String; 2] {
    let rows = recording();
    let (head, rows) = rows.split_once('\n').expect("there is a head");
    let cut = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},{}\n", cells[0], cells[n])
    };
    let rows: Vec<String> = rows.lines().map(cut).collect();
    let (first, second) = rows.split_at(rows.len() / 2);
    [first, second].map(|half| cut(head) + &half.concat())
}

#[test]
fn recordings_of_several_sources_are_brought_together_by_their_times() {
    let folder = Folder::new();
    folder.write("joined.yaml", FACTORY);
    folder.write("joined.csv", recording());
    let joined = ["monitor", "replay", "joined.yaml", "joined.csv", "--format", "json"];
    let joined = folder.run(&joined).ends_with(0);

    let sources = "  - { id: plc, kind: csv, time: time }\n  - { id: pm, kind: csv, time: time }\n";
    let apart = FACTORY
        .replace("  - { id: line, kind: csv, time: time }\n", sources)
        .replace("from: line, take: power", "from: pm, take: power")
        .replace("from: line, take: cycle", "from: plc, take: cycle");
    folder.write("apart.yaml", &apart);
    for (name, n) in [("pw", 1), ("ev", 2)] {
        let [first, second] = column(n);
        folder.write(&format!("{name}1.csv"), first);
        folder.write(&format!("{name}2.csv"), second);
    }
    for files in [
        ["plc=ev1.csv", "plc=ev2.csv", "pm=pw1.csv", "pm=pw2.csv"],
        ["pm=pw1.csv", "pm=pw2.csv", "plc=ev1.csv", "plc=ev2.csv"],
        ["pm=pw1.csv", "plc=ev1.csv", "pm=pw2.csv", "plc=ev2.csv"],
    ] {
        let run = [&["monitor", "replay", "apart.yaml", "--format", "json"][..], &files].concat();
        let said = folder.run(&run).ends_with(0);
        assert_eq!(said.out, joined.out, "{files:?}");
    }

    // Rows at a fixed pace have no times to go by.
    folder.write(
        "paced.yaml",
        apart.replace("id: pm, kind: csv, time: time", "id: pm, kind: csv, time: { every: 2 }"),
    );
    let run = ["monitor", "replay", "paced.yaml", "plc=ev1.csv", "pm=pw1.csv"];
    folder.run(&run).ends_with(0).says(&["pm: rows without times", "read one after the other"]);
}

#[test]
fn recordings_at_a_fixed_pace_follow_each_other() {
    let folder = Folder::new();
    let paced =
        FACTORY.replace("time: time", "time: { every: 2 }").replace("by: number", "by: power, on: 1000");
    folder.write("factory.yaml", paced.replace("      - { from: line, take: cycle, is: number }\n", ""));
    for n in 0..5 {
        let watts = if n == 4 { 2700 } else { 1800 };
        let mut rows = String::from("power\n0\n");
        for _ in 0..10 {
            writeln!(rows, "{watts}").expect("a string grows");
        }
        folder.write(&format!("part{n}.csv"), rows + "0\n");
    }
    let files = ["part0.csv", "part1.csv", "part2.csv", "part3.csv", "part4.csv"];
    let run = [&["monitor", "replay", "factory.yaml", "--format", "json"][..], &files].concat();
    let told = lines(&folder.run(&run).ends_with(0));
    let findings: Vec<&str> = told.iter().filter_map(|line| line["finding"].as_str()).collect();
    assert_eq!(findings, ["learning", "learning", "learnt", "healthy", "outside"]);
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
fn a_recording_that_does_not_fit_is_named() {
    let folder = Folder::new();
    folder.write("factory.yaml", FACTORY);
    folder.write("robot.csv", "time,watts,cycle\n");
    folder
        .run(&["monitor", "replay", "factory.yaml", "robot.csv"])
        .ends_with(2)
        .says(&["robot.csv: the head in line 1 has no column `power`; there are: time, watts, cycle"]);
}

/// A Parquet file of the history of a monitor, read as a recording.
#[cfg(feature = "parquet")]
#[test]
fn a_recording_in_parquet_tells_its_cycles() {
    use anshin_field::history::{Row, table};

    let folder = Folder::new();
    let factory = FACTORY
        .replace("by: number", "by: power, on: 1000, shortest: 0")
        .replace("take: power,", "take: value,")
        .replace("\n      - { from: line, take: cycle, is: number }", "");
    folder.write("factory.yaml", &factory);
    folder.write("wrong.yaml", factory.replace("time: time", "time: machine"));
    let power = |second: u32| Row {
        time: anshin_monitor::Time::from_seconds(1_775_000_000.0 + f64::from(second)),
        machine: "robot".into(),
        input: "power".into(),
        value: Some(if second % 30 < 20 { 1_800.0 } else { 10.0 }),
        word: None,
        doubtful: false,
    };
    let rows: Vec<Row> = (5..200).map(power).collect();
    table::write(std::path::Path::new(&folder.path("robot.parquet")), &rows).expect("it is written");
    let said =
        folder.run(&["monitor", "replay", "factory.yaml", "robot.parquet", "--format", "json"]).ends_with(0);
    let lines = lines(&said);
    let cycles: Vec<&serde_json::Value> = lines.iter().filter(|line| line["type"] == "cycle").collect();
    assert_eq!(cycles.len(), 7, "{cycles:#?}");
    assert!(cycles[3]["end"].as_str().is_some_and(|end| end.starts_with("2026-03-31T23:")), "{cycles:#?}");
    folder
        .run(&["monitor", "replay", "wrong.yaml", "robot.parquet"])
        .ends_with(2)
        .says(&["not one line could be read", "`robot` is no time"]);
}

#[test]
fn numbers_that_cannot_be_read_are_told() {
    let folder = Folder::new();
    folder.write("factory.yaml", FACTORY);
    folder.write("robot.csv", recording().replace(',', ";").replace(";1800;", ";1800,5;"));
    folder.run(&["monitor", "replay", "factory.yaml", "robot.csv"]).ends_with(0).says(&[
        "robot.csv",
        "85 numbers of column `power`",
        "line 2",
        "`1800,5`",
        "decimal: comma",
    ]);
}

/// A configuration of a robot whose messages are posted.
const LIVE: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
sources:
  - { id: line, kind: http, time: { column: t, form: seconds } }
machines:
  - id: robot
    name: { ja: "溶接ロボット", en: "Welding robot" }
    cycle: { by: number }
    meter: { kind: rate, most-gap: 30, fewest-samples: 3 }
    learning: { cycles: 3, approval: true }
    hold-back: 0
    input:
      - { from: line, take: w, is: power }
      - { from: line, take: cycle, is: number }
"#;

/// Starts the monitor of [`LIVE`] in a folder, and tells where messages are posted.
fn start_live(folder: &Folder) -> (std::process::Child, String) {
    start_live_by(std::process::Command::new(env!("CARGO_BIN_EXE_anshin")), folder, &[])
}

fn start_live_by(
    mut program: std::process::Command,
    folder: &Folder,
    more: &[&str],
) -> (std::process::Child, String) {
    let mut running = program
        .args(["--lang", "en", "monitor", "run", "factory.yaml", "--http", "127.0.0.1:0", "--format", "json"])
        .args(more)
        .current_dir(folder.path("."))
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut talk = BufReader::new(running.stderr.take().expect("it talks"));
    let mut line = String::new();
    while !line.contains("watching 1 machine") {
        line.clear();
        talk.read_line(&mut line).expect("it goes on");
    }
    // What it says later must not fill the pipe.
    std::thread::spawn(move || std::io::copy(&mut talk, &mut std::io::sink()));
    let address = line.split("HTTP at ").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    (running, address.to_owned())
}

/// Posts messages of cycles of 20 s, four each, from a message on.
fn post_cycles(address: &str, from: u32, count: u32) {
    let messages: Vec<String> = (from..from + count)
        .map(|n| format!(r#"{{"t":{},"w":1800,"cycle":{}}}"#, 1_775_000_000 + n * 5, n / 4))
        .collect();
    post(address, &format!("[{}]", messages.join(",")));
}

fn post(address: &str, body: &str) {
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    let length = body.len();
    write!(stream, "POST /in/line HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .expect("it takes messages");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_has_told() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let (mut told, mut from) = (Vec::new(), 0);
    for round in 0..6 {
        let (mut running, address) = start_live(&folder);
        post_cycles(&address, from, 60);
        from += 60;
        let mut said = BufReader::new(running.stdout.take().expect("it writes"));
        // Killed after some of its fourteen or so cycles, wherever it is just then.
        for _ in 0..2 + round * 2 {
            let mut line = String::new();
            said.read_line(&mut line).expect("it goes on");
            told.push(line);
        }
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        // A line that was cut off has not been told.
        told.extend(said.lines().map_while(Result::ok).map(|line| line + "\n"));
    }
    told.retain(|line| {
        serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line["type"] == "cycle")
    });
    assert!(told.len() > 30, "{}", told.len());
    let (mut running, _) = start_live(&folder);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
    let days: Vec<String> = ["2026-03-31", "2026-04-01"]
        .map(|day| folder.path(&format!("monitor-state/history/{day}.jsonl")))
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    let kept = days.concat();
    for line in &told {
        assert!(kept.contains(line.as_str()), "{line} is not in the history");
    }
    // And the database holds each of them once.
    let asked = folder.run(&["monitor", "query", "--limit", "1000", "--format", "json"]).ends_with(0);
    assert!(asked.out.lines().count() <= kept.lines().count());
}

#[test]
fn a_full_disk_ends_nothing_and_the_records_follow() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    // No file may become larger than two blocks of 512 bytes, as if the disk were full.
    let limited = "trap '' XFSZ; ulimit -S -f 2; exec \"$0\" \"$@\"";
    let mut program = std::process::Command::new("sh");
    program.args(["-c", limited, env!("CARGO_BIN_EXE_anshin")]);
    let (mut running, address) = start_live_by(program, &folder, &[]);
    post_cycles(&address, 0, 60);
    let mut said = BufReader::new(running.stdout.take().expect("it writes"));
    let mut told = Vec::new();
    for _ in 0..13 {
        let mut line = String::new();
        said.read_line(&mut line).expect("it goes on");
        told.push(line);
    }
    let history = || std::fs::read_to_string(folder.path("monitor-state/history/2026-04-01.jsonl"));
    let kept = history().expect("it was begun");
    assert!(kept.len() <= 1024 && !kept.contains(&told[12]), "{kept}");

    // The disk has room again.
    let process = running.id().to_string();
    let freed = std::process::Command::new("prlimit")
        .args(["--pid", &process, "--fsize=unlimited:"])
        .status()
        .expect("prlimit (Debian package util-linux) can be run");
    assert!(freed.success());
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !told.iter().all(|line| history().is_ok_and(|kept| kept.contains(line.as_str()))) {
        assert!(std::time::Instant::now() < until, "{:?}", history());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
}

#[test]
fn a_monitor_runs_until_a_signal_and_what_it_saw_can_be_exported() {
    let folder = Folder::new();
    let shifts =
        r#"shifts: [{ id: early, from: "06:00", to: "08:35" }, { id: day, from: "08:35", to: "17:00" }]"#;
    folder.write("factory.yaml", LIVE.replace("sources:", &format!("{shifts}\nsources:")));
    let (mut running, address) = start_live(&folder);
    post_cycles(&address, 0, 40);
    let mut line = String::new();
    let mut said = BufReader::new(running.stdout.take().expect("it writes"));
    for _ in 0..9 {
        line.clear();
        said.read_line(&mut line).expect("it goes on");
    }
    assert!(line.contains("\"number\":9") && line.contains("\"finding\":\"learning\""), "{line}");
    folder.run(&["monitor", "run", "factory.yaml"]).ends_with(2).says(&["another monitor works in"]);
    let killed = std::process::Command::new("kill").arg(running.id().to_string()).status();
    assert!(killed.expect("kill can be run").success());
    assert!(running.wait().expect("it ends").success());

    folder.run(&["monitor", "status"]).ends_with(0).prints(&[
        "robot",
        "utilisation 2026-04-01  100.0 %  (early 100.0 %, day 100.0 %)",
        "Welding robot (robot)",
        "as of 20",
        " JST",
        "#1  20.0 s  10.00 Wh  8 cycles",
        "    to be approved; if it is right: anshin monitor approve robot --mode 1 --by NAME\n",
    ]);
    folder
        .run(&["monitor", "approve", "press", "--by", "Sato"])
        .ends_with(2)
        .says(&["there is no machine `press` (machines: robot)"]);
    folder.run(&["monitor", "maintain", "robot", "--by", "Sato"]).ends_with(0);
    folder.run(&["monitor", "status", "--state", "none"]).ends_with(2).says(&["give the same `--state`"]);
    folder
        .run(&["monitor", "export", "factory.yaml", "--cycles", "cycles.csv", "--report", "use"])
        .ends_with(0);
    let cycles = folder.read("cycles.csv");
    let rows: Vec<&str> = cycles.lines().collect();
    assert_eq!(
        rows[0],
        "\u{feff}machine,machine id,number,start (Asia/Tokyo),end (Asia/Tokyo),job,duration (s),taken (Wh),\
         uncertainty of taken (Wh),finding,doubts,deviation of duration (%),deviation of taken (%)"
    );
    let first = "Welding robot,robot,1,2026-04-01 08:33:20.000,2026-04-01 08:33:40.000,,20,10,";
    let doubted = ",not judged,the beginning is missing,,";
    assert!(rows[1].starts_with(first) && rows[1].ends_with(doubted), "{}", rows[1]);
    let learnt = "Welding robot,robot,4,2026-04-01 08:34:20.000,2026-04-01 08:34:40.000,,20,10,";
    assert!(rows[4].starts_with(learnt) && rows[4].ends_with(",reference learnt,,0,0"), "{}", rows[4]);
    let last = "Welding robot,robot,9,2026-04-01 08:36:00.000,2026-04-01 08:36:20.000,,20,10,";
    assert!(rows[9].starts_with(last) && rows[9].ends_with(",learning,,,"), "{}", rows[9]);
    assert_eq!(rows.len(), 10);
    assert!(folder.read("use/utilisation.en.html").contains("Welding robot"));
    folder.run(&["monitor", "export", "factory.yaml", "--cycles", "cycles.xlsx"]).ends_with(0);
    // What the records show tells the machine by its name and times as the factory has them.
    folder.write("system.yaml", common::GOOD);
    folder
        .run(&["assess", "system.yaml", "--monitor", "monitor-state"])
        .ends_with(0)
        .prints(&[" JST – 20", "Welding robot (robot) = no asset named: alerts 0"]);
    let asked = folder.run(&["monitor", "query", "--format", "json"]).ends_with(0);
    assert_eq!(asked.out.lines().count(), 9, "the database has followed to the end");
    let asked = folder.run(&["monitor", "query", "references"]).ends_with(0);
    assert_eq!(
        asked.out,
        "  2026-04-01 08:34:40 JST  Welding robot (robot)  #1  20.0 s  10.00 Wh  version 1, 8 cycles\n"
    );
    let query = ["monitor", "query", "--limit", "2", "--lang", "ja"];
    let day =
        folder.run(&[&query[..], &["--from", "2026-04-01", "--to", "2026-04-01"]].concat()).ends_with(0);
    assert_eq!(
        day.out,
        "  2026-04-01 08:36:00 JST  溶接ロボット (robot)    20.0 s  10.00 Wh  学習中\n  \
         2026-04-01 08:36:20 JST  溶接ロボット (robot)    20.0 s  10.00 Wh  学習中\n",
        "a day is one of the factory, though it is yesterday in UTC"
    );
    folder.run(&[&query[..], &["--to", "2026-03-31", "--machine", "robot"]].concat()).ends_with(0).says(&[
        "該当するサイクルはありません（機械: 溶接ロボット (robot)、期間: 2026-03-31 23:59:59 JSTまで）",
    ]);
    folder
        .run(&["monitor", "query", "alerts", "--from", "2026-04-01T08:30"])
        .ends_with(0)
        .says(&["no alerts were found (time: from 2026-04-01 08:30:00 JST)"]);
    folder
        .run(&["monitor", "query", "--from", "soon"])
        .ends_with(2)
        .says(&["`soon` is no time; write it as 2026-04-01 or 2026-04-01T08:30"]);
    folder
        .run(&["monitor", "export", "factory.yaml", "--cycles", "cycles.txt"])
        .ends_with(2)
        .says(&["as .csv or .xlsx"]);
}

/// Posts a cycle of 30 s, after eight of 20.
fn post_slow_cycle(address: &str) {
    post_cycles(address, 0, 32);
    let messages: Vec<String> = (0..8)
        .map(|n| format!(r#"{{"t":{},"w":1800,"cycle":{}}}"#, 1_775_000_160 + n * 5, 8 + n / 6))
        .collect();
    post(address, &format!("[{}]", messages.join(",")));
}

/// The robot of [`LIVE`] is the heater of the plant, its references need no approval, and one more source is
/// not there.
fn live_in_plant() -> Folder {
    let folder = Folder::new();
    let far = "  - { id: far, kind: mqtt, address: \"127.0.0.1:9\", topics: far }\nmachines:";
    let factory = LIVE.replace("machines:", far).replace(", approval: true", "");
    folder.write("factory.yaml", factory.replace("cycle: { by", "asset: heater\n    cycle: { by"));
    folder.write("plant.yaml", include_str!("../../../examples/chemical-plant.yaml"));
    folder
}

#[test]
fn an_open_alert_is_shown_with_everything_that_is_known_of_it() {
    let folder = live_in_plant();
    let program = std::process::Command::new(env!("CARGO_BIN_EXE_anshin"));
    let (mut running, address) = start_live_by(program, &folder, &["--system", "plant.yaml"]);
    post_slow_cycle(&address);
    let database = anshin_field::records::address(std::path::Path::new(&folder.path("monitor-state")));
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let (machines, others) = loop {
        let records = anshin_field::records::Records::open(&database).expect("it is there");
        let shown = (records.shown().expect("it can be read"), records.shown_others().expect("it can be"));
        if !shown.1.is_empty() && shown.0.iter().any(|one| one.alerts.len() == 2) {
            break shown;
        }
        assert!(std::time::Instant::now() < until, "{shown:#?}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    let status = || folder.run(&["monitor", "status", "--lang", "ja"]).ends_with(0);
    while !(status().out.contains("動作が遅い") && status().out.contains("far: データが届かない"))
    {
        assert!(std::time::Instant::now() < until, "{}", status().out);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    status().prints(&[
        "溶接ロボット (robot)\n",
        "  動作が遅い  開始 2026-04-01 08:36:00 JST\n",
        "    測定値 30.0 s（+50.0 %）、基準 20.0 s\n",
        "    考えられる原因\n    - 制御プログラム",
        "    最初に確かめること\n    - オーバーライド",
        "    システムを構成する機器: ",
        "    - 危険: ",
        "    - リスクシナリオ heater",
        "    確認したら: anshin monitor acknowledge robot too-slow --by 名前\n",
        "    源「far」につながりません（",
    ]);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
    assert_eq!(machines[0].zone.as_deref(), Some("Asia/Tokyo"));
    let slow = &machines[0].alerts[0];
    assert_eq!((slow.account.alert.as_str(), slow.since.as_str()), ("too-slow", "2026-03-31T23:36:00.000Z"));
    let account = &slow.account;
    let shown = account.measured.as_ref().map(|measured| measured.ja.as_str());
    assert_eq!(shown, Some("測定値 30.0 s（+50.0 %）、基準 20.0 s"));
    let lists = account.lists();
    let headings: Vec<&str> = lists.iter().map(|(heading, _)| heading.get(anshin_model::Lang::En)).collect();
    assert_eq!(headings[..2], ["Likely causes", "Look at this first"]);
    assert!(headings[2].starts_with("Asset of the system: "), "{headings:?}");
    assert!(lists[2].1.iter().any(|risk| risk.en.starts_with("Hazard: ")), "{lists:?}");
    assert!(lists[2].1.iter().any(|risk| risk.en.starts_with("Scenario heater")), "{lists:?}");
    let far = &others[0].alert.account;
    assert!(far.says.ja.starts_with("源「far」につながりません（"), "{far:?}");
    assert!(!far.causes.is_empty() && !far.first.is_empty(), "{far:?}");
}

#[test]
fn a_wrong_reference_is_forgotten_while_the_monitor_runs() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let (mut running, address) = start_live(&folder);
    post_cycles(&address, 0, 60);
    let mut said = BufReader::new(running.stdout.take().expect("it writes"));
    let mut line = String::new();
    while !line.contains("\"number\":9") {
        line.clear();
        assert!(said.read_line(&mut line).expect("it goes on") > 0, "it has ended");
    }
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !folder.run(&["monitor", "status"]).ends_with(0).out.contains("robot") {
        assert!(std::time::Instant::now() < until, "the state is not kept");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    folder.run(&["monitor", "forget", "robot", "--mode", "7", "--by", "Sato"]).ends_with(0);
    folder.run(&["monitor", "forget", "robot", "--by", "Sato"]).ends_with(0);
    while !folder.run(&["monitor", "status"]).ends_with(0).out.contains("no reference yet") {
        assert!(std::time::Instant::now() < until, "it is still there");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let log = folder.read("monitor-state/alerts.jsonl");
    assert_eq!(log.matches("\"request\":\"forget\"").count(), 1, "one of the two fits: {log}");
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
}

/// The robot of [`FACTORY`] is the heater of the plant.
fn in_plant(asset: &str) -> Folder {
    let folder = Folder::new();
    folder.write(
        "factory.yaml",
        FACTORY.replace("cycle: { by: number }", &format!("asset: {asset}\n    cycle: {{ by: number }}")),
    );
    folder.write("robot.csv", recording());
    folder.write("plant.yaml", include_str!("../../../examples/chemical-plant.yaml"));
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
fn records_of_the_monitor_are_evidence() {
    let folder = Folder::new();
    folder.write("system.yaml", common::GOOD);
    folder.write(
        "state/alerts.jsonl",
        "{\"type\":\"watch\",\"at\":\"2026-04-01T00:00:00.000Z\",\"machines\":1}\n\
         {\"type\":\"alert\",\"machine\":\"boiler\",\"asset\":\"heater\",\"alert\":\"too-slow\",\"change\":\"raised\",\"at\":\"2026-04-02T00:00:00.000Z\"}\n",
    );
    let assess = ["assess", "system.yaml", "--monitor", "state"];
    folder.run(&assess).ends_with(0).prints(&[
        "What the records of the monitor show",
        "monitoring-logging",
        "records from 2026-04-01 00:00:00 UTC – 2026-04-01 00:00:00 UTC",
        "boiler = Heater: alerts 1, acknowledged 0, open 1 (Runs too slowly)",
    ]);
    let json = folder.run(&[&assess[..], &["--format", "json"]].concat()).ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["monitor"]["machines"][0]["raised"]["too-slow"], 1);
    folder.run(&["report", "system.yaml", "--monitor", "state", "--format", "html"]).ends_with(0);
    assert!(folder.read("report/lamp-system.en.html").contains("Records of the monitor"));
    folder
        .run(&["assess", "system.yaml", "--monitor", "nowhere"])
        .ends_with(2)
        .says(&["there is no folder `nowhere` of a monitor"]);
}

#[test]
fn what_init_proposes_is_right() {
    let folder = Folder::new();
    // Nobody listens there: the proposal is one to begin with.
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
    folder.run(&["monitor", "check", "factory.yaml"]).ends_with(0).prints(&["machine-1"]);
    folder.run(&init).ends_with(2).says(&["`factory.yaml` is there already"]);
}

/// A factory in which everything that decides is written down.
const WHOLE: &str = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts:
  - { id: day, from: "08:00", to: "17:00" }
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
    let nowhere = ["monitor", "init", "nothing.csv"];
    folder.run(&nowhere).ends_with(2).says(&["cannot read the recording `nothing.csv`"]);
}
