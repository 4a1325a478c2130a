//! Answers beside earlier ones, a target and a group.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anshin_checklist::compare::{BadReference, Reference, changes, group_name, place};
use anshin_checklist::csv::decode;
use anshin_checklist::{Round, standing, standing_towards};
use anshin_model::Text;
use anshin_report::{distance, number};

use super::args::CompareArgs;
use super::{Desk, both, read_file};
use crate::cli::Format;
use crate::input::Failure;
use crate::{End, print};

/// Earlier rounds; they must be of the same checklist.
pub(super) fn earlier(paths: &[PathBuf], now: &Round, desk: Desk<'_>) -> Result<Vec<Round>, Failure> {
    let mut out = Vec::new();
    for path in paths {
        let round = desk.answers(path)?.round.ok_or(Failure::Input)?;
        if round.list.id != now.list.id {
            let shown = path.display();
            let (own, other) = (&now.list.id, &round.list.id);
            return Err(Failure::new(
                format!("`{shown}`は`{other}`の回答です。`{own}`の回答とは比べられません"),
                format!("`{shown}` answers `{other}`, which cannot be compared with `{own}`"),
            ));
        }
        out.push(round);
    }
    Ok(out)
}

/// Values of other companies.
pub(super) fn reference(path: Option<&Path>) -> Result<Option<Reference>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let shown = path.display().to_string();
    let wrong = |message: Text| {
        Failure::Other(
            Text::new("`{file}`: {message}", "`{file}`: {message}")
                .fill(&[("file", &Text::same(shown.as_str())), ("message", &message)]),
        )
    };
    let text = decode(&read_file(path)?.bytes).map_err(wrong)?;
    Reference::from_csv(&text).map(Some).map_err(|BadReference(message)| wrong(message))
}

/// Shows a round beside others.
pub(super) fn compare(args: &CompareArgs, desk: Desk<'_>) -> Result<End, Failure> {
    let round = desk.answers(&args.file)?.round.ok_or(Failure::Input)?;
    let earlier = earlier(&args.earlier, &round, desk)?;
    let reference = reference(args.reference.as_deref())?;
    let output = desk.output;
    let lang = output.lang;
    let now = standing_towards(&round, desk.catalog, args.target);
    let own_group = reference.as_ref().and_then(|own| own.group_of(&now));
    let group = args.group.as_deref().or(own_group);
    let olds: Vec<_> = earlier.iter().map(|round| standing(round, desk.catalog)).collect();
    let places: Vec<_> = now
        .scores
        .iter()
        .map(|result| {
            let values = reference.as_ref().map(|own| own.values(result.score.id.as_str(), group));
            place(result.value, &values.unwrap_or_default())
        })
        .collect();
    let changed = earlier.first().map(|before| changes(before, &round)).unwrap_or_default();
    if args.format == Format::Json {
        let scores: Vec<_> = now
            .scores
            .iter()
            .enumerate()
            .map(|(n, result)| {
                serde_json::json!({
                    "id": result.score.id,
                    "value": result.value,
                    "target": result.target,
                    "earlier": earlier.iter().zip(&olds).map(|(round, old)| serde_json::json!({
                        "date": round.answers.date, "value": old.scores[n].value,
                    })).collect::<Vec<_>>(),
                    "comparedWith": group,
                    "group": places[n].as_ref().map(|place| serde_json::json!({
                        "companies": place.others, "mean": place.mean, "standardDeviation": place.deviation,
                        "deviationValue": place.standing, "below": place.below,
                    })),
                })
            })
            .collect();
        let changes: Vec<_> = changed
            .iter()
            .map(|change| {
                let title = round.list.item(change.item.as_str()).map(|(_, item)| both(item.short()));
                serde_json::json!({
                    "item": change.item, "title": title,
                    "before": change.before.map(anshin_checklist::Means::as_str),
                    "now": change.now.map(anshin_checklist::Means::as_str),
                    "better": change.better,
                })
            })
            .collect();
        let json = serde_json::json!({ "anshin": 1, "checklist": round.list.id, "scores": scores, "changes": changes });
        return print(output, &format!("{json:#}\n"));
    }
    let mut out = format!("{}\n", output.heading(round.list.title.get(lang)));
    for (n, result) in now.scores.iter().enumerate().filter(|(_, result)| result.items > 0) {
        let _ = write!(
            out,
            "{}  {} / {}",
            result.score.name.get(lang),
            output.strong(&number(result.value)),
            number(result.most)
        );
        if let Some(target) = result.target {
            let _ = write!(out, "  {}", distance(target, result.value).get(lang));
        }
        out.push('\n');
        for (before, old) in earlier.iter().zip(&olds) {
            let date = before.answers.date.as_deref().unwrap_or("—");
            let by = result.value - old.scores[n].value;
            let sign = if by > 0.0 { "+" } else { "" };
            let _ = writeln!(out, "  {date}  {}  ({sign}{})", number(old.scores[n].value), number(by));
        }
        if let Some(place) = &places[n] {
            let standing = place.standing.map_or_else(|| "—".to_owned(), number);
            if let Some(group) = group {
                let name = group_name(&now, group);
                let _ = writeln!(
                    out,
                    "  {}: {}",
                    output.word("比べたグループ", "compared with the group"),
                    name.get(lang)
                );
            }
            let _ = writeln!(
                out,
                "  {} {}  {} {}  {} {}  {} {standing}",
                output.word("社数", "companies"),
                place.others,
                output.word("平均", "mean"),
                number(place.mean),
                output.word("標準偏差", "standard deviation"),
                number(place.deviation),
                output.word("偏差値", "deviation value"),
            );
        }
    }
    for change in &changed {
        let Some((_, item)) = round.list.item(change.item.as_str()) else { continue };
        let word = |means: Option<anshin_checklist::Means>| {
            means.map_or("—".to_owned(), |means| means.name().get(lang).to_owned())
        };
        let line = format!("{}: {} → {}", item.short().get(lang), word(change.before), word(change.now));
        let line = match change.better {
            Some(true) => output.good(&format!("▲ {line}")),
            Some(false) => output.bad(&format!("▼ {line}")),
            None => format!("・ {line}"),
        };
        let _ = writeln!(out, "  {line}");
    }
    if now.scores.first().is_some_and(|headline| headline.target.is_some()) {
        out.push_str(&super::score::first_steps(&round.list, &now, 3, desk));
    }
    print(output, &out)
}
