//! Recordings as loggers, spreadsheets and people write them: what is read of them, and when.

use std::fmt::Write as _;

use anshin_model::Lang;
use anshin_monitor::config::{self, Source};
use anshin_monitor::propose::{self, Found, Table};
use anshin_monitor::recording::{RecordingError, Row, Rows};
use anshin_monitor::{Monitor, Said};

fn source(line: &str) -> Source {
    let text = format!(
        "anshin-monitor: 1\ntime-zone: Asia/Tokyo\nsources:\n  - {{ id: log, kind: csv, {line} }}\nmachines:\n  - {{ id: press, cycle: {{ by: power, on: 1 }}, input: [ {{ from: log, take: W, is: power }} ] }}\n"
    );
    let loaded = config::load("factory.yaml", &text);
    let configuration = loaded.configuration.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    configuration.sources[0].clone()
}

/// Rows as `TIME VALUE`, the time of day in Tokyo.
fn read(line: &str, recording: &str) -> Vec<String> {
    let source = source(line);
    let rows = Rows::open(&source, &["W".to_owned()], recording.as_bytes()).expect("a table");
    let shown = |row: Row| {
        let at = row.time.stamp().to_zoned(source.zone.clone()).strftime("%T%.f").to_string();
        format!("{at} {}", row.values[0].1)
    };
    rows.map(|row| shown(row.expect("a row"))).collect()
}

#[test]
fn rows_are_read_in_the_order_of_their_times() {
    let newest_first = "time,W\n2026/4/1 8:00:03,3\n2026/4/1 8:00:02,2\n2026/4/1 8:00:01,1\n";
    assert_eq!(read("time: time", newest_first), ["08:00:01 1", "08:00:02 2", "08:00:03 3"]);
    // A clock that was set back once does not turn a recording round.
    let set_back = "time,W\n2026/4/1 8:00:03,3\n2026/4/1 8:00:02,2\n2026/4/1 8:00:04,4\n";
    assert_eq!(read("time: time", set_back), ["08:00:03 3", "08:00:02 2", "08:00:04 4"]);
    let days_first = "time;W\n26.10.2022 08:17:21;1\n26.10.2022 08:17:22;2\n";
    assert_eq!(read("time: time", days_first), ["08:17:21 1", "08:17:22 2"]);
}

#[test]
fn dates_and_times_of_day_are_read_as_the_configuration_says() {
    let table = |times: [&str; 2]| format!("time,W\n{},1\n{},2\n", times[0], times[1]);
    for (times, line, told) in [
        (
            ["26/10/2022 08:30:05", "26/10/2022 08:30:06"],
            "order: day-month-year",
            ["08:30:05 1", "08:30:06 2"],
        ),
        (
            ["10/5/22 10:05:03 PM", "10/5/22 10:05:04 pm"],
            "order: month-day-year",
            ["22:05:03 1", "22:05:04 2"],
        ),
        (["23:59:59", "00:00:00"], "form: time-of-day, from: \"2026-04-01\"", ["23:59:59 1", "00:00:00 2"]),
        (["午後10:05", "午後10:06"], "form: time-of-day, from: \"2026-04-01\"", ["22:05:00 1", "22:06:00 2"]),
    ] {
        assert_eq!(read(&format!("time: {{ column: time, {line} }}"), &table(times)), told);
    }
    let text = "anshin-monitor: 1\nsources:\n  - { id: line, kind: csv, time: { column: t, form: seconds, from: \"2026-04-01\", order: day-month-year } }\nmachines: []\n";
    let warned = config::load("factory.yaml", text).diagnostics;
    assert!(
        warned.iter().any(|one| one.message.get(Lang::En) == "`order` is not used, since no dates are read"),
        "{warned:?}"
    );
    for (times, ja, en) in [
        (
            ["05/10/2022 8:30", "05/10/2022 8:31"],
            "`05/10/2022 8:30`の日付が、どの順か分かりません。`time`に`order: day-month-year`（2022-10-05）か`order: month-day-year`（2022-05-10）と書いてください",
            "it is not said in which order `05/10/2022 8:30` stands; write `order: day-month-year` (2022-10-05) or `order: month-day-year` (2022-05-10) in `time`",
        ),
        (
            ["8:30:05", "8:30:06"],
            "`8:30:05`には日付がありません。`time`に`form: time-of-day`と、最初の行の日付`from`を書いてください",
            "`8:30:05` has no date; write `form: time-of-day` in `time`, with the date of the first row as `from`",
        ),
    ] {
        let source = source("time: time");
        let text = table(times);
        let mut rows = Rows::open(&source, &["W".to_owned()], text.as_bytes()).expect("a table");
        let Some(Err(RecordingError::Form(why))) = rows.next() else { panic!("{times:?}") };
        assert!(why.get(Lang::Ja).contains(ja) && why.get(Lang::En).contains(en), "{why:?}");
    }
}

