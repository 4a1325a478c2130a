//! Risk in money: figures of the cases, scenarios, measures, and what the numbers rest on.

use anshin_model::{Lang, Text};
use anshin_quantify::amount::{ends, money, often, percent, rosi, three_digits};
use anshin_quantify::estimate::UsedFor;
use anshin_quantify::quantification::Quantification;
use anshin_quantify::setting::PlanFrom;

use super::{column, text};
use crate::worksheet::{Cell, Row, Tone, Unit, Worksheet};

/// The worksheets of risk in money.
pub fn money_worksheets(q: &Quantification) -> Vec<Worksheet> {
    let mut sheets = vec![figures(q), judgements(q), scenarios(q)];
    if !q.categories.is_empty() {
        sheets.push(categories(q));
    }
    if !q.measures.is_empty() {
        sheets.push(measures(q));
    }
    sheets.push(assumptions(q));
    sheets
}

fn cell(content: Text) -> Cell {
    Cell::new(content)
}

fn plain(content: impl Into<String>) -> Cell {
    Cell::new(Text::same(content.into()))
}

/// An amount as it is said: a simulation is not surer than three digits.
fn in_money(value: f64, q: &Quantification) -> Cell {
    cell(money(value, &q.currency)).number(three_digits(value.max(0.0)), Unit::Money(q.currency.clone()))
}

/// What measures save: less than nothing if they make it dearer.
fn saved(value: f64, q: &Quantification) -> Cell {
    if value >= -0.5 {
        return in_money(value, q);
    }
    let more = money(-value, &q.currency);
    let shown = text(format!("−{}", more.get(Lang::Ja)), format!("−{}", more.get(Lang::En)));
    cell(shown).number(-three_digits(-value), Unit::Money(q.currency.clone()))
}

fn share(value: f64) -> Cell {
    plain(percent(value)).number(rounded(value, 1e6), Unit::Share)
}

/// A number to a fraction of one: programs write what is longer differently.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

fn figures(q: &Quantification) -> Worksheet {
    let amount = |value: f64| in_money(value, q);
    let rows: Vec<Row> = q
        .cases
        .iter()
        .map(|case| {
            let mut cells = vec![
                cell(case.kind.name()),
                amount(case.losses.mean.value).why(vec![error(case.losses.mean.error, q)]),
                share(case.losses.any),
            ];
            cells.extend(case.losses.percentiles.iter().skip(1).map(|(_, loss)| {
                let tone = match q.affordable.cash {
                    Some(cash) if loss.value > cash => Tone::Serious,
                    _ => Tone::Plain,
                };
                amount(loss.value).tone(tone).why(vec![error(loss.error, q)])
            }));
            cells.push(amount(case.losses.worst.value));
            cells.push(case.beyond_cash.map(share).unwrap_or_default());
            cells.push(if case.premiums > 0.0 { amount(case.premiums) } else { cell(text("–", "–")) });
            Row { key: format!("case/{}", case.kind.as_str()), cells }
        })
        .collect();
    let mut columns = vec![
        column("場合", "Case", 40),
        column("年間の平均", "Mean of a year", 18),
        column("損失のある年", "Years with a loss", 12),
    ];
    columns.extend(q.cases[0].losses.percentiles.iter().skip(1).map(|(p, _)| {
        let years = format!("{:.0}", p.one_in());
        column(&format!("{years}年に1度の年"), &format!("One year in {years}"), 18)
    }));
    columns.push(column("最悪の1%の年の平均", "Mean of the worst 1 % of years", 18));
    columns.push(column("支払える額を超える年", "Years beyond what can be paid", 16));
    columns.push(column("保険料（年）", "Premiums a year", 16));
    Worksheet {
        id: "money",
        title: text("金額で見たリスク", "Risk in money"),
        purpose: text(
            "1年にどれくらいの損失が見込まれ、悪い年にいくらになり、それを負担できるかを見る",
            "What a year is expected to cost, what a bad year costs, and whether it can be borne",
        ),
        from: text("シナリオと金額ファイル", "The scenarios and the money file"),
        to: text(
            "対策の予算、保険、残留リスクの受容",
            "The budget for measures, insurance, and accepting what remains",
        ),
        columns,
        rows,
    }
}

