//! The published JSON format of `anshin paths` and `anshin replay`, version 1, and of the key
//! `scenarios` of an assessment.

use anshin_catalog::{Catalog, Matrix};
use anshin_model::Id;
use anshin_model::document::Document;
use serde::Serialize;

use super::{Reason, Text, reasons, text};
use crate::replay::{Record, Replay};
use crate::residual::ResidualRisk;
use crate::scenario::{LevelsAfter, Scenario, Scenarios};
use crate::terrain::{Path, Step, StepReason, Terrain, Way};

/// What `anshin paths --format json` prints.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    /// Version of the format.
    anshin: u8,
    system: &'a Id,
    /// Which measures count: `none`, `in-place` or `planned`.
    measures: &'static str,
    matrix: MatrixRow<'a>,
    value: Value<'a>,
    scenarios: Vec<ScenarioRow<'a>>,
    levels_after: Vec<LevelsRow<'a>>,
    residual: Vec<ResidualRow<'a>>,
    unknown_acceptances: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct MatrixRow<'a> {
    name: Text<'a>,
    likelihood: Vec<ClassRow<'a>>,
    effect: Vec<ClassRow<'a>>,
    risk: Vec<ClassRow<'a>>,
    cells: &'a [Vec<Id>],
    cut: &'a Id,
    counts_from: &'a Id,
}

#[derive(Debug, Serialize)]
struct ClassRow<'a> {
    id: &'a Id,
    name: Text<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    colour: Option<&'a str>,
}

/// The summary of the scenarios: the highest class of risk, and how many are in each.
#[derive(Debug, Serialize)]
struct Value<'a> {
    risk: &'a Id,
    counts: Vec<Count<'a>>,
}

#[derive(Debug, Serialize)]
struct Count<'a> {
    risk: &'a Id,
    scenarios: usize,
}

/// A scenario.
#[derive(Debug, Serialize)]
pub struct ScenarioRow<'a> {
    id: &'a Id,
    rank: u32,
    above_cut: bool,
    /// Why it is above the cut: `outside-target` or `risk`; `null` below it.
    further: Option<&'static str>,
    asset: &'a Id,
    consequence: &'static str,
    stakeholder: &'a Id,
    threats: &'a [Id],
    incident: Text<'a>,
    recovery: &'static str,
    economic: &'static str,
    before: Levels,
    relieved_by: Vec<Relieved<'a>>,
    effect: &'a Id,
    likelihood: &'a Id,
    risk: &'a Id,
    /// Points of the easiest path; `null` if no path leads there.
    difficulty: Option<u16>,
    exact: bool,
    why: Vec<Reason<'a>>,
    paths: Vec<PathRow>,
}

#[derive(Debug, Serialize)]
struct Levels {
    recovery: &'static str,
    economic: &'static str,
}

#[derive(Debug, Serialize)]
struct Relieved<'a> {
    measure: &'a Id,
    rule: &'a Id,
}

#[derive(Debug, Serialize)]
struct PathRow {
    entry: Id,
    difficulty: u16,
    /// The hardest step, counted from 0.
    carrying: usize,
    steps: Vec<StepRow>,
}

#[derive(Debug, Serialize)]
struct StepRow {
    way: &'static str,
    /// Id of the entry point, link or stakeholder, or the consequence.
    by: String,
    from: Option<Id>,
    to: Id,
    difficulty: u8,
    why: Vec<StepReasonRow>,
}

#[derive(Debug, Serialize)]
struct StepReasonRow {
    layer: &'static str,
    points: u8,
    rule: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<Id>,
    text: Owned,
}

/// A text that belongs to the row.
#[derive(Debug, Serialize)]
struct Owned {
    ja: String,
    en: String,
}

#[derive(Debug, Serialize)]
struct LevelsRow<'a> {
    stakeholder: &'a Id,
    system: &'a Id,
    before: Levels,
    after: Levels,
    within_target: bool,
    held_by: Vec<&'a Id>,
}