/// Rows of two machines take turns; what one does says nothing of the other.
#[test]
fn rows_of_several_machines_are_told_apart_by_a_column() {
    let text = |topics: [&str; 2], of_source: &str| {
        let machine = |id: &str, topic: &str| {
            format!(
                "  - {{ id: {id}, cycle: {{ by: power, on: 1000, shortest: 0 }}, meter: {{ kind: rate }}, input: [ {{ from: log, {topic}take: W, is: power }} ] }}\n"
            )
        };
        format!(
            "anshin-monitor: 1\nsources: [ {{ id: log, kind: csv, time: time{of_source} }} ]\nmachines:\n{}{}",
            machine("one", topics[0]),
            machine("two", topics[1])
        )
    };
    let loaded = config::load("factory.yaml", &text(["topic: P-1, ", "topic: P-2, "], ", topic: 設備ID"));
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let configuration = loaded.configuration.expect("it is right");
    let mut recording = String::from("設備ID,time,W\n");
    for second in 0..600 {
        // The second one works half as long, twice as often, and tells something every other second.
        let watts = |period, work| if second % period < work { 2_000 } else { 10 };
        let at = format!("2026-04-01T08:{:02}:{:02}Z", second / 60, second % 60);
        writeln!(recording, "P-1,{at},{}", watts(60, 40)).expect("a string grows");
        if second % 2 == 0 {
            writeln!(recording, "P-2,{at},{}\nP-3,{at},off", watts(30, 20)).expect("a string grows");
        }
    }
    let mut monitor = Monitor::new(&configuration);
    let mut durations = [Vec::new(), Vec::new()];
    let mut take = |n: usize, said: Said| {
        if let Said::Cycle(cycle, _) = said {
            durations[n].push(cycle.duration);
        }
    };
    monitor.replay(0, recording.as_bytes(), &mut take).expect("it can be read");
    monitor.finish(&mut take);
    let [one, two] = &durations;
    assert_eq!((one.len(), two.len()), (10, 20), "{durations:?}");
    assert!(one[1..].iter().all(|seconds| (seconds - 40.0).abs() < 1.5), "{one:?}");
    assert!(two[1..].iter().all(|seconds| (seconds - 20.0).abs() < 2.5), "{two:?}");

    // Times without seconds are spread over their minute for each machine by itself.
    let source = &configuration.sources[0];
    let rows = |recording: &str| -> Vec<String> {
        let rows = Rows::open(source, &["W".to_owned()], recording.as_bytes()).expect("a table");
        let rows = rows.map(|row| row.expect("a row"));
        rows.map(|row| format!("{} {}", row.topic.unwrap_or_default(), row.time)).collect()
    };
    let minutes = |each: usize| -> String {
        let of = |minute: u32| {
            ["P-1", "P-2"].map(|of| format!("{of},2026/4/1 8:{minute:02},5\n").repeat(each)).concat()
        };
        (0..4).map(of).collect()
    };
    let told = rows(&format!("設備ID,time,W\n{}", minutes(1)));
    assert_eq!(told[2..4], ["P-1 2026-04-01T08:01:00.000Z", "P-2 2026-04-01T08:01:00.000Z"]);
    let told = rows(&format!("設備ID,time,W\n{}", minutes(2)));
    assert_eq!(
        told[4..8],
        [
            "P-1 2026-04-01T08:01:00.000Z",
            "P-2 2026-04-01T08:01:00.000Z",
            "P-1 2026-04-01T08:01:30.000Z",
            "P-2 2026-04-01T08:01:30.000Z"
        ]
    );

    // What cannot be meant so is told.
    for (topics, of_source, told) in [
        (
            ["topic: P-1, ", "topic: P-2, "],
            "",
            "the table of source `log` tells no topics: all rows are taken",
        ),
        (["topic: P-1, ", ""], ", topic: 設備ID", "and this input takes all of them"),
    ] {
        let loaded = config::load("factory.yaml", &text(topics, of_source));
        let shown = format!("{:?}", loaded.diagnostics);
        assert!(loaded.configuration.is_some() && shown.contains(told), "{shown}");
    }
    let other = text(["", ""], "").replace("kind: csv, time: time", "kind: shdr, topic: a");
    let shown = format!("{:?}", config::load("factory.yaml", &other).diagnostics);
    assert!(shown.contains("`topic` of a source is a column of a table"), "{shown}");
    let half = text(["", ""], "").replace("kind: csv, time: time", "kind: csv, time: time, item: a");
    let shown = format!("{:?}", config::load("factory.yaml", &half).diagnostics);
    assert!(shown.contains("`item` and `value` are the columns of a table"), "{shown}");
    for wrong in ["kind: csv, time: time, list: a", "kind: mqtt, payload: plain, list: a"] {
        let other = text(["", ""], "").replace("kind: csv, time: time", wrong);
        let shown = format!("{:?}", config::load("factory.yaml", &other).diagnostics);
        assert!(shown.contains("`list` is the path of a list inside messages of JSON"), "{wrong}: {shown}");
    }
}

