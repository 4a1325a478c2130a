//! Recordings as small factories in Japan have them, with what `init` proposes for each and nothing changed by
//! hand: the cycles that were played are found, and healthy ones raise no alarm.

#![expect(clippy::cast_precision_loss, reason = "recordings have some thousand rows")]

use std::fmt::Write as _;

use anshin_model::Lang;
use anshin_monitor::cycle::Cycle;
use anshin_monitor::propose::{self, Found, Table};
use anshin_monitor::utilisation::Times;
use anshin_monitor::{Monitor, Said, config};
use jiff::SignedDuration;
use jiff::civil::DateTime;
use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Parts that are made: when each begins and ends, in seconds from the beginning, and the power at each second.
struct Played {
    parts: Vec<[f64; 2]>,
    watts: Vec<f64>,
}

/// A machine makes parts with one power, and rests between them with another.
fn play(parts: usize, work: f64, rest: [f64; 2], watts: [f64; 2]) -> Played {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut chance = move || f64::from(random.next_u32()) / f64::from(u32::MAX);
    let mut played = Played { parts: Vec::new(), watts: Vec::new() };
    let lasts = |watts: &mut Vec<f64>, seconds: f64, power: f64, chance: &mut dyn FnMut() -> f64| {
        let until = watts.len() as f64 + seconds.round();
        while (watts.len() as f64) < until {
            watts.push(power * (0.97 + 0.06 * chance()));
        }
    };
    for _ in 0..parts {
        let seconds = rest[0] + (rest[1] - rest[0]) * chance();
        lasts(&mut played.watts, seconds, watts[0], &mut chance);
        let begin = played.watts.len() as f64;
        lasts(&mut played.watts, work * (0.99 + 0.02 * chance()), watts[1], &mut chance);
        played.parts.push([begin, played.watts.len() as f64]);
    }
    lasts(&mut played.watts, rest[1], watts[0], &mut chance);
    played
}

const BEGAN: &str = "2026-04-01T08:00:00";

/// The moment some seconds after the beginning, as `strftime` writes it.
fn at(seconds: f64, form: &str) -> String {
    after(BEGAN, seconds, form)
}

/// The moment some seconds after another one, as `strftime` writes it.
fn after(began: &str, seconds: f64, form: &str) -> String {
    let began: DateTime = began.parse().expect("a moment");
    let moment = began.checked_add(SignedDuration::from_secs_f64(seconds)).expect("a moment");
    moment.strftime(form).to_string()
}

fn shift_jis(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

/// A table with a row for each second.
fn rows(played: &Played, row: impl Fn(f64, f64) -> String) -> String {
    played.watts.iter().enumerate().map(|(n, watts)| row(n as f64, *watts) + "\r\n").collect()
}

/// What was proposed, the cycles that it finds, and the alerts.
fn watch(recording: &[u8]) -> (String, Vec<Cycle>, usize) {
    watch_named("press", recording)
}

/// The same of a file with a name.
fn watch_named(file: &str, recording: &[u8]) -> (String, Vec<Cycle>, usize) {
    let table = Table::read(file, recording).unwrap_or_else(|error| panic!("{error:?}"));
    let found = Found { tables: vec![table], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let loaded = config::load("factory.yaml", &text);
    let configuration = loaded.configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics));
    let mut monitor = Monitor::new(&configuration);
    let (mut cycles, mut alerts) = (Vec::new(), 0);
    let mut take = |_: usize, said: Said| match said {
        Said::Cycle(cycle, _) => cycles.push(cycle),
        Said::Alert(_) => alerts += 1,
    };
    let skipped = monitor.replay(0, recording, &mut take).unwrap_or_else(|error| panic!("{text}\n{error:?}"));
    monitor.finish(&mut take);
    assert_eq!(skipped.skipped, 0, "{text}\n{:?}", skipped.why);
    (text, cycles, alerts)
}

/// What is wrong with what is found of a recording.
fn lacks(name: &str, recording: &[u8], played: &Played, near: f64) -> Option<String> {
    let (text, ..) = watch(recording);
    let began = if text.contains("1970-01-01") { "1970-01-01T00:00:00" } else { BEGAN };
    lacks_from(began, name, recording, played, near)
}

/// What is wrong with what is found of a recording that began at a moment.
fn lacks_from(began: &str, name: &str, recording: &[u8], played: &Played, near: f64) -> Option<String> {
    lacks_of("press", began, name, recording, played, near)
}

/// The same of a file with a name.
fn lacks_of(
    file: &str,
    began: &str,
    name: &str,
    recording: &[u8],
    played: &Played,
    near: f64,
) -> Option<String> {
    let (text, cycles, alerts) = watch_named(file, recording);
    let began = anshin_monitor::Time::parse(&format!("{began}+09:00")).expect("a moment");
    let is_found = |[begin, end]: &&[f64; 2]| {
        cycles.iter().any(|cycle| {
            (cycle.start.since(began) - begin).abs() <= near && (cycle.end.since(began) - end).abs() <= near
        })
    };
    let found = played.parts.iter().filter(is_found).count();
    let is_right = found == played.parts.len() && cycles.len() == found && alerts == 0;
    let shown: Vec<String> = cycles
        .iter()
        .take(4)
        .map(|cycle| format!("{:.1}..{:.1}", cycle.start.since(began), cycle.end.since(began)))
        .collect();
    (!is_right).then(|| {
        format!(
            "{name}: {found} of {} parts, {} cycles {shown:?}, {alerts} alerts; played {:?}\n{text}",
            played.parts.len(),
            cycles.len(),
            &played.parts[..2]
        )
    })
}

