//! What a measure costs when nobody has said so.

use anshin_catalog::Effort;
use anshin_model::Id;
use anshin_model::document::Measure;

use crate::system::System;

/// Default figures of a measure, from the efforts of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DefaultCost {
    /// Money once.
    pub once: u64,
    /// Money in each year.
    pub per_year: u64,
    /// Person-days.
    pub days: u32,
}

/// What a measure of the document costs and takes: a cost that is written stands for all defaults.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Money once, if it is known.
    pub once: Option<f64>,
    /// Money in each year, if it is known.
    pub per_year: Option<f64>,
    /// Person-days, if they are known.
    pub days: Option<f64>,
    /// Whether the money is a default.
    pub default_cost: bool,
    /// Whether the person-days are a default.
    pub default_days: bool,
}

impl System<'_> {
    /// What a measure of the document costs and takes.
    ///
    /// Defaults stand in where no cost is written. Beside a cost nothing is added that nobody has
    /// written, neither money nor days.
    pub fn figures(&self, measure: &Measure) -> Figures {
        let written = Figures {
            once: measure.cost,
            per_year: measure.cost_per_year,
            days: measure.days,
            ..Figures::default()
        };
        let default = || {
            let by = *self.stakeholders.get(measure.by.as_str())?;
            self.default_cost(measure.measure.as_ref()?, by, &measure.on)
        };
        if written.once.is_some() || written.per_year.is_some() {
            return written;
        }
        let Some(DefaultCost { once, per_year, days }) = default() else { return written };
        #[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
        Figures {
            once: Some(once as f64),
            per_year: Some(per_year as f64),
            days: written.days.or(Some(f64::from(days))),
            default_cost: true,
            default_days: written.days.is_none(),
        }
    }

    /// What a measure of the catalog costs the stakeholder of a number on some assets, or on all that it
    /// is meant for if `on` is empty. `None` if the catalog does not know the measure or its effort.
    ///
    /// What is done at assets takes more for each of them; what is done for the whole does not.
    pub fn default_cost(&self, measure: &Id, by: usize, on: &[Id]) -> Option<DefaultCost> {
        let known = self.catalog.measures.get(measure)?;
        let is_person = self.document.stakeholders[by].person;
        let work = if is_person { Effort::Small } else { known.effort };
        let effort = self.catalog.efforts.get(work.as_str())?;
        let in_scope = |n: &usize| self.profiles[*n].in_scope && self.fits(known, *n);
        let assets = if on.is_empty() { (0..self.profiles.len()).filter(in_scope).count() } else { on.len() };
        let is_whole = known.on.iter().any(|on| on == "system");
        let further = if is_whole { 0 } else { assets.saturating_sub(1) as u64 };
        let grown = |one: u64| one + one * further * u64::from(effort.each_further) / 100;
        Some(DefaultCost {
            once: grown(effort.once),
            per_year: grown(effort.per_year),
            days: u32::try_from(grown(u64::from(effort.days))).unwrap_or(u32::MAX),
        })
    }
}
