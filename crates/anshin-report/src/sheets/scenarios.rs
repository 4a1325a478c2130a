//! Risk scenarios, what stays of them, and the measures chosen against them.

use std::fmt::Display;

use anshin_assess::{Further, Path, ResidualRisk, Scenario, Scenarios, Standing, Terrain, Way};
use anshin_catalog::Matrix;
use anshin_model::{Id, Lang, Text};
use anshin_plan::{Before, Cheaper, Chosen, OnCurve, State, SystemPlan, Verdict};

use super::{column, join, text};
use crate::plan_words::{self, money};
use crate::replay_words::way;
use crate::subject::Subject;
use crate::worksheet::{Cell, Column, Row, Tone, Unit, Worksheet};

/// Scenarios with what follows from them.
#[derive(Debug, Clone, Copy)]
pub struct InScenarios<'a> {
    /// The paths behind the scenarios.
    pub terrain: &'a Terrain<'a>,
    /// The scenarios with the measures in place and planned.
    pub scenarios: &'a Scenarios,
    /// What stays, and who has accepted it.
    pub residual: &'a ResidualRisk,
    /// The measures chosen to bring everybody inside the target.
    pub plan: Option<&'a SystemPlan>,
}

/// The worksheets of the scenarios, of residual risk and of the chosen measures.
pub fn scenario_worksheets(subject: &Subject<'_>, of: InScenarios<'_>) -> Vec<Worksheet> {
    let mut sheets = vec![scenarios(subject, of), on_matrix(of), residual(subject, of)];
    if let Some(plan) = of.plan {
        sheets.extend([chosen(subject, plan), quarters(plan)]);
        sheets.extend(cheaper(subject, plan));
        sheets.push(curve(plan));
    }
    sheets
}

pub(super) fn plain(content: impl Into<String>) -> Cell {
    Cell::new(Text::same(content.into()))
}

fn risk(of: InScenarios<'_>, class: usize) -> Cell {
    risk_class(&of.scenarios.matrix, class)
}

/// A class of risk of a matrix.
pub(super) fn risk_class(matrix: &Matrix, class: usize) -> Cell {
    let classes = &matrix.risk;
    let tone = match classes.len() - 1 - class {
        0 => Tone::Grave,
        1 => Tone::Serious,
        _ => Tone::Plain,
    };
    Cell::new(classes[class].name.clone()).tone(tone)
}

/// What carries a path: the hardest step, with the reasons for its points.
fn carried(subject: &Subject<'_>, path: &Path) -> Vec<Text> {
    let step = &path.steps[path.carrying];
    let to = match &step.way {
        Way::Impact(consequence) => consequence.name(),
        _ => subject.asset(&step.to),
    };
    let reasons = step.reasons.iter().map(|reason| {
        let layer = reason.layer.name();
        text(
            format!("{}: {}", layer.get(Lang::Ja), reason.why.get(Lang::Ja)),
            format!("{}: {}", layer.get(Lang::En), reason.why.get(Lang::En)),
        )
    });
    std::iter::once(to).chain(reasons).collect()
}

