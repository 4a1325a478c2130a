//! Recordings as robots, machine tools and loggers of a shop floor write them.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds are few and positive")]

use std::fmt::Write as _;

use anshin_monitor::Time;

use super::{accidents, propose, watch};

/// A second of a machine that makes parts: when it is, how hard it works from 0 to 1, how many parts have begun.
struct Second {
    at: f64,
    load: f64,
    part: usize,
}

/// A machine that works for about so many seconds and rests for some, and what it does each `every` seconds.
fn play(parts: usize, work: f64, every: f64) -> Vec<Second> {
    let mut chance = accidents(21);
    let (mut now, mut due, mut seconds) = (0.0, 0.0, Vec::new());
    for part in 1..=parts {
        let rest = work * (0.2 + 0.1 * chance());
        let spans = [(work * (0.99 + 0.02 * chance()), 1.0), (rest, 0.1)];
        for (lasts, load) in spans {
            now += lasts;
            while due < now {
                seconds.push(Second { at: due, load: load * (0.97 + 0.06 * chance()), part });
                due += every;
            }
        }
    }
    seconds
}

/// A table with a row for each second.
fn table(head: &str, seconds: &[Second], row: impl Fn(&Second) -> String) -> String {
    seconds.iter().fold(format!("{head}\n"), |text, second| text + &row(second) + "\n")
}

/// A moment some seconds after the beginning, as `strftime` writes it.
fn at(second: &Second, form: &str) -> String {
    let began: jiff::civil::DateTime = "2026-04-01T09:30:00".parse().expect("a moment");
    let moment = began.checked_add(jiff::SignedDuration::from_secs_f64(second.at)).expect("a moment");
    moment.strftime(form).to_string()
}

/// What is proposed finds about as many cycles as there are parts, without an alarm.
fn finds(recording: &str, parts: usize, told: &[&str]) {
    let (text, configuration) = propose(recording);
    for told in told {
        assert!(text.contains(told), "{told}: {text}");
    }
    let (cycles, alerts) = watch(&configuration, recording);
    assert!(cycles.len().abs_diff(parts) <= 2, "{} cycles of {parts}\n{text}", cycles.len());
    assert_eq!(alerts, 0, "{text}");
}

/// A robot writes its registers with spaces between them, and seconds since it was switched on.
#[test]
fn spaces_may_part_columns() {
    let seconds = play(60, 11.0, 0.5);
    let recording = table(
        "timestamp actual_q_0 runtime_state actual_current_0 actual_current_1 actual_current_2 safety_status cycle_count",
        &seconds,
        |second| {
            let amperes = 3.0 * second.load;
            format!(
                "{:.3} 1.5708 1 {:.4} {:.4} {:.4} 1 {}",
                8_123.4 + second.at,
                0.2 * amperes,
                -amperes,
                -0.5 * amperes,
                second.part
            )
        },
    );
    finds(
        &recording,
        60,
        &["take: \"cycle_count\", is: number", "\"actual_current_1\", \"actual_current_2\"]"],
    );
    let (_, configuration) = propose(&recording);
    assert_eq!(configuration.sources[0].delimiter, None, "it is found again");
}

#[test]
fn names_in_german_tell_what_columns_are() {
    let seconds = play(60, 16.0, 1.0);
    let recording =
        table("Zeitstempel;Zyklus Nr.;Strom A1 [A];Strom A2 [A];Temperatur", &seconds, |second| {
            let comma = |number: f64| format!("{number:.3}").replace('.', ",");
            format!(
                "{};{};{};{};30,5",
                at(second, "%d.%m.%Y %H:%M:%S"),
                second.part,
                comma(-3.0 * second.load),
                comma(2.0 * second.load)
            )
        });
    finds(
        &recording,
        60,
        &[
            "take: \"Zyklus Nr.\", is: number",
            "[\"Strom A1 [A]\", \"Strom A2 [A]\"], is: power, absolute: true",
        ],
    );
    let recording = table("Datum;Uhrzeit;Wirkleistung gesamt [kW];Leistung [kW]", &seconds, |second| {
        format!("{};1;{:.3}", at(second, "%d.%m.%Y;%H:%M:%S"), 5.0 * second.load)
            .replace('.', ",")
            .replacen(',', ".", 2)
    });
    finds(&recording, 60, &["take: \"Leistung [kW]\", is: power, factor: 1000"]);
}

/// Where nothing else tells the order of a date, AM and PM do.
#[test]
fn dates_beside_am_and_pm_begin_with_the_month() {
    let seconds = play(40, 95.0, 5.0);
    let recording = table("Date,Time,Program,Feedrate,Spindle Power\n,,,mm/min,kW", &seconds, |second| {
        format!(
            "{},O1001,{},{:.3}",
            at(second, "%m/%d/%Y,%I:%M:%S %p"),
            if second.load > 0.5 { 400 } else { 0 },
            3.2 * second.load
        )
    });
    finds(
        &recording,
        40,
        &["order: month-day-year } }  # a mere guess", "take: \"Spindle Power\", is: power, factor: 1000"],
    );
}

