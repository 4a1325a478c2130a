//! How machines were used, as a page, a workbook and pictures.

use std::fmt::Write as _;
use std::io::Cursor;

use anshin_model::Lang;
use anshin_monitor::factory::{self, Factory};
use anshin_monitor::{Configuration, Machine, Monitor, Reading, State, Time, What, config};
use anshin_report::utilisation::{Span, Use, xlsx};
use anshin_report::worksheet::Tone;
use calamine::{Data, Reader as _, Xlsx};

/// Two machines that tell their states themselves, in two shifts.
fn shop() -> Configuration {
    let text = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts:
  - { id: day, name: { ja: "日勤", en: "Day shift" }, from: "08:00", to: "16:00", days: [mon, tue, wed, thu, fri] }
  - { id: night, name: { ja: "夜勤", en: "Night shift" }, from: "22:00", to: "06:00", days: [mon, tue, wed, thu] }
closed: [2026-04-02]
sources:
  - { id: line, kind: csv, time: time }
machines:
  - id: saw
    name: { ja: "帯のこ盤<1>", en: "Band saw <1>" }
    cycle: { by: number }
    states: { by: told }
    silent-after: 0
    input:
      - { from: line, take: saw, is: state, producing: "on", unknown: "?" }
  - id: press
    name: { ja: "プレス機", en: "Press" }
    cycle: { by: number }
    states: { by: told }
    silent-after: 0
    input:
      - { from: line, take: press, is: state, producing: "on" }
"#;
    let loaded = config::load("shop.yaml", text);
    let found: Vec<String> = loaded.diagnostics.iter().map(|d| d.message.get(Lang::En).to_owned()).collect();
    loaded.configuration.unwrap_or_else(|| panic!("{found:?}"))
}

/// The saw works 6 of 8 hours, then nothing is known of it; the press works 2 hours, twice.
const DAY: &str = "\
time,saw,press
2026-04-01T08:00:00+09:00,on,wait
2026-04-01T09:00:00+09:00,on,on
2026-04-01T11:00:00+09:00,on,wait
2026-04-01T13:00:00+09:00,on,on
2026-04-01T14:00:00+09:00,wait,on
2026-04-01T15:00:00+09:00,wait,wait
2026-04-01T16:00:00+09:00,?,wait
2026-04-01T17:00:00+09:00,?,wait
";