fn scenarios(subject: &Subject<'_>, of: InScenarios<'_>) -> Worksheet {
    let matrix = &of.scenarios.matrix;
    let cut = &matrix.risk[matrix.cut_class()].name;
    let risk_reaches =
        text(format!("リスクが「{}」以上", cut.get(Lang::Ja)), format!("risk {} or more", cut.get(Lang::En)));
    let row = |scenario: &Scenario| {
        let paths = of.terrain.paths(of.scenarios, scenario);
        let way = paths.first().map_or_else(
            || text("外からの経路はありません", "no path leads there from outside"),
            |path| way(subject, path),
        );
        let carried = paths.first().map(|path| carried(subject, path)).unwrap_or_default();
        let points = scenario.difficulty.map(|points| points.to_string()).unwrap_or_default();
        Row {
            key: scenario.id.to_string(),
            cells: vec![
                counted(scenario.rank),
                risk(of, scenario.risk),
                Cell::new(subject.asset(&scenario.asset)),
                Cell::lines(vec![scenario.consequence.name(), scenario.incident.clone()]),
                Cell::new(subject.stakeholder(&scenario.stakeholder)),
                Cell::new(matrix.likelihood[scenario.likelihood].name.clone()),
                plain(points),
                Cell::new(matrix.effect[scenario.effect].name.clone())
                    .why(scenario.why.iter().map(|reason| reason.text.clone()).collect()),
                Cell::new(way).why(carried),
                match scenario.further {
                    Some(Further::OutsideTarget) => Cell::new(text("目標を超える", "outside the target")),
                    Some(Further::Risk) => Cell::new(risk_reaches.clone()),
                    None => Cell::new(text("しない", "no")).tone(Tone::Faint),
                },
                plain(scenario.id.as_str()),
            ],
        }
    };
    let (further, rest): (Vec<&Scenario>, Vec<&Scenario>) =
        of.scenarios.all.iter().partition(|scenario| scenario.above_cut());
    let likely = &matrix.likelihood[matrix.counting_class()].name;
    Worksheet {
        id: "scenarios",
        title: text("リスクシナリオ", "Risk scenarios"),
        purpose: text(
            format!(
                "何が、どの経路で、誰に起こりうるかを、リスクの大きい順に比べます。実施済みと予定の対策を数えています。さらに検討するのは、影響が目標を超え起こりやすさが「{}」以上のものと、それ以外でリスクが「{}」以上のものです。",
                likely.get(Lang::Ja),
                cut.get(Lang::Ja),
            ),
            format!(
                "Compare what can happen, on which path and to whom, the greatest risk first. Measures in place and planned count. Looked at further are scenarios whose effect is above the target and whose likelihood is {} or more, and others whose risk is {} or more.",
                likely.get(Lang::En),
                cut.get(Lang::En),
            ),
        ),
        from: text(
            "想定される脅威、攻撃経路、ステークホルダーの水準",
            "Threats, attack paths, levels of the stakeholders",
        ),
        to: text("残留リスク、対策の選定", "Residual risk, the choice of measures"),
        columns: vec![
            column("順位", "Rank", 8),
            column("リスク", "Risk", 12),
            column("機器", "Asset", 22),
            column("起こること", "What happens", 44),
            column("影響を受ける者", "Affects", 20),
            column("起こりやすさ", "Likelihood", 14),
            column("経路の難しさ", "Difficulty", 10),
            column("影響", "Effect", 30),
            column("最もやさしい経路（かっこ内は難しさの点数）", "Easiest path (points of difficulty)", 60),
            column("さらに検討", "Looked at further", 18),
            Column::handle(34),
        ],
        rows: further.into_iter().chain(rest).map(row).collect(),
    }
}

/// The matrix with the scenarios in its cells, before and after the plan.
fn on_matrix(of: InScenarios<'_>) -> Worksheet {
    let matrix = &of.scenarios.matrix;
    let cell = |likelihood: usize, effect: usize| {
        let class = matrix.risk_of(likelihood, effect);
        let here = |s: &&Scenario| (s.likelihood, s.effect) == (likelihood, effect);
        let ranks: Vec<String> =
            of.scenarios.all.iter().filter(here).map(|scenario| scenario.rank.to_string()).collect();
        let mut lines = vec![matrix.risk[class].name.clone()];
        if !ranks.is_empty() {
            let (n, ranks) = (ranks.len(), listed(&ranks));
            let word = if n == 1 { "rank" } else { "ranks" };
            lines.push(text(format!("{n}件（順位{ranks}）"), format!("{n} ({word} {ranks})")));
        }
        lines.extend(of.plan.and_then(|plan| {
            let after = |s: &&Before| (s.after.likelihood, s.after.effect) == (likelihood, effect);
            let n = plan.scenarios.iter().filter(after).count();
            (n > 0 || !ranks.is_empty()).then(|| text(format!("選定後 {n}件"), format!("then {n}")))
        }));
        Cell { lines, ..risk(of, class) }
    };
    let row = |effect: usize| {
        let mut cells = vec![Cell::new(matrix.effect[effect].name.clone())];
        cells.extend((0..matrix.likelihood.len()).map(|likelihood| cell(likelihood, effect)));
        Row { key: format!("effect/{}", matrix.effect[effect].id), cells }
    };
    let mut columns = vec![column("影響＼起こりやすさ", "Effect \\ likelihood", 22)];
    columns.extend(matrix.likelihood.iter().map(|class| Column::new(class.name.clone(), 20)));
    let after = of.plan.map_or(("", ""), |_| {
        (
            "「選定後」は、選定した対策を行った後の件数です。",
            " \"then\" counts them with the chosen measures.",
        )
    });
    Worksheet {
        id: "risk-matrix",
        title: text("リスクマトリクス", "Risk matrix"),
        purpose: text(
            format!(
                "影響と起こりやすさから決まるリスクと、そこに入るシナリオの件数を示します。さらに検討しないシナリオも数えます。{}",
                after.0
            ),
            format!(
                "The risk that follows from effect and likelihood, and the scenarios in each cell; those not looked at further count as well.{}",
                after.1
            ),
        ),
        from: text("リスクシナリオ、カタログのマトリクス", "Risk scenarios, the matrix of the catalog"),
        to: text("残留リスク、対策の選定", "Residual risk, the choice of measures"),
        columns,
        rows: (0..matrix.effect.len()).rev().map(row).collect(),
    }
}