/// Ten recordings, and how far a cycle may be off in seconds.
fn recordings() -> Vec<(&'static str, Vec<u8>, Played, f64)> {
    let mut all = Vec::new();
    let mut add = |name, bytes: Vec<u8>, played: Played, near| all.push((name, bytes, played, near));

    let mill = || play(12, 120.0, [30.0, 60.0], [300.0, 2_200.0]);
    let press = || play(30, 12.0, [8.0, 14.0], [400.0, 3_000.0]);

    let played = mill();
    let head = "機種名,多点データロガー\r\n測定開始日時,2026/04/01 08:00:00\r\nサンプリング周期,1s\r\n\r\nCH番号,CH1-1,CH1-2,\r\n日時,主軸電力,盤内温度,アラーム\r\n,kW,℃,\r\n";
    let table = rows(&played, |n, watts| {
        format!("{},{:.3},{:.1},", at(n, "%Y/%m/%d %H:%M:%S"), watts / 1e3, 31.0 + n / 1e3)
    });
    add(
        "a logger with several lines of head in Shift JIS",
        shift_jis(&(head.to_owned() + table.as_str())),
        played,
        2.0,
    );

    let played = mill();
    let head = "\"測定器\",\"クランプオンパワーロガー\"\r\n\"シリアル番号\",\"123456789\"\r\n\"Date\",\"Time\",\"U1[V]\",\"I1[A]\",\"P1[kW]\",\"PF1\",\"WP+1[kWh]\"\r\n";
    let table = rows(&played, |n, watts| {
        format!(
            "\"{}\",\"{}\",\"202.1\",\"{:.2}\",\"{:.4}\",\"0.81\",\"{:.4}\"",
            at(n, "%Y/%m/%d"),
            at(n, "%H:%M:%S"),
            watts / 164.0,
            watts / 1e3,
            n / 3.6e3
        )
    });
    add("a power logger with quoted cells", shift_jis(&(head.to_owned() + table.as_str())), played, 2.0);

    let played = mill();
    let table =
        rows(&played, |n, watts| format!("{},{},{:.0}", at(n, "%Y年%-m月%-d日"), at(n, "%-H:%M:%S"), watts));
    add(
        "a spreadsheet with 年月日 and 時刻 apart",
        shift_jis(&format!("年月日,時刻,消費電力(Ｗ)\r\n{table}")),
        played,
        2.0,
    );

    let played = mill();
    let thousands = |watts: f64| {
        let whole = format!("{watts:.0}");
        match whole.len().checked_sub(3) {
            Some(at @ 1..) => format!("\"{},{}\"", &whole[..at], &whole[at..]),
            _ => whole,
        }
    };
    let table: String = {
        let all = rows(&played, |n, watts| format!("{},{}", at(n, "%Y/%m/%d %H:%M:%S"), thousands(watts)));
        all.lines().rev().map(|line| line.to_owned() + "\r\n").collect()
    };
    add(
        "newest row first, with thousands",
        format!("\u{feff}日時,電力(W)\r\n{table}").into_bytes(),
        played,
        2.0,
    );

    let played = mill();
    let table = rows(&played, |n, watts| format!("{},{:.1} W", at(n, "%Y/%-m/%-d %-H:%M"), watts));
    add(
        "times without seconds, and units in cells",
        format!("日時,有効電力\r\n{table}").into_bytes(),
        played,
        3.0,
    );

    let played = press();
    let table = rows(&played, |n, watts| format!("{n:.1},{:.2}", watts / 173.0));
    add(
        "seconds from the beginning, and a current alone",
        format!("経過時間(s),電流(A)\r\n{table}").into_bytes(),
        played,
        2.0,
    );

    let played = press();
    let table = rows(&played, |n, watts| {
        let third = watts / 519.0;
        format!("{};{:.2};{:.2};{:.2}", at(n, "%d.%m.%Y %H:%M:%S"), third, third * 0.98, third * 1.02)
            .replace('.', ",")
            .replacen(',', ".", 2)
    });
    add(
        "three phases in A, a comma for a point and the day first",
        format!("Zeit;I L1 [A];I L2 [A];I L3 [A]\r\n{table}").into_bytes(),
        played,
        2.0,
    );

    // A controller that says whether it runs, counts what was made, and names the job.
    let played = press();
    let mut table = String::from("時刻,運転中,生産数,品番\r\n");
    for (n, [begin, end]) in played.parts.iter().enumerate() {
        let job = if n < 15 { "A-100" } else { "B-200" };
        let _ = write!(
            table,
            "{},1,{n},{job}\r\n{},0,{},{job}\r\n",
            at(*begin, "%Y/%m/%d %H:%M:%S"),
            at(*end, "%Y/%m/%d %H:%M:%S"),
            n + 1
        );
    }
    add("events of a controller", shift_jis(&table), played, 0.5);

    // Energy is counted, and the program is known: what a cycle takes is a difference.
    let played = mill();
    let mut counted = 1_000.0;
    let mut table = String::from("日時,自動運転中,積算電力量(kWh)\r\n");
    for (n, watts) in played.watts.iter().enumerate() {
        counted += watts / 3.6e6;
        let n = n as f64;
        let runs = played.parts.iter().any(|[begin, end]| (*begin..*end).contains(&n));
        let _ = write!(
            table,
            "{},{},{counted:.4}\r\n",
            at(n, "%Y/%m/%d %H:%M:%S"),
            if runs { "ON" } else { "OFF" }
        );
    }
    add("a counter of energy and a running program", shift_jis(&table), played, 2.0);

    let played = mill();
    let table = rows(&played, |n, watts| {
        format!(
            "{},{:.1},{:.1},{:.1}",
            at(n, "%Y-%m-%dT%H:%M:%S+09:00"),
            watts * 0.34,
            watts * 0.33,
            watts * 0.33
        )
    });
    add(
        "power of three phases",
        format!("timestamp,電力R相(W),電力S相(W),電力T相(W)\r\n{table}").into_bytes(),
        played,
        2.0,
    );
    all
}

