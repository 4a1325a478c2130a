//! `anshin report`: the assessment as files to hand over.

use anshin_assess::Assessment;
use anshin_model::{Lang, Text};
use anshin_report::html::{Figure, Page, html};
use anshin_report::{Subject, worksheets, xlsx};

use crate::cli::{ReportArgs, ReportFormat};
use crate::input::Failure;
use crate::output::Output;

/// A file of the report: its name and what is in it.
struct File {
    name: String,
    bytes: Vec<u8>,
}

/// Makes all files first, then writes them: a failure leaves nothing half-made.
pub(crate) fn run(args: &ReportArgs, subject: &Subject<'_>, output: Output) -> Result<(), Failure> {
    let files = files(args, subject, output.lang)?;
    std::fs::create_dir_all(&args.output).map_err(|error| {
        let shown = args.output.display();
        Failure::new(
            format!("フォルダー`{shown}`を作れません（{error}）"),
            format!("cannot make the folder `{shown}` ({error})"),
        )
    })?;
    for file in files {
        let path = args.output.join(&file.name);
        crate::write_whole(&path, |out| out.write_all(&file.bytes))?;
        output.say(&Text::same(path.display().to_string()));
    }
    Ok(())
}

fn files(args: &ReportArgs, subject: &Subject<'_>, lang: Lang) -> Result<Vec<File>, Failure> {
    let wants = |format| args.format.is_empty() || args.format.contains(&format);
    let system = &subject.system.document.system;
    let name = |what: &str, extension: &str| format!("{}{what}.{}.{extension}", system.id, lang.code());
    let mut files = Vec::new();
    let figures = figures(subject, lang);
    if wants(ReportFormat::Svg) {
        for figure in &figures {
            files.push(File {
                name: name(&format!("-{}", figure.id), "svg"),
                bytes: figure.svg.clone().into_bytes(),
            });
        }
    }
    let sheets = worksheets(subject);
    if wants(ReportFormat::Xlsx) {
        let bytes = xlsx(&system.name, &sheets, lang).map_err(|error| {
            Failure::new(
                format!("表計算の帳票を作れません（{error}）"),
                format!("cannot make the workbook ({error})"),
            )
        })?;
        files.push(File { name: name("", "xlsx"), bytes });
    }
    if wants(ReportFormat::Html) {
        let page = Page {
            title: system.name.clone(),
            subtitle: Text::new(
                "IoTセキュリティ・セーフティのリスクアセスメント",
                "IoT security and safety risk assessment",
            ),
            summary: summary(subject),
            figures,
            sheets: &sheets,
        };
        files.push(File { name: name("", "html"), bytes: html(&page, lang).into_bytes() });
    }
    Ok(files)
}

/// The pictures of a report: the risk map first, because decisions start from it.
fn figures(subject: &Subject<'_>, lang: Lang) -> Vec<Figure> {
    let figure = |id: String, title: Text, svg: String| Figure { id, title, svg };
    let mut figures = vec![
        figure(
            "risk-map".to_owned(),
            Text::new("マッピング結果", "Risk map"),
            anshin_report::risk_map(subject, lang),
        ),
        figure(
            "system".to_owned(),
            Text::new("システム構成図", "System diagram"),
            anshin_report::system_diagram(subject, lang),
        ),
        figure(
            "stakeholders".to_owned(),
            Text::new("ステークホルダー関連図", "Stakeholders"),
            anshin_report::stakeholder_diagram(subject, lang),
        ),
    ];
    for (n, flow) in subject.system.document.flows.iter().enumerate() {
        let name = flow.name.clone().unwrap_or_else(|| Text::same(flow.id.as_str()));
        let title = Text::new(
            format!("データフロー図: {}", name.get(Lang::Ja)),
            format!("Data flow: {}", name.get(Lang::En)),
        );
        figures.push(figure(
            format!("flow-{}", flow.id),
            title,
            anshin_report::flow_diagram(subject, n, lang),
        ));
    }
    figures
}

/// What the management needs to know, in a few sentences.
fn summary(subject: &Subject<'_>) -> Vec<Text> {
    let assessment = subject.assessment;
    let outside: Vec<Text> = assessment
        .ratings
        .iter()
        .filter(|rating| !rating.within())
        .map(|rating| subject.stakeholder(&rating.stakeholder))
        .collect();
    let names = |lang, with: &str| outside.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(with);
    let first = if outside.is_empty() {
        Text::new(
            "すべてのステークホルダーが、目標とするリスクの水準の内側にいます。",
            "Every stakeholder is within the level of risk that is accepted.",
        )
    } else {
        Text::new(
            format!("目標とするリスクの水準を超えるステークホルダー: {}。", names(Lang::Ja, "、")),
            format!("Outside the level of risk that is accepted: {}.", names(Lang::En, ", ")),
        )
    };
    vec![first, threats(assessment), requirements(assessment)]
}

fn threats(assessment: &Assessment) -> Text {
    let count = assessment.threats.iter().filter(|threat| threat.above_cut).count();
    let mut assets: Vec<_> = assessment.threats.iter().map(|threat| &threat.asset).collect();
    assets.dedup();
    let assets = assets.len();
    Text::new(
        format!("{assets}個の機器に、詳しく検討する脅威が{count}件あります。"),
        format!("There are {count} threats to look at, on {assets} assets."),
    )
}

fn requirements(assessment: &Assessment) -> Text {
    let all = assessment.candidates.iter().filter(|candidate| !candidate.rejected()).count();
    let marked = assessment.candidates.iter().filter(|c| c.priority && !c.rejected()).count();
    Text::new(
        format!(
            "実装が想定される対策要件は{all}件で、うち{marked}件が対策方針により行うべきと考えられるもの（〇）です。"
        ),
        format!("{all} requirements are called for, {marked} of them by a policy (marked 〇)."),
    )
}
