//! It is killed at any moment: no cycle is lost, and nothing is told or learnt twice.

use super::*;

/// What the history of the two days holds on which messages are.
fn history(folder: &Folder) -> String {
    let days = ["2026-03-31", "2026-04-01"];
    let days = days.map(|day| folder.path(&format!("monitor-state/history/{day}.jsonl")));
    days.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
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
        let mut said = running.output();
        // Killed after some of its fourteen or so cycles, wherever it is just then.
        for _ in 0..2 + round * 2 {
            let mut line = String::new();
            said.read_line(&mut line).expect("it goes on");
            told.push(line);
        }
        running.kill();
        // A line that was cut off has not been told.
        told.extend(said.lines().map_while(Result::ok).map(|line| line + "\n"));
    }
    told.retain(|line| {
        serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line["type"] == "cycle")
    });
    assert!(told.len() > 30, "{}", told.len());
    let (mut running, _) = start_live(&folder);
    running.kill();
    let kept = history(&folder);
    for line in &told {
        assert!(kept.contains(line.as_str()), "{line} is not in the history");
    }
    // And the database holds each of them once.
    let asked = folder.run(&["monitor", "query", "--limit", "1000", "--format", "json"]).ends_with(0);
    let rows: Vec<&str> = asked.out.lines().collect();
    let different: std::collections::BTreeSet<&str> = rows.iter().copied().collect();
    assert!(!rows.is_empty() && rows.len() == different.len(), "{}", asked.out);
    assert!(rows.len() <= kept.lines().count());
}

/// Posts a message again and again until somebody has taken it: a device that forgets nothing.
fn post_at_last(address: &str, body: &str) {
    until(|| match try_post(address, body) {
        Ok(answer) if answer.starts_with(TAKEN) => Ok(()),
        other => Err(format!("nobody takes {body}: {other:?}")),
    });
}

#[test]
fn killed_again_and_again_it_loses_no_cycle_and_tells_none_twice() {
    const CYCLES: u32 = 150;
    const KILLS: u64 = 12;
    let folder = Folder::new();
    // Three of the four messages of a cycle are held back.
    let factory = LIVE.replace("hold-back: 0", "hold-back: 12").replace(", approval: true", "");
    folder.write("factory.yaml", factory);
    let address = free_address().to_string();
    let run = RUN.map(|word| if word == "127.0.0.1:0" { &address } else { word });
    let start = || Running::start(anshin(&folder, &run).stdout(Stdio::null()));
    let mut running = start();
    let device = {
        let address = address.clone();
        std::thread::spawn(move || {
            for n in 0..CYCLES * 4 {
                let moment = 1_775_000_000 + n * 5;
                post_at_last(&address, &format!(r#"{{"t":{moment},"w":1800,"cycle":{}}}"#, n / 4));
                // A cycle is well longer than a reading takes on its way to the disk.
                std::thread::sleep(Duration::from_millis(20));
            }
        })
    };
    for kill in 0..KILLS {
        // At any moment: while it begins, before and after its state is kept.
        std::thread::sleep(Duration::from_millis(300 + kill * 739 % 1_300));
        running.kill();
        running = start();
    }
    device.join().expect("all is taken");
    let known = || -> Vec<serde_json::Value> {
        history(&folder).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    until(|| {
        let known = known();
        if known.len() + 1 < CYCLES as usize { Err(format!("{known:#?}")) } else { Ok(()) }
    });
    running.stop();

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
            running.stop();
        }
        let before = std::fs::read(&state).ok();
        assert_eq!(before.is_some(), was_stopped);
        let journal = || folder.read("monitor-state/readings/open.journal");
        let learnt = || {
            let history = std::fs::read_to_string(folder.path("monitor-state/history/2026-04-01.jsonl"));
            history.unwrap_or_default().matches(r#""finding":"learnt""#).count()
        };
        let until = |what: &dyn Fn() -> bool| until(|| if what() { Ok(()) } else { Err(journal()) });
        let kill = |mut running: Running| {
            running.kill();
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
        let mut said = running.output();
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
    let kept = until(|| {
        let kept = std::fs::read_to_string(&state).unwrap_or_default();
        let known: serde_json::Value = serde_json::from_str(&kept).unwrap_or_default();
        if known["machines"]["robot"]["judged"].is_number() { Ok(kept) } else { Err(kept) }
    });
    // Three alerts, each raised and over again; it is killed before it has kept the state once more.
    post(&address, &messages(&[8, 4, 4, 4, 8, 4, 4, 4, 8, 4, 4, 4, 4]));
    let mut said = running.output();
    let mut told = alerts(&mut said, 6);
    running.kill();
    std::fs::write(&state, kept).expect("the state is as it was");

    let (mut running, address) = start_live(&folder);
    // The cycle that it was killed in is marked.
    post(&address, &messages(&[4, 4, 8, 4, 1]));
    let mut said = running.output();
    told.extend(alerts(&mut said, 1));
    // Of those three that were over, nobody has seen one.
    until(|| {
        let known: serde_json::Value =
            std::fs::read(&state).map(|kept| serde_json::from_slice(&kept).unwrap_or_default()).unwrap();
        let over = known["shown"]["robot"]["over"].as_array().cloned().unwrap_or_default();
        let slow = over.iter().find(|one| one["alert"] == "too-slow");
        if slow.is_some_and(|slow| slow["earlier"] == 2) { Ok(()) } else { Err(format!("{over:#?}")) }
    });
    running.kill();

    let log = folder.read("monitor-state/alerts.jsonl");
    let logged: Vec<&str> = log.lines().filter(|line| line.contains(r#""alert":"too-slow""#)).collect();
    let changes: Vec<bool> = logged.iter().map(|line| line.contains("raised")).collect();
    assert_eq!(changes, [true, false, true, false, true, false, true], "{log}");
    assert_eq!(logged, told, "each is recorded and told once");
}

/// An alert that was told in the moment in which the monitor was killed is in no state. It is over when the machine
/// speaks again, and the log says so.
#[test]
fn an_alert_that_was_told_and_not_kept_is_over_once_the_machine_speaks() {
    for readings in ["1000", "0"] {
        let folder = Folder::new();
        let quick = LIVE.replace("hold-back: 0", "hold-back: 0\n    silent-after: 2");
        folder.write("factory.yaml", quick.replace(", approval: true", ""));
        let start = || start_live_with(&folder, &["--readings", readings]);
        let until = |what: &str, is_so: &dyn Fn() -> bool| {
            until(|| if is_so() { Ok(()) } else { Err(what.to_owned()) });
        };
        let log = || std::fs::read_to_string(folder.path("monitor-state/alerts.jsonl")).unwrap_or_default();
        let (mut running, address) = start();
        post_cycles(&address, 0, 40);
        until("the state", &|| folder.path("monitor-state/state.json").exists());
        let before = folder.read("monitor-state/state.json");
        assert!(!before.contains("\"silent\""), "{before}");
        until("it is silent", &|| log().contains("\"alert\":\"silent\",\"change\":\"raised\""));
        running.kill();
        // Whatever it has kept meanwhile, it might have been killed before.
        folder.write("monitor-state/state.json", before);
        let (mut running, address) = start();
        post_cycles(&address, 60, 40);
        until("it is over", &|| log().contains("\"alert\":\"silent\",\"change\":\"cleared\""));
        running.kill();
    }
}
