//! Incidents of the past, played again: would the assessment have pointed at what happened?
//!
//! A [`Record`] says what happened, as data: which scenario of the system it was, what the source
//! tells about it and which measures it names. [`Engine::replay`] assesses the system as it stood
//! before and finds the rank of that scenario and the measures that make its path harder.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use anshin_catalog::{Basis, Consequence, Matrix};
use anshin_model::tree::{self, Limits, ReadError, Sources};
use anshin_model::{Document, Id, Text};
use serde::Deserialize;
use serde::de::Error as _;

use crate::engine::Engine;
use crate::scenario::{Scenario, Scenarios};
use crate::system::System;
use crate::taken::MeasureState;
use crate::terrain::Path;

/// What happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Its id; the id of the system as well.
    pub id: Id,
    /// What it is called.
    pub title: Text,
    /// When, as far as the source says.
    pub date: Option<String>,
    /// Id of a source of the catalog, then the place in it.
    pub source: String,
    /// What the source tells, a sentence each.
    pub facts: Vec<Text>,
    /// What the attacker did, in order.
    pub steps: Vec<Text>,
    /// The scenario that it was.
    pub happened: Happened,
    /// Measures against it.
    pub mitigations: Vec<Mitigation>,
    /// Whether the source names the measures, or they are inferred.
    pub mitigations_basis: Basis,
    /// What the source's evaluation of the framework said; empty if it has none.
    #[serde(default)]
    pub evaluation: Vec<Text>,
    /// What the framework misses about it.
    pub missed: Vec<Text>,
    /// Whether the source says what is missed, or it is inferred.
    pub evaluation_basis: Basis,
}

/// The scenario that happened.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Happened {
    /// The assets that were hit; one of them is enough.
    pub assets: Vec<Id>,
    /// What came of it, or would have.
    pub consequence: Consequence,
    /// The threats that the source names.
    pub threats: Vec<Id>,
    /// The way in.
    pub entry: Id,
}

/// A measure against what happened.
#[derive(Debug, Clone, Deserialize)]
pub struct Mitigation {
    /// What to do.
    pub text: Text,
    /// Requirements that it belongs to, by our own mapping.
    pub requirements: Vec<Id>,
}

/// What the assessment of the system before the incident says.
#[derive(Debug)]
pub struct Replay {
    /// All scenarios of the system before.
    pub scenarios: Scenarios,
    /// The scenario that happened, as a number in them; `None` if the assessment has none like it.
    pub scenario: Option<usize>,
    /// Whether it comes from a threat that the source names.
    pub same_threat: bool,
    /// Its easiest paths.
    pub paths: Vec<Path>,
    /// Whether one of them takes the way in that was taken.
    pub same_entry: bool,
    /// The easiest path by the way in that was taken.
    pub way_taken: Option<Path>,
    /// Measures of the catalog that each by itself make the scenario less likely or lighter, or the
    /// path that was taken harder: those of a requirement that the record names first, of each
    /// requirement the best before the others. All of those that the record names by their
    /// requirement, of the others those that the assessment proposes for this system; on the assets
    /// that they are meant for.
    pub cuts: Vec<Cut>,
    /// The scenario with everything that the mitigations' requirements offer.
    pub with_mitigations: Option<Scenario>,
    /// Points of the easiest path by the way in that was taken, with all of that.
    pub way_taken_with_mitigations: Option<u16>,
}

/// What one measure does about the scenario that happened.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The measure of the catalog.
    pub measure: Id,
    /// Its requirement.
    pub requirement: Id,
    /// Points of the easiest path with it.
    pub difficulty: Option<u16>,
    /// Points of the easiest path by the way in that was taken, with it.
    pub way_taken: Option<u16>,
    /// Class of likelihood with it.
    pub likelihood: usize,
    /// Class of effect with it.
    pub effect: usize,
    /// Class of risk with it.
    pub risk: usize,
    /// Whether a mitigation of the record belongs to the same requirement.
    pub named: bool,
    /// Whether the assessment proposes it: it calls for it, and somebody is named who could do it.
    pub proposed: bool,
}

impl Replay {
    /// The scenario that happened.
    pub fn happened(&self) -> Option<&Scenario> {
        self.scenarios.all.get(self.scenario?)
    }

    /// Whether it is among the first three.
    pub fn is_among_first(&self) -> bool {
        self.happened().is_some_and(|scenario| scenario.rank <= FIRST)
    }
}

/// Up to this rank a scenario is among the first of its system.
const FIRST: u32 = 3;

