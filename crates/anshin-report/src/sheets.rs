//! What stands in each worksheet of the framework.
//!
//! Source of the procedure and of the worksheets: IoT-SSF use cases, 2-2.

use anshin_assess::{Profile, Rating, Threat};
use anshin_catalog::{Axis, Because, Effort, Factor};
use anshin_model::document::{Criticality, Harm, Role, Setting, Stage, Status, Verdict};
use anshin_model::{Id, Lang, Text};

use crate::subject::Subject;
use crate::worksheet::{Cell, Column, Row, Tone, Worksheet};

/// All worksheets of a system, in the order of the framework's procedure.
pub fn worksheets(subject: &Subject<'_>) -> Vec<Worksheet> {
    vec![
        overview(subject),
        stakeholders(subject),
        assets(subject),
        flows(subject),
        criteria(subject),
        incidents(subject),
        ratings(subject),
        mapping(subject),
        policies(subject),
        threats(subject),
        candidates(subject),
        priority_assets(subject),
        plan(subject),
        decisions(subject),
        open(subject),
    ]
}

fn text(ja: impl Into<String>, en: impl Into<String>) -> Text {
    Text::new(ja.into(), en.into())
}

fn column(ja: &str, en: &str, width: u16) -> Column {
    Column { title: text(ja, en), width }
}

/// Texts joined as a list in each language.
fn join<'t>(texts: impl IntoIterator<Item = &'t Text>) -> Text {
    let texts: Vec<&Text> = texts.into_iter().collect();
    let all = |lang, with: &str| texts.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(with);
    text(all(Lang::Ja, "、"), all(Lang::En, ", "))
}

/// A word before a text: `製造: 製造元`.
fn labelled(ja: &str, en: &str, value: &Text) -> Text {
    text(format!("{ja}: {}", value.get(Lang::Ja)), format!("{en}: {}", value.get(Lang::En)))
}

