//! The monitor on recordings of real machines. They are not part of the project: each check says
//! when its recording is not there, and `simulated` holds the same checks without them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::use_debug,
    reason = "a failed test is meant to panic, and the figures are meant to be read"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use anshin_model::Lang;
use anshin_monitor::config;
use anshin_monitor::cycle::Cycle;
use anshin_monitor::judge::Change;
use anshin_monitor::propose::{self, Agent, Found, Table};
use anshin_monitor::reference::Finding;
use anshin_monitor::{Configuration, Monitor, Said, State};

/// The folder with the recordings: `ANSHIN_RECORDINGS`, or `shared/data` beside the project.
fn recordings(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("ANSHIN_RECORDINGS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = named.unwrap_or(beside).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("the recordings `{name}` are not here; set ANSHIN_RECORDINGS to check with them");
    None
}

/// The documentation tells these figures in its row about a recording, in both languages.
fn are_published(recording: &str, figures: &[String]) {
    for file in ["monitor.md", "monitor.ja.md"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let row = text.lines().find(|line| line.starts_with('|') && line.contains(recording)).unwrap();
        let told = row.rsplit(" | ").next().unwrap();
        let mut numbers: Vec<&str> = told
            .split(|sign: char| !(sign.is_ascii_digit() || sign == '.'))
            .map(|number| number.trim_end_matches('.'))
            .collect();
        for figure in figures {
            // One that comes twice stands there twice.
            let at = numbers.iter().position(|number| *number == figure.as_str());
            let at = at.unwrap_or_else(|| panic!("{file} does not tell {figure}: {told}"));
            numbers.remove(at);
        }
    }
}

fn configuration(name: &str) -> Configuration {
    configuration_with(name, None)
}

/// With a tolerance instead of the one that is written.
fn configuration_with(name: &str, tolerance: Option<&str>) -> Configuration {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
    let mut text = std::fs::read_to_string(path).unwrap();
    if let Some(tolerance) = tolerance {
        let written = text.lines().find(|line| line.contains("tolerance:")).unwrap().to_owned();
        text = text.replace(&written, &format!("    tolerance: {{ {tolerance} }}"));
    }
    let loaded = config::load(name, &text);
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.configuration.unwrap()
}

fn replay(monitor: &mut Monitor<'_>, file: &Path) -> Vec<Said> {
    replay_from(monitor, BufReader::new(File::open(file).unwrap()))
}

fn replay_from(monitor: &mut Monitor<'_>, recording: impl BufRead) -> Vec<Said> {
    let mut said = Vec::new();
    monitor.replay(0, recording, |_, one| said.push(one)).unwrap();
    monitor.finish(|_, one| said.push(one));
    said
}

fn cycles(said: &[Said]) -> impl Iterator<Item = (&Cycle, &Finding)> {
    said.iter().filter_map(|said| match said {
        Said::Cycle(cycle, finding) => Some((cycle, finding)),
        Said::Alert(_) => None,
    })
}

fn is_alarm(finding: &Finding) -> bool {
    matches!(finding, Finding::Outside(_) | Finding::BrokenOff(_))
}

/// What became of the cycles of a recording of the robot.
#[derive(Debug, Default)]
struct Tally {
    hits: usize,
    misses: usize,
    false_alarms: usize,
    silent: usize,
    unjudged: usize,
    bad_unjudged: usize,
}

impl Tally {
    fn of(rows: &[&str], bad: &BTreeSet<usize>) -> Self {
        Self::with(None, rows, bad)
    }

    /// With a tolerance instead of the one that is written.
    fn with(tolerance: Option<&str>, rows: &[&str], bad: &BTreeSet<usize>) -> Self {
        Self::by(&configuration_with("ur3-cobot.yaml", tolerance), rows, bad)
    }

    /// With what `init` proposes for the recording, as it is.
    fn proposed(rows: &[&str], bad: &BTreeSet<usize>) -> Self {
        let recording = rows.join("\n");
        let table = Table::read("robot", recording.as_bytes()).unwrap();
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        let configuration = config::load("factory.yaml", &text).configuration.unwrap();
        let take = text.lines().find(|line| line.contains("absolute:")).unwrap_or_default();
        println!("ur3-cobot, as proposed: {}", take.trim());
        Self::by(&configuration, rows, bad)
    }

    fn by(configuration: &Configuration, rows: &[&str], bad: &BTreeSet<usize>) -> Self {
        let mut monitor = Monitor::new(configuration);
        let said = replay_from(&mut monitor, rows.join("\n").as_bytes());
        let mut all: Vec<usize> = rows[1..].iter().map(|row| number(row)).collect();
        all.dedup();
        assert_eq!(cycles(&said).count(), all.len());
        let mut tally = Self::default();
        for ((_, finding), number) in cycles(&said).zip(&all) {
            match (bad.contains(number), finding) {
                (is_bad, Finding::Learning | Finding::Learnt { .. } | Finding::Unreliable) => {
                    tally.unjudged += 1;
                    tally.bad_unjudged += usize::from(is_bad);
                }
                (true, finding) if is_alarm(finding) => tally.hits += 1,
                (true, _) => tally.misses += 1,
                (false, finding) if is_alarm(finding) => tally.false_alarms += 1,
                (false, _) => tally.silent += 1,
            }
        }
        tally
    }

    fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.false_alarms += other.false_alarms;
        self.silent += other.silent;
    }

    fn bad(&self) -> usize {
        self.hits + self.misses
    }

    fn good(&self) -> usize {
        self.false_alarms + self.silent
    }

    /// Percent of the bad cycles that are found, and of the good ones that are said to be bad.
    #[expect(clippy::cast_precision_loss, reason = "there are some hundred cycles")]
    fn percent(&self) -> (f64, f64) {
        let percent = |part: usize, of: usize| 100.0 * part as f64 / of as f64;
        (percent(self.hits, self.bad()), percent(self.false_alarms, self.good()))
    }

    fn is_within(&self, least_found: f64, most_false: f64) {
        let (found, wrong) = self.percent();
        assert!(found >= least_found, "{found:.1} % found: {self:?}");
        assert!(wrong <= most_false, "{wrong:.1} % false: {self:?}");
    }
}

