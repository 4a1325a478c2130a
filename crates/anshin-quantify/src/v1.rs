//! The published JSON format, version 1. `docs/quantify-json.md` describes it.
//!
//! Amounts are rounded to whole units of the currency, chances and frequencies to six decimals.

#![expect(clippy::struct_field_names, reason = "the names of fields are the published keys")]

use anshin_model::{Id, Lang, Text};
use anshin_simulate::{Estimate, Part, Probability};
use serde::Serialize;

use crate::estimate::{Assumption, Estimated};
use crate::quantification::{CaseResult, InsuranceResult, Quantification};
use crate::setting::PlanFrom;

/// A quantification as it is published.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    anshin: u8,
    system: &'a Id,
    organization: &'a Id,
    currency: &'a str,
    years: usize,
    seed: u64,
    summary: Words<'a>,
    scenarios: Vec<Scenario<'a>>,
    categories: Vec<Category>,
    cases: Vec<Case<'a>>,
    measures: Vec<Measure<'a>>,
    plan: Option<Plan>,
    insurance: Option<Insurance>,
    insurance_in_place: Option<Insurance>,
    worthwhile: Worthwhile,
    affordable: Affordable,
    posture: Posture<'a>,
    convergence: Convergence,
    assumptions: Vec<Assumed<'a>>,
}

#[derive(Debug, Serialize)]
struct Words<'a> {
    ja: std::borrow::Cow<'a, str>,
    en: std::borrow::Cow<'a, str>,
}

#[derive(Debug, Serialize)]
struct Figure {
    value: i64,
    error: i64,
}

#[derive(Debug, Serialize)]
struct Scenario<'a> {
    id: &'a Id,
    name: Words<'a>,
    about: Words<'a>,
    likelihood: Option<Words<'a>>,
    level: Option<&'static str>,
    frequency: Frequency,
    loss: Loss,
    mean_per_year: i64,
    share: f64,
    mean_in_bad_years: i64,
    share_in_bad_years: f64,
    mean_before_insurance: i64,
    swing: Range,
    after_plan: i64,
    after_plan_insured: i64,
}

#[derive(Debug, Serialize)]
struct Frequency {
    mean: f64,
    low: f64,
    high: f64,
    from: &'static str,
}

#[derive(Debug, Serialize)]
struct Loss {
    mean: i64,
    from: &'static str,
    parts: Vec<LossPart>,
}

#[derive(Debug, Serialize)]
struct LossPart {
    category: &'static str,
    mean: i64,
    low: i64,
    high: i64,
    chance: f64,
}

#[derive(Debug, Serialize)]
struct Category {
    category: &'static str,
    name: Words<'static>,
    mean_per_year: i64,
    share: f64,
    after_plan: i64,
}

#[derive(Debug, Serialize)]
struct Range {
    low: i64,
    high: i64,
}

#[derive(Debug, Serialize)]
struct Case<'a> {
    case: &'static str,
    name: Words<'a>,
    mean: Figure,
    share_with_loss: f64,
    percentiles: Vec<PercentileRow>,
    worst_hundredth: Figure,
    premiums: i64,
    beyond_cash: Option<f64>,
    curve: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct PercentileRow {
    probability: f64,
    one_in: f64,
    loss: Figure,
}

#[derive(Debug, Serialize)]
struct Point {
    chance: f64,
    loss: i64,
}

