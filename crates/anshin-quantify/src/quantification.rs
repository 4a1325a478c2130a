//! Risk in money: the whole result as one plain value.

use std::collections::BTreeMap;

use anshin_catalog::{Catalog, CostCategory};
use anshin_model::{Id, Text};
use anshin_simulate::{
    Case, Change, Estimate, Losses, Money, Percentile, Played, Portfolio, Run, difference, in_bad_years,
    share_above, simulate,
};

use crate::estimate::{Estimated, MeasureValue, Model, NoEstimate, estimate};
use crate::judge::{self, Affordable, Posture, Worthwhile};
use crate::money_file::{Business, Cyber, MoneyFile};
use crate::setting::{PlanFrom, Setting};

/// Years that are played if not asked otherwise.
pub const YEARS: usize = 1_000_000;
/// The most years that can be asked for.
pub const MOST_YEARS: usize = 20_000_000;
/// The seed if not asked otherwise.
pub const SEED: u64 = 20_260_401;
/// A figure is said to be settled if its standard error is at most this share of it.
pub const SETTLED: f64 = 0.02;

/// Risk in money.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantification {
    /// The organization whose money it is.
    pub organization: Id,
    /// Its name.
    pub name: Text,
    /// Currency of all amounts.
    pub currency: String,
    /// Years and seed.
    pub run: Run,
    /// The bad year that judgements look at.
    pub bad_year: Percentile,
    /// What is known about the business.
    pub business: Business,
    /// What came from the catalog.
    pub model: Model,
    /// The scenarios, the dearest first.
    pub scenarios: Vec<ScenarioResult>,
    /// What a year costs by what it is for, before insurance pays.
    pub categories: Vec<CategoryResult>,
    /// The cases, from now on to everything that is thought of.
    pub cases: Vec<CaseResult>,
    /// Measures that are planned or thought of, the most worthwhile first.
    pub measures: Vec<MeasureResult>,
    /// All measures together, if there are any.
    pub plan: Option<PlanResult>,
    /// Considered insurance, if there is any.
    pub insurance: Option<InsuranceResult>,
    /// Insurance that is in place, if there is any.
    pub insurance_in_place: Option<InsuranceResult>,
    /// First inequality: the expected damage against spending.
    pub worthwhile: Worthwhile,
    /// Second inequality: what can be paid against the residual damage.
    pub affordable: Affordable,
    /// The class of posture.
    pub posture: Posture,
    /// Whether the figures can be trusted to hold.
    pub convergence: Convergence,
}

/// What a scenario costs.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenarioResult {
    /// Its number in the model.
    pub at: usize,
    /// Mean loss a year, after insurance has paid.
    pub mean: f64,
    /// Mean loss that it brings in the worst hundredth of the years, after insurance has paid.
    pub in_bad_years: f64,
    /// Mean loss a year once all measures are done, after insurance has paid.
    pub after: f64,
    /// The same before insurance pays.
    pub uninsured: Uninsured,
}

/// What a scenario costs before insurance pays, by the formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Uninsured {
    /// Mean loss a year.
    pub mean: f64,
    /// Mean loss a year if its frequency is at the lower and at the upper end of its 90 % interval; the
    /// mean is between the two.
    pub swing: (f64, f64),
    /// Mean loss a year once all measures are done.
    pub after: f64,
}

/// Which case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseKind {
    /// As things are.
    Now,
    /// With all measures that are planned or thought of.
    Plan,
    /// With considered insurance as well.
    Insured,
    /// If policies that are silent about cyber incidents pay too.
    SilentPays,
    /// With all measures, but without the insurance that is in place.
    Uninsured,
}

