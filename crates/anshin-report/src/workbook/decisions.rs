//! Where decisions are made: in the worksheets, beside the proposal.

use std::collections::BTreeMap;

use anshin_assess::{Assessment, Reason, fingerprint};
use anshin_catalog::Axis;
use anshin_model::Text;
use anshin_model::document::Verdict;

use super::tables::{Field, Kind, Table};
use crate::subject::Subject;

/// The columns of one kind of proposal in a worksheet.
pub(super) struct Group {
    /// Before the ids of its columns.
    pub(super) id: &'static str,
    /// Before the titles of its columns.
    pub(super) title: Option<Text>,
    /// What may take the place of the proposal, if anything may.
    pub(super) value: Option<Kind>,
}

/// The columns for decisions in a worksheet; none where there is nothing to decide.
pub(super) fn groups(worksheet: &str, tables: &[Table]) -> Vec<Group> {
    let level = |key: &str| {
        let values = tables.iter().find(|table| table.id == "system");
        values.and_then(|table| Some(table.fields[table.index(key)?].kind))
    };
    match worksheet {
        "ratings" => [("recovery", Axis::Recovery), ("economic", Axis::Economic)]
            .into_iter()
            .map(|(id, axis)| Group { id, title: Some(axis.name()), value: level(&format!("targets.{id}")) })
            .collect(),
        "threats" => vec![Group { id: "threat", title: None, value: None }],
        "candidates" => vec![
            Group { id: "requirement", title: Some(Text::new("対策要件", "requirement")), value: None },
            Group {
                id: "implementer",
                title: Some(Text::new("実施主体", "implementer")),
                value: Some(Kind::Ref("stakeholders")),
            },
        ],
        "decisions" => vec![Group { id: "decision", title: None, value: Some(Kind::Line) }],
        _ => Vec::new(),
    }
}

impl Group {
    /// Its columns: the number of the field in the table of decisions, and the field as it is here.
    pub(super) fn fields(&self, decisions: &Table) -> Vec<(usize, Field)> {
        let mut out = Vec::new();
        for (n, field) in decisions.fields.iter().enumerate() {
            let mut own = field.clone();
            match (field.id.as_str(), self.value) {
                ("subject" | "seen", _) | ("value", None) => continue,
                ("value", Some(kind)) => own.kind = kind,
                // Where nothing can take the place of a proposal, it stands or it does not.
                ("decide", None) => {
                    if let Kind::Choice(key, [stands @ .., _]) = field.kind {
                        own.kind = Kind::Choice(key, stands);
                    }
                }
                _ => {}
            }
            own.id = format!("{}.{}", self.id, field.id);
            if let Some(title) = &self.title {
                own.title = Text::new("{group}: {own}", "{group}: {own}")
                    .fill(&[("group", title), ("own", &field.title)]);
            }
            out.push((n, own));
        }
        out
    }
}

/// The proposals of a worksheet's row, one for each group.
pub fn proposals(worksheet: &str, key: &str, subject: &Subject<'_>) -> Vec<String> {
    match (worksheet, key.split_once('/')) {
        ("ratings", Some((who, part))) => {
            let whole = subject.system.document.system.id == *part;
            let part = if whole { String::new() } else { format!("/{part}") };
            ["recovery", "economic"].iter().map(|axis| format!("rating/{who}/{axis}{part}")).collect()
        }
        ("threats", _) => vec![format!("threat/{key}")],
        ("candidates", _) => vec![format!("requirement/{key}"), format!("implementer/{key}")],
        ("decisions", _) => vec![key.to_owned()],
        _ => Vec::new(),
    }
}

/// The fingerprint of every proposal, as `anshin explain` shows it.
pub(super) fn fingerprints(assessment: &Assessment) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut add = |subject: String, proposed: &str, why: &[&Reason]| {
        out.insert(subject, fingerprint(proposed, why));
    };
    let whole = &assessment.system;
    for rating in &assessment.ratings {
        let part = if rating.system == *whole { String::new() } else { format!("/{}", rating.system) };
        for (axis, level, decided) in [
            (Axis::Recovery, rating.recovery.as_str(), &rating.recovery_decided),
            (Axis::Economic, rating.economic.as_str(), &rating.economic_decided),
        ] {
            let why: Vec<&Reason> = rating
                .why
                .iter()
                .filter(|why| why.axis == axis && why.decisive)
                .map(|why| &why.reason)
                .collect();
            let proposed = decided.as_ref().map_or(level, |decided| &decided.proposed);
            add(format!("rating/{}/{}{part}", rating.stakeholder, axis.as_str()), proposed, &why);
        }
    }
    for threat in &assessment.threats {
        let proposed = match &threat.decided {
            Some(decided) => decided.proposed.as_str(),
            None if threat.above_cut => "above-cut",
            None => "below-cut",
        };
        let why: Vec<&Reason> = threat.rules.iter().collect();
        add(format!("threat/{}/{}", threat.asset, threat.threat), proposed, &why);
    }
    for row in &assessment.candidates {
        let why: Vec<&Reason> = row.why.iter().collect();
        add(format!("requirement/{}", row.requirement), "candidate", &why);
        let who = match &row.implementer_decided {
            Some(decided) if decided.verdict == Verdict::Override => decided.proposed.as_str(),
            _ => row.implementer.as_str(),
        };
        add(format!("implementer/{}", row.requirement), who, &why);
    }
    out
}
