//! How far the proposals for the examples agree with what experts wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anshin_assess::{Assessment, Engine};
use anshin_catalog::Catalog;
use anshin_model::document::Document;
use anshin_model::tree::{self, Limits, Node, Sources, Value};
use serde::Deserialize;

use crate::input::{self, Failure};
use crate::output::{Output, pad};

/// What experts wrote about one example.
#[derive(Debug, Deserialize)]
struct Experts {
    example: String,
    /// Filled cells of their worksheets; only for the full use cases.
    cells: Option<u32>,
    #[serde(default)]
    ratings: Vec<Rating>,
    #[serde(default)]
    threats: Vec<Threats>,
    #[serde(default)]
    candidates: Vec<String>,
    #[serde(default)]
    priorities: Vec<String>,
    #[serde(default)]
    implementers: Vec<Implementers>,
    /// For trial uses: who is inside the target.
    #[serde(default)]
    within: Vec<Within>,
}

#[derive(Debug, Deserialize)]
struct Rating {
    stakeholder: String,
    recovery: String,
    economic: String,
    within: bool,
}

#[derive(Debug, Deserialize)]
struct Threats {
    asset: String,
    threats: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Implementers {
    requirement: String,
    by: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Within {
    stakeholder: String,
    within: bool,
}

/// A share: how many of how many.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    hits: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.of += 1;
        self.hits += usize::from(hit);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of table rows")]
    fn value(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.hits as f64 / self.of as f64 }
    }
}

/// One line of the table: a measurement, its bar, and what it found for each example.
struct Line {
    name: &'static str,
    bar: Option<Bar>,
    shares: Vec<Option<Share>>,
}

/// The least or the most that a measurement must be.
#[derive(Clone, Copy)]
enum Bar {
    Least(f64),
    Most(f64),
}

impl Line {
    fn fails(&self) -> bool {
        let value = |share: &Option<Share>| share.map(Share::value);
        match self.bar {
            Some(Bar::Least(bar)) => self.shares.iter().filter_map(value).any(|v| v < bar - 1e-9),
            Some(Bar::Most(bar)) => self.shares.iter().filter_map(value).any(|v| v > bar + 1e-9),
            None => false,
        }
    }
}

/// The measurements of one example, in the order of [`LINES`].
type Measured = Vec<Option<Share>>;

const LINES: [(&str, Option<Bar>); 11] = [
    ("ratings equal (both axes)", Some(Bar::Least(1.0))),
    ("inside / outside the target equal", Some(Bar::Least(1.0))),
    ("threats: recall", Some(Bar::Least(0.95))),
    ("threats: precision", Some(Bar::Least(0.60))),
    ("assets with more than 8 threats above the cut", Some(Bar::Most(0.0))),
    ("threats: among the first k of each asset", Some(Bar::Least(0.75))),
    ("candidate requirements: recall", Some(Bar::Least(0.95))),
    ("candidate requirements: precision", None),
    ("priority requirements: recall", Some(Bar::Least(0.90))),
    ("implementer equal", Some(Bar::Least(0.85))),
    ("facts stated per cell of the experts' worksheets", Some(Bar::Most(0.35))),
];

