//! What there is to choose from: measures, what they do to the paths of an attack, and the limits.
//!
//! A *scenario* is an incident that reaches one stakeholder over *paths*. A path is a list of
//! *steps*; it is as difficult as its steps together, and a scenario is as likely as its easiest
//! path makes it. A measure raises the difficulty of steps, lowers the likelihood of a scenario by
//! whole classes, or lowers its effect by whole levels. What each class and level means is written
//! down for each scenario: points of risk, and whether its stakeholder accepts that.
//!
//! Everything is counted in whole numbers, so that a sum is the same on every machine.

use std::collections::{BTreeMap, BTreeSet};

/// Number of a measure in [`Problem::measures`].
pub type MeasureNumber = usize;

/// Everything that a choice depends on.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// Over how many years running costs and limits count; at least 1.
    pub years: u32,
    /// How many stakeholders there are.
    pub stakeholders: usize,
    /// What can be done.
    pub measures: Vec<Measure>,
    /// How measures depend on each other.
    pub rules: Vec<Rule>,
    /// The steps that paths are made of.
    pub steps: Vec<Step>,
    /// The paths, each a list of numbers of steps.
    pub paths: Vec<Vec<usize>>,
    /// What can happen.
    pub scenarios: Vec<Scenario>,
    /// For each class of likelihood from the least, the difficulty from which a path belongs to it;
    /// falling, the last is 0.
    pub classes: Vec<u32>,
    /// What may not be exceeded.
    pub limits: Limits,
}

/// Something that can be done.
#[derive(Debug, Clone, Default)]
pub struct Measure {
    /// Number of the stakeholder that does it and pays for it.
    pub by: usize,
    /// Cost in the first year that it is done.
    pub once: u64,
    /// Cost in each year from then on, the first included.
    pub per_year: u64,
    /// Person-days of work.
    pub days: u32,
    /// What has been decided about it.
    pub standing: Standing,
    /// What it impairs, as if it cost this much more.
    pub penalty: u64,
    /// What it impairs, as if it left this much more risk.
    pub harm: u32,
}

/// What has been decided about a measure before the choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Standing {
    /// Nothing.
    #[default]
    Open,
    /// It is done already: it works and costs nothing any more.
    InPlace,
    /// It will be done, whatever else is chosen.
    Decided,
    /// The law demands it: it will be done, whatever else is chosen.
    ByLaw,
    /// It will not be done.
    Refused,
}

impl Standing {
    /// Whether the choice is made already, and how.
    pub fn fixed(self) -> Option<bool> {
        match self {
            Standing::Open => None,
            Standing::InPlace | Standing::Decided | Standing::ByLaw => Some(true),
            Standing::Refused => Some(false),
        }
    }
}

/// How measures depend on each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The first can be done only with at least one of the others, done no later.
    Needs(MeasureNumber, Vec<MeasureNumber>),
    /// At most one of them is done.
    AtMostOne(Vec<MeasureNumber>),
}

impl Rule {
    /// What a measure needs by this rule: at least one of these.
    pub(crate) fn needs_of(&self, m: MeasureNumber) -> Option<&[MeasureNumber]> {
        match self {
            Rule::Needs(measure, others) if *measure == m => Some(others),
            Rule::Needs(..) | Rule::AtMostOne(_) => None,
        }
    }
}

/// Somewhere that an attacker has to get past. A step is never easier than 1.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// How difficult it is as things are.
    pub base: u32,
    /// The most difficult it can get.
    pub most: Option<u32>,
    /// What measures add. The parts add up; within a part the strongest counts.
    pub parts: Vec<Part>,
}

/// One way to raise or lower something, such as authentication on a step.
///
/// Two measures that bring the same thing do not bring it twice: the strongest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Measures, each with how much it brings.
    pub gains: Vec<(MeasureNumber, u32)>,
}

impl Part {
    /// What the measures of the set bring.
    pub fn gain(&self, set: &BTreeSet<MeasureNumber>) -> u32 {
        self.gains.iter().filter(|(m, _)| set.contains(m)).map(|(_, gain)| *gain).max().unwrap_or(0)
    }
}

/// Something that can happen to a stakeholder.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// Number of the stakeholder.
    pub stakeholder: usize,
    /// Numbers of the paths that lead to it.
    pub paths: Vec<usize>,
    /// What lowers its likelihood by whole classes, whatever the path.
    pub rarer: Vec<Part>,
    /// What lowers its effect by whole levels.
    pub milder: Vec<Part>,
    /// What it amounts to: a row for each number of levels that its effect is lowered by, from
    /// none; in it a cell for each class of likelihood, from the least. Fewer levels or more
    /// likelihood never amount to less.
    pub amounts: Vec<Vec<Amount>>,
}

/// What a scenario amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Amount {
    /// Points of risk.
    pub points: u32,
    /// Whether it is more than the stakeholder accepts.
    pub outside: bool,
}

impl Amount {
    /// Points that are not accepted: all or none.
    pub fn excess(self) -> u32 {
        if self.outside { self.points.max(1) } else { 0 }
    }
}

