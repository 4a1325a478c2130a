//! An incident of the past, played again: what happened, what the assessment beforehand says of it,
//! which measures the source names and which measures cut its path.

use anshin_assess::{Cut, Mitigation, Record, Replay};
use anshin_model::{Id, Lang, Text};

use super::scenarios::{counted, plain, risk_class};
use super::{column, join, text};
use crate::html::Page;
use crate::replay_words;
use crate::subject::Subject;
use crate::worksheet::{Cell, Column, Row, Tone, Worksheet};

/// The report of a replayed incident with its worksheets.
pub fn replay_page<'a>(
    subject: &Subject<'_>,
    record: &Record,
    replay: &Replay,
    sheets: &'a [Worksheet],
) -> Page<'a> {
    let mut summary = vec![
        replay_words::ranked(subject, replay).unwrap_or_else(no_scenario),
        replay_words::way_taken(subject, replay),
    ];
    if !replay.same_threat {
        summary.push(replay_words::another_threat());
    }
    summary.extend(replay_words::with_mitigations(replay));
    Page {
        title: record.title.clone(),
        subtitle: text(
            "過去の事例を、事例の前のシステムで再現したもの",
            "An incident of the past, played again on the system as it stood before",
        ),
        summary,
        figures: Vec::new(),
        sheets,
    }
}

/// The report of all incidents with its worksheet.
pub fn replays_page<'a>(replays: &[(Record, Replay)], sheets: &'a [Worksheet]) -> Page<'a> {
    Page {
        title: text("過去の事例", "Incidents of the past"),
        subtitle: text(
            "事例の前のシステムで再現したもの",
            "Played again on the systems as they stood before",
        ),
        summary: replay_words::among_first(replays),
        figures: Vec::new(),
        sheets,
    }
}

/// The worksheets of a replayed incident.
pub fn replay_worksheets(subject: &Subject<'_>, record: &Record, replay: &Replay) -> Vec<Worksheet> {
    vec![
        what_happened(subject, record, replay),
        of_the_source(subject, record, replay),
        cuts(subject, replay),
        evaluation(record),
    ]
}

/// All incidents, each with the rank of the scenario that happened.
pub fn replays_worksheet(replays: &[(Record, Replay)]) -> Worksheet {
    let row = |(record, replay): &(Record, Replay)| {
        let happened = replay.happened();
        Row {
            key: record.id.to_string(),
            cells: vec![
                Cell::new(record.title.clone()),
                plain(record.date.as_deref().unwrap_or_default()),
                happened.map_or_else(Cell::default, |scenario| counted(scenario.rank)),
                counted(replay.scenarios.all.len()),
                happened.map_or_else(Cell::default, |scenario| {
                    risk_class(&replay.scenarios.matrix, scenario.risk)
                }),
                yes_or_no(replay.same_threat),
                yes_or_no(replay.same_entry),
                plain(record.id.as_str()),
            ],
        }
    };
    Worksheet {
        id: "replays",
        title: text("過去の事例", "Incidents of the past"),
        purpose: text(
            "過去の事例で起きたことを、事前の評価がどこまで示せたかを確かめます。",
            "See how far the assessment beforehand would have pointed at what happened.",
        ),
        from: text(
            "事例の記録、事例の前のシステム",
            "Records of incidents, the systems as they stood before",
        ),
        to: text("評価の限界の理解", "What to expect of an assessment"),
        columns: vec![
            column("事例", "Incident", 44),
            column("時期", "Date", 10),
            column("起きたシナリオの順位", "Rank of the scenario that happened", 14),
            column("シナリオの件数", "Scenarios", 12),
            column("リスク", "Risk", 12),
            column("出典の脅威が足切り以上", "The source's threat is above the cut", 16),
            column(
                "実際の侵入口を通る経路がある",
                "One of the easiest paths takes the way in that was taken",
                16,
            ),
            Column::handle(26),
        ],
        rows: replays.iter().map(row).collect(),
    }
}

fn no_scenario() -> Text {
    text("これに当たるシナリオはありません。", "The assessment has no scenario like this.")
}

fn yes_or_no(is_so: bool) -> Cell {
    if is_so {
        Cell::new(text("はい", "yes"))
    } else {
        Cell::new(text("いいえ", "no")).tone(Tone::Serious)
    }
}

