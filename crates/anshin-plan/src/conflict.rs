//! Measures that are in every plan and do not go together.

use anshin_catalog::Catalog;
use anshin_choose::{MeasureNumber, Rule, Standing};
use anshin_model::Id;

use crate::of_system::Posed;

/// Measures that have to be done anyway and do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// How they depend on each other.
    pub how: Clash,
    /// The entry of the catalog's `dependencies` that says so.
    pub dependency: Option<Id>,
    /// The measures, the one that asks for something first.
    pub measures: Vec<Party>,
    /// Measures of the catalog that would be needed and that nobody can choose here.
    pub missing: Vec<Id>,
}

/// How measures clash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// They exclude each other.
    Excludes,
    /// The first needs one of the others, and those are refused.
    Lacks,
    /// It needs something that is not on offer.
    Missing,
}

/// A measure of a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// `MEASURE@STAKEHOLDER`, or the id of the measure in the document.
    pub id: Id,
    /// What has been decided about it.
    pub standing: Standing,
    /// Whether that was asked for with this plan, and does not stand in the document.
    pub wished: bool,
}

impl Posed<'_> {
    /// What cannot be kept of the rules between measures, whatever else is chosen.
    pub(crate) fn conflicts(&self) -> Vec<Conflict> {
        let measures = &self.problem.measures;
        let is_done = |m: &MeasureNumber| measures[*m].standing.fixed() == Some(true);
        let is_new = |m: &MeasureNumber| is_done(m) && measures[*m].standing != Standing::InPlace;
        let mut out: Vec<Conflict> = Vec::new();
        for rule in &self.problem.rules {
            let (how, parties) = match rule {
                Rule::AtMostOne(all) => {
                    let done: Vec<MeasureNumber> = all.iter().copied().filter(is_done).collect();
                    if done.len() < 2 || !done.iter().any(is_new) {
                        continue;
                    }
                    (Clash::Excludes, done)
                }
                Rule::Needs(m, others) => {
                    let refused = |other: &MeasureNumber| measures[*other].standing == Standing::Refused;
                    if !is_new(m) || !others.iter().all(refused) {
                        continue;
                    }
                    let how = if others.is_empty() { Clash::Missing } else { Clash::Lacks };
                    (how, [&[*m][..], others].concat())
                }
            };
            let dependency = self.dependency(how, &parties);
            let entry = dependency.as_ref().and_then(|id| self.catalog().dependencies.get(id));
            let conflict = Conflict {
                how,
                measures: parties.iter().map(|m| self.party(*m)).collect(),
                missing: match how {
                    Clash::Missing => entry.map_or_else(Vec::new, |entry| entry.needs.clone()),
                    Clash::Excludes | Clash::Lacks => Vec::new(),
                },
                dependency,
            };
            if !out.contains(&conflict) {
                out.push(conflict);
            }
        }
        out
    }

    fn catalog(&self) -> &Catalog {
        self.terrain().system().catalog
    }

    fn party(&self, m: MeasureNumber) -> Party {
        let standing = self.problem.measures[m].standing;
        let refused_here = standing == Standing::Refused && self.offers[m].written.is_none();
        Party { id: self.offers[m].id.clone(), standing, wished: self.required.contains(&m) || refused_here }
    }

    fn dependency(&self, how: Clash, parties: &[MeasureNumber]) -> Option<Id> {
        let known = |m: MeasureNumber| self.offers[m].taken.measure.as_ref();
        let is_of_first = |measure: &Id| parties.first().is_some_and(|m| known(*m) == Some(measure));
        let is_needed = |needs: &[Id], m: MeasureNumber| known(m).is_some_and(|id| needs.contains(id));
        let found = self.catalog().dependencies.iter().find(|(_, entry)| match how {
            Clash::Lacks => {
                is_of_first(&entry.measure) && parties[1..].iter().all(|m| is_needed(&entry.needs, *m))
            }
            Clash::Missing => {
                let on_offer = (0..self.offers.len()).any(|m| is_needed(&entry.needs, m));
                is_of_first(&entry.measure) && !entry.needs.is_empty() && !on_offer
            }
            Clash::Excludes => {
                parties.iter().any(|m| known(*m) == Some(&entry.measure))
                    && parties.iter().any(|m| known(*m).is_some_and(|id| entry.excludes.contains(id)))
            }
        });
        found.map(|(id, _)| id.clone())
    }
}