/// Ranks that are listed in a cell of the matrix.
const MOST_RANKS: usize = 6;

fn listed(ranks: &[String]) -> String {
    let more = if ranks.len() > MOST_RANKS { "…" } else { "" };
    ranks[..ranks.len().min(MOST_RANKS)].join(", ") + more
}

fn residual(subject: &Subject<'_>, of: InScenarios<'_>) -> Worksheet {
    let document = subject.system.document;
    let named = |id: &str| match of.scenarios.get(id) {
        Some(scenario) => join(&[
            subject.asset(&scenario.asset),
            scenario.consequence.name(),
            subject.stakeholder(&scenario.stakeholder),
        ]),
        None => Text::same(id),
    };
    let accepted = |n: Option<usize>| -> [Cell; 3] {
        let Some(acceptance) = n.map(|n| &document.acceptances[n]) else { return Default::default() };
        [
            plain(acceptance.by.as_str()),
            plain(acceptance.until.as_str()),
            Cell::new(acceptance.reason.clone()),
        ]
    };
    let mut rows: Vec<Row> = of
        .residual
        .stays
        .iter()
        .map(|stays| {
            let standing = match stays.standing {
                Standing::Expired => {
                    Cell::new(text("受容の期限切れ", "acceptance expired")).tone(Tone::Grave)
                }
                Standing::Open => Cell::new(text("未受容", "nobody has accepted it")).tone(Tone::Serious),
                Standing::Accepted => Cell::new(text("受容済み", "accepted")).tone(Tone::Good),
            };
            let mut cells = vec![
                Cell::new(named(stays.scenario.as_str())),
                risk(of, stays.bare),
                risk(of, stays.in_place),
                risk(of, stays.planned),
            ];
            cells.extend(of.plan.map(|plan| {
                let then = plan.scenarios.iter().find(|then| then.id == stays.scenario);
                then.map_or_else(Cell::default, |then| risk(of, then.after.risk))
            }));
            cells.push(standing);
            cells.extend(accepted(stays.acceptance));
            cells.push(plain(stays.scenario.as_str()));
            Row { key: stays.scenario.to_string(), cells }
        })
        .collect();
    rows.extend(of.residual.unknown.iter().map(|&n| {
        let id = &document.acceptances[n].scenario;
        let mut cells =
            vec![Cell::new(named(id.as_str())), Cell::default(), Cell::default(), Cell::default()];
        cells.extend(of.plan.map(|_| Cell::default()));
        cells.push(Cell::new(text("もうないシナリオの受容", "the scenario is gone")).tone(Tone::Serious));
        cells.extend(accepted(Some(n)));
        cells.push(plain(id.as_str()));
        Row { key: format!("unknown/{id}"), cells }
    }));
    let mut columns = vec![
        column("シナリオ", "Scenario", 44),
        column("対策なし", "Without measures", 12),
        column("実施済みの対策後", "Measures in place", 12),
        column("予定の対策後", "Measures planned", 12),
    ];
    columns.extend(of.plan.map(|_| column("選定した対策後", "With the chosen measures", 12)));
    columns.extend([
        column("状態", "State", 20),
        column("受け入れた者", "Accepted by", 18),
        column("期限", "Until", 12),
        column("理由", "Reason", 40),
        Column::handle(34),
    ]);
    Worksheet {
        id: "residual-risk",
        title: text("残留リスク", "Residual risk"),
        purpose: text(
            "対策のあとに残るリスクを、誰がいつまで受け入れるかを決めます。",
            "Settle who accepts the risk that stays after the measures, and until when.",
        ),
        from: text("リスクシナリオ、受容の記録", "Risk scenarios, acceptances in the document"),
        to: text("次回の見直し、保険", "The next review, insurance"),
        columns,
        rows,
    }
}

