//! The problem that a system poses: what can be done about its scenarios, by whom, for how much.
//!
//! The paths of a scenario are known only as far as somebody has looked. A set of measures can make
//! another path the easiest, so a choice is looked at on the whole terrain again, and paths that
//! turn up are added until the choice holds. Measures never make a path easier: when nothing turns
//! up any more, the choice is right for all paths.

use std::collections::{BTreeMap, BTreeSet};

use anshin_assess::{
    DefaultCost, MeasureState, Scenarios, StepId, System, Taken, Terrain, accepted_on, is_outside,
};
use anshin_catalog::{Consequence, Dependency, Layer, Matrix};
use anshin_choose::{
    Amount, Limits, Measure, MeasureNumber, Part, Point, Poses, Problem, Rule, Scenario, Standing, Step, buys,
};
use anshin_model::Id;
use anshin_model::document::{self, Economic, Recovery, Status};

/// What a user wants to have considered.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Over how many years costs count.
    pub years: u32,
    /// Limits, stakeholders by number in the document.
    pub limits: Limits,
    /// Measures that are refused: of the catalog, of the document, or `MEASURE@STAKEHOLDER`.
    pub refuse: Vec<Id>,
    /// Measures that are demanded, named in the same way.
    pub require: Vec<Id>,
    /// The day by which acceptances of the document are judged, `YYYY-MM-DD`: a scenario whose
    /// acceptance holds is no reason for any measure. Without a day none holds.
    pub today: Option<String>,
}

/// Something that can be done.
#[derive(Debug, Clone)]
pub struct Offer {
    /// `MEASURE@STAKEHOLDER`, or the id of the measure in the document.
    pub id: Id,
    /// What is taken, and on which assets.
    pub taken: Taken,
    /// Number of the stakeholder that does it.
    pub by: usize,
    /// Number of the measure in the document, if it is written there.
    pub written: Option<usize>,
    /// Assets that stand in for others too small to protect themselves: (too small, stands in).
    pub stand_ins: Vec<(Id, Id)>,
    /// Whether a figure of its cost or days is a default of the catalog.
    pub is_default: bool,
}

/// What is wrong with the wishes or the figures of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// No offer has this name.
    #[error("no measure `{0}` to choose")]
    UnknownMeasure(Id),
    /// A measure is both refused and demanded.
    #[error("`{0}` is refused and required")]
    RefusedAndRequired(Id),
    /// A measure that is refused is settled already: the wish, and the measure.
    #[error("`{wish}` cannot be refused: `{measure}` is settled")]
    Settled {
        /// What was to be refused.
        wish: Id,
        /// The measure that it names.
        measure: Id,
        /// How it is settled.
        standing: Standing,
    },
    /// A cost is not a whole number.
    #[error("the cost of `{0}` is not a whole number")]
    NotWhole(Id),
    /// A figure is too large to be reckoned with.
    #[error("the figures of `{0}` are too large")]
    TooLarge(Id),
}

/// The problem of a system, and what its numbers stand for.
#[derive(Debug)]
pub struct Posed<'a> {
    /// The problem with the paths known so far.
    pub problem: Problem,
    /// What each measure of the problem is.
    pub offers: Vec<Offer>,
    /// The id of each scenario of the problem.
    pub scenarios: Vec<Id>,
    /// Measures that are in the plan because it was asked for, by number.
    pub required: BTreeSet<MeasureNumber>,
    /// Scenarios that somebody has accepted, each with the number of the acceptance.
    pub accepted: BTreeMap<Id, usize>,
    terrain: &'a Terrain<'a>,
    matrix: &'a Matrix,
    steps: BTreeMap<StepId, usize>,
    paths: BTreeMap<Vec<StepId>, usize>,
}

/// Which part of the effort goes into each point of the curve.
const CURVE_SHARE: u64 = 100;

/// The largest amount of money that a single measure may have.
const MOST_MONEY: f64 = 1e12;