impl CaseKind {
    /// The word in the published format.
    pub fn as_str(self) -> &'static str {
        match self {
            CaseKind::Now => "now",
            CaseKind::Plan => "plan",
            CaseKind::Insured => "insured",
            CaseKind::SilentPays => "silent-pays",
            CaseKind::Uninsured => "uninsured",
        }
    }

    /// For people.
    pub fn name(self) -> Text {
        match self {
            CaseKind::Now => Text::new("現状", "as things are"),
            CaseKind::Plan => Text::new("計画の対策後", "with the plan"),
            CaseKind::Insured => Text::new("検討中の保険も加入", "with considered insurance"),
            CaseKind::SilentPays => {
                Text::new("約款に定めのない保険も支払う場合", "if silent policies pay too")
            }
            CaseKind::Uninsured => Text::new("加入中の保険がない場合", "without the insurance in place"),
        }
    }
}

/// What a year costs on average for one category of cost, by the formula and before insurance pays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CategoryResult {
    /// What it is for.
    pub category: CostCategory,
    /// As things are.
    pub mean: f64,
    /// Once all measures are done.
    pub after: f64,
}

/// What a year costs in a case, after insurance has paid.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseResult {
    /// Which case.
    pub kind: CaseKind,
    /// What is left of the losses of a year.
    pub losses: Losses,
    /// Premiums of a year.
    pub premiums: f64,
    /// Chance that a year costs more than can be paid in an emergency.
    pub beyond_cash: Option<f64>,
}

/// What a measure is worth, after insurance in place has paid: without such insurance by the formula,
/// with it in the years that the cases have seen.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureResult {
    /// Its number in the model.
    pub at: usize,
    /// Loss a year that it saves on average.
    pub saves: f64,
    /// Loss a year that comes back on average if it alone is left out of the plan.
    pub left_out: f64,
    /// What it saves beyond its cost, alone or as a part of the plan, whichever is more; as a multiple
    /// of its cost.
    pub rosi: Option<f64>,
}

/// What all measures together are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanResult {
    /// Where they come from.
    pub from: PlanFrom,
    /// What they cost the organization in a year, as far as that is known.
    pub cost: f64,
    /// What they cost other stakeholders in a year.
    pub by_others: f64,
    /// Person-days of the organization that are not part of the cost, for want of a price.
    pub uncounted_days: f64,
    /// How many have no cost.
    pub without_cost: usize,
    /// Loss a year that they save on average; both cases have seen the same fate.
    pub saves: Estimate,
    /// What they save beyond their cost, as a multiple of the cost.
    pub rosi: Option<f64>,
}

/// What insurance is worth.
#[derive(Debug, Clone, PartialEq)]
pub struct InsuranceResult {
    /// Premiums of a year.
    pub premium: f64,
    /// What it pays in a year on average.
    pub pays: Estimate,
    /// What it takes off a bad year, the premium not counted.
    pub off_bad_year: f64,
}

/// Whether the figures can be trusted to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Convergence {
    /// Mean loss a year by the formula, where there is one: the case of now without insurance.
    pub exact_mean: Option<f64>,
    /// How far the simulated mean is from it, in standard errors.
    pub off: Option<f64>,
    /// Standard error of the mean as a share of it.
    pub mean_error: f64,
    /// Standard error of the loss of a bad year as a share of it.
    pub bad_year_error: f64,
    /// Whether both are at most [`SETTLED`].
    pub settled: bool,
    /// Years that would settle them, if they are not settled.
    pub years_needed: Option<f64>,
}

impl Quantification {
    /// Mean loss a year as things are, by the formula and before insurance pays.
    pub fn mean_before_insurance(&self) -> f64 {
        self.scenarios.iter().map(|scenario| scenario.uninsured.mean).sum()
    }

    /// Whether insurance is in place that pays for incidents. Then what a year costs is told after it
    /// has paid, and what it would cost without is said to be so.
    pub fn is_insured(&self) -> bool {
        self.insurance_in_place.is_some()
    }
}