/// A clock on the wall goes back by an hour where summer time ends.
#[test]
fn times_may_go_back_where_summer_time_ends() {
    let seconds = play(60, 150.0, 5.0);
    let began = Time::parse("2025-11-02T04:30:00Z").expect("a moment");
    let zone = jiff::tz::TimeZone::get("America/Chicago").expect("a zone");
    let local = |second: &Second| {
        began.plus(second.at).stamp().to_zoned(zone.clone()).strftime("%m/%d/%Y %H:%M:%S").to_string()
    };
    let recording = table("Local Time,Total Power (W)", &seconds, |second| {
        format!("{},{:.0}", local(second), 5_200.0 * second.load)
    });
    let told = "# times go back by an hour: if they are those of a place with summer time, write its `time-zone` above";
    let (text, configuration) = propose(&recording);
    assert!(text.contains(told), "{text}");
    // As it is proposed, one cycle is lost to what looks like a step of the clock.
    let (cycles, alerts) = watch(&configuration, &recording);
    assert!(
        (57..=61).contains(&cycles.len()) && alerts == 0,
        "{} cycles, {alerts} alerts\n{text}",
        cycles.len()
    );
    let right = anshin_monitor::config::load("", &text.replace("Asia/Tokyo", "America/Chicago"));
    let (cycles, alerts) = watch(&right.configuration.expect("it is right"), &recording);
    assert_eq!((cycles.len(), alerts), (60, 0), "{text}");
    let summer: String = recording.lines().take(300).flat_map(|line| [line, "\n"]).collect();
    assert!(!propose(&summer).0.contains(told));
}

/// A database of a shop floor tells one value in each row, as it changes.
#[test]
fn a_table_may_tell_one_value_in_each_row() {
    for (head, item, value) in
        [("timestamp,device,item,value", "item", "value"), ("日時,設備名,信号名,値", "信号名", "値")]
    {
        let mut text = format!("{head}\n");
        let mut last = "";
        for second in play(60, 150.0, 5.0) {
            let at = at(&second, "%Y-%m-%d %H:%M:%S");
            let execution = if second.load > 0.5 { "ACTIVE" } else { "READY" };
            if last.is_empty() {
                writeln!(text, "{at},Mazak01,program,O1001").expect("a string grows");
            }
            if execution != last {
                writeln!(text, "{at},Mazak01,execution,{execution}").expect("a string grows");
            }
            writeln!(
                text,
                "{at},Mazak01,Wattage,{:.0}\n{at},Mazak01,Zpos,{:.3}",
                5_200.0 * second.load,
                second.load
            )
            .expect("a string grows");
            last = execution;
        }
        let told = format!("item: \"{item}\", value: \"{value}\"");
        finds(
            &text,
            60,
            &[
                &told,
                "take: \"execution\", is: running, when: [ACTIVE",
                "take: \"Wattage\", is: power",
                "take: \"program\", is: key",
                "#   Zpos = ",
            ],
        );
        // Of several machines the rows of each tell its own.
        let two: String = text
            .lines()
            .map(|line| {
                format!("{line}\n")
                    + &if line.contains("Mazak01") {
                        line.replace("Mazak01", "Mazak02") + "\n"
                    } else {
                        String::new()
                    }
            })
            .collect();
        let (text, configuration) = propose(&two);
        assert!(configuration.machines.len() == 2 && text.contains("topic: \"Mazak02\""), "{text}");
        assert_eq!(watch(&configuration, &two).0.len(), 120, "{text}");
    }
}

/// A held program is no end of a cycle, in a table as at an agent.
#[test]
fn words_of_an_adapter_in_a_table_tell_what_they_tell_at_an_agent() {
    let recording = table("time,execution,mode,power", &play(60, 150.0, 5.0), |second| {
        let is_held = second.part % 4 == 0 && second.load > 0.5 && (second.at as u64).is_multiple_of(7);
        let execution = match second.load > 0.5 {
            true if is_held => "FEED_HOLD",
            true => "ACTIVE",
            false => "READY",
        };
        let mode = if second.part == 3 { "MANUAL" } else { "AUTOMATIC" };
        format!("{},{execution},{mode},{:.0}", at(second, "%Y-%m-%dT%H:%M:%SZ"), 5_200.0 * second.load)
    });
    finds(
        &recording,
        60,
        &["is: hold, when: [INTERRUPTED, FEED_HOLD]", "take: \"mode\", is: set-up", "states: { by: told }"],
    );
}
