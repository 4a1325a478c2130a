//! What people ask of it while it runs.

use super::*;

#[test]
fn a_wrong_reference_is_forgotten_while_the_monitor_runs() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let (mut running, address) = start_live(&folder);
    post_cycles(&address, 0, 60);
    let mut said = running.output();
    let mut line = String::new();
    while !line.contains("\"number\":9") {
        line.clear();
        assert!(said.read_line(&mut line).expect("it goes on") > 0, "it has ended");
    }
    let tells = |part: &str| {
        until(|| {
            let status = folder.run(&["monitor", "status"]).ends_with(0).out;
            if status.contains(part) { Ok(()) } else { Err(status) }
        });
    };
    tells("robot");
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
    tells("no reference yet");
    let log = folder.read("monitor-state/alerts.jsonl");
    assert_eq!(log.matches("\"request\":\"forget\"").count(), 1, "one of the two fits: {log}");
    running.kill();
}

/// Whoever reaches the database of a monitor speaks to it, wherever its folder is.
#[test]
fn a_monitor_that_watches_alone_is_spoken_to_by_its_database() {
    let folder = Folder::new();
    folder.write("factory.yaml", LIVE);
    let database = format!("sqlite:{}", folder.path("monitor-state/records.sqlite").display());
    let run = |command: &[&str]| folder.run(&[&["monitor"], command, &["--database", &database]].concat());
    let tells = |parts: &[&str]| {
        until(|| {
            // Nobody has shown anything in the first moment.
            let said = run(&["status"]).out;
            match parts.iter().find(|part| !said.contains(**part)) {
                Some(part) => Err(format!("`{part}` is not in\n{said}")),
                None => Ok(()),
            }
        });
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
    running.stop();
    tells(&["monitor monitor  ended 20", "  state not known; last producing, since 2026-04-01"]);
    run(&["maintain", "robot", "--minutes", "5", "--by", "Sato", "--lang", "ja"]).ends_with(0).says(&[
        "`monitor`の監視からは20",
        "から知らせが届いていません。依頼はデータベースに残し、監視が動いたときに取り上げます",
    ]);
    let (mut running, _) = start_live(&folder);
    tells(&["monitor monitor  judges 1 machine", "  maintained until 20"]);
    running.kill();
}