#[test]
fn rows_that_share_a_minute_are_spread_over_it() {
    let rows = |minutes: [(u32, u32); 4]| {
        let rows = minutes
            .into_iter()
            .flat_map(|(minute, count)| (0..count).map(move |n| format!("2026/4/1 8:{minute:02},{n}\n")));
        rows.collect::<Vec<String>>()
    };
    let oldest_first = rows([(0, 1), (1, 4), (2, 4), (3, 2)]);
    let expected = [
        "08:00:45 0",
        "08:01:00 0",
        "08:01:15 1",
        "08:01:30 2",
        "08:01:45 3",
        "08:02:00 0",
        "08:02:15 1",
        "08:02:30 2",
        "08:02:45 3",
        "08:03:00 0",
        "08:03:15 1",
    ];
    assert_eq!(read("time: time", &format!("time,W\n{}", oldest_first.concat())), expected);
    let newest_first: String = oldest_first.into_iter().rev().collect();
    assert_eq!(read("time: time", &format!("time,W\n{newest_first}")), expected);
    // A row a minute has its time already, whatever else it says.
    let one_each = "time,W\n2026/4/1 8:00,1\n2026/4/1 8:01,2\n";
    assert_eq!(read("time: time", one_each), ["08:00:00 1", "08:01:00 2"]);
}

#[test]
fn seconds_may_count_from_a_moment() {
    let from = |form: &str| format!("time: {{ column: t, form: {form}, from: \"2026-04-01T08:00:00\" }}");
    assert_eq!(read(&from("seconds"), "t,W\n0.5,1\n61,2\n"), ["08:00:00.5 1", "08:01:01 2"]);
    assert_eq!(read(&from("milliseconds"), "t,W\n0,1\n1500,2\n"), ["08:00:00 1", "08:00:01.5 2"]);
    assert_eq!(read(&from("seconds"), "t,W\n0:00:05,1\n0:01:05.5,2\n"), ["08:00:05 1", "08:01:05.5 2"]);
    // A time is written as the numbers beside it.
    let by_comma = |form: &str| format!("{}, delimiter: \";\", decimal: comma", from(form));
    assert_eq!(read(&by_comma("seconds"), "t;W\n0,5;1\n0:01:05,5;2\n"), ["08:00:00.5 1", "08:01:05.5 2"]);
    assert_eq!(read(&by_comma("milliseconds"), "t;W\n500,0;1\n1.500;2\n"), ["08:00:00.5 1", "08:00:01.5 2"]);
}

