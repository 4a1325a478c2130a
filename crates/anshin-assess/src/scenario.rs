//! Risk scenarios: one incident on its easiest attack paths, with its effect on one stakeholder.
//!
//! A scenario stands for what may happen at one asset (its consequence: people are hurt,
//! something stands still, something leaks, a product turns out flawed) to one stakeholder. Its
//! effect follows from the rating rubric, asked about this incident only; its likelihood from the
//! easiest path; its risk from a matrix.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anshin_catalog::{Axis, Consequence, EntryPoint, Matrix};
use anshin_model::document::{Economic, Recovery, Targets};
use anshin_model::{Id, Text};

use crate::assessment::{Rating, Reason, Threat};
use crate::effect::Known;
use crate::path::{self, Route, Routes};
use crate::taken::MeasureState;
use crate::terrain::{Active, Path, Terrain};
use crate::threaten::incident;

/// Paths that are looked for to each asset, if not asked otherwise.
pub const PATHS: usize = 5;

/// All scenarios of a system under one set of measures, and the paths behind them.
#[derive(Debug)]
pub struct Scenarios {
    /// The scenarios, greatest risk first.
    pub all: Vec<Scenario>,
    /// The matrix that classes of effect, likelihood and risk belong to.
    pub matrix: Matrix,
    /// The paths to every asset.
    pub routes: Routes,
    active: Active,
}

/// One incident, on its attack paths, with its effect on one stakeholder.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `ASSET/CONSEQUENCE/STAKEHOLDER`: the same as long as the three are.
    pub id: Id,
    /// The asset where it happens.
    pub asset: Id,
    /// What it leads to.
    pub consequence: Consequence,
    /// Whom it befalls.
    pub stakeholder: Id,
    /// Threats above the cut that lead to it, the strongest first.
    pub threats: Vec<Id>,
    /// What happens, in the words of the strongest threat.
    pub incident: Text,
    /// Level of the effect on the recovery axis, measures counted.
    pub recovery: Recovery,
    /// Level of the effect on the economic axis, measures counted.
    pub economic: Economic,
    /// Both levels before measures.
    pub before: (Recovery, Economic),
    /// Measures that make the effect lighter, each with the entry of the catalog's `reliefs`.
    pub relieved_by: Vec<(Id, Id)>,
    /// Entries of the rubric that make the levels before measures.
    pub why: Vec<Reason>,
    /// Number of the asset in the document.
    pub at: usize,
    /// The easiest paths, easiest first; empty if none leads there.
    pub routes: Vec<Route>,
    /// Points of the easiest path, the step to the consequence included; `None` without a path.
    pub difficulty: Option<u16>,
    /// Whether the paths are proven to be the easiest.
    pub exact: bool,
    /// Class of likelihood in the matrix.
    pub likelihood: usize,
    /// Class of effect in the matrix.
    pub effect: usize,
    /// Class of risk in the matrix.
    pub risk: usize,
    /// Place among all scenarios, from 1.
    pub rank: u32,
    /// Why it is looked at further; `None` if it is below the cut.
    pub further: Option<Further>,
}

/// Why a scenario is looked at further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Further {
    /// Its effect is above the target, and it is likely enough to count.
    OutsideTarget,
    /// It is inside the target, but its risk reaches the class that the matrix names.
    Risk,
}

impl Further {
    /// The word in the published format.
    pub fn as_str(self) -> &'static str {
        match self {
            Further::OutsideTarget => "outside-target",
            Further::Risk => "risk",
        }
    }
}

impl Scenario {
    /// Whether it is looked at further.
    pub fn above_cut(&self) -> bool {
        self.further.is_some()
    }
}

/// The levels of a stakeholder after measures.
#[derive(Debug, Clone)]
pub struct LevelsAfter {
    /// The stakeholder.
    pub stakeholder: Id,
    /// The system, or the part of it that is rated.
    pub system: Id,
    /// Level on the recovery axis before measures.
    pub recovery_before: Recovery,
    /// Level on the economic axis before measures.
    pub economic_before: Economic,
    /// Level on the recovery axis after measures.
    pub recovery: Recovery,
    /// Level on the economic axis after measures.
    pub economic: Economic,
    /// Whether both levels are within the target.
    pub within: bool,
    /// Scenarios that hold the levels up, as numbers in [`Scenarios::all`].
    pub held_by: Vec<usize>,
}

