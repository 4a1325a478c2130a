//! What to do about them: policies, threats, requirements, where to begin, and the plan.

use anshin_assess::Threat;
use anshin_catalog::{Because, Effort};
use anshin_model::document::{Status, Verdict};
use anshin_model::{Lang, Text};

use super::{column, join, labelled, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Row, Tone, Worksheet};

pub(super) fn policies(subject: &Subject<'_>) -> Worksheet {
    Worksheet {
        id: "policies",
        title: text("影響度が大きいリスクに対処するための対策方針", "Policies"),
        purpose: text(
            "目標を超えるステークホルダーごとに、対処の方向を決めます。",
            "Set a direction for each stakeholder outside the target.",
        ),
        from: text("マッピング結果", "Risk map"),
        to: text("実際に講じる対策（〇の付いた対策要件）", "Plan (requirements that a policy calls for)"),
        columns: vec![
            column("番号", "No.", 8),
            column("ステークホルダー", "Stakeholder", 26),
            column("軸", "Axis", 26),
            column("対策方針", "Policy", 54),
            column("対策要件", "Requirements", 60),
        ],
        rows: subject
            .assessment
            .policies
            .iter()
            .enumerate()
            .map(|(n, policy)| Row {
                key: format!("{}/{}", policy.stakeholder, policy.policy),
                cells: vec![
                    Cell::new(Text::same((n + 1).to_string())),
                    Cell::new(subject.stakeholder(&policy.stakeholder)),
                    Cell::new(policy.axis.name()),
                    Cell::new(policy.text.clone()).why(vec![policy.why.text.clone()]),
                    Cell::lines(policy.requirements.iter().map(|id| subject.requirement(id)).collect()),
                ],
            })
            .collect(),
    }
}

pub(super) fn threats(subject: &Subject<'_>) -> Worksheet {
    let row = |threat: &Threat| {
        let state = match (&threat.decided, threat.above_cut) {
            (Some(decided), _) if decided.verdict == Verdict::Reject => text("却下", "rejected"),
            (Some(_), _) => text("承認", "accepted"),
            (None, true) => text("検討する", "looked at"),
            (None, false) => text("足切り未満", "below the cut"),
        };
        let tone = if threat.above_cut { Tone::Plain } else { Tone::Faint };
        let why = threat.rules.iter().map(|rule| rule.text.clone()).collect();
        Row {
            key: format!("{}/{}", threat.asset, threat.threat),
            cells: vec![
                Cell::new(subject.asset(&threat.asset)).tone(tone),
                Cell::new(Text::same(threat.rank.to_string())),
                Cell::new(subject.threat(&threat.threat)),
                Cell::new(threat.incident.clone()).why(why),
                Cell::new(Text::same(format!("{:.2}", threat.risk))),
                Cell::new(state).tone(tone),
            ],
        }
    };
    Worksheet {
        id: "threats",
        title: text("想定される脅威", "Threats"),
        purpose: text(
            "機器ごとに起こりうる脅威を、根拠の強い順に並べます。",
            "Rank the threats to each asset by how strongly the facts speak for them.",
        ),
        from: text("機器とその事実、脅威の規則", "Assets and their facts, threat rules"),
        to: text("実装が想定される対策要件", "Candidate requirements"),
        columns: vec![
            column("機器", "Asset", 26),
            column("順位", "Rank", 8),
            column("脅威", "Threat", 24),
            column("想定されるインシデント", "Incident", 64),
            column("リスク", "Risk", 8),
            column("状態", "State", 14),
        ],
        rows: subject.assessment.threats.iter().map(row).collect(),
    }
}

fn viewpoint_name(viewpoint: u8) -> Text {
    match viewpoint {
        1 => text("第1の観点 運用前", "1 before operation"),
        2 => text("第2の観点 運用中", "2 in operation"),
        3 => text("第3の観点 運用者の能力", "3 competence of operators"),
        _ => text("第4の観点 社会的サポート", "4 social support"),
    }
}

pub(super) fn mark(priority: bool) -> Cell {
    if priority { Cell::new(text("〇", "yes")).tone(Tone::Priority) } else { Cell::default() }
}

pub(super) fn candidates(subject: &Subject<'_>) -> Worksheet {
    Worksheet {
        id: "candidates",
        title: text("実装が想定される対策要件", "Candidate requirements"),
        purpose: text(
            "脅威と事実から求められる対策要件と、その実施主体を示します。",
            "Show which requirements the threats and facts call for, and who implements them.",
        ),
        from: text("想定される脅威、添付Aの対策要件", "Threats, the requirements of annex A"),
        to: text("実際に講じる対策", "Plan"),
        columns: vec![
            column("観点", "Viewpoint", 22),
            column("実装先", "Target", 18),
            column("脅威", "Threats", 34),
            column("対策要件", "Requirement", 48),
            column("〇", "First", 7),
            column("実施主体", "Implementer", 30),
            column("対象の機器", "Assets", 40),
        ],
        rows: subject
            .assessment
            .candidates
            .iter()
            .map(|row| {
                let threats: Vec<Text> = row.threats.iter().map(|id| subject.threat(id)).collect();
                let threats = if threats.is_empty() { text("全般", "general") } else { join(&threats) };
                let mut who = vec![subject.stakeholder(&row.implementer)];
                who.extend(row.also.iter().map(|id| subject.stakeholder(id)));
                let mut assets = vec![if row.assets.is_empty() {
                    text("システム全体", "whole system")
                } else {
                    join(&row.assets.iter().map(|id| subject.asset(id)).collect::<Vec<_>>())
                }];
                assets.extend(row.stand_ins.iter().map(|(asset, by)| {
                    let (asset, by) = (subject.asset(asset), subject.asset(by));
                    text(
                        format!("{}は{}で守る", asset.get(Lang::Ja), by.get(Lang::Ja)),
                        format!("{} is protected by {}", asset.get(Lang::En), by.get(Lang::En)),
                    )
                }));
                let title = Cell::new(subject.requirement(&row.requirement))
                    .tone(if row.rejected() { Tone::Faint } else { Tone::Plain })
                    .why(row.why.iter().map(|why| why.text.clone()).collect());
                Row {
                    key: row.requirement.to_string(),
                    cells: vec![
                        Cell::new(viewpoint_name(row.viewpoint)),
                        Cell::new(row.target.name()),
                        Cell::new(threats),
                        title,
                        mark(row.priority),
                        Cell::new(join(&who)),
                        Cell::lines(assets),
                    ],
                }
            })
            .collect(),
    }
}

