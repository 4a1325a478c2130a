//! What answers of checklists say about the requirements that an assessment calls for.

use anshin_checklist::{Means, Relation, Says};
use anshin_model::Text;

use super::{column, text};
use crate::subject::Subject;
use crate::worksheet::{Cell, Row, Tone, Worksheet};

/// A row for each answer about a requirement that is called for; those without an answer come last.
pub fn answers_worksheet(subject: &Subject<'_>, all: &[Says]) -> Worksheet {
    let mut rows = Vec::new();
    let mut silent = Vec::new();
    for candidate in subject.assessment.candidates.iter().filter(|candidate| !candidate.rejected()) {
        let id = &candidate.requirement;
        let name = subject.system.catalog.requirements.get(id).map(|own| own.name.clone());
        let name = Cell::lines(vec![name.unwrap_or_default(), Text::same(id.as_str())]);
        let about = all.iter().filter(|own| own.requirement == *id);
        let before = rows.len();
        rows.extend(about.map(|own| Row {
            key: format!("{id}/{}/{}", own.checklist, own.item),
            cells: vec![name.clone(), state(own), Cell::new(item(own)), Cell::lines(own.evidence.clone())],
        }));
        if rows.len() == before {
            let open = Cell::new(text("回答なし", "no answer")).tone(Tone::Faint);
            let cells = vec![name, open, Cell::default(), Cell::default()];
            silent.push(Row { key: id.to_string(), cells });
        }
    }
    rows.extend(silent);
    Worksheet {
        id: "answers",
        title: text("チェックシートの回答から分かること", "What answers of checklists say"),
        purpose: text(
            "対策要件について、これまでのチェックシートの回答とエビデンスを示します。確認待ちの回答は、提案のまま確認されていないものです。",
            "What has been answered in checklists about each requirement, with the evidence. An answer to confirm is a proposal that nobody has looked at yet.",
        ),
        from: text("チェックシートの回答", "answers of checklists"),
        to: text("対策の計画", "plan of measures"),
        columns: vec![
            column("対策要件", "Requirement", 30),
            column("回答", "Answer", 14),
            column("質問", "Question", 46),
            column("エビデンス", "Evidence", 30),
        ],
        rows,
    }
}

fn state(own: &Says) -> Cell {
    let name = own.means.name();
    let name = if own.proposed {
        Text::new("{name}（確認待ち）", "{name} (to confirm)").fill(&[("name", &name)])
    } else {
        name
    };
    Cell::new(name).tone(match own.means {
        Means::Met => Tone::Good,
        Means::Partly | Means::Unknown => Tone::Serious,
        Means::Unmet => Tone::Grave,
        Means::NotApplicable => Tone::Faint,
    })
}

/// The question, where it stands, and how much of the requirement it asks for.
fn item(own: &Says) -> Text {
    let share = match own.relation {
        Relation::Equal => text("要件と同じことを問う", "asks for the whole requirement"),
        Relation::Part => text("要件の一部を問う", "asks for a part of it"),
        Relation::Superset => text("要件を含むことを問う", "asks for it and more"),
        Relation::Related | Relation::Presupposes => {
            text("要件に関わることを問う", "asks for something related")
        }
    };
    text("{label} {short}（{title}、{share}）", "{label} {short} ({title}; {share})").fill(&[
        ("label", &Text::same(own.label.as_str())),
        ("short", &own.short),
        ("title", &own.round()),
        ("share", &share),
    ])
}