fn what_happened(subject: &Subject<'_>, record: &Record, replay: &Replay) -> Worksheet {
    let row = |key: &str, (ja, en): (&str, &str), lines: Vec<Text>| Row {
        key: key.to_owned(),
        cells: vec![Cell::new(text(ja, en)), Cell::lines(lines)],
    };
    let mut rows = vec![
        row("facts", ("起きたこと", "What happened"), record.facts.clone()),
        row("steps", ("攻撃の手順", "What the attacker did"), record.steps.clone()),
    ];
    rows.extend(record.date.as_deref().map(|date| row("date", ("時期", "Date"), vec![Text::same(date)])));
    rows.push(row("source", ("出典", "Source"), vec![Text::same(record.source.as_str())]));
    let mut said = vec![replay_words::ranked(subject, replay).unwrap_or_else(no_scenario)];
    said.extend(replay.happened().map(|scenario| scenario.incident.clone()));
    if !replay.same_threat {
        said.push(replay_words::another_threat());
    }
    rows.push(row("rank", ("事前の評価での順位", "Its rank beforehand"), said));
    let way_taken = replay_words::way_taken(subject, replay);
    rows.push(row(
        "way-taken",
        ("実際の侵入口からの経路", "Its path by the way in that was taken"),
        vec![way_taken],
    ));
    let paths = replay.paths.iter().map(|path| {
        let (way, points) = (replay_words::way(subject, path), path.difficulty);
        text(format!("{points}点: {}", way.get(Lang::Ja)), format!("{points} points: {}", way.get(Lang::En)))
    });
    rows.push(row("paths", ("最もやさしい経路", "The easiest paths"), paths.collect()));
    rows.extend(replay_words::with_mitigations(replay).map(|after| {
        row("with-mitigations", ("出典の対策のあと", "With the measures of the source"), vec![after])
    }));
    Worksheet {
        id: "replay",
        title: text("起きたことと事前の評価", "What happened, and the assessment beforehand"),
        purpose: text(
            "起きたことに当たるシナリオを、事前の評価が何位に置いたか、どの経路で示したかを見ます。",
            "See which rank and which path the assessment beforehand gives the scenario that happened.",
        ),
        from: text(
            "事例の記録、事例の前のシステム",
            "The record of the incident, the system as it stood before",
        ),
        to: text("経路を断つ対策", "Measures that cut its path"),
        columns: vec![column("項目", "Item", 26), column("内容", "What is known", 100)],
        rows,
    }
}

fn measure(subject: &Subject<'_>, id: &Id) -> Text {
    let known = subject.system.catalog.measures.get(id);
    known.map_or_else(|| Text::same(id.as_str()), |measure| measure.name.clone())
}

fn of_the_source(subject: &Subject<'_>, record: &Record, replay: &Replay) -> Worksheet {
    let row = |(n, mitigation): (usize, &Mitigation)| {
        let requirements: Vec<Text> =
            mitigation.requirements.iter().map(|id| subject.requirement(id)).collect();
        let belongs = |cut: &&Cut| mitigation.requirements.contains(&cut.requirement);
        let acting: Vec<Text> =
            replay.cuts.iter().filter(belongs).map(|cut| measure(subject, &cut.measure)).collect();
        let acting = if acting.is_empty() {
            Cell::new(text(
                "経路の点数や影響を変えるものはありません",
                "none changes its points or its effect",
            ))
            .tone(Tone::Faint)
        } else {
            Cell::lines(acting)
        };
        Row {
            key: format!("mitigation/{n}"),
            cells: vec![Cell::new(mitigation.text.clone()), Cell::new(join(&requirements)), acting],
        }
    };
    let basis = record.mitigations_basis.name();
    Worksheet {
        id: "replay-source",
        title: text("出典の対策", "Measures of the source"),
        purpose: text(
            format!("この事例への対策（{}）と、それに当たるカタログの対策を示します。", basis.get(Lang::Ja)),
            format!(
                "Measures against the incident ({}), and those of the catalog that belong to them.",
                basis.get(Lang::En)
            ),
        ),
        from: text("事例の記録", "The record of the incident"),
        to: text("経路を断つ対策", "Measures that cut its path"),
        columns: vec![
            column("対策", "Measure", 44),
            column("対策要件（対応付けは当プロジェクト）", "Requirements, by our own mapping", 44),
            column("効くカタログの対策", "Measures of the catalog that act", 60),
        ],
        rows: record.mitigations.iter().enumerate().map(row).collect(),
    }
}

