//! What a quantification says, in sentences for the owner of a small firm.

use anshin_model::{Lang, Text};

use anshin_simulate::Run;

use crate::amount::{grouped, money, often, percent};
use crate::estimate::{Estimated, From};
use crate::quantification::{CaseKind, Convergence, InsuranceResult, Quantification};
use crate::setting::PlanFrom;

/// One paragraph: what to expect, what a bad year brings, what is behind it, what the plan does,
/// whether it can be borne, and how much of it rests on defaults.
pub fn paragraph(q: &Quantification) -> Text {
    let sentences = [expected(q), behind(q), plan(q), Some(borne(q)), defaults(q)];
    let joined = |lang: Lang, with: &str| {
        sentences.iter().flatten().map(|text| text.get(lang)).collect::<Vec<_>>().join(with)
    };
    Text::new(joined(Lang::Ja, ""), joined(Lang::En, " "))
}

/// Fills `{name}` places of a sentence.
fn say(ja: &str, en: &str, values: &[(&str, Text)]) -> Text {
    let values: Vec<(&str, &Text)> = values.iter().map(|(name, text)| (*name, text)).collect();
    Text::new(ja, en).fill(&values)
}

fn expected(q: &Quantification) -> Option<Text> {
    let now = q.cases.first()?;
    if q.scenarios.is_empty() {
        return Some(say(
            "このシステムには、{name}に損失をもたらすシナリオが見つかりませんでした。",
            "No scenario of this system was found to cost {name} anything.",
            &[("name", q.name.clone())],
        ));
    }
    if q.mean_before_insurance() <= 0.0 {
        return Some(say(
            "この数値では、{name}がこのシステムの事故で失うものはありません。",
            "By these numbers, incidents in this system cost {name} nothing.",
            &[("name", q.name.clone())],
        ));
    }
    Some(say(
        "{name}がこのシステムの事故で失う額は、平均して年{mean}です。{any}、{years}年に1度の悪い年には{bad}以上になります。",
        "Incidents in this system cost {name} {mean} a year on average. {any}; in a bad year, one in {years}, the loss is {bad} or more.",
        &[
            ("name", q.name.clone()),
            ("mean", money(now.losses.mean.value, &q.currency)),
            ("any", years_with_loss(now.losses.any)),
            ("years", Text::same(format!("{:.0}", q.bad_year.one_in()))),
            ("bad", money(now.losses.percentile(q.bad_year).value, &q.currency)),
        ],
    ))
}

fn years_with_loss(share: f64) -> Text {
    if share >= 0.95 {
        return Text::new("ほぼ毎年損失が出て", "Nearly every year brings a loss");
    }
    if share <= 0.0 {
        return Text::new("計算した年のどれにも損失はなく", "No year that was played brought a loss");
    }
    let often = often(share);
    let years = often.get(Lang::En).trim_start_matches("one in ").trim_end_matches(" years").to_owned();
    Text::new(
        format!("損失が出るのは{}ほどで", often.get(Lang::Ja).replace('件', "度")),
        format!("A loss comes in about one year in {years}"),
    )
}

fn behind(q: &Quantification) -> Option<Text> {
    let first = q.scenarios.first()?;
    let total: f64 = q.scenarios.iter().map(|scenario| scenario.mean).sum();
    if total <= 0.0 {
        return None;
    }
    Some(say(
        "最も大きいのは「{scenario}」で、平均の{share}を占めます。",
        "The largest part is “{scenario}”: {share} of the mean.",
        &[
            ("scenario", q.model.scenarios[first.at].name.clone()),
            ("share", Text::same(percent(first.mean / total))),
        ],
    ))
}

/// What the measures do to the mean, and whether they are worth their cost.
fn plan(q: &Quantification) -> Option<Text> {
    let plan = q.plan.as_ref()?;
    let case = q.cases.iter().find(|case| case.kind == CaseKind::Plan)?;
    let does = if plan.saves.value < 0.0 {
        (
            "{measures}では平均が年{mean}に上がります（年{change}の増）。",
            "{measures} raise the mean to {mean} a year, {change} more.",
        )
    } else if plan.saves.value < 0.5 {
        ("{measures}では平均は年{mean}のまま変わりません。", "{measures} leave the mean at {mean} a year.")
    } else {
        (
            "{measures}で平均は年{mean}に下がります（年{change}の減）。",
            "{measures} bring the mean down to {mean} a year, {change} less.",
        )
    };
    let is_by_others = q.model.measures.iter().all(|measure| measure.by_other.is_some());
    let worth = match plan.rosi {
        Some(rosi) if rosi >= 0.0 => (
            "減る額は、対策の費用（年{cost}）を上回ります。",
            "They save more than their cost of {cost} a year.",
        ),
        Some(_) if plan.saves.value < 0.0 => ("対策の費用は年{cost}です。", "They cost {cost} a year."),
        Some(_) => (
            "ただし減る額は、対策の費用（年{cost}）に届きません。",
            "They save less than their cost of {cost} a year.",
        ),
        None if plan.without_cost > 0 => (
            "費用の分からない対策が{open}件あるため、見合うかどうかはまだ言えません。",
            "Whether they are worth it cannot be told yet: {open} of them {have} no cost.",
        ),
        None if is_by_others => {
            ("費用はほかのステークホルダーが負担します。", "Other stakeholders pay for them.")
        }
        None => ("{name}の費用はかかりません。", "They cost {name} nothing."),
    };
    let values = [
        ("mean", money(case.losses.mean.value, &q.currency)),
        ("change", money(plan.saves.value.abs(), &q.currency)),
        ("cost", money(plan.cost, &q.currency)),
        ("open", Text::same(plan.without_cost.to_string())),
        ("have", Text::same(if plan.without_cost == 1 { "has" } else { "have" })),
        ("name", q.name.clone()),
        (
            "measures",
            match plan.from {
                PlanFrom::Document => Text::new("計画の対策", "The planned measures"),
                PlanFrom::Chosen => Text::new("選ばれた対策", "The chosen measures"),
            },
        ),
    ];
    Some(say(&format!("{}{}", does.0, worth.0), &format!("{} {}", does.1, worth.1), &values))
}

