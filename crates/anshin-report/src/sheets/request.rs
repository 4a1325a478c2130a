//! Request sheets: what the lead asks of another stakeholder, fit as an annex to an order or a
//! contract.
//!
//! A sheet is made of tables like those of the report, so that every format writes it with what it
//! has for those.

use anshin_assess::PlanItem;
use anshin_catalog::{Requirement, Target};
use anshin_model::document::{Measure, Status};
use anshin_model::{Id, Lang, Text};

use super::risk::{economic_cell, part_name, recovery_cell};
use super::what_is_assessed::{parts, role_name};
use super::what_to_do::mark;
use super::{column, join, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Column, Row, Worksheet};

/// What the lead asks of one stakeholder.
#[derive(Debug, Clone)]
pub struct Request {
    /// The stakeholder that is asked.
    pub stakeholder: Id,
    /// The title.
    pub title: Text,
    /// What the sheet is about: the system.
    pub system: Text,
    /// Who is asked.
    pub to: Text,
    /// Who asks.
    pub from: Text,
    /// What the sheet is for, in paragraphs.
    pub opening: Vec<Text>,
    /// The tables, in the order of reading.
    pub sheets: Vec<Worksheet>,
    /// What both sides sign.
    pub agreement: Agreement,
}

/// What both sides sign.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Its title.
    pub title: Text,
    /// What is agreed.
    pub statement: Text,
    /// Both sides.
    pub parties: [Text; 2],
    /// What each side fills in.
    pub fields: Vec<Text>,
}

/// One request sheet for each stakeholder but the lead, in the order of the document.
pub fn requests(subject: &Subject<'_>) -> Vec<Request> {
    let system = subject.system;
    (0..system.document.stakeholders.len())
        .filter(|&n| n != system.lead)
        .map(|n| request(subject, n))
        .collect()
}

fn request(subject: &Subject<'_>, n: usize) -> Request {
    let system = subject.system;
    let lead = system.stakeholder(system.lead);
    let who = system.stakeholder(n);
    let values: &[(&str, &Text)] =
        &[("lead", &lead.name), ("who", &who.name), ("system", &system.document.system.name)];
    let asks = asks(subject, &who.id);
    let opening = if asks.rows.is_empty() {
        text(
            "「{system}」のリスクアセスメントの結果のうち、{who}に関わる内容をお知らせします。現時点で、お願いする対策はありません。",
            "This is the part of the risk assessment of “{system}” that concerns {who}. No measure is asked for at present.",
        )
    } else {
        text(
            "「{system}」のリスクアセスメントに基づき、{lead}から{who}に実施をお願いする対策をまとめます。内容を確認し、期限と証跡を協議のうえ合意してください。",
            "Based on the risk assessment of “{system}”, {lead} asks {who} for the measures below. Please check them and agree with {lead} on dates and evidence.",
        )
    };
    let sheets = [
        what(subject, n),
        risks(subject, n),
        incidents(subject, n),
        policies(subject, &who.id),
        asks,
        others(subject, &who.id),
    ];
    Request {
        stakeholder: who.id.clone(),
        title: text("セキュリティ対策依頼書", "Request for security measures"),
        system: system.document.system.name.clone(),
        to: who.name.clone(),
        from: lead.name.clone(),
        opening: vec![opening.fill(values)],
        // What there is nothing to say about is left out; that nothing is asked is said above.
        sheets: sheets.into_iter().filter(|sheet| !sheet.rows.is_empty()).collect(),
        agreement: Agreement {
            title: text("合意", "Agreement"),
            statement: text(
                "上記の対策について、実施する内容、期限、証跡を確認し、合意します。変更は双方の書面によります。",
                "Both sides have checked the measures above with their dates and evidence, and agree to them. Changes need the writing of both sides.",
            ),
            parties: [
                text("依頼元: {lead}", "Asking: {lead}").fill(values),
                text("依頼先: {who}", "Asked: {who}").fill(values),
            ],
            fields: vec![
                text("組織・部署", "Organization"),
                text("氏名", "Name"),
                text("日付", "Date"),
                text("署名・押印", "Signature"),
            ],
        },
    }
}

