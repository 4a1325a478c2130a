//! How large the risks are: criteria, incidents, ratings and the risk map.

use anshin_assess::{Rating, Threat};
use anshin_catalog::{Axis, Consequence, Factor, facts};
use anshin_model::{Id, Lang, Text};

use super::{column, harm_name, join, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Column, Row, Tone, Worksheet};

pub(super) fn criteria(subject: &Subject<'_>) -> Worksheet {
    let targets = subject.system.document.targets;
    let mut rows = Vec::new();
    for (id, entry) in &subject.system.catalog.rubric {
        let level = entry
            .recovery()
            .map(|l| (l.name(), l <= targets.recovery))
            .or_else(|| entry.economic().map(|l| (l.name(), l <= targets.economic)));
        let Some((level, inside)) = level else { continue };
        rows.push(Row {
            key: id.to_string(),
            cells: vec![
                Cell::new(entry.axis.name()),
                Cell::new(level).tone(if inside { Tone::Good } else { Tone::Serious }),
                Cell::new(entry.factor.name()),
                Cell::new(entry.why.clone()),
                Cell::new(entry.example.clone()),
                Cell::new(if inside {
                    text("目標内", "within the target")
                } else {
                    text("目標外", "outside the target")
                }),
            ],
        });
    }
    Worksheet {
        id: "criteria",
        title: text("リスク基準", "Risk criteria"),
        purpose: text(
            "2つの軸の水準をどう判断するかと、どこまでを受け入れるかを先に決めます。",
            "Settle beforehand how levels are judged on the two axes and how much is accepted.",
        ),
        from: text("適用主体の方針、知識カタログの判断基準", "The lead's policy, the catalog's rubric"),
        to: text("リスクの評価、マッピング結果", "Ratings, risk map"),
        columns: vec![
            column("軸", "Axis", 26),
            column("水準", "Level", 20),
            column("観点", "Factor", 22),
            column("判断の考え方", "Meaning", 50),
            column("例", "Example", 50),
            column("目標", "Target", 14),
        ],
        rows,
    }
}

/// What an incident at an asset can lead to: harm, leak or standstill.
/// What an incident on an asset does to whom; in general words where no harm and no leak is known.
fn results(subject: &Subject<'_>, n: usize, threat: &Threat) -> Vec<Text> {
    let system = subject.system;
    let mut lines = Vec::new();
    for danger in &system.profiles[n].dangers {
        let Some(worst) = danger.worst else { continue };
        let whom: Vec<Text> = danger.to.iter().map(|&who| system.stakeholder(who).name.clone()).collect();
        let hazard = system.catalog.hazards.get(danger.kind).map_or_else(Text::default, |h| h.name.clone());
        let (whom, worst) = (join(&whom), harm_name(worst));
        lines.push(text(
            format!(
                "{}に{}による{}のおそれがある。",
                whom.get(Lang::Ja),
                hazard.get(Lang::Ja),
                worst.get(Lang::Ja)
            ),
            format!(
                "{}: {} to {} is possible.",
                hazard.get(Lang::En),
                worst.get(Lang::En),
                whom.get(Lang::En)
            ),
        ));
    }
    for id in &system.document.assets[n].stores {
        let Some(&data) = system.data.get(id.as_str()) else { continue };
        let subjects: Vec<Text> =
            system.document.data[data].subject.iter().map(|who| subject.stakeholder(who)).collect();
        if !subjects.is_empty() {
            let (whose, name) = (join(&subjects), subject.data(id));
            lines.push(text(
                format!("{}の{}が漏えいするおそれがある。", whose.get(Lang::Ja), name.get(Lang::Ja)),
                format!("{} of {} may leak.", name.get(Lang::En), whose.get(Lang::En)),
            ));
        }
    }
    if lines.is_empty() {
        let leads_to = system.catalog.threats.get(&threat.threat).map(|threat| threat.leads_to.as_slice());
        // Nobody is hurt by this asset itself, and it keeps nobody's data.
        let stores = !system.document.assets[n].stores.is_empty();
        let known = |consequence: &&Consequence| match consequence {
            Consequence::Harm => false,
            Consequence::Leak => stores,
            Consequence::Stop | Consequence::Recall => true,
        };
        lines.extend(leads_to.unwrap_or_default().iter().filter(known).map(|consequence| {
            let name = consequence.name();
            text(
                format!("{}のおそれがある。", name.get(Lang::Ja)),
                format!("{} is possible.", name.get(Lang::En)),
            )
        }));
    }
    lines
}

pub(super) fn incidents(subject: &Subject<'_>) -> Worksheet {
    let mut rows = Vec::new();
    for threats in subject.assessment.threats.chunk_by(|a, b| a.asset == b.asset) {
        // The gravest of each asset, and those that the user thinks of.
        for threat in threats.iter().filter(|t| t.above_cut && (t.rank == 1 || is_own(t))) {
            let Some(&n) = subject.system.assets.get(threat.asset.as_str()) else { continue };
            rows.push(Row {
                key: format!("{}/{}", threat.asset, threat.threat),
                cells: vec![
                    Cell::new(subject.asset(&threat.asset)),
                    Cell::new(threat.incident.clone()),
                    Cell::lines(results(subject, n, threat)),
                    Cell::new(subject.threat(&threat.threat)),
                ],
            });
        }
    }
    Worksheet {
        id: "incidents",
        title: text("想定されるセキュリティインシデントと結果", "Incidents and their results"),
        purpose: text(
            "何が起こりえて、誰に何が及ぶかを具体的に描きます。",
            "Describe what can happen and what it does to whom.",
        ),
        from: text("機器、データフロー、想定される脅威", "Assets, data flows, threats"),
        to: text("リスクの評価", "Ratings"),
        columns: vec![
            column("機器", "Asset", 26),
            column("インシデント", "Incident", 56),
            column("結果", "Result", 50),
            column("脅威", "Threat", 24),
        ],
        rows,
    }
}