#[derive(Debug, Serialize)]
struct ResidualRow<'a> {
    scenario: &'a Id,
    risk_without_measures: &'a Id,
    risk_in_place: &'a Id,
    risk_planned: &'a Id,
    standing: &'static str,
    acceptance: Option<AcceptanceRow<'a>>,
}

#[derive(Debug, Serialize)]
struct AcceptanceRow<'a> {
    by: &'a str,
    until: &'a str,
    reason: Text<'a>,
}

impl<'a> Report<'a> {
    /// The published form. `measures` says which measures the scenarios were made with.
    pub fn new(
        terrain: &'a Terrain<'a>,
        scenarios: &'a Scenarios,
        levels: &'a [LevelsAfter],
        residual: &'a ResidualRisk,
        measures: &'static str,
    ) -> Self {
        let document = terrain.system().document;
        let matrix = &scenarios.matrix;
        Self {
            anshin: 1,
            system: &document.system.id,
            measures,
            matrix: matrix_row(matrix),
            value: value(scenarios),
            scenarios: rows(terrain, scenarios, usize::MAX),
            levels_after: levels.iter().map(|row| levels_row(row, scenarios)).collect(),
            residual: residual_rows(residual, matrix, document),
            unknown_acceptances: residual
                .unknown
                .iter()
                .map(|&n| document.acceptances[n].scenario.as_str())
                .collect(),
        }
    }

    /// With one of the scenarios alone; all else stays as it is.
    #[must_use]
    pub fn only(mut self, scenario: &Id) -> Self {
        self.scenarios.retain(|row| row.id == scenario);
        self
    }
}

/// Scenarios as rows, each with at most `paths` of its paths.
pub fn rows<'a>(terrain: &'a Terrain<'a>, scenarios: &'a Scenarios, paths: usize) -> Vec<ScenarioRow<'a>> {
    let catalog = terrain.system().catalog;
    let row = |scenario: &'a Scenario| {
        let mut found = terrain.paths(scenarios, scenario);
        found.truncate(paths);
        scenario_row(scenario, &scenarios.matrix, found, catalog)
    };
    scenarios.all.iter().map(row).collect()
}

fn matrix_row(matrix: &Matrix) -> MatrixRow<'_> {
    let plain = |id, name| ClassRow { id, name: text(name), difficulty: None, colour: None };
    MatrixRow {
        name: text(&matrix.name),
        likelihood: matrix
            .likelihood
            .iter()
            .map(|class| ClassRow { difficulty: Some(class.difficulty), ..plain(&class.id, &class.name) })
            .collect(),
        effect: matrix.effect.iter().map(|class| plain(&class.id, &class.name)).collect(),
        risk: matrix
            .risk
            .iter()
            .map(|class| ClassRow { colour: Some(&class.colour), ..plain(&class.id, &class.name) })
            .collect(),
        cells: &matrix.cells,
        cut: &matrix.cut,
        counts_from: &matrix.counts_from,
    }
}

fn value(scenarios: &Scenarios) -> Value<'_> {
    let (highest, counts) = scenarios.summary();
    let classes = &scenarios.matrix.risk;
    Value {
        risk: &classes[highest].id,
        counts: classes
            .iter()
            .zip(counts)
            .map(|(class, scenarios)| Count { risk: &class.id, scenarios })
            .collect(),
    }
}

fn scenario_row<'a>(
    scenario: &'a Scenario,
    matrix: &'a Matrix,
    paths: Vec<Path>,
    catalog: &'a Catalog,
) -> ScenarioRow<'a> {
    ScenarioRow {
        id: &scenario.id,
        rank: scenario.rank,
        above_cut: scenario.above_cut(),
        further: scenario.further.map(crate::Further::as_str),
        asset: &scenario.asset,
        consequence: scenario.consequence.as_str(),
        stakeholder: &scenario.stakeholder,
        threats: &scenario.threats,
        incident: text(&scenario.incident),
        recovery: scenario.recovery.as_str(),
        economic: scenario.economic.as_str(),
        before: Levels { recovery: scenario.before.0.as_str(), economic: scenario.before.1.as_str() },
        relieved_by: scenario.relieved_by.iter().map(|(measure, rule)| Relieved { measure, rule }).collect(),
        effect: &matrix.effect[scenario.effect].id,
        likelihood: &matrix.likelihood[scenario.likelihood].id,
        risk: &matrix.risk[scenario.risk].id,
        difficulty: scenario.difficulty,
        exact: scenario.exact,
        why: reasons(&scenario.why, catalog),
        paths: paths.into_iter().map(path_row).collect(),
    }
}

