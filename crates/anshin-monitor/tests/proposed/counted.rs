//! What is proposed where a count of parts, the words of a controller or the name of a job stand beside power.

use std::fmt::Write as _;

use anshin_monitor::Time;
use anshin_monitor::cycle::{Cycle, Doubt};
use anshin_monitor::machine::States;
use anshin_monitor::utilisation::Times;

use super::{accidents, propose, watch, watched};

/// Parts in lots of a job each, as they are played: a row each second.
struct Lots {
    /// Seconds of a part of each job.
    lengths: &'static [u32],
    visits: usize,
    /// Parts of a lot.
    parts: fn(usize) -> usize,
    /// Seconds between parts, and between lots.
    load: u32,
    set_up: u32,
    /// Runs of power that each part is, with so many seconds between them.
    runs: u32,
    between: fn(u32) -> u32,
}

const LOTS: Lots =
    Lots { lengths: &[40, 62, 90], visits: 12, parts: |_| 8, load: 12, set_up: 200, runs: 1, between: |_| 0 };

/// A row of a machine that is played.
struct Row {
    at: Time,
    job: usize,
    word: &'static str,
    power: f64,
    count: usize,
}

impl Lots {
    fn rows(&self) -> Vec<Row> {
        let mut chance = accidents(5);
        let begin = Time::parse("2026-04-06T08:00:00+09:00").expect("a time");
        let (mut rows, mut count, mut seed) = (Vec::new(), 0, 0);
        for lot in 0..self.visits {
            let job = lot % self.lengths.len();
            let mut put = |seconds: u32, word, power: f64, count: usize| {
                for _ in 0..seconds {
                    let at = begin.plus(f64::from(u32::try_from(rows.len()).expect("they are few")));
                    let power = power * (0.97 + 0.06 * chance());
                    rows.push(Row { at, job, word, power, count });
                }
            };
            for _ in 0..(self.parts)(lot) {
                for run in 0..self.runs {
                    if run > 0 {
                        seed += 1;
                        put((self.between)(seed), "ACTIVE", 600.0, count);
                    }
                    put(self.lengths[job] / self.runs, "ACTIVE", 3_500.0, count);
                }
                count += 1;
                put(self.load, "READY", 600.0, count);
            }
            put(self.set_up, "SETUP", 600.0, count);
        }
        rows
    }

    /// The part of the time for which it works.
    fn used(&self) -> f64 {
        let rows = self.rows();
        let works = rows.iter().filter(|row| row.power > 2_000.0).count();
        let [works, all] =
            [works, rows.len()].map(|count| f64::from(u32::try_from(count).expect("they are few")));
        works / all
    }
}

