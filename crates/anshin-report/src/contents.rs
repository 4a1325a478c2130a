//! What every report holds besides the worksheets: the summary for the management, and the pictures.

use anshin_assess::LevelsAfter;
use anshin_model::document::Status;
use anshin_model::{Lang, Text};

use crate::html::{Figure, Page};
use crate::subject::Subject;
use crate::worksheet::Worksheet;

/// The id of the risk map among the pictures.
const RISK_MAP: &str = "risk-map";

/// A report of an assessment with its worksheets.
pub fn page<'a>(subject: &Subject<'_>, sheets: &'a [Worksheet], lang: Lang) -> Page<'a> {
    Page {
        title: subject.system.document.system.name.clone(),
        subtitle: Text::new(
            "IoTセキュリティ・セーフティのリスクアセスメント",
            "IoT security and safety risk assessment",
        ),
        summary: summary(subject),
        figures: figures(subject, lang),
        sheets,
    }
}

/// The pictures of a report: the risk map first, because decisions start from it.
pub fn figures(subject: &Subject<'_>, lang: Lang) -> Vec<Figure> {
    let figure = |id: String, title: Text, svg: String| Figure { id, title, svg };
    let mut figures = vec![
        figure(RISK_MAP.to_owned(), Text::new("マッピング結果", "Risk map"), crate::risk_map(subject, lang)),
        figure(
            "system".to_owned(),
            Text::new("システム構成図", "System diagram"),
            crate::system_diagram(subject, lang),
        ),
    ];
    let parts = crate::stakeholder_diagrams(subject, lang);
    let all = parts.len();
    for (n, svg) in parts.into_iter().enumerate() {
        let part = n + 1;
        figures.push(if all == 1 {
            figure("stakeholders".to_owned(), Text::new("ステークホルダー関連図", "Stakeholders"), svg)
        } else {
            let title = Text::new(
                format!("ステークホルダー関連図（{part}／{all}）"),
                format!("Stakeholders ({part} of {all})"),
            );
            figure(format!("stakeholders-{part}"), title, svg)
        });
    }
    for (n, flow) in subject.system.document.flows.iter().enumerate() {
        let name = flow.name.clone().unwrap_or_else(|| Text::same(flow.id.as_str()));
        let title = Text::new(
            format!("データフロー図: {}", name.get(Lang::Ja)),
            format!("Data flow: {}", name.get(Lang::En)),
        );
        figures.push(figure(format!("flow-{}", flow.id), title, crate::flow_diagram(subject, n, lang)));
    }
    figures
}

/// Shows on the risk map of a report where everybody stands after measures.
pub fn show_after_measures(figures: &mut [Figure], subject: &Subject<'_>, after: &[LevelsAfter], lang: Lang) {
    for map in figures.iter_mut().filter(|figure| figure.id == RISK_MAP) {
        map.svg = crate::risk_map_after(subject, after, lang);
    }
}

/// Names in one sentence, the first few of them.
fn names(all: &[Text], most: usize) -> Text {
    let list =
        |lang, with: &str| all.iter().take(most).map(|name| name.get(lang)).collect::<Vec<_>>().join(with);
    let left = all.len().saturating_sub(most);
    if left == 0 {
        return Text::new(list(Lang::Ja, "、"), list(Lang::En, ", "));
    }
    Text::new(
        format!("{}、ほか{left}件", list(Lang::Ja, "、")),
        format!("{} and {left} more", list(Lang::En, ", ")),
    )
}

/// What the management needs to know, in a few sentences.
pub fn summary(subject: &Subject<'_>) -> Vec<Text> {
    let mut said = vec![outside(subject), threats(subject)];
    said.extend(first_assets(subject));
    said.push(requirements(subject));
    said.push(measures(subject));
    said.extend(stale(subject));
    said
}

fn outside(subject: &Subject<'_>) -> Text {
    let mut outside: Vec<Text> = Vec::new();
    for rating in subject.assessment.ratings.iter().filter(|rating| !rating.within()) {
        let who = subject.stakeholder(&rating.stakeholder);
        if !outside.contains(&who) {
            outside.push(who);
        }
    }
    if outside.is_empty() {
        return Text::new(
            "すべてのステークホルダーが、目標とするリスクの水準の内側にいます。",
            "Every stakeholder is within the level of risk that is accepted.",
        );
    }
    Text::new(
        "目標とするリスクの水準を超えるステークホルダー: {names}。",
        "Outside the level of risk that is accepted: {names}.",
    )
    .fill(&[("names", &names(&outside, 8))])
}

fn threats(subject: &Subject<'_>) -> Text {
    let threats = &subject.assessment.threats;
    let count = threats.iter().filter(|threat| threat.above_cut).count();
    let assets = threats.chunk_by(|a, b| a.asset == b.asset).count();
    Text::new(
        format!("{assets}個の機器に、詳しく検討する脅威が{count}件あります。"),
        format!("There are {count} threats to look at, on {assets} assets."),
    )
}

fn first_assets(subject: &Subject<'_>) -> Option<Text> {
    let mut first: Vec<Text> = Vec::new();
    for entry in &subject.assessment.priority_assets {
        let asset = subject.asset(&entry.asset);
        if !first.contains(&asset) {
            first.push(asset);
        }
    }
    let said = Text::new("対策は次の機器から始めます: {names}。", "Begin with these assets: {names}.");
    (!first.is_empty()).then(|| said.fill(&[("names", &names(&first, 5))]))
}

fn requirements(subject: &Subject<'_>) -> Text {
    let called_for = || subject.assessment.candidates.iter().filter(|candidate| !candidate.rejected());
    let all = called_for().count();
    let marked = called_for().filter(|candidate| candidate.priority).count();
    Text::new(
        format!(
            "実装が想定される対策要件は{all}件で、うち{marked}件が対策方針により行うべきと考えられるもの（〇）です。"
        ),
        format!("{all} requirements are called for, {marked} of them by a policy."),
    )
}

fn measures(subject: &Subject<'_>) -> Text {
    let count = |status: Status| {
        let plan = subject.assessment.plan.iter().flat_map(|item| &item.taken);
        plan.filter(|(_, own)| *own == status).count()
    };
    let (done, planned) = (count(Status::InPlace), count(Status::Planned));
    let open = subject
        .assessment
        .plan
        .iter()
        .filter(|item| item.priority && !item.taken.iter().any(|(_, status)| *status != Status::Refused));
    let open = open.count();
    Text::new(
        format!(
            "実施済みの対策は{done}件、予定している対策は{planned}件です。〇の対策要件と実施主体の組のうち、{open}組は対策がまだ決まっていません。"
        ),
        format!(
            "{done} measures are in place and {planned} are planned; no measure is settled yet for {open} entries of the plan that a policy calls for."
        ),
    )
}

fn stale(subject: &Subject<'_>) -> Option<Text> {
    let count = subject.assessment.stale.len();
    (count > 0).then(|| {
        Text::new(
            format!("事実が変わったため見直しが必要な決定が{count}件あります。"),
            format!("{count} decisions have to be looked at again because facts have changed."),
        )
    })
}