impl Problem {
    /// The class of likelihood of a difficulty, 0 for the least.
    pub fn class(&self, difficulty: u32) -> usize {
        let class = self.classes.iter().position(|from| difficulty >= *from);
        class.unwrap_or(self.classes.len().saturating_sub(1))
    }
}

/// What may not be exceeded. Money counts over all years unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Money in all.
    pub total: Option<u64>,
    /// Money in any one year.
    pub per_year: Option<u64>,
    /// Money of a stakeholder.
    pub stakeholder: Vec<(usize, u64)>,
    /// Person-days in all.
    pub days: Option<u32>,
    /// Person-days that any one stakeholder has in a quarter: all work is done by the end of the last
    /// year. Work may run on from one year into the next.
    pub days_per_quarter: Option<u32>,
}

impl Measure {
    /// What it costs over so many years if it is done in the first of them.
    pub fn cost(&self, years: u32) -> u64 {
        match self.standing {
            Standing::InPlace => 0,
            _ => self.once + self.per_year * u64::from(years),
        }
    }

    /// Person-days that it still takes.
    pub fn days_left(&self) -> u32 {
        if self.standing == Standing::InPlace { 0 } else { self.days }
    }
}

impl Problem {
    /// Measures that are open and can be of use: they raise or lower something, or another one
    /// needs them; and none does the same for no more. `apart` if it matters who does it.
    pub(crate) fn of_use(&self, apart: bool) -> BTreeSet<MeasureNumber> {
        let open = |m: &MeasureNumber| self.measures[*m].standing == Standing::Open;
        let mut gains: BTreeMap<MeasureNumber, BTreeMap<usize, u32>> = BTreeMap::new();
        let parts = self.steps.iter().flat_map(|step| &step.parts);
        let parts = parts.chain(self.scenarios.iter().flat_map(|s| s.rarer.iter().chain(&s.milder)));
        for (n, part) in parts.enumerate() {
            for (m, gain) in part.gains.iter().filter(|(m, _)| open(m)) {
                let most = gains.entry(*m).or_default().entry(n).or_default();
                *most = (*most).max(*gain);
            }
        }
        let mut found = self.undominated(&gains, apart);
        loop {
            let before = found.len();
            for rule in &self.rules {
                if let Rule::Needs(measure, others) = rule
                    && (found.contains(measure) || self.measures[*measure].standing.fixed() == Some(true))
                {
                    found.extend(others.iter().copied().filter(open));
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    /// Of measures with what they bring to each part, those of which no other one brings as much,
    /// on no more conditions, for no more of anything. Of equals the first stays.
    fn undominated(
        &self,
        gains: &BTreeMap<MeasureNumber, BTreeMap<usize, u32>>,
        apart: bool,
    ) -> BTreeSet<MeasureNumber> {
        let mut bound: BTreeSet<MeasureNumber> = BTreeSet::new();
        let mut needed: BTreeSet<MeasureNumber> = BTreeSet::new();
        for rule in &self.rules {
            match rule {
                Rule::Needs(measure, others) => {
                    bound.insert(*measure);
                    needed.extend(others);
                }
                Rule::AtMostOne(measures) => bound.extend(measures),
            }
        }
        let replaces = |by: MeasureNumber, m: MeasureNumber| {
            let (one, other) = (&self.measures[by], &self.measures[m]);
            let counted = |measure: &Measure| measure.cost(self.years) + measure.penalty;
            let is_less = counted(one) < counted(other) || one.harm < other.harm;
            (by < m || is_less)
                && (!apart || one.by == other.by)
                && one.once <= other.once
                && one.per_year <= other.per_year
                && one.penalty <= other.penalty
                && one.harm <= other.harm
                && one.days <= other.days
        };
        let is_kept = |m: &MeasureNumber| {
            let brings = |by: MeasureNumber| {
                gains[m].iter().all(|(part, gain)| gains[&by].get(part).is_some_and(|more| more >= gain))
            };
            let free = gains.keys().copied().filter(|by| by != m && !bound.contains(by));
            needed.contains(m) || !free.into_iter().any(|by| replaces(by, *m) && brings(by))
        };
        gains.keys().copied().filter(is_kept).collect()
    }

    /// Whether a measure is in place.
    pub(crate) fn is_in_place(&self, m: MeasureNumber) -> bool {
        self.measures[m].standing == Standing::InPlace
    }

    /// The greatest common divisor of all amounts of money.
    pub(crate) fn money_divisor(&self) -> i64 {
        let amounts = self.measures.iter().flat_map(|m| [m.once, m.per_year, m.penalty]);
        let divisor = amounts.fold(0, |mut a, mut b| {
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a
        });
        i64::try_from(divisor).unwrap_or(1).max(1)
    }

    /// The penalty of a measure, if it is open to choice.
    pub(crate) fn open_penalty(&self, m: MeasureNumber) -> u64 {
        let measure = &self.measures[m];
        if measure.standing.fixed().is_none() { measure.penalty } else { 0 }
    }

    /// The harm of a measure, if it is open to choice.
    pub(crate) fn open_harm(&self, m: MeasureNumber) -> u32 {
        let measure = &self.measures[m];
        if measure.standing.fixed().is_none() { measure.harm } else { 0 }
    }
}