/// Plays the risks of a setting through and judges what comes out.
pub fn quantify(
    setting: &Setting,
    money: &MoneyFile,
    catalog: &Catalog,
    run: Run,
) -> Result<Quantification, NoEstimate> {
    let model = estimate(setting, money, catalog)?;
    let bad_year = money.bad_year.unwrap_or(Percentile::P99);
    let (portfolio, kinds) = portfolio(&model);
    let played = simulate(&portfolio, run);
    let cash = money.business.emergency_cash.map(Money::amount);
    let cases: Vec<CaseResult> = kinds
        .iter()
        .zip(portfolio.cases.iter().zip(&played))
        .map(|(&kind, (case, played))| CaseResult {
            kind,
            losses: Losses::new(&played.years),
            premiums: premiums(&model, case),
            beyond_cash: cash.map(|cash| share_above(&played.years, cash)),
        })
        .collect();
    let of = |kind| kinds.iter().position(|own| *own == kind);
    let last_planned = of(CaseKind::Plan).unwrap_or(0);

    let plan = of(CaseKind::Plan).map(|at| {
        let measures = || model.measures.iter();
        let cost = measures().filter_map(MeasureValue::own_cost).map(Money::amount).sum();
        let of_others = measures().filter(|m| m.by_other.is_some());
        let by_others = of_others.filter_map(|m| m.cost).map(Money::amount).sum();
        let saves = difference(&played[0].years, &played[at].years);
        let without_cost = measures().filter(|m| m.own_cost().is_none()).count();
        let rosi = rosi(saves.value, cost, without_cost == 0);
        let uncounted_days = measures().map(|measure| measure.days).sum();
        PlanResult { from: setting.plan_from, cost, by_others, uncounted_days, without_cost, saves, rosi }
    });
    // What the policies of a case add to those of another.
    let added = |without: usize, with: usize| InsuranceResult {
        premium: cases[with].premiums - cases[without].premiums,
        pays: difference(&played[without].years, &played[with].years),
        off_bad_year: cases[without].losses.percentile(bad_year).value
            - cases[with].losses.percentile(bad_year).value,
    };
    let insured = of(CaseKind::Insured);
    let insurance = insured.map(|at| added(last_planned, at));
    let insurance_in_place = of(CaseKind::Uninsured).map(|at| added(at, last_planned));
    let scenarios = scenario_results(&model, &portfolio, run, &cases[0], &played, last_planned);
    let bare: f64 = mean(&model.scenarios, &model.bare);
    let worthwhile = judge::worthwhile(bare, &model, money, premiums(&model, &portfolio.cases[last_planned]));
    let affordable = judge::affordable(&cases[last_planned], insured.map(|at| &cases[at]), bad_year, cash);
    let posture = judge::posture(money.posture, &worthwhile, &affordable);
    let insured_now = !portfolio.cases[0].policies.is_empty();
    let convergence = convergence(&model, &cases[0], bad_year, run, insured_now);
    let measures = measure_results(&model, &Means::of(&model, &portfolio, &played, last_planned));
    Ok(Quantification {
        organization: setting.organization.clone(),
        name: setting.name.clone(),
        currency: money.currency.clone().unwrap_or_else(|| "JPY".to_owned()),
        run,
        bad_year,
        business: money.business,
        scenarios,
        categories: category_results(&model),
        cases,
        measures,
        plan,
        insurance,
        insurance_in_place,
        worthwhile,
        affordable,
        posture,
        convergence,
        model,
    })
}