/// Points of risk of a class of the matrix: each class weighs three times the one below.
pub fn points(class: usize) -> u32 {
    match u32::try_from(class) {
        Ok(0) | Err(_) => 0,
        Ok(class) => 3_u32.saturating_pow(class - 1),
    }
}

impl Poses for Posed<'_> {
    fn problem(&self) -> &Problem {
        &self.problem
    }

    fn learn(&mut self, set: &BTreeSet<MeasureNumber>) -> bool {
        let seen = self.terrain.scenarios(self.matrix, &self.state(set));
        self.add_paths(&seen)
    }
}

impl<'a> Posed<'a> {
    /// Poses the problem.
    ///
    /// # Errors
    ///
    /// Wishes about measures that nobody can choose, or figures that are too large.
    pub fn new(terrain: &'a Terrain<'a>, matrix: &'a Matrix, wishes: &Wishes) -> Result<Self, Wrong> {
        let system = terrain.system();
        let bare = terrain.scenarios(matrix, &MeasureState::bare());
        let offers = Offers { terrain, system, out: Vec::new(), measures: Vec::new() }.all(&bare)?;
        let (offers, mut measures) = (offers.out, offers.measures);
        let required = wish(&offers, &mut measures, wishes)?;
        let acceptances = &system.document.acceptances;
        let today = wishes.today.as_deref();
        let accepted = today.map_or_else(BTreeMap::new, |today| accepted_on(acceptances, today));
        let mut posed = Posed {
            problem: Problem {
                years: wishes.years.max(1),
                stakeholders: system.document.stakeholders.len(),
                rules: rules(system, &offers),
                measures,
                classes: matrix.likelihood.iter().map(|class| u32::from(class.difficulty)).collect(),
                limits: wishes.limits.clone(),
                ..Problem::default()
            },
            offers,
            scenarios: Vec::new(),
            required,
            accepted,
            terrain,
            matrix,
            steps: BTreeMap::new(),
            paths: BTreeMap::new(),
        };
        posed.scenarios(&bare);
        posed.add_paths(&bare);
        posed.learn(&(0..posed.offers.len()).collect());
        Ok(posed)
    }

    /// The measures of a set as the terrain knows them.
    pub fn state(&self, set: &BTreeSet<MeasureNumber>) -> MeasureState {
        MeasureState { taken: set.iter().map(|m| self.offers[*m].taken.clone()).collect() }
    }

    /// The terrain.
    pub fn terrain(&self) -> &'a Terrain<'a> {
        self.terrain
    }