fn overview(subject: &Subject<'_>) -> Worksheet {
    let system = &subject.system.document.system;
    let purpose = &system.purpose;
    let setting = match system.setting {
        Setting::Household => text("個人・家庭", "private persons at home"),
        Setting::Business => text("事業者", "organizations at work"),
        Setting::Public => text("公共空間", "anybody in public space"),
    };
    let criticality = match system.criticality {
        Criticality::Ordinary => text("利用者自身", "its own users"),
        Criticality::SupplyChain => text("サプライチェーン", "a supply chain"),
        Criticality::CriticalInfrastructure => {
            text("重要インフラ、又は周辺地域", "critical infrastructure or the surroundings")
        }
    };
    let stage = match system.stage {
        Stage::Planning => text("企画・設計", "planning"),
        Stage::Development => text("開発", "development"),
        Stage::Operation => text("運用中", "in operation"),
    };
    let rows = [
        ("name", text("対象機器・システム", "System"), Some(system.name.clone())),
        ("why", text("Why（目的・価値）", "Why (value)"), purpose.why.clone()),
        ("who", text("Who（利用者）", "Who (users)"), purpose.who.clone()),
        ("what", text("What（すること）", "What (it does)"), purpose.what.clone()),
        ("when", text("When（時期）", "When"), purpose.when.clone()),
        ("where", text("Where（場所）", "Where"), purpose.r#where.clone()),
        ("how", text("How（仕組み）", "How (it works)"), purpose.how.clone()),
        ("setting", text("利用者の区分", "Used by"), Some(setting)),
        ("criticality", text("止まると困る範囲", "Who depends on it"), Some(criticality)),
        ("stage", text("ライフサイクルの段階", "Stage"), Some(stage)),
    ];
    Worksheet {
        id: "overview",
        title: text("対象機器・システムの概要", "Overview of the system"),
        purpose: text(
            "何を評価の対象とするかを、関係者の間でそろえます。",
            "Agree among all involved on what is assessed.",
        ),
        from: text("企画書、製品やシステムの説明", "Product or system descriptions"),
        to: text("以降のすべてのワークシート", "All further worksheets"),
        columns: vec![column("項目", "Item", 24), column("内容", "Content", 90)],
        rows: rows
            .into_iter()
            .map(|(key, label, value)| Row {
                key: key.to_owned(),
                cells: vec![Cell::new(label), value.map_or_else(Cell::default, Cell::new)],
            })
            .collect(),
    }
}

fn role_name(role: Role) -> Text {
    match role {
        Role::Developer => text("IoTサービス開発者", "IoT service developer"),
        Role::Provider => text("IoTサービス提供者", "IoT service provider"),
        Role::User => text("IoT利用者", "IoT user"),
        Role::ThirdParty => text("周辺の第三者", "third party nearby"),
    }
}

fn stakeholders(subject: &Subject<'_>) -> Worksheet {
    let document = subject.system.document;
    let parts = |n: usize| -> Vec<Text> {
        let of = |which: fn(&Profile<'_>) -> Option<usize>| -> Vec<&Text> {
            let all = document.assets.iter().zip(&subject.system.profiles);
            all.filter(|(_, profile)| which(profile) == Some(n)).map(|(asset, _)| &asset.name).collect()
        };
        [
            ("製造", "makes", of(|p| p.maker)),
            ("運用", "operates", of(|p| p.operator)),
            ("保守", "maintains", of(|p| p.maintainer)),
            ("更新の提供", "delivers updates of", of(|p| p.updater)),
        ]
        .into_iter()
        .filter(|(_, _, names)| !names.is_empty())
        .map(|(ja, en, names)| labelled(ja, en, &join(names)))
        .collect()
    };
    Worksheet {
        id: "stakeholders",
        title: text("ステークホルダー", "Stakeholders"),
        purpose: text(
            "誰がどの立場で関わり、止まると何に困るかを明らかにします。",
            "Make clear who is involved, in which role, and what suffers when the system stands still.",
        ),
        from: text("対象機器・システムの概要、契約や役割分担", "Overview, contracts and division of work"),
        to: text("リスクの評価、対策要件の実施主体", "Ratings, implementers of requirements"),
        columns: vec![
            column("ステークホルダー", "Stakeholder", 28),
            column("役割", "Role", 22),
            column("適用主体", "Lead", 10),
            column("担うこと", "What it does", 60),
        ],
        rows: document
            .stakeholders
            .iter()
            .enumerate()
            .map(|(n, who)| Row {
                key: who.id.to_string(),
                cells: vec![
                    Cell::new(who.name.clone()),
                    Cell::new(role_name(who.role)),
                    if who.lead {
                        Cell::new(text("〇", "yes")).tone(Tone::Priority)
                    } else {
                        Cell::default()
                    },
                    Cell::lines(parts(n)),
                ],
            })
            .collect(),
    }
}

fn harm_name(harm: Harm) -> Text {
    match harm {
        Harm::MinorInjury => text("軽傷", "minor injury"),
        Harm::SeriousInjury => text("重傷", "serious injury"),
        Harm::Death => text("死亡", "death"),
    }
}

fn assets(subject: &Subject<'_>) -> Worksheet {
    let system = subject.system;
    let rows = system
        .document
        .assets
        .iter()
        .zip(&system.profiles)
        .map(|(asset, profile)| {
            let kind = system.catalog.asset_kinds.get(&asset.kind);
            let traits: Vec<Text> = profile
                .traits
                .iter()
                .filter_map(|id| system.catalog.traits.get(id).map(|entry| entry.name.clone()))
                .collect();
            let stores: Vec<Text> = asset.stores.iter().map(|id| subject.data(id)).collect();
            let dangers: Vec<Text> = profile
                .dangers
                .iter()
                .map(|danger| {
                    let hazard = system.catalog.hazards.get(danger.kind);
                    let name = hazard.map_or_else(|| Text::same(danger.kind.as_str()), |h| h.name.clone());
                    let worst = danger.worst.map_or_else(|| text("なし", "none"), harm_name);
                    let guard = danger.safeguard.and_then(|id| system.catalog.safeguards.get(id));
                    let guard = guard.map_or_else(Text::default, |g| {
                        text(
                            format!("、{}により軽減", g.name.get(Lang::Ja)),
                            format!(", lowered by {}", g.name.get(Lang::En)),
                        )
                    });
                    text(
                        format!("{}（{}{}）", name.get(Lang::Ja), worst.get(Lang::Ja), guard.get(Lang::Ja)),
                        format!("{} ({}{})", name.get(Lang::En), worst.get(Lang::En), guard.get(Lang::En)),
                    )
                })
                .collect();
            let name = Cell::new(asset.name.clone());
            Row {
                key: asset.id.to_string(),
                cells: vec![
                    if profile.in_scope { name } else { name.tone(Tone::Faint) },
                    kind.map_or_else(Cell::default, |kind| Cell::new(kind.name.clone())),
                    asset.zone.as_ref().map_or_else(Cell::default, |zone| Cell::new(subject.zone(zone))),
                    Cell::new(join(&stores)),
                    Cell::new(join(&traits)),
                    Cell::lines(dangers),
                ],
            }
        })
        .collect();
    Worksheet {
        id: "assets",
        title: text("システムを構成する機器", "Assets"),
        purpose: text(
            "守るべき機器と、その置き場所、扱うデータ、人に与えうる危害を一覧にします。",
            "List what is to be protected: where it stands, which data it keeps and how it can hurt people.",
        ),
        from: text("システム構成図、機器の仕様", "System diagram, specifications"),
        to: text("想定される脅威、リスクの評価", "Threats, ratings"),
        columns: vec![
            column("機器", "Asset", 26),
            column("種類", "Kind", 22),
            column("設置場所・ネットワーク", "Place or network", 22),
            column("保存するデータ", "Stored data", 26),
            column("性質", "Traits", 40),
            column("人への危害", "Harm to people", 30),
        ],
        rows,
    }
}

fn flows(subject: &Subject<'_>) -> Worksheet {
    let document = subject.system.document;
    let mut rows = Vec::new();
    for flow in &document.flows {
        let name = flow.name.clone().unwrap_or_else(|| Text::same(flow.id.as_str()));
        for (n, step) in flow.steps.iter().enumerate() {
            let Some(link) = document.links.iter().find(|link| link.id() == step.link) else { continue };
            let carries: Vec<Text> = link.carries.iter().map(|id| subject.data(id)).collect();
            let medium = link.over.as_ref().and_then(|over| subject.system.catalog.media.get(over));
            let mut ends = vec![subject.asset(&link.from)];
            ends.extend(link.through.iter().map(|id| subject.asset(id)));
            ends.push(subject.asset(&link.to));
            let arrow = |lang| ends.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(" → ");
            rows.push(Row {
                key: format!("{}/{}", flow.id, n + 1),
                cells: vec![
                    Cell::new(name.clone()),
                    Cell::new(Text::same((n + 1).to_string())),
                    Cell::new(text(arrow(Lang::Ja), arrow(Lang::En))),
                    step.does.clone().map_or_else(Cell::default, Cell::new),
                    Cell::new(join(&carries)),
                    medium.map_or_else(Cell::default, |medium| Cell::new(medium.name.clone())),
                ],
            });
        }
    }
    Worksheet {
        id: "flows",
        title: text("データフロー", "Data flows"),
        purpose: text(
            "どのデータがどの経路を通るかを、手順ごとに示します。",
            "Show step by step which data takes which way.",
        ),
        from: text("システム構成図", "System diagram"),
        to: text("想定される脅威、インシデント", "Threats, incidents"),
        columns: vec![
            column("データフロー", "Flow", 24),
            column("手順", "Step", 8),
            column("経路", "Way", 44),
            column("内容", "What happens", 40),
            column("データ", "Data", 26),
            column("媒体", "Medium", 18),
        ],
        rows,
    }
}

fn criteria(subject: &Subject<'_>) -> Worksheet {
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
fn results(subject: &Subject<'_>, n: usize) -> Vec<Text> {
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
    lines
}

fn incidents(subject: &Subject<'_>) -> Worksheet {
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
                    Cell::lines(results(subject, n)),
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

fn recovery_cell(rating: &Rating) -> Cell {
    let gravest = rating.recovery == anshin_model::document::Recovery::Critical;
    Cell::new(rating.recovery.name()).tone(level_tone(rating.recovery_within, gravest))
}

fn economic_cell(rating: &Rating) -> Cell {
    let gravest = rating.economic == anshin_model::document::Economic::Catastrophic;
    Cell::new(rating.economic.name()).tone(level_tone(rating.economic_within, gravest))
}

/// The name of what is rated: a part, or the whole system.
fn part_name(subject: &Subject<'_>, id: &Id) -> Text {
    let document = subject.system.document;
    let part = document.subsystems.iter().find(|part| part.id == *id);
    part.map_or_else(|| document.system.name.clone(), |part| part.name.clone())
}

fn ratings(subject: &Subject<'_>) -> Worksheet {
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
        let facts = reasons()
            .map(|why| {
                let facts = why.reason.facts.iter().map(Id::as_str).collect::<Vec<_>>().join(", ");
                Text::same(format!("[{}] {facts}", why.reason.rule))
            })
            .collect();
        Cell::lines(lines).why(facts)
    };
    let mut columns =
        vec![column("ステークホルダー", "Stakeholder", 24), column("対象", "What is rated", 24)];
    columns.extend(factors[..2].iter().map(|factor| Column { title: factor.name(), width: 32 }));
    columns.push(Column { title: Axis::Recovery.name(), width: 20 });
    columns.extend(factors[2..].iter().map(|factor| Column { title: factor.name(), width: 32 }));
    columns.push(Column { title: Axis::Economic.name(), width: 20 });
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

fn mapping(subject: &Subject<'_>) -> Worksheet {
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
            Column { title: Axis::Recovery.name(), width: 24 },
            Column { title: Axis::Economic.name(), width: 24 },
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

fn policies(subject: &Subject<'_>) -> Worksheet {
    Worksheet {
        id: "policies",
        title: text("影響度が大きいリスクに対処するための対策方針", "Policies"),
        purpose: text(
            "目標を超えるステークホルダーごとに、対処の方向を決めます。",
            "Set a direction for each stakeholder outside the target.",
        ),
        from: text("マッピング結果", "Risk map"),
        to: text("実際に講じる対策（〇の付いた対策要件）", "Plan (requirements marked 〇)"),
        columns: vec![
            column("ステークホルダー", "Stakeholder", 26),
            column("軸", "Axis", 26),
            column("対策方針", "Policy", 54),
            column("対策要件", "Requirements", 60),
        ],
        rows: subject
            .assessment
            .policies
            .iter()
            .map(|policy| Row {
                key: format!("{}/{}", policy.stakeholder, policy.policy),
                cells: vec![
                    Cell::new(subject.stakeholder(&policy.stakeholder)),
                    Cell::new(policy.axis.name()),
                    Cell::new(policy.text.clone()).why(vec![policy.why.text.clone()]),
                    Cell::lines(policy.requirements.iter().map(|id| subject.requirement(id)).collect()),
                ],
            })
            .collect(),
    }
}

fn threats(subject: &Subject<'_>) -> Worksheet {
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

fn mark(priority: bool) -> Cell {
    if priority { Cell::new(Text::same("〇")).tone(Tone::Priority) } else { Cell::default() }
}

fn candidates(subject: &Subject<'_>) -> Worksheet {
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
            column("〇", "〇", 6),
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

fn priority_assets(subject: &Subject<'_>) -> Worksheet {
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

fn plan(subject: &Subject<'_>) -> Worksheet {
    let catalog = subject.system.catalog;
    let rows = subject
        .assessment
        .plan
        .iter()
        .map(|item| {
            let requirement = catalog.requirements.get(&item.requirement);
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
                    Cell::new(subject.requirement(&item.requirement)),
                    mark(item.priority).why(policies.into_iter().cloned().collect()),
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
            column("〇", "〇", 6),
            column("対策の候補（手間の小さい順）", "Possible measures (least effort first)", 70),
            column("状況", "Status", 24),
        ],
        rows,
    }
}

fn decisions(subject: &Subject<'_>) -> Worksheet {
    let rows = subject
        .system
        .document
        .decisions
        .iter()
        .enumerate()
        .map(|(n, decision)| {
            let verdict = match decision.decide {
                Verdict::Accept => text("承認", "accept"),
                Verdict::Reject => text("却下", "reject"),
                Verdict::Override => text("変更", "override"),
            };
            let value = decision.value.as_ref().map(|value| Text::same(value.as_str()));
            let stale = subject.assessment.stale.iter().find(|stale| stale.decision == n);
            Row {
                key: decision.subject.to_string(),
                cells: vec![
                    Cell::new(Text::same(decision.subject.as_str())),
                    Cell::lines(std::iter::once(verdict).chain(value).collect()),
                    Cell::new(decision.reason.clone()),
                    Cell::new(Text::same(decision.by.clone())),
                    decision
                        .date
                        .as_ref()
                        .map_or_else(Cell::default, |date| Cell::new(Text::same(date.clone()))),
                    stale.map_or_else(
                        || Cell::new(text("有効", "in force")).tone(Tone::Good),
                        |stale| Cell::new(stale.why.clone()).tone(Tone::Serious),
                    ),
                ],
            }
        })
        .collect();
    Worksheet {
        id: "decisions",
        title: text("決定の記録", "Decisions"),
        purpose: text(
            "提案を誰がなぜ承認、却下、変更したかを残します。",
            "Keep who accepted, rejected or changed which proposal, and why.",
        ),
        from: text("すべての提案", "All proposals"),
        to: text("次回の見直し", "The next review"),
        columns: vec![
            column("対象の提案", "Proposal", 40),
            column("決定", "Decision", 16),
            column("理由", "Reason", 50),
            column("決めた人", "By", 18),
            column("日付", "Date", 14),
            column("状態", "State", 40),
        ],
        rows,
    }
}

fn open(subject: &Subject<'_>) -> Worksheet {
    let mut rows = Vec::new();
    let mut add = |key: String, what: Text, detail: Text, tone: Tone| {
        rows.push(Row { key, cells: vec![Cell::new(what).tone(tone), Cell::new(detail)] });
    };
    for rating in subject.assessment.ratings.iter().filter(|rating| !rating.within()) {
        let who = subject.stakeholder(&rating.stakeholder);
        let (recovery, economic) = (rating.recovery.name(), rating.economic.name());
        add(
            format!("outside/{}/{}", rating.stakeholder, rating.system),
            text("目標外のステークホルダー", "stakeholder outside the target"),
            text(
                format!("{}: {}、{}", who.get(Lang::Ja), recovery.get(Lang::Ja), economic.get(Lang::Ja)),
                format!(
                    "{}: recovery {}, economic {}",
                    who.get(Lang::En),
                    recovery.get(Lang::En),
                    economic.get(Lang::En)
                ),
            ),
            Tone::Serious,
        );
    }
    let undone = |status: &Status| *status != Status::Refused;
    for item in subject.assessment.plan.iter().filter(|item| item.priority) {
        if !item.taken.iter().any(|(_, status)| undone(status)) {
            let (who, what) =
                (subject.stakeholder(&item.implementer), subject.requirement(&item.requirement));
            add(
                format!("measure/{}/{}", item.requirement, item.implementer),
                text("対策が決まっていない〇の対策要件", "requirement marked 〇 without a measure"),
                text(
                    format!("{}（{}）", what.get(Lang::Ja), who.get(Lang::Ja)),
                    format!("{} ({})", what.get(Lang::En), who.get(Lang::En)),
                ),
                Tone::Plain,
            );
        }
    }
    for stale in &subject.assessment.stale {
        add(
            format!("stale/{}", stale.decision),
            text("見直しが必要な決定", "decision to look at again"),
            stale.why.clone(),
            Tone::Serious,
        );
    }
    Worksheet {
        id: "open",
        title: text("残っていること", "What is open"),
        purpose: text(
            "まだ決まっていないこと、目標に届いていないことをまとめます。",
            "Gather what is undecided or not yet within the target.",
        ),
        from: text("すべてのワークシート", "All worksheets"),
        to: text("次の打合せ、次回の見直し", "The next meeting, the next review"),
        columns: vec![column("種類", "Kind", 36), column("内容", "What", 90)],
        rows,
    }
}