/// Compares every example that has an experts' table; the text, and whether all bars are met.
pub(crate) fn compare(
    experts: &Path,
    examples: &Path,
    verbose: bool,
    catalog: &Catalog,
    output: Output,
) -> Result<(String, bool), Failure> {
    let engine = Engine::new(catalog).map_err(|e| Failure::new(e.to_string(), e.to_string()))?;
    let mut names = Vec::new();
    let mut columns: Vec<Measured> = Vec::new();
    let mut differences = String::new();
    for path in files(experts)? {
        let experts = read(&path)?;
        let file = examples.join(format!("{}.yaml", experts.example));
        let loaded = input::document(&file, catalog, output);
        let (Some(document), Some(tree)) = (&loaded.document, &loaded.tree) else {
            return Err(Failure::Input);
        };
        let assessment = engine.assess(document);
        let mut notes = String::new();
        columns.push(measure(&experts, document, &assessment, tree, &mut notes));
        if !notes.is_empty() {
            let _ = writeln!(differences, "{}\n{notes}", experts.example);
        }
        names.push(experts.example);
    }
    let lines: Vec<Line> = LINES
        .iter()
        .enumerate()
        .map(|(n, (name, bar))| Line { name, bar: *bar, shares: columns.iter().map(|c| c[n]).collect() })
        .collect();
    let mut out = table(&names, &lines);
    if verbose {
        let _ = write!(out, "\n{differences}");
    }
    let failing: Vec<&str> = lines.iter().filter(|line| line.fails()).map(|line| line.name).collect();
    for name in &failing {
        let _ = writeln!(out, "below the bar: {name}");
    }
    Ok((out, failing.is_empty()))
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, Failure> {
    let read = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>());
    let mut files = read.map_err(|error| {
        let shown = folder.display();
        Failure::new(format!("`{shown}`を読めません（{error}）"), format!("cannot read `{shown}` ({error})"))
    })?;
    files.retain(|path| path.extension().is_some_and(|e| e == "yaml"));
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Experts, Failure> {
    let shown = path.display();
    let fail = |reason: String| Failure::new(format!("`{shown}`: {reason}"), format!("`{shown}`: {reason}"));
    let bytes = input::read(path, Limits::DEFAULT.bytes).map_err(|e| fail(e.to_string()))?;
    let text =
        tree::decode(bytes, Limits::DEFAULT).map_err(|(_, message, _)| fail(format!("{message:?}")))?;
    let mut sources = Sources::default();
    let file = sources.add(shown.to_string(), text);
    let (tree, _) =
        tree::parse(&sources, file, Limits::DEFAULT).map_err(|e| fail(format!("{:?}", e.message)))?;
    Experts::deserialize(&tree).map_err(|e| fail(e.to_string()))
}

fn measure(
    experts: &Experts,
    document: &Document,
    assessment: &Assessment,
    tree: &Node,
    notes: &mut String,
) -> Measured {
    let full = experts.cells.is_some();
    let only_full = |share: Share| full.then_some(share);
    let (equal, within) = ratings(experts, assessment, notes);
    let (recall, precision, too_many, first) = threats(experts, assessment, notes);
    let (candidates, candidates_precision) = candidates(experts, assessment, notes);
    let mut priorities = Share::default();
    for requirement in &experts.priorities {
        let hit = assessment.candidates.iter().any(|c| c.requirement == requirement.as_str() && c.priority);
        priorities.count(hit);
        if !hit {
            let _ = writeln!(notes, "  priority missing: {requirement}");
        }
    }
    let implementers = implementers(experts, assessment, notes);
    debug_assert!(document.system.id == assessment.system);
    let stated = experts.cells.map(|cells| Share { hits: stated(tree), of: cells as usize });
    vec![
        only_full(equal),
        Some(within),
        only_full(recall),
        only_full(precision),
        only_full(too_many),
        only_full(first),
        only_full(candidates),
        only_full(candidates_precision),
        only_full(priorities),
        only_full(implementers),
        stated,
    ]
}

fn ratings(experts: &Experts, assessment: &Assessment, notes: &mut String) -> (Share, Share) {
    let (mut equal, mut within) = (Share::default(), Share::default());
    for expected in &experts.ratings {
        let found = assessment.ratings.iter().find(|r| r.stakeholder == expected.stakeholder.as_str());
        let recovery = found.map_or("none", |r| r.recovery.as_str());
        let economic = found.map_or("none", |r| r.economic.as_str());
        let hit = recovery == expected.recovery && economic == expected.economic;
        equal.count(hit);
        within.count(found.is_some_and(|r| r.within() == expected.within));
        if !hit {
            let Rating { stakeholder, recovery: r, economic: e, .. } = expected;
            let _ = writeln!(notes, "  rating of {stakeholder}: {recovery}/{economic}, experts {r}/{e}");
        }
    }
    for expected in &experts.within {
        let rated = assessment.ratings.iter().filter(|r| r.stakeholder == expected.stakeholder.as_str());
        let found = rated.clone().next().is_some() && rated.clone().all(anshin_assess::Rating::within);
        within.count(found == expected.within);
        if found != expected.within {
            let _ =
                writeln!(notes, "  {} within: {found}, experts {}", expected.stakeholder, expected.within);
        }
    }
    (equal, within)
}

/// Recall, precision, assets with too many proposals, and the experts' threats among the first k.
fn threats(experts: &Experts, assessment: &Assessment, notes: &mut String) -> (Share, Share, Share, Share) {
    let mut expected: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &experts.threats {
        expected.entry(&row.asset).or_default().extend(row.threats.iter().map(String::as_str));
    }
    let (mut recall, mut precision, mut too_many, mut first) =
        (Share::default(), Share::default(), Share::default(), Share::default());
    let mut proposed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for threat in assessment.threats.iter().filter(|t| t.above_cut) {
        proposed.entry(threat.asset.as_str()).or_default().push(threat.threat.as_str());
    }
    for (asset, threats) in &expected {
        let ours = proposed.get(asset).map_or(&[][..], Vec::as_slice);
        for threat in threats {
            recall.count(ours.contains(threat));
            first.count(ours.iter().take(threats.len()).any(|own| own == threat));
            if !ours.contains(threat) {
                let _ = writeln!(notes, "  threat missing: {asset} {threat}");
            }
        }
    }
    for (asset, ours) in &proposed {
        too_many.of += 1;
        too_many.hits += usize::from(ours.len() > 8);
        for threat in ours {
            let hit = expected.get(asset).is_some_and(|threats| threats.contains(threat));
            precision.count(hit);
            if !hit {
                let _ = writeln!(notes, "  threat beyond the experts': {asset} {threat}");
            }
        }
    }
    (recall, precision, too_many, first)
}

fn candidates(experts: &Experts, assessment: &Assessment, notes: &mut String) -> (Share, Share) {
    let (mut recall, mut precision) = (Share::default(), Share::default());
    for requirement in &experts.candidates {
        let hit = assessment.candidates.iter().any(|c| c.requirement == requirement.as_str());
        recall.count(hit);
        if !hit {
            let _ = writeln!(notes, "  candidate missing: {requirement}");
        }
    }
    for candidate in &assessment.candidates {
        precision.count(experts.candidates.iter().any(|own| candidate.requirement == own.as_str()));
    }
    (recall, precision)
}

/// Over requirements that both have: our implementer is one of those the experts name.
fn implementers(experts: &Experts, assessment: &Assessment, notes: &mut String) -> Share {
    let mut share = Share::default();
    for expected in &experts.implementers {
        let found = assessment.candidates.iter().find(|c| c.requirement == expected.requirement.as_str());
        let Some(candidate) = found else { continue };
        let hit = expected.by.iter().any(|by| candidate.implementer == by.as_str());
        share.count(hit);
        if !hit {
            let _ = writeln!(
                notes,
                "  implementer of {}: {}, experts {}",
                expected.requirement,
                candidate.implementer,
                expected.by.join(", ")
            );
        }
    }
    share
}

/// Leaf values that a person had to state: all but texts for display.
fn stated(node: &Node) -> usize {
    match &node.value {
        Value::Null => 0,
        Value::Scalar { .. } => 1,
        Value::List(items) => items.iter().map(stated).sum(),
        Value::Map(entries) => entries
            .iter()
            .filter(|(key, _)| !matches!(&*key.text, "name" | "purpose" | "does" | "what" | "result"))
            .map(|(_, node)| stated(node))
            .sum(),
    }
}

fn table(names: &[String], lines: &[Line]) -> String {
    const COLUMN: usize = 14;
    let wide = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut out = pad("", wide + 9);
    for name in names {
        let short: String = name.chars().take(COLUMN - 1).collect();
        let _ = write!(out, "{short:>COLUMN$}");
    }
    out.push('\n');
    for line in lines {
        let bar = match line.bar {
            Some(Bar::Least(bar)) => format!(">= {bar:.2}"),
            Some(Bar::Most(bar)) => format!("<= {bar:.2}"),
            None => String::new(),
        };
        let _ = write!(out, "{} {bar:>8}", pad(line.name, wide));
        for share in &line.shares {
            let text =
                share.map_or_else(|| "-".to_owned(), |s| format!("{:.2} {:>3}/{}", s.value(), s.hits, s.of));
            let _ = write!(out, "{text:>COLUMN$}");
        }
        out.push('\n');
    }
    out
}