    /// The matrix.
    pub fn matrix(&self) -> &'a Matrix {
        self.matrix
    }

    /// The curve: the best that more and more money buys, from what is fixed up to where more money
    /// buys nothing. Every point is better than the one before. Tells which point it is at, from 1.
    pub fn curve(&mut self, steps: u64, effort: u64, tell: &dyn Fn(u64)) -> Vec<Point> {
        let effort = effort.div_ceil(CURVE_SHARE);
        let Some(most) = buys(&mut *self, None, None, effort) else { return Vec::new() };
        let nothing = BTreeSet::new();
        let lowest = self.problem.outcome(&nothing).cost;
        let highest = most.outcome.cost;
        let mut out: Vec<Point> = Vec::new();
        for n in 0..steps {
            tell(n + 1);
            let budget = lowest + (highest - lowest) * n / steps.max(1);
            let known = out.last().cloned();
            out.extend(buys(&mut *self, Some(budget), known.as_ref(), effort));
        }
        out.push(most);
        out
    }

    /// Adds the paths of scenarios that are not known yet; tells whether there were any.
    fn add_paths(&mut self, seen: &Scenarios) -> bool {
        let mut news = false;
        let numbers: BTreeMap<Id, usize> = self.scenarios.iter().cloned().zip(0..).collect();
        for scenario in &seen.all {
            let Some(&s) = numbers.get(&scenario.id) else { continue };
            for route in &scenario.routes {
                let steps = self.terrain.step_ids(&seen.routes, *route, scenario.at, scenario.consequence);
                let path = match self.paths.get(&steps) {
                    Some(path) => *path,
                    None => self.add(steps),
                };
                let known = &mut self.problem.scenarios[s].paths;
                if !known.contains(&path) {
                    known.push(path);
                    known.sort_unstable();
                    news = true;
                }
            }
        }
        news
    }

    fn add(&mut self, path: Vec<StepId>) -> usize {
        let mut numbers = Vec::new();
        for id in &path {
            let next = self.problem.steps.len();
            let number = *self.steps.entry(*id).or_insert(next);
            if number == next {
                let step = self.step(*id);
                self.problem.steps.push(step);
            }
            numbers.push(number);
        }
        self.problem.paths.push(numbers);
        self.paths.insert(path, self.problem.paths.len() - 1);
        self.problem.paths.len() - 1
    }

    fn step(&self, id: StepId) -> Step {
        let bare = self.terrain.bare_layers(id);
        let asset = &self.terrain.system().document.assets[self.terrain.target(id)].id;
        let mut gains: BTreeMap<Layer, BTreeMap<MeasureNumber, u32>> = BTreeMap::new();
        for raise in self.terrain.raises(id) {
            let gain = u32::from(raise.points.saturating_sub(bare[raise.layer as usize]));
            for (m, offer) in self.offers.iter().enumerate() {
                let does = self.is_one(&offer.taken, &raise.hindrance.measures, raise.hindrance.own);
                if gain > 0 && does && is_on(&offer.taken, asset) {
                    let known = gains.entry(raise.layer).or_default().entry(m).or_default();
                    *known = gain.max(*known);
                }
            }
        }
        let parts = gains.into_values().map(|gains| Part { gains: gains.into_iter().collect() }).collect();
        Step { base: bare.iter().map(|layer| u32::from(*layer)).sum(), most: Some(HARDEST_STEP), parts }
    }

    /// Whether what is taken is one of the measures of an entry of the catalog.
    fn is_one(&self, taken: &Taken, measures: &[Id], own: bool) -> bool {
        let catalog = self.terrain.system().catalog;
        match &taken.measure {
            Some(measure) => measures.contains(measure),
            None => {
                own && {
                    let mut met = measures.iter().filter_map(|id| catalog.measures.get(id));
                    met.any(|measure| measure.requirement == taken.requirement)
                }
            }
        }
    }

    /// The scenarios without their paths.
    fn scenarios(&mut self, bare: &Scenarios) {
        let system = self.terrain.system();
        let reliefs = &system.catalog.reliefs;
        let ends: Vec<(usize, Consequence)> = bare.all.iter().map(|s| (s.at, s.consequence)).collect();
        // A measure may act where it is taken and elsewhere: each is looked at on the whole terrain.
        let mut all_gains: Vec<BTreeMap<MeasureNumber, u32>> = vec![BTreeMap::new(); ends.len()];
        for (m, offer) in self.offers.iter().enumerate() {
            if !reliefs.values().any(|relief| self.is_one(&offer.taken, &relief.measures, relief.own)) {
                continue;
            }
            let alone = MeasureState { taken: vec![offer.taken.clone()] };
            let levels = self.terrain.relief_levels(&alone, &ends);
            for (gains, levels) in all_gains.iter_mut().zip(levels).filter(|(_, levels)| *levels > 0) {
                gains.insert(m, levels);
            }
        }
        for (scenario, gains) in bare.all.iter().zip(all_gains) {
            let Some(&stakeholder) = system.stakeholders.get(scenario.stakeholder.as_str()) else { continue };
            let most = gains.values().copied().max().unwrap_or(0);
            let mut amounts: Vec<Vec<Amount>> =
                (0..=most).map(|fewer| self.amounts(scenario.before, fewer)).collect();
            if self.accepted.contains_key(&scenario.id) {
                amounts.iter_mut().flatten().for_each(|amount| *amount = Amount::default());
            }
            let milder = Part { gains: gains.into_iter().collect() };
            self.problem.scenarios.push(Scenario {
                stakeholder,
                paths: Vec::new(),
                rarer: Vec::new(),
                milder: if milder.gains.is_empty() { Vec::new() } else { vec![milder] },
                amounts,
            });
            self.scenarios.push(scenario.id.clone());
        }
    }

    /// What an effect amounts to, lowered by some levels, by class of likelihood.
    fn amounts(&self, (recovery, economic): (Recovery, Economic), fewer: u32) -> Vec<Amount> {
        let fewer = fewer as usize;
        let recovery = Recovery::ALL[(recovery as usize).saturating_sub(fewer)];
        let economic = Economic::ALL[(economic as usize).saturating_sub(fewer)];
        let targets = self.terrain.system().document.targets;
        let effect = self.matrix.effect_of(recovery, economic);
        let amount = |likelihood: usize| Amount {
            points: points(self.matrix.risk_of(likelihood, effect)),
            outside: is_outside(targets, self.matrix, (recovery, economic), likelihood),
        };
        (0..self.matrix.likelihood.len()).map(amount).collect()
    }
}

