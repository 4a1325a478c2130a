//! New answers files, with what is known already; and answers moved to a newer version.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anshin_assess::System;
use anshin_checklist::{
    Described, Given, Ground, Known, Means, Moved, Round, carried, moved_text, new_file, proposals,
    score::worth, standing,
};
use anshin_model::{Id, Lang, Text};
use anshin_report::outside;

use super::args::NewArgs;
use super::score::MOST_REASONS;
use super::{Desk, read_file, write_text};
use crate::End;
use crate::clock::today;
use crate::input::Failure;

/// Writes a new answers file.
pub(super) fn run(args: &NewArgs, desk: Desk<'_>) -> Result<End, Failure> {
    let list = desk.list(&args.checklist)?;
    let output = desk.output;
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.answers.yaml", list.id)));
    let shown = path.display().to_string();
    if path.exists() {
        return Err(Failure::new(
            format!(
                "`{shown}`はすでにあります。`-o`で別のファイル名を指定するか、`anshin checklist answer {shown}`で続きに答えてください"
            ),
            format!(
                "`{shown}` exists already; name another file with `-o`, or go on answering with `anshin checklist answer {shown}`"
            ),
        ));
    }
    if let Some(level) = &args.level
        && !list.levels.iter().any(|own| own.id == *level.as_str())
    {
        let all = list.levels.iter().map(|level| level.id.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::new(
            format!("用途レベル`{level}`はありません。あるもの: {all}"),
            format!("there is no level of use `{level}`; there are: {all}"),
        ));
    }
    let mut round = Round::empty(list);
    round.answers.subject = args.subject.as_deref().map(Text::same);
    round.answers.level = args.level.as_deref().map(Id::from);
    round.answers.by.clone_from(&args.by);
    round.answers.date = Some(args.date.clone().unwrap_or_else(today));
    let mut others = Vec::new();
    for path in &args.from {
        let earlier = desk.answers(path)?.round.ok_or(Failure::Input)?;
        // The same company answers again, at the same level.
        let (own, before) = (&mut round.answers, &earlier.answers);
        own.subject = own.subject.take().or_else(|| before.subject.clone());
        if earlier.list.id == list.id {
            own.level = own.level.take().or_else(|| before.level.clone());
        }
        if earlier.list.id == list.id {
            round.given.extend(carried(list, &earlier).into_iter().map(|given| (given.id.clone(), given)));
        } else {
            others.push(earlier);
        }
    }
    let carried = round.given.len();
    let document = args.system.as_deref().map(|path| desk.document(path)).transpose()?;
    let system = document.as_ref().map(|document| System::new(document, desk.catalog));
    let assess = |system| Ok::<_, Failure>(crate::engine(desk.catalog)?.assess_system(system));
    let assessment = system.as_ref().map(assess).transpose()?;
    let of = system.as_ref().zip(assessment.as_ref());
    let of = of.map(|(system, assessment)| Described { system, assessment });
    let proposed = proposals(&round, desk.checklists, Known { system: of, others: &others });
    let mut grounds: Vec<(Id, Ground)> = Vec::new();
    for own in proposed.all {
        grounds.push((own.given.id.clone(), own.ground));
        round.given.insert(own.given.id.clone(), own.given);
    }
    let undecided = proposed.undecided;
    let in_order: Vec<Given> =
        list.items().filter_map(|(_, item)| round.given.get(&item.id)).cloned().collect();
    let text = new_file(list, &round.answers, &in_order, output.lang);
    write_text(&path, &text)?;
    let stands = standing(&round, desk.catalog);
    let (items, told) = (list.items().count(), stands.progress);
    let proposed = told.proposed.saturating_sub(carried);
    output.say(&Text::new(
        format!("`{shown}`を作りました（{items}項目、前回から{carried}件、提案{proposed}件）。次を実行してください: anshin checklist answer {shown}"),
        format!("wrote `{shown}` ({items} items, {carried} answers from before, {proposed} proposals); next: anshin checklist answer {shown}"),
    ));
    if system.is_some() {
        let (concern, asked, not_known) = (told.concerning(), told.counting, told.not_known);
        let (not_concerning, answered) = (told.not_concerning, told.concerning_proposed);
        output.say(&Text::new(
            format!("関わる項目 {concern} / {asked}（答えを提案 {answered}、文書からは分からない {not_known}）、関わらない項目 {not_concerning}"),
            format!("{concern} of {asked} items concern this system ({answered} with a proposed answer, {not_known} not known from the document); {not_concerning} do not"),
        ));
        for reason in outside(&stands).iter().take(MOST_REASONS) {
            output.say(reason);
        }
        if answered > 0 {
            output.say(&rests_on(&round, &grounds));
        }
        for open in &undecided {
            output.say(open);
        }
    }
    Ok(End::Fine)
}