/// The name of a column, and what stands in it.
type Column = (&'static str, fn(&Row) -> String);

/// A table of some of the columns of a machine that is played.
fn table(rows: &[Row], columns: &[Column]) -> String {
    let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
    let mut text = format!("time,{names}\n");
    for row in rows {
        let cells = columns.iter().map(|(_, cell)| cell(row)).collect::<Vec<_>>().join(",");
        writeln!(text, "{},{cells}", row.at).expect("a string grows");
    }
    text
}

const POWER: Column = ("Power_W", |row| format!("{:.0}", row.power));
const COUNT: Column = ("PartCount", |row| row.count.to_string());
const JOB: Column = ("Program", |row| format!("O{}", 1_000 + row.job));

/// What is proposed for a table and follows from it: the proposal, the cycles, the alerts, and the part of the time
/// for which the machine works.
fn seen(recording: &str) -> (String, Vec<Cycle>, usize, f64) {
    let (text, configuration) = propose(recording);
    let (monitor, cycles, alerts) = watched(&configuration, recording);
    let days = monitor.machines()[0].utilisation().days();
    let sum = |of: fn(&Times) -> f64| days.values().map(of).sum::<f64>();
    let (works, all) = (sum(|times| times.producing), sum(Times::total));
    (text, cycles, alerts, works / all)
}

/// Words tell what a column says, whatever it is called.
#[test]
fn a_program_that_runs_is_known_by_the_words_of_the_column() {
    let rows = LOTS.rows();
    let japanese: fn(&Row) -> String = |row| match row.word {
        "ACTIVE" => "自動運転".to_owned(),
        "READY" => "待機中".to_owned(),
        _ => "段取り".to_owned(),
    };
    let plain: fn(&Row) -> String = |row| row.word.to_owned();
    let spoken: fn(&Row) -> String =
        |row| if row.word == "ACTIVE" { "Machining" } else { "Waiting" }.to_owned();
    for (name, word) in [("Mode", plain), ("モード", japanese), ("運転モード", japanese), ("Col7", spoken)]
    {
        let (text, cycles, alerts, used) = seen(&table(&rows, &[JOB, (name, word), POWER, COUNT]));
        assert!(text.contains("cycle: { by: running }"), "{name}: {text}");
        assert_eq!((cycles.len(), alerts), (96, 0), "{name}: {text}");
        assert!((used - LOTS.used()).abs() < 0.001, "{name}: {used}");
    }
    // How a machine is operated says nothing of whether it runs, nor does a piece of it.
    let modes: fn(&Row) -> String = |row| if row.word == "SETUP" { "MANUAL" } else { "AUTOMATIC" }.to_owned();
    for (name, word) in [("Mode", modes), ("Coolant", plain)] {
        let (text, ..) = seen(&table(&rows, &[JOB, (name, word), POWER]));
        assert!(text.contains("cycle: { by: power") && !text.contains("is: running"), "{name}: {text}");
    }
}

/// A count that goes on with each run of power tells no more than power does, and hides breaks.
#[test]
fn power_tells_cycles_where_each_run_is_a_part_by_the_count() {
    let of_unlike = Lots { parts: |lot| 5 + lot * 7 % 6, ..LOTS };
    // Two runs of power to a part, with pauses between them that are longer than some between parts.
    let of_pieces = Lots { runs: 2, between: |n| 3 + n * 7 % 6, load: 14, ..LOTS };
    for (name, lots) in [("alike", &LOTS), ("unlike", &of_unlike), ("of two runs", &of_pieces)] {
        let rows = lots.rows();
        for columns in [&[JOB, POWER, COUNT][..], &[POWER, COUNT]] {
            let (text, cycles, alerts, used) = seen(&table(&rows, columns));
            assert!(text.contains("cycle: { by: power, on: "), "{name}: {text}");
            assert!(text.contains("each time the count went on there was one run"), "{name}: {text}");
            let parts = rows.last().expect("there are rows").count;
            assert_eq!(cycles.len(), parts, "{name}: {text}");
            // Without the job, nothing tells three lengths apart that take turns.
            assert!(alerts == 0 || columns.len() == 2, "{name}: {alerts} alerts\n{text}");
            assert!((used - lots.used()).abs() < 0.1, "{name}: {used}");
        }
    }
}

/// Where power does not tell parts apart, the count does, and a break belongs to no cycle.
#[test]
fn breaks_between_counted_parts_are_no_slow_parts() {
    let lots = Lots { runs: 3, between: |n| 6 + n * 5 % 14, load: 13, set_up: 300, ..LOTS };
    let rows = lots.rows();
    let (text, cycles, alerts, used) = seen(&table(&rows, &[JOB, POWER, COUNT]));
    assert!(text.contains("cycle: { by: number }"), "{text}");
    assert!(text.contains("states: { by: power, idle: 200, producing: "), "{text}");
    assert_eq!(alerts, 0, "{text}");
    assert!((used - lots.used()).abs() < 0.01, "{used}");
    let interrupted = cycles.iter().filter(|cycle| cycle.doubts.contains(Doubt::Interrupted));
    let interrupted: Vec<&Cycle> = interrupted.collect();
    assert!(interrupted.len() >= 6, "{} of {}", interrupted.len(), cycles.len());
    for cycle in interrupted {
        assert!(cycle.is_cut && cycle.held > 300.0 && cycle.held < 400.0, "{cycle:?}");
        assert!((cycle.held_quantity - 600.0 * cycle.held / 3_600.0).abs() < 4.0, "{cycle:?}");
    }
    // With states that tell nothing of breaks they are slow parts, and the machine works all the time.
    let (_, mut configuration) = propose(&table(&rows, &[JOB, POWER, COUNT]));
    configuration.machines[0].settings.states = States::Cycles;
    let (_, alerts) = watch(&configuration, &table(&rows, &[JOB, POWER, COUNT]));
    assert!(alerts > 6, "{alerts}");
}

/// A machine that works on for too long is stuck, though it stood still before.
#[test]
fn a_counted_part_that_never_ends_is_stuck() {
    let lots = Lots { runs: 3, between: |n| 6 + n * 5 % 14, load: 13, set_up: 300, ..LOTS };
    let mut rows = lots.rows();
    let columns = [JOB, POWER, COUNT];
    let (_, configuration) = propose(&table(&rows, &columns));
    let last = rows.pop().expect("there are rows");
    for second in 0..900 {
        let at = last.at.plus(f64::from(second));
        rows.push(Row { at, power: 3_400.0 + f64::from(second * 7 % 90), job: 0, ..last });
    }
    let (_, alerts) = watch(&configuration, &table(&rows, &columns));
    assert_eq!(alerts, 1);
}

/// A rest that stays far longer is no break: the machine is not left unjudged for good.
#[test]
fn rests_between_counted_parts_that_stay_longer_are_told() {
    let lots = Lots { runs: 3, between: |n| 6 + n * 5 % 14, load: 13, ..LOTS };
    let mut rows = lots.rows();
    let columns = [JOB, POWER, COUNT];
    let (_, configuration) = propose(&table(&rows, &columns));
    assert_eq!(watch(&configuration, &table(&rows, &columns)).1, 0);
    let last = rows.last().map(|row| (row.at, row.count)).expect("there are rows");
    let later = Lots { load: 90, ..lots }.rows();
    let first = later[0].at;
    rows.extend(later.into_iter().map(|row| {
        let at = last.0.plus(1.0 + row.at.since(first));
        Row { at, count: row.count + last.1, ..row }
    }));
    let (_, alerts) = watch(&configuration, &table(&rows, &columns));
    assert!(alerts > 0);
}

/// Runs that are alike within each job are parts, and not what a job makes before the next one comes.
#[test]
fn lots_of_a_job_are_no_cycles() {
    let of_unlike = Lots { parts: |lot| 5 + lot * 7 % 6, ..LOTS };
    let of_many = Lots { lengths: &[31, 40, 52, 68, 90, 118], ..LOTS };
    for (name, lots) in [("alike", &LOTS), ("unlike", &of_unlike), ("of many jobs", &of_many)] {
        let rows = lots.rows();
        let (text, cycles, alerts, _) = seen(&table(&rows, &[JOB, POWER]));
        let parts = rows.last().expect("there are rows").count;
        assert_eq!((cycles.len(), alerts), (parts, 0), "{name}: {text}");
    }
    // Pieces of a part that are alike are pieces all the same, where a job makes several parts.
    let of_pieces = Lots { runs: 2, between: |n| 4 + n % 3, load: 60, ..LOTS };
    let (text, cycles, ..) = seen(&table(&of_pieces.rows(), &[JOB, POWER]));
    assert_eq!(cycles.len(), 96, "{text}");
}

/// What stands behind the level of a condition is no name of a value.
#[test]
fn conditions_of_an_adapter_are_no_values() {
    let mut text =
        String::from("2026-04-06T08:00:00Z|execution|READY\n2026-04-06T08:00:00Z|system|NORMAL||||\n");
    for part in 0..20 {
        writeln!(text, "2026-04-06T08:{part:02}:10Z|execution|ACTIVE").expect("a string grows");
        writeln!(text, "2026-04-06T08:{part:02}:20Z|system|FAULT|123|HIGH|LOW|Overload")
            .expect("a string grows");
        writeln!(text, "2026-04-06T08:{part:02}:40Z|execution|READY").expect("a string grows");
    }
    let (text, _) = propose(&text);
    assert!(text.contains("#   system = FAULT") && !text.contains("#    = "), "{text}");
    assert!(!text.contains("123") && !text.contains("LOW"), "{text}");
}