/// The cases worth playing.
fn portfolio(model: &Model) -> (Portfolio, Vec<CaseKind>) {
    let numbers = |wanted: &dyn Fn(bool, Cyber) -> bool| -> Vec<usize> {
        let all = model.policies.iter().enumerate();
        all.filter(|(_, p)| wanted(p.in_place, p.cyber)).map(|(n, _)| n).collect()
    };
    let in_place = numbers(&|in_place, cyber| in_place && cyber == Cyber::Included);
    let included = numbers(&|_, cyber| cyber == Cyber::Included);
    let with_silent =
        numbers(&|in_place, cyber| cyber == Cyber::Included || (in_place && cyber == Cyber::Silent));
    let none = vec![Change::NONE; model.scenarios.len()];
    let planned = if model.measures.is_empty() { none.clone() } else { model.plan.clone() };
    let mut cases = vec![Case { changes: none, policies: in_place.clone() }];
    let mut kinds = vec![CaseKind::Now];
    let mut add = |kind, policies: &Vec<usize>| {
        cases.push(Case { changes: planned.clone(), policies: policies.clone() });
        kinds.push(kind);
    };
    if !model.measures.is_empty() {
        add(CaseKind::Plan, &in_place);
    }
    if included.len() > in_place.len() {
        add(CaseKind::Insured, &included);
    }
    if with_silent.len() > included.len() {
        add(CaseKind::SilentPays, &with_silent);
    }
    if !in_place.is_empty() {
        add(CaseKind::Uninsured, &Vec::new());
    }
    // What a measure is worth can be told by the formula only where no insurance pays.
    let played = model.measures.iter().filter(|_| !in_place.is_empty());
    let only_means = played
        .flat_map(|measure| [&measure.changes, &measure.others])
        .map(|changes| Case { changes: changes.clone(), policies: in_place.clone() })
        .collect();
    let portfolio = Portfolio {
        scenarios: model.scenarios.iter().map(|scenario| scenario.numbers.clone()).collect(),
        policies: model.policies.iter().map(|policy| policy.terms.clone()).collect(),
        cases,
        only_means,
    };
    (portfolio, kinds)
}

/// Mean losses of a year that tell what measures are worth, all of them on the same footing.
struct Means {
    now: f64,
    planned: f64,
    /// For each measure, with it alone and with all others.
    of_measures: Vec<(f64, f64)>,
}

impl Means {
    fn of(model: &Model, portfolio: &Portfolio, played: &[Played], planned: usize) -> Self {
        if portfolio.cases[0].policies.is_empty() {
            let mean = |changes: &[Change]| mean(&model.scenarios, changes);
            let of_measures = model.measures.iter().map(|m| (mean(&m.changes), mean(&m.others)));
            return Self {
                now: mean(&vec![Change::NONE; model.scenarios.len()]),
                planned: mean(&model.plan),
                of_measures: of_measures.collect(),
            };
        }
        let mean = |played: &Played| played.scenarios.iter().sum();
        let of_measures = played[portfolio.cases.len()..].chunks_exact(2);
        Self {
            now: mean(&played[0]),
            planned: mean(&played[planned]),
            of_measures: of_measures.map(|pair| (mean(&pair[0]), mean(&pair[1]))).collect(),
        }
    }
}

/// Premiums of the policies that a case pays: those that cover cyber incidents.
///
/// A policy that is silent about them is there for another purpose; its premium is not a cost of
/// these risks.
fn premiums(model: &Model, case: &Case) -> f64 {
    let paid = case.policies.iter().map(|&n| &model.policies[n]);
    paid.filter(|policy| policy.cyber == Cyber::Included).map(|policy| policy.premium.amount()).sum()
}

/// Mean loss a year by the formula: frequency times mean loss, over all scenarios.
fn mean(scenarios: &[Estimated], changes: &[Change]) -> f64 {
    scenarios.iter().zip(changes).map(|(scenario, change)| mean_of(scenario, *change)).sum()
}

fn mean_of(scenario: &Estimated, change: Change) -> f64 {
    let numbers = &scenario.numbers;
    numbers.frequency.mean() * change.frequency * numbers.mean_loss() * change.loss
}

fn rosi(saves: f64, cost: f64, complete: bool) -> Option<f64> {
    (complete && cost > 0.0).then(|| (saves - cost) / cost)
}

