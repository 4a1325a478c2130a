//! Answers that were filled in, in a workbook or a table, taken over into an answers file.

use std::fmt::Write as _;
use std::path::Path;

use anshin_checklist::{Given, Round, fill, moved_text, set_answer};
use anshin_model::Text;

use super::args::ImportArgs;
use super::{Desk, new, read_file, write_text};
use crate::clock::today;
use crate::input::Failure;
use crate::{End, print, sheet};

/// Takes over what was filled in, all of it or nothing.
pub(super) fn run(args: &ImportArgs, into: &Path, desk: Desk<'_>) -> Result<End, Failure> {
    let mut sheets = sheet::of(&read_file(&args.file)?)?;
    if args.sheet.is_none() {
        // The sheet with answers in it, else the first, so that something is told about it.
        let place = sheets.iter().position(|(_, rows)| fill::is_table(rows)).unwrap_or_default();
        sheets.rotate_left(place);
    }
    let rows = sheet::named(sheets, args.sheet.as_deref())?;
    let round = desk.answers(into)?.round.ok_or(Failure::Input)?;
    let filled = fill::filled(&rows, &round, &today());
    if !filled.problems.is_empty() {
        tell(&filled.problems, &args.file, desk);
        desk.output.say(&Text::new("何も書き込んでいません", "nothing was written"));
        return Err(Failure::Input);
    }
    if filled.changed.is_empty() {
        desk.output.say(&Text::new("取り込む変更はありません", "there is nothing to import"));
        return Ok(End::Fine);
    }
    print(desk.output, &text(&filled.changed, &round, desk))?;
    if args.dry_run {
        desk.output.say(&Text::new("何も書き込んでいません（--dry-run）", "nothing was written (--dry-run)"));
        return Ok(End::Fine);
    }
    let mut text = moved_text(&new::text_of(into)?, &round).map_err(new::cannot_edit)?;
    if let Some(moved) = &round.moved {
        new::tell(&round, moved, desk);
    }
    for given in &filled.changed {
        text = set_answer(&text, given).map_err(new::cannot_edit)?;
    }
    write_text(into, &text)?;
    let (count, shown) = (filled.changed.len(), into.display());
    desk.output.say(&Text::new(
        format!("{count}件を`{shown}`に書き込みました。結果は: anshin checklist score {shown}"),
        format!("wrote {count} answers to `{shown}`; for the result: anshin checklist score {shown}"),
    ));
    Ok(End::Fine)
}

/// Shows what is wrong, with the row.
fn tell(problems: &[fill::Problem], file: &Path, desk: Desk<'_>) {
    let output = desk.output;
    let lang = output.lang;
    for problem in problems {
        let place = match problem.row {
            0 => file.display().to_string(),
            row => format!("{} {} {row}", file.display(), output.word("行", "row")),
        };
        let label = output.word("エラー", "error");
        output.say_raw(&format!("{label}: {place}: {}\n", problem.message.get(lang)));
        output.say_raw(&format!("  → {}\n", problem.hint.get(lang)));
    }
}

/// What changes, an item a line.
fn text(changed: &[Given], round: &Round, desk: Desk<'_>) -> String {
    let lang = desk.output.lang;
    let list = &round.list;
    let mut out = String::new();
    for given in changed {
        let Some((_, item)) = list.item(given.id.as_str()) else { continue };
        let words = |given: Option<&Given>| match given {
            Some(given) if given.is_answered() => list.answer_words(item, given).get(lang).to_owned(),
            _ => "—".to_owned(),
        };
        let (before, now) = (words(round.given.get(&given.id)), words(Some(given)));
        let what = if before == now {
            desk.output.word("ほかの欄", "other cells").to_owned()
        } else {
            format!("{before} → {now}")
        };
        let _ = writeln!(out, "  {}  {}: {what}", item.label(), item.short().get(lang));
    }
    out
}