fn sheet(id: &'static str, title: Text, purpose: Text, columns: Vec<Column>, rows: Vec<Row>) -> Worksheet {
    Worksheet { id, title, purpose, from: Text::default(), to: Text::default(), columns, rows }
}

/// What the system is, and the part that the stakeholder has in it.
fn what(subject: &Subject<'_>, n: usize) -> Worksheet {
    let system = &subject.system.document.system;
    let who = subject.system.stakeholder(n);
    let purpose = &system.purpose;
    let own = parts(subject, n);
    let rows = [
        ("name", text("対象機器・システム", "System"), vec![system.name.clone()]),
        ("why", text("目的・価値", "Purpose"), purpose.why.iter().cloned().collect()),
        ("what", text("すること", "What it does"), purpose.what.iter().cloned().collect()),
        ("where", text("場所", "Where"), purpose.r#where.iter().cloned().collect()),
        ("how", text("仕組み", "How it works"), purpose.how.iter().cloned().collect()),
        ("role", text("依頼先の立場", "Your role"), vec![role_name(who.role)]),
        ("part", text("依頼先が担うこと", "Your part in it"), own),
    ];
    sheet(
        "what",
        text("対象機器・システム", "The system"),
        Text::default(),
        vec![column("項目", "Item", 22), column("内容", "Content", 90)],
        rows.into_iter()
            .filter(|(_, _, lines)| !lines.is_empty())
            .map(|(key, label, lines)| Row {
                key: key.to_owned(),
                cells: vec![Cell::new(label), Cell::lines(lines)],
            })
            .collect(),
    )
}

/// What the system risks for the stakeholder.
fn risks(subject: &Subject<'_>, n: usize) -> Worksheet {
    let who = &subject.system.stakeholder(n).id;
    let rows = subject.assessment.ratings.iter().filter(|rating| rating.stakeholder == *who).map(|rating| {
        // That nothing happens is no reason worth naming one by one.
        let telling = rating.why.iter().filter(|why| why.decisive && why.level != "limited");
        let mut reasons: Vec<Text> = telling.map(|why| why.reason.text.clone()).collect();
        reasons.dedup();
        if reasons.is_empty() {
            reasons.push(text(
                "どちらの軸でも、大きな影響は見込まれません。",
                "No large effect is expected on either axis.",
            ));
        }
        Row {
            key: rating.system.to_string(),
            cells: vec![
                Cell::new(part_name(subject, &rating.system)),
                recovery_cell(rating),
                economic_cell(rating),
                Cell::lines(reasons),
            ],
        }
    });
    sheet(
        "risks",
        text("依頼先にとってのリスク", "What it risks for you"),
        text(
            "攻撃や故障が起きたときに及ぶ影響を、2つの軸で評価した結果です。",
            "How an attack or a failure would hit you, rated on two axes.",
        ),
        vec![
            column("対象", "What is rated", 28),
            column("回復困難性の度合い", "Recovery", 24),
            column("経済的影響の度合い", "Economic effect", 24),
            column("根拠", "Because", 60),
        ],
        rows.collect(),
    )
}

/// Most incidents of one asset: the sheet shows what matters, the report shows all.
const MOST_OF_AN_ASSET: u32 = 3;

/// What can happen to the assets that are in the stakeholder's hands.
fn incidents(subject: &Subject<'_>, n: usize) -> Worksheet {
    let system = subject.system;
    let in_its_hands = |asset: &Id| {
        system.assets.get(asset.as_str()).is_some_and(|&asset| {
            let profile = &system.profiles[asset];
            [profile.maker, profile.operator, profile.maintainer, profile.updater].contains(&Some(n))
        })
    };
    let threats = subject.assessment.threats.iter();
    let rows = threats
        .filter(|threat| threat.above_cut && threat.rank <= MOST_OF_AN_ASSET && in_its_hands(&threat.asset))
        .map(|threat| Row {
            key: format!("{}/{}", threat.asset, threat.threat),
            cells: vec![
                Cell::new(subject.asset(&threat.asset)),
                Cell::new(subject.threat(&threat.threat)),
                Cell::new(threat.incident.clone()),
            ],
        });
    sheet(
        "incidents",
        text("担う機器に想定されるインシデント", "What can happen to the assets in your hands"),
        text(
            "機器ごとに、根拠の強いものから3件までを示します。",
            "Up to three for each asset, those first that the facts speak for most.",
        ),
        vec![
            column("機器", "Asset", 28),
            column("脅威", "Threat", 24),
            column("想定されるインシデント", "Incident", 70),
        ],
        rows.collect(),
    )
}

/// The directions that the lead has set for the stakeholder.
fn policies(subject: &Subject<'_>, who: &Id) -> Worksheet {
    let policies = subject.assessment.policies.iter().filter(|policy| policy.stakeholder == *who);
    sheet(
        "policies",
        text("依頼先のリスクに対する対策方針", "Policies for your risk"),
        Text::default(),
        vec![column("軸", "Axis", 28), column("対策方針", "Policy", 80)],
        policies
            .map(|policy| Row {
                key: policy.policy.to_string(),
                cells: vec![Cell::new(policy.axis.name()), Cell::new(policy.text.clone())],
            })
            .collect(),
    )
}

/// What the stakeholder is asked to do.
fn asks(subject: &Subject<'_>, who: &Id) -> Worksheet {
    let mut items: Vec<&PlanItem> =
        subject.assessment.plan.iter().filter(|item| item.implementer == *who).collect();
    // What to do first comes first; else the order of annex A stays.
    items.sort_by_key(|item| !item.priority);
    let rows = items.into_iter().enumerate().map(|(n, item)| {
        let requirement = subject.system.catalog.requirements.get(&item.requirement);
        let mut title = vec![subject.requirement(&item.requirement)];
        title.extend(requirement.map(|requirement| requirement.about.clone()));
        let own = own_measures(subject, item);
        Row {
            key: item.requirement.to_string(),
            cells: vec![
                Cell::new(Text::same((n + 1).to_string())),
                mark(item.priority),
                Cell::lines(title),
                Cell::lines(measures(subject, item, &own)),
                Cell::lines(until(&own, requirement)),
                Cell::lines(evidence(&own, requirement)),
            ],
        }
    });
    sheet(
        "asks",
        text("お願いする対策", "What you are asked to do"),
        text(
            "〇は、目標を超えるリスクへの対策方針により、優先して行うべき対策です。期限と証跡が空欄または案のものは、協議して決めます。",
            "What has \u{201c}yes\u{201d} under \u{201c}First\u{201d} is called for by a policy because a risk is outside the target. Where date or evidence is a proposal, settle it together.",
        ),
        vec![
            column("#", "#", 5),
            column("〇", "First", 7),
            column("対策要件", "Requirement", 40),
            column("具体的な対策", "Concrete measures", 52),
            column("期限", "By when", 16),
            column("証跡", "Evidence", 24),
        ],
        rows.collect(),
    )
}

/// The measures of the document that a plan item has taken up.
fn own_measures<'s>(subject: &Subject<'s>, item: &PlanItem) -> Vec<&'s Measure> {
    let all = &subject.system.document.measures;
    item.taken.iter().filter_map(|(id, _)| all.iter().find(|measure| measure.id == *id)).collect()
}

