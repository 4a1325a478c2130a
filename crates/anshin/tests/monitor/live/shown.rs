//! Its status: what machines do, and what is known of alerts that are open or over.

use super::*;

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
    let told = |lang| folder.run(&["monitor", "status", "--lang", lang]).ends_with(0).out;
    until(|| {
        let told = told("en");
        let is_red = told.contains("state idle, since 2026-04-01 08:33:25 JST, lights lit: red\n");
        if is_red { Ok(()) } else { Err(told) }
    });
    assert!(told("en").contains("state idle, since 2026-04-01 08:33:21 JST\n"), "{}", told("en"));
    assert!(told("ja").contains("状態 待機、開始 2026-04-01 08:33:25 JST、点灯 赤\n"), "{}", told("ja"));
    running.kill();
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
        let began = Instant::now();
        while folder.run(&["monitor", "status"]).out.contains(part) != is_there {
            let told = folder.run(&["monitor", "status"]).out;
            assert!(began.elapsed() < Duration::from_secs(10), "{part} {is_there}: {told}");
        }
    };
    let (adapter, _) = far.accept().expect("it is connected");
    within_seconds("robot", true);
    // A source that is lost, and a reference that waits for approval: nothing else makes the state new.
    drop((adapter, far));
    within_seconds("The source far is not connected (", true);
    post_cycles(&address, 0, 20);
    within_seconds("to be approved", true);
    running.kill();
}

/// The robot of [`LIVE`] is the heater of the plant, its references need no approval, and one more source is
/// not there.
fn live_in_plant() -> Folder {
    let folder = Folder::new();
    let far = "  - { id: far, kind: mqtt, address: \"127.0.0.1:9\", topics: far }\nmachines:";
    let factory = LIVE.replace("machines:", far).replace(", approval: true", "");
    folder.write("factory.yaml", factory.replace("cycle: { by", "asset: heater\n    cycle: { by"));
    folder.write("plant.yaml", include_str!("../../../../../examples/chemical-plant.yaml"));
    folder
}

#[test]
fn an_open_alert_is_shown_with_everything_that_is_known_of_it() {
    let folder = live_in_plant();
    let (mut running, address) = start_live_with(&folder, &["--system", "plant.yaml"]);
    post_slow_cycle(&address);
    let database = anshin_field::records::address(std::path::Path::new(&folder.path("monitor-state")));
    let (machines, others) = until(|| {
        let records = anshin_field::records::Records::open(&database).expect("it is there");
        let shown = (records.shown().expect("it can be read"), records.shown_others().expect("it can be"));
        let is_all = !shown.1.is_empty() && shown.0.iter().any(|one| one.alerts.len() == 2);
        if is_all { Ok(shown) } else { Err(format!("{shown:#?}")) }
    });
    let status = || folder.run(&["monitor", "status", "--lang", "ja"]).ends_with(0);
    let status = until(|| {
        let status = status();
        let is_all = status.out.contains("動作が遅い") && status.out.contains("far: データが届かない");
        if is_all { Ok(status) } else { Err(status.out) }
    });
    status.prints(&[
        "溶接ロボット (robot)\n",
        "  動作が遅い  開始 2026-04-01 08:36:00 JST\n",
        "    測定値 30.0 s（+50.0 %）、基準 20.0 s\n",
        "    考えられる原因\n    - 制御プログラム",
        "    最初に確かめること\n    - オーバーライド",
        "    システムを構成する機器: ",
        "    - 危険: ",
        "    - リスクシナリオ heater",
        "    確認したら: anshin monitor acknowledge robot too-slow --by 名前\n",
        "    入力元「far」につながりません（",
    ]);
    running.kill();
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
    assert!(far.says.ja.starts_with("入力元「far」につながりません（"), "{far:?}");
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
    let status_when = |lang: &str, is_so: &dyn Fn(&str) -> bool| {
        until(|| {
            let status = folder.run(&["monitor", "status", "--lang", lang]).ends_with(0);
            if is_so(&status.out) { Ok(status) } else { Err(status.out) }
        })
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
    running.kill();
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
