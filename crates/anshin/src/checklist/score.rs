//! Scores, the weakest points and what to do first, as text and JSON.

use std::fmt::Write as _;
use std::path::Path;

use anshin_checklist::{Checklist, Method, Round, Standing, standing};
use anshin_model::{Lang, Text};
use anshin_report::{distance, first_heading, number, outside, step_state};

use super::args::ScoreArgs;
use super::{Desk, both};
use crate::cli::Format;
use crate::input::Failure;
use crate::output::{pad, wrap};
use crate::{End, print};
use unicode_width::UnicodeWidthStr as _;

/// Columns of a line.
const WIDTH: usize = 96;

/// Most reasons that are told why items do not concern those who answer; each stands with its item too.
pub(super) const MOST_REASONS: usize = 3;

/// Shows what follows from a round.
pub(super) fn run(args: &ScoreArgs, desk: Desk<'_>) -> Result<End, Failure> {
    let round = desk.answers(&args.file)?.round.ok_or(Failure::Input)?;
    let standing = standing(&round, desk.catalog);
    match args.format {
        Format::Json => print(desk.output, &format!("{:#}\n", json(&round, &standing))),
        Format::Text => {
            let mut out = text(&round, &standing, args.first, desk);
            if is_done(&standing) {
                out.push_str(&onward(&round, &args.file, desk)?);
            }
            print(desk.output, &out)
        }
    }
}

/// Whether people have answered everything that is asked.
fn is_done(standing: &Standing<'_>) -> bool {
    standing.progress.answered == standing.progress.asked
}

/// What answers are good for once they are complete, as commands.
fn onward(round: &Round, file: &Path, desk: Desk<'_>) -> Result<String, Failure> {
    let (output, lang, shown) = (desk.output, desk.output.lang, file.display());
    let mut lines = vec![(
        Text::new("経営者向けの報告（1ページ）を作る", "make a one-page report to the management"),
        format!("anshin checklist export {shown} -o report.pdf"),
    )];
    for next in desk.checklists.after(&round.list) {
        let what =
            Text::new("この回答を使って「{title}」に答える", "use these answers for \u{201c}{title}\u{201d}");
        let command = format!("anshin checklist new {} --from {shown}", next.id);
        lines.push((what.fill(&[("title", &next.title)]), command));
    }
    if crate::policy::texts(desk.checklists, output)?.iter().any(|texts| texts.asks(&round.list.id)) {
        let what = Text::new("規程とハンドブックを作る", "write the policies and the handbook");
        lines.push((what, format!("anshin policy write --answers {shown}")));
    }
    let mut out = format!("\n{}\n", output.strong(output.word("続けてできること", "What you can do next")));
    for (what, command) in &lines {
        let _ = writeln!(out, "  {}\n    {command}", what.get(lang));
    }
    Ok(out)
}

/// After answering: the score so far, the first three things to do, and how to go on.
pub(super) fn brief(round: &Round, file: &Path, desk: Desk<'_>) -> Result<End, Failure> {
    let standing = standing(round, desk.catalog);
    let mut out = text(round, &standing, 3, desk);
    if is_done(&standing) {
        out.push_str(&onward(round, file, desk)?);
        return print(desk.output, &out);
    }
    let (left, shown) = (standing.progress.asked - standing.progress.answered, file.display());
    let _ = match desk.output.lang {
        Lang::Ja => writeln!(out, "\n残り{left}問。続きは: anshin checklist answer {shown}"),
        Lang::En => writeln!(out, "\n{left} left; go on with: anshin checklist answer {shown}"),
    };
    print(desk.output, &out)
}