fn scenario_results(
    model: &Model,
    portfolio: &Portfolio,
    run: Run,
    now: &CaseResult,
    played: &[Played],
    planned: usize,
) -> Vec<ScenarioResult> {
    let threshold = now.losses.percentile(Percentile::P99).value;
    let in_bad_years = in_bad_years(portfolio, run, 0, &played[0], threshold);
    let mut results: Vec<ScenarioResult> = model
        .scenarios
        .iter()
        .enumerate()
        .map(|(at, scenario)| {
            let (low, high) = scenario.numbers.frequency.range();
            let loss = scenario.numbers.mean_loss();
            ScenarioResult {
                at,
                mean: played[0].scenarios[at],
                in_bad_years: in_bad_years[at],
                after: played[planned].scenarios[at],
                uninsured: Uninsured {
                    mean: mean_of(scenario, Change::NONE),
                    swing: (low * loss, high * loss),
                    after: mean_of(scenario, model.plan[at]),
                },
            }
        })
        .collect();
    results.sort_by(|a, b| b.mean.total_cmp(&a.mean).then(a.at.cmp(&b.at)));
    results
}

fn category_results(model: &Model) -> Vec<CategoryResult> {
    let mut means: BTreeMap<CostCategory, (f64, f64)> = BTreeMap::new();
    for (scenario, change) in model.scenarios.iter().zip(&model.plan) {
        let often = scenario.numbers.frequency.mean();
        for (part, category) in scenario.numbers.parts.iter().zip(&scenario.categories) {
            let mean = often * part.chance.value() * part.amount.mean();
            let (now, after) = means.entry(*category).or_default();
            *now += mean;
            *after += mean * change.frequency * change.loss;
        }
    }
    let of_years = means.into_iter().filter(|(_, (mean, _))| *mean > 0.0);
    of_years.map(|(category, (mean, after))| CategoryResult { category, mean, after }).collect()
}

fn measure_results(model: &Model, means: &Means) -> Vec<MeasureResult> {
    let mut results: Vec<MeasureResult> = model
        .measures
        .iter()
        .zip(&means.of_measures)
        .enumerate()
        .map(|(at, (measure, (alone, others)))| {
            let saves = (means.now - alone).max(0.0);
            let left_out = (others - means.planned).max(0.0);
            let cost = measure.own_cost().map(Money::amount);
            MeasureResult {
                at,
                saves,
                left_out,
                rosi: cost.and_then(|cost| rosi(saves.max(left_out), cost, true)),
            }
        })
        .collect();
    results.sort_by(|a, b| {
        let key = |m: &MeasureResult| m.rosi.unwrap_or(f64::NEG_INFINITY);
        key(b).total_cmp(&key(a)).then(b.saves.total_cmp(&a.saves)).then(a.at.cmp(&b.at))
    });
    results
}

#[expect(clippy::cast_precision_loss, reason = "fewer years than a double can count")]
fn convergence(
    model: &Model,
    now: &CaseResult,
    bad_year: Percentile,
    run: Run,
    insured: bool,
) -> Convergence {
    let share = |estimate: Estimate| if estimate.value > 0.0 { estimate.error / estimate.value } else { 0.0 };
    let (mean_error, bad_year_error) = (share(now.losses.mean), share(now.losses.percentile(bad_year)));
    let worst = mean_error.max(bad_year_error);
    let exact_mean = (!insured).then(|| mean(&model.scenarios, &vec![Change::NONE; model.scenarios.len()]));
    let off = exact_mean
        .filter(|_| now.losses.mean.error > 0.0)
        .map(|exact| (now.losses.mean.value - exact).abs() / now.losses.mean.error);
    let settled = worst <= SETTLED;
    // The error falls with the square root of the number of years.
    let years_needed =
        (!settled).then(|| libm::ceil(run.years as f64 * (worst / SETTLED) * (worst / SETTLED)));
    Convergence { exact_mean, off, mean_error, bad_year_error, settled, years_needed }
}