impl Engine<'_> {
    /// Plays an incident again on the system as it stood before.
    pub fn replay(&self, record: &Record, document: &Document, matrix: &Matrix) -> Replay {
        let system = System::new(document, self.catalog);
        let assessment = self.assess_system(&system);
        let terrain = self.terrain(&system, &assessment);
        let bare = MeasureState::in_place(document);
        let scenarios = terrain.scenarios(matrix, &bare);
        let what = &record.happened;
        let is_it = |scenario: &Scenario| {
            what.assets.contains(&scenario.asset) && scenario.consequence == what.consequence
        };
        let scenario = scenarios.all.iter().position(is_it);
        let paths = scenario.map_or(Vec::new(), |n| terrain.paths(&scenarios, &scenarios.all[n]));
        let requirements: BTreeSet<&Id> = record.mitigations.iter().flat_map(|m| &m.requirements).collect();
        let mut cuts: Vec<Cut> = Vec::new();
        let mut all = bare.clone();
        let only_by_it = terrain.only_by(&what.entry);
        let by_it = |state: &MeasureState| {
            let end = scenario.map(|n| (scenarios.all[n].at, what.consequence));
            end.and_then(|end| terrain.easiest(&only_by_it, end, state))
        };
        let points = |path: Option<Path>| path.map(|path| path.difficulty);
        let way_taken = by_it(&bare);
        let before_by_it = way_taken.as_ref().map(|path| path.difficulty);
        if let Some(before) = scenario.map(|n| &scenarios.all[n]) {
            let acting: BTreeSet<&Id> = self
                .catalog
                .hindrances
                .values()
                .flat_map(|entry| &entry.measures)
                .chain(self.catalog.reliefs.values().flat_map(|entry| &entry.measures))
                .collect();
            let proposed: BTreeSet<&Id> = assessment.plan.iter().flat_map(|item| &item.measures).collect();
            for (id, measure) in self.catalog.measures.iter().filter(|(id, _)| acting.contains(id)) {
                let named = requirements.contains(&measure.requirement);
                let on = system.fitting(measure);
                if on.is_empty() {
                    continue;
                }
                if named {
                    all = all.with(id, &measure.requirement, &on);
                }
                let proposed = proposed.contains(id);
                if !named && !proposed {
                    continue;
                }
                let state = bare.clone().with(id, &measure.requirement, &on);
                let with = terrain.scenarios(matrix, &state);
                let Some(after) = with.get(before.id.as_str()) else { continue };
                let way_taken = points(by_it(&state));
                let is_harder = after.difficulty > before.difficulty || way_taken > before_by_it;
                if !is_harder && after.effect >= before.effect {
                    continue;
                }
                cuts.push(Cut {
                    measure: id.clone(),
                    requirement: measure.requirement.clone(),
                    difficulty: after.difficulty,
                    way_taken,
                    likelihood: after.likelihood,
                    effect: after.effect,
                    risk: after.risk,
                    named,
                    proposed,
                });
            }
        }
        let with_mitigations =
            scenario.and_then(|n| terrain.scenarios(matrix, &all).get(scenarios.all[n].id.as_str()).cloned());
        let of_source =
            |n: usize| scenarios.all[n].threats.iter().any(|threat| what.threats.contains(threat));
        Replay {
            scenario,
            same_threat: scenario.is_some_and(of_source),
            same_entry: paths.iter().any(|path| path.entry == what.entry),
            paths,
            way_taken_with_mitigations: points(by_it(&all)),
            way_taken,
            cuts: in_order(cuts, record, matrix),
            with_mitigations,
            scenarios,
        }
    }
}

/// Measures that the record names by their requirement first, of each requirement the best before a
/// second one of any. What counts first is the path that was taken: a measure may close it while
/// another stays as it is. Of equals come first what the record names first.
fn in_order(mut cuts: Vec<Cut>, record: &Record, matrix: &Matrix) -> Vec<Cut> {
    let named: Vec<&Id> = record.mitigations.iter().flat_map(|m| &m.requirements).collect();
    cuts.sort_by_key(|cut| {
        let risk = matrix.risk_of(matrix.likelihood_of(cut.way_taken), cut.effect);
        let place = named.iter().position(|id| **id == cut.requirement).unwrap_or(named.len());
        (risk, Reverse(cut.way_taken), place, cut.likelihood, cut.risk, Reverse(cut.difficulty))
    });
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    let (first, further): (Vec<Cut>, Vec<Cut>) =
        cuts.into_iter().partition(|cut| seen.insert(cut.requirement.clone()));
    let mut cuts = [first, further].concat();
    cuts.sort_by_key(|cut| !cut.named);
    cuts
}

/// Reads records from the text of a file of them, which is part of the program.
///
/// # Errors
/// If the text is not such a file.
pub fn records(text: &str) -> Result<Vec<Record>, ReadError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct File {
        records: Vec<Record>,
    }
    let mut sources = Sources::default();
    let file = sources.add("records.yaml", text);
    let (root, _) = tree::parse(&sources, file, Limits::DEFAULT)
        .map_err(|error| ReadError::custom(error.message.get(anshin_model::Lang::En)))?;
    File::deserialize(&root).map(|file| file.records)
}