fn with_shop(look: impl FnOnce(&Use<'_>)) {
    with_recording(&shop(), DAY, Span::default(), look);
}

fn with_recording(configuration: &Configuration, rows: &str, span: Span, look: impl FnOnce(&Use<'_>)) {
    let mut monitor = Monitor::new(configuration);
    monitor.replay(0, rows.as_bytes(), |_, _| {}).expect("the recording is read");
    monitor.finish(|_, _| {});
    look(&Use::new(configuration, monitor.machines(), span));
}

fn row(used: &Use<'_>, sheet: &str, row: usize, lang: Lang) -> Vec<String> {
    let sheets = used.worksheets();
    let sheet = sheets.iter().find(|one| one.id == sheet).expect("the sheet");
    let cells = sheet.rows[row].cells.iter();
    cells.map(|cell| cell.lines.iter().map(|line| line.get(lang)).collect::<Vec<_>>().join("/")).collect()
}

/// The text of a part of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut book = zip::ZipArchive::new(Cursor::new(book)).expect("a package");
    std::io::read_to_string(book.by_name(name).expect("the part")).expect("it is text")
}

#[test]
fn rates_are_those_of_the_shifts_and_gaps_count_apart() {
    with_shop(|used| {
        // Shifts: 8 h with data for each. Of the 9 watched hours the saw worked 6 and was unknown for 1;
        // from 13:00 on both worked, and the saw had begun earlier.
        assert_eq!(row(used, "rates", 0, Lang::En), ["Band saw <1>", "75.0 %", "85.7 %", "75.0 %"]);
        assert_eq!(row(used, "rates", 1, Lang::Ja), ["プレス機", "50.0 %", "14.3 %", "50.0 %"]);
        assert_eq!(
            row(used, "hours", 0, Lang::En),
            ["Band saw <1>", "75.0 %", "6.00", "2.00", "0.00", "0.00", "0.00", "100.0 %"]
        );
        assert_eq!(
            row(used, "shifts", 1, Lang::En),
            ["Band saw <1>", "2026-04-01", "Day shift", "75.0 %", "6.00", "2.00", "0.00", "0.00"]
        );
        assert_eq!(row(used, "shifts", 0, Lang::En)[2..4], ["outside shifts", "not planned"]);
        let hint = used.bottleneck().expect("one stands out");
        assert!(
            hint.get(Lang::En).contains("85.7 %") && hint.get(Lang::En).contains("Band saw <1>"),
            "{hint:?}"
        );
        assert!(hint.get(Lang::Ja).contains("帯のこ盤<1>"), "{hint:?}");
    });
}

#[test]
fn the_page_holds_the_tables_and_pictures_in_either_language() {
    with_shop(|used| {
        for (lang, words) in [
            (Lang::En, ["Utilisation by day", "Use by shift", "Hours in each state", "Asia/Tokyo"]),
            (Lang::Ja, ["日ごとの稼働率", "シフトごとの稼働", "状態ごとの時間", "Asia/Tokyo"]),
        ] {
            let page = used.html(lang);
            assert!(words.iter().all(|word| page.contains(word)), "{lang:?}");
            // The name of a machine is text, never markup.
            assert!(page.contains("&lt;1&gt;") && !page.contains("<1>"), "{lang:?}");
            for figure in used.figures(lang) {
                roxmltree::Document::parse(&figure.svg).expect("well-formed");
                assert!(page.contains(figure.svg.trim_end()), "{}", figure.id);
            }
        }
    });
}

#[test]
fn the_workbook_holds_numbers_that_a_spreadsheet_can_reckon_with() {
    with_shop(|used| {
        let bytes = xlsx(used, Lang::Ja).expect("a workbook");
        assert_eq!(bytes, xlsx(used, Lang::Ja).expect("a workbook"), "the same every time");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        assert_eq!(book.sheet_names(), ["稼働率", "シフト", "時間", "状態"]);
        let rates = book.worksheet_range("稼働率").expect("a sheet");
        assert_eq!(rates.get_value((1, 1)), Some(&Data::Float(0.75)));
        assert_eq!(rates.get_value((2, 1)), Some(&Data::Float(0.5)));
        let hours = book.worksheet_range("時間").expect("a sheet");
        assert_eq!(hours.get_value((2, 2)), Some(&Data::String("日勤".to_owned())));
        assert_eq!(hours.get_value((2, 4)), Some(&Data::Float(6.0)));
        // Days are dates, and not words that look like them. Excel counts from the last day of 1899 on.
        for cell in [rates.get_value((0, 3)), hours.get_value((1, 1)), hours.get_value((2, 1))] {
            let Some(Data::DateTime(day)) = cell else { panic!("{cell:?}") };
            assert!((day.as_f64() - 46_113.0).abs() < 1e-9, "{day:?}");
        }
        assert_eq!(hours.get_value((1, 3)), Some(&Data::String("稼働予定なし".to_owned())));
        let states = book.worksheet_range("状態").expect("a sheet");
        assert_eq!(states.get_value((1, 1)), Some(&Data::String("生産".to_owned())));
        assert_eq!(states.get_value((1, 4)), Some(&Data::Float(6.0 * 3600.0)));
    });
}

/// On Wednesday in the shifts, on Thursday, which is closed, beside them.
const TWO_DAYS: &str = "\
time,saw,press
2026-04-01T08:00:00+09:00,on,on
2026-04-01T10:00:00+09:00,wait,on
2026-04-01T12:00:00+09:00,?,?
2026-04-02T08:00:00+09:00,on,wait
2026-04-02T10:00:00+09:00,wait,wait
2026-04-02T10:00:01+09:00,?,?
";

#[test]
fn a_closed_day_counts_for_no_rate_and_is_told_apart_from_one_without_data() {
    with_recording(&shop(), TWO_DAYS, Span::default(), |used| {
        let rates = row(used, "rates", 0, Lang::En);
        assert_eq!([&rates[1..2], &rates[3..]].concat(), ["50.0 %", "50.0 %", "not planned"]);
        let hours = row(used, "hours", 0, Lang::Ja);
        assert_eq!(hours[1..3], ["50.0 %", "2.00"], "what is produced on a closed day is beside it");
        assert_eq!(hours[6], "2.00", "{hours:?}");
    });
}

#[test]
fn what_is_shown_is_what_is_asked_for() {
    let of = |from: Option<&str>, to: Option<&str>| {
        let day = |text: Option<&str>| text.map(|text| text.parse().expect("a day"));
        let mut told = Vec::new();
        with_recording(&shop(), TWO_DAYS, Span { from: day(from), to: day(to) }, |used| {
            let sheets = used.worksheets();
            let heads = sheets[0].columns.iter().map(|column| column.title.get(Lang::En).to_owned());
            told.extend(heads.skip(3));
            let timeline = used.figures(Lang::Ja).pop().expect("a picture").svg;
            told.extend(
                ["8:00", "13:00", "日勤", "夜勤"]
                    .map(|word| format!("{word} {}", timeline.contains(&format!(">{word}<")))),
            );
        });
        told
    };
    let thursday = "2026-04-02 (Thu)";
    assert_eq!(
        of(Some("2026-04-02"), None),
        [thursday, "8:00 true", "13:00 false", "日勤 false", "夜勤 true"]
    );
    assert_eq!(of(Some("2026-04-03"), None), ["8:00 false", "13:00 false", "日勤 false", "夜勤 false"]);
    let both = of(None, Some("2026-04-02"));
    assert_eq!(both[..2], ["2026-04-01 (Wed)", thursday]);
    assert!(both.contains(&"日勤 true".to_owned()), "{both:?}");
}

#[test]
fn each_machine_has_its_rate_in_each_shift_with_the_totals_of_both() {
    with_shop(|used| {
        let told = |n, lang| row(used, "machines-and-shifts", n, lang);
        let of_both = ["75.0 %/6.0 of 8.0 h", "—", "75.0 %/6.0 of 8.0 h"];
        assert_eq!(told(0, Lang::En)[1..], of_both);
        assert_eq!(told(1, Lang::Ja), ["プレス機", "50.0 %/4.0 / 8.0 時間", "—", "50.0 %/4.0 / 8.0 時間"]);
        assert_eq!(
            told(2, Lang::En),
            ["All machines", "62.5 %/10.0 of 16.0 h", "—", "62.5 %/10.0 of 16.0 h"]
        );
        assert_eq!(row(used, "rates", 2, Lang::En), ["All machines", "62.5 %", "", "62.5 %"]);
        let mut book: Xlsx<_> =
            Xlsx::new(Cursor::new(xlsx(used, Lang::En).expect("a workbook"))).expect("one");
        let shifts = book.worksheet_range("Shifts").expect("a sheet");
        let text = |word: &str| Data::String(word.to_owned());
        let whole: Vec<Data> = shifts.rows().next_back().expect("rows").to_vec();
        assert_eq!(whole, [text("All machines"), Data::Float(0.625), text("—"), Data::Float(0.625)]);
    });
}

#[test]
fn a_machine_is_planned_in_its_own_shifts_and_not_in_their_breaks() {
    let text = r#"
anshin-monitor: 1
time-zone: Asia/Tokyo
shifts:
  - { id: day, from: "08:00", to: "16:00", breaks: [ { from: "12:00", to: "13:00" } ] }
  - { id: late, from: "16:00", to: "24:00" }
sources: [ { id: line, kind: csv, time: time } ]
machines:
  - { id: saw, shifts: day, cycle: { by: number }, states: { by: told }, silent-after: 0, input: [ { from: line, take: saw, is: state, producing: "on", unknown: "?" } ] }
  - { id: press, cycle: { by: number }, states: { by: told }, silent-after: 0, input: [ { from: line, take: press, is: state, producing: "on" } ] }
"#;
    let configuration = config::load("shop.yaml", text).configuration.expect("it is right");
    let rows = "time,saw,press\n2026-04-01T08:00:00+09:00,on,on\n2026-04-01T11:30:00+09:00,wait,on\n\
        2026-04-01T12:30:00+09:00,on,wait\n2026-04-01T18:00:00+09:00,wait,wait\n2026-04-02T00:00:00+09:00,wait,wait\n";
    with_recording(&configuration, rows, Span::default(), |used| {
        // Of 7 hours without the break the saw worked 6.5, of the break a half, and 2 hours beside its shift.
        assert_eq!(row(used, "machines-and-shifts", 0, Lang::En)[1..3], ["92.9 %/6.5 of 7.0 h", "—"]);
        assert_eq!(
            row(used, "machines-and-shifts", 1, Lang::En)[1..3],
            ["57.1 %/4.0 of 7.0 h", "0.0 %/0.0 of 8.0 h"]
        );
        let hours = row(used, "hours", 0, Lang::En);
        assert_eq!(hours[1..7], ["92.9 %", "6.50", "0.50", "0.00", "0.00", "2.50"]);
        let sheets = used.worksheets();
        let hours = sheets.iter().find(|sheet| sheet.id == "hours").expect("the sheet");
        assert_eq!(hours.columns[6].title.get(Lang::En), "producing outside shifts and in breaks (h)");
        assert_eq!(hours.columns[6].title.get(Lang::Ja), "シフト外と休憩中の生産（時間）");
        // The break is left open in the band of shifts: two parts of the day, one of the late shift.
        let timeline = used.figures(Lang::En).pop().expect("a picture").svg;
        assert_eq!(timeline.matches("y=\"80\"").count(), 3, "{timeline}");
    });
}

#[test]
fn a_day_of_which_little_is_known_is_not_told_to_be_well_used() {
    let day = |known: u8| {
        format!(
            "time,saw,press\n2026-04-01T08:00:00+09:00,on,on\n2026-04-01T{known:02}:00:00+09:00,?,on\n\
             2026-04-01T16:00:00+09:00,?,on\n"
        )
    };
    for (known, tone, shown) in [(15, Tone::Good, ">100<"), (14, Tone::Serious, ">100*<")] {
        with_recording(&shop(), &day(known), Span::default(), |used| {
            let sheets = used.worksheets();
            for (sheet, column) in [("rates", 1), ("rates", 3), ("machines-and-shifts", 1), ("hours", 1)] {
                let sheet = sheets.iter().find(|one| one.id == sheet).expect("the sheet");
                let cell = &sheet.rows[0].cells[column];
                assert_eq!(
                    (cell.lines[0].get(Lang::En), cell.tone),
                    ("100.0 %", tone),
                    "{} {known}",
                    sheet.id
                );
            }
            let map = &used.figures(Lang::En)[0].svg;
            assert!(map.contains(shown) && map.contains("more than a fifth") == (tone == Tone::Serious));
            assert_eq!(map.contains(">100*<"), tone == Tone::Serious);
            let bytes = xlsx(used, Lang::En).expect("a workbook");
            let formats = part(&bytes, "xl/styles.xml");
            let words = part(&bytes, "xl/sharedStrings.xml");
            assert_eq!(formats.contains("0.0%&quot;*&quot;"), tone == Tone::Serious, "{formats}");
            assert_eq!(words.contains("* is a rough rate"), tone == Tone::Serious, "{words}");
            // The rate of the saw on the day, and of both days together.
            let rates = part(&bytes, "xl/worksheets/sheet1.xml");
            let looks = |place: &str| {
                let cell = rates.split_once(&format!("<c r=\"{place}\" s=\"")).expect("the cell").1;
                cell.split_once('"').expect("its look").0.to_owned()
            };
            assert_eq!(looks("B2") != looks("B3"), tone == Tone::Serious, "{rates}");
            assert_eq!(looks("D2") != looks("D3"), tone == Tone::Serious, "{rates}");
        });
    }
}

/// Machines that work every second hour of March 2026.
fn month(machines: usize) -> (Configuration, String) {
    let mut text = "anshin-monitor: 1\nshifts: [ { id: day, from: \"06:00\", to: \"22:00\" } ]\n\
        sources: [ { id: line, kind: csv, time: time } ]\nmachines:\n"
        .to_owned();
    for n in 0..machines {
        writeln!(
            text,
            "  - {{ id: machine-{n}, cycle: {{ by: number }}, states: {{ by: told }}, silent-after: 0, \
             input: [ {{ from: line, take: state, is: state, producing: \"on\" }} ] }}"
        )
        .expect("a string grows");
    }
    let hours = (0..31 * 24).map(|n| {
        let (day, hour) = (n / 24 + 1, n % 24);
        format!("2026-03-{day:02}T{hour:02}:00:00Z,{}\n", if n % 2 == 0 { "on" } else { "wait" })
    });
    (
        config::load("month.yaml", &text).configuration.expect("it is right"),
        format!("time,state\n{}", hours.collect::<String>()),
    )
}

#[test]
fn a_month_can_be_read_on_paper_however_many_machines_there_are() {
    // What a picture has of a sheet of A4 across, in pixels.
    let (wide, high) = (1_028.0, 623.0);
    for (machines, pictures) in [(1, 1 + 2), (5, 1 + 4), (40, 3 + 9)] {
        let (configuration, rows) = month(machines);
        with_recording(&configuration, &rows, Span::default(), |used| {
            let figures = used.figures(Lang::Ja);
            assert_eq!(figures.len(), pictures, "{machines} machines");
            for figure in &figures {
                let (width, height) = figure.size().expect("a picture has a size");
                let scale = f64::min(wide / width, high / height);
                assert!(scale > 0.9, "{} of {machines} machines is {width} x {height}", figure.id);
            }
            // Days stand in weeks from Monday to Sunday, two on a page, each once.
            let sheets = used.worksheets();
            let sheets: Vec<_> = sheets.iter().filter(|sheet| sheet.id == "rates").collect();
            let days = sheets.iter().map(|sheet| {
                let heads = sheet.columns.iter().map(|column| column.title.get(Lang::En));
                heads.filter(|head| head.starts_with("2026")).collect::<Vec<_>>()
            });
            let days: Vec<Vec<&str>> = days.collect();
            assert!(days.iter().all(|days| days.len() <= 14), "{days:?}");
            assert!(days[1..].iter().all(|days| days[0].ends_with("(Mon)")), "{days:?}");
            let days = days.concat();
            assert!(days.len() == 31 && days.is_sorted(), "{days:?}");
            let page = used.html(Lang::En);
            assert_eq!(page.matches("role=\"group\" tabindex=\"0\" aria-label=").count(), pictures);
        });
    }
}

#[test]
fn a_clock_that_was_wrong_by_a_century_keeps_nobody_from_the_workbook() {
    let rows = DAY.replace("2026-04-01", "1890-04-01");
    with_recording(&shop(), &rows, Span::default(), |used| {
        let mut book: Xlsx<_> =
            Xlsx::new(Cursor::new(xlsx(used, Lang::En).expect("a workbook"))).expect("a workbook");
        let is = |sheet: &str, place, text: &str, book: &mut Xlsx<_>| {
            let cells = book.worksheet_range(sheet).expect("a sheet");
            assert_eq!(cells.get_value(place), Some(&Data::String(text.to_owned())), "{sheet}");
        };
        is("Hours", (1, 1), "1890-04-01", &mut book);
        is("States", (1, 2), "1890-04-01T08:00:00", &mut book);
    });
}

#[test]
fn one_machine_is_no_bottleneck() {
    let text = "anshin-monitor: 1\ntime-zone: Asia/Tokyo\nsources: [ { id: line, kind: csv, time: time } ]\nmachines:\n\
        \x20 - { id: saw, cycle: { by: number }, states: { by: told }, silent-after: 0,\n\
        \x20     input: [ { from: line, take: saw, is: state, producing: \"on\", unknown: \"?\" } ] }\n";
    let configuration = config::load("saw.yaml", text).configuration.expect("it is right");
    with_recording(&configuration, DAY, Span::default(), |used| {
        assert_eq!(row(used, "rates", 0, Lang::En), ["saw", "75.0 %", "75.0 %"]);
        assert!(used.bottleneck().is_none());
        assert!(!used.html(Lang::En).to_lowercase().contains("bottleneck"));
        let bytes = xlsx(used, Lang::En).expect("a workbook");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let rates = book.worksheet_range("Utilisation").expect("a sheet");
        assert!(matches!(rates.get_value((0, 2)), Some(Data::DateTime(_))), "{rates:?}");
        assert_eq!(rates.get_value((1, 2)), Some(&Data::Float(0.75)));
        // From 8 to 17 o'clock in Japan is what was watched.
        let timeline = used.figures(Lang::En).pop().expect("a picture").svg;
        let is_marked = |hour: &str| timeline.contains(&format!(">{hour}<"));
        assert!(is_marked("8:00") && is_marked("16:00") && !is_marked("6:00") && !is_marked("18:00"));
    });
}

#[test]
fn pictures_stay_small_however_often_machines_change() {
    let configuration = factory::configuration();
    let mut monitor = Monitor::new(&configuration);
    let start = Time::parse("2026-04-01T08:00:00+09:00").expect("a time");
    let mut factory = Factory::new(start, 1);
    let mut sizes = Vec::new();
    for _ in 0..2 {
        for _ in 0..3_600 {
            factory.second(|n, reading| monitor.machines_mut()[n].push(reading, &mut |_| ()));
        }
        let used = Use::new(&configuration, monitor.machines(), Span::default());
        sizes.push(used.figures(Lang::En).iter().map(|figure| figure.svg.len()).sum::<usize>());
    }
    // An hour more is 30 pieces more for each of five machines.
    assert!(sizes[1] < sizes[0] + 5 * 30 * 200, "{sizes:?}");
}

#[test]
fn short_stops_are_seen_in_the_timeline_and_told_for_each_day() {
    let configuration = shop();
    // For eight hours the press stops for five seconds of every minute; the saw works.
    let mut rows = "time,saw,press\n".to_owned();
    for minute in 0..480 {
        let (hour, minute) = (8 + minute / 60, minute % 60);
        for (second, press) in [(0, "on"), (55, "wait")] {
            writeln!(rows, "2026-04-01T{hour:02}:{minute:02}:{second:02}+09:00,on,{press}")
                .expect("a string grows");
        }
    }
    with_recording(&configuration, &rows, Span::default(), |used| {
        for (lang, press, key) in [
            (
                Lang::En,
                "Press 2026-04-01: producing 7.33 h, idle 0.67 h",
                "shares of the states in every 40 s",
            ),
            (Lang::Ja, "プレス機 2026-04-01：生産 7.33時間、待機 0.67時間", "40秒ごとの各状態の時間の割合"),
        ] {
            let timeline = used.figures(lang).pop().expect("a picture").svg;
            let drawn = roxmltree::Document::parse(&timeline).expect("well-formed");
            assert!(timeline.contains(key), "{timeline}");
            let strip = |title: &str| {
                let of =
                    |node: &roxmltree::Node<'_, '_>| node.children().any(|one| one.text() == Some(title));
                let strip =
                    drawn.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "g")));
                strip.into_iter().find(of).unwrap_or_else(|| panic!("{title}: {timeline}"))
            };
            let idle = |strip: roxmltree::Node<'_, '_>| {
                let idle = strip.children().find(|one| one.attribute("class") == Some("a-state-idle"));
                idle.and_then(|idle| idle.attribute("d")).map_or(0, |path| path.matches('z').count())
            };
            // A pause falls into two of three pieces, side by side.
            assert_eq!(idle(strip(press)), 240);
        }
    });
}