/// An amount in both languages.
#[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
fn amount(value: u64) -> Cell {
    let said = text(money(value, Lang::Ja), money(value, Lang::En));
    Cell::new(said).number(value as f64, Unit::Money("JPY".to_owned()))
}

/// A number of things, days or points.
pub(super) fn counted<N: Copy + Display + TryInto<u32>>(value: N) -> Cell {
    let number = value.try_into().map_or(f64::INFINITY, f64::from);
    plain(value.to_string()).number(number, Unit::Count)
}

fn chosen(subject: &Subject<'_>, plan: &SystemPlan) -> Worksheet {
    let scenario = |id: &Id| {
        let found = plan.scenarios.iter().find(|scenario| scenario.id == *id);
        found.map_or_else(|| Text::same(id.as_str()), |before| plan_words::scenario(subject, before))
    };
    let row = |(n, chosen): (usize, &Chosen)| {
        let assets: Vec<Text> = chosen.on.iter().map(|id| subject.asset(id)).collect();
        let (from, to) = (plan_words::quarter(chosen.from), plan_words::quarter(chosen.to));
        let mut when = vec![from.clone()];
        if to != from {
            when.push(text(format!("{}まで", to.get(Lang::Ja)), format!("until {}", to.get(Lang::En))));
        }
        let tone = if chosen.quick_win { Tone::Priority } else { Tone::Plain };
        if chosen.quick_win {
            when.push(text("すぐに効く", "quick win"));
        }
        let mut name = vec![plan_words::measure(subject, chosen)];
        name.extend(chosen.stand_ins.iter().map(|stand_in| plan_words::stand_in(subject, stand_in)));
        name.extend(plan_words::caution(subject, chosen));
        let days = if chosen.is_default {
            plain(format!("{}*", chosen.days)).number(f64::from(chosen.days), Unit::DefaultDays)
        } else {
            counted(chosen.days)
        };
        Row {
            key: format!("measure/{}", chosen.id),
            cells: vec![
                counted(n + 1),
                Cell::lines(when).tone(tone),
                Cell::lines(name),
                Cell::new(subject.stakeholder(&chosen.by)),
                Cell::new(join(&assets)),
                amount(chosen.once),
                amount(chosen.per_year),
                days,
                Cell::lines(chosen.helps.iter().take(NAMED).map(|(id, _)| scenario(id)).collect()),
                plain(chosen.id.as_str()),
            ],
        }
    };
    let rows = plan.measures.iter().enumerate().map(row).collect();
    let mut said = vec![plan_words::lead(plan), verdict(plan)];
    if matches!(plan.verdict, Verdict::Planned(_)) {
        said.push(plan_words::proof(plan));
    }
    if matches!(plan.verdict, Verdict::Planned(_)) && plan.measures.is_empty() {
        said.push(plan_words::nothing_chosen(plan));
    }
    said.extend(plan.conflicts.iter().map(|one| plan_words::conflict(subject, one)));
    said.extend(plan.bindings.iter().map(|one| plan_words::binding(subject, one)));
    said.extend(plan.stuck.iter().take(NAMED).map(|one| {
        let (name, why) = (scenario(&one.scenario), plan_words::stuck(subject, one));
        let both = |lang| format!("{}: {}", name.get(lang), why.get(lang));
        text(both(Lang::Ja), both(Lang::En))
    }));
    if let Some(more) = plan.stuck.len().checked_sub(NAMED).filter(|more| *more > 0) {
        said.push(text(
            format!("対策のないシナリオは、ほかに{more}件あります。"),
            format!("{more} more scenarios are beyond all measures."),
        ));
    }
    said.extend(to_accept(plan));
    Worksheet {
        id: "chosen-measures",
        title: text("対策の選定と工程", "Chosen measures and when"),
        purpose: sentences(&said),
        from: text("リスクシナリオ、対策の費用", "Risk scenarios, costs of measures"),
        to: text("予算、発注、工程表", "Budget, orders, schedule"),
        columns: vec![
            column("番号", "No.", 7),
            column("時期", "When", 24),
            column("対策", "Measure", 50),
            column("実施主体", "Implementer", 20),
            column("対象", "Where", 40),
            column("一度の費用", "Once", 16),
            column("毎年の費用", "A year", 16),
            column("人日（*は目安）", "Person-days (* default)", 12),
            column("これがないと悪くなるシナリオ", "Worse without it", 50),
            Column::handle(34),
        ],
        rows,
    }
}

