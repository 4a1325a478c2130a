//! Properties of all pictures: nothing covers anything else, nothing is lost, and every picture is
//! well-formed, whatever names a document has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use anshin_assess::{Assessment, Engine, System, generate};
use anshin_catalog::Catalog;
use anshin_model::{Document, Id, Lang, Text};
use anshin_report::{
    Subject, flow_diagram, levels_after_measures, risk_map, risk_map_after, risk_map_of_change,
    stakeholder_diagram, stakeholder_diagrams, system_diagram,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use roxmltree::Node;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.expect("the built-in catalog loads"));

/// Zones within zones, assets of zones within and around, an asset without a zone.
const NESTED: &str = "\
anshin: 1
system: { id: nested, name: nested, setting: business }
stakeholders: [ { id: us, name: us, role: user, lead: true } ]
zones:
  - { id: site, kind: plant-site }
  - { id: hall, kind: production-floor, within: site }
  - { id: cell, kind: field-network, within: hall }
  - { id: office, kind: office-network, within: site }
  - { id: store, kind: warehouse-floor, within: site }
  - { id: empty, kind: dmz }
assets:
  - { id: gate, name: gate, kind: network.firewall, zone: site }
  - { id: robot, name: robot, kind: machine.robot.industrial, zone: cell }
  - { id: plc, name: plc, kind: controller.plc, zone: cell }
  - { id: hmi, name: hmi, kind: terminal.hmi, zone: hall }
  - { id: mes, name: mes, kind: server.mes, zone: office }
  - { id: agv, name: agv, kind: machine.vehicle.agv, zone: store }
  - { id: stick, name: stick, kind: controller.plc }
links:
  - { from: gate, to: mes, over: ethernet }
  - { from: mes, to: plc, over: ethernet, through: [ gate, hmi ] }
  - { from: plc, to: robot, over: fieldbus }
  - { from: mes, to: agv, over: wifi }
  - { from: stick, to: plc, over: removable-media }
  - { from: robot, to: gate, over: internet }
";

fn read(text: &str) -> Document {
    let loaded = anshin_model::load::load_text("system.yaml", text, &CATALOG.vocabulary());
    loaded.document.unwrap_or_else(|| panic!("{:?}\n{text}", loaded.diagnostics))
}

