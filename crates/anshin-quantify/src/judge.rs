//! The handbook's questions to the management: is it worth the money, can the rest be borne, and
//! what sort of organization is this?
//!
//! Source: Tokyo Metropolitan Government, cybersecurity handbook for small and medium-sized firms,
//! mission 3 (`sme-handbook`): two inequalities of security spending and six classes of posture. How
//! they are worked out from a simulation is our own reading.

use anshin_model::{Lang, Text};
use anshin_simulate::{Money, Percentile};

use crate::amount::money;
use crate::estimate::{MeasureValue, Model};
use crate::money_file::{Attitude, ItUse, MoneyFile, PostureAnswers};
use crate::quantification::CaseResult;

/// First inequality: the expected damage of a breach should exceed what is spent on security.
#[derive(Debug, Clone, PartialEq)]
pub struct Worthwhile {
    /// Expected damage of a year without any measure.
    pub damage: f64,
    /// Spending of a year: today's, the cost of the plan and premiums.
    pub spending: f64,
    /// Whether today's spending is unknown and therefore missing in `spending`.
    pub spending_unknown: bool,
    /// Whether the damage is the larger; `None` if nothing is known about spending.
    pub holds: Option<bool>,
}

/// Second inequality: what can be paid when a breach happens should exceed the damage that the
/// residual risk brings.
#[derive(Debug, Clone, PartialEq)]
pub struct Affordable {
    /// What can be paid in an emergency.
    pub cash: Option<f64>,
    /// Damage of a bad year after all measures and the insurance that is in place.
    pub damage: f64,
    /// Chance in a year that the damage is larger than what can be paid.
    pub beyond: Option<f64>,
    /// Whether the cash is the larger; `None` if it is unknown.
    pub holds: Option<bool>,
    /// The same damage if considered insurance is taken out as well.
    pub insured: Option<f64>,
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

impl Worthwhile {
    /// What it says.
    pub fn sentence(&self, currency: &str) -> Text {
        let values = [("damage", money(self.damage, currency)), ("spending", money(self.spending, currency))];
        let values: Vec<(&str, &Text)> = values.iter().map(|(name, text)| (*name, text)).collect();
        let known = if self.spending_unknown && self.holds.is_some() {
            Text::new(
                "（今の対策費は不明のため含めていません）",
                " (what is spent today is not known and not counted)",
            )
        } else {
            Text::new("", "")
        };
        let sentence = match self.holds {
            None => Text::new(
                "対策がない場合の想定被害額（年{damage}）とセキュリティ対策費（不明）: 金額ファイルに`security-spending`を書くと判断できます",
                "Expected damage without measures ({damage} a year) against spending on security (not known): write `security-spending` in the money file to have it judged",
            ),
            Some(true) => Text::new(
                "対策がない場合の想定被害額（年{damage}） ＞ セキュリティ対策費（年{spending}）: 対策費は想定被害額の範囲内です",
                "Expected damage without measures ({damage} a year) > spending on security ({spending} a year): the spending is in proportion",
            ),
            Some(false) => Text::new(
                "対策がない場合の想定被害額（年{damage}） ≦ セキュリティ対策費（年{spending}）: 対策費が想定被害額を上回るので、減らすことを検討してください",
                "Expected damage without measures ({damage} a year) ≤ spending on security ({spending} a year): the spending exceeds what could be lost; consider less",
            ),
        };
        let sentence = sentence.fill(&values);
        Text::new(
            format!("{}{}", sentence.get(Lang::Ja), known.get(Lang::Ja)),
            format!("{}{}", sentence.get(Lang::En), known.get(Lang::En)),
        )
    }
}

impl Affordable {
    /// What it says.
    pub fn sentence(&self, bad_year: Percentile, currency: &str) -> Text {
        let cash = self.cash.map_or_else(|| Text::new("不明", "not known"), |cash| money(cash, currency));
        let values = [
            ("cash", cash),
            ("damage", money(self.damage, currency)),
            ("years", Text::same(format!("{:.0}", bad_year.one_in()))),
        ];
        let values: Vec<(&str, &Text)> = values.iter().map(|(name, text)| (*name, text)).collect();
        let sentence = match self.holds {
            Some(true) => Text::new(
                "緊急時に支払える額（{cash}） ＞ 残留リスクの想定被害額（{years}年に1度の年で{damage}）: 負担できます",
                "What can be paid in an emergency ({cash}) > damage of the residual risk ({damage} in one year of {years}): it can be borne",
            ),
            Some(false) => Text::new(
                "緊急時に支払える額（{cash}） ≦ 残留リスクの想定被害額（{years}年に1度の年で{damage}）: 事業の継続が難しくなるおそれがあります。残留リスクを下げるか、資金か保険を用意してください",
                "What can be paid in an emergency ({cash}) ≤ damage of the residual risk ({damage} in one year of {years}): the business may not survive it; lower the residual risk, or provide cash or insurance",
            ),
            None => Text::new(
                "緊急時に支払える額（{cash}）と残留リスクの想定被害額（{years}年に1度の年で{damage}）: 金額ファイルに`emergency-cash`を書くと判断できます",
                "What can be paid in an emergency ({cash}) against the damage of the residual risk ({damage} in one year of {years}): write `emergency-cash` in the money file to have it judged",
            ),
        };
        let sentence = sentence.fill(&values);
        let Some(insured) = self.insured else { return sentence };
        let then = match self.cash.map(|cash| cash > insured) {
            Some(true) => Text::new(
                "。検討中の保険に加入すると{insured}になり、負担できます",
                ". With the considered insurance it is {insured}, which can be borne",
            ),
            Some(false) => Text::new(
                "。検討中の保険に加入しても{insured}で、負担しきれません",
                ". With the considered insurance it is {insured}, still more than can be borne",
            ),
            None => Text::new(
                "。検討中の保険に加入すると{insured}になります",
                ". With the considered insurance it is {insured}",
            ),
        };
        let then = then.fill(&[("insured", &money(insured, currency))]);
        Text::new(
            format!("{}{}", sentence.get(Lang::Ja), then.get(Lang::Ja)),
            format!("{}{}", sentence.get(Lang::En), then.get(Lang::En)),
        )
    }
}

impl Posture {
    /// The class with what it means and what to do next.
    pub fn sentence(&self) -> Text {
        let of = |lang: Lang, class: Option<String>| {
            let class = class.unwrap_or_default();
            match lang {
                Lang::Ja => format!("{class}{}{}", self.about.get(lang), self.next.get(lang)),
                Lang::En => format!("{class}{} {}", self.about.get(lang), self.next.get(lang)),
            }
        };
        Text::new(
            of(Lang::Ja, self.class.map(|class| format!("分類{class}: "))),
            of(Lang::En, self.class.map(|class| format!("Class {class}: "))),
        )
    }
}

pub(crate) fn worthwhile(damage: f64, model: &Model, own: &MoneyFile, premiums: f64) -> Worthwhile {
    let plan: f64 = model.measures.iter().filter_map(MeasureValue::own_cost).map(Money::amount).sum();
    let today = own.business.security_spending.map(Money::amount);
    let spending = today.unwrap_or(0.0) + plan + premiums;
    let is_known = today.is_some() || spending > 0.0;
    let holds = is_known.then_some(damage > spending);
    Worthwhile { damage, spending, spending_unknown: today.is_none(), holds }
}

/// Judges the residual risk. Insurance that is only considered does not count.
pub(crate) fn affordable(
    residual: &CaseResult,
    insured: Option<&CaseResult>,
    bad_year: Percentile,
    cash: Option<f64>,
) -> Affordable {
    let damage = |case: &CaseResult| case.losses.percentile(bad_year).value;
    Affordable {
        cash,
        damage: damage(residual),
        beyond: residual.beyond_cash,
        holds: cash.map(|cash| cash > damage(residual)),
        insured: insured.map(damage),
    }
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
                "金額ファイルの`posture`に`it`と`security`を書いてください。",
                "Write `it` and `security` under `posture` in the money file.",
            ),
        };
    };
    let wasted = worthwhile.holds == Some(false);
    let class = match (it, security) {
        (ItUse::None, _) => 6,
        (_, Attitude::NotUnderstood | Attitude::NoMeans) => 5,
        (ItUse::Restricted, _) => 3,
        // More is spent than could be lost: the handbook's wasted investment.
        (_, Attitude::Pursued) if wasted => 3,
        _ if affordable.holds == Some(false) => 4,
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
        3 if wasted => (
            Text::new(
                "対策費が想定される被害を上回り、投資が無駄になっているおそれがあります。",
                "More is spent on security than could be lost: money may be wasted.",
            ),
            Text::new(
                "費用に見合わない対策を見直し、ITの活用に回してください。",
                "Review the measures that are not worth their cost and put the money into using IT.",
            ),
        ),
        3 => (
            Text::new(
                "セキュリティを意識するあまりITの活用を抑えており、競争力につながっていません。",
                "Caution keeps IT from being used, and competitiveness suffers.",
            ),
            Text::new(
                "使うことを止めている規則を、使いながら守る対策に置き換えてください。",
                "Replace rules that forbid the use of IT by measures that protect it in use.",
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
    let unknown = worthwhile.holds.is_none() || affordable.holds.is_none();
    let next = if unknown && matches!(class, 1 | 2) {
        let first = Text::new(
            "ただし、上の2つの式の一方がまだ判断できないため、暫定の分類です。",
            "This is provisional: one of the two comparisons above cannot be judged yet.",
        );
        Text::new(
            format!("{}{}", first.get(Lang::Ja), next.get(Lang::Ja)),
            format!("{} {}", first.get(Lang::En), next.get(Lang::En)),
        )
    } else {
        next
    };
    Posture { class: Some(class), about, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(it: ItUse, security: Attitude, worth: Option<bool>, borne: Option<bool>) -> Posture {
        let worthwhile = Worthwhile { damage: 2.0, spending: 1.0, spending_unknown: false, holds: worth };
        let affordable = Affordable { cash: None, damage: 1.0, beyond: None, holds: borne, insured: None };
        posture(Some(PostureAnswers { it, security }), &worthwhile, &affordable)
    }

    #[test]
    fn answers_and_comparisons_make_the_six_classes() {
        use Attitude::{NoMeans, NotUnderstood, Pursued, Understood};
        use ItUse::{None as Unused, Restricted, Strategic, Supporting};
        let (yes, no) = (Some(true), Some(false));
        for (it, security, worth, borne, expected) in [
            (Strategic, Pursued, yes, yes, 1),
            (Strategic, Understood, yes, yes, 2),
            (Supporting, Pursued, yes, yes, 2),
            (Supporting, Understood, no, yes, 2),
            (Restricted, Understood, yes, yes, 3),
            (Restricted, Pursued, yes, no, 3),
            (Strategic, Pursued, no, yes, 3),
            (Strategic, Pursued, yes, no, 4),
            (Supporting, Understood, None, no, 4),
            (Strategic, NotUnderstood, yes, yes, 5),
            (Supporting, NoMeans, yes, no, 5),
            (Unused, NotUnderstood, None, None, 6),
        ] {
            assert_eq!(class(it, security, worth, borne).class, Some(expected), "{it:?} {security:?}");
        }
        // Money is called wasted only where it is.
        let restricted = class(Restricted, Understood, yes, no);
        assert!(!restricted.sentence().get(Lang::En).contains("wasted"));
        assert!(class(Strategic, Pursued, no, yes).sentence().get(Lang::En).contains("wasted"));
        // What is not known is not taken for good.
        assert!(class(Strategic, Pursued, None, yes).sentence().get(Lang::En).contains("provisional"));
        assert!(!class(Strategic, Pursued, yes, yes).sentence().get(Lang::En).contains("provisional"));
    }
}
