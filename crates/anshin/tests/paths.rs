//! `anshin paths` and `anshin replay`, whole: a small system whose paths are worked out by hand.

mod common;

use common::{Folder, shorten};
use insta::assert_snapshot;

/// A business PC that the internet reaches, linked with a PLC in another zone.
///
/// By the rubric: internet → PC takes way 1 and authentication 1; PC → PLC way 2, knowledge of
/// controllers 2, authentication 1 and another zone 1; standstill 1. That is 2 + 6 + 1 = 9 points.
const SYSTEM: &str = "\
anshin: 1
system: { id: small, name: { ja: 小さな工場, en: Small works }, setting: business }
stakeholders:
  - id: works
    name: { ja: 工場, en: Works }
    role: user
    lead: true
    depends-on: { service: core-business, restore: days }
zones:
  - { id: office, kind: office-network }
  - { id: floor, kind: control-network }
assets:
  - { id: pc, name: PC, kind: terminal.business, zone: office, traits: [internet-facing] }
  - { id: plc, name: PLC, kind: controller.plc, zone: floor }
links:
  - { from: pc, to: plc, over: ethernet }
";

const MEASURES: &str = "\
measures:
  - { id: vpn, requirement: suitable-network, measure: suitable-network-closed-line, by: works, on: [pc], status: in-place }
  - { id: border, requirement: network-segmentation, measure: network-segmentation-border-control, by: works, on: [plc], status: planned }
acceptances:
  - { scenario: plc/stop/works, by: Sato, until: 2026-03-31, reason: { ja: 更新まで待つ, en: Until the renewal } }
  - { scenario: plc/stop/nobody, by: Sato, until: 2027-03-31, reason: gone }
";

