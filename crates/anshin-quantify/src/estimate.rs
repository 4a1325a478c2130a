//! From an assessment and an organization's numbers to what can be played through.
//!
//! Every number comes from the organization if it has given one, and from the catalog if not; what
//! came from the catalog is written down as an assumption.

use std::collections::BTreeMap;

use anshin_assess::Figures;
use anshin_catalog::{Basis, Catalog, CostCategory, CostPer, CostWhen, DefaultRange, Origin};
use anshin_model::document::{Economic, Restore};
use anshin_model::{Id, Text};
use anshin_simulate::{Change, Distribution, Money, Part, Policy, Probability, Scenario};
use thiserror::Error;

use crate::money_file::{Cost, Cyber, MoneyFile, OwnMeasure};
use crate::setting::{Doer, Risk, Setting, Standing};

/// Years over which the single cost of a measure is spread, if not said otherwise: those of a plan.
pub const YEARS: f64 = 3.0;

/// Why no estimate can be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoEstimate {
    /// The defaults are in yen, the organization counts in another currency.
    #[error("the defaults are in yen and cannot be used for amounts in {0}")]
    Currency(String),
    /// A default that a user's catalog has switched off, or whose numbers make no range.
    #[error("the catalog has no usable default range `{0}`")]
    Default(String),
}

/// What can happen to an organization and what it does about it, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Scenarios.
    pub scenarios: Vec<Estimated>,
    /// Measures that are planned or thought of.
    pub measures: Vec<MeasureValue>,
    /// What all measures together make of each scenario.
    pub plan: Vec<Change>,
    /// What the absence of all measures in place would make of each scenario.
    pub bare: Vec<Change>,
    /// Insurance.
    pub policies: Vec<EstimatedPolicy>,
    /// What came from the catalog.
    pub assumptions: Vec<Assumption>,
}

/// A scenario in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimated {
    /// Its id.
    pub id: Id,
    /// A short name.
    pub name: Text,
    /// What happens.
    pub about: Text,
    /// Class of likelihood, for scenarios of the assessment.
    pub likelihood: Option<Text>,
    /// Level on the economic axis, for scenarios of the assessment.
    pub level: Option<Economic>,
    /// Frequency and parts of the loss.
    pub numbers: Scenario,
    /// What each part is for.
    pub categories: Vec<CostCategory>,
    /// Where the frequency comes from.
    pub frequency_from: From,
    /// Where the loss comes from.
    pub loss_from: From,
}

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The organization has given it.
    Own,
    /// Costs of the catalog with the organization's numbers.
    Costs,
    /// A range of the catalog.
    Default,
}

impl From {
    /// The word in the published format.
    pub fn as_str(self) -> &'static str {
        match self {
            From::Own => "own",
            From::Costs => "costs",
            From::Default => "default",
        }
    }

    /// For people.
    pub fn name(self) -> Text {
        match self {
            From::Own => Text::new("自社の数値", "your own number"),
            From::Costs => Text::new("費目の積み上げ", "cost items"),
            From::Default => Text::new("既定値", "default"),
        }
    }
}

/// A measure in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureValue {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// The stakeholder that does it and pays for it, if it is another one.
    pub by_other: Option<Doer>,
    /// What it costs whoever does it in a year; `None` if nobody has said.
    pub cost: Option<Money>,
    /// Whether that is a default of the catalog.
    pub cost_is_default: bool,
    /// Person-days of the organization that are not part of the cost, for want of a price.
    pub days: f64,
    /// What it alone makes of each scenario.
    pub changes: Vec<Change>,
    /// What all other measures together make of each scenario.
    pub others: Vec<Change>,
}

impl MeasureValue {
    /// What it costs the organization in a year: nothing if another stakeholder does it.
    pub fn own_cost(&self) -> Option<Money> {
        if self.by_other.is_some() { Some(Money::ZERO) } else { self.cost }
    }

    /// Whether what it costs the organization is a default.
    pub fn has_default_cost(&self) -> bool {
        self.cost_is_default && self.by_other.is_none()
    }
}

/// A policy in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimatedPolicy {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub name: Text,
    /// Whether it is taken out.
    pub in_place: bool,
    /// What its terms say about cyber incidents.
    pub cyber: Cyber,
    /// Premium of a year.
    pub premium: Money,
    /// Its terms.
    pub terms: Policy,
}