pub(super) fn priority_assets(subject: &Subject<'_>) -> Worksheet {
    Worksheet {
        id: "priority-assets",
        title: text("優先して対策する機器", "Assets to begin with"),
        purpose: text(
            "限られた手間を、どの機器から使うかを決めます。",
            "Decide where limited effort goes first.",
        ),
        from: text("機器とその事実、リスクの評価", "Assets and their facts, ratings"),
        to: text("実際に講じる対策", "Plan"),
        columns: vec![
            column("機器", "Asset", 30),
            column("理由", "Because of", 20),
            column("根拠", "Why", 80),
        ],
        rows: subject
            .assessment
            .priority_assets
            .iter()
            .map(|row| {
                let because = match row.because {
                    Because::Harm => text("影響の大きさ", "large harm"),
                    Because::Likelihood => text("起こりやすさ", "high likelihood"),
                };
                Row {
                    key: format!("{}/{}", row.because.as_str(), row.asset),
                    cells: vec![
                        Cell::new(subject.asset(&row.asset)),
                        Cell::new(because),
                        Cell::lines(row.why.iter().map(|why| why.text.clone()).collect()),
                    ],
                }
            })
            .collect(),
    }
}

pub(super) fn plan(subject: &Subject<'_>) -> Worksheet {
    let catalog = subject.system.catalog;
    let rows = subject
        .assessment
        .plan
        .iter()
        .map(|item| {
            let requirement = catalog.requirements.get(&item.requirement);
            let numbers: Vec<String> = item.policies.iter().map(|n| (n + 1).to_string()).collect();
            let mut policies: Vec<&Text> =
                item.policies.iter().map(|&n| &subject.assessment.policies[n].text).collect();
            policies.dedup();
            let measures: Vec<Text> = item
                .measures
                .iter()
                .filter_map(|id| catalog.measures.get(id))
                .map(|measure| {
                    let effort = match measure.effort {
                        Effort::Small => text("小", "small"),
                        Effort::Medium => text("中", "medium"),
                        Effort::Large => text("大", "large"),
                    };
                    text(
                        format!("{}（手間: {}）", measure.name.get(Lang::Ja), effort.get(Lang::Ja)),
                        format!("{} (effort: {})", measure.name.get(Lang::En), effort.get(Lang::En)),
                    )
                })
                .collect();
            let cautions: Vec<Text> =
                item.measures.iter().filter_map(|id| catalog.measures.get(id)?.caution.clone()).collect();
            let status: Vec<Text> = item
                .taken
                .iter()
                .map(|(id, status)| {
                    let word = match status {
                        Status::InPlace => text("実施済み", "in place"),
                        Status::Planned => text("予定", "planned"),
                        Status::Refused => text("見送り", "refused"),
                    };
                    labelled(id.as_str(), id.as_str(), &word)
                })
                .collect();
            Row {
                key: format!("{}/{}", item.requirement, item.implementer),
                cells: vec![
                    Cell::new(subject.stakeholder(&item.implementer)),
                    requirement.map_or_else(Cell::default, |r| Cell::new(viewpoint_name(r.viewpoint))),
                    // The column of the mark is too narrow for its reasons.
                    Cell::new(subject.requirement(&item.requirement))
                        .why(policies.into_iter().cloned().collect()),
                    mark(item.priority),
                    Cell::new(Text::same(numbers.join(", "))),
                    Cell::lines(measures).why(cautions),
                    Cell::lines(status),
                ],
            }
        })
        .collect();
    Worksheet {
        id: "plan",
        title: text("実際に講じる対策", "Plan"),
        purpose: text(
            "誰がどの対策要件に、どの具体的な対策で応えるかを決めます。",
            "Decide who meets which requirement with which concrete measures.",
        ),
        from: text(
            "実装が想定される対策要件、対策方針、添付Bの対策",
            "Candidates, policies, the measures of annex B",
        ),
        to: text("発注・契約、開発、運用の計画", "Orders and contracts, development, operation"),
        columns: vec![
            column("実施主体", "Implementer", 26),
            column("観点", "Viewpoint", 20),
            column("対策要件", "Requirement", 44),
            column("〇", "First", 7),
            column("方針の番号", "Policies", 10),
            column("対策の候補（手間の小さい順）", "Possible measures (least effort first)", 70),
            column("状況", "Status", 24),
        ],
        rows,
    }
}