fn cuts(subject: &Subject<'_>, replay: &Replay) -> Worksheet {
    let matrix = &replay.scenarios.matrix;
    let points = |points: Option<u16>| points.map_or_else(Cell::default, counted);
    let row = |cut: &Cut| Row {
        key: format!("cut/{}", cut.measure),
        cells: vec![
            Cell::new(measure(subject, &cut.measure)),
            Cell::new(subject.requirement(&cut.requirement)),
            if cut.named {
                Cell::new(text("出典の対策", "of the source")).tone(Tone::Priority)
            } else {
                Cell::default()
            },
            if cut.proposed {
                Cell::default()
            } else {
                Cell::new(text("担い手が挙がっていない", "nobody is named for it")).tone(Tone::Serious)
            },
            points(cut.way_taken),
            points(cut.difficulty),
            Cell::new(matrix.likelihood[cut.likelihood].name.clone()),
            risk_class(matrix, cut.risk),
            plain(cut.measure.as_str()),
        ],
    };
    let now = replay.happened().and_then(|scenario| scenario.difficulty).unwrap_or_default();
    let by_it = replay.way_taken.as_ref().map(|path| path.difficulty);
    let (by_it_ja, by_it_en) = by_it.map_or_else(Default::default, |points| {
        (format!("、実際の侵入口からは{points}点"), format!(", and {points} by the way in that was taken"))
    });
    Worksheet {
        id: "replay-cuts",
        title: text("経路を断つ対策", "Measures that cut its path"),
        purpose: text(
            format!(
                "それだけを講じたとき、経路を難しくするか影響を軽くする対策です。対策のない経路は{now}点{by_it_ja}です。「担い手」が空欄の対策には、評価で担い手が挙がっています。"
            ),
            format!(
                "Measures that each alone make its path harder or its effect lighter. Without them its easiest path takes {now} points{by_it_en}. Where “Who does it” is empty, the assessment names somebody."
            ),
        ),
        from: text("起きたことと事前の評価", "What happened, and the assessment beforehand"),
        to: text("自社の対策の見直し", "A look at your own measures"),
        columns: vec![
            column("対策", "Measure", 50),
            column("対策要件", "Requirement", 40),
            column("出典", "Source", 14),
            column("担い手", "Who does it", 16),
            column("実際の侵入口からの点数", "Points by the way in that was taken", 14),
            column("最もやさしい経路の点数", "Points of the easiest path", 14),
            column("起こりやすさ", "Likelihood", 12),
            column("リスク", "Risk", 12),
            Column::handle(34),
        ],
        rows: replay.cuts.iter().map(row).collect(),
    }
}

fn evaluation(record: &Record) -> Worksheet {
    let rows = |key: &'static str, (ja, en): (&'static str, &'static str), texts: &[Text]| {
        let row = |(n, said): (usize, &Text)| Row {
            key: format!("{key}/{n}"),
            cells: vec![Cell::new(text(ja, en)), Cell::new(said.clone())],
        };
        texts.iter().enumerate().map(row).collect::<Vec<_>>()
    };
    let mut all = rows("evaluation", ("評価", "Evaluation"), &record.evaluation);
    all.extend(rows("missed", ("枠組みが捉えないもの", "What the framework misses"), &record.missed));
    let basis = record.evaluation_basis.name();
    Worksheet {
        id: "replay-evaluation",
        title: text("出典による枠組みの評価", "What the source says about the framework"),
        purpose: text(
            format!("この事例から見た、枠組みの力と限界です（{}）。", basis.get(Lang::Ja)),
            format!(
                "What the framework can do and cannot, seen from this incident ({}).",
                basis.get(Lang::En)
            ),
        ),
        from: text("事例の記録", "The record of the incident"),
        to: text("評価の限界の理解", "What to expect of an assessment"),
        columns: vec![column("区分", "Kind", 24), column("内容", "What is said", 100)],
        rows: all,
    }
}