/// A number that came from the catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumption {
    /// Section and id of the catalog's entry.
    pub entry: (&'static str, Id),
    /// What it is.
    pub about: Text,
    /// The unit of its ends.
    pub unit: Text,
    /// Lower end of the 90 % interval.
    pub low: f64,
    /// Upper end of the 90 % interval.
    pub high: f64,
    /// As of when.
    pub date: String,
    /// Where it comes from, and how sure it is.
    pub sources: Vec<String>,
    /// How sure it is.
    pub basis: Basis,
    /// What it was used for.
    pub used_for: UsedFor,
}

/// What a number of the catalog was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UsedFor {
    /// How often and how much.
    Numbers,
    /// Only for the proportions in which a loss is split by category.
    Split,
}

impl UsedFor {
    /// The word in the published format.
    pub fn as_str(self) -> &'static str {
        match self {
            UsedFor::Numbers => "numbers",
            UsedFor::Split => "split",
        }
    }
}

/// Puts numbers to the risks of a setting.
pub fn estimate(setting: &Setting, money: &MoneyFile, catalog: &Catalog) -> Result<Model, NoEstimate> {
    let mut estimator = Estimator {
        setting,
        money,
        catalog,
        used_for: UsedFor::Numbers,
        assumptions: Vec::new(),
        shares: BTreeMap::new(),
    };
    let scenarios = estimator.scenarios()?;
    let of_risks = |standing: &dyn Fn(usize, &Risk) -> Standing, estimator: &mut Estimator<'_>| {
        scenarios
            .iter()
            .map(|scenario| {
                let at = setting.risks.iter().position(|risk| risk.id == scenario.id);
                at.map_or(Ok(Change::NONE), |at| {
                    let risk = &setting.risks[at];
                    estimator.change(risk.now, standing(at, risk))
                })
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let bare = of_risks(&|_, risk| risk.bare, &mut estimator)?;
    let mut plan = of_risks(&|at, risk| setting.after.get(at).copied().unwrap_or(risk.now), &mut estimator)?;
    let of_plan = plan.clone();
    let mut measures = Vec::new();
    for planned in &setting.plan {
        let own = money.measures.iter().find(|own| own.id == planned.id);
        let mut changes =
            of_risks(&|at, risk| planned.alone.get(at).copied().unwrap_or(risk.now), &mut estimator)?;
        let others =
            of_risks(&|at, risk| planned.others.get(at).copied().unwrap_or(risk.now), &mut estimator)?;
        if let Some(own) = own {
            apply(own, &scenarios, &mut changes);
            apply(own, &scenarios, &mut plan);
        }
        // What the organization gives a cost of its own, it pays itself.
        let has_own_cost = own.is_some_and(|own| own.cost.is_some() || own.cost_per_year.is_some());
        let is_own = planned.by.id == setting.organization || has_own_cost;
        let by_other = (!is_own).then(|| planned.by.clone());
        // Default costs are in yen, and the organization's own figure stands for all defaults.
        let Figures { once, per_year, days, default_cost, default_days } = planned.figures;
        let cost_is_default = default_cost && !has_own_cost && estimator.in_yen();
        let (once, per_year) = if default_cost && !cost_is_default { (None, None) } else { (once, per_year) };
        let counts = is_own && !(default_days && has_own_cost);
        let days = days.filter(|_| counts).unwrap_or(0.0);
        let work = money.business.person_day.map(|price| price.amount() * days);
        let cost = yearly(own, once, per_year, work);
        let days = if work.is_some() && cost.is_some() { 0.0 } else { days };
        let (id, name) = (planned.id.clone(), planned.name.clone());
        measures.push(MeasureValue { id, name, by_other, cost, cost_is_default, days, changes, others });
    }
    for own in money.measures.iter().filter(|own| setting.plan.iter().all(|planned| planned.id != own.id)) {
        let mut changes = vec![Change::NONE; scenarios.len()];
        apply(own, &scenarios, &mut changes);
        apply(own, &scenarios, &mut plan);
        let name = own.name.clone().unwrap_or_else(|| Text::same(own.id.as_str()));
        let cost = yearly(Some(own), None, None, None);
        let (id, others) = (own.id.clone(), of_plan.clone());
        let (by_other, cost_is_default, days) = (None, false, 0.0);
        measures.push(MeasureValue { id, name, by_other, cost, cost_is_default, days, changes, others });
    }
    // What the organization says of its measures holds on top of what the assessment says.
    for own in &money.measures {
        for measure in measures.iter_mut().filter(|measure| measure.id != own.id) {
            apply(own, &scenarios, &mut measure.others);
        }
    }
    let policies = policies(money, &scenarios);
    Ok(Model { scenarios, measures, plan, bare, policies, assumptions: estimator.assumptions })
}

/// Adds what the organization says a measure does.
fn apply(own: &OwnMeasure, scenarios: &[Estimated], changes: &mut [Change]) {
    let rest = |share: Option<Probability>| 1.0 - share.map_or(0.0, Probability::value);
    let change = Change { frequency: rest(own.prevents), loss: rest(own.softens) };
    for (scenario, known) in scenarios.iter().zip(changes) {
        if own.scenarios.is_empty() || own.scenarios.contains(&scenario.id) {
            *known = known.and(change);
        }
    }
}

/// What a measure costs in a year: the organization's own figures, or those of the plan. Work that has
/// a price is a single cost as well.
fn yearly(
    own: Option<&OwnMeasure>,
    once: Option<f64>,
    running: Option<f64>,
    work: Option<f64>,
) -> Option<Money> {
    let once = own.and_then(|own| own.cost).map(Money::amount).or(once);
    let running = own.and_then(|own| own.cost_per_year).map(Money::amount).or(running);
    if once.is_none() && running.is_none() {
        return None;
    }
    let years = own.and_then(|own| own.years).unwrap_or(YEARS);
    Money::new((once.unwrap_or(0.0) + work.unwrap_or(0.0)) / years + running.unwrap_or(0.0)).ok()
}

fn policies(money: &MoneyFile, scenarios: &[Estimated]) -> Vec<EstimatedPolicy> {
    let covers = |covered: &[CostCategory], excluded: &[Id]| {
        scenarios
            .iter()
            .map(|scenario| {
                let out = excluded.contains(&scenario.id);
                let of = |category: &CostCategory| {
                    // A loss that is not split up cannot be told apart: it is covered as a whole.
                    !out && (covered.is_empty()
                        || *category == CostCategory::Whole
                        || covered.contains(category))
                };
                scenario.categories.iter().map(of).collect()
            })
            .collect()
    };
    money
        .insurance
        .iter()
        .map(|own| EstimatedPolicy {
            id: own.id.clone(),
            name: own.name.clone().unwrap_or_else(|| Text::same(own.id.as_str())),
            in_place: own.in_place,
            cyber: own.cyber,
            premium: own.premium,
            terms: Policy {
                covers: covers(&own.covers, &own.excludes),
                deductible: own.deductible,
                share: own.pays,
                per_event: own.limit,
                per_year: own.limit_per_year,
            },
        })
        .collect()
}

struct Estimator<'a> {
    setting: &'a Setting,
    money: &'a MoneyFile,
    catalog: &'a Catalog,
    /// What numbers of the catalog are used for at the moment.
    used_for: UsedFor,
    assumptions: Vec<Assumption>,
    /// What part of a loss that is known as a whole only goes to each category, by consequence.
    shares: BTreeMap<CostWhen, Vec<(CostCategory, f64)>>,
}

impl Estimator<'_> {
    fn scenarios(&mut self) -> Result<Vec<Estimated>, NoEstimate> {
        let mut scenarios = Vec::new();
        for risk in &self.setting.risks {
            let own = self.money.scenarios.iter().find(|own| own.id == risk.id);
            if own.is_some_and(|own| own.off) {
                continue;
            }
            let (frequency, frequency_from) = match own.and_then(|own| own.frequency.clone()) {
                Some(frequency) => (frequency, From::Own),
                None => self.frequency(risk.now.likelihood)?,
            };
            let (parts, categories, loss_from) = match own.filter(|own| !own.parts.is_empty()) {
                Some(own) => own_parts(&own.parts),
                None => self.loss(risk)?,
            };
            scenarios.push(Estimated {
                id: risk.id.clone(),
                name: own.and_then(|own| own.name.clone()).unwrap_or_else(|| risk.name.clone()),
                about: risk.about.clone(),
                likelihood: self.setting.classes.get(risk.now.likelihood).map(|class| class.name.clone()),
                level: Some(risk.now.level),
                numbers: Scenario { stream: risk.id.to_string(), frequency, parts },
                categories,
                frequency_from,
                loss_from,
            });
        }
        for own in &self.money.scenarios {
            let (Some(name), Some(frequency)) = (&own.name, &own.frequency) else { continue };
            if own.off || self.setting.risks.iter().any(|risk| risk.id == own.id) {
                continue;
            }
            let (parts, categories, loss_from) = own_parts(&own.parts);
            scenarios.push(Estimated {
                id: own.id.clone(),
                name: name.clone(),
                about: name.clone(),
                likelihood: None,
                level: None,
                numbers: Scenario { stream: own.id.to_string(), frequency: frequency.clone(), parts },
                categories,
                frequency_from: From::Own,
                loss_from,
            });
        }
        Ok(scenarios)
    }

    /// The share of a scenario in what a class of likelihood brings: all scenarios of a class share
    /// its frequency, so that a closer look with more scenarios makes the system no more dangerous.
    fn frequency(&mut self, class: usize) -> Result<(Distribution, From), NoEstimate> {
        let sharing = self.setting.risks.iter().filter(|risk| risk.now.likelihood == class).count();
        let (whole, from) = self.frequency_of_class(class)?;
        #[expect(clippy::cast_precision_loss, reason = "a count of scenarios")]
        let share = 1.0 / sharing.max(1) as f64;
        Ok((whole.times(share), from))
    }

    fn frequency_of_class(&mut self, class: usize) -> Result<(Distribution, From), NoEstimate> {
        /// The classes that the catalog has a default for.
        const CLASSES: [&str; 5] = ["very-low", "low", "medium", "high", "very-high"];
        let id = self.setting.classes.get(class).map_or("", |class| class.id.as_str());
        if let Some((_, own)) = self.money.frequencies.iter().find(|(own, _)| own.as_str() == id) {
            return Ok((own.clone(), From::Own));
        }
        // Another matrix may have other classes: then the one at the same height stands in.
        let own = format!("frequency.{id}");
        let entry = if self.catalog.default_ranges.contains_key(own.as_str()) {
            own
        } else {
            let highest = self.setting.classes.len().saturating_sub(1).max(1);
            let at = (class * (CLASSES.len() - 1) + highest / 2) / highest;
            format!("frequency.{}", CLASSES[at.min(CLASSES.len() - 1)])
        };
        Ok((self.default(&entry)?, From::Default))
    }

    /// A range of the catalog, written down as an assumption.
    fn default(&mut self, id: &str) -> Result<Distribution, NoEstimate> {
        let missing = || NoEstimate::Default(id.to_owned());
        let (id_of, range) = self.catalog.default_ranges.get_key_value(id).ok_or_else(missing)?;
        let spread = Distribution::interval(range.low, range.high).map_err(|_| missing())?;
        let DefaultRange { about, unit, low, high, date, origin } = range;
        self.assume(("default-ranges", id_of), about, unit.name(), (*low, *high), date, origin);
        Ok(spread)
    }

    fn assume(
        &mut self,
        (section, id): (&'static str, &Id),
        about: &Text,
        unit: Text,
        (low, high): (f64, f64),
        date: &str,
        origin: &Origin,
    ) {
        if let Some(known) = self.assumptions.iter_mut().find(|known| known.entry == (section, id.clone())) {
            if self.used_for == UsedFor::Numbers {
                known.used_for = UsedFor::Numbers;
            }
            return;
        }
        self.assumptions.push(Assumption {
            entry: (section, id.clone()),
            about: about.clone(),
            unit,
            low,
            high,
            date: date.to_owned(),
            sources: origin.source.clone(),
            basis: origin.basis,
            used_for: self.used_for,
        });
    }

    /// What one incident costs: from cost items if the number that they are counted by is known, from
    /// the level of the economic axis otherwise.
    fn loss(&mut self, risk: &Risk) -> Result<Parts, NoEstimate> {
        let business = self.money.business;
        let has_numbers = match risk.consequence {
            CostWhen::Leak => business.people.is_some(),
            CostWhen::Stop => business.profit_per_day.is_some(),
            CostWhen::Recall => business.units.is_some(),
            CostWhen::Harm => business.people_hurt.is_some(),
            CostWhen::Any => false,
        };
        if has_numbers && self.level_of(risk.now.level).is_none() && self.in_yen() {
            let (parts, categories) = self.costs(risk)?;
            return Ok((parts, categories, From::Costs));
        }
        let (amount, from) = self.level(risk.now.level)?;
        let (parts, categories) = self.split(risk, &amount)?;
        Ok((parts, categories, from))
    }

    /// A loss that is known as a whole only, split by what it is for: in the proportions of the cost
    /// items, at a firm of reference size as far as the organization has told nothing of its own.
    ///
    /// The parts rise together, so that the whole stays what it was.
    fn split(
        &mut self,
        risk: &Risk,
        amount: &Distribution,
    ) -> Result<(Vec<Part>, Vec<CostCategory>), NoEstimate> {
        let whole = |amount: Distribution| Part { amount, chance: Probability::ONE };
        // The items are in yen: costs of the organization's own in another currency do not go with them.
        if !self.in_yen() {
            return Ok((vec![whole(amount.clone())], vec![CostCategory::Whole]));
        }
        let shares = self.shares(risk)?;
        if shares.is_empty() {
            return Ok((vec![whole(amount.clone())], vec![CostCategory::Whole]));
        }
        Ok(shares.into_iter().map(|(category, share)| (whole(amount.times(share)), category)).unzip())
    }

    /// The proportions of the cost items of a consequence, which are the same for all its risks.
    fn shares(&mut self, risk: &Risk) -> Result<Vec<(CostCategory, f64)>, NoEstimate> {
        if let Some(known) = self.shares.get(&risk.consequence) {
            return Ok(known.clone());
        }
        self.used_for = UsedFor::Split;
        let items = self.costs(risk);
        self.used_for = UsedFor::Numbers;
        let (parts, categories) = items?;
        let mut means: BTreeMap<CostCategory, f64> = BTreeMap::new();
        for (part, category) in parts.iter().zip(categories) {
            *means.entry(category).or_default() += part.amount.mean() * part.chance.value();
        }
        means.retain(|_, mean| *mean > 0.0);
        let sum: f64 = means.values().sum();
        let shares: Vec<(CostCategory, f64)> =
            means.into_iter().map(|(category, mean)| (category, mean / sum)).collect();
        self.shares.insert(risk.consequence, shares.clone());
        Ok(shares)
    }

    fn in_yen(&self) -> bool {
        self.money.currency.as_deref().is_none_or(|currency| currency == "JPY")
    }

    fn level_of(&self, level: Economic) -> Option<&Distribution> {
        self.money.levels[level as usize].as_ref()
    }

    fn level(&mut self, level: Economic) -> Result<(Distribution, From), NoEstimate> {
        if let Some(own) = self.level_of(level) {
            return Ok((own.clone(), From::Own));
        }
        if let Some(turnover) = self.money.business.turnover.filter(|turnover| *turnover > Money::ZERO) {
            let share = self.default(&format!("turnover.{}", level.as_str()))?;
            return Ok((share.times(turnover.amount()), From::Default));
        }
        match &self.money.currency {
            Some(currency) if currency != "JPY" => Err(NoEstimate::Currency(currency.clone())),
            _ => Ok((self.default(&format!("economic.{}", level.as_str()))?, From::Default)),
        }
    }

    /// The cost items of an incident, and what each is for.
    fn costs(&mut self, risk: &Risk) -> Result<(Vec<Part>, Vec<CostCategory>), NoEstimate> {
        let (mut parts, mut categories) = (Vec::new(), Vec::new());
        let catalog = self.catalog;
        for (id, item) in &catalog.cost_items {
            let own = self.money.costs.iter().find(|own| own.id == *id);
            let when = own.and_then(|own| own.when).unwrap_or(item.when);
            if own.is_some_and(|own| own.off) || !applies(when, risk.consequence) {
                continue;
            }
            let per = own.and_then(|own| own.per).or(item.per).unwrap_or(CostPer::Event);
            let Some(times) = self.times(per)? else { continue };
            let amount = if let Some(amount) = own.and_then(|own| own.amount.clone()) {
                amount
            } else {
                let missing = || NoEstimate::Default(id.to_string());
                let amount = Distribution::interval(item.low, item.high).map_err(|_| missing())?;
                if let Some(unit) = unit_of(item.per.unwrap_or(CostPer::Event)) {
                    let ends = (item.low, item.high);
                    self.assume(("cost-items", id), &item.name, unit, ends, &item.date, &item.origin);
                }
                amount
            };
            let chance = own.and_then(|own| own.chance).or_else(|| Probability::new(item.chance?).ok());
            parts.push(times.part(&amount, chance));
            categories.push(own.and_then(|own| own.category).unwrap_or(item.category));
        }
        for own in self.money.costs.iter().filter(|own| !catalog.cost_items.contains_key(&own.id) && !own.off)
        {
            let Cost { amount: Some(amount), .. } = own else { continue };
            if applies(own.when.unwrap_or(CostWhen::Any), risk.consequence)
                && let Some(times) = self.times(own.per.unwrap_or(CostPer::Event))?
            {
                parts.push(times.part(amount, own.chance));
                categories.push(own.category.unwrap_or(CostCategory::Other));
            }
        }
        Ok((parts, categories))
    }

    /// How many times an amount counts; `None` if it is not known how many.
    fn times(&mut self, per: CostPer) -> Result<Option<Times>, NoEstimate> {
        let business = self.money.business;
        let times = match per {
            CostPer::Event => Some(Times::Of(1.0)),
            CostPer::TenThousandPeople => {
                self.known_or(business.people, "people")?.map(|people| Times::Of(people / 10_000.0))
            }
            CostPer::Unit => self.known_or(business.units, "units")?.map(Times::Of),
            CostPer::PersonHurt => self.known_or(business.people_hurt, "people-hurt")?.map(Times::Of),
            CostPer::ProfitDays => self.profit()?.map(Times::Of),
            CostPer::DayOfProfit => {
                let Some(profit) = self.profit()? else { return Ok(None) };
                let word = match self.setting.restore.unwrap_or_default() {
                    Restore::Hours => "hours",
                    Restore::Days => "days",
                    Restore::Weeks => "weeks",
                    Restore::Months => "months",
                    Restore::Years => "years",
                };
                Some(Times::Days(self.default(&format!("standstill.{word}"))?.times(profit)))
            }
        };
        Ok(times)
    }

    fn profit(&mut self) -> Result<Option<f64>, NoEstimate> {
        self.known_or(self.money.business.profit_per_day.map(Money::amount), "profit-per-day")
    }

    /// A number of the business. Where proportions are all that is wanted, that of a firm of reference
    /// size stands in.
    fn known_or(&mut self, known: Option<f64>, reference: &str) -> Result<Option<f64>, NoEstimate> {
        match (known, self.used_for) {
            (Some(known), _) => Ok(Some(known)),
            (None, UsedFor::Numbers) => Ok(None),
            (None, UsedFor::Split) => Ok(Some(self.default(&format!("reference.{reference}"))?.mean())),
        }
    }

    /// What it does to a risk to stand elsewhere.
    fn change(&mut self, from: Standing, to: Standing) -> Result<Change, NoEstimate> {
        let frequency = if from.likelihood == to.likelihood {
            1.0
        } else {
            let (before, _) = self.frequency_of_class(from.likelihood)?;
            let (after, _) = self.frequency_of_class(to.likelihood)?;
            ratio(after.mean(), before.mean())
        };
        let loss = if from.level == to.level {
            1.0
        } else {
            let (before, _) = self.level(from.level)?;
            let (after, _) = self.level(to.level)?;
            ratio(after.mean(), before.mean())
        };
        Ok(Change { frequency, loss })
    }
}

/// How many times an amount counts.
enum Times {
    /// So many times.
    Of(f64),
    /// For each day of a standstill: this is what all its days bring.
    Days(Distribution),
}

impl Times {
    fn part(&self, amount: &Distribution, chance: Option<Probability>) -> Part {
        let amount = match self {
            Times::Of(times) => amount.times(*times),
            Times::Days(days) => days.times(amount.mean()),
        };
        Part { amount, chance: chance.unwrap_or(Probability::ONE) }
    }
}

/// The unit of a cost item; none for an item that only says that something else counts.
fn unit_of(per: CostPer) -> Option<Text> {
    match per {
        CostPer::DayOfProfit => None,
        CostPer::ProfitDays => Some(Text::new("日分の利益", "days of profit")),
        _ => {
            let of = per.name();
            Some(Text::new(
                format!("円／{}", of.get(anshin_model::Lang::Ja)),
                format!("yen per {}", of.get(anshin_model::Lang::En)),
            ))
        }
    }
}

/// Parts of a loss, what each is for, and where they come from.
type Parts = (Vec<Part>, Vec<CostCategory>, From);

fn own_parts(own: &[crate::money_file::OwnPart]) -> Parts {
    let parts = own.iter().map(|part| Part { amount: part.amount.clone(), chance: part.chance }).collect();
    (parts, own.iter().map(|part| part.category).collect(), From::Own)
}

fn applies(when: CostWhen, consequence: CostWhen) -> bool {
    when == CostWhen::Any || when == consequence
}

fn ratio(after: f64, before: f64) -> f64 {
    if before > 0.0 { after / before } else { 1.0 }
}