/// What is settled; if nothing is, what there is to choose from.
fn measures(subject: &Subject<'_>, item: &PlanItem, own: &[&Measure]) -> Vec<Text> {
    let catalog = subject.system.catalog;
    let described = |id: &Id| {
        let measure = catalog.measures.get(id)?;
        let said = |lang| format!("{}: {}", measure.name.get(lang), measure.action.get(lang));
        Some(text(format!("・{}", said(Lang::Ja)), format!("• {}", said(Lang::En))))
    };
    let mut lines: Vec<Text> = own
        .iter()
        .map(|measure| {
            let known = measure.measure.as_ref().and_then(|id| catalog.measures.get(id));
            let name = measure.name.clone().or_else(|| known.map(|known| known.name.clone()));
            let name = name.unwrap_or_else(|| Text::same(measure.id.as_str()));
            let status = match measure.status {
                Status::InPlace => text("実施済み", "in place"),
                Status::Planned => text("予定", "planned"),
                Status::Refused => text("見送り", "refused"),
            };
            text(
                format!("【{}】{}", status.get(Lang::Ja), name.get(Lang::Ja)),
                format!("[{}] {}", status.get(Lang::En), name.get(Lang::En)),
            )
        })
        .collect();
    if own.iter().all(|measure| measure.status == Status::Refused) {
        if item.measures.len() > 1 {
            lines.push(text("次の候補から、協議して選びます。", "To be chosen together from these:"));
        }
        lines.extend(item.measures.iter().filter_map(described));
    }
    lines
}

