//! The words of a replayed incident, the same on the terminal and in reports.

use anshin_assess::{Path, Record, Replay, Way};
use anshin_model::{Lang, Text};

use crate::Subject;

/// A path in one line, with the points of each step.
pub fn way(subject: &Subject<'_>, path: &Path) -> Text {
    let entry = subject.system.catalog.entry_points.get(&path.entry);
    let first = entry.map_or_else(|| Text::same(path.entry.as_str()), |entry| entry.name.clone());
    let to = |way: &Way, asset| match way {
        Way::Impact(consequence) => consequence.name(),
        _ => subject.asset(asset),
    };
    let steps: Vec<(u8, Text)> =
        path.steps.iter().map(|step| (step.difficulty, to(&step.way, &step.to))).collect();
    let line = |lang| {
        let steps = steps.iter().map(|(points, to)| format!(" →({points}) {}", to.get(lang)));
        first.get(lang).to_owned() + &steps.collect::<String>()
    };
    Text::new(line(Lang::Ja), line(Lang::En))
}

/// Where the scenario that happened ranks, and its risk; none if the assessment has none like it.
pub fn ranked(subject: &Subject<'_>, replay: &Replay) -> Option<Text> {
    let (scenario, matrix) = (replay.happened()?, &replay.scenarios.matrix);
    let (asset, consequence) = (subject.asset(&scenario.asset), scenario.consequence.name());
    let (risk, likelihood) = (&matrix.risk[scenario.risk].name, &matrix.likelihood[scenario.likelihood].name);
    let (of, rank) = (replay.scenarios.all.len(), scenario.rank);
    let points = scenario.difficulty.unwrap_or_default();
    Some(Text::new(
        format!(
            "シナリオ「{}: {}」は{of}件中{rank}位。リスク{}、起こりやすさ{}（{points}点）",
            asset.get(Lang::Ja),
            consequence.get(Lang::Ja),
            risk.get(Lang::Ja),
            likelihood.get(Lang::Ja),
        ),
        format!(
            "The scenario \"{}: {}\" ranks {rank} of {of}: risk {}, likelihood {} ({points} points)",
            asset.get(Lang::En),
            consequence.get(Lang::En),
            risk.get(Lang::En),
            likelihood.get(Lang::En),
        ),
    ))
}

/// The easiest path by the way in that was taken, or that there is none.
pub fn way_taken(subject: &Subject<'_>, replay: &Replay) -> Text {
    let Some(path) = &replay.way_taken else {
        return Text::new("実際の侵入口を通る経路はありません。", "No path takes the way in that was taken.");
    };
    let (way, points) = (way(subject, path), path.difficulty);
    Text::new(
        format!("実際の侵入口を通る最もやさしい経路（{points}点）: {}", way.get(Lang::Ja)),
        format!("The easiest path by the way in that was taken ({points} points): {}", way.get(Lang::En)),
    )
}

/// That the assessment does not see the threat that the source names.
pub fn another_threat() -> Text {
    Text::new(
        "ただし、出典の挙げる脅威は、この機器では足切り以上になりませんでした。",
        "But the threats that the source names are not above the cut at this asset.",
    )
}

/// What the scenario becomes with everything that the requirements of the source's measures offer.
pub fn with_mitigations(replay: &Replay) -> Option<Text> {
    let (after, matrix) = (replay.with_mitigations.as_ref()?, &replay.scenarios.matrix);
    let (likelihood, risk) = (&matrix.likelihood[after.likelihood].name, &matrix.risk[after.risk].name);
    let points = after.difficulty.unwrap_or_default();
    let by_it = replay.way_taken_with_mitigations;
    let by_it_ja = by_it.map_or(String::new(), |points| format!("。実際の侵入口からは{points}点"));
    let by_it_en =
        by_it.map_or(String::new(), |points| format!("; {points} points by the way in that was taken"));
    Some(Text::new(
        format!(
            "出典の対策要件をすべて満たすと: 起こりやすさ{}（{points}点）、リスク{}{by_it_ja}",
            likelihood.get(Lang::Ja),
            risk.get(Lang::Ja),
        ),
        format!(
            "With everything that these requirements offer: likelihood {} ({points} points), risk {}{by_it_en}",
            likelihood.get(Lang::En),
            risk.get(Lang::En),
        ),
    ))
}

/// In how many incidents the scenario that happened is among the first three, and whether it is so
/// for the threat that the source names.
pub fn among_first(replays: &[(Record, Replay)]) -> Vec<Text> {
    let (all, first) = (replays.len(), replays.iter().filter(|(_, replay)| replay.is_among_first()).count());
    let other = replays.iter().filter(|(_, replay)| !replay.same_threat).count();
    let mut said = vec![Text::new(
        format!("起きたシナリオが上位3件に入る事例: {all}件中{first}件"),
        format!("the scenario that happened is among the first three: {first} of {all}"),
    )];
    if other > 0 {
        said.push(Text::new(
            format!("† うち{other}件では、出典の挙げる脅威がその機器で足切り以上にならず、別の脅威から同じ結果に至るものとして挙がっています"),
            format!("† in {other} of them the threat that the source names is not above the cut at that asset: the scenario is there because another threat leads to the same"),
        ));
    }
    said
}