fn with_subject<T>(document: &Document, check: impl FnOnce(&Subject<'_>) -> T) -> T {
    let system = System::new(document, &CATALOG);
    let assessment: Assessment =
        Engine::new(&CATALOG).expect("the built-in rules fit").assess_system(&system);
    check(&Subject { system: &system, assessment: &assessment })
}

/// The text of every worked system.
fn examples() -> Vec<(String, String)> {
    texts_in(&["examples"])
}

/// All examples and templates, generated systems, and one with zones within zones.
fn documents() -> Vec<(String, Document)> {
    let texts = texts_in(&["examples", "templates"]);
    assert!(texts.len() >= 11);
    let mut found: Vec<_> = texts.into_iter().map(|(name, text)| (name, read(&text))).collect();
    for size in [12, 120, 1000] {
        found.push((format!("generated {size}"), read(&generate::system(size))));
    }
    found.push(("nested".to_owned(), read(NESTED)));
    found
}

fn texts_in(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in folders {
        let mut files: Vec<_> = std::fs::read_dir(root.join(folder))
            .expect("the folder is there")
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .collect();
        files.sort();
        for path in files {
            let text = std::fs::read_to_string(&path).expect("a file of text");
            found.push((path.display().to_string(), text));
        }
    }
    found
}

#[derive(Debug, Clone, Copy)]
struct Rect {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Rect {
    fn of(node: Node<'_, '_>) -> Self {
        let number = |name| node.attribute(name).expect("an attribute").parse::<f64>().expect("a number");
        let (left, top) = (number("x"), number("y"));
        Self { left, top, right: left + number("width"), bottom: top + number("height") }
    }

    fn overlaps(&self, other: &Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn contains(&self, other: &Rect) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    fn around(a: (f64, f64), b: (f64, f64)) -> Self {
        Self { left: a.0.min(b.0), top: a.1.min(b.1), right: a.0.max(b.0), bottom: a.1.max(b.1) }
    }

    /// Larger on all sides.
    fn grown(&self, by: f64) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }
}

/// The assets at the ends of a line, and its corners.
type Line = (String, String, Vec<(f64, f64)>);

/// What a test looks at in the picture of a system.
struct Drawn {
    canvas: Rect,
    boxes: BTreeMap<String, (Rect, String)>,
    zones: BTreeMap<String, (Rect, String)>,
    /// The grounds of the names of zones, by zone.
    names: BTreeMap<String, Rect>,
    links: Vec<Line>,
}

fn groups<'a, 'd>(tree: &'a roxmltree::Document<'d>, class: &str) -> Vec<Node<'a, 'd>> {
    let is = |node: &Node<'_, '_>| {
        node.has_tag_name("g")
            && node.attribute("class").is_some_and(|own| own.split(' ').next() == Some(class))
    };
    tree.descendants().filter(is).collect()
}

fn first<'a, 'd>(group: Node<'a, 'd>, tag: &str) -> Node<'a, 'd> {
    let tag = |node: &Node<'_, '_>| node.tag_name().name() == tag;
    group.children().find(tag).expect("a child")
}

fn drawn(svg: &str) -> Drawn {
    let tree = roxmltree::Document::parse(svg).expect("well-formed XML");
    let root = tree.root_element();
    let size = |name| root.attribute(name).expect("a size").parse::<f64>().expect("a number");
    let rects = |class: &str, other: &str| {
        let one = |group: Node<'_, '_>| {
            let id = group.attribute("data-id").expect("an id").to_owned();
            let other = group.attribute(other).unwrap_or_default().to_owned();
            (id, (Rect::of(first(group, "rect")), other))
        };
        groups(&tree, class).into_iter().map(one).collect()
    };
    let links = groups(&tree, "link").into_iter().map(|group| {
        let is_line = |node: &Node<'_, '_>| {
            node.has_tag_name("path")
                && node.attribute("class") != Some("a-taken")
                && node.attribute("fill") == Some("none")
        };
        let line = group.children().find(is_line).expect("a line");
        let end = |name| group.attribute(name).expect("an end").to_owned();
        (end("data-from"), end("data-to"), corners(line.attribute("d").expect("commands")))
    });
    let names = groups(&tree, "zone-name").into_iter().map(|group| {
        let zone = group.attribute("data-zone").expect("a zone").to_owned();
        (zone, Rect::of(first(group, "rect")))
    });
    Drawn {
        names: names.collect(),
        canvas: Rect { left: 0.0, top: 0.0, right: size("width"), bottom: size("height") },
        boxes: rects("asset", "data-zone"),
        zones: rects("zone", "data-within"),
        links: links.collect(),
    }
}

/// The corners of a line: its ends, and the point that each curve bends towards.
fn corners(commands: &str) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut rest = commands;
    while let Some(command) = rest.chars().next() {
        let end = rest[1..].find(['M', 'L', 'Q']).map_or(rest.len(), |at| at + 1);
        let numbers: Vec<f64> =
            rest[1..end].split_whitespace().map(|number| number.parse().expect("a number")).collect();
        points.push((command, (numbers[0], numbers[1])));
        rest = &rest[end..];
    }
    let last = points.len() - 1;
    let is_corner =
        |(n, point): (usize, &(char, (f64, f64)))| (n == 0 || n == last || point.0 == 'Q').then_some(point.1);
    points.iter().enumerate().filter_map(is_corner).collect()
}

fn check_system(name: &str, document: &Document, svg: &str) {
    let drawn = drawn(svg);
    assert_eq!(drawn.boxes.len(), document.assets.len(), "{name}");
    assert_eq!(drawn.zones.len(), document.zones.len(), "{name}");
    let boxes: Vec<_> = drawn.boxes.iter().collect();
    for (n, (id, (rect, zone))) in boxes.iter().enumerate() {
        assert!(drawn.canvas.contains(rect), "{name}: {id} is outside of the picture");
        for (other_id, (other, _)) in &boxes[n + 1..] {
            assert!(!rect.grown(3.0).overlaps(other), "{name}: {id} and {other_id}");
        }
        let mut around = BTreeSet::new();
        let mut zone = zone;
        while let Some((border, within)) = drawn.zones.get(zone) {
            assert!(border.contains(rect), "{name}: {id} is outside of {zone}");
            around.insert(zone);
            zone = within;
        }
        for (other, (border, _)) in &drawn.zones {
            assert!(around.contains(other) || !border.overlaps(rect), "{name}: {id} is in {other}");
        }
    }
    for (id, (rect, within)) in &drawn.zones {
        assert!(drawn.canvas.contains(rect), "{name}: {id} is outside of the picture");
        if let Some((outer, _)) = drawn.zones.get(within) {
            assert!(outer.grown(-2.0).contains(rect), "{name}: {id} is outside of {within}");
        }
        for (other, (border, other_within)) in &drawn.zones {
            assert!(id == other || within != other_within || !rect.overlaps(border), "{name}: {id}, {other}");
        }
    }
    for (id, ground) in &drawn.names {
        assert!(drawn.zones[id].0.contains(ground), "{name}: the name of {id} is outside of it");
        for (other, (rect, _)) in &drawn.boxes {
            assert!(!rect.overlaps(ground), "{name}: the name of {id} covers {other}");
        }
        for (other, (rect, within)) in &drawn.zones {
            assert!(within != id || !rect.overlaps(ground), "{name}: the name of {id} is in {other}");
        }
    }
    check_lines(name, &drawn);
}

fn check_lines(name: &str, drawn: &Drawn) {
    let mut level: BTreeMap<i64, Vec<(f64, f64)>> = BTreeMap::new();
    let mut upright: BTreeMap<i64, Vec<(f64, f64)>> = BTreeMap::new();
    for (from, to, points) in &drawn.links {
        for (end, point) in [(from, points[0]), (to, points[points.len() - 1])] {
            let (rect, _) = drawn.boxes[end];
            let at = Rect::around(point, point);
            assert!(rect.grown(0.2).contains(&at), "{name}: a line misses {end}");
            assert!(!rect.grown(-0.2).contains(&at), "{name}: a line ends within {end}");
        }
        for pair in points.windows(2) {
            let segment = Rect::around(pair[0], pair[1]);
            assert!(drawn.canvas.contains(&segment), "{name}: {from} to {to} leaves the picture");
            let (wide, high) = (segment.right - segment.left, segment.bottom - segment.top);
            assert!(wide < 0.2 || high < 0.2, "{name}: {from} to {to} is not straight");
            for (id, (rect, _)) in &drawn.boxes {
                let crosses = segment.grown(0.1).overlaps(&rect.grown(-0.5));
                assert!(!crosses, "{name}: the line from {from} to {to} crosses {id}");
            }
            #[expect(clippy::cast_possible_truncation, reason = "tenths of a pixel")]
            let tenths = |value: f64| (value * 10.0).round() as i64;
            if wide > high {
                level.entry(tenths(segment.top)).or_default().push((segment.left, segment.right));
            } else {
                upright.entry(tenths(segment.left)).or_default().push((segment.top, segment.bottom));
            }
        }
    }
    for (at, mut spans) in level.into_iter().chain(upright) {
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in spans.windows(2) {
            assert!(pair[1].0 >= pair[0].1 - 0.2, "{name}: lines cover each other at {at}: {pair:?}");
        }
    }
}

/// Systems of all shapes: zones within zones, assets anywhere, links between any of them.
fn any_system() -> impl Strategy<Value = String> {
    const ZONES: [&str; 6] =
        ["internet", "cloud", "office-network", "plant-site", "control-network", "field-network"];
    const KINDS: [&str; 6] = [
        "network.router",
        "cloud.application",
        "terminal.hmi",
        "controller.plc",
        "sensor.temperature",
        "machine.robot.industrial",
    ];
    const MEDIA: [&str; 4] = ["ethernet", "wifi", "internet", "removable-media"];
    const NAMES: [&str; 4] =
        ["a", "Maintenance terminal of the second line", "倉庫管理システム（WMS）", "サーバ"];
    let zones = prop::collection::vec((0..ZONES.len(), prop::option::of(any::<prop::sample::Index>())), 0..8);
    let assets = prop::collection::vec(
        (0..KINDS.len(), prop::option::of(any::<prop::sample::Index>()), 0..NAMES.len()),
        1..24,
    );
    let links = prop::collection::vec(
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..MEDIA.len()),
        0..40,
    );
    (zones, assets, links).prop_map(|(zones, assets, links)| {
        use std::fmt::Write as _;
        let mut out = "anshin: 1\nsystem: { id: s, name: s, setting: business }\nstakeholders:\n\
                       - { id: us, name: us, role: user, lead: true }\nzones:\n"
            .to_owned();
        for (n, (kind, parent)) in zones.iter().enumerate() {
            let within = parent.filter(|_| n > 0).map(|parent| format!(", within: z{}", parent.index(n)));
            let _ = writeln!(out, "  - {{ id: z{n}, kind: {}{} }}", ZONES[*kind], within.unwrap_or_default());
        }
        out.push_str("assets:\n");
        for (n, (kind, zone, name)) in assets.iter().enumerate() {
            let zone = zone.filter(|_| !zones.is_empty()).map(|zone| zone.index(zones.len()));
            let zone = zone.map(|zone| format!(", zone: z{zone}")).unwrap_or_default();
            let (kind, name) = (KINDS[*kind], NAMES[*name]);
            let _ = writeln!(out, "  - {{ id: a{n}, name: \"{name}\", kind: {kind}{zone} }}");
        }
        out.push_str("links:\n");
        for (n, (from, to, medium)) in links.iter().enumerate() {
            let (from, to) = (from.index(assets.len()), to.index(assets.len()));
            if from != to {
                let over = MEDIA[*medium];
                let _ = writeln!(out, "  - {{ id: l{n}, from: a{from}, to: a{to}, over: {over} }}");
            }
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_covers_anything_else_in_any_system(text in any_system()) {
        let document = read(&text);
        with_subject(&document, |subject| check_system(&text, &document, &system_diagram(subject, Lang::Ja)));
    }
}

/// Among many systems, a further asset turns one pair in twenty around at most. One without a link does
/// so only where a row or a shelf is full. A single small and dense system may have to turn more, so no
/// bound holds for each alone.
#[test]
fn a_further_asset_turns_few_around_in_many_systems() {
    let mut runner = TestRunner::deterministic();
    let (mut with_link, mut alone, mut all_pairs) = (0, 0, 0);
    for _ in 0..128 {
        let text = any_system().new_tree(&mut runner).expect("a system").current();
        let document = read(&text);
        if let Some(zone) = &document.assets[0].zone {
            let (turned_with_link, pairs) = turned(&text, zone.as_str(), Some("a0"));
            with_link += turned_with_link;
            alone += turned(&text, zone.as_str(), None).0;
            all_pairs += pairs;
        }
    }
    assert!(all_pairs > 1_000, "only {all_pairs} pairs were looked at");
    assert!(with_link * 20 <= all_pairs, "{with_link} of {all_pairs}");
    assert!(alone * 25 <= all_pairs, "{alone} of {all_pairs}");
}

/// A planned measure that is strong enough moves stakeholders on the map, and no measure makes no
/// second state.
#[test]
fn the_map_after_measures_shows_both_states() {
    let text = include_str!("../../../examples/gas-water-heater.yaml");
    let without = read(text);
    let requirements: BTreeSet<_> = with_subject(&without, |subject| {
        let plan = subject.assessment.plan.iter();
        plan.flat_map(|item| item.measures.iter().map(|m| (item.requirement.clone(), m.clone()))).collect()
    });
    let measure = |(n, (requirement, measure)): (usize, &(Id, Id))| {
        format!(
            "- {{ id: m{n}, requirement: {requirement}, measure: {measure}, by: maker, status: planned }}"
        )
    };
    let measures = requirements.iter().enumerate().map(measure).collect::<Vec<_>>().join("\n");
    let with = read(&format!("{text}\nmeasures:\n{measures}"));
    let engine = Engine::new(&CATALOG).expect("the built-in rules fit");
    with_subject(&without, |subject| assert!(levels_after_measures(&engine, subject).is_none()));
    with_subject(&with, |subject| {
        let after = levels_after_measures(&engine, subject).expect("there are measures");
        let svg = risk_map_after(subject, &after, Lang::En);
        let tree = roxmltree::Document::parse(&svg).expect("well-formed XML");
        let moved = after.iter().filter(|levels| {
            (levels.recovery_before, levels.economic_before) != (levels.recovery, levels.economic)
        });
        let moved: BTreeSet<_> = moved.map(|levels| levels.stakeholder.as_str()).collect();
        assert!(!moved.is_empty());
        let ways = groups(&tree, "way");
        assert_eq!(ways.iter().map(|way| way.attribute("data-id").unwrap()).collect::<BTreeSet<_>>(), moved);
        for levels in &after {
            let states = groups(&tree, "stakeholder");
            let own = states.iter().filter(|g| g.attribute("data-id") == Some(levels.stakeholder.as_str()));
            let expected = if moved.contains(levels.stakeholder.as_str()) { 2 } else { 1 };
            assert_eq!(own.count(), expected, "{}", levels.stakeholder);
        }
    });
}

/// On the map of two versions every stakeholder is where each version puts it, and no more often.
#[test]
fn the_map_of_a_change_shows_both_versions() {
    let old = read(include_str!("../../../examples/gas-water-heater.yaml"));
    let text = include_str!("../../../examples/gas-water-heater.yaml");
    let new =
        text.replace("substitute: partly, restore: days", "substitute: \"no\", restore: years").replace(
            "targets: { recovery: limited, economic: limited }",
            "targets: { recovery: serious, economic: limited }",
        );
    assert_ne!(text, new);
    let new = format!(
        "{new}\ndecisions:\n- {{ subject: rating/resident/recovery, decide: override, value: limited, reason: r, by: b }}\n"
    );
    let new = read(&new);
    with_subject(&old, |old| {
        with_subject(&new, |new| {
            let svg = risk_map_of_change(old, new, Lang::En);
            let tree = roxmltree::Document::parse(&svg).expect("well-formed XML");
            let shown = groups(&tree, "stakeholder");
            for (subject, state) in [(old, "was"), (new, "is")] {
                for rating in &subject.assessment.ratings {
                    let of = |group: &&Node<'_, '_>, state: &str| {
                        group.attribute("data-id") == Some(rating.stakeholder.as_str())
                            && group.attribute("data-state") == Some(state)
                    };
                    let stays = old.assessment.ratings.iter().zip(&new.assessment.ratings).any(|(a, b)| {
                        a.stakeholder == rating.stakeholder
                            && (a.recovery, a.economic) == (b.recovery, b.economic)
                    });
                    let expected = usize::from(state == "is" || !stays);
                    assert_eq!(shown.iter().filter(|group| of(group, state)).count(), expected);
                }
            }
            assert_eq!(groups(&tree, "way").len(), 1, "the resident moves");
            assert_eq!(groups(&tree, "target-before").len(), 1);
            let same = risk_map_of_change(old, old, Lang::En);
            let tree = roxmltree::Document::parse(&same).expect("well-formed XML");
            assert!(groups(&tree, "way").is_empty() && groups(&tree, "target-before").is_empty());
        });
    });
}

#[test]
fn nothing_covers_anything_else() {
    for (name, document) in documents() {
        with_subject(&document, |subject| {
            for lang in Lang::ALL {
                check_system(&name, &document, &system_diagram(subject, lang));
            }
            for flow in 0..document.flows.len() {
                let svg = flow_diagram(subject, flow, Lang::Ja);
                check_system(&name, &document, &svg);
                let tree = roxmltree::Document::parse(&svg).expect("well-formed XML");
                assert_eq!(groups(&tree, "step-text").len(), document.flows[flow].steps.len(), "{name}");
                assert!(!groups(&tree, "step").is_empty(), "{name}");
            }
        });
    }
}

/// Lines run beside the names of zones, not under them. (Where lines pass everywhere, in large systems,
/// the names have grounds.)
#[test]
fn no_line_runs_under_the_name_of_a_zone() {
    let check = |name: &str, svg: &str| {
        let drawn = drawn(svg);
        for (from, to, points) in &drawn.links {
            for pair in points.windows(2) {
                let segment = Rect::around(pair[0], pair[1]).grown(1.0);
                for (zone, ground) in &drawn.names {
                    let under = segment.overlaps(ground);
                    assert!(!under, "{name}: the line from {from} to {to} runs under the name of {zone}");
                }
            }
        }
    };
    for (name, document) in documents().into_iter().filter(|(_, document)| document.assets.len() < 100) {
        with_subject(&document, |subject| {
            for lang in Lang::ALL {
                check(&name, &system_diagram(subject, lang));
                for flow in 0..document.flows.len() {
                    check(&name, &flow_diagram(subject, flow, lang));
                }
            }
        });
    }
}

/// The texts of each group of a class, its lines joined, by id.
fn texts(svg: &str, class: &str) -> Vec<(String, String)> {
    let tree = roxmltree::Document::parse(svg).expect("well-formed XML");
    let one = |group: Node<'_, '_>| {
        let lines = group.descendants().filter(|node| node.has_tag_name("text"));
        let text: String = lines.filter_map(|node| node.text()).collect();
        (group.attribute("data-id").unwrap_or_default().to_owned(), without_spaces(&text))
    };
    groups(&tree, class).into_iter().map(one).collect()
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn everything_is_named_in_full() {
    for (name, document) in documents() {
        with_subject(&document, |subject| {
            for lang in Lang::ALL {
                let holds = |texts: Vec<(String, String)>, id: &str, own: &Text| {
                    let own = without_spaces(own.get(lang));
                    let found = texts.iter().any(|(known, text)| known == id && text.contains(&own));
                    assert!(found, "{name}: {own} is not in the picture");
                };
                let (system, parties) = (system_diagram(subject, lang), stakeholder_diagram(subject, lang));
                let (in_system, in_parties) = (texts(&system, "asset"), texts(&parties, "asset"));
                assert_eq!(in_parties.len(), document.assets.len(), "{name}");
                for (asset, (drawn, listed)) in
                    document.assets.iter().zip(in_system.into_iter().zip(in_parties))
                {
                    holds(vec![drawn], asset.id.as_str(), &asset.name);
                    holds(vec![listed], asset.id.as_str(), &asset.name);
                }
                let zones: String = texts(&system, "zone-name").into_iter().map(|(_, text)| text).collect();
                for zone in &document.zones {
                    let own = subject.zone(&zone.id);
                    assert!(zones.contains(&without_spaces(own.get(lang))), "{name}: {own:?}");
                }
                let map = risk_map(subject, lang);
                for rating in &subject.assessment.ratings {
                    let own = subject.stakeholder(&rating.stakeholder);
                    holds(texts(&map, "stakeholder"), rating.stakeholder.as_str(), &own);
                }
                for who in &document.stakeholders {
                    holds(texts(&parties, "stakeholder"), who.id.as_str(), &who.name);
                }
            }
        });
    }
}

#[test]
fn the_same_document_gives_the_same_picture() {
    let document = read(&generate::system(120));
    let all = |subject: &Subject<'_>| {
        [
            system_diagram(subject, Lang::En),
            risk_map(subject, Lang::En),
            stakeholder_diagram(subject, Lang::En),
        ]
    };
    assert_eq!(with_subject(&document, all), with_subject(&read(&generate::system(120)), all));
}

/// How many pairs of assets change places, left for right or above for below, when an asset, and a link of it
/// if wanted, is added at the end of their lists; and how many pairs there are.
fn turned(text: &str, zone: &str, joined: Option<&str>) -> (usize, usize) {
    let end_of = |list: &str| {
        let at = text.find(&format!("\n{list}:\n")).expect("the list is there") + 1;
        let inside = |line: &&str| line.starts_with(' ') || line.trim().is_empty() || line.starts_with('#');
        let mut lines = text[at..].split_inclusive('\n');
        let first = lines.next().map_or(0, str::len);
        at + first + lines.take_while(inside).map(str::len).sum::<usize>()
    };
    let asset = format!("  - {{ id: extra, name: extra, kind: sensor.pressure, zone: {zone} }}\n");
    let link = joined.map(|joined| format!("  - {{ from: extra, to: {joined}, over: io-wiring }}\n"));
    let mut larger = text.to_owned();
    if let Some(link) = link {
        larger.insert_str(end_of("links"), &link);
    }
    larger.insert_str(end_of("assets"), &asset);
    let boxes = |text: &str| with_subject(&read(text), |s| drawn(&system_diagram(s, Lang::Ja)).boxes);
    let (before, after) = (boxes(text), boxes(&larger));
    assert_eq!(after.len(), before.len() + 1);
    let turns = |(a, a_after): (f64, f64), (b, b_after): (f64, f64)| {
        let (before, after) = (a - b, a_after - b_after);
        before * after < 0.0 && before.abs() > 30.0 && after.abs() > 30.0
    };
    let (mut pairs, mut turned) = (0, 0);
    for (n, (a, (rect_a, _))) in before.iter().enumerate() {
        for (b, (rect_b, _)) in before.iter().skip(n + 1) {
            let (after_a, after_b) = (after[a].0, after[b].0);
            pairs += 1;
            turned += usize::from(
                turns((rect_a.left, after_a.left), (rect_b.left, after_b.left))
                    || turns((rect_a.top, after_a.top), (rect_b.top, after_b.top)),
            );
        }
    }
    (turned, pairs)
}

/// The row that the new asset joins was full: it begins another, and everybody stays in their column.
#[test]
fn an_asset_without_links_moves_nobody_to_another_column() {
    let plant = include_str!("../../../examples/chemical-plant.yaml");
    let asset = "\n  - { id: extra, name: extra, kind: terminal.hmi, zone: control-information }\n\ndata:\n";
    let larger = plant.replacen("\n\ndata:\n", asset, 1);
    let boxes = |text: &str| with_subject(&read(text), |s| drawn(&system_diagram(s, Lang::Ja)).boxes);
    let (before, after) = (boxes(plant), boxes(&larger));
    assert_eq!(after.len(), before.len() + 1);
    for (id, (rect, _)) in &before {
        assert!((rect.left - after[id].0.left).abs() < 1.0, "{id} has moved");
    }
}

/// An asset without links turns nobody around, in whatever zone. One with a link may change an order
/// that follows from links, but for few.
#[test]
fn a_further_asset_leaves_the_others_in_their_order() {
    let mut systems: Vec<(String, String, &str)> = Vec::new();
    for (_, text) in examples() {
        let first = read(&text).assets[0].id.to_string();
        systems.push((text, first, "examples"));
    }
    let plant = include_str!("../../../examples/chemical-plant.yaml");
    systems.push((plant.to_owned(), "process-plc".to_owned(), "plant"));
    systems.push((NESTED.to_owned(), "plc".to_owned(), "nested"));
    for (size, name) in [(12, "12"), (40, "40"), (120, "120")] {
        systems.push((generate::system(size), "a11".to_owned(), name));
    }
    let mut with_link: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (text, joined, name) in &systems {
        for zone in &read(text).zones {
            let (alone, _) = turned(text, zone.id.as_str(), None);
            assert_eq!(alone, 0, "{name}: {} pairs turn around for an asset in {}", alone, zone.id);
            let (few, pairs) = turned(text, zone.id.as_str(), Some(joined));
            let all = with_link.entry(name).or_default();
            *all = (all.0 + few, all.1 + pairs);
        }
    }
    for (name, (turned, pairs)) in with_link {
        assert!(turned * 10 <= pairs, "{name}: {turned} of {pairs} pairs turn around");
    }
}

/// Buildings of different depth with cells of different depth: on shelves of their own they were a tower.
#[test]
fn a_plant_of_many_zones_is_about_as_wide_as_high() {
    let kinds = ["information-network", "control-information-network", "control-network"];
    let (mut zones, mut assets) = (String::new(), String::new());
    for (n, own) in kinds.iter().enumerate() {
        let _ = writeln!(zones, "  - {{ id: b{n}, kind: {own}, name: Building {n} }}");
        for (m, kind) in kinds.iter().enumerate() {
            let _ = writeln!(zones, "  - {{ id: b{n}-{m}, within: b{n}, kind: {kind}, name: Cell {m} }}");
            for a in 0..12 {
                let id = format!("a{n}-{m}-{a}");
                let _ =
                    writeln!(assets, "  - {{ id: {id}, name: {id}, kind: sensor.pressure, zone: b{n}-{m} }}");
            }
        }
    }
    let text = format!(
        "anshin: 1\nsystem: {{ id: plant, name: Plant, setting: business, criticality: ordinary, stage: operation }}\nstakeholders: [{{ id: op, name: Op, role: user, lead: true }}]\n\
         zones:\n{zones}assets:\n{assets}"
    );
    let document = read(&text);
    let svg = with_subject(&document, |subject| system_diagram(subject, Lang::En));
    check_system("plant", &document, &svg);
    let drawing = drawn(&svg);
    let right = drawing.boxes.values().map(|(rect, _)| rect.right).fold(0.0, f64::max);
    let bottom = drawing.boxes.values().map(|(rect, _)| rect.bottom).fold(0.0, f64::max);
    assert!(bottom < right * 1.4 && right < bottom * 2.5, "{right} wide, {bottom} high");
}

#[test]
fn many_assets_are_listed_in_parts_that_fit_a_sheet() {
    let document = read(&generate::system(120));
    with_subject(&document, |subject| {
        let parts = stakeholder_diagrams(subject, Lang::En);
        let rows: Vec<_> = parts.iter().map(|part| texts(part, "asset")).collect();
        assert_eq!(rows.iter().map(Vec::len).collect::<Vec<_>>(), [40, 40, 40]);
        assert_eq!(rows.concat(), texts(&stakeholder_diagram(subject, Lang::En), "asset"));
        for part in &parts {
            let whole = texts(part, "stakeholder").len();
            assert_eq!(whole, document.stakeholders.len(), "the stakeholders stand above every part");
        }
    });
}

#[test]
fn hostile_names_do_no_harm() {
    let long = "長".repeat(10_000);
    let word = "x".repeat(10_000);
    for name in [
        "</text><script>alert(1)</script>",
        "a & b \\\" ' > ]]> <!-- --> <?xml?>",
        "=CMD()",
        "\u{202e}evil\u{2066} \u{5d0}\u{5d1}",
        "👩‍🏭🏭",
        "../../etc/passwd",
        long.as_str(),
        word.as_str(),
    ] {
        let text = format!(
            "anshin: 1\nsystem: {{ id: s, name: \"{name}\", setting: business }}\nstakeholders:\n\
             - {{ id: us, name: \"{name}\", role: user, lead: true }}\n\
             zones:\n- {{ id: z, kind: office-network, name: \"{name}\" }}\n\
             assets:\n- {{ id: a, name: \"{name}\", kind: server.mes, zone: z }}\n\
             - {{ id: b, name: \"{name}\", kind: server.mes, zone: z }}\n\
             links:\n- {{ id: l, from: a, to: b, over: ethernet }}\n\
             flows:\n- {{ id: f, name: \"{name}\", steps: [ {{ link: l, does: \"{name}\" }} ] }}\n"
        );
        let document = read(&text);
        with_subject(&document, |subject| {
            check_system(name, &document, &system_diagram(subject, Lang::En));
            check_system(name, &document, &flow_diagram(subject, 0, Lang::En));
            for svg in [
                system_diagram(subject, Lang::Ja),
                flow_diagram(subject, 0, Lang::Ja),
                risk_map(subject, Lang::Ja),
                stakeholder_diagram(subject, Lang::Ja),
            ] {
                let tree = roxmltree::Document::parse(&svg).expect("well-formed XML");
                assert!(!tree.descendants().any(|node| node.has_tag_name("script")));
                let height: f64 = tree.root_element().attribute("height").unwrap().parse().unwrap();
                assert!(
                    height < 1200.0,
                    "a name of {} characters makes the picture {height} high",
                    name.len()
                );
            }
        });
    }
}

#[test]
fn ways_in_from_outside_agree_with_the_assessment() {
    for (name, document) in documents() {
        with_subject(&document, |subject| {
            let svg = system_diagram(subject, Lang::En);
            let tree = roxmltree::Document::parse(&svg).expect("well-formed XML");
            let titles: BTreeMap<_, _> = groups(&tree, "asset")
                .into_iter()
                .map(|group| (group.attribute("data-id").unwrap(), first(group, "title").text().unwrap()))
                .collect();
            for threat in &subject.assessment.threats {
                for fact in threat.rules.iter().flat_map(|rule| &rule.facts) {
                    let words = match fact.as_str() {
                        "exposed-to:outside" | "exposed-to:internet" | "exposed-to:public-network" => {
                            "exposed to public networks"
                        }
                        "exposed-to:adjacent-wireless" => "exposed to radio nearby",
                        "exposed-to:physical-access" => "within reach of strangers",
                        "exposed-to:removable-media" => "takes removable media",
                        "exposed-to:remote-maintenance" => "maintained from afar",
                        _ => continue,
                    };
                    let title = titles[threat.asset.as_str()];
                    assert!(title.contains(words), "{name}: {fact} of {} is not shown", threat.asset);
                }
            }
        });
    }
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// Each shade of a zone is keyed by the kinds of the zones that have it, and by no others.
#[test]
fn zones_are_keyed_by_their_kinds() {
    for (name, document) in documents() {
        for lang in Lang::ALL {
            let svg = with_subject(&document, |subject| system_diagram(subject, lang));
            let picture = roxmltree::Document::parse(&svg).expect("XML");
            let has_class = |node: &Node<'_, '_>| node.attribute("class") == Some("legend");
            let legend = picture.descendants().find(has_class).expect("a legend");
            // A shade is shown as a rectangle; media are lines, and one is called like a kind of zone.
            let shades = legend.descendants().filter(|node| {
                node.has_tag_name((SVG, "text"))
                    && node.prev_sibling_element().is_some_and(|sample| sample.has_tag_name((SVG, "rect")))
            });
            let words: Vec<&str> = shades.filter_map(|node| node.text()).map(str::trim).collect();
            let between = if lang == Lang::Ja { "、" } else { ", " };
            let said: BTreeSet<&str> = words.iter().flat_map(|words| words.split(between)).collect();
            for (id, kind) in &CATALOG.zone_kinds {
                let used = document.zones.iter().any(|zone| zone.kind == *id);
                assert_eq!(said.contains(kind.name.get(lang)), used, "{name}: {id} in {words:?}");
            }
        }
    }
}