#[test]
fn what_is_proposed_for_the_recordings_of_a_small_factory_is_right() {
    let lacking: Vec<String> = recordings()
        .iter()
        .filter_map(|(name, bytes, played, near)| lacks(name, bytes, played, *near))
        .collect();
    assert!(lacking.is_empty(), "{} lack:\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn where_nothing_is_found_it_is_said_what_was_seen() {
    let weather = "日時,気温,湿度\n2026/4/1 8:00,21.5,40\n2026/4/1 8:01,21.6,41\n";
    let (text, machines) = watch_nothing(weather);
    assert_eq!(machines, 0);
    for part in
        ["machines: []", "no value tells cycles", "press: 気温 = 21.6", "kind: csv, time: { column: \"日時\""]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (text, ..) = watch_nothing("日時,積算電力量(kWh)\n2026/4/1 8:00,21.5\n2026/4/1 8:01,21.6\n");
    assert!(text.contains("energy alone does not tell cycles"), "{text}");
    for (recording, told) in [
        ("日時,電力\n", "there are no rows below the head (line 1)"),
        ("", "the file is empty"),
        ("2026/4/1 8:00:00,5\n2026/4/1 8:00:01,6\n", "no line names the columns"),
    ] {
        let error = Table::read("press", recording.as_bytes()).expect_err(told).to_string();
        assert!(error.contains(told), "{error}");
    }
}

/// Whether a number is one of seconds or of milliseconds, its size tells where its name does not.
#[test]
fn times_since_1970_are_known_by_their_size() {
    for (name, factor, form) in [
        ("timestamp", 1e3, "milliseconds"),
        ("ts", 1e3, "milliseconds"),
        ("time", 1.0, "seconds"),
        ("time_ms", 1e3, "milliseconds"),
        ("timestamp_us", 1e6, "microseconds"),
        ("time", 1e9, "nanoseconds"),
    ] {
        let played = play(12, 120.0, [30.0, 60.0], [300.0, 2_200.0]);
        let began: DateTime = BEGAN.parse().expect("a moment");
        let began = began.in_tz("Asia/Tokyo").expect("a zone").timestamp().as_second() as f64;
        let table = rows(&played, |n, watts| format!("{:.0},{watts:.0}", (began + n) * factor));
        let recording = format!("{name},power\r\n{table}");
        let (text, ..) = watch(recording.as_bytes());
        assert!(text.contains(&format!("time: {{ column: {name:?}, form: {form} }}")), "{text}");
        assert_eq!(lacks(name, recording.as_bytes(), &played, 2.0), None);
    }
}

#[test]
fn dates_are_read_in_the_order_that_all_of_them_tell() {
    let mill = || play(12, 120.0, [30.0, 60.0], [300.0, 2_200.0]);
    for (began, form, told) in [
        (
            "2022-10-26T08:00:00",
            "%d/%m/%Y %H:%M:%S",
            "order: day-month-year } }  # dates such as `26/10/2022` fit",
        ),
        (
            "2022-10-26T21:50:00",
            "%m/%d/%Y %I:%M:%S %p",
            "order: month-day-year } }  # dates such as `10/26/2022` fit",
        ),
        (
            "2026-10-31T23:50:00",
            "%y/%m/%d %H:%M:%S",
            "order: year-month-day } }  # dates such as `26/10/31` follow",
        ),
        (
            "2022-10-05T23:50:00",
            "%d.%m.%y %H:%M:%S",
            "order: day-month-year } }  # dates such as `05.10.22` follow",
        ),
        (
            "2022-10-05T23:50:00",
            "%-m/%-d/%Y %H:%M:%S",
            "order: month-day-year } }  # dates such as `10/5/2022` follow",
        ),
        (
            "2022-10-05T08:00:00",
            "%d/%m/%Y %H:%M:%S",
            "} }  # a mere guess: dates such as `05/10/2022` do not tell",
        ),
    ] {
        let played = mill();
        let table = rows(&played, |n, watts| format!("{},{watts:.0}", after(began, n, form)));
        let recording = format!("日時,電力(W)\r\n{table}").into_bytes();
        assert_eq!(lacks_from(began, form, &recording, &played, 2.0), None);
        let (text, ..) = watch(&recording);
        assert!(text.contains(told), "{told}: {text}");
    }
    // However long a recording is, all of it tells the order.
    let mut rows = String::new();
    for (day, n) in (0..40).flat_map(|day| (0..30).map(move |n| (day, n))) {
        let watts = if n % 10 < 7 { 2_000 } else { 300 };
        let at = after("2026-04-01T08:00:00", f64::from(day * 86_400 + n * 20), "%d/%m/%Y,%T");
        write!(rows, "{at},{watts}\r\n").expect("a string grows");
    }
    let (text, ..) = watch(format!("日付,時刻,電力(W)\r\n{rows}").as_bytes());
    assert!(text.contains("column: [\"日付\", \"時刻\"], form: rfc3339, order: day-month-year"), "{text}");
}

#[test]
fn times_without_a_date_go_on_over_midnight() {
    let mill = || play(12, 120.0, [30.0, 60.0], [300.0, 2_200.0]);
    let began = "2026-04-01T23:50:00";
    for (head, form, name, told) in [
        ("測定日,2026/4/1\r\n時刻,電力(W)\r\n", "%H:%M:%S", "press", "from: \"2026-04-01\""),
        ("time,power\r\n", "%I:%M:%S %p", "press_20260401", "from: \"2026-04-01\""),
        ("時刻,電力\r\n", "%-H時%M分%S秒", "log 2026-04-01", "from: \"2026-04-01\""),
    ] {
        let played = mill();
        let table = rows(&played, |n, watts| format!("{},{watts:.0}", after(began, n, form)));
        let recording = format!("{head}{table}").into_bytes();
        let (text, ..) = watch_named(name, &recording);
        assert!(text.contains(&format!("form: time-of-day, {told}")), "{text}");
        assert_eq!(lacks_of(name, began, form, &recording, &played, 2.0), None);
    }
    let (text, ..) = watch("時刻,電力\r\n8:30,100\r\n8:31,2000\r\n8:32,100\r\n".as_bytes());
    assert!(
        text.contains("from: \"1970-01-01\"") && text.contains("write the date of the first row"),
        "{text}"
    );
    // What counts from the beginning is no time of day.
    let (text, ..) = watch("time,power\r\n0:00:00,100\r\n0:00:01,2000\r\n0:00:02,100\r\n".as_bytes());
    assert!(text.contains("form: seconds, from:"), "{text}");
}

/// What is proposed for a recording, and what each machine of it does: its name, its cycles, how many alerts.
fn machines(file: &str, recording: &[u8]) -> (String, Vec<(String, Vec<Cycle>, usize)>) {
    let table = Table::read(file, recording).unwrap_or_else(|error| panic!("{error:?}"));
    let found = Found { tables: vec![table], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let loaded = config::load("factory.yaml", &text);
    assert!(loaded.diagnostics.is_empty(), "{text}\n{:?}", loaded.diagnostics);
    let configuration = loaded.configuration.expect("it is right");
    let mut monitor = Monitor::new(&configuration);
    let names = configuration.machines.iter().map(|machine| machine.name.get(Lang::Ja).to_owned());
    let mut all: Vec<(String, Vec<Cycle>, usize)> = names.map(|name| (name, Vec::new(), 0)).collect();
    let mut take = |n: usize, said: Said| match said {
        Said::Cycle(cycle, _) => all[n].1.push(cycle),
        Said::Alert(_) => all[n].2 += 1,
    };
    monitor.replay(0, recording, &mut take).unwrap_or_else(|error| panic!("{text}\n{error:?}"));
    monitor.finish(&mut take);
    (text, all)
}

/// Two machines at work, each in its own way, for the same time.
fn two() -> [Played; 2] {
    let mut two =
        [play(12, 120.0, [30.0, 60.0], [300.0, 2_200.0]), play(60, 12.0, [8.0, 14.0], [400.0, 3_000.0])];
    let seconds = two.iter().map(|played| played.watts.len()).min().unwrap_or_default();
    for played in &mut two {
        // Both end at rest.
        played.parts.retain(|[_, end]| *end + 5.0 < seconds as f64);
        let last = played.parts.last().map_or(0.0, |[_, end]| *end);
        played.watts.truncate(seconds);
        let rest = played.watts[0];
        played
            .watts
            .iter_mut()
            .enumerate()
            .filter(|(n, _)| *n as f64 >= last)
            .for_each(|(_, watts)| *watts = rest);
    }
    two
}

/// Whether each machine has the cycles of what was played, in the order of the names, and no alert.
fn is_each_right(found: &[(String, Vec<Cycle>, usize)], names: [&str; 2], played: &[Played; 2]) -> bool {
    let began = anshin_monitor::Time::parse(&format!("{BEGAN}+09:00")).expect("a moment");
    let is_right = |(name, cycles, alerts): &(String, Vec<Cycle>, usize),
                    (wanted, played): (&str, &Played)| {
        let near = |one: f64, other: f64| (one - other).abs() <= 2.0;
        let fits = |(cycle, [begin, end]): (&Cycle, &[f64; 2])| {
            near(cycle.start.since(began), *begin) && near(cycle.end.since(began), *end)
        };
        name == wanted
            && *alerts == 0
            && cycles.len() == played.parts.len()
            && cycles.iter().zip(&played.parts).all(fits)
    };
    found.len() == 2
        && found.iter().zip(names.into_iter().zip(played)).all(|(found, wanted)| is_right(found, wanted))
}

#[test]
fn columns_of_several_machines_are_a_machine_each() {
    let at = |n: usize| at(n as f64, "%Y/%m/%d %H:%M:%S");
    for (file, head, names, unused) in [
        ("電力", "日時,1号機,2号機", ["1号機", "2号機"], None),
        ("hall", "time,press1_power,press2_power,室温", ["press1", "press2"], Some("室温 = 21.5")),
        ("hall", "日時,電力(1号機),電力(2号機),電力(合計)", ["1号機", "2号機"], Some("電力(合計) = 21.5")),
        ("hall", "日時,プレス電力[W],旋盤電力[W],備考", ["プレス", "旋盤"], Some("備考 = 21.5")),
        ("hall", "日時,A号機 有効電力,B号機 有効電力", ["A号機", "B号機"], None),
    ] {
        let played = two();
        let rows: String = played[0].watts.iter().zip(&played[1].watts).enumerate().fold(
            String::new(),
            |rows, (n, (one, other))| {
                let more = if unused.is_some() { ",21.5" } else { "" };
                rows + &format!("{},{one:.0},{other:.0}{more}\r\n", at(n))
            },
        );
        let (text, found) = machines(file, &shift_jis(&format!("{head}\r\n{rows}")));
        assert!(is_each_right(&found, names, &played), "{head}: {found:#?}\n{text}");
        let told = format!("the names of the columns tell 2 machines: {}, {}", names[0], names[1]);
        assert!(text.contains(&told), "{told}: {text}");
        if let Some(unused) = unused {
            assert!(text.contains("columns that are not used") && text.contains(unused), "{text}");
        }
    }
    // A machine that is measured in several ways is one.
    let (_, found) = machines(
        "press",
        "日時,プレス電力,プレス電流,主軸負荷\n2026/4/1 8:00:00,5,1,2\n2026/4/1 8:00:01,6,1,2\n".as_bytes(),
    );
    assert_eq!(found.len(), 1);
    // What is called as machines may as well tell whether they run, or what the file is called.
    let rows = "2026/4/1 8:00:00,運転,停止\n2026/4/1 8:00:10,停止,運転\n2026/4/1 8:00:20,運転,停止\n";
    let (text, found) = machines("稼働", format!("日時,1号機,2号機\n{rows}").as_bytes());
    assert!(found.len() == 2 && text.contains("by: running"), "{text}");
    let rows = "2026/4/1 8:00:00,5.5,2\n2026/4/1 8:00:01,6.5,2\n";
    let (text, _) = machines("電流", format!("日時,1号機,2号機\n{rows}").as_bytes());
    assert!(text.contains("unit: Ah") && !text.contains("count as its power"), "{text}");
}

#[test]
fn rows_of_several_machines_are_a_machine_for_each_value() {
    let played = two();
    let rows = |names: [&str; 2]| -> String {
        let rows = played[0].watts.iter().zip(&played[1].watts).enumerate();
        rows.fold(String::new(), |rows, (n, (one, other))| {
            let at = at(n as f64, "%Y-%m-%d %H:%M:%S");
            rows + &format!("{at},{},{one:.0},31\r\n{at},{},{other:.0},32\r\n", names[0], names[1])
        })
    };
    for (head, values, names, column) in [
        ("日時,設備,電力(W),油温", ["プレス", "旋盤"], ["プレス", "旋盤"], "設備"),
        ("timestamp,machine,power,temp", ["press-1", "press-2"], ["press-1", "press-2"], "machine"),
        ("記録日時,機器ID,有効電力,温度", ["1", "2"], ["機器ID 1", "機器ID 2"], "機器ID"),
    ] {
        let recording = format!("{head}\r\n{}", rows(values));
        let (text, found) = machines("hall", recording.as_bytes());
        assert!(is_each_right(&found, names, &played), "{head}: {found:#?}\n{text}");
        let unused = head.rsplit(',').next().unwrap_or_default();
        for told in [
            format!("topic: \"{column}\" }}"),
            format!("topic: \"{}\", take:", values[0]),
            format!("each value of column `{column}` counts as a machine: {}, {}", names[0], names[1]),
            format!("#   {unused} = 32"),
        ] {
            assert!(text.contains(&told), "{told}: {text}");
        }
    }
    // Where all rows are of the same machine, nothing is to be told apart.
    let (text, found) =
        machines("hall", format!("日時,設備,電力(W),油温\r\n{}", rows(["A", "A"])).as_bytes());
    assert!(found.len() == 1 && !text.contains("topic:"), "{text}");
    // Too many are not all proposed, which is said.
    let rows: String = (0..60).fold(String::new(), |rows, n| {
        rows + &format!("2026/4/1 8:00:{n:02},M{n},1500\n2026/4/1 8:01:{n:02},M{n},20\n")
    });
    let (text, found) = machines("hall", format!("日時,装置名,電力\n{rows}").as_bytes());
    assert!(found.len() == 50 && text.contains("there are more machines: 50 are proposed"), "{text}");
}

/// The lamp on a machine: green while it works, else amber; red never.
#[test]
fn the_lamp_on_a_machine_is_proposed_for_its_utilisation() {
    let played = play(12, 120.0, [30.0, 60.0], [0.0, 1.0]);
    let works = |n: usize| played.parts.iter().any(|[begin, end]| (*begin..*end).contains(&(n as f64)));
    let table = |lit: [&dyn Fn(usize, bool) -> String; 3]| {
        (0..played.watts.len()).fold(String::new(), |rows, n| {
            let lights = [lit[0](n, works(n)), lit[1](n, !works(n)), lit[2](n, false)];
            rows + &format!("{},{}\r\n", at(n as f64, "%Y/%m/%d %H:%M:%S"), lights.join(","))
        })
    };
    let words =
        |on: &'static str, off: &'static str| move |_: usize, is: bool| if is { on } else { off }.to_owned();
    let (one, two) = (words("1", "0"), words("点灯", "消灯"));
    let lux = |n: usize, is: bool| if is { 410 + n % 9 } else { 3 + n % 4 }.to_string();
    for (head, rows, on) in [
        ("日時,緑,黄,赤", table([&one, &one, &one]), ""),
        ("日時,パトライト緑,パトライト黄,パトライト赤", table([&two, &two, &two]), ""),
        ("time,green,amber,red", table([&words("on", "off"), &words("ON", "OFF"), &one]), ""),
        ("time,lamp_green(lx),lamp_yellow(lx),lamp_red(lx)", table([&lux, &lux, &lux]), "on: "),
    ] {
        let recording = format!("{head}\r\n{rows}");
        let table = Table::read("press", recording.as_bytes()).expect("a table");
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        let loaded = config::load("factory.yaml", &text);
        assert!(loaded.diagnostics.is_empty(), "{text}\n{:?}", loaded.diagnostics);
        let configuration = loaded.configuration.expect("it is right");
        assert!(text.contains("states: { by: lamp }") && !text.contains("cycle:"), "{text}");
        let mut monitor = Monitor::new(&configuration);
        monitor.replay(0, recording.as_bytes(), |_, _| {}).expect("it can be read");
        monitor.finish(|_, _| {});
        let producing: f64 =
            monitor.machines()[0].utilisation().days().values().map(|times| times.producing).sum();
        let worked: f64 = played.parts.iter().map(|[begin, end]| end - begin).sum();
        assert!((producing - worked).abs() <= 30.0, "{head}: {producing} s, {worked} s\n{text}");
        let bounds: Vec<f64> = text
            .lines()
            .filter_map(|line| line.split_once(", on: ")?.1.split([' ', '}']).next()?.parse().ok())
            .collect();
        assert_eq!(bounds.len(), if on.is_empty() { 0 } else { 3 }, "{text}");
        assert!(bounds.iter().all(|on| (10.0..400.0).contains(on)), "{text}");
    }
}

/// A count that goes on by one tells cycles; one that is told now and then leaves them to power.
#[test]
fn a_count_of_parts_tells_cycles_where_it_goes_on_by_one_and_power_shows_no_parts() {
    let played = play(40, 12.0, [8.0, 14.0], [400.0, 3_000.0]);
    let made = |n: f64| played.parts.iter().filter(|[_, end]| *end <= n).count();
    for (name, each, is_steady, by) in [
        ("ショット数", 1, true, "by: number"),
        ("parts", 1, true, "by: number"),
        ("ショット数", 1, false, "by: power"),
        ("parts", 1, false, "by: power"),
        ("生産数", 5, false, "by: power"),
    ] {
        let table = rows(&played, |n, watts| {
            let watts = if is_steady { 3_000.0 + n % 7.0 } else { watts };
            format!("{},{watts:.0},{},500", at(n, "%Y/%m/%d %H:%M:%S"), made(n) / each * each)
        });
        let (text, found) = machines("press", format!("日時,電力,{name},計画数\r\n{table}").as_bytes());
        assert!(text.contains(by) && text.contains("#   計画数 = 500"), "{text}");
        assert_eq!(
            text.contains("each time the count went on there was one run"),
            !is_steady && each == 1,
            "{text}"
        );
        assert!(found[0].1.len().abs_diff(40) <= 1, "{} cycles\n{text}", found[0].1.len());
    }
}

/// What is proposed where there is no machine, and how many machines there are.
fn watch_nothing(recording: &str) -> (String, usize) {
    let table = Table::read("press", recording.as_bytes()).expect("a table");
    let found = Found { tables: vec![table], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let loaded = config::load("factory.yaml", &text);
    let configuration = loaded.configuration.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.diagnostics));
    (text, configuration.machines.len())
}

/// A robot of three axes: two hold weight, and what the third takes is chance.
fn robot(head: &str, row: impl Fn(usize, usize, [f64; 3]) -> String) -> String {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut chance = move || f64::from(random.next_u32()) / f64::from(u32::MAX);
    let mut text = format!("{head}\n");
    let mut waver = 0.0;
    for second in 0..40 * 30 {
        if second % 30 == 0 {
            waver = 6.0 * chance() - 3.0;
        }
        let axes =
            [-2.0 + 0.1 * chance(), 1.0 + 0.1 * chance(), if second % 2 == 0 { waver } else { -waver }];
        text += &row(second, second / 30 + 1, axes);
        text.push('\n');
    }
    text
}

#[test]
fn currents_of_axes_are_metered_where_nothing_else_is() {
    for names in [
        ["Current_J0", "Current_J1", "Current_J2"],
        ["I_axis1", "I_axis2", "I_axis3"],
        ["軸1電流", "軸2電流", "軸3電流"],
        ["X軸電流(A)", "Y軸電流(A)", "Z軸電流(A)"],
        ["actual_current_0", "actual_current_1", "actual_current_2"],
    ] {
        let head = |bound: &str| format!("time,{},{bound}", names.join(","));
        let row = |second: usize, axes: [f64; 3], bound: &str| {
            let [one, two, three] = axes;
            format!("{},{one:.3},{two:.3},{three:.3},{bound}", at(second as f64, "%Y-%m-%dT%H:%M:%S"))
        };
        let by_number = robot(&head("cycle"), |second, cycle, axes| row(second, axes, &cycle.to_string()));
        let (text, cycles, alerts) = watch(by_number.as_bytes());
        assert!(text.contains("meter: { kind: rate, unit: As, per: 1, most-gap: 60 }"), "{text}");
        let taken = format!("take: [\"{}\", \"{}\"], is: power, absolute: true", names[0], names[1]);
        assert!(text.contains(&taken), "{text}");
        assert!(text.contains(&format!("without `{}`", names[2])), "{text}");
        assert!(text.contains("tolerance: { duration: auto, quantity: auto }"), "{text}");
        assert_eq!(alerts, 0, "{text}");
        let taken = cycles[20].quantity.unwrap_or_default();
        assert!((taken - 90.0).abs() < 3.0, "{taken} As\n{text}");
        // Nobody counts cycles: all axes are taken, and the file says which to leave out.
        let running = |second: usize| if second % 30 < 25 { "RUN" } else { "STOP" };
        let by_running = robot(&head("status"), |second, _, axes| row(second, axes, running(second)));
        let (text, ..) = watch(by_running.as_bytes());
        let taken = format!("take: [\"{}\"], is: power, absolute: true", names.join("\", \""));
        assert!(text.contains(&taken) && text.contains("such as base and flange"), "{text}");
        // A power says more.
        let with_power = robot(&head("cycle,power_w"), |second, cycle, axes| {
            row(second, axes, &format!("{cycle},{}", 200 + second % 30))
        });
        let (text, ..) = watch(with_power.as_bytes());
        assert!(text.contains("take: \"power_w\", is: power }") && !text.contains("absolute"), "{text}");
    }
}

/// A row for each change, after pauses of many lengths.
fn changes(head: &str, cells: [&str; 2]) -> (String, f64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut text, mut now, mut worked) = (format!("{head}\n"), 0.0, 0.0);
    for n in 0..60 {
        let of_day = at(now, "%Y-%m-%dT%H:%M:%S");
        text += &[&of_day, ",", cells[n % 2], "\n"].concat();
        let usual = if n % 2 == 0 { 600.0 } else { 200.0 };
        let lasts = f64::round(usual * (0.5 + f64::from(random.next_u32()) / f64::from(u32::MAX)));
        worked += if n % 2 == 0 { lasts } else { 0.0 };
        now += lasts;
    }
    (text, worked)
}

