//! What holds where insurance is in place: means, swings and the worth of measures fit together.

#![allow(clippy::unwrap_used, reason = "tests with known numbers")]

use std::sync::LazyLock;

use anshin_catalog::{Catalog, CostCategory};
use anshin_model::{Id, Lang, Text};
use anshin_quantify::money_file::{Cyber, MoneyFile, OwnMeasure, OwnPart, OwnPolicy, OwnScenario};
use anshin_quantify::quantification::ScenarioResult;
use anshin_quantify::setting::{PlanFrom, Setting};
use anshin_quantify::summary::paragraph;
use anshin_quantify::{Distribution, Money, Probability, Quantification, Run, quantify};
use proptest::prelude::*;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| anshin_catalog::load(Vec::new()).catalog.unwrap());

/// An organization whose scenarios are all its own.
fn played(
    scenarios: Vec<OwnScenario>,
    measures: Vec<OwnMeasure>,
    insurance: Vec<OwnPolicy>,
) -> Quantification {
    let setting = Setting {
        organization: Id::from("maker"),
        name: Text::same("Maker"),
        restore: None,
        classes: Vec::new(),
        risks: Vec::new(),
        plan_from: PlanFrom::Document,
        plan: Vec::new(),
        after: Vec::new(),
    };
    let money = MoneyFile { scenarios, measures, insurance, ..MoneyFile::default() };
    quantify(&setting, &money, &CATALOG, Run { years: 2000, seed: 3 }).unwrap()
}

fn scenario(n: usize, frequency: Distribution, amount: Distribution) -> OwnScenario {
    let part = OwnPart { category: CostCategory::Recovery, amount, chance: Probability::ONE };
    let id = Id::from(format!("s{n}"));
    OwnScenario {
        name: Some(Text::same(id.as_str())),
        id,
        frequency: Some(frequency),
        parts: vec![part],
        off: false,
    }
}

fn measure(n: usize, prevents: f64, softens: f64, cost: f64) -> OwnMeasure {
    OwnMeasure {
        id: Id::from(format!("m{n}")),
        name: None,
        cost: None,
        cost_per_year: Money::new(cost).ok(),
        years: None,
        prevents: Probability::new(prevents).ok(),
        softens: Probability::new(softens).ok(),
        scenarios: Vec::new(),
    }
}

fn policy(deductible: f64, pays: f64, limit: Option<f64>, limit_per_year: Option<f64>) -> OwnPolicy {
    let money = |amount: Option<f64>| amount.map(|amount| Money::new(amount).unwrap());
    OwnPolicy {
        id: Id::from("policy"),
        name: None,
        in_place: true,
        cyber: Cyber::Included,
        premium: Money::ZERO,
        deductible: Money::new(deductible).unwrap(),
        pays: Probability::new(pays).unwrap(),
        limit: money(limit),
        limit_per_year: money(limit_per_year),
        covers: Vec::new(),
        excludes: Vec::new(),
    }
}

/// Intervals of every form, narrow and wide.
fn spread() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (0.1..2.0).prop_map(|v: f64| Distribution::fixed(v).unwrap()),
        (0.01..1.0, 1.0..9000.0)
            .prop_map(|(a, times): (f64, f64)| Distribution::interval(a, a * times).unwrap()),
        (0.01..1.0, 1.0..9.0).prop_map(|(a, times): (f64, f64)| Distribution::uniform(a, a * times).unwrap()),
        (0.0..1.0, 0.0..1.0, 0.0..1.0).prop_map(|(a, b, c): (f64, f64, f64)| {
            let mut three = [a, b, c];
            three.sort_by(f64::total_cmp);
            Distribution::pert(three[0], three[1], three[2]).unwrap()
        }),
    ]
}

fn scenarios() -> impl Strategy<Value = Vec<OwnScenario>> {
    let one = (spread(), spread().prop_map(|amount| amount.times(1e6)));
    prop::collection::vec(one, 1..4).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (frequency, amount))| scenario(n, frequency.times(0.03), amount))
            .collect()
    })
}

fn measures() -> impl Strategy<Value = Vec<OwnMeasure>> {
    prop::collection::vec((0.0..=1.0, 0.0..=1.0), 0..4).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(n, (prevents, softens))| measure(n, prevents, softens, 1e4))
            .collect()
    })
}

