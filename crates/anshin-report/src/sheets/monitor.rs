//! What the records of the monitor show, as evidence for the requirement of watching and logging.

use anshin_model::Text;
use anshin_monitor::evidence::{Evidence, REQUIREMENT, Watched};

use super::{column, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Row, Tone, Worksheet};

/// Acknowledgements of a machine that are told one by one.
const MOST_ACKNOWLEDGED: usize = 10;

/// A row for each machine that is watched, and for each source and group that has raised alerts.
pub fn monitor_worksheet(subject: &Subject<'_>, evidence: &Evidence) -> Worksheet {
    let catalog = subject.system.catalog;
    let requirement = catalog.requirements.get(REQUIREMENT).map(|own| own.name.clone()).unwrap_or_default();
    let unknown = || Text::same("–");
    let time = |at: &Option<String>| at.as_ref().map_or_else(unknown, |at| Text::same(evidence.told(at)));
    let purpose = text(
        "監視の記録が示すことです。対策要件「{requirement}」のエビデンスになります。記録は{from}から{until}まで、開始{starts}回、データの入力元の途絶{failures}回。",
        "What the records of the monitor show: evidence for the requirement “{requirement}”. Records run from {from} to {until}; watching began {starts} times, sources failed {failures} times.",
    )
    .fill(&[
        ("requirement", &requirement),
        ("from", &time(&evidence.from)),
        ("until", &time(&evidence.until)),
        ("starts", &Text::same(evidence.starts.to_string())),
        ("failures", &Text::same(evidence.failures.to_string())),
    ]);
    let row = |id: &str, of: &Watched, name: Text| row((id, of), &name, evidence, subject);
    let machines = evidence.machines.iter();
    let machines =
        machines.map(|(id, of)| row(id, of, of.name.clone().unwrap_or_else(|| Text::same(id.as_str()))));
    let sources = evidence.sources.iter();
    let sources = sources.map(|(id, of)| {
        row(&format!("source.{id}"), of, text(format!("入力元 {id}"), format!("source {id}")))
    });
    let groups = evidence.groups.iter();
    let groups = groups.map(|(id, of)| {
        let name = of.name.clone().unwrap_or_else(|| Text::same(id.as_str()));
        row(&format!("group.{id}"), of, text("グループ {name}", "group {name}").fill(&[("name", &name)]))
    });
    let rows = machines.chain(sources).chain(groups).collect();
    Worksheet {
        id: "monitor",
        title: text("監視の記録", "Records of the monitor"),
        purpose,
        from: text("`anshin monitor run`の記録", "records of `anshin monitor run`"),
        to: text("対策要件のエビデンス", "evidence for the requirement"),
        columns: vec![
            column("対象", "Watched", 20),
            column("システムの機器", "Asset", 30),
            column("警報", "Alerts raised", 34),
            column("確認した人", "Acknowledged by", 34),
            column("出ている警報", "Open", 24),
            column("最後の警報", "Last alert", 24),
        ],
        rows,
    }
}

fn row((id, of): (&str, &Watched), told: &Text, evidence: &Evidence, subject: &Subject<'_>) -> Row {
    let system = subject.system;
    let name =
        |alert: &str| system.catalog.alerts.get(alert).map_or_else(|| Text::same(alert), |a| a.name.clone());
    let asset = match &of.asset {
        None => Cell::new(text("書かれていない", "not said")).tone(Tone::Faint),
        Some(asset) => match system.assets.get(asset.as_str()) {
            Some(&n) => Cell::new(system.document.assets[n].name.clone()),
            None => Cell::new(text(
                format!("{asset}（この文書にない）"),
                format!("{asset} (not in this document)"),
            ))
            .tone(Tone::Serious),
        },
    };
    let raised = of.raised.iter().map(|(alert, count)| {
        text("{name}: {count}回", "{name}: {count}")
            .fill(&[("name", &name(alert)), ("count", &Text::same(count.to_string()))])
    });
    let raised: Vec<Text> = raised.collect();
    let open: Vec<Text> = of.open.iter().map(|open| name(&open.alert)).collect();
    let open = if open.is_empty() { Cell::default() } else { Cell::lines(open).tone(Tone::Grave) };
    let last = of.last.as_ref().map_or_else(Cell::default, |at| Cell::new(Text::same(evidence.told(at))));
    Row {
        key: id.to_owned(),
        cells: vec![
            Cell::new(told.clone()),
            asset,
            if raised.is_empty() {
                Cell::new(text("なし", "none")).tone(Tone::Good)
            } else {
                Cell::lines(raised)
            },
            acknowledged(of, evidence, name),
            open,
            last,
        ],
    }
}

/// Who has seen what, the last ones first.
fn acknowledged(of: &Watched, evidence: &Evidence, name: impl Fn(&str) -> Text) -> Cell {
    let count = of.acknowledged.len();
    let mut lines: Vec<Text> = of
        .acknowledged
        .iter()
        .rev()
        .take(MOST_ACKNOWLEDGED)
        .map(|(alert, who)| {
            let unknown = || text("確認済み", "acknowledged");
            let who = who.text(|at| evidence.told(at)).unwrap_or_else(unknown);
            text("{alert}: {who}", "{alert}: {who}").fill(&[("alert", &name(alert)), ("who", &who)])
        })
        .collect();
    if let Some(more) = count.checked_sub(MOST_ACKNOWLEDGED).filter(|more| *more > 0) {
        lines.push(text(format!("ほか{more}件"), format!("and {more} more")));
    }
    Cell::lines(lines)
}