#[test]
fn what_a_row_for_each_change_tells_holds_until_the_next_one() {
    for (head, cells) in [
        ("time,status", ["RUN", "STOP"]),
        ("日時,状態", ["運転", "停止"]),
        ("time,運転中", ["1", "0"]),
        ("time,red,yellow,green", ["0,0,1", "0,1,0"]),
    ] {
        let (recording, worked) = changes(head, cells);
        let table = Table::read("press", recording.as_bytes()).expect("a table");
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        assert!(text.contains("silent-after: 0  # there seems to be a row for each change"), "{text}");
        let watched = |text: &str| {
            let configuration = config::load("factory.yaml", text).configuration.expect("it is right");
            let mut monitor = Monitor::new(&configuration);
            monitor.replay(0, recording.as_bytes(), &mut |_, _| ()).expect("it can be read");
            monitor.finish(&mut |_, _| ());
            let days = monitor.machines()[0].utilisation().days();
            let of = |of: fn(&Times) -> f64| days.values().map(of).sum::<f64>();
            (of(|times| times.producing), of(|times| times.no_data), monitor.machines()[0].unheard())
        };
        let (producing, no_data, unheard) = watched(&text);
        assert!((producing - worked).abs() <= 0.01 * worked, "{producing} s of {worked} s\n{text}");
        assert!(no_data < 1.0 && unheard.is_none(), "{no_data} s without data\n{text}");
        // As it was before anybody knew: `replay` says why so much is not known.
        let usual: Vec<&str> = text.lines().filter(|line| !line.contains("silent-after")).collect();
        let usual = usual.join("\n");
        assert!(watched(&usual).2.is_some_and(|part| part > 0.5), "{usual}");
    }
    // Rows at an uneven pace, and a state that stays for long.
    let recording = robot("time,status", |second, cycle, _| {
        let of_day = at((10 * second + second % 9) as f64, "%Y-%m-%dT%H:%M:%S");
        format!("{of_day},{}", if cycle % 2 == 0 { "RUN" } else { "STOP" })
    });
    let (text, ..) = watch(recording.as_bytes());
    assert!(!text.contains("silent-after"), "{text}");
}