fn insurance() -> impl Strategy<Value = Vec<OwnPolicy>> {
    let limit = || prop::option::of(0.0..1e7);
    let one =
        (0.0..1e6, 0.0..=1.0, limit(), limit()).prop_map(|(d, p, e, y): (f64, f64, _, _)| policy(d, p, e, y));
    prop::collection::vec(one, 0..2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Mean and swing of a scenario stand on one footing: the mean is between the ends.
    #[test]
    fn the_mean_is_between_the_ends_of_its_swing(
        scenarios in scenarios(), measures in measures(), insurance in insurance(),
    ) {
        let q = played(scenarios, measures, insurance);
        for scenario in &q.scenarios {
            let (low, high) = scenario.uninsured.swing;
            let mean = scenario.uninsured.mean;
            prop_assert!(low <= mean * (1.0 + 1e-9) && mean <= high * (1.0 + 1e-9), "{low} {mean} {high}");
        }
    }

    /// A measure saves no more than all of them together, and they no more than what is lost; done
    /// alone or left out, a single measure is the plan.
    #[test]
    fn measures_fit_the_plan(
        scenarios in scenarios(), measures in measures(), insurance in insurance(),
    ) {
        let q = played(scenarios, measures, insurance);
        let Some(plan) = &q.plan else { return Ok(()) };
        let (lost, insured) = (q.cases[0].losses.mean.value, q.is_insured());
        prop_assert!(plan.saves.value <= lost * (1.0 + 1e-9) + 1e-6);
        // Without insurance measures are told by the formula: so is what they are compared with.
        let sum = |of: &dyn Fn(&ScenarioResult) -> f64| q.scenarios.iter().map(of).sum::<f64>();
        let (lost, after) = if insured {
            (sum(&|s| s.mean), sum(&|s| s.after))
        } else {
            (sum(&|s| s.uninsured.mean), sum(&|s| s.uninsured.after))
        };
        let (all, within) = (lost - after, 1e-9 * lost.max(1.0));
        for measure in &q.measures {
            prop_assert!(measure.saves <= all + within);
            prop_assert!(measure.left_out <= all + within);
        }
        if let [one] = &q.measures[..] {
            prop_assert!((one.saves - all).abs() <= within);
            prop_assert!((one.left_out - all).abs() <= within);
        }
        if insured {
            prop_assert!((plan.saves.value - all).abs() <= within);
        }
        if let ([one], true) = (&q.measures[..], insured) {
            let (of_one, of_plan) = (one.rosi.unwrap(), plan.rosi.unwrap());
            prop_assert!((of_one - of_plan).abs() <= 1e-6 * of_plan.abs().max(1.0), "{of_one} {of_plan}");
        }
    }
}

/// Who says that nothing is lost is told so, and not how often a loss comes or that defaults were used.
#[test]
fn nothing_lost_is_said_in_plain_words() {
    let fixed = |value: f64| Distribution::fixed(value).unwrap();
    let said = |amount: f64, measures: Vec<OwnMeasure>| {
        let q = played(vec![scenario(0, fixed(0.5), fixed(amount))], measures, Vec::new());
        paragraph(&q)
    };
    let nothing = said(0.0, Vec::new());
    assert!(
        nothing.get(Lang::En).starts_with("By these numbers, incidents in this system cost Maker nothing.")
    );
    assert!(
        nothing.get(Lang::Ja).starts_with("この数値では、Makerがこのシステムの事故で失うものはありません。")
    );
    for words in ["never", "default"] {
        assert!(!nothing.get(Lang::En).contains(words), "{words}: {nothing:?}");
    }
    let free = || OwnMeasure { cost_per_year: None, ..measure(0, 0.5, 0.0, 1.0) };
    assert!(said(1e6, vec![free()]).get(Lang::En).contains("1 of them has no cost"));
}

/// Half of the incidents prevented saves half of what insurance leaves, not half of the whole.
#[test]
fn a_measure_is_worth_what_it_saves_beside_insurance() {
    let fixed = |value: f64| Distribution::fixed(value).unwrap();
    let scenarios = vec![scenario(0, fixed(0.5), fixed(1e6))];
    let with = |insurance: Vec<OwnPolicy>| {
        let q = played(scenarios.clone(), vec![measure(0, 0.5, 0.0, 1e4)], insurance);
        (q.measures[0].saves, q.cases[0].losses.mean.value, q.scenarios[0].clone())
    };
    let (saves, lost, _) = with(Vec::new());
    assert!((saves - 250_000.0).abs() < 1e-6 && (lost - 500_000.0).abs() < 50_000.0, "{saves} {lost}");
    let (saves, lost, scenario) = with(vec![policy(100_000.0, 1.0, None, None)]);
    assert!((saves - 25_000.0).abs() < 2_500.0 && (lost - 50_000.0).abs() < 5_000.0, "{saves} {lost}");
    assert!((scenario.mean - lost).abs() < 1e-6 && (scenario.after - (lost - saves)).abs() < 1e-6);
    assert!((scenario.uninsured.mean - 500_000.0).abs() < 1e-6);
    assert!((scenario.uninsured.after - 250_000.0).abs() < 1e-6);
}
