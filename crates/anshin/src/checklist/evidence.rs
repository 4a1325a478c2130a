//! What answers of checklists say about the requirements of an assessment.

use std::fmt::Write as _;
use std::path::PathBuf;

use anshin_assess::Assessment;
use anshin_catalog::Catalog;
use anshin_checklist::{Says, load_answers, says};
use anshin_model::Lang;

use super::{both, read_file};
use crate::input::{self, Failure};
use crate::output::Output;

/// Reads answers and tells what they say about requirements.
pub(crate) fn read(
    files: &[PathBuf],
    own: &[PathBuf],
    catalog: &Catalog,
    output: Output,
) -> Result<Vec<Says>, Failure> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let checklists = input::checklists(own, catalog, output)?;
    let mut all = Vec::new();
    for path in files {
        let loaded = load_answers(read_file(path)?, &checklists, catalog);
        input::report(&loaded.sources, &loaded.diagnostics, output);
        all.extend(says(&loaded.round.ok_or(Failure::Input)?));
    }
    Ok(all)
}

/// Requirements that are called for, with the answers about them; those without an answer are counted.
pub(crate) fn text(all: &[Says], assessment: &Assessment, catalog: &Catalog, output: Output) -> String {
    let lang = output.lang;
    let mut out = String::new();
    let title = output.word("チェックシートの回答から分かること", "What answers of checklists say");
    let _ = writeln!(out, "\n{}", output.heading(title));
    let mut silent = 0;
    for candidate in &assessment.candidates {
        let about: Vec<&Says> = all.iter().filter(|own| own.requirement == candidate.requirement).collect();
        if about.is_empty() {
            silent += 1;
            continue;
        }
        let name = catalog.requirements.get(&candidate.requirement).map_or("", |own| own.name.get(lang));
        let _ = writeln!(out, "{} {}", output.strong(name), output.faint(candidate.requirement.as_str()));
        for own in about {
            let means = own.means.name();
            let means = match own.means {
                anshin_checklist::Means::Met => output.good(means.get(lang)),
                anshin_checklist::Means::Unmet => output.bad(means.get(lang)),
                _ => means.get(lang).to_owned(),
            };
            let proposed = if own.proposed { output.word("（確認待ち）", " (to confirm)") } else { "" };
            let _ = writeln!(out, "  {means}{proposed}  {} {}", own.label, own.short.get(lang));
            let relation = match own.relation {
                anshin_checklist::Relation::Equal => output.word("要件と同じ", "asks for the whole"),
                anshin_checklist::Relation::Part => output.word("要件の一部", "asks for a part"),
                anshin_checklist::Relation::Superset => output.word("要件を含む", "asks for more"),
                anshin_checklist::Relation::Related | anshin_checklist::Relation::Presupposes => {
                    output.word("要件に関わる", "asks for something related")
                }
            };
            let from = format!("{} · {relation}", own.round().get(lang));
            let evidence: Vec<&str> = own.evidence.iter().map(|text| text.get(lang)).collect();
            let evidence =
                if evidence.is_empty() { String::new() } else { format!(" — {}", evidence.join("; ")) };
            let _ = writeln!(out, "    {}", output.faint(&format!("{from}{evidence}")));
        }
    }
    let _ = match lang {
        Lang::Ja => writeln!(out, "回答が触れていない対策要件: {silent}件"),
        Lang::En => writeln!(out, "requirements that no answer is about: {silent}"),
    };
    out
}

/// The same for programs.
pub(crate) fn json(all: &[Says]) -> serde_json::Value {
    let row = |own: &Says| {
        serde_json::json!({
            "requirement": own.requirement,
            "checklist": own.checklist,
            "item": own.item,
            "title": both(&own.short),
            "relation": own.relation.as_str(),
            "means": own.means.as_str(),
            "subject": own.subject.as_ref().map(both),
            "date": own.date,
            "confirmed": !own.proposed,
            "evidence": own.evidence.iter().map(both).collect::<Vec<_>>(),
        })
    };
    all.iter().map(row).collect()
}