/// The most points that a step has.
const HARDEST_STEP: u32 = 20;

fn is_on(taken: &Taken, asset: &Id) -> bool {
    taken.on.is_empty() || taken.on.contains(asset)
}

/// Marks measures as refused or demanded; gives those that are demanded.
fn wish(
    offers: &[Offer],
    measures: &mut [Measure],
    wishes: &Wishes,
) -> Result<BTreeSet<MeasureNumber>, Wrong> {
    let named = |name: &Id| -> Result<Vec<usize>, Wrong> {
        let fits = |offer: &Offer| offer.id == *name || offer.taken.measure.as_ref() == Some(name);
        let found: Vec<usize> =
            offers.iter().enumerate().filter(|(_, offer)| fits(offer)).map(|(m, _)| m).collect();
        if found.is_empty() { Err(Wrong::UnknownMeasure(name.clone())) } else { Ok(found) }
    };
    for name in &wishes.refuse {
        for m in named(name)? {
            let standing = measures[m].standing;
            if standing.fixed() == Some(true) {
                return Err(Wrong::Settled { wish: name.clone(), measure: offers[m].id.clone(), standing });
            }
            measures[m].standing = Standing::Refused;
        }
    }
    let mut required = BTreeSet::new();
    for name in &wishes.require {
        let found = named(name)?;
        // Several can do it: the first, in the order of the document, does.
        let m = found.iter().copied().find(|m| measures[*m].standing != Standing::Refused);
        let Some(m) = m else { return Err(Wrong::RefusedAndRequired(name.clone())) };
        if measures[m].standing == Standing::Open {
            measures[m].standing = Standing::Decided;
            required.insert(m);
        }
    }
    Ok(required)
}

/// Rules between offers, from the dependencies of the catalog.
fn rules(system: &System<'_>, offers: &[Offer]) -> Vec<Rule> {
    let of = |measures: &[Id]| -> Vec<usize> {
        let one = |(m, offer): (usize, &Offer)| {
            offer.taken.measure.as_ref().is_some_and(|id| measures.contains(id)).then_some(m)
        };
        offers.iter().enumerate().filter_map(one).collect()
    };
    let mut out = Vec::new();
    for Dependency { measure, needs, excludes, .. } in system.catalog.dependencies.values() {
        for m in of(std::slice::from_ref(measure)) {
            if !needs.is_empty() {
                out.push(Rule::Needs(m, of(needs)));
            }
            for other in of(excludes) {
                let (one, two) = (&offers[m].taken, &offers[other].taken);
                let meets =
                    one.on.is_empty() || two.on.is_empty() || one.on.iter().any(|a| two.on.contains(a));
                if meets {
                    out.push(Rule::AtMostOne(vec![m, other]));
                }
            }
        }
    }
    out
}