fn text(round: &Round, standing: &Standing<'_>, first: usize, desk: Desk<'_>) -> String {
    let output = desk.output;
    let lang = output.lang;
    let list = &round.list;
    let subject =
        round.answers.subject.as_ref().map(|subject| format!(" — {}", subject.get(lang))).unwrap_or_default();
    let mut out = format!("{}\n", output.heading(&format!("{}{subject}", list.title.get(lang))));
    let all = standing.progress;
    if all.answered + all.proposed > 0 {
        let is_a_mean = standing.shown().any(|result| result.score.method == Method::Mean);
        for result in standing.shown() {
            let value = format!("{} / {}", number(result.value), number(result.most));
            let _ = write!(out, "{}  {}", result.score.name.get(lang), output.strong(&value));
            // A mean of the checklist's own says how it treats what is not answered.
            if result.score.method == Method::Sum && !is_a_mean {
                let _ = write!(out, "  ({} {})", output.word("1問の平均", "mean"), number(result.mean));
            }
            if let Some(target) = result.target {
                let _ = write!(out, "  {}", distance(target, result.value).get(lang));
            }
            out.push('\n');
            if let Some(band) = result.band {
                let about =
                    band.about.as_ref().map(|about| format!(": {}", about.get(lang))).unwrap_or_default();
                for line in wrap(&format!("{}{about}", band.name.get(lang)), WIDTH - 2) {
                    let _ = writeln!(out, "  {line}");
                }
            }
        }
    }
    if all.proposed > 0 && standing.shown().next().is_some() {
        let note = output.word(
            "（まだ確認していない提案も点数に含みます）",
            "(proposals that nobody has confirmed yet count as well)",
        );
        let _ = writeln!(out, "{}", output.faint(note));
    }
    if standing.parts.len() > 1 {
        out.push('\n');
        let width =
            standing.parts.iter().map(|part| part.section.title.get(lang).width()).max().unwrap_or_default();
        for part in &standing.parts {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0 to 1")]
            let full = (part.share() * 20.0).round() as usize;
            let bar = format!("{}{}", "█".repeat(full), "░".repeat(20 - full));
            let points = format!("{}/{}", number(part.points), number(part.most));
            let title = pad(part.section.title.get(lang), width);
            let _ = writeln!(out, "  {title}  {bar} {:>3.0} %  {points}", 100.0 * part.share());
        }
    }
    let _ = writeln!(
        out,
        "\n{}",
        match lang {
            Lang::Ja => format!(
                "回答 {} / {}（確認待ちの提案 {}、レビュー済み {}）",
                all.answered, all.asked, all.proposed, all.reviewed
            ),
            Lang::En => format!(
                "answered {} of {} ({} proposals to confirm, {} reviewed)",
                all.answered, all.asked, all.proposed, all.reviewed
            ),
        }
    );
    // What a document leaves open or rules out.
    if all.not_known + all.not_concerning > 0 {
        let (concern, asked, not_known) = (all.concerning(), all.counting, all.not_known);
        let line = match (lang, not_known) {
            (Lang::Ja, 0) => format!("関わる項目 {concern} / {asked}"),
            (Lang::En, 0) => format!("{concern} of {asked} items concern you"),
            (Lang::Ja, _) => {
                format!("関わる項目 {concern} / {asked}（うち文書からは分からない {not_known}）")
            }
            (Lang::En, _) => {
                format!("{concern} of {asked} items concern you ({not_known} not known from the document)")
            }
        };
        let _ = writeln!(out, "{line}");
    }
    for line in outside(standing).iter().take(MOST_REASONS) {
        for line in wrap(line.get(lang), WIDTH - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out.push_str(&first_steps(list, standing, first, desk));
    out
}

/// What to do first, as many things as are wanted.
pub(super) fn first_steps(list: &Checklist, standing: &Standing<'_>, first: usize, desk: Desk<'_>) -> String {
    let (output, lang) = (desk.output, desk.output.lang);
    let mut out = String::new();
    if !standing.steps.is_empty() && first > 0 {
        let _ = writeln!(out, "\n{}", output.strong(first_heading(list).get(lang)));
    }
    for (n, step) in standing.steps.iter().take(first).enumerate() {
        let head = Text::new("{title}（{state}）", "{title} ({state})")
            .fill(&[("title", step.item.short()), ("state", &step_state(step))]);
        for (at, line) in wrap(head.get(lang), WIDTH - 3).iter().enumerate() {
            let mark = if at == 0 { format!("{}.", n + 1) } else { String::new() };
            let _ = writeln!(out, "{mark:<2} {line}");
        }
        for line in wrap(step.advice.get(lang), WIDTH - 3) {
            let _ = writeln!(out, "   {line}");
        }
        for id in step.measures.iter().take(2) {
            let name = desk.catalog.measures.get(id).map_or("", |measure| measure.name.get(lang));
            let _ = writeln!(out, "   {}", output.faint(&format!("→ {name} ({id})")));
        }
    }
    out
}

/// What follows from a round, for programs.
fn json(round: &Round, standing: &Standing<'_>) -> serde_json::Value {
    let scores: Vec<_> = standing
        .scores
        .iter()
        .map(|result| {
            serde_json::json!({
                "id": result.score.id,
                "name": both(&result.score.name),
                "value": result.value,
                "most": result.most,
                "mean": result.mean,
                "items": result.items,
                "target": result.target,
                "band": result.band.map(|band| serde_json::json!({ "id": band.id, "name": both(&band.name) })),
            })
        })
        .collect();
    let parts: Vec<_> = standing
        .parts
        .iter()
        .map(|part| {
            serde_json::json!({
                "id": part.section.id,
                "title": both(&part.section.title),
                "points": part.points,
                "most": part.most,
                "mean": part.mean,
                "items": part.items,
            })
        })
        .collect();
    let steps: Vec<_> = standing
        .steps
        .iter()
        .map(|step| {
            serde_json::json!({
                "item": step.item.id,
                "title": both(step.item.short()),
                "means": step.means.map(anshin_checklist::Means::as_str),
                "gain": step.gain,
                "effort": step.effort.map(anshin_catalog::Effort::as_str),
                "class": step.class.map(|class| serde_json::json!({ "id": class.id, "name": both(&class.name) })),
                "right": step.right.iter().map(|option| option.id.as_str()).collect::<Vec<_>>(),
                "advice": both(&step.advice),
                "measures": step.measures,
            })
        })
        .collect();
    let outside: Vec<_> = standing
        .outside
        .iter()
        .map(|own| serde_json::json!({ "items": own.items, "reason": both(&own.reason) }))
        .collect();
    let progress = standing.progress;
    serde_json::json!({
        "anshin": 1,
        "checklist": round.list.id,
        "version": round.list.version,
        "date": round.answers.date,
        "scores": scores,
        "sections": parts,
        "progress": {
            "asked": progress.asked,
            "answered": progress.answered,
            "proposed": progress.proposed,
            "reviewed": progress.reviewed,
            "concerning": progress.concerning(),
            "notKnown": progress.not_known,
        },
        "outside": outside,
        "steps": steps,
    })
}