/// What the figures say to those who decide: the two comparisons, the posture, insurance, and how sure
/// the calculation is.
fn judgements(q: &Quantification) -> Worksheet {
    let row = |key: &str, what: Text, holds: Option<bool>, says: Text| {
        let (verdict, tone) = match holds {
            Some(true) => (text("成り立つ", "holds"), Tone::Good),
            Some(false) => (text("成り立たない", "does not hold"), Tone::Serious),
            None => (text("–", "–"), Tone::Faint),
        };
        Row { key: format!("judgement/{key}"), cells: vec![cell(what), cell(verdict).tone(tone), cell(says)] }
    };
    let mut rows = vec![
        row(
            "worthwhile",
            text("想定被害額 ＞ 対策費", "Expected damage > spending"),
            q.worthwhile.holds,
            q.worthwhile.sentence(&q.currency),
        ),
        row(
            "affordable",
            text("緊急時に支払える額 ＞ 残留リスクの被害額", "Emergency money > residual damage"),
            q.affordable.holds,
            q.affordable.sentence(q.bad_year, &q.currency),
        ),
        row("posture", text("組織の視点の分類", "Class of posture"), None, q.posture.sentence()),
    ];
    let policies = [
        ("insurance-in-place", &q.insurance_in_place, text("加入中の保険", "Insurance in place")),
        ("insurance", &q.insurance, text("検討中の保険", "Considered insurance")),
    ];
    for (key, insurance, what) in policies {
        if let Some(insurance) = insurance {
            rows.push(row(key, what, None, insurance.sentence(&q.currency)));
        }
    }
    rows.push(row(
        "certainty",
        text("計算の確かさ", "How sure the calculation is"),
        None,
        q.convergence.sentence(q.run, &q.currency),
    ));
    Worksheet {
        id: "money-judgement",
        title: text("経営者の判断のために", "For the management to decide"),
        purpose: text(
            "対策費が見合うか、残るリスクを負担できるか、保険が役に立つかを見る",
            "Whether the spending is in proportion, what remains can be borne, and insurance helps",
        ),
        from: text("金額で見たリスク", "Risk in money"),
        to: text(
            "対策の予算、保険、残留リスクの受容",
            "The budget for measures, insurance, and accepting what remains",
        ),
        columns: vec![
            column("問い", "Question", 34),
            column("判断", "Judgement", 14),
            column("説明", "What it says", 90),
        ],
        rows,
    }
}

fn error(error: f64, q: &Quantification) -> Text {
    let amount = money(error, &q.currency);
    text(format!("標準誤差 {}", amount.get(Lang::Ja)), format!("standard error {}", amount.get(Lang::En)))
}

fn scenarios(q: &Quantification) -> Worksheet {
    let amount = |value: f64| in_money(value, q);
    let total: f64 = q.scenarios.iter().map(|s| s.mean).sum();
    let bad: f64 = q.scenarios.iter().map(|s| s.in_bad_years).sum();
    let part = |part: f64, of: f64| share(if of > 0.0 { part / of } else { 0.0 });
    let rows = q
        .scenarios
        .iter()
        .map(|result| {
            let scenario = &q.model.scenarios[result.at];
            Row {
                key: format!("scenario/{}", scenario.id),
                cells: vec![
                    cell(scenario.name.clone()).why(vec![scenario.about.clone()]),
                    cell(often(scenario.numbers.frequency.mean())).why(vec![scenario.frequency_from.name()]),
                    amount(scenario.numbers.mean_loss()).why(vec![scenario.loss_from.name()]),
                    amount(result.mean),
                    part(result.mean, total),
                    part(result.in_bad_years, bad),
                    amount(result.after),
                    plain(scenario.id.as_str()),
                ],
            }
        })
        .collect();
    Worksheet {
        id: "money-scenarios",
        title: text("シナリオごとの損失", "Loss by scenario"),
        purpose: if q.is_insured() {
            text(
                "どのシナリオに備えるのが大切かを、額で見る。年間の平均と割合は、加入中の保険が支払った後の額による",
                "Which scenarios matter most, in money. Means and shares are those after insurance in place has paid",
            )
        } else {
            text("どのシナリオに備えるのが大切かを、額で見る", "Which scenarios matter most, in money")
        },
        from: text("シナリオ、頻度と損失の範囲", "Scenarios, ranges of frequency and loss"),
        to: text("対策の優先順位", "The order of measures"),
        columns: vec![
            column("シナリオ", "Scenario", 44),
            column("頻度", "How often", 18),
            column("1件の損失", "Loss of an incident", 20),
            column("年間の平均", "Mean of a year", 18),
            column("平均に占める割合", "Share of the mean", 12),
            column("悪い年に占める割合", "Share of bad years", 12),
            column("対策後の平均", "Mean with the plan", 18),
            column("識別子", "Id", 30),
        ],
        rows,
    }
}

/// What a year costs by what it is for.
fn categories(q: &Quantification) -> Worksheet {
    let total: f64 = q.categories.iter().map(|c| c.mean).sum();
    let rows = q
        .categories
        .iter()
        .map(|result| Row {
            key: format!("category/{}", result.category.as_str()),
            cells: vec![
                cell(result.category.name()),
                in_money(result.mean, q),
                share(result.mean / total),
                in_money(result.after, q),
            ],
        })
        .collect();
    Worksheet {
        id: "money-categories",
        title: text("損失の内訳（費目別）", "Loss by category of cost"),
        purpose: text(
            "損失が何の費用になるかを、保険が支払う前の額で見る。総額しか分からない損失は、目安の会社の費目の割合で分けてある",
            "What losses are made of, before insurance pays. A loss that is known as a whole only is split in the proportions that cost items have at a firm of reference size",
        ),
        from: text("シナリオごとの損失、費目", "Loss by scenario, cost items"),
        to: text("保険の補償範囲、緊急時の資金", "What insurance should cover, money for an emergency"),
        columns: vec![
            column("費目", "Category", 40),
            column("年間の平均", "Mean of a year", 20),
            column("割合", "Share", 12),
            column("対策後の平均", "Mean with the plan", 20),
        ],
        rows,
    }
}

