//! A difference as one self-contained HTML page: what got worse first, the two risk maps in one, then
//! a table for each part.

use anshin_model::{Lang, Text};

use super::{Change, Difference, Entry, LineTone, Part, Version};
use crate::branding::Branding;
use crate::html::{self, Figure, Page, Pictures, Words};
use crate::risk_map::risk_map_of_change;
use crate::worksheet::{Cell, Column, Row, Tone, Worksheet};

/// What the page calls its parts, where it is not a report.
const WORDS: Words = Words {
    summary: ("要約", "Summary"),
    search: ("変更を検索", "Search the changes"),
    meaning: |tone| match tone {
        Tone::Good => ("改善", "better"),
        Tone::Serious => ("悪化", "worse"),
        Tone::Plain | Tone::Grave | Tone::Priority | Tone::Faint => ("変更", "changed"),
    },
    pictures: Pictures::Beside,
};

/// Writes what changed between two versions as one file. `versions` says which they are, such as the
/// names of the files or the revisions.
pub fn html(
    difference: &Difference,
    old: &Version<'_>,
    new: &Version<'_>,
    versions: (&str, &str),
    lang: Lang,
) -> String {
    let parts = difference.parts();
    let sheets: Vec<Worksheet> = parts.iter().map(sheet).collect();
    let (from, to) = versions;
    let page = Page {
        title: difference.system.latest().cloned().unwrap_or_default(),
        subtitle: Text::new(format!("2つの版の違い: {from} → {to}"), format!("What changed: {from} → {to}")),
        summary: summary(difference, &parts),
        figures: vec![Figure {
            id: "risk-map".to_owned(),
            title: Text::new("マッピング結果の変化", "Risk map, old and new"),
            svg: risk_map_of_change(&old.subject, &new.subject, lang),
        }],
        sheets: &sheets,
    };
    html::write(&page, &WORDS, &Branding::default(), lang)
}

fn summary(difference: &Difference, parts: &[Part]) -> Vec<Text> {
    if difference.is_empty() {
        return vec![Text::new("違いはありません。", "No difference.")];
    }
    let verdict =
        difference.verdict().unwrap_or_else(|| Text::new("悪化したものはありません。", "Nothing got worse."));
    let counts = |lang: Lang| {
        let count = |part: &Part| match lang {
            Lang::Ja => format!("{}: {}件", part.title.get(lang), part.entries.len()),
            Lang::En => format!("{}: {}", part.title.get(lang), part.entries.len()),
        };
        parts.iter().map(count).collect::<Vec<_>>().join("\n")
    };
    vec![verdict, Text::new(counts(Lang::Ja), counts(Lang::En))]
}

/// A part as a table: what it is, what happened to it, and what there is to tell.
fn sheet(part: &Part) -> Worksheet {
    let column = |ja: &str, en: &str, width: u16| Column::new(Text::new(ja, en), width);
    Worksheet {
        id: part.id,
        title: part.title.clone(),
        purpose: Text::default(),
        from: Text::default(),
        to: Text::default(),
        columns: vec![
            column("対象", "What", 50),
            column("変化", "Change", 16),
            column("内容", "Details", 90),
        ],
        rows: part.entries.iter().enumerate().map(|(n, entry)| row(n, entry)).collect(),
    }
}

fn row(n: usize, entry: &Entry) -> Row {
    let change = match entry.change {
        Change::Added => Text::new("＋ 追加", "+ added"),
        Change::Removed => Text::new("－ 削除", "− removed"),
        Change::Changed => Text::new("～ 変更", "~ changed"),
    };
    let (tone, effect) = match entry.tone {
        LineTone::Worse => (Tone::Serious, Some(Text::new("悪化", "worse"))),
        LineTone::Better => (Tone::Good, Some(Text::new("改善", "better"))),
        LineTone::Plain | LineTone::Faint | LineTone::Heading => (Tone::Plain, None),
    };
    let details = entry.details.iter().map(|line| line.text.clone()).collect();
    Row {
        key: n.to_string(),
        cells: vec![
            Cell::new(entry.what.clone()),
            Cell::lines(std::iter::once(change).chain(effect).collect()).tone(tone),
            Cell::lines(details),
        ],
    }
}