/// What the proposals for items that concern a system rest on, in numbers.
fn rests_on(round: &Round, grounds: &[(Id, Ground)]) -> Text {
    let list = &round.list;
    let concerns = |id: &Id| {
        let found = list.counting().find(|(_, item)| item.id == *id);
        found.is_some_and(|(_, item)| {
            worth(list, item, round.given.get(id)).means != Some(Means::NotApplicable)
        })
    };
    let own: Vec<Ground> = grounds.iter().filter(|(id, _)| concerns(id)).map(|(_, ground)| *ground).collect();
    let names = [
        (Ground::Fact, Text::new("文書の事実", "facts of the document")),
        (Ground::Measure, Text::new("記録された対策", "recorded measures")),
        (Ground::Answer, Text::new("ほかの回答", "other answers")),
        (
            Ground::CalledFor,
            Text::new(
                "評価が求め、まだ記録のない対策",
                "what the assessment calls for and is not recorded yet",
            ),
        ),
        (Ground::Stage, Text::new("開発の段階だけ", "the stage alone")),
    ];
    let counted = names.iter().map(|(ground, name)| (own.iter().filter(|own| *own == ground).count(), name));
    let told: Vec<_> = counted.filter(|(count, _)| *count > 0).collect();
    let line = |lang, mark: &str| {
        told.iter().map(|(count, name)| format!("{} {count}", name.get(lang))).collect::<Vec<_>>().join(mark)
    };
    Text::new(
        format!("提案の根拠: {}", line(Lang::Ja, "、")),
        format!("the proposals rest on: {}", line(Lang::En, ", ")),
    )
}

/// Moves answers to the newest version of their checklist.
pub(super) fn update(path: &Path, desk: Desk<'_>) -> Result<End, Failure> {
    let round = desk.answers(path)?.round.ok_or(Failure::Input)?;
    let Some(moved) = &round.moved else {
        let version = &round.list.version;
        desk.output.say(&Text::new(
            format!("すでに最新の版{version}の回答です"),
            format!("the answers are for the newest version, {version}, already"),
        ));
        return Ok(End::Fine);
    };
    let text = moved_text(&text_of(path)?, &round).map_err(cannot_edit)?;
    write_text(path, &text)?;
    tell(&round, moved, desk);
    Ok(End::Fine)
}

/// The text of an answers file that has been read without errors, to be changed in place.
pub(super) fn text_of(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(read_file(path)?.bytes).unwrap_or_default();
    // Excel and Notepad begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

/// A file whose form does not let one answer be changed.
pub(super) fn cannot_edit(error: anshin_checklist::CannotEdit) -> Failure {
    Failure::new(
        "回答ファイルをその場で書き換えられません。`answers`をふつうのリストにしてください",
        error.to_string(),
    )
}

/// Shows what is different in the newest version.
pub(super) fn tell(round: &Round, moved: &Moved, desk: Desk<'_>) {
    let lang = desk.output.lang;
    let list = &round.list;
    let mut out = match lang {
        Lang::Ja => {
            format!("「{}」の版{}から版{}へ移しました。\n", list.title.get(lang), moved.from, list.version)
        }
        Lang::En => format!(
            "Moved from version {} of \u{201c}{}\u{201d} to version {}.\n",
            moved.from,
            list.title.get(lang),
            list.version
        ),
    };
    for version in list.history.iter().take_while(|version| version.version != moved.from) {
        if let Some(changes) = &version.changes {
            let _ = writeln!(out, "  {}: {}", version.version, changes.get(lang));
        }
    }
    let word = |ja: &'static str, en: &'static str| desk.output.word(ja, en);
    let item = |id: &Id| {
        let short = list.item(id.as_str()).map_or("", |(_, item)| item.short().get(lang));
        format!("{id}  {short}")
    };
    for (from, to) in &moved.renamed {
        let _ = writeln!(out, "  {}: {from} → {}", word("識別子が変わった", "has another id"), item(to));
    }
    for id in &moved.changed {
        let _ = writeln!(
            out,
            "  {}: {}",
            word("意味が変わった（見直してください）", "means something else; look again"),
            item(id)
        );
    }
    for id in &moved.new {
        let _ = writeln!(out, "  {}: {}", word("新しい", "new"), item(id));
    }
    for (id, into) in &moved.gone {
        let into = into.as_ref().map(|into| format!(" → {}", item(into))).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {}: {id}{into}",
            word("なくなった（回答は残してあります）", "is gone; the answer is kept")
        );
    }
    desk.output.say_raw(&out);
}
