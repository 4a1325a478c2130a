//! What stays after measures, and who has accepted it until when.

use anshin_model::Id;
use anshin_model::document::Acceptance;

use crate::scenario::Scenarios;

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

/// A scenario whose risk stays at or above the cut after all measures, or has been accepted.
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
pub fn residual(stages: Stages<'_>, acceptances: &[Acceptance], today: &str) -> ResidualRisk {
    let risk = |scenarios: &Scenarios, id: &Id| scenarios.get(id.as_str()).map_or(0, |s| s.risk);
    let known = |id: &str| stages.planned.get(id).is_some();
    let mut out = ResidualRisk {
        stays: Vec::new(),
        unknown: (0..acceptances.len()).filter(|&n| !known(&acceptances[n].scenario)).collect(),
    };
    for scenario in &stages.planned.all {
        let own = acceptances.iter().enumerate().filter(|(_, a)| a.scenario == scenario.id.as_str());
        let longest = own.max_by(|(_, a), (_, b)| a.until.cmp(&b.until));
        if !scenario.above_cut && longest.is_none() {
            continue;
        }
        let standing = match longest {
            None => Standing::Open,
            Some((_, acceptance)) if acceptance.until.as_str() < today => Standing::Expired,
            Some(_) => Standing::Accepted,
        };
        out.stays.push(Residual {
            scenario: scenario.id.clone(),
            bare: risk(stages.bare, &scenario.id),
            in_place: risk(stages.in_place, &scenario.id),
            planned: scenario.risk,
            acceptance: longest.map(|(n, _)| n),
            standing,
        });
    }
    out
}