const MATRIX: &str = "\
anshin-catalog: 1
matrices:
  - id: ours
    name: { ja: 自社, en: Ours }
    about: { ja: 三区分。, en: Three classes. }
    likelihood:
      - { id: rare, name: { ja: まれ, en: Rare }, difficulty: 12 }
      - { id: possible, name: { ja: あり得る, en: Possible }, difficulty: 6 }
      - { id: likely, name: { ja: 起こりそう, en: Likely }, difficulty: 0 }
    effect:
      - { id: small, name: { ja: 小, en: Small } }
      - { id: large, name: { ja: 大, en: Large }, recovery: serious, economic: serious }
      - { id: worst, name: { ja: 最大, en: Worst }, recovery: critical, economic: catastrophic }
    risk:
      - { id: bear, name: { ja: 許容, en: Bear }, colour: \"#2e7d4f\" }
      - { id: watch, name: { ja: 注意, en: Watch }, colour: \"#c9a227\" }
      - { id: act, name: { ja: 対処, en: Act }, colour: \"#b3261e\" }
    cells:
      - [bear, bear, watch]
      - [bear, watch, act]
      - [watch, act, act]
    cut: watch
    counts-from: possible
    source: anshin
    basis: own
";

/// Everything that the program says, and how it ends.
fn text(folder: &Folder, lang: &str, arguments: &[&str]) -> String {
    let said = folder.run_in(lang, arguments);
    format!("{}{}exit {}\n", said.out, said.err, said.code.unwrap_or(-1))
}

#[test]
fn a_small_system_whole_in_both_languages() {
    let folder = Folder::new();
    folder.write("small.yaml", SYSTEM);
    for lang in ["en", "ja"] {
        let all = text(&folder, lang, &["paths", "small.yaml", "--verbose"]);
        assert_snapshot!(format!("small_{lang}"), all);
        let one = text(&folder, lang, &["paths", "small.yaml", "plc/stop/works", "--paths", "3"]);
        assert_snapshot!(format!("small_one_{lang}"), one);
    }
}

#[test]
fn measures_and_acceptances_count() {
    let folder = Folder::new();
    folder.write("small.yaml", format!("{SYSTEM}{MEASURES}"));
    let arguments = ["paths", "small.yaml", "--measures", "planned", "--today", "2026-04-01"];
    assert_snapshot!("small_planned", text(&folder, "en", &arguments));
    // The last day still counts; the day after is a finding.
    let expired = |today: &str| {
        let fail = ["--fail-on", "expired-acceptance", "--today", today];
        let paths = folder.run(&[&["paths", "small.yaml"][..], &fail].concat()).code;
        let assess = folder.run(&[&["assess", "small.yaml"][..], &fail].concat()).code;
        (paths, assess)
    };
    assert_eq!(expired("2026-03-31"), (Some(0), Some(0)));
    assert_eq!(expired("2026-04-01"), (Some(1), Some(1)));
    folder
        .run(&["paths", "small.yaml", "--today", "2026-01-01", "--fail-on", "unknown-scenario"])
        .ends_with(1);
}

/// Keys and their order, ids and points. Sentences are left out: they may be worded anew.
#[test]
fn the_formats_of_version_1_stay() {
    let folder = Folder::new();
    folder.write("small.yaml", format!("{SYSTEM}{MEASURES}"));
    for (name, arguments) in [
        ("paths_json", &["paths", "small.yaml", "--format", "json", "--today", "2026-04-01"][..]),
        ("replay_json", &["replay", "oldsmar", "--format", "json"]),
    ] {
        let mut json = folder.run(arguments).json();
        shorten(&mut json);
        assert_snapshot!(name, serde_json::to_string_pretty(&json).expect("JSON"));
    }
}

#[test]
fn a_matrix_of_ones_own() {
    let folder = Folder::new();
    folder.write("small.yaml", SYSTEM);
    folder.write("ours.yaml", MATRIX);
    let told = text(&folder, "en", &["paths", "small.yaml", "--matrix", "ours.yaml"]);
    assert!(told.contains("Act"), "{told}");
    let told = text(&folder, "en", &["catalog", "show", "matrices", "ours", "--catalog", "ours.yaml"]);
    assert_snapshot!("matrix_shown", told);
    let none = text(&folder, "en", &["paths", "small.yaml", "--matrix", "theirs.yaml"]);
    assert_snapshot!(none, @r"
    error: there is no risk matrix `theirs.yaml`, neither as a file nor in the catalog; the catalog has: standard
    exit 2
    ");
    folder.write("empty.yaml", "anshin-catalog: 1\n");
    let empty = text(&folder, "en", &["paths", "small.yaml", "--matrix", "empty.yaml"]);
    assert_snapshot!(empty, @r"
    error: `empty.yaml` has 0 risk matrices; write exactly one under `matrices:`
    exit 2
    ");
}

/// Every way in which a matrix can be wrong is told with its place and a next step.
#[test]
fn wrong_matrices() {
    let folder = Folder::new();
    folder.write("small.yaml", SYSTEM);
    let mut told = String::new();
    for (from, to) in [
        // Two classes only; the rows no longer fit either.
        ("      - { id: rare, name: { ja: まれ, en: Rare }, difficulty: 12 }\n", ""),
        // A hole: a row is too short.
        ("      - [bear, watch, act]\n", "      - [bear, watch]\n"),
        // A row is missing.
        ("      - [bear, watch, act]\n", ""),
        // The risk falls towards more effect, and towards more likelihood.
        ("[bear, watch, act]", "[watch, bear, act]"),
        ("[watch, act, act]", "[bear, bear, act]"),
        // A class that does not exist.
        ("[bear, bear, watch]", "[bear, bear, wach]"),
        ("cut: watch", "cut: high"),
        ("counts-from: possible", "counts-from: posible"),
        // Paths of few points fall into no class; classes out of order.
        ("difficulty: 0 }", "difficulty: 2 }"),
        ("difficulty: 6 }", "difficulty: 14 }"),
        ("difficulty: 6 }", "difficulty: 6.5 }"),
        // A class of effect that nothing reaches, and a lowest one with a condition.
        (", recovery: critical, economic: catastrophic }", " }"),
        ("en: Small } }", "en: Small }, recovery: serious }"),
        ("\"#c9a227\"", "yellow"),
        ("id: likely,", "id: rare,"),
    ] {
        let wrong = MATRIX.replacen(from, to, 1);
        assert_ne!(wrong, MATRIX, "{from}");
        folder.write("wrong.yaml", wrong);
        let one = text(&folder, "en", &["paths", "small.yaml", "--matrix", "wrong.yaml"]);
        assert!(one.ends_with("exit 2\n") && one.contains("wrong.yaml:"), "{from}\n{one}");
        told += &one;
    }
    assert_snapshot!("wrong_matrices", told);
}

#[test]
fn wrong_names_and_dates() {
    let folder = Folder::new();
    folder.write("small.yaml", SYSTEM);
    assert_snapshot!(text(&folder, "en", &["paths", "small.yaml", "plc/stop/work"]), @r"
    error: there is no scenario `plc/stop/work`; did you mean `plc/stop/works`?
    exit 2
    ");
    // As JSON as well; and what is there comes alone.
    assert_snapshot!(text(&folder, "en", &["paths", "small.yaml", "plc/stop/work", "--format", "json"]), @r"
    error: there is no scenario `plc/stop/work`; did you mean `plc/stop/works`?
    exit 2
    ");
    let one = folder.run(&["paths", "small.yaml", "plc/stop/works", "--format", "json"]).ends_with(0).json();
    let ids: Vec<_> = one["scenarios"].as_array().expect("a list").iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, ["plc/stop/works"]);
    assert_snapshot!(text(&folder, "en", &["paths", "small.yaml", "--today", "2026-02-30"]), @r"
    error: `2026-02-30` is not a date; write it as 2026-04-01
    exit 2
    ");
    assert_snapshot!(text(&folder, "en", &["replay", "oldsmer"]), @r"
    error: there is no incident `oldsmer`; did you mean `oldsmar`?
    exit 2
    ");
    folder.write("wrong.yaml", format!("{SYSTEM}{}", MEASURES.replace("2026-03-31", "2026-03-32")));
    let told = text(&folder, "en", &["paths", "wrong.yaml"]);
    assert!(told.contains("`2026-03-32` is not a date") && told.ends_with("exit 2\n"), "{told}");
}

#[test]
fn incidents_in_both_languages() {
    let folder = Folder::new();
    for lang in ["en", "ja"] {
        assert_snapshot!(format!("replay_list_{lang}"), text(&folder, lang, &["replay"]));
        assert_snapshot!(format!("replay_{lang}"), text(&folder, lang, &["replay", "oldsmar"]));
    }
}

/// For programs the list is JSON as well; where the threat of the source is not above the cut, both
/// the list and its text say so.
#[test]
fn the_list_of_incidents_as_json() {
    let folder = Folder::new();
    for arguments in [&["replay", "--format", "json"][..], &["replay", "--list", "--format", "json"]] {
        let json = folder.run(arguments).ends_with(0).json();
        let rows = json["incidents"].as_array().expect("a list");
        let of = |id: &str| rows.iter().find(|row| row["id"] == id).expect("an incident");
        assert_eq!((rows.len(), &json["among_first_three"]), (6, &6.into()));
        let oldsmar = of("oldsmar");
        assert_eq!(oldsmar["scenario"], "hmi/harm/townspeople");
        assert_eq!((&oldsmar["rank"], &oldsmar["same_threat"]), (&1.into(), &true.into()));
        assert!(oldsmar["of"].as_u64() > Some(3) && oldsmar["title"]["ja"].is_string());
        assert_eq!(of("satellite")["same_threat"], false);
    }
    let list = folder.run(&["replay"]).ends_with(0).out;
    let marked: Vec<&str> = list.lines().filter(|line| line.contains('†')).collect();
    assert_eq!(marked.len(), 2, "{list}");
    assert!(marked[0].starts_with("satellite") && marked[1].contains("1 of them"), "{list}");
}

/// An incident as a page, a workbook and a PDF: what happened, its rank and path, what the source
/// named and what cuts the path.
#[test]
fn an_incident_is_written_as_a_report() {
    let folder = Folder::new();
    for (lang, words) in [
        (
            "en",
            [
                "ranks 1 of",
                "Protect traffic between sites with a VPN",
                "Use a safely configured VPN",
                "11,100 ppm",
            ],
        ),
        ("ja", ["件中1位", "拠点間の通信をVPNで守る", "安全に設定したVPNを使う", "11,100ppm"]),
    ] {
        folder.run_in(lang, &["replay", "oldsmar", "--report", "out"]).ends_with(0);
        let page = folder.read(&format!("out/oldsmar.{lang}.html"));
        assert!(words.iter().all(|word| page.contains(word)), "{page}");
        let bytes = std::fs::read(folder.path(&format!("out/oldsmar.{lang}.xlsx"))).expect("a workbook");
        let tables = anshin_report::workbook::tables(&bytes).expect("a workbook");
        let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
        let cells: Vec<&String> = tables.iter().flat_map(|(_, rows)| rows.iter().flatten()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(words.iter().all(|word| cells.iter().any(|cell| cell.contains(word))), "{names:?}");
    }
    folder.run(&["replay", "--report", "out"]).ends_with(0);
    assert!(folder.read("out/incidents.en.html").contains("Attack on a satellite network"));
}

/// What nobody has accepted is named, with its risk as measures come on.
#[test]
fn what_stays_open_is_named() {
    let folder = Folder::new();
    folder.write("boiler.yaml", include_str!("../../../examples/boiler.yaml"));
    let told = text(&folder, "en", &["paths", "boiler.yaml", "--today", "2026-04-01"]);
    let residual = told.split("4. Residual risk").nth(1).expect("the section");
    let named =
        residual.lines().filter(|line| line.starts_with("  - ") && line.contains(" without measures -> "));
    assert_eq!(named.count(), 10, "{residual}");
    assert!(residual.contains("1 more (all with `--format json`)"), "{residual}");
    assert!(residual.contains("`anshin plan FILE` chooses measures"), "{residual}");
}