#[test]
fn after_a_restart_the_timeline_still_shows_the_last_days_of_a_machine_that_changes_often() {
    let configuration = shop();
    let mut monitor = Monitor::new(&configuration);
    let midnight = Time::parse("2026-04-01T00:00:00+09:00").expect("a time");
    for minute in 0..3 * 1_440 {
        for (second, state) in [(0.0, State::Producing), (40.0, State::Idle)] {
            let time = midnight.plus(f64::from(minute) * 60.0 + second);
            monitor.machines_mut()[0].push(Reading { time, what: What::State(Some(state)) }, &mut |_| ());
        }
    }
    let kept = serde_json::to_string(&monitor.machines()[0].kept()).expect("JSON");
    let mut again = Monitor::new(&configuration);
    let machine = again.machines_mut();
    machine[0] = Machine::new(configuration.machines[0].settings.clone())
        .with(serde_json::from_str(&kept).expect("it comes back"));
    let used = Use::new(&configuration, again.machines(), Span::default());
    let timeline = used.figures(Lang::En).pop().expect("a picture").svg;
    assert!(timeline.contains("kept as shares of five minutes") && !timeline.contains("left blank"));
    // A third of every day is idle: seven of twenty parts.
    let idle = timeline.matches("class=\"a-state-idle\"").count();
    assert_eq!(idle, 1 + 3, "the key, and each of three days");
    assert!(timeline.len() < 300_000, "{}", timeline.len());
}

#[test]
fn nothing_watched_is_told_as_such() {
    let configuration = shop();
    let monitor = Monitor::new(&configuration);
    let used = Use::new(&configuration, monitor.machines(), Span::default());
    assert!(used.is_empty() && used.bottleneck().is_none());
    assert!(used.html(Lang::En).contains("There is no data yet."));
    xlsx(&used, Lang::En).expect("a workbook");
}
