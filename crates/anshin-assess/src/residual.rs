//! What stays after measures, and who has accepted it until when.

use std::collections::BTreeMap;

use anshin_model::Id;
use anshin_model::document::Acceptance;

use crate::scenario::{Further, Scenarios};

/// The scenarios of one system without measures, with those in place, and with those planned too.
#[derive(Debug, Clone, Copy)]
pub struct Stages<'a> {
    /// Without any measure.
    pub bare: &'a Scenarios,
    /// With the measures in place.
    pub in_place: &'a Scenarios,
    /// With the measures in place and planned.
    pub planned: &'a Scenarios,
}

/// A scenario that stays above the cut after all measures, or has been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Residual {
    /// The scenario.
    pub scenario: Id,
    /// Class of risk without measures.
    pub bare: usize,
    /// Class of risk with the measures in place.
    pub in_place: usize,
    /// Class of risk with those planned as well.
    pub planned: usize,
    /// Whether it is outside the target with those planned as well.
    pub outside: bool,
    /// Who has accepted it, as a number in the document's acceptances.
    pub acceptance: Option<usize>,
    /// How that stands.
    pub standing: Standing,
}

/// Whether somebody answers for what stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Somebody had accepted it, but only until a day that is past.
    Expired,
    /// Nobody has accepted it.
    Open,
    /// Somebody has accepted it.
    Accepted,
}

impl Standing {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Expired => "expired",
            Standing::Open => "open",
            Standing::Accepted => "accepted",
        }
    }
}

/// What stays of the risk of a system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResidualRisk {
    /// What stays, greatest risk first.
    pub stays: Vec<Residual>,
    /// Acceptances of scenarios that the system does not have, by number in the document.
    pub unknown: Vec<usize>,
}

impl ResidualRisk {
    /// What stays and nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Residual> {
        self.stays.iter().filter(|residual| residual.standing == Standing::Open)
    }

    /// The acceptances that have expired, by number in the document.
    pub fn expired(&self) -> impl Iterator<Item = usize> + '_ {
        self.stays.iter().filter(|r| r.standing == Standing::Expired).filter_map(|r| r.acceptance)
    }
}

/// What stays after the measures in place and planned. `today` is `YYYY-MM-DD`.
///
/// An acceptance holds through the day that it names. Of several of one scenario the one that
/// holds longest counts.
pub fn residual<'a>(stages: Stages<'a>, acceptances: &[Acceptance], today: &str) -> ResidualRisk {
    let risks = |scenarios: &'a Scenarios| -> BTreeMap<&'a str, usize> {
        scenarios.all.iter().map(|scenario| (scenario.id.as_str(), scenario.risk)).collect()
    };
    let (bare, in_place, planned) = (risks(stages.bare), risks(stages.in_place), risks(stages.planned));
    let longest = longest(acceptances);
    let is_unknown = |n: &usize| !planned.contains_key(acceptances[*n].scenario.as_str());
    let mut out =
        ResidualRisk { stays: Vec::new(), unknown: (0..acceptances.len()).filter(is_unknown).collect() };
    for scenario in &stages.planned.all {
        let id = scenario.id.as_str();
        let acceptance = longest.get(id).copied();
        if !scenario.above_cut() && acceptance.is_none() {
            continue;
        }
        let standing = match acceptance {
            None => Standing::Open,
            Some(n) if acceptances[n].until.as_str() < today => Standing::Expired,
            Some(_) => Standing::Accepted,
        };
        out.stays.push(Residual {
            scenario: scenario.id.clone(),
            bare: bare.get(id).copied().unwrap_or(0),
            in_place: in_place.get(id).copied().unwrap_or(0),
            planned: scenario.risk,
            outside: scenario.further == Some(Further::OutsideTarget),
            acceptance,
            standing,
        });
    }
    out
}

/// Scenarios whose acceptance holds on a day, `YYYY-MM-DD`, each with the number of the acceptance.
pub fn accepted_on(acceptances: &[Acceptance], today: &str) -> BTreeMap<Id, usize> {
    let holds = longest(acceptances).into_iter().filter(|(_, n)| acceptances[*n].until.as_str() >= today);
    holds.map(|(scenario, n)| (Id::from(scenario), n)).collect()
}

/// Of the acceptances of each scenario the one that holds longest.
fn longest(acceptances: &[Acceptance]) -> BTreeMap<&str, usize> {
    let mut longest: BTreeMap<&str, usize> = BTreeMap::new();
    for (n, acceptance) in acceptances.iter().enumerate() {
        let best = longest.entry(acceptance.scenario.as_str()).or_insert(n);
        if acceptances[*best].until < acceptance.until {
            *best = n;
        }
    }
    longest
}