/// How a rule goes with the way in of a path, by the facts that made it hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It speaks of that way in.
    Speaks,
    /// It speaks of no way in.
    Neutral,
    /// It speaks of another one.
    Other,
}

impl Fit {
    fn of(facts: &[Id], (id, entry): (&Id, &EntryPoint)) -> Self {
        let ways = facts.iter().filter_map(|fact| match fact.as_str().split_once(':') {
            Some(("exposed-to" | "reachable-from" | "open-to", word)) => Some(word),
            _ => None,
        });
        let speaks = |word: &str| word == id.as_str() || word == "outside" && entry.outside;
        let fits = ways.map(|word| if speaks(word) { Fit::Speaks } else { Fit::Other });
        fits.min().unwrap_or(Fit::Neutral)
    }
}

/// Whether an effect of a likelihood is more than the target allows: it is above it on an axis, and
/// likely enough to count.
pub fn is_outside(
    targets: Targets,
    matrix: &Matrix,
    (recovery, economic): (Recovery, Economic),
    likelihood: usize,
) -> bool {
    (recovery > targets.recovery || economic > targets.economic) && likelihood >= matrix.counting_class()
}

impl Terrain<'_> {
    /// The scenarios when a set of measures is implemented, with [`PATHS`] paths each.
    pub fn scenarios(&self, matrix: &Matrix, state: &MeasureState) -> Scenarios {
        self.scenarios_with(matrix, state, PATHS)
    }

    /// The scenarios when a set of measures is implemented, with `k` paths each.
    pub fn scenarios_with(&self, matrix: &Matrix, state: &MeasureState, k: usize) -> Scenarios {
        let active = self.active(state);
        let routes = path::easiest(&self.graph, &self.costs(&active), k.max(1));
        let mut found: Vec<(Scenario, f64)> = Vec::new();
        let mut known = Known::default();
        for threats in self.assessment.threats.chunk_by(|a, b| a.asset == b.asset) {
            let Some(&asset) = self.system.assets.get(threats[0].asset.as_str()) else { continue };
            let above: Vec<&Threat> = threats.iter().filter(|threat| threat.above_cut).collect();
            for consequence in Consequence::ALL {
                let leading: Vec<&Threat> =
                    above.iter().copied().filter(|threat| self.leads_to(threat, consequence)).collect();
                if leading.is_empty() {
                    continue;
                }
                for effect in self.effects.of(self.engine, self.system, asset, consequence, &mut known) {
                    let scenario =
                        self.scenario(matrix, &active, &routes, (asset, consequence), &leading, &effect);
                    found.push((scenario, leading[0].risk));
                }
            }
        }
        // Greatest risk first, then the easier way, the graver effect, the stronger threat.
        found.sort_by(|(a, a_threat), (b, b_threat)| {
            let key = |s: &Scenario| {
                let levels = s.recovery as u8 + s.economic as u8;
                (Reverse(s.risk), s.difficulty.unwrap_or(u16::MAX), Reverse((s.effect, levels)))
            };
            key(a).cmp(&key(b)).then(b_threat.total_cmp(a_threat)).then_with(|| a.id.cmp(&b.id))
        });
        let all = (1..).zip(found).map(|(rank, (scenario, _))| Scenario { rank, ..scenario }).collect();
        Scenarios { all, matrix: matrix.clone(), routes, active }
    }

    fn leads_to(&self, threat: &Threat, consequence: Consequence) -> bool {
        let described = self.engine.catalog.threats.get(&threat.threat);
        described.is_some_and(|threat| threat.leads_to.contains(&consequence))
    }

    fn scenario(
        &self,
        matrix: &Matrix,
        active: &Active,
        routes: &Routes,
        (asset, consequence): (usize, Consequence),
        threats: &[&Threat],
        effect: &crate::effect::Effect,
    ) -> Scenario {
        let asset_id = &self.system.document.assets[asset].id;
        let stakeholder = &self.system.document.stakeholders[effect.who].id;
        let (most_recovery, most_economic) = self.rated(stakeholder, asset_id);
        let before = (effect.levels.recovery.min(most_recovery), effect.levels.economic.min(most_economic));
        let (lighter, relieved_by) = self.relief(asset, consequence, active);
        let recovery = lower(&Recovery::ALL, before.0, lighter);
        let economic = lower(&Economic::ALL, before.1, lighter);
        let node = self.nodes[asset];
        let own: Vec<Route> = routes.to(node).collect();
        let impact = u16::from(self.impact_cost(asset, consequence, active));
        let difficulty = own.first().map(|&route| routes.cost(route) + impact);
        let likelihood = matrix.likelihood_of(difficulty);
        let class = matrix.effect_of(recovery, economic);
        let risk = matrix.risk_of(likelihood, class);
        let decisive = |axis: Axis, counts: bool| {
            let reasons = effect.levels.why.iter();
            reasons.filter(move |r| counts && r.axis == axis && r.decisive).map(|r| r.reason.clone())
        };
        let why = decisive(Axis::Recovery, before.0 > Recovery::Limited)
            .chain(decisive(Axis::Economic, before.1 > Economic::Limited))
            .collect();
        Scenario {
            id: Id::from(format!("{asset_id}/{}/{stakeholder}", consequence.as_str())),
            asset: asset_id.clone(),
            consequence,
            stakeholder: stakeholder.clone(),
            threats: threats.iter().map(|threat| threat.threat.clone()).collect(),
            incident: self.incident(
                asset,
                threats,
                own.first().and_then(|&route| self.entry_of(routes, route)),
            ),
            recovery,
            economic,
            before,
            relieved_by,
            why,
            at: asset,
            routes: own,
            difficulty,
            exact: routes.is_exact(node),
            likelihood,
            effect: class,
            risk,
            rank: 0,
            further: if is_outside(self.system.document.targets, matrix, (recovery, economic), likelihood)
                && difficulty.is_some()
            {
                Some(Further::OutsideTarget)
            } else {
                (risk >= matrix.cut_class()).then_some(Further::Risk)
            },
        }
    }

    /// What happens: the sentence of the strongest rule that speaks of the way in of the easiest path,
    /// or else of no way in at all. What a person has written of the asset comes before any rule.
    fn incident(&self, asset: usize, threats: &[&Threat], entry: Option<(&Id, &EntryPoint)>) -> Text {
        let is_own = |threat: &&&Threat| threat.rules.first().is_some_and(|rule| rule.facts == ["incident"]);
        if let Some(own) = threats.iter().find(is_own) {
            return own.incident.clone();
        }
        let rules = threats.iter().flat_map(|threat| &threat.rules);
        let best = entry.and_then(|entry| rules.min_by_key(|rule| Fit::of(&rule.facts, entry)));
        let known = best.and_then(|best| {
            let rule = self.engine.catalog.threat_rules.get(&best.rule)?;
            Some(incident(self.system, asset, &best.rule, &rule.incident, &best.facts, self.engine))
        });
        known.unwrap_or_else(|| threats[0].incident.clone())
    }

    /// The levels that a stakeholder is rated at, for the part that an asset belongs to.
    ///
    /// People may have rated lower than the rubric; no scenario is graver than what they decided.
    fn rated(&self, stakeholder: &Id, asset: &Id) -> (Recovery, Economic) {
        let of = |rating: &&Rating| rating.stakeholder == *stakeholder;
        let part_has = |rating: &&Rating| {
            let mut parts = self.system.document.subsystems.iter();
            parts.find(|part| part.id == rating.system).is_none_or(|part| part.assets.contains(asset))
        };
        let ratings: Vec<&Rating> = self.assessment.ratings.iter().filter(of).collect();
        let mut fitting: Vec<&Rating> = ratings.iter().copied().filter(|r| part_has(r)).collect();
        if fitting.is_empty() {
            fitting = ratings;
        }
        let recovery = fitting.iter().map(|r| r.recovery).max().unwrap_or_default();
        let economic = fitting.iter().map(|r| r.economic).max().unwrap_or_default();
        (recovery, economic)
    }

    /// By how many levels measures make a consequence at an asset lighter, and which.
    fn relief(&self, asset: usize, consequence: Consequence, active: &Active) -> (usize, Vec<(Id, Id)>) {
        let mut levels = 0;
        let mut by = Vec::new();
        for (id, entry, measure) in self.reliefs(asset, consequence, active) {
            levels = levels.max(usize::from(entry.levels));
            by.push((measure.clone(), id.clone()));
        }
        (levels, by)
    }

    /// By how many levels a set of measures makes each of several consequences at assets (by number
    /// in the document) lighter.
    pub fn relief_levels(&self, state: &MeasureState, of: &[(usize, Consequence)]) -> Vec<u32> {
        let active = self.active(state);
        let levels = |&(asset, consequence): &(usize, Consequence)| {
            let reliefs = self.reliefs(asset, consequence, &active).into_iter();
            reliefs.map(|(_, relief, _)| u32::from(relief.levels)).max().unwrap_or(0)
        };
        of.iter().map(levels).collect()
    }

    /// A scenario's paths with everything that is known about their steps.
    pub fn paths(&self, scenarios: &Scenarios, scenario: &Scenario) -> Vec<Path> {
        let end = (scenario.at, scenario.consequence);
        let describe = |&route| self.describe(&scenarios.routes, route, end, &scenarios.active);
        scenario.routes.iter().map(describe).collect()
    }

    /// Both levels of every rated stakeholder after the measures that the scenarios were made with.
    ///
    /// A level counts as long as some scenario with that effect stays at or above the likelihood
    /// that the matrix names. A rated level that no scenario carries at all stays: nothing shows
    /// that the measures do anything about it.
    pub fn levels_after(&self, scenarios: &Scenarios) -> Vec<LevelsAfter> {
        let targets = self.system.document.targets;
        let mut of_stakeholder: BTreeMap<&Id, Vec<usize>> = BTreeMap::new();
        for (n, scenario) in scenarios.all.iter().enumerate() {
            of_stakeholder.entry(&scenario.stakeholder).or_default().push(n);
        }
        let counting = scenarios.matrix.counting_class();
        let after = |rating: &Rating| {
            let part = self.system.document.subsystems.iter().find(|part| part.id == rating.system);
            let own: Vec<usize> = of_stakeholder.get(&rating.stakeholder).map_or(Vec::new(), |own| {
                let inside =
                    |n: &usize| part.is_none_or(|part| part.assets.contains(&scenarios.all[*n].asset));
                own.iter().copied().filter(inside).collect()
            });
            let counts = |n: &&usize| scenarios.all[**n].likelihood >= counting;
            let recovery = left(
                rating.recovery,
                own.iter().map(|&n| scenarios.all[n].before.0),
                own.iter().filter(counts).map(|&n| scenarios.all[n].recovery),
            );
            let economic = left(
                rating.economic,
                own.iter().map(|&n| scenarios.all[n].before.1),
                own.iter().filter(counts).map(|&n| scenarios.all[n].economic),
            );
            let holds = |n: &&usize| {
                let scenario = &scenarios.all[**n];
                (recovery > Recovery::Limited && scenario.recovery == recovery)
                    || (economic > Economic::Limited && scenario.economic == economic)
            };
            LevelsAfter {
                stakeholder: rating.stakeholder.clone(),
                system: rating.system.clone(),
                recovery_before: rating.recovery,
                economic_before: rating.economic,
                recovery,
                economic,
                within: recovery <= targets.recovery && economic <= targets.economic,
                held_by: own.iter().filter(counts).filter(holds).copied().collect(),
            }
        };
        self.assessment.ratings.iter().map(after).collect()
    }
}

/// What is left of a level: the worst that still counts, or all of it if nothing carries it.
fn left<L: Copy + Ord + Default>(
    rated: L,
    carried: impl Iterator<Item = L>,
    counting: impl Iterator<Item = L>,
) -> L {
    if carried.max().unwrap_or_default() < rated { rated } else { counting.max().unwrap_or_default() }
}

/// A level a number of steps lower, at least the lowest.
fn lower<L: Copy + PartialEq>(all: &[L], level: L, steps: usize) -> L {
    let at = all.iter().position(|own| *own == level).unwrap_or(0);
    all[at.saturating_sub(steps)]
}

impl Scenarios {
    /// A scenario by its id.
    pub fn get(&self, id: &str) -> Option<&Scenario> {
        self.all.iter().find(|scenario| scenario.id == id)
    }

    /// The value of the system: the highest class of risk among its scenarios, and how many there
    /// are in each class, from low to high.
    pub fn summary(&self) -> (usize, Vec<usize>) {
        let mut counts = vec![0; self.matrix.risk.len()];
        for scenario in &self.all {
            counts[scenario.risk] += 1;
        }
        (counts.iter().rposition(|&count| count > 0).unwrap_or(0), counts)
    }
}
