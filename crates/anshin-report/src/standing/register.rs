//! The register of evidence: what shows each answer, who gave it and who has looked at it.

use anshin_checklist::{Checklist, Evidence, Given, Item, Round};
use anshin_model::Text;

use crate::worksheet::{Cell, Column, Row, Worksheet};

/// The columns: Japanese, English, and the width.
const COLUMNS: &[(&str, &str, u16)] = &[
    ("番号", "No", 7),
    ("項目", "Item", 26),
    ("回答", "Answer", 12),
    ("理由・備考", "Reason, note", 22),
    ("エビデンス", "Evidence", 22),
    ("保管場所", "Where", 16),
    ("日付", "Date", 11),
    ("回答者", "Answered by", 10),
    ("回答日", "Answered on", 11),
    ("レビュー者", "Reviewed by", 10),
    ("レビュー日", "Reviewed on", 11),
];

/// The register of a round: a row for each piece of evidence, and one for an answer without any.
pub fn register(round: &Round) -> Worksheet {
    let mut rows = Vec::new();
    for (_, item, given) in round.asked() {
        let Some(given) = given else { continue };
        let all = given.evidence.iter().map(Some);
        let nothing = given.evidence.is_empty().then_some(None);
        for (n, evidence) in all.chain(nothing).enumerate() {
            rows.push(Row { key: format!("{}/{n}", item.id), cells: row(round, item, given, evidence) });
        }
    }
    Worksheet {
        id: "register-of-evidence",
        title: Text::new("エビデンス台帳", "Register of evidence"),
        purpose: Text::new(
            "それぞれの回答を示すもの、答えた人、レビューした人の一覧です。",
            "What shows each answer, who gave it, and who has looked at it.",
        ),
        from: Text::default(),
        to: Text::default(),
        columns: COLUMNS.iter().map(|&(ja, en, width)| Column::new(Text::new(ja, en), width)).collect(),
        rows,
    }
}

fn row(round: &Round, item: &Item, given: &Given, evidence: Option<&Evidence>) -> Vec<Cell> {
    let words = |word: Option<&str>| Cell::new(Text::same(word.unwrap_or_default()));
    let why = [&given.reason, &given.note].into_iter().flatten().cloned().collect();
    vec![
        Cell::new(Text::same(item.label())),
        Cell::new(item.short().clone()),
        Cell::new(answer(&round.list, item, given)),
        Cell::lines(why),
        Cell::new(evidence.map(|own| own.what.clone()).unwrap_or_default()),
        words(evidence.and_then(|own| own.at.as_deref())),
        words(evidence.and_then(|own| own.date.as_deref())),
        words(round.by(given)),
        words(round.date(given)),
        words(given.reviewer.as_deref()),
        words(given.reviewed.as_deref()),
    ]
}

fn answer(list: &Checklist, item: &Item, given: &Given) -> Text {
    let answer = list.answer_words(item, given);
    if given.proposed {
        Text::new("{answer}（確認待ち）", "{answer} (to confirm)").fill(&[("answer", &answer)])
    } else {
        answer
    }
}
