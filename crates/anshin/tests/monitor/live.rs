//! The monitor at work: messages come over HTTP, people ask, it is killed, and its disk is full.

use super::*;

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
    while !line.contains("watching ") {
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

/// Posts a message again and again until somebody has taken it: a device that forgets nothing.
fn post_at_last(address: &str, body: &str) {
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let is_taken = || -> std::io::Result<bool> {
        let mut stream = std::net::TcpStream::connect(address)?;
        let length = body.len();
        write!(
            stream,
            "POST /in/line HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.starts_with("HTTP/1.1 204"))
    };
    while !is_taken().is_ok_and(|is_taken| is_taken) {
        assert!(std::time::Instant::now() < until, "nobody takes {body}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn killed_again_and_again_it_loses_no_cycle_and_tells_none_twice() {
    const CYCLES: u32 = 150;
    const KILLS: u64 = 12;
    let folder = Folder::new();
    // Three of the four messages of a cycle are held back.
    let factory = LIVE.replace("hold-back: 0", "hold-back: 12").replace(", approval: true", "");
    folder.write("factory.yaml", factory);
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = port.expect("a port is free").to_string();
    let start = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", "en", "monitor", "run", "factory.yaml", "--http", &address, "--format", "json"])
            .current_dir(folder.path("."))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program can be started")
    };
    let mut running = start();
    let device = {
        let address = address.clone();
        std::thread::spawn(move || {
            for n in 0..CYCLES * 4 {
                let moment = 1_775_000_000 + n * 5;
                post_at_last(&address, &format!(r#"{{"t":{moment},"w":1800,"cycle":{}}}"#, n / 4));
                // A cycle is well longer than a reading takes on its way to the disk.
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        })
    };
    for kill in 0..KILLS {
        // At any moment: while it begins, before and after its state is kept.
        std::thread::sleep(std::time::Duration::from_millis(300 + kill * 739 % 1_300));
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        running = start();
    }
    device.join().expect("all is taken");
    let known = || -> Vec<serde_json::Value> {
        let days = ["2026-03-31", "2026-04-01"];
        let days = days.map(|day| folder.path(&format!("monitor-state/history/{day}.jsonl")));
        let days = days.iter().filter_map(|path| std::fs::read_to_string(path).ok());
        let lines: Vec<String> =
            days.flat_map(|day| day.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while known().len() + 1 < CYCLES as usize && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let stopped = std::process::Command::new("kill").arg(running.id().to_string()).status();
    assert!(stopped.expect("kill can be run").success());
    running.wait().expect("it ends");

    // Each is there once, but for the last one, whose end has not been told. One that was killed in is marked,
    // and may seem to begin later where the message of its beginning had not been taken down.
    let is = |line: &&serde_json::Value, finding: &str| line["finding"] == finding;
    let begun = anshin_monitor::Time::from_seconds(1_775_000_000.0);
    let (known, most) = (known(), 2 * usize::try_from(KILLS).expect("few") + 1);
    let after = |line: &serde_json::Value| {
        let start = line["start"].as_str().and_then(|start| anshin_monitor::Time::parse(start).ok());
        start.expect("a time").since(begun)
    };
    for (cycle, line) in (0..CYCLES).zip(&known) {
        let late = after(line) - f64::from(cycle * 20);
        let is_right = late.abs() < 0.001 || is(&line, "unreliable") && (0.0..20.0).contains(&late);
        assert!(is_right, "cycle {cycle}: {line}");
    }
    assert_eq!(known.len() + 1, CYCLES as usize);
    let unreliable = known.iter().filter(|line| is(line, "unreliable")).count();
    assert!(unreliable <= most, "{unreliable} of {most}");
    assert_eq!(known.iter().filter(|line| is(line, "learnt")).count(), 1);
    let log = folder.read("monitor-state/alerts.jsonl");
    assert!(!log.contains("\"raised\""), "{log}");
}

#[test]
fn killed_twice_before_it_keeps_its_state_it_learns_nothing_again() {
    // At first; and where it was stopped before, and has left its state.
    for was_stopped in [false, true] {
        let folder = Folder::new();
        let factory = LIVE.replace("hold-back: 0", "hold-back: 12").replace(", approval: true", "");
        folder.write("factory.yaml", factory);
        let state = folder.path("monitor-state/state.json");
        if was_stopped {
            let (mut running, _) = start_live(&folder);
            let stopped = std::process::Command::new("kill").arg(running.id().to_string()).status();
            assert!(
                stopped.expect("kill can be run").success() && running.wait().expect("it ends").success()
            );
        }
        let before = std::fs::read(&state).ok();
        assert_eq!(before.is_some(), was_stopped);
        let journal = || folder.read("monitor-state/readings/open.journal");
        let learnt = || {
            let history = std::fs::read_to_string(folder.path("monitor-state/history/2026-04-01.jsonl"));
            history.unwrap_or_default().matches(r#""finding":"learnt""#).count()
        };
        let until = |what: &dyn Fn() -> bool| {
            let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
            while !what() {
                assert!(std::time::Instant::now() < end, "{}", journal());
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        };
        let kill = |mut running: std::process::Child| {
            running.kill().expect("it can be killed");
            running.wait().expect("it ends");
            match &before {
                Some(before) => std::fs::write(&state, before).expect("the state is as it was"),
                None => drop(std::fs::remove_file(&state)),
            }
        };

        // The first cycle has begun unseen. The end of the one that makes the reference is still held back.
        let (running, address) = start_live(&folder);
        post_cycles(&address, 0, 18);
        until(&|| journal().matches(",power,").count() == 18);
        assert_eq!(learnt(), 0);
        kill(running);
        // It is judged when the monitor is started again.
        let (running, _) = start_live(&folder);
        until(&|| learnt() == 1);
        kill(running);
        // And that has been learnt, whatever comes.
        let (mut running, address) = start_live(&folder);
        post_cycles(&address, 18, 40);
        let mut said = BufReader::new(running.stdout.take().expect("it writes"));
        let mut line = String::new();
        while !line.contains(r#""finding":"healthy""#) {
            line.clear();
            said.read_line(&mut line).expect("it goes on");
            assert!(!line.is_empty() && !line.contains("learn"), "{was_stopped}: {line}");
        }
        kill(running);
        assert_eq!(learnt(), 1, "{was_stopped}");
    }
}

#[test]
fn killed_with_a_backlog_it_tells_no_alert_twice() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE.replace(", approval: true", ""));
    let (mut cycle, mut moment) = (0, 1_775_000_000);
    // Messages of cycles that last so many times 5 s.
    let mut messages = |lengths: &[u32]| {
        let mut all = Vec::new();
        for length in lengths {
            for _ in 0..*length {
                all.push(format!(r#"{{"t":{moment},"w":1800,"cycle":{cycle}}}"#));
                moment += 5;
            }
            cycle += 1;
        }
        format!("[{}]", all.join(","))
    };
    let alerts = |said: &mut dyn std::io::BufRead, count: usize| -> Vec<String> {
        let lines = said.lines().map(|line| line.expect("it goes on"));
        lines.filter(|line| line.contains(r#""alert":"too-slow""#)).take(count).collect()
    };
    let state = folder.path("monitor-state/state.json");

    let (mut running, address) = start_live(&folder);
    post(&address, &messages(&[4; 6]));
    // The state is kept soon after something was learnt.
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let kept = loop {
        let kept = std::fs::read_to_string(&state).unwrap_or_default();
        let known: serde_json::Value = serde_json::from_str(&kept).unwrap_or_default();
        if known["machines"]["robot"]["judged"].is_number() {
            break kept;
        }
        assert!(std::time::Instant::now() < until, "{kept}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    };
    // Three alerts, each raised and over again; it is killed before it has kept the state once more.
    post(&address, &messages(&[8, 4, 4, 4, 8, 4, 4, 4, 8, 4, 4, 4, 4]));
    let mut said = BufReader::new(running.stdout.take().expect("it writes"));
    let mut told = alerts(&mut said, 6);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
    std::fs::write(&state, kept).expect("the state is as it was");

    let (mut running, address) = start_live(&folder);
    // The cycle that it was killed in is marked.
    post(&address, &messages(&[4, 4, 8, 4, 1]));
    let mut said = BufReader::new(running.stdout.take().expect("it writes"));
    told.extend(alerts(&mut said, 1));
    // Of those three that were over, nobody has seen one.
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let known: serde_json::Value =
            std::fs::read(&state).map(|kept| serde_json::from_slice(&kept).unwrap_or_default()).unwrap();
        let over = known["shown"]["robot"]["over"].as_array().cloned().unwrap_or_default();
        let slow = over.iter().find(|one| one["alert"] == "too-slow");
        if slow.is_some_and(|slow| slow["earlier"] == 2) {
            break;
        }
        assert!(std::time::Instant::now() < until, "{over:#?}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");

    let log = folder.read("monitor-state/alerts.jsonl");
    let logged: Vec<&str> = log.lines().filter(|line| line.contains(r#""alert":"too-slow""#)).collect();
    let changes: Vec<bool> = logged.iter().map(|line| line.contains("raised")).collect();
    assert_eq!(changes, [true, false, true, false, true, false, true], "{log}");
    assert_eq!(logged, told, "each is recorded and told once");
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
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while starts(&[]).len() < 15 {
        assert!(std::time::Instant::now() < until, "{:?}", starts(&[]));
    }
    let killed = std::process::Command::new("kill").arg(running.id().to_string()).status();
    assert!(killed.expect("kill can be run").success());
    assert!(running.wait().expect("it ends").success());
    assert_eq!(starts(&[]).len(), 15, "the same from the file");
    // 08:34 in Tokyo is 23:34 the day before in UTC, whenever it came.
    let some = ["--from", "2026-04-01T08:34:00", "--to", "2026-04-01T08:34:59"];
    assert_eq!(starts(&some), ["23:34:00", "23:34:20", "23:34:40"]);
    assert_eq!(starts(&["--from", "2026-04-01", "--to", "2026-04-01"]).len(), 15);
    assert_eq!(starts(&["--to", "2026-03-31"]), [""; 0]);
    let replay = ["monitor", "replay", "factory.yaml", "--history", "monitor-state", "--from", "soon"];
    folder.run(&replay).ends_with(2).says(&["`soon` is no time; write it as 2026-04-01 or 2026-04-01T08:30"]);
}

/// A lathe of which the lights on it are all that is known, and a pump of which power alone is.
const WITHOUT_CYCLES: &str = r"
anshin-monitor: 1
time-zone: Asia/Tokyo
sources:
  - { id: line, kind: http, time: { column: t, form: seconds } }
machines:
  - id: lathe
    states: { by: lamp, hold: 1 }
    input:
      - { from: line, take: green, is: lamp, light: green }
      - { from: line, take: red, is: lamp, light: red }
  - id: pump
    meter: { kind: rate }
    states: { by: power, idle: 10, producing: 500 }
    input: [ { from: line, take: w, is: power } ]
";

#[test]
fn machines_without_cycles_tell_what_they_do_since_when_and_what_is_lit() {
    let folder = Folder::new();
    folder.write("factory.yaml", WITHOUT_CYCLES);
    let (mut running, address) = start_live(&folder);
    // At 8:33:20 in Japan, and the next seconds.
    let message = |second, green, red, w| {
        format!(r#"{{"t":{},"green":{green},"red":{red},"w":{w}}}"#, 1_775_000_000 + second)
    };
    let messages: Vec<String> = (0..9)
        .map(|second| message(second, u8::from(second < 5), u8::from(second >= 5), 20 * second))
        .collect();
    post(&address, &format!("[{}]", messages.join(",")));
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let told = |lang| folder.run(&["monitor", "status", "--lang", lang]).ends_with(0).out;
    while !told("en").contains("state idle, since 2026-04-01 08:33:25 JST, lights lit: red\n") {
        assert!(std::time::Instant::now() < until, "{}", told("en"));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!(told("en").contains("state idle, since 2026-04-01 08:33:21 JST\n"), "{}", told("en"));
    assert!(told("ja").contains("状態 待機、開始 2026-04-01 08:33:25 JST、点灯 赤\n"), "{}", told("ja"));
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
}

#[test]
fn the_state_tells_within_seconds_what_has_changed() {
    let folder = Folder::new();
    let far = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let more = format!(
        "  - {{ id: far, kind: shdr, address: \"{}\" }}\nmachines:",
        far.local_addr().expect("it has an address")
    );
    folder.write("factory.yaml", LIVE.replace("machines:", &more));
    let (mut running, address) = start_live(&folder);
    let within_seconds = |part: &str, is_there: bool| {
        let began = std::time::Instant::now();
        while folder.run(&["monitor", "status"]).out.contains(part) != is_there {
            let told = folder.run(&["monitor", "status"]).out;
            assert!(began.elapsed() < std::time::Duration::from_secs(10), "{part} {is_there}: {told}");
        }
    };
    let (adapter, _) = far.accept().expect("it is connected");
    within_seconds("robot", true);
    // A source that is lost, and a reference that waits for approval: nothing else makes the state new.
    drop((adapter, far));
    within_seconds("The source far is not connected (", true);
    post_cycles(&address, 0, 20);
    within_seconds("to be approved", true);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
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
    folder.write("plant.yaml", include_str!("../../../../examples/chemical-plant.yaml"));
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
    let state: serde_json::Value =
        serde_json::from_str(&folder.read("monitor-state/state.json")).expect("the state is JSON");
    assert_eq!(state["zone"], "Asia/Tokyo");
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
    // What happens is the same to all of them, so it is told once.
    let scenarios = "Scenarios heater/harm/plant, heater/harm/residents, heater/stop/plant (";
    assert_eq!(lists[2].1.iter().filter(|risk| risk.en.starts_with(scenarios)).count(), 1, "{lists:?}");
    let far = &others[0].alert.account;
    assert!(far.says.ja.starts_with("源「far」につながりません（"), "{far:?}");
    assert!(!far.causes.is_empty() && !far.first.is_empty(), "{far:?}");
}

#[test]
fn an_alert_that_is_over_is_shown_until_somebody_has_acknowledged_it() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE.replace(", approval: true", ""));
    let (mut running, address) = start_live(&folder);
    post_slow_cycle(&address);
    // The cycle that runs, and four more, are as they should be.
    let healthy: Vec<String> = (0..20)
        .map(|n| format!(r#"{{"t":{},"w":1800,"cycle":{}}}"#, 1_775_000_200 + n * 5, 9 + (n + 2) / 4))
        .collect();
    post(&address, &format!("[{}]", healthy.join(",")));
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    let status_when = |lang: &str, is_so: &dyn Fn(&str) -> bool| loop {
        let status = folder.run(&["monitor", "status", "--lang", lang]).ends_with(0);
        if is_so(&status.out) {
            break status;
        }
        assert!(std::time::Instant::now() < until, "{}", status.out);
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    status_when("ja", &|out| out.matches("に解消。まだだれも確認していません").count() == 2).prints(&[
        "  動作が遅い  開始 2026-04-01 08:36:00 JST\n    2026-04-01 08:37:30 JSTに解消。",
        "    測定値 30.0 s（+50.0 %）、基準 20.0 s\n",
        "    確認したら: anshin monitor acknowledge robot too-slow --by 名前\n",
    ]);
    status_when("en", &|_| true).prints(&[
        "    over since 2026-04-01 08:37:30 JST; nobody has acknowledged it\n",
        "    Once it is seen: anshin monitor acknowledge robot takes-too-much --by NAME\n",
    ]);
    folder.run(&["monitor", "acknowledge", "robot", "--by", "Sato", "--note", "belt"]).ends_with(0);
    status_when("en", &|out| !out.contains("acknowledged it"));
    folder
        .run(&["monitor", "acknowledge", "robot", "--by", "Sato"])
        .ends_with(2)
        .says(&["there is no alert of `robot` to acknowledge (open: none)"]);
    let alerts = folder.run(&["monitor", "query", "alerts", "--format", "json"]).ends_with(0).out;
    let seen: Vec<serde_json::Value> =
        alerts.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(seen.len() == 4 && seen.iter().all(|one| one["acknowledged"]["note"] == "belt"), "{alerts}");
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
}

#[test]
fn a_monitor_that_judges_nothing_tells_the_time_of_its_factory() {
    let folder = Folder::new();
    let state = |zone: &str| {
        let at = anshin_monitor::Time::parse("2026-04-01T00:00:00Z").expect("a time").nanos();
        format!(r#"{{"version":1,"at":{at},"machines":{{}}{zone}}}"#)
    };
    for (zone, told) in [
        (r#","zone":"Asia/Tokyo""#, "時点: 2026-04-01 09:00:00 JST"),
        // As an earlier version has left it.
        ("", "時点: 2026-04-01 00:00:00 UTC"),
    ] {
        folder.write("monitor-state/state.json", state(zone));
        folder.run(&["monitor", "status", "--lang", "ja"]).ends_with(0).prints(&[told]);
    }
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
    // What fits nothing fails, and names what there is.
    let robot = |request: &[&str]| folder.run(&[&["monitor"], request, &["--by", "Sato"]].concat());
    robot(&["forget", "robot", "--mode", "7"])
        .ends_with(2)
        .says(&["`robot` has no reference `--mode 7`; did you mean `--mode 1`? (it has: --mode 1)"]);
    robot(&["approve", "robot", "WELD-7", "--lang", "ja"])
        .ends_with(2)
        .says(&["`robot`に基準`WELD-7 --mode 1`はありません", "（登録済みの基準: --mode 1）"]);
    robot(&["acknowledge", "robot", "too-slwo"])
        .ends_with(2)
        .says(&["there is no alert `too-slwo`; did you mean `too-slow`? (alerts: too-slow, too-fast,"]);
    robot(&["acknowledge", "robot", "too-fast", "--lang", "ja"])
        .ends_with(2)
        .says(&["`robot`には、確認する警報`too-fast`がありません（出ている警報: なし）"]);
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

/// Whoever reaches the database of a monitor speaks to it, wherever its folder is.
#[test]
fn a_monitor_that_watches_alone_is_spoken_to_by_its_database() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let database = format!("sqlite:{}", folder.path("monitor-state/records.sqlite").display());
    let run = |command: &[&str]| folder.run(&[&["monitor"], command, &["--database", &database]].concat());
    let tells = |parts: &[&str]| {
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        loop {
            // Nobody has shown anything in the first moment.
            let said = run(&["status"]).out;
            let missing = parts.iter().find(|part| !said.contains(**part));
            let Some(missing) = missing else { return said };
            assert!(std::time::Instant::now() < until, "`{missing}` is not in\n{said}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    let (mut running, address) = start_live(&folder);
    post_cycles(&address, 0, 40);
    tells(&[
        "monitor monitor  judges 1 machine  last heard 20",
        " JST\n",
        "Welding robot (robot)\n  state producing, since 2026-04-01 08:33:20 JST\n",
        "references as recorded (one that was forgotten stays)\n",
        "  #1  20.0 s  10.00 Wh  ",
        "to be approved; if it is right: anshin monitor approve robot --mode 1 --by NAME --database sqlite:",
    ]);
    let taken = ["the monitor has been told and has taken it up"];
    run(&["approve", "robot", "WELD-7", "--by", "Sato"])
        .ends_with(2)
        .says(&["`robot` has no reference `WELD-7 --mode 1` (it has: --mode 1)"]);
    run(&["approve", "robot", "--by", "Sato"]).ends_with(0).says(&taken);
    tells(&["cycles  approved\n"]);
    run(&["acknowledge", "robot", "--by", "Sato"])
        .ends_with(2)
        .says(&["there is no alert of `robot` to acknowledge (open: none)"]);
    run(&["acknowledge", "robto", "--by", "Sato", "--lang", "ja"]).ends_with(2).says(&[
        "`robto`という機械、グループ、源の記録はありません。`robot`のことですか（記録にあるもの: robot）",
    ]);
    let killed = std::process::Command::new("kill").arg(running.id().to_string()).status();
    assert!(killed.expect("kill can be run").success());
    assert!(running.wait().expect("it ends").success());
    tells(&["monitor monitor  ended 20", "  state not known; last producing, since 2026-04-01"]);
    run(&["maintain", "robot", "--minutes", "5", "--by", "Sato", "--lang", "ja"]).ends_with(0).says(&[
        "`monitor`の監視からは20",
        "から知らせが届いていません。依頼はデータベースに残し、監視が動いたときに取り上げます",
    ]);
    let (mut running, _) = start_live(&folder);
    tells(&["monitor monitor  judges 1 machine", "  maintained until 20"]);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
}

/// An alert that was told in the moment in which the monitor was killed is in no state. It is over when the machine
/// speaks again, and the log says so.
#[test]
fn an_alert_that_was_told_and_not_kept_is_over_once_the_machine_speaks() {
    for readings in ["1000", "0"] {
        let folder = Folder::new();
        let quick = LIVE.replace("hold-back: 0", "hold-back: 0\n    silent-after: 2");
        folder.write("factory.yaml", quick.replace(", approval: true", ""));
        let start = || {
            let program = std::process::Command::new(env!("CARGO_BIN_EXE_anshin"));
            start_live_by(program, &folder, &["--readings", readings])
        };
        let until = |what: &str, is_so: &dyn Fn() -> bool| {
            let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
            while !is_so() {
                assert!(std::time::Instant::now() < until, "{what}");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        };
        let log = || std::fs::read_to_string(folder.path("monitor-state/alerts.jsonl")).unwrap_or_default();
        let (mut running, address) = start();
        post_cycles(&address, 0, 40);
        until("the state", &|| folder.path("monitor-state/state.json").exists());
        let before = folder.read("monitor-state/state.json");
        assert!(!before.contains("\"silent\""), "{before}");
        until("it is silent", &|| log().contains("\"alert\":\"silent\",\"change\":\"raised\""));
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        // Whatever it has kept meanwhile, it might have been killed before.
        folder.write("monitor-state/state.json", before);
        let (mut running, address) = start();
        post_cycles(&address, 60, 40);
        until("it is over", &|| log().contains("\"alert\":\"silent\",\"change\":\"cleared\""));
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
    }
}

/// A broker that takes whoever comes, and has nothing to say.
fn silent_broker(address: std::net::SocketAddr) {
    let listener = std::net::TcpListener::bind(address).expect("the port is free again");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let mut packet = [0; 1_024];
                while let Ok(length @ 1..) = stream.read(&mut packet) {
                    let answer = match packet[0] >> 4 {
                        1 => vec![0x20, 2, 0, 0],
                        8 => vec![0x90, 3, packet[2], packet[3], 0],
                        12 => vec![0xd0, 0],
                        _ => panic!("{:?}", &packet[..length]),
                    };
                    if stream.write_all(&answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// A source that is lost is an alert as all others, wherever alerts are asked for, and over when it is there again; or
/// when somebody begins to watch anew, who tells it anew if it is so still.
#[test]
fn a_lost_source_is_among_the_alerts() {
    let folder = Folder::new();
    let address = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = address.expect("a port is free");
    let dock = format!(
        "sources:\n  - {{ id: dock, kind: mqtt, address: \"{address}\", topics: \"dock/+\", asset: heater }}"
    );
    let robot = "\n      - { from: line, take: w, is: power }";
    let factory = LIVE.replacen("sources:", &dock, 1).replace(
        robot,
        &format!(
            "{robot}\n      - {{ from: dock, topic: dock/robot, take: state, is: set-up, when: setting-up }}"
        ),
    );
    folder.write("factory.yaml", factory);
    folder.write("system.yaml", common::GOOD);
    let start = || {
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_anshin"));
        start_live_by(program, &folder, &["--system", "system.yaml"])
    };
    let asked = || lines(&folder.run(&["monitor", "query", "alerts", "--format", "json"]));
    let changes = |wanted: &[&str]| {
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        loop {
            let alerts = asked();
            let is: Vec<&str> = alerts.iter().filter_map(|line| line["change"].as_str()).collect();
            if is == wanted {
                return alerts;
            }
            assert!(std::time::Instant::now() < until, "{alerts:#?}");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    };
    let (mut running, _) = start();
    let alerts = changes(&["raised"]);
    let is = |key: &str| alerts[0][key].clone();
    assert_eq!(
        (is("type"), is("source"), is("alert")),
        ("source-alert".into(), "dock".into(), "silent".into())
    );
    assert_eq!((is("machines"), is("asset")), (serde_json::json!(["robot"]), "heater".into()));
    let says = is("says")["en"].as_str().unwrap_or_default().to_owned();
    assert!(says.starts_with("The source dock is not connected (") && is("first")[0].is_object(), "{says}");
    assert!(is("system")["asset_name"].is_object() && is("threats").is_array(), "{alerts:#?}");
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !folder.path("monitor-state/state.json").exists() {
        assert!(std::time::Instant::now() < until, "no state is kept");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    folder.run(&["monitor", "acknowledge", "dock", "--by", "Sato", "--note", "cable"]).ends_with(0);
    while asked()[0]["acknowledged"]["note"] != "cable" {
        assert!(std::time::Instant::now() < until, "{:#?}", asked());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    // What is so still when somebody begins to watch anew is another one.
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
    let (mut running, _) = start();
    changes(&["raised", "cleared", "raised"]);
    silent_broker(address);
    changes(&["raised", "cleared", "raised", "cleared"]);
    running.kill().expect("it can be killed");
    running.wait().expect("it ends");
    folder.run(&["monitor", "export", "factory.yaml", "--alerts", "alerts.csv"]).ends_with(0);
    let rows = folder.read("alerts.csv");
    let rows: Vec<Vec<&str>> = rows.lines().skip(1).map(|row| row.split(',').collect()).collect();
    // What it is about, its id, the alert, the job, since when, raised, over ...
    assert_eq!((rows.len(), &rows[0][..4]), (2, &["dock", "dock", "Silent", ""][..]), "{rows:?}");
    assert!(rows.iter().all(|row| !row[6].is_empty()), "{rows:?}");
    assert_eq!((rows[0].last(), rows[1].last()), (Some(&"cable"), Some(&"")), "{rows:?}");
    // It is counted once as evidence, though the log tells more of it.
    folder
        .run(&["assess", "system.yaml", "--monitor", "monitor-state"])
        .ends_with(0)
        .prints(&["source dock: alerts ", ", acknowledged 1, open 0"]);
}

#[test]
fn doors_that_are_open_to_the_network_and_ask_nobody_are_told_at_the_start() {
    let factory = |login: &str| {
        format!(
            "anshin-monitor: 1\nsources:\n  - {{ id: plug, kind: mqtt{login} }}\n  - {{ id: cell, kind: http{login} }}\nmachines:\n  \
             - {{ id: press, cycle: {{ by: power, on: 500 }}, input: [ {{ from: plug, topic: plug/press, take: power, is: power }} ] }}\n"
        )
    };
    let said = |folder: &Folder, address: &str, lang: &str| {
        let mut running = std::process::Command::new(env!("CARGO_BIN_EXE_anshin"))
            .args(["--lang", lang, "monitor", "run", "factory.yaml", "--listen", address, "--http", address])
            .current_dir(folder.path("."))
            .env("DOOR", "secret")
            .stderr(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the program can be started");
        let mut talk = BufReader::new(running.stderr.take().expect("it talks"));
        let (mut said, mut line) = (String::new(), String::new());
        // What is told at the start comes before the first source.
        while !line.contains("`plug` is connected") && !line.contains("`plug`につながりました") {
            line.clear();
            assert!(talk.read_line(&mut line).expect("it goes on") > 0, "{said}");
            said += &line;
        }
        running.kill().expect("it can be killed");
        running.wait().expect("it ends");
        said
    };
    let folder = Folder::new();
    folder.write("factory.yaml", factory(""));
    let open = said(&folder, "0.0.0.0:0", "en");
    for (door, source) in [("MQTT", "plug"), ("HTTP", "cell")] {
        assert!(open.contains(&format!("warning: {door} at 0.0.0.0:")), "{open}");
        assert!(open.contains(&format!("so anybody can send values to source `{source}`;")), "{open}");
    }
    assert!(open.contains("    user: factory\n    password: { environment: MONITOR_PASSWORD }\n"), "{open}");
    let open = said(&folder, "0.0.0.0:0", "ja");
    assert!(
        open.contains("注意: MQTTの受け口0.0.0.0:") && open.contains("誰でも源`cell`に値を送れます"),
        "{open}"
    );
    assert!(!said(&folder, "127.0.0.1:0", "en").contains("warning: "));
    folder.write("factory.yaml", factory(", user: factory, password: { environment: DOOR }"));
    assert!(!said(&folder, "0.0.0.0:0", "en").contains("warning: "));
}