fn measures(q: &Quantification) -> Worksheet {
    let amount = |value: f64| in_money(value, q);
    let rosi = |value: Option<f64>| match value {
        Some(value) => {
            let tone = if value >= 0.0 { Tone::Good } else { Tone::Serious };
            cell(rosi(value)).tone(tone).number(rounded(value, 1e4), Unit::Return)
        }
        None => cell(text("–", "–")).tone(Tone::Faint),
    };
    let mut rows: Vec<Row> = q
        .measures
        .iter()
        .map(|result| {
            let measure = &q.model.measures[result.at];
            let cost = match (&measure.by_other, measure.cost) {
                (Some(other), _) => cell(Text::new(
                    format!("{}が負担", other.name.get(Lang::Ja)),
                    format!("paid by {}", other.name.get(Lang::En)),
                )),
                (None, Some(cost)) => amount(cost.amount()),
                (None, None) => cell(text("不明", "not known")),
            };
            let days = format!("{:.0}", measure.days);
            let work = Text::new(
                format!("社内の作業{days}人日を含まない"),
                format!("own work of {days} person-days not counted"),
            );
            let default = text("既定値による目安", "a default");
            let why = [(measure.has_default_cost(), default), (measure.days >= 1.0, work)];
            let why = why.into_iter().filter(|(holds, _)| *holds).map(|(_, why)| why).collect();
            Row {
                key: format!("measure/{}", measure.id),
                cells: vec![
                    cell(measure.name.clone()),
                    cost.why(why),
                    amount(result.saves),
                    amount(result.left_out),
                    rosi(result.rosi),
                ],
            }
        })
        .collect();
    if let Some(plan) = &q.plan {
        let all = match plan.from {
            PlanFrom::Document => text("計画の対策をすべて行う", "All planned measures together"),
            PlanFrom::Chosen => text("選ばれた対策をすべて行う", "All chosen measures together"),
        };
        rows.push(Row {
            key: "measures/all".to_owned(),
            cells: vec![
                cell(all),
                amount(plan.cost),
                saved(plan.saves.value, q).why(vec![error(plan.saves.error, q)]),
                Cell::default(),
                rosi(plan.rosi),
            ],
        });
    }
    Worksheet {
        id: "money-measures",
        title: text("対策の費用対効果", "What measures are worth"),
        purpose: if q.is_insured() {
            text(
                "対策を1つだけ行ったとき、それだけを外したとき、すべて行ったときに、費用に見合うかを、加入中の保険が支払った後の額で見る",
                "Whether a measure, done alone or left out, and all of them together are worth their cost, after insurance in place has paid",
            )
        } else {
            text(
                "対策を1つだけ行ったとき、それだけを外したとき、すべて行ったときに、費用に見合うかを見る",
                "Whether a measure, done alone or left out, and all of them together are worth their cost",
            )
        },
        from: text("対策の費用、対策後の頻度と損失", "The cost of measures, frequency and loss after them"),
        to: text("対策の予算", "The budget for measures"),
        columns: vec![
            column("対策", "Measure", 50),
            column("年間の費用", "Cost of a year", 20),
            column("これだけ行うと減る損失（年平均）", "Saved a year if done alone", 24),
            column("これを外すと増える損失（年平均）", "Lost a year if left out", 24),
            column("投資効果（ROSI、減る額の大きい方で）", "Return (ROSI, by the larger of both)", 22),
        ],
        rows,
    }
}

fn assumptions(q: &Quantification) -> Worksheet {
    let rows = q
        .model
        .assumptions
        .iter()
        .map(|assumption| Row {
            key: format!("assumption/{}/{}", assumption.entry.0, assumption.entry.1),
            cells: vec![
                cell(assumption.about.clone()),
                cell(ends(assumption)),
                plain(assumption.date.as_str()),
                plain(assumption.sources.join("; ")),
                cell(assumption.basis.name()),
                cell(match assumption.used_for {
                    UsedFor::Numbers => text("頻度・損失の額", "how often, how much"),
                    UsedFor::Split => text("費目の割合だけ", "split by category only"),
                }),
            ],
        })
        .collect();
    Worksheet {
        id: "money-assumptions",
        title: text("既定値とその出典", "Defaults and their sources"),
        purpose: text(
            "自社の数値がないところに、何を使ったかを見る。金額ファイルで置き換えられる",
            "What stood in where no number of your own was given; the money file replaces it",
        ),
        from: text("知識カタログ", "The catalog"),
        to: text("金額ファイル", "The money file"),
        columns: vec![
            column("既定値", "Default", 60),
            column("90%区間", "90 % interval", 30),
            column("時点", "As of", 12),
            column("出典", "Source", 44),
            column("確かさ", "Basis", 14),
            column("用途", "Used for", 18),
        ],
        rows,
    }
}