/// What is inside the target and still needs somebody's answer, by ids.
fn to_accept(plan: &SystemPlan) -> Option<Text> {
    let ids: Vec<&str> = plan.to_accept().map(|scenario| scenario.id.as_str()).collect();
    let said = plan_words::to_accept(ids.len());
    let (ja, en) = (said.get(Lang::Ja), said.get(Lang::En));
    (!ids.is_empty())
        .then(|| text(format!("{ja}（{}）", ids.join("、")), format!("{en} ({})", ids.join(", "))))
}

/// Sentences one after the other.
fn sentences(said: &[Text]) -> Text {
    let all =
        |lang: Lang, between: &str| said.iter().map(|one| one.get(lang)).collect::<Vec<_>>().join(between);
    text(all(Lang::Ja, ""), all(Lang::En, " "))
}

/// Scenarios that are named with a measure.
const NAMED: usize = 3;

fn verdict(plan: &SystemPlan) -> Text {
    let (now, after) = (plan.now, plan.after);
    match plan.verdict {
        Verdict::Planned(_) => text(
            format!(
                "{}年間の費用は{}、{}人日。目標の外のシナリオは{}件から{}件に、リスクの点数は{}から{}になります。",
                plan.years,
                money(plan.cost, Lang::Ja),
                plan.days,
                now.outside,
                after.outside,
                now.points,
                after.points
            ),
            format!(
                "{} over {} years and {} person-days. Scenarios outside the target: from {} to {}; points of risk: from {} to {}.",
                money(plan.cost, Lang::En),
                plan.years,
                plan.days,
                now.outside,
                after.outside,
                now.points,
                after.points
            ),
        ),
        Verdict::Impossible if !plan.bindings.is_empty() => {
            text("必ず実施する対策だけで制限を超えます。", "What has to be done anyway breaks a limit.")
        }
        Verdict::Impossible => text(
            "必ず実施する対策の組み合わせが成り立ちません。",
            "What has to be done anyway does not go together.",
        ),
        Verdict::Unknown => text(
            "決められた手間の中では計画が見つかりませんでした。",
            "No plan was found with the effort allowed.",
        ),
    }
}

/// How things are after each quarter.
fn quarters(plan: &SystemPlan) -> Worksheet {
    let row = |key: String, when: Text, state: State| Row {
        key,
        cells: vec![Cell::new(when), counted(state.outside), counted(state.points)],
    };
    let first = row("quarter/now".to_owned(), text("現在", "Now"), plan.now);
    let later = plan
        .quarters
        .iter()
        .map(|(quarter, state)| row(format!("quarter/{quarter}"), plan_words::quarter(*quarter), *state));
    Worksheet {
        id: "risk-by-quarter",
        title: text("四半期ごとのリスク", "Risk by quarter"),
        purpose: text(
            format!(
                "工程どおりに進めたとき、四半期の終わりごとに残るリスクを示します。{}",
                plan_words::pace(plan).get(Lang::Ja)
            ),
            format!(
                "What stays at the end of each quarter when the schedule is kept. {}",
                plan_words::pace(plan).get(Lang::En)
            ),
        ),
        from: text("対策の選定と工程", "Chosen measures and when"),
        to: text("進捗の確認", "Checks of progress"),
        columns: vec![
            column("時期", "When", 24),
            column("目標の外のシナリオ", "Scenarios outside the target", 18),
            column("リスクの点数", "Points of risk", 14),
        ],
        rows: std::iter::once(first).chain(later).collect(),
    }
}

