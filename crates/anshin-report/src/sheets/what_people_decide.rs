//! What people decided, and what is left for them to decide.

use anshin_assess::Stale;
use anshin_model::document::Status;
use anshin_model::{Lang, Text};

use super::{column, text};
use crate::names;
use crate::subject::Subject;
use crate::words;
use crate::worksheet::{Cell, Row, Tone, Worksheet};

pub(super) fn decisions(subject: &Subject<'_>) -> Worksheet {
    let rows = subject
        .system
        .document
        .decisions
        .iter()
        .enumerate()
        .map(|(n, decision)| {
            let verdict = words::choice("decide", decision.decide.as_str());
            let value = decision.value.as_ref().map(|value| names::decided_name(subject, value.as_str()));
            let stale = subject.assessment.stale.iter().find(|stale| stale.decision == n);
            Row {
                key: decision.subject.to_string(),
                cells: vec![
                    Cell::new(names::subject_name(subject, decision.subject.as_str())),
                    Cell::lines(std::iter::once(verdict).chain(value).collect()),
                    Cell::new(decision.reason.clone()),
                    Cell::new(Text::same(decision.by.clone())),
                    decision
                        .date
                        .as_ref()
                        .map_or_else(Cell::default, |date| Cell::new(Text::same(date.clone()))),
                    stale.map_or_else(
                        || Cell::new(text("有効", "in force")).tone(Tone::Good),
                        |stale| Cell::new(stale.what.clone()).tone(Tone::Serious),
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

/// What has changed about the proposal of a decision, in names.
fn about(subject: &Subject<'_>, stale: &Stale) -> Text {
    let decision = &subject.system.document.decisions[stale.decision];
    let name = names::subject_name(subject, decision.subject.as_str());
    text(
        format!("{}：{}", name.get(Lang::Ja), stale.what.get(Lang::Ja)),
        format!("{}: {}", name.get(Lang::En), stale.what.get(Lang::En)),
    )
}

pub(super) fn open(subject: &Subject<'_>) -> Worksheet {
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
                text(
                    "対策が決まっていない〇の対策要件",
                    "requirement that a policy calls for, without a measure",
                ),
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
            about(subject, stale),
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
