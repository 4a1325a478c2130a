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
        "`robto`という機械、グループ、入力元の記録はありません。`robot`のことですか（記録にあるもの: robot）",
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

/// Maintenance is planned ahead by whoever asks for it, and what the configuration plans ends for its rest; both stay
/// so where the monitor is started again.
#[test]
fn maintenance_is_planned_ahead_and_ended_for_its_rest() {
    let folder = Folder::new();
    // The overhaul of last week and this one, whichever day it is.
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").expect("the zone is known");
    let now = jiff::Timestamp::now().to_zoned(zone);
    let day = |n: i64| now.date().saturating_add(jiff::Span::new().days(n));
    let dates: Vec<String> = (-3..=3).map(|n| day(n).to_string()).collect();
    let plan = format!(
        "maintenance:\n  - {{ dates: [{}], from: \"00:00\", to: \"24:00\" }}\nmachines:",
        dates.join(", ")
    );
    folder.write("factory.yaml", LIVE.replace("machines:", &plan));
    let mut running = start_live(&folder).0;
    let until_said = |is_so: &dyn Fn(&str) -> bool| {
        until(|| {
            let said = folder.run(&["monitor", "status"]).ends_with(0).out;
            let said: Vec<&str> = said.lines().filter(|line| line.contains("maint")).collect();
            let said = said.join("\n");
            if is_so(&said) { Ok(()) } else { Err(said) }
        });
    };
    let shows = |wanted: &[&str]| until_said(&|said| said == wanted.join("\n"));
    let ask = |words: &[&str]| {
        let all = [&["monitor", "maintain", "robot", "--by", "Sato"], words].concat();
        folder.run(&all).ends_with(0).says(&["the monitor has been told"]);
    };
    let overhaul = format!("  maintained until {} 00:00:00 JST", day(4));
    shows(&[&overhaul]);
    ask(&["--minutes", "0"]);
    shows(&[]);

    // The next one is told; what is asked for now ends sooner and has nothing to do with it.
    ask(&["--from", "2099-04-01T22:00", "--to", "2099-04-01T23:30"]);
    ask(&["--from", "2099-05-01", "--to", "2099-05-02"]);
    let next = "  next maintenance from 2099-04-01 22:00:00 JST until 2099-04-01 23:30:00 JST";
    shows(&[next]);
    ask(&["--minutes", "5"]);
    until_said(&|said| said.contains("  maintained until 20") && said.contains(next));
    running.kill();
    running = start_live(&folder).0;
    // Whatever it has kept by now it has found itself.
    std::thread::sleep(Duration::from_secs(3));
    until_said(&|said| {
        said.contains("  maintained until 20") && said.contains(next) && !said.contains(&overhaul)
    });
    ask(&["--minutes", "0"]);
    shows(&[next]);
    ask(&["--from", "2099-04-01T22:00", "--minutes", "0"]);
    shows(&["  next maintenance from 2099-05-01 00:00:00 JST until 2099-05-03 00:00:00 JST"]);
    ask(&["--from", "2099-05-01T12:00", "--minutes", "0"]);
    shows(&["  next maintenance from 2099-05-01 00:00:00 JST until 2099-05-01 12:00:00 JST"]);

    // It begins and ends by itself, and the log tells what was asked for and what is over.
    let soon = |seconds: i64| {
        let at = now.timestamp()
            + now.duration_until(&jiff::Zoned::now())
            + jiff::SignedDuration::from_secs(seconds);
        at.to_zoned(now.time_zone().clone()).strftime("%FT%T").to_string()
    };
    ask(&["--from", &soon(3), "--to", &soon(6)]);
    until_said(&|said| said.contains("  maintained until 20"));
    until_said(&|said| !said.contains("  maintained until 20"));
    let log = folder.read("monitor-state/alerts.jsonl");
    let kinds: Vec<&str> = log
        .lines()
        .filter_map(|line| {
            ["\"from\":", "maintenance-over", "\"maintenance\""].into_iter().find(|kind| line.contains(kind))
        })
        .collect();
    let (plan, now_, over) = ("\"from\":", "\"maintenance\"", "maintenance-over");
    assert_eq!(kinds, [now_, plan, plan, now_, now_, plan, plan, plan, over], "{log}");

    // What cannot be meant is not asked.
    for (words, wrong) in [
        (
            &["--from", "2099-04-02", "--to", "2099-04-01T08:00"][..],
            "`--from` (2099-04-02) is after `--to` (2099-04-01T08:00); exchange them",
        ),
        (&["--to", "2020-04-01"], "`--to` (2020-04-01) has passed; write a time that is still to come"),
        (
            &["--from", "2020-04-01T08:00"],
            "`--from` (2020-04-01T08:00) has passed; write a time that is still to come",
        ),
        (&["--from", "22:00"], "`22:00` is no time; write it as 2026-04-01 or 2026-04-01T08:30"),
        (&["--to", "2099-04-01", "--minutes", "30"], "--minutes"),
    ] {
        let all = [&["monitor", "maintain", "robot", "--by", "Sato"], words].concat();
        folder.run(&all).ends_with(2).says(&[wrong]);
    }
    running.kill();
}
