//! What it has seen is kept, whether the disk has room or not, and exported, asked for and played again.

use super::*;

#[test]
fn a_full_disk_ends_nothing_and_the_records_follow() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    // No file may become larger than two blocks of 512 bytes, as if the disk were full.
    let limited = "trap '' XFSZ; ulimit -S -f 2; exec \"$0\" \"$@\"";
    let mut limited_program = Command::new("sh");
    limited_program.args(["-c", limited, env!("CARGO_BIN_EXE_anshin"), "--lang", "en"]).args(RUN);
    let (mut running, address) = start_live_by(limited_program.current_dir(folder.path(".")));
    post_cycles(&address, 0, 60);
    let mut said = running.output();
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
    let process = running.id();
    let freed = Command::new("prlimit")
        .args(["--pid", &process, "--fsize=unlimited:"])
        .status()
        .expect("prlimit (Debian package util-linux) can be run");
    assert!(freed.success());
    until(|| {
        let is_kept = told.iter().all(|line| history().is_ok_and(|kept| kept.contains(line.as_str())));
        if is_kept { Ok(()) } else { Err(format!("{:?}", history())) }
    });
    running.kill();
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
    let mut said = running.output();
    for _ in 0..9 {
        line.clear();
        said.read_line(&mut line).expect("it goes on");
    }
    assert!(line.contains("\"number\":9") && line.contains("\"finding\":\"learning\""), "{line}");
    folder.run(&["monitor", "run", "factory.yaml"]).ends_with(2).says(&["another monitor works in"]);
    running.stop();

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
    folder
        .run(&["monitor", "maintain", "robto", "--by", "Sato", "--lang", "ja"])
        .ends_with(2)
        .says(&["`robto`という機械はありません。`robot`のことですか（機械: robot）"]);
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
    // Unknown machines and spans that end before they begin are no empty answers.
    folder
        .run(&["monitor", "query", "--machine", "robto"])
        .ends_with(2)
        .says(&["there is no machine `robto`; did you mean `robot`? (machines: robot)"]);
    folder
        .run(&["monitor", "query", "alerts", "--machine", "press", "--lang", "ja"])
        .ends_with(2)
        .says(&["`press`という機械はありません（機械: robot）"]);
    let named = folder.run(&["monitor", "query", "--machine", "溶接ロボット", "--limit", "1"]).ends_with(0);
    assert_eq!(named.out.lines().count(), 1);
    let span = |from: &'static str, to: &'static str| ["--from", from, "--to", to];
    let reversed = "`--from` (2026-04-01T08:36) is after `--to` (2026-04-01T08:35); exchange them";
    let backwards = span("2026-04-01T08:36", "2026-04-01T08:35");
    folder.run(&[&["monitor", "query"][..], &backwards].concat()).ends_with(2).says(&[reversed]);
    // A time of day is that time, and not its day: what ended from then on.
    let export = ["monitor", "export", "factory.yaml", "--cycles", "some.csv"];
    folder.run(&[&export[..], &backwards].concat()).ends_with(2).says(&[reversed]);
    for (span, count) in [
        (span("2026-04-01T08:36:00", "2026-04-01T08:36:10"), 1),
        (span("2026-04-01T08:36", "2026-04-01"), 2),
        (span("2026-04-01", "2026-04-01"), 9),
        (span("2026-04-02", "2026-04-03"), 0),
    ] {
        folder.run(&[&export[..], &span].concat()).ends_with(0);
        assert_eq!(folder.read("some.csv").lines().count(), 1 + count, "{span:?}");
    }
    let with_report = [&export[..], &["--report", "use", "--from", "2026-04-01T08:36"]].concat();
    folder.run(&with_report).ends_with(2).says(&["`--report` takes no time of day (`2026-04-01T08:36`)"]);
    folder
        .run(&["monitor", "query", "--from", "soon"])
        .ends_with(2)
        .says(&["`soon` is no time; write it as 2026-04-01 or 2026-04-01T08:30"]);
    folder.run(&["monitor", "query", "--finding", "outsied"]).ends_with(2).says(&[
        "there is no finding or kind `outsied`; did you mean `outside`? (findings of cycles: healthy,",
    ]);
    folder
        .run(&["monitor", "query", "alerts", "--finding", "foo", "--lang", "ja"])
        .ends_with(2)
        .says(&["`foo`という判定や種類はありません（警報の種類: too-slow、"]);
    folder
        .run(&["monitor", "export", "factory.yaml", "--cycles", "cycles.txt"])
        .ends_with(2)
        .says(&["as .csv or .xlsx"]);
}

#[cfg(feature = "parquet")]
#[test]
fn the_history_is_replayed_to_the_last_reading_and_between_moments_of_the_factory() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let (mut running, address) = start_live(&folder);
    post_cycles(&address, 0, 60);
    let starts = |more: &[&str]| -> Vec<String> {
        let replay = ["monitor", "replay", "factory.yaml", "--history", "monitor-state", "--format", "json"];
        let said = folder.run(&[&replay[..], more].concat()).ends_with(0);
        let cycles = lines(&said).into_iter().filter(|line| line["type"] == "cycle");
        cycles.map(|line| line["start"].as_str().expect("a time")[11..19].to_owned()).collect()
    };
    // While the monitor runs, nothing is in a file yet. Fourteen cycles have ended, and one is ended with it.
    until(|| {
        let starts = starts(&[]);
        if starts.len() < 15 { Err(format!("{starts:?}")) } else { Ok(()) }
    });
    running.stop();
    assert_eq!(starts(&[]).len(), 15, "the same from the file");
    // 08:34 in Tokyo is 23:34 the day before in UTC, whenever it came.
    let some = ["--from", "2026-04-01T08:34:00", "--to", "2026-04-01T08:34:59"];
    assert_eq!(starts(&some), ["23:34:00", "23:34:20", "23:34:40"]);
    assert_eq!(starts(&["--from", "2026-04-01", "--to", "2026-04-01"]).len(), 15);
    assert_eq!(starts(&["--to", "2026-03-31"]), [""; 0]);
    let replay = ["monitor", "replay", "factory.yaml", "--history", "monitor-state", "--from", "soon"];
    folder.run(&replay).ends_with(2).says(&["`soon` is no time; write it as 2026-04-01 or 2026-04-01T08:30"]);
}
