//! What is assessed: the system, who has to do with it, its assets and data flows.

use anshin_assess::Profile;
use anshin_model::document::{Criticality, Role, Setting, Stage};
use anshin_model::{Lang, Text};

use super::{column, harm_name, join, labelled, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Row, Tone, Worksheet};

pub(super) fn overview(subject: &Subject<'_>) -> Worksheet {
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
    let stage = match system.stage() {
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

pub(super) fn role_name(role: Role) -> Text {
    match role {
        Role::Developer => text("IoTサービス開発者", "IoT service developer"),
        Role::Provider => text("IoTサービス提供者", "IoT service provider"),
        Role::User => text("IoT利用者", "IoT user"),
        Role::ThirdParty => text("周辺の第三者", "third party nearby"),
    }
}

/// What a stakeholder makes, operates, maintains and delivers updates of.
pub(super) fn parts(subject: &Subject<'_>, n: usize) -> Vec<Text> {
    let assets = &subject.system.document.assets;
    let of = |which: fn(&Profile<'_>) -> Option<usize>| -> Vec<&Text> {
        let all = assets.iter().zip(&subject.system.profiles);
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
}

pub(super) fn stakeholders(subject: &Subject<'_>) -> Worksheet {
    let document = subject.system.document;
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
                    Cell::lines(parts(subject, n)),
                ],
            })
            .collect(),
    }
}

pub(super) fn assets(subject: &Subject<'_>) -> Worksheet {
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
                    kind.map_or_else(Cell::default, |kind| Cell::new(kind.about.clone())),
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
            column("どんなものか", "What it is", 36),
            column("設置場所・ネットワーク", "Place or network", 22),
            column("保存するデータ", "Stored data", 26),
            column("性質", "Traits", 40),
            column("人への危害", "Harm to people", 30),
        ],
        rows,
    }
}

pub(super) fn flows(subject: &Subject<'_>) -> Worksheet {
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