/// Collects what can be done.
struct Offers<'a> {
    terrain: &'a Terrain<'a>,
    system: &'a System<'a>,
    out: Vec<Offer>,
    measures: Vec<Measure>,
}

impl Offers<'_> {
    fn all(mut self, bare: &Scenarios) -> Result<Self, Wrong> {
        let document = self.system.document;
        for (n, measure) in document.measures.iter().enumerate() {
            self.written(n, measure)?;
        }
        let acting = self.acting(bare);
        // Who is named for each measure, in the order of the plan.
        let mut named: Vec<(&Id, Vec<usize>)> = Vec::new();
        for item in &self.terrain.assessment().plan {
            let Some(&by) = self.system.stakeholders.get(item.implementer.as_str()) else { continue };
            for measure in item.measures.iter().filter(|measure| acting.contains(*measure)) {
                match named.iter_mut().find(|(known, _)| *known == measure) {
                    Some((_, all)) if all.contains(&by) => {}
                    Some((_, all)) => all.push(by),
                    None => named.push((measure, vec![by])),
                }
            }
        }
        for (measure, all) in named {
            for &by in &all {
                self.proposed(measure, by, &|_| true);
            }
            // Where none of them answers for an asset, whoever runs it can do it.
            let nobody = |n: usize| !all.iter().any(|&by| self.answers(by, &document.assets[n].id));
            let lonely: BTreeSet<usize> = (0..document.assets.len()).filter(|n| nobody(*n)).collect();
            let runs = |n: &usize| {
                let profile = &self.system.profiles[*n];
                profile.operator.or(profile.maintainer).or(profile.updater).or(profile.maker)
            };
            let others: BTreeSet<usize> = lonely.iter().filter_map(runs).collect();
            for by in others {
                self.proposed(measure, by, &|n| lonely.contains(&n) && runs(&n) == Some(by));
            }
        }
        Ok(self)
    }

    /// Measures of the catalog that act on a scenario at all.
    fn acting(&self, bare: &Scenarios) -> BTreeSet<Id> {
        let catalog = self.system.catalog;
        let consequences: BTreeSet<Consequence> = bare.all.iter().map(|s| s.consequence).collect();
        let reliefs = catalog.reliefs.values().filter(|relief| consequences.contains(&relief.consequence));
        let hindering = catalog.hindrances.values().flat_map(|entry| &entry.measures);
        let mut acting: BTreeSet<Id> =
            hindering.chain(reliefs.flat_map(|relief| &relief.measures)).cloned().collect();
        // What such a measure needs is on offer as well.
        for dependency in catalog.dependencies.values() {
            if acting.contains(&dependency.measure) {
                acting.extend(dependency.needs.iter().cloned());
            }
        }
        acting
    }

    /// A measure that the document names.
    fn written(&mut self, n: usize, measure: &document::Measure) -> Result<(), Wrong> {
        let Some(&by) = self.system.stakeholders.get(measure.by.as_str()) else { return Ok(()) };
        let figures = self.system.figures(measure);
        let money = |amount: Option<f64>| match amount {
            Some(amount) if amount > MOST_MONEY => Err(Wrong::TooLarge(measure.id.clone())),
            Some(amount) if amount.fract() != 0.0 => Err(Wrong::NotWhole(measure.id.clone())),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked on reading")]
            Some(amount) => Ok(amount as u64),
            None => Ok(0),
        };
        let standing = match (measure.status, measure.by_law) {
            (Status::InPlace, _) => Standing::InPlace,
            (_, true) => Standing::ByLaw,
            (Status::Planned, _) => Standing::Decided,
            (Status::Refused, _) => Standing::Refused,
        };
        let is_known = figures.once.is_some() || figures.per_year.is_some();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked on reading")]
        let days = figures.days.map_or(0, |days| days.ceil() as u32);
        self.measures.push(Measure {
            by,
            once: money(figures.once)?,
            per_year: money(figures.per_year)?,
            days,
            standing,
            ..Measure::default()
        });
        self.out.push(Offer {
            id: measure.id.clone(),
            taken: Taken {
                name: measure.id.clone(),
                requirement: measure.requirement.clone(),
                measure: measure.measure.clone(),
                on: measure.on.clone(),
            },
            by,
            written: Some(n),
            stand_ins: Vec::new(),
            is_default: standing != Standing::InPlace && (figures.default_cost || !is_known),
        });
        Ok(())
    }

    /// A measure of the catalog, done by a stakeholder on all assets of a kind, by number in the
    /// document, that it answers for and that the measure fits.
    fn proposed(&mut self, id: &Id, by: usize, of: &dyn Fn(usize) -> bool) {
        let catalog = self.system.catalog;
        let Some(known) = catalog.measures.get(id) else { return };
        let is_person = self.system.document.stakeholders[by].person;
        if is_person && !known.at_home {
            return;
        }
        let candidates = &self.terrain.assessment().candidates;
        let candidate = candidates.iter().find(|candidate| candidate.requirement == known.requirement);
        let stand_ins = candidate.map_or(&[][..], |candidate| &candidate.stand_ins);
        let document = self.system.document;
        let mut on = Vec::new();
        let mut used = Vec::new();
        for (n, (asset, profile)) in document.assets.iter().zip(&self.system.profiles).enumerate() {
            if !of(n) || !profile.in_scope || self.is_written(id, by, &asset.id) {
                continue;
            }
            if let Some((small, helper)) = stand_ins.iter().find(|(small, _)| *small == asset.id) {
                let fits =
                    self.system.assets.get(helper.as_str()).is_some_and(|&n| self.system.fits(known, n));
                if fits && self.answers(by, helper) {
                    on.push(small.clone());
                    used.push((small.clone(), helper.clone()));
                }
            } else if self.answers(by, &asset.id) && self.system.fits(known, n) {
                on.push(asset.id.clone());
            }
        }
        if on.is_empty() {
            return;
        }
        let weakens = || known.impairs.iter().filter_map(|what| catalog.impairments.get(what.as_str()));
        let DefaultCost { once, per_year, days } = self.system.default_cost(id, by, &on).unwrap_or_default();
        self.measures.push(Measure {
            by,
            once,
            per_year,
            days,
            standing: Standing::Open,
            penalty: weakens().map(|impairment| impairment.cost).sum(),
            harm: weakens().map(|impairment| impairment.points).sum(),
        });
        self.out.push(Offer {
            id: Id::from(format!("{id}@{}", document.stakeholders[by].id)),
            taken: Taken {
                name: id.clone(),
                requirement: known.requirement.clone(),
                measure: Some(id.clone()),
                on,
            },
            by,
            written: None,
            stand_ins: used,
            is_default: true,
        });
    }

    /// Whether the document says already what becomes of a measure on an asset.
    fn is_written(&self, id: &Id, by: usize, asset: &Id) -> bool {
        self.out.iter().any(|offer| {
            let written = offer.written.map(|n| &self.system.document.measures[n]);
            written.is_some()
                && offer.taken.measure.as_ref() == Some(id)
                && (written.is_some_and(|written| written.status != Status::Refused) || offer.by == by)
                && is_on(&offer.taken, asset)
        })
    }

    /// Whether a stakeholder makes, runs, maintains or updates an asset.
    fn answers(&self, by: usize, asset: &Id) -> bool {
        let Some(&n) = self.system.assets.get(asset.as_str()) else { return false };
        let profile = &self.system.profiles[n];
        [profile.operator, profile.maker, profile.maintainer, profile.updater].contains(&Some(by))
    }
}