#[test]
fn times_in_digits_alone_are_dates_and_what_cannot_be_read_is_named() {
    // A row is enough to see which of two is the time.
    let short = "ロット番号,日時,電力(W)\n20260511103000,2026-05-11 10:30:00,5\n";
    let table = Table::read("press", short.as_bytes()).expect("a table");
    let text = propose::configuration(&Found { tables: vec![table], ..Found::default() }, |remark| {
        remark.get(Lang::En).to_owned()
    });
    assert!(text.contains("\"日時\""), "{text}");
    let played = play(12, 60.0, [20.0, 30.0], [150.0, 1_500.0]);
    for form in ["%Y%m%d%H%M%S", "%Y%m%d%H%M%S000"] {
        for (head, lot) in
            [("time,power_w", ""), ("日時,電力(W)", ""), ("ロット番号,日時,電力(W)", "20260511103000,")]
        {
            let table = head.to_owned()
                + "\r\n"
                + &rows(&played, |second, watts| {
                    format!("{lot}{},{watts:.1}", at(second, if lot.is_empty() { form } else { "%F %T" }))
                });
            let lacking = lacks(head, table.as_bytes(), &played, 2.0);
            assert_eq!(lacking, None, "{head} {form}");
        }
    }
    for (head, time, says) in [
        (
            "time,power_w",
            "R8/05/11 10:30:00",
            "there is a column `time`, whose values such as `R8/05/11 10:30:00`",
        ),
        ("日時,電力(W)", "5月11日朝", "there is a column `日時`, whose values such as `5月11日朝`"),
        ("no,power_w", "5", "there is no column of times"),
    ] {
        let table = head.to_owned() + "\r\n" + &rows(&played, |_, watts| format!("{time},{watts:.1}"));
        let (text, ..) = watch(table.as_bytes());
        assert!(text.contains(says), "{text}");
    }
}

