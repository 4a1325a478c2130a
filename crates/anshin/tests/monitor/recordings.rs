//! Recordings: the forms in which they come, and how they are put through the monitor.

#[cfg(feature = "parquet")]
use anshin_field::history::{Row, table};

use super::*;

#[test]
fn a_recording_goes_by_at_a_speed() {
    let at_once = replay(&["--format", "json"]).ends_with(0);
    let began = std::time::Instant::now();
    // Eight cycles take 168 s from the first row to the last.
    let at_speed = replay(&["--format", "json", "--speed", "100"]).ends_with(0);
    assert!(began.elapsed() >= std::time::Duration::from_millis(1_680), "{:?}", began.elapsed());
    assert_eq!(at_speed.out, at_once.out);
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
    folder.write("other.csv", rows.replace("2026/04/01 ", "1/4/2026 "));
    let run = ["monitor", "replay", "factory.yaml", "other.csv"];
    folder.run(&run).ends_with(2).says(&[
        "not one line could be read; line 2: it is not said in which order `1/4/2026 08:00:00` stands",
        "write `order: day-month-year` (2026-04-01) or `order: month-day-year` (2026-01-04) in `time`",
    ]);
    folder.write("other.csv", rows.replace("2026/04/01 ", "April 1 "));
    folder
        .run(&run)
        .ends_with(2)
        .says(&["not one line could be read; line 2: `April 1 08:00:00` is no time", "2026/4/1 8:30"]);

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

/// Rows of several machines in one table, as CSV and as a Parquet file of the history.
#[cfg(feature = "parquet")]
#[test]
fn the_rows_of_a_table_are_told_apart_by_machine() {
    let folder = Folder::new();
    folder.write(
        "factory.yaml",
        "anshin-monitor: 1
sources: [ { id: log, kind: csv, time: time, topic: machine } ]
machines:
  - { id: mill, cycle: { by: power, on: 1000 }, input: [ { from: log, topic: M-1, take: value, is: power } ] }
  - { id: saw, cycle: { by: power, on: 1000 }, input: [ { from: log, topic: M-2, take: value, is: power } ] }
  - { id: old, cycle: { by: power, on: 1000 }, input: [ { from: log, topic: M-9, take: value, is: power } ] }
",
    );
    let row = |second: u32, machine: &str, period: u32| Row {
        time: anshin_monitor::Time::from_seconds(1_775_000_000.0 + f64::from(second)),
        machine: machine.into(),
        input: "power".into(),
        value: Some(if second % period < period / 2 { 1_800.0 } else { 10.0 }),
        word: None,
        doubtful: false,
    };
    let rows: Vec<Row> = (30..630)
        .flat_map(|second| [row(second, "M-1", 60), row(second, "M-2", 20), row(second, "M-3", 20)])
        .collect();
    table::write(std::path::Path::new(&folder.path("hall.parquet")), &rows).expect("it is written");
    let mut csv = String::from("time,machine,input,value,word,quality\n");
    for row in &rows {
        let value = row.value.unwrap_or_default();
        writeln!(csv, "{},{},power,{value:.1},,good", row.time, row.machine).expect("a string grows");
    }
    folder.write("hall.csv", csv);
    for file in ["hall.csv", "hall.parquet"] {
        let said = folder.run(&["monitor", "replay", "factory.yaml", file, "--format", "json"]).ends_with(0);
        let lines = lines(&said);
        let cycles = |machine: &str| {
            lines.iter().filter(|line| line["type"] == "cycle" && line["machine"] == machine).count()
        };
        assert_eq!(["mill", "saw", "old"].map(cycles), [10, 30, 0], "{file}");
        said.says(&["column `machine` of log: no row is of `M-9`; no input takes the rows of `M-3`"]);
    }
    folder
        .run(&["monitor", "check", "factory.yaml"])
        .ends_with(0)
        .prints(&["column `machine` tells of which machine a row is"]);
    // A proposal is the same whatever the rows are written in.
    let proposed =
        ["hall.csv", "hall.parquet"].map(|file| folder.run(&["monitor", "init", file]).ends_with(0).out);
    assert!(
        proposed[0].contains("kind: csv, time: { column: \"time\", form: rfc3339 }, topic: \"machine\""),
        "{}",
        proposed[0]
    );
    assert_eq!(proposed[0], proposed[1]);
    let wrong = folder.read("factory.yaml").replace("topic: machine }", "topic: hall }");
    folder.write("wrong.yaml", wrong);
    for (file, told) in [("hall.csv", "has no column `hall`"), ("hall.parquet", "there is no column `hall`")]
    {
        folder.run(&["monitor", "replay", "wrong.yaml", file]).ends_with(2).says(&[told]);
    }
}

/// Puts readings of 1 April into the history, in a file of this number.
#[cfg(feature = "parquet")]
fn keep(folder: &Folder, n: usize, rows: &[Row]) {
    let part = folder.path(&format!("state/readings/day=2026-04-01/part-{n:03}.parquet"));
    std::fs::create_dir_all(part.parent().expect("a folder")).expect("it can be made");
    table::write(&part, rows).expect("it is written");
}

/// Puts the history through the monitor.
#[cfg(feature = "parquet")]
fn replay_kept(folder: &Folder, more: &[&str]) -> Said {
    let replay = ["monitor", "replay", "factory.yaml", "--history", "state", "--format", "json"];
    folder.run(&[&replay[..], more].concat()).ends_with(0)
}

/// How well machines were used, day by day.
#[cfg(feature = "parquet")]
fn days(said: &Said) -> Vec<serde_json::Value> {
    lines(said).into_iter().filter(|line| line["type"] == "utilisation").collect()
}

/// A machine that is told to produce or to wait every 20 s, for two days from noon on, with a night shift.
#[cfg(feature = "parquet")]
#[test]
fn the_day_of_a_night_shift_is_whole_wherever_the_history_is_cut() {
    let folder = Folder::new();
    let factory = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts:
  - { id: day, from: "08:00", to: "17:00", breaks: [ { from: "12:00", to: "13:00" } ] }
  - { id: night, from: "22:00", to: "06:00" }
sources: [ { id: line, kind: csv, time: time } ]
machines:
  - { id: saw, cycle: { by: number }, states: { by: told }, silent-after: 0, input: [ { from: line, take: state, is: state, producing: "on" } ] }
"#;
    folder.write("factory.yaml", factory);
    let noon = anshin_monitor::Time::parse("2026-04-01T12:00:07+09:00").expect("a time");
    let rows: Vec<Row> = (0..2 * 86_400 / 20)
        .map(|n| Row {
            time: noon.plus(f64::from(n) * 20.0),
            machine: "saw".into(),
            input: "state".into(),
            value: None,
            word: Some(if n * n % 7 < 3 { "producing" } else { "idle" }.into()),
            doubtful: false,
        })
        .collect();
    for (n, rows) in rows.chunks(1_000).enumerate() {
        keep(&folder, n, rows);
    }
    let replay = |more: &[&str]| replay_kept(&folder, more);
    let days = |more: &[&str]| days(&replay(more));
    let whole = days(&[]);
    let planned = |line: &serde_json::Value| {
        let planned = line["planned"].as_object().expect("seconds").values();
        planned.filter_map(serde_json::Value::as_f64).sum::<f64>()
    };
    assert!((planned(&whole[1]) - 16.0 * 3_600.0).abs() < 1e-6, "{whole:#?}");
    for (n, day) in ["2026-04-01", "2026-04-02", "2026-04-03"].into_iter().enumerate() {
        assert_eq!(days(&["--from", day, "--to", day]), [whole[n].clone()], "{day}");
    }
    assert_eq!(days(&["--from", "2026-04-02"]), whole[1..]);
    assert_eq!(days(&["--to", "2026-04-02"]), whole[..2]);
    let cut = ["--from", "2026-04-02", "--to", "2026-04-02T23:00"];
    replay(&cut).says(&["the first or last day is cut", "ask for days to read them whole"]);
    assert_ne!(days(&cut), [whole[1].clone()]);
    assert!(!replay(&["--to", "2026-04-02"]).err.contains("is cut"));
}

/// Machines that tell their changes only, and stand still for a long holiday.
#[cfg(feature = "parquet")]
#[test]
fn a_day_on_which_a_machine_tells_no_change_is_counted_from_the_history() {
    let folder = Folder::new();
    let factory = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts: [ { id: day, from: "08:00", to: "17:00" } ]
sources:
  - { id: line, kind: csv, time: time }
  - { id: agent, kind: mtconnect, address: "http://127.0.0.1:1" }
machines:
  - { id: saw, states: { by: told }, silent-after: 0, input: [ { from: line, take: state, is: state, producing: "on" } ] }
  - { id: mill, states: { by: told }, input: [ { from: agent, take: execution, is: state, producing: ACTIVE } ] }
"#;
    folder.write("factory.yaml", factory);
    let changes = [("01T09:00", "producing"), ("01T16:00", "idle"), ("11T09:00", "producing")];
    for (n, (at, state)) in changes.into_iter().enumerate() {
        let row = |machine: &str| Row {
            time: anshin_monitor::Time::parse(&format!("2026-04-{at}:00+09:00")).expect("a time"),
            machine: machine.into(),
            input: "state".into(),
            value: None,
            word: Some(state.into()),
            doubtful: false,
        };
        keep(&folder, n, &[row("saw"), row("mill")]);
    }
    let days = |more: &[&str]| {
        let said = replay_kept(&folder, more);
        assert!(!said.err.contains("no readings"), "{}", said.err);
        days(&said)
    };
    let whole = days(&[]);
    for day in ["2026-04-02", "2026-04-06"] {
        let of_whole: Vec<_> = whole.iter().filter(|line| line["day"] == day).cloned().collect();
        assert!(of_whole.len() == 2 && of_whole.iter().all(|line| line["rate"] == 0.0), "{of_whole:#?}");
        assert_eq!(days(&["--from", day, "--to", day]), of_whole, "{day}");
    }
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