fn path_row(path: Path) -> PathRow {
    PathRow {
        entry: path.entry,
        difficulty: path.difficulty,
        carrying: path.carrying,
        steps: path.steps.into_iter().map(step_row).collect(),
    }
}

fn step_row(step: Step) -> StepRow {
    let by = match &step.way {
        Way::Entry(id) | Way::Link(id) | Way::Trust(_, id) => id.to_string(),
        Way::Impact(consequence) => consequence.as_str().to_owned(),
    };
    StepRow {
        way: step.way.as_str(),
        by,
        from: step.from,
        to: step.to,
        difficulty: step.difficulty,
        why: step.reasons.into_iter().map(step_reason).collect(),
    }
}

fn step_reason(reason: StepReason) -> StepReasonRow {
    use anshin_model::Lang;
    StepReasonRow {
        layer: reason.layer.as_str(),
        points: reason.points,
        rule: reason.rule,
        measure: reason.measure,
        text: Owned { ja: reason.why.get(Lang::Ja).to_owned(), en: reason.why.get(Lang::En).to_owned() },
    }
}

fn levels_row<'a>(row: &'a LevelsAfter, scenarios: &'a Scenarios) -> LevelsRow<'a> {
    LevelsRow {
        stakeholder: &row.stakeholder,
        system: &row.system,
        before: Levels { recovery: row.recovery_before.as_str(), economic: row.economic_before.as_str() },
        after: Levels { recovery: row.recovery.as_str(), economic: row.economic.as_str() },
        within_target: row.within,
        held_by: row.held_by.iter().map(|&n| &scenarios.all[n].id).collect(),
    }
}

fn residual_rows<'a>(
    residual: &'a ResidualRisk,
    matrix: &'a Matrix,
    document: &'a Document,
) -> Vec<ResidualRow<'a>> {
    residual
        .stays
        .iter()
        .map(|stays| ResidualRow {
            scenario: &stays.scenario,
            risk_without_measures: &matrix.risk[stays.bare].id,
            risk_in_place: &matrix.risk[stays.in_place].id,
            risk_planned: &matrix.risk[stays.planned].id,
            standing: stays.standing.as_str(),
            acceptance: stays.acceptance.map(|n| &document.acceptances[n]).map(|acceptance| AcceptanceRow {
                by: &acceptance.by,
                until: &acceptance.until,
                reason: text(&acceptance.reason),
            }),
        })
        .collect()
}

/// What `anshin replay --format json` prints.
#[derive(Debug, Serialize)]
pub struct ReplayReport<'a> {
    /// Version of the format.
    anshin: u8,
    incident: &'a Id,
    title: Text<'a>,
    date: Option<&'a str>,
    source: &'a str,
    facts: Vec<Text<'a>>,
    steps: Vec<Text<'a>>,
    scenarios: usize,
    /// The scenario that happened; `null` if the assessment has none like it.
    happened: Option<ScenarioRow<'a>>,
    same_threat: bool,
    same_entry: bool,
    /// The easiest path by the way in that was taken.
    way_taken: Option<PathRow>,
    mitigations: Vec<MitigationRow<'a>>,
    mitigations_basis: &'static str,
    with_mitigations: Option<AfterRow<'a>>,
    cuts: Vec<CutRow<'a>>,
    evaluation: Vec<Text<'a>>,
    missed: Vec<Text<'a>>,
    evaluation_basis: &'static str,
}

#[derive(Debug, Serialize)]
struct MitigationRow<'a> {
    text: Text<'a>,
    requirements: &'a [Id],
}