#[test]
fn colours_of_a_lamp_tell_how_a_machine_stands() {
    for (head, [green, amber, red, dark], says) in [
        ("time,status", ["green", "yellow", "red", "off"], "producing: [\"green\"], off: [\"off\"]"),
        ("日時,状態", ["緑", "黄", "赤", "消灯"], "producing: [\"緑\"], off: [\"消灯\"]"),
        ("日時,信号灯", ["緑点灯", "黄点滅", "赤点灯", "消灯"], "producing: [\"緑点灯\"], off: [\"消灯\"]"),
        ("time,lamp", ["GREEN", "AMBER", "RED", "OFF"], "producing: [\"GREEN\"], off: [\"OFF\"]"),
    ] {
        let table = robot(head, |second, cycle, _| {
            let colour = [green, green, amber, green, red, dark][cycle % 6];
            format!("{},{colour}", at(second as f64, "%Y-%m-%dT%H:%M:%S"))
        });
        let table_read = Table::read("press", table.as_bytes()).expect("a table");
        let found = Found { tables: vec![table_read], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        assert!(text.contains("states: { by: told }") && text.contains(says), "{text}");
        assert!(!text.contains("running"), "{text}");
        let configuration = config::load("factory.yaml", &text).configuration.expect("it is right");
        let mut monitor = Monitor::new(&configuration);
        monitor.replay(0, table.as_bytes(), &mut |_, _| ()).expect("it can be read");
        monitor.finish(&mut |_, _| ());
        let days = monitor.machines()[0].utilisation().days();
        let of = |of: fn(&Times) -> f64| days.values().map(of).sum::<f64>();
        let shown = [of(|times| times.producing), of(|times| times.idle), of(|times| times.off)];
        // 40 cycles of half a minute each.
        let lit =
            |colours: &[usize]| 30.0 * (1..=40).filter(|cycle| colours.contains(&(cycle % 6))).count() as f64;
        let expected = [lit(&[0, 1, 3]), lit(&[2, 4]), lit(&[5])];
        let is_near = shown.iter().zip(expected).all(|(shown, expected)| (shown - expected).abs() <= 2.0);
        assert!(is_near, "{shown:?} of {expected:?}\n{text}");
    }
    // Words that nobody knows tell no running program.
    let table = robot("time,status,power_w", |second, cycle, _| {
        let (word, watts) = if second % 30 < 20 { (["A", "B"][cycle % 2], 900) } else { ("C", 100) };
        format!("{},{word},{watts}", at(second as f64, "%Y-%m-%dT%H:%M:%S"))
    });
    let (text, cycles, _) = watch(table.as_bytes());
    assert!(text.contains("cycle: { by: power") && !text.contains("running"), "{text}");
    assert_eq!(cycles.len(), 40, "{text}");
}