fn borne(q: &Quantification) -> Text {
    let a = &q.affordable;
    let Some(cash) = a.cash else {
        return say(
            "緊急時に支払える額が分からないため、残る損失を負担できるかどうかは判断していません。",
            "Whether what remains can be borne is not judged: it is not known what can be paid in an emergency.",
            &[],
        );
    };
    let values = [
        ("cash", money(cash, &q.currency)),
        ("damage", money(a.damage, &q.currency)),
        ("beyond", Text::same(percent(a.beyond.unwrap_or(0.0)))),
    ];
    if a.holds == Some(true) {
        say(
            "緊急時に支払える{cash}は、悪い年に残る損失{damage}を上回ります（支払いきれない年の確率は{beyond}）。",
            "What can be paid in an emergency ({cash}) covers what remains in a bad year ({damage}); the chance of a year beyond it is {beyond}.",
            &values,
        )
    } else {
        say(
            "緊急時に支払える{cash}では、悪い年に残る損失{damage}を負担しきれません（そうなる年の確率は{beyond}）。",
            "What can be paid in an emergency ({cash}) does not cover what remains in a bad year ({damage}); the chance of such a year is {beyond}.",
            &values,
        )
    }
}

impl InsuranceResult {
    /// What it costs and what it does.
    pub fn sentence(&self, currency: &str) -> Text {
        say(
            "保険料は年{premium}、支払われる額は年平均{pays}です。悪い年に残る損失は{off}減ります。",
            "{premium} premium a year, {pays} paid on average; it takes {off} off a bad year.",
            &[
                ("premium", money(self.premium, currency)),
                ("pays", money(self.pays.value.max(0.0), currency)),
                ("off", money(self.off_bad_year.max(0.0), currency)),
            ],
        )
    }
}

impl Convergence {
    /// How sure the calculation is.
    pub fn sentence(&self, run: Run, currency: &str) -> Text {
        let words = |text: String| Text::same(text);
        let played = say(
            "{years}年分を計算しました（シード{seed}）。標準誤差は、平均で{mean}、悪い年の額で{bad}です。",
            "{years} years were played (seed {seed}). The standard error is {mean} of the mean and {bad} of the bad year.",
            &[
                ("years", words(grouped(run.years as u64))),
                ("seed", words(run.seed.to_string())),
                ("mean", words(percent(self.mean_error))),
                ("bad", words(percent(self.bad_year_error))),
            ],
        );
        let by_formula = self.exact_mean.map(|exact| {
            say(
                "式で求めた平均は{exact}で、計算との差は標準誤差の{off}倍です。",
                "By the formula the mean is {exact}; the calculation is {off} standard errors off.",
                &[
                    ("exact", money(exact, currency)),
                    ("off", words(format!("{:.1}", self.off.unwrap_or(0.0)))),
                ],
            )
        });
        let settled = if self.settled {
            say("計算は収束しています。", "The calculation has converged.", &[])
        } else {
            say(
                "まだ収束していません。`--years {years}`以上で計算してください。",
                "It has not converged; use `--years {years}` or more.",
                &[("years", words(format!("{:.0}", self.years_needed.unwrap_or(0.0))))],
            )
        };
        let sentences = [Some(played), by_formula, Some(settled)];
        let joined = |lang: Lang, with: &str| {
            sentences.iter().flatten().map(|text| text.get(lang)).collect::<Vec<_>>().join(with)
        };
        Text::new(joined(Lang::Ja, ""), joined(Lang::En, " "))
    }
}

fn defaults(q: &Quantification) -> Option<Text> {
    // Where the organization says that nothing is lost, or that it never happens, the other number does
    // not matter.
    let rests_on_default = |s: &&Estimated| {
        let is_own = (s.frequency_from == From::Own, s.loss_from == From::Own);
        match is_own {
            (true, true) => false,
            (true, false) => s.numbers.frequency.mean() > 0.0,
            (false, true) => s.numbers.mean_loss() > 0.0,
            (false, false) => true,
        }
    };
    let count = q.model.scenarios.iter().filter(rests_on_default).count();
    if count == 0 {
        return None;
    }
    Some(say(
        "{all}件のシナリオのうち{count}件は、頻度か損失に既定値を使った目安です。",
        "For {count} of {all} scenarios the frequency or the loss rests on defaults: take the figures as a first orientation.",
        &[("count", Text::same(count.to_string())), ("all", Text::same(q.model.scenarios.len().to_string()))],
    ))
}