fn is_own(threat: &Threat) -> bool {
    threat.rules.first().is_some_and(|rule| rule.facts.iter().any(|fact| *fact == "incident"))
}

fn level_tone(within: bool, gravest: bool) -> Tone {
    match (within, gravest) {
        (true, _) => Tone::Good,
        (false, false) => Tone::Serious,
        (false, true) => Tone::Grave,
    }
}

pub(super) fn recovery_cell(rating: &Rating) -> Cell {
    let gravest = rating.recovery == anshin_model::document::Recovery::Critical;
    Cell::new(rating.recovery.name()).tone(level_tone(rating.recovery_within, gravest))
}

pub(super) fn economic_cell(rating: &Rating) -> Cell {
    let gravest = rating.economic == anshin_model::document::Economic::Catastrophic;
    Cell::new(rating.economic.name()).tone(level_tone(rating.economic_within, gravest))
}

/// The name of what is rated: a part, or the whole system.
pub(super) fn part_name(subject: &Subject<'_>, id: &Id) -> Text {
    let document = subject.system.document;
    let part = document.subsystems.iter().find(|part| part.id == *id);
    part.map_or_else(|| document.system.name.clone(), |part| part.name.clone())
}

pub(super) fn ratings(subject: &Subject<'_>) -> Worksheet {
    let factors = [
        Factor::Privacy,
        Factor::Safety,
        Factor::DirectInternal,
        Factor::DirectExternal,
        Factor::Duration,
        Factor::Substitutability,
        Factor::Indirect,
    ];
    let cell = |rating: &Rating, factor: Factor| {
        let reasons = || rating.why.iter().filter(move |why| why.factor == factor);
        let lines: Vec<Text> = reasons().map(|why| why.reason.text.clone()).collect();
        let mut facts: Vec<&Id> = reasons().flat_map(|why| &why.reason.facts).collect();
        facts.sort_unstable();
        facts.dedup();
        // Weeks or longer is days or longer as well.
        let times = subject.system.catalog.facts.get("restore").map(|fact| fact.words.as_slice());
        let longest = times.unwrap_or_default().iter().rev().find_map(|time| {
            facts
                .iter()
                .copied()
                .find(|fact| fact.as_str().strip_prefix("restore:") == Some(time.id.as_str()))
        });
        facts.retain(|fact| !fact.as_str().starts_with("restore:") || Some(*fact) == longest);
        let facts = facts.into_iter().map(|fact| facts::name(fact, subject.system.catalog)).collect();
        Cell::lines(lines).why(facts)
    };
    let mut columns =
        vec![column("ステークホルダー", "Stakeholder", 24), column("対象", "What is rated", 24)];
    columns.extend(factors[..2].iter().map(|factor| Column::new(factor.name(), 32)));
    columns.push(Column::new(Axis::Recovery.name(), 20));
    columns.extend(factors[2..].iter().map(|factor| Column::new(factor.name(), 32)));
    columns.push(Column::new(Axis::Economic.name(), 20));
    Worksheet {
        id: "ratings",
        title: text("リスクの評価", "Ratings"),
        purpose: text(
            "ステークホルダーごとに、2つの軸の水準とその根拠を示します。",
            "Give each stakeholder its levels on the two axes, with the grounds for them.",
        ),
        from: text(
            "リスク基準、インシデントと結果、ステークホルダーの事実",
            "Criteria, incidents, facts about stakeholders",
        ),
        to: text("マッピング結果、対策方針", "Risk map, policies"),
        columns,
        rows: subject
            .assessment
            .ratings
            .iter()
            .map(|rating| {
                let mut cells = vec![
                    Cell::new(subject.stakeholder(&rating.stakeholder)),
                    Cell::new(part_name(subject, &rating.system)),
                ];
                cells.extend(factors[..2].iter().map(|factor| cell(rating, *factor)));
                cells.push(recovery_cell(rating));
                cells.extend(factors[2..].iter().map(|factor| cell(rating, *factor)));
                cells.push(economic_cell(rating));
                Row { key: format!("{}/{}", rating.stakeholder, rating.system), cells }
            })
            .collect(),
    }
}

pub(super) fn mapping(subject: &Subject<'_>) -> Worksheet {
    Worksheet {
        id: "map",
        title: text("マッピング結果", "Risk map"),
        purpose: text(
            "目標とするリスクの水準を超えるステークホルダーを見分けます。",
            "Tell which stakeholders are outside the level of risk that is accepted.",
        ),
        from: text("リスクの評価、目標とするリスクの水準", "Ratings, risk target"),
        to: text("対策方針", "Policies"),
        columns: vec![
            column("ステークホルダー", "Stakeholder", 28),
            column("対象", "What is rated", 28),
            Column::new(Axis::Recovery.name(), 24),
            Column::new(Axis::Economic.name(), 24),
            column("目標との比較", "Against the target", 22),
        ],
        rows: subject
            .assessment
            .ratings
            .iter()
            .map(|rating| Row {
                key: format!("{}/{}", rating.stakeholder, rating.system),
                cells: vec![
                    Cell::new(subject.stakeholder(&rating.stakeholder)),
                    Cell::new(part_name(subject, &rating.system)),
                    recovery_cell(rating),
                    economic_cell(rating),
                    if rating.within() {
                        Cell::new(text("目標内", "within the target")).tone(Tone::Good)
                    } else {
                        Cell::new(text("目標外", "outside the target")).tone(Tone::Serious)
                    },
                ],
            })
            .collect(),
    }
}
