//! What the records of a monitor say about the requirement of watching and logging.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anshin_assess::{Assessment, System};
use anshin_field::records::is_address;
use anshin_monitor::evidence::{Acknowledgement, Evidence, Open, REQUIREMENT, Watched};
use serde_json::{Value, json};

use super::records::Place;
use super::status::named;
use crate::input::Failure;
use crate::output::Output;

/// Reads the records in the folder of a monitor or in the database of a team, if one is named.
pub(crate) fn read(monitor: Option<&str>) -> Result<Option<Evidence>, Failure> {
    let read = |place: &str| {
        let database = Some(place).filter(|place| is_address(place));
        Place::open(Path::new(place), database)?.evidence()
    };
    monitor.map(read).transpose()
}

/// What they show, for people.
pub(crate) fn text(
    evidence: &Evidence,
    system: &System<'_>,
    assessment: &Assessment,
    output: Output,
) -> String {
    let lang = output.lang;
    let mut out = String::new();
    let mut line = |line: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{line}");
    };
    let title = output.word("監視の記録が示すこと", "What the records of the monitor show");
    line(format!("\n{}", output.heading(title)));
    let name = system.catalog.requirements.get(REQUIREMENT).map_or("", |own| own.name.get(lang));
    let called_for =
        assessment.candidates.iter().any(|own| own.requirement == *REQUIREMENT && !own.rejected());
    let called_for = if called_for {
        output.word("求められている", "called for")
    } else {
        output.word("求められていない", "not called for")
    };
    line(format!("{} {}", output.strong(name), output.faint(&format!("{REQUIREMENT}, {called_for}"))));
    let time = |at: &Option<String>| at.as_ref().map_or_else(|| "–".to_owned(), |at| evidence.told(at));
    line(format!(
        "  {} {} – {}",
        output.word("記録の期間", "records from"),
        time(&evidence.from),
        time(&evidence.until)
    ));
    line(format!(
        "  {} {}  {} {}",
        output.word("監視の開始", "times begun"),
        evidence.starts,
        output.word("データの入力元の途絶", "failures of sources"),
        evidence.failures
    ));
    for (id, of) in &evidence.machines {
        line(format!("  {}", machine((id, of), evidence, system, output)));
    }
    if evidence.machines.is_empty() {
        line(format!("  {}", output.bad(output.word("見守っている機械はない", "no machine is watched"))));
    }
    for (kind, all) in [
        (output.word("入力元", "source"), &evidence.sources),
        (output.word("グループ", "group"), &evidence.groups),
    ] {
        for (id, of) in all {
            let name = named(id, of.name.as_ref().map(|name| name.get(lang)));
            let id = output.strong(&format!("{kind} {name}"));
            line(format!("  {id}: {}", alerts(of, evidence, system, output)));
        }
    }
    out
}

/// Alerts that are raised, with their names.
fn open(of: &Watched, system: &System<'_>, output: Output) -> String {
    let name = |open: &Open| name(&open.alert, system, output);
    let names = of.open.iter().map(name).collect::<Vec<_>>().join(output.word("、", ", "));
    let names = if names.is_empty() { String::new() } else { format!(" ({names})") };
    let open = format!("{} {}{names}", output.word("未解消", "open"), of.open.len());
    if of.open.is_empty() { open } else { output.bad(&open) }
}

/// What an alert is called.
fn name(alert: &str, system: &System<'_>, output: Output) -> String {
    let known = system.catalog.alerts.get(alert);
    known.map_or_else(|| alert.to_owned(), |known| known.name.get(output.lang).to_owned())
}

fn machine((id, of): (&str, &Watched), evidence: &Evidence, system: &System<'_>, output: Output) -> String {
    let asset = match &of.asset {
        None => output.word("機器の指定なし", "no asset named").to_owned(),
        Some(asset) => system.assets.get(asset.as_str()).map_or_else(
            || {
                output
                    .bad(&format!("{asset} {}", output.word("（この文書にない）", "(not in this document)")))
            },
            |n| system.document.assets[*n].name.get(output.lang).to_owned(),
        ),
    };
    let name = output.strong(&named(id, of.name.as_ref().map(|name| name.get(output.lang))));
    format!("{name} = {asset}: {}", alerts(of, evidence, system, output))
}

/// How many alerts were raised, who has acknowledged them, and which are open.
fn alerts(of: &Watched, evidence: &Evidence, system: &System<'_>, output: Output) -> String {
    let open = open(of, system, output);
    let who = of.acknowledged.iter().filter_map(|(alert, who)| {
        let who = who.text(|at| evidence.told(at))?;
        Some(format!("\n    {} {}: {}", output.good("✓"), name(alert, system, output), who.get(output.lang)))
    });
    let who: String = who.collect();
    format!(
        "{} {}, {} {}, {open}{who}",
        output.word("警報", "alerts"),
        of.raised(),
        output.word("確認済み", "acknowledged"),
        of.acknowledged.len(),
    )
}

/// The same for programs.
pub(crate) fn json(evidence: &Evidence) -> Value {
    let all = |key: &str, all: &BTreeMap<String, Watched>| {
        let who = |(alert, who): &(String, Acknowledgement)| json!({ "alert": alert, "by": who.by, "at": who.at, "note": who.note });
        let one = |(id, of): (&String, &Watched)| {
            json!({
                key: id, "asset": of.asset, "raised": of.raised, "acknowledged": of.acknowledged.len(),
                "acknowledgements": of.acknowledged.iter().map(who).collect::<Vec<_>>(),
                "open": of.open.iter().map(|open| open.alert.clone()).collect::<Vec<_>>(), "last": of.last,
            })
        };
        all.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "requirement": REQUIREMENT, "from": evidence.from, "until": evidence.until,
        "starts": evidence.starts, "failures": evidence.failures,
        "machines": all("machine", &evidence.machines),
        "sources": all("source", &evidence.sources), "groups": all("group", &evidence.groups),
    })
}