#[test]
fn a_table_of_a_head_alone_says_so() {
    let source = source("time: time");
    let mut rows = Rows::open(&source, &["W".to_owned()], "time,W\n".as_bytes()).expect("a head");
    assert!(rows.next().is_none());
    let told = rows.tells_only().expect("it is told");
    assert_eq!(told.get(Lang::En), "there are no rows below the head (line 1)");
    assert_eq!(told.get(Lang::Ja), "見出し（1行目）の下に、データの行がありません");
}

#[test]
fn a_comma_in_a_quoted_number_parts_thousands() {
    let rows =
        "time,W\n2026/4/1 8:00:01,\"1,800\"\n2026/4/1 8:00:02,\"12,345.5\"\n2026/4/1 8:00:03,\"1,80\"\n";
    assert_eq!(read("time: time", rows), ["08:00:01 1800", "08:00:02 12345.5", "08:00:03 1,80"]);
    let said = read("time: time, decimal: comma", "time,W\n2026/4/1 8:00:01,\"1,800\"\n");
    assert_eq!(said, ["08:00:01 1,800"]);
}

/// Times without a date, in tables whose rows are sorted by machine, and in those whose machines take turns.
#[test]
fn times_of_day_of_several_machines_stay_on_their_days() {
    let source = source("time: { column: t, form: time-of-day, from: \"2026-04-01\" }, topic: of");
    let days = |rows: &[(&str, &str)]| -> Vec<String> {
        let rows = rows.iter().map(|(of, time)| format!("{of},{time},1\n"));
        let text = format!("of,t,W\n{}", rows.collect::<String>());
        let rows = Rows::open(&source, &["W".to_owned()], text.as_bytes()).expect("it has a head");
        let shown =
            |row: Row| row.time.stamp().to_zoned(source.zone.clone()).strftime("%m-%dT%H:%M").to_string();
        rows.map(|row| shown(row.expect("it is read"))).collect()
    };
    let shift = ["8:00:00", "12:00:00", "16:00:00"];
    let sorted: Vec<(&str, &str)> =
        ["A", "B", "C"].iter().flat_map(|of| shift.map(|time| (*of, time))).collect();
    let day = ["04-01T08:00", "04-01T12:00", "04-01T16:00"];
    assert_eq!(days(&sorted), [day, day, day].concat());
    let night = ["20:00:00", "23:00:00", "2:00:00"];
    let sorted: Vec<(&str, &str)> = ["A", "B"].iter().flat_map(|of| night.map(|time| (*of, time))).collect();
    let expected = ["04-01T20:00", "04-01T23:00", "04-02T02:00"];
    assert_eq!(days(&sorted), [expected, expected].concat());
    // One that joins on the second day of a table in the order of times was not there on the first.
    let turns = [
        ("A", "22:00:00"),
        ("B", "22:00:00"),
        ("A", "4:00:00"),
        ("A", "4:00:01"),
        ("A", "4:00:02"),
        ("C", "10:00:00"),
    ];
    assert_eq!(
        days(&turns),
        ["04-01T22:00", "04-01T22:00", "04-02T04:00", "04-02T04:00", "04-02T04:00", "04-02T10:00"]
    );
}

/// Of columns with the same name each can be taken.
#[test]
fn columns_of_the_same_name_are_read_each() {
    let source = source("time: t");
    let text = "t,W,W\n2026-04-01T08:00:00Z,1,2\n";
    let wanted = ["W (2)", "W"].map(str::to_owned);
    let rows = Rows::open(&source, &wanted, text.as_bytes()).expect("it has a head");
    let rows: Vec<Row> = rows.map(|row| row.expect("it is read")).collect();
    let values: Vec<&str> = rows[0].values.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["2", "1"]);
    // A proposal names the second one.
    let table = Table::read("hall", text.as_bytes()).expect("it has a head");
    let found = Found { tables: vec![table], ..Found::default() };
    let proposed = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    assert!(proposed.contains("#   W (2) = 2"), "{proposed}");
}
