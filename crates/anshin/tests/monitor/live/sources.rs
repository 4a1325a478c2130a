//! Sources: one that is lost is an alert, and doors that anybody could come in by are told.

use std::net::{SocketAddr, TcpListener};

use super::*;

/// A broker that takes whoever comes, and has nothing to say.
fn silent_broker(address: SocketAddr) {
    let listener = TcpListener::bind(address).expect("the port is free again");
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
    let address = free_address();
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
    let start = || start_live_with(&folder, &["--system", "system.yaml"]);
    let asked = || lines(&folder.run(&["monitor", "query", "alerts", "--format", "json"]));
    let changes = |wanted: &[&str]| {
        until(|| {
            let alerts = asked();
            let is: Vec<&str> = alerts.iter().filter_map(|line| line["change"].as_str()).collect();
            if is == wanted { Ok(alerts) } else { Err(format!("{alerts:#?}")) }
        })
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
    until(|| {
        let is_kept = folder.path("monitor-state/state.json").exists();
        if is_kept { Ok(()) } else { Err("no state is kept".to_owned()) }
    });
    folder.run(&["monitor", "acknowledge", "dock", "--by", "Sato", "--note", "cable"]).ends_with(0);
    until(|| {
        let alerts = asked();
        if alerts[0]["acknowledged"]["note"] == "cable" { Ok(()) } else { Err(format!("{alerts:#?}")) }
    });
    // What is so still when somebody begins to watch anew is another one.
    running.kill();
    let (mut running, _) = start();
    changes(&["raised", "cleared", "raised"]);
    silent_broker(address);
    changes(&["raised", "cleared", "raised", "cleared"]);
    running.kill();
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
        let run = ["monitor", "run", "factory.yaml", "--listen", address, "--http", address, "--lang", lang];
        let mut command = anshin(folder, &run);
        let mut running = Running::start(command.env("DOOR", "secret").stdout(Stdio::null()));
        // What is told at the start comes before the first source.
        running.wait(if lang == "ja" { "`plug`につながりました" } else { "`plug` is connected" });
        running.kill();
        running.said()
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
        open.contains("注意: MQTTの受け口0.0.0.0:") && open.contains("誰でも入力元`cell`に値を送れます"),
        "{open}"
    );
    assert!(!said(&folder, "127.0.0.1:0", "en").contains("warning: "));
    folder.write("factory.yaml", factory(", user: factory, password: { environment: DOOR }"));
    assert!(!said(&folder, "0.0.0.0:0", "en").contains("warning: "));
}