#[derive(Debug, Serialize)]
struct Measure<'a> {
    id: &'a Id,
    name: Words<'a>,
    by_other: Option<&'a Id>,
    cost_per_year: Option<i64>,
    cost_is_default: bool,
    saves_per_year: i64,
    left_out_per_year: i64,
    uncounted_days: i64,
    rosi: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Plan {
    from: &'static str,
    cost_per_year: i64,
    by_others_per_year: i64,
    uncounted_days: i64,
    without_cost: usize,
    saves_per_year: Figure,
    rosi: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Insurance {
    premium: i64,
    pays_per_year: Figure,
    off_bad_year: i64,
}

#[derive(Debug, Serialize)]
struct Worthwhile {
    damage: i64,
    spending: i64,
    spending_today_known: bool,
    holds: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Affordable {
    cash: Option<i64>,
    bad_year: f64,
    damage: i64,
    beyond_cash: Option<f64>,
    holds: Option<bool>,
    damage_with_considered_insurance: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Posture<'a> {
    class: Option<u8>,
    about: Words<'a>,
    next: Words<'a>,
}

#[derive(Debug, Serialize)]
struct Convergence {
    exact_mean: Option<i64>,
    off_in_standard_errors: Option<f64>,
    mean_error: f64,
    bad_year_error: f64,
    settled: bool,
    years_needed: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Assumed<'a> {
    section: &'static str,
    id: &'a Id,
    about: Words<'a>,
    unit: Words<'a>,
    low: f64,
    high: f64,
    date: &'a str,
    source: &'a [String],
    basis: &'static str,
    used_for: &'static str,
}

impl<'a> Report<'a> {
    /// The published form of a quantification of a system.
    pub fn new(system: &'a Id, q: &'a Quantification) -> Self {
        let total: f64 = q.scenarios.iter().map(|s| s.mean).sum();
        let bad: f64 = q.scenarios.iter().map(|s| s.in_bad_years).sum();
        let by_category: f64 = q.categories.iter().map(|c| c.mean).sum();
        let share = |part: f64, of: f64| decimals(if of > 0.0 { part / of } else { 0.0 });
        Self {
            anshin: 1,
            system,
            organization: &q.organization,
            currency: &q.currency,
            years: q.run.years,
            seed: q.run.seed,
            summary: owned(&crate::summary::paragraph(q)),
            scenarios: q
                .scenarios
                .iter()
                .map(|result| {
                    let scenario = &q.model.scenarios[result.at];
                    Scenario {
                        id: &scenario.id,
                        name: words(&scenario.name),
                        about: words(&scenario.about),
                        likelihood: scenario.likelihood.as_ref().map(words),
                        level: scenario.level.map(anshin_model::document::Economic::as_str),
                        frequency: frequency(scenario),
                        loss: loss(scenario),
                        mean_per_year: units(result.mean),
                        share: share(result.mean, total),
                        mean_in_bad_years: units(result.in_bad_years),
                        share_in_bad_years: share(result.in_bad_years, bad),
                        mean_before_insurance: units(result.uninsured.mean),
                        swing: Range {
                            low: units(result.uninsured.swing.0),
                            high: units(result.uninsured.swing.1),
                        },
                        after_plan: units(result.uninsured.after),
                        after_plan_insured: units(result.after),
                    }
                })
                .collect(),
            categories: q
                .categories
                .iter()
                .map(|result| Category {
                    category: result.category.as_str(),
                    name: owned(&result.category.name()),
                    mean_per_year: units(result.mean),
                    share: share(result.mean, by_category),
                    after_plan: units(result.after),
                })
                .collect(),
            cases: q.cases.iter().map(case).collect(),
            measures: q
                .measures
                .iter()
                .map(|result| {
                    let measure = &q.model.measures[result.at];
                    Measure {
                        id: &measure.id,
                        name: words(&measure.name),
                        by_other: measure.by_other.as_ref().map(|other| &other.id),
                        cost_per_year: measure.cost.map(|cost| units(cost.amount())),
                        cost_is_default: measure.cost_is_default,
                        saves_per_year: units(result.saves),
                        left_out_per_year: units(result.left_out),
                        uncounted_days: units(measure.days),
                        rosi: result.rosi.map(decimals),
                    }
                })
                .collect(),
            plan: q.plan.as_ref().map(|plan| Plan {
                from: match plan.from {
                    PlanFrom::Document => "document",
                    PlanFrom::Chosen => "chosen",
                },
                cost_per_year: units(plan.cost),
                by_others_per_year: units(plan.by_others),
                uncounted_days: units(plan.uncounted_days),
                without_cost: plan.without_cost,
                saves_per_year: figure(plan.saves),
                rosi: plan.rosi.map(decimals),
            }),
            insurance: q.insurance.as_ref().map(insurance),
            insurance_in_place: q.insurance_in_place.as_ref().map(insurance),
            worthwhile: Worthwhile {
                damage: units(q.worthwhile.damage),
                spending: units(q.worthwhile.spending),
                spending_today_known: !q.worthwhile.spending_unknown,
                holds: q.worthwhile.holds,
            },
            affordable: Affordable {
                cash: q.affordable.cash.map(units),
                bad_year: q.bad_year.probability(),
                damage: units(q.affordable.damage),
                beyond_cash: q.affordable.beyond.map(decimals),
                holds: q.affordable.holds,
                damage_with_considered_insurance: q.affordable.insured.map(units),
            },
            posture: Posture {
                class: q.posture.class,
                about: words(&q.posture.about),
                next: words(&q.posture.next),
            },
            convergence: Convergence {
                exact_mean: q.convergence.exact_mean.map(units),
                off_in_standard_errors: q.convergence.off.map(decimals),
                mean_error: decimals(q.convergence.mean_error),
                bad_year_error: decimals(q.convergence.bad_year_error),
                settled: q.convergence.settled,
                years_needed: q.convergence.years_needed.map(units),
            },
            assumptions: q.model.assumptions.iter().map(assumed).collect(),
        }
    }
}

/// What a plan changes in money, in a few figures: a part of the plan's JSON.
pub fn in_short(q: &Quantification) -> serde_json::Value {
    let case = |case: &CaseResult| {
        serde_json::json!({
            "case": case.kind.as_str(),
            "mean-per-year": units(case.losses.mean.value),
            "bad-year": units(case.losses.percentile(q.bad_year).value),
        })
    };
    let plan = q.plan.as_ref();
    serde_json::json!({
        "organization": q.organization,
        "currency": q.currency,
        "bad-year-one-in": units(q.bad_year.one_in()),
        "cases": q.cases.iter().map(case).collect::<Vec<_>>(),
        "saves-per-year": plan.map(|plan| units(plan.saves.value)),
        "cost-per-year": plan.map(|plan| units(plan.cost)),
        "by-others-per-year": plan.map(|plan| units(plan.by_others)),
        "rosi": plan.and_then(|plan| plan.rosi).map(decimals),
    })
}

fn insurance(result: &InsuranceResult) -> Insurance {
    Insurance {
        premium: units(result.premium),
        pays_per_year: figure(result.pays),
        off_bad_year: units(result.off_bad_year),
    }
}

fn frequency(scenario: &Estimated) -> Frequency {
    let (low, high) = scenario.numbers.frequency.range();
    Frequency {
        mean: decimals(scenario.numbers.frequency.mean()),
        low: decimals(low),
        high: decimals(high),
        from: scenario.frequency_from.as_str(),
    }
}

fn loss(scenario: &Estimated) -> Loss {
    let part = |(part, category): (&Part, &anshin_catalog::CostCategory)| {
        let (low, high) = part.amount.range();
        LossPart {
            category: category.as_str(),
            mean: units(part.amount.mean()),
            low: units(low),
            high: units(high),
            chance: decimals(Probability::value(part.chance)),
        }
    };
    Loss {
        mean: units(scenario.numbers.mean_loss()),
        from: scenario.loss_from.as_str(),
        parts: scenario.numbers.parts.iter().zip(&scenario.categories).map(part).collect(),
    }
}

fn case(case: &CaseResult) -> Case<'_> {
    Case {
        case: case.kind.as_str(),
        name: owned(&case.kind.name()),
        mean: figure(case.losses.mean),
        share_with_loss: decimals(case.losses.any),
        percentiles: case
            .losses
            .percentiles
            .iter()
            .map(|(p, estimate)| PercentileRow {
                probability: p.probability(),
                one_in: decimals(p.one_in()),
                loss: figure(*estimate),
            })
            .collect(),
        worst_hundredth: figure(case.losses.worst),
        premiums: units(case.premiums),
        beyond_cash: case.beyond_cash.map(decimals),
        curve: case
            .losses
            .curve
            .iter()
            .map(|&(chance, loss)| Point { chance: decimals(chance), loss: units(loss) })
            .collect(),
    }
}

fn assumed(assumption: &Assumption) -> Assumed<'_> {
    Assumed {
        section: assumption.entry.0,
        id: &assumption.entry.1,
        about: words(&assumption.about),
        unit: words(&assumption.unit),
        low: assumption.low,
        high: assumption.high,
        date: &assumption.date,
        source: &assumption.sources,
        basis: assumption.basis.as_str(),
        used_for: assumption.used_for.as_str(),
    }
}

fn words(text: &Text) -> Words<'_> {
    Words { ja: text.get(Lang::Ja).into(), en: text.get(Lang::En).into() }
}

fn owned<'a>(text: &Text) -> Words<'a> {
    Words { ja: text.get(Lang::Ja).to_owned().into(), en: text.get(Lang::En).to_owned().into() }
}

fn figure(estimate: Estimate) -> Figure {
    Figure { value: units(estimate.value), error: units(estimate.error) }
}

#[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^63")]
fn units(amount: f64) -> i64 {
    libm::round(amount) as i64
}

fn decimals(number: f64) -> f64 {
    // Adding zero takes the sign from a minus zero.
    libm::round(number * 1e6) / 1e6 + 0.0
}