/// What less money would do.
fn cheaper(subject: &Subject<'_>, plan: &SystemPlan) -> Option<Worksheet> {
    let scenario = |id: &Id| {
        let found = plan.scenarios.iter().find(|scenario| scenario.id == *id);
        found.map_or_else(|| Text::same(id.as_str()), |before| plan_words::scenario(subject, before))
    };
    let row = |(n, cheaper): (usize, &Cheaper)| {
        let offers = |ids: &[Id]| ids.iter().map(|id| plan_words::offer(subject, id)).collect::<Vec<_>>();
        let weakens = cheaper.weakens.iter().map(|(id, what)| {
            let (measure, what) = (plan_words::offer(subject, id), plan_words::weakens(subject, what));
            text(
                format!("{}は{}", measure.get(Lang::Ja), what.get(Lang::Ja)),
                format!("{} {}", measure.get(Lang::En), what.get(Lang::En)),
            )
        });
        Row {
            key: format!("cheaper/{n}"),
            cells: vec![
                amount(cheaper.cost),
                amount(cheaper.impairs),
                Cell::lines(cheaper.leaves.iter().map(scenario).collect()),
                Cell::lines(weakens.collect()),
                Cell::lines(offers(&cheaper.without)),
                Cell::lines(offers(&cheaper.instead)),
            ],
        }
    };
    let rows: Vec<Row> = plan.cheaper.iter().chain(&plan.leaving).enumerate().map(row).collect();
    (!rows.is_empty()).then(|| Worksheet {
        id: "cheaper-sets",
        title: text("もっと安く済ませる場合", "If it has to be cheaper"),
        purpose: text(
            "選んだ対策より安い組合せと、それによって目標の外に残るもの、弱めるおそれのあるものを示します。",
            "Sets that cost less than the chosen one, what they leave outside the target and what they can weaken.",
        ),
        from: text("対策の選定", "The choice of measures"),
        to: text("予算の決定", "The budget"),
        columns: vec![
            column("費用", "Cost", 16),
            column("弱めるおそれの換算額", "Counted for weakening", 16),
            column("目標の外に残るシナリオ", "Left outside the target", 50),
            column("弱めるおそれのあるもの", "What it can weaken", 40),
            column("やめる対策", "Goes without", 50),
            column("代わりの対策", "Takes instead", 50),
        ],
        rows,
    })
}

fn curve(plan: &SystemPlan) -> Worksheet {
    let row = |(n, point): (usize, &OnCurve)| Row {
        key: format!("point/{n}"),
        cells: vec![
            amount(point.cost),
            counted(point.state.points),
            counted(point.state.outside),
            Cell::new(if point.proven {
                text("証明済み", "proven")
            } else {
                text("未証明", "not proven")
            }),
            counted(point.measures.len()),
        ],
    };
    Worksheet {
        id: "cost-and-risk",
        title: text("費用と残るリスク", "Cost and the risk that remains"),
        purpose: sentences(&[
            text(
                "予算を増やすと、リスクがどこまで下がるかを見ます。",
                "See how far risk falls as the budget grows.",
            ),
            plan_words::curve(plan),
        ]),
        from: text("リスクシナリオ、対策の費用", "Risk scenarios, costs of measures"),
        to: text("予算の決定", "The budget"),
        columns: vec![
            column("費用", "Cost", 18),
            column("残るリスクの点数", "Points of risk that remain", 16),
            column("目標の外のシナリオ", "Scenarios outside the target", 16),
            column("これより良い組がないこと", "That no set does better", 18),
            column("対策の数", "Measures", 10),
        ],
        rows: plan.curve.iter().enumerate().map(row).collect(),
    }
}
