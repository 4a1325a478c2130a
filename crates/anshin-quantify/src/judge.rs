//! The handbook's questions to the management: is it worth the money, can the rest be borne, and
//! what sort of organization is this?
//!
//! Source: Tokyo Metropolitan Government, cybersecurity handbook for small and medium-sized firms,
//! mission 3 (`sme-handbook`): two inequalities of security spending and six classes of posture. How
//! they are worked out from a simulation is our own reading.

use anshin_model::Text;

use crate::estimate::Model;
use crate::money_file::{Attitude, ItUse, MoneyFile, PostureAnswers};
use crate::quantification::CaseResult;
use crate::statistics::Percentile;
use crate::units::Money;

/// First inequality: the expected damage of a breach should exceed what is spent on security.
#[derive(Debug, Clone, PartialEq)]
pub struct Worthwhile {
    /// Expected damage of a year without any measure.
    pub damage: f64,
    /// Spending of a year: today's, the cost of the plan and premiums.
    pub spending: f64,
    /// Whether today's spending is unknown and therefore missing in `spending`.
    pub spending_unknown: bool,
    /// Whether the damage is the larger.
    pub holds: bool,
}

/// Second inequality: what can be paid when a breach happens should exceed the damage that the
/// residual risk brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Affordable {
    /// What can be paid in an emergency.
    pub cash: Option<f64>,
    /// Damage of a bad year after all measures and insurance.
    pub damage: f64,
    /// Chance in a year that the damage is larger than what can be paid.
    pub beyond: Option<f64>,
    /// Whether the cash is the larger; `None` if it is unknown.
    pub holds: Option<bool>,
}

/// Class of posture by the handbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posture {
    /// The class, 1 to 6; `None` as long as the questions are not answered.
    pub class: Option<u8>,
    /// What it means, or what is missing.
    pub about: Text,
    /// What to do next.
    pub next: Text,
}

pub(crate) fn worthwhile(damage: f64, model: &Model, money: &MoneyFile, premiums: f64) -> Worthwhile {
    let plan: f64 = model.measures.iter().filter_map(|measure| measure.cost).map(Money::amount).sum();
    let today = money.business.security_spending.map(Money::amount);
    let spending = today.unwrap_or(0.0) + plan + premiums;
    Worthwhile { damage, spending, spending_unknown: today.is_none(), holds: damage > spending }
}

pub(crate) fn affordable(residual: &CaseResult, bad_year: Percentile, cash: Option<f64>) -> Affordable {
    let damage = residual.losses.percentile(bad_year).value;
    Affordable { cash, damage, beyond: residual.beyond_cash, holds: cash.map(|cash| cash > damage) }
}

pub(crate) fn posture(
    answers: Option<PostureAnswers>,
    worthwhile: &Worthwhile,
    affordable: &Affordable,
) -> Posture {
    let Some(PostureAnswers { it, security }) = answers else {
        return Posture {
            class: None,
            about: Text::new(
                "ITと経営、セキュリティへの姿勢についての2つの質問に、まだ答えていません。",
                "The two questions about IT in the business and the attitude to security are not answered yet.",
            ),
            next: Text::new(
                "お金のファイルの`posture`に`it`と`security`を書いてください。",
                "Write `it` and `security` under `posture` in the money file.",
            ),
        };
    };
    let sufficient = affordable.holds != Some(false);
    let class = match (it, security) {
        (ItUse::None, _) => 6,
        (_, Attitude::NotUnderstood | Attitude::NoMeans) => 5,
        (ItUse::Restricted, _) => 3,
        // More is spent than could be lost: the handbook's wasted investment.
        (_, Attitude::Pursued) if !worthwhile.holds && !worthwhile.spending_unknown => 3,
        _ if !sufficient => 4,
        (ItUse::Strategic, Attitude::Pursued) => 1,
        _ => 2,
    };
    let (about, next) = match class {
        1 => (
            Text::new(
                "ITを事業戦略に位置付け、高い水準のセキュリティに取り組んでいる、理想的な企業です。",
                "Ideal: IT is a part of the business strategy, and a high level of security is pursued.",
            ),
            Text::new(
                "この姿勢を保ち、年に一度この試算をやり直してください。",
                "Keep it up, and repeat this estimate once a year.",
            ),
        ),
        2 => (
            Text::new(
                "ITとセキュリティの大切さは理解していますが、事業戦略には十分に組み込んでいません。もっと積極的になれます。",
                "The value of IT and security is understood, but they are not yet a part of the strategy: there is room to be bolder.",
            ),
            Text::new(
                "ITで伸ばす事業と、そのための対策を、経営計画に書いてください。",
                "Write into the business plan where IT is to bring growth, and the measures that go with it.",
            ),
        ),
        3 => (
            Text::new(
                "対策がITの活用や想定される被害に比べて過剰で、投資が無駄になっているおそれがあります。",
                "Security is out of proportion to what could be lost or to the use of IT: money may be wasted.",
            ),
            Text::new(
                "費用に見合わない対策を見直し、ITの活用に回してください。",
                "Review the measures that are not worth their cost and put the money into using IT.",
            ),
        ),
        4 => (
            Text::new(
                "必要性は理解していますが、残るリスクを負担しきれないままITの活用を進めている、危険な状態です。",
                "Dangerous: the need is understood, but IT is used while the remaining risk cannot be borne.",
            ),
            Text::new(
                "残る被害を下げる対策、保険、緊急時の資金のいずれかを足してください。",
                "Add measures or insurance that lower what remains, or money for an emergency.",
            ),
        ),
        5 => (
            Text::new(
                "必要性が理解されていないか、人や資金が足りず対策ができていない、危険な状態です。",
                "Dangerous: the need is not understood, or people and money for measures are lacking.",
            ),
            Text::new(
                "費用のかからない対策から始め、公的な相談窓口や支援を利用してください。",
                "Begin with measures that cost nothing, and use public advice and support.",
            ),
        ),
        _ => (
            Text::new("ITを利用していないため、対象外です。", "IT is not used: out of scope."),
            Text::new(
                "ITの利用を始めるときに、この試算を行ってください。",
                "Make this estimate when you begin to use IT.",
            ),
        ),
    };
    Posture { class: Some(class), about, next }
}