/// The dates that are settled, or when in the life cycle the requirement has to be met.
fn until(own: &[&Measure], requirement: Option<&Requirement>) -> Vec<Text> {
    let settled: Vec<Text> = own.iter().filter_map(|measure| measure.until.clone()).map(Text::same).collect();
    if !settled.is_empty() {
        return settled;
    }
    let proposal = match requirement.map(|requirement| requirement.viewpoint) {
        Some(1) => text("案: 運用開始まで", "proposal: before operation"),
        Some(2) => text("案: 運用中、継続して", "proposal: all through operation"),
        _ => return Vec::new(),
    };
    vec![proposal]
}

/// What shows that it is done, settled or by the kind of requirement.
fn evidence(own: &[&Measure], requirement: Option<&Requirement>) -> Vec<Text> {
    let settled: Vec<Text> = own.iter().filter_map(|measure| measure.evidence.clone()).collect();
    if !settled.is_empty() {
        return settled;
    }
    let proposal = match requirement.map(|requirement| requirement.target) {
        Some(Target::Organization) => text("案: 規程、体制図", "proposal: rules, organization chart"),
        Some(Target::Procedure) => text("案: 手順書、実施の記録", "proposal: procedure, records"),
        Some(Target::System) => text("案: 仕様書、試験の結果", "proposal: specification, test results"),
        None => return Vec::new(),
    };
    vec![proposal]
}

/// What the other stakeholders do, so that each knows what it can count on.
fn others(subject: &Subject<'_>, who: &Id) -> Worksheet {
    let names = |other: &Id, priority: bool| {
        let items = subject.assessment.plan.iter();
        items
            .filter(|item| item.implementer == *other && item.priority == priority)
            .map(|item| subject.requirement(&item.requirement))
            .collect::<Vec<_>>()
    };
    let stakeholders = subject.system.document.stakeholders.iter().filter(|other| other.id != *who);
    let rows = stakeholders.filter_map(|other| {
        let (first, further) = (names(&other.id, true), names(&other.id, false));
        let cells = vec![Cell::new(other.name.clone()), Cell::lines(first), Cell::new(join(&further))];
        cells[1..]
            .iter()
            .any(|cell| cell.lines.iter().any(|line| !line.is_empty()))
            .then(|| Row { key: other.id.to_string(), cells })
    });
    sheet(
        "others",
        text("他のステークホルダーが行うこと", "What the others do"),
        Text::default(),
        vec![
            column("実施主体", "Who", 26),
            column("優先して行う対策要件（〇）", "Requirements to do first", 46),
            column("その他の対策要件", "Further requirements", 46),
        ],
        rows.collect(),
    )
}