/// The number of the cycle in a row of the robot.
fn number(row: &str) -> usize {
    row.split(';').nth(21).unwrap().trim().parse().unwrap()
}

/// Numbers of the cycles of the robot in which it stopped to protect itself or lost its grip.
fn bad(rows: &[&str]) -> BTreeSet<usize> {
    let is_bad =
        |row: &&&str| row.split(';').skip(22).take(2).any(|cell| cell.trim().eq_ignore_ascii_case("true"));
    rows[1..].iter().filter(is_bad).map(|row| number(row)).collect()
}

/// A stretch of a recording in sixths, below its head.
fn part<'r>(rows: &[&'r str], from: usize, to: usize) -> Vec<&'r str> {
    let (from, to) = (1 + from * (rows.len() - 1) / 6, 1 + to * (rows.len() - 1) / 6);
    rows[..1].iter().chain(&rows[from..to]).copied().collect()
}

/// Where watching of the robot begins and ends, in sixths.
const PARTS: [(usize, usize); 8] = [(0, 3), (3, 6), (0, 2), (2, 4), (4, 6), (1, 6), (2, 6), (0, 4)];

#[test]
fn ur3_bad_cycles_are_found_by_what_is_proposed() {
    let Some(folder) = recordings("ur3-cobot") else { return };
    let text = std::fs::read_to_string(folder.join("ur3-part1.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    let bad = bad(&rows);
    let fixed = |rows: &[&str]| Tally::with(Some("duration: 15"), rows, &bad);
    let (whole, whole_fixed) = (Tally::proposed(&rows, &bad), fixed(&rows));
    println!("ur3-cobot, as proposed: {whole:?}, 15 %: {whole_fixed:?}");
    whole.is_within(75.0, 5.0);
    // All parts together: there are few cycles in each.
    let [mut parts, mut parts_fixed, mut halves] = [(); 3].map(|()| Tally::default());
    for (from, to) in PARTS {
        let part = part(&rows, from, to);
        let (one, one_fixed) = (Tally::proposed(&part, &bad), fixed(&part));
        println!("ur3-cobot, sixths {from} to {to}, as proposed: {one:?}, 15 %: {one_fixed:?}");
        for tally in [&one, &one_fixed] {
            assert!(tally.percent().1 <= 5.0, "{tally:?}");
        }
        if to - from == 3 {
            halves.add(&one);
        }
        parts.add(&one);
        parts_fixed.add(&one_fixed);
    }
    parts.is_within(75.0, 5.0);
    halves.is_within(75.0, 5.0);
    assert!(parts.hits > parts_fixed.hits, "{parts:?} {parts_fixed:?}");
    let figures = [&whole, &whole_fixed, &parts, &parts_fixed].map(|tally| {
        let (found, wrong) = tally.percent();
        [format!("{found:.0}"), format!("{wrong:.1}")]
    });
    are_published("UCI 963", &figures.concat());
}

#[test]
fn ur3_bad_cycles_are_found() {
    let Some(folder) = recordings("ur3-cobot") else { return };
    let text = std::fs::read_to_string(folder.join("ur3-part1.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    let bad = bad(&rows);

    let whole = Tally::of(&rows, &bad);
    println!("ur3-cobot: {whole:?}");
    whole.is_within(75.0, 5.0);
    assert!(whole.unjudged <= 15, "{} not judged", whole.unjudged);
    let (found, wrong) = whole.percent();
    let all_bad = whole.bad() + whole.bad_unjudged;
    let counts = [
        whole.hits,
        whole.bad(),
        whole.false_alarms,
        whole.good(),
        whole.unjudged,
        whole.bad_unjudged,
        all_bad,
    ];
    let mut figures = counts.map(|figure| figure.to_string()).to_vec();
    figures.extend([format!("{found:.0}"), format!("{wrong:.1}")]);

    // Wherever watching begins and ends, the same holds.
    for (from, to) in PARTS {
        let tally = Tally::of(&part(&rows, from, to), &bad);
        println!("ur3-cobot, sixths {from} to {to}: {tally:?}");
        tally.is_within(75.0, 5.0);
    }
    // At half the pace, two good cycles that lasted twice and half as long weigh on more doubtful ones.
    for (offset, most_false) in [(0, 5.0), (1, 8.0)] {
        let every_second = rows[1..].iter().skip(offset).step_by(2);
        let tally = Tally::of(&rows[..1].iter().chain(every_second).copied().collect::<Vec<_>>(), &bad);
        println!("ur3-cobot, every second row: {tally:?}");
        tally.is_within(75.0, most_false);
        let (found, wrong) = tally.percent();
        figures.extend([format!("{found:.0}"), format!("{wrong:.1}")]);
    }
    are_published("UCI 963", &figures);
}

/// The machine's own account: seconds in which `execution` is ACTIVE.
fn active_seconds(text: &str) -> f64 {
    let (mut active, mut since) = (0.0, None);
    for row in text.lines() {
        let cells: Vec<&str> = row.split('|').collect();
        let Ok(time) = anshin_monitor::Time::parse(cells[0]) else { continue };
        for pair in cells[1..].chunks(2).filter(|pair| pair[0] == "execution") {
            if let Some(start) = since.take() {
                active += time.since(start);
            }
            if pair[1] == "ACTIVE" {
                since = Some(time);
            }
        }
    }
    active
}

const NIST: [&str; 2] = ["Mazak01-20171005-20171006.txt", "Mazak01-20181024-20181025.txt"];

#[test]
fn nist_holds_as_well_with_what_is_proposed_for_its_agent() {
    let Some(folder) = recordings("nist-shop-floor") else { return };
    let items = [("execution", "EXECUTION"), ("mode", "CONTROLLER_MODE"), ("program", "PROGRAM")];
    let items = items.map(|(item, kind)| (item.to_owned(), kind.to_owned())).to_vec();
    let agent = Agent { address: "10.0.0.2:5000".to_owned(), devices: vec![("Mazak".to_owned(), items)] };
    let found = Found { agents: vec![agent], ..Found::default() };
    let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
    let configuration = config::load("factory.yaml", &text).configuration.unwrap();
    for name in NIST {
        let mut monitor = Monitor::new(&configuration);
        let said = replay(&mut monitor, &folder.join(name));
        assert!(!said.iter().any(|said| matches!(said, Said::Alert(_))), "{name}");
        let producing: f64 =
            monitor.machines()[0].utilisation().days().values().map(|times| times.producing).sum();
        let active = active_seconds(&std::fs::read_to_string(folder.join(name)).unwrap());
        println!("{name}, as proposed: producing {producing:.1} s, the machine says {active:.1} s");
        assert!((producing - active).abs() <= 0.01 * active, "{name}: {producing} s of {active} s");
    }
}

#[test]
fn each_milled_part_is_one_cycle_with_what_is_proposed_for_its_recording() {
    let Some(folder) = recordings("cnc-milling") else { return };
    let mut lacking = Vec::new();
    for part in 1..=9 {
        let path = folder.join(format!("experiment_0{part}.csv"));
        let table = Table::read("mill", BufReader::new(File::open(&path).unwrap())).unwrap();
        let found = Found { tables: vec![table], ..Found::default() };
        let text = propose::configuration(&found, |remark| remark.get(Lang::En).to_owned());
        // The recordings have no times: a person writes how far rows lie apart.
        let text = text.replace("every: 1 ", "every: 0.1 ");
        let configuration = config::load("factory.yaml", &text).configuration.unwrap();
        let said = replay(&mut Monitor::new(&configuration), &path);
        let lasted: Vec<f64> = cycles(&said).map(|(cycle, _)| cycle.duration).collect();
        let line = text.lines().find(|line| line.contains("cycle:")).unwrap_or_default();
        println!("part {part}: cycles of {lasted:.1?} s\n{line}");
        lacking.extend((lasted.len() != 1).then_some(part));
    }
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn nist_settled_streaks_are_silent_and_utilisation_is_the_machines_own() {
    let Some(folder) = recordings("nist-shop-floor") else { return };
    for name in NIST {
        let configuration = configuration("nist-shop-floor.yaml");
        let mut monitor = Monitor::new(&configuration);
        let file = folder.join(name);
        let said = replay(&mut monitor, &file);
        let raised: Vec<&Said> = said
            .iter()
            .filter(|said| matches!(said, Said::Alert(alert) if alert.change == Change::Raised))
            .collect();
        let judged = cycles(&said).filter(|(_, finding)| matches!(finding, Finding::Healthy(_))).count();
        for (cycle, finding) in cycles(&said) {
            println!(
                "{name} {} {:.1} ± {:.1} {:?} {finding:?}",
                cycle.start, cycle.duration, cycle.duration_uncertainty, cycle.key
            );
        }
        println!("{name}: {judged} healthy of {}, {} alerts", cycles(&said).count(), raised.len());
        assert_eq!(raised, Vec::<&Said>::new(), "{name}");
        assert!(judged > 0, "{name}: nothing was judged");
        let active = active_seconds(&std::fs::read_to_string(&file).unwrap());
        let used = monitor.machines()[0].utilisation();
        let producing: f64 = used.days().values().map(|times| times.producing).sum();
        println!("{name}: producing {producing:.1} s, the machine says {active:.1} s");
        assert!((producing - active).abs() <= 0.01 * active);
        let times = [producing, active].map(|seconds| format!("{seconds:.1}"));
        let counts = [raised.len(), cycles(&said).count(), judged].map(|count| count.to_string());
        // How far they differ stands there where it is not nothing.
        let percent = format!("{:.1}", 100.0 * (producing - active).abs() / active);
        let differs = Some(percent).filter(|percent| percent != "0.0");
        are_published("NIST", &times.into_iter().chain(counts).chain(differs).collect::<Vec<_>>());
        assert_ne!(used.state(), Some(State::Producing));
    }
}

#[test]
fn nist_holds_wherever_watching_begins_and_ends() {
    let Some(folder) = recordings("nist-shop-floor") else { return };
    let configuration = configuration("nist-shop-floor.yaml");
    for name in NIST {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let rows: Vec<&str> = text.lines().collect();
        for parts in [2, 3, 7, 20] {
            for from in 0..parts {
                let part = rows[from * rows.len() / parts..(from + 1) * rows.len() / parts].join("\n");
                let mut monitor = Monitor::new(&configuration);
                let said = replay_from(&mut monitor, part.as_bytes());
                let alerts: Vec<&Said> = said.iter().filter(|said| matches!(said, Said::Alert(_))).collect();
                let used = monitor.machines()[0].utilisation();
                let producing: f64 = used.days().values().map(|times| times.producing).sum();
                let active = active_seconds(&part);
                let line = format!("{name}, {from} of {parts}: producing {producing:.1} s of {active:.1} s");
                println!("{line}");
                assert_eq!(alerts, Vec::<&Said>::new(), "{line}");
                assert!((producing - active).abs() <= 0.01 * active, "{line}");
            }
        }
    }
}

#[test]
fn cnc_parts_take_the_same_energy_at_the_same_feed() {
    let Some(folder) = recordings("cnc-milling") else { return };
    let configuration = configuration("cnc-milling.yaml");
    let mut monitor = Monitor::new(&configuration);
    let mut by_feed: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for n in 1..=9 {
        let file = folder.join(format!("experiment_{n:02}.csv"));
        // A part is whole if its last layer was milled; the others were broken off.
        let whole = std::fs::read_to_string(&file).unwrap().contains("Layer 3 Down");
        let said = replay(&mut monitor, &file);
        for (cycle, finding) in cycles(&said) {
            println!(
                "cnc-milling {n}: feed {:?}, {:?} ± {:.3} kJ, {finding:?}",
                cycle.key, cycle.quantity, cycle.uncertainty
            );
            if whole {
                assert!(!is_alarm(finding), "{n}: {finding:?}");
                by_feed.entry(cycle.key[0].to_string()).or_default().push(cycle.quantity.unwrap());
            }
        }
    }
    assert!(by_feed.values().filter(|parts| parts.len() > 1).count() >= 2, "{by_feed:?}");
    for (feed, parts) in by_feed {
        let mean = parts.iter().sum::<f64>() / f64::from(u32::try_from(parts.len()).unwrap());
        for part in &parts {
            assert!((part - mean).abs() <= 0.035 * mean, "feed {feed}: {part} against {mean}");
        }
        if parts.len() > 1 {
            let least = parts.iter().copied().fold(f64::INFINITY, f64::min);
            let most = parts.iter().copied().fold(0.0, f64::max);
            let off = f64::max(most / mean - 1.0, 1.0 - least / mean) * 100.0;
            let figures = [format!("{least:.2}"), format!("{most:.2}"), format!("{off:.1}")];
            are_published("CNC", &figures);
        }
    }
}

/// The same part once more: as fast as then within 1 %, by a machine that takes as much within 1 %, each sample of
/// its drives within 3 %.
fn again(part: &str, chance: &mut impl FnMut() -> f64) -> String {
    let mut rows = part.lines();
    let head = rows.next().unwrap();
    let drives = ["S1_OutputPower", "X1_OutputPower", "Y1_OutputPower"]
        .map(|name| head.split(',').position(|cell| cell.trim() == name).unwrap());
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let (pace, takes) = (1.0 + 0.01 * chance(), 1.0 + 0.01 * chance());
    let mut text = format!("{head}\n");
    for n in 0_u32.. {
        let at = f64::from(n) * pace;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a row of a file")]
        let Some(row) = rows.get(at as usize) else { break };
        let cell = |(n, cell): (usize, &&str)| match cell.trim().parse::<f64>() {
            Ok(power) if drives.contains(&n) => (power * takes * (1.0 + 0.03 * chance())).to_string(),
            _ => (*cell).to_owned(),
        };
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

#[test]
fn cnc_parts_that_are_made_again_and_again_are_judged_and_raise_no_alarm() {
    let Some(folder) = recordings("cnc-milling") else { return };
    let parts: Vec<String> = (1..=9)
        .map(|n| std::fs::read_to_string(folder.join(format!("experiment_{n:02}.csv"))).unwrap())
        .filter(|part| part.contains("Layer 3 Down"))
        .collect();
    for tolerance in [None, Some("duration: 0, quantity: auto")] {
        let configuration = configuration_with("cnc-milling.yaml", tolerance);
        let mut monitor = Monitor::new(&configuration);
        let mut seed = 1_u64;
        let mut chance = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            2.0 * f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX) - 1.0
        };
        let mut said = Vec::new();
        for round in 0..12 {
            for part in &parts {
                let made = if round == 0 { part.clone() } else { again(part, &mut chance) };
                said.extend(replay_from(&mut monitor, made.as_bytes()));
            }
        }
        let of = |is: fn(&Finding) -> bool| cycles(&said).filter(|(_, finding)| is(finding)).count();
        let (all, alarms) = (cycles(&said).count(), of(is_alarm));
        let healthy = of(|finding| matches!(finding, Finding::Healthy(_)));
        // Two of the recordings end before their part does.
        let cut = of(|finding| matches!(finding, Finding::Unreliable));
        println!(
            "cnc-milling, again and again, {tolerance:?}: {healthy} healthy, {cut} cut of {all}, {alarms} alarms"
        );
        assert_eq!(alarms, 0, "{tolerance:?}");
        assert!(!said.iter().any(|said| matches!(said, Said::Alert(_))), "{tolerance:?}");
        assert!(4 * healthy >= 3 * (all - cut), "{healthy} of {all}, {cut} cut");
        are_published("CNC", &[all, healthy, cut].map(|count| count.to_string()));
    }
}