#[derive(Debug, Serialize)]
struct AfterRow<'a> {
    difficulty: Option<u16>,
    /// Points of the easiest path by the way in that was taken.
    way_taken: Option<u16>,
    likelihood: &'a Id,
    effect: &'a Id,
    risk: &'a Id,
}

#[derive(Debug, Serialize)]
struct CutRow<'a> {
    measure: &'a Id,
    requirement: &'a Id,
    named_by_source: bool,
    /// Whether the assessment proposes it, and somebody is named for it.
    proposed: bool,
    #[serde(flatten)]
    after: AfterRow<'a>,
}

impl<'a> ReplayReport<'a> {
    /// The published form.
    pub fn new(record: &'a Record, replay: &'a Replay, catalog: &'a Catalog) -> Self {
        let matrix = &replay.scenarios.matrix;
        let after = |(difficulty, way_taken), likelihood: usize, effect: usize, risk: usize| AfterRow {
            difficulty,
            way_taken,
            likelihood: &matrix.likelihood[likelihood].id,
            effect: &matrix.effect[effect].id,
            risk: &matrix.risk[risk].id,
        };
        Self {
            anshin: 1,
            incident: &record.id,
            title: text(&record.title),
            date: record.date.as_deref(),
            source: &record.source,
            facts: record.facts.iter().map(text).collect(),
            steps: record.steps.iter().map(text).collect(),
            scenarios: replay.scenarios.all.len(),
            happened: replay
                .scenario
                .map(|n| scenario_row(&replay.scenarios.all[n], matrix, replay.paths.clone(), catalog)),
            same_threat: replay.same_threat,
            same_entry: replay.same_entry,
            way_taken: replay.way_taken.clone().map(path_row),
            mitigations: record
                .mitigations
                .iter()
                .map(|m| MitigationRow { text: text(&m.text), requirements: &m.requirements })
                .collect(),
            mitigations_basis: record.mitigations_basis.as_str(),
            with_mitigations: replay.with_mitigations.as_ref().map(|s| {
                after((s.difficulty, replay.way_taken_with_mitigations), s.likelihood, s.effect, s.risk)
            }),
            cuts: replay
                .cuts
                .iter()
                .map(|cut| CutRow {
                    measure: &cut.measure,
                    requirement: &cut.requirement,
                    named_by_source: cut.named,
                    proposed: cut.proposed,
                    after: after((cut.difficulty, cut.way_taken), cut.likelihood, cut.effect, cut.risk),
                })
                .collect(),
            evaluation: record.evaluation.iter().map(text).collect(),
            missed: record.missed.iter().map(text).collect(),
            evaluation_basis: record.evaluation_basis.as_str(),
        }
    }
}

/// What `anshin replay --format json` prints without an incident.
#[derive(Debug, Serialize)]
pub struct ReplayList<'a> {
    /// Version of the format.
    anshin: u8,
    incidents: Vec<ReplayListRow<'a>>,
    /// How many of them have the scenario that happened among the first three.
    among_first_three: usize,
}

#[derive(Debug, Serialize)]
struct ReplayListRow<'a> {
    id: &'a Id,
    title: Text<'a>,
    date: Option<&'a str>,
    /// The scenario that happened; `null` if the assessment has none like it.
    scenario: Option<&'a Id>,
    rank: Option<u32>,
    /// How many scenarios the system before has.
    of: usize,
    same_threat: bool,
    same_entry: bool,
}

impl<'a> ReplayList<'a> {
    /// The published form.
    pub fn new(replays: &'a [(Record, Replay)]) -> Self {
        let row = |(record, replay): &'a (Record, Replay)| {
            let scenario = replay.happened();
            ReplayListRow {
                id: &record.id,
                title: text(&record.title),
                date: record.date.as_deref(),
                scenario: scenario.map(|scenario| &scenario.id),
                rank: scenario.map(|scenario| scenario.rank),
                of: replay.scenarios.all.len(),
                same_threat: replay.same_threat,
                same_entry: replay.same_entry,
            }
        };
        let first = replays.iter().filter(|(_, replay)| replay.is_among_first()).count();
        Self { anshin: 1, incidents: replays.iter().map(row).collect(), among_first_three: first }
    }
}
